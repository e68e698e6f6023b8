"""Templates to fill in: which columns each has, what they are called, and what goes into them, in en, fr and nl.

Headers are the labels of the target fields, so that a filled template maps itself. Examples stand in the notes and
on the second sheet, never among the rows, so that none is imported by accident.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contract.fields import FIELDS
from shared.contract.fields.declaring import LANGUAGES

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
    "accounts-and-contacts": _keys("account", _ACCOUNT) + _keys("contact", _PERSON + _ADDRESS),
    "accounts": _keys("account", (*_ACCOUNT, "email", "website", *_ADDRESS, "notes")),
    "contacts": _keys("contact", (*_PERSON, "linked_account", "job_title", *_ADDRESS, "tags", "notes")),
    "household": (
        "account.name",
        *_keys("contact", _PERSON),
        *_keys("spouse", _SPOUSE),
        *_keys("contact", _ADDRESS),
        *_keys("account", ("client_code", "tags", "team_members")),
    ),
    "accounton": (),
}
#: The kind of import that a template is for, where it is not the usual one.
KINDS = {"accounts": "accounts", "contacts": "contacts"}

# Columns A to V of Accounton's template for declarations, by language; the keys tell what stands in them.
_ACCOUNTON_KEYS = (
    "", "contact.first_name", "contact.last_name", "contact.email", "contact.mobile", "contact.national_number",
    "contact.address_line1", "contact.house_number", "contact.box", "contact.postal_code", "contact.city",
    "contact.country", "", "account.tags", "spouse.national_number", "contact.language", "account.client_code",
    "account.kbo_number", "spouse.kbo_number", "", "account.team_members", "account.team_members",
)  # fmt: skip
_ACCOUNTON = {
    "en": "person;First name;Last name;Email;Mobile number;National register number;Street;House no.;Box;Postcode;City;"
    "Country;Extra PIT;Labels;Partner's register number;Language;Client code;KBO number;Partner's KBO number;"
    "PIT deadline;Responsible;Main responsible",
    "fr": "person;Prénom;Nom;Email;Numéro de mobile;Numéro de registre national;Rue;Numéro de maison;Boîte;Code postal;"
    "Ville;Pays;Extra IPP;Labels;Numéro de registre du partenaire;Langue;Code client;Numéro KBO;"
    "Numéro KBO du partenaire;Date limite IPP;Responsable;Responsable principal",
    "nl": "person;Voornaam;Achternaam;Email;Gsm-nummer;Rijksregisternummer;Straat;Huisnummer;Bus;Postcode;Stad;Land;"
    "Extra PB;Labels;Rijksregisternummer partner;Taal;Klantcode;KBO-nummer;KBO-nummer partner;Deadline PB;"
    "Verantwoordelijke;Hoofdverantwoordelijke",
}

# What goes into a column: by field where it matters, else by the type of the field; with an example.
_TOLD = {
    "account.name": ("Smets BV", "The name of the client, once for each account.", "Le nom du client, un par compte.",
        "De naam van de klant, één per account."),
    "name": ("Smets", "A name as it is written.", "Un nom comme il s'écrit.", "Een naam zoals hij geschreven wordt."),
    "text": ("", "Text; may stay empty.", "Du texte ; peut rester vide.", "Tekst; mag leeg blijven."),
    "account.client_code": ("C-0042", "Your own code of the client; a later import finds the client by it.",
        "Votre code du client ; un import ultérieur le retrouve ainsi.",
        "Uw eigen code van de klant; een latere invoer vindt de klant daarmee terug."),
    "contact.linked_account": ("Smets BV", "The name of the account that the person belongs to.",
        "Le nom du compte auquel la personne appartient.", "De naam van het account waartoe de persoon behoort."),
    "choice": ("Company", "One of the choices of the list.", "Un des choix de la liste.",
        "Een van de keuzes van de lijst."),
    "email": ("an.smets@example.be", "One e-mail address.", "Une seule adresse e-mail.", "Eén e-mailadres."),
    "phone": ("+32470123456", "A number with its country code.", "Un numéro avec l'indicatif du pays.",
        "Een nummer met landcode."),
    "date": ("31/12/1985", "A date.", "Une date.", "Een datum."),
    "language": ("Dutch", "The language that the person reads.", "La langue que la personne lit.",
        "De taal die de persoon leest."),
    "country": ("BE", "A country by its name or its code of two letters.",
        "Un pays par son nom ou son code de deux lettres.", "Een land met zijn naam of code van twee letters."),
    "list": ("VIP; 2025", "Several are separated by semicolons.", "Plusieurs sont séparés par des points-virgules.",
        "Meerdere worden gescheiden door puntkomma's."),
    "members": ("jan@office.example", "The e-mail address of a colleague.", "L'adresse e-mail d'un collègue.",
        "Het e-mailadres van een collega."),
    "register_number": ("85073003328", "The eleven digits of the identity card.",
        "Les onze chiffres de la carte d'identité.", "De elf cijfers van de identiteitskaart."),
    "enterprise_number": ("0403019261", "The ten digits, with the zero in front.",
        "Les dix chiffres, avec le zéro initial.", "De tien cijfers, met de nul vooraan."),
    "postal_code": ("9000", "The postal code.", "Le code postal.", "De postcode."),
    "url": ("www.example.be", "A web address.", "Une adresse web.", "Een webadres."),
}  # fmt: skip
_EMPTY = ("", "Leave it empty.", "Laissez vide.", "Laat leeg.")
_PERSON_MARK = ("person", "Write “person” in each row.", "Écrivez « person » à chaque ligne.",
    "Schrijf “person” op elke rij.")  # fmt: skip

LANGUAGE_NAMES = {
    "en": ("Dutch", "French", "English"),
    "fr": ("néerlandais", "français", "anglais"),
    "nl": ("Nederlands", "Frans", "Engels"),
}
COUNTRIES = ("BE", "NL", "FR", "LU", "DE", "GB", "IE", "IT", "ES", "PT", "PL", "CH", "AT", "US")
INSTRUCTIONS = {
    "en": (
        "Instructions",
        "Fill in the first sheet, one client a row, and upload it. Do not change the headers.",
    ),
    "fr": (
        "Instructions",
        "Complétez la première feuille, un client par ligne, puis envoyez-la. Gardez les en-têtes.",
    ),
    "nl": ("Uitleg", "Vul het eerste blad in, één klant per rij, en laad het op. Wijzig de koppen niet."),
}
SHEETS = {"en": "Clients", "fr": "Clients", "nl": "Klanten"}
EXAMPLE = {"en": "Example", "fr": "Exemple", "nl": "Voorbeeld"}


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
    keys = TEMPLATES[name] or _ACCOUNTON_KEYS
    headers = (
        _ACCOUNTON[lang].split(";") if name == "accounton" else [FIELDS[key].label(lang) for key in keys]
    )
    return [_column(key, header, lang) for key, header in zip(keys, headers, strict=True)]


def _column(key: str, header: str, lang: str) -> TemplateColumn:
    kind = FIELDS[key].type if key else ""
    told = _TOLD.get(key) or _TOLD.get(kind) or (_PERSON_MARK if header == "person" else _EMPTY)
    if key and told is _EMPTY:
        told = _TOLD["text"]
    example = LANGUAGE_NAMES[lang][0] if kind == "language" else told[0]
    choices = {"language": LANGUAGE_NAMES[lang], "country": COUNTRIES}.get(kind) or (
        FIELDS[key].choices if key else ("person",) if header == "person" else ()
    )
    return TemplateColumn(
        key, header, told[1 + LANGUAGES.index(lang)], example, tuple(choices), kind == "date"
    )
