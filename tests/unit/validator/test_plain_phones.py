"""Tests that the fast path for phone numbers gives the same as the library."""

from __future__ import annotations

import phonenumbers
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.values.phones import judge_phone, plainly_valid

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def by_the_library(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _written(region: str, start: str, digits: str, separator: str) -> str:
    code = str(phonenumbers.country_code_for_region(region))
    return start.replace("C", code) + separator.join([digits[:3], digits[3:]])


@settings(max_examples=1500)
@given(
    st.builds(
        lambda region, start, digits, separator: (region, _written(region, start, digits, separator)),
        st.sampled_from(REGIONS) | st.sampled_from(["BE", "FR", "NL", "DE"]),
        st.sampled_from(["0", "+C", "00C", "+C ", "+C0", "0 "]),
        st.text("0123456789", min_size=5, max_size=12),
        st.sampled_from(["", " ", ".", "/", "-"]),
    )
)
def test_what_the_short_way_takes_the_library_takes_alike(case: tuple[str, str]) -> None:
    region, text = case
    taken = plainly_valid(text, region)
    library = "+" + text[2:] if text.startswith("00") else text
    assert taken is None or taken == by_the_library(library, region)


def test_example_numbers_of_every_country_are_judged_alike_in_both_ways() -> None:
    taken = 0
    for region in REGIONS:
        example = phonenumbers.example_number(region)
        text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
        short = plainly_valid(text, region)
        if short is not None:
            taken += 1
            assert short == by_the_library(text, region)
    assert taken > 50


def test_an_ordinary_belgian_mobile_goes_the_short_way_and_is_reported_as_reformatted() -> None:
    assert plainly_valid("0470 12 34 56", "BE") == "+32470123456"
    assert judge_phone("BE")("0470 12 34 56", None).fix == "phone_reformatted"
    assert judge_phone("BE")("+32470123456", None).fix is None


def test_numbers_that_are_not_in_use_are_left_to_the_library() -> None:
    assert plainly_valid("0999 99 99 99", "BE") is None
