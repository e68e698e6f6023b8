"""Tests that the README and the guides of folders name what exists, and that the glossary names every type."""

from __future__ import annotations

import ast
import os
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.architecture.code import ROOT, services, trees
from tools.guide.hooks import INCLUDED, generated

README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.M))


@pytest.mark.parametrize("service", services())
def test_the_readme_names_every_service(service: str) -> None:
    assert f"`services/{service}`" in README


@pytest.mark.parametrize("service", services())
def test_every_service_has_its_card(service: str) -> None:
    assert (ROOT / "services" / service / "README.md").is_file()


def test_the_readme_names_every_folder_with_code_or_text() -> None:
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and path.name[0] not in "._" and any([*path.rglob("*.py"), *path.rglob("*.md")])
    }
    assert {name for name in folders if not re.search(rf"`{name}[/`]", README)} == set()


def test_every_path_the_readme_names_exists() -> None:
    table = re.findall(r"^\| `([a-z]+(?:/[a-z]+)?)` \|", README, re.M)
    named = [name for name in table if "/" in name or (ROOT / name).suffix == ""]
    paths = [
        name for name in named if name.split("/")[0] in {"services", "shared", "deploy", "docs", "tests"}
    ]
    assert [name for name in paths if not (ROOT / name).exists()] == []
    assert len(paths) > 8


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    described = set(re.findall(r"^([a-z][a-z-]*):[^\n]*## \S", MAKEFILE, re.M))
    assert described == TARGETS


GUIDES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "*/README.md",
        "services/*/README.md",
        "deploy/RUNBOOK.md",
    )
    for path in ROOT.glob(pattern)
    if path.parent.name[0] not in "._" and path.name != "CHANGELOG.md"
)
#: In a guide: `module.py`, `path/to/module.py`, `room/`, `top/folder`.
TOPS = "bench|client|deploy|docs|services|shared|tests|tools"
NAMED = re.compile(
    rf"`((?:[\w./*-]+\.(?:py|toml|map|env|js|css|html|json|md|yml|lock|conf))|[a-z]\w*(?:/\w+)*/|(?:{TOPS})/[\w./*-]+)`"
)
#: In a command: `python -m module`, `from module import`, `pytest tests/folder`; or a module alone.
MODULE = re.compile(r"(?:-m |from |`)((?:bench|client|deploy|services|shared|tests|tools)(?:\.\w+)+)")
ARGUMENT = re.compile(rf"\s((?:{TOPS})/[\w./*-]*\w)")
#: Files that a command makes or that a person writes; the repository does not have them.
MADE = {"openapi.json", "/api/v1/openapi.json", "/carryover.js"}


@cache
def _paths() -> list[PurePosixPath]:
    """The files and folders of the project, from the root; hidden ones are left out."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name[0] not in "._"]
        found += [PurePosixPath(folder, name).relative_to(ROOT) for name in (*folders, *files)]
    return found


def _exists(named: str, folder: Path) -> bool:
    """Whether a path exists from the root or from the guide's folder, or a bare name anywhere below that folder."""
    below = folder.relative_to(ROOT)
    return named in MADE or any(
        fnmatch(path.as_posix(), named) or (path.is_relative_to(below) and path.match(named))
        for path in _paths()
    )


@pytest.mark.parametrize("guide", GUIDES)
def test_every_path_a_guide_names_exists(guide: str) -> None:
    path = ROOT / guide
    text = path.read_text("utf-8")
    modules = {name.replace(".", "/") for name in MODULE.findall(text) if not name.endswith((".py", ".md"))}
    missing = {name for name in modules if not (ROOT / f"{name}.py").is_file() and not (ROOT / name).is_dir()}
    assert missing == set()
    named = {*NAMED.findall(text), *ARGUMENT.findall(text)}
    assert {name for name in named if not _exists(name.rstrip("/"), path.parent)} == set()


GLOSSARY = [
    entry.replace("`", "")
    for entry in re.findall(r"^\| ([a-z, `]+?) \| [^|]+ \|$", README[README.index("## Words") :], re.M)
]
#: Parts of the names of types that need no line of their own: everyday words.
PLAIN = frozenset(
    re.findall(
        r"\w+",
        """
    added announced at before checked chosen counts data earlier edited entry example filled first found ids leased
    line loaded named names of planned read reported saved then touched undone unknown work
""",
    )
)


def test_the_glossary_is_in_the_order_of_the_alphabet() -> None:
    words = GLOSSARY[1:]
    assert words == sorted(words)
    assert len(words) == len(set(words))


def _plain_or_in_glossary(word: str, glossary: set[str]) -> bool:
    singular = word[:-1] if word.endswith("s") else word
    return bool({word, singular} & (glossary | PLAIN))


def _words_of_types() -> set[str]:
    """The words, in small letters, that the names of the types of all stored documents are made of."""
    types = {
        node.name
        for tree in trees("shared/contract/documents").values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    return {word.lower() for name in types for word in re.findall(r"[A-Z][a-z]+", name)}


def test_the_glossary_has_the_words_of_every_type_of_the_documents() -> None:
    glossary = {word for entry in GLOSSARY for word in re.findall(r"\w+", entry)}
    words = _words_of_types()
    assert len(words) > 50
    assert {word for word in words if not _plain_or_in_glossary(word, glossary)} == set()
    assert PLAIN - words == set()
    assert PLAIN & glossary == set()


@pytest.mark.parametrize("guide", GUIDES)
def test_every_link_of_a_guide_leads_to_a_file(guide: str) -> None:
    path = ROOT / guide
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))
    made = {ROOT / "docs" / page for page in (*INCLUDED, *generated())}
    paths = [Path(os.path.normpath(path.parent / link)) for link in links if "://" not in link]
    assert [target for target in paths if not target.exists() and target not in made] == []


def test_every_make_target_that_a_guide_names_exists() -> None:
    texts = [(ROOT / path).read_text("utf-8") for path in (*GUIDES, ".ci/run")]
    named = {
        target
        for text in texts
        for target in re.findall(r"(?:[`(]|^\s*(?:step )?)make ([a-z][a-z-]*)", text, re.M)
    }
    assert named - TARGETS == set()
    assert {"demo", "test", "lint", "chaos", "parked"} <= named
