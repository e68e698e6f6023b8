"""What uploads, and choices for their reading, may be refused with, by code."""

from __future__ import annotations

from shared.contract.problems import ERROR, FILE, KINDS
from shared.plumbing.web import OVERTAKEN, Refusal

#: A choice of how a file is read that fits no file, or not this one.
NO_SUCH_READING: tuple[Refusal, ...] = (("unusable_delimiter", 422), "undecodable", "unknown_sheet")
#: A form with a file, before anybody has read the file.
WRONG_FORM: tuple[Refusal, ...] = (
    *("bad_request", "too_large", "unsupported_media_type", "invalid_content"),
    *("empty", "unsupported_format"),
)
#: The request for an import, whose file may be a list of skipped rows that comes back, and is read at once.
WRONG_UPLOAD: tuple[Refusal, ...] = (
    *WRONG_FORM,
    *NO_SUCH_READING,
    *(kind.code for kind in KINDS.values() if kind.where == FILE and kind.severity == ERROR and kind.status),
    *("too_many_jobs", "idempotency_conflict", "private_address", "unknown_address"),
    *("unknown_import", "purged", "wrong_state", OVERTAKEN, "unknown_claim", "upload_unfinished"),
)
