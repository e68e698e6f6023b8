"""Tests that the examples of the API's description are true: one walk makes each call, and the answers are kept.

`make examples` keeps them anew: it runs this file with RECORD_EXAMPLES set.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest

from deploy.description.whole import EXAMPLES
from services.upload.api import docs
from shared.contract.moments import rfc3339
from tests.describing import CALLS, refused
from tests.integration.conftest import CLIENTS, Standing, token

JSON = "application/json"
#: The firm whose directory is written.
OWN = "examples"
MAPPING: dict[str, Any] = {
    "columns": [
        {"index": 0, "action": "sync", "target": "account.name"},
        {"index": 1, "action": "sync", "target": "account.type"},
        {"index": 2, "action": "sync", "target": "contact.first_name"},
        {"index": 3, "action": "sync", "target": "contact.last_name"},
        {"index": 4, "action": "sync", "target": "contact.email"},
        {"index": 5, "action": "custom", "custom": {"name": "Phone 2", "type": "text", "record": "contact"}},
    ],
    "account_type": {"mode": "column", "column": 1},
    "date_order": "DMY",
    "phone_region": "BE",
}
RULE = {"when": [{"field": "account.type", "is": "Company"}], "then": {"tags": ["company"]}}
SETTINGS: dict[str, Any] = {
    "tags": ["import 2026"],
    "rules": [RULE],
    "mode": "both",
    "merge_default": "fill_empty",
    "merge": {"contact.phone": "overwrite"},
    "on_invalid": {"contact.phone": "drop_value"},
    "on_doubt": "skip",
}
DIRECTORY: dict[str, Any] = {
    "team_members": [{"id": "anna", "name": "Anna Claes", "email": "anna@firm.example"}],
    "tags": ["vip"],
    "custom_fields": [{"name": "Segment", "type": "choice", "record": "account", "choices": ["A", "B"]}],
    "locale": {
        "language": "nl",
        "country": "BE",
        "time_zone": "Europe/Brussels",
        "date_order": "DMY",
    },
    "folder_templates": ["Default tax years"],
    "folder_template_folders": {"Default tax years": ["Tax/2025", "Tax/2026", "Correspondence"]},
    "defaults": {"mode": "both", "merge_default": "fill_empty", "on_doubt": "skip"},
    "notices": {
        "importer": ["imported", "failed", "undone"],
        "copies": [{"to": "anna@firm.example", "when": ["failed"]}],
    },
    "retention": {"undo_days": 30, "keep_days": None},
    "events": "summary",
    "sender": {"name": "Peeters & Co", "reply_to": "office@firm.example"},
}
ROWS = {
    "name": "clients.csv",
    "rows": [{"Account name": "Bakery Peeters", "First name": "An", "Email": "an@peeters.example"}],
    "options": {"autostart": True, "max_invalid": {"rows": 0}, "notify": ["office@firm.example"]},
}
WEBHOOK = {
    "url": "http://127.0.0.1:9/events",
    "events": ["job.imported", "job.failed"],
    "description": "the CRM",
}


class Walk:
    """Makes calls, and keeps what was sent and answered."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.kept: dict[str, dict[str, Any]] = {}

    def __call__(self, call: str, path: str = "", body: Any = None, **how: Any) -> Any:
        """One call, by its name in the description; `path` is where it is not the same as in the name."""
        method, _, named = call.partition(" ")
        sent = {"json": body} if body is not None else {}
        answer = self.standing.call(method, path or named, **sent, **how)
        assert answer.status_code < 300, (call, answer.text)
        content = answer.get_json(silent=True) if answer.is_json else None
        operation = CALLS[f"{method} /api/v1{named}"]["operationId"]
        whole = {"request": body, "answer": content}
        self.kept[operation] = {name: part for name, part in whole.items() if part is not None}
        return content


def walk(standing: Standing) -> dict[str, dict[str, Any]]:
    """Every call with JSON in or out, once, as a foreign developer would make it."""
    make = Walk(standing)
    jobs = standing.jobs
    proposed, validated = (
        f"/jobs/{standing.copy(jobs['proposed'])}",
        f"/jobs/{standing.copy(jobs['validated'])}",
    )
    imported = f"/jobs/{jobs['imported']}"
    _walk_jobs(make, standing)
    make("GET /jobs/{job_id}/source", f"{proposed}/source")
    make("GET /jobs/{job_id}/mapping", f"{proposed}/mapping")
    make("PUT /jobs/{job_id}/mapping", f"{proposed}/mapping", MAPPING)
    make("GET /jobs/{job_id}/settings", f"{proposed}/settings")
    make("PUT /jobs/{job_id}/settings", f"{proposed}/settings", SETTINGS)
    make("POST /jobs/{job_id}/mapping/preview", f"{proposed}/mapping/preview", {"rules": [RULE], "rows": 2})
    saved = make("POST /mapping-profiles", "", {"name": "Clients of March", "job": proposed[6:]})
    make("GET /mapping-profiles/{profile_id}", f"/mapping-profiles/{saved['id']}")
    make("PATCH /mapping-profiles/{profile_id}", f"/mapping-profiles/{saved['id']}", {"name": "Clients"})
    make("GET /mapping-profiles")
    make("POST /jobs/{job_id}/map", f"{proposed}/map")
    make("PUT /jobs/{job_id}/source", f"{proposed}/source", {"header_row": 1, "delimiter": ";"})
    _walk_rows(make, validated)
    make("POST /jobs/{job_id}/confirm", f"{validated}/confirm")
    make("GET /jobs/{job_id}/result", f"{imported}/result")
    make("GET /jobs/{job_id}/undo", f"{imported}/undo")
    make("POST /jobs/{job_id}/undo", f"/jobs/{standing.copy(jobs['imported'])}/undo")
    _walk_records(make, standing)
    _walk_letters(make, standing)
    _walk_webhooks(make)
    return make.kept


def _walk_jobs(make: Walk, standing: Standing) -> None:
    make("GET /fields", "/fields?lang=en")
    own = token(OWN)
    make("PUT /directory", "", DIRECTORY, bearer=own)
    make("GET /directory", bearer=own)
    make("GET /directory/uses", "/directory/uses?part=tags&name=vip", bearer=own)
    make("POST /directory/replace", "", {"part": "tags", "name": "vip", "to": "VIP"}, bearer=own)
    made = make("POST /jobs", "", ROWS, bearer=own)
    make("POST /jobs/{job_id}/cancel", f"/jobs/{made['id']}/cancel", bearer=own)
    make("GET /jobs", "/jobs?limit=1", bearer=own)
    make("GET /jobs/{job_id}", f"/jobs/{standing.jobs['imported']}")
    make("POST /uploads", data={"file": (BytesIO(CLIENTS.encode()), "clients.csv")}, bearer=own)
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "20665139"}
    begun = standing.good("POST", "/uploads", headers=tus, bearer=own)
    make("GET /uploads/{claim}", f"/uploads/{begun['claim']}", bearer=own)


def _walk_rows(make: Walk, validated: str) -> None:
    make("GET /jobs/{job_id}/report", f"{validated}/report")
    make("GET /jobs/{job_id}/rows", f"{validated}/rows?limit=2")
    change = [{"row": 4, "cells": {"4": "mia@jansen.example"}}, {"row": 2, "selected": False}]
    make("PATCH /jobs/{job_id}/rows", f"{validated}/rows", change)
    ticks = {"selected": True, "where": {"bucket": "unselected"}}
    make("POST /jobs/{job_id}/rows/select", f"{validated}/rows/select", ticks)
    decision = {"decision": "new", "where": {"problem": "namesake_in_firm"}}
    make("POST /jobs/{job_id}/rows/decide", f"{validated}/rows/decide", decision)
    fix = {"problem": "invalid_email", "column": 4, "action": "replace", "find": " at ", "value": "@"}
    make("POST /jobs/{job_id}/rows/fix", f"{validated}/rows/fix", fix)
    make("GET /jobs/{job_id}/repairs", f"{validated}/repairs")
    make("POST /jobs/{job_id}/repairs/undo", f"{validated}/repairs/undo")


def _walk_records(make: Walk, standing: Standing) -> None:
    for kind, changes in (
        ("accounts", {"website": "https://peeters.example", "tags": []}),
        ("contacts", {"phone": "+32470123456", "language": None}),
    ):
        known = standing.good("GET", f"/{kind}/{getattr(standing, kind)[0]}")["fields"]
        named = str(known.get("name") or known.get("last_name"))
        make(f"GET /{kind}", f"/{kind}?{urlencode({'limit': 1, 'total': 'true', 'q': named})}")
        make(f"GET /{kind}/{{record_id}}", f"/{kind}/{getattr(standing, kind)[0]}")
        other = standing.another(kind, getattr(standing, kind)[0])
        make(f"PATCH /{kind}/{{record_id}}", f"/{kind}/{other}", changes)
        many = {"ids": [other], "changes": {"language": "fr"}, "preview": True}
        make(f"POST /{kind}/bulk", "", many)
        standing.db[kind].delete_one({"_id": f"standing/{other}"})
    _walk_hand_made(make)


def _walk_hand_made(make: Walk) -> None:
    own = token(OWN)
    person = {"fields": {"first_name": "An", "last_name": "Maes", "email": "an@maes.example"}}
    account = {"name": "Bakery Maes", "type": "BV", "contacts": [{**person, "relationship": ["zaakvoerder"]}]}
    first = make("POST /accounts", "", account, bearer=own)
    other = make("POST /contacts", "", {"last_name": "Peeters", "phone": "02 555 12 12"}, bearer=own)
    link = f"/accounts/{first['id']}/contacts/{other['id']}"
    one = "/accounts/{record_id}/contacts/{contact_id}"
    make(f"PUT {one}", link, {"relationship": ["Shareholder"]}, bearer=own)
    make(f"DELETE {one}", link, bearer=own)
    second = make.standing.good("POST", "/accounts", json={"name": "Maes Bakery"}, bearer=own)
    contact = make.standing.good("GET", f"/accounts/{first['id']}", bearer=own)["links"][0]["contact"]
    for kind, kept, gone in (("accounts", first["id"], second["id"]), ("contacts", contact, other["id"])):
        merged = make(
            f"POST /{kind}/{{record_id}}/merge", f"/{kind}/{kept}/merge", {"other": gone}, bearer=own
        )
        undo = f"/{kind}/{kept}/merges/{merged['merge']}/undo"
        make(f"POST /{kind}/{{record_id}}/merges/{{merge_id}}/undo", undo, bearer=own)
    for kind in ("accounts", "contacts", "links"):
        make.standing.db[kind].delete_many({"firm": OWN})


def _walk_letters(make: Walk, standing: Standing) -> None:
    standing.db.letters.delete_many({"firm": "standing"})  # of other tests
    for path, named, kind in (
        ("/invitations", "contacts", "contacts"),
        ("/questionnaires/send", "accounts", "accounts"),
    ):
        asked = {named: getattr(standing, kind)[:1], "again": False}
        make(f"POST {path}/preview", "", {**asked, "limit": 100, "mails": 1})
        made = make(f"POST {path}", "", asked)
        make(f"GET {path}", f"{path}?limit=1")
        one = f"{path}/{made['id']}"
        make(f"GET {path}/{{sending_id}}", one)
        make(f"POST {path}/{{sending_id}}/stop", f"{one}/stop")
        make(f"POST {path}/{{sending_id}}/resume", f"{one}/resume")
        standing.db.sendings.delete_one({"_id": f"standing/{made['id']}"})
    other = standing.another("contacts", standing.contacts[0])
    report = "POST /contacts/{record_id}/invitation"
    service = token(role="service", firms=["*"])
    make(report, f"/contacts/{other}/invitation", {"status": "accepted"}, bearer=service)
    standing.db.contacts.delete_one({"_id": f"standing/{other}"})


def _walk_webhooks(make: Walk) -> None:
    own = token(OWN)
    hook = f"/webhooks/{make('POST /webhooks', '', WEBHOOK, bearer=own)['id']}"
    one = "/webhooks/{webhook_id}"
    make(f"PATCH {one}", hook, {"description": "the CRM, new"}, bearer=own)
    make(f"GET {one}", hook, bearer=own)
    make("GET /webhooks", bearer=own)
    make(f"GET {one}/secret", f"{hook}/secret", bearer=own)
    make(f"POST {one}/rotate", f"{hook}/rotate", {"overlap_hours": 24}, bearer=own)
    posted = make(f"POST {one}/test", f"{hook}/test", bearer=own)
    make(f"GET {one}/deliveries", f"{hook}/deliveries", bearer=own)
    repeated = f"{hook}/deliveries/{posted['id']}/repeat"
    make(f"POST {one}/deliveries/{{delivery_id}}/repeat", repeated, bearer=own)


# what differs from walk to walk, and what nobody can use elsewhere

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{12,32}(?![0-9a-f])")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
BEGAN = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
MOST_ITEMS = 3


def plain(kept: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The examples with ids, times and secrets that are the same in every walk, and lists that end soon."""
    short = {
        name: {part: shortened(body) if part == "answer" else body for part, body in one.items()}
        for name, one in kept.items()
    }
    text = json.dumps(short, ensure_ascii=False)
    times = {
        at: rfc3339(BEGAN + timedelta(seconds=1.25 * n))
        for n, at in enumerate(sorted(set(TIME.findall(text))))
    }
    ids: dict[str, str] = {}
    text = TIME.sub(lambda found: times[found[0]], text)
    text = SECRET.sub("whsec_YW4gZXhhbXBsZSBhbmQgbm8gc2VjcmV0IGF0IGFsbA==", text)
    text = ID.sub(lambda found: ids.setdefault(found[0], _id(len(ids), len(found[0]))), text)
    for ours, theirs in (
        ("http://127.0.0.1:9/", "https://crm.example/"),
        ('"standing"', '"demo"'),
        (f'"{OWN}"', '"demo"'),
        (f"/firms/{OWN}", "/firms/demo"),
    ):
        text = text.replace(ours, theirs)
    whole: dict[str, dict[str, Any]] = json.loads(text)
    return whole


def _id(n: int, length: int) -> str:
    digest = blake2b(f"example {n}".encode(), digest_size=16).hexdigest()
    return (f"019cad11{n:04x}{digest}" if length == 32 else digest)[:length]


def shortened(value: Any) -> Any:
    """A value whose lists have their first items only, but for the history, and whose rates are none."""
    if isinstance(value, dict):
        whole = {"rows_per_second": 0, "history": value.get("history")}
        return {name: whole[name] if name in whole else shortened(inner) for name, inner in value.items()}
    return [shortened(inner) for inner in value[:MOST_ITEMS]] if isinstance(value, list) else value


def names(value: Any, path: str = "") -> Iterator[str]:
    """The places of all names of a document; all items of a list are one place, and a delay comes and goes."""
    if isinstance(value, dict) and not path.endswith(".delay"):
        for name, inner in value.items():
            yield f"{path}.{name}"
            yield from names(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, f"{path}[]")


def test_each_call_answers_as_its_example_says(standing: Standing) -> None:
    fresh = plain(walk(standing))
    if os.environ.get("RECORD_EXAMPLES"):
        EXAMPLES.write_text(json.dumps(fresh, indent=1, ensure_ascii=False) + "\n", "utf-8")
    kept = json.loads(EXAMPLES.read_text("utf-8"))
    assert list(kept) == list(fresh), "run `make examples`"
    for name, example in fresh.items():
        assert set(names(kept[name])) == set(names(example)), f"{name}: run `make examples`"


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON body of the description, as `POST /jobs request` and its content."""
    for call, operation in CALLS.items():
        body = operation.get("requestBody", {}).get("content", {})
        yield from ((f"{call} request {kind}", content) for kind, content in body.items())
        for status, answer in operation["responses"].items():
            yield from (
                (f"{call} {status}", content)
                for kind, content in answer.get("content", {}).items()
                if kind.endswith("json")
            )


BODIES = dict(bodies())


@pytest.mark.parametrize("body", BODIES)
def test_every_body_has_an_example_that_its_schema_takes(body: str) -> None:
    content = BODIES[body]
    if body == "GET /api/v1/openapi.json 200":
        return  # it is the description itself
    found = [one["value"] for one in content.get("examples", {}).values()] or [content["example"]]
    assert [refused(content["schema"], example) for example in found] == [[] for _ in found]


@pytest.mark.parametrize("call", CALLS)
def test_every_parameter_and_header_has_words_and_an_example_that_its_schema_takes(call: str) -> None:
    document = docs.document()
    shared = document["paths"][call.split()[1]].get("parameters", [])
    for parameter in [*shared, *CALLS[call].get("parameters", [])]:
        assert parameter["description"], parameter
        assert refused(parameter["schema"], parameter["example"]) == [], parameter
    for header in document["components"]["headers"].values():
        assert header["description"]
        assert refused(header["schema"], header["example"]) == []


def test_examples_of_refusals_have_whole_sentences_and_the_right_status() -> None:
    for call, operation in CALLS.items():
        refusals = {
            status: answer["content"]["application/problem+json"]["examples"]
            for status, answer in operation["responses"].items()
            if status >= "400"
        }
        for status, examples in refusals.items():
            for code, example in examples.items():
                problem = example["value"]
                assert (problem["code"], problem["status"]) == (code, int(status)), call
                assert "…" not in problem["detail"]
