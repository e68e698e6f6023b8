"""Small types that many documents share: values of fields, parameters of problems, positions of rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NotRequired, TypedDict

#: The value of a field in a row or a record, once normalised: dates are ISO 8601 text, choices their English name.
Value = str | int | float | bool | list[str] | None
#: What a sentence about a problem needs: names and values of any kind, free by design.
Params = Mapping[str, object]
#: A chunk of rows and an offset in it; both count from 0.
Position = tuple[int, int]
#: Which record a row describes: its account, its contact, or the spouse of its contact.
SlotName = Literal["account", "contact", "spouse"]
#: A collection of records.
Collection = Literal["accounts", "contacts"]
#: What a person decided of a row. `is`: "same" or "new", whether it means the record in doubt. `as`: which one, the
#: public id of a record, or chunk, offset and number of a row. `to_account`: values without a person go to the account.
#: `take`: the keys of fields in which the row counts, and not the record. `without`: those of fields whose wrong value
#: is left out.
#: In a change of a decision, None removes a part.
Decision = TypedDict(
    "Decision",
    {
        "is": NotRequired[str | None],
        "as": NotRequired[str | list[int] | int | None],
        "to_account": NotRequired[bool | None],
        "take": NotRequired[list[str] | None],
        "without": NotRequired[list[str] | None],
    },
)


class Reason(TypedDict):
    """Why something is so: a code and its parameters; a catalogue turns them into a sentence."""

    code: str
    params: Params


class ProblemAt(TypedDict):
    """A problem of a file or a mapping: where it is, its code and its parameters; `built` counts from 0."""

    code: str
    params: Params
    place: NotRequired[Mapping[str, object]]
    column: NotRequired[int | None]
    built: NotRequired[int]
    setting: NotRequired[str]


class Stamp(TypedDict):
    """When something was done, and by whom (the id of a person, or the name of a service)."""

    at: datetime
    by: str
