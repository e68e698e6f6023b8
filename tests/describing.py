"""Compares answers of the API with its description: status, code of a problem, content type, headers and body.

The test clients of the integration and the pipeline tests have each answer checked, so every test is one of the
description, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jsonschema_rs

from services.upload.api import docs

#: Answers to any call, which are not in the description of each: its text speaks of them.
ANY_CALL = {405, 500}
#: Headers that a status has in any case.
ALWAYS = {401: ["WWW-Authenticate"], 405: ["Allow"], 429: ["Retry-After"], 503: ["Retry-After"]}
#: Bodies beyond these bytes are taken for good.
MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class Answered:
    """An answer, from any client."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    #: The body as it was parsed, where it is JSON.
    parsed: Any = None

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get("Content-Type", "").partition(";")[0]


@dataclass
class Differences:
    """What answers have that the description has not; `seen` are the codes of refusals by call."""

    found: list[str] = field(default_factory=list)
    seen: set[tuple[str, int, str]] = field(default_factory=set)

    def look_at(self, answer: Answered) -> None:
        """Note how an answer differs from its description."""
        if not answer.path.startswith("/api/v1/") or answer.method in ("HEAD", "OPTIONS"):
            return
        about = f"{answer.method} {answer.path} {answer.status}"
        self.found += [f"{about}: {difference}" for difference in differences(answer)]
        if answer.status >= 400 and answer.parsed and (call := call_of(answer.method, answer.path)):
            self.seen.add((call, answer.status, str(answer.parsed.get("code"))))


def differences(answer: Answered) -> list[str]:
    """What an answer has that the description of its call has not."""
    found = [f"no header {name}" for name in missing_headers(answer)]
    call = call_of(answer.method, answer.path)
    if call is None or answer.status in ANY_CALL:
        return found + (wrong_body(answer, PROBLEM) if answer.status >= 400 else ["no such call"])
    described = CALLS[call]["responses"].get(str(answer.status))
    if described is None:
        return [*found, f"status not declared; {answer.body[:300]!r}"]
    found += [
        f"no header {name}"
        for name in described.get("headers", {})
        if HEADERS[name]["required"] and name not in answer.headers
    ]
    content = described.get("content", {})
    if not content:
        return found + ([f"a body: {answer.body[:300]!r}"] if answer.body else [])
    if answer.kind not in content:
        return [*found, f"content type {answer.kind}"]
    if answer.status >= 400:
        codes = content[answer.kind].get("examples", {})
        found += [] if answer.parsed["code"] in codes else [f"code {answer.parsed['code']} not declared"]
    return found + wrong_body(answer, content[answer.kind]["schema"])


def missing_headers(answer: Answered) -> list[str]:
    """Headers that every answer has, or every one of its status, and this one has not."""
    expected = ["X-Request-Id", "Cache-Control", *ALWAYS.get(answer.status, ())]
    return [name for name in expected if name not in answer.headers]


PROBLEM = {"$ref": "#/components/schemas/ProblemAnswer"}


def wrong_body(answer: Answered, schema: Mapping[str, Any]) -> list[str]:
    """How a JSON body differs from its schema; an empty list for other bodies."""
    if answer.status >= 400 and answer.kind != "application/problem+json":
        return [f"no problem but {answer.kind}"]
    if answer.parsed is None or len(answer.body) > MOST_BYTES:
        return []
    return refused(schema, answer.parsed)


def refused(schema: Mapping[str, Any], value: object) -> list[str]:
    """What a schema of the description refuses of a value, formats too."""
    errors = _validator(json.dumps(schema)).iter_errors(value)
    return [f"{'.'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in errors]


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """What validates against a schema of the description, given as JSON; made once for each."""
    whole = {"components": docs.document()["components"], **json.loads(schema)}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def refused_by(schema: Mapping[str, Any], value: object) -> list[str]:
    """The same for a schema of the messages."""
    whole = {"components": {"schemas": _messages()["components"]["schemas"]}, **schema}
    errors = jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(value)
    return [f"{'.'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in errors]


def message_of(routing_key: str) -> dict[str, Any]:
    """What the description says of messages under a routing key."""
    messages: dict[str, Any] = _messages()["components"]["messages"]
    return messages["work" if routing_key.startswith("work.") else routing_key.replace(".", "_")]


@cache
def _messages() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(docs.DOCUMENT.with_name("asyncapi.json").read_text("utf-8"))
    return whole


def _operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in docs.document()["paths"].items()
        for method, operation in item.items()
        if method in docs.METHODS
    }


CALLS = _operations()
HEADERS = docs.document()["components"]["headers"]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


#: Paths without placeholders first: `/webhooks/callback` is not one of them, but `/jobs/{id}` would fit `/jobs/x`.
PATTERNS = [
    (_pattern(path), path) for path in sorted(docs.document()["paths"], key=lambda path: path.count("{"))
]


def call_of(method: str, path: str) -> str | None:
    """The call of the description that a request is one of; None where there is none."""
    for pattern, known in PATTERNS:
        call = f"{method} {known}"
        if call in CALLS and pattern.fullmatch(path):
            return call
    return None
