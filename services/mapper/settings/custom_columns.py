"""The columns of a mapping that fill custom fields: which are new, which the firm has, and by which id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from services.mapper.headers.normalising import near, plain
from shared.contract.custom_fields import custom_of, id_of, with_id
from shared.contract.documents.job import ColumnMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import ProblemAt
from shared.contract.fields import RECORDS_OF_KIND

#: Words for the record of a field, which headers may have before or after the name of the field.
_RECORDS = {
    "account": "account client customer klant compte mandant konto kunde cliente cuenta",
    "contact": "contact contactpersoon kontakt contacto contatto",
}


def own_fields(
    headers: Mapping[int, str],
    kind: str,
    custom_fields: Sequence[CustomField],
    labelled: Set[int] = frozenset(),
) -> dict[int, CustomField]:
    """By index of the column, the custom field of the firm that its header names.

    A header names a field whatever its case, accents and spaces, also with the record before or after the name, as
    `Segment (contact)`. A field takes one column; of two fields of one name that of the account comes first. A column
    that is `labelled` as a field of ours stays one where another names the firm's field with its record.
    """
    own = [custom for custom in custom_fields if custom["record"] in RECORDS_OF_KIND[kind]]
    own.sort(key=lambda custom: custom["record"])
    taken: dict[int, CustomField] = {}
    for spellings in (_literally, _exactly, _with_record, _nearly):
        for custom in own:
            names = spellings(custom)
            full = _with_record(custom)
            kept = labelled if any(full(header) for header in headers.values()) else frozenset()
            fitting = (
                at for at, header in headers.items() if at not in taken and at not in kept and names(header)
            )
            place = next(fitting, None) if custom not in taken.values() else None
            if place is not None:
                taken[place] = custom
    return taken


def _literally(custom: CustomField) -> Callable[[str], bool]:
    return lambda header: header.strip() == custom["name"]


def _exactly(custom: CustomField) -> Callable[[str], bool]:
    name = plain(custom["name"])
    return lambda header: plain(header) == name != ""


def _with_record(custom: CustomField) -> Callable[[str], bool]:
    """Whether a header has the name of a field beside a word for its record, or its key."""
    name, record = plain(custom["name"]), custom["record"]
    words = [*_RECORDS[record].split(), f"{record} custom"]
    forms = {f"{word} {name}" for word in words} | {f"{name} {word}" for word in words}
    return lambda header: name != "" and plain(header) in forms


def _nearly(custom: CustomField) -> Callable[[str], bool]:
    name = near(custom["name"])
    return lambda header: near(header) == name != ""


def new_fields(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns that fill a custom field which the firm does not have."""
    known = {(each["record"], each["name"]) for each in custom_fields}
    return [
        column
        for column in columns
        if (custom := custom_of(column)) and (custom["record"], custom["name"]) not in known
    ]


def fields_not_allowed(
    columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]
) -> list[ProblemAt]:
    """One problem for each column that needs a new custom field, for callers who may not create any."""
    return [
        {
            "column": column["index"],
            "code": "may_not_create_custom_field",
            "params": {"value": custom["name"]},
        }
        for column in new_fields(columns, custom_fields)
        if (custom := custom_of(column))
    ]


def with_ids(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns with the ids of the custom fields that they fill; a new field gets an id."""
    return [
        {**column, "custom": with_id(custom, custom_fields) if (custom := custom_of(column)) else None}
        for column in columns
    ]


def without_choices(known: CustomField) -> CustomField:
    """A custom field of the firm as a column of a mapping names it."""
    return {"id": id_of(known), "name": known["name"], "type": known["type"], "record": known["record"]}
