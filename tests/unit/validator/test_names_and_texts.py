"""Tests values that are choices, countries, languages, members, lists and plain text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.values.choices import member_index
from shared.values.texts import judge_boolean, judge_number
from tests.unit.validator.columns import CONTEXT, check, fix, problem, value


@pytest.mark.parametrize(
    ("written", "choice"),
    [
        ("individual", "Individual"),
        ("Particulier", "Individual"),
        ("PERSONNE PHYSIQUE", "Individual"),
        ("Persoon", "Individual"),
        ("Société", "Company"),
        ("societe", "Company"),
        ("Bedrijf", "Company"),
        ("Eenmanszaak", "Company"),
        ("Andere", "Other"),
    ],
)
def test_account_types_are_known_in_three_languages(written, choice):
    assert value("account.type", written) == choice
    assert fix("account.type", written) == "option_recognised"


def test_an_unknown_choice_is_refused_and_the_choices_are_named():
    found = check("account.type", "Alien").problems[0]
    assert found.code == "unknown_option"
    assert found.params == {"value": "Alien", "choices": "Individual, Company, Other"}


def test_what_the_mapping_says_of_a_value_goes_first():
    context = replace(CONTEXT, values={"account.type": {"Alien": "Other", "n/a": ""}})
    checked = check("account.type", "alien", "N/A", "Company", context=context)
    assert (checked.values, checked.problems) == (["Other", None, "Company"], {})
    assert checked.fixed == {0: "text_cleaned"}


def test_a_firms_own_choices_replace_those_of_the_field():
    context = replace(CONTEXT, choices={"account.type": ["Trust"]})
    assert value("account.type", "trust", context=context) == "Trust"
    assert problem("account.type", "Company", context=context) == "unknown_option"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Belgium", "BE"),
        ("België", "BE"),
        ("BELGIQUE", "BE"),
        ("be", "BE"),
        ("BEL", "BE"),
        ("Pays-Bas", "NL"),
        ("UK", "GB"),
        ("Duitsland", "DE"),
        ("Alemania", "DE"),
        ("Francia", "FR"),
        ("The Netherlands", "NL"),
        ("B", "BE"),
        ("F", "FR"),
        ("Belgien", "BE"),
        ("Bélgica", "BE"),
        ("Belgio", "BE"),
        ("belgie", "BE"),
        ("België / Belgique", "BE"),
        ("BE - Belgium", "BE"),
        ("Belgium (BE)", "BE"),
        ("Holland", "NL"),
        ("Niederlande", "NL"),
        ("Paesi Bassi", "NL"),
        ("NLD", "NL"),
        ("EL", "GR"),
        ("États-Unis", "US"),
        ("U.S.A.", "US"),
        ("Verenigd Koninkrijk", "GB"),
        ("Gran Bretagna", "GB"),
        ("Grand-Duché de Luxembourg", "LU"),
        ("Côte d'Ivoire", "CI"),
    ],
)
def test_countries_are_known_by_name_and_code(written, code):
    assert value("contact.country", written) == code


@pytest.mark.parametrize(
    "written", ["Narnia", "EU", "ZZ", "123", "Belgium / France", "Be / Fr", "Belgium, Narnia"]
)
def test_what_is_no_country_is_refused(written):
    assert problem("contact.country", written) == "unknown_country"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("dutch", "nl"),
        ("Nederlands", "nl"),
        ("néerlandais", "nl"),
        ("nl-BE", "nl"),
        ("Français", "fr"),
        ("FR", "fr"),
        ("french", "fr"),
        ("Anglais", "en"),
        ("Englisch", "en"),
        ("inglés", "en"),
        ("N", "nl"),
        ("Nederlandstalig", "nl"),
        ("francophone", "fr"),
        ("English (UK)", "en"),
        ("english", "en"),
        ("FR / français", "fr"),
        ("Francese", "fr"),
        ("neerlandés", "nl"),
    ],
)
def test_languages_are_known_by_name_and_code(written, code):
    assert value("contact.language", written) == code


@pytest.mark.parametrize("written", ["Klingon", "German", "nl/fr", "English / French"])
def test_a_language_that_the_firm_does_not_offer_is_refused(written):
    found = check("contact.language", written).problems[0]
    assert (found.code, found.params["choices"]) == ("unknown_language", "en, fr, nl")


def test_team_members_are_found_by_address_and_by_name_and_unknown_ones_are_noted():
    checked = check("account.team_members", "Ann@firm.be; Zoë", "ANN PEETERS", "Peeters, Bob")
    assert checked.values == [["m1"], ["m1"], ["m2"]]
    assert checked.problems[0].params == {"value": "Zoë"}
    assert set(checked.problems) == {0}


TEAM = [
    {"id": "m1", "name": "Ann Peeters", "email": "Ann@firm.be"},
    {"id": "m2", "name": "Zoë Smets", "email": "zoe@firm.be"},
    {"id": "m3", "name": "Jan Smets", "email": "jan@firm.be"},
    {"id": "m4", "name": "JAN SMETS", "email": "jan.smets@firm.be"},
]


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("m1", ["m1"]),
        ("ANN@FIRM.BE", ["m1"]),
        ("zoe smets", ["m2"]),
        ("Smets, Zoe", ["m2"]),
        ("Ann Peeters, zoe@firm.be", ["m1", "m2"]),
        ("Zoë Smets; Ann Peeters", ["m2", "m1"]),
        ("jan@firm.be", ["m3"]),
        ("Bob", None),
    ],
)
def test_team_members_are_found_without_regard_to_case_and_accents(written, ids):
    context = replace(CONTEXT, members=member_index(TEAM))
    assert value("account.team_members", written, context=context) == ids


def test_a_name_of_several_team_members_is_refused():
    context = replace(CONTEXT, members=member_index(TEAM))
    found = check("account.team_members", "Ann Peeters; Jan Smets", context=context)
    assert (found.values, found.problems[0].code) == ([None], "ambiguous_team_member")
    assert found.problems[0].params == {"value": "Jan Smets"}


def test_a_team_member_named_twice_is_kept_once_and_that_is_shown():
    context = replace(CONTEXT, members=member_index(TEAM))
    checked = check("account.team_members", "Ann Peeters; ann@firm.be", context=context)
    assert (checked.values, checked.fixed) == ([["m1"]], {0: "repeats_removed"})


def test_lists_are_split_trimmed_and_freed_of_repeats():
    checked = check("account.tags", "vip, klant;VIP", "a\nb", " , ;")
    assert checked.values == [["vip", "klant"], ["a", "b"], None]
    assert checked.fixed[0] == "repeats_removed"


def test_rows_with_the_same_list_do_not_share_it():
    checked = check("account.tags", "vip", "vip")
    checked.values[0].append("other")
    assert checked.values[1] == ["vip"]


@pytest.mark.parametrize(
    ("written", "clean"),
    [("  Acme ", "Acme"), ("Acme\u00a0NV", "Acme NV"), ("\ufeffAc\u200bme", "Acme"), ("Cafe\u0301", "Café")],
)
def test_spaces_and_invisible_characters_go_and_the_change_is_shown(written, clean):
    assert value("account.name", written) == clean
    assert fix("account.name", written) == "text_cleaned"


def test_a_line_break_inside_is_noted_and_at_the_end_it_is_not():
    checked = check("account.notes", "one\r\ntwo", "one\n")
    assert checked.values == ["one two", "one"]
    assert {offset: found.code for offset, found in checked.problems.items()} == {0: "line_break"}


@pytest.mark.parametrize("character", '<>:"/\\|?*')
def test_a_name_with_a_character_that_windows_refuses_is_kept_and_noted(character):
    checked = check("account.name", f"A{character}B")
    assert checked.values == [f"A{character}B"]
    assert checked.problems[0].code == "name_forbidden_characters"
    assert checked.problems[0].params["characters"] == character


def test_blank_cells_are_none_and_no_problem():
    checked = check("contact.email", "", "  ", "\u200b")
    assert (checked.values, checked.problems, checked.fixed) == ([None] * 3, {}, {})


@pytest.mark.parametrize("key", ["account.name", "contact.email", "contact.date_of_birth", "account.tags"])
def test_the_sign_for_emptying_a_field_passes_through(key):
    assert value(key, "__CLEAR__") == "__CLEAR__"


@pytest.mark.parametrize("key", ["account.name", "contact.phone", "contact.date_of_birth"])
@pytest.mark.parametrize(
    "shown", ["#REF!", "#n/a", "#NV", "#WAARDE!", "#NOM?", "#¿NOMBRE?", "Err:502", "######"]
)
def test_an_error_of_the_spreadsheet_is_refused_in_every_language(key, shown):
    assert problem(key, shown) == "cell_error"


@pytest.mark.parametrize("text", ["#1", "Err", "#vip", "Ernest"])
def test_what_only_looks_like_an_error_of_the_spreadsheet_is_kept(text):
    assert value("account.name", text) == text


def test_texts_beyond_the_limit_are_refused():
    assert problem("account.name", "x" * 255) is None
    assert problem("account.name", "x" * 256) == "value_too_long"
    assert problem("account.notes", "x" * 10_001) == "value_too_long"


def test_long_values_are_cut_where_a_problem_repeats_them():
    found = check("contact.email", "x" * 5000).problems[0]
    assert len(found.params["value"]) <= 80


def test_items_of_a_list_beyond_the_limit_are_refused():
    assert problem("account.tags", "a, " + "x" * 256) == "value_too_long"


def test_a_long_number_that_a_spreadsheet_shortened_is_noted():
    assert problem("account.client_code", "4.41E+11") == "precision_lost"
    assert value("account.client_code", "4.41E+11") == "4.41E+11"


def test_a_number_with_an_exponent_that_has_all_its_digits_is_written_out():
    checked = check("account.client_code", "3.2470123456E+10", "3,2470123456E+10")
    assert (checked.values, checked.problems) == (["32470123456"] * 2, {})
    assert checked.fixed == dict.fromkeys([0, 1], "number_written_out")


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|x", "=HYPERLINK(1)"])
@pytest.mark.parametrize("key", ["account.notes", "account.name"])
def test_a_text_that_looks_like_a_formula_is_kept_and_noted(key, text):
    checked = check(key, text)
    assert checked.values == [text]
    assert checked.problems[0].code == "formula_like"


@pytest.mark.parametrize("text", ["+32 470 12 34 56", "-5", "- remark", "-", "a=b", "+ 10"])
def test_signed_numbers_and_remarks_are_no_formulas(text):
    assert problem("account.notes", text) is None


@pytest.mark.parametrize("name", ["CON", "nul", "com1", "LPT9.txt", "Acme Inc."])
def test_a_name_that_windows_cannot_store_is_kept_and_noted(name):
    checked = check("account.name", name)
    assert checked.values == [name]
    assert checked.problems[0].code == "name_not_storable"


@pytest.mark.parametrize("name", ["Conrad", "Nuljan", "A.B. Acme", "Company", "PEETERS"])
def test_ordinary_names_are_not_noted(name):
    assert check("account.name", name).problems == {}


@pytest.mark.parametrize(
    ("written", "url"),
    [("www.Acme.be", "https://www.acme.be"), ("http://acme.be/A?b=C", "http://acme.be/A?b=C")],
)
def test_web_addresses_are_completed(written, url):
    assert value("account.website", written) == url


@pytest.mark.parametrize("written", ["acme", "javascript:alert(1)", "http://", "ftp://acme.be", "a b.be"])
def test_wrong_web_addresses_are_refused(written):
    assert problem("account.website", written) == "invalid_url"


@pytest.mark.parametrize(
    ("written", "region", "code"),
    [
        ("B-1000", "BE", "1000"),
        ("1234ab", "NL", "1234 AB"),
        ("1000", "DE", "01000"),
        ("F-75001", "FR", "75001"),
        ("anything", None, "anything"),
        ("999", "BE", "999"),
        ("EC1A 1BB", "GB", "EC1A 1BB"),
        ("ec1a1bb", "GB", "EC1A 1BB"),
        ("L-1234", "LU", "1234"),
        ("1234", "FR", "01234"),
        ("501", "US", "00501"),
        ("10001-1234", "US", "10001-1234"),
        ("100011234", "US", "10001-1234"),
        ("A-1010", "AT", "1010"),
        ("00950", "PL", "00-950"),
        ("11455", "SE", "114 55"),
        ("1000-205", "PT", "1000-205"),
        ("1000.0", "BE", "1000"),
        ("1000 Bruxelles", "BE", "1000 Bruxelles"),
    ],
)
def test_postal_codes_are_put_right_where_the_country_is_known(written, region, code):
    assert value("contact.postal_code", written, regions=[region]) == code


@pytest.mark.parametrize("written", ["999", "0123", "1000 Bruxelles", "10000"])
def test_a_wrong_postal_code_is_noted_and_kept(written):
    assert problem("contact.postal_code", written, regions=["BE"]) == "invalid_postal_code"
    assert value("contact.postal_code", written, regions=["BE"]) == written


def test_what_was_done_to_a_postal_code_is_reported():
    assert fix("contact.postal_code", "1067", regions=["DE"]) == "zeros_restored"
    assert fix("contact.postal_code", "1234ab", regions=["NL"]) == "postal_code_reformatted"


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("1.234,56", "BE", "1234.56"),
        ("1,234.56", "BE", "1234.56"),
        ("1 234,5", "BE", "1234.5"),
        ("12,5", "BE", "12.5"),
        ("1,234", "US", "1234"),
        ("1,234", "BE", "1.234"),
        ("1.234.567", "BE", "1234567"),
        ("-3", "BE", "-3"),
        ("€ 5", "BE", "5"),
        ("five", "BE", None),
        ("1-2", "BE", None),
        ("1.000", "BE", "1.000"),
        ("$1,000.50", "US", "1000.50"),
        ("100 EUR", "BE", "100"),
        ("1.234E+3", "BE", "1234"),
        ("1.2E+9", "BE", None),
        ("", "BE", None),
    ],
)
def test_numbers_are_written_with_a_point(written, country, number):
    assert judge_number(written, country).value == number


def test_a_number_that_reads_in_two_ways_is_noted():
    found = judge_number("1.234", "BE")
    assert (found.value, found.finding.code) == ("1.234", "ambiguous_number")
    assert [judge_number(text, "BE").finding for text in ("0.234", "1.23", "1234", "1.234.567")] == [None] * 4
    assert judge_number("1,234", "US").finding is None


@pytest.mark.parametrize(
    ("written", "truth"),
    [
        ("Ja", True),
        ("oui", True),
        ("1", True),
        ("NON", False),
        ("0", False),
        ("Sì", True),
        ("sí", True),
        ("wahr", True),
        ("Nein", False),
        ("falso", False),
        ("VERO", True),
        ("✓", True),
    ],
)
def test_yes_and_no_are_known_in_several_languages(written, truth):
    assert judge_boolean(written, None).value is truth


def test_a_value_that_is_neither_yes_nor_no_is_refused():
    assert judge_boolean("maybe", None).finding.code == "unknown_option"
