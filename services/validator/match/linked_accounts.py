"""Finds the accounts of the firm that contacts belong to by their "Linked account"."""

from __future__ import annotations

from collections.abc import Mapping

from services.validator.match.known_records import KnownRecords
from shared.contract.keys import CLIENT_CODE, FORMED_NAME, NAME, Keys, keys_of_columns
from shared.values.evidence import differ
from shared.values.judging import Finding, shown


def find_linked(
    records: KnownRecords, firm: str, names: Mapping[int, str]
) -> tuple[dict[int, str], dict[int, Finding]]:
    """By row, the id of the account that a text names, and the problem where none or several have it.

    An account is named by its id, its client code or its name. Among those of one name the one with the same legal
    form counts, then any whose form is not another.
    """
    ids = {f"{firm}/{text}" for text in names.values()}
    known = records.with_ids("accounts", ids)
    texts = list(dict.fromkeys(names.values()))
    keys = dict(
        zip(texts, keys_of_columns("account", {"name": texts, "client_code": texts}, len(texts)), strict=True)
    )
    records.look_up("accounts", (row[kind - 1] for row in keys.values() for kind in (CLIENT_CODE, NAME)))
    found, problems = dict[int, str](), dict[int, Finding]()
    for offset, text in names.items():
        whole = f"{firm}/{text}"
        accounts = {whole} if whole in known else _named(records, keys[text])
        if len(accounts) == 1:
            found[offset] = next(iter(accounts))
        else:
            code = "ambiguous_linked_account" if accounts else "unknown_linked_account"
            problems[offset] = Finding(code, {"value": shown(text), "count": len(accounts)})
    return found, problems


def _named(records: KnownRecords, row: Keys) -> set[str]:
    """The accounts that a code or a name fits, the surest alone."""
    coded = set(records.with_key("accounts", row[CLIENT_CODE - 1]))
    if coded:
        return coded
    named = [
        who
        for who in records.with_key("accounts", row[NAME - 1])
        if not differ(row, records.keys[who], (FORMED_NAME,))
    ]
    formed = {who for who in named if records.keys[who][FORMED_NAME - 1] == row[FORMED_NAME - 1]}
    return formed or set(named)
