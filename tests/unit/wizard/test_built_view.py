"""Built values as a form shows and asks for them, and rows left out by value on the mapping page."""

from __future__ import annotations

import random
from typing import Any

import pytest

from services.wizard import built_view, mapping_view
from services.wizard.built_view import BuiltView, from_form, views_of
from tests.unit.mapper.test_built_values import some_built


def sent(views: list[BuiltView], **changes: str) -> dict[str, str]:
    """What a browser sends for these built values: one-line inputs lose their line ends, lists get CR LF."""
    form = {"built": str(len(views))}
    for at, view in enumerate(views):
        form[f"built-{at}-target"] = view.target
        for kind, halves in (("part", view.parts), ("step", view.steps)):
            for n, half in enumerate(halves):
                for name, text in half.items():
                    whole = text.replace("\n", "\r\n") if name == "pairs" else text.replace("\n", "")
                    form[f"built-{at}-{kind}-{n}-{name}"] = whole
    return {**form, **changes}


@pytest.mark.parametrize("seed", range(40))
def test_a_form_that_nobody_touched_asks_for_the_same_values(seed: int) -> None:
    chance = random.Random(seed)
    built: Any = [some_built(chance, f"account.f{n}", 9) for n in range(chance.randrange(21))]
    assert from_form(sent(views_of(built)), built) == built
    assert from_form({}, built) == built


@pytest.mark.parametrize("seed", range(20))
def test_one_change_changes_one_thing(seed: int) -> None:
    chance = random.Random(seed)
    built: Any = [some_built(chance, f"account.f{n}", 9) for n in range(3)]
    form = sent(views_of(built), **{"built-1-target": "contact.notes"})
    assert from_form(form, built) == [built[0], {**built[1], "target": "contact.notes"}, built[2]]
    assert from_form({**form, "built-0-remove": "1"}, built) == [
        {**built[1], "target": "contact.notes"},
        built[2],
    ]


PIECE = {"built-0-step-0-what": "piece", "built-0-step-0-piece": "-1"}
LIST = {"built-0-step-0-what": "look_up", "built-0-step-0-rest": "keep"}


@pytest.mark.parametrize(
    ("form", "steps"),
    [
        ({"built-0-step-0-what": "title"}, [{"case": "title"}]),
        (PIECE, [{"take": {"separator": " ", "piece": -1}}]),
        ({**PIECE, "built-0-step-0-separator": " - "}, [{"take": {"separator": " - ", "piece": -1}}]),
        ({"built-0-step-0-what": "first", "built-0-step-0-number": "3"}, [{"take": {"first": 3}}]),
        ({"built-0-step-0-what": "last", "built-0-step-0-number": "x"}, []),
        (
            {"built-0-step-0-what": "line", "built-0-step-0-piece": "2"},
            [{"take": {"separator": "\n", "piece": 2}}],
        ),
        (LIST, []),
        (
            {**LIST, "built-0-step-0-pairs": "a = b\r\n\r\n c=d=e\r\nkept\r\n = none"},
            [{"look_up": {"pairs": {"a": "b", "c": "d=e", "kept": "kept", "": "none"}, "rest": "keep"}}],
        ),
        (
            {**LIST, "built-0-step-0-rest": "value", "built-0-step-0-value": " v "},
            [{"look_up": {"pairs": {}, "rest": "value", "value": "v"}}],
        ),
        ({**LIST, "built-0-step-0-rest": "value"}, [{"look_up": {"pairs": {}, "rest": "blank"}}]),
        ({"built-0-step-0-what": "nonsense"}, []),
    ],
)
def test_a_new_value_is_read_from_the_form(form: dict[str, str], steps: list[Any]) -> None:
    parts = {
        "built": "1",
        "built-0-target": "account.notes",
        "built-0-part-0-what": "column:3",
        "built-0-part-1-text": " - ",
        "built-0-part-2-what": "column:²",
        "built-0-part-4-what": "column:0",
    }
    assert from_form({**parts, **form}, []) == [
        {"target": "account.notes", "parts": [{"column": 3}, {"text": " - "}, {"column": 0}], "steps": steps}
    ]


def test_an_empty_value_is_none_and_a_half_filled_one_is_asked_for_and_refused() -> None:
    assert from_form(sent(views_of([])), []) == []
    assert from_form({"built": "1", "built-0-target": "account.notes"}, []) == [
        {"target": "account.notes", "parts": [], "steps": []}
    ]


def test_each_value_has_its_preview_with_what_is_wrong() -> None:
    built: Any = [{"target": "contact.email", "parts": [{"column": 0}], "steps": []}]
    wrong = {"field": "contact.email", "message": "No."}
    rows: Any = [
        {"row": 2, "built": ["A@B.be"], "values": {"contact.email": "a@b.be"}, "problems": []},
        {"row": 3, "built": ["x"], "values": {}, "problems": [wrong, {"field": "", "message": "Else."}]},
    ]
    preview: Any = {"rows": rows, "rules": [], "left_out": 0, "counted_rows": 2}
    view, empty = views_of(built, [{"built": 0, "message": "Not so."}], preview)
    assert view.rows == [(2, "A@B.be", "a@b.be", []), (3, "x", "", ["No."])]
    assert (view.wrong, empty.rows, empty.target) == (["Not so."], [], "")
    assert len(views_of(built * 20)) == 20
    assert set(built_view.RESTS) == {"keep", "blank", "value"}


def column(index: int, target: str | None, **more: Any) -> dict[str, Any]:
    action = "sync" if target else "skip"
    return {"index": index, "header": f"H{index}", "action": action, "target": target, **more}


SOURCE: Any = {
    "rows": 30,
    "columns": [
        {"index": 0, "samples": [f"n{n}" for n in range(8)], "fill": 1.0},
        {"index": 1, "samples": ["Active", "Deceased"], "fill": 0.9},
        {"index": 2, "samples": ["a", "b", "c"], "fill": 0.1},
        {"index": 3, "samples": ["Open", "Closed"], "fill": 1.0},
    ],
}
NOTES = {
    "key": "account.notes",
    "record": "account",
    "label": "Notes",
    "type": "text",
    "repeats": False,
    "choices": [],
}
FIELDS: Any = {"account.notes": NOTES}


def mapping(**more: Any) -> Any:
    columns = [column(0, None), column(1, None), column(2, None), column(3, "account.notes")]
    columns[1] |= more
    return {"columns": columns, "values": {}, "account_type": {"mode": "skip"}}


def test_values_of_columns_with_few_values_may_leave_rows_out() -> None:
    offered = mapping_view.left_out_of(mapping(leave_out=["deceased", "Gone"]), SOURCE, FIELDS)
    assert [(one.index, one.text, one.chosen) for one in offered] == [
        (1, "deceased", True),
        (1, "Gone", True),
        (1, "Active", False),
    ]
    directory: Any = {"team_members": [], "languages": []}
    values = mapping_view.values_of(mapping(), SOURCE, FIELDS, directory, [])
    assert [(value.key, value.found) for value in values] == [
        ("account.notes", "Open"),
        ("account.notes", "Closed"),
    ]


def test_a_form_leaves_out_what_is_ticked_and_keeps_what_it_does_not_show() -> None:
    form = {
        "left-0": "1",
        "left-from-0": "Active",
        "left-1": "1",
        "left-from-1": "deceased",
        "left-out-1": "1",
        "left-2": "1",
        "left-from-2": "line\r\nend",
    }
    own: Any = {**mapping(leave_out=["Active", "hidden", "line\nend"]), "date_order": None}
    own |= {"phone_region": None, "account_name": None}
    asked = mapping_view.from_form(form, own, FIELDS)
    assert asked["columns"][1]["leave_out"] == ["hidden", "deceased"]
    assert "leave_out" not in asked["columns"][0]


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ({"do-0": "__SKIP__"}, {"Open": "__SKIP__", "Old": ""}),
        ({"do-0": "__NOTHING__", "to-0": ""}, {"Open": "", "Old": ""}),
        ({"do-0": "", "to-0": "Running"}, {"Open": "Running", "Old": ""}),
        ({"do-0": "", "to-0": ""}, {"Old": ""}),
        ({"do-0": "", "to-0": "x", "do-1": "", "to-1": ""}, {"Open": "x"}),
        ({"do-0": "", "to-0": "x", "do-1": "__NOTHING__", "to-1": ""}, {"Open": "x", "Old": ""}),
    ],
)
def test_a_value_of_the_file_means_another_or_none_or_leaves_its_rows_out(
    form: dict[str, str], kept: dict[str, str]
) -> None:
    shown = {"value-0": "account.notes", "from-0": "Open", "value-1": "account.notes", "from-1": "Old"}
    own: Any = {**mapping(), "values": {"account.notes": {"Open": "x", "Old": ""}}, "date_order": None}
    own |= {"phone_region": None, "account_name": None}
    asked = mapping_view.from_form({**shown, **form}, own, FIELDS)
    assert asked["values"] == {"account.notes": kept}
