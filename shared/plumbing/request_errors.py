"""The `errors` of a problem answer: one list of one shape, wherever they were found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from marshmallow import Schema, fields

from shared.contract.documents.values import ProblemAt
from shared.contract.fields import with_labels
from shared.contract.problems import sentence
from shared.contract.problems.kinds import TEXTS

#: The code of what a schema refuses.
NOT_RIGHT = "invalid_content"


class ErrorAt(Schema):
    """What is wrong at one place of a request."""

    place = fields.String(
        required=True,
        metadata={"description": "like `json.locale.language`, `query.limit`, `columns.3`, `merge`"},
    )
    code = fields.String(required=True)
    message = fields.String(required=True)
    column = fields.Integer(allow_none=True, metadata={"description": "of a mapping: the column"})
    built = fields.Integer(metadata={"description": "of a mapping: the place of the built value, from 0"})
    setting = fields.String(metadata={"description": "of settings: which one"})
    record = fields.String(metadata={"description": "the id of the record that is meant"})
    name = fields.String(metadata={"description": "the name of that record"})


def listed_errors(errors: object, lang: str) -> list[dict[str, object]]:
    """Errors as one list: messages by place as schemas give them, or a list of places in a mapping or settings.

    A message that the catalogues have is in the language of the caller.
    """
    if isinstance(errors, Mapping):
        return [
            {"place": ".".join(path), "code": NOT_RIGHT, "message": TEXTS.gettext(message, lang)}
            for path, message in _leaves(errors, ())
        ]
    return [{"place": _place(each), **each} for each in errors] if isinstance(errors, Sequence) else []


def _place(error: Mapping[str, object]) -> str:
    if "setting" in error:
        return str(error["setting"])
    if "built" in error:
        return f"built.{error['built']}"
    column = error.get("column")
    return "columns" if column is None else f"columns.{column}"


def _leaves(errors: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The messages with the path that leads to each; `_schema` is no place of its own."""
    if isinstance(errors, Mapping):
        for name, own in errors.items():
            yield from _leaves(own, path if name in ("_schema", "") else (*path, str(name)))
    elif isinstance(errors, str):
        yield path, errors
    elif isinstance(errors, Sequence):
        for own in errors:
            yield from _leaves(own, path)


def answered(problems: Sequence[ProblemAt], lang: str) -> list[dict[str, object]]:
    """Problems of a mapping or of settings with their places and their sentences in a language."""
    return [
        {
            **{place: problem[place] for place in ("column", "built", "setting") if place in problem},
            "code": problem["code"],
            "message": sentence(problem["code"], lang, **with_labels(problem["params"], lang)),
        }
        for problem in problems
    ]
