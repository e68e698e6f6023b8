"""The description of the API: the OpenAPI document as it is kept in the repository, and a page made of it."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared import contract

HERE = Path(__file__).parent
DOCUMENT = Path(contract.__file__).with_name("openapi.json")
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of all services."""
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return loaded


@cache
def style() -> str:
    """The style of the page."""
    return (HERE / "pages" / "docs.css").read_text("utf-8")


@cache
def policy() -> str:
    """The content policy of the page: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"


@cache
def page() -> str:
    """The document as a page that a person can read."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    described = document()
    return templates.get_template("docs.html").render(
        info=described["info"],
        services=_by_service(described),
        schemas={name: _shown(schema) for name, schema in sorted(described["components"]["schemas"].items())},
        style=style(),
    )


def _by_service(described: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    services: dict[str, list[dict[str, Any]]] = {}
    for path, item in described["paths"].items():
        for method in METHODS:
            if method in item:
                operation = _operation(path, method, item[method], item.get("parameters", []))
                services.setdefault(item[method]["tags"][0], []).append(operation)
    return services


def _operation(
    path: str, method: str, described: dict[str, Any], shared_parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": f"{method}-{path.strip('/').replace('/', '-')}",
        "method": method.upper(),
        "path": path,
        "summary": described.get("summary", ""),
        "description": described.get("description", ""),
        "permission": described["x-permission"].replace("_", " "),
        "parameters": [
            {
                "name": parameter["name"],
                "place": parameter["in"],
                "required": parameter.get("required", False),
                "type": type_of(parameter["schema"]),
                "description": parameter.get("description", ""),
            }
            for parameter in [*shared_parameters, *described.get("parameters", [])]
        ],
        "bodies": _contents(described.get("requestBody", {})),
        "answers": [
            {"status": status, "description": answer["description"], "bodies": _contents(answer)}
            for status, answer in sorted(described["responses"].items())
        ],
    }


def _contents(described: dict[str, Any]) -> list[dict[str, Any]]:
    """Content types with what each holds; `fields` where that is not one of the named schemas."""
    return [
        {"type": kind, "holds": type_of(content["schema"]), "fields": _shown(content["schema"])["fields"]}
        for kind, content in described.get("content", {}).items()
    ]


def _shown(schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    return {
        "description": schema.get("description", ""),
        "fields": [
            {
                "name": name,
                "place": "",
                "required": name in required,
                "type": type_of(inner),
                "description": inner.get("description", ""),
            }
            for name, inner in schema.get("properties", {}).items()
        ],
    }


def type_of(schema: dict[str, Any]) -> list[tuple[str, str | None]]:
    """A type in words, as pieces of (text, name of the schema it links to)."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return [(name, name)]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _joined([type_of(one) for one in schema[several]])
    if "enum" in schema:
        return [(" | ".join(str(value) for value in schema["enum"]), None)]
    kinds = schema.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return _joined([_single(kind, schema) for kind in kinds])


def _joined(pieces: list[list[tuple[str, str | None]]]) -> list[tuple[str, str | None]]:
    first, *others = pieces
    return [*first, *(piece for other in others for piece in ((" or ", None), *other))]


def _single(kind: str, schema: dict[str, Any]) -> list[tuple[str, str | None]]:
    if kind == "array":
        return [("list of ", None), *type_of(schema.get("items", {}))]
    if kind == "object" and schema.get("additionalProperties"):
        return [("names with ", None), *type_of(schema["additionalProperties"])]
    limits = [
        f"{word} {schema[key]}"
        for key, word in (
            ("format", ""),
            ("pattern", "like"),
            ("minLength", "length from"),
            ("maxLength", "length to"),
            ("minimum", "from"),
            ("maximum", "to"),
            ("default", "else"),
        )
        if key in schema and kind != "null"
    ]
    return [(kind + (f" ({', '.join(limits).strip()})" if limits else ""), None)]
