"""Asks for imports over RabbitMQ: `Requester` for threads, `AsyncRequester` for asyncio."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import TimeoutError as NoAnswer
from typing import Self

from carryover_client.answers import Job
from carryover_client.errors import CarryoverError, TimedOut
from carryover_client.http import AsyncClient, Client, Token
from carryover_client.link import Asked, Link
from carryover_client.listed import (
    Listed,
    about_of,
    asked_of,
    file_name,
    file_of,
    job_of,
    request_of,
    settled,
)
from carryover_client.operations import Options, new_key
from carryover_client.sent_file import OnSent

TIMEOUT = 60.0
TOO_LARGE = (
    "The list is too large for a message of 8 MiB. Give `api`, a client of the HTTP API, to upload it."
)


class Requester:
    """Asks for imports over RabbitMQ, and gives their jobs.

    `url` is the broker's, such as `amqp://requester:…@broker.example/`. `token` is a JWT of the platform, or a
    function that gives one. `firm` is the firm whose list it is. `api` is a `Client`, for lists that are too large for
    a message.
    Several threads may ask at once: they share one connection, which is made at the first request.

    >>> with Requester(broker_url, token, firm) as requester:
    ...     job = requester.enqueue([{"Client": "Cedar NV", "E-mail": "ann@cedar.example"}], {"autostart": True})
    >>> job["status"]
    'uploaded'
    """

    def __init__(self, url: str, token: Token, firm: str, *, api: Client | None = None) -> None:
        self._token = token
        self._firm = firm
        self._api = api
        self._links = _Links(url)

    def __enter__(self) -> Self:
        """Use it in a `with`, which closes its connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; requests that are not answered yet fail."""
        self._links.close()

    def enqueue(
        self,
        clients: Listed,
        options: Options | None = None,
        *,
        name: str | None = None,
        key: str | None = None,
        requested_by: str | None = None,
        timeout: float = TIMEOUT,
        on_progress: OnSent | None = None,
    ) -> Job:
        """Ask for an import, and give its job when the answer has come.

        `clients` are rows (each `{header: value}`; dates and decimals are sent as texts), the path of a file, or its
        bytes. `options` are those of
        `POST /jobs`. `key` makes it safe to ask again: the same key and list give the same job; one is made where none
        is given. `requested_by` is the person for whom a service asks. `timeout` is in seconds. Where the connection
        breaks before the answer, it is made anew, and the request is sent again with its key.

        Raises `CarryoverProblem` for a refusal, `TimedOut` (its `key` is for the next try), `NotTaken`, `Unreachable`.
        """
        key = key or new_key()
        clients = settled(clients)
        about = about_of(self._firm, key, options, requested_by)
        asked = asked_of(clients, name, about, self._token)
        if asked is None:
            if self._api is None:
                raise CarryoverError(TOO_LARGE)
            kept = self._api.keep(file_of(clients), name=file_name(clients, name), on_progress=on_progress)
            asked = request_of({**about, "claim": kept["claim"]}, self._token)
        link = self._links.ask(asked)
        try:
            return job_of(asked.answer.result(timeout))
        except NoAnswer:
            raise self._links.too_late(link, asked, key, timeout) from None


class AsyncRequester:
    """The same for programs with asyncio; `api` is an `AsyncClient`.

    >>> async def main():
    ...     async with AsyncRequester(broker_url, token, firm) as requester:
    ...         return await asyncio.gather(*(requester.enqueue(rows, {"autostart": True}) for rows in lists))
    >>> [job["status"] for job in asyncio.run(main())]
    ['uploaded', 'uploaded']
    """

    def __init__(self, url: str, token: Token, firm: str, *, api: AsyncClient | None = None) -> None:
        self._token = token
        self._firm = firm
        self._api = api
        self._links = _Links(url)

    async def __aenter__(self) -> Self:
        """Use it in an `async with`, which closes its connection."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        await asyncio.to_thread(self._links.close)

    async def enqueue(
        self,
        clients: Listed,
        options: Options | None = None,
        *,
        name: str | None = None,
        key: str | None = None,
        requested_by: str | None = None,
        timeout: float = TIMEOUT,
        on_progress: OnSent | None = None,
    ) -> Job:
        """Ask for an import; see `Requester.enqueue`."""
        key = key or new_key()
        clients = settled(clients)
        about = about_of(self._firm, key, options, requested_by)
        asked = await asyncio.to_thread(asked_of, clients, name, about, self._token)
        if asked is None:
            if self._api is None:
                raise CarryoverError(TOO_LARGE)
            file = await asyncio.to_thread(file_of, clients)
            kept = await self._api.keep(file, name=file_name(clients, name), on_progress=on_progress)
            asked = request_of({**about, "claim": kept["claim"]}, self._token)
        link = self._links.ask(asked)
        try:
            return job_of(await asyncio.wait_for(asyncio.wrap_future(asked.answer), timeout))
        except TimeoutError:
            raise self._links.too_late(link, asked, key, timeout) from None
        except asyncio.CancelledError:
            link.forget(asked)
            raise


class _Links:
    """The present link of a requester; one that seems to be stuck is replaced."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._closed = False

    def ask(self, asked: Asked) -> Link:
        """Send a request; gives the link that sends it."""
        with self._lock:
            if self._closed:
                raise CarryoverError("The requester is closed.")
            self._link = self._link or Link(self.url)
            self._link.ask(asked)
            return self._link

    def too_late(self, link: Link, asked: Asked, key: str, timeout: float) -> TimedOut:
        """Forget a request that was not answered in time; gives the error."""
        link.forget(asked)
        asked.answer.cancel()
        if asked.confirmed:
            return TimedOut(f"No answer within {timeout:g} seconds; the broker has the request.", key)
        with self._lock:
            if self._link is link:
                self._link = link.replaced()
            elif self._link is not None:
                self._link.forget(asked)
        return TimedOut(f"The broker did not take it within {timeout:g} seconds ({link.fault}).", key)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            link, self._link, self._closed = self._link, None, True
        if link is not None:
            link.end()
            link.join(5.0)
