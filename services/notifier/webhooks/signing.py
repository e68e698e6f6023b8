"""The headers by which a receiver knows who sent a webhook, and that it is no repetition (Standard Webhooks 1.0.0)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

from shared.contract.documents.webhook import Secret


def signed_headers(secrets: Sequence[Secret], message_id: str, body: str, now: datetime) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` in seconds, and `webhook-signature` by each secret that still counts.

    The newest secret comes first. `now` is the time of this attempt, in any zone.
    """
    at = now.astimezone(UTC).replace(microsecond=0)
    valid = [known["secret"] for known in secrets if known["ends_at"] is None or known["ends_at"] > now]
    signatures = [Signer(secret).sign(message_id, at, body) for secret in valid]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
