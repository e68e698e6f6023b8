"""Tests the undo of an import: the firm has what it had before, but for what others changed since."""

from __future__ import annotations

import random
import threading
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from services.importer.undo.preview import foresee
from shared.contract.documents.chunk import Outcomes, Undone
from shared.contract.job import Status
from shared.contract.merging import POLICIES
from shared.plumbing.bus import TryLater
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.flow import JobFails
from shared.plumbing.telemetry import UNBALANCED
from shared.plumbing.worker import Work
from tests.examples import examples
from tests.integration.carrying import (
    HANDLERS,
    SETTINGS,
    Carried,
    Firm,
    Record,
    content,
    everything,
    snapshot,
)
from tests.integration.choosing import mapping_of

TARGETS = (
    "account.name", "account.client_code", "account.notes", "account.website", "account.tags",
    "account.custom.Sector", "contact.first_name", "contact.last_name", "contact.email", "contact.tags",
    "contact.custom.Level", "contact.relationship",
)  # fmt: skip
MAPPING = mapping_of(*TARGETS, custom_type="choice")
ANN, HERS = ("Ann", "Maes"), "ann@maes.example.org"

cells = st.tuples(
    st.sampled_from(["Acme", "Bakker BV", "Café", "Dubois", ""]),
    st.sampled_from(["", "C1", "C2", "C3"]),
    st.sampled_from(["", "one", "two", "__CLEAR__"]),
    st.sampled_from(["", "https://a.example", "https://b.example"]),
    st.sampled_from(["", "vip", "vip; late", "late; new"]),
    st.sampled_from(["", "food", "cars"]),
    st.sampled_from(["Jan", "Ann", ""]),
    st.sampled_from(["Peeters", "Maes", ""]),
    st.sampled_from(["", "jan@example.be", "ann@example.be", "no address"]),
    st.sampled_from(["", "friend", "friend; family"]),
    st.sampled_from(["", "high"]),
    st.sampled_from(["", "child", "zaakvoerder; heir", "__CLEAR__"]),
)
files = st.lists(cells, min_size=1, max_size=9)
choices = st.fixed_dictionaries(
    {
        "merge": st.dictionaries(
            st.sampled_from(
                [
                    "account.notes",
                    "account.website",
                    "account.tags",
                    "contact.email",
                    "account.custom.Sector",
                    "account.client_code",
                    "contact.last_name",
                ]
            ),
            st.sampled_from(POLICIES),
        ),
        "mode": st.sampled_from(["both", "both", "create_only", "update_only"]),
        "merge_default": st.sampled_from(POLICIES),
        "on_change": st.sampled_from(["skip", "replan"]),
        "tags": st.sampled_from([[], ["imported"]]),
    }
)
#: Every example works on the database; the server is quick, but a first one may wait for an index.
RANDOM = settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def db(shared_database: Database[Record]) -> Database[Record]:
    """A database that the tests share; each has a firm of its own."""
    return shared_database


def a_firm() -> str:
    return f"firm-{uuid.uuid4().hex[:10]}"


def shuffled(job: Carried, seed: int) -> list[int]:
    order = list(range(job.chunks))
    random.Random(seed).shuffle(order)
    return order


@RANDOM
@given(before=files, file=files, how=choices, seed=st.integers(0, 99), size=st.integers(1, 4))
def test_an_import_undone_leaves_the_firm_as_it_was(
    db: Database[Record], before: list[Any], file: list[Any], how: Record, seed: int, size: int
) -> None:
    firm = a_firm()
    Carried(db, firm, before, MAPPING).loaded()
    was = snapshot(db, firm)
    job = Carried(db, firm, file, MAPPING, size=size, **how)
    job.loaded()
    job.undone(shuffled(job, seed), times=2)  # a message that came twice
    assert snapshot(db, firm) == was
    numbers = job.job["undo"]["numbers"]
    assert numbers["rows_reversed"] == job.job["result"]["rows_loaded"]
    assert numbers["kept"] == numbers["rows_kept"] == numbers["rows_failed"] == 0
    assert not db.accounts.find_one({"firm": firm, "jobs": job.id})
    assert not db.contacts.find_one({"firm": firm, "jobs": job.id})


@RANDOM
@given(first=files, second=files, how=choices, seed=st.integers(0, 99))
def test_imports_undone_in_turn_the_last_one_first_leave_nothing(
    db: Database[Record], first: list[Any], second: list[Any], how: Record, seed: int
) -> None:
    firm = a_firm()
    nothing = snapshot(db, firm)
    one = Carried(db, firm, first, MAPPING, **how).loaded()
    other = Carried(db, firm, second, MAPPING, **how).loaded()
    other.undone(shuffled(other, seed))
    one.undone(shuffled(one, seed))
    assert snapshot(db, firm) == nothing


hands = st.lists(
    st.tuples(
        st.sampled_from(["accounts", "contacts"]),
        st.integers(0, 5),
        st.sampled_from(["notes", "custom.Sector", "last_name", "tags", "remove"]),
        st.sampled_from(["by hand", "one", ""]),
    ),
    max_size=4,
)


@RANDOM
@given(before=files, file=files, later=files, edits=hands, how=choices, seed=st.integers(0, 99))
def test_what_was_changed_since_stays_and_everything_else_is_as_before(
    db: Database[Record],
    before: list[Any],
    file: list[Any],
    later: list[Any],
    edits: list[Any],
    how: Record,
    seed: int,
) -> None:
    firm = a_firm()
    Carried(db, firm, before, MAPPING).loaded()
    states = [everything(db, firm)]
    job = Carried(db, firm, file, MAPPING, size=2, **how).loaded()
    states.append(everything(db, firm))
    Carried(
        db,
        firm,
        later[: seed % 5],
        MAPPING,
        merge_default="overwrite",
    ).loaded() if seed % 5 else None
    for change in edits:
        edit(db, firm, *change)
    states.append(everything(db, firm))
    foreseen = foresee(DirectoryStore(db, firm), job.id, list(job.rows.read_each(Outcomes, 1, job.chunks)))
    job.undone(shuffled(job, seed))
    states.append(everything(db, firm))
    assert_only_ours_is_gone(job.id, *states)
    numbers = job.job["undo"]["numbers"]
    for name, number in foreseen.items():
        assert numbers[name] == number, name


def edit(db: Database[Record], firm: str, kind: str, place: int, name: str, value: str) -> None:
    """Change or remove a record of the firm as a person would."""
    found = list(db[kind].find({"firm": firm}).sort("_id", 1))
    if not found:
        return
    record = found[place % len(found)]
    which = {"_id": record["_id"]}
    if name == "remove":
        db[kind].delete_one(which)
        db.links.delete_many({"firm": firm, kind[:-1]: record["_id"]})
    elif name == "tags":
        db[kind].update_one(which, {"$set": {"tags": ["by hand"]}, "$inc": {"revision": 1}})
    else:
        change = {"$set": {name: value}} if value else {"$unset": {name: ""}}
        db[kind].update_one(which, {**change, "$inc": {"revision": 1}})


def assert_only_ours_is_gone(job: str, before: Firm, ours: Firm, since: Firm, after: Firm) -> None:
    """Check every record and field by what it was at four moments: before the import, after it, then, and now."""
    kept = set()
    for kind in ("accounts", "contacts"):
        for identity, record in since[kind].items():
            now = after[kind].get(identity)
            if record["job"] != job:
                assert now is not None
                assert_fields(before[kind].get(identity), ours[kind].get(identity), record, now)
            elif content(record) == content(ours[kind].get(identity, {})) and record["jobs"] == [job]:
                assert now is None or record["revision"] != 1, "nobody changed or used it"
                kept |= {identity} if now else set()
            else:
                assert now is not None
                assert content(now) == content(record)
                kept.add(identity)
        assert after[kind].keys() <= since[kind].keys()
    for identity, link in since["links"].items():
        both = link["account"] in after["accounts"] and link["contact"] in after["contacts"]
        stays = link["job"] != job or bool(kept & {link["account"], link["contact"]})
        assert (identity in after["links"]) == (both and stays)
        if identity in after["links"] and link["job"] != job:
            was, given, found, left = (
                state["links"].get(identity, {}).get("relationship", [])
                for state in (before, ours, since, after)
            )
            added = set(given) - set(was)
            emptied = [one for one in was if one not in given and one not in found]
            kept_by_others = [one for one in found if one not in added] + emptied
            assert left == (was if found == given else kept_by_others)


def assert_fields(before: Record | None, ours: Record | None, since: Record, now: Record) -> None:
    flat = [flattened(each) for each in (before, ours, since, now)]
    for name in set().union(*flat) - {"keys", "_id"}:
        was, given, found, left = (each.get(name) for each in flat)
        if before is None or ours is None:
            assert left == found, name
        elif found == given:
            assert left == was, name
        elif isinstance(given, list) and isinstance(found, list):
            added = [item for item in given if item not in (was or [])]
            assert (left or []) == [item for item in found if item not in added], name
        else:
            assert left == found, name


def flattened(record: Record | None) -> Record:
    flat = content(record or {})
    return {
        **{k: v for k, v in flat.items() if k != "custom"},
        **{f"c.{k}": v for k, v in flat.get("custom", {}).items()},
    }


# single cases


def a_row(name: str, code: str, first: str = "", last: str = "", **values: str) -> list[str]:
    named = {"account.name": name, "account.client_code": code, "contact.first_name": first}
    whole = {**named, "contact.last_name": last, **{k.replace("_", ".", 1): v for k, v in values.items()}}
    return [whole.get(target, "") for target in TARGETS]


def test_a_record_removed_since_is_reported_and_does_not_come_back(db: Database[Record]) -> None:
    firm = a_firm()
    Carried(db, firm, [a_row("Café", "C1"), a_row("Bar", "C2")], MAPPING).loaded()
    rows = [a_row("Café", "C1", account_notes="one"), a_row("Bar", "C2", account_notes="two")]
    job = Carried(db, firm, rows, MAPPING).loaded()
    db.accounts.delete_one({"firm": firm, "name": "Café"})
    job.undone()
    assert [a["name"] for a in db.accounts.find({"firm": firm})] == ["Bar"]
    (chunk,) = job.rows.read_each(Undone, 1, 1)
    assert chunk.outcomes == ["kept", "reversed"]
    assert chunk.reasons == {0: [("removed_since", "accounts", [])]}


def test_a_record_that_cannot_be_understood_does_not_stop_the_others(db: Database[Record]) -> None:
    firm = a_firm()
    Carried(db, firm, [a_row("Café", "C1"), a_row("Bar", "C2")], MAPPING).loaded()
    rows = [a_row("Café", "C1", account_notes="one"), a_row("Bar", "C2", account_notes="two")]
    job = Carried(db, firm, rows, MAPPING).loaded()
    db.outcomes.update_one({"job": job.id}, {"$unset": {"before.accounts.0.was": ""}})
    job.undone()
    assert {a["name"]: a.get("notes") for a in db.accounts.find({"firm": firm})} == {
        "Café": "one",
        "Bar": None,
    }
    numbers = job.job["undo"]["numbers"]
    assert (numbers["rows_failed"], numbers["rows_reversed"]) == (1, 1)


def test_links_between_chunks_stay_where_their_account_stays(db: Database[Record]) -> None:
    firm = a_firm()
    rows = [a_row("Café", "C1", "Jan", f"Peeters {n}") for n in range(6)]
    job = Carried(db, firm, rows, MAPPING, size=1).loaded()
    contacts = list(db.contacts.find({"firm": firm}))
    db.accounts.update_one({"firm": firm}, {"$set": {"notes": "by hand"}, "$inc": {"revision": 1}})
    db.contacts.update_one(
        {"_id": contacts[4]["_id"]}, {"$set": {"notes": "by hand"}, "$inc": {"revision": 1}}
    )
    job.undone([5, 0, 3, 4, 1, 2])
    assert db.accounts.count_documents({"firm": firm}) == 1
    assert [c["_id"] for c in db.contacts.find({"firm": firm})] == [contacts[4]["_id"]]
    assert [link["contact"] for link in db.links.find({"firm": firm})] == [contacts[4]["_id"]]
    assert job.job["undo"]["numbers"]["kept"] == 2


def test_an_undo_waits_for_a_chunk_that_is_still_being_loaded(db: Database[Record]) -> None:
    job = Carried(db, a_firm(), [a_row("Café", "C1"), a_row("Bar", "C2")], MAPPING, size=1)
    job.checked().confirmed().run("load", [0])
    job.do("load", 1)  # written, and its worker has not yet noted the end of the task
    job.cancelled().undoing()
    with pytest.raises(TryLater):
        job.do("undo", 1)
    db.tasks.update_one({"job": job.id, "step": "load", "n": 1}, {"$set": {"state": "done"}})
    job.run("undo")
    job.concluded("undo", Status.UNDONE)
    assert not db.accounts.find_one({"firm": job.firm})


def test_who_links_a_record_and_who_takes_it_back_at_the_same_time_exclude_each_other(
    db: Database[Record],
) -> None:
    firm = a_firm()
    first = Carried(db, firm, [a_row("Café", "C1")], MAPPING).loaded()
    second = Carried(db, firm, [a_row("Café", "C1", "Jan", "Peeters")], MAPPING).checked().confirmed()
    first.undoing()
    other = threading.Thread(target=lambda: first.run("undo"))
    part = {"n": 0, "rows": 1}
    with db.client.start_session() as session, session.start_transaction():
        done = HANDLERS["load"].work(Work(second.job, part, db, SETTINGS))
        assert done.also
        assert done.also(session)["links_created"] == 1
        other.start()
        other.join(1.0)
        assert other.is_alive(), "it waits for the other to end"
    other.join(20)
    assert db.accounts.count_documents({"firm": firm}) == 1
    assert db.links.count_documents({"firm": firm}) == 1


def test_a_row_whose_record_was_removed_since_the_review_is_left_out(db: Database[Record]) -> None:
    firm = a_firm()
    Carried(db, firm, [a_row("Café", "C1")], MAPPING).loaded()
    job = Carried(db, firm, [a_row("Café", "C1", "Jan", "Peeters")], MAPPING).checked().confirmed()
    db.accounts.delete_many({"firm": firm})
    job.run("load")
    job.concluded("load", Status.IMPORTED)
    assert job.job["result"]["rows_skipped"] == 1
    assert not db.links.find_one({"firm": firm}), "no link leads nowhere"
    assert not db.contacts.find_one({"firm": firm}), "a row is loaded whole or not at all"


@pytest.mark.parametrize("step", ["load", "undo"])
def test_numbers_that_do_not_balance_fail_the_job_and_are_counted(db: Database[Record], step: str) -> None:
    job = Carried(db, a_firm(), [a_row("Café", "C1")], MAPPING).checked().confirmed()
    if step == "undo":
        job.run("load")
        job.concluded("load", Status.IMPORTED).undoing()
    job.run(step)
    db.tasks.update_one({"job": job.id, "step": step}, {"$set": {"counts": {}}})
    before = UNBALANCED.labels("importer", step)._value.get()
    with pytest.raises(JobFails) as failure:
        job.concluded(step, Status.IMPORTED)
    assert failure.value.code == "numbers_do_not_balance"
    assert failure.value.params == {"read": 1, "accounted": 0}
    assert UNBALANCED.labels("importer", step)._value.get() == before + 1


def test_tags_that_others_use_stay_and_are_reported(db: Database[Record]) -> None:
    firm = a_firm()
    job = Carried(db, firm, [a_row("Café", "C1", account_tags="vip; late")], MAPPING).loaded()
    Carried(db, firm, [a_row("Bar", "C2", account_tags="vip")], MAPPING).loaded()
    job.undone()
    assert DirectoryStore(db, firm).reference()["tags"] == ["vip"]
    assert job.job["undo"]["names_kept"]["tags"] == ["vip"]
    assert job.job["undo"]["numbers"]["tags_removed"] == 1


def test_a_link_of_a_contact_from_before_stays_with_the_account_that_stays(db: Database[Record]) -> None:
    firm = a_firm()
    Carried(db, firm, [a_row("Bar", "C2", *ANN, contact_email=HERS)], MAPPING).loaded()
    rows = [a_row("Café", "C1", "Jan", "Peeters"), a_row("Café", "C1", *ANN, contact_email=HERS)]
    for order in ([0, 1], [1, 0]):
        job = Carried(db, firm, rows, MAPPING, size=1).loaded()
        which = {"firm": firm, "client_code": "C1"}
        db.accounts.update_one(which, {"$set": {"notes": "by hand"}, "$inc": {"revision": 1}})
        job.undone(order)
        account = db.accounts.find_one(which)
        assert account
        (link,) = db.links.find({"firm": firm, "account": account["_id"]})
        contact = db.contacts.find_one({"_id": link["contact"]})
        assert contact
        assert contact["first_name"] == "Ann"
        assert job.id in contact["jobs"], "the account uses it still"
        db.accounts.delete_one(which)
        db.links.delete_one({"_id": link["_id"]})
