"""What several services take over HTTP: strict bodies, the mapping and the settings of a job."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validates_schema

from shared.contract import merging
from shared.contract.bounded import Choice, Code, Echo, Flag, Many, Name, Named, Text, Whole, Within
from shared.contract.built_values import CASES, MOST_BUILT, MOST_PAIRS, MOST_PARTS, MOST_STEPS, RESTS
from shared.contract.custom_fields import CustomName
from shared.contract.fields import FIELDS
from shared.contract.invalid_values import ON_INVALID

#: Columns that any spreadsheet has at most, and what a mapping or settings have at most of choices and rules, in
#: characters of JSON.
MOST_MAPPED_FIELDS = 1000
MOST_COLUMNS, MOST_CHOICES, MOST_RULES = 16_384, 200_000, 200_000
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
    """Request headers; unknown ones are ignored."""

    class Meta:
        unknown = EXCLUDE


def column_index(**more: Any) -> Whole:
    """The index of a column of the file."""
    return Whole(0, MOST_COLUMNS - 1, **more)


def field_key(value: str) -> None:
    """Refuse a text that is no key of a field, and of no custom field."""
    record, custom, name = value.partition(".custom.")
    if value not in FIELDS and not (custom and name and record in ("account", "contact")):
        raise ValidationError("No field has this key.")


class Custom(Input):
    """A new custom field of the firm."""

    # what GET gave may be sent back as it is; the id follows from record and name
    id = Text(100, 1)
    name = CustomName(required=True)
    type = Text(20, 1, required=True)
    record = Choice(["account", "contact"], load_default="account")


class MappedColumn(Input):
    """What becomes of one column."""

    index = column_index(required=True)
    action = Choice(ACTIONS, required=True)
    target = Text(100, allow_none=True, metadata={"description": "a key of `GET /fields`"})
    also = Text(
        100,
        allow_none=True,
        metadata={
            "description": "a second field that the column fills, too, as `contact.full_name` beside `account.name`"
        },
    )
    custom = fields.Nested(Custom, allow_none=True)
    join = Text(
        5,
        allow_none=True,
        metadata={"description": "several columns of one text field are joined by this, in their order"},
    )
    split = Flag(metadata={"description": "street, house number and box in one column are taken apart"})
    leave_out = Many(
        Text(1000),
        1000,
        allow_none=True,
        metadata={
            "description": "rows with one of these texts in the column are left out, also where the column is skipped;"
            " a blank text is a blank cell"
        },
    )
    header = Echo()
    confidence = Echo()
    why = Echo()
    candidates = Echo()
    suggested_custom = Echo()


class AccountType(Input):
    """Where the account type comes from."""

    mode = Choice(MODES, required=True)
    value = Text(100)
    column = column_index()


def _one_of(data: dict[str, Any], *names: str) -> None:
    """Refuse a body that has none of some parts, or several."""
    if len(data.keys() & set(names)) != 1:
        raise ValidationError(f"Give one of {', '.join(names)}.")


class BuiltPart(Input):
    """A part of a built value: a column, or a fixed text."""

    column = column_index()
    text = Text(100, 1)

    @validates_schema
    def one_kind(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a part that is both or neither."""
        _one_of(data, "column", "text")


class Take(Input):
    """What is taken of a text: a piece between separators, or its first or last characters."""

    separator = Text(20, 1)
    piece = Whole(-100, 100, metadata={"description": "counted from 1; from the end with a minus"})
    first = Whole(1, 1000)
    last = Whole(1, 1000)

    @validates_schema
    def one_kind(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse what takes nothing or two things, and a separator without a piece."""
        _one_of(data, "separator", "first", "last")
        if ("separator" in data) != ("piece" in data) or data.get("piece") == 0:
            raise ValidationError(
                "A separator needs a piece, counted from 1 or from -1, and a piece a separator."
            )


class LookUp(Input):
    """What texts become, whatever their case and accents; the text "" is a blank."""

    pairs = Named(Text(1000), Text(1000), MOST_PAIRS, required=True)
    rest = Choice(
        RESTS,
        load_default="keep",
        metadata={"description": "texts that are not listed stay, are left blank, or become `value`"},
    )
    value = Text(1000, 1)

    @validates_schema
    def value_of_rest(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a rest without its value, and a value without a use."""
        if (data["rest"] == "value") != ("value" in data):
            raise ValidationError("Give value with the rest `value`, and only then.")


class BuildStep(Input):
    """One change of a text."""

    take = fields.Nested(Take)
    case = Choice(CASES)
    look_up = fields.Nested(LookUp)

    @validates_schema
    def one_kind(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a step that changes nothing, or in two ways."""
        _one_of(data, "take", "case", "look_up")


class BuiltValue(Input):
    """A value built from columns, for a field that no column fills."""

    target = Text(100, allow_none=True, metadata={"description": "a key of `GET /fields`"})
    custom = fields.Nested(Custom, allow_none=True, metadata={"description": "a custom field of the firm"})
    parts = Many(
        fields.Nested(BuiltPart),
        MOST_PARTS,
        required=True,
        metadata={
            "description": "columns and fixed texts in order; where a column is blank, a fixed text beside it is left"
            " out"
        },
    )
    steps = Many(fields.Nested(BuildStep), MOST_STEPS, load_default=list)


class MappingBody(Input):
    """A mapping."""

    columns = Many(fields.Nested(MappedColumn), 1000, required=True)
    built = Many(
        fields.Nested(BuiltValue),
        MOST_BUILT,
        allow_none=True,
        checks=[Within(MOST_CHOICES)],
        metadata={"description": "values built from columns; none where it is not given"},
    )
    account_type = fields.Nested(AccountType)
    values = Named(
        Text(100, 1, checks=[field_key]),
        Named(Text(1000), Text(1000), 5000),
        MOST_MAPPED_FIELDS,
        checks=[Within(MOST_CHOICES)],
        metadata={
            "description": "by the key of a field, such as `account.type` or `account.custom.Segment`, what texts"
            " of the file mean: another text, an empty one for no value, or `__SKIP__` to leave their rows out"
        },
    )
    date_order = Choice(["DMY", "MDY", "YMD"], allow_none=True)
    phone_region = Code(r"^[A-Z]{2}$", allow_none=True)
    account_name = Text(
        200,
        1,
        allow_none=True,
        metadata={
            "description": "how accounts without a name are called, like `{contact.last_name} {contact.first_name}`"
        },
    )
    required = Many(
        Text(100, 1, checks=[field_key]),
        100,
        allow_none=True,
        metadata={
            "description": "fields that each row must have; those of a recognised layout where it is not given"
        },
    )
    missing = Echo()
    recognised = Echo()
    provisional = Echo()


class Switches(Input):
    """What a contact may do and gets, per e-mail field."""

    login = Flag()
    notify = Flag()
    email_sync = Flag()
    send_invitation = Flag(
        metadata={
            "description": "invite the contacts of new links when the import is done; where it is offered"
        }
    )


class Match(Input):
    """By which keys records are found, in order."""

    accounts = Many(Choice(MATCH["accounts"]), 10, 1)
    contacts = Many(Choice(MATCH["contacts"]), 10, 1)


def _names() -> Many:
    return Many(Name(), 100)


def _name() -> Text:
    return Text(100, allow_none=True)


class Condition(Input):
    """What must hold of a row: one test on the value of a field, or on a cell of a column as the file has it."""

    field = Text(100, 1)
    column = column_index()
    is_ = Text(1000, data_key="is", attribute="is")
    is_not = Text(1000)
    one_of = Many(Text(1000), 1000, 1)
    contains = Text(1000, 1)
    blank = Flag()

    @validates_schema
    def one_place_and_one_test(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse conditions that name no place or two, or no test or two."""
        if len(data.keys() & {"field", "column"}) != 1:
            raise ValidationError("Give either field or column.")
        if len(data.keys() & {"is", "is_not", "one_of", "contains", "blank"}) != 1:
            raise ValidationError("Give one of is, is_not, one_of, contains, blank.")


class Then(Switches):
    """What the records of such rows get, in addition to what the settings give to all."""

    tags = _names()
    assignees = _names()
    assignees_from = column_index(metadata={"description": "index of the column that names team members"})
    roles = _names()
    folder_template = _name()
    language = _name()
    questionnaire = _name()
    leave_out = Flag(metadata={"description": "such rows are not imported"})
    set_ = Named(
        Text(100),
        Text(1000, 1),
        50,
        data_key="set",
        attribute="set",
        metadata={
            "description": "values of the row by the key of a field, as a cell of the file would have them"
        },
    )
    only_ = Flag(
        data_key="only",
        attribute="only",
        metadata={"description": "of all rows, only those of rules with `only` are imported"},
    )


class Rule(Input):
    """When all of this holds of a row, then its new records get that."""

    when = Many(fields.Nested(Condition), 10, 1, required=True)
    then = fields.Nested(Then, required=True)


class SettingsBody(Input):
    """What the import applies; parts not named stay as they are."""

    contacts = Named(Text(100), fields.Nested(Switches), 20)
    tags = _names()
    assignees = _names()
    folder_template = _name()
    language = _name()
    questionnaire = _name()
    rules = Many(fields.Nested(Rule), 100, checks=[Within(MOST_RULES)])
    match = fields.Nested(Match)
    mode = Choice(
        merging.MODES,
        metadata={
            "description": "which clients are touched: new ones and those that the firm has (`both`), only new ones, or"
            " only those it has"
        },
    )
    on_doubt = Choice(
        ["skip", "create"],
        metadata={
            "description": "what becomes of a row of which nobody can tell whether it means a record that is there:"
            " it is skipped until a person decides, or it makes a new record"
        },
    )
    on_change = Choice(
        ["skip", "replan"],
        metadata={
            "description": "what becomes of a row whose record was changed since the review: it is skipped, or its"
            " plan is fitted to the record as it is then"
        },
    )
    merge_default = Choice(
        merging.POLICIES,
        metadata={
            "description": "where a client has a value and the file another: the client's stays and blanks are filled,"
            " the file's counts, the client is not changed, or a person is asked for each difference"
        },
    )
    merge = Named(
        Text(100),
        Choice(merging.POLICIES),
        500,
        metadata={
            "description": "exceptions, by the key of a field: `account.email`, `contact.custom.Segment`"
        },
    )
    on_invalid = Named(
        Text(100),
        Choice(ON_INVALID),
        500,
        metadata={
            "description": "by the key of a field what becomes of a row whose value cannot be taken: the row is skipped"
            " (`skip_row`, also where nothing is chosen), or loaded without the value (`drop_value`). Names and ids say"
            " whom a row is about and cannot be left out"
        },
    )
