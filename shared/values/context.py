"""What judges need to know of the firm, of the day, and of the choices that a person made for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from shared.contract.custom_fields import id_of
from shared.contract.documents.reference import Reference
from shared.values.choices import member_index


@dataclass(frozen=True)
class ValueContext:
    """What judges need to know.

    `country` is that of phone numbers without a country code, and of a row that gives none. `members` is the
    `member_index` of the firm's team. By field key, `choices` gives the firm's own choices of a field, and `values` the
    choice that each text means ("" for nothing).
    """

    today: date
    country: str = "BE"
    languages: tuple[str, ...] = ("en", "fr", "nl")
    members: Mapping[str, str] = field(default_factory=dict)
    date_order: str | None = None
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def context_of_firm(reference: Reference) -> ValueContext:
    """What judges need to know of a firm, where no list brings choices of its own."""
    locale = reference["locale"]
    return ValueContext(
        today=datetime.now(UTC).date(),
        country=locale["country"],
        languages=tuple(reference["languages"]),
        members=member_index(reference["team_members"]),
        date_order=locale["date_order"],
        choices=own_choices(reference),
    )


def own_choices(reference: Reference) -> dict[str, Sequence[str]]:
    """The choices of the firm's folder templates and custom fields, by key with id."""
    customs = reference["custom_fields"]
    return {
        "account.folder_template": reference["folder_templates"],
        **{f"{each['record']}.custom.{id_of(each)}": each.get("choices", ()) for each in customs},
    }
