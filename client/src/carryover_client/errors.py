"""What may go wrong: problems that the services answer, and what happens on the way to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from carryover_client.answers import Job


class CarryoverError(Exception):
    """The base of all errors of this package."""


class ErrorAt(TypedDict):
    """One wrong place of a request: `place` is a path such as `options.max_invalid` or `columns.3`."""

    place: str
    code: str
    message: str


class CarryoverProblem(CarryoverError):
    """A request was refused (RFC 9457): `code` is stable, `detail` is a sentence in the caller's language.

    `status` is the HTTP status, over RabbitMQ too. `errors` names the wrong places of the request. `request_id` finds
    the request in the logs of the services. `document` is the whole answer.
    """

    def __init__(self, document: Mapping[str, object], status: int = 0) -> None:
        self.document = dict(document)
        given = document.get("status")
        self.status = status or (given if isinstance(given, int) else 0)
        self.code = str(document.get("code") or f"http_{self.status}")
        self.title = str(document.get("title") or self.code)
        self.detail = str(document.get("detail") or self.title)
        self.request_id = str(document.get("request_id") or "")
        self.errors = _places(document.get("errors"))
        super().__init__(self.detail)

    def __str__(self) -> str:
        """The sentence, the code, and each wrong place."""
        places = "".join(f"\n  {error['place']}: {error['message']}" for error in self.errors)
        return f"{self.detail} [{self.code}]{places}"


class NotAuthenticated(CarryoverProblem):
    """401: the token is missing, wrong or has ended (`not_authenticated`, `token_missing`, `token_expired`)."""


class NotAllowed(CarryoverProblem):
    """403: the token does not allow it (`not_allowed`)."""


class NotFound(CarryoverProblem):
    """404: no such thing, or one of another firm (`not_found`)."""


class WrongState(CarryoverProblem):
    """409, 412 or 423: not in the present state (`wrong_state`, `changed_meanwhile`, `upload_busy` …)."""


class IdempotencyConflict(WrongState):
    """409: the key was used before, for another list or other options (`idempotency_conflict`)."""


class Purged(CarryoverProblem):
    """410: the rows of the job were removed (`purged`)."""


class TooLarge(CarryoverProblem):
    """413: more than the firm's limits allow (`too_large`, `message_too_large` …)."""


class UnsupportedFormat(CarryoverProblem):
    """415: no list that can be read (`unsupported_format` …)."""


class InvalidContent(CarryoverProblem):
    """400 or 422: something in the request or in the file is wrong; see `errors` (`invalid_content` …)."""


class TooMany(CarryoverProblem):
    """429: too many requests or jobs at once; it stayed so through all tries (`too_many_requests` …)."""


class ServerFault(CarryoverProblem):
    """5xx: a fault of the services that stayed through all tries (`unavailable`, `internal_error` …)."""


class Unreachable(CarryoverError):
    """The server or broker could not be reached, through all tries. It is safe to try again with the same key."""


class TimedOut(CarryoverError):
    """The time-out has passed. `key` is that of the request: with it a new try makes no second job."""

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


class NotTaken(CarryoverError):
    """The broker has nowhere to put the request: Carryover's queues are missing, or full."""


class JobStopped(CarryoverError):
    """A job that was waited for did not reach the status: it ended elsewhere, or waits for a person."""

    def __init__(self, job: Job) -> None:
        self.job = job
        reason, waits = job["reason"] or job["hold"], job["waiting_for"]
        why = f": {reason['message']}" if reason else ""
        if not why and waits and waits["who"] == "person":
            why = f"; a person has to act: {waits['what']}"
        super().__init__(f"Job {job['id']} is {job['status']}{why}")


_BY_CODE: dict[str, type[CarryoverProblem]] = {"idempotency_conflict": IdempotencyConflict}
_BY_STATUS: dict[int, type[CarryoverProblem]] = {
    400: InvalidContent,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: WrongState,
    410: Purged,
    412: WrongState,
    413: TooLarge,
    415: UnsupportedFormat,
    422: InvalidContent,
    423: WrongState,
    429: TooMany,
}


def problem_of(document: Mapping[str, object], status: int = 0) -> CarryoverProblem:
    """The error of a problem document; the class follows from its code, else from its status."""
    plain = CarryoverProblem(document, status)
    kind = _BY_CODE.get(plain.code) or _BY_STATUS.get(plain.status)
    if kind is None:
        kind = ServerFault if plain.status >= 500 else CarryoverProblem
    return kind(document, status)


def _places(errors: object) -> list[ErrorAt]:
    """The wrong places, in the shape that all callers see."""
    if not isinstance(errors, list):
        return []
    return [
        {name: str(one.get(name, "")) for name in ("place", "code", "message")}  # type: ignore[misc]
        for one in errors
        if isinstance(one, dict)
    ]
