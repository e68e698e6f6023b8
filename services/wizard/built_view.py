"""Values built from columns as a form shows them, those that a form asks for, and their preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext

from services.wizard.answers import AskedBuilt, FirstRow, Preview
from services.wizard.forms import lines, untouched, whole
from shared.contract.built_values import MOST_BUILT, MOST_PARTS, MOST_STEPS
from shared.contract.documents.job import BuildStep, BuiltPart, BuiltValue

TEXT = "text"
STEPS = {
    "piece": lazy_gettext("take a part"),
    "line": lazy_gettext("take a line"),
    "first": lazy_gettext("take the first characters"),
    "last": lazy_gettext("take the last characters"),
    "upper": lazy_gettext("CAPITALS"),
    "lower": lazy_gettext("small letters"),
    "title": lazy_gettext("Capitals As In Names"),
    "look_up": lazy_gettext("look up in a list"),
}
PIECES = {
    "1": lazy_gettext("the first"),
    "2": lazy_gettext("the second"),
    "3": lazy_gettext("the third"),
    "4": lazy_gettext("the fourth"),
    "-1": lazy_gettext("the last"),
    "-2": lazy_gettext("the last but one"),
}
RESTS = {
    "keep": lazy_gettext("stay as they are"),
    "blank": lazy_gettext("are left blank"),
    "value": lazy_gettext("become this:"),
}
#: How many parts a new value has room for, and how many more one that is there.
NEW_PARTS, MORE_PARTS = 3, 2
#: A list to look up in has a pair on each line, with this between.
BETWEEN = "="
#: The separator of lines.
LINE = "\n"

#: A part or a step as texts of a form.
Half = dict[str, str]


@dataclass(frozen=True)
class BuiltView:
    """A built value as a form shows it, with its preview: number of the row, the text, and what it becomes."""

    target: str
    parts: list[Half]
    steps: list[Half]
    wrong: list[str]
    rows: list[tuple[int, str, str, list[str]]]


def key_of(built: BuiltValue) -> str:
    """The key of the field that is filled, a custom field by its name."""
    custom = built.get("custom")
    return f"{custom['record']}.custom.{custom['name']}" if custom else built.get("target") or ""


def as_asked(built: BuiltValue) -> AskedBuilt:
    """A built value in the terms of a request."""
    return {"target": key_of(built), "parts": built["parts"], "steps": built.get("steps") or []}


def views_of(
    built: Sequence[BuiltValue], errors: object = None, preview: Preview | None = None
) -> list[BuiltView]:
    """The built values, and an empty one where there may be more; `errors` are those of a refused mapping."""
    refusals = errors if isinstance(errors, list) else []
    first = preview["rows"] if preview else []
    views = [
        BuiltView(
            key_of(one),
            [*map(_shown_part, one["parts"]), *[{}] * min(MORE_PARTS, MOST_PARTS - len(one["parts"]))],
            [
                *map(_shown_step, one.get("steps") or []),
                *[{}] * min(1, MOST_STEPS - len(one.get("steps") or [])),
            ],
            [str(error["message"]) for error in refusals if error.get("built") == at],
            [_previewed(row, at, key_of(one)) for row in first if at < len(row["built"])],
        )
        for at, one in enumerate(built)
    ]
    empty = [BuiltView("", [{}] * NEW_PARTS, [{}], [], [])]
    return views + empty[: MOST_BUILT - len(views)]


def _previewed(row: FirstRow, at: int, key: str) -> tuple[int, str, str, list[str]]:
    """One row of a preview: its number, the built text, the value where the check makes another, what is wrong."""
    text, value = row["built"][at], row["values"].get(key)
    read = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    wrong = [problem["message"] for problem in row["problems"] if problem["field"] == key]
    return row["row"], text, read if read != text else "", wrong


def _shown_part(part: BuiltPart) -> Half:
    return (
        {"what": f"column:{part['column']}", "text": ""}
        if "column" in part
        else {"what": TEXT, "text": part["text"]}
    )


def _shown_step(step: BuildStep) -> Half:
    shown = {
        "what": "",
        "separator": "",
        "piece": "1",
        "number": "",
        "pairs": "",
        "rest": "keep",
        "value": "",
    }
    if "case" in step:
        return {**shown, "what": step["case"]}
    if "look_up" in step:
        look_up = step["look_up"]
        pairs = "\n".join(f"{text} {BETWEEN} {to}" for text, to in look_up["pairs"].items())
        own = {"pairs": pairs, "rest": look_up["rest"], "value": look_up.get("value", "")}
        return {**shown, "what": "look_up", **own}
    take = step["take"]
    if "separator" in take:
        if take["separator"] == LINE:
            return {**shown, "what": "line", "piece": str(take["piece"])}
        own = {"separator": take["separator"], "piece": str(take["piece"])}
        return {**shown, "what": "piece", **own}
    what = "first" if "first" in take else "last"
    return {**shown, "what": what, "number": str(take["first"] if "first" in take else take["last"])}


def from_form(form: Mapping[str, str], current: Sequence[BuiltValue]) -> list[AskedBuilt]:
    """The built values that a form asks for; what nobody touched stays as it is."""
    if "built" not in form:
        return [as_asked(one) for one in current]
    asked = []
    for at in range(MOST_BUILT):
        old = as_asked(current[at]) if at < len(current) else None
        if form.get(f"built-{at}-remove"):
            continue
        one = _built_from(form, f"built-{at}", old)
        if one == old or one["target"] or one["parts"] or one["steps"]:
            asked.append(one)
    return asked


_NOTHING: AskedBuilt = {"target": "", "parts": [], "steps": []}


def _built_from(form: Mapping[str, str], at: str, old: AskedBuilt | None) -> AskedBuilt:
    before = old or _NOTHING
    parts, steps = list[BuiltPart](), list[BuildStep]()
    for n in range(MOST_PARTS):
        kept = before["parts"][n] if n < len(before["parts"]) else None
        if kept and _is_as_shown(form, f"{at}-part-{n}", _shown_part(kept)):
            parts.append(kept)
        elif part := _part_from(form, f"{at}-part-{n}"):
            parts.append(part)
    for n in range(MOST_STEPS):
        known = before["steps"][n] if n < len(before["steps"]) else None
        if known and _is_as_shown(form, f"{at}-step-{n}", _shown_step(known)):
            steps.append(known)
        elif step := _step_from(form, f"{at}-step-{n}"):
            steps.append(step)
    target = form.get(f"{at}-target")
    return {
        "target": before["target"] if untouched(target, before["target"]) else target or "",
        "parts": parts,
        "steps": steps,
    }


def _is_as_shown(form: Mapping[str, str], at: str, shown: Half) -> bool:
    """Whether the controls of a part or a step send back what they showed."""
    return all(untouched(form.get(f"{at}-{name}"), text) for name, text in shown.items())


def _part_from(form: Mapping[str, str], at: str) -> BuiltPart | None:
    what, text = form.get(f"{at}-what", ""), form.get(f"{at}-text", "")
    column = whole(what.removeprefix("column:")) if what.startswith("column:") else None
    if column is not None:
        return {"column": column}
    # a text without a choice beside it is meant to be put in
    return {"text": text} if text and what in ("", TEXT) else None


def _step_from(form: Mapping[str, str], at: str) -> BuildStep | None:
    what = form.get(f"{at}-what", "")
    if what in ("upper", "lower", "title"):
        return {"case": what}
    if what == "look_up":
        return _list_from(form, at)
    number = whole(form.get(f"{at}-number"), 1000)
    if what == "line":
        return {"take": {"separator": LINE, "piece": _piece(form, at)}}
    if what == "piece":
        return {
            "take": {"separator": lines(form.get(f"{at}-separator", "")) or " ", "piece": _piece(form, at)}
        }
    if what == "first" and number:
        return {"take": {"first": number}}
    return {"take": {"last": number}} if what == "last" and number else None


def _piece(form: Mapping[str, str], at: str) -> int:
    """Which piece is wanted: counted from 1, from the end with a minus."""
    given = form.get(f"{at}-piece", "1")
    counted = whole(given.removeprefix("-"), 100) or 1
    return -counted if given.startswith("-") else counted


def _list_from(form: Mapping[str, str], at: str) -> BuildStep | None:
    """A list to look up in: a pair on each line; a text alone stays what it is."""
    pairs = {}
    for line in lines(form.get(f"{at}-pairs", "")).split("\n"):
        text, between, to = line.partition(BETWEEN)
        if line.strip():
            pairs[text.strip()] = to.strip() if between else text.strip()
    rest, value = form.get(f"{at}-rest") or "keep", form.get(f"{at}-value", "").strip()
    if not pairs and rest == "keep":
        return None
    if rest == "value" and value:
        return {"look_up": {"pairs": pairs, "rest": "value", "value": value}}
    return {"look_up": {"pairs": pairs, "rest": "blank" if rest != "keep" else "keep"}}
