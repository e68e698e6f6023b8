"""Examples of the records that an import makes, as the person would look at them in the platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext, lazy_gettext

from services.wizard.account_types import ACCOUNT_TYPES
from services.wizard.answers import PlannedRecord, Row
from services.wizard.review_rows import ACCOUNT_FIRST, CONTACT_FIRST, Words
from shared.contract.documents.job import Settings
from shared.contract.records import RELATIONSHIP


@dataclass(frozen=True)
class Card:
    """A record to be made, as the person would look at it in the platform: its name, and its values by label."""

    title: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    contacts: tuple[Card, ...] = ()
    switches: tuple[tuple[str, tuple[str, ...]], ...] = ()
    linked: bool = False
    is_partner: bool = False

    @property
    def is_household(self) -> bool:
        """Whether it is an account with two people."""
        return any(contact.is_partner for contact in self.contacts)


SWITCHES = {
    "login": lazy_gettext("Login"),
    "notify": lazy_gettext("Notify"),
    "email_sync": lazy_gettext("E-mail sync"),
    "send_invitation": lazy_gettext("Invitation"),
}
#: the title of a record without a name or an address
NO_NAME = "–"
_IN_TITLE = {"name", "type", "first_name", "last_name", "full_name"}


def example_cards(rows: Iterable[Row], settings: Settings, words: Words, most: int = 3) -> list[Card]:
    """The first records that rows make: accounts with the contacts that are linked to them, else contacts."""
    accounts: dict[str, tuple[dict[str, object], list[Card]]] = {}
    alone: list[Card] = []
    for row in rows:
        plan = row["plan"]
        account = plan.get("account")
        if account and account["do"] == "create":
            accounts[account["id"]] = (account["values"], [])
        switches = {link["contact"]: link.get("switches") for link in plan.get("links", ())}
        related = {link["contact"]: link.get("relationship", []) for link in plan.get("links", ())}
        of = {link["contact"]: link["account"] for link in plan.get("links", ())}
        for slot, own in (("contact", plan.get("contact")), ("spouse", plan.get("spouse"))):
            if own and own["do"] == "create":
                given = switches.get(own["id"]) or settings["contacts"]
                values = {**own["values"], RELATIONSHIP: related.get(own["id"], [])}
                card = _contact_card(slot, values, given if own["id"] in of else {}, words)
                if slot == "spouse" and card.title == NO_NAME:
                    card = replace(card, title=_partner_of(row["plan"].get("account"), plan.get("contact")))
                accounts.get(of.get(own["id"], ""), ({}, alone))[1].append(card)
    cards = [_account_card(values, contacts, words) for values, contacts in accounts.values()]
    cards.sort(key=lambda card: not card.is_household)
    return (cards or alone)[:most]


def _partner_of(account: PlannedRecord | None, contact: PlannedRecord | None) -> str:
    """What to call a partner whose name the row does not have."""
    values = account.get("values", {}) if account else {}
    named = values.get("name") or _name(contact.get("values", {}) if contact else {})
    return gettext("Partner of %(name)s", name=named) if named else str(gettext("Partner"))


def _name(values: Mapping[str, object]) -> str:
    return " ".join(str(values[part]) for part in ("first_name", "last_name") if values.get(part))


def _account_card(values: Mapping[str, object], contacts: list[Card], words: Words) -> Card:
    given = str(values.get("type", ""))
    kind = str(ACCOUNT_TYPES.get(given, given))
    return Card(
        str(values.get("name", "")), kind, _facts("account", values, ACCOUNT_FIRST, words), tuple(contacts)
    )


def _contact_card(
    slot: str, values: Mapping[str, object], switches: Mapping[str, Mapping[str, bool]], words: Words
) -> Card:
    name = _name(values)
    on = {
        key.rpartition(".")[2]: tuple(str(SWITCHES[name]) for name in SWITCHES if given.get(name))
        for key, given in switches.items()
        if values.get(key.rpartition(".")[2])
    }
    return Card(
        title=name
        or str(values.get("full_name") or values.get("company_name") or values.get("email") or NO_NAME),
        kind="",
        facts=_facts(slot, values, CONTACT_FIRST, words),
        switches=tuple((str(values[field]), names) for field, names in on.items()),
        linked=bool(switches),
        is_partner=slot == "spouse",
    )


def _facts(
    slot: str, values: Mapping[str, object], first: Sequence[str], words: Words
) -> tuple[tuple[str, str], ...]:
    """Values by label: those that matter most, then the others in the order they came in."""
    own = values.get("custom")
    custom = {f"custom.{name}": value for name, value in own.items()} if isinstance(own, dict) else {}
    flat = {**{name: value for name, value in values.items() if name != "custom"}, **custom}
    if flat.get("company_name") == flat.get("name"):
        flat.pop("company_name", None)
    order = [name for name in first if name in flat]
    order += [name for name in flat if name not in first and name not in _IN_TITLE]
    filled = [name for name in order if flat[name] not in (None, "", [])]
    return tuple((words.field(slot, name), words.value(name, flat[name])) for name in filled)
