"""All words of the mails, side by side in en, fr and nl; a pair is for one and for several.

`{n}` is a number written as the language writes it, `{file}` the name of the uploaded file.
"""

from __future__ import annotations

Text = str | tuple[str, str]


def _text(en: Text, fr: Text, nl: Text) -> dict[str, Text]:
    return {"en": en, "fr": fr, "nl": nl}


TEXTS: dict[str, dict[str, Text]] = {
    # what happened: the subject, and the heading of the mail
    "imported": _text(
        "Your client list is imported",
        "Votre liste de clients est importée",
        "Uw klantenlijst is ingevoerd",
    ),
    "imported_subject": _text(
        "Your client list is imported: {numbers}",
        "Votre liste de clients est importée : {numbers}",
        "Uw klantenlijst is ingevoerd: {numbers}",
    ),
    "subject_loaded": _text(
        ("{n} row loaded", "{n} rows loaded"),
        ("{n} ligne chargée", "{n} lignes chargées"),
        ("{n} rij geladen", "{n} rijen geladen"),
    ),
    "subject_unchanged": _text("{n} unchanged", ("{n} inchangée", "{n} inchangées"), "{n} ongewijzigd"),
    "subject_skipped": _text("{n} skipped", ("{n} ignorée", "{n} ignorées"), "{n} overgeslagen"),
    "failed": _text(
        "Your client list was not imported",
        "Votre liste de clients n'a pas été importée",
        "Uw klantenlijst is niet ingevoerd",
    ),
    "failed_halfway": _text(
        "The import of your client list has stopped halfway",
        "L'importation de votre liste de clients s'est arrêtée en cours de route",
        "De invoer van uw klantenlijst is halverwege gestopt",
    ),
    "undo_failed": _text(
        "Taking back your import has stopped halfway",
        "L'annulation de votre importation s'est arrêtée en cours de route",
        "Het ongedaan maken van uw invoer is halverwege gestopt",
    ),
    "undone": _text(
        "Your import has been taken back",
        "Votre importation a été annulée",
        "Uw invoer is ongedaan gemaakt",
    ),
    # one paragraph each
    "imported_intro": _text(
        "“{file}” is done. Every row of the file is accounted for:",
        "« {file} » est terminé. Chaque ligne du fichier est comptée :",
        "“{file}” is klaar. Elke rij van het bestand is verantwoord:",
    ),
    "failed_intro": _text(
        "The import of “{file}” has stopped, for this reason:",
        "L'importation de « {file} » s'est arrêtée, pour la raison suivante :",
        "De invoer van “{file}” is gestopt, om deze reden:",
    ),
    "undo_failed_intro": _text(
        "The import of “{file}” could not be taken back as a whole, for this reason:",
        "L'importation de « {file} » n'a pas pu être annulée entièrement, pour la raison suivante :",
        "De invoer van “{file}” kon niet volledig ongedaan gemaakt worden, om deze reden:",
    ),
    "undone_intro": _text(
        "The import of “{file}” has been taken back: what it had created is removed, and what it had changed"
        " has its earlier values again. What people have changed since was left as it is.",
        "L'importation de « {file} » a été annulée : ce qu'elle avait créé est supprimé et ce qu'elle avait"
        " modifié a retrouvé ses valeurs d'avant. Ce qui a été modifié depuis à la main est resté tel quel.",
        "De invoer van “{file}” is ongedaan gemaakt: wat ze had aangemaakt is verwijderd en wat ze had"
        " gewijzigd heeft weer de vroegere waarden. Wat mensen sindsdien wijzigden, bleef ongemoeid.",
    ),
    "skipped": _text(
        (
            "{n} row was skipped. The list of skipped rows gives the reason; correct it there and upload"
            " only that list.",
            "{n} rows were skipped. The list of skipped rows gives the reason for each; correct them there"
            " and upload only that list.",
        ),
        (
            "{n} ligne a été ignorée. La liste des lignes ignorées en donne la raison ; corrigez-la dans"
            " cette liste et n'envoyez que celle-ci.",
            "{n} lignes ont été ignorées. La liste des lignes ignorées donne la raison de chacune ;"
            " corrigez-les dans cette liste et n'envoyez que celle-ci.",
        ),
        (
            "{n} rij is overgeslagen. De lijst van overgeslagen rijen geeft de reden; verbeter de rij daar en"
            " laad alleen die lijst op.",
            "{n} rijen zijn overgeslagen. De lijst van overgeslagen rijen geeft bij elke rij de reden;"
            " verbeter ze daar en laad alleen die lijst op.",
        ),
    ),
    "none_skipped": _text(
        "No row was skipped; there is nothing left for you to do.",
        "Aucune ligne n'a été ignorée ; vous n'avez plus rien à faire.",
        "Er is geen rij overgeslagen; u hoeft niets meer te doen.",
    ),
    "nothing_loaded": _text(
        "Nothing was loaded: your accounts and contacts are as they were.",
        "Rien n'a été chargé : vos comptes et contacts sont restés tels quels.",
        "Er is niets geladen: uw accounts en contacten zijn zoals ze waren.",
    ),
    "loaded_until_then": _text(
        "Until then, this was loaded. On the page of the import you can take it back.",
        "Jusque-là, ceci a été chargé. Vous pouvez l'annuler sur la page de l'importation.",
        "Tot dan is dit geladen. Op de pagina van de invoer kunt u het ongedaan maken.",
    ),
    "undo_failed_rest": _text(
        "The page of the import says, row by row, what has been taken back and what has not.",
        "La page de l'importation indique, ligne par ligne, ce qui a été annulé et ce qui ne l'a pas été.",
        "De pagina van de invoer zegt, rij per rij, wat ongedaan gemaakt is en wat niet.",
    ),
    "undone_numbers": _text(
        "This is what became of its rows and records:",
        "Voici ce que sont devenues ses lignes et ses fiches :",
        "Dit is er van de rijen en de fiches geworden:",
    ),
    "undone_rest": _text(
        "The page of the import says, row by row, what was taken back and what was kept.",
        "La page de l'importation indique, ligne par ligne, ce qui a été annulé et ce qui a été gardé.",
        "De pagina van de invoer zegt, rij per rij, wat ongedaan gemaakt is en wat bewaard bleef.",
    ),
    "undo_until": _text(
        "Until {date} you can take this import back on its page.",
        "Jusqu'au {date}, vous pouvez annuler cette importation sur sa page.",
        "Tot {date} kunt u deze invoer op haar pagina ongedaan maken.",
    ),
    # links
    "link": _text("{label}: {address}", "{label} : {address}", "{label}: {address}"),
    "see_result": _text("See the result", "Voir le résultat", "Bekijk het resultaat"),
    "see_skipped": _text("See the skipped rows", "Voir les lignes ignorées", "Bekijk de overgeslagen rijen"),
    "see_import": _text("See the import", "Voir l'importation", "Bekijk de invoer"),
    # numbers
    "rows_read": _text("Rows in the file", "Lignes dans le fichier", "Rijen in het bestand"),
    "rows_loaded": _text("Rows loaded", "Lignes chargées", "Rijen geladen"),
    "rows_unchanged": _text("Rows unchanged", "Lignes inchangées", "Rijen ongewijzigd"),
    "rows_skipped": _text("Rows skipped", "Lignes ignorées", "Rijen overgeslagen"),
    "accounts_created": _text("Accounts created", "Comptes créés", "Accounts aangemaakt"),
    "accounts_updated": _text("Accounts updated", "Comptes mis à jour", "Accounts bijgewerkt"),
    "contacts_created": _text("Contacts created", "Contacts créés", "Contacten aangemaakt"),
    "contacts_updated": _text("Contacts updated", "Contacts mis à jour", "Contacten bijgewerkt"),
    "links_created": _text(
        "Contacts linked to accounts", "Contacts liés à des comptes", "Contacten gekoppeld"
    ),
    "custom_fields_created": _text(
        "Custom fields created", "Champs personnalisés créés", "Eigen velden aangemaakt"
    ),
    "tags_created": _text("Tags created", "Étiquettes créées", "Labels aangemaakt"),
    "rows_reversed": _text("Rows taken back", "Lignes annulées", "Rijen ongedaan gemaakt"),
    "rows_kept": _text(
        "Rows kept, because of changes since",
        "Lignes gardées, car modifiées depuis",
        "Rijen bewaard, door wijzigingen sindsdien",
    ),
    "rows_failed": _text(
        "Rows that could not be taken back", "Lignes non annulables", "Rijen die niet ongedaan te maken zijn"
    ),
    "rows_nothing": _text(
        "Rows that had loaded nothing", "Lignes qui n'avaient rien chargé", "Rijen die niets geladen hadden"
    ),
    "accounts_removed": _text("Accounts removed", "Comptes supprimés", "Accounts verwijderd"),
    "accounts_restored": _text("Accounts as they were before", "Comptes rétablis", "Accounts hersteld"),
    "contacts_removed": _text("Contacts removed", "Contacts supprimés", "Contacten verwijderd"),
    "contacts_restored": _text("Contacts as they were before", "Contacts rétablis", "Contacten hersteld"),
    "links_removed": _text("Links removed", "Liens supprimés", "Koppelingen verwijderd"),
    "tags_removed": _text("Tags removed", "Étiquettes supprimées", "Labels verwijderd"),
    "custom_fields_removed": _text(
        "Custom fields removed", "Champs personnalisés supprimés", "Eigen velden verwijderd"
    ),
    "kept": _text(
        "Accounts and contacts kept, in whole or in part",
        "Comptes et contacts gardés, en tout ou en partie",
        "Accounts en contacten bewaard, geheel of deels",
    ),
    # the list of rows taken back
    "row_reversed": _text("taken back", "annulée", "ongedaan gemaakt"),
    "row_kept": _text("kept", "gardée", "bewaard"),
    "row_failed": _text("not taken back", "non annulée", "niet ongedaan gemaakt"),
    "row_nothing": _text("had loaded nothing", "n'avait rien chargé", "had niets geladen"),
    "of_accounts": _text("account", "compte", "account"),
    "of_contacts": _text("contact", "contact", "contact"),
    "of_links": _text("link", "lien", "koppeling"),
    # why this mail
    "footer": _text(
        "Carryover sends this mail because you started this import, or were named to hear of it. Answers to"
        " it are not read.",
        "Carryover envoie cet e-mail parce que vous avez lancé cette importation ou avez été désigné pour en"
        " être informé. Les réponses ne sont pas lues.",
        "Carryover stuurt deze e-mail omdat u deze invoer gestart hebt of bent opgegeven om ervan te horen."
        " Antwoorden worden niet gelezen.",
    ),
}
