"""Formats results as plain text, with the target beside each measured value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from bench.figures import cost_growth, loaded_per_cpu_second, median_of, percentile, targets


def table(results: Mapping[str, Any]) -> str:
    """All results as text."""
    before, after = results["load_average"]
    head = (
        f"Carryover, {results['at']}, {results['cpus']} CPUs, Python {results['python']}; "
        f"load average {before:.2f} before, {after:.2f} after"
    )
    blocks = [[head], _targets(results), *_details(results)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with the first column to the left and all others to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _targets(results: Mapping[str, Any]) -> list[str]:
    rows = [
        (one.what, f"{one.measured:.2f} {one.unit}", f"≤ {one.limit:g} {one.unit}", _yes(one.reached))
        for one in targets(results)
    ]
    return aligned([("", "measured", "target", "reached"), *rows]) if rows else []


def _yes(reached: bool) -> str:
    return "yes" if reached else "NO"


def _details(results: Mapping[str, Any]) -> Iterator[list[str]]:
    imports = {int(rows): runs for rows, runs in results.get("imports", {}).items()}
    if results.get("floor"):
        yield _floor(results["floor"], imports[results["rows"]], results["cpus"])
    for rows, runs in sorted(imports.items()):
        yield _run(f"Import of {rows:,} rows, POST to mail", runs)
    if results.get("again"):
        yield _run(f"The same {results['again']['rows']:,} rows again, all unchanged", [results["again"]])
    if len(imports) > 1:
        yield _sizes({rows: runs[-1] for rows, runs in sorted(imports.items())})
    if results.get("small"):
        small = results["small"]
        yield [
            f"100 rows alone: median {median(small):.2f} s, p95 {percentile(small, 0.95):.2f} s, "
            f"{min(small):.2f} to {max(small):.2f} s, {len(small)} jobs"
        ]
    if results.get("undo"):
        undo = results["undo"]
        yield [
            f"{undo['rows']:,} rows undone: {undo['seconds']:.2f} s ({undo['per_second']:,.0f} rows/s), "
            f"loaded in {undo['loaded_in']:.2f} s"
        ]
    if results.get("crowd"):
        yield _crowd(results["crowd"])


def _floor(runs: Sequence[Mapping[str, Any]], imports: Sequence[Mapping[str, Any]], cpus: int) -> list[str]:
    rows, seconds = runs[0]["rows"], median_of(runs, "seconds")
    own, mongod = median_of(runs, "cpu_seconds"), median_of(runs, "mongod_cpu_seconds")
    spent = median_of(imports, "cpu_seconds")
    return [
        f"Floor: {seconds:.2f} s for {rows:,} rows ({rows / seconds:,.0f} rows/s), CPU {own:.1f} s and "
        f"mongod {mongod:.1f} s, peak {median_of(runs, 'peak_mb'):.0f} MB, {_of(runs)}",
        f"  CPU of the pipeline is {spent / (own + mongod):.2f} × that; "
        f"{cpus} CPUs need {spent / cpus:.1f} s for it at least",
    ]


def _of(runs: Sequence[Any]) -> str:
    return "one run" if len(runs) == 1 else f"median of {len(runs)} runs"


def _run(title: str, runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The whole of the runs, and the last one in detail."""
    last, seconds = runs[-1], median_of(runs, "seconds")
    lines = [
        f"{title}: {seconds:.2f} s ({last['rows'] / seconds:,.0f} rows/s), {_of(runs)}",
        f"  check and plan {last['checked_per_second']:,.0f} rows/s, load {last['loaded_per_second']:,.0f} rows/s, "
        f"{loaded_per_cpu_second(last):,.0f} per CPU second of its workers",
        f"  seconds at a status: {_pairs(last['statuses'])}",
        f"  seconds of a step: {_pairs(last['steps'])}",
    ]
    parts = [
        (f"    {name}", f"{part['cpu_seconds']:.1f} s", f"{part['peak_mb']:.0f} MB")
        for name, part in last["parts"].items()
    ]
    parts.append(("    all", f"{last['cpu_seconds']:.1f} s", ""))
    others = f"  CPU of the measuring itself {last['bench_cpu_seconds']:.1f} s, "
    others += f"of anything else on the machine {last['other_cpu_seconds']:.1f} s"
    return [*lines, *aligned([("    part", "CPU", "peak"), *parts]), others]


def _pairs(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())


def _sizes(runs: Mapping[int, Mapping[str, Any]]) -> list[str]:
    smallest = runs[min(runs)]
    names = [name for name in smallest["parts"] if name != "supervision"]
    head = ("Rows", *(f"{rows:,}" for rows in runs))
    lines = [
        head,
        ("ms per row", *(f"{1000 * run['seconds'] / rows:.3f}" for rows, run in runs.items())),
        (
            "  against the smallest",
            *(f"{cost_growth(smallest, run, 'seconds'):.2f} ×" for run in runs.values()),
        ),
        ("CPU ms per row", *(f"{1000 * run['cpu_seconds'] / rows:.3f}" for rows, run in runs.items())),
        (
            "  against the smallest",
            *(f"{cost_growth(smallest, run, 'cpu_seconds'):.2f} ×" for run in runs.values()),
        ),
        *(
            (f"peak of {name}", *(f"{run['parts'][name]['peak_mb']:.0f} MB" for run in runs.values()))
            for name in names
        ),
    ]
    return aligned(lines)


def _crowd(crowd: Mapping[str, Any]) -> list[str]:
    seconds = [one["seconds"] for one in crowd["small"]]
    by_status: dict[str, list[float]] = {}
    for one in crowd["small"]:
        by_status.setdefault(one["beside"], []).append(one["seconds"])
    lines = [
        f"100 rows of another firm beside {crowd['rows']:,} rows (which took {crowd['large_seconds']:.1f} s): "
        f"median {median(seconds):.2f} s, p95 {percentile(seconds, 0.95):.2f} s, worst {max(seconds):.2f} s"
    ]
    return lines + [
        f"  begun while it was {status}: {len(found)}, worst {max(found):.2f} s"
        for status, found in by_status.items()
    ]
