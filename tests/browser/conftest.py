"""Fixtures: one system, one headless Chromium, and for each test a new firm with its owner signed in.

Debian's chromium is used; where it is missing and cannot be installed, the tests are skipped and say so.
Pictures of pages are kept in `.local/screenshots`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from deploy.local.servers import MailCatcher, MongoServer, RabbitServer
from tests.browser.platform_page import Platform
from tests.system import MAILS_TO_CLIENTS, TEAM, Client, System, token

PICTURES = Path(__file__).parents[2] / ".local" / "screenshots"
LIMIT_MS = 15_000


def _chromium() -> str | None:
    found = shutil.which("chromium")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"]
        subprocess.run(["apt-get", "update", "-q"], check=False, capture_output=True)
        subprocess.run(command, check=False, capture_output=True)
    return shutil.which("chromium")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    path = _chromium()
    if path is None:
        pytest.skip(
            "no Chromium here, and no root to install Debian's: the pages were NOT tried in a browser"
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """A page of a platform, on another site, that may embed ours."""
    platform = Platform()
    yield platform
    platform.end()


@pytest.fixture(scope="package")
def system(
    mongo_server: MongoServer,
    rabbit_server: RabbitServer,
    mail_server: MailCatcher,
    tmp_path_factory: pytest.TempPathFactory,
    platform: Platform,
) -> Iterator[System]:
    """All processes, running."""
    name = f"browser-{uuid.uuid4().hex[:8]}"
    system = System(
        tmp_path_factory.mktemp("browser"),
        mongo_server.url_of(name),
        rabbit_server.add_vhost(name),
        mail_server.url,
        {
            "LEASE_SECONDS": "10",
            "EMBED_ORIGINS": platform.url,
            **MAILS_TO_CLIENTS,
        },
    )
    platform.carryover = system.url
    yield system.start()
    system.end()


class Wizard:
    """A person at the pages, and the same person at the API."""

    def __init__(self, page: Page, client: Client, bearer: str, test: str) -> None:
        self.page = page
        self.client = client
        self.bearer = bearer
        self.test = test
        self.errors: list[str] = []
        page.set_default_timeout(LIMIT_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console", lambda message: self.errors.append(message.text) if message.type == "error" else None
        )

    def open(self, path: str = "/") -> Page:
        """Go to a page, signing in by the platform's link."""
        base = self.client.url.removesuffix("/api/v1")
        self.page.goto(f"{base}/signin?token={self.bearer}&next={path}")
        return self.page

    def upload(self, content: bytes, name: str = "clients.csv") -> str:
        """Bring a file on the start page; gives the id of the job once its page is there."""
        self.open("/")
        self.page.set_input_files(
            "input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content}
        )
        if "/jobs/" not in self.page.url and (go := self.page.locator("form button.main")).is_visible():
            go.click()
        self.page.wait_for_url(re.compile(r"/jobs/[0-9a-f]+/"))
        return self.page.url.split("/jobs/")[1].split("/")[0]

    def picture(self, name: str) -> None:
        """Keep what the page looks like."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{self.test}-{name}.png", full_page=True)

    def must_be_accessible(self) -> None:
        """Fail on anything that axe finds wrong with the page."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def wizard(
    browser: Browser, system: System, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Wizard]]:
    """Makes people: `wizard(locale="fr", phone=True, dark=True, scripts=False, role="employee")`."""
    made: list[tuple[BrowserContext, Wizard]] = []

    def make(
        *, locale: str = "en", phone: bool = False, dark: bool = False, scripts: bool = True, **claims: Any
    ) -> Wizard:
        firm = claims.pop("firm", None) or f"firm-{uuid.uuid4().hex[:8]}"
        context = browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale=locale,
            timezone_id="Europe/Brussels",
            reduced_motion="reduce",
        )
        bearer = token(firm, locale=locale, exp=int(time.time()) + 3600, **claims)
        client = Client(system.url, firm, locale=locale)
        client.put("/directory", {"team_members": TEAM})
        person = Wizard(context.new_page(), client, bearer, request.node.name.removeprefix("test_")[:60])
        made.append((context, person))
        return person

    yield make
    for context, person in made:
        context.close()
        person.client.close()
    assert [person.errors for _, person in made if person.errors] == []
