"""Tests that an import does nothing that its employee may not do, and reports this before loading."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pipeline.conftest import LIMIT, Caller, columns, records, table
from tests.system import TEAM, Client

HEADER = ("Account name", "Client code", "Account tags", "Team members", "Shoe size", "Last name", "Email")
TARGETS = ("account.name", "account.client_code", "account.tags", "account.team_members")
TARGETS_BEHIND = ("contact.last_name", "contact.email")
RIGHTS = ["manage_tags", "manage_custom_fields", "assign_team_members"]
TAGS, MEMBERS, SIZE = 2, 3, 4
CODES = {"tag_left_out", "team_member_left_out"}


def clients(count: int = 25) -> bytes:
    """A list whose first row names a new tag and another member, and whose others name a known tag."""
    first = ("Bakery", "C00", "vip, late", "bruno@example.org, Anna Claes", "42", "Peeters", "p@example.be")
    others = [
        (f"Garage {n}", f"C{n:02d}", "vip", "", "43", f"Maes {n}", f"m{n}@example.be")
        for n in range(1, count)
    ]
    return table(HEADER, first, *others)


def mapping(size: bool) -> dict[str, Any]:
    """A mapping of the list; with `size` its fifth column fills a new custom field."""
    own = {"index": SIZE, "action": "skip"}
    if size:
        own = {"index": SIZE, "action": "custom", "custom": {"name": "Size", "type": "text"}}
    behind = [
        {"index": SIZE + 1 + at, "action": "sync", "target": target}
        for at, target in enumerate(TARGETS_BEHIND)
    ]
    return {"columns": [*columns(*TARGETS)["columns"], own, *behind]}


def refusals(client: Client, method: str, path: str, body: Any = None) -> set[tuple[Any, str]]:
    """Place and code of what a call is refused for."""
    answer = client.call(method, path, json=body)
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert all(error["message"].endswith(".") for error in errors)
    return {(error.get("column", error.get("setting")), error["code"]) for error in errors}


def mapped(client: Client, job: str, size: bool = False) -> dict[str, Any]:
    """The job once its mapping was chosen, confirmed and checked."""
    client.wait_for(job, "proposed", limit=LIMIT)
    client.put(f"/jobs/{job}/mapping", mapping(size))
    return confirmed(client, job)


def confirmed(client: Client, job: str) -> dict[str, Any]:
    """The job once its mapping was confirmed unchanged, and checked."""
    client.post(f"/jobs/{job}/map")
    return client.wait_for(job, "validated", limit=LIMIT)


def codes(client: Client, job: str) -> dict[str, int]:
    """How many rows have each problem."""
    return {problem["code"]: problem["rows"] for problem in client.get(f"/jobs/{job}/report")["problems"]}


def account(client: Client, name: str) -> dict[str, Any]:
    """An account of the firm, by its name."""
    (found,) = [fields for fields in records(client, "accounts") if fields["name"] == name]
    return found


@pytest.fixture
def owner(client: Client) -> Client:
    """The owner of a firm that has one tag."""
    client.put("/directory", {"tags": ["vip"]})
    return client


@pytest.fixture
def employee(caller: Caller, owner: Client) -> Client:
    """Anna, who may manage contacts and nothing else."""
    return caller(owner.firm, sub="anna", role="employee", permissions=["manage_contacts"])


def test_without_rights_the_problems_come_before_the_load_and_the_load_holds_no_surprise(
    owner: Client, employee: Client
) -> None:
    job = employee.upload(clients())
    employee.wait_for(job, "proposed", limit=LIMIT)
    assert all(c["suggested_custom"] is None for c in employee.get(f"/jobs/{job}/mapping")["columns"])
    at_column = {(SIZE, "may_not_create_custom_field")}
    assert refusals(employee, "PUT", f"/jobs/{job}/mapping", mapping(size=True)) == at_column
    wanted = {"tags": ["vip", "new"], "assignees": ["anna", "bruno"]}
    refused = {("tags", "may_not_create_tag"), ("assignees", "may_not_assign")}
    assert refusals(employee, "PUT", f"/jobs/{job}/settings", wanted) == refused

    checked = mapped(employee, job)
    assert checked["counts"]["new"] == 25
    assert codes(employee, job) == {"tag_left_out": 1, "team_member_left_out": 1}
    assert employee.get(f"/jobs/{job}/report")["new_tags"] == []
    row = employee.get(f"/jobs/{job}/rows", problem="tag_left_out")["items"][0]
    assert row["plan"]["account"]["values"]["tags"] == ["vip"]
    assert row["plan"]["account"]["values"]["assignees"] == ["anna"]

    employee.post(f"/jobs/{job}/confirm")
    loaded = employee.wait_for(job, "imported", limit=LIMIT)
    assert loaded["result"]["rows_loaded"] == 25
    assert loaded["result"]["tags_created"] == loaded["result"]["custom_fields_created"] == 0
    assert (account(owner, "Bakery")["tags"], account(owner, "Bakery")["assignees"]) == (["vip"], ["anna"])
    reference = owner.get("/directory")
    assert (reference["tags"], reference["custom_fields"]) == (["vip"], [])


def test_with_the_rights_the_same_list_is_loaded_whole(owner: Client, caller: Caller) -> None:
    entitled = caller(owner.firm, sub="anna", role="employee", permissions=["manage contacts", *RIGHTS])
    job = entitled.upload(clients())
    mapped(entitled, job, size=True)
    assert codes(entitled, job) == {}
    entitled.post(f"/jobs/{job}/confirm")
    loaded = entitled.wait_for(job, "imported", limit=LIMIT)
    assert loaded["result"]["tags_created"] == loaded["result"]["custom_fields_created"] == 1
    bakery = account(owner, "Bakery")
    assert (bakery["tags"], bakery["assignees"]) == (["vip", "late"], ["bruno", "anna"])
    assert bakery["custom"] == {"Size": "42"}
    assert owner.get("/directory")["tags"] == ["vip", "late"]


def test_a_repair_of_the_row_is_judged_by_the_same_rights(employee: Client) -> None:
    job = employee.upload(clients())
    mapped(employee, job)
    (row,) = employee.get(f"/jobs/{job}/rows", problem="tag_left_out")["items"]
    change = {"row": row["row"], "cells": {str(TAGS): "vip", str(MEMBERS): "Bruno Lambert"}}
    answer = employee.call("PATCH", f"/jobs/{job}/rows", json=[change]).json()
    assert [problem["code"] for problem in answer["items"][0]["problems"]] == ["team_member_left_out"]
    assert codes(employee, job) == {"team_member_left_out": 1}


def test_a_repair_makes_nothing_under_the_rights_of_somebody_else(owner: Client, employee: Client) -> None:
    job = owner.upload(clients())
    mapped(owner, job)
    for column, right in ((TAGS, "manage tags"), (MEMBERS, "assign team members")):
        change = [{"row": 2, "cells": {str(column): "brand new"}}]
        answer = employee.call("PATCH", f"/jobs/{job}/rows", json=change)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert right in answer.json()["detail"]
    answer = employee.call("PATCH", f"/jobs/{job}/rows", json=[{"row": 2, "cells": {"0": "Bakery Peeters"}}])
    assert answer.json()["changed"] == 1
    content = owner.call("GET", f"/jobs/{job}/rows").json()
    assert content["items"][0]["cells"][TAGS] == "vip, late"


def test_who_has_the_rights_lifts_the_problems_by_confirming_and_who_has_not_brings_them_back(
    owner: Client, employee: Client
) -> None:
    job = employee.upload(clients())
    mapped(employee, job)
    assert codes(employee, job).keys() == CODES
    owner.put(f"/jobs/{job}/settings", {})
    confirmed(owner, job)
    assert codes(owner, job) == {}
    assert owner.get(f"/jobs/{job}/report")["new_tags"] == ["late"]
    employee.put(f"/jobs/{job}/settings", {})
    confirmed(employee, job)
    assert codes(employee, job).keys() == CODES


def test_what_somebody_with_rights_chose_cannot_be_confirmed_by_somebody_without(
    owner: Client, employee: Client
) -> None:
    job = owner.upload(clients())
    owner.wait_for(job, "proposed", limit=LIMIT)
    owner.put(f"/jobs/{job}/mapping", mapping(size=True))
    owner.put(f"/jobs/{job}/settings", {"tags": ["new"], "assignees": ["bruno"]})
    assert refusals(employee, "POST", f"/jobs/{job}/map") == {
        (SIZE, "may_not_create_custom_field"),
        ("tags", "may_not_create_tag"),
        ("assignees", "may_not_assign"),
    }
    confirmed(owner, job)


def test_what_came_with_the_file_and_needs_a_right_waits_for_somebody_who_has_it(
    owner: Client, employee: Client
) -> None:
    job = employee.upload(clients(), autostart=True, mapping=mapping(size=False), settings={"tags": ["new"]})
    waiting = employee.wait_for(job, "proposed", limit=LIMIT)
    assert waiting["waiting_for"]["who"] == "person"
    assert refusals(employee, "POST", f"/jobs/{job}/map") == {("tags", "may_not_create_tag")}
    owner.put(f"/jobs/{job}/settings", {"tags": ["new"]})
    owner.post(f"/jobs/{job}/map")
    loaded = owner.wait_for(job, "imported", limit=LIMIT)
    assert loaded["result"]["tags_created"] == 2  # "new" of the settings, "late" of the file


def test_a_saved_mapping_makes_no_custom_field_for_who_may_not(owner: Client, employee: Client) -> None:
    mapped(owner, owner.upload(clients()), size=True)  # remembered; the field itself is made by loading alone
    job = employee.upload(clients(26))
    employee.wait_for(job, "proposed", limit=LIMIT)
    proposed = employee.get(f"/jobs/{job}/mapping")
    assert "profile" in proposed["recognised"]
    assert proposed["columns"][SIZE]["action"] == "skip"
    assert confirmed(employee, job)["counts"]["new"] == 26


def test_through_the_api_the_same_rights_count_and_a_new_tag_becomes_the_firms(
    owner: Client, employee: Client, caller: Caller
) -> None:
    job = owner.upload(clients())
    mapped(owner, job)
    owner.post(f"/jobs/{job}/confirm")
    owner.wait_for(job, "imported", limit=LIMIT)
    (found,) = [r for r in owner.every("/contacts") if r["fields"]["last_name"] == "Peeters"]
    path = f"/contacts/{found['id']}"
    refused = employee.call("PATCH", path, json={"tags": ["director"], "job_title": "Director"})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["place"], "director" in error["message"]) == ("tags", True)
    assert "job_title" not in owner.get(path)["fields"]

    assert owner.call("PATCH", path, json={"tags": ["director"]}).ok
    reference = owner.get("/directory")
    assert (reference["contact_tags"], reference["tags"]) == (["director"], ["vip", "late"])
    assert employee.call("PATCH", path, json={"tags": ["director"], "job_title": "Director"}).ok

    keeper = caller(owner.firm, sub="anna", role="employee", permissions=["manage accounts"])
    (bakery,) = [r for r in owner.every("/accounts") if r["fields"]["name"] == "Garage 1"]
    path = f"/accounts/{bakery['id']}"
    before = owner.get(path)["fields"]["assignees"]
    refused = keeper.call("PATCH", path, json={"assignees": [*before, TEAM[1]["id"]]})
    assert (refused.status_code, {each["place"] for each in refused.json()["errors"]}) == (422, {"assignees"})
    assert keeper.call("PATCH", path, json={"assignees": ["anna"]}).ok
    assert owner.get(path)["fields"]["assignees"] == ["anna"]
