"""Makes the page that describes the API from the OpenAPI document, which is kept in the repository."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from shared import contract

HERE = Path(__file__).parent
DOCUMENT = Path(contract.__file__).with_name("openapi.json")

Method = Literal["get", "post", "put", "patch", "delete"]
METHODS: tuple[Method, ...] = ("get", "post", "put", "patch", "delete")
Limit = Literal["format", "pattern", "minLength", "maxLength", "minimum", "maximum", "default"]
#: The limits of a simple type, with the word that is put before each.
LIMITS: tuple[tuple[Limit, str], ...] = (
    ("format", ""),
    ("pattern", "like"),
    ("minLength", "length from"),
    ("maxLength", "length to"),
    ("minimum", "from"),
    ("maximum", "to"),
    ("default", "else"),
)
Several = Literal["anyOf", "oneOf", "allOf"]
SEVERAL: tuple[Several, ...] = ("anyOf", "oneOf", "allOf")


# the parts of an OpenAPI document that the page shows

JsonSchema = TypedDict(
    "JsonSchema",
    {
        "$ref": NotRequired[str],
        "anyOf": NotRequired[list["JsonSchema"]],
        "oneOf": NotRequired[list["JsonSchema"]],
        "allOf": NotRequired[list["JsonSchema"]],
        "enum": NotRequired[list[object]],
        "type": NotRequired[str | list[str]],
        "items": NotRequired["JsonSchema"],
        "properties": NotRequired[dict[str, "JsonSchema"]],
        "additionalProperties": NotRequired["JsonSchema"],
        "required": NotRequired[list[str]],
        "description": NotRequired[str],
        "format": NotRequired[str],
        "pattern": NotRequired[str],
        "minLength": NotRequired[int],
        "maxLength": NotRequired[int],
        "minimum": NotRequired[float],
        "maximum": NotRequired[float],
        "default": NotRequired[object],
    },
)
Parameter = TypedDict(
    "Parameter",
    {
        "name": str,
        "in": str,
        "required": NotRequired[bool],
        "schema": JsonSchema,
        "description": NotRequired[str],
    },
)


class MediaType(TypedDict):
    """What a body of one content type holds."""

    schema: JsonSchema
    example: NotRequired[object]
    examples: NotRequired[dict[str, object]]


class Body(TypedDict, total=False):
    """A body by content type: of a request or an answer."""

    content: dict[str, MediaType]
    description: str


Operation = TypedDict(
    "Operation",
    {
        "tags": list[str],
        "summary": NotRequired[str],
        "description": NotRequired[str],
        "x-permission": str,
        "parameters": NotRequired[list[Parameter]],
        "requestBody": NotRequired[Body],
        "responses": dict[str, Body],
    },
)


class PathItem(TypedDict, total=False):
    """The operations of one path, and the parameters that they share."""

    parameters: list[Parameter]
    get: Operation
    post: Operation
    put: Operation
    patch: Operation
    delete: Operation


class Components(TypedDict):
    """The schemas by name."""

    schemas: dict[str, JsonSchema]


class Document(TypedDict):
    """An OpenAPI document."""

    info: dict[str, str]
    paths: dict[str, PathItem]
    components: Components


# what the template of the page takes

#: A type in words, as pieces of text, each with the name of the schema that it links to.
TypeText = list[tuple[str, str | None]]


@dataclass(frozen=True)
class ShownField:
    """A line of a table: a field of a schema, or a parameter; `place` is where a parameter goes."""

    name: str
    place: str
    required: bool
    type: TypeText
    description: str


@dataclass(frozen=True)
class ShownBody:
    """A body of one content type; `fields` are empty where a named schema has them."""

    type: str
    holds: TypeText
    fields: list[ShownField]
    example: str


@dataclass(frozen=True)
class ShownAnswer:
    """An answer of an operation."""

    status: str
    description: str
    bodies: list[ShownBody]


@dataclass(frozen=True)
class ShownOperation:
    """An operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    permission: str
    parameters: list[ShownField]
    bodies: list[ShownBody]
    answers: list[ShownAnswer]


@dataclass(frozen=True)
class ShownSchema:
    """A named schema."""

    description: str
    fields: list[ShownField]


@cache
def document() -> Document:
    """Load the OpenAPI document of all services."""
    loaded: Document = json.loads(DOCUMENT.read_text("utf-8"))
    return loaded


@cache
def style() -> str:
    """Load the style of the page."""
    return (HERE / "pages" / "docs.css").read_text("utf-8")


@cache
def policy() -> str:
    """Give the content security policy of the page: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"


@cache
def page() -> str:
    """Render the document as a page for people."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["prose"] = prose
    described = document()
    schemas = described["components"]["schemas"]
    return templates.get_template("docs.html").render(
        info=described["info"],
        services=_by_service(described["paths"]),
        schemas={
            name: ShownSchema(schema.get("description", ""), _fields(schema))
            for name, schema in sorted(schemas.items())
        },
        style=style(),
    )


def prose(text: str) -> Markup:
    """Paragraphs of a description, with its bold words and its code."""
    plain = str(escape(text))
    marked = re.sub(
        r"`([^`]+)`", r"<code>\1</code>", re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", plain)
    )
    return Markup("".join(f"<p>{paragraph}</p>" for paragraph in marked.split("\n\n")))


def _by_service(paths: Mapping[str, PathItem]) -> dict[str, list[ShownOperation]]:
    services: dict[str, list[ShownOperation]] = {}
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                shown = _operation(path, method, operation, item.get("parameters", []))
                services.setdefault(operation["tags"][0], []).append(shown)
    return services


def _operation(path: str, method: str, operation: Operation, shared: Sequence[Parameter]) -> ShownOperation:
    return ShownOperation(
        id=f"{method}-{path.strip('/').replace('/', '-')}",
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        permission=operation["x-permission"].replace("_", " "),
        parameters=[_parameter(each) for each in [*shared, *operation.get("parameters", [])]],
        bodies=_bodies(operation.get("requestBody", {})),
        answers=[
            ShownAnswer(status, answer["description"], _bodies(answer))
            for status, answer in sorted(operation["responses"].items())
        ],
    )


def _parameter(parameter: Parameter) -> ShownField:
    return ShownField(
        parameter["name"],
        parameter["in"],
        parameter.get("required", False),
        type_of(parameter["schema"]),
        parameter.get("description", ""),
    )


def _bodies(body: Body) -> list[ShownBody]:
    return [
        ShownBody(kind, type_of(content["schema"]), _fields(content["schema"]), _example(content))
        for kind, content in body.get("content", {}).items()
    ]


def _example(content: MediaType) -> str:
    """The example of a body as text, or the codes of a refusal."""
    if "examples" in content:
        return ", ".join(content["examples"])
    return json.dumps(content["example"], indent=2, ensure_ascii=False) if "example" in content else ""


def _fields(schema: JsonSchema) -> list[ShownField]:
    required = schema.get("required", [])
    return [
        ShownField(name, "", name in required, type_of(inner), inner.get("description", ""))
        for name, inner in schema.get("properties", {}).items()
    ]


def type_of(schema: JsonSchema) -> TypeText:
    """Describe a type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return [(name, name)]
    for several in SEVERAL:
        if several in schema:
            return _joined([type_of(one) for one in schema[several]])
    if "enum" in schema:
        return [(" | ".join(str(value) for value in schema["enum"]), None)]
    kinds = schema.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return _joined([_single(kind, schema) for kind in kinds])


def _joined(texts: Sequence[TypeText]) -> TypeText:
    first, *others = texts
    return [*first, *(piece for other in others for piece in ((" or ", None), *other))]


def _single(kind: str, schema: JsonSchema) -> TypeText:
    if kind == "array":
        return [("list of ", None), *type_of(schema.get("items", {}))]
    if kind == "object" and schema.get("additionalProperties"):
        return [("names with ", None), *type_of(schema["additionalProperties"])]
    limits = [f"{word} {schema[key]}" for key, word in LIMITS if key in schema and kind != "null"]
    return [(kind + (f" ({', '.join(limits).strip()})" if limits else ""), None)]
