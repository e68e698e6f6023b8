"""Normalises names for comparing: no case, accents or punctuation, and the legal form on its own.

*Bakkerij Peeters*, *BAKKERIJ PEETERS B.V.* and *Bakkerij Peeters bvba* are one company; *Peeters BV* and
*Peeters NV* are two. Belgian forms follow the companies code of 2019, under which a BVBA became a BV.
"""

from __future__ import annotations

import unicodedata

_SAME = (
    "bv bvba ebvba bvbao sprl sprlu srl",
    "nv sa spa",
    "vzw asbl ivzw aisbl",
    "cv cvba cvoa sc scrl scri coop",
    "vof snc",
    "commv comm scomm scs gcv",
    "commva sca",
    "sarl eurl",
    "sas sasu",
    "sci",
    "scp selarl",
    "gmbh mbh ug",
    "ag",
    "kg",
    "ohg gbr",
    "ev",
    "ltd limited",
    "plc",
    "llp",
    "llc",
    "lp",
    "inc incorporated corp corporation",
    "sl slu",
    "slp",
    "se",
    "bvi",
)
#: Each spelling with the name of its form; other spellings of one form count as equal.
FORMS = {spelling: group.split()[0] for group in _SAME for spelling in group.split()}

_DROPPED = dict.fromkeys(map(ord, ".'’`´"), "")
_SPACED = dict.fromkeys(map(ord, '-–—_,;:/\\|&+*"“”«»()[]{}'), " ")
_TABLE = {**_DROPPED, **_SPACED}


def plain(text: str) -> str:
    """The name for comparing: no case, accents or punctuation, single spaces."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().translate(_TABLE).split())


def company(text: str) -> tuple[str, str]:
    """The plain name of a company without its legal form, and the form ("" where the name shows none)."""
    name = plain(text)
    words = name.split(" ")
    form = ""
    while len(words) > 1 and (words[-1] in FORMS or (form and words[-1] == "co")):
        form = FORMS.get(words.pop(), form)
    if not form:
        words, form = _spaced_form(words)
    if not form and len(words) > 1 and words[0] in FORMS:
        form = FORMS[words.pop(0)]
    return (" ".join(words), form) if form else (name, "")


def _spaced_form(words: list[str]) -> tuple[list[str], str]:
    """A form written letter by letter at the end, such as *s a r l*."""
    start = len(words)
    while start > 1 and len(words[start - 1]) == 1:
        start -= 1
    spelled = "".join(words[start:])
    return (words[:start], FORMS[spelled]) if len(spelled) > 1 and spelled in FORMS else (words, "")
