"""The fields of a contact: a person with a name, e-mail addresses, phones and an address."""

from __future__ import annotations

from shared.contract.fields.address import AddressFields
from shared.contract.fields.declaring import (
    BirthDate,
    Email,
    FullName,
    Language,
    Name,
    Phone,
    PhonePrefix,
    RegisterNumber,
    Relationships,
    Text,
    TextList,
)
from shared.contract.texts.catalogues import gettext_noop as _


class ContactFields(AddressFields):
    """Fields whose keys begin with `contact.`."""

    full_name = FullName(
        _("Contact name"),
        en="Full name; Name; Contact; Name of contact; Contact person; Person name; Primary contact; Main"
        " contact name; Main contact; Contact full name; Display name; Taxpayer name; Taxpayer; Primary"
        " contact name; File as; CONT1; Name (first and last); Contact person name; First and last"
        " name; Individual name; Complete name",
        fr="Nom complet; Nom; Contact; Personne de contact; Nom et prénom; Prénom et nom; Nom prénom; Contact"
        " principal; Nom de la personne de contact; Nom et prénoms; Interlocuteur; Prénom nom; Nom complet"
        " du contact; Nom (contribuable); Nom du contribuable",
        nl="Contactpersoon; Naam; Volledige naam; Naam contactpersoon; Contact; Voornaam en naam; Naam en"
        " voornaam; Contactnaam; Naam + voornaam; Persoon; Weergavenaam; Naam voornaam; Voornaam en"
        " achternaam; Voornaam naam; Hoofdcontact; Volledige naam contact;"
        " Naam belastingplichtige",
    )
    first_name = Name(
        _("First name"),
        en="Firstname; First; Given name; Forename; Contact first name; Taxpayer first name; Client first"
        " name; Firstname / Voornaam; Primary first name; First name(s); Christian name; Fname; Given"
        " names; TP first name",
        fr="Prénoms; Prénom du contact; Prénom contact; Prénom du client; Prénom (contribuable); Prénom(s);"
        " Prénom usuel; Prénom du contribuable; Prénom personne de contact",
        nl="Voornaam contact; Voornamen; Firstname; Roepnaam; Voornaam contactpersoon; Voornaam klant;"
        " Voornaam belastingplichtige; Voorn.",
    )
    middle_name = Text(
        _("Middle name"),
        en="Middle; Middle initial; Second name; Additional name; Middle names; MI; Middle name(s);"
        " Contact middle name; Taxpayer middle name; Middle name/initial",
        fr="Second prénom; Autres prénoms; Deuxieme prenom du contact; Nom intermédiaire",
        nl="Middelste naam; Tussenvoegsel; Tussennaam; Andere voornamen; 2e voornaam; Tweede naam",
    )
    last_name = Name(
        _("Last name"),
        en="Lastname; Last; Surname; Family name; Contact last name; Taxpayer last name; Client last name;"
        " Lastname / Achternaam; Primary last name; Second name (family); Lname; Last name(s); TP last name",
        fr="Nom; Nom du contact (famille); Nom de famille du contact; Nom patronymique; Nom de naissance;"
        " Nom usuel; Nom (contribuable); Nom du contribuable; Nom de famille du client; Patronyme",
        nl="Familienaam; Lastname; Naam; Achternaam contact; Familienaam contact; Geslachtsnaam;"
        " Achternaam contactpersoon; Familienaam klant; Achternaam klant; Naam belastingplichtige",
    )
    prefix = Text(
        _("Salutation"),
        en="Prefix; Name prefix; Title; Mr/Mrs; Salutation title; Honorific; Courtesy title; Name title;"
        " Mr/Ms; Form of address",
        fr="Titre; Préfixe; Code civilité; Titre de civilité; M./Mme; Formule de politesse; Civilité du"
        " contact",
        nl="Titel; Aanhef; Voorvoegsel; Aanspreektitel; Dhr/Mevr; Aanspreekvorm",
    )
    suffix = Text(
        _("Suffix"),
        en="Name suffix; Generational suffix; Jr/Sr; Post nominals",
        fr="Suffixe du nom",
        nl="Naamachtervoegsel; Suffix",
    )
    email = Email(
        _("Email"),
        en="E-mail; Email address; E-mail address; Mail; Contact email; Primary email; Email 1; E-mail 1;"
        " Personal email; E-mail 1 value; Main contact email; Taxpayer email; Client email; Email"
        " (primary); Main email; Private email; Contact email address; Home email; Login email; Customer"
        " email; Mail address; Emailaddress; User email",
        fr="Email; Adresse e-mail; Adresse email; Adresse mail; Mail; Courriel; E-mail du contact; Adresse"
        " courriel; Adresse de messagerie; Adresse électronique; Courrier électronique; E-mail 1; E-mail"
        " privé; E-mail client; Email principal; Mail du contact; E-mail personnel; Adresse e-mail"
        " principale",
        nl="Email; E-mailadres; Emailadres; Mailadres; Mail; E-mail contact; E-mailadres 1; E-mail adres;"
        " E-mail 1; E-mail contactpersoon; E-mailadres contact; Persoonlijk e-mailadres; E-mail privé;"
        " E-mail klant; Hoofd e-mailadres; Mail adres; Elektronisch adres; E-mailadres klant",
    )
    email_secondary = Email(
        _("Additional email"),
        en="Second email; Secondary email; Email 2; E-mail 2; Other email; Alternate email; Additional"
        " email address; E-mail 2 value; Email address 2; E-mail 2 address; Non primary e-mails;"
        " Alternative email; CC email; Non primary emails for import; Secondary email address; Second"
        " e-mail address; Business email; Office email",
        fr="Deuxième e-mail; Autre e-mail; E-mail secondaire; Adresse e-mail 2; Email secondaire; Second"
        " e-mail; Adresse e-mail supplémentaire; Adresse de messagerie 2; Autre adresse e-mail; Mail 2",
        nl="Tweede e-mail; E-mailadres 2; E-mail 2; Ander e-mailadres; Secundair e-mailadres; Extra e-mail;"
        " Tweede e-mailadres; Bijkomende e-mail; Extra e-mailadres; Alternatief e-mailadres",
    )
    phone = Phone(
        _("Phone number"),
        en="Phone; Telephone; Telephone number; Tel; Phone 1; Business phone; Work phone; Office phone;"
        " Phone work; Contact phone; Main phone; Primary phone; Landline; Phone 1 value; Main contact"
        " phone; Phone no; BusPhone; Daytime phone; Client phone; Telephone 1; Day phone;"
        " Contact number; Phone (work); Tel no; Primary phone number; Fixed line; Telephone no; Contact"
        " telephone; Contact phone number; Company phone",
        fr="Téléphone; Tél; Tél.; N° de téléphone; Téléphone fixe; Téléphone (bureau); Téléphone 1; Fixe;"
        " GSM/Tél; Téléphone du contact; Téléphone client; Téléphone professionnel; Tél fixe; Tél pro;"
        " Numéro de tél; Téléphone principal; N° téléphone; Num. téléphone; Tel professionnel; Tél bureau",
        nl="Telefoon; Tel; Tel.; Telefoon 1; Telefoonnr; Vaste telefoon; Telefoon werk; Telefoon op werk;"
        " Tel nr; Contact telefoon; Klant telefoon; Telefoon vast; Vast nummer; Hoofdtelefoon; Telefoon"
        " (werk); Telefoon kantoor; Telefoonnummer werk; Vaste lijn; Tel. vast; Telefoonnr.;"
        " Telefoonnummer 1",
    )
    mobile = Phone(
        _("Mobile number"),
        en="Mobile; Mobile phone; Mobile phone number; Cell; Cell phone; Cellphone; Phone mobile;"
        " MobPhone; GSM; Main contact mobile; Mobile no; Cell number; Cellular; Contact mobile; Mobile"
        " tel; GSM number; Cell phone number",
        fr="Mobile; Portable; GSM; Téléphone mobile; Téléphone portable; Tél portable; Tél mobile; Numéro"
        " de GSM; Numéro GSM; N° GSM; N° de GSM; N° mobile; Tél. GSM; Numéro de portable; Numéro mobile;"
        " N° de mobile",
        nl="Gsm; Mobiel; Mobiel nummer; Mobiele telefoon; Gsm nr; Mobiel telefoonnummer; Mobile; GSM nummer;"
        " Gsm-nr.; Mobiele nummer; Telefoon mobiel; Gsm contactpersoon; Tel. gsm; Mobiel nr; Draagbaar",
    )
    phone_prefix = PhonePrefix(
        _("Phone country code"),
        en="Phone prefix; Dialling code",
        fr="Préfixe téléphonique; Indicatif international",
        nl="Telefoonprefix; Landnummer telefoon",
    )
    phone_secondary = Phone(
        _("Second phone"),
        en="Phone 2; Home phone; Phone home; Alternate phone; Other phone; Secondary phone; Telephone 2;"
        " Phone 2 value; HomePhone; Evening phone; Additional phone; Second phone number; Alternative"
        " phone; Home phone number; Home telephone; Private phone; Business phone 2",
        fr="Téléphone 2; Tél perso.; Tél perso; Téléphone domicile; Téléphone privé; Autre téléphone; Tél 2;"
        " Téléphone personnel; Téléphone (domicile); Second téléphone; Tél privé; Téléphone secondaire",
        nl="Telefoon 2; Telefoon thuis; Telefoon privé; Andere telefoon; Tel 2; Privé telefoon;"
        " Telefoonnummer 2; Telefoonnummer privé; Extra telefoon; Tel. privé; Tweede telefoonnummer",
    )
    fax = Phone(
        _("Fax"),
        en="Fax number; Fax no; Business fax; Work fax; Phone fax; Faxnum; Fax (main fax line); Main"
        " contact fax",
        fr="Télécopie; Numéro de fax; N° de fax; Télécopieur; Fax professionnel; Télécopie (bureau)",
        nl="Faxnummer; Fax op werk; Faxnr; Fax werk",
    )
    job_title = Text(
        _("Job title"),
        en="Position; Occupation; Title; Job; Function; Organization title; Profession; Organization 1"
        " title; Job position; Business title; Job role",
        fr="Poste; Titre; Profession; Poste/Fonction; Titre du poste; Titre professionnel; Intitulé du"
        " poste; Métier",
        nl="Functietitel; Beroep; Titel; Jobtitel; Functieomschrijving; Rol in bedrijf",
    )
    language = Language(
        _("Language"),
        en="Preferred language; Language code; Locale; Contact language; Client language; Communication"
        " language; Correspondence language; Language of correspondence; Lang",
        fr="Langue du contact; Langue préférée; Code langue; Langue de correspondance; Langue de"
        " communication; Langue du client; Rôle linguistique",
        nl="Voorkeurstaal; Taalcode; Correspondentietaal; Communicatietaal; Taal contact; Taal klant;"
        " Taalrol; Taalkeuze",
    )
    date_of_birth = BirthDate(
        _("Date of birth"),
        en="Birthday; Birth date; Birthdate; DOB; Taxpayer date of birth; Born; Date of birth (DOB); Born"
        " on; D.O.B.; Taxpayer DOB; Client date of birth",
        fr="Né le; Anniversaire; Naissance; Date naissance; Né(e) le; DDN; Date de naissance du contact",
        nl="Verjaardag; Geboren op; Geboorte datum; Geb. datum; Geboren; Geb.datum",
    )
    national_number = RegisterNumber(
        _("National register number"),
        en="National number; Registration number; Register number; National register no; NRN; SSN; Social"
        " security number; National ID; National insurance number; NI number; INSZ; NISS; Social security"
        " no; National identification number; Taxpayer SSN; National registry number; RRN; Personal"
        " number; National registration number; BSN; NINO",
        fr="Numéro national; Registre national; N° de registre national; NISS; N° national; Numéro de"
        " registre; Numéro de sécurité sociale; N° registre national; Numéro NISS; NRN; N° NISS; Num."
        " registre national; Numéro du registre national; RRN",
        nl="Rijksregisternr; Rijksregister; Nationaal nummer; INSZ; INSZ-nummer; RRN; NISS; Rijksregister"
        " nr; Rijksregisternr.; Rijksregister nummer; BSN; Burgerservicenummer; Sofinummer; RR-nummer; RR"
        " nr; Insz nr",
    )
    linked_account = Text(
        _("Linked account"),
        en="Linked account #1; Linked accounts; Linked account 1; Related account;"
        " Parent account; Linked to account; Belongs to; Belongs to account; Linked client",
        fr="Compte lié #1; Comptes liés; Compte associé; Appartient à; Client lié; Comptes liés #1",
        nl="Gekoppeld account #1; Gekoppelde accounts; Gekoppelde klant; Hoort bij; Gelinkt account;"
        " Gekoppelde relatie",
    )
    relationship = Relationships(
        _("Relationship"),
        en="Relationship to account; Relationship to client; Relation to client; Relation to taxpayer;"
        " Relationship to taxpayer; Relationship with client; Contact relationship; Role in household;"
        " Family relationship; Kinship; Capacity",
        fr="Lien de parenté; Lien avec le client; Lien avec le compte; Parenté; Relation avec le client;"
        " Lien familial; Rôle dans le ménage; Lien avec le contribuable",
        nl="Verwantschap; Relatie tot de klant; Relatie tot klant; Band met de klant; Familieband;"
        " Rol in gezin; Verwantschapsband; Relatie met de belastingplichtige",
    )
    tags = TextList(
        _("Contact tags"),
        en="Contact labels; Contact tag; Contact groups; Tags (contact)",
        fr="Mots clés du contact; Libellés du contact; Étiquettes de contact; Tags du contact",
        nl="Contacttags; Labels contact; Labels contactpersoon; Contactgroepen",
    )
    notes = Text(
        _("Contact notes"),
        en="Contact note; Contact comments; Contact remarks; Notes (contact)",
        fr="Remarques du contact; Note du contact; Commentaires du contact",
        nl="Notities contact; Opmerkingen contact; Contactopmerkingen; Opmerkingen contactpersoon",
    )
    record_id = Text(
        _("Carryover contact ID"),
        en="Carryover contact identifier; contact_record_id",
        fr="Identifiant Carryover du contact",
        nl="Carryover-ID van het contact",
    )
