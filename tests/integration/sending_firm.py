"""A firm with clients, and a mail server in memory that keeps what it accepts, for tests of letters."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from pymongo.database import Database

from services.notifier.invitations.sending import LetterSender, search
from services.notifier.mails.sending import MailServer
from shared.contract.documents.sending import Recipients
from shared.contract.listing import places_of
from shared.contract.sendings import INVITATION
from shared.plumbing.sending_store import SendingStore
from shared.plumbing.settings import Settings

ON = {"contact.email": {"login": True, "notify": True, "email_sync": True}}
SETTINGS = Settings(
    mongodb_url="mongodb://nowhere/db",
    broker_url="memory://",
    smtp_url="smtp://nowhere:25",
    public_url="https://carryover.example",
    jwt_secret="j" * 32,
    mail_from="Carryover <no-reply@carryover.example>",
    invitation_url="https://portal.example/welcome",
    questionnaire_url="https://portal.example/forms",
    invitation_secret="i" * 32,
    invitations_per_minute=60_000,
)


class Killed(BaseException):
    """The process ends at once, as by kill -9."""


class MailBox:
    """A mail server: it keeps what it accepts, by Message-ID; `answers` says what it does with an address."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, BaseException] = {}
        self.away: BaseException | None = None
        #: raised once, after the next mail was accepted
        self.after: BaseException | None = None
        #: what happens once, while the next mail is on its way
        self.during: Callable[[], None] | None = None

    def __call__(self, server: MailServer, message: EmailMessage, sender: str, to: str) -> None:
        """Hand one mail over."""
        if self.during:
            during, self.during = self.during, None
            during()
        if self.away:
            raise self.away
        if to in self.answers:
            raise self.answers[to]
        self.mails.append(message)
        if self.after:
            after, self.after = self.after, None
            raise after

    def to(self) -> Counter[str]:
        """How many different mails went to each address."""
        different = {str(mail["Message-ID"]): str(mail["To"]) for mail in self.mails}
        return Counter(different.values())


class Firm:
    """A firm of its own in a database."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self.db, self.name = db, f"firm-{uuid.uuid4().hex[:8]}"
        self.store = SendingStore(db, self.name)
        self.mail = MailBox()

    def sender(self, **settings: Any) -> LetterSender:
        """A process that sends letters."""
        return LetterSender(self.db, Settings(**{**vars(SETTINGS), **settings}), self.mail)

    def contact(self, number: int, links: int = 1, switches: Mapping[str, Any] = ON, **fields: Any) -> str:
        """A contact with so many accounts; gives its public id."""
        public = f"c{number:05x}"
        record = self._record(
            "contacts",
            public,
            {"last_name": f"Name {number:05}", "email": f"{public}@mail.example", **fields},
        )
        for at in range(links):
            self.link(self.account(number * 10 + at), public, switches)
        return str(record["_id"]).rpartition("/")[2]

    def account(self, number: int, **fields: Any) -> str:
        """An account; gives its public id."""
        public = f"a{number:05x}"
        self._record("accounts", public, {"name": f"Account {number:05}", **fields})
        return public

    def link(
        self, account: str, contact: str, switches: Mapping[str, Any] = ON, job: str | None = None
    ) -> None:
        """Link a contact to an account."""
        document = {
            "_id": f"{self.name}/{account}:{contact}",
            "firm": self.name,
            "account": f"{self.name}/{account}",
            "contact": f"{self.name}/{contact}",
            "job": job,
            "created_at": datetime.now(UTC),
            "switches": switches,
        }
        self.db.links.replace_one({"_id": document["_id"]}, document, upsert=True)

    def _record(self, kind: str, public: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC)
        frame = {
            "firm": self.name,
            "keys": [],
            "revision": 1,
            "job": None,
            "jobs": [],
            "created_at": now,
            "updated_at": now,
        }
        record: dict[str, Any] = {"_id": f"{self.name}/{public}", **frame, **fields}
        record |= places_of(kind, record)
        self.db[kind].replace_one({"_id": record["_id"]}, record, upsert=True)
        return record

    def change(self, public: str, **fields: Any) -> None:
        """Change a contact or an account, as a person does."""
        kind = "contacts" if public.startswith("c") else "accounts"
        self.db[kind].update_one({"_id": f"{self.name}/{public}"}, {"$set": fields, "$inc": {"revision": 1}})

    def ask(self, which: Recipients, kind: str = INVITATION, **more: Any) -> str:
        """Ask for letters; gives the public id of the sending."""
        return self.store.ask(kind, which, "an@office.example", "en", **more)["_id"].rpartition("/")[2]

    def invite(self, contacts: Sequence[str], **more: Any) -> str:
        """Invite contacts."""
        return self.ask({"ids": list(contacts)}, **more)

    def status(self, contact: str) -> str:
        """What became of the invitation of a contact."""
        letter = self.store.letters_of([f"{self.name}/{contact}"]).get(f"{self.name}/{contact}")
        return letter["status"] if letter else "not_sent"

    def later(self) -> None:
        """Let time pass: leases end, and pauses are over."""
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        self.db.letters.update_many({"firm": self.name}, {"$set": {"due": long_ago}})
        self.db.sendings.update_many({"firm": self.name}, {"$set": {"look_at": long_ago}})
        self.db.sending_turns.update_many({"_id": self.name}, {"$set": {"due": long_ago}})

    def round(self, sender: LetterSender) -> None:
        """What a process does for this firm alone: others may have sendings that nobody is to go on with."""
        under_way = {"firm": self.name, "status": "sending"}
        for sending in list(self.db.sendings.find(under_way)):
            if not sending["found"] and not sender._is_undone(sending):
                search(self.store, sender.queue, sending)
        if turn := list(self.db.sendings.find(under_way)):
            sender._turn(self.name, turn)

    def run(self, until: Callable[[], bool] = lambda: False, rounds: int = 60, **settings: Any) -> None:
        """Let a process send until nothing is under way."""
        sender = self.sender(**settings)
        for _ in range(rounds):
            self.later()
            self.round(sender)
            if until() or not self.db.sendings.count_documents({"firm": self.name, "status": "sending"}):
                return
