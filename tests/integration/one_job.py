"""Makes, checks, plans and loads one job on a real database by direct calls, without broker and workers.

The handlers of the services run as the workers run them, chunk by chunk in any order. What a test asks for is
read back the way the pages read it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from services.importer import handlers as importer
from services.upload.ingest.chunking import chunk_of
from services.upload.model.source import Batch
from services.upload.table.samples import Sampler
from services.validator import handlers as validator
from services.validator.repair.changes import Changes
from services.validator.repair.repairing import Repaired, Repairer
from services.validator.report.summary import kind_in_system
from services.validator.rows.grid import Grid, Wanted
from services.validator.rows.view import show_rows
from shared.contract.documents.chunk import Plan
from shared.contract.job import RESULTS, Status, new_job
from shared.contract.keys import keys_of
from shared.contract.records import FRAME
from shared.contract.records import values_of as shown_values
from shared.contract.rights import RIGHTS
from shared.contract.routes import STEPS
from shared.plumbing.chunk_codec import packed_part
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.flow import spans
from shared.plumbing.job_store import JobStore, new_job_id
from shared.plumbing.mongo import in_transaction
from shared.plumbing.row_store import RowStore
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore
from shared.plumbing.worker import Work
from tests.integration.choosing import settings_of

Record = dict[str, Any]
HANDLERS = {**validator.HANDLERS, **importer.HANDLERS}
SETTINGS = Settings("", "memory://", "", "", "a secret of the tests, long enough for HS256")
BY = {"id": "anna", "email": "anna@example.org", "locale": "en", "rights": RIGHTS}
#: What loading adds to a record and no plan shows.
OWN = FRAME
FIRST_ROW = 2


class OneJob:
    """A job of a firm, at `mapped`, whose rows are kept in chunks of `size` rows."""

    def __init__(
        self,
        db: Database[Record],
        firm: str,
        rows: Sequence[Sequence[str]],
        mapping: dict[str, Any],
        settings: dict[str, Any] | None = None,
        *,
        size: int = 3,
        kind: str = "accounts_and_contacts",
        identity: str | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.db = db
        self.firm = firm
        self.id = identity or new_job_id()
        self.store = RowStore(db, firm, self.id)
        self.tasks = TaskStore(db)
        self.directory = DirectoryStore(db, firm)
        source = self._keep(rows, size, len(mapping["columns"]))
        job = new_job(self.id, firm, kind, options or {}, source, BY, datetime.now(UTC))
        job |= {"status": Status.MAPPED.value, "mapping": mapping, "settings": settings or settings_of()}
        job["options"].setdefault("max_invalid", {"rows": 0})
        self.db.jobs.insert_one(job)

    def _keep(self, rows: Sequence[Sequence[str]], size: int, width: int) -> dict[str, Any]:
        sampler, chunks = Sampler(width), []
        for start in range(0, len(rows), size):
            part = [list(row) for row in rows[start : start + size]]
            sampler.add(part)
            numbers = list(range(FIRST_ROW + start, FIRST_ROW + start + len(part)))
            self.store.write(chunk_of(Batch(numbers, part), len(chunks)), 1)
            chunks.append(len(part))
        columns = [{"index": index, **sampler.column(index)} for index in range(width)]
        return {
            "name": "clients.csv",
            "bytes": 1,
            "revision": 1,
            "rows": len(rows),
            "columns": width,
            "column_list": columns,
            "chunks": chunks,
        }

    @property
    def job(self) -> Record:
        """The job as it is now."""
        return JobStore(self.db, self.firm).get(self.id)

    # the steps

    def checked(self, order: Sequence[int] | None = None, times: int = 1) -> OneJob:
        """Check, match and plan; the chunks are taken in the order given, each `times` times."""
        for step in ("check", "match", "plan"):
            self.run(step, order, times)
        return self._conclude("plan", Status.VALIDATED)

    def loaded(self, order: Sequence[int] | None = None) -> OneJob:
        """Confirm and load."""
        moved = JobStore(self.db, self.firm).advance(self.job, Status.CONFIRMED, by="anna")
        assert moved
        self.run("load", order)
        return self._conclude("load", Status.IMPORTED)

    def run(self, step: str, order: Sequence[int] | None = None, times: int = 1) -> None:
        """Do all tasks of a step."""
        job = self.job
        parts = spans(job, STEPS[step])
        self.tasks.open(job, STEPS[step], "main", parts)
        wanted = range(len(parts)) if order is None or not STEPS[step].spread else order
        assert sorted(wanted) == list(range(len(parts)))
        for n in wanted:
            task = {"n": n, "rows": parts[n]["rows"]}
            for _ in range(times):
                done = HANDLERS[step].work(Work(job, task, self.db, SETTINGS))
                counts = in_transaction(self.db, done.also) if done.also else done.counts
            done_now = {"state": "done", "counts": counts}
            self.db.tasks.update_one(
                {"job": self.id, "revision": job["revision"], "step": step, "n": n}, {"$set": done_now}
            )

    def _conclude(self, step: str, to: Status) -> OneJob:
        job = self.job
        conclude = HANDLERS[step].conclude
        assert conclude
        done = conclude(self.db, job, self.tasks.totals(job, step))
        service = STEPS[step].service
        assert JobStore(self.db, self.firm).advance(
            job, to, by=service, service=service, parts=done.parts, hold=done.hold
        )
        return self

    def checked_anew(self) -> OneJob:
        """Have the whole file checked once more, with all that was repaired."""
        store, job = JobStore(self.db, self.firm), self.job
        assert store.go_back(job, Status.MAPPED, by="anna", service="validator", parts={})
        return self.checked()

    # repairs

    def repair(
        self,
        cells: dict[int, dict[int, str]] | None = None,
        ticks: dict[int, bool] | None = None,
        decisions: dict[int, Record] | None = None,
    ) -> Repaired:
        """Change cells, tick rows, decide of them, counted from 0; what the workers owe then is done too."""
        repairer = Repairer(self.db, self.firm, self.id)
        done = repairer.repair(self.changes(cells, ticks, decisions), "anna", "edit")
        if done.again:
            self.checked()
        return done

    def changes(
        self,
        cells: dict[int, dict[int, str]] | None = None,
        ticks: dict[int, bool] | None = None,
        decisions: dict[int, Record] | None = None,
    ) -> Changes:
        """Changes of rows that are counted from 0."""
        return Changes(
            {self.position(row): dict(by_column) for row, by_column in (cells or {}).items()},
            {self.position(row): selected for row, selected in (ticks or {}).items()},
            {self.position(row): dict(decision) for row, decision in (decisions or {}).items()},
        )

    def position(self, row: int) -> tuple[int, int]:
        """Chunk and offset of a row that is counted from 0."""
        for n, rows in enumerate(self.job["source"]["chunks"]):
            if row < rows:
                return n, row
            row -= rows
        raise IndexError(row)

    # what came of it

    def rows(self, **wanted: Any) -> list[Record]:
        """The rows of a filter as a person sees them, page by page."""
        job, found, start = self.job, [], (0, 0)
        grid = Grid(self.tasks, self.store, job)
        while True:
            page, following = grid.page(Wanted(**wanted), start, 4)
            for n, offsets in page.items():
                found += show_rows(offsets, grid.shown(n, offsets), job["mapping"], "en")
            if following is None:
                return found
            assert following > start, "the cursor stands still"
            start = following

    def buckets(self) -> list[str]:
        """The bucket of each row."""
        return [row["bucket"] for row in self.rows()]

    def codes(self) -> list[set[str]]:
        """The codes of the problems of each row."""
        return [{problem["code"] for problem in row["problems"]} for row in self.rows()]

    def problem(self, row: int, code: str) -> Record:
        """The one problem of that code that a row, counted from 0, has."""
        (found,) = [p for p in self.rows()[row]["problems"] if p["code"] == code]
        return found

    def plans(self) -> list[Record]:
        """All plans, chunk by chunk, as they are kept."""
        job = self.job
        kept = [self.store.plan_of(Plan, job["revision"], n) for n in range(len(job["source"]["chunks"]))]
        return [packed_part(plan) for plan in kept]

    def report(self) -> Record:
        """The report, without what only adding up needs, and with examples in one order."""
        report = {name: part for name, part in self.job["report"].items() if name != "totals"}
        report["problems"] = [{**p, "examples": len(p["examples"])} for p in report["problems"]]
        return report

    def only_in_system(self) -> set[str]:
        """The ids of the firm's records that no row names."""
        job, kind = self.job, kind_in_system(self.job)
        everything = [r["_id"] for r in self.directory.page(kind, "", 1000, {})]
        return set(everything) - self.store.named(job["revision"], kind, everything)


def add_records(db: Database[Record], firm: str, kind: str, records: Iterable[Record]) -> list[str]:
    """Records that the firm has from before; gives their ids."""
    fresh = []
    for record in records:
        slot = "account" if kind == "accounts" else "contact"
        frame = {"firm": firm, "keys": keys_of(slot, record), "revision": 1, "job": "earlier"}
        identity = f"{firm}/{uuid.uuid4().hex[:24]}"
        fresh.append({"_id": identity, **frame, "jobs": ["earlier"], **record})
    if fresh:
        db[kind].insert_many(fresh)
    return [record["_id"] for record in fresh]


def directory_of(db: Database[Record], firm: str) -> dict[str, dict[str, Record]]:
    """Everything a firm has: accounts, contacts and links by id."""
    return {
        kind: {record["_id"]: record for record in db[kind].find({"firm": firm})}
        for kind in ("accounts", "contacts", "links")
    }


def values_of(records: dict[str, Record]) -> dict[str, Record]:
    """The records of one kind with their values alone, as they are shown; what is empty counts as not there."""
    shown = {identity: shown_values(record) for identity, record in records.items()}
    return {
        identity: {
            name: value
            for name, value in record.items()
            if name not in OWN and value not in (None, "", [], {})
        }
        for identity, record in shown.items()
    }


def planned(before: dict[str, dict[str, Record]], rows: Sequence[Record], firm: str) -> dict[str, Any]:
    """The firm's records as they must be after what rows show was done: values by id, and pairs of ids."""
    after: dict[str, Any] = {kind: values_of(before[kind]) for kind in ("accounts", "contacts")}
    pairs = {(link["account"], link["contact"]) for link in before["links"].values()}
    for row in rows:
        for slot in ("account", "contact", "spouse"):
            act = row["plan"].get(slot, {"do": "nothing"})
            records = after["accounts" if slot == "account" else "contacts"]
            if act["do"] == "create":
                assert f"{firm}/{act['id']}" not in records, "made twice"
                filled = {k: v for k, v in act["values"].items() if v not in (None, "", [], {})}
                records[f"{firm}/{act['id']}"] = filled
            elif act["do"] == "update":
                for change in act["changes"]:
                    _apply(records[f"{firm}/{act['id']}"], change)
        for link in row["plan"].get("links", ()):
            pair = (f"{firm}/{link['account']}", f"{firm}/{link['contact']}")
            assert pair not in pairs, "linked twice"
            pairs.add(pair)
    return {**after, "links": pairs}


def _apply(record: Record, change: Record) -> None:
    name = change["field"]
    own = record.setdefault("custom", {}) if name.startswith("custom.") else record
    name = name.removeprefix("custom.")
    assert own.get(name) in (change["old"], *([None] if not change["old"] else [])), "not what was shown"
    if change["why"] == "added":
        own[name] = [*own.get(name, []), *change["new"]]
    elif change["why"] == "cleared":
        own.pop(name, None)
    else:
        own[name] = change["new"]
    if record.get("custom") == {}:
        del record["custom"]


def balance(job: OneJob) -> None:
    """Fail unless the numbers of an imported job agree with its rows and its report."""
    document, rows = job.job, job.rows()
    result, planned_records = document["result"], document["report"]["records"]
    assert set(RESULTS) <= result.keys()
    expected = {"new": "loaded", "update": "loaded", "unchanged": "unchanged", "duplicate": "unchanged"}
    assert [r["outcome"] for r in rows] == [expected.get(r["bucket"], "skipped") for r in rows]
    for outcome in ("loaded", "unchanged", "skipped"):
        assert result[f"rows_{outcome}"] == sum(row["outcome"] == outcome for row in rows)
    for kind in ("accounts", "contacts"):
        assert result[f"{kind}_created"] == planned_records.get(f"{kind}_create", 0)
        assert result[f"{kind}_updated"] == planned_records.get(f"{kind}_update", 0)
    assert result["links_created"] == planned_records.get("links_create", 0)
    assert result["tags_created"] == len(document["report"]["new_tags"]), document["report"]["new_tags"]
