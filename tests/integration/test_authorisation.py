"""Tests every call of the API with every kind of caller; the calls come from the URL map."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from deploy.local import origin
from shared.contract.problems import KINDS, sentence
from shared.contract.rights import RIGHTS
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.auth import (
    ANYONE,
    MANAGE_ACCOUNTS,
    MANAGE_CONTACTS,
    MANAGE_DIRECTORY,
    MANAGE_WEBHOOKS,
    PERMISSIONS,
    PUBLIC,
    VIEW_ACCOUNTS,
    VIEW_CONTACTS,
    read_token,
)
from shared.plumbing.session_store import SessionStore
from shared.plumbing.settings import Settings
from tests.integration.conftest import FIRM, OTHER_FIRM, Standing, token
from tests.system import SECRET

#: Who may make a call; a new route is added here manually, so that somebody has thought about it.
MAY = {
    "GET /openapi.json": PUBLIC,
    "GET /docs": PUBLIC,
    "POST /sign-ins": ANYONE,
    "GET /fields": ANYONE,
    "GET /mapping-profiles": MANAGE_CONTACTS,
    "POST /mapping-profiles": MANAGE_CONTACTS,
    "GET /mapping-profiles/<profile_id>": MANAGE_CONTACTS,
    "DELETE /mapping-profiles/<profile_id>": MANAGE_CONTACTS,
    "GET /templates/<name>.xlsx": ANYONE,
    "GET /templates/<name>.csv": ANYONE,
    "POST /jobs": MANAGE_CONTACTS,
    "POST /uploads": MANAGE_CONTACTS,
    "GET /uploads/<claim>": MANAGE_CONTACTS,
    "PATCH /uploads/<claim>": MANAGE_CONTACTS,
    "DELETE /uploads/<claim>": MANAGE_CONTACTS,
    "GET /jobs": MANAGE_CONTACTS,
    "GET /jobs/<job_id>": MANAGE_CONTACTS,
    "DELETE /jobs/<job_id>": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/events": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/cancel": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/source": MANAGE_CONTACTS,
    "PUT /jobs/<job_id>/source": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/mapping": MANAGE_CONTACTS,
    "PUT /jobs/<job_id>/mapping": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/settings": MANAGE_CONTACTS,
    "PUT /jobs/<job_id>/settings": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/map": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/report": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/rows": MANAGE_CONTACTS,
    "PATCH /jobs/<job_id>/rows": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/rows/select": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/rows/decide": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/mapping/preview": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/rows/fix": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/repairs": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/repairs/undo": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/confirm": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/result": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/undo": MANAGE_CONTACTS,
    "POST /jobs/<job_id>/undo": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/undone.zip": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/skipped.zip": MANAGE_CONTACTS,
    "GET /jobs/<job_id>/skipped.xlsx": MANAGE_CONTACTS,
    "GET /webhooks": MANAGE_WEBHOOKS,
    "POST /webhooks": MANAGE_WEBHOOKS,
    "GET /webhooks/<webhook_id>": MANAGE_WEBHOOKS,
    "PATCH /webhooks/<webhook_id>": MANAGE_WEBHOOKS,
    "DELETE /webhooks/<webhook_id>": MANAGE_WEBHOOKS,
    "GET /webhooks/<webhook_id>/secret": MANAGE_WEBHOOKS,
    "POST /webhooks/<webhook_id>/rotate": MANAGE_WEBHOOKS,
    "POST /webhooks/<webhook_id>/test": MANAGE_WEBHOOKS,
    "GET /webhooks/<webhook_id>/deliveries": MANAGE_WEBHOOKS,
    "POST /webhooks/<webhook_id>/deliveries/<delivery_id>/repeat": MANAGE_WEBHOOKS,
    "GET /invitations": MANAGE_CONTACTS,
    "POST /invitations": MANAGE_CONTACTS,
    "POST /invitations/preview": MANAGE_CONTACTS,
    "GET /invitations/<sending_id>": MANAGE_CONTACTS,
    "POST /invitations/<sending_id>/stop": MANAGE_CONTACTS,
    "POST /invitations/<sending_id>/resume": MANAGE_CONTACTS,
    "POST /contacts/<record_id>/invitation": MANAGE_CONTACTS,
    "GET /questionnaires/send": MANAGE_CONTACTS,
    "POST /questionnaires/send": MANAGE_CONTACTS,
    "POST /questionnaires/send/preview": MANAGE_CONTACTS,
    "GET /questionnaires/send/<sending_id>": MANAGE_CONTACTS,
    "POST /questionnaires/send/<sending_id>/stop": MANAGE_CONTACTS,
    "POST /questionnaires/send/<sending_id>/resume": MANAGE_CONTACTS,
    "GET /directory": MANAGE_CONTACTS,
    "PUT /directory": MANAGE_DIRECTORY,
    "GET /accounts": VIEW_ACCOUNTS,
    "GET /accounts/<record_id>": VIEW_ACCOUNTS,
    "PATCH /accounts/<record_id>": MANAGE_ACCOUNTS,
    "DELETE /accounts/<record_id>": MANAGE_ACCOUNTS,
    "POST /accounts": MANAGE_ACCOUNTS,
    "POST /contacts": MANAGE_CONTACTS,
    "PUT /accounts/<record_id>/contacts/<contact_id>": MANAGE_ACCOUNTS,
    "DELETE /accounts/<record_id>/contacts/<contact_id>": MANAGE_ACCOUNTS,
    "POST /accounts/<record_id>/merge": MANAGE_ACCOUNTS,
    "POST /contacts/<record_id>/merge": MANAGE_CONTACTS,
    "POST /accounts/<record_id>/merges/<merge_id>/undo": MANAGE_ACCOUNTS,
    "POST /contacts/<record_id>/merges/<merge_id>/undo": MANAGE_CONTACTS,
    "POST /accounts/bulk": MANAGE_ACCOUNTS,
    "POST /contacts/bulk": MANAGE_CONTACTS,
    "GET /accounts.csv": VIEW_ACCOUNTS,
    "GET /accounts.xlsx": VIEW_ACCOUNTS,
    "GET /contacts.csv": VIEW_CONTACTS,
    "GET /contacts.xlsx": VIEW_CONTACTS,
    "PATCH /contacts/<record_id>": MANAGE_CONTACTS,
    "DELETE /contacts/<record_id>": MANAGE_CONTACTS,
    "GET /contacts": VIEW_CONTACTS,
    "GET /contacts/<record_id>": VIEW_CONTACTS,
}


def _routes() -> Iterator[tuple[str, str]]:
    nowhere = Settings(
        "mongodb://nowhere", "memory://", "smtp://nowhere", "http://nowhere", jwt_secret=SECRET
    )
    for rule in origin.create_app(nowhere).url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule.removeprefix("/api/v1")


ROUTES = sorted(_routes(), key=lambda route: (route[1], route[0]))
WITH_ID = [route for route in ROUTES if "<" in route[1]]
EVERY_ROUTE = pytest.mark.parametrize(("method", "rule"), ROUTES, ids=[" ".join(route) for route in ROUTES])
EVERY_ROUTE_WITH_ID = pytest.mark.parametrize(
    ("method", "rule"), WITH_ID, ids=[" ".join(route) for route in WITH_ID]
)

#: Tokens that are none, whatever the call.
NO_TOKEN = {
    "no token": "",
    "no bearer": "Basic dTpw",
    "nothing behind Bearer": "Bearer ",
    "not a token": "Bearer a.b.c",
    "not even text": "Bearer \xff\xfe",
    "expired": f"Bearer {token(exp=time.time() - 3600)}",
    "wrong signature": f"Bearer {token(secret='another secret of more than thirty-two letters')}",
    "algorithm none": "Bearer "
    + jwt.encode({"sub": "u1", "firm": FIRM, "role": "owner", "exp": 4e9}, None, algorithm="none"),
    "another algorithm": "Bearer "
    + jwt.encode({"sub": "u1", "firm": FIRM, "role": "owner", "exp": 4e9}, SECRET * 2, algorithm="HS512"),
    "no expiry": "Bearer " + jwt.encode({"sub": "u1", "firm": FIRM, "role": "owner"}, SECRET),
    "unknown role": f"Bearer {token(role='root')}",
    "no firm": f"Bearer {token(firm=None)}",
    "a firm that is no name": f"Bearer {token(firm='a/b')}",
    "a service that names no firm": f"Bearer {token(firm=None, role='service', firms=['*'])}",
}

EMPLOYEE = {"role": "employee"}
SERVICE = {"firm": None, "role": "service", "sub": "crm"}
#: Callers with the permissions they have; None for all of them.
CALLERS: dict[str, tuple[dict[str, Any], dict[str, str], set[str] | None]] = {
    "owner": ({}, {}, None),
    "admin": ({"role": "admin"}, {}, None),
    "employee without rights": (EMPLOYEE, {}, {ANYONE}),
    "employee with manage contacts": (
        {**EMPLOYEE, "permissions": ["Manage contacts"]},
        {},
        {ANYONE, MANAGE_CONTACTS, VIEW_ACCOUNTS, VIEW_CONTACTS},
    ),
    "employee with rights that no route asks for": ({**EMPLOYEE, "permissions": list(RIGHTS)}, {}, {ANYONE}),
    "employee with view accounts": (
        {**EMPLOYEE, "permissions": ["view_accounts"]},
        {},
        {ANYONE, VIEW_ACCOUNTS},
    ),
    "service with the firm listed": ({**SERVICE, "firms": ["x", FIRM]}, {"X-Firm-Id": FIRM}, None),
    "service with every firm": ({**SERVICE, "firms": ["*"]}, {"X-Firm-Id": FIRM}, None),
    "service with another firm": ({**SERVICE, "firms": [OTHER_FIRM]}, {"X-Firm-Id": FIRM}, set()),
    "service with no firms": (SERVICE, {"X-Firm-Id": FIRM}, set()),
}


@EVERY_ROUTE
def test_the_session_of_our_pages_opens_one_call_and_no_other(
    standing: Standing, method: str, rule: str
) -> None:
    """A cookie comes with every request that another site causes; so it may only open a call that changes nothing."""
    if MAY[f"{method} {rule}"] == PUBLIC:
        return
    path = re.sub(r"<\w+>", "0" * 12, rule)
    session = SessionStore(standing.db).begin(token(), FIRM, time.time() + 3600)
    answer = standing.app.test_client()
    answer.set_cookie("carryover_session", session)
    status = answer.open(f"/api/v1{path}", method=method).status_code
    assert status == (404 if rule == "/jobs/<job_id>/events" else 401)


def assert_problem(answer: TestResponse, status: int, code: str | None = None, lang: str = "en") -> None:
    """A refusal as it must be: problem+json, complete, and with a whole sentence in the caller's language."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert body["status"] == status
    assert code is None or body["code"] == code
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["type"] == f"urn:carryover:problem:{body['code']}"
    assert "…" not in body["detail"]
    assert body["detail"].startswith(body["title"])
    beginning = re.split(r"[{“«»”]", KINDS[body["code"]].sentences[lang])[0].rstrip()
    assert body["detail"].startswith(beginning)


def address(rule: str) -> str:
    """A call with an id that nobody has."""
    return re.sub(r"<\w+>", "0" * 32, rule)


#: Calls on a job that need a body; without one they are refused before the job is looked for.
WITHOUT_BODY = ("POST /sign-ins",)
TAKING: dict[str, Any] = {
    "PUT /jobs/<job_id>/source": {},
    "PUT /jobs/<job_id>/mapping": {"columns": []},
    "PUT /jobs/<job_id>/settings": {},
    "PATCH /jobs/<job_id>/rows": [{"row": 2, "selected": False}],
    "POST /jobs/<job_id>/rows/select": {"selected": True},
    "POST /jobs/<job_id>/rows/decide": {"decision": "new"},
    "POST /jobs/<job_id>/mapping/preview": {"rows": 1},
    "POST /jobs/<job_id>/rows/fix": {"problem": "invalid_email", "action": "clear"},
    "PATCH /webhooks/<webhook_id>": {"description": "theirs"},
    "POST /webhooks/<webhook_id>/rotate": {"overlap_hours": 0},
    "POST /contacts/<record_id>/invitation": {"status": "accepted"},
    "PATCH /accounts/<record_id>": {"notes": "theirs"},
    "PATCH /contacts/<record_id>": {"notes": "theirs"},
    "PUT /accounts/<record_id>/contacts/<contact_id>": {"relationship": ["Owner"]},
    "POST /accounts/<record_id>/merge": {"other": "0" * 24},
    "POST /contacts/<record_id>/merge": {"other": "0" * 24},
}


def test_every_route_has_its_permission_stated_here_and_no_other_is_left() -> None:
    assert {f"{method} {rule}" for method, rule in ROUTES} == set(MAY)
    assert set(MAY.values()) == {*PERMISSIONS, PUBLIC}


@EVERY_ROUTE
@pytest.mark.parametrize("kind", NO_TOKEN)
def test_without_a_valid_token_only_public_calls_answer(
    standing: Standing, method: str, rule: str, kind: str
) -> None:
    answer = standing.call(method, address(rule), headers={"Authorization": NO_TOKEN[kind]})
    if MAY[f"{method} {rule}"] == PUBLIC:
        assert answer.status_code == 200
    else:
        assert_problem(answer, 401, "token_expired" if kind == "expired" else "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@EVERY_ROUTE
@pytest.mark.parametrize("kind", CALLERS)
def test_a_caller_may_what_their_token_says_and_nothing_else(
    standing: Standing, method: str, rule: str, kind: str
) -> None:
    claims, headers, has = CALLERS[kind]
    may = MAY[f"{method} {rule}"]
    answer = standing.call(method, address(rule), bearer=token(**claims), headers=headers)
    if may != PUBLIC and has is not None and may not in has:
        assert_problem(answer, 403, "not_allowed")
    elif "<" in rule and f"{method} {rule}" not in TAKING:
        assert_problem(answer, 404, "not_found")
    elif method == "GET" or f"{method} {rule}" in WITHOUT_BODY:
        assert answer.status_code in (200, 204)
    else:
        assert_problem(answer, 415, "unsupported_media_type")  # allowed, and then refused for want of a body


@pytest.mark.parametrize("kind", [kind for kind, (_, _, has) in CALLERS.items() if has != set()])
def test_rights_of_values_are_an_employees_by_name_only(kind: str) -> None:
    claims, headers, has = CALLERS[kind]
    caller = read_token(token(**claims), SECRET, headers.get("X-Firm-Id"))
    named = [right for right in RIGHTS if right in claims.get("permissions", ())]
    assert caller.rights() == (list(RIGHTS) if has is None else named)


@EVERY_ROUTE_WITH_ID
@pytest.mark.parametrize("role", ["owner", "service"])
def test_what_belongs_to_another_firm_is_not_there(
    standing: Standing, method: str, rule: str, role: str
) -> None:
    before = _state(standing)
    claims = {"firm": OTHER_FIRM, "role": role, "firms": [OTHER_FIRM]}
    body = {"json": TAKING[f"{method} {rule}"]} if f"{method} {rule}" in TAKING else {}
    for identity in _ids(standing, rule):
        path = re.sub(r"<\w+>", identity, rule)
        assert_problem(standing.call(method, path, bearer=token(**claims), **body), 404, "not_found")
    assert _state(standing) == before


def _ids(standing: Standing, rule: str) -> list[str]:
    """Ids of the firm that fit a rule, with other ways to write them."""
    if "<job_id>" in rule:
        return [identity for name, identity in standing.jobs.items() if name != "other firm's"]
    if "<webhook_id>" in rule:
        return [standing.webhook, standing.delivery]
    if "<sending_id>" in rule:
        return [standing.sending, standing.form_sending]
    records = standing.accounts if rule.startswith("/accounts") else standing.contacts
    return [*records, *(f"..%2F{FIRM}%2F{record}" for record in records)]


def _state(standing: Standing) -> list[Any]:
    kept = [standing.db[name] for name in ("jobs", "webhooks", "deliveries", "sendings", "letters")]
    return [list(collection.find({"firm": FIRM})) for collection in kept]


@pytest.mark.parametrize("what", ["jobs", "accounts", "contacts"])
def test_lists_show_what_is_the_firms_and_nothing_else(standing: Standing, what: str) -> None:
    own = {item["id"] for item in standing.good("GET", f"/{what}?limit=200")["items"]}
    others = {
        item["id"] for item in standing.good("GET", f"/{what}?limit=200", bearer=token(OTHER_FIRM))["items"]
    }
    third = standing.good("GET", f"/{what}", bearer=token("standin"))["items"]
    assert own
    assert others
    assert not own & others
    assert third == []


def test_another_firms_job_is_not_found_as_a_filter_either(standing: Standing) -> None:
    found = standing.good("GET", f"/accounts?job={standing.jobs['imported']}", bearer=token(OTHER_FIRM))
    assert found["items"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_refusal_speaks_the_language_of_the_token(standing: Standing, lang: str) -> None:
    def call(method: str, path: str, **how: Any) -> TestResponse:
        return standing.call(method, path, bearer=token(locale=f"{lang}-BE", **how.pop("claims", {})), **how)

    ended, waiting = standing.jobs["imported"], standing.jobs["proposed"]
    assert_problem(call("GET", "/jobs", claims={"role": "employee"}), 403, "not_allowed", lang)
    assert_problem(call("GET", "/jobs/0"), 404, "not_found", lang)
    assert_problem(call("POST", f"/jobs/{ended}/cancel"), 409, "wrong_state", lang)
    assert_problem(call("GET", f"/jobs/{standing.jobs['purged']}/rows"), 410, "purged", lang)
    assert_problem(call("PUT", "/directory", json={}, headers={"If-Match": '"99"'}), 412, None, lang)
    assert_problem(call("PUT", "/directory", data="x"), 415, "unsupported_media_type", lang)
    assert_problem(call("PUT", f"/jobs/{waiting}/mapping", json={}), 422, "invalid_content", lang)
    broken = call("PUT", f"/jobs/{waiting}/mapping", data="{", content_type="application/json")
    assert_problem(broken, 400, "bad_request", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_before_the_caller_is_known_a_refusal_speaks_the_language_of_the_browser(
    standing: Standing, lang: str
) -> None:
    asked = {"Authorization": "", "Accept-Language": f"{lang}-BE,de;q=0.5"}
    assert_problem(standing.call("GET", "/jobs", headers=asked), 401, "not_authenticated", lang)
    assert_problem(standing.call("GET", "/nowhere", headers=asked), 404, "not_found", lang)
    assert_problem(standing.call("PATCH", "/fields", headers=asked), 405, "method_not_allowed", lang)


def test_the_sentence_of_a_forbidden_call_names_the_right_that_is_missing(standing: Standing) -> None:
    answer = standing.call("GET", "/jobs", bearer=token(role="employee"))
    assert answer.json["detail"] == sentence("not_allowed", "en", right="manage contacts")
