"""Tests that a report after a repair names what a new check would name, and nothing of which no row is left."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from services.validator.report.summary import summary, totals_less, totals_of
from shared.contract.documents.job import Job

JOB = cast(Job, {"kind": "accounts", "mapping": {"columns": []}, "settings": {"rules": []}})
NAMES = {
    "problems": ["invalid_email", "invalid_date", "value_left_out"],
    "fixes": ["text_cleaned", "phone_reformatted"],
    "touches": ["tags", "assignees", "folder_template", "language"],
    "unknown": ["account.type food", "contact.language xx"],
    "buckets": ["new", "invalid"],
    "asked": ["rows"],
    "named": ["accounts"],
}


def counted() -> st.SearchStrategy[dict[str, Any]]:
    """The counts of one chunk: each group has only names that some row has."""
    return st.fixed_dictionaries(
        {group: st.dictionaries(st.sampled_from(names), st.integers(1, 3)) for group, names in NAMES.items()}
    )


@given(before=counted(), after=counted(), others=st.lists(counted(), max_size=2))
def test_a_repaired_report_is_that_of_a_new_check(before: Any, after: Any, others: Any) -> None:
    checked = totals_of([before, *others])
    repaired = summary(JOB, totals_of([totals_less(checked, before), after]), 10, {})
    anew = summary(JOB, totals_of([after, *others]), 10, {})
    for _, report in (repaired, anew):
        report.pop("totals")  # type: ignore[misc]
    assert repaired == anew
