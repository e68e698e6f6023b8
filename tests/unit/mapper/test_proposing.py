"""Tests proposals: one assignment for the whole file, with confidence and a reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mapper.headers.normalising import near, plain
from services.mapper.targets.proposing import Column, Proposal, complete, propose
from shared.contract.fields import FIELDS

BOTH = "accounts_and_contacts"


def proposed(headers: list[str], kind: str = BOTH, samples: dict[str, list[str]] | None = None) -> Proposal:
    given_samples = samples or {}
    columns = [Column(index, header, given_samples.get(header, [])) for index, header in enumerate(headers)]
    return propose(columns, kind)


def targets(
    headers: list[str], kind: str = BOTH, samples: dict[str, list[str]] | None = None
) -> list[str | None]:
    return [each.target for each in proposed(headers, kind, samples).columns]


@pytest.mark.parametrize("lang", ["en", "fr", "nl"])
@pytest.mark.parametrize("record", ["account", "contact"])
def test_files_headed_by_our_own_labels_map_completely(record, lang):
    kind = record + "s"
    fields = [each for each in FIELDS.values() if each.record == record]
    found = targets([each.label(lang) for each in fields], kind)
    assert found == [each.key for each in fields]


def test_the_platforms_own_headers_map_to_their_fields():
    headers = [
        "Account Name",
        "Account Type",
        "Company name",
        "Account Tags",
        "Team Members",
        "Account Role Names",
    ]
    headers += ["Contact Name", "First Name", "Last Name", "Email", "Phone Number"]
    assert targets(headers) == [
        "account.name",
        "account.type",
        "account.company_name",
        "account.tags",
        "account.team_members",
        "account.roles",
        "contact.full_name",
        "contact.first_name",
        "contact.last_name",
        "contact.email",
        "contact.phone",
    ]


def test_the_belgian_declaration_template_maps_with_its_partner_columns():
    headers = [
        "First name",
        "Last name",
        "Email",
        "Mobile number",
        "National register number",
        "Street",
        "House no.",
    ]
    headers += [
        "Box",
        "Postcode",
        "City",
        "Country",
        "Labels",
        "Partner's register number",
        "Language",
        "KBO number",
    ]
    assert targets(headers) == [
        "contact.first_name",
        "contact.last_name",
        "contact.email",
        "contact.mobile",
        "contact.national_number",
        "contact.address_line1",
        "contact.house_number",
        "contact.box",
        "contact.postal_code",
        "contact.city",
        "contact.country",
        "account.tags",
        "spouse.national_number",
        "contact.language",
        "account.kbo_number",
    ]


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("PRENOM", "contact.first_name"),
        ("  prénom *", "contact.first_name"),
        ("FirstName", "contact.first_name"),
        ("first_name", "contact.first_name"),
        ("Postcode (mandatory)", "contact.postal_code"),
        ("N° d'entreprise", "account.kbo_number"),
        ("BTW-nr.", "account.tax_id"),
        ("Numéro de TVA", "account.tax_id"),
        ("Rijksregisternr", "contact.national_number"),
        ("Customer: Customer number", "account.client_code"),
        ("Contact person: First name", "contact.first_name"),
    ],
)
def test_headers_match_without_regard_to_case_accents_punctuation_and_marks(header, target):
    assert targets([header]) == [target]


@pytest.mark.parametrize(
    "header", ["Shoe size", "IBAN", "Custom 1", "", "???", "Billing terms", "Last modified"]
)
def test_unknown_headers_get_no_suggestion_but_a_reason(header):
    suggestion = proposed([header]).columns[0]
    assert (suggestion.action, suggestion.target, suggestion.confidence) == ("skip", None, 0.0)
    assert suggestion.why


def test_a_bare_name_beside_first_names_is_a_surname():
    assert targets(["Naam", "Voornaam"]) == ["contact.last_name", "contact.first_name"]


def test_a_bare_name_alone_is_the_account():
    assert targets(["Nom", "E-mail"]) == ["account.name", "contact.email"]


def test_of_two_bare_names_the_one_beside_the_first_name_is_the_surname():
    assert targets(["Nom", "Ville", "Prénom", "Nom"]) == [
        "account.name",
        "contact.city",
        "contact.first_name",
        "contact.last_name",
    ]


def test_a_bare_name_beside_both_names_of_a_contact_is_the_full_name():
    assert targets(["Name", "First name", "Last name"], "contacts")[0] == "contact.full_name"


def test_a_title_is_a_form_of_address_where_its_values_say_so():
    assert targets(["Title"], samples={"Title": ["Mr", "Mrs"]}) == ["contact.prefix"]


def test_of_two_titles_the_one_that_names_the_job_leaves_the_other_for_the_form_of_address():
    assert targets(["Titre", "Fonction"]) == ["contact.prefix", "contact.job_title"]


def test_a_column_headed_email_without_a_single_address_is_not_suggested():
    assert targets(["Email"], samples={"Email": ["yes", "no"]}) == [None]


def test_a_second_phone_column_becomes_the_second_phone():
    assert targets(["Phone", "Telephone"]) == ["contact.phone", "contact.phone_secondary"]


def test_a_day_of_birth_in_a_column_of_its_own_is_no_date():
    assert targets(["Birth Month", "Birth Day"]) == [None, None]


def test_several_columns_may_fill_a_field_that_repeats():
    assert targets(["Responsible", "Main responsible"]) == ["account.team_members", "account.team_members"]


@pytest.mark.parametrize(
    ("header", "kind", "target"),
    [
        ("Email", "accounts", "account.email"),
        ("Email", "contacts", "contact.email"),
        ("City", "accounts", "account.city"),
        ("Tags", "contacts", "contact.tags"),
        ("Tags", BOTH, "account.tags"),
        ("First name", "accounts", None),
    ],
)
def test_the_kind_of_import_decides_which_record_a_header_means(header, kind, target):
    assert targets([header], kind) == [target]


def test_a_whole_word_is_surer_than_a_compound_of_it_and_that_surer_than_one_with_strange_words():
    found = proposed(["Gsm-nummer", "Ondernemingnummers", "Phone zzz"]).columns
    assert found[0].confidence > found[1].confidence > 0.8
    assert found[2].target is None
    assert found[2].candidates[0].target == "contact.phone"
    assert all(each.why for each in found)


@pytest.mark.parametrize(
    ("headers", "kind", "expected"),
    [
        (["Account type", "Name"], BOTH, {"mode": "column", "column": 0}),
        (["First name", "Last name"], BOTH, {"mode": "fixed", "value": "Individual"}),
        (["Company name", "City"], BOTH, {"mode": "fixed", "value": "Company"}),
        (["Company name", "First name"], BOTH, {"mode": "skip"}),
        (["First name"], "contacts", {"mode": "skip"}),
    ],
)
def test_the_account_type_follows_from_the_columns(headers, kind, expected):
    assert proposed(headers, kind).account_type == expected


@pytest.mark.parametrize(
    ("headers", "kind", "missing"),
    [
        (["Account name"], BOTH, []),
        (["First name"], BOTH, []),
        (["Company name"], BOTH, []),
        (["Email"], BOTH, ["account.name"]),
        (["Email"], "contacts", []),
        (["City"], "contacts", ["contact.full_name"]),
        (["City"], "accounts", ["account.name"]),
    ],
)
def test_what_is_still_needed_is_reported_per_kind(headers, kind, missing):
    assert complete(proposed(headers, kind), kind) == missing


words = st.sampled_from(
    [word for each in FIELDS.values() for aliases in each.aliases.values() for word in aliases]
)


@settings(deadline=None)
@given(st.lists(words | st.text(max_size=12), max_size=25))
def test_a_target_that_does_not_repeat_is_given_once_and_every_column_is_answered(headers):
    found = targets(headers)
    single = [target for target in found if target and not FIELDS[target].repeats]
    assert len(found) == len(headers)
    assert len(single) == len(set(single))


def test_plain_and_near_forms_are_what_they_say():
    assert plain("N° d’Entreprise (Optional)") == "n d entreprise"
    assert near("Date de la naissance (jj/mm/aaaa)") == "datenaissance"


@pytest.mark.parametrize(
    "headers",
    [
        "Client name|Address|Zip|City|Country|Phone|Language|Notes",
        "Naam klant|Straat|Huisnummer|Postcode|Gemeente|Gsm|Taal",
        "Nom du client|Rue|Code postal|Localité|Téléphone|Date de naissance|Langue",
        "Company|Street|Postal code|City|Mobile",
    ],
)
def test_what_a_list_without_people_says_is_of_the_account(headers: str) -> None:
    columns = [Column(at, header) for at, header in enumerate(headers.split("|"))]
    targets = [each.target for each in propose(columns, "accounts_and_contacts").columns]
    assert all(target and target.startswith("account.") for target in targets), targets
    people = [*columns, Column(len(columns), "First name"), Column(len(columns) + 1, "Last name")]
    targets = [each.target for each in propose(people, "accounts_and_contacts").columns]
    assert "contact.city" in targets


def test_an_import_of_accounts_alone_fills_the_account_with_what_would_be_of_a_contact() -> None:
    headers = ["Client name", "Phone", "Gsm", "Birthday", "First name"]
    assert targets(headers, "accounts") == [
        "account.name",
        "account.phone",
        "account.mobile",
        "account.date_of_birth",
        None,
    ]
