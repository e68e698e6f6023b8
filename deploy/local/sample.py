"""A client list as an old accounting program writes it: Dutch headers, semicolons, cp1252, and some mistakes.

Always the same list. The people and companies are made up; their numbers have right check digits.
"""

from __future__ import annotations

import csv
import io
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

NAME = "klanten-export.csv"
ENCODING = "cp1252"
COMPANIES = 70
PEOPLE = 60

HEADERS = (
    "Klantcode",
    "Accountnaam",
    "Accounttype",
    "Ondernemingsnummer",
    "Voornaam",
    "Achternaam",
    "E-mail",
    "Gsm-nummer",
    "Taal",
    "Geboortedatum",
    "Rijksregisternummer",
    "Straat",
    "Huisnummer",
    "Postcode",
    "Stad",
    "Land",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(";"))


FIRST_NAMES = _words(
    "An;Bart;Céline;Dirk;Eléonore;François;Geert;Hélène;Ilse;Jérôme;Karel;Léa;Maïté;Noël;Océane;Pieter;René"
    ";Sofie;Thérèse;Ursula;Véronique;Wim;Yasmine;Zoë;Joëlle;Raphaël"
)
LAST_NAMES = _words(
    "Peeters;Janssens;Maes;Jacobs;Mertens;Willems;Claes;Goossens;Wouters;De Smet;Dubois;Lambert;Dupont;Noël"
    ";Lefèvre;Crèvecœur;D'Hondt;Van den Brœck;Müller;Gérard;Désiré;El Amrani;Van Acker;Verhaegen"
)
TRADES = _words(
    "Bakkerij;Garage;Café;Drukkerij;Schrijnwerkerij;Apotheek;Pâtisserie;Crèche;Boulangerie;Menuiserie"
    ";Ferronnerie;Librairie;Kapsalon;Traiteur"
)
FORMS = ("BV", "NV", "SRL", "SA", "VOF", "VZW")
PLACES = (
    ("2000", "Antwerpen", "Meir"),
    ("9000", "Gent", "Kouter"),
    ("3000", "Leuven", "Bondgenotenlaan"),
    ("8000", "Brugge", "Steenstraat"),
    ("1000", "Brussel", "Koningsstraat"),
    ("4000", "Liège", "Rue Féronstrée"),
    ("5000", "Namur", "Rue de l'Ange"),
    ("6000", "Charleroi", "Boulevard Tirou"),
    ("7000", "Mons", "Grand'Rue"),
    ("4800", "Verviers", "Rue du Brou"),
)


@dataclass(frozen=True)
class Row:
    """One row, in the order of the headers."""

    code: str
    account: str
    type: str
    enterprise_number: str
    first_name: str
    last_name: str
    email: str
    mobile: str
    language: str
    born: str
    national_number: str
    street: str
    house_number: str
    postal_code: str
    city: str
    country: str = "België"

    def cells(self) -> list[str]:
        """The cells as they are written."""
        return list(vars(self).values())


# What is wrong on purpose, one mistake for each of these rows (counted without the header).
MISTAKES: dict[int, dict[str, str]] = {
    9: {"email": "jan.peeters@"},
    31: {"enterprise_number": "0403.170.700"},
    58: {"account": "", "first_name": "", "last_name": ""},
    77: {"type": "Ruimteschip"},
    104: {"born": "31/02/1980"},
    129: {"national_number": "85.07.30-033.00"},
    151: {"email": "geen e-mail"},
    173: {"mobile": "12"},
}


def sample_rows() -> list[Row]:
    """All rows: companies with one to three contacts each, then people."""
    rows = [*_companies(random.Random(1978)), *_people(random.Random(2002))]
    return [replace(row, **MISTAKES.get(number, {})) for number, row in enumerate(rows, start=1)]


def sample_file() -> bytes:
    """The rows as the bytes of a file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS)
    writer.writerows(row.cells() for row in sample_rows())
    return text.getvalue().encode(ENCODING)


def enterprise_number(body: int) -> str:
    """A Belgian enterprise number: eight digits, then 97 less their remainder (law of 16 January 2003)."""
    digits = f"{body:08d}{97 - body % 97:02d}"
    return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}"


def national_number(born: date, serial: int) -> str:
    """A Belgian national register number; for those born from 2000 on, a 2 precedes the checked digits."""
    body = f"{born:%y%m%d}{serial:03d}"
    check = 97 - int(f"2{body}" if born.year >= 2000 else body) % 97
    return f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}.{check:02d}"


def _companies(chance: random.Random) -> Iterator[Row]:
    for number in range(COMPANIES):
        owner = chance.choice(LAST_NAMES)
        account = f"{chance.choice(TRADES)} {owner} {chance.choice(FORMS)} {number + 1}"
        place = _place(chance)
        registered = enterprise_number(chance.randrange(4_000_000, 8_000_000))
        for contact in range(1 + number % 3):
            person = _person(chance, owner if contact == 0 else chance.choice(LAST_NAMES), _slug(account))
            yield Row(f"K{number + 1:04d}", account, "Bedrijf", registered, **person, **place)


def _people(chance: random.Random) -> Iterator[Row]:
    for number in range(PEOPLE):
        person = _person(chance, chance.choice(LAST_NAMES), f"klant{number + 1}")
        account = f"{person['last_name']} {person['first_name']} {number + 1}"
        yield Row(f"P{number + 1:04d}", account, "Particulier", "", **person, **_place(chance))


def _person(chance: random.Random, last_name: str, domain: str) -> dict[str, str]:
    first_name = chance.choice(FIRST_NAMES)
    born = date(1945, 1, 1) + timedelta(days=chance.randrange(21_500))
    return {
        "first_name": first_name,
        "last_name": last_name,
        "email": f"{_slug(first_name)}.{_slug(last_name)}@{domain}.example",
        "mobile": f"047{chance.randrange(10)} {chance.randrange(10, 100)} {chance.randrange(10, 100)}"
        f" {chance.randrange(10, 100)}",
        "language": chance.choice(("Nederlands", "Frans", "Engels")),
        "born": f"{born:%d/%m/%Y}",
        "national_number": national_number(born, chance.randrange(1, 998)),
    }


def _place(chance: random.Random) -> dict[str, str]:
    postal_code, city, street = chance.choice(PLACES)
    return {
        "street": street,
        "house_number": str(chance.randrange(1, 200)),
        "postal_code": postal_code,
        "city": city,
    }


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
