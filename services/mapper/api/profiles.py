"""GET and POST /mapping-profiles, GET, PATCH and DELETE of one: the saved mappings of the firm."""

from __future__ import annotations

from typing import TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.mapper.api.service import profile_store, routes
from services.mapper.settings.job_settings import with_keys
from services.mapper.settings.profiles import customs_saved, profile_of
from shared.contract.bounded import Code, Name
from shared.contract.custom_fields import Names
from shared.contract.documents.job import Profile
from shared.contract.job import mapping_of, settings_of
from shared.contract.moments import Moment
from shared.contract.requests import Input
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem
from shared.plumbing.profile_store import NameTaken


class ProfileBody(Input):
    """Save the mapping of a job under a name."""

    name = Name(required=True)
    job = Code(r"^[0-9a-f]{1,64}$", required=True)


class ProfileAsked(TypedDict):
    """The body that `ProfileBody` reads."""

    name: str
    job: str


class RenameBody(Input):
    """Another name of a saved mapping."""

    name = Name(required=True)


class RenameAsked(TypedDict):
    """The body that `RenameBody` reads."""

    name: str


class ProfileAnswer(Schema):
    """A saved mapping."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    fingerprint = fields.String(required=True)
    headers = fields.List(fields.String(), required=True)
    columns = fields.List(fields.Dict(), required=True)
    by = fields.String(required=True)
    saved_at = Moment(required=True)
    named = fields.Boolean(
        required=True,
        metadata={
            "description": "a person gave the name, which no other has; else it was kept with an import"
        },
    )
    has_settings = fields.Boolean(required=True)


class WholeProfileAnswer(ProfileAnswer):
    """A saved mapping with its settings."""

    settings = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "columns of rules are places in `headers`; null where none were saved"},
    )


class ProfilesAnswer(Schema):
    """The firm's saved mappings, the latest first."""

    items = fields.List(fields.Nested(ProfileAnswer), required=True)


@routes.on("GET", "/mapping-profiles", may=MANAGE_CONTACTS, answer=ProfilesAnswer)
def profiles() -> ResponseReturnValue:
    """The firm's saved mappings; each is found again by the headers of a file."""
    return {"items": [_in_brief(profile) for profile in profile_store().all()]}


def _in_brief(profile: Profile) -> dict[str, object]:
    own = {name: value for name, value in profile.items() if name != "settings"}
    return {**own, "named": profile.get("named", False), "has_settings": "settings" in profile}


def _whole(profile: Profile) -> dict[str, object]:
    settings = profile.get("settings")
    if settings:
        names = Names([*web.directory().reference()["custom_fields"], *customs_saved(profile)])
        settings = with_keys(settings, names.key)
    return {**_in_brief(profile), "settings": settings}


@routes.on(
    "POST",
    "/mapping-profiles",
    may=MANAGE_CONTACTS,
    takes=ProfileBody,
    answer=WholeProfileAnswer,
    status=201,
    problems=("not_found", "wrong_state", "purged"),
)
def save_profile(body: ProfileAsked) -> ResponseReturnValue:
    """Save the mapping and the settings of a job under a name, in the place of what was saved under it.

    Repeated, it saves the same mapping under the same id.
    """
    job = web.mapped_job(body["job"])
    kept = profile_store().save(
        profile_of(mapping_of(job), job["kind"], settings_of(job)),
        body["name"].strip(),
        web.caller().id,
        named=True,
    )
    saved = profile_store().get(kept)
    if saved is None:  # another request deleted it meanwhile
        raise Problem("not_found")
    return _whole(saved), 201, web.located(f"/mapping-profiles/{kept}")


@routes.on("GET", "/mapping-profiles/<profile_id>", may=MANAGE_CONTACTS, answer=WholeProfileAnswer)
def one_profile(profile_id: str) -> ResponseReturnValue:
    """One saved mapping."""
    found = profile_store().get(profile_id)
    if found is None:
        raise Problem("not_found")
    return _whole(found)


@routes.on(
    "PATCH",
    "/mapping-profiles/<profile_id>",
    may=MANAGE_CONTACTS,
    takes=RenameBody,
    answer=WholeProfileAnswer,
    problems=("name_taken",),
)
def rename_profile(body: RenameAsked, profile_id: str) -> ResponseReturnValue:
    """Give a saved mapping another name; one that another has is refused."""
    name = body["name"].strip()
    try:
        found = profile_store().rename(profile_id, name)
    except NameTaken:
        raise Problem("name_taken", name=name) from None
    if found is None:
        raise Problem("not_found")
    return _whole(found)


@routes.on("DELETE", "/mapping-profiles/<profile_id>", may=MANAGE_CONTACTS, status=204)
def delete_profile(profile_id: str) -> ResponseReturnValue:
    """Forget a saved mapping."""
    if not profile_store().delete(profile_id):
        raise Problem("not_found")
    return "", 204
