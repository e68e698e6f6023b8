"""The errors of a problem answer have one shape."""

from __future__ import annotations

import pytest

from shared.plumbing.request_errors import ErrorAt, listed_errors


@pytest.mark.parametrize(
    ("errors", "places"),
    [
        ({"json": {"locale": {"language": ["Not one."]}}}, ["json.locale.language"]),
        ({"json": {"rules": {0: {"when": {2: {"_schema": ["Give one."]}}}}}}, ["json.rules.0.when.2"]),
        ({"query": {"limit": ["Too much.", "Not whole."]}}, ["query.limit", "query.limit"]),
        ({"options": ["Not a JSON object."]}, ["options"]),
        ({"json": {"_schema": ["Too long."]}}, ["json"]),
        ({"": ["At most 5."]}, [""]),
        ({"json": {"merge": {"a": {"key": ["x"], "value": ["y"]}}}}, ["json.merge.a.key", "json.merge.a.value"]),
        ([{"setting": "merge", "code": "no_merge_field", "message": "No."}], ["merge"]),
        ([{"column": 3, "code": "x", "message": "No."}, {"column": None, "code": "x", "message": "No."}],
         ["columns.3", "columns"]),
        ([], []),
    ],
)  # fmt: skip
def test_every_error_has_a_place_a_code_and_a_message(errors, places):
    listed = listed_errors(errors, "en")
    assert [each["place"] for each in listed] == places
    assert all({"place", "code", "message"} <= each.keys() for each in listed)
    assert all(ErrorAt().validate(each) == {} for each in listed)


def test_why_a_value_of_a_record_is_refused_is_in_the_language_of_the_caller() -> None:
    errors = {"json": {"phone": ["Not in the firm's directory."]}}
    (nl,) = listed_errors(errors, "nl")
    assert nl["message"] == "Niet in de lijsten van het kantoor."
