"""Tests where links to clients lead when the platform shows clients itself."""

from __future__ import annotations

import pytest
from environs import EnvError
from hypothesis import given
from hypothesis import strategies as st

from services.wizard.client_links import PLACES, filled, unknown_places
from services.wizard.settings import load_wizard_settings

URL = "https://app.example/{firm}/{kind}/{id}?import={job}#top"


@pytest.mark.parametrize(
    ("values", "link"),
    [
        ({"firm": "demo", "kind": "accounts"}, "https://app.example/demo/accounts/?import=#top"),
        ({"firm": "d.e-mo", "kind": "contacts", "id": "1f"}, "https://app.example/d.e-mo/contacts/1f?import=#top"),
        ({"firm": "demo", "kind": "accounts", "job": "9a"}, "https://app.example/demo/accounts/?import=9a#top"),
    ],
)  # fmt: skip
def test_each_place_gets_its_value(values: dict[str, str], link: str) -> None:
    assert filled(URL, **values) == link


@given(st.text(max_size=40))
def test_no_value_changes_what_an_address_leads_to(text: str) -> None:
    link = filled("https://app.example/a/{id}/b?c={id}#d", id=text)
    before, _, after = link.partition("?")
    assert before.startswith("https://app.example/a/")
    assert before.count("/") == 5
    assert after.count("#") == 1
    assert "{" not in link


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("", True), ("https://app.example", True), (URL, True), ("http://127.0.0.1:9/{id}", True),
        ("/clients", False), ("app.example/{id}", False), ("javascript:alert(1)", False), ("https://", False),
        ("https://app.example/{client}", False), ("https://app.example/{firm}/{nr}", False),
        ("https://app.example/a b", False), ("https://[::1", False),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, url: str, right: bool
) -> None:
    monkeypatch.setenv("CLIENTS_URL", url)
    if right:
        assert load_wizard_settings().clients_url == (url or None)
    else:
        with pytest.raises(EnvError, match="CLIENTS_URL"):
            load_wizard_settings()


def test_the_places_are_those_that_the_refusal_names() -> None:
    assert unknown_places("".join(f"{{{name}}}" for name in PLACES)) == []
    assert unknown_places("{firm}{x}{y}") == ["x", "y"]
