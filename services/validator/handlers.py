"""Checks the rows of a job, matches them over the whole file, and plans what loading will do."""

from __future__ import annotations

from array import array
from functools import partial
from typing import Any

from services.validator.check.checking import check_rows
from services.validator.match.grouping import Grouping, Values
from services.validator.plan.planning import COLLECTION
from services.validator.report.job_report import examples_in, summarised
from services.validator.report.summary import Totals, too_many_invalid
from services.validator.row_steps import (
    Numbers,
    check_plan,
    checked_document,
    context_of,
    decisions_of,
    fresh_ids,
    identified,
    orders_of,
    plan_context,
    planned_document,
    problem_counts,
    rows_to_plan,
    values_by_row,
)
from services.validator.rows.searching import words_of
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.flow import Conclusion
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import RowStore, record_mark
from shared.plumbing.task_store import TaskStore
from shared.plumbing.worker import Done, Handler, Work


def check(work: Work) -> Done:
    """Check one chunk and find the firm's records that its rows may mean."""
    job, n = work.job, work.n
    cells = work.rows.cells(job["source"]["revision"], n)
    reference = work.directory.reference()
    left_out = frozenset(cells["left_out"])
    how, context = check_plan(job, reference), context_of(job, reference, work.rows)
    decisions = decisions_of(job, cells["decisions"], len(cells["rows"]))
    found = check_rows(cells["rows"], how, context, left_out, cells["problems"], decisions)
    slots = identified(work.directory, job, found, [(n, offset) for offset in range(len(cells["rows"]))])
    document = checked_document(found, slots, left_out)
    counts = problem_counts(found.problems, found.fixes, found.columns, reference)
    return _kept(work, counts, checks=document, words={"text": words_of(cells["rows"])})


def _kept(work: Work, counts: dict[str, Any], **contents: dict[str, Any]) -> Done:
    """Keep a chunk's content together with the end of its task.

    A worker that was paused must not write over what the next steps made of the chunk meanwhile.
    """

    def also(session: Any) -> dict[str, Any]:
        for content, document in contents.items():
            work.rows.put(content, work.job["revision"], work.n, document, session)
        return counts

    return Done(also=also)


def match(work: Work) -> Done:
    """Decide over the whole file which rows mean the same account or contact."""
    job, rows = work.job, work.rows
    revision, chunks = job["revision"], len(job["source"]["chunks"])
    orders = orders_of(job["settings"])
    grouping = Grouping(
        orders, job["source"]["chunks"], partial(_values, rows, revision), fresh_ids(work.directory.firm, job)
    )
    for chunk in rows.each("checks", revision, chunks, "slots"):
        grouping.see(chunk)
        work.go_on()
    parts = ("n", "slots", "names", "decisions")
    for chunk in rows.each("checks", revision, chunks, *parts) if grouping.may_clash() else ():
        grouping.look(chunk["n"], chunk)
        work.go_on()
    grouping.settle()
    named: dict[str, array[int]] = {name: array("Q") for name in orders}
    numbers = Numbers(rows, job["source"]["revision"])
    for chunk in rows.each("checks", revision, chunks, *parts):
        n = chunk["n"]
        grouped = numbers.told(grouping.place(n, chunk))
        rows.amend("checks", revision, n, {"groups": grouped})
        for slot, found in chunk["slots"].items():
            named[COLLECTION[slot]].extend(record_mark(found["ids"][at]) for at in found["hits"])
        work.go_on()
    for n, adds in grouping.adds().items():
        rows.amend("checks", revision, n, {"adds": adds})
    return Done({"named": {kind: _keep_named(work, kind, marks) for kind, marks in named.items()}})


def _values(rows: RowStore, revision: int, n: int) -> Values:
    return values_by_row(rows.get("checks", revision, n, "fields", "values"))


def _keep_named(work: Work, kind: str, marks: array[int]) -> int:
    """Keep which of the firm's records the file names; gives how many they are."""
    different = sorted(set(marks))
    work.rows.put_named(work.job["revision"], kind, different)
    return len(different)


def plan(work: Work) -> Done:
    """Plan one chunk: create, update with differences, link, or nothing, row by row."""
    job = work.job
    chunk = work.rows.get("checks", job["revision"], work.n)
    positions = [(work.n, offset) for offset in range(work.task["rows"])]
    rows = rows_to_plan(chunk, positions)
    adds = {slot: {int(at): said for at, said in own.items()} for slot, own in chunk.get("adds", {}).items()}
    context = plan_context(work.directory, job, rows, adds)
    document, counts = planned_document(job, rows, chunk, context)
    return _kept(work, counts, plans=document)


def conclude(db: Database, job: dict[str, Any], totals: dict[str, Any]) -> Conclusion:
    """Add the chunks up to the counts and the report of the job."""
    tasks, rows = TaskStore(db), RowStore(db, job["firm"], job["_id"])
    whole = Totals.of(tasks.totals(job, "check"), totals, tasks.totals(job, "match"))
    where = {**tasks.chunks_with(job, "plan", "problems"), **tasks.chunks_with(job, "check", "problems")}
    counts, report = summarised(DirectoryStore(db, job["firm"]), job, whole)
    for problem in report["problems"]:
        problem["examples"] = examples_in(rows, job, problem["code"], where.get(problem["code"]))
    limit = job["options"].get("max_invalid") or {"rows": 0}
    # rows about which nobody can tell are skipped by the choice of the firm, `on_doubt`
    hold = too_many_invalid(limit, counts["invalid"] - report["asked"], job["source"]["rows"])
    return Conclusion({"counts": counts, "report": report}, hold)


HANDLERS = {
    "check": Handler(check),
    "match": Handler(match),
    "plan": Handler(plan, conclude),
}
