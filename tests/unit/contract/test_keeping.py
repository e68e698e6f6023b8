"""Tests when a job is purged, and what stays of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contract.job import Status, new_job
from shared.contract.keeping import kept_until, what_stays

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
KEEP, UNDO = 60, 30


def job_at(*moves: tuple[Status, int], **parts: Any) -> dict[str, Any]:
    """A job that moved through statuses, each so many days after the start, and that nobody owes anything."""
    by = {"id": "anna", "email": "anna@example.org", "locale": "en", "rights": []}
    job = new_job("1", "firm", "accounts", {}, {"name": "a.csv", "bytes": 1}, by, START)
    for status, days in moves:
        at = START + timedelta(days=days)
        job["history"].append({"status": status.value, "at": at, "by": "anna", "revision": 1})
        job |= {"status": status.value, "since": at}
    return {**job, "owed": None, **parts}


def days_kept(job: dict[str, Any], keep: int = KEEP, undo: int = UNDO) -> int | None:
    until = kept_until(job, keep, undo)
    return until and (until - START).days


LOADED = ((Status.CONFIRMED, 1), (Status.IMPORTED, 2))


def test_an_import_is_kept_for_its_days_from_when_it_was_loaded() -> None:
    assert days_kept(job_at(*LOADED)) == 2 + KEEP


def test_an_import_that_can_still_be_undone_is_kept() -> None:
    assert days_kept(job_at(*LOADED), keep=10, undo=90) == 2 + 90


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_a_job_that_stopped_before_loading_is_kept_from_its_end(status: Status) -> None:
    assert days_kept(job_at((Status.VALIDATED, 1), (status, 4)), keep=10, undo=90) == 4 + 10


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_a_job_that_stopped_half_way_can_be_undone_as_well(status: Status) -> None:
    assert days_kept(job_at((Status.CONFIRMED, 1), (status, 4)), keep=10, undo=90) == 4 + 90


def test_an_import_undone_is_kept_from_then_on() -> None:
    job = job_at(*LOADED, (Status.UNDOING, 20), (Status.UNDONE, 21))
    assert days_kept(job, keep=10, undo=90) == 21 + 10


def test_one_whose_undo_broke_off_may_be_undone_again() -> None:
    job = job_at(*LOADED, (Status.UNDOING, 20), (Status.FAILED, 21))
    assert days_kept(job, keep=10, undo=30) == 2 + 30
    assert days_kept(job, keep=60, undo=30) == 21 + 60


@pytest.mark.parametrize("status", [Status.PROPOSED, Status.VALIDATED])
def test_a_job_that_waits_for_a_person_is_kept_from_when_it_was_last_touched(status: Status) -> None:
    assert days_kept(job_at((status, 3))) == 3 + KEEP
    assert days_kept(job_at((status, 3), touched_at=START + timedelta(days=8))) == 8 + KEEP


@pytest.mark.parametrize(
    "status", [Status.UPLOADED, Status.READ, Status.MAPPED, Status.CONFIRMED, Status.UNDOING]
)
def test_a_job_that_waits_for_a_service_is_kept(status: Status) -> None:
    assert days_kept(job_at((status, 1))) is None


def test_a_job_whose_notice_was_not_sent_yet_is_kept() -> None:
    assert days_kept(job_at(*LOADED, owed="notifier")) is None


def test_of_the_parts_numbers_stay_and_values_go() -> None:
    job = job_at(*LOADED)
    job["source"] |= {
        "sha256": "ab",
        "rows": 3,
        "first_rows": [["Mia"]],
        "column_list": [{"samples": ["Mia"]}],
    }
    job["options"] = {"autostart": True, "notify": ["anna@example.org"], "mapping": {"values": {"Mia": "x"}}}
    job["mapping"] = {"columns": []}
    job["undo"] = {"of": 1, "numbers": {"kept": 1}, "names_kept": {"tags": ["Mia"]}}
    job["report"] = {
        "problems": [
            {"code": "invalid_email", "severity": "error", "rows": 2, "examples": [{"params": "Mia"}]}
        ],
        "fixes": [{"code": "trimmed", "values": 4}],
        "records": {"accounts": 3},
        "unknown_values": [{"value": "Mia"}],
        "totals": {"unknown": {"account.type Mia": 1}},
    }
    stays = what_stays(job)
    assert "Mia" not in repr(stays)
    assert stays["source"] == {"name": "a.csv", "bytes": 1, "sha256": "ab", "rows": 3}
    assert stays["options"] == {"autostart": True, "notify": ["anna@example.org"]}
    assert stays["undo"] == {"of": 1, "numbers": {"kept": 1}, "names_kept": None}
    problem = {"code": "invalid_email", "severity": "error", "rows": 2, "examples": []}
    fixes = [{"code": "trimmed", "values": 4}]
    assert stays["report"] == {"problems": [problem], "fixes": fixes, "records": {"accounts": 3}}
