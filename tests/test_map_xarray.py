# SPDX-License-Identifier: BSD-3-Clause
"""Maps open in xarray: dimensions, coordinates with units, decoded values, status, provenance.

Usage: test_map_xarray.py [MAP.h5 ...]. Without arguments a small map is made with the program that
SEVENS names. Exit code 77 when xarray or h5netcdf is missing, or there is no program to run."""

import os
import subprocess
import sys
import tempfile

try:
    import h5netcdf
    import numpy as np
    import xarray as xr
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

failures = []


def check(what, holds):
    print(f"  {'ok' if holds else 'FAIL'}: {what}")
    if not holds:
        failures.append(what)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def check_axes(ds):
    axes = [text(name) for name in np.atleast_1d(ds.attrs["axes"])]
    check(f"chi2 has the axes {axes}", list(ds["chi2"].dims) == axes)
    for name in axes:
        axis = ds.coords[name]
        check(f"{name} is a coordinate with unit \"{axis.attrs['units']}\"",
              axis.dims == (name,) and len(text(axis.attrs["units"])) > 0)
        check(f"{name} increases", bool((np.diff(axis.values) > 0).all()))
        check(f"{name} has spacing and long_name",
              text(axis.attrs["spacing"]) in ("log", "linear") and "long_name" in axis.attrs)
    return axes


def check_points(ds, axes):
    status, chi2 = ds["status"], ds["chi2"]
    check("status has the shape of chi2", status.dims == chi2.dims)
    check("status stays a whole number", status.dtype == np.uint8)
    check("status values and meanings",
          list(status.attrs["flag_values"]) == [0, 1, 2, 3]
          and text(status.attrs["flag_meanings"]) == "pending ok unconverged invalid")
    good = (status.values == 1) | (status.values == 2)
    check(f"{good.sum()} of {good.size} points have a finite chi2",
          good.any() and bool(np.isfinite(chi2.values[good]).all()))
    check("the others have none", bool(np.isnan(chi2.values[~good]).all()))
    check("chi2 is dimensionless", text(chi2.attrs["units"]) == "1")
    if "chi2_experiment" in ds:
        each = ds["chi2_experiment"]
        check(f"chi2_experiment over {list(ds['experiment'].values)}",
              list(each.dims) == ["experiment", *axes] and each.shape[0] > 1)
    if "pull" in ds:
        check(f"pulls of {list(ds['nuisance'].values)}",
              list(ds["pull"].dims) == ["nuisance", *axes] and ds["pull"].dtype == np.float32)


def check_derived(ds, axes):
    for name in np.atleast_1d(ds.attrs.get("derived", [])):
        each = ds["derived_" + text(name)]
        check(f"derived_{text(name)} [{text(each.attrs['units'])}]: {text(each.attrs['long_name'])}",
              list(each.dims) == axes and each.dtype == np.float64)


def check_lma_dark(ds):
    m, eta = ds["m_zp"], ds["eta"]
    unit = 2**0.5 * 1.1663788e-11 * m**2 * -2 / (np.cos(eta) + 1.051 * np.sin(eta)) / 3
    for name, part in (("g2_u", 2 * np.cos(eta) - np.sin(eta)),
                       ("g2_d", 2 * np.sin(eta) - np.cos(eta))):
        check(f"{name} = eps^q sqrt2 G_F m^2",
              bool(np.allclose(ds["derived_" + name], unit * part, rtol=1e-12, atol=0)))


def check_summary(ds, axes):
    check("format sevens-map 1", text(ds.attrs["format"]) == "sevens-map"
          and int(ds.attrs["format_version"]) == 1)
    check("complete", int(ds.attrs.get("complete", 0)) == 1)
    for name in ("Conventions", "title", "history", "source", "references", "creator",
                 "date_created", "scan_id", "model"):
        check(f"attribute {name}: {text(ds.attrs[name])[:60]!r}", len(text(ds.attrs[name])) > 0)
    check("scan_id is a SHA-256", len(text(ds.attrs["scan_id"])) == 64)
    check("NeXus", text(ds.attrs["NX_class"]) == "NXdata" and text(ds.attrs["signal"]) == "chi2")
    for name in ("chi2_min", "chi2_sm", "ndof", "n_bins", *(f"best_{axis}" for axis in axes)):
        check(f"scalar {name} = {float(ds[name])}",
              ds[name].shape == () and np.isfinite(float(ds[name])) and "units" in ds[name].attrs)


def check_provenance(path):
    with xr.open_dataset(path, engine="h5netcdf", group="provenance") as ds:
        for name in ("program", "version", "backend", "precision", "hostname", "start", "end"):
            check(f"provenance {name}: {text(ds.attrs[name])!r}", len(text(ds.attrs[name])) > 0)
        check("the scan file is inside", "schema" in text(ds["scan_yaml"].values.item()))
    with h5netcdf.File(path, "r") as file:
        releases = list(file["provenance/data_release"].groups)
        check(f"data releases {releases}", len(releases) > 0 and all(
            "sha256" in file["provenance/data_release"][name].attrs for name in releases))


def check_map(path):
    print(path)
    with xr.open_dataset(path, engine="h5netcdf") as ds:
        axes = check_axes(ds)
        check_points(ds, axes)
        check_derived(ds, axes)
        if text(ds.attrs["model"]) == "lma-dark" and path.endswith("csi2021-lma-dark-e.h5"):
            check_lma_dark(ds)
        check_summary(ds, axes)
    check_provenance(path)


def check_reduced(path):
    """The planes of a reduced map, each a group."""
    print(path)
    for engine in ("h5netcdf", "netcdf4"):
        if engine not in xr.backends.list_engines():
            continue
        with xr.open_dataset(path, engine=engine) as ds:
            planes = [text(name) for name in np.atleast_1d(ds.attrs["planes"])]
            scanned = [text(name) for name in np.atleast_1d(ds.attrs["axes"])]
            check(f"{engine}: planes {planes}", len(planes) == 4)
            check("the axes of the scan are coordinates", all(name in ds.coords for name in scanned))
            points = sum(int(ds["points_" + name]) for name in ("ok", "unconverged", "invalid"))
            check(f"{points} points", points == np.prod([ds.sizes[name] for name in scanned]))
            lowest = float(ds["chi2_min"])
        for name in planes:
            with xr.open_dataset(path, engine=engine, group="planes/" + name) as ds:
                check_plane(ds, scanned, lowest, points)
    check_provenance(path)


def check_plane(ds, scanned, lowest, points):
    kind = text(ds.attrs["kind"])
    if kind == "histogram":
        count = int(ds["count"].sum()) + int(ds["below"]) + int(ds["above"])
        check(f"histogram over {ds['count'].dims} of all points",
              ds["count"].dims == ("delta_chi2",) and count == points)
        check("the reference is the minimum", float(ds["chi2_reference"]) == lowest)
        return
    axes = check_axes(ds)
    check_points(ds, axes)
    others = [name for name in scanned if name not in axes]
    if kind == "profile":
        check(f"where {others} are at the minimum",
              [text(name) for name in np.atleast_1d(ds.attrs["profiled"])] == others
              and all(ds["profiled_" + name].dims == ds["chi2"].dims for name in others))
    else:
        check(f"where the slice lies on {others}",
              all(ds["at_" + name].shape == () for name in others))


def make_map(folder, name, *more):
    program, root = os.environ.get("SEVENS"), os.environ.get("SEVENS_SOURCE_DIR")
    scan = os.path.join(root or "", "scans", name + ".yaml")
    if not program or not os.path.exists(program) or not os.path.exists(scan):
        print("skipped: no map given, and no program and scan file to make one")
        sys.exit(77)
    path = os.path.join(folder, name + ".h5")
    subprocess.run([program, "scan", scan, "-q", "-o", path, "--set", "axes.0.n=12", "--set",
                    "axes.1.n=9", *more], check=True)
    return path


if len(sys.argv) > 1:
    for argument in sys.argv[1:]:
        check_map(argument)
else:
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("csi2021-universal", "csi2021-lma-dark-e"):
            check_map(make_map(scratch, name))
        check_reduced(make_map(
            scratch, "csi2021-nsi-5d", "--set", "axes.2.n=5", "--set", "axes.3.n=4", "--set",
            "axes.4.n=3", "--set", "reduce=[{profile: [eps_d_mumu, eps_u_ee]}, {profile: [eps_u_emu]},"
            " {slice: [eps_u_ee, eps_u_emu]}, {histogram: {}}]"))
print(f"{len(failures)} failed")
sys.exit(1 if failures else 0)
