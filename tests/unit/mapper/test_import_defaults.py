"""The defaults of a firm are what the settings of each new import begin with."""

from __future__ import annotations

from typing import Any

import pytest

from services.mapper.settings.job_settings import first_settings
from services.mapper.settings.suggested_mapping import first_mapping
from shared.contract import merging
from shared.contract.fields.client_files import LAYOUT
from shared.contract.import_defaults import import_defaults
from shared.plumbing.directory_store import DEFAULTS
from tests.unit.mapper.test_profiles import KIND, columns

CHOSEN: list[tuple[str, Any]] = [
    *(("mode", value) for value in merging.MODES),
    *(("merge_default", value) for value in merging.POLICIES),
    *(("on_doubt", value) for value in ("skip", "create")),
    *(("on_change", value) for value in ("skip", "replan")),
    ("match", {"accounts": ["name"], "contacts": ["number", "name"]}),
]


@pytest.mark.parametrize(("name", "value"), CHOSEN)
def test_each_default_is_what_a_new_import_begins_with(name: str, value: Any) -> None:
    mapping = first_mapping(columns("Account name", "Email"), KIND)
    firm: Any = {**DEFAULTS, "defaults": import_defaults({name: value})}
    usual: Any = first_settings(mapping, DEFAULTS)
    assert first_settings(mapping, firm) == {**usual, name: value}


def test_in_a_list_of_ours_that_comes_back_the_file_wins_whatever_the_default() -> None:
    mapping: Any = {**first_mapping(columns("Account name"), KIND), "recognised": {"preset": LAYOUT}}
    firm: Any = {**DEFAULTS, "defaults": import_defaults({"merge_default": "never"})}
    assert first_settings(mapping, firm)["merge_default"] == "overwrite"
