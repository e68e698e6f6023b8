"""Runs every example of the guide, as a reader would, against the real system, and looks at what it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from carryover_client import remove_queue
from deploy.local.ports import free_port
from deploy.local.servers import RabbitServer
from deploy.rabbitmq.setup import REQUESTER, Management, set_up_requester
from services.notifier.invitations.links import token_of
from tests.architecture.code import ROOT
from tests.pipeline.conftest import carried, people
from tests.system import Client, System, eventually, token

EXAMPLES = ROOT / "docs" / "examples"
SHELL = ["bash", "-euo", "pipefail"]
PROGRAMS = {".py": [sys.executable], ".sh": SHELL, ".mjs": ["node"]}
PASSWORD = "a-password-of-the-examples"
LIMIT = 150.0
#: Examples of other pages, which have tests of their own: what they need is no file of this kind.
OTHERS = frozenset({".csv", ".html", ".js", ".yml"})
#: What is run before an example, in the same folder.
BEFORE = {"generated_client.py": "generated_client.sh"}
#: What each example prints, a pattern for the whole of it, and the accounts that the firm has then.
PRINTS = {
    "first_import.sh": (r'\{"id":"[0-9a-f]+".*', {"Cedar NV", "Birch BV"}),
    "first_rows.sh": (r'\{"id":"[0-9a-f]+".*"name":"from the CRM".*', {"Elm BV"}),
    "first_import.py": (r"2 accounts created", {"Cedar NV", "Birch BV"}),
    "first_import.mjs": (r"[0-9a-f]+ uploaded", {"Cedar NV", "Birch BV"}),
    "once.py": (r"one job: True\nrefused: idempotency_conflict", {"Cedar NV", "Birch BV"}),
    "once.sh": (r'\{"id":"([0-9a-f]+)".*\n\{"id":"\1".*\n\{"id":"\1".*', {"Cedar NV", "Birch BV"}),
    "with_a_person.py": (
        r"proposed waits for \w+\nvalidated 2 new rows\nimported 2 rows loaded",
        {"Cedar NV", "Birch BV"},
    ),
    "follow.py": (r"imported", {"Cedar NV", "Birch BV"}),
    "follow.sh": (r"(?s).*event: job\ndata: \{.*\"status\": ?\"imported\".*", {"Cedar NV", "Birch BV"}),
    "follow.mjs": (r"(?s).*imported 1 of 1", {"Fir NV"}),
    "errors.py": (r"404 not_found\n422 \w+ \['[\w.]*autostrat'\]\naway: .+", set()),
    "errors.mjs": (r"422 \w+ .+\n[\w.]*max_invalid\.share .+", set()),
    "skipped.py": (r"1 loaded, 1 skipped\nrow 3 invalid_email .+\n0 skipped now", {"Cedar NV", "Birch BV"}),
    "generated_client.sh": (r"Generating .*carryover_api", set()),
    "generated_client.py": (r"imported 1 loaded, 1 skipped\nrow 3 invalid_email", {"Cedar NV"}),
    "rabbitmq.py": (r"1 accounts created", {"Cedar NV"}),
    "rabbitmq_plain.py": (r"job [0-9a-f]+ uploaded", {"Birch BV"}),
    "events.py": (r"(from before: .+\n)*job.imported 1 rows loaded", {"Elm BV"}),
    "undo.py": (r"2 accounts removed\n\[\]", set()),
}

#: Examples that wait for webhooks until they are ended.
RECEIVERS = ("receive_webhook.mjs", "receive_webhook.py")

#: Examples that check the token of a letter.
CHECKERS = ("check_invitation.py",)

Run = Callable[[str], str]


@pytest.fixture(scope="module")
def broker(system: System, rabbit_server: RabbitServer) -> Iterator[str]:
    """The url of the broker for the user that services have in containers."""
    url = urlsplit(system["upload"].env["BROKER_URL"])
    identity = rabbit_server.identity
    management = Management(
        f"http://127.0.0.1:{rabbit_server.ports['management']}", identity["user"], identity["password"]
    )
    set_up_requester(management, PASSWORD, url.path.strip("/"))
    mine = url._replace(netloc=f"{REQUESTER}:{PASSWORD}@127.0.0.1:{rabbit_server.port}").geturl()
    yield mine
    remove_queue(mine, "requester.example")


def command_of(name: str) -> list[str]:
    """The command that runs an example."""
    if name.endswith(".mjs") and shutil.which("node") is None:
        pytest.skip(f"there is no node here: docs/examples/{name} was NOT tried")
    return [*PROGRAMS[Path(name).suffix], str(EXAMPLES / name)]


@pytest.fixture
def run(system: System, client: Client, broker: str, tmp_path: Path) -> Run:
    """Runs an example with the settings that the guide names, in a folder that has its list."""
    for beside in ("clients.csv", "generated_client.yml"):
        shutil.copy(EXAMPLES / beside, tmp_path)
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CARRYOVER_URL": system.url,
        "CARRYOVER_TOKEN": token(client.firm, role="service", firms=[client.firm]),
        "CARRYOVER_FIRM": client.firm,
        "CARRYOVER_BROKER": broker,
    }

    def run(name: str) -> str:
        done = subprocess.run(
            command_of(name),
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return done.stdout.strip()

    return run


@pytest.mark.parametrize("name", PRINTS)
def test_an_example_does_what_its_page_says(run: Run, client: Client, name: str) -> None:
    pattern, accounts = PRINTS[name]
    if name in BEFORE:
        run(BEFORE[name])
    printed = run(name)
    assert re.fullmatch(pattern, printed), printed
    eventually(
        lambda: {account["fields"]["name"] for account in client.every("/accounts")} == accounts,
        LIMIT,
        f"the accounts {accounts}",
    )


@pytest.mark.parametrize("name", RECEIVERS)
def test_a_receiver_takes_what_is_ours_once_and_refuses_the_rest(name: str, client: Client) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    made = client.post("/webhooks", {"url": url, "events": ["job.imported"]})
    env = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": made["secret"]}
    with subprocess.Popen(command_of(name), env=env, stdout=subprocess.PIPE, text=True) as receiver:
        try:
            eventually(lambda: answers(url, {}), LIMIT, "the receiver answers")
            job = carried(client, people(3))
            sent = f"/webhooks/{made['id']}/deliveries"
            (first,) = eventually(lambda: ended(client.get(sent)), LIMIT, "a delivery that ended")
            assert first["state"] == "delivered"
            client.call("POST", f"{sent}/{first['id']}/repeat")
            eventually(lambda: attempts(client.get(sent)) == 2, LIMIT, "the same once more")
            forged = {"webhook-id": "x", "webhook-timestamp": f"{time.time():.0f}"}
            assert answers(url, {**forged, "webhook-signature": "v1,Zm9yZ2Vk"}) == HTTPStatus.UNAUTHORIZED
        finally:
            receiver.kill()
        assert receiver.communicate()[0].splitlines() == [f"job.imported {job['id']}"]


@pytest.mark.parametrize("name", CHECKERS)
def test_a_checker_takes_the_tokens_of_invitations_and_no_others(name: str) -> None:
    secret, now = "a secret of the links in mails, long enough", datetime.now(UTC)

    def taken(token: str) -> str:
        command = [*command_of(name), token]
        return subprocess.run(command, input=secret, capture_output=True, text=True, check=False).stdout

    assert taken(token_of("invitation", secret, "demo", "demo/c1", now, 1)) == "demo c1\n"
    for wrong in (
        token_of("questionnaire", secret, "demo", "demo/c1", now, 1, "demo/a1"),
        token_of("invitation", secret + "!", "demo", "demo/c1", now, 1),
        token_of("invitation", secret, "demo", "demo/c1", now - timedelta(days=2), 1),
        token("demo", secret=secret),
    ):
        assert taken(wrong) == ""


def answers(url: str, headers: dict[str, str]) -> int:
    """The status of the answer to a post; 0 where nobody listens."""
    try:
        return requests.post(url, data=b"{}", headers=headers, timeout=5).status_code
    except requests.ConnectionError:
        return 0


def ended(page: Any) -> list[Any]:
    """The deliveries that wait for nothing."""
    return [each for each in page["items"] if each["ended_at"]]


def attempts(page: Any) -> int:
    """How often deliveries were posted that wait for nothing."""
    return sum(each["attempts_made"] for each in ended(page))


def test_every_example_is_run_and_shown_on_a_page() -> None:
    files = {path.name for path in EXAMPLES.iterdir() if path.suffix not in OTHERS}
    assert files == {*PRINTS, *RECEIVERS, *CHECKERS}
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))
    assert {name for name in files if f'--8<-- "docs/examples/{name}"' not in pages} == set()
