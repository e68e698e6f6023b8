"""A fault is reported once, spellings are no conflict, and a contact has a language that somebody chose, or none."""

from __future__ import annotations

import pytest

from services.mapper.settings.job_settings import first_settings
from services.validator.match.merging import _is_spelling
from services.validator.plan.new_records import complete_person
from services.validator.plan.planning import plan_rows
from services.validator.plan.rows_to_plan import rows_to_plan
from shared.contract.records import CLEAR
from shared.plumbing.directory_store import DEFAULTS
from tests.unit.validator.planned import checks, context, record, settings
from tests.unit.validator.rows_checked import rows_checked

LONG = "x" * 300


@pytest.mark.parametrize(
    ("kind", "keys", "row"),
    [
        ("accounts_and_contacts", ["account.name"], [LONG]),
        ("accounts_and_contacts", ["account.company_name"], [LONG]),
        ("accounts_and_contacts", ["contact.first_name", "contact.last_name"], ["", LONG]),
        ("accounts_and_contacts", ["contact.full_name"], [LONG]),
        ("accounts", ["account.name", "account.city"], [LONG, "Gent"]),
        ("contacts", ["contact.last_name"], [LONG]),
        ("contacts", ["contact.email"], ["jan@@x"]),
        ("contacts", ["contact.full_name"], ["Jan & An Peeters"]),
    ],
)
def test_a_wrong_name_is_not_missing_as_well(kind, keys, row):
    found = rows_checked(keys, row, kind=kind)
    assert len(found.problems) == 1
    assert found.problems[0].code != "missing_required"


def test_a_blank_name_is_missing():
    found = rows_checked(["account.name", "account.city"], ["", "Gent"])
    assert [problem.code for problem in found.problems] == ["missing_required"]


SPELLINGS = [
    ("Jan", "JAN"),
    ("Café", "cafe"),
    ("Rue  de la Loi", "RUE DE LA LOI"),
    ("a@B.be", "A@b.be"),
    ("abc", "ABC"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
@pytest.mark.parametrize(
    "name",
    [
        "first_name",
        "city",
        "address_line1",
        "notes",
        "client_code",
        "email",
        "custom.f1",
        "website",
        "job_title",
    ],
)
def test_case_accents_and_spaces_are_no_conflict(name, one, other):
    assert _is_spelling(name, one, other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [("city", "Gent", "Genk"), ("client_code", "A-1", "A1"), ("name", "Elm BV", "Elm NV"), ("notes", "A+", "A-"),
     ("city", CLEAR, "clear"), ("phone", "+321", "+322")],
)  # fmt: skip
def test_other_values_are_a_conflict(name, one, other):
    assert not _is_spelling(name, one, other)


BOTH = {"account.name": ["Bakery"], "contact.last_name": ["Elm"]}
IDS = {"account": ["f/a"], "contact": ["f/c"]}


def language(columns, chosen, *existing):
    """The language of the contact that is made."""
    found = checks({**BOTH, **columns}, IDS, dict([existing]) if existing else None)
    rows = rows_to_plan(found, [(0, 0)])
    known = context(("accounts", existing[1])) if existing else context()
    given = context(*([("accounts", existing[1])] if existing else []), settings=settings(language=chosen))
    assert known
    return plan_rows(rows, found, given, 0).creates["contacts"]["0"].record.get("language")


@pytest.mark.parametrize(
    ("own", "account", "chosen", "meant"),
    [
        ("fr", "nl", "de", "fr"), (None, "nl", "de", "nl"), (None, None, "de", "de"), (None, None, None, None),
        (None, CLEAR, None, None), (None, "nl", None, "nl"),
    ],
)  # fmt: skip
def test_a_contact_speaks_its_own_language_else_that_of_the_account_else_that_of_the_firm(
    own, account, chosen, meant
):
    assert language({"contact.language": [own], "account.language": [account]}, chosen) == meant


def test_a_contact_of_a_known_account_speaks_its_language():
    known = record("account", "f/a", name="Bakery", language="fr")
    assert language({}, "de", "f/a", known) == "fr"


def test_a_firm_that_chose_no_language_gives_none():
    mapping = {"columns": []}
    assert first_settings(mapping, DEFAULTS)["language"] is None
    dutch = {**DEFAULTS, "locale": {**DEFAULTS["locale"], "language": "nl"}}
    assert first_settings(mapping, dutch)["language"] == "nl"
    assert first_settings(mapping, {**dutch, "languages": ["fr"]})["language"] is None
    made: dict[str, object] = {}
    complete_person(made, settings(), None)
    assert made == {}
