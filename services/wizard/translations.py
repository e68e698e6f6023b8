"""The words of the pages: English stands in the code, the other languages in `translations/<language>/*.po`."""

from __future__ import annotations

import io
from functools import cached_property, lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Babel, Domain, get_locale

FOLDER = Path(__file__).parent / "translations"


@lru_cache
def catalogue(language: str) -> Catalog:
    """All messages of a language, of all its files."""
    whole = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole.add(message.id, message.string)
    return whole


@lru_cache
def translations(language: str) -> NullTranslations:
    """What gettext asks; read from the `.po` files themselves, so that nothing has to be compiled."""
    if not (FOLDER / language).is_dir():
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


class Words(Domain):
    """The domain that Flask-Babel takes its messages from."""

    def get_translations(self) -> NullTranslations:
        """The messages in the language of the request."""
        locale = get_locale()
        return translations(locale.language if locale else "en")


class WordsOfPages(Babel):
    """Flask-Babel with our domain."""

    @cached_property
    def domain_instance(self) -> Words:
        """The one domain there is."""
        return Words()
