"""Tests the description of the API: kept as generated, complete, served, and readable as a page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy import openapi
from deploy.local import origin
from services.upload import app as upload
from services.upload.api import docs
from shared.contract.job import Status
from shared.plumbing.auth import PERMISSIONS, PUBLIC
from shared.plumbing.settings import Settings
from tests.architecture.code import ROOT, services

NOWHERE = Settings("mongodb://nowhere", "memory://", "smtp://nowhere", "http://nowhere", jwt_secret="-" * 32)
METHODS = {"get", "post", "put", "patch", "delete"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call of the document as (`GET /api/v1/…`, its description)."""
    for path, item in docs.document()["paths"].items():
        for method in METHODS & set(item):
            yield f"{method.upper()} {path}", item[method]


def routes(app: Flask) -> set[str]:
    """Every call that an application serves under `/api`."""
    return {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


EVERY_CALL = pytest.mark.parametrize(
    ("call", "described"), sorted(operations(), key=lambda one: one[0]), ids=lambda one: str(one)[:60]
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A browser at the upload service alone."""
    return upload.create_app(NOWHERE).test_client()


def test_the_kept_document_is_what_the_routes_give() -> None:
    assert docs.DOCUMENT.read_text("utf-8") == openapi.document(), "run `make openapi`"


def test_the_document_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(docs.document()).iter_errors()) == []


def test_every_call_has_a_name_of_its_own() -> None:
    names = [described["operationId"] for _, described in operations()]
    assert len(set(names)) == len(names)
    assert {"get_jobs", "get_job", "post_jobs", "post_job_rows_fix", "get_template_xlsx"} <= set(names)
    assert all(re.fullmatch(r"[a-z][a-z_]+", name) for name in names)


def test_the_document_has_every_route_of_the_origin_and_no_other() -> None:
    assert {call for call, _ in operations()} == routes(origin.create_app(NOWHERE))


@pytest.mark.parametrize("service", services())
def test_the_document_has_every_route_of_a_service_under_its_name(service: str) -> None:
    module = __import__(f"services.{service}.app", fromlist=["create_app"])
    tagged = {call for call, described in operations() if described["tags"] == [service]}
    assert tagged == routes(module.create_app(NOWHERE))


@EVERY_CALL
def test_a_call_says_who_may_what_it_does_and_what_it_answers(call: str, described: dict[str, Any]) -> None:
    may = described["x-permission"]
    assert may in {*PERMISSIONS, PUBLIC}
    session = [{"jwt": []}, {"session": []}] if call == "GET /api/v1/jobs/{job_id}/events" else None
    assert described.get("security") == ([] if may == PUBLIC else session)
    assert len(described["summary"]) > 10
    answers = described["responses"]
    good = [status for status in answers if status.startswith("2")]
    assert len(good) == (2 if session else 1)  # 204 ends the stream of a job that moves no more
    assert ("content" in answers[good[0]]) is (good[0] != "204")
    assert ("503" in answers) is (may != PUBLIC)  # the others ask no server
    assert may == PUBLIC or {"401", "403"} <= set(answers)
    assert ("404" in answers) or "{" not in call
    assert "requestBody" not in described or {"400", "413", "415", "422"} <= set(answers)


@EVERY_CALL
def test_every_refusal_is_a_problem(call: str, described: dict[str, Any]) -> None:
    refusals = {status: a for status, a in described["responses"].items() if status[0] in "45"}
    assert refusals or described["x-permission"] == PUBLIC
    for status, answer in refusals.items():
        (kind, content), *others = answer["content"].items()
        assert (kind, others) == ("application/problem+json", [])
        assert content["schema"] == {"$ref": "#/components/schemas/ProblemAnswer"}
        assert content["examples"], status


@EVERY_CALL
def test_every_parameter_of_a_path_is_described(call: str, described: dict[str, Any]) -> None:
    path = docs.document()["paths"][call.split()[1]]
    named = {p["name"] for p in path.get("parameters", []) if p["in"] == "path" and p["required"]}
    assert named == set(re.findall(r"{(\w+)}", call))


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    text = docs.DOCUMENT.read_text("utf-8")
    used = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert used == set(docs.document()["components"]["schemas"])


def test_groups_servers_and_ways_to_sign_in_have_words() -> None:
    document: Any = docs.document()
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert set(tags) == {described["tags"][0] for _, described in operations()}
    schemes = document["components"]["securitySchemes"].values()
    assert all(len(words) > 10 for words in tags.values())
    assert all(len(one["description"]) > 10 for one in [*schemes, *document["servers"]])


def test_the_job_names_every_status() -> None:
    job = docs.document()["components"]["schemas"]["JobAnswer"]
    assert job["properties"]["status"]["enum"] == [status.value for status in Status]


def test_the_document_is_served_to_anybody(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.mimetype == "application/json"
    assert json.loads(answer.data) == docs.document()


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attributes)))


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> str:
    """The page as it is served."""
    answer = client.get("/api/v1/docs")
    assert answer.mimetype == "text/html"
    return answer.text


@EVERY_CALL
def test_the_page_shows_every_call_with_its_summary(page: str, call: str, described: dict[str, Any]) -> None:
    method, path = call.split()
    assert f'<span class="method">{method}</span> {path}</code>' in page
    assert str(docs.prose(described["summary"])) in page


@EVERY_CALL
def test_the_page_shows_examples_and_the_codes_of_refusals(
    page: str, call: str, described: dict[str, Any]
) -> None:
    shown = page[page.index(f"{call.split()[1]}</code>") :]
    for answer in described["responses"].values():
        for content in answer.get("content", {}).values():
            codes = ", ".join(content.get("examples", {}))
            assert codes in shown
            example = content.get("example")
            assert example is None or str(escape(json.dumps(example, indent=2, ensure_ascii=False))) in shown


def test_the_words_of_the_page_are_marked_and_nothing_else_is() -> None:
    text = "**Bold** `a < b` & <b>\n\nNext * `one"
    assert str(docs.prose(text)) == (
        "<p><strong>Bold</strong> <code>a &lt; b</code> &amp; &lt;b&gt;</p><p>Next * `one</p>"
    )


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    tags = Page(page).tags
    assert not {"script", "link", "img", "iframe", "form", "object"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name in ("src", "style")]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]


def test_the_links_of_the_page_lead_to_places_on_it(page: str) -> None:
    tags = Page(page).tags
    places = {f"#{attributes['id']}" for _, attributes in tags if "id" in attributes}
    links = {attributes["href"] for tag, attributes in tags if tag == "a"}
    assert links - places == {"openapi.json"}
    assert len(places) == len([1 for _, attributes in tags if "id" in attributes])


def test_the_page_allows_its_own_style_and_nothing_else(client: FlaskClient) -> None:
    policy = client.get("/api/v1/docs").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/Job"}, "Job"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Job"}}, "list of Job"),
        ({"type": ["string", "null"], "maxLength": 9}, "string (length to 9) or null"),
        ({"enum": ["a", "b"]}, "a | b"),
        ({"anyOf": [{"$ref": "#/x/Job"}, {"type": "null"}]}, "Job or null"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "names with integer"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "integer (from 1, to 9)"),
        ({"type": "string", "format": "email"}, "string (email)"),
        ({}, "anything"),
    ],
)
def test_a_type_is_described_in_words(schema: dict[str, Any], words: str) -> None:
    assert "".join(text for text, _ in docs.type_of(schema)) == words


def test_a_client_is_generated_without_warnings_and_its_types_are_right(tmp_path: Path) -> None:
    made, config = tmp_path / "carryover_api", ROOT / "docs" / "examples" / "generated_client.yml"
    chosen = ["--fail-on-warning", "--meta", "none", "--config", str(config)]
    files = ["--path", str(docs.DOCUMENT), "--output-path", str(made)]
    tools = Path(sys.executable).parent
    subprocess.run([tools / "openapi-python-client", "generate", *chosen, *files], check=True, timeout=60)
    cache = str(tmp_path / "cache")
    subprocess.run(
        [tools / "mypy", "--strict", "--cache-dir", cache, "carryover_api"], cwd=tmp_path, check=True
    )
