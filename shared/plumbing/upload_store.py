"""Uploads that arrive in several requests: files in GridFS that grow at their end.

Each batch of bytes is written in one transaction with the length of the file, under the lease of one request. So the
length is always what has arrived, a process that is killed loses only its last batch, and a request that lost its lease
writes nothing. The last batch is written with the source of the file, which makes its claim usable.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import Int64
from bson.binary import Binary
from pymongo import ReturnDocument

from shared.plumbing import clock
from shared.plumbing.claims import UNCLAIMED, claimed
from shared.plumbing.file_store import BUCKET, HEAD, file_key
from shared.plumbing.mongo import ClientSession, Database, Document, in_transaction

#: Bytes of a piece, as GridFS has it by default (https://github.com/mongodb/specifications, GridFS).
PIECE = 255 * 1024
#: A request writes what has arrived after so many bytes, or after so many seconds.
BATCH_BYTES, BATCH_SECONDS = 8 * PIECE, 2.0
#: How long a request that brings nothing keeps others away; and how long reading the whole file again may take.
LEASE_SECONDS, HASH_SECONDS = 10.0, 120.0
#: Pieces that are read at once.
READ_PIECES = 64

#: Of files that are still arriving.
_OPEN = {"metadata.upload.open": True}


class NoSuchUpload(Exception):
    """The firm has no such upload, or it has ended."""


class Busy(Exception):
    """Another request is sending this upload, or has taken it over."""


class WrongOffset(Exception):
    """The part does not begin where the upload ends; `offset` is where."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(frozen=True)
class Upload:
    """What is known of an upload: of `bytes` in all, `offset` have arrived.

    `described` is the text that came with its creation, `at` when something arrived last. `sha256` is there when the
    file is whole.
    """

    claim: str
    name: str
    bytes: int
    offset: int
    described: str
    at: datetime
    sha256: str | None


class UploadStore:
    """Uploads of one firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.firm = firm
        self._db = db
        self._files, self._pieces = db[f"{BUCKET}.files"], db[f"{BUCKET}.chunks"]

    def create(self, claim: str, name: str, size: int, described: str) -> Upload:
        """Begin an upload of `size` bytes."""
        about = {"name": name, "bytes": Int64(size), "described": described, "open": True}
        self._files.insert_one(
            {
                "_id": file_key(self.firm, claim),
                "filename": claim,
                "chunkSize": PIECE,
                "length": Int64(0),
                "uploadDate": clock.now(),
                "metadata": {"firm": self.firm, "upload": about},
            }
        )
        return self.find(claim)

    def open_ones(self) -> tuple[int, int]:
        """How many uploads of the firm are not whole yet, and the bytes that they will have in all."""
        total = {"$group": {"_id": None, "count": {"$sum": 1}, "bytes": {"$sum": "$metadata.upload.bytes"}}}
        found = next(self._files.aggregate([{"$match": {"metadata.firm": self.firm, **_OPEN}}, total]), None)
        return (found["count"], found["bytes"]) if found else (0, 0)

    def find(self, claim: str) -> Upload:
        """One upload; raises `NoSuchUpload`."""
        found = self._files.find_one(
            {"_id": file_key(self.firm, claim), "metadata.upload": {"$exists": True}}
        )
        if found is None:
            raise NoSuchUpload(claim)
        return _upload(found)

    def take(self, claim: str, offset: int, check: Callable[[bytes], None]) -> Appending:
        """Begin to add bytes at `offset`, and keep others away meanwhile.

        `check` gets the head of the file as soon as it has arrived, before it is kept. Raises `NoSuchUpload`,
        `WrongOffset`, and `Busy` where another request adds to it.
        """
        token = secrets.token_hex(12)
        taken = self._files.find_one_and_update(
            {"_id": file_key(self.firm, claim), **_OPEN, "length": offset, **UNCLAIMED},
            [{"$set": {"claim": claimed(token, LEASE_SECONDS)}}],
            return_document=ReturnDocument.AFTER,
        )
        if taken is not None:
            return Appending(self._db, taken, token, check)
        if (now := self.find(claim)).offset != offset:
            raise WrongOffset(now.offset)
        raise Busy(claim)

    def remove(self, claim: str) -> None:
        """Remove an upload that no job uses; raises `NoSuchUpload`."""
        key = file_key(self.firm, claim)
        if not self._files.delete_one({"_id": key, "metadata.upload": {"$exists": True}}).deleted_count:
            raise NoSuchUpload(claim)
        self._pieces.delete_many({"files_id": key})


class Appending:
    """Adds bytes to the end of an upload, as the only one who does."""

    def __init__(self, db: Database, file: Document, token: str, check: Callable[[bytes], None]) -> None:
        self._db, self._token, self._check = db, token, check
        self._files, self._pieces = db[f"{BUCKET}.files"], db[f"{BUCKET}.chunks"]
        self._key: str = file["_id"]
        #: bytes of the whole file
        self.size: int = file["metadata"]["upload"]["bytes"]
        self._name: str = file["metadata"]["upload"]["name"]
        #: bytes that are kept
        self.offset: int = file["length"]
        self._hash = hashlib.sha256() if not self.offset else None
        # the last piece that is not full is written again with what follows it
        self._waiting = bytearray(self._last_piece())
        self._kept_of_waiting = len(self._waiting)
        self._kept_at = time.monotonic()

    @property
    def arrived(self) -> int:
        """Bytes that have arrived, kept or not."""
        return self.offset - self._kept_of_waiting + len(self._waiting)

    @property
    def missing(self) -> int:
        """Bytes that have not arrived."""
        return self.size - self.arrived

    def write(self, data: bytes) -> None:
        """Add bytes, at most those that are missing; raises what `check` raises, and `Busy` where the lease is lost."""
        self._waiting += data
        if self._hash:
            self._hash.update(data)
        news = len(self._waiting) - self._kept_of_waiting
        due = news >= BATCH_BYTES or time.monotonic() - self._kept_at > BATCH_SECONDS
        if due and self.missing:
            self._keep({"$set": {"claim": claimed(self._token, LEASE_SECONDS)}})

    def close(self) -> None:
        """Keep what has arrived, and let others add; a file that is whole gets its source."""
        if self.missing:
            self._keep({"$unset": "claim"})
            return
        source = {"name": self._name, "bytes": self.size, "sha256": self._sha256()}
        self._keep(
            {"$set": {"metadata.source": {"$literal": source}}}, {"$unset": ["claim", "metadata.upload.open"]}
        )

    def _keep(self, *changes: Document) -> None:
        """Write what waits and the new length at once; raises `Busy` where another request has the lease."""
        first, arrived, waiting = self.offset // PIECE, self.arrived, bytes(self._waiting)
        self._check_head(waiting, arrived)
        grown = {"$set": {"length": Int64(arrived), "uploadDate": clock.now()}}
        pieces = [
            {"files_id": self._key, "n": first + n, "data": Binary(waiting[at : at + PIECE])}
            for n, at in enumerate(range(0, len(waiting), PIECE))
        ]

        def write(session: ClientSession) -> None:
            own = {"_id": self._key, "claim.token": self._token}
            if not self._files.update_one(own, [grown, *changes], session=session).matched_count:
                raise Busy(self._key)
            if self._kept_of_waiting:
                self._pieces.delete_one({"files_id": self._key, "n": first}, session=session)
            if pieces:
                self._pieces.insert_many(pieces, session=session)

        in_transaction(self._db, write)
        self.offset, self._kept_at = arrived, time.monotonic()
        del self._waiting[: len(waiting) - arrived % PIECE]
        self._kept_of_waiting = len(self._waiting)

    def _check_head(self, waiting: bytes, arrived: int) -> None:
        """Have the head checked once, when it is whole or the file is; it is in the first piece."""
        if self.offset < HEAD and (arrived >= HEAD or arrived == self.size):
            self._check(waiting[:HEAD])

    def _last_piece(self) -> bytes:
        """The last piece, where it is not full."""
        if not self.offset % PIECE:
            return b""
        found = self._pieces.find_one({"files_id": self._key, "n": self.offset // PIECE})
        assert found is not None, "bytes and length are written at once"
        return bytes(found["data"])

    def _sha256(self) -> str:
        """Of the whole file: of what went through here, or of what is kept and what waits."""
        if self._hash:
            return self._hash.hexdigest()
        own = {"_id": self._key, "claim.token": self._token}
        self._files.update_one(own, [{"$set": {"claim": claimed(self._token, HASH_SECONDS)}}])
        digest = hashlib.sha256()
        for piece in self._full_pieces():
            digest.update(piece)
        digest.update(self._waiting)
        return digest.hexdigest()

    def _full_pieces(self) -> Iterator[bytes]:
        """The pieces that are kept and full, in their order; some at a time, because a query may take seconds only."""
        end = self.offset // PIECE
        for first in range(0, end, READ_PIECES):
            numbers: dict[str, Any] = {"$gte": first, "$lt": min(first + READ_PIECES, end)}
            for piece in self._pieces.find({"files_id": self._key, "n": numbers}).sort("n", 1):
                yield piece["data"]


def _upload(file: Document) -> Upload:
    about = file["metadata"]["upload"]
    return Upload(
        claim=file["filename"],
        name=about["name"],
        bytes=about["bytes"],
        offset=file["length"],
        described=about["described"],
        at=file["uploadDate"],
        sha256=file["metadata"].get("source", {}).get("sha256"),
    )
