"""Fetches what the report of a job needs: the number of records of the firm, and examples of rows."""

from __future__ import annotations

from services.validator.check.context import decided_orders
from services.validator.report.summary import kind_in_system, summary
from shared.contract.documents.chunk import Numbering
from shared.contract.documents.job import Example, Job, Report
from shared.contract.documents.task import Counts
from shared.contract.documents.values import Params
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import Session
from shared.plumbing.row_store import RowStore

EXAMPLE_LENGTH = 80
EXAMPLES = 3


def report_from(directory: DirectoryStore, job: Job, totals: Counts) -> tuple[dict[str, int], Report]:
    """The counts and the report that follow from totals, without examples."""
    orders = decided_orders(job, directory.reference()["locale"]["date_order"])
    return summary(job, totals, directory.count(kind_in_system(job)), orders)


def examples_in(rows: RowStore, job: Job, code: str, n: int | None, session: Session = None) -> list[Example]:
    """Some rows of chunk `n` that have a problem; none where there is no such chunk."""
    if n is None:
        return []
    numbering = rows.read(Numbering, job["source"]["revision"], n)
    found = [p for p in rows.problems_of(job["revision"], n, session) if p.code == code][:EXAMPLES]
    return [
        {"row": numbering.number(offset), "field": key, "params": _short(params)}
        for offset, key, _, params in found
    ]


def _short(params: Params) -> dict[str, object]:
    return {k: v[:EXAMPLE_LENGTH] if isinstance(v, str) else v for k, v in params.items()}
