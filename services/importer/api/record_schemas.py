"""What calls about accounts and contacts take and answer."""

from __future__ import annotations

from typing import NotRequired

from marshmallow import Schema, fields

from shared.contract.answers import InvitationOfContact
from shared.contract.bounded import Code, Count
from shared.contract.client_queries import ListAsked, ListQuery
from shared.contract.moments import Moment


class RecordsQuery(ListQuery):
    """A page of records."""

    cursor = Code(r"^[0-9A-Za-z_-]{1,2400}$")
    limit = Count(1, 500, load_default=50)
    total = fields.Boolean(
        load_default=False, metadata={"description": "count all records of the firm, which takes its time"}
    )


class RecordsAsked(ListAsked):
    """The query that `RecordsQuery` reads."""

    cursor: NotRequired[str]
    limit: int
    total: bool


class LinkAnswer(Schema):
    """A link of an account and a contact, with the name of the other end and what it may do by e-mail field.

    `relationship` is what the contact is to the account.
    """

    account = fields.String(required=True)
    contact = fields.String(required=True)
    name = fields.String(required=True)
    relationship = fields.List(fields.String(), required=True)
    switches = fields.Dict(required=True)
    job = fields.String(required=True, allow_none=True)
    revision = fields.Integer(
        required=True, metadata={"description": "for `If-Match` of a change of the link"}
    )


class LinkedName(Schema):
    """A record at the other end of a link."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class FieldChanged(Schema):
    """A field that was changed, with its values before and after; long ones are cut."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class HistoryOfRecord(Schema):
    """What became of a record, and which fields it changed; the last 20 changes are kept."""

    what = fields.String(
        required=True,
        metadata={
            "description": "`created`, `updated` or `linked` by an import, `undo` of one; by a person `edit`, `bulk`,"
            " `link` of a link, `merge` with another record, `unmerge` where that was undone"
        },
    )
    at = Moment(required=True)
    job = fields.String(required=True, allow_none=True)
    file = fields.String(required=True, allow_none=True)
    by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the name or address of a person, where one is known"},
    )
    fields_ = fields.List(fields.Nested(FieldChanged), required=True, data_key="fields")
    merge = fields.String(
        required=True, allow_none=True, metadata={"description": "of a merge that was not undone, its id"}
    )


class FixedValue(Schema):
    """A value that checking changed, as it does in an import: what was sent, and what it became."""

    field = fields.String(required=True, metadata={"description": "like `phone`, `custom.Sector`"})
    label = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class NotedValue(Schema):
    """A value that is kept, and that a person should look at."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class RecordAnswer(Schema):
    """An account or a contact."""

    id = fields.String(required=True)
    revision = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    jobs = fields.List(fields.String(), required=True)
    fields_ = fields.Dict(required=True, data_key="fields")
    linked = fields.List(
        fields.Nested(LinkedName),
        metadata={
            "description": "in lists: the contacts of an account, or the accounts of a contact; at most ten"
        },
    )
    invitation = fields.Nested(InvitationOfContact, metadata={"description": "of contacts"})
    links = fields.List(fields.Nested(LinkAnswer))
    folders = fields.List(
        fields.String(), metadata={"description": "of one account: the folders of its folder template"}
    )
    history = fields.List(fields.Nested(HistoryOfRecord))
    fixes = fields.List(
        fields.Nested(FixedValue), metadata={"description": "of a change: values that were normalised"}
    )
    problems = fields.List(
        fields.Nested(NotedValue), metadata={"description": "of a change: values to be looked at"}
    )


class RecordsAnswer(Schema):
    """A page of records in the order of their names."""

    items = fields.List(
        fields.Nested(RecordAnswer),
        required=True,
        metadata={"description": "may be fewer than `limit`, or none, although more follow: see `next`"},
    )
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the `cursor` of the next page; null after the last"},
    )
    total = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "records of the firm, whatever the filter; null unless asked for"},
    )
