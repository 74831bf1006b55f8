# SPDX-License-Identifier: BSD-3-Clause
"""Overlay curves: CSV with a head of `# key: value` lines and one line of columns with units.

    # name: NA64
    # cl: 0.90
    # doi: 10.1103/PhysRevLett.132.211803
    m_zp[GeV],g_zp[1]
    0.01,1.2e-4

The head must have name, cl and doi (`not stated` is a value); it may have dof, and kind:
`preferred` for a region that data favour. A column `segment[1]` separates curves; a third column
`<y>_upper` makes a two-sided limit. What `sevens contour` and `sevens limit` write as csv can be
read back."""

import csv
from dataclasses import dataclass

import numpy as np

from sevens_map import MapError, OverlayError, nearest

_REQUIRED = ("name", "cl", "doi")
_NOT_STATED = "not stated"
_ENERGY = {"eV": 1e-6, "keV": 1e-3, "MeV": 1.0, "GeV": 1e3, "TeV": 1e6}
_GENERIC_X, _GENERIC_Y = ("x", "mass", "m"), ("y", "g", "coupling")


@dataclass(frozen=True)
class Overlay:
    name: str
    cl: str  # "90% CL, 2 dof"
    reference: str  # "doi:..."
    curves: list  # arrays [n][2] in the units of the axes


def read_overlay(path, x_axis, y_axis):
    """The curves of a file in the units of the two axes; MapError says what is wrong and where."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        raise MapError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise OverlayError(f"{path}: not a text file") from None
    head, start = _head(path, lines)
    names, units = _columns(path, start + 1, lines[start])
    rows = _rows(path, start + 1, lines[start + 1 :], len(names))
    data = dict(zip(names, rows.T))
    used = [name for name in names if name not in ("segment", "flag")]
    _check_names(path, used, x_axis, y_axis)
    scales = [_scale(path, n, units[n], x_axis if n == used[0] else y_axis) for n in used]
    curves = []
    segment = data.get("segment", np.zeros(len(rows)))
    for number in dict.fromkeys(segment):
        columns = [scale * data[name][segment == number] for name, scale in zip(used, scales)]
        curves.append(_curve(*columns))
        _check_values(path, curves[-1], x_axis, y_axis)
    return Overlay(head["name"], _statistic(head), _reference(head["doi"]), curves)


def _head(path, lines):
    head, start = {}, None
    for k, line in enumerate(lines):
        if not line.startswith("#"):
            start = k
            break
        key, colon, value = line[1:].partition(":")
        if colon and value.strip():
            head.setdefault(key.strip().lower(), value.strip())
    missing = [key for key in _REQUIRED if key not in head]
    if missing:
        raise OverlayError(
            f"{path}: the head has no `# {missing[0]}: ...`; an overlay names its curve, CL and"
            " DOI (`sevens overlay` makes one)"
        )
    if start is None:
        raise OverlayError(f"{path}: no line of column names")
    return head, start


def _columns(path, line, text):
    names, units = [], {}
    for word in text.split(","):
        name, bracket, unit = word.strip().partition("[")
        if not name or not bracket or not unit.endswith("]"):
            raise OverlayError(f"{path}:{line}: column '{word.strip()}' is not NAME[UNIT]")
        names.append(name)
        units[name] = unit[:-1]
    if len(units) != len(names):
        raise OverlayError(f"{path}:{line}: a column name is there twice")
    return names, units


def _rows(path, header_line, lines, n):
    rows = []
    for k, fields in enumerate(csv.reader(lines), header_line + 1):
        if not fields or fields[0].startswith("#"):
            continue
        try:
            rows.append([float(field) for field in fields])
        except ValueError:
            raise OverlayError(f"{path}:{k}: not all fields are numbers") from None
        if len(rows[-1]) != n:
            raise OverlayError(f"{path}:{k}: {len(rows[-1])} fields, {n} columns are named")
    if not rows:
        raise OverlayError(f"{path}: no rows")
    return np.array(rows)


def _check_names(path, names, x_axis, y_axis):
    if not 2 <= len(names) <= 3:
        raise OverlayError(
            f"{path}: {len(names)} columns to plot; x, y and optionally y_upper expected"
        )
    if len(names) == 3 and names[2] != f"{names[1]}_upper":
        raise OverlayError(f"{path}: third column '{names[2]}' is not '{names[1]}_upper'")
    for name, axis, generic in ((names[0], x_axis, _GENERIC_X), (names[1], y_axis, _GENERIC_Y)):
        if name != axis.name and name not in generic:
            hint = nearest(name, [axis.name])
            raise OverlayError(f"{path}: column '{name}' is not the axis '{axis.name}'{hint}")


def _scale(path, name, unit, axis):
    if unit == axis.unit:
        return 1.0
    if unit in _ENERGY and axis.unit in _ENERGY:
        return _ENERGY[unit] / _ENERGY[axis.unit]
    raise OverlayError(f"{path}: column '{name}' is in [{unit}], the axis {axis.name} in [{axis.unit}]")


def _curve(x, y, upper=None):
    """A line; for a two-sided limit the outline of the band between its edges."""
    if upper is None:
        return np.column_stack((x, y))
    return np.vstack((np.column_stack((x, y)), np.column_stack((x, upper))[::-1], [[x[0], y[0]]]))


def _check_values(path, curve, x_axis, y_axis):
    for values, axis in zip(curve.T, (x_axis, y_axis)):
        if not np.isfinite(values).all():
            raise OverlayError(f"{path}: a value of {axis.name} is not finite")
        if axis.log and values.min() <= 0:
            raise OverlayError(
                f"{path}: {axis.name} = {values.min():g} has no place on a logarithmic axis"
            )


def _statistic(head):
    words = ["preferred"] if head.get("kind") == "preferred" else []
    words.append(_percent(head["cl"]))
    if "dof" in head:
        words.append(f"{head['dof']} dof")
    return ", ".join(words)


def _reference(doi):
    return "no DOI stated" if doi == _NOT_STATED else f"doi:{doi}"


def _percent(cl):
    if cl == _NOT_STATED:
        return "CL not stated"
    try:
        value = float(cl)
    except ValueError:
        return cl
    return f"{100 * value:.6g}% CL" if 0 < value < 1 else cl
