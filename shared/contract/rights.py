"""Rights that an import needs besides the one to import: what needs them by hand needs them from a file too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: To make tags that the firm does not have.
MANAGE_TAGS = "manage_tags"
#: To make custom fields.
MANAGE_CUSTOM_FIELDS = "manage_custom_fields"
#: To give accounts to team members other than oneself.
ASSIGN_TEAM_MEMBERS = "assign_team_members"
RIGHTS = (MANAGE_TAGS, MANAGE_CUSTOM_FIELDS, ASSIGN_TEAM_MEMBERS)


def rights_of(job: Mapping[str, Any]) -> frozenset[str]:
    """The rights under which a job works; a job that was made before they were kept has none."""
    return frozenset(job.get("rights") or ())
