"""Which columns of a wide list a page shows, and what is done to many at once."""

from __future__ import annotations

import random
from typing import Any

import pytest

from services.wizard import column_list
from services.wizard.column_list import CUSTOM_ALL, FOR_ALL, SKIP_ALL, SKIP_UNSURE, Looked, at_once, listed
from services.wizard.mapping_view import NEW, SKIP, SURE, ColumnView
from shared.contract.fields import fields_for

FIELDS: Any = {
    one.key: {"key": one.key, "label": one.labels["en"]} for one in fields_for("accounts_and_contacts")
}


def column(index: int, chance: random.Random) -> ColumnView:
    key = chance.choice([SKIP, SKIP, NEW, *FIELDS])
    record = key.partition(".")[0] if key in FIELDS else chance.choice(["account", "contact"])
    return ColumnView(
        index=index,
        header=chance.choice(["Naam", "E-mail", "Geboortedatum", "Код", "備考", ""])
        + (str(index) if index % 3 else ""),
        samples=[f"v{index}"] if index % 4 else [],
        fill=float(index % 4 > 0),
        choice=key,
        custom={"name": f"Own {index % 7}", "type": "text", "record": "account"},
        records=frozenset() if key == SKIP else frozenset([record]),
        also="",
        alsos=[],
        tone="",
        why="",
        confidence=chance.choice([0.3, SURE, 1.0]),
        join="",
        joinable=False,
        split=False,
    )


def wide(seed: int, count: int = 300) -> list[ColumnView]:
    chance = random.Random(seed)
    return [column(index, chance) for index in range(count)]


def own_of(columns: list[ColumnView], *records: str) -> set[int]:
    return {one.index for one in columns if one.records & set(records or ("account",))}


@pytest.mark.parametrize("part", column_list.PARTS)
@pytest.mark.parametrize("find", ["", "naam", "v12", "e-MAIL", "код", "nothing has this"])
def test_the_pages_of_a_part_show_each_column_that_is_found_once(part: str, find: str) -> None:
    columns = wide(len(find))
    seen: list[int] = []
    page, pages = 1, 1
    while page <= pages:
        shown = listed(columns, FIELDS, Looked(find, part, page), own_of(columns))
        pages, page = shown.pages, page + 1
        assert len(shown.shown) <= at_once(len(FIELDS))
        seen += [one.index for one in shown.shown]
    assert seen == [one.index for one in shown.found]
    assert len(seen) == shown.counts[part]


@pytest.mark.parametrize("records", [("account",), ("contact", "spouse")])
def test_every_column_is_in_one_of_the_parts_by_place(records: tuple[str, ...]) -> None:
    columns = wide(3)
    parts = [
        {one.index for one in listed(columns, FIELDS, Looked(part=part), own_of(columns, *records)).found}
        for part in ("own", "partner", "skipped", "others")
    ]
    assert sum(map(len, parts)) == len(columns)
    assert set.union(*parts) == {one.index for one in columns}


@pytest.mark.parametrize("count", [1, 3, 60, 84, 400, 5_000])
def test_the_lists_of_a_page_have_a_bounded_number_of_options(count: int) -> None:
    assert at_once(count) * count <= max(column_list.MOST_OPTIONS, column_list.FEWEST * count)


def test_a_narrow_list_is_shown_whole() -> None:
    columns = wide(1, 20)
    shown = listed(columns, FIELDS, Looked("nothing", "partner", 9), own_of(columns))
    assert (shown.wide, shown.shown) == (False, columns)


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "9" * 30, ""])
def test_a_page_that_is_not_there_is_another_one(page: str) -> None:
    columns = wide(2)
    assert listed(columns, FIELDS, Looked.of({"page": page, "part": "all"}), own_of(columns)).shown


def test_what_a_refused_form_had_is_shown_with_all_that_is_wrong() -> None:
    columns = wide(4)
    columns[250].wrong.append("Twice.")
    posted = {3, 40}
    shown = listed(columns, FIELDS, Looked("naam", "partner", 2), own_of(columns), posted)
    assert {one.index for one in shown.shown} == {3, 40, 250}


def asked_of(columns: list[ColumnView]) -> Any:
    return {
        "columns": [
            {"index": one.index, "action": "skip", "leave_out": ["x"]}
            if one.choice == SKIP
            else {"index": one.index, "action": "custom", "custom": one.custom}
            if one.choice == NEW
            else {"index": one.index, "action": "sync", "target": one.choice}
            for one in columns
        ]
    }


@pytest.mark.parametrize("go", FOR_ALL)
@pytest.mark.parametrize("seed", range(10))
def test_a_button_changes_the_columns_it_is_about_and_no_other(go: str, seed: int) -> None:
    columns, chance = wide(seed), random.Random(seed)
    found, before = chance.sample(columns, 120), asked_of(columns)
    after = column_list.for_all(go, found, before, "contact")
    names = [one["custom"]["name"].casefold() for one in after["columns"] if one["action"] == "custom"]
    given = {one.index for one in found}
    for one, old, new in zip(columns, before["columns"], after["columns"], strict=True):
        about = {
            SKIP_ALL: one.choice != SKIP,
            SKIP_UNSURE: one.choice != SKIP and one.confidence < SURE,
            CUSTOM_ALL: one.choice == SKIP and one.fill > 0,
        }[go]
        if one.index not in given or not about:
            assert new == old
        elif go == CUSTOM_ALL:
            assert (new["action"], new["custom"]["record"]) == ("custom", "contact")
            assert names.count(new["custom"]["name"].casefold()) == 1
        else:
            assert new["action"] == "skip"
        assert new.get("leave_out") == old.get("leave_out")


def test_a_long_name_that_is_taken_gets_a_number_within_its_length() -> None:
    columns = wide(1, 80)
    for one in columns:
        one.choice, one.fill, one.custom = SKIP, 1.0, {"name": "é" * 90, "type": "text", "record": "account"}
    after = column_list.for_all(CUSTOM_ALL, columns, asked_of(columns), "account")
    names = {str(one["custom"]["name"]) for one in after["columns"]}  # type: ignore[index]
    assert len(names) == 80
    assert max(map(len, names)) <= column_list.NAME_LENGTH
