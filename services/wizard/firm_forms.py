"""The forms of the firm's own data: their controls, and the parts of the reference data that a filled form asks for.

A control is named after its place in the body of `PUT /directory`, so that each refusal finds it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from babel import Locale
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from services.wizard import forms, wording
from services.wizard.client_form import CHOICE, INPUT, LINES, TICKS, Control, Form
from services.wizard.review_rows import language_name
from services.wizard.settings_view import DEFAULTS, MATCH_KINDS, MODES
from shared.contract.custom_fields import CUSTOM_TYPES
from shared.contract.documents.reference import Copy, CustomField, Reference, TeamMember
from shared.contract.import_defaults import ANNOUNCED
from shared.contract.requests import MATCH
from shared.contract.texts.catalogues import LANGUAGES

Given = MultiDict[str, str]
Body = dict[str, Any]
Option = tuple[str, str]

#: What clients of a firm speak, offered as ticks beside those that the firm has.
SPOKEN = (*("nl", "fr", "de", "en", "es", "it", "pt", "pl", "ro", "tr", "ar", "uk"),)
DOUBTS = {
    "skip": lazy_gettext("leave the row out until somebody decides"),
    "create": lazy_gettext("make a new client"),
}
CHANGES = {
    "skip": lazy_gettext("leave the row out"),
    "replan": lazy_gettext("fit the row to the client as it is then"),
}
ORDERS = {
    "DMY": lazy_gettext("day, month, year: 31/12/2026"),
    "MDY": lazy_gettext("month, day, year: 12/31/2026"),
    "YMD": lazy_gettext("year, month, day: 2026-12-31"),
}
MAILS = {
    "imported": lazy_gettext("it is imported"),
    "failed": lazy_gettext("it has failed"),
    "undone": lazy_gettext("it is undone"),
}
EVENTS = {
    "none": lazy_gettext("none"),
    "summary": lazy_gettext("numbers of each import"),
    "each": lazy_gettext("one of each record"),
}
LIMITS = {
    "bytes": lazy_gettext("Bytes of a file"),
    "rows": lazy_gettext("Rows"),
    "columns": lazy_gettext("Columns"),
    "cell_length": lazy_gettext("Characters of a cell"),
    "unzipped": lazy_gettext("Bytes, once unpacked"),
    "ratio": lazy_gettext("Unpacked over packed size"),
    "seconds": lazy_gettext("Seconds for reading a file"),
}
TYPES = {
    "text": lazy_gettext("Text"),
    "number": lazy_gettext("Number"),
    "date": lazy_gettext("Date"),
    "choice": lazy_gettext("One of several"),
    "multi-choice": lazy_gettext("Some of several"),
    "email": lazy_gettext("E-mail address"),
    "url": lazy_gettext("Web address"),
    "phone": lazy_gettext("Phone number"),
}
#: Rows of the form for copies of mails beyond those that are filled.
MORE_COPIES = 2


def _options(named: Mapping[str, object]) -> tuple[Option, ...]:
    return tuple((key, str(words)) for key, words in named.items())


def _choice(
    name: str, label: str, shown: object, options: Sequence[Option], required: bool = True
) -> Control:
    text = "" if shown is None else str(shown)
    return Control(name, label, CHOICE, text, choices=tuple(options), required=required)


def _input(name: str, label: str, shown: object, required: bool = False) -> Control:
    return Control(name, label, INPUT, "" if shown is None else str(shown), required=required)


def _ticks(name: str, label: str, ticked: Sequence[str], options: Sequence[Option]) -> Control:
    known = dict(options)
    whole = [*options, *((each, each) for each in ticked if each not in known)]
    return Control(name, label, TICKS, "\n".join(ticked), tuple(ticked), tuple(whole))


# the forms


def form_of(part: str, firm: Reference) -> Form:
    """The form of a part that has one form: locale, defaults, notices or retention."""
    return _FORMS[part][0](firm)


def body_of(part: str, given: Given, firm: Reference) -> Body:
    """What a filled form asks for, as `PUT /directory` takes it."""
    return _FORMS[part][1](given, firm)


def seen_of(form: Form) -> str:
    """A mark of what a form shows; it differs once somebody has changed any of it."""
    shown = [(one.name, one.shown, one.ticked) for one in form.controls()]
    return hashlib.blake2b(json.dumps(shown).encode(), digest_size=8).hexdigest()


def _locale_form(firm: Reference) -> Form:
    own, named = firm["locale"], get_locale() or Locale("en")
    countries = sorted(
        ((code, name) for code, name in named.territories.items() if len(code) == 2 and code.isalpha()),
        key=lambda option: option[1],
    )
    zones = [(zone, zone) for zone in sorted(wording.zones())]
    ui = [(code, language_name(code)) for code in LANGUAGES]
    spoken = [(code, language_name(code)) for code in SPOKEN]
    return Form(
        (
            (
                gettext("Where the firm is at home"),
                (
                    _choice("locale.country", gettext("Country of phone numbers"), own["country"], countries),
                    _choice("locale.time_zone", gettext("Time zone"), own["time_zone"], zones),
                    _choice(
                        "locale.date_order", gettext("Order of dates"), own["date_order"], _options(ORDERS)
                    ),
                ),
            ),
            (
                gettext("Languages"),
                (
                    _ticks("languages", gettext("Languages of clients"), firm["languages"], spoken),
                    _choice(
                        "locale.language",
                        gettext("Of contacts whose row has none"),
                        own["language"],
                        ui,
                        required=False,
                    ),
                ),
            ),
        )
    )


def _locale_body(given: Given, firm: Reference) -> Body:
    locale = {
        name: _text(given, f"locale.{name}", firm["locale"][name])
        for name in ("country", "time_zone", "date_order")
    }
    language = _text(given, "locale.language", firm["locale"]["language"] or "")
    return {
        "locale": {**locale, "language": language or None},
        "languages": _ticked(given, "languages", firm["languages"]),
    }


def _defaults_form(firm: Reference) -> Form:
    own = firm["defaults"]
    kinds = {name: [(kind, str(MATCH_KINDS[kind])) for kind in MATCH[name]] for name in MATCH}
    return Form(
        (
            (
                gettext("What new imports begin with"),
                (
                    _choice("defaults.mode", gettext("Which clients"), own["mode"], _options(MODES)),
                    _choice(
                        "defaults.merge_default",
                        gettext("Where the client has another value"),
                        own["merge_default"],
                        _options(DEFAULTS),
                    ),
                    _choice(
                        "defaults.on_doubt", gettext("A row in doubt"), own["on_doubt"], _options(DOUBTS)
                    ),
                    _choice(
                        "defaults.on_change",
                        gettext("A client that changed since the review"),
                        own["on_change"],
                        _options(CHANGES),
                    ),
                ),
            ),
            (
                gettext("How clients are found again"),
                (
                    _ticks(
                        "defaults.match.accounts",
                        gettext("Accounts"),
                        own["match"]["accounts"],
                        kinds["accounts"],
                    ),
                    _ticks(
                        "defaults.match.contacts",
                        gettext("Contacts"),
                        own["match"]["contacts"],
                        kinds["contacts"],
                    ),
                ),
            ),
        )
    )


def _defaults_body(given: Given, firm: Reference) -> Body:
    own = cast("Mapping[str, Any]", firm["defaults"])
    names = ("mode", "merge_default", "on_doubt", "on_change")
    match = {name: _ticked(given, f"defaults.match.{name}", kinds) for name, kinds in own["match"].items()}
    return {
        "defaults": {**{name: _text(given, f"defaults.{name}", own[name]) for name in names}, "match": match}
    }


def _notices_form(firm: Reference) -> Form:
    own, sender = firm["notices"], firm["sender"]
    empty: Copy = {"to": "", "when": list(ANNOUNCED)}
    copies = [*own["copies"], *([empty] * MORE_COPIES)]
    return Form(
        (
            (
                gettext("Mails about imports"),
                (
                    _ticks(
                        "notices.importer",
                        gettext("The importer gets one when"),
                        own["importer"],
                        _options(MAILS),
                    ),
                ),
            ),
            (
                gettext("Copies for colleagues"),
                tuple(
                    control
                    for at, copy in enumerate(copies)
                    for control in (
                        _input(
                            f"notices.copies.{at}.to", gettext("E-mail address %(n)s", n=at + 1), copy["to"]
                        ),
                        _ticks(
                            f"notices.copies.{at}.when",
                            gettext("Address %(n)s gets one when", n=at + 1),
                            copy["when"],
                            _options(MAILS),
                        ),
                    )
                ),
            ),
            (
                gettext("Letters to clients"),
                (
                    _input("sender.name", gettext("What the firm is called in them"), sender["name"]),
                    _input("sender.reply_to", gettext("E-mail address for answers"), sender["reply_to"]),
                ),
            ),
            (
                gettext("Events for programs"),
                (_choice("events", gettext("Events about records"), firm["events"], _options(EVENTS)),),
            ),
        )
    )


def _notices_body(given: Given, firm: Reference) -> Body:
    own = firm["notices"]
    copies = []
    empty: Copy = {"to": "", "when": list(ANNOUNCED)}
    for at, kept in enumerate([*own["copies"], *([empty] * MORE_COPIES)]):
        to = _text(given, f"notices.copies.{at}.to", kept["to"])
        if to:
            copies.append({"to": to, "when": _ticked(given, f"notices.copies.{at}.when", kept["when"])})
    importer = _ticked(given, "notices.importer", own["importer"])
    name = _text(given, "sender.name", firm["sender"]["name"] or "")
    reply_to = _text(given, "sender.reply_to", firm["sender"]["reply_to"] or "")
    return {
        "notices": {"importer": importer, "copies": copies},
        "sender": {"name": name or None, "reply_to": reply_to or None},
        "events": _text(given, "events", firm["events"]),
    }


def _retention_form(firm: Reference) -> Form:
    own, limits = firm["retention"], firm.get("limits", {})
    return Form(
        (
            (
                gettext("How long things are kept"),
                (
                    _input(
                        "retention.undo_days",
                        gettext("Days in which an import can be undone"),
                        own["undo_days"],
                    ),
                    _input(
                        "retention.keep_days",
                        gettext("Days for which file and rows are kept"),
                        own["keep_days"],
                    ),
                ),
            ),
            (
                gettext("What the firm lets in at most"),
                tuple(
                    _input(f"limits.{name}", str(label), limits.get(name)) for name, label in LIMITS.items()
                ),
            ),
        )
    )


def _retention_body(given: Given, firm: Reference) -> Body:
    own, limits = cast("Mapping[str, object]", firm["retention"]), firm.get("limits", {})
    days = {name: _number(given, f"retention.{name}", own[name]) for name in ("undo_days", "keep_days")}
    fresh = {name: _number(given, f"limits.{name}", limits.get(name)) for name in LIMITS}
    kept = {name: number for name, number in fresh.items() if number is not None}
    return {"retention": days, **({"limits": kept} if kept != limits else {})}


_FORMS: dict[str, tuple[Callable[[Reference], Form], Callable[[Given, Reference], Body]]] = {
    "locale": (_locale_form, _locale_body),
    "defaults": (_defaults_form, _defaults_body),
    "notices": (_notices_form, _notices_body),
    "retention": (_retention_form, _retention_body),
}


def member_form(member: TeamMember | None) -> Form:
    """The form of a team member; of a new one it asks for the id, too."""
    known: Mapping[str, Any] = member or {}
    own = (
        _input("name", gettext("Name"), known.get("name"), required=True),
        _input("email", gettext("E-mail address"), known.get("email"), required=True),
    )
    access = _ticks(
        "default_access",
        gettext("Access"),
        ["1"] if known.get("default_access") else [],
        [("1", gettext("is given every new account"))],
    )
    identity = (
        () if member else (_input("id", gettext("Id in the platform; without it the e-mail address"), ""),)
    )
    return Form((("", (*own, *identity, access)),))


def member_of(given: Given, known: Mapping[str, Any]) -> Body:
    """The team member that a form asks for."""
    email = _text(given, "email", known.get("email", ""))
    return {
        "id": known.get("id") or _text(given, "id", "") or email,
        "name": _text(given, "name", known.get("name", "")),
        "email": email,
        "default_access": bool(
            _ticked(given, "default_access", ["1"] if known.get("default_access") else [])
        ),
    }


def custom_form(custom: CustomField | None) -> Form:
    """The form of a custom field; of a new one it asks for its record, too."""
    known: Mapping[str, Any] = custom or {}
    types = [(kind, str(TYPES[kind])) for kind in CUSTOM_TYPES]
    of = [("account", gettext("the account")), ("contact", gettext("the contact"))]
    record = () if custom else (_choice("record", gettext("Of"), "account", of),)
    choices = "\n".join(known.get("choices") or ())
    return Form(
        (
            (
                "",
                (
                    _input("name", gettext("Name"), known.get("name"), required=True),
                    _choice("type", gettext("Type"), known.get("type", "text"), types),
                    *record,
                    Control("choices", gettext("Choices"), LINES, choices),
                ),
            ),
        )
    )


def custom_of(given: Given, known: Mapping[str, Any]) -> Body:
    """The custom field that a form asks for; its id stays."""
    choices = entries(_text(given, "choices", "\n".join(known.get("choices") or ())))
    identity = {"id": known["id"]} if known.get("id") else {}
    return {
        **identity,
        "name": _text(given, "name", known.get("name", "")),
        "type": _text(given, "type", known.get("type", "text")),
        "record": known.get("record") or _text(given, "record", "account"),
        **({"choices": choices} if choices or "choices" in known else {}),
    }


# what a form has


def entries(text: str) -> list[str]:
    """Entries that a person lists, one a line; each once, in their order."""
    return list(dict.fromkeys(part for line in forms.lines(text).split("\n") if (part := line.strip())))


def _text(given: Given, name: str, otherwise: object) -> str:
    value = given.get(f"f.{name}")
    return str(otherwise) if value is None else forms.lines(value).strip()


def _number(given: Given, name: str, otherwise: object) -> object:
    """The number that a text has; a text that has none is left for the API to refuse."""
    text = _text(given, name, "" if otherwise is None else otherwise)
    number = (
        forms.whole(text)
        if len(text) < 10
        else (int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None)
    )
    return None if not text else text if number is None else number


def _ticked(given: Given, name: str, otherwise: Sequence[str]) -> list[str]:
    """What is ticked: the earlier ones in their order first; all of them where the form does not have the ticks."""
    if f"has.{name}" not in given:
        return list(otherwise)
    ticked = given.getlist(f"f.{name}")
    return list(dict.fromkeys([*(one for one in otherwise if one in ticked), *ticked]))


_BETWEEN = ("\t", ";", ",")


def pasted_members(text: str, team: Sequence[TeamMember]) -> tuple[list[TeamMember], list[str]]:
    """The people of pasted lines (name and address, in any order) who are not in the team yet, and unreadable lines."""
    known = {member.get("email", "").casefold() for member in team} | {
        member["id"].casefold() for member in team
    }
    found: list[TeamMember] = []
    unread: list[str] = []
    for line in entries(text):
        parts = [part for part in _parts(line) if part]
        address = next((part for part in parts if "@" in part), "")
        name = " ".join(part for part in parts if part != address)
        if not address or " " in address:
            unread.append(line)
        elif address.casefold() not in known:
            known.add(address.casefold())
            found.append(
                {"id": address, "name": (name or address)[:100], "email": address, "default_access": False}
            )
    return found, unread


def _parts(line: str) -> list[str]:
    """The cells of a pasted line; `An Smets <an@office.example>` has two."""
    between = next((sign for sign in _BETWEEN if sign in line), None)
    if between is None:
        name, _, address = line.replace("<", " ").replace(">", " ").rstrip().rpartition(" ")
        return [name.strip(' "'), address]
    return [part.strip(' "<>') for part in line.split(between)]


def name_form(name: str, firm: Reference | None) -> Form:
    """The form of an entry that is a name; of a folder template with its folders."""
    named = _input("name", gettext("Name"), name, required=True)
    if firm is None:
        return Form((("", (named,)),))
    folders = "\n".join(firm.get("folder_template_folders", {}).get(name, ()))
    return Form((("", (named, Control("folders", gettext("Folders, like Tax/2026"), LINES, folders))),))


def folders_body(given: Given, name: str, firm: Reference) -> Body:
    """The folders of all templates, with those that the form of one has."""
    kept = firm.get("folder_template_folders", {})
    folders = entries(_text(given, "folders", "\n".join(kept.get(name, ()))))
    others = {own: paths for own, paths in kept.items() if own != name}
    return {"folder_template_folders": {**others, **({name: folders} if folders else {})}}
