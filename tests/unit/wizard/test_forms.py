"""Tests how the pages read forms of a browser."""

import pytest

from services.wizard.forms import MOST, untouched, whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), (" 7 ", 7), ("007", 7), (str(MOST), MOST)])
def test_plain_digits_are_a_number(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    "text", ["", None, "²", "٣", "-1", "+1", "1.5", "1e3", "1_0", "9" * 400, "a", "\x00", str(MOST + 1)]
)
def test_all_else_is_none(text):
    assert whole(text) is None


def test_a_number_beyond_its_bound_is_none():
    assert (whole("200", 200), whole("201", 200)) == (200, None)


@pytest.mark.parametrize(
    ("given", "shown"),
    [(None, "x"), ("x", "x"), ("a\r\nb", "a\nb"), ("ab", "a\nb"), ("ab", "a\r\nb"), ("", "")],
)
def test_a_control_that_sends_back_what_it_showed_is_untouched(given, shown):
    assert untouched(given, shown)


@pytest.mark.parametrize(("given", "shown"), [("", "x"), ("x", ""), ("a b", "ab"), ("X", "x")])
def test_a_control_that_sends_something_else_was_touched(given, shown):
    assert not untouched(given, shown)
