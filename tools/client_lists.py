"""Writes client lists of any size, like those of an accounting practice, with a known outcome of their import."""

from __future__ import annotations

import argparse
import csv
import datetime
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import openpyxl

HEADER = (
    "Account name", "Account type", "Company name", "Account tags", "Team members", "Client code",
    "Enterprise number", "First name", "Last name", "Email", "Phone number", "Mobile", "Language",
    "National register number", "Date of birth", "Street", "House number", "Box", "Postal code", "City",
    "Country",
)  # fmt: skip
NAME, TYPE, CODE, ENTERPRISE, EMAIL, PHONE, MOBILE, REGISTER, BORN = map(
    HEADER.index,
    (
        "Account name", "Account type", "Client code", "Enterprise number", "Email", "Phone number", "Mobile",
        "National register number", "Date of birth",
    ),
)  # fmt: skip

# The practice's own people; they must be in the firm's directory when the list is imported.
TEAM = ("anna.claes@example.org", "bruno.lambert@example.org", "carla.smit@example.org")
# What is wrong with the bad rows, in turn.
BAD = ("invalid_email", "invalid_rrn", "invalid_kbo", "missing_required", "unknown_option", "invalid_date")

_FIRST_NAMES = (
    "Jan", "Marie", "Zoë", "Luc", "Céline", "Pieter", "François", "Anke", "Jürgen", "Élise", "Tom",
    "Nathalie", "Bram",
    "Sofie", "Hélène", "Koen", "Inès", "Wout", "Noémie", "Dirk", "Aurélie", "Sander", "Loïc", "Femke",
    "Benoît",
)  # fmt: skip
_LAST_NAMES = (
    "Peeters", "Janssens", "Dubois", "De Smet", "Lefèvre", "Van den Berg", "Lambert", "Müller", "D'Hondt",
    "Maes",
    "Gérard", "Willems", "Claes", "Rousseau", "De Vries", "Jacobs", "Mercier", "Wouters", "Bakker", "Noël",
    "Goossens",
)  # fmt: skip
_TRADES = (
    "Bakkerij",
    "Garage",
    "Boulangerie",
    "Café",
    "Studio",
    "Transport",
    "Menuiserie",
    "Apotheek",
    "Bureau",
)
_FORMS = ("BV", "NV", "SRL", "SA", "VZW")
_TAGS = ("", "vip", "monthly", "vip, monthly", "quarterly")
_LANGUAGES = ("French", "Dutch", "English")
_STREETS = (
    "Rue de la Loi",
    "Kerkstraat",
    "Chaussée de Liège",
    "Stationsstraat",
    "Place du Marché",
    "Molenweg",
)
_BELGIUM = (
    ("1000", "Bruxelles"), ("9000", "Gent"), ("2000", "Antwerpen"), ("4000", "Liège"), ("5000", "Namur"),
    ("3000", "Leuven"), ("8000", "Brugge"), ("7000", "Mons"), ("6000", "Charleroi"),
)  # fmt: skip
_FRANCE = (("59000", "Lille"), ("75011", "Paris"), ("69003", "Lyon"))
_NETHERLANDS = (("1012 AB", "Amsterdam"), ("3011 AA", "Rotterdam"), ("4811 AB", "Breda"))

_FIRST_BIRTH = datetime.date(1940, 1, 1)
_BIRTH_DAYS = (datetime.date(2006, 1, 1) - _FIRST_BIRTH).days
MOST_ROWS = 6_000_000  # so many telephone numbers of one zone there are

Cells = list[str]


@dataclass
class Expected:
    """What an import of the list must report; `problems` counts the invalid rows by code, one code a row."""

    rows: int = 0
    valid: int = 0
    invalid: int = 0
    accounts: int = 0
    contacts: int = 0
    problems: dict[str, int] = field(default_factory=dict)


def generate(
    rows: int,
    seed: int,
    out_path: str | Path,
    format: str = "csv",
    bad_share: float = 0.03,
    delimiter: str = ",",
    encoding: str = "utf-8",
    contacts_per_account: int = 1,
) -> Expected:
    """Write `rows` rows to `out_path` as "csv" or "xlsx"; the same arguments give the same file."""
    if rows > MOST_ROWS:
        raise ValueError(f"at most {MOST_ROWS} rows have numbers of their own")
    counting = _Counting(contacts_per_account)
    lines = counting.watched(client_rows(rows, seed, bad_share, contacts_per_account))
    if format == "xlsx":
        _write_workbook(lines, Path(out_path))
    else:
        with Path(out_path).open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(HEADER)
            writer.writerows(lines)
    return counting.expected()


def _write_workbook(lines: Iterable[Cells], path: Path) -> None:
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("Clients")
    sheet.append(list(HEADER))
    for line in lines:
        sheet.append(line)
    workbook.save(path)


class _Counting:
    """Counts the rows that are written, as an import of them would."""

    def __init__(self, contacts_per_account: int) -> None:
        self._per_account = contacts_per_account
        self._rows = 0
        self._accounts = 0
        self._bad: Counter[str] = Counter()

    def watched(self, rows: Iterable[tuple[Cells, str | None]]) -> Iterator[Cells]:
        last_account = -1
        for number, (cells, bad) in enumerate(rows):
            self._rows += 1
            if bad:
                self._bad[bad] += 1
            elif number // self._per_account != last_account:
                last_account = number // self._per_account
                self._accounts += 1
            yield cells

    def expected(self) -> Expected:
        invalid = self._bad.total()
        valid = self._rows - invalid
        return Expected(self._rows, valid, invalid, self._accounts, valid, dict(self._bad))


def client_rows(
    count: int, seed: int, bad_share: float = 0.03, contacts_per_account: int = 1
) -> Iterator[tuple[Cells, str | None]]:
    """Give the rows in order, each with the code of its problem or None; bad rows are spread evenly."""
    people, accounts = _people(seed), _accounts(seed, contacts_per_account)
    bad_rows = round(count * bad_share)
    for number in range(count):
        cells = next(accounts) + next(people)
        nth = number * bad_rows // count
        if (number + 1) * bad_rows // count == nth:
            yield cells, None
        else:
            yield _spoilt(cells, BAD[nth % len(BAD)]), BAD[nth % len(BAD)]


def _accounts(seed: int, repeat: int) -> Iterator[Cells]:
    """The account columns, the same for `repeat` rows."""
    random_source = random.Random(seed)
    first_number = random_source.randrange(2_000_000, 3_000_000)
    names = random_source.sample(_LAST_NAMES, len(_LAST_NAMES))
    teams = [*TEAM, f"{TEAM[0]}, {TEAM[1]}"]
    for number in itertools.count():
        surname = names[number % len(names)]
        if number % 5 < 3:
            name = f"{_TRADES[number % len(_TRADES)]} {surname} {number + 1} {_FORMS[number % len(_FORMS)]}"
            kind, company, enterprise = "Company", name, enterprise_number(first_number + number)
        else:
            name = f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]} {surname} {number + 1}"
            kind, company, enterprise = ("Individual" if number % 5 == 3 else "Other"), "", ""
        tags, team = _TAGS[number % len(_TAGS)], teams[number % len(teams)]
        for _ in range(repeat):
            yield [name, kind, company, tags, team, f"C{number + 1:07d}", enterprise]


def _people(seed: int) -> Iterator[Cells]:
    """The contact columns, no e-mail address, telephone or register number twice."""
    random_source = random.Random(seed + 1)
    first_names = random_source.sample(_FIRST_NAMES, len(_FIRST_NAMES))
    last_names = random_source.sample(_LAST_NAMES, len(_LAST_NAMES))
    births = [_FIRST_BIRTH + datetime.timedelta(days) for days in range(_BIRTH_DAYS)]
    random_source.shuffle(births)
    born = [(day.strftime("%y%m%d"), day.strftime("%d/%m/%Y"), day.year >= 2000) for day in births]
    for number in range(MOST_ROWS):
        first, last = first_names[number % len(first_names)], last_names[number // 3 % len(last_names)]
        digits, birthday, late = born[number % _BIRTH_DAYS]
        register = register_number(digits, number // _BIRTH_DAYS + 1, late)
        mail = f"{_ascii(first)}.{_ascii(last)}{number + 1}@example.be"
        phone, mobile, postal_code, city, country = _place(number)
        yield [
            first, last, mail, phone, mobile, _LANGUAGES[number % 3], register, birthday,
            _STREETS[number % len(_STREETS)], str(number % 250 + 1),
            "" if number % 4 else str(number % 30 + 1), postal_code, city, country,
        ]  # fmt: skip


def _place(number: int) -> tuple[str, str, str, str, str]:
    """Telephone, mobile, postal code, city and country; nine in ten live in Belgium."""
    if number % 20 == 7:
        code, city = _FRANCE[number % len(_FRANCE)]
        return f"+331{40_000_000 + number}", f"+3361{number:07d}", code, city, "France"
    if number % 20 == 13:
        code, city = _NETHERLANDS[number % len(_NETHERLANDS)]
        return f"+3120{number:07d}", f"+3161{number:07d}", code, city, "Netherlands"
    code, city = _BELGIUM[number % len(_BELGIUM)]
    line, cell = f"{2_000_000 + number:07d}", f"{70_000_000 + number:08d}"
    if number % 3 == 0:
        phone, mobile = f"+322{line}", f"+324{cell}"
    elif number % 3 == 1:
        phone = f"02 {line[:3]} {line[3:5]} {line[5:]}"
        mobile = f"04{cell[:2]} {cell[2:4]} {cell[4:6]} {cell[6:]}"
    else:
        phone = f"02/{line[:3]}.{line[3:5]}.{line[5:]}"
        mobile = f"04{cell[:2]}/{cell[2:4]}.{cell[4:6]}.{cell[6:]}"
    return phone, mobile, code, city, "Belgium"


_PLAIN = str.maketrans("ëéèëçïöüîÉ", "eeeeciouiE", " '")


def _ascii(name: str) -> str:
    return name.translate(_PLAIN).lower()


def register_number(birth: str, serial: int, late: bool) -> str:
    """A Belgian national register number: YYMMDD, a serial number of the day, a check of 97 less the
    remainder.

    For births from 2000 on, a 2 is put before the nine digits first (royal decree of 3 April 1984).
    """
    nine = f"{birth}{serial:03d}"
    return f"{nine}{97 - int(f'2{nine}' if late else nine) % 97:02d}"


def enterprise_number(base: int) -> str:
    """A Belgian enterprise number: eight digits and a check of 97 less their remainder."""
    return f"{base:08d}{97 - base % 97:02d}"


def _spoilt(cells: Cells, code: str) -> Cells:
    """The row with the one problem that the code names."""
    if code == "invalid_email":
        cells[EMAIL] = cells[EMAIL].replace("@", ".")
    elif code == "invalid_rrn":
        cells[REGISTER] = _wrong_check(cells[REGISTER])
    elif code == "invalid_kbo":
        cells[ENTERPRISE] = _wrong_check(cells[ENTERPRISE] or enterprise_number(1_000_000))
    elif code == "missing_required":
        cells[NAME] = ""
    elif code == "unknown_option":
        cells[TYPE] = "Unicorn"
    elif code == "invalid_date":
        cells[BORN] = f"31/02/{cells[BORN][-4:]}"
    return cells


def _wrong_check(number: str) -> str:
    return f"{number[:-2]}{int(number[-2:]) % 97 + 1:02d}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--format", choices=("csv", "xlsx"), default="csv")
    parser.add_argument("--bad-share", type=float, default=0.03)
    parser.add_argument("--delimiter", default=",")
    parser.add_argument("--encoding", default="utf-8")
    parser.add_argument("--contacts-per-account", type=int, default=1)
    chosen = parser.parse_args()
    expected = generate(
        chosen.rows,
        chosen.seed,
        chosen.out,
        chosen.format,
        chosen.bad_share,
        chosen.delimiter,
        chosen.encoding,
        chosen.contacts_per_account,
    )
    print(json.dumps(asdict(expected)))


if __name__ == "__main__":
    main()
