"""Loads the plan of a job into the firm's directory, a chunk to a transaction."""

from __future__ import annotations

from typing import Any

from services.importer.loading import load_chunk
from shared.contract.job import RESULTS
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.flow import Conclusion, JobFails
from shared.plumbing.mongo import Database
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
    added = _new_names(DirectoryStore(db, job["firm"]), job, totals)
    return Conclusion({"result": {**result, **added}})


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
