"""Write the OpenAPI document of all services: `python -m deploy.openapi > shared/contract/openapi.json`."""

from __future__ import annotations

import json
import sys

from deploy.description.whole import completed
from deploy.local import origin
from shared.plumbing.settings import Settings


def document() -> str:
    """The document as it is kept in the repository; it needs no server and no environment."""
    nowhere = Settings(
        "mongodb://nowhere", "memory://", "smtp://nowhere", "http://nowhere", jwt_secret="-" * 32
    )
    app = origin.create_app(nowhere)
    return json.dumps(completed(origin.specification(app)), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
