"""GET /openapi.json and /docs: the description of the whole API, as data and as a page."""

from __future__ import annotations

from flask import Response, jsonify

from services.upload.api import docs
from services.upload.api.service import routes
from shared.plumbing.auth import PUBLIC


@routes.on("GET", "/openapi.json", may=PUBLIC, database=False, answer={"type": "object"})
def openapi() -> Response:
    """The description of all calls of all services, as OpenAPI."""
    return jsonify(docs.document())


@routes.on("GET", "/docs", may=PUBLIC, database=False, answer={"type": "string"}, content_type="text/html")
def described() -> Response:
    """The same description as a page."""
    answer = Response(docs.page(), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = docs.policy()
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
