"""Tests that any bytes are read, or refused with a code that has a sentence."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.upload.ingest.reader import open_source
from services.upload.model.source import Limits, Overrides, ReadError
from shared.contract.problems import KINDS

FOLDER = Path(__file__).parents[2] / "files"
SMALL = sorted(
    path
    for path in FOLDER.glob("*/*")
    if path.is_file() and path.stat().st_size < 20_000 and not path.name.endswith(".expected.json")
)
LIMITS = Limits(bytes=1 << 20, rows=10_000, columns=200, cell_length=5_000, unzipped=4 << 20, members=200)
SECONDS = 10.0
SHORT = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
TEXT = st.text(alphabet="\",;\t|\n\r '\\ab1é=#\x00\x1f", max_size=400)


def check(content: bytes, overrides: Overrides | None = None) -> None:
    """Read the bytes; what comes out keeps to the limits, what is refused has its sentence."""
    started = time.process_time()
    refused = None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source"
        path.write_bytes(content)
        try:
            source = open_source(path, limits=LIMITS, overrides=overrides)
            width = len(source.found.names)
            rows = 0
            for batch in source.batches(7):
                rows += len(batch.rows)
                assert {len(row) for row in batch.rows} == {width}
                assert batch.numbers == sorted(set(batch.numbers))
                assert max(len(cell) for row in batch.rows for cell in row) <= LIMITS.cell_length
            assert rows == source.rows > 0
            assert width <= LIMITS.columns
            assert {problem["code"] for problem in source.found.problems} <= KINDS.keys()
        except ReadError as error:
            refused = error.code
    assert refused is None or refused in KINDS
    assert time.process_time() - started < SECONDS


@SHORT
@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    check(content)


@SHORT
@given(TEXT, st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_text_of_signs_that_matter_is_read_or_refused(text: str, encoding: str) -> None:
    check(text.encode(encoding, "replace"))


@SHORT
@given(
    TEXT,
    st.builds(
        Overrides,
        encoding=st.sampled_from([None, "utf-8", "utf-16", "cp1252", "gb18030", "x"]),
        delimiter=st.sampled_from([None, ",", "a", '"', " "]),
        quote=st.sampled_from([None, "", '"', "'"]),
        header_row=st.sampled_from([None, 0, 1, 5]),
        sheet=st.sampled_from([None, "x"]),
    ),
)
def test_whatever_a_person_decides_text_is_read_or_refused(text: str, overrides: Overrides) -> None:
    check(text.encode(), overrides)


@SHORT
@given(st.sampled_from(SMALL), st.data())
def test_a_known_file_with_some_bytes_changed_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, max(len(content) - 1, 0)))
        piece = data.draw(st.binary(max_size=6))
        content[place : place + data.draw(st.integers(0, 6))] = piece
    check(bytes(content))


@SHORT
@given(st.sampled_from(SMALL), st.floats(0, 1))
def test_a_known_file_that_was_cut_is_read_or_refused(path: Path, share: float) -> None:
    content = path.read_bytes()
    check(content[: int(share * len(content))])
