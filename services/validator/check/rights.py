"""Leaves values out for which the job lacks a right: tags that would be new, members who may not be assigned."""

from __future__ import annotations

from collections.abc import Sequence, Set

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.context import CheckContext
from services.validator.values.judging import Finding, shown
from shared.contract.fields import FIELDS

MEMBERS = FIELDS["account.team_members"]
TAGS = ("account.tags", "contact.tags")


def keep_to_rights(found: CheckedRows, context: CheckContext) -> None:
    """Leave out new tags and members of others where the right is missing, each with a warning.

    Where tags may be made, those beyond the number that a job may make are left out.
    """
    for key in TAGS:
        tags = {tag for own in found.columns.get(key, ()) if isinstance(own, list) for tag in own}
        if key in context.tags:
            _leave_out(found, key, tags - context.tags[key], "tag_left_out")
        elif tags:
            _leave_out(found, key, context.refused(key, tags), "too_many_new_tags")
    for offset, members in enumerate(found.columns.get(MEMBERS.key, ()) if context.withheld else ()):
        if isinstance(members, list):
            found.columns[MEMBERS.key][offset] = assignable(found, offset, members, context) or None


def _leave_out(found: CheckedRows, key: str, refused: Set[str], code: str) -> None:
    """Take tags off the rows that have them, each with a warning that names them."""
    for offset, tags in enumerate(found.columns.get(key, ()) if refused else ()):
        if isinstance(tags, list) and not refused.isdisjoint(tags):
            out = [tag for tag in tags if tag in refused]
            found.note(offset, key, Finding(code, {"value": shown(", ".join(out))}))
            found.columns[key][offset] = [tag for tag in tags if tag not in refused] or None


def assignable(found: CheckedRows, offset: int, members: Sequence[str], context: CheckContext) -> list[str]:
    """The members who may be assigned; the others become a warning of the row."""
    others = [context.withheld[member] for member in members if member in context.withheld]
    if others:
        finding = Finding("team_member_left_out", {"value": shown(", ".join(others))})
        found.note(offset, MEMBERS.key, finding)
    return [member for member in members if member not in context.withheld]
