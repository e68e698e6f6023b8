"""Tests that tests of one system run in one process, and that each file has a turn."""

from __future__ import annotations

from pathlib import Path

from tests.groups import TESTS, Groups, group_of, turn_of

FILES = [path.relative_to(TESTS) for path in sorted(TESTS.rglob("test_*.py"))]


def test_tests_that_use_one_system_are_one_group_and_other_files_one_each() -> None:
    groups = {path: group_of(path) for path in FILES}
    assert {groups[path] for path in FILES if path.parts[0] == "chaos"} == {"chaos"}
    assert groups[Path("integration/test_api.py")] == groups[Path("integration/test_pages_crawl.py")]
    alone = [group for group in groups.values() if "/" in group]
    assert len(alone) == len(set(alone)) > 100
    scheduler = Groups.__new__(Groups)  # a whole one has processes
    for path, group in groups.items():
        assert scheduler._split_scope(f"tests/{path}::test_of_it[a::b@c]") == group


def test_systems_have_their_turn_before_small_files() -> None:
    by_turn = sorted(FILES, key=turn_of)
    assert [by_turn[0].parts[0], by_turn[-1].parts[0]] == ["chaos", "unit"]
