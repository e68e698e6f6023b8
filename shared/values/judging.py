"""The vocabulary of all judges: what a judge answers about one value, and how text is cleaned before it is judged."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.contract.documents.values import Params, Value

# What a spreadsheet shows in a cell whose formula fails, in the languages of Excel and LibreOffice.
_CELL_ERROR = re.compile(
    r"#(?:N/[AVDB]|NV|REF!?|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|GETTING_DATA"
    r"|BEZUG!|WERT!|ZAHL!|VALEUR!|NOM\?|NOMBRE!|NUL!|VERW!|WAARDE!|NAAM\?|DEEL/0!|GETAL!|LEEG!"
    r"|¡(?:REF|VALOR|NUM|DIV/0|NULO)!|¿NOMBRE\?|RIF!|VALORE!|NOME\?|NULLO!|#{2,})|Err:5\d\d",
    re.I,
)
_WHOLE_AS_FLOAT = re.compile(r"(\+?\d+)[.,]0{1,2}")
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")

MAX_SHOWN = 80  # characters of a value that a problem repeats

_LINE_BREAKS = re.compile("[\r\n\v\f\x85\u2028\u2029]+")
_SPACES = re.compile("[\t\xa0\u2000-\u200a\u202f\u205f\u3000]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOST_ENCODINGS = 3  # how often a text may have been encoded
# Joiners (200C, 200D) stay: some scripts need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class Finding(NamedTuple):
    """One problem of a value: its code, and the parameters of its sentence."""

    code: str
    params: Params


class Judged(NamedTuple):
    """The normalised value (None when blank or wrong), its problem, and the code of the fix if changed."""

    value: Value
    finding: Finding | None = None
    fix: str | None = None


Judge = Callable[[str, "str | None"], Judged]
"""Judges one cleaned, filled text; the second argument is the country of the row."""

BLANK = Judged(None)


def wrong(code: str, value: str, **params: object) -> Judged:
    """A value that cannot be taken."""
    return Judged(None, Finding(code, {"value": shown(value), **params}))


def shown(value: str) -> str:
    """The value as a problem repeats it: cut where it is long."""
    return value if len(value) <= MAX_SHOWN else value[: MAX_SHOWN - 1] + "…"


def is_cell_error(text: str) -> bool:
    """Whether the text is what a spreadsheet shows in place of a value: #N/A, #REF!, Err:502, #####."""
    return text[0] in "#Ee" and _CELL_ERROR.fullmatch(text) is not None


def written_out(text: str) -> str | None:
    """The digits of a number that a spreadsheet wrote as 123.0 or 1.23E+2, and any other text as it is.

    None when the last digits are gone, as in 3.2E+10.
    """
    if text.isdigit():
        return text
    whole = _WHOLE_AS_FLOAT.fullmatch(text)
    if whole:
        return whole[1]
    found = _SCIENTIFIC.fullmatch(text)
    if not found:
        return text
    decimals = found[2] or ""
    return found[1] + decimals if len(decimals) == int(found[3]) else None


def cleaned(cell: str, line_break: str = " ") -> str:
    """The text without outer spaces and invisible characters, accents composed, line breaks replaced."""
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    text = _LINE_BREAKS.sub(line_break, cell.strip())
    text = _INVISIBLE.sub("", _SPACES.sub(" ", text))
    return unicodedata.normalize("NFC", text).strip()


def with_characters(text: str) -> str:
    """The text with the characters that are written as HTML entities such as `&amp;` and `&#233;`.

    Programs that export from web pages encode once or twice. Only entities with their semicolon count: the HTML
    standard (section 13.5) allows some without, but *R&D* and *AT&T* are names.
    """
    for _ in range(_MOST_ENCODINGS):
        if "&" not in text or ";" not in text:
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def has_line_break(cell: str) -> bool:
    """Whether the text has a line break inside, not only at its ends."""
    return _LINE_BREAKS.search(cell.strip()) is not None


def folded(text: str) -> str:
    """The text for comparing only: no case, no accents, single spaces in place of punctuation."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]+", " ", plain.casefold()).split())


def parts(text: str) -> list[str]:
    """The parts of a list written with commas or semicolons, in order, without blanks."""
    return [part for part in (piece.strip() for piece in re.split("[,;]", text)) if part]


def without_repeats(items: Sequence[str]) -> list[str]:
    """The items without those that differ from an earlier one in case only."""
    kept: dict[str, str] = {}
    for item in items:
        kept.setdefault(item.casefold(), item)
    return list(kept.values())
