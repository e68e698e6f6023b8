"""Tests that no form of the five steps overwrites what somebody changed while its page was open: over all routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.wizard.review_rows import decision_key
from tests.integration.conftest import Standing, token
from tests.integration.troubled_list import FIRM
from tests.visiting import Control, Form, Page, Visitor

BO = "bo@office.example"
#: forms that change nothing of what others choose before the start, each with its reason
OTHERS = {
    "wizard.bring_back": "a file goes row by row, and is refused where the import went on",
    "wizard.tick_rows": "a tick that is as wanted already is no change, and any other is the latest wish",
    "wizard.stop": "it begins after the choices; a second one is refused with the state of the import",
    "wizard.undo": "it begins after the choices; a second one shows the undo",
    "wizard.delete": "it begins after the choices",
}


@dataclass
class Case:
    """A form of a page of a job at a status, what a person changes in it, and the button they press."""

    endpoint: str
    status: str
    page: str
    ending: str
    changes: dict[str, str] = field(default_factory=dict)
    button: tuple[str, str] = ("", "")
    stays: str = ""


def cases(row: int, doubt: int, differing: int, wrong: int) -> list[Case]:
    """A case for every form; the rows have a cell to edit, a question, a difference and a wrong value."""
    review = "review?tab=all"
    return [
        Case("wizard.read_again", "proposed", "file", "/file", {"header_row": "2"}, stays='value="2"'),
        Case("wizard.check", "proposed", "file", "/check"),
        Case("wizard.cancel", "proposed", "file", "/cancel"),
        Case("wizard.accounts", "proposed", "accounts", "/accounts", {"target-3": "skip"}, ("go", "stay")),
        Case("wizard.contacts", "proposed", "contacts", "/contacts", {"target-14": "skip"}, ("go", "next")),
        Case("wizard.save_mapping", "proposed", "contacts", "/mapping-profile", {"name": "Ours"}, stays="Ours"),
        Case("wizard.settings", "proposed", "settings", "/settings", {"more_tags": "mine"}, ("go", "next"), "mine"),
        Case("wizard.cancel", "validated", review, "/cancel"),
        Case("wizard.repair_row", "validated", f"{review}&row={row}&edit={row}", f"/rows/{row}", {"cell-1": "Mine"},
             stays='value="Mine"'),
        Case("wizard.select_rows", "validated", "review?tab=new", "/select", button=("selected", "0")),
        Case("wizard.choose_for_new", "validated", review, "/new-clients", {"language": "fr"}, stays="fr"),
        Case("wizard.choose_kind", "validated", review, "/kind", {"kind": "accounts"}, stays="accounts"),
        Case("wizard.fix_rows", "validated", f"{review}&fix=invalid_email", "/fix",
             {"way": "set", "value": "fix@mine.example"}, stays="fix@mine.example"),
        Case("wizard.change_several", "validated", f"{review}&marked=1", "/several",
             {"value": "Mine", "column": "1"}, ("do", "set"), 'value="Mine"'),
        Case("wizard.undo_repair", "validated", review, "/undo"),
        Case("wizard.decide_rows", "validated", review, "/decide", {"problem": "namesake_in_firm"},
             ("decision", "new")),
        Case("wizard.decide_row", "validated", f"{review}&row={doubt}", f"/decide/{doubt}", button=("decision", "new")),
        Case("wizard.take_values", "validated", f"{review}&row={differing}", f"/take/{differing}"),
        Case("wizard.load_without", "validated", f"{review}&row={wrong}", f"/without/{wrong}"),
        Case("wizard.start_import", "validated", review, "/start"),
    ]  # fmt: skip


@pytest.fixture
def rows(looked_at: Standing) -> dict[str, int]:
    """Rows of the checked job; one has a wrong value that may be left out."""
    job = looked_at.looked_at["validated"]
    found = looked_at.good("GET", f"/jobs/{job}/rows?limit=500", bearer=token(FIRM))["items"]
    errors = {r["row"]: {p["code"] for p in r["problems"] if p["severity"] == "error"} for r in found}
    wrong = next(n for n, known in errors.items() if known == {"invalid_email"})
    return {"row": 2, "doubt": 5, "differing": 6, "wrong": wrong}


def form_of(page: Page, ending: str) -> Form:
    """The first form that goes to an address with this ending; one that only rows in doubt have is made like others."""
    posts = [one for one in page.content.forms if one.method == "post"]
    found = [one for one in posts if one.action.partition("?")[0].endswith(ending)]
    if found:
        return found[0]
    like = next(one for one in posts if one.action.partition("?")[0].endswith("/start"))
    was = Control("was", "hidden", decision_key({"decision": {}}))  # type: ignore[typeddict-item]
    controls = [one for one in like.controls if one.name in ("proof", "seen")]
    return Form("post", like.action.partition("/review/")[0] + f"/review{ending}", [*controls, was])


def meanwhile(standing: Standing, job: str, case: Case) -> None:
    """Somebody else changes everything that they can without moving the import."""
    bo = token(FIRM, sub="auth0|77", email=BO)
    if case.status == "proposed":
        mapping = standing.good("GET", f"/jobs/{job}/mapping", bearer=bo)
        names = ("index", "action", "target", "custom")
        asked = {
            "columns": [
                {name: c[name] for name in names if c.get(name) is not None} for c in mapping["columns"]
            ]
        }
        for at in (4, 5):
            asked["columns"][at] = {"index": at, "action": "skip"}
        standing.good("PUT", f"/jobs/{job}/mapping", json=asked, bearer=bo)
        standing.good("PUT", f"/jobs/{job}/settings", json={"tags": ["theirs"]}, bearer=bo)
        return
    number = int(case.ending.rpartition("/")[2]) if case.ending[-1].isdigit() else None
    change: dict[str, Any] = {"row": number or 2, "cells": {"1": "Theirs"}}
    if case.endpoint == "wizard.take_values":
        change = {"row": number, "take": ["account.website", "contact.mobile", "contact.language"]}
    elif case.endpoint == "wizard.load_without":
        change = {"row": number, "without": ["contact.email"]}
    elif case.endpoint == "wizard.decide_row":
        change = {"row": number, "decision": "new"}
    standing.good("PATCH", f"/jobs/{job}/rows", json=[change], bearer=bo)


def kept(standing: Standing, job: str) -> dict[str, Any]:
    """What is kept of the choices of a job."""
    found = standing.db.jobs.find_one({"_id": job})
    names = ("status", "revision", "mapping", "settings", "source", "repairs", "edits", "counts", "kind")
    return {name: found.get(name) for name in names}


def test_every_form_of_a_job_is_tried(looked_at: Standing) -> None:
    posts = {
        rule.endpoint
        for rule in looked_at.app.url_map.iter_rules()
        if rule.endpoint.startswith("wizard.")
        and "POST" in (rule.methods or ())
        and "job_id" in rule.arguments
    }
    assert posts == {case.endpoint for case in cases(1, 2, 3, 4)} | set(OTHERS)


@pytest.mark.parametrize("at", range(len(cases(1, 2, 3, 4))))
def test_a_form_made_before_a_change_is_refused_keeps_what_was_typed_and_can_be_sent_on_top(
    looked_at: Standing, rows: dict[str, int], at: int
) -> None:
    case = cases(**rows)[at]
    job = looked_at.copy(looked_at.looked_at[case.status])
    if case.endpoint == "wizard.undo_repair":
        looked_at.good("PATCH", f"/jobs/{job}/rows", json=[{"row": 3, "selected": False}], bearer=token(FIRM))
    person = Visitor(looked_at.app, token(FIRM))
    page = person.open(f"/jobs/{job}/{case.page}")
    form = form_of(page, case.ending)
    meanwhile(looked_at, job, case)
    before = kept(looked_at, job)
    answer = person.send(page, form, case.button, **case.changes)
    assert answer.status in (200, 412), answer.text[:2000]
    assert kept(looked_at, job) == before
    assert BO in answer.text
    assert "auth0|77" not in answer.text
    assert case.stays in answer.text
    if case.status == "proposed" and case.endpoint in ("wizard.accounts", "wizard.contacts"):
        again = form_of(answer, case.ending)
        name = next(iter(case.changes))
        assert dict(again.filled())[name] == "skip"
    again_on = answer if answer.status == 412 else person.open(f"/jobs/{job}/{case.page}")
    if case.endpoint in ("wizard.take_values", "wizard.load_without", "wizard.decide_row"):
        return  # the other person has decided the same row: there may be no question any more
    done = person.send(again_on, form_of(again_on, case.ending), case.button, **case.changes)
    assert done.status == 200, done.text[:2000]
    if case.endpoint not in ("wizard.save_mapping", "wizard.decide_rows"):  # no row of the list is in doubt
        assert kept(looked_at, job) != before


TWICE: dict[str, Callable[[dict[str, int]], tuple[str, str, dict[str, str], tuple[str, str]]]] = {
    "save the columns": lambda _: ("accounts", "/accounts", {"target-3": "skip"}, ("go", "stay")),
    "save the settings": lambda _: ("settings", "/settings", {"more_tags": "mine"}, ("go", "stay")),
    "repair a row": lambda r: (
        f"review?tab=all&row={r['row']}&edit={r['row']}", f"/rows/{r['row']}", {"cell-1": "Mine"}, ("", "")),
    "leave a list out": lambda _: ("review?tab=new", "/select", {}, ("selected", "0")),
    "repair all": lambda _: (
        "review?tab=all&fix=invalid_email", "/fix", {"way": "set", "value": "a@b.example"}, ("", "")),
    "decide": lambda r: (
        f"review?tab=all&row={r['doubt']}", f"/decide/{r['doubt']}", {}, ("decision", "new")),
    "undo": lambda _: ("review?tab=all", "/review/undo", {}, ("", "")),
    "start": lambda _: ("review?tab=all", "/start", {}, ("", "")),
    "cancel": lambda _: ("review?tab=all", "/cancel", {}, ("", "")),
}  # fmt: skip


@pytest.mark.parametrize("what", TWICE)
def test_a_button_that_is_pressed_twice_does_its_work_once(
    looked_at: Standing, rows: dict[str, int], what: str
) -> None:
    where, ending, changes, button = TWICE[what](rows)
    status = "proposed" if where in ("accounts", "settings") else "validated"
    job = looked_at.copy(looked_at.looked_at[status])
    if what == "undo":
        for selected in (False, True):
            change = [{"row": 3, "selected": selected}]
            looked_at.good("PATCH", f"/jobs/{job}/rows", json=change, bearer=token(FIRM))
    person = Visitor(looked_at.app, token(FIRM))
    page = person.open(f"/jobs/{job}/{where}")
    form = form_of(page, ending)
    person.send(page, form, button, **changes)
    once = kept(looked_at, job)
    answer = person.send(page, form, button, **changes)
    assert answer.status == 200
    assert 'role="alert"' not in answer.text.partition('id="messages"')[2].partition("<h1>")[0]
    assert kept(looked_at, job) == once


def test_two_who_change_different_rows_do_not_disturb_each_other(
    looked_at: Standing, rows: dict[str, int]
) -> None:
    job = looked_at.copy(looked_at.looked_at["validated"])
    person, row = Visitor(looked_at.app, token(FIRM)), rows["row"]
    page = person.open(f"/jobs/{job}/review?tab=all&row={row}&edit={row}")
    other = [{"row": row + 1, "cells": {"1": "Theirs"}}]
    looked_at.good("PATCH", f"/jobs/{job}/rows", json=other, bearer=token(FIRM, sub="bo"))
    answer = person.send(page, form_of(page, f"/rows/{row}"), **{"cell-1": "Mine"})
    assert answer.status == 200
    found = looked_at.good("GET", f"/jobs/{job}/rows?row={row},{row + 1}", bearer=token(FIRM))["items"]
    assert [one["cells"][1] for one in found] == ["Mine", "Theirs"]


@pytest.mark.parametrize("tag", ['"mapping"', "mapping.1", '"mapping.1,"', '"other.1"', "*", '"mapping.x"'])
def test_a_call_says_what_it_saw_in_one_way_only(looked_at: Standing, tag: str) -> None:
    job = looked_at.copy(looked_at.looked_at["proposed"])
    answer = looked_at.call(
        "PUT", f"/jobs/{job}/settings", json={"tags": []}, headers={"If-Match": tag}, bearer=token(FIRM)
    )
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_content")
