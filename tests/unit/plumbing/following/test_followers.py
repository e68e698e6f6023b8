"""Tests what each follower of a job gets: events with ids, statuses that were missed, answers when they are due."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.answers import JobAnswer
from shared.contract.job import Status
from shared.contract.routes import API
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.following import followers
from shared.plumbing.following.followers import DelayedAnswer, EventStream, is_due
from shared.plumbing.following.picture import PARTS, Picture, lines_in
from shared.plumbing.job_view import show
from tests.unit.plumbing.following.making import WAY, Nobody, Work, job_after, picture, read_events

PERSON = ("north", "an")


def stream(seen: Picture, last_id: str = "") -> EventStream:
    return EventStream(Nobody(), seen, PERSON, last_id)


def drawn() -> st.SearchStrategy[list[tuple[int, int]]]:
    """Moments at which a job is looked at: how far it is on its way, and how many rows are done."""
    return st.lists(st.tuples(st.integers(1, len(WAY)), st.integers(0, 30)), min_size=1, max_size=12).map(
        sorted
    )


def at(place: tuple[int, int]) -> Picture:
    """A job with `autostart`, so that no status but the last is an end."""
    lines, done = place
    return picture(*WAY[:lines], done=done, owed="importer")


@given(drawn(), st.sets(st.integers(0, 11)))
def test_a_viewer_that_drops_and_comes_back_sees_every_status_in_order(
    places: list[tuple[int, int]], cuts: set[int]
) -> None:
    pictures = [*map(at, places), picture(*WAY, done=30)]
    seen: list[tuple[str, str, dict[str, Any]]] = []
    viewer = stream(pictures[0])
    for n, one in enumerate(pictures):
        if n in cuts:
            seen += read_events(viewer.take()[0])
            viewer = stream(one, seen[-1][0] if seen else "")
        else:
            viewer.show(one)
    text, ended = viewer.take()
    seen += read_events(text)
    first = seen[0][2]["status"]
    statuses = [content["status"] for _, name, content in seen if name == "status"]
    assert [first, *statuses] == list(WAY[WAY.index(first) :])
    jobs = [content["status"] for _, name, content in seen if name == "job"]
    assert [WAY.index(one) for one in jobs] == sorted(WAY.index(one) for one in jobs)
    assert (jobs[-1], ended) == ("imported", True)
    ids = [identity for identity, name, _ in seen if name == "job"]
    assert all(one != other for one, other in pairwise(ids)), "nothing comes twice"


@given(st.integers(1, len(WAY)), st.integers(0, len(WAY)))
def test_each_event_names_the_place_from_which_a_stream_goes_on(lines: int, cut: int) -> None:
    whole = read_events(stream(at((lines, 3)), "0.x").take()[0])
    assert [name for _, name, _ in whole] == ["status"] * lines + ["job"]
    identity = whole[min(cut, len(whole) - 1)][0]
    again = read_events(stream(at((lines, 3)), identity).take()[0])
    behind = whole[min(cut, len(whole) - 1) + 1 :]
    assert [one[0] for one in again] == [one[0] for one in behind]


STRANGE_IDS = [
    "",
    " ",
    "x",
    "1",
    "-1.a",
    "1.",
    ".",
    "1.A",
    "٣.a",
    "1.a.b",
    "1e3.a",
    "9" * 40 + ".a",
    "1.a\n",
    "null",
]


@pytest.mark.parametrize("last_id", STRANGE_IDS)
def test_an_id_that_is_none_of_ours_begins_anew(last_id: str) -> None:
    assert lines_in(last_id) is None
    (event,) = read_events(stream(at((4, 1)), last_id).take()[0])
    assert event[1] == "job"


@pytest.mark.parametrize("last_id", ["9.abc", "400.status", "0.a"])
def test_an_id_of_a_longer_or_shorter_history_gives_the_job_as_it_is(last_id: str) -> None:
    *_, event = read_events(stream(at((4, 1)), last_id).take()[0])
    assert event[2]["status"] == "mapped"


def test_an_event_has_the_parts_of_the_job_and_no_sentence() -> None:
    ((identity, name, content),) = read_events(stream(at((6, 7))).take()[0])
    assert (identity, name, tuple(content)) == (at((6, 7)).version, "job", PARTS)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("owed", ["importer", None])
def test_a_stream_ends_where_nobody_but_a_person_moves_the_job(status: Status, owed: str | None) -> None:
    seen = picture("uploaded", status, owed=owed)
    ends = status in (Status.IMPORTED, Status.FAILED, Status.CANCELLED, Status.UNDONE)
    waits = status in (Status.PROPOSED, Status.VALIDATED) and owed is None
    _text, ended = stream(seen).take()
    assert ended is (ends or waits)
    again = stream(seen, seen.version)
    assert again.nothing_new is ended
    assert (read_events(again.take()[0]), again.ended) == ([], ended)


def test_a_job_on_hold_ends_a_stream_and_an_answer() -> None:
    on_hold = picture("uploaded", hold={"code": "no_rows", "params": {}}, owed=None)
    assert stream(on_hold).ended
    assert is_due(on_hold, None)


# versions

CHANGES: list[dict[str, Any]] = [
    {"status": "confirmed"},
    {"revision": 2},
    {"counts": {**job_after(WAY)["counts"], "new": 1}},
    {"result": {**job_after(WAY)["result"], "contacts_created": 7}},
    {"notices": [{"to": "an@office.example", "status": "imported", "sent_at": None}]},
    {"hold": {"code": "no_rows", "params": {}}},
    {"reason": {"code": "no_rows", "params": {}}},
    {"owed": None},
    {"purged_at": job_after(WAY)["created_at"]},
    {"repaired_by": ["fedcba9876543210"]},
    {"undo": {"of": 1, "numbers": None}},
    {"source": {**job_after(WAY)["source"], "rows": 31}},
    {"source": {**job_after(WAY)["source"], "encoding": "cp1252"}},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_the_version_changes_with_the_job(change: dict[str, Any]) -> None:
    assert picture(*WAY[:5], **{"owed": "importer", **change}).version != at((5, 0)).version


def test_the_version_changes_with_the_progress_and_not_with_the_clock() -> None:
    assert at((6, 3)).version != at((6, 4)).version
    slow = picture(*WAY[:6], done=3, owed="importer", since=job_after(WAY)["since"] - timedelta(days=1))
    fast = at((6, 3))
    rates = [one.answer["progress"]["eta_seconds"] for one in (slow, fast)]
    assert rates[0] != rates[1]
    assert Picture(fast.job, Work(3)).version == fast.version


def test_the_version_is_that_of_the_job_as_it_is_kept() -> None:
    kept = job_after(WAY)
    for times in (kept, *kept["history"]):
        for name, value in times.items():
            if hasattr(value, "microsecond"):  # MongoDB keeps milliseconds
                times[name] = value.replace(microsecond=value.microsecond // 1000 * 1000)
    assert Picture(kept, Work()).version == picture(*WAY).version


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_document_is_the_answer_in_the_language_and_has_one_version_in_all(lang: str) -> None:
    seen = picture(*WAY[:5], "failed", reason={"code": "too_many_failures", "params": {"step": "load"}})
    whole = JobAnswer().dump(show(seen.job, Work(), API, lang))
    document = json.loads(seen.document(lang))
    assert document == json.loads(json.dumps(whole))
    assert document["version"] == seen.version
    assert document["reason"]["message"] != picture(*WAY).document("en")


# answers that wait


@pytest.mark.parametrize("lines", range(1, len(WAY) + 1))
def test_an_answer_is_due_by_what_it_waits_for(lines: int) -> None:
    now = picture(*WAY[:lines])  # a person is awaited at proposed and validated
    settled = WAY[lines - 1] in ("proposed", "validated", "imported")
    assert is_due(now, None) is settled
    assert is_due(now, "0")
    for revision in ("1", "01", "2", "99999999999999999999"):
        assert is_due(now, revision) is settled
    assert not is_due(now, now.version)
    for other in ("1.5", "-1", "+0", "٠", "1e0", f"{lines}.status", now.version + "0"):
        assert is_due(now, other)


@given(drawn())
def test_an_answer_after_a_version_comes_with_the_first_change(places: list[tuple[int, int]]) -> None:
    first, *rest = [at(place) for place in places]
    waiting = DelayedAnswer(Nobody(), first, PERSON, "en", first.version, 30)
    for one in rest:
        waiting.show(one)
    changed = next((one for one in rest if one.version != first.version), None)
    text, ended = waiting.take()
    assert ended is (changed is not None)
    assert text == (changed.document("en") if changed else b"")


def test_an_answer_that_is_not_due_in_time_is_the_job_as_it_was_seen_last() -> None:
    waiting = DelayedAnswer(Nobody(), at((2, 0)), PERSON, "nl", None, 0.02)
    last = at((4, 9))
    waiting.show(last)
    assert b"".join(waiting) == last.document("nl")


# waiting, by a thread


def test_a_stream_is_silent_but_for_its_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(followers, "AT_MOST_SECONDS", 0.1)
    pieces = list(stream(at((4, 1))))
    assert pieces[0].startswith(b"retry: ")
    assert 1 <= pieces[1:].count(b":\n\n") <= 12
    assert set(pieces[1:]) <= {b":\n\n"}


def test_what_comes_is_given_at_once_and_the_end_ends_it() -> None:
    hub = Nobody()
    viewer = EventStream(hub, at((2, 0)), PERSON, "")
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.extend(viewer))
    thread.start()
    viewer.show(picture(*WAY))
    thread.join(5)
    assert not thread.is_alive()
    assert [content["status"] for _, _, content in read_events(b"".join(got))][-1] == "imported"
    assert hub.followers == []


def test_pieces_that_are_never_taken_are_dropped_with_their_viewer() -> None:
    viewer = stream(at((2, 0)))
    for done in range(2000):
        viewer.show(at((6, done % 30)))
    assert viewer.take() == (b"", True)
