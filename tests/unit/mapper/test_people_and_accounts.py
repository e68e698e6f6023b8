"""Whom a list describes: people, accounts, or both; its values decide where its headers do not."""

from __future__ import annotations

from itertools import product

import pytest

from services.mapper.settings.suggested_mapping import first_mapping
from services.mapper.targets.proposing import Column, Proposal, propose

KIND = "accounts_and_contacts"
PEOPLE = ("Jan Peeters", "Maes, An", "Mme Anne Leroy", "Hans Müller", "Maria Rossi", "Carlos Ruiz")
COMPANIES = ("Cedar NV", "Müller GmbH", "Boulangerie Leroy SARL", "Rossi S.r.l.", "Talleres Ruiz S.L.")
NAMES = {
    "en": ("Client name", "Email", "Phone", "Street", "City", "Language"),
    "fr": ("Nom du client", "Courriel", "Téléphone", "Rue", "Ville", "Langue"),
    "nl": ("Klantnaam", "E-mailadres", "Telefoon", "Straat", "Gemeente", "Taal"),
    "de": ("Mandantenname", "E-Mail", "Telefon", "Straße", "Ort", "Sprache"),
    "es": ("Nombre del cliente", "Correo electrónico", "Teléfono", "Calle", "Ciudad", "Idioma"),
    "it": ("Nome cliente", "E-mail", "Telefono", "Via", "Città", "Lingua"),
}
VALUES = ("x@x.example.org", "02 555 12 12", "Rue du Lac", "Gent", "fr")


def proposed(headers, names, values=VALUES) -> Proposal:
    columns = [Column(0, headers[0], list(names))]
    columns += [
        Column(at, header, [value] * max(1, len(names)))
        for at, (header, value) in enumerate(zip(headers[1:], values, strict=True), 1)
    ]
    return propose(columns, KIND)


def records(proposal: Proposal) -> list[str]:
    return [(each.target or "").split(".")[0] for each in proposal.columns]


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("names", [PEOPLE, PEOPLE + COMPANIES, COMPANIES * 2 + PEOPLE[:3]])
def test_names_of_people_in_a_list_of_clients_fill_account_and_contact(language, names):
    found = proposed(NAMES[language], names)
    assert (found.columns[0].target, found.columns[0].also) == ("account.name", "contact.full_name")
    assert records(found) == ["account", *["contact"] * 5]
    assert found.account_type == {"mode": "skip"}


@pytest.mark.parametrize("language", NAMES)
def test_a_list_of_companies_is_about_accounts_alone(language):
    found = proposed(NAMES[language], COMPANIES)
    assert found.columns[0].also is None
    assert records(found) == ["account"] * 6


@pytest.mark.parametrize("language", NAMES)
def test_without_a_legal_form_and_without_known_names_only_the_address_to_log_in_is_of_a_contact(language):
    found = proposed(NAMES[language], ("Cedar", "Birch", "Alder Works"))
    assert found.columns[0].also is None
    assert records(found) == ["account", "contact", *["account"] * 4]


def test_names_of_people_alone_need_nothing_more():
    found = propose([Column(0, "Client name", PEOPLE), Column(1, "Client code", ["K1"])], KIND)
    assert [each.also for each in found.columns] == [None, None]


@pytest.mark.parametrize(("kind", "names"), list(product(["accounts", "contacts"], [PEOPLE, COMPANIES])))
def test_an_import_of_one_record_fills_no_second_field(kind, names):
    found = propose([Column(0, "Name", names), Column(1, "Email", ["x@x.example.org"])], kind)
    assert [each.also for each in found.columns] == [None, None]
    assert {each.target.split(".")[0] for each in found.columns if each.target} == {kind.removesuffix("s")}


def test_people_with_columns_of_their_own_keep_the_address_where_they_are():
    headers = ("Account name", "First name", "Last name", "Email", "Street", "City")
    found = propose([Column(at, header, ["Jan"]) for at, header in enumerate(headers)], KIND)
    assert records(found) == ["account", *["contact"] * 5]


@pytest.mark.parametrize("companies", [True, False])
def test_one_type_for_all_is_suggested_only_where_no_account_shows_another(companies):
    names = ["Cedar NV", "Jan Peeters"] if companies else ["Peeters family", "Jan Peeters"]
    columns = [Column(0, "Account name", names), Column(1, "First name"), Column(2, "Last name")]
    found = propose(columns, KIND).account_type
    assert found == ({"mode": "skip"} if companies else {"mode": "fixed", "value": "Individual"})


PREFIXES = {
    "en": ("Phone country code", "Dial code", "Phone number"),
    "fr": ("Indicatif téléphonique", "Indicatif", "Téléphone"),
    "nl": ("Landcode telefoon", "Landnummer", "Telefoon"),
    "de": ("Ländervorwahl", "Vorwahl", "Telefon"),
    "es": ("Prefijo telefónico", "Prefijo internacional", "Teléfono"),
    "it": ("Prefisso telefonico", "Prefisso internazionale", "Telefono"),
}


@pytest.mark.parametrize("language", PREFIXES)
@pytest.mark.parametrize("values", [["+32", "33", "NL"], ["0032", "+44"], []])
def test_a_country_code_beside_a_phone_number_is_of_the_number(language, values):
    for header in PREFIXES[language][:2]:
        columns = [Column(0, header, values), Column(1, PREFIXES[language][2], ["475112233"])]
        found = [each.target for each in propose([*columns, Column(2, "Last name")], KIND).columns]
        assert found == ["contact.phone_prefix", "contact.phone", "contact.last_name"]


@pytest.mark.parametrize(
    "header", ["Country code", "Code pays", "Landcode", "Ländercode", "Codice paese", "Prefix"]
)
@pytest.mark.parametrize("values", [["33", "+31"], ["+32"], ["0032", "0031"]])
def test_the_values_say_that_a_country_code_is_of_the_number(header, values):
    columns = [Column(0, "Last name"), Column(1, header, values), Column(2, "Phone", ["475112233"])]
    assert propose(columns, KIND).columns[1].target == "contact.phone_prefix"


@pytest.mark.parametrize("values", [["BE", "FR"], [], ["Belgium"], ["056", "528"]])
def test_a_country_stays_a_country(values):
    columns = [Column(0, "Last name"), Column(1, "Country code", values), Column(2, "Phone", ["475112233"])]
    assert propose(columns, KIND).columns[1].target == "contact.country"


def test_the_suggested_mapping_has_the_second_field():
    columns = [
        {"index": 0, "header": "Client name", "name": "Client name", "samples": list(PEOPLE)},
        {"index": 1, "header": "Email", "name": "Email", "samples": ["x@x.example.org"]},
    ]
    found = first_mapping(columns, KIND)["columns"]
    assert [(each["target"], each["also"]) for each in found] == [
        ("account.name", "contact.full_name"),
        ("contact.email", None),
    ]
