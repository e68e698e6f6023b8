"""Questions about rows whose record the evidence leaves open: the candidates side by side, and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext

from services.wizard import answers
from services.wizard.answers import Row
from services.wizard.forms import whole
from services.wizard.review_rows import Words
from shared.contract.problems import DOUBTS

#: of a record or row that is a candidate, so many values are shown beside it
MOST_FACTS = 5
#: rows of the file that are looked up to be shown as candidates
MOST_ROWS = 100
SAME, NEW = "same", "new"
#: questions where one answer cannot be the same for all rows: several records fit each
ONE_BY_ONE = frozenset({"ambiguous_match"})


@dataclass(frozen=True)
class Candidate:
    """What a row may mean: a record of the firm by its `id`, or that of another `row`."""

    title: str
    facts: tuple[tuple[str, str], ...]
    id: str = ""
    row: int = 0


@dataclass(frozen=True)
class Doubt:
    """The question about one row; `decided` is the answer that it has already."""

    candidates: tuple[Candidate, ...] = ()
    decided: str = ""


def rows_named(rows: Iterable[Row]) -> list[int]:
    """The rows of the file that are candidates for some rows."""
    found = {one["row"] for row in rows for one in _candidates(row) if "row" in one}
    return sorted(found)[:MOST_ROWS]


def doubt_of(row: Row, others: Mapping[int, Row], words: Words) -> Doubt | None:
    """The question about a row; None where there is none."""
    decided = row["decision"].get("decision", "")
    asked = any(problem["code"] in DOUBTS for problem in row["problems"])
    if not asked and not decided:
        return None
    shown = tuple(_candidate(one, others, words) for one in _candidates(row))
    return Doubt(shown, "" if asked else decided)


def _candidates(row: Row) -> list[answers.Candidate]:
    return [one for p in row["problems"] if p["code"] in DOUBTS for one in p.get("candidates", ())]


def _candidate(one: answers.Candidate, others: Mapping[int, Row], words: Words) -> Candidate:
    if "row" not in one:
        shown = {name: value for name, value in one.items() if name not in ("id", "name")}
        facts = [(words.field("contact", name), words.value(name, value)) for name, value in shown.items()]
        return Candidate(one["name"], tuple(facts[:MOST_FACTS]), id=one["id"])
    other = others.get(one["row"])
    cells = other["cells"] if other else []
    filled = [(words.headers.get(index, ""), text) for index, text in enumerate(cells) if text.strip()]
    return Candidate(gettext("Row %(n)s", n=one["row"]), tuple(filled[:MOST_FACTS]), row=one["row"])


def change_of(row: int, form: Mapping[str, str]) -> dict[str, object]:
    """The answer of a form about one row, as the API takes it; an empty one removes the answer."""
    answer: dict[str, object] = {"row": row, "decision": form.get("decision") or None}
    if answer["decision"] == SAME and form.get("id"):
        answer["same_as"] = {"id": form["id"]}
    elif answer["decision"] == SAME and (other := whole(form.get("same_row"))):
        answer["same_as"] = {"row": other}
    return answer
