"""Where links to clients lead: to our own pages, or to those of the platform, where `CLIENTS_URL` names them."""

from __future__ import annotations

import re
from urllib.parse import quote

#: What an address may have a place for.
PLACES = ("firm", "kind", "id", "job")
_PLACE = re.compile(r"\{(\w+)\}")


def unknown_places(url: str) -> list[str]:
    """The places of an address that nothing is put into."""
    return [name for name in _PLACE.findall(url) if name not in PLACES]


def filled(url: str, **values: str | None) -> str:
    """The address with values at its places, percent-encoded; a place without a value stays empty.

    >>> filled("https://app.example/{firm}/{kind}?open={id}&import={job}", firm="a b", kind="accounts", id="1f")
    'https://app.example/a%20b/accounts?open=1f&import='
    """
    return _PLACE.sub(lambda place: quote(values.get(place[1]) or "", safe=""), url)
