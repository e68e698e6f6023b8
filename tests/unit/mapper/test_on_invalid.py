"""The setting of what becomes of rows with a wrong value, by field."""

from __future__ import annotations

import pytest

from services.mapper.settings.job_settings import SettingsError
from tests.unit.mapper.test_rights import chosen


@pytest.mark.parametrize("what", ["skip_row", "drop_value"])
@pytest.mark.parametrize("key", ["contact.mobile", "account.tax_id", "spouse.email", "account.type"])
def test_it_is_chosen_by_field_and_kept(key, what):
    assert chosen(on_invalid={key: what})["on_invalid"] == {key: what}


def test_nothing_is_chosen_at_first():
    assert chosen()["on_invalid"] == {}


@pytest.mark.parametrize(
    "key",
    [
        "account.name",
        "contact.last_name",
        "contact.record_id",
        "mobile",
        "contact.colour",
        "contact.custom.Colour",
    ],
)
def test_names_and_fields_that_do_not_exist_are_refused(key):
    with pytest.raises(SettingsError) as error:
        chosen(on_invalid={key: "drop_value"})
    assert [(each["setting"], each["code"]) for each in error.value.problems] == [
        ("on_invalid", "not_left_out")
    ]
