"""Tests every kind of link and form of every page, at every status of a job, in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urljoin, urlsplit
from zlib import crc32

import pytest

from services.wizard.review_problems import TITLES
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.job_store import new_job_id
from tests.integration.conftest import Standing, token
from tests.integration.troubled_list import FIRM
from tests.visiting import Form, Page, Visitor

#: pages that an address may be kept of, whatever the status
PAGES = ("", "/file", "/accounts", "/settings", "/contacts", "/review", "/result", "/undo", "/corrected")
#: of a query, the parameters that distinguish kinds of links; rows and cursors do not
TELLING = ("tab", "problem", "fix", "columns", "reason")
RECORD = re.compile(r"(/clients/\w+)/[0-9a-f]{8,}")
JOB = re.compile(r"/jobs/([0-9a-f]{8,})")
LEAST_CODES = 35
#: buttons of the firm's own data that change clients, which other tests look at
OF_CLIENTS = ("everywhere", "hand_over", "list")


def jobs_of(standing: Standing) -> dict[str, str]:
    """A job of the firm's own at every status, by status."""
    jobs = {name: standing.copy(job) for name, job in standing.looked_at.items()}
    for name, before, method, call in (
        ("mapped", "proposed", "POST", "/map"),
        ("confirmed", "validated", "POST", "/confirm"),
        ("undoing", "imported", "POST", "/undo"),
        ("cancelled", "validated", "POST", "/cancel"),
        ("purged", "imported", "DELETE", ""),
    ):
        jobs[name] = standing.copy(standing.looked_at[before])
        standing.good(method, f"/jobs/{jobs[name]}{call}", bearer=token(FIRM))
    for name in ("uploaded", "failed"):
        jobs[name] = new_job_id()
        standing.db.jobs.insert_one({**standing.kept[name], "_id": jobs[name], "firm": FIRM})
    return jobs


class Crawl:
    """One person's way over all pages: links first, which change nothing, then forms, each on a job of its own."""

    def __init__(self, standing: Standing, jobs: dict[str, str], language: str) -> None:
        self.standing = standing
        self.names = {job: name for name, job in jobs.items()}
        self.language = language
        self.visitor = Visitor(standing.app, token(FIRM), language)
        self.seen: set[str] = set()
        self.forms: dict[str, tuple[str, str, tuple[str, str]]] = {}
        self.codes: set[str] = set()
        self.wrong: list[str] = []

    def follow_links(self) -> None:
        """Open every kind of link once, from the start page and from each page of each job.

        A link of a page of rows keeps what the page shows, so there is no end to them: those of such a page are
        followed, and those of the pages behind them are not.
        """
        waiting = ["/", *(f"/jobs/{job}{page}" for job in self.names for page in PAGES)]
        while waiting:
            url = waiting.pop(0)
            if not self._is_new(url):
                continue
            page = self.visitor.open(url)
            self.look(f"link {url}", page)
            self._remember_forms(page)
            if "?" not in url:
                waiting += self._links(page)

    def _links(self, page: Page) -> Iterator[str]:
        for link in page.content.links:
            url = urlsplit(urljoin(page.url, link))
            if url.path.startswith("/docs/"):
                continue  # the guide has tests of its own
            if not url.netloc and (JOB.search(url.path) is None or JOB.findall(url.path)[0] in self.names):
                yield url._replace(fragment="").geturl()

    def _is_new(self, url: str) -> bool:
        parts = urlsplit(url)
        query = {name: value if name in TELLING else "" for name, value in parse_qsl(parts.query)}
        code = query.get("problem") or query.get("fix")
        self.codes |= {code} if code else set()
        deep = query or JOB.search(url) is None
        if deep and not self._is_mine(code or f"{parts.path}{sorted(query.items())}"):
            return False
        path = JOB.sub(lambda found: f"/{self.names[found[1]]}", RECORD.sub(r"\1", parts.path))
        kind = f"{path if not code else 'code'}?{sorted(query.items())}"
        fresh = kind not in self.seen
        self.seen.add(kind)
        return fresh

    def _is_mine(self, what: str) -> bool:
        """Whether this is the language for it: lists, links of a problem and forms are many, and tried in one each."""
        return crc32(what.encode()) % len(LANGUAGES) == LANGUAGES.index(self.language)

    def _remember_forms(self, page: Page) -> None:
        job = JOB.search(page.url)
        for form in page.content.forms:
            if urlsplit(form.action).path.startswith("/clients/") and form.action.endswith(
                ("/remove", "/merge", "/links")
            ):
                continue  # other tests look at the same clients
            for button in form.buttons or [("", "")]:
                if urlsplit(form.action).path.startswith("/firm/") and button[1] in OF_CLIENTS:
                    continue
                path = _plain(form)
                name = self.names[job[1]] if job and path.startswith("/jobs") else ""
                self.forms.setdefault(f"{name} {path} {button}", (page.url, path, button))

    def send_forms(self) -> None:
        """Send the kinds of forms as they are filled in, with each of their buttons."""
        mine = {kind: place for kind, place in self.forms.items() if self._is_mine(kind)}
        for kind, (url, path, button) in mine.items():
            job = JOB.search(url)
            own = self.standing.copy(job[1]) if job else ""
            page = self.visitor.open(url.replace(job[1], own) if job else url)
            form = next(form for form in page.content.forms if _plain(form) == path)
            self.look(f"form {kind}", self._send(page, form, button))
            if job:
                self.standing.db.jobs.delete_one({"_id": own})
            if form.action.endswith("/signout"):
                self.visitor = Visitor(self.standing.app, token(FIRM), self.language)

    def _send(self, page: Page, form: Form, button: tuple[str, str]) -> Page:
        sure = {"sure": "1"} if form.action.endswith("/undo") and "/review/" not in form.action else {}
        return self.visitor.send(page, form, button, **sure)

    def look(self, what: str, page: Page) -> None:
        """Note what is wrong with a page; files that are downloaded have no heading."""
        if page.status >= 500 or (what.startswith("link") and page.status >= 400 and not self._gone(what)):
            self.wrong.append(f"{self.language} {what}: {page.status} at {page.url}")
        elif page.text and page.content.headings != 1:
            self.wrong.append(f"{self.language} {what}: {page.content.headings} headings at {page.url}")
        elif what.startswith("link") and page.text and not self._leads_back(page):
            self.wrong.append(f"{self.language} {what}: no way back from {page.url}")

    @staticmethod
    def _leads_back(page: Page) -> bool:
        """Whether the content itself links to the start: within a page of the platform there is no head."""
        return page.url == "/" or 'href="/"' in page.text.partition("<main")[2]

    def _gone(self, what: str) -> bool:
        """Whether a link leads to rows and files that were deleted, or to an address nobody is sent to."""
        job = JOB.search(what)
        return job is not None and what.endswith(PAGES[1:])


def _plain(form: Form) -> str:
    """Where a form goes to, without ids and numbers."""
    return re.sub(r"/[0-9a-f]{8,}|/\d+$", "/-", urlsplit(form.action).path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_link_and_no_form_breaks_a_page(looked_at: Standing, language: str) -> None:
    crawl = Crawl(looked_at, jobs_of(looked_at), language)
    crawl.follow_links()
    crawl.send_forms()
    assert crawl.wrong == []
    assert len(crawl.codes & TITLES.keys()) >= LEAST_CODES
    assert len(crawl.forms) > 40
