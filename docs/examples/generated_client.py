import csv
import io
import os
import sys
import zipfile

sys.path.insert(0, os.getcwd())  # where the client was generated

from carryover_api import AuthenticatedClient
from carryover_api.api.importer import post_job_confirm
from carryover_api.api.mapper import get_job_mapping, post_job_map, put_job_mapping
from carryover_api.api.notifier import get_job_skipped_zip
from carryover_api.api.upload import get_job, post_jobs
from carryover_api.models import MappingBody, PostJobsFilesBody
from carryover_api.types import File

LIST = b"""Account name,First name,Last name,Email
Cedar NV,Ann,Alder,ann@cedar.example
Birch BV,Bob,Beech,bob at birch.example
"""
url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with AuthenticatedClient(url, token, headers={"X-Firm-Id": firm}) as client:
    body = PostJobsFilesBody(file=File(io.BytesIO(LIST), "clients.csv"))
    job = post_jobs.sync(client=client, body=body, idempotency_key="clients-of-march")

    job = get_job.sync(job.id, client=client, wait=30)
    mapping = get_job_mapping.sync(job.id, client=client)
    put_job_mapping.sync(job.id, client=client, body=MappingBody.from_dict(mapping.to_dict()))
    post_job_map.sync(job.id, client=client)

    job = get_job.sync(job.id, client=client, wait=30)
    post_job_confirm.sync(job.id, client=client)
    job = get_job.sync(job.id, client=client, wait=30)
    print(job.status.value, job.result.rows_loaded, "loaded,", job.result.rows_skipped, "skipped")

    archive = get_job_skipped_zip.sync(job.id, client=client)
    with zipfile.ZipFile(archive.payload) as files:
        text = files.read(files.namelist()[0]).decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text)):
        print("row", row["_row"], row["_problem"])
