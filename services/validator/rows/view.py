"""Shows rows as a person sees them: cells with problems, fixes, plan and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NotRequired, TypedDict

from services.validator.check.built_values import VALUE_BUILT, built_column
from shared.contract.custom_fields import Names
from shared.contract.documents.chunk import (
    EditedCells,
    FoundRows,
    Kept,
    Link,
    NamedFix,
    RowProblem,
    RowsOutcome,
    Update,
)
from shared.contract.documents.job import BuiltValue
from shared.contract.documents.job import Mapping as ColumnsMapping
from shared.contract.documents.values import Decision, Value
from shared.contract.fields import label
from shared.contract.job import built_from, built_of, columns_by_field, key_of_built
from shared.contract.problems import sentence, severity
from shared.contract.records import BLANK, RELATIONSHIP, masked, public_id, values_of

#: The record that a slot of a row fills.
RECORD = {"account": "account", "contact": "contact", "spouse": "contact"}


class ShownProblem(TypedDict):
    """A problem of a row; `column` is the index of the column that fills the field.

    `built_from` has all the columns of a field that is built from columns; `column` is the first. `suggestion` is
    what may be meant in place of the value.
    """

    code: str
    severity: str
    field: str
    column: int | None
    message: str
    built_from: NotRequired[list[int]]
    candidates: NotRequired[object]
    suggestion: NotRequired[str]


class ShownFix(TypedDict):
    """A value that checking normalised, or built from the columns `built_from`; `column` is None then."""

    code: str
    field: str
    column: int | None
    old: str
    new: Value
    built_from: NotRequired[list[int]]


class ShownChange(TypedDict):
    """One difference of an update: what the record has, what it will have, and why."""

    field: str
    old: object
    new: object
    why: str


class ShownKept(TypedDict):
    """A value of a record that stays, and that of the row."""

    field: str
    old: object
    new: object


class ShownAct(TypedDict):
    """What loading does with one record: `create`, `update`, `link` or `nothing`."""

    do: str
    id: NotRequired[str]
    values: NotRequired[dict[str, object]]
    changes: NotRequired[list[ShownChange]]
    kept: NotRequired[list[ShownKept]]


class ShownLink(TypedDict):
    """A link that loading makes; where it is `known`, loading adds what the contact is to the account."""

    account: str
    contact: str
    switches: NotRequired[dict[str, dict[str, bool]]]
    relationship: NotRequired[list[str]]
    known: NotRequired[bool]


class ShownDecision(TypedDict, total=False):
    """What a person decided of a row, in the words of the request that decides."""

    decision: str | None
    same_as: dict[str, object]
    to_account: bool
    take: list[str]
    without: list[str]


class ShownRow(TypedDict):
    """A row; `row` is None for a record of the firm that the file does not name.

    `plan` has, by slot, what is done with the record, and under `links` the links.
    """

    row: int | None
    cells: list[str]
    bucket: str
    selected: bool
    problems: list[ShownProblem]
    fixes: list[ShownFix]
    plan: dict[str, object]
    outcome: str | None
    decision: ShownDecision


@dataclass(frozen=True)
class FieldsOfFile:
    """By the key of a field the first column that fills it, and all the columns that it is built from.

    `only_built` are the fields that no column fills by itself, `values` the built values.
    """

    columns: Mapping[str, int]
    built: Mapping[str, list[int]]
    only_built: frozenset[str]
    values: Sequence[BuiltValue]

    @classmethod
    def of(cls, mapping: ColumnsMapping) -> FieldsOfFile:
        """What the columns of a mapping fill."""
        built = built_from(mapping)
        alone = frozenset(built.keys() - columns_by_field({**mapping, "built": []}).keys())
        return cls(columns_by_field(mapping), built, alone, built_of(mapping))

    def text_of(self, key: str, cells: Sequence[str]) -> str:
        """The text that is built for a field of a row."""
        columns = [[cell] for cell in cells]
        texts = (built_column(one, columns)[0] for one in self.values if key_of_built(one) == key)
        return "; ".join(text for text in texts if text)


@dataclass(frozen=True)
class RowsOfChunk:
    """Some rows of a chunk: their cells, what was found of them, and the outcomes of the whole chunk once loaded."""

    cells: EditedCells
    found: FoundRows
    outcomes: RowsOutcome | None = None


def show_rows(
    offsets: Sequence[int], chunk: RowsOfChunk, mapping: ColumnsMapping, lang: str, names: Names | None = None
) -> list[ShownRow]:
    """The rows of a chunk at some offsets, which are those that `chunk` holds.

    `names` are those of all custom fields of the job, else those of the mapping are known.
    """
    fields, names = FieldsOfFile.of(mapping), names or Names.of_mapping(mapping)
    outcomes, reasons = (chunk.outcomes.outcomes, chunk.outcomes.reasons) if chunk.outcomes else ([], {})
    at_load = [RowProblem(offset, "", code, {}) for offset, code in reasons.items()]
    problems = shown_problems([*chunk.found.problems, *at_load], fields, names, lang)
    plans = _plans(chunk.found, names)
    cells, left_out = chunk.cells, set(chunk.cells.left_out)
    return [
        {
            "row": number,
            "cells": row,
            "bucket": chunk.found.buckets[offset],
            "selected": offset not in left_out,
            "problems": problems.get(offset, []),
            "fixes": [shown_fix(fix, row, fields, names) for fix in chunk.found.fixes.get(offset, ())],
            "plan": plans.get(offset, {}),
            "outcome": outcomes[offset] if outcomes else None,
            "decision": _decision(cells.decisions.get(offset, _UNDECIDED), names),
        }
        for offset, number, row in zip(offsets, cells.numbers or (), cells.rows, strict=True)
    ]


def show_record_left(record: Mapping[str, object], kind: str, names: Names) -> ShownRow:
    """A record of the firm that the file does not name, in the shape of a row."""
    values = names.values(kind.removesuffix("s"), values_of(record))
    return {
        "row": None,
        "cells": [],
        "bucket": "only_in_system",
        "selected": False,
        "problems": [],
        "fixes": [],
        "plan": {"record": {"id": public_id(str(record["_id"])), "values": values}},
        "outcome": None,
        "decision": {},
    }


_UNDECIDED: Decision = {}


def _decision(kept: Decision, names: Names) -> ShownDecision:
    shown: ShownDecision = {"decision": kept["is"]} if "is" in kept else {}
    if "as" in kept:
        named = kept["as"]
        shown["same_as"] = {"row": named[2]} if isinstance(named, list) else {"id": named}
    if "to_account" in kept:
        shown["to_account"] = True
    if take := kept.get("take"):
        shown["take"] = [names.key(key) for key in take]
    if without := kept.get("without"):
        shown["without"] = [names.key(key) for key in without]
    return shown


def shown_problems(
    problems: Iterable[RowProblem], fields: FieldsOfFile, names: Names, lang: str
) -> dict[int, list[ShownProblem]]:
    """By offset the problems of each row that has any."""
    by_row: dict[int, list[ShownProblem]] = {}
    for offset, key, code, params in problems:
        shown: ShownProblem = {
            "code": code,
            "severity": severity(code),
            "field": names.key(key),
            "column": fields.columns.get(key),
            "message": sentence(code, lang, **{"field": label(names.key(key), lang), **params}),
        }
        if key in fields.built:
            shown["built_from"] = fields.built[key]
        if "candidates" in params:
            shown["candidates"] = params["candidates"]
        if isinstance(suggestion := params.get("suggestion"), str):
            shown["suggestion"] = suggestion
        by_row.setdefault(offset, []).append(shown)
    return by_row


def shown_fix(fix: NamedFix, cells: Sequence[str], fields: FieldsOfFile, names: Names) -> ShownFix:
    """A fix of a row with the text before; of a built value the texts that it is built from."""
    sources = fields.built.get(fix.field, [])
    if sources and (fix.code == VALUE_BUILT or fix.field in fields.only_built):
        old = " + ".join(cells[column] for column in sources if cells[column].strip())
        return {
            "code": fix.code,
            "field": names.key(fix.field),
            "column": None,
            "old": old,
            "new": fields.text_of(fix.field, cells) if fix.value is None else fix.value,
            "built_from": sources,
        }
    column = fields.columns.get(fix.field)
    old = cells[column] if column is not None else ""
    return {"code": fix.code, "field": names.key(fix.field), "column": column, "old": old, "new": fix.value}


def _plans(found: FoundRows, names: Names) -> dict[int, dict[str, object]]:
    """By offset the plan of each row that has any."""
    acts: dict[int, dict[str, ShownAct]] = {}
    for create in (entry for entries in found.creates.values() for entry in entries.values()):
        values = names.values(RECORD[create.slot], values_of(create.record))
        act: ShownAct = {"do": "create", "id": public_id(create.id), "values": values}
        acts.setdefault(create.row, {})[create.slot] = act
    for update in (entry for entries in found.updates.values() for entry in entries.values()):
        act = {"do": "update", "id": public_id(update.id), "changes": _changes(update, names)}
        acts.setdefault(update.row, {})[update.slot] = act
    links: dict[int, list[ShownLink]] = {}
    for link in sorted(found.links.values(), key=attrgetter("slot")):  # entries come in no order
        own = acts.setdefault(link.row, {})
        own.setdefault("account", {"do": "link", "id": public_id(link.account)})
        own.setdefault(link.slot, {"do": "link", "id": public_id(link.contact)})
        if link.relationship is not None:
            own[link.slot].setdefault("changes", []).append(_relationship(link))
        links.setdefault(link.row, []).append(_link(link))
    for kept in found.kept.values():
        act = acts.setdefault(kept.row, {}).setdefault(kept.slot, {"do": "nothing"})
        act["kept"] = _kept(kept, names)
    return {row: {**own, "links": links[row]} if row in links else {**own} for row, own in acts.items()}


def _relationship(link: Link) -> ShownChange:
    """What a row changes in what its contact is to the account."""
    change: ShownChange = {"field": RELATIONSHIP, "old": None, "new": link.relationship, "why": "added"}
    return change if link.relationship else {**change, "new": None, "why": "cleared"}


def _link(link: Link) -> ShownLink:
    shown: ShownLink = {"account": public_id(link.account), "contact": public_id(link.contact)}
    if link.switches is not None:
        shown["switches"] = link.switches
    if link.relationship is not None:
        shown["relationship"] = link.relationship
    if link.known:
        shown["known"] = True
    return shown


def _kept(kept: Kept, names: Names) -> list[ShownKept]:
    return [
        {
            "field": names.part(RECORD[kept.slot], name),
            "old": masked(name, old),
            "new": masked(name, new),
        }
        for name, (old, new) in kept.fields.items()
    ]


def _changes(update: Update, names: Names) -> list[ShownChange]:
    record = RECORD[update.slot]
    changes = [_change(name, update) for name in update.was if name != "keys"]
    return [{**change, "field": names.part(record, change["field"])} for change in changes]


def _change(name: str, update: Update) -> ShownChange:
    old = masked(name, update.was[name])
    if name in update.add:
        return {"field": name, "old": old, "new": update.add[name], "why": "added"}
    if name in update.unset:
        return {"field": name, "old": old, "new": None, "why": "cleared"}
    why = "filled" if old in BLANK else "overwritten"
    return {"field": name, "old": old, "new": masked(name, update.set[name]), "why": why}
