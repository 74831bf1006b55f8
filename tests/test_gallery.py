#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Scan files of the repository and the gallery that is made from them.

SEVENS is the program, SEVENS_SOURCE_DIR the root of the sources (default: the folder above)."""

import contextlib
import glob
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
from types import SimpleNamespace

ROOT = os.environ.get("SEVENS_SOURCE_DIR") or os.path.join(os.path.dirname(__file__), "..")
SEVENS = os.environ.get("SEVENS") or os.path.join(ROOT, "build", "sevens")
SCANS = sorted(glob.glob(os.path.join(ROOT, "scans", "*.yaml")))

try:
    import h5netcdf  # noqa: F401
    import matplotlib  # noqa: F401
    from matplotlib.image import imread
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

sys.path.insert(0, os.path.join(ROOT, "python"))
import sevens_gallery  # noqa: E402
from sevens_exclusion import at_standard_limit  # noqa: E402
from sevens_map import open_map  # noqa: E402
from sevens_physics import model_title, standard_point  # noqa: E402

RADII = """\
schema: 1
name: radii
model: charge-radius
axes:
  - {param: r2_ee, min: -80, max: 30, n: 23}
  - {param: r2_mumu, min: -65, max: 20, n: 19}
experiments:
  - {name: coherent-csi-2021}
"""
ANGLE = """\
schema: 1
name: angle
model: sm
axes:
  - {param: s2w, min: 0.15, max: 0.32, n: 12}
experiments:
  - {name: coherent-csi-2021, es: false}
"""
MOMENT = """\
schema: 1
name: moment
model: magnetic-moment
axes:
  - {param: mu_nu_e, min: 0, max: 8e-9, n: 9}
parameters: {mu_nu_mu: 1e-9}
experiments:
  - {name: coherent-csi-2021}
"""
SCALAR = """\
schema: 1
name: scalar
model: scalar
axes:
  - {param: m_phi, min: 1, max: 100, n: 5, spacing: log}
  - {param: g_phi, min: 1e-6, max: 1e-3, n: 7, spacing: log}
experiments:
  - {name: coherent-csi-2021, es: false}
"""


PLANES = """\
schema: 1
name: planes
model: nsi
axes:
  - {param: eps_u_ee, min: -0.5, max: 1, n: 9}
  - {param: eps_d_ee, min: -0.5, max: 1, n: 8}
  - {param: eps_u_mumu, min: -0.5, max: 1, n: 7}
experiments:
  - {name: coherent-csi-2021, es: false}
reduce:
  - {profile: [eps_d_ee]}
  - {profile: [eps_u_ee, eps_u_mumu]}
"""


def sevens(*args):
    return subprocess.run([SEVENS, *args], capture_output=True, text=True, check=False)


class ScanFiles(unittest.TestCase):
    def test_all_pass_the_check(self):
        self.assertGreater(len(SCANS), 80)
        for path in SCANS:
            with self.subTest(scan=os.path.basename(path)):
                answer = sevens("check", path)
                self.assertEqual(answer.returncode, 0, answer.stderr)

    def test_names(self):
        """The name of a scan and that of its map are those of the file, and README.md lists it."""
        with open(os.path.join(ROOT, "scans", "README.md"), encoding="utf-8") as file:
            readme = file.read()
        for path in SCANS:
            stem = os.path.splitext(os.path.basename(path))[0]
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with self.subTest(scan=stem):
                self.assertTrue(f"]({stem}.yaml)" in readme, "not in README.md")
                self.assertTrue(re.search(rf"^name: {stem}\b", text, re.M), "another name")
                map_name = "~" if stem == "reference" else f"{stem}.h5"
                self.assertTrue(f" file: {map_name}" in text or f"{{file: {map_name}}}" in text)


class Gallery(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, **scans):
        paths = []
        for name, text in scans.items():
            paths.append(os.path.join(self.folder, name + ".yaml"))
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(text)
        return paths

    def run_gallery(self, *args):
        """(exit code, messages)"""
        args = ["--sevens", SEVENS, "-o", self.path(), "--jobs", "2", *args]
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            try:
                code = sevens_gallery.main(args)
            except SystemExit as stop:
                code = stop.code
        return code, err.getvalue()

    def path(self, *parts):
        return os.path.join(self.folder, "out", *parts)

    def times(self):
        names = glob.glob(self.path("**"), recursive=True)
        return {name: os.stat(name).st_mtime_ns for name in names if os.path.isfile(name)}

    def test_pages_and_sheet(self):
        scans = self.write(radii=RADII, angle=ANGLE)
        code, messages = self.run_gallery(*scans)
        self.assertEqual(code, 0, messages)
        first = self.times()
        names = ("maps/{}.h5", "{}.png", "{}.pdf", "thumbnails/{}.png")
        for name in ("radii", "angle"):
            for pattern in names:
                self.assertIn(self.path(pattern.format(name)), first)
        panel = imread(self.path("thumbnails", "radii.png")).shape
        sheet = imread(self.path("gallery.png")).shape
        self.assertEqual(sheet[1], 2 * panel[1])
        self.assertGreater(sheet[0], panel[0])

        code, messages = self.run_gallery(*scans)  # nothing is out of date
        self.assertEqual(code, 0, messages)
        self.assertEqual(self.times(), first)

        self.write(angle=ANGLE.replace("n: 12", "n: 14"))
        code, messages = self.run_gallery(*scans)
        self.assertEqual(code, 0, messages)
        again = self.times()
        changed = [name for name in first if again[name] > first[name]]
        changed = {os.path.relpath(name, self.path()) for name in changed}
        expected = {pattern.format("angle") for pattern in names} | {"gallery.png"}
        self.assertEqual(changed, expected)
        self.assertEqual(len(open_map(self.path("maps", "angle.h5")).axes[0].values), 14)

    def test_reduced_map(self):
        """Of a reduced map its first plane of two axes has a page."""
        scans = self.write(planes=PLANES)
        code, messages = self.run_gallery(*scans)
        self.assertEqual(code, 0, messages)
        first = self.times()
        for pattern in ("planes.png", "planes.pdf", "thumbnails/planes.png", "gallery.png"):
            self.assertIn(self.path(pattern), first)
        options = SimpleNamespace(output=self.path(), depends=[], sevens=SEVENS, overlay=[])
        job = sevens_gallery.Job(scans[0], options)
        self.assertEqual(job.plane(), "profile_eps_u_ee_eps_u_mumu")
        self.assertEqual(job.open().profiled, ("eps_d_ee",))
        code, messages = self.run_gallery(*scans)  # nothing is out of date
        self.assertEqual(code, 0, messages)
        self.assertEqual(self.times(), first)

    def test_experiments_side_by_side(self):
        """A plane of two experiments has a second page where each of them has a plane, and a map
        of other options is none of them; each experiment has rows of its own in the sheet."""
        entries = {
            "csi": "{name: coherent-csi-2021, es: false}",
            "lar": "{name: coherent-lar-2020, analysis: 1d}",
            "other": "{name: coherent-csi-2021, es: true}",
        }
        entries["both"] = entries["csi"] + "\n  - " + entries["lar"]
        one = "{name: coherent-csi-2021, es: false}"
        texts = {name: SCALAR.replace(one, entry) for name, entry in entries.items()}
        scans = self.write(**texts)
        curve = os.path.join(self.folder, "curve.csv")
        with open(curve, "w", encoding="utf-8") as file:
            file.write("# name: a limit\n# cl: 0.90\n# doi: not stated\nm_phi[MeV],g_phi[1]\n")
            file.write("1,1e-4\n100,2e-4\n")
        code, messages = self.run_gallery("--overlay", f"both={curve}", *scans)
        self.assertEqual(code, 0, messages)
        pages = [os.path.basename(name) for name in glob.glob(self.path("*-experiments.*"))]
        self.assertEqual(sorted(pages), ["both-experiments.pdf", "both-experiments.png"])
        options = SimpleNamespace(output=self.path(), depends=[], sevens=SEVENS, overlay=[])
        jobs = [sevens_gallery.Job(scan, options) for scan in scans]
        (page,) = sevens_gallery.comparisons(jobs, options)
        names = [os.path.basename(path) for path in page.maps]
        self.assertEqual(names, ["both.h5", "csi.h5", "lar.h5"])
        panel = imread(self.path("thumbnails", "csi.png")).shape
        sheet = imread(self.path("gallery.png")).shape
        self.assertEqual(sheet[1], 2 * panel[1])  # of CsI there are two
        self.assertGreater(sheet[0], 3 * panel[0])  # CsI, LAr, combinations
        self.assertLess(sheet[0], 4 * panel[0])
        first = self.times()
        code, messages = self.run_gallery("--overlay", f"both={curve}", *scans)
        self.assertEqual((code, self.times()), (0, first), messages)

    def test_overlay_names_a_scan(self):
        (scan,) = self.write(angle=ANGLE)
        code, messages = self.run_gallery("--overlay", "angel=c.csv", scan)
        self.assertEqual(code, 2)
        self.assertIn("did you mean 'angle'?", messages)
        code, messages = self.run_gallery("--overlay", "c.csv", scan)
        self.assertEqual(code, 2)
        self.assertIn("STEM=CURVE.csv", messages)

    def test_faults(self):
        scans = self.write(angle=ANGLE, bad=ANGLE.replace("s2w", "s2v"))
        code, messages = self.run_gallery(*scans)
        self.assertEqual(code, 1)
        self.assertIn("did you mean 's2w'", messages)
        self.assertTrue(os.path.exists(self.path("angle.png")))  # the others are made
        self.assertFalse(os.path.exists(self.path("bad.png")))
        code, messages = self.run_gallery("--job", "2", *scans)
        self.assertEqual(code, 2)
        self.assertIn("did you mean '--jobs'?", messages)

    def map_of(self, text, *options):
        (scan,) = self.write(scan=text)
        path = os.path.join(self.folder, "scan.h5")
        answer = sevens("scan", scan, "-q", "--force", "-o", path, *options)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return open_map(path)

    def test_standard_model_point(self):
        self.assertEqual(standard_point(self.map_of(RADII)), [-0.83, -0.48])
        self.assertEqual(standard_point(self.map_of(ANGLE)), [0.23857])
        moved = self.map_of(RADII, "--set", "parameters.r2_emu=1")
        self.assertIsNone(standard_point(moved))
        moment = self.map_of(MOMENT)  # another moment is not zero
        self.assertIsNone(standard_point(moment))
        moment = self.map_of(MOMENT, "--set", "parameters.mu_nu_mu=0")
        self.assertEqual(standard_point(moment), [0.0])
        scalar = self.map_of(SCALAR)  # the mass is free there
        self.assertIsNone(standard_point(scalar))
        self.assertTrue(at_standard_limit(scalar))
        self.assertIn("equal couplings to u, d", model_title(scalar))


if __name__ == "__main__":
    unittest.main()
