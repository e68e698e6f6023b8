"""Tests that every text of the code is in each catalogue, and that catalogues have no other texts."""

import re
from collections import Counter

import pytest
from babel.messages.pofile import read_po

from shared.contract.texts.catalogues import (
    FOLDER,
    LANGUAGES,
    SOURCE,
    Texts,
    catalogue,
    language_names,
    preferred,
)
from tools.texts import domains, extracted, strings

OTHERS = [language for language in LANGUAGES if language != SOURCE]
EVERY = pytest.mark.parametrize(
    ("domain", "language"), [(domain, language) for domain in domains() for language in OTHERS]
)
PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def used(domain):
    """The messages in the code and the templates, with the placeholders of all their English forms."""
    return {message.id: places(message.id) for message in extracted(domain) if message.id}


def known(domain, language):
    return {m.id: m for m in catalogue(domain, language) if m.id}


def places(texts):
    return {frozenset(map(max, PLACE.findall(text))) for text in strings(texts)}


def test_texts_are_found_where_they_are_written():
    assert {"problems", "fields", "mapper", "notifier", "upload", "wizard"} <= set(domains())
    assert set(OTHERS) >= {"de", "fr", "nl"}


@EVERY
def test_every_text_of_the_code_is_translated(domain, language):
    translated = known(domain, language)
    missing = [str(text) for text in used(domain) if not all_of(translated.get(text))]
    assert not missing, f"{len(missing)} texts are missing in {language}: {sorted(missing)[:20]}"


#: Words that texts for people do not use, by language, because the same thing has another word there: `undo`,
#: `correction`, `ongedaan maken`, `import`, `Mandant`; and in English those that no text uses.
OTHER_WORDS = {
    "en": r"\b(?:tak(?:e|es|en|ing)|took)\b[^.;:,]{0,40}\bback\b|\b(?:stands?|besides|held|told)\b",
    "fr": r"\brépar",
    "nl": r"terug ?(?:ge)?draai|\binvoer|\bingevoer|\bcliënt",
    "de": r"\bklient",
}


@pytest.mark.parametrize("domain", domains())
@pytest.mark.parametrize("language", OTHER_WORDS)
def test_one_thing_has_one_word_in_the_texts_of_a_language(domain, language):
    messages = [m for m in (extracted(domain) if language == SOURCE else catalogue(domain, language)) if m.id]
    texts = [text for m in messages for text in strings(m.id if language == SOURCE else m.string)]
    assert [text for text in texts if re.search(OTHER_WORDS[language], text, re.I)] == []


@pytest.mark.parametrize("document", ["openapi.json", "asyncapi.json"])
def test_descriptions_of_the_api_use_the_words_of_the_texts(document):
    content = (FOLDER.parent / document).read_text("utf-8")
    assert [found[0] for found in re.finditer(OTHER_WORDS[SOURCE], content, re.I)] == []


@EVERY
def test_no_translation_is_left_of_a_text_that_is_gone(domain, language):
    assert known(domain, language).keys() == used(domain).keys()


@pytest.mark.parametrize("language", OTHERS)
def test_no_catalogue_is_left_of_a_domain_that_is_gone(language):
    assert {path.stem for path in (FOLDER / language).iterdir()} == set(domains())


@EVERY
def test_translations_name_the_same_places_as_the_text(domain, language):
    wanted = used(domain)
    for text, message in known(domain, language).items():
        assert places(message.string) <= wanted[text], text


@EVERY
def test_a_text_is_translated_once_and_for_certain(domain, language):
    with (FOLDER / language / f"{domain}.po").open("rb") as file:
        content = file.read().decode()
        file.seek(0)
        messages = [m for m in read_po(file, locale=language) if m.id]
    assert not any(m.fuzzy for m in messages)
    assert "\n#~" not in content
    assert content.count("\nmsgid ") == len(messages) + content.count('\nmsgid ""\nmsgstr ""\n"Language')
    assert Counter(m.id for m in messages).most_common(1)[0][1] == 1


@EVERY
def test_a_translation_has_the_forms_of_number_that_its_language_has(domain, language):
    found = catalogue(domain, language)
    for message in found:
        if message.id and message.pluralizable:
            assert len(message.string) == found.num_plurals


def test_the_catalogue_decides_which_form_a_number_takes():
    texts = Texts("notifier")
    pair = ("{n} row loaded", "{n} rows loaded")
    assert [texts.ngettext(*pair, n, "fr") for n in (0, 1, 2)] == [
        "{n} ligne chargée",
        "{n} ligne chargée",
        "{n} lignes chargées",
    ]
    assert texts.ngettext(*pair, 0, "nl") == "{n} rijen geladen"


def test_a_language_without_a_catalogue_is_answered_in_english():
    assert Texts("fields").gettext("First name", "pt") == "First name"


def test_languages_are_called_by_their_own_names():
    named = {"en": "English", "de": "Deutsch", "fr": "Français", "nl": "Nederlands"}
    assert language_names().items() >= named.items()


def test_a_language_is_preferred_by_its_order_and_not_by_how_exactly_it_is_named():
    assert preferred(["nl-BE", "de"]) == "nl"
    assert preferred(["pt", "*", "fr_CH"]) == "fr"
    assert preferred(["pt", "*"]) is None


def all_of(message):
    """The strings of a message, one for each of its forms; none when one of them is empty."""
    found = strings(message.string) if message else []
    return found if all(found) else []
