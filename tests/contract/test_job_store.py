"""Tests the guards of the job document on MongoDB: one move at a time, each part by its owner, firms apart."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import bson
import pytest
from pymongo.database import Database

from shared.contract.answers import JobAnswer
from shared.contract.job import PART_OWNERS, Status
from shared.contract.routes import SERVICES, STEPS
from shared.plumbing.beat_store import BeatStore
from shared.plumbing.flow import spans
from shared.plumbing.job_store import LARGE, JobStore, JobWatch, KeyTaken, NoSuchJob
from shared.plumbing.job_view import show
from shared.plumbing.task_store import TaskStore
from tests.contract.conftest import FIRM, MakeJob


def lines(job: dict[str, Any]) -> list[tuple[str, int]]:
    return [(line["status"], line["revision"]) for line in job["history"]]


def test_of_many_who_advance_a_job_all_find_it_there_and_one_moved_it(
    jobs: JobStore, make_job: MakeJob
) -> None:
    job, start = make_job(Status.CONFIRMED), threading.Barrier(6)
    found: list[dict[str, Any] | None] = []

    def advance(number: int) -> None:
        start.wait()
        found.append(jobs.advance(job, Status.IMPORTED, by=f"worker-{number}"))

    threads = [threading.Thread(target=advance, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one and one["status"] for one in found] == ["imported"] * 6
    assert lines(jobs.get(job["_id"])) == [("uploaded", 1), ("imported", 1)]


def test_a_job_at_another_status_is_not_advanced(jobs: JobStore, make_job: MakeJob) -> None:
    job = make_job(Status.CONFIRMED)
    assert jobs.advance(job, Status.CANCELLED, by="anna")
    assert jobs.advance(job, Status.IMPORTED, by="importer") is None
    assert jobs.get(job["_id"])["status"] == "cancelled"


@pytest.mark.parametrize(
    ("frm", "to"),
    [
        (Status.UPLOADED, Status.IMPORTED),
        (Status.IMPORTED, Status.CONFIRMED),
        (Status.CANCELLED, Status.CONFIRMED),
        (Status.FAILED, Status.READ),
        (Status.UNDONE, Status.IMPORTED),
    ],
)
def test_a_move_that_is_not_part_of_the_flow_is_not_made(
    jobs: JobStore, make_job: MakeJob, frm: Status, to: Status
) -> None:
    job = make_job(frm)
    assert jobs.advance(job, to, by="anybody") is None
    assert jobs.get(job["_id"])["status"] == frm


def test_going_back_grows_the_revision_and_leaves_behind_what_was_for_the_old_one(
    jobs: JobStore, tasks: TaskStore, make_job: MakeJob
) -> None:
    job = make_job(Status.VALIDATED)
    tasks.open(job, STEPS["plan"], "main", spans(job, STEPS["plan"]))
    back = jobs.go_back(job, Status.PROPOSED, by="anna", service="mapper", parts={"mapping": {"new": True}})
    assert back is not None
    assert (back["revision"], back["mapping"]) == (2, {"new": True})
    assert not tasks.unfinished(back, "plan")
    assert tasks.unfinished(job, "plan")
    assert jobs.advance(job, Status.CONFIRMED, by="late") is None
    assert not jobs.write(job, "validator", report={"late": True})
    assert jobs.get(job["_id"])["report"] is None


def test_a_service_writes_its_own_parts_and_no_other(jobs: JobStore, make_job: MakeJob) -> None:
    job = make_job(Status.MAPPED)
    for part, owner in PART_OWNERS.items():
        for service in SERVICES:
            if service == owner:
                assert jobs.write(job, service, **{part: {"by": service}})
                jobs.note(job["_id"], service, **{part: {"by": service}})
            else:
                with pytest.raises(PermissionError):
                    jobs.write(job, service, **{part: {"by": service}})
                with pytest.raises(PermissionError):
                    jobs.note(job["_id"], service, **{part: {"by": service}})
                with pytest.raises(PermissionError):
                    jobs.advance(job, Status.VALIDATED, by=service, service=service, parts={part: {}})
    found = jobs.get(job["_id"])
    assert {part: found[part]["by"] for part in PART_OWNERS} == PART_OWNERS
    assert found["status"] == "mapped"


@pytest.mark.parametrize("part", ["status", "history", "revision", "owed", "firm", "source.rows"])
def test_no_service_writes_what_moves_a_job_nor_into_the_part_of_another(
    jobs: JobStore, make_job: MakeJob, part: str
) -> None:
    with pytest.raises(PermissionError):
        jobs.write(make_job(), "importer", **{part: "anything"})


def test_another_firm_neither_sees_nor_moves_a_job(db: Database[dict[str, Any]], make_job: MakeJob) -> None:
    job, other = make_job(), JobStore(db, "firm-b")
    with pytest.raises(NoSuchJob):
        other.get(job["_id"])
    assert other.advance(job, Status.CANCELLED, by="stranger") is None
    assert not other.write(job, "importer", result={"rows_loaded": 1})
    assert other.go_back(job, Status.PROPOSED, by="stranger", service="mapper", parts={}) is None
    other.note(job["_id"], "notifier", notices=["stolen"])
    assert other.history(None, 10) == []
    assert JobStore(db, FIRM).get(job["_id"]) == job | {
        name: JobStore(db, FIRM).get(job["_id"])[name] for name in ("created_at", "since", "history")
    }


def test_a_key_is_taken_once_within_a_firm(
    db: Database[dict[str, Any]], jobs: JobStore, make_job: MakeJob
) -> None:
    first = make_job(idempotency_key="k-1")
    second = {**first, "_id": "second"}
    with pytest.raises(KeyTaken) as taken:
        jobs.add(second)
    assert taken.value.job["_id"] == first["_id"]
    JobStore(db, "firm-b").add(second)
    assert JobStore(db, "firm-b").by_key("k-1")


def test_a_worker_is_owed_nothing_where_a_person_or_nobody_acts_next(
    db: Database[dict[str, Any]], jobs: JobStore, make_job: MakeJob
) -> None:
    job = make_job(Status.READ)
    proposed = jobs.advance(job, Status.PROPOSED, by="mapper")
    assert proposed
    assert proposed["owed"] is None
    mapped = jobs.advance(proposed, Status.MAPPED, by="anna")
    assert mapped
    assert mapped["owed"] == "validator"
    failed = jobs.advance(mapped, Status.FAILED, by="carryover", reason={"code": "empty"})
    assert failed
    assert failed["owed"] == "notifier"
    jobs.settle(failed)
    assert JobWatch(db).find(job["_id"])["owed"] is None  # type: ignore[index]


def test_autostart_is_owed_by_the_service_before_unless_it_holds(jobs: JobStore, make_job: MakeJob) -> None:
    job = make_job(Status.READ, options={"autostart": True})
    proposed = jobs.advance(job, Status.PROPOSED, by="mapper")
    assert proposed
    assert proposed["owed"] == "mapper"
    mapped = jobs.advance(proposed, Status.MAPPED, by="autostart")
    assert mapped
    on_hold = jobs.advance(mapped, Status.VALIDATED, by="validator", hold={"code": "too_many_invalid"})
    assert on_hold
    assert (on_hold["owed"], on_hold["hold"]["code"]) == (None, "too_many_invalid")


def test_a_job_is_checked_again_only_as_it_was_seen(
    db: Database[dict[str, Any]], jobs: JobStore, make_job: MakeJob
) -> None:
    job = make_job(Status.VALIDATED, hold={"code": "too_many_invalid"})
    db.jobs.update_one({"_id": job["_id"]}, {"$inc": {"repairs": 1}})
    assert jobs.check_again(job, "anna", None) is None, "somebody repaired a row meanwhile"
    moved = jobs.check_again(jobs.get(job["_id"]), "anna", None)
    assert moved is not None
    assert (moved["status"], moved["revision"], moved["repairs"]) == ("mapped", 2, 2)
    assert (moved["hold"], moved["owed"]) == (None, "validator")


def test_the_same_repaired_file_is_known_while_it_is_loaded_and_after_it_was_whole(
    jobs: JobStore, make_job: MakeJob
) -> None:
    def known(at: Status, skipped: int = 0, firm: str = FIRM) -> bool:
        repaired = f"first-{at}-{skipped}-{firm}"
        make_job(at, firm=firm, repaired_job=repaired, result={"rows_skipped": skipped})
        assert jobs.same_repair(repaired, "1" * 64) is None
        return jobs.same_repair(repaired, "0" * 64) is not None

    assert all(known(at) for at in (Status.UPLOADED, Status.CONFIRMED, Status.IMPORTED))
    assert not any(known(at) for at in (Status.FAILED, Status.CANCELLED, Status.UNDONE))
    assert not known(Status.IMPORTED, skipped=1)
    assert not known(Status.UPLOADED, firm="firm-b")


@dataclass
class Kept:
    """Where the work on jobs is."""

    tasks: TaskStore
    beats: BeatStore


def test_a_job_in_brief_and_those_of_a_list_are_answered_like_the_whole_and_are_small(
    db: Database[dict[str, Any]], jobs: JobStore, make_job: MakeJob
) -> None:
    job = make_job(Status.VALIDATED, report={})
    large = {part: [{"a": "x" * 50_000}] for part in LARGE if "." not in part}
    large |= {part: ["x" * 50_000] for part in LARGE if "." in part}
    db.jobs.update_one({"_id": job["_id"]}, {"$set": {**large, "options.notify": ["a@b.example"]}})
    whole, work = jobs.get(job["_id"]), Kept(TaskStore(db), BeatStore(db))
    answer = JobAnswer(exclude=["progress"]).dump(show(whole, work, "", "en"))
    assert answer["notify"] == ["a@b.example"]
    for brief in (jobs.brief(job["_id"]), jobs.history(None, 1)[0], jobs.some([job["_id"]])[0]):
        assert JobAnswer(exclude=["progress"]).dump(show(brief, work, "", "en")) == answer
        assert len(bson.encode(brief)) < 5_000 < 50_000 * len(LARGE) < len(bson.encode(whole))
