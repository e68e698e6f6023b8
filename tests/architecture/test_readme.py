"""What the README says is there, and what is there the README says."""

from __future__ import annotations

import re

import pytest

from tests.architecture.code import ROOT, services

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
    told = set(re.findall(r"^([a-z][a-z-]*):[^\n]*## \S", MAKEFILE, re.M))
    assert told == TARGETS
