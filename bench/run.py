"""Measures the whole pipeline on this machine against one plain process, with servers of its own.

``python -m bench.run [--rows 100000] [--quick] [--only NAME]… [--million] [--repeat N]``. The exit code is 1
when an outcome is wrong; a missed target is reported, but is no error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.measurements import Bench
from bench.system import BenchError, Firm, running
from bench.table import table
from deploy.local.packages import PackageError
from deploy.local.servers import ServerError
from deploy.local.state import REPOSITORY

NAMES = ("small", "sizes", "floor", "again", "undo", "look", "crowd")
ROWS, QUICK_ROWS, MILLION = 100_000, 10_000, 1_000_000
RESULTS = REPOSITORY / ".local" / "bench"


def say(text: str) -> None:
    """Report the progress; standard output is kept for the table."""
    print(text, file=sys.stderr, flush=True)


class Plan:
    """Takes the chosen measurements, from the smallest job to the largest, so that each peak belongs to one job."""

    def __init__(self, bench: Bench, options: argparse.Namespace, results: dict[str, Any]) -> None:
        self.bench = bench
        self.rows: int = options.rows
        self.million: bool = options.million
        self.repeat: int = options.repeat
        self.results = results
        self.firm: Firm | None = None  # the one that has the list of `rows`

    def take(self, name: str) -> None:
        """Take one measurement."""
        {
            "small": self.small,
            "sizes": self.sizes,
            "floor": self.floor,
            "again": self.again,
            "undo": self.undo,
            "look": self.look,
            "crowd": self.crowd,
        }[name]()

    def small(self) -> None:
        """A small job alone."""
        say("100 rows alone, 20 times …")
        self.results["small"] = self.bench.small_alone()

    def sizes(self) -> None:
        """The smaller list; the full one comes with the floor, or here when that is not measured."""
        self._import(self.rows // 10)
        if "floor" not in self.results["measured"]:
            self._import(self.rows)

    def floor(self) -> None:
        """Floor and pipeline in turn."""
        for _ in range(self.repeat):
            say(f"{self.rows:,} rows by the floor …")
            self.results.setdefault("floor", []).append(self.bench.floor(self.rows))
            self._import(self.rows)

    def again(self) -> None:
        """The list once more into the firm that has it."""
        if self.firm is None:
            self._import(self.rows)
        assert self.firm is not None
        say(f"the same {self.rows:,} rows again …")
        self.results["again"] = self.bench.again(self.firm, self.rows)

    def undo(self) -> None:
        """Undo the import of the list in a firm that has it."""
        rows = self.rows
        say(f"{rows:,} rows, to be undone …")
        firm, figures = self.bench.whole_import(rows)
        undone = self.bench.undo(firm, figures["job"], rows)
        self.results["undo"] = {**undone, "loaded_in": figures["statuses"]["confirmed"]}

    def look(self) -> None:
        """The first rows of a large list."""
        say("the first rows of a large list …")
        self.results["look"] = self.bench.first_look()

    def crowd(self) -> None:
        """Small jobs beside a large one."""
        rows = MILLION if self.million else self.rows
        say(f"100 rows, again and again, beside {rows:,} …")
        self.results["crowd"] = self.bench.crowd(rows)

    def finish_sizes(self) -> None:
        """The largest list, after all others."""
        if self.million and "sizes" in self.results["measured"]:
            self._import(MILLION)

    def _import(self, rows: int) -> None:
        say(f"{rows:,} rows, POST to mail …")
        firm, figures = self.bench.whole_import(rows)
        say(f"  {figures['seconds']:.1f} s")
        if rows == self.rows:
            self.firm = firm
        self.results.setdefault("imports", {}).setdefault(str(rows), []).append(figures)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Start a system, take the chosen measurements, stop it; gives the results. Raises BenchError."""
    chosen = [name for name in NAMES if name in (options.only or NAMES)]
    results: dict[str, Any] = {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "rows": options.rows,
        "measured": chosen,
    }
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="carryover-bench-") as folder:
        say("starting RabbitMQ, MongoDB, a mail catcher and the services …")
        with running(Path(folder) / "system") as system:
            bench = Bench(system, Path(folder))
            bench.warm_up()
            plan = Plan(bench, options, results)
            for name in chosen:
                plan.take(name)
            plan.finish_sizes()
    results["load_average"] = [before, os.getloadavg()[0]]
    return results


def keep(results: dict[str, Any]) -> Path:
    """Write the results down for later; gives the file."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / f"{datetime.now():%Y%m%d-%H%M%S}.json"
    file.write_text(json.dumps(results, indent=1))
    return file


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description="Measures the pipeline against one plain process.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows, to see that all works")
    parser.add_argument("--only", action="append", choices=NAMES, help="may be given several times")
    parser.add_argument("--million", action="store_true", help=f"sizes and crowd with {MILLION:,} rows too")
    parser.add_argument("--repeat", type=int, default=1, help="how often floor and pipeline run, in turn")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rows = QUICK_ROWS
    return options


def main() -> int:
    """The command line."""
    try:
        results = measure(options_of())
    except (BenchError, PackageError, ServerError) as error:
        say(f"The benchmark failed: {error}")
        return 1
    print(table(results))
    print(f"\nAll figures: {os.path.relpath(keep(results))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
