"""The links of letters: pages of the platform, with a token that says whom the mail was for.

The token is a JWT (RFC 7519) with a secret of its own, and names ids alone, so that a forwarded mail shows nothing
about the client. `typ` and `aud` keep it apart from the tokens of the API (RFC 8725, 3.11 and 3.12).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import jwt

from shared.contract.records import public_id

ALGORITHM = "HS256"
ISSUER = "carryover"
TYPE = "invitation+jwt"
PLACE = "{token}"


def audience(kind: str) -> str:
    """The `aud` of the links of a kind of letters: `carryover:invitation`, `carryover:questionnaire`."""
    return f"{ISSUER}:{kind}"


def token_of(
    kind: str, secret: str, firm: str, contact: str, now: datetime, days: int, account: str | None = None
) -> str:
    """The token of a letter to a contact; of a questionnaire it names the account, too."""
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": audience(kind),
        "sub": public_id(contact),
        "firm": firm,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=days)).timestamp()),
    }
    if account:
        claims["account"] = public_id(account)
    return jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"typ": TYPE})


def link_with(url: str, token: str) -> str:
    """The address of the page: with the token at its place, or added to the query.

    >>> link_with("https://portal.example/welcome?lang=nl#top", "abc")
    'https://portal.example/welcome?lang=nl&token=abc#top'
    """
    if PLACE in url:
        return url.replace(PLACE, token)
    parts = urlsplit(url)
    query = f"{parts.query}&token={token}" if parts.query else f"token={token}"
    return urlunsplit(parts._replace(path=parts.path or "/", query=query))
