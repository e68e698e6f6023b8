"""Tests that the guide is served as it was built: right types, headers that fit, and nothing outside of its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse

from services.wizard import app as wizard
from services.wizard import guide
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.settings import Settings

NOWHERE = Settings("mongodb://nowhere", "memory://", "smtp://nowhere", "http://nowhere", jwt_secret="-" * 32)
FILES = {
    "index.html": "text/html; charset=utf-8",
    "accountants/index.html": "text/html; charset=utf-8",
    "guide.css": "text/css; charset=utf-8",
    "assets/javascripts/bundle.a5f9d56c.min.js": "text/javascript; charset=utf-8",
    "search/search_index.json": "application/json",
    "sitemap.xml": "application/xml; charset=utf-8",
    "sitemap.xml.gz": "application/gzip",
    "pictures/start.webp": "image/webp",
    "pictures/icon.svg": "image/svg+xml; charset=utf-8",
    "unknown.exe": "application/octet-stream",
}
SECRET = "what is outside"
UPWARD = (
    "../secret",
    "../secret.html",
    "accountants/../../secret",
    "./../secret",
    "..",
    "../",
    "../site/../secret",
)
#: Ways to write a path that leads outside, as browsers and attackers send them.
OUTSIDE = sorted(
    {
        f"/docs/{written}"
        for path in UPWARD
        for written in (
            path,
            path.replace("/", "//"),
            path.replace(".", "%2e"),
            path.replace("/", "%2f"),
            path.replace(".", "%252e"),
            path.replace("/", "%5c"),
            path.replace("/", "\\"),
            f"/{path}",
        )
    }
    | {
        "/docs//etc/passwd",
        "/docs/%2fetc%2fpasswd",
        "/docs/secret",
        "/docs/link",
        "/docs/%00",
        "/docs/a%00.html",
    }
    | {
        "/docs/C:%5csecret",
        "/docs/accountants%00/",
        f"/docs/{'a' * 5000}",
        f"/docs/{'a/' * 1000}",
        "/docs/%ff%fe",
    }
)


class Reading(FlaskClient):
    """Reads each answer to its end, which closes its file."""

    def open(self, *args: Any, **how: Any) -> TestResponse:
        """Send a request."""
        answer = super().open(*args, **how)
        answer.get_data()
        answer.close()
        return answer


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small guide, and a file beside it."""
    folder = tmp_path / "site"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "scripts.json").write_text(json.dumps(["sha256-one=", "sha256-two="]))
    for name in ("secret", "secret.html"):
        (tmp_path / name).write_text(SECRET)
    monkeypatch.setattr(guide, "SITE", folder)
    return folder


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app = wizard.create_app(NOWHERE)
    app.test_client_class = Reading
    return app.test_client()


@pytest.mark.parametrize("name", FILES)
def test_every_file_comes_with_its_type(site: Path, client: FlaskClient, name: str) -> None:
    answer = client.get(f"/docs/{name}")
    assert (answer.status_code, answer.text) == (200, name)
    assert answer.headers["Content-Type"] == FILES[name]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_address_gives_a_file_outside_of_the_guide(site: Path, client: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = client.open(EnvironBuilder(path="/", method=method).get_environ() | _raw(path))
        assert answer.status_code in (308, 404), (path, answer.status_code)
        assert SECRET not in answer.text
        assert answer.headers.get("Location", "/docs/").startswith("/docs/")


def _raw(path: str) -> dict[str, str]:
    """A path as a server gives it: its escapes are undone once, and nothing else."""
    return {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "REQUEST_URI": path, "RAW_URI": path}


def test_pages_may_be_asked_for_without_their_slash(site: Path, client: FlaskClient) -> None:
    assert client.get("/docs").headers["Location"].endswith("/docs/")
    answer = client.get("/docs/accountants")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/docs/accountants/")
    assert client.get("/docs/accountants/").text == "accountants/index.html"


@pytest.mark.parametrize("name", FILES)
def test_browsers_keep_only_what_never_changes(site: Path, client: FlaskClient, name: str) -> None:
    answer = client.get(f"/docs/{name}")
    hashed = name.startswith("assets/")
    assert ("immutable" in answer.headers["Cache-Control"]) == hashed
    assert hashed or answer.headers["Cache-Control"] == "no-cache"
    again = client.get(f"/docs/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_pages_run_their_own_scripts_and_no_others(site: Path, client: FlaskClient) -> None:
    policy = client.get("/docs/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["script-src"] == "'self' 'sha256-one=' 'sha256-two='"
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert "http" not in policy


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_system_without_a_guide_says_so_and_links_to_none(
    tmp_path: Path, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(guide, "SITE", tmp_path / "none")
    answer = client.get("/docs/accountants/", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert 'href="/docs/"' not in answer.text
    assert 'class="quiet-page"' in answer.text
    assert answer.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'; style"
    )


@pytest.mark.parametrize(
    ("language", "word"),
    [("en", ">Guide<"), ("fr", ">Guide (en anglais)<"), ("nl", ">Handleiding"), ("de", ">Anleitung")],
)
def test_every_page_links_to_the_guide_in_the_language_of_the_person(
    site: Path, client: FlaskClient, language: str, word: str
) -> None:
    text = client.get("/docs/no-such-page", headers={"Accept-Language": language}).text
    assert 'href="/docs/"' in text
    assert word in text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_of_the_guide_can_be_changed(site: Path, client: FlaskClient, method: str) -> None:
    assert client.open("/docs/index.html", method=method).status_code == 405
