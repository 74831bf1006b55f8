# SPDX-License-Identifier: BSD-3-Clause
"""Contours of a map: the curves where Delta chi2 equals the threshold of a confidence level.

contourpy finds them in the coordinates of the axes (log10 of logarithmic ones); each vertex then
moves along its grid line to where the cubic through four neighbours crosses the level."""

import math
import os
import sys

import contourpy
import numpy as np

import sevens_cli as cli
from sevens_map import RequestError
from sevens_numerics import ConfidenceLevel, cell_roots, neighbours, refined

# Cells per axis that are aimed at, and the most cuts of a cell: the strip where a vector mediator mimics
# the Standard Model is half a cell wide on a 400 x 400 map and must not fall apart into islands.
_FINE_POINTS, _MOST_PARTS = 2300, 8
_ON_LINE = 1e-6  # part of a cell within which a vertex of contourpy lies on a grid line


class Grid:
    """Delta chi2 over two axes, x the first axis of the map and y the second, on a grid cut finer
    by cubic interpolation: straight lines between the points of a coarse map would tear the narrow
    allowed strip of a vector mediator into islands."""

    def __init__(self, scan_map, delta):
        self.x, self.y = scan_map.axes
        self.u, across = _finer(self.x.coordinate, delta)
        self.v, along = _finer(self.y.coordinate, across.T)
        self.z = along.T  # [x][y]
        masked = np.ma.masked_invalid(along)
        self._generator = contourpy.contour_generator(self.u, self.v, masked, name="serial")

    def is_above(self, point, level):
        """Whether z > level at all corners of the cell around a point (values of the axes)."""
        corners = []
        for axis, grid, value in zip((self.x, self.y), (self.u, self.v), point):
            at = np.log10(value) if axis.log else value
            k = int(np.clip(np.searchsorted(grid, at) - 1, 0, len(grid) - 2))
            corners.append([k, k + 1])
        return bool((self.z[np.ix_(*corners)] > level).all())

    def lines(self, level):
        """Segments [n][2] in values of the axes; a closed one repeats its first point."""
        return [self._values(self._refined(line, level)) for line in self._generator.lines(level)]

    def above(self, level):
        """The region z > level: a list of (points [n][2], offsets of its rings)."""
        top = np.nanmax(self.z) if np.isfinite(self.z).any() else level
        polygons, offsets = self._generator.filled(level, max(top, level) + 1.0)
        return [
            (self._values(self._refined(polygon, level)), offset)
            for polygon, offset in zip(polygons, offsets)
        ]

    def _values(self, points):
        return np.column_stack((self.x.value(points[:, 0]), self.y.value(points[:, 1])))

    def _refined(self, points, level):
        points = np.array(points)
        i, on_x = _grid_index(self.u, points[:, 0])
        j, on_y = _grid_index(self.v, points[:, 1])
        _move(points, 1, on_x & ~on_y, self.v, (self.z, level), (i, j))
        _move(points, 0, on_y & ~on_x, self.u, (self.z.T, level), (j, i))
        return points


def _finer(u, f):
    """refined(), nowhere above both ends of a cell: beside a steep rise a polynomial overshoots, and
    a coarse map would show excluded islands where there are none. Below both ends only where f falls
    towards the cell from both sides, for before such a rise the polynomial dips as well."""
    parts = max(1, min(_MOST_PARTS, math.ceil(_FINE_POINTS / (len(u) - 1))))
    fine_u, fine = refined(u, f, parts)
    inside = fine[:-1]
    highest = np.repeat(np.maximum(f[:-1], f[1:]), parts, axis=0)
    inside[...] = np.where(inside > highest, highest, inside)
    rises = np.zeros((len(f) - 1, *f.shape[1:]), bool)
    rises[1:] |= f[:-2] < f[1:-1]
    rises[:-1] |= f[2:] < f[1:-1]
    lowest = np.repeat(np.minimum(f[:-1], f[1:]), parts, axis=0)
    dips = np.repeat(rises, parts, axis=0) & (inside < lowest)
    inside[...] = np.where(dips, lowest, inside)
    return fine_u, fine


def warn_if_coarse(parser, options, scan_map, grid, threshold):
    """Says so when the grid has lost the allowed region round the continuous minimum."""
    best = [scan_map.best.get(axis.name, math.nan) for axis in scan_map.axes]
    if not scan_map.fixed and np.isfinite(best).all() and grid.is_above(best, threshold):
        cli.warn(
            parser,
            options,
            f"{scan_map.path}: the grid is too coarse: the region allowed round the best fit"
            " falls between its points; scan with a larger n",
        )


def _grid_index(grid, values):
    """For each value the grid point it lies on (True) or the cell it lies in (False)."""
    position = np.interp(values, grid, np.arange(len(grid)))
    near = np.rint(position)
    on = np.abs(position - near) < _ON_LINE
    return np.where(on, near, np.floor(position)).astype(int), on


def _move(points, k, chosen, u, surface, place):
    """Moves coordinate k of the chosen points to where f = level in their cells. u: coordinates
    along the grid lines; surface: f [line][point of the line] and level; place: line and cell of
    each point. Points in cells without a crossing stay: a polygon also runs along the border."""
    f, level = surface
    line, cell = (index[chosen] for index in place)
    ends = f[line, cell] - level, f[line, np.minimum(cell + 1, len(u) - 1)] - level
    crossed = ends[0] * ends[1] < 0
    line, cell, chosen = line[crossed], cell[crossed], np.flatnonzero(chosen)[crossed]
    if chosen.size:
        at, values = neighbours(u, f, cell, line)
        points[chosen, k] = cell_roots(at, values - level)


def describe(scan_map, level, options):
    """Key and value of every line of a file's head."""
    releases = scan_map.releases.values()
    yield "map", os.path.basename(scan_map.path)
    yield "plane", scan_map.plane
    yield "name", scan_map.title
    yield "model", scan_map.model
    yield "experiments", ", ".join(scan_map.experiments)
    yield "cl", f"{level.cl:.10g}"
    yield "dof", str(options.dof)
    yield "delta_chi2", f"{level.threshold(options.dof):.9g}"
    yield "reference", options.reference
    yield "chi2_min", f"{scan_map.chi2_min:.9g}"
    yield "chi2_sm", f"{scan_map.chi2_sm:.9g}"
    for name, (value, unit) in scan_map.fixed.items():
        yield "at", f"{name} = {value:.9g}" + ("" if unit == "1" else f" {unit}")
    for name in scan_map.profiled:
        yield "profiled", name
    for name, expression in scan_map.ties.items():
        yield "tie", f"{name} = {expression}"
    yield "doi", ", ".join(r["doi"] for r in releases if r.get("doi")) or "none"
    for release in releases:
        if release.get("citation"):
            yield "citation", release["citation"]
    yield "scan_id", scan_map.scan_id


def csv_head(scan_map, level, options):
    rows = describe(scan_map, level, options)
    return "".join(f"# {key}: {' '.join(str(value).split())}\n" for key, value in rows if value)


def column(axis):
    return f"{axis.name}[{axis.unit}]"


def _as_json(scan_map, level, options, segments):
    return cli.to_json(
        {
            "cl": cli.rounded(level.cl),
            "dof": options.dof,
            "delta_chi2": cli.rounded(level.threshold(options.dof)),
            "reference": options.reference,
            "axes": [{"name": axis.name, "unit": axis.unit} for axis in scan_map.axes],
            "segments": [
                [[cli.rounded(x), cli.rounded(y)] for x, y in segment] for segment in segments
            ],
        }
    )


def _as_csv(scan_map, level, options, segments):
    x, y = scan_map.axes
    rows = [csv_head(scan_map, level, options), f"segment[1],{column(x)},{column(y)}\n"]
    for k, segment in enumerate(segments):
        rows += [f"{k},{px:.9g},{py:.9g}\n" for px, py in segment]
    return "".join(rows)


def _yaml_text(text):
    return "'" + str(text).replace("'", "''") + "'"


def _yaml_column(name, unit, values, qualifiers=()):
    unit = "" if unit == "1" else unit
    rows = [f"- header: {{name: {_yaml_text(name)}, units: {_yaml_text(unit)}}}\n"]
    if qualifiers:
        rows.append("  qualifiers:\n")
        rows += [
            f"  - {{name: {_yaml_text(key)}, value: {_yaml_text(value)}}}\n"
            for key, value in qualifiers
            if value
        ]
    rows.append("  values:\n")
    rows += [f"  - value: {value}\n" for value in values]
    return "".join(rows)


def _as_hepdata(scan_map, level, options, segments):
    """A HEPData table: x (and the number of the curve when there are several) against y."""
    x, y = scan_map.axes
    numbers = [[format(value, ".9g") for s in segments for value in s[:, i]] for i in (0, 1)]
    text = "independent_variables:\n" + _yaml_column(x.name, x.unit, numbers[0])
    if len(segments) > 1:
        curve = [k + 1 for k, segment in enumerate(segments) for _ in segment]
        text += _yaml_column("Curve", "", curve)
    qualifiers = list(describe(scan_map, level, options))
    return text + "dependent_variables:\n" + _yaml_column(y.name, y.unit, numbers[1], qualifiers)


_WRITERS = {"json": _as_json, "csv": _as_csv, "hepdata": _as_hepdata}


def make_parser():
    parser = cli.Parser(
        "contour",
        description="Contours of a map: the points where chi2 minus the reference equals the"
        " threshold of a confidence level, interpolated between grid points.",
    )
    parser.add_argument("map", metavar="MAP.h5", help="finished map of two axes, or more with --at; a reduced one with --plane")
    parser.add_argument(
        "--cl",
        type=cli.confidence,
        default=ConfidenceLevel.parse("0.90"),
        metavar="CL",
        help="confidence level between 0 and 1, or 1s, 2s, ... for sigmas (default: 0.90)",
    )
    cli.add_statistic(parser, 2, ("min", "sm"), "min")
    cli.add_at(parser)
    cli.add_plane(parser)
    cli.add_output(parser, tuple(_WRITERS), "json")
    return parser


def _run(parser, options):
    scan_map = cli.load(parser, options, options.map)
    cli.require_axes(scan_map, 2, 2)
    if min(len(axis.values) for axis in scan_map.axes) < 2:
        raise RequestError(f"{scan_map.path}: an axis with one point has no contour")
    threshold = options.cl.threshold(options.dof)
    cli.require_range(scan_map, options.reference, threshold)
    grid = Grid(scan_map, scan_map.delta_chi2(options.reference))
    warn_if_coarse(parser, options, scan_map, grid, threshold)
    segments = grid.lines(threshold)
    if not segments:
        cli.warn(parser, options, "no point of the map lies on this contour")
    cli.write_text(
        _WRITERS[options.format](scan_map, options.cl, options, segments), options.output
    )


def main(args=None):
    return cli.run(make_parser(), _run, args)


if __name__ == "__main__":
    sys.exit(main())
