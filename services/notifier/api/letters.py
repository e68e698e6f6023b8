"""What the calls about letters to clients share: what is asked for, its preview, and the answers."""

from __future__ import annotations

from collections import Counter
from typing import Any, NotRequired, TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields, validates_schema

from services.notifier.invitations.choosing import Choosing, Part
from services.notifier.invitations.judging import Judged
from services.notifier.invitations.sending import Writer
from shared.contract.bounded import Code, Count, Flag, Many, Text, Whole
from shared.contract.client_queries import ListAsked, ListQuery, filters_of
from shared.contract.documents.sending import Recipients, Sending
from shared.contract.moments import Moment
from shared.contract.records import public_id
from shared.contract.requests import Input
from shared.contract.sendings import DONE, IMPORT_UNDONE, INVITATION, MOST_NAMED, MOST_OPEN, STATUSES
from shared.plumbing import clock, web
from shared.plumbing.problem import Problem
from shared.plumbing.sending_store import SendingStore, TooManySendings, shown_id

#: Records of one call of a preview, and letters that it shows.
MOST_PREVIEWED, MOST_SHOWN = 500, 20
#: What a call is refused with that asks for letters.
NOT_SENT_HERE = ("not_set_up", "too_many_sendings", "not_found")
#: Where sendings of a kind are in the API, and the setting without which there are none.
PATHS = {INVITATION: "/invitations"}
OTHER_PATH = "/questionnaires/send"
#: The part of a body that names records.
_NAMED = ("contacts", "accounts")


def _ids() -> Many:
    return Many(Code(r"^[0-9a-f]{1,64}$"), MOST_NAMED, 1)


class _Asked(Input):
    """Who is asked for: one of the ways."""

    filter = fields.Nested(
        ListQuery, metadata={"description": "as for the list: those that fit when the search looks at them"}
    )
    job = Code(r"^[0-9a-f]{1,64}$", metadata={"description": "what an import made, changed or linked"})
    again = Flag(
        load_default=False,
        metadata={"description": "also where an earlier mail to the same address did not arrive"},
    )

    @validates_schema
    def one_way(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a body that asks in no way, or in two."""
        if len(data.keys() & {*_NAMED, "filter", "job"}) != 1:
            raise ValidationError("Give one of the ids, filter and job.")


class _Previewed(Input):
    """Which part of those who are asked for is shown."""

    after = Text(2_400, 1, allow_none=True, metadata={"description": "`next` of the part before"})
    limit = Whole(1, MOST_PREVIEWED, load_default=100)
    mails = Whole(0, MOST_SHOWN, load_default=1, metadata={"description": "mails that are written out"})


class InvitationsAsked(_Asked):
    """Which contacts are to be invited."""

    contacts = _ids()


class QuestionnairesAsked(_Asked):
    """Of which accounts the questionnaire is to be sent."""

    accounts = _ids()


class InvitationsPreviewed(_Previewed, InvitationsAsked):
    """Which contacts are to be invited, and which part of them is shown."""


class QuestionnairesPreviewed(_Previewed, QuestionnairesAsked):
    """Of which accounts the questionnaire is to be sent, and which part of them is shown."""


class Asked(TypedDict):
    """The body that asks for letters."""

    contacts: NotRequired[list[str]]
    accounts: NotRequired[list[str]]
    filter: NotRequired[ListAsked]
    job: NotRequired[str]
    again: bool


class Previewed(Asked):
    """The body that asks for a preview."""

    after: NotRequired[str | None]
    limit: int
    mails: int


class SendingsQuery(Input):
    """How many sendings."""

    limit = Count(1, 100, load_default=20)


class SendingsAsked(TypedDict):
    """The query that `SendingsQuery` reads."""

    limit: int


class SendingAnswer(Schema):
    """What was asked for at once, and how far it is."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    status = fields.String(
        required=True,
        metadata={
            "description": "`sending`, `stopped` (by a person, or because the import is undone) or `done`"
        },
    )
    why_stopped = fields.String(
        required=True, allow_none=True, metadata={"description": "`by_person` or `import_undone`"}
    )
    looked_at = fields.Integer(required=True, metadata={"description": "contacts or accounts, so far"})
    found_all = fields.Boolean(required=True, metadata={"description": "whether all were looked at"})
    letters = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": f"its letters by what became of them: {', '.join(STATUSES)}"},
    )
    left_out = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "how many get no letter, by reason"},
    )
    job = fields.String(required=True, allow_none=True)
    created_by = fields.String(required=True)
    created_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class SendingList(Schema):
    """The firm's latest sendings, the newest first."""

    items = fields.List(fields.Nested(SendingAnswer), required=True)


class RecipientAnswer(Schema):
    """One who gets a letter, or does not: then `reason` says why."""

    contact = fields.String(required=True, allow_none=True)
    account = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class MailAnswer(Schema):
    """A mail as it will be sent, but for its link, which counts only in the mail itself."""

    contact = fields.String(required=True)
    account = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    sender = fields.String(required=True)
    to = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    html = fields.String(required=True)


class LettersPreview(Schema):
    """A part of those who are asked for. Add the numbers of all parts up."""

    looked_at = fields.Integer(required=True)
    will_get = fields.Integer(required=True)
    left_out = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    recipients = fields.List(fields.Nested(RecipientAnswer), required=True)
    others = fields.List(
        fields.Nested(RecipientAnswer), required=True, metadata={"description": "those who get no letter"}
    )
    mails = fields.List(fields.Nested(MailAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


def store() -> SendingStore:
    """The letters of the caller's firm."""
    return SendingStore(web.servers().db, web.caller().firm)


def _must_be_set_up(kind: str) -> None:
    """Refuse letters that would link to nothing."""
    if not web.settings().letters_to(kind):
        raise Problem("not_set_up", setting=f"{kind.upper()}_URL")


def _which(body: Asked) -> Recipients:
    """Who is asked for, as it is kept."""
    if "job" in body:
        return {"job": web.brief_job(body["job"])["_id"]}
    if "filter" in body:
        return {"filter": filters_of(body["filter"])}
    return {"ids": list(dict.fromkeys(body.get("contacts") or body.get("accounts") or []))}


def ask(kind: str, body: Asked) -> ResponseReturnValue:
    """Begin a sending."""
    _must_be_set_up(kind)
    caller = web.caller()
    try:
        sending = store().ask(
            kind, _which(body), caller.email or caller.id, caller.locale, again=body["again"]
        )
    except TooManySendings:
        raise Problem("too_many_sendings", status=409, max=MOST_OPEN) from None
    return shown(sending), 202, web.located(f"{path_of(sending)}/{shown_id(sending)}")


def preview(kind: str, body: Previewed) -> dict[str, object]:
    """A part of those who are asked for, with some of the mails."""
    _must_be_set_up(kind)
    try:
        part = Choosing(store(), kind, _which(body), again=body["again"]).part(
            body.get("after"), body["limit"]
        )
    except ValueError:
        raise Problem("invalid_content", errors={"json": {"after": ["Not the next of a preview."]}}) from None
    return _previewed(kind, part, body["mails"])


def _previewed(kind: str, part: Part, most: int) -> dict[str, object]:
    gets = [each for each in part.judged if each.why is None]
    others = [each for each in part.judged if each.why is not None]
    writer = Writer(web.settings(), web.caller().firm, web.directory().reference())
    return {
        "looked_at": part.looked_at,
        "will_get": len(gets),
        "left_out": Counter(each.why for each in others),
        "recipients": [_recipient(each) for each in gets],
        "others": [_recipient(each) for each in others],
        "mails": [_mail(writer, kind, each) for each in gets[:most]],
        "next": part.after,
    }


def _recipient(judged: Judged) -> dict[str, object]:
    of_account = judged.record == judged.account
    return {
        "contact": None if of_account else public_id(judged.record),
        "account": public_id(judged.account) if judged.account else None,
        "name": judged.name,
        "address": judged.address,
        "reason": judged.why,
    }


def _mail(writer: Writer, kind: str, judged: Judged) -> dict[str, object]:
    mail = writer.mail(kind, judged, 0, clock.now(), signed=False)
    text, html = (mail.message.get_body((each,)) for each in ("plain", "html"))
    return {
        "contact": public_id(judged.record),
        "account": public_id(judged.account) if judged.account else None,
        "language": mail.language,
        "sender": str(mail.message["From"]),
        "to": mail.to,
        "subject": str(mail.message["Subject"]),
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
    }


def path_of(sending: Sending) -> str:
    """Where sendings of this kind are in the API."""
    return PATHS.get(sending["kind"], OTHER_PATH)


def shown(sending: Sending) -> dict[str, object]:
    """A sending as the API answers it."""
    here = f"{web.PREFIX}{path_of(sending)}/{shown_id(sending)}"
    states = store().states(sending)
    return {
        **sending,
        "id": shown_id(sending),
        "found_all": sending["found"],
        "letters": {status: states[status] for status in STATUSES if states.get(status)},
        "job": sending["which"].get("job"),
        "created_by": sending["by"],
        "links": {"self": here, "stop": f"{here}/stop", "resume": f"{here}/resume"},
    }


def latest(kind: str, query: SendingsAsked) -> dict[str, object]:
    """The firm's latest sendings."""
    return {"items": [shown(each) for each in store().latest(kind, query["limit"])]}


def known(sending: Sending | None) -> Sending:
    """A sending that the firm has; raises the problem where it has none."""
    if sending is None:
        raise Problem("not_found")
    return sending


def stop(kind: str, sending_id: str) -> dict[str, object]:
    """Stop a sending; raises the problem of one that is done."""
    stopped = known(store().stop(kind, sending_id))
    if stopped["status"] == DONE:
        raise Problem("sending_ended")
    return shown(stopped)


def resume(kind: str, sending_id: str) -> dict[str, object]:
    """Go on with a sending; raises the problem of one that has ended."""
    resumed = known(store().resume(kind, sending_id))
    if resumed["status"] == DONE or resumed["why_stopped"] == IMPORT_UNDONE:
        raise Problem("sending_ended")
    return shown(resumed)
