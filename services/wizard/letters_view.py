"""What the pages about letters to clients show: words for states and reasons, and the last check before they go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext, ngettext

from services.wizard.wording import number

#: What became of a letter.
STATUSES = {
    "not_sent": lazy_gettext("not sent"),
    "queued": lazy_gettext("waits to be sent"),
    "sent": lazy_gettext("sent"),
    "bounced": lazy_gettext("came back"),
    "failed": lazy_gettext("refused"),
    "accepted": lazy_gettext("has access"),
}
TONES = {"sent": "note", "queued": "quiet", "accepted": "good", "failed": "bad", "bounced": "bad"}
#: Why somebody gets no letter.
REASONS = {
    "no_login": lazy_gettext("may not log in: the switch is off, or there is no account"),
    "no_notices": lazy_gettext("gets no notices: the switch is off"),
    "no_address": lazy_gettext("has no e-mail address"),
    "wrong_address": lazy_gettext("has an e-mail address that is none"),
    "no_contact": lazy_gettext("has no contact"),
    "no_questionnaire": lazy_gettext("has no questionnaire"),
    "completed": lazy_gettext("has filled it in"),
    "gone": lazy_gettext("is no longer there"),
    "queued": lazy_gettext("waits already to be sent"),
    "sent": lazy_gettext("got it before"),
    "bounced": lazy_gettext("an earlier mail to this address came back"),
    "failed": lazy_gettext("the mail server refused this address"),
    "accepted": lazy_gettext("has access already"),
    "put_off": lazy_gettext("the mail server put it off for a day"),
    "import_undone": lazy_gettext("the import was undone"),
}
SENDING_STATES = {
    "sending": lazy_gettext("under way"),
    "stopped": lazy_gettext("stopped"),
    "done": lazy_gettext("done"),
}
SENDING_TONES = {"sending": "note", "stopped": "warn", "done": "good"}
#: Names that a page lists of those who get a letter, and for each reason of those who get none.
MOST_NAMED, MOST_OF_REASON = 500, 50


def letter_status(name: str) -> str:
    """What became of a letter, in words."""
    return str(STATUSES.get(name, name))


def letter_reason(name: str) -> str:
    """Why somebody gets no letter, or why it failed, in words; the answer of a mail server is shown as it is."""
    return str(REASONS.get(name, name))


@dataclass
class Check:
    """What a last check has found so far: numbers of all, and the first names."""

    will_get: int = 0
    looked_at: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    recipients: list[dict[str, Any]] = field(default_factory=list)
    others: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: where it goes on; None where all were looked at
    after: str | None = None

    def add(self, part: Mapping[str, Any]) -> None:
        """Add a part of those who are asked for."""
        self.will_get += part["will_get"]
        self.looked_at += part["looked_at"]
        self.left_out.update(part["left_out"])
        self.recipients += part["recipients"][: MOST_NAMED - len(self.recipients)]
        for each in part["others"]:
            named = self.others.setdefault(each["reason"], [])
            if len(named) < MOST_OF_REASON:
                named.append(each)
        self.after = part["next"]

    @property
    def may_be_repeated(self) -> bool:
        """Whether some get no letter only because an earlier one did not arrive."""
        return any(self.left_out[name] for name in ("failed", "bounced"))


def counted(kind: str, count: int) -> str:
    """How many get a letter of a kind, as a sentence."""
    if kind == "invitations":
        return ngettext(
            "%(n)s contact will be invited.", "%(n)s contacts will be invited.", count, n=number(count)
        )
    return ngettext("%(n)s mail will go out.", "%(n)s mails will go out.", count, n=number(count))
