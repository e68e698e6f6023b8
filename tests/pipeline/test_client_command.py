"""Tests every command of `carryover` once against the real system, with --json and as a table."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from carryover_client import remove_queue
from carryover_client.command.main import cli
from tests.pipeline.conftest import people
from tests.system import Client, System, token
from tests.unit.client.wheel import installed_wheel
from tests.unit.client.wheel import run as run_command

Run = Callable[..., Result]


@pytest.fixture
def run(system: System, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `carryover` for the firm of `client`, in a folder of its own; fails on another exit code than `code`."""
    monkeypatch.chdir(tmp_path)
    env = {
        "CARRYOVER_URL": system.url,
        "CARRYOVER_TOKEN": token(client.firm),
        "CARRYOVER_BROKER": system["upload"].env["BROKER_URL"],
        "CARRYOVER_CONFIG": None,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }

    def run(*args: str, code: int = 0, given: bytes | None = None) -> Result:
        done = CliRunner().invoke(cli, args, input=given, env=env, prog_name="carryover")
        assert done.exit_code == code, (done.output, done.exception)
        return done

    return run


def answer(done: Result) -> Any:
    """The JSON on standard output."""
    return json.loads(done.stdout)


def test_import_watch_result_skipped_clients_export_undo(run: Run, tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_bytes(people(40, bad=2))
    options = ("--autostart", "--max-invalid", "5", "--watch")
    job = answer(run("import", "big.csv", *options, "--json"))
    assert (job["status"], job["source"]["name"]) == ("imported", "big.csv")
    shown = run("status", job["id"]).stdout
    assert "imported" in shown
    assert "rows skipped" in shown
    assert answer(run("--json", "status", job["id"]))["id"] == job["id"]
    assert [one["id"] for one in answer(run("status", "--json"))] == [job["id"]]
    assert "big.csv" in run("status").stdout
    result = answer(run("result", job["id"], "--json"))
    assert result["balanced"]
    assert "rows loaded" in run("result", job["id"]).stdout
    name = answer(run("skipped", job["id"], "--json"))["file"]
    assert len(zipfile.ZipFile(tmp_path / name).namelist()) == 1
    run("skipped", job["id"], "--xlsx", "-o", "left out.xlsx")
    assert zipfile.is_zipfile(tmp_path / "left out.xlsx")
    assert run("skipped", job["id"], "-o", "-").stdout_bytes[:2] == b"PK"
    found = answer(run("clients", "--json", "--name", "Bakery 1", "--limit", "3"))
    assert {one["fields"]["name"][:8] for one in found} == {"Bakery 1"}
    assert len(found) == 3
    assert "Peeters 7" in run("clients", "--kind", "contacts").stdout
    run("export", "accounts", "-o", "all.csv")
    rows = list(csv.DictReader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()))
    assert {row["client_code"] for row in rows} == {f"C{n:03d}" for n in range(38)}
    lines = run("export", "contacts", "--json", "-o", "-").stdout.splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == 38
    assert answer(run("undo", job["id"], "--yes", "--watch", "--json"))["status"] == "undone"
    assert answer(run("clients", "--json")) == []
    assert "[wrong_state]" in run("undo", job["id"], code=1, given=b"y\n").stderr


def test_a_dry_run_shows_what_would_be_and_loads_nothing(run: Run, client: Client, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(people(20, bad=3))
    shown = run("import", "list.csv", "--dry-run").stdout
    assert "Nothing was loaded." in shown
    assert "invalid" in shown
    report = answer(run("import", "list.csv", "--dry-run", "--json"))
    assert (report["counts"]["new"], report["counts"]["invalid"]) == (17, 3)
    assert {one["status"] for one in client.every("/jobs")} == {"cancelled"}
    assert list(client.every("/accounts")) == []
    run("import", "list.csv", "--dry-run", "--autostart", code=2)


def test_a_waiting_job_is_started_and_one_at_its_mapping_only_if_that_is_accepted(
    run: Run, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_bytes(people(9, bad=2))
    job = answer(run("import", "list.csv", "--watch", "--json", code=4))["id"]
    refused = run("start", job, code=1)
    assert "[wrong_state]" in refused.stderr
    assert "--accept" in refused.stderr
    assert json.loads(run("start", job, "--json", code=1).stderr)["code"] == "wrong_state"
    assert client.job(job)["status"] == "proposed", "a refusal moves nothing"
    done = answer(run("start", job, "--accept", "--watch", "--json"))
    assert (done["status"], done["result"]["rows_loaded"]) == ("imported", 7)
    assert "[wrong_state]" in run("start", job, code=1).stderr
    assert "[wrong_state]" in run("start", job, "--accept", code=1).stderr
    again = answer(run("import", "-", "--watch", "--json", code=4, given=people(3)))["id"]
    client.post(f"/jobs/{again}/map")
    client.wait_for(again, "validated", limit=30)
    assert answer(run("start", again, "--json"))["status"] in ("confirmed", "imported")
    assert "[not_found]" in run("start", "a" * 32, code=1).stderr
    assert "[not_found]" in run("start", "a" * 32, "--accept", code=1).stderr


def test_mapping_and_settings_come_from_files_as_the_api_gives_them(
    run: Run, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_bytes(people(3))
    first = answer(run("import", "list.csv", "--watch", "--json", code=4))
    assert first["status"] == "proposed"
    mapping = client.get(f"/jobs/{first['id']}/mapping")
    mapping["columns"][2] = {"index": 2, "action": "skip"}
    (tmp_path / "map.json").write_text(json.dumps(mapping))
    (tmp_path / "settings.json").write_text(json.dumps(client.get(f"/jobs/{first['id']}/settings")))
    files = ("--map", "map.json", "--settings", "settings.json", "--mode", "create_only")
    second = answer(run("import", "list.csv", *files, "--autostart", "--watch", "--json", "--key", "k"))
    assert second["status"] == "imported"
    assert client.get(f"/jobs/{second['id']}/settings")["mode"] == "create_only"
    assert all(not one["fields"].get("tags") for one in client.every("/accounts"))
    again = answer(run("import", "list.csv", *files, "--autostart", "--json", "--key", "k"))
    assert again["id"] == second["id"]


def test_a_list_from_standard_input_and_exit_codes(run: Run) -> None:
    job = answer(
        run("import", "-", "--name", "piped.csv", "--autostart", "--watch", "--json", given=people(2))
    )
    assert job["source"]["name"] == "piped.csv"
    stopped = answer(run("import", "-", "--autostart", "--watch", "--json", code=4, given=people(4, bad=2)))
    assert stopped["waiting_for"]["who"] == "person"
    refused = run("import", "-", "--json", code=1, given=b"%PDF-1.7\n")
    assert json.loads(refused.stderr)["code"] == "unsupported_format"
    assert "[unsupported_format]" in run("import", "-", code=1, given=b"%PDF-1.7\n").stderr
    assert "[not_found]" in run("status", "a" * 32, code=1).stderr
    run("--url", "http://127.0.0.1:1/", "--token", "", "status", code=2)
    run("import", "-", "--watch", "--timeout", "0", code=6, given=people(3))


def test_templates_tokens_and_events(run: Run, system: System, client: Client, tmp_path: Path) -> None:
    assert answer(run("template", "accounts", "--lang", "nl", "--json"))["file"] == "accounts.xlsx"
    assert zipfile.is_zipfile(tmp_path / "accounts.xlsx")
    assert run("template", "contacts.csv", "-o", "-").stdout_bytes.startswith(b"\xef\xbb\xbf")
    assert "[not_found]" in run("template", "nothing.csv", code=1).stderr
    assert not (tmp_path / "nothing.csv.part").exists()
    assert answer(run("token", "--json"))["firm"] == client.firm
    assert client.firm in run("token").stdout
    queue = ("--queue", f"requester.{client.firm}")
    assert client.firm + '"' not in run("events", *queue, "--json").stdout
    run("import", "-", "--autostart", "--watch", given=people(2))
    lines = [json.loads(line) for line in run("events", *queue, "--json").stdout.splitlines()]
    own = [one["data"]["status"] for one in lines if one["data"]["firm"] == client.firm]
    assert own[:3] == ["uploaded", "read", "proposed"]
    run("events", "--queue", "mine", code=2)
    remove_queue(system["upload"].env["BROKER_URL"], queue[1])


def test_the_installed_wheel_imports_a_list(system: System, client: Client, tmp_path: Path) -> None:
    environment = installed_wheel(tmp_path)
    (tmp_path / "list.csv").write_bytes(people(3))
    env = {"CARRYOVER_URL": system.url, "CARRYOVER_TOKEN": token(client.firm), "HOME": str(tmp_path)}
    command = (str(environment / "bin/carryover"), "import", "list.csv", "--autostart", "--watch", "--json")
    done = run_command(*command, folder=tmp_path, env=env)
    assert json.loads(done)["result"]["rows_loaded"] == 3
