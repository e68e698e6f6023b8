"""The step `propose`: suggest a mapping and settings for a file that was read."""

from __future__ import annotations

from services.mapper.settings.confirmed_mapping import MappingError, confirm_mapping, missing_fields
from services.mapper.settings.job_settings import Chooser, SettingsError, confirm_settings, first_settings
from services.mapper.settings.suggested_mapping import first_mapping
from shared.contract.documents.job import Job, Refusal
from shared.contract.documents.task import Counts
from shared.contract.job import mapping_of
from shared.contract.rights import MANAGE_CUSTOM_FIELDS, rights_of
from shared.plumbing.flow import Conclusion
from shared.plumbing.mongo import Database
from shared.plumbing.profile_store import ProfileStore
from shared.plumbing.worker import Done, Handler, Work


def propose(work: Work) -> Done:
    """Suggest a mapping and settings, or take those that came with the upload."""
    job, reference = work.job, work.directory.reference()
    custom, columns, options = reference["custom_fields"], job["source"]["column_list"], job["options"]
    store = ProfileStore(work.db, job["firm"])
    profiles = [p for p in store.all() if options.get("profile") in (None, p["id"])]
    rights = rights_of(job)
    may_create = MANAGE_CUSTOM_FIELDS in rights
    mapping = first_mapping(columns, job["kind"], custom, profiles, may_create=may_create)
    settings = first_settings(mapping, reference)
    problem: Refusal | None = None
    try:
        if "mapping" in options:
            mapping = confirm_mapping(
                options["mapping"], columns, job["kind"], mapping, custom, may_create=may_create
            )
        if "settings" in options:
            invites = bool(work.settings.invitation_url)
            chooser = Chooser(rights, frozenset({job["created_by"]}), invites)
            settings = confirm_settings(options["settings"], settings, mapping, reference, chooser)
    except (MappingError, SettingsError) as error:
        problem = {"code": "invalid_content", "params": {}, "errors": error.problems}
    work.jobs.write(job, "mapper", mapping={**mapping, "problem": problem}, settings=settings)
    return Done()


def conclude(_db: Database, job: Job, _totals: Counts) -> Conclusion:
    """Hold the job for a person where its own mapping has a problem, or a needed field has no column."""
    mapping = mapping_of(job)
    if problem := mapping.get("problem"):
        return Conclusion(hold=problem)
    missing = missing_fields(mapping, job["kind"])
    if missing:
        return Conclusion(hold={"code": "required_not_mapped", "params": {"field": ", ".join(missing)}})
    return Conclusion()


HANDLERS = {"propose": Handler(propose, conclude)}
