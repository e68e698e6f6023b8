"""How many examples a property has that works on servers: few in ``make test``, many in ``make chaos``."""

from __future__ import annotations

import os

#: Fewer find little.
LEAST = 20


def examples(few: int) -> int:
    """So many examples, times EXAMPLES of the environment (1)."""
    assert few >= LEAST
    return few * int(os.environ.get("EXAMPLES", "1"))
