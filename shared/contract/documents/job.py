"""The import-job document. Each part is written by one service; `PART_OWNERS` in `shared.contract.job` holds the list.

`Job` is what MongoDB holds. A job in brief lacks its large parts: mapping, settings, report, and the columns, samples
and problems of the source.
"""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from shared.contract.documents.reference import CustomField
from shared.contract.documents.task import Counts
from shared.contract.documents.values import Params, ProblemAt, Reason


class Overrides(TypedDict, total=False):
    """What a person decided of how a file is read; `header_row` counts from 1, 0 is none.

    `leave_out_hidden` takes the tick off rows that the program of the file does not show.
    """

    encoding: str
    delimiter: str
    quote: str
    sheet: str
    header_row: int
    leave_out_hidden: bool


class Options(TypedDict, total=False):
    """What the request for an import asked for; see `POST /jobs` in the API."""

    profile: str
    kind: str
    autostart: bool
    max_invalid: dict[str, float]
    notify: list[str]
    callback_url: str
    mapping: ChosenMapping
    settings: ChosenSettings
    repairs: str
    encoding: str
    delimiter: str
    quote: str
    sheet: str
    header_row: int


class Column(TypedDict):
    """A column of the source; `index` counts from 0.

    `header` is its text in the file, `name` the same made unique. `fill` is the share of rows with a value; `dates`
    counts how many dates fit which orders of day, month and year.
    """

    index: int
    header: str
    name: str
    samples: NotRequired[list[str]]
    fill: NotRequired[float]
    dates: NotRequired[dict[str, int]]


class EarlierJob(TypedDict):
    """An earlier job with the same file or the same columns; rows differ where they are not in both."""

    job: str
    name: str
    status: str
    at: str
    by: str
    rows_before: NotRequired[int]
    rows_now: NotRequired[int]
    differing: NotRequired[int]


class Source(TypedDict):
    """The uploaded file and what was learned of it. Upload writes it.

    `chunks` has the number of rows of each chunk. `header_row` and `last_row` count from 1 as a spreadsheet does;
    `first_look` is true while the rest of a long file is still being read.
    """

    name: str
    bytes: int
    sha256: str
    overrides: NotRequired[Overrides]
    revision: NotRequired[int]
    format: NotRequired[str]
    encoding: NotRequired[str | None]
    encodings: NotRequired[list[dict[str, str]]]
    delimiter: NotRequired[str | None]
    quote: NotRequired[str | None]
    sheet: NotRequired[str | None]
    sheets: NotRequired[list[str]]
    hidden_sheets: NotRequired[list[str]]
    header_row: NotRequired[int]
    header: NotRequired[list[str]]
    groups: NotRequired[list[str]]
    preamble: NotRequired[int]
    first_column: NotRequired[int]
    packed_as: NotRequired[str | None]
    problems: NotRequired[list[ProblemAt]]
    skipped: NotRequired[int]
    rows: NotRequired[int | None]
    blank_rows: NotRequired[int | None]
    last_row: NotRequired[int | None]
    hidden_rows: NotRequired[int]
    columns: NotRequired[int]
    column_list: NotRequired[list[Column]]
    first_rows: NotRequired[list[list[str]]]
    chunks: NotRequired[list[int]]
    first_look: NotRequired[bool]
    unread: NotRequired[Reason]
    header_print: NotRequired[str]
    same_as: NotRequired[EarlierJob]
    like: NotRequired[EarlierJob]


class Candidate(TypedDict):
    """A field that a column may fill, how sure that is (0 to 1), and why."""

    target: str | None
    confidence: float
    reason: Reason


class ColumnMapping(TypedDict):
    """What one column fills: `action` is `sync` (the field `target`), `custom` (the field `custom`) or `skip`.

    `also` is a second field that the same cells fill, such as the name of the contact. `join` is put between
    several columns of one field; `split` takes street, number and box apart. Rows with a text of `leave_out` in the
    column are left out, whatever the column fills.
    """

    index: int
    header: str
    action: str
    target: str | None
    also: NotRequired[str | None]
    custom: CustomField | None
    join: str | None
    split: bool | None
    leave_out: NotRequired[list[str]]
    confidence: float
    reason: Reason
    candidates: list[Candidate]
    suggested_custom: CustomField | None


class AccountType(TypedDict):
    """Where the type of accounts comes from: `fixed` (value), `column` (its index), or `skip`."""

    mode: str
    value: NotRequired[str]
    column: NotRequired[int]


class ChosenCustomField(TypedDict):
    """A custom field as somebody names it for a column; `record` is `account` where it is not given."""

    name: str
    type: str
    record: NotRequired[str]


class ChosenColumn(TypedDict):
    """What somebody chose for one column; see `ColumnMapping`."""

    index: int
    action: str
    target: NotRequired[str | None]
    also: NotRequired[str | None]
    custom: NotRequired[ChosenCustomField | None]
    join: NotRequired[str | None]
    split: NotRequired[bool | None]
    leave_out: NotRequired[list[str] | None]


class BuiltPart(TypedDict, total=False):
    """A part of a built value: the cells of a `column` (its index), or a fixed `text`."""

    column: int
    text: str


class Taken(TypedDict, total=False):
    """What is taken of a text: a `piece` between separators, or its `first` or `last` characters.

    Pieces count from 1; -1 is the last.
    """

    separator: str
    piece: int
    first: int
    last: int


class LookUp(TypedDict):
    """What each text becomes, and what `rest` does with texts that are not listed: `keep`, `blank` or `value`."""

    pairs: dict[str, str]
    rest: str
    value: NotRequired[str]


class BuildStep(TypedDict, total=False):
    """One change of a text, of one of three kinds; `case` is `upper`, `lower` or `title`."""

    take: Taken
    case: str
    look_up: LookUp


class BuiltValue(TypedDict):
    """A field that is filled with a value built from columns: the parts in order, then the steps in order.

    The field is `target`, or a `custom` field of the firm.
    """

    target: str | None
    custom: NotRequired[CustomField | None]
    parts: list[BuiltPart]
    steps: list[BuildStep]


class ChosenBuiltValue(TypedDict):
    """A built value as somebody chose it; see `BuiltValue`."""

    target: NotRequired[str | None]
    custom: NotRequired[ChosenCustomField | None]
    parts: list[BuiltPart]
    steps: NotRequired[list[BuildStep]]


class ChosenMapping(TypedDict):
    """A mapping as a request has it; columns that it does not name are skipped."""

    columns: list[ChosenColumn]
    built: NotRequired[list[ChosenBuiltValue] | None]
    account_type: NotRequired[AccountType | None]
    values: NotRequired[dict[str, dict[str, str]] | None]
    date_order: NotRequired[str | None]
    phone_region: NotRequired[str | None]
    account_name: NotRequired[str | None]
    required: NotRequired[list[str] | None]


class Refusal(TypedDict):
    """Why a mapping or settings that came with the file cannot be used, place by place."""

    code: str
    params: Params
    errors: list[ProblemAt]


class Mapping(TypedDict):
    """Columns assigned to fields; suggested, then confirmed. The mapper writes it.

    `values` has, by the key of a field, the choice that each text of the file means. `account_name` is the pattern of
    names for accounts that have none, `required` are fields that each row must have. `built` are values built from
    columns, for fields that no column fills. `recognised` names the layout or
    the saved mapping that was known again.
    """

    columns: list[ColumnMapping]
    built: NotRequired[list[BuiltValue]]
    account_type: AccountType
    values: dict[str, dict[str, str]]
    date_order: str | None
    phone_region: str | None
    account_name: str | None
    required: NotRequired[list[str]]
    recognised: dict[str, object]
    problem: NotRequired[Refusal | None]


#: What must hold of a row: one test on a `field` or a `column`. `is` is a word of Python, so it is written this way.
Condition = TypedDict(
    "Condition",
    {
        "field": NotRequired[str],
        "column": NotRequired[int],
        "is": NotRequired[str],
        "is_not": NotRequired[str],
        "one_of": NotRequired[list[str]],
        "contains": NotRequired[str],
        "blank": NotRequired[bool],
    },
)


class Then(TypedDict, total=False):
    """What records of such rows get."""

    tags: list[str]
    assignees: list[str]
    assignees_from: int
    roles: list[str]
    folder_template: str | None
    language: str | None
    questionnaire: str | None
    login: bool
    notify: bool
    email_sync: bool
    send_invitation: bool
    leave_out: bool
    only: bool
    set: dict[str, str]


class Rule(TypedDict):
    """When all conditions hold of a row, its new records get what `then` has.

    With `leave_out` the row is left out; with `only`, all rows are left out for which no such rule holds. `set` has
    values of the row by the key of a field, as a cell would have them.
    """

    when: list[Condition]
    then: Then


class Settings(TypedDict):
    """What an import applies, and how it finds records. The mapper writes it.

    `contacts` has switches by the key of an e-mail field. `match` has the kinds of keys by collection, in order.
    `mode` says which clients are touched, `merge_default` and (by the key of a field) `merge` what becomes of
    differences; see `shared/contract/merging.py`. `on_invalid` has by the key of a field what becomes of a row whose
    value cannot be taken: see `shared/contract/invalid_values.py`. `custom_fields` are those of the firm whose values
    rules set.
    """

    contacts: dict[str, dict[str, bool]]
    tags: list[str]
    assignees: list[str]
    folder_template: str | None
    language: str | None
    questionnaire: str | None
    rules: list[Rule]
    match: dict[str, list[str]]
    mode: str
    on_doubt: NotRequired[str]
    on_change: NotRequired[str]
    merge_default: str
    merge: dict[str, str]
    on_invalid: NotRequired[dict[str, str]]
    roles: NotRequired[list[str]]
    custom_fields: NotRequired[list[CustomField]]


class ChosenSettings(TypedDict, total=False):
    """Settings as a request has them; parts that it does not name stay as they are."""

    contacts: dict[str, dict[str, bool]]
    tags: list[str]
    assignees: list[str]
    folder_template: str | None
    language: str | None
    questionnaire: str | None
    rules: list[Rule]
    match: dict[str, list[str]]
    mode: str
    on_doubt: str
    on_change: str
    merge_default: str
    merge: dict[str, str]
    on_invalid: dict[str, str]


class Example(TypedDict):
    """A row that has a problem; `row` is its number as a spreadsheet shows it."""

    row: int
    field: str
    params: Params


class ReportedProblem(TypedDict):
    """How many rows have a problem, with some examples."""

    code: str
    severity: str
    rows: int
    examples: list[Example]


class ReportedFix(TypedDict):
    """How many values were normalised in one way."""

    code: str
    values: int


class FilledCustomField(CustomField):
    """A custom field that the file fills, in so many rows."""

    filled: int


class UnknownValue(TypedDict):
    """A value that a choice does not know, and how many rows have it."""

    field: str
    value: str
    rows: int


class ColumnProblem(TypedDict):
    """A problem of a whole column."""

    column: int
    code: str
    params: Params


class Report(TypedDict):
    """What a check found, before the start. The validator writes it.

    `records` has how many accounts, contacts and links would be made and changed; `asked` how many rows wait for a
    decision alone; `without_value` how many have a wrong value that is left out; `rules` how
    many rows each rule applies to; `totals` are the sums that repairs go on from.
    """

    problems: list[ReportedProblem]
    fixes: list[ReportedFix]
    records: dict[str, int]
    asked: int
    without_value: NotRequired[int]
    only_in_system: int
    new_tags: list[str]
    custom_fields: list[FilledCustomField]
    unknown_values: list[UnknownValue]
    settings: dict[str, int]
    rules: list[int]
    columns: list[ColumnProblem]
    totals: Counts


class Undo(TypedDict):
    """An undo: `of` is the revision that was loaded; its `numbers` are those of `UNDO_NUMBERS`. The importer."""

    of: int
    numbers: NotRequired[dict[str, int] | None]
    names_kept: NotRequired[dict[str, list[object]]]


class Notice(TypedDict):
    """One mail about the job. The notifier writes it; `error` says why a mail will never be sent."""

    to: str
    status: str
    revision: NotRequired[int]
    message_id: NotRequired[str]
    sent_at: datetime | None
    error: NotRequired[str]


class HistoryLine(TypedDict):
    """A status that the job came to."""

    status: str
    at: datetime
    by: str
    revision: int
    numbers: NotRequired[dict[str, int]]
    reason: NotRequired[str]


class Maker(TypedDict):
    """Who makes a job."""

    id: str
    email: str | None
    locale: str
    rights: list[str]


class JobAt(TypedDict):
    """A job at a revision."""

    _id: str
    revision: int


class Job(JobAt):
    """One file's way from upload to mail.

    `owed` names the service that acts next, None where a person does or nobody. `hold` is why a worker left the job
    to a person. `revision` grows when the job goes back to an earlier status; older messages no longer count.
    `published` counts the lines of the history that were published; `unpublished` says that there are more.
    """

    firm: str
    kind: str
    status: str
    options: Options
    hold: Reason | None
    owed: str | None
    source: Source
    mapping: Mapping | None
    settings: Settings | None
    rights: list[str]
    report: Report | None
    repairs: int
    repaired_job: str | None
    repaired_by: list[str]
    counts: dict[str, int]
    result: dict[str, int]
    undo: Undo | None
    notices: list[Notice]
    left_out: dict[str, int] | None
    reason: Reason | None
    created_by: str
    created_by_email: str | None
    locale: str
    created_at: datetime
    since: datetime
    history: list[HistoryLine]
    published: int
    unpublished: bool
    idempotency_key: NotRequired[str]
    idempotency_print: NotRequired[str]
    events: NotRequired[dict[str, str] | None]
    returned_by: NotRequired[list[str]]
    touched_at: NotRequired[datetime]
    purged_at: NotRequired[datetime | None]
    purge_open: NotRequired[bool]
    broke: NotRequired[int]


class SavedColumn(TypedDict):
    """What a saved mapping does with the column of a header."""

    header: str
    action: str
    target: str | None
    also: NotRequired[str | None]
    custom: CustomField | None
    join: str | None
    split: bool | None
    leave_out: NotRequired[list[str]]


class ProfileParts(TypedDict):
    """What a saved mapping holds of a mapping, for files with the same headers (`fingerprint`).

    The columns of `built` are places in `columns`.
    """

    kind: str
    headers: list[str]
    fingerprint: str
    columns: list[SavedColumn]
    built: NotRequired[list[BuiltValue]]
    account_type: AccountType
    values: dict[str, dict[str, str]] | None
    date_order: str | None
    phone_region: str | None
    account_name: str | None
    required: NotRequired[list[str] | None]


class Profile(ProfileParts):
    """A saved mapping of a firm. The mapper writes it."""

    id: str
    firm: NotRequired[str]
    name: str
    saved_at: datetime
    by: NotRequired[str]
