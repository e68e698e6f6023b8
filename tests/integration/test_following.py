"""Tests following jobs with the real server and a real MongoDB: every status reaches every viewer."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect

from deploy.local.servers import MongoServer
from shared.contract.job import Status, new_job
from shared.plumbing.job_store import JobStore, new_job_id
from shared.plumbing.mongo import Database, connect, ensure_indexes
from shared.plumbing.session_store import SessionStore
from tests.examples import examples
from tests.integration.following import Viewer
from tests.system import System, eventually, token
from tests.unit.plumbing.following.making import BY, SOURCE, WAY

LIMIT = 20.0
NEXT = [Status(one) for one in WAY[1:]]


class Served:
    """The web process alone: jobs move because a test moves them."""

    def __init__(self, system: System, db: Database) -> None:
        self.system = system
        self.db = db

    def job(self, firm: str = "north") -> str:
        """A new job with autostart."""
        job_id = new_job_id()
        options = {"autostart": True}
        job = new_job(job_id, firm, "accounts_and_contacts", options, SOURCE, BY, datetime.now(UTC))
        JobStore(self.db, firm).add(job)
        return job_id

    def move(self, job_id: str, *statuses: Status, firm: str = "north", pause: float = 0.0) -> None:
        """Move a job on."""
        store = JobStore(self.db, firm)
        for status in statuses:
            assert store.advance(store.get(job_id), status, by="somebody")
            time.sleep(pause)

    def viewer(self, job_id: str, firm: str = "north", person: str = "an") -> Viewer:
        """Somebody who follows a job."""
        return Viewer(self.system.port, firm, job_id, person)

    def get(self, path: str, **headers: str) -> requests.Response:
        """One request."""
        return requests.get(f"{self.system.url}{path}", headers=headers, timeout=20)


def served_by(mongo: MongoServer, folder: Any, **more: str) -> Served:
    """A web process that takes requests."""
    url = mongo.url_of(f"test_{uuid.uuid4().hex[:12]}")
    system = System(folder, url, "memory://", "smtp://127.0.0.1:1", more)
    db = connect(url)
    ensure_indexes(db)
    system.start("web")
    return Served(system, db)


@pytest.fixture(scope="module")
def served(mongo_server: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for the tests of this file that leave it as it is."""
    made = served_by(mongo_server, tmp_path_factory.mktemp("following"), FOLLOWERS_PER_PERSON="400")
    yield made
    made.system.end()
    made.db.client.drop_database(made.db.name)
    made.db.client.close()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run viewers, for so long at most."""
    return asyncio.run(asyncio.wait_for(work, LIMIT))


@pytest.mark.long
def test_three_hundred_viewers_each_get_every_status_and_the_end(served: Served) -> None:
    jobs = [served.job() for _ in range(10)]
    viewers = [served.viewer(jobs[n % 10]) for n in range(300)]
    lazy = [served.viewer(jobs[n % 10]) for n in range(20)]

    async def follow() -> list[float]:
        never_read = [await one.connect() for one in lazy]
        all_follow = asyncio.gather(*(one.follow() for one in viewers))
        while not all(one.statuses for one in viewers):
            await asyncio.sleep(0.02)
        took = []
        moving = asyncio.gather(*(asyncio.to_thread(served.move, job, *NEXT, pause=0.1) for job in jobs))
        for path in ("/health/live", "/api/v1/jobs", "/health/ready", "/api/v1/fields") * 3:
            began = time.monotonic()
            bearer = {"Authorization": f"Bearer {token('north')}"}
            assert (await asyncio.to_thread(served.get, path, **bearer)).ok
            took.append(time.monotonic() - began)
        await moving
        await all_follow
        for _reader, writer in never_read:
            writer.close()
        return took

    took = run(follow())
    assert [one.statuses for one in viewers] == [list(WAY)] * 300
    assert len(took) == 12


@given(cuts=st.lists(st.integers(1, 3000), max_size=6), pause=st.sampled_from([0.0, 0.02, 0.15]))
@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
def test_a_viewer_that_drops_and_comes_back_anywhere_gets_every_status_in_order(
    served: Served, cuts: list[int], pause: float
) -> None:
    job = served.job()
    viewer = served.viewer(job)

    async def follow() -> None:
        moving = asyncio.create_task(asyncio.to_thread(served.move, job, *NEXT, pause=pause))
        for cut in cuts:
            if await viewer.follow(cut):
                break
        while viewer.status != 204:
            await viewer.follow()
        await moving

    run(follow())
    assert viewer.statuses == list(WAY)[len(WAY) - len(viewer.statuses) :]
    assert viewer.statuses[-1] == "imported"


@pytest.mark.parametrize("after", ["version", "revision", None])
def test_a_call_waits_at_each_status(served: Served, after: str | None) -> None:
    """After a version for the next status; after a revision, or nothing, until the job has ended."""
    job = served.job()
    viewer = served.viewer(job)

    async def follow() -> list[str]:
        now, seen = await viewer.answer(""), []
        for status in NEXT:
            asked = f"&after={now[after]}" if after else ""
            waits = asyncio.create_task(viewer.answer(f"wait=30{asked}"))
            await asyncio.sleep(0.05)
            await asyncio.to_thread(served.move, job, status)
            if after == "version" or status == Status.IMPORTED:
                now = await waits
                seen.append(now["status"])
            else:
                await asyncio.sleep(0.4)
                assert not waits.done()
                waits.cancel()
                await asyncio.gather(waits, return_exceptions=True)
        return seen

    assert run(follow()) == (list(WAY[1:]) if after == "version" else ["imported"])


def test_a_call_that_waits_ends_in_time_with_the_job_as_it_is(served: Served) -> None:
    viewer = served.viewer(served.job())
    began = time.monotonic()
    assert run(viewer.answer("wait=1"))["status"] == "uploaded"
    assert 1 <= time.monotonic() - began < 3


def test_nobody_follows_the_job_of_another_firm(served: Served) -> None:
    job = served.job()
    viewers = [served.viewer(job, "south") for _ in range(5)]

    async def follow() -> Any:
        mine = asyncio.create_task(served.viewer(job).follow())
        await asyncio.gather(*(one.follow() for one in viewers))
        strange = await viewers[0].answer("wait=20&after=0.x")
        await asyncio.to_thread(served.move, job, *NEXT)
        await mine
        return strange

    assert run(follow())["code"] == "not_found"
    assert [(one.status, one.statuses) for one in viewers] == [(404, [])] * 5


def test_no_status_is_lost_when_the_primary_of_the_database_steps_down(served: Served) -> None:
    job = served.job()
    viewers = [served.viewer(job) for _ in range(20)]

    def move() -> None:
        served.move(job, *NEXT[:2])
        with contextlib.suppress(AutoReconnect):
            served.db.client.admin.command("replSetStepDown", 1, secondaryCatchUpPeriodSecs=0, force=True)
        served.move(job, *NEXT[2:], pause=0.1)

    async def follow() -> None:
        following = asyncio.gather(*(one.follow() for one in viewers))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(move)
        await following

    run(follow())
    assert [one.statuses for one in viewers] == [list(WAY)] * 20


STOPS: dict[str, Callable[[System], None]] = {
    "TERM to the server": lambda system: system["web"].signal(signal.SIGTERM),
    "HUP: new processes": lambda system: system["web"].signal(signal.SIGHUP),
}


@pytest.mark.parametrize("stop", STOPS)
def test_a_server_that_stops_ends_all_viewers_at_once(
    mongo_server: MongoServer, tmp_path: Any, stop: str
) -> None:
    own = served_by(mongo_server, tmp_path)
    job = own.job()
    streams, answers = [own.viewer(job) for _ in range(20)], [own.viewer(job) for _ in range(20)]

    async def follow() -> tuple[float, list[Any]]:
        following = asyncio.gather(*(one.follow() for one in streams))
        waiting = asyncio.gather(*(one.answer("wait=60") for one in answers))
        await asyncio.sleep(1)
        began = time.monotonic()
        STOPS[stop](own.system)
        await following
        return time.monotonic() - began, await waiting

    try:
        took, answered = run(follow())
        assert took < 10
        assert [one["status"] for one in answered] == ["uploaded"] * 20
        assert [one.statuses for one in streams] == [["uploaded"]] * 20
        if stop.startswith("TERM"):
            child = own.system["web"].child
            eventually(lambda: child is not None and child.poll() == 0, LIMIT, "the server has ended")
        else:
            own.move(job, *NEXT)
            run(streams[0].follow())
            assert streams[0].statuses == list(WAY)
    finally:
        own.system.end()
        own.db.client.drop_database(own.db.name)
        own.db.client.close()


def test_a_person_who_follows_too_much_is_asked_to_wait(mongo_server: MongoServer, tmp_path: Any) -> None:
    own = served_by(mongo_server, tmp_path, FOLLOWERS_PER_PERSON="3", FOLLOWERS="5")
    job = own.job()

    async def follow() -> None:
        following = [asyncio.create_task(own.viewer(job).follow()) for _ in range(3)]
        await asyncio.sleep(0.5)
        refused = await own.viewer(job).answer("wait=9")
        assert refused["code"] == "too_many_requests"
        more = [asyncio.create_task(own.viewer(job, person=f"p{n}").follow()) for n in range(2)]
        await asyncio.sleep(0.5)
        full = await asyncio.to_thread(
            own.get, f"/api/v1/jobs/{job}/events", Authorization=f"Bearer {token('north', sub='bo')}"
        )
        assert (full.status_code, full.headers["Retry-After"]) == (429, "10")
        for one in (following[0], more[0]):
            one.cancel()
        await asyncio.sleep(0.5)
        again = own.viewer(job)
        following.append(asyncio.create_task(again.follow()))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(own.move, job, *NEXT)
        await asyncio.gather(*following[1:], more[1])
        assert again.statuses == list(WAY)

    try:
        run(follow())
    finally:
        own.system.end()
        own.db.client.drop_database(own.db.name)
        own.db.client.close()


@pytest.mark.parametrize(
    ("site", "status"),
    [(None, 200), ("same-origin", 200), ("cross-site", 401), ("same-site", 401), ("none", 401), ("", 401)],
)
def test_our_pages_follow_with_their_session_and_no_other_site_does(
    served: Served, site: str | None, status: int
) -> None:
    job = served.job()
    served.move(job, *NEXT)
    session = SessionStore(served.db).begin(token("north"), "north", time.time() + 3600)
    headers = {"Cookie": f"carryover_session={session}"}
    if site is not None:
        headers["Sec-Fetch-Site"] = site
    assert served.get(f"/api/v1/jobs/{job}/events", **headers).status_code == status
    assert served.get(f"/api/v1/jobs/{job}?wait=1", **headers).status_code == 401


@pytest.mark.parametrize("path", ["/events", "?wait=30", ""])
def test_only_the_head_is_answered_at_once_where_only_that_is_asked_for(served: Served, path: str) -> None:
    address = f"{served.system.url}/api/v1/jobs/{served.job()}{path}"
    began = time.monotonic()
    answer = requests.head(address, headers={"Authorization": f"Bearer {token('north')}"}, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers.get("Content-Length") != "0"
    assert time.monotonic() - began < 2


def test_viewers_that_come_and_go_leave_nothing_open(served: Served) -> None:
    job = served.job()
    (child,) = psutil.Process(served.system["web"].pid).children()

    def connected() -> int:
        return sum(1 for one in child.net_connections() if one.laddr.port == served.system.port and one.raddr)

    async def come_and_go() -> None:
        chance = random.Random(1)
        for _ in range(10):
            following = [asyncio.create_task(served.viewer(job).follow()) for _ in range(30)]
            await asyncio.sleep(chance.random() / 4)
            for one in following:
                one.cancel()
            await asyncio.gather(*following, return_exceptions=True)

    run(come_and_go())
    eventually(lambda: connected() == 0, LIMIT, "all connections are closed")
    files, threads = child.num_fds(), child.num_threads()
    run(come_and_go())
    eventually(lambda: connected() == 0, LIMIT, "all connections are closed again")
    assert child.num_fds() <= files + 4
    assert child.num_threads() <= threads + 4
