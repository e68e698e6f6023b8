"""Tests rows as the API shows them."""

from services.validator.rows.view import RowsOfChunk, show_rows
from shared.contract.documents.chunk import EditedCells, FoundRows, Link


def test_a_link_shows_the_switches_that_a_rule_gave_it():
    switches = {"contact.email": {"login": True}}
    links = {
        "0": Link(row=0, slot="contact", account="firm/a", contact="firm/c", switches=switches),
        "1": Link(row=1, slot="contact", account="firm/a", contact="firm/d"),
    }
    chunk = RowsOfChunk(
        EditedCells(rows=[["x"], ["y"]], numbers=[2, 3]),
        FoundRows(buckets={0: "new", 1: "new"}, links=links),
    )
    first, second = show_rows([0, 1], chunk, {"columns": []}, "en")
    assert first["plan"]["links"] == [{"account": "a", "contact": "c", "switches": switches}]
    assert second["plan"]["links"] == [{"account": "a", "contact": "d"}]
