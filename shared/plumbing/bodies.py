"""The bodies of requests: JSON that can be kept and given back as it is."""

from __future__ import annotations

import json
import math
from typing import Any

import flask
from flask.json.provider import DefaultJSONProvider
from webargs.flaskparser import FlaskParser

MAX_DEPTH = 32
#: The most values of one body: each comma, and each opening bracket, may begin one.
MAX_VALUES = 300_000
INT64 = 1 << 63


class StrictJSON(DefaultJSONProvider):
    """JSON as RFC 8259 has it, and only what the database can keep."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; raises `ValueError`, which answers 400."""
        if _values(s) > MAX_VALUES:
            raise ValueError("too many values")
        try:
            value = json.loads(s, parse_constant=_refuse, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        _check(value, 0)
        return value


def _values(text: str | bytes) -> int:
    """The most values that a JSON text can have; counted before parsing."""
    if isinstance(text, bytes):
        return text.count(b",") + text.count(b"[") + text.count(b"{")
    return text.count(",") + text.count("[") + text.count("{")


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
