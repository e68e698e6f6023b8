"""Sessions of people at our pages; the only user of the collection `sessions`.

A browser keeps the id of a session, which is worth nothing once the person has signed out. The platform's token is kept
here, under a hash of the id, and goes when it has ended.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Protocol

from shared.plumbing import clock
from shared.plumbing.auth import LEEWAY_SECONDS
from shared.plumbing.mongo import Database

#: a token may end in a thousand years; what is kept of it does not
LONGEST = timedelta(days=400)
#: characters of an id; a cookie that is longer is none of ours
MOST_OF_ID = 100


class Sessions(Protocol):
    """Where sessions are kept."""

    def begin(self, token: str, firm: str, ends_at: float) -> str:
        """Keep a token that was read, and give the id of its session."""

    def renew(self, session: str, token: str, ends_at: float) -> None:
        """Let a session go on with a later token of the same person."""

    def token_of(self, session: str) -> str:
        """The token of a session; "" where there is none, or none any more."""

    def end(self, session: str) -> None:
        """Forget a session; harmless when repeated."""


class SessionStore:
    """The sessions of all firms: an id is all that a browser brings."""

    def __init__(self, db: Database) -> None:
        self.sessions = db.sessions

    def begin(self, token: str, firm: str, ends_at: float) -> str:
        """Keep a token that was read, and give the id of its session."""
        session = secrets.token_urlsafe(32)
        values = {"_id": _name(session), "firm": firm, "token": token, "ends_at": until(ends_at)}
        self.sessions.insert_one(values)
        return session

    def renew(self, session: str, token: str, ends_at: float) -> None:
        """Let a session go on with a later token of the same person."""
        values = {"token": token, "ends_at": until(ends_at)}
        self.sessions.update_one({"_id": _name(session)}, {"$set": values})

    def token_of(self, session: str) -> str:
        """The token of a session; "" where there is none, or none any more."""
        found = self.sessions.find_one({"_id": _name(session)}, {"token": 1}) if _may_be(session) else None
        return str(found["token"]) if found else ""

    def end(self, session: str) -> None:
        """Forget a session; harmless when repeated."""
        self.sessions.delete_one({"_id": _name(session)})


def until(ends_at: float) -> datetime:
    """When what is kept of a token may go: a little after its end, because clocks differ."""
    now = clock.now()
    left = min(max(ends_at - now.timestamp(), 0) + 2 * LEEWAY_SECONDS, LONGEST.total_seconds())
    return now + timedelta(seconds=left)


def _may_be(session: str) -> bool:
    return 0 < len(session) <= MOST_OF_ID


def _name(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()
