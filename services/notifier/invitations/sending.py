"""Finds the recipients of sendings and sends their letters: a thread of the worker.

A firm has its turn every few seconds and sends a few letters in it, so that no firm waits for another, and no mail
server gets more than `INVITATIONS_PER_MINUTE` of a firm. What cannot be sent now is tried again after growing pauses.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from services.notifier.invitations.choosing import Choosing
from services.notifier.invitations.judging import Judged, judge_invitation, judge_questionnaire
from services.notifier.invitations.links import link_with, token_of
from services.notifier.mails.composing import envelope_sender, mailbox
from services.notifier.mails.letters import ToClient, compose_letter, language_of
from services.notifier.mails.sending import MailServer, NotNow, Refused, Unreachable, mail_server, send
from shared.contract.documents.record import Account, Contact, Questionnaire
from shared.contract.documents.reference import Reference
from shared.contract.documents.sending import Letter, Sending
from shared.contract.job import Status
from shared.contract.sendings import (
    COMPLETED,
    GONE,
    NO_QUESTIONNAIRE,
    NOT_SENT,
    PAUSES,
    PUT_OFF,
    QUEUED,
    SENT,
)
from shared.plumbing import clock
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.job_store import JobWatch
from shared.plumbing.log import log
from shared.plumbing.mongo import Database, is_passing
from shared.plumbing.sending_store import LetterQueue, SendingStore, Wanted
from shared.plumbing.settings import Settings
from shared.plumbing.telemetry import LETTERS, count
from shared.plumbing.worker import Worker

#: Records that are judged at once, and letters of one turn at most.
AT_ONCE, MOST_OF_TURN = 500, 10
#: Seconds before a letter is tried again whose mail server was away.
AWAY_SECONDS = 20.0
#: Seconds for which a sent letter is noted again and again: one that is not noted would be sent again.
NOTE_AT_MOST_SECONDS = 120.0

#: Hands one mail over; see `services.notifier.mails.sending.send`.
Send = Callable[[MailServer, EmailMessage, str, str], None]


class Mail(NamedTuple):
    """A letter that is ready: the message, its address, and what it was made of."""

    message: EmailMessage
    to: str
    language: str


def send_letters(worker: Worker) -> None:
    """Send letters until the worker stops."""
    LetterSender(worker.db, worker.settings).run(worker.stopping)


class Writer:
    """Writes the letters of one firm."""

    def __init__(self, settings: Settings, firm: str, reference: Reference) -> None:
        self.settings, self.firm, self.reference = settings, firm, reference

    def mail(self, kind: str, judged: Judged, number: int, now: datetime, *, signed: bool = True) -> Mail:
        """The mail to one who gets a letter; raises `ValueError` where the address is none.

        Without a signature its link opens nothing: for those who look at a letter to somebody else.
        """
        settings, to = self.settings, mailbox(judged.address or "")
        url = settings.letters_to(kind)
        token = self._token(kind, judged, now) if signed else "preview"
        zone = ZoneInfo(self.reference["locale"]["time_zone"])
        sender = self.reference["sender"]
        about = ToClient(
            kind=kind,
            letter=judged.letter,
            number=number,
            lang=language_of(judged.language, self.reference["locale"]["language"]),
            name=judged.name,
            page=link_with(url or settings.public_url, token),
            until=(now + timedelta(days=settings.invitation_days)).astimezone(zone).date(),
            firm=sender["name"],
            reply_to=sender["reply_to"],
            form=judged.form,
        )
        return Mail(compose_letter(about, settings.mail_from, to, now), to, about.lang)

    def _token(self, kind: str, judged: Judged, now: datetime) -> str:
        secret, days = self.settings.invitation_secret, self.settings.invitation_days
        return token_of(kind, secret, self.firm, judged.record, now, days, judged.account)


class LetterSender:
    """Takes turns for firms, and sends what is due."""

    def __init__(self, db: Database, settings: Settings, hand_over: Send = send) -> None:
        self.db, self.settings, self.hand_over = db, settings, hand_over
        self.queue = LetterQueue(db)
        self.token = uuid.uuid4().hex
        #: seconds of a lease; it is renewed as long as the mail server takes
        self.lease = settings.lease_seconds
        self.stopping = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Look for letters about every second until the worker stops."""
        self.stopping = stopping
        renewing = threading.Thread(target=self._renew, name="letters", daemon=True)
        renewing.start()
        while not stopping.is_set():
            busy = False
            try:
                busy = self.round()
            except Exception as error:  # noqa: BLE001 - servers come and go; letters wait
                log.warning("letters broke off", error=repr(error))
            pause = 0.05 if busy else min(self.settings.relay_seconds, self._pause())
            stopping.wait(pause * random.uniform(0.7, 1.3))
        try:
            self.queue.release(self.token)
        except Exception as error:  # noqa: BLE001 - the leases end by themselves
            log.warning("letters not released", error=repr(error))

    def _renew(self) -> None:
        """Keep the leases of this process alive while a mail server takes its time."""
        while not self.stopping.wait(self.lease / 4):
            try:
                self.queue.renew(self.token, self.lease)
            except Exception as error:  # noqa: BLE001 - servers come and go
                log.warning("leases of letters not renewed", error=repr(error))

    def round(self) -> bool:
        """Search a part of one sending, and take the turns of firms; whether there is more to search."""
        searched = self._search()
        under_way = self.queue.under_way()
        for firm in self.queue.due(under_way):
            if self.stopping.is_set():
                break
            if self.queue.take_turn(firm, self._pause()):
                self._turn(firm, under_way[firm])
        return searched

    def _pause(self) -> float:
        """Seconds between two turns of a firm."""
        return self._most_of_turn() * 60.0 / self.settings.invitations_per_minute

    def _most_of_turn(self) -> int:
        return min(MOST_OF_TURN, max(1, self.settings.invitations_per_minute // 60))

    # the search for recipients

    def _search(self) -> bool:
        sending = self.queue.claim_search(self.lease)
        if sending is None:
            return False
        if not self._is_undone(sending):
            search(SendingStore(self.db, sending["firm"]), self.queue, sending)
        return True

    def _is_undone(self, sending: Sending) -> bool:
        """Whether the import of a sending is undone; the sending then stops."""
        job = JobWatch(self.db).find(sending["which"]["job"]) if "job" in sending["which"] else None
        undone = job is not None and job["status"] in (Status.UNDOING, Status.UNDONE)
        if undone:
            self.queue.stop_undone(sending)
        return undone

    # turns

    def _turn(self, firm: str, sendings: list[Sending]) -> None:
        """Send some letters of a firm, and end the sendings that have none left."""
        set_up = [sending for sending in sendings if self.settings.letters_to(sending["kind"])]
        going_on = [sending for sending in set_up if not self._is_undone(sending)]
        ids = [sending["_id"] for sending in going_on]
        sent = 0
        while ids and sent < self._most_of_turn() and not self.stopping.is_set():
            letter = self.queue.claim(firm, ids, self.token, self.lease)
            if letter is None:
                break
            try:
                sent += self._send(letter)
            except Unreachable as error:
                log.warning("mail server is away; letters wait", error=str(error))
                self.queue.put_off(letter, AWAY_SECONDS * random.uniform(0.8, 1.2), spent=False)
                break
            except Exception as error:
                if is_passing(error):
                    raise
                log.exception("letter broke off", letter=letter["_id"])
                self._put_off(letter, letter["address"] or "", repr(error))
        for sending in going_on if not sent else ():
            self.queue.end(sending)

    def _send(self, letter: Letter) -> bool:
        """Send one letter; whether a mail went to the server. Raises `Unreachable`."""
        writer = Writer(self.settings, letter["firm"], DirectoryStore(self.db, letter["firm"]).reference())
        judged = self._now(letter)
        if judged.why or judged.address is None:
            count(LETTERS, letter["kind"], "left_out")
            self.queue.left_out(letter, judged.why or GONE)
            return False
        mail = writer.mail(letter["kind"], judged, letter["mails"], clock.now())
        try:
            self.send_mail(mail)
        except Refused as error:
            log.info("letter refused", letter=letter["_id"], error=error.code)
            count(LETTERS, letter["kind"], "failed")
            self.queue.failed(letter, judged.address, str(error.code))
            return True
        except Unreachable:
            raise
        except NotNow as error:
            self._put_off(letter, judged.address, str(error))
            return True
        count(LETTERS, letter["kind"], "sent")
        self._note(letter, judged.address)
        return True

    def send_mail(self, mail: Mail) -> None:
        """Hand a mail over; raises what `send` raises."""
        server, sender = mail_server(self.settings.smtp_url), envelope_sender(self.settings.mail_from)
        self.hand_over(server, mail.message, sender, mail.to)

    def _now(self, letter: Letter) -> Judged:
        """The recipient of a letter as it is now: people correct addresses, and remove contacts."""
        store, contact_id = DirectoryStore(self.db, letter["firm"]), letter["contact"]
        gone = Judged(letter["_id"], contact_id, "", why=GONE)
        contact = cast("Contact | None", store.fetch("contacts", [contact_id]).get(contact_id))
        if contact is None:
            return gone
        links = store.links_of_contacts([contact_id])
        if letter["account"] is None:
            return judge_invitation(contact, links, None)
        account = cast("Account | None", store.fetch("accounts", [letter["account"]]).get(letter["account"]))
        if account is None:
            return gone
        own = [link for link in links if link["account"] == letter["account"]]
        now = account.get("questionnaire")
        form: Questionnaire = {"name": letter["form"] or "", "status": NOT_SENT}
        if now is None or now["name"] != form["name"] or now["status"] not in (NOT_SENT, SENT):
            return Judged(letter["_id"], contact_id, "", why=_why_not(now, form))
        # one contact may be sent the form after another of the same account was
        judged = judge_questionnaire({**account, "questionnaire": form}, own, {contact_id: contact}, {})
        return next(iter(judged), gone)

    def _put_off(self, letter: Letter, address: str, error: str) -> None:
        """Try the letter again later; after a day of it, it has failed."""
        log.info("letter waits", letter=letter["_id"], error=error)
        count(LETTERS, letter["kind"], "later")
        if letter["tries"] < len(PAUSES):
            self.queue.put_off(letter, PAUSES[letter["tries"]] * random.uniform(0.9, 1.1), spent=True)
        else:
            self.queue.failed(letter, address, PUT_OFF)

    def _note(self, letter: Letter, address: str) -> None:
        """Note that a letter is out, with attempts for some time."""
        end = time.monotonic() + NOTE_AT_MOST_SECONDS
        while True:
            try:
                self.queue.sent(letter, address)
                return
            except Exception as error:
                if not is_passing(error) or time.monotonic() > end:
                    raise
                log.warning("letter not noted yet", error=repr(error))
            time.sleep(0.5)


def _why_not(now: Questionnaire | None, form: Questionnaire) -> str:
    """Why an account does not get a form any more."""
    return COMPLETED if now and now["name"] == form["name"] else NO_QUESTIONNAIRE


def search(store: SendingStore, queue: LetterQueue, sending: Sending, at_once: int = AT_ONCE) -> None:
    """Find the next recipients of a sending, and have their letters sent; a part that breaks off is repeated."""
    part = Choosing(store, sending["kind"], sending["which"], again=sending["again"]).part(
        sending["after"], at_once
    )
    wanted = [_wanted(each) for each in part.judged if each.why is None and each.address]
    joins = [_wanted(each) for each in part.judged if each.why == QUEUED and each.address]
    store.queue(sending, [*wanted, *joins])
    left_out = Counter(each.why for each in part.judged if each.why and each.why != QUEUED)
    queue.searched(sending, part.after, part.looked_at, {why: n for why, n in left_out.items() if why})


def _wanted(judged: Judged) -> Wanted:
    return Wanted(
        judged.letter, judged.record, judged.address or "", judged.account, judged.form, judged.revision
    )
