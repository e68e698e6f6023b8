"""The page of messages and events, made from `shared/contract/asyncapi.json`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tools.guide.reference.http_calls import SHAPES
from tools.guide.reference.markdown import cell, code, table
from tools.guide.reference.schemas import Schema, Schemas

PAGE = "messages.md"
EVENTS = "carryover.events"


def page(document: Mapping[str, Any], described: Collection[str]) -> str:
    """Requests, their answers, events, and the shapes that the page of the HTTP API does not describe."""
    shapes: Mapping[str, Schema] = document["components"]["schemas"]
    schemas = Schemas({name: SHAPES if name in described else "" for name in shapes})
    lines = [
        "# Messages and events\n",
        "This page is made from the AsyncAPI document `shared/contract/asyncapi.json`.\n",
        f"{document['info']['description']}\n",
        "## Addresses\n",
        *table(("routing key", "exchange", "messages", "about"), _channels(document)),
        "## Messages\n",
    ]
    for message in document["components"]["messages"].values():
        lines += _message(message, schemas)
    lines.append("## Shapes\n")
    for name in sorted(set(shapes) - set(described)):
        lines += schemas.section(name, shapes[name], "###")
    return "\n".join(lines)


def _channels(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    messages = document["components"]["messages"]
    for channel in document["channels"].values():
        binding = channel.get("bindings", {}).get("amqp", {})
        exchange = binding.get("exchange", {}).get("name", "")
        named = [messages[name] for name in channel["messages"]]
        titles = channel.get("description") or channel.get("title") or named[0].get("title", "")
        address = (
            code(channel["address"]) if channel.get("address") else "the queue of the request's `reply_to`"
        )
        yield address, code(exchange), ", ".join(code(each["name"]) for each in named), cell(titles)


def _message(message: Mapping[str, Any], schemas: Schemas) -> Iterator[str]:
    yield f"### {message['name']}\n"
    yield f"{cell(message.get('title', ''))}\n"
    kind = message.get("contentType")
    yield f"Payload{f', {code(kind)}' if kind else ''}: {_payload(message['payload'], schemas)}\n"
    if headers := message.get("headers"):
        yield "Headers:\n"
        yield from schemas.body(headers)


def _payload(payload: Schema, schemas: Schemas) -> str:
    """The type of a payload; that of an event names the shape of its `data`."""
    for each in payload.get("allOf", ()):
        if data := each.get("properties", {}).get("data"):
            return f"{schemas.link('Event')} whose `data` is {schemas.type_of(data)}"
    return schemas.type_of(payload)
