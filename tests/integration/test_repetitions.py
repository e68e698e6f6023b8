"""Tests what a repetition of a call does: each POST says so, and does so; and a key makes one job, for good."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from shared.plumbing.job_store import new_job_id
from tests.describing import CALLS
from tests.integration.conftest import CLIENTS, FIRM, OTHER_FIRM, Standing, token

POSTS = [call for call in CALLS if call.startswith("POST")]
OWN = "repeating"
ROWS = {"rows": [{"Account name": "Cedar NV", "Email": "ann@cedar.example"}], "options": {"kind": "accounts"}}


def job_like(status: str) -> Callable[[Standing], str]:
    """Makes a job like the one that every test sees at a status."""
    return lambda standing: f"/jobs/{standing.copy(standing.jobs[status])}"


def a_webhook(standing: Standing) -> str:
    """Makes a webhook of its own."""
    asked = {"url": "http://127.0.0.1:9/events", "events": ["job.imported"]}
    return f"/webhooks/{standing.good('POST', '/webhooks', json=asked, bearer=token(OWN))['id']}"


def a_delivery(standing: Standing) -> str:
    """Makes a delivery that has failed."""
    hook = a_webhook(standing)
    made = standing.good("POST", f"{hook}/test", bearer=token(OWN))["id"]
    ended = {"state": "failed", "ended_at": datetime.now(UTC), "due": None}
    standing.db.deliveries.update_one({"_id": {"$regex": made}}, {"$set": ended})
    return f"{hook}/deliveries/{made}"


def repaired(standing: Standing) -> str:
    """Makes a job with two repairs."""
    job = job_like("validated")(standing)
    for selected in (False, True):
        standing.good("POST", f"{job}/rows/select", json={"selected": selected})
    return job


def a_record(kind: str) -> Callable[[Standing], str]:
    """Makes a record that may be changed."""
    return lambda standing: standing.another(kind, getattr(standing, kind)[0])


def two_records(kind: str) -> Callable[[Standing], str]:
    """Makes two records that may be merged; the body names the other."""

    def make(standing: Standing) -> str:
        return f"{a_record(kind)(standing)} {a_record(kind)(standing)}"

    return make


def a_sending(path: str, after: str = "") -> Callable[[Standing], str]:
    """Makes a sending; `after` is a call that is made before."""

    def make(standing: Standing) -> str:
        made = standing.good("POST", path, json={"filter": {"q": "nobody"}}, bearer=token(OWN))
        if after:
            standing.good("POST", f"{path}/{made['id']}/{after}", bearer=token(OWN))
        return f"{path}/{made['id']}"

    return make


def merged_records(kind: str) -> Callable[[Standing], str]:
    """Makes a merge that may be undone."""

    def make(standing: Standing) -> str:
        kept, other = two_records(kind)(standing).split()
        merge = standing.good("POST", f"/{kind}/{kept}/merge", json={"other": other, "anyway": True})
        return f"/{kind}/{kept}/merges/{merge['merge']}"

    return make


def a_contact(standing: Standing) -> str:
    """A contact that is there."""
    return f"/contacts/{standing.contacts[0]}"


def nothing(_: Standing) -> str:
    """Makes nothing."""
    return ""


#: What a second call does, by what differs in its answer from the first.
SAME, ANOTHER, NO_MORE, REFUSED, GONE = "the same", "another one", "nothing more", "refused", "gone"
#: For each POST: what it is about, its body, and what a repetition does, and then one more.
AGAIN: dict[str, tuple[Callable[[Standing], str], str, Any, list[str]]] = {
    "POST /jobs": (nothing, "/jobs", ROWS, [ANOTHER]),
    "POST /uploads": (nothing, "/uploads", None, [ANOTHER]),
    "POST /sign-ins": (nothing, "/sign-ins", None, [REFUSED, REFUSED]),
    "POST /jobs/{job_id}/cancel": (job_like("proposed"), "/cancel", None, [SAME, SAME]),
    "POST /jobs/{job_id}/map": (job_like("proposed"), "/map", None, [SAME, SAME]),
    "POST /mapping-profiles": (job_like("proposed"), "/mapping-profiles", {"name": "again"}, [SAME, SAME]),
    "POST /jobs/{job_id}/mapping/preview": (job_like("proposed"), "/mapping/preview", {"rows": 2}, [SAME]),
    "POST /jobs/{job_id}/rows/decide": (
        job_like("validated"),
        "/rows/decide",
        {"decision": "new"},
        [NO_MORE],
    ),
    "POST /jobs/{job_id}/rows/select": (
        job_like("validated"),
        "/rows/select",
        {"selected": False},
        [NO_MORE],
    ),
    "POST /jobs/{job_id}/rows/fix": (
        job_like("validated"),
        "/rows/fix",
        {"problem": "invalid_email", "column": 4, "action": "set", "value": "mia@jansen.example"},
        [NO_MORE],
    ),
    "POST /jobs/{job_id}/repairs/undo": (repaired, "/repairs/undo", None, [ANOTHER, REFUSED]),
    "POST /jobs/{job_id}/confirm": (job_like("validated"), "/confirm", None, [SAME, SAME]),
    "POST /jobs/{job_id}/undo": (job_like("imported"), "/undo", None, [SAME, SAME]),
    "POST /accounts": (nothing, "/accounts", {"name": "Again"}, [REFUSED]),
    "POST /contacts": (nothing, "/contacts", {"last_name": "Again"}, [REFUSED]),
    "POST /accounts/{record_id}/merge": (two_records("accounts"), "/merge", {"anyway": True}, [GONE]),
    "POST /contacts/{record_id}/merge": (two_records("contacts"), "/merge", {"anyway": True}, [GONE]),
    "POST /accounts/{record_id}/merges/{merge_id}/undo": (
        merged_records("accounts"),
        "/undo",
        None,
        [REFUSED],
    ),
    "POST /contacts/{record_id}/merges/{merge_id}/undo": (
        merged_records("contacts"),
        "/undo",
        None,
        [REFUSED],
    ),
    "POST /accounts/bulk": (
        a_record("accounts"),
        "/accounts/bulk",
        {"changes": {"language": "nl"}},
        [NO_MORE],
    ),
    "POST /contacts/bulk": (
        a_record("contacts"),
        "/contacts/bulk",
        {"changes": {"language": "nl"}},
        [NO_MORE],
    ),
    "POST /invitations": (nothing, "/invitations", {"filter": {"q": "nobody"}}, [ANOTHER]),
    "POST /invitations/preview": (nothing, "/invitations/preview", {"filter": {}}, [SAME]),
    "POST /invitations/{sending_id}/stop": (a_sending("/invitations"), "/stop", None, [SAME, SAME]),
    "POST /invitations/{sending_id}/resume": (a_sending("/invitations", "stop"), "/resume", None, [SAME]),
    "POST /contacts/{record_id}/invitation": (a_contact, "/invitation", {"status": "accepted"}, [SAME]),
    "POST /questionnaires/send": (nothing, "/questionnaires/send", {"filter": {"q": "nobody"}}, [ANOTHER]),
    "POST /questionnaires/send/preview": (nothing, "/questionnaires/send/preview", {"filter": {}}, [SAME]),
    "POST /questionnaires/send/{sending_id}/stop": (
        a_sending("/questionnaires/send"),
        "/stop",
        None,
        [SAME, SAME],
    ),
    "POST /questionnaires/send/{sending_id}/resume": (
        a_sending("/questionnaires/send", "stop"),
        "/resume",
        None,
        [SAME],
    ),
    "POST /webhooks": (
        nothing,
        "/webhooks",
        {"url": "http://127.0.0.1:9/again", "events": ["job.imported"]},
        [ANOTHER],
    ),
    "POST /webhooks/{webhook_id}/rotate": (a_webhook, "/rotate", {}, [ANOTHER]),
    "POST /webhooks/{webhook_id}/test": (a_webhook, "/test", None, [ANOTHER]),
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/repeat": (
        a_delivery,
        "/repeat",
        None,
        [SAME, SAME],
    ),
}
#: Calls that are refused once a worker has gone on, and the job that shows it.
TOO_LATE = {"map": "validated", "confirm": "imported", "undo": "undone"}


def test_every_post_is_tried_and_says_what_a_repetition_does() -> None:
    assert {f"POST /api/v1{call[5:]}" for call in AGAIN} == set(POSTS)
    assert [call for call in POSTS if "Repeated" not in CALLS[call].get("description", "")] == []


def lasting(answer: Any) -> Any:
    """What of an answer is the same where nothing happened: no rates, and no versions."""
    names = (
        "id",
        "claim",
        "secret",
        "status",
        "revision",
        "history",
        "counts",
        "created_at",
        "attempts_made",
        "at",
        "recipients",
    )
    return {name: answer[name] for name in names if name in answer}


def placed(call: str, body: Any, target: str) -> tuple[Any, str]:
    """The body and the start of the address of a call that names what it is about in its body."""
    if call == "POST /mapping-profiles":
        return {**body, "job": target.removeprefix("/jobs/")}, ""
    if call.endswith("/bulk"):
        return {**body, "ids": [target]}, ""
    if call.endswith("/merge"):
        kept, other = target.split()
        return {**body, "other": other}, f"/{call.split('/')[1]}/{kept}"
    return body, target


def bearer_of(call: str) -> str | None:
    """The token of a call: that of the firm that everybody sees, of the platform, or of a firm of its own."""
    if call.endswith("/invitation"):
        return token(role="service", firms=["*"])
    of_standing = any(name in call for name in ("job_id", "profiles", "bulk", "merge"))
    return None if of_standing else token(OWN, jti=new_job_id())


@pytest.mark.parametrize("call", AGAIN)
def test_a_repetition_does_what_the_call_says(standing: Standing, call: str) -> None:
    about, end, body, expected = AGAIN[call]
    own = bearer_of(call)
    body, target = placed(call, body, about(standing))
    answers = []
    for _ in range(1 + len(expected)):
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if call == "POST /uploads":
            sent = {"data": {"file": (BytesIO(CLIENTS.encode()), "clients.csv")}}
        answers.append(standing.call("POST", f"{target}{end}", bearer=own, **sent))
    first, *others = answers
    assert first.status_code < 300, first.text
    assert "bulk" not in call or first.json["changed"] == 1
    for answer, what in zip(others, expected, strict=True):
        if what in (REFUSED, GONE):
            assert answer.status_code == (409 if what == REFUSED else 410)
            continue
        assert answer.status_code == first.status_code
        if what == NO_MORE:
            assert answer.json["changed"] == 0
        else:
            assert (lasting(answer.json) == lasting(first.json)) is (what == SAME), (answer.json, first.json)
    if "bulk" in call or "merge" in call:
        standing.db[call.split("/")[1]].delete_many({"firm": FIRM, "keys": []})
    for name in ("webhooks", "sendings", "accounts", "contacts"):
        standing.db[name].delete_many({"firm": OWN})


@pytest.mark.parametrize("call", TOO_LATE)
def test_a_repetition_that_comes_too_late_is_refused(standing: Standing, call: str) -> None:
    status = TOO_LATE[call]
    job = standing.copy(standing.jobs.get(status) or standing.jobs["imported"])
    standing.db.jobs.update_one({"_id": job}, {"$set": {"status": status}})
    answer = standing.call("POST", f"/jobs/{job}/{call}")
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_state")


# keys


def with_key(standing: Standing, key: str, rows: Any = ROWS, **how: Any) -> Any:
    """Ask for an import with a key."""
    bearer = how.pop("bearer", token(OWN))
    return standing.call("POST", "/jobs", json=rows, headers={"Idempotency-Key": key}, bearer=bearer)


DIFFERENT: list[Any] = [
    {**ROWS, "name": "another.csv"},
    {**ROWS, "options": {"kind": "contacts"}},
    {**ROWS, "options": {}},
    {**ROWS, "rows": [{"Account name": "Cedar NV", "Email": "ann@cedar.example "}]},
    {**ROWS, "rows": [*ROWS["rows"], *ROWS["rows"]]},
]


@pytest.mark.parametrize("other", DIFFERENT, ids=json.dumps)
def test_another_request_under_a_key_is_refused(standing: Standing, other: Any) -> None:
    key = new_job_id()
    assert with_key(standing, key).status_code == 202
    answer = with_key(standing, key, other)
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")


def test_a_key_counts_for_good_also_after_the_file_is_gone(standing: Standing) -> None:
    key = new_job_id()
    job = with_key(standing, key).json["id"]
    standing.good("POST", f"/jobs/{job}/cancel", bearer=token(OWN))
    standing.good("DELETE", f"/jobs/{job}", bearer=token(OWN))
    long_ago = datetime.now(UTC) - timedelta(days=3 * 365)
    standing.db.jobs.update_one({"_id": job}, {"$set": {"created_at": long_ago, "since": long_ago}})
    again = with_key(standing, key)
    assert (again.status_code, again.json["id"], again.headers["Idempotency-Replayed"]) == (202, job, "true")
    assert again.json["purged_at"]
    assert with_key(standing, key, DIFFERENT[0]).status_code == 409
    assert job in {item["id"] for item in standing.good("GET", "/jobs?limit=200", bearer=token(OWN))["items"]}


def test_a_key_is_the_firms_and_not_a_persons(standing: Standing) -> None:
    key = new_job_id()
    first = with_key(standing, key).json["id"]
    colleague = with_key(standing, key, bearer=token(OWN, sub="u2", email="u2@firm.example", locale="fr"))
    assert (colleague.json["id"], colleague.json["created_by"]) == (first, "u1")
    assert with_key(standing, key, bearer=token(OTHER_FIRM)).json["id"] != first


def test_a_refused_request_leaves_its_key_free(standing: Standing) -> None:
    key = new_job_id()
    assert with_key(standing, key, {"rows": []}).status_code == 422
    good = with_key(standing, key)
    assert good.status_code == 202
    assert "Idempotency-Replayed" not in good.headers
