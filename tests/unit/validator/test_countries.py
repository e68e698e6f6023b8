"""Countries in the forms in which lists have them; a name of several countries is asked, and never chosen."""

from __future__ import annotations

import pytest
from babel import Locale

from shared.contract.problems import sentence
from shared.values.naming import LANGUAGES
from tests.unit.validator.columns import check, problem, value

KEY = "contact.country"

#: By code, forms beside its name in six languages.
FORMS = {
    "BE": ["056", "BEL", "be", "B", "BE-VLG", "BE-BRU", "be-wal", "nl-BE", "fr_BE", "Kingdom of Belgium",
           "Belgium.", "België (Vlaanderen)", "056.0"],
    "GB": [
        "826", "GBR", "UK", "U.K.", "G.B.", "GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR", "N. Ireland", "N Ireland",
        "Northern Ireland", "Irlande du Nord", "Noord-Ierland", "Nordirland", "Irlanda del Norte", "Irlanda del Nord",
        "Écosse", "Pays de Galles", "Schottland", "Scozia", "Great Britain & Northern Ireland", "Britain", "en-GB",
    ],
    "IE": ["372", "IRL", "Republic of Ireland", "Ireland, Republic of", "Éire"],
    "KR": [
        "410", "KOR", "South Korea", "S. Korea", "Korea, Republic of", "Korea (South)", "Republic of Korea",
        "Zuid-Korea", "Corée du Sud", "Südkorea", "Corea del Sur", "Corea del Sud", "Korea (Republic of)",
    ],
    "KP": ["North Korea", "Corée du Nord", "Noord-Korea", "Nordkorea", "DPRK",
      "Korea, Democratic People's Republic of"],
    "CD": ["DR Congo", "DRC", "RDC", "Congo-Kinshasa", "Congo (Kinshasa)", "Congo, Democratic Republic of the", "COD"],
    "CG": ["Congo-Brazzaville", "Republic of the Congo", "Congo (Brazzaville)", "Congo, Republic of the", "178"],
    "US": ["840", "USA", "U.S.A.", "U.S.", "US-CA", "US-NY", "EE.UU.", "États-Unis d'Amérique", "VS", "en-US"],
    "NL": ["528", "Holland", "The Netherlands", "NL-NH", "Netherlands, Kingdom of the", "nl-NL", "Pays Bas"],
    "DE": ["276", "D", "BRD", "DE-BY", "Bundesrepublik Deutschland", "Federal Republic of Germany", "GER"],
    "FR": ["250", "F", "FR-75", "FR-IDF", "République française", "fr-FR"],
    "CH": ["756", "CH-ZH", "SUI", "fr-CH", "CH-Suisse", "Swiss Confederation"],
    "AT": ["040", "A", "AT-9"],
    "LU": ["442", "L", "LUX", "Grand-Duché de Luxembourg"],
    "CZ": ["Czech Republic", "Czechia", "Tsjechische Republiek"],
    "MD": ["Moldova, Republic of", "Republic of Moldova"],
    "IR": ["Iran, Islamic Republic of"],
    "TW": ["Taiwan, Province of China", "Taiwan"],
    "BA": ["Bosnia and Herzegovina", "Bosnie-Herzégovine", "Bosnië en Herzegovina", "Bosnien und Herzegowina"],
    "LC": ["Saint Lucia", "St. Lucia"],
    "TT": ["Trinidad and Tobago", "Trinidad & Tobago"],
    "AE": ["UAE", "U.A.E.", "United Arab Emirates", "VAE"],
    "HK": ["Hong Kong", "Hongkong", "Hongkong SAR"],
    "VN": ["Viet Nam", "Vietnam"],
    "RU": ["Russian Federation", "Russia"],
    "MK": ["Macedonia", "North Macedonia"],
    "TR": ["Turkey", "Türkiye", "Turquie"],
}  # fmt: skip


@pytest.mark.parametrize("code", FORMS)
def test_a_country_is_known_in_many_forms_and_every_change_is_shown(code):
    checked = check(KEY, *FORMS[code])
    assert dict(zip(FORMS[code], checked.values, strict=True)) == dict.fromkeys(FORMS[code], code)
    assert set(checked.fixed) == {at for at, written in enumerate(FORMS[code]) if written != code}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_a_country_in_six_languages_is_that_country_or_asked(language):
    names = {
        code: name
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code not in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "NA")
    }
    read = {code: value(KEY, name) for code, name in names.items()}
    asked = {"CG"} if language == "es" else set()  # "Congo"
    assert {code: got for code, got in read.items() if got != code and code not in asked} == {}
    assert {code: got for code in names if (got := value(KEY, code)) != code} == {}


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Congo", ["CD", "CG"]), ("congo ", ["CD", "CG"]), ("Kongo", ["CD", "CG"]), ("Korea", ["KR", "KP"]),
        ("Corée", ["KR", "KP"]), ("Corea", ["KR", "KP"]), ("Virgin Islands", ["VG", "VI"]),
        ("Czechoslovakia", ["CZ", "SK"]), ("Tsjechoslowakije", ["CZ", "SK"]), ("Serbia and Montenegro", ["RS", "ME"]),
        ("Nederlandse Antillen", ["CW", "SX", "BQ"]), ("32", ["AR", "BE"]), ("56", ["BE", "CL"]),
        ("FR-BE", ["FR", "BE"]),
        ("NL-BE", ["NL", "BE"]), ("DE-BE", ["DE", "BE"]),
    ],
)  # fmt: skip
def test_what_several_countries_are_called_is_asked(written, codes):
    found = check(KEY, written)
    assert found.values == [None]
    assert (found.problems[0].code, found.problems[0].params["countries"]) == ("ambiguous_country", codes)


@pytest.mark.parametrize(
    "written", ["the", "of", "en", "Republic", "Narnia", "Kingdom", "999", "XX-YY", "Be and Fr"]
)
def test_words_around_a_name_are_no_country(written):
    assert problem(KEY, written) == "unknown_country"


@pytest.mark.parametrize(
    ("lang", "name"), [("en", "Congo - Kinshasa"), ("fr", "Corée du Sud"), ("nl", "Zuid-Korea")]
)
def test_the_sentence_names_the_countries_in_the_language_of_the_reader(lang, name):
    codes = ["CD", "CG"] if lang == "en" else ["KR", "KP"]
    assert f"{name} ({codes[0]})" in sentence("ambiguous_country", lang, value="x", countries=codes)
