"""Takes the firm's spelling of tags, roles and folder templates; of a new name, that of the row that has it first."""

from __future__ import annotations

from collections.abc import Iterable

from services.validator.check.checked_rows import CheckedRows, FixedValue
from services.validator.check.context import CheckContext
from shared.contract.documents.values import Value
from shared.contract.records import CLEAR
from shared.contract.spelling import Spellings, by_spelling, spelling_key
from shared.values.judging import Finding, shown

LISTS = ("account.tags", "contact.tags", "account.roles")
TEMPLATE = "account.folder_template"


def take_firms_spelling(found: CheckedRows, context: CheckContext) -> None:
    """Write names as the firm does, each change a fix.

    A new tag that exceeds the number of new ones is left out of its rows, each with a warning. A folder template that
    the firm does not have is left out likewise, where the firm has any.
    """
    for key in LISTS:
        if any(column := found.columns.get(key, ())):
            _take_spelling(found, key, column, context)
    templates = context.names.get(TEMPLATE)
    for offset, value in enumerate(found.columns.get(TEMPLATE, ())):
        if templates and isinstance(value, str) and value != CLEAR:
            _take_template(found, offset, value, templates)


def _take_spelling(found: CheckedRows, key: str, column: Iterable[Value], context: CheckContext) -> None:
    known = context.names.get(key, Spellings(()))
    given = dict.fromkeys(name for names in column if isinstance(names, list) for name in names)
    spelled = {name: known.of(name) for name in given}
    new = by_spelling(name for name, own in spelled.items() if own is None)
    agreed = by_spelling(context.reserved(key, list(new.values()))) if new else {}
    for name, own in spelled.items():
        if own is None:
            spelling = spelling_key(name)
            spelled[name] = agreed.get(spelling, new[spelling])
    for offset, names in enumerate(found.columns[key]):
        if isinstance(names, list):
            fresh = list(dict.fromkeys(spelled[name] or name for name in names))
            if fresh != names:
                found.columns[key][offset] = list[str](fresh)
                found.fixes.append(FixedValue(offset, key, "spelling_adopted"))
    if key in context.limited:
        refused = {name for spelling, name in new.items() if spelling not in agreed}
        leave_out(found, key, refused, "too_many_new_tags")


def _take_template(found: CheckedRows, offset: int, value: str, templates: Spellings) -> None:
    own = templates.of(value)
    if own is None:
        found.note(offset, TEMPLATE, Finding("unknown_folder_template", {"value": shown(value)}))
    elif own != value:
        found.fixes.append(FixedValue(offset, TEMPLATE, "spelling_adopted"))
    found.columns[TEMPLATE][offset] = own


def leave_out(found: CheckedRows, key: str, refused: Iterable[str], code: str) -> None:
    """Take names off the rows that have them, each with a warning that names them."""
    refused = frozenset(refused)
    for offset, names in enumerate(found.columns.get(key, ()) if refused else ()):
        if isinstance(names, list) and not refused.isdisjoint(names):
            out = [name for name in names if name in refused]
            found.note(offset, key, Finding(code, {"value": shown(", ".join(out))}))
            found.columns[key][offset] = [name for name in names if name not in refused] or None
