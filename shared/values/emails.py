"""E-mail addresses, judged by email-validator; ordinary addresses are recognised faster, with the same answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase

from email_validator import EmailNotValidError, validate_email

from shared.values.judging import Finding, Judge, Judged, without_repeats, wrong

# RFC 5322 atoms without the signs that are rare; anything else goes the long way.
_ORDINARY = re.compile(r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_IN_BRACKETS = re.compile(r"[^<>@]*<\s*([^<>]+?)\s*>[\s.,;]*")
_BEFORE_A_NAME = re.compile(r"([^\s()@]+@[^\s()@]+)\s*\([^()@]*\)")
_BETWEEN = re.compile(r"\s+(?:et|en|and|und|ou|of|or|oder|y|e|o|[&+-])\s+|[\s;,/|\\]+", re.I)
_BESIDE = re.compile(r"\([^()@]*\)|\b[^\W\d_]+\s*:")  # "(privé)", "werk:"
_SCHEME = re.compile(r"mailto:", re.I)
_BEFORE, _AFTER = "<([\"'", ">)]\"'.,;:"
_MAX_LOCAL, _MAX_ADDRESS = 64, 254  # characters; RFC 5321 section 4.5.3.1 and RFC 3696 erratum 1690
_MAX_CELL = 2_000  # characters; room for several addresses with names

# The full-width forms of ASCII, as typed with an East Asian keyboard (Unicode FF01-FF5E), and the full stop.
_FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(0x5E)} | {0x3002: 0x2E}

# Domains that people often mistype, and the only ending that some of them have.
_PROVIDERS = ("gmail", "hotmail", "outlook", "yahoo", "icloud", "telenet", "skynet", "proximus", "wanadoo")
_ONLY_ENDING = {"gmail": "com", "icloud": "com"}
# No such top-level domains exist (IANA root zone).
_MISTYPED_ENDINGS = {
    **dict.fromkeys(["con", "cmo", "ocm", "comm", "coom", "vom", "xom", "cpm", "clm"], "com"),
    "bee": "be",
    "nett": "net",
    "ner": "net",
    "ogr": "org",
}


def judge_email(members: frozenset[str] = frozenset()) -> Judge:
    """A judge of e-mail addresses that refuses those of team members (in small letters).

    A domain that looks mistyped is noted with a suggestion, and never changed.
    """

    def judge(text: str, region: str | None) -> Judged:
        if len(text) > _MAX_CELL:
            return wrong("invalid_email", text)
        value = _address(text)
        if value is None:
            several = _several(text)
            if len(several) > 1:
                return wrong("multiple_emails", text)
            value = _address(several[0]) if several else None
        if value is None:
            meant = _meant(text)
            return wrong("mistyped_email", text, suggestion=meant) if meant else wrong("invalid_email", text)
        if value.lower() in members:
            return wrong("team_member_email", value)
        local, _, domain = value.rpartition("@")
        better = better_domain(domain)
        finding = (
            Finding("doubtful_email", {"value": value, "suggestion": f"{local}@{better}"}) if better else None
        )
        return Judged(value, finding, "email_reformatted" if value != text else None)

    return judge


def two_addresses(text: str) -> tuple[str, str] | None:
    """The two different e-mail addresses that a cell holds; None where it holds anything else."""
    if len(text) > _MAX_CELL or text.count("@") < 2:
        return None
    several = _several(_BESIDE.sub(" ", _SCHEME.sub("", text)))
    return (several[0], several[1]) if len(several) == 2 and all(map(_address, several)) else None


def _several(text: str) -> list[str]:
    """The addresses in a text; none where it holds anything else than addresses and names in brackets."""
    text = _SCHEME.sub("", text.translate(_FULL_WIDTH))
    bracketed = _IN_BRACKETS.fullmatch(text) or _BEFORE_A_NAME.fullmatch(text)
    if bracketed:
        return [_bare(bracketed[1])]
    pieces = re.findall(r"<\s*([^<>\s]+@[^<>\s]+)\s*>", text)
    if len(pieces) < 2:
        pieces = [_bare(piece) for piece in _BETWEEN.split(text)]
    filled = [piece for piece in pieces if piece]
    if not all("@" in piece for piece in filled):
        return []
    return without_repeats(filled)


def _bare(piece: str) -> str:
    return piece.lstrip(_BEFORE).rstrip(_AFTER)


def _meant(text: str) -> str | None:
    """What a wrong address may mean: a comma for a point, a space too many, (at) for @, words behind it."""
    plain = re.sub(r"\s*[(\[{]\s*(?:at|arobase|apenstaartje)\s*[)\]}]\s*", "@", text, flags=re.I)
    plain = re.sub(r"\s*[@.,][\s@.,]*", lambda found: _one_of("@.,", found[0]), plain)
    first = _bare(plain.replace(",", ".").split(" ")[0])
    return _address(first) if first != text else None


def _one_of(signs: str, run: str) -> str:
    """The strongest of the signs in a run of them."""
    return next(sign for sign in signs if sign in run)


@lru_cache(maxsize=20_000)
def better_domain(domain: str) -> str | None:
    """The domain that a mistyped one may mean (gmial.com, hotmail.con); None where nothing looks wrong."""
    name, _, ending = domain.rpartition(".")
    meant = _MISTYPED_ENDINGS.get(ending, ending)
    provider = _providers().get(name)
    if provider:
        name, meant = provider, _ONLY_ENDING.get(provider, meant)
    better = f"{name}.{meant}"
    return better if better != domain else None


@lru_cache(maxsize=1)
def _providers() -> dict[str, str]:
    """The provider behind its name and behind every name that one slip of the hand makes of it."""
    return {slip: name for name in _PROVIDERS for slip in (*_slips(name), name)}


def _slips(name: str) -> Iterator[str]:
    """The name with one letter left out, changed, added or swapped; people hardly miss the first letter."""
    for at in range(1, len(name) + 1):
        before, after = name[:at], name[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]


def _address(text: str) -> str | None:
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary and len(ordinary[1]) <= _MAX_LOCAL:
        domain = _domain(ordinary[2])
        whole = f"{ordinary[1]}@{domain}"
        return whole if domain and len(whole) <= _MAX_ADDRESS else None
    return _long_way(text)


@lru_cache(maxsize=20_000)
def _domain(domain: str) -> str | None:
    value = _long_way("a@" + domain)
    return value[2:] if value else None


def _long_way(text: str) -> str | None:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
