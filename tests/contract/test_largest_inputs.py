"""Tests that the largest accepted input is cheap to read, and that its job fits into the database."""

from __future__ import annotations

import json
import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from flask import Flask
from marshmallow import Schema, ValidationError

from services.importer.api.directory import DirectoryBody
from services.importer.directory.record_fields import AccountChanges
from services.mapper.settings.confirmed_mapping import confirm_mapping
from services.mapper.settings.job_settings import first_settings
from services.mapper.settings.suggested_mapping import first_mapping
from services.upload.new_jobs.asked import Options, RowsBody
from services.upload.new_jobs.sent_rows import rows_as_file
from services.upload.table.samples import FIRST_ROWS, SAMPLES, Sampler
from services.validator.api.repair_schemas import RowChange
from shared.contract.bounded import MOST_NAME
from shared.contract.fields import FIELDS
from shared.contract.job import new_job
from shared.contract.requests import MappingBody, SettingsBody
from shared.plumbing.bodies import MAX_VALUES, StrictJSON
from shared.plumbing.directory_store import DEFAULTS
from shared.plumbing.web import MAX_JSON_BYTES

#: Half of what MongoDB takes in one document.
MOST_STORED = 8_000_000
#: Of a machine that has nothing else to do; and what Python's own bookkeeping of memory adds is not counted.
SECONDS, BYTES = 2.0, 50_000_000
COLUMNS = 1_000
WIDE = "€" * MOST_NAME

CUSTOM = {"name": "€" * 60, "type": "text", "record": "account"}
MAPPED = {
    "columns": [
        {
            "index": n,
            "action": "custom",
            "custom": {**CUSTOM, "name": f"{n:04}{'€' * 56}"},
            "candidates": [{}] * 9,
        }
        for n in range(COLUMNS)
    ],
    "account_type": {"mode": "fixed", "value": "Company"},
    "values": {key: {f"{n:03}": "€" * 9 for n in range(25)} for key in sorted(FIELDS)[:60]},
    "account_name": "€" * 200,
}
NAMES = [f"{n:03}{'€' * 97}" for n in range(100)]
CONDITION = {"field": "€" * 100, "one_of": ["a€"] * 12}
CHOSEN = {
    "tags": NAMES,
    "assignees": NAMES,
    "rules": [{"when": [CONDITION] * 2, "then": {"roles": ["a"] * 20}}] * 100,
    "merge": {f"{n:03}{'€' * 97}": "fill_empty" for n in range(500)},
}
#: What is taken with room for nothing more: by name the schema and the body.
LARGEST: dict[str, tuple[Schema, Any]] = {
    "mapping": (MappingBody(), MAPPED),
    "settings": (SettingsBody(), CHOSEN),
    "options": (Options(), {"mapping": MAPPED, "settings": CHOSEN}),
    "rows of few cells": (RowsBody(), {"rows": [{"a": "€", "b": "c"}] * 95_000}),
    "rows of long cells": (RowsBody(), {"rows": [{"a": "x" * 32_000}] * 120}),
    "rows with a header each": (RowsBody(), {"rows": [{f"h{n % COLUMNS}": "x"} for n in range(2_000)]}),
    "one wide row": (RowsBody(), {"rows": [{f"h{n}": "x" for n in range(COLUMNS)}] * 140}),
    "changes of rows": (
        RowChange(many=True),
        [{"row": n + 1, "cells": {"0": "x" * 700}} for n in range(5_000)],
    ),
    "a row changed": (RowChange(many=True), [{"row": 1, "cells": {str(n): "x" for n in range(10_000)}}]),
    "directory": (
        DirectoryBody(),
        {key: [f"a{n}" for n in range(5_000)] for key in ("tags", "roles", "contact_tags")},
    ),
    "record": (AccountChanges(), {"custom": {f"c{n}": "x" * 1_900 for n in range(500)}}),
}


def read(schema: Schema, raw: bytes) -> Any:
    """What a request does with its body before anything else."""
    loaded: Any = schema.load(StrictJSON(Flask("test")).loads(raw))
    return rows_as_file(loaded["rows"]) if isinstance(schema, RowsBody) else loaded


@pytest.mark.parametrize("what", LARGEST)
def test_the_largest_input_is_read_in_little_time_and_memory(what: str) -> None:
    schema, body = LARGEST[what]
    raw = json.dumps(body, ensure_ascii=False).encode()
    assert len(raw) <= MAX_JSON_BYTES
    began = time.process_time()
    read(schema, raw)
    assert time.process_time() - began < SECONDS * 3  # others use the machine
    tracemalloc.start()
    kept = read(schema, raw)
    assert tracemalloc.get_traced_memory()[1] < BYTES
    tracemalloc.stop()
    assert kept is not None


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (RowsBody(), {"rows": [{f"h{n % COLUMNS}": "x"} for n in range(2_001)]}),
        (RowsBody(), {"rows": [{f"h{n}": "x" for n in range(COLUMNS + 1)}]}),
        (MappingBody(), {**MAPPED, "values": {"account.type": {f"{n}": "x" * 900 for n in range(300)}}}),
        (SettingsBody(), {"rules": [{"when": [CONDITION] * 10, "then": {"tags": NAMES}}] * 100}),
        (AccountChanges(), {"custom": {f"c{n}": "x" * 9_000 for n in range(500)}}),
    ],
)
def test_what_is_larger_is_refused(schema: Schema, body: Any) -> None:
    with pytest.raises(ValidationError):
        schema.load(body)


@pytest.mark.parametrize("raw", [b"[" + b"[]," * MAX_VALUES + b"[]]", b"[" + b"1," * MAX_VALUES + b"1]"])
def test_more_values_than_a_body_may_have_are_refused_before_they_are_made(raw: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match="too many values"):
        StrictJSON(Flask("test")).loads(raw)
    assert time.process_time() - began < 0.5


def test_the_largest_job_is_half_of_what_the_database_takes() -> None:
    cells = [["€" * 5_000] * COLUMNS for _ in range(max(FIRST_ROWS, SAMPLES))]
    sampler = Sampler(COLUMNS)
    sampler.add([[f"{n}{cell}" for cell in row] for n, row in enumerate(cells)])
    columns = [{"index": n, "header": WIDE, "name": WIDE, **sampler.column(n)} for n in range(COLUMNS)]
    options: Any = Options().load({"mapping": MAPPED, "settings": CHOSEN})
    suggested = first_mapping(columns, "accounts")
    mapping = confirm_mapping({**options["mapping"], "account_name": None}, columns, "accounts", suggested)
    source = {
        "name": WIDE,
        "column_list": columns,
        "header": [WIDE] * COLUMNS,
        "first_rows": sampler.first_rows,
    }
    by = {"id": "a", "email": "a@b.example", "locale": "nl", "rights": []}
    job = new_job("a", "b", "accounts", options, source, by, datetime.now(UTC))
    job |= {"mapping": mapping, "settings": {**first_settings(mapping, DEFAULTS), **options["settings"]}}
    assert len(bson.encode(job)) < MOST_STORED
