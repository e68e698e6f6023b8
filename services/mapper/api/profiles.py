"""GET and POST /mapping-profiles, GET and DELETE of one: the saved mappings of the firm."""

from __future__ import annotations

from typing import TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.mapper.api.service import profile_store, routes
from services.mapper.settings.profiles import profile_of
from shared.contract.bounded import Code, Name
from shared.contract.job import mapping_of
from shared.contract.moments import Moment
from shared.contract.requests import Input
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem


class ProfileBody(Input):
    """Save the mapping of a job under a name."""

    name = Name(required=True)
    job = Code(r"^[0-9a-f]{1,64}$", required=True)


class ProfileAsked(TypedDict):
    """The body that `ProfileBody` reads."""

    name: str
    job: str


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


class ProfilesAnswer(Schema):
    """The firm's saved mappings, the latest first."""

    items = fields.List(fields.Nested(ProfileAnswer), required=True)


@routes.on("GET", "/mapping-profiles", may=MANAGE_CONTACTS, answer=ProfilesAnswer)
def profiles() -> ResponseReturnValue:
    """The firm's saved mappings; each is found again by the headers of a file."""
    return {"items": profile_store().all()}


@routes.on(
    "POST",
    "/mapping-profiles",
    may=MANAGE_CONTACTS,
    takes=ProfileBody,
    answer=ProfileAnswer,
    status=201,
    problems=("not_found", "wrong_state", "purged"),
)
def save_profile(body: ProfileAsked) -> ResponseReturnValue:
    """Save the mapping of a job under a name; the same name for the same headers takes its place.

    Repeated, it saves the same mapping under the same id.
    """
    job = web.mapped_job(body["job"])
    kept = profile_store().save(
        profile_of(mapping_of(job), job["kind"]), body["name"], web.caller().id, named=True
    )
    saved = profile_store().get(kept)
    if saved is None:  # another request deleted it meanwhile
        raise Problem("not_found")
    return dict[str, object](saved), 201, web.located(f"/mapping-profiles/{kept}")


@routes.on("GET", "/mapping-profiles/<profile_id>", may=MANAGE_CONTACTS, answer=ProfileAnswer)
def one_profile(profile_id: str) -> ResponseReturnValue:
    """One saved mapping."""
    found = profile_store().get(profile_id)
    if found is None:
        raise Problem("not_found")
    return dict[str, object](found)


@routes.on("DELETE", "/mapping-profiles/<profile_id>", may=MANAGE_CONTACTS, status=204)
def delete_profile(profile_id: str) -> ResponseReturnValue:
    """Forget a saved mapping."""
    if not profile_store().delete(profile_id):
        raise Problem("not_found")
    return "", 204
