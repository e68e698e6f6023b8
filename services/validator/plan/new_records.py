"""Makes new records from the values of rows, and completes them with what the settings give."""

from __future__ import annotations

from collections.abc import Mapping

from services.validator.plan.context import PlanContext
from services.validator.plan.row_values import as_list, union
from shared.contract.documents.job import Settings
from shared.contract.documents.values import Value
from shared.contract.records import CLEAR


def new_record(values: Mapping[str, Value]) -> dict[str, object]:
    """Values as a new record: custom fields lie in a part of their own, and there is nothing to clear."""
    filled = {name: value for name, value in values.items() if value != CLEAR}
    record: dict[str, object] = {
        name: value for name, value in filled.items() if not name.startswith("custom.")
    }
    custom = {name[7:]: value for name, value in filled.items() if name.startswith("custom.")}
    if custom:
        record["custom"] = custom
    return record


def complete_person(record: dict[str, object], settings: Settings, at_home: object) -> None:
    """Give a new contact a language: its own, else that of its household or account, else that of the settings."""
    if at_home:
        record.setdefault("language", at_home)
    if settings["language"]:
        record.setdefault("language", settings["language"])


def complete_account(
    record: dict[str, object], settings: Settings, context: PlanContext, found_type: str | None
) -> None:
    """Give a new account what the settings have for it, and a type: its own, else the one that was found."""
    record.setdefault("type", found_type or "Other")
    if record["type"] == "Company":
        record.setdefault("company_name", record["name"])
    record["tags"] = union(as_list(record.get("tags")), settings["tags"])
    if settings.get("roles"):
        record["roles"] = union(as_list(record.get("roles")), settings["roles"])
    named = as_list(record.get("assignees")) or ([] if settings["assignees"] else [context.importer])
    record["assignees"] = union(named, settings["assignees"], context.default_members)
    if settings["folder_template"]:
        record.setdefault("folder_template", settings["folder_template"])
    if settings["questionnaire"]:
        record["questionnaire"] = {"name": settings["questionnaire"], "status": "not_sent"}
