"""Tests that input that cannot be accepted is refused with a code and a sentence, and leaves no data."""

from __future__ import annotations

import gzip
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from pymongo.database import Database

from shared.contract.problems import KINDS
from tests.pipeline.conftest import LIMIT, MAX_BYTES, Caller, columns, people, table
from tests.system import Client, System, token

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def is_a_problem(answer: requests.Response, status: int, *codes: str) -> dict[str, Any]:
    """The body of a refusal, which has a stable code and a sentence and no trace of the machinery."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] in codes
    assert problem["code"] in KINDS
    assert problem["status"] == status
    assert problem["detail"].endswith((".", "?", "!"))
    assert "…" not in problem["detail"], "a sentence with all its values"
    assert "Traceback" not in answer.text
    return problem


def nothing_is_left(database: Database[dict[str, Any]], client: Client) -> None:
    """No job, and no piece of a file without its file."""
    assert list(client.every("/jobs")) == []
    assert database["files.files"].count_documents({"metadata.firm": client.firm}) == 0
    mine = {"files_id": {"$regex": f"^{client.firm}/"}}
    assert database["files.chunks"].count_documents(mine) == 0


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        pytest.param(b"", "clients.csv", 422, "empty", id="empty"),
        pytest.param(PNG, "clients.csv", 415, "unsupported_format", id="a picture called csv"),
        pytest.param(
            b"%PDF-1.7\n" + b"x" * 900, "clients.xlsx", 415, "unsupported_format", id="a PDF called xlsx"
        ),
        pytest.param(gzip.compress(people(50)), "clients.csv.gz", 415, "unsupported_format", id="gzip"),
        pytest.param(bytes(range(256)) * 40, "clients.csv", 415, "unsupported_format", id="binary"),
        pytest.param(b"a,b\n" + b"x,y\n" * MAX_BYTES, "clients.csv", 413, "too_large", id="too large"),
    ],
)
def test_a_file_that_shows_at_once_what_it_is_is_refused_at_the_door(
    client: Client, database: Database[dict[str, Any]], content: bytes, name: str, status: int, code: str
) -> None:
    is_a_problem(client.send(content, name), status, code)
    nothing_is_left(database, client)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        pytest.param(table(("Account name", "Email")), "clients.csv", "no_rows", id="header only"),
        pytest.param(b"PK\x03\x04 no zip at all", "clients.xlsx", "corrupt", id="a broken workbook"),
        pytest.param(b"\n\n\n , , \n", "clients.csv", "empty", id="blank rows only"),
    ],
)
def test_a_file_that_shows_only_when_read_what_it_is_ends_its_job_with_the_reason(
    client: Client, content: bytes, name: str, code: str
) -> None:
    job = client.upload(content, name, autostart=True)
    failed = client.wait_for(job, "failed", limit=LIMIT)
    assert failed["reason"]["code"] == code
    assert failed["reason"]["message"].endswith(".")
    assert "…" not in failed["reason"]["message"], "a sentence with all its values"
    assert list(client.every("/accounts")) == []


def test_a_text_file_with_a_workbooks_name_is_read_as_what_it_is(client: Client) -> None:
    job = client.upload(people(21), "clients.xlsx")
    assert client.wait_for(job, "proposed", limit=LIMIT)["source"]["format"] == "csv"


@pytest.mark.parametrize(
    "options",
    [
        "no json",
        "[]",
        '{"autostart": "perhaps"}',
        '{"unknown": 1}',
        '{"kind": "invoices"}',
        '{"max_invalid": {"rows": 1, "share": 0.5}}',
        '{"notify": ["not an address"]}',
        '{"header_row": -1}',
    ],
)
def test_wrong_options_refuse_the_upload(
    client: Client, database: Database[dict[str, Any]], options: str
) -> None:
    answer = client.call("POST", "/jobs", files={"file": ("a.csv", people(21))}, data={"options": options})
    assert is_a_problem(answer, 422, "invalid_content")["errors"]
    nothing_is_left(database, client)


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"data": b"x", "headers": {"Content-Type": "text/csv"}}, 415, "unsupported_media_type"),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400, "bad_request"),
        ({"json": {"rows": []}}, 422, "invalid_content"),
        ({"json": {"rows": ["text"]}}, 422, "invalid_content"),
        ({"json": {}}, 422, "invalid_content"),
        ({"files": {"other": ("a.csv", b"a,b")}}, 422, "invalid_content"),
        ({"files": [("file", ("a.csv", b"a,b")), ("file", ("b.csv", b"a,b"))]}, 422, "invalid_content"),
        ({"data": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data"}}, 422, "invalid_content"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused(
    client: Client, database: Database[dict[str, Any]], how: dict[str, Any], status: int, code: str
) -> None:
    is_a_problem(client.call("POST", "/jobs", **how), status, code)
    nothing_is_left(database, client)


def test_rows_as_json_over_the_limit_are_refused(client: Client, database: Database[dict[str, Any]]) -> None:
    rows = [{"Account name": "x" * 1000} for _ in range(9000)]
    is_a_problem(client.call("POST", "/jobs", json={"rows": rows}), 413, "too_large")
    nothing_is_left(database, client)


@pytest.mark.parametrize(
    ("claims", "status", "code"),
    [
        ({"exp": int(time.time()) - 3600}, 401, "token_expired"),
        ({"exp": None}, 401, "not_authenticated"),
        ({"secret": "another secret, of somebody else entirely"}, 401, "not_authenticated"),
        ({"algorithm": "HS384", "secret": "x" * 48}, 401, "not_authenticated"),
        ({"algorithm": "none", "secret": ""}, 401, "not_authenticated"),
        ({"role": "emperor"}, 401, "not_authenticated"),
        ({"firm": "../other"}, 401, "not_authenticated"),
        ({"firm": {"$ne": ""}}, 401, "not_authenticated"),
        ({"role": "employee", "permissions": []}, 403, "not_allowed"),
        ({"role": "employee", "permissions": ["view accounts"]}, 403, "not_allowed"),
    ],
)
def test_a_caller_who_may_not_is_refused_before_anything_is_kept(
    system: System,
    client: Client,
    database: Database[dict[str, Any]],
    claims: dict[str, Any],
    status: int,
    code: str,
) -> None:
    before = database["files.chunks"].count_documents({})
    bearer = token(**{"firm": client.firm, **claims})
    answer = requests.post(
        f"{system.url}/api/v1/jobs",
        files={"file": ("a.csv", people(21))},
        headers={"Authorization": f"Bearer {bearer}"},
        timeout=30,
    )
    is_a_problem(answer, status, code)
    assert database["files.chunks"].count_documents({}) == before
    nothing_is_left(database, client)


def test_without_a_token_nothing_is_served(system: System) -> None:
    for path in ("/jobs", "/accounts", "/directory", "/fields"):
        is_a_problem(requests.get(f"{system.url}/api/v1{path}", timeout=30), 401, "not_authenticated")


def test_an_employee_with_the_right_may_import_and_not_change_the_directory(caller: Caller) -> None:
    employee = caller("firm-of-employee", role="employee", permissions=["Manage contacts"])
    job = employee.upload(people(21))
    employee.wait_for(job, "proposed", limit=LIMIT)
    is_a_problem(employee.call("PUT", "/directory", json={"tags": []}), 403, "not_allowed")


def test_a_wrong_mapping_is_reported_column_by_column(client: Client) -> None:
    job = client.upload(people(21))
    client.wait_for(job, "proposed", limit=LIMIT)
    wrong = columns("account.name", "account.colour", "account.name", "contact.email")
    wrong["columns"].append({"index": 99, "action": "skip"})
    problem = is_a_problem(client.call("PUT", f"/jobs/{job}/mapping", json=wrong), 422, "invalid_content")
    errors = {(each["column"], each["code"]) for each in problem["errors"]}
    assert errors == {(1, "unknown_field"), (2, "target_used_twice"), (99, "unknown_column")}
    assert all(each["message"].endswith(".") for each in problem["errors"])
    assert client.job(job)["status"] == "proposed"


def test_wrong_settings_are_reported_place_by_place(client: Client) -> None:
    job = client.upload(people(21))
    client.wait_for(job, "proposed", limit=LIMIT)
    wrong = {"assignees": ["nobody"], "folder_template": "none", "merge": {"colour": "never"}}
    problem = is_a_problem(client.call("PUT", f"/jobs/{job}/settings", json=wrong), 422, "invalid_content")
    assert {each["setting"] for each in problem["errors"]} == {"assignees", "folder_template", "merge"}


def test_a_mapping_without_a_needed_field_does_not_go_on(client: Client) -> None:
    job = client.upload(people(21))
    client.wait_for(job, "proposed", limit=LIMIT)
    client.put(
        f"/jobs/{job}/mapping", {"columns": [{"index": 2, "action": "sync", "target": "account.tags"}]}
    )
    problem = is_a_problem(client.call("POST", f"/jobs/{job}/map"), 422, "invalid_content")
    assert [each["code"] for each in problem["errors"]] == ["required_not_mapped"]


def test_steps_out_of_order_are_refused(client: Client) -> None:
    job = client.upload(people(21))
    client.wait_for(job, "proposed", limit=LIMIT)
    for method, path in (
        ("POST", "confirm"),
        ("GET", "report"),
        ("GET", "rows"),
        ("GET", "result"),
        ("DELETE", ""),
    ):
        answer = client.call(method, f"/jobs/{job}/{path}".rstrip("/"))
        is_a_problem(answer, 409, "wrong_state")


@pytest.mark.parametrize("path", ["/jobs/none", "/jobs/none/rows", "/accounts/none", "/nowhere"])
def test_what_does_not_exist_is_not_found(client: Client, path: str) -> None:
    is_a_problem(client.call("GET", path), 404, "not_found")


FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nName\nAn\n'


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b"])
@pytest.mark.parametrize("size", [b"-5", b"zz", b"", b"1g", b"0x5"])
def test_a_body_in_chunks_of_no_size_is_refused_and_leaves_nothing(
    client: Client, database: Database[dict[str, Any]], kind: str, size: bytes
) -> None:
    place = urlsplit(client.url)
    head = (
        f"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: {client.session.headers['Authorization']}\r\n"
        f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=LIMIT) as connection:
        connection.sendall(head.encode() + b"%x\r\n%b\r\n%b\r\nabcde\r\n" % (len(FORM), FORM, size))
        assert connection.recv(64).startswith(b"HTTP/1.1 400 ")
    nothing_is_left(database, client)


#: Requests that no application sees, with the status that the server answers.
MALFORMED = {
    "no request line": (b"nonsense\r\n\r\n", 400),
    "a method that is none": (b"G\x00T /api/v1/jobs HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a version that is none": (b"GET /api/v1/jobs HTTP/9.9\r\nHost: a\r\n\r\n", 400),
    "a header without a colon": (b"GET /api/v1/jobs HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", 400),
    "a header with a blank in its name": (b"GET /api/v1/jobs HTTP/1.1\r\nHo st: a\r\n\r\n", 400),
    "too long an address": (b"GET /api/v1/jobs?q=" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "too long a header": (b"GET /api/v1/jobs HTTP/1.1\r\nA: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    "too many headers": (b"GET /api/v1/jobs HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
    "an unknown coding": (
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: brotli\r\n\r\n",
        501,
    ),
    "two lengths": (
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        400,
    ),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_no_application_sees_is_refused_with_a_problem_too(system: System, kind: str) -> None:
    sent, status = MALFORMED[kind]
    address = urlsplit(system.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=LIMIT) as peer:
        peer.sendall(sent)
        answer = b""
        while piece := peer.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    problem = json.loads(body)
    assert int(lines[0].split()[1]) == problem["status"] == status
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert problem["request_id"] == headers["X-Request-Id"]
    assert problem["code"] in KINDS
