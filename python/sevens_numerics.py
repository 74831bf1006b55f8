# SPDX-License-Identifier: BSD-3-Clause
"""Thresholds of Delta chi2 and interpolation along grid lines.

chi2 is smooth between grid points, so a level crossing is found on the monotone cubic through four
neighbouring points, and grids are cut finer by polynomials; straight lines would be wrong by the
curvature of chi2 in a cell."""

import math
from dataclasses import dataclass

import numpy as np

_BISECTIONS = 50  # halves a cell to the last bits of a double


@dataclass(frozen=True)
class ConfidenceLevel:
    """A confidence level; the tail 1 - cl is kept because cl loses it beyond 8 sigma."""

    cl: float
    tail: float
    label: str

    @classmethod
    def parse(cls, text):
        """'0.90', or 'Ns' for N sigma of one Gaussian variable ('1s' is 0.6827)."""
        word = text.strip().lower()
        for suffix in ("sigma", "s"):
            if word.endswith(suffix) and word != suffix:
                sigma = _number(word[: -len(suffix)], text)
                if not 0 < sigma <= 30:
                    raise ValueError(f"confidence level '{text}': sigmas must lie in 0 to 30")
                tail = math.erfc(sigma / math.sqrt(2))
                return cls(1 - tail, tail, rf"{sigma:g}$\sigma$")
        cl = _number(word, text)
        if not 0 < cl < 1:
            hint = f"; write {cl / 100:g} for {cl:g} %" if 1 < cl < 100 else ""
            raise ValueError(f"confidence level '{text}' is not between 0 and 1{hint}")
        return cls(cl, 1 - cl, f"{100 * cl:.6g}% CL")

    def threshold(self, dof):
        return chi2_threshold(self.tail, dof)


def _number(word, text):
    try:
        return float(word)
    except ValueError:
        raise ValueError(
            f"confidence level '{text}' is neither a number such as 0.90 nor 1s, 2s, ..."
        ) from None


def chi2_tail(x, dof):
    """Probability that chi2 of dof degrees of freedom exceeds x. Exact: the recurrence
    Q(a+1, y) = Q(a, y) + y^a exp(-y)/Gamma(a+1) starts from erfc(sqrt y) or exp(-y)."""
    y = x / 2
    tail, a = (math.erfc(math.sqrt(y)), 0.5) if dof % 2 else (math.exp(-y), 1.0)
    while a < dof / 2:
        tail += math.exp(a * math.log(y) - y - math.lgamma(a + 1)) if y > 0 else 0.0
        a += 1
    return tail


def chi2_threshold(tail, dof):
    """Delta chi2 that chi2 of dof degrees of freedom exceeds with probability tail."""
    if dof == 2:
        return -2 * math.log(tail)
    low, high = 0.0, 1.0
    while chi2_tail(high, dof) > tail:
        high *= 2
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return middle
        if chi2_tail(middle, dof) > tail:
            low = middle
        else:
            high = middle


def cell_roots(u, f):
    """Where f = 0 in the middle cell of four neighbouring points.

    u, f: arrays [4][n]; f[1] and f[2] have opposite signs (or one is 0); f[0] or f[3] may be NaN.
    The curve is the cubic through the four points in Hermite form, its end slopes limited to
    0..3 times the secant (Fritsch and Carlson 1980), so that it is monotone and has one root."""
    u, f = np.asarray(u, dtype=float), np.asarray(f, dtype=float)
    h = u[2] - u[1]
    secant = (f[2] - f[1]) / h
    with np.errstate(invalid="ignore", divide="ignore"):
        left = (secant - (f[1] - f[0]) / (u[1] - u[0])) / (u[2] - u[0])
        right = ((f[3] - f[2]) / (u[3] - u[2]) - secant) / (u[3] - u[1])
        bend = (right - left) / (u[3] - u[0])
        q1, q2 = left + (u[1] - u[0]) * bend, right - (u[3] - u[2]) * bend
    has_left, has_right = np.isfinite(left), np.isfinite(right)
    left, right = np.where(has_left, left, 0.0), np.where(has_right, right, 0.0)
    q1 = np.where(has_left & has_right, q1, left + right)
    q2 = np.where(has_left & has_right, q2, left + right)
    s1, s2 = (np.clip(slope / secant, 0, 3) for slope in (secant - h * q1, secant + h * q2))
    target = -f[1] / (f[2] - f[1])
    low, high = np.zeros_like(target), np.ones_like(target)
    for _ in range(_BISECTIONS):
        t = (low + high) / 2
        below = t * t * (3 - 2 * t) + t * (1 - t) * ((1 - t) * s1 - t * s2) < target
        low, high = np.where(below, t, low), np.where(below, high, t)
    return u[1] + h * (low + high) / 2


def neighbours(u, f, cell, line=None):
    """The four points around the cells cell..cell+1, NaN beyond the ends, as cell_roots takes them.
    f: values along one line, or [line][point] with the line of each cell."""
    index = np.atleast_1d(cell) + np.arange(-1, 3)[:, None]
    inside = (index >= 0) & (index < len(u))
    index = np.clip(index, 0, len(u) - 1)
    values = f[index] if line is None else f[line, index]
    return np.where(inside, u[index], np.nan), np.where(inside, values, np.nan)


def refined(u, f, parts):
    """Each cell along the first axis cut into `parts`: (u, f) on the finer line, the given points
    kept. Polynomial through the six nearest points; near NaN through four or two."""
    f = np.asarray(f, dtype=float)
    n = len(u)
    fine_u = np.interp(np.arange((n - 1) * parts + 1) / parts, np.arange(n), u)
    fine = np.full((len(fine_u),) + f.shape[1:], np.nan)
    fine[::parts] = f
    for part in range(1, parts):
        for width in (6, 4, 2):
            if width <= n and np.isnan(fine[part::parts]).any():
                found = _through(u, f, fine_u[part::parts], width)
                fine[part::parts] = np.where(np.isnan(fine[part::parts]), found, fine[part::parts])
    return fine_u, fine


def _through(u, f, at, width):
    """Lagrange polynomials through `width` points round each cell at one place `at` in it."""
    first = np.clip(np.arange(len(u) - 1) - width // 2 + 1, 0, len(u) - width)
    nodes = [first + k for k in range(width)]
    total = np.zeros((len(at),) + f.shape[1:])
    for k, node in enumerate(nodes):
        weight = np.ones(len(at))
        for m, other in enumerate(nodes):
            if m != k:
                weight *= (at - u[other]) / (u[node] - u[other])
        total += weight.reshape((-1,) + (1,) * (f.ndim - 1)) * f[node]
    return total


def line_minimum(u, f):
    """Least value along a line: the parabola through the least point and its neighbours. NaN when
    no point is valid."""
    if not np.isfinite(f).any():
        return math.nan
    k = int(np.nanargmin(f))
    if k == 0 or k == len(f) - 1 or not np.isfinite(f[k - 1 : k + 2]).all():
        return float(f[k])
    a, b = u[k - 1] - u[k], u[k + 1] - u[k]
    fa, fb = (f[k - 1] - f[k]) / a, (f[k + 1] - f[k]) / b
    curvature = (fb - fa) / (b - a)
    slope = fa - curvature * a
    return float(f[k] - slope * slope / (4 * curvature)) if curvature > 0 else float(f[k])
