"""Tests that the README and the guides of folders name what exists, and that the glossary names every type."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, services, trees

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


def test_every_make_target_the_readme_and_the_run_book_name_exists() -> None:
    texts = [README, (ROOT / "deploy" / "RUNBOOK.md").read_text("utf-8"), (ROOT / ".ci" / "run").read_text()]
    named = {target for text in texts for target in re.findall(r"\bmake ([a-z][a-z-]*)", text)}
    assert named - TARGETS == set()
    assert {"demo", "test"} <= named


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    described = set(re.findall(r"^([a-z][a-z-]*):[^\n]*## \S", MAKEFILE, re.M))
    assert described == TARGETS


GUIDES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "*/README.md", "services/*/README.md", "deploy/RUNBOOK.md")
    for path in ROOT.glob(pattern)
    if path.parent.name[0] not in "._"
)
#: In a guide: `module.py`, `path/to/module.py`, `room/`, `top/folder`.
TOPS = "bench|client|deploy|docs|services|shared|tests|tools"
NAMED = re.compile(
    rf"`((?:[\w./*-]+\.(?:py|toml|map|env|js|css|html|json|md))|[a-z]\w*(?:/\w+)*/|(?:{TOPS})/[\w./*-]+)`"
)
#: Files that a command makes or that a person writes; the repository does not have them.
MADE = {"openapi.json", "/api/v1/openapi.json"}


def _exists(named: str, folder: Path) -> bool:
    """Whether a path exists from the root or from the guide's folder, or a bare module name below that folder."""
    if named in MADE or any(ROOT.glob(named)) or any(folder.glob(named)):
        return True
    return any(
        path for path in folder.glob(f"*/**/{named}") if not path.relative_to(ROOT).parts[0].startswith(".")
    )


@pytest.mark.parametrize("guide", GUIDES)
def test_every_path_a_guide_names_exists(guide: str) -> None:
    path = ROOT / guide
    named = set(NAMED.findall(path.read_text("utf-8")))
    assert {name for name in named if not _exists(name.rstrip("/"), path.parent)} == set()


GLOSSARY = re.findall(r"^\| ([a-z, ]+?) \| [^|]+ \|$", README[README.index("## Words") :], re.M)
#: Words of types that need no line: everyday words, and words of programming.
PLAIN = frozenset(
    re.findall(
        r"\w+",
        """
    action added additions announced as at before change checked chosen column condition count counts create
    data earlier edited entry example extra filled first followed found frame history id kept leased like line
    loaded lost maker matchable member name named names number numbering of option options params planned read
    reported restore same saved state summary team then touched type undone unknown update word work
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


def test_the_glossary_has_the_words_of_every_type_of_the_documents() -> None:
    glossary = {word for entry in GLOSSARY for part in entry.split(", ") for word in (part, *part.split())}
    types = {
        node.name
        for tree in trees("shared/contract/documents").values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    words = {word.lower() for name in types for word in re.findall(r"[A-Z][a-z]+", name)}
    assert len(words) > 50
    assert {word for word in words if not _plain_or_in_glossary(word, glossary)} == set()
