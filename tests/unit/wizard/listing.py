"""Makes a source as the API shows it, with columns of given headers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any


def source_of(headers: Sequence[str], empty: Collection[int] = ()) -> Any:
    """A source whose columns have these headers; those of `empty` have no value."""
    columns = [
        {
            "index": i,
            "header": header,
            "name": header,
            "samples": [],
            "fill": 0.0 if i in empty else 1.0,
        }
        for i, header in enumerate(headers)
    ]
    return {"columns": columns, "problems": [], "rows": 3}
