# SPDX-License-Identifier: BSD-3-Clause
"""Limit curve of a map: along each column of one parameter the first excluded value, where Delta
chi2 first rises through the threshold, going up from the smallest value of the axis."""

import sys

import numpy as np

import sevens_cli as cli
from sevens_contour import column, csv_head
from sevens_map import RequestError
from sevens_numerics import ConfidenceLevel, cell_roots, neighbours

# What a limit is; the number stands in the csv.
CROSSING, AT_EDGE, UNCERTAIN, NONE = "crossing", "at-edge", "uncertain", "none"
_FLAGS = {CROSSING: 0, AT_EDGE: 1, UNCERTAIN: 2}


def first_excluded(axis, delta, threshold):
    """(value, kind) of one column. at-edge: excluded at the first point already, the limit lies
    below the axis; uncertain: points at or below the crossing are invalid; none: never excluded."""
    u, f = axis.coordinate, delta - threshold
    valid = np.isfinite(f)
    if not valid.any():
        return None, NONE
    excluded = np.flatnonzero(valid & (f > 0))
    if not excluded.size:
        return None, NONE
    k = int(excluded[0])
    if not valid[:k].all():
        return float(axis.values[k]), UNCERTAIN
    if k == 0:
        return float(axis.values[0]), AT_EDGE
    points, values = neighbours(u, f, k - 1)
    return float(axis.value(cell_roots(points, values)[0])), CROSSING


def crossings(axis, delta, threshold):
    """All values of the axis where Delta chi2 crosses the threshold, either way."""
    f = delta - threshold
    with np.errstate(invalid="ignore"):
        cells = np.flatnonzero(f[:-1] * f[1:] < 0)
    if not cells.size:
        return []
    return axis.value(cell_roots(*neighbours(axis.coordinate, f, cells))).tolist()


def limit_curve(scan_map, param, threshold, reference="sm"):
    """Limits along axis `param` for every value of the other axis: [(value, kind)]."""
    i = scan_map.axis_index(param)
    delta = scan_map.delta_chi2(reference, param)
    columns = np.moveaxis(delta, i, -1).reshape(-1, delta.shape[i])
    return [first_excluded(scan_map.axes[i], f, threshold) for f in columns]


def _other(scan_map, param):
    i = scan_map.axis_index(param)
    others = scan_map.axes[:i] + scan_map.axes[i + 1 :]
    return others[0] if others else None


def _as_json(scan_map, options, curve):
    other, axis = _other(scan_map, options.param), scan_map.axes[scan_map.axis_index(options.param)]
    document = {
        "cl": cli.rounded(options.cl.cl),
        "dof": options.dof,
        "delta_chi2": cli.rounded(options.cl.threshold(options.dof)),
        "reference": options.reference,
        "param": {"name": axis.name, "unit": axis.unit},
        "axis": {"name": other.name, "unit": other.unit} if other else None,
        "x": [cli.rounded(x) for x in other.values] if other else [],
        "limit": [None if value is None else cli.rounded(value) for value, _ in curve],
        "kind": [kind for _, kind in curve],
    }
    return cli.to_json(document)


def _as_csv(scan_map, options, curve):
    other, axis = _other(scan_map, options.param), scan_map.axes[scan_map.axis_index(options.param)]
    missing = sum(value is None for value, _ in curve)
    text = csv_head(scan_map, options.cl, options)
    text += (
        f"# limit: first excluded value of {axis.name}; {missing} columns without one left out\n"
    )
    text += "# flag: 0 crossing, 1 excluded at the lower edge of the axis, 2 invalid points below\n"
    text += (f"{column(other)}," if other else "") + f"{column(axis)},flag[1]\n"
    for k, (value, kind) in enumerate(curve):
        if value is not None:
            x = f"{other.values[k]:.9g}," if other else ""
            text += f"{x}{value:.9g},{_FLAGS[kind]}\n"
    return text


_WRITERS = {"json": _as_json, "csv": _as_csv}


def make_parser():
    parser = cli.Parser(
        "limit",
        description="Limit curve of a map: for every value of the other axis the first excluded"
        " value of one parameter, interpolated between grid points.",
    )
    parser.add_argument("map", metavar="MAP.h5", help="finished map of one or two axes, or --at; a reduced one with --plane")
    parser.add_argument("--param", required=True, metavar="NAME", help="axis that is limited")
    parser.add_argument(
        "--cl",
        type=cli.confidence,
        default=ConfidenceLevel.parse("0.90"),
        metavar="CL",
        help="confidence level between 0 and 1, or 1s, 2s, ... for sigmas (default: 0.90)",
    )
    cli.add_statistic(parser, 1, ("sm", "column", "min"), "sm")
    cli.add_at(parser)
    cli.add_plane(parser)
    cli.add_output(parser, tuple(_WRITERS), "json")
    return parser


def _run(parser, options):
    scan_map = cli.load(parser, options, options.map)
    scan_map.axis_index(options.param)
    cli.require_axes(scan_map, 1, 2)
    if len(scan_map.axes[scan_map.axis_index(options.param)].values) < 2:
        raise RequestError(f"{scan_map.path}: axis {options.param} has one point only")
    threshold = options.cl.threshold(options.dof)
    cli.require_range(scan_map, options.reference, threshold)
    curve = limit_curve(scan_map, options.param, threshold, options.reference)
    for kind, words in (
        (AT_EDGE, "excluded at the lower edge of the axis already"),
        (UNCERTAIN, "with invalid points below the limit"),
        (NONE, "never excluded"),
    ):
        count = sum(k == kind for _, k in curve)
        if count:
            cli.warn(parser, options, f"{count} of {len(curve)} columns {words}")
    cli.write_text(_WRITERS[options.format](scan_map, options, curve), options.output)


def main(args=None):
    return cli.run(make_parser(), _run, args)


if __name__ == "__main__":
    sys.exit(main())
