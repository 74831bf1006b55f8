# SPDX-License-Identifier: BSD-3-Clause
"""Style, words and layout of a figure: fonts and colours, numbers as mathtext, and a page on which
title, axes, legend and footer stand one below the other.

Made for one column of a journal (3.4 inches): line styles and hatching carry the meaning, so that
it survives print in black and white; the colours are those of Okabe and Ito."""

import re
import textwrap

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sevens_physics import (
    experiment_title,
    model_title,
    plain,
    standard_value,
    symbol,
    unit_text,
)

BLACK, BLUE, ORANGE, GREEN = "black", "#0072B2", "#E69F00", "#009E73"
RED, PURPLE, SKY = "#D55E00", "#CC79A7", "#56B4E9"
SOLID, DASHED, DOTTED = "-", (0, (4, 1.6)), (0, (1, 1.3))
DASH_DOT, LONG, DASH_DOT_DOT = (0, (5, 1.2, 1, 1.2)), (0, (8, 2)), (0, (5, 1, 1, 1, 1, 1))
FOOT_SIZE = 5.2  # [pt]
_PARAMETER_UNITS = {"m_zp": "MeV", "m_phi": "MeV", "m4": "MeV", "lambda": "MeV", "dm2_41": "eV^2"}
_STYLE = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 8,
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.minor.width": 0.35,
    "ytick.minor.width": 0.35,
    "xtick.major.size": 3.2,
    "ytick.major.size": 3.2,
    "xtick.minor.size": 1.8,
    "ytick.minor.size": 1.8,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "hatch.linewidth": 0.35,
    "axes.unicode_minus": True,
    "svg.hashsalt": "sevens",
    "pdf.fonttype": 42,
}


def style():
    """Context of the settings; those of the user's matplotlibrc do not leak into the figure."""
    return matplotlib.rc_context({**matplotlib.rcParamsDefault, **_STYLE})


def number(value, digits=4):
    """2.715e-4 as mathtext; plain between 0.01 and 99999."""
    if value == 0 or not np.isfinite(value) or 1e-2 <= abs(value) < 99999:
        text = f"{value:.0f}" if 10**digits <= abs(value) else f"{value:.{digits}g}"
        return text.replace("-", "\u2212")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return rf"${mantissa}\times10^{{{int(exponent)}}}$"


def quantity(name, value, unit):
    return f"{symbol(name)} = {number(value)}{after_number(unit)}"


def best_text(scan_map):
    units = scan_map.best_unit
    order = [axis.name for axis in scan_map.axes] + list(scan_map.fixed)
    names = [name for name in order if name in scan_map.best]
    values = [number(scan_map.best[n]) + after_number(units[n]) for n in names]
    if not scan_map.fixed:
        return f"best fit ({', '.join(values)})"
    texts = [f"{symbol(n)} = {v}" for n, v in zip(names, values)]
    more = ["..."] if len(texts) > 3 else []  # one line of the legend
    return "best fit of the map: " + ", ".join(texts[:3] + more)


def after_number(unit):
    """A unit after a number; a unit that begins with a power of ten multiplies it."""
    if unit == "1":
        return ""
    return f" $\\times$ {unit_text(unit)}" if unit.startswith("1e") else f" {unit_text(unit)}"


def chi2_text(scan_map):
    least, standard = (f"{chi2:.2f}" for chi2 in (scan_map.chi2_min, scan_map.chi2_sm))
    least = "0.00" if least == "-0.00" else least  # of expected counts, rounded
    return rf"$\chi^2_{{\rm min}}$ = {least},  $\chi^2_{{\rm SM}}$ = {standard}"


def reference_text(reference, dof):
    return (
        rf"$\Delta\chi^2=\chi^2-\chi^2_{{\rm {'SM' if reference == 'sm' else 'min'}}}$, {dof} dof"
    )


def level_text(level, dof):
    return rf"{level.label} ($\Delta\chi^2$ = {level.threshold(dof):.2f})"


def _slice_text(scan_map):
    """What holds for the whole figure: values of a slice, parameters of the scan that are neither
    zero nor what the Standard Model has, ties, profiled parameters."""
    fixed = dict(scan_map.fixed)
    for name, value in (scan_map.scan.get("parameters") or {}).items():
        short = name.rsplit(".", 1)[-1]
        if value and value != standard_value(short):
            unit = "fm" if short.startswith("rn_") else _PARAMETER_UNITS.get(short, "1")
            fixed.setdefault(name, (value, unit))
    texts = [quantity(n, value, unit) for n, (value, unit) in fixed.items()]
    texts += [f"{_name(n)} = {_expression(text)}" for n, text in scan_map.ties.items()]
    return ", ".join(texts + [f"{_name(n)} profiled" for n in scan_map.profiled])


def _name(name):
    """The symbol, unless several kinds have a parameter of that symbol."""
    return plain(name) if "." in name else symbol(name)


def _expression(text):
    """Right side of a tie with symbols for names: 2*eps_u_ee - 0.1."""
    return re.sub(r"(?<![\w.])[A-Za-z_][\w.]*", lambda m: _name(m[0]), text.replace("*", " "))


def title_lines(maps, title):
    if title is not None:
        return [title]
    experiments = list(dict.fromkeys(experiment_title(m) for m in maps))
    models = list(dict.fromkeys(model_title(m) for m in maps))
    lines = [part[0] for part in (experiments, models) if len(part) == 1 and part[0]]
    slices = list(dict.fromkeys(_slice_text(m) for m in maps))
    return lines + [text for text in slices if text and len(slices) == 1]


def map_labels(maps):
    """What tells several maps apart: experiment, model, slice; else the file."""
    parts = [(experiment_title(m), model_title(m), _slice_text(m)) for m in maps]
    differing = [k for k in range(3) if len({p[k] for p in parts}) > 1]
    labels = [", ".join(p[k] for k in differing if p[k]) for p in parts]
    if len(set(labels)) < len(labels):
        stems = [plain(m.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]) for m in maps]
        labels = [f"{label} ({stem})" if label else stem for label, stem in zip(labels, stems)]
    return labels


def footer_lines(maps, overlays):
    """Citations of data and overlays, version of the program, identity of the map."""
    releases = [r for m in maps for r in m.releases.values()]
    identity = "map " + ", ".join(dict.fromkeys(m.scan_id[:10] for m in maps))
    return footer(releases, overlays, maps[0].provenance, identity)


def footer(releases, overlays, program, identity):
    sources = {"Data": {}, "Projection after": {}}
    for release in releases:
        doi = release.get("doi")
        citation = " ".join(str(release.get("citation") or "").split())
        text = citation + (f", doi:{doi}" if doi and str(doi) not in citation else "")
        kind = "Projection after" if release.get("version") == "projection" else "Data"
        if text:
            sources[kind][text] = None
    lines = [f"{kind}: " + "; ".join(texts) for kind, texts in sources.items() if texts]
    if overlays:
        lines.append("Overlays: " + "; ".join(f"{o.name}, {o.reference}" for o in overlays))
    commit = str(program.get("git_commit", ""))[:10]
    version = f"Sevens {program.get('version', '')}".strip() + (f" ({commit})" if commit else "")
    return lines + [f"{version}; {identity}"]


def shrink(text, wide, canvas):
    """Makes a text smaller until it is no wider than that, in inches; 5.5 pt can be read."""
    while text.get_fontsize() > 5.5:
        box = text.get_window_extent(canvas.get_renderer())
        if box.width <= wide * text.figure.dpi:
            break
        text.set_fontsize(text.get_fontsize() - 0.25)


class Page:
    """A figure laid out from top to bottom: title, axes, legend, footer, none over another."""

    columns = (2, 1)  # of the legend, the first that fits

    def __init__(self, width, axes_height=None):
        self.figure = Figure(figsize=(width, width), dpi=300)
        self.canvas = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes([0.2, 0.3, 0.7, 0.6])
        self.width = width
        self.axes_height = axes_height or 0.68 * width
        self.legend = []

    def add(self, handle, label):
        handle.set_label(label)
        self.legend.append(handle)

    def finish(self, title, footer, legend_title):
        """Measures the texts, then sets the height of the figure so that everything fits."""
        figure, pad = self.figure, 0.05
        titles = [
            figure.text(0, 0, text, ha="center", va="top", fontsize=9 if k == 0 else 8)
            for k, text in enumerate(title)
        ]
        for text in titles:
            shrink(text, self.width - 0.1, self.canvas)
        foot = figure.text(0, 0, "", va="bottom", fontsize=FOOT_SIZE, color="0.25")
        self._wrap(foot, footer, self.width - 2 * pad)
        legend = self._legend(legend_title)
        title_heights = [self._size(text)[1] + 0.03 for text in titles]
        left, below, right = self._margins()
        wide = self.width - left - right
        heights = [sum(title_heights), below, self._size(legend)[1], self._size(foot)[1]]
        total = sum(heights) + self.axes_height + 5 * pad
        figure.set_size_inches(self.width, total)
        top = 1 - pad / total
        center = (left + wide / 2) / self.width
        for text, height in zip(titles, title_heights):
            half = self._size(text)[0] / 2 / self.width
            text.set_position((max(min(center, 0.985 - half), half + 0.015), top))
            top -= height / total
        bottom = top - (pad + self.axes_height) / total
        box = [left / self.width, bottom, wide / self.width, self.axes_height / total]
        self.axes.set_position(box)
        legend.set_bbox_to_anchor((0.5, bottom - (below + pad) / total), figure.transFigure)
        foot.set_position((pad / self.width, pad / total))

    def _legend(self, title):
        for columns in self.columns:
            legend = self.figure.legend(
                handles=self.legend,
                loc="upper center",
                ncol=columns,
                title=title,
                title_fontsize=7,
                columnspacing=1.0,
                handlelength=2.4,
                handletextpad=0.6,
                labelspacing=0.3,
                borderaxespad=0,
                borderpad=0.1,
            )
            if columns == 1 or self._size(legend)[0] < self.width - 0.06:
                return legend
            legend.remove()
        return None

    def _wrap(self, artist, lines, wide):
        """Sets an artist to lines broken where they are wider than that."""
        rows = []
        for line in lines:
            for characters in range(int(wide * 72 / (FOOT_SIZE * 0.36)), 20, -2):
                broken = [plain(row) for row in textwrap.wrap(line, characters)]
                artist.set_text("\n".join(broken))
                if self._size(artist)[0] <= wide:
                    break
            rows += broken
        artist.set_text("\n".join(rows))

    def _size(self, artist):
        box = artist.get_window_extent(self.canvas.get_renderer())
        return box.width / self.figure.dpi, box.height / self.figure.dpi

    def _margins(self):
        """What ticks and labels take left of the axes, below and right of them."""
        # no other artists than the axes: all are clipped to them, but for half a mark at an edge
        tight = self.axes.get_tightbbox(self.canvas.get_renderer(), bbox_extra_artists=[])
        box, dpi = self.axes.get_window_extent(), self.figure.dpi
        left, below = (box.x0 - tight.x0) / dpi + 0.05, (box.y0 - tight.y0) / dpi
        return left, below, max((tight.x1 - box.x1) / dpi, 0.0) + 0.05
