"""Scores the proposals of the mapper on labelled header rows: `make score-mapping DIR=<folder of JSON files>`.

Vocabularies, layouts and the calibration were made with some such files in view. So there are two scores: the plain
one, and one without what was learned from a product family. For that, every word that is a header of that family alone
is forgotten, layouts are off, and the calibration is measured on the other families.

A file holds `system`, `family`, `language`, `kind` and `columns` of `{header, accept, samples}`, where `accept`
lists every target that would be right, `ignore` or `custom` for none.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.mapper.headers.normalising import plain, words
from services.mapper.headers.vocabulary import Vocabulary
from services.mapper.targets.calibration import calibrated
from services.mapper.targets.proposing import Column, Knowledge, Proposal, propose

NOTHING = frozenset(["ignore", "custom"])
KIND = "accounts_and_contacts"
Propose = Callable[[Sequence[Column], str], Proposal]

#: The labels' names of our fields, where they are not simply the name without its record.
_NAMES = {
    "account.name": "account_name",
    "account.type": "account_type",
    "account.email": "account_email",
    "account.roles": "account_roles",
    "contact.notes": "contact_notes",
    "spouse.first_name": "partner_first_name",
    "spouse.last_name": "partner_last_name",
    "spouse.email": "partner_email",
    "spouse.national_number": "partner_national_number",
}
#: Fields that the labels do not know: suggesting one counts as suggesting nothing.
_UNLABELLED = frozenset(
    [
        "spouse.mobile",
        "spouse.date_of_birth",
        "spouse.kbo_number",
        "spouse.language",
        "contact.phone_prefix",
        "account.phone_prefix",
        "account.pit_deadline",
    ]
)


def labelled(target: str | None) -> str | None:
    """A target as the labels call it; None where they have no such target."""
    if target is None or target in _UNLABELLED:
        return None
    return _NAMES.get(target, target.split(".")[1])


@dataclass
class Score:
    """Counts over columns, and the shares that are quoted (in percent)."""

    columns: int = 0
    right: int = 0
    suggested: int = 0
    right_suggested: int = 0
    must: int = 0
    right_must: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Count another score in."""
        for name in ("columns", "right", "suggested", "right_suggested", "must", "right_must"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wrong += other.wrong

    def shares(self) -> tuple[float, float, float]:
        """Accuracy, precision and recall."""
        return (
            _percent(self.right, self.columns),
            _percent(self.right_suggested, self.suggested),
            _percent(self.right_must, self.must),
        )


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else float("nan")


def score(file: dict[str, Any], targets: Sequence[str | None]) -> Score:
    """Compare one target (as the labels call it, or None) per column of a file with its labels."""
    accepts = [frozenset(column["accept"]) for column in file["columns"]]
    given = {target for target, accept in zip(targets, accepts, strict=True) if target and target in accept}
    result = Score()
    for column, accept, target in zip(file["columns"], accepts, targets, strict=True):
        fits = target in accept if target else bool(accept & NOTHING)
        right = fits or (target is None and accept <= given)
        must = not accept & NOTHING
        result.columns += 1
        result.right += right
        result.suggested += target is not None
        result.right_suggested += target is not None and fits
        result.must += must
        result.right_must += must and right
        if not right:
            result.wrong.append(f"{file['system']}: {column['header']!r} as {target}, not {'/'.join(accept)}")
    return result


def columns_of(file: dict[str, Any]) -> list[Column]:
    """The columns of a labelled file as the mapper takes them."""
    return [
        Column(index, column["header"], column.get("samples") or ())
        for index, column in enumerate(file["columns"])
    ]


def scored(files: Iterable[dict[str, Any]], proposing: Propose = propose) -> dict[str, Score]:
    """A score per file name."""
    result = {}
    for file in files:
        proposal = proposing(columns_of(file), KIND)
        result[file["system"]] = score(file, [labelled(each.target) for each in proposal.columns])
    return result


def read(folder: Path) -> list[dict[str, Any]]:
    """The labelled files of a folder."""
    files = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    if not files:
        raise SystemExit(f"no labelled files in {folder}")
    return files


def grouped(files: Sequence[dict[str, Any]], scores: dict[str, Score], by: str) -> dict[str, Score]:
    """Scores summed over the files that have the same value of a key."""
    groups: dict[str, Score] = defaultdict(Score)
    for file in files:
        groups[file[by]].add(scores[file["system"]])
    return dict(sorted(groups.items()))


def total(scores: dict[str, Score]) -> Score:
    """All scores summed."""
    result = Score()
    for each in scores.values():
        result.add(each)
    return result


def never(files: Sequence[dict[str, Any]]) -> Score:
    """The score of suggesting nothing at all: the least that every rule must be compared with."""
    return total({file["system"]: score(file, [None] * len(file["columns"])) for file in files})


# Families left out


@dataclass(frozen=True)
class Observation:
    """How well a target fitted a column of a family that the words did not know, and whether it was right."""

    family: str
    fit: float
    right: bool


def left_out(files: Sequence[dict[str, Any]]) -> tuple[dict[str, Score], list[Observation]]:
    """Score each family without the words that it alone has as headers, and without layouts."""
    families = sorted({file["family"] for file in files})
    owners = _owners(files)
    scores: dict[str, Score] = {}
    seen: list[Observation] = []
    for family in families:
        forgotten = frozenset(text for text, owned in owners.items() if owned == {family})
        knowledge = Knowledge(Vocabulary(forgotten), forgotten, presets=False)
        for file in (file for file in files if file["family"] == family):
            proposal = propose(columns_of(file), KIND, knowledge=knowledge)
            scores[file["system"]] = score(file, [labelled(each.target) for each in proposal.columns])
            seen += _observed(file, proposal)
    return scores, seen


def _owners(files: Sequence[dict[str, Any]]) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = defaultdict(set)
    for file in files:
        for column in file["columns"]:
            for text in (plain(column["header"]), " ".join(words(column["header"]))):
                owners[text].add(file["family"])
    return owners


def _observed(file: dict[str, Any], proposal: Proposal) -> list[Observation]:
    """What was suggested, or would have been the next to be suggested, with its fit."""
    used = proposal.targets()
    seen = []
    for column, each in zip(file["columns"], proposal.columns, strict=True):
        wanted = [one for one in each.candidates if one.target == each.target or one.target not in used]
        if wanted:
            right = labelled(wanted[0].target) in column["accept"]
            seen.append(Observation(file["family"], wanted[0].fit, right))
    return seen


def isotonic(seen: Sequence[Observation]) -> tuple[tuple[float, float], ...]:
    """Growing shares of right ones by fit: pooled adjacent violators over steps of a twentieth."""
    pools: list[list[float]] = []  # [sum of fits, right ones, count]
    for step in range(21):
        bin_ = [one for one in seen if round(one.fit * 20) == step]
        if not bin_:
            continue
        pools.append([sum(one.fit for one in bin_), sum(one.right for one in bin_), len(bin_)])
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    return ((0.0, 0.0), *((fits / count, right / count) for fits, right, count in pools))


def _print_calibration(seen: Sequence[Observation]) -> None:
    """Confidence against the share of right ones: as shipped, and measured on the other families only."""
    families = {one.family for one in seen}
    others = {family: isotonic([one for one in seen if one.family != family]) for family in families}
    print(
        f"\n{'confidence':12} {'shipped: count':>15} {'right %':>8} {'cross-validated: count':>24} {'right %':>8}"
    )
    for low in (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98):
        high = {0.0: 0.5, 0.5: 0.7, 0.7: 0.8, 0.8: 0.9, 0.9: 0.95, 0.95: 0.98, 0.98: 1.01}[low]
        shipped = [one.right for one in seen if low <= calibrated(one.fit) < high]
        crossed = [one.right for one in seen if low <= calibrated(one.fit, others[one.family]) < high]
        print(
            f"{low:.2f}–{min(high, 1.0):.2f}    {len(shipped):15d} {_percent(sum(shipped), len(shipped)):8.1f}"
            f" {len(crossed):24d} {_percent(sum(crossed), len(crossed)):8.1f}"
        )
    points = ", ".join(f"({fit:.2f}, {share:.2f})" for fit, share in isotonic(seen))
    print(f"measured points (fit, share right): {points}")


def _line(name: str, each: Score) -> str:
    accuracy, precision, recall = each.shares()
    return f"{name:42} {each.columns:5d} {accuracy:9.1f} {precision:10.1f} {recall:7.1f}"


def _print(files: Sequence[dict[str, Any]], scores: dict[str, Score], forgotten: dict[str, Score]) -> None:
    print(f"{'':42} {'cols':>5} {'accuracy':>9} {'precision':>10} {'recall':>7}")
    print(_line("never suggest", never(files)))
    print(_line("in sample", total(scores)))
    print(_line("family's own words forgotten", total(forgotten)))
    for name, figures in (("in sample", scores), ("forgotten", forgotten)):
        for value, each in grouped(files, figures, "language").items():
            print(_line(f"  {name}, {value}", each))
    for value, each in grouped(files, scores, "family").items():
        print(_line(f"  in sample, {value}", each))


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list the columns that are wrong")
    options = parser.parse_args(arguments)
    files = read(options.folder)
    scores = scored(files)
    forgotten, seen = left_out(files)
    _print(files, scores, forgotten)
    _print_calibration(seen)
    if options.wrong:
        print("\nwrong in sample:", *total(scores).wrong, sep="\n  ")
        print("\nwrong with the family's own words forgotten:", *total(forgotten).wrong, sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
