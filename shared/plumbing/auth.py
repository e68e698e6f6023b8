"""Authentication: reads the platform's JWT with a fixed algorithm, and gives the rights of its bearer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from shared.contract.rights import RIGHTS
from shared.contract.texts.catalogues import SOURCE, known

#: The cookie of the pages; it contains the id of a session.
SESSION_COOKIE = "carryover_session"
ALGORITHM = "HS256"
LEEWAY_SECONDS = 30
#: characters of one claim that is a text
MOST_OF_CLAIM = 320
ROLES = ("owner", "admin", "employee", "service")

PUBLIC = "public"
ANYONE = "anyone"
MANAGE_CONTACTS = "manage_contacts"
MANAGE_ACCOUNTS = "manage_accounts"
MANAGE_DIRECTORY = "manage_directory"
MANAGE_WEBHOOKS = "manage_webhooks"
VIEW_ACCOUNTS = "view_accounts"
VIEW_CONTACTS = "view_contacts"
#: Not of a route, but of what an answer shows; the owner has it, all others by name only.
VIEW_REGISTER_NUMBERS = "view_register_numbers"
PERMISSIONS = (
    ANYONE,
    MANAGE_CONTACTS,
    MANAGE_ACCOUNTS,
    MANAGE_DIRECTORY,
    MANAGE_WEBHOOKS,
    VIEW_ACCOUNTS,
    VIEW_CONTACTS,
)

#: Who may write may read.
_FOLLOWS_FROM = {
    VIEW_ACCOUNTS: (MANAGE_ACCOUNTS, MANAGE_CONTACTS),
    VIEW_CONTACTS: (MANAGE_CONTACTS,),
}

#: A firm's id is part of record ids, so it keeps to letters that sort and print plainly.
FIRM = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class AuthError(Exception):
    """The request is not to be served; `code` is one of the catalogue's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Caller:
    """The person or service that asks, and the firm they act for."""

    id: str
    firm: str
    role: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    email: str | None = None
    locale: str = SOURCE

    def may(self, permission: str) -> bool:
        """Owners, admins and services may do everything; an employee what was granted, or what follows from it."""
        if permission == VIEW_REGISTER_NUMBERS:
            return self.role == "owner" or permission in self.permissions
        if permission == ANYONE or self.role != "employee":
            return True
        return not self.permissions.isdisjoint({permission, *_FOLLOWS_FROM.get(permission, ())})

    def rights(self) -> list[str]:
        """The rights over values: make tags, make custom fields, assign others."""
        return [right for right in RIGHTS if self.may(right)]


def bearer_token(header: str) -> str:
    """The token of an authorization header; "" where it holds none."""
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def read_token(token: str, secret: str, firm_header: str | None = None) -> Caller:
    """Give the caller of a JWT.

    Raises `AuthError` with `token_expired`, `not_authenticated` (whatever else is wrong with the token, the
    algorithm `none` among it), or `not_allowed` for a service that names a firm it does not list.
    """
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            leeway=LEEWAY_SECONDS,
            options={"require": ["sub", "role", "exp"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError:
        raise AuthError("token_expired") from None
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError):
        raise AuthError("not_authenticated") from None  # a date may be anything, and too deep or too large
    if claims["role"] not in ROLES or type(claims["exp"]) not in (int, float) or not claims["sub"]:
        raise AuthError("not_authenticated")
    return _caller(claims, firm_header)


def ends_at(token: str) -> float:
    """When a token ends that was read, in seconds since 1970."""
    ends: float = _claims(token)["exp"]
    return ends


def id_of(token: str) -> str:
    """The id (`jti`) of a token that was read; "" where it has none."""
    return _text(_claims(token), "jti") or ""


def _claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def _caller(claims: Mapping[str, Any], firm_header: str | None) -> Caller:
    is_service = claims["role"] == "service"
    firm = (firm_header if is_service else None) or claims.get("firm")
    if not isinstance(firm, str) or not FIRM.fullmatch(firm):
        raise AuthError("not_authenticated")
    _text(claims, "jti")
    listed = _texts(claims, "firms")
    if is_service and "*" not in listed and firm not in listed:
        raise AuthError("not_allowed")
    locale = (_text(claims, "locale") or SOURCE)[:2].lower()
    return Caller(
        id=_text(claims, "sub") or "",
        firm=firm,
        role=claims["role"],
        permissions=frozenset(_permission(name) for name in _texts(claims, "permissions")),
        email=_text(claims, "email"),
        locale=known(locale),
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim that is a text or missing; a text that no database could hold is as wrong as any other type."""
    value = claims.get(name)
    if value is None or (isinstance(value, str) and _can_be_kept(value)):
        return value
    raise AuthError("not_authenticated")


def _texts(claims: Mapping[str, Any], name: str) -> list[str]:
    """A claim that is a list of texts or missing."""
    value = claims.get(name)
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise AuthError("not_authenticated")


def _can_be_kept(text: str) -> bool:
    return (
        len(text) <= MOST_OF_CLAIM and text.encode("utf-8", "replace").decode() == text and "\0" not in text
    )


def _permission(text: str) -> str:
    """*Manage contacts*, manage-contacts and manage_contacts are one right."""
    return re.sub(r"[\s-]+", "_", text.strip().lower())
