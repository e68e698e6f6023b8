"""How a target field is declared: a marshmallow field whose metadata holds label, aliases and type.

The schemas describe values after checking: dates as ISO 8601 text, lists as lists of text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields


def described(
    type_name: str,
    label: str,
    aliases: Mapping[str, str],
    *,
    check: str = "",
    repeats: bool = False,
    choices: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Metadata of one field.

    The label is the English text of the catalogues. Aliases by language, and names of choices, are written as text
    separated by semicolons. `check` names the check of values where it is not the one of the type.
    """
    return {
        "type": type_name,
        "check": check or type_name,
        "label": label,
        "aliases": {language: split(words) for language, words in aliases.items()},
        "repeats": repeats,
        "choices": {value: split(names) for value, names in (choices or {}).items()},
    }


def split(text: str) -> list[str]:
    """The parts of a text separated by semicolons, without the blank ones."""
    return [part.strip() for part in text.split(";") if part.strip()]


class Text(fields.String):
    """A field that holds one text; its subclasses say what the text means.

    `type_name` is the type that the API shows. `check` names the check of its values, where the type has several.
    Several columns may fill a field that `repeats`.
    """

    type_name = "text"
    check = ""
    repeats = False

    def __init__(
        self,
        label: str,
        *,
        en: str = "",
        fr: str = "",
        nl: str = "",
        required: bool = False,
        choices: Mapping[str, str] | None = None,
    ) -> None:
        metadata = described(
            self.type_name,
            label,
            {"en": en, "fr": fr, "nl": nl},
            check=self.check,
            repeats=self.repeats,
            choices=choices,
        )
        super().__init__(required=required, allow_none=not required, metadata=metadata)


class Name(Text):
    """A name of a person, a company or an account; it may become a folder name."""

    type_name = "name"


class FullName(Name):
    """The whole name of a person, to be split into first and last name."""

    check = "full_name"


class Email(Text):
    """One e-mail address."""

    type_name = "email"


class Phone(Text):
    """A phone number in E.164 form."""

    type_name = "phone"


class PhonePrefix(Text):
    """The country or area code of the phone numbers beside it, each of which may have one."""

    check = "phone_prefix"
    repeats = True


class Choice(Text):
    """One of a fixed list of choices."""

    type_name = "choice"


class Date(Text):
    """A calendar date, ISO 8601 (YYYY-MM-DD)."""

    type_name = "date"


class BirthDate(Date):
    """A date of birth: never after today."""

    check = "birth_date"


class YearEnd(Text):
    """The end of a fiscal year, as day and month in the order of the firm's dates."""

    check = "year_end"


class Country(Text):
    """A country, ISO 3166-1 alpha-2."""

    type_name = "country"


class Language(Text):
    """A language, ISO 639-1."""

    type_name = "language"


class PostalCode(Text):
    """A postal code; always text, so that zeros stay."""

    type_name = "postal_code"


class RegisterNumber(Text):
    """A Belgian national register number or BIS number, digits only."""

    type_name = "register_number"


class EnterpriseNumber(Text):
    """A Belgian enterprise number, ten digits."""

    type_name = "enterprise_number"


class TaxId(Text):
    """A tax number of any country."""

    type_name = "tax_id"


class Number(Text):
    """A number, written with a point and without separators of thousands."""

    type_name = "number"


class Url(Text):
    """A web address with its scheme."""

    type_name = "url"


class TextList(fields.List[str]):
    """Several texts in one cell, such as tags; several columns may fill it."""

    type_name = "list"
    check = ""

    def __init__(self, label: str, *, en: str = "", fr: str = "", nl: str = "") -> None:
        aliases = {"en": en, "fr": fr, "nl": nl}
        metadata = described(self.type_name, label, aliases, check=self.check, repeats=True)
        super().__init__(fields.String(), required=False, allow_none=True, metadata=metadata)


class Members(TextList):
    """Team members, by e-mail address or exact name; after checking, their ids."""

    type_name = "members"


class Relationships(TextList):
    """What a person is to an account, such as a child or a director; it is kept on the link between the two."""

    check = "relationship"


class Boolean(fields.Boolean):
    """Yes or no."""

    type_name = "boolean"

    def __init__(self, label: str, *, en: str = "", fr: str = "", nl: str = "") -> None:
        metadata = described(self.type_name, label, {"en": en, "fr": fr, "nl": nl})
        super().__init__(required=False, allow_none=True, metadata=metadata)
