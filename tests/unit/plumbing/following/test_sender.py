"""Tests the connections of followers: what is sent, who is closed and when; with real sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from shared.plumbing.following import sender as senders
from shared.plumbing.following.followers import DelayedAnswer, EventStream
from shared.plumbing.following.sender import Sender
from tests.system import eventually
from tests.unit.plumbing.following.making import WAY, Nobody, picture, read_events

LIMIT = 5.0
PERSON = ("north", "an")
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@pytest.fixture
def sender() -> Iterator[Sender]:
    """One that is stopped at the end."""
    made = Sender()
    yield made
    made.stop()
    made.join()


def start() -> object:
    return picture(*WAY[:1], owed="importer")


def viewed(sender: Sender, hub: Nobody, last_id: str = "") -> tuple[EventStream, socket.socket]:
    """A stream, and the socket of its viewer."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(LIMIT)
    follower = EventStream(hub, start(), PERSON, last_id)
    sender.take(ours, follower, HEAD + b"\r\n")
    return follower, theirs


def joins_in_time(sender: Sender) -> None:
    """Wait until the thread of a sender that was stopped has ended."""
    threading.Thread(target=sender.join, daemon=True).start()
    eventually(lambda: not sender._thread.is_alive(), LIMIT, "the sender has ended")


def everything(sock: socket.socket) -> bytes:
    """All that comes until the end."""
    text = b""
    with sock:
        while part := sock.recv(65536):
            text += part
    return text


def delayed(sender: Sender, hub: Nobody, seconds: float = 30.0) -> tuple[DelayedAnswer, socket.socket]:
    """An answer that waits, and the socket of its viewer."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(LIMIT)
    follower = DelayedAnswer(hub, start(), PERSON, "en", None, seconds)
    sender.take(ours, follower, HEAD)
    return follower, theirs


def test_a_stream_comes_with_its_head_and_ends_with_the_job(sender: Sender) -> None:
    hub = Nobody()
    viewers = [viewed(sender, hub) for _ in range(60)]
    eventually(lambda: len(hub.followers) == 60, LIMIT, "all are entered")
    for follower, _sock in viewers:
        follower.show(picture(*WAY))
    for _follower, sock in viewers:
        head, _, text = everything(sock).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert b"ength" not in head
        assert [content["status"] for _, _, content in read_events(text)] == [*WAY, "imported"]
    eventually(lambda: not hub.followers, LIMIT, "all have left")


def test_a_delayed_answer_comes_whole_with_its_length_and_nothing_before_it(sender: Sender) -> None:
    follower, sock = delayed(sender, Nobody())
    sock.settimeout(0.05)
    with pytest.raises(TimeoutError):
        sock.recv(1)
    sock.settimeout(LIMIT)
    follower.show(picture(*WAY))
    head, _, body = everything(sock).partition(b"\r\n\r\n")
    assert json.loads(body)["status"] == "imported"
    assert f"Content-Length: {len(body)}".encode() in head


def test_a_delayed_answer_comes_when_its_time_is_over(sender: Sender) -> None:
    follower, sock = delayed(sender, Nobody(), 0.2)
    assert b'"uploaded"' in everything(sock)
    assert time.monotonic() >= follower.ends_at


@pytest.mark.parametrize("way", ["close", "reset", "shutdown"])
def test_a_viewer_that_leaves_is_noticed_though_nothing_is_sent(sender: Sender, way: str) -> None:
    hub = Nobody()
    _follower, sock = viewed(sender, hub)
    eventually(lambda: hub.followers, LIMIT, "entered")
    if way == "reset":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if way == "shutdown":
        sock.shutdown(socket.SHUT_WR)
    else:
        sock.close()
    eventually(lambda: not hub.followers, LIMIT, "left")
    sock.close()


def test_what_a_viewer_still_sends_is_dropped(sender: Sender) -> None:
    follower, sock = viewed(sender, Nobody())
    for _ in range(50):
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n" * 100)
    follower.show(picture(*WAY))
    assert b'"imported"' in everything(sock)


def test_a_silent_stream_has_a_beat(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "BEAT_SECONDS", 0.05)
    _follower, sock = viewed(sender, Nobody())
    text = b""
    while text.count(b"\n\n:\n\n:\n\n") < 1:
        text += sock.recv(65536)
    sock.close()


def test_a_viewer_that_never_reads_is_closed_and_delays_nobody(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "STALLED_SECONDS", 0.3)
    monkeypatch.setattr(senders, "BEAT_SECONDS", 0.1)
    hub = Nobody()
    (lazy, lazy_sock), (busy, busy_sock) = viewed(sender, hub), viewed(sender, hub)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(everything(busy_sock)))
    reader.start()
    for n in range(400):
        for one in (lazy, busy):
            one.show(picture(*WAY[:6], done=n % 30, owed="importer"))
        time.sleep(0.0005)
    busy.show(picture(*WAY))
    reader.join(LIMIT)
    assert read_events(got[0].partition(b"\r\n\r\n")[2])[-1][2]["status"] == "imported"
    eventually(lambda: lazy not in hub.followers, LIMIT, "the lazy one is closed")
    lazy_sock.close()


def test_a_stop_ends_all_at_once_each_with_its_last_words(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "STOP_SECONDS", 20 * LIMIT)  # the time that a stop has ends nobody here
    hub = Nobody()
    streams, answers = [viewed(sender, hub) for _ in range(5)], [delayed(sender, hub) for _ in range(5)]
    eventually(lambda: len(hub.followers) == 10, LIMIT, "all are entered")
    sender.stop()
    for _follower, sock in streams:
        assert [name for _, name, _ in read_events(everything(sock).partition(b"\r\n\r\n")[2])] == ["job"]
    for follower, sock in answers:
        assert everything(sock).endswith(follower.last_words())
    late, sock = delayed(sender, hub)  # its request was under way
    assert everything(sock).endswith(late.last_words())
    joins_in_time(sender)


def test_a_stop_waits_for_a_viewer_that_never_reads_no_longer_than_its_limit(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "STOP_SECONDS", 0.2)
    lazy, sock = viewed(sender, Nobody())
    for n in range(120):
        lazy.show(picture(*WAY[:6], done=n % 30, owed="importer"))
    time.sleep(0.05)
    sender.stop()
    joins_in_time(sender)
    sock.close()


def test_a_socket_that_is_gone_before_it_is_taken_does_no_harm(sender: Sender) -> None:
    hub = Nobody()
    ours, theirs = socket.socketpair()
    ours.close()
    sender.take(ours, EventStream(hub, start(), PERSON, ""), HEAD + b"\r\n")
    follower, sock = viewed(sender, hub)
    follower.show(picture(*WAY))
    assert b'"imported"' in everything(sock)
    theirs.close()
