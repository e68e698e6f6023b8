"""The fifth step: what will happen, the rows, their repair, and the start."""

from __future__ import annotations

from typing import Any

from flask import render_template

from services.wizard.pages import job, pages


@pages.get("/jobs/<job_id>/review")
def review(job_id: str) -> Any:
    """What will happen, before it does."""
    return render_template("review.html", job=job(job_id))
