"""Tests that requests are answered, whatever happens to the folder of metrics."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]

#: Breaks the folder in one way after another. Each way has a process of its own, as the counters of a process are
#: kept open; it is no longer root, because root may write anywhere.
PROGRAM = """
import json, os, sys
from dataclasses import replace
from pathlib import Path
from prometheus_client import values
from shared.plumbing import web
from shared.plumbing.settings import Settings

root = Path(sys.argv[1])
config = Settings("mongodb://nowhere", "memory://", "", "", "x" * 32)
app = web.create_app("tests", [], config)
app.test_client()  # what it imports may be out of reach once this is no longer root
NOBODY = 65534

def sound(folder): folder.chmod(0o777)
def missing(folder): folder.rmdir()
def read_only(folder): folder.chmod(0o555)
def closed(folder): folder.chmod(0)
def out_of_reach(folder):
    (folder / "inner").mkdir()
    folder.chmod(0o700)
def a_file(folder):
    folder.rmdir()
    folder.write_text("no folder")
def corrupt(folder):
    folder.chmod(0o777)
    for n, content in enumerate((b"", b"x", bytes(3), b"\\xff" * 65536, b"{" * 65536, bytes(65536))):
        (folder / f"counter_{n}.db").write_bytes(content)
    (folder / "gauge_all_1.db").mkdir()
    (folder / "nonsense.db").write_bytes(b"x" * 100)
def foreign(folder):
    folder.chmod(0o777)
    for kind in ("counter", "histogram"):
        file = folder / f"{kind}_{os.getpid()}.db"
        file.touch()
        file.chmod(0o400)
def full(folder):
    folder.chmod(0o777)
    def refuse(*_, **__): raise OSError(28, "No space left on device")
    values.MmapedDict = refuse
    values.MultiProcessValue.__globals__["MmapedDict"] = refuse

for broken in (sound, missing, read_only, closed, out_of_reach, a_file, corrupt, foreign, full):
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        continue
    folder = root / broken.__name__
    folder.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    broken(folder)
    if broken is out_of_reach:
        folder = folder / "inner"
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    app.extensions["carryover"].config = replace(config, metrics_dir=str(folder))
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    client = app.test_client()
    answers = [client.get(path) for path in ("/health/live", "/none", "/metrics", "/health/live", "/metrics")]
    found = {"statuses": [answer.status_code for answer in answers], "metrics": answers[-1].get_data(as_text=True)}
    print(json.dumps({"broken": broken.__name__, **found}), flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, dict[str, object]]]:
    """By how the folder is broken, the statuses of the answers and the metrics of the last one.

    The folder is none of pytest's: each pytest that starts closes those to others, and here others look into it.
    """
    with tempfile.TemporaryDirectory(prefix="carryover-metrics-") as folder:
        Path(folder).chmod(0o755)
        yield _answers(folder)


def _answers(root: str) -> dict[str, dict[str, object]]:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": root, "LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, root],
        cwd=REPOSITORY,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"broken"')]
    assert found, done.stderr[-3000:]
    return {each["broken"]: each for each in found}


@pytest.mark.parametrize(
    "broken",
    ["sound", "missing", "read_only", "closed", "out_of_reach", "a_file", "corrupt", "foreign", "full"],
)
def test_requests_are_answered_whatever_the_folder_of_metrics_does(
    answers: dict[str, dict[str, object]], broken: str
) -> None:
    assert answers[broken]["statuses"] == [200, 404, 200, 200, 200]


def test_metrics_that_can_be_read_are_there_and_those_that_cannot_are_counted(
    answers: dict[str, dict[str, object]],
) -> None:
    sound, corrupt = str(answers["sound"]["metrics"]), str(answers["corrupt"]["metrics"])
    for text in (sound, corrupt):
        assert 'carryover_requests_total{route="/health/live",service="tests",status="200"} 2.0' in text
    assert "carryover_metrics_unreadable 0.0" in sound
    assert "carryover_metrics_unreadable 0.0" not in corrupt
