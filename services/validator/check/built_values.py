"""Builds values from columns: fixed texts and cells put together, a part taken, the case changed, a text looked up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import pairwise

from shared.contract.built_values import LEFT_OUT_VALUE
from shared.contract.documents.job import BuildStep, BuiltPart, BuiltValue, LookUp, Taken
from shared.contract.job import sources_of_built
from shared.contract.legal_forms import is_legal_form
from shared.contract.records import CLEAR
from shared.values.judging import cleaned, folded, is_cell_error, with_characters
from shared.values.placeholders import OWN, is_placeholder
from shared.values.text_marks import unmarked

#: The fix of a value that was built from columns.
VALUE_BUILT = "value_built"

Cells = Sequence[str]
#: Which source columns of a row have text.
Filled = tuple[bool, ...]
#: What a value is put together from: fixed texts, and places in the source columns.
Piece = str | int

#: A sign of a fixed text: the place of its part, and its own; an opening bracket and the closing one.
Sign = tuple[int, int]
Pair = tuple[Sign, Sign]

_CLOSED_BY = {"(": ")", "[": "]", "{": "}", "«": "»", "“": "”", "„": "“", "‘": "’", '"': '"'}
#: The letters of a word, with the apostrophes in it.
_WORD = re.compile(r"\w+(?:['’][^\W\d_]+)*")
_APOSTROPHE = re.compile("(['’])")


def built_column(built: BuiltValue, cells: Sequence[Cells]) -> list[str]:
    """The texts of a built value, row by row; `cells` are the columns of the file.

    A row whose source cells are all blank has a blank. A source cell with an error of the spreadsheet is the text of
    the row, so that checking finds it; cells that all say `__CLEAR__` clear the field.
    """
    sources = sources_of_built(built)
    clean: dict[str, str] = {}
    for index in sources:
        for cell in set(cells[index]):
            if cell not in clean:
                clean[cell] = _source_text(cell)
    layouts: dict[Filled, list[Piece]] = {}
    change = _changing(built["steps"])
    made: dict[tuple[str, ...], str] = {}
    texts = []
    for row in zip(*(cells[index] for index in sources), strict=True):
        if row not in made:
            made[row] = _made(built["parts"], sources, [clean[cell] for cell in row], layouts, change)
        texts.append(made[row])
    return texts


def _source_text(cell: str) -> str:
    """The text of a source cell as it is put into a value; blank where the cell says that there is no value."""
    text = cleaned(with_characters(cleaned(unmarked(cell.strip()), "\n")), "\n")
    return "" if text and is_placeholder(text, OWN) else text


def _made(
    parts: Sequence[BuiltPart],
    sources: Sequence[int],
    texts: Sequence[str],
    layouts: dict[Filled, list[Piece]],
    change: Callable[[str], str],
) -> str:
    """The value of one row, of which `texts` are the source cells."""
    error = next((text for text in texts if text and is_cell_error(text)), None)
    if error is not None:
        return error
    if CLEAR in texts:
        if set(texts) <= {CLEAR, ""}:
            return CLEAR
        texts = ["" if text == CLEAR else text for text in texts]
    filled = tuple(map(bool, texts))
    if filled not in layouts:
        layouts[filled] = layout(parts, sources, filled)
    whole = "".join(piece if isinstance(piece, str) else texts[piece] for piece in layouts[filled])
    return change(whole.strip())


def layout(parts: Sequence[BuiltPart], sources: Sequence[int], filled: Filled) -> list[Piece]:
    """What a value is put together from in rows where these source columns have text; nothing where none has.

    A fixed text at the beginning or the end stays. Between two cells with text, the fixed text before the second
    stays; where it is all brackets, an earlier one. A bracket goes with its other half, and so does what is inside.
    """
    columns = [at for at, part in enumerate(parts) if "column" in part]
    shown = [at for at in columns if filled[sources.index(parts[at]["column"])]]
    if not shown:
        return []
    pairs = _bracket_pairs(parts)
    whole = {at for at in range(len(parts)) if at < columns[0] or at > columns[-1]}
    texts: dict[int, str] = {}
    for first, second in pairwise(shown):
        if any(first < at < second for at in columns):
            texts |= _last_text(parts, pairs, range(first + 1, second))
        else:
            whole |= set(range(first + 1, second))
    texts |= {at: _within(parts, pairs, at, whole) for at in whole}
    return [
        texts[at] if at in texts else sources.index(part["column"])
        for at, part in enumerate(parts)
        if at in texts or at in shown
    ]


def _last_text(parts: Sequence[BuiltPart], pairs: Sequence[Pair], between: range) -> dict[int, str]:
    """The fixed texts, by their places, before the last of some blank columns and the next, that are no brackets."""
    group: list[int] = []
    for at in reversed([*between, between.stop]):
        if at in between and "text" in parts[at]:
            group.insert(0, at)
            continue
        texts = {one: _within(parts, pairs, one, group) for one in group}
        if any(texts.values()):
            return texts
        group = []
    return {one: _within(parts, pairs, one, group) for one in group}


def _bracket_pairs(parts: Sequence[BuiltPart]) -> list[Pair]:
    """The brackets and quotation marks in fixed texts, each with its other half."""
    opened, pairs = list[tuple[str, Sign]](), list[Pair]()
    for at, part in enumerate(parts):
        for place, sign in enumerate(part.get("text", "")):
            if opened and opened[-1][0] == sign:
                pairs.append((opened.pop()[1], (at, place)))
            elif sign in _CLOSED_BY:
                opened.append((_CLOSED_BY[sign], (at, place)))
    return pairs


def _within(parts: Sequence[BuiltPart], pairs: Sequence[Pair], at: int, staying: Collection[int]) -> str:
    """A fixed text without the brackets whose other half is in no text that stays, and without what is inside them."""
    text = parts[at]["text"]
    begin = [closing[1] + 1 for opening, closing in pairs if closing[0] == at and opening[0] not in staying]
    end = [opening[1] for opening, closing in pairs if opening[0] == at and closing[0] not in staying]
    return text[max(begin, default=0) : min(end, default=len(text))]


def _changing(steps: Sequence[BuildStep]) -> Callable[[str], str]:
    """All steps as one change of a text; what leaves a row out or clears a field goes past the later ones."""
    changes = [_change_of(step) for step in steps]

    def change(text: str) -> str:
        for one in changes:
            if text in (CLEAR, LEFT_OUT_VALUE):
                break
            text = one(text)
        return text

    return change


def _change_of(step: BuildStep) -> Callable[[str], str]:
    if "take" in step:
        return partial(taken, step["take"])
    if "case" in step:
        return {"upper": str.upper, "lower": str.lower, "title": title_case}[step["case"]]
    return _looking_up(step["look_up"])


def taken(take: Taken, text: str) -> str:
    """A part of a text; blank where there is no such piece.

    Blanks as a separator are any white space, however much of it; a line end separates lines.
    """
    if "separator" not in take:
        part = text[: take["first"]] if "first" in take else text[-take["last"] :]
        return part.strip()
    separator, piece = take["separator"], take["piece"]
    pieces = text.split(separator) if separator.strip(" \t\xa0") else text.split()
    place = piece - 1 if piece > 0 else piece
    return pieces[place].strip() if -len(pieces) <= place < len(pieces) else ""


def title_case(text: str) -> str:
    """The text with a capital at the beginning of each word, as names are written: *Jean-Pierre O'Brien*, *Anne's*.

    Legal forms in capitals stay as they are: *BV*, *VZW*. The Dutch *ij* at the beginning of a word is one letter
    (taaladvies.net, "IJ of Ij").
    """
    return _WORD.sub(lambda found: _capitals(found[0]), text)


def _capitals(word: str) -> str:
    if word.isupper() and is_legal_form(word):
        return word
    first, *others = _APOSTROPHE.split(word.lower())
    parts = [_capital(first)]
    for apostrophe, part in zip(others[::2], others[1::2], strict=True):
        parts += [apostrophe, _capital(part) if len(part) > 1 else part]
    return "".join(parts)


def _capital(part: str) -> str:
    return f"IJ{part[2:]}" if part.startswith("ij") else f"{part[:1].upper()}{part[1:]}"


def _looking_up(look_up: LookUp) -> Callable[[str], str]:
    """A change of a text to what the list has for it, whatever the case, accents and punctuation."""
    exact = {unicodedata.normalize("NFC", text.strip()): to for text, to in look_up["pairs"].items()}
    # texts of signs alone are compared as they are
    near = {folded(text): to for text, to in exact.items() if folded(text)}
    rest = {"keep": None, "blank": "", "value": look_up.get("value", "")}[look_up["rest"]]

    def look(text: str) -> str:
        found = exact.get(text, near.get(folded(text)) if text else None)
        if found is not None:
            return found.strip()
        return text if rest is None or not text else rest.strip()

    return look
