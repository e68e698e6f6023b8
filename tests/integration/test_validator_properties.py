"""Tests properties of every file, settings and firm: rows balance, loading follows the plan, chunks do not matter."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo.database import Database

from services.validator.check.mapped_columns import fields_of
from services.validator.check.slots import COLLECTION, name_field
from services.validator.plan.rows_to_plan import rows_to_plan
from services.validator.repair.repairing import Repairer
from shared.contract.documents.chunk import Checks, Edits, columns_of
from shared.contract.legal_forms import company
from shared.contract.problems import DOUBTS, LEFT_OUT, severity
from shared.contract.records import RENAMED, have, link_id, public_id
from tests.examples import examples
from tests.integration.choosing import settings_of
from tests.integration.one_job import (
    OneJob,
    add_records,
    balance,
    directory_of,
    planned,
    values_of,
)
from tests.integration.random_files import CELLS, CLEAR, TARGETS, File, files

Db = Database[dict[str, Any]]
TEAM = [
    {"id": "anna", "name": "one", "email": "anna@firm.be"},
    {"id": "bruno", "name": "Bruno", "email": "bruno@firm.be"},
]


def quick(few: int) -> Callable[[Any], Any]:
    """So many examples (`examples`), the same in every run."""
    return hypothesis_settings(
        max_examples=examples(few),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


class Firm:
    """A firm of its own, with the records that a file expects of it."""

    def __init__(self, db: Db, file: File, name: str | None = None) -> None:
        self.db = db
        self.name = name or f"f{uuid.uuid4().hex[:10]}"
        self.file = file
        db.directories.insert_one({"_id": self.name, "team_members": TEAM, "tags": ["vip"], "revision": 1})
        self.accounts = add_records(db, self.name, "accounts", file.accounts)
        contacts = add_records(db, self.name, "contacts", file.contacts)
        for account, contact in ((self.accounts[a], contacts[c]) for a, c in file.links):
            link = {"_id": link_id(account, contact), "account": account, "contact": contact}
            db.links.insert_one({**link, "firm": self.name, "job": "earlier"})

    def job(self, size: int = 3, **more: Any) -> OneJob:
        """A job of the file."""
        file = self.file
        given = {"size": size, "kind": file.kind, **more}
        return OneJob(self.db, self.name, file.cells(self.accounts), file.mapping, file.settings, **given)

    def records(self) -> dict[str, dict[str, Any]]:
        """What it has now."""
        return directory_of(self.db, self.name)


def lost_values(job: OneJob, firm: Firm) -> list[tuple[int, str, Any]]:
    """The cells of loaded rows that are in no record, and of which neither a fix, a problem nor the plan reports."""
    document, rows, there, lost = job.job, job.rows(), firm.records(), []
    keys = {index: target.key for index, target in fields_of(document["mapping"])}
    kept = {
        (slot, act["id"], each["field"])
        for row in rows
        for slot, act in row["plan"].items()
        if slot != "links" and "id" in act
        for each in act.get("kept", ())
    }
    at = 0
    for n, size in enumerate(document["source"]["chunks"]):
        checks = job.store.read(Checks, document["revision"], n)
        plan = rows_to_plan(checks, [(n, offset) for offset in range(size)])
        for offset in range(size):
            row = rows[at]
            at += 1
            if row["outcome"] != "loaded":
                continue
            reported = {p["field"] for p in row["problems"]} | {f["field"] for f in row["fixes"]}
            codes = {(p["field"], p["code"]) for p in row["problems"]}
            for index, key in keys.items():
                slot, name = key.split(".", 1)
                if row["cells"][index] in ("", CLEAR) or key in reported or name == "record_id":
                    continue
                if (name_field(slot), "person_not_added") in codes:
                    continue
                value = columns_of(checks)[key][offset]
                places = [plan.places[end][offset] for end in (slot, "contact") if end in plan.places]
                place = (places[0] or places[-1]) if slot == "spouse" and places else next(iter(places), None)
                record = there[COLLECTION[slot]].get(place.identity) if place else None
                now = have(record, RENAMED.get(name, name)) if record else None
                kept_value = (
                    set(value) <= set(now or ()) if isinstance(value, list) else _is_kept(name, value, now)
                )
                if (
                    not kept_value
                    and place
                    and (slot, public_id(place.identity), RENAMED.get(name, name)) not in kept
                ):
                    lost.append((row["row"], key, value))
                if not place:
                    lost.append((row["row"], key, value))
    return lost


def _is_kept(name: str, value: Any, now: Any) -> bool:
    if now is None or name not in ("name", "first_name", "last_name"):
        return bool(value == now)
    return company(value)[0] == company(now)[0]


def shuffled(data: st.DataObject, job: OneJob) -> list[int]:
    """The chunks of a job in any order."""
    return data.draw(st.permutations(range(len(job.job["source"]["chunks"]))))


def numbers_of(rows: Sequence[dict[str, Any]]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How many rows are in each bucket and have each problem, and how many fixes there are, counted from the rows."""
    problems = Counter(code for row in rows for code in {p["code"] for p in row["problems"]})
    fixes = Counter(fix["code"] for row in rows for fix in row["fixes"])
    return Counter(row["bucket"] for row in rows), problems, fixes


def assert_report_agrees(job: OneJob) -> None:
    """Every number of the report is what counting the rows gives."""
    document, rows = job.job, job.rows()
    report = document["report"]
    buckets, problems, fixes = numbers_of(rows)
    assert {name: n for name, n in document["counts"].items() if n} == buckets
    assert {p["code"]: p["rows"] for p in report["problems"]} == problems
    assert {f["code"]: f["values"] for f in report["fixes"]} == fixes
    assert all(p["examples"] and p["severity"] == severity(p["code"]) for p in report["problems"])
    acts = [(slot, row["plan"][slot]["do"]) for row in rows for slot in row["plan"] if slot != "links"]
    for what in ("create", "update"):
        assert report["records"][f"accounts_{what}"] == acts.count(("account", what))
        contacts = acts.count(("contact", what)) + acts.count(("spouse", what))
        assert report["records"][f"contacts_{what}"] == contacts
    assert report["records"]["links_create"] == sum(len(row["plan"].get("links", ())) for row in rows)
    for code, number in problems.items():
        assert len(job.rows(problem=code)) == number
    for bucket, number in buckets.items():
        assert [row["row"] for row in job.rows(bucket=bucket)] == [
            row["row"] for row in rows if row["bucket"] == bucket
        ]
        assert number


def assert_bad_rows_do_nothing(rows: Sequence[dict[str, Any]]) -> None:
    """A row that is bad or left out has no part in the plan; one with an error is bad or left out."""
    for row in rows:
        wrong = any(problem["severity"] == "error" for problem in row["problems"])
        chosen = any(problem["code"] in LEFT_OUT for problem in row["problems"])
        assert (row["bucket"] == "unselected") == (not row["selected"] or chosen)
        assert not wrong or row["bucket"] in ("invalid", "unselected")
        assert wrong or row["bucket"] != "invalid"
        if row["bucket"] in ("invalid", "unselected"):
            assert row["plan"] == {}


@quick(40)
@given(files())
def test_no_value_of_a_loaded_row_vanishes(shared_db: Db, file: File) -> None:
    firm = Firm(shared_db, file)
    job = firm.job().checked().loaded()
    assert lost_values(job, firm) == []


@quick(25)
@given(files(), st.data())
def test_what_rows_show_is_what_loading_does_and_the_numbers_balance(
    shared_db: Db, file: File, data: st.DataObject
) -> None:
    firm, neighbour = Firm(shared_db, file), Firm(shared_db, file)
    job = firm.job(data.draw(st.integers(2, 5)))
    left_out = data.draw(st.sets(st.integers(0, len(file.rows) - 1), max_size=2))
    for row in left_out:
        n, offset = job.position(row)
        edits = job.store.read_if_kept(Edits, 1, n) or Edits(n=n)
        job.store.write(Edits(n=n, left_out=[*edits.left_out, offset]), 1)
    job.checked(shuffled(data, job))
    before, other = firm.records(), neighbour.records()
    rows = job.rows()
    assert [row["row"] for row in rows] == list(range(2, 2 + len(file.rows)))
    assert_report_agrees(job)
    assert_bad_rows_do_nothing(rows)

    kind = "contacts" if file.kind == "contacts" else "accounts"
    only = job.only_in_system()
    assert job.job["report"]["only_in_system"] == len(only)
    shown = [
        (slot, act["id"])
        for row in rows
        for slot, act in row["plan"].items()
        if slot != "links" and "id" in act
    ]
    touched = {f"{firm.name}/{i}" for slot, i in shown if (slot == "account") == (kind == "accounts")}
    assert not only & touched

    expected = planned(before, rows, firm.name)
    job.loaded(shuffled(data, job))
    balance(job)
    after = firm.records()
    assert values_of(after["accounts"]) == expected["accounts"]
    assert values_of(after["contacts"]) == expected["contacts"]
    assert {(link["account"], link["contact"]) for link in after["links"].values()} == expected["links"]
    assert neighbour.records() == other


def comparable(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what only says when they were loaded."""
    return [{name: part for name, part in row.items() if name != "outcome"} for row in rows]


@quick(20)
@given(files(), st.data())
def test_neither_the_cut_into_chunks_nor_their_order_nor_checking_twice_changes_anything(
    shared_db: Db, file: File, data: st.DataObject
) -> None:
    firm = Firm(shared_db, file)
    whole = firm.job(size=50).checked()
    identity = whole.id
    rows, report = whole.rows(), whole.report()
    for content in ("cells", "checks", "plans", "words", "named", "tasks", "jobs"):
        shared_db[content].delete_many({"job": identity} if content != "jobs" else {"_id": identity})
    cut = firm.job(data.draw(st.integers(1, 3)), identity=identity)
    cut.checked(shuffled(data, cut), times=2)
    assert cut.rows() == rows
    again = cut.report()
    for each in (again, report):  # how many examples there are depends on the chunk they come from
        each["problems"] = [(p["code"], p["rows"]) for p in each["problems"]]
    assert sorted(again.pop("new_tags")) == sorted(report.pop("new_tags"))
    assert again == report
    assert numbers_of(cut.rows()) == numbers_of(rows)


#: With these nothing is asked for beyond what the file says, so that a second time finds all done: the settings add
#: nothing to records that exist, and no policy keeps or takes what the first time did not.
PLAIN = st.builds(
    settings_of,
    match=st.sampled_from(
        (
            settings_of()["match"],
            {"accounts": ["number", "client_code", "name"], "contacts": ["email_and_name", "name"]},
        )
    ),
    merge=st.sampled_from(({}, {"account.notes": "overwrite", "contact.city": "overwrite"})),
)


@quick(20)
@given(files(settings=PLAIN))
def test_importing_a_file_a_second_time_writes_nothing(shared_db: Db, file: File) -> None:
    firm = Firm(shared_db, file)
    once = firm.job().checked()
    # rows that share a record and give it, say, two addresses: the record gets one of them, and the next time the
    # row with the other names nobody; and a row in doubt may be clear once another row has made or filled a record
    assume({"conflict_in_file", *DOUBTS}.isdisjoint(set().union(*once.codes())))
    once.loaded()
    first = firm.records()
    again = firm.job().checked()
    assert set(again.buckets()) <= {"unchanged", "duplicate", "invalid"}
    again.loaded()
    assert firm.records() == first


EDITS = st.dictionaries(
    st.integers(0, 8),
    st.dictionaries(st.integers(0, len(TARGETS) - 1), st.integers(0, 20), min_size=1, max_size=3),
    max_size=3,
)
TICKS = st.dictionaries(st.integers(0, 8), st.booleans(), max_size=3)
DECISIONS = st.dictionaries(
    st.integers(0, 8),
    st.sampled_from(
        ({"is": "same"}, {"is": "new"}, {"to_account": True}, {"is": "new", "to_account": True}, {})
    ),
    max_size=3,
)


def there(file: File, by_row: dict[int, Any]) -> dict[int, Any]:
    """What is of rows that the file has."""
    return {row: given for row, given in by_row.items() if row < len(file.rows)}


def drawn(file: File, edits: dict[int, dict[int, int]]) -> dict[int, dict[int, str]]:
    """Edits of rows that the file has, with values that such cells may hold."""
    cells = [CELLS[target] for target in TARGETS]
    return {
        row: {column: cells[column][at % len(cells[column])] for column, at in own.items()}
        for row, own in edits.items()
        if row < len(file.rows)
    }


def state(job: OneJob) -> dict[str, Any]:
    """All that a person sees of a checked job."""
    report = job.report()
    custom = [{**field, "filled": 0} for field in report["custom_fields"]]
    named = job.only_in_system()
    report = {**report, "custom_fields": custom}
    return {"rows": job.rows(), "report": report, "only_in_system": named}


@quick(20)
@given(files(), st.lists(st.tuples(EDITS, TICKS, DECISIONS), min_size=1, max_size=3), st.integers(2, 5))
def test_a_repair_leaves_what_a_whole_new_check_gives(
    shared_db: Db, file: File, repairs: list[Any], size: int
) -> None:
    firm = Firm(shared_db, file)
    job = firm.job(size).checked()
    for edits, ticks, decisions in repairs:
        job.repair(drawn(file, edits), there(file, ticks), there(file, decisions))
        assert_report_agrees(job)
        assert_bad_rows_do_nothing(job.rows())
    repaired = state(job)
    anew = state(job.checked_anew())
    assert repaired["rows"] == anew["rows"]
    assert repaired["report"] == anew["report"]
    assert repaired == anew


@quick(20)
@given(files(), EDITS, TICKS, DECISIONS, st.integers(2, 5))
def test_taking_a_repair_back_leaves_what_was_before(
    shared_db: Db,
    file: File,
    edits: dict[int, Any],
    ticks: dict[int, bool],
    decisions: dict[int, Any],
    size: int,
) -> None:
    job = Firm(shared_db, file).job(size).checked()
    before = state(job)
    if not job.repair(drawn(file, edits), there(file, ticks), there(file, decisions)).changed:
        return
    repairer = Repairer(shared_db, job.firm, job.id)
    repairer.repair(repairer.undoing(1), "anna", "undo", undoes=1)
    assert state(job) == before


@quick(20)
@given(files(most=8), EDITS, EDITS, TICKS)
def test_two_who_repair_at_once_lose_nothing(
    shared_db: Db, file: File, one: dict[int, Any], other: dict[int, Any], ticks: dict[int, bool]
) -> None:
    job = Firm(shared_db, file).job(2).checked()
    first, second = job.changes(drawn(file, one)), job.changes(drawn(file, other), there(file, ticks))
    failed: list[BaseException] = []

    def repair(changes: Any) -> None:
        try:
            Repairer(shared_db, job.firm, job.id).repair(changes, "anna", "edit")
        except BaseException as error:  # noqa: BLE001 - raised below, by the thread that can fail the test
            failed.append(error)

    threads = [threading.Thread(target=repair, args=(changes,)) for changes in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    kept = {
        (p, c): v for changes in (first, second) for p, own in changes.cells.items() for c, v in own.items()
    }
    both = {
        spot for spot in kept if all(spot[1] in changes.cells.get(spot[0], {}) for changes in (first, second))
    }
    for (position, column), value in kept.items():
        if (position, column) not in both:
            assert job.store.edited_cells_at(1, position[0], [position[1]]).rows[0][column] == value
    for position, selected in second.ticks.items():
        assert (
            position[1] not in job.store.edited_cells_at(1, position[0], [position[1]]).left_out
        ) == selected
    assert state(job) == state(job.checked_anew())
