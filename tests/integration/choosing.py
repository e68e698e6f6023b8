"""Choices of a person for tests: a mapping of columns, and settings."""

from __future__ import annotations

from typing import Any


def mapping_of(*targets: str, custom_type: str = "text", **more: Any) -> dict[str, Any]:
    """A confirmed mapping of columns in their order; `""` skips one, `account.custom.X` is a new field."""
    columns = []
    for index, target in enumerate(targets):
        column: dict[str, Any] = {"index": index, "header": target, "action": "sync", "target": target}
        if not target:
            column = {"index": index, "header": f"Column {index}", "action": "skip", "target": None}
        elif ".custom." in target:
            record, _, name = target.split(".", 2)
            custom = {"name": name, "type": custom_type, "record": record}
            column |= {"action": "custom", "target": None, "custom": custom}
        columns.append(column)
    first = {"account_type": {"mode": "skip"}, "values": {}, "date_order": None, "phone_region": None}
    return {"columns": columns, **first, **more}


def settings_of(**chosen: Any) -> dict[str, Any]:
    """Settings of a job: nothing is given to records unless it is chosen."""
    return {
        "contacts": {},
        "tags": [],
        "assignees": [],
        "folder_template": None,
        "language": None,
        "questionnaire": None,
        "rules": [],
        "match": {
            "accounts": ["client_code", "number", "email_and_name", "name"],
            "contacts": ["number", "email_and_name", "name"],
        },
        "mode": "both",
        "merge_default": "fill_empty",
        "on_change": "skip",
        "merge": {},
        **chosen,
    }
