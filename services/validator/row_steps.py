"""The steps that rows go through, for a whole chunk and for single rows that were repaired alike.

Rows are counted by their place among those at hand; `positions` has the chunk and the offset of each.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any
from urllib.parse import quote_plus
from zlib import crc32

from services.validator.check.checking import SLOTS, CheckedRows, CheckPlan
from services.validator.check.columns import CheckContext
from services.validator.check.date_orders import decided_orders
from services.validator.match.identifying import Identified, identify_rows
from services.validator.plan.planning import COLLECTION, Place, Plan, PlanContext, Rows, plan_rows
from services.validator.report.summary import touches_of
from services.validator.values.countries import member_index
from services.validator.values.judging import shown
from shared.contract.custom_fields import Names
from shared.contract.keys import NOTHING, WIDTH, keys_of, order_of, packed, unpacked
from shared.contract.problems import DOUBTS, ERROR, severity
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS, rights_of
from shared.contract.rows import row_number
from shared.plumbing.directory_store import MOST_NAMES, DirectoryStore, record_id
from shared.plumbing.row_store import SPOUSE, RowStore

#: tags of a kind that one job may make; a column of tags that are all different is a column of something else
MOST_NEW_TAGS = 500

Position = tuple[int, int]
Problem = Sequence[Any]


def by_chunk(positions: Iterable[Position]) -> dict[int, list[int]]:
    """By chunk the offsets of some rows, in their order."""
    found: dict[int, list[int]] = {}
    for n, offset in positions:
        found.setdefault(n, []).append(offset)
    return found


def check_plan(job: Mapping[str, Any], reference: Mapping[str, Any]) -> CheckPlan:
    """How the rows of a job are checked."""
    orders = decided_orders(job, reference["locale"]["date_order"])
    return CheckPlan(job["mapping"], job["kind"], _by_ids(job), orders)


def _by_ids(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of a job, with custom fields by their ids."""
    names = Names.of_mapping(job["mapping"])
    return [
        {
            **rule,
            "when": [{**c, "field": names.path(c["field"])} if "field" in c else c for c in rule["when"]],
        }
        for rule in job["settings"]["rules"]
    ]


def context_of(job: Mapping[str, Any], reference: Mapping[str, Any], rows: RowStore) -> CheckContext:
    """What the checks of a job need to know of the firm."""
    mapping, locale, rights = job["mapping"], reference["locale"], rights_of(job)
    tags = {"account.tags": reference["tags"], "contact.tags": reference["contact_tags"]}

    def refused(key: str, wanted: set[str]) -> set[str]:
        new = wanted.difference(tags[key])
        most = min(MOST_NEW_TAGS, max(0, MOST_NAMES - len(tags[key])))
        return new - rows.reserve_names(job["revision"], key, new, most) if new else set()

    others = [member for member in reference["team_members"] if member["id"] != job["created_by"]]
    return CheckContext(
        today=datetime.now(UTC).date(),
        country=mapping.get("phone_region") or locale["country"],
        languages=tuple(reference["languages"]),
        members=member_index(reference["team_members"]),
        date_order=mapping.get("date_order") or locale["date_order"],
        choices={"account.folder_template": reference["folder_templates"]},
        values=mapping.get("values") or {},
        tags={} if MANAGE_TAGS in rights else {key: frozenset(known) for key, known in tags.items()},
        refused=refused,
        withheld={} if ASSIGN_TEAM_MEMBERS in rights else {each["id"]: each["name"] for each in others},
    )


def orders_of(settings: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """By collection, the kinds of keys that may match, in the order of the firm."""
    return {collection: order_of(names) for collection, names in settings["match"].items()}


def decisions_of(
    job: Mapping[str, Any], taken: Mapping[int, Mapping[str, Any]], count: int
) -> dict[int, Any]:
    """What was decided of rows: by a person, by their offset, else by the settings for all rows."""
    if job["settings"].get("on_doubt", "skip") == "create":
        return {place: {"is": "new", **taken.get(place, {})} for place in range(count)}
    return dict(taken)


def identified(
    directory: DirectoryStore, job: Mapping[str, Any], found: CheckedRows, positions: Sequence[Position]
) -> dict[str, Identified]:
    """Find the firm's records that checked rows mean; rows of which nobody can tell become bad."""
    slots = identify_rows(directory, found, orders_of(job["settings"]), _seed(job, positions))
    for slot, own in slots.items():
        name = "account.name" if slot == "account" else f"{slot}.last_name"
        for place, code, params in own.problems:
            found.problems.append((place, name, code, params))
            if severity(code) == ERROR:
                found.bad.add(place)
    for slot, own in slots.items():
        own.hits = [place for place in own.hits if place not in found.bad]
        for place in found.bad:
            found.keys[slot][place] = NOTHING
    return slots


def _seed(job: Mapping[str, Any], positions: Sequence[Position]) -> Callable[[int, str], str]:
    """What tells a row from all others: its place in the file, however that was cut."""
    starts = list(accumulate(job["source"]["chunks"], initial=0))
    return lambda place, slot: f"{job['_id']}:{starts[positions[place][0]] + positions[place][1]}:{slot}"


def fresh_ids(firm: str, job: Mapping[str, Any]) -> Callable[[str, str, int], str]:
    """How a record gets an id whose own is that of another record of the file."""
    return lambda collection, identity, reference: record_id(
        firm, collection, f"{identity}:{job['_id']}:{reference}"
    )


def checked_document(
    found: CheckedRows, slots: Mapping[str, Identified], left_out: frozenset[int]
) -> dict[str, Any]:
    """What is kept of checked rows."""
    return {
        "fields": list(found.columns),
        "values": list(found.columns.values()),
        "problems": [list(problem) for problem in found.problems],
        "fixes": _with_new_values(found),
        "bad": sorted(found.bad),
        "left_out": sorted(left_out),
        "slots": {
            slot: {
                "keys": packed(found.keys[slot]),
                "ids": own.ids,
                "hits": own.hits,
                "said": _said(found.columns, slot, len(own.ids)),
                "held": packed(own.held[place] for place in own.hits),
            }
            for slot, own in slots.items()
        },
        "names": bytes(name.value for name in found.names),
        "decisions": {str(place): dict(decision) for place, decision in found.decisions.items()},
        "rules": found.rules,
        "assigned": {
            str(rule): {str(place): ids for place, ids in by_place.items()}
            for rule, by_place in found.assigned.items()
        },
    }


def _with_new_values(found: CheckedRows) -> dict[str, list[list[Any]]]:
    """By offset: place of the field, code and new value of each fix; -1 for fields that others were made from."""
    places = {key: at for at, key in enumerate(found.columns)}
    by_row: dict[str, list[list[Any]]] = {}
    for offset, key, code in found.fixes:
        at = places.get(key, -1)
        by_row.setdefault(str(offset), []).append([at, code, found.columns[key][offset] if at >= 0 else None])
    return by_row


def _said(columns: Mapping[str, Sequence[Any]], slot: str, count: int) -> bytes:
    """Per row a number for what it says of a record, so that rows that say the same are known without reading."""
    own = [values for key, values in columns.items() if key.startswith(f"{slot}.")]
    rows = zip(*own, strict=True) if own else iter([()] * count)
    return array("I", [crc32(repr(row).encode("utf-8", "surrogatepass")) for row in rows]).tobytes()


def problem_counts(
    problems: Iterable[Problem],
    fixes: Iterable[Problem],
    columns: Mapping[str, Sequence[Any]],
    reference: Mapping[str, Any],
) -> dict[str, Any]:
    """How many rows have each problem, how many values each fix, and the tags that the firm does not have yet."""
    problems = list(problems)
    return {
        "problems": rows_with(problems),
        "fixes": dict(Counter(fix[2] for fix in fixes)),
        "custom": {
            key.split("custom.")[1]: sum(value is not None for value in values)
            for key, values in columns.items()
            if "custom." in key
        },
        "unknown": unknown_values(problems),
        "new_tags": [
            *_fresh(columns.get("account.tags", ()), reference["tags"]),
            *_fresh(columns.get("contact.tags", ()), reference["contact_tags"]),
        ],
    }


def rows_with(problems: Iterable[Problem]) -> dict[str, int]:
    """How many rows have each problem, however often."""
    return dict(Counter(code for _, code in {(problem[0], problem[2]) for problem in problems}))


#: Buckets of rows that nothing comes of.
NOT_LOADED = frozenset({"invalid", "unselected"})
#: Problems that a mapping of values can settle once for all rows.
UNKNOWN = frozenset(
    {
        "unknown_option",
        "unknown_country",
        "unknown_language",
        "unknown_team_member",
        "unknown_folder_template",
    }
)
MOST_UNKNOWN = 200


def unknown_values(problems: Iterable[Problem]) -> dict[str, int]:
    """How many rows have each value that a choice does not know, under its field and the quoted value."""
    found = Counter((key, str(params.get("value"))) for _, key, code, params in problems if code in UNKNOWN)
    return {
        f"{key} {quote_plus(value)}".replace(".", "%2E"): n
        for (key, value), n in found.most_common(MOST_UNKNOWN)
    }


def _fresh(values: Iterable[Any], known: Sequence[str]) -> list[str]:
    named = {tag for value in values if isinstance(value, list) for tag in value}
    return sorted(named - set(known))


def values_by_row(checks: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By slot, the filled values of each row."""
    by_slot: dict[str, list[dict[str, Any]]] = {}
    count = len(checks["values"][0]) if checks["values"] else 0
    for slot in SLOTS:
        own = [
            (key.split(".", 1)[1], at)
            for at, key in enumerate(checks["fields"])
            if key.startswith(f"{slot}.")
        ]
        names = [name for name, _ in own]
        rows = zip(*(checks["values"][at] for _, at in own), strict=True) if own else [()] * count
        by_slot[slot] = [
            {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows
        ]
    return by_slot


def rows_to_plan(checks: Mapping[str, Any], positions: Sequence[Position]) -> Rows:
    """Rows that were checked and matched, made ready for planning."""
    groups = checks["groups"]
    places: dict[str, list[Place | None]] = {}
    for slot in (slot for slot in SLOTS if slot in checks["slots"]):
        found, follows = checks["slots"][slot], groups["follows"].get(slot, {})
        places[slot] = _places(slot, found, follows, groups["renamed"].get(slot, {}), positions)
    if "spouse" in places and "contact" in places:
        both = zip(places["spouse"], places["contact"], strict=True)
        places["spouse"] = [None if _are_same(*pair) else pair[0] for pair in both]
    return Rows(
        columns=dict(zip(checks["fields"], checks["values"], strict=True)),
        count=len(positions),
        places=places,
        bad=frozenset([*checks["bad"], *(doubt[0] for doubt in groups["doubts"])]),
        left_out=frozenset(checks["left_out"]),
        repeats=frozenset(groups["repeats"]),
        linked={slot: frozenset(own) for slot, own in groups["linked"].items()},
        rules=checks["rules"],
        assigned={
            int(rule): {int(place): ids for place, ids in by_place.items()}
            for rule, by_place in checks["assigned"].items()
        },
    )


def _places(
    slot: str,
    found: Mapping[str, Any],
    follows: Mapping[str, Any],
    renamed: Mapping[str, str],
    positions: Sequence[Position],
) -> list[Place | None]:
    """What every row means for one slot; None where it names nobody."""
    hits, keys = set(found["hits"]), unpacked(found["keys"])
    own: list[Place | None] = []
    for place, identity in enumerate(found["ids"]):
        followed = follows.get(str(place))
        if followed:
            own.append(Place(followed[0], followed[2], leads=False, chunk=followed[1]))
        elif slot != "account" and place not in hits and not any(keys[place * WIDTH : place * WIDTH + WIDTH]):
            own.append(None)
        else:
            own_id = renamed.get(str(place), identity)
            own.append(Place(own_id, place in hits, leads=True, chunk=positions[place][0]))
    return own


def _are_same(spouse: Place | None, contact: Place | None) -> bool:
    """Whether a row names the same person twice."""
    return spouse is not None and contact is not None and spouse.identity == contact.identity


class Numbers:
    """The numbers of rows as a person sees them, by chunk and offset."""

    def __init__(self, rows: RowStore, revision: int) -> None:
        self._rows, self._revision = rows, revision
        self._known: dict[int, dict[str, Any]] = {}

    def of(self, n: int, offset: int) -> int:
        """The number of one row."""
        if n not in self._known:
            self._known[n] = self._rows.get("cells", self._revision, n, "first", "numbers")
        return row_number(self._known[n], offset)

    def told(self, grouped: dict[str, Any]) -> dict[str, Any]:
        """What grouping found of rows, with numbers where it names other rows by chunk and offset."""
        grouped["doubts"] = [
            [offset, slot, code, {**params, "candidates": [{"row": self.of(*where)} for where in candidates]}]
            for offset, slot, code, params, candidates in grouped["doubts"]
        ]
        for doubt in grouped["doubts"]:
            named = ", ".join(str(one["row"]) for one in doubt[3]["candidates"])
            doubt[3] |= {
                "row": named,
                "count": len(doubt[3]["candidates"]),
                "value": doubt[3].get("value", named),
            }
        grouped["lost"] = [
            [offset, field_, {"row": self.of(*where), "value": _shown_value(kept), "lost": _shown_value(own)}]
            for offset, field_, own, kept, where in grouped["lost"]
        ]
        return grouped


def _shown_value(value: Any) -> str:
    return shown(", ".join(value) if isinstance(value, list) else str(value))


def plan_context(
    directory: DirectoryStore,
    job: Mapping[str, Any],
    rows: Rows,
    adds: Mapping[str, Mapping[int, Mapping[str, Any]]],
) -> PlanContext:
    """Fetch what planning these rows needs of the firm's directory."""
    known: dict[str, set[str]] = {"accounts": set(), "contacts": set()}
    for slot, own in rows.places.items():
        known[COLLECTION[slot]] |= {place.identity for place in own if place and place.known}
    existing = {
        collection: directory.fetch(collection, ids) if ids else {} for collection, ids in known.items()
    }
    pairs = {
        (account.identity, contact.identity)
        for slot in ("contact", "spouse")
        for account, contact in zip(rows.places.get("account", ()), rows.places.get(slot, ()), strict=False)
        if account and contact and account.identity in existing["accounts"]
    }
    members = directory.reference()["team_members"]
    return PlanContext(
        settings=job["settings"],
        existing=existing,
        linked=frozenset(directory.linked(pairs)) if pairs else frozenset(),
        importer=job["created_by"],
        default_members=[member["id"] for member in members if member.get("default_access")],
        adds=adds,
    )


def planned_document(
    job: Mapping[str, Any], rows: Rows, checks: Mapping[str, Any], context: PlanContext
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plan rows; gives what is kept of the plan, and its counts."""
    planned = plan_rows(rows, context)
    for place, slot, code, params in checks["groups"]["doubts"]:
        name = "account.name" if slot == "account" else f"{slot}.last_name"
        planned.problems.append((place, name, code, params))
    doubtful = {doubt[0] for doubt in checks["groups"]["doubts"]} | rows.bad | rows.left_out
    planned.problems += [
        (place, name, "conflict_in_file", params)
        for place, name, params in checks["groups"]["lost"]
        if place not in doubtful
    ]
    _give_keys(planned, checks, context)
    document = {
        "buckets": planned.buckets,
        "creates": {kind: _by_row(entries) for kind, entries in planned.creates.items()},
        "updates": {kind: _by_row(entries) for kind, entries in planned.updates.items()},
        "links": _by_row(planned.links),
        "kept": _by_row(planned.kept),
        "problems": [list(problem) for problem in planned.problems],
    }
    buckets = dict(enumerate(planned.buckets))
    counts = _counts_of_plan(document, buckets, rows.rules, job["settings"])
    return document, {**counts, "asked": _asked([*checks["problems"], *document["problems"]], buckets)}


def _asked(problems: Iterable[Problem], buckets: Mapping[int, str]) -> dict[str, int]:
    """How many rows are invalid for nothing but a question that a person must answer."""
    wrong: dict[int, set[str]] = {}
    for place, _, code, _ in problems:
        if severity(code) == ERROR:
            wrong.setdefault(place, set()).add(code)
    return {
        "rows": sum(codes <= DOUBTS and buckets.get(place) == "invalid" for place, codes in wrong.items())
    }


def _counts_of_plan(
    plan: Mapping[str, Any],
    buckets: Mapping[int, str],
    rules: Sequence[Sequence[int]],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """How many rows are in each bucket, have each problem, and fall under each rule; how many records they make."""
    records = {
        f"{collection}_{what}": len(plan[part][collection])
        for part, what in (("creates", "create"), ("updates", "update"))
        for collection in ("accounts", "contacts")
    }
    return {
        "buckets": dict(Counter(buckets.values())),
        "problems": rows_with(plan["problems"]),
        "records": {**records, "links_create": len(plan["links"])},
        "touches": touches_of(plan, settings),
        "rules": {
            str(rule): sum(buckets[row] not in NOT_LOADED for row in own) for rule, own in enumerate(rules)
        },
    }


def counts_of_found(found: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of single rows, from what is kept of their check and their plan."""
    fixes = Counter(code for fixes in found["fixes"].values() for _, code, _ in fixes)
    return {
        **_counts_of_plan(found, found["buckets"], found["rules"], settings),
        "asked": _asked(found["problems"], found["buckets"]),
        "unknown": unknown_values(found["problems"]),
        "fixes": dict(fixes),
    }


def _by_row(entries: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same by offset of their row; those of the spouse have a letter behind it."""
    return {f"{entry['row']}{SPOUSE if entry['slot'] == 'spouse' else ''}": entry for entry in entries}


def _give_keys(planned: Plan, checks: Mapping[str, Any], context: PlanContext) -> None:
    """Give new records their keys, and changed ones those that follow from their new values."""
    keys = {slot: unpacked(found["keys"]) for slot, found in checks["slots"].items()}
    for collection, entries in planned.creates.items():
        for entry in entries:
            own = keys[entry["slot"]][entry["row"] * WIDTH : entry["row"] * WIDTH + WIDTH]
            entry["keys"] = [key for key in own if key]
        for entry in planned.updates[collection]:
            before = context.existing[collection][entry["_id"]]
            after = {**before, **entry["set"], **dict.fromkeys(entry["unset"])}
            fresh = keys_of(entry["slot"], after)
            if fresh != before["keys"]:
                entry["set"]["keys"], entry["was"]["keys"] = fresh, before["keys"]
