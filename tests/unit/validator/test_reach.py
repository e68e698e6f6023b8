"""Tests e-mail addresses and phone numbers."""

from __future__ import annotations

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.values.emails import judge_email
from tests.unit.validator.columns import check, fix, problem, value

EMAIL, PHONE = "contact.email", "contact.mobile"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Jan@Example.BE", "Jan@example.be"),
        ("jan@example.be;", "jan@example.be"),
        ("Jan Peeters <jan@example.be>", "jan@example.be"),
        ("mailto:jan@example.be", "jan@example.be"),
        ("jan@example.be; JAN@example.be", "jan@example.be"),
        (" jan@example.be\u00a0", "jan@example.be"),
        ("jan@example.be.", "jan@example.be"),
        ("jan@example.be,", "jan@example.be"),
        ("<jan@example.be>;", "jan@example.be"),
        ("jan@example.be (Jan)", "jan@example.be"),
        ('"Peeters, Jan" <jan@example.be>', "jan@example.be"),
        ("MAILTO:jan@example.be", "jan@example.be"),
        ("ｊａｎ＠ｅｘａｍｐｌｅ．ｂｅ", "jan@example.be"),
        ("jan@xn--mnchen-3ya.de", "jan@münchen.de"),
    ],
)
def test_an_address_is_cleaned_up_and_the_change_shown(written, expected):
    assert value(EMAIL, written) == expected
    assert fix(EMAIL, written) in ("email_reformatted", "text_cleaned")


@pytest.mark.parametrize(
    "written", ["jan.o'neil@example.be", "é@example.be", "jan@münchen.de", "a+b@x-y.co.uk"]
)
def test_unusual_but_right_addresses_are_accepted(written):
    checked = check(EMAIL, written)
    assert (checked.values, checked.problems) == ([written], {})


@pytest.mark.parametrize(
    "written", ["jan", "jan@", "@example.be", "a@b", "ask", "Jan jan@x", "Jan jan@example.be", "x" * 3000]
)
def test_wrong_addresses_are_refused(written):
    assert problem(EMAIL, written) == "invalid_email"
    assert value(EMAIL, written) is None


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("jan@example,be", "jan@example.be"),
        ("jan @example.be", "jan@example.be"),
        ("jan@ example. be", "jan@example.be"),
        ("jan@@example.be", "jan@example.be"),
        ("jan@example..be", "jan@example.be"),
        ("jan(at)example.be", "jan@example.be"),
        ("jan [at] example.be", "jan@example.be"),
        ("jan@example.be work", "jan@example.be"),
    ],
)
def test_a_mistyped_address_is_refused_with_a_suggestion(written, suggestion):
    found = check(EMAIL, written)
    assert found.values == [None]
    assert (found.problems[0].code, found.problems[0].params["suggestion"]) == ("mistyped_email", suggestion)


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("jan@gmial.com", "jan@gmail.com"),
        ("jan@gamil.com", "jan@gmail.com"),
        ("jan@gmail.be", "jan@gmail.com"),
        ("jan@hotmail.con", "jan@hotmail.com"),
        ("jan@hotmial.fr", "jan@hotmail.fr"),
        ("jan@example.comm", "jan@example.com"),
        ("jan@telnet.be", "jan@telenet.be"),
    ],
)
def test_a_domain_that_looks_mistyped_is_kept_and_noted_with_a_suggestion(written, suggestion):
    found = check(EMAIL, written)
    assert (found.values, found.fixed) == ([written], {})
    assert (found.problems[0].code, found.problems[0].params["suggestion"]) == ("doubtful_email", suggestion)


@pytest.mark.parametrize("domain", ["mail.com", "ymail.com", "email.com", "gmx.de", "live.be", "outlook.be"])
def test_domains_that_exist_are_not_doubted(domain):
    assert problem(EMAIL, f"jan@{domain}") is None


@pytest.mark.parametrize(
    "written",
    ["a@b.be; c@d.be", "Jan <a@b.be>; An <c@d.be>", "a@b.be, c@d.be", "a@b.be / c@d.be", "a@b.be\nc@d.be"],
)
def test_several_addresses_in_one_cell_are_refused(written):
    assert problem(EMAIL, written) == "multiple_emails"


def test_the_address_of_a_team_member_is_refused_for_contacts_only():
    assert problem(EMAIL, "Ann@firm.be") == "team_member_email"
    assert problem("account.email", "Ann@firm.be") is None


local = st.text(st.sampled_from("abcXYZ019._+-"), min_size=1, max_size=70)
domain = st.text(st.sampled_from("abcXYZ019.-"), min_size=1, max_size=40).map(lambda text: text + ".be")


@settings(deadline=None)
@given(local, domain)
def test_the_short_way_answers_as_email_validator_does(name, host):
    written = f"{name}@{host}"
    try:
        expected = validate_email(written, check_deliverability=False).normalized
    except EmailNotValidError:
        expected = None
    assert judge_email()(written, None).value == expected


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0470 12 34 56", "phone_reformatted"),
        ("0470/12.34.56", "phone_reformatted"),
        ("0032470123456", "phone_reformatted"),
        ("32470123456", "phone_reformatted"),
        ("+32 (0)470 12 34 56", "phone_reformatted"),
        ("470123456", "zeros_restored"),
        ("470123456.0", "phone_reformatted"),
    ],
)
def test_a_belgian_mobile_is_written_with_its_country_code(written, code):
    assert value(PHONE, written) == "+32470123456"
    assert fix(PHONE, written) == code


def test_a_number_that_is_right_stays_and_is_no_fix():
    checked = check(PHONE, "+32470123456")
    assert (checked.values, checked.problems, checked.fixed) == (["+32470123456"], {}, {})


@pytest.mark.parametrize(
    "written",
    [
        "+324 70 12 34 56",
        "+320470123456",
        "+0032470123456",
        "00 32 (0)470 12 34 56",
        "(+32) 470 12 34 56",
        "32470123456.0",
        "3.2470123456E+10",
        "0470123456 / 0470 12 34 56",
        "0470123456/0470 12 34 56",
    ],
)
def test_unusual_ways_to_write_a_number_are_read(written):
    assert value(PHONE, written) == "+32470123456"
    assert fix(PHONE, written) == "phone_reformatted"


@pytest.mark.parametrize(
    "written", ["0470 12 34 56 (bureau)", "GSM: 0470/12.34.56", "0470 12 34 56 thuis", "tel:+32470123456"]
)
def test_words_beside_a_number_are_left_out_and_that_is_shown(written):
    assert value(PHONE, written) == "+32470123456"
    assert fix(PHONE, written) == "phone_words_removed"


@pytest.mark.parametrize(
    "written",
    [
        "0470 12 34 56 / 02 511 11 11",
        "0470123456;025111111",
        "0470123456, 0471123456",
        "0470 12 34 56 ou 02 511 11 11",
        "0470 12 34 56 0471 12 34 56",
        "0470/12.34.56-02/511.11.11",
        "0470123456 (privé) 02 511 11 11 (bureau)",
        "0470 12 34 56\n02 511 11 11",
    ],
)
def test_several_numbers_in_one_cell_are_refused(written):
    assert problem(PHONE, written) == "multiple_phones"
    assert value(PHONE, written) is None


@pytest.mark.parametrize(
    "written",
    ["12", "abc", "+3247012345", "0470 12 34 56 7", "31612345678", "0470 12 34 56 na 17u", "12-", "1" * 3000],
)
def test_wrong_numbers_are_refused(written):
    assert problem(PHONE, written) == "invalid_phone"


def test_a_number_whose_digits_a_spreadsheet_dropped_is_refused_as_such():
    assert problem(PHONE, "4.7E+08") == "digits_lost"


def test_the_country_of_the_row_goes_before_the_firms():
    checked = check(PHONE, "06 12 34 56 78", "06 12345678", "0470123456", regions=["FR", "NL", "NL"])
    assert checked.values == ["+33612345678", "+31612345678", "+32470123456"]


@pytest.mark.parametrize("written", ["ext 12", "x12", "poste 12", "(toestel 12)", "ext. 12"])
def test_an_extension_is_kept(written):
    assert value("contact.phone", f"02 511 11 11 {written}") == "+3225111111;ext=12"


@settings(deadline=None)
@given(st.from_regex(r"[+0]?[0-9 ./-]{6,14}", fullmatch=True))
def test_what_is_accepted_as_a_phone_is_valid_for_libphonenumber(written):
    found = value(PHONE, written)
    assert found is None or phonenumbers.is_valid_number(phonenumbers.parse(found))
