"""Recognises choices of a field and team members of the firm by the names that people write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from shared.contract.documents.reference import TeamMember
from shared.contract.legal_forms import is_legal_form
from shared.values.judging import Finding, Judge, Judged, folded, parts, shown, wrong

_BETWEEN = re.compile(r"\s+|_|(?<=\w)[-./](?=\w)")
#: Takes the place of a member's id where several members have the name.
AMBIGUOUS = ""


def judge_choice(choices: Iterable[str], other_names: Mapping[str, Iterable[str]]) -> Judge:
    """A judge of choices, which are known by their own name and by other names, whatever the case."""
    known: dict[str, str] = {}
    for choice in choices:
        for name in (choice, *other_names.get(choice, ())):
            known.setdefault(folded(name), choice)
    listed = ", ".join(choices)

    def judge(text: str, region: str | None) -> Judged:
        choice = known.get(folded(text))
        if choice is None:
            return wrong("unknown_option", text, choices=listed)
        return Judged(choice, None, "option_recognised" if choice != text else None)

    return judge


def judge_own_choice(choices: Sequence[str]) -> Judge:
    """A judge of the choices of a custom field, whatever the case, accents and spaces.

    Another value is left out, with a warning.
    """
    known = {_spelled(choice): choice for choice in reversed(choices)}

    def judge(text: str, region: str | None) -> Judged:
        if text in choices:
            return Judged(text)
        choice = known.get(_spelled(text))
        if choice is None:
            return Judged(None, _unknown(text, choices))
        return Judged(choice, None, "option_recognised")

    return judge


def judge_own_choices(choices: Sequence[str]) -> Judge:
    """The same for several choices in one cell; the known ones are kept."""
    judge_one = judge_own_choice(choices)

    def judge(text: str, region: str | None) -> Judged:
        whole = judge_one(text, region)
        if whole.value is not None:
            return Judged([str(whole.value)], None, whole.fix)
        judged = {part: judge_one(part, region) for part in parts(text)}
        kept = list(dict.fromkeys(str(one.value) for one in judged.values() if one.value is not None))
        unknown = [part for part, one in judged.items() if one.value is None]
        changed = any(one.fix for one in judged.values())
        finding = _unknown(", ".join(unknown), choices) if unknown else None
        return Judged(kept or None, finding, "option_recognised" if changed and kept else None)

    return judge


def _spelled(choice: str) -> str:
    """A choice without case, accents, spaces and hyphens; `A` and `A+` are two."""
    spread = unicodedata.normalize("NFKD", choice.casefold())
    return _BETWEEN.sub("", "".join(char for char in spread if not unicodedata.combining(char)))


def _unknown(text: str, choices: Sequence[str]) -> Finding:
    return Finding("unknown_own_choice", {"value": shown(text), "choices": ", ".join(choices)})


def with_legal_forms(judge: Judge) -> Judge:
    """A judge of account types that takes legal forms, too: an *s.r.o.* and an *Eenmanszaak* are companies.

    Nothing changes where the firm has no type for companies.
    """
    of_companies = judge("Company", None).value is not None

    def types(text: str, region: str | None) -> Judged:
        judged = judge(text, region)
        if judged.value is None and of_companies and is_legal_form(text):
            return Judged("Company", None, "option_recognised")
        return judged

    return types


def member_index(members: Iterable[TeamMember]) -> dict[str, str]:
    """The members' ids by id, e-mail address and name (in small letters); AMBIGUOUS for a name of several."""
    found: dict[str, str] = {}
    for member in members:
        names = filter(None, (member["id"], member.get("email"), member["name"]))
        for name in dict.fromkeys(map(member_key, names)):
            known = found.setdefault(name, member["id"])
            if known != member["id"]:
                found[name] = AMBIGUOUS
    return found


def member_key(text: str) -> str:
    """What the spellings of one member's name share; addresses are compared without case."""
    return text.strip().lower() if "@" in text else folded(text)


def judge_members(members: Mapping[str, str]) -> Judge:
    """A judge of team members by id, e-mail address or exact name, without regard to case and accents.

    Unknown members are noted and left out; the name of several members is refused. `members`: `member_index`.
    """
    index = {member_key(name): member for name, member in members.items()}

    def judge(text: str, region: str | None) -> Judged:
        whole = index.get(member_key(text)) or index.get(_turned(text))  # "Peeters, Ann" is one member
        asked = [text] if whole else parts(text)
        found = {each: whole or index.get(member_key(each)) for each in asked}
        doubtful = [each for each, member in found.items() if member == AMBIGUOUS]
        if doubtful:
            return wrong("ambiguous_team_member", ", ".join(doubtful))
        unknown = [each for each, member in found.items() if member is None]
        known = list(dict.fromkeys(member for member in found.values() if member))
        finding = Finding("unknown_team_member", {"value": shown(", ".join(unknown))}) if unknown else None
        repeats = bool(known) and len(known) + len(unknown) < len(asked)
        return Judged(known or None, finding, "repeats_removed" if repeats else None)

    return judge


def _turned(text: str) -> str:
    """*Last, First* as *First Last*."""
    last, comma, first = text.partition(",")
    return folded(f"{first} {last}") if comma else ""
