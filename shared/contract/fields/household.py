"""The fields of a spouse or partner on the same row: a household row gives one account with two contacts."""

from __future__ import annotations

from marshmallow import Schema

from shared.contract.fields.declaring import (
    BirthDate,
    Email,
    EnterpriseNumber,
    Language,
    Name,
    Phone,
    RegisterNumber,
    Relationships,
)
from shared.contract.texts.catalogues import gettext_noop as _


class SpouseFields(Schema):
    """Fields whose keys begin with `spouse.`."""

    first_name = Name(
        _("Spouse first name"),
        en="Partner first name; Partner's first name; Spouse's first name; First name spouse; First name"
        " partner; Spouse firstname; Spouse given name; SP first name; Spouse first; First name (spouse)",
        fr="Prénom du partenaire; Prénom conjoint; Prénom partenaire; Prénom de l'époux; Prénom de l'épouse;"
        " Prénom conjoint(e); Prénom du cohabitant",
        nl="Partner voornaam; Voornaam echtgenoot; Voornaam echtgenote; Voornaam van partner; Voornaam"
        " (partner); Voornaam echtgeno(o)t(e)",
    )
    last_name = Name(
        _("Spouse last name"),
        en="Partner last name; Partner's last name; Spouse's last name; Last name spouse; Last name partner;"
        " Spouse surname; Spouse lastname; Partner surname; SP last name; Spouse last; Last name (spouse)",
        fr="Nom du partenaire; Nom conjoint; Nom partenaire; Nom de famille du conjoint; Nom de l'épouse;"
        " Nom de famille du partenaire; Nom de l'époux; Nom conjoint(e)",
        nl="Partner achternaam; Familienaam partner; Naam echtgenoot; Naam echtgenote; Achternaam echtgenoot;"
        " Achternaam van partner; Familienaam echtgenoot; Achternaam (partner); Partner familienaam",
    )
    email = Email(
        _("Spouse email"),
        en="Partner email; Spouse e-mail; Email spouse; Email partner; Partner's email; Spouse's email;"
        " Spouse email address; Partner email address; E-mail (spouse)",
        fr="E-mail du partenaire; Email conjoint; Email partenaire; Adresse e-mail du conjoint; Mail"
        " conjoint; Adresse e-mail du partenaire",
        nl="Partner e-mail; E-mailadres partner; E-mail echtgenoot; E-mail echtgenote; E-mail van partner;"
        " Mailadres partner; E-mail (partner)",
    )
    mobile = Phone(
        _("Spouse mobile number"),
        en="Partner mobile; Spouse mobile; Spouse phone; Partner phone; Spouse cell; Partner mobile number;"
        " Spouse cell phone; Spouse phone number; Partner phone number; Partner's mobile number",
        fr="GSM du conjoint; GSM partenaire; Téléphone du conjoint; GSM conjoint; Téléphone du partenaire;"
        " Mobile du partenaire",
        nl="Gsm-nummer partner; Partner gsm; Telefoon partner; Gsm echtgenoot; Mobiel partner;"
        " Telefoonnummer partner",
    )
    date_of_birth = BirthDate(
        _("Spouse date of birth"),
        en="Partner date of birth; Spouse DOB; Spouse birthday; Spouse birth date; Partner's date of birth;"
        " Partner birthday",
        fr="Date de naissance du partenaire; Naissance conjoint; Date de naissance conjoint",
        nl="Partner geboortedatum; Geboortedatum echtgenoot; Geboortedatum echtgenote; Geboortedatum van"
        " partner",
    )
    national_number = RegisterNumber(
        _("Spouse national register number"),
        en="Partner's register number; Partner register number; Partner national register number; Spouse SSN;"
        " Spouse national number; Partner's national register number; Spouse social security number;"
        " Spouse register number; Partner national number; SP SSN",
        fr="Numéro de registre du partenaire; Numéro national du conjoint; Numéro national du partenaire;"
        " Numéro de registre national du partenaire; NISS conjoint; Registre national conjoint; N°"
        " national conjoint; NISS du conjoint; NISS du partenaire; Numéro de registre du conjoint",
        nl="Partner rijksregisternummer; Rijksregisternummer van partner; Rijksregisternummer echtgenoot;"
        " Nationaal nummer partner; INSZ partner; Rijksregisternr partner; Registernummer partner",
    )
    kbo_number = EnterpriseNumber(
        _("Spouse enterprise number"),
        en="Partner's enterprise number; Partner's KBO number; Partner KBO number; Partner enterprise"
        " number; Spouse KBO number",
        fr="Numéro d'entreprise du partenaire; Numéro BCE du partenaire; Numéro KBO du partenaire;"
        " Numéro BCE du conjoint",
        nl="Partner ondernemingsnummer; KBO-nummer partner; Ondernemingsnummer van partner",
    )
    language = Language(
        _("Spouse language"),
        en="Partner language; Partner's language; Spouse's language",
        fr="Langue du partenaire; Langue conjoint",
        nl="Partner taal; Taal van partner; Taal echtgenoot",
    )
    relationship = Relationships(
        _("Spouse relationship"),
        en="Relationship of spouse; Partner relationship; Relationship of partner",
        fr="Lien du conjoint; Lien du partenaire",
        nl="Verwantschap partner; Verwantschap van de partner",
    )
