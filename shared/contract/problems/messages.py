"""Problems of messages: why a message of the broker is refused."""

from __future__ import annotations

from shared.contract.problems.kinds import ERROR, MESSAGE, kinds
from shared.contract.texts.catalogues import gettext_noop as _

KINDS = (
    *kinds(
        MESSAGE,
        ERROR,
        {
            "unknown_version": _(
                "Version {version} of the message is not known here. Use one of: {versions}."
            ),
            "unknown_type": _("Messages of type “{type}” are not known here."),
            "not_json": _("The body of the message is not JSON. Send UTF-8 JSON."),
            "invalid_message": _("The message does not have the agreed shape: {detail}"),
            "message_too_large": _("The message is larger than {max}. Send larger files over HTTP."),
            "token_missing": _("The message carries no token. Put a signed token in its headers."),
            "unknown_job": _("The message speaks of a job that does not exist."),
        },
    ),
)
