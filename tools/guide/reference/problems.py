"""The pages of problems and of target fields, made from their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.contract.fields import FIELDS, SCHEMAS
from shared.contract.problems import KINDS
from shared.contract.problems.kinds import Kind
from shared.contract.texts.catalogues import LANGUAGES
from tools.guide.reference.markdown import cell, code, table

ABOUT = {
    "row": "Of a row",
    "column": "Of a column or the mapping",
    "file": "Of a file",
    "job": "Of a job",
    "message": "Of a parked message",
    "request": "Of a request",
}
RECORDS = {"account": "Account", "contact": "Contact", "spouse": "Partner on the same row"}


def problems() -> str:
    """Every code with its severity and its English sentence; refusals of requests also by their status."""
    lines = [
        "# Problems\n",
        "A code is stable: programs may compare it. The sentence comes in the language of the person or of",
        f"`Accept-Language` ({', '.join(LANGUAGES)}). A word in braces is replaced by the value in question.\n",
        "## Refusals by status\n",
        "A refusal is an `application/problem+json` document with `type`, `title`, `status`, `detail` and `code`",
        "(RFC 9457). `errors` names the wrong places.\n",
    ]
    statuses = sorted({kind.status for kind in KINDS.values() if kind.status})
    for status in statuses:
        lines += [f"### {status}\n", *_table(kind for kind in KINDS.values() if kind.status == status)]
    for where in dict.fromkeys(kind.where for kind in KINDS.values()):
        rest = [kind for kind in KINDS.values() if kind.where == where and not kind.status]
        if rest:
            lines += [f"## {ABOUT.get(where, where)}\n", *_table(rest)]
    return "\n".join(lines)


def _table(kinds: Iterable[Kind]) -> list[str]:
    rows = [(code(kind.code), kind.severity, cell(kind.text)) for kind in sorted(kinds, key=lambda k: k.code)]
    return table(("code", "severity", "sentence"), rows)


def target_fields() -> str:
    """Every field that a column may be mapped to, with its label in each language."""
    lines = [
        "# Target fields\n",
        "What a column of a list may be mapped to. `GET /api/v1/fields` answers the same, with the firm's own fields.",
        "A field that repeats may be filled by several columns.\n",
    ]
    for record in SCHEMAS:
        lines += [
            f"## {RECORDS.get(record, record.capitalize())}\n",
            *table(("key", "type", "", *LANGUAGES), _fields(record)),
        ]
    return "\n".join(lines)


def _fields(record: str) -> Iterator[tuple[str, ...]]:
    for field in FIELDS.values():
        if field.record == record:
            words = [
                word for word, true in (("required", field.required), ("repeats", field.repeats)) if true
            ]
            kind = f"{field.type}: {', '.join(map(code, field.choices))}" if field.choices else field.type
            labels = (cell(field.label(language)) for language in LANGUAGES)
            yield code(field.key), kind, ", ".join(words), *labels
