"""Plans the links between the account and the people of a row."""

from __future__ import annotations

from services.validator.check.slots import PEOPLE
from services.validator.plan.context import PlanContext
from services.validator.plan.rows_to_plan import RowsToPlan
from shared.contract.documents.chunk import Link
from shared.contract.documents.job import Settings
from shared.contract.merging import UPDATE_ONLY


def missing_links(row: int, rows: RowsToPlan, context: PlanContext, settings: Settings) -> list[Link]:
    """The links of a row that neither the firm has nor an earlier row makes; `settings` are those for the row."""
    account = rows.account_of(row)
    if account is None:
        return []
    changed = settings["contacts"] != context.settings["contacts"]
    links = []
    for slot in PEOPLE:
        contact = rows.places[slot][row] if slot in rows.places else None
        if contact is None or row in rows.linked.get(slot, ()):
            continue
        if context.settings["mode"] == UPDATE_ONLY and not contact.known:
            continue
        if (account.identity, contact.identity) in context.linked:
            continue
        link = Link(
            row=row,
            slot=slot,
            account=account.identity,
            contact=contact.identity,
            account_chunk=None if account.leads else account.chunk,
            contact_chunk=None if contact.leads else contact.chunk,
            switches=settings["contacts"] if changed else None,
        )
        links.append(link)
    return links
