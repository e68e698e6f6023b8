"""Headers that no list of the project has: figures by language, by style and by list, and values that decide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest

from services.mapper.headers.vocabulary import vocabulary
from services.mapper.targets.proposing import Column, propose
from tools.score_headers import KINDS, LANGUAGES, STYLES, by, concepts, samples

KIND = "accounts_and_contacts"
#: The least accuracy, precision and recall, in percent.
LEAST = (95.0, 96.0, 93.0)


@pytest.fixture(scope="module")
def lists():
    return list(samples(rounds=1))


@pytest.mark.parametrize("part", ["language", "style", "kind"])
def test_generated_headers_find_their_fields(lists, part):
    figures = {
        name: score.shares() for name, score in by(lists, lambda sample: getattr(sample, part)).items()
    }
    too_low = {
        name: own for name, own in figures.items() if any(a < b for a, b in zip(own, LEAST, strict=True))
    }
    if part == "style":  # words without any sign between them are the hardest
        assert too_low.keys() <= {"glued"}
        assert figures["glued"][0] >= 90
    else:
        assert too_low == {}


def test_each_concept_has_phrases_in_each_language_and_each_list_is_generated(lists):
    for concept in concepts().values():
        assert all(len(concept[language].split("; ")) > 1 for language in LANGUAGES)
    made = {(sample.language, sample.kind, sample.style) for sample in lists}
    assert made == set(product(LANGUAGES, KINDS, STYLES))


@pytest.mark.parametrize(
    ("glued", "parts"),
    [
        ("nomduclient", ["nom", "client"]),
        ("placeofbusinessaddress", ["place of business", "address"]),
        ("numerodetva", ["numero de tva"]),
        ("fechadenacimiento", ["fecha de nacimiento"]),
        ("partitaiva", ["partita iva"]),
        ("BTWnr", ["btw nr"]),
        ("Owner_Full_Name__c", ["owner", "full name"]),
    ],
)
def test_glued_and_technical_headers_are_cut_into_words(glued, parts):
    assert [piece.text for piece in vocabulary().pieces(glued)] == parts


@pytest.mark.parametrize(
    "spelling", ["Owner Full Name", "Owner_Full_Name", "ownerfullname", "OWNER-FULL-NAME"]
)
def test_the_full_name_of_the_owner_is_the_member_in_charge(spelling):
    assert targets(("Client name", []), (spelling, []))[1] == "account.team_members"


@pytest.mark.parametrize(
    "word", ["Xyzzy", "Frobnicator", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "qwerty" * 40]
)
def test_an_unknown_word_stays_whole(word):
    assert [piece.senses for piece in vocabulary().pieces(word)] == [()]


def targets(*columns: tuple[str, Sequence[str]]) -> list[str | None]:
    proposal = propose([Column(at, header, values) for at, (header, values) in enumerate(columns)], KIND)
    return [each.target for each in proposal.columns]


EMAILS = ["a@x.example.org", "b@x.example.org", "c@x.example.org"]
PHONES = ["0470 12 34 56", "0471 12 34 56", "02 555 12 12"]
PEOPLE = ["85.07.30-033.28", "93.05.18-223.61", "90.01.01-001.23"]
FIRMS = ["0403.170.701", "0417.497.106", "0566.988.259"]
NAMES = ("Name", ["Ann Ash", "Bo Elm", "Cy Oak"])


@pytest.mark.parametrize(
    "header", ["Phone", "Téléphone", "Mobile", "Telefoon", "Handy", "Client name", "City", "Postal code"]
)
def test_addresses_under_another_header_are_addresses(header):
    assert targets(("Last name", ["Ash", "Elm", "Oak"]), (header, EMAILS))[1] == "contact.email"


@pytest.mark.parametrize("header", ["Email", "E-mailadres", "Courriel", "Country", "Language", "Website"])
def test_phone_numbers_under_another_header_are_phone_numbers(header):
    assert targets(("Last name", ["Ash", "Elm", "Oak"]), (header, PHONES))[1] == "contact.phone"


@pytest.mark.parametrize(
    "header", ["ID number", "Number", "Client code", "Identification number", "Code", "VAT number"]
)
def test_register_numbers_of_people_are_known_by_their_check_digits(header):
    assert targets(NAMES, (header, PEOPLE))[1] == "contact.national_number"


@pytest.mark.parametrize(
    "header", ["ID number", "Number", "Client code", "Registration number", "National number"]
)
def test_enterprise_numbers_are_known_by_their_check_digits(header):
    assert targets(NAMES, (header, FIRMS))[1] == "account.kbo_number"


@pytest.mark.parametrize("header", ["Category", "Catégorie", "Categorie", "Kategorie", "Type"])
def test_words_for_types_of_account_show_the_type(header):
    assert targets(NAMES, (header, ["Company", "Individual", "Company"]))[1] == "account.type"


@pytest.mark.parametrize("header", ["Type", "Soort", "Tipo", "Client type"])
def test_other_words_are_no_type_of_account(header):
    assert targets(NAMES, (header, ["Bakery", "Garage", "Florist"]))[1] != "account.type"


@pytest.mark.parametrize("header", ["Title", "Job title", "Functie", "Titel"])
def test_forms_of_address_are_no_job(header):
    columns = (
        ("First name", ["Ann", "Bo", "Cy"]),
        ("Last name", ["Ash", "Elm", "Oak"]),
        (header, ["Mr", "Mrs", "Dr"]),
    )
    assert targets(*columns)[2] == "contact.prefix"


@pytest.mark.parametrize(
    ("header", "target"),
    [("Home", "contact.phone_secondary"), ("Work", "contact.phone"), ("Details", "contact.notes")],
)
def test_a_bare_word_is_a_field_of_its_own(header, target):
    assert targets(("First name", []), ("Last name", []), (header, []))[2] == target


@pytest.mark.parametrize(
    "header",
    ["Address line 3", "Adresse ligne 4", "Adresregel 3", "Adresszeile 4", "Addr5", "Address line four"],
)
def test_further_lines_of_a_street_are_left_out_and_begin_no_other_address(header):
    columns = ("Last name", "Address line 1", "Address line 2", header, "City", "Postal code", "Country")
    assert targets(*((each, []) for each in columns))[3:] == [
        *(None, "contact.city", "contact.postal_code", "contact.country")
    ]


def test_a_partner_beside_the_manager_is_of_the_firm_and_beside_a_first_name_none():
    assert targets(("Client name", []), ("Partner", []), ("Manager", []))[1] == "account.team_members"
    assert targets(("First name", []), ("Last name", []), ("Partner", []))[2] is None
