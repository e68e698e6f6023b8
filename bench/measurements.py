"""Measures a running system; each measurement has a firm of its own, and a wrong outcome ends all."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.figures import differences, first_outcome, rate, second_outcome, status_seconds
from bench.system import PAUSE, BenchError, Carried, Firm, System
from bench.usage import Meter, cpu_seconds, parts_of
from deploy.local.state import REPOSITORY
from tools.client_lists import Expected, generate

SMALL_ROWS = 100
SMALL_JOBS = 20
SLOWEST = 200  # rows per second; a job that takes longer has failed
START = 120.0  # seconds that a job of any size may take
LOOK_ROWS = 500_000  # some 100 MB
RECORDS = ("accounts", "contacts", "links")
FLOOR_DATABASE = "carryover_floor"


class Bench:
    """Takes measurements; lists and firms are made as they are needed."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system = system
        self.folder = folder
        self.parts = parts_of(system.supervisor)
        self._lists: dict[tuple[int, int], tuple[Path, Expected]] = {}
        self._firms = 0

    def list_of(self, rows: int, seed: int = 1) -> tuple[Path, Expected]:
        """A generated list and what its import must report."""
        if (rows, seed) not in self._lists:
            path = self.folder / f"clients-{rows}-{seed}.csv"
            self._lists[rows, seed] = (path, generate(rows, seed, path))
        return self._lists[rows, seed]

    def new_firm(self, name: str) -> Firm:
        """A firm that has nothing yet."""
        self._firms += 1
        return self.system.firm(f"{name}-{self._firms}")

    def warm_up(self) -> None:
        """Carry two small lists, so that everything is loaded and every process has worked."""
        for seed in (1, 2):
            self._carry(self.new_firm("warm-up"), *self.list_of(SMALL_ROWS, seed))

    def floor(self, rows: int) -> dict[str, Any]:
        """One plain process on the same MongoDB; start of Python and imports are not counted."""
        path, expected = self.list_of(rows)
        mongod = self.parts["mongod"][-1]
        before = cpu_seconds(mongod)
        command = [sys.executable, "-m", "bench.floor", str(path), "--mongodb-url", self.system.mongodb_url]
        finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if finished.returncode:
            raise BenchError(f"the floor failed: {finished.stderr[-1000:]}")
        figures: dict[str, Any] = json.loads(finished.stdout)
        wrong = differences(
            {"rows": expected.rows, "valid": expected.valid, "invalid": expected.invalid}, figures
        )
        if wrong:
            raise BenchError(f"the floor's outcome is wrong: {'; '.join(wrong)}")
        figures["mongod_cpu_seconds"] = round(cpu_seconds(mongod) - before, 2)
        self.system.client.drop_database(FLOOR_DATABASE)
        return figures

    def whole_import(self, rows: int) -> tuple[Firm, dict[str, Any]]:
        """A list into a new firm, from the POST to the mail; the firm, and the figures."""
        firm = self.new_firm("import")
        path, expected = self.list_of(rows)
        with Meter(self.parts) as meter:
            carried = self._wait(firm, path)
        self.check(firm, carried, first_outcome(expected))
        return firm, self._figures(carried, rows, meter)

    def again(self, firm: Firm, rows: int) -> dict[str, Any]:
        """The same list once more into the firm that has all of it."""
        path, expected = self.list_of(rows)
        with Meter(self.parts) as meter:
            carried = self._wait(firm, path)
        self.check(firm, carried, second_outcome(expected))
        return self._figures(carried, rows, meter)

    def undo(self, firm: Firm, job_id: str, rows: int) -> dict[str, Any]:
        """Undo the import of a list until nothing of it is left; seconds from the history of the job."""
        _, expected = self.list_of(rows)
        with Meter(self.parts) as meter:
            firm.call("POST", f"/jobs/{job_id}/undo")
            job = firm.until(job_id, "undone", START + rows / SLOWEST)
        left = {name: self.system.db[name].count_documents({"firm": firm.name}) for name in RECORDS}
        found = {"rows_reversed": job["undo"]["rows_reversed"], **left}
        wrong = differences({"rows_reversed": expected.valid, **dict.fromkeys(RECORDS, 0)}, found)
        if wrong:
            raise BenchError(f"job {job_id} was undone with a wrong outcome: {'; '.join(wrong)}")
        now = time.time()
        seconds = status_seconds(job["history"], now, now)["undoing"]
        assert meter.usage is not None
        return {"rows": rows, "seconds": seconds, "per_second": rate(rows, seconds), **asdict(meter.usage)}

    def first_look(self) -> dict[str, Any]:
        """Seconds from the end of the upload of a large list until the mapping page has its first rows."""
        firm, (path, _) = self.new_firm("look"), self.list_of(LOOK_ROWS)
        posted = firm.post(path, {})
        while not firm.answers(f"/jobs/{posted.job_id}/mapping"):
            time.sleep(PAUSE)
        seconds = time.time() - posted.answered
        firm.call("POST", f"/jobs/{posted.job_id}/cancel")
        return {"rows": LOOK_ROWS, "bytes": path.stat().st_size, "seconds": round(seconds, 3)}

    def small_alone(self) -> list[float]:
        """Seconds of small lists, one after the other, each for a new firm."""
        return [self._small(seed)["seconds"] for seed in range(1, SMALL_JOBS + 1)]

    def crowd(self, rows: int) -> dict[str, Any]:
        """Small lists of other firms, one after the other, while a large one is imported."""
        firm, (path, expected) = self.new_firm("large"), self.list_of(rows)
        large = firm.post(path)
        small: list[dict[str, Any]] = []
        while self.system.mailed_at(large.job_id) is None:
            status = firm.job(large.job_id)["status"]
            if status in ("imported", "failed"):
                break
            small.append({"beside": status, **self._small(len(small) + 1)})
            time.sleep(max(0.5, rows / 200_000))
        carried = firm.wait(large, START + rows / SLOWEST)
        self.check(firm, carried, first_outcome(expected))
        return {"rows": rows, "large_seconds": round(carried.seconds, 3), "small": small}

    def _small(self, seed: int) -> dict[str, Any]:
        firm, (path, expected) = self.new_firm("small"), self.list_of(SMALL_ROWS, seed)
        carried = self._carry(firm, path, expected)
        return {"seconds": round(carried.seconds, 3), "statuses": _statuses(carried)}

    def _carry(self, firm: Firm, path: Path, expected: Expected) -> Carried:
        carried = self._wait(firm, path)
        self.check(firm, carried, first_outcome(expected))
        return carried

    def _wait(self, firm: Firm, path: Path) -> Carried:
        posted = firm.post(path)
        return firm.wait(posted, START + path.stat().st_size / 200 / SLOWEST)

    def check(self, firm: Firm, carried: Carried, expected: dict[str, Any]) -> None:
        """Raises BenchError when a job reports, or the database has, anything else than expected."""
        job, of_firm = carried.job, {"firm": firm.name}
        if job["reason"]:
            raise BenchError(f"job {job['id']} is {job['status']}: {job['reason']}")
        problems = firm.call("GET", f"/jobs/{job['id']}/report")["problems"]
        errors = {one["code"]: one["rows"] for one in problems if one["severity"] == "error"}
        found = {
            "status": job["status"],
            **job["counts"],
            **job["result"],
            "problems": dict(sorted(errors.items())),
            **{f"{name} kept": self.system.db[name].count_documents(of_firm) for name in RECORDS},
        }
        wrong = differences(expected, found)
        if wrong:
            raise BenchError(f"job {job['id']} has a wrong outcome: {'; '.join(wrong)}")

    def _figures(self, carried: Carried, rows: int, meter: Meter) -> dict[str, Any]:
        assert meter.usage is not None
        statuses, usage = _statuses(carried), asdict(meter.usage)
        return {
            "job": carried.job["id"],
            "rows": rows,
            "seconds": round(carried.seconds, 3),
            "cpu_seconds": round(sum(part["cpu_seconds"] for part in usage["parts"].values()), 2),
            "statuses": statuses,
            "steps": self._steps(carried.job["id"]),
            "checked_per_second": rate(rows, statuses["mapped"]),
            "loaded_per_second": rate(rows, statuses["confirmed"]),
            **usage,
        }

    def _steps(self, job_id: str) -> dict[str, float]:
        """Seconds from the opening of a step's tasks to the end of the last one."""
        group = {"_id": "$step", "from": {"$min": "$opened_at"}, "to": {"$max": "$done_at"}}
        steps = self.system.db.tasks.aggregate([{"$match": {"job": job_id}}, {"$group": group}])
        ended = [step for step in steps if step["to"]]  # the notice may still be on its way to its end
        return {
            step["_id"]: round((step["to"] - step["from"]).total_seconds(), 3)
            for step in sorted(ended, key=lambda step: step["from"])
        }


def _statuses(carried: Carried) -> dict[str, float]:
    began = carried.posted.began
    return status_seconds(carried.job["history"], began, began + carried.seconds)
