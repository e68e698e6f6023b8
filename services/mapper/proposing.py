"""Proposes a target field for each column of a file: by its header, with light use of its sample values.

A target is given to one column unless it repeats; where nothing is sure, nothing is suggested.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from shared.contract.fields import FIELDS, NEEDED, RECORDS_OF_KIND, Field, fields_for

EXACT_LABEL, ALIAS, NEAR = 1.0, 0.95, 0.8
CONFIDENT = 0.5  # the least confidence with which a target is suggested


@dataclass(frozen=True)
class Column:
    """One column of the file, with some of its filled values."""

    index: int
    header: str
    samples: Sequence[str] = ()


@dataclass(frozen=True)
class Candidate:
    """A target that fits a column."""

    target: str
    confidence: float
    why: str


@dataclass(frozen=True)
class Suggestion:
    """What is suggested for one column: `sync` with a target, or `skip`."""

    index: int
    header: str
    action: str
    target: str | None
    confidence: float
    why: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """Suggestions for all columns in file order, and how the account type is found."""

    columns: tuple[Suggestion, ...]
    account_type: Mapping[str, str | int] = field(default_factory=dict)

    def targets(self) -> set[str]:
        """The keys of all targets that are suggested."""
        return {each.target for each in self.columns if each.target}


def propose(columns: Sequence[Column], kind: str) -> Proposal:
    """Suggest targets for the columns of a file of this kind of import (KeyError for no such kind)."""
    file = _File(columns, kind)
    offers = {column.index: _candidates(column, file) for column in columns}
    given = _assign(columns, offers)
    suggestions = tuple(
        _suggestion(column, given.get(column.index), offers[column.index]) for column in columns
    )
    return Proposal(suggestions, _account_type(suggestions, kind))


def complete(proposal: Proposal, kind: str) -> list[str]:
    """The required fields that no column fills, directly or by what can stand in for them."""
    targets = proposal.targets()
    return [group[0] for group in NEEDED[kind] if not targets.intersection(group)]


# Headers

_MARKS = re.compile(
    r"[(\[]\s*(mandatory|required|recommended|optional|verplicht|optioneel|obligatoire|facultatif)\s*[)\]]",
    re.I,
)
_SMALL_WORDS = frozenset(
    ["the", "of", "a", "de", "du", "des", "la", "le", "les", "l", "d", "van", "het", "der", "een"]
)
_PREFIX = re.compile(r"\s*([^:.\-–]+?)\s*(?::|\.|\s[-–]\s)\s*(\S.*)")
_PREFIX_RECORDS = {
    "account": ("account", "contact"),
    "client": ("account", "contact"),
    "customer": ("account", "contact"),
    "company": ("account", "contact"),
    "compte": ("account", "contact"),
    "klant": ("account", "contact"),
    "contact": ("contact",),
    "contact person": ("contact",),
    "contactpersoon": ("contact",),
    "personne de contact": ("contact",),
    "person": ("contact",),
    "taxpayer": ("contact",),
    "spouse": ("spouse",),
    "partner": ("spouse",),
    "conjoint": ("spouse",),
    "partenaire": ("spouse",),
}


def plain(header: str) -> str:
    """A header for comparing: words in small letters, without accents, punctuation, marks like (optional)."""
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z][a-z])", " ", _MARKS.sub(" ", header))  # FirstName
    text = re.sub("[nN][°º]", "n ", text)
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def near(header: str) -> str:
    """A header for comparing loosely: without what stands in brackets, small words inside, and spaces."""
    words = plain(re.sub(r"[(\[].*?[)\]]", " ", header)).split()
    inner = [word for word in words[1:-1] if word not in _SMALL_WORDS]
    return "".join(words[:1] + inner + words[1:][-1:])


@dataclass(frozen=True)
class _Known:
    key: str
    confidence: float
    why: str


@dataclass(frozen=True)
class _Dictionary:
    """What each plain header, and each loosely written one, may stand for."""

    exact: dict[str, list[_Known]]
    loose: dict[str, list[_Known]]

    def entries(self, header: str) -> list[_Known]:
        """The fields that a header may stand for: by its words, by its words after a prefix, or nearly."""
        return self.exact.get(plain(header)) or self._prefixed(header) or self.loose.get(near(header)) or []

    def _prefixed(self, header: str) -> list[_Known]:
        found = _PREFIX.fullmatch(header)
        if not found:
            return []
        entries = self.exact.get(plain(found[2]), [])
        for record in _PREFIX_RECORDS.get(plain(found[1]), ()):
            of_record = [each for each in entries if each.key.startswith(record)]
            if of_record:
                return of_record
        return []


@lru_cache(maxsize=8)
def _dictionary(kind: str) -> _Dictionary:
    known = _Dictionary({}, {})
    for each in fields_for(kind):
        for word, confidence, why in _words(each, kind):
            _remember(known.exact, plain(word), _Known(each.key, confidence, why))
            _remember(known.loose, near(word), _Known(each.key, NEAR, f"close to “{word}”"))
    return known


def _words(each: Field, kind: str) -> Iterator[tuple[str, float, str]]:
    for language, label in each.labels.items():
        yield label, EXACT_LABEL, f"the header is the name of this field ({language})"
    for language, alias in _aliases(each, kind):
        yield alias, ALIAS, f"“{alias}” is another word for this field ({language})"


def _aliases(each: Field, kind: str) -> Iterator[tuple[str, str]]:
    """The aliases of a field; alone in its kind of import, those of the other record too."""
    sources = [each]
    if each.name in _ON_BOTH and len(RECORDS_OF_KIND[kind]) == 1:
        other = FIELDS[f"{'contact' if each.record == 'account' else 'account'}.{each.name}"]
        sources.append(other)
        yield from other.labels.items()
    for source in sources:
        for language, aliases in source.aliases.items():
            for alias in aliases:
                yield language, alias


def _remember(words: dict[str, list[_Known]], word: str, known: _Known) -> None:
    entries = words.setdefault(word, [])
    if word and all(entry.key != known.key for entry in entries):
        entries.append(known)


# The file as a whole


class _File:
    """What the headers together tell: which fields other columns may fill."""

    def __init__(self, columns: Sequence[Column], kind: str) -> None:
        self.kind = kind
        self.dictionary = _dictionary(kind)
        self.headers = [plain(column.header) for column in columns]
        self.keys = [[known.key for known in self.dictionary.entries(column.header)] for column in columns]
        self.positions = {column.index: position for position, column in enumerate(columns)}

    def has(self, key: str) -> bool:
        """Whether a column of the file may fill this field."""
        return any(key in keys for keys in self.keys)

    def only(self, key: str) -> bool:
        """Whether a column stands for this field and for no other."""
        return [key] in self.keys

    def beside(self, column: Column, key: str) -> bool:
        """Whether a column that may fill this field stands next to a column."""
        here = self.positions[column.index]
        return any(key in keys for keys in self.keys[max(0, here - 1) : here + 2])


def _candidates(column: Column, file: _File) -> list[Candidate]:
    found = [_judged(known, column, file) for known in file.dictionary.entries(column.header)]
    found += [
        Candidate(
            _OVERFLOW[each.target], round(each.confidence * 0.6, 3), f"a second column for {each.target}"
        )
        for each in found
        if each.target in _OVERFLOW and each.confidence > 0
    ]
    return sorted((each for each in found if each.confidence > 0), key=lambda each: -each.confidence)


# Where the target of a column is taken by another column, this one may still take it.
_OVERFLOW = {"contact.phone": "contact.phone_secondary", "contact.email": "contact.email_secondary"}


def _judged(known: _Known, column: Column, file: _File) -> Candidate:
    preference, reason = _preference(known.key, column, file)
    if preference and _contradicted(FIELDS[known.key], column.samples):
        preference = 0.0
    why = f"{known.why}; {reason}" if reason else known.why
    return Candidate(known.key, round(known.confidence * preference, 3), why)


def _preference(key: str, column: Column, file: _File) -> tuple[float, str]:
    """How well a field that the header may stand for fits the rest of the file, between 0 and 1, and why."""
    record, name = key.split(".")
    if name in _ON_BOTH and file.kind == "accounts_and_contacts" and record != "spouse":
        return (1.0, "") if record == _ON_BOTH[name] or not _named_alike(column, file) else (0.6, "")
    rule = _RULES.get(key)
    return rule(column, file) if rule else (1.0, "")


def _named_alike(column: Column, file: _File) -> bool:
    """Whether the header fits the fields of both records."""
    return len({known.key.split(".")[0] for known in file.dictionary.entries(column.header)}) > 1


# Fields that accounts and contacts both have: a bare header means this record's.
_ON_BOTH = {
    "email": "contact",
    "tags": "account",
    "notes": "account",
    "address_line1": "contact",
    "house_number": "contact",
    "box": "contact",
    "postal_code": "contact",
    "city": "contact",
    "state": "contact",
    "country": "contact",
}
_BARE_NAMES = frozenset(["name", "nom", "naam"])
_BARE_TITLES = frozenset(["title", "titre", "titel"])
_COURTESY = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "m",
        "mme",
        "mlle",
        "dhr",
        "mevr",
        "mw",
        "de",
        "heer",
        "mevrouw",
        "monsieur",
        "madame",
        "prof",
    ]
)


def _account_name(column: Column, file: _File) -> tuple[float, str]:
    return (0.55, "") if _is_surname(column, file) else (1.0, "")


def _last_name(column: Column, file: _File) -> tuple[float, str]:
    if plain(column.header) not in _BARE_NAMES:
        return 1.0, ""
    if _is_surname(column, file):
        return 1.0, "a column with first names stands beside it"
    return 0.0, ""


def _is_surname(column: Column, file: _File) -> bool:
    """Whether a bare "name" means a surname: the file has first names, and no other column for surnames."""
    if plain(column.header) not in _BARE_NAMES or not file.has("contact.first_name"):
        return False
    several = sum(header in _BARE_NAMES for header in file.headers) > 1
    return not file.only("contact.last_name") and (not several or file.beside(column, "contact.first_name"))


def _full_name(column: Column, file: _File) -> tuple[float, str]:
    if plain(column.header) not in _BARE_NAMES or file.kind == "contacts":
        return (0.6, "") if _is_surname(column, file) else (1.0, "")
    return (0.9, "") if file.only("account.name") else (0.6, "")


def _prefix(column: Column, file: _File) -> tuple[float, str]:
    """A bare "title" is a form of address where the values, or another column for the job, say so."""
    if plain(column.header) not in _BARE_TITLES:
        return 1.0, ""
    courtesy = [value for value in column.samples if plain(value) in _COURTESY]
    if courtesy:
        return 1.0, f"its values are forms of address, like “{courtesy[0]}”"
    return (1.0, "") if file.only("contact.job_title") else (0.7, "")


def _job_title(column: Column, file: _File) -> tuple[float, str]:
    if plain(column.header) not in _BARE_TITLES:
        return 1.0, ""
    return (0.9, "") if file.only("contact.prefix") else (0.6, "")


def _birth(column: Column, file: _File) -> tuple[float, str]:
    """Year, month and day of birth in columns of their own are no date."""
    return (0.0, "") if plain(column.header) == "birth day" and "birth month" in file.headers else (1.0, "")


_RULES: dict[str, Callable[[Column, _File], tuple[float, str]]] = {
    "account.name": _account_name,
    "contact.last_name": _last_name,
    "contact.full_name": _full_name,
    "contact.prefix": _prefix,
    "contact.job_title": _job_title,
    "contact.date_of_birth": _birth,
}


# Values


_SHAPES: dict[str, Callable[[str], bool]] = {
    "email": lambda value: "@" in value,
    "phone": lambda value: any(char.isdigit() for char in value),
    "date": lambda value: any(char.isdigit() for char in value),
    "register_number": lambda value: sum(char.isdigit() for char in value) >= 6,
    "enterprise_number": lambda value: sum(char.isdigit() for char in value) >= 6,
    "name": lambda value: "@" not in value and not value.replace(" ", "").isdigit(),
}


def _contradicted(target: Field, samples: Sequence[str]) -> bool:
    """Whether none of the filled sample values can be of the type of the field."""
    shape = _SHAPES.get(target.type)
    filled = [value for value in samples if value.strip()]
    return bool(shape and filled) and not any(shape(value) for value in filled if shape)


# One assignment for the whole file


def _assign(columns: Sequence[Column], offers: Mapping[int, list[Candidate]]) -> dict[int, Candidate]:
    """Give targets to columns, the surest pair first; among equals the column further left."""
    pairs = [(candidate, column.index) for column in columns for candidate in offers[column.index]]
    pairs.sort(key=lambda pair: (-pair[0].confidence, pair[1]))
    given: dict[int, Candidate] = {}
    used: set[str] = set()
    for candidate, index in pairs:
        free = candidate.target not in used or FIELDS[candidate.target].repeats
        if index not in given and free and candidate.confidence >= CONFIDENT:
            given[index] = candidate
            used.add(candidate.target)
    return given


def _suggestion(column: Column, given: Candidate | None, offers: Sequence[Candidate]) -> Suggestion:
    others = tuple(offers)
    if given:
        return Suggestion(
            column.index, column.header, "sync", given.target, given.confidence, given.why, others
        )
    why = "another column fits better" if others else "no field has a name like this"
    return Suggestion(column.index, column.header, "skip", None, 0.0, why, others)


def _account_type(suggestions: Sequence[Suggestion], kind: str) -> dict[str, str | int]:
    """From a column; else fixed, where the columns are those of persons only or of companies only."""
    if "account" not in RECORDS_OF_KIND[kind]:
        return {"mode": "skip"}
    targets = {each.target: each.index for each in suggestions if each.target}
    if "account.type" in targets:
        return {"mode": "column", "column": targets["account.type"]}
    persons = not targets.keys().isdisjoint(_OF_PERSONS)
    companies = "account.company_name" in targets
    if persons != companies:
        return {"mode": "fixed", "value": "Individual" if persons else "Company"}
    return {"mode": "skip"}


_OF_PERSONS = frozenset(
    ["contact.first_name", "contact.last_name", "contact.national_number", "contact.date_of_birth"]
)
