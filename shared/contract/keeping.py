"""How long the file and the rows of a job are kept, and what stays of the job when they go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from shared.contract.documents.job import Job, Report
from shared.contract.job import Status, loaded_at, waits_for

#: From where a job that loaded records can still be undone.
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
#: What of `report` is numbers alone; the problems stay without their examples.
REPORT_STAYS = ("fixes", "records", "only_in_system", "settings", "rules")
#: What of `options` may hold values of cells; the rest says how the job was asked for.
OPTIONS_GO = ("mapping", "settings")


def touched_at(job: Job) -> datetime:
    """When a job last moved, or somebody last changed it without moving it."""
    return max(job["since"], job.get("touched_at") or job["since"])


def kept_until(job: Job, keep_days: int, undo_days: int) -> datetime | None:
    """When the file and the rows of a job have had their time; None while a service works at it.

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
