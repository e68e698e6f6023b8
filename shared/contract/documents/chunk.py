"""The stored parts of a chunk of rows: cells, edits, checks, plans, repairs, outcomes; arranged by column.

A job's rows lie in chunks of at most 2,000. Each part of a chunk is a `Part`: a collection of its own, written by one
service. An offset is the place of a row within its chunk and counts from 0; `n` is the number of the chunk and counts
from 0. A class with fewer fields than the part is a view: reading it fetches these fields alone.

The row store alone turns parts into stored documents and back. Ids of records are stored as `_id`;
`EARLIER_NAMES` has the names of earlier versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import ClassVar, NamedTuple, TypedDict

from msgspec import Struct, field

from shared.contract.documents.values import Decision, Params, SlotName, Value

#: The spouse of a row has its entries under the row's offset with this letter.
SPOUSE = "s"
#: The records that a row may describe.
SLOTS: tuple[SlotName, ...] = ("account", "contact", "spouse")
#: The problem of a row that comes back in a list though it is loaded already.
LOADED_BEFORE = "loaded_before"
#: The key of an entry of a plan: the offset of its row, with `SPOUSE` behind it for the spouse.
EntryKey = str
#: Names in `Checks` and its slots, with those that earlier versions stored.
EARLIER_NAMES = {"matched": "hits", "digests": "said", "known_keys": "held", "additions": "adds"}


class Part(Struct, kw_only=True):
    """One part of chunk `n`.

    `KEPT_IN` names the collection that holds it; `FETCHED` are the stored names that a view reads where these are not
    all of its fields.
    """

    KEPT_IN: ClassVar[str]
    FETCHED: ClassVar[tuple[str, ...]] = ()

    n: int = -1


# cells: written by upload


class ReadProblem(NamedTuple):
    """A problem found while reading: `column` is the index of a column, None where it concerns the whole row."""

    offset: int
    column: int | None
    code: str
    params: Params

    @property
    def is_of_cells(self) -> bool:
        """Whether the problem is about cells, so that editing the row removes it."""
        return self.code != LOADED_BEFORE


class Numbering(Part):
    """How the rows of a chunk are numbered: from `first` upwards, or as `numbers` says, row by row.

    Numbers are those a spreadsheet shows: the first line of a file is 1.
    """

    KEPT_IN = "cells"

    first: int = 1
    numbers: list[int] | None = None

    def number(self, offset: int) -> int:
        """The number of a row."""
        return self.numbers[offset] if self.numbers else self.first + offset


class First(Part):
    """View of `Cells`: the number of the first row."""

    KEPT_IN = "cells"

    first: int = 1


class Cells(Numbering):
    """The cells of a chunk as they were read. Upload writes it.

    `rows` has, per row, one text for each column of the source. `extra` has, by offset, cells beyond the last column.
    """

    rows: list[list[str]] = field(default_factory=list)
    extra: dict[int, list[str]] = field(default_factory=dict)
    problems: list[ReadProblem] = field(default_factory=list)


class ReadProblems(Numbering):
    """View of `Cells`: the problems of reading, with the numbers of the rows."""

    problems: list[ReadProblem] = field(default_factory=list)


class ExtraCells(Part):
    """View of `Cells`: the cells beyond the last column."""

    KEPT_IN = "cells"

    extra: dict[int, list[str]] = field(default_factory=dict)


class Edits(Part):
    """What people changed of a chunk. Upload writes it for repaired files, the validator for repairs.

    `cells` has new texts by offset and index of the column. `left_out` are the offsets of unticked rows.
    """

    KEPT_IN = "edits"

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    left_out: list[int] = field(default_factory=list)
    decisions: dict[int, Decision] = field(default_factory=dict)


class EditedCells(Cells):
    """The cells of a chunk, or of some of its rows, with the edits applied; it is put together and never kept.

    Where it holds some rows, `numbers` are theirs, and `rows` are in the order that was asked for; offsets are those
    of the chunk. `problems` are those that the edits leave.
    """

    left_out: list[int] = field(default_factory=list)
    decisions: dict[int, Decision] = field(default_factory=dict)


# checks: written by the validator


class RowProblem(NamedTuple):
    """A problem of a row: `field` is the key of a field."""

    offset: int
    field: str
    code: str
    params: Params


class Fix(NamedTuple):
    """A value that checking normalised: `field` is its place in `Checks.fields`, -1 for a full name (not kept)."""

    field: int
    code: str
    value: Value


class NamedFix(NamedTuple):
    """The same with the key of the field."""

    field: str
    code: str
    value: Value


class Slot(Struct, kw_only=True):
    """What the rows of a chunk say of one kind of record; one entry per row where nothing else is written.

    `keys` packs the matching keys, `WIDTH` unsigned 64-bit numbers a row. `ids` are the ids of the records that the
    rows mean or will make. `matched` are the offsets of rows whose record the firm has; `known_keys` packs the keys
    that these records have in the directory, in the order of `matched`. `digests` packs a 32-bit number a row: rows
    with the same number say the same of the record.
    """

    keys: bytes
    ids: list[str]
    matched: list[int]
    digests: bytes
    known_keys: bytes


class Followed(NamedTuple):
    """The record of an earlier row: its id, the chunk of the row that leads, whether the firm has it."""

    identity: str
    chunk: int
    known: bool


class Doubt(NamedTuple):
    """A row whose record the evidence leaves open: `slot` is the record in question."""

    offset: int
    slot: str
    code: str
    params: Params


class Lost(NamedTuple):
    """A value of a row that gives way to that of an earlier row for the same record."""

    offset: int
    field: str
    params: Params


class Groups(Struct, kw_only=True):
    """Which rows of a chunk mean records of earlier rows; matching over the whole file finds it.

    `follows` and `renamed` go by slot and offset; `renamed` has the new id of a record whose own was taken. `repeats`
    are rows that say nothing new. `linked` has, by slot, the rows whose link an earlier row makes; those
    that say something new of the person are `relinked`, too.
    """

    follows: dict[str, dict[int, Followed]] = field(default_factory=dict)
    renamed: dict[str, dict[int, str]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    linked: dict[str, list[int]] = field(default_factory=dict)
    relinked: dict[str, list[int]] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)


class Additions(Struct, kw_only=True):
    """What later rows add to the record that a row leads: entries of lists, and values that the row leaves blank."""

    lists: dict[str, list[str]] = field(default_factory=dict)
    singles: dict[str, Value] = field(default_factory=dict)


class RowAccountType(IntEnum):
    """What a row shows of the type of its account where it gives none."""

    UNKNOWN = 0
    COMPANY = 1
    INDIVIDUAL = 2

    @property
    def type(self) -> str | None:
        """The account type, None where it is not known."""
        return {RowAccountType.COMPANY: "Company", RowAccountType.INDIVIDUAL: "Individual"}.get(self)


class Matchable(Part):
    """View of `Checks`: what matching needs. `names` has a byte per row: where the name of its account comes from."""

    KEPT_IN = "checks"

    slots: dict[str, Slot] = field(default_factory=dict)
    names: bytes = b""
    decisions: dict[int, Decision] = field(default_factory=dict)


class Checks(Matchable):
    """What checking and matching found in a chunk. The validator writes it.

    `fields` are keys of fields, `values` their normalised values, column by column. `bad` rows cannot be loaded,
    `left_out` rows were unticked. `rules` has, for each rule of the settings, its rows; `assigned`, by rule and
    offset, the team members that the rule takes from a column. `linked` has, by offset, the account of the firm that
    the contact of a list of contacts belongs to. `account_types` has a `RowAccountType`, a byte per row: what new
    accounts are whose row gives no type. `groups` and `additions` (by slot and offset) are added when the whole file
    was matched.
    """

    fields: list[str] = field(default_factory=list)
    values: list[list[Value]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    fixes: dict[int, list[Fix]] = field(default_factory=dict)
    bad: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    rules: list[list[int]] = field(default_factory=list)
    assigned: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    linked: dict[int, str] = field(default_factory=dict)
    account_types: bytes = b""
    groups: Groups | None = None
    additions: dict[str, dict[int, Additions]] = field(default_factory=dict)


class CheckedSlots(Part):
    """View of `Checks`: the slots alone."""

    KEPT_IN = "checks"

    slots: dict[str, Slot] = field(default_factory=dict)


class SlotKeys(Struct, kw_only=True):
    """View of `Slot`: the keys, and the rows whose record the firm has."""

    keys: bytes
    matched: list[int]


class CheckedKeys(Part):
    """View of `Checks`: the keys of the rows."""

    KEPT_IN = "checks"
    FETCHED = tuple(f"slots.{slot}.{part}" for slot in SLOTS for part in ("keys", "matched"))

    slots: dict[str, SlotKeys] = field(default_factory=dict)


class SlotIds(Struct, kw_only=True):
    """View of `Slot`: the ids, and the rows whose record the firm has."""

    ids: list[str]
    matched: list[int]


class CheckedIds(Part):
    """View of `Checks`: the records that rows mean."""

    KEPT_IN = "checks"
    FETCHED = tuple(f"slots.{slot}.{part}" for slot in SLOTS for part in ("ids", "matched"))

    slots: dict[str, SlotIds] = field(default_factory=dict)


class CheckedValues(Part):
    """View of `Checks`: the values alone."""

    KEPT_IN = "checks"

    fields: list[str] = field(default_factory=list)
    values: list[list[Value]] = field(default_factory=list)


class CheckedProblems(Part):
    """View of `Checks`: the problems alone."""

    KEPT_IN = "checks"

    problems: list[RowProblem] = field(default_factory=list)


class Words(Part):
    """The words of a chunk's cells, to search by: lower case, without accents. The validator writes it."""

    KEPT_IN = "words"

    text: str = ""


# plans: written by the validator


class Create(Struct, kw_only=True):
    """A record to make: `record` are its fields, `keys` its matching keys."""

    row: int
    slot: str
    id: str = field(name="_id")
    record: dict[str, object]
    keys: list[int] = field(default_factory=list)


class Change(Struct, kw_only=True):
    """How a record changes: fields to `set`, to `unset`, entries to `add` to lists; `was` has the values before."""

    set: dict[str, object] = field(default_factory=dict)
    unset: list[str] = field(default_factory=list)
    add: dict[str, list[str]] = field(default_factory=dict)
    was: dict[str, object] = field(default_factory=dict)


class Update(Change, kw_only=True):
    """A change to a record of the firm, as the review showed it: at `revision`, made by the job `made_by`."""

    row: int
    slot: str
    id: str = field(name="_id")
    revision: int
    made_by: str | None


class Link(Struct, kw_only=True, omit_defaults=True):
    """A link to make between an account and a contact.

    `account_chunk` and `contact_chunk` name the chunk that leads where that is not the row's own. `switches` are those
    of the e-mail fields where a rule changes them. `relationship` is added to that of the link; [] empties it. `known`:
    the firm or an earlier row has the link already, and the row only says what the contact is to the account.
    """

    row: int
    slot: str
    account: str
    contact: str
    account_chunk: int | None = None
    contact_chunk: int | None = None
    switches: dict[str, dict[str, bool]] | None = None
    relationship: list[str] | None = None
    known: bool = False


class Kept(Struct, kw_only=True):
    """Values of a record that stay: by field the value of the record and that of the row."""

    row: int
    slot: str
    fields: dict[str, list[object]]


class Buckets(Part):
    """View of `Plan`: the bucket of each row."""

    KEPT_IN = "plans"

    buckets: list[str] = field(default_factory=list)


class PlannedCreates(Part):
    """View of `Plan`: the records to make."""

    KEPT_IN = "plans"

    creates: dict[str, dict[EntryKey, Create]] = field(default_factory=dict)


class PlanProblems(Part):
    """View of `Plan`: the problems alone."""

    KEPT_IN = "plans"

    problems: list[RowProblem] = field(default_factory=list)


class Plan(Buckets):
    """What loading will do with each row of a chunk. The validator writes it.

    `creates` and `updates` go by collection.
    """

    creates: dict[str, dict[EntryKey, Create]] = field(default_factory=dict)
    updates: dict[str, dict[EntryKey, Update]] = field(default_factory=dict)
    links: dict[EntryKey, Link] = field(default_factory=dict)
    kept: dict[EntryKey, Kept] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


class Bond(NamedTuple):
    """What links a row to others for one kind of record: its keys, and the id of the firm's record that it means."""

    collection: str
    keys: tuple[int, ...]
    record: str | None


class AmendedChecks(Struct, kw_only=True):
    """What checking found in repaired rows."""

    problems: list[RowProblem] = field(default_factory=list)
    fixes: dict[int, list[NamedFix]] = field(default_factory=dict)


class AmendedPlan(Struct, kw_only=True):
    """The plan of repaired rows; `buckets` goes by offset."""

    buckets: dict[int, str] = field(default_factory=dict)
    creates: dict[str, dict[EntryKey, Create]] = field(default_factory=dict)
    updates: dict[str, dict[EntryKey, Update]] = field(default_factory=dict)
    links: dict[EntryKey, Link] = field(default_factory=dict)
    kept: dict[EntryKey, Kept] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


class ChunkCounts(Struct, kw_only=True):
    """How many rows of a chunk are in each bucket and have each problem."""

    buckets: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)


class Amended(Part):
    """The checks and plans of repaired rows; they replace those of `Checks` and `Plan`. Validator.

    `keys` has the bonds and `rules` the numbers of the rules of each row, by offset; `counts` are those of the whole
    chunk.
    """

    KEPT_IN = "amended"

    offsets: list[int] = field(default_factory=list)
    checks: AmendedChecks = field(default_factory=AmendedChecks)
    plan: AmendedPlan = field(default_factory=AmendedPlan)
    keys: dict[int, list[Bond]] = field(default_factory=dict)
    rules: dict[int, list[int]] = field(default_factory=dict)
    counts: ChunkCounts = field(default_factory=ChunkCounts)


class AmendedOfPlan(Part):
    """View of `Amended`: the plan of repaired rows."""

    KEPT_IN = "amended"

    offsets: list[int] = field(default_factory=list)
    plan: AmendedPlan = field(default_factory=AmendedPlan)


class AmendedOfChecks(Part):
    """View of `Amended`: what checking found in repaired rows."""

    KEPT_IN = "amended"

    offsets: list[int] = field(default_factory=list)
    checks: AmendedChecks = field(default_factory=AmendedChecks)


class AmendedBonds(Part):
    """View of `Amended`: the bonds of repaired rows."""

    KEPT_IN = "amended"

    keys: dict[int, list[Bond]] = field(default_factory=dict)


class FoundRows(Struct, kw_only=True):
    """What checking and planning found in some rows of a chunk; it is put together and never kept.

    `rules` has, for each rule, those of the rows that it applies to; `buckets` and `fixes` go by offset.
    """

    buckets: dict[int, str] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    fixes: dict[int, list[NamedFix]] = field(default_factory=dict)
    rules: list[list[int]] = field(default_factory=list)
    creates: dict[str, dict[EntryKey, Create]] = field(default_factory=dict)
    updates: dict[str, dict[EntryKey, Update]] = field(default_factory=dict)
    links: dict[EntryKey, Link] = field(default_factory=dict)
    kept: dict[EntryKey, Kept] = field(default_factory=dict)


# repairs: written by the validator


class CellChange(NamedTuple):
    """A cell that a repair changed."""

    offset: int
    column: int
    old: str
    new: str


class TickChange(NamedTuple):
    """A row that a repair ticked or unticked."""

    offset: int
    old: bool
    new: bool


class DecisionChange(NamedTuple):
    """A decision that a repair made or undid; an empty one is none."""

    offset: int
    old: Decision
    new: Decision


class RepairFrame(TypedDict):
    """The frame of a repair.

    `what` is how it was asked for (`edit`, `fix`, `select`, `file`, …); `undoes` the number of the repair it reverses.
    """

    number: int
    at: datetime
    by: str
    what: str
    undoes: int | None


class Repair(Part):
    """What repair `number` of a job changed of a chunk; its frame is that of `RepairFrame`."""

    KEPT_IN = "repairs"

    number: int
    at: datetime
    by: str
    what: str
    undoes: int | None = None
    cells: list[CellChange] = field(default_factory=list)
    ticks: list[TickChange] = field(default_factory=list)
    decisions: list[DecisionChange] = field(default_factory=list)


class TouchedChunk(Struct, kw_only=True):
    """What a repair changes of a chunk, and, once its rows are checked again, what is amended and the new words."""

    cells: list[CellChange] = field(default_factory=list)
    ticks: list[TickChange] = field(default_factory=list)
    decisions: list[DecisionChange] = field(default_factory=list)
    amended: Amended | None = None
    words: str = ""

    def offsets(self) -> list[int]:
        """The rows that change."""
        return sorted({change[0] for part in (self.cells, self.ticks, self.decisions) for change in part})


class RepairSummary(RepairFrame):
    """A repair with the number of its changes."""

    cells: int
    ticks: int
    decisions: int


# outcomes: written by the importer


class Before(Update, kw_only=True):
    """An update that was made; `like` is the first revision at which the record had the content that it changed."""

    like: int


class RowsOutcome(Part):
    """View of `Outcomes`: what became of each row (`loaded`, `unchanged`, `skipped`), and why rows were skipped."""

    KEPT_IN = "outcomes"

    outcomes: list[str] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)


class LoadedRow(NamedTuple):
    """A record or link that was made, and the row it was made for."""

    identity: str
    row: int


class Outcomes(RowsOutcome):
    """What loading did with a chunk, with all that undo needs. The importer writes it.

    `created` goes by collection (and `links`); `related` are links of before that it changed; `led` are records of
    this chunk's rows that another chunk had made. `before` has the updates with the values before. `touched` are
    records that the job linked for the first time. `repaired` says which job loaded a row that was skipped here,
    `reasons_before` why it had been skipped.
    """

    created: dict[str, list[LoadedRow]] = field(default_factory=dict)
    led: dict[str, list[LoadedRow]] = field(default_factory=dict)
    before: dict[str, list[Before]] = field(default_factory=dict)
    touched: dict[str, list[str]] = field(default_factory=dict)
    related: list[str] = field(default_factory=list)
    repaired: dict[int, str] = field(default_factory=dict)
    reasons_before: dict[int, str] = field(default_factory=dict)


class UndoReason(NamedTuple):
    """Why something of a row stayed when its import was undone: code, collection, names of the fields."""

    code: str
    collection: str
    fields: list[str]


class Undone(Part):
    """What became of each row of a chunk when its import was undone. The importer writes it."""

    KEPT_IN = "undone"

    outcomes: list[str] = field(default_factory=list)
    reasons: dict[int, list[UndoReason]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def columns_of(checks: CheckedValues | Checks) -> Mapping[str, list[Value]]:
    """The normalised values of a chunk by the key of their field."""
    return dict(zip(checks.fields, checks.values, strict=True))
