"""Webhooks and deliveries; the only user of the collections `webhooks` and `deliveries`.

A delivery is written before its event counts as published, under an id that follows from webhook and event. So an event
that is published twice is delivered once. A sender leases a delivery by moving `due` to the end of the lease: when the
sender dies, the delivery is due again.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument, UpdateOne

from shared.contract.documents.job import Job
from shared.contract.documents.webhook import Attempt, Delivery, Disabled, Secret, Webhook
from shared.contract.events import TEST, Event
from shared.contract.records import public_id
from shared.contract.texts.catalogues import SOURCE
from shared.contract.webhooks import (
    ATTEMPTS_KEPT,
    BY_PERSON,
    CALLBACK,
    DELIVERED,
    FAILED,
    MOST_WEBHOOKS,
    PAUSES,
    TO_CALLBACK,
    WAITING,
)
from shared.plumbing import clock
from shared.plumbing.auth import Caller
from shared.plumbing.mongo import Database, DuplicateKeyError, collection
from shared.plumbing.telemetry import WEBHOOKS_OLDEST, WEBHOOKS_WAITING, set_to

#: bytes of a secret (Standard Webhooks: 24 to 64)
SECRET_BYTES = 32
#: Deliveries of a job that an operator sees.
MOST_SHOWN = 100


class TooMany(Exception):
    """The firm has as many webhooks as it may have."""


def new_secret() -> Secret:
    """A secret as Standard Webhooks writes them."""
    text = "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return {"secret": text, "made_at": clock.now(), "ends_at": None}


class WebhookStore:
    """The webhooks of one firm, and their deliveries."""

    def __init__(self, db: Database, firm: str) -> None:
        self.webhooks = collection(db, "webhooks", Webhook)
        self.deliveries = collection(db, "deliveries", Delivery)
        self.firm = firm

    def all(self) -> list[Webhook]:
        """The firm's webhooks, the oldest first."""
        return list(self.webhooks.find({"firm": self.firm}).sort([("created_at", 1), ("_id", 1)]))

    def get(self, identity: str) -> Webhook | None:
        """One webhook by its public id; None where the firm has none of that id."""
        return self.webhooks.find_one(self._one(identity))

    def add(self, url: str, events: Sequence[str], description: str, by: Caller) -> Webhook:
        """Keep a new webhook; raises `TooMany`."""
        if self.webhooks.count_documents({"firm": self.firm, "url": {"$ne": None}}) >= MOST_WEBHOOKS:
            raise TooMany
        webhook = self._new(secrets.token_hex(8), url, events, description, by)
        self.webhooks.insert_one(webhook)
        return webhook

    def callback(self) -> Webhook:
        """The webhook that signs what is posted to callback addresses; made at its first use."""
        known = self.get(CALLBACK)
        if known:
            return known
        try:
            self.webhooks.insert_one(self._new(CALLBACK, None, sorted(TO_CALLBACK), "", None))
        except DuplicateKeyError:  # another process made it meanwhile
            return self.callback()
        return self.callback()

    def _new(
        self, identity: str, url: str | None, events: Sequence[str], description: str, by: Caller | None
    ) -> Webhook:
        return {
            "_id": f"{self.firm}/{identity}",
            "firm": self.firm,
            "url": url,
            "events": list(events),
            "description": description,
            "secrets": [new_secret()],
            "disabled": None,
            "failing_since": None,
            "created_by": by.id if by else "carryover",
            "owner": by.email if by else None,
            "locale": by.locale if by else SOURCE,
            "created_at": clock.now(),
        }

    def change(self, identity: str, changes: Mapping[str, object], enabled: bool | None) -> Webhook | None:
        """Change fields of a webhook, and switch it on or off; None where there is none."""
        own: dict[str, object] = dict(changes)
        if enabled is True:
            own |= {"disabled": None, "failing_since": None}
        elif enabled is False:
            disabled: Disabled = {"at": clock.now(), "reason": BY_PERSON, "mailed": True}
            own["disabled"] = disabled
        if not own:
            return self.get(identity)
        return self.webhooks.find_one_and_update(
            self._one(identity), {"$set": own}, return_document=ReturnDocument.AFTER
        )

    def rotate(self, identity: str, overlap: timedelta) -> Webhook | None:
        """Make a new secret; the one before signs as well for so long. None where there is no such webhook."""
        webhook = self.get(identity)
        if webhook is None:
            return None
        now = clock.now()
        ends = now + overlap
        before = [
            {**known, "ends_at": min(known["ends_at"] or ends, ends)}
            for known in webhook["secrets"]
            if overlap and (known["ends_at"] or ends) > now
        ]
        return self.webhooks.find_one_and_update(
            {**self._one(identity), "secrets.0.secret": webhook["secrets"][0]["secret"]},
            {"$set": {"secrets": [new_secret(), *before[:2]]}},
            return_document=ReturnDocument.AFTER,
        ) or self.get(identity)

    def remove(self, identity: str) -> bool:
        """Remove a webhook with its deliveries; False where there is none."""
        gone = self.webhooks.delete_one(self._one(identity)).deleted_count == 1
        if gone:
            self.deliveries.delete_many({"webhook": f"{self.firm}/{identity}", "firm": self.firm})
        return gone

    def deliveries_of(self, identity: str, which: Mapping[str, object], limit: int) -> list[Delivery]:
        """The latest deliveries of a webhook; `which` may name their `state`, their `job` and the last id seen."""
        wanted: dict[str, Any] = {"webhook": f"{self.firm}/{identity}", "firm": self.firm}
        wanted |= {name: which[name] for name in ("state", "job") if name in which}
        if "cursor" in which:
            last = self.deliveries.find_one({"_id": which["cursor"], "firm": self.firm}, {"created_at": 1})
            if last is None:
                return []
            at, ident = last["created_at"], which["cursor"]
            wanted["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": ident}}]
        return list(self.deliveries.find(wanted).sort([("created_at", -1), ("_id", -1)]).limit(limit))

    def waiting_of(self, job: str) -> list[Delivery]:
        """Deliveries of a job that wait, those of one webhook in their order; at most `MOST_SHOWN`."""
        lanes = [f"{webhook['_id']}|{job}" for webhook in self.all()]
        waiting = {"lane": {"$in": lanes}, "state": WAITING}
        return list(self.deliveries.find(waiting).sort([("lane", 1), ("order", 1)]).limit(MOST_SHOWN))

    def delivery(self, identity: str, delivery: str) -> Delivery | None:
        """One delivery of a webhook; None where there is none of that id."""
        return self.deliveries.find_one(self._delivery(identity, delivery))

    def again(self, identity: str, delivery: str) -> Delivery | None:
        """Have a delivery that ended made once more, from now; None where there is none that ended."""
        fresh = {"state": WAITING, "due": clock.now(), "ended_at": None, "left": 1 + len(PAUSES)}
        return self.deliveries.find_one_and_update(
            {**self._delivery(identity, delivery), "state": {"$in": [DELIVERED, FAILED]}},
            {"$set": fresh},
            return_document=ReturnDocument.AFTER,
        )

    def post_once(self, webhook: Webhook, url: str, event: Event) -> Delivery:
        """Have an event posted to a webhook once, whatever its address answers."""
        document = _delivery(webhook["_id"], self.firm, url, event, 0, attempts=1)
        self.deliveries.insert_one(document)
        return document

    def _one(self, identity: str) -> dict[str, Any]:
        return {"_id": f"{self.firm}/{identity}", "firm": self.firm}

    def _delivery(self, identity: str, delivery: str) -> dict[str, Any]:
        return {"_id": delivery, "webhook": f"{self.firm}/{identity}", "firm": self.firm}


def keep_deliveries(db: Database, job: Job, events: Iterable[tuple[int, Event]]) -> None:
    """Write the deliveries of events of a job, each with its place in the history; those that exist stay."""
    store, placed = WebhookStore(db, job["firm"]), list(events)
    documents = [
        _delivery(webhook["_id"], job["firm"], webhook["url"], event, order)
        for webhook in store.all()
        if webhook["url"] and not webhook["disabled"]
        for order, event in placed
        if event["type"] in webhook["events"]
    ]
    to_callback = [(order, event) for order, event in placed if event["type"] in TO_CALLBACK]
    if to_callback and (url := job["options"].get("callback_url")):
        identity = store.callback()["_id"]
        documents += [_delivery(identity, job["firm"], url, event, order) for order, event in to_callback]
    if documents:
        store.deliveries.bulk_write(
            [UpdateOne({"_id": each["_id"]}, {"$setOnInsert": each}, upsert=True) for each in documents],
            ordered=False,
        )


def _delivery(
    webhook: str, firm: str, url: str, event: Event, order: int, attempts: int = 1 + len(PAUSES)
) -> Delivery:
    now = clock.now()
    job = event["data"].get("job")
    name = f"{webhook}|{url}|{event['id']}"
    return {
        "_id": hashlib.blake2b(name.encode(), digest_size=16).hexdigest(),
        "webhook": webhook,
        "firm": firm,
        "url": url,
        "event": event,
        "job": str(job) if job else None,
        "lane": f"{webhook}|{job or event['id']}",
        "order": order,
        "state": WAITING,
        "due": now,
        "token": None,
        "made": 0,
        "left": attempts,
        "attempts": [],
        "created_at": now,
        "ended_at": None,
    }


class DeliveryQueue:
    """Deliveries of all firms that wait to be made."""

    def __init__(self, db: Database) -> None:
        self.webhooks = collection(db, "webhooks", Webhook)
        self.deliveries = collection(db, "deliveries", Delivery)

    def claim(self, token: str, seconds: float, busy: Collection[str]) -> Delivery | None:
        """Lease the delivery that has been due the longest, of a webhook that is not `busy`.

        None of a lane comes before the ones in front of it: such a delivery is put off for a second, or until the first
        of its lane is tried again.
        """
        which = {"state": WAITING, "webhook": {"$nin": list(busy)}, "$expr": {"$lte": ["$due", "$$NOW"]}}
        lease = {"$set": {"due": {"$add": ["$$NOW", int(seconds * 1000)]}, "token": token}}
        while claimed := self.deliveries.find_one_and_update(
            which, [lease], sort=[("due", 1), ("order", 1)], return_document=ReturnDocument.AFTER
        ):
            in_front = {"lane": claimed["lane"], "state": WAITING, "order": {"$lt": claimed["order"]}}
            first = self.deliveries.find_one(in_front, sort=[("order", 1)])
            if first is None:
                return claimed
            # the end of a lease says nothing of when an attempt ends, so the next one looks again soon
            after = "$$NOW" if first["token"] else {"$max": [first["due"], "$$NOW"]}
            later = {"$dateAdd": {"startDate": after, "unit": "second", "amount": 1}}
            self.deliveries.update_one(_mine(claimed), [{"$set": {"due": later, "token": None}}])
        return None

    def webhook_of(self, delivery: Delivery) -> Webhook | None:
        """The webhook of a delivery; None where it was removed meanwhile."""
        return self.webhooks.find_one({"_id": delivery["webhook"], "firm": delivery["firm"]})

    def delivered(self, delivery: Delivery, attempt: Attempt) -> None:
        """Note that the address took it."""
        self._end(delivery, attempt, DELIVERED)
        which = {"_id": delivery["webhook"], "failing_since": {"$ne": None}}
        self.webhooks.update_one(which, {"$set": {"failing_since": None}})

    def failed(self, delivery: Delivery, attempt: Attempt, pause: float | None) -> None:
        """Note an attempt that failed; it is repeated after `pause` seconds, or never where that is None."""
        if pause is None:
            self._end(delivery, attempt, FAILED)
        else:
            due = {"$add": ["$$NOW", int(pause * 1000)]}
            self._note(delivery, attempt, {"due": due})
        if delivery["event"]["type"] == TEST:
            return  # a test says nothing about the events of the firm
        which = {"_id": delivery["webhook"], "failing_since": None}
        self.webhooks.update_one(which, {"$set": {"failing_since": attempt["at"]}})

    def _end(self, delivery: Delivery, attempt: Attempt | None, state: str) -> None:
        self._note(delivery, attempt, {"state": state, "ended_at": "$$NOW"})
        # the next of its lane need not wait any longer
        behind = {"lane": delivery["lane"], "state": WAITING, "made": 0, "token": None}
        self.deliveries.update_many(behind, [{"$set": {"due": "$$NOW"}}])

    def _note(self, delivery: Delivery, attempt: Attempt | None, changes: Mapping[str, object]) -> None:
        own: dict[str, object] = {**changes, "token": None}
        if attempt:
            kept = [*delivery["attempts"], attempt][-ATTEMPTS_KEPT:]
            own |= {
                "attempts": {"$literal": kept},
                "made": delivery["made"] + 1,
                "left": delivery["left"] - 1,
            }
        self.deliveries.update_one(_mine(delivery), [{"$set": own}])

    def drop(self, delivery: Delivery) -> None:
        """End a delivery whose webhook was removed or switched off."""
        self._end(delivery, None, FAILED)

    def release(self, token: str) -> None:
        """Give back what a process has leased and not attempted, because it ends."""
        self.deliveries.update_many(
            {"token": token, "state": WAITING}, [{"$set": {"due": "$$NOW", "token": None}}]
        )

    def disable(self, webhook: str, reason: str) -> None:
        """Switch a webhook off because of its answers; its owner is to be mailed."""
        disabled: Disabled = {"at": clock.now(), "reason": reason, "mailed": False}
        which = {"_id": webhook, "disabled": None, "url": {"$ne": None}}
        self.webhooks.update_one(which, {"$set": {"disabled": disabled}})

    def to_be_mailed(self) -> list[Webhook]:
        """Webhooks that were switched off and whose owners were not mailed yet."""
        return list(self.webhooks.find({"disabled.mailed": False}).sort("disabled.at", 1).limit(100))

    def mailed(self, webhook: Webhook) -> None:
        """Note that the owner was mailed."""
        which = {"_id": webhook["_id"], "disabled.mailed": False}
        self.webhooks.update_one(which, {"$set": {"disabled.mailed": True}})

    def waiting(self) -> tuple[int, datetime | None]:
        """How many deliveries wait for their next attempt, and since when the oldest exists."""
        oldest = self.deliveries.find_one({"state": WAITING}, {"created_at": 1}, sort=[("created_at", 1)])
        number = self.deliveries.count_documents({"state": WAITING})
        return number, oldest["created_at"] if oldest else None


def _mine(delivery: Delivery) -> dict[str, Any]:
    """A delivery as long as nobody else has leased it."""
    return {"_id": delivery["_id"], "token": delivery["token"], "state": WAITING}


def shown_id(webhook: Webhook) -> str:
    """The id of a webhook as the API has it."""
    return public_id(webhook["_id"])


def measure(db: Database) -> None:
    """Bring the gauges up to date."""
    number, oldest = DeliveryQueue(db).waiting()
    set_to(WEBHOOKS_WAITING, number)
    set_to(WEBHOOKS_OLDEST, (clock.now() - oldest).total_seconds() if oldest else 0.0)
