"""Steps two to four: the columns of accounts, the settings, the columns of contacts."""

from __future__ import annotations

from typing import Any

from flask import render_template

from services.wizard.pages import job, pages


@pages.get("/jobs/<job_id>/accounts")
def accounts(job_id: str) -> Any:
    """Which columns go where in accounts."""
    return render_template("accounts.html", job=job(job_id))


@pages.get("/jobs/<job_id>/settings")
def settings(job_id: str) -> Any:
    """What the import applies to the records it makes."""
    return render_template("settings.html", job=job(job_id))


@pages.get("/jobs/<job_id>/contacts")
def contacts(job_id: str) -> Any:
    """Which columns go where in contacts."""
    return render_template("contacts.html", job=job(job_id))
