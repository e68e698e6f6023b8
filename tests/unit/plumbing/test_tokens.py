"""Tests that a signed token with claims of any type gives a caller or 401, never an error."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.local.state import State
from deploy.local.system import token as local_token
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS, AuthError, Caller, read_token
from shared.plumbing.settings import Settings

SECRET = "a secret of the tests, long enough for HS256"
USUAL: dict[str, Any] = {
    "sub": "anna",
    "firm": "firm-a",
    "firms": ["firm-a"],
    "role": "employee",
    "permissions": ["manage_contacts"],
    "email": "anna@example.org",
    "locale": "fr",
    "exp": int(time.time()) + 3600,
}
LISTS = ("firms", "permissions")
NEEDED = ("sub", "firm", "role", "exp")
MISSING = object()
NESTED: Any = []
for _ in range(200):
    NESTED = [NESTED]
WRONG: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "list": [],
    "list of numbers": [5],
    "list of lists": [["manage_contacts"]],
    "object": {"a": 1},
    "number": 5,
    "negative": -1,
    "fraction": 1.5,
    "huge": 10**400,
    "infinite": float("inf"),
    "no number": float("nan"),
    "true": True,
    "false": False,
    "empty": "",
    "long": "x" * 100_000,
    "surrogate": "\ud800",
    "null byte": "a\0b",
    "nested": NESTED,
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """An app with one route, for employees who manage contacts."""
    routes = web.Routes("tests")

    @routes.on("GET", "/who", may=MANAGE_CONTACTS, answer=None)
    def who() -> dict[str, Any]:
        """Who asks."""
        return {"id": web.caller().id}

    app = web.create_app("tests", [routes], Settings("mongodb://nowhere", "memory://", "", "", SECRET))
    return app.test_client()


def answer_to(client: FlaskClient, claims: dict[str, Any]) -> tuple[int, str | None]:
    """Status and code of the answer; signed here, because PyJWT itself makes no such tokens, but others may."""
    payload = json.dumps({name: value for name, value in claims.items() if value is not MISSING}).encode()
    signed = jwt.PyJWS().encode(payload, SECRET, algorithm="HS256")
    answer = client.get("/api/v1/who", headers={"Authorization": f"Bearer {signed}"})
    return answer.status_code, None if answer.status_code == 200 else answer.get_json()["code"]


@pytest.mark.parametrize("role", ["owner", "employee", "service"])
@pytest.mark.parametrize("claim", USUAL)
def test_a_claim_of_a_wrong_type_is_401(client: FlaskClient, claim: str, role: str) -> None:
    for name, wrong in WRONG.items():
        claims = {**USUAL, "role": role, claim: wrong}
        status, code = answer_to(client, claims)
        if wrong in (None, MISSING) or (claim in LISTS and wrong == []):
            expected = {401} if claim in NEEDED else {200, 403}
        elif isinstance(wrong, str):
            expected = {401} if claim not in ("email", "locale") or len(wrong) != 0 else {200}
        else:
            expected = {200, 401} if claim == "exp" else {401}
        assert status in expected, (name, status)
        assert status != 401 or code in ("not_authenticated", "token_expired")


@settings(max_examples=300, deadline=None)
@given(
    claim=st.sampled_from(sorted(USUAL)),
    value=json_values,
    role=st.sampled_from(["owner", "employee", "service"]),
)
def test_no_claim_at_all_is_a_failure(claim: str, value: Any, role: str) -> None:
    payload = json.dumps({**USUAL, "role": role, claim: value}).encode()
    signed = jwt.PyJWS().encode(payload, SECRET, algorithm="HS256")
    with contextlib.suppress(AuthError):  # any other error fails the test
        caller = read_token(signed, SECRET)
        assert isinstance(caller, Caller)
        assert caller.id
        (caller.id + (caller.email or "")).encode()


def test_a_token_of_the_command_line_has_the_rights_that_were_asked_for(tmp_path: Path) -> None:
    state = State(tmp_path, 8080)
    for asked, granted in (
        ("", set()),
        ("manage_contacts, view_accounts", {"manage_contacts", "view_accounts"}),
    ):
        caller = read_token(local_token(state, "demo", "employee", "en", asked), state.secret())
        assert caller.permissions == granted
    assert not read_token(local_token(state, "demo", "employee", "en"), state.secret()).may("manage_contacts")
    assert read_token(local_token(state, "demo", "owner", "en"), state.secret()).may("manage_contacts")
