"""Tests the outbox: a change is kept with its commit, and claimed by one relay at a time, until it is published."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from shared.contract.events import record_events
from shared.contract.job import Status
from shared.plumbing.directory_store import ChangedMeanwhile, DirectoryStore
from shared.plumbing.job_store import JobStore, JobWatch
from shared.plumbing.mongo import in_transaction
from shared.plumbing.outbox_store import OutboxDirectory, OutboxStore
from tests.contract.conftest import FIRM, MakeJob

LEASE = 60.0
JOB = "job-1"

Db = Database[dict[str, Any]]


def record(key: str, **more: Any) -> dict[str, Any]:
    """An account as loading makes it."""
    frame = {"firm": FIRM, "revision": 1, "job": JOB, "jobs": [JOB], "keys": []}
    return {"_id": f"{FIRM}/{key}", "name": key, **frame, **more}


def changed(db: Db, *what: Any, identity: str = "job-1.load.0") -> None:
    """Do things to the directory in one transaction with an outbox entry."""

    def work(session: Any) -> None:
        directory = OutboxDirectory(db, FIRM, JOB)
        for do in what:
            do(directory, session)
        directory.write_entry(identity, session)

    in_transaction(db, work)


def waiting(db: Db) -> list[tuple[str, str, int]]:
    """What waits to be published: type, id of the event, revision."""
    documents = db.outbox.find().sort("at", 1)
    return [(e["type"], e["id"], e["data"]["revision"]) for one in documents for e in record_events(one)]


def test_what_one_commit_changes_is_one_document(db: Db) -> None:
    db.accounts.insert_one(record("b", revision=4, job="earlier"))
    change = {"_id": f"{FIRM}/b", "revision": 4, "set": {"name": "B"}, "job": JOB}
    changed(
        db,
        lambda directory, session: directory.insert("accounts", [record("a")], session),
        lambda directory, session: directory.insert("contacts", [record("c")], session),
        lambda directory, session: directory.update("accounts", [change], session),
    )
    assert db.outbox.count_documents({}) == 1
    assert sorted(waiting(db)) == [
        ("account.created", "a.job-1.1", 1),
        ("account.updated", "b.earlier.5", 5),
        ("contact.created", "c.job-1.1", 1),
    ]


def test_a_commit_that_fails_publishes_nothing(db: Db) -> None:
    def broken(directory: OutboxDirectory, session: Any) -> None:
        directory.insert("accounts", [record("a")], session)
        directory.write_entry("job-1.load.0", session)
        raise ChangedMeanwhile

    with pytest.raises(ChangedMeanwhile):
        changed(db, broken)
    assert db.outbox.count_documents({}) == db.accounts.count_documents({}) == 0


def test_only_records_that_were_there_are_published_as_removed(db: Db) -> None:
    db.accounts.insert_many([record("a"), record("b", revision=3), record("c", jobs=[JOB, "later"])])
    ids = [f"{FIRM}/{name}" for name in "abcd"]
    changed(db, lambda directory, session: directory.remove_untouched("accounts", ids, JOB, session))
    assert waiting(db) == [("account.removed", "a.job-1.2", 2)]
    changed(db, lambda directory, session: directory.remove("accounts", ids, session), identity="again")
    assert sorted(waiting(db)[1:]) == [
        ("account.removed", "b.job-1.4", 4),
        ("account.removed", "c.job-1.2", 2),
    ]


def test_values_given_back_are_published_with_the_revision_they_came_to(db: Db) -> None:
    db.contacts.insert_one(record("a", revision=2))
    back = {"_id": f"{FIRM}/a", "set": {"name": "was"}, "unset": []}
    changed(db, lambda directory, session: directory.restore("contacts", [back], session))
    assert waiting(db) == [("contact.updated", "a.job-1.3", 3)]


def test_what_changes_nothing_publishes_nothing(db: Db) -> None:
    changed(db, lambda directory, session: directory.insert("accounts", [], session))
    assert db.outbox.count_documents({}) == 0


def test_a_record_changed_through_the_api_is_published_with_the_change(db: Db) -> None:
    db.accounts.insert_one(record("a"))
    api_directory = OutboxDirectory(db, FIRM, None)
    after = api_directory.rewrite("accounts", record("a"), record("a", name="A"))
    api_directory.rewrite("accounts", after, after)
    with pytest.raises(ChangedMeanwhile):
        api_directory.rewrite("accounts", record("a"), record("a", name="other"))
    assert api_directory.delete("accounts", f"{FIRM}/a", 2)
    assert not api_directory.delete("accounts", f"{FIRM}/a", None)
    assert waiting(db) == [("account.updated", "a.job-1.2", 2), ("account.removed", "a.job-1.3", 3)]


def test_a_firm_that_wants_no_records_published_writes_them_without(db: Db) -> None:
    db.accounts.insert_one(record("a"))
    plain = DirectoryStore(db, FIRM)
    plain.rewrite("accounts", record("a"), record("a", name="A"))
    assert plain.delete("accounts", f"{FIRM}/a", None)
    assert db.outbox.count_documents({}) == 0


def test_a_document_is_in_one_hand_until_its_time_is_over(db: Db) -> None:
    store = OutboxStore(db)
    changed(db, lambda directory, session: directory.insert("accounts", [record("a")], session))
    first = store.claim("one", LEASE)
    assert first
    assert store.claim("two", LEASE) is None
    assert store.renew(first["_id"], "one", -1)
    assert store.claim("two", LEASE)
    assert not store.renew(first["_id"], "one", LEASE)
    store.release("two")
    assert store.claim("one", LEASE)
    store.remove(first["_id"])
    assert store.waiting() == (0, None)


def test_a_job_is_to_be_published_from_the_first_moment_and_after_every_move(
    db: Db, jobs: JobStore, make_job: MakeJob
) -> None:
    watch, job = JobWatch(db), make_job(Status.CONFIRMED)
    claimed = watch.claim_unpublished("one", LEASE)
    assert claimed
    assert claimed["_id"] == job["_id"]
    watch.mark_published(job["_id"], "one", 1)
    assert watch.claim_unpublished("one", LEASE) is None
    assert jobs.advance(jobs.get(job["_id"]), Status.CANCELLED, by="anna")
    again = watch.claim_unpublished("one", LEASE)
    assert again
    assert (again["published"], len(again["history"])) == (1, 2)


def test_a_job_that_moves_while_it_is_published_stays_to_be_published(
    db: Db, jobs: JobStore, make_job: MakeJob
) -> None:
    watch, job = JobWatch(db), make_job(Status.CONFIRMED)
    assert watch.claim_unpublished("one", LEASE)
    assert jobs.advance(job, Status.CANCELLED, by="anna")
    assert watch.claim_unpublished("two", LEASE) is None, "it is still leased"
    watch.mark_published(job["_id"], "one", 1)
    again = watch.claim_unpublished("two", LEASE)
    assert again
    assert again["published"] == 1
    watch.mark_published(job["_id"], "one", 2)
    assert watch.unpublished()[0] == 1, "who lost a job notes nothing of it"


def test_what_is_kept_back_comes_when_its_time_has_come(db: Db, make_job: MakeJob) -> None:
    watch, job = JobWatch(db), make_job(Status.CONFIRMED)
    assert watch.claim_unpublished("one", LEASE)
    watch.publish_rest_later(job["_id"], "one", 0, LEASE)
    assert watch.claim_unpublished("one", LEASE) is None
    assert watch.unpublished()[0] == 1


def test_how_a_step_publishes_records_is_settled_once(jobs: JobStore, make_job: MakeJob) -> None:
    job = make_job(Status.CONFIRMED)
    assert jobs.choose_events(job["_id"], "load", "each") == "each"
    assert jobs.choose_events(job["_id"], "load", "none") == "each"
    assert jobs.choose_events(job["_id"], "undo", "none") == "none"
    assert jobs.get(job["_id"])["events"] == {"load": "each", "undo": "none"}
