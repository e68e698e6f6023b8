"""Tests the command line of operators without servers: help, guides, tables for wide and narrow terminals."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from deploy.operating import showing
from deploy.operating.main import cli
from tests.architecture.code import ROOT

COMMANDS = ("parked", "show", "replay", "discard", "why", "jobs", "queues")
GUIDES = ("README.md", "CHANGELOG.md", *(f"deploy/{name}" for name in ("README.md", "RUNBOOK.md")))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_json_and_is_in_the_runbook(name: str) -> None:
    done = CliRunner().invoke(cli, [name, "--help"])
    assert done.exit_code == 0
    assert "--json" in done.stdout
    assert cli.commands[name].help
    assert f"| `{name}" in (ROOT / "deploy/RUNBOOK.md").read_text("utf-8")


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_and_option_that_a_guide_names_exists(guide: str) -> None:
    text = (ROOT / guide).read_text("utf-8")
    named = re.findall(r"carryover-ops ([a-z]+)((?: [^\s`|]+)*)", text)
    assert {name for name, _ in named} <= set(cli.commands)
    for name, rest in named:
        known = {option for one in cli.commands[name].params for option in one.opts}
        assert set(re.findall(r"--[a-z]+", rest)) <= known
    rows = re.findall(r"^\| `([a-z]+)([^|]*)\|([^|]*)\|$", text, re.M) if guide.endswith("RUNBOOK.md") else []
    for name, *cells in (row for row in rows if row[0] in cli.commands):
        known = {option for one in cli.commands[name].params for option in one.opts}
        assert set(re.findall(r"--[a-z]+", " ".join(cells))) <= known


def test_the_exit_codes_of_the_help_are_those_of_the_runbook() -> None:
    helped = set(re.findall(r"(\d) [a-z]", (cli.help or "").partition("Exit codes")[2]))
    runbook = (ROOT / "deploy/RUNBOOK.md").read_text("utf-8")
    assert set(re.findall(r"^\| (\d) \|", runbook, re.M)) == helped == {"0", "1", "2", "3"}


@pytest.mark.parametrize(
    "args",
    [
        ("parked", "baker"),
        ("parked", "--limit", "0"),
        ("show",),
        ("replay",),
        ("replay", "x", "--all"),
        ("replay", "--service", "baker"),
        ("discard", "x"),
        ("discard", "--reason", "x"),
        ("why",),
        ("jobs", "--status", "baked"),
        ("jobs", "--waiting", "-1"),
        ("jobs", "--waiting", "nan"),
        ("jobs", "--limit", "10001"),
        ("unknown",),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(args: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, args, env={"BROKER_URL": "memory://", "JWT_SECRET": "x" * 32})
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)
    assert "Error: " in done.stderr


CELLS = st.none() | st.integers(0, 10**9) | st.text(max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5), st.integers(20, 120))
def test_a_table_fits_the_terminal_or_becomes_blocks(rows: list[tuple[object, ...]], room: int) -> None:
    @click.command()
    def table() -> None:
        showing.print_table(["id", "reason", "job"], rows, room)

    out = CliRunner().invoke(table, []).stdout
    lines = out.split("\n")
    assert all(len(line) <= room for line in lines)
    written = "".join(out.split())
    for row in rows:
        for cell in row:
            assert "".join(showing.shown(cell).split()) in written


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86400 * 400, "400 d 0 h"),
    ],
)
def test_durations_have_their_two_largest_units(seconds: float, text: str) -> None:
    assert showing.duration(seconds) == text
