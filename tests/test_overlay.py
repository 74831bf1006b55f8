#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`sevens overlay`: limit files of every shape that collections use, what is refused, and that
`sevens plot` reads the result.

SEVENS is the program, SEVENS_SOURCE_DIR the root of the sources (default: the folder above).
SEVENS_LIMITS may name folders of limits (.lmt, .txt), with colons between, which then all go
through."""
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import types
import unittest

SOURCE = os.environ.get(
    "SEVENS_SOURCE_DIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
)
PROGRAM = os.environ.get("SEVENS", os.path.join(SOURCE, "build", "sevens"))
LIMITS = os.environ.get("SEVENS_LIMITS")
sys.path.insert(0, os.path.join(SOURCE, "python"))

# Polyline in GeV, closed far above the plot, with a gap.
POLYLINE = """\
#      mass       lower
1e-6 10000
1e-6 9.0e-7
0.00208 2.0e-6   # a comment
0.5 1e5
0.6 99999.99999999999
0.7\t5e-5

0.8 , 6e-5
1.0 1e5"""  # no newline at the end
# Mass, lower and upper edge; no limit, a limit without upper edge.
BAND = """\
#      mass       lower       upper
 1.0000e-03  1.0e-06  1.0e-04
 2.0000e-03  2.0e-06  5.0e-05
 3.0000e-03  1.0e+05  1.0e+05
 4.0000e-03  4.0e-06  1.0e+05
 5.0000e-03  5.0e-06  4.0e-05
"""
REFERENCE = ("--cl", "0.90", "--arxiv", "1803.05466")
USUAL = ("--x-unit", "GeV", "--y", "g_zp", *REFERENCE)


def setUpModule():
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)


def parse(text):
    """Head as pairs, names of the columns, curves as lists of (x, y)."""
    lines = text.splitlines()
    head = [tuple(line[2:].split(": ", 1)) for line in lines if line.startswith("#")]
    columns, *rows = [line for line in lines if not line.startswith("#")]
    curves = {}
    for row in rows:
        segment, x, y = row.split(",")
        curves.setdefault(int(segment), []).append((float(x), float(y)))
    return head, columns, list(curves.values())


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.write("line.txt", POLYLINE)
        self.write("band.lmt", BAND)
        self.write("plain.txt", "1 1e-4\n2 2e-4\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def overlay(self, *args, code=0):
        run = subprocess.run(
            [PROGRAM, "overlay", *args],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(run.returncode, code, f"{args}\n{run.stdout}\n{run.stderr}")
        return run

    def curves(self, *args):
        return parse(self.overlay(*args).stdout)[2]

    def refused(self, args, *fragments, code=2):
        run = self.overlay(*args, code=code)
        self.assertEqual(run.stdout, "", args)
        self.assertTrue(run.stderr.startswith("sevens overlay: error: "), run.stderr)
        for fragment in fragments:
            self.assertIn(fragment, run.stderr, args)


class Shapes(Case):
    def test_polyline_is_cut_where_there_is_no_limit(self):
        run = self.overlay("line.txt", *USUAL)
        _, columns, curves = parse(run.stdout)
        self.assertEqual(columns, "segment[1],m_zp[MeV],g_zp[1]")
        self.assertEqual(curves, [[(0.001, 9e-7), (2.08, 2e-6)], [(700, 5e-5), (800, 6e-5)]])
        self.assertIn("4 numbers from 10000 to 100000", run.stderr)
        self.assertIn("4 points in 2 curves: m_zp 0.001 to 800 MeV", run.stderr)
        self.assertIn("\n0,2.08,2e-06\n", run.stdout)  # not 2.0799999999999996

    def test_where_no_limit_begins_is_a_choice(self):
        one = self.curves("line.txt", *USUAL, "--no-limit", "none")
        self.assertEqual([len(curve) for curve in one], [8])
        lower = self.curves("line.txt", *USUAL, "--no-limit", "5.5e-5")
        self.assertEqual(lower, [[(0.001, 9e-7), (2.08, 2e-6)], [(700, 5e-5)]])
        # the number of the file counts, not what it is converted to
        few = self.curves("line.txt", *USUAL, "--y-factor", "1e-6")
        self.assertEqual([len(curve) for curve in few], [2, 2])
        # a quantity with a unit has no such number of its own
        moment = [*USUAL[:3], "mu_nu_mu", *REFERENCE]
        self.assertEqual([len(curve) for curve in self.curves("line.txt", *moment)], [8])

    def test_point_between_masses_without_limit(self):
        self.write("a.txt", "1 10\n2 1e-3\n3 10\n4 2e-3\n5 3e-3\n6 inf\n")
        run = self.overlay("a.txt", *USUAL)
        curves = parse(run.stdout)[2]
        self.assertEqual(curves, [[(2000, 1e-3)], [(4000, 2e-3), (5000, 3e-3)]])
        self.assertIn("1 of the points stand alone", run.stderr)

    def test_band(self):
        closed = [(1, 1e-6), (2, 2e-6), (2, 5e-5), (1, 1e-4), (1, 1e-6)]
        # open above 4 MeV: lower edge, right end, and the upper edge as far as there is one
        half = [(4, 4e-6), (5, 5e-6), (5, 4e-5)]
        self.write("band.txt", BAND)
        run = self.overlay("band.lmt", *USUAL)
        self.assertEqual(parse(run.stdout)[2], [closed, half])
        self.assertIn("8 points in 2 outlines", run.stderr)
        self.assertIn("3 numbers from 100000 to 100000", run.stderr)
        self.assertEqual(self.curves("band.txt", *USUAL, "--two-sided"), [closed, half])
        self.assertEqual(self.curves("band.txt", *USUAL, "--columns", "1,2,3"), [closed, half])
        lower = self.curves("band.lmt", *USUAL, "--columns", "1,2")
        self.assertEqual(lower, [[(1, 1e-6), (2, 2e-6)], [(4, 4e-6), (5, 5e-6)]])
        self.refused(["band.txt", *USUAL], "band.txt:2: 3 columns", "--two-sided", "--columns I,J")

    def test_edges_in_two_files(self):
        self.write("low.txt", "0.002 5e-6\n0.003 6e-6\n")
        self.write("up.txt", "0.002 2e-5\n0.0025 1.5e-5\n0.003 8e-6\n")
        head, _, curves = parse(self.overlay("low.txt", "--upper", "up.txt", *USUAL).stdout)
        outline = [(2, 5e-6), (3, 6e-6), (3, 8e-6), (2.5, 1.5e-5), (2, 2e-5), (2, 5e-6)]
        self.assertEqual(curves, [outline])
        self.assertEqual([v for k, v in head if k == "source"], ["low.txt", "up.txt"])
        self.write("far.txt", "2 2e-5\n3 2e-5\n")
        self.refused(["low.txt", "--upper", "far.txt", *USUAL], "no masses in common")
        self.refused(["low.txt", "--upper", "up.txt", "--two-sided", *USUAL], "--two-sided")
        self.refused(["low.txt", "--upper", "none.txt", *USUAL], "none.txt", code=1)

    def test_separators_and_line_ends(self):
        expected = [[(1000, 1e-4), (2000, 2e-4)]]
        for text in (
            "1,1e-4\r\n2,2e-4\r\n",
            "1\t1e-4\n2\t 2e-4",
            "  1 , 1e-4  # x\n\n # y\n2 ,2e-4\n",
            "\ufeff1 1e-4\n2 2e-4\n",
        ):
            self.write("a.txt", text)
            self.assertEqual(self.curves("a.txt", *USUAL), expected, repr(text))


class Conversion(Case):
    def test_units_of_mass(self):
        for unit, mass in (("eV", 1e-6), ("keV", 1e-3), ("MeV", 1.0), ("GeV", 1e3), ("TeV", 1e6)):
            curves = self.curves("plain.txt", "--x-unit", unit, "--y", "g_zp", *REFERENCE)
            self.assertEqual(curves, [[(mass, 1e-4), (2 * mass, 2e-4)]], unit)

    def test_power_and_factor(self):
        square = self.overlay("plain.txt", *USUAL, "--y-power", "0.5", "--y-factor", "2")
        head, _, (curve,) = parse(square.stdout)
        for (_, y), g2 in zip(curve, (1e-4, 2e-4)):
            self.assertLessEqual(abs(y - 2 * math.sqrt(g2)), 1e-14 * y)
        self.assertIn(("y", "g_zp[1] = 2 * (column 2)^0.5"), head)
        self.write("a.txt", "1 -1e-4\n")
        self.refused(["a.txt", *USUAL, "--y-power", "0.5"], "a.txt:1:", "negative")
        self.assertIn("no logarithmic axis", self.overlay("a.txt", *USUAL).stderr)

    def test_names(self):
        for name, columns in (
            ("eps", "m_zp[MeV],eps[1]"),
            ("g_phi", "m_phi[MeV],g_phi[1]"),
            ("mu_nu_e", "mass[MeV],mu_nu_e[mu_B]"),
            ("coupling", "mass[MeV],coupling[1]"),
        ):
            run = self.overlay("plain.txt", "--x-unit", "GeV", "--y", name, *REFERENCE)
            self.assertEqual(parse(run.stdout)[1], "segment[1]," + columns)
        run = self.overlay("plain.txt", *USUAL, "--x", "m_phi")
        self.assertEqual(parse(run.stdout)[1], "segment[1],m_phi[MeV],g_zp[1]")

    def test_columns(self):
        self.write("a.txt", "7 1 9 1e-4\n7 2 9 2e-4\n")
        self.assertEqual(
            self.curves("a.txt", *USUAL, "--columns", "2,4"), [[(1000, 1e-4), (2000, 2e-4)]]
        )
        self.refused(["a.txt", *USUAL], "a.txt:1: 4 columns", "--columns I,J")
        self.refused(["a.txt", *USUAL, "--columns", "2,5"], "column 5", "there are 4")
        for text in ("1", "1,2,3,4", "0,1", "1,", "1;2", "a,b", "1,65", "", ",1", "1,-2"):
            self.refused(["a.txt", *USUAL, "--columns", text], "--columns")
        self.refused(["a.txt", *USUAL, "--columns", "1,2", "--two-sided"], "I,J,K")


class Head(Case):
    def test_what_stands_there(self):
        args = ["plain.txt", *USUAL, "--label", "NA64 $e$\n", "--dof", "1", "--kind", "preferred"]
        args += ["--doi", "https://doi.org/10.1103/PhysRevLett.112.221802"]
        first, again = self.overlay(*args), self.overlay(*args)
        self.assertEqual(first.stdout, again.stdout)
        head = parse(first.stdout)[0]
        self.assertEqual(
            head,
            [
                ("name", "NA64 $e$?"),
                ("kind", "preferred"),
                ("cl", "0.90"),
                ("dof", "1"),
                ("doi", "10.1103/PhysRevLett.112.221802"),
                ("arxiv", "1803.05466"),
                ("source", "plain.txt"),
                ("sha256", hashlib.sha256(self.read("plain.txt").encode()).hexdigest()),
                ("x", "column 1 in GeV"),
                ("y", "g_zp[1] = column 2"),
            ],
        )

    def test_preprint_stands_for_a_doi(self):
        for arxiv, doi in (
            ("arXiv:1803.05466v2", "10.48550/arXiv.1803.05466"),
            ("hep-ph/0103257", "10.48550/arXiv.hep-ph/0103257"),
            ("solv-int/9901001v1", "10.48550/arXiv.solv-int/9901001"),
        ):
            args = ["--x-unit", "GeV", "--y", "g_zp", "--cl", "not stated", "--arxiv", arxiv]
            head = dict(parse(self.overlay("plain.txt", *args).stdout)[0])
            self.assertEqual((head["doi"], head["cl"]), (doi, "not stated"))
            self.assertEqual(head["name"], "plain")

    def test_faults(self):
        for args, words in (
            (["--cl", "90"], "0.90 is 90 %"),
            (["--cl", "1"], "--cl"),
            (["--doi", "Phys. Rev."], "--doi"),
            (["--arxiv", "18030.5466"], "--arxiv"),
            (["--arxiv", "1803.05466v"], "--arxiv"),
            (["--label", " "], "--label"),
            (["--kind", "exclude"], "did you mean 'excluded'?"),
            (["--x-unit", "Gev"], "did you mean 'GeV'?"),
            (["--y", "g_z"], "did you mean 'g_zp'?"),
            (["--x", "g_zp"], "g_zp is no mass"),
            (["--no-limit", "0"], "--no-limit"),
            (["--y-power", "0"], "--y-power"),
        ):
            self.refused(["plain.txt", *USUAL, *args], words)

    def test_what_must_be_given(self):
        for option in ("--x-unit", "--y", "--cl", "--arxiv"):
            k = USUAL.index(option)
            self.refused(["plain.txt", *USUAL[:k], *USUAL[k + 2 :]], "missing", option)
        self.refused(list(USUAL), "an argument is missing")
        self.refused(["plain.txt", *USUAL, "--json"], "-o CURVE.csv")


class Faults(Case):
    def test_rows(self):
        for text, words in (
            ("", "an empty limit"),
            ("# mass lower\n", "an empty limit"),
            ("1 10\n2 1e5\n", "no limit anywhere"),
            ("mass,lower\n1,1\n", "a.txt:1: column 1: 'mass' is not a number"),
            ("1 1e-4\n\n2 2e-4 3\n", "a.txt:3: 3 columns, the rows before have 2"),
            ("1 1e-4\n2\n", "a.txt:2: 1 columns"),
            ("1 1e-4\n2 nan\n", "a.txt:2: column 2: 'nan' is not a number"),
            ("1 1e-4\n2 1.2.3\n", "a.txt:2: column 2"),
            ("1,,1e-4\n", "a.txt:1: 3 columns"),
            ("1,1e-4,\n", "a.txt:1: 3 columns"),
            ("1 1e-4\n0 1e-4\n", "a.txt:2: the mass 0 is not above 0"),
            ("1 1e-4\ninf 1e-4\n", "a.txt:2: column 1"),
            (b"1 1e-4\n2 \x00 2e-4\n", "a.txt:2: the line holds a NUL byte"),
            ("1 " * 70 + "\n", "a.txt:1: more than 64 columns"),
        ):
            self.write("a.txt", text)
            self.refused(["a.txt", *USUAL], words)
        self.refused(["none.txt", *USUAL], "none.txt", "No such file", code=1)
        self.refused([".", *USUAL], "irectory", code=1)

    def test_bands(self):
        for text, words in (
            ("1 1e-4 1e-5\n", "a.lmt:1: the lower edge 0.0001 lies above"),
            ("2 1e-5 1e-4\n1 1e-5 1e-4\n", "a.lmt:2: the mass 1 lies below 2"),
        ):
            self.write("a.lmt", text)
            self.refused(["a.lmt", *USUAL], words)
        self.refused(["plain.txt", *USUAL, "--two-sided"], "plain.txt:1: 2 columns", "three")

    def test_nothing_is_overwritten(self):
        before = self.read("line.txt")
        self.refused(["line.txt", *USUAL, "-o", "line.txt", "--force"], "the limit file itself")
        self.refused(["line.txt", *USUAL, "-o", "plain.txt"], "plain.txt exists", "--force")
        self.refused(["line.txt", *USUAL, "-o", "."], "not a file")
        self.refused(["line.txt", *USUAL, "-o", "no/a.csv"], "no/a.csv", code=1)
        self.assertEqual(self.read("line.txt"), before)
        self.assertEqual(self.overlay("line.txt", *USUAL, "-o", "plain.txt", "--force").stdout, "")
        self.assertEqual(self.read("plain.txt"), self.overlay("line.txt", *USUAL).stdout)
        self.assertEqual(
            sorted(os.listdir(self.folder)), ["band.lmt", "line.txt", "plain.txt"]
        )  # no part is left behind

    def test_json(self):
        run = self.overlay("band.lmt", *USUAL, "-o", "a.csv", "--json", "-q")
        self.assertEqual(run.stderr, "")
        self.assertEqual(
            json.loads(run.stdout),
            {
                "curve": "a.csv",
                "x": "m_zp",
                "x_unit": "MeV",
                "y": "g_zp",
                "y_unit": "1",
                "two_sided": True,
                "points": 8,
                "segments": 2,
                "lone_points": 0,
                "no_limit": 3,
            },
        )


class Plot(Case):
    """The reader of `sevens plot`."""

    def setUp(self):
        super().setUp()
        try:
            import sevens_map
            import sevens_overlay
        except ImportError as missing:
            self.skipTest(str(missing))
        self.reader, self.error = sevens_overlay.read_overlay, sevens_map.MapError
        self.axes = [self.axis("m_zp", "MeV"), self.axis("g_zp", "1")]

    def axis(self, name, unit, log=True):
        return types.SimpleNamespace(name=name, unit=unit, log=log)

    def test_read_back(self):
        args = [*USUAL, "--label", "X", "--dof", "2", "--kind", "preferred", "-o", "a.csv"]
        self.overlay("band.lmt", *args)
        overlay = self.reader(self.path("a.csv"), *self.axes)
        self.assertEqual((overlay.name, overlay.cl), ("X", "preferred, 90% CL, 2 dof"))
        self.assertEqual(overlay.reference, "doi:10.48550/arXiv.1803.05466")
        self.assertEqual([len(curve) for curve in overlay.curves], [5, 3])
        self.assertEqual(overlay.curves[1].tolist(), [[4, 4e-6], [5, 5e-6], [5, 4e-5]])

    def test_not_stated(self):
        args = ["--x-unit", "GeV", "--y", "g_zp", "--cl", "not stated", "--doi", "not stated"]
        self.overlay("plain.txt", *args, "-o", "a.csv")
        overlay = self.reader(self.path("a.csv"), *self.axes)
        self.assertEqual((overlay.cl, overlay.reference), ("CL not stated", "no DOI stated"))

    def test_axes(self):
        self.write("a.txt", "1 -1e-4\n2 1e-4\n")
        self.overlay("a.txt", *USUAL, "-o", "a.csv")
        with self.assertRaisesRegex(self.error, "a.csv: g_zp = -0.0001 has no place"):
            self.reader(self.path("a.csv"), *self.axes)
        linear = self.reader(self.path("a.csv"), self.axes[0], self.axis("g_zp", "1", log=False))
        self.assertEqual(len(linear.curves[0]), 2)
        with self.assertRaisesRegex(self.error, "'m_zp' is not the axis 'm_phi'"):
            self.reader(self.path("a.csv"), self.axis("m_phi", "MeV"), self.axes[1])


@unittest.skipUnless(LIMITS, "SEVENS_LIMITS names no collection of limits")
class Collections(Case):
    def files(self):
        for top in LIMITS.split(os.pathsep):
            for folder, _, names in sorted(os.walk(top)):
                for name in sorted(names):
                    if name.endswith((".lmt", ".txt")):
                        yield os.path.join(folder, name)

    def test_all_of_them(self):
        counts = {"drawn": 0, "empty": 0}
        for path in self.files():
            run = subprocess.run(
                [PROGRAM, "overlay", path, *USUAL], capture_output=True, text=True, check=False
            )
            if run.returncode == 2:
                self.assertRegex(run.stderr, "an empty limit|no limit anywhere")
                counts["empty"] += 1
                continue
            self.assertEqual(run.returncode, 0, run.stderr)
            for x, y in sum(parse(run.stdout)[2], []):
                self.assertTrue(1e-5 < x < 1e6 and 0 < y < 1, f"{path}: {x}, {y}")
            counts["drawn"] += 1
        print(counts, file=sys.stderr)
        self.assertGreater(counts["drawn"], counts["empty"])


if __name__ == "__main__":
    unittest.main()
