"""Takes off the marks by which people keep a spreadsheet from changing a value: `="0123"` and `'0123`."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"""=\s*"((?:[^"]|"")*)"|=\s*'([^']*)'""", re.DOTALL)
# After an apostrophe: a number, a date, a telephone number, or a code of letters and digits; never a name, since names
# such as `'t Hooft` begin so.
_GUARDED = re.compile(r"'([+(]?\d[\d .,:/()+-]*|[A-Za-z]{0,4}[\d.-]*\d[\w./-]*)'?")


def unmarked(text: str) -> str:
    """Give the value that a formula of one text shows, or that follows an apostrophe; else the text itself.

    Excel reads `="0123"` in a CSV file as the text 0123; an apostrophe in front is how its users type a text
    (support.microsoft.com, "Keep leading zeros and large numbers").
    """
    formula = _FORMULA.fullmatch(text)
    if formula:
        return (formula[1] if formula[1] is not None else formula[2]).replace('""', '"').strip()
    guarded = _GUARDED.fullmatch(text)
    return guarded[1].strip() if guarded else text
