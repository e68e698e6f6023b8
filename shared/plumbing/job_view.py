"""A job as the API shows it: computes progress, numbers and links from its documents at each request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

from shared.contract.answers import SourceBrief
from shared.contract.counting import number_of
from shared.contract.documents.job import Job
from shared.contract.documents.values import Reason
from shared.contract.job import UNDO_NUMBERS, Status, recipients, waits_for
from shared.contract.problems import sentence
from shared.contract.routes import first_step, steps_at
from shared.plumbing import clock
from shared.plumbing.mongo import Session
from shared.plumbing.task_store import TaskStore

#: What an answer shows of the source; a job that is read in brief has no more.
_OF_SOURCE = tuple(SourceBrief().fields)
LINKS = ("source", "mapping", "settings", "report", "rows", "result", "undo", "events")


def show(job: Job, tasks: TaskStore, prefix: str, lang: str) -> dict[str, object]:
    """The job in the shape of `shared.contract.answers.JobAnswer`."""
    self_link = f"{prefix}/jobs/{job['_id']}"
    links = {"self": self_link, **{name: f"{self_link}/{name}" for name in LINKS}}
    has_list = job["status"] in (Status.VALIDATED, Status.IMPORTED) and not job.get("purged_at")
    if has_list and rows_listed(job):
        links |= {"skipped": f"{self_link}/skipped.zip", "skipped_book": f"{self_link}/skipped.xlsx"}
    if job.get("repaired_job"):
        links["repairs"] = f"{prefix}/jobs/{job['repaired_job']}"
    if job.get("repaired_by"):
        links["repaired_by"] = f"{prefix}/jobs/{job['repaired_by'][-1]}"
    at = progress(job, tasks)
    answer: dict[str, object] = {
        "id": job["_id"],
        "firm": job["firm"],
        "kind": job["kind"],
        "status": job["status"],
        "revision": job["revision"],
        "counts": job["counts"],
        "created_by": job["created_by"],
        "created_by_email": job["created_by_email"],
        "created_at": job["created_at"],
        "history": job["history"],
        "notices": job["notices"],
        "notify": recipients(job),
        "purged_at": job.get("purged_at"),
        "repairs": job.get("repaired_job"),
        "repaired_by": job.get("repaired_by", []),
        "source": job["source"],
        "waiting_for": waiting_for(job),
        "progress": at,
        "result": result_of(job, tasks),
        "undo": undo_of(job, tasks),
        "links": links,
    }
    return in_language({**answer, "version": _version(job, answer, at)}, job, lang)


def in_language(answer: Mapping[str, object], job: Job, lang: str) -> dict[str, object]:
    """The same answer for another caller: only its sentences depend on the language."""
    return {**answer, "reason": _reason(job["reason"], lang), "hold": _reason(job["hold"], lang)}


def _version(job: Job, answer: Mapping[str, object], at: Mapping[str, object]) -> str:
    """A text that changes whenever the answer does, in all languages; the rate and the time left do not count.

    It begins with the number of lines of the history: so a viewer that comes back gets those it has missed.
    """
    source = [job["source"].get(name) for name in _OF_SOURCE]
    lasting = {**answer, "source": source, "progress": [at[name] for name in ("step", "done", "total")]}
    text = json.dumps([lasting, job["reason"], job["hold"], job["owed"]], default=_as_kept)
    return f"{len(job['history'])}.{blake2b(text.encode(), digest_size=6).hexdigest()}"


def _as_kept(value: object) -> str:
    """A time as MongoDB keeps it, in milliseconds: a job that was just made has the version that it is read with."""
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value)


def rows_to_skip(job: Job) -> int:
    """How many rows were skipped, or will be by the present plan."""
    if job["status"] in (Status.VALIDATED, Status.CONFIRMED):
        return job["counts"]["invalid"] + job["counts"]["unselected"]
    return job["result"]["rows_skipped"]


def rows_listed(job: Job) -> int:
    """How many rows the list of skipped rows has at most: also those that are loaded without a wrong value."""
    report = job.get("report")
    return rows_to_skip(job) + (report.get("without_value", 0) if report else 0)


def _reason(reason: Reason | None, lang: str) -> dict[str, str] | None:
    if reason is None:
        return None
    return {"code": reason["code"], "message": sentence(reason["code"], lang, **reason.get("params", {}))}


def waiting_for(job: Job) -> dict[str, object] | None:
    """Who acts next: a person, a service, or nobody. With autostart a service does what a person would do."""
    if what := waits_for(job):
        return {"who": job["owed"] or "person", "what": what, "since": job["since"]}
    step = first_step(Status(job["status"]))
    if step and (step.to or step.then):
        return {"who": step.service, "what": step.name, "since": job["since"]}
    return None


def progress(job: Job, tasks: TaskStore) -> dict[str, object]:
    """Rows done of the work at the present status, its rate, and the seconds left."""
    status = Status(job["status"])
    total = job["source"].get("rows")
    steps = [step for step in steps_at(status) if step.to or step.then]
    if not steps:
        done = total or 0
        return {"step": status.value, "done": done, "total": total, "rows_per_second": 0, "eta_seconds": 0}
    per_step = tasks.rows_done(job)
    target = next(step.to for step in steps if step.to)
    done = sum(per_step.get(step.name, 0) for step in steps) // len(steps)
    elapsed = max((clock.now() - job["since"]).total_seconds(), 0.001)
    rate = done / elapsed
    left = int((total - done) / rate) + 1 if rate and total is not None else None
    return {
        "step": target.value,
        "done": done,
        "total": total,
        "rows_per_second": int(rate),
        "eta_seconds": left,
    }


def result_of(job: Job, tasks: TaskStore, session: Session = None) -> dict[str, int]:
    """The numbers of a job: final when imported or undone, what was loaded so far at any other time."""
    stopped = job["status"] in (Status.CONFIRMED, Status.CANCELLED, Status.FAILED)
    if stopped and not job.get("undo") and not job.get("purged_at"):
        totals = tasks.totals(job, "load", session)
        return {name: number_of(totals, name) for name in job["result"]}
    return job["result"]


def undo_of(job: Job, tasks: TaskStore, session: Session = None) -> dict[str, int] | None:
    """The numbers of undoing the import, final or so far; None where nobody undid it."""
    undo = job.get("undo")
    if undo is None:
        return None
    if job["status"] == Status.UNDONE or job.get("purged_at"):
        numbers = undo.get("numbers") or {}
        return {name: numbers[name] for name in UNDO_NUMBERS}
    totals = tasks.totals(job, "undo", session)
    return {name: number_of(totals, name) for name in UNDO_NUMBERS}
