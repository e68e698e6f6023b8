"""Tests that every row of a repaired list is counted, whatever happens to it."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from services.notifier.job_lists import write_skipped, write_skipped_book
from services.upload.handlers import read
from services.upload.model.source import ReadError
from services.upload.reupload.storage import apply_changes, read_changes
from services.validator.repair.changes import Changes
from services.validator.repair.repairing import Repairer
from shared.contract.documents.chunk import RowsOutcome
from shared.contract.job import Status, new_job
from shared.contract.skipped_rows import ROW
from shared.plumbing.file_store import FileStore
from shared.plumbing.flow import JobFails
from tests.integration.carrying import BY, Carried, Record
from tests.integration.choosing import mapping_of, settings_of

MAPPING = mapping_of("account.name", "account.email")
HEADER = [column["header"] for column in MAPPING["columns"]]
Line = dict[str, str]

#: Of each row of the first file whether its address is bad and whether a person unticks it; then for two lists that
#: come back whether the row is in it, and whether it is mended there.
ROWS = st.lists(
    st.tuples(*[st.booleans()] * 2, st.tuples(*[st.booleans()] * 2), st.tuples(*[st.booleans()] * 2)),
    min_size=2,
    max_size=7,
)


EXAMPLES = settings(
    max_examples=10, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


class Back(Carried):
    """A job that loads the rows of a list that came back."""

    def __init__(self, first: Carried, lines: Sequence[Line], book: bool) -> None:
        super().__init__(first.db, first.firm, [], MAPPING)
        self.db.jobs.delete_one({"_id": self.id})
        self.rows.forget()
        content = as_file(lines, book)
        FileStore(self.db, self.firm).put(self.id, content)
        source = {"name": "back", "bytes": len(content), "sha256": self.id, "overrides": {}}
        options = {"max_invalid": {"share": 1.0}}
        job = new_job(self.id, self.firm, first.job["kind"], options, source, BY, datetime.now(UTC), first.id)
        self.jobs.add({**job, "mapping": MAPPING, "settings": settings_of()})
        read(self.work("read", 0))
        self.db.jobs.update_one({"_id": self.id}, {"$set": {"status": Status.MAPPED.value}})


def as_file(lines: Sequence[Line], book: bool) -> bytes:
    """A list as a person saves it."""
    table = [list(lines[0]), *(list(line.values()) for line in lines)]
    if not book:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(table)
        return text.getvalue().encode("utf-8-sig")
    whole = openpyxl.Workbook()
    for row in table:
        whole.active.append(row)  # type: ignore[union-attr]
    content = io.BytesIO()
    whole.save(content)
    return content.getvalue()


def listed(job: Carried, book: bool = False) -> list[Line]:
    """The list of skipped rows, as it goes out."""
    made = io.BytesIO()
    if book:
        write_skipped_book(made, job.rows, job.job, "en")
        sheet = openpyxl.load_workbook(made).active
        header, *rows = [["" if v is None else str(v) for v in row] for row in sheet.values]  # type: ignore[union-attr]
        return [dict(zip(header, row, strict=True)) for row in rows]
    write_skipped(made, job.rows, job.job, "en")
    with zipfile.ZipFile(made) as archive:
        text = archive.read("skipped-rows.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def first_job(db: Database[Record], rows: Sequence[Any]) -> Carried:
    """A job whose rows were checked, and some of them unticked."""
    cells = [[f"Client {n}", "x(at)" if bad else f"c{n}@x.example"] for n, (bad, *_) in enumerate(rows)]
    job = Carried(db, f"firm-{uuid.uuid4().hex[:8]}", cells, MAPPING)
    names = {f"source.column_list.{n}.name": header for n, header in enumerate(HEADER)}
    db.jobs.update_one({"_id": job.id}, {"$set": names})
    job.checked()
    ticks = {divmod(n, 3): False for n, (_, unticked, *_) in enumerate(rows) if unticked}
    if ticks:
        Repairer(db, job.firm, job.id).repair(Changes(ticks=ticks), "anna", "edit")
    return job


def lines_of(job: Carried, rows: Sequence[Any], turn: int) -> list[Line]:
    """The list that comes back: some of the rows, mended or not; rows that were loaded may be added."""
    cells = [row for n in range(job.chunks) for row in job.rows.edited_cells(1, n).rows]
    lines = []
    for n, (row, own) in enumerate(zip(cells, rows, strict=True)):
        there, mended = own[2 + turn]
        if there:
            line = dict(zip(HEADER, row, strict=True)) | {ROW: str(n + 2)}
            lines.append(line | ({HEADER[1]: f"mended{n}@x.example"} if mended else {}))
    return lines


def outcomes(job: Carried) -> dict[int, str]:
    """What became of each row, by its number."""
    return job.rows.outcomes_by_number(RowsOutcome, 1, job.job["source"])


def assert_balances(job: Carried) -> None:
    """Each row has one outcome, and the numbers of the job are those of its rows."""
    own, whole = list(outcomes(job).values()), job.job
    numbers = {name: whole["result"][f"rows_{name}"] for name in ("loaded", "unchanged", "skipped")}
    assert {name: own.count(name) for name in numbers} == numbers
    assert sum(numbers.values()) == whole["source"]["rows"] == len(own)


def come_back(first: Carried, rows: Sequence[Any], turn: int, book: bool) -> Carried | None:
    """Send a list back and load it; None where none of its rows waits."""
    lines, before = lines_of(first, rows, turn), outcomes(first)
    numbers = [int(line[ROW]) for line in lines]
    unticked = {n + 2 for n, own in enumerate(rows) if own[1]}
    waiting = [n for n in numbers if before[n] == "skipped" and n not in unticked]
    if not waiting:
        return None
    job = Back(first, lines, book).loaded()
    assert_balances(job)
    now = outcomes(job)
    assert sorted(now) == numbers, "each row of the list, under its number"
    listed_problem = (
        {int(line[ROW]): line["_problem"] for line in listed(job)} if "skipped" in now.values() else {}
    )
    mended = {int(line[ROW]) for line in lines if "@" in line[HEADER[1]]}
    for n in numbers:
        if before[n] != "skipped":
            assert listed_problem[n].split("; ")[0] == "loaded_before"
        elif n in unticked:
            assert listed_problem[n] == "not_selected"
        else:
            assert (now[n], listed_problem.get(n)) == (
                ("loaded", None) if n in mended else ("skipped", "invalid_email")
            )
    return job


@given(ROWS, st.booleans())
@EXAMPLES
def test_after_loading_each_row_that_comes_back_is_loaded_or_skipped_with_its_reason(
    shared_db: Database[Record], rows: list[Any], book: bool
) -> None:
    first = first_job(shared_db, rows)
    first.confirmed().run("load")
    first.concluded("load", Status.IMPORTED)
    for turn in (0, 1):
        job = come_back(first, rows, turn, book)
        again = mended(job, book) if job and job.job["result"]["rows_skipped"] else None
        for each in filter(None, (first, job, again)):
            assert_balances(each)
    loaded = [n for n, outcome in outcomes(first).items() if outcome == "loaded"]
    names = sorted(account["name"] for account in shared_db.accounts.find({"firm": first.firm}))
    assert names == sorted(f"Client {n - 2}" for n in loaded), "each once"


def mended(job: Carried, book: bool) -> Carried | None:
    """Send the list of what a repairing job skipped back with all addresses mended; None where no row waits."""
    lines = [{**line, HEADER[1]: f"again{line[ROW]}@x.example"} for line in listed(job, book)]
    for_good = ("not_selected", "loaded_before")
    stay = {int(line[ROW]) for line in lines if line["_problem"].startswith(for_good)}
    if len(stay) == len(lines):
        with pytest.raises(JobFails, match="nothing_to_repair"):
            Back(job, lines, book)
        return None
    again = Back(job, lines, book).loaded()
    assert {n for n, outcome in outcomes(again).items() if outcome == "skipped"} == stay
    return again


@given(ROWS, st.booleans())
@EXAMPLES
def test_before_loading_each_row_that_comes_back_keeps_its_place_and_its_tick(
    shared_db: Database[Record], rows: list[Any], book: bool
) -> None:
    first = first_job(shared_db, rows)
    lines = lines_of(first, rows, 0)
    if not lines:
        return
    content = as_file(lines, book)
    FileStore(shared_db, first.firm).put("back", content)
    source = {"name": "back", "bytes": len(content)}
    _, changes = read_changes(FileStore(shared_db, first.firm), first.rows, first.job, source, "back")
    assert sum(len(own) for own in changes.values()) == len(lines)
    kept = apply_changes(shared_db, first.rows, first.job, changes, "anna")
    assert kept
    if kept["status"] == Status.MAPPED:
        first.checked()
    counts, good = first.job["counts"], {n for n, own in enumerate(rows) if not own[0]}
    good |= {int(line[ROW]) - 2 for line in lines if "@" in line[HEADER[1]]}
    unticked = {n for n, own in enumerate(rows) if own[1]}
    assert sum(counts.values()) == len(rows)
    assert (counts["new"], counts["unselected"]) == (len(good - unticked), len(unticked))


def test_a_list_with_a_row_added_or_twice_is_refused_as_a_whole(shared_db: Database[Record]) -> None:
    first = first_job(shared_db, [(True, False)] * 2)
    (line, other), store = listed(first), FileStore(shared_db, first.firm)
    for lines, code in (
        ([line, {**other, ROW: ""}], "repair_unknown_rows"),
        ([line, {**other, ROW: "99"}], "repair_unknown_rows"),
        ([line, other, line], "repair_rows_twice"),
    ):
        content = as_file(lines, book=False)
        store.put("back", content)
        with pytest.raises(ReadError, match=code):
            read_changes(store, first.rows, first.job, {"name": "b", "bytes": len(content)}, "back")
