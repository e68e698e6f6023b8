"""Tests purging: all rows of a job go after their time, not before, also when a process fails or another interferes."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from shared.contract.documents.chunk import Cells, Outcomes
from shared.contract.job import Status
from shared.contract.routes import STEPS
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.file_store import FileStore
from shared.plumbing.job_store import JobStore
from shared.plumbing.job_view import result_of, undo_of
from shared.plumbing.mongo import ensure_indexes
from shared.plumbing.purging import AGAIN_AFTER, purge, purge_what_is_over
from shared.plumbing.row_store import CONTENTS, OTHER_CONTENTS, RowStore
from shared.plumbing.task_store import LeaseLost, TaskStore
from tests.integration.carrying import SETTINGS, Carried, Record
from tests.integration.choosing import mapping_of

MAPPING = mapping_of("account.name", "account.client_code")
ROWS = [["Café", "C1"], ["Bar", "C2"], ["", "C3"], ["Bistro", "C4"]]
KEEP, UNDO = SETTINGS.keep_days, SETTINGS.undo_days
KEPT_IN = (*CONTENTS, *OTHER_CONTENTS, "tasks")


@pytest.fixture
def db(shared_database: Database[Record]) -> Database[Record]:
    """The jobs of earlier tests are gone: a round goes over all firms."""
    shared_database.jobs.delete_many({})
    return shared_database


def carried(db: Database[Record]) -> Carried:
    """A job of a firm of its own, with a file."""
    job = Carried(db, f"firm-{uuid.uuid4().hex[:8]}", ROWS, MAPPING)
    FileStore(db, job.firm).put(job.id, b"Name,Code")
    FileStore(db, job.firm).put(f"{job.id}.skipped", b"a list")
    return job


def with_all_sent(job: Carried) -> Carried:
    """Nobody owes the job anything: its notice was sent, its events were published."""
    job.jobs.settle(job.job)
    job.db.jobs.update_one({"_id": job.id}, {"$unset": {"unpublished": True}})
    return job


def kept(job: Carried) -> set[str]:
    """In which collections something of the job's rows or file is."""
    found = {name for name in KEPT_IN if job.db[name].find_one({"job": job.id})}
    key = {"$regex": f"^{job.firm}/{job.id}"}
    found |= {"files"} if job.db["files.files"].find_one({"_id": key}) else set()
    return found | ({"pieces"} if job.db["files.chunks"].find_one({"files_id": key}) else set())


def after(db: Database[Record], days: float) -> dict[str, int]:
    """A round so many days from now."""
    return purge_what_is_over(db, SETTINGS, now=datetime.now(UTC) + timedelta(days=days))


def test_an_import_is_kept_for_its_days_and_then_only_its_numbers(db: Database[Record]) -> None:
    job = with_all_sent(carried(db).loaded())
    before, there = job.job, kept(job)
    assert {"cells", "plans", "outcomes", "tasks", "files", "pieces"} <= there
    assert after(db, KEEP - 0.01)["purged"] == 0
    assert (kept(job), job.job) == (there, before)
    assert after(db, KEEP + 0.01)["purged"] == 1
    assert kept(job) == set()
    for part in ("counts", "result", "history", "status", "revision", "created_by", "notices"):
        assert job.job[part] == before[part]
    assert job.job["report"]["problems"][0]["rows"] == before["report"]["problems"][0]["rows"] == 1
    assert db.accounts.count_documents({"firm": job.firm, "job": job.id}) == 3


def test_a_firm_may_keep_longer_and_shorter(db: Database[Record]) -> None:
    longer, shorter = with_all_sent(carried(db).loaded()), with_all_sent(carried(db).loaded())
    for job, days in ((longer, 100), (shorter, 5)):
        retention = {"retention": {"keep_days": days, "undo_days": 2}}
        DirectoryStore(db, job.firm).replace_reference(retention, None)
    assert after(db, 4.9)["purged"] == 0
    after(db, 5.1)
    assert (bool(kept(longer)), bool(kept(shorter))) == (True, False)
    after(db, 99.9)
    assert kept(longer)
    after(db, 100.1)
    assert not kept(longer)


def test_what_can_still_be_undone_is_kept(db: Database[Record]) -> None:
    job, stopped = with_all_sent(carried(db).loaded()), with_all_sent(carried(db).checked().cancelled())
    for own in (job, stopped):
        DirectoryStore(db, own.firm).replace_reference({"retention": {"keep_days": 3}}, None)
    after(db, UNDO - 0.1)
    assert (bool(kept(job)), bool(kept(stopped))) == (True, False)
    job.undone()
    assert not db.accounts.find_one({"firm": job.firm})
    numbers = job.job["undo"]["numbers"]
    with_all_sent(job)
    after(db, 3.1)
    assert not kept(job)
    assert undo_of(job.job, TaskStore(db)) == numbers


def test_a_job_that_waits_for_a_person_is_given_up_when_nobody_comes(db: Database[Record]) -> None:
    job = with_all_sent(carried(db).checked())
    assert after(db, KEEP - 0.1)["left_alone"] == 0
    assert after(db, KEEP + 0.1)["left_alone"] == 1
    assert kept(job) == set()
    left = job.job
    assert (left["status"], left["history"][-1]["by"]) == ("cancelled", "carryover")
    assert left["reason"] == {"code": "left_alone", "params": {"days": KEEP}}
    assert left["purged_at"]


def test_who_repairs_a_row_has_come_back(db: Database[Record]) -> None:
    job = with_all_sent(carried(db).checked())
    db.jobs.update_one({"_id": job.id}, {"$set": {"since": datetime.now(UTC) - timedelta(days=KEEP + 1)}})
    assert job.jobs.repaired(job.job, None)
    assert after(db, 0)["left_alone"] == 0
    assert job.job["status"] == "validated"


def test_a_person_who_comes_at_the_last_moment_is_not_stopped(db: Database[Record]) -> None:
    seen = (job := carried(db).checked()).job
    assert job.jobs.repaired(seen, None)
    assert job.jobs.leave(seen, KEEP, None) is None
    assert job.jobs.leave({**job.job, "touched_at": None}, KEEP, None) is None
    assert job.job["status"] == "validated"


def test_a_job_that_a_service_works_at_is_kept(db: Database[Record]) -> None:
    jobs = [carried(db), carried(db).checked().confirmed(), carried(db).loaded()]
    assert set(after(db, KEEP * 2).values()) == {0}
    assert all(kept(job) for job in jobs)


class Cut(BaseException):
    """The process is killed."""


@pytest.mark.parametrize("place", ["rows", "files"])
def test_a_purge_that_is_cut_off_is_finished(
    db: Database[Record], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    job = with_all_sent(carried(db).loaded())

    def cut(*_: Any) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(RowStore if place == "rows" else FileStore, "forget", cut)
        with pytest.raises(Cut):
            after(db, KEEP + 1)
    assert job.job["purged_at"]
    assert kept(job)
    before_its_time = AGAIN_AFTER.total_seconds() / 86400 - 0.001
    assert after(db, before_its_time)["purge_finished"] == 0
    assert after(db, before_its_time + 0.002)["purge_finished"] == 1
    assert kept(job) == set()
    assert set(after(db, KEEP * 3).values()) == {0}


def test_files_whose_removal_was_cut_off_leave_no_pieces(db: Database[Record]) -> None:
    job = with_all_sent(carried(db).loaded())
    db["files.files"].delete_many({"_id": {"$regex": job.id}})
    assert kept(job) >= {"pieces"}
    assert purge(db, job.job)
    assert kept(job) == set()


def test_the_files_of_other_jobs_and_firms_stay(db: Database[Record]) -> None:
    job, other = with_all_sent(carried(db).loaded()), carried(db)
    FileStore(db, other.firm).put(job.id, b"of another firm")
    FileStore(db, job.firm).put(other.id, b"of another job")
    assert purge(db, job.job)
    assert FileStore(db, other.firm).open(job.id).read() == b"of another firm"
    assert FileStore(db, job.firm).open(other.id).read() == b"of another job"


@pytest.mark.parametrize("_again", range(12))
def test_of_who_undoes_and_who_purges_one_wins(db: Database[Record], _again: int) -> None:
    job = with_all_sent(carried(db).loaded())
    seen, start, went = job.job, threading.Barrier(2), dict[str, Any]()
    parts = {"undo": {"of": 1, "numbers": None, "names_kept": None}}

    def undo() -> None:
        start.wait()
        went["back"] = job.jobs.go_back(seen, Status.UNDOING, by="anna", service="importer", parts=parts)

    def remove() -> None:
        start.wait()
        went["purged"] = purge(db, seen)

    _at_once(undo, remove)
    assert bool(went["back"]) != went["purged"]
    assert bool(job.job.get("purged_at")) == went["purged"] == (kept(job) == set())
    if went["back"]:
        job.run("undo")
        assert job.concluded("undo", Status.UNDONE).job["undo"]["numbers"]["rows_reversed"] == 3


def _at_once(*doing: Callable[[], None]) -> None:
    threads = [threading.Thread(target=do) for do in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_a_purged_job_goes_nowhere(db: Database[Record]) -> None:
    job = with_all_sent(carried(db).loaded())
    seen = job.job
    assert purge(db, seen)
    undo = {"of": 1, "numbers": None, "names_kept": None}
    assert job.jobs.go_back(seen, Status.UNDOING, by="anna", service="importer", parts={"undo": undo}) is None
    assert job.job["status"] == "imported"


def test_many_workers_at_once_are_harmless(db: Database[Record]) -> None:
    jobs = [with_all_sent(carried(db).loaded()) for _ in range(3)]
    results = [job.job["result"] for job in jobs]
    _at_once(*[lambda: after(db, KEEP + 1) and None for _ in range(4)])
    assert [kept(job) for job in jobs] == [set()] * 3
    assert [job.job["result"] for job in jobs] == results


def test_the_numbers_of_a_job_stopped_half_way_stay(db: Database[Record]) -> None:
    job = carried(db).checked().confirmed()
    job.run("load", [1])
    with_all_sent(job.cancelled())
    before = result_of(job.job, job.tasks)
    assert before["rows_loaded"] == 1
    assert purge(db, job.job)
    assert result_of(job.job, job.tasks) == before


def test_a_worker_that_is_late_ends_nothing_and_what_it_wrote_goes(db: Database[Record]) -> None:
    job = carried(db).checked().confirmed()
    job.tasks.open(job.job, STEPS["load"], "main", [{"n": n, "rows": 2} for n in range(job.chunks)])
    (waiting, *_) = db.tasks.find({"job": job.id, "step": "load"})
    db.tasks.update_one({"_id": waiting["_id"]}, {"$set": {"state": "queued"}})
    task = job.tasks.claim(waiting["_id"], "token", "late", 60)
    assert task
    job.cancelled()
    assert purge(db, job.job)
    with pytest.raises(LeaseLost):
        job.tasks.finish(task, {}, lambda session: job.rows.write(Outcomes(n=0), 1, session) or {})
    assert kept(job) == set(), "what a transaction wrote did not come about"
    job.rows.write(Cells(n=0), 1)
    after(db, 0.1)
    assert kept(job) == set()


def test_rows_stay_while_a_job_that_repairs_them_has_its_own(db: Database[Record]) -> None:
    job = with_all_sent(carried(db).loaded())
    other = with_all_sent(carried(db).loaded())
    db.jobs.update_one({"_id": other.id}, {"$set": {"repaired_job": job.id, "firm": job.firm}})
    own = JobStore(db, job.firm)
    late = datetime.now(UTC) + timedelta(days=20)
    db.jobs.update_one({"_id": other.id}, {"$set": {"since": late}})
    after(db, KEEP + 1)
    assert kept(job)
    after(db, KEEP + 21)
    assert own.get(other.id)["purged_at"]
    after(db, KEEP + 22)
    assert kept(job) == set()


def test_one_that_cannot_be_purged_keeps_no_other(
    db: Database[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [with_all_sent(carried(db).loaded()) for _ in range(2)]
    forget = RowStore.forget

    def broken(rows: RowStore) -> None:
        if rows.job == jobs[0].id:
            raise ValueError("broken")
        forget(rows)

    monkeypatch.setattr(RowStore, "forget", broken)
    assert after(db, KEEP + 1)["purged"] == 1
    assert (bool(kept(jobs[0])), bool(kept(jobs[1]))) == (True, False)


def test_what_a_round_looks_for_is_found_by_an_index(db: Database[Record]) -> None:
    ensure_indexes(db)
    assert {"kept", "purge_open"} <= set(db.jobs.index_information())
    query = {"firm": "f", "purged_at": None, "since": {"$lt": datetime.now(UTC)}, "owed": None}
    assert "COLLSCAN" not in repr(db.jobs.find(query).explain()["queryPlanner"]["winningPlan"])
