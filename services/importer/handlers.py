"""The steps `load` and `undo`: write a job's plan to the firm's directory, and undo it, one transaction a chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

from services.importer.load.loading import MOST_CHOICES, choices_name, load_chunk
from services.importer.undo.undoing import REVERSED, undo_chunk, undo_nothing
from shared.contract.counting import names_of, number_of
from shared.contract.custom_fields import customs_of, id_of
from shared.contract.documents.chunk import Outcomes, Plan, RowsOutcome, Undone
from shared.contract.documents.job import Job, Source
from shared.contract.documents.reference import CustomField
from shared.contract.documents.task import Counts
from shared.contract.events import EACH
from shared.contract.job import RESULTS, UNDO_NUMBERS, Status, as_loaded, mapping_of, undo_of_job
from shared.plumbing.bus import TryLater
from shared.plumbing.directory_store import AlreadyThere, DirectoryStore
from shared.plumbing.flow import Conclusion, JobFails
from shared.plumbing.job_store import JobStore
from shared.plumbing.log import log
from shared.plumbing.mongo import Again, ClientSession, Database, in_transaction
from shared.plumbing.outbox_store import OutboxDirectory
from shared.plumbing.row_store import RowNumbers, RowStore
from shared.plumbing.task_store import TaskStore
from shared.plumbing.telemetry import UNBALANCED
from shared.plumbing.telemetry import count as count_metric
from shared.plumbing.worker import Done, Handler, Work

T = TypeVar("T")

#: By number of a job's result, the number of its undo that counts the same records.
UNDONE_AS = {
    "accounts_created": "accounts_removed",
    "accounts_updated": "accounts_restored",
    "contacts_created": "contacts_removed",
    "contacts_updated": "contacts_restored",
    "links_created": "links_removed",
}


def load(work: Work) -> Done:
    """Load one chunk: records, links, outcomes and the end of the task commit in one transaction."""
    job, rows = work.job, work.rows
    plan, choice = rows.plan_of(Plan, job["revision"], work.n), _events(work, "load")
    attempts = count()

    def also(session: ClientSession) -> Counts:
        look = next(attempts) > 0
        try:
            with _directory(work, "load", choice, session) as directory:
                outcomes = load_chunk(directory, rows, job, plan, session, look)
        except AlreadyThere as error:
            if look:
                raise
            raise Again from error
        rows.write(outcomes.part(work.n), job["revision"], session)
        return outcomes.counts()

    return Done(also=also)


def _events(work: Work, step: str) -> str:
    """Which events a step gives for the records that it changes: the firm's choice when the step began."""
    settled = (work.job.get("events") or {}).get(step)
    return settled or work.jobs.choose_events(work.job["_id"], step, work.directory.reference()["events"])


@contextmanager
def _directory(work: Work, step: str, choice: str, session: ClientSession) -> Iterator[DirectoryStore]:
    """The directory to write a chunk to; it fills the outbox in the same commit where the firm wants each record."""
    if choice != EACH:
        yield work.directory
        return
    directory = OutboxDirectory(work.db, work.job["firm"], work.job["_id"])
    yield directory
    directory.write_entry(f"{work.job['_id']}.{step}.{work.job['revision']}.{work.n}", session)


def conclude(db: Database, job: Job, totals: Counts) -> Conclusion:
    """Add up the outcomes; a job whose numbers do not balance fails."""
    result = {name: number_of(totals, name) for name in RESULTS}
    _balance(job, "load", result["rows_loaded"] + result["rows_unchanged"] + result["rows_skipped"])
    result |= _new_names(DirectoryStore(db, job["firm"]), job, totals)
    if job.get("repaired_job"):
        _update_repaired(db, job, result)
    return Conclusion({"result": result})


def _update_repaired(db: Database, job: Job, result: dict[str, int]) -> None:
    """Update the job whose skipped rows this job loaded, and the jobs that it in turn had repaired."""
    jobs = JobStore(db, job["firm"])
    became = RowStore(db, job["firm"], job["_id"]).outcomes_by_number(
        RowsOutcome, job["revision"], job["source"]
    )
    loaded = {number: outcome for number, outcome in became.items() if outcome != "skipped"}

    def write(session: ClientSession) -> None:
        for repaired in _still_imported(jobs.repaired_chain(job, session)):
            if job["_id"] in repaired.get("repaired_by", ()):
                continue
            rows, changed = RowStore(db, repaired["firm"], repaired["_id"]), Counter[str]()
            for n, outcomes in _by_chunk(rows, repaired["source"], loaded).items():
                changed += rows.mark_loaded(repaired["revision"], n, outcomes, job["_id"], session)
            jobs.loaded_after_all(repaired["_id"], job["_id"], _growth(changed, result), session)

    in_transaction(db, write)


def _still_imported(chain: list[Job]) -> list[Job]:
    """The jobs whose numbers still change: not those that were undone, or whose rows were removed."""
    return [job for job in chain if job["status"] == Status.IMPORTED and not job.get("purged_at")]


def _by_chunk(rows: RowStore, source: Source, by_number: Mapping[int, T]) -> dict[int, dict[int, T]]:
    """Regroup what is known by row number to chunk and offset, without numbers that the source does not have."""
    where, found = RowNumbers.of(rows, source), dict[int, dict[int, T]]()
    for number, known in by_number.items():
        if position := where.position(number):
            found.setdefault(position[0], {})[position[1]] = known
    return found


def _growth(changed: Counter[str], result: dict[str, int]) -> dict[str, int]:
    """What to add to a job's result when rows that it had skipped are loaded; the sum of its rows stays the same."""
    made = {name: number for name, number in result.items() if not name.startswith("rows_")}
    rows = {f"rows_{outcome}": number for outcome, number in changed.items()}
    return {**made, **rows, "rows_skipped": -changed.total()}


def _balance(job: Job, step: str, accounted: int) -> None:
    """Raise `JobFails`, with a metric and a log line for the operator, unless each row has one outcome."""
    read = job["source"]["rows"]
    if accounted != read:
        count_metric(UNBALANCED, "importer", step)
        log.critical("numbers do not balance", job_id=job["_id"], step=step, read=read, accounted=accounted)
        raise JobFails("numbers_do_not_balance", read=read, accounted=accounted)


def _new_names(directory: DirectoryStore, job: Job, totals: Counts) -> dict[str, int]:
    """Add new tags and custom fields to the firm's reference data; gives how many were new."""
    custom = [_custom_field(each, totals) for each in customs_of(mapping_of(job))]
    fresh = directory.add_reference(
        job["_id"],
        tags=names_of(totals, "tags"),
        contact_tags=names_of(totals, "contact_tags"),
        custom_fields=custom,
    )
    tags = fresh["tags"] + fresh["contact_tags"]
    return {"tags_created": tags, "custom_fields_created": fresh["custom_fields"]}


def _custom_field(custom: CustomField, totals: Counts) -> CustomField:
    """A custom field for the reference data; the values of the file become the choices of a choice."""
    known: CustomField = {
        "id": id_of(custom),
        "name": custom["name"],
        "type": custom["type"],
        "record": custom["record"],
    }
    if custom["type"] not in ("choice", "multi-choice"):
        return known
    found = names_of(totals, choices_name(custom["record"], id_of(custom)))
    return {**known, "choices": sorted(found)[:MOST_CHOICES]}


def undo(work: Work) -> Done:
    """Undo one chunk in one transaction; there is nothing to undo in one that was never loaded."""
    job, rows, of = work.job, work.rows, undo_of_job(work.job)["of"]
    if TaskStore(work.db).is_open(as_loaded(job), "load", work.n):
        raise TryLater("its loading has not come to an end")  # the job was stopped a moment ago
    choice = _events(work, "undo")

    def also(session: ClientSession) -> Counts:
        before = rows.read_if_kept(Undone, of, work.n, session)
        if before:
            return dict(before.counts)  # an earlier attempt had written this
        loaded = rows.read_if_kept(Outcomes, of, work.n, session)
        if loaded is None:
            done = undo_nothing(work.task["rows"])
        else:
            with _directory(work, "undo", choice, session) as directory:
                done = undo_chunk(directory, job["_id"], loaded, session)
        rows.write(done.part(work.n), of, session)
        return dict(done.counts())

    return Done(also=also)


def conclude_undo(db: Database, job: Job, totals: Counts) -> Conclusion:
    """Add up what was undone, and remove the names that the job added and nobody uses."""
    numbers = {name: number_of(totals, name) for name in UNDO_NUMBERS}
    _balance(job, "undo", sum(numbers[name] for name in UNDO_NUMBERS if name.startswith("rows_")))
    directory = DirectoryStore(db, job["firm"])
    added, removed = directory.added_by(job["_id"]), directory.remove_reference(job["_id"])
    numbers["tags_removed"] = len(removed["tags"]) + len(removed["contact_tags"])
    numbers["custom_fields_removed"] = len(removed["custom_fields"])
    kept = {part: [name for name in names if name not in removed[part]] for part, names in added.items()}
    parts: dict[str, object] = {"undo": {**undo_of_job(job), "numbers": numbers, "names_kept": kept}}
    if not any(line["status"] == Status.IMPORTED for line in job["history"]):
        # a chunk may have been loaded while the job was stopped
        loaded = TaskStore(db).totals(as_loaded(job), "load")
        parts["result"] = {name: number_of(loaded, name) for name in RESULTS}
    if job.get("repaired_job"):
        _return_rows(db, job, numbers)
    return Conclusion(parts)


def _return_rows(db: Database, job: Job, numbers: dict[str, int]) -> None:
    """Mark rows as skipped again that this job had loaded for another job, and for the jobs which that one repaired."""
    jobs = JobStore(db, job["firm"])
    became = RowStore(db, job["firm"], job["_id"]).outcomes_by_number(
        Undone, undo_of_job(job)["of"], job["source"]
    )
    undone = {number: outcome == REVERSED for number, outcome in became.items()}
    made = _undone_of(TaskStore(db).totals(as_loaded(job), "load"), numbers)

    def write(session: ClientSession) -> None:
        for repaired in _still_imported(jobs.repaired_chain(job, session)):
            loaded_by, returned_by = repaired.get("repaired_by", ()), repaired.get("returned_by", ())
            if job["_id"] not in loaded_by or job["_id"] in returned_by:
                continue
            rows, changed, stay = RowStore(db, repaired["firm"], repaired["_id"]), Counter[str](), 0
            for n, own in _by_chunk(rows, repaired["source"], undone).items():
                back, left = rows.mark_skipped(repaired["revision"], n, own, job["_id"], session)
                changed, stay = changed + back, stay + left
            off = {name: -number for name, number in _growth(changed, made).items()}
            jobs.skipped_again(repaired["_id"], job["_id"], off, stay > 0, session)

    in_transaction(db, write)


def _undone_of(loaded: Counts, numbers: Mapping[str, int]) -> dict[str, int]:
    """How much of what a job made was undone, in the names of a job's result.

    Where all its rows were undone, it is all that the job made: a record that already had its earlier values again is
    not counted as restored. Tags and custom fields that others use stay.
    """
    everything = not (numbers["rows_kept"] or numbers["rows_failed"])
    made = {
        name: number_of(loaded, name) if everything else min(number_of(loaded, name), numbers[undone])
        for name, undone in UNDONE_AS.items()
    }
    return {**made, **{f"{part}_created": numbers[f"{part}_removed"] for part in ("tags", "custom_fields")}}


HANDLERS = {"load": Handler(load, conclude), "undo": Handler(undo, conclude_undo)}
