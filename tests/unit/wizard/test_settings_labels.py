"""Labels of fields in the lists of the settings page: fields of one name have their record behind it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from services.wizard.settings_view import labels_of
from shared.contract.fields import SETTABLE, describe
from shared.contract.texts.catalogues import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_fields_have_one_label(language: str) -> None:
    fields: Any = {one["key"]: one for one in describe(language) if one["key"] in SETTABLE}
    app = Flask(__name__)
    Babel(app, default_locale=language, default_translation_directories="none")
    with app.test_request_context():
        labels = labels_of(fields)
    assert len(set(labels.values())) == len(fields)
    assert all(label.startswith(fields[key]["label"]) for key, label in labels.items())
