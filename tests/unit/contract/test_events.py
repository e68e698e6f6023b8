"""Tests events: CloudEvents with ids that repeat, with numbers and codes only."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from marshmallow import RAISE

from deploy import asyncapi
from shared.contract.events import (
    API,
    EACH,
    EVENTS,
    NUMBERS,
    SUMMARY,
    grouped,
    history_line,
    job_event,
    record_events,
    step_ended,
    summary_event,
)
from shared.contract.job import Status, new_job
from shared.contract.problems import KINDS
from shared.contract.routes import REQUESTED
from shared.plumbing import web
from tests.architecture.code import ROOT
from tests.describing import refused_by

AT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
BY = {"id": "anna@firm.example", "email": "anna@firm.example", "locale": "nl", "rights": []}
SOURCE = {"name": "clients of Anna Peeters.csv", "rows": 3}
ATTRIBUTES = {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"}

DESCRIBED = json.loads((ROOT / "shared/contract/asyncapi.json").read_text("utf-8"))


def a_job(*moves: tuple[Status, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A job that moved along, with what each move wrote."""
    job = {**new_job("5eed", "firm a/b", "accounts", {}, SOURCE, BY, AT), **more}
    for status, changes in moves:
        job["history"].append(history_line(status, AT, BY["id"], 1, changes))
    return job


def is_cloud_event(event: dict[str, Any]) -> bool:
    """What CloudEvents 1.0 asks of the JSON format, and the contract of the data."""
    assert set(event) == ATTRIBUTES
    assert event["specversion"] == "1.0"
    assert event["id"]
    assert re.fullmatch(r"/carryover/firms/[A-Za-z0-9._~%-]+", event["source"])
    assert datetime.fromisoformat(event["time"]).tzinfo
    assert event["datacontenttype"] == "application/json"
    assert json.loads(json.dumps(event)) == event
    EVENTS[event["type"]]().load(event["data"], unknown=RAISE)
    return True


@pytest.mark.parametrize("status", Status)
def test_every_status_is_published_as_a_cloud_event(status: Status) -> None:
    event = job_event(a_job((status, {})), 1)
    assert is_cloud_event(event)
    assert (event["type"], event["id"], event["subject"]) == (f"job.{status}", "5eed.1", "5eed")
    assert event["data"]["status"] == status
    assert event["source"] == "/carryover/firms/firm%20a%2Fb"


def test_what_a_job_says_of_a_status_is_true_when_it_came_there() -> None:
    reason = {"code": "no_progress", "params": {"minutes": 3}}
    job = a_job(
        (Status.VALIDATED, {"counts": {"new": 2, "invalid": 1}}),
        (Status.MAPPED, {}),
        (Status.VALIDATED, {"counts": {"new": 3, "invalid": 0}}),
        (Status.FAILED, {"reason": reason, "result": {"rows_loaded": 1}}),
        (Status.UNDOING, {"reason": None, "undo": {"numbers": None}, "result": {"rows_loaded": 1}}),
        (Status.UNDONE, {"undo": {"numbers": {"rows_reversed": 1}}}),
    )
    published = [job_event(job, n)["data"] for n in range(len(job["history"]))]
    assert [data["numbers"] for data in published] == [
        {}, {"new": 2, "invalid": 1}, {}, {"new": 3, "invalid": 0}, {}, {}, {"rows_reversed": 1},
    ]  # fmt: skip
    assert [data["reason"] for data in published] == [None, None, None, None, "no_progress", None, None]
    assert "no_progress" in KINDS


def test_no_event_of_a_job_says_who_it_was_or_what_the_file_is_called() -> None:
    job = a_job(*((status, {"counts": {"new": 1}}) for status in Status))
    text = json.dumps([job_event(job, n) for n in range(len(job["history"]))])
    assert "anna" not in text.casefold()


def test_a_summary_comes_with_the_line_that_ends_a_step_and_only_where_something_changed() -> None:
    moves = [(Status.CONFIRMED, {}), (Status.CANCELLED, {}), (Status.UNDOING, {}), (Status.UNDONE, {})]
    job = a_job(*moves, events={"load": SUMMARY, "undo": EACH})
    ended = [step_ended(job, n) for n in range(len(job["history"]))]
    assert [(e.step, e.choice) if e else None for e in ended] == [
        None, None, ("load", SUMMARY), None, ("undo", EACH),
    ]  # fmt: skip
    event = summary_event(job, 2, "load", {"accounts_created": 2, "links_created": 1, "rows_loaded": 3})
    assert event
    assert is_cloud_event(event)
    assert (event["type"], event["id"]) == ("records.changed", "5eed.2.records")
    nothing = dict.fromkeys(NUMBERS, 0)
    assert event["data"]["numbers"] == {**nothing, "accounts_created": 2, "links_created": 1}
    assert summary_event(job, 2, "load", {"rows_skipped": 3}) is None


def test_values_given_back_are_published_as_updates() -> None:
    job = a_job((Status.UNDOING, {}), (Status.UNDONE, {}))
    event = summary_event(job, 2, "undo", {"contacts_restored": 4, "accounts_removed": 2, "kept": 1})
    assert event
    numbers = event["data"]["numbers"]
    assert (numbers["contacts_updated"], numbers["accounts_removed"], numbers["contacts_removed"]) == (
        4,
        2,
        0,
    )


def test_nothing_is_published_of_records_where_the_firm_does_not_want_it_or_nothing_was_begun() -> None:
    moves = [(Status.CONFIRMED, {}), (Status.IMPORTED, {})]
    assert step_ended(a_job(*moves, events={"load": "none"}), 2) is None
    assert step_ended(a_job(*moves), 2) is None


def test_each_record_is_published_with_an_id_of_its_own_version() -> None:
    changes = [
        ("account.created", "5eed", 1, "a1"),
        ("account.created", "5eed", 1, "a2"),
        ("contact.updated", "earlier", 7, "c1"),
        ("account.removed", "5eed", 2, "a1"),
    ]
    document = {"_id": "5eed.load.0", "firm": "f", "job": "5eed", "at": AT, "changes": grouped(changes)}
    events = list(record_events(document))
    assert all(is_cloud_event(event) for event in events)
    assert [(event["type"], event["id"]) for event in events] == [
        ("account.created", "a1.5eed.1"),
        ("account.created", "a2.5eed.1"),
        ("contact.updated", "c1.earlier.7"),
        ("account.removed", "a1.5eed.2"),
    ]
    assert events[2]["data"] == {
        "record": "c1", "firm": "f", "job": "5eed", "revision": 7, "link": "/api/v1/contacts/c1",
    }  # fmt: skip
    assert len(document["changes"]) == 3


def test_links_lead_to_the_api() -> None:
    assert web.PREFIX == API


def test_the_kept_description_of_the_messages_is_what_the_contract_gives() -> None:
    kept = (ROOT / "shared/contract/asyncapi.json").read_text("utf-8")
    assert kept == asyncapi.document(), "run `make asyncapi`"


def test_the_description_names_every_event_and_leads_nowhere() -> None:
    described = json.loads(asyncapi.document())
    assert {channel["address"] for channel in described["channels"].values()} == {
        *EVENTS,
        REQUESTED,
        None,  # answers go where the request says
        "work.{step}.{lane}",
    }
    for found in set(re.findall(r'"\$ref": "#/([^"]+)"', asyncapi.document())):
        place: Any = described
        for part in found.split("/"):
            place = place[part]
        assert place


# the description in the field's own form


def test_the_description_is_valid_asyncapi() -> None:
    schema = json.loads((ROOT / "tests/contract/asyncapi/3.0.0.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert [error.message for error in validator.iter_errors(DESCRIBED)] == []


def test_operations_send_and_receive_what_their_channels_have() -> None:
    for name, operation in DESCRIBED["operations"].items():
        action, _, channel = name.partition("_")
        assert (operation["action"], operation["channel"]) == (action, {"$ref": f"#/channels/{channel}"})
    for channel in DESCRIBED["channels"].values():
        for name, message in channel["messages"].items():
            assert message == {"$ref": f"#/components/messages/{name}"}


@pytest.mark.parametrize("name", DESCRIBED["components"]["messages"])
def test_the_example_of_a_message_is_one(name: str) -> None:
    message = DESCRIBED["components"]["messages"][name]
    (example,) = message["examples"]
    assert refused_by(message["payload"], example["payload"]) == []
    assert refused_by(message.get("headers", {}), example.get("headers", {})) == []


@pytest.mark.parametrize("name", DESCRIBED["components"]["messages"])
@pytest.mark.parametrize("change", ["a name is missing", "another type"])
def test_the_schema_of_a_message_refuses_others(name: str, change: str) -> None:
    message = DESCRIBED["components"]["messages"][name]
    payload = copy.deepcopy(message["examples"][0]["payload"])
    for part in (
        ("status", "code")
        if name in ("job", "problem")
        else ("firm",)
        if name == "job_requested"
        else ("id",)
    ):
        payload[part] = 7.5
        if change == "a name is missing":
            del payload[part]
        assert refused_by(message["payload"], payload), part
