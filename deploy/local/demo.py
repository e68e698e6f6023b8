"""Carries a sample list through a running system and shows what happens; exit code 0 when all of it is right.

The token comes from the environment's TOKEN, so that no list of processes shows it.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from deploy.local import sample

JOB_LIMIT = 120.0  # seconds
MAIL_LIMIT = 60.0
LOOK = 0.2
OPTIONS = {"autostart": True, "max_invalid": {"share": 0.2}}
ENDED = ("imported", "failed", "cancelled")
REASONS_SHOWN = 5


class DemoError(RuntimeError):
    """The demo failed; the message says where."""


def shown(path: Path) -> str:
    """A path as short as it can be typed."""
    return os.path.relpath(path)


def say(label: str, text: str = "") -> None:
    """Print one line: a label, then a text."""
    print(f"  {label:<14}{text}".rstrip(), flush=True)


@dataclass(frozen=True)
class Visit:
    """One person who brings one list."""

    url: str
    token: str
    folder: Path
    mails: Path | None

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """Call the API. Raises DemoError with what it answered."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.url}/api/v1{path}", headers=bearer, timeout=60, **more)
        if not answer.ok:
            raise DemoError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as it is now."""
        answer: dict[str, Any] = self.call("GET", f"/jobs/{job_id}").json()
        return answer


def show(visit: Visit) -> None:
    """The whole demo. Raises DemoError."""
    known = set(_mails(visit))
    job = _send(visit)
    job = _follow(visit, job["id"])
    _show_numbers(job)
    _check_balance(job)
    _show_mail(visit, job["id"], known)
    _show_skipped(visit, job["id"])
    print(f"\nSee it in a browser:\n  {visit.url}/signin?token={visit.token}", flush=True)


def _send(visit: Visit) -> dict[str, Any]:
    content = sample.sample_file()
    (visit.folder / sample.NAME).write_bytes(content)
    print("A client list goes in", flush=True)
    say("file", shown(visit.folder / sample.NAME))
    rows = sample.sample_rows()
    say("holds", f"{len(rows)} rows, {len(sample.HEADERS)} columns, {sample.ENCODING}, semicolons")
    say("mistakes", f"{len(sample.MISTAKES)} rows, on purpose")
    files = {"file": (sample.NAME, content, "text/csv")}
    job: dict[str, Any] = visit.call(
        "POST", "/jobs", files=files, data={"options": json.dumps(OPTIONS)}
    ).json()
    say("import job", job["id"])
    return job


def _follow(visit: Visit, job_id: str) -> dict[str, Any]:
    print("\nIt goes its way", flush=True)
    started, last = time.monotonic(), None
    while True:
        job = visit.job(job_id)
        passed = time.monotonic() - started
        place = (job["status"], (job.get("progress") or {}).get("done"))
        if place != last:
            last = place
            say(f"{passed:5.1f} s", _progress(job))
        if job["status"] in ENDED:
            break
        if passed > JOB_LIMIT or _waits_for_a_person(job):
            waiting = json.dumps({name: job.get(name) for name in ("waiting_for", "hold")})
            raise DemoError(f"the job does not go on from {job['status']}: {waiting}")
        time.sleep(LOOK)
    if job["status"] != "imported":
        raise DemoError(f"the job is {job['status']}: {json.dumps(job.get('reason'))}")
    return job


def _waits_for_a_person(job: dict[str, Any]) -> bool:
    return (job.get("waiting_for") or {}).get("who") == "person"


def _progress(job: dict[str, Any]) -> str:
    progress = job.get("progress") or {}
    done, total, speed = (progress.get(name) or 0 for name in ("done", "total", "rows_per_second"))
    rows = f"{done:>7,} of {total:,} rows" if total else ""
    return f"{job['status']:<11}{rows}{f'   {speed:,.0f} rows/s' if speed else ''}"


def _show_numbers(job: dict[str, Any]) -> None:
    print("\nWhat came of it", flush=True)
    source = job["source"]
    say(
        "recognised",
        f"{source['format']}, {source.get('encoding')}, {source.get('delimiter')!r} between cells",
    )
    for name, number in job["result"].items():
        if number:
            print(f"  {name.replace('_', ' '):<24}{number:>7,}", flush=True)


def _check_balance(job: dict[str, Any]) -> None:
    result, read = job["result"], job["source"]["rows"]
    loaded, unchanged, skipped = (result[f"rows_{name}"] for name in ("loaded", "unchanged", "skipped"))
    sentence = f"{read} rows read = {loaded} loaded + {unchanged} unchanged + {skipped} skipped"
    if read != loaded + unchanged + skipped or read != len(sample.sample_rows()):
        raise DemoError(f"the numbers do not balance: {sentence}")
    say("balance", f"{sentence}: right")


def _mails(visit: Visit) -> list[Path]:
    return sorted(visit.mails.glob("*.eml")) if visit.mails else []


def _show_mail(visit: Visit, job_id: str, known: set[Path]) -> None:
    print("\nThe mail", flush=True)
    limit = time.monotonic() + MAIL_LIMIT
    while time.monotonic() < limit:
        came = _sent(visit, job_id) if visit.mails is None else _caught(visit, job_id, known)
        if came:
            say("has come", came)
            return
        time.sleep(LOOK)
    raise DemoError(f"no mail within {MAIL_LIMIT:.0f} s")


def _caught(visit: Visit, job_id: str, known: set[Path]) -> str | None:
    """The new mail that links to the job; lines of a mail may be broken by '=' at their end."""
    new = (path for path in _mails(visit) if path not in known)
    return next(
        (shown(path) for path in new if job_id.encode() in path.read_bytes().replace(b"=\r\n", b"")), None
    )


def _sent(visit: Visit, job_id: str) -> str | None:
    """What the job says of its mails, where the mail server is not ours and its mails cannot be read."""
    sent = [notice for notice in visit.job(job_id)["notices"] if notice.get("sent_at")]
    return f"sent to {sent[0]['to']} at {sent[0]['sent_at']}" if sent else None


def _show_skipped(visit: Visit, job_id: str) -> None:
    content = visit.call("GET", f"/jobs/{job_id}/skipped.zip").content
    file = visit.folder / f"skipped-{job_id}.zip"
    file.write_bytes(content)
    print("\nThe skipped rows, to be repaired and sent again", flush=True)
    say("file", shown(file))
    for number, (row, reason) in enumerate(_reasons(content)):
        if number == REASONS_SHOWN:
            say("…")
            break
        say(f"row {row}", reason)


def _reasons(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8-sig")
    for line in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
        yield line["_row"], line["_reason"]


def main() -> int:
    """The command line; 0 when the job is imported, its numbers balance and its mail has come."""
    parser = argparse.ArgumentParser(description="Carries a sample list through a running system.")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the list and the report are kept")
    parser.add_argument("--mails", type=Path, help="where the mail catcher keeps its mails")
    options = parser.parse_args()
    try:
        show(Visit(options.url, os.environ["TOKEN"], options.folder, options.mails))
    except (DemoError, requests.RequestException) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
