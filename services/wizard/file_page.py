"""The page of the first step: what was detected in the file, and a person's other choices."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, lazy_gettext

from services.wizard import mapping_view, steps
from services.wizard.answers import ColumnMapping, Job, Source
from services.wizard.api import ApiError
from services.wizard.forms import lines, whole
from services.wizard.going_on import confirm, refusal_of
from services.wizard.kinds import KINDS
from services.wizard.meanwhile import SHOWN, STALE, as_seen, is_stale, kept, what_changed
from services.wizard.pages import api, done, job, pages, path, people, sentence, to

OPEN = ("uploaded", "read", "proposed", "mapped", "validated")
#: at these an earlier import has loaded something, or is about to
WAS_LOADED = ("confirmed", "imported", "undoing", "undone")
DELIMITERS = {
    ",": lazy_gettext("comma"),
    ";": lazy_gettext("semicolon"),
    "\t": lazy_gettext("tab"),
    "|": lazy_gettext("bar"),
}
#: what a person may choose
TEXTS = ("encoding", "delimiter", "sheet", "kind")
HEADER_ROW = "header_row"
HIDDEN = "leave_out_hidden"
#: what the choices are called
CALLED = {
    "encoding": lazy_gettext("Encoding"),
    "delimiter": lazy_gettext("Columns are separated by"),
    "sheet": lazy_gettext("Sheet"),
    "kind": lazy_gettext("The list has"),
    HEADER_ROW: lazy_gettext("Headers are in row"),
}
SEVERITY = {"error": "bad", "warning": "warn"}


@pages.get("/jobs/<job_id>/file")
def file(job_id: str) -> ResponseReturnValue:
    """What was found in the file; while it is read, how far that is."""
    found = job(job_id)
    if found["status"] not in OPEN:
        return to("page_of_status", job_id=job_id)
    return _show(found)


def _show(found: Job, error: ApiError | None = None, typed: Mapping[str, str] | None = None) -> str:
    source = api().get(path(found["id"], "source"))
    shown = {**_shown(source), **_typed(typed or {})}
    mapping: ColumnMapping | None = None
    if found["status"] == "proposed":
        mapping = api().get(path(found["id"], "mapping"))
    return render_template(
        "file.html",
        job=found,
        source=source,
        shown=shown,
        on_hold=is_on_hold(found),
        reading=found["status"] in ("uploaded", "read") and not is_on_hold(found),
        kinds=list(KINDS.items()),
        delimiters=_with(DELIMITERS, shown.get("delimiter")),
        severity=SEVERITY,
        people=people(found) if source.get("same_as") else {},
        mapping=mapping,
        first=steps.mapping_pages(found["kind"])[0],
        may_check=mapping is not None and mapping_view.is_recognised(mapping, source),
        left_out=mapping_view.not_imported(mapping, source) if mapping else [],
        layouts=mapping_view.RECOGNISED,
        was_loaded=WAS_LOADED,
        of_people=mapping is not None and mapping_view.makes_accounts_of_people(found["kind"], mapping),
        refusal=_refusal(found, source, shown, error),
    )


def _refusal(found: Job, source: Source, shown: Mapping[str, object], error: ApiError | None) -> str | None:
    if error is None or not is_stale(error):
        return refusal_of(error)
    now = _shown(source)
    return kept(found, [str(CALLED[name]) for name in CALLED if shown.get(name) != now.get(name)])


def _typed(form: Mapping[str, str]) -> dict[str, object]:
    """The choices of a form that was refused."""
    typed: dict[str, object] = {name: lines(text) for name in TEXTS if (text := form.get(name))}
    number = whole(form.get(HEADER_ROW))
    return typed if number is None else {**typed, HEADER_ROW: number}


def is_on_hold(found: Job) -> bool:
    """Whether the file could not be read as the person chose."""
    waiting = found["waiting_for"]
    return found["status"] == "uploaded" and waiting is not None and waiting["who"] == "person"


def _shown(source: Source) -> dict[str, object]:
    """The values of the form: what was detected, and the person's choices where nothing could be read."""
    return {HIDDEN: False, **source.get("overrides", {}), **source}


def _with(known: Mapping[str, LazyString | str], value: object) -> list[tuple[str, LazyString | str]]:
    """The options; the value that was found is always one of them."""
    rare = [(value, value)] if isinstance(value, str) and value and value not in known else []
    return [*known.items(), *rare]


@pages.post("/jobs/<job_id>/file")
def read_again(job_id: str) -> ResponseReturnValue:
    """Read the file again with other choices."""
    source = api().get(path(job_id, "source"))
    try:
        chosen = _chosen(source)
        if chosen is not None:
            as_seen()
            api().put(path(job_id, "source"), chosen)
            done(gettext("The file is read again."))
    except ApiError as error:
        if error.status not in SHOWN:
            raise
        return _show(job(job_id), error, request.form), error.status
    return to("file", job_id=job_id)


def _chosen(source: Source) -> dict[str, object] | None:
    """All choices after those of the form; None where it changes nothing.

    Another sheet begins without the header row of the one before.
    """
    before, shown = source.get("overrides", {}), _shown(source)
    if "anew" in request.form:
        return {}
    changed = {name: value for name, value in _asked().items() if value != shown.get(name)}
    if not changed:
        return None
    kept = {name: value for name, value in before.items() if name != HEADER_ROW or "sheet" not in changed}
    return {**kept, **changed}


def _asked() -> dict[str, object]:
    """What the form has filled in."""
    asked: dict[str, object] = {name: lines(text) for name in TEXTS if (text := request.form.get(name))}
    if HIDDEN in request.form:
        asked[HIDDEN] = request.form[HIDDEN] == "1"
    if header_row := request.form.get(HEADER_ROW):
        asked[HEADER_ROW] = whole(header_row)
        if asked[HEADER_ROW] is None:
            raise ApiError(422, "not_a_number", gettext("The row of the headers must be a number."))
    return asked


@pages.post("/jobs/<job_id>/check")
def check(job_id: str) -> ResponseReturnValue:
    """Check the rows with the mapping and the settings as they are suggested."""
    try:
        as_seen()
        confirm(job_id)
    except ApiError as error:
        if error.status not in SHOWN:
            raise
        done((what_changed(job(job_id)) if is_stale(error) else refusal_of(error)) or "", "warn")
        return to("page_of_status", job_id=job_id)
    return to("review", job_id=job_id)


@pages.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> ResponseReturnValue:
    """Stop an import before anything is loaded."""
    try:
        as_seen()
        api().post(path(job_id, "cancel"))
        done(gettext("The import is cancelled; nothing was changed."))
    except ApiError as error:
        if error.status not in (409, STALE):
            raise
        stale = is_stale(error)
        not_done = gettext("The import was not cancelled.")
        done(f"{what_changed(job(job_id))} {not_done}" if stale else sentence(error), "warn")
    return to("page_of_status", job_id=job_id)
