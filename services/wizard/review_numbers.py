"""What an import will do, in numbers and sentences, and its problems with their rows, group by group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from services.wizard.answers import Job, Report, ReportedProblem, Row
from services.wizard.forms import lines, whole
from services.wizard.review_problems import TITLES
from services.wizard.review_rows import Words
from services.wizard.wording import number, rows
from shared.contract.documents.job import Condition, Rule, Settings
from shared.contract.invalid_values import DROP_VALUE, may_be_left_out
from shared.contract.problems import is_of_a_value

#: gives values without a person to the account of their row
#: Actions that change no cell but decide what becomes of it.
DECIDING = ("move_to_account", "take_from_file", DROP_VALUE, "accept_suggestion")
#: more rows than this share are invalid: the person is asked before the start
MANY = 0.05


def loaded(counts: Mapping[str, int]) -> int:
    """How many rows the start would load."""
    return counts["new"] + counts["update"]


def balance(counts: Mapping[str, int]) -> str:
    """What becomes of all rows, in one sentence whose numbers sum to all rows."""
    same = counts["unchanged"] + counts["duplicate"]
    parts: tuple[tuple[int, Callable[[int], str]], ...] = (
        (loaded(counts), lambda n: ngettext("%(n)s is imported", "%(n)s are imported", n, n=number(n))),
        (same, lambda n: ngettext("%(n)s changes nothing", "%(n)s change nothing", n, n=number(n))),
        (counts["invalid"], lambda n: ngettext("%(n)s is invalid", "%(n)s are invalid", n, n=number(n))),
        (
            counts["unselected"],
            lambda n: ngettext("%(n)s is left out by you", "%(n)s are left out by you", n, n=number(n)),
        ),
    )
    parts_text = ", ".join(say(n) for n, say in parts if n)
    return gettext("%(rows)s in the file: %(parts)s.", rows=rows(sum(counts.values())), parts=parts_text)


def fingerprint(job: Job) -> str:
    """What a person saw before they confirmed; another one means that the numbers have changed since."""
    return ".".join(map(str, (job["revision"], *job["counts"].values())))


def nothing_to_load(counts: Mapping[str, int]) -> str | None:
    """Why the start would load nothing; None where it would load something."""
    if loaded(counts):
        return None
    if counts["invalid"] > counts["unselected"]:
        return gettext(
            "Nothing can be imported yet: something is wrong with every row that would change anything. "
            "Repair them below, or go back to the columns."
        )
    if counts["unselected"]:
        return gettext("Nothing would be imported: the rows that would change anything are left out.")
    return gettext("Nothing would be imported: the firm has everything that the file says already.")


def question(counts: Mapping[str, int]) -> str | None:
    """What to ask before the start, where many rows would be left out."""
    invalid = counts["invalid"]
    if invalid <= MANY * sum(counts.values()):
        return None
    return ngettext(
        "%(n)s row is invalid and will be left out. You can download it afterwards, repair it and upload it again. "
        "Start the import without it?",
        "%(n)s rows are invalid and will be left out. You can download them afterwards, repair them and upload "
        "them again. Start the import without them?",
        invalid,
        n=number(invalid),
    )


_SAY: dict[str, Callable[[int, str], str]] = {
    "tags": lambda n, what: ngettext(
        "%(n)s account gets the tags %(what)s.",
        "%(n)s accounts get the tags %(what)s.",
        n,
        n=number(n),
        what=what,
    ),
    "assignees": lambda n, what: ngettext(
        "%(n)s account is assigned to %(what)s.",
        "%(n)s accounts are assigned to %(what)s.",
        n,
        n=number(n),
        what=what,
    ),
    "folder_template": lambda n, what: ngettext(
        "%(n)s account gets the folders of “%(what)s”.",
        "%(n)s accounts get the folders of “%(what)s”.",
        n,
        n=number(n),
        what=what,
    ),
    "questionnaire": lambda n, what: ngettext(
        "%(n)s account gets the questionnaire “%(what)s”; it is not sent yet.",
        "%(n)s accounts get the questionnaire “%(what)s”; it is not sent yet.",
        n,
        n=number(n),
        what=what,
    ),
    "language": lambda n, what: ngettext(
        "%(n)s contact has the language %(what)s.",
        "%(n)s contacts have the language %(what)s.",
        n,
        n=number(n),
        what=what,
    ),
    "login": lambda n, _: ngettext("%(n)s contact may log in.", "%(n)s contacts may log in.", n, n=number(n)),
    "notify": lambda n, _: ngettext(
        "%(n)s contact is notified by e-mail.", "%(n)s contacts are notified by e-mail.", n, n=number(n)
    ),
    "email_sync": lambda n, _: ngettext(
        "The mail of %(n)s contact appears in the firm's inbox.",
        "The mail of %(n)s contacts appears in the firm's inbox.",
        n,
        n=number(n),
    ),
    "send_invitation": lambda n, _: ngettext(
        "%(n)s contact gets an invitation by mail when the import is done.",
        "%(n)s contacts get an invitation by mail when the import is done.",
        n,
        n=number(n),
    ),
}


def touched(report: Report, settings: Settings, words: Words) -> list[str]:
    """What the settings and rules give to how many records, as sentences."""
    lines = []
    for name, say in _SAY.items():
        if report["settings"].get(name):
            lines.append(say(report["settings"][name], words.value(name, settings.get(name))))
    for rule, n in zip(settings["rules"], report["rules"], strict=False):
        lines.append(
            ngettext(
                "The rule “%(rule)s” holds for %(n)s row.",
                "The rule “%(rule)s” holds for %(n)s rows.",
                n,
                rule=conditions_of(rule, words),
                n=number(n),
            )
        )
    return lines


def conditions_of(rule: Rule, words: Words) -> str:
    """When a rule holds, in words."""
    return " + ".join(_condition(one, words) for one in rule["when"])


def _condition(one: Condition, words: Words) -> str:
    if "column" in one:
        name = words.headers.get(one["column"], "–")
    else:
        slot, _, field = one["field"].partition(".")
        name = words.field(slot, field)
    if "blank" in one:
        if one["blank"]:
            return gettext("%(field)s is empty", field=name)
        return gettext("%(field)s is not empty", field=name)
    if "contains" in one:
        return gettext("%(field)s contains %(value)s", field=name, value=one["contains"])
    if "is_not" in one:
        return gettext("%(field)s is not %(value)s", field=name, value=one["is_not"])
    wanted = one.get("one_of") or [one["is"]]
    return gettext("%(field)s is %(value)s", field=name, value=" / ".join(wanted))


# problems


@dataclass(frozen=True)
class Group:
    """All rows with one problem; `columns` are those where the examples have it.

    Rows with a problem that `may_be_left_out` can be loaded without the value that has it.
    """

    code: str
    severity: str
    title: str
    rows: int
    examples: tuple[tuple[int, str], ...]
    columns: tuple[tuple[int, str], ...]
    may_be_left_out: bool = False


def groups_of(problems: Iterable[ReportedProblem], words: Words) -> list[Group]:
    """The problems of rows: errors first, those with the most rows first."""
    groups = [_group(problem, words) for problem in problems if problem["severity"] != "fix"]
    return sorted(groups, key=lambda group: (group.severity != "error", -group.rows))


def _group(problem: ReportedProblem, words: Words) -> Group:
    examples = problem["examples"]
    title = str(TITLES.get(problem["code"]) or (examples[0]["message"] if examples else problem["code"]))
    by_row: dict[int, str] = {}
    for example in examples:
        by_row.setdefault(example["row"], example["message"])
    columns = dict.fromkeys(at for e in examples if (at := e.get("column")) is not None)
    return Group(
        code=problem["code"],
        severity=problem["severity"],
        title=title,
        rows=problem["rows"],
        examples=tuple(by_row.items()),
        columns=tuple((index, words.headers.get(index, "")) for index in columns),
        may_be_left_out=is_of_a_value(problem["code"])
        and any(may_be_left_out(example.get("field", "")) for example in examples),
    )


# the same repair on many rows


@dataclass(frozen=True)
class Fix:
    """A repair of all rows that have a problem, as the form shows it."""

    problem: str
    action: str = "replace"
    find: str = ""
    value: str = ""
    column: int | None = None

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Fix:
        """What a form asks for."""
        action = form.get("way", "")
        return cls(
            problem=form.get("problem", ""),
            action=action if action in ("set", "replace", "clear", *DECIDING) else "replace",
            find=lines(form.get("find", "")),
            value=lines(form.get("value", "")),
            column=whole(form.get("column")),
        )

    def body(self) -> dict[str, object]:
        """The repair as the API accepts it."""
        asked: dict[str, object] = {"problem": self.problem, "action": self.action}
        if self.action not in ("clear", *DECIDING):
            asked["value"] = self.value
        if self.action == "replace":
            asked["find"] = self.find
        return asked | ({} if self.column is None else {"column": self.column})

    def on(self, text: str) -> str:
        """What becomes of a cell."""
        if self.action == "replace":
            return text.replace(self.find, self.value) if self.find else text
        return self.value if self.action == "set" else ""


def previewed(fix: Fix, some: Iterable[Row]) -> list[tuple[int, str, str]]:
    """Row, cell now, and cell after the repair, of some rows that have the problem."""
    found: dict[tuple[int, int], tuple[int, str, str]] = {}
    for row in some:
        for problem in row["problems"]:
            column = fix.column if fix.column is not None else problem["column"]
            if problem["code"] == fix.problem and column is not None and column < len(row["cells"]):
                text = row["cells"][column]
                found[(row["row"], column)] = (row["row"], text, fix.on(text))
    return list(found.values())
