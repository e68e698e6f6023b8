"""Guessing legacy encodings."""

from __future__ import annotations

import pytest

from services.upload.charsets import guess


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Hélène Lefèvre;Liège", "cp1252"),
        ("Zoë Müller;Köln", "mac-roman"),
        ("Café “De Kroon” – 12 €", "cp1252"),
        ("Bank\xa0of Ghent", "cp1252"),
        ("Małgorzata Dąbrowska;Łódź", "cp1250"),
        ("Jiří Dvořák;Plzeň", "cp1250"),
        ("Кузнецов Сергей;Екатеринбург", "cp1251"),
    ],
)
def test_a_few_words_are_enough(text: str, encoding: str) -> None:
    raw = text.encode(encoding)
    assert raw.decode(guess([raw])) == text
