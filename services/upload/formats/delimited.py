"""Reads CSV, TSV and other delimited text in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from services.upload.dialect.decoding import Encoding, open_text
from services.upload.dialect.delimiter import NO_DELIMITER, SAMPLE_LENGTH, find_dialect, named_delimiter
from services.upload.dialect.encoding import find_encoding
from services.upload.dialect.record_stream import RecordStream
from services.upload.dialect.splitting import Dialect, lines_of
from services.upload.model.rows import Row, trimmed, without_trailing_blanks
from services.upload.model.source import Found, Limits, Overrides, Problem, ReadError, Source, no_rows
from services.upload.table.footers import DataFilter
from services.upload.table.header import SEEN, Header, find_header, is_comment

# Enough of a file to see a first line that names the delimiter.
_LONGEST_SEP_LINE = 16


def open_delimited(path: Path, limits: Limits, overrides: Overrides) -> Source:
    """Detect encoding, dialect and header of a text file; raises ReadError."""
    encoding = find_encoding(path, overrides.encoding)
    table = _Table(path, encoding, limits, overrides)
    first = _first_records(table)
    if not first:
        raise ReadError("empty")
    _check_width(first, limits)
    header = find_header(first, overrides.header_row)
    if len(header.names) > limits.columns:
        raise ReadError("too_many_columns", count=len(header.names), max=limits.columns)
    found = Found(
        format="csv",
        encoding=encoding.name,
        encodings=encoding.rivals,
        delimiter=None if table.dialect.delimiter == NO_DELIMITER else table.dialect.delimiter,
        quote=table.dialect.quote,
        header_row=header.row,
        header=header.cells,
        names=header.names,
        preamble=header.preamble,
        problems=encoding.problems + _wrapping(table.dialect) + header.problems,
        skipped=header.skip,
        groups=header.groups,
    )
    if first[-1][0] <= header.skip:
        raise no_rows(found)
    data_filter = _data_filter(header, first)
    return Source(
        found,
        limits,
        lambda: data_filter.filtered(table.blocks(skip=header.skip - bool(header.row))),
        table.doubts,
        data_filter,
    )


def _wrapping(dialect: Dialect) -> list[Problem]:
    return [{"code": "lines_unwrapped", "place": {}, "params": {}}] if dialect.wrapped else []


def _check_width(first: list[tuple[int, Row]], limits: Limits) -> None:
    for number, row in first:
        if len(row) > limits.columns and any(row[limits.columns :]):
            count = len(without_trailing_blanks(row))
            raise ReadError("too_many_columns", row=number, count=count, max=limits.columns)


def _data_filter(header: Header, first: list[tuple[int, Row]]) -> DataFilter:
    width = len(header.names)
    above = [
        row[0]
        for number, row in first
        if number <= header.skip and number != header.row and is_comment(row, width)
    ]
    # A client may be called #1 Plumbing: it is no comment where comments have a space after their sign.
    spaced = all(text.startswith("# ") for text in above)
    return DataFilter(width, header.skip, bool(header.row), ("# " if spaced else "#") if above else "")


def _first_records(table: _Table) -> list[tuple[int, Row]]:
    """Give the first filled records with their row numbers: some 200, or all."""
    first: list[tuple[int, Row]] = []
    number = 0
    for block in table.blocks():
        for row in trimmed(block):
            number += 1
            if any(row):
                first.append((number, row))
        if len(first) >= SEEN:
            break
    return first


class _Table:
    """The records of one text file; each call of `blocks` reads them anew."""

    def __init__(self, path: Path, encoding: Encoding, limits: Limits, overrides: Overrides) -> None:
        self._path = path
        self._encoding = encoding
        self._skips_line = False
        self.dialect = self._find_dialect(overrides)
        self._records = RecordStream(self.dialect)
        self.doubts = self._records.doubts
        # The setting holds for the whole process, so it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), 2 * limits.cell_length))

    def _find_dialect(self, overrides: Overrides) -> Dialect:
        text, _ = open_text(self._path, self._encoding)
        with text:
            sample = text.read(SAMPLE_LENGTH)
            complete = not text.read(1)
        line = next(iter(lines_of(sample[:_LONGEST_SEP_LINE])), "")
        named = named_delimiter(line)
        if named:
            self._skips_line, sample = True, sample[len(line) :]
        if not complete and "\n" in sample:
            sample = sample[: sample.rindex("\n") + 1]
        delimiter = named if overrides.delimiter is None else overrides.delimiter
        return find_dialect(sample, complete, delimiter, overrides.quote)

    def blocks(self, skip: int = 0) -> Iterator[list[Row]]:
        """Give all records after the first `skip` in short lists, blank ones as [].

        Reading always starts at the beginning of the file, so that damage is mended in the same way each
        time.
        """
        done = 0
        for block in self._all_blocks():
            if done >= skip:
                yield block
            elif done + len(block) > skip:
                yield block[skip - done :]
            done += len(block)

    def _all_blocks(self) -> Iterator[list[Row]]:
        text, stream = open_text(self._path, self._encoding)
        done = 0
        with text:
            if self._skips_line:
                next(text, None)
            try:
                for block in self._records.blocks(text, stream.record_ended):
                    done += len(block)
                    yield block
            except ReadError as error:
                params = {"row": done + 1, "column": "?", **error.params}
                raise ReadError("cell_too_long", "", **params) from error
