# SPDX-License-Identifier: GPL-3.0-or-later
"""`kill -9` at random moments of a scan, each resumed: the map that comes out equals the one of an
uninterrupted run in every dataset and attribute but times. Also: other tiles, other threads, and a
resumed scan give the same bits.

Runs the program in $SEVENS. Exit code 77 without h5py."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import h5py
    import numpy
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SEVENS = os.environ.get("SEVENS", "build/sevens")
KILLS = int(os.environ.get("SEVENS_TEST_KILLS", "50"))
SCAN = """
schema: 1
name: kill
model: {kind: zprime, charges: universal}
axes:
  - {param: m_zp, unit: MeV, min: 0.1, max: 1.0e+4, n: 360, spacing: log}
  - {param: g_zp, min: 1.0e-6, max: 1.0e-1, n: 400, spacing: log}
experiments: [{name: coherent-csi-2021, es: false}]
tile: 4000
output: {pulls: true}
"""
PRECISIONS = ("f64", "f32", "i16")
# What may differ between two runs of one scan: when, where and how often it was run.
TIMES = {"date_created", "history", "start", "end", "wall_s", "hostname", "points_per_s", "threads"}


def scan(folder, name, *more):
    return [SEVENS, "scan", os.path.join(folder, "kill.yaml"), "-q", "-o",
            os.path.join(folder, name), *more]


def stored(precision):
    return ["--set", f"output.precision={precision}"]


def content(path):
    """Every dataset and attribute of a map, by name, as bytes."""
    found = {}

    def take(name, thing):
        for key, value in thing.attrs.items():
            if key not in TIMES and not key.endswith("_LIST"):
                found[f"{name}@{key}"] = numpy.asarray(value).tobytes()
        if isinstance(thing, h5py.Dataset):
            data = thing[()]
            plain = thing.dtype.kind != "O"
            found[name] = data.tobytes() if plain and hasattr(data, "tobytes") else repr(data)

    with h5py.File(path, "r") as file:
        take("/", file)
        file.visititems(take)
    return found


def difference(a, b):
    return sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k))


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = cls.scratch.name
        with open(os.path.join(cls.folder, "kill.yaml"), "w", encoding="utf-8") as file:
            file.write(SCAN)
        start = time.monotonic()
        cls.whole_of = {}
        for precision in PRECISIONS:
            name = f"whole-{precision}.h5"
            subprocess.run(scan(cls.folder, name, *stored(precision)), check=True,
                           stdout=subprocess.DEVNULL)
            cls.whole_of[precision] = content(os.path.join(cls.folder, name))
        cls.seconds = (time.monotonic() - start) / len(PRECISIONS)
        cls.whole = cls.whole_of["f64"]

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_whole_map(self):
        self.assertIn("chi2", self.whole)
        self.assertIn("/@complete", self.whole)

    def test_kills(self):
        dice = random.Random(20210081801)
        killed = resumed_tiles = 0
        for turn in range(KILLS):
            name = f"kill{turn}.h5"
            path = os.path.join(self.folder, name)
            precision = PRECISIONS[turn // 3 % 3]
            arguments = stored(precision)
            for _ in range(1 + turn % 3):  # some are killed again while they resume
                run = subprocess.Popen(scan(self.folder, name, *arguments),
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(dice.uniform(0.0, 1.05 * self.seconds))
                run.send_signal(signal.SIGKILL)
                killed += run.wait() == -signal.SIGKILL
                arguments = [*stored(precision), "--resume"]
            resumed_tiles += os.path.exists(path + ".journal")
            subprocess.run(scan(self.folder, name, *arguments), check=True,
                           stdout=subprocess.DEVNULL)
            self.assertEqual(difference(content(path), self.whole_of[precision]), [],
                             f"turn {turn}, {precision}")
            left = [f for f in os.listdir(self.folder) if f.startswith(name) and f != name]
            self.assertEqual(left, [], "files left behind")
            os.remove(path)
        print(f"{killed} kills in {KILLS} scans, {resumed_tiles} of them with finished tiles")
        self.assertGreater(killed, KILLS // 2)
        self.assertGreater(resumed_tiles, KILLS // 4)

    def test_threads(self):
        for threads in ("1", "3"):
            path = os.path.join(self.folder, f"threads{threads}.h5")
            subprocess.run(scan(self.folder, os.path.basename(path), "--threads", threads),
                           check=True, stdout=subprocess.DEVNULL)
            self.assertEqual(difference(content(path), self.whole), [])

    def test_tiles(self):
        """The tile is part of the scan file, so identity and chunks differ, but no value does."""
        for tile in ("1000", "65536", "1000000"):
            path = os.path.join(self.folder, f"tile{tile}.h5")
            subprocess.run(scan(self.folder, os.path.basename(path), "--set", f"tile={tile}"),
                           check=True, stdout=subprocess.DEVNULL)
            other = content(path)
            for name in ("chi2", "status", "pull", "chi2_min", "chi2_sm", "best_g_zp", "best_m_zp"):
                self.assertEqual(other[name], self.whole[name], f"{name} with tile {tile}")


if __name__ == "__main__":
    unittest.main()
