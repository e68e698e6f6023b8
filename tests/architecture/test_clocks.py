"""Tests that machines write and compare times of the database, and not of their own clocks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN_CLOCK = re.compile(r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|\btime\.time\(")
#: Where the own clock is meant, and why.
MEANT = {
    "shared/plumbing/clock.py": "the one place",
    "shared/contract/messages.py": "when a message was written, for readers of logs",
    "services/importer": "when a record was made or changed, for people; days, in values that a person types",
    "services/wizard": "how long ago something was, and the life of a cookie",
    "services/validator/check/context.py": "which day it is, for dates in rows",
}


def test_only_some_places_look_at_their_own_clock() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("shared", "services", "deploy/operating")
        for path in (ROOT / folder).rglob("*.py")
        if OWN_CLOCK.search(path.read_text())
    }
    assert {path for path in found if not path.startswith(tuple(MEANT))} == set()
    assert {place for place in MEANT if not any(path.startswith(place) for path in found)} == set()
