"""Tests which lists are asked about because they would make an account of each person."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from services.wizard.mapping_view import PERSON_NAMES, makes_accounts_of_people
from shared.contract.fields import FIELDS

OF_ACCOUNTS = sorted(key for key in FIELDS if key.startswith("account."))
OF_PEOPLE = ("contact.email", "contact.mobile", "contact.language")


def mapping(*targets: str) -> Any:
    """A mapping of columns to these fields, and one that is skipped."""
    columns = [{"action": "sync", "target": target} for target in targets]
    return {"columns": [*columns, {"action": "skip", "target": None}], "built": []}


@pytest.mark.parametrize("names", [some for n in (1, 2, 3) for some in combinations(sorted(PERSON_NAMES), n)])
@pytest.mark.parametrize("others", [OF_PEOPLE[:n] for n in range(4)])
def test_a_list_of_people_alone_is_asked_about_unless_it_is_one_of_contacts(
    names: tuple[str, ...], others: tuple[str, ...]
) -> None:
    found = mapping(*names, *others)
    assert makes_accounts_of_people("accounts_and_contacts", found)
    assert not makes_accounts_of_people("contacts", found)
    assert not makes_accounts_of_people("accounts", found)


@pytest.mark.parametrize("key", OF_ACCOUNTS)
def test_a_list_with_any_column_of_accounts_is_not(key: str) -> None:
    assert not makes_accounts_of_people("accounts_and_contacts", mapping("contact.full_name", key))


def test_neither_is_one_without_people() -> None:
    assert not makes_accounts_of_people("accounts_and_contacts", mapping())
    assert not makes_accounts_of_people("accounts_and_contacts", mapping("contact.email"))
