"""The columns of a file with the meanings of their headers: neighbours, people or companies, addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.mapper.headers.meaning import Meaning
from shared.contract.fields import RECORDS_OF_KIND

ADDRESS_PARTS = frozenset(["address_line1", "house_number", "box", "postal_code", "city", "state", "country"])
STREETS = frozenset(["address", "street", "line", "street_or_number"])
_PLACES = ADDRESS_PARTS | STREETS
#: Parts that begin another address when they come again.
_NEEDED_PARTS = frozenset(["postal_code", "city", "state", "country"])
_PERSONAL = frozenset(
    ["first_name", "last_name", "middle_name", "date_of_birth", "national_number", "job_title", "prefix"]
)
_ORGANISED = frozenset(
    [
        "tax_id",
        "kbo_number",
        "client_code",
        "industry",
        "currency",
        "account_name",
        "type",
        "code",
        "ledger_code",
    ]
)
_SURE = 0.55  # a meaning with this score says something about the rest of the file
NEAR_BY = 2  # columns to either side that count as neighbours
_BLOCK_RANKS = {"main": 1.0, "work": 0.95, "billing": 0.93, "mailing": 0.96, "home": 0.85, "other": 0.3}


@dataclass
class Block:
    """The columns of one address."""

    side: str
    qualifiers: frozenset[str]
    number: int
    parts: dict[str, int] = field(default_factory=dict)

    def rank(self) -> float:
        """How likely this is the main address; 0 for one to deliver to."""
        if "shipping" in self.qualifiers:
            return 0.0
        base = max((_BLOCK_RANKS[each] for each in self.qualifiers), default=0.97)
        if "other" in self.qualifiers or self.number > 1:
            base = 0.3
        return base + 0.05 * min(len(self.parts), 5)


class Table:
    """The columns of a file with the meanings of their headers, and what follows from all of them together."""

    def __init__(self, readings: Sequence[Sequence[Meaning]], samples: Sequence[Sequence[str]], kind: str):
        self.readings = readings
        self.samples = samples
        self.kind = kind
        self.records = RECORDS_OF_KIND[kind]
        self.best = [found[0] if found else None for found in readings]
        self.names = [each.name if each and each.score >= _SURE else None for each in self.best]
        self._drop_role_columns()
        own = [
            (each.name, each.side)
            for each in self.best
            if each and each.score >= _SURE and "shipping" not in each.qualifiers
        ]
        self.has = {name for name, side in own if side != "spouse"}
        self.personal = bool(self.has & _PERSONAL)
        self.organised = len(self.has & _ORGANISED) >= 2
        #: Whether the list names people, and accounts at most as their companies.
        self.of_people = self.personal and not self.organised and "account_name" not in self.has
        self.blocks: dict[int, Block] = {}
        self._find_blocks()
        self.primary = self._primary_blocks()
        self.several_addresses = len({id(block) for block in self.blocks.values()}) > len(self.primary)

    def _drop_role_columns(self) -> None:
        """Drop the meaning of a bare "client" beside a bare "supplier": such columns mark the role of each row."""
        for place, each in enumerate(self.best):
            if each and each.name == "account_name" and self.near(place, frozenset(["supplier"]), 1):
                self.best[place] = self.names[place] = None

    def count(self, name: str) -> int:
        """How many columns have this meaning."""
        return self.names.count(name)

    def near(self, place: int, names: frozenset[str], distance: int = NEAR_BY) -> bool:
        """Whether a column close to a place has one of these meanings."""
        around = self.names[max(0, place - distance) : place] + self.names[place + 1 : place + 1 + distance]
        return any(name in names for name in around if name)

    def just_before(self, place: int, names: frozenset[str]) -> bool:
        """Whether the column left of a place has one of these meanings."""
        return place > 0 and self.names[place - 1] in names

    def _find_blocks(self) -> None:
        open_blocks: dict[tuple[str, frozenset[str], int], Block] = {}
        repeats: dict[tuple[str, frozenset[str], int], int] = {}
        for place, meaning in enumerate(self.best):
            if meaning is None or meaning.name not in _PLACES:
                continue
            side = "" if meaning.side in ("customer", "company") and not self._sided() else meaning.side
            key = (side, meaning.qualifiers, meaning.block)
            block = open_blocks.get(key)
            part = "street" if meaning.name in STREETS and meaning.line == 1 else meaning.name
            again = block is not None and part in block.parts and part in _NEEDED_PARTS | {"street"}
            if block is not None and again and self._begins_again(block, part, place):
                repeats[key] = repeats.get(key, 0) + 1
                block = None
            if block is None:
                block = open_blocks[key] = Block(
                    side, meaning.qualifiers, meaning.block + repeats.get(key, 0)
                )
            if part not in block.parts:
                block.parts[part] = place
            self.blocks[place] = block

    def _sided(self) -> bool:
        """Whether the file has addresses of people apart from those of companies."""
        sides = {each.side for each in self.best if each and each.name in _PLACES}
        return "person" in sides or "" in sides

    def _begins_again(self, block: Block, part: str, place: int) -> bool:
        """Whether a repeated part begins another address, rather than being a second one of the same address."""
        if len(block.parts) == 1 or place - block.parts[part] == 1:
            return False
        if part == "street" and block.parts.keys().isdisjoint(_NEEDED_PARTS):
            return False  # one more line of a street
        following = self.best[place + 1] if place + 1 < len(self.best) else None
        return part == "street" or bool(following and following.name in block.parts)

    def _primary_blocks(self) -> dict[str, Block]:
        primary: dict[str, Block] = {}
        for _, block in sorted(self.blocks.items()):
            best = primary.get(block.side)
            if best is None or block.rank() > best.rank() + 1e-9:
                primary[block.side] = block
        return primary
