"""Tests posting webhooks: signatures that the library of Standard Webhooks checks, and addresses that misbehave."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from services.notifier.webhooks import posting
from services.notifier.webhooks.posting import Posted, Poster
from services.notifier.webhooks.sending import _pause
from services.notifier.webhooks.signing import signed_headers
from shared.contract.webhooks import LONGEST_PAUSE, PAUSES
from shared.plumbing.webhook_store import new_secret

HERE = (ip_network("127.0.0.0/8"),)
BODY = json.dumps({"type": "job.imported", "data": {"name": "Café “Ω”"}}, ensure_ascii=False)

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def test_each_secret_that_counts_signs_and_no_other() -> None:
    now = datetime.now(UTC)
    newest, before, ended = new_secret(), new_secret(), new_secret()
    before["ends_at"], ended["ends_at"] = now + timedelta(hours=1), now - timedelta(seconds=1)
    headers = signed_headers([newest, before, ended], "event.1", BODY, now)
    for known in (newest, before):
        assert Receiver(known["secret"]).verify(BODY, headers)["type"] == "job.imported"
    with pytest.raises(WebhookVerificationError):
        Receiver(ended["secret"]).verify(BODY, headers)


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp"])
def test_nothing_that_is_signed_can_be_changed(change: str) -> None:
    secret = new_secret()
    headers = signed_headers([secret], "event.1", BODY, datetime.now(UTC))
    body = BODY + " " if change == "body" else BODY
    later = {"webhook-id": "event.2", "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}
    with pytest.raises(WebhookVerificationError):
        Receiver(secret["secret"]).verify(
            body, {**headers, **{k: v for k, v in later.items() if k == change}}
        )


@asynccontextmanager
async def address(answering: Answering) -> AsyncIterator[str]:
    """A server on this machine that answers each connection in a way of its own; gives its URL."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answering(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the poster went away, as it may
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a b?c=d&é=1"


def posted(answering: Answering, seconds: float = 5.0) -> Posted:
    async def run() -> Posted:
        async with address(answering) as url:
            return await Poster(HERE).post(url, {"webhook-id": "1"}, BODY, seconds)

    return asyncio.run(run())


async def _head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def _says(*pieces: bytes, pause: float = 0.0, end: bool = True) -> Answering:
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if end:
            writer.close()
        else:
            await reader.read()

    return answering


async def _silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()
    await reader.read()


async def _closes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_takes_the_event(status: int) -> None:
    came = posted(_says(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status))
    assert (came.status, came.error, came.taken) == (status, None, True)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503])
def test_anything_else_does_not_and_a_redirect_is_not_followed(status: int) -> None:
    came = posted(
        _says(b"HTTP/1.1 %d X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n" % status)
    )
    assert (came.status, came.error, came.taken) == (status, None, False)


ENDLESS = _says(*[b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 65536] * 200], end=False)


def test_a_body_without_end_is_not_read() -> None:
    assert posted(ENDLESS, 2.0).taken


@pytest.mark.parametrize(
    ("answering", "error"),
    [
        (_silent, "timeout"),
        (_says(b"HTTP/1.1 200 OK\r\n", end=False), "timeout"),
        (_says(*[b"X"] * 100, pause=0.05, end=False), "timeout"),
        (_says(b"HTTP/1.1 200 OK\r\n", *[b"A: b\r\n"] * 100, pause=0.05, end=False), "timeout"),
        (_closes, "broken_answer"),
        (_says(b"SSH-2.0-OpenSSH\r\n\r\n"), "broken_answer"),
        (_says(b"\x16\x03\x01\x02\x00\x01\x00"), "broken_answer"),
        (_says(b"HTTP/1.1 200 OK\r\n" + b"A: " + b"b" * 300_000 + b"\r\n\r\n"), "broken_answer"),
    ],
    ids=["silent", "half a head", "drips", "drips headers", "closes", "ssh", "tls", "huge header"],
)
def test_an_address_that_misbehaves_ends_in_time_with_a_reason(answering: Answering, error: str) -> None:
    came = posted(answering, 1.0)
    assert (came.status, came.error, came.taken) == (None, error, False)
    assert came.ms < 4_000


def test_nobody_there_is_unreachable() -> None:
    assert asyncio.run(Poster(HERE).post("http://127.0.0.1:9/", {}, BODY)).error == "unreachable"


async def _plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(5)
    writer.write(b"HTTP/1.1 400 X\r\n\r\n")
    await writer.drain()


def test_a_plain_server_behind_https_has_no_certificate() -> None:
    async def run() -> Posted:
        async with address(_plain) as url:
            return await Poster(HERE).post(url.replace("http:", "https:"), {}, BODY, 3.0)

    assert asyncio.run(run()).error == "certificate"


def test_the_request_has_the_path_the_body_and_the_headers() -> None:
    seen: list[bytes] = []

    async def keeps(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _head(reader)
        length = int(
            next(line.split(b":")[1] for line in head.lower().split(b"\r\n") if b"content-length" in line)
        )
        seen.extend([head, await reader.readexactly(length)])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    assert posted(keeps).taken
    head, body = seen
    assert head.startswith(b"POST /a%20b?c=d&%C3%A9=1 HTTP/1.1\r\n")
    assert b"application/json" in head
    assert b"webhook-id: 1" in head.lower()
    assert body.decode() == BODY


def test_a_name_that_changes_its_address_after_it_was_saved_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def run() -> Posted:
        loop = asyncio.get_running_loop()

        async def rebound(host: str, port: int, **_: Any) -> Any:
            asked.append(host)
            return [(2, 1, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(loop, "getaddrinfo", rebound)
        return await Poster(()).post("https://rebinding.example/", {}, BODY)

    assert asyncio.run(run()).error == "private_address"
    assert asked == ["rebinding.example"], "looked up once"


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> Posted:
        loop = asyncio.get_running_loop()
        async with address(_says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as url:
            port = int(url.split(":")[2].split("/")[0])

            async def first_time_only(host: str, port: int, **_: Any) -> Any:
                monkeypatch.setattr(loop, "getaddrinfo", None)  # a second look would fail
                return [(2, 1, 6, "", ("127.0.0.1", port))]

            monkeypatch.setattr(loop, "getaddrinfo", first_time_only)
            return await Poster(HERE).post(f"http://once.example:{port}/", {}, BODY)

    assert asyncio.run(run()).taken


@pytest.mark.parametrize(
    ("given", "pause"),
    [(b"120", 120.0), (b"Wed, 21 Oct 2026 07:28:00 GMT", None), (b"-1", None), (b"1e9", None)],
)
def test_retry_after_is_read_in_seconds(given: bytes, pause: float | None) -> None:
    came = posted(_says(b"HTTP/1.1 429 X\r\nRetry-After: " + given + b"\r\nContent-Length: 0\r\n\r\n"))
    assert came.pause == pause


def test_repetitions_take_a_day_and_a_receiver_may_ask_for_an_hour_at_most() -> None:
    random.seed(1)
    assert abs(sum(PAUSES) - 24 * 3600) <= 3600
    assert [round(_pause(left, None) / PAUSES[-left]) for left in range(len(PAUSES), 0, -1)] == [1] * len(
        PAUSES
    )
    assert _pause(len(PAUSES), 1e6) == LONGEST_PAUSE
    assert posting.SECONDS < 30
