"""Detects a legacy encoding from lines with accents: by a library first, then by letters and words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import chardet

from services.upload.dialect.languages import LANGUAGES, is_latin, letters_of

# The encodings that spreadsheet and office programs have written, those of Europe first.
LEGACY = (
    "cp1252", "iso8859-15", "iso8859-1", "mac-roman", "cp850", "cp437", "cp1250", "iso8859-2", "cp852",
    "cp1254", "cp857", "mac-latin2", "cp1257", "iso8859-13", "cp775", "iso8859-16", "cp1251", "koi8-r",
    "koi8-u", "cp866", "iso8859-5", "mac-cyrillic", "cp1253", "iso8859-7", "cp737", "cp1255", "cp1256",
    "iso8859-6", "cp874", "cp932", "euc-jp", "gb18030", "big5hkscs", "cp949",
)  # fmt: skip
# Encodings that the library mixes up on short lists; on a tie the earlier one is likelier.
_LATIN = (
    "cp1252", "mac-roman", "cp850", "cp1250", "cp1254", "iso8859-2", "cp852", "cp437", "cp857", "cp1257",
    "iso8859-13", "cp775", "iso8859-15", "iso8859-16", "mac-latin2",
)  # fmt: skip
_LATIN_GROUP = frozenset(_LATIN)

_ALL = (
    (frozenset().union(*(each.letters for each in LANGUAGES if each.western)), 0.06),
    (frozenset().union(*(each.letters for each in LANGUAGES if not each.western)), 0.3),
)
_WESTERN = _ALL[0][0]
_WORD = re.compile(r"[^\W\d_]{2,}")
# The bonus of a known word, and of one with letters outside ASCII; so many words of either kind count.
_WORD_WEIGHT = 0.06
_TELLING_WEIGHT = 0.15
_MOST_WORDS = 4
# Letters outside ASCII that are words by themselves.
_WORDS = "àéèòóôíÀÉÈ"
_APOSTROPHES = "’‘ʼ"
_OPENING = "„‚“«‹¿¡£§"
# The plausibility of a sign in `Nº`, `N°` and `3º`, more than that of any letter.
_NUMBER_SIGN = 1.5
_USUAL_SIGNS = "€£§°ºª«»“”„‚–—…·•¡¿®©™½²³"
# The encodings of East Asia. On a tie the earlier one is likelier: it needs fewer bytes a character.
# For some, the character set that keeps the commonest ideographs together, with the first and the last of these.
_EAST_ASIAN = ("cp949", "cp932", "euc-jp", "gb18030", "big5hkscs")
_FIRST_LEVEL = {
    "cp932": ("euc-jp", b"\xb0\xa1", b"\xcf\xd3"),
    "euc-jp": ("euc-jp", b"\xb0\xa1", b"\xcf\xd3"),
    "gb18030": ("gb2312", b"\xb0\xa1", b"\xd7\xf9"),
    "big5hkscs": ("big5", b"\xa4\x40", b"\xc6\x7e"),
}
# The bonus of the library's answer where it saw enough lines, and the handicap of less usual encodings, which counts
# most where the text has few different bytes.
_NEAR_TIE = 0.2
_FEW_LINES = 4
_DOUBT = {name: 0.05 if name.startswith(("cp125", "iso")) else 0.25 for name in LEGACY if name != "cp1252"}
# Encodings of languages that are not of Western Europe, and their handicap where no word is of such a language.
_FOREIGN = frozenset(_LATIN) - {"cp1252", "mac-roman", "cp850", "cp437", "iso8859-15"}
_FOREIGN_DOUBT = 0.8
_ASCII = bytes(range(128))


def detect_legacy(lines: Sequence[bytes], head: bytes = b"") -> str:
    """Give the likeliest encoding of the lines; each has bytes outside ASCII and is not UTF-8.

    `head` is the start of the file; its words show the language, even in ASCII.
    """
    sample = b"".join(lines)
    found = chardet.detect(sample, include_encodings=LEGACY, compat_names=False, max_bytes=len(sample) or 1)
    first = _name(found["encoding"] or "cp1252")
    rivals = {
        name: _fit(sample.decode(name, "replace"), head.decode(name, "replace"))
        for name in dict.fromkeys((first, *_LATIN))
    }
    if first not in _LATIN_GROUP:
        # Letters of another script are wrong only among Latin letters, or alone.
        if rivals[first] >= min(max(rivals.values()), 0.5) - _NEAR_TIE and _is_broad(sample):
            return _east_asian(sample, first) if first in _EAST_ASIAN else first
        del rivals[first]
    elif len(lines) >= _FEW_LINES:
        rivals[first] += _NEAR_TIE
    different = len(set(sample.translate(None, _ASCII)))
    for name in rivals:
        rivals[name] -= _DOUBT.get(name, 0.0) / different
        if name in _FOREIGN and not _is_foreign((head + sample).decode(name, "replace")):
            rivals[name] -= _FOREIGN_DOUBT / different**2
    return _plainest(sample, max(rivals, key=lambda name: rivals[name]))


def _is_foreign(text: str) -> bool:
    """Whether more words are of a language that is not of Western Europe than of one that is."""
    words = set(_WORD.findall(text.lower()))
    western, others = (
        max(len(words & each.words) for each in LANGUAGES if each.western == is_western)
        for is_western in (True, False)
    )
    return others > western


def _east_asian(sample: bytes, first: str) -> str:
    """Give the encoding whose text has the commonest characters: kana, hangul, first-level ideographs."""
    shares = {name: _common_share(sample.decode(name, "replace"), name) for name in _EAST_ASIAN}
    return first if shares[first] == max(shares.values()) else max(shares, key=lambda name: shares[name])


def _common_share(text: str, name: str) -> float:
    wide = [character for character in text if not character.isascii()]
    return sum(_commonness(character, name) for character in wide) / max(len(wide), 1)


def _commonness(character: str, name: str) -> float:
    """Rate how common a character is in the language of an encoding: 1 at most, -3 where it cannot be decoded."""
    if character == "\ufffd":
        return -3.0
    if "\u3040" <= character <= "\u30fc":
        return 1.0 if name in ("cp932", "euc-jp") else 0.0
    if "\uac00" <= character <= "\ud7a3":
        return 1.0 if name == "cp949" and _is_in(character, "euc-kr") else -0.5
    if "\uff61" <= character <= "\uff9f":
        return -0.5
    level = _FIRST_LEVEL.get(name)
    if level and "\u4e00" <= character <= "\u9fff" and _is_in(character, level[0]):
        return 1.0 if level[1] <= character.encode(level[0]) <= level[2] else 0.2
    return 0.0


def _is_in(character: str, charset: str) -> bool:
    try:
        return len(character.encode(charset)) == 2
    except UnicodeEncodeError:
        return False


def _is_broad(sample: bytes) -> bool:
    """Whether two bytes outside ASCII follow one another, as they do in text of another script."""
    return re.search(rb"[\x80-\xff]{2}", sample) is not None


def _name(name: str) -> str:
    lowered = name.lower().replace("_", "-").replace("iso-8859", "iso8859")
    return {
        "macroman": "mac-roman",
        "maccyrillic": "mac-cyrillic",
        "maclatin2": "mac-latin2",
        "euc-jis-2004": "euc-jp",
        "iso8859-1": "cp1252",
    }.get(lowered, lowered)


def _plainest(sample: bytes, name: str) -> str:
    """Give Windows-1252 where it decodes the text alike: it is what programs write today."""
    return "cp1252" if sample.decode("cp1252", "replace") == sample.decode(name, "replace") else name


def _fit(text: str, head: str) -> float:
    """Rate a decoded text: how plausible its characters outside ASCII are, and how well they fit one alphabet."""
    padded = f" {text} "
    places = [place for place, character in enumerate(padded) if not character.isascii()]
    if not places:
        return 0.0
    plausibility = sum(_plausibility(padded[place], padded[place - 1], padded[place + 1]) for place in places)
    return plausibility / len(places) + _alphabet_share(text, head)


def _alphabet_share(text: str, head: str) -> float:
    """Give the share of letters that one language has, with a bonus for words of that language."""
    letters = Counter(letters_of(text))
    words = set(_WORD.findall(f"{head} {text}".lower()))
    total = max(letters.total(), 1)
    best = max(_share(letters, alphabet) - handicap for alphabet, handicap in _ALL)
    for language in LANGUAGES:
        known = words & language.words
        plain = sum(map(str.isascii, known))
        weight = _WORD_WEIGHT * min(plain, _MOST_WORDS) + _TELLING_WEIGHT * min(
            len(known) - plain, _MOST_WORDS
        )
        best = max(best, _share(letters, language.letters) + weight)
    return best + 0.05 * sum(letters[letter] for letter in _WESTERN) / total


def _share(letters: Counter[str], alphabet: frozenset[str]) -> float:
    return sum(letters[letter] for letter in alphabet) / letters.total() if letters else 1.0


_is_latin = lru_cache(maxsize=4096)(is_latin)


def _plausibility(character: str, before: str, after: str) -> float:
    """Rate a character between its neighbours: 1 for a letter among letters, below 0 for what is hardly written."""
    if "\u2500" <= character <= "\u25ff":  # lines and blocks, which no list of today draws
        return -3.0
    if character == "\xa0":
        return 1.0
    sign = _sign_plausibility(character, before, after)
    if sign is not None:
        return sign
    if character.isalpha():
        return _letter_plausibility(character, before, after)
    category = unicodedata.category(character)
    if category.startswith("C"):
        return -2.0
    if character == "\ufffd":
        return -1.0
    if category.startswith("M"):
        return 0.5
    return -1.0 if before.isalpha() or after.isalpha() else -0.3


def _sign_plausibility(character: str, before: str, after: str) -> float | None:
    """Rate a sign between its neighbours; None for what is none of the usual signs."""
    inside = before.isalpha() and after.isalpha()
    if character in "–—" and inside:
        return 0.6
    is_numero = before in "nN" and character in "°º" and not after.isalpha()
    if is_numero or (before.isdigit() and character in "ªº°"):
        return _NUMBER_SIGN
    if character in _USUAL_SIGNS:
        return -0.7 if inside or (character in _OPENING and before.isalpha()) else 0.8
    if character in _APOSTROPHES:
        return 1.0 if inside and character != "‘" else 0.8 if not inside else -0.5
    if character in "×÷":
        return -0.7 if inside else 0.8
    return None


def _letter_plausibility(character: str, before: str, after: str) -> float:
    latin = _is_latin(character)
    for neighbour in (before, after):
        if neighbour.isalpha() and _is_latin(neighbour) != latin:
            return -1.0
    if not (before.isalpha() or after.isalpha()):
        return 0.8 if character in _WORDS else 0.0
    if character.isupper():
        if before.islower() or before.isdigit():
            return -1.0
        return 0.6 if after.islower() and before.isupper() else 1.0
    if before.isupper() and after.isupper() and character.islower():
        return -0.5
    return -1.0 if after.isupper() or before.isdigit() else 1.0
