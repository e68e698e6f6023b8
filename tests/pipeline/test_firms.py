"""Tests that no firm sees or changes anything of another firm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.origin import create_app
from shared.plumbing.settings import Settings
from tests.pipeline.conftest import LIMIT, Caller, carried, people, records
from tests.system import SECRET, Client

BODIES: dict[str, Any] = {
    "mapping": {"columns": []},
    "rows": [{"row": 2, "selected": False}],
    "select": {"selected": True},
    "decide": {"decision": "new"},
    "fix": {"problem": "invalid_email", "action": "clear"},
    "invitation": {"status": "accepted"},
    "merge": {"other": "0" * 24},
    "<profile_id>": {"name": "April"},
}


def routes_with_ids() -> Iterator[tuple[str, str]]:
    """Every (method, path) that names a job, a record or a saved mapping; templates belong to everybody."""
    settings = Settings(
        "mongodb://127.0.0.1/none", "memory://", "smtp://127.0.0.1", "http://127.0.0.1", SECRET
    )
    for rule in create_app(settings).url_map.iter_rules():
        if rule.arguments and rule.rule.startswith("/api/v1/") and "/templates/" not in rule.rule:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule.removeprefix("/api/v1")


def test_two_firms_with_the_same_clients_see_their_own_only(caller: Caller) -> None:
    one, other = caller(), caller()
    jobs = [carried(client, people(30)) for client in (one, other)]
    assert [job["result"]["accounts_created"] for job in jobs] == [30, 30]
    for client, job in zip((one, other), jobs, strict=True):
        assert [item["id"] for item in client.every("/jobs")] == [job["id"]]
        assert len(records(client, "accounts")) == len(records(client, "contacts")) == 30
        assert {account["jobs"][0] for account in client.every("/accounts")} == {job["id"]}


@pytest.fixture(scope="module")
def owned() -> dict[str, str]:
    """Ids of one firm, filled by the first test that needs them."""
    return {}


#: What has a name and no id is the same for all firms.
OF_A_FIRM = [route for route in routes_with_ids() if "<name>" not in route[1]]


@pytest.mark.parametrize(("method", "path"), OF_A_FIRM)
def test_every_route_denies_that_another_firms_ids_exist(
    caller: Caller, owned: dict[str, str], method: str, path: str
) -> None:
    stranger = caller()
    if not owned:
        owner = caller()
        owned["job"] = carried(owner, people(25, bad=1), max_invalid={"rows": 1})["id"]
        owned["accounts"] = owner.get("/accounts")["items"][0]["id"]
        owned["contacts"] = owner.get("/contacts")["items"][0]["id"]
        owned["profile"] = owner.post("/mapping-profiles", {"name": "March", "job": owned["job"]})["id"]
        hook = owner.post("/webhooks", {"url": "http://127.0.0.1:9/a", "events": ["job.failed"]})["id"]
        owned["webhook"] = hook
        owned["delivery"] = owner.post(f"/webhooks/{hook}/test")["id"]
        owned["sending"] = owner.post("/invitations", {"filter": {"q": "nobody is called so"}})["id"]
        begun = {"Tus-Resumable": "1.0.0", "Upload-Length": "9"}
        owned["claim"] = owner.call("POST", "/uploads", headers=begun).json()["claim"]
        owned["firm"] = owner.firm
    kind = path.split("/")[1]
    there = path.replace("<job_id>", owned["job"]).replace("<record_id>", owned.get(kind, ""))
    there = there.replace("<contact_id>", owned["contacts"]).replace("<merge_id>", "0" * 24)
    for name in ("profile", "webhook", "delivery", "sending"):
        there = there.replace(f"<{name}_id>", owned[name])
    there = there.replace("<claim>", owned["claim"])
    assert "<" not in there, f"{path} names something that this test does not know"
    body = BODIES.get(path.rsplit("/", 1)[-1], {})
    how = {"json": body} if method in ("PUT", "POST", "PATCH") else {}
    answer = stranger.call(method, there, **how)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert owned["firm"] not in answer.text
    assert caller(owned["firm"]).job(owned["job"])["status"] == "imported"


def test_a_firm_named_as_a_part_of_another_sees_nothing_of_it(caller: Caller) -> None:
    carried(caller("nine"), people(21))
    for name in ("nin", "nine0", "nine.", "nine-1"):
        assert records(caller(name), "accounts") == []


def test_a_service_cannot_act_for_a_firm_that_it_does_not_list(caller: Caller) -> None:
    service = caller("its-own", role="service", firms=["one"])
    service.session.headers["X-Firm-Id"] = "two"
    answer = service.call("GET", "/jobs")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_the_same_key_of_two_firms_makes_two_jobs(caller: Caller) -> None:
    ids = [client.send(people(21), "a.csv", key="k-1").json()["id"] for client in (caller(), caller())]
    assert len(set(ids)) == 2


def test_a_repeated_request_with_one_key_makes_one_job(client: Client) -> None:
    answers = [client.send(people(25), "a.csv", key="k-1", autostart=True) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    assert len({answer.json()["id"] for answer in answers}) == 1
    client.wait_for(answers[0].json()["id"], "imported", limit=LIMIT)
    again = client.send(people(25), "a.csv", key="k-1", autostart=True)
    assert again.json()["id"] == answers[0].json()["id"]
    other = client.send(people(26), "a.csv", key="k-1", autostart=True)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(list(client.every("/jobs"))) == 1
    assert len(records(client, "accounts")) == 25


def test_the_directory_keeps_what_was_put_and_shows_who_wrote_first(client: Client) -> None:
    before = client.get("/directory")
    assert [member["id"] for member in before["team_members"]] == ["anna", "bruno"]
    seen = {"If-Match": f'"{before["revision"]}"'}
    assert client.call("PUT", "/directory", json={"tags": ["vip"]}, headers=seen).ok
    late = client.call("PUT", "/directory", json={"tags": ["late"]}, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    after = client.get("/directory")
    assert (after["tags"], after["revision"]) == (["vip"], before["revision"] + 1)
    assert after["team_members"] == before["team_members"]
