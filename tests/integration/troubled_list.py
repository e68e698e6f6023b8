"""Makes a list with many problems, and a job of it at every status where a job can stay."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from shared.contract.fields import FIELDS

if TYPE_CHECKING:
    from tests.integration.conftest import Standing

FIRM = "pages"
TEAM = [
    {"id": "anna", "name": "Claes, Anna", "email": "anna@example.org"},
    {"id": "bruno", "name": "Bruno Lambert", "email": "bruno@example.org"},
    {"id": "bruno2", "name": "Bruno Lambert", "email": "bruno2@example.org"},
]
CUSTOM = [
    {"record": "account", "name": "Segment", "type": "choice", "choices": ["A", "B"]},
    {"record": "account", "name": "Turnover", "type": "number"},
    {"record": "contact", "name": "Shoe size", "type": "number"},
]
DIRECTORY = {
    "team_members": TEAM,
    "custom_fields": CUSTOM,
    "tags": ["vip", "2026", "a, b"],
    "roles": ["Payroll"],
    "folder_templates": ["Standard"],
    "questionnaires": ["Intake"],
    "languages": ["en", "fr", "nl"],
}
HEADERS = {
    "ID": "account.record_id",
    "Account name": "account.name",
    "Account type": "account.type",
    "Client code": "account.client_code",
    "Enterprise number": "account.kbo_number",
    "Tax number": "account.tax_id",
    "Tags": "account.tags",
    "Team members": "account.team_members",
    "Folder template": "account.folder_template",
    "Website": "account.website",
    "Segment": "account.custom.Segment",
    "Turnover": "account.custom.Turnover",
    "First name": "contact.first_name",
    "Last name": "contact.last_name",
    "Email": "contact.email",
    "Mobile": "contact.mobile",
    "Date of birth": "contact.date_of_birth",
    "National number": "contact.national_number",
    "Language": "contact.language",
    "Country": "contact.country",
    "Postcode": "contact.postal_code",
    "Spouse first name": "spouse.first_name",
    "Spouse email": "spouse.email",
    "Extra": "",
}
#: each row is a good one but for these cells
TROUBLES: tuple[dict[str, str], ...] = (
    {},
    {"Email": "ann.oak.example"},
    {"Email": "not an address"},
    {"Email": "an@gmial.com"},
    {"Email": "one@row.example; two@row.example"},
    {"Email": "anna@example.org"},
    {"Mobile": "12"},
    {"Mobile": "0470123456 / 0470123457"},
    {"Enterprise number": "0123456789"},
    {"Enterprise number": "403170701"},
    {"Tax number": "BE 1"},
    {"Tax number": "BE0403170702"},
    {"Email": "mia@hotmial.com"},
    {"Mobile": "=A1"},
    {"Email": "mailto:"},
    {"Client code": "1.23457E+15"},
    {"National number": "85073003329"},
    {"National number": "8.5073E+10"},
    {"Date of birth": "31/02/1980"},
    {"Date of birth": "01/02/2999"},
    {"Date of birth": "1980"},
    {"Date of birth": "03/04/1985", "National number": "85.07.30-033.28"},
    {"Language": "Klingon"},
    {"Language": "German"},
    {"Country": "Atlantis"},
    {"Postcode": "ABC-1", "Country": "Belgium"},
    {"Website": "not a site"},
    {"Segment": "Z"},
    {"Turnover": "many"},
    {"Turnover": "1.234"},
    {"Folder template": "Unheard of"},
    {"Team members": "Nobody Here"},
    {"Team members": "Bruno Lambert"},
    {"Team members": "anna@example.org"},
    {"Tags": "brand new"},
    {"Account type": "Martian"},
    {"Account name": "CON"},
    {"Account name": "a/b<c>"},
    {"Account name": "=1+1"},
    {"Account name": "Two\nLines"},
    {"Account name": "#REF!"},
    {"Account name": "n" * 400},
    {"Account name": "Same", "Email": "same@row.example", "First name": "Same", "Last name": "Same"},
    {"Account name": "Same", "Email": "same@row.example", "First name": "Same", "Last name": "Same"},
    {"Client code": "K1", "Email": "conflict@row.example", "Account type": "Company"},
    {"Client code": "K1", "Email": "conflict@row.example", "Account type": "Individual"},
    {"First name": "An & Bob", "Last name": "Peeters"},
    {"Account name": "", "First name": "", "Last name": "Jan en Piet Peeters"},
    {"ID": "0123456789abcdef01234567"},
    {"Account type": "Left out"},
    {"Website": "https://filled.example"},
    {"Email": "family@row.example", "First name": "Ida"},
    {"Email": "family@row.example", "First name": "Otto"},
    {"Account name": "", "First name": "", "Last name": "", "Email": "", "Mobile": "0470123456"},
    {"Spouse first name": "Sam", "Spouse email": "sam at home"},
    {"Account name": '<b onclick="x()">Bold & Co</b>', "Last name": "{{ 7 * 7 }}"},
)


def mapping() -> dict[str, Any]:
    """Where the columns go, as a person may choose it; one value leaves its rows out."""
    columns = [
        {
            "index": index,
            "action": "sync" if target in FIELDS or ".custom." in target else "skip",
            "target": target,
        }
        for index, target in enumerate(HEADERS.values())
    ]
    values = {"account.type": {"Left out": "__SKIP__"}}
    return {"columns": columns, "account_type": {"mode": "column", "column": 2}, "values": values}


def troubled_list() -> bytes:
    """The list as a CSV file; two rows have a cell too many and some too few."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADERS)
    for number, troubles in enumerate(TROUBLES):
        good = {
            "Account name": f"Client {number}",
            "Account type": "Company",
            "First name": "Mia",
            "Last name": f"Jansen{chr(97 + number % 26)}{chr(97 + number // 26)}",
            "Email": f"mia{number}@row.example",
        }
        writer.writerow([{**good, **troubles}.get(header, "") for header in HEADERS])
    writer.writerow(["Too many", *[""] * (len(HEADERS) - 1), "one more"])
    writer.writerow(["Too few", "Company"])
    return text.getvalue().encode()


def make_jobs_to_look_at(made: Standing) -> None:
    """Jobs of the list at every status; an employee brings it, who may neither make tags nor assign others."""
    from tests.integration.conftest import token

    owner, employee = token(FIRM), token(FIRM, role="employee", sub="bruno", permissions=["manage_contacts"])
    made.good("PUT", "/directory", bearer=owner, json=DIRECTORY)

    def bring(content: bytes, *calls: str, bearer: str = owner) -> str:
        file = (BytesIO(content), "clients.csv")
        job = made.good("POST", "/jobs", bearer=bearer, data={"file": file})["id"]
        made.wait(job, "proposed")
        if content.startswith(b"ID;"):
            made.good("PUT", f"/jobs/{job}/mapping", bearer=bearer, json=mapping())
        for call, status in zip(calls, ("validated", "imported", "undone"), strict=False):
            made.good("POST", f"/jobs/{job}/{call}", bearer=bearer)
            made.wait(job, status)
        return job

    more = troubled_list() + b";Brand new;Company" + b";" * 10 + b"Ada;New;ada@new.example\n"
    found: dict[str, Any] = {
        "of an employee": bring(troubled_list(), "map", bearer=employee),
        "imported": bring(troubled_list().replace(b"https://filled.example", b""), "map", "confirm"),
        "undone": bring(b"Name;Email\nGone;gone@row.example\n", "map", "confirm", "undo"),
        "validated": bring(more, "map"),
        "proposed": bring(troubled_list()),
    }
    made.looked_at = found
