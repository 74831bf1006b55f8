#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The program as users and scripts meet it: help, exit codes, messages, JSON answers, signals.

SEVENS is the program, SEVENS_SOURCE_DIR the root of the sources (default: the folder above)."""
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = os.environ.get(
    "SEVENS_SOURCE_DIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
)
PROGRAM = os.environ.get("SEVENS", os.path.join(SOURCE, "build", "sevens"))
COMMANDS = (
    "scan check info compare xsec rate fit interval contour limit plot overlay models experiments"
    " ingest"
).split()
SCRIPTS = ("contour", "limit", "plot")

SCAN = """\
schema: 1
name: small
model: {kind: zprime, charges: universal}
axes:
  - {param: m_zp, unit: MeV, min: 10, max: 1000, n: 4, spacing: log}
  - {param: g_zp, min: 1.0e-5, max: 1.0e-2, n: 30, spacing: log}
experiments: [{name: coherent-csi-2021, es: false}]
output: {file: small.h5, precision: f64}
"""
# A cross section that can be written down: no form factor, couplings at tree level.
TREE = """\
schema: 1
name: tree
model:
  - {kind: sm, couplings: tree, form_factor: none, kinematics: k0}
  - {kind: zprime, charges: universal}
axes:
  - {param: g_zp, min: 1.0e-5, max: 1.0e-2, n: 3, spacing: log}
experiments: [{name: coherent-csi-2021, es: false}]
"""


def setUpModule():
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)


class Case(unittest.TestCase):
    """A scratch folder as working folder, with the scan files above."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.write("small.yaml", SCAN)
        self.write("tree.yaml", TREE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_program(self, *args, env=None, stdout=subprocess.PIPE):
        return subprocess.run(
            [PROGRAM, *args],
            cwd=self.folder,
            env={**os.environ, **(env or {})},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=280,
            check=False,
        )

    def ok(self, *args, code=0, env=None):
        run = self.run_program(*args, env=env)
        self.assertEqual(run.returncode, code, f"{args}\n{run.stdout}\n{run.stderr}")
        return run

    def answer(self, *args, code=0):
        """The JSON document on stdout, which holds nothing else."""
        run = self.ok(*args, "--json", code=code)
        self.assertEqual(run.stdout.count("\n"), 1, run.stdout)
        return json.loads(run.stdout, parse_constant=self.fail)

    def refused(self, args, *fragments, code=2):
        run = self.ok(*args, code=code)
        self.assertEqual(run.stdout, "", args)
        self.assertTrue(run.stderr.startswith("sevens"), run.stderr)
        self.assertIn("error: ", run.stderr)
        for fragment in fragments:
            self.assertIn(fragment, run.stderr, args)

    def near(self, value, expected, rtol=1e-9, atol=0.0):
        self.assertLessEqual(abs(value - expected), atol + rtol * abs(expected))


class Help(Case):
    def test_list(self):
        for args in (["--help"], ["-h"], ["help"]):
            listed = re.findall(r"^  ([a-z]+) ", self.ok(*args).stdout, re.MULTILINE)
            self.assertEqual(set(COMMANDS) - set(listed), set())

    def test_every_command(self):
        listed = re.findall(r"^  ([a-z]+) ", self.ok("--help").stdout, re.MULTILINE)
        for command in listed:
            for args in ([command, "--help"], [command, "-h"], ["help", command]):
                run = self.ok(*args)
                self.assertIn(f"sevens {command}", run.stdout)
                self.assertIn("--json", run.stdout)
                self.assertEqual(run.stderr, "")

    def test_shared_options(self):
        for command in ("scan", "check", "xsec", "rate", "fit", "interval"):
            text = self.ok(command, "--help").stdout
            for option in ("--at=", "--set=", "--json", "--quiet", "--verbose"):
                self.assertIn(option, text, command)
        for command in ("scan", "check"):
            for option in ("--backend=", "--threads=", "--precision="):
                self.assertIn(option, self.ok(command, "--help").stdout)

    def test_version(self):
        for args in (["--version"], ["-V"], ["scan", "--version"]):
            text = self.ok(*args).stdout
            for word in ("sevens ", "commit ", "HDF5 ", "GSL ", "CUDA ", "serial", "openmp", "cuda"):
                self.assertIn(word, text)


class WrongUse(Case):
    def test_commands(self):
        self.refused([], "--help")
        self.refused(["scna"], "'scna'", "'scan'")
        self.refused(["intervall"], "'interval'")
        self.refused(["--json", "scan"], "sevens COMMAND --json")
        self.refused(["merge", "a.h5", "b.h5"], "'merge' is not available in this version")

    def test_options(self):
        self.refused(["scan", "--backand", "cuda", "small.yaml"], "'--backand'", "'--backend'")
        self.refused(["fit", "--Json", "small.yaml"], "'--json'")
        self.refused(["models", "--at", "g_zp=1"], "'--at'")
        self.refused(["scan", "-z", "small.yaml"], "'-z'")
        self.refused(["scan", "small.yaml", "--threads"], "'--threads' needs a value")
        self.refused(["scan", "small.yaml", "-o"], "'-o' needs a value")
        self.refused(["scan", "--json=yes", "small.yaml"], "takes no value")
        self.refused(["scan", "--re", "--force", "small.yaml"], "--resume", "--force")

    def test_abbreviations(self):
        self.refused(["scan", "--pre", "f64", "absent.yaml"], "absent.yaml")
        self.refused(["scan", "--pr", "f64", "small.yaml"], "ambiguous")

    def test_arguments(self):
        self.refused(["scan"], "SCAN.yaml")
        self.refused(["scan", "small.yaml", "other.yaml"], "'other.yaml'")
        self.refused(["compare", "a.h5"], "A.h5 B.h5")
        self.refused(["models", "zprime"], "'zprime'")

    def test_values(self):
        self.refused(["scan", "--threads", "2oo", "small.yaml"], "'2oo'", "whole number")
        self.refused(["scan", "--threads", "-1", "small.yaml"], "-1")
        self.refused(["scan", "--backend", "opnmp", "small.yaml"], "'opnmp'", "'openmp'")
        self.refused(["scan", "--precision", "f16", "small.yaml"], "'f16'", "f64", "f32")
        self.refused(["scan", "--shard", "1/4", "small.yaml"], "not available yet")
        for cl, words in (("90", "write 0.9 for 90 %"), ("1", "between 0 and 1"), ("x", "'x'")):
            self.refused(["interval", "small.yaml", "--param", "g_zp", "--cl", cl], "--cl", words)
        self.refused(["interval", "small.yaml", "--param", "g_zp", "--dof", "0"], "--dof")
        self.refused(["interval", "small.yaml"], "--param")
        self.refused(["interval", "small.yaml", "--param", "g_z"], "'g_z'", "'g_zp'")
        self.refused(["compare", "a.h5", "b.h5", "--tol", "small"], "--tol", "'small'")

    def test_missing_backend(self):
        version = self.ok("--version").stdout
        if re.search(r"cuda +available", version):
            self.skipTest("the cuda backend is there")
        self.refused(["scan", "--backend", "cuda", "small.yaml"], "cuda", code=3)
        self.assertFalse(os.path.exists(self.path("small.h5")))

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w", encoding="utf-8") as full:
            run = self.run_program("models", stdout=full)
        self.assertEqual(run.returncode, 1)
        self.assertIn("standard output", run.stderr)


    def test_closed_streams(self):
        """What is opened after a stream was closed is not taken for it."""

        def run(redirect, *args):
            return subprocess.run(
                ["bash", "-c", f'exec "$@" {redirect}', "-", PROGRAM, *args],
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=280,
                check=False,
            )

        closed = run(">&-", "scan", "small.yaml", "-q")
        self.assertEqual(closed.returncode, 1)
        self.assertIn("standard output", closed.stderr)
        self.assertEqual(run("<&- >&- 2>&-", "scan", "small.yaml", "-v", "--force").returncode, 1)
        self.assertTrue(self.answer("info", "small.h5")["complete"])
        self.assertEqual(run("<&- 2>&-", "scan", "small.yaml", "-o", "b.h5", "-v").returncode, 0)
        self.ok("compare", "small.h5", "b.h5")
        contour = run(">&-", "contour", "small.h5")
        if "has no module" not in contour.stderr:  # numpy, matplotlib, h5netcdf
            self.assertEqual(contour.returncode, 1)
            self.assertIn("error: standard output: Bad file descriptor\n", contour.stderr)
            self.assertNotIn("Traceback", contour.stderr)


class ScanFile(Case):
    def test_faults_with_place_and_nearest_name(self):
        self.write("bad.yaml", SCAN.replace("spacing: log}\n  -", "spacng: log}\n  -"))
        self.refused(["check", "bad.yaml"], "bad.yaml:5:", "spacng", "spacing")

    def test_all_faults_at_once(self):
        text = SCAN.replace("n: 4", "n: four").replace("precision: f64", "precision: f61")
        self.write("bad.yaml", text)
        self.refused(["check", "bad.yaml"], "bad.yaml:5:", "four", "bad.yaml:8:", "f61")

    def test_overrides(self):
        self.assertEqual(self.answer("check", "small.yaml", "--set", "axes.0.n=7")["points"], 210)
        self.assertEqual(self.answer("check", "small.yaml", "--at", "m_zp=50")["points"], 30)
        self.refused(["check", "small.yaml", "--set", "axes.5.n=7"], "axes.5.n")
        self.refused(["check", "small.yaml", "--set", "axs.0.n=7"], "axs", "axes")
        self.refused(["check", "small.yaml", "--at", "m_z=50"], "m_z", "m_zp")
        self.refused(["check", "small.yaml", "--at", "m_zp"], "m_zp")
        self.refused(["check", "small.yaml", "--at", "m_zp=ten"], "ten")

        self.refused(["fit", "small.yaml", "--at", "m_zp=50", "--at", "g_zp=1e-4"], "--at fixes")

    def test_places_of_what_the_releases_lack(self):
        self.write("bad.yaml", SCAN.replace("csi-2021", "csi-2012"))
        self.refused(["check", "bad.yaml"], "bad.yaml:7:22: error: ", "'coherent-csi-2017'")
        self.write("bad.yaml", SCAN + 'nuisances: {"coherent-csi-2021:sgnal": {sigma: 0.1}}\n')
        self.refused(["check", "bad.yaml"], "bad.yaml:9:13: error: ", "'signal'")

    def test_release_in_a_folder_of_another_name(self):
        there = os.path.join(SOURCE, "releases", "coherent-csi-2021")
        self.write("small.yaml", SCAN.replace("csi-2021", "csi-2012"))
        os.symlink(there, self.path("coherent-csi-2012"))
        run = self.ok("check", "small.yaml", code=2, env={"SEVENS_DATA": self.folder})
        self.assertIn("small.yaml:7:22: error: ", run.stderr)
        self.assertIn("has the name 'coherent-csi-2021'", run.stderr)

    def test_parameter_without_value(self):
        for command in ("fit", "check"):
            self.refused([command, "tree.yaml"], "m_zp")

    def test_validation_page(self):
        """docs/validation.md has every row that the program compares, with its reference."""
        with open(os.path.join(SOURCE, "docs", "validation.md"), encoding="utf-8") as file:
            page = [line.split("|") for line in file if line.startswith("| ")]
        known = {(row[1].strip(), row[3].strip()) for row in page}
        rows = [line.split("|") for line in self.ok("validate", "--markdown").stdout.splitlines()]
        self.assertGreater(len(rows), 120)
        for row in rows[2:]:
            self.assertIn((row[1].strip(), row[3].strip()), known)

    def test_missing_file(self):
        self.refused(["scan", "absent.yaml"], "absent.yaml")

    def test_printed_config_is_a_scan_file(self):
        self.write("printed.yaml", self.ok("scan", "small.yaml", "--print-config").stdout)
        printed = self.answer("check", "printed.yaml")
        original = self.answer("check", "small.yaml")
        for key in ("name", "model", "axes", "points", "chi2_sm"):
            self.assertEqual(printed[key], original[key])
        self.assertEqual(self.answer("scan", "small.yaml", "--print-config")["name"], "small")

    def test_check(self):
        found = self.answer("check", "small.yaml", "--backend", "serial")
        self.assertEqual(found["points"], 120)
        self.assertEqual(found["template_nodes"], 4)
        self.assertEqual(found["row_axis"], "g_zp")
        self.assertEqual(found["backend"], "serial")
        self.assertEqual([axis["name"] for axis in found["axes"]], ["m_zp", "g_zp"])
        self.assertEqual([axis["unit"] for axis in found["axes"]], ["MeV", "1"])
        self.assertGreaterEqual(found["output_bytes"], 8 * 120)
        self.assertGreater(found["memory_bytes"], 0)
        self.assertGreater(found["expected_seconds"]["templates"], 0)
        self.assertGreater(found["expected_seconds"]["grid"], 0)
        self.assertIn("120", self.ok("check", "small.yaml").stdout)


class Listings(Case):
    def test_check_output(self):
        """The folder of output.file is looked at; for any other there is scan -o."""
        self.refused(
            ["check", "small.yaml", "--set", "output.file=nowhere/small.h5"],
            "cannot create nowhere/small.h5: No such file or directory",
            code=1,
        )
        self.ok("check", "small.yaml", "--set", f"output.file={self.folder}/x.h5")

    def test_models(self):
        models = {entry["kind"]: entry for entry in self.answer("models")["models"]}
        self.assertIn("sm", models)
        parameters = {p["name"]: p for p in models["zprime"]["parameters"]}
        self.assertEqual(parameters["m_zp"]["unit"], "MeV")
        self.assertTrue(parameters["m_zp"]["required"])
        self.assertEqual(parameters["g_zp"]["default"], 0)
        self.assertIn("charges", [o["name"] for o in models["zprime"]["options"]])
        # parameters of certain options, and roles
        variants = models["zprime"]["variants"]
        self.assertEqual(models["sm"]["variants"], [])
        self.assertEqual(len(variants), 3)
        self.assertIn("dark-z", variants[0]["options"])
        self.assertEqual([p["name"] for p in variants[0]["parameters"]], ["eps", "m_zp"])
        self.assertEqual(variants[2]["parameters"][2]["default"], 1000)
        self.assertEqual(models["lma-dark"]["parameters"][1]["role"], "nonlinear")

    def test_models_as_text(self):
        text = self.ok("models").stdout
        for entry in self.answer("models")["models"]:
            self.assertIn(f"{entry['kind']}: {entry['formula']}\n", text)
            for option in entry["options"]:
                self.assertRegex(text, rf"\n    {option['name']}( \[m\])? ")
            groups = [entry["parameters"]] + [v["parameters"] for v in entry["variants"]]
            for parameter in sum(groups, []):
                unit = "" if parameter["unit"] == "1" else f" [{parameter['unit']}]"
                self.assertIn(f"\n    {parameter['name']}{unit} ", text)
        self.assertIn("\n  parameters with charges: baryonic\n    g2_b ", text)
        self.assertIn("; -1e+06 to 1e+06, default -0.83\n", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 110)

    def test_experiments(self):
        found = {entry["name"]: entry for entry in self.answer("experiments")["experiments"]}
        csi = found["coherent-csi-2021"]
        self.assertEqual(csi["n_bins"], math.prod(axis["bins"] for axis in csi["bin_axes"]))
        self.assertGreater(csi["observed"], 0)
        self.assertRegex(csi["sha256"], "^[0-9a-f]{64}$")
        self.assertIn("signal", csi["nuisances"])
        text = self.ok("experiments").stdout
        for name in found:
            self.assertIn(name, text)
        self.assertIn("0 to 6 us; 1578 events observed\n", text)
        self.assertIn("0.2 to 1.5 keVee; 5106.25 observed, with gaussian errors\n", text)
        self.assertIn("8 in f90, 0.5 to 0.9 x 10 in time", text)  # no unit

    def test_data_folder(self):
        self.write("release.yaml", "name: nothing\n")
        run = self.run_program("check", "small.yaml", env={"SEVENS_DATA": self.folder})
        self.assertIn(run.returncode, (0, 2))  # found elsewhere, or refused; never a crash
        run = self.run_program("check", "small.yaml", env={"SEVENS_DATA": self.path("absent")})
        self.assertEqual(run.returncode, 2)
        self.assertIn("SEVENS_DATA names", run.stderr)
        self.assertIn("No such file or directory", run.stderr)

    def test_ingest(self):
        self.refused(["ingest", "coherent-csi-2020", "--from", "."], "coherent-csi-2021")
        known = self.ok("ingest", "nothing", "--from", ".", code=2).stderr.split("known: ")[1]
        words = " ".join(self.ok("ingest", "--help").stdout.split())
        for name in known.strip().split(", "):
            self.assertIn(name, words)
        self.refused(["ingest", "coherent-csi-2021"], "--from")
        edges = ["ingest", "coherent-csi-2021", "--from", ".", "-o", "new", "--energy-edges"]
        self.refused([*edges, "0,5,5"], "--energy-edges", "increase")
        self.refused([*edges, "0,x"], "'x'")
        self.refused([*edges, "3"], "two edges")
        self.refused(["ingest", "coherent-csi-2021", "--from", ".", "-o", "."], "--force")


class Points(Case):
    """xsec and rate: one parameter point."""

    NO_ZP = ("--at", "m_zp=100", "--at", "g_zp=0")

    def xsec(self, *args, flavour="nu_mu"):
        where = ("--nucleus", "Cs133", "--flavour", flavour, "--enu-mev", "30")
        return self.answer("xsec", *where, "tree.yaml", *args)

    def test_xsec(self):
        fermi, s2w, hbarc2, electron = 1.1663788e-11, 0.23857, 3.89379372e-22, 0.51099895
        mass = 132.905451958 * 931.49410242 - 55 * electron
        charge = 55 * (0.5 - 2 * s2w) - 78 * 0.5
        for t_kev in (1.0, 5.0, 14.0):
            k = 1 - mass * t_kev * 1e-3 / (2 * 30**2)
            expected = fermi**2 * mass / math.pi * k * charge**2 * hbarc2
            for flavour in ("nu_mu", "nubar_e"):
                found = self.xsec("--t-kev", str(t_kev), *self.NO_ZP, flavour=flavour)
                self.near(found["by_process"]["cevns"], expected)
                self.near(found["dsigma_dT_cm2_per_MeV"], sum(found["by_process"].values()))
                self.near(found["T_max_MeV"]["cevns"], 2 * 30**2 / (mass + 60))

    def test_xsec_with_mediator(self):
        fermi, s2w, hbarc2, electron = 1.1663788e-11, 0.23857, 3.89379372e-22, 0.51099895
        mass = 132.905451958 * 931.49410242 - 55 * electron
        g, m, t = 1.3e-4, 20.0, 0.004
        charge = 55 * (0.5 - 2 * s2w) - 78 * 0.5
        charge += 3 * 133 * g**2 / (math.sqrt(2) * fermi * (2 * mass * t + m**2))
        expected = fermi**2 * mass / math.pi * (1 - mass * t / 1800) * charge**2 * hbarc2
        found = self.xsec("--t-kev", "4", "--at", f"g_zp={g}", "--at", f"m_zp={m}")
        self.near(found["by_process"]["cevns"], expected)

    def test_xsec_above_the_largest_recoil(self):
        t_max = self.xsec("--t-kev", "1", *self.NO_ZP)["T_max_MeV"]["cevns"]
        below, above = str(1e3 * t_max * (1 - 1e-6)), str(1e3 * t_max * (1 + 1e-6))
        self.assertGreater(self.xsec("--t-kev", below, *self.NO_ZP)["by_process"]["cevns"], 0)
        self.assertEqual(self.xsec("--t-kev", above, *self.NO_ZP)["by_process"]["cevns"], 0)

    def test_xsec_refusals(self):
        full = ["xsec", "--nucleus", "Cs133", "--flavour", "nu_mu", "--enu-mev", "30"]
        self.refused([*full, "--t-kev", "5", "small.yaml"], "m_zp, g_zp", "--at m_zp=VALUE")
        self.refused([*full, "small.yaml", *self.NO_ZP], "--t-kev")
        self.refused(["xsec", "--nucleus", "Cs132", "small.yaml"], "'Cs132'", "'Cs133'")
        self.refused(["xsec", "--flavour", "nubar_muu", "small.yaml"], "'nubar_muu'", "'nubar_mu'")
        self.refused(["xsec", "--enu-mev", "-3", "small.yaml"], "--enu-mev")

    def test_rate(self):
        found = self.answer("rate", "small.yaml", "--at", "m_zp=100", "--at", "g_zp=1e-4")
        self.assertEqual(found["experiment"], "coherent-csi-2021")
        self.assertEqual(found["parameters"]["g_zp"], 1e-4)
        self.assertEqual(found["parameters"]["m_zp"], 100)
        n = math.prod(len(axis["edges"]) - 1 for axis in found["bin_axes"])
        self.assertEqual(len(found["observed"]), n)
        self.assertTrue(all(axis["unit"] for axis in found["bin_axes"]))
        total = 0.0
        for part in found["signal"]["components"]:
            self.assertEqual(part["process"], "cevns")
            self.assertEqual(len(part["bins"]), n)
            self.near(sum(part["bins"]), part["total"])
            total += part["total"]
        self.near(found["signal"]["total"], total)
        for part in found["background"]:
            self.assertEqual(len(part["bins"]), n)
            self.near(sum(part["bins"]), part["total"])
        names = [nuisance["name"] for nuisance in found["nuisances"]]
        self.assertEqual(names, ["signal", *[part["name"] for part in found["background"]]])
        self.check_chi2(found)

    def check_chi2(self, found):
        """chi2 again, from the bins, norms and pulls of the answer."""
        norm = {nuisance["name"]: nuisance["value"] for nuisance in found["nuisances"]}
        chi2 = sum(nuisance["pull"] ** 2 for nuisance in found["nuisances"])
        signal = [sum(c) for c in zip(*(p["bins"] for p in found["signal"]["components"]))]
        for b, observed in enumerate(found["observed"]):
            mu = norm["signal"] * signal[b]
            mu += sum(norm[part["name"]] * part["bins"][b] for part in found["background"])
            chi2 += 2 * (mu - observed)
            chi2 += 2 * observed * math.log(observed / mu) if observed > 0 else 0
        self.near(found["chi2"], chi2, rtol=1e-9, atol=1e-7)

    def test_rate_follows_norm_scale(self):
        at = ("--at", "m_zp=100", "--at", "g_zp=1e-4")
        once = self.answer("rate", "small.yaml", *at)
        self.write("twice.yaml", SCAN.replace("es: false}", "es: false, norm_scale: 2}"))
        twice = self.answer("rate", "twice.yaml", *at)
        self.near(twice["signal"]["total"], 2 * once["signal"]["total"])
        for a, b in zip(once["signal"]["components"], twice["signal"]["components"]):
            self.near(b["total"], 2 * a["total"])
        self.check_chi2(twice)

    def test_rate_text(self):
        text = self.ok("rate", "small.yaml", "--at", "m_zp=100", "--at", "g_zp=1e-4").stdout
        for word in ("m_zp = 100 MeV", "nu_mu", "observed", "chi2", "pull"):
            self.assertIn(word, text)

    def test_free_nuisances_have_no_pull(self):
        self.write("dresden2.yaml", SCAN.replace("coherent-csi-2021", "dresden2"))
        for command in ("rate", "fit"):
            at = self.NO_ZP if command == "rate" else self.NO_ZP[:2]
            found = self.answer(command, "dresden2.yaml", *at)["nuisances"]
            pulls = {entry["name"].split(":")[-1]: entry["pull"] for entry in found}
            self.assertEqual(pulls["signal"], 0)  # fixed
            self.assertIsNone(pulls["centre_keV"])
            self.assertTrue(0 < abs(pulls["ratio"]) < 1)
            text = self.ok(command, "dresden2.yaml", *at).stdout
            self.assertRegex(text, r"centre_keV +1\.29\d+ +free\n")

    def test_rate_refusals(self):
        self.refused(["rate", "small.yaml"], "--at m_zp=VALUE --at g_zp=VALUE")
        self.refused(["rate", "small.yaml", "--at", "m_zp=1"], "the axis g_zp")
        one = ["rate", "small.yaml", *self.NO_ZP, "--experiment"]
        self.refused([*one, "coherent-csi-2020"], "'coherent-csi-2021'")


class Fits(Case):
    def test_fit(self):
        found = self.answer("fit", "small.yaml")
        self.assertEqual(set(found["best"]), {"m_zp", "g_zp"})
        self.assertTrue(10 <= found["best"]["m_zp"] <= 1000)
        self.assertTrue(1e-5 <= found["best"]["g_zp"] <= 1e-2)
        self.assertLessEqual(found["chi2_min"], found["chi2_sm"] + 1e-6)
        self.assertEqual(found["nuisances"][0]["name"], "coherent-csi-2021:signal")
        self.assertGreater(found["n_bins"], 0)
        at = [text for name, value in found["best"].items() for text in ("--at", f"{name}={value}")]
        self.near(self.answer("rate", "small.yaml", *at)["chi2"], found["chi2_min"], atol=1e-6)
        self.assertIn("MeV", self.ok("fit", "small.yaml").stdout)

    def test_standard_model(self):
        found = self.answer("fit", "small.yaml", "--at", "m_zp=100")
        self.assertEqual(set(found["best"]), {"g_zp"})
        rate = self.answer("rate", "small.yaml", "--at", "m_zp=100", "--at", "g_zp=0")
        self.near(rate["chi2"], found["chi2_sm"], atol=1e-8)

    def test_interval(self):
        args = ("interval", "small.yaml", "--at", "m_zp=100", "--param", "g_zp")
        found = self.answer(*args, "--cl", "0.90")
        for key, value in (("param", "g_zp"), ("cl", 0.9), ("dof", 1), ("reference", "min")):
            self.assertEqual(found[key], value)
        self.near(found["delta_chi2"], 2.705543454095404)
        self.near(self.answer(*args, "--dof", "2")["delta_chi2"], 4.605170185988092)
        self.assertIsNone(found["intervals"][0][0])  # the coupling may be as small as it likes
        for pair in found["intervals"]:
            for edge in pair:
                if edge is not None:
                    rate = self.answer("rate", "small.yaml", "--at", "m_zp=100", "--at", f"g_zp={edge}")
                    self.near(rate["chi2"] - found["chi2_min"], found["delta_chi2"], 0, 1e-5)

    def test_interval_against_the_standard_model(self):
        args = ("interval", "small.yaml", "--at", "m_zp=100", "--param", "g_zp")
        found = self.answer(*args, "--reference", "sm")
        chi2_sm = self.answer("fit", "small.yaml", "--at", "m_zp=100")["chi2_sm"]
        edges = [edge for pair in found["intervals"] for edge in pair if edge is not None]
        self.assertTrue(edges)
        for edge in edges:
            rate = self.answer("rate", "small.yaml", "--at", "m_zp=100", "--at", f"g_zp={edge}")
            self.near(rate["chi2"] - chi2_sm, found["delta_chi2"], 0, 1e-5)
        self.assertIn("open", self.ok(*args).stdout)


class Scans(Case):
    TIMING = (
        "backend precision threads device points points_per_s cycles_per_point_core "
        "passes_per_point seconds"
    ).split()

    def test_scan(self):
        found = self.answer("scan", "small.yaml", "--backend", "serial", "-q")
        for key in ("map", "chi2_min", "best", "chi2_sm", "unconverged", *self.TIMING):
            self.assertIn(key, found)
        self.assertEqual(found["points"], 120)
        self.assertEqual(found["unconverged"], 0)
        self.assertEqual(found["backend"], "serial")
        self.assertEqual(found["precision"], "f64")
        self.assertTrue(os.path.samefile(self.path(found["map"]), self.path("small.h5")))
        fit = self.answer("fit", "small.yaml")
        self.near(found["chi2_min"], fit["chi2_min"], atol=1e-6)
        self.near(found["chi2_sm"], fit["chi2_sm"], atol=1e-8)

    def test_text(self):
        run = self.ok("scan", "small.yaml", "-o", "there.h5")
        self.assertIn("backend ", run.stderr)  # what auto took, and why
        for word in ("best fit", "MeV", "chi2_min", "chi2_SM - chi2_min", "points/s", "there.h5"):
            self.assertIn(word, run.stdout)
        self.assertTrue(os.path.exists(self.path("there.h5")))
        self.assertEqual(self.ok("scan", "small.yaml", "-q").stderr, "")

    def test_nothing_to_resume(self):
        """Says so, and does the whole scan; what is no map is left alone."""
        run = self.ok("scan", "small.yaml", "--resume")
        self.assertIn("nothing to resume: small.h5 is not there yet", run.stderr)
        os.truncate(self.path("small.h5"), 3000)
        run = self.ok("scan", "small.yaml", "--resume")
        self.assertIn("nothing to resume: small.h5 has no tile that can be read", run.stderr)
        self.assertIn("120 of 120 in this run", run.stdout)
        self.assertNotIn("nothing", self.ok("scan", "small.yaml", "--resume").stderr)
        self.write("text.h5", "no map")
        self.refused(["scan", "small.yaml", "--resume", "-o", "text.h5", "-q"], "not a Sevens map")
        self.refused(["scan", "small.yaml", "-o", ""], "--output")

    def test_the_scan_file_is_not_replaced(self):
        os.symlink("small.yaml", self.path("link.h5"))
        for name in ("small.yaml", "link.h5"):
            self.refused(["scan", "small.yaml", "-o", name, "--force"], name, "scan file itself")
        with open(self.path("small.yaml"), encoding="utf-8") as file:
            self.assertEqual(file.read(), SCAN)

    def test_again(self):
        self.ok("scan", "small.yaml")
        self.assertTrue(self.answer("scan", "small.yaml")["already_complete"])
        self.refused(["scan", "small.yaml", "--set", "axes.0.n=3", "-q"], "small.h5")
        self.ok("scan", "small.yaml", "--set", "axes.0.n=3", "--force")
        self.assertEqual(self.answer("info", "small.h5")["points"], 90)

    def test_info(self):
        scan = self.answer("scan", "small.yaml")
        info = self.answer("info", "small.h5")
        self.assertTrue(info["complete"])
        self.assertEqual(info["points"], 120)
        self.assertEqual(info["status"]["ok"], 120)
        self.assertEqual([axis["name"] for axis in info["axes"]], ["m_zp", "g_zp"])
        for key in ("chi2_min", "chi2_sm", "best"):
            self.assertEqual(info[key], scan[key])
        self.assertRegex(info["scan_id"], "^[0-9a-f]{64}$")
        self.assertEqual(info["provenance"]["backend"], scan["backend"])
        self.assertEqual(info["releases"][0]["name"], "coherent-csi-2021")
        text = self.ok("info", "small.h5").stdout
        for word in ("axis        m_zp: 4 values", "MeV", "complete    yes", "scan_id"):
            self.assertIn(word, text)

    def test_info_point(self):
        self.ok("scan", "small.yaml")
        info = self.answer("info", "small.h5", "--at", "g_zp=1.1e-4", "--at", "m_zp=50")
        where = info["at"]["coordinates"]
        self.near(where["m_zp"], 10 * 10 ** (2 / 3))  # of 10, 46.4, 215.4, 1000
        self.near(where["g_zp"], 1e-5 * 1000 ** (10 / 29))
        at = [text for name, value in where.items() for text in ("--at", f"{name}={value!r}")]
        self.near(self.answer("rate", "small.yaml", *at)["chi2"], info["at"]["chi2"], atol=1e-6)
        self.near(info["at"]["delta_chi2"], info["at"]["chi2"] - info["chi2_min"], atol=1e-9)
        self.assertEqual(info["at"]["status"], "ok")
        self.refused(["info", "small.h5", "--at", "g_zp=1e-4"], "--at m_zp=VALUE")
        self.refused(["info", "small.h5", "--at", "g_z=1e-4"], "'g_z'", "'g_zp'")
        self.refused(["info", "small.h5", "--at", "g_zp=1"], "outside")
        self.refused(["info", "small.h5", "--at", "g_zp"], "NAME=VALUE")

    def test_no_map(self):
        self.write("text.h5", "no map")
        for name in ("absent.h5", "text.h5"):
            run = self.run_program("info", name)
            self.assertIn(run.returncode, (1, 2))
            self.assertIn(name, run.stderr)
            self.assertEqual(run.stdout, "")

    def test_compare(self):
        self.ok("scan", "small.yaml", "-o", "a.h5", "--threads", "1")
        self.ok("scan", "small.yaml", "-o", "b.h5", "--threads", "2")
        same = self.answer("compare", "a.h5", "b.h5")
        self.assertTrue(same["within_tol"])
        names = [entry["name"] for entry in same["datasets"]]
        self.assertEqual(names[:4], ["m_zp", "g_zp", "chi2", "status"])
        self.assertTrue(all(entry["max"] == 0 == entry["rms"] for entry in same["datasets"]))
        self.write("other.yaml", SCAN.replace("es: false}", "es: false, norm_scale: 1.1}"))
        self.ok("scan", "other.yaml", "-o", "c.h5")
        run = self.run_program("compare", "a.h5", "c.h5", "--json")
        self.assertEqual(run.returncode, 1)
        self.assertIn("chi2", run.stderr)
        chi2 = {entry["name"]: entry for entry in json.loads(run.stdout)["datasets"]}["chi2"]
        self.assertGreater(chi2["max"], chi2["rms"])
        self.assertGreater(chi2["rms"], 0)
        self.assertEqual(chi2["n"], 120)
        self.ok("compare", "a.h5", "c.h5", "--tol", repr(chi2["max"]))
        self.ok("compare", "a.h5", "c.h5", "--tol", repr(chi2["max"] * (1 - 1e-12)), code=1)

    def test_stored_precision(self):
        """Rounded maps: what info and compare say, and that contours and limits are the same."""
        more = ["--set", "axes.0.n=12", "--set", "axes.1.n=60"]
        self.ok("scan", "small.yaml", *more, "-o", "f64.h5")
        self.assertEqual(self.answer("info", "f64.h5")["chi2_stored"]["step"], 0)
        limits = self.answer("limit", "f64.h5", "--param", "g_zp", "--cl", "0.9")["limit"]
        for precision, step, words in (("f32", 1 / 1024, "rounded to 1/1024"),
                                       ("i16", 1 / 256, "in steps of 1/256 from -")):
            name = precision + ".h5"
            self.ok("scan", "small.yaml", *more, "--set", f"output.precision={precision}", "-o", name)
            self.assertIn(words, self.ok("info", name).stdout)
            stored = self.answer("info", name)["chi2_stored"]
            self.assertEqual(stored["step"], step)
            self.assertEqual(stored["max"] is None, precision == "f32")
            run = self.run_program("compare", "f64.h5", name, "--tol", repr(step), "--json")
            self.assertEqual(run.returncode, 0, run.stderr)
            chi2 = {entry["name"]: entry for entry in json.loads(run.stdout)["datasets"]}["chi2"]
            self.assertTrue(0.2 * step < chi2["max"] <= 0.501 * step)
            self.assertEqual(chi2["beyond"] > 0, precision == "i16")  # up to 130 above chi2_SM
            if chi2["beyond"]:
                self.assertIn(f"{chi2['beyond']} values of chi2 lie beyond",
                              self.ok("compare", "f64.h5", name, "--tol", "1").stdout)
            rounded = self.answer("limit", name, "--param", "g_zp", "--cl", "0.9")["limit"]
            for ours, exact in zip(rounded, limits):
                self.near(ours, exact, rtol=1e-3)
            self.answer("contour", name, "--cl", "0.9", "--dof", "2")
            self.ok("plot", name, "-o", precision + ".png")

    def test_no_compress(self):
        more = ["--set", "axes.0.n=40", "--set", "axes.1.n=100"]
        self.ok("scan", "small.yaml", *more, "-o", "a.h5")
        self.ok("scan", "small.yaml", *more, "-o", "b.h5", "--no-compress")
        self.ok("compare", "a.h5", "b.h5")
        sizes = [os.path.getsize(self.path(name)) for name in ("a.h5", "b.h5")]
        self.assertGreater(sizes[1], 9 * 4000)
        self.assertGreater(sizes[1], sizes[0])
        # it is the same scan: the map is there already, compressed or not
        self.assertTrue(self.answer("scan", "small.yaml", *more, "-o", "b.h5")["already_complete"])

    def test_compare_shapes(self):
        self.ok("scan", "small.yaml", "-o", "a.h5")
        self.ok("scan", "small.yaml", "-o", "b.h5", "--set", "axes.0.n=3")
        self.assertIn("different sizes", self.ok("compare", "a.h5", "b.h5", code=1).stdout)

    def test_signals(self):
        """Stopped between tiles: exit code 130, the command that goes on, and the same map."""
        size = ["--set", "axes.0.n=300", "--set", "tile=1000"]
        self.ok("scan", "small.yaml", *size, "-o", "whole.h5", "-q")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            name = f"part{number}.h5"
            run = self.stopped(["scan", "small.yaml", *size, "-o", name], name, number)
            self.assertEqual(run.returncode, 130, run.stderr)
            self.assertEqual(run.stdout, "")
            self.assertIn("--resume", run.stderr)
            self.assertFalse(self.answer("info", name)["complete"])
            self.refused(["scan", "small.yaml", *size, "-o", name], "--resume")
            subprocess.run(
                ["bash", "-c", re.search(r"^  (.*--resume)$", run.stderr, re.MULTILINE)[1]],
                cwd=self.folder,
                check=True,
                capture_output=True,
            )
            self.ok("compare", "whole.h5", name)

    def test_info_of_a_running_scan(self):
        """Without HDF5's locks the map can be read: it is told from one that was stopped."""
        unlocked = {"HDF5_USE_FILE_LOCKING": "FALSE"}
        scan = ["scan", "small.yaml", "--set", "axes.0.n=3000", "--set", "tile=30"]
        with subprocess.Popen(
            [PROGRAM, *scan, "--backend", "serial"],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            while not os.path.exists(self.path("small.h5")) and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(signal.SIGSTOP)
            run = self.run_program("info", "small.h5", env=unlocked)
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=280)
        self.assertIn("complete    no: the scan is running\n", run.stdout)
        self.assertIn("complete    no: the scan was stopped", self.ok("info", "small.h5").stdout)
        self.assertFalse(self.answer("info", "small.h5")["running"])

    def stopped(self, args, map_name, number):
        """Runs until tiles are done, then sends a signal."""
        with subprocess.Popen(
            [PROGRAM, *args],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            while not os.path.exists(self.path(map_name)) and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(number)
            out, err = process.communicate(timeout=280)
        return subprocess.CompletedProcess(args, process.returncode, out, err)


class Scripts(Case):
    def test_no_interpreter(self):
        for command in SCRIPTS:
            run = self.run_program(command, "map.h5", env={"SEVENS_PYTHON": "/nonexistent/python3"})
            self.assertEqual(run.returncode, 1)
            for word in ("/nonexistent/python3", "python3", "SEVENS_PYTHON"):
                self.assertIn(word, run.stderr)

    def test_no_module(self):
        """An interpreter without site-packages, and so without numpy."""
        self.write("bare", f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
        os.chmod(self.path("bare"), 0o755)
        run = self.run_program("plot", "map.h5", env={"SEVENS_PYTHON": self.path("bare")})
        self.assertEqual(run.returncode, 1)
        self.assertIn("install the package python3-numpy", run.stderr)

    def test_no_script(self):
        run = self.run_program("limit", "map.h5", env={"SEVENS_PYTHON_DIR": self.folder})
        self.assertEqual(run.returncode, 1)
        self.assertIn("sevens_limit.py", run.stderr)

    def test_exit_code_and_arguments(self):
        self.write("sevens_contour.py", "import sys\nprint(sys.argv[1:])\nsys.exit(7)\n")
        run = self.run_program(
            "contour", "a map.h5", "--json", "--cl", "0.9", env={"SEVENS_PYTHON_DIR": self.folder}
        )
        self.assertEqual(run.returncode, 7, run.stderr)
        self.assertEqual(run.stdout, "['a map.h5', '--json', '--cl', '0.9']\n")

    def test_with_a_map(self):
        self.ok("scan", "small.yaml", "-q")
        contour = self.answer("contour", "small.h5", "--cl", "0.90", "--dof", "2")
        for key in ("cl", "dof", "delta_chi2", "reference", "axes", "segments"):
            self.assertIn(key, contour)
        limit = self.answer("limit", "small.h5", "--param", "g_zp", "--cl", "0.90")
        for key in ("cl", "dof", "delta_chi2", "reference", "x", "limit"):
            self.assertIn(key, limit)
        self.ok("plot", "small.h5", "-o", "small.png")
        with open(self.path("small.png"), "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")


class Completion(Case):
    def complete(self, *words):
        """What bash offers for the last word."""
        code = (
            'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
            '_sevens "$1" "${@: -1}" "${@: -2:1}"; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        file = os.path.join(SOURCE, "packaging", "sevens.bash-completion")
        run = subprocess.run(
            ["bash", "-c", code, "bash", file, PROGRAM, *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.split()

    def test_commands(self):
        self.assertEqual(set(COMMANDS) - set(self.complete("")), set())
        self.assertEqual(self.complete("sc"), ["scan"])
        self.assertEqual(self.complete("--v"), ["--version"])

    def test_options(self):
        self.assertEqual(self.complete("scan", "--back"), ["--backend"])
        self.assertIn("--json", self.complete("fit", "-"))
        self.assertEqual(self.complete("models", "--at"), [])
        self.assertEqual(self.complete("scan", "--backend", "se"), ["serial"])
        self.assertEqual(self.complete("scan", "--backend", "=", "se"), ["serial"])
        self.assertEqual(self.complete("interval", "--reference", ""), ["min", "sm"])

    def test_files(self):
        self.assertEqual(self.complete("scan", "sma"), ["small.yaml"])


if __name__ == "__main__":
    unittest.main()
