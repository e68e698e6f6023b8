"""Tests that a page answers any form and address, without an error of ours and in a short time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.datastructures import MultiDict

from services.wizard.settings_view import MOST_RULES, rules_from
from tests.integration.conftest import Standing, token
from tests.integration.troubled_list import FIRM
from tests.visiting import Visitor

#: bytes, as a browser of somebody else's may send them
HOSTILE: tuple[str, ...] = (
    "²", "٣", "-1", "1e30", "9" * 400, "999999999", "50000", "\x00", "a\r\nX-Own: 1", "x" * 60_000, "[]", "{{7*7}}",
    "skip", "new", "column:²", "field:\x00", "fixed:", "../../etc", "//other.example", "\ufffe\u202e",
)  # fmt: skip
MOST_SECONDS = 2.0
#: what addresses of pages are asked for
QUERY = (
    *("tab", "problem", "q", "row", "columns", "cursor", "start", "trail", "edit", "seen", "fix"),
    *("reason", "next", "token", "lang"),
)
STATUSES = ("proposed", "validated", "imported", "undone")
NUMBER = re.compile(r"\d+")


@pytest.fixture
def visitor(looked_at: Standing) -> Visitor:
    return Visitor(looked_at.app, token(FIRM))


def ask(visitor: Visitor, method: str, url: str, pairs: list[tuple[str, str]] | None = None) -> str:
    """One request; gives what is wrong with its answer, or nothing."""
    began = time.process_time()
    answer = visitor.client.open(
        url,
        method=method,
        data=urlencode(pairs) if pairs is not None else None,
        content_type="application/x-www-form-urlencoded" if pairs is not None else None,
        buffered=True,  # a file that is sent is read and closed
    )
    seconds = time.process_time() - began
    request = f"{method} {url[:120]} {[(n, v[:20]) for n, v in (pairs or [])][-2:]}"
    if answer.status_code >= 500:
        return f"{request}: {answer.status_code}"
    return f"{request}: {seconds:.1f} s" if seconds > MOST_SECONDS else ""


def routes(standing: Standing, job: str) -> Iterator[tuple[str, str]]:
    """The method and address of every route of the pages, for a job."""
    values: dict[str, Any] = {
        "job_id": job,
        "row_number": 2,
        "profile_id": "0" * 24,
        "_form": "review/fix",
        "webhook_id": standing.webhook,
        "delivery_id": standing.delivery,
        "sending_id": standing.sending,
        "kind": "accounts",
        "letters": "invitations",
        "contact": next(iter(standing.contacts)),
        "step": "stop",
        "part": "folder_templates",
        "record_id": next(iter(standing.accounts)),
        "contact_id": next(iter(standing.contacts)),
        "merge_id": "0" * 24,
    }
    for rule in standing.app.url_map.iter_rules():
        page = rule.endpoint.startswith("wizard.") and rule.endpoint != "wizard.static"
        named = {"ending": "csv", "name": "skipped.zip" if "job_id" in rule.arguments else "household"}
        built = rule.build({**values, **named}) if page else None
        for method in sorted((rule.methods or set()) & {"GET", "POST"}) if built else ():
            yield method, built[1]


def test_no_hostile_address_fails(looked_at: Standing, visitor: Visitor) -> None:
    wrong = []
    for at, status in enumerate(STATUSES):
        job = looked_at.copy(looked_at.looked_at[status])
        for (method, url), value in product(routes(looked_at, job), HOSTILE[at::4]):
            if method == "GET":
                wrong.append(ask(visitor, "GET", f"{url}?{urlencode([(name, value) for name in QUERY])}"))
    job = looked_at.looked_at["validated"]
    for name, value in product(QUERY[:11], ("²", "9" * 400, "\x00")):
        wrong.append(ask(visitor, "GET", f"/jobs/{job}/review?{urlencode([(name, value)])}"))
    for value in (*HOSTILE, "/\t/other.example", "/\\other.example", "//["):
        query = urlencode([("token", token(FIRM)), ("next", value)])
        wrong.append(ask(visitor, "GET", f"/signin?{query}"))
        assert visitor.client.get(f"/signin?{query}").headers["Location"].startswith("/")
    assert [each for each in wrong if each] == []


def test_no_hostile_form_fails(looked_at: Standing, visitor: Visitor) -> None:
    wrong = []
    for status in STATUSES:
        job = looked_at.copy(looked_at.looked_at[status])
        for url, pairs in forms_of(visitor, job):
            names = list({NUMBER.sub("#", name): name for name, _ in pairs if name != "proof"}.values())
            every = [[(n, v if n == "proof" else value) for n, v in pairs] for value in HOSTILE[::5]]
            each = [
                [*((n, v) for n, v in pairs if n != name), (name, HOSTILE[(at + more) % len(HOSTILE)])]
                for at, name in enumerate(names)
                for more in (0, 7)
            ]
            twice = [*pairs, *(pair for pair in pairs if pair[0] != "proof")]
            nothing = [pair for pair in pairs if pair[0] == "proof"]
            wrong += [ask(visitor, "POST", url, sent) for sent in (*every, *each, twice, nothing)]
    assert [each for each in wrong if each] == []


def forms_of(visitor: Visitor, job: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The forms of the pages of a job, with what they are filled with: one of each kind."""
    seen = {"/signout"}
    for page in (
        "file",
        "accounts",
        "settings",
        "contacts",
        "review?edit=2&fix=invalid_email",
        "result",
        "undo",
    ):
        for form in visitor.open(f"/jobs/{job}/{page}").content.forms:
            path = form.action.partition("?")[0]
            if path not in seen and form.method == "post" and not form.upload:
                seen.add(path)
                yield form.action, [*form.filled(), ("go", "stay")]


@pytest.mark.parametrize("value", ["²", "5", "999999999999", "-1", ""])
def test_the_number_of_rules_that_a_form_names_costs_nothing(value: str) -> None:
    began = time.process_time()
    assert rules_from(MultiDict({"rules": value}), [], []) == []
    assert time.process_time() - began < 0.5
    full = {f"rule-{r}-when-0-place": f"column:{r}" for r in range(MOST_RULES + 50)}
    full |= {
        f"rule-{r}-then-0-{part}": text
        for r in range(200)
        for part, text in (("what", "tags"), ("value", "x"))
    }
    assert len(rules_from(MultiDict({"rules": value, **full}), [], [])) == MOST_RULES
