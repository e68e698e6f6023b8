"""Tests the order of the pages for each kind of import, and when a file needs no look at its columns."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from services.mapper.settings.suggested_mapping import first_mapping
from services.upload.list_templates.content import KINDS, TEMPLATES, columns_of
from services.wizard import mapping_view, steps
from shared.contract.fields import RECORDS_OF_KIND
from shared.contract.texts.catalogues import LANGUAGES
from tests.unit.wizard.listing import source_of

RECORDS = {"accounts": {"account"}, "contacts": {"contact", "spouse"}}


@pytest.mark.parametrize("kind", RECORDS_OF_KIND)
def test_each_kind_has_the_pages_of_its_records_and_no_others(kind: str) -> None:
    wanted = set(RECORDS_OF_KIND[kind])
    assert set(steps.mapping_pages(kind)) == {page for page in RECORDS if RECORDS[page] & wanted}


@pytest.mark.parametrize("kind", steps.PAGES)
def test_back_and_on_lead_along_the_same_pages(kind: str) -> None:
    pages = steps.PAGES[kind]
    assert (pages[0], pages[-1]) == (steps.FILE, steps.REVIEW)
    for one, following in itertools.pairwise(pages):
        assert steps.after(kind, one) == following
        assert steps.before(kind, following) == one


@pytest.mark.parametrize(("name", "lang"), list(itertools.product(TEMPLATES, LANGUAGES)))
def test_our_own_templates_need_no_look_at_their_columns(name: str, lang: str) -> None:
    headers = [column.header for column in columns_of(name, lang)]
    source = source_of(headers)
    mapping: Any = {
        **first_mapping(source["columns"], KINDS.get(name, "accounts_and_contacts")),
        "missing": [],
    }
    assert mapping_view.is_recognised(mapping, source)


def column(index: int, **changes: Any) -> Any:
    """A column of a mapping that is sure of its target."""
    return {"index": index, "action": "sync", "target": "account.name", "confidence": 0.99, **changes}


@pytest.mark.parametrize(
    ("changes", "recognised"),
    [
        ({}, True),
        ({"columns": [column(0), column(1, confidence=0.7)]}, False),
        ({"columns": [column(0), column(1, action="skip", target=None, confidence=0.0)]}, False),
        ({"columns": [column(0), column(2, action="skip", target=None, confidence=0.0)]}, True),
        (
            {
                "columns": [column(0), column(1, action="skip", target=None, confidence=0.0)],
                "recognised": {"preset": "taxdome"},
            },
            True,
        ),
        (
            {
                "columns": [column(0), column(1, action="skip", target=None, confidence=0.0)],
                "recognised": {"profile": {"name": "Spring"}},
            },
            True,
        ),
        (
            {
                "columns": [column(0), column(1, action="skip", target=None, confidence=0.0)],
                "built": [{"parts": [{"column": 1}], "steps": [], "target": "account.notes"}],
            },
            True,
        ),
        ({"missing": ["account.name"]}, False),
        ({"provisional": True}, False),
    ],
)
def test_a_file_needs_no_look_where_every_filled_column_has_a_sure_place(
    changes: dict[str, Any], recognised: bool
) -> None:
    mapping: Any = {"columns": [column(0), column(1)], "missing": [], "recognised": {}, **changes}
    source = source_of(["A", "B", "empty"], empty={2})
    assert mapping_view.is_recognised(mapping, source) is recognised
