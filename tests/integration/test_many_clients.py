"""Tests changes of many clients over HTTP: by ids and by filter, previewed, in several calls, and made again."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from services.importer.api import many_records
from shared.contract.records import link_id, public_id
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import in_transaction
from tests.integration.conftest import Standing, token


class Office:
    """A firm with seven accounts and as many contacts."""

    def __init__(self, standing: Standing) -> None:
        self.standing, self.name = standing, f"office-{uuid.uuid4().hex[:8]}"
        self.bearer = token(self.name)
        store = DirectoryStore(standing.db, self.name)
        store.replace_reference({"tags": ["VIP"], "team_members": [{"id": "an", "name": "An"}]}, None)
        frame = {"firm": self.name, "revision": 1, "jobs": [], "job": None, "keys": []}
        frame |= dict.fromkeys(("created_at", "updated_at"), datetime.now(UTC))
        self.ids = [f"{self.name}/{n:024x}" for n in range(7)]
        for kind in ("accounts", "contacts"):
            own = [
                {
                    "_id": i,
                    **frame,
                    "name": f"N{n}",
                    "last_name": f"L{n}",
                    "tags": ["VIP"] if n < 3 else ["x"],
                }
                for n, i in enumerate(self.ids)
            ]
            in_transaction(standing.db, lambda session, k=kind, r=own: store.insert(k, r, session))
        for identity in self.ids[:4]:
            link = {"_id": link_id(identity, identity), "firm": self.name, "account": identity, "job": None}
            switches = {"contact.email": {"login": True, "notify": True, "email_sync": True}}
            standing.db.links.insert_one({**link, "contact": identity, "switches": switches})

    def bulk(self, kind: str, **body: Any) -> Any:
        return self.standing.good("POST", f"/{kind}/bulk", json=body, bearer=self.bearer)

    def count(self, kind: str, **query: Any) -> int:
        return self.standing.db[kind].count_documents({"firm": self.name, **query})


@pytest.fixture
def office(standing: Standing) -> Office:
    return Office(standing)


def test_a_change_of_all_that_match_goes_on_until_next_is_null(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_records, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(many_records, "AT_ONCE", 2)
    changes = {"add_tags": ["vip"], "add_assignees": ["an"], "questionnaire": "Personal income tax"}

    def all_of(**more: Any) -> tuple[int, int, int]:
        calls, changed, unchanged, after = 0, 0, 0, None
        while calls == 0 or after:
            done = office.bulk("accounts", filter={}, changes=changes, after=after, **more)
            calls, changed, unchanged = calls + 1, changed + done["changed"], unchanged + done["unchanged"]
            after = done["next"]
        return calls, changed, unchanged

    assert all_of(preview=True) == (3, 7, 0)
    assert office.count("accounts", assignees="an") == 0
    assert all_of() == (3, 7, 0)
    assert office.count("accounts", tags="VIP", assignees="an") == 7
    assert office.count("accounts", **{"questionnaire.status": "not_sent"}) == 7
    assert all_of() == (3, 0, 7)
    line = office.standing.good("GET", f"/accounts/{public_id(office.ids[0])}", bearer=office.bearer)[
        "history"
    ][-1]
    assert line["what"] == "bulk"
    assert "account.questionnaire" in {each["field"] for each in line["fields"]}


def test_a_filter_that_the_change_makes_untrue_still_reaches_every_record(office: Office) -> None:
    done = office.bulk("accounts", filter={"tag": "VIP"}, changes={"remove_tags": ["VIP"]})
    assert (done["changed"], done["unchanged"], done["next"]) == (3, 0, None)
    assert office.count("accounts", tags="VIP") == 0
    assert office.count("accounts", tags={"$exists": False}) == 3


def test_switches_change_on_the_links_of_contacts(office: Office) -> None:
    ids = [public_id(each) for each in office.ids]
    first = office.bulk("contacts", ids=ids, changes={"login": False, "add_tags": ["x"]})
    assert (first["changed"], first["unchanged"]) == (4, 3)
    links = list(office.standing.db.links.find({"firm": office.name}))
    assert {link["switches"]["contact.email"]["login"] for link in links} == {False}
    assert {link["switches"]["contact.email"]["notify"] for link in links} == {True}
    again = office.bulk("contacts", ids=ids, changes={"login": False, "add_tags": ["x"]})
    assert (again["changed"], again["unchanged"]) == (0, 7)


def test_what_the_firm_does_not_have_changes_nothing(office: Office) -> None:
    body = {"filter": {}, "changes": {"add_assignees": ["nobody"]}}
    answer = office.standing.call("POST", "/accounts/bulk", bearer=office.bearer, json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["place"].endswith("add_assignees")
