"""Tests that what checking suggests is taken over, for one row and for all, and can be undone."""

from __future__ import annotations

import uuid

import pytest
from pymongo.database import Database

from services.validator.repair.repairing import Repairer
from shared.contract.problems import SUGGESTING
from shared.values.emails import judge_email
from tests.integration.choosing import mapping_of
from tests.integration.one_job import OneJob, Record

#: as people type addresses; beside each what is meant
MISTYPED = {
    "an.at@": None,
    "an@gmial.com": "an@gmail.com",
    "bo@hotmial.com": "bo@hotmail.com",
    "cy@telenet,be": "cy@telenet.be",
    "dee@@skynet.be": "dee@skynet.be",
    "eva@proximus.eb": "eva@proximus.be",
    "fay@outlook.con": "fay@outlook.com",
    "gus@gmail.cmo": "gus@gmail.com",
}


def suggestions() -> dict[str, str]:
    """The addresses for which the judge has a suggestion, and the suggestion."""
    found = {}
    for typed in MISTYPED:
        finding = judge_email()(typed, None).finding
        if finding is not None and "suggestion" in finding.params:
            assert finding.code in SUGGESTING
            found[typed] = str(finding.params["suggestion"])
    return found


def test_a_suggestion_is_right_itself() -> None:
    found = suggestions()
    assert len(found) >= 4
    for typed, suggestion in found.items():
        assert judge_email()(suggestion, None).finding is None, typed


@pytest.mark.parametrize("code", sorted(SUGGESTING))
def test_all_suggestions_of_a_problem_are_taken_over_and_come_back(
    shared_db: Database[Record], code: str
) -> None:
    wanted = {
        typed: meant
        for typed, meant in suggestions().items()
        if (finding := judge_email()(typed, None).finding) and finding.code == code
    }
    rows = [[f"Client {n}", typed] for n, typed in enumerate(MISTYPED)]
    job = OneJob(
        shared_db, f"firm-{uuid.uuid4().hex[:8]}", rows, mapping_of("account.name", "account.email"), size=3
    )
    job.checked()
    before = [row["cells"] for row in job.rows()]
    repairer = Repairer(shared_db, job.firm, job.id)
    done = repairer.repair(
        repairer.accepting(job.job, {"problem": code, "action": "accept_suggestion", "value": ""}),
        "anna",
        "accept_suggestion",
    )
    assert done.changed == len(wanted)
    assert [row["cells"][1] for row in job.rows()] == [wanted.get(typed, typed) for typed in MISTYPED]
    assert code not in {problem["code"] for row in job.rows() for problem in row["problems"]}
    repairer.repair(repairer.undoing(1), "anna", "undo")
    assert [row["cells"] for row in job.rows()] == before
