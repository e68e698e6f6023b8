"""Detects delimiter, quote and escape of a text table: splits a sample by each candidate and scores the result."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace

from services.upload.dialect.splitting import DELIMITERS, Dialect, Splitter, lines_of, unwrapped
from services.upload.model.rows import Row, trimmed
from services.upload.model.source import ReadError
from services.upload.table.value_shapes import TYPED, shape_of

SAMPLE_LENGTH = 128 * 1024
# The delimiter of a single column; no program writes it between values.
NO_DELIMITER = "\x1c"
# Control characters that no text has but between values.
_CONTROLS = ("\x1f", "\x01")
_CONTROL_WEIGHT = 1.5
# Signs that are common inside values; as delimiters they need a perfect table.
_RARE = ("^", "~", ":", " ", *_CONTROLS, "¦", "§")
_RARE_WEIGHT = 0.8
_RARE_SHARE = 0.9
# So many columns inside quotes around whole lines are no chance.
_TELLING_WIDTH = 3
# The share of its score that a delimiter loses where every record has a quote inside a value.
_INSIDE_PENALTY = 0.5
# A comma loses against another sign that splits every record, down to this share of its score: names have commas.
_NEAR_COMMA = 0.8
# So many records of a table outweigh the lines of prose above it.
_LEAST_BODY = 3
# From this share of lines that are one value each, the file has one column and no header.
_WHOLE_SHARE = 0.6
# Below this score a split is an accident: the file has a single column.
_FLOOR = 0.3
# The cells of so many records are scored; more would not change the result.
_JUDGED = 100
# The weight of cells of no kind, which are most likely cut in the wrong places.
_MIXED = 0.5

_SEP_LINE = re.compile(r'"?sep=(.)"?[\r\n]*\Z', re.IGNORECASE)


def named_delimiter(line: str) -> str | None:
    """Give the delimiter that a first line such as `sep=;` names; spreadsheet programs obey and hide that line."""
    match = _SEP_LINE.match(line)
    return match[1] if match and _usable(match[1], '"') else None


def _usable(character: str, other: str = "") -> bool:
    return (
        len(character) == 1 and character not in "\r\n\0" and character != other and not character.isalnum()
    )


def check_signs(delimiter: str | None, quote: str | None) -> str:
    """Give the quote, `"` where none is chosen.

    Raises ReadError `unusable_delimiter` for a sign that is a letter, a digit, a line end, or the same as the
    other.
    """
    usual = '"' if quote is None else quote
    if (delimiter is not None and not _usable(delimiter, usual)) or (usual and not _usable(usual)):
        raise ReadError("unusable_delimiter", delimiter=delimiter, quote=quote)
    return usual


def find_dialect(
    sample: str, complete: bool, delimiter: str | None = None, quote: str | None = None
) -> Dialect:
    """Detect the dialect by which the sample looks most like a table.

    `complete` says that the sample is the whole file. Raises ReadError `unusable_delimiter` for a `delimiter` or
    `quote` that is not one character of its own.
    """
    usual = check_signs(delimiter, quote)
    found = _found(sample, complete, delimiter, quote)
    if found is None and quote != "":
        found = _found_wrapped(sample, complete, usual)
    if found is None:
        found = _single_column(sample, usual)
    elif quote is None and not found.wrapped:
        found = _with_escape(sample, complete, found)
    return replace(found, spaced=_is_spaced(sample, found))


def _is_spaced(sample: str, dialect: Dialect) -> bool:
    """Whether some quoted values follow a space; without any, a quote after a space is a character."""
    d, q = re.escape(dialect.delimiter), re.escape(dialect.quote)
    return bool(q) and bool(
        re.search(rf"(?:^|{d}) +{q}.{{0,1000}}{q} *(?:{d}|[\r\n]|\Z)", sample, re.MULTILINE)
    )


def _found(sample: str, complete: bool, delimiter: str | None, quote: str | None) -> Dialect | None:
    """Give the candidate with the best score; None where the file has a single column."""
    signs = (delimiter,) if delimiter else (*DELIMITERS, *_RARE)
    candidates = [
        Dialect(sign, mark, 1)
        for sign in signs
        if sign in sample or delimiter
        for mark in ([quote] if quote is not None else _quotes(sample, sign))
    ]
    scored = [_scored(sample, complete, candidate) for candidate in candidates]
    best = max(scored, key=lambda one: one.rank, default=None)
    if best and best.dialect.delimiter == ",":
        near = (best.spans, _NEAR_COMMA * best.score)
        rivals = [one for one in scored if one.splits_all and one.rank >= near]
        best = max((one for one in rivals if one.is_usual), key=lambda one: one.score, default=best)
    return best.dialect if best and (delimiter or best.score >= _FLOOR) else None


def _quotes(sample: str, delimiter: str) -> list[str]:
    """Give the usual quote, and the apostrophe where values begin and end with it."""
    edge = re.escape(delimiter)
    quoted = re.findall(rf"(?:^|{edge}) ?'[^'\r\n]*' ?(?={edge}|[\r\n]|\Z)", sample, re.MULTILINE)
    if not quoted:
        return ['"']
    return ["'", '"'] if len(quoted) > sample.count('"') else ['"', "'"]


def _found_wrapped(sample: str, complete: bool, quote: str) -> Dialect | None:
    """Detect the dialect inside quotes around whole records; some programs quote each record as one value."""
    lines = [line for line in lines_of(sample) if line.strip()]
    inner = [unwrapped(line, quote) for line in lines]
    if sum(map(str.__ne__, lines, inner)) < _RARE_SHARE * len(lines):
        return None
    found = _found("".join(inner), complete, None, quote)
    # Names such as "Peeters, An" need quotes of their own in a table of one column.
    is_sure = found is not None and (
        found.width >= _TELLING_WIDTH or any(quote * 2 in line for line in lines)
    )
    return replace(found, wrapped=True) if found and is_sure else None


def _single_column(sample: str, quote: str) -> Dialect:
    """Give a dialect without a delimiter; where quoted values hold a common one, that one, with one column."""
    for delimiter in DELIMITERS:
        q, d = re.escape(quote), re.escape(delimiter)
        if quote and re.search(rf"(?:^|[\r\n]){q}[^{q}]*{d}[^{q}]*{q}(?:[\r\n]|\Z)", sample):
            return Dialect(delimiter, quote, 1)
    return Dialect(NO_DELIMITER, quote, 1)


def _with_escape(sample: str, complete: bool, found: Dialect) -> Dialect:
    """Take backslashes before quotes as escapes where a value goes on after them."""
    quote = found.quote
    d = re.escape(found.delimiter)
    if not quote or not re.search(rf"\\{quote}(?! *(?:{d}|[\r\n]|\Z))", sample):
        return found
    if re.search(rf"\\{quote}{quote}(?! *(?:{d}|[\r\n]|\Z))", sample):
        return found  # a doubled quote after a backslash: as an escape it would end the value too early
    escaping = replace(found, escape="\\")
    before, after = (_scored(sample, complete, dialect, judge_all=True) for dialect in (found, escaping))
    return after.dialect if after.rank >= (before.spans, before.score - 0.02) else found


@dataclass(frozen=True)
class _Scored:
    """A dialect and how much the sample looks like a table by it.

    `splits_all`: every record has its width. `spans`: valid values over several lines, which are no chance and outweigh
    any score.
    """

    score: float
    dialect: Dialect
    splits_all: bool = False
    spans: bool = False

    @property
    def rank(self) -> tuple[bool, float]:
        return self.spans, self.score

    @property
    def is_usual(self) -> bool:
        """Whether the delimiter is one of those that programs write, but no comma."""
        return self.dialect.delimiter in DELIMITERS and self.dialect.delimiter != ","


def _scored(sample: str, complete: bool, dialect: Dialect, judge_all: bool = False) -> _Scored:
    delimiter = dialect.delimiter
    records, splitter = _split(sample, complete, dialect)
    filled = [record for record in trimmed(records) if any(record)]
    if not filled:  # the records hold delimiters only
        return _Scored(1.0, dialect)
    widths = Counter(len(record) for record in filled if len(record) > 1)
    if not widths:
        return _Scored(0.0, dialect)
    most = max(widths.values())
    width = max(width for width, count in widths.items() if count == most)
    regular = [record for record in filled if len(record) == width]
    share = len(regular) / len(filled)
    dialect = replace(dialect, width=width)
    if not judge_all and _is_accident(sample, delimiter, filled, width, share):
        return _Scored(0.0, dialect)
    filled = _without_prose_above(filled, width)
    share = len(regular) / len(filled)
    purity = _purity(regular[:_JUDGED])
    # Numbers cut at a decimal comma make columns of no kind; so `1,5;2,5` is no table of commas.
    score = share**1.5 * (0.45 + 0.55 * purity) * (1 + 0.12 * math.log2(width))
    if sum(widths.values()) >= _RARE_SHARE * len(filled):
        score = max(score, _FLOOR)
    score *= 1 - 0.5 * min(1.0, len(splitter.unclosed) / len(filled))
    inside = _quotes_inside(sample, dialect)
    score *= 1 - _INSIDE_PENALTY * min(1.0, inside / len(filled))
    score *= _CONTROL_WEIGHT if delimiter in _CONTROLS else _RARE_WEIGHT if delimiter in _RARE else 1
    is_valid = not (splitter.unclosed or splitter.mended or inside)
    spans = is_valid and score >= _FLOOR and any(map(_spans, filled))
    return _Scored(score, dialect, share == 1.0, spans)


def _without_prose_above(filled: list[Row], width: int) -> list[Row]:
    """Give the records without the lines of a single cell above a table that is wide enough to be no chance."""
    first = next(place for place, record in enumerate(filled) if len(record) > 1)
    body = filled[first:]
    regular = sum(len(record) == width for record in body)
    is_telling = width >= _TELLING_WIDTH and regular >= max(_LEAST_BODY, _RARE_SHARE * len(body))
    return body if is_telling else filled


def _quotes_inside(sample: str, dialect: Dialect) -> int:
    """Count the quotes inside values; under the right delimiter quotes are at the ends of values."""
    q, d = re.escape(dialect.quote), re.escape(dialect.delimiter)
    return len(re.findall(rf"[^{d}\r\n {q}\\]{q}[^{d}\r\n {q}]", sample)) if q else 0


def _spans(record: Row) -> bool:
    return any("\n" in cell or "\r" in cell for cell in record)


def _split(sample: str, complete: bool, dialect: Dialect) -> tuple[list[Row], Splitter]:
    """Split the sample into its complete records; the splitter knows which were damaged."""
    lines = lines_of(sample)
    splitter = Splitter(dialect)
    records, _ = splitter.records(lines, more=not complete)
    if not records:  # a quote that opens and never closes in the sample is a character
        splitter = Splitter(dialect)
        records, _ = splitter.records(lines)
    return records, splitter


def _is_accident(sample: str, delimiter: str, filled: list[Row], width: int, share: float) -> bool:
    """Whether the sign belongs to the values of a single column."""
    if delimiter in DELIMITERS and delimiter != ",":
        return False
    named = len(filled[0]) == width and not any(shape_of(cell) in TYPED for cell in filled[0])
    if delimiter == ",":
        return width <= 3 and len(filled[0]) == 1 and (_is_of_whole_values(sample) or _is_prose(sample))
    if share < _RARE_SHARE or (len(filled[0]) == 1 < len(filled)):
        return True
    if not named and _is_of_whole_values(sample):
        return True
    return delimiter in ": " and not _is_clear(filled, width)


def _is_of_whole_values(sample: str) -> bool:
    """Whether most lines are one number, date or telephone number each."""
    lines = [line.strip() for line in lines_of(sample) if line.strip()][:_JUDGED]
    return sum(shape_of(line) in TYPED for line in lines) >= _WHOLE_SHARE * len(lines)


def _is_prose(sample: str) -> bool:
    """Whether commas are followed by spaces and no value needed quotes."""
    return '"' not in sample and sample.count(", ") >= _RARE_SHARE * sample.count(",")


def _is_clear(filled: list[Row], width: int) -> bool:
    """Whether records cut at spaces or colons have columns of numbers or dates, and enough of them."""
    regular = [record for record in filled if len(record) == width]
    if len(regular) < 2:
        return False
    typed = 0
    for column in zip(*regular[1:_JUDGED], strict=True):
        kinds = Counter(shape_of(cell) for cell in column if cell)
        if kinds and sum(kinds[kind] for kind in TYPED) >= 0.9 * kinds.total():
            typed += 1
    return typed >= 1 and (width >= 3 or typed == width or (len(filled[0]) == width and len(regular) > 3))


def _purity(records: list[Row]) -> float:
    """Give the mean share of the commonest kind of value in a column, over the columns that are not empty."""
    shares = []
    for column in zip(*(records[1:] or records), strict=True):
        kinds = Counter(shape_of(cell) for cell in column if cell)
        if kinds:
            shares.append(
                max(count * (_MIXED if kind == "mixed" else 1) for kind, count in kinds.items())
                / kinds.total()
            )
    return sum(shares) / len(shares) if shares else 0.0
