"""The fields of an account: the person, company or family that the firm works for and bills."""

from __future__ import annotations

from shared.contract.fields.address import AddressFields
from shared.contract.fields.declaring import (
    BirthDate,
    Choice,
    Date,
    Email,
    EnterpriseNumber,
    Language,
    Members,
    Name,
    Phone,
    PhonePrefix,
    TaxId,
    Text,
    TextList,
    Url,
    YearEnd,
)
from shared.contract.texts.catalogues import gettext_noop as _

ACCOUNT_TYPES = {
    "Individual": "Individuals; Person; Natural person; Private; Private individual; Personal; Private client; Human;"
    " Particulier; Particuliers; Personne; Personne physique; Individu; Individuel; Privé; Persoon; Natuurlijk persoon;"
    " Natuurlijke persoon; Privépersoon; Particulieren; Individueel; Privatperson; Natürliche Person; Privatkunde;"
    " Einzelperson; Persona; Persona física; Particular; Individuo; Persona fisica; Privato; IPP; PB; I; P; PP; NP;"
    " 1040",
    "Company": "Companies; Business; Corporate; Corporation; Organisation; Organization; Legal entity;"
    " Firm; Legal person; Non-personal; Enterprise; Self-employed; Sole proprietor; Sole proprietorship;"
    " Sole trader; Partnership; Association; Foundation; Charity; Non-profit; Nonprofit; Société; Entreprise;"
    " Personne morale; Société commerciale; Indépendant; Entreprise individuelle; ASBL; Fondation; Bedrijf;"
    " Vennootschap; Onderneming; Rechtspersoon; Eenmanszaak; Zelfstandige; Zaak; VZW; Vereniging; Stichting;"
    " Unternehmen; Firma; Gesellschaft; Juristische Person; Verein; Stiftung; Selbständig; Empresa; Sociedad;"
    " Persona jurídica; Autónomo; Azienda; Società; Persona giuridica; BV; BVBA; NV; SRL; SPRL; SA; SC; CV; VOF;"
    " CommV; SComm; Ltd; LLC; Inc; C; S; PM; RP; 1120; 1120S; 1120-S; 1065",
    "Other": "Others; Family; Household; Couple; Autre; Autres; Famille; Ménage; Foyer; Andere; Anders; Overige;"
    " Overig; Gezin; Familie; Huishouden; Sonstige; Sonstiges; Haushalt; Otro; Otros; Familia; Hogar; Altro; Altri;"
    " Famiglia; O",
}


class AccountFields(AddressFields):
    """Fields whose keys begin with `account.`."""

    name = Name(
        _("Account name"),
        required=True,
        en="Client name; Client; Customer; Customer name; Name; Display name (account); Account"
        " title; Name of client; Client / company name; Household name; Account full name; Trading name;"
        " Client account; Customer full name; Customer display name; Relation name",
        fr="Nom du client; Client; Nom; Compte; Dénomination; Nom client; Intitulé; Intitulé du compte;"
        " Nom du dossier; Dossier; Nom dossier; Nom complet du client; Dénomination du client; Nom de compte;"
        " Libellé client; Relation",
        nl="Klantnaam; Naam klant; Naam; Klant; Naam van de klant; Dossiernaam; Dossier; Relatie;"
        "  Naam account; Naam account; Benaming; Naam dossier; Volledige naam klant;"
        " Cliënt; Cliëntnaam",
    )
    type = Choice(
        _("Account type"),
        choices=ACCOUNT_TYPES,
        en="Client type; Type; Customer type; Type of client; Type of account; Entity type; Legal form;"
        " Person or company; Category; Company type; Legal entity type; Classification; Client category;"
        " Customer category; Business type; Entity; Individual/Company; Type of customer; Return type",
        fr="Type de client; Type; Type client; Catégorie; Type d'entité; Forme juridique; Nature du client;"
        " Type du tiers; Personne physique / morale; Type de relation; Type de dossier; Classification",
        nl="Type klant; Type; Klanttype; Soort klant; Type relatie; Rechtsvorm; Categorie; Soort;"
        " Relatietype; Relatie type; Type account; Soort relatie; Juridische vorm; Type dossier;"
        " Classificatie; Persoon of bedrijf",
    )
    company_name = Name(
        _("Company name"),
        en="Company; Organization; Organisation; Organization name; Organisation name; Business name;"
        " Business; Legal name; Registered name; Name (company name); Firm name; Employer; Entity name;"
        " Organization 1 name; Company legal name; Name of company; Legal entity name; Corporate name;"
        " Trading name; Client / company name",
        fr="Société; Entreprise; Raison sociale; Nom de la société; Nom société; Dénomination sociale;"
        " Nom entreprise; Organisation; Nom commercial; Dénomination de l'entreprise; Nom de l'organisation",
        nl="Bedrijf; Firma; Firmanaam; Organisatie; Vennootschap; Naam vennootschap; Naam bedrijf;"
        " Onderneming; Maatschappelijke naam; Ondernemingsnaam; Handelsnaam; Naam onderneming;"
        " Vennootschapsnaam; Organisatienaam; Naam firma",
    )
    email = Email(
        _("Account e-mail"),
        en="Company email; Business email; Billing email; Invoice email; Account email address;"
        " Office email; General email; Email for invoices; Accounts email; Company e-mail address",
        fr="E-mail de la société; E-mail société; E-mail entreprise; E-mail de facturation; Email du client;"
        " E-mail général; E-mail facturation; Email facture; Adresse e-mail de facturation",
        nl="E-mail bedrijf; Bedrijfs e-mail; E-mail factuur; E-mail facturatie; Algemene e-mail; Factuur"
        " e-mail; Facturatie e-mail; E-mail onderneming; E-mailadres facturatie; Algemeen e-mailadres",
    )
    tags = TextList(
        _("Account tags"),
        en="Tags; Tag; Labels; Label; Groups; Client group; Client tags; Segments; Keywords; Categories;"
        " Client groups; Account labels; Account groups; Group membership",
        fr="Mots clés; Mots-clés; Étiquettes; Étiquette; Labels; Tags; Libellés; Groupes; Groupe de clients;"
        " Tags du compte; Catégories; Groupe; Étiquettes de compte",
        nl="Labels; Label; Tags; Trefwoorden; Etiketten; Groepen; Klantengroep; Categorieën; Klantgroep;"
        " Segmenten; Accounttags; Klantlabels; Groep",
    )
    team_members = Members(
        _("Team members"),
        en="Team member; Assignees; Assignee; Assigned to; Assigned user; Responsible; Main responsible;"
        " Owner; Client owner; Account manager; Manager; Accountant; Client manager; Relationship manager;"
        " Rep; Partner in charge; Responsible person; File manager; Case manager; Colleague; Assigned"
        " team; Account owner; Staff; Assigned user name; Preparer; Teams; Bookkeeper; Responsible email;"
        " Client partner",
        fr="Membre de l'équipe; Cessionnaires; Cessionnaire; Responsable; Responsable principal; Attribué à;"
        " Assigné à; Gestionnaire; Gestionnaire de dossier; Gestionnaires de dossier; Collaborateur;"
        " Collaborateurs; Utilisateur assigné; Comptable; Chargé de dossier; Responsable du dossier; Équipe;"
        " Collaborateurs du dossier; Gestionnaire du dossier; Client Utilisateur assigné; Dossier manager",
        nl="Teamlid; Verantwoordelijke; Hoofdverantwoordelijke; Dossiermedewerkers; Dossiermedewerker;"
        " Dossierbeheerder; Medewerker; Medewerkers; Toegewezen aan; Beheerder; Accountmanager; Team;"
        " Toegewezen gebruiker; Boekhouder; Dossierverantwoordelijke; Verantwoordelijken; Accountant;"
        " Klant toegewezen gebruiker; Klantverantwoordelijke; Relatiebeheerder; Collega",
    )
    roles = TextList(
        _("Account roles"),
        en="Account role names; Account role; Role names; Role name; Roles; Role; Client roles",
        fr="Rôles; Rôle; Noms des rôles du compte; Rôle du compte; Noms des rôles",
        nl="Rollen; Rol; Rolnamen; Rollen van account; Rol van account; Accountrol",
    )
    folder_template = Text(
        _("Folder template"),
        en="Folders; Folder structure; Folder template name; Folder",
        fr="Modèle de dossier; Structure de dossiers; Arborescence; Modèle d'arborescence",
        nl="Mapsjabloon; Mappenstructuur; Mapstructuur; Sjabloon mappen; Mappen",
    )
    client_code = Text(
        _("Client code"),
        en="Client ID; Client identifier; Client number; Client no; Client nr; Customer number; Customer"
        " code; Customer ID; Customer no; Account number; Account no; Account ID; Account code; Reference;"
        " Client ref; Client reference; File number; A/C; A/C ref; External ID; Code; Ref; Customer"
        " reference; Number; ID number; Internal code; Account reference; Debtor number; File code; File"
        " no; Relation number; Our reference",
        fr="Numéro client; N° client; Numéro de client; Référence client; Référence; Identifiant client;"
        " Code; ID client; Réf. client; N° de dossier; Numéro de dossier; Compte client; Numéro; N° de"
        " client; Réf; Num client; Code dossier; Code interne; Compte auxiliaire; Référence externe; N°"
        " dossier; Code relation",
        nl="Klantnummer; Klantnr; Klant nr; Klant ID; Klantreferentie; Relatienummer; Relatiecode; Code;"
        " Referentie; Dossiernummer; Debiteurnummer; Debiteurennummer; Nummer; Klantennummer; Dossiercode;"
        " Dossiernr; Relatie nr; Interne code; Externe code; Klantenrekening; Klant code; Interne"
        " referentie; Cliëntnummer",
    )
    kbo_number = EnterpriseNumber(
        _("Enterprise number"),
        en="KBO number; KBO; CBE number; CBE; BCE number; Company number; Company registration number;"
        " Registration number (company); Enterprise no; KBO/BCE number; Business number; Register code;"
        " Company reg no; Crossroads bank number; Enterprise nr; Companies house number;"
        " Registration number; Register number",
        fr="Numéro KBO; Numéro BCE; N° d'entreprise; N° entreprise; BCE; N° BCE; SIREN; SIRET; Numéro"
        " entreprise; Numéro SIRET; Numéro SIREN; N° SIRET; N° SIREN; Numéro BCE/KBO; Num. entreprise;"
        " Numéro de société; Numéro d'entreprise (BCE)",
        nl="KBO-nummer; KBO; KBO nr; Ondernemingsnr; Ondernemingsnr.; KvK; KvK-nummer; KBO nummer;"
        " BCE-nummer; Kruispuntbanknummer; Kamer van Koophandel; Ondernemings nummer; Ondernemingsnummer"
        " (KBO); KvK nr",
    )
    tax_id = TaxId(
        _("Tax number"),
        en="VAT number; VAT; VAT no; VAT nr; VAT ID; VAT registration number; VAT Reg No; VatRegNumber;"
        " Tax ID; TIN; EIN; Tax registration number; Tax identification number; Federal ID; Tax no;"
        " Federal EIN; Tax reference; UTR; ABN; Sales tax number; Fiscal number; VAT code; EU VAT number;"
        " Tax code; GST number; FEIN",
        fr="Numéro de TVA; N° TVA; TVA; Numéro TVA; N° de TVA; Num TVA; Identifiant fiscal; TVA"
        " intracommunautaire; Numéro de TVA intracommunautaire; N° TVA intracommunautaire; Numéro"
        " d'identification fiscale; NIF; N° fiscal; Code TVA; Numéro TVA intracommunautaire",
        nl="BTW-nummer; BTW; BTW nr; BTW nummer; Belastingnummer; Btwnummer; Btw-nr.;"
        " BTW-identificatienummer; Fiscaal identificatienummer; Fiscaal nr; BTW-id; Fiscaal ID",
    )
    fiscal_year_end = YearEnd(
        _("Fiscal year end"),
        en="Year end; Financial year end; FYE; Accounting year end; Fiscal year; Year end date; Closing date;"
        " Fiscal year end date; Balance sheet date; FY end; Accounting reference date",
        fr="Clôture; Date de clôture; Fin exercice; Clôture exercice; Date de clôture de l'exercice;"
        " Exercice fiscal; Fin de l'exercice comptable; Clôture comptable; Bilan au; Date de bilan",
        nl="Boekjaar einde; Afsluitdatum; Einde boekjaar datum; Afsluiting boekjaar; Boekjaareinde;"
        " Balansdatum; Boekjaar; Datum afsluiting boekjaar; Afsluitdatum boekjaar",
    )
    website = Url(
        _("Website"),
        en="Web site; Web; URL; Web page; Web address; Homepage; Home page; Business web page; Web page 1;"
        " Website 1 value; URL (company website); Company website; Internet; Website URL; WWW",
        fr="Site internet; Page web; Site; Adresse web; Internet; Site Web de l'entreprise; Site web société",
        nl="Webpagina; Webadres; Web; Site; Internet; Internetadres; Webstek; Homepage; Internetsite",
    )
    notes = Text(
        _("Account notes"),
        en="Notes; Note; Comments; Comment; Description; Remarks; Remark; Memo; Notepad; Public notes;"
        " Private notes; Additional information; Internal notes; Internal note; Client notes",
        fr="Notes; Note; Remarques; Remarque; Commentaire; Commentaires; Description; Observations; Mémo;"
        " Notes personnelles; Note publique; Informations complémentaires; Note interne; Notes internes",
        nl="Notities; Notitie; Opmerkingen; Opmerking; Beschrijving; Omschrijving; Commentaar; Memo;"
        " Privénotities; Bijkomende info; Publieke opmerkingen; Nota; Nota's; Interne opmerkingen; Info;"
        " Interne notities",
    )
    currency = Text(
        _("Currency"),
        en="Currency code; Client currency; Invoice currency; Currency ISO; Default currency",
        fr="Monnaie; Code devise; Client devise; Devise du client; Devise par défaut",
        nl="Munt; Valuta; Valutacode; Muntcode; Klant munteenheid",
    )
    industry = Text(
        _("Industry"),
        en="Sector; Business sector; Line of business; Business activity; Activity; SIC; Nace; NACE code;"
        " IndustryID; SIC code; Industry code; NAICS code; Nature of business; Industry sector; Economic"
        " activity",
        fr="Secteur; Activité; Code NACE; Branche; Industrie; NAF; Code APE; Code NAF; Domaine d'activité;"
        " NAF (Ex APE); Activité principale; NACE",
        nl="Activiteit; Branche; NACE-code; Industrie; Bedrijfstak; Activiteiten; Bedrijfssector;"
        " Sector/branche; Hoofdactiviteit; Bedrijfsactiviteit; NACE",
    )
    status = Text(
        _("Status"),
        en="Client status; Account status; Active; State of client; Customer status; Enabled; Account state;"
        " Is active; Taxpayer status; Inactive; Client inactive",
        fr="Statut du client; État du client; Actif; Statut client; Statut du compte; Actif ?; Statut du"
        " dossier",
        nl="Klantstatus; Actief; Status klant; Statuut; Status relatie; Status dossier",
    )
    created_date = Date(
        _("Created on"),
        en="Created; Created at; Date created; Creation date; CreatedDate; Client since; Customer since;"
        " Start date; Created (UTC); Date added; Client start date; Onboarding date; Date joined;"
        " Engagement date; Created date",
        fr="Créé le; Client depuis; Date d'entrée; Date de début; Date d'ajout; Date création; Date début"
        " client; Date de début de collaboration; Client depuis le",
        nl="Aangemaakt op; Startdatum; Klant sinds; Aangemaakt; Datum aangemaakt; Creatiedatum; Startdatum"
        " klant; Begindatum; Datum start; Start samenwerking; Datum in dienst klant",
    )
    pit_deadline = Date(
        _("PIT deadline"),
        en="Personal income tax deadline; Deadline PIT; Tax return deadline",
        fr="Échéance IPP; Date limite de l'IPP; Date limite déclaration",
        nl="Deadline personenbelasting; Uiterste datum PB; Deadline aangifte",
    )
    phone = Phone(
        _("Account phone"),
        en="Account telephone",
        fr="Tél. du compte",
        nl="Telefoon account",
    )
    email_secondary = Email(
        _("Additional account e-mail"),
        en="Second account e-mail",
        fr="Deuxième e-mail du compte",
        nl="Tweede e-mail account",
    )
    phone_prefix = PhonePrefix(
        _("Account phone country code"),
        en="Account phone prefix",
        fr="Préfixe téléphonique du compte",
        nl="Telefoonprefix account",
    )
    phone_secondary = Phone(
        _("Second account phone"),
        en="Account phone 2",
        fr="Téléphone du compte 2",
        nl="Telefoon account 2",
    )
    fax = Phone(
        _("Account fax"),
        en="Account fax number",
        fr="Fax compte",
        nl="Faxnummer account",
    )
    mobile = Phone(
        _("Account mobile"),
        en="Account mobile number",
        fr="GSM du compte",
        nl="Gsm account",
    )
    language = Language(
        _("Account language"),
        en="Language of account",
        fr="Langue compte",
        nl="Taal account",
    )
    date_of_birth = BirthDate(
        _("Account date of birth"),
        en="Date of birth of account",
        fr="Date de naissance (compte)",
        nl="Geboortedatum account",
    )
    record_id = Text(
        _("Carryover account ID"),
        en="Carryover account identifier; account_record_id",
        fr="Identifiant Carryover du compte",
        nl="Carryover-ID van het account",
    )
