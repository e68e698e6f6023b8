"""Tests the notifier on a real database and mail server: each recipient gets one mail."""

from __future__ import annotations

import csv
import io
import socket
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import jwt
import openpyxl
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask.testing import FlaskClient
from pymongo.errors import AutoReconnect

from services.notifier.app import create_app
from services.notifier.handlers import notify, skipped_id
from shared.contract.documents.chunk import Cells, Checks, Outcomes, Part, Plan, RowProblem
from shared.contract.job import RESULTS, new_job
from shared.contract.rights import RIGHTS
from shared.contract.skipped_rows import MOST_ROWS
from shared.plumbing.bus import TryLater
from shared.plumbing.job_store import JobStore, new_job_id
from shared.plumbing.mongo import Database, connect, ensure_indexes
from shared.plumbing.row_store import RowStore
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import LeaseLost
from shared.plumbing.worker import Work

FIRM = "firm-a"
ANNA, BERT, CARL = "anna@firm.example", "bert@firm.example", "carl@firm.example"
SECRET = "a secret of more than thirty-two letters"


class Postbox:
    """Keeps what it accepts; `at_rcpt` and `at_data` have answers other than yes, by recipient."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.at_rcpt: dict[str, str] = {}
        self.at_data: dict[str, str] = {}

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to one recipient."""
        answer = self.at_rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Answer to one mail."""
        address = envelope.rcpt_tos[0]
        answer = self.at_data.get(address, "250 OK")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.SMTP)
            assert isinstance(mail, EmailMessage)
            self.mails.append((address, mail))
        return answer

    def addresses(self) -> list[str]:
        """Who got a mail, in alphabetical order."""
        return sorted(address for address, _ in self.mails)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def smtp_url(postbox: Postbox) -> Iterator[str]:
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def settings(mongodb_url: str, smtp_url: str) -> Settings:
    return Settings(
        mongodb_url=mongodb_url,
        broker_url="memory://",
        smtp_url=smtp_url,
        public_url="https://carry.example",
        jwt_secret=SECRET,
        mail_from="Carryover <no-reply@carry.example>",
    )


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    database = connect(settings.mongodb_url)
    ensure_indexes(database)
    yield database
    database.client.close()


def make_job(db: Database, status: str = "imported", skipped: int = 2, **parts: Any) -> dict[str, Any]:
    """A job of three rows at a status, with the rows of its two chunks."""
    by = {"id": "u1", "email": ANNA, "locale": "en", "rights": RIGHTS}
    options = {"notify": parts.pop("notify")} if "notify" in parts else {}
    job = new_job(new_job_id(), FIRM, "contacts", options, {"name": "clients.csv"}, by, datetime.now(UTC))
    job["source"] |= {"rows": 3, "chunks": [2, 1], "revision": 1, "delimiter": ";"}
    names = ("Name", "Column B", "Phone")
    job["source"]["column_list"] = [{"index": index, "name": name} for index, name in enumerate(names)]
    job["mapping"] = {"columns": [{"index": 2, "action": "sync", "target": "contact.phone"}]}
    job["counts"] |= {"invalid": 1}
    job["result"] |= {"rows_loaded": 3 - skipped, "rows_skipped": skipped}
    job |= {"status": status, **parts}
    JobStore(db, FIRM).add(job)
    _keep_rows(RowStore(db, FIRM, job["_id"]))
    return job


def _keep_rows(rows: RowStore) -> None:
    problem = RowProblem(1, "contact.phone", "invalid_phone", {"value": "12"})
    parts: list[Part] = [
        Cells(n=0, first=2, rows=[["Anna", "", "1"], ["=Bert", "x", "12"]]),
        Checks(n=0, problems=[problem]),
        Plan(n=0, buckets=["new", "invalid"]),
        Outcomes(n=0, outcomes=["loaded", "skipped"]),
        Cells(n=1, first=9, numbers=[9], rows=[["Carl", "", "+32470123456"]]),
        Checks(n=1),
        Plan(n=1, buckets=["update"]),
        Outcomes(n=1, outcomes=["skipped"], reasons={0: "changed_since_review"}),
    ]
    for part in parts:
        rows.write(part, 1)


def work_on(db: Database, settings: Settings, job: dict[str, Any]) -> Work:
    """The task of sending mail about a job, as it is in the database now."""
    return Work(JobStore(db, FIRM).get(job["_id"]), {"_id": "task", "n": 0, "rows": 3}, db, settings)


def notices(db: Database, job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {notice["to"]: notice for notice in JobStore(db, FIRM).get(job["_id"])["notices"]}


# mails


def test_each_recipient_gets_one_mail(db: Database, settings: Settings, postbox: Postbox) -> None:
    job = make_job(db, notify=[ANNA, BERT, ANNA.upper()])
    assert notify(work_on(db, settings, job)).counts == {"mails": 2}
    assert postbox.addresses() == [ANNA, BERT]
    for address, mail in postbox.mails:
        assert mail["To"] == address
        assert mail["Subject"] == "Your client list is imported: 1 row loaded, 2 skipped"
        html, text = mail.get_body(("html",)), mail.get_body(("plain",))
        assert html is not None
        assert text is not None
        assert f"https://carry.example/jobs/{job['_id']}" in text.get_content()
        assert mail["Message-ID"] == notices(db, job)[address]["message_id"]
        assert notices(db, job)[address]["sent_at"] is not None


def test_the_importer_gets_mail_where_nobody_else_is_named(
    db: Database, settings: Settings, postbox: Postbox
) -> None:
    notify(work_on(db, settings, make_job(db)))
    assert postbox.addresses() == [ANNA]


@pytest.mark.parametrize("parts", [{"created_by_email": None}, {"notify": []}])
def test_where_nobody_is_to_get_mail_the_work_is_done(
    db: Database, settings: Settings, postbox: Postbox, parts: dict[str, Any]
) -> None:
    assert notify(work_on(db, settings, make_job(db, **parts))).counts == {"mails": 0}
    assert postbox.mails == []


def test_a_second_run_sends_nothing(db: Database, settings: Settings, postbox: Postbox) -> None:
    job = make_job(db, notify=[ANNA, BERT])
    notify(work_on(db, settings, job))
    before = notices(db, job)
    assert notify(work_on(db, settings, job)).counts == {"mails": 0}
    assert len(postbox.mails) == 2
    assert notices(db, job) == before


def test_each_status_has_a_mail_of_its_own(db: Database, settings: Settings, postbox: Postbox) -> None:
    job = make_job(db)
    notify(work_on(db, settings, job))
    db.jobs.update_one({"_id": job["_id"]}, {"$set": {"status": "undone"}})
    notify(work_on(db, settings, job))
    assert [mail["Subject"] for _, mail in postbox.mails][1] == "Your import has been undone"


def test_a_mail_of_a_failed_job_gives_its_reason_in_the_language_of_the_job(
    db: Database, settings: Settings, postbox: Postbox
) -> None:
    reason = {"code": "encrypted", "params": {}}
    notify(work_on(db, settings, make_job(db, "failed", reason=reason, locale="nl")))
    [(_, mail)] = postbox.mails
    text = mail.get_body(("plain",))
    assert text is not None
    assert mail["Subject"] == "Uw klantenlijst is niet geïmporteerd"
    assert "wachtwoord" in text.get_content()


@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
def test_a_temporary_refusal_delays_one_mail_and_no_other(
    db: Database, settings: Settings, postbox: Postbox, stage: str
) -> None:
    job = make_job(db, notify=[ANNA, BERT, CARL])
    setattr(postbox, stage, {ANNA: "451 Later"})
    with pytest.raises(TryLater, match="451"):
        notify(work_on(db, settings, job))
    assert postbox.addresses() == [BERT, CARL]
    assert ANNA not in notices(db, job)
    setattr(postbox, stage, {})
    assert notify(work_on(db, settings, job)).counts == {"mails": 1}
    assert postbox.addresses() == [ANNA, BERT, CARL]


@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
def test_a_refusal_for_good_stops_no_other_mail(
    db: Database, settings: Settings, postbox: Postbox, stage: str
) -> None:
    job = make_job(db, notify=[ANNA, BERT])
    setattr(postbox, stage, {ANNA: "550 No such user anna"})
    assert notify(work_on(db, settings, job)).counts == {"mails": 1}
    assert postbox.addresses() == [BERT]
    assert notices(db, job)[ANNA]["sent_at"] is None
    assert notices(db, job)[ANNA]["error"] == "550"
    setattr(postbox, stage, {})
    notify(work_on(db, settings, job))
    assert postbox.addresses() == [BERT]


def test_what_is_no_address_stops_no_other_mail(db: Database, settings: Settings, postbox: Postbox) -> None:
    job = make_job(db, notify=["anna", BERT])
    notify(work_on(db, settings, job))
    assert postbox.addresses() == [BERT]
    assert notices(db, job)["anna"]["error"] == "invalid_address"


def test_a_mail_server_that_is_away_delays_all(db: Database, settings: Settings, postbox: Postbox) -> None:
    job = make_job(db)
    away = Settings(**{**vars(settings), "smtp_url": f"smtp://127.0.0.1:{free_port()}"})
    with pytest.raises(TryLater, match="ConnectionRefusedError"):
        notify(work_on(db, away, job))
    assert notices(db, job) == {}
    notify(work_on(db, settings, job))
    assert postbox.addresses() == [ANNA]


def test_a_database_that_is_away_for_a_moment_doubles_no_mail(
    db: Database, settings: Settings, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(db)
    failures = [AutoReconnect("away"), AutoReconnect("still away")]
    note = JobStore.note

    def unwell(store: JobStore, *args: Any, **parts: Any) -> None:
        if failures:
            raise failures.pop()
        note(store, *args, **parts)

    monkeypatch.setattr(JobStore, "note", unwell)
    notify(work_on(db, settings, job))
    assert postbox.addresses() == [ANNA]
    assert notices(db, job)[ANNA]["sent_at"] is not None


def test_a_worker_whose_lease_is_lost_sends_nothing_more(
    db: Database, settings: Settings, postbox: Postbox
) -> None:
    work = work_on(db, settings, make_job(db))
    work.lost.set()
    with pytest.raises(LeaseLost):
        notify(work)
    assert postbox.mails == []


# the list of skipped rows


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    app = create_app(settings)
    yield app.test_client()
    app.extensions["carryover"].db.client.close()


def download(
    client: FlaskClient, job: dict[str, Any], firm: str = FIRM, name: str = "skipped.zip", lang: str = "en"
) -> Any:
    until = datetime.now(UTC) + timedelta(minutes=5)
    claims = {"sub": "u1", "firm": firm, "role": "owner", "exp": until, "locale": lang}
    token = jwt.encode(claims, SECRET, algorithm="HS256")
    return client.get(f"/api/v1/jobs/{job['_id']}/{name}", headers={"Authorization": f"Bearer {token}"})


def unzipped(content: bytes) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("skipped-rows.csv").decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_list_of_skipped_rows_is_kept_before_the_mail_goes_out(
    db: Database, settings: Settings, postbox: Postbox, client: FlaskClient
) -> None:
    job = make_job(db)
    postbox.at_rcpt = {ANNA: "451 Later"}
    work = work_on(db, settings, job)
    with pytest.raises(TryLater):
        notify(work)
    kept = work.files.open(skipped_id(job["_id"])).read()
    answer = download(client, job)
    assert answer.status_code == 200
    assert answer.data == kept
    lines = unzipped(kept)
    assert lines[0] == ["Name", "Column B", "Phone", "_row", "_problem", "_reason"]
    assert [line[:5] for line in lines[1:]] == [
        ["'=Bert", "x", "12", "3", "invalid_phone"],
        ["Carl", "", "+32470123456", "9", "changed_since_review"],
    ]


def test_the_list_is_an_attachment_that_no_browser_guesses_about(db: Database, client: FlaskClient) -> None:
    answer = download(client, make_job(db))
    assert answer.content_type == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="skipped-rows.zip"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_list_is_made_on_the_spot_before_the_notifier_came_to_it(
    db: Database, settings: Settings, client: FlaskClient
) -> None:
    job = make_job(db)
    early = unzipped(download(client, job).data)
    notify(work_on(db, settings, job))
    assert unzipped(download(client, job).data) == early
    assert len(early) == 3


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({"skipped": 0}, 404, "not_found"),
        ({"status": "mapped"}, 409, "wrong_state"),
        ({"status": "validated", "counts": {"invalid": 0, "unselected": 0}}, 404, "not_found"),
        ({"status": "failed"}, 409, "wrong_state"),
        ({"purged_at": datetime.now(UTC)}, 410, "purged"),
    ],
)
def test_where_there_is_no_list_the_answer_says_why(
    db: Database, client: FlaskClient, parts: dict[str, Any], status: int, code: str
) -> None:
    answer = download(client, make_job(db, **parts))
    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize("name", ["skipped.zip", "skipped.xlsx"])
def test_the_list_of_another_firm_is_not_there(db: Database, client: FlaskClient, name: str) -> None:
    assert download(client, make_job(db), firm="firm-b", name=name).status_code == 404


@pytest.mark.parametrize("status", ["validated", "confirmed"])
def test_before_loading_the_list_has_the_rows_that_will_be_skipped(
    db: Database, client: FlaskClient, status: str
) -> None:
    job = make_job(db, status=status, skipped=0)
    db.outcomes.delete_many({"job": job["_id"]})
    assert [line[3:5] for line in unzipped(download(client, job).data)[1:]] == [["3", "invalid_phone"]]


def test_the_list_is_in_the_language_of_who_asks(
    db: Database, settings: Settings, client: FlaskClient
) -> None:
    job = make_job(db)
    notify(work_on(db, settings, job))
    reasons = {lang: unzipped(download(client, job, lang=lang).data)[1][5] for lang in ("en", "fr", "nl")}
    assert "not a phone number" in reasons["en"]
    assert "pas un numéro" in reasons["fr"]
    assert "geen telefoonnummer" in reasons["nl"]


def test_the_workbook_has_the_same_rows_and_marks_the_cell(db: Database, client: FlaskClient) -> None:
    answer = download(client, make_job(db), name="skipped.xlsx", lang="nl")
    assert answer.content_type.endswith("spreadsheetml.sheet")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="skipped-rows.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [[cell.value for cell in row[:5]] for row in sheet["A2:F3"]] == [
        ["=Bert", "x", "12", "3", "invalid_phone"],
        ["Carl", None, "+32470123456", "9", "changed_since_review"],
    ]
    assert [c.coordinate for row in sheet for c in row if c.comment] == ["C2"]
    assert "geen telefoonnummer" in sheet["C2"].comment.text


def test_a_workbook_of_too_many_rows_is_refused_with_the_way_out(db: Database, client: FlaskClient) -> None:
    job = make_job(db, result={**dict.fromkeys(RESULTS, 0), "rows_skipped": MOST_ROWS + 1})
    answer = download(client, job, name="skipped.xlsx")
    assert (answer.status_code, answer.json["code"]) == (422, "too_many_rows_for_a_workbook")
    assert "skipped.zip" in answer.json["detail"]


def test_nothing_is_kept_where_no_row_was_skipped(db: Database, settings: Settings) -> None:
    job = make_job(db, skipped=0)
    work = work_on(db, settings, job)
    notify(work)
    with pytest.raises(KeyError):
        work.files.open(skipped_id(job["_id"]))
