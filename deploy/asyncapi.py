"""Write the AsyncAPI document of all messages: `python -m deploy.asyncapi > shared/contract/asyncapi.json`.

AsyncAPI 3.0 (https://www.asyncapi.com/docs/reference/specification/v3.0.0): the events in full, for every listener;
the work messages, which are between the services, in short.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from deploy.description import messages as examples
from services.upload.requests.message import RequestBody
from shared.contract.answers import JobAnswer
from shared.contract.events import CONTENT_TYPE, EVENTS, EVENTS_EXCHANGE
from shared.contract.messages import TYPE, Envelope
from shared.contract.routes import EXCHANGE, LANES, REQUESTED, STEPS
from shared.plumbing.web import ProblemAnswer

BINDING = "0.3.0"
ABOUT = (
    "Bind a queue of your own to the exchange `carryover.events` by the types you want (`job.*`, `account.#`, `#`). "
    "An event may come twice, with the same `id`; whether records are published at all, in numbers per import "
    "(`records.changed`), or each for itself is the firm's choice (`events` of `/directory`)."
)


def document() -> str:
    """The document as it is kept in the repository; it needs no server and no environment."""
    whole = {
        "asyncapi": "3.0.0",
        "info": {"title": "Carryover", "version": "1", "description": ABOUT},
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            **{_name(kind): _event_channel(kind) for kind in EVENTS},
            "job_requested": _request_channel(),
            "answers": _answer_channel(),
            "work": _work_channel(),
        },
        "operations": {
            **{f"send_{_name(kind)}": _sends(_name(kind)) for kind in EVENTS},
            "receive_job_requested": {
                **_sends("job_requested"),
                "action": "receive",
                "reply": {
                    "address": {"location": "$message.header#/replyTo"},
                    "channel": {"$ref": "#/channels/answers"},
                },
            },
            "send_work": _sends("work"),
            "receive_work": {**_sends("work"), "action": "receive"},
        },
        "components": {
            "messages": {
                **{_name(kind): _event(kind, data) for kind, data in EVENTS.items()},
                "job_requested": _request(),
                "job": _answer("An import that was made", JobAnswer, examples.job()),
                "problem": _answer("Why a request is refused", ProblemAnswer, examples.problem()),
                "work": _work(),
            },
            "schemas": {**_schemas(), "Event": _envelope()},
        },
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _name(kind: str) -> str:
    return kind.replace(".", "_")


def _sends(channel: str) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}}


def _exchange(name: str) -> dict[str, Any]:
    exchange = {"name": name, "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
    return {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": BINDING}}


def _event_channel(kind: str) -> dict[str, Any]:
    message = {"$ref": f"#/components/messages/{_name(kind)}"}
    return {"address": kind, "messages": {_name(kind): message}, "bindings": _exchange(EVENTS_EXCHANGE)}


def _event(kind: str, data: type[Schema]) -> dict[str, Any]:
    about = (data.__doc__ or "").strip().splitlines()[0]
    payload = {
        "allOf": [
            {"$ref": "#/components/schemas/Event"},
            {
                "type": "object",
                "properties": {
                    "type": {"const": kind},
                    "data": {"$ref": f"#/components/schemas/{data.__name__}"},
                },
            },
        ]
    }
    return {
        "name": kind,
        "title": about,
        "contentType": CONTENT_TYPE,
        "payload": payload,
        "examples": examples.of_event(kind),
    }


def _envelope() -> dict[str, Any]:
    """CloudEvents 1.0 in the JSON format, with what we always set."""
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "minLength": 1,
            "description": "The same for an event that is published again",
        },
        "source": {"type": "string", "format": "uri-reference", "examples": ["/carryover/firms/demo"]},
        "type": {"type": "string", "enum": list(EVENTS), "description": "The routing key too"},
        "subject": {"type": "string", "minLength": 1, "description": "The id of the job or the record"},
        "time": {"type": "string", "format": "date-time", "description": "When it was written"},
        "datacontenttype": {"const": "application/json"},
        "data": {"type": "object"},
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _request_channel() -> dict[str, Any]:
    return {
        "address": REQUESTED,
        "title": "Ask for an import",
        "description": "At most 8 MiB; the answer goes to the queue that `replyTo` names, also a direct reply-to.",
        "messages": {"job_requested": {"$ref": "#/components/messages/job_requested"}},
        "bindings": _exchange(EXCHANGE),
    }


def _answer_channel() -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in ("job", "problem")}
    return {"address": None, "title": "The answer to a request", "messages": messages}


def _request() -> dict[str, Any]:
    header = {"type": "string", "description": "`Bearer` and a signed token, as over HTTP"}
    return {
        "name": REQUESTED,
        "title": "Ask for an import",
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": ["authorization"],
            "properties": {"authorization": header},
        },
        "correlationId": {"location": "$message.header#/correlationId"},
        "payload": {"$ref": f"#/components/schemas/{RequestBody.__name__}"},
        "examples": [{"headers": {"authorization": examples.BEARER}, "payload": examples.REQUEST}],
    }


def _answer(title: str, schema: type[Schema], example: object) -> dict[str, Any]:
    payload = {"$ref": f"#/components/schemas/{schema.__name__}"}
    return {
        "name": schema.__name__,
        "title": title,
        "contentType": "application/json",
        "payload": payload,
        "examples": [{"payload": example}],
    }


def _work_channel() -> dict[str, Any]:
    return {
        "address": "work.{step}.{lane}",
        "title": "Between the services: look at this task",
        "messages": {"work": {"$ref": "#/components/messages/work"}},
        "parameters": {"step": {"enum": list(STEPS)}, "lane": {"enum": list(LANES)}},
        "bindings": _exchange(EXCHANGE),
    }


def _work() -> dict[str, Any]:
    payload = {"$ref": "#/components/schemas/Envelope"}
    return {
        "name": TYPE,
        "title": "Look at this task",
        "contentType": "application/json",
        "payload": payload,
        "examples": [{"payload": examples.work()}],
    }


def _schemas() -> dict[str, Any]:
    """The schemas of the contract as JSON Schema, which those of OpenAPI 3.1 are."""
    spec = APISpec("Carryover", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    schemas: list[type[Schema]] = [*EVENTS.values(), RequestBody, JobAnswer, ProblemAnswer, Envelope]
    for schema in dict.fromkeys(schemas):
        spec.components.schema(schema.__name__, schema=schema)
    found: dict[str, Any] = spec.to_dict()["components"]["schemas"]
    return found


if __name__ == "__main__":
    sys.stdout.write(document())
