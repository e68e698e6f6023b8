"""Tests the lines of the first import without a system: what a shell makes of them, and which broker they name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.first_import import OVER_HTTP, OVER_RABBITMQ, Asker, broker_of, lines
from deploy.local.servers import RabbitServer
from deploy.local.state import State

#: In the place of curl and of the client: they write down what they are given.
CURL = """#!/bin/sh
exec "$PYTHON" -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@"
"""
CLIENT = """
import json
class Requester:
    def __init__(self, *given): self.given = given
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def enqueue(self, rows, options):
        print(json.dumps([*self.given, rows, options]))
        return {"links": {"self": "/job"}}
"""
HOSTILE = (
    "plain",
    "it's",
    'say "so"',
    "$(touch broken)",
    "`touch broken`",
    "a b",
    "back\\slash",
    "$HOME",
    "é–漢",
    "a\nEND\ntouch broken",
    "!history",
    "%41&x=1;y",
    "*",
    "{rows}",
    "#no comment",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_shell_passes_on_what_the_lines_have(tmp_path: Path, text: str) -> None:
    (tmp_path / "curl").write_text(CURL)
    (tmp_path / "curl").chmod(0o755)
    (tmp_path / "carryover_client.py").write_text(CLIENT)
    asker = Asker(f"http://{text}", f"amqp://{text}", text, f"token {text}")
    env = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(tmp_path),
        "PYTHON": sys.executable,
    }
    command = ["bash", "-euc", lines(asker)]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    http, rabbit, link = done.stdout.splitlines()
    sent = json.loads(http)
    assert sent[2] == f"http://{text}/api/v1/jobs"
    assert [sent[4], sent[6]] == [f"Authorization: Bearer token {text}", f"X-Firm-Id: {text}"]
    assert [tuple(row.values()) for row in json.loads(sent[-1])["rows"]] == list(OVER_HTTP)
    broker, token, firm, rows, options = json.loads(rabbit)
    assert (broker, token, firm, options) == (f"amqp://{text}", f"token {text}", text, {"autostart": True})
    assert [tuple(row.values()) for row in rows] == list(OVER_RABBITMQ)
    assert link == "/job"
    assert not (tmp_path / "broken").exists()


def test_each_way_has_its_lines_and_a_sentence_where_it_cannot_be() -> None:
    asker = Asker("http://here", "", "demo", "token")
    assert "memory://" in lines(asker)
    assert "Requester" not in lines(asker)


@pytest.mark.parametrize(
    ("given", "password", "broker"),
    [
        ("memory://", None, ""),
        ("memory://", "secret", ""),
        ("amqp://upload:one@broker.example:5672/", None, "amqp://upload:one@broker.example:5672/"),
        ("amqp://upload:one@broker.example:5672/", "two", "amqp://requester:two@broker.example:5672/"),
        ("amqp://broker.example/", "two", "amqp://requester:two@broker.example/"),
        ("amqps://u:p@broker.example/vhost", "t@/o:", "amqps://requester:t%40%2Fo%3A@broker.example/vhost"),
        ("amqp://u:p%40x@[::1]:5672/%2f", "two", "amqp://requester:two@[::1]:5672/%2f"),
    ],
)
def test_a_broker_of_the_environment_is_asked_as_the_requester_where_its_password_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, password: str | None, broker: str
) -> None:
    monkeypatch.setenv("BROKER_URL", given)
    monkeypatch.delenv("REQUESTER_BROKER_PASSWORD", raising=False)
    if password:
        monkeypatch.setenv("REQUESTER_BROKER_PASSWORD", password)
    assert broker_of(State(tmp_path, 1)) == broker


def test_the_broker_of_a_system_that_runs_keeps_its_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROKER_URL", raising=False)
    monkeypatch.delenv("REQUESTER_BROKER_PASSWORD", raising=False)
    state = State(tmp_path, 1)
    server = RabbitServer(tmp_path / RabbitServer.name)
    state.write_env({"BROKER_URL": server.url})
    kept = (server.root / "ports.json").read_bytes()
    assert broker_of(state) == server.requester_url
    assert server.requester_url.startswith("amqp://requester:")
    assert server.identity["password"] not in server.requester_url
    assert (server.root / "ports.json").read_bytes() == kept


def test_a_folder_of_an_earlier_version_gets_a_password_for_the_requester(tmp_path: Path) -> None:
    earlier = {"node": "carryover-1@localhost", "user": "carryover", "password": "kept"}
    (tmp_path / "identity.json").write_text(json.dumps(earlier))
    first, again = RabbitServer(tmp_path), RabbitServer(tmp_path)
    assert first.identity == again.identity
    assert earlier.items() <= first.identity.items()
    assert first.requester_url.partition("@")[0] == again.requester_url.partition("@")[0]
