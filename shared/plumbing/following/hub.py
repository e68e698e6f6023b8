"""Passes pictures of changed jobs on to all who follow them: one query for each change.

The hub of a process has two threads while anybody follows. One reads a change stream of MongoDB and marks jobs; the
other reads marked jobs that are followed, and gives a picture to their followers. The stream is opened before the
first look, so no change is lost between the two.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from shared.plumbing.following.followers import Follower
from shared.plumbing.following.picture import Picture
from shared.plumbing.job_store import NoSuchJob
from shared.plumbing.log import log, named
from shared.plumbing.mongo import is_passing
from shared.plumbing.telemetry import FOLLOWERS, set_to

#: Seconds between two looks at one job.
LOOK_EVERY_SECONDS = 0.3
#: Seconds before a failed stream or look is tried again, at first and at most.
PAUSES = (0.5, 5.0)
#: Seconds between two looks at the services.
PULSE_SECONDS = 2.0
#: Seconds for which the hub goes on when the last follower has left: the next one is often near.
LINGER_SECONDS = 10.0

#: The job of a firm; raises `NoSuchJob`.
Look = Callable[[str, str], Picture]
#: The ids of jobs as they change, and None now and then; the stream is open when it is entered.
Changes = Callable[[], AbstractContextManager[Iterator[str | None]]]
#: What no change of a job says: how the services are.
Pulse = Callable[[], object]


class TooManyFollowers(Exception):
    """This process, or this person, has as many followers as may be."""


@dataclass(eq=False)
class Topic:
    """A job that is followed, and the version that its followers have.

    `look_at` says when to look at it next (`time.monotonic`); None: it has not changed.
    """

    firm: str
    job_id: str
    followers: set[Follower] = field(default_factory=set)
    look_at: float | None = None
    looked_at: float = 0.0
    version: str | None = None


class Hub:
    """The followers of one process; safe for all its threads."""

    def __init__(self, look: Look, changes: Changes, pulse: Pulse, most: int, most_of_person: int) -> None:
        self._look = look
        self._changes = changes
        self._pulse = pulse
        self._felt: object = None
        self._felt_at = 0.0
        self._most, self._most_of_person = most, most_of_person
        self._changed = threading.Condition()
        self._topics: dict[str, Topic] = {}
        self._marked: set[Topic] = set()
        self._people: Counter[tuple[str, str]] = Counter()
        self._count = 0
        self._left_at = 0.0
        self._runs = False
        self._round = 0

    def __len__(self) -> int:
        """How many follow."""
        return self._count

    def must_have_room(self, person: tuple[str, str]) -> None:
        """Raise `TooManyFollowers` where one more would be too many."""
        if self._count >= self._most or self._people[person] >= self._most_of_person:
            raise TooManyFollowers

    def join(self, follower: Follower) -> None:
        """Enter a follower; its job is looked at unless all others have the same picture."""
        with self._changed:
            topic = self._topics.setdefault(follower.job_id, Topic(follower.firm, follower.job_id))
            if topic.firm != follower.firm:
                raise NoSuchJob(follower.job_id)  # no view gives one: it would be another firm's job
            topic.followers.add(follower)
            self._people[follower.person] += 1
            self._count += 1
            set_to(FOLLOWERS, self._count)
            if topic.version != follower.version:
                self._mark(topic)
            if not self._runs:
                self._start()

    def leave(self, follower: Follower) -> None:
        """Remove a follower; harmless where it is none."""
        with self._changed:
            topic = self._topics.get(follower.job_id)
            if topic is None or follower not in topic.followers:
                return
            topic.followers.remove(follower)
            self._people -= Counter([follower.person])
            self._count -= 1
            set_to(FOLLOWERS, self._count)
            if not topic.followers:
                del self._topics[topic.job_id]
                self._marked.discard(topic)
            self._left_at = time.monotonic()

    def _start(self) -> None:
        self._runs = True
        self._round += 1
        for work in (self._watch, self._show):
            threading.Thread(
                target=work, args=[self._round], name=f"following{work.__name__}", daemon=True
            ).start()

    def _goes_on(self, turn: int) -> bool:
        """Whether the threads of a start go on: while somebody follows, and some seconds more."""
        with self._changed:
            if turn != self._round:
                return False
            if not self._topics and time.monotonic() - self._left_at > LINGER_SECONDS:
                self._runs = False
                self._round += 1
                self._changed.notify_all()
                return False
            return True

    # what changes

    def _watch(self, turn: int) -> None:
        """Mark jobs that change, from one stream after the other."""
        pause, most = PAUSES
        while self._goes_on(turn):
            try:
                with self._changes() as ids:
                    self._mark_all()
                    for job_id in ids:
                        pause = PAUSES[0]
                        self._mark_id(job_id)
                        if not self._goes_on(turn):
                            return
            except Exception as error:  # noqa: BLE001 - whatever it is, those who follow wait for the next stream
                log.warning("changes of jobs not read", error=named(error))
            self._mark_all()
            time.sleep(pause)
            pause = min(pause * 2, most)

    def _mark(self, topic: Topic) -> None:
        self._mark_for(topic, topic.looked_at + LOOK_EVERY_SECONDS)

    def _mark_for(self, topic: Topic, look_at: float) -> None:
        topic.look_at = look_at if topic.look_at is None else min(topic.look_at, look_at)
        self._marked.add(topic)
        self._changed.notify_all()

    def _mark_id(self, job_id: str | None) -> None:
        with self._changed:
            if job_id in self._topics:
                self._mark(self._topics[job_id])

    def _mark_all(self) -> None:
        with self._changed:
            for topic in self._topics.values():
                self._mark(topic)

    # what is shown

    def _show(self, turn: int) -> None:
        """Look at marked jobs when it is time, and give their pictures to their followers."""
        while self._goes_on(turn):
            self._feel()
            for topic in self._due():
                self._show_one(topic)

    def _feel(self) -> None:
        """Look at all jobs where services have come or gone."""
        if time.monotonic() - self._felt_at < PULSE_SECONDS:
            return
        try:
            felt = self._pulse()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look is soon
            log.warning("services not seen", error=named(error))
            felt = self._felt
        self._felt_at = time.monotonic()
        if felt != self._felt:
            self._felt = felt
            self._mark_all()

    def _due(self) -> list[Topic]:
        """The marked jobs whose time has come; waits a second for them at most."""
        with self._changed:
            now = time.monotonic()
            due = [topic for topic in self._marked if (topic.look_at or 0.0) <= now]
            if not due:
                next_at = min((topic.look_at or 0.0 for topic in self._marked), default=now + 1.0)
                self._changed.wait(min(next_at - now, 1.0))
                return []
            for topic in due:
                topic.look_at, topic.looked_at = None, now
            self._marked.difference_update(due)
            return due

    def _show_one(self, topic: Topic) -> None:
        with self._changed:  # before the look: a later follower has a later picture already
            followers = set(topic.followers)
        try:
            picture = self._look(topic.firm, topic.job_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about this job alone
            if is_passing(error):
                log.warning("followed job not read", error=named(error))
                self._look_later(topic)
                return
            if not isinstance(error, NoSuchJob):
                log.exception("followed job not shown", job_id=topic.job_id)
            for follower in followers:
                follower.expire()
            return
        with self._changed:
            topic.version = picture.version
            if not followers.issuperset(topic.followers) and topic.followers:
                self._mark(topic)  # some came during the look
            if picture.again_in is not None and topic.followers:
                self._mark_for(topic, time.monotonic() + picture.again_in)
        for follower in followers:
            follower.show(picture)

    def _look_later(self, topic: Topic) -> None:
        with self._changed:
            if self._topics.get(topic.job_id) is topic:
                topic.looked_at = time.monotonic() + PAUSES[0]
                self._mark(topic)
