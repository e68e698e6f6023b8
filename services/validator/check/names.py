"""Completes names: takes full names apart, and names accounts where the file has no name for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.context import CheckPlan
from services.validator.check.mapped_columns import fields_of
from shared.contract.documents.values import Value
from shared.contract.records import CLEAR
from shared.values.person_names import person_name

#: What an account is named after where the file has no column for its name.
NAMED_AFTER = ("account.company_name", "contact.first_name", "contact.last_name")
#: A pattern that names accounts by their own fields alone.
_OF_ACCOUNT = re.compile(r"[^{}]*({account\.[^{}]*}[^{}]*)+")


def complete_names(found: CheckedRows, how: CheckPlan, count: int) -> None:
    """Split full names, and name accounts after their company or their person where the file does not."""
    columns = found.columns
    if "contact.full_name" in columns:
        _split_names(columns, columns.pop("contact.full_name"))
    if how.kind != "contacts":
        _name_accounts(found, how, count)


def text_of(value: Value) -> str | None:
    """The text of a value; None where it is blank or asks to empty the field."""
    return value if isinstance(value, str) and value != CLEAR else None


def _split_names(columns: dict[str, list[Value]], full_names: Sequence[Value]) -> None:
    """Fill the parts of names from full names, in rows that have no first or last name of their own."""
    parts = ("prefix", "first_name", "last_name", "suffix")
    texts = map(text_of, full_names)
    split = [person_name(full) if full is not None else None for full in texts]
    for name, given in zip(parts, zip(*(each or (None,) * 4 for each in split), strict=True), strict=True):
        if any(given) or f"contact.{name}" in columns or name in ("first_name", "last_name"):
            columns.setdefault(f"contact.{name}", [None] * len(full_names))
    own = list(zip(columns["contact.first_name"], columns["contact.last_name"], strict=True))
    for offset, (each, named) in enumerate(zip(split, own, strict=True)):
        if each is None or any(named):
            continue
        for name, value in zip(parts, each, strict=True):
            if value and columns[f"contact.{name}"][offset] is None:
                columns[f"contact.{name}"][offset] = value


def _name_accounts(found: CheckedRows, how: CheckPlan, count: int) -> None:
    """Name accounts by the pattern of the mapping where they have none, else after their company or person.

    Rows whose account is named after a person are noted: such a name is no evidence of whom the row means.
    """
    columns, pattern = found.columns, how.mapping.get("account_name")
    nothing: list[Value] = [None] * count
    if pattern:
        names = columns.setdefault("account.name", nothing)
        for offset, name in enumerate(names):
            if name is None:
                names[offset] = _by_pattern(pattern, columns, offset)
                if not _OF_ACCOUNT.fullmatch(pattern):
                    found.made_up.add(offset)
    elif all(target.key != "account.name" for _, target in fields_of(how.mapping)):
        given = columns.get("account.name", nothing)
        parts = [columns.get(key, nothing) for key in NAMED_AFTER]
        named = zip(given, *parts, strict=True)
        columns["account.name"] = [name or _account_name(*values) for name, *values in named]
        of_company = zip(given, parts[0], strict=True)
        found.made_up |= {at for at, names in enumerate(of_company) if {*names} <= {None, CLEAR}}


def _by_pattern(pattern: str, columns: Mapping[str, Sequence[Value]], offset: int) -> str | None:
    """The text of a pattern such as `{contact.last_name}, {contact.first_name}`; None where all of it is blank."""

    def value(found: re.Match[str]) -> str:
        own = columns[found[1]][offset] if found[1] in columns else None
        return "" if own in (None, CLEAR) else str(own)

    text = re.sub(r"{([^{}]*)}", value, pattern)
    return " ".join(text.split()).strip(" ,;/-") or None


def _account_name(company: Value, first: Value, last: Value) -> str | None:
    person = " ".join(part for part in map(text_of, (first, last)) if part)
    return text_of(company) or person or None
