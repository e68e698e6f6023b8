"""What lists of clients are filtered by, in a query: the same for pages, files and changes of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from shared.contract.bounded import Choice, Code, Text
from shared.contract.fields import FIELDS
from shared.contract.listing import MOST_SEARCHED
from shared.contract.requests import Input
from shared.contract.sendings import STATUSES


class ListQuery(Input):
    """Which accounts or contacts; a record of a list fulfils all of them."""

    q = Text(
        MOST_SEARCHED,
        1,
        metadata={
            "description": "words, or parts of them, each of which the name, a code, a number or an address has;"
            " case and accents do not count"
        },
    )
    name = Text(100, 1, metadata={"description": "part of the name"})
    type = Choice(FIELDS["account.type"].choices, metadata={"description": "of accounts"})
    tag = Text(100, 1)
    assignee = Text(100, 1, metadata={"description": "of accounts: the id of a team member"})
    language = Code(r"^[a-z]{2}$")
    questionnaire = Text(100, 1, metadata={"description": "of accounts"})
    invitation = Choice(STATUSES, metadata={"description": "of contacts: what became of their invitation"})
    job = Code(
        r"^[0-9a-f]{1,64}$", metadata={"description": "an import that made, changed or linked the record"}
    )


class ListAsked(TypedDict):
    """The query that `ListQuery` reads."""

    q: NotRequired[str]
    name: NotRequired[str]
    type: NotRequired[str]
    tag: NotRequired[str]
    assignee: NotRequired[str]
    language: NotRequired[str]
    questionnaire: NotRequired[str]
    invitation: NotRequired[str]
    job: NotRequired[str]


def filters_of(query: Mapping[str, object]) -> dict[str, str]:
    """The filters among the parts of a query."""
    return {
        name: value
        for name in ListAsked.__annotations__
        if isinstance(value := query.get(name), str) and value
    }
