"""Where a record is in the list of clients, and what a search finds it by.

Each record keeps one text, `listed`: its plain name, then its codes, numbers and addresses; and one of `signs`, for the
values that lists are filtered by. Lists are sorted by the first, searched in it, and filtered in the second, so that
one index with one entry a record serves all three. A value that changes moves no record in its list.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple, TypedDict

from shared.contract.legal_forms import plain

#: The fields that a list is sorted by, by collection, and those that a search finds, too.
_SORTED = {"accounts": ("name",), "contacts": ("last_name", "first_name")}
_FOUND = {
    "accounts": ("company_name", "client_code", "kbo_number", "tax_id", "email", "phone", "mobile"),
    "contacts": ("email", "email_secondary", "phone", "mobile"),
}
#: The fields with a value of a few, which have a sign in the text.
_SIGNED = {"accounts": ("type", "language", "questionnaire"), "contacts": ("language",)}
#: All fields that a place in a list depends on.
LISTED_BY = {kind: frozenset((*_SORTED[kind], *_FOUND[kind], *_SIGNED[kind])) for kind in _SORTED}
#: It separates parts, so that no search finds the end of one with the beginning of the next; before every other sign.
_BETWEEN = "\x01"
#: Characters of one part, and of a search.
MOST_OF_PART, MOST_SEARCHED = 100, 100


class Place(NamedTuple):
    """A place in a list: the text by which it is sorted, and the public id among records of one text."""

    listed: str
    id: str


def listed_of(kind: str, record: Mapping[str, object]) -> str:
    """The text by which a record is sorted and found; a person without a name goes by the address."""
    name = " ".join(filter(None, (_plain(record.get(part)) for part in _SORTED[kind])))
    found = [_found(record.get(part)) for part in _FOUND[kind]]
    if not name:
        name = _plain(record.get("email"))
    return _BETWEEN.join([name[:MOST_OF_PART], *dict.fromkeys(filter(None, found))])


class Places(TypedDict):
    """What a record keeps for lists."""

    listed: str
    signs: str


#: The names of what a record keeps for lists.
PLACES = ("listed", "signs")


def places_of(kind: str, record: Mapping[str, object]) -> Places:
    """What a record keeps for lists."""
    signs = [sign(part, value) for part in _SIGNED[kind] if (value := _value(record.get(part)))]
    return {"listed": listed_of(kind, record), "signs": " ".join(signs)}


def sign(part: str, value: str) -> str:
    """What `signs` has for a value. Two values may have the same, so that the value itself is compared, too."""
    return part[0] + hashlib.blake2b(f"{part}={value}".encode(), digest_size=4).hexdigest()


def _value(value: object) -> str:
    """A value, or the name of one that has more parts."""
    named = value.get("name") if isinstance(value, Mapping) else value
    return named if isinstance(named, str) else ""


def _plain(value: object) -> str:
    return plain(value)[:MOST_OF_PART] if isinstance(value, str) else ""


def _found(value: object) -> str:
    """A code or a number without signs between, an address as it is."""
    text = value.strip().casefold()[:MOST_OF_PART] if isinstance(value, str) else ""
    return text if "@" in text else _joined(text)


def _joined(text: str) -> str:
    return plain(text).replace(" ", "")


def searched(text: str) -> list[tuple[str, ...]]:
    """The words of a search; a record must have one spelling of each in its text.

    >>> searched("Céline  O'Brien")
    [('celine', 'céline'), ('obrien', "o'brien")]
    >>> searched("0123.456-789")
    [('0123456 789', '0123456789', '0123.456-789')]
    """
    words = text[:MOST_SEARCHED].split()
    spelled = [(plain(word), _joined(word), word.casefold()) for word in words]
    return [tuple(dict.fromkeys(filter(None, each))) for each in spelled]


def written(place: Place) -> str:
    """A place as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """The place that a cursor names; raises `ValueError` for what is no cursor."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise ValueError("no cursor") from error
    match found:
        case [str(listed), str(identity)] if "\0" not in listed + identity:
            return Place(listed, identity)
    raise ValueError("no cursor")
