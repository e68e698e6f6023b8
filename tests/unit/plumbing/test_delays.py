"""Tests what a job says of work that has not begun: of every status, every state of its service, and every language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contract.answers import JobAnswer
from shared.contract.job import ENDS, WAITS_FOR_PERSON, Status
from shared.contract.problems import sentence
from shared.contract.routes import SERVICES, first_step
from shared.contract.texts.catalogues import language_names
from shared.plumbing.beat_store import Beat
from shared.plumbing.following.picture import Picture
from shared.plumbing.job_view import show
from tests.unit.plumbing.following.making import Work, job_after

LONG_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
AT_WORK = [status for status in Status if status not in ENDS and status not in WAITS_FOR_PERSON]
ALIVE = {service: Beat() for service in SERVICES}


def work(beats: dict[str, Beat], *, begun: bool = False, ahead: int = 0) -> Work:
    """Services of which these signs of life are known, and the tasks in front of a job."""
    made = Work()
    made.beats.known = beats
    made.tasks.has_begun = lambda *_: begun
    made.tasks.ahead_of = lambda *_: ahead
    return made


def delay(job: dict[str, Any], made: Work) -> dict[str, Any] | None:
    """What the answer of the API says."""
    waiting = JobAnswer().dump(show(job, made, "", "en"))["waiting_for"]  # type: ignore[arg-type]
    found: dict[str, Any] | None = waiting["delay"]
    return found


def just_now() -> datetime:
    """The present second."""
    return datetime.now(UTC).replace(microsecond=0)


def job_at(status: Status, since: datetime) -> dict[str, Any]:
    """A job that a service owes its next step."""
    return job_after(["uploaded", status.value], since=since)


def owing(status: Status) -> str:
    """The service that acts next."""
    step = first_step(status)
    assert step
    return step.service


@pytest.mark.parametrize("status", AT_WORK)
@pytest.mark.parametrize("gone_for", [timedelta(seconds=7), timedelta(days=3)])
@pytest.mark.parametrize(
    ("code", "beat"), [("service_away", "away_since"), ("messages_away", "unheard_since")]
)
def test_every_step_says_that_its_service_is_away_and_since_when(
    status: Status, code: str, beat: str, gone_for: timedelta
) -> None:
    gone = just_now() - gone_for
    for since in (LONG_AGO, just_now()):
        found = delay(job_at(status, since), work({**ALIVE, owing(status): Beat(**{beat: gone})}))
        assert found is not None
        assert found["code"] == code
        assert found["message"] == sentence(code, "en")
        assert datetime.fromisoformat(found["since"]) == max(gone, since)


@pytest.mark.parametrize("status", AT_WORK)
def test_another_service_that_is_away_does_not_matter(status: Status) -> None:
    others = {service: Beat(away_since=LONG_AGO) for service in SERVICES}
    assert delay(job_at(status, LONG_AGO), work({**others, owing(status): Beat()}, begun=True)) is None


@pytest.mark.parametrize("status", AT_WORK)
@pytest.mark.parametrize("lang", language_names())
def test_work_behind_that_of_others_says_how_much_there_is(status: Status, lang: str) -> None:
    for ahead in (0, 1, 2, 21, 1000):
        for begun in (False, True):
            for since in (LONG_AGO, just_now()):
                shown = show(job_at(status, since), work(ALIVE, begun=begun, ahead=ahead), "", lang)  # type: ignore[arg-type]
                found = JobAnswer().dump(shown)["waiting_for"]["delay"]
                assert (found is not None) == (ahead > 0 and not begun and since is LONG_AGO)
                if found:
                    assert found["message"] == sentence("in_queue", lang, count=ahead)


@pytest.mark.parametrize("status", AT_WORK)
def test_a_service_that_was_never_alive_is_away_where_others_are_alive(status: Status) -> None:
    others = {service: Beat() for service in SERVICES if service != owing(status)}
    assert (delay(job_at(status, LONG_AGO), work(others)) or {})["code"] == "service_away"
    assert delay(job_at(status, just_now()), work(others)) is None
    assert delay(job_at(status, LONG_AGO), work({})) is None


@pytest.mark.parametrize("status", WAITS_FOR_PERSON)
def test_who_waits_for_a_person_waits_for_no_service(status: Status) -> None:
    job = job_after(["uploaded", status.value], since=LONG_AGO)
    away = work({service: Beat(away_since=LONG_AGO) for service in SERVICES})
    assert delay(job, away) is None


def test_a_delay_that_comes_or_goes_is_a_new_version_and_the_same_one_is_not() -> None:
    job = job_at(Status.MAPPED, LONG_AGO)
    away = {**ALIVE, "validator": Beat(away_since=LONG_AGO)}
    versions = [
        Picture(job, made).version  # type: ignore[arg-type]
        for made in (work(ALIVE), work(away), work(away), work(ALIVE, ahead=3), work(ALIVE, ahead=2))
    ]
    assert versions[1] == versions[2]
    assert len(set(versions)) == 4


def test_a_job_is_looked_at_again_when_its_work_may_be_late() -> None:
    def again(since: datetime, **how: Any) -> float | None:
        return Picture(job_at(Status.MAPPED, since), work(ALIVE, **how)).again_in  # type: ignore[arg-type]

    assert again(LONG_AGO) is None
    assert (again(just_now()) or 0) > 0
    assert again(LONG_AGO, ahead=3) == 5.0
