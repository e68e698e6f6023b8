"""What the settings of a new import begin with, and which mails about it are sent, where the firm chooses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from shared.contract.documents.reference import SettingsDefaults
from shared.contract.merging import BOTH, FILL_EMPTY
from shared.contract.requests import MATCH

#: The statuses of an import that are mailed.
ANNOUNCED = ("imported", "failed", "undone")


def import_defaults(chosen: Mapping[str, object]) -> SettingsDefaults:
    """The defaults of a firm: those that it chose, and the usual ones for the others."""
    match = chosen.get("match")
    usual = {
        "mode": BOTH,
        "merge_default": FILL_EMPTY,
        "on_doubt": "skip",
        "on_change": "skip",
        **chosen,
        "match": {name: list(kinds) for name, kinds in MATCH.items()}
        | (match if isinstance(match, dict) else {}),
    }
    return cast("SettingsDefaults", usual)
