"""The form of one client: its controls, what a person changed in them, and what the API refuses of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from services.wizard import forms
from services.wizard.answers import Field
from services.wizard.api import ApiError
from services.wizard.clients_view import choices_of, groups_of, namer, part_of
from services.wizard.forms import untouched

#: Values of lists, one a line, and of members, as ticks.
LINES, TICKS, CHOICE, AREA, INPUT = "lines", "ticks", "choice", "area", "input"
_LONG = frozenset({"notes"})


@dataclass(frozen=True)
class Control:
    """One control: its name, its label, the kind of it, what it shows, its choices, and why its value is refused."""

    name: str
    label: str
    kind: str
    shown: str
    ticked: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    wrong: str = ""
    now: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Form:
    """The controls of a record, in groups with their names."""

    groups: tuple[tuple[str, tuple[Control, ...]], ...]

    def controls(self) -> list[Control]:
        """All controls."""
        return [each for _, own in self.groups for each in own]


def form_of(
    kind: str, values: Mapping[str, Any], known: Mapping[str, Field], lists: Mapping[str, Any]
) -> Form:
    """The form of a record with these values; those of nobody make the form of a new one."""
    groups = []
    for title, own in groups_of(kind, known.values()):
        controls = [_control(kind, each, values, lists) for each in own if _is_changed_here(each, values)]
        if controls:
            groups.append((title, tuple(controls)))
    return Form(tuple(groups))


def _is_changed_here(field: Field, values: Mapping[str, Any]) -> bool:
    """Whether a person changes it here: a masked number is not sent back."""
    return not str(values.get(part_of(field), "")).startswith("•")


def value_of(field_name: str, values: Mapping[str, Any]) -> Any:
    """The value of a part of a record; `custom.` leads to a field of the firm's own."""
    if field_name.startswith("custom."):
        return values.get("custom", {}).get(field_name.removeprefix("custom."))
    return values.get(field_name)


def _control(kind: str, field: Field, values: Mapping[str, Any], lists: Mapping[str, Any]) -> Control:
    name = part_of(field)
    value = value_of(name, values)
    several = field["type"] in ("list", "members", "multi-choice")
    choices = choices_of(kind, field, lists)
    entries = tuple(str(each) for each in value) if isinstance(value, list) else ()
    name_of = namer(kind, field, lists)
    if several:
        offered = [*choices, *((each, name_of(each)) for each in entries if each not in dict(choices))]
        how = TICKS if offered and field["type"] != "list" else LINES
        return Control(name, field["label"], how, "\n".join(entries), entries, tuple(offered))
    how = CHOICE if choices else AREA if name in _LONG or "\n" in str(value or "") else INPUT
    shown = "" if value is None else str(value)
    return Control(
        name, field["label"], how, shown, choices=tuple(choices), required=field["key"] == "account.name"
    )


def changes_in(form: Form, given: MultiDict[str, str]) -> dict[str, Any]:
    """What a person changed, as the API takes it; null for what was emptied."""
    changes: dict[str, Any] = {}
    for control in form.controls():
        sent = f"f.{control.name}"
        if control.kind == TICKS:
            if f"has.{control.name}" not in given:
                continue
            entries: Sequence[str] = given.getlist(sent)
            if list(entries) != list(control.ticked) and set(entries) != set(control.ticked):
                _put(changes, control.name, list(entries) or None)
            continue
        if untouched(given.get(sent), control.shown):
            continue
        text = forms.lines(given[sent]).strip()
        if control.kind == LINES:
            parts = [part for line in text.splitlines() if (part := line.strip())]
            _put(changes, control.name, list(dict.fromkeys(parts)) or None)
        else:
            _put(changes, control.name, text or None)
    return changes


def _put(changes: dict[str, Any], name: str, value: Any) -> None:
    if name.startswith("custom."):
        changes.setdefault("custom", {})[name.removeprefix("custom.")] = value
    else:
        changes[name] = value


def refused_at(form: Form, given: MultiDict[str, str], error: ApiError) -> Form:
    """The form with what the person typed, and with why each value is refused."""
    reasons: dict[str, str] = {}
    for each in error.errors if isinstance(error.errors, list) else ():
        place = str(each.get("place", "")).removeprefix("json.")
        reasons.setdefault(place.removesuffix(".value"), str(each.get("message", "")))
    return Form(
        tuple((title, tuple(_typed(each, given, reasons) for each in own)) for title, own in form.groups)
    )


def _typed(control: Control, given: MultiDict[str, str], reasons: Mapping[str, str]) -> Control:
    wrong = next(
        (
            why
            for place, why in reasons.items()
            if place == control.name or place.startswith(control.name + ".")
        ),
        "",
    )
    sent = f"f.{control.name}"
    if control.kind == TICKS and f"has.{control.name}" in given:
        return replace(control, ticked=tuple(given.getlist(sent)), wrong=wrong)
    typed = given.get(sent, control.shown)
    other = control.shown if not untouched(typed, control.shown) else None
    return replace(control, shown=forms.lines(typed), wrong=wrong, now=other)
