"""GET /fields: the fields that a column may fill."""

from __future__ import annotations

from typing import TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.mapper.api.service import routes
from shared.contract.bounded import Choice
from shared.contract.documents.reference import CustomField
from shared.contract.fields import describe
from shared.contract.requests import Input
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing import web
from shared.plumbing.auth import ANYONE


class FieldsQuery(Input):
    """The language of the labels."""

    lang = Choice(LANGUAGES)


class FieldsAsked(TypedDict, total=False):
    """The query that `FieldsQuery` reads."""

    lang: str


class FieldAnswer(Schema):
    """A target field."""

    key = fields.String(required=True)
    record = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True)
    required = fields.Boolean(required=True)
    repeats = fields.Boolean(required=True)
    choices = fields.List(fields.String(), required=True)


class FieldsAnswer(Schema):
    """All target fields."""

    items = fields.List(fields.Nested(FieldAnswer), required=True)


@routes.on("GET", "/fields", may=ANYONE, answer=FieldsAnswer, query=FieldsQuery)
def all_fields(query: FieldsAsked) -> ResponseReturnValue:
    """The fields that columns may be mapped to, with the firm's own."""
    custom = web.directory().reference()["custom_fields"]
    return {"items": [*describe(query.get("lang") or web.caller().locale), *map(_custom_field, custom)]}


def _custom_field(custom: CustomField) -> dict[str, object]:
    """A custom field of the firm, in the shape of the others."""
    return {
        "key": f"{custom['record']}.custom.{custom['name']}",
        "record": custom["record"],
        "label": custom["name"],
        "type": custom["type"],
        "required": False,
        "repeats": False,
        "choices": custom.get("choices", []),
    }
