"""What keys say of two records: whether they are the same, certainly not, or perhaps.

Evidence joins a row and a record: the client code, the register or enterprise number, the e-mail address with the
same name, for accounts the name that the file gives, for people the name within an account that something else has
identified. A contradiction keeps them apart, whatever the evidence: another register or enterprise number, another
birth date, another client code, another legal form under one name. Where a client code or a number is shared and
something else contradicts, the row is in doubt, and a person is asked. A person's bare name is no evidence, nor is
an account name that was made up from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from typing import Generic, TypeVar

from shared.contract.documents.job import Settings
from shared.contract.documents.values import Decision, Params
from shared.contract.keys import BORN, CLIENT_CODE, EMAIL_AND_NAME, FORMED_NAME, NAME, NUMBER, order_of
from shared.contract.legal_forms import company, plain

Candidate = TypeVar("Candidate")

#: The slots of people.
PEOPLE = ("contact", "spouse")
#: What distinguishes two records, by collection.
TELLING = {"accounts": (CLIENT_CODE, NUMBER, FORMED_NAME, BORN), "contacts": (NUMBER, BORN)}
#: Kinds of evidence that outweigh another name.
STRONG = frozenset({CLIENT_CODE, NUMBER})
#: Kinds by which an account is found that has no name of its own.
CODES = (CLIENT_CODE, NUMBER)
#: Kinds of evidence for a person; the name within an account is one more.
OF_PEOPLE = (NUMBER, EMAIL_AND_NAME)
#: At most so many records with one key are compared with a row.
MOST_COMPARED = 50


class Answer(Enum):
    """Whether a row means a record."""

    SAME = "same"
    OTHER = "other"
    DOUBT = "doubt"


def orders_of(settings: Settings) -> dict[str, tuple[int, ...]]:
    """By collection, the kinds of keys that may match, in the order of the firm."""
    return {collection: order_of(names) for collection, names in settings["match"].items()}


def differ(one: Sequence[int], other: Sequence[int], kinds: Iterable[int]) -> bool:
    """Whether two have different keys of one of these kinds; a missing key is no difference."""
    return any(one[kind - 1] and other[kind - 1] and one[kind - 1] != other[kind - 1] for kind in kinds)


def judge(collection: str, kind: int, row: Sequence[int], record: Sequence[int]) -> Answer:
    """Whether a row means a record with which it shares the key of a kind."""
    if kind not in STRONG:
        return Answer.OTHER if differ(row, record, TELLING[collection]) else Answer.SAME
    others = [other for other in TELLING[collection] if other not in (kind, FORMED_NAME)]
    return Answer.DOUBT if differ(row, record, others) else Answer.SAME


def judge_person_inside(row: Sequence[int], person: Sequence[int], certain: bool) -> Answer:
    """Whether a row means a person of its name within its account.

    Another address is a new address where the account is `certain`, and a question elsewhere.
    """
    if differ(row, person, TELLING["contacts"]):
        return Answer.OTHER
    return Answer.DOUBT if not certain and differ(row, person, (EMAIL_AND_NAME,)) else Answer.SAME


def judge_individual(row: Sequence[int], account: Sequence[int]) -> Answer:
    """Whether a row without people means the account of an individual of its name: another address is a question."""
    return Answer.DOUBT if differ(row, account, (EMAIL_AND_NAME,)) else Answer.SAME


def bearer_of(keys: Mapping[str, Sequence[int]]) -> str | None:
    """Which person on a row has the name of its account; the first one where none has it letter by letter."""
    people = [slot for slot in PEOPLE if slot in keys and any(keys[slot])]
    bears = next((slot for slot in people if keys[slot][NAME - 1] == keys["account"][NAME - 1]), None)
    return bears or next(iter(people), None)


def namesakes_of(bearer: Sequence[int], account: Sequence[int]) -> set[int]:
    """The names under which the person is known after whom an account is called; 0 where only an address is known."""
    return {bearer[NAME - 1], account[NAME - 1], 0}


def judge_bearer(row: Sequence[int], people: Iterable[Sequence[int]]) -> Answer:
    """Whether an account that is called like its person may be the row's, by its people of that name."""
    answers = {judge_person_inside(row, keys, certain=False) for keys in people}
    if Answer.DOUBT in answers:
        return Answer.DOUBT
    return Answer.OTHER if answers == {Answer.OTHER} else Answer.SAME


@dataclass(frozen=True)
class Question(Generic[Candidate]):
    """A question to a person: the code of the problem, the candidates, and the parameters of its sentence."""

    code: str
    candidates: Sequence[Candidate] = ()
    params: Params = field(default_factory=dict)


def choose(
    kinds: Iterable[int],
    candidates: Callable[[int], Iterable[Candidate]],
    judged: Callable[[int, Candidate], Answer],
    unsure: str,
) -> Candidate | Question[Candidate] | None:
    """The candidate that fits by the first kind of evidence by which any fits; a question, or None where none does.

    `unsure` is the code of the problem where something contradicts strong evidence.
    """
    for kind in kinds:
        fitting: list[Candidate] = []
        doubtful: list[Candidate] = []
        for candidate in candidates(kind):
            answer = judged(kind, candidate)
            if answer is not Answer.OTHER:
                (fitting if answer is Answer.SAME else doubtful).append(candidate)
        if doubtful:
            return Question(unsure, [*fitting, *doubtful])
        if len(fitting) > 1:
            return Question("ambiguous_match", fitting)
        if fitting:
            return fitting[0]
    return None


def decided(
    found: Candidate | Question[Candidate] | None,
    decision: Decision | None,
    is_meant: Callable[[Candidate, object], bool],
) -> Candidate | Question[Candidate] | None:
    """The answer with the decision of a person, `{"is": "same" or "new", "as": which}`, applied to it.

    *Same* needs to say which one where there are several.
    """
    if not isinstance(found, Question) or decision is None or "is" not in decision:
        return found
    if decision["is"] == "new":
        return None
    named = decision.get("as")
    meant = [one for one in found.candidates if named is None or is_meant(one, named)]
    return meant[0] if len(meant) == 1 else found


def alike(slot: str, one: str, other: str) -> bool:
    """Whether two names may be of the same client: of companies a shared word, of people the same first name.

    Spellings, initials, abbreviations and words in another order are alike.
    """
    if slot == "account":
        first, second = company(one)[0].split(), company(other)[0].split()
    else:
        first, second = plain(one).split(), plain(other).split()
    if not first or not second or sorted(first) == sorted(second):
        return True
    if "".join(first) == "".join(second):
        return True
    if slot == "account":
        return any(_close(a, b) for a in first for b in second if len(a) > 1 and len(b) > 1) or (
            _initials(first) == "".join(second) or _initials(second) == "".join(first)
        )
    return _close(first[0], second[0]) or (
        first[0][0] == second[0][0] and 1 in (len(first[0]), len(second[0]))
    )


def _close(one: str, other: str) -> bool:
    if one == other or (min(len(one), len(other)) > 1 and (one.startswith(other) or other.startswith(one))):
        return True
    return min(len(one), len(other)) > 3 and SequenceMatcher(None, one, other).ratio() >= 0.8


def _initials(words: Sequence[str]) -> str:
    return "".join(word[0] for word in words) if len(words) > 1 else "\0"
