"""What the types of accounts are called."""

from __future__ import annotations

from flask_babel import lazy_gettext

ACCOUNT_TYPES = {
    "Individual": lazy_gettext("Individual"),
    "Company": lazy_gettext("Company"),
    "Other": lazy_gettext("Other"),
}
