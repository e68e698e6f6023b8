"""Makes the deliveries that are due: a thread of the worker with one loop, so that a slow address holds nobody up."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections import Counter

from services.notifier.mails.composing import WebhookOff, compose_webhook_off, envelope_sender, mailbox
from services.notifier.mails.sending import NotNow, Refused, mail_server, send
from services.notifier.webhooks.posting import Posted, Poster
from services.notifier.webhooks.signing import signed_headers
from shared.contract.documents.webhook import Attempt, Delivery, Webhook
from shared.contract.events import TEST
from shared.contract.webhooks import FAILING, GONE, LONGEST_PAUSE, PAUSES
from shared.plumbing import clock
from shared.plumbing.log import log
from shared.plumbing.telemetry import WEBHOOK_SECONDS, WEBHOOKS, count, observe
from shared.plumbing.webhook_store import DeliveryQueue, shown_id
from shared.plumbing.worker import Worker

#: attempts at once: of one process, and of those to one webhook
AT_ONCE, AT_ONCE_TO_ONE = 64, 4
#: seconds of a lease: longer than an attempt may take
LEASE_SECONDS = 25.0
#: seconds between two looks for webhooks whose owners are to be mailed
MAIL_SECONDS = 10.0


def send_webhooks(worker: Worker) -> None:
    """Make deliveries until the worker stops."""
    asyncio.run(Sender(worker).run())


class Sender:
    """Takes deliveries that are due, and posts them."""

    def __init__(self, worker: Worker, poster: Poster | None = None) -> None:
        self.worker = worker
        self.queue = DeliveryQueue(worker.db)
        self.poster = poster or Poster(worker.settings.webhook_networks)
        self.token = uuid.uuid4().hex
        self.running: dict[asyncio.Task[None], str] = {}

    async def run(self) -> None:
        """Look for deliveries about every second until the worker stops; then end what runs."""
        pause, mailed_at = self.worker.settings.relay_seconds, 0.0
        loop = asyncio.get_running_loop()
        while not self.worker.stopping.is_set():
            try:
                await self._begin_those_due()
                if loop.time() - mailed_at > MAIL_SECONDS:
                    mailed_at = loop.time()
                    await asyncio.to_thread(self._mail_owners)
            except Exception as error:  # noqa: BLE001 - servers come and go; deliveries wait
                log.warning("webhooks broke off", error=repr(error))
            await asyncio.to_thread(self.worker.stopping.wait, pause * random.uniform(0.7, 1.3))
        if self.running:
            await asyncio.wait(self.running, timeout=self.worker.settings.drain_seconds)
        await asyncio.to_thread(self.queue.release, self.token)

    async def _begin_those_due(self) -> None:
        while len(self.running) < AT_ONCE and not self.worker.stopping.is_set():
            to_each = Counter(self.running.values())
            busy = [webhook for webhook, number in to_each.items() if number >= AT_ONCE_TO_ONE]
            delivery = await asyncio.to_thread(self.queue.claim, self.token, LEASE_SECONDS, busy)
            if delivery is None:
                return
            task = asyncio.create_task(self._make(delivery))
            self.running[task] = delivery["webhook"]
            task.add_done_callback(self.running.pop)

    async def _make(self, delivery: Delivery) -> None:
        """Make one attempt, and note what came of it."""
        try:
            webhook = await asyncio.to_thread(self.queue.webhook_of, delivery)
            if webhook is None or (webhook["disabled"] and delivery["event"]["type"] != TEST):
                await asyncio.to_thread(self.queue.drop, delivery)
                return
            body = json.dumps(delivery["event"], ensure_ascii=False, separators=(",", ":"))
            headers = signed_headers(webhook["secrets"], delivery["event"]["id"], body, clock.now())
            posted = await self.poster.post(delivery["url"], headers, body)
            await asyncio.to_thread(self._note, delivery, posted)
        except Exception as error:  # noqa: BLE001 - its lease runs out, and it is made again
            log.warning("delivery broke off", delivery=delivery["_id"], error=repr(error))

    def _note(self, delivery: Delivery, posted: Posted) -> None:
        attempt: Attempt = {
            "at": posted.at,
            "ms": posted.ms,
            "status": posted.status,
            "error": posted.error,
        }
        outcome = "delivered" if posted.taken else "failed"
        count(WEBHOOKS, outcome)
        observe(WEBHOOK_SECONDS, posted.ms / 1000, outcome)
        if posted.taken:
            self.queue.delivered(delivery, attempt)
            return
        left = delivery["left"] - 1
        gone = posted.status == 410
        pause = None if gone or left <= 0 else _pause(left, posted.pause)
        log.info("webhook failed", delivery=delivery["_id"], status=posted.status, error=posted.error)
        if pause is None and delivery["event"]["type"] != TEST:
            self._switch_off(delivery, gone)  # first: after a crash in between, nobody would do it
        self.queue.failed(delivery, attempt, pause)

    def _switch_off(self, delivery: Delivery, gone: bool) -> None:
        """Switch a webhook off that is gone, or that took nothing for as long as this delivery was tried."""
        webhook = self.queue.webhook_of(delivery)
        if webhook is None or webhook["url"] is None:
            return
        first = delivery["attempts"][0]["at"] if delivery["attempts"] else None
        failing = webhook["failing_since"]
        if gone or (first and failing and failing <= first):
            self.queue.disable(webhook["_id"], GONE if gone else FAILING)
            log.warning("webhook switched off", webhook=webhook["_id"], gone=gone)

    def _mail_owners(self) -> None:
        """Mail the owners of webhooks that were switched off; while the mail server is away it is tried again."""
        for webhook in self.queue.to_be_mailed():
            try:
                self._mail_owner(webhook)
            except NotNow as error:
                log.warning("mail about a webhook waits", error=str(error))
                return
            except (Refused, ValueError) as error:
                log.warning(
                    "mail about a webhook refused", webhook=webhook["_id"], error=type(error).__name__
                )
            self.queue.mailed(webhook)

    def _mail_owner(self, webhook: Webhook) -> None:
        """Send the mail. Raises what `send` raises, and `ValueError` where there is no address."""
        settings, off, to = self.worker.settings, webhook["disabled"], webhook["owner"]
        if off is None or to is None:
            raise ValueError("nobody to mail")
        news = WebhookOff(
            webhook=shown_id(webhook),
            url=webhook["url"] or "",
            reason=off["reason"],
            at=off["at"],
            lang=webhook["locale"],
            public_url=settings.public_url,
        )
        message = compose_webhook_off(news, settings.mail_from, to, clock.now())
        send(mail_server(settings.smtp_url), message, envelope_sender(settings.mail_from), mailbox(to))


def _pause(left: int, asked: float | None) -> float:
    """Seconds until the next attempt when `left` are left; a receiver may ask for more, up to an hour."""
    usual = PAUSES[len(PAUSES) - left] if left <= len(PAUSES) else PAUSES[0]
    return max(usual * random.uniform(0.9, 1.1), min(asked or 0.0, LONGEST_PAUSE))
