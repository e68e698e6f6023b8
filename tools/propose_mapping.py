"""Prints what the mapper would propose for files, without a server: `make propose FILES="a.csv b.xlsx"`.

One line of JSON for each file; `-` reads a path a line from standard input and answers at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from services.mapper.targets.proposing import Column, propose
from services.upload.ingest.reader import open_source
from services.upload.model.source import Overrides, ReadError, Source
from shared.contract.fields import RECORDS_OF_KIND
from shared.contract.problems import sentence

SAMPLED_ROWS = 200
KIND = "accounts_and_contacts"


def columns_of(path: Path) -> list[Column]:
    """Give the columns of a file with values of its first rows; a file may be a header alone."""
    try:
        source = open_source(path, path.name)
    except ReadError as error:
        if error.code != "no_rows":
            raise
        return [Column(place, header) for place, header in enumerate(_first_rows(_headless(path), 1)[0])]
    found = source.found
    rows = _first_rows(source, SAMPLED_ROWS)
    headers = [cell or name for cell, name in zip(found.header or found.names, found.names, strict=True)]
    return [
        Column(place, header, [row[place] for row in rows if row[place]])
        for place, header in enumerate(headers)
    ]


def _headless(path: Path) -> Source:
    """Open a file as a table without a header, so that its only row is data."""
    return open_source(path, path.name, overrides=Overrides(header_row=0))


def _first_rows(source: Source, count: int) -> list[list[str]]:
    return next((batch.rows for batch in source.batches(count)), [])


def answer(path: str, kind: str = KIND) -> dict[str, object]:
    """Give the proposal for one file, or the code of the problem why it cannot be read."""
    try:
        columns = columns_of(Path(path))
    except ReadError as error:
        message = sentence(error.code, "en", **error.params)
        return {"path": path, "columns": [], "preset": None, "problem": error.code, "message": message}
    except OSError as error:
        why = error.strerror or str(error)
        return {"path": path, "columns": [], "preset": None, "problem": why, "message": why}
    proposal = propose(columns, kind)
    proposed = [
        {
            "index": each.index,
            "header": each.header,
            "target": each.target,
            "confidence": each.confidence,
            "why": each.why,
        }
        for each in proposal.columns
    ]
    return {"path": path, "columns": proposed, "preset": proposal.preset}


def _paths(given: Sequence[str], lines: Iterable[str]) -> Iterator[str]:
    for path in given:
        if path == "-":
            yield from (line.strip() for line in lines if line.strip())
        else:
            yield path


def main(arguments: Sequence[str]) -> None:
    """Print the answer for each file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="+", help="files, or - for paths on standard input")
    parser.add_argument("--kind", choices=list(RECORDS_OF_KIND), default=KIND)
    options = parser.parse_args(arguments)
    for path in _paths(options.files, sys.stdin):
        print(json.dumps(answer(path, options.kind), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
