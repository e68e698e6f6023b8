"""Describes records of the firm to a person who has to decide whether a row means one of them."""

from __future__ import annotations

from collections.abc import Mapping

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.slots import COLLECTION
from services.validator.match.identified import SlotProblem
from services.validator.match.known_records import KnownRecords
from shared.contract.records import name_of, public_id
from shared.values.evidence import Question

#: Candidates named in one problem.
MOST_NAMED = 5
#: What a person is shown of a candidate beside its name.
SHOWN = ("email", "client_code", "date_of_birth", "city")


def asked_problems(
    slot: str, questions: Mapping[int, Question[str]], found: CheckedRows, records: KnownRecords
) -> list[SlotProblem]:
    """The questions about the records of one slot, by row, as problems that show the candidates."""
    named = (who for each in questions.values() for who in each.candidates[:MOST_NAMED])
    records.shown(COLLECTION[slot], named)  # all at once
    return [_asked(slot, place, question, found, records) for place, question in questions.items()]


def _asked(
    slot: str, place: int, question: Question[str], found: CheckedRows, records: KnownRecords
) -> SlotProblem:
    named = sorted(records.shown(COLLECTION[slot], question.candidates[:MOST_NAMED]).items())
    params = {
        **question.params,
        "count": len(question.candidates),
        "name": found.name_at(slot, place),
        "value": ", ".join(name_of(record) for _, record in named),
        "candidates": [_candidate(who, record) for who, record in named],
    }
    return SlotProblem(place, question.code, params)


def _candidate(identity: str, record: Mapping[str, object]) -> dict[str, object]:
    """A record as a person is shown it to compare."""
    shown = {name: record[name] for name in SHOWN if record.get(name)}
    return {"id": public_id(identity), "name": name_of(record), **shown}


def similar_problems(similar: Mapping[int, str], records: KnownRecords) -> list[SlotProblem]:
    """Say of accounts that will be new, by row, which record of the firm has their name."""
    known = records.shown("accounts", similar.values())
    problems = []
    for place, who in similar.items():
        if who in known:
            name = name_of(known[who])
            params = {"value": name, "id": public_id(who), "name": name}
            problems.append(SlotProblem(place, "similar_record", params))
    return problems
