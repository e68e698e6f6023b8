"""Writes a list of rows as a zipped CSV, in the dialect of the upload and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from typing import IO

from shared.contract.skipped_rows import guarded


def write_zipped(
    target: IO[bytes], name: str, delimiter: str | None, header: Iterable[str], rows: Iterable[Iterable[str]]
) -> int:
    """Write one file `name` in a zip, UTF-8 with BOM, one row at a time; gives how many there were."""
    count = 0
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
        io.TextIOWrapper(member, encoding="utf-8-sig", newline="") as text,
    ):
        writer = csv.writer(text, delimiter=delimiter or ",", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(map(guarded, header))
        for row in rows:
            writer.writerow(map(guarded, row))
            count += 1
    return count
