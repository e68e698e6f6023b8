"""Tests that the content of client lists is nowhere after its time, and never in the logs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
from pymongo.database import Database

from tests.pipeline.conftest import LIMIT, carried, columns, table
from tests.system import Client, System, eventually

MARK = "zxqmarker"
HEADER = ("Name", "Code", "Kind", "Notes", "Tags", "Sector", "First", "Last", "E-mail", "Born", "Phone")
TARGETS = (
    "account.name", "account.client_code", "account.type", "account.notes", "account.tags", "",
    "contact.first_name", "contact.last_name", "contact.email", "contact.date_of_birth", "contact.phone",
)  # fmt: skip
#: What a firm has from its imports and keeps; its own lists and saved mappings are no rows.
OF_THE_FIRM = {"accounts", "contacts", "links", "directories"}
CLOSED = (
    "source", "mapping", "settings", "report", "rows", "skipped.zip", "skipped.xlsx", "undone.zip", "repairs",
)  # fmt: skip


def marked(count: int) -> bytes:
    """Rows with the mark in all their cells; every third has nothing that fits its fields."""
    rows = [
        (
            f"{MARK} {n}", f"{MARK}-{n}", "" if n % 3 else f"{MARK} kind", f"{MARK} notes", f"{MARK} tag",
            f"{MARK} sector", f"{MARK.title()} {n}", MARK.title(),
            f"{MARK}{n}@example.be" if n % 3 else f"{MARK} at example", "1985-07-30" if n % 3 else MARK,
            "" if n % 3 else f"{MARK} 12",
        )
        for n in range(count)
    ]  # fmt: skip
    return table(HEADER, *rows)


def mapping() -> dict[str, Any]:
    """The columns where they go; one is a custom field of its own with choices."""
    chosen = columns(*TARGETS)
    custom = {"name": "Sector", "type": "choice", "record": "account"}
    chosen["columns"][5] = {"index": 5, "action": "custom", "custom": custom}
    return chosen


def where(database: Database[dict[str, Any]], mark: str, but: Iterable[str] = ()) -> set[str]:
    """The collections in which something is written that has the mark in it."""
    return {
        name
        for name in set(database.list_collection_names()) - set(but)
        for document in database[name].find()
        if mark.encode() in bson.encode(document).lower()
    }


@pytest.fixture
def job(client: Client) -> dict[str, Any]:
    """An import that changed records, went through all a person can do, and of which some was undone."""
    earlier = table(HEADER[:4], (f"{MARK} 1", f"{MARK}-1", "", f"{MARK} before"))
    first = carried(client, earlier, "earlier.csv", mapping=columns(*TARGETS[:2], "account.type", TARGETS[3]))
    assert client.call("DELETE", f"/jobs/{first['id']}").status_code == 204
    job = client.upload(marked(25))
    client.wait_for(job, "proposed", limit=LIMIT)
    client.put(f"/jobs/{job}/mapping", mapping())
    client.put(
        f"/jobs/{job}/settings",
        {"tags": [f"{MARK} of all"], "merge": {"account.notes": "overwrite"}},
    )
    client.post(f"/jobs/{job}/map")
    client.wait_for(job, "validated", limit=LIMIT)
    assert client.call("PATCH", f"/jobs/{job}/rows", json=[{"row": 3, "cells": {"3": f"{MARK} new"}}]).ok
    client.post(f"/jobs/{job}/confirm")
    client.wait_for(job, "imported", limit=LIMIT)
    account, *_ = client.every("/accounts")
    client.call("PATCH", f"/accounts/{account['id']}", json={"notes": "by hand"})
    client.post(f"/jobs/{job}/undo")
    return client.wait_for(job, "undone", limit=LIMIT)


def test_of_a_purged_job_no_value_is_left_anywhere_and_every_number_stays(
    client: Client, database: Database[dict[str, Any]], job: dict[str, Any]
) -> None:
    expected = {"jobs", "tasks", "cells", "checks", "plans", "outcomes", "edits", "words", "files.chunks"}
    assert expected <= where(database, MARK), "there is something to remove"
    result = client.get(f"/jobs/{job['id']}/result")
    assert database["files.chunks"].find_one({"files_id": {"$regex": job["id"]}})
    settled = {"_id": job["id"], "owed": None}
    eventually(lambda: database.jobs.find_one(settled), LIMIT, "the notice is sent")
    job = client.job(job["id"])
    assert client.call("DELETE", f"/jobs/{job['id']}").status_code == 204
    assert where(database, MARK, OF_THE_FIRM) == set()
    assert not database["files.chunks"].find_one({"files_id": {"$regex": job["id"]}})
    assert not database["files.files"].find_one({"_id": {"$regex": job["id"]}})
    after = client.job(job["id"])
    assert after.pop("purged_at")
    job.pop("purged_at")
    assert after.pop("version") != job.pop("version")
    assert after == job
    assert {**client.get(f"/jobs/{job['id']}/result"), "notices": None} == {**result, "notices": None}
    assert after["counts"]["invalid"] > 0
    assert after["undo"]["rows_kept"] == 1


def test_a_purged_job_answers_for_itself_and_for_nothing_that_was_in_it(
    client: Client, job: dict[str, Any]
) -> None:
    path = f"/jobs/{job['id']}"
    assert client.call("DELETE", path).status_code == 204
    assert client.call("DELETE", path).status_code == 204
    for inner in CLOSED:
        refused = client.call("GET", f"{path}/{inner}")
        assert (refused.status_code, refused.json()["code"]) == (410, "purged"), inner
    for method, inner, body in (
        ("PUT", "mapping", mapping()), ("PUT", "settings", {"tags": []}), ("PUT", "source", {"header_row": 1}),
        ("POST", "map", None), ("PATCH", "rows", [{"row": 2, "selected": False}]),
    ):  # fmt: skip
        refused = client.call(method, f"{path}/{inner}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (410, "purged"), inner
    assert client.get(path)["status"] == "undone"
    assert client.get(f"{path}/result")["rows"] == 25
    assert not client.get(f"{path}/undo")["may"]
    assert path.rsplit("/", 1)[1] in {item["id"] for item in client.get("/jobs")["items"]}


def test_a_job_goes_by_itself_after_the_days_of_its_firm(
    client: Client, database: Database[dict[str, Any]]
) -> None:
    client.put("/directory", {"retention": {"keep_days": 3, "undo_days": 0}})
    client.put("/directory", {"retention": {"undo_days": 1}})
    assert client.get("/directory")["retention"] == {"keep_days": 3, "undo_days": 1}
    names = ("older", "younger", "waiting")
    jobs = {name: client.upload(table(("Name",), (f"Café {name}",)), f"{name}.csv") for name in names}
    for name in names:
        client.wait_for(jobs[name], "proposed", limit=LIMIT)
        client.put(f"/jobs/{jobs[name]}/mapping", columns("account.name"))
        if name != "waiting":
            client.post(f"/jobs/{jobs[name]}/map")
            client.wait_for(jobs[name], "validated", limit=LIMIT)
            client.post(f"/jobs/{jobs[name]}/confirm")
            client.wait_for(jobs[name], "imported", limit=LIMIT)
    for name, days in (("older", 3.1), ("younger", 2.9), ("waiting", 3.1)):
        at = datetime.now(UTC) - timedelta(days=days)
        aged = {"since": at, "touched_at": at, "history.$[].at": at}
        settled = {"_id": jobs[name], "owed": None}
        eventually(lambda which=settled: database.jobs.find_one(which), LIMIT, "nothing is owed")  # type: ignore[misc]
        database.jobs.update_one({"_id": jobs[name]}, {"$set": aged})
    for name in ("older", "waiting"):
        eventually(lambda job=jobs[name]: client.job(job)["purged_at"], LIMIT, f"{name} is purged")  # type: ignore[misc]
    assert client.job(jobs["younger"])["purged_at"] is None
    assert client.get(f"/jobs/{jobs['younger']}/source")["name"] == "younger.csv"
    left = client.job(jobs["waiting"])
    assert (left["status"], left["reason"]["code"]) == ("cancelled", "left_alone")
    assert "days: 3" in left["reason"]["message"]


def test_the_key_of_a_purged_job_still_gives_the_job(client: Client) -> None:
    content = table(("Name",), ("Café",))
    job = client.send(content, "a.csv", key="once").json()["id"]
    client.wait_for(job, "proposed", limit=LIMIT)
    client.post(f"/jobs/{job}/cancel")
    assert client.call("DELETE", f"/jobs/{job}").status_code == 204
    assert client.send(content, "a.csv", key="once").json()["id"] == job
    assert client.send(content + b"\n", "a.csv", key="once").status_code == 409


NUMBERS = [f"{base}{97 - base % 97:02d}" for base in (850730033, 930518223, 701210456)]


def test_no_log_has_a_value_of_a_row(client: Client, system: System) -> None:
    header = ("Name", "Code", "First", "Last", "Register", "E-mail")
    rows = [("Café", f"C{n}", "Jan", "Quillemin", number, "jan@quux.be") for n, number in enumerate(NUMBERS)]
    rows.append(("Café", "C9", "Jan", "Quillemin", "85.07.30-033.29", "jan at quux.be"))
    person = ("contact.first_name", "contact.last_name", "contact.national_number", "contact.email")
    chosen = columns("account.name", "account.client_code", *person)
    job = client.upload(
        table(header, *rows), mapping=chosen, autostart=True, max_invalid={"rows": 4}, notify=["jan@quux.be"]
    )
    client.wait_for(job, "imported", limit=LIMIT)
    assert len(list(client.every(f"/jobs/{job}/rows", q="quillemin"))) == 4
    client.get(f"/jobs/{job}/report")
    assert client.call("GET", f"/jobs/{job}/skipped.zip").ok
    for contact in list(client.every("/contacts")):
        client.get(f"/contacts/{contact['id']}")
    client.post(f"/jobs/{job}/undo")
    client.wait_for(job, "undone", limit=LIMIT)
    logs = {name: process.log.read_text(errors="replace") for name, process in system.processes.items()}
    assert any(job in log for log in logs.values()), "something was logged of it"
    values = (*NUMBERS, "85.07.30", "85073003", "Quillemin", "quux", "Café")
    assert [(name, value) for name, log in logs.items() for value in values if value in log] == []
