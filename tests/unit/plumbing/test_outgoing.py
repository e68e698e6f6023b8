"""Tests which addresses of firms may be called: none that only our own network can reach."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from shared.plumbing import outgoing
from shared.plumbing.outgoing import AddressRefused, Target, check_url, checked, is_open, target_of
from shared.plumbing.problem import Problem

#: Of each network that is not the open internet its first, a middle and its last address.
CLOSED_NETWORKS = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"),
    *("::/128", "::1/128", "::ffff:127.0.0.0/104", "::ffff:10.0.0.0/104", "::7f00:0/104", "64:ff9b::/96"),
    *("64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002:7f00::/24", "2002:a9fe::/32"),
    *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]
METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
]
OPEN = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "2a00:1450:400e::200e",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("text", CLOSED_NETWORKS)
def test_no_address_of_a_closed_network_is_open(text: str) -> None:
    network = ip_network(text)
    for address in (network[0], network[network.num_addresses // 2], network[-1]):
        assert not is_open(address), address


@pytest.mark.parametrize("text", METADATA)
def test_no_metadata_service_is_open(text: str) -> None:
    assert not is_open(ip_address(text))


@pytest.mark.parametrize("text", OPEN)
def test_addresses_of_the_internet_are_open(text: str) -> None:
    assert is_open(ip_address(text))


#: Ways to write an address of one's own machine that a resolver understands.
OWN = [
    *(
        "127.0.0.1",
        "127.1",
        "0",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "localhost",
        "LOCALHOST",
        "[::1]",
    ),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "127.0.0.1.", "①②⑦.⓪.⓪.①"),
]


@pytest.mark.parametrize("host", OWN)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_way_to_write_ones_own_machine_passes(scheme: str, host: str) -> None:
    with pytest.raises(Problem) as refused:
        check_url(f"{scheme}://{host}/events", ())
    assert refused.value.code in ("private_address", "unknown_address")


@pytest.mark.parametrize(
    "url", ["ftp://1.1.1.1/", "https://me:pw@1.1.1.1/", "https:///a", "https://1.1.1.1:99999/"]
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(Problem) as refused:
        check_url(url, ())
    assert refused.value.code == "private_address"


def test_one_closed_address_among_several_refuses_the_name() -> None:
    with pytest.raises(AddressRefused):
        checked(Target("https", "both.example", 443), ["1.1.1.1", "10.0.0.1"], ())


@pytest.mark.parametrize(
    ("scheme", "port", "passes"),
    [
        ("https", 443, True),
        ("https", 8443, True),
        ("https", 25, False),
        ("https", 22, False),
        ("http", 80, False),
    ],
)
def test_the_open_internet_is_called_by_https_and_on_no_port_of_another_protocol(
    scheme: str, port: int, passes: bool
) -> None:
    target = Target(scheme, "a.example", port)
    if passes:
        assert checked(target, ["1.1.1.1"], ()) == ["1.1.1.1"]
    else:
        with pytest.raises(AddressRefused):
            checked(target, ["1.1.1.1"], ())


@pytest.mark.parametrize("found", ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"])
def test_the_platform_may_allow_its_own_networks_by_any_scheme_and_port(found: str) -> None:
    allowed = (ip_network("10.1.0.0/16"), ip_network("fd12::/48"))
    assert checked(Target("http", "crm.internal", 81), [found], allowed)
    with pytest.raises(AddressRefused):
        checked(Target("http", "db.internal", 81), ["10.2.0.1"], allowed)


def test_a_name_in_any_script_is_looked_up_as_the_dns_has_it() -> None:
    assert target_of("https://bücher.example/a?b").host == "xn--bcher-kva.example"


def test_a_name_that_nobody_knows_is_told_apart_from_one_that_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", unknown)
    with pytest.raises(Problem) as refused:
        check_url("https://nowhere.example/", ())
    assert refused.value.code == "unknown_address"
