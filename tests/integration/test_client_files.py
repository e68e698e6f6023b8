"""Tests lists of clients as files: exported, changed, and imported again by the code of the services."""

from __future__ import annotations

import io
import random
import uuid
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from services.mapper.settings.job_settings import first_settings
from services.mapper.settings.suggested_mapping import first_mapping
from services.notifier.lists.client_lists import ClientColumns, csv_pieces, write_client_book
from services.upload.ingest.reader import open_source
from services.upload.model.source import Limits, Overrides
from services.upload.table.samples import Sampler
from shared.contract.fields.client_files import OWN_ID, collection_of, fields_of
from shared.contract.records import RENAMED, link_id, public_id
from shared.contract.skipped_rows import unguarded
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.directory_store import DirectoryStore
from tests.integration.one_job import OneJob, Record, add_records, directory_of, values_of

CUSTOMS = [
    {"id": f"f{n}", "name": name, "type": kind, "record": record, "choices": ["A", "b c", "Ça"]}
    for n, (name, kind, record) in enumerate(
        [
            (f"My {kind}", kind, record)
            for record in ("account", "contact")
            for kind in ("text", "number", "date", "choice", "multi-choice", "email", "url", "phone")
        ]
        # called as columns are, in one language or another
        + [
            ("Status", "text", "account"),
            ("Notities contact", "text", "contact"),
            ("Phone number", "text", "contact"),
        ]
    )
]
TEXTS = [
    "plain",
    "007",
    "=1+1",
    "+32 is Belgium",
    "-",
    "- a remark",
    "@x",
    "two\nlines",
    "'quoted",
    'a "b", c; d',
    "é",
]
OF_TYPE: dict[str, list[Any]] = {
    "name": ["De Smedt", "O'Brien & Zn", "Élan"],
    "text": TEXTS,
    "email": ["an@x.be", "b.c+d@y.example"],
    "phone": ["+32470123456", "+33142685300"],
    "choice": ["A", "Ça"],
    "multi-choice": [["A"], ["A", "b c"]],
    "date": ["2026-01-31", "2025-12-05", "2024-02-03"],
    "country": ["BE"],
    "language": ["nl", "fr"],
    "postal_code": ["9000", "1000"],
    "register_number": ["85073003328"],
    "enterprise_number": ["0403170701"],
    "tax_id": ["BE0403170701"],
    "number": ["12.5", "-3", "1234.567"],
    "url": ["https://x.be/a?b=c"],
    "list": [["vip"], ["vip", "=late"], ["a b"]],
    "members": [["an"], ["an", "bob"]],
}
OF_NAME: dict[str, list[Any]] = {
    "type": ["Company", "Individual"],
    "fiscal_year_end": ["31/12", "30/06"],
    "date_of_birth": ["1985-07-30"],
    "folder_template": ["Default tax years"],
    "client_code": ["0012", "A-7"],
    "house_number": ["12", "12A"],
    "box": ["3"],
    "currency": ["EUR"],
    "status": ["active"],
    # of an old address, what is no value does not stay with a new street
    "city": ["Gent", "'s-Gravenbrakel"],
    "state": ["Oost-Vlaanderen"],
}
TEAM = [
    {"id": "an", "name": "An Aa", "email": "an@office.example"},
    {"id": "bob", "name": "Bob Bb", "email": "bob@office.example"},
]


@pytest.fixture(scope="module")
def db(shared_database: Database[Record]) -> Database[Record]:
    return shared_database


class Firm:
    """A firm with random accounts, contacts and links, and their lists as files."""

    def __init__(self, db: Database[Record], collection: str, seed: int) -> None:
        self.db, self.collection, self.name = db, collection, f"firm-{uuid.uuid4().hex[:10]}"
        self.directory = DirectoryStore(db, self.name)
        tags = ["vip", "=late", "a b"]
        reference = {"team_members": TEAM, "tags": tags, "contact_tags": tags, "custom_fields": CUSTOMS}
        self.directory.replace_reference(reference, None)
        rnd = random.Random(seed)
        self.ids = {
            kind: add_records(db, self.name, kind, [_record(kind, n, rnd) for n in range(12)])
            for kind in ("accounts", "contacts")
        }
        # households of two, and contacts of several accounts
        pairs = {(n, 2 * n % 12) for n in range(12)} | {(n, (2 * n + 1) % 12) for n in range(12)} | {(3, 0)}
        for account, contact in pairs:
            ends = self.ids["accounts"][account], self.ids["contacts"][contact]
            link = {
                "_id": link_id(*ends),
                "firm": self.name,
                "account": ends[0],
                "contact": ends[1],
                "job": None,
            }
            db.links.insert_one({**link, "switches": {}, "relationship": ["Spouse"]})

    def table(self, lang: str) -> tuple[ClientColumns, list[list[str]]]:
        """The columns and rows of the list."""
        reference = self.directory.reference()
        columns = ClientColumns(self.collection, reference, lang, register_numbers=True)
        records = self.directory.fetch(self.collection, self.ids[self.collection])
        return columns, [columns.cells(record, ["Somebody", "Else"]) for record in records.values()]

    def read(self, content: bytes, ending: str, folder: Path) -> tuple[list[str], list[list[str]]]:
        """Header and rows of a file, as an upload reads them."""
        path = folder / f"list.{ending}"
        path.write_bytes(content)
        source = open_source(path, path.name, Limits(), Overrides())
        rows = [[unguarded(cell) for cell in row] for batch in source.batches(50) for row in batch.rows]
        return list(source.found.header), rows

    def imported(self, header: list[str], rows: list[list[str]], kind: str | None = None) -> OneJob:
        """The file as an import with what is suggested for it, checked."""
        sampler = Sampler(len(header))
        sampler.add(rows)
        columns = [{"index": n, "name": h, "header": h, **sampler.column(n)} for n, h in enumerate(header)]
        reference = self.directory.reference()
        kind = kind or collection_of(header)
        mapping = first_mapping(columns, kind, reference["custom_fields"])
        settings = first_settings(mapping, reference)
        return OneJob(self.db, self.name, rows, mapping, settings, kind=kind).checked()


def _record(kind: str, n: int, rnd: random.Random) -> Record:
    record: Record = {"custom": {}}
    for field in fields_of(kind):
        if field.key == OWN_ID[kind] or (rnd.random() < 0.3 and field.name not in ("name", "last_name")):
            continue
        record[RENAMED.get(field.name, field.name)] = rnd.choice(
            OF_NAME.get(field.name) or OF_TYPE[field.type]
        )
    for custom in CUSTOMS:
        if f"{custom['record']}s" == kind and rnd.random() < 0.8:
            record["custom"][custom["id"]] = rnd.choice(OF_TYPE[custom["type"]])
    if kind == "accounts":
        record["name"] = f"{record['name']} {n}"
    return {name: value for name, value in record.items() if value != {}}


def _file(columns: ClientColumns, rows: list[list[str]], ending: str) -> bytes:
    if ending == "csv":
        return b"".join(csv_pieces(columns, rows))
    target = io.BytesIO()
    assert write_client_book(target, columns, rows, "Clients") == len(rows)
    return target.getvalue()


def _values(firm: Firm) -> dict[str, dict[str, Record]]:
    return {kind: values_of(records) for kind, records in directory_of(firm.db, firm.name).items()}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("collection", ["accounts", "contacts"])
def test_an_untouched_list_comes_back_without_any_change(
    db: Database[Record], tmp_path: Path, collection: str, ending: str, lang: str
) -> None:
    firm = Firm(db, collection, seed=LANGUAGES.index(lang))
    columns, rows = firm.table(lang)
    header, read = firm.read(_file(columns, rows, ending), ending, tmp_path)
    assert header == columns.header
    assert [[c.replace("\r\n", "\n") for c in row] for row in read] == rows
    job = firm.imported(header, read)
    assert job.buckets() == ["unchanged"] * len(rows), [
        (row["plan"], row["problems"]) for row in job.rows() if row["bucket"] != "unchanged"
    ]
    before = _values(firm)
    job.loaded()
    assert _values(firm) == before


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("collection", ["accounts", "contacts"])
@pytest.mark.parametrize("seed", range(5))
def test_three_changed_cells_change_three_values(
    db: Database[Record], tmp_path: Path, collection: str, ending: str, seed: int
) -> None:
    firm, rnd = Firm(db, collection, seed=100 + seed), random.Random(seed)
    columns, rows = firm.table("nl")
    before = _values(firm)
    places = [
        (row, at, field)
        for row in range(len(rows))
        for at, field in enumerate(fields_of(collection))
        if field.type in ("text", "phone", "url", "number") and field.name not in (*OF_NAME, "record_id")
    ]
    changed: dict[str, Record] = {}
    for row, at, field in rnd.sample(places, 3):
        value = {"text": f"changed {row}", "phone": "+32499000000", "url": "https://z.be", "number": "7"}[
            field.type
        ]
        rows[row][at] = value
        identity = f"{firm.name}/{rows[row][0]}"
        changed.setdefault(identity, {})[field.name] = value
    header, read = firm.read(_file(columns, rows, ending), ending, tmp_path)
    job = firm.imported(header, read).loaded()
    after = _values(firm)
    wanted = {
        **before,
        collection: {i: {**r, **changed.get(i, {})} for i, r in before[collection].items()},
    }
    assert after == wanted
    assert job.job["result"]["rows_skipped"] == 0


@pytest.mark.parametrize("collection", ["accounts", "contacts"])
def test_the_layout_is_known_whatever_became_of_the_other_columns(
    db: Database[Record], collection: str
) -> None:
    firm = Firm(db, collection, seed=7)
    for lang in LANGUAGES:
        columns, rows = firm.table(lang)
        keep = [0, *random.Random(lang).sample(range(1, len(columns.header)), 3)]
        header, few = [columns.header[at] for at in keep], [[row[at] for at in keep] for row in rows]
        assert collection_of(header) == collection
        job = firm.imported(header, few)
        assert [(r["plan"], r["problems"], header) for r in job.rows() if r["bucket"] != "unchanged"] == []


def test_who_may_not_see_register_numbers_gets_no_column_with_them() -> None:
    header = ClientColumns(
        "contacts", {"custom_fields": [], "team_members": []}, "en", register_numbers=False
    ).header  # type: ignore[typeddict-item]
    assert "National register number" not in header
    assert public_id("f/1") == "1"
