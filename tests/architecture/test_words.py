"""Tests that docstrings, comments and names of the code use plain words; lists a better word for each banned one."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.architecture.code import ROOT

#: Words and phrases that docstrings and comments avoid, with the plain ones.
BETTER = {
    "told": "published, reported, shown",
    "tell": "publish, report, show",
    "tells": "publishes, reports, shows",
    "said": "reported",
    "stands": "is, has the status",
    "stand": "be, have the status",
    "as it stands": "as it is now",
    "besides": "also, beside",
    "whoever": "the one that, by any",
    "whosever": "of any",
    "comes to": "is, sums to",
    "come to": "be, reach",
    "by hand": "manually, through the API",
    "what is there": "the content",
    "in hand": "leased",
    "at hand": "current",
    "taken back": "undone",
    "taking back": "undo, undoing",
    "takes back": "undoes",
    "let go of": "release",
    "adds up": "sums",
    "held": "leased, kept, on hold",
    "rings": "announces, sends",
    "rung": "announced, sent",
}
#: Names that say what is done with a thing and not what it is.
BANNED_NAMES = frozenset({"told", "said", "held", "stands", "besides", "marks", "adds", "seeds", "hits"})
#: Whole files or folders that are done.
DONE = ("shared", "services/wizard", "services/validator", "deploy", "bench", "tools", "client")
#: Folders whose words are not plain yet.
NOT_YET = ("services/upload", "services/importer", "services/notifier", "services/mapper", "tests")
#: Where a banned word has to stay: stored names, names of the API, and docstrings that the API shows.
EXCEPTIONS = {
    ("shared/contract/documents/job.py", "told"): "a stored name",
    ("shared/contract/documents/task.py", "rings"): "a stored name",
    ("shared/plumbing/job_store.py", "told"): "a stored name",
    ("services/wizard/start_page.py", "told"): "a name in the answer that the script of the page reads",
    ("services/validator/api/repair_schemas.py", "tell"): "a text of openapi.json",
    ("services/validator/api/repairs.py", "taken back"): "a text of openapi.json",
}
PHRASES = re.compile(rf"\b({'|'.join(sorted(BETTER, key=len, reverse=True))})\b", re.I)


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The docstrings of a module, its classes and functions, with their lines."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value


def _faults(text: str) -> Iterator[tuple[int, str]]:
    """The line and the banned word of each fault in the text of a module."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    comments = [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    for line, words in (*_docstrings(ast.parse(text)), *comments):
        yield from ((line, found.lower()) for found in PHRASES.findall(" ".join(words.split())))
    for token in tokens:
        if token.type == tokenize.NAME and token.string.strip("_").lower() in BANNED_NAMES:
            yield token.start[0], token.string.strip("_").lower()


def _all_faults(*folders: str) -> Iterator[tuple[str, int, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            yield from ((name, line, word) for line, word in _faults(path.read_text("utf-8")))


@pytest.mark.parametrize("folder", DONE)
def test_the_code_uses_plain_words(folder: str) -> None:
    faults = [
        f"{path}:{line}: {word!r}, better: {BETTER.get(word, 'a name that says what it is')}"
        for path, line, word in _all_faults(folder)
        if (path, word) not in EXCEPTIONS
    ]
    assert faults == []


def test_every_exception_is_needed() -> None:
    assert {(path, word) for path, _, word in _all_faults(*DONE)} >= set(EXCEPTIONS)


def test_every_folder_with_code_is_done_or_not_yet() -> None:
    folders = {"tests", "shared", "deploy", "bench", "tools", "client"}
    folders |= {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("services/*/__init__.py")}
    assert folders == {*DONE, *NOT_YET}


def test_a_banned_word_is_found_in_docstrings_comments_and_names() -> None:
    text = '"""What is told."""\n# as it\nheld = 1  # it stands\nsentence = "told"\n'
    assert sorted(_faults(text)) == [(1, "told"), (3, "held"), (3, "stands")]
