"""Normalises headers: texts for comparing, and the single words of a header."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARK_WORDS = (
    "mandatory|required|recommended|optional|if any|if applicable|verplicht|optioneel|aanbevolen|obligatoire|"
    "facultatif|facultative|recommandé|pflichtfeld|pflicht|erforderlich|obligatorio|obligatoria|requerido|"
    "requerida|opcional|obbligatorio|obbligatoria|facoltativo|facoltativa|opzionale|text|texto|texte|tekst|"
    "testo|string|varchar|number|date|datum|dropdown|yes/no|ja/nein|ja/nee|oui/non|si/no|sí/no|y/n|j/n|o/n|"
    "max\\.? ?\\d+[^)\\]]*|[dmyjatg]{1,4}(?:[./ -][dmyjatg]{1,4}){1,2}"
)
_BRACKETED_MARKS = re.compile(rf"[(\[{{]\s*(?:{_MARK_WORDS})\s*[)\]}}]|\*", re.I)
#: What databases put behind the names of own columns, such as `__c` of Salesforce.
_TECHNICAL = re.compile(r"(?<=\w)__[a-z]{1,3}$", re.I)
_REPEATED = re.compile(r"(?<=\S)\s\(\d+\)$")
_NUMBER_SIGN = re.compile(r"\b[nN]\.?\s?[°º]\s?|№|#(?!\s?\d)")
_INITIALS = re.compile(r"(?<![A-Za-z.])(?:[A-Za-z]\.\s?){1,3}[A-Za-z](?![A-Za-z])\.?")
_MAIL = re.compile(r"(?<![a-zA-Z])e[\s_-]mail", re.I)
_HUMPS = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
#: An acronym with a short word glued behind it, such as `BTWnr`.
_ACRONYM = re.compile(r"(?<![a-z])([A-Z]{2,5})(nr|no|num|id|code)(?![a-z])")
_DIGITS = re.compile(r"(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z]{2})")
_SMALL_WORDS = frozenset(
    ["the", "of", "a", "de", "du", "des", "la", "le", "les", "l", "d", "van", "het", "der", "een"]
)


def folded(text: str) -> str:
    """Small letters without accents; ligatures and full-width letters as plain ones."""
    spread = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(char for char in spread if not unicodedata.combining(char))


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header for comparing: words in small letters, without accents, punctuation, marks like (optional)."""
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z][a-z])", " ", _BRACKETED_MARKS.sub(" ", header))  # FirstName
    text = _NUMBER_SIGN.sub("n ", text)
    return " ".join(re.sub(r"[\W_]+", " ", folded(text)).split())


def near(header: str) -> str:
    """A header for loose comparison: without brackets and their content, small words inside, and spaces."""
    words = plain(re.sub(r"[(\[].*?[)\]]", " ", header)).split()
    inner = [word for word in words[1:-1] if word not in _SMALL_WORDS]
    return "".join(words[:1] + inner + words[1:][-1:])


@lru_cache(maxsize=4096)
def words(header: str) -> tuple[str, ...]:
    """The words of a header, split at humps, dots, brackets and digits; `e-mail` and initials such as `C.P.` are one.

    The number of a repeated header, `Email (2)`, is left out: the order of the columns says the same.
    """
    text = _REPEATED.sub("", header.replace("\ufeff", "").replace("\u200b", "").strip())
    text = _BRACKETED_MARKS.sub(" ", _TECHNICAL.sub("", text))
    text = _NUMBER_SIGN.sub(" nr ", text)
    text = text.replace("%", " percent ").replace("&", " and ").replace("+", " and ")
    text = _INITIALS.sub(lambda found: re.sub(r"[.\s]", "", found[0]) + " ", text)
    text = _MAIL.sub(lambda found: "e" + found[0][-4:].lower(), text)
    text = _DIGITS.sub(" ", _HUMPS.sub(" ", _ACRONYM.sub(r"\1 \2", text)))
    return tuple(re.sub(r"[\W_]+", " ", folded(text)).split())
