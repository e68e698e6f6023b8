"""Counts what an import left in the database, on the queues and in the mail, without the code of the product.

It shares no code with the services; it knows the collections, the API's answers and the file that was sent.
"""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.database import Database

from deploy.local.servers import MailCatcher, RabbitServer
from tests.system import Client, eventually
from tools.client_lists import CODE, EMAIL, TEAM, Expected, client_rows

OPEN = ("ready", "queued", "leased")
QUIET_LIMIT = 30.0


@dataclass(frozen=True)
class ClientList:
    """A generated file, and what must come of it."""

    content: bytes
    expected: Expected
    codes: frozenset[str]
    emails: frozenset[str]

    @staticmethod
    def of(path: Path, expected: Expected, seed: int) -> ClientList:
        """The file at `path`, generated with `seed`."""
        good = [cells for cells, bad in client_rows(expected.rows, seed) if bad is None]
        return ClientList(
            path.read_bytes(),
            expected,
            frozenset(cells[CODE] for cells in good),
            frozenset(cells[EMAIL] for cells in good),
        )


@dataclass(frozen=True)
class Checker:
    """Looks at everything that the parts of the system share."""

    db: Database[dict[str, Any]]
    rabbit: RabbitServer
    vhost: str
    mail: MailCatcher

    def imported(self, client: Client, job_id: str, sent: ClientList) -> None:
        """The job is imported, with exactly the expected numbers wherever they can be read."""
        self.quiet(job_id)
        job = client.job(job_id)
        assert job["status"] == "imported"
        self._numbers(client, job, sent.expected)
        self._records(client.firm, sent)
        self._rows(job_id, sent.expected)
        self._history(job)
        assert len(self.mails(job_id)) == 1, "one mail for the job"
        # the broker counts the messages of a queue every five seconds
        eventually(lambda: self.parked() == 0, QUIET_LIMIT, "nothing innocent is set aside")
        assert [notice["status"] for notice in job["notices"]] == ["imported"]

    def quiet(self, job_id: str) -> None:
        """Nothing is under way: no message on a queue, no task open, no piece of a file without the file."""
        eventually(lambda: not self.open_tasks(job_id), QUIET_LIMIT, "all tasks of the job are done")
        eventually(self._queues_are_empty, QUIET_LIMIT, "all queues are empty")
        assert self.db.tasks.count_documents({"lease": {"$ne": None}, "state": {"$ne": "leased"}}) == 0
        pieces = set(self.db["files.chunks"].distinct("files_id"))
        assert pieces <= set(self.db["files.files"].distinct("_id")), "pieces without a file"

    def open_tasks(self, job_id: str) -> list[str]:
        """Tasks of the job that somebody would still work on."""
        query = {"job": job_id, "state": {"$in": list(OPEN)}}
        return [task["_id"] for task in self.db.tasks.find(query, {"_id": 1})]

    def queues(self) -> dict[str, int]:
        """Messages on each queue, those with those that a worker has."""
        lines = self.rabbit.ctl("list_queues", "-p", self.vhost, "name", "messages", "--no-table-headers")
        return {name: int(number) for name, number in (line.split("\t") for line in lines.splitlines())}

    def _queues_are_empty(self) -> bool:
        return not any(number for name, number in self.queues().items() if not name.endswith(".parked"))

    def parked(self) -> int:
        """Messages set aside on all parked queues."""
        return sum(number for name, number in self.queues().items() if name.endswith(".parked"))

    def mails(self, job_id: str) -> list[str]:
        """The texts of the mails that name the job."""
        found = []
        for path in self.mail.messages():
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = mail.get_body(preferencelist=("plain",))
            text = body.get_content() if body else ""
            if job_id in text:
                found.append(text)
        return found

    def loaded(self, firm: str) -> dict[str, int]:
        """Records of the firm in the database."""
        kinds = ("accounts", "contacts", "links")
        return {kind: self.db[kind].count_documents({"firm": firm}) for kind in kinds}

    def _numbers(self, client: Client, job: dict[str, Any], expected: Expected) -> None:
        result, counts = job["result"], job["counts"]
        assert counts["new"] == expected.valid
        assert counts["invalid"] == expected.invalid
        assert sum(counts.values()) == expected.rows
        assert result["accounts_created"] == expected.accounts
        assert result["contacts_created"] == expected.contacts
        assert result["links_created"] == expected.valid
        assert result["rows_loaded"] == expected.valid
        assert result["rows_skipped"] == expected.invalid
        assert result["rows_unchanged"] == result["accounts_updated"] == result["contacts_updated"] == 0
        assert result["tags_created"] == 3  # vip, monthly, quarterly
        answer = client.get(f"/jobs/{job['id']}/result")
        assert answer["balanced"]
        assert answer["result"] == result
        report = client.get(f"/jobs/{job['id']}/report")
        reported = {p["code"]: p["rows"] for p in report["problems"] if p["severity"] == "error"}
        assert reported == expected.problems

    def _records(self, firm: str, sent: ClientList) -> None:
        expected = sent.expected
        assert self.loaded(firm) == {
            "accounts": expected.accounts,
            "contacts": expected.contacts,
            "links": expected.valid,
        }
        codes = [a["client_code"] for a in self.db.accounts.find({"firm": firm}, {"client_code": 1})]
        assert Counter(codes) == Counter(sent.codes), "each account once"
        assert set(self.db.accounts.distinct("assignees", {"firm": firm})) == set(TEAM)
        emails = [c["email"] for c in self.db.contacts.find({"firm": firm}, {"email": 1})]
        assert Counter(emails) == Counter(sent.emails), "each contact once"
        pairs = Counter((x["account"], x["contact"]) for x in self.db.links.find({"firm": firm}))
        assert set(pairs.values()) == {1}, "each link once"
        assert {a for a, _ in pairs} == set(self.db.accounts.distinct("_id", {"firm": firm}))
        assert {c for _, c in pairs} == set(self.db.contacts.distinct("_id", {"firm": firm}))

    def _rows(self, job_id: str, expected: Expected) -> None:
        """Each row has exactly one outcome."""
        outcomes: Counter[str] = Counter()
        for chunk in self.db.outcomes.find({"job": job_id}, {"outcomes": 1}):
            outcomes.update(chunk["outcomes"])
        assert outcomes == {"loaded": expected.valid, "skipped": expected.invalid}

    @staticmethod
    def _history(job: dict[str, Any]) -> None:
        lines = [(line["status"], line["revision"]) for line in job["history"]]
        assert len(lines) == len(set(lines)), f"a status twice: {lines}"
