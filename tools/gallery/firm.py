"""A firm with something to see on every page: imports at each status where they stay, clients, a webhook."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

import httpx

from carryover_client import Client
from carryover_client.answers import Records
from tools.guide.pictures import TEAM

LIMIT = 60.0  # seconds until a job is where it should be
DIRECTORY = {
    "team_members": TEAM,
    "tags": ["vip", "food"],
    "folder_templates": ["Default tax years"],
    "questionnaires": ["Personal income tax"],
    "custom_fields": [{"record": "account", "name": "Segment", "type": "choice", "choices": ["A", "B"]}],
}
HEADERS = (
    *("Account name", "Account type", "Client code", "First name", "Last name", "Email", "Mobile", "City"),
    *("Date of birth", "Tags", "Team members", "Segment", "Language", "Binder colour"),
)
KNOWN = (
    ("Drukkerij Maes", "Company", "D-1", "Ilse", "Maes", "ilse@maes.example", "+32470111222", "Gent"),
    ("Lefèvre Zoé", "Individual", "L-1", "Zoé", "Lefèvre", "zoe@lefevre.example", "", "Namur"),
    ("Claes Sofie", "Individual", "", "Sofie", "Claes", "sofie@claes.example", "", "Leuven"),
)
ROWS = (
    *KNOWN[:1],
    ("Bakkerij Peeters", "Company", "B-1", "An", "Peeters", "an@peeters.example", "0470 12 34 56", "Gent",
     "03/04/1985", "food, vip", "Anna Claes", "A", "nl", "red"),
    ("Garage Dubois", "Company", "G-1", "Luc", "Dubois", "luc at dubois.example", "12", "Namur", "31/02/1980"),
    ("Café Central", "Firm", "C-1", "Noël", "Dupré", "noel@gmial.com", "0470 12 34 58", "Liège", "", "new tag"),
    ("Zoé Lefèvre", "Individual", "", "Zoé", "Lefèvre", "zoe@other.example", "", "Brussel"),
    ("Drukkerij Maes", "Company", "D-1", "Ilse", "Maes", "ilse@maes.example", "+32470999888", "Brugge"),
    ("Жанна д’Арк", "Individual", "", "Жанна", "д’Арк", "jeanne@arc.example", "", "Orléans", "", "", "Nobody", "Z"),
    ("陳大文會計師事務所有限公司", "Company", "", "大文", "陳", "chan@example.org", "", "香港"),
    ("Sofie Claes", "Individual", "", "Sofie", "Claes", "sofie@claes.example", "", "Leuven", "", "", "", "", "Klingon"),
    ("A very long name that a notary might give to a family partnership of Antwerp and surroundings", "Company"),
)  # fmt: skip
HOUSEHOLDS = (
    ("Account name", "First name", "Last name", "Email", "Partner first name", "Partner last name", "Partner email"),
    ("Peeters - Janssens", "Jan", "Peeters", "jan@pj.example", "Els", "Janssens", "els@pj.example"),
    ("Dubois", "Luc", "Dubois", "luc@d.example", "Anne", "Dubois", "anne at home"),
)  # fmt: skip
WIDE = 120  # columns
AUTOSTART = {"autostart": True, "max_invalid": {"share": 1.0}}


def as_csv(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Rows as a CSV file; short rows are filled up."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([*row, *[""] * (len(rows[0]) - len(row))] for row in rows)
    return text.getvalue().encode()


@dataclass
class Firm:
    """A firm of a running system; `ids` has what the addresses of pages name."""

    url: str
    ids: dict[str, str] = field(default_factory=dict)


class Furnisher:
    """Gives a firm something to see, as a person and a program would."""

    def __init__(self, api: Client, http: httpx.Client) -> None:
        self.api, self.http = api, http

    def call(self, method: str, path: str, body: object = None) -> Any:
        """What a call answers that the client library does not have; raises `httpx.HTTPStatusError`."""
        answer = self.http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def upload(self, name: str, content: bytes) -> str:
        """Send a list; gives the id of its job."""
        return self.api.upload(io.BytesIO(content), name=name)["id"]

    def bring(self, name: str, rows: tuple[tuple[str, ...], ...], to: str) -> str:
        """A job at a status, as a person brings it there."""
        job = self.upload(name, as_csv(rows))
        going_on = {
            "proposed": self.api.confirm_mapping,
            "validated": self.api.start,
            "imported": self.api.undo,
            "undone": self.api.job,
        }
        for status, go_on in going_on.items():
            self.api.wait(job, until=status, timeout=LIMIT)
            if status == to:
                break
            go_on(job)
        return job

    def first(self, kind: Records, text: str) -> str:
        """The id of the first record that a search finds."""
        return str(self.call("GET", f"/{kind}?q={text}")["items"][0]["id"])


def furnish(url: str, bearer: str) -> Firm:
    """Give a new firm all that the pages of `pages` show."""
    signed = {"Authorization": f"Bearer {bearer}"}
    http = httpx.Client(base_url=f"{url}/api/v1", headers=signed, timeout=LIMIT)
    with Client(url, bearer) as api, http:
        furnisher = Furnisher(api, http)
        furnisher.call("PUT", "/directory", DIRECTORY)
        known = api.send_rows([dict(zip(HEADERS, row, strict=False)) for row in KNOWN], AUTOSTART)
        api.wait(known["id"], until="imported", timeout=LIMIT)
        return Firm(url, {**_jobs(furnisher), **_clients(furnisher)})


def _jobs(furnisher: Furnisher) -> dict[str, str]:
    """An import at each status where one stays, by name."""
    rows = (HEADERS, *ROWS)
    wide = (tuple([*HEADERS, *(f"Column {n}" for n in range(WIDE - len(HEADERS)))]), *ROWS)
    long_name = "a list with a name that is rather long, as people name them (2) final.csv"
    jobs = {
        "proposed": furnisher.bring("clients of 2026.csv", rows, "proposed"),
        "wide": furnisher.bring("wide.csv", wide, "proposed"),
        "validated": furnisher.bring("clients.csv", rows, "validated"),
        "household": furnisher.bring("households.csv", HOUSEHOLDS, "validated"),
        "undone": furnisher.bring(long_name, rows, "undone"),
        "imported": furnisher.bring("imported.csv", rows, "imported"),
        "empty": furnisher.upload("empty.csv", b"Name;E-mail\n"),
        "cancelled": furnisher.bring("cancelled.csv", rows, "validated"),
    }
    furnisher.api.cancel(jobs["cancelled"])
    furnisher.api.wait(jobs["empty"], timeout=LIMIT)
    return jobs


def _clients(furnisher: Furnisher) -> dict[str, str]:
    """Clients, a sending of mails to them and a webhook, by name."""
    contact = furnisher.first("contacts", "maes")
    # an address on the public net, which needs no name server; nothing happens any more that would be posted to it
    hook = {"url": "https://93.184.215.14/hooks", "events": ["job.imported", "job.failed"]}
    return {
        "account": furnisher.first("accounts", "maes"),
        "second": furnisher.first("accounts", "peeters"),
        "contact": contact,
        "sending": furnisher.call("POST", "/invitations", {"contacts": [contact]})["id"],
        "webhook": furnisher.call("POST", "/webhooks", hook)["id"],
    }
