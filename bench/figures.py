"""Arithmetic of the benchmark: durations, percentiles, ratios, outcomes against expectations, and targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from tools.client_lists import Expected

MOST_TIMES_FLOOR = 1.0
MOST_WORKER_MB = 200.0
MOST_COST_GROWTH = 1.1
MOST_SMALL_SECONDS = 1.0
MOST_CROWD_SECONDS = 5.0
MOST_UNDO_AGAINST_LOAD = 1.0
MOST_LOOK_SECONDS = 2.0
WORKERS = ("upload", "mapper", "validator", "importer", "notifier")


@dataclass(frozen=True)
class Target:
    """A target with the measured value; `unit` is written behind both."""

    what: str
    measured: float
    limit: float
    unit: str

    @property
    def reached(self) -> bool:
        """Whether the measured value is within the limit."""
        return self.measured <= self.limit


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def status_seconds(history: Sequence[Mapping[str, Any]], began: float, mailed: float) -> dict[str, float]:
    """How long a job had each status: `sending` before the first one, the last one until the mail.

    `history` has lines as the API answers them; `began` and `mailed` are seconds since the epoch.
    """
    moments = [datetime.fromisoformat(line["at"]).timestamp() for line in history]
    names = ["sending", *(line["status"] for line in history)]
    starts, ends = [began, *moments], [*moments, mailed]
    return {name: round(end - start, 3) for name, start, end in zip(names, starts, ends, strict=True)}


def rate(rows: int, seconds: float) -> float:
    """Rows per second."""
    return round(rows / seconds, 1) if seconds > 0 else math.inf


def median_of(runs: Iterable[Mapping[str, Any]], name: str) -> float:
    """The median of one figure over several runs."""
    return float(median(run[name] for run in runs))


def cost_growth(small: Mapping[str, Any], large: Mapping[str, Any], name: str) -> float:
    """How many times as much of a figure a row costs in the large run as in the small one."""
    return float((large[name] / large["rows"]) / (small[name] / small["rows"]))


def peak_of_workers(parts: Mapping[str, Mapping[str, float]]) -> tuple[str, float]:
    """The worker with the highest peak, and that peak in MB."""
    peaks = {name: part["peak_mb"] for name, part in parts.items() if name.split(".")[0] in WORKERS}
    largest = max(peaks, key=lambda name: peaks[name])
    return largest, peaks[largest]


def loaded_per_cpu_second(run: Mapping[str, Any]) -> float:
    """Rows loaded in a second of the loading workers' CPU: what one of them does with a core of its own."""
    parts = run["parts"].items()
    spent = sum(part["cpu_seconds"] for name, part in parts if name.split(".")[0] == "importer")
    return rate(run["rows"], spent)


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """A sentence for every name whose found value is not the expected one."""
    return [
        f"{name} is {found.get(name)!r} instead of {value!r}"
        for name, value in expected.items()
        if found.get(name) != value
    ]


def first_outcome(expected: Expected) -> dict[str, Any]:
    """What a job must report after the import of a generated list into an empty firm."""
    return {
        "status": "imported",
        "new": expected.valid,
        "update": 0,
        "unchanged": 0,
        "duplicate": 0,
        "invalid": expected.invalid,
        "rows_loaded": expected.valid,
        "rows_unchanged": 0,
        "rows_skipped": expected.invalid,
        "accounts_created": expected.accounts,
        "contacts_created": expected.contacts,
        "links_created": expected.contacts,
        "accounts_updated": 0,
        "contacts_updated": 0,
        "problems": dict(sorted(expected.problems.items())),
        **_kept(expected),
    }


def second_outcome(expected: Expected) -> dict[str, Any]:
    """What a job must report after the same list was imported once more: nothing new, nothing changed."""
    nothing = dict.fromkeys(
        ("new", "update", "rows_loaded", "accounts_created", "contacts_created", "links_created"), 0
    )
    return {
        "status": "imported",
        **nothing,
        "accounts_updated": 0,
        "contacts_updated": 0,
        "rows_unchanged": expected.valid,
        "rows_skipped": expected.invalid,
        **_kept(expected),
    }


def _kept(expected: Expected) -> dict[str, int]:
    return {
        "accounts kept": expected.accounts,
        "contacts kept": expected.contacts,
        "links kept": expected.contacts,
    }


def targets(results: Mapping[str, Any]) -> list[Target]:
    """The targets that apply to these results."""
    found: list[Target] = []
    imports = {int(rows): runs for rows, runs in results.get("imports", {}).items()}
    rows = results["rows"]
    if results.get("floor"):
        times = median_of(imports[rows], "seconds") / median_of(results["floor"], "seconds")
        what = f"{rows:,} rows, POST to mail, against the floor"
        found.append(Target(what, times, MOST_TIMES_FLOOR, "×"))
    if imports:
        found += _targets_of_sizes(imports)
    if results.get("undo"):
        times = results["undo"]["seconds"] / results["undo"]["loaded_in"]
        what = f"{results['undo']['rows']:,} rows undone, against their loading"
        found.append(Target(what, times, MOST_UNDO_AGAINST_LOAD, "×"))
    if results.get("look"):
        what = f"first rows of {results['look']['bytes'] / 1e6:.0f} MB on the mapping page"
        found.append(Target(what, results["look"]["seconds"], MOST_LOOK_SECONDS, "s"))
    if results.get("small"):
        what = f"100 rows alone, POST to mail, median of {len(results['small'])}"
        found.append(Target(what, float(median(results["small"])), MOST_SMALL_SECONDS, "s"))
    if results.get("crowd"):
        seconds = [one["seconds"] for one in results["crowd"]["small"]]
        what = f"100 rows beside {results['crowd']['rows']:,} of another firm, p95 of {len(seconds)}"
        found.append(Target(what, percentile(seconds, 0.95), MOST_CROWD_SECONDS, "s"))
    return found


def _targets_of_sizes(imports: Mapping[int, Sequence[Mapping[str, Any]]]) -> list[Target]:
    smallest, largest = min(imports), max(imports)
    peaks = [peak_of_workers(run["parts"]) for run in imports[largest]]
    name, peak = max(peaks, key=lambda one: one[1])
    found = [Target(f"peak memory of a worker at {largest:,} rows ({name})", peak, MOST_WORKER_MB, "MB")]
    if smallest < largest:
        growth = cost_growth(imports[smallest][-1], imports[largest][-1], "seconds")
        what = f"cost per row at {largest:,} rows against {smallest:,}"
        found.append(Target(what, growth, MOST_COST_GROWTH, "×"))
    return found
