"""The forms of the firm's own data: what is shown comes back unchanged, and each control changes its own part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.importer.api.directory import DirectoryBody
from services.wizard import firm_forms
from services.wizard.client_form import CHOICE, TICKS, Form
from services.wizard.firm_forms import body_of, entries, form_of, pasted_members, seen_of
from shared.contract import merging
from shared.contract.import_defaults import ANNOUNCED, import_defaults
from shared.contract.requests import MATCH
from shared.plumbing.directory_store import DEFAULTS

PARTS = ("locale", "defaults", "notices", "retention")
MAILS = st.lists(st.sampled_from(ANNOUNCED), unique=True)
TEAM = [{"id": name, "name": name.title(), "email": f"{name}@office.example"} for name in ("an", "bo", "cy")]
FIRMS = st.fixed_dictionaries(
    {
        "locale": st.fixed_dictionaries(
            {
                "language": st.sampled_from([None, "en", "fr", "nl", "de"]),
                "country": st.sampled_from(["BE", "DE", "US"]),
                "time_zone": st.sampled_from(["Europe/Brussels", "America/New_York"]),
                "date_order": st.sampled_from(["DMY", "MDY", "YMD"]),
            }
        ),
        "languages": st.lists(st.sampled_from(["nl", "fr", "en", "zh", "sw"]), min_size=1, unique=True),
        "defaults": st.fixed_dictionaries(
            {},
            optional={
                "mode": st.sampled_from(merging.MODES),
                "merge_default": st.sampled_from(merging.POLICIES),
                "on_doubt": st.sampled_from(["skip", "create"]),
                "on_change": st.sampled_from(["skip", "replan"]),
                "match": st.fixed_dictionaries(
                    {
                        name: st.lists(st.sampled_from(kinds), min_size=1, unique=True)
                        for name, kinds in MATCH.items()
                    }
                ),
            },
        ).map(import_defaults),
        "notices": st.fixed_dictionaries(
            {
                "importer": MAILS,
                "copies": st.lists(
                    st.fixed_dictionaries(
                        {"to": st.sampled_from([m["email"] for m in TEAM]), "when": MAILS.filter(bool)}
                    ),
                    max_size=3,
                ),
            }
        ),
        "sender": st.fixed_dictionaries(
            {
                "name": st.sampled_from([None, "Office & Co"]),
                "reply_to": st.sampled_from([None, "office@office.example"]),
            }
        ),
        "events": st.sampled_from(["none", "summary", "each"]),
        "retention": st.fixed_dictionaries(
            {"undo_days": st.none() | st.integers(0, 3650), "keep_days": st.none() | st.integers(1, 3650)}
        ),
        "limits": st.dictionaries(
            st.sampled_from(list(firm_forms.LIMITS)), st.integers(1, (1 << 40)), max_size=4
        ),
    }
).map(lambda own: {**DEFAULTS, "team_members": TEAM, **own})


@pytest.fixture(scope="module", autouse=True)
def words() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_translation_directories="none")
    with app.test_request_context():
        yield


def as_sent(form: Form) -> MultiDict[str, str]:
    """What a browser sends of a form as it is shown."""
    sent: MultiDict[str, str] = MultiDict()
    for one in form.controls():
        if one.kind == TICKS:
            sent.add(f"has.{one.name}", "1")
            for value in one.ticked:
                sent.add(f"f.{one.name}", value)
        else:
            sent.add(f"f.{one.name}", one.shown.replace("\n", "\r\n"))
    return sent


def parts_of(body: Any, firm: Any) -> Any:
    return {name: firm[name] for name in body}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FIRMS)
def test_a_form_that_nobody_touches_asks_for_what_is_kept(firm: Any) -> None:
    for part in PARTS:
        body = body_of(part, as_sent(form_of(part, firm)), firm)
        assert body == parts_of(body, firm)
        assert body_of(part, MultiDict(), firm) == parts_of(body_of(part, MultiDict(), firm), firm)
        DirectoryBody().load({**body, "notices": firm["notices"]})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FIRMS, st.data())
def test_a_control_changes_its_own_value_alone_and_the_body_is_taken(firm: Any, data: Any) -> None:
    part = data.draw(st.sampled_from(PARTS))
    form = form_of(part, firm)
    control = data.draw(
        st.sampled_from([one for one in form.controls() if one.kind in (CHOICE, TICKS)] or [None])
    )
    if control is None:
        return
    sent = as_sent(form)
    value = data.draw(st.sampled_from([key for key, _ in control.choices]))
    sent.setlist(f"f.{control.name}", [value])
    body = body_of(part, sent, firm)
    place: Any = body
    for step in control.name.split("."):
        if isinstance(place, list) and int(step) >= len(place):
            return  # a copy without an address is none
        place = place[int(step)] if isinstance(place, list) else place[step]
    assert place == ([value] if control.kind == TICKS else value)
    DirectoryBody().load(body)
    # and the new form shows it, with another mark only where something changed
    after = {**firm, **body}
    assert body_of(part, as_sent(form_of(part, after)), after) == body
    assert (seen_of(form_of(part, after)) == seen_of(form)) == (parts_of(body, firm) == body)


@pytest.mark.parametrize("typed", ["-1", "ten", "1e3", "12345678901234567", "²", "0.5"])
def test_a_number_that_is_none_is_refused_by_the_api_and_not_dropped(typed: str) -> None:
    firm: Any = {**DEFAULTS, "limits": {"rows": 5}}
    for name in ("retention.undo_days", "limits.rows"):
        sent = as_sent(form_of("retention", firm))
        sent.setlist(f"f.{name}", [typed])
        with pytest.raises(ValidationError) as refused:
            DirectoryBody().load(body_of("retention", sent, firm))
        assert name.partition(".")[0] in refused.value.messages_dict


LINES = {
    "An Smets, an@x.example": ("An Smets", "an@x.example"),
    "an@x.example, An Smets": ("An Smets", "an@x.example"),
    "An Smets <an@x.example>": ("An Smets", "an@x.example"),
    '"An Smets" <an@x.example>': ("An Smets", "an@x.example"),
    "An Smets\tan@x.example": ("An Smets", "an@x.example"),
    "An;an@x.example": ("An", "an@x.example"),
    "Smets;An;an@x.example": ("Smets An", "an@x.example"),
    "an@x.example": ("an@x.example", "an@x.example"),
    "  An Smets   an@x.example  ": ("An Smets", "an@x.example"),
    "Émile Ünal, émile@x.example": ("Émile Ünal", "émile@x.example"),
    "李 明, li@x.example": ("李 明", "li@x.example"),
    "O'Neil-De Bie Jr., o@x.example": ("O'Neil-De Bie Jr.", "o@x.example"),
    "An Smets,": None,
    "nobody": None,
    "An Smets, an at x.example": None,
}


@pytest.mark.parametrize("line", LINES)
def test_people_are_read_from_pasted_lines(line: str) -> None:
    people, unread = pasted_members(f"\r\n{line}\r\n\r\n", [])
    expected = LINES[line]
    if expected is None:
        assert (people, unread) == ([], [line.strip()])
    else:
        name, email = expected
        assert people == [{"id": email, "name": name, "email": email, "default_access": False}]


def test_people_who_are_in_the_team_or_twice_in_the_lines_are_added_once() -> None:
    people, unread = pasted_members("A, AN@office.example\nDee, dee@x.example\nDee 2; DEE@x.example", TEAM)  # type: ignore[arg-type]
    assert ([each["id"] for each in people], unread) == (["dee@x.example"], [])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=20), max_size=8))
def test_entries_are_lines_without_blanks_each_once(lines: list[str]) -> None:
    found = entries("\r\n".join(lines))
    assert found == list(dict.fromkeys(line.strip() for line in lines if line.strip()))


@pytest.mark.parametrize(
    "custom",
    [{}, {"id": "f1", "name": "Sector", "type": "choice", "record": "contact", "choices": ["a", "b"]}],
)
def test_a_field_of_the_firm_comes_back_from_its_form(custom: Any) -> None:
    sent = as_sent(firm_forms.custom_form(custom or None))
    found = firm_forms.custom_of(sent, custom)
    assert found == (custom or {"name": "", "type": "text", "record": "account"})
