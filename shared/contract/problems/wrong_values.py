"""What a value that a person gives a record is refused with, where a row of a file has another sentence or none."""

from __future__ import annotations

from shared.contract.texts.catalogues import gettext_noop as _

NO_CHOICE = _("Not one of the choices.")
NOT_IN_DIRECTORY = _("Not in the firm's directory.")
NO_SUCH_FIELD = _("The firm has no such field.")
NO_TEXT = _("Give one text; null empties the field.")
NO_NAME = _("A client needs a name; a contact a name or an e-mail address.")

TWICE = _("This person is in the list already.")
NO_CONTACT = _("There is no contact with this id.")

#: By the kind of evidence, why a new record may be one that the firm has.
WHY_KNOWN = {
    "client_code": _("{name} has the same client code."),
    "number": _("{name} has the same number."),
    "email_and_name": _("{name} has the same e-mail address and name."),
    "name": _("{name} has the same name."),
}

#: By the code of what is wrong: a row of a file is imported without such a value, a person is asked to correct it.
OF_PERSONS = {
    "unknown_own_choice": NO_CHOICE,
    "unknown_team_member": NOT_IN_DIRECTORY,
    "unknown_folder_template": NOT_IN_DIRECTORY,
    "unknown_questionnaire": NOT_IN_DIRECTORY,
    "missing_required": NO_NAME,
    "no_such_field": NO_SUCH_FIELD,
    "no_text": NO_TEXT,
}

#: By the code of a fix, what a person reads of it in place of a sentence about a cell.
FIXES_OF_PERSONS = {
    "placeholder_left_out": _("This is a word or a sign for “no value”, so the field is empty."),
}
NO_FOLDER = _("Not a path of folders like Tax/2026.")
NO_MEMBER = _("Not the address of a team member of the firm.")
NO_TEMPLATE = _("The firm has no such template.")
OTHER_TYPE = _("Clients have values that do not fit this type.")
NO_ENTRY = _("The firm has no such entry.")
SAME_NAME = _("It is called so already.")
LAST_LANGUAGE = _("The firm needs a language.")
ONLY_AWAY = _("A custom field can only be taken away.")
NO_ROOM = _("The list has no room for more.")
BLANK_NAME = _("Blank, or with characters that are not seen, such as line ends.")
GIVEN_TWICE = _("Given twice, or its id is of no field.")
