"""Rows of companies: the company is the account, nobody is made of its name, and no value is lost."""

from __future__ import annotations

from itertools import product

import pytest

from shared.contract.legal_forms import FORMS, shows_legal_form
from tests.unit.validator.checked import codes_at, rows_checked, values_at

#: Names of companies, and of people, as lists in six languages write them.
COMPANIES = (
    *("Cedar NV", "Bouwbedrijf Janssens bv", "SPRL Dupont", "Alder & Sons Ltd", "Peeters & Zonen BVBA"),
    *("Müller GmbH", "Schmidt & Co KG", "Boulangerie Leroy SARL", "Garage S.A.", "Talleres Ruiz S.L."),
    *("Rossi S.p.A.", "Hout B.V.", "Smith LLC", "Tools Inc.", "vzw De Klaproos", "CEDAR SA", "cedar sa"),
    *("Weber AG", "Dubois SCI", "Coop CV"),
)
PEOPLE = (
    *("Jan Peeters", "Maria Sá", "Peeters, Jan", "Jan van den Berg", "Dr. Anna Rossi", "Kim Se", "José Ag"),
    *("Li Co", "Mme Anne Leroy", "Von Kg Hans"),
)
NAMED = (
    "contact.full_name",
    "contact.last_name",
    "contact.first_name",
    "account.name + contact.full_name",
    "account.company_name + contact.last_name",
)
VALUES = {
    "contact.email": ("info@x.example.org", "account.email"),
    "contact.email_secondary": ("second@x.example.org", "account.email_secondary"),
    "contact.phone": ("02 555 12 12", "account.phone"),
    "contact.mobile": ("0470 12 34 56", "account.mobile"),
    "contact.fax": ("02 555 12 13", "account.fax"),
    "contact.phone_secondary": ("02 555 12 14", "account.phone_secondary"),
    "contact.address_line1": ("Kerkstraat", "account.address_line1"),
    "contact.house_number": ("9", "account.house_number"),
    "contact.postal_code": ("9000", "account.postal_code"),
    "contact.city": ("Gent", "account.city"),
    "contact.country": ("BE", "account.country"),
    "contact.language": ("nl", "account.language"),
    "contact.notes": ("Calls on Monday", "account.notes"),
    "contact.tags": ("Gold", "account.tags"),
}


@pytest.mark.parametrize("name", COMPANIES)
def test_a_legal_form_shows_a_company(name):
    assert shows_legal_form(name)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_surname_like_a_legal_form_is_a_name(name):
    assert not shows_legal_form(name)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_legal_form_in_capitals_shows_a_company(form):
    assert shows_legal_form(f"Cedar {form.upper()}")
    assert shows_legal_form(f"{form.upper()} Cedar")


@pytest.mark.parametrize(("target", "name"), list(product(NAMED, COMPANIES)))
def test_a_company_makes_no_person_and_keeps_all_its_values(target, name):
    targets = (target, *VALUES)
    found = rows_checked(targets, (name, *(value for value, _ in VALUES.values())))
    values = values_at(found)
    assert not [key for key in values if key.startswith(("contact.", "spouse."))]
    assert values["account.name"] == name
    assert values.keys() >= {key for _, key in VALUES.values()}
    assert codes_at(found) >= {"moved_to_account"}
    assert not found.bad
    assert not found.made_up


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_in_the_same_column_stays_one(name):
    found = rows_checked(("account.name + contact.full_name", "contact.email"), (name, "x@x.example.org"))
    values = values_at(found)
    assert values["account.name"] == name
    assert values["contact.last_name"]
    assert values["contact.email"] == "x@x.example.org"


def test_a_row_whose_type_is_company_and_that_has_one_name_makes_no_person():
    targets = ("account.type", "contact.last_name", "contact.first_name", "contact.email")
    found = rows_checked(
        targets,
        ("Bedrijf", "Bouwbedrijf Janssens", "", "info@bouw.example.org"),
        ("Persoon", "Peeters", "Jan", "jan@x.example.org"),
        ("Eenmanszaak", "Maes", "An", "an@x.example.org"),
        ("Eenmanszaak", "Maes", "", "maes@x.example.org"),
    )
    assert values_at(found, 0) == {
        "account.type": "Company",
        "account.name": "Bouwbedrijf Janssens",
        "account.email": "info@bouw.example.org",
    }
    for offset, last in ((1, "Peeters"), (2, "Maes"), (3, "Maes")):
        assert values_at(found, offset)["contact.last_name"] == last


def test_the_person_of_a_company_stays_a_person():
    targets = ("account.name", "account.type", "contact.full_name", "contact.email")
    found = rows_checked(targets, ("Cedar NV", "Company", "Jan Peeters", "jan@cedar.example.org"))
    assert values_at(found)["contact.last_name"] == "Peeters"
    assert values_at(found)["contact.email"] == "jan@cedar.example.org"


def test_a_company_as_the_contact_of_another_account_is_kept_as_its_company():
    found = rows_checked(("account.name", "contact.full_name"), ("Jan's group", "Cedar NV"))
    assert values_at(found) == {"account.name": "Jan's group", "account.company_name": "Cedar NV"}


def test_a_value_for_which_the_account_has_no_room_is_named():
    targets = ("contact.full_name", "account.notes", "contact.notes", "contact.job_title")
    found = rows_checked(targets, ("Cedar NV", "one", "two", "Director"))
    assert values_at(found)["account.notes"] == "one"
    assert [(each.field, each.code) for each in found.problems] == [
        ("contact.notes", "value_without_record"),
        ("contact.job_title", "value_without_record"),
    ]


def test_a_second_address_goes_to_the_second_field():
    targets = ("contact.full_name", "account.email", "contact.email")
    found = rows_checked(targets, ("Cedar NV", "bills@x.example.org", "info@x.example.org"))
    assert values_at(found)["account.email"] == "bills@x.example.org"
    assert values_at(found)["account.email_secondary"] == "info@x.example.org"


def test_a_list_of_contacts_keeps_a_company_as_one_name():
    found = rows_checked(("contact.full_name",), ("Cedar NV",), ("Jan Peeters",), kind="contacts")
    assert values_at(found, 0) == {"contact.last_name": "Cedar NV"}
    assert values_at(found, 1) == {"contact.first_name": "Jan", "contact.last_name": "Peeters"}


def test_accounts_without_a_column_for_their_names_are_named_row_by_row():
    found = rows_checked(("contact.full_name",), ("Cedar NV",), ("Jan Peeters",))
    assert found.columns["account.name"] == ["Cedar NV", "Jan Peeters"]
    assert found.made_up == {1}
