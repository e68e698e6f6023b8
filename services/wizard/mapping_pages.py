"""Steps two and four: where the columns of the file go, in accounts and in contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from babel import Locale
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug import Response

from services.wizard import built_view, column_list, mapping_view, session, steps
from services.wizard.answers import AskedMapping, ColumnMapping, Job, Preview, Report, UnknownValue
from services.wizard.api import ApiError
from services.wizard.column_list import Looked
from services.wizard.file_page import is_on_hold
from services.wizard.forms import whole
from services.wizard.going_on import go_on, refusal_of
from services.wizard.mapping_view import ColumnView
from services.wizard.meanwhile import SHOWN, as_seen, changed_of, is_stale, kept, what_changed
from services.wizard.pages import api, done, fields, job, pages, path, to
from shared.contract.edits import MAPPING, SOURCE

READING = ("uploaded", "read")
#: the records whose columns a page shows first
RECORDS = {"accounts": ("account",), "contacts": ("contact", "spouse")}
OPEN = (*READING, "proposed", "mapped", "validated")
#: how many rows a preview of built values shows
PREVIEWED = 3


@pages.route("/jobs/<job_id>/accounts", methods=["GET", "POST"])
def accounts(job_id: str) -> ResponseReturnValue:
    """Which columns go where in accounts."""
    return _step(job_id, "accounts")


@pages.route("/jobs/<job_id>/contacts", methods=["GET", "POST"])
def contacts(job_id: str) -> ResponseReturnValue:
    """Which columns go where in contacts."""
    return _step(job_id, "contacts")


def _step(job_id: str, step: str) -> ResponseReturnValue:
    found = job(job_id)
    if found["status"] not in OPEN or is_on_hold(found):
        return to("page_of_status", job_id=job_id)
    if step not in steps.PAGES[found["kind"]]:
        return to(steps.mapping_pages(found["kind"])[0], job_id=job_id)
    if request.method == "GET":
        return _show(found, step)
    mapping, go = api().get(path(job_id, "mapping")), request.form.get("go", "next")
    asked = mapping_view.from_form(request.form, mapping, fields())
    if go == "preview":
        return _show(found, step, asked, preview=_preview(found, asked))
    wanted = _for_all(go, found, step, mapping, asked) if go in column_list.FOR_ALL else asked
    try:
        if not mapping_view.same(wanted, mapping):
            as_seen(SOURCE, MAPPING)
            api().put(path(job_id, "mapping"), wanted)
        return _on_the_list(found, step, go) or go_on(found, step, go)
    except ApiError as error:
        if error.status not in SHOWN:
            raise
        return _show(job(job_id), step, asked, error), error.status


def _on_the_list(found: Job, step: str, go: str) -> Response | None:
    """Where a button leads that stays on the list of a wide file: another page of it, or this one again."""
    if go not in (*column_list.FOR_ALL, *column_list.LOOKING, "stay") and not go.startswith("page:"):
        return None
    if go in (*column_list.FOR_ALL, "stay"):
        done(gettext("Saved."))
    query = Looked.of(request.form).then(go).query()
    if go == "built" or (go == "find" and "built" in request.form):
        query["built"] = "1"
    return to(step, job_id=found["id"], **query)


def _for_all(go: str, found: Job, step: str, mapping: ColumnMapping, asked: AskedMapping) -> AskedMapping:
    """The mapping in which a button changed all columns of a list."""
    known, source = fields(), api().get(path(found["id"], "source"))
    view = mapping_view.columns_of(_as_asked(mapping, asked), source, known)
    listed = column_list.listed(view, known, Looked.of(request.form), _own(view, step))
    record = RECORDS[step][0]
    return column_list.for_all(go, listed.found, asked, record)


def _own(view: Sequence[ColumnView], step: str) -> set[int]:
    """The columns that fill records of a step."""
    return {column.index for column in view if column.records & set(RECORDS[step])}


def _preview(found: Job, asked: AskedMapping | None = None) -> Preview | ApiError:
    """The first rows under the mapping that is asked for, else under the one of the job; or why there are none."""
    body = {"rows": PREVIEWED, **({"mapping": asked} if asked else {})}
    try:
        shown: Preview = api().post(path(found["id"], "mapping/preview"), body)
        return shown
    except ApiError as error:
        return error


def _show(
    found: Job,
    step: str,
    asked: AskedMapping | None = None,
    error: ApiError | None = None,
    preview: Preview | ApiError | None = None,
) -> str:
    source = api().get(path(found["id"], "source"))
    if not source.get("columns"):
        return render_template("mapping_soon.html", job=found, step=step)
    mapping = api().get(path(found["id"], "mapping"))
    stale = (
        kept(found, mapping_view.differing(asked, mapping)) if error and asked and is_stale(error) else None
    )
    if asked:
        mapping = _as_asked(mapping, asked)
    elif mapping.get("built") and not mapping.get("provisional"):
        preview = _preview(found)
    error = error or (preview if asked and isinstance(preview, ApiError) else None)
    first_rows = None if preview is None or isinstance(preview, ApiError) else preview
    known = fields()
    view = mapping_view.columns_of(mapping, source, known, error.errors if error else None)
    built = built_view.views_of(mapping.get("built", []), error.errors if error else None, first_rows)
    groups = mapping_view.groups_of(known.values(), found["kind"])
    return render_template(
        "mapping.html",
        job=found,
        step=step,
        is_last=step == steps.mapping_pages(found["kind"])[-1],
        unsaved=asked is not None,
        mapping=mapping,
        source=source,
        fields=known,
        columns=view,
        list=column_list.listed(view, known, Looked.of(request.values), _own(view, step), _posted(asked)),
        parts=column_list.PARTS,
        may_create=any(column.get("suggested_custom") for column in mapping["columns"]),
        built_open="built" in request.values or any(one.wrong for one in built),
        records=RECORDS[step],
        groups=groups,
        shown_here=_own(view, step),
        offered={key for _, options in groups for key, _ in options} | {mapping_view.SKIP, mapping_view.NEW},
        built=built,
        built_view=built_view,
        left_out=mapping_view.left_out_of(mapping, source, known),
        done=mapping_view.DONE,
        account_types=mapping_view.account_types(mapping, known, source),
        values=mapping_view.values_of(mapping, source, known, api().get("/directory"), _unknown(found)),
        recognised=mapping_view.RECOGNISED,
        custom_types=mapping_view.CUSTOM_TYPES,
        joins=mapping_view.JOINS,
        requirable=mapping_view.requirable(mapping, known),
        regions=_regions(),
        refusal=stale or refusal_of(error),
    )


def _posted(asked: AskedMapping | None) -> set[int] | None:
    """The columns of a form whose choices are not kept; None where the page shows what is kept."""
    if asked is None:
        return None
    return {index for name in request.form if (index := whole(name.removeprefix("target-"))) is not None}


def _as_asked(mapping: ColumnMapping, asked: AskedMapping) -> ColumnMapping:
    """The mapping that was refused, so that the person sees what they had chosen."""
    given = {column["index"]: column for column in asked["columns"]}
    empty = {"target": None, "also": None, "custom": None, "join": None, "split": False}
    columns = [{**column, **empty, **given[column["index"]]} for column in mapping["columns"]]
    return cast("ColumnMapping", {**mapping, **asked, "columns": columns})


def _unknown(found: Job) -> list[UnknownValue]:
    if found["status"] != "validated":
        return []
    report: Report = api().get(path(found["id"], "report"))
    return report["unknown_values"]


def _regions() -> list[tuple[str, str]]:
    territories = Locale(session.language()).territories
    named = [(code, name) for code, name in territories.items() if len(code) == 2 and code.isalpha()]
    return sorted(named, key=lambda entry: entry[1])


@pages.post("/jobs/<job_id>/mapping-profile")
def save_mapping(job_id: str) -> ResponseReturnValue:
    """Keep the mapping under a name for later files."""
    name, found = request.form.get("name", "").strip(), job(job_id)
    page = steps.mapping_pages(found["kind"])[-1]
    if MAPPING in changed_of(found):
        done(f"{what_changed(found)} {gettext('Look at it before you save it under a name.')}", "warn")
        return to(page, job_id=job_id, name=name)
    if name:
        api().post("/mapping-profiles", {"name": name[:100], "job": found["id"]})
        done(
            gettext("The mapping is saved as “%(name)s”. Files with the same headers will use it.", name=name)
        )
    return to(page, job_id=job_id)
