"""Tests that every field of every body, query, header and message has a bound."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from re import _parser as patterns
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, missing, validate

from deploy.local import origin
from services.upload.api import docs
from services.upload.requests.message import RequestBody
from shared.contract.messages import Envelope, Work
from shared.contract.requests import Headers, Input

#: What no field takes, whatever it is for: longer than any cell or list, and numbers that no number is.
BEYOND: list[Any] = ["x" * 1_000_001, ["a"] * 1_000, float("inf"), float("nan")]
#: What no field for numbers takes.
NO_NUMBERS: list[Any] = [1e30, -1e30, 1 << 63, -(1 << 63), 10**400]


def below(schema: type[Schema]) -> Iterator[type[Schema]]:
    """A kind of schema and all that are derived from it."""
    yield schema
    for one in schema.__subclasses__():
        yield from below(one)


def taken() -> list[type[Schema]]:
    """The schemas of all that comes in; the application is what declares them."""
    assert origin.ROUTES
    found = {*below(Input), *below(Headers), Work, Envelope, RequestBody}
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


FIELDS = [
    pytest.param(field, id=f"{schema.__name__}.{name}")
    for schema in taken()
    for name, field in schema().load_fields.items()
]


def most_of(field: fields.Field) -> int | float | None:
    """The largest length or number that a check of the field lets through."""
    found: list[Any] = [
        len(max(v.choices, key=len)) for v in field.validators if isinstance(v, validate.OneOf)
    ]
    found += [v.max for v in field.validators if isinstance(v, (validate.Length, validate.Range))]
    widths = [
        patterns.parse(v.regex.pattern).getwidth()[1]
        for v in field.validators
        if isinstance(v, validate.Regexp)
    ]
    found += [width for width in widths if width < 100_000]
    return min((one for one in found if one is not None), default=None)


def is_bounded(field: fields.Field) -> bool:
    """Whether the field, and all within it, has a bound."""
    if isinstance(field, fields.Nested):
        return all(map(is_bounded, field.schema.load_fields.values()))
    if isinstance(field, fields.List):
        return most_of(field) is not None and is_bounded(field.inner)
    if isinstance(field, fields.Dict):
        parts = (field.key_field, field.value_field)
        return most_of(field) is not None and all(part is not None and is_bounded(part) for part in parts)
    if isinstance(field, (fields.String, fields.Integer, fields.Float)):
        least = [v.min for v in field.validators if isinstance(v, validate.Range)]
        numbers = isinstance(field, (fields.Integer, fields.Float))
        return most_of(field) is not None and (
            not numbers or None not in [*least, *([] if least else [None])]
        )
    return refuses_what_is_beyond(field)


def refuses_what_is_beyond(field: fields.Field) -> bool:
    """Whether the field takes none of what is larger than anything."""
    numbers = NO_NUMBERS if isinstance(field, (fields.Integer, fields.Float)) else []
    return not [value for value in [*BEYOND, *numbers] if accepts(field, value)]


def accepts(field: fields.Field, value: Any) -> bool:
    """Whether a value gets through and is kept."""
    try:
        kept = field.deserialize(value)
    except ValidationError:
        return False
    return kept is not missing


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_what_comes_in_has_a_bound(field: fields.Field) -> None:
    assert is_bounded(field)


@pytest.mark.parametrize("field", [one for one in FIELDS if not isinstance(one.values[0], fields.List)])
def test_no_field_takes_a_value_that_is_larger_than_anything(field: fields.Field) -> None:
    assert refuses_what_is_beyond(field)


@pytest.mark.parametrize(
    "field",
    [
        fields.String(),
        fields.Integer(),
        fields.Raw(),
        fields.Dict(),
        fields.List(fields.String(validate=validate.Length(max=1))),
        fields.List(fields.String(), validate=validate.Length(max=1)),
        fields.String(validate=validate.Regexp("^a+$")),
        fields.Integer(validate=validate.Range(max=1)),
    ],
)
def test_a_field_without_a_bound_is_found(field: fields.Field) -> None:
    assert not is_bounded(field)


def test_every_body_of_the_description_is_one_of_these_schemas() -> None:
    names = {schema.__name__ for schema in taken()}
    for path in docs.document()["paths"].values():
        for call in path.values():
            body = json.dumps(call.get("requestBody", {})) if isinstance(call, dict) else ""
            assert set(re.findall(r"schemas/(\w+)", body)) <= names
