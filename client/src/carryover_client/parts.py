"""Sends a large file in parts that go on after a cut (tus 1.0.0, https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TypeAlias

from carryover_client.calls import PASSING, Call, Pause, Reply, Steps, answered, pause_after
from carryover_client.errors import CarryoverError, CarryoverProblem, Unreachable
from carryover_client.sent_file import SentFile

#: A file of more bytes is sent in parts of so many; a part is in memory.
LARGE_FILE, PART = 8 << 20, 4 << 20
#: How often in a row a part may bring nothing.
TRIES = 10
#: Answers after which the server is asked how much it has: another offset, and another request that still ends.
_ASK_AGAIN = PASSING | {409, 423}
_TUS = {"Tus-Resumable": "1.0.0"}

#: Is called with the claim of an upload as soon as there is one: with it another process can go on.
OnClaim: TypeAlias = Callable[[str], None]


def sent_in_parts(file: SentFile, claim: str | None, on_claim: OnClaim | None) -> Steps[str]:
    """Send a file, or what is missing of an earlier upload; gives the claim.

    Goes on where the server's bytes end, as long as one of ten parts in a row brings something.
    """
    if claim is None:
        claim, at = (yield from _begun(file)), 0
    else:
        at = yield from _arrived(claim, file)
    if on_claim is not None:
        on_claim(claim)
    failed = 0
    while at < file.size:
        file.arrived(at)
        before = at
        try:
            at = yield from _part_sent(claim, file, at)
        except (Unreachable, CarryoverProblem) as error:
            if isinstance(error, CarryoverProblem) and error.status not in _ASK_AGAIN:
                raise
            if failed >= TRIES:
                raise
            yield Pause(pause_after(failed + 1))
            at = yield from _arrived(claim, file)
        failed = 0 if at > before else failed + 1
    file.arrived(at)
    return claim


def _begun(file: SentFile) -> Steps[str]:
    name = base64.b64encode(file.name.encode()).decode()
    headers = {**_TUS, "Upload-Length": str(file.size), "Upload-Metadata": f"filename {name}"}
    reply = yield from answered(Call("POST", "/uploads", headers=headers))
    claim = reply.headers.get("location", "").rpartition("/")[2]
    if not claim:
        raise CarryoverError(
            "POST /uploads is answered without a place to send the file to. Is the url right?"
        )
    return claim


def _part_sent(claim: str, file: SentFile, at: int) -> Steps[int]:
    """Send one part, once; gives where the next one begins."""
    begins = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
    call = Call("PATCH", f"/uploads/{claim}", headers={**_TUS, **begins}, content=file.part(at, PART))
    return _number(call, (yield from answered(call, tries=1)), "upload-offset")


def _arrived(claim: str, file: SentFile) -> Steps[int]:
    """How many bytes the server has; raises `CarryoverError` where the upload is of another file."""
    call = Call("HEAD", f"/uploads/{claim}", headers=_TUS)
    reply = yield from answered(call)
    size = _number(call, reply, "upload-length")
    if size != file.size:
        raise CarryoverError(f"Upload {claim} is of a file of {size} bytes; this one has {file.size}.")
    return _number(call, reply, "upload-offset")


def _number(call: Call, reply: Reply, header: str) -> int:
    given = _lower(reply.headers).get(header, "")
    if not (given.isascii() and given.isdigit()):
        raise CarryoverError(f"{call.method} {call.path} is answered without {header}. Is the url right?")
    return int(given)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
