"""Matching keys: numbers that two spellings of the same record share, and different records do not.

A key is 63 bits: its kind (how strong it is, 1 the strongest) in the top three, a hash of the normalised value
below. Records keep their keys, so that finding a record is one look-up in one index.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

KIND_SHIFT = 60
HASH_MASK = (1 << KIND_SHIFT) - 1

CLIENT_CODE, NUMBER, EMAIL_AND_NAME, NAME = 1, 2, 3, 4
KINDS = {"client_code": CLIENT_CODE, "number": NUMBER, "email_and_name": EMAIL_AND_NAME, "name": NAME}

Columns = Mapping[str, Sequence[Any]]


def make_key(kind: int, text: str) -> int:
    """The key of a normalised value."""
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
    return (kind << KIND_SHIFT) | (int.from_bytes(digest, "big") & HASH_MASK)


def kind_of(key: int) -> int:
    """How strong a key is; 1 is the strongest."""
    return key >> KIND_SHIFT


def plain(text: str) -> str:
    """A name as it is compared: without case, accents, or spaces more than one."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def keys_of(slot: str, record: Mapping[str, Any]) -> list[int]:
    """All keys of one record, strongest first; `slot` is account, contact or spouse."""
    columns = {name: [value] for name, value in record.items()}
    return [key for key in keys_of_columns(slot, columns, 1)[0] if key]


def keys_of_columns(slot: str, columns: Columns, count: int) -> list[tuple[int, ...]]:
    """Per row the keys in order of strength, 0 where the row has none of that kind.

    `columns` are normalised values by field name, each `count` long.
    """
    code, number, email, name = (
        _account_parts(columns, count) if slot == "account" else _person_parts(columns, count)
    )
    return [
        (
            make_key(CLIENT_CODE, c.casefold()) if c else 0,
            make_key(NUMBER, n) if n else 0,
            make_key(EMAIL_AND_NAME, f"{e.casefold()}|{m}") if e and m else 0,
            make_key(NAME, m) if m else (make_key(NAME, f"<{e.casefold()}>") if e else 0),
        )
        for c, n, e, m in zip(code, number, email, name, strict=True)
    ]


def _account_parts(columns: Columns, count: int) -> tuple[Sequence[Any], ...]:
    blank = [None] * count
    names = [plain(name) if name else "" for name in columns.get("name", blank)]
    return (
        columns.get("client_code", blank),
        columns.get("kbo_number", blank),
        columns.get("email", blank),
        names,
    )


def _person_parts(columns: Columns, count: int) -> tuple[Sequence[Any], ...]:
    blank = [None] * count
    first, last = columns.get("first_name", blank), columns.get("last_name", blank)
    names = [plain(f"{f or ''} {n or ''}") for f, n in zip(first, last, strict=True)]
    return blank, columns.get("national_number", blank), columns.get("email", blank), names


def order_of(names: Sequence[str]) -> tuple[int, ...]:
    """The positions (0-based) of the key kinds a firm wants to match by, in its order."""
    return tuple(KINDS[name] - 1 for name in names)
