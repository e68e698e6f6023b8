"""Finds the type of accounts whose row gives none: companies by their legal form, individuals by their person."""

from __future__ import annotations

from services.validator.check.checked_rows import CheckedRows
from shared.contract.documents.chunk import RowAccountType
from shared.contract.documents.values import Value
from shared.contract.legal_forms import plain, shows_legal_form
from shared.contract.records import CLEAR
from shared.values.evidence import PEOPLE
from shared.values.person_names import joins_two

#: What only a company has, and what only a person has.
_OF_COMPANIES = ("account.company_name", "account.kbo_number")
_OF_PEOPLE = ("account.date_of_birth",)


def find_account_types(found: CheckedRows, count: int) -> None:
    """Fill `account_types`: of rows that give a type, and of those that show none, it is not known.

    A name with a legal form is a company's, whatever else the row has. An account that is called after its person is an
    individual, also where it has an enterprise number: people in trade have one.
    """
    names = found.columns.get("account.name")
    if names is None:
        return
    given = found.columns.get("account.type") or [None] * count
    found.account_types = [
        RowAccountType.UNKNOWN
        if typed is not None or not isinstance(name, str)
        else _kind_of(found, offset, name)
        for offset, (name, typed) in enumerate(zip(names, given, strict=True))
    ]


def _kind_of(found: CheckedRows, offset: int, name: str) -> RowAccountType:
    if shows_legal_form(name) or shows_legal_form(_text(found, "account.company_name", offset)):
        return RowAccountType.COMPANY
    if joins_two(name):  # a couple
        return RowAccountType.UNKNOWN
    if offset in found.made_up or _is_named_after_person(found, offset, name):
        return RowAccountType.INDIVIDUAL
    if any(_text(found, key, offset) for key in _OF_PEOPLE):
        return RowAccountType.INDIVIDUAL
    return (
        RowAccountType.COMPANY
        if any(_text(found, key, offset) for key in _OF_COMPANIES)
        else RowAccountType.UNKNOWN
    )


def _is_named_after_person(found: CheckedRows, offset: int, name: str) -> bool:
    """Whether an account has the name of a person of its row, in either order."""
    for slot in PEOPLE:
        first, last = (_text(found, f"{slot}.{part}", offset) for part in ("first_name", "last_name"))
        if (
            first
            and last
            and (name in (f"{first} {last}", f"{last} {first}") or _same(name, f"{first} {last}"))
        ):
            return True
    return False


def _same(one: str, other: str) -> bool:
    """Whether two names have the same words in any order."""
    return len(one) <= 2 * len(other) and sorted(plain(one).split()) == sorted(plain(other).split())


def _text(found: CheckedRows, key: str, offset: int) -> str:
    values = found.columns.get(key)
    value: Value = values[offset] if values else None
    return value if isinstance(value, str) and value != CLEAR else ""


def with_found_types(found: CheckedRows) -> dict[str, list[Value]]:
    """The columns of the rows as rules test them: with the types that were found."""
    if not any(found.account_types):
        return found.columns
    given = found.columns.get("account.type") or [None] * len(found.account_types)
    types = [typed or kind.type for typed, kind in zip(given, found.account_types, strict=True)]
    return {**found.columns, "account.type": types}
