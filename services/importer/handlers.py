"""Loads the plan of a job into the firm's directory, a chunk to a transaction."""

from __future__ import annotations

from collections import Counter
from typing import Any

from services.importer.loading import load_chunk
from shared.contract.job import RESULTS, Status
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.flow import Conclusion, JobFails
from shared.plumbing.job_store import JobStore
from shared.plumbing.mongo import Database, in_transaction
from shared.plumbing.row_store import RowNumbers, RowStore
from shared.plumbing.worker import Done, Handler, Work


def load(work: Work) -> Done:
    """Load one chunk: records, links, outcomes and the end of the task commit together or not at all."""
    job, rows = work.job, work.rows
    plan = rows.plan(job["revision"], work.n)

    def also(session: Any) -> dict[str, Any]:
        outcomes = load_chunk(work.directory, rows, job, plan, session)
        rows.put("outcomes", job["revision"], work.n, outcomes.document(), session)
        return outcomes.counts()

    return Done(also=also)


def conclude(db: Database, job: dict[str, Any], totals: dict[str, Any]) -> Conclusion:
    """Add up the outcomes; a job whose numbers do not balance is never called imported."""
    result = {name: totals.get(name, 0) for name in RESULTS}
    done = result["rows_loaded"] + result["rows_unchanged"] + result["rows_skipped"]
    if done != job["source"]["rows"]:
        raise JobFails("numbers_do_not_balance", read=job["source"]["rows"], accounted=done)
    result |= _new_names(DirectoryStore(db, job["firm"]), job, totals)
    if job.get("repaired_job"):
        _tell_repaired(db, job, result)
    return Conclusion({"result": result})


def _tell_repaired(db: Database, job: dict[str, Any], result: dict[str, int]) -> None:
    """Bring the job up to date whose skipped rows were loaded, and those that it had repaired itself."""
    jobs = JobStore(db, job["firm"])
    loaded = RowStore(db, job["firm"], job["_id"]).loaded_rows(job["revision"], job["source"])

    def write(session: Any) -> None:
        for repaired in jobs.repaired_chain(job, session):
            if repaired["status"] != Status.IMPORTED or repaired.get("purged_at"):
                continue  # its rows were taken back or removed, so its numbers stand for themselves
            if job["_id"] not in repaired.get("repaired_by", ()):
                changed = _outcomes_changed(db, repaired, loaded, job["_id"], session)
                jobs.loaded_after_all(repaired["_id"], job["_id"], _added(changed, result), session)

    in_transaction(db, write)


def _outcomes_changed(
    db: Database, repaired: dict[str, Any], loaded: dict[int, str], by: str, session: Any
) -> Counter[str]:
    rows = RowStore(db, repaired["firm"], repaired["_id"])
    where = RowNumbers(rows, repaired["source"])
    by_chunk: dict[int, dict[int, str]] = {}
    for number, outcome in loaded.items():
        position = where.position(number)
        if position:
            by_chunk.setdefault(position[0], {})[position[1]] = outcome
    changed: Counter[str] = Counter()
    for n, outcomes in by_chunk.items():
        changed += rows.loaded_after_all(repaired["revision"], n, outcomes, by, session)
    return changed


def _added(changed: Counter[str], result: dict[str, int]) -> dict[str, int]:
    """What a job's result grows by when rows of it were loaded after all; its rows stay as many as they were."""
    made = {name: number for name, number in result.items() if not name.startswith("rows_")}
    rows = {f"rows_{outcome}": number for outcome, number in changed.items()}
    return {**made, **rows, "rows_skipped": -changed.total()}


def _new_names(directory: DirectoryStore, job: dict[str, Any], totals: dict[str, Any]) -> dict[str, int]:
    """Put new tags and custom fields among the firm's reference data."""
    custom = [
        {"name": c["custom"]["name"], "type": c["custom"]["type"], "record": c["custom"]["record"]}
        for c in job["mapping"]["columns"]
        if c["action"] == "custom"
    ]
    fresh = directory.add_reference(
        job["_id"],
        tags=totals.get("tags", []),
        contact_tags=totals.get("contact_tags", []),
        custom_fields=custom,
    )
    tags = fresh["tags"] + fresh["contact_tags"]
    return {"tags_created": tags, "custom_fields_created": fresh["custom_fields"]}


HANDLERS = {"load": Handler(load, conclude)}
