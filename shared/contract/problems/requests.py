"""Problems of requests: why a call of the API is refused."""

from __future__ import annotations

from shared.contract.problems.kinds import ERROR, REQUEST, kinds
from shared.contract.texts.catalogues import gettext_noop as _

#: codes and sentences by HTTP status
BY_STATUS = {
    400: {
        "bad_request": _("The request cannot be understood. {detail}"),
    },
    401: {
        "not_authenticated": _("Sign in first: the request carries no valid token."),
        "token_expired": _("The sign-in has expired. Sign in again."),
    },
    403: {
        "not_allowed": _("You may not do this. Ask the owner of the firm for the right to {right}."),
    },
    404: {
        "not_found": _("There is nothing here, or it is not yours. Check the address."),
    },
    405: {
        "method_not_allowed": _("This address does not take {method}. See the description of the API."),
    },
    406: {
        "not_acceptable": _("This cannot be given in the form that was asked for. Ask for application/json."),
    },
    409: {
        "nothing_to_undo": _("No repair is left to undo."),
        "link_used": _("This link was used before. Open Carryover from your platform again."),
        "wrong_state": _("The status of the job is “{standing}”; this is possible only at {allowed}."),
        "idempotency_conflict": _("This idempotency key was used for another request. Use a new key."),
        "name_taken": _("“{name}” exists already. Choose another name."),
        "undo_expired": _("An import can be undone for {days} days; that time is over."),
        "not_of_callbacks": _(
            "This webhook has no address of its own: it signs what is posted to the callback_url of imports."
        ),
        "too_many_webhooks": _("The firm has {max} webhooks, and may not have more. Remove one first."),
        "wrong_offset": _(
            "{offset} bytes of the upload have arrived, and this part begins at {given}. Go on at {offset}."
        ),
        "upload_unfinished": _(
            "{offset} of {bytes} bytes of the upload have arrived. Send the others first, then ask for the import."
        ),
        "may_be_known": _(
            "You may have this client already. Look at those that are named; if it is another one, say so and send it"
            " again."
        ),
        "contradicts": _(
            "These two have different numbers or dates of birth, so they may be two clients. Merge them only if you are"
            " certain, and say so."
        ),
        "merge_expired": _(
            "A merge can be undone for {days} days; that time is over, or it was undone before."
        ),
        "merged_again": _(
            "The client of this merge was merged with another since. Undo that merge first, or leave both."
        ),
        "not_set_up": _(
            "Such mails cannot be sent here yet: the team of the platform has to set {setting} first."
        ),
        "too_many_sendings": _(
            "The firm has {max} sendings under way, and may not have more. Wait until one is done, or stop one."
        ),
        "sending_ended": _("This sending has ended. Ask for a new one."),
        "nothing_loaded": _("This import has loaded nothing, so there is nothing to undo."),
    },
    410: {
        "purged": _("The file and its rows were removed; only the numbers are kept."),
        "merged": _("This client was merged into {name}. Use that one: its id is {id}."),
    },
    412: {
        "changed_meanwhile": _(
            "Somebody changed this in the meantime. Load it again and repeat your change."
        ),
        "unknown_tus_version": _("Version {version} of tus is not offered. Send Tus-Resumable: {versions}."),
    },
    415: {
        "unsupported_media_type": _("The request is sent as {found}. Send it as {expected}."),
    },
    422: {
        "unknown_import": _("There is no import {job}. Name the import whose skipped rows these are."),
        "too_many_rows_for_a_workbook": _(
            "{count} rows were skipped; a workbook is made of at most {max}. Take the list as CSV"
            " (skipped.zip)."
        ),
        "too_many_clients_for_a_workbook": _(
            "The list has more than {max} rows, which is too many for a workbook. Filter it, or take it as CSV."
        ),
        "invalid_content": _("Some of what was sent is not right; the list of errors says what and where."),
        "unknown_claim": _(
            "There is no upload {claim}, or it was used or has ended. Upload the list again, and send the new claim."
        ),
        "wrong_value": _("“{value}” is not allowed for {name}. Allowed: {allowed}."),
        "private_address": _(
            "The address {url} is not a public one. Give an https address that can be reached from outside."
        ),
        "unknown_address": _("No server is found under {url}. Check the name in the address."),
    },
    423: {
        "upload_busy": _("Another request is sending this upload. Try again in {seconds} seconds."),
    },
    429: {
        "too_many_uploads": _(
            "Too many uploads of the firm are not finished: {count}, with {bytes} bytes in all. Finish or remove one"
            " first; each ends a day after its last byte."
        ),
        "too_many_requests": _("Too many requests. Try again in {seconds} seconds."),
        "too_many_jobs": _("The firm has {count} imports running. Wait until one is done."),
    },
    500: {
        "internal_error": _(
            "Something went wrong on our side. Try again; if it stays, tell us the number {request_id}."
        ),
    },
    503: {
        "unavailable": _("A part of the service cannot be reached now. Try again in a moment."),
    },
    504: {
        "no_answer_in_time": _("The answer took too long. The work goes on; ask for the job again."),
    },
}

KINDS = tuple(kind for status, texts in BY_STATUS.items() for kind in kinds(REQUEST, ERROR, texts, status))
