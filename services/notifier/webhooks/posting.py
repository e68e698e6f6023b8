"""Posts one body to one address, within a time, and says what came of it."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

import httpcore

from shared.plumbing import clock
from shared.plumbing.outgoing import AddressRefused, AddressUnknown, CheckedConnections, target_of
from shared.plumbing.settings import Network

#: seconds that an address has, from looking its name up to the last line of its head
SECONDS = 15.0
AGENT = "Carryover-Webhooks/1"
#: signs of a path or query that stay as they are; an escape that is there already is not escaped again
PLAIN = "/?:@!$&'()*+,;=-._~%"


@dataclass(frozen=True)
class Posted:
    """What came of an attempt: the status, or an `error`; `pause` is what the address asked for with Retry-After."""

    at: datetime
    ms: int
    status: int | None = None
    error: str | None = None
    pause: float | None = None

    @property
    def taken(self) -> bool:
        """Whether the address took it: 2xx. A redirect is no answer, because nobody checked where it leads."""
        return self.status is not None and 200 <= self.status < 300


class Poster:
    """Posts to addresses that may be called."""

    def __init__(self, allowed: Sequence[Network], trust: ssl.SSLContext | None = None) -> None:
        self._allowed = allowed
        self._trust = trust or ssl.create_default_context()

    async def post(self, url: str, headers: Mapping[str, str], body: str, seconds: float = SECONDS) -> Posted:
        """Post once; never raises for what the address does or is."""
        at, began = clock.now(), time.monotonic()
        status, error, pause = None, None, None
        try:
            async with asyncio.timeout(seconds):
                status, pause = await self._answer(url, headers, body)
        except AddressRefused:
            error = "private_address"
        except AddressUnknown:
            error = "unknown_address"
        except (TimeoutError, httpcore.TimeoutException):
            error = "timeout"
        except ssl.SSLError:
            error = "certificate"
        except (httpcore.ConnectError, OSError) as failed:
            error = "certificate" if _is_of_tls(failed) else "unreachable"
        except (httpcore.NetworkError, httpcore.ProtocolError, ValueError):
            error = "broken_answer"
        return Posted(at, int((time.monotonic() - began) * 1000), status, error, pause)

    async def _answer(self, url: str, headers: Mapping[str, str], body: str) -> tuple[int, float | None]:
        """The status and the pause that is asked for. The body of the answer is not read: it may have no end."""
        connections = CheckedConnections(target_of(url), self._allowed)
        sent = {**headers, "content-type": "application/json", "user-agent": AGENT, "accept": "*/*"}
        async with (
            httpcore.AsyncConnectionPool(self._trust, network_backend=connections) as pool,
            pool.stream("POST", _as_sent(url), headers=list(sent.items()), content=body.encode()) as answer,
        ):
            return answer.status, _pause(dict(answer.headers))


def _as_sent(url: str) -> httpcore.URL:
    """The URL as it goes over the line: the host as the DNS has it, the rest percent-encoded (RFC 3986)."""
    scheme, host, port = target_of(url)
    parts = urlsplit(url)
    target = quote(parts.path or "/", safe=PLAIN) + (
        f"?{quote(parts.query, safe=PLAIN)}" if parts.query else ""
    )
    return httpcore.URL(scheme=scheme, host=host, port=port, target=target)


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether an error of the connection began as one of TLS, however it was wrapped."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _pause(headers: Mapping[bytes, bytes]) -> float | None:
    """Seconds that `Retry-After` names (RFC 9110, 10.2.3); None for a date or nothing."""
    given = next((value for name, value in headers.items() if name.lower() == b"retry-after"), b"")
    return float(given) if given.isdigit() and len(given) < 9 else None
