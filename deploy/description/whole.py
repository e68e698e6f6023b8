"""Completes the whole document: the operations one by one, then its groups, headers and servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from deploy.description import refusals, words
from shared.plumbing.web import PROBLEM_JSON, REFUSALS

EXAMPLES = Path(__file__).with_name("examples.json")
JSON = "application/json"
#: A part of an upload.
PART = "application/offset+octet-stream"


@cache
def kept_examples() -> dict[str, dict[str, Any]]:
    """The recorded bodies by operation: `request` and `answer`, where they are JSON."""
    loaded: dict[str, dict[str, Any]] = json.loads(EXAMPLES.read_text("utf-8")) if EXAMPLES.exists() else {}
    return loaded


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Give the document with all words and examples; changes it in place."""
    document["info"]["description"] = words.ABOUT
    document["servers"] = words.SERVERS
    document["tags"] = [{"name": name, "description": about} for name, about in words.TAGS.items()]
    document["components"]["headers"] = words.HEADERS
    for shared, operation in _operations(document):
        for parameter in [*shared, *operation.get("parameters", [])]:
            _complete_parameter(parameter, operation["operationId"])
        _complete_body(operation)
        declared = operation.pop(REFUSALS)
        for status, answer in operation["responses"].items():
            if status in declared or int(status) in declared:
                codes = declared.get(status) or declared[int(status)]
                answer["content"][PROBLEM_JSON]["examples"] = refusals.examples(int(status), codes)
            else:
                _complete_answer(answer, operation["operationId"])
            answer["headers"] = _headers(operation["operationId"], status)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Each operation with the parameters of its path."""
    for item in document["paths"].values():
        for operation in item.values():
            if "operationId" in operation:
                yield item.get("parameters", []), operation


def _complete_parameter(parameter: dict[str, Any], operation: str) -> None:
    known = words.PARAMETERS[parameter["in"], parameter["name"]]
    if known.about:
        parameter["description"] = known.about
    parameter["example"] = words.EXAMPLES_OF_CALLS.get(
        (operation, parameter["name"]), parameter.get("example", known.example)
    )


def _complete_body(operation: dict[str, Any]) -> None:
    example = kept_examples().get(operation["operationId"], {}).get("request")
    content = operation.get("requestBody", {}).get("content", {})
    if example is not None and JSON in content:
        content[JSON]["example"] = example
    if PART in content:
        content[PART]["example"] = words.LIST
    if "multipart/form-data" in content:
        properties = content["multipart/form-data"]["schema"]["properties"]
        form = {name: value for name, value in words.FORM.items() if name in properties}
        content["multipart/form-data"]["example"] = form


def _complete_answer(answer: dict[str, Any], operation: str) -> None:
    example = kept_examples().get(operation, {}).get("answer")
    if example is not None and JSON in answer.get("content", {}):
        answer["content"][JSON]["example"] = example


def _headers(operation: str, status: str) -> dict[str, dict[str, str]]:
    names = [*words.OF_EVERY_ANSWER, *words.BY_STATUS.get(status, ())]
    if status in ("201", "202") and operation not in words.WITHOUT_ADDRESS:
        names.append("Location")
    if status in ("200", "201", "202"):
        names += words.BY_CALL.get(operation, ())
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
