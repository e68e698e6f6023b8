"""A wrong value need not cost its row: where that is chosen, the row is loaded without it, and says so."""

from __future__ import annotations

import pytest

from shared.contract.fields import FIELDS
from shared.contract.invalid_values import may_be_left_out
from shared.contract.problems import ERROR, WARNING, sentence, severity
from tests.unit.validator.columns import check
from tests.unit.validator.rows_checked import rows_checked

#: A wrong value by the check of a field.
WRONG = {
    "email": "jan@@x", "phone": "12", "date": "35/13/2020", "birth_date": "35/13/2020", "register_number": "123",
    "enterprise_number": "123", "tax_id": "BE1", "url": "my site, 1", "country": "Narnia", "language": "klingon",
    "choice": "Alien", "number": "12x", "text": "x" * 10_001, "name": "x" * 256, "list": "x" * 256,
}  # fmt: skip
OPTIONAL = [
    key
    for key, field in FIELDS.items()
    if may_be_left_out(key)
    and key != "contact.linked_account"  # names an account, and is no value of the contact
    and field.check in WRONG
    and check(key, WRONG[field.check]).values == [None]
]


@pytest.mark.parametrize("key", OPTIONAL)
def test_a_row_is_loaded_without_a_wrong_value_where_the_settings_say_so(key):
    keys, row = ["account.name", key], ["Acme", WRONG[FIELDS[key].check]]
    strict = rows_checked(keys, row)
    lenient = rows_checked(keys, row, dropped=frozenset([key]))
    assert lenient.bad == set()
    assert lenient.columns[key] == [None]
    found = next(problem for problem in lenient.problems if problem.field == key)
    assert (found.code, found.params["problem"]) == ("value_left_out", strict.problems[0].code)
    assert strict.bad == {0}


@pytest.mark.parametrize("lang", ["en", "fr", "nl", "de"])
@pytest.mark.parametrize("key", ["contact.mobile", "account.tax_id", "contact.email", "contact.country"])
def test_the_row_says_what_is_left_out_and_why(key, lang):
    row = ["Acme", "Congo" if key == "contact.country" else WRONG[FIELDS[key].check]]
    found = rows_checked(["account.name", key], row, dropped=frozenset([key])).problems[0]
    about = {name: value for name, value in found.params.items() if name != "problem"}
    label = FIELDS[key].label(lang)
    shown = sentence(found.code, lang, field=label, **found.params)
    assert label in shown
    assert sentence(str(found.params["problem"]), lang, field=label, **about) in shown
    assert "…" not in shown


def test_a_register_number_is_not_repeated():
    found = rows_checked(
        ["account.name", "contact.national_number"],
        ["Acme", "85073003329"],
        dropped=frozenset(["contact.national_number"]),
    )
    assert "85073003329" not in sentence(found.problems[0].code, "en", **found.problems[0].params)


@pytest.mark.parametrize(
    "key",
    ["account.name", "contact.first_name", "contact.last_name", "contact.full_name", "account.record_id"],
)
def test_what_says_whom_a_row_is_about_cannot_be_left_out(key):
    assert not may_be_left_out(key)
    found = rows_checked(["account.company_name", key], ["Acme", "x" * 10_001], dropped=frozenset([key]))
    assert found.bad == {0}


def test_a_person_may_choose_for_one_row():
    rows = [["Acme", "12"], ["Birch", "12"]]
    found = rows_checked(
        ["account.name", "account.phone"], *rows, decisions={1: {"without": ["account.phone"]}}
    )
    assert found.bad == {0}


def test_a_row_that_a_person_left_out_by_a_value_stays_out():
    found = rows_checked(
        ["account.name", "account.type"], ["Acme", "__SKIP__"], dropped=frozenset(["account.type"])
    )
    assert [problem.code for problem in found.problems] == ["left_out_by_value"]


def test_a_contact_whose_only_name_is_a_wrong_address_is_missing_it():
    found = rows_checked(["contact.email"], ["jan@@x"], kind="contacts", dropped=frozenset(["contact.email"]))
    assert {problem.code for problem in found.problems} == {"value_left_out", "missing_required"}
    assert found.bad == {0}


def test_leaving_a_value_out_is_a_warning():
    assert severity("value_left_out") == WARNING
    assert severity(next(iter(check("contact.mobile", "12").problems.values())).code) == ERROR
