"""Which columns a mapping page shows at once: all of a narrow list, and of a wide one those that are looked for.

The lists of a page grow with columns times fields. A page therefore has a budget of options (`MOST_OPTIONS`): what
does not fit is on its next pages, or found by its name, its values, or by where it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from flask_babel import lazy_gettext

from services.wizard.answers import AskedColumn, AskedMapping, Field
from services.wizard.forms import whole
from services.wizard.mapping_view import SKIP, SURE, ColumnView

#: Options in all lists of a page together; so many weigh about 170 kB.
MOST_OPTIONS = 2_200
#: Columns on a page of a wide list, whatever the number of fields.
FEWEST, MOST = 4, 26
#: Columns that are offered for the parts of a built value.
MOST_SOURCES = 60
#: Characters of the name of a custom field at most.
NAME_LENGTH = 60

#: Parts of a wide list, and what they are called.
PARTS = {
    "own": lazy_gettext("Columns of this step"),
    "partner": lazy_gettext("Columns for the partner"),
    "unsure": lazy_gettext("Columns whose place is not sure"),
    "skipped": lazy_gettext("Columns that are not imported"),
    "others": lazy_gettext("Columns of the other step"),
    "all": lazy_gettext("All columns"),
}
#: What is done to all columns of a part at once.
SKIP_ALL, SKIP_UNSURE, CUSTOM_ALL = "skip-all", "skip-unsure", "custom-all"
#: Buttons that show another part of the list, the columns again, or the values that are built from them.
LOOKING = ("find", "columns", "built")
FOR_ALL = (SKIP_ALL, SKIP_UNSURE, CUSTOM_ALL)


@dataclass(frozen=True)
class Looked:
    """What a person looks for in a wide list: a text, a part of `PARTS` and a page from 1."""

    find: str = ""
    part: str = "own"
    page: int = 1

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Looked:
        """From a query or a form; what it does not know becomes the beginning."""
        part = values.get("part", "")
        page = whole(values.get("page"))
        return cls(values.get("find", "").strip()[:100], part if part in PARTS else "own", page or 1)

    def query(self) -> dict[str, str]:
        """As the query of an address; nothing where it is the beginning."""
        asked = {"find": self.find, "part": self.part, "page": str(self.page)}
        return {name: text for name, text in asked.items() if text not in ("", "own", "1")}

    def then(self, go: str) -> Looked:
        """Where a button leads: `page:<n>`, or `find`, which begins at the first page."""
        page = whole(go.removeprefix("page:")) if go.startswith("page:") else None
        return Looked(self.find, self.part, page or (1 if go == "find" else self.page))


@dataclass(frozen=True)
class ColumnList:
    """The columns of a page: `shown` of those `found`; `counts` by part of all that the search finds."""

    wide: bool
    looked: Looked
    shown: Sequence[ColumnView]
    found: Sequence[ColumnView]
    counts: Mapping[str, int]
    pages: int
    size: int
    taken: Sequence[str]

    @property
    def first(self) -> int:
        """The place of the first column of the page, from 1."""
        return (self.looked.page - 1) * self.size + 1

    @property
    def first_found(self) -> set[int]:
        """The first columns found: those that values can be built from."""
        return {column.index for column in self.found[:MOST_SOURCES]}

    @property
    def new_ones(self) -> int:
        """How many of the columns found would become custom fields."""
        return sum(1 for column in self.found if _is_new(column))

    @property
    def used(self) -> int:
        """How many of the columns found go somewhere."""
        return sum(1 for column in self.found if column.choice != SKIP)


def at_once(fields: int) -> int:
    """How many columns fit on a page where each may go to one of so many fields."""
    return max(FEWEST, min(MOST, MOST_OPTIONS // max(fields, 1)))


def listed(
    columns: Sequence[ColumnView],
    fields: Mapping[str, Field],
    looked: Looked,
    own: Container[int],
    posted: Container[int] | None = None,
) -> ColumnList:
    """The columns to show; `own` are those of this step, `posted` those whose choices are not kept yet.

    A refused form shows again what it had, and every column that is wrong, so that nothing typed is lost.
    """
    size = at_once(len(fields))
    if len(columns) <= size:
        return ColumnList(False, looked, columns, columns, {}, 1, size, ())
    parts = _parts(own)
    sought = [column for column in columns if _has(column, looked.find.casefold(), fields)]
    counts = {part: sum(map(belongs, sought)) for part, belongs in parts.items()}
    found = list(filter(parts[looked.part], sought))
    pages = max(1, -(-len(found) // size))
    page = min(looked.page, pages)
    shown = found[(page - 1) * size : page * size]
    if posted is not None:
        shown = [column for column in columns if column.index in posted or column.wrong]
    looked = Looked(looked.find, looked.part, page)
    visible = {column.index for column in shown}
    taken = {column.choice for column in columns if "." in column.choice and column.index not in visible}
    return ColumnList(True, looked, shown, found, counts, pages, size, sorted(taken))


def _parts(own: Container[int]) -> dict[str, Callable[[ColumnView], bool]]:
    return {
        "own": lambda column: column.index in own and not column.of_partner,
        "partner": lambda column: column.index in own and column.of_partner,
        "unsure": is_unsure,
        "skipped": lambda column: column.choice == SKIP,
        "others": lambda column: column.choice != SKIP and column.index not in own,
        "all": lambda column: True,
    }


def is_unsure(column: ColumnView) -> bool:
    """Whether a column has a place that nobody confirmed and that is no more than likely."""
    return column.choice != SKIP and column.confidence < SURE


def _is_new(column: ColumnView) -> bool:
    """Whether a column has values and no place, so that a custom field can be made of it."""
    return column.choice == SKIP and column.fill > 0 and bool(column.custom["name"])


def _has(column: ColumnView, find: str, fields: Mapping[str, Field]) -> bool:
    """Whether a column has a text in its header, its samples or the name of its field."""
    target = fields.get(column.choice)
    texts = (column.header, *column.samples, target["label"] if target else "")
    return not find or any(find in text.casefold() for text in texts)


def for_all(go: str, found: Iterable[ColumnView], asked: AskedMapping, record: str) -> AskedMapping:
    """The mapping in which all columns of a list are skipped, or become custom fields of `record`."""
    chosen = {column.index: column.custom for column in found if _CHOSEN[go](column)}
    used = {custom["name"].casefold() for one in asked["columns"] if (custom := one.get("custom"))}

    def changed(one: AskedColumn) -> AskedColumn:
        if one["index"] not in chosen:
            return one
        kept: AskedColumn = {"index": one["index"], "action": "skip"}
        if go == CUSTOM_ALL:
            custom = chosen[one["index"]]
            name = _free(custom["name"], used)
            kept |= {"action": "custom", "custom": {"name": name, "type": custom["type"], "record": record}}
        return {**kept, "leave_out": one["leave_out"]} if one.get("leave_out") else kept

    return {**asked, "columns": [changed(one) for one in asked["columns"]]}


#: Which columns each button is about.
_CHOSEN: dict[str, Callable[[ColumnView], bool]] = {
    SKIP_ALL: lambda column: column.choice != SKIP,
    SKIP_UNSURE: is_unsure,
    CUSTOM_ALL: _is_new,
}


def _free(name: str, used: set[str]) -> str:
    """The name, or with a number the first one that no other column has; it is used from now on."""
    wanted = name[:NAME_LENGTH].strip()
    numbered = (f"{wanted[: NAME_LENGTH - 4].strip()} {n}" for n in count(2))
    free = wanted if wanted.casefold() not in used else next(n for n in numbered if n.casefold() not in used)
    used.add(free.casefold())
    return free
