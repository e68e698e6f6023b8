"""Finds rows whose only name is that of a company: it names the account, and the row makes no person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.validator.check.checked_rows import CheckedRows, FixedValue
from services.validator.check.context import CheckPlan
from shared.contract.documents.values import Value
from shared.contract.fields import FIELDS
from shared.contract.legal_forms import is_word_for_trade, plain, shows_legal_form
from shared.contract.records import CLEAR
from shared.values.judging import Finding, shown

#: What shows that a row is about a person, whatever it is called.
PERSONAL = ("contact.national_number", "contact.date_of_birth", "contact.middle_name")
#: The fields of an account that take a value of a contact, the best one first; any other takes the field of its name.
TAKES = {
    "email": ("email", "email_secondary"),
    "phone": ("phone", "phone_secondary"),
    "mobile": ("mobile", "phone_secondary"),
}
#: What describes a person alone; the form of address of a company says nothing.
_NAMES = ("full_name", "first_name", "last_name", "prefix", "suffix")
_PARTS = ("first_name", "last_name", "full_name")
_GIVEN = ("account.name", "account.company_name")


def settle_companies(found: CheckedRows, how: CheckPlan, cells: Sequence[Sequence[str]], count: int) -> None:
    """Let rows of companies make no person: their name and all that a contact has go to the account.

    A row is that of a company where its only name shows a legal form, or where it has the type of a company and the
    name is that of the account, or the account has no other. People in trade are people.
    """
    if how.kind == "contacts":
        _keep_whole(found)
        return
    typed = _types_of_rows(how, cells)
    types = found.columns.get("account.type") or [None] * count
    for offset in _with_one_name(found, count):
        name = _only_name(found, offset)
        if name is None:
            continue
        given = [each for key in _GIVEN if (each := _text(found, key, offset))]
        same = plain(name) in map(plain, given)
        in_trade = not typed or is_word_for_trade(typed[offset])
        if shows_legal_form(name) or (types[offset] == "Company" and not in_trade and (same or not given)):
            _name_account(found, offset, name, count, given=given, same=same)
            _move_to_account(found, offset, count)


def _types_of_rows(how: CheckPlan, cells: Sequence[Sequence[str]]) -> Sequence[str]:
    """The type that the file gives each row, as it is written; nothing where no column has it."""
    chosen = how.mapping["account_type"]
    index = chosen.get("column") if chosen["mode"] == "column" else None
    return cells[index] if index is not None and cells else ()


def _with_one_name(found: CheckedRows, count: int) -> list[int]:
    """The rows that have one text alone for the name of their person."""
    nothing: list[Value] = [None] * count
    first, last, full = (found.columns.get(f"contact.{part}", nothing) for part in _PARTS)
    return [
        at
        for at, (f, n, whole) in enumerate(zip(first, last, full, strict=True))
        if (f is None) != (n is None) or (whole and not f and not n)
    ]


def _only_name(found: CheckedRows, offset: int) -> str | None:
    """The name of a row that may be a person's and is one text; None where first and last name, or a number, show a
    person.
    """
    first, last, full = (_text(found, f"contact.{part}", offset) for part in _PARTS)
    named = [each for each in (first, last) if each]
    if len(named) > 1 or offset in found.own.get("contact", {}):
        return None
    if any(_text(found, key, offset) for key in PERSONAL):
        return None
    return named[0] if named else full


def _text(found: CheckedRows, key: str, offset: int) -> str | None:
    values = found.columns.get(key)
    value = values[offset] if values else None
    return value if isinstance(value, str) and value != CLEAR else None


def _name_account(
    found: CheckedRows,
    offset: int,
    name: str,
    count: int,
    *,
    given: Sequence[str],
    same: bool,
) -> None:
    """Take the name from the person, and give it to the account where the file has no other for it."""
    for part in _NAMES:
        if _text(found, f"contact.{part}", offset):
            found.columns[f"contact.{part}"][offset] = None
    if same:
        return
    key = "account.company_name" if given else "account.name"
    values = _column(found, key, count)
    if values[offset] is None:
        values[offset] = name
        found.fixes.append(FixedValue(offset, key, "moved_to_account"))
    else:
        found.note(offset, "contact.last_name", Finding("value_without_record", {"value": shown(name)}))


def _move_to_account(found: CheckedRows, offset: int, count: int) -> None:
    """Move the values of the contact to free fields of the account; what finds none is a problem of its row."""
    for key in [key for key in found.columns if key.startswith("contact.")]:
        value = found.columns[key][offset]
        if value in (None, CLEAR):
            continue
        found.columns[key][offset] = None
        name = key.partition(".")[2]
        target = next(
            filter(None, (_free(found, each, offset, value, count) for each in TAKES.get(name, (name,)))),
            None,
        )
        if target is None:
            text = ", ".join(value) if isinstance(value, list) else str(value)
            found.note(offset, key, Finding("value_without_record", {"value": shown(text)}))
        elif _put(found, target, offset, value):
            found.fixes.append(FixedValue(offset, target, "moved_to_account"))


def _free(found: CheckedRows, name: str, offset: int, value: Value, count: int) -> str | None:
    """The key of a field of the account where it can take a value, or has it already."""
    key = f"account.{name}"
    if key not in FIELDS:
        return None
    now = _column(found, key, count)[offset]
    return key if now is None or now == value or isinstance(now, list) else None


def _put(found: CheckedRows, key: str, offset: int, value: Value) -> bool:
    """Set a value of the account, or add to its list; False where it has the value already."""
    values = found.columns[key]
    now = values[offset]
    values[offset] = (
        list(dict.fromkeys([*now, *value])) if isinstance(now, list) and isinstance(value, list) else value
    )
    return now != values[offset]


def _column(found: CheckedRows, key: str, count: int) -> list[Value]:
    return found.columns.setdefault(key, [None] * count)


def _keep_whole(found: CheckedRows) -> None:
    """In a list of contacts alone, the name of a company is one last name."""
    for offset, value in enumerate(found.columns.get("contact.full_name", ())):
        if isinstance(value, str) and shows_legal_form(value) and _only_name(found, offset) == value:
            found.columns["contact.full_name"][offset] = None
            _column(found, "contact.last_name", len(found.columns["contact.full_name"]))[offset] = re.sub(
                r"\s+", " ", value
            )
