"""When repaired rows were loaded, the first job's numbers and outcomes follow once, however often it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.importer.handlers import conclude
from shared.contract.job import RESULTS, Status, new_job
from shared.contract.rights import RIGHTS
from shared.plumbing.job_store import JobStore, new_job_id
from shared.plumbing.mongo import Database, connect, ensure_indexes
from shared.plumbing.row_store import RowStore

FIRM = "firm-a"
BY = {"id": "u1", "email": "anna@firm.example", "locale": "en", "rights": RIGHTS}
LOADED = {"rows_loaded": 2, "rows_unchanged": 1, "rows_skipped": 1, "accounts_created": 2, "links_created": 2}


@pytest.fixture
def db(mongodb_url: str) -> Iterator[Database]:
    database = connect(mongodb_url)
    ensure_indexes(database)
    yield database
    database.client.close()


def make_job(
    db: Database,
    numbers: list[list[int]],
    outcomes: list[list[str]],
    repairs: str | None = None,
    **parts: Any,
) -> dict[str, Any]:
    """A job with chunks of rows of these numbers, and what became of them."""
    source = {"name": "a.csv", "bytes": 1, "revision": 1, "chunks": [len(own) for own in numbers]}
    source["rows"] = sum(map(len, numbers))
    job = new_job(new_job_id(), FIRM, "accounts", {}, source, BY, datetime.now(UTC), repairs)
    flat = [outcome for own in outcomes for outcome in own]
    job["result"] = {**dict.fromkeys(RESULTS, 0), "accounts_created": flat.count("loaded")}
    job["result"] |= {f"rows_{name}": flat.count(name) for name in ("loaded", "unchanged", "skipped")}
    job |= {"status": Status.IMPORTED.value, "mapping": {"columns": []}, **parts}
    JobStore(db, FIRM).add(job)
    rows = RowStore(db, FIRM, job["_id"])
    for n, (own, became) in enumerate(zip(numbers, outcomes, strict=True)):
        rows.put("cells", 1, n, {"first": own[0], "numbers": own, "rows": {}})
        reasons = {str(at): "changed_since_review" for at, one in enumerate(became) if one == "skipped"}
        rows.put("outcomes", 1, n, {"outcomes": became, "reasons": reasons})
    return job


@pytest.fixture
def first(db: Database) -> dict[str, Any]:
    """Two rows were loaded; of those that were skipped, 9 stands in no file that comes back."""
    return make_job(
        db, [[2, 3, 5], [6, 8, 9]], [["loaded", "skipped", "skipped"], ["skipped", "loaded", "skipped"]]
    )


@pytest.fixture
def second(db: Database, first: dict[str, Any]) -> dict[str, Any]:
    """Loads the rows 3, 5, 6 and 8; the first of them was skipped again, the last not skipped before."""
    became = [["skipped", "loaded", "unchanged", "loaded"]]
    return make_job(db, [[3, 5, 6, 8]], became, repairs=first["_id"], status=Status.CONFIRMED.value)


def now(db: Database, job: dict[str, Any]) -> dict[str, Any]:
    return JobStore(db, FIRM).get(job["_id"])


def outcomes(db: Database, job: dict[str, Any]) -> list[dict[str, Any]]:
    rows = RowStore(db, FIRM, job["_id"])
    return list(rows.each("outcomes", 1, 2, "n", "outcomes", "reasons", "repaired"))


def test_the_first_job_follows(db: Database, first: dict[str, Any], second: dict[str, Any]) -> None:
    ended = conclude(db, second, LOADED).parts["result"]
    assert {name: ended[name] for name in LOADED} == LOADED
    told = now(db, first)
    assert told["repaired_by"] == [second["_id"]]
    result = told["result"]
    assert [result[f"rows_{name}"] for name in ("loaded", "unchanged", "skipped")] == [3, 1, 2]
    assert (result["accounts_created"], result["links_created"]) == (4, 2)
    one, two = outcomes(db, first)
    assert (one["outcomes"], two["outcomes"]) == (
        ["loaded", "skipped", "loaded"],
        ["unchanged", "loaded", "skipped"],
    )
    assert (set(one["reasons"]), set(two["reasons"])) == ({"1"}, {"2"})
    assert (one["repaired"], two["repaired"]) == ({"2": second["_id"]}, {"0": second["_id"]})


def test_told_again_it_stays_as_it_is(db: Database, first: dict[str, Any], second: dict[str, Any]) -> None:
    conclude(db, second, LOADED)
    told, kept = now(db, first), outcomes(db, first)
    conclude(db, second, LOADED)
    assert (now(db, first), outcomes(db, first)) == (told, kept)


def test_told_by_many_at_once_it_is_counted_once(
    db: Database, first: dict[str, Any], second: dict[str, Any]
) -> None:
    start, broken = threading.Barrier(4), []

    def tell() -> None:
        start.wait()
        try:
            conclude(db, second, LOADED)
        except Exception as error:  # noqa: BLE001 - shown by the test
            broken.append(error)

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    told = now(db, first)
    assert told["repaired_by"] == [second["_id"]]
    assert (told["result"]["rows_skipped"], told["result"]["accounts_created"]) == (2, 4)


@pytest.mark.parametrize("parts", [{"status": "undone"}, {"purged_at": datetime.now(UTC)}])
def test_a_first_job_that_was_taken_back_or_purged_stays_as_it_is(
    db: Database, first: dict[str, Any], second: dict[str, Any], parts: dict[str, Any]
) -> None:
    db.jobs.update_one({"_id": first["_id"]}, {"$set": parts})
    told, kept = now(db, first), outcomes(db, first)
    assert conclude(db, second, LOADED).parts["result"]["rows_loaded"] == 2
    assert (now(db, first), outcomes(db, first)) == (told, kept)


def test_numbers_that_do_not_balance_tell_nobody(
    db: Database, first: dict[str, Any], second: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match="numbers_do_not_balance"):
        conclude(db, second, {**LOADED, "rows_loaded": 1})
    assert now(db, first)["repaired_by"] == []
