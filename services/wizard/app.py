"""The pages: sign-in, the firm's imports, and the result of one; they use the public API and nothing else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request
from werkzeug import Response

from services.wizard.api import ApiError, get, get_json
from services.wizard.settings import load_wizard_settings
from shared.plumbing import web
from shared.plumbing.auth import AuthError, read_token
from shared.plumbing.settings import Settings

SERVICE = "wizard"
COOKIE = "carryover_session"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'"
JOB_ID = re.compile(r"[0-9a-f]{8,64}")

pages = Blueprint(
    SERVICE, __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the wizard."""
    return web.create_app(SERVICE, [pages], settings)


@lru_cache(maxsize=1)
def _api_url() -> str:
    return load_wizard_settings().api_url


class SignedOut(Exception):
    """The person has no valid session."""


def _token() -> str:
    """The session's token; raises `SignedOut`."""
    token = request.cookies.get(COOKIE, "")
    try:
        read_token(token, web.settings().jwt_secret)
    except AuthError:
        raise SignedOut from None
    return token


@pages.errorhandler(SignedOut)
def signed_out(_error: SignedOut) -> Any:
    """Ask for a new sign-in."""
    return render_template("signed_out.html"), 401


@pages.errorhandler(ApiError)
def refused(error: ApiError) -> Any:
    """Show what the API says."""
    return render_template("refused.html", detail=error.detail), error.status


@pages.after_request
def protect(answer: Response) -> Response:
    """No script, no frame, no foreign content."""
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@pages.get("/signin")
def sign_in() -> Response:
    """Take the platform's token from the link into a cookie that scripts cannot read."""
    token = request.args.get("token", "")
    try:
        read_token(token, web.settings().jwt_secret)
    except AuthError:
        raise SignedOut from None
    answer = redirect("/", 303)
    secure = web.settings().public_url.startswith("https://")
    answer.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=secure, path="/")
    return answer


@pages.get("/")
def home() -> str:
    """The firm's imports, newest first."""
    found = get_json(_api_url(), "/jobs?limit=50", _token())
    return render_template("home.html", jobs=found["items"])


@pages.get("/jobs/<job_id>")
def result(job_id: str) -> str:
    """How an import stands, or what came of it."""
    return render_template("job.html", job=get_json(_api_url(), _path(job_id), _token()))


@pages.get("/jobs/<job_id>/skipped.zip")
def skipped(job_id: str) -> Response:
    """The skipped rows, to be repaired and sent again."""
    with get(_api_url(), f"{_path(job_id)}/skipped.zip", _token()) as answer:
        content = answer.read()
    headers = {"Content-Disposition": 'attachment; filename="skipped-rows.zip"'}
    return Response(content, mimetype="application/zip", headers=headers)


def _path(job_id: str) -> str:
    if not JOB_ID.fullmatch(job_id):
        raise ApiError(404, "There is no such import.")
    return f"/jobs/{job_id}"
