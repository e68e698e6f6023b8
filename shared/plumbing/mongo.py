"""The connection to MongoDB: concerns, time limits, indexes and transactions in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any, TypeVar, cast

from pymongo import MongoClient, monitoring, timeout
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database as _Database
from pymongo.errors import ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.contract.sendings import QUEUED
from shared.contract.webhooks import KEPT_DAYS, WAITING
from shared.plumbing import clock

__all__ = [
    "ClientSession",
    "Collection",
    "ConnectionFailure",
    "Database",
    "DuplicateKeyError",
    "PyMongoError",
    "connect",
    "is_passing",
]

#: A document as MongoDB holds it; the stores give it its type.
Document = dict[str, Any]
Database = _Database[Document]
#: The session of a transaction, or none.
Session = ClientSession | None

T = TypeVar("T")
D = TypeVar("D", bound=Mapping[str, Any])

#: The index that lists of records are sorted by, searched and filtered in.
LISTS = "lists"
#: Parts of records by which lists are filtered and of which a value may have few records; each has an index.
LISTED_FEW = ("jobs", "tags", "assignees")

WORKER_MS = 20_000
REQUEST_MS = 8_000
TRANSACTION_SECONDS = 60.0

#: Server errors that a later attempt may not meet: shutting down, stepping down, write conflicts, limits.
_PASSING_CODES = frozenset({50, 89, 91, 112, 189, 202, 251, 262, 290, 317, 10107, 11600, 11602, 13435, 13436})


class NoReplicaSet(Exception):
    """Transactions and majority reads need a replica set; a set of one node is enough."""


class TimeOfServer(monitoring.ServerHeartbeatListener):
    """Takes the time from the answers of a primary server."""

    def started(self, event: monitoring.ServerHeartbeatStartedEvent) -> None:
        """A question was sent, which says nothing."""

    def succeeded(self, event: monitoring.ServerHeartbeatSucceededEvent) -> None:
        """A server has answered."""
        moment = event.reply.document.get("localTime")
        if event.reply.is_writable and isinstance(moment, datetime):
            clock.at_server(moment)

    def failed(self, event: monitoring.ServerHeartbeatFailedEvent) -> None:
        """A server has not answered; the difference that is known still counts."""


def connect(url: str, timeout_ms: int = WORKER_MS) -> Database:
    """Open the database named in the URL with the concerns that loss-proof work needs.

    With a client-wide time limit the driver retries until the limit instead of once.
    Call it after a fork, never before: a client must not be shared by processes.
    """
    client: MongoClient[Document] = MongoClient(
        url,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        readPreference="primary",
        timeoutMS=timeout_ms,
        serverSelectionTimeoutMS=min(timeout_ms, 10_000),
        tz_aware=True,
        appname="carryover",
        event_listeners=[TimeOfServer()],
    )
    return client.get_default_database("carryover")


class Again(PyMongoError):
    """Raised inside a transaction: it is to begin anew."""

    def __init__(self) -> None:
        super().__init__("the transaction is to begin anew", ["TransientTransactionError"])


def collection(db: Database, name: str, _kind: type[D]) -> Collection[D]:
    """A collection whose documents have a type."""
    return cast("Collection[D]", db[name])


def require_replica_set(db: Database) -> None:
    """Raise `NoReplicaSet` where transactions cannot work."""
    if not db.client.admin.command("hello").get("setName"):
        raise NoReplicaSet("MongoDB must run as a replica set (one node is enough): mongod --replSet rs0")


def is_passing(error: BaseException) -> bool:
    """Whether the database itself is unwell, so that the same work may succeed later."""
    if isinstance(error, ConnectionFailure):
        return True
    if isinstance(error, PyMongoError):
        if error.timeout or error.has_error_label("TransientTransactionError"):
            return True
        return isinstance(error, OperationFailure) and error.code in _PASSING_CODES
    return False


def in_transaction(db: Database, work: Callable[[ClientSession], T], session: Session = None) -> T:
    """Run `work` in one transaction, again where the server asks for it, for at most a minute.

    It runs in `session`, which stays open, or in one of its own.
    """
    own = nullcontext(session) if session else db.client.start_session()
    with timeout(TRANSACTION_SECONDS), own as opened:
        return opened.with_transaction(
            work,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority", j=True),
        )


def ensure_indexes(db: Database) -> None:
    """Create the indexes of all collections; harmless when they exist.

    The driver makes those that GridFS needs with the first file; that of the pieces has to be there before.
    """
    db.jobs.create_index([("firm", 1), ("_id", -1)], name="history")
    for name in ("sha256", "header_print"):
        db.jobs.create_index([("firm", 1), (f"source.{name}", 1), ("_id", -1)], name=name)
    db.jobs.create_index([("owed", 1), ("since", 1)], name="owed")
    db.jobs.create_index([("status", 1), ("since", 1)], name="status")
    for name in ("unpublished", "untold"):  # `untold` marks unpublished jobs of earlier versions
        db.jobs.create_index([("since", 1)], name=name, partialFilterExpression={name: True})
    for name in ("at", "job"):
        db.outbox.create_index([(name, 1)], name=name)
    db.jobs.create_index([("purged_at", 1), ("firm", 1), ("since", 1)], name="kept")
    db.jobs.create_index([("purge_open", 1)], name="purge_open", sparse=True)
    db.jobs.create_index(
        [("repaired_job", 1)],
        name="repairs",
        partialFilterExpression={"repaired_job": {"$type": "string"}},
    )
    db.jobs.create_index(
        [("firm", 1), ("idempotency_key", 1)],
        name="idempotency",
        unique=True,
        partialFilterExpression={"idempotency_key": {"$type": "string"}},
    )
    db.tasks.create_index([("job", 1), ("revision", 1), ("step", 1), ("state", 1)], name="fan_in")
    db.tasks.create_index(
        [("firm", 1), ("service", 1), ("lane", 1), ("state", 1), ("opened_at", 1), ("n", 1)], name="admission"
    )
    db.tasks.create_index([("service", 1), ("state", 1), ("ring_at", 1)], name="sweep")
    for name in (
        "cells",
        "checks",
        "plans",
        "outcomes",
        "edits",
        "amended",
        "words",
        "named",
        "repairs",
        "undone",
    ):
        db[name].create_index([("job", 1)], name="job")
    for name in ("accounts", "contacts"):
        db[name].create_index([("firm", 1), ("keys", 1)], name="keys")
        db[name].create_index([("firm", 1), ("listed", 1), ("_id", 1), ("signs", 1)], name=LISTS)
        for part in LISTED_FEW:
            few = {part: {"$exists": True}}
            db[name].create_index([("firm", 1), (part, 1)], name=part, partialFilterExpression=few)
    db.profiles.create_index([("firm", 1), ("saved_at", -1)], name="latest")
    db.words.create_index([("job", 1), ("revision", 1), ("n", 1)], name="search")
    db.links.create_index([("firm", 1), ("contact", 1)], name="contact")
    db.webhooks.create_index([("firm", 1), ("created_at", 1)], name="firm")
    db.webhooks.create_index(
        [("disabled.mailed", 1)], name="to_be_mailed", partialFilterExpression={"disabled.mailed": False}
    )
    waiting = {"state": WAITING}
    db.deliveries.create_index([("due", 1), ("order", 1)], name="due", partialFilterExpression=waiting)
    db.deliveries.create_index([("lane", 1), ("order", 1)], name="lane", partialFilterExpression=waiting)
    db.deliveries.create_index([("webhook", 1), ("created_at", -1), ("_id", -1)], name="latest")
    db.deliveries.create_index([("created_at", 1)], name="kept", expireAfterSeconds=KEPT_DAYS * 24 * 3600)
    db.sendings.create_index([("status", 1), ("found", 1), ("look_at", 1)], name="status")
    db.sendings.create_index([("firm", 1), ("kind", 1), ("created_at", -1), ("_id", -1)], name="latest")
    queued = {"status": QUEUED}
    db.letters.create_index([("sendings", 1), ("due", 1)], name="due", partialFilterExpression=queued)
    db.letters.create_index(
        [("token", 1)], name="leased", partialFilterExpression={"token": {"$type": "string"}}
    )
    db.letters.create_index([("sendings", 1), ("status", 1)], name="states")
    db.letters.create_index([("firm", 1), ("kind", 1), ("status", 1)], name="status")
    for name in ("sessions", "used_links"):
        db[name].create_index([("ends_at", 1)], name="ends_at", expireAfterSeconds=0)
    db["files.files"].create_index([("filename", 1)], name="filename")
    db["files.files"].create_index(
        [("metadata.firm", 1)], name="arriving", partialFilterExpression={"metadata.upload.open": True}
    )
    db["files.chunks"].create_index([("files_id", 1), ("n", 1)], unique=True)
