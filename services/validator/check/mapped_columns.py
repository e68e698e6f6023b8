"""Turns the columns of a file into the columns that are checked: which field each fills, joined or taken apart."""

from __future__ import annotations

from collections.abc import Sequence

from services.validator.check.built_values import built_column
from shared.contract.documents.job import BuiltValue, Mapping
from shared.contract.documents.reference import CustomField
from shared.contract.fields import FIELDS, Field
from shared.contract.job import built_of
from shared.values.addresses import split_street
from shared.values.own_fields import custom_field
from shared.values.phone_prefixes import with_prefix

#: The check of country codes beside phone numbers.
PREFIX = "phone_prefix"

Cells = Sequence[str]


def fields_of(mapping: Mapping) -> list[tuple[int, Field]]:
    """The columns that are loaded, with the field of each; built values follow as columns behind those of the file."""
    mapped = []
    for column in mapping["columns"]:
        if column["action"] == "sync" and (target := column["target"]):
            mapped.append((column["index"], FIELDS[target]))
            if also := column.get("also"):
                mapped.append((column["index"], FIELDS[also]))
        elif column["action"] == "custom" and (custom := column["custom"]):
            mapped.append((column["index"], custom_field(custom)))
    return mapped + [
        (index, custom_field(custom) if (custom := built.get("custom")) else FIELDS[built["target"] or ""])
        for index, built in built_columns(mapping).items()
    ]


def built_columns(mapping: Mapping) -> dict[int, BuiltValue]:
    """The built values by the index that each has as a column."""
    first = 1 + max((column["index"] for column in mapping["columns"]), default=-1)
    return dict(enumerate(built_of(mapping), first))


def settable(mapping: Mapping, set_fields: Sequence[CustomField] = ()) -> dict[str, Field]:
    """The fields that rules may set, by key: all of ours, and the firm's own that columns fill or rules name."""
    own = [*map(custom_field, set_fields), *(target for _, target in fields_of(mapping))]
    return {**FIELDS, **{target.key: target for target in own}}


def columns_to_check(mapping: Mapping, cells: Sequence[Cells]) -> list[tuple[int, Field, Cells]]:
    """The columns as they are checked: index, field and cells.

    Several columns of one field that has a text to join them become one. An address that is to be taken apart becomes
    several. Phone numbers get the country code that has a column of its own. Built values are columns, too.
    """
    columns = {column["index"]: column for column in mapping["columns"]}
    cells = [*cells, *(built_column(built, cells) for built in built_of(mapping))]
    joined: dict[str, int] = {}
    found: list[tuple[int, Field, Cells]] = []
    cells = _with_prefixes(mapping, cells)
    for index, target in fields_of(mapping):
        join = columns[index].get("join") if index in columns else None
        if join is not None and target.key in joined:
            at = joined[target.key]
            first, field, before = found[at]
            found[at] = (
                first,
                field,
                [_with(join, *pair) for pair in zip(before, cells[index], strict=True)],
            )
            continue
        joined[target.key] = len(found)
        found.append((index, target, cells[index]))
        if index in columns and columns[index].get("split"):
            street, number, box = zip(*map(split_street, cells[index]), strict=True)
            found[-1] = (index, target, street)
            for name, own in (("house_number", number), ("box", box)):
                key = f"{target.record}.{name}"
                if not any(each.key == key for _, each in fields_of(mapping)):
                    found.append((index, FIELDS[key], own))
    return found


def _with_prefixes(mapping: Mapping, cells: Sequence[Cells]) -> Sequence[Cells]:
    """The cells with each phone number behind its country code.

    A column of country codes is for the phone columns right of it, up to the next such column; where there are none,
    for the one left of it.
    """
    fields = dict(fields_of(mapping))
    prefixes = [index for index, target in fields.items() if target.check == PREFIX]
    if not prefixes or not cells:
        return cells
    phones = sorted(index for index, target in fields.items() if target.type == "phone")
    changed = list(cells)
    for prefix, end in zip(sorted(prefixes), [*sorted(prefixes)[1:], len(cells)], strict=True):
        own = [at for at in phones if prefix < at < end] or [at for at in phones if at < prefix][-1:]
        for at in own:
            changed[at] = [with_prefix(*pair) for pair in zip(cells[prefix], cells[at], strict=True)]
    return changed


def _with(join: str, *parts: str) -> str:
    return join.join(part.strip() for part in parts if part.strip())
