"""Checks one chunk of rows: cells in, normalised values by field out, with problems, fixes and matching keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

from services.validator.check.account_types import find_account_types, with_found_types
from services.validator.check.built_values import VALUE_BUILT
from services.validator.check.checked_rows import CheckedRows, FixedValue
from services.validator.check.companies import settle_companies
from services.validator.check.context import CheckContext, CheckPlan
from services.validator.check.left_out_cells import leave_out_cells
from services.validator.check.left_out_values import kept_or_left_out
from services.validator.check.linked_accounts import take_linked_accounts
from services.validator.check.mapped_columns import built_columns, columns_to_check, fields_of, settable
from services.validator.check.match_keys import make_keys
from services.validator.check.names import complete_names, text_of
from services.validator.check.rights import MEMBERS, assignable, keep_to_rights
from services.validator.check.rules import left_out_by, rows_of
from services.validator.check.second_addresses import spread_addresses
from services.validator.check.set_values import set_values
from services.validator.check.spellings import take_firms_spelling
from services.validator.check.stray_values import settle_stray_values
from shared.contract.documents.chunk import ReadProblem
from shared.contract.documents.job import Mapping as ColumnsMapping
from shared.contract.documents.job import Rule
from shared.contract.documents.values import Decision, Value
from shared.contract.fields import NEEDED, Field
from shared.contract.job import built_from
from shared.contract.problems import ERROR, LEFT_OUT_BY_RULE, severity
from shared.contract.records import CLEAR
from shared.values.columns import check_column, missing_required
from shared.values.evidence import PEOPLE
from shared.values.judging import Finding
from shared.values.numbers import birth_date_finding

#: What is written differently from country to country.
REGIONAL = frozenset({"phone", "tax_id", "postal_code", "register_number", "enterprise_number"})
#: Whose country a record has that gives none.
LIVES_WITH = {"spouse": "contact"}

#: The country of each row, by the record that has it.
Regions = dict[str, list[str | None]]


def check_rows(
    rows: Sequence[Sequence[str]],
    how: CheckPlan,
    context: CheckContext,
    left_out: frozenset[int] = frozenset(),
    as_read: Sequence[ReadProblem] = (),
    decisions: Mapping[int, Decision] | None = None,
) -> CheckedRows:
    """Check some rows; those `left_out` by a person are checked too, and mean no record.

    `as_read` are the problems that reading had with them; `decisions` has by offset what a person decided of a row.
    """
    found = CheckedRows(decisions=decisions or {})
    _take_read_problems(found, how.mapping, as_read)
    cells = list(zip(*rows, strict=True))
    leave_out_cells(found, how.mapping, cells)
    regions: Regions = {}
    built = built_columns(how.mapping)
    columns, found.fixes = spread_addresses(columns_to_check(how.mapping, cells))
    for index, target, own in sorted(columns, key=lambda item: item[1].type != "country"):
        _check_one(found, own, target, context, how, index, regions)
        if index in built:
            found.fixes += [FixedValue(at, target.key, VALUE_BUILT) for at, text in enumerate(own) if text]
    _set_account_type(found, how.mapping, len(rows))
    set_rows = set_values(found, how.rules, settable(how.mapping, how.set_fields), cells, context, len(rows))
    _take_own_ids(found)
    take_linked_accounts(found, how.kind, len(rows))
    settle_companies(found, how, cells, len(rows))
    complete_names(found, how, len(rows))
    settle_stray_values(found, how.kind)
    find_account_types(found, len(rows))
    _compare_birth_dates(found)
    take_firms_spelling(found, context)
    keep_to_rights(found, context)
    _require(found, how.kind, len(rows))
    _require_chosen(found, how.mapping.get("required", []), len(rows))
    _apply_rules(found, how.rules, cells, context, len(rows), set_rows)
    make_keys(found, len(rows), left_out)
    return found


def _take_read_problems(found: CheckedRows, mapping: ColumnsMapping, as_read: Sequence[ReadProblem]) -> None:
    """Take over the problems of reading, but those of columns that are not loaded and of which nothing is built."""
    keys = {index: key for key, sources in built_from(mapping).items() for index in sources}
    keys |= {index: target.key for index, target in reversed(fields_of(mapping))}
    for offset, column, code, params in as_read:
        if column is None:
            found.note(offset, "", Finding(code, params))
        elif column in keys:
            found.note(offset, keys[column], Finding(code, params))


def _check_one(
    found: CheckedRows,
    cells: Sequence[str],
    target: Field,
    context: CheckContext,
    how: CheckPlan,
    index: int,
    regions: Regions,
) -> None:
    of_row = regions.get(LIVES_WITH.get(target.record, target.record)) if target.type in REGIONAL else None
    checked = check_column(target, cells, context, regions=of_row, order=how.orders.get(index))
    if target.type == "country":
        regions[target.record] = [value if isinstance(value, str) else None for value in checked.values]
    for offset, finding in checked.problems.items():
        found.note(offset, target.key, kept_or_left_out(found, how, offset, target.key, finding))
    found.fixes += [FixedValue(offset, target.key, code) for offset, code in checked.fixed.items()]
    earlier = found.columns.get(target.key)
    found.columns[target.key] = checked.values if earlier is None else _joined(earlier, checked.values)


def _joined(first: Sequence[Value], second: Sequence[Value]) -> list[Value]:
    """Several columns into one field: lists are added up, of single values the first filled one counts."""
    joined: list[Value] = []
    for one, other in zip(first, second, strict=True):
        if isinstance(one, list) and isinstance(other, list):
            joined.append(list(dict.fromkeys([*one, *other])))
        else:
            joined.append(one if one is not None else other)
    return joined


def _set_account_type(found: CheckedRows, mapping: ColumnsMapping, count: int) -> None:
    """Give all accounts the type that the mapping fixes, or none where it skips the type and builds none."""
    chosen = mapping["account_type"]
    if chosen["mode"] == "fixed":
        found.columns["account.type"] = list(repeat(chosen["value"], count))
    elif chosen["mode"] == "skip" and "account.type" not in built_from(mapping):
        found.columns.pop("account.type", None)


def _take_own_ids(found: CheckedRows) -> None:
    """Ids of records are no values of theirs, they say which record a row means; nor are codes before phone numbers."""
    for slot in ("account", "contact"):
        given = found.columns.pop(f"{slot}.record_id", [])
        own = {offset: str(value) for offset, value in enumerate(given) if value not in (None, CLEAR)}
        if own:
            found.own[slot] = own
        found.columns.pop(f"{slot}.phone_prefix", None)


def _compare_birth_dates(found: CheckedRows) -> None:
    """Note where the date of birth is not the one in the register number."""
    for slot in PEOPLE:
        born = found.columns.get(f"{slot}.date_of_birth")
        numbers = found.columns.get(f"{slot}.national_number")
        for offset, (given, number) in enumerate(zip(born or (), numbers or (), strict=False)):
            finding = birth_date_finding(text_of(given), text_of(number))
            if finding:
                found.note(offset, f"{slot}.date_of_birth", finding)


def _require(found: CheckedRows, kind: str, count: int) -> None:
    """An account needs its name, also where its contact has one; a contact a name or an address."""
    if kind == "contacts":
        missing = missing_required(kind, found.columns, count)
    else:
        names = found.columns.get("account.name") or [None] * count
        finding = Finding("missing_required", {"key": "account.name"})
        missing = {offset: finding for offset, name in enumerate(names) if name in (None, CLEAR)}
    known = found.own.get("contact" if kind == "contacts" else "account", {})
    naming = {key for group in NEEDED[kind] for key in group}
    # a name that is wrong, such as one that is too long, is not missing as well
    wrong = {each.offset for each in found.problems if each.field in naming and severity(each.code) == ERROR}
    for offset, finding in missing.items():
        if offset not in known and offset not in wrong:  # the record is named by its id
            found.note(offset, str(finding.params["key"]), finding)


def _require_chosen(found: CheckedRows, required: Sequence[str], count: int) -> None:
    """Each row must have the fields that the mapping requires; a wrong value is a problem already."""
    noted = {(problem.offset, problem.field) for problem in found.problems}
    for key in required:
        values = found.columns.get(key) or [None] * count
        for offset, value in enumerate(values):
            if value in (None, CLEAR) and (offset, key) not in noted:
                found.note(offset, key, Finding("missing_required", {"key": key}))


def _apply_rules(
    found: CheckedRows,
    rules: Sequence[Rule],
    cells: Sequence[Sequence[str]],
    context: CheckContext,
    count: int,
    set_rows: Mapping[int, list[int]],
) -> None:
    """Find the rows of each rule, and the team members that a rule takes from a column of the file.

    The rows of rules that set values are known already: `set_rows`, by the place of the rule.
    """
    now = rows_of(rules, with_found_types(found), cells, count)
    found.rules = [set_rows.get(at, rows) for at, rows in enumerate(now)]
    for offset, number in left_out_by(rules, found.rules, count).items():
        found.note(offset, "", Finding(LEFT_OUT_BY_RULE, {"number": number}))
    for index, rule in enumerate(rules):
        if "assignees_from" not in rule["then"]:
            continue
        offsets = found.rules[index]
        named = [cells[rule["then"]["assignees_from"]][offset] for offset in offsets]
        checked = check_column(MEMBERS, named, context)
        for place, finding in checked.problems.items():
            found.note(offsets[place], MEMBERS.key, finding)
        given = zip(offsets, checked.values, strict=True)
        found.assigned[index] = {
            offset: assignable(found, offset, ids, context) for offset, ids in given if isinstance(ids, list)
        }
