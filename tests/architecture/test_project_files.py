"""Tests that the files a newcomer looks for exist, what lock files hold, and the licences of what we build on."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.architecture.code import ROOT, services

#: Licences that a program under the Apache License 2.0 may be built on.
ALLOWED = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|0BSD|Unlicense|MPL|Mozilla", re.I)
#: The LGPL allows use as a library, which is how we use it: imported, never copied.
AS_A_LIBRARY = {"python-stdnum"}


def locked(path: str) -> dict[str, str]:
    """The exact version of each package in a lock file."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / path).read_text("utf-8"), re.M))


def floors(section: str) -> dict[str, SpecifierSet]:
    """The versions that a list of `pyproject.toml` allows, by package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = project["dependencies"] if section == "" else project["optional-dependencies"][section]
    return {canonicalize_name(each.name): each.specifier for each in map(Requirement, named)}


@pytest.mark.parametrize(
    ("path", "sections"),
    [
        ("requirements.lock", ["", "dev"]),
        ("deploy/requirements.lock", ["", "mail-catcher"]),
        ("deploy/guide.lock", ["", "guide"]),
    ],
)
def test_a_lock_file_has_a_version_that_the_project_allows_and_hashes_for_each_package(
    path: str, sections: list[str]
) -> None:
    versions = locked(path)
    for name, allowed in {name: each for part in sections for name, each in floors(part).items()}.items():
        assert versions[name] in allowed, f"{name} {versions[name]}: run `make lock`"
    entries = re.split(r"\n(?=[\w.-]+==)", (ROOT / path).read_text("utf-8"))
    assert [each.split()[0] for each in entries if "--hash=sha256:" not in each] == []


@pytest.mark.parametrize("path", ["deploy/requirements.lock", "deploy/guide.lock"])
def test_the_image_has_the_versions_that_the_tests_run_with(path: str) -> None:
    tested = locked("requirements.lock")
    assert {name: tested.get(name) for name in locked(path)} == locked(path)


def test_every_locked_version_runs_with_the_oldest_python_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = f"{project['requires-python'].removeprefix('>=')}.0"
    needs = {name: metadata(name).get("Requires-Python") or "" for name in locked("requirements.lock")}
    assert {name: need for name, need in needs.items() if oldest not in SpecifierSet(need)} == {}


@pytest.mark.parametrize("name", sorted(locked("deploy/requirements.lock")))
def test_every_package_that_runs_with_us_has_a_licence_that_allows_it(name: str) -> None:
    known = metadata(name)
    classifiers = [each for each in known.get_all("Classifier") or () if each.startswith("License")]
    licence = " ".join(
        [known.get("License-Expression") or "", (known.get("License") or "")[:60], *classifiers]
    )
    assert ALLOWED.search(licence) or name in AS_A_LIBRARY, f"{name}: {licence!r}"


@pytest.mark.parametrize(
    "name", ["LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/STYLE.md"]
)
def test_a_newcomer_finds_the_usual_files(name: str) -> None:
    assert len((ROOT / name).read_text("utf-8")) > 300


@pytest.mark.parametrize("service", [service for service in services() if service != "wizard"])
def test_the_first_line_of_a_worker_names_its_guide(service: str) -> None:
    first = (ROOT / "services" / service / "worker.py").read_text("utf-8").partition("\n")[0]
    assert f"services/{service}/README.md" in first
    assert (ROOT / "services" / service / "README.md").is_file()
