"""Tests that generated client lists contain what their outcome states."""

from __future__ import annotations

import csv
import datetime
import itertools
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest
from email_validator import validate_email
from stdnum.be import nn, vat

from services.upload.ingest.reader import open_source
from tools import client_lists as lists

ROWS = 2_000


@pytest.fixture(scope="module")
def rows() -> list[tuple[list[str], str | None]]:
    return list(lists.client_rows(ROWS, seed=3, bad_share=0.03))


@pytest.fixture(scope="module")
def good(rows: list[tuple[list[str], str | None]]) -> list[list[str]]:
    return [cells for cells, bad in rows if bad is None]


def test_the_file_holds_as_many_rows_and_problems_as_expected(tmp_path: Path) -> None:
    expected = lists.generate(1_000, 1, tmp_path / "clients.csv", bad_share=0.06)
    with (tmp_path / "clients.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == lists.HEADER
    assert len(header) == 21
    assert {len(row) for row in rows} == {21}
    assert (expected.rows, expected.valid, expected.invalid) == (len(rows), 940, 60)
    assert (expected.accounts, expected.contacts) == (940, 940)
    assert expected.problems == {code: 10 for code in lists.BAD}


def test_the_same_seed_gives_the_same_file_and_another_seed_another(tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one.csv", "same.csv", "other.csv"))
    for path, seed in ((one, 1), (same, 1), (other, 2)):
        lists.generate(50, seed, path)
    assert one.read_bytes() == same.read_bytes() != other.read_bytes()


@pytest.mark.parametrize(
    ("format", "delimiter", "encoding"),
    [("csv", ",", "utf-8"), ("csv", ";", "cp1252"), ("csv", "\t", "utf-16"), ("xlsx", ",", "utf-8")],
)
def test_reading_finds_every_row_again(tmp_path: Path, format: str, delimiter: str, encoding: str) -> None:
    path = tmp_path / "clients"
    lists.generate(300, 5, path, format, delimiter=delimiter, encoding=encoding)
    source = open_source(path)
    read = [row for batch in source.batches() for row in batch.rows]
    assert (source.found.format, tuple(source.found.names)) == (format, lists.HEADER)
    assert read == [cells for cells, _ in lists.client_rows(300, 5)]


def test_valid_rows_repeat_nothing_that_distinguishes_clients(good: list[list[str]]) -> None:
    for column in (lists.NAME, lists.CODE, lists.EMAIL, lists.PHONE, lists.MOBILE, lists.REGISTER):
        assert len({row[column] for row in good}) == len(good), lists.HEADER[column]
    enterprises = [row[lists.ENTERPRISE] for row in good if row[lists.ENTERPRISE]]
    assert len(set(enterprises)) == len(enterprises) > ROWS / 2


def test_numbers_addresses_and_dates_of_valid_rows_are_valid(good: list[list[str]]) -> None:
    for row in good:
        assert nn.is_valid(row[lists.REGISTER])
        assert vat.is_valid(row[lists.ENTERPRISE] or "0403019261")
        assert validate_email(row[lists.EMAIL], check_deliverability=False)
        for column in (lists.PHONE, lists.MOBILE):
            assert phonenumbers.is_valid_number(phonenumbers.parse(row[column], "BE")), row[column]
        born = datetime.datetime.strptime(row[lists.BORN], "%d/%m/%Y")
        assert born.strftime("%y%m%d") == row[lists.REGISTER][:6]


def test_telephone_numbers_stay_valid_up_to_the_last_row() -> None:
    for number in range(0, lists.MOST_ROWS, 9_973):
        for phone in lists._place(number)[:2]:
            assert phonenumbers.is_valid_number(phonenumbers.parse(phone, "BE")), phone


def test_bad_rows_have_the_one_problem_that_is_reported(
    rows: list[tuple[list[str], str | None]],
) -> None:
    whole = list(lists.client_rows(ROWS, seed=3, bad_share=0))
    spoilt = {
        "invalid_email": (lists.EMAIL, lambda value: "@" not in value),
        "invalid_rrn": (lists.REGISTER, lambda value: not nn.is_valid(value)),
        "invalid_kbo": (lists.ENTERPRISE, lambda value: not vat.is_valid(value)),
        "missing_required": (lists.NAME, lambda value: value == ""),
        "unknown_option": (lists.TYPE, lambda value: value not in {"Company", "Individual", "Other"}),
        "invalid_date": (lists.BORN, lambda value: value.startswith("31/02/")),
    }
    seen: Counter[str] = Counter()
    for (cells, bad), (original, _) in zip(rows, whole, strict=True):
        changed = [column for column in range(21) if cells[column] != original[column]]
        if bad is None:
            assert changed == []
        else:
            column, is_bad = spoilt[bad]
            assert changed == [column]
            assert is_bad(cells[column])
            seen[bad] += 1
    assert seen == {code: 10 for code in lists.BAD}


def test_bad_rows_are_spread_evenly() -> None:
    places = [n for n, (_, bad) in enumerate(lists.client_rows(1_000, 1, bad_share=0.05)) if bad]
    assert {after - before for before, after in itertools.pairwise(places)} == {20}


def test_several_contacts_share_an_account(tmp_path: Path) -> None:
    rows = [cells for cells, _ in lists.client_rows(30, 1, bad_share=0, contacts_per_account=3)]
    assert len({row[lists.CODE] for row in rows}) == 10
    assert len({row[lists.EMAIL] for row in rows}) == 30
    expected = lists.generate(30, 1, tmp_path / "clients.csv", bad_share=0, contacts_per_account=3)
    assert (expected.accounts, expected.contacts) == (10, 30)
