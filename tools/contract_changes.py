"""Finds what a change of the OpenAPI document breaks for callers: `python -m tools.contract_changes BEFORE AFTER`.

What counts as a break is in docs/versioning.md. Prints a line for each, and ends with 1 where there is one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
#: Bounds of what is sent: a lower one of the first, or a higher one of the second, refuses what was taken.
MOST = ("maxLength", "maximum", "maxItems", "maxProperties")
LEAST = ("minLength", "minimum", "minItems", "minProperties")
#: How deep schemas are compared: those of recursive shapes have no end.
DEEPEST = 12

Json = Mapping[str, Any]


def breaks(before: Json, after: Json) -> list[str]:
    """What callers of `before` may trip over in `after`, a sentence each."""
    return list(_Comparison(before, after).calls())


class _Comparison:
    """Two documents; `sent` is true within what callers send, and false within what they get."""

    def __init__(self, before: Json, after: Json) -> None:
        self.before = before
        self.after = after

    def calls(self) -> Iterator[str]:
        for path, item in self.before["paths"].items():
            present = self.after["paths"].get(path)
            if present is None:
                yield f"{path} is gone"
                continue
            for method in METHODS:
                if method in item and method not in present:
                    yield f"{method.upper()} {path} is gone"
                elif method in item:
                    call = f"{method.upper()} {path}"
                    yield from self._parameters(call, item, present, method)
                    yield from self._call(call, item[method], present[method])

    def _call(self, call: str, before: Json, after: Json) -> Iterator[str]:
        for name in ("operationId", "x-permission", "security"):
            if before.get(name) != after.get(name):
                yield f"{call}: {name} was {before.get(name)}, and is {after.get(name)}"
        yield from self._body(call, before.get("requestBody"), after.get("requestBody"))
        for status, answer in before["responses"].items():
            present = after["responses"].get(status)
            if present is None:
                yield f"{call}: it no longer answers {status}"
                continue
            for header in answer.get("headers", {}):
                if header not in present.get("headers", {}):
                    yield f"{call}: {status} has no header {header}"
            yield from self._contents(f"{call} {status}", answer, present, sent=False)

    def _parameters(self, call: str, before: Json, after: Json, method: str) -> Iterator[str]:
        old, new = _parameters(before, method), _parameters(after, method)
        for key, parameter in old.items():
            if key not in new:
                yield f"{call}: the parameter {key[1]} is gone"
                continue
            if new[key].get("required") and not parameter.get("required"):
                yield f"{call}: the parameter {key[1]} is required"
            place = f"{call}: the parameter {key[1]}"
            yield from self._schema(place, parameter["schema"], new[key]["schema"], sent=True)
        for key in new.keys() - old.keys():
            if new[key].get("required"):
                yield f"{call}: the new parameter {key[1]} is required"

    def _body(self, call: str, before: Json | None, after: Json | None) -> Iterator[str]:
        if before is None:
            if after is not None and after.get("required"):
                yield f"{call}: a body is required"
        elif after is None:
            yield f"{call}: it takes no body"
        else:
            if after.get("required") and not before.get("required"):
                yield f"{call}: a body is required"
            yield from self._contents(f"{call} body", before, after, sent=True)

    def _contents(self, place: str, before: Json, after: Json, *, sent: bool) -> Iterator[str]:
        for kind, content in before.get("content", {}).items():
            present = after.get("content", {}).get(kind)
            if present is None:
                yield f"{place}: {kind} is gone"
                continue
            for code in content.get("examples", {}).keys() - present.get("examples", {}).keys():
                yield f"{place}: the code {code} is gone"
            yield from self._schema(place, content.get("schema", {}), present.get("schema", {}), sent=sent)

    def _schema(self, place: str, before: Json, after: Json, *, sent: bool, depth: int = 0) -> Iterator[str]:
        before, after = _resolved(self.before, before), _resolved(self.after, after)
        if depth > DEEPEST:
            return
        old, new = _branches(before), _branches(after)
        if len(old) > 1 or len(new) > 1:
            wider, narrower = (old, new) if not sent else (new, old)
            # each shape that may come must be one that was known: those sent before, those answered now
            for shape in narrower:
                if not any(self._fits(shape, other, sent=sent, depth=depth) for other in wider):
                    yield f"{place}: a shape was {'taken' if sent else 'not'} known before: {json.dumps(shape)[:80]}"
            return
        yield from self._types(place, before, after, sent=sent)
        yield from self._bounds(place, before, after, sent=sent)
        yield from self._properties(place, before, after, sent=sent, depth=depth)
        for part in ("items", "additionalProperties"):
            inner, other = before.get(part), after.get(part)
            if isinstance(inner, Mapping) and isinstance(other, Mapping):
                yield from self._schema(f"{place}[]", inner, other, sent=sent, depth=depth + 1)
        if (
            sent
            and after.get("additionalProperties") is False
            and before.get("additionalProperties") is not False
        ):
            yield f"{place}: unknown names are refused"

    def _fits(self, shape: Json, other: Json, *, sent: bool, depth: int) -> bool:
        old, new = (shape, other) if sent else (other, shape)
        return not any(self._schema("", old, new, sent=sent, depth=depth + 1))

    def _types(self, place: str, before: Json, after: Json, *, sent: bool) -> Iterator[str]:
        old, new = _types(before), _types(after)
        lost = (old - new) if sent else (new - old)
        if (old and new and lost) or bool(old) != bool(new):
            yield f"{place}: the type was {sorted(old)}, and is {sorted(new)}"
        if before.get("format") != after.get("format"):
            yield f"{place}: the format was {before.get('format')}, and is {after.get('format')}"

    def _bounds(self, place: str, before: Json, after: Json, *, sent: bool) -> Iterator[str]:
        if not sent:
            return
        if "enum" in after and ("enum" not in before or set(_texts(before)) - set(_texts(after))):
            yield f"{place}: values are gone"
        if after.get("pattern") not in (None, before.get("pattern")):
            yield f"{place}: the pattern was {before.get('pattern')}, and is {after['pattern']}"
        for name in MOST:
            if after.get(name, float("inf")) < before.get(name, float("inf")):
                yield f"{place}: {name} is lower"
        for name in LEAST:
            if after.get(name, float("-inf")) > before.get(name, 0 if name != "minimum" else float("-inf")):
                yield f"{place}: {name} is higher"
        if before.get("default") != after.get("default"):
            yield f"{place}: the default was {before.get('default')}, and is {after.get('default')}"

    def _properties(self, place: str, before: Json, after: Json, *, sent: bool, depth: int) -> Iterator[str]:
        old, new = before.get("properties", {}), after.get("properties", {})
        for name, schema in old.items():
            if name in new:
                yield from self._schema(f"{place}.{name}", schema, new[name], sent=sent, depth=depth + 1)
            else:
                yield f"{place}.{name} is gone"
        required, needed = set(before.get("required", ())), set(after.get("required", ()))
        for name in sorted(needed - required) if sent else sorted((required - needed) & set(new)):
            yield f"{place}.{name} is {'required' if sent else 'no longer in every answer'}"


def _parameters(item: Json, method: str) -> dict[tuple[str, str], Json]:
    both = [*item.get("parameters", []), *item[method].get("parameters", [])]
    return {(parameter["in"], parameter["name"]): parameter for parameter in both}


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _branches(schema: Json) -> list[Json]:
    found: list[Json] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return found


def _types(schema: Json) -> set[str]:
    kinds = schema.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _texts(schema: Json) -> list[str]:
    return [json.dumps(value) for value in schema["enum"]]


def main(before: str, after: str) -> int:
    """Print the breaks between two files; gives the exit code."""
    found = breaks(*(json.loads(Path(name).read_text("utf-8")) for name in (before, after)))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
