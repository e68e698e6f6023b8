"""What webhooks may be asked for, and when an attempt is repeated.

Signatures and headers are those of Standard Webhooks 1.0.0 (https://www.standardwebhooks.com), so that its libraries
check them. What is posted is the event as it is published to other services: CloudEvents 1.0 in JSON.
"""

from __future__ import annotations

from shared.contract.events import EVENTS, RECORDS_CHANGED
from shared.contract.job import ENDS, Status

#: Types of events that a webhook may ask for. Those of single records are published over RabbitMQ only: an import of
#: 100,000 rows would make as many calls.
OFFERED = tuple(kind for kind in EVENTS if kind.startswith("job.") or kind == RECORDS_CHANGED)
#: What a `callback_url` gets: where a job waits for a person, and where it ends.
TO_CALLBACK = frozenset(f"job.{status.value}" for status in {*ENDS, Status.PROPOSED, Status.VALIDATED})

#: The public id of the webhook that signs what is posted to the `callback_url` of jobs.
CALLBACK = "callback"
MOST_WEBHOOKS = 20

#: Seconds before each repetition; in all a day.
PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 29845)
#: A pause that the receiver asks for with Retry-After counts up to this many seconds.
LONGEST_PAUSE = 3600
#: How many of the latest attempts a delivery keeps.
ATTEMPTS_KEPT = 11
#: How many days a delivery is kept.
KEPT_DAYS = 30
#: How many hours the secret before still signs after a rotation, where nothing else is asked for.
OVERLAP_HOURS = 24

BY_PERSON, FAILING, GONE = "by_person", "failing", "gone"
WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
