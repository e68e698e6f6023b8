"""Tests matching over the whole file: which rows follow which, whatever the chunks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.validator.match.grouping import Grouping
from shared.contract.documents.chunk import Matchable, Slot
from shared.contract.keys import (
    BORN,
    CLIENT_CODE,
    EMAIL_AND_NAME,
    FORMED_NAME,
    NAME,
    NOTHING,
    NUMBER,
    Keys,
    keys_of_columns,
    make_key,
    order_of,
    packed,
)
from shared.values.evidence import Answer, alike, judge

ORDERS = {
    "accounts": order_of(["client_code", "number", "email_and_name", "name"]),
    "contacts": order_of(["number", "email_and_name", "name"]),
}


def accounts(*rows: dict[str, str]) -> list[Keys]:
    names = ("client_code", "kbo_number", "email", "name")
    return keys_of_columns("account", {name: [row.get(name) for row in rows] for name in names}, len(rows))


def found(keys: list[Keys], first: int = 0, matched: dict[int, str] | None = None) -> Matchable:
    matched = matched or {}
    own = [
        matched.get(offset) or f"f/{next((k for k in row if k), first + offset)}"
        for offset, row in enumerate(keys)
    ]
    account = Slot(
        keys=packed(keys),
        ids=own,
        digests=bytes(4 * len(keys)),
        matched=sorted(matched),
        known_keys=packed(NOTHING for _ in matched),
    )
    return Matchable(slots={"account": account})


def group(keys: list[Keys], size: int = 1000, matched: dict[int, str] | None = None) -> list[Any]:
    """Per row the id it follows, None where it leads, or "doubt"."""
    matched = matched or {}
    sizes = [min(size, len(keys) - start) for start in range(0, len(keys), size)]
    nothing_new = {"account": [{"name": str(at), "client_code": "1"} for at in range(size)]}
    grouping = Grouping(ORDERS, sizes, lambda n: nothing_new, lambda kind, identity, at: f"{identity}-{at}")
    chunks = []
    for start in range(0, len(keys), size):
        own = {
            offset - start: identity for offset, identity in matched.items() if start <= offset < start + size
        }
        chunks.append(found(keys[start : start + size], start, own))
    for chunk in chunks:
        grouping.see(chunk)
    answers: list[Any] = []
    for n, chunk in enumerate(chunks):
        grouped = grouping.place(n, chunk)
        doubts = {doubt[0] for doubt in grouped.doubts}
        for offset in range(len(chunk.slots["account"].ids)):
            followed = grouped.follows["account"].get(offset)
            answers.append("doubt" if offset in doubts else followed and followed[0])
    return answers


def test_rows_naming_one_account_follow_the_first_of_them() -> None:
    keys = accounts({"name": "Bakkerij Peeters"}, {"name": "Garage Dupont"}, {"name": "  bakkerij PEETERS "})
    assert group(keys) == [None, None, f"f/{keys[0][4]}"]


def test_accents_and_case_do_not_make_a_second_account() -> None:
    keys = accounts({"name": "Société Hélène"}, {"name": "SOCIETE HELENE"})
    assert group(keys)[1] is not None


def test_legal_forms_do_not_make_a_second_company() -> None:
    keys = accounts(
        {"name": "Peeters"}, {"name": "PEETERS B.V."}, {"name": "Peeters  bvba"}, {"name": "peeters"}
    )
    first = f"f/{keys[0][4]}"
    assert group(keys) == [None, first, first, first]


def test_two_legal_forms_under_one_name_are_two_companies() -> None:
    keys = accounts({"name": "Peeters BV"}, {"name": "Peeters NV"}, {"name": "Peeters nv"})
    assert group(keys) == [None, None, f"f/{keys[1][3]}"]


def test_another_address_does_not_make_a_second_account() -> None:
    keys = accounts({"name": "Peeters", "email": "a@x.be"}, {"name": "Peeters", "email": "b@x.be"})
    assert group(keys)[1] is not None


def test_two_client_codes_under_one_name_are_two_accounts() -> None:
    keys = accounts({"name": "Jan Peeters", "client_code": "1"}, {"name": "Jan Peeters", "client_code": "2"})
    assert group(keys) == [None, None]


def test_a_name_that_several_bear_is_in_doubt() -> None:
    keys = accounts(
        {"name": "Jan Peeters", "client_code": "1"},
        {"name": "Jan Peeters", "client_code": "2"},
        {"name": "Jan Peeters"},
    )
    assert group(keys) == [None, None, "doubt"]


def test_a_stronger_key_joins_rows_with_different_names() -> None:
    keys = accounts(
        {"name": "Peeters BV", "client_code": "7"}, {"name": "Bakkerij Peeters", "client_code": "7"}
    )
    assert group(keys)[1] == f"f/{keys[0][0]}"


def test_rows_that_matched_one_record_of_the_firm_share_it() -> None:
    keys = accounts({"name": "A", "client_code": "1"}, {"name": "B"})
    assert group(keys, matched={0: "f/known", 1: "f/known"}) == [None, "f/known"]


def test_rows_without_keys_lead_nothing_and_follow_nothing() -> None:
    assert group([NOTHING, NOTHING]) == [None, None]


ROWS = st.lists(
    st.builds(
        lambda code, number, name: (
            make_key(1, code) if code else 0,
            make_key(2, number) if number else 0,
            0,
            0,
            make_key(5, name) if name else 0,
            0,
        ),
        st.sampled_from(["", "", "1", "2", "3"]),
        st.sampled_from(["", "", "x", "y"]),
        st.sampled_from(["", "anna", "bob", "carl"]),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(ROWS, st.integers(1, 7))
def test_the_cut_into_chunks_changes_nothing(rows: list[tuple[int, ...]], size: int) -> None:
    assert group(rows, size) == group(rows, 1000)


@settings(deadline=None)
@given(ROWS)
def test_a_row_follows_an_earlier_row_with_which_it_shares_a_key_or_a_chain_of_keys(
    rows: list[tuple[int, ...]],
) -> None:
    answers = group(rows)
    for position, answer in enumerate(answers):
        if answer is not None:
            assert any(set(rows[position]) & set(earlier) - {0} for earlier in rows[:position])


@pytest.mark.parametrize(
    ("collection", "kind", "differs", "answer"),
    [
        ("accounts", CLIENT_CODE, NUMBER, Answer.DOUBT),
        ("accounts", NUMBER, CLIENT_CODE, Answer.DOUBT),
        ("accounts", CLIENT_CODE, FORMED_NAME, Answer.SAME),
        ("accounts", CLIENT_CODE, EMAIL_AND_NAME, Answer.SAME),
        ("accounts", EMAIL_AND_NAME, CLIENT_CODE, Answer.OTHER),
        ("accounts", EMAIL_AND_NAME, NUMBER, Answer.OTHER),
        ("accounts", NAME, CLIENT_CODE, Answer.OTHER),
        ("accounts", NAME, NUMBER, Answer.OTHER),
        ("accounts", NAME, FORMED_NAME, Answer.OTHER),
        ("accounts", NAME, EMAIL_AND_NAME, Answer.SAME),
        ("contacts", NUMBER, BORN, Answer.DOUBT),
        ("contacts", NUMBER, EMAIL_AND_NAME, Answer.SAME),
        ("contacts", EMAIL_AND_NAME, NUMBER, Answer.OTHER),
        ("contacts", EMAIL_AND_NAME, BORN, Answer.OTHER),
        ("contacts", NAME, BORN, Answer.OTHER),
    ],
)
def test_a_contradiction_forbids_whatever_the_evidence(
    collection: str, kind: int, differs: int, answer: Answer
) -> None:
    row, record = list(NOTHING), list(NOTHING)
    row[kind - 1] = record[kind - 1] = make_key(kind, "shared")
    assert judge(collection, kind, row, record) is Answer.SAME
    row[differs - 1] = make_key(differs, "one")
    assert judge(collection, kind, row, record) is Answer.SAME, "what is missing contradicts nothing"
    record[differs - 1] = make_key(differs, "other")
    assert judge(collection, kind, row, record) is answer


@pytest.mark.parametrize(
    ("slot", "one", "other", "may_be_one"),
    [
        ("account", "Cedar NV", "CEDAR", True),
        ("account", "Cedar NV", "Cedars Group NV", True),
        ("account", "Bakkerij Peeters", "Peeters BV", True),
        ("account", "Pine Tree BV", "Pinetree", True),
        ("account", "I.B.M.", "International Business Machines", True),
        ("account", "Larch BV", "Cedar NV", False),
        ("account", "Garage Dupont", "Frituur Maes", False),
        ("contact", "Ann Alder", "Alder Ann", True),
        ("contact", "An Maes", "Ann Maes", True),
        ("contact", "Ann Alder", "Ann Beech", True),
        ("contact", "A. Alder", "Ann Alder", True),
        ("contact", "Catherine Maes", "Katherine Maes", True),
        ("contact", "Bob Alder", "Ann Alder", False),
        ("contact", "Jan Peeters", "An Peeters", False),
    ],
)
def test_names_beside_one_number_are_alike_or_a_question(
    slot: str, one: str, other: str, may_be_one: bool
) -> None:
    assert alike(slot, one, other) is alike(slot, other, one) is may_be_one
