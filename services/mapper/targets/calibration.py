"""Turns the fit of a target into a confidence: how often suggestions of such a fit are right.

`make score-mapping` measures the points on labelled files and prints them.
"""

from __future__ import annotations

from bisect import bisect_right

#: (fit, share that was right), both growing
POINTS: tuple[tuple[float, float], ...] = (
    (0.0, 0.0),
    (0.3, 0.25),
    (0.45, 0.5),
    (0.55, 0.8),
    (0.75, 0.88),
    (0.9, 0.94),
    (0.95, 0.985),
    (1.0, 0.99),
)


def calibrated(fit: float, points: tuple[tuple[float, float], ...] = POINTS) -> float:
    """The confidence of a fit between 0 and 1, straight between the measured points."""
    place = bisect_right(points, (fit, 2.0))
    if place == 0:
        return points[0][1]
    if place == len(points):
        return points[-1][1]
    (low, from_), (high, to) = points[place - 1], points[place]
    return from_ + (to - from_) * (fit - low) / (high - low)
