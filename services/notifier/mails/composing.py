"""Writes the mails: what happened to a job or a webhook, in the reader's language, as text and HTML.

A mail holds no cell of a row. The file's name, what a reason quotes and the address of a webhook are untrusted text.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifier.mails.texts import text_of
from shared.contract.documents.values import Params
from shared.contract.job import UNDO_NUMBERS
from shared.contract.problems import sentence
from shared.contract.texts.catalogues import known

FILE_NAME_LENGTH = 60
QUOTE_LENGTH = 200

ALWAYS = ("rows_read", "rows_loaded", "rows_unchanged", "rows_skipped")
IF_ANY = (
    "accounts_created",
    "accounts_updated",
    "contacts_created",
    "contacts_updated",
    "links_created",
    "custom_fields_created",
    "tags_created",
)
UNDONE_ALWAYS = ("rows_read", "rows_reversed", "rows_kept")
UNDONE_IF_ANY = tuple(name for name in UNDO_NUMBERS if name not in UNDONE_ALWAYS)

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=lambda name: bool(name and name.endswith(".html")),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class News:
    """What a mail says of a job.

    `status` is imported, failed or undone. `numbers` are those of the job's result, or of its undo. `rows` are the rows
    of the file, None where it was never read. `undoing` says that the job failed during undo. `attempt` is the revision
    of the job; `undo_until` is the last day for undo.
    """

    job: str
    status: str
    lang: str
    file: str
    rows: int | None
    numbers: Mapping[str, int]
    public_url: str
    reason: str | None = None
    reason_params: Params = field(default_factory=dict)
    undoing: bool = False
    attempt: int = 1
    undo_until: date | None = None


@dataclass(frozen=True)
class WebhookOff:
    """What a mail says of a webhook that was switched off; `reason` is failing or gone, `at` the moment of it."""

    webhook: str
    url: str
    reason: str
    at: datetime
    lang: str
    public_url: str


def compose(news: News, sender: str, to: str, now: datetime) -> EmailMessage:
    """The mail about a job to one recipient. Raises `ValueError` where `to` is not an address.

    `sender` has a name and an address, as in `Carryover <no-reply@example.com>`.
    """
    identity = message_id(news.job, news.status, news.attempt, to, envelope_sender(sender))
    return mail_of(news.status, _values(news), identity, sender, to, now)


def compose_webhook_off(off: WebhookOff, sender: str, to: str, now: datetime) -> EmailMessage:
    """The mail about a webhook that was switched off. Raises `ValueError` where `to` is not an address."""
    identity = message_id(off.webhook, "off", int(off.at.timestamp()), to, envelope_sender(sender))
    values: dict[str, object] = {
        "t": Words(known(off.lang)),
        "lang": known(off.lang),
        "address": plain(off.url, QUOTE_LENGTH),
        "reason": off.reason,
        "page": f"{off.public_url.rstrip('/')}/webhooks/{off.webhook}",
    }
    return mail_of("webhook_off", values, identity, sender, to, now)


def mail_of(
    folder: str, values: Mapping[str, object], identity: str, sender: str, to: str, now: datetime
) -> EmailMessage:
    """A mail from the templates of a folder; answers go to the address `reply_to` of the values, if they have one."""
    name, own = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _render(folder, "subject.txt", values).strip()
    message["From"] = Address(str(values.get("from_name") or name), addr_spec=own)
    if values.get("reply_to"):
        message["Reply-To"] = Address(addr_spec=mailbox(str(values["reply_to"])))
    message["To"] = Address(addr_spec=mailbox(to))
    message["Date"] = now
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers to it
    message.set_content(_render(folder, "body.txt", values))
    message.add_alternative(_render(folder, "body.html", values), subtype="html")
    message["Content-Language"] = str(values["lang"])
    return message


def envelope_sender(sender: str) -> str:
    """The bare address of `Carryover <no-reply@example.com>`."""
    return parseaddr(sender)[1]


def mailbox(address: str) -> str:
    """The address as a mail server takes it, its domain in ASCII; raises `ValueError` where it is none."""
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None
    return f"{found.local_part}@{found.ascii_domain}"


def message_id(about: str, status: str, attempt: int, to: str, sender: str) -> str:
    """The Message-ID: the same for the same job, attempt, status and recipient, so that programs drop a second copy.

    The attempt counts, because a job that is undone later may fail again.
    """
    digest = hashlib.blake2b(to.casefold().encode(), digest_size=10).hexdigest()
    return f"<{about}.{attempt}.{status}.{digest}@{sender.rpartition('@')[2]}>"


def plain(text: str, most: int) -> str:
    """Untrusted text on one line, without control and direction signs; a long one loses its middle."""
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    shown = " ".join(shown.split())
    if len(shown) <= most:
        return shown
    tail = most // 4
    return f"{shown[: most - tail - 1]}…{shown[-tail:]}"


def _render(folder: str, part: str, values: Mapping[str, object]) -> str:
    return _TEMPLATES.get_template(f"{folder}/{part}").render(values)


def _values(news: News) -> dict[str, object]:
    lang, numbers = _lang(news), news.numbers
    page = f"{news.public_url.rstrip('/')}/jobs/{news.job}"
    words = Words(lang)
    params = {k: plain(v, QUOTE_LENGTH) if isinstance(v, str) else v for k, v in news.reason_params.items()}
    return {
        "t": words,
        "lang": lang,
        "file": plain(news.file.replace("\\", "/").rpartition("/")[2], FILE_NAME_LENGTH),
        "numbers": numbers,
        "table": _table(news, words),
        "reason": sentence(news.reason, lang, **params) if news.reason else None,
        "undoing": news.undoing,
        "undo_until": words.day(news.undo_until) if news.undo_until else None,
        "page": page,
        "skipped_page": f"{page}#skipped",
    }


def _lang(news: News) -> str:
    return known(news.lang)


class Words:
    """The texts of one language; the templates call it with the key of a text."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.locale = Locale(lang)

    def __call__(self, key: str, n: int | None = None, **values: str) -> str:
        if n is not None:
            values["n"] = self.number(n)
        return text_of(key, self.lang, n).format_map(values)

    def number(self, n: int) -> str:
        """A number as the language writes it."""
        return format_decimal(n, locale=self.locale).replace("\u202f", "\u00a0")

    def day(self, day: date) -> str:
        """A day as the language writes it."""
        return format_date(day, "long", locale=self.locale)


def _table(news: News, words: Words) -> list[tuple[str, str]]:
    """Lines of label and number: what became of the rows, and what was made of them."""
    numbers = {"rows_read": news.rows or 0, **news.numbers}
    always, if_any = (UNDONE_ALWAYS, UNDONE_IF_ANY) if news.status == "undone" else (ALWAYS, IF_ANY)
    shown = [*always, *(name for name in if_any if numbers.get(name))]
    return [(words(name), words.number(numbers.get(name, 0))) for name in shown]
