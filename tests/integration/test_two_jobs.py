"""Tests two jobs of a firm that change the same records at once, while people change some through the API.

Whatever came in between what: the firm has in the end what some order of the chunks and the hands gives, one after
the other, and a row is loaded whole or not at all.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from shared.contract.documents.chunk import Outcomes, Plan
from shared.contract.keys import keys_of
from shared.plumbing.chunk_codec import packed_part
from shared.plumbing.directory_store import ChangedMeanwhile, DirectoryStore
from tests.examples import examples
from tests.integration.carrying import Carried, Record, everything
from tests.integration.choosing import mapping_of
from tests.integration.explaining import Event, Loaded, Removed, Rewritten, explain

TARGETS = (
    "account.name", "account.client_code", "account.notes", "account.tags", "account.custom.Sector",
    "contact.first_name", "contact.last_name", "contact.email", "contact.city",
)  # fmt: skip
MAPPING = mapping_of(*TARGETS)

#: Few of them, so that rows mean the same records, say other things of them, or only link them.
ACCOUNTS = (
    ("Acme", "C1", "one", "vip", "food"),
    ("Acme", "C1", "two", "late", ""),
    ("Bakker BV", "C2", "", "", ""),
    ("Bakker BV", "C2", "one", "vip", "__CLEAR__"),
    ("Café", "C3", "", "", ""),
    ("Café", "", "__CLEAR__", "", "cars"),
)
PEOPLE = (
    ("Jan", "Peeters", "jan@example.be", "Gent"),
    ("Jan", "Peeters", "jan@example.be", "Aalst"),
    ("Ann", "Maes", "ann@example.be", ""),
    ("Ann", "Maes", "", "Gent"),
    ("", "Claes", "", ""),
    ("", "", "", ""),
)
rows = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(PEOPLE)).map(lambda both: [*both[0], *both[1]])
files = st.lists(rows, min_size=1, max_size=5)
choices = st.fixed_dictionaries(
    {
        "merge": st.dictionaries(
            st.sampled_from(["account.notes", "contact.city", "account.tags"]), st.just("overwrite")
        )
    }
)
#: through the API: which kind, which record, and what; `remove` removes it
hands = st.lists(
    st.tuples(
        st.sampled_from(["accounts", "contacts"]),
        st.integers(0, 5),
        st.sampled_from(["remove", "remove", "notes", "name", "last_name", "tags"]),
    ),
    min_size=1,
    max_size=2,
)


def quick(few: int) -> settings:
    """So many examples (`examples`), the same in every run; each is on the database, so that none is made smaller."""
    return settings(
        max_examples=examples(few),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def db(shared_database: Database[Record]) -> Database[Record]:
    """A database that the tests share; each example has a firm of its own."""
    return shared_database


def a_firm() -> str:
    return f"firm-{uuid.uuid4().hex[:10]}"


def load(job: Carried, n: int) -> Event:
    """Load a chunk; gives its report."""
    revision = job.job["revision"]
    plans = [packed_part(job.rows.plan_of(Plan, revision, at)) for at in range(job.chunks)]
    began = time.monotonic()
    job.do("load", n)
    ended = time.monotonic()
    outcomes = packed_part(job.rows.read(Outcomes, revision, n))
    return Loaded(began, ended, job.id, n, plans, job.job["settings"]["contacts"], outcomes)


def edit_by_person(db: Database[Record], firm: str, kind: str, place: int, what: str) -> Event | None:
    """Change or remove a record of the firm as the routes do; gives its report."""
    store = DirectoryStore(db, firm)
    found = store.page(kind, None, 10, {})
    if not found:
        return None
    record = found[place % len(found)]
    began = time.monotonic()
    if what == "remove":
        was_there = store.delete(kind, record["_id"], None)
        return Removed(began, time.monotonic(), kind, record["_id"], was_there)
    after = {**record, what: ["by hand"] if what == "tags" else "Changed"}
    if what in ("name", "last_name"):
        after["keys"] = keys_of(kind.removesuffix("s"), after)
    try:
        written = store.rewrite(kind, record, after)
    except ChangedMeanwhile:
        return Rewritten(began, time.monotonic(), kind)
    return Rewritten(began, time.monotonic(), kind, record, written)


def two_jobs(
    db: Database[Record], firm: str, before: Any, first: Any, second: Any, how: Record
) -> list[Carried]:
    """Two jobs whose plans were made of the same directory."""
    Carried(db, firm, before, MAPPING).loaded()
    jobs = [Carried(db, firm, file, MAPPING, size=2, **how) for file in (first, second)]
    return [job.checked().confirmed() for job in jobs]


@quick(25)
@given(before=files, first=files, second=files, how=choices, edits=hands, seed=st.integers(0, 999))
def test_chunks_of_two_jobs_and_hands_in_any_order_are_explained_by_the_reports(
    db: Database[Record], before: Any, first: Any, second: Any, how: Record, edits: Any, seed: int
) -> None:
    firm = a_firm()
    jobs = two_jobs(db, firm, before, first, second, how)
    was = everything(db, firm)
    steps: list[Callable[[], Event | None]] = [partial(edit_by_person, db, firm, *edit) for edit in edits]
    steps += [partial(load, job, n) for job in jobs for n in range(job.chunks)]
    random.Random(seed).shuffle(steps)
    events = [event for step in steps if (event := step())]
    explain(was, events, everything(db, firm))


@quick(20)
@given(before=files, first=files, second=files, how=choices, edits=hands, seed=st.integers(0, 999))
def test_chunks_of_two_jobs_and_hands_at_the_same_time_are_as_if_one_came_after_the_other(
    db: Database[Record], before: Any, first: Any, second: Any, how: Record, edits: Any, seed: int
) -> None:
    firm = a_firm()
    jobs = two_jobs(db, firm, before, first, second, how)
    was = everything(db, firm)
    chance, events, failures = random.Random(seed), list[Event](), list[BaseException]()
    together = threading.Barrier(len(jobs) + 1)

    def run(steps: list[Callable[[], Event | None]]) -> None:
        chance.shuffle(steps)
        together.wait(20)
        try:
            events.extend(event for step in steps if (event := step()))
        except BaseException as error:
            failures.append(error)
            raise

    each: list[list[Callable[[], Event | None]]] = [
        [partial(load, job, n) for n in range(job.chunks)] for job in jobs
    ]
    each.append([partial(edit_by_person, db, firm, *edit) for edit in edits])
    threads = [threading.Thread(target=run, args=(steps,)) for steps in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    explain(was, events, everything(db, firm))


def test_a_record_that_was_removed_and_made_anew_is_not_the_one_that_the_review_showed(
    db: Database[Record],
) -> None:
    firm, row = a_firm(), ["Café", "C1", "one", "", "", "", "", "", ""]
    first = Carried(db, firm, [row], MAPPING).loaded()
    how: Record = {"merge": {"account.notes": "overwrite", "contact.notes": "overwrite"}}
    second = Carried(db, firm, [["Café", "C1", "two", *row[3:]]], MAPPING, **how).checked().confirmed()
    first.undone()
    Carried(db, firm, [["Café", "C1", "three", *row[3:]]], MAPPING).loaded()
    second.run("load")
    assert [account["notes"] for account in db.accounts.find({"firm": firm})] == ["three"]
    outcomes = second.rows.read(Outcomes, 1, 0)
    assert (outcomes.outcomes, outcomes.reasons) == (["skipped"], {0: "changed_since_review"})


def test_a_chunk_that_finds_there_what_it_was_to_make_begins_anew_and_looks(db: Database[Record]) -> None:
    firm, again = a_firm(), ["", "", "", "", "", "", ""]
    rows = [
        ["Café", "C1", *again],
        ["Café", "C1", "", "", "", "Jan", "Peeters", "", ""],
        ["Bar", "C2", *again],
    ]
    job = Carried(db, firm, rows, MAPPING, size=1).checked().confirmed()
    numbers = [job.do("load", n) for n in (1, 0, 2)]
    assert [each["accounts_created"] for each in numbers] == [1, 0, 1]
    assert [each["rows_loaded"] for each in numbers] == [1, 1, 1]
    led = job.rows.read(Outcomes, 1, 0).led["accounts"]
    account = db.accounts.find_one({"firm": firm, "client_code": "C1"})
    assert account
    assert led == [(account["_id"], 0)]
