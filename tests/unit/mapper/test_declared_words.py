"""Tests that every label and alias offers its field, and suggests it where no other field has the same word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.mapper.headers.normalising import plain
from services.mapper.targets.proposing import Column, Suggestion, propose
from services.upload.table.header_words import closes_a_table, names_a_column
from shared.contract.fields import FIELDS, RECORDS_OF_KIND, Field, fields_for
from shared.contract.header_words import single_words, total_words

BOTH = "accounts_and_contacts"
OF_FIELDS = pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.key)


def declared(field: Field) -> Iterator[str]:
    words = [*field.labels.values(), *(word for words in field.aliases.values() for word in words)]
    yield from dict.fromkeys(words)


def beside(field: Field) -> tuple[str, ...]:
    """The columns without which a header of the field means something else.

    A partner has columns of their own only beside those of a contact, and a surname only beside first names; the
    only e-mail address of a list is that of its contacts.
    """
    if field.record == "spouse":
        return (
            "First name",
            "Last name",
            "Spouse email" if field.name == "first_name" else "Spouse first name",
        )
    return ("Email",) if field.key == "account.email" else ()


@OF_FIELDS
@pytest.mark.parametrize("filled", [("__CLEAR__",), ("__CLEAR__",) * 3, ("__CLEAR__", " ", " __CLEAR__ ")])
def test_cells_that_clear_a_value_speak_against_no_field(field: Field, filled: tuple[str, ...]) -> None:
    headers = [*beside(field), field.name_in_english]
    targets = []
    for samples in ((), filled):
        columns = [Column(index, header) for index, header in enumerate(headers[:-1])]
        columns.append(Column(len(columns), headers[-1], samples))
        targets.append([each.target for each in propose(columns, BOTH).columns])
    assert targets[1] == targets[0]


def suggestion(field: Field, word: str, kind: str = BOTH) -> Suggestion:
    headers = [*beside(field), word] if kind == BOTH else [word]
    return propose([Column(place, header) for place, header in enumerate(headers)], kind).columns[-1]


@pytest.mark.parametrize("kind", RECORDS_OF_KIND)
@OF_FIELDS
def test_a_field_is_a_candidate_for_each_of_its_labels_and_aliases(field: Field, kind: str) -> None:
    if field not in fields_for(kind):
        return
    offered = {
        word: {each.target for each in suggestion(field, word, kind).candidates} for word in declared(field)
    }
    assert [word for word, targets in offered.items() if field.key not in targets] == []


@pytest.mark.parametrize("kind", RECORDS_OF_KIND)
@OF_FIELDS
def test_a_field_is_suggested_for_each_label_and_alias_that_no_other_field_has(
    field: Field, kind: str
) -> None:
    if field not in fields_for(kind):
        return
    shared = {plain(word) for other in FIELDS.values() if other != field for word in declared(other)}
    own = [word for word in declared(field) if plain(word) not in shared]
    found = {word: suggestion(field, word, kind).target for word in own}
    assert {word: target for word, target in found.items() if target != field.key} == {}


def test_reading_and_mapping_know_headers_by_the_same_words() -> None:
    assert all(names_a_column(word) for word in single_words())
    assert all(closes_a_table(word) for word in total_words())
