# SPDX-License-Identifier: BSD-3-Clause
"""Exclusion plots: excluded region, contours, best fit and overlays of a map; contours of several
maps in one frame; the chi2 curve of a map with one axis. With --spectrum, data and prediction of a
scan file's experiments at one parameter point (sevens_spectrum.py, sevens_stack.py)."""

import math
import os
import sys

import sevens_cli as cli
from sevens_map import MapError, RequestError, nearest
from sevens_numerics import ConfidenceLevel

_FORMATS = {
    "png": {"dpi": 300, "metadata": {"Software": None}},
    "pdf": {"dpi": 300, "metadata": {"CreationDate": None, "ModDate": None, "Producer": None}},
    "svg": {"dpi": 300, "metadata": {"Date": None, "Creator": None}},
}
_MAIN_CL = 0.90
_WIDTH = 3.4  # [inch] one column of a journal


def _limits(text):
    try:
        low, high = (float(word) for word in text.split(","))
    except ValueError:
        raise ValueError(f"'{text}' is not LO,HI") from None
    if not low < high or math.isinf(low) or math.isinf(high):
        raise ValueError(f"'{text}': LO must lie below HI")
    return low, high


def _levels(text):
    return [ConfidenceLevel.parse(word) for word in text.split(",")]


def _width(text):
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if not 3 <= width <= 20:
        raise ValueError(f"'{text}' is not a width of 3 to 20 inches")
    return width


def make_parser():
    parser = cli.Parser(
        "plot",
        description="Exclusion plot of one map, the contours of several maps, or the chi2 curve of"
        " maps with one axis; with --spectrum, data and prediction at one parameter point. The"
        " format follows the name of the output file.",
    )
    parser.add_argument("maps", nargs="*", metavar="MAP.h5", help="finished map")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="FILE.png, .pdf or .svg (default: MAP.png, SCAN-spectrum.png)",
    )
    parser.add_argument(
        "--cl",
        type=cli.typed(_levels),
        metavar="CL,...",
        help="confidence levels between 0 and 1, or 1s, 2s, ... for sigmas; the region is filled"
        " for 0.90 if it is among them, else the first (default: 1s,0.90,2s; several maps: 0.90)",
    )
    cli.add_statistic(parser, None, ("min", "sm"), "min")
    cli.add_at(parser)
    cli.add_plane(parser)
    parser.add_argument(
        "--overlay",
        action="append",
        nargs="+",
        default=[],
        metavar="CURVE.csv",
        help="overlay curves with name, CL and DOI, as `sevens overlay` writes them (repeatable)",
    )
    parser.add_argument("--title", metavar="TEXT", help="title in place of experiment and model")
    for name in "xy":
        parser.add_argument(
            f"--{name}lim",
            type=cli.typed(_limits),
            metavar="LO,HI",
            help=f"range of the {name} axis (default: all of it)",
        )
    parser.add_argument(
        "--width",
        type=cli.typed(_width),
        metavar="INCHES",
        help="width of the figure (default: 3.4, one column of a journal; 7 for a spectrum of two"
        " bin axes)",
    )
    parser.add_argument(
        "--json", action="store_true", help="say on stdout, as JSON, what was written"
    )
    _add_spectrum(parser)
    return parser


def _add_spectrum(parser):
    group = parser.add_argument_group(
        "spectra",
        "Data, stacked prediction and Standard Model of the experiments of a scan file, in every"
        " bin axis. Its axes are fixed with --at. Several experiments: a page each, as .pdf.",
    )
    group.add_argument("--spectrum", metavar="SCAN.yaml", help="scan file, in place of maps")
    group.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY.PATH=VALUE",
        help="override the scan file, as in experiments.0.es=false (repeatable)",
    )
    group.add_argument("--experiment", metavar="NAME", help="one of the scan file's experiments")
    group.add_argument(
        "--norms",
        type=cli.choice("profiled", "central"),
        metavar="profiled|central",
        help="norms of signal and backgrounds: where chi2 is least for each prediction, or 1"
        " (default: profiled)",
    )
    group.add_argument(
        "--subtract",
        type=cli.typed(lambda text: text.split(",")),
        metavar="NAME,...",
        help="backgrounds to subtract, at the norms of the point, from data and predictions",
    )


def _check_kind(parser, options):
    """Options of maps do not go with a spectrum, nor the other way round."""
    of_maps = ("cl", "dof", "overlay", "xlim", "ylim", "plane")
    of_spectra = ("set", "experiment", "norms", "subtract")
    foreign = of_maps if options.spectrum else of_spectra
    for name in foreign:
        if getattr(options, name):
            kind = "does not go with" if options.spectrum else "needs"
            raise RequestError(f"--{name} {kind} --spectrum SCAN.yaml")
    if options.spectrum and options.maps:
        raise RequestError(f"{options.maps[0]}: maps do not go with --spectrum")
    if not options.spectrum and not options.maps:
        parser.error("MAP.h5 or --spectrum SCAN.yaml is needed")


def _output(options):
    """Name and format of the figure."""
    if options.spectrum:
        default = os.path.splitext(os.path.basename(options.spectrum))[0] + "-spectrum.png"
    else:
        plane = f"-{options.plane}" if options.plane else ""
        default = os.path.splitext(options.maps[0])[0] + plane + ".png"
    path = options.output or default
    suffix = os.path.splitext(path)[1].lstrip(".").lower() if options.output else "png"
    if suffix not in _FORMATS:
        hint = nearest(suffix, list(_FORMATS))
        raise RequestError(f"{path}: unknown figure format '{suffix}'{hint}")
    return path, suffix


def complete(options, n_axes):
    """Fills in what depends on the maps."""
    options.width = options.width or _WIDTH
    if options.dof is None:
        options.dof = n_axes
    several = len(options.maps) > 1
    if options.cl is None:
        options.cl = _levels("0.90" if several and n_axes == 2 else "1s,0.90,2s")
    if several and n_axes == 2 and len(options.cl) > 1:
        raise RequestError("several maps are compared at one confidence level: give one --cl")
    options.levels = list(dict.fromkeys(options.cl))
    main = [level for level in options.levels if abs(level.cl - _MAIN_CL) < 1e-12]
    options.main_level = main[0] if main else options.levels[0]


def load(parser, options):
    """The maps that the options name, checked for what a figure needs."""
    maps = []
    for path in options.maps:
        scan_map = cli.load(parser, options, path)
        cli.require_axes(scan_map, 1, 2)
        for axis in scan_map.axes:
            if len(axis.values) < 2:
                raise RequestError(f"{path}: axis {axis.name} has one point only: use --at")
        maps.append(scan_map)
    first = [(axis.name, axis.unit) for axis in maps[0].axes]
    for scan_map in maps[1:]:
        axes = [(axis.name, axis.unit) for axis in scan_map.axes]
        if axes != first:
            names = [", ".join(name for name, _ in pairs) for pairs in (axes, first)]
            raise RequestError(
                f"{scan_map.path}: its axes ({names[0]}) are not those of {maps[0].path}"
                f" ({names[1]})"
            )
    return maps


def draw(parser, maps, options, overlays):
    """The figure, and the Exclusion it shows when that is of one map."""
    import sevens_exclusion as exclusion
    import sevens_page as page_module
    from sevens_contour import warn_if_coarse

    plot = None
    page = page_module.Page(options.width)
    if len(maps[0].axes) == 1:
        exclusion.draw_curve(page, maps, options)
    elif len(maps) > 1:
        exclusion.draw_comparison(page, maps, options, overlays)
    else:
        plot = exclusion.Exclusion(maps[0], options)
        exclusion.draw_exclusion(page, plot, options, overlays)
        threshold = options.main_level.threshold(options.dof)
        warn_if_coarse(parser, options, maps[0], plot.grid, threshold)
    heading = page_module.reference_text(options.reference, options.dof)
    if len(maps) > 1 and len(maps[0].axes) == 2:
        heading = page_module.level_text(options.main_level, options.dof) + ",  " + heading
    page.finish(
        page_module.title_lines(maps, options.title),
        page_module.footer_lines(maps, overlays),
        heading,
    )
    return page.figure, plot


def save(figure, path, suffix, **changed):
    with cli.replacing(path) as temporary:
        figure.savefig(temporary, format=suffix, **{**_FORMATS[suffix], **changed})


def _save_pages(figures, path):
    """A PDF of several pages."""
    from matplotlib.backends.backend_pdf import PdfPages

    with cli.replacing(path) as temporary:
        with PdfPages(temporary, metadata=_FORMATS["pdf"]["metadata"]) as pages:
            for figure in figures:
                pages.savefig(figure, dpi=_FORMATS["pdf"]["dpi"])


def _run_spectrum(parser, options, path, suffix):
    try:
        import sevens_page
        import sevens_spectrum as spectrum
        import sevens_stack
    except ImportError as error:
        raise MapError(f"{error}; figures need matplotlib (package python3-matplotlib)") from None
    options.norms, options.subtract = options.norms or "profiled", options.subtract or []
    spectra = spectrum.read(parser, options)
    names = ", ".join(s.point.experiment for s in spectra)
    if len(spectra) > 1 and suffix != "pdf":
        raise RequestError(
            f"{options.spectrum}: several experiments ({names}) make several pages: write a .pdf,"
            " or choose one with --experiment NAME"
        )
    with sevens_page.style():
        figures = [_with_title(options, sevens_stack.draw, s, options) for s in spectra]
        if len(figures) > 1:
            _save_pages(figures, path)
        else:
            save(figures[0], path, suffix)
    _say(parser, options, path, spectrum.report(path, spectra, options))


def _with_title(options, function, *args):
    """Calls a function that draws; a formula it does not understand is that of --title."""
    try:
        return function(*args)
    except ValueError as error:
        if options.title is None:
            raise
        text = str(error).strip().splitlines()[-1]
        raise RequestError(f"--title: formula not understood: {text}") from None


def _say(parser, options, path, report):
    if options.json:
        cli.write_text(cli.to_json(report), None)
    elif not options.quiet:
        print(f"{parser.prog}: wrote {path}", file=sys.stderr)


def _run(parser, options):
    _check_kind(parser, options)
    path, suffix = _output(options)
    if options.spectrum:
        _run_spectrum(parser, options, path, suffix)
        return
    maps = load(parser, options)
    complete(options, len(maps[0].axes))
    highest = max(level.threshold(options.dof) for level in options.levels)
    for scan_map in maps:
        cli.require_range(scan_map, options.reference, highest)
    files = [name for group in options.overlay for name in group]
    if files and len(maps[0].axes) == 1:
        raise RequestError("--overlay needs a map of two axes")
    try:
        import sevens_page
        from sevens_overlay import read_overlay
    except ImportError as error:
        raise MapError(f"{error}; figures need matplotlib (package python3-matplotlib)") from None
    overlays = [read_overlay(name, *maps[0].axes) for name in files]
    with sevens_page.style():
        figure, _ = _with_title(options, draw, parser, maps, options, overlays)
        save(figure, path, suffix)
    _say(parser, options, path, _report(path, maps, options))


def _report(path, maps, options):
    return {
        "figure": path,
        "maps": [scan_map.path for scan_map in maps],
        "cl": [cli.rounded(level.cl) for level in options.levels],
        "dof": options.dof,
        "delta_chi2": [cli.rounded(level.threshold(options.dof)) for level in options.levels],
        "reference": options.reference,
    }


def main(args=None):
    return cli.run(make_parser(), _run, args)


if __name__ == "__main__":
    sys.exit(main())
