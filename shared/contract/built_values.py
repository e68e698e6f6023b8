"""Values that a mapping builds from columns: their bounds, the fields that they fill, and what is wrong with them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from shared.contract.custom_fields import id_of
from shared.contract.documents.job import BuildStep, BuiltValue, ChosenBuiltValue, ColumnMapping
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import ProblemAt
from shared.contract.fields import FIELDS, RECORDS_OF_KIND
from shared.contract.job import columns_by_field, key_of_built, sources_of_built

#: What a text means, in the values of a mapping and in a list to look up in, so that its rows are left out.
LEFT_OUT_VALUE = "__SKIP__"

MOST_BUILT, MOST_PARTS, MOST_STEPS, MOST_PAIRS = 20, 20, 10, 500
CASES = ("upper", "lower", "title")
RESTS = ("keep", "blank", "value")


def with_fields(chosen: Iterable[ChosenBuiltValue], custom_fields: Sequence[CustomField]) -> list[BuiltValue]:
    """Built values as they are kept: those for a custom field of the firm, by key or by name, with the field."""
    return [_with_field(one, custom_fields) for one in chosen]


def _with_field(one: ChosenBuiltValue, custom_fields: Sequence[CustomField]) -> BuiltValue:
    target, named = one.get("target"), one.get("custom")
    record, _, name = (target or "").partition(".custom.")
    wanted = (named.get("record", "account"), named["name"]) if named else (record, name)
    known = next((each for each in custom_fields if (each["record"], each["name"]) == wanted), None)
    built: BuiltValue = {"target": target, "parts": one["parts"], "steps": one.get("steps") or []}
    if known is None:
        return {**built, "target": ".custom.".join(wanted)} if named and not target else built
    custom: CustomField = {
        "id": id_of(known),
        "name": known["name"],
        "type": known["type"],
        "record": known["record"],
    }
    return {**built, "target": None, "custom": custom}


def renamed(built: Iterable[BuiltValue], custom_fields: Sequence[CustomField]) -> list[BuiltValue]:
    """The built values with the custom fields of the firm by their present names; those of removed fields are left."""
    known = {(each["record"], id_of(each)): each for each in custom_fields}
    found: list[BuiltValue] = []
    for one in built:
        custom = one.get("custom")
        field = known.get((custom["record"], id_of(custom))) if custom else None
        if field or not custom:
            found.append({**one, "custom": {**custom, "name": field["name"]}} if custom and field else one)
    return found


def problems_of_built(mapping: FieldMapping, kind: str) -> list[ProblemAt]:
    """What is wrong with the built values of a mapping, an entry per problem; `built` is their place in the list."""
    taken = set(columns_by_field({**mapping, "built": []}))
    if mapping["account_type"]["mode"] != "skip":
        taken.add("account.type")
    indexes = {column["index"] for column in mapping["columns"]}
    problems: list[ProblemAt] = []
    for at, built in enumerate(mapping.get("built") or ()):
        found = [*_field_problems(built, kind, taken), *_part_problems(built, indexes)]
        problems += [{"column": None, "built": at, **problem} for problem in found]
        taken.add(key_of_built(built))
    return problems


def _field_problems(built: BuiltValue, kind: str, taken: set[str]) -> Iterator[ProblemAt]:
    """Of the field: it must be one of this kind of import that nothing else fills, but for lists."""
    key, custom = key_of_built(built), built.get("custom")
    shown = f"{custom['record']}.custom.{custom['name']}" if custom else key
    if not key:
        yield _problem("built_without_field")
        return
    if not custom and key not in FIELDS:
        yield _problem("unknown_field", target=key, value=key)
        return
    if (custom["record"] if custom else FIELDS[key].record) not in RECORDS_OF_KIND[kind]:
        yield _problem("not_for_this_kind", value=key, field=shown)
    if key in taken and (custom or not FIELDS[key].repeats):
        yield _problem("built_field_taken", field=shown)


def _part_problems(built: BuiltValue, indexes: set[int]) -> Iterator[ProblemAt]:
    sources = sources_of_built(built)
    if not sources:
        yield _problem("built_without_column")
    yield from (_problem("unknown_column", index=index) for index in sources if index not in indexes)
    for step in built["steps"]:
        yield from (_problem("looked_up_twice", value=text) for text in _listed_twice(step))


def _listed_twice(step: BuildStep) -> Iterator[str]:
    """The texts of a list to look up in that differ from an earlier one in case alone, and become something else."""
    seen: dict[str, str] = {}
    for text, to in step["look_up"]["pairs"].items() if "look_up" in step else ():
        if seen.setdefault(unicodedata.normalize("NFC", text.strip()).casefold(), to) != to:
            yield text


def _problem(code: str, **params: object) -> ProblemAt:
    return {"code": code, "params": params}


def moved(built: Iterable[BuiltValue], places: dict[int, int]) -> list[BuiltValue]:
    """The built values with their columns at other places; those of a column that has none are left out."""
    return [
        {**one, "parts": [{"column": places[p["column"]]} if "column" in p else p for p in one["parts"]]}
        for one in built
        if places.keys() >= set(sources_of_built(one))
    ]


def left_out_texts(column: ColumnMapping) -> list[str]:
    """The texts of a column whose rows are left out."""
    return column.get("leave_out") or []
