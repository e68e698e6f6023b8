"""Makes the matching keys of checked rows, and says where the name of each account comes from."""

from __future__ import annotations

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.slots import NameOf
from shared.contract.documents.chunk import SLOTS
from shared.contract.documents.values import Value
from shared.contract.keys import EMAIL_AND_NAME, FORMED_NAME, KEY_FIELDS, NAME, NOTHING, keys_of_columns
from shared.contract.legal_forms import plain
from shared.contract.records import CLEAR
from shared.values.evidence import PEOPLE


def make_keys(found: CheckedRows, count: int, left_out: frozenset[int]) -> None:
    """Fill `keys` and `names`; bad rows and those `left_out` get no keys and lose the ids that they give."""
    for slot in SLOTS:
        own = {
            key.split(".", 1)[1]: [None if value == CLEAR else value for value in values]
            for key, values in found.columns.items()
            if key.startswith(f"{slot}.") and key.split(".", 1)[1] in KEY_FIELDS
        }
        if not own and slot not in found.own:
            continue
        keys = keys_of_columns(slot, own, count)
        for offset in found.bad | left_out:
            keys[offset] = NOTHING
            found.own.get(slot, {}).pop(offset, None)
        found.keys[slot] = keys
    if "account" in found.keys:
        found.names = [_name_of(found, offset) for offset in range(count)]


def _name_of(found: CheckedRows, offset: int) -> NameOf:
    """Where the name of a row's account comes from."""
    if offset in found.made_up:
        return NameOf.MADE_UP
    keys = found.keys["account"][offset]
    for slot in PEOPLE:
        own = found.keys[slot][offset] if slot in found.keys else NOTHING
        if own[NAME - 1] and (own[NAME - 1] == keys[NAME - 1] or _is_turned_round(found, slot, offset)):
            return NameOf.PERSON
        if own[EMAIL_AND_NAME - 1] and not own[NAME - 1] and not keys[FORMED_NAME - 1]:
            return NameOf.GIVEN if _type_at(found, offset) == "Company" else NameOf.PERSON
    people = any(any(found.keys[slot][offset]) for slot in PEOPLE if slot in found.keys)
    return NameOf.PERSON if _type_at(found, offset) == "Individual" and not people else NameOf.GIVEN


def _type_at(found: CheckedRows, offset: int) -> Value:
    types = found.columns.get("account.type")
    return types[offset] if types else None


def _is_turned_round(found: CheckedRows, slot: str, offset: int) -> bool:
    """Whether an account is called *Peeters Jan* whose person is Jan Peeters."""
    columns = found.columns
    parts = [columns.get(f"{slot}.{part}") for part in ("last_name", "first_name")]
    last, first = (str(values[offset] or "") if values else "" for values in parts)
    name = columns["account.name"][offset] if "account.name" in columns else None
    if not (isinstance(name, str) and last and first and name[:1].casefold() == last[:1].casefold()):
        return False
    return plain(name) == plain(f"{last} {first}")
