"""Tests skipped rows: they are downloaded as a list, repaired, and uploaded again, before and after loading."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from pymongo.database import Database

from deploy.local.servers import MailCatcher
from tests.pipeline.conftest import (
    HEADER,
    LIMIT,
    Caller,
    carried,
    columns,
    mails_about,
    people,
    records,
    table,
)
from tests.pipeline.test_refusals import is_a_problem
from tests.system import Client, eventually

Lines = list[dict[str, str]]


def listed(client: Client, job: str, delimiter: str = ",") -> Lines:
    """The list of skipped rows."""
    answer = client.call("GET", f"/jobs/{job}/skipped.zip")
    assert answer.ok, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        text = archive.read("skipped-rows.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def as_file(lines: Lines, delimiter: str = ",") -> bytes:
    return table(list(lines[0]), *[list(line.values()) for line in lines], delimiter=delimiter)


def repaired(lines: Lines, *only: str) -> Lines:
    """The lines with usable addresses, or only those of some client codes."""
    return [
        {**line, "Email": f"{line['Client code']}@example.be".lower()}
        if not only or line["Client code"] in only
        else line
        for line in lines
    ]


def validated(client: Client, content: bytes) -> str:
    job = client.upload(content)
    client.wait_for(job, "proposed", limit=LIMIT)
    client.post(f"/jobs/{job}/map")
    client.wait_for(job, "validated", limit=LIMIT)
    return job


def sent_back(client: Client, content: bytes, job: str, name: str = "skipped-rows.csv") -> dict[str, Any]:
    answer = client.send(content, name, repairs=job)
    assert answer.status_code == 202, answer.text
    return answer.json()


def loaded_from(client: Client, content: bytes, job: str, name: str = "skipped-rows.csv") -> dict[str, Any]:
    """The job that loads repaired rows, once it did."""
    again = sent_back(client, content, job, name)
    assert (again["id"] != job, again["repairs"]) == (True, job)
    return client.wait_for(again["id"], "imported", limit=LIMIT)


def balances(job: dict[str, Any]) -> bool:
    result = job["result"]
    done = result["rows_loaded"] + result["rows_unchanged"] + result["rows_skipped"]
    return bool(done == job["source"]["rows"])


# before loading


def test_before_loading_the_file_repairs_the_job_and_its_rows_are_checked_again(client: Client) -> None:
    job = validated(client, people(50, bad=3))
    lines = listed(client, job)
    assert [(line["_row"], line["_problem"]) for line in lines] == [
        (str(n), "invalid_email") for n in (49, 50, 51)
    ]
    content = as_file(repaired(lines, "C047", "C048"))
    again = sent_back(client, content, job)
    assert (again["id"], again["status"], again["revision"]) == (job, "mapped", 2)
    whole = client.wait_for(job, "validated", limit=LIMIT)
    assert (whole["counts"]["new"], whole["counts"]["invalid"]) == (49, 1)
    (repair,) = client.get(f"/jobs/{job}/repairs")["items"]
    assert (repair["what"], repair["cells"], repair["ticks"]) == ("file", 2, 0)
    assert [one["id"] for one in client.every("/jobs")] == [job], "the file is no job of its own"

    assert sent_back(client, content, job)["revision"] == 2, "the same file changes nothing more"
    client.post(f"/jobs/{job}/confirm")
    imported = client.wait_for(job, "imported", limit=LIMIT)
    assert (imported["result"]["rows_loaded"], imported["result"]["rows_skipped"]) == (49, 1)
    assert {c["email"] for c in records(client, "contacts")} >= {"c047@example.be", "c048@example.be"}


def test_a_repair_by_file_is_undone_as_any_other(client: Client) -> None:
    job = validated(client, people(30, bad=2))
    sent_back(client, as_file(repaired(listed(client, job))), job)
    assert client.wait_for(job, "validated", limit=LIMIT)["counts"]["invalid"] == 0
    client.post(f"/jobs/{job}/repairs/undo")
    assert client.job(job)["counts"]["invalid"] == 2


def test_an_unticked_row_stays_unticked(client: Client) -> None:
    job = validated(client, people(30, bad=1))
    change = client.call("PATCH", f"/jobs/{job}/rows", json=[{"row": 5, "selected": False}])
    assert change.ok, change.text
    lines = listed(client, job)
    assert [(line["_row"], line["_problem"]) for line in lines] == [
        ("5", "not_selected"),
        ("31", "invalid_email"),
    ]
    sent_back(client, as_file(repaired(lines)), job)
    counts = client.wait_for(job, "validated", limit=LIMIT)["counts"]
    assert (counts["new"], counts["invalid"], counts["unselected"]) == (29, 0, 1)


def test_rows_come_back_as_json_too_with_some_of_the_columns(client: Client) -> None:
    job = validated(client, people(30, bad=2))
    rows = [{"_row": number, "Email": f"r{number}@example.be"} for number in (30, 31)]
    answer = client.call("POST", "/jobs", json={"rows": rows, "options": {"repairs": job}})
    assert (answer.status_code, answer.json()["id"]) == (202, job)
    assert client.wait_for(job, "validated", limit=LIMIT)["counts"]["new"] == 30


def test_formulas_and_signs_go_out_and_come_back_as_they_were(client: Client) -> None:
    notes = ["=1+1", "'=1+1", "+32470123456", "-5", "+3,14", "@here", "'n huis", "a;b\nc", '"q"']
    rows = [(f"Bakery {n}", f"C{n}", "Jan", "P", f"jan{n}@", note) for n, note in enumerate(notes)]
    header = ("Account name", "Client code", "First name", "Last name", "Email", "=Notes")
    job = validated(client, table(header, *rows, delimiter=";"))
    lines = listed(client, job, ";")
    assert [line["'=Notes"] for line in lines][:6] == [
        "'=1+1",
        "''=1+1",
        "+32470123456",
        "-5",
        "+3,14",
        "'@here",
    ]
    assert sent_back(client, as_file(lines, ";"), job)["revision"] == 1, "nothing changed"
    sent_back(client, as_file(repaired(lines), ";"), job)
    client.wait_for(job, "validated", limit=LIMIT)
    assert [row["cells"][5] for row in client.every(f"/jobs/{job}/rows")] == notes


def test_the_archive_itself_comes_back_and_changes_nothing(client: Client) -> None:
    job = validated(client, people(30, bad=2))
    for name in ("skipped.zip", "skipped.xlsx"):
        content = client.call("GET", f"/jobs/{job}/{name}").content
        assert sent_back(client, content, job, name)["revision"] == 1


def test_headers_that_look_like_values_are_still_headers(client: Client) -> None:
    header = ("Account name", "2023", "2024", "2025", "01/02/2026", "Email")
    rows = [(f"Bakery {n}", "1", "2", "3", "4", f"p{n}@") for n in range(3)]
    job = client.upload(table(header, *rows), header_row=1)
    client.wait_for(job, "proposed", limit=LIMIT)
    mapping = columns("account.name", *[""] * 4, "account.email")["columns"]
    mapping = [mapping[0], mapping[5]]
    client.put(f"/jobs/{job}/mapping", {"columns": mapping, "account_type": {"mode": "skip"}})
    client.post(f"/jobs/{job}/map")
    counts = client.wait_for(job, "validated", limit=LIMIT)["counts"]
    assert counts["invalid"] == 3
    book = client.call("GET", f"/jobs/{job}/skipped.xlsx").content
    assert sent_back(client, book, job, "a.xlsx")["revision"] == 1
    lines = [{**line, "2024": "5"} for line in listed(client, job)]
    assert sent_back(client, as_file(lines), job)["revision"] == 2


# after loading


def test_after_loading_the_rows_are_loaded_by_a_job_of_their_own_and_the_first_is_brought_up_to_date(
    client: Client, mail_server: MailCatcher
) -> None:
    first = carried(client, people(50, bad=4), max_invalid={"rows": 4})
    assert (first["result"]["rows_loaded"], first["result"]["rows_skipped"]) == (46, 4)
    lines = listed(client, first["id"])
    again = loaded_from(client, as_file(repaired(lines, "C046", "C048", "C049")), first["id"])
    assert (again["source"]["rows"], again["counts"]["new"], again["counts"]["invalid"]) == (4, 3, 1)
    assert (again["result"]["rows_loaded"], again["result"]["rows_skipped"]) == (3, 1)
    assert len(mails_about(mail_server, again["id"])) == 1

    whole = client.job(first["id"])
    assert whole["repaired_by"] == [again["id"]]
    assert whole["links"]["repaired_by"].endswith(again["id"])
    assert (whole["result"]["rows_loaded"], whole["result"]["rows_skipped"]) == (49, 1)
    assert (whole["result"]["accounts_created"], whole["result"]["links_created"]) == (49, 49)
    assert balances(whole)
    assert balances(again)
    outcomes = {row["row"]: row["outcome"] for row in client.every(f"/jobs/{first['id']}/rows")}
    assert [outcomes[number] for number in (48, 49, 50, 51)] == ["loaded", "skipped", "loaded", "loaded"]
    assert len(records(client, "accounts")) == 49
    eventually(lambda: client.job(again["id"])["notices"], LIMIT, "the notifier is done")
    assert [line["_row"] for line in listed(client, first["id"])] == ["49"]
    assert [line["_row"] for line in listed(client, again["id"])] == ["49"], "under the number of the first"


def test_the_same_file_again_changes_nothing(client: Client) -> None:
    first = carried(client, people(30, bad=2), max_invalid={"rows": 2})["id"]
    content = as_file(repaired(listed(client, first)))
    again = loaded_from(client, content, first)
    before = client.job(first)
    assert sent_back(client, content, first)["id"] == again["id"]
    assert client.job(first) == before
    assert len(list(client.every("/jobs"))) == 2


def test_the_same_request_under_a_key_gives_the_same_job(client: Client) -> None:
    first = carried(client, people(30, bad=2), max_invalid={"rows": 2})["id"]
    lines = listed(client, first)
    content = as_file(repaired(lines))
    again = client.send(content, "back.csv", "a-key", repairs=first).json()["id"]
    client.wait_for(again, "imported", limit=LIMIT)
    assert client.send(content, "back.csv", "a-key", repairs=first).json()["id"] == again
    other = client.send(as_file(repaired(lines, "C028")), "back.csv", "a-key", repairs=first)
    is_a_problem(other, 409, "idempotency_conflict")
    assert client.wait_for(again, "imported", limit=LIMIT)["source"]["rows"] == 2


def test_a_list_that_is_repaired_in_rounds_loads_each_row_once(client: Client) -> None:
    first = carried(client, people(30, bad=3), max_invalid={"rows": 3})["id"]
    lines = listed(client, first)
    loaded_from(client, as_file(repaired(lines, "C027")), first)
    second = loaded_from(client, as_file(repaired(lines)), first)
    assert (second["source"]["rows"], second["result"]["rows_loaded"]) == (3, 2)
    assert [line["_problem"] for line in listed(client, second["id"])] == ["loaded_before"]
    whole = client.job(first)
    assert (whole["result"]["rows_loaded"], whole["result"]["rows_skipped"]) == (30, 0)
    assert len(whole["repaired_by"]) == 2
    assert len(records(client, "contacts")) == 30
    problem = is_a_problem(
        client.send(as_file(repaired(lines[:1])), "x.csv", repairs=first), 409, "nothing_to_repair"
    )
    assert problem["detail"]
    assert client.call("GET", f"/jobs/{first}/skipped.zip").status_code == 404


def test_repairing_the_repair_brings_the_first_up_to_date_as_well(client: Client) -> None:
    first = carried(client, people(30, bad=2), max_invalid={"rows": 2})["id"]
    second = loaded_from(client, as_file(repaired(listed(client, first), "C028")), first)
    third = loaded_from(client, as_file(repaired(listed(client, second["id"]))), second["id"])
    for job in (first, second["id"]):
        assert client.job(job)["result"]["rows_skipped"] == 0
        assert client.job(job)["repaired_by"][-1] == third["id"]
        assert balances(client.job(job))


def test_a_workbook_comes_back_with_semicolons_before(client: Client) -> None:
    rows = [(f"Bakery {n}", f"00{n}", "", "Jan", "P", f"p{n}@example.be" if n else "?") for n in range(25)]
    first = carried(client, table(HEADER, *rows, delimiter=";"), max_invalid={"rows": 1})["id"]
    assert [line["Client code"] for line in listed(client, first, ";")] == ["000"]
    book = openpyxl.load_workbook(io.BytesIO(client.call("GET", f"/jobs/{first}/skipped.xlsx").content))
    sheet = book.active
    assert sheet is not None
    (wrong,) = [cell for row in sheet for cell in row if cell.comment]
    assert wrong.value == "?"
    wrong.value = "p0@example.be"
    content = io.BytesIO()
    book.save(content)
    again = loaded_from(client, content.getvalue(), first, "skipped-rows.xlsx")
    assert again["source"]["format"] == "xlsx"
    assert client.job(first)["result"]["rows_loaded"] == 25
    assert "000" in {account["client_code"] for account in records(client, "accounts")}


def test_the_mapping_and_the_settings_of_the_first_are_those_of_the_repair(client: Client) -> None:
    header = ("A", "B", "C", "D", "Day")
    rows = [(f"Bakery {n}", "Jan", "P", f"p{n}@example.be", f"0{n % 9 + 1}/13/1990") for n in range(20)]
    rows.append(("Bakery 20", "Jan", "P", "?", "03/04/1990"))
    targets = (
        "account.name", "contact.first_name", "contact.last_name", "contact.email", "contact.date_of_birth"
    )  # fmt: skip
    mapping = {"columns": [{"index": n, "action": "sync", "target": t} for n, t in enumerate(targets)]}
    options = {"mapping": mapping, "settings": {"tags": ["carried over"]}, "max_invalid": {"rows": 1}}
    first = carried(client, table(header, *rows), **options)["id"]
    (line,) = listed(client, first)
    back = as_file([{**line, "D": "p20@example.be"}])
    loaded_from(client, back, first)
    accounts = {account["name"]: account for account in records(client, "accounts")}
    assert accounts["Bakery 20"]["tags"] == ["carried over"]
    born = {c["email"]: c["date_of_birth"] for c in records(client, "contacts")}
    assert born["p20@example.be"] == "1990-03-04", "the order that all dates of the first file decided"


def test_a_repair_that_is_undone_can_be_sent_again(client: Client) -> None:
    first = carried(client, people(30, bad=3), max_invalid={"rows": 3})["id"]
    before, lines = client.job(first), listed(client, first)
    content = as_file(repaired(lines))
    again = loaded_from(client, content, first)
    assert client.job(first)["result"]["rows_skipped"] == 0
    eventually(lambda: client.job(again["id"])["notices"], LIMIT, "the notifier is done")
    client.post(f"/jobs/{again['id']}/undo")
    undone = client.wait_for(again["id"], "undone", limit=LIMIT)
    after = client.job(first)
    assert (after["result"], after["repaired_by"]) == (before["result"], [])
    assert balances(after)
    notified = eventually(lambda: len(client.job(again["id"])["notices"]) == 2, LIMIT, "the notifier is done")
    assert notified
    assert listed(client, first) == lines
    assert len(records(client, "accounts")) == undone["result"]["rows_loaded"] * 9
    third = loaded_from(client, content, first)
    assert third["id"] != again["id"]
    assert client.job(first)["result"]["rows_loaded"] == 30
    assert client.job(first)["repaired_by"] == [third["id"]]


# what is refused

Change = Callable[[Lines], Lines]


@pytest.mark.parametrize("at", ["validated", "imported"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda lines: [{k: v for k, v in line.items() if k != "_row"} for line in lines],
            "repair_without_rows",
        ),
        (lambda lines: [{**lines[0], "_row": "99"}, *lines[1:]], "repair_unknown_rows"),
        (lambda lines: [*lines, {**lines[0], "_row": ""}], "repair_unknown_rows"),
        (lambda lines: [*lines, lines[0]], "repair_rows_twice"),
        (lambda lines: [{**line, "Colour": "red"} for line in lines], "repair_unknown_columns"),
    ],
)
def test_a_file_that_is_not_the_list_is_refused_whole(
    client: Client, database: Database[dict[str, Any]], at: str, change: Change, code: str
) -> None:
    content = people(30, bad=2)
    job = (
        validated(client, content)
        if at == "validated"
        else carried(client, content, max_invalid={"rows": 2})["id"]
    )
    before = client.job(job)
    answer = client.send(as_file(change(repaired(listed(client, job)))), "back.csv", repairs=job)
    is_a_problem(answer, 422, code)
    of_the_mail = {"notices": [], "version": ""}  # it may be sent in between
    assert client.job(job) | of_the_mail == before | of_the_mail
    files = database["files.files"].distinct("filename", {"metadata.firm": client.firm})
    assert set(files) <= {job, f"{job}.skipped", f"{job}.prints"}


def test_a_job_that_is_not_there_or_not_ready_takes_nothing_back(client: Client, caller: Caller) -> None:
    job = client.upload(people(30))
    client.wait_for(job, "proposed", limit=LIMIT)
    content = table((*HEADER, "_row"), (*["x"] * 6, "2"))
    is_a_problem(client.send(content, "a.csv", repairs=job), 409, "wrong_state")
    for foreign in (caller(), client):
        number = job if foreign is not client else "0" * 32
        problem = is_a_problem(foreign.send(content, "a.csv", repairs=number), 422, "unknown_import")
        assert [each["place"] for each in problem["errors"]] == ["options.repairs"]


def test_repairs_go_the_way_of_the_first_and_say_so(client: Client) -> None:
    job = validated(client, people(30, bad=1))
    answer = client.send(as_file(listed(client, job)), "a.csv", repairs=job, kind="accounts", autostart=True)
    assert "autostart, kind" in str(is_a_problem(answer, 422, "invalid_content")["errors"])


# why rows were left out


def test_the_result_counts_the_reasons_and_the_rows_can_be_asked_for(client: Client) -> None:
    content = people(30, bad=3).replace(b"Bakery 28", b"").replace(b"C028", b"")
    first = carried(client, content, max_invalid={"rows": 3})["id"]

    def reasons() -> dict[str, int] | None:
        found = client.get(f"/jobs/{first}/result")["left_out"]
        return found if found is None else {each["code"]: each["rows"] for each in found}

    assert eventually(reasons, LIMIT, "the list is made") == {"invalid_email": 3, "missing_required": 1}
    skipped = [row["row"] for row in client.every(f"/jobs/{first}/rows", outcome="skipped", limit=2)]
    assert skipped == [29, 30, 31]
    missing = list(client.every(f"/jobs/{first}/rows", outcome="skipped", problem="missing_required"))
    assert [row["row"] for row in missing] == [30]

    loaded_from(client, as_file(repaired(listed(client, first), "C027", "C029")), first)
    eventually(lambda: reasons() == {"invalid_email": 1, "missing_required": 1}, LIMIT, "counted again")
    assert [row["row"] for row in client.every(f"/jobs/{first}/rows", outcome="skipped")] == [30]


# without a wrong value


def test_rows_are_loaded_without_a_wrong_value_and_the_corrected_value_reaches_its_client(
    client: Client,
) -> None:
    job = client.upload(people(30, bad=3))
    client.wait_for(job, "proposed", limit=LIMIT)
    chosen = client.call("PUT", f"/jobs/{job}/settings", json={"on_invalid": {"contact.email": "drop_value"}})
    assert chosen.json()["on_invalid"] == {"contact.email": "drop_value"}
    client.post(f"/jobs/{job}/map")
    assert client.wait_for(job, "validated", limit=LIMIT)["counts"]["new"] == 30
    waiting = [(line["_row"], line["_problem"]) for line in listed(client, job)]
    client.post(f"/jobs/{job}/confirm")
    done = client.wait_for(job, "imported", limit=LIMIT)
    assert (done["result"]["rows_loaded"], done["result"]["rows_skipped"], balances(done)) == (30, 0, True)
    lines = listed(client, job)
    assert waiting == [(line["_row"], line["_problem"]) for line in lines]
    assert [line["_problem"] for line in lines] == ["value_left_out"] * 3
    assert len(records(client, "contacts")) == 30

    again = loaded_from(client, as_file(repaired(lines)), job)
    assert (again["result"]["contacts_updated"], again["result"]["contacts_created"]) == (3, 0)
    assert {one.get("email") for one in records(client, "contacts")} >= {
        f"{line['Client code']}@example.be".lower() for line in lines
    }
    assert client.job(job)["result"]["rows_loaded"] == 30


def test_one_click_loads_all_rows_of_a_problem_without_the_value(client: Client) -> None:
    job = validated(client, people(20, bad=2))
    fixed = client.post(f"/jobs/{job}/rows/fix", {"problem": "invalid_email", "action": "drop_value"})
    assert fixed["changed"] == 2
    assert client.job(job)["counts"]["invalid"] == 0
    shown = client.get(f"/jobs/{job}/rows", problem="value_left_out")["items"]
    assert [row["decision"] for row in shown] == [{"without": ["contact.email"]}] * 2
    client.post(f"/jobs/{job}/repairs/undo")
    assert client.job(job)["counts"]["invalid"] == 2
    one = shown[0]["row"]
    for body in ({"row": one, "without": ["account.name"]}, {"row": one, "without": ["contact.first_name"]}):
        assert client.call("PATCH", f"/jobs/{job}/rows", json=[body]).status_code == 422
    client.call("PATCH", f"/jobs/{job}/rows", json=[{"row": one, "without": ["contact.email"]}])
    assert client.job(job)["counts"]["invalid"] == 1
