"""Tests what people, times and types of accounts are called on the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from services.wizard import wording
from services.wizard.account_types import ACCOUNT_TYPES
from services.wizard.clients_view import namer
from services.wizard.people import called, names_of
from services.wizard.review_rows import Words
from services.wizard.translations import BabelOfPages
from shared.contract.fields import FIELDS
from shared.contract.texts.catalogues import LANGUAGES

TEAM: Any = {"team_members": [{"id": "anna", "name": "Anna Claes", "email": "anna@firm.example"}]}
#: subjects as identity providers give them, none of which is a name
SUBJECTS = (
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "00u1abcd",
    "8d1f4d0e-7d2a-4c8f-9b1a-1f2e3d4c5b6a",
    "42",
    "owner@walk",
    "crm",
)


def app(zone: str = "UTC") -> Flask:
    """An application with the texts of the pages, in a time zone."""
    made = Flask(__name__)
    pages: Babel = BabelOfPages()
    pages.init_app(made, timezone_selector=lambda: zone)
    return made


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_subject_of_a_token_is_never_shown(subject: str, language: str) -> None:
    jobs: Any = [{"created_by": subject, "created_by_email": "bo@firm.example"}]
    with app().test_request_context(), force_locale(language):
        assert called(subject, names_of(TEAM, jobs, ("me", None))) == "bo@firm.example"
        assert called(subject, names_of(TEAM, [], (subject, "me@firm.example"))) == "me@firm.example"
        assert subject not in called(
            subject, names_of(TEAM, [{**jobs[0], "created_by_email": None}], ("me", None))
        )


def test_the_team_goes_before_addresses_and_an_address_is_a_name() -> None:
    names = names_of(TEAM, [], ("anna", "other@firm.example"))
    assert called("anna", names) == "Anna Claes"
    assert called("cy@firm.example", names) == "cy@firm.example"


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_are_to_the_minute_and_in_the_zone_of_the_person(language: str) -> None:
    with app("Europe/Brussels").test_request_context(), force_locale(language):
        shown = wording.at(datetime(2026, 11, 29, 23, 32, 47, tzinfo=UTC).isoformat())
    assert ":32" in shown.replace(".", ":").replace("h", ":")
    assert "47" not in shown
    assert "30" in shown, "in Brussels it is the next day"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_type_of_account_is_called_in_the_language_of_the_reader(language: str) -> None:
    words = Words({}, {}, {})
    choices = FIELDS["account.type"].choices or ()
    assert set(choices) <= set(ACCOUNT_TYPES)
    with app().test_request_context(), force_locale(language):
        assert all(words.value("type", choice) == str(ACCOUNT_TYPES[choice]) != choice for choice in choices)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_member_who_is_not_in_the_team_is_no_subject_of_a_token(subject: str) -> None:
    assignees: Any = {"key": "account.team_members", "type": "members", "choices": None}
    lists = {**TEAM, "people": names_of(TEAM, (), ("me", "me@office.example"))}
    with app().test_request_context():
        name = namer("accounts", assignees, lists)
        assert (name("anna"), name("me")) == ("Anna Claes", "me@office.example")
        assert name("bruno@office.example") == "bruno@office.example"
        assert subject not in name(subject)
        assert subject not in Words({}, lists["people"], {}).value("assignees", [subject])
