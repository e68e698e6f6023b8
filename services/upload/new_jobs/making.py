"""Makes the job of a file or of rows that somebody sent."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec import convert

from services.upload.ingest.reader import check_overrides
from services.upload.model.source import Overrides, ReadError
from services.upload.new_jobs.sent_rows import SentRow, rows_as_file
from shared.contract.bounded import MOST_NAME
from shared.contract.documents import job as documents
from shared.contract.job import new_job
from shared.plumbing import clock
from shared.plumbing.auth import Caller
from shared.plumbing.file_store import FileStore
from shared.plumbing.flow import Flow
from shared.plumbing.job_store import JobStore, KeyTaken, NoSuchJob
from shared.plumbing.mongo import DuplicateKeyError
from shared.plumbing.outgoing import check_url
from shared.plumbing.problem import Problem
from shared.plumbing.settings import Network

OVERRIDES = ("encoding", "delimiter", "quote", "sheet", "header_row", "leave_out_hidden")


class Received(NamedTuple):
    """What a request brought: its options, and the source of a file that is in the store."""

    options: documents.Options
    source: documents.Source


@dataclass(frozen=True)
class Asking:
    """Who asks, and the stores of their firm."""

    caller: Caller
    jobs: JobStore
    files: FileStore
    flow: Flow

    def make_job(self, job_id: str, received: Received, key: str | None) -> documents.Job:
        """Make the job of a file; the same idempotency key and request give the job that was made before.

        Raises `Problem` `idempotency_conflict` for another request under the same key.
        """
        options, source = received
        caller = self.caller
        job = new_job(
            job_id,
            caller.firm,
            options.get("kind", "accounts_and_contacts"),
            options,
            {**source, "overrides": overrides_in(options)},
            {
                "id": caller.id,
                "email": caller.email,
                "locale": caller.locale,
                "rights": list(caller.rights()),
            },
            clock.now(),
            repairs=options.get("repairs"),
        )
        if key:
            job["idempotency_key"] = key
            job["idempotency_print"] = request_fingerprint(source["sha256"], source["name"], options)
        try:
            self.jobs.add(job)
        except KeyTaken as taken:
            if taken.job["_id"] != job_id:
                self.files.delete(job_id)
            if taken.job["idempotency_print"] != job.get("idempotency_print"):
                raise Problem("idempotency_conflict") from None
            return taken.job
        return self.flow.arrived(job)

    def make_job_of_upload(
        self, claim: str, options: documents.Options, key: str | None
    ) -> tuple[documents.Job, bool]:
        """Make the job of a file that was uploaded before; true where the same request made it already.

        The claim becomes the id of the job. Raises `Problem` `unknown_claim` where there is no such upload, or another
        request has used it, and `upload_unfinished` where bytes are missing.
        """
        source, made = self.files.source_of(claim), self._made(claim)
        if source is None or (made and not (key and made.get("idempotency_key") == key)):
            if arrived := self.files.arrived_of(claim):
                raise Problem("upload_unfinished", offset=arrived[0], bytes=arrived[1])
            raise Problem("unknown_claim", claim=claim)
        try:
            job = self.make_job(claim, Received(options, source), key)
        except DuplicateKeyError:  # without a key, two requests at the same moment
            raise Problem("unknown_claim", claim=claim) from None
        return job, bool(made) or job["_id"] != claim

    def _made(self, job_id: str) -> documents.Job | None:
        """The job of a claim that was used."""
        try:
            return self.jobs.brief(job_id)
        except NoSuchJob:
            return None

    def keep_rows(
        self, job_id: str, name: str, rows: Sequence[SentRow], options: documents.Options
    ) -> Received:
        """Put rows into the store as a CSV file."""
        return self.keep_content(job_id, name, rows_as_file(rows), options)

    def keep_content(self, job_id: str, name: str, content: bytes, options: documents.Options) -> Received:
        """Put a file into the store."""
        self.files.put(job_id, content)
        sha256 = hashlib.sha256(content).hexdigest()
        return Received(options, {"name": shown_name(name), "bytes": len(content), "sha256": sha256})


def request_fingerprint(sha256: str, name: str, options: documents.Options) -> str:
    """Give the same text for requests with the same bytes, name and options."""
    text = json.dumps([sha256, name, options], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


#: Categories of characters that nobody sees, or that turn the direction of writing: controls, formats, line ends.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shown_name(given: str | None, otherwise: str = "upload") -> str:
    """Give the name of a file on one line, without characters that cannot be seen; of a long name the end."""
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in given or "")
    return " ".join(seen.split())[-MOST_NAME:].strip() or otherwise


def overrides_in(body: Mapping[str, object]) -> documents.Overrides:
    """Give what a request decides of how its file is read; null leaves a choice to detection."""
    chosen = {name: body[name] for name in OVERRIDES if body.get(name) is not None}
    return convert(chosen, documents.Overrides)


def refuse_overrides(overrides: documents.Overrides, sheets: Sequence[str] | None = None) -> None:
    """Raise the problem of overrides that no file can be read with; `sheets` are checked only where they are known."""
    try:
        check_overrides(Overrides(**overrides), sheets)
    except ReadError as error:
        raise refusal(error, status=422) from error


def refuse_options(options: documents.Options, callable_networks: Sequence[Network]) -> None:
    """Raise the problem of options that no import can be made with.

    `callable_networks` are those of the platform whose addresses a `callback_url` may name.
    """
    refuse_overrides(overrides_in(options))
    if "callback_url" in options:
        check_url(options["callback_url"], callable_networks)


def refusal(error: ReadError, status: int | None = None) -> Problem:
    """Turn a file that cannot be read into an answer; without `status` it has the usual one of its code."""
    problem = Problem(error.code, status=status)
    problem.params.update(error.params)
    return problem
