"""Checks the rows of a job, matches them over the whole file, and plans what loading will do."""

from __future__ import annotations

from array import array
from functools import partial

from services.validator.check.checking import check_rows
from services.validator.check.context import check_plan, context_of, decisions_of
from services.validator.check.slots import COLLECTION
from services.validator.match.grouped import groups_of
from services.validator.match.grouping import Grouping
from services.validator.match.identified import checks_of
from services.validator.match.identifying import identify_rows
from services.validator.match.merging import ChunkValues, values_by_row
from services.validator.match.new_ids import fresh_ids
from services.validator.plan.context import plan_context
from services.validator.plan.planning import plan_rows
from services.validator.plan.rows_to_plan import rows_to_plan
from services.validator.report.counting import check_counts, plan_counts
from services.validator.report.job_report import examples_in, report_from
from services.validator.report.summary import too_many_invalid, totals_of
from services.validator.rows.row_numbers import NumberedRows
from services.validator.rows.searching import words_of
from shared.contract.documents.chunk import CheckedSlots, CheckedValues, Checks, Matchable, Part, Words
from shared.contract.documents.job import Job
from shared.contract.documents.task import Counts
from shared.contract.job import settings_of
from shared.plumbing.directory_store import MOST_NAMES, DirectoryStore, record_id
from shared.plumbing.flow import Conclusion
from shared.plumbing.mongo import ClientSession, Database
from shared.plumbing.row_store import RowStore, record_mark
from shared.plumbing.task_store import TaskStore
from shared.plumbing.worker import Done, Handler, Work
from shared.values.evidence import orders_of


def check(work: Work) -> Done:
    """Check one chunk and find the firm's records that its rows may mean."""
    job, n = work.job, work.n
    cells = work.rows.edited_cells(job["source"]["revision"], n)
    reference = work.directory.reference()
    left_out = frozenset(cells.left_out)
    how, context = check_plan(job, reference), context_of(job, reference, work.rows, MOST_NAMES)
    decisions = decisions_of(job, cells.decisions, len(cells.rows))
    found = check_rows(cells.rows, how, context, left_out, cells.problems, decisions)
    make_id = partial(record_id, work.directory.firm)
    positions = [(n, offset) for offset in range(len(cells.rows))]
    slots = identify_rows(work.directory, make_id, job, found, positions)
    checks = checks_of(found, slots, left_out, n)
    return _written(work, check_counts(checks), checks, Words(n=n, text=words_of(cells.rows)))


def _written(work: Work, counts: Counts, *parts: Part) -> Done:
    """Write parts of a chunk together with the end of its task.

    A worker that was paused must not write over what the next steps made of the chunk meanwhile.
    """

    def also(session: ClientSession) -> Counts:
        for part in parts:
            work.rows.write(part, work.job["revision"], session)
        return counts

    return Done(also=also)


def match(work: Work) -> Done:
    """Decide over the whole file which rows mean the same account or contact."""
    job, rows = work.job, work.rows
    revision, chunks = job["revision"], job["source"]["chunks"]
    orders = orders_of(settings_of(job))
    fresh_id = fresh_ids(partial(record_id, work.directory.firm), job["_id"])
    grouping = Grouping(orders, chunks, partial(_values, rows, revision), fresh_id)
    for slots in rows.read_each(CheckedSlots, revision, len(chunks)):
        grouping.see(slots)
        work.go_on()
    for chunk in rows.read_each(Matchable, revision, len(chunks)) if grouping.may_clash() else ():
        grouping.look(chunk.n, chunk)
        work.go_on()
    grouping.settle()
    named: dict[str, array[int]] = {name: array("Q") for name in orders}
    numbers = NumberedRows(rows, job["source"]["revision"])
    for chunk in rows.read_each(Matchable, revision, len(chunks)):
        grouped = grouping.place(chunk.n, chunk)
        rows.write_groups(revision, chunk.n, groups_of(grouped, numbers.number))
        for slot, found in chunk.slots.items():
            named[COLLECTION[slot]].extend(record_mark(found.ids[at]) for at in found.matched)
        work.go_on()
    for n, additions in grouping.additions().items():
        rows.write_additions(revision, n, additions)
    return Done(
        {"named": {kind: _write_named(work, kind, record_marks) for kind, record_marks in named.items()}}
    )


def _values(rows: RowStore, revision: int, n: int) -> ChunkValues:
    return values_by_row(rows.read(CheckedValues, revision, n))


def _write_named(work: Work, kind: str, record_marks: array[int]) -> int:
    """Write which of the firm's records the file names; gives how many they are."""
    different = sorted(set(record_marks))
    work.rows.put_named(work.job["revision"], kind, different)
    return len(different)


def plan(work: Work) -> Done:
    """Plan one chunk: create, update with differences, link, or nothing, row by row."""
    job, n = work.job, work.n
    checks = work.rows.read(Checks, job["revision"], n)
    rows = rows_to_plan(checks, [(n, offset) for offset in range(work.task["rows"])])
    planned = plan_rows(rows, checks, plan_context(work.directory, job, rows, checks.additions), n)
    return _written(work, plan_counts(planned, checks, settings_of(job), work.directory.reference()), planned)


def conclude(db: Database, job: Job, totals: Counts) -> Conclusion:
    """Add the chunks up to the counts and the report of the job."""
    tasks, rows = TaskStore(db), RowStore(db, job["firm"], job["_id"])
    whole = totals_of([tasks.totals(job, "check"), totals, tasks.totals(job, "match")])
    where = {**tasks.chunks_with(job, "plan", "problems"), **tasks.chunks_with(job, "check", "problems")}
    counts, report = report_from(DirectoryStore(db, job["firm"]), job, whole)
    for problem in report["problems"]:
        problem["examples"] = examples_in(rows, job, problem["code"], where.get(problem["code"]))
    limit = job["options"].get("max_invalid") or {"rows": 0}
    # rows whose record is in doubt are skipped by the choice of the firm, `on_doubt`
    hold = too_many_invalid(limit, counts["invalid"] - report["asked"], job["source"]["rows"] or 0)
    return Conclusion({"counts": counts, "report": report}, hold)


HANDLERS = {
    "check": Handler(check),
    "match": Handler(match),
    "plan": Handler(plan, conclude),
}
