"""Checks the rows of a job, matches them over the whole file, and plans what loading will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.validator.checking import CheckedRows, check_rows
from services.validator.checks import CheckContext
from services.validator.grouping import Grouping
from services.validator.keys import keys_of, order_of
from services.validator.matching import WIDTH, Holders, match_records, packed, unpacked
from services.validator.planning import COLLECTION, Place, Plan, PlanContext, plan_rows
from services.validator.reporting import summary, too_many_invalid
from shared.plumbing.directory_store import DirectoryStore, link_id, record_id
from shared.plumbing.flow import Conclusion
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import RowStore, row_number
from shared.plumbing.task_store import TaskStore
from shared.plumbing.worker import Done, Handler, Work

LIST_FIELDS = ("tags", "team_members", "roles")


def check(work: Work) -> Done:
    """Check one chunk and find the firm's records that its rows may mean."""
    job = work.job
    cells = work.rows.get("cells", job["source"]["revision"], work.n)["rows"]
    reference = work.directory.reference()
    found = check_rows(cells, job["mapping"], job["kind"], _context(job, reference))
    slots = {slot: _identify(work, slot, keys) for slot, keys in found.keys.items()}
    codes = Counter(code for _, _, code, _ in found.problems)
    fixes = Counter(code for _, _, code in found.fixes)
    counts = {"problems": dict(codes), "fixes": dict(fixes), "bad": len(found.bad)}
    return _kept(work, "checks", _checked(found, slots), counts)


def _kept(work: Work, content: str, document: dict[str, Any], counts: dict[str, Any]) -> Done:
    """Keep a chunk's content together with the end of its task.

    A worker that was paused must not write over what the next steps made of the chunk meanwhile.
    """

    def also(session: Any) -> dict[str, Any]:
        work.rows.put(content, work.job["revision"], work.n, document, session)
        return counts

    return Done(also=also)


def _context(job: dict[str, Any], reference: dict[str, Any]) -> CheckContext:
    members = {}
    for member in reference["team_members"]:
        members[member["name"].casefold()] = member["id"]
        members[member["email"].casefold()] = member["id"]
    mapping, locale = job["mapping"], reference["locale"]
    return CheckContext(
        today=datetime.now(UTC).date(),
        country=mapping.get("phone_region") or locale["country"],
        languages=tuple(reference["languages"]),
        members=members,
        date_order=mapping.get("date_order") or locale["date_order"],
        choices={"account.folder_template": reference["folder_templates"]},
        values=mapping.get("values") or {},
    )


def _identify(work: Work, slot: str, keys: list[tuple[int, ...]]) -> dict[str, Any]:
    """Per row the id of the record that it matches or would create, and the offsets of hits and of doubts."""
    collection, firm = COLLECTION[slot], work.job["firm"]
    order = order_of(work.job["settings"]["match"][collection])
    empty = work.directory.is_empty(collection)
    hits, doubts = ({}, set()) if empty else match_records(keys, order, _holders(work.directory, collection))
    ids: list[str] = []
    for offset, row in enumerate(keys):
        strongest = next((row[p] for p in order if row[p]), f"{work.task['job']}:{work.n}:{offset}:{slot}")
        ids.append(hits.get(offset) or record_id(firm, collection, strongest))
    if not empty:
        _avoid_taken(work, collection, ids, set(hits))
    return {"keys": packed(keys), "ids": ids, "hits": sorted(hits), "doubts": sorted(doubts)}


def _holders(directory: DirectoryStore, collection: str) -> Callable[[set[int]], Holders]:
    def look_up(wanted: set[int]) -> Holders:
        holders: Holders = {}
        for record in directory.holders(collection, list(wanted)):
            for key in record["keys"]:
                if key in wanted:
                    holders.setdefault(key, []).append((record["_id"], record["keys"]))
        return holders

    return look_up


def _avoid_taken(work: Work, collection: str, ids: list[str], hits: set[int]) -> None:
    """A record that was renamed keeps its id; a new record with its old name must not claim it."""
    fresh = [identity for offset, identity in enumerate(ids) if offset not in hits]
    taken = work.directory.fetch(collection, fresh, None, "_id")
    for offset, identity in enumerate(ids):
        if identity in taken and offset not in hits:
            ids[offset] = record_id(work.job["firm"], collection, f"{identity}:{work.job['_id']}")


def _checked(found: CheckedRows, slots: dict[str, Any]) -> dict[str, Any]:
    lists = {
        slot: {
            name: found.columns[f"{slot}.{name}"] for name in LIST_FIELDS if f"{slot}.{name}" in found.columns
        }
        for slot in slots
    }
    return {
        "fields": list(found.columns),
        "values": list(found.columns.values()),
        "problems": [list(problem) for problem in found.problems],
        "fixes": [list(fix) for fix in found.fixes],
        "bad": sorted(found.bad),
        "slots": slots,
        "lists": {slot: columns for slot, columns in lists.items() if columns},
    }


def match(work: Work) -> Done:
    """Decide over the whole file which rows mean the same account or contact."""
    job, rows = work.job, work.rows
    revision, chunks = job["revision"], len(job["source"]["chunks"])
    grouping = Grouping(
        {name: order_of(kinds) for name, kinds in job["settings"]["match"].items()}, job["source"]["chunks"]
    )
    for chunk in rows.each("checks", revision, chunks, "slots"):
        grouping.see(chunk["slots"])
        work.go_on()
    for chunk in rows.each("checks", revision, chunks, "n", "slots", "lists"):
        grouped = grouping.place(chunk["n"], chunk["slots"], chunk["lists"])
        rows.amend("checks", revision, chunk["n"], {"groups": grouped})
        work.go_on()
    for n, adds in grouping.adds().items():
        rows.amend("checks", revision, n, {"adds": adds})
    return Done()


def plan(work: Work) -> Done:
    """Plan one chunk: create, update with differences, link, or nothing, row by row."""
    job = work.job
    chunk = work.rows.get("checks", job["revision"], work.n)
    places, doubtful = _places(chunk)
    bad = set(chunk["bad"]) | doubtful
    columns = dict(zip(chunk["fields"], chunk["values"], strict=True))
    context = _plan_context(work, chunk, places)
    count = work.task["rows"]
    planned = plan_rows(columns, count, bad, set(chunk["groups"]["repeats"]), places, context)
    _finish_records(job, planned, chunk, context)
    document = {
        "buckets": planned.buckets,
        "creates": planned.creates,
        "updates": planned.updates,
        "links": planned.links,
        "doubts": sorted(doubtful),
    }
    counts: dict[str, Any] = {"buckets": dict(Counter(planned.buckets))}
    if doubtful:
        counts["problems"] = {"ambiguous_match": len(doubtful)}
    counts["records"] = {
        f"{collection}_{what}": len(entries)
        for what, by_collection in (("create", planned.creates), ("update", planned.updates))
        for collection, entries in by_collection.items()
    }
    return _kept(work, "plans", document, counts)


def _places(chunk: dict[str, Any]) -> tuple[dict[str, list[Place | None]], set[int]]:
    """What every row means, by slot, and the rows where that is in doubt."""
    places: dict[str, list[Place | None]] = {}
    contact_ids = chunk["slots"].get("contact", {}).get("ids") or [None] * len(chunk["values"][0])
    for slot, found in chunk["slots"].items():
        hits, keys = set(found["hits"]), unpacked(found["keys"])
        follows = chunk["groups"]["follows"].get(slot, {})
        own: list[Place | None] = []
        for offset, identity in enumerate(found["ids"]):
            followed = follows.get(str(offset))
            if followed:
                own.append(Place(followed[0], True, leads=False, chunk=followed[1]))
            elif slot != "account" and not any(keys[offset * WIDTH : offset * WIDTH + WIDTH]):
                own.append(None)
            elif slot == "spouse" and identity == contact_ids[offset]:
                own.append(None)  # the same person twice on one row
            else:
                own.append(Place(identity, offset in hits, leads=True, chunk=chunk["n"]))
        places[slot] = own
    return places, set(chunk["groups"]["doubts"])


def _plan_context(work: Work, chunk: dict[str, Any], places: dict[str, list[Place | None]]) -> PlanContext:
    known: dict[str, set[str]] = {"accounts": set(), "contacts": set()}
    for slot, own in places.items():
        known[COLLECTION[slot]] |= {place.identity for place in own if place and place.known}
    existing = {
        collection: work.directory.fetch(collection, ids) if ids else {} for collection, ids in known.items()
    }
    pairs = {
        (account.identity, contact.identity)
        for slot in ("contact", "spouse")
        for account, contact in zip(places.get("account", ()), places.get(slot, ()), strict=False)
        if account and contact and account.identity in existing["accounts"]
    }
    return PlanContext(
        settings=work.job["settings"],
        existing=existing,
        linked=frozenset(work.directory.linked(pairs)) if pairs else frozenset(),
        importer=work.job["created_by"],
        default_members=[
            m["id"] for m in work.directory.reference()["team_members"] if m.get("default_access")
        ],
        adds={
            slot: {int(offset): lists for offset, lists in by_offset.items()}
            for slot, by_offset in (chunk.get("adds") or {}).items()
        },
    )


def _finish_records(job: dict[str, Any], planned: Plan, chunk: dict[str, Any], context: PlanContext) -> None:
    """Give new records their frame, and changed ones the keys that follow from their new values."""
    keys = {slot: unpacked(found["keys"]) for slot, found in chunk["slots"].items()}
    for collection, entries in planned.creates.items():
        for entry in entries:
            own = keys[entry["slot"]][entry["row"] * WIDTH : entry["row"] * WIDTH + WIDTH]
            entry["record"].update(
                {
                    "_id": entry.pop("_id"),
                    "firm": job["firm"],
                    "keys": [key for key in own if key],
                    "revision": 1,
                    "job": job["_id"],
                    "jobs": [job["_id"]],
                }
            )
        for entry in planned.updates[collection]:
            before = context.existing[collection][entry["_id"]]
            after = {**before, **entry["set"], **dict.fromkeys(entry["unset"])}
            fresh = keys_of(entry["slot"], after)
            if fresh != before["keys"]:
                entry["set"]["keys"], entry["was"]["keys"] = fresh, before["keys"]
    for link in planned.links:
        link["_id"] = link_id(link["account"], link["contact"])


def conclude(db: Database, job: dict[str, Any], totals: dict[str, Any]) -> Conclusion:
    """Add the chunks up to the counts and the report of the job."""
    tasks, rows = TaskStore(db), RowStore(db, job["firm"], job["_id"])
    where = tasks.chunks_with(job, "check", "problems")

    def examples(code: str) -> list[list[Any]]:
        problems = rows.get("checks", job["revision"], where[code], "problems")["problems"]
        cells = rows.get("cells", job["source"]["revision"], where[code], "first", "numbers")
        found = [problem for problem in problems if problem[2] == code][:3]
        return [[row_number(cells, offset), *rest] for offset, *rest in found]

    counts, report = summary(tasks.totals(job, "check"), totals, where, examples)
    hold = too_many_invalid(job["options"].get("max_invalid", {"rows": 0}), counts, job["source"]["rows"])
    return Conclusion({"counts": counts, "report": report}, hold=hold)


HANDLERS = {"check": Handler(check), "match": Handler(match), "plan": Handler(plan, conclude)}
