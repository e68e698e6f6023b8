"""Tests that layouts are recognised by their headers."""

from __future__ import annotations

from services.mapper.headers.fingerprint import fingerprint, likeness, most_like

HEADERS = ["Naam", "Voornaam", "E-mail", "Telefoon", "Postcode"]


def test_the_same_headers_in_another_order_and_writing_have_the_same_fingerprint():
    assert fingerprint(HEADERS) == fingerprint(["POSTCODE", *(f" {header}* " for header in HEADERS[:4])])


def test_another_header_or_one_more_of_the_same_gives_another_fingerprint():
    assert len({fingerprint(HEADERS), fingerprint([*HEADERS, "Naam"]), fingerprint(HEADERS[1:])}) == 3


def test_a_saved_layout_is_found_when_a_column_was_added_left_out_or_moved():
    saved = {"ours": HEADERS, "other": ["Name", "City", "Zip", "E-mail"]}
    assert most_like([*HEADERS[::-1], "Land"], saved) == "ours"
    assert most_like(HEADERS[1:], saved) == "ours"


def test_a_file_unlike_all_that_is_saved_finds_none():
    assert most_like(["Ort", "PLZ"], {"ours": HEADERS}) is None
    assert most_like(HEADERS, {}) is None


def test_likeness_counts_repeated_headers_and_is_none_for_nothing():
    assert likeness(["a", "a"], ["a"]) == 0.5
    assert likeness([], []) == 0.0
