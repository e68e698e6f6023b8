"""Documents that one process has in hand for a limited time; times are the server's, so that clocks do not matter."""

from __future__ import annotations

from typing import Any


def claimed(token: str, seconds: float) -> dict[str, Any]:
    """What marks a document as being in hand, for an update by pipeline."""
    return {"token": token, "until": {"$add": ["$$NOW", int(seconds * 1000)]}}


#: Documents that nobody has in hand, or that somebody died with; what was never claimed sorts before any time.
UNCLAIMED: dict[str, Any] = {"$expr": {"$lt": ["$claim.until", "$$NOW"]}}
