"""Addresses of the outside that firms name: which may be called, and connections that go to a checked address only.

A service that calls addresses named by others can be used to reach what only it can reach: its own machine, the network
around it, the metadata service of the cloud (OWASP, Server-Side Request Forgery Prevention). So a name is looked up
once, all its addresses are checked, and the connection goes to one of them.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

import httpcore
import idna

from shared.plumbing.problem import Problem
from shared.plumbing.settings import Network

HTTPS_PORT, HTTP_PORT = 443, 80
#: Ports below are of other protocols, such as mail.
FIRST_FREE_PORT = 1024
#: Unicast addresses that the registry has given out so far (IANA, IPv6 Global Unicast Address Assignments).
_UNICAST = IPv6Network("2000::/3")
#: Public by the registries, and yet not the open internet: protocol assignments (RFC 6890), Teredo (RFC 4380), 6to4
#: (RFC 3056), and the address at which machines of Azure find its services.
_NOT_OPEN = [ip_network(text) for text in ("192.0.0.0/24", "168.63.129.16/32", "2001::/23", "2002::/16")]


class AddressRefused(Exception):
    """An address that must not be called."""


class AddressUnknown(Exception):
    """The name has no address."""


class Target(NamedTuple):
    """Where a URL leads: its scheme, its host as the DNS has it, and its port."""

    scheme: str
    host: str
    port: int


def target_of(url: str) -> Target:
    """Take a URL apart; raises `AddressRefused` where it is none that may be called."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        ascii_host = host if ":" in host or host.isascii() else idna.encode(host, uts46=True).decode()
        port = parts.port or (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)
    except ValueError as error:  # among them those of `idna`
        raise AddressRefused("no address of the web") from error
    if parts.scheme not in ("https", "http") or not host or parts.username is not None or parts.fragment:
        raise AddressRefused("no address of the web")
    return Target(parts.scheme, ascii_host, port)


def is_open(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of the open internet."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_open(address.ipv4_mapped)
        if address not in _UNICAST:
            return False
    ours = any(address in network for network in _NOT_OPEN if network.version == address.version)
    return address.is_global and not address.is_multicast and not address.is_reserved and not ours


def checked(target: Target, found: Iterable[str], allowed: Sequence[Network]) -> list[str]:
    """The addresses of a target, when all of them may be called; raises `AddressRefused`.

    In the networks that the platform allows any port and plain HTTP will do; elsewhere it is HTTPS, to its own port or
    to one that belongs to no other protocol.
    """
    addresses = [ip_address(text.partition("%")[0]) for text in found]
    for address in addresses:
        plain = getattr(address, "ipv4_mapped", None) or address
        if any(plain in network for network in allowed if network.version == plain.version):
            continue
        fitting = target.port == HTTPS_PORT or target.port >= FIRST_FREE_PORT
        if target.scheme != "https" or not fitting or not is_open(address):
            raise AddressRefused(f"{target.host} is not of the open internet")
    return [str(address) for address in addresses]


def check_url(url: str, allowed: Sequence[Network]) -> None:
    """Look a URL up; raises the problem of one that must not be called, or that has no address."""
    try:
        target = target_of(url)
        checked(
            target, _found(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)), allowed
        )
    except AddressRefused as refused:
        raise Problem("private_address", url=url) from refused
    except (OSError, UnicodeError) as error:
        raise Problem("unknown_address", url=url) from error


def _found(infos: Iterable[tuple[object, object, object, object, tuple[object, ...]]]) -> list[str]:
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


class CheckedConnections(httpcore.AsyncNetworkBackend):
    """Connects to an address of one target that may be called, and to nothing else."""

    def __init__(self, target: Target, allowed: Sequence[Network]) -> None:
        self._target = target
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look the target up, check its addresses, and connect to the first that answers.

        Raises `AddressRefused`, `AddressUnknown`, or what httpcore raises where nobody answers.
        """
        failed: Exception = AddressUnknown(host)
        for address in await self._addresses():
            try:
                return await self._inner.connect_tcp(
                    address, self._target.port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def _addresses(self) -> list[str]:
        host, port, loop = self._target.host, self._target.port, asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise AddressUnknown(host) from error
        return checked(self._target, _found(found), self._allowed)
