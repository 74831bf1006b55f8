#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Gallery: runs scan files and draws one page for each, as PNG and PDF, and a contact sheet of all.

    sevens_gallery.py --sevens build/sevens -o out/gallery scans/csi2021-*.yaml

DIR/maps has the maps, DIR/thumbnails the panels of DIR/gallery.png. What is newer than all it was
made from stays as it is. Each process draws many: importing matplotlib takes longer than most scans.
"""

import glob
import multiprocessing
import os
import subprocess
import sys

import sevens_cli as cli
from sevens_map import MapError, RequestError, open_map

PANEL, PANEL_DPI, COLUMNS = (2.5, 2.15), 150, 7  # size in inches
_BOX = (0.25, 0.2, 0.69, 0.64)  # axes of a panel
_HEAD = 0.42  # [inch]
_KINDS = (
    *("sm", "nsi", "zprime", "zprime-axial", "scalar", "tensor", "magnetic-moment"),
    *("charge-radius", "millicharge", "sterile", "dipole-portal", "lma-dark"),
)
_UNCONVERGED = 4  # exit code of a scan that finished with unconverged points


def make_parser():
    parser = cli.Parser(
        "gallery", description="Runs scan files; a page for each (PNG, PDF) and a contact sheet."
    )
    parser.prog = "sevens_gallery.py"
    parser.add_argument("scans", nargs="+", metavar="SCAN.yaml")
    parser.add_argument("-o", "--output", default="gallery", metavar="DIR", help="folder to fill")
    parser.add_argument(
        "--sevens", default="sevens", metavar="PROGRAM", help="program that scans (default: sevens)"
    )
    parser.add_argument(
        "--depends",
        action="append",
        default=[],
        metavar="PATH",
        help="file or folder that makes older maps out of date when it changes (repeatable)",
    )
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="default: one per core")
    return parser


class Job:
    """One scan file and what is made from it."""

    def __init__(self, scan, options):
        stem = os.path.splitext(os.path.basename(scan))[0]
        folder = options.output
        self.scan = scan
        self.map = os.path.join(folder, "maps", stem + ".h5")
        self.pages = [os.path.join(folder, f"{stem}.{suffix}") for suffix in ("png", "pdf")]
        self.thumbnail = os.path.join(folder, "thumbnails", stem + ".png")
        self.needs = [scan, *options.depends]
        self.sevens = options.sevens

    def map_is_fresh(self):
        if not _newer([self.map], self.needs):
            return False
        try:
            open_map(self.map)
        except MapError:
            return False
        return True

    def pages_are_fresh(self):
        scripts = glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sevens_*.py"))
        return _newer([*self.pages, self.thumbnail], [self.map, *scripts])

    def run(self):
        """Fault in words, or None."""
        if not self.map_is_fresh():
            call = [self.sevens, "scan", self.scan, "-o", self.map]
            call += ["--force", "--quiet", "--threads", "1"]
            answer = subprocess.run(call, capture_output=True, text=True, check=False)
            if answer.returncode not in (0, _UNCONVERGED):
                return answer.stderr.strip() or f"{self.scan}: exit code {answer.returncode}"
        if not self.pages_are_fresh():
            try:
                draw(self)
            except (MapError, RequestError, OSError) as error:
                return f"{self.scan}: {error}"
        return None


def _newer(products, sources):
    """Whether all products are there and newer than all sources, files or folders of files."""
    if not all(os.path.exists(path) for path in products):
        return False
    files = []
    for path in sources:
        inside = glob.glob(os.path.join(path, "**", "*"), recursive=True)
        files += inside if os.path.isdir(path) else [path]
    latest = max(os.path.getmtime(path) for path in files)
    return min(os.path.getmtime(path) for path in products) > latest


class Canvas:
    """What the drawing functions take for a page: here without title and footer."""

    def __init__(self, size, box=None):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=size, dpi=PANEL_DPI)
        self.canvas = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes(box) if box else None
        self.handles = []

    def add(self, handle, label):
        handle.set_label(label)
        self.handles.append(handle)


def draw(job):
    """Both pages and the panel of one map."""
    import sevens_exclusion as exclusion
    import sevens_page
    import sevens_plot
    from sevens_physics import experiment_title, model_title

    parser = sevens_plot.make_parser()
    options = parser.parse_args([job.map, "--quiet"])
    maps = sevens_plot.load(parser, options)
    sevens_plot.complete(options, len(maps[0].axes))
    with sevens_page.style():
        figure, plot = sevens_plot.draw(parser, maps, options, [])
        for path in job.pages:
            sevens_plot.save(figure, path, path.rsplit(".", 1)[-1])
        panel = Canvas(PANEL, _BOX)
        if plot is None:
            exclusion.draw_curve(panel, maps, options)
        else:
            exclusion.set_axes(panel.axes, maps[0], (None, None))
            plot.draw_invalid(panel.axes)
            plot.draw(panel.axes, width=0.6)
            exclusion.draw_best(panel, maps[0])
            exclusion.draw_standard(panel, maps[0])
        panel.axes.tick_params(labelsize=6)
        title = f"{model_title(maps[0])}\n{experiment_title(maps[0])}"
        panel.figure.text(_BOX[0] + _BOX[2] / 2, 0.99, title, ha="center", va="top", fontsize=7)
        sevens_plot.save(panel.figure, job.thumbnail, "png", dpi=PANEL_DPI)


def draw_sheet(jobs, path):
    """All panels, those of one kind of model together, below the common legend."""
    import numpy as np
    from matplotlib.image import imread

    import sevens_page
    import sevens_plot

    panels = [imread(job.thumbnail)[..., :3] for job in sorted(jobs, key=_order)]
    high, wide, _ = panels[0].shape
    columns = min(COLUMNS, len(panels))
    with sevens_page.style():
        head = _legend(columns * wide)
        top = len(head)
        rows = -(-len(panels) // columns)
        pixels = np.ones((top + rows * high, columns * wide, 3))
        pixels[:top] = head
        for k, panel in enumerate(panels):
            row, column = divmod(k, columns)
            y, x = top + row * high, column * wide
            pixels[y : y + high, x : x + wide] = panel
        sheet = Canvas((columns * wide / PANEL_DPI, len(pixels) / PANEL_DPI))
        sheet.figure.figimage(pixels)
        sevens_plot.save(sheet.figure, path, "png", dpi=PANEL_DPI)


def _order(job):
    model = open_map(job.map).scan.get("model", [])
    kinds = [entry["kind"] for entry in model if entry["kind"] != "sm"] or ["sm"]
    place = _KINDS.index(kinds[0]) if kinds[0] in _KINDS else len(_KINDS)
    return place, job.scan


def _legend(wide):
    """That of all planes, as pixels."""
    import numpy as np

    import sevens_exclusion as exclusion
    import sevens_page
    import sevens_plot

    options = sevens_plot.make_parser().parse_args(["-"])
    sevens_plot.complete(options, 2)
    canvas = Canvas((wide / PANEL_DPI, _HEAD))
    exclusion.add_levels(canvas, options)
    canvas.add(exclusion.best_mark(face=exclusion.BEST_FACE), "best fit")
    canvas.add(exclusion.standard_mark(), "Standard Model")
    canvas.figure.legend(
        handles=canvas.handles,
        loc="center",
        ncol=max(1, len(canvas.handles) * wide // round(COLUMNS * PANEL[0] * PANEL_DPI)),
        title=sevens_page.reference_text(options.reference, options.dof),
        title_fontsize=8,
        fontsize=8,
    )
    canvas.canvas.draw()
    return np.asarray(canvas.canvas.buffer_rgba())[..., :3] / 255.0


def _work(job):
    return job.run()


def _run(parser, options):
    try:
        import matplotlib.backends.backend_agg  # noqa: F401  before the processes part
    except ImportError as error:
        raise MapError(f"{error}; figures need matplotlib (package python3-matplotlib)") from None
    jobs = [Job(scan, options) for scan in options.scans]
    for folder in ("maps", "thumbnails"):
        os.makedirs(os.path.join(options.output, folder), exist_ok=True)
    faults = []
    workers = options.jobs or len(os.sched_getaffinity(0))
    with multiprocessing.Pool(max(1, min(workers, len(jobs)))) as pool:
        for k, (job, fault) in enumerate(zip(jobs, pool.imap(_work, jobs))):
            if fault:
                faults.append(fault)
            elif not options.quiet:
                print(f"[{k + 1}/{len(jobs)}] {job.pages[0]}", file=sys.stderr, flush=True)
    if faults:
        raise MapError("\n".join(faults))
    sheet = os.path.join(options.output, "gallery.png")
    if not _newer([sheet], [job.thumbnail for job in jobs]):
        draw_sheet(jobs, sheet)
    if not options.quiet:
        print(f"contact sheet: {sheet}", file=sys.stderr)


def main(args=None):
    return cli.run(make_parser(), _run, args)


if __name__ == "__main__":
    sys.exit(main())
