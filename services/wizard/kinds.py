"""The kinds of lists that a person can bring."""

from __future__ import annotations

from flask_babel import lazy_gettext

KINDS = {
    "accounts_and_contacts": lazy_gettext("Accounts and their contacts"),
    "accounts": lazy_gettext("Accounts only"),
    "contacts": lazy_gettext("Contacts only"),
}
