"""Tests the lists of clients: every filter gives just its records, in order and page by page, by an index."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient, monitoring
from pymongo.database import Database

from shared.contract.documents.record import Record
from shared.contract.legal_forms import plain
from shared.contract.listing import Place, listed_of, place_of, written
from shared.contract.records import public_id
from shared.plumbing import client_list_store
from shared.plumbing.client_list_store import ClientListStore
from shared.plumbing.mongo import LISTED_FEW, LISTS, in_transaction
from tests.contract.conftest import FIRM

NAMES = [
    "Élan",
    "de Smedt",
    "Zeta BV",
    "alpha",
    "Alpha",
    "Garage 12",
    "O'Brien & Co",
    "Ångström",
    "",
    "élan vital",
]
FILTERS: list[dict[str, str]] = [
    {},
    {"type": "company"},
    {"tag": "vip"},
    {"tag": "nobody"},
    {"assignee": "an"},
    {"language": "nl"},
    {"questionnaire": "Personal income tax"},
    {"job": "1"},
    {"job": "2", "tag": "vip", "language": "fr"},
    {"q": "elan"},
    {"q": "ELAN vi"},
    {"q": "obrien"},
    {"q": "x.be"},
    {"q": "0012"},
    {"q": ".*"},
    {"q": "lph", "type": "company"},
    {"name": "alph"},
]


def clients(kind: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Records of the firm, and as many of another firm."""
    rnd = random.Random(seed)
    records = []
    for n in range(count * 2):
        firm = FIRM if n % 2 else "firm-aa"
        name = rnd.choice(NAMES)
        record: dict[str, Any] = {
            "_id": f"{firm}/{rnd.getrandbits(96):024x}",
            "firm": firm,
            "revision": 1,
            "jobs": [rnd.choice("12")],
            "email": rnd.choice(["an@x.be", "b@y.be"]),
            **({"name": name or "-"} if kind == "accounts" else {"first_name": "An", "last_name": name}),
        }
        if kind == "accounts":
            record |= {
                "type": rnd.choice(["company", "individual"]),
                "client_code": f"{rnd.randrange(20):04d}",
                "assignees": rnd.sample(["an", "bob"], rnd.randrange(3)),
                "questionnaire": {"name": rnd.choice(["Personal income tax", "VAT"]), "status": "sent"},
            }
        if rnd.random() < 0.7:
            record["tags"] = rnd.sample(["vip", "late", "new"], rnd.randrange(1, 3))
        if rnd.random() < 0.8:
            record["language"] = rnd.choice(["nl", "fr"])
        records.append(record)
    return records


def fits(kind: str, record: dict[str, Any], filters: dict[str, str]) -> bool:
    """Whether a record is in a filtered list, by other means than the store does."""
    names = ["name"] if kind == "accounts" else ["first_name", "last_name"]
    text = " ".join(plain(str(record.get(n) or "")) for n in [*reversed(names), "client_code"]).split()
    everything = " ".join([*text, record["email"]])
    checks = {
        "type": lambda v: record.get("type") == v,
        "tag": lambda v: v in record.get("tags", ()),
        "assignee": lambda v: v in record.get("assignees", ()),
        "language": lambda v: record.get("language") == v,
        "questionnaire": lambda v: record.get("questionnaire", {}).get("name") == v,
        "job": lambda v: v in record["jobs"],
        "q": lambda v: all((plain(w) or w) in everything or w in everything for w in v.split()),
        "name": lambda v: any(v in str(record.get(n) or "").lower() for n in names),
    }
    return all(checks[name](value) for name, value in filters.items())


def all_of(store: ClientListStore, kind: str, filters: dict[str, str], limit: int) -> list[Record]:
    """A list, page by page; each place goes through its cursor."""
    found: list[Record] = []
    after: Place | None = None
    for _ in range(1_000):
        page = store.listed(kind, filters, after, limit)
        assert len(page.records) <= limit
        found += page.records
        if page.next is None:
            return found
        after = place_of(written(page.next))
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("steps", [(2, 5), (1_000, 9_000)])
@pytest.mark.parametrize("few", [1, 5_000])
@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_each_filter_gives_its_records_in_order_and_once(
    db: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, kind: str, few: int, steps: tuple[int, ...]
) -> None:
    monkeypatch.setattr(client_list_store, "FEW", few)
    monkeypatch.setattr(client_list_store, "STEPS", steps)
    monkeypatch.setattr(client_list_store, "MOST_KEYS", sum(steps))
    records = clients(kind, 60, seed=sum(steps) + few)
    store = ClientListStore(db, FIRM)
    others = [r for r in records if r["firm"] != FIRM]
    own = [r for r in records if r["firm"] == FIRM]
    in_transaction(db, lambda session: ClientListStore(db, "firm-aa").insert(kind, others, session))
    in_transaction(db, lambda session: store.insert(kind, own[:40], session))
    db[kind].insert_many(dict(r) for r in own[40:])  # as an earlier version wrote them
    for filters in FILTERS:
        for limit in (4, 100):
            found = all_of(store, kind, filters, limit)
            wanted = sorted(
                (r for r in own if fits(kind, r, filters)), key=lambda r: (listed_of(kind, r), r["_id"])
            )
            assert [r["_id"] for r in found] == [r["_id"] for r in wanted], filters
            assert [r["_id"] for page in store.pages(kind, filters, limit) for r in page] == [
                r["_id"] for r in wanted
            ]


class Commands(monitoring.CommandListener):
    """The reading commands that went to the server."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in ("find", "aggregate"):
            own = (
                "find",
                "aggregate",
                "filter",
                "pipeline",
                "sort",
                "hint",
                "limit",
                "skip",
                "projection",
                "cursor",
            )
            self.seen.append({name: event.command[name] for name in own if name in event.command})

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


def stages(plan: Any) -> Iterator[str]:
    """The names of all stages of a plan."""
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        plan = list(plan.values())
    if isinstance(plan, list):
        for each in plan:
            yield from stages(each)


def documents_examined(plan: Any) -> int:
    """How many records all stages of an executed plan looked at."""
    if isinstance(plan, list):
        return sum(map(documents_examined, plan))
    if not isinstance(plan, dict):
        return 0
    return int(plan.get("docsExamined") or 0) + sum(map(documents_examined, plan.values()))


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_a_search_looks_at_the_records_that_it_finds_and_at_no_other(
    db: Database[dict[str, Any]], mongodb_url: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(client_list_store, "MOST_KEYS", 20)
    seen = Commands()
    with MongoClient[dict[str, Any]](mongodb_url, event_listeners=[seen]) as client:
        watched = client.get_default_database()
        store = ClientListStore(watched, FIRM)
        records = [r for r in clients(kind, 90, 1) if r["firm"] == FIRM]
        in_transaction(watched, lambda session: store.insert(kind, records, session))
        for filters in FILTERS:
            if not set(filters) <= {"q", "type", "language", "questionnaire"}:
                continue
            seen.seen.clear()
            all_of(store, kind, filters, 5)
            for command in [one for one in seen.seen if "find" in one and one.get("hint") == LISTS]:
                explained = db.command("explain", command, verbosity="executionStats")["executionStats"]
                examined = documents_examined(explained["executionStages"])
                assert examined <= explained["nReturned"] + 1, (filters, command)


@pytest.mark.parametrize("few", [1, 5_000])
@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_each_query_of_a_list_goes_by_an_index_and_sorts_only_few(
    db: Database[dict[str, Any]], mongodb_url: str, monkeypatch: pytest.MonkeyPatch, kind: str, few: int
) -> None:
    monkeypatch.setattr(client_list_store, "FEW", few)
    monkeypatch.setattr(client_list_store, "PLACED_AT_ONCE", 100)
    seen = Commands()
    with MongoClient[dict[str, Any]](mongodb_url, event_listeners=[seen]) as client:
        watched = client.get_default_database()
        store = ClientListStore(watched, FIRM)
        records = [r for r in clients(kind, 30, 1) if r["firm"] == FIRM]
        in_transaction(watched, lambda session: store.insert(kind, records, session))
        for filters in FILTERS:
            seen.seen.clear()
            all_of(store, kind, filters, 5)
            for command in list(seen.seen):
                names = set(stages(db.command("explain", command, verbosity="queryPlanner")))
                assert "COLLSCAN" not in names, (filters, command)
                assert names & {"IXSCAN", "COUNT_SCAN", "EOF"}, (filters, names)
                assert "SORT" not in names or command["hint"] in LISTED_FEW, (filters, command)


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"set": {"name": "Zwart"}, "unset": []}, "zwart\x011\x01a@b.be"),
        ({"set": {}, "unset": ["client_code"]}, "wit\x01a@b.be"),
        ({"set": {"notes": "x"}, "unset": []}, "wit\x011\x01a@b.be"),
    ],
)
def test_a_record_moves_in_the_list_with_whatever_writes_it(
    db: Database[dict[str, Any]], change: dict[str, Any], after: str
) -> None:
    store = ClientListStore(db, FIRM)
    fields = {"name": "Wit", "client_code": "1", "email": "a@b.be", "jobs": [], "firm": FIRM, "revision": 1}
    ids = [f"{FIRM}/{n:024x}" for n in range(3)]
    in_transaction(db, lambda session: store.insert("accounts", [{"_id": i, **fields} for i in ids], session))
    in_transaction(
        db,
        lambda session: store.update(
            "accounts", [{"_id": ids[0], "revision": 1, "job": "j", **change}], session
        ),
    )
    in_transaction(db, lambda session: store.restore("accounts", [{"_id": ids[1], **change}], session))
    before = store.fetch("accounts", [ids[2]])[ids[2]]
    changed = {k: v for k, v in {**before, **change["set"]}.items() if k not in change["unset"]}
    store.rewrite("accounts", before, changed)
    assert {r["_id"]: r["listed"] for r in db.accounts.find()} == dict.fromkeys(ids, after)
    assert public_id(ids[0]) == ids[0].split("/")[1]


@pytest.mark.parametrize(
    "text", ["", "zz", "e30", "bnVsbA", "WzEsMl0", "WyJhIl0", "____", "WyJcdTAwMDAiLCJhIl0"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        place_of(text)
