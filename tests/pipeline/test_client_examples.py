"""Runs the examples of the client package against the real system: those of its docstrings and of its guide."""

from __future__ import annotations

import asyncio
import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import carryover_client as package
from tests.architecture.code import ROOT
from tests.pipeline.conftest import LIMIT
from tests.system import Client, System, token

EXAMPLES = ["Client", "AsyncClient", "Requester", "AsyncRequester", "listen"]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "client/README.md").read_text("utf-8"), re.S)
ROWS = [{"Account name": "Cedar NV", "Email": "ann@cedar.example"}]


@pytest.fixture
def names(
    system: System, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """What the examples take as given: addresses, a token, a firm, a file, and an event that waits in a queue."""
    monkeypatch.chdir(tmp_path)
    Path("clients.csv").write_text("Account name,Email\nElm BV,an@elm.example\nFir BV,bo@fir.example\n")
    broker = system["upload"].env["BROKER_URL"]
    list(package.listen(broker, "requester.crm", ["job.imported"], idle=0))  # the queue is made
    with package.Requester(broker, token(client.firm), client.firm) as requester:
        client.wait_for(requester.enqueue(ROWS, {"autostart": True})["id"], "imported", limit=LIMIT)
    given = {"url": system.url, "token": token(client.firm), "firm": client.firm, "broker_url": broker}
    yield {**vars(package), **given, "asyncio": asyncio, "lists": [ROWS, ROWS]}
    package.remove_queue(broker, "requester.crm")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_docstring_works(names: dict[str, Any], name: str) -> None:
    text = getattr(package, name).__doc__ or ""
    example = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    assert example.examples
    found: list[str] = []
    result = doctest.DocTestRunner().run(example, out=found.append, clear_globs=False)
    assert result.failed == 0, "".join(found)


@pytest.mark.parametrize("n", range(len(BLOCKS)))
def test_the_examples_of_the_guide_work(names: dict[str, Any], n: int) -> None:
    exec(BLOCKS[n].replace("https://carryover.example", names["url"]), names)
