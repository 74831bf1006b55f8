#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reader, contours, limits and figures on made-up maps whose chi2 is known in closed form.

The maps are written here with h5py in the layout of docs/map_format.md, so that the reader is
checked against the format and not against the program's own writer."""

import contextlib
import io
import json
import math
import os
import stat
import sys
import tempfile
import unittest

try:
    import contourpy  # noqa: F401
    import h5netcdf  # noqa: F401
    import h5py
    import matplotlib  # noqa: F401
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
import sevens_contour  # noqa: E402
import sevens_limit  # noqa: E402
import sevens_map  # noqa: E402
import sevens_numerics  # noqa: E402
import sevens_physics  # noqa: E402
import sevens_plot  # noqa: E402

STATUS_NAMES = "pending ok unconverged invalid"
UNIVERSAL = {
    "model": [{"kind": "sm", "couplings": "radiative"}, {"kind": "zprime", "charges": "universal"}],
    "experiments": [{"name": "coherent-csi-2021"}],
}


def fixed(text):
    """A fixed-length UTF-8 string, as the program writes its attributes."""
    data = text.encode()
    return np.array(data, dtype=h5py.string_dtype("utf-8", max(len(data), 1)))


def write_map(path, axes, chi2, chi2_min, chi2_sm, best, precision="f64", status=None, **options):
    """axes: [(name, unit, log, values)]. options: complete, experiments, scan."""
    complete, scan = options.get("complete", True), options.get("scan", UNIVERSAL)
    names = [name for name, _, _, _ in axes]
    if status is None:
        status = np.where(np.isfinite(chi2), sevens_map.OK, sevens_map.INVALID)
    with h5py.File(path, "w", libver=("earliest", "v110"), track_order=True) as file:
        for key, text in (
            ("Conventions", "CF-1.8"),
            ("title", "coherent-csi-2021: zprime (universal)"),
            ("model", "zprime (universal)"),
            ("format", "sevens-map"),
            ("scan_id", "0123456789abcdef"),
            ("signal", "chi2"),
        ):
            file.attrs[key] = fixed(text)
        file.attrs["format_version"] = 1
        file.attrs["axes"] = np.array(
            [name.encode() for name in names], dtype=h5py.string_dtype("utf-8", 16)
        )
        for name, unit, log, values in axes:
            file[name] = np.asarray(values, dtype=float)
            file[name].make_scale(name)
            file[name].attrs["units"] = fixed(unit)
            file[name].attrs["long_name"] = fixed(f"the {name}")
            file[name].attrs["spacing"] = fixed("log" if log else "linear")
        experiments = options.get("experiments", ["coherent-csi-2021"])
        file.create_dataset("experiment", data=experiments, dtype=h5py.string_dtype())
        file["experiment"].make_scale("experiment")
        _write_grid(file, names, chi2, precision)
        file.create_dataset("status", data=np.asarray(status, dtype="u1"), fillvalue=0)
        file["status"].attrs["flag_values"] = np.arange(4, dtype="u1")
        file["status"].attrs["flag_meanings"] = fixed(STATUS_NAMES)
        for k, name in enumerate(names):
            file["status"].dims[k].attach_scale(file[name])
        if complete:
            scalars = {"chi2_min": chi2_min, "chi2_sm": chi2_sm, "ndof": len(names)}
            for name, value in {**scalars, **{f"best_{n}": v for n, v in best.items()}}.items():
                file[name] = value
            for name, unit, _, _ in axes:
                file[f"best_{name}"].attrs["units"] = fixed(unit)
        _write_provenance(file, scan)
        if complete:
            file.attrs["complete"] = np.uint8(1)


def _write_grid(file, names, chi2, precision):
    fill, scale = np.nan, None
    if precision == "i16":
        fill, scale = np.int16(-32768), 1 / 256
        stored = np.minimum(np.rint(np.nan_to_num(chi2) / scale), 32767)
        data = np.where(np.isfinite(chi2), stored, fill).astype("i2")
    else:
        data = chi2.astype({"f64": "f8", "f32": "f4"}[precision])
    grid = file.create_dataset(
        "chi2",
        data=data,
        chunks=tuple(min(64, n) for n in chi2.shape),
        shuffle=True,
        compression=1,
        fletcher32=True,
        fillvalue=fill,
    )
    grid.attrs["_FillValue"] = np.asarray(fill, dtype=data.dtype)
    if scale:
        grid.attrs["scale_factor"] = scale
    for k, name in enumerate(names):
        grid.dims[k].attach_scale(file[name])


def _write_provenance(file, scan):
    group = file.create_group("provenance")
    group.attrs["program"] = fixed("sevens")
    group.attrs["version"] = fixed("0.1.0")
    group.attrs["git_commit"] = fixed("deadbeefcafe")
    group.create_dataset("scan_yaml", data="name: x\n", dtype=h5py.string_dtype())
    text = json.dumps(scan).encode()
    group.create_dataset("scan_json", data=fixed(text.decode()))
    release = group.create_group("data_release").create_group("coherent-csi-2021")
    release.attrs["doi"] = fixed("10.1103/PhysRevLett.129.081801")
    release.attrs["version"] = fixed("1")
    release.attrs["sha256"] = fixed("ab" * 32)
    release.attrs["citation"] = fixed("COHERENT, Phys. Rev. Lett. 129 (2022) 081801")
    release.attrs["url"] = fixed("https://doi.org/10.5281/zenodo.0")


A, B, X0, Y0, CHI2_MIN = 0.41, 0.13, 0.17, -0.052, 83.25  # half axes and centre of the ellipse


def ellipse_map(path, n=61, **options):
    x, y = np.linspace(-1, 1.3, n), np.linspace(-0.5, 0.4, n + 10)
    chi2 = CHI2_MIN + ((x[:, None] - X0) / A) ** 2 + ((y[None, :] - Y0) / B) ** 2
    for i, j in options.pop("holes", ()):
        chi2[i, j] = np.nan
    axes = [("eps_u_ee", "1", False, x), ("eps_d_ee", "1", False, y)]
    chi2_sm = CHI2_MIN + (X0 / A) ** 2 + (Y0 / B) ** 2
    write_map(
        path, axes, chi2, CHI2_MIN, chi2_sm, {"eps_u_ee": X0, "eps_d_ee": Y0}, scan={}, **options
    )
    return path


def mediator_rate(mass, coupling, slope):
    """Rate over the SM's: one momentum transfer of 40 MeV, SM-degenerate at coupling/mass = slope
    for heavy mediators."""
    return (1 - 2 * (coupling / slope) ** 2 / (mass**2 + 1600)) ** 2


def mediator_chi2(mass, coupling):
    slope = sevens_physics.universal_lines(FakeScan)["sm_degenerate"]
    return 84.1 + ((mediator_rate(mass, coupling, slope) - 1) / 0.093) ** 2


class FakeScan:
    scan, experiments = UNIVERSAL, ("coherent-csi-2021",)


def mediator_limit(mass, threshold, slope):
    """Least coupling at which mediator_chi2 is `threshold` above the SM: the rate falls to
    1 - 0.093 sqrt(threshold)."""
    depth = 1 - math.sqrt(1 - 0.093 * math.sqrt(threshold))
    return slope * np.sqrt(depth / 2 * (mass**2 + 1600))


def mediator_map(path, n=(90, 401), low=1e-6, high=1e-1, **options):
    mass, coupling = np.geomspace(0.1, 1000, n[0]), np.geomspace(low, high, n[1])
    chi2 = mediator_chi2(mass[:, None], coupling[None, :])
    chi2[options.pop("invalid", (slice(0), slice(0)))] = np.nan
    axes = [("m_zp", "MeV", True, mass), ("g_zp", "1", True, coupling)]
    best = options.pop("best", {"m_zp": 700.0, "g_zp": 1e-6})
    write_map(path, axes, chi2, 84.1, 84.1, best, **options)
    return path


def command(module, *args):
    """(exit code, stdout, stderr) of one command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = module.main([str(arg) for arg in args])
        except SystemExit as stop:
            code = stop.code
    return code, out.getvalue(), err.getvalue()


def area(points):
    x, y = np.asarray(points).T
    return abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def close(self, found, expected, rtol=0.0, atol=0.0):
        """Written so that NaN fails."""
        ok = np.abs(np.asarray(found) - expected) <= atol + rtol * np.abs(expected)
        self.assertTrue(np.all(ok), f"{found} is not {expected} within {rtol} or {atol}")

    def refused(self, module, args, code, *words):
        result, out, err = command(module, *args)
        self.assertEqual(result, code, err)
        self.assertEqual(out, "")
        self.assertIn(f": error: {'' if words else err}", err)
        for word in words:
            self.assertIn(word, err)


class Numerics(Case):
    def test_thresholds(self):
        # gsl_cdf_chisq_Qinv
        for text, dof, expected in (
            ("1s", 1, 1.0),
            ("0.90", 1, 2.705543454),
            ("0.95", 1, 3.841458821),
            ("2s", 1, 4.0),
            ("3sigma", 1, 9.0),
            ("1s", 2, 2.295748929),
            ("0.9", 2, 4.605170186),
            ("2s", 2, 6.180074306),
            ("3s", 2, 11.82915808),
            ("0.95", 3, 7.814727903),
            ("0.90", 6, 10.64464068),
            ("9s", 1, 81.0),
        ):
            level = sevens_numerics.ConfidenceLevel.parse(text)
            self.close(level.threshold(dof), expected, rtol=1e-8)

    def test_roots_of_cubics_are_exact(self):
        u = np.array([[0.0], [0.9], [2.3], [2.9]])
        root = 1.385
        for f in (lambda x: (x - root) * (x * x + 1.7), lambda x: (root - x) * (x + 3)):
            self.close(sevens_numerics.cell_roots(u, f(u)), root, atol=1e-13)

    def test_root_stays_in_its_cell(self):
        u = np.arange(4.0)[:, None]
        for outer in (-1e9, 1e9, np.nan):
            found = sevens_numerics.cell_roots(u, np.array([[outer], [-1.3], [2.4], [-outer]]))
            self.assertTrue(1 < found[0] < 2)

    def test_refined_line(self):
        u = np.geomspace(1.3, 9.0, 12)
        fine_u, fine = sevens_numerics.refined(u, u**3 - 2 * u, 5)
        self.close(fine, fine_u**3 - 2 * fine_u, rtol=1e-12)
        f = u.copy()
        f[4] = np.nan
        fine = sevens_numerics.refined(u, f, 5)[1]
        self.assertEqual(np.count_nonzero(np.isnan(fine)), 9)  # two cells, their far ends are fine


class Reader(Case):
    def test_content(self):
        scan_map = sevens_map.open_map(mediator_map(self.path("a.h5")))
        self.assertEqual([axis.name for axis in scan_map.axes], ["m_zp", "g_zp"])
        self.assertEqual((scan_map.axes[0].unit, scan_map.axes[0].log), ("MeV", True))
        self.assertEqual(scan_map.experiments, ("coherent-csi-2021",))
        self.assertEqual(scan_map.best, {"m_zp": 700.0, "g_zp": 1e-6})
        self.assertEqual(scan_map.best_unit, {"m_zp": "MeV", "g_zp": "1"})
        self.assertEqual((scan_map.ndof, scan_map.chi2_sm), (2, 84.1))
        self.assertEqual(scan_map.scan, UNIVERSAL)
        self.assertEqual(scan_map.provenance["version"], "0.1.0")
        self.assertIn("10.1103", scan_map.releases["coherent-csi-2021"]["doi"])
        mass, coupling = (axis.values for axis in scan_map.axes)
        expected = mediator_chi2(mass[:, None], coupling[None, :])
        self.close(scan_map.chi2, expected, rtol=1e-15)

    def test_precisions(self):
        for precision, atol in (("f64", 1e-12), ("f32", 1e-4), ("i16", 1 / 512 + 1e-9)):
            path = ellipse_map(self.path(precision), precision=precision, holes=[(3, 4)])
            scan_map = sevens_map.open_map(path)
            x, y = (axis.values for axis in scan_map.axes)
            exact = CHI2_MIN + ((x[:, None] - X0) / A) ** 2 + ((y[None, :] - Y0) / B) ** 2
            self.assertTrue(np.isnan(scan_map.chi2[3, 4]))
            valid = scan_map.status == sevens_map.OK
            self.close(scan_map.chi2[valid], exact[valid], atol=atol)

    def test_opens_in_xarray(self):
        try:
            import xarray
        except ImportError:
            self.skipTest("no xarray")
        path = mediator_map(self.path("a.h5"))
        with xarray.open_dataset(path, engine="h5netcdf") as data:
            self.assertEqual(data.chi2.dims, ("m_zp", "g_zp"))
            self.assertEqual(data.m_zp.units, "MeV")

    def test_slice(self):
        scan_map = sevens_map.open_map(mediator_map(self.path("a.h5")))
        piece = scan_map.at("m_zp", 105.0)
        value = piece.fixed["m_zp"][0]
        self.close(np.log(value / 105.0), 0, atol=0.5 * math.log(1e4) / 89)
        self.close(piece.chi2, mediator_chi2(value, piece.axes[0].values), rtol=1e-15)

    def test_column_reference(self):
        scan_map = sevens_map.open_map(ellipse_map(self.path("a.h5"), n=20))
        delta = scan_map.delta_chi2("column", "eps_d_ee")
        expected = ((scan_map.axes[1].values - Y0) / B) ** 2  # the parabola is exact
        self.close(delta, np.broadcast_to(expected, delta.shape), atol=1e-9)

    def test_special_lines(self):
        class Scan:
            experiments = ("coherent-csi-2021",)
            scan = {"model": [{"kind": "sm", "couplings": "tree"}, UNIVERSAL["model"][1]]}

        lines = sevens_physics.universal_lines(Scan)
        self.close(lines["zero_rate"], 1.247e-6, rtol=5e-4)  # docs/physics.md, "Special lines"
        self.close(lines["sm_degenerate"], 1.763e-6, rtol=5e-4)
        Scan.experiments = ("coherent-lar-2020",)
        self.close(sevens_physics.universal_lines(Scan)["zero_rate"], 1.206e-6, rtol=5e-4)
        Scan.scan = {"model": [{"kind": "zprime", "charges": "b-l"}]}
        self.assertIsNone(sevens_physics.universal_lines(Scan))


class Broken(Case):
    """Every command refuses the same broken maps in the same words."""

    def refused_by_all(self, path, *words, code=2):
        for module, args in (
            (sevens_contour, [path]),
            (sevens_limit, [path, "--param", "g_zp"]),
            (sevens_plot, [path, "-o", self.path("x.png")]),
        ):
            self.refused(module, args, code, *words)
        self.assertFalse(os.path.exists(self.path("x.png")))

    def test_missing(self):
        self.refused_by_all(self.path("no.h5"), "no.h5: no such file", code=1)

    def test_not_a_file(self):
        os.mkfifo(self.path("pipe.h5"))  # reading it would wait for ever
        for path in (self.path("pipe.h5"), self.folder):
            self.refused_by_all(path, "not a regular file")

    def test_text_file(self):
        with open(self.path("text.h5"), "w", encoding="utf-8") as file:
            file.write("no map\n")
        self.refused_by_all(self.path("text.h5"), "not a readable HDF5 file")

    def test_other_hdf5(self):
        with h5py.File(self.path("other.h5"), "w") as file:
            file["chi2"] = 1.0
        self.refused_by_all(self.path("other.h5"), "not a sevens-map file")

    def test_without_axes(self):
        with h5py.File(self.path("bare.h5"), "w") as file:
            file.attrs["format"], file.attrs["format_version"] = fixed("sevens-map"), 1
            file.attrs["complete"] = 1
            file["chi2_min"], file["chi2"] = 1.0, np.ones((3, 3))
        self.refused_by_all(self.path("bare.h5"), "not a sevens-map file")

    def test_newer_version(self):
        path = ellipse_map(self.path("new.h5"))
        with h5py.File(path, "r+") as file:
            file.attrs["format_version"] = 2
        self.refused_by_all(path, "format version 2")

    def test_truncated(self):
        path = ellipse_map(self.path("cut.h5"))
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2)
        self.refused_by_all(path, "not a readable HDF5 file")
        with open(path + ".journal", "w", encoding="utf-8") as file:
            file.write("x")
        self.refused_by_all(path, "journal", "--resume")

    def test_integers_that_end_below_the_threshold(self):
        path = ellipse_map(self.path("i16.h5"), precision="i16")
        for cl, code in (("2s", 0), ("7s", 1)):  # 83.25 + 53.38 is above 128
            result, _, err = command(sevens_contour, path, "--cl", cl, "-o", self.path("x.json"))
            self.assertEqual(result, code)
        self.assertIn("chi2 is stored up to 128 only, the threshold is at 136.6", err)

    def test_incomplete(self):
        status = np.ones((61, 71), dtype="u1")
        status[:, 10:12] = sevens_map.PENDING
        path = ellipse_map(self.path("part.h5"), status=status, complete=False)
        self.refused_by_all(path, "122 of 4331 points pending", "SCAN.yaml --resume", code=1)


class Contour(Case):
    def contour(self, path, *args):
        code, out, err = command(sevens_contour, path, *args)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def test_ellipse(self):
        path = ellipse_map(self.path("a.h5"))
        found = self.contour(path, "--cl", "0.90", "--dof", "2")
        self.close(found["delta_chi2"], 4.605170186, rtol=1e-8)
        self.assertEqual((found["cl"], found["dof"], found["reference"]), (0.9, 2, "min"))
        self.assertEqual(found["axes"][0], {"name": "eps_u_ee", "unit": "1"})
        self.assertEqual(len(found["segments"]), 1)
        points = np.array(found["segments"][0])
        self.assertEqual(points[0].tolist(), points[-1].tolist())
        delta = ((points[:, 0] - X0) / A) ** 2 + ((points[:, 1] - Y0) / B) ** 2
        self.close(delta, found["delta_chi2"], rtol=1e-7)  # nine digits are written
        self.close(area(points), math.pi * A * B * found["delta_chi2"], rtol=1e-4)

    def test_standard_model_reference(self):
        found = self.contour(ellipse_map(self.path("a.h5")), "--reference", "sm", "--cl", "1s")
        level = (X0 / A) ** 2 + (Y0 / B) ** 2 + 2.295748929
        self.close(area(found["segments"][0]), math.pi * A * B * level, rtol=1e-4)

    def test_narrow_strip_of_a_coarse_map_is_one_piece(self):
        path = mediator_map(self.path("a.h5"), n=(161, 201), high=1e-2)
        found = self.contour(path, "--cl", "0.90")
        self.assertEqual(len(found["segments"]), 3)  # the limit and the two edges of the strip
        level, slope = found["delta_chi2"], self.degenerate()
        for points in map(np.array, found["segments"]):
            mass, coupling = points[(points[:, 0] > 0.2) & (points[:, 0] < 500)].T
            delta = ((mediator_rate(mass, coupling, slope) - 1) / 0.093) ** 2
            self.close(delta, level, rtol=0.05)

    @staticmethod
    def degenerate():
        return sevens_physics.universal_lines(FakeScan)["sm_degenerate"]

    def test_coarse_map_has_no_false_islands(self):
        best = {"m_zp": 700.0, "g_zp": 700.0 * self.degenerate()}
        path = mediator_map(self.path("a.h5"), n=(20, 20), high=1e-2, best=best)
        coarse = sevens_map.open_map(path)
        grid = sevens_contour.Grid(coarse, coarse.delta_chi2())
        mass, coupling = 10.0 ** grid.u[:, None], 10.0 ** grid.v[None, :]
        # a cell is a factor 1.63 wide: all its corners are below the limit
        below = mediator_chi2(mass / 1.7, 1.7 * coupling) - 84.1 < 4.6
        below = np.logical_and.accumulate(below, axis=1)  # without the strip
        self.assertGreater(np.count_nonzero(below), 1000)
        self.assertLess(grid.z[below].max(), 4.6)
        self.assertIn("too coarse", command(sevens_contour, path)[2])
        fine = mediator_map(self.path("b.h5"), n=(161, 201), high=1e-2, best=best)
        self.assertEqual(command(sevens_contour, fine)[2], "")

    def test_steep_rise_leaves_no_false_hole(self):
        """chi2 that rises a hundredfold in one cell, as where a background can make up for a
        signal no longer, is allowed below that and nowhere beyond."""
        x = np.geomspace(1e-6, 1e-5, 40)
        rise = 2.0 + 40 * (x / 3e-6) ** 3 + 2e4 * np.maximum(x / 3.2e-6 - 1, 0) ** 2
        chi2 = np.tile(100.0 + rise, (30, 1))
        mass = np.geomspace(1e-2, 1e-1, 30)
        axes = [("m_zp", "MeV", True, mass), ("g_zp", "1", True, x)]
        best = {"m_zp": 1e-2, "g_zp": 1e-6}
        write_map(self.path("a.h5"), axes, chi2, 100.0, 100.0, best)
        steep = sevens_map.open_map(self.path("a.h5"))
        grid = sevens_contour.Grid(steep, steep.delta_chi2())
        self.assertTrue((np.diff(grid.z, axis=1) > -1e-9 * grid.z[:, 1:]).all())
        found = self.contour(self.path("a.h5"), "--cl", "0.90")
        self.assertEqual(len(found["segments"]), 1)

    def test_output_that_is_no_file(self):
        path = ellipse_map(self.path("a.h5"), n=9)
        os.mkfifo(self.path("pipe"))
        reader = os.open(self.path("pipe"), os.O_RDONLY | os.O_NONBLOCK)
        self.assertEqual(command(sevens_contour, path, "-o", self.path("pipe"))[0], 0)
        self.assertEqual(os.read(reader, 1), b"{")
        os.close(reader)
        self.assertTrue(stat.S_ISFIFO(os.stat(self.path("pipe")).st_mode))  # not replaced
        os.symlink("target.json", self.path("link.json"))
        self.contour(path)
        command(sevens_contour, path, "-o", self.path("link.json"))
        self.assertTrue(os.path.islink(self.path("link.json")))
        self.assertTrue(os.path.isfile(self.path("target.json")))
        os.mkdir(self.path("folder"))
        self.refused(sevens_contour, [path, "-o", self.path("folder")], 1, "Is a directory")
        left = {"a.h5", "pipe", "link.json", "target.json", "folder"}
        self.assertEqual(set(os.listdir(self.folder)), left)

    def test_invalid_points_are_left_out(self):
        # a hole on the contour, at its right-most point
        right = X0 + A * math.sqrt(4.605170186)
        i = int(round((right + 1) / 2.3 * 60))
        j = int(round((Y0 + 0.5) / 0.9 * 70))
        path = ellipse_map(self.path("a.h5"), holes=[(slice(i - 2, i + 3), slice(j - 2, j + 3))])
        code, out, err = command(sevens_contour, path)
        self.assertEqual(code, 0)
        self.assertIn("25 of 4331 points are invalid", err)
        segments = [np.array(s) for s in json.loads(out)["segments"]]
        points = np.concatenate(segments)
        delta = ((points[:, 0] - X0) / A) ** 2 + ((points[:, 1] - Y0) / B) ** 2
        self.close(delta, 4.605170186, rtol=1e-3)  # straight lines next to the hole
        self.assertFalse((np.hypot(points[:, 0] - right, points[:, 1] - Y0) < 0.02).any())
        self.assertNotEqual(segments[0][0].tolist(), segments[0][-1].tolist())  # open

    def test_formats(self):
        path = mediator_map(self.path("a.h5"), high=1e-2)
        expected = self.contour(path)
        code, text, _ = command(sevens_contour, path, "--format", "csv")
        self.assertEqual(code, 0)
        head = [line for line in text.splitlines() if line.startswith("#")]
        for line in ("# cl: 0.9", "# dof: 2", "# reference: min", "# map: a.h5"):
            self.assertIn(line, head)
        self.assertTrue(any("Phys. Rev. Lett." in line for line in head))
        rows = [line for line in text.splitlines() if not line.startswith("#")]
        self.assertEqual(rows[0], "segment[1],m_zp[MeV],g_zp[1]")
        values = np.array([[float(v) for v in row.split(",")] for row in rows[1:]])
        flat = [point for segment in expected["segments"] for point in segment]
        self.assertEqual(values[:, 1:].tolist(), flat)
        self.hepdata(path, flat)

    def hepdata(self, path, flat):
        code, _, _ = command(sevens_contour, path, "--format", "hepdata", "-o", self.path("t.yaml"))
        self.assertEqual(code, 0)
        with open(self.path("t.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn("{name: 'cl', value: '0.9'}", text)
        try:
            import yaml
        except ImportError:
            return
        table = yaml.safe_load(text)
        x, curve = table["independent_variables"]
        y = table["dependent_variables"][0]
        self.assertEqual(x["header"], {"name": "m_zp", "units": "MeV"})
        self.assertEqual(sorted({v["value"] for v in curve["values"]}), [1, 2, 3])
        pairs = [[float(a["value"]), float(b["value"])] for a, b in zip(x["values"], y["values"])]
        self.assertEqual(pairs, flat)

    def test_usage(self):
        path = ellipse_map(self.path("a.h5"))
        for args, words in (
            ([path, "--cl", "90"], ["write 0.9"]),
            ([path, "--cl", "high"], ["'high'"]),
            ([path, "--cl", "nan"], ["'nan'"]),
            ([path, "--dof", "0"], ["--dof"]),
            ([path, "--format", "cvs"], ["did you mean 'csv'?"]),
            ([path, "--refernce", "sm"], ["unknown option '--refernce'", "'--reference'"]),
            ([path, "--reference", "column"], ["'column'"]),
            ([path, "--at", "eps_u_e=0.1"], ["did you mean 'eps_u_ee'?"]),
            ([path, "--at", "eps_u_ee=7"], ["outside its axis"]),
            ([path, "--at", "eps_u_ee=0.1"], ["2 axes are needed", "eps_d_ee"]),
            ([path, "--at", "eps_u_ee"], ["NAME=VALUE"]),
            ([], ["MAP.h5"]),
        ):
            self.refused(sevens_contour, args, 2, *words)

    def test_contour_outside_the_map(self):
        code, out, err = command(sevens_contour, ellipse_map(self.path("a.h5")), "--cl", "20s")
        self.assertEqual((code, json.loads(out)["segments"]), (0, []))
        self.assertIn("no point of the map", err)


class Limit(Case):
    def limit(self, path, *args):
        code, out, err = command(sevens_limit, path, *args)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def test_mediator(self):
        found = self.limit(mediator_map(self.path("a.h5")), "--param", "g_zp", "--cl", "0.90")
        slope = sevens_physics.universal_lines(FakeScan)["sm_degenerate"]
        self.assertEqual((found["dof"], found["reference"]), (1, "sm"))
        self.close(found["delta_chi2"], 2.705543454, rtol=1e-8)
        exact = mediator_limit(np.array(found["x"]), 2.705543454, slope)
        self.close(found["limit"], exact, rtol=1e-5)  # 400 points over 5 decades
        self.assertEqual(set(found["kind"]), {"crossing"})

    def test_other_axis(self):
        """The limit on the mass at fixed coupling is where it is excluded from, going up."""
        found = self.limit(mediator_map(self.path("a.h5")), "--param", "m_zp", "--at", "g_zp=1e-4")
        self.assertEqual((found["x"], found["kind"]), ([], ["at-edge"]))
        self.close(found["limit"], [0.1], rtol=1e-9)

    def test_edge_and_none(self):
        found = self.limit(
            mediator_map(self.path("a.h5"), low=5e-5, high=2e-4, n=(90, 80)), "--param", "g_zp"
        )
        self.assertEqual(set(found["kind"]), {"at-edge", "crossing", "none"})
        for kind, value in zip(found["kind"], found["limit"]):
            self.assertEqual(kind == "none", value is None)
            if kind == "at-edge":
                self.close(value, 5e-5, rtol=1e-9)

    def test_invalid_points_below(self):
        path = mediator_map(self.path("a.h5"), invalid=(5, slice(20, 25)))
        found = self.limit(path, "--param", "g_zp")
        self.assertEqual([k for k, kind in enumerate(found["kind"]) if kind == "uncertain"], [5])

    def test_references(self):
        path = ellipse_map(self.path("a.h5"), n=80)
        # columns rise towards small values too: excluded from the first point on
        for reference in ("sm", "min", "column"):
            found = self.limit(path, "--param", "eps_d_ee", "--reference", reference)
            self.assertEqual(set(found["kind"]), {"at-edge"})
            self.assertEqual(found["reference"], reference)

    def test_column_minimum(self):
        path = mediator_map(self.path("a.h5"))
        sm = self.limit(path, "--param", "g_zp")
        column = self.limit(path, "--param", "g_zp", "--reference", "column")
        self.close(column["limit"], np.array(sm["limit"]), rtol=1e-3)  # minima equal the SM here

    def test_csv(self):
        path = mediator_map(self.path("a.h5"), low=5e-5, high=2e-4, n=(90, 80))
        code, text, err = command(sevens_limit, path, "--param", "g_zp", "--format", "csv")
        self.assertEqual(code, 0)
        self.assertIn("columns never excluded", err)
        rows = [line for line in text.splitlines() if not line.startswith("#")]
        found = self.limit(path, "--param", "g_zp")
        self.assertEqual(rows[0], "m_zp[MeV],g_zp[1],flag[1]")
        self.assertEqual(len(rows) - 1, sum(value is not None for value in found["limit"]))

    def test_usage(self):
        path = mediator_map(self.path("a.h5"), n=(20, 30))
        self.refused(sevens_limit, [path], 2, "--param")
        self.refused(sevens_limit, [path, "--param", "g_z"], 2, "did you mean 'g_zp'?")
        self.refused(sevens_limit, [path, "--param", "g_zp", "--format", "hepdata"], 2, "hepdata")


class Plot(Case):
    MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}

    def draw(self, name, *args):
        path = self.path(name)
        code, out, err = command(sevens_plot, *args, "-o", path)
        self.assertEqual((code, out), (0, ""), err)
        with open(path, "rb") as file:
            data = file.read()
        self.assertTrue(data.startswith(self.MAGIC[name.rsplit(".", 1)[-1]]))
        self.assertGreater(len(data), 5000)
        return data

    def overlay(self, text, name="curve.csv"):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def test_same_bytes_again(self):
        path = mediator_map(self.path("a.h5"), n=(60, 80), high=1e-2)
        for suffix in ("png", "pdf", "svg"):
            first = self.draw(f"a.{suffix}", path)
            self.assertEqual(first, self.draw(f"b.{suffix}", path))

    def test_words_of_the_figure(self):
        path = mediator_map(self.path("a.h5"), n=(60, 80), high=1e-2)
        with matplotlib.rc_context():
            matplotlib.rcParams["font.size"] = 31  # settings of the user do not leak in
            drawn = self.draw("a.svg", path, "--title", "A $\\chi^2$ map")
        text = drawn.decode()
        for words in ("excluded at 90", "zero rate", "SM rate", "best fit", "Phys. Rev. Lett."):
            self.assertIn(words, text)  # comments of the svg backend hold the labels
        for threshold in ("2.30", "4.61", "6.18"):
            self.assertIn(threshold, text)

    def test_fixed_parameters_stand_in_the_title(self):
        axes = [("g_zp", "1", True, np.geomspace(1e-6, 1e-3, 40))]
        chi2 = 80 + (axes[0][3] / 1e-4) ** 4
        scan = {**UNIVERSAL, "parameters": {"m_zp": 37.0, "s2w": 0.23857, "rn_csi": None}}
        write_map(self.path("a.h5"), axes, chi2, 80.0, 80.0, {"g_zp": 1e-6}, scan=scan)
        text = self.draw("a.svg", self.path("a.h5")).decode()
        self.assertIn("= 37 MeV", text)
        self.assertNotIn("theta_W", text)

    def test_other_kinds_of_maps(self):
        nsi = ellipse_map(self.path("nsi.h5"), holes=[(slice(0, 9), slice(0, 9))])
        self.assertIn(b"not computed", self.draw("nsi.svg", nsi, "--cl", "0.68,3s", "--dof", "1"))
        curve = self.draw("curve.svg", nsi, "--at", "eps_u_ee=0.2")
        self.assertIn(b"no crossing", self.draw("c.svg", nsi, "--at", "eps_d_ee=0.39"))
        self.assertNotIn(b"no crossing", curve)

    def test_units_of_crossings(self):
        """They are written as on the axis; a power of ten multiplies."""
        radius = np.linspace(-60, 20, 81)
        chi2 = 100 + ((radius + 45) * (radius - 2) / 200) ** 2
        axes = [("r2_ee", "1e-32 cm^2", False, radius)]
        write_map(self.path("r.h5"), axes, chi2, 100.0, 100.5, {"r2_ee": -45.0})
        text = self.draw("r.svg", self.path("r.h5")).decode()
        self.assertNotIn("cm^2", text)
        self.assertEqual(text.count("$10^{-32}$ cm$^2$"), 5)  # axis, three levels, best fit
        self.assertRegex(text, r"= 1\.00\): \([^)]*, [^)]*\) \$\\times\$ \$10")

    def test_several_maps_and_overlays(self):
        first = mediator_map(self.path("a.h5"), n=(60, 80), high=1e-2)
        second = mediator_map(self.path("b.h5"), n=(50, 70), experiments=["coherent-lar-2020"])
        curve = self.overlay(
            "# name: Other $ limit\n# cl: 0.95\n# doi: 10.1/x\nm_zp[GeV],g_zp[1],g_zp_upper[1]\n"
            "0.001,1e-5,1e-4\n0.1,3e-5,3e-4\n"
        )
        text = self.draw("c.svg", first, second, "--overlay", curve).decode()
        for words in ("COHERENT CsI 2021", "COHERENT LAr 2020", "95% CL", "doi:10.1/x"):
            self.assertIn(words, text)
        contour = self.path("contour.csv")
        limit = self.path("limit.csv")
        command(sevens_contour, second, "--format", "csv", "-o", contour)
        command(sevens_limit, second, "--param", "g_zp", "--format", "csv", "-o", limit)
        self.draw("d.png", first, "--overlay", contour, limit)

    def test_three_axes(self):
        axes = [
            ("eps_u_ee", "1", False, np.linspace(-1, 1, 9)),
            ("eps_d_ee", "1", False, np.linspace(-1, 1, 11)),
            ("eps_u_mumu", "1", False, np.linspace(-1, 1, 12)),
        ]
        x, y, z = (values for _, _, _, values in axes)
        chi2 = 80 + x[:, None, None] ** 2 + 3 * y[:, None] ** 2 + 9 * (z - 0.2) ** 2
        path = self.path("three.h5")
        write_map(path, axes, chi2, 80.0, 80.4, {name: 0.0 for name, *_ in axes}, scan={})
        refused = [path, "-o", self.path("x.png")]
        self.refused(sevens_plot, refused, 2, "3 axes", "fix 1 of them with --at NAME=VALUE")
        text = self.draw("t.svg", path, "--at", "eps_u_mumu=0.21").decode()
        self.assertIn("0.2727", text)  # the grid value nearest to 0.21 stands in the title
        code, out, _ = command(sevens_contour, path, "--at", "eps_u_mumu=0.21", "--cl", "0.05")
        self.assertEqual(code, 0)
        level = -2 * math.log(0.95) - 9 * (3 / 11 - 0.2) ** 2
        self.close(area(json.loads(out)["segments"][0]), math.pi * level / math.sqrt(3), rtol=0.01)

    def test_nothing_excluded_or_computed(self):
        path = ellipse_map(self.path("a.h5"), n=5)
        self.draw("a.png", path, "--cl", "25s")
        path = ellipse_map(self.path("b.h5"), n=5, holes=[(slice(None), slice(None))])
        self.draw("b.png", path)

    def test_json(self):
        path = ellipse_map(self.path("a.h5"), n=20)
        code, out, err = command(sevens_plot, path, "--json")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(json.loads(out)["figure"], self.path("a.png"))
        self.assertTrue(os.path.exists(self.path("a.png")))

    def test_usage(self):
        path, other = ellipse_map(self.path("a.h5"), n=20), mediator_map(self.path("b.h5"), (9, 9))
        for args, words in (
            ([path, "-o", self.path("x.pgn")], ["did you mean 'png'?"]),
            ([path, "--xlim", "2,1"], ["LO must lie below HI"]),
            ([other, "--xlim", "-1,1"], ["logarithmic"]),
            ([path, "--overlays", "x"], ["did you mean '--overlay'?"]),
            ([path, other], ["its axes"]),
            ([path, path, "--cl", "0.9,0.95"], ["one --cl"]),
            ([path, "--title", "$\\nonsense$"], ["--title"]),
            ([path, "--at", "eps_u_ee=0", "--overlay", "x"], ["two axes"]),
            ([path, "--at", "eps_u_ee=0", "--at", "eps_d_ee=0"], ["none is left"]),
            ([self.folder], ["not a regular file"]),
            ([os.path.join(self.folder, ".")], ["not a regular file"]),
        ):
            self.refused(sevens_plot, args, 2, *words)
            self.assertEqual(command(sevens_plot, *args)[2].count("\n"), 1, args)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.h5", "b.h5"])  # nothing left behind
        self.refused(sevens_plot, [path, "-o", self.path("no/x.png")], 1, "No such file")

    def test_bad_overlays(self):
        path = mediator_map(self.path("b.h5"), (9, 9))
        head, columns = "# name: n\n# cl: 0.9\n# doi: d\n", "m_zp[MeV],g_zp[1]\n"
        for text, words in (
            ("# name: n\n# cl: 0.9\n" + columns + "1,1\n", "`# doi: ...`"),
            (head, "no line of column names"),
            (head + "m_zp,g_zp\n1,1\n", ":4: column 'm_zp' is not NAME[UNIT]"),
            (head + "g_zp[1],m_zp[MeV]\n1,1\n", "column 'g_zp' is not the axis 'm_zp'"),
            (head + "m_zp[m],g_zp[1]\n1,1\n", "is in [m], the axis m_zp in [MeV]"),
            (head + columns + "1,1\n2,x\n", ":6: not all fields are numbers"),
            (head + columns + "1,1\n2\n", ":6: 1 fields"),
            (head + columns, "no rows"),
        ):
            curve = self.overlay(text)
            self.refused(sevens_plot, [path, "--overlay", curve], 2, "curve.csv", words)
        self.refused(sevens_plot, [path, "--overlay", self.path("none.csv")], 1, "no such file")

    def test_help_is_complete(self):
        for module in (sevens_plot, sevens_contour, sevens_limit):
            code, out, _ = command(module, "--help")
            self.assertEqual(code, 0)
            for option in ("--cl", "--dof", "--reference", "--at", "--json", "--output"):
                self.assertIn(option, out)


if __name__ == "__main__":
    unittest.main()
