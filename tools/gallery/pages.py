"""The pages of the gallery: what each is called, and its address among the things of a furnished firm."""

from __future__ import annotations

#: By name, the address; what is in braces is an id of `Firm.ids`.
PAGES = {
    "start": "/",
    "file": "/jobs/{proposed}/file",
    "file-empty": "/jobs/{empty}",
    "accounts": "/jobs/{proposed}/accounts",
    "accounts-wide": "/jobs/{wide}/accounts?part=all",
    "accounts-built": "/jobs/{wide}/accounts?part=all&built=1",
    "settings": "/jobs/{proposed}/settings",
    "contacts": "/jobs/{proposed}/contacts",
    "contacts-household": "/jobs/{household}/contacts",
    "review": "/jobs/{validated}/review",
    "review-household": "/jobs/{household}/review",
    "review-repair": "/jobs/{validated}/review?tab=invalid&edit=3",
    "review-fix": "/jobs/{validated}/review?problem=invalid_email&fix=invalid_email",
    "review-updates": "/jobs/{validated}/review?tab=update",
    "review-wide": "/jobs/{validated}/review?tab=all&columns=all",
    "result": "/jobs/{imported}/result",
    "result-undone": "/jobs/{undone}/result",
    "result-cancelled": "/jobs/{cancelled}/result",
    "corrected": "/jobs/{imported}/corrected",
    "undo": "/jobs/{imported}/undo",
    "clients": "/clients",
    "clients-contacts": "/clients?kind=contacts",
    "clients-none": "/clients?q=nobody+has+this",
    "client-account": "/clients/accounts/{account}",
    "client-contact": "/clients/contacts/{contact}",
    "client-change": "/clients/accounts/{account}/change",
    "client-remove": "/clients/accounts/{account}/remove",
    "letters": "/letters",
    "letter": "/letters/invitations/{sending}",
    "webhooks": "/webhooks",
    "webhook": "/webhooks/{webhook}",
    "not-found": "/jobs/01a2266b5635a22dbe99d6f438c61cb0",
}
#: Pages that only somebody sees who is not signed in.
SIGNED_OUT = {"signed-out": "/goodbye", "not-signed-in": "/clients"}
