"""Tests which fields of a record a person may write through the API."""

from __future__ import annotations

import pytest

from services.importer.directory.record_fields import AccountChanges, as_the_firm_writes, not_allowed
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS, RIGHTS
from shared.plumbing.directory_store import DEFAULTS

RECORD = {"tags": ["vip", "odd"], "assignees": ["bruno"]}
KNOWN = ["vip", "late"]


def test_a_new_tag_and_another_member_each_need_their_right() -> None:
    changes = {"tags": ["late", "new", "newer"], "assignees": ["anna", "carl"]}
    both = not_allowed(RECORD, changes, KNOWN, (), "anna")
    assert both == {"tags": ("may_not_create_tag", "new, newer"), "assignees": ("may_not_assign", "carl")}
    assert not_allowed(RECORD, changes, KNOWN, (MANAGE_TAGS,), "anna").keys() == {"assignees"}
    assert not_allowed(RECORD, changes, KNOWN, (ASSIGN_TEAM_MEMBERS,), "anna").keys() == {"tags"}
    assert not_allowed(RECORD, changes, KNOWN, RIGHTS, "anna") == {}


def test_what_a_record_has_already_may_be_sent_back_and_taken_away() -> None:
    assert not_allowed(RECORD, {"tags": ["odd"], "assignees": ["bruno", "anna"]}, KNOWN, (), "anna") == {}
    assert not_allowed(RECORD, {"tags": None, "assignees": []}, KNOWN, (), "anna") == {}


def test_names_are_kept_as_the_firm_writes_them() -> None:
    firm = {**DEFAULTS, "tags": ["VIP klant"], "roles": ["Zaakvoerder"], "folder_templates": ["Société"]}
    given = {
        "tags": ["vip KLANT", "Nieuw"],
        "roles": ["zaakvoerder"],
        "folder_template": "societe",
        "name": "x",
    }
    assert as_the_firm_writes("account", given, firm) == {
        "tags": ["VIP klant", "Nieuw"],
        "roles": ["Zaakvoerder"],
        "folder_template": "Société",
        "name": "x",
    }
    assert as_the_firm_writes("contact", {"tags": None}, firm) == {"tags": None}


@pytest.mark.parametrize("written", ["31/12", "12/31", "05/04", "29/02"])
def test_the_end_of_a_fiscal_year_is_checked(written: str) -> None:
    assert AccountChanges().validate({"fiscal_year_end": written}) == {}


@pytest.mark.parametrize("written", ["banana", "31/13", "32/01", "2024-12-31", "1/2"])
def test_what_is_no_end_of_a_fiscal_year_is_refused(written: str) -> None:
    assert AccountChanges().validate({"fiscal_year_end": written}).keys() == {"fiscal_year_end"}
