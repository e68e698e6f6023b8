"""Builds the grid of the review: rows, their cells, and what happens to their records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import TypedDict

from babel import Locale, UnknownLocaleError
from flask_babel import format_date, get_locale, gettext, lazy_gettext

from services.wizard.account_types import ACCOUNT_TYPES
from services.wizard.answers import Change, ColumnMapping, Field, PlannedRecord, Problem, Row, RowPlan
from services.wizard.forms import lines, whole
from services.wizard.people import called
from shared.contract.invalid_values import may_be_left_out
from shared.contract.problems import VALUE_DIFFERS, is_of_a_value

#: of values that a record has, those that a person looks for first
ACCOUNT_FIRST = ("tags", "assignees", "roles", "folder_template", "questionnaire")
CONTACT_FIRST = ("relationship", "email", "mobile", "phone", "language")


@dataclass(frozen=True)
class Words:
    """What fields, people, columns and values are called.

    `labels` by field key, `members` the names of the team by id, `headers` of the file by index, `types` by the name
    of a field, without its record.
    """

    labels: Mapping[str, str]
    members: Mapping[str, str]
    headers: Mapping[int, str]
    types: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, fields: Iterable[Field], people: Mapping[str, str], mapping: ColumnMapping) -> Words:
        """From the answers of the API, and what people are called."""
        known = list(fields)
        labels = {one["key"]: one["label"] for one in known}
        types = {one["key"].partition(".")[2]: one["type"] for one in known}
        return cls(labels, people, {c["index"]: c["header"] for c in mapping["columns"]}, types)

    def header(self, column: int | None, otherwise: str) -> str:
        """What a column of the file is called."""
        return otherwise if column is None else self.headers.get(column, otherwise)

    def field(self, slot: str, name: str) -> str:
        """What a value of a record is called."""
        if name.startswith("custom."):
            return name.removeprefix("custom.")
        name = "team_members" if name == "assignees" else name
        return self.labels.get(f"{slot}.{name}") or self.labels.get(f"contact.{name}") or name

    def value(self, name: str, value: object) -> str:
        """A value as it is read; a dash for none."""
        if value in (None, "", []):
            return "–"
        if isinstance(value, bool):
            return gettext("Yes") if value else gettext("No")
        if isinstance(value, list):
            return ", ".join(self.value(name, one) for one in value)
        if isinstance(value, Mapping):
            return self.value(name, value.get("name"))
        if name == "assignees":
            return called(str(value), self.members)
        if name == "type":
            return str(ACCOUNT_TYPES.get(str(value), value))
        kind = name if name in READ else self.types.get(name, "")
        return READ[kind](str(value)) if kind in READ else str(value)


def language_name(code: str) -> str:
    """A language, in the language of the page."""
    try:
        return Locale.parse(code).get_language_name(get_locale()) or code
    except (UnknownLocaleError, ValueError):
        return code


def country_name(code: str) -> str:
    """A country, in the language of the page, with the code that is kept."""
    found = (get_locale() or Locale("en")).territories.get(code)
    return f"{found} ({code})" if found else code


def date_text(iso: str) -> str:
    """A date as the language writes it; a text that is no date stays as it is."""
    try:
        return format_date(date.fromisoformat(iso))
    except ValueError:
        return iso


#: how values are read that are kept as codes, by the type of their field
READ: dict[str, Callable[[str], str]] = {
    "language": language_name,
    "country": country_name,
    "date": date_text,
}


@dataclass(frozen=True)
class Cell:
    """One cell: its text, what it is read as where that differs, and what is wrong with it."""

    index: int
    header: str
    text: str
    read_as: str | None
    wrong: tuple[str, ...]
    tone: str
    suggestion: str = ""


@dataclass(frozen=True)
class Difference:
    """A value of a record that an update changes, or keeps although the row has another.

    Where a person may choose between the two, it has the `key` of its field; `taken` says that they chose the row's.
    """

    name: str
    old: str
    new: str
    why: str
    text: str
    key: str = ""
    taken: bool = False


@dataclass(frozen=True)
class Act:
    """What happens to one record."""

    do: str
    text: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Built:
    """A value of a row that is built from columns: its field, the value, and the headers of the columns."""

    field: str
    text: str
    headers: str


@dataclass(frozen=True)
class Line:
    """One row of the grid."""

    number: int
    bucket: str
    selected: bool
    cells: tuple[Cell, ...]
    acts: tuple[Act, ...]
    messages: tuple[tuple[str, str], ...] = ()
    wrong_in: tuple[str, ...] = ()
    moved: bool = False
    built: tuple[Built, ...] = ()
    without: tuple[str, ...] = ()
    without_names: str = ""
    decided_as: str = ""


SLOTS = {
    "account": lazy_gettext("Account"),
    "contact": lazy_gettext("Contact"),
    "spouse": lazy_gettext("Partner"),
}
DOES = {
    "create": lazy_gettext("%(what)s: new"),
    "update": lazy_gettext("%(what)s: updated"),
    "link": lazy_gettext("%(what)s: linked"),
    "nothing": lazy_gettext("%(what)s: stays as it is"),
}
WHYS = {
    "filled": lazy_gettext("was empty"),
    "overwritten": lazy_gettext("overwritten"),
    "added": lazy_gettext("added"),
    "cleared": lazy_gettext("cleared"),
    "kept": lazy_gettext("kept as it is"),
}


def columns_shown(
    mapping: ColumnMapping, everything: bool, first: Iterable[int] = ()
) -> list[tuple[int, str]]:
    """The columns of the grid, as index and header: those that are used, or all; `first` ones after the first."""
    sources = {part.get("column") for one in mapping.get("built", ()) for part in one["parts"]}
    used = [c for c in mapping["columns"] if everything or c["action"] != "skip" or c["index"] in sources]
    kept = used or mapping["columns"]
    headers = {c["index"]: c["header"] for c in kept}
    forward = [index for index in first if index in headers]
    order = dict.fromkeys([*list(headers)[:1], *forward, *headers])
    return [(index, headers[index]) for index in order]


#: columns of the grid at once, so that a page of it stays light; the first one is always there
AT_ONCE = 20


@dataclass(frozen=True)
class Columns:
    """The columns of the grid at once: the first one, and those from a place on; `total` is the number of all."""

    shown: Sequence[tuple[int, str]]
    start: int
    total: int

    @property
    def before(self) -> int | None:
        """The place of the columns before these; None where there are none."""
        return max(0, self.start - AT_ONCE + 1) if self.start else None

    @property
    def after(self) -> int | None:
        """The place of the columns after these; None where there are none."""
        following = self.start + AT_ONCE - 1
        return following if following + 1 < self.total else None


def columns_at_once(columns: Sequence[tuple[int, str]], start: int) -> Columns:
    """Some of all columns; a place behind the last one is the beginning."""
    start = start if start + 1 < len(columns) else 0
    rest = columns[1 + start : start + AT_ONCE]
    return Columns([*columns[:1], *rest], start, len(columns))


def wrong_columns(rows: Iterable[Row], problem: str, tab: str) -> list[int]:
    """The columns to bring forward: those with the problem that is asked for, or that make the most rows invalid."""
    found = Counter(
        one["column"]
        for row in rows
        for one in row["problems"]
        if (one["code"] == problem if problem else tab == "invalid" and one["severity"] == "error")
    )
    return [column for column, _ in found.most_common() if column is not None]


def lines_of(
    rows: Iterable[Row],
    columns: Sequence[tuple[int, str]],
    words: Words,
    bucket: str | None,
    *,
    as_given: bool = False,
) -> list[Line]:
    """The rows of the grid, each once; `moved` where one is in another list by now.

    They are in the order of the file, or `as_given`.
    """
    by_number = {row["row"]: row for row in rows}
    order = list(by_number) if as_given else sorted(by_number)
    return [_line(by_number[n], columns, words, bucket) for n in order]


def _line(row: Row, columns: Sequence[tuple[int, str]], words: Words, bucket: str | None) -> Line:
    shown = {index for index, _ in columns}
    problems = [problem for problem in row["problems"] if problem["severity"] != "fix"]
    elsewhere = [problem for problem in problems if problem["column"] not in shown]
    errors = [problem for problem in problems if problem["severity"] == "error"]
    wrong_in = [words.header(problem["column"], problem["field"]) for problem in errors]
    without = droppable(errors)
    return Line(
        number=row["row"],
        bucket=row["bucket"],
        selected=row["selected"],
        cells=tuple(_cell(row, index, header, problems) for index, header in columns),
        acts=acts_of(row["plan"], words, _choices(row)),
        messages=tuple((problem["severity"], problem["message"]) for problem in elsewhere),
        wrong_in=tuple(dict.fromkeys(name for name in wrong_in if name)),
        moved=bucket is not None and row["bucket"] != bucket,
        built=_built(row, words),
        without=tuple(sorted({*row["decision"].get("without", ()), *without})) if without else (),
        decided_as=decision_key(row),
        without_names=", ".join(dict.fromkeys(words.field(*key.split(".", 1)) for key in without)),
    )


def droppable(errors: Sequence[Problem]) -> list[str]:
    """The fields without whose wrong values a row can be imported; none where something else is wrong with it."""
    keys = [one["field"] for one in errors if is_of_a_value(one["code"]) and may_be_left_out(one["field"])]
    return keys if len(keys) == len(errors) else []


def _built(row: Row, words: Words) -> tuple[Built, ...]:
    """The values of a row that are built, each once."""
    found: dict[str, Built] = {}
    for fix in row["fixes"]:
        if sources := fix.get("built_from"):
            slot, _, name = fix["field"].partition(".")
            headers = ", ".join(words.header(column, "") for column in sources)
            found[fix["field"]] = Built(words.field(slot, name), _read(fix["new"]), headers)
    return tuple(found.values())


def _cell(row: Row, index: int, header: str, problems: Iterable[Problem]) -> Cell:
    own = [problem for problem in problems if problem["column"] == index]
    text = row["cells"][index] if index < len(row["cells"]) else ""
    fixes = [fix for fix in row["fixes"] if fix["column"] == index]
    new = _read(fixes[-1]["new"], fixes[-1]["field"]) if fixes else None
    severe = any(problem["severity"] == "error" for problem in own)
    return Cell(
        index=index,
        header=header,
        text=text,
        read_as=new if new != text else None,
        wrong=tuple(problem["message"] for problem in own),
        tone="bad" if severe else "warn" if own else "",
        suggestion=next((one["suggestion"] for one in own if "suggestion" in one), ""),
    )


def _read(value: object, field: str = "") -> str:
    if value is None:
        return gettext("(blank)")
    if field == "account.type":
        return str(ACCOUNT_TYPES.get(str(value), value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _choices(row: Row) -> dict[str, bool]:
    """The fields in which a person may choose between record and row, and whether they chose the row."""
    open_ones = {problem["field"]: False for problem in row["problems"] if problem["code"] == VALUE_DIFFERS}
    return open_ones | dict.fromkeys(row["decision"].get("take", ()), True)


def acts_of(plan: RowPlan, words: Words, choices: Mapping[str, bool] | None = None) -> tuple[Act, ...]:
    """What happens to the records of a row, the account first; `choices` as `_choices` has them."""
    acts = []
    for slot, name in SLOTS.items():
        if slot in plan:
            one: PlannedRecord = plan[slot]  # type: ignore[literal-required]
            chosen = choices or {}
            changes = [
                _difference(slot, change, change["why"], words, chosen) for change in one.get("changes", ())
            ]
            kept = [_difference(slot, change, "kept", words, chosen) for change in one.get("kept", ())]
            text = str(DOES[one["do"]]) % {"what": name}
            acts.append(Act(one["do"], text, tuple(changes + kept)))
    return tuple(acts)


def _difference(slot: str, change: Change, why: str, words: Words, choices: Mapping[str, bool]) -> Difference:
    name = change["field"]
    key = f"{slot}.{name}"
    return Difference(
        name=words.field(slot, name),
        old=words.value(name, change["old"]),
        new=words.value(name, change["new"]),
        why=why,
        text=str(WHYS[why]),
        key=key if key in choices else "",
        taken=choices.get(key, False),
    )


def cells_changed(form: Mapping[str, str]) -> dict[str, str]:
    """The cells that a person changed: `cell-<n>` holds the text now, `was-<n>` the text that was shown."""
    changed = {}
    for name, text in form.items():
        column = whole(name.removeprefix("cell-")) if name.startswith("cell-") else None
        if column is not None and lines(text) != lines(form.get(f"was-{column}", "")):
            changed[str(column)] = lines(text)
    return changed


def cells_overwritten(form: Mapping[str, str], cells: Mapping[str, str], row: Row | None) -> dict[str, str]:
    """The cells of a row as they are now that somebody changed after the form was made, and that it would overwrite."""
    found = {}
    for column, wanted in cells.items():
        now = row["cells"][int(column)] if row and int(column) < len(row["cells"]) else ""
        if lines(now) not in (lines(form.get(f"was-{column}", "")), wanted):
            found[column] = now
    return found


def decision_key(row: Row) -> str:
    """A short text that is another one when the decision about a row is."""
    known = json.dumps(row["decision"], sort_keys=True, default=str)
    return blake2b(known.encode(), digest_size=6).hexdigest()


class Tick(TypedDict):
    """A row whose tick changes."""

    row: int
    selected: bool


def ticks_changed(shown: Iterable[str], ticked: Iterable[str]) -> list[Tick]:
    """The rows whose tick changed: `shown` has each row with + or - as it was, `ticked` those with a tick now."""
    now = {whole(row) for row in ticked}
    before = {row: text[0] == "+" for text in shown if (row := whole(text[1:])) is not None}
    return [{"row": row, "selected": row in now} for row, tick in before.items() if tick != (row in now)]


@dataclass(frozen=True)
class Left:
    """A record of the firm that the file does not name."""

    id: str
    name: str
    facts: tuple[tuple[str, str], ...]


def records_left(rows: Iterable[Row], kind: str, words: Words) -> list[Left]:
    """Records that only the firm has; `kind` is that of the import."""
    slot = "contact" if kind == "contacts" else "account"
    first = CONTACT_FIRST if slot == "contact" else ("type", "client_code", "kbo_number", *ACCOUNT_FIRST)
    found = []
    for row in rows:
        record = row["plan"]["record"]
        values = record["values"]
        people = " ".join(str(values[part]) for part in ("first_name", "last_name") if values.get(part))
        facts = [(words.field(slot, n), words.value(n, values[n])) for n in first if values.get(n)]
        found.append(Left(record["id"], str(values.get("name") or people or "–"), tuple(facts)))
    return found
