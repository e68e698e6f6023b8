"""Tests confidence: it never falls with the fit, and interpolates between measured points."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.mapper.targets.calibration import POINTS, calibrated


def test_the_measured_points_grow():
    assert list(POINTS) == sorted(POINTS)
    assert [share for _, share in POINTS] == sorted(share for _, share in POINTS)


def test_between_two_points_it_is_straight():
    assert calibrated(0.25, ((0.0, 0.0), (0.5, 1.0))) == 0.5


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_fits_better_is_not_less_sure(one, other):
    assert (one <= other) <= (calibrated(one) <= calibrated(other))
