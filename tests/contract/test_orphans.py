"""Tests that files and rows without a job are removed, and that those of a job, or of one that is being made, stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from shared.contract.job import Status
from shared.contract.routes import STEPS
from shared.plumbing.file_store import FileStore
from shared.plumbing.flow import spans
from shared.plumbing.job_store import new_job_id
from shared.plumbing.orphans import sweep_orphans
from shared.plumbing.row_store import CONTENTS, OTHER_CONTENTS
from shared.plumbing.task_store import TaskStore
from tests.contract.conftest import FIRM, MakeJob

TOMORROW = datetime.now(UTC) + timedelta(days=2)
NOTHING = {"orphan_pieces": 0, "orphan_files": 0, "orphan_rows": 0, "orphan_tasks": 0}
FILES = ("", ".prints", ".skipped")
Job = dict[str, Any]


def keep_everything(db: Database[Job], job: Job) -> None:
    """All that is ever kept of a job."""
    for suffix in FILES:
        FileStore(db, job["firm"]).put(f"{job['_id']}{suffix}", b"a,b" * 200_000)
    for content in (*CONTENTS, *OTHER_CONTENTS):
        db[content].insert_one({"_id": f"{job['_id']}:1:0", "job": job["_id"], "firm": job["firm"]})
    TaskStore(db).open(job, STEPS["load"], "main", spans(job, STEPS["load"]))


def kept_of(db: Database[Job], job: Job) -> dict[str, int]:
    """How many documents each collection has of a job."""
    key = f"{job['firm']}/{job['_id']}"
    found = {
        name: db[name].count_documents({"job": job["_id"]}) for name in (*CONTENTS, *OTHER_CONTENTS, "tasks")
    }
    found["files"] = db["files.files"].count_documents({"_id": {"$regex": f"^{key}"}})
    return found | {"pieces": db["files.chunks"].count_documents({"files_id": {"$regex": f"^{key}"}})}


def test_all_that_is_kept_of_no_job_is_removed_and_nothing_else(db: Database[Job], make_job: MakeJob) -> None:
    job, gone, foreign = make_job(Status.CONFIRMED), make_job(Status.CONFIRMED), make_job(firm="firm-b")
    for each in (job, gone, foreign):
        keep_everything(db, each)
    before = kept_of(db, job)
    assert all(before.values())
    db.jobs.delete_one({"_id": gone["_id"]})
    assert sweep_orphans(db, TOMORROW) == {**NOTHING, "orphan_files": 1, "orphan_rows": 1, "orphan_tasks": 1}
    assert not any(kept_of(db, gone).values())
    assert kept_of(db, job) == kept_of(db, foreign) == before
    assert sweep_orphans(db, TOMORROW) == NOTHING


def test_a_file_under_the_id_of_another_firms_job_belongs_to_no_job(
    db: Database[Job], make_job: MakeJob
) -> None:
    job = make_job(firm="firm-b")
    FileStore(db, FIRM).put(job["_id"], b"a")
    FileStore(db, "firm-b").put(job["_id"], b"b")
    assert sweep_orphans(db, TOMORROW) == {**NOTHING, "orphan_files": 1}
    assert [file["_id"] for file in db["files.files"].find()] == [f"firm-b/{job['_id']}"]


def test_an_upload_whose_request_died_before_its_job_was_kept_is_found(db: Database[Job]) -> None:
    died = FileStore(db, FIRM).create(new_job_id(), 1 << 20)
    died.write(b"x" * 300_000)
    died.close()
    assert sweep_orphans(db) == NOTHING, "its job may still come"
    assert sweep_orphans(db, TOMORROW) == {**NOTHING, "orphan_files": 1}
    assert db["files.chunks"].count_documents({}) == 0


def test_an_upload_that_never_ended_is_found_by_its_pieces(db: Database[Job]) -> None:
    db["files.chunks"].insert_one(
        {"_id": ObjectId(), "files_id": f"{FIRM}/{new_job_id()}", "n": 0, "data": b"x"}
    )
    assert sweep_orphans(db) == NOTHING
    assert sweep_orphans(db, TOMORROW) == {**NOTHING, "orphan_pieces": 1}
    assert db["files.chunks"].count_documents({}) == 0


def test_more_orphans_than_one_batch_are_all_found(
    db: Database[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.plumbing.orphans.BATCH", 3)
    jobs = 10
    db.tasks.insert_many({"_id": f"{n}", "job": f"job{n}", "firm": FIRM} for n in range(jobs))
    assert sweep_orphans(db, TOMORROW) == {**NOTHING, "orphan_tasks": jobs}
