"""The same done to the rows that a person marked on a page of the review: what the API is asked for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.wizard.answers import Row
from services.wizard.forms import lines, whole
from services.wizard.review_rows import droppable

#: rows that are marked at once at most: a page, and those that have just left its list
MOST = 100


@dataclass(frozen=True)
class Asked:
    """What is to be done to the marked rows; `column` and `value` are for setting cells."""

    what: str = ""
    rows: tuple[int, ...] = ()
    column: int | None = None
    value: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str], marked: Iterable[str]) -> Asked:
        """What a form asks for; a row that is no number is none."""
        numbers = dict.fromkeys(n for text in marked if (n := whole(text)))
        value, column = lines(form.get("value", "")), whole(form.get("column"))
        return cls(form.get("do", ""), tuple(numbers)[:MOST], column, value)

    def changes(self, rows: Iterable[Row]) -> list[dict[str, object]]:
        """The changes of single rows, as the API takes them; rows to which it does not apply have none."""
        change = CHANGES[self.what]
        found = ((row["row"], change(self, row)) for row in rows)
        return [{"row": n, **one} for n, one in found if one]


def _tick(selected: bool) -> Callable[[Asked, Row], dict[str, object]]:
    return lambda _asked, row: {"selected": selected} if row["selected"] is not selected else {}


def _set(asked: Asked, row: Row) -> dict[str, object]:
    if asked.column is None or asked.column >= len(row["cells"]):
        return {}
    return {"cells": {str(asked.column): asked.value}} if row["cells"][asked.column] != asked.value else {}


def _without(_asked: Asked, row: Row) -> dict[str, object]:
    keys = droppable([problem for problem in row["problems"] if problem["severity"] == "error"])
    return {"without": sorted({*row["decision"].get("without", ()), *keys})} if keys else {}


def _accept(_asked: Asked, row: Row) -> dict[str, object]:
    cells = {
        str(problem["column"]): problem["suggestion"]
        for problem in row["problems"]
        if "suggestion" in problem and problem["column"] is not None
    }
    return {"cells": cells} if cells else {}


#: what can be done, by the name of its button
CHANGES: Mapping[str, Callable[[Asked, Row], dict[str, object]]] = {
    "take_in": _tick(True),
    "leave_out": _tick(False),
    "set": _set,
    "without": _without,
    "accept": _accept,
}
