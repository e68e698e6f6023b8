"""The pages of the firm's own data: what `PUT /directory` knows, a page a part, and a page for each entry of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext

from services.wizard import firm_forms, forms, session
from services.wizard.api import ApiError
from services.wizard.client_form import Form, refused_at
from services.wizard.firm_forms import Body, body_of, form_of, seen_of
from services.wizard.pages import api, done, pages, sentence, to
from shared.contract.documents.reference import Reference
from shared.contract.entries import key_of
from shared.contract.spelling import Spellings

ON_A_PAGE = 100
#: How often a form is sent anew where somebody changes another part meanwhile, and calls that replace an entry.
TRIES, MOST_CALLS = 5, 10
REFUSED = (409, 412, 422)


class Part(NamedTuple):
    """A part of the firm's own data: its name, and what it is for."""

    title: Any
    about: Any


#: Parts that are lists of entries; those with names alone are `NAMES`.
LISTS = {
    "team_members": Part(lazy_gettext("Team"), lazy_gettext("Who can be given accounts.")),
    "tags": Part(lazy_gettext("Tags of accounts"), lazy_gettext("Imports offer them, and may add to them.")),
    "contact_tags": Part(
        lazy_gettext("Tags of contacts"), lazy_gettext("Imports offer them, and may add to them.")
    ),
    "roles": Part(
        lazy_gettext("Account roles"), lazy_gettext("What a rule of an import may give to accounts.")
    ),
    "folder_templates": Part(
        lazy_gettext("Folder templates"),
        lazy_gettext(
            "Which folders an account has. The first is for new accounts, unless an import says otherwise."
        ),
    ),
    "questionnaires": Part(
        lazy_gettext("Questionnaires"), lazy_gettext("Forms that an import can link to new accounts.")
    ),
    "custom_fields": Part(
        lazy_gettext("Own fields"), lazy_gettext("Fields of the firm on its accounts and contacts.")
    ),
}
#: Parts that are one form.
FORMS = {
    "locale": Part(
        lazy_gettext("Languages and country"), lazy_gettext("How phone numbers and dates of a list are read.")
    ),
    "defaults": Part(
        lazy_gettext("New imports"), lazy_gettext("What new imports begin with; each can choose otherwise.")
    ),
    "notices": Part(lazy_gettext("Mails and events"), lazy_gettext("Who hears of imports.")),
    "retention": Part(
        lazy_gettext("Limits and periods"),
        lazy_gettext("How long things are kept, and how large a list may be. Empty: as the platform has it."),
    ),
}
PARTS = {**LISTS, **FORMS}
NAMES = ("tags", "contact_tags", "roles", "folder_templates", "questionnaires")


def firm() -> Reference:
    """The firm's own data; refuses people who may not change it."""
    if not session.person().may("manage_directory"):
        raise ApiError(
            403, "not_allowed", gettext("Only the owner and admins of the firm may change its own data.")
        )
    found: Reference = api().get("/directory")
    return found


def _part(part: str) -> Part:
    if part not in PARTS:
        raise ApiError(404, "not_found", gettext("There is no such page."))
    return PARTS[part]


@pages.get("/firm")
def firm_page() -> str:
    """The parts of the firm's own data, with how many entries each has."""
    own: Mapping[str, Any] = firm()
    return render_template(
        "firm.html", lists=LISTS, forms=FORMS, count={name: len(own[name]) for name in LISTS}
    )


@pages.get("/firm/<part>")
def firm_part(part: str) -> str:
    """One part."""
    _part(part)
    own = firm()
    if part in LISTS:
        return _list(part, own)
    form = form_of(part, own)
    return _form(part, form, seen_of(form))


@pages.post("/firm/<part>")
def change_firm_part(part: str) -> ResponseReturnValue:
    """Keep the form of a part, or add entries to a list."""
    _part(part)
    if part in LISTS:
        return _add(part)
    given, seen = request.form, request.form.get("seen", "")

    def body(now: Reference) -> Body:
        form = form_of(part, now)
        if seen != seen_of(form):
            raise ApiError(412, "changed_meanwhile", "")
        return body_of(part, given, now)

    try:
        _keep(body)
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        form = form_of(part, firm())
        return _form(part, refused_at(form, given, error), seen_of(form), _refusal(error)), error.status
    done(gettext("Your changes are kept."))
    return to("firm_part", part=part)


def _keep(body: Callable[[Reference], Body]) -> None:
    """Write parts of the firm's data as it is now, again where somebody changes another part meanwhile."""
    for attempt in range(TRIES):
        now = firm()
        try:
            api().put("/directory", {**body(now), "revision": now["revision"]})
            return
        except ApiError as error:
            if error.status != 412 or not error.detail or attempt == TRIES - 1:
                raise


def _refusal(error: ApiError) -> str:
    if error.status == 412:
        return gettext(
            "Somebody has changed this since you opened it. Below are your values; what is kept now is beside those"
            " that differ. Save again to keep yours."
        )
    if error.code == "invalid_content":
        return gettext("Some values are not right; each says why.")
    return sentence(error)


def _form(part: str, form: Form, seen: str, refusal: str | None = None) -> str:
    return render_template(
        "firm_form.html", part=part, named=PARTS[part], form=form, seen=seen, refusal=refusal
    )


# lists of entries


class Entry(NamedTuple):
    """An entry of a list: what names it in addresses, what it is called, and what is known of it."""

    key: str
    name: str
    about: str


def entries_of(part: str, own: Reference) -> list[Entry]:
    """The entries of a list."""
    if part == "team_members":
        return [Entry(each["id"], each["name"], each.get("email", "")) for each in own["team_members"]]
    if part == "custom_fields":
        of = {"account": gettext("of accounts"), "contact": gettext("of contacts")}
        return [
            Entry(
                key_of(each),
                each["name"],
                f"{firm_forms.TYPES.get(each['type'], each['type'])}, {of[each['record']]}",
            )
            for each in own["custom_fields"]
        ]
    names: Mapping[str, Any] = own
    folders = own.get("folder_template_folders", {}) if part == "folder_templates" else {}
    return [Entry(name, name, ", ".join(folders.get(name, ())[:5])) for name in names[part]]


def _list(part: str, own: Reference, refusal: str | None = None, new: Form | None = None) -> str:
    q = request.args.get("q", "").strip()[:100]
    every = entries_of(part, own)
    fitting = [each for each in every if q.casefold() in f"{each.name} {each.about}".casefold()]
    start = forms.whole(request.args.get("start"), len(fitting)) or 0
    return render_template(
        "firm_list.html",
        part=part,
        named=PARTS[part],
        entries=fitting[start : start + ON_A_PAGE],
        total=len(every),
        fitting=len(fitting),
        q=q,
        start=start,
        next=start + ON_A_PAGE if start + ON_A_PAGE < len(fitting) else None,
        new=new or _new_form(part),
        typed=request.form.get("names", "") if refusal else "",
        refusal=refusal,
    )


def _new_form(part: str) -> Form | None:
    if part == "team_members":
        return firm_forms.member_form(None)
    return firm_forms.custom_form(None) if part == "custom_fields" else None


def _add(part: str) -> ResponseReturnValue:
    """Add entries: names one a line, pasted people, or one member or field from its form."""
    given, added = request.form, list[str]()
    one = given.get("go") == "one"
    place = ""

    def body(now: Reference) -> Body:
        nonlocal place
        whole: Mapping[str, Any] = now
        fresh = _fresh(part, given, now, one=one)
        added[:] = [each if isinstance(each, str) else each["name"] for each in fresh]
        place = f"{part}.{len(whole[part])}."
        return {part: [*whole[part], *fresh]}

    try:
        _keep(body)
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        new = _new_form(part)
        form = refused_at(new, given, _at(error, place)) if new and one else new
        return _list(part, firm(), _refusal_of_entries(error), form), error.status
    n = len(added)
    done(
        ngettext("%(num)s is added.", "%(num)s are added.", n)
        if n
        else gettext("All of them are there already."),
        "good" if n else "note",
    )
    return to("firm_part", part=part)


def _fresh(part: str, given: firm_forms.Given, now: Reference, *, one: bool) -> list[Any]:
    """The entries to add: those that the list does not have yet, however they are written."""
    if part == "custom_fields":
        return [firm_forms.custom_of(given, {})]
    if part == "team_members" and one:
        member = firm_forms.member_of(given, {})
        if any(each["id"] == member["id"] for each in now["team_members"]):
            raise ApiError(422, "known", gettext("A team member has this id or address already."))
        return [member]
    if part == "team_members":
        people, unread = firm_forms.pasted_members(given.get("names", ""), now["team_members"])
        if unread:
            raise ApiError(422, "unread", gettext("No e-mail address is in: %(line)s", line=unread[0][:100]))
        return people
    whole: Mapping[str, Any] = now
    known, fresh = Spellings(whole[part]), list[str]()
    for name in firm_forms.entries(given.get("names", "")):
        if known.of(name) is None and Spellings(fresh).of(name) is None:
            fresh.append(name)
    return fresh


def _at(error: ApiError, place: str) -> ApiError:
    """A refusal whose places begin at an entry, not at the whole."""
    errors = error.errors if isinstance(error.errors, list) else []
    own = [
        {**each, "place": _named(str(each.get("place", "")).removeprefix("json.").removeprefix(place))}
        for each in errors
    ]
    return ApiError(error.status, error.code, error.detail, own)


def _named(place: str) -> str:
    """The control of a place: the name is typed where the API asks for what replaces an entry."""
    return "name" if place == "to" else place


def _refusal_of_entries(error: ApiError) -> str:
    messages = (
        [str(each.get("message", "")) for each in error.errors] if isinstance(error.errors, list) else []
    )
    first = next(filter(None, messages), "")
    return f"{_refusal(error)} {first}".strip()


# one entry


def _entry(part: str, key: str, own: Reference) -> Entry:
    found = next((each for each in entries_of(part, own) if each.key == key), None) if part in LISTS else None
    if found is None:
        raise ApiError(404, "not_found", gettext("There is no such entry; somebody may have removed it."))
    return found


@pages.get("/firm/<part>/entry")
def firm_entry(part: str) -> str:
    """One entry: how many clients use it, its form, and its removal."""
    return _show_entry(part, request.args.get("name", ""), firm())


def _show_entry(
    part: str, key: str, own: Reference, form: Form | None = None, refusal: str | None = None
) -> str:
    entry = _entry(part, key, own)
    used = api().get("/directory/uses", part=part, name=key)
    return render_template(
        "firm_entry.html",
        part=part,
        named=PARTS[part],
        entry=entry,
        used=used["accounts"] + used["contacts"],
        uses=used,
        form=form or _entry_form(part, key, own),
        seen=seen_of(_entry_form(part, key, own)),
        others=[each for each in entries_of(part, own) if each.key != key][:500]
        if part == "team_members"
        else [],
        is_first=part == "folder_templates" and own["folder_templates"][0] == key,
        refusal=refusal,
    )


def _entry_form(part: str, key: str, own: Reference) -> Form:
    if part == "team_members":
        return firm_forms.member_form(next(each for each in own["team_members"] if each["id"] == key))
    if part == "custom_fields":
        return firm_forms.custom_form(next(each for each in own["custom_fields"] if key_of(each) == key))
    return firm_forms.name_form(key, own if part == "folder_templates" else None)


@pages.post("/firm/<part>/entry")
def change_firm_entry(part: str) -> ResponseReturnValue:
    """Change or remove an entry."""
    given, key, go = request.form, request.args.get("name", ""), request.form.get("go", "save")
    own = firm()
    entry = _entry(part, key, own)
    try:
        if go in ("everywhere", "hand_over"):
            return _replace(part, entry, given.get("to") if go == "hand_over" else None)
        if go == "list":
            _keep(lambda now: {part: [each for each in _whole(now, part) if _key(part, each) != key]})
            done(
                gettext("“%(name)s” is no longer in the list. Clients that have it keep it.", name=entry.name)
            )
            return to("firm_part", part=part)
        if go == "first":
            _keep(lambda now: {part: sorted(_whole(now, part), key=lambda each: each != key)})
            done(gettext("“%(name)s” is for new accounts now.", name=entry.name))
            return to("firm_part", part=part)
        return _change(part, entry)
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        now = firm()
        form = refused_at(
            _entry_form(part, _entry(part, key, now).key, now), given, _at(error, _place(part, key, now))
        )
        return _show_entry(part, key, now, form, _refusal_of_entries(error)), error.status


def _whole(now: Reference, part: str) -> list[Any]:
    known: Mapping[str, Any] = now
    return list(known[part])


def _key(part: str, each: Any) -> str:
    return str(each["id"] if part == "team_members" else key_of(each) if part == "custom_fields" else each)


def _place(part: str, key: str, now: Reference) -> str:
    return f"{part}.{[_key(part, each) for each in _whole(now, part)].index(key)}."


def _change(part: str, entry: Entry) -> ResponseReturnValue:
    """Keep the form of an entry; a new name of one that clients use is written to them, too."""
    given, seen = request.form, request.form.get("seen", "")

    def body(now: Reference) -> Body:
        if seen != seen_of(_entry_form(part, _entry(part, entry.key, now).key, now)):
            raise ApiError(412, "changed_meanwhile", "")
        if part in NAMES:
            return firm_forms.folders_body(given, entry.key, now) if part == "folder_templates" else {}
        change = firm_forms.member_of if part == "team_members" else firm_forms.custom_of
        return {
            part: [
                change(given, each) if _key(part, each) == entry.key else each for each in _whole(now, part)
            ]
        }

    _keep(body)
    name = given.get("f.name", entry.name).strip()
    if part in NAMES and name != entry.name:
        return _replace(part, entry, name)
    done(gettext("Your changes are kept."))
    return to("firm_part", part=part)


def _replace(part: str, entry: Entry, other: str | None) -> ResponseReturnValue:
    """Replace an entry in the firm and in its clients, some thousands at a time."""
    changed, left = 0, 1
    for _ in range(MOST_CALLS):
        answer = api().post("/directory/replace", {"part": part, "name": entry.key, "to": other})
        changed, left = changed + answer["changed"], answer["left"]
        if not left:
            break
    count = ngettext("%(num)s client is changed.", "%(num)s clients are changed.", changed)
    if left:
        more = ngettext(
            "%(num)s client is left; do it once more.", "%(num)s clients are left; do it once more.", left
        )
        done(f"{count} {more}", "warn")
        return to("firm_entry", part=part, name=entry.key)
    if other is None:
        done(gettext("“%(name)s” is removed.", name=entry.name) + f" {count}")
    else:
        done(gettext("“%(name)s” is replaced by “%(other)s”.", name=entry.name, other=other) + f" {count}")
    return to("firm_part", part=part)
