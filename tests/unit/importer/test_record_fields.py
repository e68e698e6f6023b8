"""Tests which fields of a record a person may write through the API."""

from __future__ import annotations

from services.importer.directory.record_fields import not_allowed
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS, RIGHTS

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
