"""What a listener has handled: ids of events, so that none is handled twice, and where each job and record is."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Self, TypedDict, TypeVar

Kept = TypeVar("Kept")


class Event(TypedDict):
    """An event as it is published: CloudEvents 1.0, with ids, numbers and codes in `data`, never row data.

    `subject` is the id of the job or record; `time` is in ISO 8601. asyncapi.json describes `data` by type.
    """

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    data: dict[str, object]


class Cursor:
    """Remembers the events that were handled, the latest `size` of them, and the latest revision by job and record.

    Keep `text(event)` together with what your program does about an event, in one transaction, and begin anew with
    `Cursor.load(text)`: then no event is handled twice, whatever stops in between.
    """

    def __init__(self, size: int = 10_000) -> None:
        self.size = size
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._latest: OrderedDict[str, tuple[int, str]] = OrderedDict()

    def is_new(self, event: Event) -> bool:
        """Whether an event is to be handled: its id is unknown, and nothing newer of its subject was handled.

        Newer is a higher revision at a later time. A record that was removed and made again begins anew with its
        revisions, at a later time.
        """
        if event["id"] in self._ids:
            return False
        latest = self._latest.get(_subject_of(event))
        return latest is None or not (_revision_of(event) < latest[0] and event["time"] < latest[1])

    def add(self, event: Event) -> None:
        """Remember that an event was handled."""
        _put(self._ids, event["id"], None, self.size)
        place, before = _subject_of(event), self._latest.get(_subject_of(event))
        now = (_revision_of(event), event["time"])
        _put(self._latest, place, now if before is None or now[1] >= before[1] else before, self.size)

    def text(self, event: Event | None = None) -> str:
        """The cursor as JSON, as it will be when an event is handled; `Cursor.load` reads it."""
        copy = Cursor(self.size)
        copy._ids, copy._latest = self._ids.copy(), self._latest.copy()
        if event is not None:
            copy.add(event)
        return json.dumps({"size": self.size, "ids": list(copy._ids), "latest": copy._latest})

    @classmethod
    def load(cls, text: str) -> Self:
        """A cursor from its text; raises `ValueError` where it is none."""
        try:
            kept = json.loads(text)
            made = cls(int(kept["size"]))
            made._ids.update(dict.fromkeys(map(str, kept["ids"])))
            made._latest.update({str(at): (int(r), str(t)) for at, (r, t) in kept["latest"].items()})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no cursor: {error}") from None
        return made


def _put(kept: OrderedDict[str, Kept], key: str, value: Kept, size: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > size:
        kept.popitem(last=False)


def _subject_of(event: Event) -> str:
    return f"{event['type'].partition('.')[0]} {event['source']} {event['subject']}"


def _revision_of(event: Event) -> int:
    given = event["data"].get("revision")
    return given if isinstance(given, int) else 0


def event_of(document: object) -> Event | None:
    """An event from JSON; None where it is none. Parts that later versions add are kept."""
    texts = ("id", "source", "type", "subject", "time")
    if not isinstance(document, Mapping) or not isinstance(document.get("data"), dict):
        return None
    if not all(isinstance(document.get(name), str) for name in texts):
        return None
    event: Event = {**document}  # type: ignore[typeddict-item]
    return event
