"""A firm whose imports wait for workers is asked to come back later; what it asked for before is answered still."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.plumbing.job_store import new_job_id
from tests.integration.conftest import Standing, token

FIRM = "many-imports"
ROWS: dict[str, Any] = {"rows": [{"Account name": "Cedar NV"}], "options": {"kind": "accounts"}}


def ask(standing: Standing, key: str | None = None, firm: str = FIRM) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return standing.call("POST", "/jobs", json=ROWS, headers=headers, bearer=token(firm))


def test_imports_that_wait_are_bounded_by_firm(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    known = standing.app.extensions["carryover"]
    monkeypatch.setattr(known, "config", replace(known.config, jobs_at_once=3))
    key = new_job_id()
    made = [ask(standing, key), ask(standing), ask(standing)]
    assert [answer.status_code for answer in made] == [202] * 3
    full = ask(standing)
    assert (full.status_code, full.json["code"]) == (429, "too_many_jobs")
    assert int(full.headers["Retry-After"]) > 0
    assert "wait already: 3" in full.json["detail"]
    again = ask(standing, key)
    assert (again.status_code, again.json["id"]) == (202, made[0].json["id"])
    assert ask(standing, firm="another-firm").status_code == 202
    standing.good("POST", f"/jobs/{made[1].json['id']}/cancel", bearer=token(FIRM))
    assert ask(standing).status_code == 202
