"""The routes of the importer, and the revision that a writer of a record or of reference data saw."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contract.bounded import Code
from shared.contract.requests import Headers
from shared.plumbing.web import Routes

SERVICE = "importer"

routes = Routes(SERVICE)


class IfMatch(Headers):
    """The revision that the writer saw."""

    if_match = Code(r'^"[0-9]{1,12}"$', data_key="If-Match")


def revision_seen(headers: Mapping[str, str]) -> int | None:
    """The revision that the writer saw, where they say it."""
    tag = headers.get("if_match")
    return int(tag.strip('"')) if tag else None
