"""The columns of a mapping that fill custom fields: which are new, which the firm has, and by which id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.contract.custom_fields import custom_of, id_of, with_id
from shared.contract.documents.job import ColumnMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import ProblemAt


def new_fields(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns that fill a custom field which the firm does not have."""
    known = {(each["record"], each["name"]) for each in custom_fields}
    return [
        column
        for column in columns
        if (custom := custom_of(column)) and (custom["record"], custom["name"]) not in known
    ]


def fields_not_allowed(
    columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]
) -> list[ProblemAt]:
    """One problem for each column that needs a new custom field, for callers who may not create any."""
    return [
        {
            "column": column["index"],
            "code": "may_not_create_custom_field",
            "params": {"value": custom["name"]},
        }
        for column in new_fields(columns, custom_fields)
        if (custom := custom_of(column))
    ]


def with_ids(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns with the ids of the custom fields that they fill; a new field gets an id."""
    return [
        {**column, "custom": with_id(custom, custom_fields) if (custom := custom_of(column)) else None}
        for column in columns
    ]


def without_choices(known: CustomField) -> CustomField:
    """A custom field of the firm as a column of a mapping names it."""
    return {"id": id_of(known), "name": known["name"], "type": known["type"], "record": known["record"]}
