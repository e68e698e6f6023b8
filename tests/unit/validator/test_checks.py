"""Tests whole columns: each value judged once, checking again changes nothing, every code is known."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contract.fields import FIELDS, field
from shared.contract.problems import ERROR, FIX, KINDS, ROW, severity
from shared.contract.records import CLEAR
from shared.values import columns as checks
from shared.values.columns import Checked, Finding, check_column, missing_required
from shared.values.judging import Judged, cleaned, parts
from tests.unit.validator.columns import CONTEXT, check

TYPES = {
    **{kind: next(iter(FIELDS.values())) for kind in checks.JUDGES},
    **{f.check: f for f in FIELDS.values()},
}
LIKELY = {
    "email": [
        "A@B.be;",
        "x <a@b.be>",
        "a@b.be c@d.be",
        "ａ@ｂ．be",
        "a@gmial.com",
        "a@b,be",
        "mailto:a@É.be",
        "a@b.be.",
    ],
    "phone": [
        "0470 12 34 56",
        "470123456",
        "+32 2 511 11 11 x3",
        "0470 12 34 56 (bureau)",
        "0470 12 34 56/02 511 11 11",
        "3.2470123456E+10",
        "0032 (0)470 12 34 56",
        "(555) 234-5678",
        "06 12 34 56 78",
    ],
    "date": [
        "3/4/05",
        "45292",
        "1er mai 2020",
        "30071985",
        "00/00/1985",
        "12/2020",
        "5 May 85 10:00",
        "1.2.1990",
    ],
    "country": ["belgië", "USA", "b", "België / Belgique", "BE (Belgium)"],
    "language": ["dutch", "fr_BE", "English (UK)", "klingon"],
    "choice": ["Société", "p"],
    "register_number": ["85.07.30-033.28", "12556777", "8.5073003328E+10", "111222333", "AB 12 34 56 C"],
    "enterprise_number": ["BE 403.019.261", "0403019261", "732 829 320", "SC123456", "12345678"],
    "tax_id": ["BE 403.019.261", "fr 40303265045", "DE136695976", "85.07.30-033.28", "5520135", "12-3456789"],
    "url": ["WWW.x.be/A", "http://É.be"],
    "postal_code": ["b 1000", "1000", "1234ab", "501", "ec1a1bb", "1000 Bruxelles"],
    "list": ["a,B;b", ";"],
    "relationship": ["zoon; Fils", "Gérant, x", ";"],
    "text": ["1.5E+10", " a\nb ", "3.2470123456E+10", "=1+1", "-5"],
    "name": ["a/b", "x\u00a0\u0301", "CON", "Acme Inc.", "@x"],
    "number": ["1.234,56", "1,234", "€ 5", "1.234E+3", "1 000"],
}
CELLS = st.text(max_size=30) | st.text("0123456789+-/.,() EBx@", max_size=20)
REGIONS = st.sampled_from([None, "BE", "NL", "FR", "DE", "GB", "US", "LU", "PT", "XX"])


def check_type(kind: str, cell: str, region: str | None, order: str | None) -> Checked:
    """The checked column of one cell of a type."""
    like = replace(TYPES[kind], check=kind)
    return check_column(like, [cell], CONTEXT, regions=[region], order=order)


@pytest.mark.parametrize("kind", LIKELY)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_checking_a_normalised_value_again_changes_nothing(kind, data):
    cell = data.draw(st.sampled_from(LIKELY[kind]) | CELLS)
    region, order = data.draw(REGIONS), data.draw(st.sampled_from(["DMY", "MDY", "YMD", None]))
    once = check_type(kind, cell, region, order).values[0]
    if once is not None:
        again = ", ".join(once) if isinstance(once, list) else once
        checked = check_type(kind, again, region, order)
        assert checked.values == [once]
        assert checked.fixed == {}


@pytest.mark.parametrize("kind", sorted(checks.JUDGES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_value_is_missing_exactly_where_the_cell_is_blank_or_wrong(kind, data):
    cell = data.draw(st.sampled_from(LIKELY.get(kind, ["x"])) | CELLS)
    checked = check_type(kind, cell, data.draw(REGIONS), None)
    found = checked.problems.get(0)
    placeholder = checked.fixed == {0: "placeholder_left_out"} and checked.values == [None]
    blank = placeholder or not cleaned(cell)
    blank = blank or (kind in ("list", "members", "relationship") and not parts(cleaned(cell, ";")))
    wrong = found is not None and (severity(found.code) == ERROR or found.code == "unknown_team_member")
    assert (checked.values[0] is None) == (blank or wrong)
    assert not (blank and found)
    assert checked.values[0] is not None or checked.fixed == {} or placeholder


@pytest.mark.parametrize("key", FIELDS)
@settings(max_examples=15, deadline=None)
@given(cells=st.lists(st.text(max_size=20), max_size=4))
def test_any_text_is_answered_with_known_codes_and_wrong_values_are_never_kept(key, cells):
    checked = check(key, *cells)
    assert len(checked.values) == len(cells)
    for offset, found in checked.problems.items():
        assert KINDS[found.code].where == ROW
        assert severity(found.code) != FIX
        assert severity(found.code) != ERROR or checked.values[offset] is None
    assert all(severity(code) == FIX for code in checked.fixed.values())


def test_every_different_value_is_judged_once_per_country():
    asked: Counter[tuple[str, str | None]] = Counter()

    def judge(text, region):
        asked[text, region] += 1
        return Judged(text)

    with mock.patch.dict(checks.JUDGES, {"phone": lambda field, context, order: judge}):
        check("contact.phone", "a", "a", "b", "a", regions=["BE", "BE", None, "NL"])
    assert asked == {("a", "BE"): 1, ("b", None): 1, ("a", "NL"): 1}


def test_a_row_whose_country_is_to_be_emptied_is_judged_by_the_firms():
    assert check("account.tax_id", "abc1", regions=[CLEAR]).problems[0].params == {"country": "BE"}


@pytest.mark.parametrize("kind", sorted(checks.JUDGES))
def test_a_cell_of_a_whole_page_is_judged_at_once(kind):
    began = time.process_time()
    for filling in (" ", "1 ", "a.", "@", "a@b.be ", "0470123456 ", "1:1 ", ", "):
        check_type(kind, f"a{filling * (30_000 // len(filling))}b", "NL", None)
    assert time.process_time() - began < 2  # a way that grows with the square of the length takes minutes


def test_every_field_has_a_check():
    assert {each.check for each in FIELDS.values()} <= set(checks.JUDGES)


def test_an_account_needs_a_name_or_what_can_replace_it():
    columns = {
        "account.name": ["Acme", None, None, CLEAR],
        "contact.last_name": [None, "Peeters", None, None],
    }
    found = missing_required("accounts_and_contacts", columns, 4)
    assert found == dict.fromkeys([2, 3], Finding("missing_required", {"key": "account.name"}))
    assert set(missing_required("accounts", columns, 4)) == {1, 2, 3}


def test_a_contact_is_known_by_its_address_alone():
    assert missing_required("contacts", {"contact.email": ["a@b.be", None]}, 2).keys() == {1}


def test_without_any_needed_column_every_row_lacks_it():
    assert missing_required("contacts", {}, 2).keys() == {0, 1}


def test_values_stay_in_the_order_of_the_cells():
    cells = ["b", "", "a", "b"]
    assert checks.check_column(field("account.notes"), cells, CONTEXT).values == ["b", None, "a", "b"]
