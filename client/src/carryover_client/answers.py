"""What the services answer, as types: jobs and their parts, results, reports, records, uploads.

Times are texts in ISO 8601 with a time zone. An answer may gain names in later versions; a reader passes over them.
"""

from typing import Literal, NotRequired, TypedDict

Status = Literal[
    "uploaded",
    "read",
    "proposed",
    "mapped",
    "validated",
    "confirmed",
    "imported",
    "failed",
    "cancelled",
    "undoing",
    "undone",
]
#: At these a job has ended.
ENDS: frozenset[str] = frozenset({"imported", "failed", "cancelled", "undone"})
Kind = Literal["accounts_and_contacts", "accounts", "contacts"]
Records = Literal["accounts", "contacts"]


class WaitingFor(TypedDict):
    """Who acts next (`person`, or the name of a service), on what, and since when."""

    who: str
    what: str
    since: str


class Source(TypedDict):
    """The uploaded file in short; what is null is not known yet."""

    name: str
    bytes: int
    sha256: str
    format: NotRequired[str | None]
    encoding: NotRequired[str | None]
    delimiter: NotRequired[str | None]
    sheet: NotRequired[str | None]
    header_row: NotRequired[int | None]
    rows: NotRequired[int | None]
    columns: NotRequired[int | None]


class Progress(TypedDict):
    """How many rows the work of the present status has done; `total` is null while it is not known."""

    step: str
    done: int
    total: int | None
    rows_per_second: int
    eta_seconds: int | None


class Reason(TypedDict):
    """Why a job failed, or waits: a stable code and a sentence."""

    code: str
    message: str


class HistoryLine(TypedDict):
    """A status that the job had."""

    status: Status
    at: str
    by: str
    revision: int


class Notice(TypedDict):
    """A mail about the job; `sent_at` is null until it is sent."""

    to: str
    status: str
    sent_at: str | None


class Moment(TypedDict):
    """A job while it moves: what a progress bar needs. `counts` are rows by bucket, `result` the numbers so far."""

    id: str
    status: Status
    revision: int
    waiting_for: WaitingFor | None
    progress: Progress
    counts: dict[str, int]
    result: dict[str, int]


class Job(Moment):
    """An import job; `version` changes whenever the job does, but for the rate and the time left."""

    version: str
    firm: str
    kind: Kind
    source: Source
    undo: dict[str, int] | None
    reason: Reason | None
    hold: Reason | None
    created_by: str
    created_by_email: NotRequired[str | None]
    created_at: str
    history: list[HistoryLine]
    notices: list[Notice]
    notify: NotRequired[list[str]]
    purged_at: NotRequired[str | None]
    repairs: NotRequired[str | None]
    repaired_by: NotRequired[list[str]]
    links: dict[str, str]


class LeftOut(TypedDict):
    """How many skipped rows have a problem."""

    code: str
    rows: int
    message: str


class Result(TypedDict):
    """The numbers of an import. `balanced`: rows read = rows loaded + rows unchanged + rows skipped.

    `left_out` is null until the list of skipped rows is made, which is a moment after loading.
    """

    status: Status
    rows: int | None
    result: dict[str, int]
    undo: dict[str, int] | None
    balanced: bool
    left_out: list[LeftOut] | None
    notices: list[Notice]
    links: dict[str, str]


class Report(TypedDict):
    """What a checked job will do: rows by bucket in `counts`, its problems with examples, records in numbers."""

    counts: dict[str, int]
    problems: list[dict[str, object]]
    fixes: list[dict[str, object]]
    columns: list[dict[str, object]]
    records: dict[str, int]
    asked: int
    without_value: NotRequired[int]
    only_in_system: int
    new_tags: list[str]
    custom_fields: list[dict[str, object]]
    unknown_values: list[dict[str, object]]
    settings: dict[str, int]
    rules: list[int]


class Record(TypedDict):
    """An account or a contact of the firm."""

    id: str
    revision: int
    created_at: str
    updated_at: str
    jobs: list[str]
    fields: dict[str, object]
    linked: NotRequired[list[dict[str, str]]]
    invitation: NotRequired[dict[str, str | None]]
    links: NotRequired[list[dict[str, object]]]
    history: NotRequired[list[dict[str, object]]]
    fixes: NotRequired[list[dict[str, object]]]
    problems: NotRequired[list[dict[str, object]]]


class KeptFile(TypedDict):
    """A file that waits for the request which names its `claim`, until `ends_at`."""

    claim: str
    name: str
    bytes: int
    offset: int
    sha256: str
    ends_at: str
