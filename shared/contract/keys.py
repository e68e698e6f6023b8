"""Makes matching keys: numbers that are equal for two spellings of one value.

A key is 63 bits: its kind in the top three, a hash of the normalised value below. Records keep their keys, so that
finding a record is one look-up in one index. What a shared or a different key means is decided by
`shared/values/evidence.py`.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from shared.contract.documents.values import Value
from shared.contract.legal_forms import company, plain

KIND_SHIFT = 60
HASH_MASK = (1 << KIND_SHIFT) - 1

CLIENT_CODE, NUMBER, EMAIL_AND_NAME, FORMED_NAME, NAME, BORN = 1, 2, 3, 4, 5, 6
#: The kinds behind each word of the settings. A name with a legal form is two keys: with the form, so that a
#: BV and an NV of one name differ, and without, so that either is found where the form was left out.
KINDS = {
    "client_code": (CLIENT_CODE,),
    "number": (NUMBER,),
    "email_and_name": (EMAIL_AND_NAME,),
    "name": (FORMED_NAME, NAME),
}
WIDTH = BORN
NOTHING = (0,) * WIDTH
#: Keys of one row or record, by kind: the place is the kind less one, 0 where there is none.
Keys = tuple[int, ...]

KEY_FIELDS = frozenset(
    {
        "name", "client_code", "kbo_number", "tax_id", "email", "first_name", "last_name", "national_number",
        "date_of_birth",
    }
)  # fmt: skip

#: Normalised values by the name of their field.
Columns = Mapping[str, Sequence[Value]]


def make_key(kind: int, text: str) -> int:
    """The key of a normalised value."""
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
    return (kind << KIND_SHIFT) | (int.from_bytes(digest, "big") & HASH_MASK)


def packed(keys: Iterable[Sequence[int]]) -> bytes:
    """Keys of many rows as bytes, eight to a key, as they are kept."""
    flat = array("Q")
    for row in keys:
        flat.extend(row)
    return flat.tobytes()


def unpacked(data: bytes, typecode: str = "Q") -> array[int]:
    """Unpack bytes of `packed` into one flat array with `WIDTH` numbers a row."""
    flat: array[int] = array(typecode)
    flat.frombytes(data)
    return flat


def laid_out(keys: Iterable[int]) -> Keys:
    """The keys of a record by their kind; of two of one kind the first."""
    found = [0] * WIDTH
    for key in keys:
        place = (key >> KIND_SHIFT) - 1
        found[place] = found[place] or key
    return tuple(found)


def keys_of(slot: str, record: Mapping[str, object]) -> list[int]:
    """All keys of one record, strongest first, then those of records that were merged into it.

    `slot` is account, contact or spouse.
    """
    columns = cast("Columns", {name: [value] for name, value in record.items()})
    merged = record.get("merged_keys")
    own = [key for key in keys_of_columns(slot, columns, 1)[0] if key]
    return list(dict.fromkeys([*own, *(merged if isinstance(merged, list) else ())]))


def keys_of_columns(slot: str, columns: Columns, count: int) -> list[tuple[int, ...]]:
    """Per row the keys in order of strength, 0 where the row has none of that kind.

    `columns` are normalised values by field name, each `count` long.
    """
    parts = _account_parts(columns, count) if slot == "account" else _person_parts(columns, count)
    return [
        (
            make_key(CLIENT_CODE, c.casefold()) if c and c.strip("0") else 0,  # zeros are nobody's code
            make_key(NUMBER, n) if n else 0,
            make_key(EMAIL_AND_NAME, f"{e.casefold()}|{m}") if e else 0,
            make_key(FORMED_NAME, f"{m}|{form}") if form else 0,
            make_key(NAME, m) if m else 0,
            make_key(BORN, b) if b else 0,
        )
        for c, n, e, (m, form), b in zip(*parts, strict=True)
    ]


def _account_parts(columns: Columns, count: int) -> tuple[Sequence[Any], ...]:
    blank = [None] * count
    names = [company(str(name)) if name else ("", "") for name in columns.get("name", blank)]
    return (
        columns.get("client_code", blank),
        _numbers(columns.get("kbo_number", blank), columns.get("tax_id", blank)),
        columns.get("email", blank),
        names,
        columns.get("date_of_birth", blank),
    )


def _numbers(enterprise: Sequence[Any], tax: Sequence[Any]) -> list[Any]:
    """The enterprise number, else the tax number; a Belgian VAT number is the enterprise number after `BE`."""
    return [
        number or (vat.removeprefix("BE") if vat else None)
        for number, vat in zip(enterprise, tax, strict=True)
    ]


def _person_parts(columns: Columns, count: int) -> tuple[Sequence[Any], ...]:
    blank = [None] * count
    first, last = columns.get("first_name", blank), columns.get("last_name", blank)
    names = [(plain(f"{f or ''} {n or ''}"), "") for f, n in zip(first, last, strict=True)]
    number, email = columns.get("national_number", blank), columns.get("email", blank)
    return blank, number, email, names, columns.get("date_of_birth", blank)


def order_of(names: Sequence[str]) -> tuple[int, ...]:
    """The kinds of keys that may match, in the order of a setting such as `["client_code", "name"]`."""
    return tuple(kind for name in names for kind in KINDS[name])
