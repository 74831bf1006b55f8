#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`sevens plot --spectrum`: with the program, against its own `rate` and `fit`; with a made-up one
that answers a Gaussian experiment of one bin axis, against numbers known in advance.

SEVENS is the program, SEVENS_SOURCE_DIR the repository."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

try:
    import h5netcdf  # noqa: F401
    import matplotlib  # noqa: F401
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("SEVENS_SOURCE_DIR", os.path.dirname(HERE))
PROGRAM = os.environ.get("SEVENS", os.path.join(SOURCE, "build", "sevens"))
SCRIPTS, RELEASES = os.path.join(SOURCE, "python"), os.path.join(SOURCE, "releases")
sys.path.insert(0, SCRIPTS)
import sevens_page  # noqa: E402
import sevens_plot  # noqa: E402
import sevens_spectrum  # noqa: E402
import sevens_stack  # noqa: E402

SCAN = """\
schema: 1
name: small
model:
  - {kind: sm, couplings: tree, kinematics: k1}
  - {kind: zprime, as: v, charges: universal}
parameters: {v.m_zp: 10, rn_cs: 5.2}
ties: {rn_i: rn_cs - 0.06}
axes:
  - {param: v.g_zp, min: 1.0e-6, max: 1.0e-2, n: 3, spacing: log}
experiments: [{name: coherent-csi-2021, es: true}]
"""
POINT = ("--at", "v.g_zp=3e-5")
# An answer of `rate` with one axis of unequal bins and a Gaussian likelihood, and one with equal.
FAKE = {
    "experiment": "made-up",
    "parameters": {"s2w": 0.25, "rn_ge": None},
    "bin_axes": [{"name": "recoil_energy", "unit": "keVnr", "edges": [1.0, 2.0, 4.0, 8.5]}],
    "signal": {
        "total": 22.0,
        "components": [
            {"process": "es", "flavour": "nubar_e", "total": 4.0, "bins": [1.0, 1.0, 2.0]},
            {"process": "cevns", "flavour": "nubar_e", "total": 18.0, "bins": [9.0, 6.0, 3.0]},
        ],
    },
    "background": [
        {"name": "epithermal", "total": 9.0, "bins": [2.0, 3.0, 4.0]},
        {"name": "ss", "total": 3.0, "bins": [1.0, 1.0, 1.0]},
    ],
    "observed": [14.5, 10.0, 11.25],
    "sigma": [1.5, 2.0, 2.5],
    "chi2": 7.125,
    "nuisances": [
        {"name": "signal", "value": 1.5, "pull": 0.5},
        {"name": "epithermal", "value": 0.5, "pull": -1.0},
        {"name": "ss", "value": 2.0, "pull": 0.0},
    ],
}
FAKE_PROGRAM = """\
#!{python}
import json, sys
command = sys.argv[1]
with open({log!r}, "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
answers = {answers!r}
if command == "--version":
    print("sevens 1.2.3\\ncommit 0123456789abcdef, changed")
elif command not in answers:
    sys.exit("sevens " + command + ": error: broken")
else:
    print(answers[command])
"""


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.write("small.yaml", SCAN)
        self.environment = {**os.environ, "SEVENS_DATA": RELEASES, "SEVENS_PYTHON_DIR": SCRIPTS}

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def run_program(self, *args):
        return subprocess.run(
            [PROGRAM, *args],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    def answer(self, *args):
        run = self.run_program(*args, "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def plot(self, *args):
        """The report of a figure."""
        return self.answer("plot", "--spectrum", *args)

    def refused(self, args, *words, code=2):
        run = self.run_program("plot", "--spectrum", *args)
        self.assertEqual(run.returncode, code, run.stderr)
        self.assertIn("sevens plot: error: ", run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)

    def near(self, found, expected, rtol=1e-12, atol=0.0):
        ok = np.abs(np.asarray(found) - expected) <= atol + rtol * np.abs(expected)
        self.assertTrue(np.all(ok), f"{found} is not {expected}")

    def options(self, *args):
        args = ["--spectrum", self.path("small.yaml"), *args]
        options = sevens_plot.make_parser().parse_args(args)
        options.norms, options.subtract = options.norms or "profiled", options.subtract or []
        return options

    def spectra(self, *args, program=None):
        """What a figure is drawn from."""
        options = self.options(*args)
        names = {"SEVENS_PROGRAM": program or PROGRAM, "SEVENS_DATA": RELEASES}
        with unittest.mock.patch.dict(os.environ, names):
            return sevens_spectrum.read(sevens_plot.make_parser(), options), options

    def words(self, name):
        """All text of an SVG: matplotlib leaves it in comments."""
        return re.findall(r"<!-- (.*?) -->", self.read(name).decode())


class Numbers(Case):
    def test_garwood(self):
        """Intervals of Garwood as in tables (68.27 %), and the approximation where it begins."""
        for count, low, high in ((0, 0, 1.8410), (1, 0.1728, 3.2995), (10, 6.8913, 14.2669)):
            below, above = sevens_spectrum.poisson_error(count)
            self.near([count - below, count + above], [low, high], rtol=2e-5, atol=6e-5)
        exact = sevens_spectrum.poisson_error(100)
        self.near(sevens_spectrum.poisson_error(100 + 1e-9), exact, rtol=1e-3)

    def test_profiled_counts_give_the_chi2(self):
        """The bins drawn, with the pulls, make the chi2 that the legend says."""
        (spectrum,), _ = self.spectra(*POINT)
        rate = self.answer("rate", "small.yaml", *POINT)
        pulls = sum(n["pull"] ** 2 for n in rate["nuisances"])
        n, mu = spectrum.point.observed, spectrum.point.total
        filled = n > 0
        poisson = 2 * np.sum(mu - n) + 2 * np.sum(n[filled] * np.log(n[filled] / mu[filled]))
        self.near(poisson + pulls, rate["chi2"], rtol=1e-9)
        self.near(spectrum.point.chi2, rate["chi2"])

    def test_standard_model_is_that_of_the_fit(self):
        (spectrum,), _ = self.spectra(*POINT)
        self.near(spectrum.standard.chi2, self.answer("fit", "small.yaml")["chi2_sm"], rtol=1e-10)
        self.assertGreater(spectrum.point.chi2, spectrum.standard.chi2 + 1)

    def test_sums_along_axes(self):
        (spectrum,), _ = self.spectra(*POINT, "--norms", "central")
        rate = self.answer("rate", "small.yaml", *POINT)
        point, n_time = spectrum.point, 11
        self.near(point.parts["background", "brn"].sum(), 18.4, rtol=1e-9)
        self.near(point.parts["cevns", "nu_mu"].shape, (9, n_time))
        energy = [sum(rate["observed"][k * n_time : (k + 1) * n_time]) for k in range(9)]
        time = [sum(rate["observed"][k::n_time]) for k in range(n_time)]
        self.near(point.along(0, point.observed), energy)
        self.near(point.along(1, point.observed), time)
        self.near(point.axes[0].height(point.along(0, point.observed))[0], energy[0] / 8)
        self.assertEqual(point.axes[1].height_label(), r"events / $\mu$s")
        es = sum(c["total"] for c in rate["signal"]["components"] if c["process"] == "es")
        self.near(point.parts["es", ""].sum(), es, rtol=1e-9)
        self.assertEqual(list(point.parts)[:3], [("background", b) for b in ("ss", "brn", "nin")])
        self.assertEqual(list(point.parts)[-1], ("es", ""))


class Figures(Case):
    def test_report_and_formats(self):
        found = self.plot("small.yaml", *POINT, "-o", "a.svg")
        self.assertEqual(found["figure"], "a.svg")
        self.assertEqual(found["norms"], "profiled")
        (experiment,) = found["experiments"]
        rate = self.answer("rate", "small.yaml", *POINT)
        self.near(experiment["chi2"], rate["chi2"])
        self.near(experiment["observed"], sum(rate["observed"]))
        text = " ".join(self.words("a.svg"))
        for word in ("data (1578)", "Standard Model", "energy", "ES", "Akimov"):
            self.assertIn(word, text)
        self.assertIn(f"{rate['chi2']:.2f}", text)
        self.plot("small.yaml", *POINT, "-o", "b.svg")
        self.assertEqual(self.read("a.svg"), self.read("b.svg"))
        for suffix, magic in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
            run = self.run_program("plot", "--spectrum", "small.yaml", *POINT, "-o", f"a.{suffix}")
            self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)
            self.assertIn(f"wrote a.{suffix}", run.stderr)
            self.assertTrue(self.read(f"a.{suffix}").startswith(magic))

    def test_default_name(self):
        self.plot("small.yaml", *POINT)
        self.assertTrue(self.read("small-spectrum.png").startswith(b"\x89PNG"))

    def test_subtraction(self):
        """Data, stack and lines fall by the same, so that what lies between them stays."""
        heights = []
        for extra in ((), ("--subtract", "ss,nin")):
            (spectrum,), options = self.spectra(*POINT, *extra)
            with sevens_page.style():
                figure = sevens_stack.draw(spectrum, options)
            patches = figure.axes[0].patches
            heights.append([patch.get_data().values for patch in patches])
        point, energy = spectrum.point, spectrum.point.axes[0]
        removed = point.parts["background", "ss"] + point.parts["background", "nin"]
        removed = energy.height(point.along(0, removed))
        full, less = heights
        self.assertEqual(len(full), len(less) + 2)
        for k in (-1, -2, -3):  # the lines and the top of the stack
            self.near(less[k], full[k] - removed, atol=1e-9)
        self.near(full[-1], full[-3], atol=1e-9)  # the model's line is the top of the stack
        self.plot("small.yaml", *POINT, "--subtract", "ss", "-o", "a.svg")
        text = " ".join(self.words("a.svg"))
        self.assertIn("subtracted", text)
        self.assertNotIn("steady state (", text)
        self.refused(["small.yaml", *POINT, "--subtract", "sss"], "'sss'", "'ss'")

    def test_standard_model_alone(self):
        alone = ["--set=model=sm", "--set=axes=[]", "--set=ties={}"]
        self.plot("small.yaml", *alone, "--set=parameters={}", "-o", "a.svg")
        text = " ".join(self.words("a.svg"))
        self.assertIn("Standard Model", text)
        self.assertNotIn("these parameters", text)
        self.plot("small.yaml", *alone, "--set=parameters={s2w: 0.22}", "-o", "b.svg")
        self.assertIn("these parameters", " ".join(self.words("b.svg")))

    def test_several_experiments(self):
        data = self.path("data")
        shutil.copytree(RELEASES, data)
        copy = os.path.join(data, "made-up-2030")
        shutil.copytree(os.path.join(data, "coherent-csi-2021"), copy)
        with open(os.path.join(copy, "release.yaml"), encoding="utf-8") as file:
            text = file.read().replace('name: "coherent-csi-2021"', 'name: "made-up-2030"')
        self.write("data/made-up-2030/release.yaml", text)
        self.environment["SEVENS_DATA"] = data
        both = SCAN.replace("es: true}]", "es: true}, {name: made-up-2030}]")
        self.write("both.yaml", both)
        found = self.plot("both.yaml", *POINT, "-o", "a.pdf")
        names = ["coherent-csi-2021", "made-up-2030"]
        self.assertEqual([e["experiment"] for e in found["experiments"]], names)
        self.assertEqual(len(re.findall(rb"/Type /Page\b", self.read("a.pdf"))), 2)
        words = ("both.yaml", *names, "--experiment", ".pdf")
        self.refused(["both.yaml", *POINT, "-o", "a.png"], *words)
        found = self.plot("both.yaml", *POINT, "-o", "a.png", "--experiment", names[1])
        self.assertEqual([e["experiment"] for e in found["experiments"]], names[1:])


class Experiments(Case):
    """What is particular to the likelihood of one experiment."""

    def scan(self, entry):
        self.write("small.yaml", SCAN.replace("{name: coherent-csi-2021, es: true}", entry))

    def figure(self, *args):
        """Spectrum, figure and its words."""
        (spectrum,), options = self.spectra(*POINT, *args)
        with sevens_page.style():
            figure = sevens_stack.draw(spectrum, options)
        words = [text.get_text() for text in figure.texts]
        for legend in figure.legends:
            words += [text.get_text() for text in [legend.get_title(), *legend.get_texts()]]
        for axes in figure.axes:
            words += [axes.get_xlabel(), axes.get_ylabel()]
            words += [tick.get_text() for tick in axes.get_xticklabels()]
        return spectrum, figure, words

    def rate(self):
        return self.answer("rate", "small.yaml", *POINT)

    def test_counts_without_beam(self):
        """CsI 2017 in energy and time: anti-coincident counts are part of the stack, one norm
        multiplies signal and neutrons, and their difference has the errors of both."""
        self.scan("{name: coherent-csi-2017, es: false, analysis: 2d}")
        spectrum, _, words = self.figure()
        point, rate = spectrum.point, self.rate()
        norm = {n["name"]: n["value"] for n in rate["nuisances"]}["signal"]
        (neutrons,) = rate["background"]
        beam = rate["signal"]["total"] + neutrons["total"]
        self.near(point.parts["background", "ss"].sum(), sum(rate["off"]))
        self.near(point.total.sum(), sum(rate["off"]) + norm * beam)
        self.assertIn(f"anti-coincident counts ({sum(rate['off']):.0f})", words)
        self.assertTrue(any("integrated" in word for word in words), words)
        _, _, words = self.figure("--subtract", "ss")
        self.assertIn(f"data ({sum(rate['observed']) - sum(rate['off']):.0f})", words)
        self.assertTrue(any("anti-coincident counts subtracted" in word for word in words), words)
        n, off = point.along(0, point.observed)[3], point.along(0, point.off)[3]
        low, high = (sevens_spectrum.poisson_error(value) for value in (n, off))
        expected = [np.hypot(low[0], high[1]), np.hypot(low[1], high[0])]
        self.near(point.errors(0, ("ss",))[:, 3], expected)
        self.near(point.errors(0)[:, 3], low)

    def test_background_function(self):
        """Dresden-II: counts per day, 130 points, a function for a background."""
        self.scan("{name: dresden2, es: false}")
        spectrum, figure, words = self.figure()
        self.near(spectrum.point.errors(0)[0], self.rate()["sigma"])
        function = spectrum.point.parts["background", "lines"].sum()
        label = f"background function ({function:.1f}"
        for word in ("Dresden-II", "/ day", "events per day", label):
            self.assertTrue(any(word in text for text in words), (word, words))
        self.assertFalse(any("central" in word for word in words), words)
        residual = spectrum.point.observed - spectrum.point.total
        pulls = {n["name"]: n["pull"] for n in self.rate()["nuisances"]}
        chi2 = np.sum((residual / spectrum.point.sigma) ** 2) + pulls["ratio"] ** 2
        self.near(chi2, spectrum.point.chi2, rtol=1e-9)
        self.scan("{name: dresden2, es: true, data: 'off', quenching: ybe}")
        _, _, words = self.figure()
        self.assertTrue(any("YBe quenching" in w and "reactor off" in w for w in words), words)
        self.assertFalse(any(word.startswith("ES") for word in words), words)  # it is exactly 0

    def test_panels_of_many_axes(self):
        self.scan("{name: xenonnt-8b}")
        spectrum, figure, words = self.figure()
        self.assertEqual(len(figure.axes), 5)
        for word in ("SR0", "SR2", "cS2 bin", "accidental coincidences"):
            self.assertTrue(any(word in text for text in words), (word, words))
        boxes = [axes.get_position() for axes in figure.axes]
        self.assertEqual(len({round(box.y0, 6) for box in boxes}), 2)
        for k, box in enumerate(boxes):
            self.assertTrue(box.x0 > 0 and box.x1 < 1 and box.y0 > 0 and box.y1 < 1)
            for other in boxes[:k]:
                self.assertFalse(box.overlaps(other))
        self.near(spectrum.point.along(0, spectrum.point.observed).sum(), 62)

    def test_projection(self):
        """Expected counts are not shown as data."""
        self.scan("{name: ricochet}")
        spectrum, figure, words = self.figure()
        self.assertFalse(any(word.startswith("data") for word in words), words)
        self.assertTrue(any("projection" in word for word in words), words)
        self.assertIn("statistical error (no data)", words)
        self.assertEqual(figure.axes[0].get_xscale(), "log")
        expected = spectrum.point.observed
        self.near(spectrum.standard.total, expected, rtol=1e-9)
        self.near(spectrum.point.errors(0), [np.sqrt(expected)] * 2)

    def test_negative_data_and_options(self):
        self.scan("{name: coherent-lar-2020, analysis: 1d}")
        spectrum, _, words = self.figure()
        self.assertTrue(any("LAr 2020 (energy)" in word for word in words), words)
        self.near(spectrum.point.errors(0)[1], self.rate()["sigma"])
        self.assertIn("delbrn", dict(spectrum.point.parts.keys()).values())


class Faults(Case):
    def test_point_and_names(self):
        self.refused(["small.yaml"], "axis v.g_zp", "--at v.g_zp=VALUE")
        self.refused(["small.yaml", "--at", "v.g_z=1"], "'v.g_z'")
        self.refused(["small.yaml", *POINT, "--set", "axs=1"], "axs", "axes")
        self.refused(["small.yaml", *POINT, "--experiment", "coherent-csi-2012"], "did you mean")
        code = self.run_program("rate", "absent.yaml").returncode
        self.refused(["absent.yaml"], "absent.yaml", code=code)
        self.assertEqual(os.listdir(self.folder), ["small.yaml"])

    def test_wrong_use(self):
        self.refused(["small.yaml", *POINT, "-o", "a.pgn"], "did you mean 'png'?")
        self.refused(["small.yaml", *POINT, "--norms", "profile"], "'profiled'")
        self.refused(["small.yaml", *POINT, "--cl", "0.9"], "--cl does not go with --spectrum")
        self.refused(["small.yaml", "map.h5"], "map.h5")
        self.refused(["small.yaml", *POINT, "--title", "$\\nonsense$"], "--title")
        self.refused(["small.yaml", *POINT, "-o", "no/a.png"], "No such file", code=1)
        maps = ["map.h5", "--subtract", "ss"]
        for args, word in ((maps, "--subtract needs"), ([], "--spectrum")):
            run = self.run_program("plot", *args)
            self.assertEqual(run.returncode, 2)
            self.assertIn(word, run.stderr)

    def test_help(self):
        text = self.run_program("plot", "--help").stdout
        for option in ("--spectrum", "--set", "--experiment", "--norms", "--subtract", "--at"):
            self.assertIn(option, text)


class MadeUp(Case):
    """A Gaussian experiment with one bin axis."""

    def program(self, **changed):
        config = {"name": "x", "experiments": [{"name": "made-up"}], "ties": {}}
        config["model"] = [{"kind": "sm", "couplings": "tree"}]
        release = {"name": "made-up", "citation": "Someone et al.", "doi": "10.0/x"}
        answers = {
            "rate": FAKE,
            "scan": config,
            "experiments": {"experiments": [release]},
            "models": {"models": [{"parameters": [{"name": "s2w", "unit": "1"}]}]},
            **changed,
        }
        answers = {k: v if isinstance(v, str) else json.dumps(v) for k, v in answers.items() if v}
        log = self.path("log")
        self.write("fake", FAKE_PROGRAM.format(python=sys.executable, log=log, answers=answers))
        os.chmod(self.path("fake"), 0o755)
        return self.path("fake")

    def test_gaussian(self):
        (spectrum,), _ = self.spectra(program=self.program())
        point = spectrum.point
        self.near(point.errors(0), [[1.5, 2.0, 2.5]] * 2)
        self.near(point.total, [15 + 1 + 2, 10.5 + 1.5 + 2, 7.5 + 2 + 2])
        keys = [("background", "ss"), ("background", "epithermal")]
        self.assertEqual(list(point.parts), [*keys, ("cevns", "nubar_e"), ("es", "")])
        self.near(point.axes[0].height(point.observed), [14.5, 5.0, 2.5])
        self.assertEqual(point.axes[0].label, "recoil energy [keVnr]")
        self.assertEqual(point.axes[0].height_label(), "events / keVnr")
        (central,), _ = self.spectra("--norms", "central", program=self.path("fake"))
        self.near(central.point.total, [13, 11, 10])

    def test_equal_bins(self):
        axis = sevens_spectrum.Axis({"name": "t", "unit": "keV", "edges": [0.5, 1.0, 1.5]})
        self.assertEqual(axis.height_label(), "events / 0.5 keV")
        self.near(axis.height(np.array([3.0, 4.0])), [3.0, 4.0])

    def test_logarithmic_bins(self):
        """Bins of equal width in ln x are counts, others counts per unit; both log from a decade."""
        edges = [0.05, 0.5, 5.0, 50.0]
        axis = sevens_spectrum.Axis({"name": "energy", "unit": "keVnr", "edges": edges})
        self.assertTrue(axis.log)
        self.assertEqual(axis.height_label(), "events / bin")
        self.near(axis.height(np.array([1.0, 2.0, 3.0])), [1.0, 2.0, 3.0])
        self.near(axis.centres, np.array([0.05, 0.5, 5.0]) * np.sqrt(10))
        edges = [0.05, 0.5, 1.0, 3.0]
        axis = sevens_spectrum.Axis({"name": "energy", "unit": "keVnr", "edges": edges})
        self.assertTrue(axis.log)
        self.assertEqual(axis.height_label(5), "$10^{5}$ events / keVnr")
        self.near(axis.height(np.array([9.0, 2.0, 3.0])), [20.0, 4.0, 1.5])
        for edges in ([5.0, 6.0, 50.0], [0.0, 1.0, 60.0]):
            axis = sevens_spectrum.Axis({"name": "energy", "unit": "PE", "edges": edges})
            self.assertFalse(axis.log)

    def test_numbered_bins(self):
        runs = {"name": "run", "unit": "1", "edges": [0.0, 1.0, 2.0, 3.0]}
        axis = sevens_spectrum.Axis(runs, "xenonnt-8b")
        self.assertEqual((axis.label, axis.bins), ("run", ("SR0", "SR1", "SR2")))
        axis = sevens_spectrum.Axis({**runs, "name": "s2_shadow"}, "xenonnt-8b")
        self.assertEqual((axis.label, list(axis.bins)), ("S2 shadow bin", [0, 1, 2]))
        self.assertEqual(axis.height_label(), "events / bin")
        axis = sevens_spectrum.Axis({"name": "f90", "unit": "1", "edges": [0.5, 0.6, 0.7]})
        self.assertEqual((axis.label, axis.numbered), ("F90", False))

    def test_one_panel(self):
        (spectrum,), options = self.spectra(program=self.program())
        with sevens_page.style():
            figure = sevens_stack.draw(spectrum, options)
        (axes,) = figure.axes
        self.near(axes.get_xlim(), (1.0, 8.5))
        self.assertGreaterEqual(axes.get_ylim()[1], 18.0)
        self.near(figure.get_size_inches()[0], sevens_stack.COLUMN)
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
        self.assertTrue(any("7.12" in label or "7.13" in label for label in labels), labels)
        self.assertIn("epithermal (4.5)", labels)
        self.assertNotIn("central", figure.legends[0].get_title().get_text())

    def test_nuisance_that_is_no_norm(self):
        quenching = {"name": "quenching", "value": 0.3, "pull": 0.3}
        rate = {**FAKE, "nuisances": [*FAKE["nuisances"], quenching]}
        (spectrum,), options = self.spectra(program=self.program(rate=rate))
        with sevens_page.style():
            figure = sevens_stack.draw(spectrum, options)
        self.assertIn("quenching central", figure.legends[0].get_title().get_text())

    def test_calls(self):
        """The Standard Model keeps the options of its kind and drops all else."""
        self.spectra("--at", "s2w=0.25", "--set", "tile=7", program=self.program())
        with open(self.path("log"), encoding="utf-8") as file:
            calls = [json.loads(line) for line in file]
        rates = [call for call in calls if call[0] == "rate"]
        self.assertEqual(len(rates), 2)
        self.assertIn("--at=s2w=0.25", rates[0])
        self.assertFalse(any(word.startswith("--at") for word in rates[1]))
        for word in ("--set=tile=7", 'model=[{"kind": "sm", "couplings": "tree"}]', "ties={}"):
            self.assertTrue(any(word in argument for argument in rates[1]), rates[1])

    def test_broken_program(self):
        for changed, words in (({"rate": None}, "broken"), ({"rate": "no json"}, "no JSON")):
            with self.assertRaisesRegex(sevens_spectrum.MapError, words):
                self.spectra(program=self.program(**changed))
        with self.assertRaisesRegex(sevens_spectrum.MapError, "SEVENS_PROGRAM"):
            self.spectra(program="/nonexistent/sevens")


if not os.access(PROGRAM, os.X_OK):
    print(f"skipped: no program at {PROGRAM}")
    sys.exit(77)
if __name__ == "__main__":
    unittest.main()
