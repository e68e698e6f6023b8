"""Tests the records that are loaded: one account however often it is named, updates that only fill, lists that grow."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.pipeline.conftest import (
    CHUNK_ROWS,
    HEADER,
    LIMIT,
    Caller,
    carried,
    columns,
    people,
    records,
    table,
)
from tests.system import Client


def filler(count: int) -> list[tuple[str, ...]]:
    """Rows of other clients, to fill chunks with."""
    return [(f"Other {n}", f"O{n}", "", "Piet", f"Maes {n}", f"piet{n}@example.be") for n in range(count)]


def test_the_same_file_again_changes_and_doubles_nothing(client: Client) -> None:
    first = carried(client, people(50))
    before = (records(client, "accounts"), records(client, "contacts"))
    second = carried(client, people(50))
    assert second["id"] != first["id"]
    assert second["counts"]["unchanged"] == second["result"]["rows_unchanged"] == 50
    assert second["result"]["accounts_created"] == second["result"]["accounts_updated"] == 0
    assert second["result"]["contacts_created"] == second["result"]["links_created"] == 0
    assert (records(client, "accounts"), records(client, "contacts")) == before
    assert len(before[0]) == 50


def test_rows_far_apart_that_name_one_account_give_one_account_with_all_its_tags(client: Client) -> None:
    header = ("Name", "Code", "Tags", "Team", "Roles", "First", "Last", "Mail")
    targets = columns(
        "account.name", "account.client_code", "account.tags", "account.team_members", "account.roles",
        "contact.first_name", "contact.last_name", "contact.email",
    )  # fmt: skip

    def other(n: int) -> tuple[str, ...]:
        return (f"Other {n}", f"O{n}", "", "", "", "Piet", f"Maes {n}", f"piet{n}@example.be")

    rows = [
        ("Peeters BV", "P1", "vip", "Anna Claes", "bookkeeper", "Jan", "Peeters", "jan@example.be"),
        *map(other, range(2 * CHUNK_ROWS)),
        ("Peeters BV", "P1", "vip, late", "bruno@example.org", "adviser", "Ann", "Peeters", "ann@example.be"),
        *map(other, range(100, 100 + CHUNK_ROWS)),
        ("Peeters BV", "P1", "monthly", "", "bookkeeper", "Jan", "Peeters", "jan@example.be"),
    ]
    job = carried(client, table(header, *rows), mapping=targets)
    assert job["source"]["rows"] == 63
    (account,) = [a for a in records(client, "accounts") if a["name"] == "Peeters BV"]
    assert account["tags"] == ["vip", "late", "monthly"]
    assert account["assignees"] == ["anna", "bruno"]
    assert account["roles"] == ["bookkeeper", "adviser"]
    (found,) = [a for a in client.every("/accounts") if a["fields"]["name"] == "Peeters BV"]
    assert len(client.get(f"/accounts/{found['id']}")["links"]) == 2
    assert job["result"]["accounts_created"] == 61
    assert job["result"]["contacts_created"] == job["result"]["links_created"] == 62
    assert job["counts"]["duplicate"] == 1


def test_one_contact_of_several_accounts_far_apart_is_linked_to_each(client: Client) -> None:
    person = ("", "Jan", "Peeters", "jan@example.be")
    rows = [
        ("One", "1", *person),
        *filler(CHUNK_ROWS + 5),
        ("Two", "2", *person),
        *filler(CHUNK_ROWS)[:0],
        ("Three", "3", *person),
    ]
    job = carried(client, table(HEADER, *rows))
    (jan,) = [c for c in client.every("/contacts") if c["fields"]["email"] == "jan@example.be"]
    assert len(client.get(f"/contacts/{jan['id']}")["links"]) == 3
    assert job["result"]["links_created"] == CHUNK_ROWS + 8


FAMILY = ("Account", "First name", "Last name", "E-mail", "Relationship")
HOUSEHOLD = [
    ("Pine family", "Ivo", "Pine", "ivo@pine.example", "echtgenoot"),
    ("Pine family", "Mia", "Pine", "mia@pine.example", "Épouse"),
    ("Pine family", "Leo", "Pine", "", "Sohn"),
    ("Pine family", "Rex", "Pine", "", "Godfather"),
    ("Pine BV", "Ivo", "Pine", "ivo@pine.example", "zaakvoerder; vennoot"),
]


def relationships(client: Client) -> dict[tuple[str, str], list[str]]:
    """By account and contact, what the links of the firm say."""
    names = {a["id"]: a["fields"]["name"] for a in client.every("/accounts")}
    return {
        (names[link["account"]], contact["fields"]["first_name"]): link["relationship"]
        for contact in client.every("/contacts")
        for link in client.get(f"/contacts/{contact['id']}")["links"]
    }


def test_what_a_contact_is_to_each_account_is_kept_added_to_and_undone(client: Client) -> None:
    first = carried(client, table(FAMILY, *HOUSEHOLD))
    loaded = {
        ("Pine family", "Ivo"): ["Husband"],
        ("Pine family", "Mia"): ["Wife"],
        ("Pine family", "Leo"): ["Son"],
        ("Pine family", "Rex"): ["Godfather"],
        ("Pine BV", "Ivo"): ["Director", "Shareholder"],
    }
    assert relationships(client) == loaded
    assert first["result"]["links_created"] == 5
    again = carried(client, table(FAMILY, *HOUSEHOLD))
    assert (again["counts"]["unchanged"], again["counts"]["duplicate"]) == (5, 0)
    later = [("Pine BV", "Ivo", "Pine", "ivo@pine.example", "Firmante"), *HOUSEHOLD[:2]]
    job = carried(client, table(FAMILY, *later))
    assert (job["counts"]["update"], job["counts"]["unchanged"]) == (1, 2)
    assert job["result"]["links_created"] == job["result"]["contacts_updated"] == 0
    grown = loaded | {("Pine BV", "Ivo"): ["Director", "Shareholder", "Signatory"]}
    assert relationships(client) == grown
    client.post(f"/jobs/{job['id']}/undo")
    client.wait_for(job["id"], "undone", limit=LIMIT)
    assert relationships(client) == loaded


def test_an_update_fills_what_is_empty_and_leaves_the_other_values(client: Client) -> None:
    header = ("Name", "Code", "Website", "Notes", "Tags")
    mapping = columns(
        "account.name", "account.client_code", "account.website", "account.notes", "account.tags"
    )
    carried(client, table(header, ("Café", "C1", "https://cafe.example", "", "vip")), mapping=mapping)
    second = carried(
        client, table(header, ("Café", "C1", "https://other.example", "new", "vip, late")), mapping=mapping
    )
    (account,) = records(client, "accounts")
    assert account["website"] == "https://cafe.example"
    assert account["notes"] == "new"
    assert account["tags"] == ["vip", "late"]
    assert second["counts"]["update"] == second["result"]["accounts_updated"] == 1


def test_an_update_overwrites_where_the_settings_say_so(client: Client) -> None:
    mapping = columns("account.name", "account.client_code", "account.notes")
    header = ("Name", "Code", "Notes")
    carried(client, table(header, ("Café", "C1", "old")), mapping=mapping)
    carried(
        client,
        table(header, ("Café", "C1", "new")),
        mapping=mapping,
        settings={"merge": {"account.notes": "overwrite", "contact.notes": "overwrite"}},
    )
    assert records(client, "accounts")[0]["notes"] == "new"


def test_a_blank_never_clears_and_the_word_for_it_does(client: Client) -> None:
    mapping = columns("account.name", "account.client_code", "account.notes", "account.industry")
    header = ("Name", "Code", "Notes", "Industry")
    carried(client, table(header, ("Café", "C1", "old", "food")), mapping=mapping)
    carried(client, table(header, ("Café", "C1", "__CLEAR__", "")), mapping=mapping)
    (account,) = records(client, "accounts")
    assert not account.get("notes")
    assert account["industry"] == "food"


def test_records_that_are_there_are_left_alone_where_matches_are_to_be_skipped(client: Client) -> None:
    mapping = columns("account.name", "account.client_code", "account.notes")
    header = ("Name", "Code", "Notes")
    carried(client, table(header, ("Café", "C1", "")), mapping=mapping)
    second = carried(
        client,
        table(header, ("Café", "C1", "new"), ("Bar", "C2", "new")),
        mapping=mapping,
        settings={"mode": "create_only"},
    )
    assert {(a["name"], a.get("notes")) for a in records(client, "accounts")} == {
        ("Café", None),
        ("Bar", "new"),
    }
    assert (second["counts"]["new"], second["counts"]["unchanged"]) == (1, 1)


def test_a_record_changed_since_the_review_is_not_written_over(client: Client) -> None:
    mapping = columns("account.name", "account.client_code", "account.notes")
    header = ("Name", "Code", "Notes")
    carried(client, table(header, ("Café", "C1", "")), mapping=mapping)
    slow = client.upload(table(header, ("Café", "C1", "of the slow")), mapping=mapping)
    client.wait_for(slow, "proposed", limit=LIMIT)
    client.post(f"/jobs/{slow}/map")
    client.wait_for(slow, "validated", limit=LIMIT)
    carried(client, table(header, ("Café", "C1", "of the quick")), mapping=mapping)
    client.post(f"/jobs/{slow}/confirm")
    job = client.wait_for(slow, "imported", limit=LIMIT)
    assert records(client, "accounts")[0]["notes"] == "of the quick"
    assert (job["result"]["rows_skipped"], job["result"]["accounts_updated"]) == (1, 0)
    (row,) = client.every(f"/jobs/{slow}/rows", problem="changed_since_review")
    assert (row["row"], row["outcome"]) == (2, "skipped")
    assert [problem["code"] for problem in row["problems"]] == ["changed_since_review"]


def test_the_same_new_clients_in_two_jobs_at_once_are_created_once(client: Client) -> None:
    jobs = [client.upload(people(60)) for _ in range(2)]
    for step, status in (("map", "validated"), ("confirm", "imported")):
        for job in jobs:
            client.wait_for(job, "proposed" if step == "map" else "validated", limit=LIMIT)
            client.post(f"/jobs/{job}/{step}")
        for job in jobs:
            client.wait_for(job, status, limit=LIMIT)
    results = [client.job(job)["result"] for job in jobs]
    assert sum(result["accounts_created"] for result in results) == 60
    assert sum(result["contacts_created"] for result in results) == 60
    assert all(r["rows_loaded"] + r["rows_skipped"] + r["rows_unchanged"] == 60 for r in results)
    names = [account["name"] for account in records(client, "accounts")]
    assert len(names) == len(set(names)) == 60


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_imported_as_a_text_file_is(client: Client) -> None:
    rows = [(f"Café {n}", f"00{n}", "vip", "Zoë", f"Noël {n}", f"zoe{n}@example.be") for n in range(30)]
    job = carried(client, workbook(HEADER, *rows), "clients.xlsx")
    assert job["source"]["format"] == "xlsx"
    assert {a["client_code"] for a in records(client, "accounts")} == {f"00{n}" for n in range(30)}


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), ("|", "utf-8-sig"), (",", "utf-8")]
)
def test_text_files_of_other_tools_are_imported(client: Client, delimiter: str, encoding: str) -> None:
    rows = [(f"Café {n}", f"00{n}", "vip", "Zoë", f"Noël {n}", f"zoe{n}@example.be") for n in range(30)]
    job = carried(client, table(HEADER, *rows, delimiter=delimiter, encoding=encoding))
    assert job["source"]["delimiter"] == delimiter
    assert {c["last_name"] for c in records(client, "contacts")} == {f"Noël {n}" for n in range(30)}


def test_rows_sent_as_json_are_imported(client: Client) -> None:
    rows = [{"Account name": f"Café {n}", "Client code": f"00{n}", "Notes": None} for n in range(30)]
    job = client.post("/jobs", {"name": "from another service", "rows": rows, "options": {"autostart": True}})
    client.wait_for(job["id"], "imported", limit=LIMIT)
    assert {a["client_code"] for a in records(client, "accounts")} == {f"00{n}" for n in range(30)}


def test_a_service_imports_for_the_firm_that_it_names(caller: Caller) -> None:
    firm = caller()
    service = caller("its-own", role="service", firms=[firm.firm], email=None)
    service.session.headers["X-Firm-Id"] = firm.firm
    carried(service, people(25))
    assert len(records(firm, "accounts")) == 25
