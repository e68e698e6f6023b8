"""E-mail addresses, judged by email-validator; ordinary addresses take a short way with the same answer."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from services.validator.judging import Judge, Judged, without_repeats, wrong

# RFC 5322 atoms without the signs that are rare; anything else goes the long way.
_ORDINARY = re.compile(r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_IN_BRACKETS = re.compile(r"[^<>@]*<\s*([^<>]+?)\s*>")
_BETWEEN = re.compile(r"[\s;,/|]+")
_MAX_LOCAL, _MAX_ADDRESS = 64, 254  # characters; RFC 5321 section 4.5.3.1 and RFC 3696 erratum 1690


def judge_email(members: frozenset[str] = frozenset()) -> Judge:
    """A judge of e-mail addresses that refuses those of team members (in small letters)."""

    def judge(text: str, region: str | None) -> Judged:
        value = _address(text)
        if value is None:
            several = _several(text)
            if len(several) > 1:
                return wrong("multiple_emails", text)
            value = _address(several[0]) if several else None
        if value is None:
            return wrong("invalid_email", text)
        if value.lower() in members:
            return wrong("team_member_email", value)
        return Judged(value, None, "email_reformatted" if value != text else None)

    return judge


def _several(text: str) -> list[str]:
    bracketed = _IN_BRACKETS.fullmatch(text)
    text = bracketed.group(1) if bracketed else text
    pieces = [piece.removeprefix("mailto:").strip("<>\"'") for piece in _BETWEEN.split(text)]
    filled = [piece for piece in pieces if piece]
    if not all("@" in piece for piece in filled):
        return []
    return without_repeats(filled)


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
