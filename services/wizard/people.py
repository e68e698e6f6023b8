"""Says who did something, by name or e-mail address; the subject of a token is no name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flask_babel import gettext

from services.wizard.answers import Job
from shared.contract.documents.reference import Reference

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def names_of(directory: Reference, jobs: Iterable[Job], own: tuple[str, str | None]) -> dict[str, str]:
    """What people are called, by the subject of their tokens: as in the team, else by e-mail address.

    `own` is the subject and the address of the person who looks.
    """
    known = list(jobs)
    found = {job["created_by"]: email for job in known if (email := job.get("created_by_email"))}
    edits = [one for job in known for one in job.get("edits", {}).values()]
    found |= {one["by"]: email for one in edits if (email := one["email"])}
    subject, address = own
    found |= {subject: address} if address else {}
    return found | {member["id"]: member["name"] for member in directory["team_members"]}


def called(by: str, names: Mapping[str, str]) -> str:
    """What somebody is called; a subject that is an e-mail address is one."""
    if by in names:
        return names[by]
    return by if _ADDRESS.fullmatch(by) else gettext("another person or program")
