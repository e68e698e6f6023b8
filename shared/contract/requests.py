"""What several services take over HTTP: strict bodies, the mapping and the settings of a job."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate, validates_schema

from shared.contract.fields import FIELDS

ACTIONS = ("sync", "skip", "custom")
MODES = ("fixed", "column", "skip")
MATCH = {
    "accounts": ["client_code", "number", "email_and_name", "name"],
    "contacts": ["number", "email_and_name", "name"],
}


class Input(Schema):
    """Bodies and queries; unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Headers(Schema):
    """Request headers; those we do not know are none of our business."""

    class Meta:
        unknown = EXCLUDE


class Flag(fields.Boolean):
    """True or false in a body, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Whole(fields.Integer):
    """A whole number in a body: neither text nor true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise self.make_error("invalid", input=value)
        return int(value)


class Number(fields.Float):
    """A number in a body: neither text nor true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid", input=value)
        return float(value)


class Custom(Input):
    """A new custom field of the firm."""

    # the name becomes part of a path in the database, where dots and dollars have a meaning
    name = fields.String(required=True, validate=validate.Regexp(r"^[^.$\x00]{1,60}$"))
    type = fields.String(required=True, validate=validate.Length(1, 20))
    record = fields.String(load_default="account", validate=validate.OneOf(["account", "contact"]))


class MappedColumn(Input):
    """What becomes of one column."""

    index = Whole(required=True, validate=validate.Range(0))
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    target = fields.String(allow_none=True, metadata={"description": "a key of `GET /fields`"})
    custom = fields.Nested(Custom, allow_none=True)
    join = fields.String(
        allow_none=True,
        validate=validate.Length(max=5),
        metadata={"description": "several columns of one text field are joined by this, in their order"},
    )
    split = Flag(metadata={"description": "street, house number and box in one column are taken apart"})
    # what GET gave may be sent back as it is
    header = fields.String()
    confidence = Number()
    why = fields.String()
    candidates = fields.List(fields.Dict())
    suggested_custom = fields.Nested(Custom, allow_none=True)


class AccountType(Input):
    """Where the account type comes from."""

    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    value = fields.String()
    column = Whole()


class MappingBody(Input):
    """A mapping."""

    columns = fields.List(fields.Nested(MappedColumn), required=True, validate=validate.Length(max=1000))
    account_type = fields.Nested(AccountType)
    values = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted(FIELDS))),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
    )
    date_order = fields.String(allow_none=True, validate=validate.OneOf(["DMY", "MDY", "YMD"]))
    phone_region = fields.String(allow_none=True, validate=validate.Regexp(r"^[A-Z]{2}$"))
    account_name = fields.String(
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={
            "description": "how accounts without a name are called, like `{contact.last_name} {contact.first_name}`"
        },
    )
    # what GET gave may be sent back as it is
    missing = fields.List(fields.String())
    recognised = fields.Dict()
    provisional = Flag()


class Switches(Input):
    """What a contact may do and gets, per e-mail field."""

    login = Flag()
    notify = Flag()
    email_sync = Flag()


class Match(Input):
    """By which keys records are found, in order."""

    accounts = fields.List(
        fields.String(validate=validate.OneOf(MATCH["accounts"])), validate=validate.Length(1)
    )
    contacts = fields.List(
        fields.String(validate=validate.OneOf(MATCH["contacts"])), validate=validate.Length(1)
    )


_NAMES = fields.List(fields.String(validate=validate.Length(1, 100)), validate=validate.Length(max=100))


class Condition(Input):
    """What must hold of a row: one test on the value of a field, or on a column of the file as it stands."""

    field = fields.String(validate=validate.Length(1, 100))
    column = Whole(validate=validate.Range(0))
    is_ = fields.String(data_key="is", attribute="is")
    is_not = fields.String()
    one_of = fields.List(fields.String(), validate=validate.Length(1, 1000))
    contains = fields.String(validate=validate.Length(1))
    blank = Flag()

    @validates_schema
    def one_place_and_one_test(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse conditions that name no place or two, or no test or two."""
        if len(data.keys() & {"field", "column"}) != 1:
            raise ValidationError("Give either field or column.")
        if len(data.keys() & {"is", "is_not", "one_of", "contains", "blank"}) != 1:
            raise ValidationError("Give one of is, is_not, one_of, contains, blank.")


class Then(Switches):
    """What the records of such rows get besides what the settings give to all."""

    tags = _NAMES
    assignees = _NAMES
    assignees_from = Whole(
        validate=validate.Range(0), metadata={"description": "index of the column that names team members"}
    )
    roles = _NAMES
    folder_template = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    questionnaire = fields.String(allow_none=True)


class Rule(Input):
    """When all of this holds of a row, then its new records get that."""

    when = fields.List(fields.Nested(Condition), required=True, validate=validate.Length(1, 10))
    then = fields.Nested(Then, required=True)


class SettingsBody(Input):
    """What the import applies; parts not named stay as they are."""

    contacts = fields.Dict(keys=fields.String(), values=fields.Nested(Switches))
    tags = _NAMES
    assignees = _NAMES
    folder_template = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    questionnaire = fields.String(allow_none=True)
    rules = fields.List(fields.Nested(Rule), validate=validate.Length(max=100))
    match = fields.Nested(Match)
    on_match = fields.String(validate=validate.OneOf(["update", "skip"]))
    on_change = fields.String(
        validate=validate.OneOf(["skip", "replan"]),
        metadata={
            "description": "what becomes of a row whose record was changed since the review: it is skipped, or its"
            " plan is fitted to the record as it is then"
        },
    )
    merge = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(["fill_empty", "overwrite", "never"])),
    )
