"""Tests that a time has one form, and the same value, wherever a job is answered or published."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

from tests.pipeline.conftest import LIMIT
from tests.pipeline.test_requests import ROWS, Requester, Tap, request_of, requester
from tests.receiving import receiver
from tests.system import Client, System, eventually, token

__all__ = ["requester"]
#: RFC 3339 in UTC with milliseconds and `Z`.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
#: What looks like a time in any other form.
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")


def times(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All times of a document with their places."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from times(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from times(inner, f"{path}.{n}")
    elif isinstance(value, str) and TIME.fullmatch(value):
        yield path, value


def streamed(text: str) -> list[Any]:
    """The data of Server-Sent Events."""
    return [
        json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")
    ]


def test_a_time_is_the_same_wherever_it_is_answered_or_published(
    system: System, requester: Requester, client: Client
) -> None:
    tap, key = Tap(system["upload"].env["BROKER_URL"]), uuid.uuid4().hex
    options = {"autostart": True}
    with receiver() as there:
        client.post("/webhooks", {"url": f"{there.url}/all", "events": ["job.uploaded", "job.imported"]})
        reply = requester.ask(
            request_of(client, rows=ROWS, idempotency_key=key, options=options), token(client.firm)
        )
        path = f"/jobs/{reply['id']}"
        done = client.wait_for(reply["id"], "imported", limit=LIMIT)
        eventually(lambda: len(there.came) == 2, LIMIT, "two events")
        posted = [came.event for came in there.came]
    again = client.call(
        "POST", "/jobs", json={"rows": ROWS, "options": options}, headers={"Idempotency-Key": key}
    ).json()
    waited = client.get(path, wait=1)
    listed = client.get("/jobs")["items"][0]
    from_the_start = {"Last-Event-ID": "0.0"}
    stream = streamed(client.call("GET", f"{path}/events", stream=True, headers=from_the_start).text)
    heard: dict[str, Any] = {}

    def all_heard() -> bool:
        heard.update({routing: json.loads(body) for routing, _, body in tap.heard() if routing[:4] == "job."})
        return {"job.uploaded", "job.imported"} <= heard.keys()

    eventually(all_heard, LIMIT, "the events of the job")
    tap.connection.close()
    answers = [reply, again, waited, listed, done]
    assert len({answer["id"] for answer in answers}) == 1
    assert len({answer["created_at"] for answer in answers}) == 1
    came = {line["status"]: line["at"] for line in done["history"]}
    assert reply["created_at"] == reply["history"][0]["at"] == came["uploaded"]
    assert {each["status"]: each["at"] for each in stream if "at" in each} == came
    assert {event["data"]["status"]: event["time"] for event in posted} == {
        status: came[status] for status in ("uploaded", "imported")
    }
    assert {status: heard[f"job.{status}"]["time"] for status in ("uploaded", "imported")} == {
        status: came[status] for status in ("uploaded", "imported")
    }
    others = [client.get(f"{path}/{part}") for part in ("result", "undo", "source", "report", "repairs")]
    others += [client.get(f"/{part}") for part in ("accounts", "contacts", "mapping-profiles", "webhooks")]
    found = [*times([*answers, stream, posted, [*heard.values()], others])]
    assert len(found) > 60
    assert [one for one in found if not MOMENT.fullmatch(one[1])] == []
