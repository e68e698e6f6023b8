"""Tests the clients of the HTTP API, blocking and asyncio alike: tries, errors, uploads, following, downloads."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

import carryover_client as package
from carryover_client import calls, operations
from carryover_client.errors import problem_of
from tests.unit.client.server import Blocking, Server, client_of, event, events, job

BOTH = pytest.mark.parametrize("kind", ["blocking", "asyncio"])
CUTS = [
    httpx.ConnectError("refused"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("closed"),
    httpx.WriteError("pipe"),
    httpx.ReadTimeout("slow"),
]
PASSING = [429, 502, 503, 504]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Makes pauses short, and keeps how long they would have been."""
    kept: list[float] = []
    real = calls.Pause

    def pause(seconds: float) -> calls.Pause:
        kept.append(seconds)
        return real(0.0)

    for module in (calls, operations):
        monkeypatch.setattr(module, "Pause", pause)
    monkeypatch.setattr("carryover_client.http.Pause", real)
    return kept


def keys(server: Server) -> set[str]:
    return {one.headers["Idempotency-Key"] for one in server.requests}


@BOTH
@pytest.mark.parametrize("fault", [*CUTS, *PASSING], ids=repr)
@pytest.mark.parametrize("times", [1, 3, calls.TRIES - 1])
def test_an_upload_is_sent_again_whole_and_with_the_same_key(kind: str, fault: Any, times: int) -> None:
    server = Server(*[fault] * times, (202, job("uploaded")))
    assert client_of(kind, server).upload(b"Name\r\nAnn\r\n", {"autostart": True})["id"] == "j1"
    assert len(server.requests) == times + 1
    assert len(keys(server)) == 1
    assert all(b"Name\r\nAnn\r\n" in body and b'"autostart": true' in body for body in server.bodies)


@BOTH
@pytest.mark.parametrize("fault", CUTS, ids=repr)
def test_a_server_that_stays_away_is_unreachable(kind: str, fault: Exception) -> None:
    server = Server(fault)
    with pytest.raises(package.Unreachable, match="/jobs"):
        client_of(kind, server).upload(b"x")
    assert len(server.requests) == calls.TRIES


@BOTH
@pytest.mark.parametrize("status", PASSING)
def test_a_fault_that_stays_is_its_problem(kind: str, status: int) -> None:
    server = Server((status, {"code": "unavailable", "detail": "Later."}))
    with pytest.raises(package.CarryoverProblem) as refused:
        client_of(kind, server).job("j1")
    assert (refused.value.status, len(server.requests)) == (status, calls.TRIES)
    assert isinstance(refused.value, package.TooMany if status == 429 else package.ServerFault)


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [("7", 7, 7), ("3600", 60, 60), ("soon", 0.25, 0.5), ("", 0.25, 0.5), ("-5", 0.25, 0.5)],
)
def test_the_pause_is_what_the_server_asks_for(
    pauses: list[float], given: str, least: float, most: float
) -> None:
    server = Server((429, {}, {"Retry-After": given}), (200, job("read")))
    client_of("blocking", server).job("j1")
    assert least <= pauses[0] <= most


def test_pauses_grow_and_are_bounded() -> None:
    for attempt in range(1, 30):
        assert 0.25 <= calls.pause_after(attempt) <= calls.LONGEST_PAUSE
    assert calls.pause_after(29) >= calls.LONGEST_PAUSE / 2


CLASSES = {
    400: package.InvalidContent,
    401: package.NotAuthenticated,
    403: package.NotAllowed,
    404: package.NotFound,
    405: package.CarryoverProblem,
    409: package.WrongState,
    410: package.Purged,
    412: package.WrongState,
    413: package.TooLarge,
    415: package.UnsupportedFormat,
    418: package.CarryoverProblem,
    422: package.InvalidContent,
    500: package.ServerFault,
    501: package.ServerFault,
}


@BOTH
@pytest.mark.parametrize("status", CLASSES)
def test_a_refusal_is_an_error_with_its_code_and_places_and_is_not_sent_again(kind: str, status: int) -> None:
    document = {
        "code": "some_code",
        "title": "Short",
        "detail": "A sentence.",
        "status": status,
        "request_id": "r1",
        "errors": [
            {"place": "options.mode", "code": "invalid_content", "message": "Not one of them."},
            "odd",
        ],
    }
    server = Server((status, document))
    with pytest.raises(package.CarryoverProblem) as refused:
        client_of(kind, server).upload(b"x")
    problem = refused.value
    assert type(problem) is CLASSES[status]
    assert (problem.code, problem.status, problem.request_id) == ("some_code", status, "r1")
    assert problem.errors == [
        {"place": "options.mode", "code": "invalid_content", "message": "Not one of them."}
    ]
    assert str(problem) == "A sentence. [some_code]\n  options.mode: Not one of them."
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b"[1]", b"null", b'{"errors": 3}', b"\xff"]
)
def test_an_error_without_a_problem_document_has_a_code_too(body: bytes) -> None:
    reply = calls.Reply(500, {}, body)
    found = reply.document()
    problem = problem_of(found if isinstance(found, dict) else {}, 500)
    assert (problem.code, problem.status, str(problem)) == ("http_500", 500, "http_500 [http_500]")


def test_a_conflict_of_keys_has_a_class_of_its_own() -> None:
    problem = problem_of({"code": "idempotency_conflict", "status": 409})
    assert type(problem) is package.IdempotencyConflict


@BOTH
def test_token_and_firm_are_sent_and_the_token_is_asked_for_anew(kind: str) -> None:
    tokens = (f"token-{n}" for n in itertools.count())
    server = Server(503, (200, job("read")))
    client_of(kind, server, lambda: next(tokens), "cedar").job("j 1/ü")
    assert [one.headers["Authorization"] for one in server.requests] == ["Bearer token-0", "Bearer token-1"]
    assert {one.headers["X-Firm-Id"] for one in server.requests} == {"cedar"}
    assert server.requests[0].url.raw_path == b"/api/v1/jobs/j%201%2F%C3%BC"


class Pipe(io.RawIOBase):
    """A stream that can be read once."""

    def __init__(self, content: bytes) -> None:
        self.inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        return self.inner.readinto(into)


CONTENT = "Näme;Cïty\r\n".encode() + b"x;y\r\n" * 30_000


def sources(folder: Path) -> dict[str, tuple[Any, str]]:
    path = folder / "clients of 2026 – “new”.csv"
    path.write_bytes(CONTENT)
    moved: IO[bytes] = io.BytesIO(CONTENT)
    moved.seek(9)
    return {
        "text": (str(path), path.name),
        "path": (path, path.name),
        "bytes": (CONTENT, "clients.csv"),
        "bytearray": (bytearray(CONTENT), "clients.csv"),
        "read on": (moved, "clients.csv"),
        "open": (path.open("rb"), path.name),
        "pipe": (io.BufferedReader(Pipe(CONTENT)), "clients.csv"),
    }


@BOTH
@pytest.mark.parametrize("source", ["text", "path", "bytes", "bytearray", "read on", "open", "pipe"])
def test_a_file_of_any_kind_is_sent_whole_after_a_cut_too(kind: str, source: str, tmp_path: Path) -> None:
    every = sources(tmp_path)
    file, name = every[source]
    server = Server(httpx.WriteError("cut"), (202, job("uploaded")))
    seen: list[tuple[int, int]] = []
    client_of(kind, server).upload(file, on_progress=lambda sent, size: seen.append((sent, size)))
    every["open"][0].close()
    for body in server.bodies:
        assert CONTENT in body
        assert name.encode().replace(b'"', b"%22") in body
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert {size for _, size in seen} == {len(CONTENT)}


def test_a_file_in_text_mode_and_a_missing_one_are_refused_at_once(tmp_path: Path) -> None:
    client = client_of("blocking", Server(200))
    with pytest.raises(TypeError, match="binary"):
        client.upload(io.StringIO("x"))
    with pytest.raises(FileNotFoundError):
        client.upload(tmp_path / "missing.csv")


MOVES = {
    "start": ("confirm", "confirmed", "imported"),
    "undo": ("undo", "undoing", "undone"),
    "cancel": ("cancel", "cancelled", "cancelled"),
    "confirm_mapping": ("map", "mapped", "validated"),
}


@BOTH
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("fault", CUTS, ids=repr)
def test_a_move_whose_answer_was_lost_is_not_refused_the_second_time(
    kind: str, move: str, fault: Exception
) -> None:
    path, _, later = MOVES[move]
    wrong = (409, {"code": "wrong_state", "status": 409})
    server = Server(fault, wrong, (200, job(later)))
    assert getattr(client_of(kind, server), move)("j1")["status"] == later
    assert server.asked == [f"POST /jobs/j1/{path}"] * 2 + ["GET /jobs/j1"]


@BOTH
@pytest.mark.parametrize("move", MOVES)
def test_a_move_that_is_not_possible_is_refused(kind: str, move: str) -> None:
    server = Server((409, {"code": "wrong_state", "status": 409}), (200, job(MOVES[move][2])))
    with pytest.raises(package.WrongState):
        getattr(client_of(kind, server), move)("j1")


PERSON = {"who": "person", "what": "confirm", "since": ""}


@BOTH
def test_a_job_is_followed_to_its_status_with_its_progress(kind: str) -> None:
    moments = [job("uploaded"), job("mapped"), job("imported")]
    server = Server((200, job("uploaded")), events(*moments), (200, job("imported")))
    seen: list[str] = []
    done = client_of(kind, server).wait("j1", "imported", on_moment=lambda one: seen.append(one["status"]))
    assert (done["status"], seen) == ("imported", ["uploaded", "mapped", "imported"])


@BOTH
@pytest.mark.parametrize("until", ["imported", ["imported", "cancelled"], {"imported"}])
@pytest.mark.parametrize("ended", ["failed", "undone"])
def test_a_job_that_ends_elsewhere_is_an_error_that_says_why(kind: str, until: Any, ended: str) -> None:
    reason = {"code": "no_rows", "message": "The list has no rows."}
    server = Server((200, job(ended, reason=reason)))
    with pytest.raises(package.JobStopped, match=r"The list has no rows\.") as stopped:
        client_of(kind, server).wait("j1", until)
    assert stopped.value.job["status"] == ended


@BOTH
def test_a_job_that_waits_for_a_person_only_for_a_moment_is_followed_on(kind: str) -> None:
    server = Server(
        (200, job("proposed", waiting_for=PERSON)),
        events(job("proposed", waiting_for=PERSON), job("imported")),
        (200, job("imported", before=("proposed",))),
    )
    assert client_of(kind, server).wait("j1", "imported")["status"] == "imported"


@BOTH
def test_a_job_that_stays_with_a_person_is_settled(kind: str) -> None:
    waits = (200, job("validated", waiting_for=PERSON))
    server = Server(waits, events(job("validated", waiting_for=PERSON)), waits)
    assert client_of(kind, server).wait("j1")["status"] == "validated"
    with pytest.raises(package.JobStopped, match="a person has to act: confirm"):
        client_of(kind, Server(waits, events(job("validated")), waits)).wait("j1", "imported")


@BOTH
def test_a_status_that_has_passed_is_reached_but_not_one_of_an_earlier_revision(kind: str) -> None:
    passed = Server((200, job("confirmed", before=("validated",))))
    assert client_of(kind, passed).wait("j1", "validated")["status"] == "confirmed"
    earlier = job("undone", 3)
    earlier["history"].insert(0, {"status": "imported", "revision": 2, "at": "", "by": ""})
    with pytest.raises(package.JobStopped):
        client_of(kind, Server((200, earlier))).wait("j1", "imported")


@BOTH
@pytest.mark.parametrize("fault", [*CUTS, 502, 503], ids=repr)
def test_a_stream_that_breaks_is_followed_again(kind: str, fault: Any) -> None:
    server = Server(
        (200, job("read")), fault, (200, job("read")), events(job("imported")), (200, job("imported"))
    )
    assert client_of(kind, server).wait("j1", "imported")["status"] == "imported"


@BOTH
def test_waiting_ends_with_its_time_out(kind: str) -> None:
    server = Server((200, job("read")), events(job("read")), (200, job("read")))
    with pytest.raises(package.TimedOut, match="j1 is read"):
        client_of(kind, server).wait("j1", "imported", timeout=0)


@BOTH
def test_a_stream_that_breaks_goes_on_after_its_last_event(kind: str) -> None:
    first = b"retry: 9\n\n" + event("2.a", "job", job("read")) + event("3.status", "status", job("mapped"))
    second = event("4.status", "status", {"status": "validated"}) + event("5.b", "job", job("imported"))
    server = Server(
        (200, job("read", version="2.a")),
        first + b"id: 4.sta",
        (200, job("mapped")),
        second,
        (200, job("imported")),
    )
    seen: list[str] = []
    client_of(kind, server).wait("j1", "imported", on_moment=lambda one: seen.append(one["status"]))
    assert seen == ["read", "mapped", "validated", "imported"]
    streams = [one for one in server.requests if one.url.path.endswith("/events")]
    assert [one.headers.get("Last-Event-ID") for one in streams] == [None, "3.status"]


@BOTH
@pytest.mark.parametrize("version", ["7.abc", None], ids=["a server of today", "an older server"])
def test_where_there_are_no_events_a_call_waits_for_a_change(kind: str, version: str | None) -> None:
    now = (200, job("read", **({"version": version} if version else {})))
    server = Server(now, 503, now, 502, (200, job("imported")))
    assert client_of(kind, server).wait("j1", "imported", timeout=50)["status"] == "imported"
    looks = [one for one in server.requests if not one.url.path.endswith("/events")][1:]
    asked = [dict(one.url.params) for one in looks]
    assert asked == [{"wait": "20", "after": version} if version else {}] * 2


@BOTH
def test_a_silent_stream_does_not_outlast_the_time_out(kind: str) -> None:
    server = Server((200, job("read")), httpx.ReadTimeout("silent"), (200, job("read")))
    with pytest.raises(package.TimedOut):
        client_of(kind, server).wait("j1", "imported", timeout=0.001)
    streams = [one for one in server.requests if one.url.path.endswith("/events")]
    assert all(one.extensions["timeout"]["read"] < 1 for one in streams)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_read_whatever_their_parts(size: int) -> None:
    stream = events(job("read"), job("mapped"), job("imported")).replace(
        b"\n", b"\r\n" if size % 2 else b"\n"
    )
    seen: list[str] = []
    reader = operations.MomentReader({"imported"}, None, lambda one: seen.append(one["status"]))
    stops = [reader.take(stream[at : at + size]) for at in range(0, len(stream), size)]
    assert seen == ["read", "mapped", "imported"]
    assert stops[-1]


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks in its middle."""

    def __iter__(self) -> Any:
        yield b"half"
        raise httpx.ReadError("cut")

    async def __aiter__(self) -> Any:
        yield b"half"
        raise httpx.ReadError("cut")


@BOTH
def test_a_download_that_breaks_begins_again_at_its_place(kind: str) -> None:
    answers = [httpx.Response(200, stream=Broken()), httpx.Response(200, content=b"whole")]
    client = client_of(kind, Server(200))
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    inner = getattr(client, "client", client)
    inner._http = (httpx.Client if kind == "blocking" else httpx.AsyncClient)(transport=transport)
    into = io.BytesIO(b"before ")
    into.seek(0, io.SEEK_END)
    assert client.skipped("j1", into) == 5
    assert into.getvalue() == b"before whole"


@BOTH
def test_pages_are_followed_to_the_last(kind: str) -> None:
    pages = [
        {"items": [{"id": "a"}, {"id": "b"}], "next": "c1"},
        {"items": [], "next": "c2"},
        {"items": [{"id": "c"}], "next": None},
    ]
    server = Server(*((200, page) for page in pages))
    found = client_of(kind, server).clients("contacts", name="Ann & Bob")
    assert [one["id"] for one in found] == ["a", "b", "c"]
    assert [dict(one.url.params).get("cursor") for one in server.requests] == [None, "c1", "c2"]
    assert {one.url.params["name"] for one in server.requests} == {"Ann & Bob"}


@BOTH
def test_the_history_is_given_page_by_page(kind: str) -> None:
    server = Server(
        (200, {"items": [job("read")], "next": "n"}), (200, {"items": [job("imported")], "next": None})
    )
    assert [one["status"] for one in client_of(kind, server).jobs()] == ["read", "imported"]


@pytest.mark.parametrize(
    "url", ["http://h:1", "http://h:1/", "http://h:1/api/v1", "http://h:1/api/v1/", "http://h:1//"]
)
def test_the_address_may_be_given_with_or_without_the_path_of_the_api(url: str) -> None:
    server = Server((200, job("read")))
    package.Client(url, "t", transport=httpx.MockTransport(server)).job("j1")
    assert str(server.requests[0].url) == "http://h:1/api/v1/jobs/j1"


@BOTH
@pytest.mark.parametrize(
    "url", ["carryover.example", "localhost:8080", "ftp://h", "", "http://", "http://[::1"]
)
def test_an_address_that_is_none_is_reported_at_once(kind: str, url: str, pauses: list[float]) -> None:
    made = package.Client(url, "t") if kind == "blocking" else Blocking(package.AsyncClient(url, "t"))
    with pytest.raises(package.CarryoverError, match="cannot be sent"):
        made.job("j1")
    assert pauses == []
    made.close()


@BOTH
@pytest.mark.parametrize("body", [b"<html>Hello</html>", b"", b"[]", b"null", b"\xff"])
def test_another_server_at_the_address_is_recognised(kind: str, body: bytes) -> None:
    client = client_of(kind, Server(body))
    for ask in (lambda: client.job("j1"), lambda: list(client.clients()), lambda: client.upload(b"x")):
        with pytest.raises(package.CarryoverError, match="not by Carryover"):
            ask()


@BOTH
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_server_that_has_moved_says_where_to(kind: str, status: int) -> None:
    server = Server((status, {}, {"Location": "https://secure.example/api/v1/jobs"}))
    with pytest.raises(package.CarryoverError, match=r"https://secure\.example"):
        client_of(kind, server).upload(b"x")
    assert len(server.requests) == 1


@BOTH
@pytest.mark.parametrize("token", ["a-token\n", "  a-token ", "a-token\r\n"])
def test_a_token_from_a_file_may_end_with_its_line(kind: str, token: str) -> None:
    server = Server((200, job("read")))
    client_of(kind, server, token).job("j1")
    assert server.requests[0].headers["Authorization"] == "Bearer a-token"


@BOTH
@pytest.mark.parametrize("name", ["a/b", "../jobs", "x?y", "é.csv", "%2e"])
def test_no_name_leaves_its_place_in_a_path(kind: str, name: str) -> None:
    server = Server(b"x")
    client = client_of(kind, server)
    client.template(name, io.BytesIO())
    client.skipped(name, io.BytesIO())
    paths = [one.url.raw_path.decode().split("/") for one in server.requests]
    assert [len(path) for path in paths] == [5, 6]


@BOTH
def test_an_empty_file_is_sent_too(kind: str) -> None:
    server = Server((202, job("uploaded")))
    seen: list[tuple[int, int]] = []
    client_of(kind, server).upload(
        b"", name='line\nbreak “quote” ".csv', on_progress=lambda *far: seen.append(far)
    )
    assert seen == [(0, 0)]
    assert b"\nbreak" not in server.bodies[0]
