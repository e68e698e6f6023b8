"""Tests full names: titles, particles and suffixes of one person, and cells that name two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.person_names import person_name
from tests.unit.validator.columns import problem, value


@pytest.mark.parametrize(
    ("full", "prefix", "first", "last", "suffix"),
    [
        ("Jan Peeters", None, "Jan", "Peeters", None),
        ("Peeters, Jan", None, "Jan", "Peeters", None),
        ("van den Berg, Jan Pieter", None, "Jan Pieter", "van den Berg", None),
        ("Smith, John, Jr.", None, "John", "Smith", "Jr."),
        ("Smith Jr., John", None, "John", "Smith", "Jr."),
        ("Martin Luther King III", None, "Martin Luther", "King", "III"),
        ("Jan van der Berg", None, "Jan", "van der Berg", None),
        ("Van den Berg Jan", None, "Jan", "Van den Berg", None),
        ("De Smet", None, None, "De Smet", None),
        ("PEETERS Jan", None, "Jan", "PEETERS", None),
        ("Jean-Marie LE PEN", None, "Jean-Marie", "LE PEN", None),
        ("JAN PEETERS", None, "JAN", "PEETERS", None),
        ("J. P. Peeters", None, "J. P.", "Peeters", None),
        ("Mr Smith", "Mr", None, "Smith", None),
        ("Mme Anne Leroy", "Mme", "Anne", "Leroy", None),
        ("M. Jean Dupont", "M.", "Jean", "Dupont", None),
        ("M Dupont", None, "M", "Dupont", None),
        ("Dr. Jan Peeters", "Dr.", "Jan", "Peeters", None),
        ("dhr. Jan Peeters", "dhr.", "Jan", "Peeters", None),
        ("De heer Jan Peeters", "De heer", "Jan", "Peeters", None),
        ("Mevr. De Smet An", "Mevr.", "An", "De Smet", None),
        ("Herr Prof. Dr. Hans Müller", "Herr Prof. Dr.", "Hans", "Müller", None),
        ("Sig.ra Anna Rossi", "Sig.ra", "Anna", "Rossi", None),
        ("Peeters, Mr. Jan", "Mr.", "Jan", "Peeters", None),
        ("Peeters", None, None, "Peeters", None),
    ],
)
def test_a_full_name_is_read_into_its_parts(full, prefix, first, last, suffix):
    assert person_name(full) == (prefix, first, last, suffix)


@pytest.mark.parametrize(
    "full",
    [
        "Mr. Andrew and Mrs Sally Smith",
        "Jan & An Peeters",
        "Jan&An",
        "Jean et Marie Dupont",
        "Jan en An",
        "Hans und Anna Müller",
        "Jan Peeters / An Smets",
        "Mr. and Mrs. Smith",
        "M. Mme Dupont",
    ],
)
def test_two_persons_in_one_cell_are_refused(full):
    assert person_name(full) is None
    assert problem("contact.full_name", full) == "two_persons"
    assert value("contact.full_name", full) is None


@pytest.mark.parametrize("full", ["Ortega y Gasset", "Anders Ende", "Etienne Andries", "& Co", "Mr Dr Smith"])
def test_one_person_is_not_taken_for_two(full):
    assert person_name(full) is not None
    assert problem("contact.full_name", full) is None


def test_an_account_may_be_named_after_two_persons():
    assert problem("account.name", "Jan & An Peeters") is None


@given(st.text(max_size=40))
def test_no_word_of_a_name_is_lost_whatever_the_text(full):
    name = person_name(full)
    if name is not None:
        given_words = sorted(word for word in full.replace(",", " ").split())
        assert sorted(" ".join(part for part in name if part).split()) == given_words
