"""Plans the links between the account and the people of a row."""

from __future__ import annotations

from collections.abc import Sequence

from services.validator.plan.context import PlanContext
from services.validator.plan.rows_to_plan import RowsToPlan
from shared.contract.documents.chunk import Link
from shared.contract.documents.job import Settings
from shared.contract.merging import UPDATE_ONLY
from shared.contract.records import CLEAR, RELATIONSHIP
from shared.contract.relationships import related
from shared.values.evidence import PEOPLE


def planned_links(row: int, rows: RowsToPlan, context: PlanContext, settings: Settings) -> list[Link]:
    """The links of a row: those to make, and those there already of which the row says what the contact is.

    `settings` are those for the row.
    """
    account = rows.account_of(row)
    if account is None:
        return []
    changed = settings["contacts"] != context.settings["contacts"]
    links = []
    for slot in PEOPLE:
        contact = rows.places[slot][row] if slot in rows.places else None
        if contact is None or (context.settings["mode"] == UPDATE_ONLY and not contact.known):
            continue
        pair = (account.identity, contact.identity)
        by_earlier_row = row in rows.linked.get(slot, ())
        known = by_earlier_row or pair in context.linked
        given = _relationship(rows, slot, row)
        if by_earlier_row and row not in rows.relinked.get(slot, ()):
            given = None
        if known and not _changes(context.linked.get(pair, ()), given):
            continue
        links.append(
            Link(
                row=row,
                slot=slot,
                account=account.identity,
                contact=contact.identity,
                account_chunk=None if account.leads else account.chunk,
                contact_chunk=None if contact.leads else contact.chunk,
                switches=settings["contacts"] if changed else None,
                relationship=given,
                known=known,
            )
        )
    return links


def _relationship(rows: RowsToPlan, slot: str, row: int) -> list[str] | None:
    """What a row says that its person is to the account; [] where it says nothing any more."""
    values = rows.columns.get(f"{slot}.{RELATIONSHIP}")
    value = values[row] if values else None
    if value == CLEAR:
        return []
    return value if isinstance(value, list) else None


def _changes(now: Sequence[str], given: list[str] | None) -> bool:
    """Whether what a row says changes what the contact is to the account."""
    return given is not None and list(now) != related(now, given)
