"""Times as every answer, event and message has them: in UTC, as RFC 3339 has it, with milliseconds and `Z`.

MongoDB keeps milliseconds, so a job that was just made has the same times as one that is read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields


def rfc3339(moment: datetime) -> str:
    """A time as text, like `2026-03-02T08:15:00.000Z` (RFC 3339, 5.6); what is below a millisecond is cut off."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


class Moment(fields.AwareDateTime):
    """A time in an answer; one that is kept as text, from an earlier version too, gets the same form."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return rfc3339(datetime.fromisoformat(value) if isinstance(value, str) else value)
