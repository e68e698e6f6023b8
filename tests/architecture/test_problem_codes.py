"""Tests that the catalogue has every code that is raised, and that its sentence gets all its values."""

from __future__ import annotations

import ast
import string

import pytest

from shared.contract.problems import KINDS, Kind
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.web import _CODES
from tests.architecture.code import calls

RAISED = ("Problem", "JobFails", "ReadError", "BadMessage", "MessageError", "AuthError")
#: these carry a code only; who catches them gives the values
BARE = ("BadMessage", "MessageError", "AuthError")
#: raised where the row is not known; the caller catches it and adds the place
COMPLETED_LATER = ("services/upload/dialect/decoding.py",)
#: put in by the code that answers with the problem or shows it
ALWAYS_GIVEN = {"request_id", "field", "formats"}


def placeholders(sentence: str) -> set[str]:
    """The values that a sentence names."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def raised() -> list[tuple[str, str, ast.Call]]:
    """Place, code and call of every problem that is raised with its code written out."""
    return [
        (place, call.args[0].value, call)
        for place, call in calls(*RAISED)
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    unknown = [f"{place}: {code}" for place, code, _ in raised() if code not in KINDS]
    assert unknown == []
    assert len(raised()) > 30  # the reader of the code still finds them


def test_every_code_in_a_document_or_an_answer_is_in_the_catalogue() -> None:
    written = []
    for place, call in calls("sentence", "fail", "_problem", "problem"):
        constants = [each.value for each in call.args[:2] if isinstance(each, ast.Constant)]
        codes = [value for value in constants if isinstance(value, str)]
        if codes:  # before the code there may be the place of the problem
            written.append((place, next((code for code in codes if code in KINDS), codes[0])))
    unknown = [f"{place}: {code}" for place, code in written if code not in KINDS and "_" in code]
    assert unknown == []


def test_every_status_that_flask_answers_by_itself_has_its_code() -> None:
    assert {status: KINDS[code].status for status, code in _CODES.items()} == {s: s for s in _CODES}


def test_who_raises_a_problem_gives_every_value_that_its_sentence_names() -> None:
    lacking = []
    for place, code, call in raised():
        given = {keyword.arg for keyword in call.keywords}
        if (
            None in given
            or ast.unparse(call.func).split(".")[-1] in BARE
            or place.startswith(COMPLETED_LATER)
        ):
            continue
        missing = KINDS[code].needs - given - ALWAYS_GIVEN
        if missing:
            lacking.append(f"{place}: {code} lacks {', '.join(sorted(missing))}")
    assert lacking == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_the_sentences_of_a_kind_name_the_same_values_in_every_language(kind: Kind) -> None:
    sentences = kind.sentences
    assert set(sentences) == set(LANGUAGES)
    assert all(placeholders(text) == kind.needs for text in sentences.values())
