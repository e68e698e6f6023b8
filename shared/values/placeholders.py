"""Recognises placeholders: signs, words and zeros that people and programs write where they have no value.

What is a placeholder depends on the kind of field. *Nil* and *Null* are names of people, *0* is a number, *s/n* is what
Spanish addresses have for a house number; in an e-mail address, a date or a phone number none of them can be a value.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from shared.contract.date_order import without_time


class Reading(NamedTuple):
    """How freely the text of a field may be taken for a placeholder.

    `zeros`: zeros are no value. `words`: a single word such as *none* is none. `initials`: nor are the letters of
    *n.a.* without a slash. `sentences`: nor is *geen e-mail*. `signs` are those that alone are no value.
    """

    zeros: bool
    words: bool
    initials: bool
    sentences: bool
    signs: str


# No question mark: it asks somebody to look
_BARE_SIGNS = " -–—‐‑‒―−_./\\~…·•,;:'’`´\""
_ZEROS = _BARE_SIGNS + "0()+"

#: Names of people, companies and places.
NAME = Reading(zeros=True, words=False, initials=False, sentences=False, signs=_BARE_SIGNS)
#: Fields that the firm made itself: what they may hold is not known.
OWN = NAME._replace(zeros=False)
#: Codes of clients, whose letters may be initials.
CODE = OWN._replace(words=True)
#: Remarks, tags, texts of any kind.
FREE = CODE._replace(initials=True)
#: Numbers, where 0 is one.
NUMBER = FREE._replace(signs=_BARE_SIGNS + "€$£*")
#: Choices from a list.
CHOICE = FREE._replace(zeros=True, signs=_BARE_SIGNS + "*#+")
#: Values of a strict form: e-mail addresses, phone numbers, dates, numbers of registers.
FORM = CHOICE._replace(sentences=True, signs=_BARE_SIGNS + "*#+@()")

_SHORT = 8  # characters; an abbreviation with spaces in it
_LONGEST = 60  # characters; longer texts say something
_BRACKETS = "()[]<>{}"

# fmt: off
#: Abbreviations of "not applicable", "not available" and "no data", as they are written in the six languages.
_WITH_SLASH = frozenset(
    ["n/a", "n\\a", "n./a.", "k/a", "n/d", "s/d", "n/b", "n/c", "n.v.t.", "n.v.t", "nvt", "n/v/t", "tbd", "tbc", "n/k"]
)
#: The same with points only: as capitals they may be initials.
_WITH_POINTS = frozenset(
    [
        "n.a.", "n.a", "k.a.", "k.a", "n.d.", "n.d", "s.o.",
        "s/o", "s/n", "s.n.", "n.b.", "n.c.", "s.d.", "t.b.d.", "na",
        "nc", "ka", "nd",
    ]
)
#: Whole phrases; nobody and nothing is called so.
_PHRASES = frozenset(
    [
        "not applicable", "not available", "not known", "not provided", "not specified", "not given", "no data",
        "no value", "to be determined", "to be confirmed", "to be completed", "no information", "none given",
        "non applicable", "sans objet", "non disponible", "non communique", "non communiquee", "non renseigne",
        "non renseignee", "non connu", "pas connu", "pas de donnees", "a completer", "a definir", "non precise",
        "pas d'application", "pas d’application", "pas applicable",
        "niet van toepassing", "niet bekend", "niet beschikbaar", "niet ingevuld", "nog te bepalen", "in te vullen",
        "niet gekend", "nog niet gekend", "geen gegevens", "nog in te vullen", "geen waarde",
        "keine angabe", "keine angaben", "nicht zutreffend", "nicht bekannt", "nicht verfugbar", "nicht vorhanden",
        "keine daten", "nicht anwendbar", "nicht angegeben",
        "no aplica", "no aplicable", "no disponible", "sin datos", "sin dato", "no consta", "no procede",
        "sin informacion", "sin especificar", "no especificado",
        "non applicabile", "non disponibile", "non pervenuto", "non specificato", "nessun dato", "non noto",
    ]
)
#: Single words.
_WORDS = frozenset(
    [
        "none", "nil", "null", "nan", "nothing", "blank", "empty", "unknown", "undefined", "unspecified", "nul", "void",
        "neant", "aucun", "aucune", "vide", "rien", "inconnu", "inconnue", "nulle",
        "geen", "leeg", "niets", "onbekend", "nihil", "ontbreekt", "ongekend",
        "keine", "kein", "keiner", "keines", "unbekannt", "leer", "nichts", "entfallt", "fehlt",
        "ninguno", "ninguna", "nada", "vacio", "desconocido", "desconocida",
        "nessuno", "nessuna", "niente", "nulla", "vuoto", "sconosciuto", "sconosciuta", "assente", "mancante",
    ]
)
_ABBREVIATIONS = _WITH_SLASH | {each for each in _WITH_POINTS if not each.isalpha()}
_KNOWN = _WITH_SLASH | _WITH_POINTS | _PHRASES | _WORDS
#: How a sentence begins that says that there is no value: *pas d'adresse mail*, *heeft geen gsm*.
_NEGATIONS = frozenset(
    [
        "no", "none", "not", "without", "unknown", "pas", "aucun", "aucune", "sans", "non", "n'a", "n’a", "geen",
        "zonder", "niet", "heeft", "onbekend", "kein", "keine", "keinen", "ohne", "nicht", "hat", "sin", "ningun",
        "ninguna", "ninguno", "senza", "nessun", "nessuna", "nessuno", "inconnu", "unbekannt", "desconocido", "refuse",
    ]
)
# fmt: on
#: Addresses made only to fill the field, such as none@none.com.
_NOBODY = (
    r"(?:no|geen|pasd|keine?|sin|senza)[-_.]?(?:e[-_]?)?(?:mail|adres|correo)|none|geen|aucun|neant|keine|ninguno"
    r"|nessuno|x{1,9}"
)
_ADDRESS_OF_NOBODY = re.compile(rf"(?:{_NOBODY})@(?:{_NOBODY})\.[a-z]{{1,5}}")
#: Three numbers, sorted, that programs write for "no date": zeros, and the first days of their calendars.
_NO_DATES = frozenset([(0, 0, 0), (0, 0, 1), (0, 1, 1900), (1, 1, 1900), (12, 30, 1899), (12, 31, 1899)])
_NO_DATES |= {
    (1, 1, 1),
    (1, 1, 1753),
    (12, 31, 9999),
}  # the least of .NET and of SQL Server, and the last day
_DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})\.?")
_NO_DAY = re.compile(
    r"0{1,2}[-/. ](?:jan|janv|january|janvier|januari|januar|enero|gennaio|gen|ene)\.?[-/. ](?:19)?00"
)
_LAST_DAY = "2958465"  # the day number of 31/12/9999 in a spreadsheet
_COUNTRY_CODE_ALONE = re.compile(r"\(?(?:\+|00)[\s.]*\d{1,3}\)?[0\s./-]*")
_PREFIX_ALONE = re.compile(r"(?:[a-z]{2}|btw|tva|vat|kbo|bce|mwst|iva)?[\s.:/-]*[0\s./-]*")


def is_placeholder(text: str, reading: Reading) -> bool:
    """Whether a filled text says that there is no value."""
    if len(text) > _LONGEST:
        return False
    first = text[0]
    if first in reading.signs and not text.strip(reading.signs):
        return True
    if reading.zeros and first in _ZEROS and not text.strip(_ZEROS):
        return True
    plain = _plain(text)
    inside = plain.strip(_BRACKETS).strip() if first in _BRACKETS else plain
    if " " in inside and len(inside) <= _SHORT and (joined := inside.replace(" ", "")) in _ABBREVIATIONS:
        inside = joined  # "k. A.", "n / a"
    if inside in _KNOWN:
        return _is_meant(text, inside, bracketed=inside != plain, reading=reading)
    return reading.sentences and _is_no_form(inside)


def _is_meant(text: str, inside: str, *, bracketed: bool, reading: Reading) -> bool:
    """Whether a known word or abbreviation is a placeholder in a field of this kind."""
    if inside in _WITH_SLASH or inside in _PHRASES:
        return True
    if inside in _WORDS:
        # "NULL" is what databases write; "Null" is a name
        return reading.words or bracketed or text == "NULL"
    return reading.initials or (text == inside and "." in inside)


def is_no_date(text: str) -> bool:
    """Whether a date is what a program writes where it has none: 00/00/0000, 1900-01-00, 31/12/9999."""
    plain = without_time(text)
    if plain == _LAST_DAY:
        return True
    if not plain.strip(_ZEROS + "TZ"):
        return True
    found = _DATE.fullmatch(plain)
    if not found:
        return _NO_DAY.fullmatch(plain.casefold()) is not None
    numbers = tuple(sorted(int(number) for number in found.groups()))
    # 01/01/01 is a day of 2001; only a year of four digits is the year 1
    return numbers in _NO_DATES and (numbers[:2] != (1, 1) or len(max(found.groups(), key=len)) == 4)


def is_no_address(text: str) -> bool:
    """Whether an e-mail address is made up to fill the field, such as none@none.com."""
    return _ADDRESS_OF_NOBODY.fullmatch(text.casefold()) is not None


def is_no_phone(text: str) -> bool:
    """Whether a phone number is a country code alone, as templates have it, such as +32."""
    return _COUNTRY_CODE_ALONE.fullmatch(text) is not None


def is_no_number(text: str) -> bool:
    """Whether the number of a company or a taxpayer is a prefix alone, or zeros behind it, such as BE 0000.000.000."""
    return _PREFIX_ALONE.fullmatch(text.casefold()) is not None


def _is_no_form(plain: str) -> bool:
    """Whether a text that should have a strict form is a sentence such as *geen e-mail*, or a row of crosses."""
    if len(plain) > 1 and not plain.strip("x ./-"):
        return True
    if "@" in plain or any(char.isdigit() for char in plain):
        return False
    words = plain.replace("-", " ").split()
    return len(words) > 1 and words[0] in _NEGATIONS


def _plain(text: str) -> str:
    """The text in small letters without accents."""
    if text.isascii():
        return text.casefold()
    return "".join(
        char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char)
    )
