"""Tests the look of embedded pages: every value is checked, and all text can be read whatever the colours."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.wizard import theme
from services.wizard.pages import STATIC

LIGHT, DARK = theme.tokens_of((STATIC / "base.css").read_text("utf-8"))
NAMES = ("accent", "background", "text", "radius", "font", "dark")
RIGHT = {
    "accent": ("#fff", "#FFF", "#0f6b5c", "#ABCDEF"),
    "background": ("#000", "#ffffff"),
    "text": ("#123456", "#777"),
    "radius": (0, 8, 32, 2.5, "0", "8", "8px", "0.5rem", "1em", "2rem"),
    "font": (
        "Inter",
        "Inter, sans-serif",
        "'Open Sans', Arial",
        '"Segoe UI", system-ui',
        "Noto Sans 日本",
        "SANS-SERIF",
        "IBM Plex Sans",
    ),
    "dark": ("auto", "light", "dark"),
}
#: what an attacker or a slip brings, for each of the values
WRONG: tuple[Any, ...] = (
    "",
    " ",
    "red;",
    "url(https://evil.example/x)",
    "#fff; } body { display: none",
    "#ffff",
    "#12345g",
    "#fff ",
    "\n#fff",
    "#fff\n",
    "#\uff11\uff12\uff13",
    "rgb(1, 2, 3)",
    "var(--x)",
    "expression(alert(1))",
    "calc(1px)",
    "8 px",
    "-1px",
    "33px",
    "1e1",
    "٣px",
    "8px;",
    "3rem",
    "100%",
    'x"; } * { color: red',
    "x\\22",
    "a/*",
    "</style><script>alert(1)</script>",
    "@import",
    "Inter, , serif",
    "'Inter",
    "x" * 70,
    ", ".join("abcdefghij"),
    "\x00",
    "light dark",
    "DARK",
    True,
    -1,
    33,
    1e300,
    [],
    ["#fff"],
    {},
    {"a": 1},
)
FONTS_ALL_THE_SAME = (("font", "light dark"), ("font", "DARK"))
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in NAMES for value in RIGHT[name]])
def test_a_right_value_is_taken(name: str, value: object) -> None:
    taken, refused = theme.read(json.dumps({name: value}))
    assert list(taken) == [name]
    assert refused == []


@pytest.mark.parametrize(
    ("name", "value"), [pair for pair in product(NAMES, WRONG) if pair not in FONTS_ALL_THE_SAME]
)
def test_a_wrong_value_is_refused_by_name(name: str, value: object) -> None:
    assert theme.read(json.dumps({name: value})) == ({}, [name])


@pytest.mark.parametrize("text", ["[]", "1", "null", "{", "[" * 1500, json.dumps({"accent": "#" * 3000})])
def test_what_is_no_object_is_refused_as_a_whole(text: str) -> None:
    assert theme.read(text) == ({}, ["theme"])


def test_nothing_is_a_theme_too_and_unknown_names_are_refused() -> None:
    assert theme.read("") == ({}, [])
    assert theme.read('{"accent": null}') == ({}, [])
    assert theme.read('{"Accent": "#fff", "colour": "#fff"}') == ({}, ["Accent", "colour"])


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), max_size=6), st.text(max_size=20))
@example({"font": "x{}"}, "")
def test_no_text_becomes_css(values: dict[str, str], name: str) -> None:
    chosen, _refused = theme.read(json.dumps({**values, name: "#fff"}))
    css = theme.style_sheet(chosen, LIGHT, DARK)
    assert re.fullmatch(
        r"(?:(?:@media \(prefers-color-scheme: dark\) \{\n)?:root \{\n(?:  [a-z-]+: [^;{}<>@\\\n]+;\n)+\}\n(?:\}\n)?)*",
        css,
    )


def tokens(css: str) -> list[dict[str, str]]:
    """The tokens of a style sheet for each scheme that it has."""
    blocks = [dict(re.findall(r"(--[a-z-]+): (#\w+);", block)) for block in re.findall(r"\{([^{}]*)\}", css)]
    return [block for block in blocks if block]


PAIRS = [
    *product(("ink", "soft", "accent-strong", "bad", "good", "warn"), ("paper", "card", "sunk")),
    *product(("ink", "soft"), ("good-soft", "warn-soft", "bad-soft", "note-soft")),
    *((state, f"{state}-soft") for state in theme.STATES),
    ("ink", "accent-soft"),
    ("accent-strong", "accent-soft"),
    ("accent-ink", "accent"),
]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "accent": COLOURS,
            "background": COLOURS,
            "text": COLOURS,
            "dark": st.sampled_from(theme.SCHEMES),
        },
    )
)
@example({"background": "#777777", "text": "#808080", "accent": "#7f7f7f"})
@example({"background": "#767676"})
@example({"accent": "#ffff00"})
@example({"accent": "#ffffff", "dark": "light"})
@example({"accent": "#000000", "dark": "dark"})
def test_all_text_can_be_read_whatever_the_colours(values: dict[str, str]) -> None:
    chosen, refused = theme.read(json.dumps(values))
    assert refused == []
    found = tokens(theme.style_sheet(chosen, LIGHT, DARK))
    for at, block in enumerate(found):
        all_tokens = {**LIGHT, **(DARK if at else {}), **block}
        if "--accent-strong" not in block:  # it is the accent where nothing is known of it
            all_tokens["--accent-strong"] = all_tokens["--accent"]
        pale = {
            f"{text} on {surface}": round(contrast(all_tokens, text, surface), 2)
            for text, surface in PAIRS
            if contrast(all_tokens, text, surface) < theme.TEXT
        }
        assert pale == {}
        assert contrast(all_tokens, "edge", "card") >= 3


def contrast(of: dict[str, str], text: str, surface: str) -> float:
    return theme._contrast(theme._parse(of[f"--{text}"]), theme._parse(of[f"--{surface}"]))


def test_the_tokens_of_light_and_dark_are_found() -> None:
    assert LIGHT["--paper"] == "#f5f6f4"
    assert DARK["--paper"] == "#121715"
    assert DARK.keys() < LIGHT.keys()
    assert {name for name, value in LIGHT.items() if value.startswith("#")} <= DARK.keys()


def test_a_scheme_is_forced_or_left_to_the_browser() -> None:
    assert theme.style_sheet({}, LIGHT, DARK) == ""
    assert "@media" in theme.style_sheet({"accent": "#ff0000"}, LIGHT, DARK)
    for scheme, paper in (("light", "#f5f6f4"), ("dark", "#121715")):
        css = theme.style_sheet({"dark": scheme}, LIGHT, DARK)
        assert f"color-scheme: {scheme};" in css
        assert f"--paper: {paper};" in css
        assert "@media" not in css
    assert "color-scheme: dark;" in theme.style_sheet({"background": "#101820", "dark": "light"}, LIGHT, DARK)
