"""Draws the flow from its table: `python -m tools.flow` writes `docs/FLOW.md` and the table in the README anew."""

from __future__ import annotations

import sys
from pathlib import Path

from shared.contract.documents.task import State
from shared.contract.job import ALLOWED, ENDS, MEANS, WAITS_FOR_PERSON, WAITS_ON_HOLD, Status
from shared.contract.routes import PERSON_MOVES, STEPS, Step, steps_at

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- flow: made by `make flow` -->", "<!-- end of flow -->"

#: The moves of a task, as `task_store` makes them: from, to, why.
TASK_MOVES: tuple[tuple[State, State, str], ...] = (
    ("ready", "queued", "admitted: its message is sent"),
    ("queued", "leased", "claimed by a worker"),
    ("ready", "leased", "claimed by a repeated message"),
    ("leased", "done", "finished, in one transaction with the work"),
    ("leased", "ready", "put back: a later attempt"),
    ("leased", "queued", "the lease ran out"),
    ("leased", "parked", "too many attempts"),
    ("queued", "queued", "silent: its message is sent again"),
)


def table() -> str:
    """The flow of a job as a Markdown table: status, what is true, what follows, who does it."""
    lines = ["| status | true now | then | by |", "|---|---|---|---|"]
    for status in Status:
        lines.append(f"| `{status}` | {MEANS[status]} | {_then(status)} | {_by(status)} |")
    return "\n".join(lines)


def _then(status: Status) -> str:
    if steps := steps_at(status):
        on_hold = (
            f"; on hold for a person where it fails under their choices (`{WAITS_ON_HOLD[status]}`)"
            if status in WAITS_ON_HOLD
            else ""
        )
        return "; ".join(f"`{step.name}`: {step.does}" for step in steps) + on_hold
    if status in WAITS_FOR_PERSON:
        return f"a person moves it to `{PERSON_MOVES[status]}`, or autostart does"
    return "–"


def _by(status: Status) -> str:
    steps = steps_at(status)
    return steps[0].service if steps else "–"


def job_diagram() -> str:
    """The statuses of a job as a mermaid state diagram, without the arrows to `failed` and `cancelled`."""
    lines = ["stateDiagram-v2", "    [*] --> uploaded"]
    for status in Status:
        for to in sorted(ALLOWED[status], key=list(Status).index):
            if to in (Status.FAILED, Status.CANCELLED) and status is not Status.UNDOING:
                continue
            lines.append(f"    {status} --> {to}: {_move(status, to)}")
    lines += [f"    {status} --> [*]" for status in Status if status in ENDS]
    return "\n".join(lines)


def _move(status: Status, to: Status) -> str:
    steps = steps_at(status)
    if steps and steps[-1].to is to:
        return " → ".join(step.name for step in steps) + f" ({steps[0].service})"
    if to is Status.FAILED:
        return "breaks"
    if PERSON_MOVES.get(status) is to:
        return "person or autostart"
    if to is Status.MAPPED:
        return "all rows are checked again"
    return "person undoes" if to is Status.UNDOING else "person goes back"


def task_diagram() -> str:
    """The states of a task as a mermaid state diagram."""
    moves = [f"    {frm} --> {to}: {why}" for frm, to, why in TASK_MOVES]
    return "\n".join(["stateDiagram-v2", "    [*] --> ready: a step opens", *moves, "    done --> [*]"])


def _services(step: Step) -> str:
    spread = "each chunk" if step.spread else "the whole job"
    after = f"step `{step.then}`" if step.then else f"status `{step.to}`" if step.to else "nothing"
    at = ", ".join(f"`{status}`" for status in Status if status in step.at)
    return f"| `{step.name}` | {step.service} | {at} | {spread} | {after} |"


def page() -> str:
    """`docs/FLOW.md` as a whole."""
    steps = [
        "| step | service | at | a task is for | then |",
        "|---|---|---|---|---|",
        *map(_services, STEPS.values()),
    ]
    parts = [
        "# The flow",
        "`make flow` writes this page from `STEPS` in `shared/contract/routes.py` and `ALLOWED` in "
        "`shared/contract/job.py`; a test compares it.",
        "## A job",
        table(),
        _mermaid(job_diagram()),
        "A job that has not come to an end can also fail, or be cancelled by a person.",
        "## Its steps",
        "\n".join(steps),
        "## A task",
        "A task is one step on one chunk, or on the whole job.",
        _mermaid(task_diagram()),
    ]
    return "\n\n".join(parts) + "\n"


def _mermaid(diagram: str) -> str:
    return f"```mermaid\n{diagram}\n```"


def readme(text: str) -> str:
    """The README with its table made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> int:
    """Write both files."""
    (ROOT / "docs" / "FLOW.md").write_text(page(), "utf-8")
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
