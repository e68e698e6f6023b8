"""The columns of each template: headers, explanations, examples and choices, in every language.

Headers are the labels of the target fields, so that a filled template maps itself. Examples are in notes and on the
second sheet, never among the rows, so that none is imported by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from babel import Locale

from shared.contract.fields import FIELDS
from shared.contract.texts.catalogues import Texts, known
from shared.contract.texts.catalogues import gettext_noop as _

TEXTS = Texts("upload")

_ACCOUNT = (
    "name",
    "type",
    "company_name",
    "client_code",
    "kbo_number",
    "tags",
    "team_members",
    "folder_template",
)
_ADDRESS = ("address_line1", "house_number", "box", "postal_code", "city", "country")
_PERSON = (
    "first_name",
    "last_name",
    "email",
    "mobile",
    "phone",
    "language",
    "date_of_birth",
    "national_number",
)
_SPOUSE = ("first_name", "last_name", "email", "mobile", "language", "date_of_birth", "national_number")


def _keys(record: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{record}.{name}" for name in names)


TEMPLATES: dict[str, tuple[str, ...]] = {
    "accounts-and-contacts": _keys("account", _ACCOUNT)
    + _keys("contact", (*_PERSON, "relationship", *_ADDRESS)),
    "accounts": _keys("account", (*_ACCOUNT, "email", "website", *_ADDRESS, "notes")),
    "contacts": _keys(
        "contact", (*_PERSON, "linked_account", "relationship", "job_title", *_ADDRESS, "tags", "notes")
    ),
    "household": (
        "account.name",
        *_keys("contact", _PERSON),
        *_keys("spouse", _SPOUSE),
        *_keys("contact", _ADDRESS),
        *_keys("account", ("client_code", "tags", "team_members")),
    ),
    "accounton": (),
}
#: The kind of import of a template, where it is not the usual one.
KINDS = {"accounts": "accounts", "contacts": "contacts"}

# Columns A to V of Accounton's template for declarations: the field that each fills, "" for none, and its header.
_ACCOUNTON = (
    ("", "person"),
    ("contact.first_name", _("First name")),
    ("contact.last_name", _("Last name")),
    ("contact.email", _("Email")),
    ("contact.mobile", _("Mobile number")),
    ("contact.national_number", _("National register number")),
    ("contact.address_line1", _("Street")),
    ("contact.house_number", _("House no.")),
    ("contact.box", _("Box")),
    ("contact.postal_code", _("Postcode")),
    ("contact.city", _("City")),
    ("contact.country", _("Country")),
    ("", _("Extra PIT")),
    ("account.tags", _("Labels")),
    ("spouse.national_number", _("Partner's register number")),
    ("contact.language", _("Language")),
    ("account.client_code", _("Client code")),
    ("account.kbo_number", _("KBO number")),
    ("spouse.kbo_number", _("Partner's KBO number")),
    ("account.pit_deadline", _("PIT deadline")),
    ("account.team_members", _("Responsible")),
    ("account.team_members", _("Main responsible")),
)

# An example and an explanation of each column: by its field, or else by the type of the field.
_EXPLAINED = {
    "account.name": ("Smets BV", _("The name of the client, once for each account.")),
    "name": ("Smets", _("A name as it is written.")),
    "text": ("", _("Text; may stay empty.")),
    "account.client_code": (
        "C-0042",
        _("Your own code of the client; a later import finds the client by it."),
    ),
    "contact.relationship": (
        "Child",
        _("What the person is to the account: a spouse, a child, a director. Other words are kept, too."),
    ),
    "contact.linked_account": ("Smets BV", _("The name of the account that the person belongs to.")),
    "account.pit_deadline": ("", _("A date; better left empty.")),
    "choice": ("Company", _("One of the choices of the list.")),
    "email": ("an.smets@example.be", _("One e-mail address.")),
    "phone": ("+32470123456", _("A number with its country code.")),
    "date": ("31/12/1985", _("A date.")),
    "language": ("Dutch", _("The language that the person reads.")),
    "country": ("BE", _("A country by its name or its code of two letters.")),
    "list": ("VIP; 2025", _("Several are separated by semicolons.")),
    "members": ("jan@office.example", _("The e-mail address of a colleague.")),
    "register_number": ("85073003328", _("The eleven digits of the identity card.")),
    "enterprise_number": ("0403019261", _("The ten digits, with the zero in front.")),
    "postal_code": ("9000", _("The postal code.")),
    "url": ("www.example.be", _("A web address.")),
}
#: Accounton puts commas between labels.
#: https://support.silverfin.com/en/support/solutions/articles/101000551076-accounton-importing-customers-via-an-excel-file
_LABELS_OF_ACCOUNTON = ("VIP,2025", _("Several are separated by commas."))
_EMPTY = ("", _("Leave it empty."))
_PERSON_MARK = ("person", _("Write “person” in each row."))

_INSTRUCTIONS = _("Instructions")
_FIRST_LINE = _("Fill in the first sheet, one client a row, and upload it. Do not change the headers.")
_CLIENTS = _("Clients")
_EXAMPLE = _("Example")

#: languages of people that a template offers to choose; others may be written
LANGUAGES_OF_PEOPLE = ("nl", "fr", "en")
COUNTRIES = ("BE", "NL", "FR", "LU", "DE", "GB", "IE", "IT", "ES", "PT", "PL", "CH", "AT", "US")


def instructions(lang: str) -> tuple[str, str]:
    """Give the title of the sheet that explains the template, and its first line."""
    return TEXTS.gettext(_INSTRUCTIONS, lang), TEXTS.gettext(_FIRST_LINE, lang)


def title(lang: str) -> str:
    """Give the name of the sheet that people fill in."""
    return TEXTS.gettext(_CLIENTS, lang)


def for_example(example: str, lang: str) -> str:
    """Introduce an example as one."""
    return TEXTS.gettext(_EXAMPLE, lang) + f": {example}"


@dataclass(frozen=True)
class TemplateColumn:
    """A column of a template; `choices` are offered in a list, and other values may be written as well."""

    key: str
    header: str
    explanation: str
    example: str
    choices: tuple[str, ...]
    is_date: bool


def columns_of(name: str, lang: str) -> list[TemplateColumn]:
    """The columns of a template in a language; raises KeyError where there is no such template."""
    if name == "accounton":
        own = {"list": _LABELS_OF_ACCOUNTON}
        return [_column(key, TEXTS.gettext(header, lang), lang, own) for key, header in _ACCOUNTON]
    return [_column(key, FIELDS[key].label(lang), lang) for key in TEMPLATES[name]]


def _column(
    key: str, header: str, lang: str, own: Mapping[str, tuple[str, str]] = MappingProxyType({})
) -> TemplateColumn:
    """One column; `own` has what is explained otherwise than in our templates, by type of field."""
    kind = FIELDS[key].type if key else ""
    found = (
        own.get(kind)
        or _EXPLAINED.get(key)
        or _EXPLAINED.get(kind)
        or (_PERSON_MARK if header == "person" else _EMPTY)
    )
    if key and found is _EMPTY:
        found = _EXPLAINED["text"]
    example, explanation = found
    languages = _languages(lang)
    choices = {"language": languages, "country": COUNTRIES}.get(kind) or (
        FIELDS[key].choices if key else ("person",) if header == "person" else ()
    )
    return TemplateColumn(
        key,
        header,
        TEXTS.gettext(explanation, lang),
        languages[0] if kind == "language" else example,
        tuple(choices),
        kind == "date",
    )


def _languages(lang: str) -> tuple[str, ...]:
    """What the languages of people are called in a language."""
    names = Locale(known(lang)).languages
    return tuple(names[each] for each in LANGUAGES_OF_PEOPLE)
