"""Writes the letters to clients of a firm, in the language of their reader, as text and HTML.

The names of contacts, firms and questionnaires are untrusted text. No name of a contact is in a header; what looks
like an address of the web is no name, so that nobody sends advertising with the name of a client.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage

from services.notifier.mails.composing import Words, envelope_sender, mail_of, message_id, plain
from shared.contract.texts.catalogues import LANGUAGES, SOURCE

#: Characters of a name in a letter.
MOST_OF_NAME = 80
_NO_NAME = re.compile(r"[@/\\<>{}\[\]|=]|www\.|\w\.\w{2,}", re.I)


@dataclass(frozen=True)
class ToClient:
    """What a letter says.

    `letter` and `number` make its Message-ID: the same for the same mail, so that programs drop a second copy. `form`
    is the questionnaire; `page` what the letter links to, until the day `until`. `firm` and `reply_to` are as the firm
    has chosen them, if it has.
    """

    kind: str
    letter: str
    number: int
    lang: str
    name: str
    page: str
    until: date
    firm: str | None = None
    reply_to: str | None = None
    form: str | None = None


def compose_letter(about: ToClient, sender: str, to: str, now: datetime) -> EmailMessage:
    """The mail to one client. Raises `ValueError` where `to` is not an address."""
    words, firm = Words(about.lang), _seen(about.firm or "")
    shown = firm or words("your_firm")
    values: dict[str, object] = {
        "t": words,
        "lang": about.lang,
        "firm": shown,
        "from_name": firm,
        "reply_to": about.reply_to,
        "name": salutation(about.name),
        "form": _seen(about.form or ""),
        "page": about.page,
        "until": words.day(about.until),
    }
    return mail_of(about.kind, values, letter_message_id(about, sender, to), sender, to, now)


def letter_message_id(about: ToClient, sender: str, to: str) -> str:
    """The Message-ID of a letter."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", about.letter)
    return message_id(name, about.kind, about.number, to, envelope_sender(sender))


def salutation(name: str) -> str:
    """The name by which a letter greets; "" where it is no name of a person, so that the letter greets without one.

    >>> salutation("Ann  De Smet"), salutation("Win at www.example.com")
    ('Ann De Smet', '')
    """
    shown = _seen(name)
    letters = any(unicodedata.category(sign)[0] == "L" for sign in shown)
    return shown if letters and not _NO_NAME.search(shown) else ""


def _seen(text: str) -> str:
    """A name on one line; it begins no encoded word of a header (RFC 2047), which a reader would decode."""
    return plain(text.replace("=?", "= ?"), MOST_OF_NAME)


def language_of(contact: str | None, firm: str | None) -> str:
    """The language of a letter: that of the contact, else that of the firm, of those that have texts."""
    wanted = ((each or "").replace("_", "-").partition("-")[0].lower() for each in (contact, firm))
    return next((each for each in wanted if each in LANGUAGES), SOURCE)
