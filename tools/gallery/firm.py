"""A firm with something to see on every page: imports at each status where they stay, clients, a webhook."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

LIMIT = 60.0  # seconds until a job is where it should be
LOOK_EVERY = 0.1
TEAM = [
    {"id": "anna", "name": "Anna Claes", "email": "anna@office.example"},
    {"id": "bruno", "name": "Bruno Lambert", "email": "bruno@office.example"},
]
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
    """A firm of a running system, by its API; `ids` has what the addresses of pages name."""

    url: str
    bearer: str
    ids: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, **how: Any) -> Any:
        """What the API answers; raises `httpx.HTTPStatusError` for a refusal."""
        headers = {"Authorization": f"Bearer {self.bearer}"}
        answer = httpx.request(method, f"{self.url}/api/v1{path}", headers=headers, timeout=LIMIT, **how)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def upload(self, name: str, content: bytes, options: str = "{}") -> str:
        """Send a list; gives the id of its job."""
        files = {"file": (name, content, "text/csv")}
        job: str = self.call("POST", "/jobs", files=files, data={"options": options})["id"]
        return job

    def wait(self, job: str, *statuses: str) -> str:
        """Wait until a job has one of some statuses. Raises `TimeoutError`."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            found = self.call("GET", f"/jobs/{job}")
            if found["status"] in statuses or (found.get("waiting_for") or {}).get("what") in statuses:
                return job
            time.sleep(LOOK_EVERY)
        raise TimeoutError(f"{job} is {found['status']}, and not one of {statuses}")

    def bring(self, name: str, rows: tuple[tuple[str, ...], ...], to: str) -> str:
        """A job at a status, as a person brings it there."""
        job = self.wait(self.upload(name, as_csv(rows)), "proposed")
        for status, call in (
            ("proposed", "map"),
            ("validated", "confirm"),
            ("imported", "undo"),
            ("undone", ""),
        ):
            self.wait(job, status)
            if status == to:
                break
            self.call("POST", f"/jobs/{job}/{call}")
        return job


def furnish(url: str, bearer: str) -> Firm:
    """Give a new firm all that the pages of `pages` show."""
    firm = Firm(url, bearer)
    firm.call("PUT", "/directory", json=DIRECTORY)
    names = [dict(zip(HEADERS, row, strict=False)) for row in KNOWN]
    known = firm.call("POST", "/jobs", json={"name": "earlier.csv", "rows": names, "options": AUTOSTART})[
        "id"
    ]
    firm.wait(known, "imported")
    rows = (HEADERS, *ROWS)
    wide = (tuple([*HEADERS, *(f"Column {n}" for n in range(WIDE - len(HEADERS)))]), *ROWS)
    firm.ids |= {
        "proposed": firm.bring("clients of 2026.csv", rows, "proposed"),
        "wide": firm.bring("wide.csv", wide, "proposed"),
        "validated": firm.bring("clients.csv", rows, "validated"),
        "household": firm.bring("households.csv", HOUSEHOLDS, "validated"),
        "undone": firm.bring(
            "a list with a name that is rather long, as people name them (2) final.csv", rows, "undone"
        ),
        "imported": firm.bring("imported.csv", rows, "imported"),
        "empty": firm.upload("empty.csv", b"Name;E-mail\n"),
        "cancelled": firm.bring("cancelled.csv", rows, "validated"),
    }
    firm.call("POST", f"/jobs/{firm.ids['cancelled']}/cancel")
    firm.wait(firm.ids["empty"], "failed", "source", "proposed")
    firm.ids["account"] = firm.call("GET", "/accounts?q=maes")["items"][0]["id"]
    firm.ids["contact"] = firm.call("GET", "/contacts?q=maes")["items"][0]["id"]
    asked = {"contacts": [firm.ids["contact"]]}
    firm.ids["sending"] = firm.call("POST", "/invitations", json=asked)["id"]
    # an address on the public net, which needs no name server; nothing happens any more that would be posted to it
    hook = {"url": "https://93.184.215.14/hooks", "events": ["job.imported", "job.failed"]}
    firm.ids["webhook"] = firm.call("POST", "/webhooks", json=hook)["id"]
    return firm
