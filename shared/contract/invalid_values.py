"""What becomes of a row with a value that cannot be taken: the row is skipped, or loaded without the value."""

from __future__ import annotations

from shared.contract.fields import FIELDS

SKIP_ROW, DROP_VALUE = "skip_row", "drop_value"
ON_INVALID = (SKIP_ROW, DROP_VALUE)

#: Names of fields that say whom a row is about: without their value nobody could know.
_IDENTIFYING = frozenset({"record_id", "full_name", "first_name", "last_name"})


def may_be_left_out(key: str) -> bool:
    """Whether a row can be loaded without the value of a field, which is not so where it says whom the row is about."""
    record, _, name = key.partition(".")
    if name.startswith("custom."):
        return record in ("account", "contact")
    return key in FIELDS and key != "account.name" and name not in _IDENTIFYING
