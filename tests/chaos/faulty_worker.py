"""A worker that ends or pauses itself at one exact moment of its work.

``python -m tests.chaos.faulty_worker SERVICE STEP POINT SIGNAL NTH`` runs the service as it is, but sends itself
the signal (KILL, STOP) when the step reaches the point for the nth time:

* ``claimed``: a task is taken, nothing was done
* ``writing``: rows of a chunk are about to be written
* ``worked``: the handler is through, the task is not finished
* ``committing``: records are written inside the transaction, which is not committed
* ``last``: every task of the step is done, no message was published
* ``concluded``: the sums of the step are known, the job is about to move
* ``moved``: the job is at its next status, whose work was not announced
* ``publishing``: events are about to be published to other services
* ``published``: the broker has the events, and the relay has not noted it
* ``posting``, ``posted``: a webhook is about to be posted; it was posted, and that is not noted
* ``searching``, ``searched``: letters to clients are about to be kept; they are, and the search has not noted it
* ``mailing``, ``mailed``, ``noted``: a letter is leased; the mail server took it, and that is not noted; it is noted
* ``asked``, ``kept``, ``made``, ``replying``, ``replied``: of a request of another service; it was taken, its file is
  kept, its job is made and its work not announced, the answer is about to be sent, it was sent and the request is not
  acknowledged

With RAISE in place of a signal, the handler fails every time for jobs of the firm named as NTH. With CLOCK, the
clock of the worker is NTH seconds ahead.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifier.invitations.sending import LetterSender, send_letters
from services.notifier.webhooks.posting import Posted, Poster
from services.notifier.webhooks.sending import send_webhooks
from services.upload.requests.answering import Answers, answer_requests
from shared.plumbing import clock
from shared.plumbing.bus import EventPublisher
from shared.plumbing.file_store import FileStore
from shared.plumbing.job_store import JobStore
from shared.plumbing.log import set_up_logging
from shared.plumbing.row_store import RowStore
from shared.plumbing.sending_store import LetterQueue, SendingStore
from shared.plumbing.settings import load_settings
from shared.plumbing.worker import Done, Handler, Work, Worker

#: what the workers of a service do beside their tasks
BESIDE = {"upload": (answer_requests,), "notifier": (send_webhooks, send_letters)}


class Failure(RuntimeError):
    """A mistake in a handler, as it were."""


@dataclass
class Fault:
    """Sends the signal to this process at the nth `here`."""

    signal: str
    left: int

    def here(self) -> None:
        """Count down, and strike at nought."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.Signals[f"SIG{self.signal}"])


def around(work: Callable[[Work], Done], point: str, fault: Fault) -> Callable[[Work], Done]:
    """The handler's work with the fault at a point of it."""

    def faulty(task: Work) -> Done:
        if point == "claimed":
            fault.here()
        done = work(task)
        if point == "worked":
            fault.here()
        if point != "committing" or done.also is None:
            return done
        inner = done.also

        def also(session: Any) -> dict[str, Any]:
            counts = inner(session)
            fault.here()
            return counts

        return Done(done.counts, also)

    return faulty


def raising(work: Callable[[Work], Done], firm: str) -> Callable[[Work], Done]:
    """The handler's work, failing for one firm."""

    def faulty(task: Work) -> Done:
        if task.job["firm"] == firm:
            raise Failure("this firm's jobs cannot be done")
        return work(task)

    return faulty


def arm(worker: Worker, step: str, point: str, fault: Fault) -> None:
    """Put the fault into what surrounds the handler."""
    follow, arrived = worker.flow.follow, worker.flow.arrived
    write, advance = RowStore.write, JobStore.advance

    def faulty_follow(job: dict[str, Any], done: Any) -> None:
        if point == "last" and done.name == step and not worker.flow.tasks.unfinished(job, step):
            fault.here()
        follow(job, done)

    def faulty_arrived(job: dict[str, Any]) -> dict[str, Any]:
        if point == "moved":
            fault.here()
        return arrived(job)

    def faulty_write(self: RowStore, *what: Any, **how: Any) -> None:
        if point == "writing":
            fault.here()
        write(self, *what, **how)

    def faulty_advance(self: JobStore, *what: Any, **how: Any) -> dict[str, Any] | None:
        if point == "concluded":
            fault.here()
        return advance(self, *what, **how)

    JobStore.advance = faulty_advance  # type: ignore[method-assign]
    worker.flow.follow = faulty_follow  # type: ignore[method-assign]
    worker.flow.arrived = faulty_arrived  # type: ignore[method-assign]
    RowStore.write = faulty_write  # type: ignore[method-assign]


def arm_relay(point: str, fault: Fault) -> None:
    """Put the fault around the publishing of events."""
    publish = EventPublisher.publish

    def faulty_publish(self: EventPublisher, events: Sequence[dict[str, Any]]) -> None:
        if point == "publishing":
            fault.here()
        publish(self, events)
        if point == "published":
            fault.here()

    EventPublisher.publish = faulty_publish  # type: ignore[method-assign]


def arm_webhooks(point: str, fault: Fault) -> None:
    """Put the fault around the posting of webhooks."""
    post = Poster.post

    async def faulty_post(self: Poster, *what: Any) -> Posted:
        if point == "posting":
            fault.here()
        came = await post(self, *what)
        if point == "posted":
            fault.here()
        return came

    Poster.post = faulty_post  # type: ignore[method-assign]


def arm_letters(point: str, fault: Fault) -> None:
    """Put the fault between the steps of a letter to a client."""
    queue, send, sent = SendingStore.queue, LetterSender.send_mail, LetterQueue.sent

    def faulty_queue(self: SendingStore, *what: Any) -> int:
        if point == "searching":
            fault.here()
        number = queue(self, *what)
        if point == "searched":
            fault.here()
        return number

    def faulty_send(self: LetterSender, *what: Any) -> None:
        if point == "mailing":
            fault.here()
        send(self, *what)
        if point == "mailed":
            fault.here()

    def faulty_sent(self: LetterQueue, *what: Any) -> bool:
        noted = sent(self, *what)
        if point == "noted":
            fault.here()
        return noted

    SendingStore.queue = faulty_queue  # type: ignore[method-assign]
    LetterSender.send_mail = faulty_send  # type: ignore[method-assign]
    LetterQueue.sent = faulty_sent  # type: ignore[method-assign]


def arm_requests(worker: Worker, point: str, fault: Fault) -> None:
    """Put the fault between the steps of request and reply."""
    reply, put, arrived = worker.publisher.reply, FileStore.put, worker.flow.arrived

    def faulty_answer(self: Answers, asked: Any) -> None:
        if point == "asked":
            fault.here()
        answer(self, asked)
        if point == "replied":
            fault.here()

    def faulty_put(self: FileStore, *what: Any) -> None:
        put(self, *what)
        if point == "kept":
            fault.here()

    def faulty_arrived(job: dict[str, Any]) -> dict[str, Any]:
        if point == "made":
            fault.here()
        return arrived(job)

    def faulty_reply(*what: Any) -> bool:
        if point == "replying":
            fault.here()
        return reply(*what)

    answer = Answers.answer
    Answers.answer = faulty_answer  # type: ignore[method-assign]
    FileStore.put = faulty_put  # type: ignore[method-assign]
    worker.flow.arrived = faulty_arrived  # type: ignore[method-assign]
    worker.publisher.reply = faulty_reply  # type: ignore[method-assign]


def main(service: str, step: str, point: str, what: str, nth: str) -> int:
    """Run the worker with its fault."""
    handlers: dict[str, Handler] = dict(importlib.import_module(f"services.{service}.handlers").HANDLERS)
    plain = handlers[step]
    settings = load_settings()
    set_up_logging(service, settings.log_level, settings.log_format)
    if what == "RAISE":
        handlers[step] = Handler(raising(plain.work, nth), plain.conclude)
        worker = Worker(service, handlers, settings)
    elif what == "CLOCK":
        clock.own = lambda: datetime.now(UTC) + timedelta(seconds=int(nth))
        worker = Worker(service, handlers, settings, BESIDE.get(service))
    else:
        fault = Fault(what, int(nth))
        handlers[step] = Handler(around(plain.work, point, fault), plain.conclude)
        worker = Worker(service, handlers, settings, *BESIDE.get(service, ()))
        arm_requests(worker, point, fault)
        arm(worker, step, point, fault)
        arm_relay(point, fault)
        arm_webhooks(point, fault)
        arm_letters(point, fault)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    return worker.run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
