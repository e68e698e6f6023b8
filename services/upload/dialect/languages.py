"""The languages of Latin script: their letters outside ASCII, and frequent words of their client lists."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """`letters` are in lower case; `words` are frequent in headers, addresses and names, and in few languages."""

    letters: frozenset[str]
    words: frozenset[str]
    western: bool


def _language(letters: str, words: str, western: bool = False) -> Language:
    return Language(frozenset(letters.split()), frozenset(words.split()), western)


LANGUAGES = (
    _language(
        "é è ê ë à â ç î ï ô ù û ü ÿ œ æ",
        """nom prénom société adresse rue avenue boulevard allée chemin église code postal ville téléphone françois
        jérôme hélène rené andré sébastien frédéric cécile benoît gérard liège saint sarl château forêt états général
        république sœur cœur bâtiment étage boîte naissance numéro côté""",
        True,
    ),
    _language(
        "é è ë ï ö ü á í ó ê ç à",
        """naam voornaam achternaam straat laan steenweg plein gemeente woonplaats postcode telefoon bvba bedrijf
        daniël joël zoë loïc israël coördinator oriëntatie ieper gent brugge antwerpen patiënt cliënt geïnteresseerd
        privé één café""",
        True,
    ),
    _language(
        "ä ö ü ß é",
        """name vorname nachname straße strasse weg platz ort plz gmbh müller schäfer schröder köhler jürgen björn
        günter käthe grün groß weiß münchen köln düsseldorf nürnberg zürich österreich gebäude geschäftsführer für über
        prüfung""",
        True,
    ),
    _language(
        "á é í ó ú ñ ü",
        """nombre apellidos dirección ciudad teléfono calle plaza paseo avenida provincia garcía lópez pérez sánchez
        gonzález rodríguez martínez gómez fernández núñez muñoz peña ibáñez josé maría jesús ángel íñigo málaga córdoba
        cádiz león españa señor año compañía población código móvil""",
        True,
    ),
    _language(
        "à è é ì ò ù",
        """nome cognome indirizzo città via viale piazza corso telefono società codice fiscale srl libertà unità nicolò
        niccolò forlì cefalù cantù università però perché martiri""",
        True,
    ),
    _language(
        "ã õ á é í ó ú â ê ô ç à",
        """nome apelido sobrenome morada endereço rua avenida praça cidade localidade telefone josé joão antónio antônio
        conceição simões magalhães araújo gonçalves são lisboa évora guimarães código país inês luís lda município""",
        True,
    ),
    _language(
        "à è é í ï ò ó ú ü ç",
        "carrer plaça nom cognom adreça ciutat telèfon núria josep lleó vallès barcelona",
        True,
    ),
    _language(
        "å ä ö é",
        """namn förnamn efternamn gata gatan vägen ort göteborg malmö umeå västerås öberg åström sjöberg lindström
        björk åke göran märta jönsson sukunimi etunimi osoite katu tie mäki mäkinen virtanen hämäläinen järvinen
        päivi jyväskylä hämeenlinna kaupunki puhelin sähköposti storgatan växjö företag""",
        True,
    ),
    _language(
        "æ ø å é",
        """navn fornavn etternavn efternavn gade gate vej vei by postnr sørensen møller kjær østergård nørregade søren
        jørgen åse århus ålborg københavn tromsø østre søndre bjørn håkon øyvind gård beløb beløp strøget""",
        True,
    ),
    _language(
        "á ð é í ó ú ý þ æ ö",
        """nafn fornafn eftirnafn gata staður sími kennitala reykjavík þór björk ólafur sigríður guðrún jón jónsson
        jónsdóttir guðmundsson akureyri ísafjörður fyrirtæki""",
        True,
    ),
    _language("ë ç", "emri mbiemri qyteti rruga tiranë durrës shqipëria", True),
    _language(
        "ą ć ę ł ń ó ś ź ż",
        """nazwisko imię ulica miasto miejscowość telefon kod pocztowy łódź kraków gdańsk poznań wrocław łukasz paweł
        małgorzata michał wiśniewski wójcik dąbrowski kamiński zieliński szymański woźniak długa spółka świętokrzyska
        żak""",
    ),
    _language(
        "á č ď é ě í ň ó ř š ť ú ů ý ž",
        """příjmení jméno ulice město telefon psč praha brno plzeň ostrava budějovice jiří tomáš lukáš šárka novák
        svoboda dvořák černý procházka růžička beneš náměstí míru dlouhá společnost ičo dič česká""",
    ),
    _language(
        "á ä č ď é í ĺ ľ ň ó ô ŕ š ť ú ý ž",
        """priezvisko meno ulica mesto telefón psč obec košice žilina bratislava trenčín ľubomír štefan kováč horváth
        tóth hlavná štúrova námestie spoločnosť ičo dič""",
    ),
    _language(
        "á é í ó ö ő ú ü ű",
        """vezetéknév keresztnév név utca út tér körút város irányítószám telefonszám cím kft bt zrt budapest győr
        szeged debrecen pécs miskolc nagy kovács szabó tóth horváth szűcs győri zoltán lászló istván erzsébet jenő béla
        petőfi fő cég adószám""",
    ),
    _language(
        "ă â î ș ț",
        """nume prenume stradă strada oraș județ telefon bucurești timișoara iași constanța brașov ploiești ștefan
        mihăiță țurcanu bălan păun calea societate""",
    ),
    _language(
        "ă â î ş ţ",
        """nume prenume stradă strada oraş judeţ telefon bucureşti timişoara iaşi constanţa braşov ploieşti ştefan
        mihăiţă ţurcanu bălan păun calea societate""",
    ),
    _language(
        "č ć đ š ž",
        """prezime priimek ime naziv ulica cesta trg grad kraj mjesto telefon horvat kovačić babić đurić šimić marić
        kovačič krajnc žagar željko đuro špela matjaž čopova zagreb split šibenik požega ljubljana škofja kočevje
        šetalište tvrtka podjetje država""",
    ),
    _language(
        "ç ğ ı ö ş ü â i̇",
        """soyadı soyad adı ad adres şehir ilçe cadde caddesi sokak sokağı mahallesi istanbul i̇stanbul i̇zmir ankara
        eskişehir muğla yılmaz kaya demir şahin çelik yıldız öztürk aydın özdemir arslan doğan ayşe gülşen fatma
        i̇brahim mustafa atatürk i̇nönü şirketi telefon müşteri""",
    ),
    _language(
        "õ ä ö ü š ž",
        """perekonnanimi eesnimi nimi tänav linn telefon mnt pärnu võru tartu tallinn jõhvi tamm mägi õunapuu põld
        jüri tõnu ülle kõiv rebane ettevõte aadress isikukood""",
    ),
    _language(
        "ā č ē ģ ī ķ ļ ņ š ū ž",
        """uzvārds vārds iela pilsēta tālrunis rīga rīgas jūrmala liepāja bērziņš kalniņš ozoliņa ozols jānis līga
        ģirts brīvības uzņēmums adrese valsts""",
    ),
    _language(
        "ą č ę ė į š ų ū ž",
        """pavardė vardas gatvė miestas telefonas įmonė šalis šiauliai panevėžys vilnius kaunas kazlauskas petrauskienė
        žukauskas stankevičius jūratė šarūnas rūta gedimino laisvės alėja adresas uab""",
    ),
)


def letters_of(text: str) -> list[str]:
    """Give the letters outside ASCII in lower case; one without a lower case of its own, as İ, gives two signs.

    The signs of ordinal numbers are letters to Unicode, but belong to no word.
    """
    return [
        character.lower()
        for character in text
        if not character.isascii() and character.isalpha() and character not in "ªº"
    ]


def is_latin(letter: str) -> bool:
    """Whether a letter belongs to the Latin script."""
    return unicodedata.name(letter[:1], "").startswith("LATIN")
