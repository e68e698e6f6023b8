"""The pages without servers: an API that answers what a test puts there, or is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import jwt
import requests
from flask import Flask, json
from flask.testing import FlaskClient
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from services.wizard import app as wizard
from services.wizard.api import connections
from shared.plumbing.settings import Settings
from tests.kept_sessions import KeptSessions

SECRET = "-" * 32
CARRYOVER = "http://import.example"
NOWHERE = Settings("mongodb://nowhere", "memory://", "smtp://nowhere", CARRYOVER, jwt_secret=SECRET)
JOB = "0123456789abcdef"

#: What the API answers to a method and a path below `/api/v1`: a status and JSON.
Answers = Callable[[str, str], tuple[int, Any]]


class ApiInPlace(BaseAdapter):
    """Takes the place of the API; where it is away no request is answered."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.answers = answers
        self.away, self.refused = False, 0
        self.asked: list[tuple[str, str, Any]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """One request."""
        if self.away:
            self.refused += 1
            raise requests.ConnectionError
        path = request.path_url.removeprefix("/api/v1").partition("?")[0]
        body = (
            json.loads(request.body)
            if isinstance(request.body, bytes) and request.body[:1] in b"[{"
            else None
        )
        self.asked.append((request.method or "", path, body))
        answer = requests.Response()
        answer.request, answer.url, answer.headers = request, request.url or "", CaseInsensitiveDict()
        answer.status_code, content = self.answers(request.method or "", path)
        answer.raw = BytesIO(json.dumps(content).encode())
        return answer

    def close(self) -> None:
        """There is nothing to close."""


def pages_over(answers: Answers) -> tuple[Flask, ApiInPlace]:
    """The application of the pages, and the API that it asks."""
    app = wizard.create_app(NOWHERE)
    app.extensions["wizard_sessions"] = KeptSessions()
    session, api = connections(), ApiInPlace(answers)
    session.mount("http://", api)
    app.extensions["wizard_connections"] = session
    return app, api


def signed_in(app: Flask, language: str = "en", **claims: Any) -> FlaskClient:
    """A browser in which somebody is signed in."""
    client = app.test_client()
    whole = {"sub": "u1", "role": "owner", "firm": "f1", "exp": time.time() + 3600, "locale": language}
    token = jwt.encode({**whole, **claims}, SECRET, algorithm="HS256")
    answer = client.post("/signin", data={"token": token}, headers={"Origin": CARRYOVER}, base_url=CARRYOVER)
    assert answer.status_code in (200, 303), answer.text
    return client
