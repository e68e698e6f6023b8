"""Groups some rows of a file anew, as grouping the whole file would; rows are counted by their place among them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence

from services.validator.match.grouped import NumberOf, groups_of
from services.validator.match.grouping import Grouping
from services.validator.match.merging import ChunkValues, values_by_row
from services.validator.repair.changes import by_chunk
from shared.contract.documents.chunk import Additions, Checks, Groups, Matchable, Slot
from shared.contract.documents.values import Position
from shared.contract.keys import WIDTH, packed, unpacked


def places_by_chunk(positions: Sequence[Position]) -> dict[int, list[int]]:
    """By chunk the places that its rows have among some rows."""
    return by_chunk((n, place) for place, (n, _) in enumerate(positions))


def regroup(
    checks: Checks,
    positions: Sequence[Position],
    orders: Mapping[str, Sequence[int]],
    chunks: Sequence[int],
    fresh_id: Callable[[str, str, int], str],
    number_of: NumberOf,
) -> tuple[Groups, dict[str, dict[int, Additions]]]:
    """Which of the rows at `positions` mean the same record, and what others add to those that lead, by slot.

    `chunks` has the number of rows of each chunk of the file; the other arguments are those of `Grouping`.
    """
    place_of = {position: place for place, position in enumerate(positions)}
    values = values_by_row(checks)

    def values_of(n: int) -> ChunkValues:
        at = {offset: place for (chunk, offset), place in place_of.items() if chunk == n}
        return {slot: {offset: rows[place] for offset, place in at.items()} for slot, rows in values.items()}

    grouping = Grouping(orders, chunks, values_of, fresh_id)
    parts = {n: taken(checks, places) for n, places in places_by_chunk(positions).items()}
    offsets = by_chunk(positions)
    for part in parts.values():
        grouping.see(part)
    for n, part in parts.items():
        grouping.look(n, part, offsets[n])
    grouping.settle()
    groups = {n: groups_of(grouping.place(n, part, offsets[n]), number_of) for n, part in parts.items()}
    additions: dict[str, dict[int, Additions]] = {}
    for n, by_slot in grouping.additions().items():
        for slot, by_offset in by_slot.items():
            for offset, more in by_offset.items():
                additions.setdefault(slot, {})[place_of[(n, offset)]] = more
    return joined(groups, place_of), additions


def taken(checks: Checks, places: Sequence[int]) -> Matchable:
    """What was found, of some of the rows."""
    return Matchable(
        slots={slot: _slot_taken(own, places) for slot, own in checks.slots.items()},
        names=bytes(checks.names[place] for place in places) if checks.names else b"",
        decisions={
            at: decision for at, place in enumerate(places) if (decision := checks.decisions.get(place))
        },
    )


def _slot_taken(own: Slot, places: Sequence[int]) -> Slot:
    flat, digests, known = unpacked(own.keys), unpacked(own.digests, "I"), unpacked(own.known_keys)
    matched = {place: at for at, place in enumerate(own.matched)}
    return Slot(
        keys=packed(flat[place * WIDTH : place * WIDTH + WIDTH] for place in places),
        ids=[own.ids[place] for place in places],
        matched=[at for at, place in enumerate(places) if place in matched],
        digests=array("I", [digests[place] for place in places]).tobytes(),
        known_keys=packed(
            known[matched[p] * WIDTH : matched[p] * WIDTH + WIDTH] for p in places if p in matched
        ),
    )


def joined(by_number: Mapping[int, Groups], place_of: Mapping[Position, int]) -> Groups:
    """The groups of several chunks as one, with places in the place of offsets."""
    whole = Groups()
    for n, groups in by_number.items():
        for slot, follows in groups.follows.items():
            own = whole.follows.setdefault(slot, {})
            own.update({place_of[(n, offset)]: followed for offset, followed in follows.items()})
        for slot, renamed in groups.renamed.items():
            ids = whole.renamed.setdefault(slot, {})
            ids.update({place_of[(n, offset)]: identity for offset, identity in renamed.items()})
        whole.doubts += [doubt._replace(offset=place_of[(n, doubt.offset)]) for doubt in groups.doubts]
        whole.lost += [lost._replace(offset=place_of[(n, lost.offset)]) for lost in groups.lost]
        whole.repeats += [place_of[(n, offset)] for offset in groups.repeats]
        for slot, linked in groups.linked.items():
            whole.linked.setdefault(slot, []).extend(place_of[(n, offset)] for offset in linked)
        for slot, relinked in groups.relinked.items():
            whole.relinked.setdefault(slot, []).extend(place_of[(n, offset)] for offset in relinked)
    return whole
