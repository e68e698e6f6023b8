"""Words that stand in headers of client lists, and in rows that are no clients, in the languages of Europe."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Each line a language; a word that is also a usual value (a city, a first name) is left out.
_HEADERS = _words("""
    col column field header attribute kolom spalte colonne columna colonna kolumna
    id no nr num number name names firstname lastname surname forename company organisation organization
    client customer
    contact email mail phone telephone tel mobile fax address street road city town zip postcode postal
    country
    region     state date birth birthday age type kind code ref reference amount total balance price quantity
    qty value vat tax tags
    notes note comment comments description title status language website url category group account iban bic
    currency
    year month day time score key text label first last middle full gender sex salutation house box lat lon
    nom noms prénom prenom société societe entreprise raison sociale cliente courriel adresse rue numéro
    numero boîte
    téléphone gsm portable ville localité commune
    codepostal cp pays province tva naissance né langue montant solde libellé
    remarque remarques civilité siret siren bce prix quantité quantite désignation catégorie
    naam voornaam achternaam familienaam bedrijf bedrijfsnaam onderneming firma klant klanten klantnummer
    klantcode
    contactpersoon
    straat huisnummer bus gemeente stad woonplaats plaats postcode postnummer land telefoon telefoonnummer
    adres btw kbo ondernemingsnummer geboortedatum geslacht taal bedrag saldo omschrijving opmerking
    opmerkingen rekening
    datum soort aanhef rijksregisternummer
    vorname nachname familienname kunde kundennummer unternehmen straße strasse hausnummer ort stadt plz
    postleitzahl
    telefon telefonnummer handy geburtsdatum geburtstag geschlecht sprache betrag bemerkung bemerkungen
    beschreibung
    anrede bezeichnung ustid steuernummer konto menge preis bundesland
    nombre
    nombres apellido apellidos empresa cliente clientes calle dirección direccion domicilio ciudad población
    localidad provincia país pais teléfono telefono móvil movil correo fecha nacimiento importe observaciones
    código codigo
    nif cif dni
    cognome ragione sociale azienda società via indirizzo città citta comune cap paese nazione telefono
    cellulare
    data nascita importo codice fiscale partita iva piva
    nome apelido sobrenome rua morada endereço localidade cidade telefone telemóvel empresa código nascimento
    valor
    imię imie nazwisko nazwa ulica miasto miejscowość kod pocztowy kraj telefon adres klient kwota nip pesel
    uwagi
    jméno jmeno příjmení prijmeni ulice město mesto psč psc země telefon společnost částka poznámka ičo dič
    meno priezvisko ulica obec štát spoločnosť suma poznámka
    név nev keresztnév vezetéknév utca város irányítószám ország telefonszám cég összeg megjegyzés adószám
    cím
    nume prenume stradă strada oraș oras județ țară telefon societate firmă cod poștal sumă
    förnamn efternamn namn gata ort postnr postnummer land företag kund belopp adress telefonnummer epost
    fornavn efternavn etternavn navn gade gate by postnr firma kunde beløb beløp adresse epost
    etunimi sukunimi nimi katu osoite kaupunki postinumero maa puhelin yritys asiakas summa sähköposti
    fornafn eftirnafn nafn gata staður sími fyrirtæki kennitala netfang
    ad adı soyad soyadı cadde sokak şehir il ilçe ülke telefon şirket müşteri tutar adres eposta
    vardas pavardė gatvė miestas telefonas įmonė šalis
    vārds uzvārds iela pilsēta tālrunis uzņēmums valsts
    eesnimi perekonnanimi nimi tänav linn telefon ettevõte riik
    ime prezime naziv ulica grad mjesto država telefon tvrtka priimek kraj podjetje
    emri mbiemri qyteti rruga
    όνομα επώνυμο επωνυμία οδός διεύθυνση πόλη τηλέφωνο εταιρεία χώρα αφμ
    имя фамилия отчество улица адрес город телефон компания страна инн почта
    име презиме фирма град улица телефон държава
    ім'я прізвище вулиця місто телефон компанія країна
    שם משפחה רחוב עיר טלפון חברה
    الاسم اللقب الشارع المدينة الهاتف الشركة
    名 姓 氏名 名前 住所 都市 電話 会社 会社名 郵便番号 年齢 姓名 名字 姓氏
    地址 街道 城市 电话 公司 이름 성 주소 도시 전화 회사
    """)
_TOTALS = _words("""
    total totals subtotal sum totaal subtotaal som totale somme summe gesamt gesamtsumme zwischensumme suma razem ogółem
    łącznie celkem součet spolu összesen soma totalt summa yhteensä toplam kokku kopā iš viso ukupno σύνολο итого всего
    общо разом 合計 总计 합계
    """)
_PAGES = re.compile(
    r"(?:-+ *)?(?:page|pagina|seite|página|pág|strona|strana|oldal|sida|side|sivu|sayfa|стр)\.? *\d+"
    r"(?: *(?:of|/|de|sur|van|von|di|z|av|af) *\d+)?(?: *-+)?"
    r"|end of (?:report|file|list)|(?:fin|einde|ende|fine) .{0,30}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MOST_WORDS = 4


def names_a_column(cell: str) -> bool:
    """Whether a cell reads like the name of a column."""
    words = _WORD.findall(_spaced(cell).casefold())
    return 0 < len(words) <= _MOST_WORDS and any(word in _HEADERS for word in words)


def _spaced(cell: str) -> str:
    """`firstName` and `client_name` as words."""
    return re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", cell).replace("_", " ")


def closes_a_table(cell: str) -> bool:
    """Whether a row that starts with this cell is a total or the foot of a page."""
    words = _WORD.findall(cell.casefold())
    return bool(words) and (words[0] in _TOTALS or _PAGES.fullmatch(cell) is not None)
