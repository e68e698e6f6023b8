"""Checks the values that a person or a program gives a record, as an import checks those of a file (ADR 0033)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.importer.directory.record_fields import Changes, custom_values
from shared.contract.date_order import date_evidence, decide_order
from shared.contract.documents.reference import Reference
from shared.contract.documents.values import Params
from shared.contract.fields import FIELDS, NEEDED, Field
from shared.contract.records import BLANK, CLEAR, FIELD_OF, HIDDEN, SECRET, have, masked
from shared.contract.spelling import Spellings
from shared.values.columns import check_column
from shared.values.context import ValueContext, context_of_firm
from shared.values.judging import without_repeats
from shared.values.numbers import birth_date_finding
from shared.values.own_fields import custom_field

#: The parts of a record that are no texts: a list of entries, each a text of its own.
_LISTS = frozenset({"list", "members"})
#: Codes of what is wrong that no file can have.
NO_FIELD, NO_TEXT, NO_QUESTIONNAIRE = "no_such_field", "no_text", "unknown_questionnaire"


class TypedFix(NamedTuple):
    """A value that became another: the name of the part of the record, why, what was sent, and what it became."""

    part: str
    code: str
    old: object
    new: object


class TypedProblem(NamedTuple):
    """What is wrong, or to be looked at, with the value of a part of the record."""

    part: str
    code: str
    params: Params


@dataclass
class Typed:
    """Checked changes: only those that differ from the record, custom fields by name.

    A value of `refused` must be corrected first; one of `noted` is kept as it is.
    """

    changes: dict[str, object] = field(default_factory=dict)
    fixes: list[TypedFix] = field(default_factory=list)
    refused: list[TypedProblem] = field(default_factory=list)
    noted: list[TypedProblem] = field(default_factory=list)


def typed(
    slot: str,
    record: Mapping[str, object] | None,
    changes: Changes,
    reference: Reference,
    *,
    new: bool = False,
) -> Typed:
    """Check the changes of a record of a slot, account or contact, as a person gives them.

    `record` has its custom fields by name; None where the changes are of many. A value that the record has already is
    no change and is not judged. A `new` record must have a name.
    """
    return _Typing(slot, record, reference).check(changes, new=new)


class _Typing:
    """The check of one record."""

    def __init__(self, slot: str, record: Mapping[str, object] | None, reference: Reference) -> None:
        self.slot, self.record, self.reference = slot, record or {}, reference
        self.of_many = record is None
        self.context: ValueContext = context_of_firm(reference)
        self.known = _names_of_firm(slot, reference)
        self.own = {each["name"]: each for each in reference["custom_fields"] if each["record"] == slot}
        self.done = Typed()

    def check(self, changes: Changes, *, new: bool) -> Typed:
        """Check all parts, the country first: numbers are written as it does."""
        parts = {name: value for name, value in changes.items() if name != "custom"}
        for name in sorted(parts, key=lambda each: each != "country"):
            self._check(name, parts[name])
        for name, value in custom_values(changes).items():
            self._check_own(name, value)
        self._require_a_name(new)
        self._compare_birth_dates()
        return self.done

    def _now(self, part: str) -> object:
        return have(self.record, part)

    def _is_there(self, part: str, value: object) -> bool:
        """Whether the record has a value already, also as it is shown to those who may not see all of it."""
        now = self._now(part)
        return (
            value == now
            or (value in BLANK and now in BLANK)
            or (part == SECRET and value == masked(part, now))
        )

    def _check(self, part: str, value: object) -> None:
        if self._is_there(part, value):
            return
        if value in BLANK:
            self._put(part, None)
        elif part == SECRET and HIDDEN in str(value):
            self._refuse(part, "invalid_rrn")
        elif part == "questionnaire":
            self._take_questionnaire(value)
        else:
            self._judge(part, FIELDS[f"{self.slot}.{FIELD_OF.get(part, part)}"], value)

    def _check_own(self, name: str, value: object) -> None:
        part = f"custom.{name}"
        if self._is_there(part, value):
            return
        if value in BLANK:
            self._put(part, None)
        elif name not in self.own:
            self._refuse(part, NO_FIELD)
        else:
            self._judge(part, custom_field(self.own[name]), value)

    def _judge(self, part: str, target: Field, value: object) -> None:
        if target.type in _LISTS:
            self._judge_list(part, target, value if isinstance(value, list) else [value])
        elif isinstance(value, str):
            self._judge_text(part, target, value)
        elif isinstance(value, bool):
            self._put(part, value)
        else:
            self._refuse(part, NO_TEXT)

    def _judge_text(self, part: str, target: Field, text: str) -> None:
        """Judge one text; lines of a free text stay lines."""
        known = self.known.get(part)
        spelled = known.of(text) if known and not isinstance(self._now(part), list) else None
        if spelled is not None:
            self._fix(part, "spelling_adopted", text, spelled)
            self._put(part, spelled)
            return
        region = self.done.changes.get("country", self._now("country"))
        order = decide_order(date_evidence([text]), self.reference["locale"]["date_order"])
        checked = check_column(
            target,
            [text],
            self.context,
            regions=[region if isinstance(region, str) else None],
            order=order,
            keep_lines=True,
        )
        value = checked.values[0]
        if value == CLEAR:
            value = None
        finding = checked.problems.get(0)
        if part == "folder_template" and self.reference["folder_templates"] and value is not None:
            self._refuse(part, "unknown_folder_template", value=text)
        elif finding and value is None:
            self._refuse(part, finding.code, **{**finding.params, "field": self._key(part)})
        else:
            self._fix(part, checked.fixed.get(0, "placeholder_left_out"), text, value)
            self._put(part, value)
            if finding:
                self.done.noted.append(TypedProblem(part, finding.code, finding.params))

    def _judge_list(self, part: str, target: Field, given: Sequence[object]) -> None:
        """Judge each entry that the record or the firm does not have; one with commas is several, as in a file."""
        now, known = self._now(part), self.known.get(part, Spellings(()))
        there = now if isinstance(now, list) else []
        entries, codes = list[str](), list[str]()
        for each in given:
            if not isinstance(each, str):
                self._refuse(part, NO_TEXT)
                return
            own = each if each in there else known.of(each)
            if own is not None:
                entries.append(own)
                codes += ["spelling_adopted"] if own != each else []
                continue
            checked = check_column(target, [each], self.context)
            value = checked.values[0]
            parts = [known.of(one) or one for one in value] if isinstance(value, list) else []
            entries += parts
            codes += checked.fixed.values()
            codes += ["spelling_adopted"] if parts and parts != value else []
            if finding := checked.problems.get(0):
                self._refuse(part, finding.code, **{**finding.params, "field": self._key(part)})
        kept = without_repeats(entries)
        code = codes[0] if codes else "repeats_removed" if len(kept) < len(entries) else "list_taken_apart"
        self._fix(part, code, list(given), kept)
        if kept != there:
            self._put(part, kept or None)

    def _take_questionnaire(self, value: object) -> None:
        form = value if isinstance(value, Mapping) else {}
        name = Spellings(self.reference["questionnaires"]).of(str(form.get("name")))
        now = self._now("questionnaire")
        same = isinstance(now, Mapping) and now.get("name") == form.get("name")
        if name is None and not same:
            self._refuse("questionnaire", NO_QUESTIONNAIRE)
        else:
            self._put("questionnaire", {**form, "name": form["name"] if same else name})

    def _require_a_name(self, new: bool) -> None:
        """An account keeps its name; a contact a name or an address, as for imports (`NEEDED`)."""
        needed = ("account.name",) if self.slot == "account" else NEEDED["contacts"][0]
        parts = [key.partition(".")[2] for key in needed if key != "contact.full_name"]
        changed = self.done.changes
        lost = new or any(part in changed for part in parts)
        wrong = {problem.part for problem in self.done.refused}
        if (
            lost
            and not any(changed.get(part, self._now(part)) for part in parts)
            and not wrong.intersection(parts)
        ):
            self._refuse(parts[0], "missing_required")

    def _compare_birth_dates(self) -> None:
        changed = self.done.changes
        if self.slot == "contact" and {"date_of_birth", SECRET} & changed.keys():
            born, number = (changed.get(part, self._now(part)) for part in ("date_of_birth", SECRET))
            texts = [each if isinstance(each, str) else None for each in (born, number)]
            if finding := birth_date_finding(*texts):
                self.done.noted.append(TypedProblem("date_of_birth", finding.code, finding.params))

    def _key(self, part: str) -> str:
        return f"{self.slot}.{FIELD_OF.get(part, part)}"

    def _put(self, part: str, value: object) -> None:
        if not self.of_many and self._is_there(part, value):
            return
        if part.startswith("custom."):
            custom = self.done.changes.setdefault("custom", {})
            if isinstance(custom, dict):
                custom[part.removeprefix("custom.")] = value
        else:
            self.done.changes[part] = value

    def _fix(self, part: str, code: str, old: object, new: object) -> None:
        if old != new:
            self.done.fixes.append(TypedFix(part, code, masked(part, old), masked(part, new)))

    def _refuse(self, part: str, code: str, **params: object) -> None:
        self.done.refused.append(TypedProblem(part, code, params))


def _names_of_firm(slot: str, reference: Reference) -> dict[str, Spellings]:
    """By part of a record, the names that the firm has."""
    names = {"tags": reference["tags" if slot == "account" else "contact_tags"]}
    if slot == "account":
        names |= {"roles": reference["roles"], "folder_template": reference["folder_templates"]}
    return {part: Spellings(own) for part, own in names.items()}
