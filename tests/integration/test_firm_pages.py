"""The pages of the firm's own data: what is typed is kept, renamed with its clients, or refused in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.conftest import Standing, token
from tests.visiting import Page, Visitor, serve_pages

FIRM = "pages-of-a-firm"
LISTS = ("tags", "contact_tags", "roles", "folder_templates", "questionnaires")


@pytest.fixture(scope="module")
def own(standing: Standing) -> Iterator[Standing]:
    record: Any = standing.db.accounts.find_one({"firm": "standing"}) or {}
    for n in range(250):
        made = {
            "_id": f"{FIRM}/{n:024x}",
            "firm": FIRM,
            "name": f"A{n}",
            "tags": ["old", "x"],
            "roles": ["old"],
        }
        more = {
            "folder_template": "old",
            "questionnaire": {"name": "old", "status": "sent"},
            "assignees": ["an"],
        }
        standing.db.accounts.insert_one(
            {**record, **made, **more, "custom": {"f1": "Care"}, "keys": [], "listed": []}
        )
    serve_pages(standing.app)
    yield standing
    standing.db.accounts.delete_many({"firm": FIRM})
    standing.db.directories.delete_one({"_id": FIRM})


@pytest.fixture
def person(own: Standing) -> Visitor:
    return Visitor(own.app, token(FIRM))


def firm(standing: Standing) -> Any:
    return standing.good("GET", "/directory", bearer=token(FIRM))


def put(standing: Standing, **parts: Any) -> None:
    standing.good("PUT", "/directory", json=parts, bearer=token(FIRM))


def form(page: Page, button: tuple[str, str]) -> Any:
    (found,) = (one for one in page.content.forms if button in one.buttons)
    return found


def press(person: Visitor, page: Page, go: str, **changes: str) -> Page:
    button = ("go", go)
    return person.send(page, form(page, button), button, **changes)


@pytest.mark.parametrize("part", LISTS)
def test_a_name_is_added_once_renamed_with_its_clients_and_removed(
    own: Standing, person: Visitor, part: str
) -> None:
    put(own, **{part: []})
    page = person.open(f"/firm/{part}")
    add = next(one for one in page.content.forms if any(c.name == "names" for c in one.controls))
    assert person.send(page, add, names="old\r\n OLD \r\n\r\nÉté & <b>\r\n").status == 200
    assert firm(own)[part] == ["old", "Été & <b>"]
    entry = person.open(f"/firm/{part}/entry?name=old")
    kind = "contacts" if part == "contact_tags" else "accounts"
    used = 0 if kind == "contacts" else 250
    assert (f"{used} clients use it" in entry.text) == bool(used)
    done = press(person, entry, "save", **{"f.name": "new"})
    assert firm(own)[part] == ["new", "Été & <b>"], done.text
    assert own.good("GET", f"/directory/uses?part={part}&name=new", bearer=token(FIRM))[kind] == used
    # renamed to another of the list, both are one
    press(person, person.open(f"/firm/{part}/entry?name=Été %26 <b>"), "save", **{"f.name": "new"})
    assert firm(own)[part] == ["new"]
    entry = person.open(f"/firm/{part}/entry?name=new")
    press(person, entry, "everywhere" if used else "list")
    assert firm(own)[part] == []
    assert own.db.accounts.count_documents({"firm": FIRM, "name": {"$exists": True}}) == 250


def test_a_name_that_is_none_is_refused_and_what_was_typed_stays(own: Standing, person: Visitor) -> None:
    put(own, tags=["a"], team_members=[])
    page = person.open("/firm/tags")
    (add,) = [one for one in page.content.forms if any(c.name == "names" for c in one.controls)]
    refused = person.send(page, add, names=f"fine\r\n{'x' * 101}")
    assert refused.status == 422
    assert "x" * 101 in refused.text
    page = press(person, person.open("/firm/tags/entry?name=a"), "save", **{"f.name": "x" * 101})
    assert page.status == 422
    assert "x" * 101 in page.text
    people = person.open("/firm/team_members")
    paste = next(one for one in people.content.forms if any(c.name == "names" for c in one.controls))
    refused = person.send(people, paste, names="An Smets")
    assert (refused.status, "An Smets" in refused.text) == (422, True)
    assert firm(own)["tags"] == ["a"]


def test_two_people_at_one_form_the_second_is_refused_and_sees_both_values(
    own: Standing, person: Visitor
) -> None:
    put(own, locale={"language": None, "country": "BE", "time_zone": "Europe/Brussels", "date_order": "DMY"})
    mine = theirs = person.open("/firm/locale")
    saved = person.send(theirs, theirs.form("/firm/locale"), **{"f.locale.country": "NL"})
    assert saved.status == 200
    refused = person.send(mine, mine.form("/firm/locale"), **{"f.locale.time_zone": "Europe/Paris"})
    assert refused.status == 412
    assert "Kept now: NL" in refused.text
    assert firm(own)["locale"]["country"] == "NL"
    again = person.send(refused, refused.form("/firm/locale"))
    assert again.status == 200
    assert firm(own)["locale"] == {
        "language": None, "country": "BE", "time_zone": "Europe/Paris", "date_order": "DMY",
    }  # fmt: skip
    # somebody who changes another part is in nobody's way
    page = person.open("/firm/retention")
    put(own, tags=["meanwhile"])
    assert person.send(page, page.form("/firm/retention"), **{"f.retention.undo_days": "9"}).status == 200
    assert (firm(own)["retention"]["undo_days"], firm(own)["tags"]) == (9, ["meanwhile"])


def test_members_and_fields_are_added_changed_handed_over_and_taken_away(
    own: Standing, person: Visitor
) -> None:
    put(own, team_members=[], custom_fields=[])
    own.db.accounts.update_many({"firm": FIRM}, {"$set": {"assignees": ["an"], "custom": {"f1": "Care"}}})
    page = person.open("/firm/team_members")
    press(person, page, "one", **{"f.id": "an", "f.name": "An", "f.email": "an@x.example"})
    page = person.open("/firm/team_members")
    paste = next(one for one in page.content.forms if any(c.name == "names" for c in one.controls))
    person.send(page, paste, names="Bo Claes <bo@x.example>\r\nan@x.example")
    assert [each["id"] for each in firm(own)["team_members"]] == ["an", "bo@x.example"]
    refused = press(person, person.open("/firm/team_members/entry?name=an"), "save", **{"f.email": "none"})
    assert (refused.status, 'value="none"' in refused.text) == (422, True)
    press(person, person.open("/firm/team_members/entry?name=an"), "hand_over", to="bo@x.example")
    assert [each["id"] for each in firm(own)["team_members"]] == ["bo@x.example"]
    assert own.db.accounts.count_documents({"firm": FIRM, "assignees": "bo@x.example"}) == 250
    put(own, custom_fields=[{"name": "Sector", "type": "text", "record": "account"}])
    (sector,) = firm(own)["custom_fields"]
    own.db.accounts.update_many({"firm": FIRM}, {"$set": {"custom": {sector["id"]: "Care"}}})
    key = f"/firm/custom_fields/entry?name=account.{sector['id']}"
    assert press(person, person.open(key), "save", **{"f.type": "number"}).status == 422
    press(
        person,
        person.open(key),
        "save",
        **{"f.name": "Trade", "f.type": "choice", "f.choices": "Care\r\nFood"},
    )
    assert firm(own)["custom_fields"] == [
        {
            "id": sector["id"],
            "name": "Trade",
            "type": "choice",
            "record": "account",
            "choices": ["Care", "Food"],
        }
    ]
    press(person, person.open(key), "everywhere")
    assert firm(own)["custom_fields"] == []
    assert own.db.accounts.count_documents({"firm": FIRM, "custom": {"$exists": True}}) == 0


def test_pages_of_a_large_firm_are_light_and_found_by_search(own: Standing, person: Visitor) -> None:
    people = [{"id": f"p{n}", "name": f"Person {n}", "email": f"p{n}@x.example"} for n in range(500)]
    put(own, tags=[f"Tag number {n} with a long name" for n in range(5000)], team_members=people)
    for url in (
        "/firm",
        "/firm/tags",
        "/firm/tags?start=4990",
        "/firm/team_members",
        "/firm/team_members/entry?name=p7",
    ):
        page = person.open(url)
        assert (page.status, len(page.text.encode()) < 200_000) == (200, True), url
    found = person.open("/firm/tags?q=NUMBER 4321")
    assert "Tag number 4321" in found.text
    put(own, tags=[], team_members=[])


def test_folders_of_a_template_are_kept_and_shown_by_its_accounts(own: Standing, person: Visitor) -> None:
    put(own, folder_templates=["One", "Two"])
    entry = person.open("/firm/folder_templates/entry?name=Two")
    assert press(person, entry, "save", **{"f.folders": "Tax//x"}).status == 422
    press(person, entry, "save", **{"f.folders": "Tax/2026\r\nAudit", "f.name": "Three"})
    press(person, person.open("/firm/folder_templates/entry?name=Three"), "first")
    kept = firm(own)
    assert kept["folder_templates"] == ["Three", "One"]
    assert kept["folder_template_folders"] == {"Three": ["Tax/2026", "Audit"]}
    own.db.accounts.update_one({"_id": f"{FIRM}/{0:024x}"}, {"$set": {"folder_template": "Three"}})
    shown = own.good("GET", f"/accounts/{0:024x}", bearer=token(FIRM))
    assert shown["folders"] == ["Tax/2026", "Audit"]
    whole = {name: part for name, part in kept.items() if name != "revision"}
    put(own, **whole)
    assert {**firm(own), "revision": 0} == {**kept, "revision": 0}


def test_only_who_may_change_the_firm_sees_its_pages(own: Standing) -> None:
    employee = Visitor(own.app, token(FIRM, role="employee", permissions=["manage_contacts"]))
    assert [employee.open(url).status for url in ("/firm", "/firm/tags", "/firm/locale")] == [403] * 3
    assert "/firm" not in employee.open("/").content.links
    assert "/firm" in Visitor(own.app, token(FIRM)).open("/").content.links
