"""Rows of a program as they can be sent: texts, numbers and truth values; anything else as a text, or refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

SentRow: TypeAlias = "dict[str, str | int | float | bool | None]"


def sent_rows(rows: Iterable[Mapping[str, object]]) -> list[SentRow]:
    """Rows with values that can be sent: texts, numbers, truth values, None; dates in ISO 8601, decimals as texts."""
    sent: list[SentRow] = []
    for at, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"Row {at} is no {{header: value}}, but a {type(row).__name__}.")
        sent.append({_header(name, at): _value(value, f"Row {at}, {name!r}") for name, value in row.items()})
    return sent


def _header(name: object, at: int) -> str:
    if not isinstance(name, str):
        raise TypeError(f"Row {at} has the header {name!r}, which is no text.")
    return _text(name, f"Row {at}, header {name!r}")


def _value(value: object, place: str) -> str | int | float | bool | None:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{place}: {value} is no number; a blank cell is None.")
        return value
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{place}: a {type(value).__name__} cannot be sent; give a text.")


def _text(text: str, place: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{place}: the text has half a character (a lone surrogate).") from None
    return text
