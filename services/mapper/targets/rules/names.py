"""Names of clients, companies and people, and the titles beside them."""

from __future__ import annotations

from services.mapper.headers.meaning import Meaning
from services.mapper.targets.rules.reaching import prefix_by_values
from services.mapper.targets.scored import Rule, Scored, rank_of
from services.mapper.targets.table import Table
from services.mapper.values import value_types

_PARTS_OF_NAMES = frozenset(["first_name", "last_name", "middle_name", "prefix"])


def _name(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A bare name: of a client, a person, or one part of a person's name; the columns beside it decide."""
    rank = rank_of(meaning)
    cluster = table.near(place, frozenset(["first_name", "last_name"]), 1)
    several = table.count("name") + table.count("person_name") > 1
    if "person_name" in table.has and not cluster:
        return _somebody(table, place, rank)
    if "first_name" in table.has and "last_name" not in table.has and (cluster or not several):
        return [
            Scored("contact.last_name", rank, "first_names_beside"),
            Scored("account.name", 0.55 * rank, "words"),
        ]
    if "last_name" in table.has and "first_name" not in table.has and (cluster or not several):
        return [
            Scored("contact.first_name", rank, "surnames_beside"),
            Scored("account.name", 0.5 * rank, "words"),
        ]
    return _somebody(table, place, rank)


def _somebody(table: Table, place: int, rank: float) -> list[Scored]:
    full, client = _whole_name(table, place)
    return [
        Scored("contact.full_name", full * rank, "name_of_person"),
        Scored("account.name", client * rank, "name_of_client"),
    ]


def _whole_name(table: Table, place: int) -> tuple[float, float]:
    """The scores of a whole name for the contact and for the account."""
    if "account" not in table.records:
        return 1.0, 0.0
    if "account_name" in table.has:
        return 0.9, 0.5
    if "person_name" in table.has:
        return 0.5, 1.0
    persons = table.personal and not table.organised
    if "first_name" in table.has or "last_name" in table.has:
        beside = table.near(place, _PARTS_OF_NAMES, 1) and persons
        return (0.97, 0.6) if beside else (0.6, 0.97)
    if persons and "company_name" in table.has:
        return 0.97, 0.6
    if "company_name" in table.has and not table.organised:
        return 0.8, 0.75
    if persons:
        return 0.85, 0.8
    return 0.6, 1.0


def _person_name(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A "contact name": the surname where first names have a column and surnames have none, else the full name."""
    firsts = any(each and each.name == "first_name" and each.side == meaning.side for each in table.best)
    lasts = any(each and each.name == "last_name" and each.side in ("", meaning.side) for each in table.best)
    rank = rank_of(meaning)
    if firsts and not lasts:
        return [
            Scored("contact.last_name", rank, "first_names_beside"),
            Scored("contact.full_name", 0.6 * rank, "words"),
        ]
    return [Scored("contact.full_name", rank, "words")]


def _full_name(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    rank = rank_of(meaning)
    found = [Scored("contact.full_name", rank, "words")]
    if meaning.side != "person" and "account" in table.records and table.organised and not table.personal:
        found.append(Scored("account.name", 0.75 * rank, "name_of_client"))
    return found


def _company(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    rank = rank_of(meaning)
    if "account" not in table.records:
        return [Scored("contact.linked_account", 0.85 * rank, "words")]
    found = [Scored("account.company_name", rank, "words")]
    if table.count("company_name") > 1 and table.organised and not table.has & {"account_name", "name"}:
        found.append(Scored("account.name", 0.6 * rank, "name_of_client"))
    return found


def _account_name(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """The client, unless a bare "account" is in a list of people with a company."""
    bare = meaning.score < 0.95
    if table.best[place] is None:
        return []
    if "account" not in table.records:
        return [Scored("contact.linked_account", 0.95, "words")]
    stray = bare and table.personal and not table.organised and "company_name" in table.has
    return [Scored("account.name", 0.5 if stray else rank_of(meaning), "words")]


def _prefix(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A form of address, or, beside phone numbers and with such values, their country code."""
    return prefix_by_values(table, place) or [Scored("contact.prefix", rank_of(meaning), "words")]


def _job(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A job, unless the values are forms of address."""
    if value_types.share(table.samples[place], "prefix") >= 0.8:
        return [Scored("contact.prefix", 0.95, "courtesy_values")]
    return [Scored("contact.job_title", rank_of(meaning), "words")]


def _title(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A bare title: a form of address where it comes before the names or its values say so, else a job."""
    courtesy = value_types.share(table.samples[place], "prefix")
    if courtesy >= 0.5:
        return [Scored("contact.prefix", 1.0, "courtesy_values")]
    if table.count("title") > 1:
        first_of_all = table.names.index("title") == place
        return [Scored("contact.prefix" if first_of_all else "contact.job_title", 1.0, "words")]
    job, prefix = "job_title" in table.has, "prefix" in table.has
    first = next(
        (p for p, name in enumerate(table.names) if name in ("first_name", "name", "last_name")), None
    )
    before = first is not None and place < first
    if prefix and not job:
        return [Scored("contact.job_title", 1.0, "words")]
    if job and not prefix:
        return [Scored("contact.prefix", 0.95, "words")]
    if before:
        return [Scored("contact.prefix", 0.9, "words"), Scored("contact.job_title", 0.7, "words")]
    return [Scored("contact.job_title", 0.9, "words"), Scored("contact.prefix", 0.65, "words")]


RULES: dict[str, Rule] = {
    "name": _name,
    "full_name": _full_name,
    "person_name": _person_name,
    "account_name": _account_name,
    "company_name": _company,
    "title": _title,
    "prefix": _prefix,
    "job_title": _job,
}
