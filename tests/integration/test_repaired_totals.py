"""Tests that the first job counts repaired rows once when they are loaded or undone, however often a message comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.importer.handlers import conclude, conclude_undo
from shared.contract.documents.chunk import Cells, Outcomes, Undone
from shared.contract.job import RESULTS, UNDO_NUMBERS, Status, new_job
from shared.contract.rights import RIGHTS
from shared.plumbing.chunk_codec import packed_part
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
        rows.write(Cells(n=n, first=own[0], numbers=own), 1)
        reasons = {at: "changed_since_review" for at, one in enumerate(became) if one == "skipped"}
        rows.write(Outcomes(n=n, outcomes=became, reasons=reasons), 1)
    return job


@pytest.fixture
def first(db: Database) -> dict[str, Any]:
    """Two rows were loaded; of those that were skipped, 9 is in no file that comes back."""
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
    return [packed_part(part) for part in rows.read_each(Outcomes, 1, 2)]


def test_the_first_job_follows(db: Database, first: dict[str, Any], second: dict[str, Any]) -> None:
    ended = conclude(db, second, LOADED).parts["result"]
    assert {name: ended[name] for name in LOADED} == LOADED
    counted = now(db, first)
    assert counted["repaired_by"] == [second["_id"]]
    result = counted["result"]
    assert [result[f"rows_{name}"] for name in ("loaded", "unchanged", "skipped")] == [3, 1, 2]
    assert (result["accounts_created"], result["links_created"]) == (4, 2)
    one, two = outcomes(db, first)
    assert (one["outcomes"], two["outcomes"]) == (
        ["loaded", "skipped", "loaded"],
        ["unchanged", "loaded", "skipped"],
    )
    assert (set(one["reasons"]), set(two["reasons"])) == ({"1"}, {"2"})
    assert (one["repaired"], two["repaired"]) == ({"2": second["_id"]}, {"0": second["_id"]})


def test_counted_again_it_stays_as_it_is(db: Database, first: dict[str, Any], second: dict[str, Any]) -> None:
    conclude(db, second, LOADED)
    counted, kept = now(db, first), outcomes(db, first)
    conclude(db, second, LOADED)
    assert (now(db, first), outcomes(db, first)) == (counted, kept)


def at_once(work: Callable[[], Any]) -> None:
    start, broken = threading.Barrier(4), []

    def begin() -> None:
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - shown by the test
            broken.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []


def test_counted_by_many_at_once_it_is_counted_once(
    db: Database, first: dict[str, Any], second: dict[str, Any]
) -> None:
    at_once(lambda: conclude(db, second, LOADED))
    counted = now(db, first)
    assert counted["repaired_by"] == [second["_id"]]
    assert (counted["result"]["rows_skipped"], counted["result"]["accounts_created"]) == (2, 4)


@pytest.mark.parametrize("parts", [{"status": "undone"}, {"purged_at": datetime.now(UTC)}])
def test_a_first_job_that_was_undone_or_purged_stays_as_it_is(
    db: Database, first: dict[str, Any], second: dict[str, Any], parts: dict[str, Any]
) -> None:
    db.jobs.update_one({"_id": first["_id"]}, {"$set": parts})
    counted, kept = now(db, first), outcomes(db, first)
    assert conclude(db, second, LOADED).parts["result"]["rows_loaded"] == 2
    assert (now(db, first), outcomes(db, first)) == (counted, kept)


def test_numbers_that_do_not_balance_change_no_other_job(
    db: Database, first: dict[str, Any], second: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match="numbers_do_not_balance"):
        conclude(db, second, {**LOADED, "rows_loaded": 1})
    assert now(db, first)["repaired_by"] == []


# undone


def loaded(db: Database, job: dict[str, Any], **made: int) -> None:
    """A job that loads repaired rows has loaded them, and made so much."""
    outcomes_now = [o for chunk in outcomes(db, job) for o in chunk["outcomes"]]
    rows = {f"rows_{name}": outcomes_now.count(name) for name in ("loaded", "unchanged", "skipped")}
    counts = {**rows, **made}
    frame = {"job": job["_id"], "firm": FIRM, "revision": 1, "step": "load", "n": 0, "state": "done"}
    db.tasks.insert_one({"_id": f"{job['_id']}:load", **frame, "counts": counts})
    parts = conclude(db, job, counts).parts
    db.jobs.update_one({"_id": job["_id"]}, {"$set": {"status": "imported", **parts}})


def undo_job(db: Database, job: dict[str, Any], became: list[str], **numbers: int) -> Callable[[], Any]:
    """What ends the undo of a job, when this is what became of its rows."""
    undo = {"of": 1, "numbers": None, "names_kept": None}
    history = [*now(db, job)["history"], {"status": "imported"}]
    parts = {"status": "undoing", "revision": 2, "undo": undo, "history": history}
    db.jobs.update_one({"_id": job["_id"]}, {"$set": parts})
    RowStore(db, FIRM, job["_id"]).write(Undone(n=0, outcomes=became, counts={}), 1)
    rows = {f"rows_{name}": became.count(name) for name in ("reversed", "kept", "failed", "nothing")}
    totals = {**dict.fromkeys(UNDO_NUMBERS, 0), **rows, **numbers}
    undoing = now(db, job)
    return lambda: conclude_undo(db, undoing, totals)


def balances(job: dict[str, Any]) -> bool:
    rows = [job["result"][f"rows_{name}"] for name in ("loaded", "unchanged", "skipped")]
    return sum(rows) == job["source"]["rows"] and min(job["result"].values()) >= 0


MADE = {"accounts_created": 2, "accounts_updated": 1, "links_created": 2}
REMOVED = {"accounts_removed": 2, "accounts_restored": 0, "links_removed": 2}


def test_rows_that_are_undone_are_skipped_again_for_their_old_reason(
    db: Database, first: dict[str, Any]
) -> None:
    before, kept = now(db, first), outcomes(db, first)
    repairing = make_job(db, [[3, 5, 6]], [["loaded", "loaded", "loaded"]], repairs=first["_id"])
    loaded(db, repairing, **MADE)
    assert now(db, first)["result"]["rows_skipped"] == 1
    assert balances(now(db, first))
    undo_job(db, repairing, ["reversed"] * 3, **REMOVED)()
    after = now(db, first)
    assert (after["result"], after["repaired_by"]) == (before["result"], [])
    for was, chunk in zip(kept, outcomes(db, first), strict=True):
        assert (chunk["outcomes"], chunk["reasons"], chunk["repaired"]) == (
            was["outcomes"],
            was["reasons"],
            {},
        )
    assert not JobStore(db, FIRM).same_repair(first["_id"], repairing["source"].get("sha256"))


def test_rows_that_stay_in_the_directory_stay_loaded(
    db: Database, first: dict[str, Any], second: dict[str, Any]
) -> None:
    loaded(db, second, **MADE)
    undo_job(db, second, ["nothing", "kept", "nothing", "reversed"], accounts_removed=1, links_removed=1)()
    after = now(db, first)
    assert after["repaired_by"] == [second["_id"]]
    assert [after["result"][f"rows_{name}"] for name in ("loaded", "unchanged", "skipped")] == [3, 1, 2]
    made = [after["result"][name] for name in MADE]
    assert made == [2 + 2 - 1, 1, 2 - 1], "as much as stays"
    one, two = outcomes(db, first)
    assert one["outcomes"] == ["loaded", "skipped", "loaded"]
    assert two["outcomes"] == ["unchanged", "loaded", "skipped"], "8 was its own, and 6 was there before"
    assert balances(after)


def test_undone_by_many_at_once_and_again_is_counted_once(db: Database, first: dict[str, Any]) -> None:
    before = now(db, first)["result"]
    repairing = make_job(db, [[3, 5, 6]], [["loaded", "skipped", "loaded"]], repairs=first["_id"])
    loaded(db, repairing, **MADE)
    undo = undo_job(db, repairing, ["reversed", "nothing", "reversed"], **REMOVED)
    at_once(undo)
    undo()
    assert now(db, first)["result"] == before
    other = make_job(db, [[3, 5, 6]], [["loaded", "loaded", "loaded"]], repairs=first["_id"])
    loaded(db, other, **MADE)
    undo()
    assert now(db, first)["result"]["rows_loaded"] == 5
    assert now(db, first)["repaired_by"] == [other["_id"]]
    assert [chunk["repaired"] for chunk in outcomes(db, first)] == [
        {"1": other["_id"], "2": other["_id"]},
        {"0": other["_id"]},
    ]


def test_the_whole_chain_follows(db: Database, first: dict[str, Any]) -> None:
    at_first = now(db, first)["result"]
    middle = make_job(db, [[3, 5, 6]], [["loaded", "skipped", "skipped"]], repairs=first["_id"])
    loaded(db, middle, accounts_created=1)
    between = now(db, first)["result"], now(db, middle)["result"]
    last = make_job(db, [[5, 6]], [["loaded", "loaded"]], repairs=middle["_id"])
    loaded(db, last, accounts_created=2)
    assert [now(db, job)["result"]["rows_skipped"] for job in (first, middle)] == [1, 0]
    undo_job(db, last, ["reversed", "reversed"], accounts_removed=2)()
    assert (now(db, first)["result"], now(db, middle)["result"]) == between
    assert [now(db, job)["repaired_by"] for job in (first, middle)] == [[middle["_id"]], []]
    undo_job(db, middle, ["reversed", "nothing", "nothing"], accounts_removed=1)()
    assert now(db, first)["result"] == at_first
    assert all(balances(now(db, job)) for job in (first, middle, last))


def test_what_is_undone_first_in_the_middle_leaves_what_the_last_loaded(
    db: Database, first: dict[str, Any]
) -> None:
    middle = make_job(db, [[3, 5]], [["loaded", "skipped"]], repairs=first["_id"])
    loaded(db, middle, accounts_created=1)
    last = make_job(db, [[5]], [["loaded"]], repairs=middle["_id"])
    loaded(db, last, accounts_created=1)
    undo_job(db, middle, ["reversed", "nothing"], accounts_removed=1)()
    db.jobs.update_one({"_id": middle["_id"]}, {"$set": {"status": "undone"}})
    after = now(db, first)
    assert (after["result"]["rows_loaded"], after["result"]["accounts_created"]) == (3, 3)
    assert after["repaired_by"] == [last["_id"]]
    own = now(db, middle)
    undo_job(db, last, ["reversed"], accounts_removed=1)()
    assert (now(db, first)["result"]["rows_loaded"], now(db, first)["repaired_by"]) == (2, [])
    assert now(db, middle) == own, "its numbers stand for themselves"


@pytest.mark.parametrize("parts", [{"status": "undone"}, {"purged_at": datetime.now(UTC)}])
def test_a_first_job_undone_or_purged_since_keeps_its_numbers(
    db: Database, first: dict[str, Any], second: dict[str, Any], parts: dict[str, Any]
) -> None:
    loaded(db, second, **MADE)
    db.jobs.update_one({"_id": first["_id"]}, {"$set": parts})
    counted, kept = now(db, first), outcomes(db, first)
    undo_job(db, second, ["nothing", "reversed", "nothing", "reversed"], **REMOVED)()
    assert (now(db, first), outcomes(db, first)) == (counted, kept)


def test_a_repairing_job_that_stopped_half_way_had_counted_nothing_and_takes_nothing(
    db: Database, first: dict[str, Any], second: dict[str, Any]
) -> None:
    counted, kept = now(db, first), outcomes(db, first)
    undo_job(db, second, ["nothing", "reversed", "nothing", "reversed"], **REMOVED)()
    assert (now(db, first), outcomes(db, first)) == (counted, kept)
