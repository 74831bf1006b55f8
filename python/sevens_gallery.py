#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Gallery: runs scan files and draws one page for each, as PNG and PDF, and a contact sheet of all.

    sevens_gallery.py --sevens build/sevens -o out/gallery scans/*-universal.yaml

Planes of several experiments get a second page, STEM-experiments, where the contours of those among
them that have a scan of the same plane stand beside their own.

DIR/maps has the maps, DIR/thumbnails the panels of DIR/gallery.png. What is newer than all it was
made from stays as it is. Each process draws many: importing matplotlib takes longer than most scans.
"""

import glob
import json
import multiprocessing
import os
import subprocess
import sys
from types import SimpleNamespace

import sevens_cli as cli
from sevens_map import MapError, RequestError, list_planes, nearest, open_map

PANEL, PANEL_DPI, COLUMNS = (2.5, 2.15), 150, 7  # size in inches
_BOX = (0.25, 0.2, 0.69, 0.64)  # axes of a panel
_HEAD, _GROUP_HEAD = 0.42, 0.3  # [inch] legend, title of a group
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
    parser.add_argument(
        "--overlay",
        action="append",
        default=[],
        metavar="STEM=CURVE.csv",
        help="curve of other work on the page STEM-experiments.png (repeatable)",
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

    def open(self):
        """The map, or the plane of a reduced one that is drawn: the first of two axes."""
        return open_map(self.map, self.plane())

    def plane(self):
        planes = list_planes(self.map)
        return next((name for name, (_, axes) in planes.items() if len(axes) == 2), None)

    def map_is_fresh(self):
        if not _newer([self.map], self.needs):
            return False
        try:
            self.open()
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


class Comparison:
    """The page on which a plane of several experiments stands beside those of each of them."""

    def __init__(self, job, singles, options):
        plane = os.path.splitext(job.pages[0])[0]
        self.pages = [f"{plane}-experiments.{suffix}" for suffix in ("png", "pdf")]
        self.maps = [job.map, *(single.map for single in singles)]
        words = [text.partition("=") for text in options.overlay]
        self.overlay = [curve for name, _, curve in words if name == os.path.basename(plane)]

    def run(self):
        scripts = glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sevens_*.py"))
        if _newer(self.pages, [*self.maps, *self.overlay, *scripts]):
            return None
        try:
            draw_experiments(self)
        except (MapError, RequestError, OSError) as error:
            return f"{self.pages[0]}: {error}"
        return None


def comparisons(jobs, options):
    """One for each plane of several experiments of which two or more have a plane of their own."""
    planes = [(job, _plane(job)) for job in jobs]
    found = []
    for job, plane in planes:
        if plane is None or len(plane.experiments) < 2:
            continue
        singles = {}
        for other, its in planes:
            if its is None or len(its.experiments) != 1 or its.key != plane.key:
                continue
            if its.experiments[0] in plane.experiments:
                singles.setdefault(json.dumps(its.experiments[0], sort_keys=True), other)
        if len(singles) > 1:
            order = [json.dumps(entry, sort_keys=True) for entry in plane.experiments]
            found.append(Comparison(job, [singles[k] for k in order if k in singles], options))
    return found


def _plane(job):
    """Axes, model and experiments of a map of two axes, else None."""
    scan_map = job.open()
    if len(scan_map.axes) != 2 or scan_map.plane:
        return None
    axes = [(axis.name, axis.unit) for axis in scan_map.axes]
    key = json.dumps([axes, scan_map.scan.get("model"), scan_map.scan.get("parameters") or {}])
    return SimpleNamespace(key=key, experiments=scan_map.scan.get("experiments") or [])


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
    options.plane = job.plane()
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
        for y, text in ((0.99, model_title(maps[0])), (0.925, experiment_title(maps[0]))):
            title = panel.figure.text(0.5, y, text, ha="center", va="top", fontsize=7)
            sevens_page.shrink(title, PANEL[0] - 0.1, panel.canvas)
        sevens_plot.save(panel.figure, job.thumbnail, "png", dpi=PANEL_DPI)


def draw_experiments(comparison):
    """Both formats of the page that compares experiments."""
    import sevens_page
    import sevens_plot
    from sevens_overlay import read_overlay

    parser = sevens_plot.make_parser()
    options = parser.parse_args([*comparison.maps, "--quiet"])
    maps = sevens_plot.load(parser, options)
    sevens_plot.complete(options, 2)
    overlays = [read_overlay(name, *maps[0].axes) for name in comparison.overlay]
    with sevens_page.style():
        figure, _ = sevens_plot.draw(parser, maps, options, overlays)
        for path in comparison.pages:
            sevens_plot.save(figure, path, path.rsplit(".", 1)[-1])


def draw_sheet(jobs, path):
    """All panels below the common legend: each experiment, the combinations and the projections
    begin a row of their own, and there those of one kind of model stand together."""
    import numpy as np
    from matplotlib.image import imread

    import sevens_page
    import sevens_plot

    groups = {}
    for job in sorted(jobs, key=_order):
        groups.setdefault(_group(job)[1], []).append(imread(job.thumbnail)[..., :3])
    columns = min(COLUMNS, max(len(panels) for panels in groups.values()))
    high, wide, _ = next(iter(groups.values()))[0].shape
    with sevens_page.style():
        strips = [_legend(columns * wide)]
        for title, panels in groups.items():
            if len(groups) > 1:
                strips.append(_heading(title, columns * wide))
            for first in range(0, len(panels), columns):
                strip = np.ones((high, columns * wide, 3))
                for k, panel in enumerate(panels[first : first + columns]):
                    strip[:, k * wide : (k + 1) * wide] = panel
                strips.append(strip)
        pixels = np.concatenate(strips)
        sheet = Canvas((columns * wide / PANEL_DPI, len(pixels) / PANEL_DPI))
        sheet.figure.figimage(pixels)
        sevens_plot.save(sheet.figure, path, "png", dpi=PANEL_DPI)


def _group(job):
    from sevens_physics import experiment_group

    return experiment_group(job.open())


def _order(job):
    model = job.open().scan.get("model", [])
    kinds = [entry["kind"] for entry in model if entry["kind"] != "sm"] or ["sm"]
    place = _KINDS.index(kinds[0]) if kinds[0] in _KINDS else len(_KINDS)
    return *_group(job), place, job.scan


def _heading(title, wide):
    """A line across the sheet with the title of a group, as pixels."""
    canvas = Canvas((wide / PANEL_DPI, _GROUP_HEAD))
    canvas.figure.text(0.1 / canvas.figure.get_figwidth(), 0.35, title, va="center", fontsize=11)
    return _pixels(canvas)


def _pixels(canvas):
    import numpy as np

    canvas.canvas.draw()
    return np.asarray(canvas.canvas.buffer_rgba())[..., :3] / 255.0


def _legend(wide):
    """That of all planes, as pixels."""
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
    return _pixels(canvas)


def _check_overlays(jobs, options):
    stems = [os.path.splitext(os.path.basename(job.scan))[0] for job in jobs]
    for text in options.overlay:
        stem, equals, _ = text.partition("=")
        if not equals:
            raise RequestError(f"--overlay {text}: not STEM=CURVE.csv")
        if stem not in stems:
            raise RequestError(f"--overlay {text}: no scan '{stem}'{nearest(stem, stems)}")


def _work(job):
    return job.run()


def _run(parser, options):
    try:
        import matplotlib.backends.backend_agg  # noqa: F401  before the processes part
    except ImportError as error:
        raise MapError(f"{error}; figures need matplotlib (package python3-matplotlib)") from None
    jobs = [Job(scan, options) for scan in options.scans]
    _check_overlays(jobs, options)
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
        if not faults:
            pages = comparisons(jobs, options)
            for page, fault in zip(pages, pool.imap(_work, pages)):
                if fault:
                    faults.append(fault)
                elif not options.quiet:
                    print(page.pages[0], file=sys.stderr, flush=True)
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
