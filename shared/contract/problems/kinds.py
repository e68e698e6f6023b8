"""One kind of problem: its code, where it occurs, how severe it is, and its text."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.contract.texts.catalogues import Texts

ERROR = "error"  # the row, column, file or request is not taken
WARNING = "warning"  # it is taken, and noted
FIX = "fix"  # the value was changed; old and new are shown

FILE, COLUMN, ROW, REQUEST, JOB, MESSAGE = "file", "column", "row", "request", "job", "message"

TEXTS = Texts("problems")


@dataclass(frozen=True)
class Kind:
    """One kind of problem.

    `code` is stable: it is stored, and programs read it. `where` is what the problem is about. `text` is the English
    sentence, which says what is wrong and what to do; it never repeats a register number. `status` is the HTTP status
    of problems that answer a request.
    """

    code: str
    where: str
    severity: str
    text: str
    status: int | None = None

    @property
    def needs(self) -> frozenset[str]:
        """The names of the values that the sentence mentions."""
        return frozenset(name for _, name, _, _ in string.Formatter().parse(self.text) if name)

    @property
    def sentences(self) -> Mapping[str, str]:
        """The sentence by language, with its placeholders."""
        return TEXTS.in_every_language(self.text)


def kinds(where: str, severity: str, texts: Mapping[str, str], status: int | None = None) -> Iterator[Kind]:
    """Kinds of problems that differ in their code and text only."""
    for code, text in texts.items():
        yield Kind(code, where, severity, text, status)
