"""Checks of plain text: names, notes, lists, numbers, web addresses, postal codes, yes and no."""

from __future__ import annotations

import re

from services.validator.judging import Finding, Judged, folded, parts, without_repeats, wrong

# Characters that Windows does not allow in file names; account folders are shown as a Windows drive.
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d+")

MAX_NAME = 255  # characters; the longest name of a folder in Windows
MAX_TEXT = 10_000  # characters

_URL = re.compile(
    r"(?:(https?)://)?([\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}|[\w-]+(?:\.[\w-]+)*\.xn--[\w-]+)(:\d+)?([/?#]\S*)?",
    re.I,
)

_YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "on",
        "oui",
        "o",
        "vrai",
        "ja",
        "j",
        "waar",
        "ok",
        "si",
        "sì",
        "sí",
        "wahr",
        "vero",
    ]
)
_NO = frozenset(
    ["no", "n", "false", "f", "0", "off", "non", "faux", "nee", "neen", "onwaar", "nein", "falsch", "falso"]
)

_POINT_COUNTRIES = frozenset(["GB", "IE", "US", "CA", "AU", "NZ", "IN", "ZA", "CH", "MT", "CY"])
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")

# Postal codes of Belgium, its neighbours and others whose zeros a spreadsheet drops (UPU addressing guides).
_POSTAL = {
    "BE": re.compile(r"[1-9]\d{3}"),
    "LU": re.compile(r"\d{4}"),
    "NL": re.compile(r"[1-9]\d{3} [A-Z]{2}"),
    "FR": re.compile(r"\d{5}"),
    "DE": re.compile(r"\d{5}"),
    "ES": re.compile(r"\d{5}"),
    "IT": re.compile(r"\d{5}"),
    "US": re.compile(r"\d{5}(?:-\d{4})?"),
    "CH": re.compile(r"\d{4}"),
}
_FIVE_DIGITS = frozenset(["FR", "DE", "ES", "IT", "US"])
_COUNTRY_LETTERS = {"BE": "BE?", "LU": "LU?", "FR": "FR?", "DE": "DE?", "CH": "CH"}


def judge_text(text: str, region: str | None) -> Judged:
    """Any text up to the limit; a long number that a spreadsheet shortened is noted."""
    if len(text) > MAX_TEXT:
        return wrong("value_too_long", text[:40], length=len(text), max=MAX_TEXT)
    if "+" in text and _SCIENTIFIC.fullmatch(text):
        return Judged(text, Finding("precision_lost", {"value": text}))
    return Judged(text)


def judge_name(text: str, region: str | None) -> Judged:
    """A name; characters that cannot stand in a folder name are noted, and kept."""
    if len(text) > MAX_NAME:
        return wrong("value_too_long", text[:40], length=len(text), max=MAX_NAME)
    forbidden = _FORBIDDEN.findall(text)
    if forbidden:
        characters = " ".join(dict.fromkeys(forbidden))
        return Judged(text, Finding("name_forbidden_characters", {"value": text, "characters": characters}))
    return Judged(text)


def judge_list(text: str, region: str | None) -> Judged:
    """Several texts, separated by commas or semicolons."""
    items = parts(text)
    kept = without_repeats(items)
    return Judged(kept or None, None, "repeats_removed" if len(kept) < len(items) else None)


def judge_url(text: str, region: str | None) -> Judged:
    """A web address; the scheme is added where it is missing, the host is written in small letters."""
    found = _URL.fullmatch(text)
    if not found:
        return wrong("invalid_url", text)
    scheme, host, port, rest = found.groups()
    value = f"{(scheme or 'https').lower()}://{host.lower()}{port or ''}{rest or ''}"
    return Judged(value, None, "url_completed" if value != text else None)


def judge_boolean(text: str, region: str | None) -> Judged:
    """Yes or no, in any of the languages."""
    word = folded(text) or text
    if word in _YES or text in "✓✔":
        return Judged(True)
    if word in _NO:
        return Judged(False)
    return wrong("unknown_option", text, choices="yes, no")


def judge_number(text: str, country: str | None) -> Judged:
    """A number, written with a point; a lone comma is a decimal sign except where the point is."""
    plain = re.sub(r"[\s'’_]", "", text).removeprefix("€").removesuffix("€").removesuffix("%")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "," if point > comma else "."
    elif plain.count(",") > 1 or (
        comma >= 0 and country in _POINT_COUNTRIES and re.search(r",\d{3}$", plain)
    ):
        thousands = ","
    else:
        thousands = "." if plain.count(".") > 1 else ""
    plain = (plain.replace(thousands, "") if thousands else plain).replace(",", ".").removeprefix("+")
    if not _PLAIN_NUMBER.fullmatch(plain):
        return wrong("invalid_number", text)
    return Judged(plain, None, "number_reformatted" if plain != text else None)


def judge_postal_code(text: str, region: str | None) -> Judged:
    """A postal code; where the row's country is known, lost zeros and country letters are put right."""
    if region not in _POSTAL:
        return judge_text(text, region)
    plain = re.sub(r"\.0+$", "", text.upper())
    plain = re.sub(rf"^{_COUNTRY_LETTERS.get(region, '(?!)')}[\s-]*(?=\d)", "", plain)
    if region == "NL":
        plain = re.sub(r"^(\d{4})[\s-]*([A-Z]{2})$", r"\1 \2", plain)
    fix = "number_reformatted"
    if region in _FIVE_DIGITS and re.fullmatch(r"\d{3,4}", plain):
        plain, fix = plain.zfill(5), "zeros_restored"
    if not _POSTAL[region].fullmatch(plain):
        return Judged(text, Finding("invalid_postal_code", {"value": text, "country": region}))
    return Judged(plain, None, fix if plain != text else None)
