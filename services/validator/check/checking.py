"""Checks one chunk of rows: cells in, normalised values by field out, with problems, fixes and matching keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from services.validator.check.columns import CheckContext, Finding, check_column, missing_required
from services.validator.check.rules import rows_of
from services.validator.match.evidence import NameOf
from services.validator.values.addresses import split_street
from services.validator.values.judging import shown
from services.validator.values.numbers import birth_date_finding
from services.validator.values.person_names import person_name
from shared.contract.custom_fields import id_of
from shared.contract.date_order import OrderDecision
from shared.contract.fields import FIELDS, Field
from shared.contract.keys import EMAIL_AND_NAME, FORMED_NAME, KEY_FIELDS, NAME, NOTHING, Keys, keys_of_columns
from shared.contract.legal_forms import plain
from shared.contract.problems import ERROR, severity
from shared.contract.records import CLEAR, name_of

#: What an account is named after where the file has no column for its name.
NAMED_AFTER = ("account.company_name", "contact.first_name", "contact.last_name")

#: A new choice field takes the file's values as its choices, so they are only cleaned.
CUSTOM_CHECKS = {"choice": "text", "multi-choice": "list"}

#: What is written differently from country to country, and whose country a record has that gives none.
REGIONAL = frozenset({"phone", "tax_id", "postal_code", "register_number", "enterprise_number"})
LIVES_WITH = {"spouse": "contact"}

#: What names a person: without any of it there is none.
NAMED_BY = frozenset({"first_name", "last_name", "email", "national_number"})

MEMBERS = FIELDS["account.team_members"]
TAGS = ("account.tags", "contact.tags")

#: The places of a row that records are made from.
SLOTS = ("account", "contact", "spouse")


@dataclass
class CheckedRows:
    """What was found in a chunk. Offsets count from the chunk's first row.

    `columns` has normalised values by field key; `problems` are (offset, field key, code, params) and `fixes`
    (offset, field key, code); `bad` are the rows that cannot be loaded; `keys` has, by slot, the matching keys
    of the rows, all 0 where a row is bad, was left out by a person, or names no such record; `own`, by slot and
    offset, the ids of records that the file itself gives. `rules` has, per rule of the settings, the rows that it
    is for, and `assigned`, by rule and offset, the members that the rule takes from a column. `names` says per row
    where the name of its account comes from; `decisions` has by offset what a person decided of a row.
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list)
    fixes: list[tuple[int, str, str]] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    keys: dict[str, list[Keys]] = field(default_factory=dict)
    own: dict[str, dict[int, str]] = field(default_factory=dict)
    rules: list[list[int]] = field(default_factory=list)
    assigned: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    names: list[NameOf] = field(default_factory=list)
    made_up: set[int] = field(default_factory=set)
    decisions: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def name_at(self, slot: str, offset: int) -> str:
        """The name that a row gives its account or one of its people."""
        parts = ("name", "first_name", "last_name", "email")
        columns = {part: self.columns[f"{slot}.{part}"] for part in parts if f"{slot}.{part}" in self.columns}
        return name_of({part: values[offset] for part, values in columns.items() if values[offset] != CLEAR})


def custom_field(column: Mapping[str, Any]) -> Field:
    """The field of a column that fills a custom field of the firm."""
    custom = column["custom"]
    likeness = next(f for f in FIELDS.values() if f.type == "text")
    name = f"custom.{id_of(custom)}"
    kind = CUSTOM_CHECKS.get(custom["type"], custom["type"])
    return replace(likeness, key=f"{custom['record']}.{name}", record=custom["record"], name=name, type=kind)


def fields_of(mapping: Mapping[str, Any]) -> list[tuple[int, Field]]:
    """The columns that are loaded, with the field of each."""
    mapped = []
    for column in mapping["columns"]:
        if column["action"] == "sync":
            mapped.append((column["index"], FIELDS[column["target"]]))
        elif column["action"] == "custom":
            mapped.append((column["index"], custom_field(column)))
    return mapped


@dataclass(frozen=True)
class CheckPlan:
    """How rows are checked: the confirmed mapping, the kind of import, the rules of the settings.

    `orders` has the order of dates, by index of column, as it was decided over the whole file.
    """

    mapping: Mapping[str, Any]
    kind: str
    rules: Sequence[Mapping[str, Any]] = ()
    orders: Mapping[int, OrderDecision] = field(default_factory=dict)


def check_rows(
    rows: Sequence[Sequence[str]],
    how: CheckPlan,
    context: CheckContext,
    left_out: frozenset[int] = frozenset(),
    as_read: Sequence[Sequence[Any]] = (),
    decisions: Mapping[int, Mapping[str, Any]] | None = None,
) -> CheckedRows:
    """Check some rows; those `left_out` by a person are checked too, and mean no record.

    `as_read` are the problems that reading had with them: (offset, column or None, code, params); `decisions` what a
    person decided of rows, by offset.
    """
    found = CheckedRows(decisions=decisions or {})
    keys = {index: target.key for index, target in fields_of(how.mapping)}
    for offset, column, code, params in as_read:
        if column is None or column in keys:
            _note(found, offset, keys.get(column, ""), Finding(code, params))
    cells = list(zip(*rows, strict=True))
    regions: dict[str, list[str | None]] = {}
    columns = columns_to_check(how.mapping, cells)
    for index, target, own in sorted(columns, key=lambda item: item[1].type != "country"):
        _check_one(found, own, target, context, how.orders.get(index), regions)
    _fixed_type(found, how.mapping, len(rows))
    _take_own_ids(found)
    _complete_names(found, how, len(rows))
    keep_values(found, how.kind)
    _compare_birth_dates(found)
    _keep_to_rights(found, context)
    _require(found, how.kind, len(rows))
    _apply_rules(found, how.rules, cells, context, len(rows))
    _make_keys(found, len(rows), left_out)
    return found


Cells = Sequence[str]


def columns_to_check(mapping: Mapping[str, Any], cells: Sequence[Cells]) -> list[tuple[int, Field, Cells]]:
    """The columns as they are checked: index, field and cells.

    Columns of one field that are to be joined become one, and an address that is to be taken apart several.
    """
    columns = {column["index"]: column for column in mapping["columns"]}
    joined: dict[str, int] = {}
    found: list[tuple[int, Field, Cells]] = []
    for index, target in fields_of(mapping):
        join = columns[index].get("join")
        if join is not None and target.key in joined:
            at = joined[target.key]
            first, field_, before = found[at]
            found[at] = (
                first,
                field_,
                [_with(join, *pair) for pair in zip(before, cells[index], strict=True)],
            )
            continue
        joined[target.key] = len(found)
        found.append((index, target, cells[index]))
        if columns[index].get("split"):
            street, number, box = zip(*map(split_street, cells[index]), strict=True)
            found[-1] = (index, target, street)
            for name, own in (("house_number", number), ("box", box)):
                key = f"{target.record}.{name}"
                if not any(each.key == key for _, each in fields_of(mapping)):
                    found.append((index, FIELDS[key], own))
    return found


def _with(join: str, *parts: str) -> str:
    return join.join(part.strip() for part in parts if part.strip())


def _check_one(
    found: CheckedRows,
    cells: Sequence[str],
    target: Field,
    context: CheckContext,
    order: OrderDecision | None,
    regions: dict[str, list[str | None]],
) -> None:
    of_row = regions.get(LIVES_WITH.get(target.record, target.record)) if target.type in REGIONAL else None
    checked = check_column(target, cells, context, regions=of_row, order=order)
    if target.type == "country":
        regions[target.record] = checked.values
    for offset, finding in checked.problems.items():
        _note(found, offset, target.key, finding)
    found.fixes += [(offset, target.key, code) for offset, code in checked.fixed.items()]
    earlier = found.columns.get(target.key)
    found.columns[target.key] = checked.values if earlier is None else _joined(earlier, checked.values)


def _take_own_ids(found: CheckedRows) -> None:
    """Ids of records are no values of theirs: they say which record a row means."""
    for slot in ("account", "contact"):
        given = found.columns.pop(f"{slot}.record_id", ())
        own = {offset: value for offset, value in enumerate(given) if value not in (None, CLEAR)}
        if own:
            found.own[slot] = own


def _leave_out(found: CheckedRows, key: str, refused: Set[str], code: str) -> None:
    """Take tags off the rows that have them, each with a warning that names them."""
    for offset, tags in enumerate(found.columns.get(key, ()) if refused else ()):
        if isinstance(tags, list) and not refused.isdisjoint(tags):
            out = [tag for tag in tags if tag in refused]
            _note(found, offset, key, Finding(code, {"value": shown(", ".join(out))}))
            found.columns[key][offset] = [tag for tag in tags if tag not in refused] or None


def _keep_to_rights(found: CheckedRows, context: CheckContext) -> None:
    """Leave out tags that would have to be made, and members who may not be assigned, where the right is missing.

    Where tags may be made, those beyond what a job may make are left out.
    """
    for key in TAGS:
        tags = {tag for own in found.columns.get(key, ()) if isinstance(own, list) for tag in own}
        if key in context.tags:
            _leave_out(found, key, tags - context.tags[key], "tag_left_out")
        elif tags:
            _leave_out(found, key, context.refused(key, tags), "too_many_new_tags")
    for offset, members in enumerate(found.columns.get(MEMBERS.key, ()) if context.withheld else ()):
        if isinstance(members, list):
            found.columns[MEMBERS.key][offset] = _assignable(found, offset, members, context) or None


def _assignable(found: CheckedRows, offset: int, members: Sequence[str], context: CheckContext) -> list[str]:
    """The members who may be assigned; the others are noted."""
    others = [context.withheld[member] for member in members if member in context.withheld]
    if others:
        finding = Finding("team_member_left_out", {"value": shown(", ".join(others))})
        _note(found, offset, MEMBERS.key, finding)
    return [member for member in members if member not in context.withheld]


def _apply_rules(
    found: CheckedRows,
    rules: Sequence[Mapping[str, Any]],
    cells: Sequence[Sequence[str]],
    context: CheckContext,
    count: int,
) -> None:
    """Find the rows of each rule, and the team members that a rule takes from a column of the file."""
    found.rules = rows_of(rules, found.columns, cells, count)
    for index, rule in enumerate(rules):
        if "assignees_from" not in rule["then"]:
            continue
        offsets = found.rules[index]
        named = [cells[rule["then"]["assignees_from"]][offset] for offset in offsets]
        checked = check_column(MEMBERS, named, context)
        for place, finding in checked.problems.items():
            _note(found, offsets[place], MEMBERS.key, finding)
        given = zip(offsets, checked.values, strict=True)
        found.assigned[index] = {
            offset: _assignable(found, offset, ids, context) for offset, ids in given if isinstance(ids, list)
        }


def _note(found: CheckedRows, offset: int, key: str, finding: Finding) -> None:
    found.problems.append((offset, key, finding.code, finding.params))
    if severity(finding.code) == ERROR:
        found.bad.add(offset)


def _joined(first: list[Any], second: list[Any]) -> list[Any]:
    """Several columns into one field: lists are added up, of single values the first filled one counts."""
    joined = []
    for one, other in zip(first, second, strict=True):
        if isinstance(one, list) and isinstance(other, list):
            joined.append(list(dict.fromkeys([*one, *other])))
        else:
            joined.append(one if one is not None else other)
    return joined


def _fixed_type(found: CheckedRows, mapping: Mapping[str, Any], count: int) -> None:
    chosen = mapping["account_type"]
    if chosen["mode"] == "fixed":
        found.columns["account.type"] = [chosen["value"]] * count
    elif chosen["mode"] == "skip":
        found.columns.pop("account.type", None)


def _complete_names(found: CheckedRows, how: CheckPlan, count: int) -> None:
    """Split full names, and name accounts after their company or their person where the file does not."""
    columns = found.columns
    if "contact.full_name" in columns:
        _split_names(columns, columns.pop("contact.full_name"))
    if how.kind != "contacts":
        _name_accounts(found, how.mapping.get("account_name"), count)


def _name_accounts(found: CheckedRows, pattern: str | None, count: int) -> None:
    """Name accounts by the pattern of the mapping where they have none, else after their company or person.

    A name that is made up from a person's is noted: it is no evidence of whom the row means.
    """
    columns = found.columns
    nothing: list[Any] = [None] * count
    if pattern:
        names = columns.setdefault("account.name", nothing)
        for offset, name in enumerate(names):
            if name is None:
                names[offset] = _by_pattern(pattern, columns, offset)
                if not _OF_ACCOUNT.fullmatch(pattern):
                    found.made_up.add(offset)
    elif "account.name" not in columns:
        parts = [columns.get(key, nothing) for key in NAMED_AFTER]
        columns["account.name"] = [_account_name(*values) for values in zip(*parts, strict=True)]
        found.made_up |= {at for at, company in enumerate(parts[0]) if company in (None, CLEAR)}


#: A pattern that names accounts by their own fields alone.
_OF_ACCOUNT = re.compile(r"[^{}]*({account\.[^{}]*}[^{}]*)+")


def _by_pattern(pattern: str, columns: Mapping[str, Sequence[Any]], offset: int) -> str | None:
    """The text of a pattern such as `{contact.last_name}, {contact.first_name}`; None where all of it is blank."""

    def value(found: re.Match[str]) -> str:
        own = columns[found[1]][offset] if found[1] in columns else None
        return "" if own in (None, CLEAR) else str(own)

    text = re.sub(r"{([^{}]*)}", value, pattern)
    return " ".join(text.split()).strip(" ,;/-") or None


def _split_names(columns: dict[str, list[Any]], full_names: Sequence[str | None]) -> None:
    """Fill the parts of names from full names, in rows that have no first or last name of their own."""
    parts = ("prefix", "first_name", "last_name", "suffix")
    split = [person_name(full) if full not in (None, CLEAR) else None for full in full_names]
    for name, given in zip(parts, zip(*(each or (None,) * 4 for each in split), strict=True), strict=True):
        if any(given) or f"contact.{name}" in columns or name in ("first_name", "last_name"):
            columns.setdefault(f"contact.{name}", [None] * len(full_names))
    own = list(zip(columns["contact.first_name"], columns["contact.last_name"], strict=True))
    for offset, (each, named) in enumerate(zip(split, own, strict=True)):
        if each is None or any(named):
            continue
        for name, value in zip(parts, each, strict=True):
            if value and columns[f"contact.{name}"][offset] is None:
                columns[f"contact.{name}"][offset] = value


def _compare_birth_dates(found: CheckedRows) -> None:
    """Note where the date of birth is not the one in the register number."""
    for slot in ("contact", "spouse"):
        born = found.columns.get(f"{slot}.date_of_birth")
        numbers = found.columns.get(f"{slot}.national_number")
        for offset, (given, number) in enumerate(zip(born or (), numbers or (), strict=False)):
            finding = birth_date_finding(given, number) if CLEAR not in (given, number) else None
            if finding:
                _note(found, offset, f"{slot}.date_of_birth", finding)


def _account_name(company: str | None, first: str | None, last: str | None) -> str | None:
    person = " ".join(part for part in (first, last) if part and part != CLEAR)
    return (company if company != CLEAR else None) or person or None


def keep_values(found: CheckedRows, kind: str) -> None:
    """Values of a person whom the row does not name end in no record: each is a problem, or goes to the account.

    A person is named by a name, an address, a register number or the id of the record.
    """
    for slot in ("contact", "spouse"):
        own = {key: values for key, values in found.columns.items() if key.startswith(f"{slot}.")}
        naming = [own[f"{slot}.{part}"] for part in NAMED_BY if f"{slot}.{part}" in own]
        named = {at for values in naming for at, value in enumerate(values) if value not in (None, CLEAR)}
        named |= found.own.get(slot, {}).keys()
        for key, values in own.items():
            lost = [at for at, value in enumerate(values) if value not in (None, CLEAR) and at not in named]
            for offset in lost:
                if not _moved(found, key, offset, kind):
                    finding = Finding("value_without_record", {"value": shown(_as_text(values[offset]))})
                    _note(found, offset, key, finding)
                values[offset] = None


def _moved(found: CheckedRows, key: str, offset: int, kind: str) -> bool:
    """Give a value to the account of its row, where a person decided so and the account has no other."""
    target = f"account.{key.split('.', 1)[1]}"
    decided = found.decisions.get(offset, {}).get("to_account")
    if not decided or kind == "contacts" or target not in FIELDS:
        return False
    values = found.columns.setdefault(target, [None] * len(found.columns[key]))
    now, value = values[offset], found.columns[key][offset]
    if isinstance(value, list) and (now is None or isinstance(now, list)):
        values[offset] = list(dict.fromkeys([*(now or []), *value]))
    elif now in (None, value):
        values[offset] = value
    else:
        return False
    found.fixes.append((offset, target, "moved_to_account"))
    return True


def _as_text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _require(found: CheckedRows, kind: str, count: int) -> None:
    """An account needs its name, also where its contact has one; a contact a name or an address."""
    if kind == "contacts":
        missing = missing_required(kind, found.columns, count)
    else:
        names = found.columns.get("account.name") or [None] * count
        finding = Finding("missing_required", {"key": "account.name"})
        missing = {offset: finding for offset, name in enumerate(names) if name in (None, CLEAR)}
    known = found.own.get("contact" if kind == "contacts" else "account", {})
    for offset, finding in missing.items():
        if offset not in known:  # the record is named by its id
            _note(found, offset, finding.params["key"], finding)


def _make_keys(found: CheckedRows, count: int, left_out: frozenset[int]) -> None:
    for slot in SLOTS:
        own = {
            key.split(".", 1)[1]: [None if value == CLEAR else value for value in values]
            for key, values in found.columns.items()
            if key.startswith(f"{slot}.") and key.split(".", 1)[1] in KEY_FIELDS
        }
        if not own and slot not in found.own:
            continue
        keys = keys_of_columns(slot, own, count)
        for offset in found.bad | left_out:
            keys[offset] = NOTHING
            found.own.get(slot, {}).pop(offset, None)
        found.keys[slot] = keys
    if "account" in found.keys:
        found.names = [_name_of(found, offset) for offset in range(count)]


def _name_of(found: CheckedRows, offset: int) -> NameOf:
    """Where the name of a row's account comes from."""
    if offset in found.made_up:
        return NameOf.MADE_UP
    keys = found.keys["account"][offset]
    for slot in ("contact", "spouse"):
        own = found.keys[slot][offset] if slot in found.keys else NOTHING
        if own[NAME - 1] and (own[NAME - 1] == keys[NAME - 1] or _turned_round(found, slot, offset)):
            return NameOf.PERSON
        if own[EMAIL_AND_NAME - 1] and not own[NAME - 1] and not keys[FORMED_NAME - 1]:
            return NameOf.GIVEN if _type_at(found, offset) == "Company" else NameOf.PERSON
    people = any(any(found.keys[slot][offset]) for slot in ("contact", "spouse") if slot in found.keys)
    return NameOf.PERSON if _type_at(found, offset) == "Individual" and not people else NameOf.GIVEN


def _type_at(found: CheckedRows, offset: int) -> str | None:
    types = found.columns.get("account.type")
    return types[offset] if types else None


def _turned_round(found: CheckedRows, slot: str, offset: int) -> bool:
    """Whether an account is called *Peeters Jan* whose person is Jan Peeters."""
    columns = found.columns
    parts = [columns.get(f"{slot}.{part}") for part in ("last_name", "first_name")]
    last, first = (values[offset] if values else None for values in parts)
    name = columns["account.name"][offset] if "account.name" in columns else None
    if not (isinstance(name, str) and last and first and name[:1].casefold() == last[:1].casefold()):
        return False
    return plain(name) == plain(f"{last} {first}")
