"""Tests the rights of a job: its maker's, until another person confirms its mapping."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.contract.job import new_job
from shared.contract.rights import MANAGE_TAGS, rights_of


def test_a_new_job_works_under_the_rights_of_who_makes_it() -> None:
    by = {"id": "anna", "email": None, "locale": "en", "rights": [MANAGE_TAGS]}
    job = new_job("1", "firm", "accounts", {}, {}, by, datetime.now(UTC))
    assert rights_of(job) == {MANAGE_TAGS}


def test_a_job_from_before_rights_were_kept_works_under_none() -> None:
    assert rights_of({"_id": "1"}) == frozenset()
