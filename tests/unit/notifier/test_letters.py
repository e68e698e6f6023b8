"""Tests letters to clients: who gets one, what it says, its link, and that hostile names do no harm."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.invitations.judging import address_of, judge_invitation, judge_questionnaire
from services.notifier.invitations.links import audience, link_with, token_of
from services.notifier.mails.letters import ToClient, compose_letter, language_of, salutation
from shared.contract.sendings import KINDS, STATUSES, chooses_invitations, letter_id, shown_letter
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.auth import AuthError, read_token
from shared.plumbing.settings import Settings, SettingsError, _check_letters

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER = "Carryover <no-reply@carry.example>"
SECRET, OTHER = "s" * 32, "o" * 32
HOSTILE = [
    "An\r\nBcc: all@mail.example",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} {name} {firm.__class__}",
    "Win at https://evil.example/now",
    "www.evil.example",
    "evil.example/now",
    "=HYPERLINK(1)",
    "\u202egnp.exe",
    "\u0000\u0007",
    "",
    " ",
    "a" * 5_000,
    "=?utf-8?q?x=0d=0ay?=",
    "José 王 Ελένη",
    "O’Brien-van den Berg, Jr",
    "%s %(name)s",
]


def letter(kind: str = "invitation", **parts: Any) -> EmailMessage:
    """A letter as its reader gets it."""
    known: dict[str, Any] = {
        "kind": kind,
        "letter": "demo/c1",
        "number": 0,
        "lang": "en",
        "name": "An Peeters",
        "page": "https://portal.example/?token=abc",
        "until": date(2026, 4, 1),
        "form": "Tax 2026",
    }
    made = compose_letter(ToClient(**{**known, **parts}), SENDER, "an@mail.example", NOW)
    return message_from_bytes(made.as_bytes(), policy=policy.default)  # type: ignore[return-value]


def bodies(message: EmailMessage) -> list[str]:
    """Text and HTML."""
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    return [part.get_content() for part in parts if part is not None]


@pytest.mark.parametrize(("kind", "lang", "firm"), list(product(KINDS, LANGUAGES, [None, "Peeters & Zoon"])))
def test_a_letter_is_whole_in_every_language(kind: str, lang: str, firm: str | None) -> None:
    message = letter(kind, lang=lang, firm=firm)
    text, html = bodies(message)
    for part in (text, html.replace("&amp;", "&")):
        assert "https://portal.example/?token=abc" in part
        assert "An Peeters" in part
        assert firm is None or firm in part
        assert not re.search(r"[{}]", re.sub(r"<style>.*?</style>", "", part, flags=re.S))
        assert ("Tax 2026" in part) is (kind == "questionnaire")
    assert message["Content-Language"] == lang
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].display_name == (firm or "Carryover")
    others = [letter(kind, lang=other, firm=firm)["Subject"] for other in LANGUAGES if other != lang]
    assert message["Subject"] not in others


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["name", "firm", "form", "letter"])
def test_no_text_of_a_file_or_a_firm_gets_into_headers_or_markup(hostile: str, kind: str, place: str) -> None:
    message, plain = letter(kind, **{place: hostile}), letter(kind)
    assert set(message.keys()) == set(plain.keys())
    assert message["To"] == "an@mail.example"
    assert "\n" not in message["Subject"]
    text, html = bodies(message)
    assert "<script" not in html
    assert "49" not in text.replace("abc", "")
    if place == "name":
        assert message["Subject"] == plain["Subject"]
        assert "evil" not in text + html


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_any_text_makes_a_letter_that_can_be_sent(name: str, firm: str, form: str) -> None:
    message = letter("questionnaire", name=name, firm=firm, form=form)
    assert len(message.get_all("To", [])) == len(message.get_all("Subject", [])) == 1
    assert [each.addr_spec for each in message["From"].addresses] == ["no-reply@carry.example"]


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Ann  De Smet", "Ann De Smet"), ("J. Smith", "J. Smith"), ("123", ""), ("an@mail.example", ""),
        ("Ελένη", "Ελένη"), ("王", "王"), ("a|b", ""), ("x.be", ""), ("Dr. O’Neil-Žák", "Dr. O’Neil-Žák"),
    ],
)  # fmt: skip
def test_a_letter_greets_people_by_names_alone(name: str, greeted: str) -> None:
    assert salutation(name) == greeted


@pytest.mark.parametrize(
    ("contact", "firm", "found"),
    [
        ("fr", "nl", "fr"), (None, "nl", "nl"), ("pt", "de", "de"), ("pt", None, "en"), ("nl-BE", None, "nl"),
        ("NL_be", "fr", "nl"), ("", "", "en"), (None, None, "en"),
    ],
)  # fmt: skip
def test_a_letter_is_in_the_language_of_its_reader(contact: str | None, firm: str | None, found: str) -> None:
    assert language_of(contact, firm) == found


# links


@pytest.mark.parametrize(
    "url",
    [
        "https://p.example", "https://p.example/", "https://p.example/a?b=c", "https://p.example/a?b=c#d",
        "https://p.example/welcome/{token}", "https://p.example/?x={token}&y=1", "http://[::1]:80/a",
    ],
)  # fmt: skip
def test_a_link_has_the_token_once_and_is_otherwise_as_the_platform_wrote_it(url: str) -> None:
    link = link_with(url, "a.b-c_d")
    assert link.count("a.b-c_d") == 1
    assert "{" not in link
    assert urlsplit(link).netloc == urlsplit(url).netloc
    assert urlsplit(link).fragment == urlsplit(url).fragment
    if "{token}" not in url:
        assert parse_qs(urlsplit(link).query)["token"] == ["a.b-c_d"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_names_ids_alone_and_opens_nothing_else(kind: str) -> None:
    now = datetime.now(UTC)
    token = token_of(kind, SECRET, "demo", "demo/c1", now, 30, "demo/a1" if kind == "questionnaire" else None)
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience=audience(kind), issuer="carryover")
    assert claims.keys() - {"account"} == {"iss", "aud", "sub", "firm", "iat", "exp"}
    assert (claims["sub"], claims["firm"], claims["exp"] - claims["iat"]) == ("c1", "demo", 30 * 86400)
    assert jwt.get_unverified_header(token)["typ"] == "invitation+jwt"
    for secret in (SECRET, OTHER):
        with pytest.raises(AuthError):
            read_token(token, secret)
    for other in set(KINDS) - {kind}:
        with pytest.raises(jwt.InvalidAudienceError):
            jwt.decode(token, SECRET, algorithms=["HS256"], audience=audience(other))
    old = token_of(kind, SECRET, "demo", "demo/c1", now - timedelta(days=31), 30)
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(old, SECRET, algorithms=["HS256"], audience=audience(kind))


def _settings(**own: Any) -> Settings:
    return Settings("m", "b", "smtp://s", "http://p", jwt_secret=OTHER, **own)


@pytest.mark.parametrize("name", ["invitation_url", "questionnaire_url"])
@pytest.mark.parametrize(
    ("url", "secret", "right"),
    [
        ("https://p.example/a", SECRET, True), ("http://p.example?x={token}", SECRET, True), (None, "", True),
        ("", "", True), ("https://p.example", "", False), ("https://p.example", "short", False),
        ("https://p.example", OTHER, False), ("ftp://p.example", SECRET, False), ("portal", SECRET, False),
        ("https://", SECRET, False), ("javascript:alert(1)", SECRET, False),
    ],
)  # fmt: skip
def test_addresses_without_a_secret_of_their_own_are_refused_at_the_start(
    name: str, url: str | None, secret: str, right: bool
) -> None:
    settings = _settings(**{name: url, "invitation_secret": secret})
    if right:
        _check_letters(settings)
        return
    with pytest.raises(SettingsError, match=r"INVITATION_SECRET|must be an address"):
        _check_letters(settings)


# who gets one

SWITCHES = ("login", "notify", "send_invitation")
CONTACT: Any = {"_id": "demo/c1", "first_name": "An", "last_name": "Peeters", "email": "an@mail.example"}


def link(account: str = "a1", job: str | None = None, **switches: bool) -> Any:
    """A link of the contact with switches of the main address."""
    whole = {"contact.email": dict.fromkeys(SWITCHES, False) | switches}
    return {
        "_id": f"demo/{account}:c1",
        "account": f"demo/{account}",
        "contact": "demo/c1",
        "job": job,
        "switches": whole,
    }


def before(status: str, address: str = "an@mail.example") -> Any:
    """An earlier letter."""
    return {"_id": "demo/c1", "status": status, "address": address, "error": None, "changed_at": NOW}


@pytest.mark.parametrize(
    ("status", "again", "corrected"), list(product(STATUSES, [False, True], [False, True]))
)
def test_an_earlier_letter_decides_whether_one_more_goes_out(
    status: str, again: bool, corrected: bool
) -> None:
    address = "old@mail.example" if corrected else "an@mail.example"
    judged = judge_invitation(CONTACT, [link(login=True)], before(status, address), again=again)
    goes = status == "not_sent" or (status in ("failed", "bounced") and (again or corrected))
    assert judged.why == (None if goes else status)


@pytest.mark.parametrize("main", ["an@mail.example", "", None, "an at mail", "a@b", "x y@mail.example", "@"])
@pytest.mark.parametrize("second", ["two@mail.example", None])
@pytest.mark.parametrize("on", [(), ("email",), ("email_secondary",), ("email", "email_secondary")])
def test_the_address_is_one_whose_switch_is_on(
    main: str | None, second: str | None, on: tuple[str, ...]
) -> None:
    links: Any = [{**link(), "switches": {f"contact.{name}": {"login": True} for name in on}}]
    address, why = address_of({**CONTACT, "email": main, "email_secondary": second}, links, "login")
    right = main == "an@mail.example"
    expected = main if right and "email" in on else second if second and "email_secondary" in on else None
    if expected:
        assert (address, why) == (expected, None)
    else:
        assert why == ("no_login" if not on else "wrong_address" if main and "email" in on else "no_address")


def test_the_address_that_an_import_chose_comes_first() -> None:
    both = {
        "contact.email": {"login": True},
        "contact.email_secondary": {"login": True, "send_invitation": True},
    }
    contact: Any = {**CONTACT, "email_secondary": "two@mail.example"}
    assert address_of(contact, [{**link(), "switches": both}], "login") == ("two@mail.example", None)


@pytest.mark.parametrize("status", [None, "not_sent", "sent", "completed"])
def test_only_questionnaires_that_are_not_sent_are_sent(status: str | None) -> None:
    form = {"questionnaire": {"name": "Tax", "status": status}} if status else {}
    account: Any = {"_id": "demo/a1", "name": "Bakery", "revision": 4, **form}
    judged = list(judge_questionnaire(account, [link(notify=True)], {"demo/c1": CONTACT}, {}))
    reasons = {None: "no_questionnaire", "not_sent": None, "sent": "sent", "completed": "completed"}
    assert [each.why for each in judged] == [reasons[status]]
    if status == "not_sent":
        assert judged[0].letter == letter_id("demo/c1", "demo/a1", "Tax")
        assert judged[0].revision == 4


def test_letters_of_other_accounts_and_forms_are_others() -> None:
    ids = [letter_id("f/c", *more) for more in [(), ("f/a", "x"), ("f/b", "x"), ("f/a", "y"), ("f/a", "")]]
    ids.append(letter_id("f/d", "f/a", "x"))
    assert len(set(ids)) == len(ids)


def test_a_contact_without_a_letter_was_not_invited() -> None:
    assert shown_letter(None)["status"] == "not_sent"
    assert shown_letter(before("failed"))["status"] == "failed"


@pytest.mark.parametrize("place", ["contacts", "rules", "nowhere"])
def test_settings_choose_invitations_by_a_switch_or_by_a_rule(place: str) -> None:
    on, off = {"send_invitation": True}, {"login": True, "send_invitation": False}
    settings: Any = {
        "contacts": {"contact.email": on if place == "contacts" else off},
        "rules": [{"when": [], "then": on if place == "rules" else off}],
    }
    assert chooses_invitations(settings) is (place != "nowhere")
