"""Step three: what the import gives to the new accounts, how it finds those that exist, and rules."""

from __future__ import annotations

from babel import Locale
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.wizard import session, settings_view
from services.wizard.answers import Column, Field, Job
from services.wizard.api import ApiError
from services.wizard.pages import api, done, fields, job, pages, path, sentence, to
from shared.contract.documents.job import Settings
from shared.contract.documents.reference import Reference
from shared.contract.fields import RECORDS_OF_KIND, SETTABLE

OPEN = ("proposed", "mapped", "validated")


@pages.route("/jobs/<job_id>/settings", methods=["GET", "POST"])
def settings(job_id: str) -> ResponseReturnValue:
    """What the import applies to the records it makes."""
    found = job(job_id)
    if found["status"] not in OPEN:
        return to("page_of_status", job_id=job_id)
    current, directory = api().get(path(job_id, "settings")), api().get("/directory")
    columns = api().get(path(job_id, "mapping"))["columns"]
    mapped = _mapped_fields(columns)
    if request.method == "GET":
        return _show(found, current, directory, columns, mapped)
    asked = settings_view.from_form(request.form, current, mapped, directory)
    try:
        if asked != current:
            api().put(path(job_id, "settings"), asked)
        return _go_on(job_id)
    except ApiError as error:
        if error.status not in (409, 422):
            raise
        return _show(job(job_id), asked, directory, columns, mapped, error), error.status


def _go_on(job_id: str) -> ResponseReturnValue:
    where = request.form.get("go", "next")
    if where == "stay":
        done(gettext("Kept."))
    return to({"back": "accounts", "stay": "settings"}.get(where, "contacts"), job_id=job_id)


def _show(
    found: Job,
    current: Settings,
    directory: Reference,
    columns: list[Column],
    mapped: dict[str, Field],
    error: ApiError | None = None,
) -> str:
    refusals = error.errors if error and isinstance(error.errors, list) else []
    named = Locale(session.language()).languages
    return render_template(
        "settings.html",
        job=found,
        settings=current,
        directory=directory,
        columns=columns,
        fields=mapped,
        places=[*(f"field:{key}" for key in mapped), *(f"column:{column['index']}" for column in columns)],
        language_names=[(code, f"{named.get(code, code)}".capitalize()) for code in directory["languages"]],
        rules=settings_view.rules_of(current, directory["team_members"]),
        view=settings_view,
        effects=settings_view.effects_of({**_settable(found["kind"]), **mapped}),
        wrong={entry["setting"].split(".")[0]: entry["message"] for entry in refusals if "setting" in entry},
        refusal=sentence(error) if error else None,
    )


def _settable(kind: str) -> dict[str, Field]:
    """The fields that a rule may set in an import of this kind."""
    records = RECORDS_OF_KIND[kind]
    return {key: one for key, one in fields().items() if key in SETTABLE and one["record"] in records}


def _mapped_fields(columns: list[Column]) -> dict[str, Field]:
    """The fields that columns go to, in the order of the file, also those of the firm's own."""
    known, found = fields(), dict[str, Field]()
    for column in columns:
        if (key := column["target"]) and key in known:
            found[key] = known[key]
        elif column["action"] == "custom" and (custom := column["custom"]):
            key = f"{custom['record']}.custom.{custom['name']}"
            found[key] = known.get(key) or {
                "key": key,
                "record": custom["record"],
                "label": custom["name"],
                "type": custom["type"],
                "repeats": False,
                "choices": [],
            }
    return found
