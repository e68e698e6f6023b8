"""Tests that every code has a sentence in every language, and that any values fit into it."""

from __future__ import annotations

import re
import string

import pytest

from shared.contract.problems import ERROR, FIX, KINDS, REQUEST, ROW, WARNING, sentence, severity
from shared.contract.texts.catalogues import LANGUAGES

ROW_CODES = [
    "missing_required",
    "invalid_email",
    "multiple_emails",
    "invalid_phone",
    "invalid_date",
    "ambiguous_date",
    "invalid_rrn",
    "invalid_kbo",
    "invalid_tax_id",
    "unknown_option",
    "unknown_language",
    "unknown_country",
    "unknown_team_member",
    "team_member_email",
    "duplicate_in_file",
    "ambiguous_match",
    "name_forbidden_characters",
    "line_break",
    "wrong_column_count",
    "value_too_long",
    "changed_since_review",
    "zeros_restored",
    "number_reformatted",
    "phone_reformatted",
    "not_selected",
]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", KINDS)
def test_every_problem_speaks_every_language_with_the_same_placeholders(code):
    sentences = KINDS[code].sentences
    assert set(sentences) == set(LANGUAGES)
    assert len(set(sentences.values())) == len(LANGUAGES)
    assert all(placeholders(text) == KINDS[code].needs for text in sentences.values())


#: Here the number is never one.
PLURAL = {
    "ambiguous_linked_account", "ambiguous_match", "several_files", "too_many_columns", "too_many_failures",
    "too_many_jobs", "too_many_rows_for_a_workbook",
}  # fmt: skip


@pytest.mark.parametrize("code", KINDS)
def test_no_number_is_before_a_plural(code):
    text = KINDS[code].sentences["en"]
    assert code in PLURAL or not re.search(r"\{(?:count|found)\} (?!more\b|and\b)[a-z]", text)


@pytest.mark.parametrize("code", KINDS)
def test_every_problem_ends_as_a_sentence(code):
    assert all(text[-1] in ".}" and text[0] != " " for text in KINDS[code].sentences.values())


@pytest.mark.parametrize("code", KINDS)
def test_a_missing_placeholder_never_crashes_a_sentence(code):
    assert "{" not in sentence(code, "nl")


@pytest.mark.parametrize("code", ROW_CODES)
def test_the_agreed_row_codes_are_there(code):
    assert KINDS[code].where == ROW


def test_every_request_problem_has_an_http_status():
    assert [kind.code for kind in KINDS.values() if kind.where == REQUEST and kind.status is None] == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("bad_request", 400),
        ("not_authenticated", 401),
        ("token_expired", 401),
        ("not_allowed", 403),
        ("not_found", 404),
        ("wrong_state", 409),
        ("idempotency_conflict", 409),
        ("changed_meanwhile", 412),
        ("too_large", 413),
        ("unsupported_format", 415),
        ("invalid_content", 422),
        ("too_many_requests", 429),
        ("internal_error", 500),
        ("unavailable", 503),
    ],
)
def test_request_problems_carry_the_agreed_status(code, status):
    assert KINDS[code].status == status


def test_values_are_filled_in_and_braces_inside_them_are_left_alone():
    assert "{x}@b" in sentence("invalid_email", "en", value="{x}@b")


def test_an_unknown_language_is_answered_in_english():
    assert sentence("no_rows", "pt") == sentence("no_rows", "en")


def test_an_unknown_code_still_gives_a_sentence():
    assert sentence("never_heard_of", "en", request_id="r7").endswith("r7.")


def test_a_sentence_about_a_register_number_never_repeats_it():
    assert all("85073003329" not in sentence("invalid_rrn", lang, value="85073003329") for lang in LANGUAGES)


def test_severity_is_known_for_known_codes_and_is_an_error_for_others():
    found = [severity(code) for code in ("invalid_email", "line_break", "zeros_restored", "never_heard_of")]
    assert found == [ERROR, WARNING, FIX, ERROR]
