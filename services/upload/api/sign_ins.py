"""POST /sign-ins: a sign-in link is used once where its token has an id."""

from __future__ import annotations

from flask import request

from services.upload.api.service import routes
from shared.plumbing import web
from shared.plumbing.auth import ANYONE, bearer_token, ends_at, id_of
from shared.plumbing.link_store import LinkStore
from shared.plumbing.problem import Problem


@routes.on("POST", "/sign-ins", may=ANYONE, status=204, problems=(409,))
def use_link() -> tuple[str, int]:
    """Use the token of a sign-in link.

    Our pages call this before they keep the token. A token with a `jti` (RFC 7519, section 4.1.7) is taken once, and
    refused with `link_used` from then on; one without can be used again. Other calls take both as before.
    """
    token = bearer_token(request.headers["Authorization"]).strip()
    link = id_of(token)
    if link and not LinkStore(web.servers().db, web.caller().firm).use(link, ends_at(token)):
        raise Problem("link_used")
    return "", 204
