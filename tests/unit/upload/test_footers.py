"""Tests the detection of footers: rows that are no records, such as totals."""

from __future__ import annotations

from services.upload.table.footers import DataFilter


def test_repeated_headers_and_page_feet_become_blank_and_are_told() -> None:
    leftovers = DataFilter(width=2, before=1, has_header=True, comments=False)
    blocks = [[["Name", "City"], ["Ann", "Gent"], ["Page 1 of 2"], ["Name", "City"], ["Bob", "Namur"]]]
    assert list(leftovers.filtered(blocks)) == [[["Ann", "Gent"], [], [], ["Bob", "Namur"]]]
    assert sorted(leftovers.left_out) == [3, 4]


def test_totals_stay_and_are_pointed_out_only_at_the_end() -> None:
    leftovers = DataFilter(width=2, before=0, has_header=False, comments=False)
    rows = [["Total Energy", ""], ["Ann", "3"], ["Total", ""]]
    assert [row for block in leftovers.filtered([[row] for row in rows]) for row in block] == rows
    assert leftovers.footer == [3]


def test_a_number_sign_is_a_comment_only_where_comments_stand_above() -> None:
    for comments, left_out in ((True, [1]), (False, [])):
        leftovers = DataFilter(width=2, before=0, has_header=False, comments=comments)
        assert len(list(leftovers.filtered([[["#1 Plumbing"], ["Ann", "Gent"]]]))) == 1
        assert leftovers.left_out == left_out
