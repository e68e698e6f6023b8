"""Tests the undo of an import as a person sees it: before, meanwhile and after; over HTTP, by mail, as a list."""

from __future__ import annotations

import csv
import io
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from deploy.local.servers import MailCatcher
from tests.pipeline.conftest import (
    CHUNK_ROWS,
    HEADER,
    LIMIT,
    Caller,
    carried,
    columns,
    people,
    records,
    table,
)
from tests.system import Client, System, eventually

ROWS = 3 * CHUNK_ROWS


def undone(client: Client, job_id: str) -> dict[str, Any]:
    """The job, once it is undone."""
    client.post(f"/jobs/{job_id}/undo")
    return client.wait_for(job_id, "undone", limit=LIMIT)


def mails_of(mail: MailCatcher, job_id: str, count: int) -> list[str]:
    """The mails about a job, once there are so many and its notices are all written."""
    found: list[str] = []

    def there() -> bool:
        texts = (path.read_text(errors="replace") for path in mail.messages())
        found[:] = [text for text in texts if f"<{job_id}." in text]
        return len(found) >= count

    eventually(there, LIMIT, f"{count} mails about job {job_id}")
    return found


def listed(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.call("GET", path)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = archive.namelist()
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def test_an_import_undone_leaves_nothing_and_says_so_everywhere(
    client: Client, mail_server: MailCatcher
) -> None:
    job = carried(client, people(ROWS, bad=3), max_invalid={"rows": 5})
    assert len(mails_of(mail_server, job["id"], 1)) == 1
    briefly = client.get(f"/jobs/{job['id']}/undo", numbers="false")
    assert (briefly["may"], briefly["will"]) == (True, None)
    shown = client.get(f"/jobs/{job['id']}/undo")
    assert shown["may"]
    assert shown["done"] is None
    assert job["undo"] is None
    after = undone(client, job["id"])
    good = ROWS - 3
    numbers = after["undo"]
    assert numbers == {
        "rows_reversed": good, "rows_kept": 0, "rows_failed": 0, "rows_nothing": 3,
        "accounts_removed": good, "accounts_restored": 0, "contacts_removed": good, "contacts_restored": 0,
        "links_removed": good, "tags_removed": 1, "custom_fields_removed": 0, "kept": 0,
    }  # fmt: skip
    foreseen = {name: number for name, number in shown["will"].items() if number is not None}
    assert foreseen == {name: numbers[name] for name in foreseen}
    assert records(client, "accounts") == records(client, "contacts") == []
    assert client.get("/directory")["tags"] == []
    assert client.get(f"/jobs/{job['id']}/result")["undo"] == numbers
    assert client.get(f"/jobs/{job['id']}/undo")["done"] == numbers
    assert after["result"] == job["result"]
    assert after["revision"] == job["revision"] + 1
    rows = client.get(f"/jobs/{job['id']}/rows", limit=5)["items"]
    assert len(rows) == 5, "its rows can still be looked at"
    assert len(mails_of(mail_server, job["id"], 2)) == 2
    eventually(lambda: len(client.job(job["id"])["notices"]) == 2, LIMIT, "the second notice is written")
    assert [notice["status"] for notice in client.job(job["id"])["notices"]] == ["imported", "undone"]


def test_what_people_changed_since_is_kept_and_reported_row_by_row(client: Client) -> None:
    job = carried(client, people(ROWS))
    accounts = sorted(client.every("/accounts"), key=lambda a: a["fields"]["client_code"])
    changed = client.call("PATCH", f"/accounts/{accounts[1]['id']}", json={"notes": "by hand"})
    assert changed.status_code == 200, changed.text
    after = undone(client, job["id"])
    assert [account["name"] for account in records(client, "accounts")] == ["Bakery 1"]
    assert records(client, "contacts") == []
    assert after["undo"]["rows_kept"] == after["undo"]["kept"] == 1
    assert after["undo"]["tags_removed"] == 0, "the account that stays has the tag"
    assert client.get(f"/jobs/{job['id']}/undo")["names_kept"]["tags"] == ["vip"]
    (row,) = listed(client, f"/jobs/{job['id']}/undone.zip")
    assert (row["Account name"], row["_row"], row["_outcome"]) == ("Bakery 1", "3", "kept")
    assert "account" in row["_reason"]
    everything = listed(client, f"/jobs/{job['id']}/undone.zip?all=true")
    assert len(everything) == ROWS
    assert {each["_outcome"] for each in everything} == {"kept", "undone"}


def test_what_a_cancelled_import_had_loaded_is_undone(
    client: Client, database: Database[dict[str, Any]]
) -> None:
    job = client.upload(people(20 * CHUNK_ROWS), autostart=True)
    loading = {"job": job, "step": "load", "state": "done"}
    eventually(lambda: database.tasks.find_one(loading), LIMIT, "a chunk is loaded")
    cancelled = client.call("POST", f"/jobs/{job}/cancel")
    if cancelled.status_code == 409:  # it was quicker
        client.wait_for(job, "imported", limit=LIMIT)
    after = undone(client, job)
    assert records(client, "accounts") == records(client, "contacts") == []
    assert after["undo"]["rows_reversed"] == after["result"]["rows_loaded"] > 0
    assert after["undo"]["accounts_removed"] == after["result"]["accounts_created"]


def test_an_import_that_loaded_nothing_cannot_be_undone(client: Client) -> None:
    job = client.upload(people(5))
    client.wait_for(job, "proposed", limit=LIMIT)
    assert client.call("POST", f"/jobs/{job}/undo").json()["code"] == "wrong_state"
    client.post(f"/jobs/{job}/cancel")
    refused = client.call("POST", f"/jobs/{job}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_loaded")
    assert not client.get(f"/jobs/{job}/undo")["may"]


def test_after_the_days_of_the_firm_an_import_stays(
    client: Client, database: Database[dict[str, Any]]
) -> None:
    job = carried(client, people(5))
    client.put("/directory", {"retention": {"undo_days": 7}})
    assert client.get(f"/jobs/{job['id']}/undo")["days"] == 7
    ago = datetime.now(UTC) - timedelta(days=7, minutes=1)
    database.jobs.update_one({"_id": job["id"]}, {"$set": {"history.$[].at": ago}})
    refused = client.call("POST", f"/jobs/{job['id']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "undo_expired")
    assert "days that it lasts: 7" in refused.json()["detail"]
    client.put("/directory", {"retention": {"undo_days": 8}})
    undone(client, job["id"])
    assert client.call("POST", f"/jobs/{job['id']}/undo").json()["code"] == "wrong_state"


def test_a_purged_import_cannot_be_undone(client: Client) -> None:
    job = carried(client, people(5))
    assert client.call("DELETE", f"/jobs/{job['id']}").status_code == 204
    assert client.call("POST", f"/jobs/{job['id']}/undo").status_code == 410


def test_who_asks_twice_at_once_takes_it_back_once(client: Client) -> None:
    job = carried(client, people(ROWS))
    answers: list[int] = []

    def ask() -> None:
        answers.append(client.call("POST", f"/jobs/{job['id']}/undo").status_code)

    callers = [threading.Thread(target=ask) for _ in range(4)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()
    after = client.wait_for(job["id"], "undone", limit=LIMIT)
    assert set(answers) <= {202, 409}
    assert 202 in answers
    assert [line["status"] for line in after["history"]].count("undoing") == 1
    assert records(client, "accounts") == []


def test_custom_fields_are_made_with_their_choices_and_go_with_the_import(client: Client) -> None:
    header = ("Name", "Code", "Sector")
    rows = [(f"Café {n}", f"C{n}", ("food", "cars", "")[n % 3]) for n in range(2 * CHUNK_ROWS)]
    mapping = columns("account.name", "account.client_code", "")
    custom = {"name": "Sector", "type": "choice", "record": "account"}
    mapping["columns"][2] = {"index": 2, "action": "custom", "custom": custom}
    job = carried(client, table(header, *rows), mapping=mapping)
    (made,) = client.get("/directory")["custom_fields"]
    assert made == {**custom, "id": made["id"], "choices": ["cars", "food"]}
    assert {a["custom"]["Sector"] for a in records(client, "accounts") if "custom" in a} == {"food", "cars"}
    assert undone(client, job["id"])["undo"]["custom_fields_removed"] == 1
    assert client.get("/directory")["custom_fields"] == []


# through the API


def one_account(client: Client) -> tuple[str, str]:
    """The ids of an account and its contact."""
    carried(client, people(1))
    (account,), (contact,) = client.every("/accounts"), client.every("/contacts")
    return account["id"], contact["id"]


def test_a_record_is_shown_with_its_links_and_the_imports_it_went_through(client: Client) -> None:
    account, contact = one_account(client)
    shown, person = client.get(f"/accounts/{account}"), client.get(f"/contacts/{contact}")
    assert [(link["contact"], link["name"]) for link in shown["links"]] == [(contact, "Jan Peeters 0")]
    assert [(link["account"], link["name"]) for link in person["links"]] == [(account, "Bakery 0")]
    assert shown["links"][0]["switches"]["contact.email"]["login"] is True
    assert [(line["what"], line["file"]) for line in shown["history"]] == [("created", "clients.csv")]
    assert client.get("/accounts")["total"] is None
    assert client.get("/accounts", total="true")["total"] == 1


def test_a_change_of_a_person_is_kept_and_found_by_the_next_import(client: Client) -> None:
    account, _ = one_account(client)
    before = client.call("GET", f"/accounts/{account}")
    body = {"name": "Bakery X", "client_code": "NEW", "notes": "hello", "tags": ["a", "b"]}
    answer = client.call(
        "PATCH", f"/accounts/{account}", json=body, headers={"If-Match": before.headers["ETag"]}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"2"'
    assert answer.json()["fields"].items() >= body.items()
    assert (
        client.call("PATCH", f"/accounts/{account}", json={"notes": None}).json()["fields"].get("notes")
        is None
    )
    stale = client.call("PATCH", f"/accounts/{account}", json=body, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    job = carried(client, table(HEADER, ("Bakery X", "NEW", "", "", "", "")))
    assert job["counts"]["unchanged"] == 1, "its keys go with its fields"


@pytest.mark.parametrize(
    "body",
    [
        {"nonsense": 1}, {"name": None}, {"name": ""}, {"type": "Dog"}, {"email": "an at home"},
        {"tags": "vip"}, {"assignees": ["nobody"]}, {"folder_template": "no such"}, {"country": "Atlantis"},
        {"custom": {"Unknown": "x"}}, {"kbo_number": "123"}, {"notes": "x" * 10_001}, {"keys": []},
        {"revision": 7}, {"notes": {"$set": 1}},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_right_is_refused_and_changes_nothing(client: Client, body: dict[str, Any]) -> None:
    account, _ = one_account(client)
    before = client.get(f"/accounts/{account}")
    assert client.call("PATCH", f"/accounts/{account}", json=body).status_code == 422
    assert client.get(f"/accounts/{account}") == before


def test_a_record_that_a_person_removed_takes_its_links_along(client: Client) -> None:
    account, contact = one_account(client)
    stale = client.call("DELETE", f"/accounts/{account}", headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert client.call("DELETE", f"/accounts/{account}").status_code == 204
    assert client.call("GET", f"/accounts/{account}").status_code == 404
    assert client.get(f"/contacts/{contact}")["links"] == []


def test_register_numbers_of_one_record_are_shown_to_whom_it_was_granted(caller: Caller) -> None:
    owner = caller()
    mapping = columns("account.name", "contact.first_name", "contact.last_name", "contact.national_number")
    content = table(("Name", "First", "Last", "Number"), ("Café", "Jan", "Peeters", "85.07.30-033-28"))
    carried(owner, content, mapping=mapping)
    masked, seen = f"{'•' * 9}28", {}
    for name, claims in {
        "owner": {},
        "admin": {"role": "admin"},
        "employee": {"role": "employee"},
        "granted": {"role": "employee", "permissions": ["view_contacts", "view_register_numbers"]},
    }.items():
        (listed,) = (reader := caller(owner.firm, **claims)).every("/contacts")
        assert listed["fields"]["national_number"] == masked, "nobody sees them in a list"
        seen[name] = reader.get(f"/contacts/{listed['id']}")["fields"]["national_number"]
    assert seen["owner"] == seen["granted"] == "85073003328"
    assert seen["admin"] == seen["employee"] == masked


# others at the same time


def test_a_row_whose_record_was_changed_since_is_planned_anew_where_the_settings_say_so(
    client: Client,
) -> None:
    mapping = columns("account.name", "account.client_code", "account.notes", "account.industry")
    header = ("Name", "Code", "Notes", "Industry")
    carried(client, table(header, ("Café", "C1", "", "")), mapping=mapping)
    slow = client.upload(
        table(header, ("Café", "C1", "of the slow", "food")),
        mapping=mapping,
        settings={"on_change": "replan"},
    )
    client.wait_for(slow, "proposed", limit=LIMIT)
    client.post(f"/jobs/{slow}/map")
    client.wait_for(slow, "validated", limit=LIMIT)
    (account,) = client.every("/accounts")
    client.call("PATCH", f"/accounts/{account['id']}", json={"notes": "by hand"})
    client.post(f"/jobs/{slow}/confirm")
    job = client.wait_for(slow, "imported", limit=LIMIT)
    (now,) = records(client, "accounts")
    assert (now["notes"], now["industry"]) == ("by hand", "food")
    assert job["result"]["accounts_updated"] == 1
    undone(client, slow)
    (back,) = records(client, "accounts")
    assert (back["notes"], back.get("industry")) == ("by hand", None)


def test_two_imports_and_a_hand_at_the_same_records_end_as_if_one_had_come_after_the_other(
    client: Client, system: System
) -> None:
    second = system.add_worker("importer", "-second")
    system.start(second)
    mapping = columns("account.name", "account.client_code", "account.notes", "account.industry")
    header = ("Name", "Code", "Notes", "Industry")
    codes = [f"C{n:03d}" for n in range(4 * CHUNK_ROWS)]
    carried(client, table(header, *((f"Café {c}", c, "", "") for c in codes)), mapping=mapping)
    jobs = []
    for word in ("one", "two"):
        rows = [(f"Café {c}", c, f"notes {word}", f"industry {word}") for c in codes]
        jobs.append(client.upload(table(header, *rows), mapping=mapping))
    for step, status in (("map", "proposed"), ("confirm", "validated")):
        for job in jobs:
            client.wait_for(job, status, limit=LIMIT)
        for job in jobs:
            client.post(f"/jobs/{job}/{step}")
    accounts = list(client.every("/accounts"))
    for account in accounts[:10]:
        client.call("PATCH", f"/accounts/{account['id']}", json={"website": "https://hand.example"})
    results = [client.wait_for(job, "imported", limit=LIMIT)["result"] for job in jobs]
    assert sum(result["accounts_updated"] for result in results) <= len(codes)
    assert all(r["rows_loaded"] + r["rows_skipped"] + r["rows_unchanged"] == len(codes) for r in results)
    hands = {account["id"] for account in accounts[:10]}
    for account in client.every("/accounts"):
        given = {account["fields"].get(name, "").split(" ")[-1] for name in ("notes", "industry")}
        assert len(given) == 1, "one import gave it all its values, or none did"
        assert (account["fields"].get("website") == "https://hand.example") == (account["id"] in hands)
        assert given != {""} or account["id"] in hands
    for job in reversed(jobs):
        undone(client, job)
    left = records(client, "accounts")
    assert {(a.get("notes"), a.get("industry")) for a in left} == {(None, None)}
    assert len([a for a in left if a.get("website")]) == 10
    system[second].kill()
    del system.processes[second]
