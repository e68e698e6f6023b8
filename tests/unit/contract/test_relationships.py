"""Tests of what a person may be to an account, and how an import adds to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.documents.record import Link
from shared.contract.relationships import changed_link, link_as_before, related, relationship

KNOWN = {
    "Wife": "Wife", "echtgenote": "Wife", "ÉPOUSE": "Wife", "Ehefrau": "Wife", "esposa": "Wife", "moglie": "Wife",
    "zoon": "Son", "Fils": "Son", "sohn": "Son", "hijo": "Son", "figlio": "Son",
    "zaakvoerder": "Director", "Gérant": "Director", "Geschäftsführer": "Director", "Administrador": "Director",
    "amministratore": "Director", "Managing director": "Director",
    "tekenbevoegde": "Signatory", "Signataire": "Signatory", "Zeichnungsberechtigter": "Signatory",
    "boekhouder": "Bookkeeper", "Aide-comptable": "Bookkeeper", "Buchhalterin": "Bookkeeper", "contable": "Bookkeeper",
    "vennoot": "Shareholder", "Associé": "Shareholder", "conjoint(e)": "Spouse", "enfant  à charge": "Child",
}  # fmt: skip
LISTS = st.lists(st.sampled_from("abcd"), max_size=4, unique=True)


@pytest.mark.parametrize("text", KNOWN)
def test_words_of_six_languages_are_known_in_any_case(text: str) -> None:
    assert (
        relationship(text) == relationship(text.upper()) == relationship(f" {text.lower()} ") == KNOWN[text]
    )


@pytest.mark.parametrize("text", ["", "-", "Bonus mother", "Klant", "x"])
def test_other_words_are_not_known(text: str) -> None:
    assert relationship(text) is None


@given(LISTS, LISTS)
def test_an_import_adds_and_says_nothing_twice(now: list[str], given: list[str]) -> None:
    after = related(now, given)
    assert set(after) == (set(now) | set(given) if given else set())
    assert len(after) == len(set(after))
    assert related(after, given) == after


def a_link(now: list[str]) -> Link:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    ends = {"account": "f/a", "contact": "f/c"}
    return {
        "_id": "f/a:c",
        "firm": "f",
        **ends,
        "job": "0",
        "created_at": at,
        "switches": {},
        "relationship": now,
    }  # type: ignore[typeddict-item]


def after(link: Link, change: dict[str, object]) -> Link:
    return {**link, **change}  # type: ignore[typeddict-item]


@given(LISTS, st.lists(st.tuples(st.sampled_from("12"), LISTS), max_size=6), st.booleans())
def test_a_link_is_as_before_whatever_the_rows_of_one_or_two_jobs_gave(
    now: list[str], steps: list[tuple[str, list[str]]], one_job: bool
) -> None:
    link, second = a_link(now), a_link(now)
    steps = sorted(((job if not one_job else "1", more) for job, more in steps), key=lambda step: step[0])
    for job, more in steps:
        link = after(link, changed_link(link, more, job))
        second = link if job == "1" else second
    link = after(link, link_as_before(link, "2"))
    assert link.get("relationship") == second.get("relationship")
    link = after(link, link_as_before(link, "1"))
    assert (link.get("relationship"), link.get("revision", 1), link.get("changes", [])) == (now, 1, [])


def test_what_another_job_added_since_stays() -> None:
    link = a_link(["a"])
    for job, more in (("1", ["b"]), ("2", ["c"])):
        link = after(link, changed_link(link, more, job))
    link = after(link, link_as_before(link, "1"))
    assert (link.get("relationship"), link.get("revision")) == (["a", "c"], 2)


def test_the_job_that_made_a_link_leaves_no_change_behind() -> None:
    assert changed_link(a_link([]), ["a"], "0") == {"relationship": ["a"]}
    assert link_as_before(a_link(["a"]), "0") == {}
