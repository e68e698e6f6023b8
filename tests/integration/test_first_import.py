"""Tests that the lines that `make up` prints do what they promise, in a shell, against the system that it starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.local.first_import import OVER_HTTP, OVER_RABBITMQ
from deploy.local.ports import free_port
from deploy.local.state import REPOSITORY, State
from deploy.local.system import token
from tests.system import Client, eventually

LIMIT = 120.0


@dataclass
class Started:
    """A system that `make up` started, and what the command printed."""

    state: State
    env: dict[str, str]
    printed: str

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One of the commands behind the targets of the Makefile."""
        command = [sys.executable, "-m", "deploy.local.system", *words]
        return _run(command, self.env)


def _run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=LIMIT, check=False
    )


@pytest.fixture(scope="module")
def started(rabbit_installed: None) -> Iterator[Started]:
    given = ("MONGODB_URL", "BROKER_URL", "SMTP_URL", "JWT_SECRET", "REQUESTER_BROKER_PASSWORD")
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in given} | {"PORT": str(port)}
    system = Started(State.of_port(port), env, "")
    up = system.command("up")
    try:
        assert up.returncode == 0, up.stderr
        system.printed = up.stdout
        yield system
    finally:
        system.command("down")
        shutil.rmtree(system.state.folder)


def names_of(started: Started, firm: str) -> list[str]:
    """The names of a firm's accounts."""
    client = Client(started.state.url, firm)
    client.session.headers["Authorization"] = f"Bearer {token(started.state, firm, 'owner', 'en')}"
    try:
        return sorted(account["fields"]["name"] for account in client.every("/accounts"))
    finally:
        client.close()


def test_the_lines_that_up_prints_import_their_clients_over_http_and_rabbitmq(started: Started) -> None:
    done = _run(["bash", "-euc", started.printed], started.env)
    assert (done.returncode, done.stderr) == (0, "")
    wanted = sorted(name for name, _ in (*OVER_HTTP, *OVER_RABBITMQ))
    eventually(lambda: names_of(started, "demo") == wanted, 60, f"the accounts {wanted}")


def test_the_lines_that_token_prints_are_for_its_firm(started: Started) -> None:
    given = started.command("token", "--firm", "Cedar_2.be-fr", "--role", "employee")
    assert given.stdout.count(".") == 2, "standard output has the token alone"
    done = _run(["bash", "-euc", given.stderr], started.env)
    assert (done.returncode, done.stderr) == (0, "")
    eventually(lambda: len(names_of(started, "Cedar_2.be-fr")) == 4, 60, "four accounts")


@pytest.mark.parametrize("firm", ["", "two words", "é", "it's", "a" * 65, "a\n"])
def test_no_token_is_given_for_a_firm_that_the_api_refuses(firm: str) -> None:
    refused = _run([sys.executable, "-m", "deploy.local.system", "token", "--firm", firm], dict(os.environ))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "a firm's id has" in refused.stderr


def test_a_quiet_token_comes_alone(started: Started) -> None:
    given = started.command("token", "--quiet")
    assert (given.stderr, given.stdout.count("\n")) == ("", 1)


def test_the_broker_of_the_lines_lets_a_service_ask_and_nothing_else(started: Started) -> None:
    assert "amqp://requester:" in started.printed
    assert started.state.read_env()["BROKER_URL"] not in started.printed
