"""Tests `carryover read` and `carryover propose`, which work where the project is installed, and say so elsewhere."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from carryover_client.command import main, without_server
from tests.unit.client.wheel import installed_wheel

Run = Callable[..., Result]
COMMANDS = ("read", "propose")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder of its own; fails on another exit code than `code`."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main.cli, args, env={"HOME": str(tmp_path)}, prog_name="carryover")
        assert done.exit_code == code, (args, done.output, done.exception)
        return done

    return run


FILES: dict[str, tuple[bytes, list[str], str]] = {
    "plain.csv": (b"Name,Email\nCedar,a@b.be\n", ["Name", "Email"], "account.name"),
    "semicolon.csv": (
        "Société;Téléphone\nCèdre;02\n".encode("latin-1"),
        ["Société", "Téléphone"],
        "account.company_name",
    ),
    "tabs.tsv": (b"Klantnaam\tBTW-nummer\nCeder\tBE0\n", ["Klantnaam", "BTW-nummer"], "account.name"),
    "german.txt": ("Firma|Straße\nZeder|Weg\n".encode(), ["Firma", "Straße"], "account.company_name"),
    "wide.csv": ("公司,E-mail\n杉,x@y.be\n".encode(), ["公司", "E-mail"], "contact.email"),
    "utf16.csv": ("Vorname;Nachname\nAn;Z\n".encode("utf-16"), ["Vorname", "Nachname"], "contact.first_name"),
    "header only.csv": (b"First name,Last name\n", ["First name", "Last name"], "contact.first_name"),
    "-dash.csv": (b"Name,Email\nCedar,a@b.be\n", ["Name", "Email"], "account.name"),
    "signs\x1b[31m.csv": (b"Name,Email\n\x1b[31mCedar,a@b.be\n", ["Name", "Email"], "account.name"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_and_proposed_for_people_and_programs(run: Run, name: str) -> None:
    content, header, target = FILES[name]
    Path(name).write_bytes(content)
    found = json.loads(run("read", "--json", "--", name).stdout)
    assert (found["path"], found["header"]) == (name, header)
    table = run("read", "--", name).stdout
    assert all(text in table for text in header)
    assert "\x1b" not in table.replace("\x1b[31m.csv", "", 1)
    proposed = json.loads(run("--json", "propose", "--", name).stdout)
    assert [one["header"] for one in proposed["columns"]] == header
    assert target in {one["target"] for one in proposed["columns"]}
    shown = run("propose", "--", name).stdout
    assert all(text in shown for text in header)


def test_the_table_has_as_many_rows_as_were_asked_for_and_says_what_it_leaves_out(run: Run) -> None:
    Path("l.csv").write_text("Name,Email\n" + "".join(f"N{n},e{n}@x.be\n" for n in range(30)))
    shown = run("read", "l.csv").stdout
    assert "N9" in shown
    assert "N10" not in shown
    assert "… and 20 more rows" in shown
    assert "N29" in run("read", "l.csv", "--rows", "30").stdout
    assert "N0" not in run("read", "l.csv", "--rows", "0").stdout


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"PK\x03\x04broken", b"\x89PNG\r\n\x1a\n\x00\x01"])
def test_a_file_that_cannot_be_read_is_named_and_the_next_one_answered(
    run: Run, command: str, content: bytes
) -> None:
    Path("bad.csv").write_bytes(content)
    Path("good.csv").write_bytes(b"Name,Email\nCedar,a@b.be\n")
    done = run(command, "bad.csv", "good.csv", code=1)
    assert done.stderr.startswith("bad.csv: ")
    assert "Traceback" not in done.output
    assert "good.csv" in done.stdout
    lines = [
        json.loads(line) for line in run(command, "--json", "bad.csv", "good.csv", code=1).stdout.splitlines()
    ]
    assert [line["path"] for line in lines] == ["bad.csv", "good.csv"]
    assert lines[0]["message"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "given", [(), ("missing.csv",), (".",), ("--kind", "firms", "x"), ("--rows", "-1", "x")]
)
def test_wrong_options_are_refused(run: Run, command: str, given: tuple[str, ...]) -> None:
    run(command, *given, code=2)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "registered",
    [[], [EntryPoint("x", "no_such_module_at_all:read", "carryover.commands")]],
    ids=["nothing", "broken"],
)
def test_without_the_project_one_sentence_says_what_is_missing_and_how_to_get_it(
    run: Run, command: str, registered: list[EntryPoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("l.csv").write_text("a,b\n1,2\n")
    monkeypatch.setattr(without_server, "entry_points", lambda **_: registered)
    done = run(command, "l.csv", code=7)
    assert done.stdout == ""
    assert "make venv" in done.stderr
    assert f"carryover {command}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")]
)
def test_columns_have_the_names_of_a_spreadsheet(column: int, name: str) -> None:
    assert without_server._letters(column) == name


def test_the_installed_wheel_alone_says_that_the_project_is_missing(tmp_path: Path) -> None:
    environment = installed_wheel(tmp_path)
    (tmp_path / "l.csv").write_text("a,b\n1,2\n")
    command: list[Any] = [environment / "bin/carryover", "read", "l.csv"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert "make venv" in done.stderr
