# SPDX-License-Identifier: BSD-3-Clause
"""What a figure shows: the excluded region and contours of one map, the contours of several maps,
or the chi2 curve of a map with one axis. Takes maps and returns nothing; draws on a Page."""

import math

import matplotlib
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path

from sevens_contour import Grid
from sevens_limit import crossings
from sevens_map import RequestError
from sevens_numerics import refined
from sevens_page import (
    BLACK,
    BLUE,
    DASH_DOT,
    DASH_DOT_DOT,
    DASHED,
    DOTTED,
    GREEN,
    LONG,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    SOLID,
    after_number,
    best_text,
    chi2_text,
    level_text,
    map_labels,
    number,
)
from sevens_physics import axis_label, plain, standard_point, symbol, universal_lines

FILL, HATCH, INVALID_FILL = "#C6DDF0", "#7DA7CA", "#D0D0D0"
BEST_FACE = "#F0E442"
HATCHING = 6 * "\\"  # across the allowed strip, which rises to the right
LEVEL_STYLES = ((ORANGE, DASHED), (RED, DASH_DOT), (GREEN, LONG), (PURPLE, DASH_DOT_DOT))
MAP_STYLES = (
    (BLUE, SOLID),
    (RED, DASHED),
    (ORANGE, DASH_DOT),
    (GREEN, LONG),
    (PURPLE, DASH_DOT_DOT),
    (BLACK, DOTTED),
)
OVERLAY_STYLES = (
    (PURPLE, (0, (6, 1, 1, 1))),
    (GREEN, (0, (3, 1))),
    (BLACK, (0, (2, 1, 1, 1, 1, 1))),
    (SKY, (0, (9, 1.5))),
    (ORANGE, (0, (2, 2))),
    (RED, (0, (5, 1, 2, 1))),
)
SPECIAL_STYLES = {"zero_rate": (BLACK, DOTTED), "sm_degenerate": (RED, (0, (1, 3)))}
SPECIAL_LABELS = {"zero_rate": "zero rate", "sm_degenerate": "SM rate"}
_PARTS_OF_PI = {0: "0", 4: r"$\pi$", -4: r"$-\pi$"}
for _sign in (1, -1):
    _minus = "-" if _sign < 0 else ""
    _PARTS_OF_PI |= {
        _sign: rf"${_minus}\pi/4$",
        2 * _sign: rf"${_minus}\pi/2$",
        3 * _sign: rf"${_minus}3\pi/4$",
    }
HIGH_MASS_MEV = 100.0  # above it M^2 >> q^2, where the special lines of a mediator hold
# Inset: size as part of the axes, largest first; room on the left, below, right, above.
_INSET_SIZES = ((0.5, 0.28), (0.46, 0.25), (0.42, 0.22), (0.36, 0.2))
_INSET_ROOM = (0.27, 0.09, 0.06, 0.04)
_INSET_FONT = 6.0  # [pt]
_FLAT = 1e-3  # difference of chi2 that means nothing
_SAMPLES = 300  # closer than the margin that the inset keeps
_STRIP_HALF_WIDTH = 0.15  # in ln g round the SM-degenerate line


def _same(points):
    return points


def _path(polygons, transform):
    vertices, codes = [np.empty((0, 2))], [np.empty(0, dtype=np.uint8)]
    for points, offsets in polygons:
        kinds = np.full(len(points), Path.LINETO, dtype=np.uint8)
        kinds[offsets[:-1]] = Path.MOVETO
        kinds[np.asarray(offsets[1:], dtype=int) - 1] = Path.CLOSEPOLY
        vertices.append(transform(points))
        codes.append(kinds)
    return Path(np.concatenate(vertices), np.concatenate(codes))


def set_axes(axes, scan_map, limits):
    for name, axis, limit in zip("xy", scan_map.axes, limits):
        side = getattr(axes, f"{name}axis")
        if axis.log:
            getattr(axes, f"set_{name}scale")("log")
            side.set_minor_locator(matplotlib.ticker.LogLocator(subs="all", numticks=99))
            side.set_minor_formatter(matplotlib.ticker.NullFormatter())
        else:
            side.set_minor_locator(matplotlib.ticker.AutoMinorLocator())
            if name == "x":  # labels stand side by side
                side.set_major_locator(matplotlib.ticker.MaxNLocator(5, steps=(1, 2, 2.5, 5, 10)))
        low, high = limit or (axis.values[0], axis.values[-1])
        if axis.log and low <= 0:
            raise RequestError(f"--{name}lim: the axis {axis.name} is logarithmic")
        if axis.log and high < 30 * low:  # too few powers of ten for labels
            side.set_minor_formatter(
                matplotlib.ticker.LogFormatterSciNotation(minor_thresholds=(2, 0.6))
            )
            axes.tick_params(axis=name, which="minor", labelsize=6.5)
        getattr(axes, f"set_{name}lim")(low, high)
        power = 0 if axis.log else _power_of_ten(low, high)
        if power:
            side.set_major_formatter(lambda value, _, scale=10.0**-power: f"${scale * value:g}$")
        if axis.unit == "rad" and high - low > math.pi / 2:
            _set_radians(side)
        getattr(axes, f"set_{name}label")(axis_label(axis, power), labelpad=2)


def _power_of_ten(low, high):
    """The power that the label takes from small or large numbers along a linear axis."""
    largest = max(abs(low), abs(high))
    return 0 if 1e-2 <= largest < 1e5 else math.floor(math.log10(largest) + 1e-9)


def _set_radians(side):
    """Ticks at multiples of pi/4."""
    side.set_major_locator(matplotlib.ticker.MultipleLocator(math.pi / 4))
    side.set_minor_locator(matplotlib.ticker.MultipleLocator(math.pi / 16))
    side.set_major_formatter(lambda value, _: _PARTS_OF_PI.get(round(4 * value / math.pi), ""))


def level_styles(options):
    """{level: (colour, dashes)}, from the lowest level to the highest."""
    others = [level for level in options.levels if level != options.main_level]
    styles = {k: LEVEL_STYLES[i % len(LEVEL_STYLES)] for i, k in enumerate(_by_cl(others))}
    styles[options.main_level] = (BLUE, SOLID)
    return {level: styles[level] for level in _by_cl(styles)}


def _by_cl(levels):
    return sorted(levels, key=lambda level: level.cl)


def add_levels(page, options):
    """Entries of the legend for the excluded region and the contours."""
    region = Patch(fc=FILL, ec=HATCH, hatch=HATCHING, lw=0)
    page.add(region, f"excluded at {options.main_level.label}")
    for level, style in level_styles(options).items():
        page.add(_sample(*style), level_text(level, options.dof))


class Exclusion:
    """Region and contours of one map of two axes, drawn in its own coordinates or transformed."""

    def __init__(self, scan_map, options):
        main, self.styles = options.main_level, level_styles(options)
        self.map, self.main, self.levels, self.dof = scan_map, main, list(self.styles), options.dof
        self.grid = Grid(scan_map, scan_map.delta_chi2(options.reference))
        self.region = self.grid.above(main.threshold(self.dof))
        self.lines = {level: self.grid.lines(level.threshold(self.dof)) for level in self.levels}
        self.special = universal_lines(scan_map) if _mass_coupling(scan_map) else None

    def draw(self, axes, transform=_same, width=0.8, open_strip=False):
        """open_strip: thin edges and no other lines along the strip at high mass, which is narrower
        than its lines would be."""
        path = _path(self.region, transform)
        region = PathPatch(path, fc=FILL, ec=HATCH, hatch=HATCHING, lw=0, zorder=1)
        axes.add_artist(region)  # add_patch would look for limits at every vertex
        for level in self.levels:
            style = dict(zip(("color", "ls"), self.styles[level]), zorder=3)
            for line in self.lines[level]:
                points = transform(line)
                inside = self._in_strip(line) if open_strip else np.zeros((len(line), 1), bool)
                axes.plot(*np.where(inside, np.nan, points).T, lw=width, **style)
                if level == self.main and inside.any():
                    axes.plot(*np.where(inside, points, np.nan).T, lw=width / 2, **style)

    def draw_invalid(self, axes):
        """Grey cells where chi2 is not known."""
        bad = ~np.isfinite(self.map.chi2)
        if bad.any():
            edges = [_edges(axis) for axis in self.map.axes]
            shade = np.ma.masked_where(~bad.T, np.ones(bad.T.shape))
            color = matplotlib.colors.ListedColormap([INVALID_FILL])
            axes.pcolormesh(*edges, shade, cmap=color, rasterized=True, zorder=0.5)
        return bool(bad.any())

    def draw_special(self, axes, mass, transform=_same, width=0.8):
        for name, (color, dashes) in SPECIAL_STYLES.items():
            points = np.column_stack((mass, self.special[name] * mass))
            axes.plot(*transform(points).T, color=color, ls=dashes, lw=width, zorder=3.2)

    def _in_strip(self, line):
        """Which points of a line [n][1] lie near the SM-degenerate line at high mass."""
        mass, coupling = line.T
        near = np.abs(np.log(coupling / (mass * self.special["sm_degenerate"]))) < _STRIP_HALF_WIDTH
        return (near & (mass > HIGH_MASS_MEV))[:, None]

    def excluded_points(self):
        """About _SAMPLES points along each axis, as dense as the region needs beside its edges."""
        grid = self.grid
        u, v = (side[:: 1 + len(side) // _SAMPLES] for side in (grid.u, grid.v))
        z = grid.z[:: 1 + len(grid.u) // _SAMPLES, :: 1 + len(grid.v) // _SAMPLES]
        i, j = np.nonzero(~(z <= self.main.threshold(self.dof)))
        return np.column_stack((grid.x.value(u[i]), grid.y.value(v[j])))


def _mass_coupling(scan_map):
    names = [axis.name.rsplit(".", 1)[-1] for axis in scan_map.axes]
    return names == ["m_zp", "g_zp"] and scan_map.axes[0].unit == "MeV"


def _edges(axis):
    u = axis.coordinate
    middle = (u[1:] + u[:-1]) / 2
    return axis.value(np.concatenate(([2 * u[0] - middle[0]], middle, [2 * u[-1] - middle[-1]])))


def draw_exclusion(page, plot, options, overlays):
    """One map of two axes."""
    scan_map = plot.map
    set_axes(page.axes, scan_map, (options.xlim, options.ylim))
    add_levels(page, options)
    if plot.draw_invalid(page.axes):
        page.add(Patch(fc=INVALID_FILL, lw=0), "not computed")
    mass = _special_masses(page.axes, plot)
    if mass is not None:
        for name, style in SPECIAL_STYLES.items():
            slope = number(plot.special[name], 3)
            page.add(_sample(*style), rf"{SPECIAL_LABELS[name]}: {slope} $m$/MeV")
    curves = _draw_overlays(page, overlays)
    star = draw_best(page, scan_map)
    draw_standard(page, scan_map)
    inset = None
    if mass is not None:
        lines = [np.column_stack((mass, slope * mass)) for slope in plot.special.values()]
        lines += [line for group in plot.lines.values() for line in group]
        inset = _draw_strip(page.axes, plot, lines + curves, star)
        plot.draw_special(page.axes, mass, width=0.6)
    plot.draw(page.axes, open_strip=inset is not None)


def _sample(color, dashes):
    return Line2D([], [], color=color, ls=dashes, lw=0.9)


def _special_masses(axes, plot):
    """Masses over which the lines of a universal mediator are drawn; None when it has none."""
    low, high = axes.get_xlim()
    if plot.special is None or high < 1.5 * HIGH_MASS_MEV:
        return None
    return np.geomspace(max(low, HIGH_MASS_MEV), high, 50)


def _draw_overlays(page, overlays, taken=()):
    """taken: colours of other curves, which come last."""
    curves, styles = [], sorted(OVERLAY_STYLES, key=lambda style: style[0] in taken)
    for k, overlay in enumerate(overlays):
        color, dashes = styles[k % len(styles)]
        for curve in overlay.curves:
            dot = "." if len(curve) == 1 else ""  # which no line would show
            page.axes.plot(*curve.T, marker=dot, ms=2, color=color, ls=dashes, lw=0.9, zorder=3.5)
        page.add(_sample(color, dashes), f"{plain(overlay.name)} ({plain(overlay.cl)})")
        curves += overlay.curves
    return curves


def best_mark(color=BLACK, face="white", size=7):
    return Line2D([], [], ls="none", marker="*", ms=size, mfc=face, mec=color, mew=0.6)


def draw_best(page, scan_map, color=BLACK, face=BEST_FACE, label=True):
    """The continuous best fit; of a slice only its value, for it lies elsewhere."""
    point = np.array([[scan_map.best.get(axis.name, np.nan) for axis in scan_map.axes]])
    if at_standard_limit(scan_map):
        if label:
            page.add(Line2D([], [], ls="none"), "best fit: the Standard Model limit")
            page.add(Line2D([], [], ls="none"), chi2_text(scan_map))
        return point
    if not scan_map.fixed:
        limits = np.sort([page.axes.get_xlim(), page.axes.get_ylim()])
        inside = bool(((limits[:, 0] <= point[0]) & (point[0] <= limits[:, 1])).all())
        star = best_mark(color, face)
        star.set_data(point.T)
        star.set(zorder=5, clip_on=not inside)
        page.axes.add_line(star)
    if label:
        blank = Line2D([], [], ls="none")
        page.add(blank if scan_map.fixed else best_mark(color, face), best_text(scan_map))
        page.add(Line2D([], [], ls="none"), chi2_text(scan_map))
    return point


def at_standard_limit(scan_map):
    """Whether the best fit is no better than the Standard Model, which the plane has no point of:
    the position of the minimum then only says where chi2 is flat."""
    flat = scan_map.chi2_sm - scan_map.chi2_min < _FLAT
    return flat and not scan_map.fixed and standard_point(scan_map) is None


def draw_standard(page, scan_map):
    """The Standard Model, where it is one point of the plane and not off the axes."""
    point = standard_point(scan_map)
    limits = np.sort([page.axes.get_xlim(), page.axes.get_ylim()])
    if point is None or not ((limits[:, 0] <= point) & (point <= limits[:, 1])).all():
        return
    mark = standard_mark()
    mark.set_data(*np.transpose([point]))
    mark.set(zorder=5.1, clip_on=False)
    page.axes.add_line(mark)
    page.add(standard_mark(), "Standard Model")


def standard_mark():
    return Line2D([], [], ls="none", marker="P", ms=4.5, mfc=BLACK, mec="white", mew=0.5)


def _draw_strip(axes, plot, lines, star):
    """Inset of the allowed strip at high mass: g/m against m, so that the strip lies level. It goes
    where nothing is, or else over plain excluded region, never over `lines` and the star."""
    high = axes.get_xlim()[1]
    if high < 3 * HIGH_MASS_MEV:
        return None
    place = _free_corner(axes, lines + [plot.excluded_points()], star)
    if place is None:
        place = _free_corner(axes, lines, star)
        if place is None:
            return None
        _draw_backing(axes, place)
    window = np.array([max(high / 60, 1.5 * HIGH_MASS_MEV), high])
    inset = axes.inset_axes(place, zorder=4)
    inset.set_xscale("log")
    inset.set_xlim(window)
    inset.set_ylim(0.88e6 * plot.special["sm_degenerate"], 1.14e6 * plot.special["sm_degenerate"])

    def ratio(points):
        return np.column_stack((points[:, 0], 1e6 * points[:, 1] / points[:, 0]))

    plot.draw(inset, ratio, 0.6)
    plot.draw_special(inset, window, ratio)
    labelled = (200, 500, 1000, 2000, 5000, 10000) if place[2] > 0.4 else (200, 1000, 5000)
    ticks = [t for t in labelled if window[0] <= t <= window[1]]
    inset.set_xticks(ticks, [f"{t:d}" for t in ticks])
    inset.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    inset.tick_params(labelsize=_INSET_FONT, pad=1.5, length=2)
    inset.tick_params(which="minor", length=1)
    label = f"{symbol('g_zp')}$/${symbol('m_zp')}\n" + r"[10$^{-6}$/MeV]"
    inset.set_ylabel(label, fontsize=_INSET_FONT, rotation=0, ha="right", va="center", labelpad=2)
    return inset


def _free_corner(axes, occupied, star):
    """The box [x, y, width, height] of an inset in a corner without points, or None."""
    to_axes = axes.transData + axes.transAxes.inverted()
    left, below, right, above = _INSET_ROOM
    for width, height in _INSET_SIZES:
        room = np.array([left + width + right, below + height + above])
        for corner in ((1, 0), (0, 0), (0, 1), (1, 1)):
            start = np.array(corner) * (1 - room)
            hit = False
            for points, margin in ((np.concatenate(occupied), 0.01), (star, 0.04)):
                with np.errstate(invalid="ignore"):
                    at = to_axes.transform(points)
                    inside = (at >= start - margin) & (at <= start + room + margin)
                hit |= bool(inside.all(axis=1).any())
            if not hit:
                return [start[0] + left, start[1] + below, width, height]
    return None


def _draw_backing(axes, place):
    """A framed white page under an inset and its labels."""
    left, below, right, above = (0.93 * room for room in _INSET_ROOM)
    x, y, width, height = place
    axes.add_patch(
        Rectangle(
            (x - left, y - below),
            left + width + right,
            below + height + above,
            transform=axes.transAxes,
            fc="white",
            ec="0.4",
            lw=0.4,
            zorder=3.9,
        )
    )


def draw_comparison(page, maps, options, overlays):
    """Several maps: one contour each."""
    first, level = maps[0], options.main_level
    set_axes(page.axes, first, (options.xlim, options.ylim))
    for k, (scan_map, label) in enumerate(zip(maps, map_labels(maps))):
        color, dashes = MAP_STYLES[k % len(MAP_STYLES)]
        grid = Grid(scan_map, scan_map.delta_chi2(options.reference))
        width = 1.0 if len(scan_map.experiments) == 1 else 1.6  # a combination stands out
        for line in grid.lines(level.threshold(options.dof)):
            page.axes.plot(*line.T, color=color, ls=dashes, lw=width, zorder=3)
        page.add(Line2D([], [], color=color, ls=dashes, lw=width + 0.1), label)
        draw_best(page, scan_map, color, "white", label=False)
    if not any(scan_map.fixed for scan_map in maps):
        page.add(best_mark(), "best fits")
    _draw_overlays(page, overlays, [color for color, _ in MAP_STYLES[: len(maps)]])


def draw_curve(page, maps, options):
    """Delta chi2 of maps with one axis, and where it crosses the thresholds."""
    axes, first = page.axes, maps[0]
    curves = [m.delta_chi2(options.reference) for m in maps]
    thresholds = {level: level.threshold(options.dof) for level in options.levels}
    set_axes(axes, first, (options.xlim,))
    top = 2.2 * max(thresholds.values())
    least = min([0.0] + [float(np.nanmin(c)) for c in curves if np.isfinite(c).any()])
    axes.set_ylim(options.ylim or (1.1 * least, top))
    axes.set_ylabel(r"$\Delta\chi^2$", labelpad=2)
    axes.yaxis.set_minor_locator(matplotlib.ticker.AutoMinorLocator())
    labels = map_labels(maps) if len(maps) > 1 else [None]
    for k, (scan_map, curve, label) in enumerate(zip(maps, curves, labels)):
        color, dashes = MAP_STYLES[k % len(MAP_STYLES)]
        u, fine = refined(scan_map.axes[0].coordinate, curve, 8)
        axes.plot(scan_map.axes[0].value(u), fine, color=color, ls=dashes, lw=1.1, zorder=3)
        if label:
            page.add(Line2D([], [], color=color, ls=dashes, lw=1.1), label)
    for k, level in enumerate(sorted(thresholds, key=lambda key: key.cl)):
        dashes = (DASHED, SOLID, DASH_DOT, LONG, DASH_DOT_DOT)[k % 5]
        axes.axhline(thresholds[level], color="0.35", ls=dashes, lw=0.7, zorder=2)
        text = level_text(level, options.dof)
        if len(maps) == 1:
            found = crossings(first.axes[0], curves[0], thresholds[level])
            values = ", ".join(number(x) for x in found)
            if len(found) > 1 and first.axes[0].unit.startswith("1e"):
                values = f"({values})"
            values += after_number(first.axes[0].unit)
            text += ": " + (values if found else "no crossing")
        page.add(Line2D([], [], color="0.35", ls=dashes, lw=0.8), text)
    if len(maps) == 1:
        page.add(Line2D([], [], ls="none"), best_text(first))
        page.add(Line2D([], [], ls="none"), chi2_text(first))
