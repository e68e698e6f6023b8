"""A server of a few lines that both clients are tested against: it answers each request with the next of a list."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from carryover_client import AsyncClient, Client

Answer = int | tuple[int, Any] | tuple[int, Any, dict[str, str]] | Exception | bytes


class Server:
    """Gives the answers in their order, the last one for all further requests, and keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request whose body is read."""
        self.requests.append(request)
        self.bodies.append(request.content)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        status, body, headers = (*((answer,) if isinstance(answer, int) else answer), None, None)[:3]
        return httpx.Response(status, json=body, headers=headers or {})

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [f"{one.method} {one.url.path.removeprefix('/api/v1')}" for one in self.requests]


class Blocking:
    """Calls methods of an `AsyncClient` as if it were a `Client`, so that one test is for both."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method that runs the coroutine, or gathers what is iterated."""
        method = getattr(self.client, name)

        def call(*args: Any, **named: Any) -> Any:
            given = method(*args, **named)
            return asyncio.run(_all(given)) if isinstance(given, AsyncIterator) else asyncio.run(given)

        return call if inspect.ismethod(method) else method


async def _all(each: AsyncIterator[Any]) -> list[Any]:
    return [one async for one in each]


def client_of(kind: str, server: Server, token: Any = "a-token", firm: str | None = None) -> Any:
    """A client of the server: `blocking` or `asyncio`."""
    transport = httpx.MockTransport(server)
    if kind == "blocking":
        return Client("http://carryover.example", token, firm, transport=transport)
    return Blocking(AsyncClient("http://carryover.example", token, firm, transport=transport))


def events(*moments: dict[str, Any]) -> bytes:
    """A stream of Server-Sent Events."""
    return b"".join(f"event: job\ndata: {json.dumps(one)}\n\n:\n\n".encode() for one in moments)


def event(identity: str, name: str, content: dict[str, Any]) -> bytes:
    """One event of a stream, with its id."""
    return f"id: {identity}\nevent: {name}\ndata: {json.dumps(content)}\n\n".encode()


def job(status: str, revision: int = 0, before: Iterator[str] | tuple[str, ...] = (), **more: Any) -> Any:
    """A job at a status, after others of the same revision."""
    lines = [*before, status]
    return {
        "id": "j1",
        "status": status,
        "revision": revision,
        "waiting_for": None,
        "edits": {},
        "reason": None,
        "hold": None,
        "history": [{"status": one, "revision": revision, "at": "", "by": ""} for one in lines],
        **more,
    }
