"""Writes numbers as their format shows them, where it makes a text of them: `00000`, `"BE"0000000000`, `0#" "##`.

Formats of amounts (with a decimal point, thousands, percent, a currency) show a number; that is read as it is stored.
The form of these codes is in ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<digit>[0#?])|(?P<other>.)',
    re.DOTALL,
)
# Signs that need no quotes.
_LITERAL = " -+():$€£"
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "=": lambda one, other: one == other,
}
_CURRENCY = re.compile(
    r"[$€£¥₤₣kr.\s]*(?:EUR|USD|GBP|CHF|PLN|CZK|HUF|SEK|DKK|NOK|zł|Kč|Ft)?[$€£¥\s]*", re.IGNORECASE
)
# Groups of three digits are thousands, also between spaces.
_THOUSANDS = re.compile(r"[#0]*(?:[ .'][#0]{3})+")
_MOST_DIGITS = 15


@dataclass(frozen=True)
class _Section:
    """One of the forms of a code: literal texts, and "0", "#" or "?" for each digit, as pairs of text and kind."""

    tokens: tuple[tuple[str, bool], ...]
    condition: tuple[str, float] | None

    @property
    def picture(self) -> str:
        """The section with its literal texts."""
        return "".join(text for text, _ in self.tokens)

    @property
    def places(self) -> str:
        """The places of digits alone."""
        return "".join(text for text, is_place in self.tokens if is_place)

    def is_text(self) -> bool:
        """Whether the section makes a text of a number: it pads it, puts signs between its digits, or words before."""
        if not self.places or self._is_of_thousands():
            return False
        first = next(at for at, (_, is_place) in enumerate(self.tokens) if is_place)
        last = max(at for at, (_, is_place) in enumerate(self.tokens) if is_place)
        before = "".join(text for text, _ in self.tokens[:first])
        between = "".join(text for text, is_place in self.tokens[first:last] if not is_place)
        if before.strip(" (-") and not _CURRENCY.fullmatch(before):
            return True
        return self.places.count("0") > 1 or bool(between.strip()) or (" " in between and len(between) > 1)

    def _is_of_thousands(self) -> bool:
        """Whether the section is an amount with spaces or points at its thousands, such as `# ##0`."""
        is_grouped = _THOUSANDS.fullmatch(self.picture.strip()) is not None
        return is_grouped and "#" in self.places and self.places.endswith("0")

    def shown(self, digits: str) -> str:
        """Put the digits into their places, from the right; those that have no place go before the first one."""
        left = list(digits.lstrip("0"))
        places = sum(is_place for _, is_place in self.tokens)
        found: list[str] = []
        for text, is_place in reversed(self.tokens):
            if not is_place:
                found.append(text)
                continue
            places -= 1
            if not places:
                found.append("".join(left) or ("0" if text == "0" else ""))
            elif left:
                found.append(left.pop())
            else:
                found.append("0" if text == "0" else "")
        return "".join(reversed(found)).strip()


@dataclass(frozen=True)
class ShownNumber:
    """The sections of a code that makes texts of numbers."""

    sections: tuple[_Section, ...]

    def text(self, value: int) -> str:
        """Write a whole number as it is shown."""
        section, is_negative = self._section(value)
        return ("-" if is_negative else "") + section.shown(str(abs(value)))

    def _section(self, value: int) -> tuple[_Section, bool]:
        """Give the section for a value, and whether a minus sign is shown before it."""
        conditions = [section for section in self.sections if section.condition]
        if conditions:
            for section in self.sections:
                if section.condition is None or _COMPARE[section.condition[0]](value, section.condition[1]):
                    return section, value < 0
        elif value < 0 and len(self.sections) > 1:
            return self.sections[1], False
        return self.sections[0], value < 0


def shown_number(code: str) -> ShownNumber | None:
    """Give how a code shows numbers; None where it shows amounts, dates or texts, or numbers without anything else."""
    sections = []
    for part in _sections(code):
        section = _section(part)
        if section is None:
            break
        sections.append(section)
    if not sections or not any(section.is_text() for section in sections[:2]):
        return None
    return ShownNumber(tuple(sections))


def _sections(code: str) -> list[str]:
    """Cut a code at the semicolons outside quotes; the fourth section is for texts."""
    parts, current = [], ""
    for match in _TOKEN.finditer(code):
        if match["other"] == ";":
            parts.append(current)
            current = ""
        else:
            current += match[0]
    return [*parts, current][:3]


def _section(code: str) -> _Section | None:
    """Take a section apart; None where it shows more than digits and literal signs."""
    tokens: list[tuple[str, bool]] = []
    condition = None
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup
        text = match[kind] if kind else ""
        if kind == "bracket":
            found = _CONDITION.fullmatch(text)
            condition = (found[1], float(found[2])) if found else condition
            if text.startswith("$") and not text.startswith("$-"):
                return None
        elif kind == "other" and text not in _LITERAL:
            return None
        elif kind:
            tokens.append((text, kind == "digit"))
    places = sum(is_place for _, is_place in tokens)
    return _Section(tuple(tokens), condition) if places <= _MOST_DIGITS else None
