"""Problems of jobs: why an import stopped, or has to wait."""

from __future__ import annotations

from shared.contract.problems.kinds import ERROR, JOB, WARNING, kinds
from shared.contract.texts.catalogues import gettext_noop as _

KINDS = (
    *kinds(
        JOB,
        ERROR,
        {
            "no_progress": _(
                "The import made no progress for {minutes} min and was stopped. Start it again; nothing is"
                " loaded twice."
            ),
            "too_many_failures": _(
                "A step failed {count} times and was given up. The team of the platform has been informed."
            ),
            "numbers_do_not_balance": _(
                "Rows read: {read}; rows accounted for: {accounted}. The import waits until the difference is"
                " explained."
            ),
            "parked": _("A message of this import was set aside for the team of the platform."),
            "unreadable_file": _("The file could not be read. {detail}"),
            "file_missing": _("The uploaded file is no longer there. Upload it again."),
            "upload_incomplete": _("The upload broke off. Upload the file again."),
            "deadline_passed": _(
                "The import was not finished within {hours} h and was stopped. Start it again."
            ),
            "too_many_invalid": _(
                "Rows that are invalid: {invalid}; allowed for an automatic start: {allowed}. Look at them, then"
                " confirm."
            ),
            "stopped_by_person": _("The import was stopped by {who}. What was loaded until then is listed."),
            "left_alone": _(
                "Nobody came back to this import in time (days: {days}), so it was stopped; its file and rows were"
                " removed. Upload the file again to import it."
            ),
        },
    ),
    *kinds(
        JOB,
        WARNING,
        {
            "service_away": _(
                "The part of Carryover that does this is not running at the moment. Nothing is lost: it goes on"
                " by itself as soon as the part is back."
            ),
            "messages_away": _(
                "The parts of Carryover cannot reach each other at the moment. Nothing is lost: the work goes on"
                " by itself as soon as they can."
            ),
            "in_queue": _(
                "Other imports are worked on first; tasks in front of this one: {count}. It begins by itself."
            ),
        },
    ),
)
