"""Tests whole imports: a file goes in, accounts, contacts and a mail come out, with and without a person's steps."""

from __future__ import annotations

import csv
import io
import zipfile

from deploy.local.servers import MailCatcher
from tests.pipeline.conftest import LIMIT, carried, columns, mails_about, people, records, table
from tests.system import Client, eventually


def test_a_person_takes_a_file_through_all_steps(client: Client, mail_server: MailCatcher) -> None:
    job = client.upload(people(50, bad=2))
    assert client.wait_for(job, "proposed", limit=LIMIT)["waiting_for"]["what"] == "map"
    source = client.get(f"/jobs/{job}/source")
    assert (source["rows"], len(source["columns"]), source["delimiter"]) == (50, 6, ",")

    suggested = client.get(f"/jobs/{job}/mapping")
    assert suggested["missing"] == []
    targets = {column["header"]: column["target"] for column in suggested["columns"]}
    assert targets["Email"] == "contact.email"
    assert targets["Client code"] == "account.client_code"
    client.put(f"/jobs/{job}/mapping", {"columns": suggested["columns"]})
    client.put(f"/jobs/{job}/settings", {"tags": ["carried over"]})

    client.post(f"/jobs/{job}/map")
    validated = client.wait_for(job, "validated", limit=LIMIT)
    assert validated["counts"] == {
        "new": 48, "update": 0, "unchanged": 0, "duplicate": 0, "invalid": 2, "unselected": 0,
    }  # fmt: skip
    report = client.get(f"/jobs/{job}/report")
    assert [(p["code"], p["rows"]) for p in report["problems"]] == [("invalid_email", 2)]
    assert report["records"] == {
        "accounts_create": 48,
        "contacts_create": 48,
        "accounts_update": 0,
        "contacts_update": 0,
        "links_create": 48,
        "partners_create": 0,
    }
    wrong = list(client.every(f"/jobs/{job}/rows", bucket="invalid", limit=1))
    assert [row["row"] for row in wrong] == [50, 51], "as numbered in the spreadsheet"
    assert {p["code"] for row in wrong for p in row["problems"]} == {"invalid_email"}
    assert len(list(client.every(f"/jobs/{job}/rows", limit=7))) == 50
    named = client.get(f"/jobs/{job}/rows", row="51,2,999,20", bucket="new")
    assert [row["row"] for row in named["items"]] == [2, 20, 51], "rows by number, whatever else is asked"
    assert client.call("GET", f"/jobs/{job}/rows", params={"row": "2,x"}).status_code == 422
    [problem] = report["problems"]
    assert {example["column"] for example in problem["examples"]} == {
        next(c["index"] for c in suggested["columns"] if c["header"] == "Email")
    }
    assert records(client, "accounts") == []

    client.post(f"/jobs/{job}/confirm")
    imported = client.wait_for(job, "imported", limit=LIMIT)
    result = client.get(f"/jobs/{job}/result")
    assert result["balanced"]
    assert result["result"] == imported["result"]
    assert (imported["result"]["rows_loaded"], imported["result"]["rows_skipped"]) == (48, 2)
    assert imported["result"]["tags_created"] == 2
    assert [line["status"] for line in imported["history"]] == [
        "uploaded", "read", "proposed", "mapped", "validated", "confirmed", "imported",
    ]  # fmt: skip
    assert len(records(client, "contacts")) == 48
    assert {tuple(account["tags"]) for account in records(client, "accounts")} == {("vip", "carried over")}
    assert len(mails_about(mail_server, job)) == 1
    outcomes = {row["outcome"] for row in client.every(f"/jobs/{job}/rows", bucket="new")}
    assert outcomes == {"loaded"}


def test_the_skipped_rows_can_be_fetched(client: Client) -> None:
    job = carried(client, people(30, bad=3), max_invalid={"rows": 3})["id"]
    answer = client.call("GET", f"/jobs/{job}/skipped.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        lines = archive.read(archive.namelist()[0]).decode("utf-8-sig").splitlines()
    table = list(csv.DictReader(lines))
    assert [row["Client code"] for row in table] == ["C027", "C028", "C029"]
    assert [(row["_row"], row["_problem"]) for row in table] == [
        (str(n), "invalid_email") for n in (29, 30, 31)
    ]
    assert all("@" in row["_reason"] for row in table)


def test_autostart_goes_all_the_way_and_mails_the_importer(client: Client, mail_server: MailCatcher) -> None:
    job = carried(client, people(50))
    assert job["result"]["accounts_created"] == job["result"]["contacts_created"] == 50
    assert job["waiting_for"] is None
    assert len(mails_about(mail_server, job["id"])) == 1
    notices = eventually(lambda: client.job(job["id"])["notices"], LIMIT, "the notice is noted")
    assert [(n["to"], n["status"]) for n in notices] == [(f"owner@{client.firm}.example.org", "imported")]


def test_autostart_holds_where_a_needed_field_has_no_column(client: Client) -> None:
    unknown = table(("Colour", "Weight"), *[("red", str(n)) for n in range(30)])
    job = client.upload(unknown, autostart=True)
    waiting = eventually(lambda: (j := client.job(job)) and j["hold"] and j, LIMIT, "it holds")
    assert (waiting["status"], waiting["hold"]["code"]) == ("proposed", "required_not_mapped")
    assert waiting["hold"]["message"]
    assert waiting["waiting_for"]["who"] == "person"


def test_autostart_holds_where_more_rows_are_invalid_than_allowed_and_a_person_goes_on(
    client: Client,
) -> None:
    job = client.upload(people(40, bad=3), autostart=True, max_invalid={"share": 0.05})
    waiting = eventually(lambda: (j := client.job(job)) and j["hold"] and j, LIMIT, "it holds")
    assert (waiting["status"], waiting["hold"]["code"]) == ("validated", "too_many_invalid")
    assert records(client, "accounts") == []
    client.post(f"/jobs/{job}/confirm")
    assert client.wait_for(job, "imported", limit=LIMIT)["result"]["rows_loaded"] == 37


def test_a_person_goes_back_to_the_mapping_after_the_check(client: Client) -> None:
    job = client.upload(people(50))
    client.wait_for(job, "proposed", limit=LIMIT)
    client.post(f"/jobs/{job}/map")
    client.wait_for(job, "validated", limit=LIMIT)
    without_tags = columns("account.name", "account.client_code")
    client.put(f"/jobs/{job}/mapping", without_tags)
    again = client.job(job)
    assert (again["status"], again["revision"]) == ("proposed", 2)
    client.post(f"/jobs/{job}/map")
    client.wait_for(job, "validated", limit=LIMIT)
    client.post(f"/jobs/{job}/confirm")
    result = client.wait_for(job, "imported", limit=LIMIT)["result"]
    assert (result["accounts_created"], result["contacts_created"], result["tags_created"]) == (50, 0, 0)
    assert records(client, "contacts") == []


def test_a_person_has_the_file_read_otherwise_after_the_check(client: Client) -> None:
    text = table(
        ("Account name", "Client code"), *[(f"Café {n}", f"K{n}") for n in range(25)], encoding="cp1252"
    )
    job = client.upload(text, encoding="cp437")
    client.wait_for(job, "proposed", limit=LIMIT)
    client.post(f"/jobs/{job}/map")
    client.wait_for(job, "validated", limit=LIMIT)
    assert client.call("PUT", f"/jobs/{job}/source", json={"encoding": "cp1252"}).status_code == 202
    client.wait_for(job, "proposed", limit=LIMIT)
    client.post(f"/jobs/{job}/map")
    client.wait_for(job, "validated", limit=LIMIT)
    client.post(f"/jobs/{job}/confirm")
    client.wait_for(job, "imported", limit=LIMIT)
    assert {account["name"] for account in records(client, "accounts")} == {f"Café {n}" for n in range(25)}


def test_a_job_that_waits_for_a_person_can_be_cancelled_and_not_begun_again(client: Client) -> None:
    job = client.upload(people(30))
    client.wait_for(job, "proposed", limit=LIMIT)
    assert client.post(f"/jobs/{job}/cancel")["status"] == "cancelled"
    for path in ("map", "confirm"):
        refused = client.call("POST", f"/jobs/{job}/{path}")
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert records(client, "accounts") == []
    assert client.call("DELETE", f"/jobs/{job}").status_code == 204
    assert client.job(job)["purged_at"]
