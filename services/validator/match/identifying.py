"""Finds the firm's records that rows mean, and gives ids to those that will be new.

A chunk at a time: people by their own evidence, then accounts, then people within these accounts, then those of whom
only the name is known. What each key says is in `shared/values/evidence.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.linked_accounts import LINKED
from services.validator.check.slots import COLLECTION, NameOf, name_field
from services.validator.match.candidates import asked_problems, similar_problems
from services.validator.match.identified import Identified, SlotProblem
from services.validator.match.known_records import Directory, KnownRecords
from services.validator.match.linked_accounts import find_linked
from services.validator.match.new_ids import FileRows, MakeId, NewIds, account_after
from shared.contract.documents.chunk import RowProblem
from shared.contract.documents.job import Job
from shared.contract.documents.values import Position
from shared.contract.job import settings_of
from shared.contract.keys import NAME, NOTHING, NUMBER
from shared.contract.merging import CREATE_ONLY
from shared.contract.problems import ERROR, severity
from shared.contract.records import name_of, public_id
from shared.values.evidence import (
    CODES,
    OF_PEOPLE,
    PEOPLE,
    STRONG,
    TELLING,
    Answer,
    Question,
    alike,
    bearer_of,
    choose,
    decided,
    differ,
    judge,
    judge_bearer,
    judge_individual,
    judge_person_inside,
    namesakes_of,
    orders_of,
)


def identify_rows(
    directory: Directory, make_id: MakeId, job: Job, found: CheckedRows, positions: Sequence[Position]
) -> dict[str, Identified]:
    """Find the firm's records that checked rows mean, by slot; rows in doubt become bad.

    `positions` has chunk and offset of each row.
    """
    settings = settings_of(job)
    slots = _Identifying(directory, make_id, found, orders_of(settings), FileRows.of(job, positions)).run()
    if settings["mode"] == CREATE_ONLY:
        _leave_people_alone(found, slots)
    for slot, own in slots.items():
        for place, code, params in own.problems:
            found.problems.append(RowProblem(place, name_field(slot), code, params))
            if severity(code) == ERROR:
                found.bad.add(place)
    for slot, own in slots.items():
        own.matched = [place for place in own.matched if place not in found.bad]
        for place in found.bad:
            found.keys[slot][place] = NOTHING
    return slots


def _leave_people_alone(found: CheckedRows, slots: Mapping[str, Identified]) -> None:
    """Where only new clients are added, the people of rows about known clients mean no record."""
    known = set(slots["account"].matched) if "account" in slots else set()
    for slot in PEOPLE if known else ():
        if slot in slots:
            slots[slot].matched = [place for place in slots[slot].matched if place not in known]
            slots[slot].problems = [
                problem for problem in slots[slot].problems if problem.offset not in known
            ]
            for place in known:
                found.keys[slot][place] = NOTHING


class _Identifying:
    """Identifies the rows of a chunk, step by step; rows are counted by their place in the chunk.

    By slot, `matched` has the record of each row that has one, and `unmatched` the rows that are still looked for.
    `questions` has, by row, the slot and the question that a person must answer. Accounts of `certain` rows were found
    by a code, a number or their id. `similar` has, by row, a record of the same name that the row does not mean.
    """

    def __init__(
        self,
        directory: Directory,
        make_id: MakeId,
        found: CheckedRows,
        orders: Mapping[str, Sequence[int]],
        file_rows: FileRows,
    ) -> None:
        self.records, self.firm, self.make_id = KnownRecords(directory), directory.firm, make_id
        self.found, self.orders, self.file_rows = found, orders, file_rows
        self.slots = {slot: Identified() for slot in found.keys}
        self.matched: dict[str, dict[int, str]] = {slot: {} for slot in found.keys}
        self.unmatched: dict[str, set[int]] = {slot: set() for slot in found.keys}
        self.questions: dict[int, tuple[str, Question[str]]] = {}
        self.certain: set[int] = set()
        self.similar: dict[int, str] = {}

    def run(self) -> dict[str, Identified]:
        people = [slot for slot in PEOPLE if slot in self.slots]
        for slot, keys in self.found.keys.items():
            self.unmatched[slot] = {place for place, row in enumerate(keys) if any(row)}
            self._take_given(slot)
        self._link_contacts()
        if not self.records.are_none():
            for slot in people:
                self._by_evidence(slot, [kind for kind in self.orders["contacts"] if kind in OF_PEOPLE])
            if "account" in self.slots:
                self._accounts()
            for slot in people:
                self._inside(slot)
            for slot in people:
                self._namesakes(slot)
            self._follow()
        self._end()
        return self.slots

    # what the rows give

    def _take_given(self, slot: str) -> None:
        """The records that the file names by their ids."""
        own = self.found.own.get(slot, {})
        wanted = {place: f"{self.firm}/{identity}" for place, identity in own.items()}
        known = self.records.with_ids(COLLECTION[slot], wanted.values())
        for place, identity in wanted.items():
            if identity in known:
                self._note_match(slot, place, identity)
                if slot == "account":
                    self.certain.add(place)
            else:
                problem = SlotProblem(place, "unknown_record", {"value": own[place]})
                self.slots[slot].problems.append(problem)
        self.unmatched[slot] -= wanted.keys()

    def _note_match(self, slot: str, place: int, identity: str) -> None:
        self.matched[slot][place] = identity
        self.unmatched[slot].discard(place)

    def _take(self, slot: str, place: int, answer: str | Question[str] | None) -> None:
        """Note the answer for one row, after what a person decided of it."""
        answer = decided(answer, self.found.decisions.get(place), _is_meant)
        if isinstance(answer, Question):
            self.questions[place] = (slot, answer)
            for own in self.unmatched.values():
                own.discard(place)
        elif answer is not None:
            self._note_match(slot, place, answer)

    # the steps

    def _link_contacts(self) -> None:
        """Find the accounts that the contacts of a list of contacts belong to."""
        names = self.found.linked_names
        if names:
            self.found.linked, problems = find_linked(self.records, self.firm, names)
            for place, finding in problems.items():
                self.found.note(place, LINKED, finding)

    def _by_evidence(self, slot: str, kinds: Sequence[int]) -> None:
        """Find the records of one slot by some kinds of keys."""
        collection, rows = COLLECTION[slot], self.found.keys[slot]
        codes = [kind for kind in kinds if kind in STRONG]
        self.records.look_up(
            collection, (rows[at][kind - 1] for at in self.unmatched[slot] for kind in codes)
        )
        waiting = self.unmatched[slot]
        if kinds and kinds[0] in STRONG:
            known = {
                at for at in waiting for k in codes if self.records.with_key(collection, rows[at][k - 1])
            }
            waiting = waiting - known
        weak = [kind for kind in kinds if kind not in STRONG]
        self.records.look_up(collection, (rows[at][kind - 1] for at in waiting for kind in weak))
        self._fetch_other_names(slot, codes)
        for place in sorted(self.unmatched[slot]):
            self._take(slot, place, self._chosen(slot, place, kinds))

    def _fetch_other_names(self, slot: str, codes: Sequence[int]) -> None:
        """Fetch at once the records that have a row's code or number and another name: the names are compared."""
        rows, known = self.found.keys[slot], self.records
        pairs = (
            (who, rows[at][NAME - 1])
            for at in self.unmatched[slot]
            for kind in codes
            for who in known.with_key(COLLECTION[slot], rows[at][kind - 1])
        )
        known.shown(
            COLLECTION[slot], (who for who, name in pairs if name not in (0, known.keys[who][NAME - 1]))
        )

    def _chosen(self, slot: str, place: int, kinds: Sequence[int]) -> str | Question[str] | None:
        collection, row = COLLECTION[slot], self.found.keys[slot][place]

        def judged(kind: int, identity: str) -> Answer:
            answer = judge(collection, kind, row, self.records.keys[identity])
            if answer is Answer.OTHER and slot == "account":
                self.similar[place] = min(identity, self.similar.get(place, identity))
            return answer

        def candidates(kind: int) -> Sequence[str]:
            return self.records.with_key(collection, row[kind - 1])

        found = choose(kinds, candidates, judged, "evidence_disagrees")
        if not isinstance(found, str):
            return found
        used = next(kind for kind in kinds if found in candidates(kind))
        strong = [kind for kind in kinds if kind in STRONG and used in STRONG]
        others = {other for kind in strong for other in candidates(kind)}
        if others - {found}:
            return Question("evidence_disagrees", [found, *sorted(others - {found})])
        if used in STRONG:
            if not self._named_alike(slot, place, found):
                return Question("known_by_another_name", [found])
            if slot == "account":
                self.certain.add(place)
        return found

    def _named_alike(self, slot: str, place: int, identity: str) -> bool:
        """Whether the row's name and that of the record that has its code or number may be of one client."""
        own = self.found.keys[slot][place][NAME - 1]
        if own in (0, self.records.keys[identity][NAME - 1]):
            return True
        if slot == "account" and self._name_of(place) is NameOf.MADE_UP:
            return True
        record = self.records.shown(COLLECTION[slot], [identity])[identity]
        return not name_of(record) or alike(slot, self.found.name_at(slot, place), name_of(record))

    def _name_of(self, place: int) -> NameOf:
        return self.found.names[place] if self.found.names else NameOf.GIVEN

    def _accounts(self) -> None:
        order = self.orders["accounts"]
        given = {at for at in self.unmatched["account"] if self._name_of(at) is NameOf.GIVEN}
        others = self.unmatched["account"] - given
        self.unmatched["account"] = given
        self._by_evidence("account", order)
        self.unmatched["account"] = others
        self._by_evidence("account", [kind for kind in order if kind in CODES])
        self._follow()
        bearing = sorted(at for at in self.unmatched["account"] if self._name_of(at) is NameOf.PERSON)
        names = [kind for kind in order if kind not in CODES]
        rows = self.found.keys["account"]
        self.records.look_up("accounts", (rows[at][kind - 1] for at in bearing for kind in names))
        self.records.fetch_people(
            who
            for at in bearing
            for kind in names
            for who in self.records.with_key("accounts", rows[at][kind - 1])
        )
        for place in bearing:
            self._take("account", place, self._by_persons_name(place, names))

    def _by_persons_name(self, place: int, kinds: Sequence[int]) -> str | Question[str] | None:
        """An account that is called like its person: by its name, unless the person is somebody else."""
        row = self.found.keys["account"][place]
        bearer = bearer_of({slot: rows[place] for slot, rows in self.found.keys.items()})

        def judged(kind: int, identity: str) -> Answer:
            answer = judge("accounts", kind, row, self.records.keys[identity])
            if answer is Answer.OTHER:
                self.similar[place] = min(identity, self.similar.get(place, identity))
                return answer
            if bearer is None:
                return judge_individual(row, self.records.keys[identity])
            own = self.found.keys[bearer][place]
            people = [self.records.keys[who] for who in self.records.people.get(identity, ())]
            names = namesakes_of(own, row)
            answer = judge_bearer(own, [keys for keys in people if keys[NAME - 1] in names])
            if answer is Answer.OTHER:
                self.similar[place] = min(identity, self.similar.get(place, identity))
            return answer

        return choose(
            kinds, lambda kind: self.records.with_key("accounts", row[kind - 1]), judged, "namesake_in_firm"
        )

    def _follow(self) -> None:
        """An account that is named after its person follows the person."""
        if "account" not in self.slots:
            return
        people = [slot for slot in PEOPLE if slot in self.slots]
        following = [
            place
            for place in sorted(self.unmatched["account"])
            if self._name_of(place) is not NameOf.GIVEN
            and any(place in self.matched[slot] for slot in people)
        ]
        matched = [
            self.matched[slot][place] for place in following for slot in people if place in self.matched[slot]
        ]
        self.records.fetch_accounts(matched)
        for place in following:
            self._take("account", place, self._followed(place, people))

    def _followed(self, place: int, people: Sequence[str]) -> str | Question[str] | None:
        names = {rows[place][NAME - 1] for rows in self.found.keys.values()} - {0}
        row = self.found.keys["account"][place]
        persons = [self.matched[slot][place] for slot in people if place in self.matched[slot]]
        after = {account_after(self.make_id, person) for person in persons}
        candidates = {
            account
            for person in persons
            for account in self.records.accounts.get(person, ())
            if (account in after or self.records.keys[account][NAME - 1] in names)
            and judge("accounts", NAME, row, self.records.keys[account]) is Answer.SAME
        }
        best = (candidates & after) or candidates
        if len(best) > 1:
            shared = set.intersection(*(set(self.records.accounts.get(person, ())) for person in persons))
            best = (best & shared) or best
        if len(best) > 1:
            return Question("ambiguous_match", sorted(best))
        return next(iter(best), None)

    def _inside(self, slot: str) -> None:
        """A person's name within an account of the firm."""
        if NAME not in self.orders["contacts"]:
            return
        rows, accounts = self.found.keys[slot], self.matched.get("account") or self.found.linked
        inside = [at for at in sorted(self.unmatched[slot]) if at in accounts and rows[at][NAME - 1]]
        self.records.fetch_people(accounts[at] for at in inside)
        for place in inside:
            self._take(slot, place, self._of_account(slot, place, accounts[place]))

    def _of_account(self, slot: str, place: int, account: str) -> str | Question[str] | None:
        row, others, known = self.found.keys[slot][place], self._others(slot, place), self.records
        people = [who for who in known.people.get(account, ()) if who not in others]
        certain = place in self.certain
        return choose(
            (NAME,),
            lambda _: [who for who in people if known.keys[who][NAME - 1] == row[NAME - 1]],
            lambda _, who: judge_person_inside(row, known.keys[who], certain),
            "namesake_in_firm",
        )

    def _others(self, slot: str, place: int) -> set[str]:
        """The records that other persons on the row mean."""
        return {
            self.matched[other][place]
            for other in PEOPLE
            if other != slot and place in self.matched.get(other, ())
        }

    def _namesakes(self, slot: str) -> None:
        """People of whom the firm knows the name, and no evidence whether they are the same."""
        rows = self.found.keys[slot]
        places = [at for at in sorted(self.unmatched[slot]) if rows[at][NAME - 1] and self._is_alone(at)]
        self.records.look_up("contacts", (rows[at][NAME - 1] for at in places))
        for place in places:
            if place not in self.unmatched[slot]:
                continue
            bearers = self.records.with_key("contacts", rows[place][NAME - 1])
            same = [
                who for who in bearers if not differ(rows[place], self.records.keys[who], TELLING["contacts"])
            ]
            self._take(slot, place, Question("namesake_in_firm", same) if same else None)

    def _is_alone(self, place: int) -> bool:
        """Whether nothing but the person says whose row this is."""
        if "account" not in self.slots:
            return True
        row = self.found.keys["account"][place]
        codes = any(row[:NUMBER])
        return not codes and place not in self.matched["account"] and self._name_of(place) is not NameOf.GIVEN

    # the end

    def _end(self) -> None:
        ids = NewIds(
            self.found, self.orders, self.file_rows, self.make_id, self.records, self.matched
        ).by_slot()
        for slot, own in self.slots.items():
            own.matched = sorted(self.matched[slot])
            own.known_keys = {at: self.records.keys[who] for at, who in self.matched[slot].items()}
            own.ids = ids[slot]
            questions = {at: question for at, (about, question) in self.questions.items() if about == slot}
            own.problems += asked_problems(slot, questions, self.found, self.records)
        if "account" in self.slots:
            taken = {*self.matched["account"], *self.questions}
            similar = {at: who for at, who in self.similar.items() if at not in taken}
            self.slots["account"].problems += similar_problems(similar, self.records)


def _is_meant(identity: str, named: object) -> bool:
    return public_id(identity) == named
