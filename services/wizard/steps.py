"""The pages from the file to the start, in their order for each kind of import."""

from __future__ import annotations

FILE, ACCOUNTS, SETTINGS, CONTACTS, REVIEW = "file", "accounts", "settings", "contacts", "review"
#: An import of accounts alone has no columns for contacts, and the other way round.
PAGES = {
    "accounts_and_contacts": (FILE, ACCOUNTS, SETTINGS, CONTACTS, REVIEW),
    "accounts": (FILE, ACCOUNTS, SETTINGS, REVIEW),
    "contacts": (FILE, CONTACTS, SETTINGS, REVIEW),
}
MAPPING = (ACCOUNTS, CONTACTS)


def after(kind: str, page: str) -> str:
    """The page that follows a page."""
    return PAGES[kind][PAGES[kind].index(page) + 1]


def before(kind: str, page: str) -> str:
    """The page in front of a page."""
    return PAGES[kind][PAGES[kind].index(page) - 1]


def mapping_pages(kind: str) -> tuple[str, ...]:
    """The pages where columns are mapped."""
    return tuple(page for page in PAGES[kind] if page in MAPPING)
