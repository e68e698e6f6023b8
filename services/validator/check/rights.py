"""Leaves values out for which the job lacks a right: tags that would be new, members who may not be assigned."""

from __future__ import annotations

from collections.abc import Sequence

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.context import CheckContext
from services.validator.check.spellings import leave_out
from shared.contract.fields import FIELDS
from shared.values.judging import Finding, shown

MEMBERS = FIELDS["account.team_members"]


def keep_to_rights(found: CheckedRows, context: CheckContext) -> None:
    """Leave out new tags and members of others where the right is missing, each with a warning."""
    for key, known in context.tags.items():
        tags = {tag for own in found.columns.get(key, ()) if isinstance(own, list) for tag in own}
        leave_out(found, key, tags - known, "tag_left_out")
    for offset, members in enumerate(found.columns.get(MEMBERS.key, ()) if context.withheld else ()):
        if isinstance(members, list):
            found.columns[MEMBERS.key][offset] = assignable(found, offset, members, context) or None


def assignable(found: CheckedRows, offset: int, members: Sequence[str], context: CheckContext) -> list[str]:
    """The members who may be assigned; the others become a warning of the row."""
    others = [context.withheld[member] for member in members if member in context.withheld]
    if others:
        finding = Finding("team_member_left_out", {"value": shown(", ".join(others))})
        found.note(offset, MEMBERS.key, finding)
    return [member for member in members if member not in context.withheld]
