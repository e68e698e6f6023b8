"""Tests checking again after a repair: which rows are affected, and how the results replace the earlier ones."""

from __future__ import annotations

from typing import Any

import pytest

from services.validator.repair.amending import amended_over, amended_rows, counts_after
from services.validator.repair.changes import Changes, by_chunk, decision_of, difference, fixed_text, merged
from services.validator.repair.dependents import Dependents, bonds_at
from services.validator.repair.edited_rows import EditedRows
from services.validator.repair.regrouping import regroup, taken
from shared.contract.custom_fields import Names
from shared.contract.documents.chunk import (
    LOADED_BEFORE,
    Amended,
    AmendedBonds,
    AmendedPlan,
    Bond,
    CellChange,
    CheckedIds,
    CheckedKeys,
    Checks,
    ChunkCounts,
    Create,
    DecisionChange,
    EditedCells,
    Fix,
    Plan,
    ReadProblem,
    RowProblem,
    SlotIds,
    SlotKeys,
    TickChange,
    TouchedChunk,
)
from shared.contract.keys import NOTHING, keys_of_columns, packed
from shared.values.evidence import orders_of
from tests.unit.validator.planned import checks, settings

# what a person asks


def test_only_what_really_changes_is_touched() -> None:
    now = EditedCells(rows=[["a", "b"], ["c", "d"]], left_out=[7], decisions={5: {"is": "new"}})
    changes = Changes(
        cells={(0, 5): {0: "a", 1: "B"}, (0, 7): {0: "c"}},
        ticks={(0, 5): True, (0, 7): True},
        decisions={(0, 5): {"is": "new"}, (0, 7): {"is": "same", "as": "f1"}},
    )
    touched = difference(changes, 0, [5, 7], now)
    assert touched.cells == [CellChange(5, 1, "b", "B")]
    assert touched.ticks == [TickChange(7, False, True)]
    assert touched.decisions == [DecisionChange(7, {}, {"is": "same", "as": "f1"})]
    assert touched.offsets() == [5, 7]


@pytest.mark.parametrize(
    ("before", "decision", "after"),
    [
        ({}, {"is": "same", "as": "f1"}, {"is": "same", "as": "f1"}),
        ({"is": "same", "as": "f1"}, {"is": "new"}, {"is": "new"}),
        ({"is": "same", "as": "f1"}, {"to_account": True}, {"is": "same", "as": "f1", "to_account": True}),
        ({"is": "new", "to_account": True}, {"is": None}, {"to_account": True}),
        ({"is": "new", "to_account": True}, {"is": None, "as": None, "to_account": None}, {}),
    ],
)
def test_a_decision_is_put_over_the_earlier_one(before: Any, decision: Any, after: Any) -> None:
    assert merged(before, decision) == after


def test_a_candidate_that_is_a_row_is_kept_by_chunk_offset_and_number() -> None:
    asked: Any = {"row": 3, "decision": "same", "same_as": {"row": 9}, "to_account": False}
    assert decision_of(asked, {3: (0, 1), 9: (1, 4)}, Names([])) == {
        "is": "same",
        "as": [1, 4, 9],
        "to_account": False,
    }


@pytest.mark.parametrize(
    ("fix", "text"),
    [
        ({"action": "set", "value": "x"}, "x"),
        ({"action": "replace", "find": "b", "value": "x"}, "axc"),
        ({"action": "clear", "value": ""}, ""),
    ],
)
def test_a_fix_sets_replaces_or_clears(fix: Any, text: str) -> None:
    assert fixed_text("abc", fix) == text


# which rows


def keys(slot: str = "account", **columns: list[str]) -> list[tuple[int, ...]]:
    count = len(next(iter(columns.values())))
    return keys_of_columns(slot, columns, count)


def dependents(
    *chunks: list[tuple[int, ...]], records: dict[tuple[int, int], str] | None = None
) -> Dependents:
    """The bonds of accounts with these keys, of which some mean `records` of the firm."""
    found, meant = Dependents(), records or {}
    for n, own in enumerate(chunks):
        matched = [at for at in range(len(own)) if (n, at) in meant]
        found.add_keys(CheckedKeys(n=n, slots={"account": SlotKeys(keys=packed(own), matched=matched)}))
        if matched:
            ids = [meant.get((n, at), "") for at in range(len(own))]
            found.add_ids(CheckedIds(n=n, slots={"account": SlotIds(ids=ids, matched=matched)}))
    return found


def test_a_row_brings_in_all_that_share_a_key_with_it_directly_or_by_a_chain() -> None:
    found = dependents(
        keys(name=["a", "b"], client_code=["1", "2"]), keys(name=["b", "c"], client_code=["1", "3"])
    )
    assert found.group([(0, 0)], [], 10) == [(0, 0), (0, 1), (1, 0)]
    assert found.group([(1, 1)], [], 10) == [(1, 1)]


def test_rows_that_mean_one_record_of_the_firm_depend_on_each_other() -> None:
    found = dependents(keys(name=["a", "b"]), keys(name=["c"]), records={(0, 1): "f/1", (1, 0): "f/1"})
    assert found.matched_in == [0, 1]
    assert found.group([(0, 1)], [], 10) == [(0, 1), (1, 0)]
    assert found.records_of([(0, 0), (1, 0)]) == {"accounts": {"f/1"}, "contacts": set()}


def test_the_keys_that_a_row_will_have_bring_rows_in_too() -> None:
    found = dependents(keys(name=["a", "b"]))
    fresh = Bond("accounts", keys(name=["b"])[0], None)
    assert found.group([(0, 0)], [fresh], 10) == [(0, 0), (0, 1)]
    other = fresh._replace(collection="contacts")
    assert found.group([(0, 0)], [other], 10) == [(0, 0)]


def test_a_birth_date_ties_no_rows() -> None:
    born = keys_of_columns("account", {"name": ["a", "b"], "date_of_birth": ["1980-01-01"] * 2}, 2)
    assert dependents(born).group([(0, 0)], [], 10) == [(0, 0)]


def test_a_row_without_keys_ties_to_no_other_without_keys() -> None:
    assert dependents([NOTHING, NOTHING]).group([(0, 0)], [], 10) == [(0, 0)]


def test_a_repaired_row_counts_with_its_bonds_of_now() -> None:
    found = dependents(keys(name=["a", "a", "b"]))
    found.add_amended(AmendedBonds(n=0, keys={1: [Bond("accounts", keys(name=["b"])[0], None)]}))
    assert found.group([(0, 0)], [], 10) == [(0, 0)]
    assert found.group([(0, 2)], [], 10) == [(0, 1), (0, 2)]


def test_a_group_that_is_too_large_is_none() -> None:
    assert dependents(keys(name=["a"] * 5)).group([(0, 0)], [], 4) is None


def test_the_bonds_of_a_checked_row_are_its_keys_and_its_known_record() -> None:
    found = checks({"account.name": ["a", "b"]}, {"account": ["f/1", "f/2"]}, {"f/2": {}})  # type: ignore[dict-item]
    own = keys(name=["a", "b"])
    assert bonds_at(found.slots, 0) == [Bond("accounts", own[0], None)]
    assert bonds_at(found.slots, 1) == [Bond("accounts", own[1], "f/2")]


# the rows as they will be


def test_rows_of_several_chunks_are_edited_and_named_by_their_place() -> None:
    edited = EditedRows()
    edited.add(EditedCells(rows=[["a"]], left_out=[4], decisions={4: {"is": "new"}}), [4], TouchedChunk())
    changes = TouchedChunk(
        cells=[CellChange(1, 0, "b", "B"), CellChange(9, 0, "x", "y")],
        ticks=[TickChange(2, True, False)],
        decisions=[DecisionChange(1, {}, {"to_account": True}), DecisionChange(2, {"is": "new"}, {})],
    )
    now = EditedCells(
        rows=[["b"], ["c"]],
        decisions={2: {"is": "new"}},
        problems=[ReadProblem(at, 0, code, {}) for at in (1, 2) for code in ("cut_off", LOADED_BEFORE)],
    )
    edited.add(now, [1, 2], changes)
    assert edited.rows == [["a"], ["B"], ["c"]]
    assert edited.left_out == {0, 2}
    assert edited.decisions == {0: {"is": "new"}, 1: {"to_account": True}}
    assert [(p.offset, p.code) for p in edited.problems] == [
        (1, LOADED_BEFORE),
        (2, "cut_off"),
        (2, LOADED_BEFORE),
    ]


# grouping anew


def test_rows_are_grouped_by_their_place_as_the_whole_file_would_be() -> None:
    positions = [(0, 3), (1, 0), (1, 5)]
    columns = {"account.name": ["Bakery", "Garage", "Bakery"], "account.city": ["Gent", None, "Brugge"]}
    found = checks(columns, {"account": ["f/1", "f/2", "f/1"]})
    groups, additions = regroup(
        found,
        positions,
        orders_of(settings()),
        [4, 6],
        lambda kind, identity, reference: f"{identity}-{reference}",
        lambda n, offset: 100 * n + offset,
    )
    assert groups.follows["account"] == {2: ("f/1", 0, False)}
    assert groups.repeats == [2]
    assert [(lost.offset, lost.field, lost.params) for lost in groups.lost] == [
        (2, "account.city", {"row": 3, "value": "Gent", "lost": "Brugge"})
    ]
    assert additions.keys() == {"account"}
    assert additions["account"].keys() == {0}


def test_what_is_taken_of_some_rows_is_counted_by_their_place() -> None:
    found = checks(
        {"account.name": ["a", "b", "c"]},
        {"account": ["f/1", "f/2", "f/3"]},
        {"f/3": {}},  # type: ignore[dict-item]
        names=b"\0\1\2",
        decisions={2: {"is": "new"}},
    )
    part = taken(found, [2, 0])
    own = keys(name=["a", "b", "c"])
    assert part.slots["account"].ids == ["f/3", "f/1"]
    assert part.slots["account"].keys == packed([own[2], own[0]])
    assert (part.slots["account"].matched, part.slots["account"].known_keys) == ([0], packed([own[2]]))
    assert (part.names, part.decisions) == (b"\2\0", {0: {"is": "new"}})


# what is amended


def checked(*codes: str) -> Checks:
    """Rows with one problem each."""
    count = len(codes)
    found = checks(
        {"account.name": ["a"] * count}, {"account": [f"f/{at}" for at in range(count)]}, rules=[[0]]
    )
    found.problems = [RowProblem(at, "account.name", code, {}) for at, code in enumerate(codes)]
    found.fixes = {0: [Fix(0, "text_cleaned", "a"), Fix(-1, "text_cleaned", None)]}
    return found


def create(row: int, slot: str = "account") -> Create:
    return Create(row=row, slot=slot, id=f"f/{row}", record={})


def test_what_was_found_by_place_is_kept_by_offset() -> None:
    plan = Plan(
        buckets=["new", "invalid"],
        creates={"accounts": {"0": create(0)}, "contacts": {"1s": create(1, "spouse")}},
        updates={"accounts": {}, "contacts": {}},
    )
    amended = amended_rows(2, {0: 40, 1: 7}, checked("x", "y"), plan)
    assert (amended.n, amended.offsets) == (2, [7, 40])
    assert [(p.offset, p.code) for p in amended.checks.problems] == [(40, "x"), (7, "y")]
    assert [fix.field for fix in amended.checks.fixes[40]] == ["account.name", "contact.full_name"]
    assert amended.plan.buckets == {40: "new", 7: "invalid"}
    assert amended.plan.creates["accounts"]["40"].row == 40
    assert amended.plan.creates["contacts"]["7s"].row == 7
    assert amended.rules == {40: [0], 7: []}
    assert amended.keys.keys() == {40, 7}


def amended(offsets: list[int], code: str) -> Amended:
    """Amended rows, each with one problem and a record to make."""
    plan = AmendedPlan(
        buckets=dict.fromkeys(offsets, code),
        creates={"accounts": {str(at): create(at) for at in offsets}},
    )
    found = Amended(n=0, offsets=offsets, plan=plan, rules={at: [] for at in offsets})
    found.checks.problems = [RowProblem(at, "account.name", code, {}) for at in offsets]
    return found


def test_a_later_repair_takes_the_place_of_an_earlier_one_row_by_row() -> None:
    fresh = amended([2, 3], "new")
    fresh.counts = ChunkCounts(buckets={"new": 2})
    both = amended_over(amended([1, 2], "old"), fresh)
    assert both.offsets == [1, 2, 3]
    assert [(p.offset, p.code) for p in both.checks.problems] == [(1, "old"), (2, "new"), (3, "new")]
    assert both.plan.buckets == {1: "old", 2: "new", 3: "new"}
    assert both.plan.creates["accounts"].keys() == {"1", "2", "3"}
    assert both.counts.buckets == {"new": 2}
    assert amended_over(None, fresh) is fresh


def test_the_counts_of_a_chunk_lose_what_the_rows_were_and_gain_what_they_are() -> None:
    base = ChunkCounts(buckets={"new": 5, "invalid": 2}, problems={"x": 2})
    old: Any = {"buckets": {"invalid": 2}, "problems": {"x": 2}}
    counts = counts_after(base, amended([1, 2], "new"), old)
    assert counts.buckets == {"new": 7, "invalid": 0}
    assert counts.problems == {"x": 0, "new": 2}


def test_rows_are_sorted_into_their_chunks() -> None:
    assert by_chunk([(0, 3), (1, 1), (0, 2)]) == {0: [3, 2], 1: [1]}
