"""Takes placeholders for blanks: which of them a field may have, and when its own judge goes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from shared.contract.fields import Field
from shared.contract.problems import ERROR, severity
from shared.values.judging import Judge, Judged, cleaned, parts
from shared.values.placeholders import (
    CHOICE,
    CODE,
    FORM,
    FREE,
    NAME,
    NUMBER,
    OWN,
    Reading,
    is_no_address,
    is_no_date,
    is_no_number,
    is_no_phone,
    is_placeholder,
)

#: A placeholder leaves the field blank, and the row shows it.
LEFT_BLANK = Judged(None, None, "placeholder_left_out")

#: By check, how freely a text may be taken for a placeholder; what is not here is free text.
_READINGS = {
    "name": NAME,
    "full_name": NAME,
    "number": NUMBER,
    **dict.fromkeys(["choice", "boolean", "country", "language", "members"], CHOICE),
    **dict.fromkeys(
        [
            "email", "phone", "date", "birth_date", "year_end", "postal_code", "register_number", "enterprise_number",
            "tax_id", "url",
        ],
        FORM,
    ),
}  # fmt: skip
#: By name, the same for fields of free text that hold something special.
_OF_NAME = {
    **dict.fromkeys(
        ["address_line1", "house_number", "box", "city", "state", "linked_account", "middle_name", "prefix", "suffix"],
        NAME,
    ),
    "client_code": CODE,
    "record_id": CHOICE,
    "folder_template": CHOICE,
    "status": CODE,
}  # fmt: skip
#: More placeholders of one check.
_MORE = {
    "email": is_no_address,
    "date": is_no_date,
    "birth_date": is_no_date,
    "year_end": is_no_date,
    "enterprise_number": is_no_number,
    "tax_id": is_no_number,
}
#: Checks that take a text for a value where they can: "x" is a yes, and a firm may have a choice that is called None.
_JUDGED_FIRST = frozenset(["choice", "boolean", "country", "language", "members", "phone"])
#: The code of Namibia is what programs write for "not available"; its name is plain.
_NO_COUNTRY = "na"
_SEPARATORS = re.compile(r"[\s./]+")

#: Whether a text is a placeholder in a field.
Blank = Callable[[str], bool]


def reading_of(field: Field) -> Reading:
    """How freely the texts of a field may be taken for placeholders."""
    if field.name in _OF_NAME:
        return _OF_NAME[field.name]
    usual = OWN if field.name.startswith("custom.") else FREE
    return _READINGS.get(field.check, usual)


def is_left_blank(field: Field, cell: str) -> bool:
    """Whether a cell is blank or holds a placeholder."""
    text = cleaned(cell)
    return not text or is_placeholder(text, reading_of(field))


def with_blanks(field: Field, judge: Judge) -> Judge:
    """A judge that takes placeholders for blanks; of a list it leaves out those parts."""
    reading, more = reading_of(field), _MORE.get(field.check)

    def blank(text: str) -> bool:
        return is_placeholder(text, reading) or (more is not None and more(text))

    if field.type in ("list", "members"):
        return _of_list(judge, blank)
    if field.check == "email":
        return _of_address(judge, blank)
    if field.check in _JUDGED_FIRST:
        return _judged_first(judge, blank, field.check)
    return lambda text, region: LEFT_BLANK if blank(text) else judge(text, region)


def _judged_first(judge: Judge, blank: Blank, check: str) -> Judge:
    def judged_first(text: str, region: str | None) -> Judged:
        if check == "country" and _SEPARATORS.sub("", text).casefold() == _NO_COUNTRY:
            return LEFT_BLANK
        judged = judge(text, region)
        if judged.finding is None or (severity(judged.finding.code) != ERROR and judged.value is not None):
            return judged
        return LEFT_BLANK if blank(text) or (check == "phone" and is_no_phone(text)) else judged

    return judged_first


def _of_list(judge: Judge, blank: Blank) -> Judge:
    def of_list(text: str, region: str | None) -> Judged:
        given = parts(text)
        kept = [part for part in given if not blank(part)]
        if len(kept) == len(given):
            return judge(text, region)
        return _without_blanks(judge, kept, region) if kept else LEFT_BLANK

    return of_list


def _of_address(judge: Judge, blank: Blank) -> Judge:
    """Of an address and a placeholder in one cell, the address counts."""

    def of_address(text: str, region: str | None) -> Judged:
        if blank(text):
            return LEFT_BLANK
        judged = judge(text, region)
        if judged.finding is None:
            return judged
        given = parts(text)
        kept = [part for part in given if not blank(part)]
        return _without_blanks(judge, kept, region) if 0 < len(kept) < len(given) else judged

    return of_address


def _without_blanks(judge: Judge, kept: Sequence[str], region: str | None) -> Judged:
    judged = judge("; ".join(kept), region)
    return judged if judged.value is None else judged._replace(fix=judged.fix or LEFT_BLANK.fix)
