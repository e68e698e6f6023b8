"""Which targets a column may get, judged with the whole file in view: neighbours, address blocks, sides, values.

A header alone seldom decides: a bare "name" beside first names is a surname, a second street is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.mapper.headers.meaning import Meaning
from services.mapper.values import kinds
from shared.contract.fields import FIELDS, RECORDS_OF_KIND

ADDRESS_PARTS = frozenset(["address_line1", "house_number", "box", "postal_code", "city", "state", "country"])
_STREETS = frozenset(["address", "street", "line", "street_or_number"])
_PLACES = ADDRESS_PARTS | _STREETS
_NEEDED_PARTS = frozenset(["postal_code", "city", "state", "country"])  # what begins again in another block
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
_SURE = 0.55  # a reading this good tells something about the rest of the file
NEAR_BY = 2  # columns to either side that are neighbours


@dataclass(frozen=True)
class Judged:
    """A target with how well it fits before calibration, and why: a code of a reason with its values."""

    target: str
    score: float
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Block:
    """The columns of one address."""

    side: str
    qualifiers: frozenset[str]
    number: int
    parts: dict[str, int] = field(default_factory=dict)

    def rank(self) -> float:
        """How likely this is the address that counts; 0 for one to deliver to."""
        if "shipping" in self.qualifiers:
            return 0.0
        base = max((_BLOCK_RANKS[each] for each in self.qualifiers), default=0.97)
        if "other" in self.qualifiers or self.number > 1:
            base = 0.3
        return base + 0.05 * min(len(self.parts), 5)


_BLOCK_RANKS = {"main": 1.0, "work": 0.95, "billing": 0.93, "mailing": 0.96, "home": 0.85, "other": 0.3}


class Table:
    """The columns of a file as they were read, and what they tell together."""

    def __init__(self, readings: Sequence[Sequence[Meaning]], samples: Sequence[Sequence[str]], kind: str):
        self.readings = readings
        self.samples = samples
        self.kind = kind
        self.records = RECORDS_OF_KIND[kind]
        self.best = [found[0] if found else None for found in readings]
        self.names = [each.name if each and each.score >= _SURE else None for each in self.best]
        self._drop_marks()
        own = [
            (each.name, each.side)
            for each in self.best
            if each and each.score >= _SURE and "shipping" not in each.qualifiers
        ]
        self.has = {name for name, side in own if side != "spouse"}
        self.personal = bool(self.has & _PERSONAL)
        self.organised = len(self.has & _ORGANISED) >= 2
        self.blocks: dict[int, Block] = {}
        self._find_blocks()
        self.primary = self._primary_blocks()
        self.several_addresses = len({id(block) for block in self.blocks.values()}) > len(self.primary)

    def _drop_marks(self) -> None:
        """A bare "client" beside a bare "supplier" only marks who is which."""
        for place, each in enumerate(self.best):
            if each and each.name == "account_name" and self.near(place, frozenset(["supplier"]), 1):
                self.best[place] = self.names[place] = None

    def count(self, name: str) -> int:
        """How many columns are read as this."""
        return self.names.count(name)

    def near(self, place: int, names: frozenset[str], distance: int = NEAR_BY) -> bool:
        """Whether a column close to a place is read as one of these."""
        around = self.names[max(0, place - distance) : place] + self.names[place + 1 : place + 1 + distance]
        return any(name in names for name in around if name)

    def just_before(self, place: int, names: frozenset[str]) -> bool:
        """Whether the column left of a place is read as one of these."""
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
            part = "street" if meaning.name in _STREETS and meaning.line == 1 else meaning.name
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
        """Whether addresses of persons are told from those of their companies."""
        sides = {each.side for each in self.best if each and each.name in _PLACES}
        return "person" in sides or "" in sides

    def _begins_again(self, block: Block, part: str, place: int) -> bool:
        """A part that comes again after others of its address begins another, unless it comes again alone."""
        if len(block.parts) == 1 or place - block.parts[part] == 1:
            return False
        following = self.best[place + 1] if place + 1 < len(self.best) else None
        return part == "street" or bool(following and following.name in block.parts)

    def _primary_blocks(self) -> dict[str, Block]:
        primary: dict[str, Block] = {}
        for _, block in sorted(self.blocks.items()):
            best = primary.get(block.side)
            if best is None or block.rank() > best.rank() + 1e-9:
                primary[block.side] = block
        return primary


def judge(table: Table, place: int) -> list[Judged]:
    """The targets that the column at a place may get by its header, the file and its values."""
    judged: dict[str, Judged] = {}
    for meaning in table.readings[place]:
        if not meaning.name:
            continue
        for found in _targets(table, place, meaning):
            target = _of_kind(found.target, table.records)
            fits = replace(found, target=target or "", score=found.score * meaning.score)
            if target and (target not in judged or fits.score > judged[target].score):
                judged[target] = fits
    return list(judged.values())


def dismissed(table: Table, place: int) -> bool:
    """Whether a header is understood, and the rest of the file speaks against every field that it could mean."""
    readings = table.readings[place]
    return bool(readings and readings[0].name) and not any(
        _targets(table, place, meaning) for meaning in readings if meaning.name
    )


def _of_kind(target: str, records: Sequence[str]) -> str | None:
    """The target in a kind of import; one that fills a single record takes the same field of the other record."""
    if FIELDS[target].record in records:
        return target
    same = f"{records[0]}.{FIELDS[target].name}"
    return same if len(records) == 1 and FIELDS[target].record != "spouse" and same in FIELDS else None


def _targets(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    if meaning.side == "spouse":
        return _spouse(table, meaning)
    rule = _RULES.get(meaning.name)
    if rule is not None:
        return rule(table, place, meaning)
    if meaning.name in ADDRESS_PARTS:
        return _address_part(table, place, meaning, meaning.name)
    return _single(table, meaning)


_SPOUSE_NAMES = {"phone": "mobile"}


def _spouse(table: Table, meaning: Meaning) -> list[Judged]:
    if meaning.name == "spouse_name":
        names = {each.name for each in table.best if each and each.side == "spouse"}
        if "last_name" in names:
            return [Judged("spouse.first_name", 1.0, "surnames_beside")]
        return [Judged("spouse.last_name", 1.0, "first_names_beside")] if "first_name" in names else []
    key = f"spouse.{_SPOUSE_NAMES.get(meaning.name, meaning.name)}"
    if key not in FIELDS or meaning.block > 1:
        return []
    return [Judged(key, 0.85 if meaning.name in _SPOUSE_NAMES else 1.0, "spouse")]


_KEYS = {
    "account_name": "account.name",
    "contact_tags": "contact.tags",
    "contact_notes": "contact.notes",
    "language": "contact.language",
}


def _key(name: str, table: Table) -> str | None:
    """The field of a meaning that only one record has, or the record that this kind of import fills."""
    if name in _KEYS and FIELDS[_KEYS[name]].record in table.records:
        return _KEYS[name]
    name = _KEYS.get(name, f".{name}").split(".")[1]
    keys = [f"{record}.{name}" for record in table.records if f"{record}.{name}" in FIELDS]
    return keys[0] if keys else None


def _single(table: Table, meaning: Meaning) -> list[Judged]:
    key = _key(meaning.name, table)
    if key is None:
        return []
    return [Judged(key, _rank(meaning), "words")]


def _rank(meaning: Meaning) -> float:
    """How much a field that is asked for once is meant by a header that says which of several."""
    if "shipping" in meaning.qualifiers:
        return 0.0
    rank = 0.4 if "other" in meaning.qualifiers else 1.0
    if meaning.block > 1:
        rank *= 0.45
    if meaning.qualifiers & {"billing", "mailing"}:
        rank *= 0.88
    return rank


# Names


def _name(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A bare name: of a client, a person, or one part of a person's name; what stands beside it tells."""
    rank = _rank(meaning)
    cluster = table.near(place, frozenset(["first_name", "last_name"]), 1)
    several = table.count("name") + table.count("person_name") > 1
    if "person_name" in table.has and not cluster:
        return _somebody(table, place, rank)
    if "first_name" in table.has and "last_name" not in table.has and (cluster or not several):
        return [
            Judged("contact.last_name", rank, "first_names_beside"),
            Judged("account.name", 0.55 * rank, "words"),
        ]
    if "last_name" in table.has and "first_name" not in table.has and (cluster or not several):
        return [
            Judged("contact.first_name", rank, "surnames_beside"),
            Judged("account.name", 0.5 * rank, "words"),
        ]
    return _somebody(table, place, rank)


def _somebody(table: Table, place: int, rank: float) -> list[Judged]:
    full, client = _whole_name(table, place)
    return [
        Judged("contact.full_name", full * rank, "name_of_person"),
        Judged("account.name", client * rank, "name_of_client"),
    ]


_PARTS_OF_NAMES = frozenset(["first_name", "last_name", "middle_name", "prefix"])


def _whole_name(table: Table, place: int) -> tuple[float, float]:
    """How well a name of somebody fits the contact, and the account."""
    if "account" not in table.records:
        return 1.0, 0.0
    if "account_name" in table.has:
        return 0.9, 0.5
    if "person_name" in table.has:
        return 0.5, 1.0
    persons = table.personal and not table.organised
    if "first_name" in table.has or "last_name" in table.has:
        beside = table.near(place, _PARTS_OF_NAMES, 1) and persons
        return (0.97, 0.6) if beside else (0.6, 0.97)
    if persons and "company_name" in table.has:
        return 0.97, 0.6
    if "company_name" in table.has and not table.organised:
        return 0.8, 0.75
    if persons:
        return 0.85, 0.8
    return 0.6, 1.0


def _person_name(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A "contact's name": the surname where the contact's first names have a column and surnames have none."""
    firsts = any(each and each.name == "first_name" and each.side == meaning.side for each in table.best)
    lasts = any(each and each.name == "last_name" and each.side in ("", meaning.side) for each in table.best)
    rank = _rank(meaning)
    if firsts and not lasts:
        return [
            Judged("contact.last_name", rank, "first_names_beside"),
            Judged("contact.full_name", 0.6 * rank, "words"),
        ]
    return [Judged("contact.full_name", rank, "words")]


def _full_name(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    rank = _rank(meaning)
    found = [Judged("contact.full_name", rank, "words")]
    if meaning.side != "person" and "account" in table.records and table.organised and not table.personal:
        found.append(Judged("account.name", 0.75 * rank, "name_of_client"))
    return found


def _company(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    rank = _rank(meaning)
    if "account" not in table.records:
        return [Judged("contact.linked_account", 0.85 * rank, "words")]
    found = [Judged("account.company_name", rank, "words")]
    if table.count("company_name") > 1 and table.organised and not table.has & {"account_name", "name"}:
        found.append(Judged("account.name", 0.6 * rank, "name_of_client"))
    return found


def _account_name(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A bare "client" may be a mark beside suppliers; a bare "account" in a list of persons is no client."""
    bare = meaning.score < 0.95
    if table.best[place] is None:
        return []
    if "account" not in table.records:
        return [Judged("contact.linked_account", 0.95, "words")]
    stray = bare and table.personal and not table.organised and "company_name" in table.has
    return [Judged("account.name", 0.5 if stray else _rank(meaning), "words")]


def _title(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A bare title: a form of address before the names or by its values, else a job."""
    courtesy = kinds.share(table.samples[place], "prefix")
    if courtesy >= 0.5:
        return [Judged("contact.prefix", 1.0, "courtesy_values")]
    if table.count("title") > 1:
        first_of_all = table.names.index("title") == place
        return [Judged("contact.prefix" if first_of_all else "contact.job_title", 1.0, "words")]
    job, prefix = "job_title" in table.has, "prefix" in table.has
    first = next(
        (p for p, name in enumerate(table.names) if name in ("first_name", "name", "last_name")), None
    )
    before = first is not None and place < first
    if prefix and not job:
        return [Judged("contact.job_title", 1.0, "words")]
    if job and not prefix:
        return [Judged("contact.prefix", 0.95, "words")]
    if before:
        return [Judged("contact.prefix", 0.9, "words"), Judged("contact.job_title", 0.7, "words")]
    return [Judged("contact.job_title", 0.9, "words"), Judged("contact.prefix", 0.65, "words")]


# Reaching somebody


_SECOND = 0.9  # how well "another" fits the second of two: less than one that is told more exactly


def _phone(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    if "shipping" in meaning.qualifiers:
        return []
    if meaning.block > 2:
        return [Judged("contact.phone_secondary", 0.5, "another_of")]
    if meaning.block == 2 or meaning.qualifiers & {"home", "other"}:
        alone = 0.55 if meaning.block == 1 else 0.4
        second = _SECOND if "other" in meaning.qualifiers else 0.95
        return [
            Judged("contact.phone_secondary", second, "second_of"),
            Judged("contact.phone", alone, "words"),
        ]
    main = 1.0 if not meaning.qualifiers & {"billing", "mailing"} else 0.9
    return [Judged("contact.phone", main, "words"), Judged("contact.phone_secondary", 0.75, "second_of")]


def _mobile(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    if meaning.block > 1 or "other" in meaning.qualifiers:
        return [Judged("contact.phone_secondary", 0.6, "second_of")]
    return [
        Judged("contact.mobile", _rank(meaning), "words"),
        Judged("contact.phone_secondary", 0.5, "second_of"),
    ]


def _fax(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    rank = _rank(meaning)
    return [Judged("contact.fax", 0.8 * rank if "home" in meaning.qualifiers else rank, "words")]


def _email(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """Of several addresses the plain one is the contact's; those of companies and invoices the account's."""
    if "shipping" in meaning.qualifiers and "billing" not in meaning.qualifiers:
        return []
    several = table.count("email") > 1
    persons = any(each and (each.name, each.side) == ("email", "person") for each in table.best)
    of_account = meaning.side == "company" or (meaning.side == "customer" and several)
    second = Judged("contact.email_secondary", 0.72, "second_of")
    if meaning.block > 2:
        return [replace(second, score=0.5, code="another_of")]
    if meaning.block == 2 or "other" in meaning.qualifiers:
        return [replace(second, score=_SECOND), Judged("contact.email", 0.45, "words")]
    if "billing" in meaning.qualifiers and several:
        return [Judged("account.email", 0.8, "words"), replace(second, score=0.6)]
    if of_account or (meaning.side == "" and persons):
        return [Judged("account.email", 0.97, "words"), Judged("contact.email", 0.85, "words")]
    if "contact" not in table.records:
        return [Judged("account.email", 1.0, "words")]
    if "home" in meaning.qualifiers:
        return [Judged("contact.email", 0.95, "words"), replace(second, score=0.93 if several else 0.72)]
    return [Judged("contact.email", 1.0, "words"), second]


# Addresses


def _address_part(table: Table, place: int, meaning: Meaning, part: str) -> list[Judged]:
    block = table.blocks.get(place)
    if block is None:
        return [Judged(f"{_record(table, meaning.side)}.{part}", 0.6, "words")]
    record = _record(table, block.side)
    if block is table.primary[block.side]:
        weight, code = 1.0, "main_address" if table.several_addresses else "words"
    elif block.rank() and block.number == 1 and "other" not in block.qualifiers:
        name = "street" if meaning.name in _STREETS else meaning.name
        missing = name not in table.primary[block.side].parts and meaning.line == 1
        weight, code = (0.75, "words") if missing else (0.4, "second_address")
    else:
        weight, code = 0.3 if block.rank() else 0.0, "second_address"
    if meaning.name == "box" and meaning.block + meaning.line > 3:
        weight *= 0.5
    return [Judged(f"{record}.{part}", weight, code)]


def _record(table: Table, side: str) -> str:
    if side in ("customer", "company") and "account" in table.records:
        return "account"
    return "contact" if "contact" in table.records else "account"


def _street(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    if meaning.line > 2:
        return [
            replace(found, score=found.score * 0.4) for found in _address_part(table, place, meaning, "box")
        ]
    if meaning.line == 2:
        return [
            replace(found, score=found.score * 0.92) for found in _address_part(table, place, meaning, "box")
        ]
    found = _address_part(table, place, meaning, "address_line1")
    if meaning.name == "address":
        return [replace(each, score=each.score * 0.93) for each in found]
    return found


def _street_or_number(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A "street number" is the house number where a column for the street is beside it."""
    if table.near(place, frozenset(["street", "address", "line"])):
        return _address_part(table, place, meaning, "house_number")
    return _address_part(table, place, meaning, "address_line1")


def _estate(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A word for both a state and a status: among parts of an address the former."""
    if not table.near(place, frozenset(["city", "postal_code", "state", "country", "street", "address"])):
        return [Judged("account.status", 0.95, "words")]
    if "state" in table.has and "country" not in table.has:
        return _address_part(table, place, meaning, "country")
    if "state" in table.has:
        return [Judged("account.status", 0.75, "words")]
    return _address_part(table, place, meaning, "state")


def _location(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    if table.near(place, frozenset(["postal_code", "country", "street", "address", "line", "state"])):
        same = any(
            each
            and each.name == "city"
            and (each.side, each.qualifiers) == (meaning.side, meaning.qualifiers)
            for each in table.best
        )
        if not same:
            return _address_part(table, place, replace(meaning, name="city"), "city")
    return []


def _ledger_code(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """The account in the books: of a client his number, in an address book something else."""
    weak = table.personal and not table.organised
    return [Judged("account.client_code", (0.6 if weak else 1.0) * _rank(meaning), "words")]


_OF_ADDRESSES = frozenset(["billing", "shipping", "mailing", "home", "other"])


def _code(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A bare number: after a street the one of the house, a "work number" a phone, else the client's."""
    if table.just_before(place, frozenset(["street", "address", "line"])):
        near = _address_part(table, place, replace(meaning, name="house_number"), "house_number")
        return [replace(each, score=max(each.score, 0.9)) for each in near]
    if meaning.qualifiers & {"home", "work"} and table.personal:
        return [replace(each, score=0.85 * each.score) for each in _phone(table, place, meaning)]
    if meaning.qualifiers & _OF_ADDRESSES and table.near(place, frozenset(["city", "state", "country"])):
        return _address_part(table, place, replace(meaning, name="postal_code"), "postal_code")
    return [Judged("account.client_code", 0.95 * _rank(meaning), "words")]


# Client records


def _birth(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """Year, month and day of birth in columns of their own are no date."""
    if "birth_part" in table.has:
        return []
    return [Judged("contact.date_of_birth", _rank(meaning), "words")]


def _personal_tax_number(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """The Italian tax code: of companies the number of their VAT, of persons the one they are known by."""
    found = [Judged("account.tax_id", 0.97, "words"), Judged("contact.national_number", 0.62, "words")]
    return [each for each in found if FIELDS[each.target].record in table.records]


def _kbo_number(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    return [Judged("account.kbo_number", _rank(meaning), "words"), Judged("account.tax_id", 0.6, "words")]


def _notes(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    rank = 0.95 if meaning.block == 1 else 0.6
    if "other" in meaning.qualifiers:
        rank *= 0.5
    return [Judged(_key("notes", table) or "account.notes", rank, "words")]


def _tags(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    return [Judged(_key("tags", table) or "account.tags", 0.95, "words")]


def _category(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    tags, kind = (0.7, 0.72) if "tags" in table.has else (0.8, 0.7)
    found = [Judged(_key("tags", table) or "account.tags", tags, "words")]
    if "account" in table.records and "type" not in table.has:
        found.append(Judged("account.type", kind, "words"))
    return found


def _roles(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    """A bare "role" in a list of persons is what they do; with their jobs told elsewhere it is something else."""
    if table.personal and not table.organised and meaning.side == "":
        return [] if "job_title" in table.has else [Judged("contact.job_title", 0.8, "name_of_person")]
    return [Judged("account.roles", 1.0, "words")] if "account" in table.records else []


def _team(table: Table, place: int, meaning: Meaning) -> list[Judged]:
    return [Judged("account.team_members", 1.0, "words")] if "account" in table.records else []


_RULES: dict[str, Callable[[Table, int, Meaning], list[Judged]]] = {
    "name": _name,
    "full_name": _full_name,
    "person_name": _person_name,
    "account_name": _account_name,
    "date_of_birth": _birth,
    "personal_tax_number": _personal_tax_number,
    "kbo_number": _kbo_number,
    "company_name": _company,
    "title": _title,
    "phone": _phone,
    "mobile": _mobile,
    "fax": _fax,
    "email": _email,
    "address": _street,
    "street": _street,
    "line": _street,
    "street_or_number": _street_or_number,
    "estate": _estate,
    "location": _location,
    "code": _code,
    "ledger_code": _ledger_code,
    "notes": _notes,
    "tags": _tags,
    "category": _category,
    "team_members": _team,
    "roles": _roles,
}
