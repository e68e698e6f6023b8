"""Tests clients that people make, link and merge: as in an import, and nothing is lost, also by imports between."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.importer.directory.links_given import new_link
from services.importer.directory.new_clients import framed
from shared.contract.documents.chunk import Undone
from shared.contract.records import public_id
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import Session, in_transaction
from tests.examples import examples
from tests.integration.carrying import Carried
from tests.integration.choosing import mapping_of
from tests.integration.conftest import Standing, token

COLUMNS = mapping_of(
    "account.name", "contact.first_name", "contact.last_name", "contact.email", "contact.job_title"
)


class Office:
    """A firm with nothing in it."""

    def __init__(self, standing: Standing) -> None:
        self.standing, self.name = standing, f"hand-{uuid.uuid4().hex[:8]}"
        self.bearer = token(self.name)
        members = [{"id": "bob", "name": "Bob", "email": "bob@office.example", "default_access": True}]
        DirectoryStore(standing.db, self.name).replace_reference(
            {"tags": ["VIP"], "team_members": members, "events": "each"}, None
        )

    def ask(self, method: str, path: str, **how: Any) -> Any:
        return self.standing.call(method, path, bearer=self.bearer, **how)

    def good(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        return self.standing.good(method, path, json=body, bearer=self.bearer, **how)

    def account(self, **fields: Any) -> dict[str, Any]:
        return self.good("POST", "/accounts", fields)

    def contact(self, **fields: Any) -> dict[str, Any]:
        return self.good("POST", "/contacts", fields)

    def snapshot(self) -> dict[str, Any]:
        """All records and links, without what counts changes."""
        counting = ("revision", "updated_at", "same_as", "changed", "linked_at")
        return {
            kind: {
                each["_id"]: {name: value for name, value in each.items() if name not in counting}
                for each in self.standing.db[kind].find({"firm": self.name})
            }
            for kind in ("accounts", "contacts", "links")
        }

    def events(self) -> list[str]:
        found = self.standing.db.outbox.find({"firm": self.name})
        return sorted(change[0] for entry in found for change in _events(entry))

    def bring(self, *rows: tuple[str, ...]) -> Carried:
        """An import of account name, first name, last name, e-mail address and job title."""
        return Carried(self.standing.db, self.name, rows, COLUMNS).loaded()


def _events(entry: Any) -> list[tuple[str, str]]:
    return [
        (name, "") for name in str(entry["changes"]).split("'") if name.startswith(("account.", "contact."))
    ]


@pytest.fixture
def office(standing: Standing) -> Office:
    return Office(standing)


HOUSEHOLD: dict[str, Any] = {
    "name": "Maes - Peeters",
    "type": "gezin",
    "phone": "02 555 12 12",
    "tags": ["vip", "Nieuw"],
    "contacts": [
        {
            "fields": {"first_name": "Jan", "last_name": "Maes", "email": "jan@maes.example"},
            "relationship": ["echtgenoot"],
        },
        {
            "fields": {"first_name": "Ann", "last_name": "Peeters", "mobile": "0470/12.34.56"},
            "relationship": ["épouse"],
            "switches": {"contact.email": {"login": False}},
        },
    ],
}  # fmt: skip


def test_a_household_is_made_with_its_people_in_one_call(office: Office) -> None:
    answer = office.ask("POST", "/accounts", json=HOUSEHOLD, headers={"Idempotency-Key": "k1"})
    made = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/accounts/{made['id']}")
    assert answer.headers["ETag"] == '"1"'
    assert (made["fields"]["type"], made["fields"]["phone"]) == ("Other", "+3225551212")
    assert (made["fields"]["tags"], made["fields"]["assignees"]) == (["VIP", "Nieuw"], ["bob"])
    assert {link["name"]: link["relationship"] for link in made["links"]} == {
        "Jan Maes": ["Husband"],
        "Ann Peeters": ["Wife"],
    }
    assert {fix["field"] for fix in made["fixes"]} == {"type", "phone", "tags", "contacts.1.mobile"}
    assert (made["history"][0]["what"], made["history"][0]["by"]) == ("created", "u1@firm.example")
    again = office.ask("POST", "/accounts", json=HOUSEHOLD, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json["id"], again.headers["Idempotency-Replayed"]) == (
        201,
        made["id"],
        "true",
    )
    other = office.ask("POST", "/accounts", json={"name": "x"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    assert "Nieuw" in office.good("GET", "/directory")["tags"]
    assert office.standing.db.accounts.count_documents({"firm": office.name}) == 1


@pytest.mark.parametrize(
    ("known", "new", "why"),
    [
        ({"name": "A", "client_code": "007"}, {"name": "B", "client_code": "007"}, "client_code"),
        ({"name": "A", "kbo_number": "0403.019.261"}, {"name": "B", "tax_id": "BE0403019261"}, "number"),
        ({"name": "Bakkerij Maes BV"}, {"name": "bakkerij maes bv"}, "name"),
        ({"name": "Maes", "email": "a@maes.be"}, {"name": "Maes", "email": "A@maes.be"}, "email_and_name"),
    ],
)
def test_an_account_that_the_firm_may_have_is_refused_unless_in_doubt_it_is_made(
    office: Office, known: Any, new: Any, why: str
) -> None:
    first = office.account(**known)
    answer = office.ask("POST", "/accounts", json=new)
    assert (answer.status_code, answer.json["code"]) == (409, "may_be_known")
    assert [(one["record"], one["code"], one["name"]) for one in answer.json["errors"]] == [
        (first["id"], why, known["name"])
    ]
    assert office.account(**new, on_doubt="create")["id"] != first["id"]


def test_wrong_values_of_a_new_client_are_refused_at_their_places(office: Office) -> None:
    body = {"name": "n/a", "phone": "12", "contacts": [{"fields": {"email": "nobody"}}, {"id": "00"}]}
    answer = office.ask("POST", "/accounts", json=body)
    assert {one["place"] for one in answer.json["errors"]} == {"name", "phone"}
    body |= {"name": "A", "phone": None}
    assert office.ask("POST", "/accounts", json=body).json["errors"][0]["place"] == "contacts.0.fields.email"
    body["contacts"] = [{"id": "00"}]
    assert office.ask("POST", "/accounts", json=body).json["errors"][0]["place"] == "json.contacts.0.id"
    assert office.snapshot() == {"accounts": {}, "contacts": {}, "links": {}}


def test_links_are_made_changed_and_taken_off_with_a_history_at_both_ends(office: Office) -> None:
    account, contact = office.account(name="A"), office.contact(last_name="Maes", email="jan@maes.example")
    where = f"/accounts/{account['id']}/contacts/{contact['id']}"
    made = office.ask("PUT", where, json={"relationship": ["zaakvoerder"]})
    assert (made.status_code, made.json["relationship"], made.headers["ETag"]) == (200, ["Director"], '"1"')
    assert made.json["switches"] == {"contact.email": {"login": True, "notify": True, "email_sync": True}}
    again = office.ask("PUT", where, json={"relationship": ["Director"]})
    assert (again.status_code, again.json["revision"]) == (200, 1)
    changed = office.good(
        "PUT", where, {"switches": {"contact.email": {"login": False}}}, headers={"If-Match": '"1"'}
    )
    assert (changed["relationship"], changed["switches"]["contact.email"]["login"]) == (["Director"], False)
    assert office.ask("PUT", where, json={}, headers={"If-Match": '"1"'}).status_code == 412
    assert office.ask("DELETE", where, headers={"If-Match": '"1"'}).status_code == 412
    assert office.ask("DELETE", where, headers={"If-Match": '"2"'}).status_code == 204
    assert office.ask("DELETE", where).status_code == 404
    for path, name in ((f"/accounts/{account['id']}", "Maes"), (f"/contacts/{contact['id']}", "A")):
        lines = [line for line in office.good("GET", path)["history"] if line["what"] == "link"]
        assert [(line["fields"][0]["old"], line["fields"][0]["new"]) for line in lines] == [
            (None, f"{name} (Director)"),
            (f"{name} (Director)", f"{name} (Director)"),
            (f"{name} (Director)", None),
        ]
    assert office.events().count("contact.updated") == 3


def people(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two contacts who are one, each with accounts of their own and one in common."""
    jan = office.contact(first_name="Jan", last_name="Maes", email="jan@maes.example", tags=["a"])
    johan = office.contact(
        first_name="Johan", last_name="Maes", email="johan@maes.example", phone="02 555 12 12", tags=["b"]
    )
    for name, who in (("One", [jan]), ("Two", [johan]), ("Both", [jan, johan])):
        office.account(name=name, contacts=[{"id": each["id"], "relationship": [name]} for each in who])
    return jan, johan


def test_a_merge_is_previewed_made_and_undone(office: Office) -> None:
    jan, johan = people(office)
    before = office.snapshot()
    body = {"other": johan["id"], "take": ["email"]}
    shown = office.good("POST", f"/contacts/{jan['id']}/merge", {**body, "preview": True})
    assert office.snapshot() == before
    fields = {each["field"]: (each["mine"], each["theirs"], each["result"]) for each in shown["fields"]}
    assert fields["email"] == ("jan@maes.example", "johan@maes.example", "johan@maes.example")
    assert fields["phone"] == (None, "+3225551212", "+3225551212")
    assert fields["tags"] == (["a"], ["b"], ["a", "b"])
    assert (shown["merge"], len(shown["links"])) == (None, 3)
    made = office.good("POST", f"/contacts/{jan['id']}/merge", body)
    assert {k: v for k, v in made.items() if k not in ("merge", "undo_until")} == {
        k: v for k, v in shown.items() if k not in ("merge", "undo_until")
    }
    merged = office.good("GET", f"/contacts/{jan['id']}")
    assert {link["name"]: link["relationship"] for link in merged["links"]} == {
        "One": ["One"], "Two": ["Two"], "Both": ["Both"],
    }  # fmt: skip
    assert merged["history"][-1]["merge"] == made["merge"]
    gone = office.ask("GET", f"/contacts/{johan['id']}")
    assert (gone.status_code, gone.json["code"], gone.json["errors"][0]["record"]) == (
        410,
        "merged",
        jan["id"],
    )
    assert office.ask("DELETE", f"/contacts/{johan['id']}").status_code == 410
    undone = office.good("POST", f"/contacts/{jan['id']}/merges/{made['merge']}/undo")
    assert (undone["restored"], undone["kept_fields"], undone["kept_links"]) == (johan["id"], [], [])
    assert office.snapshot() == before
    again = office.ask("POST", f"/contacts/{jan['id']}/merges/{made['merge']}/undo")
    assert (again.status_code, again.json["code"]) == (409, "merge_expired")


def test_an_import_between_finds_either_and_loses_nothing(office: Office) -> None:
    jan, johan = people(office)
    made = office.good("POST", f"/contacts/{jan['id']}/merge", {"other": johan["id"]})
    result = office.bring(
        ("New NV", "Johan", "Maes", "johan@maes.example", "Baker"),
        ("One", "Jan", "Maes", "jan@maes.example", ""),
    ).job["result"]
    assert (result["contacts_created"], result["accounts_created"]) == (0, 1)
    now = office.good("GET", f"/contacts/{jan['id']}")
    assert (now["fields"]["job_title"], len(now["links"])) == ("Baker", 4)
    undone = office.good("POST", f"/contacts/{jan['id']}/merges/{made['merge']}/undo")
    assert undone["kept_fields"] == ["email", "job_title"]
    assert len(undone["kept_links"]) == 1
    assert {link["name"] for link in undone["links"]} == {"One", "Both", "New NV"}
    assert {link["name"] for link in office.good("GET", f"/contacts/{johan['id']}")["links"]} == {
        "Two",
        "Both",
    }


def test_an_undo_of_an_import_after_a_merge_leaves_what_was_merged_and_says_so(office: Office) -> None:
    job = office.bring(
        ("One", "Jan", "Maes", "jan@maes.example", ""), ("Two", "Johan", "Maes", "johan@maes.example", "")
    )
    ids = {each["fields"]["first_name"]: each["id"] for each in office.good("GET", "/contacts")["items"]}
    made = office.good("POST", f"/contacts/{ids['Jan']}/merge", {"other": ids["Johan"]})
    job.undone([0])
    now = office.good("GET", f"/contacts/{ids['Jan']}")
    assert {link["name"] for link in now["links"]} == {"Two"}  # One is as the import made it, and goes
    undone = job.rows.read(Undone, job.job["undo"]["of"], 0)
    assert "merged_since" in {reason.code for own in undone.reasons.values() for reason in own}
    office.good("POST", f"/contacts/{ids['Jan']}/merges/{made['merge']}/undo")
    assert office.ask("GET", f"/contacts/{ids['Johan']}").status_code == 200


def test_contradictions_need_a_word_and_circles_lead_nowhere(office: Office) -> None:
    one, two, three = (office.account(name=name) for name in ("A", "B", "C"))
    office.good("PATCH", f"/accounts/{one['id']}", {"kbo_number": "0403019261"})
    office.good("PATCH", f"/accounts/{two['id']}", {"kbo_number": "0202239951"})
    where = f"/accounts/{one['id']}/merge"
    refused = office.ask("POST", where, json={"other": two["id"]})
    assert (refused.status_code, refused.json["code"]) == (409, "contradicts")
    assert office.good("POST", where, {"other": two["id"], "preview": True})["contradictions"] == ["number"]
    first = office.good("POST", where, {"other": two["id"], "anyway": True})["merge"]
    assert office.ask("POST", where, json={"other": one["id"]}).status_code == 422
    assert office.ask("POST", where, json={"other": two["id"]}).status_code == 410
    office.good("POST", f"/accounts/{three['id']}/merge", {"other": one["id"]})
    gone = office.ask("GET", f"/accounts/{two['id']}")
    assert gone.json["errors"][0]["record"] == three["id"]
    again = office.ask("POST", f"/accounts/{one['id']}/merges/{first}/undo")
    assert (again.status_code, again.json["code"]) == (409, "merged_again")


def test_who_was_invited_under_one_of_two_records_is_invited(office: Office) -> None:
    jan, johan = people(office)
    letter = {
        "_id": f"{office.name}/{johan['id']}", "firm": office.name, "kind": "invitations", "status": "sent",
        "contact": f"{office.name}/{johan['id']}", "address": "johan@maes.example", "error": None, "sendings": [],
    }  # fmt: skip
    office.standing.db.letters.insert_one({**letter, "changed_at": datetime.now(UTC)})
    assert office.good("GET", f"/contacts/{jan['id']}")["invitation"]["status"] == "not_sent"
    made = office.good("POST", f"/contacts/{jan['id']}/merge", {"other": johan["id"]})
    assert office.good("GET", f"/contacts/{jan['id']}")["invitation"]["status"] == "sent"
    office.good("POST", f"/contacts/{jan['id']}/merges/{made['merge']}/undo")
    assert office.good("GET", f"/contacts/{jan['id']}")["invitation"]["status"] == "not_sent"
    assert office.good("GET", f"/contacts/{johan['id']}")["invitation"]["status"] == "sent"
    office.standing.db.letters.delete_many({"firm": office.name})


def four_of_each(office: Office, links: set[tuple[int, int]]) -> dict[str, list[str]]:
    """Four accounts and four contacts, some of them linked; gives their ids."""
    store, now = DirectoryStore(office.standing.db, office.name), datetime(2026, 1, 1, tzinfo=UTC)
    ids = [f"{office.name}/{n:024x}" for n in range(4)]
    values: dict[str, list[dict[str, object]]] = {
        "accounts": [{"name": f"A{n}", "client_code": str(n), "tags": [f"t{n % 2}"]} for n in range(4)],
        "contacts": [{"last_name": f"C{n}", "email": f"c{n}@maes.be"} for n in range(4)],
    }
    made = [new_link(office.name, ids[a], ids[c], now, [f"R{a}"], {}) for a, c in sorted(links)]

    def write(session: Session) -> None:
        for kind, own in values.items():
            whole = [
                framed(i, office.name, kind[:-1], one, now, None) for i, one in zip(ids, own, strict=True)
            ]
            store.insert(kind, whole, session)
        store.link(made, session, look=False)

    in_transaction(office.standing.db, write)
    return {kind: [public_id(each) for each in ids] for kind in values}


PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=3)


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(merges=PAIRS, links=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_merges_undone_in_turn_leave_the_firm_as_it_was(
    standing: Standing, merges: list[tuple[int, int, bool]], links: set[tuple[int, int]]
) -> None:
    office = Office(standing)
    ids = four_of_each(office, links)
    done = []
    for kept, gone, of_accounts in merges:
        kind = "accounts" if of_accounts else "contacts"
        before = office.snapshot()
        answer = office.ask("POST", f"/{kind}/{ids[kind][kept]}/merge", json={"other": ids[kind][gone]})
        if kept == gone:
            assert answer.status_code in (410, 422)
        elif answer.status_code == 200:
            done.append((f"/{kind}/{ids[kind][kept]}/merges/{answer.json['merge']}/undo", before))
        else:
            assert answer.status_code == 410  # one of both is part of another by now
            assert office.snapshot() == before
    for undo, before in reversed(done):
        undone = office.good("POST", undo)
        assert (undone["kept_fields"], undone["kept_links"]) == ([], [])
        assert office.snapshot() == before
