"""Tests the detection of footers: rows that are no records, such as totals."""

from __future__ import annotations

import pytest

from services.upload.table.footers import DataFilter


def test_repeated_headers_and_page_feet_become_blank_and_are_reported() -> None:
    leftovers = DataFilter(width=2, before=1, has_header=True)
    blocks = [[["Name", "City"], ["Ann", "Gent"], ["Page 1 of 2"], ["Name", "City"], ["Bob", "Namur"]]]
    assert list(leftovers.filtered(blocks)) == [[["Ann", "Gent"], [], [], ["Bob", "Namur"]]]
    assert sorted(leftovers.left_out) == [3, 4]


def test_a_name_that_begins_like_a_total_is_none() -> None:
    leftovers = DataFilter(width=2, before=0, has_header=False)
    rows = [["Total Energy", ""], ["Ann", "3"], ["Total", ""]]
    assert [row for block in leftovers.filtered([[row] for row in rows]) for row in block] == rows
    assert (leftovers.totals, leftovers.footer) == ([3], [])


TOTALS = [
    ["Totaal", "", "12.345,60"],
    ["TOTAL GÉNÉRAL :", "", "1 234"],
    ["", "Totaal", "15"],
    ["Grand total", "", "15"],
    ["Sub-total", "", "15"],
    ["I alt", "", "15"],
    ["Yhteensä", "", "15"],
    ["Summe Umsatz", "", "15,00 €"],
    ["Number of clients: 40", "", ""],
    ["Aantal klanten", "40", ""],
    ["รวม", "", "15"],
    ["合計", "", "15"],
    ["Page 2 of 2", "", ""],
    ["*** End of report ***", "", ""],
]
CLIENTS = [
    ["Total Energies", "", "15"],
    ["Totaal Bouw NV", "info@totaalbouw.be", ""],
    ["Total", "info@total.be", "15"],
    ["Soma Yoga", "", "15"],
    ["Ann", "", "15"],
]


@pytest.mark.parametrize("row", TOTALS, ids=" ".join)
@pytest.mark.parametrize("after", [[], [[]]])
def test_a_total_at_the_end_starts_without_its_tick(row: list[str], after: list[list[str]]) -> None:
    leftovers = DataFilter(width=3, before=0, has_header=False)
    rows = [["Ann", "a@example.be", "3"], *after, row]
    assert [row for block in leftovers.filtered([rows]) for row in block] == rows
    assert (leftovers.totals, leftovers.footer) == ([len(rows)], [])


@pytest.mark.parametrize("row", CLIENTS, ids=" ".join)
def test_a_client_at_the_end_keeps_its_tick(row: list[str]) -> None:
    leftovers = DataFilter(width=3, before=0, has_header=False)
    assert list(leftovers.filtered([[["Ann", "a@example.be", "3"], row]]))
    assert leftovers.totals == []


def test_subtotals_between_the_rows_start_without_their_tick() -> None:
    leftovers = DataFilter(width=3, before=1, has_header=True)
    rows = [
        ["Ann", "Gent", "3"],
        ["Subtotaal", "", "3"],
        ["Totaal", "Gent", ""],
        CLIENTS[0],
        ["Bob", "Gent", "4"],
    ]
    assert list(leftovers.filtered([[["Name", "City", "Fee"], *rows]])) == [rows]
    assert (leftovers.totals, leftovers.footer) == ([3], [])


@pytest.mark.parametrize(
    ("comments", "cell", "left_out"),
    [
        ("#", "# part two", [1]),
        ("#", "#part two", [1]),
        ("# ", "# part two", [1]),
        ("# ", "#1 Plumbing", []),
        ("", "# part two", []),
        ("", "#1 Plumbing", []),
    ],
)
def test_a_number_sign_is_a_comment_where_comments_above_begin_alike(
    comments: str, cell: str, left_out: list[int]
) -> None:
    leftovers = DataFilter(width=2, before=0, has_header=False, comments=comments)
    assert len(list(leftovers.filtered([[[cell], ["Ann", "Gent"]]]))) == 1
    assert leftovers.left_out == left_out


@pytest.mark.parametrize(
    "rule", [["----+----"], ["", "------", "---", ""], ["====", "===="], [":---", "---:"]]
)
def test_a_line_drawn_under_the_header_is_left_out(rule: list[str]) -> None:
    leftovers = DataFilter(width=4, before=1, has_header=True)
    blocks = [[["Name", "City", "Fee", "Code"], rule, ["Ann", "Gent", "-", "--"]]]
    assert list(leftovers.filtered(blocks)) == [[[], ["Ann", "Gent", "-", "--"]]]
    assert leftovers.left_out == [2]


@pytest.mark.parametrize(
    "name", ["Subtotaal Gent", "Sous-total Nord", "Eindtotaal kantoor Gent", "Gesamtsumme Köln"]
)
def test_a_total_of_a_group_starts_without_its_tick(name: str) -> None:
    leftovers = DataFilter(width=3, before=0, has_header=False)
    rows = [["Ann", "Gent", "3"], [name, "", "3"], ["Bob", "Gent", "4"]]
    assert list(leftovers.filtered([rows])) == [rows]
    assert leftovers.totals == [2]


#: what programs write in the first cell of a total, in the languages of lists
WORDS = ("Total", "Totaal", "TOTAL GÉNÉRAL :", "Summe", "Totale", "Grand total", "Sub-total", "Eindtotaal")
#: how programs write numbers: the decimals, and the thousands
WRITTEN = {
    "plain": ("", "."),
    "comma": (".", ","),
    "point": (",", "."),
    "space": (" ", ","),
    "apostrophe": ("'", "."),
}


def written(number: float, how: str) -> str:
    """A number as a program of some country writes it."""
    thousands, decimals = WRITTEN[how]
    text = f"{number:,.2f}" if number != int(number) else f"{number:,.0f}"
    return text.replace(",", "\0").replace(".", decimals).replace("\0", thousands)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize("width", [2, 3])
@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_total_that_fills_a_narrow_table_is_one_where_its_numbers_are_sums(
    word: str, how: str, width: int, rows: int
) -> None:
    for cents in (0, 0.25):
        numbers = [
            [1000 * (row + 1) + 7 * column + cents for column in range(1, width)] for row in range(rows)
        ]
        table = [[f"A{row}", *(written(n, how) for n in own)] for row, own in enumerate(numbers)]
        sums = [word, *(written(sum(own), how) for own in zip(*numbers, strict=True))]
        wrong = [word, *(written(sum(own) + 3, how) for own in zip(*numbers, strict=True))]
        for last, found in ((sums, [rows + 1]), (wrong, [])):
            leftovers = DataFilter(width=width, before=0, has_header=False)
            assert [row for block in leftovers.filtered([[*table, last]]) for row in block] == [*table, last]
            assert leftovers.totals == found, (last, table)


def test_subtotals_of_a_narrow_table_are_found_by_their_sections_and_the_total_by_all() -> None:
    leftovers = DataFilter(width=2, before=1, has_header=True)
    table = [
        ["Client", "n"],
        ["A", "3"],
        ["B", "4"],
        ["Subtotal", "7"],
        ["C", "5"],
        ["Subtotal", "5"],
        ["Total", "12"],
    ]
    list(leftovers.filtered([table[:3], table[3:]]))
    assert leftovers.totals == [4, 6, 7]


def test_a_client_called_total_with_a_number_of_its_own_stays() -> None:
    leftovers = DataFilter(width=2, before=0, has_header=False)
    list(leftovers.filtered([[["Ann", "3"], ["Total", "0470123456"], ["Bob", "4"]]]))
    assert leftovers.totals == []


def test_the_number_of_clients_is_a_total_of_a_narrow_table() -> None:
    leftovers = DataFilter(width=2, before=0, has_header=False)
    list(leftovers.filtered([[["Ann", "Gent"], ["Bob", "Namur"], ["Total", "2"]]]))
    assert leftovers.totals == [3]
