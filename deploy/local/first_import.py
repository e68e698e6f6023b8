"""The lines by which another service asks for its first import, ready to be pasted into a shell."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from deploy.local.servers import RabbitServer
from deploy.local.state import State
from deploy.rabbitmq.setup import REQUESTER
from shared.contract.routes import API

MEMORY = "memory://"
#: Two clients for each way, so that both can be tried one after the other.
OVER_HTTP = (("Cedar NV", "ann@cedar.example"), ("Birch BV", "bob@birch.example"))
OVER_RABBITMQ = (("Elm BV", "cy@elm.example"), ("Fir NV", "dee@fir.example"))
OPTIONS = {"autostart": True}


@dataclass(frozen=True)
class Asker:
    """Another service: what it asks with, and for which firm. `broker` is empty where there is no RabbitMQ."""

    url: str
    broker: str
    firm: str
    token: str


def broker_of(state: State) -> str:
    """The broker's url for the user `requester` of the system of a folder; empty where it has no RabbitMQ.

    A broker that the environment names is asked as its own user, unless REQUESTER_BROKER_PASSWORD has the other's.
    """
    given = os.environ.get("BROKER_URL") or state.read_env().get("BROKER_URL", "")
    folder = state.folder / RabbitServer.name
    if not given and RabbitServer.available():  # it does not run yet, and will have these addresses
        return RabbitServer(folder).requester_url
    if not given or given.startswith(MEMORY):
        return ""
    password = os.environ.get("REQUESTER_BROKER_PASSWORD")
    if not password:
        return RabbitServer.as_requester(folder, given)
    parts = urlsplit(given)
    login = f"{REQUESTER}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl()


def lines(asker: Asker) -> str:
    """Both ways, each in five lines of its own."""
    return f"{_over_http(asker)}\n\n{_over_rabbitmq(asker)}"


def _rows(clients: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"Client": name, "E-mail": address} for name, address in clients]


def _over_http(asker: Asker) -> str:
    body = json.dumps({"rows": _rows(OVER_HTTP), "options": OPTIONS})
    return "\n".join(
        (
            "# The first import of your service over HTTP, to be pasted into a shell:",
            f"curl -sS --fail-with-body {shlex.quote(f'{asker.url}{API}/jobs')} \\",
            f"  -H {shlex.quote(f'Authorization: Bearer {asker.token}')} \\",
            f"  -H {shlex.quote(f'X-Firm-Id: {asker.firm}')} \\",
            "  -H 'Content-Type: application/json' \\",
            f"  -d {shlex.quote(body)}",
        )
    )


def _over_rabbitmq(asker: Asker) -> str:
    if not asker.broker:
        return "# Over RabbitMQ: not now, because this system runs without it, over memory://."
    given = ", ".join(json.dumps(value) for value in (asker.broker, asker.token, asker.firm))
    return "\n".join(
        (
            "# The same over RabbitMQ:",
            f"{shlex.quote(sys.executable)} - <<'END'",
            "from carryover_client import Requester",
            f"with Requester({given}) as requester:",
            f"    print(requester.enqueue({_rows(OVER_RABBITMQ)!r}, {OPTIONS!r})['links']['self'])",
            "END",
        )
    )
