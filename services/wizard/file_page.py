"""The first step: what was found in the file, and the choice of something else."""

from __future__ import annotations

from typing import Any

from flask import render_template

from services.wizard.pages import job, pages


@pages.get("/jobs/<job_id>/file")
def file(job_id: str) -> Any:
    """What was found in the file."""
    return render_template("file.html", job=job(job_id))
