"""The wizard's own settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from environs import Env, EnvError

from services.wizard.client_links import PLACES, unknown_places

DEFAULT_PORTS = {"https": 443, "http": 80}
#: a name or an IPv4 address, in small letters; names with other letters are written as browsers send them, `xn--…`
HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
SEPARATORS = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class WizardSettings:
    """`api_url` is where the public API answers, as seen from here; `embed_origins` may embed the pages.

    `clients_url` is where the platform shows clients itself: links to clients then lead there.
    """

    api_url: str
    embed_origins: tuple[str, ...] = ()
    clients_url: str | None = None


def load_wizard_settings() -> WizardSettings:
    """Read the environment; without `API_URL` the API is on this machine, at the port pages are served from.

    Raises `EnvError` for an origin that is none.
    """
    env = Env()
    port = env.str("PORT", "") or "8080"  # make passes a blank one where none is given
    given = (one for one in SEPARATORS.split(env.str("EMBED_ORIGINS", "")) if one)
    return WizardSettings(
        api_url=env.str("API_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        embed_origins=tuple(dict.fromkeys(map(origin, given))),
        clients_url=_clients_url(env.str("CLIENTS_URL", "")),
    )


def _clients_url(text: str) -> str | None:
    """The address of the platform's clients, with its places; raises `EnvError` for what is none."""
    if not text:
        return None
    try:
        right = urlsplit(text).scheme in ("https", "http") and bool(urlsplit(text).hostname)
    except ValueError:
        right = False
    if not right or unknown_places(text) or any(sign.isspace() for sign in text):
        raise EnvError(
            f"CLIENTS_URL: {text!r} is no address like https://app.example/{{firm}}/{{kind}}/{{id}}; it may have places"
            f" for {', '.join(PLACES)}"
        )
    return text


def origin(text: str) -> str:
    """An origin as browsers write it: small letters, and no port that is the scheme's own.

    https, or http on this machine, which browsers trust alike. Raises `EnvError` for all else.
    The form: RFC 6454, section 6.2. What is trusted: https://w3c.github.io/webappsec-secure-contexts/#localhost
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        plain = (
            f"{parts.scheme}://{parts.netloc}".lower() == text.lower()
            and "@" not in text
            and not text.endswith(":")
        )
        host = _host(host)
    except ValueError:
        plain, host, port = False, "", None
    if not (plain and host and port != 0):
        raise EnvError(
            f"EMBED_ORIGINS: {text!r} is no origin. Write https://host or https://host:port, "
            "without a path and without *, names with other letters as xn--…"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(host)):
        raise EnvError(f"EMBED_ORIGINS: {text!r} must begin with https://; http:// is for localhost only")
    shown = "" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def _host(host: str) -> str:
    """A host as an origin shows it; raises `ValueError` for what is none."""
    if ":" in host:
        return f"[{IPv6Address(host).compressed}]"
    if HOST.fullmatch(host) is None or len(host) > 253:
        raise ValueError(host)
    if host.rpartition(".")[2].isdigit():  # an address, for browsers
        return str(ip_address(host))
    return host


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
