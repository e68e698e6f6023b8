"""Tests who is shown what by the hub: followed jobs only, once for all, also when the database is away for a while."""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.plumbing.following import hub as hubs
from shared.plumbing.following.followers import EventStream
from shared.plumbing.following.hub import Hub, TooManyFollowers
from shared.plumbing.following.picture import Picture
from shared.plumbing.job_store import NoSuchJob
from shared.plumbing.mongo import ConnectionFailure
from shared.plumbing.telemetry import WEBHOOKS_WAITING, exposition, set_to
from tests.system import eventually
from tests.unit.plumbing.following.making import FIRM, WAY, Work, job_after, read_events

LIMIT = 5.0


class World:
    """Jobs that change, and a database that may be away."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.changed: queue.Queue[str | None] = queue.Queue()
        self.looks: Counter[str] = Counter()
        self.streams = 0
        self.open = 0
        self.services: dict[str, object] = {}
        self.fault: Exception | None = None
        self.during_look: Callable[[], object] = lambda: None
        self.hub = Hub(self.look, self.changes, lambda: self.services, most=9, most_of_person=4)

    def put(self, job_id: str, *way: str) -> Picture:
        """Change a job, and report it."""
        self.jobs[job_id] = {**job_after(way, owed="importer"), "_id": job_id}
        self.changed.put(job_id)
        return Picture(self.jobs[job_id], Work())

    def is_quiet(self) -> bool:
        """Whether no look is due, and every followed job was shown."""
        return not self.hub._marked and all(topic.version for topic in self.hub._topics.values())

    def look(self, firm: str, job_id: str) -> Picture:
        """Read a job."""
        self.looks[job_id] += 1
        if self.fault:
            raise self.fault
        if job_id not in self.jobs or self.jobs[job_id]["firm"] != firm:
            raise NoSuchJob(job_id)
        seen = Picture(self.jobs[job_id], Work())
        self.during_look()
        return seen

    @contextmanager
    def changes(self) -> Iterator[Iterator[str | None]]:
        """A change stream, which breaks while there is a fault."""
        if self.fault:
            raise self.fault
        self.streams += 1
        self.open += 1

        def ids() -> Iterator[str | None]:
            while True:
                if self.fault:
                    raise self.fault
                try:
                    yield self.changed.get(timeout=0.01)
                except queue.Empty:
                    yield None

        try:
            yield ids()
        finally:
            self.open -= 1

    def viewer(self, seen: Picture, person: str = "an") -> EventStream:
        """One more who follows."""
        follower = EventStream(self.hub, seen, (FIRM, person), "")
        follower.start()
        return follower


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A hub whose pauses are short."""
    for name, value in (("LOOK_EVERY_SECONDS", 0.02), ("PAUSES", (0.02, 0.1)), ("LINGER_SECONDS", 0.05)):
        monkeypatch.setattr(hubs, name, value)
    return World()


def let_it_settle(world: World) -> None:
    """Wait until every change so far is shown: they come in order, so two more that are shown are the last ones."""
    for name in ("one more", "the last"):
        follower = world.viewer(world.put(name, *WAY[:1]), name)
        world.put(name, *WAY)
        eventually(lambda one=follower: one.ended, LIMIT, "the end of another job")
    eventually(world.is_quiet, LIMIT, "no look is due")


def shown(follower: EventStream, seen: list[str]) -> list[str]:
    """The statuses that have come so far."""
    seen += [content["status"] for _, _, content in read_events(follower.take()[0])]
    return seen


def test_a_change_is_shown_to_all_who_follow_the_job_and_to_nobody_else(world: World) -> None:
    first, other = world.put("a", *WAY[:1]), world.put("b", *WAY[:1])
    near, far = [world.viewer(first, f"p{n}") for n in range(3)], world.viewer(other)
    world.put("a", *WAY)
    seen: list[list[str]] = [[], [], []]
    for follower, statuses in zip(near, seen, strict=True):
        eventually(lambda f=follower, s=statuses: shown(f, s)[-1:] == ["imported"], LIMIT, "the end")
        assert [one for n, one in enumerate(statuses) if one not in statuses[:n]] == list(WAY)
    assert set(shown(far, [])) == {"uploaded"}


def test_a_job_that_nobody_follows_is_never_read(world: World) -> None:
    follower = world.viewer(world.put("a", *WAY[:1]))
    for n in range(50):
        world.put(f"other{n}", *WAY[:2])
    world.put("a", *WAY)
    eventually(lambda: follower.ended, LIMIT, "the end")
    assert set(world.looks) == {"a"}


def test_many_changes_are_one_look_for_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "LOOK_EVERY_SECONDS", 0.2)
    seen = world.put("a", *WAY[:1])
    followers = [world.viewer(seen, f"p{n}") for n in range(8)]
    for _ in range(300):
        world.put("a", *WAY[:3])
    world.put("a", *WAY)
    eventually(lambda: all(one.ended for one in followers), LIMIT, "the end")
    assert world.looks["a"] < 10


def test_more_viewers_of_a_job_that_does_not_change_cost_no_look(world: World) -> None:
    seen = world.put("a", *WAY[:1])
    world.viewer(seen)
    eventually(lambda: world.looks["a"], LIMIT, "a look")
    let_it_settle(world)
    before = world.looks["a"]
    followers = [world.viewer(seen, f"p{n}") for n in range(6)]
    assert world.is_quiet(), "a look that a viewer asks for is due as soon as it has joined"
    assert world.looks["a"] == before
    world.put("a", *WAY)
    eventually(lambda: all(one.ended for one in followers), LIMIT, "the end")


def test_a_viewer_that_comes_during_a_look_misses_nothing(world: World) -> None:
    """It has the picture before the change, and it is entered when the change has been read, but not shown."""
    before = world.put("a", *WAY[:1])
    world.viewer(before)
    eventually(lambda: world.looks["a"], LIMIT, "a look")
    let_it_settle(world)
    late: list[EventStream] = []

    def come() -> None:
        if not late:
            late.append(world.viewer(before, "late"))

    world.during_look = come
    world.put("a", *WAY)
    eventually(lambda: late and late[0].ended, LIMIT, "the end")
    assert shown(late[0], [])[-1] == "imported"


def test_the_stream_is_closed_when_nobody_follows_and_opened_again(world: World) -> None:
    for turn in range(1, 4):
        follower = world.viewer(world.put("a", *WAY[:1]))
        eventually(lambda: world.open == 1, LIMIT, "a stream")
        follower.close()
        eventually(lambda: world.open == 0 and not world.hub._runs, LIMIT, "no stream")
        assert (len(world.hub), world.streams) == (0, turn)


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.5])
def test_no_change_is_lost_while_the_database_is_away(world: World, seconds: float) -> None:
    follower = world.viewer(world.put("a", *WAY[:1]))
    eventually(lambda: world.open == 1, LIMIT, "a stream")
    world.fault = ConnectionFailure("away")
    eventually(lambda: world.open == 0, LIMIT, "the stream is broken")
    world.put("a", *WAY)
    while not world.changed.empty():
        world.changed.get()  # nobody reports it any more
    time.sleep(seconds)
    assert not follower.ended
    world.fault = None
    eventually(lambda: follower.ended, LIMIT, "the end")
    assert shown(follower, [])[-1] == "imported"


def test_a_change_between_the_first_picture_and_the_entry_is_shown(world: World) -> None:
    seen = world.put("a", *WAY[:1])
    world.put("a", *WAY)
    while not world.changed.empty():
        world.changed.get()
    follower = world.viewer(seen)
    eventually(lambda: follower.ended, LIMIT, "the end")


def test_a_job_that_cannot_be_shown_ends_its_followers_and_no_others(world: World) -> None:
    good, bad = world.viewer(world.put("a", *WAY[:1])), world.viewer(world.put("b", *WAY[:1]))
    eventually(lambda: world.looks["b"], LIMIT, "a look")
    del world.jobs["b"]["counts"]
    world.changed.put("b")
    eventually(lambda: bad.ended, LIMIT, "the end of the bad one")
    world.put("a", *WAY)
    eventually(lambda: good.ended and shown(good, [])[-1:] == ["imported"], LIMIT, "the end")


def test_a_job_that_is_removed_ends_its_followers(world: World) -> None:
    follower = world.viewer(world.put("a", *WAY[:1]))
    del world.jobs["a"]
    world.changed.put("a")
    eventually(lambda: follower.ended, LIMIT, "the end")


def test_another_firm_never_shares_a_job(world: World) -> None:
    seen = world.put("a", *WAY[:1])
    world.viewer(seen)
    stranger = EventStream(world.hub, seen, ("south", "eve"), "")
    stranger.firm = "south"
    with pytest.raises(NoSuchJob):
        stranger.start()
    assert len(world.hub) == 1


def test_a_person_and_a_process_have_so_many_followers_and_room_again_when_one_leaves(world: World) -> None:
    seen = world.put("a", *WAY[:1])
    mine = [world.viewer(seen) for _ in range(4)]
    with pytest.raises(TooManyFollowers):
        world.hub.must_have_room((FIRM, "an"))
    world.hub.must_have_room((FIRM, "bo"))
    world.hub.must_have_room(("south", "an"))
    for n in range(5):
        world.viewer(seen, f"p{n}")
    with pytest.raises(TooManyFollowers):
        world.hub.must_have_room((FIRM, "bo"))
    mine[0].close()
    mine[0].close()
    world.hub.must_have_room((FIRM, "an"))
    assert len(world.hub) == 8


def test_the_metrics_say_how_many_follow() -> None:
    world = World()
    streams = [EventStream(world.hub, world.put(f"j{n}", *WAY[:2]), (FIRM, "ann"), "") for n in range(3)]
    shown: list[str] = []
    for change in [*(stream.start for stream in streams), *(stream.close for stream in streams)]:
        change()
        shown += [
            line for line in exposition(None).decode().splitlines() if line.startswith("carryover_followers ")
        ]
    assert shown == [f"carryover_followers {count}.0" for count in (1, 2, 3, 2, 1, 0)]


def test_a_gauge_without_labels_is_set() -> None:
    set_to(WEBHOOKS_WAITING, 7)
    assert "carryover_webhooks_waiting 7.0" in exposition(None).decode().splitlines()
