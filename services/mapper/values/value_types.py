"""Compares the values of a column with types of fields, and finds the type of a new field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

from services.mapper.headers.normalising import folded
from shared.contract.fields import FIELDS
from shared.contract.legal_forms import FORMS
from shared.contract.records import CLEAR
from shared.contract.relationships import relationship

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_PHONE = re.compile(r"(?:tel:)?\+?[\d\s()./\-–]{6,22}(?:\s?(?:x|ext\.?|poste)\s?\d+)?", re.I)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}(?: .*)?"
    r"|\d{1,2}[-. ][^\W\d]{3,10}\.?[-. ,]+\d{2,4}|[^\W\d]{3,10} \d{1,2},? \d{4}"
)
_URL = re.compile(r"(?:https?://|www\.)\S+|(?:[a-z0-9-]+\.)+[a-z]{2,6}(?:/\S*)?", re.I)
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?")
_CALLING = re.compile(
    r"\(?(?:\+|00)\s?[1-9]\d{0,3}\)?|[1-9]\d?|(?:2[1-9]|3[578]|42|50|59|67|68|85|88|9[679])\d|0\d{1,4}"
)
_VAT = re.compile(r"[A-Z]{2}[\s.]?[0-9A-Z][0-9A-Z .\-]{6,14}", re.I)
# fmt: off
_COURTESY = frozenset(
    [
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "lady", "rev", "m", "mme", "mlle",
        "monsieur", "madame", "mademoiselle", "me", "maitre", "dhr", "mevr", "mw", "mevrouw",
        "heer", "de heer", "herr", "frau", "hr", "fr", "sr", "sra", "srta", "don", "dona", "sig",
        "sig ra", "sigra", "signor", "signora", "dott", "dott ssa", "dottssa", "ing", "avv",
    ]
)
_LANGUAGES = frozenset(
    [
        "en", "fr", "nl", "de", "es", "it", "pt", "en us", "en gb", "fr fr", "fr be", "nl nl",
        "nl be", "de de", "es es", "it it", "english", "french", "dutch", "german", "spanish",
        "italian", "anglais", "francais", "neerlandais", "allemand", "engels", "frans",
        "nederlands", "duits", "englisch", "franzosisch", "niederlandisch", "deutsch", "ingles",
        "frances", "espanol", "inglese", "francese", "tedesco", "italiano",
    ]
)
# fmt: on
SEPARATORS = re.compile(r"\s*[,;|]\s*")


def filled(samples: Sequence[str]) -> list[str]:
    """The values that are not blank, without the space around them; a cell that clears a value shows no value."""
    return [value for each in samples if (value := each.strip()) and value != CLEAR]


def is_email(value: str) -> bool:
    """Whether a value looks like one e-mail address, or several."""
    return all(_EMAIL.fullmatch(part) for part in re.split(r"[;,]\s*|\s+", value) if part)


def is_phone(value: str) -> bool:
    """Whether a value looks like a phone number; a bare number of less than eight digits does not."""
    digits = sum(char.isdigit() for char in value)
    marked = any(char in "+/()-. " for char in value) or value.startswith("0")
    return bool(_PHONE.fullmatch(value)) and (7 if marked else 9) <= digits <= 15 and not is_date(value)


def is_form_of_address(value: str) -> bool:
    """Whether a value is a title such as `Mr` or `Mme`."""
    return _plain(value) in _COURTESY


def is_date(value: str) -> bool:
    """Whether a value is written like a date."""
    return bool(_DATE.fullmatch(value))


def is_register_number(value: str) -> bool:
    """Whether a value is a Belgian register number: its last two digits are 97 less the rest of the nine before
    them, for births from 2000 on with a 2 before (royal decree of 8 February 1991).
    """
    digits = re.sub(r"[\s.\-]", "", value)
    if not (digits.isdigit() and len(digits) == 11):
        return False
    first, check = digits[:9], int(digits[9:])
    return check in (97 - int(first) % 97, 97 - int("2" + first) % 97)


def is_enterprise_number(value: str) -> bool:
    """Whether a value is a Belgian enterprise number: ten digits, the last two 97 less the rest of the others."""
    digits = re.sub(r"^BE|[\s.\-()]", "", value.upper())
    digits = digits.zfill(10) if len(digits) == 9 else digits
    return (
        digits.isdigit()
        and len(digits) == 10
        and digits[0] in "01"
        and int(digits[8:]) == 97 - int(digits[:8]) % 97
    )


def _plain(value: str) -> str:
    return re.sub(r"[\W_]+", " ", folded(value)).strip()


def _digits(least: int) -> Callable[[str], bool]:
    return lambda value: sum(char.isdigit() for char in value) >= least


def _is_name(value: str) -> bool:
    return "@" not in value and any(char.isalpha() for char in value)


@cache
def _account_types() -> frozenset[str]:
    """All words for a type of account, legal forms among them."""
    field = FIELDS["account.type"]
    named = (word for words in field.choice_names.values() for word in words)
    return frozenset(map(_plain, (*field.choices, *named, *FORMS)))


#: By type, a test that at least one value of such a field passes.
POSSIBLE: dict[str, Callable[[str], bool]] = {
    "email": lambda value: "@" in value,
    "phone": _digits(3),
    "date": lambda value: any(char.isdigit() for char in value),
    "register_number": _digits(6),
    "enterprise_number": _digits(6),
    "tax_id": _digits(4),
    "postal_code": lambda value: (
        "@" not in value and len(value) <= 14 and any(char.isdigit() for char in value)
    ),
    "name": _is_name,
    "url": lambda value: "." in value and " " not in value.strip(),
    "country": lambda value: "@" not in value and (len(value) <= 3 or any(char.isalpha() for char in value)),
    "language": lambda value: any(char.isalpha() for char in value),
}
#: By the name of a field without a type of its own, a test that at least one of its values passes.
POSSIBLE_OF_NAME: dict[str, Callable[[str], bool]] = {
    "prefix": _is_name,
    "suffix": _is_name,
    "job_title": lambda value: _is_name(value) and not is_form_of_address(value),
    "city": _is_name,
    "house_number": lambda value: "@" not in value and len(value) <= 20,
    "currency": lambda value: not any(char.isdigit() for char in value) and len(value) <= 30,
    "client_code": lambda value: "@" not in value and len(value) <= 60,
}
#: By type, a test that shows a value to be of that type.
TYPICAL: dict[str, Callable[[str], bool]] = {
    "email": is_email,
    "phone": is_phone,
    "register_number": is_register_number,
    "enterprise_number": is_enterprise_number,
    "tax_id": lambda value: bool(_VAT.fullmatch(value)) and _digits(7)(value),
    "account_type": lambda value: _plain(value) in _account_types(),
    "calling_code": lambda value: bool(_CALLING.fullmatch(value)),
    "url": lambda value: bool(_URL.fullmatch(value)),
    "prefix": is_form_of_address,
    "language": lambda value: _plain(value) in _LANGUAGES,
    "relationship": lambda value: any(map(relationship, SEPARATORS.split(value))),
}


def share(samples: Sequence[str], shape: str) -> float:
    """Which share of the filled values clearly has a shape; 0 without values."""
    values = filled(samples)
    test = TYPICAL[shape]
    return sum(map(test, values)) / len(values) if values else 0.0


def constant(samples: Sequence[str], header: str) -> bool:
    """Whether all values repeat the header, as placeholders of a template do."""
    return {value.casefold() for value in filled(samples)} == {header.strip().casefold()}


def contradicted(samples: Sequence[str], type_name: str, name: str = "") -> bool:
    """Whether none of the filled values can be of a field of this type and name; Belgian numbers have their check."""
    values = filled(samples)
    if type_name in ("register_number", "enterprise_number") and len(values) >= 3:
        return share(samples, type_name) == 0
    test = POSSIBLE_OF_NAME.get(name) or POSSIBLE.get(type_name)
    return bool(test and values) and not any(test(value) for value in values if test)


def custom_type(samples: Sequence[str], fill: float = 1.0) -> str:
    """The type of a new field that fits some values of a column: one of `CUSTOM_TYPES`.

    `fill` is the share of rows that are filled: a hardly filled column says too little to be a choice.
    """
    values = filled(samples)
    if not values:
        return "text"
    for name, test in _TYPE_TESTS:
        if sum(map(test, values)) >= 0.9 * len(values):
            return name
    if _few(values) and fill >= 0.05:
        return "choice"
    parts = [part for value in values for part in SEPARATORS.split(value) if part]
    if len(parts) >= 1.3 * len(values) and _few(parts) and max(map(len, parts)) <= 40:
        return "multi-choice"
    return "text"


def _is_number(value: str) -> bool:
    """Whether a value is a number to calculate with; codes with leading zeros or many digits are texts."""
    bare = value.lstrip("+-")
    coded = len(bare) > 1 and bare[0] == "0" and bare[1].isdigit()
    return bool(_NUMBER.fullmatch(value)) and not coded and sum(char.isdigit() for char in value) <= 15


_TYPE_TESTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", is_email),
    ("date", is_date),
    ("url", lambda value: bool(_URL.fullmatch(value)) and "@" not in value),
    ("phone", lambda value: is_phone(value) and not _NUMBER.fullmatch(value)),
    ("number", _is_number),
    ("phone", is_phone),
)


def _few(values: Sequence[str]) -> bool:
    """Whether few short values are repeated often, as those of a choice."""
    counts = Counter(value.casefold() for value in values)
    return (
        len(values) >= 6
        and len(counts) <= 20
        and len(values) >= 3 * len(counts)
        and max(map(len, values)) <= 60
    )
