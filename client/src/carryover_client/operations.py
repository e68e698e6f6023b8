"""What can be asked of the API, as steps that `http.py` runs: uploads, following a job, results, files, records."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import IO, TypedDict, TypeVar, cast
from urllib.parse import quote

from carryover_client.answers import ENDS, Job, KeptFile, Moment, Record, Report, Result
from carryover_client.calls import Call, Pause, Steps, answered, pause_after
from carryover_client.errors import CarryoverError, JobStopped, ServerFault, TimedOut, Unreachable, WrongState
from carryover_client.parts import LARGE_FILE, OnClaim, sent_in_parts
from carryover_client.sent_file import SentFile

Document = TypeVar("Document")
Options = Mapping[str, object]
Row = Mapping[str, object]
#: Is called with the job whenever its status or its progress has changed.
OnMoment = Callable[[Moment], None]

#: Statuses of a job that was started; and those of one that is being undone.
STARTED = frozenset({"confirmed", "imported", "undoing", "undone"})
UNDOING = frozenset({"undoing", "undone"})
#: Records in a page.
PAGE = 200
#: Seconds for which a call waits for a change of a job; proxies let an answer take a minute.
LONGEST_WAIT = 20


def _json(call: Call, _kind: type[Document]) -> Steps[Document]:
    """The answer of a call; its type is what openapi.json says of it."""
    reply = yield from answered(call)
    document = reply.document()
    if not isinstance(document, dict):
        raise CarryoverError(f"{call.path} is answered, but not by Carryover. Is the url right?")
    return cast("Document", document)


def upload(
    file: SentFile,
    options: Options,
    key: str | None,
    resume: str | None = None,
    on_claim: OnClaim | None = None,
) -> Steps[Job]:
    """Send a file; a new try has the same key, and so makes no second job.

    A large file goes in parts, and its claim makes the job; the claim is the key where none is given, so that another
    process that goes on makes no second job either. Repaired rows may belong to a job that exists: they go as a form.
    """
    if resume is None and (file.size <= LARGE_FILE or "repairs" in options):
        form = {"options": json.dumps(dict(options))}
        call = Call("POST", "/jobs", headers={"Idempotency-Key": key or new_key()}, form=form, file=file)
        return (yield from _json(call, Job))
    claim = yield from sent_in_parts(file, resume, on_claim)
    body = {"claim": claim, "options": dict(options)}
    return (
        yield from _json(Call("POST", "/jobs", headers={"Idempotency-Key": key or claim}, body=body), Job)
    )


def new_key() -> str:
    """A key that nobody else has: the same key and list give the same job."""
    return uuid.uuid4().hex


def send_rows(rows: Sequence[Row], options: Options, key: str, name: str) -> Steps[Job]:
    """Send rows as JSON."""
    body = {"name": name, "rows": [dict(row) for row in rows], "options": dict(options)}
    call = Call("POST", "/jobs", headers={"Idempotency-Key": key}, body=body)
    return (yield from _json(call, Job))


def keep(file: SentFile) -> Steps[KeptFile]:
    """Send a file that a request over RabbitMQ names later; a file that nobody names is removed after a day."""
    if file.size <= LARGE_FILE:
        return (yield from _json(Call("POST", "/uploads", file=file), KeptFile))
    claim = yield from sent_in_parts(file, None, None)
    return (yield from _json(Call("GET", f"/uploads/{claim}"), KeptFile))


class Page(TypedDict):
    """A page of a list, and the cursor of the next one."""

    items: list[object]
    next: str | None


def job(job_id: str) -> Steps[Job]:
    """The job now."""
    return (yield from _json(Call("GET", _at(job_id)), Job))


def jobs(cursor: str | None, limit: int) -> Steps[tuple[list[Job], str | None]]:
    """A page of the history, newest first, and the cursor of the next one."""
    query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
    page = yield from _json(Call("GET", "/jobs", query), Page)
    return cast("list[Job]", page["items"]), page["next"]


def result(job_id: str) -> Steps[Result]:
    """The numbers of an import."""
    return (yield from _json(Call("GET", _at(job_id, "result")), Result))


def report(job_id: str) -> Steps[Report]:
    """What a checked job will do."""
    return (yield from _json(Call("GET", _at(job_id, "report")), Report))


def confirm_mapping(job_id: str) -> Steps[Job]:
    """Confirm mapping and settings as they are now, so that the rows are checked."""
    after = STARTED | {"mapped", "validated"}
    return (yield from _moved(job_id, "map", after))


def start(job_id: str) -> Steps[Job]:
    """Start loading."""
    return (yield from _moved(job_id, "confirm", STARTED))


def cancel(job_id: str) -> Steps[Job]:
    """Stop a job."""
    return (yield from _moved(job_id, "cancel", frozenset({"cancelled"})))


def undo(job_id: str) -> Steps[Job]:
    """Undo an import."""
    return (yield from _moved(job_id, "undo", UNDOING))


def _moved(job_id: str, action: str, after: Collection[str]) -> Steps[Job]:
    """Move a job; one that already has a status of `after` was moved by an earlier try whose answer was lost."""
    lost = False
    call = Call("POST", _at(job_id, action), safe=False)
    for attempt in range(1, 7):
        try:
            return (yield from _json(call, Job))
        except Unreachable:
            lost = True
            if attempt == 6:
                raise
            yield Pause(pause_after(attempt))
        except WrongState:
            now = yield from job(job_id)
            if lost and now["status"] in after:
                return now
            raise
    raise AssertionError("not reached")


def wait(
    job_id: str, until: Collection[str], timeout: float | None, on_moment: OnMoment | None
) -> Steps[Job]:
    """Follow a job; see `Client.wait`."""
    ends = None if timeout is None else time.monotonic() + timeout
    reader = MomentReader(until, ends, on_moment)
    now = yield from job(job_id)
    while True:
        if (found := _arrived(now, until, settled=reader.ended)) is not None:
            return found
        if reader.is_late():
            raise TimedOut(f"Job {job_id} is {now['status']} after {timeout:g} seconds.")
        broke = not (yield from _followed(job_id, reader))
        now = yield from (_changed(now, reader) if broke else job(job_id))


def _followed(job_id: str, reader: MomentReader) -> Steps[bool]:
    """Read the events of a job since the last one that came; false where the stream broke."""
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": reader.last_id} if reader.last_id else {})}
    reader.stopped = reader.ended = False
    call = Call("GET", _at(job_id, "events"), headers=headers, sink=reader, patience=reader.left())
    try:
        yield from answered(call, tries=1)
    except (Unreachable, ServerFault):
        if not reader.is_late():
            # the next look at the job says whether the server is away for long
            yield Pause(1.0)
        return False
    reader.ended = not reader.stopped
    return True


def _changed(before: Job, reader: MomentReader) -> Steps[Job]:
    """The job as soon as it has changed, for want of events; a server that knows no versions answers at once."""
    query: dict[str, str] = {}
    left = int(min(LONGEST_WAIT, reader.left() or LONGEST_WAIT))
    if left and (version := before.get("version")):
        query = {"wait": str(left), "after": version}
    return (yield from _json(Call("GET", _at(before["id"]), query), Job))


def _arrived(now: Job, until: Collection[str], *, settled: bool = False) -> Job | None:
    """The job, if it is where it is waited for; raises `JobStopped` where it will not.

    An import that goes on by itself seems to wait for a person for a moment. So only a job that is `settled` does.
    """
    had = {line["status"] for line in now["history"] if line["revision"] == now["revision"]}
    if now["status"] in until or not had.isdisjoint(until):
        return now
    waits = now["waiting_for"]
    if now["status"] in ENDS or (settled and waits is not None and waits["who"] == "person"):
        if not until:
            return now
        raise JobStopped(now)
    return None


class MomentReader:
    """Reads Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of a job.

    It is the sink of the call: it stops the reading at a status of `until`, and when the time is over.
    """

    def __init__(self, until: Collection[str], ends: float | None, on_moment: OnMoment | None) -> None:
        self.until = until
        self.ends = ends
        self.on_moment = on_moment
        #: enough is read
        self.stopped = False
        #: the server has ended the stream, because the job is settled
        self.ended = False
        #: the id of the last whole event; "" from a server that gives none
        self.last_id = ""
        self._last: Moment | None = None
        self._event = _no_event()
        self._rest = b""

    def left(self) -> float | None:
        """The seconds left, at least a moment; None where nobody counts them."""
        return None if self.ends is None else max(self.ends - time.monotonic(), 0.01)

    def is_late(self) -> bool:
        """Whether the time is over."""
        return self.ends is not None and time.monotonic() >= self.ends

    def begin(self) -> None:
        """Forget half an event of a stream that broke."""
        self._rest = b""
        self._event = _no_event()

    def take(self, part: bytes) -> bool:
        """Read on; true when enough is read."""
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            self._take_line(line.removesuffix(b"\r").decode())
        self.stopped = self.stopped or self.is_late()
        return self.stopped

    def _take_line(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name in self._event:
            self._event[name] = value.removeprefix(" ")
        elif not line:
            event, self._event = self._event, _no_event()
            if event["data"]:
                self._take(event)

    def _take(self, event: Mapping[str, str]) -> None:
        content = json.loads(event["data"])
        if event["event"] == "status":  # one line of the history; the other parts follow
            moment = self._last and cast("Moment", {**self._last, **content})
        else:
            moment = self._last = cast("Moment", content)
        self.last_id = event["id"] or self.last_id
        if self.on_moment is not None and moment is not None:
            self.on_moment(moment)
        if content["status"] in self.until:
            self.stopped = True


def _no_event() -> dict[str, str]:
    return {"event": "", "data": "", "id": ""}


class Saved:
    """Writes a body into an open file; a new try begins where the first began."""

    def __init__(self, into: IO[bytes]) -> None:
        self.into = into
        self.size = 0
        self.again = into.seekable()
        self._begin = into.seek(0, os.SEEK_CUR) if self.again else 0

    def begin(self) -> None:
        """Remove what a try that broke has written."""
        if self.again:
            self.into.seek(self._begin)
            self.into.truncate()
        self.size = 0

    def take(self, part: bytes) -> bool:
        """Write a part; the reading goes on."""
        self.into.write(part)
        self.size += len(part)
        return False


def skipped(job_id: str, into: IO[bytes], workbook: bool) -> Steps[int]:
    """Write the skipped rows into an open file."""
    return (yield from download(_at(job_id, "skipped.xlsx" if workbook else "skipped.zip"), into))


def template(name: str, into: IO[bytes], lang: str | None) -> Steps[int]:
    """Write a template into an open file."""
    return (yield from download(f"/templates/{quote(name, safe='')}", into, {"lang": lang} if lang else {}))


def download(path: str, into: IO[bytes], query: Mapping[str, str] | None = None) -> Steps[int]:
    """Write a file of the API into an open one; gives its size in bytes."""
    saved = Saved(into)
    yield from answered(Call("GET", path, query or {}, sink=saved, safe=saved.again))
    return saved.size


def records(
    kind: str, cursor: str | None, filters: Mapping[str, str]
) -> Steps[tuple[list[Record], str | None]]:
    """A page of accounts or contacts, and the cursor of the next one."""
    query = {"limit": str(PAGE), **filters, **({"cursor": cursor} if cursor else {})}
    page = yield from _json(Call("GET", f"/{kind}", query), Page)
    return cast("list[Record]", page["items"]), page["next"]


def _at(job_id: str, part: str = "") -> str:
    path = f"/jobs/{quote(job_id, safe='')}"
    return f"{path}/{part}" if part else path
