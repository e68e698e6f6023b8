"""Tests the client package against the real system: imports over HTTP and RabbitMQ, events, the command line."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterator

import pytest

from carryover_client import AsyncClient, CarryoverProblem, IdempotencyConflict, InvalidContent
from carryover_client import Client as Carryover
from tests.pipeline.conftest import LIMIT, Caller, people
from tests.system import Client, System, token


@pytest.fixture
def carryover(system: System, client: Client) -> Iterator[Carryover]:
    """The package's client, for the firm of `client`."""
    with Carryover(system.url, token(client.firm)) as made:
        yield made


def test_a_file_goes_through_and_is_undone(carryover: Carryover) -> None:
    seen: list[str] = []
    options = {"autostart": True, "max_invalid": {"rows": 5}}
    job = carryover.upload(people(50, bad=3), options, name="clients.csv")
    done = carryover.wait(job["id"], "imported", LIMIT, lambda moment: seen.append(moment["status"]))
    assert (done["result"]["rows_loaded"], done["result"]["rows_skipped"]) == (47, 3)
    assert seen[-1] == "imported"
    result = carryover.result(job["id"])
    assert (result["balanced"], result["rows"]) == (True, 50)
    zipped, book = io.BytesIO(), io.BytesIO()
    assert carryover.skipped(job["id"], zipped) == len(zipped.getvalue())
    (name,) = zipfile.ZipFile(zipped).namelist()
    assert zipfile.ZipFile(zipped).read(name).count(b"Bakery") == 3
    carryover.skipped(job["id"], book, workbook=True)
    assert book.getvalue()[:2] == b"PK"
    assert len(list(carryover.clients())) == len(list(carryover.clients("contacts"))) == 47
    assert [one["fields"]["name"] for one in carryover.clients(name="Bakery 7")] == ["Bakery 7"]
    assert carryover.undo(job["id"])["status"] == "undoing"
    assert carryover.wait(job["id"], "undone", LIMIT)["status"] == "undone"
    assert list(carryover.clients()) == []
    assert [one["id"] for one in carryover.jobs()] == [job["id"]]


def test_step_by_step_without_autostart(carryover: Carryover) -> None:
    job = carryover.send_rows([{"Account name": "Cedar NV", "Email": "ann@cedar.example"}])
    assert carryover.wait(job["id"], timeout=LIMIT)["status"] == "proposed"
    carryover.confirm_mapping(job["id"])
    assert carryover.wait(job["id"], timeout=LIMIT)["status"] == "validated"
    assert carryover.report(job["id"])["counts"]["new"] == 1
    carryover.start(job["id"])
    assert carryover.wait(job["id"], "imported", LIMIT)["result"]["accounts_created"] == 1


def test_the_same_key_gives_the_same_job_and_another_list_is_refused(carryover: Carryover) -> None:
    first, again = (carryover.upload(people(2), idempotency_key="once") for _ in range(2))
    assert first["id"] == again["id"]
    with pytest.raises(IdempotencyConflict):
        carryover.upload(people(3), idempotency_key="once")
    carryover.wait(first["id"], timeout=LIMIT)
    carryover.cancel(first["id"])


def test_a_wrong_request_is_an_error_with_its_code_and_place(carryover: Carryover) -> None:
    with pytest.raises(InvalidContent) as refused:
        carryover.upload(people(2), {"autostart": "later"})
    assert refused.value.code == "invalid_content"
    assert [one["place"] for one in refused.value.errors] == ["options.autostart"]


def test_a_template_is_written(carryover: Carryover) -> None:
    into = io.BytesIO()
    carryover.template("accounts.csv", into, lang="fr")
    assert into.getvalue().startswith(b"\xef\xbb\xbf")


def test_a_program_with_asyncio_does_the_same(system: System, caller: Caller) -> None:
    firm = caller().firm

    async def main() -> tuple[int, list[str]]:
        async with AsyncClient(system.url, token("another", role="service", firms=["*"]), firm) as carryover:
            jobs = await asyncio.gather(
                *(carryover.upload(people(30), {"autostart": True}, idempotency_key="k") for _ in range(3))
            )
            done = await carryover.wait(jobs[0]["id"], "imported", LIMIT)
            found = [one["id"] async for one in carryover.jobs()]
            return done["result"]["rows_loaded"], found

    loaded, jobs = asyncio.run(main())
    assert (loaded, len(jobs)) == (30, 1)


def test_a_wrong_token_is_refused(system: System) -> None:
    with Carryover(system.url, "x.y.z") as stranger, pytest.raises(CarryoverProblem) as refused:
        stranger.job("a" * 32)
    assert refused.value.code == "not_authenticated"
