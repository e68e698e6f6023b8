"""The import-job document: its statuses, the steps between them that are allowed, and who writes which part."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from datetime import datetime
from enum import StrEnum
from typing import TypeVar, cast

from shared.contract.custom_fields import id_of
from shared.contract.documents.job import (
    BuiltValue,
    ColumnMapping,
    Job,
    Maker,
    Mapping,
    Options,
    Report,
    Settings,
    Source,
    Undo,
)
from shared.contract.documents.reference import Notices
from shared.contract.fields import FIELDS
from shared.contract.merging import BOTH, CREATE_ONLY, FILL_EMPTY


class Status(StrEnum):
    """What is true of a job now; the same participle names the event and the history line."""

    UPLOADED = "uploaded"
    READ = "read"
    PROPOSED = "proposed"
    MAPPED = "mapped"
    VALIDATED = "validated"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


#: What is true of a job at each status, for people.
MEANS: dict[Status, str] = {
    Status.UPLOADED: "the file is kept",
    Status.READ: "columns and rows are known",
    Status.PROPOSED: "a mapping is suggested",
    Status.MAPPED: "mapping and settings are confirmed",
    Status.VALIDATED: "every row has a bucket and a plan",
    Status.CONFIRMED: "a person started it, or autostart did",
    Status.IMPORTED: "everything planned is loaded, and the numbers balance",
    Status.FAILED: "it stopped, with a reason",
    Status.CANCELLED: "a person stopped it; what was loaded is listed",
    Status.UNDOING: "a person is undoing it",
    Status.UNDONE: "what nobody changed since is as before; the rest is listed",
}

T = TypeVar("T")

KINDS = ("accounts_and_contacts", "accounts", "contacts")

#: Statuses a job may move to, from each status. Everything that is not an end can fail and be cancelled.
ALLOWED: dict[Status, frozenset[Status]] = {
    Status.UPLOADED: frozenset({Status.READ, Status.FAILED, Status.CANCELLED}),
    Status.READ: frozenset({Status.PROPOSED, Status.UPLOADED, Status.FAILED, Status.CANCELLED}),
    Status.PROPOSED: frozenset({Status.MAPPED, Status.UPLOADED, Status.FAILED, Status.CANCELLED}),
    Status.MAPPED: frozenset(
        {Status.VALIDATED, Status.PROPOSED, Status.UPLOADED, Status.FAILED, Status.CANCELLED}
    ),
    Status.VALIDATED: frozenset(
        {
            Status.CONFIRMED,
            Status.MAPPED,
            Status.PROPOSED,
            Status.UPLOADED,
            Status.FAILED,
            Status.CANCELLED,
        }
    ),
    Status.CONFIRMED: frozenset({Status.IMPORTED, Status.FAILED, Status.CANCELLED}),
    Status.IMPORTED: frozenset({Status.UNDOING}),
    Status.FAILED: frozenset({Status.UNDOING}),
    Status.CANCELLED: frozenset({Status.UNDOING}),
    Status.UNDOING: frozenset({Status.UNDONE, Status.FAILED}),
    Status.UNDONE: frozenset(),
}

#: Where a job waits for a person, and for what.
WAITS_FOR_PERSON: dict[Status, str] = {Status.PROPOSED: "map", Status.VALIDATED: "confirm"}

#: Where a job waits for a person only while it is on hold, and for what: a worker could not go on under their choices.
WAITS_ON_HOLD: dict[Status, str] = {Status.UPLOADED: "source"}

#: Where a job has ended; only undoing it moves it on.
ENDS = frozenset({Status.IMPORTED, Status.FAILED, Status.CANCELLED, Status.UNDONE})

#: Which service writes which part of the job document; status and history move only through `advance`.
PART_OWNERS: dict[str, str] = {
    "kind": "upload",
    "source": "upload",
    "mapping": "mapper",
    "settings": "mapper",
    "rights": "mapper",
    "report": "validator",
    "repairs": "validator",
    "counts": "validator",
    "result": "importer",
    "repaired_by": "importer",
    "undo": "importer",
    "events": "importer",
    "notices": "notifier",
    "left_out": "notifier",
}

COUNTS = ("new", "update", "unchanged", "duplicate", "invalid", "unselected")

RESULTS = (
    "contacts_created",
    "contacts_updated",
    "accounts_created",
    "accounts_updated",
    "links_created",
    "rows_loaded",
    "rows_unchanged",
    "rows_skipped",
    "custom_fields_created",
    "tags_created",
)

#: What became of the rows and the records when an import was undone; `kept` counts records that stay, in
#: whole or in part, because of what was done since.
UNDO_NUMBERS = (
    "rows_reversed",
    "rows_kept",
    "rows_failed",
    "rows_nothing",
    "accounts_removed",
    "accounts_restored",
    "contacts_removed",
    "contacts_restored",
    "links_removed",
    "tags_removed",
    "custom_fields_removed",
    "kept",
)


def waits_for(job: Job) -> str | None:
    """What a person has to do before the job goes on; None where a service acts next, or nobody."""
    status = Status(job["status"])
    return (
        WAITS_ON_HOLD.get(status) if job["hold"] and status in WAITS_ON_HOLD else WAITS_FOR_PERSON.get(status)
    )


def settled(job: Job) -> bool:
    """Whether a job has ended or waits for a person, so that no service moves it on."""
    return Status(job["status"]) in ENDS or (waits_for(job) is not None and not job["owed"])


def may_move(frm: Status, to: Status) -> bool:
    """Whether the step from one status to the other is part of the flow."""
    return to in ALLOWED[frm]


def keys_of_column(column: ColumnMapping) -> list[str]:
    """The keys of the fields that a column fills, a custom field by its id."""
    if column["action"] == "custom" and (custom := column["custom"]):
        return [f"{custom['record']}.custom.{id_of(custom)}"]
    filled = (column["target"], column.get("also")) if column["action"] == "sync" else ()
    return [key for key in filled if key]


def targets_of(mapping: Mapping) -> set[str]:
    """The keys of all fields, but custom ones, that columns or built values fill."""
    filled = (column for column in mapping["columns"] if column["action"] == "sync")
    keys = {key for column in filled for key in (column["target"], column.get("also")) if key}
    return keys | {target for built in built_of(mapping) if (target := built["target"])}


def built_of(mapping: Mapping) -> list[BuiltValue]:
    """The values that a mapping builds from columns; a mapping that is older than them has none."""
    return mapping.get("built") or []


def key_of_built(built: BuiltValue) -> str:
    """The key of the field that a built value fills, a custom field by its id."""
    custom = built.get("custom")
    return f"{custom['record']}.custom.{id_of(custom)}" if custom else built["target"] or ""


def sources_of_built(built: BuiltValue) -> list[int]:
    """The columns that a value is built from, each once, in their order."""
    return list(dict.fromkeys(part["column"] for part in built["parts"] if "column" in part))


def columns_by_field(mapping: Mapping) -> dict[str, int]:
    """The first column of each field that is filled; of a built value the first that it is built from."""
    found: dict[str, int] = {}
    for column in mapping["columns"]:
        for key in keys_of_column(column):
            found.setdefault(key, column["index"])
    for built in built_of(mapping):
        found.setdefault(key_of_built(built), sources_of_built(built)[0])
    return found


def built_from(mapping: Mapping) -> dict[str, list[int]]:
    """By the key of each field that is built, the columns that it is built from."""
    found: dict[str, list[int]] = {}
    for built in built_of(mapping):
        found[key_of_built(built)] = list(
            dict.fromkeys([*found.get(key_of_built(built), []), *sources_of_built(built)])
        )
    return found


def new_job(
    job_id: str,
    firm: str,
    kind: str,
    options: Options,
    source: Source,
    by: Maker,
    now: datetime,
    repairs: str | None = None,
) -> Job:
    """Give the document of a job whose file is kept and that nobody has looked at yet.

    `by` has the id, e-mail address, locale and rights of who makes it; `repairs` is the job whose skipped rows it
    loads, where it does.
    """
    return {
        "_id": job_id,
        "firm": firm,
        "kind": kind,
        "status": Status.UPLOADED.value,
        "revision": 1,
        "options": options,
        "hold": None,
        "owed": "upload",
        "source": source,
        "mapping": None,
        "settings": None,
        "rights": list(by["rights"]),
        "report": None,
        "repairs": 0,
        "repaired_job": repairs,
        "repaired_by": [],
        "counts": dict.fromkeys(COUNTS, 0),
        "result": dict.fromkeys(RESULTS, 0),
        "undo": None,
        "notices": [],
        "left_out": None,
        "reason": None,
        "created_by": by["id"],
        "created_by_email": by["email"],
        "locale": by["locale"],
        "created_at": now,
        "since": now,
        "history": [{"status": Status.UPLOADED.value, "at": now, "by": by["id"], "revision": 1}],
        "published": 0,
        "unpublished": True,
    }


def mapping_of(job: Job) -> Mapping:
    """The mapping of a job; raises `ValueError` for one that was not read yet, or was purged."""
    return _there(job["mapping"], "mapping")


def settings_of(job: Job) -> Settings:
    """The settings of a job; raises `ValueError` for one that was not read yet, or was purged."""
    return _of_today(_there(job["settings"], "settings"))


def _of_today(settings: Settings) -> Settings:
    """Settings as they are kept today: those of earlier versions had `on_match`, and `merge` by the bare name."""
    earlier = dict[str, object](settings)
    if "on_match" not in earlier:
        return settings
    mode = CREATE_ONLY if earlier.pop("on_match") == "skip" else BOTH
    merge = {
        key: policy
        for name, policy in settings["merge"].items()
        for key in (f"account.{name}", f"contact.{name}")
        if key in FIELDS
    }
    return cast("Settings", {**earlier, "mode": mode, "merge_default": FILL_EMPTY, "merge": merge})


def report_of(job: Job) -> Report:
    """The report of a job; raises `ValueError` for one that was not checked yet."""
    return _there(job["report"], "report")


def undo_of_job(job: Job) -> Undo:
    """The undo of a job; raises `ValueError` for one that nobody undid."""
    return _there(job["undo"], "undo")


def lines_published(job: Job) -> int:
    """How many lines of the history are published. Earlier versions kept this number as `told`."""
    earlier = cast("Map[str, int]", job).get("told", 0)
    return job.get("published", earlier)


def _there(part: T | None, name: str) -> T:
    if part is None:
        raise ValueError(f"the job has no {name}")
    return part


def as_loaded(job: Job) -> Job:
    """The job with the revision that its rows, plans and outcomes are kept under; undoing begins a new one."""
    undo = job.get("undo")
    return {**job, "revision": undo["of"] if undo else job["revision"]}


def loaded_at(job: Job) -> datetime | None:
    """When loading ended, also by a failure or a cancelling; None before loading and during it."""
    seen = False
    for line in job["history"]:
        if seen:
            return line["at"]
        seen = line["status"] == Status.CONFIRMED
    return None


def mailed(job: Job, notices: Notices, allowed: Callable[[str], bool]) -> list[str]:
    """Who gets a mail about a job at its status: its recipients and those of the firm's copies, each address once.

    Addresses that the request names get all mails. A copy goes only to an address that is `allowed` now.
    """
    status = job["status"]
    own = recipients(job) if job["options"].get("notify") is not None or status in notices["importer"] else []
    once = {address.casefold(): address for address in own}
    for copy in notices["copies"]:
        if status in copy["when"] and allowed(copy["to"]):
            once.setdefault(copy["to"].casefold(), copy["to"])
    return list(once.values())


def recipients(job: Job) -> list[str]:
    """Who gets mails: those whom the options name, else the person who imports; each address once."""
    named = job["options"].get("notify")
    if named is None:
        named = [job["created_by_email"]] if job["created_by_email"] else []
    once: dict[str, str] = {}
    for address in named:
        once.setdefault(address.casefold(), address)
    return list(once.values())
