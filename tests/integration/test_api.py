"""Tests that the API does what its description says, whatever is sent, and what the description cannot express."""

from __future__ import annotations

import itertools
import json
from io import BytesIO
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from services.upload.api import docs
from shared.plumbing.following import followers
from tests.examples import examples
from tests.integration.conftest import FIRM, OTHER_FIRM, Standing, token
from tests.integration.test_authorisation import assert_problem

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.allow_header_conformance,
]


@pytest.fixture
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams of events end soon."""
    monkeypatch.setattr(followers, "AT_MOST_SECONDS", 0.05)


SCHEMA = schemathesis.openapi.from_dict(
    docs.document(),
    config=SchemathesisConfig.from_dict({"seed": 1, "generation": {"with-security-parameters": False}}),
)
#: The jobs of the firm in turn, so that every call meets every status.
AIMS = itertools.cycle(
    [
        "proposed",
        "validated",
        "imported",
        "uploaded",
        "mapped",
        "confirmed",
        "failed",
        "cancelled",
        "purged",
        "nowhere",
    ]
)


@SCHEMA.parametrize()
@settings(
    max_examples=examples(20),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_description_names(
    case: Case, standing: Standing, short_streams: None
) -> None:
    aim(case, standing)
    firm = OTHER_FIRM if case.path.endswith("/directory") else FIRM  # what jobs rest on stays as it is
    response = case.call(app=standing.app, headers={"Authorization": f"Bearer {token(firm)}"})
    case.validate_response(response, checks=CHECKS)


def aim(case: Case, standing: Standing) -> None:
    """Let most calls hit something that is there, and as it was at the beginning."""
    parameters = case.path_parameters
    place = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    if not parameters or place is None or place.mode.is_negative:
        return
    status = next(AIMS)
    if "job_id" in parameters and status != "nowhere":
        parameters["job_id"] = standing.anew(status, new_id=case.method == "DELETE")
    elif "record_id" in parameters:
        kind = "accounts" if "/accounts" in case.path else "contacts"
        records = getattr(standing, kind)
        chosen = records[len(status) % len(records)]
        parameters["record_id"] = chosen if case.method == "GET" else standing.another(kind, chosen)


# what a description cannot say: bodies

BROKEN = {
    "nothing": b"",
    "half an object": b'{"tags": [',
    "not a number": b'{"limit": NaN}',
    "beyond all numbers": b'{"limit": 1e999}',
    "beyond 64 bits": b'{"limit": 9223372036854775808}',
    "half a character": rb'{"tags": ["\ud800"]}',
    "not UTF-8": b'{"tags": ["\xff\xfe"]}',
    "NUL in a name": rb'{"a\u0000b": 1}',
    "a reference": b'{"values": {"$ref": "jobs", "$id": "1"}}',
    "very deep": b"[" * 5_000 + b"]" * 5_000,
    "deeper than any reader": b'{"a":' * 200_000,
}
NO_OBJECTS = ["[]", "null", '"text"', "1", "true", "[{}]"]


def put(standing: Standing, path: str, raw: bytes | str, kind: str = "application/json") -> TestResponse:
    """Send a body as it is."""
    return standing.call("PUT", path, bearer=token(OTHER_FIRM), data=raw, content_type=kind)


@pytest.mark.parametrize("what", BROKEN)
def test_json_that_cannot_be_kept_is_refused(standing: Standing, what: str) -> None:
    assert_problem(put(standing, "/directory", BROKEN[what]), 400, "bad_request")


@pytest.mark.parametrize("what", ["not a number", "half a character", "NUL in a name", "very deep"])
def test_options_beside_a_file_are_read_as_strictly(standing: Standing, what: str) -> None:
    form = {"file": (BytesIO(b"a;b\n1;2\n"), "x.csv"), "options": BROKEN[what].decode()}
    answer = standing.call("POST", "/jobs", data=form)
    assert_problem(answer, 422, "invalid_content")
    assert all(each["place"].startswith("options") for each in answer.json["errors"])


@pytest.mark.parametrize("raw", NO_OBJECTS)
def test_a_body_that_is_no_object_is_refused(standing: Standing, raw: str) -> None:
    assert_problem(put(standing, "/directory", raw), 422, "invalid_content")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_a_body_that_does_not_call_itself_json_is_not_taken(standing: Standing, kind: str) -> None:
    assert_problem(put(standing, "/directory", "{}", kind), 415, "unsupported_media_type")


def test_more_json_than_is_taken_is_refused_before_it_is_read(standing: Standing) -> None:
    assert_problem(put(standing, "/directory", b'{"a": "' + b"x" * (9 << 20) + b'"}'), 413, "too_large")


@pytest.mark.parametrize("cell", [[], {}, ["a"], {"$gt": ""}])
def test_a_row_sent_as_json_holds_plain_values_only(standing: Standing, cell: Any) -> None:
    answer = standing.call("POST", "/jobs", json={"rows": [{"Name": cell}]})
    assert_problem(answer, 422, "invalid_content")


@pytest.mark.parametrize(
    "options",
    [
        {"mapping": {}},
        {"mapping": {"columns": [{"index": "0", "action": "sync"}]}},
        {"mapping": {"columns": [{"index": 0, "action": "drop"}]}},
        {"settings": {"mode": "overwrite"}},
        {"settings": {"tags": "vip"}},
        {"max_invalid": {"rows": 1, "share": 0.1}},
        {"max_invalid": {"rows": True}},
        {"autostart": "yes"},
        {"autostart": 1},
        {"kind": "people"},
        {"notify": ["nobody"]},
        {"unheard_of": 1},
    ],
    ids=json.dumps,
)
def test_wrong_options_are_refused_at_the_door(standing: Standing, options: dict[str, Any]) -> None:
    rows = [{"Name": "An"}]
    assert_problem(
        standing.call("POST", "/jobs", json={"rows": rows, "options": options}), 422, "invalid_content"
    )
    form = {"file": (BytesIO(b"Name\nAn\n"), "x.csv"), "options": json.dumps(options)}
    assert_problem(standing.call("POST", "/jobs", data=form), 422, "invalid_content")


@pytest.mark.parametrize(
    "locale",
    [{"time_zone": "Europe/Atlantis"}, {"time_zone": "../etc/passwd"}, {"country": "QX"}, {"language": "la"}],
    ids=json.dumps,
)
def test_a_firm_lives_in_a_place_that_exists(standing: Standing, locale: dict[str, str]) -> None:
    home = {"language": "nl", "country": "BE", "time_zone": "Europe/Brussels", "date_order": "DMY"}
    answer = put(standing, "/directory", json.dumps({"locale": {**home, **locale}}))
    assert_problem(answer, 422, "invalid_content")
    assert {each["place"] for each in answer.json["errors"]} == {f"json.locale.{name}" for name in locale}


# what was given may be sent back


@pytest.mark.parametrize("part", ["mapping", "settings"])
def test_what_a_job_shows_can_be_sent_back_as_it_is(standing: Standing, part: str) -> None:
    path = f"/jobs/{standing.anew('proposed')}/{part}"
    shown = standing.good("GET", path)
    assert standing.good("PUT", path, json=shown) == shown


def test_a_mapping_can_be_chosen_though_the_directory_has_lost_what_the_settings_name(
    standing: Standing,
) -> None:
    path = f"/jobs/{standing.anew('proposed')}"
    standing.db.jobs.update_one(
        {"_id": standing.jobs["proposed"]}, {"$set": {"settings.folder_template": "gone"}}
    )
    mapping = standing.good("GET", f"{path}/mapping")
    assert standing.good("PUT", f"{path}/mapping", json=mapping) == mapping
    refused = standing.call("PUT", f"{path}/settings", json={})
    assert_problem(refused, 422, "invalid_content")
    assert refused.json["errors"][0]["setting"] == "folder_template"


def test_the_directory_can_be_sent_back_as_it_is_once(standing: Standing) -> None:
    firm = token("directory-of-its-own")
    shown = standing.good("GET", "/directory", bearer=firm)
    kept = standing.good("PUT", "/directory", bearer=firm, json={**shown, "tags": ["a.b", "$c", "d é"]})
    assert kept == {**shown, "tags": ["a.b", "$c", "d é"], "revision": shown["revision"] + 1}
    assert_problem(standing.call("PUT", "/directory", bearer=firm, json=shown), 412, "changed_meanwhile")


def test_a_part_of_the_directory_is_set_only_at_the_revision_that_was_seen(standing: Standing) -> None:
    firm = token("directory-by-tag")
    tag = standing.call("GET", "/directory", bearer=firm).headers["ETag"]
    for status in (200, 412):
        answer = standing.call(
            "PUT", "/directory", bearer=firm, json={"roles": ["boss"]}, headers={"If-Match": tag}
        )
        assert answer.status_code == status
    assert standing.good("GET", "/directory", bearer=firm)["roles"] == ["boss"]


# addresses, methods and headers


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/jobs/",
        "//jobs",
        "/jobs//events",
        "/jobs/a%00b",
        "/jobs/a%2Fb",
        "/jobs/%ff",
        "/jobs/..%2F",
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(standing: Standing, path: str) -> None:
    assert_problem(standing.call("GET", path), 404, "not_found")


@pytest.mark.parametrize("query", ["name=%ff", "name=(((", "name=.*%24", "tag=$where"])
def test_odd_filters_find_nothing_and_break_nothing(standing: Standing, query: str) -> None:
    assert standing.good("GET", f"/accounts?{query}")["items"] == []


@pytest.mark.parametrize("part", ["name", "tag"])
def test_a_name_that_nobody_can_type_is_refused(standing: Standing, part: str) -> None:
    assert_problem(standing.call("GET", f"/accounts?{part}=%00"), 422, "invalid_content")


@pytest.mark.parametrize("query", ["limit=0", "limit=999999999999", "limit=ten", "curser=1", "cursor=../x"])
def test_a_wrong_query_is_reported_by_name(standing: Standing, query: str) -> None:
    answer = standing.call("GET", f"/jobs?{query}")
    assert_problem(answer, 422, "invalid_content")
    assert {each["place"] for each in answer.json["errors"]} == {f"query.{query.split('=')[0]}"}


@pytest.mark.parametrize("path", ["/jobs", "/fields", "/directory", "/accounts"])
def test_head_answers_like_get_without_a_body(standing: Standing, path: str) -> None:
    got, head = standing.call("GET", path), standing.call("HEAD", path)
    assert (head.status_code, head.content_type, head.data) == (200, got.content_type, b"")
    assert_problem(standing.call("GET", path, headers={"Authorization": ""}), 401)
    assert standing.call("HEAD", path, headers={"Authorization": ""}).status_code == 401


def test_options_name_the_methods_to_anybody(standing: Standing) -> None:
    answer = standing.call("OPTIONS", "/jobs", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_a_method_that_is_not_allowed_is_refused_with_those_that_are(standing: Standing) -> None:
    answer = standing.call("PATCH", "/directory")
    assert_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}


@pytest.mark.parametrize("given", ["abc-123", "bad id", "x" * 65, ""])
def test_a_request_keeps_its_id_if_it_is_one(standing: Standing, given: str) -> None:
    answered = standing.call("GET", "/fields", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert (answered == given) is (given == "abc-123")
    assert answered


# streams


def test_a_stream_of_an_ended_job_says_so_once_and_ends(standing: Standing) -> None:
    answer = standing.call("GET", f"/jobs/{standing.anew('imported')}/events")
    assert answer.mimetype == "text/event-stream"
    _retry, event = answer.text.strip().split("\n\n")
    identity, name, data = event.split("\n")
    assert name == "event: job"
    assert json.loads(data.removeprefix("data: "))["status"] == "imported"
    last = {"Last-Event-ID": identity.removeprefix("id: ")}
    assert standing.call("GET", f"/jobs/{standing.jobs['imported']}/events", headers=last).status_code == 204


def test_a_stream_follows_a_job_until_it_ends(standing: Standing) -> None:
    job = standing.anew("uploaded")
    stream = iter(standing.call("GET", f"/jobs/{job}/events").response)
    text = _text(next(stream))
    standing.good("POST", f"/jobs/{job}/cancel")
    text += "".join(map(_text, stream))
    seen = [json.loads(line[6:])["status"] for line in text.split("\n") if line.startswith("data: ")]
    assert seen == ["uploaded", "cancelled", "cancelled"]  # a line of the history, then the job as it is


def _text(piece: bytes | str) -> str:
    return piece.decode() if isinstance(piece, bytes) else piece


def test_a_job_has_one_version_wherever_it_is_answered(standing: Standing) -> None:
    made = standing.good(
        "POST", "/jobs", data={"file": (BytesIO(b"Name;E-mail\nAn;an@office.example\n"), "a.csv")}
    )
    for status in ("uploaded", "proposed", "validated", "imported", "failed", "cancelled", "purged"):
        standing.anew(status)
    versions = {one["id"]: one["version"] for one in standing.good("GET", "/jobs?limit=200")["items"]}
    assert versions[made["id"]] == made["version"]
    for job, version in versions.items():
        assert standing.good("GET", f"/jobs/{job}")["version"] == version
        events = standing.call("GET", f"/jobs/{job}/events", headers={"Last-Event-ID": version})
        assert events.status_code in (200, 204)
        events.close()
        fresh = standing.call("GET", f"/jobs/{job}?wait=1&after=0.{version}")
        assert fresh.json["version"] == version


#: Parts of a form beside its file that nobody reads, and where each is wrong.
PARTS: dict[str, list[tuple[str, Any]]] = {
    "option": [("option", "{}")],
    "Options": [("Options", "{}")],
    "autostart": [("autostart", "true")],
    "options": [("options", "{}"), ("options", '{"autostart": true}')],
    "mapping": [("options", "{}"), ("mapping", "{}")],
}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("path", ["/jobs", "/uploads"])
def test_a_part_of_a_form_that_nobody_reads_is_refused(standing: Standing, path: str, name: str) -> None:
    before = standing.db["files.files"].count_documents({})
    form = MultiDict([("file", (BytesIO(b"Name;B\nAn;1\n"), "a.csv")), *PARTS[name]])
    answer = standing.call("POST", path, data=form, content_type="multipart/form-data")
    assert_problem(answer, 422, "invalid_content")
    assert [error["place"] for error in answer.json["errors"]] == [f"form.{name}"]
    assert standing.db["files.files"].count_documents({}) == before
