"""Which rows the review shows: the list, the filter and the page that its address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext

from services.wizard.answers import Report
from services.wizard.forms import whole

PAGE_ROWS = 50
ALL, ONLY_IN_SYSTEM = "all", "only_in_system"
#: the lists of rows, in the order of their tabs: what each is called, and what it says of its rows
LISTS = {
    "new": (lazy_gettext("New"), lazy_gettext("Only in the file: these make new accounts or contacts.")),
    "update": (
        lazy_gettext("Update"),
        lazy_gettext("In both: these change something of records that the firm has."),
    ),
    "unchanged": (
        lazy_gettext("Unchanged"),
        lazy_gettext("In both, and the same: nothing happens to them."),
    ),
    "duplicate": (
        lazy_gettext("Duplicate"),
        lazy_gettext("These repeat an earlier row of the file: nothing more is made of them."),
    ),
    "invalid": (
        lazy_gettext("Invalid"),
        lazy_gettext("Something is wrong with these; they are left out unless you repair them."),
    ),
    "unselected": (
        lazy_gettext("Left out by you"),
        lazy_gettext("These were unticked, and are left out of the import."),
    ),
    ONLY_IN_SYSTEM: (
        lazy_gettext("Not in the file"),
        lazy_gettext("Records of the firm that the file does not name; the import leaves them as they are."),
    ),
    ALL: (lazy_gettext("All rows"), lazy_gettext("The whole file, in its order.")),
}
TRAIL = 12
#: columns that a list can have
MOST_COLUMNS = 100_000
MOST_SEEN = 50


@dataclass(frozen=True)
class View:
    """Which rows are shown and how; it is in the address of the page.

    `row` is the one row that is asked for, `start` how many rows come before this page and `trail` the cursors
    of the pages before it, `edit` the row that is open for repair, `seen` rows that are shown although they
    have just left the list, `fix` the problem whose repair is open, `column` the place of the first column shown
    beside the one that is always shown.
    """

    tab: str = ""
    problem: str = ""
    q: str = ""
    row: int = 0
    columns: str = ""
    cursor: str = ""
    start: int = 0
    trail: str = ""
    edit: int = 0
    seen: str = ""
    fix: str = ""
    column: int = 0

    @classmethod
    def of(cls, args: Mapping[str, str]) -> View:
        """The view that an address asks for; unknown parameters are ignored."""
        tab, seen = args.get("tab", ""), args.get("seen", "").split(",")[:MOST_SEEN]
        return cls(
            tab=tab if tab in LISTS else "",
            problem=args.get("problem", ""),
            q=args.get("q", "").strip()[:100],
            row=whole(args.get("row")) or 0,
            columns=ALL if args.get("columns") == ALL else "",
            column=whole(args.get("column"), MOST_COLUMNS) or 0,
            cursor=args.get("cursor", ""),
            start=whole(args.get("start")) or 0,
            trail=args.get("trail", ""),
            edit=whole(args.get("edit")) or 0,
            seen=",".join(str(n) for part in seen if (n := whole(part))),
            fix=args.get("fix", ""),
        )

    def address(self, **changes: Any) -> dict[str, object]:
        """The query of the page with some of it changed."""
        return {name: value for name, value in vars(replace(self, **changes)).items() if value}

    def filtered(self, **changes: object) -> dict[str, object]:
        """The query of the first page of another list."""
        fresh = {"cursor": "", "start": 0, "trail": "", "edit": 0, "seen": "", "row": 0}
        return self.address(**{**fresh, **changes})

    def following(self, cursor: str, count: int) -> dict[str, object]:
        """The query of the next page."""
        trail = [*self.trail.split("~"), f"{self.cursor}:{self.start}"][-TRAIL:]
        place = {"cursor": cursor, "start": self.start + count, "trail": "~".join(filter(None, trail))}
        return self.address(**place, edit=0, seen="")

    def preceding(self) -> dict[str, object] | None:
        """The query of the page before; None on the first one."""
        if not self.start:
            return None
        *before, last = self.trail.split("~")
        cursor, _, start = last.partition(":")
        place = {"cursor": cursor, "start": whole(start) or 0, "trail": "~".join(before)}
        return self.address(**place, edit=0, seen="")

    def bucket(self) -> str | None:
        """The list that is asked of the API."""
        return None if self.tab == ALL else self.tab

    def where(self) -> dict[str, str]:
        """The rows of the present list, as the API selects them."""
        given = {"bucket": self.bucket(), "problem": self.problem, "q": self.q}
        return {name: value for name, value in given.items() if value}


def first_tab(counts: Mapping[str, int]) -> str:
    """The list that needs attention first."""
    wanted = ("invalid", "new", "update", "unchanged", "duplicate", "unselected")
    return next((name for name in wanted if counts[name]), ALL)


def opened(view: View, counts: Mapping[str, int]) -> View:
    """The view with its list chosen where the address names none."""
    if view.tab:
        return view
    return replace(view, tab=ALL if view.problem or view.q or view.row else first_tab(counts))


def total_of(view: View, counts: Mapping[str, int], report: Report) -> int | None:
    """How many rows the present list has; None where only reading it would show."""
    if view.row:
        return 1
    if view.tab == ONLY_IN_SYSTEM:
        return int(report["only_in_system"])
    if view.q or (view.problem and view.tab != ALL):
        return None
    if view.problem:
        return next((p["rows"] for p in report["problems"] if p["code"] == view.problem), 0)
    return sum(counts.values()) if view.tab == ALL else counts[view.tab]
