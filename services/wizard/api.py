"""The public HTTP API, asked on behalf of the person who is signed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

import requests
from requests.adapters import HTTPAdapter

SECONDS = (3.05, 60)
#: seconds: the API answers an upload when all of it is kept
UPLOAD_SECONDS = (3.05, 600)
PIECE = 1 << 16


class ApiError(Exception):
    """The API refused: `status`, `code` and the sentence for the person; `errors` has places where there are some."""

    def __init__(self, status: int, code: str, detail: str, errors: object = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors


class Unreachable(ApiError):
    """The API did not answer."""

    def __init__(self) -> None:
        super().__init__(503, "unreachable", "")


def connections() -> requests.Session:
    """Connections that stay open between requests; they keep no token and no cookie."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_maxsize=32))
    session.mount("https://", HTTPAdapter(pool_maxsize=32))
    return session


class Body:
    """A body of known length that is passed on while it arrives."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self.stream = stream
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece

    def read(self, count: int = -1) -> bytes:
        """Read up to so many bytes of the body."""
        return self.stream.read(count)


class Api:
    """The API as one person may use it, answering in their language."""

    def __init__(self, session: requests.Session, url: str, token: str, language: str) -> None:
        self.session = session
        self.url = f"{url}/api/v1"
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        #: what the person saw of the job that the next change is about
        self.seen = ""

    def get(self, path: str, **query: object) -> Any:
        """The JSON of an answer; query parameters that are None are left out. Raises `ApiError`, as all do."""
        return self._json("GET", path, params=query)

    def post(self, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
        """Post JSON."""
        return self._json("POST", path, headers, json=body)

    def put(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> None:
        """Put JSON."""
        self._json("PUT", path, headers, json=body)

    def patch(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        """Patch with JSON."""
        return self._json("PATCH", path, headers, json=body)

    def delete(self, path: str, headers: Mapping[str, str] | None = None) -> None:
        """Delete."""
        self._ask("DELETE", path, headers)

    def use_link(self) -> None:
        """Use the token, which came with a link; raises `ApiError` where the link was used before."""
        self._ask("POST", "/sign-ins")

    def upload(self, body: Body, content_type: str) -> Any:
        """Pass a form with a file on as it comes."""
        headers = {"Content-Type": content_type}
        return self._ask("POST", "/jobs", data=body, headers=headers, timeout=UPLOAD_SECONDS).json()

    def upload_file(self, name: str, stream: IO[bytes], options: str) -> Any:
        """Upload an open file."""
        files = {"file": (name, stream)}
        data = {"options": options}
        return self._ask("POST", "/jobs", files=files, data=data, timeout=UPLOAD_SECONDS).json()

    def download(self, path: str, **query: object) -> tuple[Mapping[str, str], Iterator[bytes]]:
        """The headers of a file and its pieces, passed on as they come."""
        answer = self._ask("GET", path, params=query, stream=True)
        return answer.headers, answer.iter_content(PIECE)

    def _json(self, method: str, path: str, headers: Mapping[str, str] | None = None, **how: Any) -> Any:
        answer = self._ask(method, path, headers, **how)
        return answer.json() if answer.content else None

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **how: Any
    ) -> requests.Response:
        how.setdefault("timeout", SECONDS)
        every = {**self.headers, **(headers or {})}
        if self.seen and method != "GET":
            every, self.seen = {"If-Match": f'"{self.seen}"', **every}, ""
        try:
            answer = self.session.request(method, self.url + path, headers=every, **how)
        except requests.RequestException as error:
            raise Unreachable from error
        if answer.status_code >= 400:
            raise _refusal(answer)
        return answer


def _refusal(answer: requests.Response) -> ApiError:
    try:
        body = answer.json()
        return ApiError(answer.status_code, body["code"], body["detail"], body.get("errors"))
    except (ValueError, KeyError, TypeError):
        return Unreachable()
