"""The page of the HTTP API, made from `shared/contract/openapi.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from tools.guide.reference.markdown import cell, code, table
from tools.guide.reference.schemas import Schema, Schemas, about

#: Where each part is; the addresses are relative to these pages.
CALLS, SHAPES, PROBLEMS = "http.md", "shapes.md", "problems.md"
METHODS = ("options", "get", "post", "put", "patch", "delete")
ABOUT = {
    "upload": "Files, jobs and their progress",
    "mapper": "Mapping and settings",
    "validator": "Report, rows and repairs",
    "importer": "Loading, undo, clients and the firm's directory",
    "notifier": "Files of skipped rows",
}
PERMISSIONS = {"public": "none: no token is needed", "anyone": "none: every valid token will do"}
PROBLEM = "ProblemAnswer"
JSON = "application/json"

Operation = Mapping[str, Any]


def calls(document: Mapping[str, Any]) -> str:
    """Each call with its permission, parameters, body, answers and refusals."""
    schemas = Schemas(dict.fromkeys(document["components"]["schemas"], SHAPES))
    lines = [
        "# HTTP API\n",
        "This page is made from the OpenAPI document, which every system serves at `/api/v1/openapi.json`.",
        "Every call needs `Authorization: Bearer <token>`, but for those that say otherwise. Refusals are",
        f"`application/problem+json` with a stable code: [Problems]({PROBLEMS}).\n",
    ]
    for tag in dict.fromkeys(operation["tags"][0] for _, _, operation in operations(document)):
        lines.append(f"## {ABOUT.get(tag, tag.capitalize())}\n")
        for method, path, operation in operations(document):
            if operation["tags"][0] == tag:
                lines += _call(method, path, operation, schemas)
    return "\n".join(lines)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Method, path and description of each call, in the order of the document."""
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                operation = item[method]
                yield method, path, {**operation, "parameters": [*shared, *operation.get("parameters", [])]}


def _call(method: str, path: str, operation: Operation, schemas: Schemas) -> Iterator[str]:
    address = path.replace("{", "&#123;").replace("}", "&#125;")
    yield f"### {method.upper()} {address} {{: #{operation['operationId']} }}\n"
    yield f"{cell(operation['summary'])}\n"
    if more := operation.get("description"):
        yield f"{cell(more)}\n"
    permission = operation["x-permission"]
    yield f"Permission: {PERMISSIONS.get(permission, code(permission))}. Name: `{operation['operationId']}`.\n"
    yield from table(
        ("parameter", "in", "type", "", "about"),
        [_parameter(each, schemas) for each in operation["parameters"]],
    )
    yield from _body(operation.get("requestBody"), schemas)
    yield from _answers(operation["responses"], schemas)
    yield from _examples(operation)


def _parameter(parameter: Mapping[str, Any], schemas: Schemas) -> tuple[str, str, str, str, str]:
    schema = {"description": parameter.get("description", ""), **parameter.get("schema", {})}
    required = "required" if parameter.get("required") else ""
    return code(parameter["name"]), parameter["in"], schemas.type_of(schema), required, about(schema)


def _body(body: Mapping[str, Any] | None, schemas: Schemas) -> Iterator[str]:
    for kind, content in (body or {}).get("content", {}).items():
        schema: Schema = content["schema"]
        if "properties" in schema:
            yield f"Body, {code(kind)}:\n"
            yield from schemas.body(schema)
        else:
            yield f"Body, {code(kind)}: {schemas.type_of(schema)}\n"


def _answers(responses: Mapping[str, Any], schemas: Schemas) -> Iterator[str]:
    good = {status: answer for status, answer in responses.items() if not _is_refusal(status)}
    for status, answer in sorted(good.items()):
        kinds = [
            f"{code(kind)}: {schemas.type_of(content['schema'])}" if "schema" in content else code(kind)
            for kind, content in answer.get("content", {}).items()
        ]
        headers = ", ".join(code(name) for name in answer.get("headers", {}))
        yield f"Answer **{status}**{': ' if kinds else ''}{', '.join(kinds)}{f' with {headers}' if headers else ''}\n"
    refusals = [
        f"[{status}]({PROBLEMS}#{status}) {', '.join(map(code, _codes(responses[status])))}"
        for status in sorted(responses)
        if _is_refusal(status)
    ]
    if refusals:
        yield f"Refusals: {'; '.join(refusals)}\n"


def _codes(refusal: Mapping[str, Any]) -> Iterator[str]:
    """The codes that a refusal may have."""
    for content in refusal.get("content", {}).values():
        yield from content.get("examples", {})


def _examples(operation: Operation) -> Iterator[str]:
    """The example of the body, and that of the answer, folded."""
    good = [answer for status, answer in operation["responses"].items() if not _is_refusal(status)]
    places: list[tuple[str, Operation]] = [("Body", operation.get("requestBody", {}))]
    places += [("Answer", answer) for answer in good]
    for title, place in places:
        example = place.get("content", {}).get(JSON, {}).get("example")
        if example is not None:
            text = json.dumps(example, indent=2, ensure_ascii=False)
            yield f"<details markdown><summary>{title}, an example</summary>\n\n```json\n{text}\n```\n\n</details>\n"


def _is_refusal(status: str) -> bool:
    return not status.isdigit() or int(status) >= HTTPStatus.BAD_REQUEST


def shapes(document: Mapping[str, Any]) -> str:
    """Each named shape of a body or an answer."""
    known: Mapping[str, Schema] = document["components"]["schemas"]
    schemas = Schemas(dict.fromkeys(known, ""))
    lines = ["# Shapes of the HTTP API\n", f"The bodies and answers that the [calls]({CALLS}) name.\n"]
    for name in sorted(known):
        lines += schemas.section(name, known[name])
    return "\n".join(lines)
