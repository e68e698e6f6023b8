"""Checks that the records of a firm at the end follow from the writes to it, one after the other.

A model of loading and of writing through the API, on plain values: a row is loaded whole, and only where everything
that it touches is as its review showed it; else it is left out whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contract.listing import PLACES, places_of
from shared.contract.records import link_id
from tests.integration.carrying import Firm, Record, content

#: What a record has beside its values; its place in lists follows from them.
NO_VALUES = frozenset({"_id", "firm", "custom", *PLACES})
KINDS = ("accounts", "contacts")
ENDS = (("accounts", "account"), ("contacts", "contact"))


class UnexplainedError(Exception):
    """The reported writes cannot give this result in this order."""


@dataclass
class Known:
    """A record or a link as the model knows it: its values, its revision, and the job that made it."""

    values: Record
    revision: int = 1
    job: str = ""


State = dict[str, dict[str, Known]]


def state_of(firm: Firm) -> State:
    """What a firm has, as the model knows it; raises `UnexplainedError` for a record at a wrong place in lists."""
    for kind in KINDS:
        for identity, record in firm[kind].items():
            if {name: record.get(name) for name in PLACES} != places_of(kind, record):
                raise UnexplainedError(f"{identity} is at {record.get('listed')!r} in lists: {record}")
    return {
        kind: {
            identity: Known(flat(record), record.get("revision", 1), record.get("job", ""))
            for identity, record in records.items()
        }
        for kind, records in firm.items()
    }


def flat(record: Mapping[str, Any]) -> Record:
    """The values of a record, custom fields beside the others; no value is as good as an empty one."""
    values = {name: value for name, value in content(dict(record)).items() if name not in NO_VALUES}
    values |= {f"custom.{name}": value for name, value in record.get("custom", {}).items()}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


@dataclass
class Event:
    """Something that was written at once; `began` and `ended` are places in one common order of moments."""

    began: float = 0.0
    ended: float = 0.0

    def happen(self, state: State) -> None:
        """Write it; raises `UnexplainedError` where the report cannot be right."""
        raise NotImplementedError


@dataclass
class Loaded(Event):
    """A chunk that was loaded: the plans of all chunks of its job, and what became of its rows."""

    job: str = ""
    n: int = 0
    plans: Sequence[Record] = ()
    usual: Record = field(default_factory=dict)
    outcomes: Record = field(default_factory=dict)

    def happen(self, state: State) -> None:
        plan, outcomes = self.plans[self.n], self.outcomes["outcomes"]
        harmed = self._harmed(state)
        for row, bucket in enumerate(plan["buckets"]):
            wanted = bucket in ("new", "update")
            expected = (
                "loaded" if wanted and row not in harmed else outcomes[row] if not wanted else "skipped"
            )
            if outcomes[row] != expected or (not wanted and outcomes[row] == "loaded"):
                raise UnexplainedError(f"row {row} of chunk {self.n} is {outcomes[row]}, harmed are {harmed}")
        self._write(state, {row for row, outcome in enumerate(outcomes) if outcome == "loaded"})

    def _harmed(self, state: State) -> set[int]:
        """Rows that touch something that is not as their review showed it."""
        plan, harmed = self.plans[self.n], set()
        for kind in KINDS:
            for entry in plan["updates"][kind].values():
                there = state[kind].get(entry["_id"])
                if there is None or (there.revision, there.job) != (entry["revision"], entry["made_by"]):
                    harmed.add(entry["row"])
            for entry in plan["creates"][kind].values():
                there = state[kind].get(entry["_id"])
                if there is not None and there.job != self.job:
                    harmed.add(entry["row"])
        for link in plan["links"].values():
            if any(link[end] not in state[kind] and not self._planned(kind, end, link) for kind, end in ENDS):
                harmed.add(link["row"])
        return harmed

    def _planned(self, kind: str, end: str, link: Record) -> Record | None:
        """The plan of a record that a link leads to, where the job is to create it."""
        leading = self.plans[link.get(f"{end}_chunk", self.n)]
        return next((e for e in leading["creates"][kind].values() if e["_id"] == link[end]), None)

    def _write(self, state: State, rows: set[int]) -> None:
        plan = self.plans[self.n]
        for kind in KINDS:
            for entry in (e for e in plan["creates"][kind].values() if e["row"] in rows):
                self._create(state, kind, entry)
            for entry in (e for e in plan["updates"][kind].values() if e["row"] in rows):
                known = state[kind][entry["_id"]]
                state[kind][entry["_id"]] = Known(
                    _changed(known.values, entry), known.revision + 1, known.job
                )
        for link in (each for each in plan["links"].values() if each["row"] in rows):
            for kind, end in ENDS:
                if link[end] not in state[kind]:
                    planned = self._planned(kind, end, link)
                    assert planned
                    self._create(state, kind, planned)
            ends = {end: link[end] for _, end in ENDS}
            made = Known({**ends, "switches": link.get("switches", self.usual)}, 1, self.job)
            state["links"].setdefault(link_id(**ends), made)

    def _create(self, state: State, kind: str, entry: Record) -> None:
        values = flat({**entry["record"], "keys": entry["keys"]})
        state[kind].setdefault(entry["_id"], Known(values, 1, self.job))


@dataclass
class Rewritten(Event):
    """A record that a person changed, as it was and as it became; no record where somebody else came first."""

    kind: str = ""
    before: Record | None = None
    after: Record | None = None

    def happen(self, state: State) -> None:
        if self.before is None or self.after is None:
            return
        identity, seen = self.before["_id"], self.before["revision"]
        there = state[self.kind].get(identity)
        if there is None or (there.revision, there.values) != (seen, flat(self.before)):
            raise UnexplainedError(f"{identity} was not there as it was seen")
        state[self.kind][identity] = Known(flat(self.after), self.after["revision"], there.job)


@dataclass
class Removed(Event):
    """A record that a person removed, if it was there."""

    kind: str = ""
    identity: str = ""
    was_there: bool = False

    def happen(self, state: State) -> None:
        if (self.identity in state[self.kind]) != self.was_there:
            raise UnexplainedError(f"{self.identity} was there: {not self.was_there}")
        state[self.kind].pop(self.identity, None)
        end = self.kind.removesuffix("s")
        for link in [i for i, link in state["links"].items() if link.values[end] == self.identity]:
            del state["links"][link]


def _changed(values: Record, entry: Record) -> Record:
    after = {name: value for name, value in values.items() if name not in entry["unset"]} | entry["set"]
    for name, more in entry["add"].items():
        own = after.get(name, [])
        after[name] = [*own, *(item for item in more if item not in own)]
    return {name: value for name, value in after.items() if value not in (None, "", [])}


def explain(before: Firm, events: Sequence[Event], after: Firm) -> None:
    """Find an order of the events that leads from one state to the other; raises `UnexplainedError`.

    What ended before something else began comes before it.
    """
    end, failures = state_of(after), list[str]()
    for state in _ends(state_of(before), list(events), failures):
        if state == end:
            return
        failures.append(f"{_differing(state, end)}")
    raise UnexplainedError("\n".join(failures))


def _ends(state: State, left: Sequence[Event], failures: list[str]) -> Iterator[State]:
    """The states that the events that are left may lead to, in any order that time and the reports allow."""
    if not left:
        yield state
    for event in sorted(left, key=lambda each: each.ended):
        rest = [other for other in left if other is not event]
        if any(other.ended < event.began for other in rest):
            continue
        then = {kind: dict(records) for kind, records in state.items()}
        try:
            event.happen(then)
        except UnexplainedError as reason:
            failures.append(str(reason))
            continue
        yield from _ends(then, rest, failures)


def _differing(one: State, other: State) -> list[tuple[str, str, Known | None, Known | None]]:
    return [
        (kind, identity, one[kind].get(identity), other[kind].get(identity))
        for kind in one
        for identity in sorted(one[kind].keys() | other[kind].keys())
        if one[kind].get(identity) != other[kind].get(identity)
    ]
