"""The look that a platform gives to embedded pages: a few checked values become a style sheet.

In: the values as they were asked for, and the tokens of `static/base.css` for light and dark. Out: CSS that only this
module writes. No text of a caller gets into it but names of fonts: letters, digits, spaces and hyphens.
All text has a contrast of 4.5:1 with what it is on, whatever the colours (WCAG 2.2, criterion 1.4.3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TypedDict

Colour = tuple[int, int, int]
Tokens = Mapping[str, str]

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
#: contrast of text, of lines of controls, and of what was darkened a little all the same
TEXT, LINES, PLENTY = 4.5, 3.0, 7.0
MOST_CHARACTERS = 2000
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
RADIUS = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)(px|rem|em)?", re.ASCII)
LARGEST_RADIUS = {"px": 32.0, "rem": 2.0, "em": 2.0}
FONT = re.compile(r"[^\W\d_][\w -]{0,60}")
MOST_FONTS = 8
#: names that CSS knows as kinds of fonts, and that are not quoted
GENERIC = frozenset(
    {
        "serif",
        "sans-serif",
        "monospace",
        "system-ui",
        "ui-serif",
        "ui-sans-serif",
        "ui-monospace",
        "ui-rounded",
    }
)
SCHEMES = ("auto", "light", "dark")
STATES = ("good", "warn", "bad", "note")


class Theme(TypedDict, total=False):
    """Checked values: colours as `#rrggbb`, a CSS length, a CSS list of fonts, and `auto`, `light` or `dark`."""

    accent: str
    background: str
    text: str
    radius: str
    font: str
    dark: str


def read(text: str) -> tuple[Theme, list[str]]:
    """The values of a JSON object that are right, and the names of those that are not; both in their order."""
    try:
        given = json.loads(text or "{}") if len(text) <= MOST_CHARACTERS else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        return {}, ["theme"]
    values: dict[str, str] = {}
    refused = []
    for name, value in given.items():
        checked = CHECKS[name](value) if name in CHECKS else None
        if checked is not None:
            values[name] = checked
        elif value is not None:
            refused.append(str(name)[:40])
    return Theme(**values), refused  # type: ignore[typeddict-item]


def _colour(value: object) -> str | None:
    if not isinstance(value, str) or COLOUR.fullmatch(value) is None:
        return None
    digits = value[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def _radius(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = RADIUS.fullmatch(str(value))
    if found is None or float(found[1]) > LARGEST_RADIUS[found[2] or "px"]:
        return None
    return f"{float(found[1]):g}{found[2] or 'px'}"


def _font(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    names = [_unquoted(name.strip()) for name in value.split(",")]
    if len(names) > MOST_FONTS or not all(FONT.fullmatch(name) for name in names):
        return None
    return ", ".join(name.lower() if name.lower() in GENERIC else f'"{name}"' for name in names)


def _unquoted(name: str) -> str:
    quoted = len(name) > 1 and name[0] == name[-1] and name[0] in "\"'"
    return name[1:-1].strip() if quoted else name


def _scheme(value: object) -> str | None:
    return value if isinstance(value, str) and value in SCHEMES else None


CHECKS = {
    "accent": _colour,
    "background": _colour,
    "text": _colour,
    "radius": _radius,
    "font": _font,
    "dark": _scheme,
}


def tokens_of(css: str) -> tuple[dict[str, str], dict[str, str]]:
    """The tokens of a style sheet for light and for dark: of its first two blocks for `:root`."""
    light, dark, *_ = re.findall(r":root\s*\{([^}]*)\}", css)
    pairs = re.compile(r"(--[a-z-]+):\s*([^;]+);")
    return dict(pairs.findall(light)), dict(pairs.findall(dark))


def style_sheet(theme: Theme, light: Tokens, dark: Tokens) -> str:
    """The CSS of a theme. A background decides itself whether it is a light or a dark page."""
    scheme = theme.get("dark", "auto")
    if background := theme.get("background"):
        scheme = "light" if _ink_on([_parse(background)]) == BLACK else "dark"
    if scheme == "auto":
        in_light, in_dark = (_block(_palette(theme, base)) for base in (light, {**light, **dark}))
        blocks = [in_light, f"@media (prefers-color-scheme: dark) {{\n{in_dark}}}\n" if in_dark else ""]
    else:
        base = light if scheme == "light" else {**light, **dark}
        blocks = [_block({"color-scheme": scheme, **base, **_palette(theme, base)})]
    if "radius" in theme:
        blocks.append(_block({"--radius": theme["radius"]}))
    if "font" in theme:
        blocks.append(_block({"font-family": theme["font"]}))
    return "".join(blocks)


def _block(values: Mapping[str, str]) -> str:
    lines = "".join(f"  {name}: {value};\n" for name, value in values.items())
    return f":root {{\n{lines}}}\n" if lines else ""


def _palette(theme: Theme, base: Tokens) -> dict[str, str]:
    """The tokens of colours that the theme changes, over those of `base`."""
    made = _surfaces(theme["background"]) if "background" in theme else {}
    if not made and "text" not in theme and "accent" not in theme:
        return {}
    now = {**base, **made}
    surfaces = [_parse(now[f"--{name}"]) for name in ("paper", "card", "sunk")]
    tinted = [_parse(base[f"--{state}-soft"]) for state in STATES]
    if made or "text" in theme:
        made |= _inks(_parse(theme.get("text", base["--ink"])), surfaces, tinted)
        made |= {
            f"--{state}": _shown(_readable(_parse(base[f"--{state}"]), [*surfaces, tint]))
            for state, tint in zip(STATES, tinted, strict=True)
        }
    ink = _parse(made.get("--ink", base["--ink"]))
    return made | _accents(_parse(theme.get("accent", base["--accent"])), surfaces, ink)


def _surfaces(background: str) -> dict[str, str]:
    paper = _parse(background)
    ink = _ink_on([paper])
    card = _mixed(paper, WHITE, 0.5 if ink == BLACK else 0.06)
    sunk = _mixed(paper, ink, 0.05)
    found = {"paper": paper, "card": card, "sunk": sunk}
    return {
        f"--{name}": _shown(one if _contrast(ink, one) >= PLENTY else paper) for name, one in found.items()
    }


def _inks(wanted: Colour, surfaces: list[Colour], tinted: list[Colour]) -> dict[str, str]:
    ink = _readable(wanted, [*surfaces, *tinted])
    paper = surfaces[0]
    return {
        "--ink": _shown(ink),
        "--soft": _shown(_readable(_mixed(ink, paper, 0.3), [*surfaces, *tinted])),
        "--line": _shown(_mixed(paper, ink, 0.14)),
        "--edge": _shown(_readable(_mixed(paper, ink, 0.5), surfaces, LINES)),
    }


def _accents(accent: Colour, surfaces: list[Colour], ink: Colour) -> dict[str, str]:
    tint = _mixed(surfaces[1], accent, 0.12)
    carries = min(_contrast(one, tint) for one in (ink, _ink_on(surfaces))) >= TEXT
    soft = tint if carries else surfaces[1]
    return {
        "--accent": _shown(accent),
        "--accent-ink": _shown(_ink_on([accent])),
        "--accent-soft": _shown(soft),
        "--accent-strong": _shown(_readable(accent, [*surfaces, soft])),
    }


def _parse(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _shown(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _mixed(one: Colour, other: Colour, part: float) -> Colour:
    """A colour with a part, from 0 to 1, of another."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = (c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _ink_on(surfaces: Iterable[Colour]) -> Colour:
    """Black or white, whichever contrasts more with the surface where it contrasts least."""
    known = list(surfaces)
    return max((BLACK, WHITE), key=lambda ink: min(_contrast(ink, one) for one in known))


def _readable(colour: Colour, surfaces: list[Colour], least: float = TEXT) -> Colour:
    """The colour, or one that is so much nearer to black or white that it contrasts with all surfaces."""
    ink = _ink_on(surfaces)
    tried = (_mixed(colour, ink, step / 20) for step in range(21))
    return next((one for one in tried if min(_contrast(one, other) for other in surfaces) >= least), ink)
