"""Tests cancelling at any moment: the data agrees with the result, and a large job does not delay a small one."""

from __future__ import annotations

import random
import time

import pytest

from tests.chaos.checker import OPEN, ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.system import eventually

pytestmark = pytest.mark.chaos

SMALL_JOB_LIMIT = 12.0  # seconds, beside a large one, on a machine that does other things too


def moments(seed: int) -> list[tuple[str, int]]:
    """Six moments of a job: (step, chunks of it that are done), more of them while it loads."""
    chance = random.Random(seed)
    return [
        ("read", 0),
        *((step, chance.randrange(1, 20)) for step in ("check", "plan")),
        *(("load", done) for done in chance.sample(range(1, 30), 3)),
    ]


@pytest.mark.long
@pytest.mark.parametrize(("step", "done"), moments(3)[::-1])
def test_a_cancelled_job_has_loaded_exactly_what_its_result_says(
    world: World, clients_8k: ClientList, step: str, done: int
) -> None:
    client = world.firm()
    job = client.upload(clients_8k.content, **AUTOSTART)
    these = {"job": job, "step": step}
    eventually(
        lambda: (
            world.db.tasks.find_one(these)
            and world.db.tasks.count_documents({**these, "state": "done"}) >= done
        ),
        JOB_LIMIT,
        f"{done} chunks of {step}",
    )
    assert client.post(f"/jobs/{job}/cancel")["status"] == "cancelled"
    eventually(
        lambda: not world.db.tasks.find_one({"job": job, "state": {"$in": list(OPEN)}}),
        JOB_LIMIT,
        "nothing of the job is under way",
    )
    world.checker.quiet(job)
    result = client.get(f"/jobs/{job}/result")
    loaded = world.checker.loaded(client.firm)
    assert result["status"] == "cancelled"
    assert loaded == {kind: result["result"][f"{kind}_created"] for kind in loaded}
    assert bool(loaded["accounts"]) == (step == "load")
    assert not result["balanced"]
    assert client.call("POST", f"/jobs/{job}/confirm").status_code == 409
    assert client.post(f"/jobs/{job}/cancel")["status"] == "cancelled"
    assert client.job(job)["history"][-1]["status"] == "cancelled"
    assert not world.checker.mails(job)


@pytest.mark.long
def test_a_small_job_of_another_firm_is_not_delayed_by_a_large_one(
    world: World, clients_20k: ClientList, clients_100: ClientList
) -> None:
    large, small = world.firm(), world.firm()
    long = large.upload(clients_20k.content, **AUTOSTART)
    world.in_the_middle(long, "check")
    began = time.monotonic()
    short = small.upload(clients_100.content, **AUTOSTART)
    small.wait_for(short, "imported", limit=SMALL_JOB_LIMIT)
    took = time.monotonic() - began
    assert large.job(long)["status"] in ("mapped", "validated"), f"the small one took {took:.1f} s"
    world.mail_is_sent(short)
    world.ends_well(large, long, clients_20k)
    world.checker.imported(small, short, clients_100)
