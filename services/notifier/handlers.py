"""The step `notify`: keep the list of skipped rows, then send one mail to each recipient."""

from __future__ import annotations

import hashlib
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from services.notifier.job_lists import skipped_id, write_skipped
from services.notifier.mails.composing import News, compose, envelope_sender, mailbox, message_id
from services.notifier.mails.sending import MailServer, NotNow, Refused, Unreachable, mail_server, send
from shared.contract.documents.job import Job, Notice
from shared.contract.documents.sending import Recipients
from shared.contract.job import Status, loaded_at, recipients, settings_of
from shared.contract.sendings import INVITATION, chooses_invitations
from shared.plumbing import clock
from shared.plumbing.bus import TryLater
from shared.plumbing.file_store import FileStore
from shared.plumbing.job_view import result_of, rows_listed, undo_of
from shared.plumbing.log import log
from shared.plumbing.mongo import is_passing
from shared.plumbing.row_store import RowStore
from shared.plumbing.sending_store import SendingStore
from shared.plumbing.task_store import TaskStore
from shared.plumbing.worker import Done, Handler, Work

NOTE_AT_MOST_SECONDS = 120.0


def notify(work: Work) -> Done:
    """Keep the list that the mail links to, then send one mail to each recipient."""
    if work.job["status"] == Status.IMPORTED:
        _keep_skipped(work)
        _invite_chosen(work)
    if work.job["status"] in (Status.IMPORTED, Status.UNDONE):
        for earlier in work.jobs.repaired_chain(work.job):
            _replace_skipped(work, earlier)
    return Done({"mails": _send_mails(work)})


# invitations that the settings chose


def _invite_chosen(work: Work) -> None:
    """Have the contacts invited for whose links the settings chose it; an earlier attempt may have done it."""
    job = work.job
    if not work.settings.invitation_url or job.get("purged_at") or not chooses_invitations(settings_of(job)):
        return
    name = hashlib.blake2b(f"{job['_id']}|{job['revision']}".encode(), digest_size=12).hexdigest()
    which: Recipients = {"job": job["_id"], "chosen": True}
    SendingStore(work.db, job["firm"]).ask(INVITATION, which, job["created_by"], job["locale"], name=name)


# the list of skipped rows


def _keep_skipped(work: Work) -> None:
    """Keep the list, unless an earlier attempt did; a file is kept whole or not at all."""
    job = work.job
    if _has_list(job) and not _is_kept(work.files, skipped_id(job["_id"])):
        _write_and_keep(work, work.rows, job)


def _replace_skipped(work: Work, job: Job) -> None:
    """Replace the list of an earlier job, after this job loaded some of its skipped rows, or was undone."""
    work.files.delete(skipped_id(job["_id"]))
    if job["status"] != Status.IMPORTED:
        return
    if _has_list(job):
        _write_and_keep(work, RowStore(work.db, job["firm"], job["_id"]), job)
    else:
        work.jobs.write(job, "notifier", left_out={})


def _has_list(job: Job) -> bool:
    return bool(rows_listed(job)) and not job.get("purged_at")


def _write_and_keep(work: Work, rows: RowStore, job: Job) -> None:
    with tempfile.TemporaryDirectory(prefix="carryover-") as folder:
        path = Path(folder) / "skipped.zip"
        with path.open("wb") as target:
            reasons = write_skipped(target, rows, job, job["locale"], work.go_on)
        work.go_on()
        work.jobs.write(job, "notifier", left_out=dict(reasons))
        work.files.put_file(skipped_id(job["_id"]), path)


def _is_kept(files: FileStore, identity: str) -> bool:
    try:
        files.open(identity).close()
    except KeyError:
        return False
    return True


# mails


def _send_mails(work: Work) -> int:
    """Send the mails that were not sent yet; gives how many. Raises `TryLater` where one must wait."""
    server = mail_server(work.settings.smtp_url)
    news = _news(work)
    sent, postponed = 0, None
    for to in recipients(work.job):
        work.go_on()
        notices = work.jobs.get(work.job["_id"])["notices"]
        if any(_is_of(notice, news, to) for notice in notices):
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


def _is_of(notice: Notice, news: News, to: str) -> bool:
    """Whether a notice records this mail. The attempt counts, because a job may fail again when it is undone."""
    return (notice["to"], notice["status"], notice.get("revision", 1)) == (to, news.status, news.attempt)


def _undo_until(work: Work) -> date | None:
    """The last day for undo, in the time zone of the firm; None where it cannot be undone."""
    reference, ended = work.directory.reference(), loaded_at(work.job)
    days = work.directory.days("undo_days", work.settings.undo_days)
    if ended is None or not days:
        return None
    return (ended + timedelta(days=days)).astimezone(ZoneInfo(reference["locale"]["time_zone"])).date()


def _news(work: Work) -> News:
    job, tasks = work.job, TaskStore(work.db)
    reason = job["reason"]
    before = job["history"][-2]["status"] if len(job["history"]) > 1 else None
    return News(
        job=job["_id"],
        status=job["status"],
        lang=job["locale"],
        file=job["source"]["name"],
        rows=job["source"].get("rows"),
        numbers=(undo_of(job, tasks) if job["status"] == Status.UNDONE else None) or result_of(job, tasks),
        public_url=work.settings.public_url,
        reason=reason["code"] if reason else None,
        reason_params=reason["params"] if reason else {},
        undoing=before == Status.UNDOING,
        attempt=job["revision"],
        undo_until=_undo_until(work) if job["status"] == Status.IMPORTED else None,
    )


def _send(work: Work, server: MailServer, news: News, to: str) -> Notice:
    """Send one mail; gives its notice, also where the server will never take it."""
    sender, now = envelope_sender(work.settings.mail_from), clock.now()
    notice: Notice = {
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
    return {**notice, "sent_at": clock.now()}


def _note(work: Work, notices: list[Notice]) -> None:
    """Write the notices, with attempts for some time: a mail without its notice would be sent again."""
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
