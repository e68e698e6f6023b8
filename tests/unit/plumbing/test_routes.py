"""Tests the table of the flow: every step can be reached, has an owner and a queue, and leads on."""

from __future__ import annotations

import pytest

from shared.contract.job import ENDS, WAITS_FOR_PERSON, Status, may_move
from shared.contract.routes import (
    LANES,
    PERSON_MOVES,
    SERVICES,
    STEPS,
    bindings,
    first_step,
    owed_by,
    parked_queue,
    queue_name,
    routing_key,
    steps_at,
)


def test_every_status_is_acted_on_by_a_worker_or_a_person_or_is_an_end() -> None:
    for status in Status:
        by_worker, by_person = first_step(status) is not None, status in WAITS_FOR_PERSON
        assert by_worker or by_person or status in ENDS | {Status.UNDOING}, status
        assert not (by_worker and by_person)


def test_a_job_goes_from_the_upload_to_the_import_along_the_table() -> None:
    status, seen = Status.UPLOADED, [Status.UPLOADED]
    while status is not Status.IMPORTED:
        steps = steps_at(status)
        target = next((step.to for step in steps if step.to), None) or PERSON_MOVES[status]
        assert may_move(status, target)
        status = target
        seen.append(status)
    assert [s.value for s in seen] == [
        "uploaded", "read", "proposed", "mapped", "validated", "confirmed", "imported",
    ]  # fmt: skip


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_every_step_has_a_queue_of_its_service_in_every_lane(step: object) -> None:
    bound = set(bindings())
    for lane in LANES:
        assert (queue_name(step.service, lane), routing_key(step.name, lane)) in bound  # type: ignore[attr-defined]
    assert step.service in SERVICES  # type: ignore[attr-defined]


def test_every_service_has_a_parked_queue() -> None:
    assert {(parked_queue(service), f"parked.{service}") for service in SERVICES} <= set(bindings())


def test_a_job_that_waits_for_a_person_is_owed_by_a_service_only_with_autostart() -> None:
    for status in PERSON_MOVES:
        assert owed_by(status, autostart=False) is None
        assert owed_by(status, autostart=True) in SERVICES
    assert owed_by(Status.CANCELLED, autostart=True) is None


def test_whatever_is_not_an_end_can_be_cancelled_and_can_fail() -> None:
    for status in set(Status) - ENDS - {Status.UNDOING}:
        assert may_move(status, Status.CANCELLED)
        assert may_move(status, Status.FAILED)
