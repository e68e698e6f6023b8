"""Tests which record gets the values of a person: no two are confused, in any order of rows, chunks and files."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from services.validator.repair.changes import Changes
from services.validator.repair.repairing import Repairer
from shared.contract.legal_forms import plain
from tests.integration.choosing import mapping_of, settings_of
from tests.integration.one_job import OneJob, directory_of
from tests.integration.test_validator_properties import quick

Db = Database[dict[str, Any]]
Row = tuple[str, ...]

# valid register numbers with the birth dates in them
NUMBERS = {"85073003328": "30/07/1985", "90010100123": "01/01/1990", "72123100282": "31/12/1972"}
BORN = ("02/03/1960", "04/05/1991")


class Firm:
    """A firm of the test's own."""

    def __init__(self, db: Db) -> None:
        self.db, self.name = db, f"f{uuid.uuid4().hex[:10]}"

    def checked(self, targets: Row, *rows: Row, size: int = 2, **more: Any) -> OneJob:
        """A checked job of such rows; cells that are not given are blank."""
        full = [[*row, *[""] * (len(targets) - len(row))] for row in rows]
        kind = more.pop("kind", "accounts_and_contacts")
        typed = targets.index("account.type") if "account.type" in targets else None
        types = {"mode": "skip"} if typed is None else {"mode": "column", "column": typed}
        mapping, settings = mapping_of(*targets, account_type=types), settings_of(**more)
        return OneJob(self.db, self.name, full, mapping, settings, size=size, kind=kind).checked()

    def load(self, targets: Row, *rows: Row, **more: Any) -> OneJob:
        """The same, loaded."""
        return self.checked(targets, *rows, **more).loaded()

    def counts(self) -> tuple[int, int, int]:
        """How many accounts, contacts and links it has."""
        there = directory_of(self.db, self.name)
        return len(there["accounts"]), len(there["contacts"]), len(there["links"])

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Its accounts or contacts."""
        return list(directory_of(self.db, self.name)[kind].values())


@pytest.fixture
def firm(shared_db: Db) -> Firm:
    return Firm(shared_db)


PERSON = ("contact.first_name", "contact.last_name", "contact.email")
JAN = ("Jan", "Peeters")


# the generated world


@dataclass(frozen=True)
class Person:
    """Somebody with what the lists show of them, always the same."""

    n: int
    name: tuple[str, str]
    email: str
    number: str
    born: str

    def differs_from(self, other: Person) -> bool:
        """Whether a number, a birth date or an address shows that these are two people."""
        pairs = ((self.email, other.email), (self.number, other.number), (self.born, other.born))
        return any(one and two and one != two for one, two in pairs)


@dataclass(frozen=True)
class Client:
    """An account with its people; `name` is blank where the lists name it after its person."""

    n: int
    code: str
    name: str
    people: tuple[Person, ...]


TARGETS = (
    "account.client_code", "account.name", "account.tags", *PERSON, "contact.national_number",
    "contact.date_of_birth", "contact.tags",
)  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> list[Client]:
    """Clients with few names among them; people of one client with a code or a name differ in their names."""
    clients, n, numbers = [], 0, list(NUMBERS)
    for c in range(draw(st.integers(2, 5))):
        kind = draw(st.sampled_from(["person", "person", "named after", "family", "company"]))
        names = draw(
            st.lists(st.sampled_from([JAN, ("An", "Peeters"), ("Bo", "Maes")]), min_size=1, unique=True)
        )
        people = []
        for name in names if kind in ("family", "company") else names[:1]:
            number = numbers.pop() if numbers and draw(st.booleans()) else ""
            born = NUMBERS[number] if number else draw(st.sampled_from(["", "", *BORN]))
            email = draw(st.sampled_from(["", "home@mail.be", f"p{n}@mail.be", f"p{n}@mail.be"]))
            people.append(Person(n, name, email, number, born))
            n += 1
        code = draw(st.sampled_from(["", f"K{c}"]))
        called = {
            "person": "",
            "named after": " ".join(names[0]),
            "family": f"Family {c}",
            "company": f"Firm {c} NV",
        }
        clients.append(Client(c, code, called[kind], tuple(people)))
    return clients


def rows_of(world: list[Client]) -> list[Row]:
    """A row for each person of each client; tags say whose it is."""
    return [
        (c.code, c.name, f"c{c.n}", *p.name, p.email, p.number, p.born, f"p{p.n}")
        for c in world
        for p in c.people
    ]


def assert_nobody_is_mixed(firm: Firm, world: list[Client]) -> None:
    """No record has values of two that something shows to be different."""
    people = {f"p{p.n}": p for c in world for p in c.people}
    clients = {f"c{c.n}": c for c in world}
    for contact in firm.records("contacts"):
        for one, other in combinations(contact.get("tags", ()), 2):
            assert not people[one].differs_from(people[other]), contact
            assert people[one].name == people[other].name, contact
    for account in firm.records("accounts"):
        for one, other in combinations((clients[tag] for tag in account.get("tags", ())), 2):
            assert not (one.code and other.code and one.code != other.code), account
            assert one.name == other.name or not (one.name and other.name), account
            apart = [
                (p, q) for p in one.people for q in other.people if p.name == q.name and p.differs_from(q)
            ]
            assert not apart, account


@quick(30)
@given(st.data())
def test_no_record_has_values_of_two_people(shared_db: Db, data: st.DataObject) -> None:
    world = data.draw(worlds())
    firm, rows = Firm(shared_db), rows_of(world)
    some = st.lists(st.sampled_from(rows), min_size=1, max_size=len(rows) + 2)
    for _ in range(data.draw(st.integers(1, 3))):
        size, doubt = data.draw(st.integers(1, 4)), data.draw(st.sampled_from(["skip", "create"]))
        firm.load(TARGETS, *data.draw(some), size=size, on_doubt=doubt)
        assert_nobody_is_mixed(firm, world)


@quick(20)
@given(st.data())
def test_a_list_sent_again_makes_nobody_new(shared_db: Db, data: st.DataObject) -> None:
    world = data.draw(worlds())
    firm, rows = Firm(shared_db), data.draw(st.permutations(rows_of(world)))
    firm.load(TARGETS, *rows)
    before = firm.counts()
    again = firm.load(TARGETS, *data.draw(st.permutations(rows)))
    assert firm.counts() == before, [row["plan"] for row in again.rows()]


# what was seen


@pytest.mark.parametrize(
    ("targets", "more"),
    [
        (PERSON, ("jan@a.be", "jan@b.be")),
        ((*PERSON[:2], "contact.date_of_birth"), BORN),
        ((*PERSON[:2], "contact.national_number"), tuple(NUMBERS)[:2]),
        ((*PERSON[:2],), ("", "")),
    ],
)
@pytest.mark.parametrize("named", [(), ("Jan Peeters",), ("Peeters Jan",)])
@pytest.mark.parametrize("doubt", ["skip", "create"])
@pytest.mark.parametrize("files", [1, 2])
def test_two_people_of_one_name_are_never_one_client(
    firm: Firm, targets: Row, more: Row, named: Row, doubt: str, files: int
) -> None:
    targets = (*targets, "account.name") if named else targets
    rows = [(*JAN, *([value] if value else []), *named) for value in more]
    jobs = [firm.load(targets, *rows, on_doubt=doubt)] if files == 1 else []
    jobs = jobs or [firm.load(targets, row, on_doubt=doubt) for row in rows]
    outcomes = [row["outcome"] for job in jobs for row in job.rows()]
    distinct = targets[2:3] not in ((), ("contact.email",)) and targets[2] != "account.name"
    if named and not any(more):  # the name that the file gives says that they are one
        assert firm.counts() == (1, 1, 1)
    elif doubt == "create" or distinct:
        assert (firm.counts(), outcomes) == ((2, 2, 2), ["loaded", "loaded"])
    else:
        assert (firm.counts(), outcomes) == ((1, 1, 1), ["loaded", "skipped"])
        code = "namesake_in_file" if files == 1 else "namesake_in_firm"
        assert jobs[-1].codes()[-1] == {code}


def test_a_person_with_a_new_address_in_an_account_with_a_code_is_updated(firm: Firm) -> None:
    targets = ("account.client_code", "account.name", *PERSON)
    for address in ("ann@old.be", "ann@new.be", "ann@third.be"):
        job = firm.load(targets, ("K1", "Cedar NV", "Ann", "Alder", address))
        assert firm.counts() == (1, 1, 1)
        (contact,) = firm.records("contacts")
        assert contact["email"] == address
    (change,) = job.rows()[0]["plan"]["contact"]["changes"]
    assert (change["old"], change["new"], change["why"]) == ("ann@new.be", "ann@third.be", "overwritten")


def test_one_code_with_two_names_is_a_question_of_every_row(firm: Firm) -> None:
    targets = ("account.client_code", "account.name", *PERSON)
    rows = [
        ("K1", "Cedar NV", "Ann", "Alder", "ann@cedar.be"),
        ("K1", "Cedar NV", "Bob", "Beech", "bob@cedar.be"),
        ("K1", "Larch NV", "Cy", "Cole", "cy@larch.be"),
        ("K2", "Fir NV", "Di", "Dale", "di@fir.be"),
    ]
    job = firm.checked(targets, *rows)
    assert job.codes() == [{"code_with_two_names"}] * 3 + [set()]
    assert all("Cedar NV / Larch NV" in row["problems"][0]["message"] for row in job.rows()[:3])
    job.loaded()
    assert firm.counts() == (1, 1, 1)
    other = Firm(firm.db)
    other.load(targets, *rows, on_doubt="create")
    assert other.counts() == (3, 4, 4)


def test_a_code_or_number_that_the_firm_knows_under_another_name_is_a_question(firm: Firm) -> None:
    firm.load(("account.client_code", "account.name"), ("K1", "Cedar NV"))
    assert firm.checked(("account.client_code", "account.name"), ("K1", "Cedars Group NV")).codes() == [
        {"value_differs"}
    ]
    assert firm.checked(("account.client_code", "account.name"), ("K1", "Larch BV")).codes() == [
        {"known_by_another_name"}
    ]
    people = (*PERSON[:2], "contact.national_number")
    number = next(iter(NUMBERS))
    firm.load(people, ("An", "Maes", number))
    assert firm.checked(people, ("Ann", "Peeters", number)).codes() == [{"value_differs"}]
    assert firm.checked(people, ("Jan", "Maes", number)).codes() == [{"known_by_another_name"}]


HOUSEHOLD = (*PERSON, "spouse.first_name", "spouse.last_name", "spouse.email")


@pytest.mark.parametrize("named", [(), ("Peeters - Maes",), ("Jan Peeters", "An Maes")])
@pytest.mark.parametrize(
    "mails", [("jan@a.be", "an@a.be"), ("jan@a.be", ""), ("", "an@a.be"), ("home@a.be",) * 2]
)
def test_a_couple_sent_again_the_other_way_round_is_the_same_household(
    firm: Firm, named: Row, mails: Row
) -> None:
    jan, an = (*JAN, mails[0]), ("An", "Maes", mails[1])
    targets = (*HOUSEHOLD, "account.name") if named else HOUSEHOLD
    firm.load(targets, (*jan, *an, *named[:1]))
    assert firm.counts() == (1, 2, 2)
    again = firm.load(targets, (*an, *jan, *named[-1:]))
    assert firm.counts() == (1, 2, 2), again.codes()
    assert again.codes() == [set()]


def test_a_row_that_loses_a_value_to_another_says_so_itself(firm: Firm) -> None:
    targets = ("account.name", *PERSON[:2], "contact.mobile")
    job = firm.load(
        targets,
        ("Cedar", "Ann", "Alder", "0475112233"),
        ("Cedar", "Ann", "Alder", "+32 475 11 22 33"),
        ("Cedar", "Ann", "Alder", "0475998877"),
        ("Birch", "Annie", "Alder", "0475112233"),
    )
    assert firm.counts() == (2, 2, 2)
    assert [{p["code"] for p in row["problems"]} for row in job.rows()] == [
        set(),
        set(),
        {"conflict_in_file"},
        set(),
    ]
    (conflict,) = job.rows()[2]["problems"]
    assert all(part in conflict["message"] for part in ("+32475998877", "row 2", "+32475112233"))


@pytest.mark.parametrize("files", [1, 2])
def test_two_addresses_beside_one_name_without_people_are_a_question(firm: Firm, files: int) -> None:
    rows = [("PEETERS Jan", "jan@a.be"), ("Peeters, Jan", "jan@b.be"), ("peeters jan", "JAN@A.be")]
    targets = ("account.name", "contact.email")
    jobs = [firm.load(targets, *rows)] if files == 1 else [firm.load(targets, row) for row in rows]
    codes = [code for job in jobs for code in job.codes()]
    assert codes == [set(), {"namesake_in_file" if files == 1 else "namesake_in_firm"}, set()]
    assert firm.counts() == (1, 1, 1)


def test_individuals_of_one_name_without_contacts_stay_two_as_well(firm: Firm) -> None:
    targets = ("account.name", "account.type", "account.email", "account.date_of_birth")
    rows = [
        ("Jan Peeters", "Individual", "jan@a.be"),
        ("Jan Peeters", "Individual", "jan@b.be"),
        ("Cedar NV", "Company", "info@cedar.be"),
        ("Cedar NV", "Company", "office@cedar.be"),
        ("An Maes", "Individual", "", "22/03/1960"),
        ("An Maes", "Individual", "", "24/05/1991"),
    ]
    job = firm.load(targets, *rows, kind="accounts")
    doubt, conflict = {"namesake_in_file"}, {"conflict_in_file"}
    assert job.codes() == [set(), doubt, set(), conflict, set(), set()]
    assert firm.counts() == (4, 0, 0)
    again = firm.checked(targets, ("Jan Peeters", "Individual", "jan@b.be"), kind="accounts")
    assert again.codes() == [{"namesake_in_firm"}]


# decisions


def decide(job: OneJob, **decisions: dict[str, Any]) -> OneJob:
    """Decide of rows, counted from 0: `r0={"is": "same"}`."""
    changes = Changes(decisions={job.position(int(row[1:])): decision for row, decision in decisions.items()})
    done = Repairer(job.db, job.firm, job.id).repair(changes, "anna", "decide")
    return job.checked() if done.again else job


def test_a_person_decides_who_a_namesake_is(firm: Firm) -> None:
    rows = [(*JAN, "jan@a.be"), (*JAN, "jan@b.be"), (*JAN, "jan@c.be")]
    job = decide(firm.checked(PERSON, *rows), r1={"is": "new"}, r2={"is": "same", "as": [0, 0, 2]})
    assert job.codes() == [set(), set(), {"conflict_in_file"}]
    job.loaded()
    assert firm.counts() == (2, 2, 2)
    again = firm.checked(PERSON, (*JAN, "jan@d.be"))
    question = again.problem(
        0, "ambiguous_match" if again.codes() == [{"ambiguous_match"}] else "namesake_in_firm"
    )
    assert {one["email"] for one in question["candidates"]} == {"jan@a.be", "jan@b.be"}
    meant = next(one["id"] for one in question["candidates"] if one["email"] == "jan@b.be")
    decide(again, r0={"is": "same", "as": meant}).loaded()
    assert firm.counts() == (2, 2, 2)
    assert {contact["email"] for contact in firm.records("contacts")} == {"jan@a.be", "jan@d.be"}


def test_a_decision_is_undone_like_any_repair(firm: Firm) -> None:
    job = firm.checked(PERSON, (*JAN, "jan@a.be"), (*JAN, "jan@b.be"))
    before = (job.buckets(), job.codes(), job.report())
    decide(job, r1={"is": "new"})
    assert job.buckets() == ["new", "new"]
    repairer = Repairer(job.db, job.firm, job.id)
    repairer.repair(repairer.undoing(1), "anna", "undo", undoes=1)
    assert (job.buckets(), job.codes(), job.report()) == before


@pytest.mark.parametrize(("rows", "waits"), [([(*JAN, "jan@a.be")], False), ([("", "", "no address")], True)])
def test_a_question_stops_no_import_that_goes_on_by_itself(firm: Firm, rows: list[Row], waits: bool) -> None:
    firm.load(PERSON, (*JAN, "jan@b.be"))
    job = firm.checked(PERSON, ("An", "Maes", "an@c.be"), *rows)
    assert job.job["counts"]["invalid"] == 1
    assert (job.job["report"]["asked"], bool(job.job["hold"])) == (0 if waits else 1, waits)
    job.loaded()
    assert [row["outcome"] for row in job.rows()] == ["loaded", "skipped"]


# values without a record


def test_values_of_a_person_whom_the_row_does_not_name_are_reported_and_can_go_to_the_account(
    firm: Firm,
) -> None:
    targets = ("account.name", *PERSON, "contact.city", "contact.job_title", "contact.tags", "account.notes")
    rows = [
        ("Cedar NV", "", "", "", "Gent", "CEO", "late", ""),
        ("Birch NV", "Ann", "Alder", "", "Aalst", "", "", ""),
        ("Elm NV", "", "", "", "", "", "", "a note"),
    ]
    job = firm.checked(targets, *rows)
    assert job.codes() == [{"value_without_record"}, set(), set()]
    assert {p["field"] for p in job.rows()[0]["problems"]} == {
        "contact.city",
        "contact.job_title",
        "contact.tags",
    }
    repairer = Repairer(job.db, job.firm, job.id)
    repairer.repair(repairer.moving(job.job, "value_without_record"), "anna", "move_to_account")
    moved = job.rows()[0]
    assert {fix["field"] for fix in moved["fixes"]} == {"account.city", "account.tags"}
    assert [p["field"] for p in moved["problems"]] == ["contact.job_title"]
    job.loaded()
    assert firm.counts() == (3, 1, 1)
    cedar = next(account for account in firm.records("accounts") if account["name"] == "Cedar NV")
    assert (cedar["city"], cedar["tags"]) == ("Gent", ["late"])


def test_every_name_in_the_world_differs_as_written() -> None:
    assert len({plain(" ".join(name)) for name in (JAN, ("An", "Peeters"), ("Bo", "Maes"))}) == 3


def test_contacts_are_linked_to_the_accounts_they_name_whatever_the_chunks(firm: Firm) -> None:
    firm.load(
        ("account.name", "account.client_code"),
        ("Pine NV", "K1"),
        ("Pine BV", "K2"),
        ("Elm", ""),
        kind="accounts",
    )
    targets = (*PERSON, "contact.linked_account")
    rows = [
        ("Ann", "Alder", "ann@x.example.org", "pine n.v."),
        ("Bo", "Beech", "bo@x.example.org", "K2"),
        ("Cy", "Cole", "cy@x.example.org", "Nobody"),
        ("Di", "Dale", "di@x.example.org", ""),
        ("Ed", "Elder", "ed@x.example.org", "Pine"),
        ("Ann", "Alder", "ann@x.example.org", "Elm"),
        ("Ann", "Alder", "ann@x.example.org", "Elm"),
    ]
    job = firm.load(targets, *rows, kind="contacts", size=2)
    assert firm.counts() == (3, 4, 3)  # Ed's row asks which Pine is meant
    names = {account["_id"]: account["name"] for account in firm.records("accounts")}
    people = {contact["_id"]: contact["first_name"] for contact in firm.records("contacts")}
    links = directory_of(firm.db, firm.name)["links"].values()
    assert {(names[link["account"]], people[link["contact"]]) for link in links} == {
        *(("Pine NV", "Ann"), ("Elm", "Ann"), ("Pine BV", "Bo"))
    }
    assert [contact for contact in firm.records("contacts") if "linked_account" in contact] == []
    again = firm.load(targets, *rows, kind="contacts", size=3)
    assert firm.counts() == (3, 4, 3)
    assert job.id != again.id
