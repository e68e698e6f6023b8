"""Shows what checking made of the values that a person gave: fixes, problems, and what must be corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.importer.directory.typed_values import TypedFix, TypedProblem
from shared.contract.custom_fields import Names
from shared.contract.fields import label, with_labels
from shared.contract.problems import sentence
from shared.contract.problems.kinds import TEXTS
from shared.contract.problems.wrong_values import FIXES_OF_PERSONS, OF_PERSONS
from shared.contract.records import FIELD_OF


def _label(slot: str, part: str, lang: str) -> str:
    if part.startswith("contacts."):  # of a person of a new account: contacts.0.mobile
        slot, part = "contact", part.split(".", 2)[2]
    return label(f"{slot}.{FIELD_OF.get(part, part)}", lang)


def show_fixes(slot: str, fixes: Iterable[TypedFix], lang: str) -> list[dict[str, object]]:
    """Values that were changed, with what was sent, what it became, and why."""
    return [
        {
            "field": part,
            "label": _label(slot, part, lang),
            "code": code,
            "message": TEXTS.gettext(FIXES_OF_PERSONS[code], lang)
            if code in FIXES_OF_PERSONS
            else sentence(code, lang),
            "old": old,
            "new": new,
        }
        for part, code, old, new in fixes
    ]


def show_noted(slot: str, noted: Iterable[TypedProblem], names: Names, lang: str) -> list[dict[str, object]]:
    """Values that are kept and that a person should look at."""
    return [
        {
            "field": one.part,
            "label": _label(slot, one.part, lang),
            "code": one.code,
            "message": _message(one, names, lang),
        }
        for one in noted
    ]


def show_refused(refused: Sequence[TypedProblem], names: Names, lang: str) -> list[dict[str, object]]:
    """Values that must be corrected, each at its place in the body."""
    return [{"place": one.part, "code": one.code, "message": _message(one, names, lang)} for one in refused]


def _message(problem: TypedProblem, names: Names, lang: str) -> str:
    """The sentence about a problem; that of rows of a file, unless persons have another."""
    own = OF_PERSONS.get(problem.code)
    if own:
        return TEXTS.gettext(own, lang)
    params = dict(problem.params)
    if "field" in params:
        params["field"] = names.key(str(params["field"]))
    return sentence(problem.code, lang, **with_labels(params, lang))
