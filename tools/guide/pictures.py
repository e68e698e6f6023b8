"""Makes the pictures of the guide: `make pictures`, with Chromium, against the system on PORT (8080).

A firm of its own goes through an import of `clients-with-mistakes.csv`; each page is kept as a WebP image that is small
enough to be part of the repository.
"""

from __future__ import annotations

import base64
import email
import email.policy
import os
import sys
import time
import uuid
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from carryover_client import Client
from deploy.local.state import State
from deploy.local.system import DEFAULT_PORT, token

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
WIDTH, HIGHEST = 1100, 960  # pixels
MOST_BYTES = 60_000
QUALITIES = (0.82, 0.7, 0.55, 0.4)
#: Where the last thing on the page ends, and some space.
END_OF_CONTENT = """Math.max(...[...document.querySelectorAll("main > *, body > :not(main, footer, #announce)")]
    .map((element) => element.getBoundingClientRect().bottom)) + 24"""
LIMIT = 60.0  # seconds
TEAM = [
    {"id": "anna", "name": "Anna Claes", "email": "anna@office.example"},
    {"id": "bruno", "name": "Bruno Lambert", "email": "bruno@office.example"},
]
KNOWN = [
    {"Account name": "Drukkerij Maes", "First name": "Ilse", "Last name": "Maes", "Email": "ilse@maes.example",
     "Phone": "+32470111222", "City": "Gent"},
    {"Account name": "Lefèvre Zoé", "First name": "Zoé", "Last name": "Lefèvre", "Email": "zoe@lefevre.example",
     "City": "Namur"},
]  # fmt: skip
LIST = """Account name;Account type;First name;Last name;Email;Phone;City;Tags;Binder colour
Bakkerij Peeters;Company;An;Peeters;an@peeters.example;0470 12 34 56;Gent;food, vip;red
Bakkerij Peeters;Company;Bob;Peeters;bob@peeters.example;0470 12 34 57;Gent;food;red
Garage Dubois;Company;Luc;Dubois;luc at dubois.example;0470 12 34 58;Namur;;blue
Drukkerij Maes;Company;Ilse;Maes;ilse@maes.example;0470 99 88 77;Gent;;blue
Mia Jansen;Individual;Mia;Jansen;mia@jansen.example;;Antwerpen;vip;red
Zoé Lefèvre;Individual;Zoé;Lefèvre;zoe@other.example;;Namur;;green
Café Central;Company;Noël;Dupré;noel@central.example;12;Liège;food;green
Sofie Claes;Individual;Sofie;Claes;sofie@claes.example;0470 22 33 44;Leuven;;red
"""


class Album:
    """Pictures of pages as one person sees them."""

    def __init__(self, browser: Browser, url: str, bearer: str, folder: Path) -> None:
        context = browser.new_context(
            viewport={"width": WIDTH, "height": 400},
            locale="en",
            timezone_id="Europe/Brussels",
            reduced_motion="reduce",
        )
        self.page = context.new_page()
        self.drawing = context.new_page()
        self.folder = folder
        self.url = url
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(f"{url}/signin?token={bearer}")

    def open(self, path: str) -> Page:
        """Go to a page."""
        self.page.set_viewport_size({"width": WIDTH, "height": 400})
        self.page.goto(self.url + path)
        return self.page

    def keep(self, name: str, part: str = "") -> None:
        """Keep what the window shows of the page, or a part of it, down to its end. Raises ValueError when too large.

        The bar at the end of a window is where the window ends, so it must be as high as the picture.
        """
        self.page.set_viewport_size({"width": WIDTH, "height": 3 * HIGHEST if part else HIGHEST})
        box = self.page.locator(part or "body").first.bounding_box()
        assert box is not None
        end = min(box["y"] + box["height"], box["y"] + HIGHEST)
        if not part:
            end = min(end, self.page.evaluate(END_OF_CONTENT))
        clip = {**box, "height": end - box["y"]}
        png = self.page.screenshot(clip=clip)  # type: ignore[arg-type]
        images = (self._as_webp(png, quality) for quality in QUALITIES)
        image = next((image for image in images if len(image) <= MOST_BYTES), None)
        if image is None:
            raise ValueError(f"{name} has more than {MOST_BYTES} bytes")
        (self.folder / f"{name}.webp").write_bytes(image)
        print(f"{name}: {len(image):,} bytes")

    def _as_webp(self, png: bytes, quality: float) -> bytes:
        address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        drawn: str = self.drawing.evaluate(
            """async ([address, quality]) => {
                const image = new Image(); image.src = address; await image.decode();
                const canvas = document.createElement("canvas");
                canvas.width = image.width; canvas.height = image.height;
                canvas.getContext("2d").drawImage(image, 0, 0);
                return canvas.toDataURL("image/webp", quality);
            }""",
            [address, quality],
        )
        return base64.b64decode(drawn.partition(",")[2])


def through_the_pages(album: Album, api: Client) -> str:
    """An import from its file to its undo, a picture of each page; gives the id of its job."""
    page = album.open("/")
    album.keep("start")
    file = {"name": "clients-with-mistakes.csv", "mimeType": "text/csv", "buffer": LIST.encode("cp1252")}
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
    page.wait_for_url("**/jobs/*/**")
    job = page.url.split("/jobs/")[1].split("/")[0]
    api.wait(job, until="proposed", timeout=LIMIT)
    for name in ("file", "accounts", "settings", "contacts"):
        album.open(f"/jobs/{job}/{name}")
        album.keep(name)
    page.get_by_role("button", name="Check the rows").click()
    page.wait_for_url("**/review")
    page.get_by_role("button", name="Start import").wait_for()
    album.keep("review", "#will")
    album.keep("problems", "#problems")
    album.keep("rows", "#grid")
    page.get_by_role("button", name="Start import").click()
    page.wait_for_url(f"**/jobs/{job}/result")
    api.wait(job, until="imported", timeout=LIMIT)
    page.wait_for_timeout(3000)  # the list of rows left out is made, and the mail is sent
    album.open(f"/jobs/{job}/result")
    album.keep("result")
    album.open(f"/clients?job={job}")
    album.keep("clients")
    album.open(f"/jobs/{job}/undo")
    album.keep("undo")
    return job


def mail_of(state: State, job: str) -> str:
    """The mail about a job as a page, from the mail catcher of the system."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        for path in (state.folder / "mail" / "mails").glob("*.eml"):
            body = email.message_from_bytes(path.read_bytes(), policy=email.policy.default).get_body(
                ("html",)
            )
            if body is not None and job in (text := body.get_content()):
                return str(text)
        time.sleep(0.2)
    raise TimeoutError("no mail has come")


def main() -> int:
    """The command line; 1 where no system runs."""
    state = State.of_port(int(os.environ.get("PORT") or DEFAULT_PORT))
    if state.runner() is None:
        print("No system runs: make up", file=sys.stderr)
        return 1
    bearer = token(state, f"guide-{uuid.uuid4().hex[:6]}", "owner", "en")
    signed = {"Authorization": f"Bearer {bearer}"}
    team = httpx.put(f"{state.url}/api/v1/directory", json={"team_members": TEAM}, headers=signed)
    team.raise_for_status()
    with Client(state.url, bearer) as api, sync_playwright() as driver:
        api.wait(api.send_rows(KNOWN, {"autostart": True})["id"], until="imported", timeout=LIMIT)
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        album = Album(browser, state.url, bearer, FOLDER)
        job = through_the_pages(album, api)
        album.page.set_content(mail_of(state, job))
        album.keep("mail")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
