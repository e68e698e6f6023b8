"""Tests how much of the code has types: counts the annotations that contain `Any`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.code import services, trees

#: Shares of annotations that may mention `Any`: of all, and of any one part.
MOST, MOST_OF_ONE = 0.05, 0.10


def annotations(tree: ast.Module) -> Iterator[ast.expr]:
    """All annotations of a module: of parameters, returns, and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            given = node.args
            parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            yield from (each.annotation for each in parameters if each is not None and each.annotation)
            if node.returns:
                yield node.returns


def says_any(annotation: ast.expr) -> bool:
    """Whether `Any` is part of an annotation."""
    return any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(annotation))


def share(*folders: str) -> float:
    """The share of annotations in some folders that say `Any`."""
    found = [says_any(each) for tree in trees(*folders).values() for each in annotations(tree)]
    return sum(found) / len(found)


def test_few_annotations_say_any() -> None:
    assert share("shared", "services") < MOST


@pytest.mark.parametrize(
    "folder", ["shared/contract", "shared/plumbing", *(f"services/{name}" for name in services())]
)
def test_no_part_of_the_code_is_left_without_types(folder: str) -> None:
    assert share(folder) < MOST_OF_ONE


def test_nothing_hides_any_behind_another_name() -> None:
    hidden = [
        f"{path}: {ast.unparse(node)}"
        for path, tree in trees("shared", "services").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id == "Any"
    ]
    assert hidden == []
