"""`make gallery`: pictures of every page and mail of the system on PORT, and what is wrong with them.

Each page is seen in each language and in each of `LOOKS`. `.local/gallery/index.html` shows them; the command ends
with 1 where something is wrong.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.local.state import State
from deploy.local.system import DEFAULT_PORT, token
from shared.contract.texts.catalogues import LANGUAGES
from tools.gallery import mails
from tools.gallery.firm import furnish
from tools.gallery.looking import faults_of, not_by_keyboard, too_wide
from tools.gallery.pages import PAGES, SIGNED_OUT
from tools.guide.pictures import CHROMIUM

FOLDER = Path(".local/gallery")


class Look(NamedTuple):
    """How a page is seen: width in pixels, dark or light."""

    name: str
    width: int
    dark: bool


LOOKS = (
    Look("wide", 1280, False),
    Look("wide-dark", 1280, True),
    Look("phone", 375, False),
    Look("narrow-dark", 320, True),
)
MAIL_WIDTHS = (320, 800)


class Seen(NamedTuple):
    """A picture, and what is wrong with what it shows."""

    page: str
    language: str
    look: str
    faults: list[str]

    @property
    def file(self) -> str:
        """The picture's name."""
        return f"{self.page}.{self.language}.{self.look}.png"


def pages_seen(browser: Browser, state: State, firm: str, ids: dict[str, str]) -> Iterator[Seen]:
    """Every page in every language and look."""
    for language in LANGUAGES:
        bearer = token(state, firm, "owner", language)
        for look in LOOKS:
            context = browser.new_context(
                viewport={"width": look.width, "height": 800},
                color_scheme="dark" if look.dark else "light",
                locale=language,
                timezone_id="Europe/Brussels",
                reduced_motion="reduce",
            )
            page = context.new_page()
            for name, address in SIGNED_OUT.items():
                yield _seen(page, state.url + address, name, language, look)
            page.goto(f"{state.url}/signin?token={bearer}")
            for name, address in PAGES.items():
                yield _seen(page, state.url + address.format(**ids), name, language, look)
            context.close()


def _seen(page: Page, url: str, name: str, language: str, look: Look) -> Seen:
    answer = page.goto(url)
    faults = faults_of(page, answer.body() if answer else b"")
    page.screenshot(path=FOLDER / Seen(name, language, look.name, []).file, full_page=True)
    if look == LOOKS[0] and language == LANGUAGES[0]:
        faults += not_by_keyboard(page)
    return Seen(name, language, look.name, faults)


def mails_seen(browser: Browser) -> Iterator[Seen]:
    """Every mail in every language, narrow and wide."""
    for width in MAIL_WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 700})
        for name, mail in mails.all_mails():
            page.set_content(mails.page_of(mail))
            kind, _, language = name.rpartition(".")
            seen = Seen(f"mail-{kind}", language, f"{width}", too_wide(page))
            page.screenshot(path=FOLDER / seen.file, full_page=True)
            yield seen
        page.close()


def index_of(seen: list[Seen]) -> str:
    """The page that shows all pictures, by page."""
    by_page: dict[str, list[Seen]] = {}
    for one in seen:
        by_page.setdefault(one.page, []).append(one)
    parts = [
        f"<h2>{escape(name)}</h2><div>" + "".join(map(_figure, shown)) + "</div>"
        for name, shown in by_page.items()
    ]
    style = (
        "body{font:15px system-ui;margin:1rem}div{display:flex;gap:1rem;overflow-x:auto;align-items:start}"
    )
    style += "img{max-width:420px;border:1px solid #999}figure{margin:0}.wrong{color:#a00}"
    head = (
        f"<!doctype html><meta charset=utf-8><title>Carryover: pages and mails</title><style>{style}</style>"
    )
    return (
        head + f"<h1>Carryover: {len(seen)} pictures of {len(by_page)} pages and mails</h1>" + "".join(parts)
    )


def _figure(one: Seen) -> str:
    wrong = f"<br><span class=wrong>{escape('; '.join(one.faults))}</span>" if one.faults else ""
    image = f'<a href="{one.file}"><img loading=lazy src="{one.file}" alt=""></a>'
    return f"<figure>{image}<figcaption>{one.language}, {one.look}{wrong}</figcaption></figure>"


def main() -> int:
    """The command line; 1 where no system runs, or where something is wrong."""
    state = State.of_port(int(os.environ.get("PORT") or DEFAULT_PORT))
    if state.runner() is None:
        print("No system runs: make up", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = f"gallery-{uuid.uuid4().hex[:6]}"
    firm = furnish(state.url, token(state, name, "owner", LANGUAGES[0]))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        seen = [*pages_seen(browser, state, name, firm.ids), *mails_seen(browser)]
        browser.close()
    (FOLDER / "index.html").write_text(index_of(seen))
    wrong = [one for one in seen if one.faults]
    for one in wrong:
        print(f"{one.file}: {'; '.join(one.faults)}")
    print(f"{len(seen)} pictures, {len(wrong)} with something wrong: {FOLDER / 'index.html'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
