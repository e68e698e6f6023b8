"""Tests matching, planning and repairing with small files of one firm each."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pymongo.database import Database

from services.validator.repair.repairing import Repairer
from services.validator.rows.grid import Wanted
from tests.integration.choosing import mapping_of, settings_of
from tests.integration.one_job import OneJob, add_records, directory_of

Db = Database[dict[str, Any]]
NAMES = ("account.name", "account.client_code", "account.tags", "account.notes")
PEOPLE = ("account.name", "contact.first_name", "contact.last_name", "contact.email")


class Firm:
    """A firm of the test's own."""

    def __init__(self, db: Db) -> None:
        self.db = db
        self.name = f"f{uuid.uuid4().hex[:10]}"

    def has(self, kind: str, *records: dict[str, Any]) -> list[str]:
        """Give the firm records from before."""
        return add_records(self.db, self.name, kind, records)

    def checked(self, targets: tuple[str, ...], *rows: tuple[str, ...], **settings: Any) -> OneJob:
        """A checked job of such rows; cells that are not given are blank."""
        full = [[*row, *[""] * (len(targets) - len(row))] for row in rows]
        return OneJob(
            self.db, self.name, full, mapping_of(*targets), settings_of(**settings), size=2
        ).checked()

    def accounts(self) -> list[dict[str, Any]]:
        """Its accounts, by name."""
        return sorted(directory_of(self.db, self.name)["accounts"].values(), key=lambda r: r["name"])


@pytest.fixture
def firm(shared_db: Db) -> Firm:
    return Firm(shared_db)


def test_records_are_found_in_the_order_that_the_firm_chose(firm: Firm) -> None:
    by_code, by_name = firm.has("accounts", {"name": "Bb Groep", "client_code": "1"}, {"name": "Bb"})
    for order, found in (["client_code", "name"], by_code), (["name", "client_code"], by_name):
        match = {"accounts": order, "contacts": ["name"]}
        job = firm.checked(NAMES, ("Bb", "1", "", "note"), match=match)
        assert job.rows()[0]["plan"]["account"]["id"] == found.rsplit("/", 1)[1]


def test_several_records_that_fit_are_reported_with_their_names(firm: Firm) -> None:
    ids = firm.has("accounts", {"name": "Aa", "client_code": "1"}, {"name": "AA BV", "client_code": "2"})
    job = firm.checked(NAMES, ("aà",))
    assert job.buckets() == ["invalid"]
    candidates = job.problem(0, "ambiguous_match")["candidates"]
    assert {one["id"] for one in candidates} == {identity.rsplit("/", 1)[1] for identity in ids}
    assert {one["name"] for one in candidates} == {"Aa", "AA BV"}


def test_couples_who_share_an_address_stay_two_people(firm: Firm) -> None:
    firm.has("contacts", {"first_name": "An", "last_name": "Ee", "email": "home@mail.be"})
    job = firm.checked(PEOPLE, ("Aa", "An", "Ee", "home@mail.be"), ("Aa", "Bo", "Ff", "home@mail.be"))
    assert [row["plan"]["contact"]["do"] for row in job.rows()] == ["link", "create"]


@pytest.mark.parametrize(
    "name", ["bakkerij  PEETERS", "Bakkerij Peéters", "Bakkerij Peeters B.V.", "BAKKERIJ PEETERS BVBA"]
)
def test_case_accents_spaces_and_legal_forms_do_not_hide_a_record(firm: Firm, name: str) -> None:
    firm.has("accounts", {"name": "Bakkerij Peeters bv"})
    assert firm.checked(NAMES, (name,)).buckets() == ["unchanged"]


def test_another_legal_form_or_client_code_is_another_client_and_is_mentioned(firm: Firm) -> None:
    firm.has("accounts", {"name": "Aa BV"}, {"name": "Bb", "client_code": "1"})
    job = firm.checked(NAMES, ("Aa NV",), ("Bb", "2"))
    assert job.buckets() == ["new", "new"]
    assert all("similar_record" in codes for codes in job.codes())


def test_a_row_with_another_client_code_does_not_follow_one_that_means_a_record_of_that_name(
    firm: Firm,
) -> None:
    firm.has("accounts", {"name": "Aa", "client_code": "1"})
    job = firm.checked(NAMES, ("Aa",), ("Aa", "2"))
    assert job.buckets() == ["unchanged", "new"]


def test_an_id_that_no_record_has_is_an_error(firm: Firm) -> None:
    job = firm.checked(("account.record_id", "account.name"), ("f" * 24, "Aa"))
    assert (job.buckets(), job.codes()) == (["invalid"], [{"unknown_record"}])


def test_the_first_row_of_a_record_counts_and_later_rows_fill_it_and_add_to_its_lists(firm: Firm) -> None:
    rows = (
        ("Aa", "", "vip", "first"),
        ("Bb",),
        ("AA", "7", "late", "second"),
        ("aa", "", "", "__CLEAR__"),
    )
    job = firm.checked(NAMES, *rows)
    assert job.buckets() == ["new", "new", "duplicate", "duplicate"]
    assert not job.rows()[0]["problems"]
    for row, lost in ((2, "second"), (3, "__CLEAR__")):
        (conflict,) = job.rows()[row]["problems"]
        assert (conflict["code"], conflict["field"]) == ("conflict_in_file", "account.notes")
        assert all(part in conflict["message"] for part in (f"“{lost}”", "row 2", "“first”"))
    job.loaded()
    account = firm.accounts()[0]
    assert (account["client_code"], account["tags"], account["notes"]) == ("7", ["vip", "late"], "first")


@pytest.mark.parametrize(("policy", "notes"), [("fill_empty", "old"), ("overwrite", "new"), ("never", "old")])
def test_each_field_follows_its_merge_policy(firm: Firm, policy: str, notes: str) -> None:
    firm.has("accounts", {"name": "Aa", "notes": "old"}, {"name": "Bb"})
    rows = (("Aa", "", "vip", "new"), ("Bb", "", "", "new"))
    firm.checked(NAMES, *rows, merge={"account.notes": policy}).loaded()
    first, second = firm.accounts()
    assert first["notes"] == notes
    assert second.get("notes") == (None if policy == "never" else "new")
    assert first["tags"] == ["vip"]


def test_a_blank_never_clears_and_clear_does(firm: Firm) -> None:
    firm.has("accounts", {"name": "Aa", "notes": "old"}, {"name": "Bb", "notes": "old"})
    firm.checked(NAMES, ("Aa",), ("Bb", "", "", "__CLEAR__")).loaded()
    assert [account.get("notes") for account in firm.accounts()] == ["old", None]


def test_skipping_what_exists_leaves_it_alone_and_still_loads_all_of_a_new_account(firm: Firm) -> None:
    firm.has("accounts", {"name": "Aa"})
    rows = (("Aa", "An", "Ee"), ("Bb", "Bo", "Ff"), ("Bb", "An", "Ff"))
    job = firm.checked(PEOPLE, *rows, mode="create_only")
    assert job.buckets() == ["unchanged", "new", "new"]
    job.loaded()
    there = directory_of(firm.db, firm.name)
    assert (len(there["contacts"]), len(there["links"])) == (2, 2)
    assert all("updated_at" not in account for account in firm.accounts() if account["name"] == "Aa")


def test_rules_give_companies_what_they_say_and_the_report_counts_them(firm: Firm) -> None:
    team = [{"id": "bo", "name": "Bo Ff", "email": "bo@firm.be"}]
    firm.db.directories.insert_one({"_id": firm.name, "team_members": team, "revision": 1})
    then = {"folder_template": "B", "assignees_from": 2, "tags": ["X"], "login": False}
    switches = {"contact.email": {"login": True, "notify": True}}
    targets = ("account.name", "account.type", "", "contact.first_name", "contact.email")
    rows = (
        ("Aa", "Company", "bo@firm.be", "An", "an@mail.be"),
        ("Bb", "Individual", "bo@firm.be", "Bo", "bo@mail.be"),
    )
    job = OneJob(
        firm.db,
        firm.name,
        rows,
        mapping_of(*targets, account_type={"mode": "column"}),
        settings_of(
            rules=[{"when": [{"field": "account.type", "is": "Company"}], "then": then}],
            contacts=switches,
            folder_template="A",
            language="nl",
            questionnaire="Personal income tax",
        ),
    ).checked()
    report = job.job["report"]
    assert report["rules"] == [1]
    assert (report["settings"]["login"], report["settings"]["notify"]) == (1, 2)
    assert (report["settings"]["language"], report["settings"]["questionnaire"]) == (2, 2)
    job.loaded()
    company, person = firm.accounts()
    assert (company["folder_template"], company["assignees"], company["tags"]) == ("B", ["bo"], ["X"])
    assert (person["folder_template"], person["assignees"], person["tags"]) == ("A", ["anna"], [])
    assert person["questionnaire"] == {"name": "Personal income tax", "status": "not_sent"}
    there = directory_of(firm.db, firm.name)
    logins = {link["account"]: link["switches"]["contact.email"]["login"] for link in there["links"].values()}
    assert logins == {company["_id"]: False, person["_id"]: True}
    assert {contact["language"] for contact in there["contacts"].values()} == {"nl"}


def test_a_household_row_gives_one_account_with_two_people(firm: Firm) -> None:
    targets = (
        "account.name",
        "contact.first_name",
        "contact.last_name",
        "spouse.first_name",
        "spouse.last_name",
    )
    job = firm.checked(
        targets, ("Ee-Ff", "An", "Ee", "Bo", "Ff"), ("Ee-Ff", "An", "Ee", "Bo", "Ff"), ("Cc", "Cy", "Gg")
    )
    assert job.buckets() == ["new", "duplicate", "new"]
    job.loaded()
    there = directory_of(firm.db, firm.name)
    assert (len(there["accounts"]), len(there["contacts"]), len(there["links"])) == (2, 3, 3)


def test_one_contact_may_be_on_several_accounts_and_one_account_on_several_rows(firm: Firm) -> None:
    an = ("An", "Ee", "an@mail.be")
    job = firm.checked(PEOPLE, ("Aa", *an), ("Aa", "Bo", "Ff"), ("Bb", *an))
    assert job.buckets() == ["new", "new", "new"]
    job.loaded()
    there = directory_of(firm.db, firm.name)
    assert (len(there["accounts"]), len(there["contacts"]), len(there["links"])) == (2, 2, 3)


@pytest.mark.parametrize(
    ("cells", "first", "codes"),
    [
        (("04/03/1980", "01/02/1980", "04/25/1980"), "1980-04-03", []),
        (("04/03/1980", "01/02/1980", "25/04/1980"), "1980-03-04", []),
        (("04/03/1980", "01/02/1980", "05/06/1980"), "1980-03-04", ["date_order_undecided"]),
        (("25/04/1980", "26/04/1980", "04/25/1980"), "1980-04-25", ["date_order_mixed"]),
    ],
)
def test_the_order_of_dates_is_decided_over_the_whole_file(
    firm: Firm, cells: tuple[str, ...], first: str, codes: list[str]
) -> None:
    targets = ("account.name", "contact.last_name", "contact.date_of_birth")
    job = firm.checked(targets, *((f"A{n}", f"E{n}", cell) for n, cell in enumerate(cells)))
    assert job.rows()[0]["plan"]["contact"]["values"]["date_of_birth"] == first
    assert [column["code"] for column in job.job["report"]["columns"]] == codes
    warned = [bool(own) for own in job.codes()]
    assert warned == (
        [True] * 3 if codes == ["date_order_undecided"] else [False, False, "date_order_mixed" in codes]
    )


def test_searching_knows_no_accents_and_wants_all_words(firm: Firm) -> None:
    rows = [("Société Hélène", str(n)) for n in range(3)] + [("Bakkerij", "Hélène")]
    job = firm.checked(NAMES, *rows)
    assert [row["row"] for row in job.rows(text="HELENE societe")] == [2, 3, 4]
    assert [row["row"] for row in job.rows(text="hel")] == [2, 3, 4, 5]
    assert [row["row"] for row in job.rows(text="bakkerij helene")] == [5]
    assert job.rows(text="nobody") == []


def test_a_repaired_row_is_found_by_its_new_words(firm: Firm) -> None:
    job = firm.checked(NAMES, ("Aa",), ("Bb",), ("Cc",))
    job.repair({2: {0: "Zebra"}})
    assert [row["row"] for row in job.rows(text="zebra")] == [4]
    assert job.rows(text="cc") == []


@pytest.mark.parametrize(
    ("fix", "left"),
    [
        ({"action": "set", "value": "a@mail.be"}, ["a@mail.be", "ok@mail.be", "a@mail.be"]),
        ({"action": "replace", "find": "(at)", "value": "@"}, ["x@mail.be", "ok@mail.be", "y@mail.be"]),
        ({"action": "clear"}, ["", "ok@mail.be", ""]),
    ],
)
def test_all_rows_with_one_problem_are_fixed_at_once(
    firm: Firm, fix: dict[str, Any], left: list[str]
) -> None:
    rows = (
        ("Aa", "An", "Ee", "x(at)mail.be"),
        ("Bb", "Bo", "Ff", "ok@mail.be"),
        ("Cc", "Cy", "Gg", "y(at)mail.be"),
    )
    job = firm.checked(PEOPLE, *rows)
    (code,) = job.codes()[0]
    repairer = Repairer(firm.db, firm.name, job.id)
    done = repairer.repair(repairer.fixing(job.job, {"problem": code, **fix}), "anna", fix["action"])
    assert done.changed == 2
    assert [row["cells"][3] for row in job.rows()] == left
    assert (job.codes(), job.rows(problem=code)) == ([set(), set(), set()], [])


def test_all_rows_of_a_filter_are_left_out_at_once_and_nothing_of_them_is_loaded(firm: Firm) -> None:
    job = firm.checked(NAMES, ("Aa",), ("Bb", "1"), ("Ab",))
    repairer = Repairer(firm.db, firm.name, job.id)
    found = repairer.matching(job.job, Wanted(text="a"))
    assert [job.position(0), job.position(2)] == found
    job.repair(ticks={0: False, 2: False})
    assert job.buckets() == ["unselected", "new", "unselected"]
    job.loaded()
    assert [account["name"] for account in firm.accounts()] == ["Bb"]


def test_a_big_repair_that_meets_another_keeps_both_in_the_history(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = firm.checked(NAMES, ("Aa",), ("Bb",), ("Cc",))
    monkeypatch.setattr("services.validator.repair.repairing.MOST_AT_ONCE", 0)
    repairer, other = (Repairer(firm.db, firm.name, job.id) for _ in range(2))
    read, met = repairer.jobs.get, []

    def read_and_be_overtaken(job_id: str) -> dict[str, Any]:
        found = read(job_id)
        if not met:
            met.append(True)
            monkeypatch.setattr("services.validator.repair.repairing.MOST_AT_ONCE", 9)
            other.repair(job.changes({0: {3: "theirs"}}), "bo", "edit")
            monkeypatch.setattr("services.validator.repair.repairing.MOST_AT_ONCE", 0)
        return found

    monkeypatch.setattr(repairer.jobs, "get", read_and_be_overtaken)
    assert repairer.repair(job.changes({1: {3: "ours"}}), "anna", "edit").again
    job.checked()
    assert [(kept["number"], kept["by"]) for kept in job.store.repair_list()] == [(2, "anna"), (1, "bo")]
    assert [row["cells"][3] for row in job.rows()] == ["theirs", "ours", ""]
