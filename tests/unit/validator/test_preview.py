"""The preview of the first rows: the same values, problems and rules as the check finds, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from services.mapper.settings.suggested_mapping import first_mapping
from services.validator.preview.asked import CannotShow, asked_mapping, asked_rules
from services.validator.preview.first_rows import Preview, preview
from shared.contract.custom_fields import customs_set
from shared.contract.documents.chunk import EditedCells
from shared.contract.rights import RIGHTS

KIND = "accounts_and_contacts"
SECTOR: Any = {"id": "f1", "record": "account", "name": "Sector", "type": "text"}
REFERENCE: Any = {
    "team_members": [],
    "tags": ["vip"],
    "contact_tags": [],
    "roles": [],
    "custom_fields": [SECTOR],
    "folder_templates": [],
    "questionnaires": [],
    "languages": ["en", "fr", "nl"],
    "locale": {"language": "en", "country": "BE", "date_order": "DMY"},
}
HEADERS = ("Client", "First", "Last", "State")
ROWS = [["Acme", "jan", "MAES", "active"], ["Beta", "", "claes", "deceased"], ["Gamma", "an", "", "active"]]


def suggested() -> Any:
    columns: Any = [{"index": at, "header": h, "samples": [], "fill": 1.0} for at, h in enumerate(HEADERS)]
    return first_mapping(columns, KIND)


def mapping(**more: Any) -> Any:
    """A mapping that somebody chose, over the suggested one."""
    name = {"index": 0, "action": "sync", "target": "account.name"}
    return asked_mapping({"columns": [name], **more}, suggested(), KIND, [SECTOR])


def shown(chosen: Any, rules: Any = (), rows: Any = ROWS, count: int = 10) -> Preview:
    settings: Any = {"rules": list(rules), "on_invalid": {}, "mode": "both"}
    settings["custom_fields"] = customs_set(rules, [SECTOR])
    job: Any = {
        "mapping": chosen,
        "settings": settings,
        "kind": KIND,
        "rights": RIGHTS,
        "revision": 1,
        "created_by": "anna",
        "source": {"column_list": [{"index": at, "dates": {}} for at in range(len(HEADERS))]},
    }
    return preview(job, REFERENCE, EditedCells(first=2, rows=rows), 100, count, "en")


FULL_NAME = {
    "target": "contact.full_name",
    "parts": [{"column": 1}, {"text": " "}, {"column": 2}],
    "steps": [{"case": "title"}],
}


def test_built_values_and_what_values_mean_are_shown_as_they_would_be() -> None:
    found = shown(mapping(built=[FULL_NAME]))
    assert [row["row"] for row in found["rows"]] == [2, 3, 4]
    assert [row["built"] for row in found["rows"]] == [["Jan Maes"], ["Claes"], ["An"]]
    first = found["rows"][0]
    assert first["values"]["account.name"] == "Acme"
    assert first["values"]["contact.last_name"] == "Maes"
    (fix,) = [fix for fix in first["fixes"] if fix["code"] == "value_built"]
    assert (fix["old"], fix["built_from"]) == ("jan + MAES", [1, 2])


def test_rules_say_which_of_the_first_rows_and_how_many_rows_they_apply_to() -> None:
    rules = asked_rules(
        [
            {"when": [{"column": 3, "is": "deceased"}], "then": {"leave_out": True}},
            {
                "when": [{"field": "account.name", "contains": "a"}],
                "then": {"set": {"account.custom.Sector": "x"}},
            },
            {"when": [{"column": 3, "is": "gone"}], "then": {"tags": ["a"]}},
        ],
        mapping(),
        [SECTOR],
    )
    found = shown(mapping(), rules, ROWS * 5, count=2)
    assert found["rules"] == [
        {"number": 1, "rows": [3], "counted": 5},
        {"number": 2, "rows": [2, 3], "counted": 15},
        {"number": 3, "rows": [], "counted": 0},
    ]
    assert (found["left_out"], found["counted_rows"]) == (5, 15)
    assert [row["left_out"] for row in found["rows"]] == [False, True]
    assert [row["rules"] for row in found["rows"]] == [[2], [1, 2]]


def test_rows_left_out_by_a_text_of_a_column_are_shown_so() -> None:
    chosen = mapping()
    chosen["columns"][3]["leave_out"] = ["Deceased"]
    found = shown(chosen)
    assert [row["left_out"] for row in found["rows"]] == [False, True, False]
    assert "Rows with “deceased” in State" in found["rows"][1]["problems"][0]["message"]


def test_a_file_without_rows_is_shown_without_rows() -> None:
    found = shown(
        mapping(built=[FULL_NAME]), [{"when": [{"column": 0, "is": "x"}], "then": {"only": True}}], []
    )
    assert (found["rows"], found["rules"]) == ([], [{"number": 1, "rows": [], "counted": 0}])


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"columns": [{"index": 9, "action": "skip"}]}, [(9, "unknown_column")]),
        ({"columns": [{"index": 1, "action": "sync", "target": "account.x"}]}, [(1, "unknown_field")]),
        (
            {"columns": [], "built": [{"target": "account.x", "parts": [{"column": 0}]}]},
            [(None, "unknown_field")],
        ),
        (
            {"columns": [{"index": 1, "action": "sync", "target": "account.name", "also": "x"}]},
            [(1, "unknown_field")],
        ),
    ],
)
def test_what_no_check_could_use_is_refused_at_its_place(given: Any, problems: Any) -> None:
    with pytest.raises(CannotShow) as error:
        asked_mapping(given, suggested(), KIND, [SECTOR])
    assert [(problem["column"], problem["code"]) for problem in error.value.problems] == problems


@pytest.mark.parametrize(
    "rule",
    [
        {"when": [{"column": 9, "is": "x"}], "then": {"leave_out": True}},
        {"when": [{"column": 0, "is": "x"}], "then": {"set": {"account.record_id": "x"}}},
        {"when": [{"column": 0, "is": "x"}], "then": {"set": {"account.custom.Gone": "x"}}},
        {"when": [{"column": 0, "is": "x"}], "then": {"assignees_from": 9}},
    ],
)
def test_rules_that_no_check_could_use_are_refused(rule: Any) -> None:
    with pytest.raises(CannotShow) as error:
        asked_rules([rule], suggested(), [SECTOR])
    assert [problem["setting"] for problem in error.value.problems] == ["rules.0"]


def test_every_kind_of_column_is_shown() -> None:
    columns = [
        {"index": 0, "action": "sync", "target": "account.name", "also": "contact.full_name"},
        {"index": 1, "action": "custom", "custom": {"name": "Nick", "type": "text", "record": "contact"}},
        {"index": 3, "action": "sync", "target": "account.custom.Sector"},
    ]
    values = shown(asked_mapping({"columns": columns}, suggested(), KIND, [SECTOR]))["rows"][0]["values"]
    assert values["account.custom.Sector"] == "active"
    assert values["contact.custom.Nick"] == "jan"
    assert values["contact.last_name"] == "Acme"
