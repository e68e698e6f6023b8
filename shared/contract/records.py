"""What accounts and contacts carry besides the values of their fields."""

from __future__ import annotations

FRAME = frozenset(
    {
        "_id", "firm", "keys", "revision", "job", "jobs", "created_at", "updated_at", "linked_at", "same_as",
        "kept_for",
    }
)  # fmt: skip
