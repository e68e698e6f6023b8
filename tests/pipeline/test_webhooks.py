"""Tests webhooks and callback addresses on the whole system: events come once, signed, in the order of their job."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.servers import MailCatcher
from shared.contract.webhooks import OFFERED, TO_CALLBACK
from tests.pipeline.conftest import LIMIT, Caller, carried, mails_about, people
from tests.pipeline.test_requests import Requester, request_of
from tests.receiving import Came, Receiver, receiver
from tests.system import Client, System, eventually, token

ORDER = ["uploaded", "read", "proposed", "mapped", "validated", "confirmed", "imported"]


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def webhook(client: Client, url: str, *events: str) -> Any:
    return client.post("/webhooks", {"url": url, "events": list(events or OFFERED)})


def change(client: Client, made: Any, changes: Any) -> None:
    assert client.call("PATCH", f"/webhooks/{made['id']}", json=changes).status_code == 200


def refused(client: Client, method: str, path: str, **how: Any) -> Any:
    return client.call(method, path, **how).json()


def deliveries(client: Client, identity: str) -> list[Any]:
    return client.get(f"/webhooks/{identity}/deliveries?limit=200")["items"]


def all_ended(client: Client, identity: str, number: int) -> list[Any]:
    def ended() -> list[Any]:
        found = deliveries(client, identity)
        return found if len(found) == number and all(each["ended_at"] for each in found) else []

    return eventually(ended, LIMIT, f"{number} deliveries that ended")


def test_every_event_of_a_job_comes_once_signed_and_in_order(client: Client, there: Receiver) -> None:
    made = webhook(client, f"{there.url}/all")
    job = carried(client, people(50, bad=3), max_invalid={"rows": 3})
    found = all_ended(client, made["id"], len(ORDER) + 1)
    assert there.types() == [*(f"job.{status}" for status in ORDER[:-1]), "records.changed", "job.imported"]
    assert all(came.signed_by(made["secret"]) for came in there.came)
    assert {came.headers["webhook-id"] for came in there.came} == {each["event"]["id"] for each in found}
    assert there.came[-1].event["data"]["numbers"]["contacts_created"] == 47
    assert {each["state"] for each in found} == {"delivered"}
    assert [each["attempts_made"] for each in found] == [1] * len(found)
    assert {each["job"] for each in found} == {job["id"]}


def test_only_what_was_asked_for_comes_and_nothing_of_another_firm(
    client: Client, caller: Caller, there: Receiver
) -> None:
    webhook(client, f"{there.url}/mine", "job.imported")
    other = caller()
    webhook(other, f"{there.url}/theirs", "job.imported")
    mine, theirs = carried(client, people(3)), carried(other, people(3))
    eventually(lambda: len(there.came) == 2, LIMIT, "two events")
    assert {came.path: came.event["data"]["job"] for came in there.came} == {
        "/mine": mine["id"],
        "/theirs": theirs["id"],
    }


def test_events_of_a_job_wait_for_the_one_in_front_and_those_of_another_job_do_not(
    client: Client, there: Receiver
) -> None:
    made = webhook(client, there.url)
    failed: list[str] = []

    def refuses_the_second_once(came: Came) -> int:
        if came.event["type"] == "job.read" and not failed:
            failed.append(came.event["data"]["job"])
            return -1
        return 200

    there.answering = refuses_the_second_once
    first, second = carried(client, people(3)), carried(client, people(4))
    all_ended(client, made["id"], 2 * (len(ORDER) + 1))
    for job in (first, second):
        own = [came.event for came in there.came if came.event["data"]["job"] == job["id"]]
        statuses = [event["data"]["status"] for event in own if "status" in event["data"]]
        again = ["read"] if job["id"] in failed else []
        assert statuses == ["uploaded", *again, *ORDER[1:]]


def test_a_callback_address_hears_where_its_job_waits_and_ends_and_no_other_job(
    client: Client, there: Receiver
) -> None:
    job = carried(client, people(3), callback_url=f"{there.url}/back")
    carried(client, people(4))
    callback = eventually(lambda: client.get("/webhooks/callback"), LIMIT, "the webhook of callbacks")
    all_ended(client, "callback", 3)
    assert there.types() == ["job.proposed", "job.validated", "job.imported"]
    assert set(there.types()) <= TO_CALLBACK
    assert {came.event["data"]["job"] for came in there.came} == {job["id"]}
    assert callback["url"] is None
    secret = client.get("/webhooks/callback/secret")["secret"]
    assert all(came.signed_by(secret) for came in there.came)


def test_an_import_asked_for_over_rabbitmq_calls_back_as_well(
    system: System, client: Client, there: Receiver
) -> None:
    requester = Requester(system["upload"].env["BROKER_URL"])
    options = {"autostart": True, "callback_url": there.url}
    body = request_of(client, rows=[{"Account name": "Elm", "Email": "info@elm.example"}], options=options)
    job = requester.ask(body, token(client.firm))
    refused = requester.ask(
        {**body, "idempotency_key": "x", "options": {"callback_url": "https://10.0.0.1/a"}},
        token(client.firm),
    )
    requester.connection.close()
    assert refused["code"] == "private_address"
    eventually(lambda: "job.imported" in there.types(), LIMIT, "the end")
    assert there.came[-1].event["data"]["job"] == job["id"]


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/a",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "http://1.1.1.1/plain",
    ],
)
def test_an_address_that_must_not_be_called_is_refused_wherever_it_is_named(client: Client, url: str) -> None:
    refusals = [
        refused(client, "POST", "/webhooks", json={"url": url, "events": ["job.imported"]}),
        refused(client, "POST", "/jobs", json={"rows": [{"Name": "A"}], "options": {"callback_url": url}}),
    ]
    assert [(each["status"], each["code"]) for each in refusals] == [(422, "private_address")] * 2
    assert client.get("/webhooks")["items"] == []
    assert client.get("/jobs")["items"] == []


def test_a_rotated_secret_signs_with_the_one_before_until_the_overlap_ends(
    client: Client, there: Receiver
) -> None:
    made = webhook(client, there.url, "job.imported")
    rotated = client.post(f"/webhooks/{made['id']}/rotate", {"overlap_hours": 1})
    assert rotated["before_signs_until"]
    client.post(f"/webhooks/{made['id']}/test", None)
    eventually(lambda: there.came, LIMIT, "a test")
    assert there.came[0].signed_by(made["secret"])
    assert there.came[0].signed_by(rotated["secret"])
    alone = client.post(f"/webhooks/{made['id']}/rotate", {"overlap_hours": 0})
    assert alone["before_signs_until"] is None
    client.post(f"/webhooks/{made['id']}/test", None)
    eventually(lambda: len(there.came) == 2, LIMIT, "another test")
    assert there.came[1].signed_by(alone["secret"])
    assert len(there.came[1].headers["webhook-signature"].split()) == 1


def test_a_test_is_made_once_and_says_what_was_answered(client: Client, there: Receiver) -> None:
    made = webhook(client, there.url, "job.imported")
    there.answering = lambda _: 503
    change(client, made, {"enabled": False})
    tested = client.post(f"/webhooks/{made['id']}/test", None)
    assert tested["event"]["type"] == "webhook.test"
    (found,) = all_ended(client, made["id"], 1)
    assert (found["id"], found["state"]) == (tested["id"], "failed")
    assert [(each["status"], each["error"]) for each in found["attempts"]] == [(503, None)]
    assert client.get(f"/webhooks/{made['id']}")["failing_since"] is None


def test_nothing_is_posted_while_it_is_switched_off_and_a_failed_delivery_can_be_repeated(
    database: Any, client: Client, there: Receiver
) -> None:
    made = webhook(client, there.url, "job.imported")
    there.answering = lambda _: 410 if len(there.came) < 1 else 200
    carried(client, people(2))
    (gone,) = all_ended(client, made["id"], 1)
    off = client.get(f"/webhooks/{made['id']}")
    assert (gone["state"], off["enabled"], off["disabled"]["reason"]) == ("failed", False, "gone")
    carried(client, people(3))
    unpublished = {"firm": client.firm, "unpublished": True}
    eventually(lambda: database.jobs.find_one(unpublished) is None, LIMIT, "all events published")
    change(client, made, {"enabled": True})
    client.post(f"/webhooks/{made['id']}/deliveries/{gone['id']}/repeat", None)
    eventually(lambda: len(there.came) == 2, LIMIT, "it again")
    assert there.came[1].headers["webhook-id"] == gone["event"]["id"]
    assert [each["state"] for each in all_ended(client, made["id"], 1)] == ["delivered"]


@pytest.mark.long
def test_its_owner_is_mailed_once_when_it_is_switched_off(
    caller: Caller, mail_server: MailCatcher, there: Receiver
) -> None:
    owner = caller(email=f"{uuid.uuid4().hex[:8]}@firm.example", locale="fr")
    made = webhook(owner, there.url, "job.imported")
    there.answering = lambda _: 410
    carried(owner, people(2))
    (text,) = mails_about(mail_server, f"/webhooks/{made['id']}")
    assert there.url in text
    assert "désactivé" in text


def test_a_day_without_success_switches_it_off(database: Any, client: Client, there: Receiver) -> None:
    made = webhook(client, there.url, "job.imported")
    there.answering = lambda _: 500
    carried(client, people(2))
    of_webhook = {"webhook": f"{client.firm}/{made['id']}"}
    eventually(lambda: database.deliveries.find_one({**of_webhook, "made": 1}), LIMIT, "an attempt")
    assert client.get(f"/webhooks/{made['id']}")["enabled"]
    database.deliveries.update_one(of_webhook, {"$set": {"left": 1}, "$currentDate": {"due": True}})
    (found,) = all_ended(client, made["id"], 1)
    off = client.get(f"/webhooks/{made['id']}")
    assert (found["state"], found["attempts_made"]) == ("failed", 2)
    assert (off["enabled"], off["disabled"]["reason"]) == (False, "failing")


def test_the_log_is_paged_and_filtered_by_state_and_job(client: Client, there: Receiver) -> None:
    made = webhook(client, there.url)
    job = carried(client, people(2))
    carried(client, people(3))
    found = all_ended(client, made["id"], 2 * (len(ORDER) + 1))
    path, seen = f"/webhooks/{made['id']}/deliveries?limit=3", []
    page = client.get(path)
    while True:
        seen += [each["id"] for each in page["items"]]
        if not page["next"]:
            break
        page = client.get(f"{path}&cursor={page['next']}")
    assert seen == [each["id"] for each in found]
    of_job = client.get(f"{path}&job={job['id']}&state=delivered")["items"]
    assert len(of_job) == 3
    assert {each["job"] for each in of_job} == {job["id"]}
    assert client.get(f"{path}&state=failed")["items"] == []


@pytest.mark.long
def test_removing_a_webhook_removes_what_waits_for_it(database: Any, client: Client, there: Receiver) -> None:
    made = webhook(client, there.url, "job.imported")
    there.answering = lambda _: 500
    carried(client, people(2))
    eventually(lambda: there.came, LIMIT, "an attempt")
    assert client.call("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert database.deliveries.count_documents({"webhook": f"{client.firm}/{made['id']}"}) == 0
    assert client.call("GET", f"/webhooks/{made['id']}").status_code == 404
