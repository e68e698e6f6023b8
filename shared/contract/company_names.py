"""Recognises the name of a company by its legal form."""

from __future__ import annotations

from shared.contract.legal_forms import company, plain

#: Legal forms that are surnames, too: they count where they are written as a form, `SA` or `S.A.`.
_SURNAMES = frozenset(["sa", "se", "ag", "sl", "co", "coop", "lp", "ev", "sc", "sci", "cv", "kg", "spa"])


def names_company(text: str) -> bool:
    """Whether a name shows a legal form, such as *Cedar NV*; *Maria Sá* is a person.

    A form that is also a surname counts in capitals, with points, or where no word has a capital letter.
    """
    form = company(text)[1]
    if not form:
        return False
    written = text.replace("(", " ").replace(")", " ").replace(",", " ").split()
    ends = [word for word in (written[0], written[-1]) if plain(word) in _SURNAMES]
    return not ends or any(word.isupper() or "." in word for word in ends) or text == text.casefold()
