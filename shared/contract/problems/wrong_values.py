"""Why a value that a person or a program writes into a record is refused, one sentence for each kind of value."""

from __future__ import annotations

from shared.contract.texts.catalogues import gettext_noop as _

NO_DATE = _("Not a date like 2026-01-31.")
BORN_LATER = _("A date of birth is not after today.")
NO_EMAIL = _("Not an e-mail address like an@example.com.")
NO_PHONE = _("Not a phone number like +32470123456 (E.164).")
NO_YEAR_END = _("Not the end of a fiscal year like 31/12.")
NO_COUNTRY = _("Not a country code like BE (ISO 3166-1).")
NO_LANGUAGE = _("Not a language code like nl (ISO 639-1).")
NO_REGISTER_NUMBER = _("Not a national register number: eleven digits.")
NO_ENTERPRISE_NUMBER = _("Not an enterprise number: ten digits.")
NO_NUMBER = _("Not a number like 1234.5.")
NO_URL = _("Not a web address like https://example.com.")
TOO_LONG = _("Empty, or too long.")
NO_CHOICE = _("Not one of the choices.")
NOT_IN_DIRECTORY = _("Not in the firm's directory.")
NO_SUCH_FIELD = _("The firm has no such field.")
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
