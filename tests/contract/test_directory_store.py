"""Reference data of a firm: what a job adds is added and counted once."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from shared.plumbing.directory_store import DirectoryStore
from tests.contract.conftest import FIRM


def test_a_job_that_adds_its_tags_again_is_told_the_same_numbers(db: Database[dict[str, Any]]) -> None:
    directory = DirectoryStore(db, FIRM)
    directory.replace_reference({"tags": ["vip"]}, None)
    once = directory.add_reference("job-1", tags=["vip", "monthly", "late"], contact_tags=["new"])
    again = directory.add_reference("job-1", tags=["vip", "monthly", "late"], contact_tags=["new"])
    assert once == again == {"tags": 2, "contact_tags": 1}
    assert directory.reference()["tags"] == ["vip", "monthly", "late"]


def test_what_one_job_added_is_not_new_to_the_next(db: Database[dict[str, Any]]) -> None:
    directory = DirectoryStore(db, FIRM)
    assert directory.add_reference("job-1", tags=["vip"], questionnaires=["Corporate tax"]) == {
        "tags": 1,
        "questionnaires": 1,
    }
    assert directory.add_reference("job-2", tags=["vip", "late"]) == {"tags": 1}
    assert directory.reference()["questionnaires"] == ["Personal income tax", "Corporate tax"]


def test_reference_data_of_a_firm_nobody_knows_can_be_added_to(db: Database[dict[str, Any]]) -> None:
    directory = DirectoryStore(db, FIRM)
    assert directory.add_reference("job-1", tags=["vip"]) == {"tags": 1}
    assert directory.reference()["revision"] == 1
    assert "added" not in directory.reference()
