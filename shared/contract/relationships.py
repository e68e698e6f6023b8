"""Knows what a person may be to an account (a child, a director, a bookkeeper), in six languages.

The list is open: a word that it does not have is kept as it is written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from shared.contract.documents.record import Link, LinkChange
from shared.contract.spelling import spelling_key

#: Changes by jobs that a link remembers.
MOST_CHANGES = 20


@cache
def _known() -> dict[str, str]:
    """The English word for each known one, by its spelling key."""
    text = files("shared.contract").joinpath("relationships.toml").read_text("utf-8")
    listed = tomllib.loads(text)
    found = {_key(word): word for word in listed}
    for word, others in listed.items():
        for other in others.split(";"):
            found.setdefault(_key(other), word)
    return found


def _key(text: str) -> str:
    return spelling_key("".join(char if char.isalnum() else " " for char in text))


def relationship(text: str) -> str | None:
    """The English word for a relationship, None where the list does not have it: `Zaakvoerder` is a `Director`."""
    return _known().get(_key(text))


def related(now: Sequence[str], given: Sequence[str]) -> list[str]:
    """What a contact is to an account after an import says what `given` has: more than before, or nothing for []."""
    return list(dict.fromkeys([*now, *given])) if given else []


def changed_link(link: Link, given: Sequence[str], job: str) -> dict[str, object]:
    """What to write to a link after a job says what `given` has; {} for nothing."""
    now = link.get("relationship", [])
    after = related(now, given)
    if after == now:
        return {}
    if link["job"] == job:
        return {"relationship": after}
    changes = link.get("changes", [])
    own = next((change for change in changes if change["job"] == job), None)
    if own:
        changes = [{**change, "after": after} if change is own else change for change in changes]
    else:
        changes = [*changes, LinkChange(job=job, before=now, after=after)][-MOST_CHANGES:]
    revision = link.get("revision", 1) + (not own)
    return {"relationship": after, "changes": changes, "revision": revision}


def link_as_before(link: Link, job: str) -> dict[str, object]:
    """What to write to a link so that it has what it had before a job; what others changed since stays."""
    changes = link.get("changes", [])
    own = next((change for change in changes if change["job"] == job), None)
    if own is None:
        return {}
    now, added = link.get("relationship", []), set(own["after"]) - set(own["before"])
    kept = [one for one in now if one not in added]
    back = [one for one in own["before"] if one not in own["after"] and one not in now]
    return {
        "relationship": own["before"] if now == own["after"] else kept + back,
        "changes": [change for change in changes if change is not own],
        "revision": link.get("revision", 2) - 1,
    }
