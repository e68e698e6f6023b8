"""Tests the arithmetic of the benchmark."""

from __future__ import annotations

from typing import Any

import pytest

from bench import figures
from bench.table import aligned, table
from tools.client_lists import Expected

EXPECTED = Expected(rows=100, valid=97, invalid=3, accounts=90, contacts=97, problems={"invalid_email": 3})


def run_of(rows: int, seconds: float, validator_mb: float = 90.0) -> dict[str, Any]:
    part = {"cpu_seconds": 1.0, "peak_mb": 50.0}
    return {
        "rows": rows,
        "seconds": seconds,
        "cpu_seconds": 2 * seconds,
        "statuses": {"sending": 0.1, "mapped": seconds / 2, "confirmed": seconds / 4},
        "steps": {"check": seconds / 4},
        "checked_per_second": 2 * rows / seconds,
        "loaded_per_second": 4 * rows / seconds,
        "parts": {
            "mongod": {**part, "peak_mb": 900.0},
            "validator": {**part, "peak_mb": validator_mb},
            "validator.2": part,
            "importer": part,
        },
        "bench_cpu_seconds": 0.5,
        "other_cpu_seconds": 3.0,
    }


def results_of(**more: Any) -> dict[str, Any]:
    return {
        "at": "2026-03-03T10:00:00+01:00",
        "cpus": 2,
        "python": "3.11.7",
        "rows": 100_000,
        "load_average": [0.1, 2.0],
        **more,
    }


def floor_of(seconds: float) -> dict[str, Any]:
    return {
        "rows": 100_000, "seconds": seconds, "cpu_seconds": 20.0, "mongod_cpu_seconds": 5.0, "peak_mb": 55.0
    }  # fmt: skip


def measured(results: dict[str, Any], beginning: str) -> figures.Target:
    return next(one for one in figures.targets(results) if one.what.startswith(beginning))


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 10.0), (0.95, 19.0), (0.951, 20.0), (1.0, 20.0)]
)
def test_a_percentile_is_a_measured_value_of_that_rank(share: float, value: float) -> None:
    values = [float(number) for number in range(20, 0, -1)]
    assert figures.percentile(values, share) == value


def test_the_times_at_each_status_add_up_to_the_whole() -> None:
    history = [
        {"status": "uploaded", "at": "1970-01-01T00:16:41+00:00"},
        {"status": "read", "at": "1970-01-01T00:16:43.500000+00:00"},
        {"status": "imported", "at": "1970-01-01T01:16:44+01:00"},
    ]
    seconds = figures.status_seconds(history, began=1000.0, mailed=1010.0)
    assert seconds == {"sending": 1.0, "uploaded": 2.5, "read": 0.5, "imported": 6.0}


def test_the_ratio_is_that_of_the_medians() -> None:
    results = results_of(
        floor=[floor_of(10.0), floor_of(20.0), floor_of(90.0)],
        imports={"100000": [run_of(100_000, 15.0), run_of(100_000, 30.0), run_of(100_000, 31.0)]},
    )
    target = measured(results, "100,000 rows, POST to mail, against the floor")
    assert target.measured == 1.5
    assert not target.reached


def test_a_target_is_reached_at_its_limit() -> None:
    assert figures.Target("", 1.0, 1.0, "×").reached
    assert not figures.Target("", 1.001, 1.0, "×").reached


def test_cost_per_row_is_compared_between_the_smallest_and_the_largest_list() -> None:
    results = results_of(
        imports={
            "1000000": [run_of(1_000_000, 240.0)],
            "10000": [run_of(10_000, 2.0)],
            "100000": [run_of(100_000, 90.0)],
        }
    )
    assert measured(results, "cost per row at 1,000,000 rows against 10,000").measured == pytest.approx(1.2)


def test_the_peak_is_that_of_the_largest_worker_of_the_largest_list_and_never_the_database() -> None:
    results = results_of(
        imports={"10000": [run_of(10_000, 2.0, 300.0)], "100000": [run_of(100_000, 20.0, 201.0)]}
    )
    target = measured(results, "peak memory of a worker at 100,000 rows (validator)")
    assert (target.measured, target.reached) == (201.0, False)


def test_small_jobs_are_judged_alone_by_the_median_and_in_a_crowd_by_the_95th_percentile() -> None:
    crowd = {
        "rows": 100_000,
        "large_seconds": 30.0,
        "small": [{"beside": "mapped", "seconds": float(n)} for n in range(1, 11)],
    }
    results = results_of(small=[0.4, 0.5, 3.0], crowd=crowd)
    assert measured(results, "100 rows alone").measured == 0.5
    assert measured(results, "100 rows beside").measured == 10.0


def test_nothing_is_reported_of_what_was_not_measured() -> None:
    assert figures.targets(results_of()) == []
    assert "against the floor" not in table(results_of(imports={"100000": [run_of(100_000, 20.0)]}))


def test_every_difference_of_an_outcome_is_reported() -> None:
    expected = figures.first_outcome(EXPECTED)
    assert figures.differences(expected, {**expected, "something more": 1}) == []
    wrong = {**expected, "contacts_created": 96, "problems": {}}
    assert figures.differences(expected, wrong) == [
        "contacts_created is 96 instead of 97",
        "problems is {} instead of {'invalid_email': 3}",
    ]


def test_a_second_import_must_create_nothing_and_leave_every_valid_row_as_it_is() -> None:
    expected = figures.second_outcome(EXPECTED)
    assert expected["rows_unchanged"] == 97
    assert not any(expected[f"{kind}_created"] for kind in ("accounts", "contacts", "links"))
    assert expected["accounts kept"] == 90


def test_the_table_has_the_target_beside_the_measured_value_and_whether_it_is_reached() -> None:
    results = results_of(floor=[floor_of(10.0)], imports={"100000": [run_of(100_000, 23.2)]})
    lines = table(results).splitlines()
    line = next(line for line in lines if line.startswith("100,000 rows, POST to mail, against the floor"))
    assert line.split()[-6:] == ["2.32", "×", "≤", "1", "×", "NO"]


def test_columns_are_below_each_other() -> None:
    assert aligned([("a", "10", "x"), ("bcd", "1", "")]) == ["a    10  x", "bcd   1"]


def test_loading_is_measured_by_the_cpu_of_its_workers_alone():
    parts = {
        "importer": {"cpu_seconds": 3.0},
        "importer.2": {"cpu_seconds": 2.0},
        "mongod": {"cpu_seconds": 9.0},
    }
    assert figures.loaded_per_cpu_second({"rows": 40_000, "parts": parts}) == 8_000


def test_targets_speak_of_the_undo_and_of_the_first_look():
    results = {
        "rows": 10,
        "undo": {"rows": 10, "seconds": 2.0, "loaded_in": 4.0},
        "look": {"bytes": 100_000_000, "seconds": 2.5},
    }
    assert [(one.measured, one.reached) for one in figures.targets(results)] == [(0.5, True), (2.5, False)]
