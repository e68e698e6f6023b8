"""Measures what viewers cost: 2,000 follow 50 jobs at once, while pages, probes and small imports go on.

``python -m bench.viewers [--viewers 2000] [--seconds 60]`` (``make bench-viewers``) starts a system of its own and
prints figures. The exit code is 1 when a viewer missed a status; a slow answer is reported, but is no error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

import jwt
import requests

from bench.run import say
from bench.system import OPTIONS, BenchError, Firm, System, running
from bench.usage import Meter, parts_of
from deploy.local.packages import PackageError
from deploy.local.servers import ServerError
from tools.client_lists import generate

JOBS, MOVING = 50, 5
MOVING_ROWS, SMALL_ROWS = 10_000, 100
#: Viewers that connect at once, and the seconds until the next ones do.
BATCH, BATCH_SECONDS = 50, 0.15
LIMIT = 300.0


@dataclass
class Seen:
    """What the viewers saw: seconds from each status to its arrival, jobs by their end, answers of calls that wait."""

    delays: list[float] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    answered: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Followed:
    """A job, and who follows it; `moves` says that it goes on by itself."""

    job_id: str
    bearer: str
    moves: bool


async def _request(port: int, path: str, bearer: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /api/v1/jobs/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head[:20]:
        writer.close()
        raise BenchError(head.decode().splitlines()[0])
    return reader, writer


async def _stream(port: int, one: Followed, seen: Seen) -> None:
    """Follow a job by its events to the end."""
    reader, writer = await _request(port, f"{one.job_id}/events", one.bearer)
    count, last, event = 0, "", ""
    async for raw in reader:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: "):
            content = json.loads(line[6:])
            if event == "status":
                seen.delays.append(time.time() - datetime.fromisoformat(content["at"]).timestamp())
                count += 1
            elif not last:
                seen.first.append(content["status"])
            last = content["status"]
    writer.close()
    seen.ends.append(last)
    seen.statuses.append(count)


async def _wait(port: int, one: Followed, seen: Seen, until: float) -> None:
    """Call again and again for the next version of a job."""
    after = "0.x"
    while (left := int(until - time.time())) > 0:
        reader, writer = await _request(port, f"{one.job_id}?wait={min(left, 60)}&after={after}", one.bearer)
        answer = json.loads(await reader.read())
        writer.close()
        after = answer["version"]
        seen.answered += 1


async def _all(port: int, followed: list[Followed], until: float) -> Seen:
    seen = Seen()
    tasks: list[asyncio.Task[None]] = []

    async def guarded(one: Followed) -> None:
        try:
            await (_stream(port, one, seen) if one.moves else _wait(port, one, seen, until))
        except (OSError, BenchError, asyncio.IncompleteReadError, ValueError) as error:
            seen.faults.append(repr(error))

    for at in range(0, len(followed), BATCH):
        tasks += [asyncio.create_task(guarded(one)) for one in followed[at : at + BATCH]]
        await asyncio.sleep(BATCH_SECONDS)
    await asyncio.wait_for(asyncio.gather(*tasks), LIMIT)
    return seen


def view(
    port: int, followed: list[Followed], until: float, results: multiprocessing.SimpleQueue[Seen]
) -> None:
    """Be all viewers, in a process of their own."""
    more_files()
    results.put(asyncio.run(_all(port, followed, until)))


def more_files() -> None:
    """Let this process have as many connections as it may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Round:
    """What goes on beside the viewers: seconds of each kind of call."""

    def __init__(self, system: System, firm: Firm, job_id: str, folder: Path) -> None:
        self.system, self.firm, self.job_id = system, firm, job_id
        self.small = folder / "small.csv"
        generate(SMALL_ROWS, 3, self.small)
        self.session = requests.Session()
        self.session.get(f"{system.url}/signin", params={"token": firm.token, "next": "/"}, timeout=60)
        self.seconds: dict[str, list[float]] = {}

    def take(self, name: str, call: Callable[[], object]) -> None:
        """Measure one call."""
        began = time.monotonic()
        call()
        self.seconds.setdefault(name, []).append(time.monotonic() - began)

    def all(self) -> None:
        """One of each."""
        for path in ("/health/live", f"/jobs/{self.job_id}/accounts", "/"):
            self.take("probe" if "health" in path else "page", lambda path=path: self._get(path))  # type: ignore[misc]
        self.take(f"job of {SMALL_ROWS} rows", self._small_job)

    def _get(self, path: str) -> None:
        answer = self.session.get(f"{self.system.url}{path}", timeout=60)
        if not answer.ok:
            raise BenchError(f"GET {path} answered {answer.status_code}")

    def _small_job(self) -> None:
        posted = self.firm.post(self.small)
        self.firm.until(posted.job_id, "imported", LIMIT)


def figures(name: str, seconds: Iterable[float]) -> str:
    """Number, median, 95th percentile and longest."""
    known = sorted(seconds)
    if not known:
        return f"{name}: none"
    near = known[min(len(known) - 1, int(len(known) * 0.95))]
    return f"{name}: {len(known)}, median {median(known):.3f} s, p95 {near:.3f} s, longest {known[-1]:.3f} s"


def measure(system: System, folder: Path, viewers: int, seconds: float) -> int:
    """Let viewers follow, and print what it costs; gives the exit code."""
    firm = system.firm("watched")
    large = folder / "large.csv"
    generate(MOVING_ROWS, 1, large)
    waiting = folder / "waiting.csv"
    generate(SMALL_ROWS, 2, waiting)
    say(f"{JOBS} jobs, {MOVING} of them with {MOVING_ROWS:,} rows that move …")
    still = [firm.post(waiting, {}).job_id for _ in range(JOBS - MOVING)]
    for job_id in still:
        firm.until(job_id, "proposed", LIMIT)
    beside = Round(system, firm, still[0], folder)
    for _ in range(3):
        beside.all()
    before, beside.seconds = beside.seconds, {}
    moving = [firm.post(large, OPTIONS).job_id for _ in range(MOVING)]
    people = [person(system, firm.name, n) for n in range(viewers // 20 + 1)]
    jobs = [*moving, *still]
    followed = [
        Followed(jobs[n % JOBS], people[n % len(people)], jobs[n % JOBS] in moving) for n in range(viewers)
    ]
    results: multiprocessing.SimpleQueue[Seen] = multiprocessing.SimpleQueue()
    until = time.time() + seconds
    child = multiprocessing.Process(
        target=view, args=[int(system.url.rpartition(":")[2]), followed, until, results], daemon=True
    )
    child.start()
    with Meter({"web": parts_of(system.supervisor)["web"]}) as meter:
        connected = time.time() + viewers / BATCH * BATCH_SECONDS
        while time.time() < connected:
            beside.all()
        at_first, beside.seconds = beside.seconds, {}
        while time.time() < until:
            beside.all()
    seen = results.get()
    child.join()
    assert meter.usage is not None
    web = meter.usage.parts["web"]
    report = [
        f"{viewers:,} viewers of {JOBS} jobs in {seconds:.0f} s; the web server took {web.cpu_seconds:.1f} s of CPU, "
        f"and {web.peak_mb:.0f} MB a process at most",
        figures("from a status to its event", seen.delays),
        *(figures(f"{name}, before", found) for name, found in before.items()),
        *(figures(f"{name}, while they connect", found) for name, found in at_first.items()),
        *(figures(f"{name}, then", found) for name, found in beside.seconds.items()),
        f"calls that waited: {seen.answered:,}; streams that ended: {len(seen.ends):,}; faults: {len(seen.faults)}",
    ]
    print("\n".join(report))
    if seen.faults:
        print(f"the first fault: {seen.faults[0]}")
    return 1 if seen.faults or set(seen.ends) - {"imported"} else 0


def person(system: System, firm: str, number: int) -> str:
    """The token of one of many people of a firm: each may follow so many jobs."""
    claims = {"sub": f"person{number}", "firm": firm, "role": "owner", "exp": int(time.time()) + 3600}
    return jwt.encode(claims, system.supervisor.state.secret(), algorithm="HS256")


def main() -> int:
    """Start a system, measure, and stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    more_files()
    try:
        with tempfile.TemporaryDirectory(prefix="carryover-viewers-") as folder:
            say("starting RabbitMQ, MongoDB, a mail catcher and the services …")
            with running(Path(folder) / "system") as system:
                return measure(system, Path(folder), options.viewers, options.seconds)
    except (BenchError, PackageError, ServerError) as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
