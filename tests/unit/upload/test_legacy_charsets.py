"""Tests the detection of legacy encodings."""

from __future__ import annotations

import pytest

from services.upload.dialect.legacy_charsets import detect_legacy


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Hélène Lefèvre;Liège", "cp1252"),
        ("Zoë Müller;Köln", "mac-roman"),
        ("Café “De Kroon” – 12 €", "cp1252"),
        ("Bank\xa0of Ghent", "cp1252"),
        ("Małgorzata Dąbrowska;Łódź", "cp1250"),
        ("Jiří Dvořák;Plzeň", "cp1250"),
        ("Gülşen Öztürk;İzmir", "cp1254"),
        ("Nagy Jenő;Fő út 8;Győr", "cp1250"),
        ("Pavardė;Vardas;Gatvė", "cp1257"),
        ("Jānis Bērziņš;Rīga", "cp1257"),
        ("Åström;Göteborg", "cp850"),
        ("Città;Unità 3", "cp850"),
        ("佐藤太郎;東京都", "euc-jp"),
        ("佐藤太郎;東京都", "cp932"),
        ("김철수;서울", "cp949"),
        ("王伟;上海", "gb18030"),
        ("王偉;台北", "big5hkscs"),
        ("Кузнецов Сергей;Екатеринбург", "cp1251"),
    ],
)
def test_a_few_words_are_enough(text: str, encoding: str) -> None:
    raw = text.encode(encoding)
    assert raw.decode(detect_legacy([raw])) == text
