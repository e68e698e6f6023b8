"""Tests that parts of chunks survive the way into documents and back."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import CodecOptions, decode, encode
from msgspec.structs import fields

from shared.contract.documents import chunk
from shared.contract.documents.chunk import (
    EARLIER_NAMES,
    Additions,
    Amended,
    AmendedPlan,
    Before,
    CellChange,
    Cells,
    Checks,
    Create,
    Doubt,
    Fix,
    Followed,
    Groups,
    Link,
    LoadedRow,
    Lost,
    Outcomes,
    Part,
    Plan,
    ReadProblem,
    Repair,
    RowProblem,
    Slot,
    Undone,
    UndoReason,
    Update,
)
from shared.plumbing.chunk_codec import packed_part, projection_of, unpacked_part

AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
NOW = datetime(2026, 1, 2, tzinfo=UTC)
SLOT = Slot(keys=b"12345678", ids=["f/1", ""], matched=[0], digests=b"1234", known_keys=b"8")
UPDATE: dict[str, Any] = {
    "row": 1, "slot": "account", "id": "f/1", "revision": 3, "made_by": None, "set": {"name": "A", "keys": [1 << 62]},
    "unset": ["phone"], "add": {"tags": ["x"]}, "was": {"name": None, "tags": []},
}  # fmt: skip
PARTS: list[Part] = [
    Cells(n=2, first=7, rows=[["a", ""], ["\ud800", "b"]], extra={1: ["c"]}, problems=[ReadProblem(0, None, "x", {})]),
    Checks(
        n=3,
        fields=["account.name", "account.tags", "contact.count"],
        values=[["A", None], [["x", "y"], None], [1, 2.5]],
        problems=[RowProblem(0, "account.name", "x", {"value": [1, {"deep": "er"}]})],
        fixes={0: [Fix(0, "trimmed", "A"), Fix(-1, "split", None)]},
        slots={"account": SLOT},
        names=b"\0\1",
        decisions={1: {"is": "same", "as": [0, 4, 5]}},
        rules=[[0, 1]],
        assigned={0: {1: ["m"]}},
        groups=Groups(
            follows={"account": {1: Followed("f/1", 0, True)}},
            renamed={"contact": {0: "f/2"}},
            doubts=[Doubt(0, "account", "x", {"candidates": [{"row": 3}]})],
            lost=[Lost(1, "account.name", {"row": 1})],
        ),
        additions={"account": {0: Additions(lists={"tags": ["x"]}, singles={"name": "B"})}},
    ),
    Plan(
        n=1,
        buckets=["new", "update"],
        creates={"accounts": {"0": Create(row=0, slot="account", id="f/9", record={"tags": ["x"]}, keys=[5])}},
        updates={"accounts": {"1": Update(**UPDATE)}},
        links={"0s": Link(row=0, slot="spouse", account="f/9", contact="f/8", contact_chunk=4)},
    ),
    Amended(n=1, offsets=[3], plan=AmendedPlan(buckets={3: "new"}), keys={3: [chunk.Bond("accounts", (1, 2), None)]}),
    Outcomes(
        n=1,
        outcomes=["loaded", "skipped"],
        reasons={1: "changed"},
        created={"accounts": [LoadedRow("f/9", 0)]},
        before={"accounts": [Before(**UPDATE, like=2)]},
        repaired={1: "job"},
    ),
    Undone(n=0, outcomes=["kept"], reasons={0: [UndoReason("used_since", "accounts", ["name"])]}, counts={"kept": 1}),
    Repair(n=0, number=1, at=NOW, by="p", what="edit", cells=[CellChange(0, 1, "a", "b")]),
]  # fmt: skip
#: Every class that is read from the database: `EditedCells` is put together.
VIEWS = [
    kind
    for _, kind in inspect.getmembers(chunk, inspect.isclass)
    if issubclass(kind, Part) and kind not in (Part, chunk.EditedCells)
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_a_part_comes_back_from_the_database_as_it_was(part: Part) -> None:
    document = packed_part(part)
    if not isinstance(part, Cells):  # MongoDB takes no lone surrogates, and the reader gives none
        document = decode(encode(document), codec_options=AWARE)
    assert unpacked_part(type(part), document) == part


def test_a_part_of_before_a_field_was_added_takes_its_default() -> None:
    assert unpacked_part(Outcomes, {"n": 0, "outcomes": ["loaded"]}).repaired == {}


def test_names_of_another_version_are_passed_over() -> None:
    assert unpacked_part(Plan, {"_id": "x", "n": 4, "buckets": [], "later": 1}).n == 4


def earlier(document: dict[str, Any]) -> dict[str, Any]:
    """Checks under the names that earlier versions stored."""
    slots = document.get("slots", {})
    renamed = {name: {EARLIER_NAMES.get(key, key): slot[key] for key in slot} for name, slot in slots.items()}
    return {EARLIER_NAMES.get(key, key): document[key] for key in document} | (
        {"slots": renamed} if slots else {}
    )


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_checks_of_an_earlier_version_are_read_under_todays_names(view: type[Part]) -> None:
    """Every view that shares a document with `Checks`; views of other documents have no earlier names."""
    checks = next(part for part in PARTS if isinstance(part, Checks))
    if view.KEPT_IN == Checks.KEPT_IN:
        assert unpacked_part(view, earlier(packed_part(checks))) == unpacked_part(view, packed_part(checks))
    else:
        assert not set(EARLIER_NAMES.values()) & set(projection_of(view))


def test_a_name_of_today_counts_where_both_are_kept() -> None:
    both = {"n": 0, "adds": {}, "additions": {"account": {"0": {"lists": {"tags": ["x"]}}}}}
    assert unpacked_part(Checks, both).additions == {"account": {0: Additions(lists={"tags": ["x"]})}}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_view_reads_only_what_its_part_holds(view: type[Part]) -> None:
    whole = {
        name
        for kind in (Cells, Checks, Plan, Amended, Outcomes, Undone, Repair, chunk.Edits, chunk.Words)
        if kind.KEPT_IN == view.KEPT_IN
        for name in (each.encode_name for each in fields(kind))
    }
    read = {name.partition(".")[0] for name in projection_of(view)}
    assert read <= whole | {EARLIER_NAMES.get(name, name) for name in whole}
