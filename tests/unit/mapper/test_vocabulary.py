"""Tests the words of headers: phrases, compounds, endings, slips and abbreviations."""

from __future__ import annotations

import pytest

from services.mapper.headers.meaning import meanings
from services.mapper.headers.normalising import words
from services.mapper.headers.vocabulary import Vocabulary, grammar, languages, vocabulary
from services.mapper.targets.reasons import SENTENCES, TEXTS
from shared.contract.header_words import LANGUAGES
from shared.contract.texts import catalogues


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("FirstName", "first name"),
        ("BADDR1", "baddr 1"),
        ("E-Mail 2: Adresse", "email 2 adresse"),
        ("N.I.F.", "nif"),
        ("P.O. Box", "po box"),
        ("N° d'entreprise", "nr d entreprise"),
        ("Straße (Pflichtfeld)*", "strasse"),
        ("billing_address__city", "billing address city"),
        ("Titre (2)", "titre"),
        ("Geb. am (TT.MM.JJJJ)", "geb am"),
    ],
)
def test_headers_fall_into_words(header, expected):
    assert " ".join(words(header)) == expected


def meaning(header):
    known = vocabulary()
    found = meanings(header, known, languages(list(known.pieces(header))))
    return found[0].name if found else None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Umsatzsteuer-Identifikationsnummer", "tax_id"),
        ("Rijksregisternummer", "national_number"),
        ("Dossiermedewerkers", "team_members"),
        ("Kundentelefonnummer", "phone"),
        ("btwnummer", "tax_id"),
        ("Strassenname", "street"),
        ("Laenderkennzeichen", "country"),
        ("Verantwoordel.", "team_members"),
        ("Telefono del lavoro", "phone"),
        ("IBAN", ""),
        ("Telefon-Kategorie", None),
        ("Xyzzy", None),
    ],
)
def test_words_are_understood_in_any_form(header, expected):
    assert meaning(header) == expected


def test_every_language_has_the_main_ideas():
    ideas_of = {
        language: {
            idea
            for text, senses in vocabulary()._senses.items()
            for ideas in senses
            for idea in ideas
            if language in senses[ideas]
        }
        for language in LANGUAGES
    }
    main = {
        "name",
        "first",
        "last",
        "email",
        "phone",
        "mobile",
        "address",
        "street",
        "postal",
        "city",
        "country",
        "vat",
        "kbo",
        "national",
        "birth",
        "language",
        "notes",
        "team",
        "company",
        "customer",
        "person",
        "spouse",
    }
    assert all(main <= ideas for ideas in ideas_of.values())


def test_the_grammar_names_its_ideas_in_order_and_only_known_ones():
    known = {idea for senses in vocabulary()._senses.values() for ideas in senses for idea in ideas}
    for rule in grammar():
        core = rule.partition("@")[0].split()
        assert core == sorted(core)
        assert set(rule.replace("@", "").split()) <= known


def test_a_forgotten_word_is_not_known():
    assert not Vocabulary(frozenset(["roepnaam"])).pieces("Roepnaam")[0].senses


def test_every_reason_has_a_sentence_in_each_language_of_the_wizard():
    for sentence in SENTENCES.values():
        assert len(set(TEXTS.in_every_language(sentence).values())) == len(catalogues.LANGUAGES)
