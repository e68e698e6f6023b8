"""All texts of the mails and of the lists that the notifier writes, in English; a pair is for one and for several.

`{n}` is a number written as the language writes it, `{file}` the name of the uploaded file. The other languages are the
domain `notifier` of the message catalogues.
"""

from __future__ import annotations

from shared.contract.texts.catalogues import Texts, ngettext_noop
from shared.contract.texts.catalogues import gettext_noop as _

CATALOGUE = Texts("notifier")

TEXTS: dict[str, str | tuple[str, str]] = {
    # what happened: the subject, and the heading of the mail
    "imported": _("Your client list is imported"),
    "imported_subject": _("Your client list is imported: {numbers}"),
    "subject_loaded": ngettext_noop("{n} row loaded", "{n} rows loaded"),
    "subject_unchanged": ngettext_noop("{n} unchanged", "{n} unchanged"),
    "subject_skipped": ngettext_noop("{n} skipped", "{n} skipped"),
    "failed": _("Your client list was not imported"),
    "failed_halfway": _("The import of your client list has stopped halfway"),
    "undo_failed": _("The undo of your import has stopped halfway"),
    "undone": _("Your import has been undone"),
    # one paragraph each
    "imported_intro": _("“{file}” is done. Every row of the file is accounted for:"),
    "failed_intro": _("The import of “{file}” has stopped, for this reason:"),
    "undo_failed_intro": _("The import of “{file}” could not be undone as a whole, for this reason:"),
    "undone_intro": _(
        "The import of “{file}” has been undone: what it had created is removed, and what it had"
        " changed has its earlier values again. What people have changed since was left as it is."
    ),
    "skipped": ngettext_noop(
        "{n} row was skipped. The list of skipped rows gives the reason; correct it there and upload only"
        " that list.",
        "{n} rows were skipped. The list of skipped rows gives the reason for each; correct them there"
        " and upload only that list.",
    ),
    "none_skipped": _("No row was skipped; there is nothing left for you to do."),
    "nothing_loaded": _("Nothing was loaded: your accounts and contacts are as they were."),
    "loaded_until_then": _("Until then, this was loaded. On the page of the import you can undo it."),
    "undo_failed_rest": _("The page of the import says, row by row, what has been undone and what has not."),
    "undone_numbers": _("This is what became of its rows and records:"),
    "undone_rest": _("The page of the import says, row by row, what was undone and what was kept."),
    "undo_until": _("Until {date} you can undo this import on its page."),
    # a webhook that was switched off
    "webhook_off": _("A webhook of your firm has been switched off"),
    "webhook_off_intro": _("Carryover no longer posts events to this address:"),
    "webhook_failing": _("For a day no attempt to reach it has succeeded."),
    "webhook_gone": _("It answered that it is gone for good (410)."),
    "webhook_off_rest": _(
        "What has happened since then is not lost: it is in the list of imports. When the address works again,"
        " switch the webhook on; deliveries that failed can be repeated there."
    ),
    "see_webhook": _("See the webhook"),
    "webhook_footer": _(
        "Carryover sends this mail because you made this webhook. Answers to it are not read."
    ),
    # links
    "link": _("{label}: {address}"),
    "see_result": _("See the result"),
    "see_skipped": _("See the skipped rows"),
    "see_import": _("See the import"),
    # letters to clients; `{firm}` begins a sentence: the name of the firm, or these words
    "your_firm": _("Your accounting firm"),
    "dear": _("Dear {name},"),
    "hello": _("Hello,"),
    "invitation": _("{firm} invites you to its client portal"),
    "invitation_intro": _(
        "{firm} works with a client portal. There you exchange documents and messages safely, and see what your firm"
        " needs from you."
    ),
    "invitation_how": _("Open the portal once with the link below, and choose how you sign in."),
    "open_portal": _("Open the portal"),
    "questionnaire": _("{firm} asks you to fill in: {form}"),
    "questionnaire_intro": _("{firm} needs some answers from you, and has put its questions together:"),
    "questionnaire_how": _("You can stop at any time and go on later with the same link."),
    "open_questionnaire": _("Open the questionnaire"),
    "link_until": _("The link is yours alone and counts until {date}. Please do not pass it on."),
    "letter_footer": _(
        "{firm} sends you this mail because your address is in its list of clients. If you do not know the firm, you"
        " need do nothing."
    ),
    # numbers
    "rows_read": _("Rows in the file"),
    "rows_loaded": _("Rows loaded"),
    "rows_unchanged": _("Rows unchanged"),
    "rows_skipped": _("Rows skipped"),
    "accounts_created": _("Accounts created"),
    "accounts_updated": _("Accounts updated"),
    "contacts_created": _("Contacts created"),
    "contacts_updated": _("Contacts updated"),
    "links_created": _("Contacts linked to accounts"),
    "custom_fields_created": _("Custom fields created"),
    "tags_created": _("Tags created"),
    "rows_reversed": _("Rows undone"),
    "rows_kept": _("Rows kept, because of changes since"),
    "rows_failed": _("Rows that could not be undone"),
    "rows_nothing": _("Rows that had loaded nothing"),
    "accounts_removed": _("Accounts removed"),
    "accounts_restored": _("Accounts as they were before"),
    "contacts_removed": _("Contacts removed"),
    "contacts_restored": _("Contacts as they were before"),
    "links_removed": _("Links removed"),
    "tags_removed": _("Tags removed"),
    "custom_fields_removed": _("Custom fields removed"),
    "kept": _("Accounts and contacts kept, in whole or in part"),
    # the list of rows that were undone
    "row_reversed": _("undone"),
    "row_kept": _("kept"),
    "row_failed": _("not undone"),
    "row_nothing": _("had loaded nothing"),
    "of_accounts": _("account"),
    "of_contacts": _("contact"),
    "of_links": _("link"),
    # the sheet of the skipped rows
    "skipped_sheet": _("Skipped rows"),
    # the sheets of clients
    "sheet_accounts": _("Accounts"),
    "sheet_contacts": _("Contacts"),
    # why this mail
    "footer": _(
        "Carryover sends this mail because you started this import, or were named to hear of it. Answers"
        " to it are not read."
    ),
}


def text_of(key: str, lang: str, n: int | None = None) -> str:
    """A text in a language, with its placeholders; of a pair the form that `n` takes."""
    found = TEXTS[key]
    if isinstance(found, str):
        return CATALOGUE.gettext(found, lang)
    return CATALOGUE.ngettext(*found, n or 0, lang)
