"""Pages within a page of the platform: they are the same pages below `/embed`, with cookies of their own.

A browser sends the cookies of `/embed` only within the site that the iframe is in (`Partitioned`, also known as CHIPS:
https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies). Their names
differ from those of the whole pages: where platform and Carryover are one site, a browser sends both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = "/embed"
#: paths of other services, and of what is never embedded
OTHERS = ("/api/", "/health/", "/metrics", "/docs/")
SUFFIX = "_embedded"


def serve_below_root(app: WSGIApplication) -> WSGIApplication:
    """The same application, also below `/embed`; it sees that as the place where it is mounted."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        below = path.removeprefix(ROOT)
        if path.startswith(f"{ROOT}/") and not below.startswith(OTHERS):
            mounted = environ.get("SCRIPT_NAME", "") + ROOT
            environ = {**environ, "SCRIPT_NAME": mounted, "PATH_INFO": below}
        return app(environ, start_response)

    return answer


def is_embedded() -> bool:
    """Whether the request is for a page within a page of the platform."""
    return request.script_root.endswith(ROOT)


def whole(url: str) -> str:
    """The address of the whole page, to be opened in a tab."""
    return url.removeprefix(request.script_root) if is_embedded() else url


def cookie_name(name: str) -> str:
    """The name that a cookie has in this request."""
    return name + SUFFIX if is_embedded() else name


def set_cookie(answer: Response, name: str, value: str, seconds: int | None, path: str | None = None) -> None:
    """Set a cookie of an embedded page; it is sent in iframes within the same site only."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="None",
        secure=True,
        partitioned=True,
        path=path or request.script_root,
    )


class Notices(SecureCookieSessionInterface):
    """The cookie with the notices for the next page, which is another one in embedded pages."""

    def get_cookie_name(self, app: Flask) -> str:
        """Its name."""
        return cookie_name(super().get_cookie_name(app))

    def get_cookie_path(self, app: Flask) -> str:
        """Below which path it is sent."""
        return request.script_root if is_embedded() else super().get_cookie_path(app)

    def get_cookie_samesite(self, app: Flask) -> str | None:
        """From which sites it is sent."""
        return "None" if is_embedded() else super().get_cookie_samesite(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether it is for TLS only; browsers take localhost for as safe."""
        return is_embedded() or super().get_cookie_secure(app)

    def get_cookie_partitioned(self, app: Flask) -> bool:
        """Whether it is kept for one site around it."""
        return is_embedded()
