"""Tests the command line without a server: settings, exit codes, tables, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from carryover_client import errors
from carryover_client.command import choices, main, showing
from tests.unit.client.server import job


def token_of(firm: str) -> str:
    """A token for a firm, with a signature of nobody."""
    claims = json.dumps({"sub": "an", "firm": firm, "exp": 1795000000}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"


TOKEN = token_of("cedar")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Runs `carryover` with a home of its own."""

    def run(*args: str, env: dict[str, str] | None = None, given: str | None = None) -> Result:
        home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        kept = dict.fromkeys(["CARRYOVER_URL", "CARRYOVER_TOKEN", "CARRYOVER_CONFIG"])
        return CliRunner().invoke(main.cli, args, input=given, env={**kept, **home, **(env or {})})

    return run


def test_the_option_wins_over_the_environment_and_that_over_the_file(run: Any, tmp_path: Path) -> None:
    other, third = token_of("elm"), token_of("fir")
    assert run("token", "--save", given=f"{TOKEN}\n").exit_code == 0
    kept = tmp_path / "carryover/config.toml"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(run("token", "--json").stdout)["firm"] == "cedar"
    assert json.loads(run("token", "--json", env={"CARRYOVER_TOKEN": other}).stdout)["firm"] == "elm"
    both = run("--token", third, "token", "--json", env={"CARRYOVER_TOKEN": other})
    assert json.loads(both.stdout)["firm"] == "fir"


def test_saving_a_token_keeps_the_other_settings(run: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('url = "http://h/ “é” \\\\ \\u007f"\nfirm = "cedar"\n', "utf-8")
    before = choices.read_settings(own, named=True)
    assert run("--config", str(own), "token", "--save", given=TOKEN).exit_code == 0
    assert choices.read_settings(own, named=True) == {**before, "token": TOKEN}


@pytest.mark.parametrize("text", ["url = 3", "[url]", "color = 'red'", "url =", "\udcff", 'token = ["x"]'])
def test_a_wrong_file_of_settings_is_reported(run: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "c.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run("--config", str(tmp_path / "c.toml"), "token")
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)
    assert "c.toml" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("--config", "/no/such/file", "token"),
        ("token",),
        ("--token", "x", "token"),
        ("--token", "x.y.z", "token"),
        ("--token", "e30.W10.x", "token"),
        ("status",),
        ("--token", TOKEN, "import", "/no/such/file.csv"),
        ("--token", TOKEN, "import", "-", "--mode", "all"),
        ("--token", TOKEN, "import", "-", "--map", "/no/map.json"),
        ("--token", TOKEN, "import", "-", "--max-invalid", "-1"),
        ("--token", TOKEN, "events"),
        ("export", "firms"),
        ("completion", "powershell"),
        ("unknown",),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(run: Any, args: tuple[str, ...]) -> None:
    done = run(*args)
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)
    assert "Error: " in done.stderr


@pytest.mark.parametrize("text", ["[]", "null", "{", "", "\ufeff[1]"])
def test_a_mapping_that_is_no_object_is_refused(run: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "map.json").write_text(text, "utf-8")
    done = run("--token", TOKEN, "import", "-", "--map", str(tmp_path / "map.json"))
    assert done.exit_code == 2


PERSON = {"who": "person", "what": "confirm", "since": ""}
CODES = [
    (errors.JobStopped(job("failed")), 3),
    (errors.JobStopped(job("validated", waiting_for=PERSON)), 4),
    (errors.TimedOut("x"), 6),
    (errors.Unreachable("x"), 5),
    (errors.NotTaken("x"), 5),
    (errors.problem_of({}, 503), 5),
    (errors.problem_of({}, 429), 5),
    (errors.problem_of({}, 409), 1),
    (errors.problem_of({}, 401), 1),
    (errors.CarryoverError("x"), 1),
]


@pytest.mark.parametrize(("error", "code"), CODES, ids=lambda one: type(one).__name__)
def test_each_error_has_the_exit_code_that_is_documented(error: errors.CarryoverError, code: int) -> None:
    assert choices.code_of(error) == code


@pytest.mark.parametrize("shell", main.SHELLS)
def test_completion_is_printed_for_each_shell(run: Any, shell: str) -> None:
    assert "_CARRYOVER_COMPLETE" in run("completion", shell).stdout


def test_every_command_has_help_and_takes_json(run: Any) -> None:
    for name, command in main.cli.commands.items():
        done = run(name, "--help")
        assert done.exit_code == 0
        assert command.help
        assert ("--json" in done.stdout) is (name != "completion")


def test_a_table_is_straight_whatever_its_signs(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["Ann", "日本税理士", "Zoe\u0301", "x\ny\tz", "\x1b[31mred", "ก" * 60, "", None, ["a", "b"]]
    showing.print_table(["name", "rows"], [(name, n) for n, name in enumerate(names)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(names) + 1
    assert len({showing.width(line) for line in lines}) == 1
    assert "\x1b" not in "".join(lines)


def test_an_empty_table_has_its_headers(capsys: pytest.CaptureFixture[str]) -> None:
    showing.print_table(["job", "list"], [])
    assert capsys.readouterr().out == "JOB  LIST\n"


def test_exported_fields_are_flat_texts() -> None:
    fields = {
        "name": "Cedar",
        "tags": ["a", "b"],
        "address": {"city": "Ghent"},
        "phone": None,
        "custom": {"Ségment": 3},
    }
    assert dict(main._flat(fields)) == {
        "name": "Cedar",
        "tags": "a; b",
        "address.city": "Ghent",
        "phone": "",
        "custom.Ségment": 3,
    }
