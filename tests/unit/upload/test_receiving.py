"""Tests names of files and names in bodies: one line, visible, of bounded length."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.upload.new_jobs.making import shown_name
from shared.contract.bounded import MOST_NAME, Name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("clients.csv", "clients.csv"),
        ("Été – liste (2).xlsx", "Été – liste (2).xlsx"),
        ("cli\u202evsc.exe", "cli vsc.exe"),
        ("a\r\nBcc: b@x.example\n.csv", "a Bcc: b@x.example .csv"),
        ("\0\x1b[31m", "[31m"),
        ("  ", "upload"),
        (None, "upload"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_a_name_is_shown_on_one_line_with_its_end(given_name: str | None, shown: str) -> None:
    assert shown_name(given_name) == shown


@given(st.text(max_size=600))
def test_whatever_a_file_is_called_its_name_can_be_shown(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= MOST_NAME
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert shown_name(shown) == shown


@pytest.mark.parametrize("name", ["", " ", "\u00a0", "a\nb", "a\0", "\u202eabc", "a\u2028b", "x" * 101])
def test_a_tag_that_cannot_be_seen_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Name().deserialize(name)


@pytest.mark.parametrize("name", ["VIP", "àé €", "👩‍👧 family", "العملاء", "x" * 100])
def test_a_tag_in_any_writing_is_taken(name: str) -> None:
    assert Name().deserialize(name) == name
