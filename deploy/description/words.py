"""What the OpenAPI document says about the whole API, about groups of calls, parameters and headers."""

from __future__ import annotations

from typing import NamedTuple

ABOUT = """\
Carries a firm's client list into the platform it works on.

**Calls.** JSON in and out, in UTF-8. Each call states the right that it needs (`x-permission`). Lists come in pages:
`next` is the `cursor` of the next page, and null on the last one. Times are in UTC, as RFC 3339 has it, with
milliseconds and `Z`: `2026-03-02T08:15:00.000Z`.

**Refusals** are `application/problem+json` (RFC 9457) with a stable `code`; `detail` is in the language of the token or
of `Accept-Language`. Each call lists those that it may answer, with an example by code. Any call may answer 405 to a
method that the address does not take (with `Allow`), and 500 where the mistake is ours.

**Trying again.** 429 and 503 have `Retry-After`. Each call that changes something says what a repetition does.

**Each answer** has an `X-Request-Id`: the one of the request, where that is at most 64 letters, digits, `_` and `-`, or
a new one. Nothing is kept in caches (`Cache-Control: no-store`).

**Versions.** Within `/api/v1` only compatible changes are made: paths, fields, values and statuses are added, and none
is removed. So ignore what you do not know. A part that will go is announced with `Deprecation` and `Sunset` at least
twelve months before. See the page *Versions* of the guide, `/docs/versioning/`.\
"""

SERVERS = [
    {"url": "/", "description": "Where this document comes from"},
    {
        "url": "{origin}",
        "description": "Another system",
        "variables": {
            "origin": {"default": "http://127.0.0.1:8080", "description": "Its scheme, host and port"}
        },
    },
]

TAGS = {
    "upload": "Files and rows that come in, jobs and how far they are, how a file is read, and empty templates",
    "mapper": "Which column becomes which field, what an import applies to its records, and saved mappings",
    "validator": "What will happen: the report, the rows, their repair, and a preview of a mapping",
    "importer": "Loading and undoing, the firm's accounts and contacts, and its directory",
    "notifier": "Lists of skipped rows, letters to clients, and webhooks with their deliveries",
}


class Parameter(NamedTuple):
    """The words for a parameter that has none of its own, and its example."""

    example: object
    about: str = ""


#: By place and name.
PARAMETERS = {
    ("path", "job_id"): Parameter("019cad11b2a0c3f5e8d7b6a4f1c2e3d4", "The `id` of an import"),
    ("path", "name"): Parameter(
        "accounts-and-contacts",
        "`accounts-and-contacts`, `accounts`, `contacts`, `household` or `accounton`",
    ),
    ("path", "profile_id"): Parameter("4be1c0ffa1d27c33", "The `id` of a saved mapping"),
    ("path", "record_id"): Parameter("3f9a52b01c7d4e6688a0b1c2", "The `id` of the record"),
    ("path", "contact_id"): Parameter("7c1d90ab34ef5566e2f4a8c0", "The `id` of a contact"),
    ("path", "merge_id"): Parameter("b0e2c4d6f8a1937550617283", "The `merge` of the answer to a merge"),
    ("path", "webhook_id"): Parameter("9d2c4b6a8e0f1357", "The `id` of a webhook, or `callback`"),
    ("path", "delivery_id"): Parameter("5a7c9e1b3d5f7092", "The `id` of a delivery"),
    ("path", "sending_id"): Parameter("7c1e5a90b3d24f68a1c7e2d4", "The `id` of a sending"),
    ("path", "claim"): Parameter("019cad11b2a0c3f5e8d7b6a4f1c2e3d4", "The `claim` of an upload"),
    ("header", "X-Firm-Id"): Parameter("demo"),
    ("header", "Tus-Resumable"): Parameter("1.0.0"),
    ("header", "Upload-Length"): Parameter("20665139"),
    ("header", "Upload-Metadata"): Parameter("filename Y2xpZW50cy5jc3Y="),
    ("header", "Upload-Offset"): Parameter("4194304"),
    ("header", "Idempotency-Key"): Parameter("export-2026-03-02"),
    ("header", "Last-Event-ID"): Parameter("4.1f0c9a7be2d3"),
    ("header", "If-Match"): Parameter(
        '"7"', "The `ETag` that the writer saw: where somebody changed it since, the answer is 412"
    ),
    ("query", "cursor"): Parameter(
        "019cad11b2a0c3f5e8d7b6a4f1c2e3d4", "The `next` of the page before; without it the first page"
    ),
    ("query", "limit"): Parameter(20, "How many items a page has at most"),
    ("query", "wait"): Parameter(30),
    ("query", "after"): Parameter("4.1f0c9a7be2d3"),
    ("query", "lang"): Parameter("fr", "The language; without it that of the caller"),
    ("query", "bucket"): Parameter("invalid", "Only rows of this bucket: what happens to them"),
    ("query", "problem"): Parameter("invalid_email", "Only rows that have a problem with this code"),
    ("query", "q"): Parameter("peeters"),
    ("query", "row"): Parameter("2,7"),
    ("query", "outcome"): Parameter("skipped", "Only rows with which loading did this"),
    ("query", "name"): Parameter("bakery"),
    ("query", "type"): Parameter("Company"),
    ("query", "assignee"): Parameter("anna"),
    ("query", "language"): Parameter("nl", "Only records with this language"),
    ("query", "questionnaire"): Parameter("Personal income tax"),
    ("query", "invitation"): Parameter("failed", "Only contacts whose invitation is in this state"),
    ("query", "tag"): Parameter("vip", "Only records that have this tag"),
    ("query", "job"): Parameter("019cad11b2a0c3f5e8d7b6a4f1c2e3d4", "Only those of the import with this id"),
    ("query", "total"): Parameter(True),
    ("query", "numbers"): Parameter(False),
    ("query", "all"): Parameter(True),
    ("query", "state"): Parameter("failed", "Only deliveries at this state"),
}
#: Examples of single calls, by operation and parameter.
EXAMPLES_OF_CALLS: dict[tuple[str, str], object] = {
    ("get_job_rows", "cursor"): "0.50",
    ("get_accounts", "cursor"): "WyJiYWtlcnkiLCAiM2Y5YSJd",
    ("get_contacts", "cursor"): "WyJwZWV0ZXJzIiwgIjNmOWEiXQ",
}
#: The signs of a list of one client, and a form with that file.
LIST = "Account name,Email\nBakery Peeters,an@peeters.example\n"
FORM = {"file": LIST, "options": '{"autostart": true}'}


def _header(about: str, example: object, **schema: object) -> dict[str, object]:
    return {
        "description": about,
        "required": True,
        "schema": {"type": "string", **schema},
        "example": example,
    }


#: The headers of answers, by name.
HEADERS = {
    "X-Request-Id": _header(
        "The id of the request: your own, or a new one; logs have it, too",
        "4c2f8f0b9d3e4a7f9e6f1c2b3a4d5e6f",
        pattern="^[A-Za-z0-9_-]{1,64}$",
    ),
    "Cache-Control": _header("Nothing is kept in caches", "no-store"),
    "Retry-After": _header("The seconds after which to try again", "5", pattern="^[0-9]+$"),
    "WWW-Authenticate": _header("How to sign in", "Bearer"),
    "Location": _header(
        "The address of what was made, or is worked on",
        "/api/v1/jobs/019cad11b2a0c3f5e8d7b6a4f1c2e3d4",
        format="uri-reference",
    ),
    "ETag": _header("The revision, for `If-Match`", '"7"', pattern='^"[0-9]+"$'),
    "Content-Disposition": _header("The name of the file", 'attachment; filename="skipped-rows.zip"'),
    "Idempotency-Replayed": {
        **_header("`true` where the job was made by an earlier request with the same key", "true"),
        "required": False,
    },
}
#: Those of every answer, and those of every answer with a status.
OF_EVERY_ANSWER = ("X-Request-Id", "Cache-Control")
BY_STATUS = {
    "401": ("WWW-Authenticate",),
    "423": ("Retry-After",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
#: What is made, or worked on, has an address (`Location`), but for this.
WITHOUT_ADDRESS = ("post_uploads",)
#: Those of the good answer of single calls.
BY_CALL = {
    "post_jobs": ("Idempotency-Replayed",),
    "get_directory": ("ETag",),
    "put_directory": ("ETag",),
    "get_account": ("ETag",),
    "patch_account": ("ETag",),
    "get_contact": ("ETag",),
    "patch_contact": ("ETag",),
    "get_template_xlsx": ("Content-Disposition",),
    "get_template_csv": ("Content-Disposition",),
    "get_job_skipped_zip": ("Content-Disposition",),
    "get_job_skipped_xlsx": ("Content-Disposition",),
    "get_job_undone_zip": ("Content-Disposition",),
}
