"""Words of client lists in many languages, for generated files; all people and firms are invented."""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language: names of columns by idea, words for cells, a title, a total, and encodings that programs use."""

    headers: dict[str, str]
    first: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    notes: tuple[str, ...]
    title: str
    total: str
    encodings: tuple[str, ...]


IDEAS = (
    "code", "name", "first", "email", "phone", "street", "postal", "city", "birth", "amount", "note", "vat",
)  # fmt: skip


def _words(headers: str, title: str, total: str, encodings: str, **lists: str) -> Words:
    return Words(
        dict(zip(IDEAS, headers.split("|"), strict=True)),
        title=title,
        total=total,
        encodings=tuple(encodings.split()),
        **{name: tuple(text.split("|")) for name, text in lists.items()},
    )


_WEST = "cp1252 iso8859-15 mac-roman cp850 utf-8 utf-8-sig utf-16"
_CENTRAL = "cp1250 iso8859-2 cp852 mac-latin2 utf-8 utf-8-sig utf-16"

WORDS = {
    "en": _words(
        "Client ID|Last name|First name|Email|Phone|Street|Postcode|City|Date of birth|Fees|Notes|VAT number",
        "Client list", "Total", "cp1252 utf-8 utf-8-sig utf-16 mac-roman",
        first="Anna|Bob|Zoë|Liam|Siobhán", last="O'Brien|Smith-Jones|Macdonald|Café Owners|van Dyke",
        streets="High Street|Mill Lane|St John’s Road", cities="Leeds|Hove|Belfast",
        notes="paid|wants a call back – soon|prefers £ invoices|“VIP” client",
    ),
    "nl": _words(
        "Klantnr|Naam|Voornaam|E-mailadres|Gsm|Straat|Postcode|Gemeente|Geboortedatum|Omzet|Opmerking|Btw-nummer",
        "Klantenlijst", "Totaal", _WEST,
        first="An|Joël|Zoë|Wout|Noëlla", last="Peeters|'t Hooft|De Smet|Coördinatie Noord|Daniëls",
        streets="Kerkstraat|Steenweg op Gent|Eénmeilaan", cities="Gent|Ieper|Knokke-Heist",
        notes="belt één keer per jaar|betaalt in € contant|ok|geïnteresseerd",
    ),
    "fr": _words(
        "N° client|Nom|Prénom|Courriel|Téléphone|Rue|Code postal|Ville|Date de naissance|Honoraires|Remarque|N° TVA",
        "Liste des clients", "Total général", _WEST,
        first="Hélène|François|Loïc|Anaïs|Jérôme", last="Lefèvre|D'Hondt|Dubois|Gérard|Lecœur",
        streets="Rue de l'Église|Chaussée de Liège|Allée des Hêtres", cities="Liège|Nîmes|Besançon",
        notes="à rappeler|règle en espèces|déjà payé|où habite-t-il ?",
    ),
    "de": _words(
        "Kundennr.|Nachname|Vorname|E-Mail|Telefon|Straße|PLZ|Ort|Geburtsdatum|Umsatz|Bemerkung|USt-IdNr.",
        "Kundenliste", "Summe", _WEST,
        first="Jürgen|Käthe|Björn|Anke|Günter", last="Müller|Schröder|Groß|Weiß & Söhne|Köhler",
        streets="Hauptstraße|Am Mühlbach|Lange Gasse", cities="Köln|München|Graz",
        notes="zahlt pünktlich|bitte zurückrufen|wünscht Übersicht|gekündigt",
    ),
    "es": _words(
        "Nº cliente|Apellidos|Nombre|Correo|Teléfono|Calle|C.P.|Población|Fecha de nacimiento|Importe|Observaciones|NIF",
        "Lista de clientes", "Total", _WEST,
        first="José|María|Begoña|Iñigo|Ángel", last="García Núñez|Muñoz|Peña|López|Ibáñez",
        streets="Calle Mayor 3º|Plaza de España|Avda. del Niño", cities="Málaga|León|A Coruña",
        notes="¿llamar mañana?|pagó en metálico|ningún problema|año 2023",
    ),
    "it": _words(
        "Codice cliente|Cognome|Nome|E-mail|Telefono|Via|CAP|Città|Data di nascita|Importo|Note|Partita IVA",
        "Elenco clienti", "Totale", _WEST,
        first="Nicolò|Anna|Giosuè|Luca|Zoë", last="D'Angelo|Rossi|Cantù|Forlì|De Niccolò",
        streets="Via della Libertà|Corso Umberto I|Piazza Martiri", cities="Forlì|Cefalù|Roma",
        notes="pagherà lunedì|è già cliente|perché no?|attività chiusa",
    ),
    "pt": _words(
        "Nº cliente|Apelido|Nome|E-mail|Telefone|Rua|Código postal|Localidade|Data de nascimento|Valor|Observações|NIF",
        "Lista de clientes", "Total", _WEST,
        first="João|Conceição|Inês|António|Luís", last="Simões|Gonçalves|Magalhães|Araújo|Conceição",
        streets="Rua da Praça|Avenida São João|Praça da República", cities="Évora|Guimarães|Lisboa",
        notes="não pagou|situação resolvida|ligar amanhã|às 10 horas",
    ),
    "sv": _words(
        "Kundnr|Efternamn|Förnamn|E-post|Telefon|Gata|Postnr|Ort|Födelsedatum|Belopp|Anteckning|Org.nr",
        "Kundlista", "Summa", _WEST,
        first="Åke|Märta|Göran|Björk|Eva", last="Öberg|Sjöberg|Åström|Lindström|Ek",
        streets="Storgatan|Södra vägen|Älvgatan", cities="Göteborg|Malmö|Västerås",
        notes="betalar årligen|ring på måndag|ny företagare|är nöjd",
    ),
    "da": _words(
        "Kundenr|Efternavn|Fornavn|E-mail|Telefon|Vej|Postnr|By|Fødselsdato|Beløb|Bemærkning|CVR",
        "Kundeliste", "I alt", "cp1252 iso8859-15 cp850 utf-8 utf-8-sig",
        first="Søren|Bjørn|Åse|Jørgen|Mette", last="Sørensen|Møller|Kjær|Østergård|Holm",
        streets="Nørregade|Åboulevarden|Strøget", cities="København|Århus|Tromsø",
        notes="betaler til tiden|skal ringes på|udestående beløb|nøgle på kontoret",
    ),
    "pl": _words(
        "Nr klienta|Nazwisko|Imię|E-mail|Telefon|Ulica|Kod pocztowy|Miasto|Data urodzenia|Kwota|Uwagi|NIP",
        "Lista klientów", "Razem", _CENTRAL,
        first="Łukasz|Małgorzata|Paweł|Święta|Ewa", last="Wiśniewski|Dąbrowska|Żak|Wójcik|Nowak",
        streets="ul. Długa|ul. Świętokrzyska|Aleje Jerozolimskie", cities="Łódź|Kraków|Gdańsk",
        notes="płaci gotówką|zadzwonić później|spółka zamknięta|środa",
    ),
    "cs": _words(
        "Č. klienta|Příjmení|Jméno|E-mail|Telefon|Ulice|PSČ|Město|Datum narození|Částka|Poznámka|DIČ",
        "Seznam klientů", "Celkem", _CENTRAL,
        first="Jiří|Tomáš|Šárka|Lukáš|Eva", last="Dvořák|Růžička|Černý|Procházka|Novák",
        streets="Dlouhá|náměstí Míru|Údolní", cities="Plzeň|České Budějovice|Brno",
        notes="platí včas|zavolat v úterý|účet uzavřen|není doma",
    ),
    "hu": _words(
        "Ügyfélszám|Vezetéknév|Keresztnév|E-mail|Telefonszám|Utca|Irányítószám|Város|Születési idő|Összeg|Megjegyzés|Adószám",
        "Ügyféllista", "Összesen", _CENTRAL,
        first="Zoltán|Jenő|Erzsébet|László|Béla", last="Szűcs|Győri|Tóth|Kovács|Horváth",
        streets="Fő út|Petőfi utca|Kossuth tér", cities="Győr|Pécs|Debrecen",
        notes="időben fizet|később hívni|megszűnt cég|új ügyfél",
    ),
    "tr": _words(
        "Müşteri no|Soyadı|Adı|E-posta|Telefon|Sokak|Posta kodu|Şehir|Doğum tarihi|Tutar|Açıklama|Vergi no",
        "Müşteri listesi", "Toplam", "cp1254 cp857 utf-8 utf-16",
        first="Ayşe|İbrahim|Gülşen|Mustafa|Doğan", last="Yılmaz|Öztürk|Şahin|Çelik|Yıldız",
        streets="Atatürk Caddesi|Gül Sokağı|İnönü Caddesi", cities="İzmir|Muğla|Eskişehir",
        notes="zamanında ödüyor|yarın aranacak|şirket kapandı|peşin ödedi",
    ),
    "el": _words(
        "Κωδικός|Επώνυμο|Όνομα|Email|Τηλέφωνο|Οδός|Τ.Κ.|Πόλη|Ημερομηνία γέννησης|Ποσό|Παρατηρήσεις|ΑΦΜ",
        "Κατάλογος πελατών", "Σύνολο", "cp1253 iso8859-7 cp737 utf-8",
        first="Γιώργος|Μαρία|Ελένη|Νίκος|Άννα", last="Παπαδόπουλος|Γεωργίου|Ιωάννου|Δημητρίου|Νικολάου",
        streets="Ερμού|Λεωφόρος Αθηνών|Πανεπιστημίου", cities="Αθήνα|Θεσσαλονίκη|Πάτρα",
        notes="πληρώνει έγκαιρα|να καλέσουμε αύριο|κλειστή εταιρεία|νέος πελάτης",
    ),
    "ru": _words(
        "Код|Фамилия|Имя|E-mail|Телефон|Улица|Индекс|Город|Дата рождения|Сумма|Примечание|ИНН",
        "Список клиентов", "Итого", "cp1251 koi8-r cp866 utf-8",
        first="Сергей|Анна|Пётр|Ольга|Юлия", last="Кузнецов|Иванова|Щербаков|Жукова|Смирнов",
        streets="ул. Ленина|пр. Мира|Садовая", cities="Москва|Екатеринбург|Тверь",
        notes="платит вовремя|позвонить завтра|фирма закрыта|новый клиент",
    ),
    "th": _words(
        "รหัสลูกค้า|นามสกุล|ชื่อ|อีเมล|โทรศัพท์|ถนน|รหัสไปรษณีย์|จังหวัด|วันเกิด|จำนวนเงิน|หมายเหตุ|เลขผู้เสียภาษี",
        "รายชื่อลูกค้า", "รวม", "cp874 utf-8",
        first="สมชาย|สุดา|ประเสริฐ|มาลี|วิชัย", last="ใจดี|ศรีสุข|ทองคำ|แสงจันทร์|บุญมาก",
        streets="ถนนสุขุมวิท|ถนนสีลม|ถนนพหลโยธิน", cities="กรุงเทพมหานคร|เชียงใหม่|ภูเก็ต",
        notes="จ่ายตรงเวลา|โทรกลับพรุ่งนี้|ลูกค้าใหม่|ปิดบริษัทแล้ว",
    ),
    "ja": _words(
        "顧客番号|姓|名|メール|電話番号|町名|郵便番号|市区町村|生年月日|金額|備考|法人番号",
        "顧客一覧", "合計", "cp932 euc-jp utf-8",
        first="太郎|花子|健一|さくら|ユキ", last="佐藤|鈴木|高橋|田中|渡辺",
        streets="中央通り|本町|緑が丘", cities="東京都|大阪市|横浜市",
        notes="支払い済み|明日電話する|新しいお客様|会社は閉鎖",
    ),
    "fi": _words(
        "Asiakasnro|Sukunimi|Etunimi|Sähköposti|Puhelin|Katuosoite|Postinumero|Kaupunki|Syntymäaika|Summa|Huomautus|Y-tunnus",
        "Asiakasluettelo", "Yhteensä", _WEST,
        first="Päivi|Matti|Väinö|Hilkka|Jyrki", last="Hämäläinen|Mäkinen|Virtanen|Järvi|Åkerlund",
        streets="Mäkitie|Hämeenkatu|Itäinen tie", cities="Jyväskylä|Hämeenlinna|Oulu",
        notes="maksaa ajallaan|soita myöhemmin|yritys päättynyt|käteisellä",
    ),
    "ro": _words(
        "Cod client|Nume|Prenume|E-mail|Telefon|Stradă|Cod poștal|Oraș|Data nașterii|Sumă|Observații|CUI",
        "Lista clienților", "Total", "utf-8 utf-8-sig",
        first="Ștefan|Ioana|Mihăiță|Ana|Țepeș", last="Popescu|Ionescu|Bălan|Țurcanu|Păun",
        streets="Strada Florilor|Calea Victoriei|Bulevardul Unirii", cities="București|Iași|Timișoara",
        notes="plătește la timp|sună mâine|firmă închisă|până vineri",
    ),
}  # fmt: skip
