"""Leases on documents for a limited time; times are the server's, so that clocks do not matter."""

from __future__ import annotations

from typing import Any


def claimed(token: str, seconds: float) -> dict[str, Any]:
    """The fields that mark a document as claimed, for an update by pipeline."""
    return {"token": token, "until": {"$add": ["$$NOW", int(seconds * 1000)]}}


#: Documents without a claim, or whose claim has ended; a missing time sorts before every time.
UNCLAIMED: dict[str, Any] = {"$expr": {"$lt": ["$claim.until", "$$NOW"]}}
