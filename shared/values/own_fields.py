"""The firm's own fields as target fields: what their values are, and how they are checked."""

from __future__ import annotations

from dataclasses import replace

from shared.contract.custom_fields import id_of
from shared.contract.documents.reference import CustomField
from shared.contract.fields import FIELDS, Field

#: How values of choices are kept, and how they are checked: those of a field that the firm has fit its choices.
_TYPES = {"choice": "text", "multi-choice": "list"}
_CHECKS = {"choice": "custom_choice", "multi-choice": "custom_choices"}


def custom_field(custom: CustomField) -> Field:
    """A custom field of the firm as a target field."""
    likeness = next(f for f in FIELDS.values() if f.type == "text")
    name = f"custom.{id_of(custom)}"
    kind = _TYPES.get(custom["type"], custom["type"])
    check = _CHECKS.get(custom["type"], kind)
    return replace(
        likeness, key=f"{custom['record']}.{name}", record=custom["record"], name=name, type=kind, check=check
    )
