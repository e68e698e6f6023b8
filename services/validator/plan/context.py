"""What planning needs to know beside the rows: settings, and the firm's records and links that rows mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.validator.check.slots import COLLECTION
from services.validator.plan.rows_to_plan import RowsToPlan
from shared.contract.documents.chunk import Additions
from shared.contract.documents.job import Job, Settings
from shared.contract.documents.record import Record
from shared.contract.documents.reference import Reference
from shared.contract.job import settings_of
from shared.values.evidence import PEOPLE


class Directory(Protocol):
    """The firm's directory, as planning asks it."""

    def reference(self) -> Reference:
        """The firm's reference data."""

    def fetch(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id; `kind` is `accounts` or `contacts`."""

    def linked(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """Which pairs of an account and a contact are linked, and what each contact is to the account."""


@dataclass(frozen=True)
class PlanContext:
    """What planning needs beside the rows.

    `existing` are the records that rows matched, by collection and id; `linked` what the contact is
    to the account of each pair that is linked.
    `additions` has, by slot and row, what other rows add to the record that this row leads.
    """

    settings: Settings
    existing: Mapping[str, Mapping[str, Record]]
    linked: Mapping[tuple[str, str], Sequence[str]]
    importer: str
    default_members: Sequence[str] = ()
    additions: Mapping[str, Mapping[int, Additions]] = field(default_factory=dict)


def plan_context(
    directory: Directory, job: Job, rows: RowsToPlan, additions: Mapping[str, Mapping[int, Additions]]
) -> PlanContext:
    """Fetch what planning these rows needs of the firm's directory."""
    known: dict[str, set[str]] = {"accounts": set(), "contacts": set()}
    for slot, own in rows.places.items():
        known[COLLECTION[slot]] |= {place.identity for place in own if place and place.known}
    existing = {
        collection: directory.fetch(collection, ids) if ids else {} for collection, ids in known.items()
    }
    pairs = {
        (account.identity, contact.identity)
        for slot in PEOPLE
        for row, contact in enumerate(rows.places.get(slot, ()))
        if contact and (account := rows.account_of(row)) and account.known
    }
    members = directory.reference()["team_members"]
    return PlanContext(
        settings=settings_of(job),
        existing=existing,
        linked=directory.linked(pairs) if pairs else {},
        importer=job["created_by"],
        default_members=[member["id"] for member in members if member.get("default_access")],
        additions=additions,
    )
