"""Reads the project's own code, so that tests can compare it with what is written about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: what of a service knows the web or the queue; all else is its work, and the work does not look back at them
OUTER = frozenset({"app", "api", "worker", "handlers", "settings"})


def is_outer(path: str) -> bool:
    """Whether a file of a service belongs to its outer part."""
    return Path(path).parts[2].removesuffix(".py") in OUTER


def services() -> list[str]:
    """The names of all services."""
    return sorted(path.parent.name for path in ROOT.glob("services/*/app.py"))


@cache
def trees(*folders: str) -> dict[str, ast.Module]:
    """The syntax trees of all modules in some folders, by path from the root."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}


def imported(tree: ast.Module) -> Iterator[str]:
    """The full names of the modules that a module imports, and of what it takes from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of functions or classes of these names in shared and services, with the place."""
    for path, tree in trees("shared", "services").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in names:
                yield f"{path}:{node.lineno}", node


def _name(function: ast.expr) -> str | None:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else None
