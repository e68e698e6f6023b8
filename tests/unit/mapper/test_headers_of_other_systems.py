"""Tests header rows of address books, invoicing, accounting and tax programs, in six languages."""

from __future__ import annotations

import pytest

from services.mapper.targets.proposing import Column, propose

SHORT = {"a": "account", "c": "contact", "s": "spouse"}


def found(headers: list[str]) -> list[str]:
    columns = [Column(index, header) for index, header in enumerate(headers)]
    return [each.target or "-" for each in propose(columns, "accounts_and_contacts").columns]


def wanted(targets: str) -> list[str]:
    return [
        f"{SHORT[target[0]]}.{target[2:]}" if target != "-" else target
        for target in targets.replace("\n", " ").split()
    ]


ROWS = {
    "odoo in Spanish": (
        "Nombre|Es una empresa|Calle|Calle 2|C.P.|Ciudad|Provincia|País|NIF|Teléfono|Móvil|Correo electrónico|"
        "Sitio web|Puesto de trabajo|Etiquetas|Idioma|Referencia|Comercial|Notas",
        "a.name a.type a.address_line1 a.box a.postal_code a.city a.state a.country a.tax_id a.phone a.mobile c.email "
        "a.website c.job_title a.tags a.language a.client_code a.team_members a.notes",
    ),
    "an address book in German": (
        "Vorname|Nachname|Firma|E-Mail (Privat)|E-Mail (Arbeit)|Telefon (Mobil)|Telefon (Privat)|Straße (Privat)|"
        "Ort (Privat)|PLZ (Privat)|Geburtstag|Notiz",
        "c.first_name c.last_name a.company_name c.email_secondary c.email c.mobile c.phone_secondary c.address_line1 "
        "c.city c.postal_code c.date_of_birth c.notes",
    ),
    "debtors in German": (
        "Kundennummer|Anrede|Firma|Vorname|Name|Straße|Land|PLZ|Ort|Telefon 1|Telefon 2|Telefax|Mobil|E-Mail|"
        "Ansprechpartner|USt-IdNr.|Zahlungsbedingung|Bankleitzahl|Kontonummer|Geburtsdatum|Kundengruppe",
        "a.client_code c.prefix a.company_name c.first_name c.last_name c.address_line1 c.country c.postal_code c.city "
        "c.phone c.phone_secondary c.fax c.mobile c.email c.full_name a.tax_id - - - c.date_of_birth a.tags",
    ),
    "invoices in Italian": (
        "Tipo cliente|Denominazione|Nome|Cognome|Partita IVA|Indirizzo|Numero civico|CAP|Comune|Provincia|Nazione|"
        "Codice destinatario|PEC|Email|Telefono|Note",
        "a.type a.company_name c.first_name c.last_name a.tax_id c.address_line1 c.house_number c.postal_code c.city "
        "c.state c.country - c.email_secondary c.email c.phone a.notes",
    ),
    "a Belgian file list in French": (
        "N° dossier|Nom du dossier|Forme jur.|N° ent.|Adresse du siège|C.P.|Localité|Tél. bureau|Tél. privé|G.S.M.|"
        "Mail|Date naiss.|N° national|État civil|Nom conjoint|Prénom conjoint|NN conjoint|Gestionnaire|Clôture",
        "a.client_code a.name a.type a.kbo_number c.address_line1 c.postal_code c.city c.phone c.phone_secondary "
        "c.mobile c.email c.date_of_birth c.national_number - s.last_name s.first_name s.national_number "
        "a.team_members a.fiscal_year_end",
    ),
    "relations in Dutch": (
        "Relatiecode|Naam|Contactpersoon|Adres|Postcode|Plaats|Land|Telefoonnummer|Mobiel nummer|Faxnummer|"
        "E-mailadres|Factuur e-mailadres|Btw-nummer|KvK-nummer|IBAN|Krediettermijn|Memo",
        "a.client_code a.name c.full_name c.address_line1 c.postal_code c.city c.country c.phone c.mobile c.fax "
        "c.email a.email a.tax_id a.kbo_number - - a.notes",
    ),
    "a shop's technical names": (
        "ID|first_name|last_name|billing_company|billing_address_1|billing_address_2|billing_city|billing_postcode|"
        "billing_country|billing_phone|billing_email|shipping_first_name|shipping_address_1|shipping_city",
        "a.client_code c.first_name c.last_name a.company_name c.address_line1 c.box c.city c.postal_code c.country "
        "c.phone c.email - - -",
    ),
    "dotted paths": (
        "client.name|client.type|client.address.street|client.address.zip|contact.first_name|spouse.email",
        "a.name a.type c.address_line1 c.postal_code c.first_name s.email",
    ),
    "a tax program's household": (
        "TP SSN|TP First Name|TP MI|TP Last Name|TP DOB|SP SSN|SP First Name|SP Last Name|Address|City|State|Zip|"
        "Home Phone|Work Phone|TP Cell Phone|TP Email|SP Email|Preparer",
        "c.national_number c.first_name c.middle_name c.last_name c.date_of_birth s.national_number s.first_name "
        "s.last_name c.address_line1 c.city c.state c.postal_code c.phone_secondary c.phone c.mobile c.email s.email "
        "a.team_members",
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_headers_of_many_systems_are_understood(row):
    headers, targets = ROWS[row]
    assert found(headers.split("|")) == wanted(targets)


def test_a_second_address_and_one_to_deliver_to_are_left_out():
    headers = ["Billing Street", "Billing City", "Shipping Street", "Shipping City", "Other City"]
    assert found(headers) == wanted("c.address_line1 c.city - - -")


def test_an_address_that_comes_again_without_another_name_is_left_out():
    headers = ["Nom", "Rue", "Ville", "Code postal", "Rue", "Ville", "Code postal"]
    assert found(headers) == wanted("a.name a.address_line1 a.city a.postal_code - - -")


@pytest.mark.parametrize(
    "headers", [["Phone 1 - Type", "Phone 1 - Value"], ["E-Mail 2: Typ", "E-Mail 2: Adresse"]]
)
def test_the_kind_of_a_value_beside_it_is_no_field(headers):
    assert found(headers)[0] == "-"
    assert found(headers)[1] != "-"


def test_a_word_for_both_state_and_status_is_the_state_among_parts_of_an_address():
    assert found(["Calle", "Ciudad", "Estado", "Código postal"])[2] == "contact.state"
    assert found(["Nombre", "NIF", "Estado"])[2] == "account.status"


def test_a_client_column_beside_a_supplier_column_is_only_a_mark():
    assert found(["Nom", "Client", "Fournisseur"]) == ["account.name", "-", "-"]


@pytest.mark.parametrize("header", ["Telefoonummer", "Geburstdatum", "Adresss", "Rijksregistenummer"])
def test_small_slips_in_long_words_are_forgiven(header):
    assert found([header]) != ["-"]


@pytest.mark.parametrize("header", ["Nmae", "Emil", "Tell"])
def test_short_words_are_not_guessed(header):
    assert found([header]) == ["-"]


def test_a_word_that_begins_all_headers_and_says_nothing_is_left_out():
    headers = ["CT_Intitule", "CT_Adresse", "CT_CodePostal", "CT_Ville", "CT_Telephone", "CT_EMail"]
    assert found(headers) == wanted("a.name a.address_line1 a.postal_code a.city a.phone c.email")


def test_a_strange_word_before_few_headers_is_not_left_out():
    assert found(["Zork Phone", "Name", "City", "Country"])[0] == "-"


def test_the_fields_of_a_second_contact_are_not_those_of_the_first():
    headers = ["Contact 1: Email", "Contact 1: Phone", "Contact 2: Email", "Contact 2: Phone"]
    assert found(headers) == wanted("c.email c.phone - -")


def test_a_role_in_a_list_of_persons_is_what_they_do():
    assert found(["Nome", "Cognome", "Ruolo"]) == wanted("c.first_name c.last_name c.job_title")
    assert found(["Account Name", "Account Type", "Roles"])[2] == "account.roles"


def test_a_work_number_of_a_person_is_a_phone():
    assert found(["First name", "Last name", "Job title", "Work number"])[3] == "contact.phone"


def test_lines_may_be_numbered_in_words():
    assert found(["Address Line One", "Address Line Two"]) == wanted("c.address_line1 c.box")
