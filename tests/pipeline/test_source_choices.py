"""Tests a person's choices for reading a file: after any choice, another one lets the job go on."""

from __future__ import annotations

import io
import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from openpyxl import Workbook

from shared.contract.job import KINDS
from tests.pipeline.conftest import LIMIT, Caller
from tests.system import Client, eventually

TEXT = "Clients of 2024;;\nAccount name;City;Client code\nSmets, Piet;Gent;1\nClément;Liège;2\n".encode(
    "cp1252"
)
ROWS = [["Smets, Piet", "Gent", "1"], ["Clément", "Liège", "2"]]
#: Every choice that a person can make of a text: good, withdrawn, and bad in each way.
OF_TEXT: dict[str, list[Any]] = {
    "encoding": [None, "utf-16", "klingon"],
    "delimiter": [None, ",", '"'],
    "quote": [None, "", "'", ";"],
    "sheet": ["Sheet1"],
    "header_row": [None, 0, 4, 99],
    "kind": ["accounts", "contacts"],
}
AT_ONCE = 4
RIGHT = {"encoding": "cp1252", "header_row": 2, "kind": "accounts_and_contacts"}


def workbook() -> bytes:
    book = Workbook()
    clients, empty, others = book.worksheets[0], book.create_sheet("empty"), book.create_sheet("others")
    clients.title = "clients"
    for row in [["Export"], [], ["Account name", "City"], *[[f"Smets {n}", "Gent"] for n in range(5)]]:
        clients.append(row)
    for row in [["Account name", "City"], ["Claes", "Aalst"]]:
        others.append(row)
    assert empty.max_row == 1
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def settled(client: Client, job: str) -> dict[str, Any]:
    """The job once no service has anything to do on it."""

    def waits() -> dict[str, Any] | None:
        seen = client.job(job)
        assert seen["status"] != "failed", seen["reason"]
        return seen if seen["waiting_for"]["who"] == "person" else None

    found = eventually(waits, LIMIT, f"job {job} waits for a person")
    assert found is not None
    return found


def choose(client: Client, job: str, choices: dict[str, Any]) -> dict[str, Any]:
    """Make the choices; the job as it waits afterwards, which is either read or says on its source why it is not."""
    answer = client.call("PUT", f"/jobs/{job}/source", json=choices)
    assert answer.status_code in (202, 422), answer.text
    before = client.job(job)["revision"]
    found = settled(client, job)
    assert found["revision"] == before
    if found["status"] == "uploaded":
        source = client.get(f"/jobs/{job}/source")
        assert [problem["code"] for problem in source["problems"]] == [found["hold"]["code"]]
        assert source["problems"][0]["severity"] == "error"
        assert found["waiting_for"]["what"] == "source"
    else:
        assert found["status"] == "proposed"
    return found


def walks() -> list[tuple[dict[str, Any], ...]]:
    """Each choice alone, and a share of the sequences of two and three."""
    single = [{name: value} for name, values in OF_TEXT.items() for value in values]
    pairs = list(itertools.product(single, repeat=2))
    chance = random.Random(7)
    triples = [tuple(chance.choices(single, k=3)) for _ in range(3)]
    return [*((choice,) for choice in single), *chance.sample(pairs, 4), *triples]


@pytest.mark.long
def test_after_any_choices_the_right_ones_lead_to_a_suggestion(caller: Caller, client: Client) -> None:
    all_walks = walks()
    callers = [caller(client.firm) for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(walk_on, callers, [all_walks[start::AT_ONCE] for start in range(AT_ONCE)]))


def walk_on(client: Client, some_walks: list[tuple[dict[str, Any], ...]]) -> None:
    """Take one job along all the walks, and to the right choices at the end of each."""
    job = client.upload(TEXT)
    settled(client, job)
    for walk in some_walks:
        for choices in walk:
            choose(client, job, choices)
        assert choose(client, job, RIGHT)["status"] == "proposed", walk
        source = client.get(f"/jobs/{job}/source")
        assert source["first_rows"] == ROWS, walk
        assert source["overrides"] == {"encoding": "cp1252", "header_row": 2}
        assert source["kind"] == "accounts_and_contacts"


def test_choices_take_the_place_of_earlier_ones(client: Client) -> None:
    job = client.upload(TEXT)
    settled(client, job)
    choose(client, job, {"header_row": 0, "encoding": "cp1252"})
    assert client.get(f"/jobs/{job}/source")["rows"] == 4
    choose(client, job, {"encoding": None})
    source = client.get(f"/jobs/{job}/source")
    assert (source["overrides"], source["rows"], source["header_row"]) == ({}, 2, 2)


def test_another_sheet_begins_without_the_header_row_of_the_one_before(client: Client) -> None:
    job = client.upload(workbook(), "clients.xlsx")
    settled(client, job)
    choose(client, job, {"sheet": "clients", "header_row": 3})
    assert choose(client, job, {"sheet": "empty"})["status"] == "uploaded"
    assert client.get(f"/jobs/{job}/source")["sheets"] == ["clients", "empty", "others"]
    assert client.call("PUT", f"/jobs/{job}/source", json={"sheet": "no such"}).status_code == 422
    assert choose(client, job, {"sheet": "others"})["status"] == "proposed"
    source = client.get(f"/jobs/{job}/source")
    assert (source["rows"], source["header_row"]) == (1, 1)


def test_a_header_row_below_the_list_is_refused_at_once(caller: Caller, client: Client) -> None:
    job = client.upload(TEXT)
    revision = settled(client, job)["revision"]
    dutch = caller(client.firm, locale="nl")
    refused = dutch.call("PUT", f"/jobs/{job}/source", json={"header_row": 99})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_header")
    assert "99" in refused.json()["detail"]
    assert client.job(job)["revision"] == revision


def test_choices_that_came_with_the_upload_can_be_replaced(client: Client) -> None:
    job = client.upload(TEXT, header_row=99, autostart=True)
    waiting = settled(client, job)
    assert (waiting["status"], waiting["hold"]["code"]) == ("uploaded", "no_header")
    client.put(f"/jobs/{job}/source", {"header_row": 2})
    client.wait_for(job, "imported", limit=LIMIT)


def test_a_job_on_hold_can_be_cancelled(client: Client) -> None:
    job = client.upload(TEXT, header_row=99)
    settled(client, job)
    assert client.post(f"/jobs/{job}/cancel")["status"] == "cancelled"


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_can_be_changed_until_the_review(client: Client, kind: str) -> None:
    job = client.upload(TEXT, kind="contacts")
    settled(client, job)
    changed = choose(client, job, {"kind": kind, "header_row": 2})
    assert changed["kind"] == kind
    columns = client.get(f"/jobs/{job}/mapping")["columns"]
    targets = [column["target"] for column in columns if column["action"] == "sync"]
    allowed = {"accounts": ("account.",), "contacts": ("contact.",)}.get(kind, ("account.", "contact."))
    assert [target for target in targets if not target.startswith(allowed)] == []
    client.put(f"/jobs/{job}/source", {})
    assert settled(client, job)["kind"] == kind


def with_hidden_and_total() -> bytes:
    book = Workbook()
    sheet = book.active
    for row in [
        ["Account name", "City", "Fee"],
        *[[f"Smets {n}", "Gent", n] for n in range(5)],
        ["Total", None, 10],
    ]:
        sheet.append(row)
    for number in (3, 5):
        sheet.row_dimensions[number].hidden = True
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def unticked(client: Client, job: str) -> list[int]:
    client.post(f"/jobs/{job}/map")
    client.wait_for(job, "validated", limit=LIMIT)
    return [row["row"] for row in client.every(f"/jobs/{job}/rows", bucket="unselected")]


def test_a_total_starts_without_its_tick_and_hidden_rows_lose_it_by_choice(client: Client) -> None:
    job = client.upload(with_hidden_and_total(), "clients.xlsx")
    settled(client, job)
    source = client.get(f"/jobs/{job}/source")
    codes = [problem["code"] for problem in source["problems"]]
    assert (source["rows"], source["hidden_rows"], codes) == (6, 2, ["total_rows", "hidden_rows"])
    assert unticked(client, job) == [7]
    choose(client, job, {"leave_out_hidden": True})
    assert client.get(f"/jobs/{job}/source")["hidden_rows"] == 2
    assert unticked(client, job) == [3, 5, 7]
    choose(client, job, {})
    assert unticked(client, job) == [7]
