# SPDX-License-Identifier: BSD-3-Clause
"""What the commands `sevens plot`, `contour` and `limit` share: option parsing with the exit codes
and messages of the program, choice of a slice, and output that is never left half-written."""

import argparse
import errno
import json
import os
import re
import sys
import tempfile

from sevens_map import (
    INVALID,
    UNCONVERGED,
    MapError,
    NotAMapError,
    OverlayError,
    RequestError,
    nearest,
    open_map,
)
from sevens_numerics import ConfidenceLevel

EXIT_FAILURE, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


class Parser(argparse.ArgumentParser):
    """argparse that names the nearest option or value and knows no abbreviations."""

    def __init__(self, command, **kwargs):
        super().__init__(prog=f"sevens {command}", allow_abbrev=False, **kwargs)
        self.add_argument("-q", "--quiet", action="store_true", help="no messages but errors")
        self.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")

    def parse_args(self, args=None, namespace=None):
        args = _join_negative(sys.argv[1:] if args is None else list(args))
        known = [name for name in self._option_string_actions if name.startswith("--")]
        for arg in args:
            option = arg.split("=")[0]
            if option.startswith("--") and option != "--" and option not in known:
                self.error(f"unknown option '{option}'{nearest(option, known)}")
        return super().parse_args(args, namespace)

    def error(self, message):
        self.exit(EXIT_USAGE, f"{self.prog}: error: {message} ('{self.prog} --help' lists all)\n")


def _join_negative(args):
    """'--xlim -1,1' as '--xlim=-1,1': argparse would take -1,1 for an option."""
    joined = []
    for arg in args:
        if joined and re.match(r"-\.?\d", arg) and re.fullmatch(r"--[a-z]+", joined[-1]):
            joined[-1] += "=" + arg
        else:
            joined.append(arg)
    return joined


def typed(function):
    """A parser of one value for argparse that keeps the message of a ValueError."""

    def convert(text):
        try:
            return function(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def choice(*known):
    def pick(text):
        if text in known:
            return text
        raise ValueError(f"unknown value '{text}'{nearest(text, list(known))}")

    return typed(pick)


def _degrees(text):
    if not re.fullmatch(r"\d+", text) or not 1 <= int(text) <= 1000:
        raise ValueError(f"'{text}' is not a whole number from 1 to 1000")
    return int(text)


def _assignment(text):
    name, equals, value = text.partition("=")
    try:
        if name and equals:
            return name, float(value)
    except ValueError:
        pass
    raise ValueError(f"'{text}' is not NAME=VALUE")


confidence = typed(ConfidenceLevel.parse)


def add_statistic(parser, dof, references, reference):
    default = dof if dof else "number of plotted axes"
    parser.add_argument(
        "--dof",
        type=typed(_degrees),
        default=dof,
        metavar="N",
        help=f"degrees of freedom of the threshold (default: {default})",
    )
    parser.add_argument(
        "--reference",
        type=choice(*references),
        default=reference,
        metavar="|".join(references),
        help="what chi2 is compared with: min, the continuous minimum over the scanned region; sm,"
        " the Standard Model"
        + ("; column, the least value of each column" if "column" in references else "")
        + f" (default: {reference})",
    )


def add_at(parser):
    parser.add_argument(
        "--at",
        action="append",
        default=[],
        type=typed(_assignment),
        metavar="NAME=VALUE",
        help="slice the map at the grid value of axis NAME nearest to VALUE (repeatable)",
    )


def add_plane(parser):
    parser.add_argument(
        "--plane",
        metavar="NAME",
        help="the plane of a reduced map (a scan with `reduce`); `sevens info MAP.h5` lists them",
    )


def add_output(parser, formats, default):
    parser.add_argument(
        "--format",
        type=choice(*formats),
        metavar="|".join(formats),
        help=f"output format (default: {default})",
    )
    parser.add_argument(
        "--json", dest="format", action="store_const", const="json", help="same as --format json"
    )
    parser.set_defaults(format=default)
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of stdout")


def load(parser, options, path):
    """The map, or the slice of it that --at asks for; warns of points that are not quite right."""
    scan_map = open_map(path, options.plane)
    for name, value in options.at:
        scan_map = scan_map.at(name, value)
    for state, words in ((UNCONVERGED, "did not converge"), (INVALID, "are invalid, left out")):
        count = int((scan_map.status == state).sum())
        if count:
            warn(parser, options, f"{path}: {count} of {scan_map.status.size} points {words}")
    return scan_map


def require_range(scan_map, reference, threshold):
    """A map in integers ends at some chi2: above it nothing can be told to be excluded."""
    least = scan_map.chi2_sm if reference == "sm" else scan_map.chi2_min
    if scan_map.ceiling <= least + threshold:
        raise MapError(
            f"{scan_map.path}: chi2 is stored up to {scan_map.ceiling:.0f} only, the threshold is"
            f" at {least + threshold:.1f}; scan again with `output.precision: f32` or f64"
        )


def require_axes(scan_map, least, most):
    """The map must have `least` to `most` axes left."""
    n, names = len(scan_map.axes), ", ".join(axis.name for axis in scan_map.axes)
    if n > most:
        raise RequestError(
            f"{scan_map.path}: the map has {n} axes ({names}):"
            f" fix {n - most} of them with --at NAME=VALUE"
        )
    if n < least:
        left = f"only {names} is" if n else "none is"
        raise RequestError(f"{scan_map.path}: {least} axes are needed, {left} left")


def warn(parser, options, message):
    if not options.quiet:
        print(f"{parser.prog}: warning: {message}", file=sys.stderr)


def rounded(value):
    """A number as it is written out: nine digits, far below the error of any grid."""
    return float(f"{value:.9g}")


def to_json(document):
    return json.dumps(document, allow_nan=False) + "\n"


def write_text(text, path):
    if path is None:
        if sys.stdout is None:  # closed by the shell: >&-
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard output")
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


class replacing:
    """Context of a temporary file beside `path` that takes its place when all went well. A link
    stays and its target is replaced; a device or pipe is written to, for it must not be replaced."""

    def __init__(self, path):
        self.path = os.path.realpath(path)
        if os.path.isdir(self.path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        self.in_place = os.path.exists(self.path) and not os.path.isfile(self.path)
        if self.in_place:
            self.path = path  # the target of /dev/stdout may have no name

    def __enter__(self):
        if self.in_place:
            return self.path
        folder, name = os.path.split(self.path)
        stem, suffix = os.path.splitext(name)
        handle, self.temporary = tempfile.mkstemp(suffix, f".{stem}.", folder)
        os.close(handle)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(self.temporary, 0o666 & ~mask)
        return self.temporary

    def __exit__(self, kind, error, trace):
        if self.in_place:
            return False
        try:
            if kind is None:
                os.replace(self.temporary, self.path)
        finally:
            if os.path.exists(self.temporary):
                os.unlink(self.temporary)
        return False


def run(parser, function, args=None):
    """Parses, runs and returns the exit code; every fault is one line on stderr."""
    options = parser.parse_args(args)
    try:
        function(parser, options)
        return 0
    except (RequestError, NotAMapError, OverlayError) as error:
        message, code = str(error), EXIT_USAGE
    except MapError as error:
        message, code = str(error), EXIT_FAILURE
    except BrokenPipeError:  # the reader of stdout went away: nothing left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILURE
    except KeyboardInterrupt:
        message, code = "interrupted", EXIT_INTERRUPTED
    except OSError as error:
        name = getattr(options, "output", None) or error.filename or "standard output"
        message, code = f"{name}: {error.strerror or error}", EXIT_FAILURE
    except MemoryError:
        message, code = "out of memory", EXIT_FAILURE
    print(f"{parser.prog}: error: {message}", file=sys.stderr)
    return code
