"""The answers of the API that pages use, as types; the OpenAPI document describes them in full.

Only what pages read is listed. The wizard talks to the other services over HTTP alone, so it has types of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from shared.contract.documents.job import AccountType, BuildStep, BuiltPart, BuiltValue, Then
from shared.contract.documents.reference import CustomField


class Delay(TypedDict):
    """What keeps a service from its work, and since when (ISO 8601)."""

    code: str
    message: str
    since: str


class WaitingFor(TypedDict):
    """Who acts next, and what keeps a service from it."""

    who: str
    what: str
    delay: Delay | None


class Sentence(TypedDict):
    """A code and its sentence in the person's language."""

    code: str
    message: str


class HistoryLine(TypedDict):
    """A status that a job came to; `at` is ISO 8601."""

    status: str
    at: str
    by: str


class Notice(TypedDict):
    """A mail about a job."""

    to: str
    status: str
    sent_at: str | None


class Edit(TypedDict):
    """The latest change of a part of an import: the how manyth it was, by whom, and when."""

    number: int
    by: str
    email: str | None
    at: str


class Job(TypedDict):
    """An import."""

    id: str
    created_at: str
    kind: str
    status: str
    revision: int
    version: str
    waiting_for: WaitingFor | None
    edits: dict[str, Edit]
    counts: dict[str, int]
    result: dict[str, int]
    history: list[HistoryLine]
    notices: list[Notice]
    notify: list[str]
    repaired_by: list[str]
    created_by: str
    created_by_email: NotRequired[str | None]
    repairs: NotRequired[str | None]
    purged_at: NotRequired[str | None]


class Candidate(TypedDict, total=False):
    """What a row in doubt may mean: another row, or a record of the firm with some of its values."""

    row: int
    id: str
    name: str


class Problem(TypedDict):
    """What is wrong, where: `column` is the index of a column."""

    code: str
    message: str
    severity: str
    field: str
    column: int | None
    candidates: NotRequired[list[Candidate]]
    suggestion: NotRequired[str]


class SourceColumn(TypedDict):
    """A column of the file."""

    index: int
    name: str
    header: str
    samples: list[str]
    fill: float


class Source(TypedDict):
    """What was found in a file."""

    columns: list[SourceColumn]
    problems: list[Problem]
    overrides: NotRequired[dict[str, object]]
    rows: NotRequired[int | None]
    delimiter: NotRequired[str | None]


class Field(TypedDict):
    """A field that a column may fill."""

    key: str
    record: str
    label: str
    type: str
    repeats: bool
    choices: list[str]


class Column(TypedDict):
    """What a column fills."""

    index: int
    header: NotRequired[str]
    action: str
    target: str | None
    also: NotRequired[str | None]
    custom: NotRequired[CustomField | None]
    join: NotRequired[str | None]
    split: NotRequired[bool]
    leave_out: NotRequired[list[str]]
    confidence: float
    why: NotRequired[str]
    suggested_custom: NotRequired[CustomField | None]


class ColumnMapping(TypedDict):
    """The mapping of a job."""

    columns: list[Column]
    built: NotRequired[list[BuiltValue]]
    account_type: AccountType
    values: dict[str, dict[str, str]]
    date_order: str | None
    phone_region: str | None
    account_name: str | None
    required: NotRequired[list[str]]
    recognised: NotRequired[dict[str, object]]
    missing: NotRequired[list[str]]
    provisional: NotRequired[bool]


class AskedColumn(TypedDict):
    """What a form asks for one column."""

    index: int
    action: str
    target: NotRequired[str | None]
    also: NotRequired[str | None]
    custom: NotRequired[CustomField | dict[str, str] | None]
    join: NotRequired[str]
    split: NotRequired[bool]
    leave_out: NotRequired[list[str]]


class AskedBuilt(TypedDict):
    """A built value that a form asks for."""

    target: str
    parts: list[BuiltPart]
    steps: list[BuildStep]


class AskedMapping(TypedDict):
    """The mapping that a form asks for."""

    columns: list[AskedColumn]
    built: NotRequired[list[AskedBuilt]]
    account_type: AccountType
    values: dict[str, dict[str, str]]
    date_order: str | None
    phone_region: str | None
    account_name: str | None
    required: NotRequired[list[str]]


class AskedRule(TypedDict):
    """A rule that a form asks for."""

    when: list[Mapping[str, object]]
    then: Then


class FirstRow(TypedDict):
    """One of the first rows as a mapping and rules would make it."""

    row: int
    values: dict[str, object]
    built: list[str]
    problems: list[Problem]
    rules: list[int]
    left_out: bool


class PreviewedRule(TypedDict):
    """A rule: which of the first rows it applies to, and to how many of the rows that were counted."""

    number: int
    rows: list[int]
    counted: int


class Preview(TypedDict):
    """The first rows as they would be; rules were counted over `counted_rows` rows."""

    rows: list[FirstRow]
    rules: list[PreviewedRule]
    left_out: int
    counted_rows: int


class Example(TypedDict):
    """A row that has a problem."""

    row: int
    field: NotRequired[str]
    message: str
    column: NotRequired[int | None]


class ReportedProblem(TypedDict):
    """A problem with the number of its rows, and examples."""

    code: str
    severity: str
    rows: int
    examples: list[Example]


class UnknownValue(TypedDict):
    """A value that a choice does not know."""

    field: str
    value: str
    rows: int


class Report(TypedDict):
    """What the check found."""

    problems: list[ReportedProblem]
    settings: dict[str, int]
    rules: list[int]
    only_in_system: int
    unknown_values: list[UnknownValue]


class FixedCell(TypedDict):
    """A value that was normalised."""

    code: str
    field: str
    column: int | None
    old: str
    new: object
    built_from: NotRequired[list[int]]


class Change(TypedDict):
    """A value of a record that an update changes, or keeps."""

    field: str
    old: object
    new: object
    why: NotRequired[str]


class PlannedRecord(TypedDict):
    """What happens to one record of a row."""

    do: str
    id: NotRequired[str]
    values: NotRequired[dict[str, object]]
    changes: NotRequired[list[Change]]
    kept: NotRequired[list[Change]]


class PlannedLink(TypedDict):
    """A link that will be made; one that is `known` is there already, and the row says what the contact is."""

    account: str
    contact: str
    switches: NotRequired[dict[str, dict[str, bool]]]
    relationship: NotRequired[list[str]]
    known: NotRequired[bool]


class LeftRecord(TypedDict):
    """A record of the firm that the file does not name."""

    id: str
    values: dict[str, object]


class RowPlan(TypedDict, total=False):
    """The plan of a row; `record` is there in the list of records that only the firm has."""

    account: PlannedRecord
    contact: PlannedRecord
    spouse: PlannedRecord
    links: list[PlannedLink]
    record: LeftRecord


class RowDecision(TypedDict, total=False):
    """What a person decided of a row."""

    decision: str
    take: list[str]
    without: list[str]


class Row(TypedDict):
    """A row of the file; `row` is its number as a spreadsheet shows it."""

    row: int
    cells: list[str]
    bucket: str
    selected: bool
    problems: list[Problem]
    fixes: list[FixedCell]
    plan: RowPlan
    outcome: str | None
    decision: RowDecision


class Rows(TypedDict):
    """A page of rows; `next` is the cursor of the next page."""

    items: list[Row]
    next: str | None


class Repair(TypedDict):
    """A repair of rows."""

    number: int
    what: str
    undoes: int | None
    undone: bool


class Repaired(TypedDict):
    """What a repair came to."""

    status: str
    changed: int


class LeftOut(TypedDict):
    """How many rows were left out for a reason."""

    code: str
    rows: int
    message: str


class Result(TypedDict):
    """What came of an import."""

    result: dict[str, int]
    rows: int | None
    left_out: list[LeftOut] | None
