"""Tests that rows are recognised by fingerprints, and that limits of a firm only lower those of the system."""

from __future__ import annotations

from services.upload.ingest.row_fingerprints import RowFingerprints, header_fingerprint
from services.upload.model.source import Limits
from services.upload.sandbox.limits import Bounds, bounds_for, limits_for, most_bytes


def prints(rows: list[list[str]]) -> RowFingerprints:
    made = RowFingerprints()
    made.add(rows)
    return made


def test_rows_that_were_not_there_before_are_counted() -> None:
    before = prints([[str(number), "Smets"] for number in range(1000)])
    now = prints([[str(number), "Smets"] for number in range(991)] + [[str(n), "Claes"] for n in range(9)])
    assert now.others_than(before) == 9
    assert now.others_than(now) == 0


def test_cells_that_only_join_to_the_same_text_are_other_rows() -> None:
    assert prints([["ab", "c"]]).others_than(prints([["a", "bc"]])) == 1


def test_prints_come_back_from_keeping_as_they_were() -> None:
    kept = prints([[str(number)] for number in range(500)])
    again = RowFingerprints.unpacked(kept.packed())
    assert len(again) == 500
    assert again.others_than(kept) == kept.others_than(again) == 0
    assert len(kept.packed()) <= 8 * 500 + 128


def test_headers_are_the_same_whatever_their_case_and_spaces_but_not_in_another_order() -> None:
    assert header_fingerprint(["Name ", "E-mail"]) == header_fingerprint(["name", "E-MAIL"])
    assert header_fingerprint(["Name", "E-mail"]) != header_fingerprint(["E-mail", "Name"])


def test_a_firm_lowers_limits_and_never_raises_them() -> None:
    of_firm = {"bytes": 1 << 40, "rows": 10, "columns": 5_000, "ratio": 2, "seconds": 3}
    assert limits_for(of_firm, 1000) == Limits(bytes=1000, rows=10, ratio=2)
    assert limits_for({}, 1000) == Limits(bytes=1000)
    assert (most_bytes({"bytes": 10}, 1000), most_bytes({"bytes": 2000}, 1000), most_bytes({}, 7)) == (
        10,
        1000,
        7,
    )
    assert bounds_for(of_firm).processor_seconds == 3
    assert bounds_for({"seconds": 10**6}) == bounds_for({}) == Bounds()
