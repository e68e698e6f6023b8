"""Tests the table "How to add" of the README: does each row in a copy of the project, and sees it work there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.architecture.code import ROOT

COPIED = (
    "shared",
    "services",
    "deploy",
    "tools",
    "tests/unit/validator/columns.py",
    "stubs",
    "README.md",
    "docs",
    "pyproject.toml",
    "Makefile",
)


class Copy:
    """A copy of the project to change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.touched: list[str] = []
        for name in COPIED:
            source = ROOT / name
            ignored = shutil.ignore_patterns("__pycache__")
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=ignored)
            else:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, root / name)

    def insert(self, path: str, before: str, text: str) -> None:
        """Put text before a place that is there exactly once."""
        file = self.root / path
        content = file.read_text("utf-8")
        assert content.count(before) == 1, f"{path} has {before!r} {content.count(before)} times"
        file.write_text(content.replace(before, text + before), "utf-8")
        self.touched.append(path)

    def change(self, path: str, old: str, new: str) -> None:
        """Put a text in place of one that is there exactly once."""
        self.insert(path, old, new)
        file = self.root / path
        file.write_text(file.read_text("utf-8").replace(new + old, new), "utf-8")

    def add(self, path: str, text: str) -> None:
        """A new file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        self.touched.append(path)

    def run(self, code: str) -> str:
        """What a Python program prints in the copy."""
        return self.command("-c", code)

    def command(self, *arguments: str) -> str:
        """What Python prints there."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.root, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def a_field(project: Copy) -> None:
    """One declaration gives label, aliases, type, check, mapping, template and API."""
    project.insert(
        "shared/contract/fields/contact.py",
        "    middle_name = ",
        '    pet_name = Email(_("Pet mail"), en="Mail of the pet; Pet e-mail address")\n',
    )
    done = project.run(
        "from shared.contract.fields import FIELDS, describe, label\n"
        "from services.mapper.targets.proposing import Column, propose\n"
        "from shared.values.columns import JUDGES\n"
        "field = FIELDS['contact.pet_name']\n"
        "column = propose([Column(0, 'Mail of the pet', [])], 'contacts').columns[0]\n"
        "shown = [each['label'] for each in describe('fr') if each['key'] == field.key]\n"
        "print(field.type in JUDGES, column.target, shown, label(field.key, 'en'))"
    )
    assert done == "True contact.pet_name ['Pet mail'] Pet mail\n"


def words_of_headers(project: Copy) -> None:
    """A word counts for reading and for mapping."""
    project.insert("shared/contract/header_words/nl.toml", "\nlast = ", '\nfirst = "koosnaampje; ')
    content = (project.root / "shared/contract/header_words/nl.toml").read_text("utf-8")
    first = re.search(r'^first = "voornaam', content, re.M)
    assert first
    fixed = content.replace('\nfirst = "koosnaampje; ', "", 1).replace(
        'first = "voornaam', 'first = "koosnaampje; voornaam', 1
    )
    (project.root / "shared/contract/header_words/nl.toml").write_text(fixed, "utf-8")
    done = project.run(
        "from services.mapper.targets.proposing import Column, propose\n"
        "from services.upload.table.header_words import names_a_column\n"
        "column = propose([Column(0, 'Koosnaampje', [])], 'contacts').columns[0]\n"
        "print(column.target, names_a_column('Koosnaampje'))"
    )
    assert done == "contact.first_name True\n"


def a_layout(project: Copy) -> None:
    """A layout is a file."""
    project.add(
        "services/mapper/targets/layouts/petshop.toml",
        'name = "Petshop"\n\n[[layouts]]\nown = ["Cage"]\ncolumns = [\n'
        '  ["Cage", ""],\n  ["Who", "account.name"],\n  ["Ring", "contact.phone"],\n'
        '  ["Post", "contact.email"],\n  ["Given", "contact.first_name"],\n]\n',
    )
    done = project.run(
        "from services.mapper.targets.proposing import Column, propose\n"
        "headers = ['Cage', 'Who', 'Ring', 'Post', 'Given']\n"
        "found = propose([Column(n, h, []) for n, h in enumerate(headers)], 'accounts_and_contacts')\n"
        "print(found.preset, [each.target for each in found.columns])"
    )
    wanted = [None, "account.name", "contact.phone", "contact.email", "contact.first_name"]
    assert done == f"petshop {wanted}\n"


def a_problem(project: Copy) -> None:
    """A code with its English sentence is known everywhere; other languages say it in English until they are done."""
    project.insert(
        "shared/contract/problems/rows.py",
        '            "missing_required": ',
        '            "pet_unknown": _("“{value}” is no pet."),\n',
    )
    done = project.run(
        "from shared.contract.problems import sentence, severity\n"
        "print(severity('pet_unknown'), sentence('pet_unknown', 'de', value='Rex'))"
    )
    assert done == "error “Rex” is no pet.\n"


def a_language(project: Copy) -> None:
    """One command makes the folder, and the language is on offer at once."""
    project.command("-m", "tools.texts", "it")
    done = project.run(
        "from shared.contract.problems import sentence\n"
        "from shared.contract.texts.catalogues import LANGUAGES\n"
        "from deploy.openapi import document\n"
        "print('it' in LANGUAGES, '\"it\"' in document(), sentence('not_found', 'it') != '')"
    )
    assert done == "True True True\n"


def a_route(project: Copy) -> None:
    """A route is in the OpenAPI document, with its permission."""
    project.insert(
        "services/importer/api/loading.py",
        "class LeftOut(Schema):",
        '@routes.on("GET", "/pets", may=MANAGE_CONTACTS, answer=JobAnswer)\n'
        "def pets() -> ResponseReturnValue:\n"
        '    """The pets of a firm."""\n'
        "    return {}\n\n\n",
    )
    project.command("-m", "deploy.openapi")
    done = project.run(
        "import json\nfrom deploy.openapi import document\n"
        "operation = json.loads(document())['paths']['/api/v1/pets']['get']\n"
        "print(operation['x-permission'], operation['summary'], sorted(operation['responses']))"
    )
    assert done == "manage_contacts The pets of a firm. ['200', '401', '403', '503']\n"


def an_event(project: Copy) -> None:
    """A line in the table is in the AsyncAPI document."""
    project.insert(
        "shared/contract/events.py", "    RECORDS_CHANGED: ChangedData,\n", '    "pet.fed": RecordData,\n'
    )
    assert "pet.fed" in project.command("-m", "deploy.asyncapi")


def a_format(project: Copy) -> None:
    """A format is a module, a line where files are opened, how it is detected, and its name."""
    project.add(
        "services/upload/formats/petbook.py",
        '"""Reads pet books: a table of words, line by line."""\n\n'
        "from services.upload.formats import html_table\n\n\n"
        "class Workbook(html_table.Workbook):\n"
        '    """A pet book."""\n',
    )
    reader = "services/upload/ingest/reader.py"
    project.insert(reader, '    "xlsx": xlsx.Workbook,\n', '    "pet": petbook.Workbook,\n')
    project.change(reader, "import html_table, ods,", "import html_table, ods, petbook,")
    project.insert(
        "services/upload/containers/detection.py",
        "    refuse_by_head(head)\n    if head.startswith(_ZIP)",
        '    if b"<petbook>" in head:\n        return "pet"\n',
    )
    project.insert("shared/contract/file_formats.py", '    "CSV": ', '    "PET": (".pet",),\n')
    book = "<petbook></petbook><table><tr><th>First name<th>Email<tr><td>Rex<td>rex@a.be</table>"
    project.add("book.pet", book)
    project.touched.remove("book.pet")
    done = project.run(
        "from services.upload.ingest.reader import open_source\n"
        "from shared.contract.file_formats import ENDINGS\n"
        "from shared.contract.problems import sentence\n"
        "source = open_source('book.pet')\n"
        "print([row for batch in source.batches() for row in batch.rows], '.pet' in ENDINGS)\n"
        "print('PET' in sentence('unsupported_format', 'fr', found='pdf'))"
    )
    assert done == "[['Rex', 'rex@a.be']] True\nTrue\n"


def a_check(project: Copy) -> None:
    """A class of field with a check of its own, the judge of its values, and a problem for this one field."""
    declaring = "shared/contract/fields/declaring.py"
    project.insert(declaring, "class Email(Text):", 'class Chip(Text):\n    check = "chip"\n\n\n')
    project.change("shared/contract/fields/contact.py", "import (\n", "import (\n    Chip,\n")
    project.insert(
        "shared/contract/fields/contact.py",
        "    middle_name = ",
        '    chip = Chip(_("Chip"), en="Chip number")\n',
    )
    project.insert(
        "shared/contract/problems/rows.py",
        '            "missing_required": ',
        '            "chip_unreadable": _("“{value}” is no number of a chip."),\n',
    )
    project.add(
        "shared/values/chips.py",
        '"""Checks numbers of chips: 15 digits (ISO 11784)."""\n\n'
        "from shared.values.judging import Judged, wrong\n\n\n"
        "def judge_chip(text, region):\n"
        '    """A number of a chip."""\n'
        '    return Judged(text) if text.isdigit() and len(text) == 15 else wrong("chip_unreadable", text)\n',
    )
    columns = "shared/values/columns.py"
    imported = "from shared.values.choices import"
    project.insert(columns, imported, "from shared.values.chips import judge_chip\n")
    project.insert(columns, '    "email": _email,\n', '    "chip": _always(judge_chip),\n')
    done = project.run(
        "from shared.values.columns import check_column\n"
        "from services.validator.check.context import CheckContext\n"
        "from shared.contract.fields import FIELDS\n"
        "from tests.unit.validator.columns import CONTEXT\n"
        "from shared.contract.problems import sentence\n"
        "found = check_column(FIELDS['contact.chip'], ['056098100123456', 'Rex'], CONTEXT)\n"
        "problem = found.problems[1]\n"
        "print(found.values, sentence(problem.code, 'en', **problem.params))"
    )
    assert done == "['056098100123456', None] “Rex” is no number of a chip.\n"


def a_mail(project: Copy) -> None:
    """A mail has the name of the status that sends it; the step `notify` takes that status."""
    texts = "services/notifier/mails/texts.py"
    project.insert(texts, '    "failed": ', '    "cancelled": _("Your import was stopped"),\n')
    for part in ("subject.txt", "body.txt", "body.html"):
        project.add(f"services/notifier/mails/cancelled/{part}", "{{ t('cancelled') }}")
    routes = "shared/contract/routes.py"
    project.change(
        routes, "at=frozenset({Status.IMPORTED, ", "at=frozenset({Status.CANCELLED, Status.IMPORTED, "
    )
    done = project.run(
        "from datetime import datetime\n"
        "from services.notifier.mails.composing import News, compose\n"
        "from shared.contract.job import Status\n"
        "from shared.contract.routes import first_step\n"
        "news = News('1', 'cancelled', 'en', 'a.csv', 1, {}, 'http://a.be')\n"
        "mail = compose(news, 'Carryover <no-reply@a.be>', 'an@a.be', datetime(2026, 1, 1))\n"
        "print(mail['Subject'], first_step(Status.CANCELLED).name)"
    )
    assert done == "Your import was stopped notify\n"


def a_step(project: Copy) -> None:
    """A line in the table gives a step its messages, its place in the flow and its line in the drawing."""
    routes = "shared/contract/routes.py"
    project.change(routes, 'then="plan",', 'then="weigh",')
    project.insert(
        routes,
        '        Step(\n            "plan",',
        '        Step("weigh", "validator", "weigh each pet", at=frozenset({Status.MAPPED}), then="plan"),\n',
    )
    handlers = "services/validator/handlers.py"
    project.insert(handlers, "HANDLERS = {", "def weigh(work: Work) -> Done:\n    return Done({})\n\n\n")
    project.insert(handlers, '    "plan": Handler(plan, conclude),\n', '    "weigh": Handler(weigh),\n')
    project.command("-m", "tools.flow")
    done = project.run(
        "from services.validator.handlers import HANDLERS\n"
        "from shared.contract.job import Status\n"
        "from shared.contract.routes import STEPS, bindings, steps_at\n"
        "own = {name for name, step in STEPS.items() if step.service == 'validator'}\n"
        "print([step.name for step in steps_at(Status.MAPPED)], own == set(HANDLERS))\n"
        "print(('carryover.validator.fast', 'work.weigh.fast') in bindings())"
    )
    assert done == "['check', 'match', 'weigh', 'plan'] True\nTrue\n"
    assert "weigh each pet" in (project.root / "docs/FLOW.md").read_text("utf-8")


def a_setting(project: Copy) -> None:
    """A setting is a line of the settings; its name in capitals is read from the environment."""
    project.insert("shared/plumbing/settings.py", "    workers_in_web: bool", "    pets_at_most: int = 3\n")
    project.insert(
        "deploy/example.env", "# --- Servers\n", "# all services: pets of a client\n#PETS_AT_MOST=3\n\n"
    )
    done = project.run(
        "import os\n"
        "os.environ.update(MONGODB_URL='mongodb://a/b', BROKER_URL='memory://', SMTP_URL='smtp://a',"
        " PUBLIC_URL='http://a.be', JWT_SECRET='s' * 32, PETS_AT_MOST='5')\n"
        "from shared.plumbing.settings import load_settings\n"
        "print(load_settings().pets_at_most)"
    )
    assert done == "5\n"


#: What each row of the table promises.
ROWS: dict[str, Callable[[Copy], None]] = {
    "a field": a_field,
    "words of headers": words_of_headers,
    "a kind of value, or a check for one field": a_check,
    "a layout": a_layout,
    "a problem": a_problem,
    "a language": a_language,
    "a route": a_route,
    "an event": an_event,
    "a format": a_format,
    "a mail": a_mail,
    "a step or a service": a_step,
    "a setting": a_setting,
}


def rows_of_the_table() -> dict[str, str]:
    """What can be added, and where."""
    text = (ROOT / "README.md").read_text("utf-8").partition("## How to add")[2].partition("\n## ")[0]
    found = re.findall(r"^\| ([^|]+) \| (.+) \|$", text, re.M)
    return {what: where for what, where in found if what not in ("what", "---")}


@pytest.mark.parametrize("what", ROWS)
def test_a_row_of_the_table_works_as_it_says(what: str, project: Copy) -> None:
    where = rows_of_the_table()[what]
    ROWS[what](project)
    unnamed = [path for path in project.touched if not _is_named(path, where)]
    assert unnamed == [], f"“{what}” needs changes that its row does not name"


def _is_named(path: str, where: str) -> bool:
    """Whether a row names a path, or a pattern or a folder that it fits."""
    places = [re.sub(r"<\w+>", "*", place) for place in re.findall(r"`([^`]+)`", where) if "/" in place]
    return any(fnmatch(path, f"{place}*" if place.endswith("/") else place) for place in places)


def test_every_file_that_the_table_names_is_there() -> None:
    named = {
        place
        for where in rows_of_the_table().values()
        for place in re.findall(r"`([\w./<>-]+/[\w./<>-]*)`", where)
    }
    gone = [place for place in named if not any(ROOT.glob(re.sub(r"<\w+>", "*", place.rstrip("/"))))]
    assert gone == []
