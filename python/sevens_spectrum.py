# SPDX-License-Identifier: BSD-3-Clause
"""Numbers of the spectra of one parameter point: data with errors, components of the prediction and
the Standard Model, along every bin axis. sevens_stack.py draws them.

They are those of `sevens rate --json`, asked for twice: at the point, and for the kind `sm` with
the options that the scan file gives it. The program is SEVENS_PROGRAM, which `sevens plot` sets,
else `sevens` on PATH."""

import json
import math
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np

from sevens_map import MapError, RequestError
from sevens_numerics import chi2_tail, chi2_threshold
from sevens_page import number, title_lines
from sevens_physics import (
    bin_axis_name,
    bin_names,
    counts_per,
    model_title,
    plain,
    standard_value,
)

_EXACT = 100  # counts up to which the error bars are exact
_UNITS = {"us": r"$\mu$s", "1": ""}
_LOG_RANGE = 10  # bins of different widths over more than this are shown on a logarithmic axis
# Order of the stack, the lowest first; others lie between these and the signal, prompt before
# delayed.
BACKGROUNDS = ("ss", "steady", "flat", "lines", "ac", "er", "neutron", "brn", "delbrn", "nin")
FLAVOURS = ("nu_mu", "nubar_mu", "nu_e", "nubar_e", "nu_tau", "nubar_tau")
# Parameters of the background function (docs/physics.md eq. 49), which `lines` are drawn at.
_LINE_PARAMETERS = ("n0", "a", "slope_keV", "height", "centre_keV", "width_keV", "ratio")


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
    """Bins along one axis. Counts become counts per unit where the widths differ; but those of
    equal width in ln x, on a logarithmic axis, stay counts."""

    def __init__(self, entry, experiment=""):
        self.name, self.unit = entry["name"], entry["unit"]
        self.edges = np.asarray(entry["edges"], dtype=float)
        self.widths = np.diff(self.edges)
        self.centres = (self.edges[:-1] + self.edges[1:]) / 2
        self.per, n = counts_per(experiment), len(self.widths)
        equal = np.allclose(self.widths, self.widths[0], rtol=1e-6, atol=0)
        self.numbered = self.unit == "1" and bool((self.edges == np.arange(n + 1)).all())
        self.bins = bin_names(experiment, self.name) or range(n)
        self.log = not equal and self.edges[-1] > _LOG_RANGE * self.edges[0] > 0
        self.log_equal = False
        if self.log:
            self.centres = np.sqrt(self.edges[:-1] * self.edges[1:])
            ratios = self.edges[1:] / self.edges[:-1]
            self.log_equal = np.allclose(ratios, ratios[0], rtol=1e-6, atol=0)
        self.uniform = equal or self.log_equal

    def height(self, counts):
        return counts if self.uniform else counts / self.widths

    @property
    def label(self):
        if self.numbered:
            return bin_axis_name(self.name) + ("" if isinstance(self.bins, tuple) else " bin")
        unit = self._unit()
        return bin_axis_name(self.name) + (f" [{unit}]" if unit else "")

    def height_label(self, power=0):
        """power: that of ten which the numbers along the axis leave out."""
        words = f"$10^{{{power}}}$ events" if power else "events"
        if not self.uniform:
            words += f" / {self._unit() or 'unit'}"
        elif self.numbered or self.log_equal or len(self.widths) == 1:
            words += " / bin"
        else:
            words += f" / {number(self.widths[0])} {self._unit()}".rstrip()
        return words + (f" / {self.per}" if self.per else "")

    def _unit(self):
        return _UNITS.get(self.unit, plain(self.unit))


class Prediction:
    """One experiment at one point: bins of each component [bins of axis 0, ...], lowest first.

    With counts of the same time without beam (`off`), those are the steady state, and one norm
    multiplies all that comes with the beam."""

    def __init__(self, answer, profiled, projection=False):
        self.experiment, self.chi2 = answer["experiment"], answer["chi2"]
        self.projection = projection
        self.axes = [Axis(entry, self.experiment) for entry in answer["bin_axes"]]
        self.shape = tuple(len(axis.widths) for axis in self.axes)
        self.observed = self._bins(answer["observed"])
        self.sigma = self._bins(answer["sigma"]) if "sigma" in answer else None
        self.off = self._bins(answer["off"]) if "off" in answer else None
        self.norms = {n["name"]: n["value"] for n in answer["nuisances"]} if profiled else {}
        signal = self.norms.get("signal", 1.0)
        self.parts = {}  # (process or "background", flavour or name) -> bins
        if self.off is not None:
            self._add(("background", "ss"), self.off)
        for entry in sorted(answer["background"], key=_place):
            norm = self.norms.get(entry["name"], 1.0) if self.off is None else signal
            self._add(("background", entry["name"]), norm * self._bins(entry["bins"]))
        # prompt first: the order in which the signals arrive in time
        for entry in sorted(answer["signal"]["components"], key=_place):
            es = entry["process"] == "es"
            key = (entry["process"], "" if es else entry["flavour"])
            self._add(key, signal * self._bins(entry["bins"]))
        self.total = sum(self.parts.values())

    def _bins(self, values):
        return np.asarray(values, dtype=float).reshape(self.shape)

    def _add(self, key, bins):
        self.parts[key] = self.parts.get(key, 0.0) + bins

    def along(self, k, bins):
        """Sum over all axes but k."""
        return bins.sum(axis=tuple(i for i in range(len(self.shape)) if i != k))

    def errors(self, k, subtracted=()):
        """Lower and upper error of the data along axis k: Gaussian sigmas, else Poisson, with that
        of the counts without beam when they are subtracted. In a projection, how far data would
        scatter round what is expected."""
        counts = self.along(k, self.observed)
        if self.sigma is not None:
            return np.array([np.sqrt(self.along(k, self.sigma**2))] * 2)
        if self.projection:
            return np.array([np.minimum(np.sqrt(counts), counts), np.sqrt(counts)])
        errors = np.array([poisson_error(n) for n in counts]).T
        if self.off is not None and "ss" in subtracted:
            off = np.array([poisson_error(n) for n in self.along(k, self.off)]).T
            errors = np.sqrt(errors**2 + off[::-1] ** 2)
        return errors


def _place(entry):
    """Where a component stands in the stack."""
    if "process" not in entry:
        name = entry["name"]
        return BACKGROUNDS.index(name) if name in BACKGROUNDS else len(BACKGROUNDS)
    flavour = entry["flavour"]
    known = FLAVOURS.index(flavour) if flavour in FLAVOURS else len(FLAVOURS)
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
            releases={name: self.releases[0]},
            fixed=self.context.fixed,
            ties=self.config.get("ties") or {},
            profiled=[],
        )
        return title_lines([shown], text)

    def model_name(self):
        if all(entry["kind"] == "sm" for entry in self.config["model"]):
            return "these parameters"
        return model_title(SimpleNamespace(scan={"model": self.config["model"]}, model=""))

    def central(self):
        """Names of the nuisances that move chi2 but not the bins shown: shapes. A shared pull is
        part of the norms that share it."""
        point = self.point
        moving = {"signal"} | {name for process, name in point.parts if process == "background"}
        if ("background", "lines") in point.parts:
            moving |= set(_LINE_PARAMETERS)
        entries = (self.config.get("nuisances") or {}).values()
        moving |= {entry.get("shared") for entry in entries if isinstance(entry, dict)}
        return [name for name in point.norms if name not in moving]


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
    return [
        Spectrum(*(_prediction(a, options, context) for a in pair), config, context)
        for pair in zip(*answers)
    ]


def _prediction(answer, options, context):
    release = context.releases.get(answer["experiment"], {})
    return Prediction(answer, options.norms == "profiled", release.get("projection", False))


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
