"""Legal forms of many countries keep companies and people apart, and give accounts a type where the file gives none."""

from __future__ import annotations

import pytest

from services.validator.match.identified import Identified, checks_of
from services.validator.plan.planning import plan_rows
from services.validator.plan.rows_to_plan import rows_to_plan
from shared.contract.legal_forms import company, is_legal_form, shows_legal_form
from tests.unit.validator.columns import check, fix, problem, value
from tests.unit.validator.planned import context
from tests.unit.validator.rows_checked import rows_checked

#: By country, names of companies as they are written there.
COMPANIES = {
    "BE": "Cedar NV|Birch BV|Elm SPRL|Elm S.P.R.L.|Birch SRL|S.A. Dupont|VZW De Brug|ASBL Le Pont|Peeters Comm.V"
    "|VME Zee"
    "|Ash CVBA|Ash VOF|Ash SNC|Ash SComm|Peeters Comm. V|Oak AISBL",
    "NL": "Beuk B.V.|Beuk N.V.|Beuk V.O.F.|Stichting Hoop|Eik Besloten Vennootschap|Coöperatie Zon|Vereniging De Ven"
    "|Iep C.V.",
    "LU": "Hêtre S.à r.l.|Hêtre SARL-S|Hêtre SCSp|Orme S.A.|Orme SENC",
    "FR": "Chêne SARL|Chêne EURL|Chêne SAS|Chêne S.A.S.U.|SCI Les Lilas|SELARL Dubois|EARL Dubois|Jean Dupont EI"
    "|GAEC du Pré"
    "|Dupont EIRL|Orme SNC|Frêne SCOP",
    "DE": "Eiche GmbH|Müller GmbH & Co. KG|Eiche AG|Buche OHG|Muster UG (haftungsbeschränkt)|Linde e.V.|Linde e.K."
    "|Esche KG"
    "|Esche gGmbH|Ulme GbR|Ulme KGaA|Ulme PartG mbB",
    "AT": "Tanne GmbH|Tanne OG|Tanne e.U.|Fichte AG",
    "CH": "Lärche Sàrl|Lärche Sagl|Lärche AG|Lärche SA|Weide GmbH|Genossenschaft Weide",
    "ES": "Roble S.L.|Roble SLU|Roble S.L.U.|Haya S.A.|Haya S.A.U.|Pino S.L.L.|Pino Sociedad Limitada",
    "IT": "Faggio S.r.l.|Faggio S.r.l.s.|Quercia S.p.A.|Quercia S.n.c.|Pioppo S.a.s.",
    "PT": "Carvalho Lda|Carvalho, Lda.|Pinho Unipessoal Lda|Pinho, S.A.|Faia SGPS",
    "GB": "Maple Ltd|Maple Limited|Maple plc|Maple LLP|Maple CIC",
    "IE": "Rowan DAC|Rowan Teoranta|Rowan CLG",
    "US": "Hickory Inc.|Hickory, Inc|Hickory LLC|Hickory L.L.C.|Hickory Corp.|Hickory Corporation|Hickory PLLC"
    "|Hickory P.C.",
    "DK": "Bøg ApS|Bøg A/S|Bøg I/S|Bøg K/S|Bøg IVS",
    "SE": "Ask AB|Ask Handels HB",
    "FI": "Koivu Oy|Koivu Oyj|Koivu KY",
    "PL": "Dąb sp. z o.o.|Dąb Sp. z o. o.|Dąb S.A.|Buk sp.k.|Buk sp. j.",
    "CZ": "Dub s.r.o.|Dub spol. s r.o.|Dub a.s.|Buk v.o.s.|Buk k.s.",
    "SK": "Jaseň s. r. o.|Jaseň a. s.",
    "HU": "Tölgy Kft.|Tölgy Bt.|Tölgy Zrt.|Tölgy Nyrt",
    "SI": "Hrast d.o.o.|Hrast d.d.|Hrast s.p.",
    "HR": "Bukva j.d.o.o.|Bukva d.o.o",
    "RO": "Stejar S.R.L.|Stejar S.A.",
    "BG": "Dab EOOD|Dab OOD|Dab AD|Дъб ЕООД|Дъб ООД",
    "GR": "Drys A.E.|Drys E.P.E.|Δρυς ΕΠΕ|Δρυς Α.Ε.|Δρυς ΙΚΕ",
    "EE": "Tamm OÜ|Tamm AS",
    "LV": "Ozols SIA|SIA Ozols",
    "LT": "UAB Ąžuolas|Ąžuolas, UAB|Ąžuolas VšĮ",
    "MT": "Balluta Ltd|Balluta plc",
    "CY": "Drys Ltd|Δρυς Λτδ",
}
PEOPLE = (
    "Jan Peeters|Maria Sá|Peter Sas|Anna Ab|Jan As|Li Ou|Marc Sa|Eva Ad|James Earl|JAN AS|Ann Se|Jean-Pierre D'Hondt"
    "|Bo Ek"
    "|Jan Van De Velde|Tom Ag|Maria da Sé|Ana Luz|Peeters|Kim Co|Li Da|Ann Sci|Mia Sia|Sa Marc|J. P. Peeters|Ed"
    "|Olga Spa"
)


@pytest.mark.parametrize("country", COMPANIES)
def test_the_legal_forms_of_a_country_show_a_company(country):
    assert [name for name in COMPANIES[country].split("|") if not shows_legal_form(name)] == []


def test_people_whose_name_is_like_a_legal_form_are_people():
    assert [name for name in PEOPLE.split("|") if shows_legal_form(name)] == []


FORMS = (
    "SARL|SAS|SASU|EURL|EI|SCI|GmbH|Lda|OÜ|s.r.o.|S.à r.l.|Sp. z o.o.|NV|N.V.|A/S|e.K.|LLC|Corp|S-Corp|C Corp"
    "|Eenmanszaak|ApS"
    "|Sole trader|d.o.o.|Kft.|Zrt|EOOD|AB|Oy|S.r.l.s.|S.p.A.|plc|UAB|SIA|SNC|VOF|Besloten Vennootschap|Comm.V"
    "|auto-entrepreneur"
    "|Einzelunternehmen|Autónomo|ditta individuale|Partnership|1120S|Unternehmen|Società|Empresa|Stichting|Verein"
)


@pytest.mark.parametrize("form", FORMS.split("|"))
def test_a_legal_form_is_a_type_of_company(form):
    assert value("account.type", form) == "Company"
    assert fix("account.type", form) == "option_recognised"


@pytest.mark.parametrize("second", ["KG", "KGaA", "OHG", "SCS", "SA", "BV"])
@pytest.mark.parametrize("between", [" & Co. ", " und Co ", " et Cie ", "/", " & ", " and Co. "])
@pytest.mark.parametrize(
    "first", ["GmbH", "AG", "UG (haftungsbeschränkt)", "Stiftung", "NV", "SARL", "Ltd", "Ges.m.b.H."]
)
def test_two_forms_together_are_a_type_of_company(first: str, between: str, second: str) -> None:
    form = f"{first}{between}{second}"
    assert value("account.type", form) == "Company"
    assert company(f"Cedar {form}")[0] == "cedar"
    assert shows_legal_form(f"Cedar {form}")


@pytest.mark.parametrize(
    "written", ["Persona física", "Privatperson", "Natürliche Person", "Persona fisica", "Particular"]
)
def test_people_are_known_in_six_languages(written):
    assert value("account.type", written) == "Individual"


@pytest.mark.parametrize("written", ["Trust", "trust", "Estate", "Family trust", "Alien"])
def test_what_is_neither_is_asked(written):
    assert problem("account.type", written) == "unknown_option"
    assert not is_legal_form(written)


def test_forms_that_are_names_are_kept_where_names_are_compared():
    assert company("Kim As") == ("kim as", "")
    assert company("Hêtre S.à r.l.") == ("hetre", "sarl")
    assert company("Dąb sp. z o.o.")[1] == company("Dąb Sp. z o. o.")[1] != ""


KEYS = [
    "account.name",
    "contact.first_name",
    "contact.last_name",
    "account.company_name",
    "account.kbo_number",
]
MIXED = [
    (["Cedar NV", "Ann", "Alder", "", ""], "Company"),
    (["Jan Peeters", "Jan", "Peeters", "", ""], "Individual"),
    (["PEETERS Jan", "Jan", "Peeters", "", ""], "Individual"),
    (["Jan Peeters", "Jan", "Peeters", "", "0403.019.261"], "Individual"),
    (["Elm GmbH", "", "", "", ""], "Company"),
    (["Bakkerij", "", "", "", "0403.019.261"], "Company"),
    (["Bakkerij", "Jan", "Elm", "Bakkerij Elm", ""], "Company"),
    (["Jan & An Peeters", "Jan", "Peeters", "", ""], "Other"),
    (["Bakkerij Peeters", "Jan", "Peeters", "", ""], "Other"),
]  # fmt: skip


def types_of_new_accounts(found, count):
    """The types that new accounts of checked rows get, in their order."""
    ids = [f"f/{at}" for at in range(count)]
    checks = checks_of(found, {"account": Identified(ids, [], {})}, frozenset())
    rows = rows_to_plan(checks, [(0, at) for at in range(count)])
    made = plan_rows(rows, checks, context(), 0).creates["accounts"]
    return [made[str(at)].record["type"] for at in range(count)]


def test_a_mixed_list_without_a_column_of_types_gives_types_row_by_row():
    found = rows_checked(KEYS, *(row for row, _ in MIXED))
    assert types_of_new_accounts(found, len(MIXED)) == [kind for _, kind in MIXED]


def test_accounts_that_are_named_after_their_person_are_individuals():
    found = rows_checked(["contact.first_name", "contact.last_name"], ["Jan", "Peeters"])
    assert types_of_new_accounts(found, 1) == ["Individual"]


def test_a_blank_type_is_found_and_a_given_one_stays():
    keys = ["account.name", "account.type"]
    found = rows_checked(keys, ["Cedar NV", ""], ["Elm NV", "Individual"], ["Oak NV", "n/a"], ["Ash", ""])
    assert types_of_new_accounts(found, 4) == ["Company", "Individual", "Company", "Other"]
    assert found.columns["account.type"] == [None, "Individual", None, None]  # existing accounts keep theirs


def test_rules_see_the_types_that_are_found():
    rules = [{"when": [{"field": "account.type", "is": "Company"}], "then": {"tags": ["firm"]}}]
    found = rows_checked(KEYS, *(row for row, _ in MIXED), rules=rules)
    assert found.rules == [[at for at, (_, kind) in enumerate(MIXED) if kind == "Company"]]


def test_a_type_may_be_emptied():
    assert check("account.type", "__CLEAR__").values == ["__CLEAR__"]
