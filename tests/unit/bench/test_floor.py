"""Tests that the floor of the benchmark judges a generated list as its generator does."""

from __future__ import annotations

import pytest

from bench import floor
from tools.client_lists import HEADER, client_rows


def rows_with_outcome() -> list[tuple[dict[str, str], str | None]]:
    return [(dict(zip(HEADER, cells, strict=True)), bad) for cells, bad in client_rows(400, 2, bad_share=0.1)]


def judged(row: dict[str, str]) -> bool:
    try:
        floor.check_account(row)
        floor.check_contact(row)
    except floor.Invalid:
        return False
    return True


def test_exactly_the_bad_rows_are_refused() -> None:
    for row, bad in rows_with_outcome():
        assert judged(row) == (bad is None), (row, bad)


def test_values_are_stored_in_their_normal_form() -> None:
    row = rows_with_outcome()[1][0]
    contact = floor.check_contact(row)
    assert contact["phone"] == "+3222000001"
    assert contact["language"] == "nl"
    assert contact["address"]["country"] == "BE"
    assert contact["date_of_birth"].strftime("%d/%m/%Y") == row["Date of birth"]


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (floor.email, "a.b.be"),
        (floor.enterprise_number, "0431150351"),
        (floor.national_number, "85073003329"),
    ],
)
def test_a_wrong_value_is_invalid(check: object, text: str) -> None:
    with pytest.raises(floor.Invalid):
        check(text)  # type: ignore[operator]
