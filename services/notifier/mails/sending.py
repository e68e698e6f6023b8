"""Sends one mail to one recipient over SMTP, and turns the server's answer into an exception."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 15.0
PORTS = {"smtp": 25, "smtps": 465}
#: The server cannot carry an address with letters beyond ASCII (RFC 6531 section 3.5).
ADDRESS_NOT_CARRIED = 553


class Refused(Exception):
    """The server will never take this mail; `code` is its answer (RFC 5321 section 4.2.1: 5xx)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class NotNow(Exception):
    """The server did not take this mail now; it may later."""


class Unreachable(NotNow):
    """The server cannot be reached or takes no mail from us at all, so that other mails need not be tried."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `tls` from the first byte, `starttls` after the greeting."""

    host: str
    port: int
    tls: bool = False
    starttls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def mail_server(url: str) -> MailServer:
    """Read `smtp://[user:password@]host[:port][?starttls=1]` or `smtps://…`; raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("a mail server is given as smtp://host:port or smtps://host:port")
    return MailServer(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        starttls=parse_qs(parts.query).get("starttls") == ["1"],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def send(server: MailServer, message: EmailMessage, sender: str, to: str) -> None:
    """Hand one mail over; returns when the server has accepted it for delivery.

    Raises `Refused`, `NotNow` or `Unreachable`. An answer that never came counts as `Unreachable`: the mail
    may then arrive twice, with the same Message-ID.
    """
    smtp = _connect(server)
    try:
        smtp.send_message(message, sender, [to])
    except smtplib.SMTPRecipientsRefused as error:
        raise _verdict(error.recipients[to][0]) from error
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(ADDRESS_NOT_CARRIED) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(_without_addresses(error)) from error
    finally:
        _close(smtp)


def _connect(server: MailServer) -> smtplib.SMTP:
    try:
        if server.tls:
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(_without_addresses(error)) from error
    try:
        _secure(smtp, server)
    except (OSError, smtplib.SMTPException) as error:
        _close(smtp)
        raise Unreachable(_without_addresses(error)) from error
    return smtp


def _secure(smtp: smtplib.SMTP, server: MailServer) -> None:
    if server.starttls:
        smtp.starttls(context=ssl.create_default_context())
    if server.user is not None:
        smtp.login(server.user, server.password or "")


def _close(smtp: smtplib.SMTP) -> None:
    """Close the connection; an error here changes nothing for a mail that was accepted."""
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    smtp.close()


def _verdict(code: int) -> Exception:
    return Refused(code) if code >= 500 else NotNow(f"the mail server answered {code}")


def _without_addresses(error: Exception) -> str:
    """The error without the server's own words, which may repeat addresses."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
