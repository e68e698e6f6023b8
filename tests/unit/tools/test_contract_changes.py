"""Tests that no change breaks callers of a release: with kept documents, and with generated changes of each call."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.upload.api import docs
from tools.contract_changes import METHODS, breaks, main

KEPT = sorted((Path(__file__).parents[2] / "contract" / "released").glob("openapi-*.json"))
DOCUMENT: dict[str, Any] = json.loads(docs.DOCUMENT.read_text("utf-8"))
CALLS = [(path, method) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item]

Document = dict[str, Any]
#: Changes a document in place; False where it has no place for this change.
Change = Callable[[Document, Document, random.Random], bool]


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
def test_callers_of_a_release_can_go_on(kept: Path) -> None:
    assert breaks(json.loads(kept.read_text("utf-8")), DOCUMENT) == []


def test_there_is_a_release_to_compare_with() -> None:
    assert KEPT


def alone(path: str, method: str) -> Document:
    """A document with one call and the schemas that it names."""
    item = DOCUMENT["paths"][path]
    part = {name: item[name] for name in ("parameters", method) if name in item}
    schemas: dict[str, Any] = {}
    _collect(part, schemas)
    return copy.deepcopy({"paths": {path: part}, "components": {"schemas": schemas}})


def _collect(value: Any, schemas: dict[str, Any]) -> None:
    if isinstance(value, list):
        for inner in value:
            _collect(inner, schemas)
    elif isinstance(value, dict):
        name = str(value.get("$ref", "")).removeprefix("#/components/schemas/")
        known = DOCUMENT["components"]["schemas"].get(name)
        if known is not None and name not in schemas:
            schemas[name] = known
            _collect(known, schemas)
        for inner in value.values():
            _collect(inner, schemas)


def schemas_of(document: Document, content: Any) -> Iterator[Document]:
    """The schemas of a body, without those that are one of several shapes."""
    if isinstance(content, dict):
        if "$ref" in content:
            content = document["components"]["schemas"][content["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in content or "oneOf" in content:
            return
        yield content
        for inner in content.get("properties", {}).values():
            yield from schemas_of(document, inner)
        yield from schemas_of(document, content.get("items"))


def sent(document: Document, call: Document) -> list[Document]:
    """All schemas of what a call takes."""
    bodies = call.get("requestBody", {}).get("content", {}).values()
    parameters = [parameter["schema"] for parameter in call.get("parameters", [])]
    return [*parameters, *(s for body in bodies for s in schemas_of(document, body["schema"]))]


def got(document: Document, call: Document) -> list[Document]:
    """All schemas of what a call answers with success."""
    answers = [answer for status, answer in call["responses"].items() if status < "300"]
    bodies = [body for answer in answers for body in answer.get("content", {}).values()]
    return [schema for body in bodies for schema in schemas_of(document, body["schema"])]


def one_of(found: list[Any], chance: random.Random) -> Any:
    """Any of some; None of none."""
    return chance.choice(found) if found else None


def drops(place: Callable[[Document, Document], list[tuple[Any, Any]]]) -> Change:
    """Remove one of the places: pairs of a container and a key."""

    def change(document: Document, call: Document, chance: random.Random) -> bool:
        found = one_of(place(document, call), chance)
        if found:
            del found[0][found[1]]
        return bool(found)

    return change


def _with(schemas: list[Document], key: str) -> list[Document]:
    return [schema for schema in schemas if schema.get(key)]


def _answers(document: Document, call: Document) -> list[tuple[Any, Any]]:
    return [(call["responses"], status) for status in call["responses"]]


def _codes(document: Document, call: Document) -> list[tuple[Any, Any]]:
    contents = [body for answer in call["responses"].values() for body in answer.get("content", {}).values()]
    return [(content["examples"], code) for content in contents for code in content.get("examples", {})]


def _headers(document: Document, call: Document) -> list[tuple[Any, Any]]:
    return [(answer["headers"], name) for answer in call["responses"].values() for name in answer["headers"]]


def _parameters(document: Document, call: Document) -> list[tuple[Any, Any]]:
    return [(call["parameters"], n) for n in range(len(call.get("parameters", [])))]


def _bodies(document: Document, call: Document) -> list[tuple[Any, Any]]:
    content = call.get("requestBody", {}).get("content", {})
    return [(content, kind) for kind in content]


def _got_names(document: Document, call: Document) -> list[tuple[Any, Any]]:
    return [(s["properties"], name) for s in got(document, call) for name in s.get("properties", {})]


def _sent_names(document: Document, call: Document) -> list[tuple[Any, Any]]:
    return [(s["properties"], name) for s in sent(document, call) for name in s.get("properties", {})]


def _needed_answers(document: Document, call: Document) -> list[tuple[Any, Any]]:
    return [
        (s["required"], n) for s in _with(got(document, call), "required") for n in range(len(s["required"]))
    ]


def _taken_values(document: Document, call: Document) -> list[tuple[Any, Any]]:
    return [(s["enum"], n) for s in _with(sent(document, call), "enum") for n in range(len(s["enum"]))]


def _require_a_name(document: Document, call: Document, chance: random.Random) -> bool:
    places = [
        (schema, name)
        for schema in _with(sent(document, call), "properties")
        for name in schema["properties"]
        if name not in schema.get("required", [])
    ]
    if found := one_of(places, chance):
        found[0]["required"] = [*found[0].get("required", []), found[1]]
    return bool(found)


def _require_a_new_name(document: Document, call: Document, chance: random.Random) -> bool:
    if found := one_of(_with(sent(document, call), "properties"), chance):
        found["properties"]["new"] = {"type": "string"}
        found["required"] = [*found.get("required", []), "new"]
    return bool(found)


def _require_a_parameter(document: Document, call: Document, chance: random.Random) -> bool:
    call.setdefault("parameters", []).append(
        {"in": "query", "name": "new", "required": True, "schema": {"type": "string"}}
    )
    return True


def _answer_null(document: Document, call: Document, chance: random.Random) -> bool:
    plain = [schema for schema in got(document, call) if isinstance(schema.get("type"), str)]
    if found := one_of(plain, chance):
        found["type"] = [found["type"], "null"]
    return bool(found)


def _lower_a_bound(document: Document, call: Document, chance: random.Random) -> bool:
    if found := one_of(_with(sent(document, call), "maxLength"), chance):
        found["maxLength"] -= 1
    return bool(found)


def _ask_another_right(document: Document, call: Document, chance: random.Random) -> bool:
    call["x-permission"] = "another"
    return True


def _drop_the_call(document: Document, call: Document, chance: random.Random) -> bool:
    document["paths"].clear()
    return True


BREAKING: dict[str, Change] = {
    "the call is gone": _drop_the_call,
    "a status is gone": drops(_answers),
    "a code is gone": drops(_codes),
    "a header is gone": drops(_headers),
    "a parameter is gone": drops(_parameters),
    "a body is gone": drops(_bodies),
    "a name of an answer is gone": drops(_got_names),
    "a name of an answer may be missing": drops(_needed_answers),
    "a name of a body is gone": drops(_sent_names),
    "a value is no longer taken": drops(_taken_values),
    "a name is required": _require_a_name,
    "a new name is required": _require_a_new_name,
    "a new parameter is required": _require_a_parameter,
    "an answer may be null": _answer_null,
    "a bound is lower": _lower_a_bound,
    "another right is needed": _ask_another_right,
}


def _more_names(document: Document, call: Document, chance: random.Random) -> bool:
    for schema in [*_with(got(document, call), "properties"), *_with(sent(document, call), "properties")]:
        schema["properties"]["of_tomorrow"] = {"type": "string"}
    return True


def _more_statuses_and_codes(document: Document, call: Document, chance: random.Random) -> bool:
    call["responses"]["418"] = {"description": "new"}
    for answer in call["responses"].values():
        answer.setdefault("headers", {})["X-New"] = {}
        for content in answer.get("content", {}).values():
            content.get("examples", {})["new"] = {}
    return True


def _more_values(document: Document, call: Document, chance: random.Random) -> bool:
    for schema in _with([*got(document, call), *sent(document, call)], "enum"):
        schema["enum"] = [*schema["enum"], "new"]
    return True


def _wider_bounds(document: Document, call: Document, chance: random.Random) -> bool:
    for schema in _with(sent(document, call), "maxLength"):
        schema["maxLength"] += 1
    answered = [id(schema) for schema in got(document, call)]
    for schema in _with(sent(document, call), "required"):
        schema["required"] = schema["required"] if id(schema) in answered else []
    return True


def _more_calls_and_parameters(document: Document, call: Document, chance: random.Random) -> bool:
    document["paths"]["/new"] = {"get": call}
    parameter = {"in": "query", "name": "new", "schema": {"type": "string"}}
    call.setdefault("parameters", []).append(parameter)
    return True


def _other_words(document: Document, call: Document, chance: random.Random) -> bool:
    call["summary"] = call["description"] = "new"
    call["tags"] = ["new"]
    return True


COMPATIBLE: dict[str, Change] = {
    "more names": _more_names,
    "more statuses, codes and headers": _more_statuses_and_codes,
    "more values": _more_values,
    "wider bounds": _wider_bounds,
    "more calls and parameters": _more_calls_and_parameters,
    "other words": _other_words,
}


def changed(kind: Change, path: str, method: str, seed: int) -> tuple[Document, Document] | None:
    """A call before and after a change; None where it has no place for this."""
    before = alone(path, method)
    after = copy.deepcopy(before)
    call = after["paths"][path][method]
    return (before, after) if kind(after, call, random.Random(seed)) else None


@pytest.mark.parametrize("kind", BREAKING)
def test_a_change_that_breaks_callers_is_found_in_every_call_that_has_a_place_for_it(kind: str) -> None:
    tried = 0
    for n, (path, method) in enumerate(CALLS):
        pair = changed(BREAKING[kind], path, method, n)
        if pair:
            tried += 1
            assert breaks(*pair), (kind, method, path)
    assert tried > 3


@pytest.mark.parametrize("kind", COMPATIBLE)
def test_a_change_that_adds_breaks_nobody(kind: str) -> None:
    for n, (path, method) in enumerate(CALLS):
        pair = changed(COMPATIBLE[kind], path, method, n)
        assert pair
        assert breaks(*pair) == [], (kind, method, path)


def test_the_command_prints_the_breaks_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = []
    for name, paths in (("before", {"/a": {}}), ("after", {})):
        names.append(str(tmp_path / name))
        Path(names[-1]).write_text(json.dumps({"paths": paths}))
    assert main(*names) == 1
    assert capsys.readouterr().out == "/a is gone\n"
    assert main(names[1], names[0]) == 0
