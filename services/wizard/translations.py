"""Gives Flask-Babel the texts of the pages: those of the domain `wizard`, in the language of the request."""

from __future__ import annotations

from functools import cached_property

from babel.support import NullTranslations
from flask_babel import Babel, Domain, get_locale

from shared.contract.texts.catalogues import SOURCE, translations


class TextsOfPages(Domain):
    """The domain that Flask-Babel takes its messages from."""

    def get_translations(self) -> NullTranslations:
        """The messages in the language of the request."""
        locale = get_locale()
        return translations("wizard", locale.language if locale else SOURCE)


class BabelOfPages(Babel):
    """Flask-Babel with our domain."""

    @cached_property
    def domain_instance(self) -> TextsOfPages:
        """The one domain of the pages."""
        return TextsOfPages()
