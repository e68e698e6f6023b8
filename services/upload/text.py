"""Read CSV, TSV and other delimited text in bounded memory."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from services.upload.dialect import SAMPLE_LENGTH, Dialect, find_dialect, named_delimiter
from services.upload.encoding import Encoding, find_encoding, open_text
from services.upload.header import SEEN, find_header
from services.upload.source import Found, Limits, Overrides, ReadError, Row, Source
from services.upload.splitting import LONGEST_VALUE_LINES, Splitter
from services.upload.trimming import trimmed

if TYPE_CHECKING:
    from _csv import Reader

# Records handled at a time: enough to make the checks on joined text cheap, few enough to stay in the cache.
_BLOCK = 128


def open_delimited(path: Path, limits: Limits, overrides: Overrides) -> Source:
    """Find encoding, delimiter and header of a text file; raises ReadError."""
    encoding = find_encoding(path, overrides.encoding)
    table = _Table(path, encoding, limits, overrides)
    first = _first_records(table)
    if not first:
        raise ReadError("empty")
    header = find_header(first, overrides.header_row)
    if len(header.names) > limits.columns:
        raise ReadError("too_many_columns", count=len(header.names), max=limits.columns)
    if first[-1][0] <= header.row:
        raise ReadError("no_rows", header_row=header.row)
    found = Found(
        format="csv",
        encoding=encoding.name,
        encodings=encoding.rivals,
        delimiter=table.dialect.delimiter,
        quote=table.dialect.quote,
        header_row=header.row,
        header=header.cells,
        names=header.names,
        preamble=header.preamble,
        problems=encoding.problems + header.problems,
    )
    return Source(found, limits, lambda: table.blocks(skip=header.row), table.unclosed_quotes)


def _first_records(table: _Table) -> list[tuple[int, Row]]:
    """The first filled records with their row numbers: those of the sample, and on to at least two."""
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
    """The records of one text file. Reads with the csv module until a quote is damaged, from there with the
    splitter.
    """

    def __init__(self, path: Path, encoding: Encoding, limits: Limits, overrides: Overrides) -> None:
        self._path = path
        self._encoding = encoding
        self._skips_line = False
        self.unclosed_quotes: list[int] = []
        self.dialect = self._find_dialect(overrides)
        # A process-wide setting of the csv module, so it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), 2 * limits.cell_length))

    def _find_dialect(self, overrides: Overrides) -> Dialect:
        text, _ = open_text(self._path, self._encoding)
        with text:
            sample = text.read(SAMPLE_LENGTH)
            complete = not text.read(1)
        line, _, rest = sample.partition("\n")
        named = named_delimiter(line)
        if named:
            self._skips_line, sample = True, rest
        if not complete and "\n" in sample:
            sample = sample[: sample.rindex("\n") + 1]
        delimiter = named if overrides.delimiter is None else overrides.delimiter
        return find_dialect(sample, complete, delimiter, overrides.quote)

    def blocks(self, skip: int = 0) -> Iterator[list[Row]]:
        """All records but the first `skip`, blank ones as [], in short lists.

        Reading always starts at the top, so that damage is met at the same record each time.
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
        self.unclosed_quotes.clear()
        done, damaged = 0, False
        with text:
            reader = self._reader(text)
            while not damaged:
                block, damaged = self._read_block(reader, done)
                if not block and not damaged:
                    return
                stream.record_ended()
                done += len(block)
                if block:
                    yield block
        yield from self._damaged_blocks(done)

    def _read_block(self, reader: Reader, before: int) -> tuple[list[Row], bool]:
        block: list[Row] = []
        lines = reader.line_num
        try:
            block.extend(itertools.islice(reader, _BLOCK))
        except csv.Error:
            # extend keeps what it got before the error
            return block[: self._first_suspicious(block)], True
        except ReadError as error:
            raise ReadError(
                "cell_too_long", row=before + len(block) + 1, column="?", **error.params
            ) from error
        calm = reader.line_num - lines - len(block) <= LONGEST_VALUE_LINES
        if calm and set(map(len, block)) <= {self.dialect.width}:
            return block, False
        good = self._first_suspicious(block)
        return block[:good], good < len(block)

    def _first_suspicious(self, block: list[Row]) -> int:
        """The place of the first record that an unclosed quote may have spoilt; the length of the block if
        none.
        """
        for place, row in enumerate(block):
            irregular = len(row) != self.dialect.width
            if irregular and any('"' in cell or "\n" in cell or "\r" in cell for cell in row):
                return place
            if any(cell.count("\n") > LONGEST_VALUE_LINES for cell in row):
                return place
        return len(block)

    def _damaged_blocks(self, skip: int) -> Iterator[list[Row]]:
        text, stream = open_text(self._path, self._encoding)
        with text:
            _consume(self._reader(text), skip)
            dialect = self.dialect
            splitter = Splitter(dialect.delimiter, dialect.quote, dialect.width)
            records = splitter.records(text)
            while block := list(itertools.islice(records, _BLOCK)):
                stream.record_ended()
                self.unclosed_quotes[:] = [skip + record for record in splitter.unclosed]
                yield block

    def _reader(self, text: Iterator[str]) -> Reader:
        if self._skips_line:
            next(text, None)
        quote = self.dialect.quote
        return csv.reader(
            text,
            delimiter=self.dialect.delimiter,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            skipinitialspace=self.dialect.delimiter != " ",
            strict=True,
        )


def _consume(reader: Iterator[Row], count: int) -> None:
    for _ in itertools.islice(reader, count):
        pass
