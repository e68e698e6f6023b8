"""Tests that saving an untouched page changes nothing, and that a page offers all that the API knows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from services.mapper.settings.job_settings import first_settings
from services.mapper.settings.suggested_mapping import first_mapping
from services.mapper.targets.presets import presets
from services.upload.list_templates.content import KINDS, TEMPLATES, columns_of
from services.wizard import steps
from shared.contract.fields import FIELDS, fields_for
from shared.contract.merging import MODES, POLICIES
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.job_store import new_job_id
from tests.integration.conftest import Standing, token
from tests.integration.troubled_list import CUSTOM, FIRM, TEAM
from tests.visiting import Visitor

BOTH = "accounts_and_contacts"
TYPES = ("text", "number", "date", "choice", "multi-choice", "email", "url", "phone")
#: texts that forms are apt to change: signs of lists and of pages, blanks, line ends
ODD = ("a, b", "x;y", "two  blanks", " ends ", "line\nend", 'q"u<o>&', "__SKIP__", "²", "é")


@pytest.fixture
def firm(looked_at: Standing) -> Standing:
    """A firm with a team and custom fields of its own."""
    return looked_at


def bearer() -> str:
    return token(FIRM)


def place(firm: Standing, headers: Sequence[str], kind: str = BOTH, **found: Any) -> str:
    """A job whose file has these headers, with the mapping and settings that are suggested for it."""
    columns = [
        {"index": i, "header": header, "name": header or f"Column {i}", "samples": [], "fill": 1.0}
        for i, header in enumerate(headers)
    ]
    reference = DirectoryStore(firm.db, FIRM).reference()
    mapping = first_mapping(columns, kind, reference["custom_fields"])
    job = {**firm.kept["proposed"], "_id": new_job_id(), "firm": FIRM, "kind": kind}
    rows = [["x"] * len(headers)]
    job["source"] = {
        **job["source"],
        "column_list": columns,
        "first_rows": rows,
        "sheets": ["A", " A "],
        "sheet": "A",
        **found,
    }
    job |= {"mapping": {**mapping, "problem": None}, "settings": first_settings(mapping, reference)}
    firm.db.jobs.insert_one(job)
    return job["_id"]


def kept(firm: Standing, job: str) -> dict[str, Any]:
    """The mapping, the settings and the revision of a job."""
    parts = {
        part: firm.good("GET", f"/jobs/{job}/{part}", bearer=bearer()) for part in ("mapping", "settings")
    }
    return {**parts, "revision": firm.good("GET", f"/jobs/{job}", bearer=bearer())["revision"]}


def press_continue(firm: Standing, job: str, language: str) -> None:
    """Go from the first columns to the last, as everything is filled in; the check is not started."""
    visitor = Visitor(firm.app, bearer(), language)
    kind = firm.db.jobs.find_one({"_id": job})["kind"]
    pages = steps.PAGES[kind][1:-1]
    page = visitor.open(f"/jobs/{job}/{pages[0]}")
    for step, go in zip(pages, [*["next"] * (len(pages) - 1), "stay"], strict=True):
        assert page.url == f"/jobs/{job}/{step}"
        page = visitor.send(page, page.form(f"/{step}"), ("go", go))
    assert (page.status, page.url) == (200, f"/jobs/{job}/{pages[-1]}")


def save(visitor: Visitor, job: str, step: str, **changes: str) -> int:
    """Open a page and send its form; gives the status."""
    page = visitor.open(f"/jobs/{job}/{step}")
    return visitor.send(page, page.form(f"/{step}"), ("go", "stay"), **changes).status


LISTS = [
    *(
        (f"{name} {language}", [column.header for column in columns_of(name, language)], KINDS.get(name, BOTH))
        for name in TEMPLATES
        for language in LANGUAGES
    ),
    *(
        (f"{preset.key} {at}", [header for header, _ in preset.columns], BOTH)
        for at, preset in enumerate(presets())
    ),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "kind"), [each[1:] for each in LISTS], ids=[each[0] for each in LISTS])
def test_saving_untouched_pages_changes_nothing(firm: Standing, headers: list[str], kind: str) -> None:
    job = place(firm, headers, kind)
    before = kept(firm, job)
    press_continue(firm, job, LANGUAGES[len(headers) % 3])
    assert kept(firm, job) == before


@pytest.mark.parametrize(
    "found", [{}, {"delimiter": "\t"}, {"delimiter": "~"}, {"header_row": 0}, {"sheet": " A "}]
)
def test_reading_an_untouched_file_again_leaves_it_as_it_is(firm: Standing, found: dict[str, Any]) -> None:
    job = place(firm, ["Name", "E-mail"], **found)
    before, visitor = kept(firm, job), Visitor(firm.app, bearer())
    page = visitor.open(f"/jobs/{job}/file")
    assert visitor.send(page, page.form("/file")).status == 200
    assert kept(firm, job) == before


def test_the_households_of_our_own_template_keep_their_partners(firm: Standing) -> None:
    for language in LANGUAGES:
        job = place(firm, [column.header for column in columns_of("household", language)])
        press_continue(firm, job, language)
        targets = [column["target"] for column in kept(firm, job)["mapping"]["columns"]]
        assert targets == list(TEMPLATES["household"])


@pytest.mark.parametrize("kind", [BOTH, "accounts", "contacts"])
def test_a_page_offers_every_field_that_the_api_knows(firm: Standing, kind: str) -> None:
    job = place(firm, ["One", "Two"], kind)
    first = steps.mapping_pages(kind)[0]
    page = Visitor(firm.app, bearer()).open(f"/jobs/{job}/{first}")
    (select,) = (one for one in page.form(f"/{first}").controls if one.name == "target-0")
    offered = {value for value, _ in select.options}
    custom = {f"{c['record']}.custom.{c['name']}" for c in CUSTOM if kind in (BOTH, f"{c['record']}s")}
    assert offered == {field.key for field in fields_for(kind)} | custom | {"skip", "new"}


def some_mapping(chance: random.Random, count: int) -> dict[str, Any]:
    """A mapping as a program may save it, with every kind of target and action."""
    targets = chance.sample(sorted(FIELDS), count + 1)
    also = targets.pop()
    columns = [some_column(chance, index, target) for index, target in enumerate(targets)]
    second = next(column for column in columns[2:-1] if column["action"] == "sync" and "custom" not in column)
    second["also"] = also if also != "account.notes" else None
    joins = chance.sample([" ", ", ", "\n", " - "], 2)
    for index, join in enumerate(joins):
        columns[index] = {"index": index, "action": "sync", "target": "account.notes", "join": join}
    types: list[dict[str, Any]] = [{"mode": "fixed", "value": "Other"}, {"mode": "skip"}]
    return {
        "columns": [c for c in columns if c["index"] < len(joins) or c.get("target") != "account.notes"],
        "built": some_built_values(chance, [*targets, also], count),
        "account_type": chance.choice(types),
        "values": {
            key: {chance.choice(ODD): chance.choice(ODD) for _ in range(2)}
            for key in ("account.type", "contact.language", "contact.country", "spouse.language")
        },
        "date_order": chance.choice(["DMY", "MDY", "YMD", None]),
        "phone_region": chance.choice(["BE", "ZZ", None]),
        "account_name": chance.choice(
            [" {contact.last_name}\n{contact.first_name} ", "{account.name}", None]
        ),
        "required": chance.sample(sorted(FIELDS), 3),
    }


def some_built_values(chance: random.Random, taken: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Values built from columns, with every kind of part and step, for fields that no column fills."""
    free = sorted(FIELDS.keys() - {*taken, "account.notes", "account.type"})
    targets = [*chance.sample(free, 3), f"account.custom.{CUSTOM[0]['name']}"]
    targets = [key for key in targets if ".custom." not in key or CUSTOM[0]["record"] == "account"]
    texts = (*ODD, " ", "-", "a = b", "=")
    steps: list[dict[str, Any]] = [
        {"take": {"separator": chance.choice(texts)[:20], "piece": chance.choice([1, 4, 9, -1, -100])}},
        {"take": {"first": 1}},
        {"take": {"last": 1000}},
        {"case": chance.choice(["upper", "lower", "title"])},
        {"look_up": {"pairs": {chance.choice(texts): chance.choice(texts), "": " "}, "rest": "keep"}},
        {"look_up": {"pairs": {}, "rest": "blank"}},
        {"look_up": {"pairs": {"x": ""}, "rest": "value", "value": chance.choice(ODD)}},
    ]
    return [
        {
            "target": target,
            "parts": [
                {"column": chance.randrange(count)},
                *({"text": chance.choice(texts)} for _ in range(chance.choice([0, 1, 5]))),
                {"column": chance.randrange(count)},
            ],
            "steps": chance.sample(steps, chance.choice([0, 2, len(steps)])),
        }
        for target in targets
    ]


def some_column(chance: random.Random, index: int, target: str) -> dict[str, Any]:
    """One column: a field, a new field, one of the firm, or none."""
    name = {
        "record": chance.choice(["account", "contact"]),
        "name": f"New {index}",
        "type": chance.choice(TYPES),
    }
    known = chance.choice(CUSTOM)
    column: dict[str, Any] = {"index": index, "action": "sync", "target": target}
    if chance.random() < 0.3:
        column["leave_out"] = [text for text in chance.sample(ODD, 2)]
    if target.endswith(".address_line1"):
        column["split"] = True
    return chance.choice(
        [
            column,
            column,
            column,
            {"index": index, "action": "custom", "custom": name},
            {"index": index, "action": "skip", "leave_out": ["", *chance.sample(ODD, 3)]},
            {**column, "target": f"{known['record']}.custom.{known['name']}"} if index == 5 else column,
        ]
    )


def some_settings(chance: random.Random, emails: Sequence[str]) -> dict[str, Any]:
    """Settings as a program may save them."""
    switches = ("login", "notify", "email_sync")
    return {
        "contacts": {key: {name: chance.random() < 0.5 for name in switches} for key in emails},
        "tags": chance.sample(["2026", "vip", *ODD[:4]], 4),
        "assignees": chance.sample([member["id"] for member in TEAM], 2),
        "folder_template": chance.choice(["Standard", None]),
        "language": chance.choice(["fr", None]),
        "questionnaire": chance.choice(["Intake", None]),
        "match": {"accounts": ["name", "client_code"], "contacts": ["name", "number"]},
        "mode": chance.choice(MODES),
        "merge_default": chance.choice(POLICIES),
        "on_change": chance.choice(["skip", "replan"]),
        "merge": {
            key: chance.choice(POLICIES)
            for key in ("contact.email", "account.phone", "account.website", "account.notes")
        },
        "rules": [some_rule(chance) for _ in range(chance.randrange(1, 6))],
    }


def some_rule(chance: random.Random) -> dict[str, Any]:
    """A rule with any of its tests and effects."""
    tests: list[dict[str, Any]] = [
        {"is": chance.choice(ODD)},
        {"is": ""},
        {"is_not": chance.choice(ODD)},
        {"one_of": chance.sample(ODD, 3)},
        {"contains": chance.choice(ODD)},
        {"blank": True},
        {"blank": False},
    ]
    places: list[dict[str, Any]] = [
        {"field": "spouse.email"},
        {"field": "account.website"},
        {"column": 1},
        {"field": "account.custom.Gone"},
    ]
    effects: dict[str, Any] = {
        "tags": ["a, b", "vip"],
        "assignees": [member["id"] for member in TEAM],
        "assignees_from": 2,
        "roles": ["x;y"],
        "folder_template": chance.choice(["Standard", None]),
        "language": "nl",
        "questionnaire": None,
        "login": False,
        "notify": True,
        "email_sync": False,
        "leave_out": True,
        "only": True,
        "set": {"account.country": "België", "contact.notes": "a, b"},
    }
    when = [chance.choice(places) | chance.choice(tests) for _ in range(chance.choice([1, 2, 10]))]
    then = chance.sample(sorted(effects), chance.choice([1, 3, len(effects)]))
    return {"when": when, "then": {name: effects[name] for name in then}}


@pytest.mark.parametrize("seed", range(8))
def test_what_a_program_saved_is_kept_by_pages_that_cannot_show_it(firm: Standing, seed: int) -> None:
    chance = random.Random(seed)
    job = place(firm, [f"Header {n}" for n in range(30)])
    firm.good("PUT", f"/jobs/{job}/mapping", bearer=bearer(), json=some_mapping(chance, 30))
    emails = kept(firm, job)["settings"]["contacts"]
    firm.good("PUT", f"/jobs/{job}/settings", bearer=bearer(), json=some_settings(chance, list(emails)))
    before, visitor = kept(firm, job), Visitor(firm.app, bearer())
    press_continue(firm, job, LANGUAGES[seed % 3])
    assert kept(firm, job) == before

    assert save(visitor, job, "settings", more_tags="one more") == 200
    after = kept(firm, job)
    tags = [part["settings"].pop("tags") for part in (after, before)]
    assert set(tags[0]) - set(tags[1]) == {"one more"}
    assert after == before

    assert (
        save(
            visitor,
            job,
            "accounts",
            **{"target-29": "new", "name-29": "Late", "type-29": "text", "record-29": "contact"},
        )
        == 200
    )
    changed = kept(firm, job)["mapping"]
    made = changed["columns"].pop()["custom"]
    assert made == {"id": made["id"], "record": "contact", "name": "Late", "type": "text"}
    assert before["mapping"]["columns"].pop()["index"] == 29
    del changed["missing"], before["mapping"]["missing"]  # it follows from the columns
    assert changed == before["mapping"]


def test_a_switch_that_does_not_exist_is_refused_and_dropped_from_older_jobs(firm: Standing) -> None:
    job = place(firm, ["Name", "Contact email"])
    before = kept(firm, job)
    (email,) = before["settings"]["contacts"]
    unknown = {"send_letter": True}
    for settings in (
        {"contacts": {email: unknown}},
        {"rules": [{"when": [{"column": 0, "is": "x"}], "then": unknown}]},
    ):
        assert firm.call("PUT", f"/jobs/{job}/settings", bearer(), json=settings).status_code == 422
    older = firm.db.jobs.find_one({"_id": job})["settings"]["contacts"]
    older[email]["send_letter"] = True
    firm.db.jobs.update_one({"_id": job}, {"$set": {"settings.contacts": older}})
    assert kept(firm, job) == before
    press_continue(firm, job, "en")
    assert kept(firm, job) == before


def test_a_preview_on_a_page_shows_the_first_rows_and_keeps_nothing(firm: Standing) -> None:
    job = firm.copy(firm.looked_at["validated"])
    before, visitor = kept(firm, job), Visitor(firm.app, bearer())
    headers = [column["header"] for column in before["mapping"]["columns"]]
    name = f"column:{headers.index('Account name')}"
    free = next(key for key in ("account.fax", "contact.notes") if key not in str(before["mapping"]))
    new = {
        "built-0-target": free,
        "built-0-part-0-text": "No. ",
        "built-0-part-1-what": name,
        "built-0-step-0-what": "upper",
    }
    page = visitor.open(f"/jobs/{job}/accounts")
    shown = visitor.send(page, page.form("/accounts"), ("go", "preview"), **new)
    assert shown.status == 200
    assert shown.text.count("NO. ") >= 3
    assert kept(firm, job) == before
    half = visitor.send(page, page.form("/accounts"), ("go", "preview"), **{"built-0-target": free})
    assert "A built value needs a column of the file." in half.text

    rule = {
        "rule-0-when-0-place": name,
        "rule-0-when-0-test": "not_blank",
        "rule-0-then-0-what": "leave_out",
    }
    page = visitor.open(f"/jobs/{job}/settings")
    shown = visitor.send(page, page.form("/settings"), ("go", "preview"), **rule)
    assert (shown.status, "Of the first ten rows, to: 2, " in shown.text) == (200, True)
    assert kept(firm, job) == before
