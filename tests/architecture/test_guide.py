"""Tests that the guide is built without a wrong link, is complete, asks no other host, and keeps its promises."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from deploy.openapi import document
from services.wizard.guide import TYPES
from shared.contract.fields import FIELDS
from shared.contract.problems import KINDS
from shared.contract.rights import RIGHTS
from shared.contract.texts.catalogues import catalogue
from shared.plumbing.auth import PERMISSIONS, VIEW_REGISTER_NUMBERS
from shared.plumbing.settings import Settings, by_name
from tests.architecture.code import ROOT
from tools.guide.build import build
from tools.guide.hooks import INCLUDED, SCRIPTS

#: What the pages are made of.
SOURCES = ("docs", "tools", "shared", "deploy", "client/README.md", "mkdocs.yml", "CHANGELOG.md")
#: Tags that load something as soon as a page is opened.
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
NO_REQUEST = {"canonical", "alternate", "next", "prev"}
MOST_BYTES_OF_A_PICTURE, MOST_PICTURES = 60_000, 12


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide as it is built from this folder."""
    folder = tmp_path_factory.mktemp("guide") / "site"
    assert build(folder) == ""
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, str]:
    """The HTML of all pages by path."""
    return {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.html")}


def text_of(pages: dict[str, str], path: str) -> str:
    """The text of a page without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", pages[path]))


class Loads(HTMLParser):
    """The addresses that a page loads by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag loads."""
        given = dict(attrs)
        address = given.get(LOADING.get(tag, ""))
        if address and not NO_REQUEST & set((given.get("rel") or "").split()):
            self.found.append(address)


def test_no_page_loads_anything_from_another_host(site: Path, pages: dict[str, str]) -> None:
    foreign = {address for text in pages.values() for address in Loads(text).found if "//" in address}
    assert foreign == set()
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(\s*[\"']?(?:https?:)?//[^)]+|@import[^;]+", styles) == []


def test_the_policy_has_the_hash_of_every_inline_script(site: Path, pages: dict[str, str]) -> None:
    hashes = json.loads((site / SCRIPTS).read_text())
    assert 0 < len(hashes) < 20
    assert not any(re.search(r"<[a-z][^>]*\son[a-z]+=", text) for text in pages.values())


def test_the_server_knows_the_type_of_every_file(site: Path) -> None:
    endings = {path.suffix for path in site.rglob("*") if path.is_file()}
    assert endings - set(TYPES) == set()


def test_every_call_is_in_the_reference(pages: dict[str, str]) -> None:
    text = pages["reference/http/index.html"]
    operations = [
        operation["operationId"]
        for item in json.loads(document())["paths"].values()
        for name, operation in item.items()
        if name != "parameters"
    ]
    assert len(operations) > 40
    assert [name for name in operations if f'id="{name}"' not in text] == []


def test_every_shape_message_problem_field_and_setting_is_in_the_reference(pages: dict[str, str]) -> None:
    asyncapi = json.loads((ROOT / "shared/contract/asyncapi.json").read_text("utf-8"))
    wanted = {
        "reference/shapes/index.html": set(json.loads(document())["components"]["schemas"]),
        "reference/messages/index.html": {
            each["name"] for each in asyncapi["components"]["messages"].values()
        },
        "reference/problems/index.html": set(KINDS),
        "reference/fields/index.html": set(FIELDS),
        "operators/settings/index.html": set(by_name()),
    }
    for page, names in wanted.items():
        text = text_of(pages, page)
        assert {name for name in names if name not in text} == set(), page


def test_every_decision_and_every_included_guide_has_its_page(pages: dict[str, str]) -> None:
    decisions = {f"adr/{path.stem}/index.html" for path in (ROOT / "docs/adr").glob("*.md")}
    included = {f"{page.removesuffix('.md')}/index.html" for page in INCLUDED}
    assert (decisions | included) - set(pages) == set()


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the build reports about a copy of the project with one fault of each kind."""
    copy = tmp_path_factory.mktemp("faults")
    for name in SOURCES:
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".local"))
        else:
            shutil.copy(source, target)
    (copy / "docs/forgotten.md").write_text("# Not in the navigation\n")
    run_book = copy / "deploy/RUNBOOK.md"
    run_book.write_text(run_book.read_text("utf-8") + "\n[one](no-such-file.md)\n")
    with (copy / "docs/index.md").open("a") as page:
        page.write(
            "\n[two](no-such-page.md) [three](accountants/list.md#no-such-part) ![four](no-such.png)\n"
        )
        page.write("[five](../services/no_such_module.py) [six](/absolute/)\n")
    done = subprocess.run(
        [sys.executable, "-m", "tools.guide.build"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert not (copy / "site").exists()
    return done.stderr


@pytest.mark.parametrize(
    "fault",
    [
        "forgotten.md",
        "no-such-file.md",
        "no-such-page.md",
        "#no-such-part",
        "no-such.png",
        "no_such_module.py",
        "/absolute/",
    ],
)
def test_a_fault_fails_the_build_and_is_named(faults: str, fault: str) -> None:
    assert fault in faults


def test_an_example_that_does_not_exist_fails_the_build(tmp_path: Path) -> None:
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))
    named = re.findall(r'--8<-- "([^"]+)"', pages)
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []
    assert "check_paths: true" in (ROOT / "mkdocs.yml").read_text()


def pictures() -> Iterator[Path]:
    """The pictures of the pages."""
    yield from (path for path in (ROOT / "docs/pictures").iterdir() if path.suffix != ".svg")


def test_pictures_are_few_small_used_and_described() -> None:
    texts = "".join(path.read_text("utf-8") for path in (ROOT / "docs/accountants").glob("*.md"))
    described = dict(re.findall(r"!\[([^\]]+)\]\(\.\./pictures/([^)]+)\)", texts))
    assert set(described.values()) == {path.name for path in pictures()}
    assert len(list(pictures())) <= MOST_PICTURES
    assert max(path.stat().st_size for path in pictures()) <= MOST_BYTES_OF_A_PICTURE


def test_the_page_of_the_first_import_names_every_option_of_an_import() -> None:
    page = (ROOT / "docs/developers/index.md").read_text("utf-8")
    described = set(re.findall(r"`([a-z_]+)`", page.partition("## Options")[2]))
    options = set(json.loads(document())["components"]["schemas"]["Options"]["properties"])
    assert options - described == set()


#: What the pages for accountants write in italics without naming a text of the pages: examples, rights, lists.
EXAMPLES = {"Cedar", "Cedar NV", "VOF", "garage", "Spouse first name", "Double"}
ITALIC = re.compile(r"(?<!\*)\*([^\s*](?:[^*]*[^\s*])?)\*(?!\*)")


def texts_of_the_product() -> set[str]:
    """The English texts of pages, mails, fields and problems."""
    domains = ("wizard", "notifier", "fields", "problems")
    ids = [message.id for domain in domains for message in catalogue(domain, "fr")]
    return {text for each in ids for text in (each if isinstance(each, tuple) else [each])}


def test_what_the_pages_for_accountants_name_is_on_the_pages_of_the_product() -> None:
    texts = texts_of_the_product()
    rights = {right.replace("_", " ") for right in (*PERMISSIONS, *RIGHTS, VIEW_REGISTER_NUMBERS)}
    named = {
        " ".join(text.split()).rstrip("…").strip()
        for path in (ROOT / "docs/accountants").glob("*.md")
        for text in ITALIC.findall(path.read_text("utf-8"))
    }
    assert len(named) > 25
    unknown = named - EXAMPLES - rights
    assert {name for name in unknown if not any(text.startswith(name) for text in texts)} == set()


#: Numbers that the pages for people name, by the setting that has them: page, sentence, value.
DAYS = (
    ("accountants/index.md", "undo an import for {} days", Settings.undo_days),
    ("accountants/result.md", "can be undone for {} days", Settings.undo_days),
    ("accountants/moving.md", "an undo for {} days", Settings.undo_days),
    ("accountants/result.md", "removed {} days after", Settings.keep_days),
    ("developers/following.md", "`UNDO_DAYS` ({}) days", Settings.undo_days),
    ("accountants/list.md", "up to {} GB", Settings.max_upload_bytes >> 30),
)


@pytest.mark.parametrize(("page", "sentence", "value"), DAYS)
def test_a_number_of_a_page_is_that_of_the_code(page: str, sentence: str, value: int) -> None:
    text = " ".join((ROOT / "docs" / page).read_text("utf-8").split())
    assert sentence.format(value) in text
