"""Tests what loading a chunk writes, which rows it leaves out, and that undo restores everything."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from services.importer.load.loading import CHANGED, LOADED, SKIPPED, UNCHANGED, RowOutcomes, load_chunk
from services.importer.undo.preview import foresee
from services.importer.undo.undoing import KEPT, NOTHING, REVERSED, undo_chunk
from shared.contract.documents.chunk import Create, Link, Plan, PlannedCreates, Update
from shared.contract.keys import keys_of
from tests.unit.importer.memory_directory import FIRM, MemoryDirectory

JOB = "job-1"
SWITCHES = {"contact.email": {"login": True}}


def job(on_change: str = "skip", columns: tuple[dict[str, Any], ...] = ()) -> Any:
    settings = {
        "on_change": on_change,
        "mode": "both",
        "merge_default": "fill_empty",
        "merge": {},
        "contacts": SWITCHES,
    }
    return {
        "_id": JOB,
        "firm": FIRM,
        "revision": 1,
        "settings": settings,
        "mapping": {"columns": list(columns)},
    }


def made(row: int, name: str, **values: Any) -> Create:
    return Create(row=row, slot="account", id=f"{FIRM}/{name}", record={"name": name, **values})


def changed(row: int, name: str, revision: int = 1, made_by: str | None = None, **parts: Any) -> Update:
    identity = f"{FIRM}/{name}"
    return Update(row=row, slot="account", id=identity, revision=revision, made_by=made_by, **parts)


def linked(row: int, account: str, contact: str, **parts: Any) -> Link:
    return Link(row=row, slot="contact", account=f"{FIRM}/{account}", contact=f"{FIRM}/{contact}", **parts)


def there(name: str, **parts: Any) -> dict[str, Any]:
    frame = {"_id": f"{FIRM}/{name}", "firm": FIRM, "revision": 1, "job": None, "jobs": [], "name": name}
    return {**frame, "keys": keys_of("account", {"name": name}), **parts}


def plan(
    buckets: list[str],
    accounts: tuple[Create | Update, ...] = (),
    contacts: tuple[Create | Update, ...] = (),
    links: tuple[Link, ...] = (),
    n: int = 0,
) -> Plan:
    def of(kind: type, entries: tuple[Any, ...]) -> dict[Any, Any]:
        return {(entry.row, entry.slot): entry for entry in entries if isinstance(entry, kind)}

    return Plan(
        n=n,
        buckets=buckets,
        creates={"accounts": of(Create, accounts), "contacts": of(Create, contacts)},
        updates={"accounts": of(Update, accounts), "contacts": of(Update, contacts)},
        links=of(Link, links),
    )


class Rows:
    """The plans of other chunks."""

    def __init__(self, *others: Plan) -> None:
        self.others = {other.n: other for other in others}

    def plan_of(self, kind: type[PlannedCreates], revision: int, n: int) -> PlannedCreates:
        return PlannedCreates(n=n, creates=self.others[n].creates)


def load(
    directory: MemoryDirectory, planned: Plan, *others: Plan, look: bool = True, of: Any = None
) -> RowOutcomes:
    return load_chunk(directory, Rows(*others), of or job(), planned, None, look)


def test_a_row_makes_its_records_and_their_link() -> None:
    directory = MemoryDirectory()
    planned = plan(["new"], (made(0, "acme"),), (made(0, "ann"),), (linked(0, "acme", "ann"),))
    done = load(directory, planned, look=False)
    assert done.outcomes == [LOADED]
    assert directory.kept["accounts"]["firm/acme"]["jobs"] == [JOB]
    assert directory.kept["links"]["firm/acme:ann"]["switches"] == SWITCHES
    counts = done.counts()
    assert [counts[f"{kind}_created"] for kind in ("accounts", "contacts", "links")] == [1, 1, 1]
    assert directory.fetched == [], "what is new is written without looking"


@pytest.mark.parametrize(
    ("bucket", "outcome"),
    [("unchanged", UNCHANGED), ("duplicate", UNCHANGED), ("invalid", SKIPPED), ("unselected", SKIPPED)],
)
def test_a_row_that_is_not_to_be_loaded_writes_nothing(bucket: str, outcome: str) -> None:
    directory = MemoryDirectory()
    assert load(directory, plan([bucket])).outcomes == [outcome]
    assert directory.kept == {"accounts": {}, "contacts": {}, "links": {}}


@pytest.mark.parametrize(
    "now", [{"revision": 2}, {"job": "job-0"}, None], ids=["changed", "made anew", "removed"]
)
def test_a_row_is_left_out_whole_where_its_record_changed_since_the_review(
    now: dict[str, Any] | None,
) -> None:
    directory = MemoryDirectory(accounts={"firm/acme": there("acme", **now)} if now else {})
    before = deepcopy(directory.kept)
    update = changed(0, "acme", set={"notes": "new"}, was={"notes": None})
    planned = plan(
        ["update", "new"], (update, made(1, "other")), (made(0, "ann"),), (linked(0, "acme", "ann"),)
    )
    done = load(directory, planned)
    assert (done.outcomes, done.reasons) == ([SKIPPED, LOADED], {0: CHANGED})
    assert directory.kept["accounts"].pop("firm/other")
    assert directory.kept == before
    assert done.counts()["problems"] == {CHANGED: 1}


def test_a_changed_record_gets_what_the_plan_still_adds_to_it_where_the_settings_say_so() -> None:
    directory = MemoryDirectory(accounts={"firm/acme": there("acme", revision=3, notes="by hand")})
    update = changed(0, "acme", set={"notes": "new", "website": "https://acme.be"})
    done = load(directory, plan(["update"], (update,)), of=job("replan"))
    record = directory.kept["accounts"]["firm/acme"]
    assert (record["notes"], record["website"], record["revision"]) == ("by hand", "https://acme.be", 4)
    assert (done.outcomes, done.before["accounts"][0].was) == ([LOADED], {"website": None})


@pytest.mark.parametrize(
    ("by", "outcome", "led"),
    [(JOB, LOADED, ["firm/acme"]), ("job-0", SKIPPED, [])],
    ids=["this job", "another"],
)
def test_a_record_that_was_made_meanwhile_is_taken_from_the_same_job_alone(
    by: str, outcome: str, led: list[str]
) -> None:
    directory = MemoryDirectory(accounts={"firm/acme": there("acme", job=by, jobs=[by])})
    done = load(directory, plan(["new"], (made(0, "acme"),)))
    assert done.outcomes == [outcome]
    assert [identity for identity, _ in done.led["accounts"]] == led


def test_a_record_that_another_chunk_leads_is_made_from_the_plan_of_that_chunk() -> None:
    directory = MemoryDirectory()
    other = plan(["new"], (made(0, "acme", notes="of the other chunk"),))
    planned = plan(
        ["new"], contacts=(made(0, "ann"),), links=(linked(0, "acme", "ann", account_chunk=0),), n=1
    )
    done = load(directory, planned, other)
    assert directory.kept["accounts"]["firm/acme"]["notes"] == "of the other chunk"
    assert done.created["accounts"] == [("firm/acme", 0)]
    again = load(directory, other)
    assert (again.outcomes, again.created["accounts"]) == ([LOADED], [])


def test_a_row_whose_link_would_lead_nowhere_is_left_out() -> None:
    directory = MemoryDirectory()
    planned = plan(["new"], (made(0, "acme"),), (made(0, "ann"),), (linked(0, "gone", "ann"),))
    done = load(directory, planned)
    assert (done.outcomes, done.reasons) == ([SKIPPED], {0: CHANGED})
    assert directory.kept == {"accounts": {}, "contacts": {}, "links": {}}


def test_a_record_of_a_row_that_is_left_out_is_made_for_the_row_that_links_to_it() -> None:
    directory = MemoryDirectory()
    links = (linked(0, "gone", "ann"), linked(1, "bar", "ann"))
    done = load(directory, plan(["new", "new"], (made(1, "bar"),), (made(0, "ann"),), links))
    assert done.outcomes == [SKIPPED, LOADED]
    assert done.created["contacts"] == [("firm/ann", 1)]


def test_a_record_that_is_only_linked_notes_the_job_once() -> None:
    directory = MemoryDirectory(accounts={"firm/acme": there("acme", jobs=["job-0"])})
    done = load(directory, plan(["new"], contacts=(made(0, "ann"),), links=(linked(0, "acme", "ann"),)))
    assert directory.kept["accounts"]["firm/acme"]["jobs"] == ["job-0", JOB]
    assert done.touched == {"accounts": ["firm/acme"], "contacts": []}


def test_tags_and_choices_that_the_firm_may_not_know_are_counted_by_name() -> None:
    sector = {"id": "sector", "name": "Sector", "type": "choice", "record": "account"}
    column = {"action": "custom", "custom": sector, "target": None}
    new = made(0, "acme", tags=["vip"], custom={"sector": "food"})
    update = changed(1, "bar", set={"custom.sector": "drinks"}, add={"tags": ["late"]})
    directory = MemoryDirectory(accounts={"firm/bar": there("bar")})
    counts = load(directory, plan(["new", "update"], (new, update)), of=job(columns=(column,))).counts()
    assert counts["tags"] == ["late", "vip"]
    assert counts["choices:account:sector"] == ["drinks", "food"]


def loaded_chunk() -> tuple[MemoryDirectory, dict[str, Any], RowOutcomes]:
    """A directory before and after a chunk that makes, changes and links."""
    directory = MemoryDirectory(accounts={"firm/bar": there("bar", notes="old", tags=["vip"])})
    before = deepcopy(directory.kept)
    update = changed(
        1,
        "bar",
        set={"notes": "new"},
        add={"tags": ["late"]},
        was={"notes": "old", "tags": ["vip"]},
    )
    planned = plan(
        ["new", "update", "invalid"],
        (made(0, "acme"), update),
        (made(0, "ann"),),
        (linked(0, "acme", "ann"), linked(1, "bar", "ann")),
    )
    return directory, before, load(directory, planned)


def test_undo_removes_all_that_loading_wrote() -> None:
    directory, before, done = loaded_chunk()
    undone = undo_chunk(directory, JOB, done.part(0), None)
    assert undone.outcomes == [REVERSED, REVERSED, NOTHING]
    bar, was = directory.kept["accounts"]["firm/bar"], before["accounts"]["firm/bar"]
    assert directory.kept.keys() == before.keys()
    assert not directory.kept["contacts"]
    assert not directory.kept["links"]
    assert {name: bar[name] for name in ("notes", "tags", "jobs", "keys")} == {
        name: was[name] for name in ("notes", "tags", "jobs", "keys")
    }
    assert bar["same_as"] == {"revision": bar["revision"], "as": was["revision"]}


def test_undo_keeps_what_a_person_changed_since_and_its_links() -> None:
    directory, _, done = loaded_chunk()
    directory.kept["accounts"]["firm/acme"] |= {"name": "by hand", "revision": 2}
    undone = undo_chunk(directory, JOB, done.part(0), None)
    assert undone.outcomes == [KEPT, REVERSED, NOTHING]
    assert directory.kept["accounts"]["firm/acme"]["kept_for"] == [JOB]


def test_the_preview_of_undo_counts_the_same_and_writes_nothing() -> None:
    directory, _, done = loaded_chunk()
    before = deepcopy(directory.kept)
    foreseen = foresee(directory, JOB, [done.part(0)])
    assert directory.kept == before
    assert foreseen == dict(undo_chunk(directory, JOB, done.part(0), None).counts())
