"""Generates client lists as text files of many kinds, each with what it holds: `python -m tests.files.generated_lists`.

A file is made from words of a language, a shape (columns, rows, header, lines above and below), a dialect, an encoding
and perhaps damage, all drawn by a seed. What is right follows from how the file is made. Printed are, for each kind, the
shares of files that are read exactly, and of those that are read otherwise without a word.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import csv
import io
import random
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.upload.ingest.reader import open_source
from services.upload.model.rows import EDGES
from services.upload.model.source import ReadError
from tests.files.list_words import IDEAS, WORDS, Words
from tests.files.making import sheet_data, worksheet, xlsx_parts, zipped

Rows = list[list[str]]


@dataclass(frozen=True)
class Written:
    """How a file is written."""

    delimiter: str = ";"
    quote: str = '"'
    quoting: int = csv.QUOTE_MINIMAL
    escape: str = ""
    line_end: str = "\r\n"
    encoding: str = "utf-8"
    last_line_end: bool = True


@dataclass(frozen=True)
class Generated:
    """A file, and what is right: the texts of its header ([] without one), its rows, footers left aside or not.

    `footer` has the rows below the list, which may be read as rows if the reader points at them. `above` has rows
    above it. `grid` has all rows as they are written, [] where a text file alone can be so. `damaged`: the reader must report a repair; `fair` has other readings of the rows that are right, too.
    """

    content: bytes
    header: list[str]
    rows: Rows
    footer: Rows = field(default_factory=list)
    damaged: bool = False
    fair: list[Rows] = field(default_factory=list)
    grid: Rows = field(default_factory=list)


class Chance(random.Random):
    """Draws of one file."""

    def one(self, *among: str) -> str:
        """One of the texts."""
        return self.choice(among)

    def often(self, share: float) -> bool:
        """True with this probability."""
        return self.random() < share


def text_of(rows: Rows, how: Written) -> str:
    """The text of a file; an `escape` is written before quotes, delimiters stay as they are where nothing quotes them."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=how.delimiter,
        quotechar=how.quote or None,
        quoting=how.quoting if how.quote else csv.QUOTE_NONE,
        doublequote=not how.escape,
        escapechar=how.escape or None,
        lineterminator=how.line_end,
    )  # type: ignore[call-overload]
    writer.writerows(rows)
    text = out.getvalue()
    return text if how.last_line_end else text.removesuffix(how.line_end)


def encoded(text: str, encoding: str) -> bytes:
    """The bytes of a text; characters that the encoding lacks become plain ones."""
    return text.encode(encoding, "replace")


# cells and tables


def person(words: Words, chance: Chance, number: int, idea: str) -> str:
    """A cell of a column."""
    first, last = chance.choice(words.first), chance.choice(words.last)
    return {
        "code": lambda: f"{number + 1:05d}",
        "name": lambda: last,
        "first": lambda: first,
        "email": lambda: f"client{number}@example.org",
        "phone": lambda: chance.one("0475 12 34 ", "+32 2 555 12 ", "(020) 7946 00", "02/555.12.") + f"{number % 90 + 10}",
        "street": lambda: f"{chance.choice(words.streets)} {number % 200 + 1}" + chance.one("", ", 2", " b", "/3"),
        "postal": lambda: f"{number * 37 % 9000 + 1000}",
        "city": lambda: chance.choice(words.cities),
        "birth": lambda: f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/{1950 + number % 55}",
        "amount": lambda: f"{number * 13 % 900},{number * 7 % 90 + 10}",
        "note": lambda: chance.one("", "", *words.notes),
        "vat": lambda: chance.one("", f"BE0403.{number % 900 + 100}.170"),
    }[idea]()  # fmt: skip


def table(words: Words, chance: Chance, least: int = 3, most: int = 12, rows: int = 0) -> Rows:
    """A header and rows; some cells are blank, but never those of the first column."""
    ideas = chance.sample(IDEAS, chance.randint(least, min(most, len(IDEAS))))
    count = rows or chance.choice((3, 5, 8, 15, 40, 120))
    blanks = chance.choice((0.0, 0.0, 0.1, 0.3))
    body = [
        [
            "" if place and chance.often(blanks) else person(words, chance, number, idea)
            for place, idea in enumerate(ideas)
        ]
        for number in range(count)
    ]
    for row in body:
        row[0] = row[0] or "x1"
    return [[words.headers[idea] for idea in ideas], *body]


def language(chance: Chance) -> Words:
    """The words of some language."""
    return chance.choice(list(WORDS.values()))


def western(chance: Chance) -> Words:
    """The words of a language of Western Europe."""
    return WORDS[chance.one("en", "nl", "fr", "de", "es", "it", "pt", "sv", "da")]


def usual(chance: Chance) -> Written:
    """A dialect as programs write it."""
    return Written(
        delimiter=chance.one(",", ";", ";", "\t", "|"),
        quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        line_end=chance.one("\r\n", "\r\n", "\n", "\r"),
        encoding=chance.one("utf-8", "utf-8-sig"),
        last_line_end=chance.often(0.8),
    )


def plain(rows: Rows, how: Written) -> Generated:
    """A valid file of these rows."""
    return Generated(encoded(text_of(rows, how), how.encoding), rows[0], rows[1:], grid=rows)


def lossless(rows: Rows, encoding: str) -> Rows:
    """The rows with what the encoding can say."""
    return [[cell.encode(encoding, "replace").decode(encoding) for cell in row] for row in rows]


# kinds


def dialects(chance: Chance) -> Generated:
    """Usual and rare delimiters, quotes and line ends."""
    return plain(table(language(chance), chance), usual(chance))


def rare_delimiters(chance: Chance) -> Generated:
    """Delimiters that few programs write."""
    how = replace(usual(chance), delimiter=chance.one("^", "~", "\x1f", "¦", "§", "\x01"))
    return plain(table(western(chance), chance), how)


def two_columns(chance: Chance) -> Generated:
    """Two columns, names with commas: "Last, First"."""
    words = language(chance)
    rows = table(words, chance, 2, 2, rows=chance.choice((2, 3, 6, 20, 60)))
    how = replace(usual(chance), delimiter=chance.one(";", "\t", "|"))
    comma = chance.one(", ", ",", " / ")
    for row in rows:
        row[0] = f"{chance.choice(words.last)}{comma}{chance.choice(words.first)}"
    rows[0][0] = f"{words.headers['name']}{comma}{words.headers['first'].lower()}"
    return plain(rows, how)


def one_column(chance: Chance) -> Generated:
    """A single column of names, addresses or e-mails; nothing separates cells."""
    words = language(chance)
    idea = chance.choice(("email", "name", "code", "phone", "city"))
    count = chance.choice((3, 6, 20, 60))
    rows = [[words.headers[idea]], *([person(words, chance, n, idea)] for n in range(count))]
    return plain(rows, replace(usual(chance), delimiter=";", quoting=csv.QUOTE_MINIMAL))


def quoted_trouble(chance: Chance) -> Generated:
    """Cells that hold delimiters, quotes, line ends, JSON, lists, backslashes."""
    words = western(chance)
    rows = table(words, chance, 3, 8)
    trouble = (
        "a;b;c", "a,b,c", "x\ty", 'said "hi"', "'quoted'", "C:\\temp\\", "line 1\nline 2", '{"a": 1, "b": [2, 3]}',
        "10:30; 11:45", "Jansen, Peeters & Maes", "a|b|c", "5\" pipe", "rock 'n' roll", "=1+1", "-", "\\N", ";", ",", '"',
        "<a href=\"x\">x</a>", "12,5;13,5;14,5", "\n", "a\r\nb\r\n\r\nc", "N/A", "#1", "1;2",
    )  # fmt: skip
    for row in rows[1:]:
        for place in range(1, len(row)):
            if chance.often(0.25):
                row[place] = chance.choice(trouble)
    return plain(rows, replace(usual(chance), line_end=chance.one("\r\n", "\n")))


def escapes(chance: Chance) -> Generated:
    """Quotes escaped by a backslash, or apostrophes as quotes."""
    rows = table(western(chance), chance, 3, 8, rows=chance.choice((5, 8, 15, 40)))
    how = usual(chance)
    if chance.often(0.5):
        for row in rows[1:]:
            row[1] = chance.one('the "big" one', 'a "b"; c', "plain", '"x" and y')
        return plain(rows, replace(how, escape="\\", quoting=csv.QUOTE_ALL))
    for row in rows[1:]:
        row[1] = chance.one("a; b", "c, d", "plain", "e | f", "g\th")
    return plain(
        [[cell.replace("'", "") for cell in row] for row in rows],
        replace(how, quote="'", quoting=csv.QUOTE_ALL),
    )


def encodings(chance: Chance) -> Generated:
    """Each encoding that programs of a country have written, from a few rows to many."""
    words = language(chance)
    encoding = chance.choice(words.encodings)
    rows = table(words, chance, 4, 12)
    return plain(lossless(rows, encoding), replace(usual(chance), encoding=encoding))


def late_accents(chance: Chance) -> Generated:
    """Letters outside ASCII only in a few of many rows."""
    words = language(chance)
    encoding = chance.choice(words.encodings)
    rows = table(WORDS["en"], chance, 3, 8, rows=chance.choice((60, 400, 900)))
    rows = [[cell if cell.isascii() else "Plain" for cell in row] for row in rows]
    for _ in range(chance.choice((1, 2, 5))):
        row = rows[chance.randrange(len(rows) // 2, len(rows))]
        row[0] = chance.choice(words.last)
        row[1] = chance.choice(words.cities)
        row[2] = chance.choice(words.notes)
    return plain(lossless(rows, encoding), replace(usual(chance), encoding=encoding))


def single_signs(chance: Chance) -> Generated:
    """Signs such as `Nº`, `€` and a dash are all there is outside ASCII."""
    words = western(chance)
    signs = chance.choice(
        ("Nº {}", "N° {}", "{} €", "{} – {}", "« {} »", "{}’s", "§ {}", "£{}", "“{}”", "½ {}", "{} ×", "{}ª")
    )
    encoding = (
        chance.one("cp1252", "cp1252", "cp850")
        if signs not in ("{} €", "{} – {}", "{}’s", "“{}”")
        else "cp1252"
    )
    rows = [[_ascii(cell) for cell in row] for row in table(words, chance, 3, 8)]
    column = chance.randrange(len(rows[0]))
    for row in rows[:: chance.choice((1, 2, 7))]:
        row[column] = signs.format(row[column], row[column])
    return plain(rows, replace(usual(chance), encoding=encoding))


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or "x"


def wide_without_mark(chance: Chance) -> Generated:
    """UTF-16 and UTF-32 without a byte order mark."""
    words = language(chance)
    encoding = chance.one("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    rows = table(words, chance, 4, 8)
    if not _mostly_ascii(rows):
        rows = table(western(chance), chance, 4, 8)
    return plain(rows, replace(usual(chance), encoding=encoding))


def _mostly_ascii(rows: Rows) -> bool:
    text = "".join("".join(row) for row in rows)
    return sum(map(str.isascii, text)) > 0.5 * len(text)


def padded_files(chance: Chance) -> Generated:
    """What old programs put at the end: the end-of-file character, NULs, blanks."""
    made = plain(table(western(chance), chance, 3, 8), usual(chance))
    ends = (b"\x1a", b"\0" * 200, b"\x1a" + b"\0" * 126, b"\x1a" * 300, b" " * 100, b"\0" * 5000)
    return replace(made, content=made.content + chance.choice(ends))


def preambles(chance: Chance) -> Generated:
    """Titles, dates, facts, blank lines and comments above the header."""
    words = language(chance)
    rows = table(words, chance, 3, 10)
    width, how = len(rows[0]), usual(chance)
    forms: dict[str, Callable[[], Rows]] = {
        "title": lambda: [[words.title]],
        "title and date": lambda: [[f"{words.title} 2024"], ["31/12/2024"]],
        "padded": lambda: [[words.title, *[""] * (width - 1)], [""] * width],
        "facts": lambda: [[words.headers["name"], "Demo NV"], [words.headers["birth"], "31/12/2024"], []],
        "labelled": lambda: [["Export:", "2024-12-31"], ["User:", "an@example.org"], ["Filter:", "-"], []],
        "blank": lambda: [[], []],
        "sentence": lambda: [[f"{words.title}, {words.notes[0]}, {words.notes[1]}"], []],
        "long": lambda: [[f"{words.title} {n}"] if n % 3 else [] for n in range(1, 12)],
        "sections": lambda: [[words.title], [], [words.headers["code"], "12"], [], ["* * *"]],
    }
    above = forms[chance.choice(list(forms))]()
    return replace(plain([*above, *rows], how), header=rows[0], rows=rows[1:])


def comments(chance: Chance) -> Generated:
    """Lines with a number sign above the header."""
    words = western(chance)
    rows = table(words, chance, 3, 8)
    how = replace(usual(chance), quoting=csv.QUOTE_MINIMAL)
    head = how.line_end.join(f"# {line}" for line in (words.title, "2024")) + how.line_end
    return Generated(encoded(head + text_of(rows, how), how.encoding), rows[0], rows[1:])


def headers(chance: Chance) -> Generated:
    """Headers in other forms: snake_case, upper case, questions, several lines, years, blank and repeated names."""
    words = language(chance)
    rows = table(words, chance, 3, 9)
    width = len(rows[0])
    forms: list[list[str]] = [
        [cell.lower().replace(" ", "_") for cell in rows[0]],
        [cell.upper() for cell in rows[0]],
        [f"{cell} *" for cell in rows[0]],
        [f"{cell}\n({words.title})" for cell in rows[0]],
        [f"{n}. {cell}" for n, cell in enumerate(rows[0], 1)],
        [f"[{cell}]" for cell in rows[0]],
        [f"client.{cell}".lower() for cell in rows[0]],
        [f"{cell}:" for cell in rows[0]],
        [cell if n else "" for n, cell in enumerate(rows[0])],
        [rows[0][0], *rows[0][1:-1], rows[0][0]],
        [rows[0][0], *(str(2020 + n) for n in range(width - 1))],
        [f"What is the {cell.lower()} of your client, if any?" for cell in rows[0]],
        [f"{words.title} - {cell}" for cell in rows[0]],
        [f"F{n}" for n in range(1, width + 1)],
    ]
    head = chance.choice(forms)
    if head[1][:4] == "2020":
        rows = [[row[0], *(f"{chance.randrange(10_000)}" for _ in row[1:])] for row in rows]
    return plain([head, *rows[1:]], replace(usual(chance), line_end=chance.one("\r\n", "\n")))


def no_header(chance: Chance) -> Generated:
    """A list without a header."""
    words = language(chance)
    rows = table(words, chance, 4, 10, rows=chance.choice((5, 8, 15, 40)))
    if not any(cell[:1].isdigit() or "@" in cell for cell in rows[1]):
        rows = [[*row, f"{n * 37 % 9000 + 1000}"] for n, row in enumerate(rows)]
    return replace(plain(rows[1:], usual(chance)), header=[], rows=rows[1:])


def two_row_headers(chance: Chance) -> Generated:
    """Groups in the row above the header, also over blank cells of it."""
    words = language(chance)
    rows = table(words, chance, 5, 10)
    head = rows[0]
    own = chance.randint(1, 2)
    cut = chance.randint(own + 2, len(head))
    above = [
        *head[:own],
        words.title,
        *[""] * (cut - own - 1),
        *["Extra", *[""] * len(head)][: len(head) - cut],
    ]
    if chance.often(0.7):
        below = [*[""] * own, *head[own:]]
    else:
        above, below = [*[""] * own, *above[own:]], head
    made = plain([above, below, *rows[1:]], usual(chance))
    return replace(made, header=head, rows=rows[1:])


def footers(chance: Chance) -> Generated:
    """Totals, page feet and notes below the list."""
    words = language(chance)
    rows = table(words, chance, 3, 9)
    width, how = len(rows[0]), usual(chance)
    forms: dict[str, Callable[[], Rows]] = {
        "total": lambda: [[words.total, *[""] * (width - 2), "12345,60"]],
        "total after blank": lambda: [[], [f"{words.total}:", *[""] * (width - 2), "12345"]],
        "count": lambda: [[], [f"{words.total}: {len(rows) - 1}"]],
        "page": lambda: [["Page 1 of 1"]],
        "end": lambda: [[], ["*** End of report ***"]],
    }
    below = forms[chance.choice(list(forms))]()
    made = plain([*rows, *below], how)
    return replace(made, rows=rows[1:], footer=[row for row in below if any(row)])


def repeated_headers(chance: Chance) -> Generated:
    """Pages, each with the header again."""
    words = language(chance)
    rows = table(words, chance, 3, 8, rows=15)
    foot = [[f"Page {chance.one('1', '2')}"]] if chance.often(0.5) else []
    pages = [*rows[:6], *foot, rows[0], *rows[6:11], *foot, rows[0], *rows[11:]]
    return replace(plain(pages, usual(chance)), header=rows[0], rows=rows[1:])


def shapes(chance: Chance) -> Generated:
    """Blank rows and columns, ragged rows, delimiters at the ends of lines, one row, one column of many."""
    words = language(chance)
    rows = table(words, chance, 3, 12)
    form = chance.one(
        "blank rows", "trailing", "trailing body", "short", "long", "one row", "gap", "sparse", "wide"
    )
    how = usual(chance)
    if form == "blank rows":
        rows = [row for each in rows for row in ([each, []] if chance.often(0.3) else [each])]
    elif form == "trailing":
        rows = [[*row, "", ""] for row in rows]
    elif form == "trailing body":
        rows = [rows[0], *([*row, ""] for row in rows[1:])]
    elif form == "short":
        rows = [
            rows[0],
            *(row[: chance.randint(1, len(row))] if chance.often(0.2) else row for row in rows[1:]),
        ]
    elif form == "long":
        rows[len(rows) // 2] = [*rows[len(rows) // 2], "extra"]
    elif form == "one row":
        rows = rows[:2]
    elif form == "gap":
        rows = [[*row[:1], "", *row[1:]] for row in rows]
    elif form == "sparse":
        rows = [
            rows[0],
            *([row[0], *(cell if chance.often(0.3) else "" for cell in row[1:])] for row in rows[1:]),
        ]
    else:
        rows = [
            [*row, *(f"{rows[0][0]} {n}" if place == 0 else f"{n * place % 17}" for n in range(40))]
            for place, row in enumerate(rows)
        ]
    made = plain(rows, how)
    return replace(made, rows=[row for row in rows[1:] if any(row)])


def stray_quotes(chance: Chance) -> Generated:
    """One record with a quote that is wrong; all others must come out as they are."""
    words = western(chance)
    rows = table(words, chance, 3, 8, rows=chance.choice((8, 15, 40)))
    how = replace(usual(chance), quoting=csv.QUOTE_MINIMAL, last_line_end=True)
    place = chance.randrange(2, len(rows) - 1)
    column = chance.randrange(len(rows[0]))
    form = chance.one("open", "inside", "unescaped")
    cell = _plain_cell(rows[place][column] or "x", how)
    raw = {"open": f'"{cell}', "inside": f'{cell} "x" y', "unescaped": f'"{cell} "x" y"'}[form]
    rows = [[_plain_cell(each, how) for each in row] for row in rows]
    texts = [text_of([row], how) for row in rows]
    rows[place][column] = raw
    texts[place] = how.delimiter.join(rows[place]) + how.line_end
    rows[place][column] = {"open": f'"{cell}', "inside": f'{cell} "x" y', "unescaped": f'{cell} "x" y'}[form]
    fair = [[*rows[1:place], [*rows[place][:column], cell, *rows[place][column + 1 :]], *rows[place + 1 :]]]
    content = encoded("".join(texts), how.encoding)
    return Generated(content, rows[0], rows[1:], damaged=form != "inside", fair=fair)


def _plain_cell(cell: str, how: Written) -> str:
    return cell.replace('"', "").replace(how.delimiter, " ").strip()


def cut_files(chance: Chance) -> Generated:
    """A file that was cut within its last row."""
    rows = table(western(chance), chance, 3, 8)
    rows[-1] = ["last", *(f"cell {n}" for n in range(1, len(rows[0])))]
    how = replace(usual(chance), quoting=csv.QUOTE_MINIMAL)
    text = text_of(rows, how).removesuffix(how.line_end)
    cut = chance.randint(1, 6)
    rows[-1][-1] = rows[-1][-1][:-cut] if cut < 6 else ""
    return Generated(encoded(text[:-cut], how.encoding), rows[0], rows[1:])


def mixed_encodings(chance: Chance) -> Generated:
    """UTF-8 with a few cells that were pasted as Windows-1252."""
    words = WORDS[chance.one("fr", "de", "nl", "es")]
    rows = table(words, chance, 4, 8, rows=40)
    how = replace(usual(chance), line_end="\r\n", last_line_end=True)
    lines = [text_of([row], how) for row in rows]
    place = chance.randrange(5, len(lines))
    content = b"".join(encoded(line, "cp1252" if n == place else "utf-8") for n, line in enumerate(lines))
    return Generated(content, rows[0], rows[1:])


def survey(chance: Chance) -> Generated:
    """Columns of many kinds that look like nothing else: truth values, times, scores, links, lists."""
    words = western(chance)
    columns: dict[str, Callable[[int], str]] = {
        "id": lambda n: f"{n + 1}",
        "time": lambda n: f"{n % 24:02d}:{n % 60:02d}:00",
        "ok": lambda n: chance.one("TRUE", "FALSE"),
        "score": lambda n: f"{n * 7 % 100 / 10}".replace(".", chance.one(".", ",")),
        "link": lambda n: f"https://example.org/a?b={n}&c=d",
        "tags": lambda n: chance.one("vip", "vip, new", "a; b", ""),
        "iban": lambda n: f"BE68 5390 0754 {7000 + n}",
        "name": lambda n: f"{chance.choice(words.last)} {chance.choice(words.first)}",
        "stamp": lambda n: f"2024-03-{n % 28 + 1:02d}T10:{n % 60:02d}:00Z",
        "percent": lambda n: f"{n % 100} %",
        "money": lambda n: f"€ {n % 9}.{n % 900 + 100},00",
        "firm": lambda n: f"{chance.choice(words.last)}, {chance.choice(words.last)} & Co",
    }
    names = chance.sample(sorted(columns), chance.randint(3, 10))
    rows = [names, *([columns[name](n) or "-" for name in names] for n in range(chance.choice((4, 12, 50))))]
    return plain(rows, usual(chance))


def other_records(chance: Chance) -> Generated:
    """One record of a regular table lacks a delimiter, has one more, or has another one; the others stay as they are."""
    words = western(chance)
    rows = table(words, chance, 4, 9, rows=chance.choice((8, 15, 40)))
    how = replace(usual(chance), quoting=csv.QUOTE_MINIMAL, last_line_end=True)
    rows = [[_plain_cell(each, how) for each in row] for row in rows]
    place = chance.randrange(2, len(rows))
    form, row = chance.one("fewer", "more", "other"), [cell or "x" for cell in rows[place]]
    if form == "fewer":
        rows[place] = [row[0] + " " + row[1], *row[2:]]
    elif form == "more":
        rows[place] = [*row[:2], "", *row[2:]]
    else:
        other = "," if how.delimiter != "," else ";"
        rows[place] = [other.join(cell.replace(other, " ") for cell in row)]
    if form == "other" and other == ",":
        texts = [text_of([each], how) for each in rows]
        return Generated(encoded("".join(texts), how.encoding), rows[0], rows[1:])
    return plain(rows, how)


def spaced_quotes(chance: Chance) -> Generated:
    """A space after each delimiter, also before quotes."""
    words = western(chance)
    rows = table(words, chance, 3, 8)
    mark = chance.one(",", ";", "|")
    how = usual(chance)
    text = how.line_end.join(
        f"{mark} ".join(f'"{cell}"' if mark in cell or chance.often(0.3) else cell for cell in row)
        for row in rows
    )
    return Generated(encoded(text + how.line_end, how.encoding), rows[0], rows[1:])


def row_names(chance: Chance) -> Generated:
    """Statistics programs number the rows in a column without a header, not even a blank one."""
    words = language(chance)
    rows = table(words, chance, 3, 8, rows=chance.choice((5, 15, 40)))
    numbered = [rows[0], *([f"{n}", *row] for n, row in enumerate(rows[1:], 1))]
    how = usual(chance)
    return Generated(encoded(text_of(numbered, how), how.encoding), ["", *rows[0]], numbered[1:])


def mixed_line_ends(chance: Chance) -> Generated:
    """Files that several programs wrote to: each line ends in its own way."""
    words = language(chance)
    rows = table(words, chance, 3, 8)
    how = replace(usual(chance), last_line_end=True)
    text = "".join(text_of([row], replace(how, line_end=chance.one("\r\n", "\n", "\r\n"))) for row in rows)
    return Generated(encoded(text, how.encoding), rows[0], rows[1:])


def tiny(chance: Chance) -> Generated:
    """A header and one or two rows."""
    words = language(chance)
    rows = table(words, chance, 2, 5, rows=chance.choice((3, 3)))[: chance.randint(2, 3)]
    rows[0][0], rows[1][0] = words.headers["email"], "a@example.org"
    return plain(rows, replace(usual(chance), delimiter=chance.one(";", "\t", ",")))


def number_tables(chance: Chance) -> Generated:
    """A name and many numbers, with decimal commas or points, negative, in brackets, with percent signs."""
    words = language(chance)
    width = chance.randint(2, 8)
    form = chance.one(
        "{},{:02d}",
        "{}.{:02d}",
        "-{},{:02d}",
        "({}.{:02d})",
        "{},{:02d} %",
        "€ {},{:02d}",
        "{}'000.{:02d}",
        "{} 000,{:02d}",
    )
    head = [words.headers["name"], *(f"{words.headers['amount']} {n}" for n in range(width))]
    rows = [
        [
            chance.choice(words.last),
            *(form.format(chance.randrange(999), chance.randrange(100)) for _ in range(width)),
        ]
        for _ in range(chance.choice((3, 8, 40)))
    ]
    return plain([head, *rows], usual(chance))


def aligned(chance: Chance) -> Generated:
    """Columns are aligned by spaces; there is no delimiter, so each line is one cell."""
    words = western(chance)
    rows = table(words, chance, 3, 5, rows=chance.choice((8, 15)))
    widths = [max(len(row[place]) for row in rows) + 3 for place in range(len(rows[0]))]
    lines = [
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).strip() for row in rows
    ]
    lines = [line.replace(",", ".") for line in lines]
    how = usual(chance)
    text = how.line_end.join(lines) + how.line_end
    return Generated(encoded(text, how.encoding), [lines[0]], [[line] for line in lines[1:]])


def bare_quotes(chance: Chance) -> Generated:
    """A program that quotes nothing: quotes and apostrophes are characters, also at the start of a cell."""
    words = western(chance)
    rows = table(words, chance, 3, 8, rows=chance.choice((8, 15, 40)))
    mark = chance.one(";", "\t", "|")
    for row in rows[1:]:
        row[1] = chance.one(
            '5" pipe',
            "'t Hooft",
            'Jan "Jef" Peeters',
            "plain",
            "3' x 4'",
            "O'Brien",
            "C:\\temp\\",
            "'s Gravenhage",
        )
    how = replace(usual(chance), delimiter=mark)
    text = "".join(mark.join(row) + how.line_end for row in rows)
    return Generated(encoded(text, how.encoding), rows[0], rows[1:])


def header_only_words(chance: Chance) -> Generated:
    """All cells are words: no numbers and no addresses show which row is the header."""
    words = language(chance)
    ideas = ["name", "first", "city", "note", "street"][: chance.randint(3, 5)]
    count = chance.choice((3, 8, 15, 40))
    rows = [
        [re.sub(r"[\d,/]+", "", person(words, chance, n, idea)).strip() for idea in ideas]
        for n in range(count)
    ]
    return plain([[words.headers[idea] for idea in ideas], *rows], usual(chance))


def named_delimiters(chance: Chance) -> Generated:
    """The line `sep=` of spreadsheet programs above the header."""
    rows = table(language(chance), chance, 2, 8)
    how = usual(chance)
    text = f"sep={how.delimiter}{how.line_end}{text_of(rows, how)}"
    return Generated(encoded(text, how.encoding), rows[0], rows[1:])


def long_cells(chance: Chance) -> Generated:
    """Notes of many lines and sentences with every sign."""
    words = western(chance)
    rows = table(words, chance, 3, 6)
    for row in rows[1:]:
        row[-1] = "\n".join(
            f"{n:02d}/01/2024: {', '.join(words.notes)}; 'ok' | \"yes\"" for n in range(chance.randint(1, 30))
        )
    return plain(rows, replace(usual(chance), line_end=chance.one("\r\n", "\n")))


def contacts_export(chance: Chance) -> Generated:
    """Exports of address books: a hundred columns, most of them blank, names in English, cells in any language."""
    words = language(chance)
    head = [
        "First Name",
        "Middle Name",
        "Last Name",
        "Title",
        "E-mail Address",
        "Home Phone",
        "Business Street",
        "Notes",
    ]
    head += [f"Business {name}" for name in ("City", "Postal Code", "Fax", "Phone")] + [
        f"User {n}" for n in range(1, 40)
    ]
    rows = [
        [
            chance.choice(words.first),
            "",
            chance.choice(words.last),
            "",
            chance.one("", f"p{n}@example.org"),
            *[""] * (len(head) - 6),
            "x" if chance.often(0.1) else "",
        ]
        for n in range(chance.choice((3, 15, 60)))
    ]
    return plain([head, *rows], replace(usual(chance), delimiter=chance.one(",", ";", "\t")))


KINDS: dict[str, Callable[[Chance], Generated]] = {
    make.__name__: make
    for make in (
        dialects, rare_delimiters, two_columns, one_column, quoted_trouble, escapes, encodings, late_accents,
        single_signs, wide_without_mark, padded_files, preambles, comments, headers, no_header, two_row_headers,
        footers, repeated_headers, shapes, stray_quotes, cut_files, mixed_encodings, survey, other_records,
        spaced_quotes, row_names, mixed_line_ends, tiny, number_tables, aligned, bare_quotes, header_only_words,
        named_delimiters, long_cells, contacts_export,
    )
}  # fmt: skip


def made(kind: str, seed: int) -> Generated:
    """The file of a kind and a seed."""
    return KINDS[kind](Chance(f"{kind} {seed}"))


# workbooks

#: Kinds whose rows make sense in a workbook, too.
GRIDS = (
    "dialects", "quoted_trouble", "preambles", "headers", "no_header", "two_row_headers", "footers", "repeated_headers",
    "shapes", "survey", "tiny", "number_tables", "header_only_words", "long_cells", "contacts_export", "one_column",
)  # fmt: skip


def workbook(kind: str, seed: int) -> Generated:
    """The same rows as a workbook: somewhere on its sheet, perhaps after a cover, numbers as numbers."""
    chance = Chance(f"workbook {kind} {seed}")
    file = made(kind, seed)
    top, left = chance.choice((0, 0, 0, 2)), chance.choice((0, 0, 0, 1, 3))
    are_numbers = chance.often(0.5)
    cells = [[None] * left + [_stored(cell, are_numbers) for cell in row] for row in file.grid]
    sheet = worksheet(sheet_data([*([None] * top), *cells]))
    sheets = {"Clients": sheet}
    if chance.often(0.2):
        sheets = {
            "Info": worksheet(sheet_data([["Export of the clients"], ["Please do not change this file"]])),
            **sheets,
        }
    if chance.often(0.2):
        sheets = {**sheets, "Codes": worksheet(sheet_data([["Code", "Text"], ["1", "yes"], ["2", "no"]]))}
    return replace(file, content=zipped(xlsx_parts(sheets)))


def _stored(cell: str, are_numbers: bool) -> str | int | None:
    if are_numbers and cell.isascii() and cell.isdecimal() and (cell[0] != "0" or cell == "0"):
        return int(cell)
    return cell or None


# judging


@dataclass(frozen=True)
class Verdict:
    """How a file was read: `exact`, `reported` (otherwise, and reported), `silent`, or the code of a refusal."""

    outcome: str
    header: list[str] = field(default_factory=list)
    rows: Rows = field(default_factory=list)
    detail: str = ""


def judged(file: Generated, path: Path) -> Verdict:
    """Read a file and compare."""
    path.write_bytes(file.content)
    try:
        source = open_source(path)
        rows = [
            row + batch.long.get(offset, [])
            for batch in source.batches()
            for offset, row in enumerate(batch.rows)
        ]
    except ReadError as error:
        return Verdict(error.code, detail=error.detail)
    found, codes = source.found, {problem["code"] for problem in source.found.problems}
    detail = f"{found.encoding} {found.delimiter!r} {found.quote!r} row {found.header_row} {sorted(codes)}"
    footer = _clean(file.footer)
    read = _clean(rows)
    if footer and (source.footer or source.totals) and read[-len(footer) :] == footer:
        read = read[: -len(footer)]
    right = read in [_clean(rows) for rows in (file.rows, *file.fair)]
    same_header = _clean([found.header]) == _clean([file.header])
    reported = bool(codes & {"rows_repaired", "unclosed_quote"})
    if right and same_header and reported >= file.damaged:
        return Verdict("exact")
    outcome = "header" if right else "reported" if reported or "undecodable_bytes" in codes else "silent"
    return Verdict(outcome, found.header, rows, detail)


def _clean(rows: Rows) -> Rows:
    """The filled rows with clean cells, without the blanks at their ends."""
    found: Rows = []
    for row in rows:
        cells = ["\n".join(cell.strip(EDGES).splitlines()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        found += [cells] if cells else []
    return found


def measured(
    numbers: range, kinds: list[str], path: Path, make: Callable[[str, int], Generated] = made
) -> Iterator[tuple[str, int, Generated, Verdict]]:
    """Read the files of some kinds and numbers."""
    for kind in kinds:
        for seed in numbers:
            file = make(kind, seed)
            yield kind, seed, file, judged(file, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--workbooks", action="store_true", help="the same rows as workbooks")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many failures of each kind")
    arguments = parser.parse_args()
    make, known = (workbook, list(GRIDS)) if arguments.workbooks else (made, list(KINDS))
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        numbers = range(arguments.first, arguments.first + arguments.files)
        for kind, seed, file, verdict in measured(
            numbers, arguments.kinds or known, Path(folder) / "list", make
        ):
            counter = counts.setdefault(kind, Counter())
            counter[verdict.outcome] += 1
            if verdict.outcome != "exact" and counter.total() - counter["exact"] <= arguments.show:
                sys.stdout.write(_shown(kind, seed, file, verdict))
    for kind, counter in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        rest = ", ".join(f"{name} {count}" for name, count in counter.items() if name != "exact")
        sys.stdout.write(f"{kind:20} {100 * counter['exact'] / counter.total():5.1f} % exact  {rest}\n")


def _shown(kind: str, seed: int, file: Generated, verdict: Verdict) -> str:
    right = next(
        (n for n, (a, b) in enumerate(zip(_clean(file.rows), _clean(verdict.rows), strict=False)) if a != b),
        -1,
    )
    pair = (_clean(file.rows)[right], _clean(verdict.rows)[right]) if right >= 0 else ()
    return (
        f"--- {kind} {seed}: {verdict.outcome} {verdict.detail}\n    {file.content[:240]!r}\n"
        f"    header {file.header}\n       not {verdict.header}\n    row {right}: {pair}"
        f" of {len(file.rows)}/{len(verdict.rows)}\n"
    )


if __name__ == "__main__":
    main()
