"""Tests the package itself: its types agree with openapi.json, its wheel works alone, its examples are right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

import carryover_client as package
from carryover_client import answers
from shared.contract.problems import KINDS
from tests.architecture.code import ROOT
from tests.unit.client.wheel import installed_wheel, run

OPENAPI: dict[str, Any] = json.loads((ROOT / "shared/contract/openapi.json").read_text("utf-8"))
SCHEMAS: dict[str, Any] = OPENAPI["components"]["schemas"]
TYPES = {
    "JobAnswer": answers.Job,
    "WaitingFor": answers.WaitingFor,
    "SourceBrief": answers.Source,
    "Progress": answers.Progress,
    "Reason": answers.Reason,
    "HistoryLine": answers.HistoryLine,
    "Notice": answers.Notice,
    "ResultAnswer": answers.Result,
    "LeftOut": answers.LeftOut,
    "ReportAnswer": answers.Report,
    "RecordAnswer": answers.Record,
    "UploadAnswer": answers.KeptFile,
}


@pytest.mark.parametrize("schema", TYPES)
def test_the_types_have_the_names_of_the_api(schema: str) -> None:
    described, kind = SCHEMAS[schema], TYPES[schema]
    assert set(described["properties"]) == kind.__required_keys__ | kind.__optional_keys__
    # every answer has the numbers, though the schema does not require them
    assert set(described["required"]) <= kind.__required_keys__
    assert kind.__required_keys__ - set(described["required"]) <= {"counts", "result"}


def test_the_statuses_are_those_of_the_api() -> None:
    assert set(get_args(answers.Status)) == set(SCHEMAS["JobAnswer"]["properties"]["status"]["enum"])
    assert set(get_args(answers.Kind)) == set(SCHEMAS["JobAnswer"]["properties"]["kind"]["enum"])


@pytest.mark.parametrize("code", sorted(code for code, kind in KINDS.items() if kind.status))
def test_every_problem_of_the_api_has_an_error_class(code: str) -> None:
    status = KINDS[code].status
    error = package.errors.problem_of({"code": code, "status": status})
    assert error.code == code
    assert type(error) is not package.CarryoverProblem or status in (405, 406)


def test_everything_public_has_a_docstring() -> None:
    for name in package.__all__:
        thing = getattr(package, name)
        if isinstance(thing, type) and thing.__module__.startswith("carryover_client"):
            assert (thing.__doc__ or "").strip(), name


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel."""
    return installed_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_works_without_the_repository(installed: Path) -> None:
    shown = run(str(installed / "bin/python"), "-P", "-c", LOOK, folder=installed)
    assert shown.startswith(str(installed))
    assert "Apache-2.0" in shown
    assert {one.split(">")[0] for one in shown.split()[2:]} == {"click", "httpx", "pika"}


def test_the_command_of_the_wheel_works(installed: Path) -> None:
    command = str(installed / "bin/carryover")
    assert run(command, "--version", folder=installed).startswith("carryover, version ")
    assert "dry-run" in run(command, "import", "--help", folder=installed)


#: What a program sees of the installed package.
LOOK = """
import sys
from importlib.metadata import metadata, requires
from pathlib import Path

import carryover_client

folder = Path(carryover_client.__file__).parent
assert (folder / "py.typed").exists()
assert not any(name.split(".")[0] in ("shared", "services") for name in sys.modules)
print(folder, metadata("carryover-client")["License-Expression"], *requires("carryover-client"))
"""
