"""Clients of the HTTP API: `Client` for threads, `AsyncClient` for asyncio, with the same methods.

Both run the steps of `operations.py`; they differ in how a request is sent and how a pause is made.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from typing import IO, Self, TypeAlias, TypedDict, TypeVar

import httpx

from carryover_client import operations
from carryover_client.answers import Job, KeptFile, Record, Records, Report, Result
from carryover_client.calls import Call, Cut, Pause, Reply, Steps
from carryover_client.errors import CarryoverError
from carryover_client.operations import OnMoment, Options, Row, new_key
from carryover_client.parts import OnClaim
from carryover_client.sent_file import File, OnSent, opened
from carryover_client.sent_rows import sent_rows

Given = TypeVar("Given")
#: A token (JWT) of the platform, or what gives the present one, for tokens that end soon.
Token: TypeAlias = "str | Callable[[], str]"
#: Seconds for a connection, and between two parts of an answer. Uploads of any size may take longer in all.
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
API = "/api/v1"


class _Request(TypedDict):
    """The arguments of an httpx request."""

    method: str
    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    json: object
    data: Mapping[str, str] | None
    files: object
    content: bytes | None
    timeout: httpx.Timeout


class _Requests:
    """Turns calls into requests: address, token, firm."""

    def __init__(self, url: str, token: Token, firm: str | None, timeout: httpx.Timeout) -> None:
        self.timeout = timeout
        base = url.rstrip("/")
        self.api = base if base.endswith(API) else base + API
        self.token = token
        self.firm = firm

    def of(self, call: Call) -> _Request:
        """The request of a call; the token is asked for anew for each."""
        bearer = self.token if isinstance(self.token, str) else self.token()
        headers = {"Authorization": f"Bearer {bearer.strip()}", **call.headers}
        if self.firm:
            headers["X-Firm-Id"] = self.firm
        return {
            "method": call.method,
            "url": self.api + call.path,
            "params": call.query,
            "headers": headers,
            "json": call.body,
            "data": call.form or None,
            "files": {"file": (call.file.name, call.file)} if call.file else None,
            "content": call.content,
            "timeout": self._timeout(call),
        }

    def _timeout(self, call: Call) -> httpx.Timeout:
        usual = self.timeout
        if call.patience is None:
            return usual
        read = call.patience if usual.read is None else min(call.patience, usual.read)
        return httpx.Timeout(connect=usual.connect, read=read, write=usual.write, pool=usual.pool)


class Client:
    """Imports over HTTP, for programs with threads.

    `url` is where Carryover answers, such as `https://carryover.example`. `token` is a JWT of the platform, or a
    function that gives one. `firm` names the firm that a service acts for; a person's token has it.

    Every method raises `CarryoverProblem` where the request is refused, and `Unreachable` where the server is away for
    longer than some 20 seconds; until then it tries again. A client may be used by several threads.

    >>> with Client(url, token) as client:
    ...     job = client.upload("clients.csv", {"autostart": True})
    ...     done = client.wait(job["id"], until="imported", timeout=60)
    >>> done["source"]["rows"]
    2
    """

    def __init__(
        self,
        url: str,
        token: Token,
        firm: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._requests = _Requests(url, token, firm, timeout)
        self._http = httpx.Client(transport=transport, timeout=timeout)

    def __enter__(self) -> Self:
        """Use it in a `with`, which closes its connections."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def upload(
        self,
        file: File,
        options: Options | None = None,
        *,
        name: str | None = None,
        on_progress: OnSent | None = None,
        idempotency_key: str | None = None,
        resume: str | None = None,
        on_claim: OnClaim | None = None,
    ) -> Job:
        """Upload a client list and give its job.

        `file` is a path, bytes, or a file that is open in binary mode; it is streamed. `options` are those of
        `POST /jobs`, such as `{"autostart": True, "max_invalid": {"rows": 5}}`. `on_progress` is called with the
        bytes sent and the bytes in all. The key is made once for all tries, so that a lost answer makes no second
        job; give your own where your program may begin anew. After a cut a file of more than 8 MiB goes on where it
        ended, a smaller one is sent again. `on_claim` is called with the claim of such a large upload when it begins:
        with `resume=claim` another process goes on with the same file, within a day.
        """
        with opened(file, name, on_progress) as sent:
            return self._run(operations.upload(sent, options or {}, idempotency_key, resume, on_claim))

    def send_rows(
        self,
        rows: Iterable[Row],
        options: Options | None = None,
        *,
        name: str = "rows.csv",
        idempotency_key: str | None = None,
    ) -> Job:
        """Send rows, each `{header: value}`, and give their job; at most 4 MB, larger lists go as files."""
        return self._run(
            operations.send_rows(sent_rows(rows), options or {}, idempotency_key or new_key(), name)
        )

    def keep(self, file: File, *, name: str | None = None, on_progress: OnSent | None = None) -> KeptFile:
        """Upload a file for a request over RabbitMQ, which names its `claim` within a day."""
        with opened(file, name, on_progress) as sent:
            return self._run(operations.keep(sent))

    def job(self, job_id: str) -> Job:
        """The job now."""
        return self._run(operations.job(job_id))

    def jobs(self) -> Iterator[Job]:
        """The firm's imports, newest first."""
        cursor: str | None = None
        while True:
            page, cursor = self._run(operations.jobs(cursor, operations.PAGE))
            yield from page
            if cursor is None:
                return

    def wait(
        self,
        job_id: str,
        until: str | Collection[str] = (),
        timeout: float | None = None,
        on_moment: OnMoment | None = None,
    ) -> Job:
        """Follow a job until it has a status of `until`, and give it.

        Without `until`: until it has ended or waits for a person. `timeout` is in seconds. `on_moment` is
        called with status, progress and numbers as they change, some three times a second at most. Raises
        `JobStopped` where the job ends at another status or waits for a person, and `TimedOut`.
        """
        return self._run(operations.wait(job_id, statuses(until), timeout, on_moment))

    def confirm_mapping(self, job_id: str) -> Job:
        """Confirm mapping and settings as they are now: the rows are checked next."""
        return self._run(operations.confirm_mapping(job_id))

    def report(self, job_id: str) -> Report:
        """What a checked job will do."""
        return self._run(operations.report(job_id))

    def start(self, job_id: str) -> Job:
        """Start loading a checked job."""
        return self._run(operations.start(job_id))

    def result(self, job_id: str) -> Result:
        """The numbers of an import; while it is loading, those so far."""
        return self._run(operations.result(job_id))

    def skipped(self, job_id: str, into: IO[bytes], *, workbook: bool = False) -> int:
        """Write the skipped rows with their reasons, a zipped CSV or a workbook; gives the size in bytes."""
        return self._run(operations.skipped(job_id, into, workbook))

    def cancel(self, job_id: str) -> Job:
        """Stop a job; what it has loaded stays, and is listed in its result."""
        return self._run(operations.cancel(job_id))

    def undo(self, job_id: str) -> Job:
        """Undo an import; follow it with `wait(job_id, until="undone")`."""
        return self._run(operations.undo(job_id))

    def clients(self, kind: Records = "accounts", **filters: str) -> Iterator[Record]:
        """The firm's accounts or contacts; `filters` are `name` (a part of it), `tag` and `job`."""
        cursor: str | None = None
        while True:
            page, cursor = self._run(operations.records(kind, cursor, filters))
            yield from page
            if cursor is None:
                return

    def template(self, name: str, into: IO[bytes], *, lang: str | None = None) -> int:
        """Write a template, such as `accounts.xlsx` or `contacts.csv`; gives its size in bytes."""
        return self._run(operations.template(name, into, lang))

    def _run(self, steps: Steps[Given]) -> Given:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    step = steps.send(None)
                    continue
                try:
                    reply = self._reply(step)
                except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
                    raise CarryoverError(
                        f"The request cannot be sent to {self._requests.api}: {error}"
                    ) from error
                except httpx.TransportError as error:
                    step = steps.throw(Cut(_words(error)))
                else:
                    step = steps.send(reply)
        except StopIteration as end:
            given: Given = end.value
            return given

    def _reply(self, call: Call) -> Reply:
        request = self._requests.of(call)
        with self._http.stream(**request) as answer:  # type: ignore[arg-type]
            if call.sink is None or not answer.is_success:
                return Reply(answer.status_code, answer.headers, answer.read())
            call.sink.begin()
            for part in answer.iter_bytes():
                if call.sink.take(part):
                    break
            return Reply(answer.status_code, answer.headers)


class AsyncClient:
    """The same for programs with asyncio; see `Client` for what the methods do.

    A file is read in the thread of the loop, 64 kB at a time.

    >>> async def main():
    ...     async with AsyncClient(url, token) as client:
    ...         job = await client.upload("clients.csv", {"autostart": True})
    ...         return await client.wait(job["id"], until="imported", timeout=60)
    >>> asyncio.run(main())["status"]
    'imported'
    """

    def __init__(
        self,
        url: str,
        token: Token,
        firm: str | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._requests = _Requests(url, token, firm, timeout)
        self._http = httpx.AsyncClient(transport=transport, timeout=timeout)

    async def __aenter__(self) -> Self:
        """Use it in an `async with`, which closes its connections."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def upload(
        self,
        file: File,
        options: Options | None = None,
        *,
        name: str | None = None,
        on_progress: OnSent | None = None,
        idempotency_key: str | None = None,
        resume: str | None = None,
        on_claim: OnClaim | None = None,
    ) -> Job:
        """Upload a client list and give its job."""
        with opened(file, name, on_progress) as sent:
            return await self._run(operations.upload(sent, options or {}, idempotency_key, resume, on_claim))

    async def send_rows(
        self,
        rows: Iterable[Row],
        options: Options | None = None,
        *,
        name: str = "rows.csv",
        idempotency_key: str | None = None,
    ) -> Job:
        """Send rows and give their job."""
        return await self._run(
            operations.send_rows(sent_rows(rows), options or {}, idempotency_key or new_key(), name)
        )

    async def keep(
        self, file: File, *, name: str | None = None, on_progress: OnSent | None = None
    ) -> KeptFile:
        """Upload a file for a request over RabbitMQ."""
        with opened(file, name, on_progress) as sent:
            return await self._run(operations.keep(sent))

    async def job(self, job_id: str) -> Job:
        """The job now."""
        return await self._run(operations.job(job_id))

    async def jobs(self) -> AsyncIterator[Job]:
        """The firm's imports, newest first."""
        cursor: str | None = None
        while True:
            page, cursor = await self._run(operations.jobs(cursor, operations.PAGE))
            for one in page:
                yield one
            if cursor is None:
                return

    async def wait(
        self,
        job_id: str,
        until: str | Collection[str] = (),
        timeout: float | None = None,
        on_moment: OnMoment | None = None,
    ) -> Job:
        """Follow a job until it has a status of `until`, and give it."""
        return await self._run(operations.wait(job_id, statuses(until), timeout, on_moment))

    async def confirm_mapping(self, job_id: str) -> Job:
        """Confirm mapping and settings as they are now."""
        return await self._run(operations.confirm_mapping(job_id))

    async def report(self, job_id: str) -> Report:
        """What a checked job will do."""
        return await self._run(operations.report(job_id))

    async def start(self, job_id: str) -> Job:
        """Start loading a checked job."""
        return await self._run(operations.start(job_id))

    async def result(self, job_id: str) -> Result:
        """The numbers of an import."""
        return await self._run(operations.result(job_id))

    async def skipped(self, job_id: str, into: IO[bytes], *, workbook: bool = False) -> int:
        """Write the skipped rows with their reasons."""
        return await self._run(operations.skipped(job_id, into, workbook))

    async def cancel(self, job_id: str) -> Job:
        """Stop a job."""
        return await self._run(operations.cancel(job_id))

    async def undo(self, job_id: str) -> Job:
        """Undo an import."""
        return await self._run(operations.undo(job_id))

    async def clients(self, kind: Records = "accounts", **filters: str) -> AsyncIterator[Record]:
        """The firm's accounts or contacts."""
        cursor: str | None = None
        while True:
            page, cursor = await self._run(operations.records(kind, cursor, filters))
            for one in page:
                yield one
            if cursor is None:
                return

    async def template(self, name: str, into: IO[bytes], *, lang: str | None = None) -> int:
        """Write a template."""
        return await self._run(operations.template(name, into, lang))

    async def _run(self, steps: Steps[Given]) -> Given:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    step = steps.send(None)
                    continue
                try:
                    reply = await self._reply(step)
                except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
                    raise CarryoverError(
                        f"The request cannot be sent to {self._requests.api}: {error}"
                    ) from error
                except httpx.TransportError as error:
                    step = steps.throw(Cut(_words(error)))
                else:
                    step = steps.send(reply)
        except StopIteration as end:
            given: Given = end.value
            return given

    async def _reply(self, call: Call) -> Reply:
        request = self._requests.of(call)
        async with self._http.stream(**request) as answer:  # type: ignore[arg-type]
            if call.sink is None or not answer.is_success:
                return Reply(answer.status_code, answer.headers, await answer.aread())
            call.sink.begin()
            async for part in answer.aiter_bytes():
                if call.sink.take(part):
                    break
            return Reply(answer.status_code, answer.headers)


def statuses(until: str | Collection[str]) -> frozenset[str]:
    """One status or several as a set."""
    return frozenset({until} if isinstance(until, str) else until)


def _words(error: httpx.TransportError) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
