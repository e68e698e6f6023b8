"""What comes in over HTTP: JSON that can be kept and given back as it is, and fields that take their own type only."""

from __future__ import annotations

import json
import math
from typing import Any

import flask
from flask.json.provider import DefaultJSONProvider
from marshmallow import EXCLUDE, RAISE, Schema, fields
from webargs.flaskparser import FlaskParser

MAX_DEPTH = 32
INT64 = 1 << 63


class Input(Schema):
    """Bodies and queries; unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Headers(Schema):
    """Request headers; those we do not know are none of our business."""

    class Meta:
        unknown = EXCLUDE


class Flag(fields.Boolean):
    """True or false in a body, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Whole(fields.Integer):
    """A whole number in a body: neither text nor true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise self.make_error("invalid", input=value)
        return int(value)


class Number(fields.Float):
    """A number in a body: neither text nor true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid", input=value)
        return float(value)


class Cell(fields.Field):
    """A value of a row given as JSON: text, a number, true, false or nothing."""

    default_error_messages = {"invalid": "Not a text, number, true, false or null."}

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": ["string", "number", "boolean", "null"]}
        super().__init__(allow_none=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, (str, int, float)):
            raise self.make_error("invalid")
        return value


class StrictJSON(DefaultJSONProvider):
    """JSON as RFC 8259 has it, and only what the database can keep."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; raises `ValueError`, which answers 400."""
        try:
            value = json.loads(s, parse_constant=_refuse, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        _check(value, 0)
        return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _check(value: Any, depth: int) -> None:
    """Refuse what BSON cannot hold; `$ref` is a name that MongoDB's driver reads as something else."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for name, inner in value.items():
            if "\0" in name or name == "$ref":
                raise ValueError("name not allowed")
            _check_scalar(name)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    else:
        _check_scalar(value)


def _check_scalar(value: Any) -> None:
    if isinstance(value, str):
        value.encode()  # half of a surrogate pair is a UnicodeEncodeError, which is a ValueError
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("number out of range")
    elif isinstance(value, int) and not -INT64 <= value < INT64:
        raise ValueError("number out of range")


class Parser(FlaskParser):
    """Takes bodies through Flask, which answers 400 and 415 by itself; lets schemas refuse unknown parameters."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": None}

    def _raw_load_json(self, req: flask.Request) -> Any:
        return req.get_json()
