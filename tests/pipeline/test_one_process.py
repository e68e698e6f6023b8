"""Tests the system in one process, with the broker in its memory."""

from __future__ import annotations

from pathlib import Path

from deploy.local.servers import MailCatcher
from tests.pipeline.conftest import LIMIT, carried, mails_about, people, records
from tests.system import Client, System


def test_a_file_is_imported_without_rabbitmq(
    mongodb_url: str, mail_server: MailCatcher, tmp_path: Path
) -> None:
    settings = {"CARRYOVER_WORKERS_IN_WEB": "1", "CHUNK_ROWS": "20"}
    system = System(tmp_path, mongodb_url, "memory://", mail_server.url, settings)
    try:
        system.start("web")
        client = Client(system.url, "laptop")
        job = carried(client, people(70, bad=1), max_invalid={"rows": 1})
        assert job["result"]["rows_loaded"] == 69
        assert len(records(client, "accounts")) == 69
        assert len(mails_about(mail_server, job["id"])) == 1
        assert client.wait_for(job["id"], "imported", limit=LIMIT)["waiting_for"] is None
        client.close()
        assert system["web"].stop() == 0
    finally:
        system.end()
