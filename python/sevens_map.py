# SPDX-License-Identifier: BSD-3-Clause
"""Reader of Sevens map files (format "sevens-map" version 1, docs/map_format.md).

    import sevens_map
    m = sevens_map.open_map("csi2021-universal.h5")
    m.axes[0].name, m.axes[0].unit, m.axes[0].values
    delta = m.delta_chi2()          # chi2 - chi2_min, shape (len(axis) for axis in m.axes)

Needs numpy and h5netcdf only."""

import json
import math
import os
from dataclasses import dataclass, field, replace

import h5netcdf
import numpy as np

from sevens_numerics import line_minimum

FORMAT, FORMAT_VERSION = "sevens-map", 1
PENDING, OK, UNCONVERGED, INVALID = range(4)  # values of `status`


class MapError(Exception):
    """The file cannot be used; the message says why and what to do."""


class NotAMapError(MapError):
    """The file is no map, or damaged."""


class OverlayError(MapError):
    """The file is no overlay curve, or not one of these axes."""


class RequestError(Exception):
    """The map is fine but does not have what was asked of it."""


@dataclass(frozen=True)
class Axis:
    name: str
    unit: str  # "1" when there is none
    long_name: str
    log: bool
    values: np.ndarray

    @property
    def coordinate(self):
        """What is interpolated along: log10 of a logarithmic axis, else the values."""
        return np.log10(self.values) if self.log else self.values

    def value(self, coordinate):
        return 10.0 ** np.asarray(coordinate) if self.log else np.asarray(coordinate)


@dataclass(frozen=True)
class Map:
    """A finished map. chi2 and status are row-major over axes; chi2 is NaN where it is invalid."""

    path: str
    title: str
    model: str
    axes: tuple
    chi2: np.ndarray
    status: np.ndarray
    chi2_min: float  # continuous minimum over the scanned region, not of the grid
    chi2_sm: float  # Standard Model
    best: dict  # parameter -> value at chi2_min
    best_unit: dict
    ndof: int
    experiments: tuple
    nuisances: tuple
    scan: dict  # the scan file with every default filled in
    provenance: dict
    releases: dict  # name -> {"doi", "version", "sha256", "citation", "url"}
    scan_id: str = ""
    n_bins: int = 0
    ceiling: float = math.inf  # chi2 is not stored above it (output.precision: i16)
    fixed: dict = field(default_factory=dict)  # axis name -> (grid value, unit) taken by at()
    plane: str = ""  # name of the plane that this is, of a reduced map
    planes: tuple = ()  # names of all planes of a reduced map
    profiled: tuple = ()  # names of the parameters over whose values every point is minimised

    @property
    def ties(self):
        """Parameters that follow others: name -> expression."""
        return self.scan.get("ties") or {}

    def axis_index(self, name):
        for i, axis in enumerate(self.axes):
            if axis.name == name:
                return i
        raise RequestError(
            f"{self.path}: no axis '{name}'{nearest(name, [a.name for a in self.axes])}"
        )

    def at(self, name, value):
        """The slice at the grid value of axis `name` nearest to value."""
        i = self.axis_index(name)
        axis = self.axes[i]
        low, high = axis.values.min(), axis.values.max()
        slack = 1e-9 * max(abs(low), abs(high))
        if not low - slack <= value <= high + slack:
            raise RequestError(
                f"{self.path}: {name} = {value:g} is outside its axis,"
                f" {low:g} to {high:g} {'' if axis.unit == '1' else axis.unit}".rstrip()
            )
        distance = np.abs(axis.coordinate - (math.log10(value) if axis.log else value))
        k = int(np.argmin(distance))
        return replace(
            self,
            axes=self.axes[:i] + self.axes[i + 1 :],
            chi2=np.take(self.chi2, k, axis=i),
            status=np.take(self.status, k, axis=i),
            fixed={**self.fixed, name: (float(axis.values[k]), axis.unit)},
        )

    def chi2_reference(self, reference="min"):
        return {"min": self.chi2_min, "sm": self.chi2_sm}[reference]

    def delta_chi2(self, reference="min", param=None):
        """chi2 minus its continuous minimum ("min"), the Standard Model's ("sm"), or the least
        value of each column along axis `param` ("column")."""
        if reference != "column":
            return self.chi2 - self.chi2_reference(reference)
        i = self.axis_index(param)
        least = np.apply_along_axis(
            lambda column: line_minimum(self.axes[i].coordinate, column), i, self.chi2
        )
        return self.chi2 - np.expand_dims(least, i)


def nearest(name, known):
    """'; did you mean ...?' or the list of what there is, for messages."""
    import difflib

    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f" (there is {', '.join(known)})" if known else ""


def open_map(path, plane=None):
    """Reads a finished map, or a plane of a reduced one; MapError for anything else."""
    path = os.fspath(path)
    if not os.path.exists(path):
        if os.path.exists(path + ".journal"):
            raise MapError(
                f"{path}: not there yet: its scan is unfinished;"
                " `sevens scan SCAN.yaml --resume` goes on"
            )
        raise MapError(f"{path}: no such file")
    if not os.path.isfile(path):
        raise NotAMapError(f"{path}: not a regular file")
    try:
        with h5netcdf.File(path, "r", decode_vlen_strings=True) as file:
            return _read(path, file, plane)
    except (MapError, RequestError):
        raise
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        if "unable to lock file" in str(error).lower():
            raise MapError(
                f"{path}: a running scan holds this map; its progress is in {path}.progress.json"
            ) from None
        raise NotAMapError(_unreadable(path, error)) from None


def list_planes(path):
    """The planes of a reduced map: name -> (kind, names of its axes). None of another map, or of a
    file that open_map refuses."""
    try:
        with h5netcdf.File(path, "r", decode_vlen_strings=True) as file:
            names = _names(_attributes(file).get("planes"))
            groups = {name: _attributes(file.groups["planes"].groups[name]) for name in names}
    except (OSError, ValueError, KeyError, RuntimeError, TypeError):
        return {}
    return {name: (attrs.get("kind"), _names(attrs.get("axes"))) for name, attrs in groups.items()}


def _unreadable(path, error):
    if os.path.exists(path + ".journal"):
        return (
            f"{path}: not readable, but its journal is there:"
            " `sevens scan SCAN.yaml --resume` rebuilds it"
        )
    if isinstance(error, OSError):
        return f"{path}: not a readable HDF5 file ({str(error).splitlines()[0]})"
    return f"{path}: not a {FORMAT} file ({str(error).splitlines()[0]})"


def _read(path, file, plane):
    attrs = _attributes(file)
    if attrs.get("format") != FORMAT:
        raise NotAMapError(
            f"{path}: not a {FORMAT} file (attribute `format` is missing or different)"
        )
    if int(attrs.get("format_version", 0)) != FORMAT_VERSION:
        raise NotAMapError(
            f"{path}: format version {attrs.get('format_version')}, this reader knows"
            f" {FORMAT_VERSION}"
        )
    _refuse_incomplete(path, file, attrs)
    planes, grid = _names(attrs.get("planes")), file
    if planes or plane is not None:
        plane, grid = _plane(path, file, planes, plane)
    dimensions = (name.rsplit("/", 1)[-1] for name in grid.variables["chi2"].dimensions)
    axes = tuple(_axis(grid, name) for name in dimensions)
    chi2, ceiling = _chi2(path, grid)
    best = [name for name in file.variables if name.startswith("best_")]
    provenance, scan, releases = _provenance(file)
    return Map(
        path=path,
        title=attrs.get("title", ""),
        model=attrs.get("model", ""),
        axes=axes,
        chi2=chi2,
        status=np.asarray(grid.variables["status"][...]),
        chi2_min=_scalar(file, "chi2_min"),
        chi2_sm=_scalar(file, "chi2_sm"),
        best={name[5:]: _scalar(file, name) for name in best},
        best_unit={name[5:]: _attributes(file.variables[name]).get("units", "1") for name in best},
        ndof=len(axes) if planes else int(_scalar(file, "ndof")),
        experiments=_strings(file, "experiment"),
        nuisances=_strings(file, "nuisance"),
        scan=scan,
        provenance=provenance,
        releases=releases,
        scan_id=attrs.get("scan_id", ""),
        n_bins=int(_scalar(file, "n_bins")) if "n_bins" in file.variables else 0,
        ceiling=ceiling,
        fixed=_fixed(grid),
        plane=plane or "",
        planes=planes,
        profiled=_names(_attributes(grid).get("profiled")),
    )


def _plane(path, file, planes, plane):
    """Name and group of the plane that is asked for, or of the only one."""
    known = [name for name in planes if _kind(file, name) != "histogram"]
    if not planes:
        raise RequestError(f"{path}: no plane '{plane}': this map has every point of its scan")
    if plane is None:
        if len(known) != 1:
            raise RequestError(
                f"{path}: a reduced map: choose one of its planes with --plane NAME"
                f" (there is {', '.join(known) or 'none to draw'})"
            )
        plane = known[0]
    if plane not in planes:
        raise RequestError(f"{path}: no plane '{plane}'{nearest(plane, known)}")
    if plane not in known:
        raise RequestError(f"{path}: {plane} is a histogram, not a plane of points")
    return plane, file.groups["planes"].groups[plane]


def _kind(file, plane):
    return _attributes(file.groups["planes"].groups[plane]).get("kind")


def _fixed(grid):
    """Where a slice lies on the axes that it does not have."""
    return {
        name[3:]: (_scalar(grid, name), _attributes(grid.variables[name]).get("units", "1"))
        for name in grid.variables
        if name.startswith("at_")
    }


def _names(value):
    """A list of names in an attribute, which h5netcdf gives as a text when it has one entry."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(_text(name) for name in value)


def _refuse_incomplete(path, file, attrs):
    """`complete` is written last; without it points or the minimum are missing."""
    if attrs.get("complete") and "chi2_min" in file.variables:
        return
    pending = ""
    if "status" in file.variables:
        status = np.asarray(file.variables["status"][...])
        pending = f" ({np.count_nonzero(status == PENDING)} of {status.size} points pending)"
    raise MapError(
        f"{path}: incomplete map{pending}; finish it with `sevens scan SCAN.yaml --resume`"
    )


def _axis(file, name):
    attrs = _attributes(file.variables[name])
    values = np.asarray(file.variables[name][...], dtype=float)
    log = attrs.get("spacing") == "log"
    if log and not (values > 0).all():
        raise ValueError(f"axis {name} is logarithmic but not positive")
    if (np.diff(values) <= 0).any():
        raise ValueError(f"axis {name} is not increasing")
    return Axis(name, attrs.get("units", "1"), attrs.get("long_name", name), log, values)


def _chi2(path, file):
    """chi2 decoded, and the largest value that its type can hold."""
    variable = file.variables["chi2"]
    attrs = _attributes(variable)
    raw = np.asarray(variable[...])
    scale, offset = float(attrs.get("scale_factor", 1)), float(attrs.get("add_offset", 0))
    ceiling = np.iinfo(raw.dtype).max * scale + offset if raw.dtype.kind == "i" else math.inf
    status = np.asarray(file.variables["status"][...])
    bad = (status == INVALID) | (status == PENDING)
    if "_FillValue" in attrs:
        bad |= raw == attrs["_FillValue"]
    chi2 = np.where(bad, np.nan, raw * scale + offset)
    if np.any(np.isnan(chi2) & (status == OK)):
        raise MapError(
            f"{path}: damaged: chi2 is missing (NaN) at points whose status is ok; scan again with --force"
        )
    return chi2, ceiling


def _provenance(file):
    if "provenance" not in file.groups:
        return {}, {}, {}
    group = file.groups["provenance"]
    provenance = _attributes(group)
    for name in ("scan_yaml", "scan_json"):
        if name in group.variables:
            provenance[name] = _text(group.variables[name][...])
    scan = json.loads(provenance.get("scan_json", "{}"))
    folder = group.groups.get("data_release")
    releases = {name: _attributes(folder.groups[name]) for name in folder.groups} if folder else {}
    return provenance, scan, releases


def _attributes(node):
    return {name: _text(node.attrs[name]) for name in node.attrs}


def _text(value):
    """Strings as str whatever their HDF5 type; one-element arrays as scalars."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value.item() if isinstance(value, np.generic) else value


def _scalar(file, name):
    return float(np.asarray(file.variables[name][...]).reshape(-1)[0])


def _strings(file, name):
    if name not in file.variables:
        return ()
    return tuple(_text(item) for item in np.atleast_1d(file.variables[name][...]))
