"""Sessions in memory, for tests without a database; `tests/contract/test_sessions.py` tests both kinds alike."""

from __future__ import annotations

import secrets


class KeptSessions:
    """Sessions of one process; they do not end by themselves, as their tokens do."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}

    def begin(self, token: str, _firm: str, _ends_at: float) -> str:
        """Keep a token, and give the id of its session."""
        session = secrets.token_urlsafe(32)
        self.tokens[session] = token
        return session

    def renew(self, session: str, token: str, _ends_at: float) -> None:
        """Let a session go on with a later token."""
        if session in self.tokens:
            self.tokens[session] = token

    def token_of(self, session: str) -> str:
        """The token of a session."""
        return self.tokens.get(session, "")

    def end(self, session: str) -> None:
        """Forget a session."""
        self.tokens.pop(session, None)
