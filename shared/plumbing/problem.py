"""A request that is refused, and the document that says so: the same over HTTP and over RabbitMQ (RFC 9457)."""

from __future__ import annotations

from shared.contract.problems import KINDS, sentence
from shared.plumbing.request_errors import listed_errors


class Problem(Exception):
    """An answer that says what is wrong; the sentence comes from the catalogue by its code."""

    def __init__(
        self, code: str, *, status: int | None = None, errors: object = None, **params: object
    ) -> None:
        super().__init__(code)
        kind = KINDS.get(code)
        self.code = code
        self.status = status or (kind.status if kind and kind.status else 400)
        self.errors = errors
        self.params = params


def problem_document(problem: Problem, lang: str, request_id: str | None) -> dict[str, object]:
    """The body of an answer that is not a success, in a language."""
    text = sentence(problem.code, lang, **{"request_id": request_id, **problem.params}).strip()
    body: dict[str, object] = {
        "type": f"urn:carryover:problem:{problem.code}",
        "title": text.split(". ")[0].rstrip("."),
        "status": problem.status,
        "detail": text,
        "code": problem.code,
        "request_id": request_id,
    }
    if problem.errors is not None:
        body["errors"] = listed_errors(problem.errors, lang)
    return body
