"""The firm's own fields: their names are labels, their values live under ids of ours.

A name may hold any sign that a person can type. An id is part of paths in the database, where dots and dollars have a
meaning, so it is made of letters and digits. It stays when the field is renamed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar, Unpack

from marshmallow import ValidationError

from shared.contract.bounded import Options, Text
from shared.contract.documents import job
from shared.contract.documents.reference import CustomField

V = TypeVar("V")

#: The types that a custom field may have.
CUSTOM_TYPES = ("text", "number", "date", "choice", "multi-choice", "email", "url", "phone")
LONGEST_NAME = 60
_SAFE = re.compile(r"[A-Za-z0-9_][^.$\x00]{0,59}")
#: Control characters, lone surrogates and unassigned characters are no part of a name.
_NO_PART = frozenset({"Cc", "Cs", "Cn"})


class CustomName(Text):
    """The name of a custom field: 1 to 60 characters, none of them a control character."""

    def __init__(self, **more: Unpack[Options]) -> None:
        super().__init__(LONGEST_NAME, 1, **more)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        name = " ".join(str(super()._deserialize(value, attr, data, **kwargs)).split())
        if any(unicodedata.category(sign) in _NO_PART for sign in name):
            raise ValidationError("Control characters cannot be part of a name.")
        return name


def name_of_header(header: str) -> str:
    """A header as the name of a custom field."""
    signs = (" " if unicodedata.category(sign) in _NO_PART else sign for sign in header)
    return " ".join("".join(signs).split())[:LONGEST_NAME].strip() or "?"


def id_of(custom: CustomField) -> str:
    """The id of a field; a field older than ids has its name as its id, where a path in the database can hold it."""
    name = custom["name"]
    return custom.get("id") or (name if _SAFE.fullmatch(name) else _hashed(custom["record"], name, 0))


def _hashed(record: str, name: str, attempt: int) -> str:
    text = f"{record}|{name}|{attempt}".encode("utf-8", "surrogatepass")
    return "f" + hashlib.blake2b(text, digest_size=8).hexdigest()


def with_id(custom: CustomField, known: Iterable[CustomField]) -> CustomField:
    """A field with its id: that of the known field of its record and name, else a new one.

    The new id follows from record and name, so that two who make a field at the same time make one.
    """
    taken = set()
    for each in known:
        if (each["record"], each["name"]) == (custom["record"], custom["name"]):
            return {**custom, "id": id_of(each)}
        taken.add(id_of(each))
    attempt = 0
    while (identity := _hashed(custom["record"], custom["name"], attempt)) in taken:
        attempt += 1
    return {**custom, "id": identity}


def kept(given: Sequence[CustomField], before: Sequence[CustomField]) -> list[CustomField]:
    """The fields of a firm as it sets them anew: one that names its id is that field, whatever it is called now.

    Raises `ValueError`, with the place of the field, for an id that there is not, and for a name or id given twice.
    """
    known = {(each["record"], id_of(each)) for each in before}
    found: list[CustomField] = []
    for place, custom in enumerate(given):
        if custom.get("id") is not None and (custom["record"], custom["id"]) not in known:
            raise ValueError(place)
        named = custom if custom.get("id") else with_id(custom, [*before, *found])
        if any(
            each["record"] == named["record"] and (each["name"] == named["name"] or each["id"] == named["id"])
            for each in found
        ):
            raise ValueError(place)
        found.append(named)
    return found


def custom_of(column: job.ColumnMapping) -> CustomField | None:
    """The custom field that a column fills; None where it fills none."""
    return column["custom"] if column["action"] == "custom" else None


def customs_of(mapping: job.Mapping) -> list[CustomField]:
    """The custom fields that a mapping fills, by columns and by built values."""
    own = [custom for column in mapping["columns"] if (custom := custom_of(column))]
    return own + [custom for built in mapping.get("built") or () if (custom := built.get("custom"))]


def customs_set(rules: Iterable[job.Rule], custom_fields: Iterable[CustomField]) -> list[CustomField]:
    """The custom fields of the firm whose values rules set, by their ids."""
    keys = {key for rule in rules for key in rule["then"].get("set", {})}
    return [
        {"id": id_of(each), "name": each["name"], "type": each["type"], "record": each["record"]}
        for each in custom_fields
        if f"{each['record']}.custom.{id_of(each)}" in keys
    ]


class Names:
    """What custom fields are called; keys such as `account.custom.f12` and `account.custom.Sector` lead to another."""

    def __init__(self, customs: Iterable[CustomField]) -> None:
        self._names = {(each["record"], id_of(each)): each["name"] for each in customs}
        self._ids = {(record, name): identity for (record, identity), name in self._names.items()}

    @classmethod
    def of_mapping(cls, mapping: job.Mapping) -> Names:
        """The names of the fields that a mapping fills."""
        return cls(customs_of(mapping))

    @classmethod
    def of_job(cls, of: job.Job) -> Names:
        """The names of the fields that the mapping of a job fills, and that its rules set."""
        by_rules = of["settings"].get("custom_fields") or () if of["settings"] else ()
        return cls([*by_rules, *(customs_of(of["mapping"]) if of["mapping"] else ())])

    def name(self, record: str, identity: str) -> str:
        """The name of a field; its id where the field was removed."""
        return self._names.get((record, identity), identity)

    def knows(self, key: str) -> bool:
        """Whether a key, with the id, leads to one of the fields."""
        record, custom, own = key.partition(".custom.")
        return bool(custom) and (record, own) in self._names

    def key(self, key: str) -> str:
        """A key with the name of the field, as people are shown it; other keys as they are."""
        return self._turned(key, self._names)

    def path(self, key: str) -> str:
        """A key with the id of the field, as values are kept; other keys as they are."""
        return self._turned(key, self._ids)

    def _turned(self, key: str, other: Mapping[tuple[str, str], str]) -> str:
        record, custom, own = key.partition(".custom.")
        return f"{record}.custom.{other.get((record, own), own)}" if custom else key

    def part(self, record: str, name: str) -> str:
        """The same for the name of a part of a record: `custom.f12` is shown as `custom.Sector`."""
        return self.key(f"{record}.{name}").partition(".")[2]

    def values(self, record: str, values: Mapping[str, object]) -> dict[str, object]:
        """The values of a record with its custom fields by name."""
        custom = values.get("custom")
        if not isinstance(custom, Mapping):
            return dict(values)
        return {**values, "custom": {self.name(record, own): value for own, value in custom.items()}}

    def ids(self, record: str, by_name: Mapping[str, V]) -> dict[str, V]:
        """Custom values by name, by id; a name that there is not stays."""
        return {self._ids.get((record, name), name): value for name, value in by_name.items()}
