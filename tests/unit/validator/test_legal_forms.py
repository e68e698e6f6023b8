"""Tests names normalised for comparing, with the legal form on its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.legal_forms import company, plain


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("Bakkerij Peeters", "bakkerij peeters", ""),
        ("BAKKERIJ PEETERS B.V.", "bakkerij peeters", "bv"),
        ("Bakkerij  Peeters bvba", "bakkerij peeters", "bv"),
        ("S.A. Dupont", "dupont", "nv"),
        ("Müller GmbH & Co. KG", "muller", "gmbh"),
        ("Dupont S. A. R. L.", "dupont", "sarl"),
        ("Smith & Co", "smith co", ""),
        ("BV", "bv", ""),
    ],
)
def test_the_legal_form_is_set_apart(text: str, name: str, form: str) -> None:
    assert company(text) == (name, form)


def test_punctuation_accents_and_case_do_not_make_another_name() -> None:
    assert plain("Jean-Pierre  D'Hondt") == plain("JEAN PIERRE DHONDT")


@given(st.text(max_size=40))
def test_a_plain_name_is_plain_already(text: str) -> None:
    assert plain(plain(text)) == plain(text)
