"""Tests that values that are kept as codes are read as words, in each language: types, countries, languages, dates."""

from __future__ import annotations

import pytest
from babel import Locale
from flask_babel import force_locale

from services.wizard.account_types import ACCOUNT_TYPES
from services.wizard.review_rows import Words
from shared.contract.problems import VALUE_DIFFERS, sentence
from shared.contract.texts.catalogues import LANGUAGES
from tests.unit.wizard.test_people import app

TYPES = {
    "date_of_birth": "date",
    "custom.Since": "date",
    "country": "country",
    "language": "language",
    "notes": "text",
}
WORDS = Words({}, {}, {}, TYPES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_difference_is_in_the_words_that_the_page_has(language: str) -> None:
    with app().test_request_context(), force_locale(language):
        for one, label in ACCOUNT_TYPES.items():
            text = sentence(VALUE_DIFFERS, language, old=one, new="Other", of="type")
            assert f"{label}" in text
            assert WORDS.value("type", one) == str(label)
        locale = Locale.parse(language)
        for code in ("BE", "DE", "GB"):
            assert locale.territories[code] in sentence(
                VALUE_DIFFERS, language, old=code, new="FR", of="country"
            )
            assert WORDS.value("country", code) == f"{locale.territories[code]} ({code})"
        assert locale.languages["nl"] in sentence(VALUE_DIFFERS, language, old="nl", new="fr", of="language")


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_written_as_the_language_writes_them_and_other_texts_stay(language: str) -> None:
    with app().test_request_context(), force_locale(language):
        for name in ("date_of_birth", "custom.Since"):
            shown = WORDS.value(name, "1980-02-29")
            assert "1980" in shown
            assert shown != "1980-02-29"
            assert WORDS.value(name, "29 February") == "29 February"
        assert WORDS.value("notes", "1980-02-29") == "1980-02-29"
        assert WORDS.value("notes", "BE") == "BE"


def test_a_sentence_about_another_field_keeps_its_words() -> None:
    assert "“Company”" in sentence(VALUE_DIFFERS, "nl", old="Company", new="BE")
