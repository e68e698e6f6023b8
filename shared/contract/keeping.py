"""Computes when a job is purged (its file and rows removed), and what stays of its document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from shared.contract.documents.job import Job, Report
from shared.contract.job import Status, loaded_at, waits_for

#: Statuses from which a job that loaded records can be undone.
UNDOABLE = (Status.IMPORTED, Status.FAILED, Status.CANCELLED)

#: What stays of `source`: the file's name and measures, and the prints by which a next file is recognised.
SOURCE_STAYS = (
    "name",
    "bytes",
    "sha256",
    "header_print",
    "format",
    "encoding",
    "delimiter",
    "sheet",
    "header_row",
    "rows",
    "blank_rows",
    "columns",
    "revision",
)
#: Parts of `report` that are numbers alone; the problems stay without their examples.
REPORT_STAYS = ("fixes", "records", "only_in_system", "settings", "rules")
#: Parts of `options` that may have values of cells; the others describe how the job was requested.
OPTIONS_GO = ("mapping", "settings")


def touched_at(job: Job) -> datetime:
    """When a job last moved, or somebody last changed it without moving it."""
    return max(job["since"], job.get("touched_at") or job["since"])


def kept_until(job: Job, keep_days: int, undo_days: int) -> datetime | None:
    """The time at which the file and the rows of a job are removed; None while a service works on it.

    That is `keep_days` after its end, or after anybody last touched one that waits for a person, and never
    before the `undo_days` are over in which it can be undone.
    """
    status = Status(job["status"])
    if job.get("owed"):
        return None
    if waits_for(job):
        return touched_at(job) + timedelta(days=keep_days)
    loaded = loaded_at(job) if status in UNDOABLE else None
    if status not in (*UNDOABLE, Status.UNDONE):
        return None
    kept = job["since"] + timedelta(days=keep_days)
    return max(kept, loaded + timedelta(days=undo_days)) if loaded else kept


def what_stays(job: Job) -> dict[str, object]:
    """The parts of a purged job that contained values of cells, without them: samples, examples, lists of values."""
    undo = job.get("undo")
    return {
        "source": _some_of(job["source"], SOURCE_STAYS),
        "options": {name: value for name, value in job["options"].items() if name not in OPTIONS_GO},
        "mapping": None,
        "settings": None,
        "report": _numbers_of(job["report"]) if job["report"] else None,
        "undo": {**undo, "names_kept": None} if undo else None,
    }


def _numbers_of(report: Report) -> dict[str, object]:
    problems = [{**problem, "examples": []} for problem in report.get("problems", ())]
    return {"problems": problems, **_some_of(report, REPORT_STAYS)}


def _some_of(part: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    return {name: part[name] for name in names if name in part}
