"""Phones, fax and e-mail: which number or address is the first, and which is the second."""

from __future__ import annotations

from dataclasses import replace

from services.mapper.headers.meaning import Meaning
from services.mapper.targets.scored import Rule, Scored, rank_of
from services.mapper.targets.table import Table
from services.mapper.values import value_types

PHONES = frozenset(["phone", "mobile", "fax"])
_SECOND = 0.9  # score of "another" as the second of two, below that of a more exact header


def phone(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """A number at home or the second of two is the second phone; any other is the first."""
    if "shipping" in meaning.qualifiers:
        return []
    if meaning.block > 2:
        return [Scored("contact.phone_secondary", 0.5, "another_of")]
    if meaning.block == 2 or meaning.qualifiers & {"home", "other"}:
        alone = 0.55 if meaning.block == 1 else 0.4
        second = _SECOND if "other" in meaning.qualifiers else 0.95
        return [
            Scored("contact.phone_secondary", second, "second_of"),
            Scored("contact.phone", alone, "words"),
        ]
    main = 1.0 if not meaning.qualifiers & {"billing", "mailing"} else 0.9
    return [Scored("contact.phone", main, "words"), Scored("contact.phone_secondary", 0.75, "second_of")]


def _mobile(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    if meaning.block > 1 or "other" in meaning.qualifiers:
        return [Scored("contact.phone_secondary", 0.6, "second_of")]
    return [
        Scored("contact.mobile", rank_of(meaning), "words"),
        Scored("contact.phone_secondary", 0.5, "second_of"),
    ]


def _fax(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    rank = rank_of(meaning)
    return [Scored("contact.fax", 0.8 * rank if "home" in meaning.qualifiers else rank, "words")]


def _email(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """Of several addresses the plain one is the contact's; one of a company or for invoices is the account's."""
    if "shipping" in meaning.qualifiers and "billing" not in meaning.qualifiers:
        return []
    several = table.count("email") > 1
    persons = any(each and (each.name, each.side) == ("email", "person") for each in table.best)
    of_account = meaning.side == "company" or (meaning.side == "customer" and several)
    second = Scored("contact.email_secondary", 0.72, "second_of")
    if meaning.block > 2:
        return [replace(second, score=0.5, code="another_of")]
    if meaning.block == 2 or "other" in meaning.qualifiers:
        return [replace(second, score=_SECOND), Scored("contact.email", 0.45, "words")]
    if "billing" in meaning.qualifiers and several:
        return [Scored("account.email", 0.8, "words"), replace(second, score=0.6)]
    if of_account or (meaning.side == "" and persons):
        return [Scored("account.email", 0.97, "words"), Scored("contact.email", 0.85, "words")]
    if "contact" not in table.records:
        return [Scored("account.email", 1.0, "words")]
    if "home" in meaning.qualifiers:
        return [Scored("contact.email", 0.95, "words"), replace(second, score=0.93 if several else 0.72)]
    return [Scored("contact.email", 1.0, "words"), second]


def _phone_prefix(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    """The country code of phone numbers; less likely where the file has none."""
    return [Scored("contact.phone_prefix", 0.95 if table.has & PHONES else 0.62, "words")]


def prefix_by_values(table: Table, place: int, score: float = 0.97) -> list[Scored]:
    """A "country code" or a "prefix" beside phone numbers whose values are those of telephones."""
    beside = table.near(place, PHONES, 1) and "phone_prefix" not in table.has
    if beside and value_types.share(table.samples[place], "calling_code") >= 0.8:
        return [Scored("contact.phone_prefix", score, "typical_values")]
    return []


RULES: dict[str, Rule] = {
    "phone_prefix": _phone_prefix,
    "phone": phone,
    "mobile": _mobile,
    "fax": _fax,
    "email": _email,
}
