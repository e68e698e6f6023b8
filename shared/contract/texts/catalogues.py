"""Looks messages up in the catalogues, in the language of the person who will read them.

The `.po` files are read at the first use of a domain in a language, and compiled in memory. So there is no compiled
file that could be missing or out of date.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent
#: the language that texts are written in
SOURCE = "en"
#: the languages on offer: the source, then every folder with catalogues
LANGUAGES = (SOURCE, *sorted({path.parent.name for path in FOLDER.glob("*/*.po")}))


def gettext_noop(message: str) -> str:
    """Mark a text for the catalogues, and return it as it is; code imports this as `_`."""
    return message


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Mark a text with a number in it for the catalogues, and return its two English forms."""
    return singular, plural


def known(language: str) -> str:
    """The language, or the source language where there is no catalogue for it."""
    return language if language in LANGUAGES else SOURCE


def preferred(tags: Iterable[str]) -> str | None:
    """The first language on offer among language tags such as `nl-BE`, the most wanted first."""
    wanted = (tag.replace("_", "-").partition("-")[0].lower() for tag in tags)
    return next((language for language in wanted if language in LANGUAGES), None)


@cache
def catalogue(domain: str, language: str) -> Catalog:
    """The messages of a domain in a language; an empty catalogue where there are none."""
    path = FOLDER / language / f"{domain}.po"
    if language == SOURCE or not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


@cache
def translations(domain: str, language: str) -> NullTranslations:
    """The messages of a domain in a language, compiled; a message without a translation stays English.

    The `Plural-Forms` header of the catalogue says which form of a text a number takes.
    """
    if known(language) == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(domain, language))
    compiled.seek(0)
    return Translations(compiled, domain=domain)


class Texts:
    """The texts of one domain."""

    def __init__(self, domain: str) -> None:
        self.domain = domain

    def gettext(self, message: str, language: str) -> str:
        """A text in a language."""
        return translations(self.domain, language).gettext(message)

    def ngettext(self, singular: str, plural: str, n: int, language: str) -> str:
        """The form of a text that the number takes in a language."""
        return translations(self.domain, language).ngettext(singular, plural, n)

    def in_every_language(self, message: str) -> dict[str, str]:
        """A text by language."""
        return {language: self.gettext(message, language) for language in LANGUAGES}


def language_names() -> dict[str, str]:
    """The languages on offer by code, each by its own name: Deutsch, English."""
    names = {language: Locale(language).get_language_name() or language for language in LANGUAGES}
    return {language: name[:1].upper() + name[1:] for language, name in names.items()}
