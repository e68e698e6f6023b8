"""Fields of requests, each with a bound: nothing that is accepted can grow without end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, TypedDict, TypeGuard, TypeVar, Unpack
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, missing, validate

#: Characters of an e-mail address (RFC 5321, 4.5.3.1.3), of a name, and of a cell of a spreadsheet.
MOST_EMAIL, MOST_NAME, MOST_CELL = 254, 255, 32_767
MOST_URL = 2_000
#: Whole numbers that a program in any language keeps exactly (RFC 8259, 6).
MOST_WHOLE = (1 << 53) - 1

#: What a value must also fulfil.
Checks = Sequence[Callable[[Any], object]]
T = TypeVar("T")


class Options(TypedDict, total=False):
    """What any field may be given: see `marshmallow.fields.Field`."""

    required: bool
    allow_none: bool
    load_default: object
    dump_default: object
    attribute: str
    data_key: str
    metadata: dict[str, Any]


#: Control characters, line ends, and characters that reverse the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Pattern(validate.Regexp):
    """A pattern that the whole text fits; `$` alone lets a line end through."""

    def __call__(self, value: str) -> str:  # type: ignore[override]
        """Give the text back; raises `ValidationError`."""
        if self.regex.fullmatch(value) is None:  # type: ignore[call-overload]
            raise ValidationError(self._format_error(value))
        return value


class Within(validate.Validator):
    """A value whose JSON has at most so many characters, however it is nested."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, value: T) -> T:
        """Give the value back; raises `ValidationError`."""
        if len(json.dumps(value)) > self.most:
            raise ValidationError(f"Longer than {self.most} characters in all.")
        return value


class Text(fields.String):
    """A text of `least` to `most` characters that the database can search for."""

    def __init__(self, most: int, least: int = 0, *, checks: Checks = (), **more: Unpack[Options]) -> None:
        own: Checks = [validate.Length(least or None, most), validate.ContainsNoneOf("\0"), *checks]
        super().__init__(validate=own, **more)


class Name(Text):
    """What a person calls something: it can be seen, on one line."""

    def __init__(self, most: int = 100, **more: Unpack[Options]) -> None:
        super().__init__(most, 1, checks=[_seen], **more)


def _seen(value: str) -> None:
    if not value.strip() or _UNSEEN.search(value):
        raise ValidationError("Blank, or with characters that are not seen, such as line ends.")


class Code(fields.String):
    """A text of a pattern, which says how long it may be."""

    def __init__(self, pattern: str, error: str | None = None, **more: Unpack[Options]) -> None:
        super().__init__(validate=Pattern(pattern, error=error), **more)


class Choice(fields.String):
    """One of some texts."""

    def __init__(self, choices: Sequence[str], **more: Unpack[Options]) -> None:
        super().__init__(validate=validate.OneOf(choices), **more)


class Address(fields.Email):
    """An e-mail address."""

    def __init__(self, **more: Unpack[Options]) -> None:
        super().__init__(validate=validate.Length(max=MOST_EMAIL), **more)


class WebAddress(Text):
    """An absolute http or https address without user and fragment; whether it may be called is not checked."""

    def __init__(self, **more: Unpack[Options]) -> None:
        super().__init__(MOST_URL, 1, checks=[_web_address], **more)


def _web_address(value: str) -> None:
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
        valid = valid and not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or _UNSEEN.search(value) or " " in value or "\\" in value:
        raise ValidationError("Not an address like https://example.com/events.")


class Flag(fields.Boolean):
    """True or false in a body; text and numbers are refused."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Count(fields.Integer):
    """A whole number in a query, where everything is text."""

    def __init__(self, least: int, most: int, **more: Unpack[Options]) -> None:
        super().__init__(validate=validate.Range(least, most), **more)


class Whole(Count):
    """A whole number in a body: neither text nor true or false."""

    def __init__(self, least: int = 0, most: int = MOST_WHOLE, **more: Unpack[Options]) -> None:
        super().__init__(least, most, **more)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Any:
        if not _is_number(value) or not abs(value) <= MOST_WHOLE or value != int(value):
            raise self.make_error("invalid", input=value)
        return int(value)


class Number(fields.Float):
    """A number in a body: neither text nor true or false."""

    def __init__(self, least: float, most: float, **more: Unpack[Options]) -> None:
        super().__init__(validate=validate.Range(least, most), **more)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Any:
        if not _is_number(value) or not abs(value) <= MOST_WHOLE:
            raise self.make_error("invalid", input=value)
        return float(value)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Many(fields.List[Any]):
    """A list of `least` to `most` values."""

    def __init__(
        self, inner: Any, most: int, least: int = 0, *, checks: Checks = (), **more: Unpack[Options]
    ) -> None:
        super().__init__(inner, validate=[validate.Length(least or None, most), *checks], **more)


class Named(fields.Dict):
    """At most `most` values by name."""

    def __init__(
        self, keys: Any, values: Any, most: int, *, checks: Checks = (), **more: Unpack[Options]
    ) -> None:
        more["metadata"] = {"maxProperties": most, **more.get("metadata", {})}
        own: Checks = [validate.Length(max=most), *checks]
        super().__init__(keys=keys, values=values, validate=own, **more)


class Echo(fields.Field[Any]):
    """A field that answers have and requests may repeat; its value is ignored."""

    def __init__(self, described: str = "given back as it was answered", **more: Unpack[Options]) -> None:
        more["allow_none"], more["metadata"] = True, {"description": described}
        super().__init__(**more)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Any:
        return missing
