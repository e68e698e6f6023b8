"""What others changed of an import while a page of it was open: every form carries what its page had seen.

A form that was made before somebody's change is refused by the API. The page then says who changed what and when, keeps
what was typed, and carries what is true now, so that the person can save on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from flask import request
from flask_babel import gettext, lazy_gettext

from services.wizard import session
from services.wizard.answers import Edit, Job
from services.wizard.api import ApiError
from services.wizard.pages import api, people
from services.wizard.people import called
from services.wizard.wording import at, number
from shared.contract.edits import MAPPING, PARTS, ROWS, SETTINGS, SOURCE, changed_since, numbers_in, seen_of

#: The API refuses a form that was made before a change of somebody else.
STALE = 412
#: What a refusal may be that is shown on the page of its form.
SHOWN = (409, STALE, 422)
#: seconds within which the same person pressed a button twice
DOUBLE_CLICK = 5.0
#: what somebody changed
CHANGED = {
    SOURCE: lazy_gettext("%(who)s had the file read in another way (%(when)s)."),
    MAPPING: lazy_gettext("%(who)s changed the columns (%(when)s)."),
    SETTINGS: lazy_gettext("%(who)s changed the settings (%(when)s)."),
    ROWS: lazy_gettext("%(who)s repaired, ticked or decided rows (%(when)s)."),
}


def as_seen(*parts: str) -> None:
    """Let the next change reach the API only if nobody changed these parts since the page of the form was made."""
    seen = numbers_in(request.form.get("seen", ""))
    api().seen = ",".join(f"{part}.{seen[part]}" for part in parts or PARTS if part in seen)


def as_now(job: Job) -> None:
    """Let the next change reach the API only if nobody changes the import from now on."""
    api().seen = seen_of(job["edits"])


def is_stale(error: ApiError) -> bool:
    """Whether a refusal is about a change of somebody else."""
    return error.status == STALE


def changed_of(job: Job) -> list[str]:
    """The parts that were changed since the page of the form was made."""
    return changed_since(numbers_in(request.form.get("seen", "")), job["edits"])


def what_changed(job: Job) -> str:
    """Who changed what and when since the page of the form was made, as sentences."""
    names = people(job)
    lines = [_change(part, job["edits"][part], names) for part in changed_of(job)]
    return " ".join([gettext("This was changed while your page was open."), *lines])


def _change(part: str, edit: Edit, names: Mapping[str, str]) -> str:
    """Who changed a part and when, as a sentence."""
    return str(CHANGED[part]) % {"who": called(edit["by"], names), "when": at(edit["at"])}


def kept(job: Job, differing: Iterable[str] = ()) -> str:
    """What a person reads whose form came after a change: who changed what, and what of theirs is other than it."""
    names = ", ".join(dict.fromkeys(name for name in differing if name))
    differ = gettext("Your choices differ from those of now in: %(names)s.", names=names) if names else ""
    advice = gettext("Your choices are below and not saved yet; save again to put them on top.")
    return " ".join(filter(None, (what_changed(job), differ, advice)))


def not_made(job: Job) -> str:
    """What a person reads whose button came after a change."""
    advice = gettext(
        "Your change is not made yet: the page shows what is true now, and what you typed. Press the button again to"
        " make it."
    )
    return f"{what_changed(job)} {advice}"


def row_changed(job: Job, row: int) -> str:
    """What a person reads whose change of a row came after another change of the same row."""
    edit = job["edits"].get(ROWS)
    who = _change(ROWS, edit, people(job)) if edit else ""
    first = gettext("Row %(n)s was changed while your page was open.", n=number(row))
    advice = gettext("Your change is not made yet; save again to put it on top.")
    return " ".join(filter(None, (first, who, advice)))


def is_double_click(job: Job) -> bool:
    """Whether the changes since the page was made are the same person's, of a moment ago."""
    edits = [job["edits"][part] for part in changed_of(job)]
    return bool(edits) and all(map(_is_mine_and_new, edits))


def is_of_a_moment_ago(job: Job) -> bool:
    """Whether the same person changed the rows a moment ago."""
    return ROWS in job["edits"] and _is_mine_and_new(job["edits"][ROWS])


def _is_mine_and_new(edit: Edit) -> bool:
    seconds = (datetime.now(UTC) - datetime.fromisoformat(edit["at"])).total_seconds()
    return edit["by"] == session.person().id and seconds < DOUBLE_CLICK
