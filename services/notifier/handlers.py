"""Tells people what became of a job: first the list of skipped rows is made, then the mails are sent."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from services.notifier.composing import News, compose, envelope_sender, mailbox, message_id
from services.notifier.sending import MailServer, NotNow, Refused, Unreachable, mail_server, send
from services.notifier.skipped import SKIPPED, Columns, write_archive
from shared.contract.job import Status, loaded_at
from shared.plumbing.bus import TryLater
from shared.plumbing.file_store import FileStore
from shared.plumbing.job_view import result_of, undo_of
from shared.plumbing.log import log
from shared.plumbing.mongo import is_passing
from shared.plumbing.row_store import RowStore
from shared.plumbing.task_store import TaskStore
from shared.plumbing.worker import Done, Handler, Work

NOTE_AT_MOST_SECONDS = 120.0


def notify(work: Work) -> Done:
    """Make what the mail points to, then send one mail per recipient."""
    job = work.job
    if job["status"] == Status.IMPORTED and job["result"]["rows_skipped"] and not job.get("purged_at"):
        _keep_skipped(work)
    return Done({"mails": _tell(work)})


# the list of skipped rows


def skipped_id(job_id: str) -> str:
    """Under which id the list of skipped rows is kept."""
    return f"{job_id}.skipped"


def write_skipped(
    target: IO[bytes], rows: RowStore, job: dict[str, Any], go_on: Callable[[], None] = lambda: None
) -> int:
    """Write the zipped list of a job's skipped rows; gives how many there were.

    `go_on` is called for each chunk and may raise to stop the work.
    """
    source = job["source"]
    columns = Columns([column["header"] for column in source["column_list"]])
    chunks = _chunks_with_skipped(rows, job, go_on)
    return write_archive(target, columns, source.get("delimiter"), chunks, job["locale"])


def _chunks_with_skipped(
    rows: RowStore, job: dict[str, Any], go_on: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    revision, source = job["revision"], job["source"]
    for outcomes in rows.each("outcomes", revision, len(source["chunks"]), "n", "outcomes", "reasons"):
        go_on()
        if SKIPPED in outcomes["outcomes"]:
            n = outcomes["n"]
            yield {
                "outcomes": outcomes,
                "cells": rows.cells(source["revision"], n),
                "problems": rows.problems(revision, n),
                "buckets": rows.plan(revision, n, "buckets")["buckets"],
            }


def _keep_skipped(work: Work) -> None:
    """Keep the list; a second attempt finds it there, because files are kept whole or not at all."""
    identity = skipped_id(work.job["_id"])
    if _is_kept(work.files, identity):
        return
    with tempfile.TemporaryDirectory(prefix="carryover-") as folder:
        path = Path(folder) / "skipped.zip"
        with path.open("wb") as target:
            write_skipped(target, work.rows, work.job, work.go_on)
        work.go_on()
        work.files.put_file(identity, path)


def _is_kept(files: FileStore, identity: str) -> bool:
    try:
        files.open(identity).close()
    except KeyError:
        return False
    return True


# mails


def recipients(job: dict[str, Any]) -> list[str]:
    """Who is told: those whom the options name, else the importer; each address once."""
    named = job["options"].get("notify")
    if named is None:
        named = [job["created_by_email"]] if job["created_by_email"] else []
    once: dict[str, str] = {}
    for address in named:
        once.setdefault(address.casefold(), address)
    return list(once.values())


def _tell(work: Work) -> int:
    """Send what was not sent yet; gives the number of mails, raises `TryLater` when one could not go out."""
    server = mail_server(work.settings.smtp_url)
    news = _news(work)
    sent, postponed = 0, None
    for to in recipients(work.job):
        work.go_on()
        notices = work.jobs.get(work.job["_id"])["notices"]
        if any(_says(notice, news, to) for notice in notices):
            continue
        try:
            notice = _send(work, server, news, to)
        except Unreachable as error:
            raise TryLater(f"mail server: {error}") from error
        except NotNow as error:
            postponed = error
            continue
        _note(work, [*notices, notice])
        sent += notice["sent_at"] is not None
    if postponed:
        raise TryLater(f"mail server: {postponed}") from postponed
    return sent


def _says(notice: dict[str, Any], news: News, to: str) -> bool:
    """Whether a notice is of this mail; a job may fail once more when it is taken back."""
    return (notice["to"], notice["status"], notice.get("revision", 1)) == (to, news.status, news.attempt)


def _undo_until(work: Work) -> date | None:
    """The last day on which the import can be taken back, where the firm is."""
    reference, ended = work.directory.reference(), loaded_at(work.job)
    own = reference["retention"]["undo_days"]
    days = work.settings.undo_days if own is None else own
    if ended is None or not days:
        return None
    return (ended + timedelta(days=days)).astimezone(ZoneInfo(reference["locale"]["time_zone"])).date()


def _news(work: Work) -> News:
    job, tasks = work.job, TaskStore(work.db)
    reason = job["reason"] or {}
    before = job["history"][-2]["status"] if len(job["history"]) > 1 else None
    return News(
        job=job["_id"],
        status=job["status"],
        lang=job["locale"],
        file=job["source"]["name"],
        rows=job["source"].get("rows"),
        numbers=(undo_of(job, tasks) if job["status"] == Status.UNDONE else None) or result_of(job, tasks),
        public_url=work.settings.public_url,
        reason=reason.get("code"),
        reason_params=reason.get("params", {}),
        undoing=before == Status.UNDOING,
        attempt=job["revision"],
        undo_until=_undo_until(work) if job["status"] == Status.IMPORTED else None,
    )


def _send(work: Work, server: MailServer, news: News, to: str) -> dict[str, Any]:
    """Send one mail; gives the notice to write down, also of a mail that will never be taken."""
    sender, now = envelope_sender(work.settings.mail_from), datetime.now(UTC)
    notice: dict[str, Any] = {
        "to": to,
        "status": news.status,
        "revision": news.attempt,
        "message_id": message_id(news.job, news.status, news.attempt, to, sender),
        "sent_at": None,
    }
    try:
        address = mailbox(to)
    except ValueError:
        log.warning("mail not sent", error="invalid_address")
        return {**notice, "error": "invalid_address"}
    try:
        send(server, compose(news, work.settings.mail_from, to, now), sender, address)
    except Refused as error:
        log.warning("mail refused", error=error.code)
        return {**notice, "error": str(error.code)}
    log.info("mail sent", status=news.status)
    return {**notice, "sent_at": datetime.now(UTC)}


def _note(work: Work, notices: list[dict[str, Any]]) -> None:
    """Write down what was sent, trying for some time: giving up at once would send the mail again."""
    end = time.monotonic() + NOTE_AT_MOST_SECONDS
    while True:
        try:
            work.jobs.note(work.job["_id"], "notifier", notices=notices)
            return
        except Exception as error:
            if not is_passing(error) or time.monotonic() > end:
                raise
            log.warning("notice not written yet", error=repr(error))
        time.sleep(0.5)


HANDLERS = {"notify": Handler(notify)}
