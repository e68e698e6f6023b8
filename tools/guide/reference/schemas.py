"""JSON Schemas of OpenAPI and AsyncAPI as tables: each property with its type, its bounds and what it is for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools.guide.reference.markdown import anchor, cell, code, table

#: A JSON Schema (https://json-schema.org/draft/2020-12), which may have any keyword.
Schema = Mapping[str, Any]

BOUNDS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
    "pattern": "pattern `{}`",
    "default": "default `{}`",
}


class Schemas:
    """Writes schemas; `page` is where a name that another schema refers to is described."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages = pages

    def section(self, name: str, schema: Schema, level: str = "##") -> Iterator[str]:
        """A schema under a heading of its name."""
        yield f"{level} {name}\n"
        if about := schema.get("description"):
            yield f"{about}\n"
        yield from self.body(schema)

    def body(self, schema: Schema) -> Iterator[str]:
        """The properties as a table, or the type in a line where there are none."""
        rows = [
            self._row(name, each, name in schema.get("required", ())) for name, each in _properties(schema)
        ]
        if rows:
            yield from table(("field", "type", "", "about"), rows)
        else:
            yield f"{self.type_of(schema)}\n"
        if schema.get("additionalProperties") is False:
            yield "It has no other fields.\n"

    def _row(self, name: str, schema: Schema, required: bool) -> tuple[str, str, str, str]:
        return code(name), self.type_of(schema), "required" if required else "", about(schema)

    def type_of(self, schema: Schema) -> str:
        """The type of a value in words, with a link where it has a name."""
        if "$ref" in schema:
            return self.link(str(schema["$ref"]).rpartition("/")[2])
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                word = " and " if several == "allOf" else " or "
                return word.join(dict.fromkeys(self.type_of(each) for each in schema[several]))
        if "enum" in schema:
            return ", ".join("null" if value is None else code(value) for value in schema["enum"])
        if "const" in schema:
            return code(schema["const"])
        names = schema.get("type", "any value")
        return " or ".join(
            self._named(name, schema) for name in ([names] if isinstance(names, str) else names)
        )

    def _named(self, name: str, schema: Schema) -> str:
        if name == "array":
            return f"list of {self.type_of(schema.get('items', {}))}"
        if name == "object" and isinstance(schema.get("additionalProperties"), dict):
            return f"object of {self.type_of(schema['additionalProperties'])}"
        form = schema.get("format")
        return f"{name} ({form})" if form and name == "string" else name

    def link(self, name: str) -> str:
        """A link to the place where a schema is described."""
        return f"[{name}]({self.pages[name]}#{anchor(name)})"


def about(schema: Schema) -> str:
    """What a value is for, and its bounds."""
    bounds = [
        text.format(_shown(key, schema[key]))
        for key, text in BOUNDS.items()
        if schema.get(key) not in (None, "")
    ]
    parts = [schema.get("description", ""), "; ".join(bounds)]
    return ". ".join(cell(part) for part in parts if part)


def _shown(key: str, value: object) -> str:
    if key == "default":
        return json.dumps(value, ensure_ascii=False)
    return f"{value:,}" if isinstance(value, int) else str(value).replace("`", "'")


def _properties(schema: Schema) -> list[tuple[str, Schema]]:
    return list(schema.get("properties", {}).items())
