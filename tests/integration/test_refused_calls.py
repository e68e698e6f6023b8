"""Tests that whatever is wrong with a call, the answer is a problem of one shape; walks all calls, without servers."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date, timedelta
from io import BytesIO, StringIO
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import ServerSelectionTimeoutError
from werkzeug.test import TestResponse

from deploy.local import origin
from services.upload.requests import message
from shared.plumbing import log as logging
from shared.plumbing import web
from shared.plumbing.leaving import NOTICE, POLICY, Leaving
from shared.plumbing.settings import Settings
from tests.architecture.code import ROOT
from tests.describing import CALLS, Answered, call_of, differences
from tests.integration.conftest import FIRM, token
from tests.integration.test_authorisation import ASKING
from tests.integration.test_hostile_values import BODIES
from tests.system import MAILS_TO_CLIENTS, SECRET

NOWHERE = Settings(
    "mongodb://nowhere",
    "memory://",
    "smtp://nowhere",
    "http://nowhere",
    jwt_secret=SECRET,
    webhook_networks=(ip_network("127.0.0.0/8"),),
    **{name.lower(): value for name, value in MAILS_TO_CLIENTS.items()},
)
#: Calls that take JSON.
TAKING = [
    call for call, one in CALLS.items() if "application/json" in one.get("requestBody", {}).get("content", {})
]
EVERY_CALL = pytest.mark.parametrize("call", CALLS)
EVERY_CALL_THAT_TAKES_JSON = pytest.mark.parametrize("call", TAKING)


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application of all services, with no server behind it."""
    return origin.create_app(NOWHERE)


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database does not answer."""

    def away(self: web.Servers) -> None:
        raise ServerSelectionTimeoutError("away")

    monkeypatch.setattr(web.Servers, "db", property(away))
    monkeypatch.setattr(web.Servers, "flow", property(away))


def send(app: Flask, method: str, path: str, **how: Any) -> TestResponse:
    """One request of the owner of the firm; whatever is refused has the one shape."""
    headers = {"Authorization": f"Bearer {token(FIRM, jti=uuid.uuid4().hex)}", **how.pop("headers", {})}
    answer = app.test_client().open(path, method=method, headers=headers, **how)
    if answer.status_code >= 400 and method != "HEAD":
        body = json.loads(answer.data)
        assert answer.content_type == "application/problem+json"
        assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
        assert body["status"] == answer.status_code
        assert body["request_id"] == answer.headers["X-Request-Id"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert ("Retry-After" in answer.headers) is (answer.status_code in (429, 503))
        assert ("Allow" in answer.headers) is (answer.status_code == 405)
        assert ("WWW-Authenticate" in answer.headers) is (answer.status_code == 401)
        whole = Answered(method, path, answer.status_code, answer.headers, answer.data, body)
        assert differences(whole) == []
    return answer


def target(call: str) -> tuple[str, str]:
    """The method and an address of a call."""
    method, path = call.split()
    return method, re.sub(r"{name}", "accounts", re.sub(r"{\w+_id}", "0" * 24, path))


@EVERY_CALL
def test_a_call_answers_503_without_a_database_exactly_where_the_description_says_so(
    app: Flask, no_database: None, call: str
) -> None:
    _, body = BODIES.get(call.replace("/api/v1", ""), ("", None))
    sent = {} if body is None else {"json": json.loads(json.dumps(body).replace("@@@", "0" * 24))}
    if call == "POST /api/v1/uploads":
        sent = {"data": {"file": (BytesIO(b"a,b\n1,2\n"), "a.csv")}}
    method, path = target(call)
    answer = send(app, method, path + ASKING.get(call.replace("/api/v1", ""), ""), **sent)
    if "503" in CALLS[call]["responses"]:
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"] == "5"
    else:
        assert answer.status_code == 200


@EVERY_CALL
def test_a_fault_of_ours_is_a_problem_too(app: Flask, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(app, "dispatch_request", fail)
    answer = send(app, *target(call))
    assert answer.status_code == 500
    assert answer.json["code"] == "internal_error"
    assert answer.headers["X-Request-Id"] in answer.json["detail"]


@EVERY_CALL
def test_another_method_is_refused_with_those_that_the_address_takes(app: Flask, call: str) -> None:
    _, path = target(call)
    methods = {other.split()[0] for other in CALLS}
    known = {method for method in methods if call_of(method, path)}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - known:
        answer = send(app, method, path)
        assert answer.status_code == 405, method
        assert known <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/api",
            "/api/",
            "/api/v1",
            "/api/v1/",
            "/api/v2/jobs",
            "/api/v1/jobs/",
            "/api/v1//jobs",
            "/api/v1/Jobs",
        ),
        *(
            "/api/v1/jobs/0/nothing",
            "/api/v1/%2e%2e/jobs",
            "/api/v1/é",
            "/api/v1/openapi.yaml",
            "/api/v1/templates/a",
        ),
    ],
)
def test_an_unknown_address_is_a_problem(app: Flask, path: str) -> None:
    assert send(app, "GET", path).status_code == 404


#: Bodies that are no JSON, or none that can be kept.
BROKEN = ["", "{", "[1,", "{'a': 1}", '{"a": NaN}', '"\\ud800"', "\x00", "<a/>", "[" * 40 + "]" * 40, "1e999"]


@EVERY_CALL_THAT_TAKES_JSON
def test_broken_json_is_refused_with_400(app: Flask, call: str) -> None:
    for text in BROKEN:
        answer = send(app, *target(call), data=text, content_type="application/json")
        assert answer.status_code == 400, (text, answer.text)


@EVERY_CALL_THAT_TAKES_JSON
def test_a_body_of_another_type_is_refused_with_415(app: Flask, call: str) -> None:
    for kind in ("text/plain", "application/xml", "text/csv", ""):
        answer = send(app, *target(call), data="a,b", content_type=kind)
        assert answer.status_code == 415, (kind, answer.text)


@EVERY_CALL_THAT_TAKES_JSON
def test_a_body_that_is_too_large_is_refused_with_413(app: Flask, call: str) -> None:
    answer = send(app, *target(call), data=b'"' + b"x" * (5 << 20) + b'"', content_type="application/json")
    assert answer.status_code == 413, answer.text


@EVERY_CALL_THAT_TAKES_JSON
def test_json_of_another_shape_is_refused_with_422_and_its_places(
    app: Flask, no_database: None, call: str
) -> None:
    for body in ('{"colour": "red"}', "7", '"text"', "[[]]", "null", "true", "[null]"):
        answer = send(app, *target(call), data=body, content_type="application/json")
        assert answer.status_code == 422, (body, answer.text)
        assert answer.json["errors"], body
        assert all({"place", "code", "message"} <= set(error) for error in answer.json["errors"])


#: What may be sent as an id: anything printable that a header takes.
SENT = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, blacklist_characters="\x7f"), max_size=80
)


@settings(deadline=None, database=None)
@given(SENT)
def test_a_request_keeps_its_id_where_it_is_a_safe_one(given_id: str) -> None:
    app = origin_app()
    sent = {"X-Request-Id": given_id.encode("latin-1", "ignore").decode("latin-1")}
    answers = [send(app, "GET", path, headers=sent) for path in ("/api/v1/docs", "/api/v1/nothing")]
    is_safe = re.fullmatch("[A-Za-z0-9_-]{1,64}", given_id) is not None
    for answer in answers:
        kept = answer.headers["X-Request-Id"]
        assert (kept == given_id) is is_safe
        assert is_safe or re.fullmatch("[0-9a-f]{32}", kept)


_APP: list[Flask] = []


def origin_app() -> Flask:
    """The application, made once for all examples."""
    if not _APP:
        _APP.append(origin.create_app(NOWHERE))
    return _APP[0]


def test_the_log_lines_of_a_request_have_its_id(no_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    output, before = StringIO(), structlog.get_config()
    monkeypatch.setattr(logging.sys, "stderr", output)
    monkeypatch.setattr(web, "log", structlog.get_logger())  # the one before keeps where it wrote to
    mine = uuid.uuid4().hex
    try:
        send(origin.create_app(NOWHERE), "GET", "/api/v1/jobs", headers={"X-Request-Id": mine})
    finally:
        structlog.configure(**before)
    unwell, answered = [json.loads(line) for line in output.getvalue().splitlines()]
    assert (unwell["event"], unwell["request_id"]) == ("database unwell", mine)
    assert (answered["event"], answered["request_id"]) == ("answered", mine)
    assert (answered["method"], answered["route"], answered["status"]) == ("GET", "/api/v1/jobs", 503)


# a call that will go


def leaving_app(leaving: Leaving | None) -> Flask:
    """An application with one call."""
    routes = web.Routes("upload")

    @routes.on("GET", "/old", may="public", answer={"type": "object"}, leaving=leaving)
    def old() -> dict[str, object]:
        """An old call that does little."""
        return {}

    return web.create_app("upload", [routes], NOWHERE)


@pytest.fixture
def days() -> tuple[date, date]:
    """A day of deprecation, and one of the end."""
    return date(2027, 3, 1), date(2028, 3, 1)


def test_a_call_that_will_go_announces_it(days: tuple[date, date]) -> None:
    app = leaving_app(Leaving(*days))
    answer = app.test_client().get("/api/v1/old")
    assert answer.headers["Deprecation"] == "@1803859200"
    assert answer.headers["Sunset"] == "Wed, 01 Mar 2028 00:00:00 GMT"
    assert answer.headers["Link"] == '</docs/versioning/>; rel="deprecation"; type="text/html"'
    described = app.extensions["openapi"].to_dict()["paths"]["/api/v1/old"]["get"]
    assert described["deprecated"] is True


def test_a_call_that_stays_announces_nothing() -> None:
    answer = leaving_app(None).test_client().get("/api/v1/old")
    assert not {"Deprecation", "Sunset", "Link"} & set(answer.headers.keys())


def test_a_call_cannot_go_without_notice(days: tuple[date, date]) -> None:
    with pytest.raises(ValueError, match="365 days"):
        Leaving(days[0], days[0] + NOTICE - timedelta(days=1))


def test_the_page_about_versions_says_what_is_so() -> None:
    page = (ROOT / "docs" / "versioning.md").read_text("utf-8")
    deprecated = [call for call, described in CALLS.items() if described.get("deprecated")]
    assert ("No call is deprecated now." in page) is (deprecated == [])
    assert ("for twelve months" in page) is (timedelta(days=365) == NOTICE)
    assert POLICY == "/docs/versioning/"
    assert f'`"{message.VERSION}"` is the only one' in page
    for name in Leaving(date(2027, 1, 1), date(2028, 1, 1)).headers():
        assert f"| `{name}` |" in page
