"""Keeps the message catalogues in step with the texts in the code.

`python -m tools.texts` brings new and changed texts of the code into all catalogues and removes those that are gone.
`python -m tools.texts <language>` also makes the catalogues of a new language, empty.
"""

from __future__ import annotations

import io
import sys
from functools import cache
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from shared.contract.texts.catalogues import FOLDER, LANGUAGES, SOURCE

ROOT = Path(__file__).parents[1]
#: functions that take or mark a text, and which of their arguments are texts
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "ngettext_noop": (1, 2),
}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true"}}
WIDTH = 110


def folders() -> dict[str, Path]:
    """The folder of each domain: a service, or a room of the contract that has texts."""
    contract = {name: ROOT / "shared" / "contract" / name for name in ("problems", "fields")}
    services = {path.parent.name: path.parent for path in sorted(ROOT.glob("services/*/__init__.py"))}
    return contract | services


@cache
def extracted(domain: str) -> Catalog:
    """The texts of a domain in the code."""
    folder, found = folders()[domain], Catalog(domain=domain)
    for name, _line, message, comments, context in extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS):
        place = (folder / name).relative_to(ROOT).as_posix()
        found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def domains() -> list[str]:
    """The domains that have texts."""
    return [domain for domain in folders() if len(extracted(domain))]


def updated(domain: str, language: str) -> Catalog:
    """The catalogue of a domain with exactly the texts of the code; what is not translated yet is empty."""
    path = FOLDER / language / f"{domain}.po"
    catalogue = Catalog(locale=language, domain=domain)
    if path.is_file():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, domain=domain)
    catalogue.update(extracted(domain), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a `.po` file whose header has only what gettext needs, so that it does not change by itself."""
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(body, catalogue, width=WIDTH, omit_header=True, include_lineno=False)
    return header.encode() + body.getvalue()


def update(language: str) -> int:
    """Write all catalogues of a language, and return how many texts wait for a translation."""
    (FOLDER / language).mkdir(exist_ok=True)
    waiting = 0
    for domain in domains():
        catalogue = updated(domain, language)
        (FOLDER / language / f"{domain}.po").write_bytes(written(catalogue))
        waiting += sum(not all(strings(message.string)) for message in catalogue if message.id)
    return waiting


def strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """The translations of a message, one for each form of number."""
    return [string] if isinstance(string, str) else list(string or [""])


def main(new: list[str]) -> None:
    """Update the catalogues of all languages and of the new ones."""
    for language in new:
        try:
            Locale.parse(language)
        except (ValueError, UnknownLocaleError):
            sys.exit(f"{language}: not a language that Babel knows")
    for language in sorted({*LANGUAGES, *new} - {SOURCE}):
        print(f"{FOLDER.relative_to(ROOT)}/{language}: {update(language)} texts wait for a translation")


if __name__ == "__main__":
    main(sys.argv[1:])
