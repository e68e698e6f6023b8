"""Every problem that a person or a program may be answered: a stable code, its severity, its place, its sentence.

The kinds are listed by what they are about, a module each; their sentences in other languages are the domain `problems`
of the message catalogues (`shared/contract/texts`). Imports nothing but these two rooms and the list of
file formats.
"""

from __future__ import annotations

from babel import Locale
from babel.numbers import format_decimal

from shared.contract import file_formats
from shared.contract.problems import columns, files, jobs, messages, requests, rows
from shared.contract.problems.kinds import (
    COLUMN,
    ERROR,
    FILE,
    FIX,
    JOB,
    MESSAGE,
    REQUEST,
    ROW,
    TEXTS,
    WARNING,
    Kind,
)
from shared.contract.texts.catalogues import gettext_noop as _
from shared.contract.texts.catalogues import known

#: all kinds of problems by code
KINDS: dict[str, Kind] = {
    kind.code: kind for module in (rows, files, columns, requests, jobs, messages) for kind in module.KINDS
}

#: Codes whose numbers `size` and `max` count bytes.
_OF_BYTES = frozenset({"too_large", "unpacks_too_large", "message_too_large"})

#: Date orders as people call them; the placeholder `order` is replaced by these.
_ORDERS = {"DMY": _("day-month-year"), "MDY": _("month-day-year"), "YMD": _("year-month-day")}

#: Problems of a row that ask a person whether it means an existing record, or somebody else.
DOUBTS = frozenset(
    {
        "ambiguous_match",
        "namesake_in_firm",
        "namesake_in_file",
        "code_with_two_names",
        "number_with_two_names",
        "known_by_another_name",
        "evidence_disagrees",
    }
)

#: Problems of rows that a person chose to leave out, by a rule, a value, or the clients that the import may touch.
NOT_A_CLIENT_YET = "not_a_client_yet"
LEFT_OUT_BY_RULE = "left_out_by_rule"
LEFT_OUT_BY_VALUE = "left_out_by_value"
LEFT_OUT = frozenset({NOT_A_CLIENT_YET, LEFT_OUT_BY_RULE, LEFT_OUT_BY_VALUE})
#: The client keeps another value than the row has.
VALUE_DIFFERS = "value_differs"
#: Fields whose values are kept as codes or in English; a problem names the one it is about in the parameter `of`.
KEPT_AS_CODES = frozenset({"type", "language", "country"})
_ACCOUNT_TYPES = {"Individual": _("Individual"), "Company": _("Company"), "Other": _("Other")}
#: What is probably meant is in the parameter `suggestion`.
SUGGESTING = frozenset({"mistyped_email", "doubtful_email"})


#: A wrong value that was left out, so that its row could be loaded; its parameter `problem` says what is wrong.
VALUE_LEFT_OUT = "value_left_out"


#: Errors of rows that are about no value of a cell.
_OF_WHOLE_ROWS = DOUBTS | {
    "missing_required",
    "duplicate_in_file",
    LEFT_OUT_BY_VALUE,
    "unknown_record",
    "not_taken_back",
    "changed_since_review",
    "loaded_before",
    "not_selected",
    "match_not_allowed",
}


def is_of_a_value(code: str) -> bool:
    """Whether a problem costs a row because of one value, without which the row could be loaded."""
    kind = KINDS.get(code)
    return kind is not None and kind.where == ROW and kind.severity == ERROR and code not in _OF_WHOLE_ROWS


class _Forgiving(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "…"


def in_bytes(number: int, lang: str = "en") -> str:
    """A number of bytes with three digits that matter, in decimal units, as file managers show it."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= size:
            return f"{format_decimal(float(f'{number / size:.3g}'), locale=known(lang))} {unit}"
    return f"{number} B"


def sentence(code: str, lang: str, **params: object) -> str:
    """The sentence of a problem in a language (English where there is no catalogue for it).

    A placeholder without a value shows as "…"; an unknown code gives the general sentence of `internal_error`.
    """
    kind = KINDS.get(code, KINDS["internal_error"])
    if code in _OF_BYTES:
        params = {
            name: in_bytes(value, lang) if isinstance(value, int) else value for name, value in params.items()
        }
    if code == VALUE_LEFT_OUT and "reason" not in params:
        about = {name: value for name, value in params.items() if name != "problem"}
        params["reason"] = sentence(str(params.get("problem", "")), lang, **about)
    params.setdefault("formats", file_formats.NAMES)
    if "countries" in params:
        params = {**params, "countries": _countries(params["countries"], lang)}
    if "order" in params:
        order = str(params["order"])
        params["order"] = TEXTS.gettext(_ORDERS[order], lang) if order in _ORDERS else order
    if params.get("of") in KEPT_AS_CODES:
        read: dict[str, object] = {
            name: _as_read(str(params["of"]), str(params[name]), lang)
            for name in ("old", "new")
            if name in params
        }
        params = {**params, **read}
    return TEXTS.gettext(kind.text, lang).format_map(_Forgiving(params))


def _as_read(of: str, value: str, lang: str) -> str:
    """A value that is kept as a code, as a person reads it."""
    if of == "type":
        return TEXTS.gettext(_ACCOUNT_TYPES[value], lang) if value in _ACCOUNT_TYPES else value
    locale = Locale.parse(known(lang))
    names = locale.languages if of == "language" else locale.territories
    return str(names.get(value, value))


def _countries(codes: object, lang: str) -> str:
    """Countries as a person reads them: their names, each with its code."""
    names = Locale.parse(known(lang)).territories
    listed = codes if isinstance(codes, list) else [codes]
    return ", ".join(f"{names.get(code, code)} ({code})" for code in listed)


def severity(code: str) -> str:
    """How severe a problem is: `error`, `warning` or `fix`; an unknown code is an error."""
    kind = KINDS.get(code)
    return kind.severity if kind else ERROR


__all__ = [
    "COLUMN",
    "DOUBTS",
    "ERROR",
    "FILE",
    "FIX",
    "JOB",
    "KINDS",
    "MESSAGE",
    "REQUEST",
    "ROW",
    "SUGGESTING",
    "VALUE_LEFT_OUT",
    "WARNING",
    "Kind",
    "in_bytes",
    "is_of_a_value",
    "sentence",
    "severity",
]
