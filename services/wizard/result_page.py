"""After the start: progress, the numbers, the rows left out, and the way back."""

from __future__ import annotations

from typing import Any

from flask import render_template

from services.wizard.pages import job, pages


@pages.get("/jobs/<job_id>/result")
def result(job_id: str) -> Any:
    """How an import stands, or what came of it."""
    return render_template("result.html", job=job(job_id))
