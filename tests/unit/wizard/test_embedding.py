"""Tests who may embed the pages, what embedded pages send, and that nobody is signed in from elsewhere."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from environs import EnvError
from flask import Flask
from flask.testing import FlaskClient

from services.wizard import app as wizard
from services.wizard.settings import load_wizard_settings, origin
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.settings import Settings
from tests.kept_sessions import KeptSessions

SECRET = "-" * 32
CARRYOVER = "https://import.example"
NOWHERE = Settings("mongodb://nowhere", "memory://", "smtp://nowhere", CARRYOVER, jwt_secret=SECRET)
PLATFORM = "https://app.example"
HERE = {"Origin": "https://import.example"}
MOST_BYTES = 5000

ORIGINS = {
    "https://app.example": "https://app.example",
    "HTTPS://App.Example": "https://app.example",
    "https://app.example:443": "https://app.example",
    "https://app.example:8443": "https://app.example:8443",
    "https://xn--bro-hoa.example": "https://xn--bro-hoa.example",
    "https://10.0.0.7:8443": "https://10.0.0.7:8443",
    "https://[2001:DB8::1]:8443": "https://[2001:db8::1]:8443",
    "http://localhost:3000": "http://localhost:3000",
    "http://localhost": "http://localhost",
    "http://localhost:80": "http://localhost",
    "http://app.localhost:3000": "http://app.localhost:3000",
    "http://127.0.0.1:5173": "http://127.0.0.1:5173",
    "http://[::1]:5173": "http://[::1]:5173",
    "https://intranet": "https://intranet",
}
NO_ORIGINS = (
    "*",
    "https://*",
    "https://*.example.com",
    "https:",
    "https://",
    "app.example",
    "//app.example",
    "https:app.example",
    "https:/app.example",
    "http://app.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://10.0.0.7",
    "https://app.example/",
    "https://app.example/path",
    "https://app.example?x=1",
    "https://app.example#x",
    "https://app.example?",
    "https://user@app.example",
    "https://user:pass@app.example",
    "https://app.example:",
    "https://app.example:0",
    "https://app.example:65536",
    "https://app.example:http",
    "https://app.example:-1",
    "https://-app.example",
    "https://app..example",
    "https://app.example.",
    "https://büro.example",
    "https://app.exam\\ple",
    "https://app.example;script-src",
    "https://1.2.3.4.5",
    "https://999.1.1.1",
    "https://[::1",
    "https://[zz]",
    "ftp://app.example",
    "javascript:alert(1)",
    "null",
    "'self'",
    "data:text/html,x",
)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Flask]:
    """Makes the application of the pages, for origins that may embed it."""

    def make(origins: str = PLATFORM) -> Flask:
        monkeypatch.setenv("EMBED_ORIGINS", origins)
        app = wizard.create_app(NOWHERE)
        app.extensions["wizard_sessions"] = KeptSessions()
        return app

    return make


@pytest.fixture
def client(pages: Callable[..., Flask]) -> FlaskClient:
    """A browser without cookies."""
    return pages().test_client()


def token(seconds: float = 3600, **claims: Any) -> str:
    whole = {"sub": "u1", "role": "owner", "firm": "f1", "exp": time.time() + seconds, **claims}
    return jwt.encode(whole, SECRET, algorithm="HS256")


def ancestors(client: FlaskClient, path: str) -> str:
    policy = client.get(path, base_url=CARRYOVER).headers["Content-Security-Policy"]
    return policy.rpartition("frame-ancestors ")[2]


def sign_in(
    client: FlaskClient, path: str = "/embed/signin", headers: dict[str, str] | None = None, **form: str
) -> Any:
    sent = HERE if headers is None else headers
    return client.post(path, base_url=CARRYOVER, data={"token": token(), **form}, headers=sent)


@pytest.mark.parametrize(("given", "known"), ORIGINS.items())
def test_an_origin_is_kept_as_browsers_write_it(given: str, known: str) -> None:
    assert origin(given) == known
    assert origin(known) == known


@pytest.mark.parametrize("text", NO_ORIGINS)
def test_what_is_no_origin_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(EnvError, match=r"EMBED_ORIGINS: .* (is no origin|must begin with https)"):
        origin(text)


@pytest.mark.parametrize(
    ("setting", "known"),
    [
        ("", ()),
        ("  ", ()),
        (" , ,", ()),
        ("https://a.example,https://b.example", ("https://a.example", "https://b.example")),
        (" https://a.example ;", None),
        ("https://a.example\n  https://b.example,", ("https://a.example", "https://b.example")),
        ("https://a.example https://A.example:443", ("https://a.example",)),
    ],
)
def test_the_setting_is_a_list(
    monkeypatch: pytest.MonkeyPatch, setting: str, known: tuple[str, ...] | None
) -> None:
    monkeypatch.setenv("EMBED_ORIGINS", setting)
    if known is None:
        with pytest.raises(EnvError):
            load_wizard_settings()
    else:
        assert load_wizard_settings().embed_origins == known


def test_the_pages_do_not_start_with_a_wrong_origin(pages: Callable[..., Flask]) -> None:
    with pytest.raises(EnvError, match=r"'https://app.example/imports' is no origin"):
        pages("https://app.example/imports")


def test_without_origins_nothing_can_be_embedded(pages: Callable[..., Flask]) -> None:
    client = pages("").test_client()
    for path in ("/", "/goodbye", "/embed", "/embed/", "/embed/goodbye", "/carryover.js"):
        assert ancestors(client, path) == "'none'" if path in ("/", "/goodbye") else True
    assert client.get("/embed").status_code == 404
    assert client.get("/embed/goodbye").status_code == 404
    assert sign_in(client).status_code == 404


def test_only_pages_below_embed_may_be_in_an_iframe_and_only_of_these_origins(
    pages: Callable[..., Flask],
) -> None:
    client = pages(f"{PLATFORM} http://localhost:3000").test_client()
    for path in ("/embed", "/embed/", "/embed/goodbye", "/embed/jobs/00000000/result", "/embed/nothing/here"):
        if "Content-Security-Policy" in client.get(path, base_url=CARRYOVER).headers:
            assert ancestors(client, path) == "https://app.example http://localhost:3000"
    for path in ("/", "/goodbye", "/jobs/00000000/result", "/signin?token=x"):
        assert ancestors(client, path) == "'none'"


def test_the_cookies_of_embedded_pages_are_partitioned_and_those_of_whole_pages_as_before(
    client: FlaskClient,
) -> None:
    embedded = sign_in(client, language="fr").headers.getlist("Set-Cookie")
    whole = sign_in(client, "/signin", language="fr").headers.getlist("Set-Cookie")
    for cookie in embedded:
        assert re.search(
            r"; Secure; HttpOnly; Path=/(embed|api/v1/jobs); SameSite=None; Partitioned$", cookie
        )
    for cookie in whole:
        assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=Lax")
    names = [sorted(cookie.partition("=")[0] for cookie in cookies) for cookies in (embedded, whole)]
    assert names == [
        [
            "carryover_language_embedded",
            "carryover_look_embedded",
            "carryover_session",
            "carryover_session_embedded",
        ],
        ["carryover_language", "carryover_session"],
    ]


def test_a_session_of_embedded_pages_is_none_of_whole_pages(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/embed/signed-in", base_url=CARRYOVER).status_code == 204
    assert client.get("/signed-in", base_url=CARRYOVER).status_code == 401
    sign_in(client, "/signin")
    assert client.get("/signed-in", base_url=CARRYOVER).status_code == 204


@pytest.mark.parametrize("path", ["/signin", "/embed/signin"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": PLATFORM},
        {"Origin": "https://import.example.evil.example"},
        {"Origin": "https://import.example:444"},
        {"Origin": "import.example"},
        {"Referer": "https://import.example/embed"},
        {**HERE, "Sec-Fetch-Site": "cross-site"},
        {**HERE, "Sec-Fetch-Site": "same-site"},
        {**HERE, "Sec-Fetch-Site": "none"},
    ],
)
def test_nobody_is_signed_in_by_another_site(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = sign_in(client, path, headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "wrong", ["", "x", "a.b.c", token(-100), token(firm=None), token(role="nobody"), "\0", "é"]
)
def test_a_token_that_is_none_signs_nobody_in(client: FlaskClient, wrong: str) -> None:
    answer = sign_in(client, token=wrong)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_the_address_of_an_iframe_is_no_place_for_a_token(client: FlaskClient) -> None:
    answer = client.get(f"/embed/signin?token={token()}", base_url=CARRYOVER)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/embed/api/v1/jobs", "/embed/health/live", "/embed/metrics", "/embed/docs/"]
)
def test_nothing_but_pages_is_below_embed(client: FlaskClient, path: str) -> None:
    assert client.get(path, base_url=CARRYOVER).status_code == 404


def test_embedded_pages_link_to_embedded_pages_and_have_no_head(client: FlaskClient) -> None:
    sign_in(client)
    page = client.get("/embed/goodbye", base_url=CARRYOVER).text
    assert "<header" not in page
    assert set(re.findall(r' (?:href|src|action)="(/[^/"]*)', page)) <= {"/embed", "/docs"}
    assert f'data-origins="{PLATFORM}"' in page
    assert "<header" in client.get("/goodbye", base_url=CARRYOVER).text


def test_the_theme_comes_with_the_sign_in_and_a_renewed_one_keeps_the_time(client: FlaskClient) -> None:
    answer = sign_in(client, theme='{"accent": "#f00", "radius": "1px;"}', kind="accounts").get_json()
    assert answer["refused"] == ["radius"]
    assert answer["go"] == "/embed/"
    assert 3590 < answer["ends"] <= 3600
    css = client.get("/embed/theme.css", base_url=CARRYOVER)
    assert css.content_type == "text/css; charset=utf-8"
    assert "--accent: #ff0000;" in css.text
    client.set_cookie("carryover_look_embedded", "e30=", domain="import.example", path="/embed", secure=True)
    assert client.get("/embed/theme.css", base_url=CARRYOVER).text == ""


@pytest.mark.parametrize("look", ["", "x", "e30=", "bnVsbA==", "eyJ0aGVtZSI6MX0=", "W10=", "é", "=" * 50])
def test_a_cookie_that_somebody_changed_is_no_look(client: FlaskClient, look: str) -> None:
    sign_in(client)
    client.set_cookie("carryover_look_embedded", look, domain="import.example", path="/embed", secure=True)
    assert client.get("/embed/goodbye", base_url=CARRYOVER).status_code == 200


def test_the_script_is_small_can_be_kept_and_needs_nobody_signed_in(client: FlaskClient) -> None:
    answer = client.get("/carryover.js")
    assert answer.status_code == 200
    assert len(answer.data) < MOST_BYTES
    assert len(gzip.compress(answer.data)) < MOST_BYTES / 2
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert "public" in answer.headers["Cache-Control"]
    again = client.get("/carryover.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert not re.search(r"innerHTML|setAttribute\(\"style|eval|, \"\*\"\)", answer.text)
    assert all(f'"{language}": [' in answer.text for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_is_in_the_language_of_its_address_and_has_no_data(
    client: FlaskClient, language: str
) -> None:
    answer = client.get(f"/embed?lang={language}", base_url=CARRYOVER)
    assert f'<html lang="{language}">' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert client.get("/embed?lang=xx", base_url=CARRYOVER).status_code == 200
