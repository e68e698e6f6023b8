"""What is known of letters: the mails that a firm has sent to its clients when it asks for it, never by itself.

An invitation asks a contact to the portal of the platform. A questionnaire goes to the contacts of an account. A
sending is what a person asked for at once; it makes a letter for each contact who is to get one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from shared.contract.documents.job import Settings
from shared.contract.documents.sending import Letter
from shared.contract.records import public_id

#: Kinds of letters.
INVITATION, QUESTIONNAIRE = "invitation", "questionnaire"
KINDS = (INVITATION, QUESTIONNAIRE)

#: The switch of an e-mail field that has the contacts of new links invited when the import is done.
SEND_INVITATION = "send_invitation"

#: States of a sending.
SENDING, STOPPED, DONE = "sending", "stopped", "done"

#: States of a letter. The platform reports `bounced` and `accepted`; a contact without a letter is `not_sent`.
NOT_SENT, QUEUED, SENT = "not_sent", "queued", "sent"
BOUNCED, FAILED, ACCEPTED = "bounced", "failed", "accepted"
STATUSES = (NOT_SENT, QUEUED, SENT, BOUNCED, FAILED, ACCEPTED)
#: What the platform may report.
REPORTED = (BOUNCED, ACCEPTED)
#: States after which a letter may go out once more: it has not arrived.
NOT_ARRIVED = (BOUNCED, FAILED)

#: Why a contact or an account gets no letter, beside the states above.
NO_LOGIN, NO_NOTICES = "no_login", "no_notices"
NO_ADDRESS, WRONG_ADDRESS, NO_CONTACT = "no_address", "wrong_address", "no_contact"
NO_QUESTIONNAIRE, COMPLETED, GONE = "no_questionnaire", "completed", "gone"
WHY_NOT = (
    NO_LOGIN, NO_NOTICES, NO_ADDRESS, WRONG_ADDRESS, NO_CONTACT, NO_QUESTIONNAIRE, COMPLETED, GONE,
    QUEUED, SENT, BOUNCED, FAILED, ACCEPTED,
)  # fmt: skip

#: Why a sending was stopped.
BY_PERSON, IMPORT_UNDONE = "by_person", "import_undone"

#: Contacts or accounts that one call may name, and sendings of a firm that may be under way at once.
MOST_NAMED, MOST_OPEN = 2_000, 20
#: Sendings of the same firm that a letter remembers.
MOST_REMEMBERED = 20

#: Seconds before a letter is tried again that the server did not take now (4xx); then it is `failed`. In all a day.
PAUSES = (60, 300, 900, 1800, 3600, 7200, 14400, 28800, 29345)
#: What a letter failed with whose address the server went on to put off.
PUT_OFF = "put_off"


def letter_id(contact: str, account: str | None = None, form: str | None = None) -> str:
    """The id of a letter: the contact, and of a questionnaire also the account and which questionnaire it is.

    >>> letter_id("demo/c1")
    'demo/c1'
    """
    if account is None:
        return contact
    digest = hashlib.blake2b((form or "").encode(), digest_size=8).hexdigest()
    return f"{account}:{public_id(contact)}:{digest}"


def chooses_invitations(settings: Settings) -> bool:
    """Whether settings or one of their rules have contacts of new links invited."""
    switches = [*settings["contacts"].values(), *(rule["then"] for rule in settings["rules"])]
    return any(given.get(SEND_INVITATION) for given in switches)


def shown_letter(letter: Letter | None) -> Mapping[str, object]:
    """What a contact shows of its invitation; one without a letter was never invited."""
    if letter is None:
        return {"status": NOT_SENT, "at": None, "address": None, "reason": None}
    return {
        "status": letter["status"],
        "at": letter["changed_at"],
        "address": letter["address"],
        "reason": letter["error"],
    }
