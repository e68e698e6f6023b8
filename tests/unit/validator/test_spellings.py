"""Tags, roles and templates take the firm's spelling; two spellings of a new one become one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.spelling import Spellings, spelling_key
from tests.unit.validator.columns import CONTEXT, value
from tests.unit.validator.rows_checked import rows_checked

KNOWN = ["VIP klant", "Zelfstandige", "Créancier", "R&D", "A+"]
FIRM = replace(
    CONTEXT,
    names={
        "account.tags": Spellings(KNOWN),
        "contact.tags": Spellings(KNOWN),
        "account.roles": Spellings(KNOWN),
        "account.folder_template": Spellings(["Standard – société", "Particuliers"]),
    },
    limited=frozenset({"account.tags", "contact.tags"}),
)
LISTS = ["account.tags", "contact.tags", "account.roles"]
#: Spellings of names that the firm has.
SPELLED = {
    "VIP klant": ["vip klant", "VIP KLANT", "Vip  Klant", " vip\u00a0klant "],
    "Zelfstandige": ["zelfstandige", "ZELFSTANDIGE", "zelfstandigé"],
    "Créancier": ["creancier", "CREANCIER", "Cre\u0301ancier", "créancier"],
    "R&D": ["r&d", "R&amp;D"],
    "A+": ["a+"],
}


def named(key: str, *cells: str, context=FIRM):
    """The names of some rows, and the fixes."""
    keys = ["account.name", "contact.last_name", key]
    found = rows_checked(keys, *(["Acme", "Elm", cell] for cell in cells), context=context)
    return found.columns[key], {fixed.code for fixed in found.fixes}


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize(("own", "spellings"), SPELLED.items())
def test_a_name_that_the_firm_has_takes_its_spelling(key, own, spellings):
    columns, fixes = named(key, *spellings)
    assert columns == [[own]] * len(spellings)
    assert fixes >= {"spelling_adopted"} or own in [spelling.strip() for spelling in spellings]
    assert named(key, own) == ([[own]], set())


@pytest.mark.parametrize("key", LISTS)
def test_two_spellings_of_a_new_name_become_the_first(key):
    columns, fixes = named(key, "Notaris; jong", "NOTARIS, Jong", "notaris", "Jong; notaris; JONG")
    assert columns == [["Notaris", "jong"], ["Notaris", "jong"], ["Notaris"], ["jong", "Notaris"]]
    assert "spelling_adopted" in fixes


def test_other_parts_of_the_file_agree_on_the_spelling():
    asked: list[tuple[str, list[str]]] = []

    def reserved(key, new):
        asked.append((key, list(new)))
        return ["NOTARIS", *new]

    columns, _ = named("account.tags", "notaris; Nieuw", context=replace(FIRM, reserved=reserved))
    assert columns == [["NOTARIS", "Nieuw"]]
    assert asked == [("account.tags", ["notaris", "Nieuw"])]


def test_names_that_differ_in_signs_are_different():
    assert named("account.tags", "A-", "A+", "A")[0] == [["A-"], ["A+"], ["A"]]


def test_a_name_beyond_those_that_may_be_made_is_left_out_in_every_spelling():
    full = replace(FIRM, reserved=lambda key, new: [])
    found = rows_checked(["account.name", "account.tags"], ["Acme", "Nieuw; VIP Klant; NIEUW"], context=full)
    assert found.columns["account.tags"] == [["VIP klant"]]
    assert [problem.code for problem in found.problems] == ["too_many_new_tags"]


def test_without_the_right_the_firms_spelling_counts_as_known():
    context = replace(FIRM, tags={"account.tags": frozenset(KNOWN)}, limited=frozenset())
    found = rows_checked(["account.name", "account.tags"], ["Acme", "vip klant; Nieuw"], context=context)
    assert found.columns["account.tags"] == [["VIP klant"]]
    assert [problem.code for problem in found.problems] == ["tag_left_out"]


@pytest.mark.parametrize("cell", ["particuliers", "PARTICULIERS", "Particuliérs"])
def test_a_folder_template_is_the_firms(cell):
    assert named("account.folder_template", cell) == (["Particuliers"], {"spelling_adopted"})


def test_a_folder_template_that_the_firm_does_not_have_is_left_out_with_a_problem():
    keys = ["account.name", "account.folder_template"]
    found = rows_checked(keys, ["Acme", "Anders"], context=FIRM)
    assert found.columns["account.folder_template"] == [None]
    assert [problem.code for problem in found.problems] == ["unknown_folder_template"]
    assert rows_checked(keys, ["Acme", "Anders"]).columns["account.folder_template"] == [
        "Anders"
    ]  # none is known


@pytest.mark.parametrize(
    "cell", ["ann  peeters", "ANN PEETERS", "Ànn Peeters", "Peeters, Ann", "ANN@firm.be"]
)
def test_members_are_known_in_any_spelling(cell):
    assert value("account.team_members", cell) == ["m1"]


@given(st.text(max_size=20))
def test_the_key_of_a_spelling_is_its_own_key(name):
    assert spelling_key(spelling_key(name)) == spelling_key(name)
