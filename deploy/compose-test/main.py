"""Brings the containers up, imports lists through them with faults in between, and takes them down."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from containers import Project, TestError, choose_images, command, find_docker, project
from person import Job, Person

from shared.contract.routes import SERVICES, parked_queue
from tools.client_lists import Expected, generate

SMALL = 500
LARGE = 20_000
VALIDATORS = 3
VIEWERS = 300
#: while they follow: the slowest of some pages and calls
PAGE_SECONDS = 2.0
UP_SECONDS = 240.0
JOB_SECONDS = 300.0
MAIL_SECONDS = 60.0
BACK_SECONDS = 60.0
LOG_LINES = "40"

BEGAN = time.monotonic()


def say(text: str) -> None:
    """One line with the seconds since the beginning."""
    sys.stdout.write(f"{time.monotonic() - BEGAN:6.1f} s  {text}\n")
    sys.stdout.flush()


def wait_for(what: str, until: Any, limit: float) -> None:
    """Return when `until()` holds; raises `TestError` when it does not in time."""
    deadline = time.monotonic() + limit
    while not until():
        if time.monotonic() > deadline:
            raise TestError(f"{what}: not within {limit:.0f} s")
        time.sleep(0.5)


def bring_up(system: Project) -> None:
    """Build the image, start everything, and return when every container is healthy."""
    system.compose("build", "mongo-setup")
    say("image built")
    system.compose("up", "--detach", "--no-build")
    say("containers started")
    wait_for("the proxy answers", lambda: _ready(system), UP_SECONDS)
    say(f"ready on port {system.port}")
    wait_for("all containers are healthy", lambda: not system.unhealthy(), UP_SECONDS)
    say("all containers are healthy")


def _ready(system: Project) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{system.port}/health/ready", timeout=5).ok
    except requests.RequestException:
        return False


def check_proxy(system: Project) -> None:
    """What the proxy answers by itself: nothing of a service's inside, and problems in JSON."""
    url = f"http://127.0.0.1:{system.port}"
    inside = requests.get(f"{url}/metrics", timeout=5)
    page = requests.get(f"{url}/static/base.css", timeout=5)
    guide = requests.get(f"{url}/docs/developers/", timeout=5)
    script = requests.get(f"{url}/carryover.js", timeout=5)
    large = requests.put(f"{url}/api/v1/directory", data=b" " * (10 << 20), timeout=30)
    found = [(inside.status_code, inside.json()["code"]), (large.status_code, large.json()["code"])]
    if found != [(404, "not_found"), (413, "too_large")] or not (page.ok and guide.ok and script.ok):
        others = page.status_code, guide.status_code, script.status_code
        raise TestError(f"the proxy answers {found}; pages, guide and script {others}")
    say("the proxy hides what is inside, refuses what is too large, and reaches the guide")


def check_pages(person: Person) -> None:
    """The pages reach the API through the proxy, in the name of the person who signed in."""
    if "Nothing was imported yet." not in person.sees("/"):
        raise TestError("the start page does not show an empty history")
    say("the pages show what the API answers")


def check_rights(system: Project) -> None:
    """A service's own user may not create anything at the broker."""
    program = (
        "import os, kombu; c = kombu.Connection(os.environ['BROKER_URL']).channel(); "
        "c.queue_declare('carryover.stray')"
    )
    done = command(
        system.docker, "exec", system.containers("upload-worker")[0], "python", "-c", program, check=False
    )
    if "ACCESS_REFUSED" not in done:
        raise TestError(f"a service may create queues at the broker: {done[-500:]}")
    say("the services may not create anything at the broker")


def check_uploads(person: Person) -> None:
    """A file that is larger than any other body comes through the proxy: as a form, and in parts."""
    content = b"Account name,Email\n" + b"Bakery Peeters,an@peeters.example\n" * 400_000
    sha256 = hashlib.sha256(content).hexdigest()
    form = person.call("POST", "/uploads", files={"file": ("large.csv", content, "text/csv")})
    tus, half = {"Tus-Resumable": "1.0.0"}, len(content) // 2
    begun = person.call("POST", "/uploads", headers={**tus, "Upload-Length": str(len(content))})
    place, kind = f"/uploads/{begun['claim']}", {"Content-Type": "application/offset+octet-stream"}
    for offset, part in ((0, content[:half]), (half, content[half:])):
        person.ask("PATCH", place, data=part, headers={**tus, **kind, "Upload-Offset": str(offset)})
    parts = person.call("GET", place)
    if [form["sha256"], parts["sha256"]] != [sha256, sha256]:
        raise TestError(f"an upload of {len(content)} bytes arrived as {form} and {parts}")
    say(f"{len(content) / 1e6:.0f} MB arrive as a form and in parts")


def import_small(system: Project, person: Person, folder: Path, mails: int) -> None:
    """Import a list without faults; afterwards so many mails were caught in all."""
    path = folder / "small.csv"
    expected = generate(SMALL, 1, path)
    person.introduce_team()
    started = time.monotonic()
    job_id = person.upload(path)
    job = person.wait(job_id, lambda j: bool(j["status"] == "imported"), "small list", JOB_SECONDS)
    say(f"{SMALL:,} rows imported in {time.monotonic() - started:.1f} s")
    check_numbers(job, expected)
    check_records(person, expected)
    check_mails(system, person, job_id, mails)


def import_large(system: Project, person: Person, folder: Path) -> None:
    """Import a large list while containers die and the broker restarts."""
    path = folder / "large.csv"
    expected = generate(LARGE, 2, path)
    person.introduce_team()
    system.compose(
        "up", "--detach", "--no-build", "--no-recreate", "--no-deps",
        "--scale", f"validator-worker={VALIDATORS}", "validator-worker",
    )  # fmt: skip
    if len(system.containers("validator-worker")) != VALIDATORS:
        raise TestError("the validator was not scaled")
    say(f"validator scaled to {VALIDATORS} workers")
    started = time.monotonic()
    job_id = person.upload(path)
    say(f"events come through at once: {person.first_event(job_id)['status']}")
    with ThreadPoolExecutor(VIEWERS) as pool:
        viewers = [pool.submit(person.last_event, job_id, number // 10) for number in range(VIEWERS)]
        check_served(person, job_id)
        disturb(system, person, job_id)
        job = person.wait(job_id, lambda j: bool(j["status"] == "imported"), "large list", JOB_SECONDS)
    last = Counter(viewer.result() for viewer in viewers)
    if last != {"imported": VIEWERS}:
        raise TestError(f"the last events of the viewers are {last}")
    say(f"each of {VIEWERS} viewers saw the end of the job, and their streams ended")
    say(f"{LARGE:,} rows imported in {time.monotonic() - started:.1f} s, in spite of it all")
    check_numbers(job, expected)
    check_records(person, expected)
    check_mails(system, person, job_id, mails=2)
    check_operating(system, job_id)


def check_served(person: Person, job_id: str) -> None:
    """Pages are answered in time while many follow a job."""
    slowest = 0.0
    for _ in range(5):
        for path in ("", "/review"):
            started = time.monotonic()
            person.sees(f"/jobs/{job_id}{path}")
            slowest = max(slowest, time.monotonic() - started)
    if slowest > PAGE_SECONDS:
        raise TestError(f"with {VIEWERS} viewers a page took {slowest:.1f} s")
    say(f"{VIEWERS} viewers follow the job; the slowest page took {slowest:.2f} s")


def check_operating(system: Project, job_id: str) -> None:
    """The command line of operators works in its container, with a user of its own at the broker."""

    def ops(*words: str) -> Any:
        shown = system.compose("run", "--rm", "operate", "carryover-ops", *words, "--json")
        return json.loads(shown[min(at for at in (shown.find("{"), shown.find("[")) if at >= 0) :])

    why, queues, parked, jobs = ops("why", job_id), ops("queues"), ops("parked"), ops("jobs")
    if not why or not queues or parked["number"] or jobs["jobs"]:
        raise TestError(f"carryover-ops answers {why}, {queues}, {parked}, {jobs}")
    say("carryover-ops explains a job; nothing is parked and no job waits")


def disturb(system: Project, person: Person, job_id: str) -> None:
    """Kill a validator and restart the broker while rows are checked, crash the importer while they are loaded."""
    job = person.wait(job_id, at_work("mapped"), "rows are being checked", JOB_SECONDS)
    system.kill(system.containers("validator-worker")[0])
    say(f"killed a validator at {place(job)}")
    broker = system.containers("rabbitmq")[0]
    before = person.wait(job_id, at_work("mapped"), "rows are still being checked", JOB_SECONDS)
    system.restart(broker)
    say(f"restarted the broker at {place(before)}")
    job = person.wait(job_id, at_work("confirmed"), "rows are being loaded", JOB_SECONDS)
    importer = system.containers("importer-worker")[0]
    system.crash(importer)
    say(f"crashed the importer at {place(job)}")
    wait_for("the importer is brought back", lambda: system.starts(importer) > 0, BACK_SECONDS)
    say("Docker brought the importer back")


def at_work(status: str) -> Any:
    """Whether a job has a status with a part of its rows done, and not all."""

    def part_done(job: Job) -> bool:
        done, total = job["progress"]["done"], job["progress"]["total"]
        return bool(job["status"] == status and total and 0 < done < total)

    return part_done


def place(job: Job) -> str:
    """The status of a job, in words."""
    return f"{job['status']}, {job['progress']['done']:,} of {job['progress']['total']:,} rows"


def check_numbers(job: Job, expected: Expected) -> None:
    """Every row has one outcome, and what was made is what the list holds."""
    result = job["result"]
    outcomes = result["rows_loaded"] + result["rows_unchanged"] + result["rows_skipped"]
    found = {
        "rows": job["source"]["rows"],
        "outcomes": outcomes,
        "skipped": result["rows_skipped"],
        "accounts": result["accounts_created"],
        "contacts": result["contacts_created"],
    }
    wanted = {
        "rows": expected.rows,
        "outcomes": expected.rows,
        "skipped": expected.invalid,
        "accounts": expected.accounts,
        "contacts": expected.contacts,
    }
    if found != wanted:
        raise TestError(f"the numbers do not balance: {found}, wanted {wanted}")
    say(f"the numbers balance: {', '.join(f'{number:,} {name}' for name, number in found.items())}")


def check_records(person: Person, expected: Expected) -> None:
    """Count the documents of the database one by one: nothing lost, nothing doubled."""
    for kind, wanted in (("accounts", expected.accounts), ("contacts", expected.contacts)):
        ids = [record["id"] for record in person.records(kind)]
        if len(ids) != wanted or len(set(ids)) != wanted:
            raise TestError(f"{len(ids)} {kind} ({len(set(ids))} different), wanted {wanted}")
    say(f"{expected.accounts:,} accounts and {expected.contacts:,} contacts are there")


def check_mails(system: Project, person: Person, job_id: str, mails: int) -> None:
    """The job says that its mail was sent, and the catcher has as many as there were jobs."""

    def mailed() -> bool:
        notices = person.job(job_id)["notices"]
        return len(notices) == 1 and notices[0]["sent_at"] is not None

    wait_for("the mail is sent", mailed, MAIL_SECONDS)
    caught = system.inside("mail", "find", "/mails/caught/new", "-type", "f").split()
    if len(caught) != mails:
        raise TestError(f"{len(caught)} mails were caught, wanted {mails}")
    say(f"mail sent; {len(caught)} caught so far")


def check_queues(system: Project) -> None:
    """No message is parked, and at the end every queue is empty."""

    def waiting() -> dict[str, int]:
        listed = system.inside(
            "rabbitmq", "rabbitmqctl", "-q", "--no-table-headers", "list_queues", "name", "messages"
        )
        return {name: int(count) for name, count in (line.split() for line in listed.splitlines())}

    wait_for("the queues are empty", lambda: not any(waiting().values()), BACK_SECONDS)
    missing = {parked_queue(service) for service in SERVICES} - set(waiting())
    if missing:
        raise TestError(f"queues that are not there: {missing}")
    say("all queues are empty, those of parked messages too")


def trouble_each(system: Project) -> None:
    """Restart each container once, then crash each once; every time all come back and serve as before."""
    containers = system.running()
    for outcome, trouble in (("restarted", system.restart), ("crashed", system.crash)):
        for container in containers:
            trouble(container)
        say(f"{outcome} each of {len(containers)} containers")
        wait_for("all containers are back", lambda: system.running() == containers, UP_SECONDS)
        wait_for("all of them are healthy", lambda: not system.unhealthy(), UP_SECONDS)
        wait_for("the proxy answers", lambda: _ready(system), UP_SECONDS)
        check_metrics(system)


def check_metrics(system: Project) -> None:
    """Each web server answers, and counts in the folder that its processes share."""
    program = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/metrics').read().decode())"
    for service in (*(f"{service}-web" for service in SERVICES), "wizard"):
        metrics = system.inside(service, "python", "-c", program)
        for wanted in ("carryover_requests_total{", "carryover_metrics_unreadable 0.0"):
            if wanted not in metrics:
                raise TestError(f"{service} has no {wanted} among its metrics:\n{metrics[-500:]}")
    say("every web server answers and counts its requests")


def journey(system: Project, folder: Path) -> None:
    """All of it, in order."""
    url, secret = f"http://127.0.0.1:{system.port}", system.env["JWT_SECRET"]
    bring_up(system)
    check_proxy(system)
    check_pages(Person(url, secret, "small-firm"))
    check_rights(system)
    check_uploads(Person(url, secret, "small-firm"))
    import_small(system, Person(url, secret, "small-firm"), folder, mails=1)
    import_large(system, Person(url, secret, "large-firm"), folder)
    check_queues(system)
    wait_for("all containers are healthy again", lambda: not system.unhealthy(), UP_SECONDS)
    say("all containers are healthy")
    trouble_each(system)
    import_small(system, Person(url, secret, "late-firm"), folder, mails=3)


def main() -> int:
    """The test; exit code 1 with a sentence where something is not as it must be."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        docker = find_docker()
        images = choose_images(docker)
        say(f"images: {', '.join(images.names.values())}")
        with tempfile.TemporaryDirectory() as folder, project(docker, images) as system:
            try:
                journey(system, Path(folder))
            except BaseException:
                sys.stdout.write(system.compose("logs", "--tail", LOG_LINES, check=False))
                raise
            finally:
                say("taking everything down")
    except (TestError, requests.RequestException) as error:
        say(f"FAILED: {error}")
        return 1
    say("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
