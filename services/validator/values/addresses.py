"""Takes a street address in one cell apart: street, house number, box."""

from __future__ import annotations

import re

_BOX = r"(?:,?\s*(?:bus|boîte|boite|bte|bt|box|b|app\.?|apt\.?)\.?\s*|\s*/\s*)(?P<box>[\w.-]{1,10})"
_NUMBER = r"(?P<number>\d{1,5}\s?[a-zA-Z]?(?:\s?-\s?\d{1,5}[a-zA-Z]?)?)"
# "Kerkstraat 12 bus 3", "Rue de la Loi 16/2"
_NUMBER_LAST = re.compile(rf"(?P<street>(?=.*[^\W\d_]).+?),?\s+(?:n[r°o]\.?\s*)?{_NUMBER}(?:{_BOX})?", re.I)
# "16 rue de la Loi", "16, rue de la Loi bte 2"
_NUMBER_FIRST = re.compile(rf"{_NUMBER}\s*,?\s+(?P<street>[^\W\d_].*?)(?:{_BOX})?", re.I)


def split_street(text: str) -> tuple[str, str, str]:
    """Street, house number and box; the whole text and two blanks where no number can be told from it."""
    text = text.strip()
    found = _NUMBER_FIRST.fullmatch(text) or _NUMBER_LAST.fullmatch(text)
    if not found:
        return text, "", ""
    return found["street"].strip(" ,"), found["number"].replace(" ", ""), found["box"] or ""
