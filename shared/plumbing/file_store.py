"""Uploaded files, kept in GridFS under our own ids with their length and SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from bson import ObjectId
from gridfs import GridFSBucket
from gridfs.errors import NoFile

from shared.contract.documents.job import Source
from shared.plumbing.mongo import Database

BUCKET = "files"
HEAD = 1 << 16


def file_key(firm: str, file_id: str) -> str:
    """The id that a file of a firm has in the database."""
    return f"{firm}/{file_id}"


class FileTooLarge(Exception):
    """The file is larger than the firm may send; `limit` in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class FileWriter:
    """A file on its way in; nothing is kept unless `close` is called. `head` has its first bytes."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._hash = hashlib.sha256()
        self.bytes = 0
        self.head = b""

    def write(self, data: bytes) -> int:
        """Add bytes; raises `FileTooLarge` past the limit."""
        self.bytes += len(data)
        if self.bytes > self._limit:
            self.abort()
            raise FileTooLarge(self._limit)
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
        self._hash.update(data)
        self._stream.write(data)
        return len(data)

    def close(self) -> str:
        """Keep the file; gives its SHA-256 in hex."""
        digest = self._hash.hexdigest()
        self._stream.close()
        return digest

    def abort(self) -> None:
        """Remove what was written."""
        if not self._stream.closed:
            self._stream.abort()


class FileStore:
    """Files of one firm; an id is only valid together with the firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.firm = firm
        self._bucket = GridFSBucket(db, BUCKET)
        self._files, self._pieces = db[f"{BUCKET}.files"], db[f"{BUCKET}.chunks"]

    def create(self, file_id: str, limit: int) -> FileWriter:
        """Begin a file of at most `limit` bytes."""
        stream = self._bucket.open_upload_stream_with_id(
            self._key(file_id), file_id, metadata={"firm": self.firm}
        )
        return FileWriter(stream, limit)

    def note_source(self, file_id: str, source: Source) -> None:
        """Keep what is known of a file that waits for its job."""
        self._files.update_one({"_id": self._key(file_id)}, {"$set": {"metadata.source": source}})

    def source_of(self, file_id: str) -> Source | None:
        """What `note_source` kept; None where there is no such file."""
        found = self._files.find_one({"_id": self._key(file_id), "metadata.source": {"$exists": True}})
        return cast("Source", found["metadata"]["source"]) if found else None

    def arrived_of(self, file_id: str) -> tuple[int, int] | None:
        """Of a file that is still arriving: how many bytes have, and how many it will have; None of all others."""
        found = self._files.find_one({"_id": self._key(file_id), "metadata.upload.open": True})
        return (found["length"], found["metadata"]["upload"]["bytes"]) if found else None

    def fetch(self, file_id: str, to: Path) -> None:
        """Copy a file to disk; raises `KeyError` where there is none."""
        try:
            with to.open("wb") as target:
                self._bucket.download_to_stream(self._key(file_id), target)
        except NoFile:
            raise KeyError(file_id) from None

    def put(self, file_id: str, content: bytes) -> None:
        """Keep a small file that we made ourselves, in place of an earlier one of that id."""
        self.delete(file_id)
        self._bucket.upload_from_stream_with_id(
            self._key(file_id), file_id, content, metadata={"firm": self.firm}
        )

    def put_file(self, file_id: str, path: Path) -> None:
        """Keep a file that we made ourselves on disk, in place of an earlier one of that id."""
        self.delete(file_id)
        with path.open("rb") as content:
            self._bucket.upload_from_stream_with_id(
                self._key(file_id), file_id, content, metadata={"firm": self.firm}
            )

    def open(self, file_id: str) -> IO[bytes]:
        """A file to read from; raises `KeyError` where there is none."""
        try:
            return cast("IO[bytes]", self._bucket.open_download_stream(self._key(file_id)))
        except NoFile:
            raise KeyError(file_id) from None

    def delete(self, file_id: str) -> None:
        """Remove a file; harmless where there is none."""
        try:
            self._bucket.delete(self._key(file_id))
        except NoFile:
            return

    def forget(self, job_id: str) -> None:
        """Remove the file of a job and those made of it, whose ids begin with the job's and a full stop.

        Pieces are looked for by themselves, because a removal that was cut off leaves them without their file.
        """
        own = {"$gte": self._key(job_id), "$lt": f"{self._key(job_id)}/"}
        self._files.delete_many({"_id": own})
        self._pieces.delete_many({"files_id": own})

    def _key(self, file_id: str) -> str:
        return file_key(self.firm, file_id)


def kept_before(db: Database, before: datetime) -> Iterator[tuple[str, str]]:
    """The firm and the job of each file that was kept before then; a file is kept before its job is."""
    for file in db[f"{BUCKET}.files"].find({"uploadDate": {"$lt": before}}, {"_id": 1}):
        firm, _, file_id = file["_id"].partition("/")
        yield firm, file_id.partition(".")[0]


def sweep_pieces(db: Database, before: datetime) -> int:
    """Remove pieces of uploads that began before then and never ended; gives how many files they belonged to.

    A driver must not clean up after a broken write (GridFS specification), so pieces without a file document
    stay. Its own id says when one was written.
    """
    pieces = db[f"{BUCKET}.chunks"]
    oldest = ObjectId.from_datetime(before)
    known = db[f"{BUCKET}.files"]
    orphans = [
        group["_id"]
        for group in pieces.aggregate(
            [{"$match": {"n": 0, "_id": {"$lt": oldest}}}, {"$group": {"_id": "$files_id"}}]
        )
        if known.find_one({"_id": group["_id"]}, {"_id": 1}) is None
    ]
    for file_id in orphans:
        pieces.delete_many({"files_id": file_id})
    return len(orphans)
