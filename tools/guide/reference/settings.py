"""The page of settings, made from `deploy/example.env`, which a test compares with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.guide.reference.markdown import cell, code, table

GROUP = re.compile(r"# --- (.+)")
SETTING = re.compile(r"#?([A-Z][A-Z_]+)=(.*)")


def settings(example: str) -> str:
    """Every setting by group: who reads it, what it does, and its value when nothing is set."""
    lines = [
        "# Settings\n",
        "Settings come from the environment; in containers from `.env`, which `deploy/make-env` writes with secrets of",
        "its own. Durations are in seconds, sizes in bytes. A service that misses a setting, or finds it wrong, does",
        "not start and names all of them at once. This page is made from `deploy/example.env`.\n",
    ]
    for title, found in _groups(example):
        lines += [f"## {title}\n", *table(("setting", "read by", "about", "without it"), found)]
    return "\n".join(lines)


def _groups(example: str) -> Iterator[tuple[str, list[tuple[str, str, str, str]]]]:
    title, rows, about = "", list[tuple[str, str, str, str]](), list[str]()
    for line in example.splitlines():
        if group := GROUP.fullmatch(line):
            if rows:
                yield title, rows
            title, rows, about = group[1], [], []
        elif setting := SETTING.fullmatch(line):
            who, _, what = (
                " ".join(about).partition(": ") if about and ": " in about[0] else ("", "", " ".join(about))
            )
            rows.append((code(setting[1]), cell(who), cell(what), _default(line, setting[2])))
            about = []
        elif line.startswith("# "):
            about.append(line.removeprefix("# "))
        else:
            about = []
    yield title, rows


def _default(line: str, value: str) -> str:
    """What counts when nothing is set: a line that begins with # shows it; `make-env` writes the others."""
    if line.startswith("#"):
        return code(value) or "empty"
    return f"`make-env` writes {code(value)}" if value else "`make-env` makes a secret"
