"""Tests what a job as answered says of who acts next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contract.job import ENDS, Status, new_job, settled
from shared.contract.routes import owed_by
from shared.plumbing.job_view import waiting_for


@pytest.mark.parametrize("hold", [None, {"code": "too_many_invalid", "params": {}}])
@pytest.mark.parametrize("autostart", [False, True])
@pytest.mark.parametrize("status", Status)
def test_a_job_waits_for_a_person_exactly_where_no_service_moves_it_on(
    status: Status, autostart: bool, hold: Any
) -> None:
    source: Any = {"name": "clients.csv", "bytes": 1, "sha256": ""}
    by: Any = {"id": "u1", "email": None, "locale": "en", "rights": []}
    job = new_job("0", "f", "accounts", {"autostart": autostart}, source, by, datetime.now(UTC))
    job["status"], job["hold"] = status, hold
    job["owed"] = None if hold else owed_by(status, autostart)
    waiting = waiting_for(job)
    asks = waiting is not None and waiting["who"] == "person"
    assert asks == (settled(job) and status not in ENDS)
    if job["owed"] and status not in ENDS:
        assert waiting is not None
        assert waiting["who"] == job["owed"]
