"""The routes of the importer, and the revision that a writer of a record or of reference data saw."""

from __future__ import annotations

from typing import TypedDict

from shared.contract.bounded import Code
from shared.contract.requests import Headers
from shared.plumbing.web import Routes

SERVICE = "importer"

routes = Routes(SERVICE)


class IfMatch(Headers):
    """The revision that the writer saw."""

    if_match = Code(
        r'^"[0-9]{1,12}"$',
        data_key="If-Match",
        metadata={
            "description": "The `ETag` that the writer saw: where somebody changed it since, the answer is 412"
        },
    )


class Conditions(TypedDict, total=False):
    """The headers that `IfMatch` reads."""

    if_match: str


def revision_seen(headers: Conditions) -> int | None:
    """The revision that the writer saw; None where they do not say it."""
    tag = headers.get("if_match")
    return int(tag.strip('"')) if tag else None
