"""Who gets a mail: the importer at the statuses that the firm chose, and the colleagues whom it gives copies."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from shared.contract.import_defaults import ANNOUNCED
from shared.contract.job import mailed, recipients
from shared.contract.notices import may_get_copies

TEAM: Any = [{"id": "an", "name": "An", "email": "an@x.example"}, {"id": "bo", "name": "Bo"}]
MAY = may_get_copies(TEAM, ("p.example",))
SOME = [list(ANNOUNCED), ["failed"], []]


def job(status: str, **options: Any) -> Any:
    return {"status": status, "options": options, "created_by_email": "Me@x.example"}


@pytest.mark.parametrize(("status", "importer", "when"), [*product(ANNOUNCED, SOME, SOME)])
def test_importer_and_copies_get_the_mails_that_the_firm_chose(status: str, importer: Any, when: Any) -> None:
    notices: Any = {"importer": importer, "copies": [{"to": "an@x.example", "when": when}]}
    expected = [
        *(["Me@x.example"] if status in importer else []),
        *(["an@x.example"] if status in when else []),
    ]
    assert mailed(job(status), notices, MAY) == expected


def test_addresses_of_the_request_get_all_mails_and_none_gets_two() -> None:
    notices: Any = {
        "importer": [],
        "copies": [{"to": to, "when": ["failed"]} for to in ("AN@x.example", "a@p.example", "an@x.example")],
    }
    asked = job("failed", notify=["an@x.example", "zoe@else.example"])
    assert mailed(asked, notices, MAY) == ["an@x.example", "zoe@else.example", "a@p.example"]
    assert recipients(asked) == ["an@x.example", "zoe@else.example"]


def test_a_copy_for_somebody_who_left_the_team_is_not_sent() -> None:
    notices: Any = {"importer": [], "copies": [{"to": "gone@x.example", "when": ["failed"]}]}
    assert mailed(job("failed"), notices, MAY) == []
