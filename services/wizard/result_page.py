"""The page after the start of an import: progress, numbers, rows left out, and undo."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.wizard import result_view
from services.wizard.answers import Job, LeftOut
from services.wizard.api import ApiError
from services.wizard.pages import api, done, job, pages, path, people, sentence, to
from shared.contract.skipped_rows import MOST_ROWS

STARTED = ("confirmed", "imported", "failed", "cancelled", "undoing", "undone")
AT_WORK = ("confirmed", "undoing")
EXAMPLES = 5
REPAIRS_SHOWN = 5
REFUSED = (409, 410, 413, 415, 422)


@pages.get("/jobs/<job_id>/result")
def result(job_id: str) -> ResponseReturnValue:
    """Show the progress of an import, or its result."""
    found = job(job_id)
    if found["status"] not in STARTED:
        return to("page_of_status", job_id=job_id)
    return _show(found)


def _show(found: Job, error: ApiError | None = None) -> str:
    here = found["id"]
    outcome = api().get(path(here, "result"))
    imported = found["status"] == "imported"
    counting = imported and outcome["left_out"] is None
    undo = None if found["status"] in AT_WORK else api().get(path(here, "undo"), numbers="false")
    report = api().get(path(here, "report")) if imported and not found.get("purged_at") else {}
    planned = report.get("records", {})
    return render_template(
        "result.html",
        job=found,
        view=result_view,
        people=people(found),
        result=outcome["result"],
        rows=outcome["rows"],
        began=result_view.loading_began(found),
        partners=result_view.partners_made(outcome["result"], planned),
        at_work=found["status"] in AT_WORK,
        counting=counting,
        left_out=_left_out(found, outcome["left_out"]) if imported and outcome["left_out"] else None,
        asks_questions=bool(report.get("settings", {}).get("questionnaire")),
        as_workbook=outcome["result"]["rows_skipped"] <= MOST_ROWS,
        undo=undo,
        repaired=job(repaired) if (repaired := found.get("repairs")) else None,
        repaired_by=_repaired_by(found),
        mail_due=result_view.mail_is_due(found, datetime.now(UTC)),
        refusal=sentence(error) if error else None,
    )


def _repaired_by(found: Job) -> list[Job]:
    """The latest imports of corrected rows that loaded any."""
    others = (job(other) for other in found["repaired_by"][-REPAIRS_SHOWN:])
    return [other for other in others if other["result"]["rows_loaded"]]


def _left_out(found: Job, counted: list[LeftOut]) -> dict[str, object]:
    """The reasons, and example rows of the one that is chosen; a job whose rows are deleted has none."""
    if found.get("purged_at"):
        return {"reasons": result_view.reasons(counted, None), "chosen": None}
    here = found["id"]
    # the report's examples are those of the review; after repairs they would be wrong
    report = None if found["repaired_by"] else api().get(path(here, "report"))
    known = result_view.reasons(counted, report)
    chosen = next((each for each in known if each["code"] == request.args.get("reason")), known[0])
    asked = result_view.query_of(chosen["code"])
    rows = api().get(path(here, "rows"), limit=EXAMPLES, **asked)["items"]
    columns = api().get(path(here, "mapping"))["columns"]
    columns, shown = result_view.example_rows(rows, columns, chosen)
    return {"reasons": known, "chosen": chosen, "columns": columns, "rows": shown}


@pages.post("/jobs/<job_id>/stop")
def stop(job_id: str) -> ResponseReturnValue:
    """Stop loading; what was loaded stays."""
    try:
        api().post(path(job_id, "cancel"))
        done(gettext("The import is stopped."))
    except ApiError as error:
        if error.status != 409:
            raise
        done(gettext("It was done before it could be stopped."), "note")
    return to("result", job_id=job_id)


@pages.get("/jobs/<job_id>/corrected")
def corrected(job_id: str) -> ResponseReturnValue:
    """Wait for the import of corrected rows, which goes on by itself, and show its result."""
    found = job(job_id)
    waiting = found["waiting_for"]
    if (waiting and waiting["who"] == "person") or found["status"] in STARTED:
        return to("page_of_status", job_id=job_id)
    return render_template("result_soon.html", job=found)


@pages.get("/jobs/<job_id>/undo")
def undo_preview(job_id: str) -> ResponseReturnValue:
    """What undoing the import will do."""
    found = job(job_id)
    if found["status"] in ("undoing", "undone"):
        return to("result", job_id=job_id)
    return _show_undo(found)


def _show_undo(found: Job, refusal: str | None = None) -> str:
    undo = api().get(path(found["id"], "undo"))
    return render_template("undo.html", job=found, undo=undo, refusal=refusal)


@pages.post("/jobs/<job_id>/undo")
def undo(job_id: str) -> ResponseReturnValue:
    """Undo the import, once the person has agreed."""
    if not request.form.get("sure"):
        return _show_undo(job(job_id), gettext("Tick the box to say that you mean it.")), 422
    try:
        api().post(path(job_id, "undo"))
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        return _show_undo(job(job_id), sentence(error)), error.status
    return to("result", job_id=job_id)


@pages.post("/jobs/<job_id>/delete")
def delete(job_id: str) -> ResponseReturnValue:
    """Delete the file and the rows; the numbers stay."""
    api().delete(path(job_id))
    done(gettext("The file and its rows are deleted."))
    return to("result", job_id=job_id)
