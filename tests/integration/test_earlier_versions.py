"""Tests that a job whose checks have the names of earlier versions does what a job of today does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from tests.integration.choosing import mapping_of, settings_of
from tests.integration.one_job import OneJob, add_records, directory_of, values_of

Db = Database[dict[str, Any]]
TARGETS = ("account.client_code", "account.name", "account.tags", "contact.last_name", "contact.email")
ROWS = (
    ("1", "Aa", "vip", "Peeters", "p@a.be"),
    ("", "Bb", "", "Maes", ""),
    ("2", "Aa", "late", "Peeters", "q@a.be"),
    ("1", "Aa", "late", "Claes", "c@a.be"),
    ("3", "Cc", "", "Alder", "a@c.be"),
    ("3", "", "new", "Alder", ""),
    ("4", "Dd", "", "Nobody", "no address"),
    ("1", "Aa", "vip", "Peeters", "p@a.be"),
    ("5", "Ee", "vip", "", ""),
)
EARLIER = {"matched": "hits", "digests": "said", "known_keys": "held"}


class EarlierJob(OneJob):
    """A job whose checks get the names of earlier versions after each step."""

    def run(self, step: str, order: Sequence[int] | None = None, times: int = 1) -> None:
        """Do all tasks of a step, then rename."""
        super().run(step, order, times)
        slots = ("account", "contact")
        names = {
            f"slots.{slot}.{now}": f"slots.{slot}.{was}" for slot in slots for now, was in EARLIER.items()
        }
        self.db.checks.update_many({"job": self.id}, {"$rename": {**names, "additions": "adds"}})


def results(db: Db, kind: type[OneJob]) -> list[Any]:
    """Everything that people see of a job of that kind: before a repair, after it, after loading; the records."""
    firm = f"f{uuid.uuid4().hex[:10]}"
    add_records(db, firm, "accounts", [{"name": n, "client_code": c} for n, c in (("Cc", "3"), ("Ee", "5"))])
    job = kind(db, firm, [list(row) for row in ROWS], mapping_of(*TARGETS), settings_of(), size=2).checked()
    seen: list[Any] = [job.buckets(), job.codes(), job.report()]
    job.repair({6: {4: "d@d.be"}, 5: {2: "other"}, 1: {0: "1", 1: "Aa"}})
    seen += [job.buckets(), job.codes(), job.report()]
    job.loaded()
    seen.append([row["outcome"] for row in job.rows()])
    there = directory_of(db, firm)
    return seen + [sorted(map(str, values_of(there[each]).values())) for each in ("accounts", "contacts")]


def test_checks_of_an_earlier_version_are_matched_planned_repaired_and_loaded(shared_db: Db) -> None:
    today = results(shared_db, OneJob)
    assert results(shared_db, EarlierJob) == today
    assert {"new", "duplicate", "update"} <= set(today[0]), "the rows show every use of what checks keep"
