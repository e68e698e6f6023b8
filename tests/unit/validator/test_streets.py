"""Tests splitting an address in one cell into its parts."""

import pytest

from shared.values.addresses import split_street


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Kerkstraat 12 bus 3", ("Kerkstraat", "12", "3")),
        ("16 rue de la Loi", ("rue de la Loi", "16", "")),
        ("Rue de la Loi 16/2", ("Rue de la Loi", "16", "2")),
        ("16, rue de la Loi bte 2", ("rue de la Loi", "16", "2")),
        ("Plein 1944 nr. 5", ("Plein 1944", "5", "")),
        ("Kerkstraat", ("Kerkstraat", "", "")),
        ("Avenue Louise 500A", ("Avenue Louise", "500A", "")),
        ("Hauptstr. 3 b", ("Hauptstr.", "3b", "")),
        ("Rue du 11 Novembre 8", ("Rue du 11 Novembre", "8", "")),
        ("Kerkstraat 12A b3", ("Kerkstraat", "12A", "3")),
        ("Boulevard Bischoffsheim 12-14", ("Boulevard Bischoffsheim", "12-14", "")),
    ],
)
def test_an_address_is_taken_apart_into_street_number_and_box(text: str, parts: tuple[str, str, str]) -> None:
    assert split_street(text) == parts
