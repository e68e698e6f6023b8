"""Decides which rows of a file mean the same account or contact, over the whole file and in file order.

A row joins the record of an earlier row by the evidence of `shared/values/evidence.py`; in doubt, the row is a question
to a person. A row that matched a record of the firm belongs to that record. The answer does not depend on how the file
was cut into chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from services.validator.check.slots import COLLECTION, NameOf
from services.validator.match.entities import Conflict, Entity, RowKeys, id_number
from shared.contract.documents.chunk import SLOTS
from shared.contract.keys import BORN, CLIENT_CODE, NAME, NUMBER, Keys
from shared.contract.records import public_id
from shared.values.evidence import (
    CODES,
    MOST_COMPARED,
    OF_PEOPLE,
    PEOPLE,
    STRONG,
    TELLING,
    Answer,
    Question,
    bearer_of,
    choose,
    decided,
    differ,
    judge,
    judge_bearer,
    judge_individual,
    judge_person_inside,
    namesakes_of,
)

#: Records remembered under one key.
MOST_KEPT = 2 * MOST_COMPARED

Found = Entity | Question[Entity] | None


class Matcher:
    """Takes the rows in file order and says which records each means.

    `repeated` are the keys, and numbers of ids, that occur more than once, `orders` the kinds of keys that may match,
    both by collection. `conflicts` has the keys that rows with different names share. `fresh_id` gives an id for a
    record whose own id another record has.
    """

    def __init__(
        self,
        repeated: Mapping[str, set[int]],
        orders: Mapping[str, Sequence[int]],
        conflicts: Mapping[str, Mapping[int, Conflict]],
        fresh_id: Callable[[str, str, int], str],
    ) -> None:
        self._repeated = repeated
        self._orders = orders
        self._conflicts = conflicts
        self._fresh_id = fresh_id
        self._filed: dict[str, dict[int, list[Entity]]] = {collection: {} for collection in orders}
        self._by_identity: dict[str, Entity] = {}

    def find(self, row: RowKeys) -> dict[str, Entity] | Question[Entity]:
        """The records of a row, by slot; a question where a person must decide. Only `file` makes them known."""
        found: dict[str, Entity] = {}
        for step in (self._people_by_evidence, self._account, self._people_inside, self._namesakes):
            question = step(row, found)
            if question is not None:
                return question
        for slot in row.keys:
            if slot not in found:
                found[slot] = self._made(row, slot)
        if "spouse" in found and "contact" in found and found["spouse"].identity == found["contact"].identity:
            found["spouse"] = found["contact"]
        return found

    def file(self, row: RowKeys, named: Mapping[str, Entity]) -> None:
        """Let later rows find the records of a row; the people of an account that others share may be theirs too."""
        account = named.get("account")
        for slot in PEOPLE:
            if account and account.shared and slot in named:
                named[slot].shared = True
        for slot, entity in named.items():
            if entity.shared:
                entity.learn(row.keys[slot])
                self._file(COLLECTION[slot], entity, row.keys[slot])
        for slot in PEOPLE:
            person = named.get(slot)
            if account and person and account.shared:
                _add(account.people.setdefault(row.keys[slot][NAME - 1], []), person)
                _add(person.accounts, account)

    def _file(self, collection: str, entity: Entity, keys: Keys) -> None:
        self._by_identity.setdefault(entity.identity, entity)
        for key in keys[: BORN - 1]:
            if key in self._repeated[collection]:
                bearers = self._filed[collection].setdefault(key, [])
                _add(bearers, entity, first=not any(entity.keys[:NUMBER]))

    # the steps; each fills `found` or gives a question

    def _people_by_evidence(self, row: RowKeys, found: dict[str, Entity]) -> Question[Entity] | None:
        for slot in PEOPLE:
            if slot in row.keys:
                kinds = [kind for kind in self._orders["contacts"] if kind in OF_PEOPLE]
                question = self._take(slot, row, found, self._by_evidence(slot, row, kinds))
                if question is not None:
                    return question
        return None

    def _account(self, row: RowKeys, found: dict[str, Entity]) -> Question[Entity] | None:
        if "account" not in row.keys:
            return None
        order = self._orders["accounts"]
        if row.name_of is NameOf.GIVEN or "account" in row.known_keys:
            return self._take("account", row, found, self._by_evidence("account", row, order))
        codes = [kind for kind in order if kind in CODES]
        question = self._take("account", row, found, self._by_evidence("account", row, codes))
        if question is None and "account" not in found:
            question = self._take("account", row, found, self._followed(row, found))
        if question is None and "account" not in found and row.name_of is NameOf.PERSON:
            names = [kind for kind in order if kind not in CODES]
            question = self._take("account", row, found, self._by_persons_name(row, names, found))
        return question

    def _people_inside(self, row: RowKeys, found: dict[str, Entity]) -> Question[Entity] | None:
        """A person's name within an account that an earlier row led."""
        account = found.get("account")
        if account is None or NAME not in self._orders["contacts"]:
            return None
        for slot in PEOPLE:
            keys = row.keys.get(slot)
            if slot in found or keys is None or slot in row.known_keys or not keys[NAME - 1]:
                continue
            question = self._take(slot, row, found, _inside(account, keys))
            if question is not None:
                return question
        return None

    def _namesakes(self, row: RowKeys, found: dict[str, Entity]) -> Question[Entity] | None:
        """People of one name, where no account of the file distinguishes them."""
        account = row.keys.get("account")
        if "account" in found or (account and (row.name_of is NameOf.GIVEN or any(account[:NUMBER]))):
            return None
        for slot in PEOPLE:
            keys = row.keys.get(slot)
            if slot in found or keys is None or slot in row.known_keys or not keys[NAME - 1]:
                continue
            same = [
                p for p in self._with(slot, keys[NAME - 1]) if not differ(p.keys, keys, TELLING["contacts"])
            ]
            question = self._take(slot, row, found, Question("namesake_in_file", same) if same else None)
            if question is not None:
                return question
        if account and found:
            return self._take("account", row, found, self._followed(row, found))
        return None

    # finding

    def _take(
        self, slot: str, row: RowKeys, found: dict[str, Entity], answer: Found
    ) -> Question[Entity] | None:
        answer = decided(answer, row.decision, _is_meant)
        if isinstance(answer, Question):
            return answer
        if answer is not None:
            found[slot] = answer
        return None

    def _by_evidence(self, slot: str, row: RowKeys, kinds: Iterable[int]) -> Found:
        keys, collection = row.keys[slot], COLLECTION[slot]
        if not self._may_be_shared(slot, row):
            return None
        new = row.decision is not None and row.decision.get("is") == "new"
        clashing = [key for key in keys[:NUMBER] if key in self._conflicts[collection]]
        if clashing and (row.decision is None or "is" not in row.decision) and slot not in row.known_keys:
            conflict = self._conflicts[collection][clashing[0]]
            return Question(conflict.code, (), conflict.params)
        known = self._by_identity.get(row.ids[slot]) if slot in row.known_keys else None
        if known is not None:
            contradicts = differ(known.keys, keys, (CLIENT_CODE, NUMBER, BORN))
            return Question("ambiguous_match", [known]) if contradicts else known
        usable = [kind for kind in kinds if not (new and keys[kind - 1] in clashing)]
        if slot in row.known_keys:
            usable = [kind for kind in usable if kind in STRONG]
        # two records of the firm may share a number: a row that means one of them does not mean the other
        others = slot in row.known_keys
        answer = choose(
            usable,
            lambda kind: [each for each in self._with(slot, keys[kind - 1]) if not (others and each.known)],
            lambda kind, entity: judge(collection, kind, keys, entity.keys),
            "evidence_disagrees",
        )
        if slot in row.known_keys and isinstance(answer, Entity):
            return Question("ambiguous_match", [answer])
        return answer

    def _followed(self, row: RowKeys, people: Mapping[str, Entity]) -> Found:
        """The account that is named after a person of the row whom an earlier row led."""
        names = {row.keys[slot][NAME - 1] for slot in row.keys} - {0}
        found: list[Entity] = []
        for slot in PEOPLE:
            for account in people[slot].accounts if slot in people else ():
                fits = account.keys[NAME - 1] in names
                if fits and judge("accounts", NAME, row.keys["account"], account.keys) is Answer.SAME:
                    _add(found, account)
        if len(found) > 1:
            return Question("ambiguous_match", found)
        return found[0] if found else None

    def _by_persons_name(self, row: RowKeys, kinds: Iterable[int], found: Mapping[str, Entity]) -> Found:
        """An account that is called like its person: by its name, unless the person is somebody else."""
        keys, bearer = row.keys["account"], bearer_of(row.keys)

        def judged(kind: int, account: Entity) -> Answer:
            answer = judge("accounts", kind, keys, account.keys)
            if answer is Answer.OTHER:
                return answer
            if bearer is None:
                return judge_individual(keys, account.keys)
            names = namesakes_of(row.keys[bearer], keys)
            people = [person.keys for name in names for person in account.people.get(name, ())]
            return judge_bearer(row.keys[bearer], people)

        return choose(kinds, lambda kind: self._with("account", keys[kind - 1]), judged, "namesake_in_file")

    def _with(self, slot: str, key: int) -> Sequence[Entity]:
        """Some records that have a key."""
        return self._filed[COLLECTION[slot]].get(key, ())[:MOST_COMPARED] if key else ()

    def _may_be_shared(self, slot: str, row: RowKeys) -> bool:
        repeated = self._repeated[COLLECTION[slot]]
        if slot in row.known_keys and id_number(row.ids[slot]) in repeated:
            return True
        return not repeated.isdisjoint(row.keys[slot])

    def _made(self, row: RowKeys, slot: str) -> Entity:
        """A record that the row is the first to mean."""
        known, identity = slot in row.known_keys, row.ids[slot]
        shared = self._may_be_shared(slot, row)
        if not known and shared and identity in self._by_identity:
            identity = self._fresh_id(COLLECTION[slot], identity, row.references[slot])
        return Entity(row.references[slot], identity, row.known_keys.get(slot, row.keys[slot]), shared, known)


def _inside(account: Entity, keys: Keys) -> Found:
    """The person of a name within an account."""
    return choose(
        (NAME,),
        lambda _: account.people.get(keys[NAME - 1], ()),
        lambda _, person: judge_person_inside(keys, person.keys, certain=False),
        "namesake_in_file",
    )


def _is_meant(entity: Entity, named: object) -> bool:
    """Whether a decision names a record: by the row that leads it, or by its id."""
    return named in (entity.lead // len(SLOTS), public_id(entity.identity))


def _add(entities: list[Entity], entity: Entity, first: bool = False) -> None:
    if not any(one is entity for one in entities[:MOST_COMPARED]) and len(entities) < MOST_KEPT:
        entities.insert(0 if first else len(entities), entity)
