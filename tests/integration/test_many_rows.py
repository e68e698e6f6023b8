"""Tests the order and the filter of the review's rows, and that several marked rows change as one by one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from services.validator.rows.ordering import in_order
from services.wizard.review_several import CHANGES
from shared.contract.invalid_values import may_be_left_out
from shared.contract.problems import is_of_a_value
from tests.integration.conftest import Standing, token
from tests.integration.troubled_list import FIRM
from tests.visiting import Visitor

BEARER = token(FIRM)


def every(standing: Standing, job: str, **query: object) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = {**query, "limit": 25, **({"cursor": cursor} if cursor else {})}
        page = standing.good("GET", f"/jobs/{job}/rows", query_string=asked, bearer=BEARER)
        found += page["items"]
        if not (cursor := page["next"]):
            return found


@pytest.fixture(scope="module")
def checked(looked_at: Standing) -> list[dict[str, Any]]:
    return every(looked_at, looked_at.looked_at["validated"])


@pytest.mark.parametrize("column", [1, 14])
@pytest.mark.parametrize("descending", ["false", "true"])
@pytest.mark.parametrize("where", [{}, {"bucket": "invalid"}, {"q": "example"}])
def test_pages_in_the_order_of_a_column_have_every_row_of_the_list_once(
    looked_at: Standing, column: int, descending: str, where: dict[str, str]
) -> None:
    job = looked_at.looked_at["validated"]
    unsorted = every(looked_at, job, **where)
    found = every(looked_at, job, sort=column, descending=descending, **where)
    assert sorted(one["row"] for one in found) == [one["row"] for one in unsorted]
    cells = [one["cells"][column] for one in found]
    assert in_order(cells, descending == "true") == list(range(len(cells)))


@pytest.mark.parametrize("column", [1, 14, 18])
def test_a_filter_of_a_column_finds_the_rows_whose_cells_fit(
    looked_at: Standing, checked: list[dict[str, Any]], column: int
) -> None:
    job = looked_at.looked_at["validated"]
    for blank in ("true", "false"):
        found = every(looked_at, job, column=column, blank=blank)
        wanted = [one["row"] for one in checked if (not one["cells"][column].strip()) == (blank == "true")]
        assert [one["row"] for one in found] == wanted
    some = next(one["cells"][column] for one in checked if one["cells"][column].strip()).split()[0]
    found = every(looked_at, job, column=column, contains=some)
    assert [one["row"] for one in found] == [
        one["row"] for one in checked if some.casefold() in one["cells"][column].casefold()
    ]


SENSELESS: tuple[dict[str, Any], ...] = (
    *({"column": 3}, {"blank": "true"}, {"contains": "x"}),
    *({"sort": 999}, {"sort": 1, "cursor": "0.0"}),
)


@pytest.mark.parametrize("query", SENSELESS)
def test_a_condition_that_makes_no_sense_is_refused(looked_at: Standing, query: dict[str, Any]) -> None:
    job = looked_at.looked_at["validated"]
    answer = looked_at.call("GET", f"/jobs/{job}/rows", query_string=query, bearer=BEARER)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_content")


@pytest.mark.parametrize("seed", range(1))
@pytest.mark.parametrize("what", CHANGES)
def test_several_marked_rows_change_as_they_would_one_by_one(
    looked_at: Standing, checked: list[dict[str, Any]], what: str, seed: int
) -> None:
    choose = random.Random(f"{what}{seed}")
    together, one_by_one = (looked_at.copy(looked_at.looked_at["validated"]) for _ in range(2))
    marked = sorted(choose.sample([row["row"] for row in checked], 6))
    person = Visitor(looked_at.app, BEARER)
    for job in (together, one_by_one):  # so that there is something to tick again
        change = [{"row": row, "selected": False} for row in marked[::2]]
        looked_at.good("PATCH", f"/jobs/{job}/rows", json=change, bearer=BEARER)
    page = person.open(f"/jobs/{together}/review?tab=all")
    form = page.form("/several")
    form.controls = [one for one in form.controls if one.name != "mark"]
    pairs = [*form.filled(column="14", value="new@there.example"), *(("mark", str(n)) for n in marked)]
    answer = person.client.post(form.action, data=MultiDict([*pairs, ("do", what)]), follow_redirects=True)
    assert answer.status_code == 200, answer.text
    for number in marked:
        ask = looked_at.good("GET", f"/jobs/{one_by_one}/rows?row={number}", bearer=BEARER)["items"][0]
        change = _by_api(what, ask)
        if change:
            looked_at.good(
                "PATCH", f"/jobs/{one_by_one}/rows", json=[{"row": number, **change}], bearer=BEARER
            )
    assert _seen(looked_at, together) == _seen(looked_at, one_by_one)


def _by_api(what: str, row: dict[str, Any]) -> dict[str, Any]:
    """What a program asks for one row."""
    errors = [one for one in row["problems"] if one["severity"] == "error"]
    if what in ("take_in", "leave_out"):
        return {"selected": what == "take_in"}
    if what == "set":
        return {"cells": {"14": "new@there.example"}}
    if what == "accept":
        found = {str(p["column"]): p["suggestion"] for p in row["problems"] if p.get("suggestion")}
        return {"cells": found} if found else {}
    optional = all(is_of_a_value(one["code"]) and may_be_left_out(one["field"]) for one in errors)
    return {"without": sorted({one["field"] for one in errors})} if errors and optional else {}


def _seen(standing: Standing, job: str) -> list[Any]:
    names = ("row", "cells", "bucket", "selected", "problems", "fixes", "decision")
    found = [{name: row[name] for name in names} for row in every(standing, job)]
    return [found, standing.good("GET", f"/jobs/{job}", bearer=BEARER)["counts"]]


def test_marks_and_what_was_typed_stay_where_a_form_is_refused(looked_at: Standing) -> None:
    job = looked_at.copy(looked_at.looked_at["validated"])
    person = Visitor(looked_at.app, BEARER)
    page = person.open(f"/jobs/{job}/review?tab=all&marked=1&sort=-1&of=14&how=contains&text=example")
    form = page.form("/several")
    before = [value for name, value in form.filled() if name == "mark"]
    assert len(before) > 3
    change = [{"row": int(before[0]), "selected": False}]
    looked_at.good("PATCH", f"/jobs/{job}/rows", json=change, bearer=token(FIRM, sub="bo"))
    answer = person.send(page, form, ("do", "set"), value="Mine", column="1")
    assert answer.status == 412
    again = answer.form("/several").filled()
    assert [value for name, value in again if name == "mark"] == before
    assert ("value", "Mine") in again
    assert ("column", "1") in again
    assert 'aria-sort="descending"' in answer.text
