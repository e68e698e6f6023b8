"""Tests uploads that go on after a cut (tus 1.0.0): no sequence of cuts changes the file, limits hold before bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import socket
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from services.upload.api import resuming
from services.upload.containers.detection import refuse_by_head
from services.upload.model.source import ReadError
from shared.plumbing import upload_store
from shared.plumbing.file_store import FileStore
from shared.plumbing.orphans import sweep_orphans
from shared.plumbing.upload_store import (
    BATCH_BYTES,
    PIECE,
    Appending,
    Busy,
    NoSuchUpload,
    UploadStore,
    WrongOffset,
)
from tests.examples import examples
from tests.integration.conftest import Standing
from tests.system import Client, System, eventually, token

CONTENT = random.Random(7).randbytes(3 * BATCH_BYTES // 2).hex().encode()
TUS = {"Tus-Resumable": "1.0.0"}


def store_of(db: Database[Any]) -> UploadStore:
    return UploadStore(db, f"firm-{uuid.uuid4().hex[:10]}")


def begun(store: UploadStore, size: int) -> str:
    return store.create(uuid.uuid4().hex, "clients.csv", size, "").claim


def kept(store: UploadStore, db: Database[Any], claim: str) -> bytes:
    with FileStore(db, store.firm).open(claim) as file:
        return file.read()


def test_a_file_in_any_parts_is_the_same_file(shared_database: Database[Any]) -> None:
    store = store_of(shared_database)

    @settings(max_examples=examples(20), deadline=None)
    @given(
        st.sampled_from([1, PIECE - 1, PIECE, PIECE + 1, BATCH_BYTES, BATCH_BYTES + 1, len(CONTENT)]),
        st.lists(st.integers(1, BATCH_BYTES + PIECE), max_size=12),
        st.lists(st.sampled_from(["ends", "dies", "stale", "ahead"]), min_size=12, max_size=12),
    )
    def sent(size: int, parts: list[int], faults: list[str]) -> None:
        content, claim = CONTENT[:size], begun(store, size)
        for length, fault in zip([*parts, size], [*faults, "ends"], strict=False):
            at = store.find(claim).offset
            if at == size:
                break
            if fault in ("stale", "ahead"):
                with pytest.raises(WrongOffset) as wrong:
                    store.take(claim, at + (1 if fault == "ahead" else -1), refuse_by_head)
                assert wrong.value.offset == at
                continue
            appending = store.take(claim, at, refuse_by_head)
            appending.write(content[at : at + length])
            if (
                fault == "dies"
            ):  # the process is gone: only what was written stays, and the lease ends by itself
                shared_database["files.files"].update_many({}, {"$unset": {"claim": 1}})
                assert store.find(claim).offset == appending.offset
            else:
                appending.close()
                assert store.find(claim).offset == min(at + length, size)
        at = store.find(claim).offset
        if at < size:
            rest = store.take(claim, at, refuse_by_head)
            rest.write(content[at:])
            rest.close()
        whole = store.find(claim)
        assert (whole.offset, whole.sha256) == (size, hashlib.sha256(content).hexdigest())
        assert kept(store, shared_database, claim) == content

    sent()


def test_of_two_requests_for_one_upload_the_second_waits_and_one_that_is_gone_is_replaced(
    shared_database: Database[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_store, "LEASE_SECONDS", 0.3)
    store = store_of(shared_database)
    claim = begun(store, 8)
    first = store.take(claim, 0, refuse_by_head)
    with pytest.raises(Busy):
        store.take(claim, 0, refuse_by_head)
    taken: list[Appending] = []

    def free() -> bool:
        try:
            taken.append(store.take(claim, 0, refuse_by_head))
        except Busy:
            return False
        return True

    eventually(free, 5, "the lease ends")
    first.write(b"LATE")
    with pytest.raises(Busy):
        first.close()
    taken[0].write(b"Name;B\r\n")
    taken[0].close()
    assert kept(store, shared_database, claim) == b"Name;B\r\n"
    with pytest.raises(NoSuchUpload):
        store.find("0" * 32)


def test_a_file_that_is_no_list_is_refused_before_its_head_is_kept(shared_database: Database[Any]) -> None:
    store = store_of(shared_database)
    claim = begun(store, 10 * BATCH_BYTES)
    appending = store.take(claim, 0, refuse_by_head)
    with pytest.raises(ReadError):
        appending.write(b"%PDF-1.7\n" + bytes(BATCH_BYTES))
    assert store.find(claim).offset == 0


def test_uploads_that_nobody_finishes_are_removed_after_a_day(shared_database: Database[Any]) -> None:
    store = store_of(shared_database)
    claim = begun(store, 100)
    appending = store.take(claim, 0, refuse_by_head)
    appending.write(b"Name;B\r\n")
    appending.close()
    now = datetime.now(UTC)
    sweep_orphans(shared_database, now + timedelta(hours=23))
    assert store.find(claim).offset == 8
    sweep_orphans(shared_database, now + timedelta(hours=25))
    with pytest.raises(NoSuchUpload):
        store.find(claim)
    assert not shared_database["files.chunks"].find_one({"files_id": f"{store.firm}/{claim}"})


# over HTTP


def bearer() -> str:
    return token(f"firm-{uuid.uuid4().hex[:10]}")


def create(standing: Standing, owner: str, size: object, **more: str) -> Any:
    headers = {**TUS, "Upload-Length": str(size), **more}
    return standing.call("POST", "/uploads", bearer=owner, headers=headers)


def send(standing: Standing, owner: str, claim: str, offset: object, data: bytes, **more: str) -> Any:
    headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": resuming.PART_TYPE, **more}
    return standing.call("PATCH", f"/uploads/{claim}", bearer=owner, headers=headers, data=data)


def head(standing: Standing, owner: str, claim: str) -> Any:
    return standing.call("HEAD", f"/uploads/{claim}", bearer=owner, headers=TUS)


LIST = b"Name;Email\r\nCedar NV;ann@cedar.example\r\n"


def test_an_upload_goes_on_where_it_ended_and_its_claim_makes_one_job(standing: Standing) -> None:
    owner = bearer()
    described = f"filename {base64.b64encode('été.csv'.encode()).decode()},private"
    made = create(standing, owner, len(LIST), **{"Upload-Metadata": described})
    claim = made.json["claim"]
    assert (made.status_code, made.json["name"], made.json["offset"]) == (201, "été.csv", 0)
    assert made.headers["Location"] == f"/api/v1/uploads/{claim}"
    assert made.headers["Tus-Resumable"] == "1.0.0"
    first = send(standing, owner, claim, 0, LIST[:7])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "7")
    early = standing.call("POST", "/jobs", bearer=owner, json={"claim": claim})
    assert (early.status_code, early.json["code"]) == (409, "upload_unfinished")
    wrong = send(standing, owner, claim, 0, LIST[:7])
    assert (wrong.status_code, wrong.json["code"]) == (409, "wrong_offset")
    seen = head(standing, owner, claim)
    assert (seen.headers["Upload-Offset"], seen.headers["Upload-Length"]) == ("7", str(len(LIST)))
    assert (seen.headers["Upload-Metadata"], seen.headers["Cache-Control"]) == (described, "no-store")
    assert "GMT" in seen.headers["Upload-Expires"]
    assert send(standing, owner, claim, 7, LIST[7:]).status_code == 204
    assert send(standing, owner, claim, len(LIST), b"").status_code == 204
    about = standing.good("GET", f"/uploads/{claim}", bearer=owner)
    assert about["sha256"] == hashlib.sha256(LIST).hexdigest()
    key = {"Idempotency-Key": "k1"}
    jobs = [
        standing.call("POST", "/jobs", bearer=owner, headers=key, json={"claim": claim, "options": {}})
        for _ in range(2)
    ]
    assert [one.json["id"] for one in jobs] == [claim, claim]
    assert [one.headers.get("Idempotency-Replayed") for one in jobs] == [None, "true"]
    assert jobs[0].json["source"]["sha256"] == about["sha256"]
    for headers in ({}, {"Idempotency-Key": "k2"}):
        again = standing.call("POST", "/jobs", bearer=owner, headers=headers, json={"claim": claim})
        assert again.json["code"] == "unknown_claim"
    assert standing.call("DELETE", f"/uploads/{claim}", bearer=owner, headers=TUS).status_code == 404


def test_a_claim_without_a_key_is_used_once_and_repaired_rows_need_their_file(standing: Standing) -> None:
    owner = bearer()
    form = {"file": (io.BytesIO(LIST), "a.csv")}
    claim = standing.call("POST", "/uploads", bearer=owner, data=form).json["claim"]
    repaired = {"claim": claim, "options": {"repairs": "a" * 32}}
    assert standing.call("POST", "/jobs", bearer=owner, json=repaired).status_code == 422
    codes = [
        standing.call("POST", "/jobs", bearer=owner, json={"claim": claim}).status_code for _ in range(2)
    ]
    assert codes == [202, 422]


def test_an_upload_is_of_one_firm_and_can_be_removed(standing: Standing) -> None:
    owner = bearer()
    claim = create(standing, owner, 9).json["claim"]
    for other in (bearer(), token("another-standing")):
        assert head(standing, other, claim).status_code == 404
        assert send(standing, other, claim, 0, b"x").status_code == 404
        assert standing.call("DELETE", f"/uploads/{claim}", bearer=other, headers=TUS).status_code == 404
        assert standing.call("POST", "/jobs", bearer=other, json={"claim": claim}).status_code == 422
    assert standing.call("DELETE", f"/uploads/{claim}", bearer=owner, headers=TUS).status_code == 204
    assert head(standing, owner, claim).status_code == 404


WRONG_CREATIONS: dict[str, tuple[dict[str, str], int]] = {
    "no length": ({"Upload-Length": ""}, 422),
    "a negative length": ({"Upload-Length": "-1"}, 422),
    "a length in words": ({"Upload-Length": "ten"}, 422),
    "a fraction": ({"Upload-Length": "1.5"}, 422),
    "other digits": ({"Upload-Length": "٣"}, 422),
    "very many digits": ({"Upload-Length": "9" * 400}, 422),
    "over the limit": ({"Upload-Length": str((1 << 30) + 1)}, 413),
    "nothing": ({"Upload-Length": "0"}, 422),
    "another version": ({"Tus-Resumable": "0.2.2"}, 412),
    "metadata without base64": ({"Upload-Metadata": "filename été"}, 422),
    "metadata twice": ({"Upload-Metadata": "filename YQ==,filename YQ=="}, 422),
    "too much metadata": ({"Upload-Metadata": f"filename {'YQ' * 5000}"}, 422),
}


@pytest.mark.parametrize("what", WRONG_CREATIONS)
def test_a_wrong_creation_is_refused(standing: Standing, what: str) -> None:
    change, status = WRONG_CREATIONS[what]
    owner = bearer()
    headers = {**TUS, "Upload-Length": "9", **change}
    answer = standing.call("POST", "/uploads", bearer=owner, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers.get("Tus-Version") == ("1.0.0" if status == 412 else None)


def test_parts_that_are_none_change_nothing(standing: Standing) -> None:
    owner = bearer()
    claim = create(standing, owner, 9).json["claim"]
    answers = {
        "type": send(standing, owner, claim, 0, b"Name", **{"Content-Type": "text/csv"}),
        "version": send(standing, owner, claim, 0, b"Name", **{"Tus-Resumable": "2.0.0"}),
        "offset": send(standing, owner, claim, "none", b"Name"),
        "ahead": send(standing, owner, claim, 4, b"Name"),
        "beyond": send(standing, owner, claim, 40, b"Name"),
        "more": send(standing, owner, claim, 0, b"Name;Email;Phone"),
    }
    found = {name: answer.status_code for name, answer in answers.items()}
    wanted = {"type": 415, "version": 412, "offset": 422, "ahead": 409, "beyond": 409, "more": 413}
    assert found == wanted
    assert head(standing, owner, claim).headers["Upload-Offset"] == "0"


def test_what_is_no_list_is_refused_and_removed(standing: Standing) -> None:
    owner = bearer()
    claim = create(standing, owner, 9).json["claim"]
    answer = send(standing, owner, claim, 0, b"%PDF-1.7\n")
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_format")
    assert head(standing, owner, claim).status_code == 404


def test_open_uploads_of_a_firm_are_bounded(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = bearer()
    most = 1 << 30
    claims = [create(standing, owner, most).json["claim"] for _ in range(resuming.MOST_OPEN_FILES)]
    full = create(standing, owner, 1)
    assert (full.status_code, full.json["code"]) == (429, "too_many_uploads")
    assert create(standing, bearer(), 1).status_code == 201
    standing.call("DELETE", f"/uploads/{claims[0]}", bearer=owner, headers=TUS)
    monkeypatch.setattr(resuming, "MOST_OPEN", len(claims))
    assert create(standing, owner, 1).status_code == 201
    assert create(standing, owner, 1).status_code == 429


def test_a_client_can_ask_what_is_offered(standing: Standing) -> None:
    answer = standing.call("OPTIONS", "/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"].split(",") == ["creation", "expiration", "termination"]
    assert answer.headers["Tus-Max-Size"] == str(1 << 30)


# with the real server


@pytest.fixture
def served(request: pytest.FixtureRequest, standing: Standing, tmp_path: Path) -> Iterator[System]:
    config = standing.app.extensions["carryover"].config
    system = System(tmp_path, config.mongodb_url, config.broker_url, config.smtp_url, {})
    try:
        yield system.start("web")
    finally:
        system.end()


@pytest.mark.long
def test_cuts_and_kills_in_the_middle_of_a_part_keep_what_has_arrived(
    served: System, standing: Standing
) -> None:
    client = Client(served.url, f"firm-{uuid.uuid4().hex[:10]}")
    made = client.call("POST", "/uploads", headers={**TUS, "Upload-Length": str(len(CONTENT))})
    claim = made.json()["claim"]

    def offset() -> int:
        return int(client.call("HEAD", f"/uploads/{claim}", headers=TUS).headers["Upload-Offset"])

    def cut(at: int, length: int) -> bool:
        if (now := offset()) == at:  # not yet, or the lease of the killed process has not ended
            broken(served, client, claim, at, length)
        return now == at + length

    eventually(lambda: cut(0, 700_001), 40, "what has arrived before a cut")
    kept_at = 700_001

    def kill() -> None:
        taken = {"filename": claim, "claim": {"$exists": True}}
        eventually(lambda: standing.db["files.files"].find_one(taken), 10, "the part is being taken")
        served["web"].kill()

    broken(served, client, claim, kept_at, len(CONTENT) // 2, kill)
    served.restart("web")
    at = offset()
    assert kept_at <= at <= kept_at + len(CONTENT) // 2
    eventually(lambda: cut(at, 123_457), 40, "what has arrived after the kill")
    at = offset()
    headers = {**TUS, "Upload-Offset": str(at), "Content-Type": resuming.PART_TYPE}

    def finished() -> bool:
        rest = client.call("PATCH", f"/uploads/{claim}", headers=headers, data=CONTENT[at:])
        assert rest.status_code in (204, 423), rest.text
        return rest.status_code == 204

    eventually(finished, 20, "the lease of a killed process ends")
    assert client.get(f"/uploads/{claim}")["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    client.close()


def broken(
    system: System, client: Client, claim: str, at: int, length: int, during: Callable[[], None] | None = None
) -> None:
    """Send a part of which only the first bytes come, before the connection ends; `during` is called before that."""
    lines = [
        f"PATCH /api/v1/uploads/{claim} HTTP/1.1",
        "Host: here",
        f"Authorization: {client.session.headers['Authorization']!s}",
        "Tus-Resumable: 1.0.0",
        f"Content-Type: {resuming.PART_TYPE}",
        f"Upload-Offset: {at}",
        f"Content-Length: {len(CONTENT) - at}",
    ]
    with socket.create_connection(("127.0.0.1", system.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + CONTENT[at : at + length])
        if during is not None:
            during()


def test_a_part_that_is_sent_in_chunks_is_taken_too(served: System) -> None:
    client = Client(served.url, f"firm-{uuid.uuid4().hex[:10]}")
    claim = client.call("POST", "/uploads", headers={**TUS, "Upload-Length": str(len(LIST))}).json()["claim"]
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": resuming.PART_TYPE}
    pieces = iter([LIST[:5], LIST[5:30], LIST[30:]])
    answer = requests.patch(
        f"{client.url}/uploads/{claim}",
        data=pieces,
        headers={**headers, "Authorization": str(client.session.headers["Authorization"])},
        timeout=20,
    )
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(LIST)))
    client.close()
