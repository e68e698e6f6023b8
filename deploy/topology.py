"""The topology of the broker, derived from the routes: exchange, queues, bindings, policies, permissions.

`python -m deploy.topology > deploy/rabbitmq/definitions.json`
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from shared.contract.events import EVENTS_EXCHANGE
from shared.contract.routes import (
    ANSWERS_REQUESTS,
    EXCHANGE,
    LANES,
    PUBLISHES_EVENTS,
    REQUESTED,
    REQUESTS,
    SERVICES,
    bindings,
    parked_queue,
    queue_name,
)

VHOST = "/"
#: A last protection: attempts are counted at the task. One more than this many deliveries, and the broker parks.
DELIVERY_LIMIT = 12


def definitions() -> dict[str, Any]:
    """Everything but the users, in the form that RabbitMQ imports."""
    names = list(dict.fromkeys(name for name, _ in bindings()))
    return {
        "vhosts": [{"name": VHOST}],
        "exchanges": [
            {
                "name": name,
                "vhost": VHOST,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for name in (EXCHANGE, EVENTS_EXCHANGE)
        ],
        "queues": [
            {
                "name": name,
                "vhost": VHOST,
                "durable": True,
                "auto_delete": False,
                "arguments": {"x-queue-type": "quorum"},
            }
            for name in names
        ],
        "bindings": [
            {
                "source": EXCHANGE,
                "vhost": VHOST,
                "destination": name,
                "destination_type": "queue",
                "routing_key": key,
                "arguments": {},
            }
            for name, key in bindings()
        ],
        "policies": [_policy(service) for service in SERVICES],
    }


def _policy(service: str) -> dict[str, Any]:
    """The limits of a service's queues.

    Dead letters are confirmed only with `at-least-once`, which needs `reject-publish`
    (https://www.rabbitmq.com/docs/quorum-queues#dead-lettering).
    """
    return {
        "vhost": VHOST,
        "name": f"{EXCHANGE}-{service}",
        "pattern": _own_queues(service),
        "apply-to": "queues",
        "priority": 0,
        "definition": {
            "delivery-limit": DELIVERY_LIMIT,
            "dead-letter-exchange": EXCHANGE,
            "dead-letter-routing-key": f"parked.{service}",
            "dead-letter-strategy": "at-least-once",
            "overflow": "reject-publish",
        },
    }


def parked_policy() -> dict[str, Any]:
    """No delivery limit on parked queues, so that looking costs nothing.

    For RabbitMQ 4.0 and later, which limits to 20 by default; earlier ones have no limit and refuse the -1.
    """
    queues = "|".join(re.escape(parked_queue(service)) for service in SERVICES)
    return {
        "vhost": VHOST,
        "name": f"{EXCHANGE}-parked",
        "pattern": f"^({queues})$",
        "apply-to": "queues",
        "priority": 0,
        "definition": {"delivery-limit": -1},
    }


def permissions(service: str) -> dict[str, str]:
    """What the user of a service may do: create nothing, publish to the exchange, read its own queues.

    Only the service of `routes.py` that publishes to other services may publish events.
    """
    exchanges = (EXCHANGE, EVENTS_EXCHANGE) if service == PUBLISHES_EVENTS else (EXCHANGE,)
    write = "|".join(re.escape(name) for name in exchanges)
    if service == ANSWERS_REQUESTS:
        write += "|amq\\.default"  # answers go to the queue that the request names
    return {"configure": "^$", "write": f"^({write})$", "read": _own_queues(service)}


def requester_permissions() -> tuple[dict[str, str], dict[str, str]]:
    """What a service that only asks for imports may do, and under which keys it may publish.

    It publishes requests, reads events, and has queues of its own for both, whose names begin with `requester.`.
    """
    own = r"requester\..*"
    rights = {
        "configure": f"^{own}$",
        "write": f"^({re.escape(EXCHANGE)}|{own})$",
        "read": f"^({re.escape(EVENTS_EXCHANGE)}|{own})$",
    }
    return rights, {"exchange": EXCHANGE, "write": f"^{re.escape(REQUESTED)}$", "read": "^$"}


def operator_permissions() -> tuple[dict[str, str], dict[str, str]]:
    """What the user of `carryover-ops` may do, and under which keys it may publish.

    It reads parked queues and no others, and sends work again. Looking at the length of a queue needs no right
    (https://www.rabbitmq.com/docs/access-control#authorisation).
    """
    parked = "|".join(re.escape(parked_queue(service)) for service in SERVICES)
    keys = "|".join(re.escape(key) for name, key in bindings() if key.startswith("work."))
    rights = {"configure": "^$", "write": f"^{re.escape(EXCHANGE)}$", "read": f"^({parked})$"}
    return rights, {"exchange": EXCHANGE, "write": f"^({keys})$", "read": "^$"}


def _own_queues(service: str) -> str:
    names = [queue_name(service, lane) for lane in LANES]
    if service == ANSWERS_REQUESTS:
        names.append(REQUESTS)
    return f"^({'|'.join(map(re.escape, names))})$"


if __name__ == "__main__":
    json.dump(definitions(), sys.stdout, indent=1)
    sys.stdout.write("\n")
