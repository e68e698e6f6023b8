"""Tests that code and guides use plain words: a table has a better word for each one that we avoid."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.architecture.code import ROOT

#: Words and phrases that docstrings, comments and guides avoid, with the plain ones.
BETTER = {
    "told": "published, reported, shown",
    "tell": "publish, report, show",
    "tells": "publishes, reports, shows",
    "telling": "publishing, reporting, showing",
    "said": "reported, named",
    "stands": "is, has the status",
    "stand": "be, have the status",
    "standing": "being, at the status",
    "as it stands": "as it is now",
    "besides": "also, beside",
    "whoever": "the one that, anybody who",
    "whosever": "of any",
    "comes to": "is, sums to, reaches",
    "come to": "be, reach",
    "by hand": "manually, through the API",
    "what is there": "the content",
    "in hand": "leased",
    "at hand": "current",
    "take back": "undo",
    "taken back": "undone",
    "taking back": "undo, undoing",
    "takes back": "undoes",
    "let go of": "released",
    "lets go of": "releases",
    "adds up": "sums",
    "held": "leased, kept, on hold",
    "rings": "announces, sends",
    "rung": "announced, sent",
}
#: Words that no name in the code has as a part: they say what is done with a thing and not what it is.
BANNED_IN_NAMES = frozenset(
    {"told", "tell", "tells", "said", "held", "stand", "stands", "besides", "whoever", "rung"}
)
#: The same for names that are such a word alone; in longer names they are fine.
BANNED_AS_NAMES = frozenset({"marks", "adds", "seeds", "hits"})
#: Names that Python gives: files have a method `tell`.
OF_PYTHON = frozenset({"tell"})
#: Guides that are not checked: one lists the words, one is made by a command, one has entries of the past.
OTHER_GUIDES = frozenset({"docs/STYLE.md", "docs/FLOW.md", "CHANGELOG.md"})
PHRASES = re.compile(rf"\b({'|'.join(sorted(BETTER, key=len, reverse=True))})\b", re.I)
MADE_BY_A_COMMAND = re.compile(r"<!-- flow:.*?<!-- end of flow -->", re.S)
#: What a text with any fault contains. Only such files are parsed, because parsing all takes seconds.
SUSPECT = re.compile(
    rf"(?<![a-z])({'|'.join({*BETTER, *BANNED_IN_NAMES, *BANNED_AS_NAMES})})(?![a-z])".replace(
        " ", r"[\s#_]+"
    ),
    re.I,
)
PART_OF_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
CODE_SPAN = re.compile(r"`[^`]*`")
SOURCES = tuple(
    f"{top}/**/*.py" for top in ("bench", "client", "deploy", "services", "shared", "tests", "tools")
)
#: Files of other kinds, of which the comments are read.
COMMENTED = (
    "services/wizard/static/**/*.js",
    "services/wizard/static/**/*.css",
    "deploy/example.env",
    "Makefile",
)
COMMENT = re.compile(r"/\*.*?\*/|(?:^|(?<=\s))(?://|#\s).*?$", re.M | re.S)
TEXTS = ("*.md", "docs/**/*.md", "deploy/*.md", "*/README.md", "services/*/README.md")


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each text that is a statement of its own, with its first line: docstrings of modules, classes, functions."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value


def _comments(tokens: list[tokenize.TokenInfo]) -> Iterator[tuple[int, str]]:
    """Each comment with its first line; comments on lines one below the other are one."""
    first, last, words = 0, -1, ""
    for token in tokens:
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if line != last + 1:
            yield first, words
            first, words = line, ""
        last, words = line, f"{words} {token.string.lstrip('#:')}"
    yield first, words


def _phrases(text: str) -> Iterator[str]:
    """The banned phrases of a text outside of `code`, in small letters, also where a line ends within one."""
    plain = " ".join(CODE_SPAN.sub("`", text).split())
    yield from (found.lower() for found in PHRASES.findall(plain))


def _in_name(name: str) -> Iterator[str]:
    """The banned words of a name."""
    if name in OF_PYTHON:
        return
    words = [word.lower() for word in PART_OF_NAME.findall(name)]
    if len(words) == 1 and words[0] in BANNED_AS_NAMES:
        yield words[0]
    yield from (word for word in words if word in BANNED_IN_NAMES)
    spoken = f" {' '.join(words)} "
    yield from (phrase for phrase in BETTER if " " in phrase and f" {phrase} " in spoken)


def _faults_of_code(text: str) -> Iterator[tuple[int, str]]:
    """Line and banned word of each fault in docstrings, comments and names of a module."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for line, words in (*_docstrings(ast.parse(text)), *_comments(tokens)):
        yield from ((line, phrase) for phrase in _phrases(words))
    for token in tokens:
        if token.type == tokenize.NAME:
            yield from ((token.start[0], word) for word in _in_name(token.string))


def _faults_of_guide(text: str) -> Iterator[tuple[int, str]]:
    """Line and banned word of each fault in a paragraph of a guide; the line is the first of the paragraph."""
    line = 1
    for paragraph in MADE_BY_A_COMMAND.sub("", text).split("\n\n"):
        yield from ((line, phrase) for phrase in _phrases(paragraph))
        line += paragraph.count("\n") + 2


def _faults_of_comments(text: str) -> Iterator[tuple[int, str]]:
    """Line and banned word of each fault in a comment of a script, a style sheet or settings."""
    for comment in COMMENT.finditer(text):
        yield from ((text.count("\n", 0, comment.start()) + 1, phrase) for phrase in _phrases(comment[0]))


def _faults() -> dict[str, list[tuple[int, str]]]:
    """The faults of every file, by its path; files without any are left out."""
    found = {}
    kinds = ((SOURCES, _faults_of_code), (TEXTS, _faults_of_guide), (COMMENTED, _faults_of_comments))
    for patterns, faults_of in kinds:
        paths = {path for pattern in patterns for path in ROOT.glob(pattern)}
        for path in sorted(paths):
            name = path.relative_to(ROOT).as_posix()
            if name in OTHER_GUIDES:
                continue
            text = path.read_text("utf-8")
            if SUSPECT.search(text) and (faults := list(faults_of(text))):
                found[name] = faults
    return found


def test_code_and_guides_use_plain_words() -> None:
    wrong = [
        f"{path}:{line}: {word!r}, better: {BETTER.get(word, 'a name that says what it is')}"
        for path, faults in _faults().items()
        for line, word in faults
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"""What is told."""\n', ["told"]),
        ("# as it\nheld = 1  # it stands\n", ["held", "stands"]),
        ('def f():\n    """Rows that come\n    to an end."""\n', ["come to"]),
        ("class ToldApart:\n    HELDBACK = rung_by = 1\n", ["rung", "told"]),
        ("a = 1  # what is\n# there\n\n# come\n\n# to\n", ["what is there"]),
        ("class Told_Apart:\n    _HELD = 1\n", ["held", "told"]),
        ("hits = record_marks = 1\n", ["hits"]),
        ("def take_back(at_handle): becomes_to = standByHand = 1\n", ["by hand", "stand", "take back"]),
        ('"""`told` counts lines."""\n', []),
        ('sentence = "told"  # withheld, upstanding\n', []),
    ],
)
def test_words_are_found_in_docstrings_comments_and_names(text: str, words: list[str]) -> None:
    assert sorted(word for _, word in _faults_of_code(text)) == words


def test_words_are_found_in_guides_also_over_the_end_of_a_line() -> None:
    assert list(_faults_of_guide("# Title\n\nfirst line\nit is taken\nback\n")) == [(3, "taken back")]


def test_words_are_found_in_comments_of_scripts_and_settings() -> None:
    text = 'const a = "told"; // is told\n/* it\n stands */\n# said\ncolor: #told;\n'
    assert list(_faults_of_comments(text)) == [(1, "told"), (2, "stands"), (4, "said")]
