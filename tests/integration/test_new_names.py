"""Tests that the documents of a job and a firm stay small, however many new names a list has."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from bson import BSON
from pymongo.database import Database

from services.validator.check import context
from shared.plumbing import directory_store
from shared.plumbing.directory_store import DirectoryStore
from tests.integration.one_job import OneJob, directory_of

Record = dict[str, Any]
MOST = 7
TARGETS = ("account.name", "account.tags", "contact.last_name", "contact.tags")
MAPPING = {
    "columns": [
        {"index": index, "header": target, "action": "sync", "target": target}
        for index, target in enumerate(TARGETS)
    ],
    "account_type": {"mode": "skip"},
}


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "MOST_NEW_TAGS", MOST)


@pytest.fixture
def firm() -> str:
    """A firm of the test's own."""
    return f"firm-{uuid.uuid4().hex[:8]}"


def rows_with_new_tags(rows: int, tags: int, start: int = 0) -> list[list[str]]:
    """Rows that have so many tags of each kind that no other has."""
    return [
        [
            f"Bakery {n}",
            "; ".join(f"a{start + n}-{tag}" for tag in range(tags)),
            f"Peeters {n}",
            "; ".join(f"c{start + n}-{tag}" for tag in range(tags)),
        ]
        for n in range(rows)
    ]


def sizes(job: OneJob) -> dict[str, int]:
    """Bytes of the parts of the job, and of the firm's reference data."""
    document = job.job
    parts = ("report", "result", "counts", "history")
    reference = job.db.directories.find_one({"_id": job.firm}) or {}
    return {**{p: len(BSON.encode({p: document[p]})) for p in parts}, "firm": len(BSON.encode(reference))}


def test_tags_beyond_what_one_job_may_make_are_warnings_of_their_rows_which_load_without(
    shared_db: Database[Record], firm: str
) -> None:
    job = OneJob(shared_db, firm, rows_with_new_tags(6, 4), MAPPING, size=2).checked()
    warned = [row for row in job.rows() if any(p["code"] == "too_many_new_tags" for p in row["problems"])]
    assert warned
    assert set(job.buckets()) == {"new"}
    job.loaded()
    assert job.job["result"]["rows_loaded"] == 6
    assert job.job["result"]["tags_created"] == 2 * MOST
    made = directory_of(shared_db, firm)
    for kind, part in (("accounts", "tags"), ("contacts", "contact_tags")):
        worn = {tag for record in made[kind].values() for tag in record.get("tags", ())}
        known = DirectoryStore(shared_db, firm).reference()[part]
        assert worn == set(known), "nobody wears a tag that the firm does not know"
        assert len(known) == MOST
    wanted = {tag for row in rows_with_new_tags(6, 4) for tag in (*row[1].split("; "), *row[3].split("; "))}
    worn = {
        tag
        for kind in ("accounts", "contacts")
        for record in made[kind].values()
        for tag in record.get("tags", ())
    }
    messages = " ".join(problem["message"] for row in warned for problem in row["problems"])
    assert {tag for tag in wanted if tag in messages} == wanted - worn, (
        "each tag is made or named in a warning"
    )


def test_checking_again_makes_the_same_tags(shared_db: Database[Record], firm: str) -> None:
    job = OneJob(shared_db, firm, rows_with_new_tags(5, 3), MAPPING, size=2)
    before = job.checked(times=2).codes()
    job.repair({0: {0: "Bakery of another name"}})
    assert job.codes() == before


def test_no_document_grows_with_the_rows_or_the_names(shared_db: Database[Record], firm: str) -> None:
    few = OneJob(shared_db, f"{firm}-few", rows_with_new_tags(10, 3), MAPPING, size=10).checked().loaded()
    many = OneJob(shared_db, f"{firm}-many", rows_with_new_tags(300, 5), MAPPING, size=20).checked().loaded()
    before, after = sizes(few), sizes(many)
    assert {name: after[name] for name in after if after[name] > before[name] + 200} == {}


def test_the_directory_has_room_for_so_many_names_and_forgets_the_oldest_jobs(
    shared_db: Database[Record], firm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_store, "MOST_NAMES", 20)
    monkeypatch.setattr(directory_store, "MOST_REMEMBERED", 15)
    directory = DirectoryStore(shared_db, firm)
    for job in range(5):
        fresh = directory.add_reference(f"job{job}", tags=[f"{job}-{n}" for n in range(6)])
        assert fresh == {"tags": [6, 6, 6, 2, 0][job]}
    assert len(directory.reference()["tags"]) == 20
    assert directory.added_by("job0")["tags"] == []
    assert directory.added_by("job3")["tags"] == ["3-0", "3-1"]


def test_names_are_reserved_once_in_any_order(shared_db: Database[Record], firm: str) -> None:
    rows = OneJob(shared_db, firm, [["Bakery", "", "", ""]], MAPPING).store
    assert rows.reserve_names(1, "tags", {"a", "b"}, 3) == {"a", "b"}
    given = rows.reserve_names(1, "tags", {"b", "c", "d"}, 3)
    assert "b" in given
    assert len(given) == 2
    assert rows.reserve_names(1, "tags", {"a", "b", "c", "d", "e"}, 3) == {"a", *given}
    assert rows.reserve_names(2, "tags", {"e"}, 3) == {"e"}, "another revision begins anew"
    assert rows.reserve_names(3, "tags", {"e"}, 0) == set()
