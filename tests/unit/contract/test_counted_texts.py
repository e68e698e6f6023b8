"""Tests that every text with a number agrees with it, in each language: there is no “1 rows”, and no “21 row”."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from shared.contract.texts import catalogues
from shared.contract.texts.catalogues import LANGUAGES

FOLDER = Path(catalogues.__file__).parent
NUMBERS = (0, 1, 2, 21)
#: what texts count: one, and several
NOUNS = {
    "en": (
        "row rows|account accounts|contact contacts|link links|tag tags|column columns|value values|cell cells|"
        "day days|hour hours|minute minutes|second seconds|import imports|client clients|record records|mail mails|"
        "person people|letter letters|field fields"
    ),
    "de": (
        "Zeile Zeilen|Mandant Mandanten|Kontakt Kontakte|Verknüpfung Verknüpfungen|Tag Tage|Spalte Spalten|"
        "Wert Werte|Zelle Zellen|Stunde Stunden|Minute Minuten|Sekunde Sekunden|Import Importe|"
        "Datensatz Datensätze|Person Personen|Feld Felder|Änderung Änderungen"
    ),
    "fr": (
        "ligne lignes|compte comptes|contact contacts|lien liens|étiquette étiquettes|colonne colonnes|"
        "valeur valeurs|cellule cellules|jour jours|heure heures|minute minutes|seconde secondes|"
        "importation importations|client clients|fiche fiches|personne personnes|champ champs"
    ),
    "nl": (
        "rij rijen|account accounts|contact contacten|koppeling koppelingen|label labels|kolom kolommen|"
        "waarde waarden|cel cellen|dag dagen|minuut minuten|seconde seconden|import imports|klant klanten|"
        "persoon personen|veld velden|wijziging wijzigingen"
    ),
}
#: names of numbers that are never one: bounds of what is taken and of periods, lists of numbers, and people
NEVER_ONE = {"max", "size", "rows", "who", "days"}
NEVER_ONE_IN = (
    "fit this row",
    "fit “",
    "The archive holds",
    "rows were skipped; a workbook",
    "columns; {max}",
)
NUMBER_THEN = r"(?:%\((\w+)\)s|\{(\w+)\}) "


def one_of(language: str) -> str:
    return "|".join(pair.split()[0] for pair in NOUNS[language].split("|"))


def several_of(language: str) -> str:
    return "|".join(pair.split()[1] for pair in NOUNS[language].split("|"))


def catalogs(language: str) -> Iterator[tuple[str, Catalog]]:
    """The catalogues of a language; those of English have no translations, so its texts are their ids."""
    folder = FOLDER / (language if language != "en" else "nl")
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            yield path.stem, read_po(file, locale=path.parent.name)


def forms(message: Message, language: str) -> list[str]:
    """The forms of a counted text, the singular first."""
    return list(message.id if language == "en" else message.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_counted_text_agrees_with_its_number(language: str) -> None:
    wrong = []
    for domain, catalog in catalogs(language):
        for message in catalog:
            if not message.id or not message.pluralizable:
                continue
            texts = forms(message, language)
            for n in NUMBERS:
                singular = n == 1 or (n == 0 and language == "fr")
                text = texts[0 if singular else 1].replace("%(n)s", str(n))
                wrong_words = several_of(language) if singular else one_of(language)
                if re.search(rf"(?<![\w.,]){n} (?:{wrong_words})\b", text):
                    wrong.append((domain, text))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_is_not_counted_has_no_number_in_front_of_several_things(language: str) -> None:
    wrong = []
    for domain, catalog in catalogs(language):
        for message in catalog:
            if not message.id or message.pluralizable or any(part in message.id for part in NEVER_ONE_IN):
                continue
            text = message.id if language == "en" else str(message.string)
            for found in re.finditer(NUMBER_THEN + rf"(?:\w+ )?(?:{several_of(language)})\b", text):
                if (found[1] or found[2]) not in NEVER_ONE:
                    wrong.append((domain, text))
    assert wrong == []
