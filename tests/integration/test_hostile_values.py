"""Tests any value in any place of a request: it is accepted or refused, and a refused one leaves no data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest

from services.upload.api import docs
from shared.plumbing.following import followers
from tests.integration.conftest import Standing, token

#: The firm whose directory, and whose uploads, are tried.
FIRM = "hostile"
MARK = "@@@"
#: In a body, the id of another record than that of the address.
OTHER = "f" * 24
#: Values as they are written in JSON.
VALUES = [
    *("null", "true", "-1", "0", "1.5", "1e30", "-1e30", "1e400", "NaN", "-Infinity", "9007199254740991"),
    *("9223372036854775807", "9223372036854775808", "1" + "0" * 400),
    *(
        '""',
        '" "',
        r'"\u0000"',
        r'"\ud800"',
        r'"a\u202eb\n"',
        '"$where"',
        '"a.b"',
        '"٣"',
        json.dumps("x" * 40_000),
    ),
    *("[]", "[null]", json.dumps(["a"] * 6_000), "[" * 40 + "]" * 40),
    *("{}", '{"$gt": ""}', '{"a.b": "c"}', '{"": ""}', r'{"\u0000": 1}', '{"$ref": "a", "$id": 1}'),
]
#: The same in an address, where all is text.
TEXTS = [
    *("", " ", "-1", "0", "1.5", "1e30", "NaN", "Infinity", "1" * 400, "1" * 5_000, "9223372036854775808"),
    *(
        "\0",
        "\n1",
        "1\n",
        "'",
        "$where",
        "a.b",
        "٣",
        "²",
        "\u202e",
        "{}",
        "[]",
        ".*",
        "(",
        "\\",
        "../..",
        "0.0",
    ),
    *("999999999.999999999", "f" * 24, "f" * 64, "x" * 3_000, "é" * 300),
]
MAPPED: dict[str, Any] = {
    "columns": [
        {"index": 0, "action": "sync", "target": "account.name", "join": " ", "split": False},
        {"index": 5, "action": "custom", "custom": {"name": "Phone", "type": "text", "record": "account"}},
    ],
    "account_type": {"mode": "fixed", "value": "Company"},
    "values": {"account.type": {"Firm": "Company"}},
    "date_order": "DMY",
    "phone_region": "BE",
    "account_name": "{contact.last_name}",
    "missing": [],
}
SETTINGS: dict[str, Any] = {
    "contacts": {"contact.email": {"login": True}},
    "tags": ["new"],
    "assignees": [],
    "folder_template": None,
    "language": None,
    "rules": [
        {
            "when": [{"column": 0, "one_of": ["a"]}, {"field": "account.name", "is": "a"}],
            "then": {"tags": ["b"]},
        }
    ],
    "match": {"accounts": ["name"]},
    "mode": "both",
    "merge_default": "fill_empty",
    "merge": {"account.name": "never"},
}
OPTIONS: dict[str, Any] = {
    "kind": "accounts",
    "autostart": False,
    "max_invalid": {"rows": 1},
    "mapping": MAPPED,
    "settings": SETTINGS,
    "notify": ["a@b.example"],
    "header_row": 1,
    "profile": "ab",
    "encoding": "utf-8",
    "delimiter": ",",
    "quote": '"',
    "sheet": "a",
}
RECORD = {"name": "A", "tags": ["b"], "custom": {}, "website": "https://a.example", "questionnaire": None}
DIRECTORY: dict[str, Any] = {
    "team_members": [{"id": "a", "name": "A", "email": "a@b.example", "default_access": True}],
    "tags": ["a"],
    "custom_fields": [{"name": "a", "type": "choice", "record": "account", "choices": ["b"]}],
    "languages": ["nl"],
    "locale": {"language": "nl", "country": "BE", "time_zone": "Europe/Brussels", "date_order": "DMY"},
    "limits": dict.fromkeys(
        ("bytes", "rows", "columns", "cell_length", "unzipped", "ratio", "seconds"), 1_000
    ),
    "retention": {"undo_days": 1, "keep_days": None},
    "folder_templates": ["T"],
    "folder_template_folders": {"T": ["Tax/2026"]},
    "defaults": {"mode": "both", "match": {"accounts": ["name"], "contacts": ["number"]}},
    "notices": {"importer": ["failed"], "copies": [{"to": "a@b.example", "when": ["imported"]}]},
    "events": "each",
    "sender": {"name": "A", "reply_to": "a@b.example"},
}
#: For each call with a body: the status of the job, and a body that is taken.
BODIES: dict[str, tuple[str, Any]] = {
    "POST /jobs": ("", {"name": "a.csv", "rows": [{"Name": "An", "B": 1}], "options": OPTIONS}),
    "PUT /jobs/{job_id}/source": (
        "proposed",
        {"header_row": 1, "delimiter": ";", "quote": '"', "encoding": "utf-8"},
    ),
    "PUT /jobs/{job_id}/mapping": ("proposed", MAPPED),
    "PUT /jobs/{job_id}/settings": ("proposed", SETTINGS),
    "POST /jobs/{job_id}/mapping/preview": (
        "proposed",
        {"mapping": MAPPED, "rules": SETTINGS["rules"], "rows": 3},
    ),
    "PATCH /jobs/{job_id}/rows": (
        "validated",
        [
            {"row": 2, "cells": {"0": "A"}, "selected": True, "to_account": True},
            {"row": 2, "decision": "same", "same_as": {"row": 2}},
        ],
    ),
    "POST /jobs/{job_id}/rows/select": (
        "validated",
        {"selected": False, "where": {"bucket": "new", "q": "a"}},
    ),
    "POST /jobs/{job_id}/rows/decide": (
        "validated",
        {"decision": "same", "where": {"problem": "ambiguous_match", "q": "a"}},
    ),
    "POST /jobs/{job_id}/rows/fix": (
        "validated",
        {"problem": "invalid_email", "column": 4, "action": "replace", "find": "a", "value": "b"},
    ),
    "POST /mapping-profiles": ("", {"name": "a", "job": MARK}),
    "PATCH /mapping-profiles/{profile_id}": ("", {"name": "a"}),
    "POST /webhooks": (
        "",
        {"url": "http://127.0.0.1:9/a", "events": ["job.imported"], "description": "a"},
    ),
    "PATCH /webhooks/{webhook_id}": (
        "",
        {
            "url": "http://127.0.0.1:9/a",
            "events": ["job.imported"],
            "description": "a",
            "enabled": False,
        },
    ),
    "POST /webhooks/{webhook_id}/rotate": ("", {"overlap_hours": 1}),
    "POST /invitations": ("", {"contacts": ["0" * 24], "again": True}),
    "POST /invitations/preview": (
        "",
        {"filter": {"q": "a", "invitation": "failed"}, "limit": 5, "mails": 1, "after": "WyJhIiwgImIiXQ"},
    ),
    "POST /contacts/{record_id}/invitation": ("", {"status": "accepted"}),
    "POST /questionnaires/send": ("", {"filter": {"name": "nobody", "questionnaire": "a"}, "again": False}),
    "POST /questionnaires/send/preview": ("", {"accounts": ["0" * 24], "limit": 5, "mails": 1}),
    "PUT /directory": ("", DIRECTORY),
    "POST /directory/replace": (
        "",
        {"part": "folder_templates", "name": "Default tax years", "to": "Default tax years 2"},
    ),
    "PATCH /accounts/{record_id}": ("", RECORD),
    "POST /accounts": (
        "",
        {
            "name": "A",
            "contacts": [
                {
                    "fields": {"last_name": "A", "tags": ["b"]},
                    "relationship": ["Owner"],
                    "switches": {"contact.email": {"login": True}},
                },
            ],
            "on_doubt": "create",
        },
    ),
    "POST /contacts": ("", {"last_name": "A", "phone": "02 555 12 12", "on_doubt": "create"}),
    "PUT /accounts/{record_id}/contacts/{contact_id}": (
        "",
        {"relationship": ["Owner"], "switches": {"contact.email": {"login": True, "notify": False}}},
    ),
    "POST /accounts/{record_id}/merge": (
        "",
        {"other": OTHER, "take": ["phone"], "anyway": False, "preview": True},
    ),
    "POST /contacts/{record_id}/merge": ("", {"other": OTHER, "preview": True}),
    "POST /accounts/bulk": (
        "",
        {
            "filter": {"q": "nobody is called so", "type": "Company", "language": "nl"},
            "changes": {
                "add_tags": ["a"],
                "remove_assignees": ["b"],
                "folder_template": "Default tax years",
                "language": "nl",
                "questionnaire": "Personal income tax",
            },
            "after": "WyJhIiwgImIiXQ",
            "preview": True,
        },
    ),
    "POST /contacts/bulk": ("", {"ids": ["0" * 24], "changes": {"remove_tags": ["a"], "login": True}}),
    "PATCH /contacts/{record_id}": (
        "",
        {"first_name": "A", "tags": ["b"], "custom": {}, "email": "a@b.example"},
    ),
}


def places(body: Any) -> Iterator[Any]:
    """The body with a mark in each place in turn: instead of each value, and beside the names of each object."""
    yield MARK
    if isinstance(body, dict):
        for name, value in body.items():
            yield from ({**body, name: inner} for inner in places(value))
    elif isinstance(body, list):
        for at, value in enumerate(body):
            yield from ([*body[:at], inner, *body[at + 1 :]] for inner in places(value))


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call of the description, as `GET /jobs`."""
    for path, item in docs.document()["paths"].items():
        for method, described in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                parameters = [*item.get("parameters", []), *described.get("parameters", [])]
                yield (
                    f"{method.upper()} {path.removeprefix('/api/v1')}",
                    {**described, "parameters": parameters},
                )


CALLS = dict(operations())
WITH_BODY = sorted(
    call
    for call, described in CALLS.items()
    if "application/json" in described.get("requestBody", {}).get("content", {})
)


def address(standing: Standing, call: str, status: str) -> str:
    """The path of a call, with ids of what there is."""
    path = call.split()[1]
    kind = "accounts" if "accounts" in path else "contacts"
    record = getattr(standing, kind)[0]
    profile = standing.db.profiles.find_one({"firm": "standing"}, {"_id": 1}) or {"_id": "standing/a"}
    return path.format(
        job_id=standing.jobs[status or "imported"],
        record_id=record,
        profile_id=profile["_id"].partition("/")[2],
        contact_id=standing.contacts[0],
        merge_id="a",
        claim="a",
        name="accounts",
        webhook_id=standing.webhook,
        delivery_id=standing.delivery,
        sending_id=standing.form_sending if "questionnaires" in path else standing.sending,
    )


def test_every_call_with_a_body_is_tried() -> None:
    assert sorted(BODIES) == WITH_BODY


@pytest.fixture
def ids(standing: Standing) -> Iterator[None]:
    """The firm's jobs and records are afterwards as they were."""
    kinds = ("accounts", "contacts", "links")
    kept = {kind: list(standing.db[kind].find({"firm": "standing"})) for kind in kinds}
    yield
    for name in ("merges", "merged", "links"):
        standing.db[name].delete_many({"firm": "standing"})
    for name in ("proposed", "validated"):
        standing.anew(name)
        for content in ("edits", "amended", "repairs"):
            standing.db[content].delete_many({"job": standing.jobs[name]})
    for kind, records in kept.items():
        for record in records:
            standing.db[kind].replace_one({"_id": record["_id"]}, record, upsert=True)


@pytest.mark.parametrize("call", WITH_BODY)
def test_no_value_in_any_place_of_a_body_breaks_a_call(standing: Standing, ids: None, call: str) -> None:
    status, good = BODIES[call]
    job = standing.jobs[status or "imported"]
    of_standing = ("record_id", "profiles", "webhook")
    own = None if status or any(name in call for name in of_standing) else token(FIRM)
    if call.endswith("/invitation"):
        own = token(role="service", firms=["*"])
    method, path = call.split()[0], address(standing, call, status)

    def send(body: str) -> Any:
        return standing.call(method, path, bearer=own, data=body, content_type="application/json")

    of_kind = {"accounts": standing.accounts, "contacts": standing.contacts}.get(path.split("/")[1], [OTHER])
    good = json.loads(json.dumps(good).replace(OTHER, of_kind[-1]))
    taken = send(json.dumps(good).replace(MARK, job))
    assert taken.status_code < 300, taken.text
    for at, marked in enumerate(places(good)):
        text = json.dumps(marked)
        for value in VALUES[at % 5 :: 5]:  # neighbours try the others
            answer = send(text.replace(f'"{MARK}"', value, 1).replace(MARK, job))
            assert answer.status_code < 500, (text, value, answer.text)
            if answer.status_code < 300 and status:
                standing.anew(status)


def test_no_value_beside_a_file_breaks_its_upload_or_leaves_it_behind(standing: Standing) -> None:
    standing.good("PUT", "/directory", bearer=token(FIRM), json={"limits": {}})
    files, jobs = standing.db["files.files"], standing.db.jobs
    plain = {name: value for name, value in OPTIONS.items() if name not in ("mapping", "settings")}
    for at, marked in enumerate(places(plain)):
        for value in VALUES[at % 5 :: 5]:
            options = json.dumps(marked).replace(f'"{MARK}"', value)
            form = {"file": (BytesIO(b"Name;B\nAn;1\n"), "a.csv"), "options": options}
            answer = standing.call("POST", "/jobs", bearer=token(FIRM), data=form)
            assert answer.status_code < 500, (value, answer.text)
    of_firm = {"_id": {"$regex": f"^{FIRM}/"}}
    assert files.count_documents(of_firm) == jobs.count_documents({"firm": FIRM}), "a file for each job"


@pytest.mark.parametrize("call", sorted(CALLS))
def test_no_text_in_an_address_or_a_header_breaks_a_call(
    standing: Standing, ids: None, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "AT_MOST_SECONDS", 0.01)
    method, path = call.split()
    status, body = BODIES.get(call, ("validated", None))
    good = address(standing, call, status)
    for parameter in CALLS[call]["parameters"]:
        name, place = parameter["name"], parameter["in"]
        if name == "X-Firm-Id" and call != "GET /jobs":
            continue  # it is read in one place
        for text in TEXTS if place != "path" else TEXTS[::3]:
            if place == "header" and not text.isprintable():
                continue  # no client can send it
            target = good
            if place == "path":
                filled = path.replace(f"{{{name}}}", quote(text, safe=""))
                target = address(standing, f"{method} {filled}", status)
            query = {name: text} if place == "query" else None
            headers = {name: text.encode().decode("latin-1")} if place == "header" else {}
            sent = {"json": [] if body is None else body} if call in BODIES else {}
            answer = standing.call(method, target, query_string=query, headers=headers, **sent)
            assert answer.status_code < 500, (name, text, answer.text)
            if answer.status_code < 300 and method != "GET" and status in ("proposed", "validated"):
                standing.anew(status)


def test_lists_that_are_large_together_do_not_make_a_directory_that_cannot_be_kept(
    standing: Standing,
) -> None:
    names = [f"{n:04}{'€' * 96}" for n in range(5_000)]
    answers = [
        standing.call("PUT", "/directory", bearer=token("hostile-names"), json={part: names})
        for part in ("tags", "roles", "contact_tags", "folder_templates", "questionnaires")
    ]
    assert {answer.status_code for answer in answers} == {200, 422}


def test_a_cell_that_begins_with_a_dollar_is_found_like_any_other(standing: Standing, ids: None) -> None:
    path = f"/jobs/{standing.jobs['validated']}/rows"
    standing.good("PATCH", path, json=[{"row": 2, "cells": {"0": "$where is it"}}])
    assert [row["row"] for row in standing.good("GET", path, query_string={"q": "$where"})["items"]] == [2]
