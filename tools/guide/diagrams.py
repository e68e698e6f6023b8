"""Writes the state diagrams of a page as tables, because the program that draws them comes from another host."""

from __future__ import annotations

import re

from tools.guide.reference.markdown import cell, code, table

DIAGRAM = re.compile(r"^```mermaid\nstateDiagram-v2\n(.*?)^```$", re.S | re.M)
ARROW = re.compile(r"\s*(\S+) --> (\S+?)(?:: (.+))?")


def as_tables(markdown: str) -> str:
    """Each diagram as a table of its arrows. Raises ValueError for a line that is no arrow."""
    return DIAGRAM.sub(lambda diagram: "\n".join(table(("from", "to", "when"), _rows(diagram[1]))), markdown)


def _rows(lines: str) -> list[tuple[str, str, str]]:
    rows = []
    for line in filter(str.strip, lines.splitlines()):
        arrow = ARROW.fullmatch(line)
        if arrow is None:
            raise ValueError(f"no arrow of a diagram: {line.strip()}")
        begin, end, when = arrow.groups("")
        rows.append((_state(begin, "begin"), _state(end, "end"), cell(when)))
    return rows


def _state(name: str, otherwise: str) -> str:
    return otherwise if name == "[*]" else code(name)
