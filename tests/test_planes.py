# SPDX-License-Identifier: GPL-3.0-or-later
"""Reduced maps as users meet them: the planes of a scan with `reduce` in check, info, compare, plot,
contour and limit, against the map of the same scan with profiled axes; signals and `kill -9` at
random moments, each resumed.

Runs the program in $SEVENS. Exit code 77 without h5netcdf, contourpy or matplotlib."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import contourpy  # noqa: F401
    import h5netcdf
    import matplotlib  # noqa: F401
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SEVENS = os.path.abspath(os.environ.get("SEVENS", "build/sevens"))
KILLS = int(os.environ.get("SEVENS_TEST_KILLS", "50")) // 4
SCAN = """\
schema: 1
name: planes
model: nsi
axes:
  - {param: eps_u_ee, min: -0.5, max: 1, n: 20}
  - {param: eps_d_ee, min: -0.5, max: 1, n: 16%s}
  - {param: eps_u_mumu, min: -0.5, max: 1, n: 18}
experiments: [{name: coherent-csi-2021, es: false}]
"""
REDUCE = """\
reduce:
  - {profile: [eps_u_ee, eps_u_mumu], name: plane}
  - {profile: [eps_u_mumu]}
  - {slice: [eps_u_ee, eps_u_mumu], at: {eps_d_ee: 0.2}}
  - {histogram: {max: 20, bins: 10}}
"""
# Long enough to be killed in: some seconds at most, with saves between.
LONG = """\
schema: 1
name: long
model: nsi
axes:
  - {param: eps_u_ee, min: -0.5, max: 1, n: %d}
  - {param: eps_d_ee, min: -0.5, max: 1, n: 24}
  - {param: eps_u_mumu, min: -0.5, max: 1, n: 25}
  - {param: eps_d_mumu, min: -0.5, max: 1, n: 26}
experiments: [{name: coherent-csi-2021, es: false}]
tile: 5000
reduce: [{profile: all}, {histogram: {max: 50, bins: 500}}]
"""
# What may differ between two runs of one scan.
TIMES = {"date_created", "history", "start", "end", "wall_s", "hostname", "points_per_s", "threads"}


def sevens(*args, cwd=None):
    return subprocess.run([SEVENS, *args], capture_output=True, text=True, check=False, cwd=cwd)


def content(path):
    """Every dataset and attribute of a map, by name, as bytes."""
    found = {}

    def take(name, thing):
        for key in thing.attrs:
            if key not in TIMES:
                found[f"{name}@{key}"] = np.asarray(thing.attrs[key]).tobytes()
        for key, variable in thing.variables.items():
            take(f"{name}/{key}", _Attributes(variable))
            data = np.asarray(variable[...])
            found[f"{name}/{key}"] = data.tobytes() if data.dtype.kind != "O" else repr(data)
        for key, group in thing.groups.items():
            take(f"{name}/{key}", group)

    with h5netcdf.File(path, "r", decode_vlen_strings=True) as file:
        take("", file)
    return found


class _Attributes:
    def __init__(self, variable):
        self.attrs, self.variables, self.groups = variable.attrs, {}, {}


def difference(a, b):
    return sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k))


class Planes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = scratch.name
        for name, text in (
            ("planes", SCAN % "" + REDUCE),
            ("profiled", SCAN % ", profile: true"),
            ("grid", SCAN % ""),
        ):
            with open(cls.path(name + ".yaml"), "w", encoding="utf-8") as file:
                file.write(text)
            answer = sevens("scan", name + ".yaml", "-q", "-o", name + ".h5", cwd=cls.folder)
            assert answer.returncode == 0, answer.stderr

    @classmethod
    def path(cls, *parts):
        return os.path.join(cls.folder, *parts)

    def ask(self, *args, code=0):
        answer = sevens(*args, cwd=self.folder)
        self.assertEqual(answer.returncode, code, answer.stderr)
        return answer

    def json(self, *args):
        return json.loads(self.ask(*args, "--json").stdout)

    def refused(self, args, *words, code=2):
        answer = self.ask(*args, code=code)
        for word in words:
            self.assertIn(word, answer.stderr)
        self.assertEqual(answer.stdout, "")

    def test_check(self):
        answer = self.json("check", "planes.yaml")
        self.assertEqual(answer["points"], 20 * 16 * 18)
        names = ["plane", "profile_eps_u_mumu", "slice_eps_u_ee_eps_u_mumu", "histogram"]
        self.assertEqual([plane["name"] for plane in answer["planes"]], names)
        self.assertAlmostEqual(answer["planes"][2]["at"]["eps_d_ee"], 0.2)
        self.assertLess(answer["output_bytes"], 1e5)
        text = self.ask("check", "planes.yaml").stdout
        self.assertIn("plane: 360 cells", text)

    def test_info(self):
        whole = self.json("info", "planes.h5")
        self.assertEqual(whole["points"], 20 * 16 * 18)
        self.assertEqual(len(whole["planes"]), 4)
        self.assertEqual([axis["n"] for axis in whole["axes"]], [20, 16, 18])
        point = ["--at", "eps_u_ee=0.3", "--at", "eps_u_mumu=0.1"]
        own = self.json("info", "planes.h5", "--plane", "plane", *point)
        dense = self.json("info", "profiled.h5", *point)
        self.assertEqual(own["kind"], "profile")
        self.assertEqual(own["at"], dense["at"])
        self.assertEqual(own["chi2_min"], dense["chi2_min"])
        cut = self.json("info", "planes.h5", "--plane", "slice_eps_u_ee_eps_u_mumu", *point)
        dense = self.json("info", "grid.h5", *point, "--at", "eps_d_ee=0.2")
        self.assertEqual(cut["at"]["chi2"], dense["at"]["chi2"])
        self.assertEqual(cut["fixed"], {"eps_d_ee": dense["at"]["coordinates"]["eps_d_ee"]})
        bins = self.json("info", "planes.h5", "--plane", "histogram")
        self.assertEqual(sum(bins["count"]) + bins["below"] + bins["above"], 20 * 16 * 18)
        self.assertEqual(bins["edge"], [2.0 * i for i in range(11)])
        self.assertIn("plane       profile_eps_u_mumu\n", self.ask("info", "planes.h5").stdout)
        self.refused(["info", "planes.h5", *point], "add --plane NAME")
        self.refused(["info", "planes.h5", "--plane", "plan"], "did you mean 'plane'?")
        self.refused(["info", "grid.h5", "--plane", "plane"], "has no planes")

    def test_compare(self):
        self.ask("compare", "planes.h5", "planes.h5")
        names = [d["name"] for d in self.json("compare", "planes.h5", "planes.h5")["datasets"]]
        self.assertIn("plane/profiled_eps_d_ee", names)
        self.assertIn("histogram/count", names)
        answer = self.ask("compare", "planes.h5", "grid.h5", code=1)
        self.assertIn("the maps differ", answer.stderr)

    def same_text(self, command, *args):
        """A plane gives what the map with profiled axes gives, but for its name."""
        own = self.ask(command, "planes.h5", "--plane", "plane", *args, "--format", "csv").stdout
        dense = self.ask(command, "profiled.h5", *args, "--format", "csv").stdout
        skip = ("# map:", "# plane:", "# scan_id:")
        lines = [[line for line in text.splitlines() if not line.startswith(skip)]
                 for text in (own, dense)]
        self.assertEqual(*lines)
        self.assertGreater(len(lines[0]), 20)
        self.assertIn("# plane: plane", own)

    def test_contour(self):
        self.same_text("contour")
        self.same_text("contour", "--cl", "2s", "--reference", "sm")
        self.refused(["contour", "planes.h5"], "choose one of its planes with --plane NAME",
                     "profile_eps_u_mumu")
        self.refused(["contour", "planes.h5", "--plane", "plain"], "did you mean 'plane'?")
        self.refused(["contour", "planes.h5", "--plane", "histogram"], "is a histogram")
        self.refused(["contour", "grid.h5", "--plane", "x"], "has every point of its scan")
        self.refused(["contour", "planes.h5", "--plane", "profile_eps_u_mumu"], "2 axes are needed")

    def test_limit(self):
        self.same_text("limit", "--param", "eps_u_mumu", "--reference", "min")
        curve = self.json("limit", "planes.h5", "--plane", "profile_eps_u_mumu", "--param",
                          "eps_u_mumu", "--reference", "min")
        self.assertEqual(len(curve["limit"]), 1)

    def test_plot(self):
        for plane in ("plane", "profile_eps_u_mumu", "slice_eps_u_ee_eps_u_mumu"):
            self.ask("plot", "planes.h5", "--plane", plane)
            self.assertTrue(os.path.exists(self.path(f"planes-{plane}.png")))
        self.refused(["plot", "--spectrum", "planes.yaml", "--plane", "plane"],
                     "--plane does not go with")

    def test_fit_and_rate_take_no_notice(self):
        own, dense = (self.json("fit", name) for name in ("planes.yaml", "grid.yaml"))
        self.assertEqual(own, dense)
        self.ask("rate", "planes.yaml", "--at", "eps_u_ee=0", "--at", "eps_d_ee=0", "--at",
                 "eps_u_mumu=0")


class Stopped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = scratch.name
        n, seconds = 8, 0.0
        while seconds < 1.5 and n < 10000:  # as long on every machine
            n *= 2
            with open(os.path.join(cls.folder, "long.yaml"), "w", encoding="utf-8") as file:
                file.write(LONG % n)
            start = time.monotonic()
            answer = json.loads(cls.scan("whole.h5", "--force", "--json").stdout)
            seconds = time.monotonic() - start - answer["seconds"]["fit"]
        cls.seconds = seconds
        cls.whole = content(os.path.join(cls.folder, "whole.h5"))

    @classmethod
    def scan(cls, name, *more):
        return sevens("scan", "long.yaml", "-q", "-o", name, *more, cwd=cls.folder)

    def start(self, name, *more):
        return subprocess.Popen([SEVENS, "scan", "long.yaml", "-q", "-o", name, *more],
                                cwd=self.folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def wait_for_tiles(self, run, name):
        """Until the journal has more than its header: a state is saved before the first tile."""
        journal = os.path.join(self.folder, name + ".journal")
        while run.poll() is None:
            try:
                if os.path.getsize(journal) > 10000:
                    return
            except OSError:  # not there yet
                pass
            time.sleep(0.01)

    def finish(self, name):
        answer = self.scan(name, "--resume", "--json")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        path = os.path.join(self.folder, name)
        self.assertEqual(difference(content(path), self.whole), [])
        left = [f for f in os.listdir(self.folder) if f.startswith(name) and f != name]
        self.assertEqual(left, [], "files left behind")
        os.remove(path)
        return json.loads(answer.stdout)

    def test_kills(self):
        dice = random.Random(20210081801)
        killed = resumed = 0
        for turn in range(KILLS):
            name, arguments = f"kill{turn}.h5", []
            for again in range(1 + turn % 3):  # some are killed again while they resume
                run = self.start(name, *arguments)
                if not again and turn % 4:  # else it may be killed in the fit before the tiles
                    self.wait_for_tiles(run, name)
                time.sleep(dice.uniform(0.0, 0.7 * self.seconds))
                run.send_signal(signal.SIGKILL)
                killed += run.wait() == -signal.SIGKILL
                self.assertFalse(killed and os.path.exists(os.path.join(self.folder, name))
                                 and os.path.exists(os.path.join(self.folder, name + ".partial")))
                arguments = ["--resume"]
            answer = self.finish(name)
            resumed += 0 < answer["points"] < answer["points_total"]
        print(f"{killed} kills in {KILLS} scans, {resumed} of them with points that were kept")
        self.assertGreater(killed, KILLS // 2)
        self.assertGreater(resumed, KILLS // 4)

    def test_signal(self):
        run = self.start("stopped.h5")
        self.wait_for_tiles(run, "stopped.h5")
        time.sleep(0.2 * self.seconds)
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(), 130)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "stopped.h5")))
        for command in ("info", "contour"):
            answer = sevens(command, "stopped.h5", cwd=self.folder)
            self.assertEqual(answer.returncode, 1)
            self.assertIn("not there yet: its scan is unfinished", answer.stderr)
        answer = self.scan("stopped.h5")
        self.assertEqual(answer.returncode, 2)
        self.assertIn("--resume continues it", answer.stderr)
        answer = self.finish("stopped.h5")
        self.assertLess(answer["points"], answer["points_total"])

    def test_threads(self):
        answer = self.scan("one.h5", "--threads", "1")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertEqual(difference(content(os.path.join(self.folder, "one.h5")), self.whole), [])


if __name__ == "__main__":
    unittest.main()
