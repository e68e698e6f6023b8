"""Tests who is signed in by a link: once where it says so, and in the place of somebody else after a question."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from pymongo.errors import AutoReconnect

from shared.plumbing.auth import SESSION_COOKIE
from shared.plumbing.session_store import SessionStore
from tests.integration.conftest import FIRM, OTHER_FIRM, Standing, token

SignedIn = Callable[[FlaskClient], str]
HERE = {"Origin": "http://localhost"}
#: what makes a token one of somebody else, and what does not
OTHERS: dict[str, dict[str, Any]] = {
    "another person": {"sub": "u2"},
    "another firm": {"firm": OTHER_FIRM},
    "both": {"sub": "u2", "firm": OTHER_FIRM},
}
SAME: dict[str, dict[str, Any]] = {
    "a later token": {"exp": time.time() + 7200},
    "another role": {"role": "admin"},
    "another language": {"locale": "nl"},
    "another address": {"email": "new@firm.example"},
}


def follow(browser: FlaskClient, bearer: str, then: str = "/webhooks") -> Any:
    return browser.get(f"/signin?{urlencode({'token': bearer, 'next': then})}")


def cookie(browser: FlaskClient) -> str:
    found = browser.get_cookie(SESSION_COOKIE)
    return found.value if found else ""


@pytest.fixture
def signed_in(looked_at: Standing) -> SignedIn:
    """The token that a browser acts with; "" where nobody is signed in."""
    store = SessionStore(looked_at.db)
    return lambda browser: store.token_of(cookie(browser))


@pytest.mark.parametrize("kind", OTHERS)
def test_a_link_for_somebody_else_asks_first(looked_at: Standing, signed_in: SignedIn, kind: str) -> None:
    browser, mine = looked_at.app.test_client(), token()
    theirs = token(
        **{"email": "<b>them</b>@firm.example", "jti": f"asks {kind} {time.time()}", **OTHERS[kind]}
    )
    assert follow(browser, mine).headers["Location"] == "/webhooks"
    question = follow(browser, theirs)
    assert question.status_code == 200
    assert signed_in(browser) == mine
    assert "u1@firm.example" in question.text
    assert "<b>them" not in question.text
    form = {"token": theirs, "next": "/jobs/00000000/review", "agreed": "1"}
    assert browser.post("/signin", data=form).status_code == 403
    assert signed_in(browser) == mine
    answer = browser.post("/signin", data=form, headers=HERE)
    assert answer.headers["Location"] == "/jobs/00000000/review"
    assert signed_in(browser) == theirs
    assert browser.post("/signin", data={**form, "token": mine}, headers=HERE).status_code == 303
    assert browser.post("/signin", data=form, headers=HERE).status_code == 409  # the link was used


@pytest.mark.parametrize("kind", OTHERS)
def test_a_form_without_the_answer_asks_too(looked_at: Standing, signed_in: SignedIn, kind: str) -> None:
    browser, mine = looked_at.app.test_client(), token()
    follow(browser, mine)
    answer = browser.post("/signin", data={"token": token(**OTHERS[kind])}, headers=HERE)
    assert answer.status_code == 200
    assert signed_in(browser) == mine


@pytest.mark.parametrize("kind", SAME)
def test_a_new_link_of_the_same_person_asks_nothing(
    looked_at: Standing, signed_in: SignedIn, kind: str
) -> None:
    browser, later = looked_at.app.test_client(), token(**SAME[kind])
    follow(browser, token())
    assert follow(browser, later).headers["Location"] == "/webhooks"
    assert signed_in(browser) == later


def test_after_signing_out_and_after_the_end_of_a_token_nobody_is_asked(
    looked_at: Standing, signed_in: SignedIn
) -> None:
    theirs = token(sub="u2")
    for before in ("", "no token", token(exp=time.time() - 100)):
        browser = looked_at.app.test_client()
        browser.set_cookie(SESSION_COOKIE, before)
        assert follow(browser, theirs).status_code == 303
        assert signed_in(browser) == theirs


def test_signing_out_ends_the_session_wherever_its_id_is_kept(
    looked_at: Standing, signed_in: SignedIn
) -> None:
    bearer = token()
    browser, thief, other = (looked_at.app.test_client() for _ in range(3))
    for each in (browser, other):
        follow(each, bearer)
    thief.set_cookie(SESSION_COOKIE, cookie(browser))
    assert "Sign out" in thief.get("/webhooks").text
    assert bearer not in "".join(browser.get("/webhooks").headers.getlist("Set-Cookie")) + cookie(browser)
    proof = re.search(r'name="proof" value="(\w+)"', browser.get("/webhooks").text)
    assert proof
    assert browser.post("/signout", data={"proof": proof[1]}).headers["Location"] == "/goodbye"
    assert thief.get("/webhooks").status_code == 401
    assert thief.get(f"/api/v1/jobs/{looked_at.looked_at['imported']}/events").status_code == 401
    assert other.get("/webhooks").status_code == 200  # a session of its own
    assert follow(browser, bearer).status_code == 303  # the link itself is the platform's
    assert signed_in(browser) == bearer


def test_a_later_token_of_the_same_person_keeps_the_session_and_one_of_another_ends_it(
    looked_at: Standing, signed_in: SignedIn
) -> None:
    browser, later = looked_at.app.test_client(), token(exp=time.time() + 7200)
    follow(browser, token())
    first = cookie(browser)
    follow(browser, later)
    assert (cookie(browser), signed_in(browser)) == (first, later)
    theirs = token(sub="u2")
    browser.post("/signin", data={"token": theirs, "agreed": "1"}, headers=HERE)
    assert cookie(browser) != first
    assert signed_in(browser) == theirs
    assert SessionStore(looked_at.db).token_of(first) == ""


def test_a_proxy_that_signs_people_in_needs_no_session(looked_at: Standing) -> None:
    before = looked_at.db.sessions.count_documents({})
    answer = looked_at.app.test_client().get("/webhooks", headers={"Authorization": f"Bearer {token()}"})
    assert answer.status_code == 200
    assert looked_at.db.sessions.count_documents({}) == before


@pytest.mark.parametrize("path", ["/", "/webhooks", "/goodbye", "/signin?token="])
def test_without_the_database_pages_say_so_and_do_not_break(
    looked_at: Standing, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def __getattr__(self, _name: str) -> Callable[..., str]:
            def fail(*_: object) -> str:
                raise AutoReconnect("no server")

            return fail

    monkeypatch.setitem(looked_at.app.extensions, "wizard_sessions", Away())
    browser = looked_at.app.test_client()
    browser.set_cookie(SESSION_COOKIE, "a session")
    answer = browser.get(path + (token() if path.endswith("=") else ""))
    assert answer.status_code == (200 if path == "/goodbye" else 503)
    assert path == "/goodbye" or "cannot be reached" in answer.text


def test_a_link_whose_token_has_an_id_signs_in_once(looked_at: Standing, signed_in: SignedIn) -> None:
    link = token(jti=f"once {time.time()}")
    browser, stranger = looked_at.app.test_client(), looked_at.app.test_client()
    assert follow(browser, link).status_code == 303
    assert follow(browser, link, "/").headers["Location"] == "/"  # their own browser goes on
    refused = follow(stranger, link)
    assert refused.status_code == 409
    assert "used before" in refused.text
    assert signed_in(stranger) == ""
    assert looked_at.call("GET", "/jobs", bearer=link).status_code == 200


def test_of_many_at_once_one_is_signed_in(looked_at: Standing) -> None:
    link = token(jti=f"race {time.time()}")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: follow(looked_at.app.test_client(), link).status_code, range(16)))
    assert sorted(found) == [303, *[409] * 15]


def test_an_id_belongs_to_its_firm_and_a_link_without_one_can_be_used_again(looked_at: Standing) -> None:
    name = f"firms {time.time()}"
    for firm in (FIRM, OTHER_FIRM):
        assert follow(looked_at.app.test_client(), token(firm, jti=name)).status_code == 303
    plain = token()
    for _ in range(2):
        assert follow(looked_at.app.test_client(), plain).status_code == 303


@pytest.mark.parametrize("wrong", [1, ["x"], {}, "x" * 321, "\0", True])
def test_an_id_that_is_no_text_is_refused(looked_at: Standing, wrong: Any) -> None:
    assert follow(looked_at.app.test_client(), token(jti=wrong)).status_code == 401


@pytest.mark.parametrize("seconds", [60, 9e9, 4e15])
def test_what_is_kept_of_a_link_goes_with_its_token_and_after_a_year_at_the_latest(
    looked_at: Standing, seconds: float
) -> None:
    ends_at = time.time() + seconds
    name = f"kept {ends_at}"
    assert looked_at.call("POST", "/sign-ins", bearer=token(jti=name, exp=ends_at)).status_code == 204
    (latest,) = looked_at.db.used_links.find({"firm": FIRM}).sort("$natural", -1).limit(1)
    left = latest["ends_at"].timestamp() - time.time()
    assert (
        min(ends_at - time.time(), 390 * 24 * 3600)
        <= left
        <= min(ends_at - time.time() + 61, 401 * 24 * 3600)
    )
