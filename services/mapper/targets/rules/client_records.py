"""Numbers, dates, notes, labels and people in charge: what a firm records of a client."""

from __future__ import annotations

from dataclasses import replace

from services.mapper.headers.meaning import Meaning
from services.mapper.targets.rules.addresses import address_part
from services.mapper.targets.rules.reaching import phone
from services.mapper.targets.scored import Rule, Scored, key_of, rank_of
from services.mapper.targets.table import Table
from services.mapper.values import value_types
from shared.contract.fields import FIELDS

# So many values without a known relationship say that the column has something else.
_TELLING_VALUES = 3
_OF_ADDRESSES = frozenset(["billing", "shipping", "mailing", "home", "other"])


def _ledger_code(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """An account in the books: the client's number in a list of clients, less likely so in an address book."""
    weak = table.personal and not table.organised
    return [Scored("account.client_code", (0.6 if weak else 1.0) * rank_of(meaning), "words")]


def _code(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A bare number: after a street the house number, a "work number" a phone, else the client's code."""
    if table.just_before(place, frozenset(["street", "address", "line"])):
        near = address_part(table, place, replace(meaning, name="house_number"), "house_number")
        return [replace(each, score=max(each.score, 0.9)) for each in near]
    if meaning.qualifiers & {"home", "work"} and table.personal:
        return [replace(each, score=0.85 * each.score) for each in phone(table, place, meaning)]
    if meaning.qualifiers & _OF_ADDRESSES and table.near(place, frozenset(["city", "state", "country"])):
        return address_part(table, place, replace(meaning, name="postal_code"), "postal_code")
    return [Scored("account.client_code", 0.95 * rank_of(meaning), "words")]


def _birth(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """The date of birth, unless year, month and day have columns of their own."""
    if "birth_part" in table.has:
        return []
    return [Scored("contact.date_of_birth", rank_of(meaning), "words")]


def _personal_tax_number(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """The Italian tax code: the VAT number of a company, or the national number of a person."""
    found = [Scored("account.tax_id", 0.97, "words"), Scored("contact.national_number", 0.62, "words")]
    return [each for each in found if FIELDS[each.target].record in table.records]


def _kbo_number(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    return [Scored("account.kbo_number", rank_of(meaning), "words"), Scored("account.tax_id", 0.6, "words")]


def _notes(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    rank = 0.95 if meaning.block == 1 else 0.6
    if "other" in meaning.qualifiers:
        rank *= 0.5
    found = [Scored(key_of("notes", table) or "account.notes", rank, "words")]
    if table.of_people and "contact" in table.records:
        found = [
            Scored("contact.notes", rank, "name_of_person"),
            Scored("account.notes", 0.9 * rank, "words"),
        ]
    return found


def _tags(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    return [Scored(key_of("tags", table) or "account.tags", 0.95, "words")]


def _type(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """The type of account, unless none of the values is one: then they sort clients in another way."""
    if "account" not in table.records:
        return []
    samples = table.samples[place]
    if len(value_types.filled(samples)) >= 2 and value_types.share(samples, "account_type") == 0:
        return [Scored("account.type", 0.45, "words"), Scored("account.tags", 0.52, "words")]
    return [Scored("account.type", rank_of(meaning), "words")]


def _category(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A category: the type of account where the values say so, else a tag."""
    if "account" in table.records and value_types.share(table.samples[place], "account_type") >= 0.5:
        return [Scored("account.type", 0.95, "typical_values"), Scored("account.tags", 0.6, "words")]
    tags, kind = (0.7, 0.72) if "tags" in table.has else (0.8, 0.7)
    found = [Scored(key_of("tags", table) or "account.tags", tags, "words")]
    if "account" in table.records and "type" not in table.has:
        found.append(Scored("account.type", kind, "words"))
    return found


def _roles(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A bare "role" in a list of people is their job, unless another column has the job."""
    if _are_relationships(table, place):
        return _relationship(table, place, meaning)
    if table.personal and not table.organised and meaning.side == "":
        return [] if "job_title" in table.has else [Scored("contact.job_title", 0.8, "name_of_person")]
    return [Scored("account.roles", 1.0, "words")] if "account" in table.records else []


def _relationship(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """What a person is to an account, less likely so where none of several values is one."""
    if "contact" not in table.records:
        return []
    slot = "spouse" if meaning.side == "spouse" else "contact"
    if _are_relationships(table, place):
        return [Scored(f"{slot}.relationship", 1.0, "typical_values")]
    known = len(value_types.filled(table.samples[place])) < _TELLING_VALUES
    return [Scored(f"{slot}.relationship", rank_of(meaning) if known else 0.5, "words")]


def _are_relationships(table: Table, place: int) -> bool:
    return value_types.share(table.samples[place], "relationship") >= 0.5


def partner(table: Table, place: int) -> list[Scored]:
    """A bare "partner" beside others in charge of clients is a partner of the firm; else it may be a spouse."""
    named = table.has & {"first_name", "last_name"}
    in_charge = table.near(place, frozenset(["team_members"])) and not named
    return [Scored("account.team_members", 0.8, "words")] if in_charge and "account" in table.records else []


def _team(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    return [Scored("account.team_members", 1.0, "words")] if "account" in table.records else []


RULES: dict[str, Rule] = {
    "date_of_birth": _birth,
    "personal_tax_number": _personal_tax_number,
    "kbo_number": _kbo_number,
    "code": _code,
    "ledger_code": _ledger_code,
    "notes": _notes,
    "tags": _tags,
    "type": _type,
    "category": _category,
    "team_members": _team,
    "roles": _roles,
    "relationship": _relationship,
}
