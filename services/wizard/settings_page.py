"""Step three: what the import gives to the new accounts, how it finds those that exist, and rules."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.wizard import built_view, settings_view
from services.wizard.answers import Column, ColumnMapping, Field, Job, Preview
from services.wizard.api import ApiError
from services.wizard.going_on import go_on, refusal_of
from services.wizard.pages import api, fields, job, pages, path, to
from shared.contract.documents.job import Rule, Settings
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
    mapping: ColumnMapping = api().get(path(job_id, "mapping"))
    columns = mapping["columns"]
    mapped = _mapped_fields(mapping)
    if request.method == "GET":
        return _show(found, current, directory, columns, mapped)
    asked = settings_view.from_form(request.form, current, mapped, directory)
    if request.form.get("go") == "preview":
        return _show(found, asked, directory, columns, mapped)
    try:
        if asked != current:
            api().put(path(job_id, "settings"), asked)
        return go_on(found, "settings", request.form.get("go", "next"))
    except ApiError as error:
        if error.status not in (409, 422):
            raise
        return _show(job(job_id), asked, directory, columns, mapped, error), error.status


def _preview(found: Job, rules: list[Rule]) -> Preview | ApiError | None:
    """Which of the first rows the rules apply to; None without rules, or why there is no preview."""
    if not rules:
        return None
    try:
        shown: Preview = api().post(path(found["id"], "mapping/preview"), {"rules": rules})
        return shown
    except ApiError as error:
        return error


def _show(
    found: Job,
    current: Settings,
    directory: Reference,
    columns: list[Column],
    mapped: dict[str, Field],
    error: ApiError | None = None,
) -> str:
    preview = None if error else _preview(found, current["rules"])
    if isinstance(preview, ApiError):
        error = preview if preview.status == 422 else None
    refusals = error.errors if error and isinstance(error.errors, list) else []
    settable = _settable(found["kind"])
    absent = {key: field for key, field in settable.items() if key not in mapped}
    return render_template(
        "settings.html",
        job=found,
        settings=current,
        directory=directory,
        columns=columns,
        fields=mapped,
        absent=absent,
        labels=settings_view.labels_of({**absent, **mapped}),
        places=[
            *(f"field:{key}" for key in {**mapped, **absent}),
            *(f"column:{column['index']}" for column in columns),
        ],
        language_names=settings_view.languages_of(directory),
        rules=settings_view.rules_of(current, directory["team_members"]),
        view=settings_view,
        preview=None if isinstance(preview, ApiError) else preview,
        effects=settings_view.effects_of({**settable, **mapped}, current),
        wrong={entry["setting"].split(".")[0]: entry["message"] for entry in refusals if "setting" in entry},
        refusal=refusal_of(error),
    )


def _settable(kind: str) -> dict[str, Field]:
    """The fields that a rule may set in an import of this kind."""
    records = RECORDS_OF_KIND[kind]
    return {
        key: one
        for key, one in fields().items()
        if (key in SETTABLE or ".custom." in key) and one["record"] in records
    }


def _mapped_fields(mapping: ColumnMapping) -> dict[str, Field]:
    """The fields that columns and built values go to, in the order of the file, also those of the firm's own."""
    known, found = fields(), dict[str, Field]()
    for column in mapping["columns"]:
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
    built = [built_view.key_of(one) for one in mapping.get("built", [])]
    return found | {key: known[key] for key in built if key in known}
