"""Proposes a target field for each column of a file: by its header, its neighbours and its values.

There is one assignment for the whole file: a target goes to one column unless it repeats. A column without a sure
target gets no suggestion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.mapper.headers.meaning import meanings
from services.mapper.headers.normalising import words
from services.mapper.headers.vocabulary import Piece, Vocabulary, languages, vocabulary
from services.mapper.targets.assigning import assign
from services.mapper.targets.calibration import calibrated
from services.mapper.targets.catalogue import ALIAS, LABEL, Known, catalogue
from services.mapper.targets.presets import Preset, recognised
from services.mapper.targets.reasons import Reason
from services.mapper.targets.scored import Scored
from services.mapper.targets.scoring import dismissed, score_targets
from services.mapper.targets.table import Table
from services.mapper.values import value_types
from services.mapper.values.people import are_companies, names_companies, names_people
from shared.contract.documents.job import AccountType
from shared.contract.fields import FIELDS, NEEDED, RECORDS_OF_KIND
from shared.contract.fields.client_files import LAYOUT
from shared.contract.legal_forms import shows_legal_form

CONFIDENT = 0.5  # least fit of a target that is suggested
_OFFERED = 0.1  # least fit of a candidate
_NAMED = 0.2  # least score of a field that the header names, so that it is a candidate
_UNDERSTOOD = 0.6  # from this score on the words of a header are understood
_BESIDE_SETTLED = 0.9  # greatest score of other fields, as a part of the score of the settled one
_ONE_OF_SEVERAL = 0.7  # factor of the score of a label or an alias that several fields have
_WORTH = 0.45  # this much of a fit has no worth, so that two weak suggestions never displace a sure one
_REPEATING = frozenset(key for key, each in FIELDS.items() if each.repeats)


@dataclass(frozen=True)
class Column:
    """One column of the file, with some of its filled values."""

    index: int
    header: str
    samples: Sequence[str] = ()


@dataclass(frozen=True)
class Candidate:
    """A target that fits a column; `fit` is its score before calibration."""

    target: str
    confidence: float
    reason: Reason
    fit: float = 0.0

    @property
    def why(self) -> str:
        """The reason in English."""
        return self.reason.sentence()


@dataclass(frozen=True)
class Suggestion:
    """What is suggested for one column: `sync` with a target, or `skip`; `also` is a second field that it fills."""

    index: int
    header: str
    action: str
    target: str | None
    confidence: float
    reason: Reason
    candidates: tuple[Candidate, ...] = ()
    also: str | None = None

    @property
    def why(self) -> str:
        """The reason in English."""
        return self.reason.sentence()


@dataclass(frozen=True)
class Proposal:
    """Suggestions for all columns in file order, how the account type is found, and the layout recognised.

    `required` are fields that each row must have in this layout. `only_like` is whether the file only has some of its
    headers.
    """

    columns: tuple[Suggestion, ...]
    account_type: AccountType | None = None
    preset: str | None = None
    required: tuple[str, ...] = ()
    only_like: bool = False

    def targets(self) -> set[str]:
        """The keys of all targets that are suggested."""
        return {each.target for each in self.columns if each.target}


@dataclass(frozen=True)
class Knowledge:
    """What proposals use; the score tool leaves parts of it out."""

    vocabulary: Vocabulary
    without: frozenset[str] = frozenset()
    presets: bool = True


def propose(
    columns: Sequence[Column],
    kind: str,
    *,
    knowledge: Knowledge | None = None,
    reserved: frozenset[int] = frozenset(),
) -> Proposal:
    """Suggest targets for the columns of a file of this kind of import (KeyError for no such kind).

    Columns whose index is `reserved` fill something else, and leave their targets to others.
    """
    known = knowledge or Knowledge(vocabulary())
    headers = [column.header for column in columns]
    preset = recognised(headers) if known.presets else None
    fits = _fits(columns, kind, known, preset)
    offers = [_candidates(each) for each in fits]
    given = assign(
        {
            place: [(each.target, each.fit - _WORTH) for each in offered if each.fit >= CONFIDENT]
            for place, offered in enumerate(offers)
            if columns[place].index not in reserved
        },
        _REPEATING,
    )
    suggestions = tuple(
        _suggestion(column, given.get(place), offers[place]) for place, column in enumerate(columns)
    )
    if kind == "accounts_and_contacts" and not (preset and preset.key == LAYOUT):
        suggestions = _people_or_accounts(suggestions, [column.samples for column in columns])
    layout = preset.key if preset else _shape(suggestions)
    named = [
        column.samples for column, each in zip(columns, suggestions, strict=True) if each.target in _CALLED
    ]
    records = RECORDS_OF_KIND[kind]
    required = tuple(key for key in preset.required if FIELDS[key].record in records) if preset else ()
    only_like = preset is not None and not preset.is_one(headers)
    return Proposal(suggestions, _account_type(suggestions, kind, named), layout, required, only_like)


#: Fields by which somebody is reached.
_REACHING = frozenset(["contact.email", "contact.phone", "contact.mobile"])
#: Fields that name a person.
_NAMING = frozenset(["first_name", "last_name", "full_name", "national_number"])


def _people_or_accounts(
    suggestions: tuple[Suggestion, ...], samples: Sequence[Sequence[str]]
) -> tuple[Suggestion, ...]:
    """Say whom a list without columns for names of people describes.

    Where the names of its clients are those of people, too, the column of names fills both. Else all fields are those
    of the account; the only e-mail address is, where most clients are companies.
    """
    targets = {each.target for each in suggestions if each.target}
    people = any(
        record != "account" and name in _NAMING for record, name in (key.split(".") for key in targets)
    )
    if people or targets.isdisjoint(("account.name", "account.company_name")):
        return suggestions
    named = next((at for at, each in enumerate(suggestions) if each.target == "account.name"), None)
    if named is not None and names_people(samples[named]) and targets & _REACHING:
        both = replace(suggestions[named], also="contact.full_name", reason=Reason("name_of_both"))
        return tuple(both if at == named else each for at, each in enumerate(suggestions))
    typed = next((samples[at] for at, each in enumerate(suggestions) if each.target == "account.type"), ())
    companies = (named is not None and names_companies(samples[named])) or are_companies(typed)
    kept = frozenset(["record_id"]) if companies else frozenset(["record_id", "email"])
    return tuple(_of_the_account(each, targets, kept) for each in suggestions)


def _of_the_account(each: Suggestion, taken: set[str], kept: frozenset[str]) -> Suggestion:
    record, _, name = (each.target or "").partition(".")
    target = f"account.{name}"
    if record != "contact" or name in kept or target not in FIELDS:
        return each
    if target in taken and not FIELDS[target].repeats:
        return each
    own = Candidate(target, each.confidence, Reason("no_people"), each.candidates[0].fit)
    return replace(each, target=target, reason=own.reason, candidates=(own, *each.candidates))


def _shape(suggestions: Sequence[Suggestion]) -> str | None:
    """The layout `household`, for rows with a taxpayer and a spouse, whatever their headers; else None."""
    targets = {each.target for each in suggestions}
    named = targets & {"spouse.first_name", "spouse.last_name"}
    return (
        "household"
        if named and len([key for key in targets if key and key.startswith("spouse.")]) > 1
        else None
    )


def complete(proposal: Proposal, kind: str) -> list[str]:
    """The needed fields that no column fills; of a group one field is enough."""
    targets = proposal.targets()
    return [group[0] for group in NEEDED[kind] if not targets.intersection(group)]


def _fits(
    columns: Sequence[Column], kind: str, known: Knowledge, preset: Preset | None
) -> list[dict[str, Scored]]:
    """By column, the targets that it may get with their scores."""
    headers = _without_prefix([column.header for column in columns], known.vocabulary)
    spoken = languages([piece for header in headers for piece in known.vocabulary.pieces(header)])
    readings = [meanings(header, known.vocabulary, spoken) for header in headers]
    table = Table(readings, [column.samples for column in columns], kind)
    catalogued = catalogue(kind, known.without)
    fits = []
    for place, column in enumerate(columns):
        scored = {each.target: each for each in score_targets(table, place)}
        entries = catalogued.entries(column.header)
        _add_known(scored, entries, table, place)
        weighed = _weighed(scored, column)
        contradicted = bool(scored) and max((each.score for each in weighed.values()), default=0) < CONFIDENT
        if contradicted or not (readings[place] or scored):
            _add_by_values(weighed, column, kind)
        elif any(key in _NUMBERS for key in weighed):
            _add_number(weighed, column, kind)
        fits.append(weighed)
    return preset.applied(columns, fits, RECORDS_OF_KIND[kind]) if preset else fits


_SHARED = 3  # headers that share an unknown word, so that it is the name of a table or of a role


def _without_prefix(headers: Sequence[str], known: Vocabulary) -> list[str]:
    """The headers without unknown first words that several share, such as `GF`, and last words that most share.

    A word stays where the file has one of the headers without it, too, because it distinguishes two columns.
    """
    split = [words(header) for header in headers]
    for end, least in ((0, _SHARED), (-1, max(_SHARED, len(headers) // 2))):
        counts = Counter(own[end] for own in split if len(own) > 1)
        for word, count in counts.items():
            if count < least or known.pieces(word) != (Piece(word),):
                continue
            rest = [_without(own, end, word) for own in split]
            if len(set(rest)) == len(set(split)):
                split = rest
    return [
        header if own == words(header) else " ".join(own) for header, own in zip(headers, split, strict=True)
    ]


def _without(own: tuple[str, ...], end: int, word: str) -> tuple[str, ...]:
    """The words of a header without this one at one end."""
    if len(own) < 2 or own[end] != word:
        return own
    return own[1:] if end == 0 else own[:-1]


def _add_known(scored: dict[str, Scored], entries: Sequence[Known], table: Table, place: int) -> None:
    """Add the fields that the header names: one alone may settle the column, one of several supports other evidence."""
    sole = entries[0] if len(entries) == 1 else None
    if sole and _settles(sole, scored, table, place):
        own = scored.get(sole.key)
        settled = own if own and own.score >= sole.score else _by_name(sole, sole.score)
        for key, other in scored.items():
            scored[key] = replace(other, score=min(other.score, _BESIDE_SETTLED * settled.score))
        scored[sole.key] = settled
    understood = bool(table.readings[place]) and table.readings[place][0].score >= _UNDERSTOOD
    for entry in entries:
        known = scored.get(entry.key)
        if known is None and not understood:
            scored[entry.key] = _by_name(entry, entry.score if sole else _ONE_OF_SEVERAL * entry.score)
        elif known is not None and entry.score > known.score >= _UNDERSTOOD:
            scored[entry.key] = _by_name(entry, entry.score)
        elif known is None or known.score < _NAMED:
            scored[entry.key] = _by_name(entry, _NAMED)


def _settles(sole: Known, scored: Mapping[str, Scored], table: Table, place: int) -> bool:
    """Whether a header that names one field alone goes before the meaning of its words.

    It does not where the rest of the file speaks against the field. The only e-mail address of a list is that of its
    contacts, unless the header is the label of the account's address.
    """
    if sole.score < ALIAS:
        return False
    if sole.key in scored:
        return scored[sole.key].score >= _UNDERSTOOD
    if sole.score >= LABEL:
        return True
    if sole.key == "account.email" and table.count("email") < 2:
        return False
    return bool(scored) or not dismissed(table, place)


def _by_name(entry: Known, score: float) -> Scored:
    return Scored(entry.key, score, entry.reason.code, entry.reason.params)


#: Fields that values alone can show: the shape of the values, and the score.
_BY_VALUES = {
    "contact.email": ("email", 0.65),
    "contact.national_number": ("register_number", 0.75),
    "account.kbo_number": ("enterprise_number", 0.65),
    "contact.phone": ("phone", 0.52),
}


def _add_by_values(scored: dict[str, Scored], column: Column, kind: str) -> None:
    """Add the field that the values show, for a header that says nothing, or something that they contradict."""
    if len(value_types.filled(column.samples)) < 2:
        return
    for key, (shape, score) in _BY_VALUES.items():
        if FIELDS[key].record in RECORDS_OF_KIND[kind] and value_types.share(column.samples, shape) >= 0.9:
            scored[key] = Scored(key, score, "typical_values")
            return


#: Numbers of clients and people: headers such as "ID number" leave open which, and the check digits of values decide.
_NUMBERS = {
    "account.client_code": "",
    "account.tax_id": "tax_id",
    "account.kbo_number": "enterprise_number",
    "contact.national_number": "register_number",
}


def _add_number(scored: dict[str, Scored], column: Column, kind: str) -> None:
    """Give way to the kind of number that the values are, where the header names a number of another kind."""
    if len(value_types.filled(column.samples)) < 2:
        return
    for key, shape in _NUMBERS.items():
        if not shape or shape == "tax_id" or FIELDS[key].record not in RECORDS_OF_KIND[kind]:
            continue
        if value_types.share(column.samples, shape) >= 0.9:
            best = scored.get(key)
            allowed = {key, "account.tax_id"} if shape == "enterprise_number" else {key}
            for other in [each for each in scored if each in _NUMBERS and each not in allowed]:
                scored[other] = replace(scored[other], score=0.5 * scored[other].score)
            if "account.tax_id" not in allowed or best is not None or "account.tax_id" not in scored:
                scored[key] = Scored(key, max(best.score if best else 0.0, 0.96), "typical_values")
            return


def _weighed(scored: Mapping[str, Scored], column: Column) -> dict[str, Scored]:
    """The scores without targets that the values contradict, and higher where the values support the target."""
    weighed = {}
    best = max((each.score for each in scored.values()), default=0.0)
    for key, each in scored.items():
        type_name, name = FIELDS[key].type, FIELDS[key].name
        if value_types.contradicted(column.samples, type_name, name) or value_types.constant(
            column.samples, column.header
        ):
            continue
        if type_name in value_types.TYPICAL and value_types.share(column.samples, type_name) >= 0.8:
            supported = (1 + best) / (2 * best) if best else 1.0
            each = Scored(key, each.score * supported, each.code, each.params)
        weighed[key] = each
    return weighed


def _candidates(scored: Mapping[str, Scored]) -> list[Candidate]:
    found = [
        Candidate(
            each.target,
            round(calibrated(min(each.score, 1.0)), 3),
            Reason(each.code, each.params),
            min(each.score, 1.0),
        )
        for each in scored.values()
    ]
    return sorted((each for each in found if each.fit >= _OFFERED), key=lambda each: -each.fit)


def _suggestion(column: Column, target: object, offers: Sequence[Candidate]) -> Suggestion:
    others = tuple(offers)
    for each in offers:
        if each.target == target:
            return Suggestion(
                column.index, column.header, "sync", each.target, each.confidence, each.reason, others
            )
    return Suggestion(column.index, column.header, "skip", None, 0.0, Reason(_without_target(others)), others)


def _without_target(offers: Sequence[Candidate]) -> str:
    """The code of the reason why nothing is suggested."""
    if not offers:
        return "unknown"
    return "taken" if offers[0].fit >= CONFIDENT else "unsure"


def _account_type(
    suggestions: Sequence[Suggestion], kind: str, names: Sequence[Sequence[str]]
) -> AccountType | None:
    """How the account type is found: from a column, else fixed where the columns are only of people or of companies.

    `names` are values of the columns that name accounts: where some are of companies, no type is that of all.
    """
    if "account" not in RECORDS_OF_KIND[kind]:
        return {"mode": "skip"}
    targets = {each.target: each.index for each in suggestions if each.target}
    if "account.type" in targets:
        return {"mode": "column", "column": targets["account.type"]}
    persons = not targets.keys().isdisjoint(_OF_PERSONS)
    companies = "account.company_name" in targets
    if persons and any(shows_legal_form(name) for values in names for name in values):
        return {"mode": "skip"}
    if persons != companies:
        return {"mode": "fixed", "value": "Individual" if persons else "Company"}
    return {"mode": "skip"}


_CALLED = frozenset(["account.name", "contact.full_name"])
_OF_PERSONS = frozenset(
    ["contact.first_name", "contact.last_name", "contact.national_number", "contact.date_of_birth"]
)
