"""Tests where sessions are kept: in the database, and in memory as unit tests do."""

from __future__ import annotations

import time
from typing import Any

import pytest

from shared.plumbing.session_store import Sessions, SessionStore
from tests.kept_sessions import KeptSessions

LATER = time.time() + 3600


@pytest.fixture(params=["database", "memory"])
def sessions(request: pytest.FixtureRequest) -> Sessions:
    """One of each kind."""
    if request.param == "memory":
        return KeptSessions()
    return SessionStore(request.getfixturevalue("db"))


def test_a_session_has_its_token_until_it_ends(sessions: Sessions) -> None:
    one, other = sessions.begin("token 1", "f1", LATER), sessions.begin("token 2", "f1", LATER)
    assert one != other
    assert [sessions.token_of(each) for each in (one, other)] == ["token 1", "token 2"]
    for _ in range(2):
        sessions.end(one)
    assert [sessions.token_of(each) for each in (one, other)] == ["", "token 2"]


def test_a_session_goes_on_with_another_token_and_one_that_has_ended_does_not(sessions: Sessions) -> None:
    session = sessions.begin("token 1", "f1", LATER)
    sessions.renew(session, "token 2", LATER)
    assert sessions.token_of(session) == "token 2"
    sessions.end(session)
    sessions.renew(session, "token 3", LATER)
    assert sessions.token_of(session) == ""


@pytest.mark.parametrize(
    "strange", ["", " ", "x", "é", "\udcff", "\0", "$ne", "a" * 100_000, "token 1", "../1", "{}"]
)
def test_what_is_no_id_has_no_token(sessions: Sessions, strange: str) -> None:
    sessions.begin("token 1", "f1", LATER)
    assert sessions.token_of(strange) == ""
    sessions.end(strange)


def test_an_id_is_long_and_the_database_has_only_a_hash_of_it(db: Any) -> None:
    ids = {SessionStore(db).begin("token", "f1", LATER) for _ in range(50)}
    assert len(ids) == 50
    assert all(len(each) >= 43 for each in ids)
    assert not ids & {document["_id"] for document in db.sessions.find()}


@pytest.mark.parametrize("seconds", [-1e6, 0, 60, 9e9, 4e15])
def test_the_database_forgets_a_session_with_its_token_and_after_a_year_at_the_latest(
    db: Any, seconds: float
) -> None:
    SessionStore(db).begin("token", "f1", time.time() + seconds)
    (kept,) = db.sessions.find()
    left = kept["ends_at"].timestamp() - time.time()
    wanted = min(max(seconds, 0) + 60, 400 * 24 * 3600)
    assert wanted - 5 <= left <= wanted + 1
