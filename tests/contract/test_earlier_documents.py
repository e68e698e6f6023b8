"""Tests that jobs and checks which an earlier version kept, under other names, go on after an upgrade."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import encode
from pymongo.database import Database

from shared.contract.documents.chunk import (
    EARLIER_NAMES,
    Additions,
    CheckedIds,
    CheckedKeys,
    CheckedSlots,
    Checks,
    Matchable,
    Part,
    Slot,
)
from shared.contract.job import Status, lines_published
from shared.plumbing.claims import UNCLAIMED
from shared.plumbing.job_store import UNPUBLISHED, JobStore, JobWatch
from shared.plumbing.mongo import connect, ensure_indexes
from shared.plumbing.row_store import RowStore
from tests.contract.conftest import FIRM, MakeJob

LEASE = 60.0
SLOT = Slot(keys=b"12345678", ids=["f/1", ""], matched=[0], digests=b"1234", known_keys=b"8")
CHECKS = Checks(
    n=0,
    slots={"account": SLOT, "spouse": SLOT},
    additions={"account": {0: Additions(singles={"name": "B"})}},
)

Db = Database[dict[str, Any]]


def as_of_before(db: Db, job: dict[str, Any], lines: int, *, more: bool = True) -> None:
    """Give the document of a job the names of earlier versions, with so many lines published."""
    mark = {"untold": True} if more else {}
    db.jobs.update_one(
        {"_id": job["_id"]},
        {"$unset": {"published": "", "unpublished": ""}, "$set": {"told": lines, **mark}},
    )


def names_of(db: Db, job: dict[str, Any]) -> set[str]:
    """Which names for its events a job has."""
    return {"told", "untold", "published", "unpublished"} & set(db.jobs.find_one({"_id": job["_id"]}) or {})


@pytest.mark.parametrize("view", [Checks, Matchable, CheckedSlots, CheckedKeys, CheckedIds])
def test_checks_are_read_whatever_view_a_reader_takes(db: Db, view: type[Part]) -> None:
    rows = RowStore(db, FIRM, "job-1")
    rows.write(CHECKS, 1)
    today = rows.read(view, 1, 0)
    in_slots = {name: now for name, now in EARLIER_NAMES.items() if name != "additions"}
    db.checks.update_many(
        {},
        {
            "$rename": {
                "additions": "adds",
                **{
                    f"slots.{s}.{name}": f"slots.{s}.{was}"
                    for s in CHECKS.slots
                    for name, was in in_slots.items()
                },
            }
        },
    )
    kept = str(db.checks.find_one())
    assert [was for was in EARLIER_NAMES.values() if was not in kept] == []
    assert rows.read(view, 1, 0) == today
    assert list(rows.read_each(view, 1, 1)) == [today]


@pytest.mark.parametrize("lines", [0, 1])
def test_a_job_is_published_from_the_line_that_it_had_reached(
    db: Db, jobs: JobStore, make_job: MakeJob, lines: int
) -> None:
    watch, job = JobWatch(db), make_job(Status.CONFIRMED)
    assert jobs.advance(job, Status.CANCELLED, by="anna")
    as_of_before(db, job, lines)
    claimed = watch.claim_unpublished("one", LEASE)
    assert claimed
    assert lines_published(claimed) == lines
    assert watch.unpublished()[0] == 1
    watch.mark_published(job["_id"], "one", 2)
    assert names_of(db, job) == {"published"}
    assert watch.unpublished() == (0, None)


def test_a_job_whose_events_are_all_published_moves_on(db: Db, jobs: JobStore, make_job: MakeJob) -> None:
    watch, job = JobWatch(db), make_job(Status.CONFIRMED)
    as_of_before(db, job, 1, more=False)
    assert watch.claim_unpublished("one", LEASE) is None
    assert jobs.advance(job, Status.CANCELLED, by="anna")
    claimed = watch.claim_unpublished("one", LEASE)
    assert claimed
    assert lines_published(claimed) == 1
    watch.publish_rest_later(job["_id"], "one", 1, -1)
    again = watch.claim_unpublished("two", LEASE)
    assert again
    assert lines_published(again) == 1


def test_the_lease_of_an_earlier_job_ends_with_its_process(db: Db, make_job: MakeJob) -> None:
    watch, job = JobWatch(db), make_job(Status.CONFIRMED)
    as_of_before(db, job, 0)
    assert watch.claim_unpublished("one", LEASE)
    watch.release("one")
    assert watch.claim_unpublished("two", LEASE)


def test_rows_are_kept_while_an_event_of_an_earlier_job_is_not_published(
    db: Db, jobs: JobStore, make_job: MakeJob
) -> None:
    old = datetime.now(UTC) - timedelta(days=100)
    job = make_job(Status.IMPORTED, since=old, owed=None)
    soon = datetime.now(UTC)
    as_of_before(db, job, 0)
    assert list(jobs.older_with_rows(soon)) == []
    as_of_before(db, job, 1, more=False)
    db.jobs.update_one({"_id": job["_id"]}, {"$unset": {"untold": ""}})
    assert [each["_id"] for each in jobs.older_with_rows(soon)] == [job["_id"]]


@pytest.mark.parametrize("since", [datetime(2026, 1, 2, tzinfo=UTC), None, 5, "x", "none"])
def test_unpublished_jobs_are_found_by_the_indexes_whatever_their_time_is(
    db: Db, make_job: MakeJob, since: object
) -> None:
    as_of_before(db, make_job(Status.CONFIRMED, since=since), 0)
    make_job(Status.CONFIRMED, since=since)
    db.jobs.update_many({"since": "none"}, {"$unset": {"since": ""}})
    oldest_first = db.jobs.find({"$or": UNPUBLISHED, **UNCLAIMED}).sort("since", 1)
    plan = str(oldest_first.clone().explain()["queryPlanner"]["winningPlan"])
    assert len(list(oldest_first)) == 2
    assert "COLLSCAN" not in plan
    assert "'stage': 'SORT'" not in plan
    assert "'indexName': 'untold'" in plan
    assert "'indexName': 'unpublished'" in plan


@pytest.mark.parametrize(
    "fields",
    [
        {"told": 2, "published": 1, "untold": True, "unpublished": True},
        {"told": 2, "published": 1, "untold": True},
        {"told": 1, "published": 2, "unpublished": True},
        {"told": 2, "unpublished": True},
        {"told": 0, "untold": True},
        {"untold": True},
        {"unpublished": True},
    ],
    ids=lambda fields: " ".join(fields),
)
def test_a_job_that_workers_of_both_versions_moved_is_published_once_more_at_most(
    db: Db, jobs: JobStore, make_job: MakeJob, fields: dict[str, Any]
) -> None:
    watch, job = JobWatch(db), make_job(Status.CONFIRMED)
    assert jobs.advance(job, Status.CANCELLED, by="anna")
    names = ("told", "untold", "published", "unpublished")
    db.jobs.update_one({"_id": job["_id"]}, {"$unset": dict.fromkeys(names, "")})
    db.jobs.update_one({"_id": job["_id"]}, {"$set": fields})
    claimed = watch.claim_unpublished("one", LEASE)
    assert claimed
    assert lines_published(claimed) <= max(fields.get("told", 0), fields.get("published", 0))
    watch.mark_published(job["_id"], "one", 2)
    assert names_of(db, job) == {"published"}
    assert watch.claim_unpublished("two", LEASE) is None


def test_a_full_document_of_an_earlier_job_blocks_no_others(db: Db, make_job: MakeJob) -> None:
    watch, full, other = JobWatch(db), make_job(Status.CONFIRMED), make_job(Status.CONFIRMED)
    as_of_before(db, full, 0)
    size = len(encode(db.jobs.find_one({"_id": full["_id"]}) or {}))
    db.jobs.update_one({"_id": full["_id"]}, {"$set": {"source.name": "x" * (16 * 1024 * 1024 - size)}})
    claimed = [watch.claim_unpublished("one", LEASE) for _ in range(2)]
    assert [job and job["_id"] for job in claimed] == [other["_id"], None]
    assert watch.unpublished()[0] == 1


def test_indexes_are_made_beside_those_of_an_earlier_version(mongodb_url: str) -> None:
    db: Db = connect(mongodb_url)
    db.jobs.create_index([("since", 1)], name="untold", partialFilterExpression={"untold": True})
    ensure_indexes(db)
    assert {"untold", "unpublished"} <= set(db.jobs.index_information())
    db.client.close()
