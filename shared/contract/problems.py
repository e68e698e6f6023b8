"""Every problem that can be told: a stable code, how severe it is, where it is, and sentences in en, fr, nl.

A sentence says what is wrong and what to do. Sentences never repeat register numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ERROR = "error"  # the row, column, file or request is not taken
WARNING = "warning"  # it is taken, and noted
FIX = "fix"  # the value was changed; old and new are shown

FILE, COLUMN, ROW, REQUEST, JOB, MESSAGE = "file", "column", "row", "request", "job", "message"


@dataclass(frozen=True)
class Kind:
    """One kind of problem; `status` is the HTTP status for those that answer a request."""

    code: str
    severity: str
    where: str
    sentences: Mapping[str, str]
    status: int | None = None


KINDS: dict[str, Kind] = {}


class _Forgiving(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


#: Codes whose numbers `size` and `max` count bytes.
_OF_BYTES = frozenset({"too_large", "unpacks_too_large", "message_too_large"})


#: Date orders as people say them, by language; the placeholder `order` is written with these.
_ORDER_NAMES = {
    "en": {"DMY": "day-month-year", "MDY": "month-day-year", "YMD": "year-month-day"},
    "fr": {"DMY": "jour-mois-année", "MDY": "mois-jour-année", "YMD": "année-mois-jour"},
    "nl": {"DMY": "dag-maand-jaar", "MDY": "maand-dag-jaar", "YMD": "jaar-maand-dag"},
}


#: Problems of a row that ask a person whether it means a record that is there, or somebody else.
DOUBTS = frozenset(
    {
        "ambiguous_match",
        "namesake_in_firm",
        "namesake_in_file",
        "code_with_two_names",
        "number_with_two_names",
        "known_by_another_name",
        "evidence_disagrees",
    }
)


def in_bytes(number: int) -> str:
    """A number of bytes as a person reads it (decimal units, as file managers show them)."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number} B"


def sentence(code: str, lang: str, **params: Any) -> str:
    """The sentence of a problem in a language (English where it is not known).

    A placeholder without a value shows as "…"; an unknown code gives the general sentence of `internal_error`.
    """
    kind = KINDS.get(code, KINDS["internal_error"])
    template = kind.sentences.get(lang, kind.sentences["en"])
    if code in _OF_BYTES:
        params = {
            name: in_bytes(value) if isinstance(value, int) else value for name, value in params.items()
        }
    if "order" in params:
        names = _ORDER_NAMES.get(lang, _ORDER_NAMES["en"])
        params["order"] = names.get(params["order"], params["order"])
    return template.format_map(_Forgiving(params))


def severity(code: str) -> str:
    """How severe a problem is: `error`, `warning` or `fix`; an unknown code is an error."""
    kind = KINDS.get(code)
    return kind.severity if kind else ERROR


def _kind(code: str, where: str, level: str, en: str, fr: str, nl: str, status: int | None = None) -> None:
    KINDS[code] = Kind(code, level, where, {"en": en, "fr": fr, "nl": nl}, status)


# Rows: what is wrong with a value or with the row as a whole.

_kind(
    "missing_required",
    ROW,
    ERROR,
    "{field} is missing. Fill it in, or map another column to it.",
    "{field} manque. Complétez la valeur ou associez une autre colonne.",
    "{field} ontbreekt. Vul de waarde in of koppel een andere kolom.",
)
_kind(
    "invalid_email",
    ROW,
    ERROR,
    "“{value}” is not an e-mail address. Write it like name@example.be.",
    "« {value} » n'est pas une adresse e-mail. Écrivez-la comme nom@exemple.be.",
    "“{value}” is geen e-mailadres. Schrijf het als naam@voorbeeld.be.",
)
_kind(
    "mistyped_email",
    ROW,
    ERROR,
    "“{value}” is not an e-mail address. If {suggestion} is meant, write that in its place.",
    "« {value} » n'est pas une adresse e-mail. Si c'est {suggestion}, écrivez-la à la place.",
    "“{value}” is geen e-mailadres. Is {suggestion} bedoeld, schrijf dat dan in de plaats.",
)
_kind(
    "doubtful_email",
    ROW,
    WARNING,
    "“{value}” may be mistyped; it is kept. If {suggestion} is meant, write that in its place.",
    "« {value} » contient peut-être une faute ; gardé tel quel. Si c'est {suggestion}, écrivez-la à la place.",
    "“{value}” bevat misschien een tikfout en blijft. Is {suggestion} bedoeld, schrijf dat dan in de plaats.",
)
_kind(
    "multiple_emails",
    ROW,
    ERROR,
    "The cell holds several e-mail addresses ({value}). Keep one and put the other in a column of its own.",
    "La cellule contient plusieurs adresses e-mail ({value}). Gardez-en une et mettez l'autre dans sa"
    " propre colonne.",
    "De cel bevat meerdere e-mailadressen ({value}). Houd er één en zet het andere in een eigen kolom.",
)
_kind(
    "invalid_phone",
    ROW,
    ERROR,
    "“{value}” is not a phone number. Write it with the country code, like +32470123456, or clear it.",
    "« {value} » n'est pas un numéro de téléphone. Écrivez-le avec l'indicatif, comme +32470123456, ou"
    " videz-le.",
    "“{value}” is geen telefoonnummer. Schrijf het met landcode, zoals +32470123456, of maak het leeg.",
)
_kind(
    "multiple_phones",
    ROW,
    ERROR,
    "The cell holds several phone numbers ({value}). Keep one and put the other in a column of its own.",
    "La cellule contient plusieurs numéros ({value}). Gardez-en un et mettez l'autre dans sa propre colonne.",
    "De cel bevat meerdere telefoonnummers ({value}). Houd er één en zet het andere in een eigen kolom.",
)
_kind(
    "invalid_date",
    ROW,
    ERROR,
    "“{value}” is not a date that exists; dates of this column are read as {order}. Write it like {example}.",
    "« {value} » n'est pas une date qui existe ; les dates de cette colonne sont lues en {order}. Écrivez-la"
    " comme {example}.",
    "“{value}” is geen bestaande datum; datums in deze kolom worden gelezen als {order}. Schrijf ze als"
    " {example}.",
)
_kind(
    "incomplete_date",
    ROW,
    ERROR,
    "“{value}” has no day or no month. Write the whole date, like {example}, or clear it.",
    "« {value} » n'a pas de jour ou pas de mois. Écrivez la date entière, comme {example}, ou videz-la.",
    "“{value}” heeft geen dag of geen maand. Schrijf de hele datum, zoals {example}, of maak ze leeg.",
)
_kind(
    "date_in_future",
    ROW,
    ERROR,
    "“{value}” lies in the future, which a date of birth cannot. Correct the year.",
    "« {value} » est dans le futur, impossible pour une date de naissance. Corrigez l'année.",
    "“{value}” ligt in de toekomst, wat voor een geboortedatum niet kan. Verbeter het jaar.",
)
_kind(
    "ambiguous_date",
    ROW,
    WARNING,
    "“{value}” can be read in two ways; it was read as {read}. Choose the date order if that is wrong.",
    "« {value} » peut se lire de deux façons ; lu comme {read}. Choisissez l'ordre des dates si c'est faux.",
    "“{value}” kan op twee manieren gelezen worden; gelezen als {read}. Kies de datumvolgorde als dat fout"
    " is.",
)
_kind(
    "invalid_rrn",
    ROW,
    ERROR,
    "This is not a valid national register number. Check the eleven digits on the identity card.",
    "Ce n'est pas un numéro de registre national valable. Vérifiez les onze chiffres sur la carte"
    " d'identité.",
    "Dit is geen geldig rijksregisternummer. Controleer de elf cijfers op de identiteitskaart.",
)
_kind(
    "invalid_kbo",
    ROW,
    ERROR,
    "“{value}” is not a valid enterprise number. Check the ten digits, like 0403.019.261.",
    "« {value} » n'est pas un numéro d'entreprise valable. Vérifiez les dix chiffres, comme 0403.019.261.",
    "“{value}” is geen geldig ondernemingsnummer. Controleer de tien cijfers, zoals 0403.019.261.",
)
_kind(
    "invalid_tax_id",
    ROW,
    ERROR,
    "This is not a valid tax number of {country}. Check its digits.",
    "Ce n'est pas un numéro fiscal valable pour {country}. Vérifiez les chiffres.",
    "Dit is geen geldig fiscaal nummer van {country}. Controleer de cijfers.",
)
_kind(
    "invalid_company_number",
    ROW,
    ERROR,
    "“{value}” is not a valid company number of {country}. Check its digits.",
    "« {value} » n'est pas un numéro d'entreprise valable pour {country}. Vérifiez les chiffres.",
    "“{value}” is geen geldig ondernemingsnummer van {country}. Controleer de cijfers.",
)
_kind(
    "invalid_person_number",
    ROW,
    ERROR,
    "This is not a valid national number of {country}. Check its digits on the identity card.",
    "Ce n'est pas un numéro national valable pour {country}. Vérifiez les chiffres sur la carte d'identité.",
    "Dit is geen geldig nationaal nummer van {country}. Controleer de cijfers op de identiteitskaart.",
)
_kind(
    "zeros_assumed",
    ROW,
    WARNING,
    "Zeros were put in front of this number, because a spreadsheet drops them. Check the number.",
    "Des zéros ont été ajoutés devant ce numéro, car un tableur les supprime. Vérifiez le numéro.",
    "Er zijn nullen voor dit nummer gezet, omdat een rekenblad ze weglaat. Controleer het nummer.",
)
_kind(
    "birth_date_differs",
    ROW,
    WARNING,
    "The date of birth ({given}) is not the one in the national number. Check both.",
    "La date de naissance ({given}) n'est pas celle du numéro national. Vérifiez les deux.",
    "De geboortedatum ({given}) is niet die van het nationaal nummer. Controleer beide.",
)
_kind(
    "invalid_number",
    ROW,
    ERROR,
    "“{value}” is not a number. Write digits only, with one decimal sign.",
    "« {value} » n'est pas un nombre. N'utilisez que des chiffres et un seul séparateur décimal.",
    "“{value}” is geen getal. Gebruik alleen cijfers en één decimaalteken.",
)
_kind(
    "invalid_url",
    ROW,
    ERROR,
    "“{value}” is not a web address. Write it like www.example.be.",
    "« {value} » n'est pas une adresse web. Écrivez-la comme www.exemple.be.",
    "“{value}” is geen webadres. Schrijf het als www.voorbeeld.be.",
)
_kind(
    "invalid_postal_code",
    ROW,
    WARNING,
    "“{value}” is not a postal code of {country}. Check it.",
    "« {value} » n'est pas un code postal de {country}. Vérifiez-le.",
    "“{value}” is geen postcode van {country}. Controleer ze.",
)
_kind(
    "unknown_option",
    ROW,
    ERROR,
    "“{value}” is not one of the choices ({choices}). Map it to a choice, or change it.",
    "« {value} » ne figure pas parmi les choix ({choices}). Associez cette valeur à un choix ou modifiez-la.",
    "“{value}” is geen van de keuzes ({choices}). Koppel de waarde aan een keuze of wijzig ze.",
)
_kind(
    "unknown_language",
    ROW,
    ERROR,
    "“{value}” is not a language that the firm works in ({choices}). Choose one of these.",
    "« {value} » n'est pas une langue de travail du bureau ({choices}). Choisissez-en une.",
    "“{value}” is geen taal waarin het kantoor werkt ({choices}). Kies een van deze.",
)
_kind(
    "unknown_country",
    ROW,
    ERROR,
    "“{value}” is not a country. Write its name, or its code of two letters.",
    "« {value} » n'est pas un pays. Écrivez son nom ou son code de deux lettres.",
    "“{value}” is geen land. Schrijf de naam of de code van twee letters.",
)
_kind(
    "unknown_team_member",
    ROW,
    WARNING,
    "“{value}” is not a team member; the row is imported without. Use the member's e-mail address or exact"
    " name.",
    "« {value} » n'est pas membre de l'équipe ; la ligne est importée sans. Utilisez l'e-mail ou le nom"
    " exact.",
    "“{value}” is geen teamlid; de rij wordt zonder ingevoerd. Gebruik het e-mailadres of de exacte naam.",
)
_kind(
    "too_many_new_tags",
    ROW,
    WARNING,
    "This list makes more new tags than one import may; the row is imported without “{value}”. If the column holds"
    " no tags, go back and map it to another field.",
    "Cette liste crée plus de nouvelles étiquettes qu'une importation ne peut en créer ; la ligne est importée sans"
    " « {value} ». Si la colonne ne contient pas d'étiquettes, retournez et associez-la à un autre champ.",
    "Deze lijst maakt meer nieuwe labels dan één invoer mag; de rij wordt zonder “{value}” ingevoerd. Als de kolom"
    " geen labels bevat, ga dan terug en koppel ze aan een ander veld.",
)
_kind(
    "tag_left_out",
    ROW,
    WARNING,
    "The firm has no tag “{value}”; the row is imported without. Somebody who may make tags must make it first.",
    "Le bureau n'a pas d'étiquette « {value} » ; la ligne est importée sans. Qui peut créer des étiquettes"
    " doit la créer d'abord.",
    "Het kantoor heeft geen label “{value}”; de rij wordt zonder ingevoerd. Wie labels mag maken, moet het"
    " eerst maken.",
)
_kind(
    "team_member_left_out",
    ROW,
    WARNING,
    "“{value}” is not assigned: that takes the right to assign team members; the row is imported without."
    " Somebody who has that right must confirm the mapping.",
    "« {value} » n'est pas affecté : il faut le droit d'affecter l'équipe ; la ligne est importée sans. Qui a"
    " ce droit doit confirmer l'association des colonnes.",
    "“{value}” wordt niet toegewezen: daarvoor is het recht nodig om teamleden toe te wijzen; de rij wordt"
    " zonder ingevoerd. Wie dat recht heeft, moet de kolommen bevestigen.",
)
_kind(
    "ambiguous_team_member",
    ROW,
    ERROR,
    "“{value}” is the name of several team members. Use the e-mail address.",
    "« {value} » est le nom de plusieurs membres de l'équipe. Utilisez l'adresse e-mail.",
    "“{value}” is de naam van meerdere teamleden. Gebruik het e-mailadres.",
)
_kind(
    "team_member_email",
    ROW,
    ERROR,
    "“{value}” is the address of a team member. A contact needs an address of its own.",
    "« {value} » est l'adresse d'un membre de l'équipe. Un contact a besoin de sa propre adresse.",
    "“{value}” is het adres van een teamlid. Een contact heeft een eigen adres nodig.",
)
_kind(
    "unknown_folder_template",
    ROW,
    WARNING,
    "There is no folder template “{value}”; the one of the settings is used.",
    "Le modèle de dossiers « {value} » n'existe pas ; celui des réglages est utilisé.",
    "Mappensjabloon “{value}” bestaat niet; dat van de instellingen wordt gebruikt.",
)
_kind(
    "duplicate_in_file",
    ROW,
    ERROR,
    "This row repeats row {row}. Only the first is imported; remove one, or make them differ.",
    "Cette ligne répète la ligne {row}. Seule la première est importée ; supprimez-en une ou distinguez-les.",
    "Deze rij herhaalt rij {row}. Alleen de eerste wordt ingevoerd; verwijder er een of maak ze"
    " verschillend.",
)
_kind(
    "conflict_in_file",
    ROW,
    WARNING,
    "“{lost}” in {field} is not used: row {row}, for the same record, has “{value}”. Make the rows agree.",
    "« {lost} » dans {field} n'est pas utilisé : la ligne {row}, pour la même fiche, indique « {value} »."
    " Accordez les lignes.",
    "“{lost}” in {field} wordt niet gebruikt: rij {row}, voor dezelfde fiche, heeft “{value}”. Maak de rijen"
    " gelijk.",
)
_kind(
    "ambiguous_match",
    ROW,
    ERROR,
    "{count} records fit this row. Say which one it is, or add a client code or another number.",
    "{count} fiches correspondent à cette ligne. Indiquez laquelle est la bonne, ou ajoutez un code client ou un"
    " autre numéro.",
    "{count} fiches passen bij deze rij. Zeg welke het is, of voeg een klantcode of een ander nummer toe.",
)
_kind(
    "namesake_in_firm",
    ROW,
    ERROR,
    "You already have {value}. Only the name is the same: say whether {name} is the same person or somebody else.",
    "Vous avez déjà {value}. Seul le nom est le même : indiquez si {name} est la même personne ou une autre.",
    "U heeft al {value}. Alleen de naam is dezelfde: zeg of {name} dezelfde persoon is of iemand anders.",
)
_kind(
    "namesake_in_file",
    ROW,
    ERROR,
    "Row {row} has the same name, and nothing else shows that it is the same person. Say whether it is, or somebody"
    " else.",
    "La ligne {row} porte le même nom, et rien d'autre ne montre que c'est la même personne. Indiquez si c'est elle,"
    " ou une autre.",
    "Rij {row} heeft dezelfde naam, en niets anders toont dat het dezelfde persoon is. Zeg of het die is, of iemand"
    " anders.",
)
_kind(
    "code_with_two_names",
    ROW,
    ERROR,
    "Client code {value} has different names in the file: {names}. Correct it, or say whether they are one client.",
    "Le code client {value} porte plusieurs noms dans le fichier : {names}. Corrigez-le, ou indiquez si c'est un seul"
    " client.",
    "Klantcode {value} heeft verschillende namen in het bestand: {names}. Verbeter hem, of zeg of het één klant is.",
)
_kind(
    "number_with_two_names",
    ROW,
    ERROR,
    "Number {value} has different names in the file: {names}. Correct it, or say whether they are one and the same.",
    "Le numéro {value} porte plusieurs noms dans le fichier : {names}. Corrigez-le, ou indiquez si c'est la même"
    " personne ou société.",
    "Nummer {value} heeft verschillende namen in het bestand: {names}. Verbeter het, of zeg of het om dezelfde gaat.",
)
_kind(
    "known_by_another_name",
    ROW,
    ERROR,
    "The code or number of this row is that of {value}, and the name is another. Say whether {name} is the same or a"
    " new client.",
    "Le code ou le numéro de cette ligne est celui de {value}, et le nom diffère. Indiquez si {name} est le même client"
    " ou un nouveau.",
    "De code of het nummer van deze rij is dat van {value}, en de naam is anders. Zeg of {name} dezelfde klant is of"
    " een nieuwe.",
)
_kind(
    "evidence_disagrees",
    ROW,
    ERROR,
    "One part of this row points to {value}, another part against it: code, number and birth date do not belong"
    " together. Correct it, or say whether it is the same.",
    "Une partie de cette ligne désigne {value}, une autre le contredit : code, numéro et date de naissance ne vont pas"
    " ensemble. Corrigez, ou indiquez si c'est le même.",
    "Eén deel van deze rij wijst op {value}, een ander deel spreekt dat tegen: code, nummer en geboortedatum horen niet"
    " samen. Verbeter het, of zeg of het dezelfde is.",
)
_kind(
    "value_without_record",
    ROW,
    WARNING,
    "“{value}” in {field} is not imported: the row names no person it could belong to. Give the row a name or an e-mail"
    " address, or move the value to the account.",
    "« {value} » dans {field} n'est pas importé : la ligne ne nomme personne à qui l'attribuer. Donnez à la ligne un"
    " nom ou une adresse e-mail, ou déplacez la valeur vers le compte.",
    "“{value}” in {field} wordt niet ingevoerd: de rij noemt niemand bij wie het hoort. Geef de rij een naam"
    " of een e-mailadres, of verplaats de waarde naar het account.",
)
_kind(
    "left_out_by_value",
    ROW,
    ERROR,
    "Rows with “{value}” in {field} are left out, as chosen in the mapping of values.",
    "Les lignes avec « {value} » dans {field} sont laissées de côté, comme choisi dans la correspondance des"
    " valeurs.",
    "Rijen met “{value}” in {field} worden overgeslagen, zoals gekozen bij de toewijzing van waarden.",
)
_kind(
    "similar_record",
    ROW,
    WARNING,
    "“{value}” exists already under another number or legal form; a new record is made. If they are the same,"
    " give the row the number of that record.",
    "« {value} » existe déjà sous un autre numéro ou une autre forme juridique ; une nouvelle fiche est créée."
    " Si c'est la même, donnez à la ligne le numéro de cette fiche.",
    "“{value}” bestaat al onder een ander nummer of een andere rechtsvorm; er komt een nieuwe fiche. Is het"
    " dezelfde, geef de rij dan het nummer van die fiche.",
)
_kind(
    "unknown_record",
    ROW,
    ERROR,
    "No record has the ID “{value}”. Leave the cell empty to make a new one, or take the ID from a fresh export.",
    "Aucune fiche ne porte l'ID « {value} ». Videz la cellule pour en créer une, ou reprenez l'ID d'un export"
    " récent.",
    "Geen enkele fiche heeft het ID “{value}”. Maak de cel leeg voor een nieuwe, of neem het ID uit een recente"
    " export.",
)
_kind(
    "name_forbidden_characters",
    ROW,
    WARNING,
    "“{value}” has characters that Windows cannot store in a folder name ({characters}). Consider another"
    " name.",
    "« {value} » contient des caractères interdits dans un nom de dossier Windows ({characters})."
    " Changez-le.",
    "“{value}” bevat tekens die Windows niet in een mapnaam toelaat ({characters}). Overweeg een andere"
    " naam.",
)
_kind(
    "line_break",
    ROW,
    WARNING,
    "The cell held a line break; it was replaced by a space.",
    "La cellule contenait un saut de ligne ; il est remplacé par une espace.",
    "De cel bevatte een regeleinde; het is vervangen door een spatie.",
)
_kind(
    "wrong_column_count",
    ROW,
    WARNING,
    "The row has {found} cells where the header has {expected}. Check that no value slipped into another"
    " column.",
    "La ligne compte {found} cellules, l'en-tête {expected}. Vérifiez qu'aucune valeur n'a glissé de"
    " colonne.",
    "De rij heeft {found} cellen en de koprij {expected}. Controleer of geen waarde in een andere kolom"
    " schoof.",
)
_kind(
    "value_too_long",
    ROW,
    ERROR,
    "The value has {length} characters; {max} are allowed. Shorten it.",
    "La valeur compte {length} caractères ; {max} sont permis. Raccourcissez-la.",
    "De waarde telt {length} tekens; {max} zijn toegelaten. Kort ze in.",
)
_kind(
    "changed_since",
    ROW,
    WARNING,
    "Somebody changed this since the import, so it was kept as it is. {fields}",
    "Quelqu'un l'a modifié depuis l'importation ; il est gardé tel quel. {fields}",
    "Iemand heeft dit sinds de invoer gewijzigd; het blijft zoals het is. {fields}",
)
_kind(
    "used_since",
    ROW,
    WARNING,
    "Something else uses this since the import, so it was kept. {fields}",
    "Autre chose l'utilise depuis l'importation ; il est donc gardé. {fields}",
    "Iets anders gebruikt dit sinds de invoer; het is dus bewaard. {fields}",
)
_kind(
    "removed_since",
    ROW,
    WARNING,
    "Somebody removed this since the import; its earlier values are not brought back. {fields}",
    "Quelqu'un l'a supprimé depuis l'importation ; ses valeurs d'avant ne sont pas rétablies. {fields}",
    "Iemand heeft dit sinds de invoer verwijderd; de vroegere waarden komen niet terug. {fields}",
)
_kind(
    "link_kept",
    ROW,
    WARNING,
    "The link stays, because a record that the import made stays. {fields}",
    "Le lien reste, parce qu'une fiche créée par l'importation reste. {fields}",
    "De koppeling blijft, omdat een fiche die de invoer maakte, blijft. {fields}",
)
_kind(
    "not_taken_back",
    ROW,
    ERROR,
    "This could not be taken back; the team of the platform can help. {fields}",
    "Ceci n'a pas pu être annulé ; l'équipe de la plateforme peut vous aider. {fields}",
    "Dit kon niet ongedaan gemaakt worden; het team van het platform kan helpen. {fields}",
)
_kind(
    "changed_since_review",
    ROW,
    ERROR,
    "The record was changed after the review, so it was left alone. Import the row again to see the"
    " difference.",
    "La fiche a été modifiée après la vérification et n'est donc pas touchée. Réimportez la ligne pour"
    " comparer.",
    "De fiche is na het nazicht gewijzigd en blijft dus ongemoeid. Voer de rij opnieuw in om te vergelijken.",
)
_kind(
    "loaded_before",
    ROW,
    ERROR,
    "The row was loaded before, so it is not loaded again. Change the record itself.",
    "La ligne a déjà été chargée et ne l'est donc pas une seconde fois. Modifiez la fiche elle-même.",
    "De rij is al eerder ingevoerd en wordt dus niet opnieuw ingevoerd. Wijzig de fiche zelf.",
)
_kind(
    "not_selected",
    ROW,
    ERROR,
    "The row was not ticked, so it is not imported. Tick it to import it.",
    "La ligne n'est pas cochée et n'est donc pas importée. Cochez-la pour l'importer.",
    "De rij is niet aangevinkt en wordt dus niet ingevoerd. Vink ze aan om ze in te voeren.",
)
_kind(
    "match_not_allowed",
    ROW,
    ERROR,
    "The record exists already, and existing records are to be skipped. Change that setting to update it.",
    "La fiche existe déjà et les fiches existantes sont à ignorer. Modifiez ce réglage pour la mettre à"
    " jour.",
    "De fiche bestaat al en bestaande fiches worden overgeslagen. Wijzig die instelling om ze bij te werken.",
)
_kind(
    "cell_error",
    ROW,
    ERROR,
    "The spreadsheet shows an error ({value}) in this cell. Correct the formula or clear the cell.",
    "Le tableur affiche une erreur ({value}) dans cette cellule. Corrigez la formule ou videz la cellule.",
    "Het rekenblad toont een fout ({value}) in deze cel. Verbeter de formule of maak de cel leeg.",
)
_kind(
    "precision_lost",
    ROW,
    WARNING,
    "“{value}” looks like a long number that a spreadsheet shortened. Restore its digits in the file.",
    "« {value} » ressemble à un long numéro abrégé par un tableur. Rétablissez ses chiffres dans le fichier.",
    "“{value}” lijkt een lang nummer dat een rekenblad heeft ingekort. Herstel de cijfers in het bestand.",
)
_kind(
    "name_not_split",
    ROW,
    WARNING,
    "“{value}” could not be split into first and last name; it is kept whole. Give the two names apart.",
    "« {value} » n'a pu être séparé en prénom et nom ; il reste entier. Donnez les deux noms séparément.",
    "“{value}” kon niet in voor- en achternaam gesplitst worden en blijft heel. Geef de namen apart.",
)
_kind(
    "two_persons",
    ROW,
    ERROR,
    "“{value}” names two persons. Give each a row, or put the second in the columns of the spouse.",
    "« {value} » désigne deux personnes. Donnez une ligne à chacune ou utilisez les colonnes du conjoint.",
    "“{value}” noemt twee personen. Geef elk een rij of zet de tweede in de kolommen van de partner.",
)
_kind(
    "name_not_storable",
    ROW,
    WARNING,
    "Windows cannot store a folder named “{value}” (a final point, or a reserved word). Consider another name.",
    "Windows ne peut enregistrer un dossier nommé « {value} » (point final ou mot réservé). Envisagez un autre nom.",
    "Windows kan geen map met de naam “{value}” bewaren (punt achteraan of gereserveerd). Overweeg iets anders.",
)
_kind(
    "formula_like",
    ROW,
    WARNING,
    "“{value}” begins like a formula of a spreadsheet; it is kept as it is. Check that it is meant.",
    "« {value} » commence comme une formule de tableur ; gardé tel quel. Vérifiez que c'est voulu.",
    "“{value}” begint als een formule van een rekenblad en blijft zoals het is. Controleer of dit de bedoeling is.",
)
_kind(
    "digits_lost",
    ROW,
    ERROR,
    "A spreadsheet shortened this long number and its last digits are gone. Write it in full, as text.",
    "Un tableur a abrégé ce long numéro et les derniers chiffres sont perdus. Écrivez-le en entier, comme texte.",
    "Een rekenblad heeft dit lange nummer ingekort en de laatste cijfers zijn weg. Schrijf het voluit, als tekst.",
)
_kind(
    "ambiguous_number",
    ROW,
    WARNING,
    "“{value}” can be read in two ways; it was read as {read}. Leave out the sign of thousands if that is wrong.",
    "« {value} » peut se lire de deux façons ; lu comme {read}. Retirez le séparateur de milliers si c'est faux.",
    "“{value}” kan op twee manieren gelezen worden; gelezen als {read}. Laat het duizendtalteken weg als dat fout is.",
)
_kind(
    "shared_email",
    ROW,
    WARNING,
    "Another contact uses “{value}” too. Both are kept; check that this is a shared address.",
    "Un autre contact utilise aussi « {value} ». Les deux sont gardés ; vérifiez que l'adresse est partagée.",
    "Een ander contact gebruikt ook “{value}”. Beide blijven; controleer of het een gedeeld adres is.",
)

_kind(
    "moved_to_account",
    ROW,
    FIX,
    "The row names no person; the value went to the account.",
    "La ligne ne nomme personne ; la valeur est passée au compte.",
    "De rij noemt geen persoon; de waarde ging naar het account.",
)
_kind(
    "zeros_restored",
    ROW,
    FIX,
    "Zeros that a spreadsheet had dropped were put back.",
    "Les zéros supprimés par un tableur ont été rétablis.",
    "Nullen die een rekenblad had weggelaten, zijn teruggezet.",
)
_kind(
    "number_reformatted",
    ROW,
    FIX,
    "The number was written in its usual form, without separators.",
    "Le numéro a été écrit sous sa forme habituelle, sans séparateurs.",
    "Het nummer is in zijn gewone vorm geschreven, zonder scheidingstekens.",
)
_kind(
    "phone_reformatted",
    ROW,
    FIX,
    "The phone number was written with its country code.",
    "Le numéro de téléphone a été écrit avec son indicatif.",
    "Het telefoonnummer is met landcode geschreven.",
)
_kind(
    "phone_words_removed",
    ROW,
    FIX,
    "The words beside the phone number were left out, and it was written with its country code.",
    "Les mots à côté du numéro ont été retirés et il a été écrit avec son indicatif.",
    "De woorden naast het telefoonnummer zijn weggelaten en het is met landcode geschreven.",
)
_kind(
    "email_reformatted",
    ROW,
    FIX,
    "The e-mail address was cleaned up.",
    "L'adresse e-mail a été nettoyée.",
    "Het e-mailadres is opgeschoond.",
)
_kind(
    "date_reformatted",
    ROW,
    FIX,
    "The date was written as year-month-day.",
    "La date a été écrite sous la forme année-mois-jour.",
    "De datum is geschreven als jaar-maand-dag.",
)
_kind(
    "serial_date",
    ROW,
    FIX,
    "A day number of a spreadsheet was read as a date.",
    "Un numéro de jour d'un tableur a été lu comme une date.",
    "Een dagnummer van een rekenblad is als datum gelezen.",
)
_kind(
    "year_completed",
    ROW,
    FIX,
    "The century was added to a year of two digits, and the date was written as year-month-day.",
    "Le siècle a été ajouté à une année de deux chiffres et la date écrite sous la forme année-mois-jour.",
    "De eeuw is toegevoegd aan een jaar van twee cijfers en de datum is geschreven als jaar-maand-dag.",
)
_kind(
    "time_removed",
    ROW,
    FIX,
    "The time of day was left out; the date was kept.",
    "L'heure a été retirée ; la date est gardée.",
    "Het uur is weggelaten; de datum is behouden.",
)
_kind(
    "option_recognised",
    ROW,
    FIX,
    "The value was replaced by the choice with that meaning.",
    "La valeur a été remplacée par le choix qui a ce sens.",
    "De waarde is vervangen door de keuze met die betekenis.",
)
_kind(
    "text_cleaned",
    ROW,
    FIX,
    "Spaces around the value and characters that cannot be seen were removed.",
    "Les espaces autour de la valeur et les caractères invisibles ont été supprimés.",
    "Spaties rond de waarde en onzichtbare tekens zijn verwijderd.",
)
_kind(
    "repeats_removed",
    ROW,
    FIX,
    "A value that stood in the list twice was kept once.",
    "Une valeur présente deux fois dans la liste n'est gardée qu'une fois.",
    "Een waarde die twee keer in de lijst stond, is één keer behouden.",
)
_kind(
    "number_written_out",
    ROW,
    FIX,
    "A number that a spreadsheet showed with an exponent was written out in full.",
    "Un nombre affiché avec un exposant par un tableur a été écrit en entier.",
    "Een getal dat een rekenblad met een exponent toonde, is voluit geschreven.",
)
_kind(
    "postal_code_reformatted",
    ROW,
    FIX,
    "The postal code was written as its country does.",
    "Le code postal a été écrit à la manière de son pays.",
    "De postcode is geschreven zoals in het land gebruikelijk.",
)
_kind(
    "url_completed",
    ROW,
    FIX,
    "The web address was completed.",
    "L'adresse web a été complétée.",
    "Het webadres is aangevuld.",
)

# Files: what reading found.

_kind(
    "empty",
    FILE,
    ERROR,
    "The file is empty. Choose a file with a header row and at least one row.",
    "Le fichier est vide. Choisissez un fichier avec une ligne d'en-tête et au moins une ligne.",
    "Het bestand is leeg. Kies een bestand met een koprij en minstens één rij.",
    422,
)
_kind(
    "no_rows",
    FILE,
    ERROR,
    "The file has a header but no rows. Add the clients below it.",
    "Le fichier a un en-tête mais aucune ligne. Ajoutez les clients en dessous.",
    "Het bestand heeft een koprij maar geen rijen. Voeg de klanten eronder toe.",
    422,
)
_kind(
    "no_header",
    FILE,
    ERROR,
    "Row {row} holds no column names: it is blank, or the list has no such row. Say which row holds them.",
    "La ligne {row} ne contient pas de noms de colonnes : elle est vide ou n'existe pas. Indiquez la bonne ligne.",
    "Rij {row} bevat geen kolomnamen: ze is leeg of bestaat niet. Zeg welke rij de kolomnamen bevat.",
    422,
)
_kind(
    "too_large",
    FILE,
    ERROR,
    "The file has {size}; {max} are allowed. Split it, or ask for a higher limit.",
    "Le fichier fait {size} ; {max} sont permis. Divisez-le ou demandez une limite plus haute.",
    "Het bestand is {size} groot; {max} is toegelaten. Splits het of vraag een hogere limiet.",
    413,
)
_kind(
    "too_many_rows",
    FILE,
    ERROR,
    "The file has more than {max} rows. Split it into several files.",
    "Le fichier compte plus de {max} lignes. Divisez-le en plusieurs fichiers.",
    "Het bestand heeft meer dan {max} rijen. Splits het in meerdere bestanden.",
    422,
)
_kind(
    "too_many_columns",
    FILE,
    ERROR,
    "The file has {count} columns; {max} are allowed. Remove those that are not needed.",
    "Le fichier compte {count} colonnes ; {max} sont permises. Retirez celles qui sont inutiles.",
    "Het bestand heeft {count} kolommen; {max} zijn toegelaten. Verwijder wat niet nodig is.",
    422,
)
_kind(
    "cell_too_long",
    FILE,
    ERROR,
    "Row {row}, column “{column}” holds more than {max} characters. Shorten it; perhaps a quote is not"
    " closed.",
    "La ligne {row}, colonne « {column} » dépasse {max} caractères. Raccourcissez-la ; un guillemet est"
    " peut-être ouvert.",
    "Rij {row}, kolom “{column}” heeft meer dan {max} tekens. Kort ze in; misschien ontbreekt een"
    " aanhalingsteken.",
    422,
)
_kind(
    "encrypted",
    FILE,
    ERROR,
    "The file is protected by a password. Save it without one and upload it again.",
    "Le fichier est protégé par un mot de passe. Enregistrez-le sans et envoyez-le à nouveau.",
    "Het bestand is met een wachtwoord beveiligd. Sla het zonder op en laad het opnieuw op.",
    422,
)
_kind(
    "corrupt",
    FILE,
    ERROR,
    "The file is damaged and cannot be read. Open it in its program, save it again and upload that.",
    "Le fichier est abîmé et illisible. Ouvrez-le dans son programme, enregistrez-le et envoyez-le à"
    " nouveau.",
    "Het bestand is beschadigd en onleesbaar. Open het in zijn programma, sla het opnieuw op en laad dat op.",
    422,
)
_kind(
    "unsupported_format",
    FILE,
    ERROR,
    "This is not a list that can be read ({found}). Use CSV, TSV, TXT, XLSX, XLS, XLSB or ODS, or a zip with"
    " one of them.",
    "Ce n'est pas une liste lisible ({found}). Utilisez CSV, TSV, TXT, XLSX, XLS, XLSB ou ODS, ou un zip qui en"
    " contient un.",
    "Dit is geen leesbare lijst ({found}). Gebruik CSV, TSV, TXT, XLSX, XLS, XLSB of ODS, of een zip met één"
    " daarvan.",
    415,
)
_kind(
    "undecodable",
    FILE,
    ERROR,
    "The text cannot be read as {encoding}. Choose another encoding, or save the file as UTF-8.",
    "Le texte est illisible en {encoding}. Choisissez un autre encodage ou enregistrez le fichier en UTF-8.",
    "De tekst is niet leesbaar als {encoding}. Kies een andere codering of sla het bestand op als UTF-8.",
    422,
)
_kind(
    "several_files",
    FILE,
    ERROR,
    "The archive holds {count} files. Put one list in it.",
    "L'archive contient {count} fichiers. N'y mettez qu'une seule liste.",
    "Het archief bevat {count} bestanden. Zet er één lijst in.",
    422,
)
_kind(
    "unpacks_too_large",
    FILE,
    ERROR,
    "Unpacked, the file would be larger than {max}. Remove pictures and empty areas, or split it.",
    "Décompressé, le fichier dépasserait {max}. Retirez les images et les zones vides ou divisez-le.",
    "Uitgepakt zou het bestand groter zijn dan {max}. Verwijder afbeeldingen en lege zones of splits het.",
    413,
)
_kind(
    "unknown_sheet",
    FILE,
    ERROR,
    "There is no sheet “{sheet}”. Choose one of: {sheets}.",
    "La feuille « {sheet} » n'existe pas. Choisissez parmi : {sheets}.",
    "Blad “{sheet}” bestaat niet. Kies een van: {sheets}.",
    422,
)
_kind(
    "reading_stopped",
    FILE,
    ERROR,
    "Reading the file took too much time or memory and was stopped. Save it as CSV, or split it.",
    "La lecture demandait trop de temps ou de mémoire et a été arrêtée. Enregistrez en CSV ou divisez le"
    " fichier.",
    "Het lezen vroeg te veel tijd of geheugen en is gestopt. Sla op als CSV of splits het bestand.",
    422,
)
_kind(
    "precision_lost",
    ROW,
    WARNING,
    "A number of more than 15 digits; spreadsheets keep only 15, so its end may be wrong. Compare it with the"
    " original and store it as text.",
    "Un nombre de plus de 15 chiffres ; les tableurs n'en gardent que 15, la fin peut donc être fausse."
    " Comparez-le à l'original et enregistrez-le comme texte.",
    "Een getal van meer dan 15 cijfers; rekenbladen houden er maar 15, dus het einde kan fout zijn. Vergelijk"
    " het met het origineel en bewaar het als tekst.",
)
_kind(
    "formula_not_calculated",
    ROW,
    WARNING,
    "The cell holds a formula without a result; it was taken as blank. Open the file in its program, save it"
    " and upload it again.",
    "La cellule contient une formule sans résultat ; elle est prise comme vide. Ouvrez le fichier dans son"
    " programme, enregistrez-le et envoyez-le à nouveau.",
    "De cel bevat een formule zonder resultaat en is als leeg gelezen. Open het bestand in zijn programma, sla"
    " het op en laad het opnieuw op.",
)
_kind(
    "blank_header",
    FILE,
    WARNING,
    "Column {letter} had no name; it is called “{name}”.",
    "La colonne {letter} n'avait pas de nom ; elle s'appelle « {name} ».",
    "Kolom {letter} had geen naam en heet nu “{name}”.",
)
_kind(
    "repeated_header",
    FILE,
    WARNING,
    "The header “{header}” stands there more than once; the later one is called “{name}”.",
    "L'en-tête « {header} » figure plusieurs fois ; le suivant s'appelle « {name} ».",
    "Kop “{header}” komt meer dan eens voor; de latere heet nu “{name}”.",
)
_kind(
    "extra_cells",
    ROW,
    WARNING,
    "The row has more cells than the header ({count}). They are not imported; check that no value was cut in two.",
    "La ligne a plus de cellules que l'en-tête ({count}). Elles ne sont pas importées ; vérifiez qu'aucune valeur"
    " n'a été coupée.",
    "De rij heeft meer cellen dan de koprij ({count}). Ze worden niet ingevoerd; kijk na of er geen waarde in"
    " tweeën is geknipt.",
)
_kind(
    "missing_cells",
    ROW,
    WARNING,
    "The row has fewer cells than the header. The missing ones are taken as blank; check that none has moved.",
    "La ligne a moins de cellules que l'en-tête. Celles qui manquent sont tenues pour vides ; vérifiez qu'aucune"
    " n'a glissé.",
    "De rij heeft minder cellen dan de koprij. De ontbrekende gelden als leeg; kijk na of er geen is verschoven.",
)
_kind(
    "quotes_repaired",
    ROW,
    WARNING,
    "The quotation marks in this row of the file are damaged, so its cells had to be guessed. Check them.",
    "Les guillemets de cette ligne du fichier sont abîmés ; ses cellules ont été devinées. Vérifiez-les.",
    "De aanhalingstekens in deze rij van het bestand zijn beschadigd; de cellen zijn geraden. Kijk ze na.",
)
_kind(
    "rows_in_cell",
    ROW,
    WARNING,
    "A cell of this row has lines that look like rows. If they are rows, put the quotation marks right in the file.",
    "Une cellule de cette ligne contient des lignes qui ressemblent à des rangées. Si c'en sont, corrigez les"
    " guillemets dans le fichier.",
    "Een cel van deze rij bevat regels die op rijen lijken. Zijn het rijen, verbeter dan de aanhalingstekens in"
    " het bestand.",
)
_kind(
    "blank_rows_dropped",
    FILE,
    WARNING,
    "{count} blank rows were left out.",
    "{count} lignes vides ont été écartées.",
    "{count} lege rijen zijn weggelaten.",
)
_kind(
    "blank_columns_dropped",
    FILE,
    WARNING,
    "{count} blank columns were left out.",
    "{count} colonnes vides ont été écartées.",
    "{count} lege kolommen zijn weggelaten.",
)
_kind(
    "encoding_guessed",
    FILE,
    WARNING,
    "The encoding was guessed as {encoding}. Look at the accents in the sample and choose another if they"
    " are wrong.",
    "L'encodage supposé est {encoding}. Regardez les accents de l'exemple et choisissez-en un autre s'ils"
    " sont faux.",
    "De codering is geraden: {encoding}. Bekijk de accenten in het voorbeeld en kies een andere als ze"
    " fout zijn.",
)
_kind(
    "undecodable_bytes",
    FILE,
    WARNING,
    "{count} characters could not be read and are shown as a question mark. Choose another encoding.",
    "{count} caractères illisibles sont remplacés par un point d'interrogation. Choisissez un autre"
    " encodage.",
    "{count} tekens waren onleesbaar en staan er als vraagteken. Kies een andere codering.",
)
_kind(
    "preamble_skipped",
    FILE,
    WARNING,
    "Lines above the header row were left out ({count}). Choose another header row if that is wrong.",
    "Des lignes au-dessus de l'en-tête ont été écartées ({count}). Choisissez un autre en-tête si c'est faux.",
    "Regels boven de koprij zijn weggelaten ({count}). Kies een andere koprij als dat fout is.",
)
_kind(
    "rows_left_out",
    FILE,
    WARNING,
    "{count} rows were left out because they repeat the header or are comments or the foot of a page ({rows})."
    " Write them otherwise if they are clients.",
    "{count} lignes ont été écartées : en-tête répété, commentaire ou pied de page ({rows}). Récrivez-les"
    " autrement si ce sont des clients.",
    "{count} rijen zijn weggelaten: herhaalde koprij, opmerking of voettekst ({rows}). Schrijf ze anders als het"
    " klanten zijn.",
)
_kind(
    "footer_rows",
    FILE,
    WARNING,
    "{count} rows at the end look like totals or notes ({rows}). They are read as clients; untick those that are"
    " none.",
    "{count} lignes à la fin ressemblent à des totaux ou à des notes ({rows}). Elles sont lues comme des clients ;"
    " décochez celles qui n'en sont pas.",
    "{count} rijen op het einde lijken totalen of nota's ({rows}). Ze zijn als klanten gelezen; vink uit wat er"
    " geen is.",
)
_kind(
    "other_sheets",
    FILE,
    WARNING,
    "Only the sheet “{sheet}” is read; the file has {count} more. Choose another if that is wrong.",
    "Seule la feuille « {sheet} » est lue ; le fichier en a {count} autres. Choisissez-en une autre si"
    " c'est faux.",
    "Alleen blad “{sheet}” wordt gelezen; het bestand heeft er nog {count}. Kies een ander als dat fout is.",
)
_kind(
    "same_file",
    FILE,
    WARNING,
    "The same file was imported on {date} by {who}. Go on only if you mean to import it again.",
    "Le même fichier a été importé le {date} par {who}. Ne continuez que si vous voulez le réimporter.",
    "Hetzelfde bestand is op {date} ingevoerd door {who}. Ga alleen verder als u het opnieuw wilt invoeren.",
)
_kind(
    "unusable_delimiter",
    FILE,
    ERROR,
    "“{delimiter}” cannot separate the columns of this file. Choose another sign.",
    "« {delimiter} » ne peut pas séparer les colonnes de ce fichier. Choisissez un autre signe.",
    "“{delimiter}” kan de kolommen van dit bestand niet scheiden. Kies een ander teken.",
)
_kind(
    "unclosed_quote",
    FILE,
    WARNING,
    "A quotation mark in row {row} is never closed. Check that row in the file.",
    "Un guillemet de la ligne {row} n'est jamais fermé. Vérifiez cette ligne dans le fichier.",
    "Een aanhalingsteken in rij {row} wordt nooit gesloten. Controleer die rij in het bestand.",
)
_kind(
    "rows_repaired",
    FILE,
    WARNING,
    "Quotation marks are damaged in {count} rows ({rows}), so their cells had to be guessed. Check them.",
    "Les guillemets de {count} lignes ({rows}) sont abîmés ; leurs cellules ont été devinées. Vérifiez-les.",
    "In {count} rijen ({rows}) zijn aanhalingstekens beschadigd; de cellen zijn geraden. Kijk ze na.",
)
_kind(
    "rows_in_cells",
    FILE,
    WARNING,
    "Cells in {count} rows ({rows}) have lines that look like rows. If they are rows, put the quotation marks right"
    " in the file.",
    "Des cellules de {count} lignes ({rows}) contiennent des lignes qui ressemblent à des rangées. Si c'en sont,"
    " corrigez les guillemets dans le fichier.",
    "Cellen in {count} rijen ({rows}) bevatten regels die op rijen lijken. Zijn het rijen, verbeter dan de"
    " aanhalingstekens in het bestand.",
)
_kind(
    "lines_unwrapped",
    FILE,
    WARNING,
    "Each line of the file has quotation marks around the whole of it. They were taken off to find the columns.",
    "Chaque ligne du fichier est entièrement entre guillemets. Ils ont été retirés pour trouver les colonnes.",
    "Elke regel van het bestand staat als geheel tussen aanhalingstekens. Ze zijn weggelaten om de kolommen te"
    " vinden.",
)

_kind(
    "unknown_import",
    REQUEST,
    ERROR,
    "There is no import {job}. Name the import whose skipped rows these are.",
    "Il n'y a pas d'importation {job}. Indiquez celle dont viennent ces lignes ignorées.",
    "Er is geen invoer {job}. Noem de invoer waarvan deze overgeslagen rijen komen.",
    422,
)
_kind(
    "repair_without_rows",
    FILE,
    ERROR,
    "The file has no column “_row”, so nobody can tell which rows these are. Send the list of skipped rows back"
    " with that column.",
    "Le fichier n'a pas de colonne « _row » ; on ne sait donc pas de quelles lignes il s'agit. Renvoyez la"
    " liste des lignes ignorées avec cette colonne.",
    "Het bestand heeft geen kolom “_row”, dus is niet te zien welke rijen dit zijn. Stuur de lijst van"
    " overgeslagen rijen terug met die kolom.",
    422,
)
_kind(
    "repair_unknown_rows",
    FILE,
    ERROR,
    "The import has no rows {rows}. Leave the column “_row” as it was, and send new rows in a file of their own."
    " Nothing was changed.",
    "L'importation n'a pas de lignes {rows}. Laissez la colonne « _row » telle quelle et envoyez les nouvelles"
    " lignes dans un autre fichier. Rien n'a été modifié.",
    "De invoer heeft geen rijen {rows}. Laat de kolom “_row” zoals ze was en stuur nieuwe rijen in een eigen"
    " bestand. Er is niets gewijzigd.",
    422,
)
_kind(
    "repair_rows_twice",
    FILE,
    ERROR,
    "Rows {rows} stand in the file more than once. Keep one line for each. Nothing was changed.",
    "Les lignes {rows} figurent plusieurs fois dans le fichier. N'en gardez qu'une par numéro. Rien n'a été"
    " modifié.",
    "De rijen {rows} staan meer dan eens in het bestand. Houd één regel per nummer. Er is niets gewijzigd.",
    422,
)
_kind(
    "repair_unknown_columns",
    FILE,
    ERROR,
    "The import has no columns {columns}. Leave the headers as they were, or remove these columns. Nothing was"
    " changed.",
    "L'importation n'a pas de colonnes {columns}. Laissez les en-têtes tels quels ou supprimez ces colonnes."
    " Rien n'a été modifié.",
    "De invoer heeft geen kolommen {columns}. Laat de kopteksten zoals ze waren of verwijder deze kolommen. Er"
    " is niets gewijzigd.",
    422,
)
_kind(
    "nothing_to_repair",
    FILE,
    ERROR,
    "No row of this file waits to be loaded: they are loaded already, or a person left them out.",
    "Aucune ligne de ce fichier n'attend d'être chargée : elles le sont déjà ou quelqu'un les a écartées.",
    "Geen rij van dit bestand wacht nog: ze zijn al geladen, of iemand liet ze weg.",
    409,
)
_kind(
    "too_many_rows_for_a_workbook",
    REQUEST,
    ERROR,
    "{count} rows were skipped; a workbook is made of at most {max}. Take the list as CSV (skipped.zip).",
    "{count} lignes ont été ignorées ; un classeur en contient au plus {max}. Prenez la liste en CSV"
    " (skipped.zip).",
    "Er zijn {count} rijen overgeslagen; een werkboek bevat er hoogstens {max}. Neem de lijst als CSV"
    " (skipped.zip).",
    422,
)

# Columns: what is wrong with a mapping or with settings.

_kind(
    "unknown_field",
    COLUMN,
    ERROR,
    "There is no field “{target}”. Choose one from the list.",
    "Le champ « {target} » n'existe pas. Choisissez-en un dans la liste.",
    "Veld “{target}” bestaat niet. Kies er een uit de lijst.",
    422,
)
_kind(
    "nothing_to_undo",
    REQUEST,
    ERROR,
    "No repair is left to take back.",
    "Il ne reste aucune réparation à annuler.",
    "Er is geen herstelling meer om terug te draaien.",
    409,
)
_kind(
    "unknown_column",
    COLUMN,
    ERROR,
    "The file has no column {index}. Use the columns that were read.",
    "Le fichier n'a pas de colonne {index}. Utilisez les colonnes lues.",
    "Het bestand heeft geen kolom {index}. Gebruik de gelezen kolommen.",
    422,
)
_kind(
    "unknown_action",
    COLUMN,
    ERROR,
    "“{action}” is not an action. Use sync, skip or custom.",
    "« {action} » n'est pas une action. Utilisez sync, skip ou custom.",
    "“{action}” is geen actie. Gebruik sync, skip of custom.",
    422,
)
_kind(
    "target_used_twice",
    COLUMN,
    ERROR,
    "Several columns are mapped to {field}. Keep one of them.",
    "Plusieurs colonnes sont associées à {field}. N'en gardez qu'une.",
    "Meerdere kolommen zijn aan {field} gekoppeld. Houd er één.",
    422,
)
_kind(
    "column_given_twice",
    COLUMN,
    ERROR,
    "Column {index} is given more than once. Give each column once.",
    "La colonne {index} est donnée plusieurs fois. Donnez chaque colonne une seule fois.",
    "Kolom {index} is meer dan eens opgegeven. Geef elke kolom één keer.",
    422,
)
_kind(
    "required_not_mapped",
    COLUMN,
    ERROR,
    "No column is mapped to {field}. Map one; without it nothing can be imported.",
    "Aucune colonne n'est associée à {field}. Associez-en une ; sans elle rien ne peut être importé.",
    "Geen kolom is aan {field} gekoppeld. Koppel er een; zonder kan niets ingevoerd worden.",
    422,
)
_kind(
    "target_missing",
    COLUMN,
    ERROR,
    "The column is to be imported but no field is chosen. Choose one, or skip the column.",
    "La colonne est à importer mais aucun champ n'est choisi. Choisissez-en un ou ignorez la colonne.",
    "De kolom moet ingevoerd worden maar er is geen veld gekozen. Kies er een of sla de kolom over.",
    422,
)
_kind(
    "not_for_this_kind",
    COLUMN,
    ERROR,
    "{field} does not belong to this kind of import. Choose another field or another kind.",
    "{field} n'appartient pas à ce type d'importation. Choisissez un autre champ ou un autre type.",
    "{field} hoort niet bij dit soort invoer. Kies een ander veld of een ander soort.",
    422,
)
_kind(
    "unknown_custom_type",
    COLUMN,
    ERROR,
    "“{type}” is not a type of custom field. Use text, number, date, choice, multi-choice, email, url or"
    " phone.",
    "« {type} » n'est pas un type de champ. Utilisez text, number, date, choice, multi-choice, email, url"
    " ou phone.",
    "“{type}” is geen veldtype. Gebruik text, number, date, choice, multi-choice, email, url of phone.",
    422,
)
_kind(
    "custom_name_missing",
    COLUMN,
    ERROR,
    "The new field has no name. Give it one.",
    "Le nouveau champ n'a pas de nom. Donnez-lui-en un.",
    "Het nieuwe veld heeft geen naam. Geef het er een.",
    422,
)
_kind(
    "custom_name_taken",
    COLUMN,
    ERROR,
    "There is a field “{name}” already. Choose it, or give the new one another name.",
    "Un champ « {name} » existe déjà. Choisissez-le ou donnez un autre nom au nouveau.",
    "Er bestaat al een veld “{name}”. Kies het of geef het nieuwe een andere naam.",
    422,
)
_kind(
    "unknown_account_type",
    COLUMN,
    ERROR,
    "“{value}” is not an account type. Use {choices}.",
    "« {value} » n'est pas un type de compte. Utilisez {choices}.",
    "“{value}” is geen accounttype. Gebruik {choices}.",
    422,
)
_kind(
    "unknown_mode",
    COLUMN,
    ERROR,
    "“{mode}” is not a way to set the account type. Use fixed, column or skip.",
    "« {mode} » n'est pas une façon de fixer le type de compte. Utilisez fixed, column ou skip.",
    "“{mode}” is geen manier om het accounttype te bepalen. Gebruik fixed, column of skip.",
    422,
)
_kind(
    "unknown_date_order",
    COLUMN,
    ERROR,
    "“{value}” is not a date order. Use DMY, MDY or YMD.",
    "« {value} » n'est pas un ordre de date. Utilisez DMY, MDY ou YMD.",
    "“{value}” is geen datumvolgorde. Gebruik DMY, MDY of YMD.",
    422,
)
_kind(
    "unknown_region",
    COLUMN,
    ERROR,
    "“{value}” is not a country code for phones. Use two letters, like BE.",
    "« {value} » n'est pas un code de pays pour les téléphones. Utilisez deux lettres, comme BE.",
    "“{value}” is geen landcode voor telefoons. Gebruik twee letters, zoals BE.",
    422,
)
_kind(
    "unknown_setting",
    COLUMN,
    ERROR,
    "There is no setting “{name}”. Leave it out.",
    "Le réglage « {name} » n'existe pas. Retirez-le.",
    "Instelling “{name}” bestaat niet. Laat ze weg.",
    422,
)
_kind(
    "not_in_directory",
    COLUMN,
    ERROR,
    "“{value}” is not known to the firm. Add it to the directory, or choose another.",
    "« {value} » n'est pas connu du bureau. Ajoutez-le au répertoire ou choisissez autre chose.",
    "“{value}” is niet bekend bij het kantoor. Voeg het toe aan de gegevens of kies iets anders.",
    422,
)
_kind(
    "may_not_create_tag",
    COLUMN,
    ERROR,
    "The firm has no tag “{value}”, and you may not make one. Choose another, or ask somebody who may.",
    "Le bureau n'a pas d'étiquette « {value} » et vous ne pouvez pas en créer. Choisissez-en une autre, ou"
    " demandez-la à qui peut.",
    "Het kantoor heeft geen label “{value}” en u mag er geen maken. Kies een ander of vraag het aan wie dat"
    " mag.",
    422,
)
_kind(
    "may_not_create_custom_field",
    COLUMN,
    ERROR,
    "The firm has no field “{value}”, and you may not make one. Skip the column, or ask somebody who may.",
    "Le bureau n'a pas de champ « {value} » et vous ne pouvez pas en créer. Ignorez la colonne, ou demandez"
    " à qui peut.",
    "Het kantoor heeft geen veld “{value}” en u mag er geen maken. Sla de kolom over of vraag het aan wie dat"
    " mag.",
    422,
)
_kind(
    "may_not_assign",
    COLUMN,
    ERROR,
    "You may not assign “{value}”. Name nobody but yourself, or ask somebody who may assign team members.",
    "Vous ne pouvez pas affecter « {value} ». Ne nommez que vous-même, ou demandez à qui peut affecter"
    " l'équipe.",
    "U mag “{value}” niet toewijzen. Noem alleen uzelf of vraag het aan wie teamleden mag toewijzen.",
    422,
)
_kind(
    "date_order_undecided",
    COLUMN,
    WARNING,
    "Dates in “{header}” can be read in two ways; {order} of the firm is used. Choose another order if"
    " that is wrong.",
    "Les dates de « {header} » se lisent de deux façons ; {order} du bureau est utilisé. Choisissez un"
    " autre ordre si besoin.",
    "Datums in “{header}” zijn op twee manieren leesbaar; {order} van het kantoor geldt. Kies een andere"
    " volgorde indien fout.",
)
_kind(
    "date_order_mixed",
    COLUMN,
    WARNING,
    "Dates in “{header}” are written in different orders; {order} is used. Check the dates that are refused.",
    "Les dates de « {header} » sont écrites dans des ordres différents ; {order} est utilisé. Vérifiez les"
    " refus.",
    "Datums in “{header}” staan in verschillende volgordes; {order} geldt. Controleer de geweigerde datums.",
)

# Requests: what answers a call.

_kind(
    "bad_request",
    REQUEST,
    ERROR,
    "The request cannot be understood. {detail}",
    "La requête est incompréhensible. {detail}",
    "Het verzoek is onbegrijpelijk. {detail}",
    400,
)
_kind(
    "not_authenticated",
    REQUEST,
    ERROR,
    "Sign in first: the request carries no valid token.",
    "Identifiez-vous d'abord : la requête ne porte pas de jeton valable.",
    "Meld u eerst aan: het verzoek draagt geen geldig token.",
    401,
)
_kind(
    "token_expired",
    REQUEST,
    ERROR,
    "The sign-in has expired. Sign in again.",
    "La session a expiré. Identifiez-vous à nouveau.",
    "De aanmelding is verlopen. Meld u opnieuw aan.",
    401,
)
_kind(
    "not_allowed",
    REQUEST,
    ERROR,
    "You may not do this. Ask the owner of the firm for the right to {right}.",
    "Vous n'y êtes pas autorisé. Demandez au propriétaire du bureau le droit suivant : {right}.",
    "U mag dit niet doen. Vraag de eigenaar van het kantoor dit recht: {right}.",
    403,
)
_kind(
    "not_found",
    REQUEST,
    ERROR,
    "There is nothing here, or it is not yours. Check the address.",
    "Il n'y a rien ici, ou cela ne vous appartient pas. Vérifiez l'adresse.",
    "Hier is niets, of het is niet van u. Controleer het adres.",
    404,
)
_kind(
    "method_not_allowed",
    REQUEST,
    ERROR,
    "This address does not take {method}. See the description of the API.",
    "Cette adresse n'accepte pas {method}. Voyez la description de l'API.",
    "Dit adres aanvaardt geen {method}. Zie de beschrijving van de API.",
    405,
)
_kind(
    "not_acceptable",
    REQUEST,
    ERROR,
    "This cannot be given in the form that was asked for. Ask for application/json.",
    "Impossible de répondre dans la forme demandée. Demandez application/json.",
    "Dit kan niet in de gevraagde vorm gegeven worden. Vraag application/json.",
    406,
)
_kind(
    "wrong_state",
    REQUEST,
    ERROR,
    "The job stands at “{standing}”; this is possible only at {allowed}.",
    "L'importation est à l'étape « {standing} » ; ceci n'est possible qu'à {allowed}.",
    "De invoer staat op “{standing}”; dit kan alleen bij {allowed}.",
    409,
)
_kind(
    "idempotency_conflict",
    REQUEST,
    ERROR,
    "This idempotency key was used for another request. Use a new key.",
    "Cette clé d'idempotence a servi à une autre requête. Utilisez une nouvelle clé.",
    "Deze idempotentiesleutel is voor een ander verzoek gebruikt. Gebruik een nieuwe.",
    409,
)
_kind(
    "name_taken",
    REQUEST,
    ERROR,
    "“{name}” exists already. Choose another name.",
    "« {name} » existe déjà. Choisissez un autre nom.",
    "“{name}” bestaat al. Kies een andere naam.",
    409,
)
_kind(
    "undo_expired",
    REQUEST,
    ERROR,
    "An import can be taken back for {days} days; that time is over.",
    "Une importation peut être annulée pendant {days} jours ; ce délai est passé.",
    "Een invoer kan {days} dagen lang ongedaan gemaakt worden; die tijd is voorbij.",
    409,
)
_kind(
    "nothing_loaded",
    REQUEST,
    ERROR,
    "This import has loaded nothing, so there is nothing to take back.",
    "Cette importation n'a rien chargé ; il n'y a rien à annuler.",
    "Deze invoer heeft niets geladen; er is niets ongedaan te maken.",
    409,
)
_kind(
    "purged",
    REQUEST,
    ERROR,
    "The file and its rows were removed; only the numbers are kept.",
    "Le fichier et ses lignes ont été supprimés ; seuls les chiffres sont gardés.",
    "Het bestand en de rijen zijn verwijderd; alleen de cijfers zijn bewaard.",
    410,
)
_kind(
    "changed_meanwhile",
    REQUEST,
    ERROR,
    "Somebody changed this in the meantime. Load it again and repeat your change.",
    "Quelqu'un l'a modifié entre-temps. Rechargez et refaites votre modification.",
    "Iemand heeft dit intussen gewijzigd. Laad opnieuw en herhaal uw wijziging.",
    412,
)
_kind(
    "unsupported_media_type",
    REQUEST,
    ERROR,
    "The request is sent as {found}. Send it as {expected}.",
    "La requête est envoyée comme {found}. Envoyez-la comme {expected}.",
    "Het verzoek is verstuurd als {found}. Verstuur het als {expected}.",
    415,
)
_kind(
    "invalid_content",
    REQUEST,
    ERROR,
    "Some of what was sent is not right; the list of errors says what and where.",
    "Une partie de l'envoi est incorrecte ; la liste des erreurs dit quoi et où.",
    "Een deel van wat verstuurd is, klopt niet; de lijst met fouten zegt wat en waar.",
    422,
)
_kind(
    "wrong_value",
    REQUEST,
    ERROR,
    "“{value}” is not allowed for {name}. Allowed: {allowed}.",
    "« {value} » n'est pas permis pour {name}. Permis : {allowed}.",
    "“{value}” is niet toegelaten voor {name}. Toegelaten: {allowed}.",
    422,
)
_kind(
    "private_address",
    REQUEST,
    ERROR,
    "The address {url} is not a public one. Give an https address that can be reached from outside.",
    "L'adresse {url} n'est pas publique. Donnez une adresse https accessible de l'extérieur.",
    "Het adres {url} is niet openbaar. Geef een https-adres dat van buitenaf bereikbaar is.",
    422,
)
_kind(
    "too_many_requests",
    REQUEST,
    ERROR,
    "Too many requests. Try again in {seconds} seconds.",
    "Trop de requêtes. Réessayez dans {seconds} secondes.",
    "Te veel verzoeken. Probeer opnieuw over {seconds} seconden.",
    429,
)
_kind(
    "too_many_jobs",
    REQUEST,
    ERROR,
    "The firm has {count} imports running. Wait until one is done.",
    "Le bureau a {count} importations en cours. Attendez qu'une soit terminée.",
    "Het kantoor heeft {count} lopende invoeren. Wacht tot er een klaar is.",
    429,
)
_kind(
    "internal_error",
    REQUEST,
    ERROR,
    "Something went wrong on our side. Try again; if it stays, tell us the number {request_id}.",
    "Une erreur est survenue de notre côté. Réessayez ; si elle persiste, indiquez le numéro {request_id}.",
    "Er ging iets mis aan onze kant. Probeer opnieuw; blijft het, geef dan het nummer {request_id} door.",
    500,
)
_kind(
    "unavailable",
    REQUEST,
    ERROR,
    "A part of the service cannot be reached now. Try again in a moment.",
    "Une partie du service est injoignable. Réessayez dans un instant.",
    "Een deel van de dienst is nu onbereikbaar. Probeer het zo dadelijk opnieuw.",
    503,
)
_kind(
    "no_answer_in_time",
    REQUEST,
    ERROR,
    "The answer took too long. The work goes on; ask for the job again.",
    "La réponse a trop tardé. Le travail continue ; redemandez l'importation.",
    "Het antwoord duurde te lang. Het werk gaat door; vraag de invoer opnieuw op.",
    504,
)

# Jobs: why a job stopped.

_kind(
    "no_progress",
    JOB,
    ERROR,
    "The import made no progress for {minutes} minutes and was stopped. Start it again; nothing is loaded"
    " twice.",
    "L'importation n'a pas avancé pendant {minutes} minutes et a été arrêtée. Relancez-la ; rien n'est"
    " chargé deux fois.",
    "De invoer stond {minutes} minuten stil en is gestopt. Start ze opnieuw; niets wordt dubbel geladen.",
)
_kind(
    "too_many_failures",
    JOB,
    ERROR,
    "A step failed {count} times and was given up. The team of the platform has been told.",
    "Une étape a échoué {count} fois et a été abandonnée. L'équipe de la plateforme est prévenue.",
    "Een stap mislukte {count} keer en is opgegeven. Het team van het platform is verwittigd.",
)
_kind(
    "numbers_do_not_balance",
    JOB,
    ERROR,
    "{read} rows were read but {accounted} are accounted for. The import is held until that is explained.",
    "{read} lignes lues mais {accounted} justifiées. L'importation est retenue jusqu'à explication.",
    "Er zijn {read} rijen gelezen maar {accounted} verantwoord. De invoer wacht tot dat verklaard is.",
)
_kind(
    "parked",
    JOB,
    ERROR,
    "A message of this import was set aside for the team of the platform.",
    "Un message de cette importation a été mis de côté pour l'équipe de la plateforme.",
    "Een bericht van deze invoer is opzijgezet voor het team van het platform.",
)
_kind(
    "unreadable_file",
    JOB,
    ERROR,
    "The file could not be read. {detail}",
    "Le fichier n'a pu être lu. {detail}",
    "Het bestand kon niet gelezen worden. {detail}",
)
_kind(
    "file_missing",
    JOB,
    ERROR,
    "The uploaded file is no longer there. Upload it again.",
    "Le fichier envoyé n'est plus là. Envoyez-le à nouveau.",
    "Het opgeladen bestand is er niet meer. Laad het opnieuw op.",
)
_kind(
    "upload_incomplete",
    JOB,
    ERROR,
    "The upload broke off. Upload the file again.",
    "L'envoi s'est interrompu. Envoyez le fichier à nouveau.",
    "Het opladen is afgebroken. Laad het bestand opnieuw op.",
)
_kind(
    "deadline_passed",
    JOB,
    ERROR,
    "The import was not finished within {hours} hours and was stopped. Start it again.",
    "L'importation n'était pas terminée après {hours} heures et a été arrêtée. Relancez-la.",
    "De invoer was na {hours} uur niet klaar en is gestopt. Start ze opnieuw.",
)
_kind(
    "too_many_invalid",
    JOB,
    ERROR,
    "{invalid} rows are invalid, more than the {allowed} allowed for an automatic start. Look at them,"
    " then confirm.",
    "{invalid} lignes sont invalides, plus que les {allowed} admises au démarrage automatique. Vérifiez,"
    " puis confirmez.",
    "{invalid} rijen zijn ongeldig, meer dan de {allowed} voor een automatische start. Bekijk ze en"
    " bevestig dan.",
)
_kind(
    "stopped_by_person",
    JOB,
    ERROR,
    "The import was stopped by {who}. What was loaded until then is listed.",
    "L'importation a été arrêtée par {who}. Ce qui était déjà chargé est listé.",
    "De invoer is gestopt door {who}. Wat tot dan geladen was, staat in de lijst.",
)
_kind(
    "left_alone",
    JOB,
    ERROR,
    "Nobody came back to this import for {days} days, so it was stopped; its file and rows were removed. Upload"
    " the file again to import it.",
    "Personne n'est revenu à cette importation pendant {days} jours ; elle a été arrêtée, son fichier et ses"
    " lignes supprimés. Envoyez le fichier à nouveau pour l'importer.",
    "Niemand kwam {days} dagen lang op deze invoer terug; ze is gestopt en haar bestand en rijen zijn"
    " verwijderd. Laad het bestand opnieuw op om het in te voeren.",
)

# Messages: why a message was not taken.

_kind(
    "unknown_version",
    MESSAGE,
    ERROR,
    "Version {version} of the message is not known here. Use one of: {versions}.",
    "La version {version} du message est inconnue. Utilisez : {versions}.",
    "Versie {version} van het bericht is onbekend. Gebruik een van: {versions}.",
)
_kind(
    "unknown_type",
    MESSAGE,
    ERROR,
    "Messages of type “{type}” are not known here.",
    "Les messages de type « {type} » sont inconnus ici.",
    "Berichten van het type “{type}” zijn hier onbekend.",
)
_kind(
    "not_json",
    MESSAGE,
    ERROR,
    "The body of the message is not JSON. Send UTF-8 JSON.",
    "Le corps du message n'est pas du JSON. Envoyez du JSON en UTF-8.",
    "De inhoud van het bericht is geen JSON. Stuur JSON in UTF-8.",
)
_kind(
    "invalid_message",
    MESSAGE,
    ERROR,
    "The message does not have the agreed shape: {detail}",
    "Le message n'a pas la forme convenue : {detail}",
    "Het bericht heeft niet de afgesproken vorm: {detail}",
)
_kind(
    "message_too_large",
    MESSAGE,
    ERROR,
    "The message is larger than {max}. Send larger files over HTTP.",
    "Le message dépasse {max}. Envoyez les grands fichiers par HTTP.",
    "Het bericht is groter dan {max}. Stuur grotere bestanden over HTTP.",
)
_kind(
    "token_missing",
    MESSAGE,
    ERROR,
    "The message carries no token. Put a signed token in its headers.",
    "Le message ne porte pas de jeton. Mettez un jeton signé dans ses en-têtes.",
    "Het bericht draagt geen token. Zet een ondertekend token in de headers.",
)
_kind(
    "unknown_job",
    MESSAGE,
    ERROR,
    "The message speaks of a job that does not exist.",
    "Le message parle d'une importation qui n'existe pas.",
    "Het bericht gaat over een invoer die niet bestaat.",
)
