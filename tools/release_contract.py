"""Keeps what callers of a release rely on: `make released` writes tests/contract/released/openapi-<version>.json."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RELEASED = ROOT / "tests" / "contract" / "released"
#: What a caller does not rely on.
_WORDS = ("description", "summary", "title", "example", "tags")


def bare(value: Any, *, named: bool = False) -> Any:
    """The document without words and examples; of the examples of refusals the codes stay.

    `named` is true for objects whose keys are names of parts: such a part may be called `title`.
    """
    if isinstance(value, list):
        return [bare(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {code: {} for code in inner}
        if name == "examples" and not named
        else bare(inner, named=name == "properties")
        for name, inner in value.items()
        if named or name not in _WORDS
    }


def main() -> None:
    """Write the file of the version that pyproject.toml names."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    document = json.loads((ROOT / "shared" / "contract" / "openapi.json").read_text("utf-8"))
    kept = bare({name: document[name] for name in ("paths", "components")})
    RELEASED.mkdir(exist_ok=True)
    (RELEASED / f"openapi-{version}.json").write_text(json.dumps(kept, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
