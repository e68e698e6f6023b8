"""Questionnaires of accounts, sent to the contacts who get notices for the account: a last check, and sending."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from services.notifier.api import letters
from services.notifier.api.letters import (
    NOT_SENT_HERE,
    Asked,
    LettersPreview,
    Previewed,
    QuestionnairesAsked,
    QuestionnairesPreviewed,
    SendingAnswer,
    SendingList,
    SendingsAsked,
    SendingsQuery,
)
from services.notifier.api.service import routes
from shared.contract.sendings import QUESTIONNAIRE
from shared.plumbing.auth import MANAGE_CONTACTS


@routes.on("GET", "/questionnaires/send", may=MANAGE_CONTACTS, answer=SendingList, query=SendingsQuery)
def questionnaire_sendings(query: SendingsAsked) -> dict[str, object]:
    """The latest sendings of questionnaires."""
    return letters.latest(QUESTIONNAIRE, query)


@routes.on(
    "POST",
    "/questionnaires/send",
    may=MANAGE_CONTACTS,
    takes=QuestionnairesAsked,
    answer=SendingAnswer,
    status=202,
    problems=NOT_SENT_HERE,
)
def send_questionnaires(body: Asked) -> ResponseReturnValue:
    """Send the questionnaires of accounts that were not sent yet; the first mail makes an account's `sent`.

    Repeated, it makes another sending, which sends nothing more to those who got their mail.
    """
    return letters.ask(QUESTIONNAIRE, body)


@routes.on(
    "POST",
    "/questionnaires/send/preview",
    may=MANAGE_CONTACTS,
    takes=QuestionnairesPreviewed,
    answer=LettersPreview,
    problems=("not_set_up", "not_found"),
)
def preview_questionnaires(body: Previewed) -> dict[str, object]:
    """Who would get a questionnaire, who would not and why, and the mails; nothing is sent.

    Repeated, it answers the same.
    """
    return letters.preview(QUESTIONNAIRE, body)


@routes.on("GET", "/questionnaires/send/<sending_id>", may=MANAGE_CONTACTS, answer=SendingAnswer)
def questionnaire_sending(sending_id: str) -> dict[str, object]:
    """One sending of questionnaires."""
    return letters.shown(letters.known(letters.store().get(QUESTIONNAIRE, sending_id)))


@routes.on(
    "POST",
    "/questionnaires/send/<sending_id>/stop",
    may=MANAGE_CONTACTS,
    answer=SendingAnswer,
    problems=("sending_ended",),
)
def stop_questionnaires(sending_id: str) -> dict[str, object]:
    """Stop a sending; what is not sent waits until somebody resumes it.

    Repeated, it changes nothing more.
    """
    return letters.stop(QUESTIONNAIRE, sending_id)


@routes.on(
    "POST",
    "/questionnaires/send/<sending_id>/resume",
    may=MANAGE_CONTACTS,
    answer=SendingAnswer,
    problems=("sending_ended",),
)
def resume_questionnaires(sending_id: str) -> dict[str, object]:
    """Go on with a sending that a person stopped.

    Repeated, it changes nothing more.
    """
    return letters.resume(QUESTIONNAIRE, sending_id)
