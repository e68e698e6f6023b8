"""Letters to clients and the sendings that ask for them; the only user of `sendings`, `letters` and `sending_turns`.

There is one letter for each contact, whose id follows from the contact. Each change of it is one guarded update, so
that two sendings at once make one mail. A process leases a letter by moving `due` to the end of the lease: when the
process dies, the letter is due again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from shared.contract.documents.sending import Letter, Recipients, Sending, Turn
from shared.contract.events import EACH, INVITED
from shared.contract.records import public_id
from shared.contract.sendings import (
    ACCEPTED,
    BY_PERSON,
    DONE,
    FAILED,
    IMPORT_UNDONE,
    INVITATION,
    MOST_OPEN,
    MOST_REMEMBERED,
    NOT_ARRIVED,
    NOT_SENT,
    QUEUED,
    SENDING,
    SENT,
    STATUSES,
    STOPPED,
    letter_id,
)
from shared.plumbing import clock
from shared.plumbing.directory_store import DUPLICATE_KEY, DirectoryStore
from shared.plumbing.mongo import Database, DuplicateKeyError, Session, collection, in_transaction
from shared.plumbing.outbox_store import OutboxDirectory, OutboxStore
from shared.plumbing.telemetry import LETTERS_OLDEST, LETTERS_WAITING, set_to

#: What is due at once, by any clock.
LONG_AGO = datetime.fromtimestamp(0, UTC)
#: An update by pipeline, and a query.
Stage = dict[str, object]
Query = dict[str, object]


class TooManySendings(Exception):
    """The firm has as many sendings under way as it may have."""


class Wanted(NamedTuple):
    """A letter that a sending asks for; `revision` is that of the account whose questionnaire it has."""

    id: str
    contact: str
    address: str
    account: str | None = None
    form: str | None = None
    revision: int = 0


class SendingStore:
    """The sendings and letters of one firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.db = db
        self.firm = firm
        self.sendings = collection(db, "sendings", Sending)
        self.letters = collection(db, "letters", Letter)

    # sendings

    def ask(
        self,
        kind: str,
        which: Recipients,
        by: str,
        locale: str,
        *,
        again: bool = False,
        name: str | None = None,
    ) -> Sending:
        """Keep a sending; under a `name` that is known, give the one of that name. Raises `TooManySendings`."""
        identity = f"{self.firm}/{name or secrets.token_hex(12)}"
        if name and (known := self.sendings.find_one({"_id": identity, "firm": self.firm})):
            return known
        open_ones = {"firm": self.firm, "status": SENDING}
        if not name and self.sendings.count_documents(open_ones, limit=MOST_OPEN) >= MOST_OPEN:
            raise TooManySendings
        now = clock.now()
        sending: Sending = {
            "_id": identity,
            "firm": self.firm,
            "kind": kind,
            "which": which,
            "again": again,
            "status": SENDING,
            "after": None,
            "found": False,
            "look_at": LONG_AGO,
            "looked_at": 0,
            "left_out": {},
            "by": by,
            "locale": locale,
            "created_at": now,
            "ended_at": None,
            "why_stopped": None,
        }
        try:
            self.sendings.insert_one(sending)
        except DuplicateKeyError:  # another process kept the one of this name meanwhile
            return self.ask(kind, which, by, locale, again=again, name=name)
        return sending

    def get(self, kind: str, identity: str) -> Sending | None:
        """One sending by its public id; None where the firm has none of that kind and id."""
        return self.sendings.find_one(self._one(kind, identity))

    def latest(self, kind: str, limit: int) -> list[Sending]:
        """The firm's sendings of a kind, the newest first."""
        which = {"firm": self.firm, "kind": kind}
        return list(self.sendings.find(which).sort([("created_at", -1), ("_id", -1)]).limit(limit))

    def stop(self, kind: str, identity: str) -> Sending | None:
        """Stop a sending that goes on; None where there is none. One that has ended stays as it is."""
        which = {**self._one(kind, identity), "status": SENDING}
        change = {"$set": {"status": STOPPED, "why_stopped": BY_PERSON}}
        self.sendings.update_one(which, change)
        return self.get(kind, identity)

    def resume(self, kind: str, identity: str) -> Sending | None:
        """Go on with a sending that a person stopped; None where there is none."""
        which = {**self._one(kind, identity), "status": STOPPED, "why_stopped": BY_PERSON}
        change = {"status": SENDING, "why_stopped": None, "look_at": "$$NOW"}
        self.sendings.update_one(which, [{"$set": change}])
        return self.get(kind, identity)

    def _one(self, kind: str, identity: str) -> Query:
        return {"_id": f"{self.firm}/{identity}", "firm": self.firm, "kind": kind}

    def states(self, sending: Sending) -> dict[str, int]:
        """How many letters that a sending asked for are in which state."""
        mine = {"sendings": sending["_id"]}
        return {
            status: number
            for status in STATUSES
            if (number := self.letters.count_documents({**mine, "status": status}, hint="states"))
        }

    # letters

    def letters_of(self, ids: Iterable[str]) -> dict[str, Letter]:
        """Letters by their ids."""
        query = {"_id": {"$in": list(ids)}, "firm": self.firm}
        return {letter["_id"]: letter for letter in self.letters.find(query)}

    def queue(self, sending: Sending, wanted: Sequence[Wanted]) -> int:
        """Have letters sent that may be sent, in one batch; gives how many the sending now asks for."""
        if not wanted:
            return 0
        known = self._insert_new(sending, wanted)
        operations = [
            UpdateOne({"_id": each.id, "firm": self.firm}, _queued(sending, each)) for each in known
        ]
        if operations:
            self.letters.bulk_write(operations, ordered=False)
        mine = {"_id": {"$in": [each.id for each in wanted]}, "sendings": sending["_id"]}
        return self.letters.count_documents(mine)

    def _insert_new(self, sending: Sending, wanted: Sequence[Wanted]) -> list[Wanted]:
        """Write the letters that do not exist yet; gives those that do."""
        try:
            self.letters.insert_many([_new(sending, each) for each in wanted], ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            if any(each["code"] != DUPLICATE_KEY for each in failed):
                raise
            return [wanted[each["index"]] for each in failed]
        return []

    def report(self, contact: str, status: str) -> Letter | None:
        """Note what the platform reports of an invitation; gives the letter, None where there is none.

        A mail comes back only after it was sent. Who has access needs no invitation, so that `accepted` holds also
        where none was sent, and stays. Repeated, nothing changes.
        """
        identity = f"{self.firm}/{contact}"
        which = {"_id": letter_id(identity), "firm": self.firm}
        if status == ACCEPTED:
            self.letters.update_one(which, _accepted(self.firm, identity), upsert=True)
        else:
            change = {"status": status, "changed_at": "$$NOW", "error": None}
            self.letters.update_one({**which, "status": SENT}, [{"$set": change}])
        return self.letters.find_one(which)

    def with_status(self, status: str, limit: int) -> list[str]:
        """Ids of contacts whose invitation is in a state, at most `limit`."""
        query = {"firm": self.firm, "kind": INVITATION, "status": status}
        return [each["_id"] for each in self.letters.find(query, {"_id": 1}).limit(limit)]


def _new(sending: Sending, wanted: Wanted) -> Letter:
    """A letter that is to be sent."""
    now = clock.now()
    return {
        "_id": wanted.id,
        "firm": sending["firm"],
        "kind": sending["kind"],
        "contact": wanted.contact,
        "account": wanted.account,
        "form": wanted.form,
        "status": QUEUED,
        "sendings": [sending["_id"]],
        "due": LONG_AGO,
        "token": None,
        "mails": 0,
        "tries": 0,
        "address": None,
        "error": None,
        "marked": 0,
        "queued_at": now,
        "changed_at": now,
    }


def _queued(sending: Sending, wanted: Wanted) -> list[Stage]:
    """The update that has a letter sent, unless it was: one step of the server, so that nothing comes between.

    A letter that waits remembers both sendings. One that did not arrive goes to another address, or again where the
    sending says so. A questionnaire that was set back after it was sent goes again.
    """
    fresh: Stage = {"$eq": ["$status", NOT_SENT]}
    elsewhere: object = True if sending["again"] else {"$ne": ["$address", {"$literal": wanted.address}]}
    returned: Stage = {"$and": [{"$in": ["$status", list(NOT_ARRIVED)]}, elsewhere]}
    set_back: Stage = {"$and": [{"$eq": ["$status", SENT]}, {"$lt": ["$marked", wanted.revision]}]}
    goes_out: Stage = {"$or": [fresh, returned, *([set_back] if wanted.account else [])]}
    more: Stage = {"$slice": [{"$concatArrays": ["$sendings", [sending["_id"]]]}, -MOST_REMEMBERED]}
    joined: Stage = {"$cond": [{"$in": [sending["_id"], "$sendings"]}, "$sendings", more]}

    def now(value: object, otherwise: object) -> Stage:
        return {"$cond": ["$goes_out", value, otherwise]}

    waiting: Stage = {"$cond": [{"$eq": ["$status", QUEUED]}, joined, "$sendings"]}
    whole: Stage = {
        "sendings": now([sending["_id"]], waiting),
        "due": now("$$NOW", "$due"),
        "token": now(None, "$token"),
        "tries": now(0, "$tries"),
        "error": now(None, "$error"),
        "queued_at": now("$$NOW", "$queued_at"),
        "changed_at": now("$$NOW", "$changed_at"),
        "status": now(QUEUED, "$status"),
    }
    return [{"$set": {"goes_out": goes_out}}, {"$set": whole}, {"$unset": "goes_out"}]


def _accepted(firm: str, contact: str) -> list[Stage]:
    """The update that notes that a contact has access, whatever became of its letter."""
    already: Stage = {"$eq": ["$status", ACCEPTED]}
    whole: Stage = {
        "firm": firm,
        "kind": INVITATION,
        "contact": contact,
        "account": None,
        "form": None,
        "sendings": {"$ifNull": ["$sendings", []]},
        "token": None,
        "error": None,
        "due": {"$ifNull": ["$due", "$$NOW"]},
        "queued_at": {"$ifNull": ["$queued_at", "$$NOW"]},
        "changed_at": {"$cond": [already, "$changed_at", "$$NOW"]},
        "address": {"$ifNull": ["$address", None]},
        **{name: {"$ifNull": [f"${name}", 0]} for name in ("mails", "tries", "marked")},
        "status": ACCEPTED,
    }
    return [{"$set": whole}]


class LetterQueue:
    """Sendings and letters of all firms that wait for a worker."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sendings = collection(db, "sendings", Sending)
        self.letters = collection(db, "letters", Letter)
        self.turns = collection(db, "sending_turns", Turn)

    # the search for recipients

    def claim_search(self, seconds: float) -> Sending | None:
        """Lease the sending whose search has waited the longest, for some seconds."""
        which = {"status": SENDING, "found": False, "$expr": {"$lte": ["$look_at", "$$NOW"]}}
        lease = {"$set": {"look_at": {"$add": ["$$NOW", int(seconds * 1000)]}}}
        return self.sendings.find_one_and_update(
            which, [lease], sort=[("look_at", 1)], return_document=ReturnDocument.AFTER
        )

    def searched(
        self, sending: Sending, after: str | None, looked_at: int, left_out: Mapping[str, int]
    ) -> bool:
        """Note a part of the search; `after` is None at its end. False where another process noted it."""
        which = {"_id": sending["_id"], "found": False, "after": sending["after"]}
        counts = {f"left_out.{why}": number for why, number in left_out.items()}
        change = {"after": after, "found": after is None, "look_at": LONG_AGO}
        update = {"$set": change, "$inc": {"looked_at": looked_at, **counts}}
        return self.sendings.update_one(which, update).matched_count == 1

    # turns of firms

    def under_way(self) -> dict[str, list[Sending]]:
        """The sendings that go on, by firm."""
        found: dict[str, list[Sending]] = {}
        for sending in self.sendings.find({"status": SENDING}, {"which.ids": 0}):
            found.setdefault(sending["firm"], []).append(sending)
        return found

    def due(self, firms: Iterable[str]) -> list[str]:
        """The firms whose turn it is, those that have waited the longest first."""
        waiting = dict.fromkeys(firms, LONG_AGO)
        pipeline: list[Stage] = [
            {"$match": {"_id": {"$in": list(waiting)}}},
            {"$project": {"due": 1, "later": {"$gt": ["$due", "$$NOW"]}}},
        ]
        for turn in self.db.sending_turns.aggregate(pipeline):
            waiting[turn["_id"]] = turn["due"]
            if turn["later"]:
                del waiting[turn["_id"]]
        return sorted(waiting, key=lambda firm: waiting[firm])

    def take_turn(self, firm: str, seconds: float) -> bool:
        """Take the turn of a firm; the next comes after some seconds. False where another process has it."""
        self.turns.update_one({"_id": firm}, {"$setOnInsert": {"due": LONG_AGO}}, upsert=True)
        which = {"_id": firm, "$expr": {"$lte": ["$due", "$$NOW"]}}
        next_one: list[Stage] = [{"$set": {"due": {"$add": ["$$NOW", int(seconds * 1000)]}}}]
        return self.turns.update_one(which, next_one).matched_count == 1

    # letters

    def claim(self, firm: str, sendings: Sequence[str], token: str, seconds: float) -> Letter | None:
        """Lease the letter of a firm that has been due the longest, of these sendings."""
        which = {
            "firm": firm,
            "status": QUEUED,
            "sendings": {"$in": list(sendings)},
            "$expr": {"$lte": ["$due", "$$NOW"]},
        }
        lease = {"$set": {"due": {"$add": ["$$NOW", int(seconds * 1000)]}, "token": token}}
        return self.letters.find_one_and_update(
            which, [lease], sort=[("due", 1)], return_document=ReturnDocument.AFTER
        )

    def renew(self, token: str, seconds: float) -> None:
        """Lengthen the leases of a process."""
        which = {"token": token, "status": QUEUED}
        self.letters.update_many(which, [{"$set": {"due": {"$add": ["$$NOW", int(seconds * 1000)]}}}])

    def release(self, token: str) -> None:
        """Give back what a process has leased, because it ends."""
        which = {"token": token, "status": QUEUED}
        self.letters.update_many(which, [{"$set": {"due": "$$NOW", "token": None}}])

    def sent(self, letter: Letter, address: str) -> bool:
        """Note that the server accepted the mail; the event, and the questionnaire of the account, go with it.

        Also where the lease has ended meanwhile: the mail is out. False where another process noted it.
        """

        def work(session: Session) -> bool:
            which = {"_id": letter["_id"], "status": QUEUED, "mails": letter["mails"]}
            change = {"status": SENT, "address": address, "error": None, "token": None}
            marked = self._mark_account(letter, session)
            whole = {
                **change,
                "mails": letter["mails"] + 1,
                "marked": marked,
                "changed_at": clock.now(),
            }
            if self.letters.update_one(which, {"$set": whole}, session=session).matched_count == 0:
                return False
            self._announce(letter, session)
            return True

        return in_transaction(self.db, work)

    def _mark_account(self, letter: Letter, session: Session) -> int:
        """Mark the questionnaire of the account as sent; gives the revision that the account then has."""
        if letter["account"] is None or letter["form"] is None:
            return letter["marked"]
        store = OutboxDirectory(self.db, letter["firm"], None) if _each(self.db, letter) else None
        plain = store or DirectoryStore(self.db, letter["firm"])
        return plain.questionnaire_sent(letter["account"], letter["form"], session)

    def _announce(self, letter: Letter, session: Session) -> None:
        """Keep the event of an invitation, where the firm wants one for each record."""
        if letter["kind"] != INVITATION or not _each(self.db, letter):
            return
        number, contact = letter["mails"] + 1, public_id(letter["contact"])
        identity = f"{letter['_id']}.{INVITED}.{number}"
        changes = [(INVITED, public_id(letter["sendings"][-1]), number, contact)]
        OutboxStore(self.db).add(identity, letter["firm"], None, changes, session)

    def put_off(self, letter: Letter, pause: float, *, spent: bool) -> None:
        """Try a letter again after some seconds; `spent` counts the attempt."""
        due: Stage = {"$add": ["$$NOW", int(pause * 1000)]}
        change: Stage = {"due": due, "token": None, "tries": letter["tries"] + spent}
        self.letters.update_one(_mine(letter), [{"$set": change}])

    def failed(self, letter: Letter, address: str, error: str) -> None:
        """Note that the address will never take the mail."""
        self._end(
            letter, {"status": FAILED, "address": address, "error": error, "mails": letter["mails"] + 1}
        )

    def left_out(self, letter: Letter, why: str) -> None:
        """Note that the contact gets no letter any more, because it changed since it was asked for."""
        self._end(letter, {"status": NOT_SENT, "error": why})

    def _end(self, letter: Letter, changes: Mapping[str, object]) -> None:
        whole: Stage = {**changes, "token": None, "changed_at": "$$NOW"}
        self.letters.update_one(_mine(letter), [{"$set": whole}])

    # ends of sendings

    def stop_undone(self, sending: Sending) -> None:
        """Stop a sending whose import is undone; it cannot be resumed.

        Letters that nobody else asked for are not sent. One that a process is sending right now is waited for.
        """
        waiting: Query = {"sendings": sending["_id"], "status": QUEUED}
        idle: Query = {**waiting, "$or": [{"token": None}, {"$expr": {"$lte": ["$due", "$$NOW"]}}]}
        nobody: Stage = {"status": NOT_SENT, "error": IMPORT_UNDONE, "token": None, "changed_at": "$$NOW"}
        self.letters.update_many({**idle, "sendings": [sending["_id"]]}, [{"$set": nobody}])
        self.letters.update_many(idle, {"$pull": {"sendings": sending["_id"]}})
        if self.letters.find_one(waiting, {"_id": 1}):
            return
        change = {"status": STOPPED, "why_stopped": IMPORT_UNDONE, "ended_at": clock.now()}
        self.sendings.update_one({"_id": sending["_id"], "status": SENDING}, {"$set": change})

    def end(self, sending: Sending) -> bool:
        """End a sending that has found all its recipients and has no letter left to send; False where it goes on."""
        if not sending["found"] or self.letters.find_one(
            {"sendings": sending["_id"], "status": QUEUED}, {"_id": 1}
        ):
            return False
        which = {"_id": sending["_id"], "status": SENDING, "found": True}
        change = {"status": DONE, "ended_at": clock.now()}
        return self.sendings.update_one(which, {"$set": change}).matched_count == 1

    def waiting(self) -> tuple[int, datetime | None]:
        """How many letters of sendings that go on wait, and since when the oldest does."""
        ids = [sending["_id"] for each in self.under_way().values() for sending in each]
        query = {"sendings": {"$in": ids}, "status": QUEUED}
        oldest = self.letters.find_one(query, {"queued_at": 1}, sort=[("queued_at", 1)]) if ids else None
        return (self.letters.count_documents(query) if ids else 0), oldest["queued_at"] if oldest else None


def _each(db: Database, letter: Letter) -> bool:
    """Whether the firm wants an event for each record."""
    return DirectoryStore(db, letter["firm"]).reference()["events"] == EACH


def _mine(letter: Letter) -> Query:
    """A letter as long as no other process has leased it."""
    return {"_id": letter["_id"], "status": QUEUED, "token": letter["token"]}


def shown_id(sending: Sending) -> str:
    """The id of a sending as the API has it."""
    return public_id(sending["_id"])


def measure(db: Database) -> None:
    """Bring the gauges up to date."""
    number, oldest = LetterQueue(db).waiting()
    set_to(LETTERS_WAITING, number)
    set_to(LETTERS_OLDEST, (clock.now() - oldest).total_seconds() if oldest else 0.0)
