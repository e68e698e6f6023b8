"""Tests who imports what, beyond the import contracts of pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.architecture.code import OUTER, ROOT, imported, is_outer, services, trees


def test_the_contracts_of_the_import_linter_are_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_the_contract_knows_only_itself_its_schemas_and_the_standard_library() -> None:
    known = {*sys.stdlib_module_names, "marshmallow", "msgspec", "babel"}
    foreign = [
        f"{path}: {name}"
        for path, tree in trees("shared/contract").items()
        for name in imported(tree)
        if name.split(".")[0] not in known and name.split(".")[:2] != ["shared", "contract"]
    ]
    assert foreign == []


# The wizard has no work of its own: all its modules are web.
@pytest.mark.parametrize("service", [service for service in services() if service != "wizard"])
def test_the_work_of_a_service_does_not_look_outwards(service: str) -> None:
    outer = {f"services.{service}.{module}" for module in OUTER}
    outwards = [
        f"{path}: {name}"
        for path, tree in trees(f"services/{service}").items()
        if not is_outer(path)
        for name in imported(tree)
        if ".".join(name.split(".")[:3]) in outer
    ]
    assert outwards == []


@pytest.mark.parametrize("service", services())
def test_only_the_worker_and_the_app_import_the_handlers(service: str) -> None:
    above = {
        Path(path).stem
        for path, tree in trees(f"services/{service}").items()
        if f"services.{service}.handlers" in imported(tree)
    }
    assert above <= {"app", "worker"}


def test_the_client_takes_nothing_from_shared_but_the_contract() -> None:
    foreign = [
        f"{path}: {name}"
        for path, tree in trees("client").items()
        for name in imported(tree)
        if name.split(".")[0] == "shared" and name != "shared" and not name.startswith("shared.contract")
    ]
    assert foreign == []
