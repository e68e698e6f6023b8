"""Sets a broker up as `definitions.json` describes, with a user for each service; may run again at any time.

`python -m deploy.rabbitmq.setup`, with RABBITMQ_API_URL, RABBITMQ_ADMIN, RABBITMQ_ADMIN_PASSWORD and
UPLOAD_BROKER_PASSWORD … NOTIFIER_BROKER_PASSWORD. With REQUESTER_BROKER_PASSWORD it makes the user `requester` for
services that ask for imports, with OPERATOR_BROKER_PASSWORD the user `operator` of `carryover-ops`. It waits for the
broker.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.topology import (
    VHOST,
    operator_permissions,
    parked_policy,
    permissions,
    requester_permissions,
)
from shared.contract.routes import SERVICES

DEFINITIONS = Path(__file__).with_name("definitions.json")
WAIT_SECONDS = 180.0
REQUESTER, OPERATOR = "requester", "operator"
#: The first version that limits deliveries by default, and takes -1 for no limit.
LIMITS_BY_DEFAULT = 4


@dataclass(frozen=True)
class Management:
    """The broker's management API (https://www.rabbitmq.com/docs/management#http-api)."""

    url: str
    user: str
    password: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request; raises `OSError` where the answer is not a success."""
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            detail = error.read().decode("utf-8", "replace")[:500]
            raise OSError(f"{method} {path} answered {error.code}: {detail}") from error
        return json.loads(text) if text else None


def wait(broker: Management, limit: float = WAIT_SECONDS) -> str:
    """Give the broker's version as soon as it answers; raises its last error after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        try:
            return str(broker.call("GET", "overview")["rabbitmq_version"])
        except OSError as error:
            if time.monotonic() > deadline:
                raise
            say(f"waiting for the broker: {error}")
        time.sleep(2)


def set_up(broker: Management, version: str, passwords: dict[str, str]) -> None:
    """Exchange, queues, bindings, policies; then the users with what they may do."""
    vhost = quote(VHOST, safe="")
    broker.call("POST", "definitions", json.loads(DEFINITIONS.read_text()))
    if int(version.split(".")[0]) >= LIMITS_BY_DEFAULT:
        policy = parked_policy()
        broker.call("PUT", f"policies/{vhost}/{policy['name']}", policy)
    for service, password in passwords.items():
        broker.call("PUT", f"users/{service}", {"password": password, "tags": ""})
        broker.call("PUT", f"permissions/{vhost}/{service}", permissions(service))


def set_up_requester(broker: Management, password: str, vhost: str = VHOST) -> None:
    """The user of services that ask for imports."""
    _set_up_user(broker, REQUESTER, password, vhost, requester_permissions())


def set_up_operator(broker: Management, password: str, vhost: str = VHOST) -> None:
    """The user of `carryover-ops`."""
    _set_up_user(broker, OPERATOR, password, vhost, operator_permissions())


def _set_up_user(
    broker: Management, user: str, password: str, vhost: str, may: tuple[dict[str, str], dict[str, str]]
) -> None:
    """A user with the rights on names, and with those on routing keys."""
    vhost = quote(vhost, safe="")
    rights, of_topic = may
    broker.call("PUT", f"users/{user}", {"password": password, "tags": ""})
    broker.call("PUT", f"permissions/{vhost}/{user}", rights)
    broker.call("PUT", f"topic-permissions/{vhost}/{user}", of_topic)


def say(text: str) -> None:
    """Write to the log."""
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Set the broker up; exit code 1 with a sentence where that cannot be."""
    names = {service: f"{service.upper()}_BROKER_PASSWORD" for service in SERVICES}
    needed = ("RABBITMQ_API_URL", "RABBITMQ_ADMIN", "RABBITMQ_ADMIN_PASSWORD", *names.values())
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        say(f"not set: {', '.join(missing)}")
        return 1
    broker = Management(*(os.environ[name] for name in needed[:3]))
    try:
        version = wait(broker)
        set_up(broker, version, {service: os.environ[name] for service, name in names.items()})
        if password := os.environ.get("REQUESTER_BROKER_PASSWORD"):
            set_up_requester(broker, password)
        if password := os.environ.get("OPERATOR_BROKER_PASSWORD"):
            set_up_operator(broker, password)
    except OSError as error:
        say(f"the broker was not set up: {error}")
        return 1
    say(f"RabbitMQ {version} is set up for {', '.join(SERVICES)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
