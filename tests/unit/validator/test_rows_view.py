"""Tests rows as the API shows them."""

from services.validator.rows.view import RowsOfChunk, show_rows
from shared.contract.documents.chunk import EditedCells, FoundRows, Link, NamedFix, RowProblem


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


def test_a_built_value_names_its_columns_in_problems_and_fixes():
    built = {"target": "contact.email", "parts": [{"column": 2}, {"text": "@"}, {"column": 0}], "steps": []}
    chunk = RowsOfChunk(
        EditedCells(rows=[["x", "y", "z"]], numbers=[2]),
        FoundRows(
            buckets={0: "new"},
            problems=[RowProblem(0, "contact.email", "invalid_email", {"value": "z@x"})],
            fixes={0: [NamedFix("contact.email", "value_built", "z@x")]},
        ),
    )
    (row,) = show_rows([0], chunk, {"columns": [], "built": [built]}, "en")
    (problem,) = row["problems"]
    assert (problem["column"], problem["built_from"]) == (2, [2, 0])
    assert row["fixes"] == [
        {
            "code": "value_built",
            "field": "contact.email",
            "column": None,
            "old": "z + x",
            "new": "z@x",
            "built_from": [2, 0],
        }
    ]
