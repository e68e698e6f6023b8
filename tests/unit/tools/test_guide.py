"""Tests how the guide writes what the code declares: any text stays a text, within its cell of a table."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.guide import diagrams
from tools.guide.hooks import ROOT, repository_links
from tools.guide.reference.markdown import cell, code, table
from tools.guide.reference.schemas import Schemas, about
from tools.guide.reference.settings import settings

NASTY = st.text(alphabet="ab |`*_<>[]{}()\\&#!-\n\t'\"é:", max_size=40)
SCHEMAS = Schemas({"Job": "shapes.md"})


def shown(row: str) -> list[str]:
    """The texts of the cells of a row as a browser shows them."""
    page = markdown.markdown("\n".join(table(("a", "b"), [(row, "end")])), extensions=["tables", "attr_list"])
    return [
        html.unescape(re.sub(r"<[^>]+>", "", found))
        for found in re.findall(r"<td[^>]*>(.*?)</td>", page, re.S)
    ]


@given(NASTY)
def test_any_text_keeps_to_its_cell(text: str) -> None:
    cells = shown(cell(text))
    assert len(cells) == 2
    assert cells[1] == "end"


@given(st.text(alphabet="ab |*_<>[]{}\\&é:", max_size=40))
def test_a_text_without_code_is_shown_as_it_is(text: str) -> None:
    assert shown(cell(text))[0] == " ".join(text.split())


@given(NASTY)
def test_a_name_as_code_keeps_to_one_line(text: str) -> None:
    assert "\n" not in code(text)


@pytest.mark.parametrize(
    ("schema", "type_of"),
    [
        ({}, "any value"),
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "string (date-time)"),
        ({"type": ["integer", "null"]}, "integer or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": "array"}, "list of any value"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        ({"type": "object", "additionalProperties": {}}, "object of any value"),
        ({"type": "object"}, "object"),
        ({"enum": ["a", None]}, "`a`, null"),
        ({"const": "x"}, "`x`"),
        ({"$ref": "#/components/schemas/Job"}, "[Job](shapes.md#job)"),
        ({"anyOf": [{"$ref": "#/components/schemas/Job"}, {"type": "null"}]}, "[Job](shapes.md#job) or null"),
        ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "string"),
        ({"allOf": [{"type": "object"}, {"$ref": "#/x/Job"}]}, "object and [Job](shapes.md#job)"),
        (
            {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            "list of list of number",
        ),
    ],
)
def test_types_are_words(schema: dict[str, Any], type_of: str) -> None:
    assert SCHEMAS.type_of(schema) == type_of


def test_bounds_are_words() -> None:
    schema = {"minimum": 0, "maximum": 10_000, "description": "Of a | file", "default": None}
    assert about(schema) == "Of a \\| file. ≥ 0; ≤ 10,000"
    assert about({"default": False}) == "default `false`"


def test_a_diagram_is_a_table_of_its_arrows() -> None:
    text = "before\n\n```mermaid\nstateDiagram-v2\n    [*] --> a: when | so\n    a --> [*]\n```\nafter"
    assert diagrams.as_tables(text).split("\n")[2:7] == [
        "| from | to | when |",
        "|---|---|---|",
        "| begin | `a` | when \\| so |",
        "| `a` | end |  |",
        "",
    ]


def test_a_diagram_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no arrow"):
        diagrams.as_tables("```mermaid\nstateDiagram-v2\n    a --> b\n    note right of a\n```\n")


def test_no_page_has_a_diagram_that_stays() -> None:
    texts = (path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))
    assert not any("```mermaid" in diagrams.as_tables(text) for text in texts)


@pytest.mark.parametrize(
    ("link", "written"),
    [
        ("[a](../README.md)", "a (`README.md`)"),
        ("[a](../services/wizard/app.py#x)", "a (`services/wizard/app.py`)"),
        ("[a](../deploy)", "a (`deploy`)"),
        ("[a](STYLE.md)", "[a](STYLE.md)"),
        ("[a](FLOW.md#a-job)", "[a](FLOW.md#a-job)"),
        ("[a](../no/such.py)", "[a](../no/such.py)"),
        ("[a](../../outside.md)", "[a](../../outside.md)"),
        ("[a](https://example.org)", "[a](https://example.org)"),
        ("[a](#here)", "[a](#here)"),
        ("![a](../README.md)", "![a](../README.md)"),
    ],
)
def test_links_to_the_repository_become_paths(link: str, written: str) -> None:
    assert repository_links(link, Path(ROOT / "docs/BENCH.md")) == written


def test_settings_are_read_from_the_example() -> None:
    example = (
        "# not a setting\n\n# --- One\n\n# web: what it\n# does\n#A_NAME=5\n# all: b\nB_NAME=\n\n"
        "# --- Two\n# workers: of a | b\nC_NAME=x\n"
    )
    page = settings(example)
    assert "| `A_NAME` | web | what it does | `5` |" in page
    assert "| `B_NAME` | all | b | `make-env` makes a secret |" in page
    assert "| `C_NAME` | workers | of a \\| b | `make-env` writes `x` |" in page
    assert page.index("## One") < page.index("A_NAME") < page.index("## Two") < page.index("C_NAME")
