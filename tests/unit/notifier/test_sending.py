"""Tests reading the mail server from one URL."""

from __future__ import annotations

import pytest

from services.notifier.mails.sending import MailServer, mail_server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025)),
        ("smtp://mail.example", MailServer("mail.example", 25)),
        ("smtps://mail.example", MailServer("mail.example", 465, tls=True)),
        (
            "smtp://me%40firm.example:p%3Aw%2F@mail.example:587?starttls=1",
            MailServer("mail.example", 587, starttls=True, user="me@firm.example", password="p:w/"),
        ),
    ],
)
def test_the_url_says_host_port_security_and_login(url: str, server: MailServer) -> None:
    assert mail_server(url) == server


@pytest.mark.parametrize("url", ["", "mail.example:25", "http://mail.example", "smtp://"])
def test_anything_else_is_not_a_mail_server(url: str) -> None:
    with pytest.raises(ValueError, match="smtp"):
        mail_server(url)


def test_the_password_is_not_shown() -> None:
    assert "geheim" not in repr(mail_server("smtp://me:geheim@mail.example"))
