"""Small pieces of Markdown: a table, a text within a cell, an anchor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def cell(text: object) -> str:
    """A text that may be any, within a cell of a table: neither its end nor a tag."""
    plain = " ".join(str(text).split())
    # in code spans, signs are kept as they are
    pieces = re.split(r"(`[^`]*`)", plain)
    return "".join(
        piece.replace("|", "\\|") if piece.startswith("`") else escaped(piece).replace("|", "\\|")
        for piece in pieces
    )


def escaped(text: str) -> str:
    """A text whose signs mean nothing to Markdown or HTML."""
    return re.sub(r"([\\*_\[\]{}])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))


def code(text: object) -> str:
    """A text as code; within one line, and empty for an empty one."""
    plain = " ".join(str(text).split())
    return f"`{plain}`" if "`" not in plain and plain else plain


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table whose cells are Markdown already; no lines where there are no rows."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    if not body:
        return []
    return [f"| {' | '.join(headers)} |", f"|{'---|' * len(headers)}", *body, ""]


def anchor(name: str) -> str:
    """The anchor of a heading that is a name alone."""
    return re.sub(r"[^a-z0-9_-]", "", name.lower())
