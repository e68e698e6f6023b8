"""Rows of jobs, kept by the chunk: cells, checks, plans and outcomes.

Each part of a chunk is a collection of its own, so that a small note about a chunk never rewrites its cells. Parts that
single rows are looked up in are keyed by the row's offset, because the database finds a key within a document
without unpacking the rest. What a person repairs is kept beside: `edits` of the source, and `amended` with what
checking and planning found in the rows that a repair touched. Reading puts both in the place of what was there before.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from shared.contract.documents.chunk import (
    Additions,
    Amended,
    AmendedOfChecks,
    AmendedOfPlan,
    Cells,
    CheckedProblems,
    Checks,
    ChunkCounts,
    EditedCells,
    Edits,
    EntryKey,
    First,
    FoundRows,
    Groups,
    Numbering,
    Outcomes,
    Part,
    Plan,
    PlanProblems,
    ReadProblem,
    ReadProblems,
    Repair,
    RepairFrame,
    RepairSummary,
    RowProblem,
    RowsOutcome,
    TouchedChunk,
    Undone,
)
from shared.contract.documents.job import Source
from shared.contract.keys import unpacked as unpacked_keys
from shared.contract.overlay import (
    PlanPart,
    entry_keys,
    keyed_over,
    named_fixes,
    plan_over,
    rows_over,
    rules_over,
)
from shared.contract.records import public_id
from shared.plumbing.chunk_codec import packed, packed_part, projection_of, unpacked, unpacked_part
from shared.plumbing.mongo import Database, Document, Session

CONTENTS = ("cells", "checks", "plans", "outcomes")
#: What else is kept of a job, under the same kind of id.
OTHER_CONTENTS = ("edits", "amended", "words", "named", "repairs", "undone")
NAMED_IN_ONE = 100_000
#: Chunks that are fetched in one query.
AT_ONCE = 16
#: What a repair may change of rows.
CHANGES = ("cells", "ticks", "decisions")

P = TypeVar("P", bound=Part)
K = TypeVar("K")
V = TypeVar("V")


class RowStore:
    """The rows of one job of one firm."""

    def __init__(self, db: Database, firm: str, job_id: str) -> None:
        self.db = db
        self.firm = firm
        self.job = job_id

    def forget(self) -> None:
        """Remove everything kept of the job's rows."""
        for content in (*CONTENTS, *OTHER_CONTENTS):
            self.db[content].delete_many({"job": self.job, "firm": self.firm})

    # parts of chunks

    def write(self, part: Part, revision: int, session: Session = None) -> None:
        """Keep a part of a chunk; the same part again takes its place."""
        frame = {"job": self.job, "firm": self.firm, "revision": revision}
        document = {"_id": self._id(revision, part.n), **frame, **packed_part(part)}
        self.db[part.KEPT_IN].replace_one({"_id": document["_id"]}, document, upsert=True, session=session)

    def read(self, kind: type[P], revision: int, n: int, session: Session = None) -> P:
        """A part of a chunk, or a view of one; raises `KeyError` where there is none."""
        part = self.read_if_kept(kind, revision, n, session)
        if part is None:
            raise KeyError(self._id(revision, n))
        return part

    def read_if_kept(self, kind: type[P], revision: int, n: int, session: Session = None) -> P | None:
        """The same; None where there is none."""
        which = {"_id": self._id(revision, n), "firm": self.firm}
        found = self.db[kind.KEPT_IN].find_one(which, projection_of(kind), session=session)
        return None if found is None else unpacked_part(kind, found)

    def read_each(self, kind: type[P], revision: int, chunks: int) -> Iterator[P]:
        """The part of all chunks in file order, a few at a time."""
        for start in range(0, chunks, AT_ONCE):
            yield from self.read_some(kind, revision, range(start, min(start + AT_ONCE, chunks)))

    def read_some(self, kind: type[P], revision: int, chunks: Iterable[int]) -> list[P]:
        """The part of some chunks, in their order; those that have none are left out."""
        identities = [self._id(revision, n) for n in chunks]
        query = {"_id": {"$in": identities}, "firm": self.firm}
        documents = self.db[kind.KEPT_IN].find(query, projection_of(kind))
        found = {document["_id"]: document for document in documents}
        return [unpacked_part(kind, found[identity]) for identity in identities if identity in found]

    def add_read_problems(self, revision: int, n: int, problems: Sequence[ReadProblem]) -> None:
        """Note problems of reading that are known only at the end of a file."""
        more = {"$push": {"problems": {"$each": [list(problem) for problem in problems]}}}
        self.db.cells.update_one({"_id": self._id(revision, n), "firm": self.firm}, more)

    def write_groups(self, revision: int, n: int, groups: Groups) -> None:
        """Add to the checks of a chunk which of its rows mean records of earlier rows."""
        self._set_of_checks(revision, n, "groups", groups)

    def write_additions(self, revision: int, n: int, additions: dict[str, dict[int, Additions]]) -> None:
        """Add to the checks of a chunk what later rows say of the records that its rows lead."""
        self._set_of_checks(revision, n, "additions", additions)

    def _set_of_checks(self, revision: int, n: int, name: str, content: object) -> None:
        which = {"_id": self._id(revision, n), "firm": self.firm}
        self.db.checks.update_one(which, {"$set": {name: packed(content)}})

    # cells with their edits

    def edited_cells(self, revision: int, n: int) -> EditedCells:
        """The cells of a chunk with the edits applied."""
        cells, edits = self.read(Cells, revision, n), self._edits(revision, n)
        for offset, by_column in edits.cells.items():
            _edit(cells.rows[offset], by_column)
        return EditedCells(
            n=n,
            first=cells.first,
            numbers=cells.numbers,
            rows=cells.rows,
            extra=cells.extra,
            problems=_left_by(edits, cells.problems),
            left_out=edits.left_out,
            decisions=edits.decisions,
        )

    def edited_cells_at(self, revision: int, n: int, offsets: Sequence[int]) -> EditedCells:
        """The same for some rows, in the order of `offsets`; `numbers` are those of the rows."""
        wanted = ("first", "numbers", "problems", *(f"rows.{offset}" for offset in offsets))
        which = {"_id": self._id(revision, n), "firm": self.firm}
        found = self.db.cells.find_one(which, dict.fromkeys(wanted, 1))
        if found is None:
            raise KeyError(which["_id"])
        rows: dict[str, list[str]] = found.pop("rows", {})
        cells, edits = unpacked(ReadProblems, found), self._edits(revision, n)
        for offset in offsets:
            _edit(rows[str(offset)], edits.cells.get(offset, {}))
        chosen = set(offsets)
        return EditedCells(
            n=n,
            rows=[rows[str(offset)] for offset in offsets],
            numbers=[cells.number(offset) for offset in offsets],
            problems=[p for p in _left_by(edits, cells.problems) if p.offset in chosen],
            left_out=sorted(chosen.intersection(edits.left_out)),
            decisions={at: edits.decisions[at] for at in offsets if at in edits.decisions},
        )

    def cells_of_column(self, revision: int, column: int, chunks: Iterable[int]) -> dict[int, list[str]]:
        """The cells of one column with the edits applied, by chunk; no other column leaves the database."""
        cell = {"$arrayElemAt": ["$$this.v", column]}
        rows = {"$map": {"input": {"$objectToArray": "$rows"}, "in": cell}}
        numbers = {self._id(revision, n): n for n in chunks}
        which = {"_id": {"$in": list(numbers)}, "firm": self.firm}
        asked: list[dict[str, object]] = [{"$match": which}, {"$project": {"cells": rows}}]
        found = {numbers[one["_id"]]: one["cells"] for one in self.db.cells.aggregate(asked)}
        for edits in self.read_some(Edits, revision, numbers.values()):
            for offset, by_column in edits.cells.items():
                if column in by_column:
                    found[edits.n][offset] = by_column[column]
        return found

    def _edits(self, revision: int, n: int, session: Session = None) -> Edits:
        return self.read_if_kept(Edits, revision, n, session) or Edits(n=n)

    # what checking and planning found, with what repairs changed of it

    def plan_of(self, kind: type[PlanPart], revision: int, n: int, session: Session = None) -> PlanPart:
        """The plan of a chunk, or a view of it, with the plan of repaired rows in its place."""
        base = self.read(kind, revision, n, session)
        over = self.read_if_kept(AmendedOfPlan, revision, n, session)
        return base if over is None else plan_over(base, over.plan, over.offsets)

    def problems_of(self, revision: int, n: int, session: Session = None) -> list[RowProblem]:
        """All problems of a chunk's rows."""
        checked = self.read(CheckedProblems, revision, n, session).problems
        over = self.read_if_kept(AmendedOfChecks, revision, n, session)
        if over is not None:
            checked = rows_over(checked, over.checks.problems, over.offsets)
        return [*checked, *self.plan_of(PlanProblems, revision, n, session).problems]

    def found_in(self, revision: int, n: int, offsets: Sequence[int]) -> FoundRows:
        """What checking and planning found in some rows."""
        rows = set(offsets)
        keys = entry_keys(offsets)
        checks = self._checks_at(revision, n, offsets)
        plan = self._plan_at(revision, n, keys)
        fixes, problems, rules = named_fixes(checks), checks.problems, checks.rules
        over = self.read_if_kept(Amended, revision, n)
        if over is not None:
            rules = rules_over(rules, over.rules)
            fixes = keyed_over(fixes, over.checks.fixes, over.offsets)
            problems = rows_over(problems, over.checks.problems, over.offsets)
            plan = plan_over(plan, over.plan, over.offsets)
        return FoundRows(
            buckets={offset: plan.buckets[offset] for offset in offsets},
            problems=[p for p in (*problems, *plan.problems) if p.offset in rows],
            fixes=_at(fixes, offsets),
            rules=[sorted(rows.intersection(own)) for own in rules],
            creates={kind: _at(own, keys) for kind, own in plan.creates.items()},
            updates={kind: _at(own, keys) for kind, own in plan.updates.items()},
            links=_at(plan.links, keys),
            kept=_at(plan.kept, keys),
        )

    def _checks_at(self, revision: int, n: int, offsets: Iterable[int]) -> Checks:
        parts = ("fields", "problems", "rules", *(f"fixes.{offset}" for offset in offsets))
        return self._some_of(Checks, revision, n, parts)

    def _plan_at(self, revision: int, n: int, keys: Iterable[EntryKey]) -> Plan:
        parts = (
            "creates.accounts",
            "creates.contacts",
            "updates.accounts",
            "updates.contacts",
            "links",
            "kept",
        )
        entries = (f"{part}.{key}" for part in parts for key in keys)
        return self._some_of(Plan, revision, n, ("buckets", "problems", *entries))

    def _some_of(self, kind: type[P], revision: int, n: int, parts: Iterable[str]) -> P:
        which = {"_id": self._id(revision, n), "firm": self.firm}
        found = self.db[kind.KEPT_IN].find_one(which, {"n": 1, **dict.fromkeys(parts, 1)})
        if found is None:
            raise KeyError(which["_id"])
        return unpacked_part(kind, found)

    def counts_of_amended(self, revision: int, session: Session = None) -> dict[int, ChunkCounts]:
        """By chunk that a repair touched: how many of its rows are in each bucket and have each problem now."""
        query = {"job": self.job, "firm": self.firm, "revision": revision}
        found = self.db.amended.find(query, {"n": 1, "counts": 1}, session=session)
        return {over["n"]: unpacked(ChunkCounts, over["counts"]) for over in found}

    # outcomes

    def outcomes_by_number(
        self, kind: type[RowsOutcome] | type[Undone], revision: int, source: Source
    ) -> dict[int, str]:
        """By the number of a row what loading made of it (`RowsOutcome`), or undo (`Undone`)."""
        found: dict[int, str] = {}
        for chunk in self.read_each(kind, revision, len(source["chunks"])):
            numbering = self.read(Numbering, source["revision"], chunk.n)
            found.update({numbering.number(at): outcome for at, outcome in enumerate(chunk.outcomes)})
        return found

    def mark_loaded(
        self, revision: int, n: int, outcomes: Mapping[int, str], job: str, session: Session
    ) -> Counter[str]:
        """Note the outcomes that skipped rows got in another job, by offset; gives how many changed, by outcome.

        Rows that were not skipped stay as they are. `repaired` says which job loaded them, `reasons_before` why
        they had been skipped.
        """
        now = self.read(RowsOutcome, revision, n, session)
        fresh = {offset: new for offset, new in outcomes.items() if now.outcomes[offset] == "skipped"}
        if fresh:
            noted: dict[str, object] = {f"outcomes.{offset}": new for offset, new in fresh.items()}
            noted |= {f"repaired.{offset}": job for offset in fresh}
            noted |= {f"reasons_before.{at}": reason for at, reason in _at(now.reasons, fresh).items()}
            gone = [f"reasons.{offset}" for offset in fresh]
            self._change_outcomes(revision, n, noted, gone, session)
        return Counter(fresh.values())

    def mark_skipped(
        self, revision: int, n: int, undone: Mapping[int, bool], job: str, session: Session
    ) -> tuple[Counter[str], int]:
        """Give rows back that another job loaded and that were undone with it: skipped, for their old reason.

        `undone` says of the rows of that job, by offset, whether they were. Gives how many rows were what before,
        and how many stay that were not undone.
        """
        now = self.read(Outcomes, revision, n, session)
        by_job = [at for at in undone if now.repaired.get(at) == job]
        back = [at for at in by_job if undone[at]]
        if back:
            noted: dict[str, object] = {f"outcomes.{at}": "skipped" for at in back}
            noted |= {f"reasons.{at}": reason for at, reason in _at(now.reasons_before, back).items()}
            gone = [f"{part}.{at}" for at in back for part in ("repaired", "reasons_before")]
            self._change_outcomes(revision, n, noted, gone, session)
        return Counter(now.outcomes[at] for at in back), len(by_job) - len(back)

    def _change_outcomes(
        self, revision: int, n: int, noted: Mapping[str, object], gone: Iterable[str], session: Session
    ) -> None:
        which = {"_id": self._id(revision, n), "firm": self.firm}
        update = {"$set": noted, "$unset": dict.fromkeys(gone, "")}
        self.db.outcomes.update_one(which, update, session=session)

    # repairs

    def write_repair(
        self,
        about: RepairFrame,
        source_revision: int,
        revision: int,
        touched: Mapping[int, TouchedChunk],
        session: Session,
    ) -> None:
        """Keep a repair: what it changed chunk by chunk, and what is known of the rows it touched."""
        for n, own in touched.items():
            if own.cells or own.ticks or own.decisions:
                self._edit_source(source_revision, n, own, session)
                repair = Repair(n=n, **about, cells=own.cells, ticks=own.ticks, decisions=own.decisions)
                self.write(repair, about["number"], session)
            if own.amended:
                self.write(own.amended, revision, session)
            if own.words:
                # a cell may begin with a dollar, as the name of a field does
                fresh = {"$literal": own.words}
                more = [{"$set": {"text": {"$concat": ["$text", "\n", fresh]}}}]
                self.db.words.update_one({"_id": self._id(revision, n)}, more, session=session)

    def _edit_source(self, revision: int, n: int, own: TouchedChunk, session: Session) -> None:
        edits = self._edits(revision, n, session)
        for change in own.cells:
            edits.cells.setdefault(change.offset, {})[change.column] = change.new
        ticked = {tick.offset for tick in own.ticks if tick.new}
        unticked = {tick.offset for tick in own.ticks if not tick.new}
        edits.left_out = sorted({*edits.left_out, *unticked} - ticked)
        for decision in own.decisions:
            edits.decisions.pop(decision.offset, None)
            if decision.new:
                edits.decisions[decision.offset] = decision.new
        self.write(edits, revision, session)

    def repair_of(self, number: int) -> list[Repair]:
        """What a repair changed, chunk by chunk."""
        found = self.db.repairs.find({"job": self.job, "firm": self.firm, "revision": number})
        return [unpacked_part(Repair, document) for document in found]

    def repair_list(self) -> list[RepairSummary]:
        """All repairs of the job, the latest first."""
        sizes = {part: {"$sum": {"$size": {"$ifNull": [f"${part}", []]}}} for part in CHANGES}
        about = {name: {"$first": f"${name}"} for name in ("at", "by", "what", "undoes")}
        pipeline: list[dict[str, object]] = [
            {"$match": {"job": self.job, "firm": self.firm}},
            {"$group": {"_id": "$number", **about, **sizes}},
            {"$sort": {"_id": -1}},
        ]
        found = self.db.repairs.aggregate(pipeline)
        return [unpacked(RepairSummary, {"number": each.pop("_id"), **each}) for each in found]

    # which of the firm's records the file names

    def put_named(self, revision: int, kind: str, record_marks: Sequence[int]) -> None:
        """Keep the `record_mark` of all records of a kind that rows mean, in ascending order."""
        self.db.named.delete_many({"job": self.job, "firm": self.firm, "revision": revision, "kind": kind})
        for start in range(0, len(record_marks), NAMED_IN_ONE):
            part = record_marks[start : start + NAMED_IN_ONE]
            self.db.named.insert_one(
                {
                    "_id": f"{self._id(revision, start)}:{kind}",
                    "job": self.job,
                    "firm": self.firm,
                    "revision": revision,
                    "kind": kind,
                    "first": f"{part[0]:016x}",
                    "last": f"{part[-1]:016x}",
                    "marks": array("Q", part).tobytes(),
                }
            )

    def reserve_names(self, revision: int, kind: str, names: set[str], most: int) -> set[str]:
        """Which of some new names the job may make: the first `most` that its chunks ask for, in whatever order.

        What one chunk was given is given to all others, and again to who asks a second time.
        """
        identity = f"{self.job}:{revision}:new:{kind}"
        frame = {"job": self.job, "firm": self.firm, "revision": revision, "kind": f"new:{kind}"}
        present = {"$ifNull": ["$names", []]}
        fresh = {"$setDifference": [{"$literal": sorted(names)}, present]}
        room = {"$subtract": [most, {"$size": present}]}
        more = {"$cond": [{"$gt": [room, 0]}, {"$slice": [fresh, {"$max": [room, 1]}]}, []]}
        whole: Document = {name: {"$literal": value} for name, value in frame.items()}
        whole["names"] = {"$concatArrays": [present, more]}
        self.db.named.update_one({"_id": identity}, [{"$set": whole}], upsert=True)
        return names & set(self.reserved_names(revision, kind))

    def reserved_names(self, revision: int, kind: str) -> list[str]:
        """The new names that the job may make, in the order in which its chunks asked for them."""
        kept = self.db.named.find_one({"_id": f"{self.job}:{revision}:new:{kind}", "firm": self.firm})
        return list(kept["names"]) if kept else []

    def amend_named(
        self, revision: int, kind: str, more: set[str], fewer: set[str], session: Session = None
    ) -> None:
        """Note records of a kind that rows mean since they were repaired, and those that none means any more."""
        over = self._named_over(revision, kind, session)
        document = {
            "kind": kind,
            "more": sorted((set(over["more"]) - fewer) | more),
            "fewer": sorted((set(over["fewer"]) - more) | fewer),
        }
        frame = {"job": self.job, "firm": self.firm, "revision": revision}
        identity = {"_id": f"{self.job}:{revision}:{kind}"}
        self.db.named.replace_one(identity, {**identity, **frame, **document}, upsert=True, session=session)

    def _named_over(self, revision: int, kind: str, session: Session = None) -> Document:
        query = {"_id": f"{self.job}:{revision}:{kind}", "firm": self.firm}
        return self.db.named.find_one(query, session=session) or {"more": [], "fewer": []}

    def named(self, revision: int, kind: str, identities: Iterable[str]) -> set[str]:
        """Which of some records rows of the file mean."""
        identity_by_mark = {record_mark(identity): identity for identity in identities}
        if not identity_by_mark:
            return set()
        query = {
            "job": self.job,
            "firm": self.firm,
            "revision": revision,
            "kind": kind,
            "first": {"$lte": f"{max(identity_by_mark):016x}"},
            "last": {"$gte": f"{min(identity_by_mark):016x}"},
        }
        found: set[str] = set()
        for part in self.db.named.find(query, {"marks": 1}):
            found |= {
                identity_by_mark[mark] for mark in identity_by_mark.keys() & set(unpacked_keys(part["marks"]))
            }
        over = self._named_over(revision, kind)
        return (found - set(over["fewer"])) | set(over["more"]).intersection(identity_by_mark.values())

    # words, to search by

    def candidates(self, revision: int, words: Sequence[str], start: int) -> Iterator[int]:
        """The chunks from `start` on in which all the words occur, also within longer words."""
        within = {"$gte": start}
        query = {"job": self.job, "firm": self.firm, "revision": revision, "n": within}
        for chunk in self.db.words.find(query, {"n": 1, "text": 1}).sort("n", 1).batch_size(32):
            if all(word in chunk["text"] for word in words):
                yield chunk["n"]

    def _id(self, revision: int, n: int) -> str:
        return f"{self.job}:{revision}:{n}"


class RowNumbers:
    """Finds rows of a source by the numbers that a person sees."""

    def __init__(self, rows: RowStore, revision: int, chunks: Sequence[int]) -> None:
        self._rows, self._revision, self._chunks = rows, revision, chunks
        self._firsts = [each.first for each in rows.read_each(First, revision, len(chunks))]
        self._numbers: dict[int, dict[int, int] | None] = {}

    @classmethod
    def of(cls, rows: RowStore, source: Source) -> RowNumbers:
        """For the rows of a job's source."""
        return cls(rows, source["revision"], source["chunks"])

    def position(self, number: int) -> tuple[int, int] | None:
        """The chunk and the offset of a row; None where there is no such row."""
        n = bisect_right(self._firsts, number) - 1
        if n < 0:
            return None
        if n not in self._numbers:
            numbers = self._rows.read(Numbering, self._revision, n).numbers
            self._numbers[n] = {own: offset for offset, own in enumerate(numbers)} if numbers else None
        known = self._numbers[n]
        if known is not None:
            return (n, known[number]) if number in known else None
        offset = number - self._firsts[n]
        return (n, offset) if offset < self._chunks[n] else None


def _edit(row: list[str], by_column: Mapping[int, str]) -> None:
    for column, value in by_column.items():
        row[column] = value


def _left_by(edits: Edits, problems: Iterable[ReadProblem]) -> list[ReadProblem]:
    """The problems of reading that the edits of a chunk leave."""
    return [p for p in problems if p.offset not in edits.cells or not p.is_of_cells]


def record_mark(identity: str) -> int:
    """A record as a number that sorts as its id does: the first 64 bits of the hash that the id is."""
    return int(public_id(identity)[:16], 16)


def _at(entries: Mapping[K, V], keys: Iterable[K]) -> dict[K, V]:
    return {key: entries[key] for key in keys if key in entries}


def jobs_with_rows(db: Database) -> Iterator[tuple[str, str]]:
    """The firm and the id of every job of which anything is kept, several times where several things are."""
    for content in (*CONTENTS, *OTHER_CONTENTS):
        for found in db[content].aggregate([{"$group": {"_id": {"firm": "$firm", "job": "$job"}}}]):
            yield found["_id"]["firm"], found["_id"]["job"]
