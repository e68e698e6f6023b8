"""The address fields, shared by accounts and contacts."""

from __future__ import annotations

from marshmallow import Schema

from shared.contract.fields.declaring import Country, PostalCode, Text
from shared.contract.texts.catalogues import gettext_noop as _


class AddressFields(Schema):
    """One address, in the parts that Belgian forms ask for."""

    address_line1 = Text(
        _("Street"),
        en="Address; Address line 1; Address 1; Street address; Street 1; Street line 1; Address street;"
        " Mailing address; Mailing street; Billing street; Billing address; Billing address line 1;"
        " Home address; Residential address; Business address; Work address; Business street; Street name;"
        " Primary address street; Postal address; Main address line 1; Registered address; Addr 1; BADDR1;"
        " Address 1 street; Address line; Street and number; Main address; Physical address; Residence",
        fr="Adresse; Adresse 1; Adresse ligne 1; Adresse postale; Adresse du domicile; Domicile; Voie; Rue"
        " et numéro; Nom de rue; Adresse de facturation; Adresse principale; Siège social; Adresse du"
        " siège; Rue (bureau); Rue domicile; Adresse complète; Lieu de résidence",
        nl="Adres; Adresregel 1; Adres 1; Straatnaam; Straat en nummer; Straat + nr; Straat en huisnummer;"
        " Woonadres; Postadres; Thuisadres; Maatschappelijke zetel; Werkadres straat; Factuuradres;"
        " Werkadres; Facturatieadres; Adres maatschappelijke zetel; Adres domicilie; Domicilie;"
        " Bezoekadres",
    )
    house_number = Text(
        _("House number"),
        en="House no.; House nr; Street number; Street no; Number (street); House; Building number;"
        " Address number",
        fr="N° de maison; Numéro de rue; N° rue; Num. maison; Numéro maison; N° habitation; Numéro (rue);"
        " Numéro d'habitation; No maison; N° (adresse)",
        nl="Huisnr; Huisnr.; Huis nr; Straatnummer; Huis nummer; Straatnr; Nr (adres)",
    )
    box = Text(
        _("Box"),
        en="Address line 2; Address 2; Street 2; Street line 2; PO box; P.O. Box; Post office box;"
        " Box number; Unit; Apartment; Apt; Suite; Apt/Suite; Billing apt/suite; Unit number; Flat;"
        " Address line two; Work address 2; Billing street 2; Billing address line 2; Main address line 2;"
        " Extended address; Address 1 extended address; Business street 2; BADDR2; Letter box; Mailbox",
        fr="Adresse 2; Adresse ligne 2; Complément d'adresse; Complément adresse; N° de boîte; Boîte postale;"
        " Numéro de boîte; Bte; BP; Appartement; Appt/Bâtiment; Appartement / Bureau; Rue (bureau) 2",
        nl="Busnummer; Bus nr; Busnr; Busnr.; Postbus; Adresregel 2; Adres 2; Adresaanvulling; Toevoeging;"
        " Huisnummer toevoeging; Huisnummertoevoeging; Appartement; Appartement / Busnr.; Bus/app;"
        " Werkadres 2; Straat 2; Brievenbus",
    )
    postal_code = PostalCode(
        _("Postal code"),
        en="Zip; Zip code; ZipCode; Post code; Zip/Postal code; Postal; Postal / zip code; Mailing zip;"
        " Mailing zip/postal code; Billing zip; Billing postal code; Billing zip code; Work ZipCode;"
        " Business postal code; Address 1 postal code; Primary address postal code; Main address post code;"
        " Postal/Zip code; Home postal code; Zip or postal code; Zip code + 4",
        fr="CP; Code postal (bureau); Code Postal domicile; CP domicile; Code postal de facturation; NPA;"
        " Code postal facturation",
        nl="Post code; PC; Werkadres postcode; Postnummer; Postcode woonplaats; Factuur postcode",
    )
    city = Text(
        _("City"),
        en="Town; City/Town; Town/City; Locality; Suburb; Municipality; Mailing city; Billing city; Work"
        " city; Business city; Address 1 city; Primary address city; Main address town; City or town;"
        " Address city; Home city; Village",
        fr="Commune; Localité; Ville (bureau); Ville domicile; Ville de résidence; Ville de facturation;"
        " Municipalité; Ville / Commune; Commune / Ville",
        nl="Gemeente; Plaats; Woonplaats; Stad / Gemeente; Gemeente / Stad; Plaatsnaam; Werkadres plaats;"
        " Vestigingsplaats; Localiteit; Stad/Plaats; Deelgemeente",
    )
    state = Text(
        _("State / province"),
        en="State; Province; Region; County; State/Province; State or province; Province/State; Mailing"
        " state; State / region; Billing state; Billing state/province; Billing province; Work state;"
        " Business state; Address 1 region; Primary address state; Main address county; Home state",
        fr="Province; Région; État; Département; Département/Canton; Région/Département; Canton;"
        " Département/Région; État/Province; Dép/Région (bureau); Province/État",
        nl="Provincie / staat; Staat; Staat/Provincie; Regio; Werkadres provincie; Provincie/Staat; Gewest",
    )
    country = Country(
        _("Country"),
        en="Country name; Country code; Country/Region; Country of residence; Mailing country; Nation;"
        " Billing country; Work country; Business country; Address country; Address 1 country; Home country;"
        " Primary address country; Main address country; Country ISO; Country of domicile",
        fr="Code pays; Pays de résidence; Nom du pays; Pays (bureau); Pays/région; Pays de facturation;"
        " Pays/région (bureau); Pays du domicile",
        nl="Landcode; Land/regio; Landnaam; Land van verblijf; Werkadres land; Land/regio (werk); Landencode;"
        " Woonland; Factuurland",
    )
