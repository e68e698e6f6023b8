"""Tests layouts of known systems: recognised by their headers, also when these changed a little."""

from __future__ import annotations

import pytest

from services.mapper.headers.normalising import plain
from services.mapper.targets.presets import presets, recognised
from services.mapper.targets.proposing import Column, propose
from shared.contract.fields import FIELDS

BOTH = "accounts_and_contacts"
ALL = [pytest.param(each, id=f"{each.key}-{place}") for place, each in enumerate(presets())]


def proposal(headers, kind=BOTH):
    return propose([Column(index, header) for index, header in enumerate(headers)], kind)


@pytest.mark.parametrize("preset", ALL)
def test_a_layout_is_recognised_whole_and_with_a_column_more_less_or_elsewhere(preset):
    headers = [header for header, _ in preset.columns]
    assert recognised(headers).key == preset.key
    assert recognised([*headers[3:], "Something else", *headers[:2]]).key == preset.key


@pytest.mark.parametrize("preset", ALL)
def test_a_layout_names_fields_that_exist_each_once(preset):
    targets = [target for _, target in preset.columns if target]
    single = [target for target in targets if not FIELDS[target].repeats]
    assert set(targets) <= FIELDS.keys()
    assert len(single) == len(set(single))
    assert preset.own <= {plain(header) for header, _ in preset.columns}


def test_a_recognised_layout_decides_and_says_so():
    headers = [
        "Titre",
        "Prénom",
        "Nom",
        "Société",
        "Titre",
        "Rue (bureau)",
        "Ville (bureau)",
        "Adresse de messagerie",
        "Compte",
    ]
    result = proposal(headers)
    assert result.preset == "outlook"
    assert [each.target for each in result.columns][::4] == ["contact.prefix", "contact.job_title", None]
    assert result.columns[0].why == "the file is laid out like Outlook"
    assert result.columns[0].reason.sentence("nl") == "het bestand is ingedeeld zoals Outlook"


def test_an_ordinary_file_has_no_layout():
    assert proposal(["Name", "Email", "Phone", "City"]).preset is None


def test_rows_with_a_spouse_are_household_rows_however_the_columns_are_called():
    headers = ["Nom", "Prénom", "Nom du conjoint", "Prénom du conjoint", "Date de naissance du conjoint"]
    assert proposal(headers).preset == "household"


def test_a_layout_gives_no_field_that_the_kind_of_import_does_not_fill():
    headers = [header for header, _ in next(each for each in presets() if each.key == "outlook").columns]
    result = proposal(headers, "accounts")
    assert {FIELDS[target].record for target in result.targets()} == {"account"}


@pytest.mark.parametrize("preset", ALL)
def test_a_list_is_of_a_system_with_its_headers_and_not_with_some_that_others_have_too(preset):
    headers = [header for header, _ in preset.columns]
    assert preset.is_one(headers)
    assert preset.is_one([*headers[2:], *headers[:2], "Something else"])
    common = [header for header in headers if header not in preset.own]
    for some in (common[:6], common[::3], [*common[:5], "Vet", "Shoe"]):
        whole = proposal(some)
        assert whole.only_like or whole.preset != preset.key


def test_a_list_with_an_account_name_is_no_list_of_taxdome():
    headers = ["Account name", "First name", "Last name", "Email", "Phone number", "City"]
    assert proposal(headers).only_like or proposal(headers).preset is None
    assert not proposal([*headers, "Account tags", "Account role names"]).only_like
