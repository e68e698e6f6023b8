"""Tests that the files a newcomer looks for exist, and that the licences of dependencies are permissive."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata, requires

import pytest

from tests.architecture.code import ROOT, services

#: Licences that a program under the Apache License 2.0 may be built on.
ALLOWED = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|0BSD|Unlicense|MPL|Mozilla", re.I)
#: The LGPL allows use as a library, which is how we use it: imported, never copied.
AS_A_LIBRARY = {"python-stdnum"}


def _needed(name: str, seen: set[str]) -> set[str]:
    """The packages that a package needs to run, with all that these need."""
    for each in requires(name) or ():
        if "extra ==" in each:
            continue
        needed = re.split(r"[ ;<>=!~\[(]", each, maxsplit=1)[0].lower().replace("_", "-")
        if needed not in seen:
            try:
                metadata(needed)
            except PackageNotFoundError:  # for another platform or Python
                continue
            seen.add(needed)
            _needed(needed, seen)
    return seen


@pytest.mark.parametrize("name", sorted(_needed("carryover", set())))
def test_every_package_that_runs_with_us_has_a_licence_that_allows_it(name: str) -> None:
    known = metadata(name)
    classifiers = [each for each in known.get_all("Classifier") or () if each.startswith("License")]
    licence_text = " ".join(
        [known.get("License-Expression") or "", (known.get("License") or "")[:60], *classifiers]
    )
    assert ALLOWED.search(licence_text) or name in AS_A_LIBRARY, f"{name}: {licence_text!r}"


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
