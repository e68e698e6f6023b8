"""A mapping as the pages show it, and the mapping that a form asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext, lazy_gettext

from services.wizard import built_view
from services.wizard.account_types import ACCOUNT_TYPES
from services.wizard.answers import (
    AskedColumn,
    AskedMapping,
    Column,
    ColumnMapping,
    Field,
    Source,
    SourceColumn,
    UnknownValue,
)
from services.wizard.forms import lines, untouched, whole
from shared.contract.built_values import LEFT_OUT_VALUE
from shared.contract.documents.job import AccountType
from shared.contract.documents.reference import CustomField, Reference
from shared.contract.fields import RECORDS_OF_KIND

SKIP, NEW = "skip", "new"
CUSTOM_TYPES = {
    "text": lazy_gettext("Text"),
    "number": lazy_gettext("Number"),
    "date": lazy_gettext("Date"),
    "choice": lazy_gettext("One of a list"),
    "multi-choice": lazy_gettext("Several of a list"),
    "email": lazy_gettext("E-mail address"),
    "url": lazy_gettext("Web address"),
    "phone": lazy_gettext("Phone number"),
}
#: how several columns become one text
JOINS = {" ": lazy_gettext("a space"), ", ": lazy_gettext("a comma"), "\n": lazy_gettext("a new line")}
RECOGNISED = {
    "accounton": "Accounton",
    "adminpulse": "AdminPulse",
    "datev": "DATEV",
    "google-contacts": "Google Contacts",
    "household": lazy_gettext("Household list"),
    "outlook": "Outlook",
    "quickbooks-desktop": "QuickBooks Desktop",
    "taxdome": "TaxDome",
    "taxdome-accounts-export": lazy_gettext("TaxDome accounts export"),
}
#: what the records are called that a row fills; one of another name is called by it
RECORDS = {
    "account": lazy_gettext("Account"),
    "contact": lazy_gettext("Contact"),
    "spouse": lazy_gettext("Partner"),
}
SURE, LIKELY = 0.9, 0.6
SAMPLES = 3
#: fields with few and known values
CHOSEN_FROM = ("choice", "multi-choice", "language", "country", "members")
MOST_VALUES = 60
#: options in the lists of all these values together
MOST_MEANINGS = 1_500
#: choices of a field in a list; where there are more, the meaning is typed
MOST_CHOICES = 300
#: columns that are all offered as the column of the account type
MOST_TYPE_COLUMNS = 60


@dataclass
class ColumnView:
    """One column of the file beside where it goes."""

    index: int
    header: str
    samples: list[str]
    fill: float
    choice: str
    custom: CustomField
    records: frozenset[str]
    also: str
    alsos: list[tuple[str, str]]
    tone: str
    why: str
    confidence: float
    join: str
    joinable: bool
    split: bool
    wrong: list[str] = field(default_factory=list)

    @property
    def of_partner(self) -> bool:
        """Whether the column describes the second person of a household."""
        return self.records == {"spouse"}


def columns_of(
    mapping: ColumnMapping,
    source: Source,
    fields: Mapping[str, Field],
    errors: object = None,
) -> list[ColumnView]:
    """All columns in the order of the file; `errors` are those of a refused mapping."""
    found = {column["index"]: column for column in source["columns"]}
    targets = [column["target"] for column in mapping["columns"] if column["target"]]
    refusals = errors if isinstance(errors, list) else []
    return [
        _column(column, found[column["index"]], fields, targets, refusals)
        for column in mapping["columns"]
        if column["index"] in found
    ]


def _column(
    column: Column,
    found: SourceColumn,
    fields: Mapping[str, Field],
    targets: Sequence[str],
    errors: Sequence[Mapping[str, object]],
) -> ColumnView:
    choice, custom = _choice(column, fields)
    target, also = fields.get(choice), column.get("also") or ""
    filled = [fields[key]["record"] for key in (choice, also) if key in fields]
    twice = targets.count(choice) > 1 and not (target and target["repeats"])
    return ColumnView(
        index=column["index"],
        header=column.get("header") or found["name"],
        samples=list(dict.fromkeys(s for s in found["samples"] if s.strip()))[:SAMPLES],
        fill=found["fill"],
        choice=choice,
        custom=custom,
        records=frozenset(filled or ([custom["record"]] if choice == NEW else [])),
        also=also,
        alsos=_alsos(choice, also, fields),
        tone=_tone(column),
        why=column.get("why") or "",
        confidence=column["confidence"],
        join=column.get("join") or "",
        joinable=bool(column.get("join"))
        or (twice and target is not None and target["type"] in ("text", "name")),
        split=bool(column.get("split")),
        wrong=[str(error["message"]) for error in errors if error.get("column") == column["index"]],
    )


#: The fields that the name of a client may fill, too, where the client is a person.
_NAMES = {
    "account.name": ["contact.full_name", "contact.last_name"],
    "account.company_name": ["account.name", "contact.full_name"],
    "contact.full_name": ["account.name"],
    "contact.last_name": ["account.name"],
}


def _alsos(choice: str, also: str, fields: Mapping[str, Field]) -> list[tuple[str, str]]:
    """The fields that a column may fill beside the chosen one, with their labels: the same of the other record."""
    record, _, name = choice.partition(".")
    same = f"{'contact' if record == 'account' else 'account'}.{name}"
    offered = dict.fromkeys([*_NAMES.get(choice, [same]), *([also] if also else [])])
    return [(key, fields[key]["label"]) for key in offered if key in fields] if choice in fields else []


def _choice(column: Column, fields: Mapping[str, Field]) -> tuple[str, CustomField]:
    """What is chosen for a column, and the new field that would be made of it."""
    suggested: CustomField = column.get("suggested_custom") or {
        "name": column.get("header") or "",
        "type": "text",
        "record": "account",
    }
    if column["action"] == "sync" and column["target"]:
        return column["target"], suggested
    if column["action"] == "custom" and (custom := column.get("custom")):
        known = f"{custom['record']}.custom.{custom['name']}"
        return (known if known in fields else NEW), custom
    return SKIP, suggested


def _tone(column: Column) -> str:
    if column["action"] == "skip":
        return "quiet"
    if column["confidence"] >= SURE:
        return "good"
    return "note" if column["confidence"] >= LIKELY else "warn"


def from_form(form: Mapping[str, str], mapping: ColumnMapping, fields: Mapping[str, Field]) -> AskedMapping:
    """The mapping that a form asks for; what the form does not name, or nobody touched, stays as it is."""
    return {
        "columns": [_with_rows_left_out(form, column, fields) for column in mapping["columns"]],
        "built": built_view.from_form(form, mapping.get("built", [])),
        "account_type": _account_type(form.get("account_type"), mapping["account_type"]),
        "values": _values_from(form, mapping["values"]),
        "date_order": _text_from(form, "date_order", mapping["date_order"]),
        "phone_region": _text_from(form, "phone_region", mapping["phone_region"]),
        "account_name": _text_from(form, "account_name", mapping["account_name"]),
        "required": _required_from(form, mapping.get("required", [])),
    }


def requirable(mapping: ColumnMapping, fields: Mapping[str, Field]) -> list[tuple[str, str, bool]]:
    """The fields that each row may have to have: key, label, and whether it must; those of the layout come first."""
    recognised = mapping.get("recognised", {}).get("required", [])
    layout = recognised if isinstance(recognised, list) else []
    required = mapping.get("required", [])
    keys = dict.fromkeys([*layout, *required])
    return [(key, fields[key]["label"], key in required) for key in keys if key in fields]


def _required_from(form: Mapping[str, str], current: Sequence[str]) -> list[str]:
    """The fields that each row must have: those ticked, and those that the form does not show."""
    shown = form.get("required", "").split()
    ticked = [key for key in shown if form.get(f"required-{key}")]
    return [
        *(key for key in current if key not in shown or key in ticked),
        *(k for k in ticked if k not in current),
    ]


def _text_from(form: Mapping[str, str], name: str, current: str | None) -> str | None:
    """A text of the form; the current one where nobody touched it."""
    given = form.get(name)
    return current if given is None or untouched(given, current or "") else given.strip() or None


def _column_from(form: Mapping[str, str], column: Column, fields: Mapping[str, Field]) -> AskedColumn:
    n = column["index"]
    choice = form.get(f"target-{n}")
    if choice is None or _untouched(form, column, fields):
        return _as_it_is(column)
    if choice == NEW:
        custom = {part: form.get(f"{part}-{n}", "").strip() for part in ("name", "type", "record")}
        return {"index": n, "action": "custom", "custom": custom}
    if choice == SKIP:
        return {"index": n, "action": "skip"}
    asked: AskedColumn = {"index": n, "action": "sync", "target": choice}
    if (also := form.get(f"also-{n}", "")) in dict(_alsos(choice, "", fields)):
        asked["also"] = also
    if form.get(f"join-{n}"):
        asked["join"] = lines(form[f"join-{n}"])
    if form.get(f"split-{n}") and choice in fields and fields[choice]["key"].endswith(".address_line1"):
        asked["split"] = True
    return asked


def _with_rows_left_out(form: Mapping[str, str], column: Column, fields: Mapping[str, Field]) -> AskedColumn:
    """What a form asks for a column; texts whose rows are left out stay where the form does not show them.

    `left-<n>` names the column, `left-from-<n>` the text, `left-out-<n>` is there where its rows are left out.
    """
    asked, chosen = _column_from(form, column, fields), list(column.get("leave_out") or [])
    for name, index in form.items():
        n = name.removeprefix("left-")
        if n == name or whole(index) != column["index"] or f"left-from-{n}" not in form:
            continue
        text = lines(form[f"left-from-{n}"])
        known = next((one for one in chosen if lines(one) == text), None)
        if form.get(f"left-out-{n}") and known is None:
            chosen.append(text)
        elif known is not None and not form.get(f"left-out-{n}"):
            chosen.remove(known)
    asked.pop("leave_out", None)
    return {**asked, "leave_out": chosen} if chosen else asked


def _as_it_is(column: Column) -> AskedColumn:
    """The present mapping of a column, in the terms of the form."""
    asked: AskedColumn = {"index": column["index"], "action": column["action"]}
    if column["target"] is not None:
        asked["target"] = column["target"]
    if (also := column.get("also")) is not None:
        asked["also"] = also
    if (custom := column.get("custom")) is not None:
        asked["custom"] = custom
    if (join := column.get("join")) is not None:
        asked["join"] = join
    if (split := column.get("split")) is not None:
        asked["split"] = split
    if leave_out := column.get("leave_out"):
        asked["leave_out"] = leave_out
    return asked


def _untouched(form: Mapping[str, str], column: Column, fields: Mapping[str, Field]) -> bool:
    """Whether the controls of a column send back what they showed; those of a new field count where it is one."""
    n = column["index"]
    choice, custom = _choice(column, fields)
    shown = {"target": choice, "also": column.get("also") or ""}
    if choice == NEW:
        shown |= {"name": custom["name"], "type": custom["type"], "record": custom["record"]}
    join = lines(form.get(f"join-{n}", "")) == (column.get("join") or "")
    split = bool(form.get(f"split-{n}")) == bool(column.get("split"))
    return join and split and all(untouched(form.get(f"{name}-{n}"), text) for name, text in shown.items())


def _account_type(given: str | None, current: AccountType) -> AccountType:
    if given is None or untouched(given, _type_shown(current)):
        return current
    mode, _, what = given.partition(":")
    column = whole(what)
    if mode == "fixed":
        return {"mode": "fixed", "value": what}
    if mode == "column" and column is not None:
        return {"mode": "column", "column": column}
    return {"mode": "skip"}


def _type_shown(chosen: AccountType) -> str:
    """The account type as the option that is chosen for it."""
    shown = {"fixed": f"fixed:{chosen.get('value')}", "column": f"column:{chosen.get('column')}"}
    return shown.get(chosen["mode"], "skip")


def _values_from(
    form: Mapping[str, str], current: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """The values that mean another one: `value-<n>` names the field, `from-<n>` and `to-<n>` the values."""
    chosen = {key: dict(values) for key, values in current.items()}
    for name, key in form.items():
        n = name.removeprefix("value-")
        if n == name:
            continue
        values = chosen.setdefault(key, {})
        known = {lines(value): value for value in values}
        found = lines(form.get(f"from-{n}", ""))
        found = known.get(found, found)
        shown = _meaning_shown(values.get(found))
        meant, what = form.get(f"to-{n}"), form.get(f"do-{n}")
        if untouched(meant, shown) and untouched(what, shown if shown in _DONE else ""):
            continue
        values.pop(found, None)
        chosen_meaning = what or (meant or "").strip()
        if chosen_meaning:
            values[found] = "" if chosen_meaning == NO_VALUE else chosen_meaning
    return {key: values for key, values in chosen.items() if values}


#: In a form, the meaning of a value that is left out while its row stays.
NO_VALUE = "__NOTHING__"
#: What may be done with a value but giving it another meaning.
DONE = {NO_VALUE: lazy_gettext("Leave the value out"), LEFT_OUT_VALUE: lazy_gettext("Leave these rows out")}
_DONE = frozenset(DONE)


def _meaning_shown(meant: str | None) -> str:
    """What a value means, as a control of the form: nothing where it stays as it is."""
    return NO_VALUE if meant == "" else meant or ""


@dataclass(frozen=True)
class ValueView:
    """A value of the file that a person can map to another."""

    key: str
    label: str
    found: str
    meant: str
    choices: list[tuple[str, str]]
    rows: int | None


def values_of(
    mapping: ColumnMapping,
    source: Source,
    fields: Mapping[str, Field],
    directory: Reference,
    unknown: Iterable[UnknownValue],
) -> list[ValueView]:
    """Values of columns with few values: those that the check did not know first, then the samples."""
    rows_of = {(entry["field"], entry["value"]): entry["rows"] for entry in unknown}
    found = dict.fromkeys(rows_of)
    found |= dict.fromkeys((key, value) for key, values in mapping["values"].items() for value in values)
    samples = {column["index"]: column["samples"] for column in source["columns"]}
    few = _of_few_values(source)
    for column in mapping["columns"]:
        choice, _ = _choice(column, fields)
        if choice in fields and (fields[choice]["type"] in CHOSEN_FROM or column["index"] in few):
            values = samples.get(column["index"], ())
            found |= dict.fromkeys((choice, value.strip()) for value in values if value.strip())
    choices = {key: _choices(fields.get(key), directory) for key, _ in found}
    shown: list[ValueView] = []
    options = 0
    for key, value in list(found)[:MOST_VALUES]:
        options += len(choices[key])
        if options > MOST_MEANINGS:
            break
        label = fields[key]["label"] if key in fields else key
        meant = _meaning_shown(mapping["values"].get(key, {}).get(value))
        shown.append(ValueView(key, label, value, meant, choices[key], rows_of.get((key, value))))
    return shown


def not_imported(mapping: ColumnMapping, source: Source) -> list[str]:
    """The names of the columns that have values and go nowhere."""
    built = {part.get("column") for one in mapping.get("built", ()) for part in one["parts"]}
    filled = {column["index"]: column["name"] for column in source["columns"] if column["fill"]}
    return [
        filled[column["index"]]
        for column in mapping["columns"]
        if column["action"] == "skip" and column["index"] in filled and column["index"] not in built
    ]


def makes_accounts_of_people(kind: str, mapping: ColumnMapping) -> bool:
    """Whether a list of accounts and contacts has columns of people alone, so that each person becomes an account."""
    targets = {target for one in mapping["columns"] if one["action"] == "sync" and (target := one["target"])}
    built = {target for one in mapping.get("built", []) if (target := one["target"])}
    records = {target.partition(".")[0] for target in targets | built}
    return (
        kind == "accounts_and_contacts"
        and records == {"contact"}
        and PERSON_NAMES.isdisjoint(built)
        and (not PERSON_NAMES.isdisjoint(targets))
    )


#: what says that a row is about a person
PERSON_NAMES = frozenset({"contact.full_name", "contact.first_name", "contact.last_name"})


def is_recognised(mapping: ColumnMapping, source: Source) -> bool:
    """Whether the suggestion needs no look: nothing is missing, and every column with values has a sure place.

    In a layout that is known, and with a saved mapping, columns may also be skipped.
    """
    recognised = mapping.get("recognised", {})
    known = ("preset" in recognised and not recognised.get("only_like")) or "profile" in recognised
    sure = all(one["confidence"] >= SURE for one in mapping["columns"] if one["action"] != "skip")
    left_out = not_imported(mapping, source)
    return sure and not mapping.get("missing") and not mapping.get("provisional") and (known or not left_out)


#: Columns with fewer different values than a file has samples have no others than the samples.
FEW = 8
#: A value of such a column is in so many rows, on average.
ROWS_OF_A_VALUE = 3


def _of_few_values(source: Source) -> set[int]:
    """The columns whose few values come again and again, such as states of clients."""
    rows = source.get("rows") or 0
    return {
        column["index"]
        for column in source["columns"]
        if 0 < len(column["samples"]) < FEW
        and column["fill"] * rows >= ROWS_OF_A_VALUE * len(column["samples"])
    }


@dataclass(frozen=True)
class LeftOutView:
    """A value of a column that fills no known field, and whether its rows are left out."""

    index: int
    header: str
    text: str
    chosen: bool


def left_out_of(mapping: ColumnMapping, source: Source, fields: Mapping[str, Field]) -> list[LeftOutView]:
    """The values by which rows may be left out: of columns with few values that fill no field, and those chosen."""
    few, found = _of_few_values(source), {column["index"]: column for column in source["columns"]}
    views: list[LeftOutView] = []
    for column in mapping["columns"]:
        index, chosen = column["index"], column.get("leave_out") or []
        choice, _ = _choice(column, fields)
        offered = found[index]["samples"] if index in few and choice not in fields and index in found else []
        texts = dict.fromkeys([*chosen, *(text.strip() for text in offered if text.strip())])
        folded = {text.casefold() for text in chosen}
        views += [
            LeftOutView(index, column.get("header") or "", text, text in chosen)
            for text in texts
            if text in chosen or text.casefold() not in folded
        ]
    return views[:MOST_VALUES]


def _choices(target: Field | None, directory: Reference) -> list[tuple[str, str]]:
    if target is None:
        return []
    kind = target["type"]
    if kind == "members":
        return [(m["email"], m["name"]) for m in directory["team_members"] if m.get("email")]
    if kind == "language":
        return [(code, code) for code in directory["languages"]]
    named = ACCOUNT_TYPES if target["key"] == "account.type" else {}
    choices = target["choices"] or ()
    return [(one, str(named.get(one, one))) for one in choices] if len(choices) <= MOST_CHOICES else []


def groups_of(fields: Iterable[Field], kind: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The target fields in groups for a list to choose from."""
    groups: dict[str, list[tuple[str, str]]] = {record: [] for record in RECORDS_OF_KIND[kind]}
    for target in fields:
        if target["record"] in groups:
            groups[target["record"]].append((target["key"], target["label"]))
    return [(str(RECORDS.get(record, record)), options) for record, options in groups.items()]


def same(body: AskedMapping, mapping: ColumnMapping) -> bool:
    """Whether a mapping is the present one, so that nothing has to be checked again."""
    as_it_is = from_form({}, mapping, {})
    asked = [_bare(column) for column in body["columns"]]
    now = {**as_it_is, "columns": [_bare(column) for column in as_it_is["columns"]]}
    return {**body, "columns": asked} == now


def differing(asked: AskedMapping, mapping: ColumnMapping) -> list[str]:
    """The headers of the columns for which a form asks something else than is kept."""
    now = {column["index"]: _bare(column) for column in from_form({}, mapping, {})["columns"]}
    headers = {column["index"]: column.get("header", "") for column in mapping["columns"]}
    return [headers[one["index"]] for one in asked["columns"] if _bare(one) != now.get(one["index"])]


def _bare(column: AskedColumn) -> dict[str, object]:
    """A column without what is not set; a known custom field is the same as its key."""
    bare = {name: value for name, value in column.items() if value}
    bare["index"] = column["index"]
    custom = bare.pop("custom", None)
    if isinstance(custom, dict) and bare["action"] == "custom":
        bare.update(action="sync", target=f"{custom['record']}.custom.{custom['name']}")
    return bare


def account_types(mapping: ColumnMapping, fields: Mapping[str, Field], source: Source) -> dict[str, object]:
    """Where the account type comes from: the options, and the one chosen.

    Of a wide list only the columns are offered whose few values may be types.
    """
    chosen = _type_shown(mapping["account_type"])
    many = len(mapping["columns"]) > MOST_TYPE_COLUMNS
    few = _of_few_values(source) if many else {column["index"] for column in mapping["columns"]}
    fixed = [
        (f"fixed:{value}", gettext("All are: %(type)s", type=ACCOUNT_TYPES.get(value, value)))
        for value in fields["account.type"]["choices"]
    ]
    columns = [
        (f"column:{c['index']}", gettext("As in the column “%(header)s”", header=c["header"]))
        for c in mapping["columns"]
        if c["index"] in few or f"column:{c['index']}" == chosen
    ]
    return {"fixed": fixed, "columns": columns, "value": chosen}
