"""What the result page shows of a job, made from the answers of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

from flask_babel import LazyString, lazy_gettext

from services.wizard.answers import Column, Job, LeftOut, Report, Row

TITLES = {
    "confirmed": lazy_gettext("Your list is being loaded"),
    "imported": lazy_gettext("Your list is imported"),
    "failed": lazy_gettext("The import has failed"),
    "cancelled": lazy_gettext("The import was stopped"),
    "undoing": lazy_gettext("The import is being undone"),
    "undone": lazy_gettext("The import was undone"),
}
NOTHING_NEW = lazy_gettext("Nothing new was loaded")
#: the text of a line of the history
STEPS = {
    "uploaded": lazy_gettext("File received"),
    "read": lazy_gettext("File read"),
    "proposed": lazy_gettext("Mapping suggested"),
    "mapped": lazy_gettext("Mapping confirmed"),
    "validated": lazy_gettext("Rows checked"),
    "confirmed": lazy_gettext("Loading started"),
    "imported": lazy_gettext("Loading done"),
    "failed": lazy_gettext("Stopped by an error"),
    "cancelled": lazy_gettext("Stopped"),
    "undoing": lazy_gettext("Undo started"),
    "undone": lazy_gettext("Undo finished"),
}
#: actors that are services
NO_PERSON = frozenset({"upload", "mapper", "validator", "importer", "notifier", "carryover", "autostart"})
STATUSES_WITH_MAIL = ("imported", "failed", "undone")
MAIL_WITHIN = timedelta(minutes=1)

PARTS = {
    "loaded": lazy_gettext("loaded"),
    "unchanged": lazy_gettext("unchanged"),
    "skipped": lazy_gettext("left out"),
    "rest": lazy_gettext("not reached"),
}
STILL_TO_COME = lazy_gettext("still to come")
MADE = {
    "accounts_created": lazy_gettext("accounts created"),
    "accounts_updated": lazy_gettext("accounts updated"),
    "contacts_created": lazy_gettext("contacts created"),
    "contacts_updated": lazy_gettext("contacts updated"),
    "links_created": lazy_gettext("contacts linked to accounts"),
    "tags_created": lazy_gettext("new tags"),
    "custom_fields_created": lazy_gettext("new custom fields"),
}
#: shown even where there are none
ALWAYS_OF = {"accounts": "accounts_", "contacts": "contacts_"}
UNDONE = {
    "rows_reversed": lazy_gettext("rows undone"),
    "rows_kept": lazy_gettext("rows kept, because of changes since"),
    "rows_failed": lazy_gettext("rows that could not be undone"),
    "rows_nothing": lazy_gettext("rows that had loaded nothing"),
    "accounts_removed": lazy_gettext("accounts removed"),
    "accounts_restored": lazy_gettext("accounts as they were before"),
    "contacts_removed": lazy_gettext("contacts removed"),
    "contacts_restored": lazy_gettext("contacts as they were before"),
    "links_removed": lazy_gettext("links removed"),
    "tags_removed": lazy_gettext("tags removed"),
    "custom_fields_removed": lazy_gettext("custom fields removed"),
    "kept": lazy_gettext("accounts and contacts kept, in whole or in part"),
}
TONES = {"rows_kept": "warn", "rows_failed": "bad", "kept": "warn"}
#: a part of the chart is so wide at least, of BAR
NARROWEST, BAR = 6, 1000
COLUMNS_SHOWN = 3
CELL_LENGTH = 60


def title_of(job: Job) -> LazyString:
    """What to call the page of a job."""
    if job["status"] == "imported" and not job["result"]["rows_loaded"]:
        return NOTHING_NEW
    return TITLES[job["status"]]


def parts_of(
    result: Mapping[str, int], rows: int | None, *, under_way: bool = False
) -> list[dict[str, object]]:
    """What became of the rows: name, number and place in a bar that is BAR wide; the numbers add up to `rows`."""
    names = {**PARTS, **({"rest": STILL_TO_COME} if under_way else {})}
    numbers = {part: result[f"rows_{part}"] for part in ("loaded", "unchanged", "skipped")}
    total = rows or 0
    numbers["rest"] = max(0, total - sum(numbers.values()))
    present = [part for part, number in numbers.items() if number]
    room = BAR - NARROWEST * len(present)
    shown, x = [], 0.0
    for part, name in names.items():
        number = numbers[part]
        if part == "rest" and not number:
            continue
        width = NARROWEST + room * number / total if number else 0.0
        place = {"x": round(x, 2), "width": round(width, 2)}
        shown.append({"part": part, "name": name, "rows": number, "share": number / (total or 1), **place})
        x += width
    return shown


def made_by(result: Mapping[str, int], kind: str) -> list[tuple[LazyString, int]]:
    """What was made of the rows, as name and number; of the records that the import is about also a zero."""
    always = tuple(start for part, start in ALWAYS_OF.items() if part in kind)
    return [(name, result[key]) for key, name in MADE.items() if result[key] or key.startswith(always)]


def partners_made(result: Mapping[str, int], planned: Mapping[str, int]) -> int:
    """How many of the contacts made are partners; 0 where loading made fewer contacts than the review announced."""
    as_planned = result["contacts_created"] == planned.get("contacts_create", 0)
    return planned.get("partners_create", 0) if as_planned else 0


def undone(numbers: Mapping[str, int]) -> list[tuple[LazyString, int, str]]:
    """The numbers of an undo, as name, number and tone; without zeros."""
    return [
        (name, numbers[key], TONES.get(key, ""))
        for key, name in UNDONE.items()
        if numbers[key] or key == "rows_reversed"
    ]


def loading_began(job: Job) -> bool:
    """Whether anything may have been loaded."""
    return any(line["status"] == "confirmed" for line in job["history"])


def reasons(left_out: Iterable[LeftOut], report: Report | None) -> list[LeftOut]:
    """Why rows were left out: code, rows, and a sentence, that of an example where the report has one."""
    found = report["problems"] if report else ()
    examples = {each["code"]: each["examples"][0]["message"] for each in found if each["examples"]}
    return [{**each, "message": examples.get(each["code"], each["message"])} for each in left_out]


def query_of(code: str) -> dict[str, str]:
    """How to ask for rows that were left out for a reason."""
    by_reason = {"not_selected": {"bucket": "unselected"}, "internal_error": {}}
    return {"outcome": "skipped", **by_reason.get(code, {"problem": code})}


def example_rows(
    rows: Iterable[Row], columns: Sequence[Column], reason: LeftOut
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Columns, and rows with their number, some of their cells and the sentence of the reason.

    The first columns are shown and those that are wrong; `wrong` says of each cell whether it is, `minor` whether
    its column can be done without where there is little room.
    """
    rows = list(rows)
    by_row = [[p for p in row["problems"] if p["code"] == reason["code"]] for row in rows]
    wrong = [{p["column"] for p in problems if p["column"] is not None} for problems in by_row]
    anywhere = set().union(*wrong)
    indexes = sorted({*range(min(COLUMNS_SHOWN, len(columns))), *anywhere})
    minor = {i: i > 0 and i not in anywhere for i in indexes}
    shown = [
        {
            "row": row["row"],
            "cells": [
                {"text": _short(row["cells"][i]), "wrong": i in places, "minor": minor[i]} for i in indexes
            ],
            "message": " ".join(p["message"] for p in problems) or reason["message"],
        }
        for row, problems, places in zip(rows, by_row, wrong, strict=True)
    ]
    return [{"header": columns[i]["header"], "minor": minor[i]} for i in indexes], shown


def _short(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else text[: CELL_LENGTH - 1] + "…"


class TimelineEntry(TypedDict):
    """One entry of the history of a job: a step, a mail, the deletion."""

    what: str
    at: NotRequired[str]
    status: NotRequired[str]
    name: NotRequired[LazyString]
    by: NotRequired[str | None]
    to: NotRequired[str]


def timeline(job: Job) -> list[TimelineEntry]:
    """What happened to the job, in its order: steps, mails and the deletion; `by` only where it was a person."""
    lines: list[TimelineEntry] = [
        {
            "what": "step",
            "status": line["status"],
            "name": STEPS[line["status"]],
            "at": line["at"],
            "by": None if line["by"] in NO_PERSON else line["by"],
        }
        for line in job["history"]
    ]
    if purged_at := job.get("purged_at"):
        lines.append({"what": "deleted", "at": purged_at})
    lines += [{"what": "mail", "at": at, "to": n["to"]} for n in job["notices"] if (at := n["sent_at"])]
    lines.sort(key=lambda line: datetime.fromisoformat(line["at"]))
    unsent: list[TimelineEntry] = [
        {"what": "no mail", "to": n["to"]} for n in job["notices"] if not n["sent_at"]
    ]
    return [*lines, *unsent]


def mail_is_due(job: Job, now: datetime) -> bool:
    """Whether a mail about the end of the job is still to be sent."""
    if job["status"] not in STATUSES_WITH_MAIL or not job["notify"]:
        return False
    if any(notice["status"] == job["status"] for notice in job["notices"]):
        return False
    return now - datetime.fromisoformat(job["history"][-1]["at"]) < MAIL_WITHIN
