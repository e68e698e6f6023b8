"""Tests who is signed in by a link: once where it says so, and in the place of somebody else after a question."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from shared.plumbing.auth import SESSION_COOKIE
from tests.integration.conftest import FIRM, OTHER_FIRM, Standing, token

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


def signed_in(browser: FlaskClient) -> str | None:
    cookie = browser.get_cookie(SESSION_COOKIE)
    return cookie.value if cookie else None


@pytest.mark.parametrize("kind", OTHERS)
def test_a_link_for_somebody_else_asks_first(looked_at: Standing, kind: str) -> None:
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
def test_a_form_without_the_answer_asks_too(looked_at: Standing, kind: str) -> None:
    browser, mine = looked_at.app.test_client(), token()
    follow(browser, mine)
    answer = browser.post("/signin", data={"token": token(**OTHERS[kind])}, headers=HERE)
    assert answer.status_code == 200
    assert signed_in(browser) == mine


@pytest.mark.parametrize("kind", SAME)
def test_a_new_link_of_the_same_person_asks_nothing(looked_at: Standing, kind: str) -> None:
    browser, later = looked_at.app.test_client(), token(**SAME[kind])
    follow(browser, token())
    assert follow(browser, later).headers["Location"] == "/webhooks"
    assert signed_in(browser) == later


def test_after_signing_out_and_after_the_end_of_a_token_nobody_is_asked(looked_at: Standing) -> None:
    theirs = token(sub="u2")
    for before in ("", "no token", token(exp=time.time() - 100)):
        browser = looked_at.app.test_client()
        browser.set_cookie(SESSION_COOKIE, before)
        assert follow(browser, theirs).status_code == 303
        assert signed_in(browser) == theirs


def test_a_link_whose_token_has_an_id_signs_in_once(looked_at: Standing) -> None:
    link = token(jti=f"once {time.time()}")
    browser, stranger = looked_at.app.test_client(), looked_at.app.test_client()
    assert follow(browser, link).status_code == 303
    assert follow(browser, link, "/").headers["Location"] == "/"  # their own browser goes on
    refused = follow(stranger, link)
    assert refused.status_code == 409
    assert "used before" in refused.text
    assert signed_in(stranger) is None
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
