# SPDX-License-Identifier: BSD-3-Clause
"""Spectra of one parameter point, as experiments show them: data with errors, the prediction
stacked by component, the Standard Model and the model as lines; a panel for each bin axis.

The numbers are those of `sevens rate --json`, asked for twice: at the point, and for the kind `sm`
with the options that the scan file gives it. The program is SEVENS_PROGRAM, which `sevens plot`
sets, else `sevens` on PATH."""

import json
import math
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np

from sevens_map import MapError, RequestError, nearest
from sevens_numerics import chi2_tail, chi2_threshold
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
    title_lines,
)
from sevens_physics import model_title, plain, standard_value

COLUMN, PAGE = 3.4, 7.0  # [inch] widths of a journal
_ASPECT = 0.78  # height of a panel over its share of the width
_EXACT = 100  # counts up to which the error bars are exact
# Name -> label, colour; in the order of the stack, the lowest first, others between these and
# the signal.
_BACKGROUNDS = {
    "ss": ("steady state", "#DCDCDC"),
    "brn": ("beam neutrons", "#8C8C8C"),
    "nin": (r"$\nu$-induced neutrons", "#4D4D4D"),
}
_OTHERS = ("#B8A98C", "#A3B8A0", "#9FB0C4", "#C4A9B8")
_FLAVOURS = {
    "nu_mu": (r"$\nu_\mu$", BLUE),
    "nubar_mu": (r"$\bar\nu_\mu$", SKY),
    "nu_e": (r"$\nu_e$", GREEN),
    "nubar_e": (r"$\bar\nu_e$", "#7FD1B5"),
    "nu_tau": (r"$\nu_\tau$", PURPLE),
    "nubar_tau": (r"$\bar\nu_\tau$", "#E5BFD5"),
}
_UNITS = {"us": r"$\mu$s", "1": ""}


class Program:
    """The program that is asked for numbers."""

    def __init__(self, parser, options):
        self.path = os.environ.get("SEVENS_PROGRAM") or "sevens"
        self.parser, self.quiet = parser, options.quiet

    def text(self, *args):
        """What it writes to stdout. Its faults become ours, with the exit code kept."""
        try:
            run = subprocess.run(
                [self.path, *args], capture_output=True, text=True, errors="replace", check=False
            )
        except OSError as error:
            raise MapError(
                f"{self.path}: {error.strerror}; SEVENS_PROGRAM names the program"
            ) from None
        said = run.stderr.replace(f"sevens {args[0]}: ", f"{self.parser.prog}: ").strip()
        if run.returncode == 0:
            if said and not self.quiet:
                print(said, file=sys.stderr)
            return run.stdout
        message = said.removeprefix(f"{self.parser.prog}: error: ")
        message = message or f"{self.path} {args[0]} ended with exit code {run.returncode}"
        raise (RequestError if run.returncode == 2 else MapError)(message)

    def answer(self, *args):
        try:
            return json.loads(self.text(*args, "--json"))
        except ValueError:
            raise MapError(f"{self.path} {args[0]} --json answered no JSON document") from None


class Axis:
    """Bins along one axis. Counts become counts per unit where the widths differ."""

    def __init__(self, entry):
        self.name, self.unit = entry["name"], entry["unit"]
        self.edges = np.asarray(entry["edges"], dtype=float)
        self.widths = np.diff(self.edges)
        self.uniform = np.allclose(self.widths, self.widths[0], rtol=1e-6, atol=0)

    def height(self, counts):
        return counts if self.uniform else counts / self.widths

    @property
    def label(self):
        unit = self._unit()
        return plain(self.name.replace("_", " ")) + (f" [{unit}]" if unit else "")

    @property
    def height_label(self):
        if not self.uniform:
            return f"events / {self._unit() or 'unit'}"
        width = f"{number(self.widths[0])} {self._unit()}".strip()
        return "events / bin" if len(self.widths) == 1 else f"events / {width}"

    def _unit(self):
        return _UNITS.get(self.unit, plain(self.unit))


class Prediction:
    """One experiment at one point: bins of each component [bins of axis 0, ...], lowest first."""

    def __init__(self, answer, profiled):
        self.experiment, self.chi2 = answer["experiment"], answer["chi2"]
        self.axes = [Axis(entry) for entry in answer["bin_axes"]]
        self.shape = tuple(len(axis.widths) for axis in self.axes)
        self.observed = self._bins(answer["observed"])
        self.sigma = self._bins(answer["sigma"]) if "sigma" in answer else None
        self.norms = {n["name"]: n["value"] for n in answer["nuisances"]} if profiled else {}
        self.parts = {}  # (process or "background", flavour or name) -> bins
        for entry in sorted(answer["background"], key=_place):
            key, scale = ("background", entry["name"]), self.norms.get(entry["name"], 1.0)
            self._add(key, scale * self._bins(entry["bins"]))
        # prompt first: the order in which the signals arrive in time
        for entry in sorted(answer["signal"]["components"], key=_place):
            es = entry["process"] == "es"
            key = (entry["process"], "" if es else entry["flavour"])
            self._add(key, self.norms.get("signal", 1.0) * self._bins(entry["bins"]))
        self.total = sum(self.parts.values())

    def _bins(self, values):
        return np.asarray(values, dtype=float).reshape(self.shape)

    def _add(self, key, bins):
        self.parts[key] = self.parts.get(key, 0.0) + bins

    def along(self, k, bins):
        """Sum over all axes but k."""
        return bins.sum(axis=tuple(i for i in range(len(self.shape)) if i != k))

    def errors(self, k):
        """Lower and upper error of the data along axis k: Gaussian sigmas, else Poisson."""
        if self.sigma is not None:
            sigma = np.sqrt(self.along(k, self.sigma**2))
            return np.array([sigma, sigma])
        return np.array([poisson_error(n) for n in self.along(k, self.observed)]).T


def _place(entry):
    """Where a component stands in the stack."""
    if "process" not in entry:
        names = list(_BACKGROUNDS)
        return names.index(entry["name"]) if entry["name"] in names else len(names)
    flavours = list(_FLAVOURS)
    flavour = entry["flavour"]
    known = flavours.index(flavour) if flavour in flavours else len(flavours)
    return entry["process"] == "es", known


def poisson_error(count):
    """Central 68.27 % interval of the mean of a Poisson variable [Garwood 1936] as distances from
    the count; above 100 counts in the approximation of Wilson and Hilferty, good to 0.1 %."""
    tail = chi2_tail(1.0, 1) / 2
    if count <= _EXACT and count == int(count):
        n = int(count)
        low = chi2_threshold(1 - tail, 2 * n) / 2 if n > 0 else 0.0
        return count - low, chi2_threshold(tail, 2 * n + 2) / 2 - count
    above = count + 1
    low = count * (1 - 1 / (9 * count) - 1 / (3 * math.sqrt(count))) ** 3
    return count - low, above * (1 - 1 / (9 * above) + 1 / (3 * math.sqrt(above))) ** 3 - count


class Spectrum:
    """What one page shows: an experiment at the point and in the Standard Model."""

    def __init__(self, point, standard, config, context):
        self.point, self.standard = point, standard
        self.config, self.context = config, context
        self.same = not context.fixed and all(e["kind"] == "sm" for e in config["model"])

    @property
    def releases(self):
        return [self.context.releases.get(self.point.experiment, {})]

    def title(self, text):
        name = self.point.experiment
        entries = [e for e in self.config["experiments"] if e["name"] == name]
        scan = {"model": self.config["model"], "experiments": entries}
        shown = SimpleNamespace(
            experiments=[name],
            scan=scan,
            fixed=self.context.fixed,
            ties=self.config.get("ties") or {},
            profiled=[],
        )
        return title_lines([shown], text)

    def model_name(self):
        if all(entry["kind"] == "sm" for entry in self.config["model"]):
            return "these parameters"
        return model_title(SimpleNamespace(scan={"model": self.config["model"]}, model=""))


def read(parser, options):
    """The spectra of all experiments, or of the one that --experiment names."""
    program = Program(parser, options)
    point = [f"--set={text}" for text in options.set]
    point += [f"--at={name}={value!r}" for name, value in options.at]
    chosen = [f"--experiment={options.experiment}"] if options.experiment else []
    found = program.answer("rate", options.spectrum, *point, *chosen)
    config = program.answer("scan", options.spectrum, "--print-config", *point)
    kinds = [entry for entry in config["model"] if entry["kind"] == "sm"]
    overrides = {"model": kinds, "axes": [], "ties": {}, "parameters": {}}
    plain_point = [f"--set={text}" for text in options.set]
    plain_point += [f"--set={key}={json.dumps(value)}" for key, value in overrides.items()]
    standard = program.answer("rate", options.spectrum, *plain_point, *chosen)
    answers = [a.get("experiments", [a]) for a in (found, standard)]
    context = SimpleNamespace(
        fixed=_fixed(answers[0][0]["parameters"], config, options, program),
        releases={r["name"]: r for r in program.answer("experiments")["experiments"]},
        provenance=_provenance(program),
    )
    profiled = options.norms == "profiled"
    return [
        Spectrum(Prediction(a, profiled), Prediction(b, profiled), config, context)
        for a, b in zip(*answers)
    ]


def _fixed(parameters, config, options, program):
    """{name: (value, unit)} of what makes the point: --at, and what differs from the Standard
    Model; tied parameters are told by their ties."""
    units = {
        parameter["name"]: parameter["unit"]
        for model in program.answer("models")["models"]
        for parameter in model["parameters"]
    }
    asked = [name for name, _ in options.at]
    return {
        name: (value, units.get(name.rsplit(".", 1)[-1], "1"))
        for name, value in parameters.items()
        if value is not None
        and name not in (config.get("ties") or {})
        and (name in asked or (value and value != standard_value(name)))
    }


def _provenance(program):
    lines = [line.split(None, 1) for line in program.text("--version").splitlines()]
    words = {line[0]: line[1] for line in lines if len(line) == 2}
    return {"version": words.get("sevens", ""), "git_commit": words.get("commit", "").split(",")[0]}


class Sheet(Page):
    """A page with panels side by side."""

    columns = (4, 3, 2, 1)

    def __init__(self, n, width):
        super().__init__(width, _ASPECT * width / n)
        share = 0.86 / n
        self.axes.set_position([0.1, 0.3, share - 0.1, 0.6])
        self.panels = [self.axes] + [
            self.figure.add_axes([0.1 + k * share, 0.3, share - 0.1, 0.6]) for k in range(1, n)
        ]

    def finish(self, title, footer_texts, legend_title):
        super().finish(title, footer_texts, legend_title)
        box, n = self.axes.get_position(), len(self.panels)
        gap = max([self._left(axes) for axes in self.panels[1:]], default=0.0) / self.width
        wide = (box.width - (n - 1) * gap) / n
        for k, axes in enumerate(self.panels):
            axes.set_position([box.x0 + k * (wide + gap), box.y0, wide, box.height])

    def _left(self, axes):
        """Inches that the labels of an axis take, and a space before them."""
        tight = axes.get_tightbbox(self.canvas.get_renderer(), bbox_extra_artists=[])
        return (axes.get_window_extent().x0 - tight.x0) / self.figure.dpi + 0.12


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
    stack = {k: v for k, v in point.parts.items() if k[1] not in options.subtract}
    removed = point.total - sum(stack.values())  # the same from data, stack and lines
    styles = _styles(stack)
    for k, axes in enumerate(sheet.panels):
        _draw_panel(axes, spectrum, k, stack, removed, styles)
        if options.subtract:
            lines = [_BACKGROUNDS.get(name, (plain(name),))[0] for name in options.subtract]
            text, where = "\n".join([*lines, "subtracted"]), axes.transAxes
            axes.text(0.96, 0.95, text, ha="right", va="top", fontsize=7, transform=where)
    _add_legend(sheet, spectrum, stack, removed, styles)
    identity = f"scan {spectrum.config['name']}"
    texts = footer(spectrum.releases, [], spectrum.context.provenance, identity, width)
    sheet.finish(spectrum.title(options.title), texts, _norms_text(spectrum, options))
    return sheet.figure


def _norms_text(spectrum, options):
    """What the counts are: profiled nuisances that are no norms do not move the bins shown."""
    point = spectrum.point
    shown = {"signal"} | {name for process, name in point.parts if process == "background"}
    others = "".join(f", {plain(name)} central" for name in point.norms if name not in shown)
    norms = "norms and" if options.norms == "profiled" else "central norms;"
    return rf"{norms} $\chi^2$ profiled{others}, {point.observed.size} bins"


def _styles(stack):
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
    return styles


def _draw_panel(axes, spectrum, k, stack, removed, styles):
    from matplotlib.ticker import AutoMinorLocator

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
    data, centre = height(point.observed - removed), (bins.edges[:-1] + bins.edges[1:]) / 2
    errors = bins.height(point.errors(k))
    axes.errorbar(centre, data, yerr=errors, xerr=bins.widths / 2, **_data_style())
    axes.set_xlim(bins.edges[0], bins.edges[-1])
    tops = [data + errors[1], floor] + [height(total - removed) for total, _, _ in lines]
    least, most = min(np.min(data - errors[0]), 0.0), np.max(tops)
    if least < 0:
        axes.axhline(0.0, color=BLACK, lw=0.4)
    axes.set_ylim(1.08 * least, 1.08 * most if most > 0 else 1.0)
    axes.xaxis.set_minor_locator(AutoMinorLocator())
    axes.yaxis.set_minor_locator(AutoMinorLocator())
    axes.set_xlabel(bins.label, labelpad=2)
    axes.set_ylabel(bins.height_label, labelpad=3)


def _data_style():
    return {"fmt": "o", "ms": 2.2, "color": BLACK, "lw": 0, "elinewidth": 0.7, "zorder": 5}


def _lines(spectrum):
    """(total, label, style) of the lines."""
    standard = {"color": BLACK, "lw": 1.0, "ls": DASHED if not spectrum.same else "-", "zorder": 4}
    lines = [(spectrum.standard.total, _line_label("Standard Model", spectrum.standard), standard)]
    if not spectrum.same:
        style = {"color": RED, "lw": 1.1, "zorder": 3}
        label = _line_label(spectrum.model_name(), spectrum.point)
        lines.append((spectrum.point.total, label, style))
    return lines


def _line_label(name, prediction):
    return rf"{name}, $\chi^2$ = {prediction.chi2:.2f}"


def _add_legend(sheet, spectrum, stack, removed, styles):
    """Data and lines, then the stack from its top down, with the counts shown."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def label(text, values):
        count = float(values.sum())
        return f"{text} ({f'{count:.1f}' if abs(count) >= 0.1 else number(count, 2)})"

    style = {"marker": "o", "ms": 2.2, "color": BLACK, "lw": 0.7}
    data = spectrum.point.observed - removed
    text = label("data", data) if np.any(removed) else f"data ({number(data.sum(), 6)})"
    sheet.add(Line2D([], [], **style), text)
    for total, text, style in _lines(spectrum):
        sheet.add(Line2D([], [], **style), label(text, total - removed))
    for key in reversed(stack):
        text, colour = styles[key]
        sheet.add(Patch(facecolor=colour, lw=0), label(text, stack[key]))


def report(path, spectra, options):
    """What --json says."""
    return {
        "figure": path,
        "norms": options.norms,
        "experiments": [
            {
                "experiment": s.point.experiment,
                "observed": float(s.point.observed.sum()),
                "expected": float(s.point.total.sum()),
                "expected_sm": float(s.standard.total.sum()),
                "chi2": s.point.chi2,
                "chi2_sm": s.standard.chi2,
            }
            for s in spectra
        ],
    }
