"""Guess the legacy encoding of text from its lines with accents: a detector first, then letters and words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import chardet

# What spreadsheet and office programs of all times have written, Europe first.
LEGACY = (
    "cp1252", "iso8859-15", "iso8859-1", "mac-roman", "cp850", "cp437", "cp1250", "iso8859-2", "cp852", "cp1254",
    "cp857", "cp1257", "iso8859-13", "cp775", "iso8859-16", "cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5",
    "mac-cyrillic", "cp1253", "iso8859-7", "cp737", "cp1255", "cp1256", "iso8859-6", "cp932", "euc-jp", "gb18030",
    "big5hkscs", "cp949",
)  # fmt: skip
# Those that a detector mixes up on short lists; on a tie the earlier one is likelier.
_LATIN = (
    "cp1252", "mac-roman", "cp850", "cp1250", "cp1254", "iso8859-2", "cp852", "cp437", "cp857", "cp1257",
    "iso8859-13", "cp775", "iso8859-15", "iso8859-16",
)  # fmt: skip
_LATIN_GROUP = frozenset(_LATIN)

# Letters outside ASCII of the languages that are written with Latin ones, in lower case.
_WEST = (
    "éèêëàâçîïôùûüÿœæ", "éèëïöüáóíêàç", "äöüßé", "áéíóúñü", "àèéìòù", "ãõáéíóúâêôçà", "àèéíïòóúüç", "åäöé", "æøåé",
    "áðéíóúýþæö", "ëç",
)  # fmt: skip
_OTHER = (
    "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîșț", "ăâîşţ", "čćđšž", "çğıöşüâi̇",
    "õäöüšž", "āčēģīķļņšūž", "ąčęėįšųūž",
)  # fmt: skip
_ALPHABETS = [(frozenset(letters), 0.0) for letters in (*_WEST, *_OTHER)]
_ALPHABETS += [(frozenset("".join(_WEST)), 0.06), (frozenset("".join(_OTHER)), 0.3)]
_WESTERN = frozenset("".join(_WEST))
# Words of a single letter.
_WORDS = "àéèòóôíÀÉÈ"
_APOSTROPHES = "’‘ʼ"
_MARKS = "€£§°ºª«»“”„‚–—…·•¡¿®©™½²³"
# What the detector's answer weighs, given that it saw some lines; and what speaks for the most usual encoding
# where only few different bytes are to be judged.
_NEAR_TIE = 0.2
_FEW_LINES = 4
_DOUBT = {name: 0.05 if name.startswith(("cp125", "iso")) else 0.25 for name in LEGACY if name != "cp1252"}
_ASCII = bytes(range(128))


def guess(lines: Sequence[bytes]) -> str:
    """The likeliest encoding of the lines, each of which holds bytes outside ASCII and is not UTF-8."""
    sample = b"".join(lines)
    found = chardet.detect(sample, include_encodings=LEGACY, compat_names=False, max_bytes=len(sample) or 1)
    first = _name(found["encoding"] or "cp1252")
    rivals = {name: _fit(sample.decode(name, "replace")) for name in dict.fromkeys((first, *_LATIN))}
    if first not in _LATIN_GROUP:
        # Letters of another script are only wrong where they stand among Latin ones or alone.
        if rivals[first] >= min(max(rivals.values()), 0.5) - _NEAR_TIE and _is_broad(sample):
            return first
        del rivals[first]
    elif len(lines) >= _FEW_LINES:
        rivals[first] += _NEAR_TIE
    different = len(set(sample.translate(None, _ASCII)))
    for name in rivals:
        rivals[name] -= _DOUBT.get(name, 0.0) / different
    return _plainest(sample, max(rivals, key=lambda name: rivals[name]))


def _is_broad(sample: bytes) -> bool:
    """Text in another script has more than single bytes outside ASCII."""
    return re.search(rb"[\x80-\xff]{2}", sample) is not None


def _name(name: str) -> str:
    lowered = name.lower().replace("_", "-").replace("iso-8859", "iso8859")
    return {
        "macroman": "mac-roman",
        "maccyrillic": "mac-cyrillic",
        "euc-jis-2004": "euc-jp",
        "iso8859-1": "cp1252",
    }.get(lowered, lowered)


def _plainest(sample: bytes, name: str) -> str:
    """Windows-1252 where it reads the text alike, since it is what programs write today."""
    return "cp1252" if sample.decode("cp1252", "replace") == sample.decode(name, "replace") else name


def _fit(text: str) -> float:
    """Mean standing of the characters outside ASCII among their neighbours, and how well they are one alphabet."""
    total = count = 0
    letters: Counter[str] = Counter()
    standing = 0.0
    padded = f" {text} "
    for place, character in enumerate(padded):
        if character.isascii():
            continue
        before, after = padded[place - 1], padded[place + 1]
        standing += _standing(character, before, after)
        count += 1
        if character.isalpha():
            letters[character.lower()] += 1
            total += 1
    if not count:
        return 0.0
    return standing / count + _alphabet_share(letters, total)


def _alphabet_share(letters: Counter[str], total: int) -> float:
    if not total:
        return 1.0
    best = 0.0
    for alphabet, handicap in _ALPHABETS:
        covered = sum(number for letter, number in letters.items() if letter in alphabet)
        best = max(best, covered / total - handicap)
    western = sum(number for letter, number in letters.items() if letter in _WESTERN)
    return best + 0.05 * western / total


@lru_cache(maxsize=4096)
def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")


def _standing(character: str, before: str, after: str) -> float:
    """From 1 for a letter where letters stand to -2 for what is never written."""
    inside = before.isalpha() and after.isalpha()
    if character == "\xa0":
        return 1.0
    if character in "–—" and inside:
        return 0.6
    if character in _MARKS:
        return -0.7 if inside else 0.8
    if character.isalpha():
        return _letter_standing(character, before, after)
    if character in _APOSTROPHES:
        return 1.0 if inside and character != "‘" else 0.8 if not inside else -0.5
    category = unicodedata.category(character)
    if category.startswith("C"):
        return -2.0
    if character == "\ufffd":
        return -1.0
    if category.startswith("M"):
        return 0.5
    return -1.0 if before.isalpha() or after.isalpha() else -0.3


def _letter_standing(character: str, before: str, after: str) -> float:
    latin = _is_latin(character)
    for neighbour in (before, after):
        if neighbour.isalpha() and _is_latin(neighbour) != latin:
            return -1.0
    if not (before.isalpha() or after.isalpha()):
        return 0.8 if character in _WORDS else 0.0
    if character.isupper():
        if before.islower():
            return -1.0
        return 0.6 if after.islower() and before.isupper() else 1.0
    if before.isupper() and after.isupper() and character.islower():
        return -0.5
    return 1.0
