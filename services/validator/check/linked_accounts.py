"""Takes what rows say in "Linked account": the name of an account that the contact belongs to."""

from __future__ import annotations

from services.validator.check.checked_rows import CheckedRows
from shared.contract.legal_forms import company
from shared.contract.records import CLEAR
from shared.values.judging import Finding, shown

LINKED = "contact.linked_account"
RELATIONSHIP = "contact.relationship"


def take_linked_accounts(found: CheckedRows, kind: str, count: int) -> None:
    """Note which account each contact of a list of contacts belongs to; in other lists it is the account of the row.

    A row of such a list that has an account of its own keeps that one, with a warning.
    """
    values = found.columns.pop(LINKED, [])
    given = {
        offset: value for offset, value in enumerate(values) if isinstance(value, str) and value != CLEAR
    }
    if kind == "contacts":
        found.linked_names = given
        _drop_relationships(found)
        return
    names = found.columns.setdefault("account.name", [None] * count) if given else []
    for offset, value in given.items():
        own = names[offset]
        if own in (None, CLEAR):
            names[offset] = value
        elif company(str(own)) != company(value):
            params = {"value": shown(value), "account": shown(str(own))}
            found.note(offset, LINKED, Finding("linked_account_unused", params))


def _drop_relationships(found: CheckedRows) -> None:
    """Say of which contacts the relationship is lost, because they belong to no account."""
    values = found.columns.get(RELATIONSHIP, [])
    for offset, value in enumerate(values):
        if value is not None and offset not in found.linked_names:
            if isinstance(value, list):
                finding = Finding("relationship_without_account", {"value": shown(", ".join(value))})
                found.note(offset, RELATIONSHIP, finding)
            values[offset] = None
