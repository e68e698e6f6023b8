"""How a call of the API announces that it will go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

#: How long before its end a call is announced to go.
NOTICE = timedelta(days=365)
#: The page that says how calls change.
POLICY = "/docs/versioning/"


@dataclass(frozen=True)
class Leaving:
    """A call that will go: the day from which it is deprecated, and the day until which it answers, both in UTC."""

    deprecated: date
    sunset: date

    def __post_init__(self) -> None:
        if self.sunset - self.deprecated < NOTICE:
            raise ValueError(f"A call answers for {NOTICE.days} days after it is deprecated, at least.")

    def headers(self) -> dict[str, str]:
        """What each answer announces (RFC 9745, 2.1; RFC 8594, 3)."""
        since, until = (datetime.combine(day, time(), UTC) for day in (self.deprecated, self.sunset))
        return {
            "Deprecation": f"@{since.timestamp():.0f}",
            "Sunset": format_datetime(until, usegmt=True),
            "Link": f'<{POLICY}>; rel="deprecation"; type="text/html"',
        }
