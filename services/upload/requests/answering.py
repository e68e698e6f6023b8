"""Takes requests for imports from the queue, makes their jobs, and answers."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

from services.upload.containers.detection import HEAD, refuse_by_head
from services.upload.model.source import ReadError
from services.upload.new_jobs.making import Asking, Received, refusal, refuse_options
from services.upload.requests.message import Requested, read_request, unpacked
from services.upload.sandbox.limits import most_bytes
from shared.contract.answers import JobAnswer
from shared.contract.documents.job import Job
from shared.contract.routes import API
from shared.contract.texts.catalogues import SOURCE
from shared.plumbing.auth import MANAGE_CONTACTS, AuthError, Caller, bearer_token, read_token
from shared.plumbing.bus import Asked, RequestConsumer, Unpublished
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.file_store import FileStore
from shared.plumbing.job_store import JobStore, new_job_id
from shared.plumbing.job_view import show
from shared.plumbing.log import log
from shared.plumbing.mongo import is_passing
from shared.plumbing.patience import patiently
from shared.plumbing.problem import Problem, problem_document
from shared.plumbing.worker import Worker

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


def answer_requests(worker: Worker) -> None:
    """Answer requests until the worker stops; where there is no broker, nobody can ask."""
    if worker.settings.broker_url.startswith("memory://"):
        return
    answers = Answers(worker)
    RequestConsumer(worker.settings.broker_url, answers.answer, worker.stopping).run()


class Answers:
    """Makes the job of a request, and sends the answer."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def answer(self, asked: Asked) -> None:
        """Answer one request; returns when it may be acknowledged.

        A request that comes again gives the same job and the same answer. A refusal that nobody waits for is parked.
        """
        answered = patiently(self.worker.stopping, is_passing)(self._answer_to, asked)
        if answered is None:
            raise Unpublished("the worker stops before the request is answered")
        document, refused = answered
        reached = bool(asked.reply_to) and self.worker.publisher.reply(
            str(asked.reply_to), document, asked.correlation_id
        )
        if refused and not reached:
            self.worker.publisher.park(self.worker.service, asked.body, refused)
        log.info("request answered", refused=refused, reached=reached)

    def _answer_to(self, asked: Asked) -> tuple[dict[str, object], str | None]:
        """The answer, and the code of the refusal, if it is one."""
        request_id = asked.correlation_id or uuid.uuid4().hex
        lang = SOURCE
        try:
            request = read_request(asked.body)
            caller = _caller_of(asked, request, self.worker.settings.jwt_secret)
            lang = caller.locale
            job = self._job_of(request, caller)
        except Problem as problem:
            return problem_document(problem, lang, request_id), problem.code
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("request failed")
            code = "internal_error"
            return problem_document(Problem(code, status=500), SOURCE, request_id), code
        shown = show(job, self.worker.flow, API, lang)
        return dict(JobAnswer().dump(shown)), None

    def _job_of(self, request: Requested, caller: Caller) -> Job:
        refuse_options(request["options"], self.worker.settings.webhook_networks)
        if "repairs" in request["options"]:
            raise Problem(
                "invalid_content", errors={"options": {"repairs": ["Send repaired rows over HTTP."]}}
            )
        db, firm = self.worker.db, caller.firm
        asking = Asking(caller, JobStore(db, firm), FileStore(db, firm), self.worker.flow)
        asking.refuse_when_full(self.worker.settings.jobs_at_once, request["idempotency_key"])
        if "claim" in request:
            job, _ = asking.make_job_of_upload(
                request["claim"], request["options"], request["idempotency_key"]
            )
            return job
        job_id = new_job_id()
        return asking.make_job(job_id, self._received(asking, job_id, request), request["idempotency_key"])

    def _received(self, asking: Asking, job_id: str, request: Requested) -> Received:
        options, name = request["options"], request["name"]
        if "rows" in request:
            return asking.keep_rows(job_id, name, request["rows"], options)
        limits = DirectoryStore(self.worker.db, asking.caller.firm).reference().get("limits") or {}
        content = unpacked(
            request.get("content", ""), most_bytes(limits, self.worker.settings.max_upload_bytes)
        )
        try:
            refuse_by_head(content[:HEAD])
        except ReadError as error:
            raise refusal(error) from error
        return asking.keep_content(job_id, name, content, options)


def _caller_of(asked: Asked, request: Requested, secret: str) -> Caller:
    """Who asks; a service asks for the person whom the request names.

    Raises `Problem` `not_authenticated`, `token_expired` or `not_allowed`.
    """
    token = bearer_token(str(asked.headers.get("authorization", "")))
    if not token:
        raise Problem("token_missing", status=401)
    try:
        caller = read_token(token, secret, request["firm"])
    except AuthError as error:
        raise Problem(error.code, right="firm") from None
    if caller.firm != request["firm"]:
        raise Problem("not_allowed", right="firm")
    if not caller.may(MANAGE_CONTACTS):
        raise Problem("not_allowed", right=MANAGE_CONTACTS.replace("_", " "))
    person = request.get("requested_by")
    if caller.role != "service" or not person:
        return caller
    return replace(caller, id=person, email=person if _ADDRESS.fullmatch(person) else caller.email)
