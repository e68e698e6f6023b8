"""The page that makes a client: a person, a company, a household of two, or a contact alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from services.wizard.api import ApiError
from services.wizard.client_form import Control, Form, changes_in, form_of, refused_at
from services.wizard.client_page import show_what_became
from services.wizard.clients_page import directory
from services.wizard.pages import api, done, fields, pages, sentence, to

#: What may be made: its name, the type of its account, and how many people it has; a contact has no account.
WHAT = {
    "person": (lazy_gettext("Person"), "Individual", 1),
    "company": (lazy_gettext("Company"), "Company", 1),
    "household": (lazy_gettext("Household of two"), "Other", 2),
    "contact": (lazy_gettext("Contact without account"), "", 1),
}
#: The fields that the page asks for; the others are on the page of the client.
_OF_ACCOUNT = (
    "name", "client_code", "kbo_number", "tax_id", "email", "phone", "language", "address_line1", "house_number", "box",
    "postal_code", "city", "country", "tags", "assignees",
)  # fmt: skip
_OF_PERSON = (
    "first_name", "last_name", "email", "mobile", "phone", "national_number", "date_of_birth", "language",
)  # fmt: skip
#: What only a company has.
_OF_COMPANIES = frozenset({"kbo_number", "tax_id"})
_REFUSED = (403, 409, 422)


@pages.get("/clients/new")
def new_client() -> ResponseReturnValue:
    """The empty form."""
    what = _what(request.args)
    return _show(what, _form(what), MultiDict({"key": uuid.uuid4().hex}))


def _what(given: Mapping[str, str]) -> str:
    what = given.get("what", "person")
    return what if what in WHAT else "person"


def _form(what: str) -> Form:
    known, lists = fields(), directory()
    groups = []
    if what != "contact":
        own = _picked(form_of("accounts", {}, known, lists), _OF_ACCOUNT, "", what)
        groups.append((gettext("Account"), own))
    for place in range(WHAT[what][2]):
        people = _picked(form_of("contacts", {}, known, lists), _OF_PERSON, f"people.{place}.", what)
        title = gettext("Person") if WHAT[what][2] == 1 else gettext("Person %(n)s", n=place + 1)
        groups.append((title, people))
    return Form(tuple(groups))


def _picked(form: Form, names: Iterable[str], start: str, what: str) -> tuple[Control, ...]:
    """The controls of some fields, in their order; the name of an account may be left blank where people give it."""
    by_name = {control.name: control for control in form.controls()}
    asked = [name for name in names if what == "company" or name not in _OF_COMPANIES]
    return tuple(
        replace(by_name[name], name=f"{start}{name}", required=name == "name" and what == "company")
        for name in asked
        if name in by_name
    )


def _body(what: str, form: Form, given: MultiDict[str, str]) -> dict[str, Any]:
    """What the API takes: the fields of the account, with its people."""
    changes = changes_in(form, given)
    people = [_of_person(changes, place) for place in range(WHAT[what][2])]
    if what == "contact":
        body = people[0]
    else:
        body = {name: value for name, value in changes.items() if not name.startswith("people.")}
        body |= {"type": WHAT[what][1], "contacts": [{"fields": one} for one in people if one]}
        if "name" not in body and (name := _named_after(people)):
            body["name"] = name
    return {**body, **({"on_doubt": "create"} if given.get("on_doubt") else {})}


def _of_person(changes: Mapping[str, Any], place: int) -> dict[str, Any]:
    start = f"people.{place}."
    return {name.removeprefix(start): value for name, value in changes.items() if name.startswith(start)}


def _named_after(people: list[dict[str, Any]]) -> str:
    """The name of an account after its people: that of one, or the last names of two."""
    if len(people) == 1:
        return " ".join(filter(None, (people[0].get("first_name"), people[0].get("last_name"))))
    return " - ".join(dict.fromkeys(filter(None, (one.get("last_name") for one in people))))


@pages.post("/clients/new")
def make_client() -> ResponseReturnValue:
    """Make the client, or show why it is refused beside what the person typed."""
    given = request.form
    what = _what(given)
    form, kind = _form(what), "contacts" if what == "contact" else "accounts"
    try:
        made = api().post(
            f"/{kind}", _body(what, form, given), {"Idempotency-Key": given.get("key") or uuid.uuid4().hex}
        )
    except ApiError as error:
        if error.status not in _REFUSED:
            raise
        typed = refused_at(form, given, _at_controls(error))
        kept = Form(
            tuple((title, tuple(replace(one, now=None) for one in own)) for title, own in typed.groups)
        )
        return _show(what, kept, given, error), error.status
    done(gettext("The client is made."))
    show_what_became(made)
    return to("client", kind=kind, record_id=made["id"])


def _at_controls(error: ApiError) -> ApiError:
    """The refusal with its places called like the controls of the page."""
    errors = error.errors if isinstance(error.errors, list) else []
    placed = [
        {
            **each,
            "place": str(each.get("place", ""))
            .replace("contacts.", "people.", 1)
            .replace(".fields.", ".", 1),
        }
        for each in errors
        if "record" not in each
    ]
    return ApiError(error.status, error.code, error.detail, placed)


def _show(what: str, form: Form, given: MultiDict[str, str], error: ApiError | None = None) -> str:
    likely = []
    if error and error.code == "may_be_known" and isinstance(error.errors, list):
        likely = [
            {**each, "kind": "contacts" if what == "contact" or each["place"] else "accounts"}
            for each in error.errors
        ]
    refusal = None
    if error and not likely:
        wrong = error.code == "invalid_content"
        refusal = gettext("Some values are not right; each says why.") if wrong else sentence(error)
    return render_template(
        "new_client.html",
        what=what,
        kinds=[(name, label) for name, (label, _, _) in WHAT.items()],
        form=form,
        key=given.get("key", ""),
        likely=likely,
        refusal=refusal,
    )
