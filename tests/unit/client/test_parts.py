"""Tests that large files go on after a cut, blocking and asyncio alike, against a server that cuts at random places."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import httpx
import pytest

import carryover_client as package
from carryover_client import calls, operations, parts
from tests.unit.client.server import Blocking, job

BOTH = pytest.mark.parametrize("kind", ["blocking", "asyncio"])
CONTENT = random.Random(3).randbytes(50_000)
FAULTS = ["cut", "503", "423", "restart", "lost answer", "504"]


class Cutting:
    """A server of tus that has faults: it keeps a part of what was sent, or all of it, and answers badly or not."""

    def __init__(self, seed: int, share: float) -> None:
        self.random = random.Random(seed)
        self.share = share
        self.kept = b""
        self.size = 0
        self.asked: list[str] = []
        self.job: dict[str, Any] = {}
        self.key = ""
        self.name = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, or break off."""
        path = request.url.path.removeprefix("/api/v1")
        self.asked.append(f"{request.method} {path}")
        if path == "/jobs":
            self.job, self.key = json.loads(request.content), request.headers["Idempotency-Key"]
            return httpx.Response(202, json=job("uploaded"))
        assert request.headers.get("Tus-Resumable") == "1.0.0" or request.method == "GET"
        if request.method == "POST":
            self.size, self.name = int(request.headers["Upload-Length"]), request.headers["Upload-Metadata"]
            return httpx.Response(201, headers={"Location": "/api/v1/uploads/c1"})
        if request.method == "GET":
            return httpx.Response(200, json={"claim": "c1", "bytes": self.size})
        if request.method == "HEAD":
            about = {"Upload-Offset": str(len(self.kept)), "Upload-Length": str(self.size)}
            return httpx.Response(200, headers=about)
        return self._take(request)

    def _take(self, request: httpx.Request) -> httpx.Response:
        if int(request.headers["Upload-Offset"]) != len(self.kept):
            return httpx.Response(409, json={"code": "wrong_offset"})
        fault = self.random.choice(FAULTS) if self.random.random() < self.share else ""
        if fault.isdigit():
            return httpx.Response(int(fault), json={"code": "some"})
        whole = request.content
        self.kept += whole[: self.random.randrange(len(whole))] if fault in ("cut", "restart") else whole
        if fault == "restart":
            self.kept = self.kept[: max(len(self.kept) - 100, 0)]
        if fault:
            raise httpx.ReadError("reset")
        return httpx.Response(204, headers={"Upload-Offset": str(len(self.kept))})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    real = calls.Pause
    for module in (calls, operations, parts):
        monkeypatch.setattr(module, "Pause", lambda _seconds: real(0.0))
    monkeypatch.setattr("carryover_client.http.Pause", real)
    monkeypatch.setattr(operations, "LARGE_FILE", 1000)
    monkeypatch.setattr(parts, "PART", 3000)


def client_of(kind: str, server: Cutting) -> Any:
    transport = httpx.MockTransport(server)
    if kind == "blocking":
        return package.Client("http://carryover.example", "t", transport=transport)
    return Blocking(package.AsyncClient("http://carryover.example", "t", transport=transport))


@BOTH
@pytest.mark.parametrize("seed", range(15))
def test_whatever_is_cut_the_file_is_whole_and_the_progress_never_begins_anew(kind: str, seed: int) -> None:
    server = Cutting(seed, 0.5)
    seen: list[tuple[int, int]] = []
    claims: list[str] = []
    made = client_of(kind, server).upload(
        CONTENT,
        {"autostart": True},
        name="é.csv",
        on_progress=lambda *n: seen.append(n),
        on_claim=claims.append,
    )
    assert (made["id"], server.kept, claims) == ("j1", CONTENT, ["c1"])
    assert server.job == {"claim": "c1", "options": {"autostart": True}}
    assert server.key == "c1"
    assert [sent for sent, _ in seen if sent == 0] in ([], [0]) or seen[0][0] == 0
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    first = next(n for n, (sent, _) in enumerate(seen) if sent)
    assert all(sent for sent, _ in seen[first:])


@BOTH
def test_another_process_goes_on_with_the_claim(kind: str, tmp_path: Path) -> None:
    server = Cutting(1, 0.0)
    server.kept, server.size = CONTENT[:12_345], len(CONTENT)
    path = tmp_path / "big.csv"
    path.write_bytes(CONTENT)
    client_of(kind, server).upload(path, resume="c1", idempotency_key="mine")
    assert (server.kept, server.key) == (CONTENT, "mine")
    assert server.asked[0] == "HEAD /uploads/c1"
    with pytest.raises(package.CarryoverError, match="of a file of"):
        client_of(kind, server).upload(CONTENT[:-1], resume="c1")


@BOTH
def test_a_server_that_takes_nothing_is_given_up_and_what_arrived_is_kept(kind: str) -> None:
    server = Cutting(1, 0.0)
    server._take = lambda _request: httpx.Response(503, json={"code": "unavailable"})  # type: ignore[method-assign]
    with pytest.raises(package.ServerFault):
        client_of(kind, server).upload(CONTENT)
    assert sum(one.startswith("PATCH") for one in server.asked) == parts.TRIES + 1


@BOTH
@pytest.mark.parametrize("status", [404, 410, 413, 415, 422])
def test_a_refusal_is_not_sent_again(kind: str, status: int) -> None:
    server = Cutting(1, 0.0)
    server._take = lambda _request: httpx.Response(status, json={"code": "some"})  # type: ignore[method-assign]
    with pytest.raises(package.CarryoverProblem):
        client_of(kind, server).upload(CONTENT)
    assert len(server.asked) == 2


@BOTH
def test_a_large_file_for_rabbitmq_goes_in_parts_and_repaired_rows_do_not(kind: str) -> None:
    server = Cutting(4, 0.3)
    assert client_of(kind, server).keep(CONTENT)["claim"] == "c1"
    assert (server.kept, server.asked[-1]) == (CONTENT, "GET /uploads/c1")
    repaired = Cutting(1, 0.0)
    with pytest.raises(UnicodeDecodeError):  # the server above reads JSON, and this is a form
        client_of(kind, repaired).upload(CONTENT, {"repairs": "a" * 32})
    assert repaired.asked == ["POST /jobs"]
