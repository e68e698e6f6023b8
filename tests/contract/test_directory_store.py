"""Tests the reference data of a firm: an entry that jobs and people add is kept and counted once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database

from shared.plumbing.directory_store import AlreadyThere, ChangedMeanwhile, DirectoryStore
from shared.plumbing.mongo import in_transaction
from tests.contract.conftest import FIRM


def test_a_job_that_adds_its_tags_again_gets_the_same_numbers(db: Database[dict[str, Any]]) -> None:
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


def contacts(db: Database[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Contacts of the firm."""
    records = [
        {"_id": f"{FIRM}/{n:024x}", "firm": FIRM, "revision": 1, "tags": ["old"]} for n in range(count)
    ]
    db.contacts.insert_many(records)
    return records


def test_a_tag_that_is_new_through_the_api_becomes_the_firms_with_the_record(
    db: Database[dict[str, Any]],
) -> None:
    directory = DirectoryStore(db, FIRM)
    directory.replace_reference({"contact_tags": ["vip"]}, None)
    (record,) = contacts(db, 1)
    written = directory.rewrite("contacts", record, {**record, "tags": ["old", "vip", "new"]})
    assert written["tags"] == ["old", "vip", "new"]
    reference = directory.reference()
    assert (reference["contact_tags"], reference["tags"], reference["revision"]) == (["vip", "new"], [], 2)


def test_a_change_that_comes_too_late_adds_no_tag(db: Database[dict[str, Any]]) -> None:
    directory = DirectoryStore(db, FIRM)
    (record,) = contacts(db, 1)
    directory.rewrite("contacts", record, {**record, "tags": ["first"]})
    with pytest.raises(ChangedMeanwhile):
        directory.rewrite("contacts", record, {**record, "tags": ["second"]})
    assert directory.reference()["contact_tags"] == ["first"]


def test_people_who_write_the_same_new_tag_at_once_add_it_once(db: Database[dict[str, Any]]) -> None:
    directory = DirectoryStore(db, FIRM)
    records = contacts(db, 8)
    with ThreadPoolExecutor(8) as people:
        written = list(
            people.map(lambda r: directory.rewrite("contacts", r, {**r, "tags": ["same"]}), records)
        )
    assert [record["tags"] for record in written] == [["same"]] * 8
    assert directory.reference()["contact_tags"] == ["same"]


@pytest.mark.parametrize("kind", ["accounts", "links"])
def test_what_was_to_be_new_and_is_there_ends_the_transaction_and_is_reported(
    db: Database[dict[str, Any]], kind: str
) -> None:
    directory, document = DirectoryStore(db, FIRM), {"_id": f"{FIRM}/1", "firm": FIRM}
    db[kind].insert_one(document)

    def write(session: Any) -> None:
        if kind == "links":
            directory.link([document], session, look=False)
        else:
            directory.insert(kind, [document], session)

    with pytest.raises(AlreadyThere):
        in_transaction(db, write)


def test_a_link_that_is_there_is_not_made_again_by_who_looks_first(db: Database[dict[str, Any]]) -> None:
    directory = DirectoryStore(db, FIRM)
    one, other = ({"_id": f"{FIRM}/{n}", "firm": FIRM} for n in (1, 2))
    assert directory.link([one], None) == [one["_id"]]
    assert directory.link([one, other], None) == [other["_id"]]
