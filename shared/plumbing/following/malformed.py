"""Answers to requests that gunicorn cannot read and no application sees: a problem, as everywhere, in place of HTML."""

from __future__ import annotations

import json
import uuid
from typing import Protocol

from shared.contract.texts.catalogues import SOURCE
from shared.plumbing.problem import Problem, problem_document

PROBLEM_JSON = "application/problem+json"


class Peer(Protocol):
    """A socket."""

    def sendall(self, content: bytes, /) -> None:
        """Send all of some bytes."""


class ProblemInstead:
    """A socket as gunicorn sees it: keeps the status line of what is sent, and replaces the rest.

    gunicorn 27.0.1 writes such an answer as a whole (`write_error` of gunicorn/util.py).
    """

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def gettimeout(self) -> float:
        """Nothing is to be changed before or after sending."""
        return 0.0

    def sendall(self, content: bytes) -> None:
        """Send the problem of the status."""
        status_line = content.partition(b"\r\n")[0]
        self.peer.sendall(status_line + b"\r\n" + _rest(int(status_line.split()[1])))


def _rest(status: int) -> bytes:
    """Headers and body of the answer with a status."""
    request_id = uuid.uuid4().hex
    problem = Problem("bad_request" if status < 500 else "internal_error", status=status, detail="")
    body = json.dumps(problem_document(problem, SOURCE, request_id), ensure_ascii=False).encode()
    headers = {
        "Content-Type": PROBLEM_JSON,
        "Content-Length": len(body),
        "Connection": "close",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": request_id,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{lines}\r\n".encode() + body
