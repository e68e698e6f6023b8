"""The list of skipped rows: a zipped CSV with the original columns and, per row, number and reasons."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from shared.contract.fields import FIELDS
from shared.contract.problems import ERROR, sentence, severity

NAME = "skipped-rows.csv"
REPORT = ("_row", "_problem", "_reason")
SKIPPED = "skipped"

#: What makes a spreadsheet take a cell for a formula (OWASP ASVS 5.0, 1.2.10), full-width forms among it.
_STARTS_FORMULA = frozenset("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
#: Phone numbers and plain numbers begin with the same signs and are left as they are.
_PHONE_OR_NUMBER = re.compile(r"\+\d[\d .]{4,24}|[+-]\d+(?:[.,]\d+)*", re.ASCII)

#: Why a row was skipped that has no problem of its own, by its bucket.
_BY_BUCKET = {"unselected": "not_selected", "duplicate": "duplicate_in_file"}


def guarded(cell: str) -> str:
    """The cell, with `'` in front where a spreadsheet would take it for a formula."""
    if cell[:1] in _STARTS_FORMULA and not _PHONE_OR_NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


class Columns:
    """The columns of the source that are written: all but those of an earlier list of skipped rows."""

    def __init__(self, headers: Sequence[str]) -> None:
        self._kept = [index for index, header in enumerate(headers) if header not in REPORT]
        self.header = [*(headers[index] for index in self._kept), *REPORT]

    def line(self, cells: Sequence[str], report: Sequence[str]) -> list[str]:
        """The cells of one row as they are written."""
        return [*(cells[index] for index in self._kept), *report]


def write_archive(
    target: IO[bytes], columns: Columns, delimiter: str | None, chunks: Iterable[Mapping[str, Any]], lang: str
) -> int:
    """Write the zip of all skipped rows; gives how many there were.

    Each chunk has `cells`, `problems`, `buckets` and `outcomes`. Only one is held at a time.
    """
    count = 0
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(NAME, "w", force_zip64=True) as member,
        io.TextIOWrapper(member, encoding="utf-8-sig", newline="") as text,
    ):
        writer = csv.writer(text, delimiter=delimiter or ",", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(map(guarded, columns.header))
        for chunk in chunks:
            for line in _lines(chunk, columns, lang):
                writer.writerow(map(guarded, line))
                count += 1
    return count


def _lines(chunk: Mapping[str, Any], columns: Columns, lang: str) -> Iterator[list[str]]:
    cells = chunk["cells"]
    extra = cells.get("extra", {})
    problems = _errors(chunk)
    for offset, outcome in enumerate(chunk["outcomes"]["outcomes"]):
        if outcome != SKIPPED:
            continue
        told = _reasons(chunk, offset, problems)
        number = cells["numbers"][offset] if cells["numbers"] else cells["first"] + offset
        codes = "; ".join(dict.fromkeys(code for code, _ in told))
        sentences = " ".join(dict.fromkeys(_sentence(code, lang, params) for code, params in told))
        line = columns.line(cells["rows"][offset], [str(number), codes, sentences])
        # cells beyond the header belong to no column; at the end they move no other cell
        yield line + extra.get(str(offset), [])


def _errors(chunk: Mapping[str, Any]) -> dict[int, list[tuple[str, dict[str, Any]]]]:
    """Per offset the problems that kept the row from being loaded; warnings did not."""
    by_row: dict[int, list[tuple[str, dict[str, Any]]]] = {}
    for offset, key, code, params in chunk["problems"]:
        if severity(code) == ERROR:
            by_row.setdefault(offset, []).append((code, {"key": key, **params}))
    return by_row


def _reasons(
    chunk: Mapping[str, Any], offset: int, problems: Mapping[int, list[tuple[str, dict[str, Any]]]]
) -> list[tuple[str, dict[str, Any]]]:
    at_load = chunk["outcomes"].get("reasons", {}).get(str(offset))
    if at_load:
        return [(at_load, {})]
    bucket = chunk["buckets"][offset]
    if bucket in _BY_BUCKET:
        return [(_BY_BUCKET[bucket], {})]
    return problems.get(offset) or [("internal_error", {})]


def _sentence(code: str, lang: str, params: Mapping[str, Any]) -> str:
    key = params.get("key", "")
    label = FIELDS[key].label(lang) if key in FIELDS else key.split("custom.")[-1]
    return sentence(code, lang, **{"field": label, **{k: v for k, v in params.items() if k != "key"}})
