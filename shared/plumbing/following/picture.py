"""A job as its followers see it at one moment; rendered once for all of them."""

from __future__ import annotations

import json
import re

from shared.contract.answers import JobAnswer
from shared.contract.documents.job import Job
from shared.contract.job import settled
from shared.contract.routes import API
from shared.contract.texts.catalogues import SOURCE
from shared.plumbing.delays import PATIENT_SECONDS, waited
from shared.plumbing.job_view import Work, in_language, show

#: The parts of a job in an event.
PARTS = ("id", "status", "revision", "waiting_for", "progress", "counts", "result")
#: Seconds more than the least for which work has to wait.
SOON = 0.2
_EVENT, _DOCUMENT = JobAnswer(only=PARTS), JobAnswer()
#: A version begins with the number of lines that the history of the job had.
_VERSION = re.compile(r"([0-9]{1,9})\.[0-9a-z]{1,32}")


def lines_in(version: str) -> int | None:
    """How many lines of the history somebody has seen who has this version; None where it is none of ours."""
    found = _VERSION.fullmatch(version)
    return int(found[1]) if found else None


class Picture:
    """A job at one moment: its version, its events, and the whole answer in any language."""

    def __init__(self, job: Job, work: Work) -> None:
        self.job = job
        self.answer = show(job, work, API, SOURCE)
        self.version = str(self.answer["version"])
        self.lines = len(job["history"])
        self.settled = settled(job)
        self.again_in = self._again_in()
        self._event: bytes | None = None
        self._documents: dict[str, bytes] = {}

    def _again_in(self) -> float | None:
        """Seconds after which a look shows more although nothing changes: whether work waits, and behind how much."""
        waiting = self.answer["waiting_for"]
        if self.settled or not isinstance(waiting, dict):
            return None
        if delay := waiting["delay"]:
            return PATIENT_SECONDS if delay["code"] == "in_queue" else None
        left = PATIENT_SECONDS - waited(self.job)
        return left + SOON if left > 0 else None

    def document(self, lang: str) -> bytes:
        """The answer of `GET /jobs/{id}`."""
        if lang not in self._documents:
            self._documents[lang] = _json(_DOCUMENT.dump(in_language(self.answer, self.job, lang)))
        return self._documents[lang]

    def events_since(self, lines: int) -> bytes:
        """A `status` event for each line of the history after the first `lines`, then the `job` event.

        The id of an event is the version of the job after it; that of a line before the last names no present version.
        """
        missed = [
            _event(f"{n}.status", "status", {name: line[name] for name in ("status", "at", "revision")})
            for n, line in enumerate(_DOCUMENT.dump(self.answer)["history"][lines:], lines + 1)
        ]
        if self._event is None:
            self._event = _event(self.version, "job", _EVENT.dump(self.answer))
        return b"".join([*missed, self._event])


def _event(identity: str, name: str, content: object) -> bytes:
    """One event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (identity.encode(), name.encode(), _json(content))


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
