"""Tests that the table of the flow, the handlers, the queues and the statuses agree."""

from __future__ import annotations

import ast
import importlib
import re
from typing import get_args

import pytest

from deploy.local import origin
from shared.contract.documents.task import State
from shared.contract.job import ALLOWED, ENDS, PART_OWNERS, WAITS_FOR_PERSON, Status
from shared.contract.routes import (
    ANSWERS_REQUESTS,
    LANES,
    PERSON_MOVES,
    PUBLISHES_EVENTS,
    REQUESTS,
    SERVICES,
    STEPS,
    Step,
    bindings,
    owed_by,
    parked_queue,
    queue_name,
    routing_key,
    steps_at,
)
from tests.architecture.code import ROOT, calls, services
from tools import flow


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_exactly_the_steps_the_table_gives_it(service: str) -> None:
    handlers = importlib.import_module(f"services.{service}.handlers").HANDLERS
    assert set(handlers) == {step.name for step in STEPS.values() if step.service == service}


def test_every_service_with_a_handler_is_in_the_table_and_in_the_one_process_of_a_laptop() -> None:
    with_handlers = {path.parent.name for path in ROOT.glob("services/*/handlers.py")}
    assert with_handlers == set(SERVICES) == set(origin.HANDLERS)


def test_every_service_has_its_routes_under_the_one_origin() -> None:
    assert {blueprint.name for blueprint in origin.ROUTES} == set(services())


def test_every_worker_is_started_by_the_procfile() -> None:
    started = set(re.findall(r"python -m services\.(\w+)\.worker", (ROOT / "Procfile").read_text()))
    assert started == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_worker_runs_the_handlers_of_its_own_service(service: str) -> None:
    text = (ROOT / "services" / service / "worker.py").read_text()
    assert f"from services.{service}.handlers import HANDLERS" in text
    beside = {ANSWERS_REQUESTS: ", answer_requests", PUBLISHES_EVENTS: ", send_webhooks, send_letters"}.get(
        service, ""
    )
    assert f'main("{service}", HANDLERS{beside})' in text


def test_every_queue_is_consumed_or_for_parked_messages() -> None:
    consumed = {queue_name(service, lane) for service in SERVICES for lane in LANES}
    parked = {parked_queue(service) for service in SERVICES}
    assert {queue for queue, _ in bindings()} == consumed | parked | {REQUESTS}


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
@pytest.mark.parametrize("lane", LANES)
def test_a_ring_for_a_step_reaches_the_queue_of_its_service_alone(step: Step, lane: str) -> None:
    wanted = routing_key(step.name, lane)
    reached = [queue for queue, key in bindings() if key == wanted]
    assert reached == [queue_name(step.service, lane)]


@pytest.mark.parametrize("status", Status)
def test_the_steps_at_a_status_are_one_chain_that_leads_where_the_job_may_go(status: Status) -> None:
    chain = steps_at(status)
    assert {step.name for step in chain} == {step.name for step in STEPS.values() if status in step.at}
    assert all(step.to is None or step.to in ALLOWED[status] for step in chain)
    assert all(step.then and not step.to for step in chain[:-1])


def test_no_status_is_a_dead_end() -> None:
    """Where code can bring a job, a service owes the next move, a person is waited for, or it is an end."""
    dead = []
    for status in _reached():
        chain = steps_at(status)
        moves_on = bool(chain) and chain[-1].to is not None
        if not (moves_on or status in WAITS_FOR_PERSON or status in ENDS):
            dead.append(status)
    assert dead == []


def test_every_status_that_waits_for_a_person_has_a_call_that_moves_it_on() -> None:
    assert set(WAITS_FOR_PERSON) == set(PERSON_MOVES)
    assert set(PERSON_MOVES.values()) <= set(_moves_in_code())


def test_autostart_owes_every_move_that_a_person_would_make() -> None:
    assert all(owed_by(status, autostart=True) for status in PERSON_MOVES)
    assert not any(owed_by(status, autostart=False) for status in PERSON_MOVES)


def test_every_move_is_allowed_from_somewhere() -> None:
    reachable = {to for allowed in ALLOWED.values() for to in allowed}
    assert set(_moves_in_code()) <= reachable
    assert set(ALLOWED) == set(Status)


def test_parts_of_the_job_belong_to_services_that_exist() -> None:
    assert set(PART_OWNERS.values()) <= set(SERVICES)


def _reached() -> set[Status]:
    by_steps = {step.to for step in STEPS.values() if step.to}
    return {Status.UPLOADED, *by_steps, *_moves_in_code()}


def _moves_in_code() -> set[Status]:
    """The statuses that calls of `advance` and `go_back` name."""
    named = set()
    for _, call in calls("advance", "go_back"):
        for argument in call.args:
            if isinstance(argument, ast.Attribute) and ast.unparse(argument.value) == "Status":
                named.add(Status[argument.attr])
    return named


def test_the_drawings_of_the_flow_are_those_of_its_table() -> None:
    assert (ROOT / "docs" / "FLOW.md").read_text("utf-8") == flow.page(), "make flow"
    text = (ROOT / "README.md").read_text("utf-8")
    assert text == flow.readme(text), "make flow"


def test_the_drawing_of_a_task_has_every_state_and_the_store_knows_no_other() -> None:
    drawn = {state for frm, to, _ in flow.TASK_MOVES for state in (frm, to)}
    assert drawn == set(get_args(State))
    store = (ROOT / "shared" / "plumbing" / "task_store.py").read_text("utf-8")
    assert {named for named in re.findall(r'"state": "(\w+)"', store)} == drawn
