"""Examples of the refusals of a call, one for each code that it declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from shared.contract.problems import sentence
from shared.plumbing.problem import Problem, problem_document
from shared.plumbing.request_errors import NOT_RIGHT

REQUEST_ID = "4c2f8f0b9d3e4a7f9e6f1c2b3a4d5e6f"
#: A value for each placeholder of the sentences.
VALUES: dict[str, object] = {
    "allowed": "validated",
    "bytes": 2_147_483_648,
    "claim": "019cad110006b1dc61f79818c9ff5663",
    "column": "Notes",
    "columns": "Telefoon",
    "count": 3,
    "days": 30,
    "delimiter": "x",
    "detail": "",
    "encoding": "utf-9",
    "expected": "application/json",
    "found": "text/plain",
    "given": 0,
    "id": "3f9a52b01c7d4e6688a0b1c2",
    "index": 40,
    "job": "019cad11b2a0c3f5e8d7b6a4f1c2e3d4",
    "max": 200_000,
    "name": "Bakery Peeters",
    "offset": 4_194_304,
    "right": "manage contacts",
    "row": 12,
    "rows": "12, 40",
    "seconds": 10,
    "setting": "INVITATION_URL",
    "sheet": "Klanten",
    "sheets": "Clients, Contacts",
    "size": 5_242_880,
    "standing": "imported",
    "version": "0.2.2",
    "versions": "1.0.0",
    "url": "https://intranet.example/events",
}


class Example(TypedDict):
    """An example of OpenAPI."""

    summary: NotRequired[str]
    value: object


def examples(status: int, codes: list[str]) -> dict[str, Example]:
    """The problem of each code, as it is answered in English."""
    return {code: _example(code, status) for code in codes}


def _example(code: str, status: int) -> Example:
    errors: Mapping[str, object] | None = {"json": _WRONG} if code == NOT_RIGHT else None
    document = problem_document(Problem(code, status=status, errors=errors, **VALUES), "en", REQUEST_ID)
    return {"summary": sentence(code, "en", **VALUES).strip(), "value": document}


#: What a schema says of a part that it does not know.
_WRONG = {"colour": ["Unknown field."]}
