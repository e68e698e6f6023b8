"""Values built from columns: put together, a part taken, the case changed, looked up; checked like any cell."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.validator.check.built_values import built_column, taken, title_case
from shared.contract.fields import FIELDS, SETTABLE
from shared.contract.job import built_from
from tests.unit.validator.checked import codes_at, rows_checked, values_at


def built(*parts: int | str, steps: Any = (), target: str = "account.notes") -> Any:
    """A built value of columns (their indexes) and fixed texts."""
    named = [{"column": part} if isinstance(part, int) else {"text": part} for part in parts]
    return {"target": target, "parts": named, "steps": list(steps)}


def text_of(one: Any, *cells: str) -> str:
    """The text that is built for a row with these cells."""
    (text,) = built_column(one, [[cell] for cell in cells])
    return text


@pytest.mark.parametrize(
    ("parts", "cells", "text"),
    [
        ((0, " ", 1), ("Jan", "Maes"), "Jan Maes"),
        ((0, " - ", 1), ("Jan", ""), "Jan"),
        ((0, " - ", 1), ("", "Maes"), "Maes"),
        ((0, " - ", 1), ("", " "), ""),
        ((0, " - ", 1), ("-", "Maes"), "Maes"),
        ((0, " - ", 1), ("n/a", "Maes"), "Maes"),
        ((0, " ", 1, ", ", 2), ("Kerkstraat", "", "Gent"), "Kerkstraat, Gent"),
        ((0, " ", 1, " bus ", 2, ", ", 3), ("Kerkstraat", "5", "", "Gent"), "Kerkstraat 5, Gent"),
        ((0, " (", 1, ")"), ("Acme", "BV"), "Acme (BV)"),
        ((0, " (", 1, ")"), ("Acme", ""), "Acme"),
        ((0, " (", 1, ") ", 2), ("Acme", "", "Gent"), "Acme Gent"),
        ((0, " [", 1, " – ", 2, "]"), ("A", "", "C"), "A – C"),
        ((0, " (", 1, ")", 2), ("Acme", "", "Gent"), "Acme Gent"),
        ((0, " (", 1, " years)"), ("Acme", ""), "Acme"),
        ((0, " (", 1, " years) ", 2), ("Acme", "", "Gent"), "Acme Gent"),
        ((0, ' "', 1, '"'), ("Acme", ""), "Acme"),
        ((0, " « ", 1, " » ", 2), ("Acme", "Bis", "Gent"), "Acme « Bis » Gent"),
        ((0, " « ", 1, " » ", 2), ("Acme", "", "Gent"), "Acme Gent"),
        (("(", 0, ") ", 1), ("", "x"), "x"),
        (("(", 0, ") ", 1), ("09", "x"), "(09) x"),
        ((0, " ", "- ", 1, "; ", 2), ("a", "b", ""), "a - b"),
        ((0, " - tel. ", 1, " - fax ", 2), ("a", "", "c"), "a - fax c"),
        ((0, "; ", 1), ("R&amp;D", "B&#233;"), "R&D; Bé"),
        (("Dossier ", 0), ("12",), "Dossier 12"),
        (("Dossier ", 0), ("",), ""),
        (("Dossier ", 0, "/", 1), ("", "2026"), "Dossier 2026"),
        ((0, " bv"), ("Acme",), "Acme bv"),
        ((0, " bv"), ("",), ""),
        ((0, 1), ("AB", "12"), "AB12"),
        ((0, "-", 0), ("x", "y"), "x-x"),
        ((1, " ", 0), ("Maes", "Jan"), "Jan Maes"),
        ((0, " ", 1), ('="0123"', "'0456"), "0123 0456"),
        ((0, " ", 1), ("Jan", "#N/A"), "#N/A"),
        ((0, " ", 1), ("__CLEAR__", ""), "__CLEAR__"),
        ((0, " ", 1), ("__CLEAR__", "Maes"), "Maes"),
        ((0, "0", 1), ("0", "0"), "000"),
        ((0, " ", 1), ("\u00a0Jan\u00a0", "Maes\u200b"), "Jan Maes"),
    ],
)
def test_cells_and_fixed_texts_are_put_together(
    parts: tuple[int | str, ...], cells: tuple[str, ...], text: str
) -> None:
    assert text_of(built(*parts), *cells) == text


CELL = st.text("abc é-/.", max_size=6)
WORDS = st.text("abcdé", min_size=1, max_size=6)


@given(
    st.lists(st.one_of(st.just(""), WORDS), min_size=1, max_size=6), st.sampled_from([" - ", ", ", " / ", ""])
)
@settings(max_examples=200)
def test_one_separator_between_columns_is_a_join_of_those_with_text(cells: list[str], between: str) -> None:
    parts: list[int | str] = [0]
    for at in range(1, len(cells)):
        parts += [between, at] if between else [at]
    assert text_of(built(*parts), *cells) == between.join(cell for cell in cells if cell)


@given(
    st.lists(
        st.one_of(st.integers(0, 3), st.sampled_from([" - ", " (", ")", ", ", "x"])), min_size=1, max_size=8
    ),
    st.lists(st.one_of(st.just(""), WORDS), min_size=4, max_size=4),
)
@settings(max_examples=400)
def test_a_text_has_all_filled_cells_in_order_and_no_more_than_the_fixed_texts(
    parts: list[int | str], cells: list[str]
) -> None:
    if not any(isinstance(part, int) for part in parts):
        return
    text = text_of(built(*parts), *cells)
    wanted = [cells[part] for part in parts if isinstance(part, int) and cells[part]]
    if not wanted:
        assert text == ""
        return
    fixed = "".join(part for part in parts if isinstance(part, str))
    pattern = "[-(), x]*".join(map(re.escape, wanted))
    assert re.fullmatch(f"[-(), x]*{pattern}[-(), x]*", text)
    assert len(text) <= len("".join(wanted)) + len(fixed)
    if all(cells[part] for part in parts if isinstance(part, int)):
        assert text == "".join(cells[part] if isinstance(part, int) else part for part in parts).strip()


@pytest.mark.parametrize(
    ("take", "text", "part"),
    [
        ({"separator": "\n", "piece": 2}, "Kerkstraat 5\n9000 Gent", "9000 Gent"),
        ({"separator": "\n", "piece": 3}, "Kerkstraat 5\n9000 Gent", ""),
        ({"separator": " ", "piece": 1}, "Jan  van\u00a0Dam", "Jan"),
        ({"separator": " ", "piece": -1}, "Jan  van\tDam", "Dam"),
        ({"separator": " ", "piece": 2}, "Jan  van Dam", "van"),
        ({"separator": ",", "piece": 2}, "Maes, Jan", "Jan"),
        ({"separator": ",", "piece": 2}, "Maes,,Jan", ""),
        ({"separator": ",", "piece": 3}, "Maes, Jan", ""),
        ({"separator": ",", "piece": -3}, "Maes, Jan", ""),
        ({"separator": ",", "piece": 1}, "Maes", "Maes"),
        ({"separator": ",", "piece": -1}, "Maes", "Maes"),
        ({"separator": ",", "piece": 2}, "Maes", ""),
        ({"separator": " - ", "piece": 2}, "12-3 - Acme", "Acme"),
        ({"first": 2}, "BE0403", "BE"),
        ({"last": 4}, "BE0403", "0403"),
        ({"first": 9}, "BE", "BE"),
        ({"last": 9}, "BE", "BE"),
        ({"first": 3}, "", ""),
        ({"first": 3}, "A  B", "A"),
    ],
)
def test_a_part_is_taken(take: Any, text: str, part: str) -> None:
    assert taken(take, text) == part


@given(st.lists(WORDS, min_size=1, max_size=6), st.sampled_from(["/", ";", " - ", "|"]), st.integers(1, 8))
def test_pieces_are_those_of_a_split_text(words: list[str], separator: str, piece: int) -> None:
    text = separator.join(words)
    from_the_start = taken({"separator": separator, "piece": piece}, text)
    from_the_end = taken({"separator": separator, "piece": -piece}, text)
    assert from_the_start == (words[piece - 1] if piece <= len(words) else "")
    assert from_the_end == (words[-piece] if piece <= len(words) else "")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("JEAN-PIERRE DE SMET", "Jean-Pierre De Smet"),
        ("o'brien", "O'Brien"),
        ("ANNE'S", "Anne's"),
        ("l’étoile", "L’Étoile"),
        ("ijsselmeer BV", "IJsselmeer BV"),
        ("éLODIE", "Élodie"),
        ("ßen", "SSen"),
        ("3COM 2ÈME", "3com 2ème"),
        ("BAKKERIJ MAES BV", "Bakkerij Maes BV"),
        ("acme sa/nv VZW", "Acme Sa/Nv VZW"),
        ("", ""),
        ("а.п. чехов", "А.П. Чехов"),
    ],
)
def test_names_are_written_with_capitals(text: str, name: str) -> None:
    assert title_case(text) == name


LOOK_UP: dict[str, Any] = {"pairs": {"vennoot": "Partner", "Gérant": "Manager", "*": "Star", "": "Nobody"}}


@pytest.mark.parametrize(
    ("rest", "cell", "found"),
    [
        ("keep", "VENNOOT", "Partner"),
        ("keep", "gerant", "Manager"),
        ("keep", "*", "Star"),
        ("keep", "**", "**"),
        ("keep", "Other", "Other"),
        ("blank", "Other", ""),
        ("value", "Other", "Rest"),
        ("value", "", "Nobody"),
    ],
)
def test_a_text_is_looked_up(rest: str, cell: str, found: str) -> None:
    step = {"look_up": {**LOOK_UP, "rest": rest, **({"value": "Rest"} if rest == "value" else {})}}
    one = built(0, steps=[step])
    assert text_of(one, cell) == found


def test_a_blank_stays_blank_where_the_list_does_not_name_it() -> None:
    step = {"look_up": {"pairs": {"a": "b"}, "rest": "value", "value": "Rest"}}
    assert text_of(built(0, steps=[step]), "") == ""


def test_steps_come_one_after_another_and_marks_go_past_them() -> None:
    steps = [
        {"take": {"separator": ",", "piece": 2}},
        {"case": "upper"},
        {"look_up": {"pairs": {"JAN": "__SKIP__"}, "rest": "keep"}},
        {"case": "lower"},
    ]
    assert [text_of(built(0, steps=steps), cell) for cell in ("Maes, Jan", "Maes, Piet", "__CLEAR__")] == [
        "__SKIP__",
        "piet",
        "__CLEAR__",
    ]


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20))
def test_a_column_is_built_as_its_rows_are_one_by_one(rows: list[tuple[str, str]]) -> None:
    one = built(0, " - ", 1, steps=[{"case": "title"}])
    together = built_column(one, [[row[0] for row in rows], [row[1] for row in rows]])
    assert together == [text_of(one, *row) for row in rows]


BUILDABLE = sorted(
    key for key in SETTABLE if key not in ("account.name", "contact.full_name", "account.company_name")
)


@pytest.mark.parametrize("key", BUILDABLE)
@pytest.mark.parametrize("cell", ["2026-03-01", "BE 0403.019.261", "not right at all", "", "x; y"])
def test_a_built_value_of_one_column_is_checked_as_its_cell(key: str, cell: str) -> None:
    names = ["account.name", "contact.last_name", "spouse.last_name"]
    names = [name for name in names if name != key]
    row = [*(["Acme", "Maes", "Peeters"][: len(names)]), cell]
    mapped = rows_checked([*names, key], row)
    made = rows_checked([*names, ""], row, built=[built(len(names), target=key)])
    assert values_at(made) == values_at(mapped)
    assert made.problems == mapped.problems
    mapped_fixes = [fix for fix in mapped.fixes]
    assert [fix for fix in made.fixes if fix.code != "value_built"] == mapped_fixes
    assert ("value_built" in codes_at(made)) == bool(cell)


def test_a_full_name_is_built_and_split_and_names_its_columns() -> None:
    found = rows_checked(
        ["", "", "account.name"],
        ["JAN", "MAES", "Acme"],
        built=[built(0, " ", 1, target="contact.full_name", steps=[{"case": "title"}])],
    )
    assert values_at(found)["contact.first_name"] == "Jan"
    assert values_at(found)["contact.last_name"] == "Maes"
    mapping: Any = {"columns": [], "built": [built(1, " ", 0, 1, target="contact.full_name")]}
    assert built_from(mapping) == {"contact.full_name": [1, 0]}


def test_a_built_account_name_is_no_name_that_we_made_up() -> None:
    found = rows_checked(["", ""], ["Acme", "Gent"], built=[built(0, " ", 1, target="account.name")])
    assert values_at(found)["account.name"] == "Acme Gent"
    assert not found.made_up


def test_a_built_type_holds_where_the_mapping_takes_no_other() -> None:
    step = {"look_up": {"pairs": {"P": "Individual"}, "rest": "value", "value": "Company"}}
    found = rows_checked(
        ["account.name", ""],
        ["Maes", "p"],
        ["Acme", "R"],
        built=[built(1, target="account.type", steps=[step])],
    )
    assert found.columns["account.type"] == ["Individual", "Company"]


def test_a_list_is_added_to_that_of_a_column() -> None:
    found = rows_checked(
        ["account.name", "account.tags", ""],
        ["Acme", "a", "b"],
        built=[built("dossier-", 2, target="account.tags")],
    )
    assert found.columns["account.tags"] == [["a", "dossier-b"]]


def test_a_value_of_a_custom_field_of_the_firm_is_built() -> None:
    custom = {"id": "f1", "name": "Sector", "type": "text", "record": "account"}
    one = {**built(1, target="x"), "target": None, "custom": custom}
    found = rows_checked(["account.name", ""], ["Acme", "Bouw"], built=[one])
    assert values_at(found)["account.custom.f1"] == "Bouw"


def test_a_looked_up_text_leaves_rows_out() -> None:
    step = {"look_up": {"pairs": {"dead": "__SKIP__"}, "rest": "keep"}}
    found = rows_checked(
        ["account.name", ""], ["Acme", "dead"], ["Beta", "alive"], built=[built(1, steps=[step])]
    )
    assert [(each.offset, each.code) for each in found.problems] == [(0, "left_out_by_value")]


def test_every_field_but_the_name_parts_is_tried() -> None:
    assert len(BUILDABLE) >= len(FIELDS) - 10
