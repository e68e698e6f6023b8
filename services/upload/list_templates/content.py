"""The columns of each template: headers, explanations, examples and choices, in every language.

Headers are the labels of the target fields, so that a filled template maps itself; the firm's own fields have their
names. Examples are in notes and on the second sheet, never among the rows, so that none is imported by accident.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from babel import Locale

from shared.contract.documents.reference import CustomField, Reference
from shared.contract.fields import FIELDS, NEEDED, RECORDS_OF_KIND
from shared.contract.spelling import spelling_key
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
USUAL_KIND = "accounts_and_contacts"

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
    "date": ("30/07/1985", _("A date.")),
    "number": ("12.5", _("A number.")),
    "multi-choice": ("", _("Several are separated by semicolons.")),
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

#: Fields that each row of Accounton's list must have.
#: https://support.silverfin.com/en/support/solutions/articles/101000551076-accounton-importing-customers-via-an-excel-file
MANDATORY_OF_ACCOUNTON = ("contact.first_name", "contact.last_name", "contact.email", "contact.language")
_EACH_ROW = _("Each row needs it.")
_ONE_OF = _("Each row needs one of these: {headers}.")

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


#: An example of a date, which is that of the register number, and how a spreadsheet shows dates, by the firm's order.
DATES = {
    "DMY": ("30/07/1985", "dd/mm/yyyy"),
    "MDY": ("07/30/1985", "mm/dd/yyyy"),
    "YMD": ("1985-07-30", "yyyy-mm-dd"),
}
#: What separates several values of a cell.
_SEPARATOR, _SEPARATOR_OF_ACCOUNTON = ";", ","


@dataclass(frozen=True)
class FirmLists:
    """What a firm offers in its templates: its fields, and by the key of a field the values that it has."""

    custom_fields: tuple[CustomField, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: tuple[str, ...] = LANGUAGES_OF_PEOPLE
    date_order: str = "DMY"


#: What is offered to nobody in particular.
NO_FIRM = FirmLists()


def lists_of(firm: Reference) -> FirmLists:
    """What a firm offers in its templates; colleagues go by their addresses."""
    members = tuple(member.get("email") or member["name"] for member in firm["team_members"])
    return FirmLists(
        tuple(firm["custom_fields"]),
        {
            "account.team_members": members,
            "account.tags": tuple(firm["tags"]),
            "contact.tags": tuple(firm["contact_tags"]),
            "account.folder_template": tuple(firm["folder_templates"]),
        },
        tuple(firm["languages"]),
        firm["locale"]["date_order"],
    )


@dataclass(frozen=True)
class TemplateColumn:
    """A column of a template; `choices` are offered in a list, and other values may be written as well.

    `needed` is a sentence where rows need the column, and `in_each_row` whether each of them does. `date_format` is how
    a spreadsheet shows the dates of the column.
    """

    key: str
    header: str
    explanation: str
    example: str
    choices: tuple[str, ...]
    date_format: str = ""
    needed: str = ""
    in_each_row: bool = False


def columns_of(name: str, lang: str, firm: FirmLists = NO_FIRM) -> list[TemplateColumn]:
    """The columns of a template in a language; raises KeyError where there is no such template."""
    if name == "accounton":
        own = {"list": _LABELS_OF_ACCOUNTON}
        columns = [_column(key, TEXTS.gettext(header, lang), lang, firm, own) for key, header in _ACCOUNTON]
        return [_marked(each, MANDATORY_OF_ACCOUNTON, (), lang) for each in columns]
    kind = KINDS.get(name, USUAL_KIND)
    customs = [each for each in firm.custom_fields if each["record"] in RECORDS_OF_KIND[kind]]
    plain = [_column(key, FIELDS[key].label(lang), lang, firm) for key in TEMPLATES[name]]
    needed = [[each for each in plain if each.key in keys] for keys in NEEDED[kind]]
    alone = [group[0].key for group in needed if len(group) == 1]
    groups = {each.key: [one.header for one in group] for group in needed for each in group}
    marked = [_marked(each, alone, groups.get(each.key, ()), lang) for each in plain]
    return [*marked, *_own_columns(customs, {each.header for each in plain}, firm, lang)]


def _marked(
    column: TemplateColumn, in_each_row: Sequence[str], group: Sequence[str], lang: str
) -> TemplateColumn:
    """The column with the sentence that says whether rows need it; `group` has headers of which rows need one."""
    if column.key in in_each_row:
        return replace(column, needed=TEXTS.gettext(_EACH_ROW, lang), in_each_row=True)
    if not group:
        return column
    return replace(column, needed=TEXTS.gettext(_ONE_OF, lang).format(headers=", ".join(group)))


def _own_columns(
    customs: Sequence[CustomField], taken: set[str], firm: FirmLists, lang: str
) -> list[TemplateColumn]:
    """Columns of the firm's own fields; of a name that another column has, the record is beside it."""
    names = Counter(spelling_key(header) for header in taken)
    names.update(spelling_key(custom["name"]) for custom in customs)
    return [
        _own_column(
            custom,
            custom["name"]
            if names[spelling_key(custom["name"])] == 1
            else f"{custom['name']} ({custom['record']})",
            firm,
            lang,
        )
        for custom in customs
    ]


def _own_column(custom: CustomField, header: str, firm: FirmLists, lang: str) -> TemplateColumn:
    choices = tuple(each for each in custom.get("choices", ()) if _SEPARATOR not in each)
    several = custom["type"] == "multi-choice"
    example, explanation = _EXPLAINED[custom["type"] if custom["type"] in _EXPLAINED else "text"]
    if choices:
        example = f"{_SEPARATOR} ".join(choices[:2]) if several else choices[0]
    elif custom["type"] == "choice":
        example = ""
    is_date = custom["type"] == "date"
    return TemplateColumn(
        f"{custom['record']}.custom.{custom['name']}",
        header,
        TEXTS.gettext(explanation, lang),
        DATES[firm.date_order][0] if is_date else example,
        choices,
        DATES[firm.date_order][1] if is_date else "",
    )


def _column(
    key: str,
    header: str,
    lang: str,
    firm: FirmLists,
    own: Mapping[str, tuple[str, str]] = MappingProxyType({}),
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
    if kind == "language":
        example = _languages(lang, firm)[0]
    is_date = kind == "date"
    return TemplateColumn(
        key,
        header,
        TEXTS.gettext(explanation, lang),
        DATES[firm.date_order][0] if is_date and example else example,
        _choices(key, header, lang, firm, _SEPARATOR_OF_ACCOUNTON if own else _SEPARATOR),
        DATES[firm.date_order][1] if is_date else "",
    )


def _choices(key: str, header: str, lang: str, firm: FirmLists, separator: str) -> tuple[str, ...]:
    """What a column offers; no value that a cell would take for several."""
    kind = FIELDS[key].type if key else ""
    if kind == "language":
        return _languages(lang, firm)
    if kind == "country":
        return COUNTRIES
    if not key:
        return ("person",) if header == "person" else ()
    own = tuple(each for each in firm.choices.get(key, ()) if separator not in each)
    return tuple(FIELDS[key].choices) or own


def _languages(lang: str, firm: FirmLists) -> tuple[str, ...]:
    """What the languages of people are called in a language."""
    names = Locale(known(lang)).languages
    return tuple(names.get(each, each) for each in firm.languages)
