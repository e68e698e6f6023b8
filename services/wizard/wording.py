"""Numbers, times and names as a person reads them in the chosen language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import (
    format_date,
    format_decimal,
    format_percent,
    format_time,
    get_locale,
    gettext,
    lazy_gettext,
    ngettext,
)

#: what each status is called, and the tone of its badge
STATUSES = {
    "uploaded": (lazy_gettext("Reading"), "busy"),
    "read": (lazy_gettext("Reading"), "busy"),
    "proposed": (lazy_gettext("To map"), "yours"),
    "mapped": (lazy_gettext("Checking"), "busy"),
    "validated": (lazy_gettext("To review"), "yours"),
    "confirmed": (lazy_gettext("Importing"), "busy"),
    "imported": (lazy_gettext("Imported"), "good"),
    "failed": (lazy_gettext("Failed"), "bad"),
    "cancelled": (lazy_gettext("Cancelled"), "quiet"),
    "undoing": (lazy_gettext("Being undone"), "busy"),
    "undone": (lazy_gettext("Undone"), "quiet"),
}
STEP = 1000.0
UNITS = ("B", "kB", "MB", "GB")


@lru_cache
def zones() -> set[str]:
    """The names of all time zones."""
    return available_timezones()


def number(value: float | None) -> str:
    """A number with the separators of the language; a dash for what is not known."""
    return format_decimal(value) if isinstance(value, int | float) else "–"


def percent(share: float) -> str:
    """A share of one, as a percentage without decimals; 99.9 % is not called 100 %."""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        return "<" + format_percent(0.01)
    return format_percent(whole / 100)


def size(count: int) -> str:
    """A number of bytes, as file managers show it."""
    value, unit = float(count), 0
    while value >= STEP and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    return f"{format_decimal(round(value, 1 if unit else 0))} {UNITS[unit]}"


def moment(iso: str | None) -> datetime | None:
    """A time as the API gives it."""
    return datetime.fromisoformat(iso) if iso else None


def at(iso: str | None) -> str:
    """When something was, to the minute, in the zone of the person."""
    when = moment(iso)
    if when is None:
        return "–"
    pattern = str((get_locale() or Locale("en")).datetime_formats["medium"])
    return pattern.format(format_time(when, "short"), format_date(when, "medium"))


def day(iso: str) -> str:
    """The day of a date or a time."""
    return format_date(datetime.fromisoformat(iso), "long")


def ago(iso: str) -> str:
    """Roughly how long ago something was."""
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(iso)).total_seconds())
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", seconds // 60, n=number(seconds // 60))
    if seconds < 24 * 3600:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", seconds // 3600, n=number(seconds // 3600))
    days = seconds // (24 * 3600)
    return ngettext("%(n)s day ago", "%(n)s days ago", days, n=number(days))


def duration(seconds: int | None) -> str:
    """A time span for people who wait."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds, n=number(seconds))
    return ngettext("%(n)s minute", "%(n)s minutes", -(-seconds // 60), n=number(-(-seconds // 60)))


def rows(count: int) -> str:
    """So many rows."""
    return ngettext("%(n)s row", "%(n)s rows", count, n=number(count))


def status(name: str) -> str:
    """What a status is called."""
    return str(STATUSES[name][0])


def tone(name: str) -> str:
    """The tone of a status: busy, yours (it waits for the person), good, bad or quiet."""
    return STATUSES[name][1]


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "percent": percent,
    "size": size,
    "at": at,
    "day": day,
    "ago": ago,
    "duration": duration,
    "rows": rows,
    "status": status,
    "tone": tone,
}
