"""Tests that every page says what it waits for, and that no form is lost while a part of Carryover is away."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from services.wizard.pages import FROM_ANYBODY, UPLOADS
from shared.contract.job import RESULTS
from shared.contract.problems import sentence
from shared.contract.texts.catalogues import LANGUAGES
from tests.unit.wizard.api_in_place import CARRYOVER, JOB, ApiInPlace, pages_over, signed_in

HERE = {"Origin": CARRYOVER}
#: forms that ask nothing of the API
BY_THEMSELVES = {"wizard.sign_out", "wizard.choose_language"}
AWKWARD = MultiDict(
    [
        ("cell-3", "\nAn & Bo <an@x.example>\nline"),
        ("take", "1"),
        ("take", "2"),
        ("sure", "1"),
        ("go", "next"),
    ]
)
PROOF = re.compile(r'name="proof" value="([0-9a-f]+)"')
SINCE = "2026-11-28T09:30:00+00:00"
NUMBERS = dict.fromkeys(RESULTS, 0)


def job_at(status: str, delay: dict[str, str] | None) -> dict[str, Any]:
    """A job that waits for a service."""
    return {
        "id": JOB,
        "kind": "accounts_and_contacts",
        "status": status,
        "revision": 1,
        "version": "1.a",
        "created_at": SINCE,
        "created_by": "an@office.example",
        "source": {"name": "clients.csv", "rows": None},
        "waiting_for": {"who": "validator", "what": "check", "since": SINCE, "delay": delay},
        "progress": {"step": status, "done": 0, "total": None, "rows_per_second": 0, "eta_seconds": None},
        "counts": {},
        "result": NUMBERS,
        "undo": None,
        "history": [{"status": status, "at": SINCE, "by": "upload"}],
        "notices": [],
        "notify": [],
        "repaired_by": [],
        "links": {},
        "reason": None,
        "hold": None,
    }


def answers_about(job: dict[str, Any]) -> Any:
    """What the API answers while a job waits."""

    def answer(_method: str, path: str) -> tuple[int, Any]:
        known: dict[str, Any] = {
            f"/jobs/{JOB}": job,
            "/jobs": {"items": [job], "next": None},
            f"/jobs/{JOB}/source": {"columns": [], "problems": [], "kind": "accounts_and_contacts"},
            f"/jobs/{JOB}/result": {"result": NUMBERS, "rows": 3, "left_out": None},
            "/directory": {"team_members": []},
            "/mapping-profiles": {"items": []},
        }
        return (200, known[path]) if path in known else (404, {"code": "not_found", "detail": path})

    return answer


Served = tuple[Flask, ApiInPlace, FlaskClient]


@pytest.fixture(scope="module")
def served() -> Served:
    """The pages, the API that they ask, and a browser."""
    app, api = pages_over(answers_about(job_at("proposed", None)))
    return app, api, signed_in(app)


@pytest.fixture(scope="module")
def readers(served: Served) -> dict[str, FlaskClient]:
    """A browser for each language."""
    return {language: signed_in(served[0], language) for language in LANGUAGES}


#: every page that waits for a service, and the status at which it does
WAITING = [
    ("file", "uploaded"),
    ("file", "read"),
    ("accounts", "uploaded"),
    ("contacts", "read"),
    ("review", "mapped"),
    ("result", "confirmed"),
    ("result", "undoing"),
    ("corrected", "uploaded"),
    ("corrected", "mapped"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["service_away", "messages_away", "in_queue", None])
@pytest.mark.parametrize(("page", "status"), WAITING)
def test_every_page_that_waits_says_for_what_and_since_when(
    served: Served,
    readers: dict[str, FlaskClient],
    page: str,
    status: str,
    code: str | None,
    language: str,
) -> None:
    message = sentence(code, language, count=3) if code else ""
    delay = {"code": code, "message": message, "since": SINCE} if code else None
    served[1].answers = answers_about(job_at(status, delay))
    text = readers[language].get(f"/jobs/{JOB}/{page}", base_url=CARRYOVER).text
    assert 'http-equiv="refresh" content="5"' in text
    assert f'data-delay="{code or ""}"' in text
    shown = html.unescape(text.partition('<div class="delay"')[2].partition("<progress")[0])
    assert (message in shown) if code else "notice" not in shown
    assert (f'datetime="{SINCE}"' in shown) is bool(code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_imports_says_since_when_one_waits(
    served: Served, readers: dict[str, FlaskClient], language: str
) -> None:
    delay = {"code": "service_away", "message": "…", "since": "2026-11-28T10:00:00+00:00"}
    app, _ = pages_over(answers_about(job_at("mapped", delay)))
    assert (
        'datetime="2026-11-28T10:00:00+00:00"' in signed_in(app, language).get("/", base_url=CARRYOVER).text
    )


def forms(app: Flask) -> Iterator[tuple[str, str]]:
    """Every route of the pages that takes a form: its endpoint and an address of it."""
    values = {
        "job_id": JOB,
        "row_number": 2,
        "profile_id": "0" * 24,
        "kind": "accounts",
        "record_id": "0" * 24,
    }
    values |= {
        "webhook_id": "0" * 24,
        "delivery_id": "0" * 24,
        "name": "skipped.zip",
        "ending": "csv",
        "letters": "invitations",
        "step": "stop",
    }
    for rule in app.url_map.iter_rules():
        named = rule.endpoint.startswith("wizard.") and "POST" in (rule.methods or ())
        if named and rule.endpoint not in (*UPLOADS, *FROM_ANYBODY, *BY_THEMSELVES):
            built = rule.build({**values, **dict.fromkeys(rule.arguments - values.keys(), "0" * 24)})
            assert built
            yield rule.endpoint, built[1]


def test_no_form_is_lost_while_the_api_is_away(served: Served) -> None:
    app, api, client = served
    api.answers = answers_about(job_at("proposed", None))
    proof = PROOF.search(client.get("/", base_url=CARRYOVER).text)
    assert proof
    tried = 0
    for endpoint, path in forms(app):
        api.away, before = True, api.refused
        url = f"{path}?tab=all&q=a%26b"
        sent = MultiDict([("proof", proof[1]), *AWKWARD.items(multi=True)])
        answer = client.post(url, data=sent, headers=HERE, base_url=CARRYOVER)
        api.away = False
        if api.refused == before:  # something is missing in the form, so nothing was asked of the API
            continue
        tried += 1
        assert answer.status_code == 503, (endpoint, answer.status_code)
        assert answer.headers["Retry-After"] == "5"
        form = answer.text.partition('data-again="5"')
        assert html.unescape(form[0].rpartition('action="')[2].partition('"')[0]) == url, endpoint
        kept = re.findall(r'<textarea name="([^"]*)" hidden>\n(.*?)</textarea>', form[2], re.S)
        assert [(html.unescape(n), html.unescape(v)) for n, v in kept] == list(AWKWARD.items(multi=True)), (
            endpoint
        )
    assert tried >= 20


def test_a_page_that_is_looked_at_meanwhile_looks_again(served: Served) -> None:
    _, api, client = served
    api.away = True
    for path in ("/", f"/jobs/{JOB}/file", f"/jobs/{JOB}/review?tab=new", "/clients"):
        answer = client.get(path, base_url=CARRYOVER)
        assert answer.status_code == 503
        assert 'http-equiv="refresh"' in answer.text
        assert 'id="waiting" data-live="5"' in answer.text
    api.away = False


def test_the_script_sends_a_kept_form_again_and_shows_a_new_delay_at_once() -> None:
    script = (Path(__file__).parents[3] / "services/wizard/static/js/page.js").read_text()
    assert "form[data-again]" in script
    assert "waiting_for?.delay?.code" in script
