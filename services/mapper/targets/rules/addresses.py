"""Parts of addresses: of several addresses in a row one counts, and a second line is its box."""

from __future__ import annotations

from dataclasses import replace

from services.mapper.headers.meaning import Meaning
from services.mapper.targets.rules.reaching import prefix_by_values
from services.mapper.targets.scored import Rule, Scored
from services.mapper.targets.table import ADDRESS_PARTS, STREETS, Table


def address_part(table: Table, place: int, meaning: Meaning, part: str) -> list[Scored]:
    """One part, such as `city`, of the address that the column belongs to; the main address counts most."""
    block = table.blocks.get(place)
    if block is None:
        return [Scored(f"{_record(table, meaning.side)}.{part}", 0.6, "words")]
    record = _record(table, block.side)
    if block is table.primary[block.side]:
        weight, code = 1.0, "main_address" if table.several_addresses else "words"
    elif block.rank() and block.number == 1 and "other" not in block.qualifiers:
        name = "street" if meaning.name in STREETS else meaning.name
        missing = name not in table.primary[block.side].parts and meaning.line == 1
        weight, code = (0.75, "words") if missing else (0.4, "second_address")
    else:
        weight, code = 0.3 if block.rank() else 0.0, "second_address"
    if meaning.name == "box" and meaning.block + meaning.line > 3:
        weight *= 0.5
    return [Scored(f"{record}.{part}", weight, code)]


def _record(table: Table, side: str) -> str:
    if side in ("customer", "company") and "account" in table.records:
        return "account"
    return "contact" if "contact" in table.records else "account"


def _street(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    if meaning.line > 2:
        return [
            replace(found, score=found.score * 0.4) for found in address_part(table, place, meaning, "box")
        ]
    if meaning.line == 2:
        return [
            replace(found, score=found.score * 0.92) for found in address_part(table, place, meaning, "box")
        ]
    found = address_part(table, place, meaning, "address_line1")
    if meaning.name == "address":
        return [replace(each, score=each.score * 0.93) for each in found]
    return found


def _street_or_number(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A "street number" is the house number where a column for the street is beside it."""
    if table.near(place, frozenset(["street", "address", "line"])):
        return address_part(table, place, meaning, "house_number")
    return address_part(table, place, meaning, "address_line1")


def _estate(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A word for a state or a status, such as "estado": a state beside other parts of an address."""
    if not table.near(place, frozenset(["city", "postal_code", "state", "country", "street", "address"])):
        return [Scored("account.status", 0.95, "words")]
    if "state" in table.has and "country" not in table.has:
        return address_part(table, place, meaning, "country")
    if "state" in table.has:
        return [Scored("account.status", 0.75, "words")]
    return address_part(table, place, meaning, "state")


def _location(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    if table.near(place, frozenset(["postal_code", "country", "street", "address", "line", "state"])):
        same = any(
            each
            and each.name == "city"
            and (each.side, each.qualifiers) == (meaning.side, meaning.qualifiers)
            for each in table.best
        )
        if not same:
            return address_part(table, place, replace(meaning, name="city"), "city")
    return []


def _part(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    return address_part(table, place, meaning, meaning.name)


def _country(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """The country, unless its values are the country codes of the phone numbers beside it."""
    return prefix_by_values(table, place) or address_part(table, place, meaning, "country")


RULES: dict[str, Rule] = {
    **dict.fromkeys(ADDRESS_PARTS, _part),
    "country": _country,
    "address": _street,
    "street": _street,
    "line": _street,
    "street_or_number": _street_or_number,
    "estate": _estate,
    "location": _location,
}
