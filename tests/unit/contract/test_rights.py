"""Tests the rights of a job: its maker's, until another person confirms its mapping."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contract.job import new_job
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS, right_beyond, rights_of


def test_a_new_job_works_under_the_rights_of_who_makes_it() -> None:
    by = {"id": "anna", "email": None, "locale": "en", "rights": [MANAGE_TAGS]}
    job = new_job("1", "firm", "accounts", {}, {}, by, datetime.now(UTC))
    assert rights_of(job) == {MANAGE_TAGS}


def test_a_job_from_before_rights_were_kept_works_under_none() -> None:
    assert rights_of({"_id": "1"}) == frozenset()


@pytest.mark.parametrize(
    ("target", "right"),
    [
        ("account.tags", MANAGE_TAGS),
        ("contact.tags", MANAGE_TAGS),
        ("account.team_members", ASSIGN_TEAM_MEMBERS),
        ("account.notes", None),
    ],
)
def test_a_column_that_a_value_is_built_from_needs_the_right_of_its_field(
    target: str, right: str | None
) -> None:
    built = {"target": target, "parts": [{"column": 2}, {"text": "-"}, {"column": 4}], "steps": []}
    job: Any = {
        "mapping": {"columns": [], "built": [built]},
        "settings": {"rules": [], "mode": "both"},
        "rights": [MANAGE_TAGS, ASSIGN_TEAM_MEMBERS],
    }
    assert [right_beyond(job, {column}, []) for column in (2, 3, 4)] == [right, None, right]
    assert right_beyond(job, [2], [MANAGE_TAGS, ASSIGN_TEAM_MEMBERS]) is None
