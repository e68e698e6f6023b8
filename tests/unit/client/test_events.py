"""Tests what a listener makes of events: each once, none that is older, in bounded memory, after a restart too."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carryover_client import Cursor, listen, listening, remove_queue
from carryover_client.cursor import Event, event_of
from carryover_client.listening import fits
from shared.contract.events import EVENTS, EVENTS_EXCHANGE


def event(
    n: int, subject: str = "j1", revision: int = 0, at: int | None = None, kind: str = "job.read"
) -> Event:
    moment = f"2026-11-28T10:00:{n if at is None else at:02d}+00:00"
    return {
        "specversion": "1.0",
        "id": f"{subject}.{n}",
        "source": "/carryover/firms/cedar",
        "type": kind,
        "subject": subject,
        "time": moment,
        "datacontenttype": "application/json",
        "data": {"revision": revision},
    }


def handled(events: list[Event], cursor: Cursor) -> list[str]:
    ids = []
    for one in events:
        if cursor.is_new(one):
            ids.append(one["id"])
            cursor.add(one)
    return ids


HISTORY = [event(n, revision=n // 3) for n in range(9)]


@given(st.lists(st.integers(0, 8), max_size=40), st.integers(0, 40))
def test_events_that_come_again_are_handled_once_after_a_restart_too(repeats: list[int], stop: int) -> None:
    """The broker repeats any earlier event at any time, and the program stops at any time."""
    sent: list[Event] = []
    for n, one in enumerate(HISTORY):
        sent += [one, *(HISTORY[r] for r in repeats if r <= n)]
    cursor = Cursor()
    ids = handled(sent[:stop], cursor)
    ids += handled(sent[max(0, stop - 5) :], Cursor.load(cursor.text()))
    assert ids == [one["id"] for one in HISTORY]


def test_an_older_revision_is_passed_over_although_its_id_is_forgotten() -> None:
    cursor = Cursor(size=1)
    assert handled([HISTORY[0], HISTORY[4], HISTORY[0], HISTORY[3], HISTORY[5]], cursor) == [
        "j1.0",
        "j1.4",
        "j1.3",
        "j1.5",
    ]


def test_a_record_that_is_made_again_begins_with_its_revisions_anew() -> None:
    kinds = [("account.created", 1), ("account.updated", 2), ("account.removed", 3), ("account.created", 1)]
    made = [event(n, "a1", revision, kind=kind) for n, (kind, revision) in enumerate(kinds)]
    assert handled(made, Cursor()) == [one["id"] for one in made]


def test_jobs_and_records_of_one_id_and_of_other_firms_are_apart() -> None:
    job, record = event(5, "x", 7), event(1, "x", 1, kind="contact.created")
    other: Event = {**event(0, "x", 0), "id": "other", "source": "/carryover/firms/elm"}
    assert len(handled([job, record, other], Cursor())) == 3


@pytest.mark.parametrize("size", [1, 10, 100])
def test_the_memory_is_bounded(size: int) -> None:
    cursor = Cursor(size)
    handled([event(n % 60, f"j{n}") for n in range(1000)], cursor)
    kept = json.loads(cursor.text())
    assert (len(kept["ids"]), len(kept["latest"])) == (size, size)


def test_the_text_of_a_cursor_may_contain_the_event_that_is_being_handled() -> None:
    cursor = Cursor()
    later = Cursor.load(cursor.text(HISTORY[0]))
    assert cursor.is_new(HISTORY[0])
    assert not later.is_new(HISTORY[0])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "3", "{}", '{"size": 1, "ids": 3}', '{"size": "x", "ids": []}']
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Cursor.load(text)


WORDS = ["job", "read", "x"]
KINDS = [".".join(words) for size in (1, 2, 3) for words in itertools.product(WORDS, repeat=size)]
PATTERNS = [
    ".".join(words)
    for size in (1, 2, 3)
    for words in itertools.product(["job", "read", "*", "#"], repeat=size)
]


def test_patterns_are_those_of_the_broker() -> None:
    """A topic pattern as a regular expression over words that each end with a point."""
    for pattern in PATTERNS:
        parts = {"*": r"[^.]+\.", "#": r"(?:[^.]+\.)*"}
        same = re.compile("".join(parts.get(word, re.escape(word) + r"\.") for word in pattern.split(".")))
        for kind in KINDS:
            assert fits(kind, pattern) is bool(same.fullmatch(kind + ".")), (kind, pattern)


@pytest.mark.parametrize("kind", [str(getattr(each, "type", each)) for each in EVENTS])
def test_every_published_type_is_reached_by_its_name(kind: str) -> None:
    assert fits(kind, kind)
    assert fits(kind, kind.split(".")[0] + ".*")
    assert listening.EXCHANGE == EVENTS_EXCHANGE


WHOLE: dict[str, Any] = {**event(1), "a_later_version_adds": 3}


@pytest.mark.parametrize("without", ["id", "source", "type", "subject", "time", "data"])
@pytest.mark.parametrize("value", [None, 3, [], ""])
def test_a_message_that_is_no_event_is_none(without: str, value: object) -> None:
    wrong = {**WHOLE, without: value}
    assert (event_of(wrong) is None) is (value != "" or without == "data")
    assert event_of({name: part for name, part in WHOLE.items() if name != without}) is None
    assert event_of(WHOLE) == WHOLE


@pytest.mark.parametrize("document", [None, 3, "x", [], [1]])
def test_other_json_is_none(document: object) -> None:
    assert event_of(document) is None


@pytest.mark.parametrize("queue", ["", "mine", "carryover.upload", "Requester.x"])
def test_a_queue_that_is_not_ones_own_is_refused_before_connecting(queue: str) -> None:
    with pytest.raises(ValueError, match=r"requester\."):
        next(listen("amqp://127.0.0.1:1", queue))
    with pytest.raises(ValueError, match=r"requester\."):
        remove_queue("amqp://127.0.0.1:1", queue)
