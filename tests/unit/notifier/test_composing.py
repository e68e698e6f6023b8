"""Tests mails in every language, and that untrusted text does no harm in them."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from services.notifier.mails.composing import News, compose, plain
from services.notifier.mails.texts import TEXTS, text_of
from shared.contract.texts.catalogues import LANGUAGES

NOW = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
SENDER = "Carryover <no-reply@carry.example>"
NUMBERS = {
    "rows_loaded": 1192,
    "rows_unchanged": 0,
    "rows_skipped": 8,
    "accounts_created": 1150,
    "accounts_updated": 12,
    "contacts_created": 1180,
    "contacts_updated": 0,
    "links_created": 0,
    "custom_fields_created": 1,
    "tags_created": 0,
}
NONE = dict.fromkeys(NUMBERS, 0)
NEWS: list[dict[str, Any]] = [
    {"status": "imported"},
    {"status": "imported", "numbers": {**NUMBERS, "rows_skipped": 0}},
    {"status": "failed", "numbers": NONE, "rows": None, "reason": "encrypted"},
    {"status": "failed", "reason": "corrupt"},
    {"status": "failed", "reason": "corrupt", "undoing": True},
    {"status": "undone"},
]


def mail(to: str = "anna@firm.example", **news: Any) -> EmailMessage:
    known: dict[str, Any] = {
        "job": "018f2c",
        "status": "imported",
        "lang": "en",
        "file": "clients.csv",
        "rows": 1200,
        "numbers": NUMBERS,
        "public_url": "https://carry.example/",
    }
    return compose(News(**{**known, **news}), SENDER, to, NOW)


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return found.get_content()


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("news", NEWS)
def test_every_mail_renders_in_every_language(news: dict[str, Any], lang: str) -> None:
    message = mail(**news, lang=lang)
    for body in (part(message, "plain"), part(message, "html")):
        assert "clients.csv" in body
        assert "https://carry.example/jobs/018f2c" in body
        assert "{" not in body.split("</style>")[-1]
    assert message["Content-Language"] == lang
    assert message["Subject"]


@pytest.mark.parametrize("news", NEWS)
def test_no_two_languages_share_a_subject(news: dict[str, Any]) -> None:
    assert len({mail(**news, lang=lang)["Subject"] for lang in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_has_all_languages_with_the_same_values(key: str) -> None:
    forms = [text_of(key, lang, n) for lang in LANGUAGES for n in (1, 2)]
    assert all(forms)
    assert len({frozenset(names_in(form)) for form in forms}) == 1


def test_an_unknown_language_is_replaced_by_english() -> None:
    assert mail(lang="pt")["Subject"] == mail(lang="en")["Subject"]


def test_the_subject_says_what_happened_in_numbers() -> None:
    assert mail()["Subject"] == "Your client list is imported: 1,192 rows loaded, 8 skipped"
    one = {**NUMBERS, "rows_loaded": 1, "rows_unchanged": 3, "rows_skipped": 0}
    assert mail(numbers=one)["Subject"] == "Your client list is imported: 1 row loaded, 3 unchanged"


def test_french_counts_nothing_as_one() -> None:
    subject = mail(lang="fr", numbers={**NONE, "rows_skipped": 2})["Subject"]
    assert subject == "Votre liste de clients est importée : 0 ligne chargée, 2 ignorées"


def test_the_numbers_of_the_result_are_in_both_bodies() -> None:
    for body in (part(mail(), "plain"), part(mail(), "html")):
        for number in ("1,200", "1,192", "1,150", "1,180"):
            assert number in body
        assert "Tags created" not in body


def test_only_a_mail_with_skipped_rows_links_to_them() -> None:
    assert "#skipped" in part(mail(), "html")
    assert "#skipped" not in part(mail(numbers={**NUMBERS, "rows_skipped": 0}), "html")


def test_a_failed_job_gives_its_reason_and_says_what_was_loaded() -> None:
    before = part(mail(status="failed", numbers=NONE, reason="encrypted"), "plain")
    assert "protected by a password" in before
    assert "Nothing was loaded" in before
    halfway = mail(status="failed", reason="corrupt")
    assert "halfway" in halfway["Subject"]
    assert "1,192" in part(halfway, "plain")


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nBcc: thief@evil.example\r\n\r\nb.csv",
        "<script>alert(1)</script>.csv",
        "{{ 7 * 7 }}{% raw %}{file}.csv",
        "invoice\u202egpj.csv",
        "x" * 5000 + ".csv",
        "a\x00b\x1b[31m.csv",
        "\ud800.csv",
        '"><img src=x onerror=alert(1)>',
        "../../etc/passwd",
        "C:\\Users\\anna\\clients.csv",
        "",
    ],
)
def test_a_hostile_file_name_does_no_harm(name: str) -> None:
    message = mail(file=name)
    again = message_from_bytes(message.as_bytes(), policy=policy.SMTP)
    assert isinstance(again, EmailMessage)
    assert again["Bcc"] is None
    assert again["To"] == "anna@firm.example"
    html, text = part(again, "html"), part(again, "plain")
    assert "<script" not in html
    assert "<img" not in html
    assert "49" not in text
    assert "\u202e" not in text
    assert "etc/" not in text
    assert max(map(len, text.splitlines())) < 200


def test_what_a_reason_quotes_is_escaped_and_shortened() -> None:
    params = {"sheet": "<b>x</b>\r\n" + "y" * 500, "sheets": "a, b"}
    message = mail(status="failed", numbers=NONE, reason="unknown_sheet", reason_params=params)
    assert "&lt;b&gt;" in part(message, "html")
    assert "<b>" not in part(message, "html")
    assert "y" * 300 not in part(message, "plain")


def test_a_long_name_keeps_its_beginning_and_its_ending() -> None:
    shown = plain("clients of the firm " * 20 + "2024.csv", 40)
    assert len(shown) == 40
    assert shown.startswith("clients of the firm")
    assert shown.endswith("2024.csv")


def test_the_message_id_follows_from_job_status_and_recipient() -> None:
    assert mail()["Message-ID"] == mail(lang="nl")["Message-ID"]
    others = [mail(job="other"), mail(status="undone"), mail(to="bert@firm.example")]
    assert len({m["Message-ID"] for m in [mail(), *others]}) == 4
    assert "anna" not in mail()["Message-ID"]
    assert mail()["Message-ID"].endswith("@carry.example>")


def test_the_mail_says_that_no_person_wrote_it() -> None:
    message = mail()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == SENDER
    assert message["Date"].datetime == NOW


@pytest.mark.parametrize(
    "to", ["", "anna", "anna@", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"]
)
def test_what_is_no_single_address_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="address"):
        mail(to=to)


def test_a_domain_beyond_ascii_is_written_as_mail_servers_take_it() -> None:
    assert mail(to="anna@bücher.example")["To"] == "anna@xn--bcher-kva.example"
