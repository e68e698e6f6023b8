"""Tests the source of a job: shown, changed by a person's choices, and recognised when the file comes again."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.pipeline.conftest import LIMIT, Caller, people, table
from tests.system import Client


def workbook(**sheets: list[list[str]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        sheet.sheet_state = "hidden" if name.startswith("hidden") else "visible"
        for row in rows:
            sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def found(client: Client, job: str) -> dict[str, Any]:
    client.wait_for(job, "proposed", limit=LIMIT)
    return client.get(f"/jobs/{job}/source")


def test_sheets_are_named_hidden_ones_too_and_another_one_can_be_chosen(client: Client) -> None:
    clients = [["Account name", "Client code"], ["Smets", "1"], ["Claes", "2"]]
    others = [["Account name", "City"], ["Peeters", "Gent"]]
    job = client.upload(workbook(clients=clients, others=others, hidden_one=others), "clients.xlsx")
    source = found(client, job)
    assert (source["sheet"], source["sheets"]) == ("clients", ["clients", "others", "hidden one"])
    assert source["hidden_sheets"] == ["hidden one"]
    assert client.call("PUT", f"/jobs/{job}/source", json={"sheet": "others"}).status_code == 202
    again = found(client, job)
    assert (again["sheet"], again["rows"]) == ("others", 1)
    assert client.job(job)["revision"] == 2


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"encoding": "klingon"}, "undecodable"),
        ({"sheet": "no such"}, "unknown_sheet"),
        ({"delimiter": '"'}, "unusable_delimiter"),
    ],
)
def test_a_decision_that_no_file_can_be_read_with_is_refused_and_changes_nothing(
    client: Client, wanted: dict[str, str], code: str
) -> None:
    job = client.upload(people(2))
    found(client, job)
    refused = client.call("PUT", f"/jobs/{job}/source", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert client.job(job)["revision"] == 1


def test_a_table_without_a_header_is_read_so_when_a_person_says_it(client: Client) -> None:
    job = client.upload(people(3))
    assert found(client, job)["header_row"] == 1
    client.call("PUT", f"/jobs/{job}/source", json={"header_row": 0})
    again = found(client, job)
    assert (again["header_row"], again["rows"], again["columns"][0]["name"]) == (0, 4, "Column A")


def test_the_same_file_is_known_again_and_so_are_its_rows_in_a_later_one(client: Client) -> None:
    first = client.upload(people(30), autostart=True)
    client.wait_for(first, "imported", limit=LIMIT)
    again = found(client, client.upload(people(30), "copy.csv"))
    assert (again["same_as"]["job"], again["same_as"]["status"]) == (first, "imported")
    assert "same_file" in [problem["code"] for problem in again["problems"]]
    assert "like" not in again
    later = found(client, client.upload(people(39), "later.csv"))
    assert (later["like"]["job"], later["like"]["differing"]) == (first, 9)
    assert (later["like"]["rows_before"], later["like"]["rows_now"]) == (30, 39)
    assert "same_as" not in later


def test_a_firm_does_not_see_that_another_has_the_same_file(caller: Caller, client: Client) -> None:
    other = caller()
    found(other, other.upload(people(5)))
    mine = found(client, client.upload(people(5)))
    assert "same_as" not in mine
    assert "like" not in mine


def test_limits_of_the_firm_refuse_with_their_figures(client: Client) -> None:
    client.put("/directory", {"limits": {"bytes": 2_000, "rows": 10}})
    refused = client.send(people(100), "clients.csv")
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert "2 kB" in refused.json()["detail"]
    many = client.upload(table(("Account name",), *[(f"A{n}",) for n in range(11)]))
    failed = client.wait_for(many, "failed", limit=LIMIT)
    assert failed["reason"]["code"] == "too_many_rows"
    assert "10" in failed["reason"]["message"]


def test_problems_of_a_file_are_shown_in_the_language_of_who_asks(caller: Caller, client: Client) -> None:
    job = client.upload(b"Export 2024\n\nAccount name;City\nSmets;Gent\nClaes;Aalst\n")
    assert found(client, job)["problems"][0]["message"].startswith("Lines above")
    dutch = caller(client.firm, locale="nl")
    assert dutch.get(f"/jobs/{job}/source")["problems"][0]["message"].startswith("Regels boven")


def test_a_template_can_be_had_filled_in_and_imported(client: Client) -> None:
    answer = client.call("GET", "/templates/accounts-and-contacts.xlsx?lang=nl")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    sheet.cell(2, 1, "Smets BV")
    written = io.BytesIO()
    book.save(written)
    source = found(client, client.upload(written.getvalue(), "clients.xlsx"))
    assert (source["rows"], source["sheet"]) == (1, "Klanten")
    assert client.call("GET", "/templates/unknown.xlsx").status_code == 404
