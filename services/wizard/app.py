"""The pages: sign-in and a plain list of imports; they talk to the other services over the public API only."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, request
from werkzeug import Response

from shared.plumbing import web
from shared.plumbing.auth import AuthError, read_token
from shared.plumbing.settings import Settings

SERVICE = "wizard"
COOKIE = "carryover_session"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'"

pages = Blueprint(
    SERVICE, __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the wizard."""
    return web.create_app(SERVICE, [pages], settings)


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
        read_token(token, web.settings().jwt_secret, request.args.get("firm"))
    except AuthError:
        abort(make_response(render_template("signed_out.html"), 401))
    answer = redirect("/", 303)
    secure = web.settings().public_url.startswith("https://")
    answer.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=secure, path="/")
    return answer


@pages.get("/")
@pages.get("/jobs/<job_id>")
def home(job_id: str | None = None) -> Response:
    """Where a person arrives."""
    try:
        caller = read_token(request.cookies.get(COOKIE, ""), web.settings().jwt_secret)
    except AuthError:
        return make_response(render_template("signed_out.html"), 401)
    return make_response(render_template("home.html", caller=caller, job_id=job_id))
