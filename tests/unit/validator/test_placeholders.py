"""Placeholders for "no value" are blanks, shown as a fix, and never cost a row; real values like them stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.validator.check.checking import check_rows
from services.validator.check.context import CheckPlan
from shared.contract.documents.job import Mapping
from shared.contract.fields import FIELDS, Field
from tests.unit.validator.columns import CONTEXT, check, fix, problem, value

#: For any field, in six languages.
SIGNS = ["-", "--", "–", "—", ".", "...", "…", "/", "_", " - ", "- -", "'-"]
ABBREVIATIONS = ["n/a", "N/A", "n / a", "n.v.t.", "NVT", "k/A", "n/d", "N\\A", "(n/a)", "[N/A]"]
PHRASES = [
    "not applicable", "Not Available", "non applicable", "Sans objet", "non communiqué", "non renseigné",
    "niet van toepassing", "Niet bekend", "keine Angabe", "nicht verfügbar", "no aplica", "sin datos",
    "non disponibile", "non applicabile", "NULL", "(null)", "<leeg>", "(vide)", "[none]", "(leer)",
]  # fmt: skip
#: For fields where no name is expected.
WORDS = [
    "none", "nil", "Null", "unknown", "néant", "aucun", "Inconnu", "geen", "GEEN", "onbekend", "nihil", "keine",
    "unbekannt", "ninguno", "Ninguna", "nada", "desconocido", "nessuno", "niente", "sconosciuto", "n.a.", "NA", "k.A.",
]  # fmt: skip
#: For values of a strict form.
SENTENCES = [
    "geen e-mail", "pas d'adresse mail", "no email", "heeft geen gsm", "keine E-Mail", "sin correo", "senza e-mail",
    "aucune adresse", "zonder nummer", "kein Telefon", "not known yet", "x-x", "xx", "XXX", "0", "00", "000",
]  # fmt: skip
NAMES = ["contact.first_name", "contact.last_name", "account.name", "account.company_name", "contact.city"]
FREE = ["account.notes", "account.industry", "contact.job_title", "account.client_code"]
FORMS = [
    "contact.email", "contact.email_secondary", "contact.mobile", "contact.phone", "contact.date_of_birth",
    "account.created_date", "contact.national_number", "account.kbo_number", "account.tax_id", "contact.postal_code",
    "account.website",
]  # fmt: skip
CHOICES = ["contact.language", "contact.country", "account.type", "account.team_members"]


def left_blank(key: str, cell: str) -> bool:
    """Whether a cell is blank with a fix that says so, and without a problem."""
    checked = check(key, cell)
    return (
        checked.values == [None] and checked.fixed == {0: "placeholder_left_out"} and checked.problems == {}
    )


@pytest.mark.parametrize("key", [*NAMES, *FREE, *FORMS, *CHOICES, "account.tags", "contact.record_id"])
def test_signs_abbreviations_and_phrases_are_blank_in_every_field(key):
    given = [*SIGNS, *ABBREVIATIONS, *PHRASES]
    assert [cell for cell in given if not left_blank(key, cell)] == []


@pytest.mark.parametrize("key", [*FREE, *FORMS, *CHOICES, "account.tags"])
def test_single_words_are_blank_where_no_name_is_expected(key):
    codes = {"n.a.", "NA", "k.A."} if key == "account.client_code" else set()  # may be initials
    assert [cell for cell in WORDS if cell not in codes and not left_blank(key, cell)] == []


@pytest.mark.parametrize("key", FORMS)
def test_sentences_crosses_and_zeros_are_blank_where_a_value_has_a_strict_form(key):
    assert [cell for cell in SENTENCES if not left_blank(key, cell)] == []


@pytest.mark.parametrize("key", ["contact.date_of_birth", "account.created_date"])
def test_what_programs_write_for_no_date_is_blank(key):
    none = [
        "00/00/0000", "0000-00-00", "00.00.0000", "0/0/0", "00/00/00", "0000-00-00 00:00:00", "1900-01-00", "0/1/1900",
        "1/0/1900", "00/01/1900", "00-jan-1900", "0-Jan-00", "30/12/1899", "12/31/1899", "1899-12-30T00:00:00",
        "0001-01-01", "01/01/0001 00:00:00", "1/1/0001 12:00:00 AM", "1753-01-01", "9999-12-31", "31/12/9999", "0",
        "1900-01-01", "1/1/1900 0:00", "  /  /    ", "__/__/____", "00000000",
    ]  # fmt: skip
    assert [cell for cell in none if not left_blank(key, cell)] == []


@pytest.mark.parametrize(
    ("key", "cells"),
    [
        (
            "contact.mobile",
            [
                "s/n",
                "k. A.",
                "0032/000000",
                "+32",
                "(+32)",
                "0032",
                "+32 ",
                "0000000000",
                "00/00.00.00",
                "+",
                "+00",
            ],
        ),
        ("account.tax_id", ["BE", "BE 0000.000.000", "BE0000000000", "TVA", "VAT 0", "NL"]),
        ("account.kbo_number", ["0000.000.000", "0000000000", "BE0", "KBO"]),
        ("contact.national_number", ["00.00.00-000.00", "00000000000", "..-."]),
        (
            "contact.email",
            ["none@none.com", "geen@geen.be", "x@x.x", "noemail@noemail.com", "geenmail@geen.be", "@"],
        ),
        ("contact.postal_code", ["0000", "00000", "0"]),
        ("account.website", ["http", "geen website", "www"][1:2]),
        ("account.type", ["0", "*"]),
        ("contact.country", ["0", "NA", "na"]),
    ],
)
def test_what_templates_prefill_is_blank(key, cells):
    assert [cell for cell in cells if not left_blank(key, cell)] == []


@pytest.mark.parametrize(
    ("key", "cells"),
    [
        (
            "contact.last_name",
            ["Nil", "Null", "None", "Geen", "Ninguno", "Nada", "Keine", "Na", "N.A.", "Non", "Inconnu"],
        ),
        ("contact.first_name", ["Nil", "Nada", "K.A.", "N.D.", "O", "X", "Á"]),
        ("account.name", ["Nada BV", "None", "Geen", "Nulla SRL", "Zero 0", "X", "7", "O", "-A-", "NULL BV"]),
        ("contact.city", ["None", "Y", "Nul", "Ee"]),
        ("account.state", ["NA", "ND", "NC", "KA"]),
        ("account.client_code", ["0", "000", "NA", "ND", "A-", "X", "-1"]),
        ("account.notes", ["0", "geen bezwaar", "no fax please", "Unknown to the bank", "x"]),
        ("contact.house_number", ["s/n", "ND", "1-3"]),
        ("account.status", ["0", "NA"]),
        ("account.tags", ["0", "x"]),
    ],
)
def test_real_values_stay(key, cells):
    checked = check(key, *cells)
    flat = [given[0] if isinstance(given, list) else given for given in checked.values]
    assert flat == cells
    assert "placeholder_left_out" not in checked.fixed.values()


def test_real_dates_stay():
    given = ["01/01/01", "2000-01-01", "31/12/1999", "01/01/1901", "1900-01-02", "01/02/2000"]
    assert None not in check("account.created_date", *given, order="DMY").values


def own(kind: str) -> Field:
    """A custom field of a type."""
    return replace(FIELDS["account.notes"], key="account.custom.1", name="custom.1", type=kind, check=kind)


def test_a_field_of_the_firms_own_keeps_words_and_zeros():
    cells = ["Geen", "none", "0", "Unknown"]
    from shared.values.columns import check_column

    assert check_column(own("text"), cells, CONTEXT).values == cells
    assert check_column(own("text"), ["n/a", "-"], CONTEXT).values == [None, None]
    assert check_column(own("number"), ["0", "-", "n/a", "€ -"], CONTEXT).values == ["0", None, None, None]
    assert check_column(own("boolean"), ["0", "x", "-", "n/a"], CONTEXT).values == [False, True, None, None]


def test_of_a_list_only_the_placeholders_are_left_out():
    checked = check("account.tags", "VIP; n/a; -", "n.v.t., geen")
    assert checked.values == [["VIP"], None]
    assert checked.fixed == dict.fromkeys([0, 1], "placeholder_left_out")


def test_what_a_person_decided_of_a_value_goes_before():
    context = replace(CONTEXT, values={"account.type": {"n/a": "Other", "-": ""}})
    assert check("account.type", "N/A", "-", context=context).values == ["Other", None]
    assert check("account.type", "-", context=context).fixed == {}


def rows_checked(keys: list[str], *rows: list[str]):
    """Some rows under a mapping of these fields."""
    columns = [
        {
            "index": at,
            "header": key,
            "action": "sync",
            "target": key,
            "custom": None,
            "join": None,
            "split": None,
        }
        for at, key in enumerate(keys)
    ]
    mapping: Mapping = {"columns": columns, "account_type": {"mode": "column"}, "values": {}}
    return check_rows(rows, CheckPlan(mapping, "accounts_and_contacts"), CONTEXT)


@pytest.mark.parametrize("sign", ["-", "n/a", "NULL", "n.v.t.", "keine Angabe", "(leer)", "sin datos", "--"])
def test_a_row_full_of_placeholders_is_loaded_with_its_name(sign):
    keys = [key for key in FIELDS if key.startswith(("account.", "contact."))]
    keys = [key for key in keys if key not in ("account.name", "account.record_id", "contact.record_id")]
    found = rows_checked(["account.name", *keys], ["Acme", *[sign] * len(keys)])
    assert found.bad == set()
    assert found.problems == []
    assert {fixed.code for fixed in found.fixes} == {"placeholder_left_out"}
    assert [key for key, values in found.columns.items() if values != [None]] == ["account.name"]


def test_zeros_are_no_client_code_that_makes_two_rows_one():
    found = rows_checked(
        ["account.name", "account.client_code"], ["Acme", "0"], ["Birch", "0"], ["Cedar", "7"]
    )
    codes = [keys[0] for keys in found.keys["account"]]
    assert codes[:2] == [0, 0]
    assert codes[2] != 0
    assert found.columns["account.client_code"] == ["0", "0", "7"]


def test_an_address_beside_a_placeholder_is_taken():
    checked = check("contact.email", "jan@x.be, n/a", "-; jan@x.be", "jan@x.be; fout@")
    assert checked.values == ["jan@x.be", "jan@x.be", None]
    assert set(checked.fixed) == {0, 1}


TWO = [
    "a@x.be; b@x.be", "a@x.be,b@x.be", "a@x.be / b@x.be", "a@x.be b@x.be", "a@x.be\nb@x.be", "a@x.be | b@x.be",
    "a@x.be en b@x.be", "a@x.be et b@x.be", "a@x.be und b@x.be", "a@x.be & b@x.be", "Ann <a@x.be>; Bob <b@x.be>",
    "a@x.be (privé), b@x.be (werk)", "privé: a@x.be werk: b@x.be", "mailto:a@x.be; mailto:b@x.be", "a@x.be;;b@x.be;",
    '"Ann" <a@x.be>, "Bob" <b@x.be>', "a@x.be; b@x.be; A@X.be", "a@x.be&nbsp;b@x.be", "[a@x.be] [b@x.be]",
]  # fmt: skip


@pytest.mark.parametrize("cell", TWO[:-1])
def test_the_second_of_two_addresses_becomes_the_additional_one(cell):
    found = rows_checked(["account.name", "contact.last_name", "contact.email"], ["Acme", "Elm", cell])
    assert found.columns["contact.email"] == ["a@x.be"]
    assert found.columns["contact.email_secondary"] == ["b@x.be"]
    assert found.problems == []
    assert {(fixed.field, fixed.code) for fixed in found.fixes} == {
        ("contact.email", "second_email_moved"),
        ("contact.email_secondary", "second_email_moved"),
    }


def test_the_second_address_of_an_account_becomes_its_additional_one():
    found = rows_checked(["account.name", "account.email"], ["Acme", TWO[0]])
    assert found.columns["account.email_secondary"] == ["b@x.be"]
    assert found.problems == []


@pytest.mark.parametrize("other", ["", "-", "n/a", "geen"])
def test_a_blank_column_of_additional_addresses_takes_the_second(other):
    keys = ["account.name", "contact.last_name", "contact.email_secondary", "contact.email"]
    found = rows_checked(keys, ["Acme", "Elm", other, TWO[0]])
    assert (found.columns["contact.email"], found.columns["contact.email_secondary"]) == (
        ["a@x.be"],
        ["b@x.be"],
    )
    assert found.bad == set()


def test_where_the_additional_address_is_taken_or_three_are_given_the_row_asks():
    keys = ["account.name", "contact.last_name", "contact.email", "contact.email_secondary"]
    found = rows_checked(
        keys, ["Acme", "Elm", TWO[0], "c@x.be"], ["Birch", "Oak", "a@x.be b@x.be d@x.be", ""]
    )
    assert [(each.offset, each.code) for each in found.problems] == [
        (0, "multiple_emails"),
        (1, "multiple_emails"),
    ]
    assert found.columns["contact.email_secondary"] == ["c@x.be", None]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("Smith &amp; Sons", "Smith & Sons"), ("Ren&eacute;e", "Renée"), ("O&#39;Neill", "O'Neill"),
        ("O&#x27;Neill", "O'Neill"), ("R&amp;amp;D", "R&D"),
        ("Caf&Eacute;&nbsp;Bar", "CafÉ Bar"), ("&quot;Top&quot;", '"Top"'),
        ("M&uuml;ller", "Müller"), ("A&T; B", "A&T; B"), ("AT&T", "AT&T"), ("R&D; x", "R&D; x"), ("&copy", "&copy"),
        ("&bogus;", "&bogus;"), ("&#0;x", "\ufffdx"),
    ],
)  # fmt: skip
def test_html_entities_are_decoded_and_shown(cell, meant):
    for key in ("account.notes", "account.industry"):
        assert value(key, cell) == meant
        assert fix(key, cell) == (None if cell == meant else "characters_decoded")


def test_entities_are_decoded_before_a_list_is_split_and_an_address_is_judged():
    assert value("account.tags", "R&amp;D; VIP") == ["R&D", "VIP"]
    assert value("account.website", "http://x.be/?a=1&amp;b=2") == "http://x.be/?a=1&b=2"
    assert value("contact.email", "a&#64;x.be") == "a@x.be"
    assert problem("account.name", "Smith &amp; Sons") is None
