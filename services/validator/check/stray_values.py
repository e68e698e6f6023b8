"""Finds values of a person whom their row does not name: no record takes them, so a person must know of them."""

from __future__ import annotations

from services.validator.check.checked_rows import CheckedRows, FixedValue
from shared.contract.documents.values import Value
from shared.contract.fields import FIELDS
from shared.contract.records import CLEAR
from shared.values.evidence import PEOPLE
from shared.values.judging import Finding, shown

#: What names a person: without any of it the row names nobody.
NAMED_BY = frozenset({"first_name", "last_name", "email", "national_number"})


def settle_stray_values(found: CheckedRows, kind: str) -> None:
    """Make each value of a person whom the row does not name a problem, or move it to the account.

    A person is named by a name, an address, a register number or the id of the record.
    """
    for slot in PEOPLE:
        own = {key: values for key, values in found.columns.items() if key.startswith(f"{slot}.")}
        naming = [own[f"{slot}.{part}"] for part in NAMED_BY if f"{slot}.{part}" in own]
        named = {at for values in naming for at, value in enumerate(values) if value not in (None, CLEAR)}
        named |= found.own.get(slot, {}).keys()
        for key, values in own.items():
            lost = [at for at, value in enumerate(values) if value not in (None, CLEAR) and at not in named]
            for offset in lost:
                if not _moved(found, key, offset, kind):
                    finding = Finding("value_without_record", {"value": shown(_as_text(values[offset]))})
                    found.note(offset, key, finding)
                values[offset] = None


def _moved(found: CheckedRows, key: str, offset: int, kind: str) -> bool:
    """Give a value to the account of its row, where a person decided so and the account has no other."""
    target = f"account.{key.split('.', 1)[1]}"
    decision = found.decisions.get(offset)
    if decision is None or not decision.get("to_account") or kind == "contacts" or target not in FIELDS:
        return False
    values = found.columns.setdefault(target, [None] * len(found.columns[key]))
    now, value = values[offset], found.columns[key][offset]
    if isinstance(value, list) and (now is None or isinstance(now, list)):
        values[offset] = list(dict.fromkeys([*(now or []), *value]))
    elif now in (None, value):
        values[offset] = value
    else:
        return False
    found.fixes.append(FixedValue(offset, target, "moved_to_account"))
    return True


def _as_text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
