"""Tests a model of letters: whatever people, mail servers and crashes do in any order, each contact gets one mail.

Seeded random schedules as in `tests.contract.test_interleavings`: those of Hypothesis are mostly short, and in too few
of them a process dies while another one sends.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from services.notifier.invitations.sending import LetterSender
from services.notifier.mails.sending import NotNow, Refused, Unreachable
from shared.contract.sendings import INVITATION
from tests.examples import examples
from tests.integration.sending_firm import Firm, Killed

CONTACTS, PROCESSES, STEPS = 4, 2, 30
ADDRESS = "@mail.example"


class World:
    """Contacts, processes and a mail server; each method does one thing that happens in practice."""

    def __init__(self, firm: Firm, chance: random.Random) -> None:
        self.firm, self.chance = firm, chance
        self.contacts = [firm.contact(n) for n in range(CONTACTS)]
        self.senders = [firm.sender(invitations_per_minute=1) for _ in range(PROCESSES)]
        self.sendings: list[str] = []
        self.jobs = 0
        #: by sending, the contacts whom it asks for; those of imports that are undone have none
        self.asked: dict[str, set[str]] = {}
        self.crashes = 0

    @property
    def wanted(self) -> set[str]:
        """The contacts whom anybody has asked for."""
        return set().union(*self.asked.values())

    def any(self) -> str:
        return self.chance.choice(self.contacts)

    def ask(self) -> None:
        chosen = self.chance.sample(self.contacts, self.chance.randint(1, CONTACTS))
        self.sendings.append(self.firm.invite(chosen))
        self.asked[self.sendings[-1]] = set(chosen)

    def ask_for_all(self) -> None:
        self.sendings.append(self.firm.ask({"filter": {}}))
        self.asked[self.sendings[-1]] = set(self.contacts)

    def import_again(self) -> None:
        """An import links the contacts anew and has them invited; its notice is begun twice."""
        self.jobs += 1
        job = f"{self.jobs:04d}{self.firm.name}"
        self.firm.db.jobs.insert_one({"_id": job, "firm": self.firm.name, "status": "imported"})
        chosen = self.chance.sample(self.contacts, self.chance.randint(1, CONTACTS))
        which = {"_id": {"$in": [f"{self.firm.name}/{each}" for each in chosen]}}
        self.firm.db.contacts.update_many(which, {"$addToSet": {"jobs": job}})
        for _ in range(2):
            self.firm.ask({"job": job}, name=f"{self.jobs:06d}")
        if self.chance.random() < 0.4:
            self.firm.db.jobs.update_one({"_id": job}, {"$set": {"status": "undoing"}})
        else:
            self.asked[f"{self.jobs:06d}"] = set(chosen)

    def stop(self) -> None:
        if self.sendings:
            self.firm.store.stop(INVITATION, self.chance.choice(self.sendings))

    def resume(self) -> None:
        if self.sendings:
            self.firm.store.resume(INVITATION, self.chance.choice(self.sendings))

    def send(self) -> None:
        self.round(self.chance.choice(self.senders))

    def round(self, sender: LetterSender) -> None:
        """A round of a process; one that is killed is a new one afterwards."""
        try:
            self.firm.round(sender)
        except Killed:
            self.crashes += 1
            self.senders = [each for each in self.senders if each is not sender] + [
                self.firm.sender(invitations_per_minute=1)
            ]

    def die_after_the_mail(self) -> None:
        self.firm.mail.after = Killed()
        self.send()
        self.firm.mail.after = None

    def die_before_the_mail(self) -> None:
        self.firm.mail.away = Killed()
        self.send()
        self.firm.mail.away = None

    def send_at_once(self) -> None:
        """Another process looks for letters while one of them is on its way."""
        self.firm.mail.during = lambda: self.firm.round(self.firm.sender())
        self.send()
        self.firm.mail.during = None

    def lose_the_server(self) -> None:
        self.firm.mail.away = Unreachable("away")
        self.send()
        self.firm.mail.away = None

    def refuse(self) -> None:
        """The server takes no mail for an address; one that took some goes on to take them.

        A process that dies after a mail was taken sends it again. Were it refused then, nobody could know of the first.
        """
        address = f"{self.any()}{ADDRESS}"
        if not self.firm.mail.to()[address]:
            self.firm.mail.answers[address] = self.chance.choice([Refused(550), NotNow("451")])
        self.send()

    def take_all(self) -> None:
        self.firm.mail.answers.clear()

    def wait(self) -> None:
        self.firm.later()

    def end(self) -> set[str]:
        """In the end people go on with some that they stopped, correct what failed, and the server takes all.

        Gives the contacts who must have their mail then.
        """
        self.take_all()
        for sending in self.chance.sample(self.sendings, len(self.sendings) // 2):
            self.firm.store.resume(INVITATION, sending)
        stopped = {
            each["_id"].rpartition("/")[2] for each in self.firm.db.sendings.find({"status": "stopped"})
        }
        self.firm.run(rounds=40)
        failed = [each for each in self.wanted if self.firm.status(each) == "failed"]
        for contact in failed:
            self.firm.change(contact, email=f"corrected.{contact}{ADDRESS}")
        if failed:
            self.firm.invite(failed)
            self.firm.run(rounds=40)
        return set(failed).union(*(asked for sending, asked in self.asked.items() if sending not in stopped))


#: how often each thing happens
WEIGHTS = {
    "ask": 5, "ask_for_all": 1, "import_again": 2, "stop": 4, "resume": 1, "send": 8, "die_after_the_mail": 2,
    "die_before_the_mail": 2, "lose_the_server": 1, "send_at_once": 3, "refuse": 2, "take_all": 1, "wait": 5,
}  # fmt: skip


def of_contact(mails: Counter[str], contact: str) -> int:
    """How many different mails a contact got, at either address."""
    return sum(n for address, n in mails.items() if contact in address)


@pytest.mark.parametrize("seed", range(examples(20)))
def test_each_contact_gets_one_mail_and_none_is_lost_in_any_order(shared_database: Any, seed: int) -> None:
    chance = random.Random(seed)
    world = World(Firm(shared_database), chance)
    done = []
    for _ in range(STEPS):
        (what,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        done.append(what)
        getattr(world, what)()
        mails = world.firm.mail.to()
        assert all(of_contact(mails, each) <= (each in world.wanted) for each in world.contacts), done
    due = world.end()
    mails = world.firm.mail.to()
    assert {each: of_contact(mails, each) for each in due} == dict.fromkeys(due, 1), done
    assert all(of_contact(mails, each) <= (each in world.wanted) for each in world.contacts), done
    copies = len(world.firm.mail.mails) - sum(mails.values())
    assert copies <= world.crashes, "a second copy goes out after a crash alone, under the same id"
    assert {world.firm.status(each) for each in due} <= {"sent"}, done
    going_on = world.firm.db.sendings.count_documents({"firm": world.firm.name, "status": "sending"})
    assert going_on == 0
