"""Invitations of contacts to the portal: a last check, sending, and what the platform reports of them."""

from __future__ import annotations

from typing import TypedDict

from flask.typing import ResponseReturnValue

from services.notifier.api import letters
from services.notifier.api.letters import (
    NOT_SENT_HERE,
    Asked,
    InvitationsAsked,
    InvitationsPreviewed,
    LettersPreview,
    Previewed,
    SendingAnswer,
    SendingList,
    SendingsAsked,
    SendingsQuery,
)
from services.notifier.api.service import routes
from shared.contract.answers import InvitationOfContact
from shared.contract.bounded import Choice
from shared.contract.requests import Input
from shared.contract.sendings import INVITATION, REPORTED, shown_letter
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem


class InvitationReport(Input):
    """What became of an invitation."""

    status = Choice(
        REPORTED,
        required=True,
        metadata={
            "description": "`accepted`: the contact has access, invited or not; `bounced`: the mail came back"
        },
    )


class InvitationReported(TypedDict):
    """The body that `InvitationReport` reads."""

    status: str


@routes.on("GET", "/invitations", may=MANAGE_CONTACTS, answer=SendingList, query=SendingsQuery)
def invitation_sendings(query: SendingsAsked) -> dict[str, object]:
    """The latest sendings of invitations."""
    return letters.latest(INVITATION, query)


@routes.on(
    "POST",
    "/invitations",
    may=MANAGE_CONTACTS,
    takes=InvitationsAsked,
    answer=SendingAnswer,
    status=202,
    problems=NOT_SENT_HERE,
)
def send_invitations(body: Asked) -> ResponseReturnValue:
    """Invite contacts to the portal; each gets one mail, however often it is asked for.

    Repeated, it makes another sending, which sends nothing more to those who got their mail.
    """
    return letters.ask(INVITATION, body)


@routes.on(
    "POST",
    "/invitations/preview",
    may=MANAGE_CONTACTS,
    takes=InvitationsPreviewed,
    answer=LettersPreview,
    problems=("not_set_up", "not_found"),
)
def preview_invitations(body: Previewed) -> dict[str, object]:
    """Who would be invited, who would not and why, and the mails; nothing is sent.

    Repeated, it answers the same.
    """
    return letters.preview(INVITATION, body)


@routes.on("GET", "/invitations/<sending_id>", may=MANAGE_CONTACTS, answer=SendingAnswer)
def invitation_sending(sending_id: str) -> dict[str, object]:
    """One sending of invitations."""
    return letters.shown(letters.known(letters.store().get(INVITATION, sending_id)))


@routes.on(
    "POST",
    "/invitations/<sending_id>/stop",
    may=MANAGE_CONTACTS,
    answer=SendingAnswer,
    problems=("sending_ended",),
)
def stop_invitations(sending_id: str) -> dict[str, object]:
    """Stop a sending; what is not sent waits until somebody resumes it.

    Repeated, it changes nothing more.
    """
    return letters.stop(INVITATION, sending_id)


@routes.on(
    "POST",
    "/invitations/<sending_id>/resume",
    may=MANAGE_CONTACTS,
    answer=SendingAnswer,
    problems=("sending_ended",),
)
def resume_invitations(sending_id: str) -> dict[str, object]:
    """Go on with a sending that a person stopped.

    Repeated, it changes nothing more.
    """
    return letters.resume(INVITATION, sending_id)


@routes.on(
    "POST",
    "/contacts/<record_id>/invitation",
    may=MANAGE_CONTACTS,
    takes=InvitationReport,
    answer=InvitationOfContact,
)
def report_invitation(body: InvitationReported, record_id: str) -> dict[str, object]:
    """What the platform knows of an invitation; for tokens with the role `service` only.

    Repeated, it changes nothing more.
    """
    caller = web.caller()
    contact = f"{caller.firm}/{record_id}"
    if not web.directory().fetch("contacts", [contact], None, "_id"):
        raise Problem("not_found")
    if caller.role != "service":
        raise Problem("not_allowed", right="report invitations")
    return dict(shown_letter(letters.store().report(record_id, body["status"])))
