"""Rights over values: an import needs the same rights as a person who makes the change in the API."""

from __future__ import annotations

from collections.abc import Collection

from shared.contract.documents.job import Job
from shared.contract.job import built_from, mapping_of, settings_of

#: The right to make tags that the firm does not have.
MANAGE_TAGS = "manage_tags"
#: The right to make custom fields.
MANAGE_CUSTOM_FIELDS = "manage_custom_fields"
#: The right to give accounts to team members other than oneself.
ASSIGN_TEAM_MEMBERS = "assign_team_members"
RIGHTS = (MANAGE_TAGS, MANAGE_CUSTOM_FIELDS, ASSIGN_TEAM_MEMBERS)


def rights_of(job: Job) -> frozenset[str]:
    """The rights under which a job works; a job that was made before they were kept has none."""
    return frozenset(job.get("rights") or ())


#: Fields whose cells may name what is made with a right.
_NEEDED_FOR = {
    "account.tags": MANAGE_TAGS,
    "contact.tags": MANAGE_TAGS,
    "account.team_members": ASSIGN_TEAM_MEMBERS,
}


def right_beyond(job: Job, columns: Collection[int], own: Collection[str]) -> str | None:
    """A right that changes of these columns need, that the job has, and that the person lacks; None where all is fine.

    A job works under the rights of the person who confirmed the mapping. Without this check another person could make
    by a repair what they may not make themselves. A right that the job lacks too needs no check, because checking
    leaves such values out.
    """
    beyond = rights_of(job).difference(own)
    if ASSIGN_TEAM_MEMBERS in beyond and not _assigning(job).isdisjoint(columns):
        return ASSIGN_TEAM_MEMBERS
    mapping = mapping_of(job)
    filled = (c for c in mapping["columns"] if c["index"] in columns)
    keys = [key for c in filled for key in (c["target"], c.get("also"))]
    keys += [key for key, sources in built_from(mapping).items() if not set(columns).isdisjoint(sources)]
    named = (_NEEDED_FOR.get(key or "") for key in keys)
    return next((right for right in named if right in beyond), None)


def _assigning(job: Job) -> set[int]:
    """Columns that rules take team members from."""
    return {
        rule["then"]["assignees_from"]
        for rule in settings_of(job)["rules"]
        if "assignees_from" in rule["then"]
    }
