# SPDX-License-Identifier: BSD-3-Clause
"""The page of a spectrum, as experiments show theirs: data with errors, the prediction stacked by
component, the Standard Model and the model as lines; a panel for each bin axis."""

import math

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import AutoMinorLocator, LogLocator, NullFormatter

from sevens_map import RequestError, nearest
from sevens_page import (
    BLACK,
    BLUE,
    DASHED,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    Page,
    footer,
    number,
)
from sevens_physics import plain

COLUMN, PAGE = 3.4, 7.0  # [inch] widths of a journal
_ASPECT = 0.78  # height of a panel over its share of the width
_ACROSS = 3  # panels side by side
_ROW_GAP = 0.08  # [inch] between the labels of a row and the next
_MANY_BINS = 40  # from which on points are small and have no bars along the axis
_MOST_CENTRAL = 2  # nuisances that are named; more are counted
_BACKGROUNDS = {
    "ss": ("steady state", "#DCDCDC"),
    "steady": ("steady state", "#DCDCDC"),
    "flat": ("flat background", "#DCDCDC"),
    "lines": ("background function", "#DCDCDC"),
    "ac": ("accidental coincidences", "#DCDCDC"),
    "er": ("electron recoils", "#D9C8A5"),
    "neutron": ("neutrons", "#8C8C8C"),
    "brn": ("beam neutrons", "#8C8C8C"),
    "delbrn": ("delayed neutrons", "#B4A7BC"),
    "nin": (r"$\nu$-induced neutrons", "#4D4D4D"),
}
_OFF = "anti-coincident counts"
_OTHERS = ("#B8A98C", "#A3B8A0", "#9FB0C4", "#C4A9B8")
_FLAVOURS = {
    "nu_mu": (r"$\nu_\mu$", BLUE),
    "nubar_mu": (r"$\bar\nu_\mu$", SKY),
    "nu_e": (r"$\nu_e$", GREEN),
    "nubar_e": (r"$\bar\nu_e$", "#7FD1B5"),
    "nu_tau": (r"$\nu_\tau$", PURPLE),
    "nubar_tau": (r"$\bar\nu_\tau$", "#E5BFD5"),
}


class Sheet(Page):
    """A page with panels side by side, in two rows when they are many."""

    columns = (4, 3, 2, 1)

    def __init__(self, n, width):
        self.across = n if n <= _ACROSS else -(-n // 2)
        self.rows = -(-n // self.across)
        super().__init__(width, _ASPECT * width / self.across)
        share, high = 0.86 / self.across, 0.7 / self.rows
        self.axes.set_position([0.1, 0.95 - high + 0.1, share - 0.1, high - 0.1])
        self.panels = [self.axes]
        for k in range(1, n):
            row, column = divmod(k, self.across)
            place = [0.1 + column * share, 1.05 - (row + 1) * high, share - 0.1, high - 0.1]
            self.panels.append(self.figure.add_axes(place))

    def finish(self, title, footer_texts, legend_title):
        panel = self.axes_height
        gap = max(self._room(axes)[1] for axes in self.panels) + _ROW_GAP
        self.axes_height = self.rows * panel + (self.rows - 1) * gap
        super().finish(title, footer_texts, legend_title)
        box, height = self.axes.get_position(), self.figure.get_size_inches()[1]
        inner = [axes for k, axes in enumerate(self.panels) if k % self.across]
        space = (max([self._room(axes)[0] for axes in inner], default=0.0) + 0.12) / self.width
        wide = (box.width - (self.across - 1) * space) / self.across
        for k, axes in enumerate(self.panels):
            row, column = divmod(k, self.across)
            top = box.y1 - row * (panel + gap) / height
            left = box.x0 + column * (wide + space)
            axes.set_position([left, top - panel / height, wide, panel / height])

    def _margins(self):
        left = max(self._room(axes)[0] for axes in self.panels[:: self.across])
        return left + 0.05, max(self._room(axes)[1] for axes in self.panels), 0.1

    def _room(self, axes):
        """Inches that the labels of a panel take left of it and below."""
        tight = axes.get_tightbbox(self.canvas.get_renderer(), bbox_extra_artists=[])
        box, dpi = axes.get_window_extent(), self.figure.dpi
        return (box.x0 - tight.x0) / dpi, (box.y0 - tight.y0) / dpi


def require_backgrounds(spectrum, names):
    known = [name for process, name in spectrum.point.parts if process == "background"]
    for name in names:
        if name not in known:
            has = f"; it has {', '.join(known)}" if known else ", nor any other"
            raise RequestError(
                f"--subtract: {spectrum.point.experiment} has no background '{name}'"
                f"{nearest(name, known) or has}"
            )


def draw(spectrum, options):
    """The page of one experiment."""
    require_backgrounds(spectrum, options.subtract)
    point = spectrum.point
    n = len(point.axes)
    width = options.width or (COLUMN if n == 1 else PAGE)
    sheet = Sheet(n, width)
    stack = {key: bins for key, bins in point.parts.items() if key[1] not in options.subtract}
    removed = point.total - sum(stack.values())  # the same from data, stack and lines
    stack = {key: bins for key, bins in stack.items() if np.any(bins)}
    styles = _styles(stack, point)
    for k, axes in enumerate(sheet.panels):
        _draw_panel(axes, spectrum, k, stack, removed, (styles, options.subtract))
    _add_legend(sheet, spectrum, stack, removed, styles)
    identity = f"scan {spectrum.config['name']}"
    texts = footer(spectrum.releases, [], spectrum.context.provenance, identity)
    sheet.finish(spectrum.title(options.title), texts, _norms_text(spectrum, options))
    return sheet.figure


def _norms_text(spectrum, options):
    """What the counts are."""
    point, central = spectrum.point, spectrum.central()
    if point.off is not None:
        norms = "mean norm," if options.norms == "profiled" else "central norm,"
        text = rf"{norms} $\chi^2$ integrated over it"
    else:
        norms = "norms and" if options.norms == "profiled" else "central norms;"
        text = rf"{norms} $\chi^2$ profiled"
    if len(central) > _MOST_CENTRAL:
        text += f", {len(central)} shape nuisances central"
    else:
        text += "".join(f", {plain(name)} central" for name in central)
    n = point.observed.size
    text += f", {n} bin" + ("s" if n > 1 else "")
    if point.axes[0].per:
        text += f", events per {point.axes[0].per}"
    return text + _subtracted_text(point, options.subtract)


def _subtracted_text(point, names):
    if not names:
        return ""
    styles = _styles([("background", name) for name in names], point)
    return "\n" + ", ".join(label for label, _ in styles.values()) + " subtracted"


def _styles(stack, point):
    """{component: (label, colour)}."""
    others = iter(_OTHERS * len(stack))
    styles = {}
    for process, name in stack:
        if process == "background":
            styles[process, name] = _BACKGROUNDS.get(name) or (plain(name), next(others))
        elif process == "es":
            styles[process, name] = ("ES", ORANGE)
        else:
            label, colour = _FLAVOURS.get(name) or (plain(name), next(others))
            styles[process, name] = (rf"CE$\nu$NS {label}", colour)
    if point.off is not None and ("background", "ss") in styles:
        styles["background", "ss"] = (_OFF, _BACKGROUNDS["ss"][1])
    return styles


def _draw_panel(axes, spectrum, k, stack, removed, how):
    styles, subtracted = how
    point, bins = spectrum.point, spectrum.point.axes[k]

    def height(values):
        return bins.height(point.along(k, values))

    floor = np.zeros(len(bins.widths))
    for key, values in stack.items():
        top = floor + height(values)
        axes.stairs(top, bins.edges, baseline=floor, fill=True, color=styles[key][1], lw=0)
        floor = top
    lines = _lines(spectrum)
    for total, _, style in lines:
        axes.stairs(height(total - removed), bins.edges, baseline=None, **style)
    data = height(point.observed - removed)
    errors = bins.height(point.errors(k, subtracted))
    bars = None if _without_bars(point, bins) else bins.widths / 2
    axes.errorbar(bins.centres, data, yerr=errors, xerr=bars, **_data_style(point, bins))
    tops = [data + errors[1], floor] + [height(total - removed) for total, _, _ in lines]
    _set_range(axes, bins, min(np.min(data - errors[0]), 0.0), max(np.max(t) for t in tops))


def _set_range(axes, bins, least, most):
    if bins.log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_minor_locator(LogLocator(subs="all", numticks=99))
        axes.xaxis.set_minor_formatter(NullFormatter())
    elif bins.numbered:
        axes.set_xticks(bins.centres, [str(name) for name in bins.bins])
        axes.tick_params(axis="x", which="both", length=0)
    else:
        axes.xaxis.set_minor_locator(AutoMinorLocator())
    axes.set_xlim(bins.edges[0], bins.edges[-1])
    if least < 0:
        axes.axhline(0.0, color=BLACK, lw=0.4)
    most = most if most > 0 else 1.0
    axes.set_ylim(1.08 * least, 1.08 * most)
    axes.yaxis.set_minor_locator(AutoMinorLocator())
    power = math.floor(math.log10(most)) if not 1e-2 <= most < 1e5 else 0
    if power:
        axes.yaxis.set_major_formatter(lambda value, _: f"${value * 10.0**-power:g}$")
    axes.set_xlabel(bins.label, labelpad=2)
    axes.set_ylabel(bins.height_label(power), labelpad=3)


def _without_bars(point, bins):
    return point.projection or len(bins.widths) > _MANY_BINS


def _data_style(point, bins=None):
    """Expected counts of a projection are bars without a point: nobody has measured them."""
    if point.projection:
        return {"fmt": "none", "ecolor": BLACK, "elinewidth": 0.6, "zorder": 5}
    many = bins and len(bins.widths) > _MANY_BINS
    size, line = (1.4, 0.5) if many else (2.2, 0.7)
    return {"fmt": "o", "ms": size, "color": BLACK, "lw": 0, "elinewidth": line, "zorder": 5}


def _lines(spectrum):
    """(total, label, style) of the lines."""
    standard = {"color": BLACK, "lw": 1.0, "ls": DASHED if not spectrum.same else "-", "zorder": 4}
    label = "Standard Model"
    if not spectrum.point.projection:  # whose chi2 is 0
        label = _line_label(label, spectrum.standard)
    lines = [(spectrum.standard.total, label, standard)]
    if not spectrum.same:
        style = {"color": RED, "lw": 1.1, "zorder": 3}
        label = _line_label(spectrum.model_name(), spectrum.point)
        lines.append((spectrum.point.total, label, style))
    return lines


def _line_label(name, prediction):
    return rf"{name}, $\chi^2$ = {prediction.chi2:.2f}"


def _count(value):
    if abs(value) >= 1e5:
        return number(value, 5)
    if value == int(value) and value:
        return f"{value:.0f}".replace("-", "\u2212")
    return f"{value:.1f}".replace("-", "\u2212") if abs(value) >= 0.1 else number(value, 2)


def _add_legend(sheet, spectrum, stack, removed, styles):
    """Data and lines, then the stack from its top down, with the counts shown."""
    point = spectrum.point

    def label(text, values):
        return f"{text} ({_count(float(values.sum()))})"

    if point.projection:
        bar = Line2D([], [], ls="none", marker="|", ms=6, mew=0.6, color=BLACK)
        sheet.add(bar, "statistical error (no data)")
    else:
        dot = Line2D([], [], marker="o", ms=2.2, color=BLACK, lw=0.7)
        sheet.add(dot, label("data", point.observed - removed))
    for total, text, style in _lines(spectrum):
        sheet.add(Line2D([], [], **style), label(text, total - removed))
    for key in reversed(stack):
        text, colour = styles[key]
        sheet.add(Patch(facecolor=colour, lw=0), label(text, stack[key]))
