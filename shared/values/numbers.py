"""Register and enterprise numbers of Belgium, and the corresponding numbers of other countries."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Protocol

from stdnum import get_cc_module
from stdnum.eu.vat import MEMBER_STATES

from shared.values.judging import Finding, Judge, Judged, written_out, wrong

_SEPARATORS = re.compile(r"[\s.\-/_()\u2010-\u2015]+")
_ENTERPRISE_PREFIX = re.compile(r"^(?:BE|BTW|TVA|KBO|BCE|CBE|VAT|MWST|RPR|RPM)+", re.I)
_SHORTEST_PADDED = 6  # digits; 2000-00-01 is written 000001 and leaves six
_LONGEST = 40  # characters; more than any number with its separators has

# HMRC manual NIM39110, National Insurance numbers: no D, F, I, Q, U, V; O not second; some pairs unused.
_NATIONAL_INSURANCE = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")

# The modules of python-stdnum beside vat, tin, businessid and personalid that judge a country's numbers.
_TAX_MODULES = {
    "CH": ("uid", "ssn"),
    "DE": ("idnr", "stnr"),
    "FR": ("siren", "siret", "nif"),
    "GB": ("utr",),
    "IT": ("codicefiscale",),
    "NL": ("bsn",),
    "NO": ("orgnr",),
}
_NO_CHECK_DIGITS = frozenset(["stdnum.de.stnr"])  # a zero in front would make any number valid
_PERSON_MODULES = {
    "CH": ("ssn",),
    "DE": ("idnr",),
    "ES": ("nif",),
    "FR": ("nir", "nif"),
    "GB": ("utr",),
    "IT": ("codicefiscale",),
    "NL": ("bsn",),
    "NO": ("fodselsnummer",),
    "US": ("tin",),
}
_COMPANY_MODULES = {"CH": ("uid",), "FR": ("siren", "siret"), "NO": ("orgnr",)}
# Company numbers without check digits: KvK, Companies House, registre de commerce of Luxembourg.
_COMPANY_FORMS = {
    "GB": re.compile(r"[0-9]{8}|[A-Z]{2}[0-9]{6}"),
    "LU": re.compile(r"[A-Z][0-9]{1,6}"),
    "NL": re.compile(r"[0-9]{8}"),
}


class NumberModule(Protocol):
    """A module of python-stdnum: the rules of one kind of number."""

    def is_valid(self, number: str) -> bool:
        """Whether the form and the check digits are right."""

    def compact(self, number: str) -> str:
        """The number without separators."""


def register_number_is_valid(number: str, today: date) -> bool:
    """Whether eleven digits are a Belgian national register number or a BIS number.

    Royal decree of 3 April 1984 (number) and of 8 February 1991 (BIS): YYMMDD, serial 001-998, and
    97 - (first nine digits mod 97), with a 2 before the nine digits for those born from 2000 on. Month and
    day may be 00; a BIS number has 20 or 40 added to the month.
    """
    if len(number) != 11 or not number.isascii() or not number.isdigit() or not 1 <= int(number[6:9]) <= 998:
        return False
    nine, check = int(number[:9]), int(number[9:])
    if check == 97 - nine % 97 and _birth_is_possible(number, 1900, today):
        return True
    return check == 97 - (2_000_000_000 + nine) % 97 and _birth_is_possible(number, 2000, today)


def _birth_is_possible(number: str, century: int, today: date) -> bool:
    year, month, day = century + int(number[:2]), _month_of(number), int(number[4:6])
    if month > 12 or day > 31:
        return False
    try:
        return date(year, month or 1, day or 1) <= today
    except ValueError:
        return False


def _month_of(number: str) -> int:
    """The month of birth, without the 20 or 40 of a BIS number."""
    month = int(number[2:4])
    return month - 40 if month >= 40 else month - 20 if month >= 20 else month


def register_birth_date(number: str) -> date | None:
    """The date of birth in a register or BIS number; None where it is not known or the number is not valid.

    The check digits show the century: they agree with or without the 2 before the number, never with both.
    """
    if not register_number_is_valid(number, date.max):
        return None
    century = 1900 if int(number[9:]) == 97 - int(number[:9]) % 97 else 2000
    month, day = _month_of(number), int(number[4:6])
    return date(century + int(number[:2]), month, day) if month and day else None


def birth_date_finding(born: str | None, number: str | None) -> Finding | None:
    """The warning that a row's date of birth (ISO 8601) is not the one in its register number."""
    registered = register_birth_date(number) if born and number else None
    if registered is None or registered.isoformat() == born:
        return None
    return Finding("birth_date_differs", {"given": born})


def judge_register_number(country: str, today: date) -> Judge:
    """A judge of national numbers: Belgian ones, else those of the row's country, else of this one.

    Digits only; lost zeros are put back when the check digits agree, and noted. No number goes into a message.
    """

    def judge(text: str, region: str | None) -> Judged:
        plain = _plain(text)
        if plain is None:
            return Judged(None, Finding("digits_lost", {}))
        if register_number_is_valid(plain, today):
            return _valid(text, plain)
        padded = plain.zfill(11)
        if _SHORTEST_PADDED <= len(plain) < 11 and register_number_is_valid(padded, today):
            return _padded(padded)
        home = region or country
        if home == "BE":
            return Judged(None, Finding("invalid_rrn", {}))
        return _of_person(text, plain, home)

    return judge


def _of_person(text: str, plain: str, country: str) -> Judged:
    if country == "GB" and _NATIONAL_INSURANCE.fullmatch(plain):
        return _valid(text, plain)
    return _by_modules(text, plain, _modules(country, _PERSON_MODULES.get(country, ()))) or Judged(
        None, Finding("invalid_person_number", {"country": country})
    )


def enterprise_number_is_valid(number: str) -> bool:
    """Whether ten digits are a Belgian enterprise number.

    The last two are 97 - (first eight mod 97); the first is 0, or 1 since 19 September 2023 (FPS Economy).
    """
    if len(number) != 10 or not number.isascii() or not number.isdigit() or number[0] not in "01":
        return False
    return int(number[:8]) > 0 and int(number[8:]) == 97 - int(number[:8]) % 97


def judge_enterprise_number(country: str) -> Judge:
    """A judge of company numbers: Belgian ones, else those of the row's country, else of this one.

    A Belgian number is written as ten digits, without BE, dots or spaces; the old nine digits get their zero.
    """

    def judge(text: str, region: str | None) -> Judged:
        plain = _plain(text)
        if plain is None:
            return wrong("digits_lost", text)
        belgian = _enterprise_number(plain)
        if belgian:
            fix = "number_reformatted" if belgian in plain else "zeros_restored"
            return Judged(belgian, None, fix if belgian != text else None)
        home = region or country
        if home == "BE":
            return wrong("invalid_kbo", text)
        return _of_company(text, plain, home)

    return judge


def _of_company(text: str, plain: str, country: str) -> Judged:
    form = _COMPANY_FORMS.get(country)
    if form:
        found = _valid(text, plain) if form.fullmatch(plain) else None
    else:
        found = _by_modules(text, plain, _modules(country, _COMPANY_MODULES.get(country, ())))
    return found or wrong("invalid_company_number", text, country=country)


def _enterprise_number(plain: str) -> str | None:
    """The ten digits of a Belgian enterprise number."""
    digits = _ENTERPRISE_PREFIX.sub("", plain, count=1)
    number = "0" + digits if len(digits) == 9 else digits
    return number if enterprise_number_is_valid(number) else None


def judge_tax_id(country: str, today: date) -> Judge:
    """A judge of tax numbers: by their own country letters, else the row's country, else this one, else by form.

    The number goes into no message: it may be a person's.
    """

    def judge(text: str, region: str | None) -> Judged:
        plain = _plain(text)
        if plain is None:
            return Judged(None, Finding("digits_lost", {}))
        letters = _letters_of(plain)
        homes = list(dict.fromkeys(home for home in (letters, region, country) if home))
        for home in homes:
            found = _tax_number(text, plain, home, today, any_form=letters is None)
            if found:
                return found
        return _by_form(text, plain, today) or Judged(None, Finding("invalid_tax_id", {"country": homes[0]}))

    return judge


def _tax_number(text: str, plain: str, country: str, today: date, *, any_form: bool) -> Judged | None:
    if country == "BE":
        return _belgian_tax_number(text, plain, today)
    if country == "GB" and _NATIONAL_INSURANCE.fullmatch(plain):
        return _valid(text, plain)
    modules = _modules(country, ("vat", "tin", "businessid", "personalid", *_TAX_MODULES.get(country, ())))
    return _by_modules(text, plain, modules) if modules or any_form else None


def _belgian_tax_number(text: str, plain: str, today: date) -> Judged | None:
    """A VAT number, or a register number: that is a person's tax number."""
    number = _enterprise_number(plain)
    if number:
        value = "BE" + number
        return Judged(value, None, None if value == text else "number_reformatted")
    if register_number_is_valid(plain, today):
        return _valid(text, plain)
    padded = plain.zfill(11)
    if len(plain) == 10 and register_number_is_valid(padded, today):
        return _padded(padded)
    return None


def _by_form(text: str, plain: str, today: date) -> Judged | None:
    """A number whose form and check digits leave little doubt of its country."""
    if re.fullmatch(r"[0-9]{9}B[0-9]{2}", plain):
        return _by_modules(text, plain, _modules("NL", ("vat",)))
    if re.fullmatch(r"[0-9]{14}", plain):
        return _by_modules(text, plain, _modules("FR", ("siret",)))
    return _belgian_tax_number(text, plain, today) if re.fullmatch(r"[0-9]{10,11}", plain) else None


def _by_modules(text: str, plain: str, modules: tuple[NumberModule, ...]) -> Judged | None:
    """The number if a module takes it, also with one or two zeros that were lost; any number without modules."""
    if not modules:
        return _valid(text, plain) if any(char.isdigit() for char in plain) else None
    if any(module.is_valid(plain) and not _is_short(module, plain) for module in modules):
        return _valid(text, plain)
    if plain.isdigit():
        for padded in ("0" + plain, "00" + plain):
            if any(_takes_padded(module, padded) for module in modules):
                return _padded(padded)
    return None


def _is_short(module: NumberModule, plain: str) -> bool:
    """Whether the module itself puts zeros in front before it looks."""
    return plain.isdigit() and len(module.compact(plain)) > len(plain)


def _takes_padded(module: NumberModule, padded: str) -> bool:
    return (
        getattr(module, "__name__", "") not in _NO_CHECK_DIGITS
        and module.is_valid(padded)
        and not _is_short(module, padded)
        and module.compact(padded) == padded
    )


@lru_cache(maxsize=256)
def _modules(country: str, names: tuple[str, ...]) -> tuple[NumberModule, ...]:
    code = "gb" if country == "XI" else country.lower()
    found = [get_cc_module(code, name) for name in names]
    return tuple(module for module in found if module is not None)


def _letters_of(plain: str) -> str | None:
    """The country whose letters precede the number; a digit follows within three characters."""
    letters = plain[:2]
    if letters == "EL":
        return "GR"
    known = letters.lower() in MEMBER_STATES or letters in ("GB", "CH", "NO")
    return letters if known and any(char.isdigit() for char in plain[2:5]) else None


def _valid(text: str, value: str) -> Judged:
    return Judged(value, None, "number_reformatted" if value != text else None)


def _padded(value: str) -> Judged:
    return Judged(value, Finding("zeros_assumed", {}), "zeros_restored")


def _plain(text: str) -> str | None:
    """The text in capitals without separators; None where a spreadsheet dropped its last digits."""
    whole = written_out(text) if len(text) <= _LONGEST else ""
    if whole is None:
        return None
    plain = _SEPARATORS.sub("", whole).upper()
    return plain if plain.isascii() and written_out(plain) == plain else ""  # .5E+10 is nothing
