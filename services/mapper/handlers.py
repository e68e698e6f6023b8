"""Suggests a mapping for a file that was read."""

from __future__ import annotations

from typing import Any

from services.mapper.mapping import MappingError, confirm_mapping, first_mapping, missing_fields
from services.mapper.settings_of_job import SettingsError, confirm_settings, first_settings
from shared.plumbing.flow import Conclusion
from shared.plumbing.mongo import Database
from shared.plumbing.worker import Done, Handler, Work


def propose(work: Work) -> Done:
    """Suggest a mapping and settings, or take those that came with the upload."""
    job, reference = work.job, work.directory.reference()
    mapping = first_mapping(job["source"]["column_list"], job["kind"])
    settings = first_settings(mapping, reference)
    options = job["options"]
    problem = None
    try:
        if "mapping" in options:
            mapping = confirm_mapping(options["mapping"], job["source"]["column_list"], job["kind"], mapping)
        if "settings" in options:
            settings = confirm_settings(options["settings"], settings, mapping, reference)
    except (MappingError, SettingsError) as error:
        problem = {"code": "invalid_content", "params": {}, "errors": error.problems}
    work.jobs.write(job, "mapper", mapping={**mapping, "problem": problem}, settings=settings)
    return Done()


def conclude(_db: Database, job: dict[str, Any], _totals: dict[str, Any]) -> Conclusion:
    """Autostart goes on only when every field that is needed has a confident column."""
    if job["mapping"]["problem"]:
        return Conclusion(hold=job["mapping"]["problem"])
    missing = missing_fields(job["mapping"], job["kind"])
    if missing:
        return Conclusion(hold={"code": "required_not_mapped", "params": {"field": ", ".join(missing)}})
    return Conclusion()


HANDLERS = {"propose": Handler(propose, conclude)}
