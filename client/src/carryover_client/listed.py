"""Turns a list of clients into the content of a request: rows as they are, a file by gzip and base64."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, cast

from carryover_client.answers import Job
from carryover_client.errors import CarryoverError, problem_of
from carryover_client.http import Token
from carryover_client.link import Asked
from carryover_client.operations import Options, Row

#: The bytes of a message; a larger list is uploaded over HTTP, and the message has its claim.
MOST_BYTES = 8 << 20
#: A file of more bytes is uploaded without a look at how small it packs.
LARGE_FILE = 32 << 20
VERSION = "1"

#: Rows as `{header: value}`, the path of a file, or the bytes of one.
Listed: TypeAlias = "Sequence[Row] | str | os.PathLike[str] | bytes"


def asked_of(clients: Listed, name: str | None, about: Mapping[str, object], token: Token) -> Asked | None:
    """The request for a list; None where it is too large for a message. Raises `OSError` for a path."""
    content = _content_of(clients, name)
    asked = None if content is None else request_of({**about, **content}, token)
    return asked if asked is not None and len(asked.body) <= MOST_BYTES else None


def request_of(body: Mapping[str, object], token: Token) -> Asked:
    """A request with an identity of its own."""
    raw = json.dumps({"version": VERSION, **body}, ensure_ascii=False, allow_nan=False).encode()
    return Asked(uuid.uuid4().hex, raw, token if isinstance(token, str) else token())


def about_of(firm: str, key: str, options: Options | None, requested_by: str | None) -> dict[str, object]:
    """What a request says beside its list."""
    about: dict[str, object] = {"firm": firm, "idempotency_key": key, "options": dict(options or {})}
    return {**about, "requested_by": requested_by} if requested_by else about


def file_of(clients: Listed) -> str | os.PathLike[str] | bytes:
    """The list as a file to be uploaded; rows become a CSV file, as the services would make it of them."""
    if isinstance(clients, (str, os.PathLike, bytes)):
        return clients
    header = list(dict.fromkeys(name for row in clients for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([[_cell(row.get(name)) for name in header] for row in clients])
    return text.getvalue().encode()


def file_name(clients: Listed, name: str | None) -> str:
    """The name of the list."""
    if name:
        return name
    if isinstance(clients, (str, os.PathLike)):
        return Path(clients).name
    return "clients.csv" if isinstance(clients, bytes) else "rows.csv"


def job_of(answer: Mapping[str, object]) -> Job:
    """The job of an answer; raises the problem that it is instead."""
    if "history" in answer:
        return cast("Job", answer)
    if "code" in answer:
        raise problem_of(answer)
    raise CarryoverError("The answer is neither a job nor a problem.")


def _content_of(clients: Listed, name: str | None) -> dict[str, object] | None:
    named = {"name": file_name(clients, name)}
    if isinstance(clients, (str, os.PathLike)):
        path = Path(clients)
        if path.stat().st_size > LARGE_FILE:
            return None
        clients = path.read_bytes()
    if isinstance(clients, bytes):
        packed = gzip.compress(clients, mtime=0)
        return {**named, "content": base64.b64encode(packed).decode()}
    return {**named, "rows": [dict(row) for row in clients]}


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).upper() if isinstance(value, bool) else str(value)
