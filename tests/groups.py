"""Says which tests run in one process where several test side by side, and in which order.

The option ``--dist loadgroup`` of pytest-xdist is not used: with pytest 9.2 it takes no notice of groups and says
nothing (https://github.com/pytest-dev/pytest-xdist/issues/1386), so that every process starts every system.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent
#: Fixtures of tests/integration that take long and serve several files.
_STANDING = re.compile(r"\b(standing|looked_at)\b")
#: Groups whose tests share one system, the longest first; then folders, the one with the smallest files last.
_TURNS = ("chaos", "browser", "standing", "pipeline", "integration", "contract", "architecture", "unit")


@cache
def group_of(path: Path) -> str:
    """The group of a test file, given below this folder: those of one system are one group, others one each."""
    folder = path.parts[0]
    if folder in ("chaos", "browser", "pipeline"):
        return folder
    if folder == "integration" and _STANDING.search((TESTS / path).read_text()):
        return "standing"
    return path.as_posix()


def turn_of(path: Path) -> int:
    """When the tests of a file have their turn, from 0."""
    return _TURNS.index(group_of(path).partition("/")[0])


class Groups(LoadScopeScheduling):
    """Gives a process the next group of tests as soon as it is nearly through with the one before."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(nodeid.partition("::")[0]).relative_to(TESTS.name))
