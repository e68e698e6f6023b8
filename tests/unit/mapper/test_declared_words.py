"""Every label and alias that a field declares offers that field."""

from __future__ import annotations

import pytest

from services.mapper.targets.proposing import Column, propose
from services.upload.table.header_words import closes_a_table, names_a_column
from shared.contract.fields import FIELDS, Field
from shared.contract.header_words import single_words, total_words

#: A partner has columns of their own only beside those of a contact.
BESIDE = {"spouse": ("First name", "Last name")}


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.key)
def test_a_field_is_a_candidate_for_each_of_its_labels_and_aliases(field: Field) -> None:
    declared = [*field.labels.values(), *(word for words in field.aliases.values() for word in words)]
    silent = []
    for word in dict.fromkeys(declared):
        headers = [*BESIDE.get(field.record, ()), word]
        columns = [Column(place, header, []) for place, header in enumerate(headers)]
        offered = {each.target for each in propose(columns, "accounts_and_contacts").columns[-1].candidates}
        if field.key not in offered:
            silent.append(word)
    assert silent == []


def test_reading_and_mapping_know_headers_by_the_same_words() -> None:
    assert all(names_a_column(word) for word in single_words())
    assert all(closes_a_table(word) for word in total_words())
