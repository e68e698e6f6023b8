"""Every text of the pages is there in each language."""

import re
from collections import Counter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.wizard.translations import FOLDER, catalogue
from shared.plumbing.auth import LANGUAGES

WIZARD = FOLDER.parent
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
OTHERS = [language for language in LANGUAGES if language != "en"]
PLACE = re.compile(r"%\((\w+)\)")


def used():
    """The messages in the code and the templates: a text, or its singular."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    options = {"**/templates/**.html": {"trimmed": "true"}}
    found = extract_from_dir(WIZARD, methods, options, keywords=KEYWORDS)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def known(language):
    return {m.id[0] if isinstance(m.id, tuple) else m.id: m for m in catalogue(language) if m.id}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_translated(language):
    translated = known(language)
    missing = sorted(text for text in used() if text not in translated or not all_of(translated[text]))
    assert not missing, f"{len(missing)} texts are missing in {language}: {missing[:20]}"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_left_of_a_text_that_is_gone(language):
    assert not sorted(known(language).keys() - used())


@pytest.mark.parametrize("language", OTHERS)
def test_translations_name_the_same_places_as_the_text(language):
    for text, message in known(language).items():
        wanted = set(PLACE.findall(text if isinstance(message.id, str) else message.id[1]))
        for string in all_of(message):
            assert set(PLACE.findall(string)) == wanted, text


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_is_translated_in_one_file_only(language):
    texts = Counter()
    for path in (FOLDER / language).glob("*.po"):
        with path.open("rb") as file:
            catalogue_of_file = read_po(file, locale=language)
        assert not any(m.fuzzy for m in catalogue_of_file if m.id), path.name
        texts.update(m.id for m in catalogue_of_file if m.id)
    assert [text for text, times in texts.items() if times > 1] == []


def all_of(message):
    """The strings of a message, one for each of its forms; none when one of them is empty."""
    strings = [message.string] if isinstance(message.string, str) else list(message.string)
    return strings if all(strings) else []
