"""Checks of whole columns: every value is normalised first and then judged, each different value once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as item
from typing import TypeVar

from shared.contract.built_values import LEFT_OUT_VALUE
from shared.contract.date_order import OrderDecision
from shared.contract.documents.values import Value
from shared.contract.fields import NEEDED, Field
from shared.contract.problems import LEFT_OUT_BY_VALUE
from shared.contract.records import CLEAR
from shared.values.addresses import judge_postal_code
from shared.values.blanks import with_blanks
from shared.values.choices import (
    judge_choice,
    judge_members,
    judge_own_choice,
    judge_own_choices,
    with_legal_forms,
)
from shared.values.context import ValueContext
from shared.values.countries import judge_country
from shared.values.dates import judge_date
from shared.values.emails import judge_email
from shared.values.judging import (
    BLANK,
    Finding,
    Judge,
    Judged,
    cleaned,
    folded,
    has_line_break,
    is_cell_error,
    with_characters,
    wrong,
)
from shared.values.languages import judge_language
from shared.values.numbers import judge_enterprise_number, judge_register_number, judge_tax_id
from shared.values.phone_prefixes import judge_phone_prefix
from shared.values.phones import judge_phone
from shared.values.text_marks import unmarked
from shared.values.texts import (
    judge_boolean,
    judge_full_name,
    judge_list,
    judge_name,
    judge_number,
    judge_relationship,
    judge_text,
    judge_url,
)
from shared.values.year_ends import judge_year_end

DEFAULT_ORDER = "DMY"

Order = OrderDecision | str | None
"""The order of dates in a column: decided from its dates, chosen by a person, or not known."""

Key = TypeVar("Key", bound=Hashable)
Noted = TypeVar("Noted")
# What the marks that `unmarked` takes off begin with.
_MARKED_BY = ("=", "'")
_LIST_TYPES = frozenset(["list", "members"])


@dataclass
class Checked:
    """A checked column, by offset: normalised values, problems, and codes of fixes where values changed.

    A value is None when the cell is blank or wrong, and CLEAR when the cell asks to empty the field.
    """

    values: list[Value] = item(default_factory=list)
    problems: dict[int, Finding] = item(default_factory=dict)
    fixed: dict[int, str] = item(default_factory=dict)


def check_column(
    field: Field,
    cells: Sequence[str],
    context: ValueContext,
    *,
    regions: Sequence[str | None] | None = None,
    order: Order = None,
    keep_lines: bool = False,
) -> Checked:
    """Check all cells of one column.

    A cell becomes one line, unless texts that are no names shall `keep_lines`.

    `regions` are the countries of the rows (ISO 3166-1 alpha-2) where they are known. While the `order`
    of dates is undecided or not known, those that fit two orders get a warning.
    """
    judge = _whole_judge(field, context, order, keep_lines and field.type == "text")
    fresh_lists = field.type in _LIST_TYPES
    if regions is None:
        return _judged(cells, lambda cell: judge(cell, None), fresh_lists)
    return _judged(
        list(zip(cells, regions, strict=True)),
        lambda key: judge(key[0], None if key[1] == CLEAR else key[1]),
        fresh_lists,
    )


def _judged(keys: Sequence[Key], judge: Callable[[Key], Judged], fresh_lists: bool) -> Checked:
    """Judge each different key once; `fresh_lists` gives every row a list of its own."""
    judged = {key: judge(key) for key in set(keys)}
    values = [judged[key].value for key in keys]
    if fresh_lists:
        values = [list(value) if isinstance(value, list) else value for value in values]
    findings = {key: one.finding for key, one in judged.items() if one.finding is not None}
    fixes = {key: one.fix for key, one in judged.items() if one.fix is not None}
    return Checked(values, _by_offset(keys, findings), _by_offset(keys, fixes))


def _by_offset(keys: Sequence[Key], noted: Mapping[Key, Noted]) -> dict[int, Noted]:
    """What was noted of some keys, by the offsets of the rows that have them."""
    return {offset: noted[key] for offset, key in enumerate(keys) if key in noted} if noted else {}


def missing_required(kind: str, columns: Mapping[str, Sequence[Value]], rows: int) -> dict[int, Finding]:
    """The rows (offsets) that lack what this kind of import needs; `columns`: checked values by field key."""
    found: dict[int, Finding] = {}
    for group in NEEDED[kind]:
        given = [columns[key] for key in group if key in columns]
        for offset in range(rows):
            if all(values[offset] in (None, CLEAR) for values in given):
                found.setdefault(offset, Finding("missing_required", {"key": group[0]}))
    return found


def _whole_judge(field: Field, context: ValueContext, order: Order, keep_lines: bool) -> Judge:
    judge = with_blanks(field, JUDGES[field.check](field, context, order))
    # what the texts of a choice mean: another value, "" for nothing, LEFT_OUT_VALUE to leave the row out
    meanings = {folded(text): meant for text, meant in context.values.get(field.key, {}).items()}
    clean = _lines_cleaned if keep_lines else _cleaning(";" if field.type in _LIST_TYPES else " ")
    notes_breaks = field.type in ("text", "name") and not keep_lines

    def whole(cell: str, region: str | None) -> Judged:
        text = clean(cell)
        decoded = with_characters(text)
        encoded = decoded != text
        if encoded:
            text = clean(decoded)
        if meanings:
            text = meanings.get(folded(text), text)
        if not text:
            return BLANK
        if text == CLEAR:
            return Judged(CLEAR)
        if text == LEFT_OUT_VALUE:
            return wrong(LEFT_OUT_BY_VALUE, cell)
        if is_cell_error(text):
            return wrong("cell_error", text)
        judged = judge(text, region)
        if text == cell or judged.value is None:
            return judged
        finding = judged.finding
        if finding is None and notes_breaks and has_line_break(cell):
            finding = Finding("line_break", {})
        cleaning = "characters_decoded" if encoded else "text_cleaned"
        return Judged(judged.value, finding, judged.fix or cleaning)

    return _unmarking(whole)


def _cleaning(line_break: str) -> Callable[[str], str]:
    return lambda cell: cleaned(cell, line_break)


def _lines_cleaned(text: str) -> str:
    return "\n".join(cleaned(line) for line in text.splitlines()).strip()


def _unmarking(judge: Judge) -> Judge:
    """Take the marks of a text off before it is judged."""

    def bare(cell: str, region: str | None) -> Judged:
        if not cell.lstrip().startswith(_MARKED_BY):
            return judge(cell, region)
        text = unmarked(cell.strip())
        return (
            judge(cell, region) if text == cell.strip() else _with_fix(judge(text, region), "marks_removed")
        )

    return bare


def _with_fix(judged: Judged, code: str) -> Judged:
    """Say how a value was changed first, unless it is blank or wrong, or changed otherwise as well."""
    if judged.value is None or judged.value == CLEAR:
        return judged
    return Judged(judged.value, judged.finding, judged.fix or code)


def _email(field: Field, context: ValueContext, order: Order) -> Judge:
    return judge_email(frozenset(context.members) if field.record != "account" else frozenset())


def _choice(field: Field, context: ValueContext, order: Order) -> Judge:
    own = context.choices.get(field.key)
    judge = judge_choice(field.choices if own is None else own, field.choice_names)
    return with_legal_forms(judge) if field.key == "account.type" else judge


def _custom_choice(field: Field, context: ValueContext, order: Order) -> Judge:
    own = context.choices.get(field.key)
    return judge_own_choice(own) if own else judge_text


def _custom_choices(field: Field, context: ValueContext, order: Order) -> Judge:
    own = context.choices.get(field.key)
    return judge_own_choices(own) if own else judge_list


def _date(field: Field, context: ValueContext, order: Order) -> Judge:
    if not isinstance(order, OrderDecision):
        firm_order = context.date_order or DEFAULT_ORDER
        order = OrderDecision(order or firm_order, undecided=order is None, conflicting=False)
    return judge_date(order, context.today, past=field.check == "birth_date")


def _number(field: Field, context: ValueContext, order: Order) -> Judge:
    return lambda text, region: judge_number(text, context.country)


def _always(judge: Judge) -> Callable[[Field, ValueContext, Order], Judge]:
    return lambda field, context, order: judge


#: By the name of the check that a field's declaration gives.
JUDGES: dict[str, Callable[[Field, ValueContext, Order], Judge]] = {
    "text": _always(judge_text),
    "name": _always(judge_name),
    "full_name": _always(judge_full_name),
    "email": _email,
    "phone": lambda field, context, order: judge_phone(context.country),
    "phone_prefix": _always(judge_phone_prefix),
    "choice": _choice,
    "custom_choice": _custom_choice,
    "custom_choices": _custom_choices,
    "date": _date,
    "birth_date": _date,
    "year_end": lambda field, context, order: judge_year_end(context.date_order or DEFAULT_ORDER),
    "country": _always(judge_country),
    "language": lambda field, context, order: judge_language(context.languages),
    "postal_code": _always(judge_postal_code),
    "register_number": lambda field, context, order: judge_register_number(context.country, context.today),
    "enterprise_number": lambda field, context, order: judge_enterprise_number(context.country),
    "tax_id": lambda field, context, order: judge_tax_id(context.country, context.today),
    "list": _always(judge_list),
    "relationship": _always(judge_relationship),
    "members": lambda field, context, order: judge_members(context.members),
    "number": _number,
    "url": _always(judge_url),
    "boolean": _always(judge_boolean),
}
