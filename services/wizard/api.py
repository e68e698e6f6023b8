"""The public HTTP API, asked on behalf of the person who is signed in."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

SECONDS = 20


class ApiError(Exception):
    """The API refused; `status` and the sentence for the person."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def get(api_url: str, path: str, token: str) -> Any:
    """Give the open answer to `GET /api/v1{path}`; raises `ApiError`."""
    request = urllib.request.Request(f"{api_url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        return urllib.request.urlopen(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        raise ApiError(error.code, _detail(error)) from error
    except OSError as error:
        raise ApiError(
            503, "Carryover cannot be reached at the moment. Please try again in a minute."
        ) from error


def get_json(api_url: str, path: str, token: str) -> Any:
    """Give the JSON of an answer; raises `ApiError`."""
    with get(api_url, path, token) as answer:
        return json.load(answer)


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return error.reason
