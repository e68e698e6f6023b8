"""Writes every mail in every language into a folder, as it is sent and as its page: `make mails`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

from services.notifier.mails.composing import News, WebhookOff, compose, compose_webhook_off
from services.notifier.mails.letters import ToClient, compose_letter
from shared.contract.sendings import KINDS
from shared.contract.texts.catalogues import LANGUAGES

SENDER, TO = "Carryover <no-reply@carryover.example>", "an@office.example"
FIRM = "Peeters & Zoon, accountants"
URL = "https://carryover.example"
NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
FILE = "clients of the office in Antwerp, as exported from the old program (final version 2).csv"
LOADED = {
    "rows_loaded": 1_204, "rows_unchanged": 31, "rows_skipped": 12, "accounts_created": 900, "accounts_updated": 21,
    "contacts_created": 1_100, "contacts_updated": 1, "links_created": 1_150, "custom_fields_created": 1,
    "tags_created": 2,
}  # fmt: skip
ZERO = dict.fromkeys(LOADED, 0)
NOTHING = {**ZERO, "rows_skipped": 3}
UNDONE = {**ZERO, "rows_reversed": 1_200, "rows_kept": 4}


def all_mails() -> Iterator[tuple[str, EmailMessage]]:
    """Each mail by a name that has its kind and language."""
    for lang in LANGUAGES:
        for name, news in _news(lang):
            yield f"{name}.{lang}", compose(news, SENDER, TO, NOW)
        for reason in ("failing", "gone"):
            off = WebhookOff("hook", "https://platform.example/hooks?firm=1", reason, NOW, lang, URL)
            yield f"webhook-{reason}.{lang}", compose_webhook_off(off, SENDER, TO, NOW)
        for kind in KINDS:
            about = ToClient(
                kind, "demo/c1", 0, lang, "An Peeters", f"{URL}/?token=t", NOW.date(), FIRM, form="Tax 2026"
            )
            yield f"{kind}.{lang}", compose_letter(about, SENDER, TO, NOW)


def _news(lang: str) -> Iterator[tuple[str, News]]:
    until = date(2026, 12, 29)
    yield "imported", News("job", "imported", lang, FILE, 1_247, LOADED, URL, undo_until=until)
    yield (
        "imported-whole",
        News(
            "job",
            "imported",
            lang,
            "a.csv",
            1,
            {**ZERO, "rows_loaded": 1},
            URL,
        ),
    )
    yield "imported-nothing", News("job", "imported", lang, FILE, 3, NOTHING, URL)
    yield "failed", News("job", "failed", lang, FILE, None, ZERO, URL, reason="encrypted_file")
    yield "failed-halfway", News("job", "failed", lang, FILE, 1_247, LOADED, URL, reason="gave_up")
    yield "undo-failed", News("job", "failed", lang, FILE, 1_247, LOADED, URL, reason="gave_up", undoing=True)
    yield "undone", News("job", "undone", lang, FILE, 1_247, UNDONE, URL)


def page_of(mail: EmailMessage) -> str:
    """The HTML of a mail."""
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def write(folder: Path) -> list[Path]:
    """Write all mails as `.eml` and their pages as `.html`; gives the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for name, mail in all_mails():
        (folder / f"{name}.eml").write_bytes(mail.as_bytes())
        pages.append(folder / f"{name}.html")
        pages[-1].write_text(page_of(mail))
    return pages


if __name__ == "__main__":
    written = write(Path(".local/mails"))
    print(f"{len(written)} mails in {written[0].parent}")
