"""The mapping pages of lists with hundreds of columns: light, and what is chosen on one page is kept on all."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.integration.conftest import Standing
from tests.integration.test_pages_keep import bearer, firm, kept, place
from tests.visiting import Page, Visitor

__all__ = ["firm"]

#: bytes of a page at most
LIGHT = 200_000
KINDS = ("accounts_and_contacts", "accounts", "contacts")
#: buttons that change nothing by themselves
KEEPING = ("find", "page:1", "page:2", "page:7", "stay", "built", "columns")
#: buttons that keep the choices and stay on the list
STAYING = (*KEEPING, "skip-all", "skip-unsure", "custom-all")


def headers(count: int) -> list[str]:
    """Headers of which some are known, in several scripts, a few twice and one blank."""
    known = ["Naam", "E-mail", "Téléphone", "Geburtsdatum", "VAT number", "Straat", "Partner first name"]
    return [
        *known,
        "",
        *(f"{('Фирма', 'Dossier', '備考')[n % 3]} {n // 2}" for n in range(count - len(known) - 1)),
    ]


def targets(firm: Standing, job: str) -> dict[int, tuple[str, str | None]]:
    return {
        one["index"]: (one["action"], one["target"] or (one["custom"] or {}).get("name"))
        for one in kept(firm, job)["mapping"]["columns"]
    }


@pytest.mark.parametrize(
    ("kind", "count"), [*((kind, 300) for kind in KINDS), (KINDS[0], 31), (KINDS[0], 1_000)]
)
def test_pages_of_wide_lists_are_light(firm: Standing, kind: str, count: int) -> None:
    job, visitor = place(firm, headers(count), kind), Visitor(firm.app, bearer())
    for step in ("accounts", "contacts"):
        for query in ("?part=all&page=2", "?part=all&built=1"):
            page = visitor.open(f"/jobs/{job}/{step}{query}")
            assert (page.status, len(page.text.encode()) < LIGHT) == (200, True), (query, len(page.text))


@pytest.mark.parametrize("seed", range(4))
def test_any_way_through_a_wide_list_keeps_what_was_chosen(firm: Standing, seed: int) -> None:
    chance = random.Random(seed)
    job, visitor = place(firm, headers(120)), Visitor(firm.app, bearer())
    page = visitor.open(f"/jobs/{job}/accounts?part=all")
    free = ["skip", "account.notes", "account.client_code", "contact.notes", "contact.city"]
    for _ in range(12):
        before, changes = targets(firm, job), _some_choices(chance, page, free)
        go = chance.choice(STAYING)
        sought = {
            "find": chance.choice(["", "dossier", "фирма", "naam"]),
            "part": chance.choice(["all", "skipped", "own"]),
        }
        page = visitor.send(
            page, page.form("/accounts"), ("go", go), **changes, **(sought if go == "find" else {})
        )
        after = targets(firm, job)
        if page.status == 200 and go in KEEPING:
            assert {i: now for i, now in after.items() if now != before[i]} == {
                int(name.removeprefix("target-")): _chosen(value)
                for name, value in changes.items()
                if _chosen(value) != before[int(name.removeprefix("target-"))]
            }
        elif page.status != 200:
            assert after == before
            shown = {one.name: "".join(one.sent()) for one in page.form("/accounts").controls}
            assert {name: shown[name] for name in changes} == changes


def _chosen(value: str) -> tuple[str, str | None]:
    return ("skip", None) if value == "skip" else ("sync", value)


def _some_choices(chance: random.Random, page: Page, free: list[str]) -> dict[str, str]:
    names = [one.name for one in page.form("/accounts").controls if one.name.startswith("target-")]
    return {name: chance.choice(free) for name in chance.sample(names, min(2, len(names)))}


def test_all_columns_found_become_custom_fields_or_are_skipped(firm: Standing) -> None:
    job, visitor = place(firm, headers(300)), Visitor(firm.app, bearer(), "nl")
    page = visitor.open(f"/jobs/{job}/contacts?part=skipped&find=dossier")
    skipped = {i for i, (action, _) in targets(firm, job).items() if action == "skip"}
    page = visitor.send(page, page.form("/contacts"), ("go", "custom-all"))
    assert page.status == 200
    made: list[Any] = [one for one in kept(firm, job)["mapping"]["columns"] if one["action"] == "custom"]
    assert {one["index"] for one in made} == {i for i in skipped if "Dossier" in headers(300)[i]}
    assert {one["custom"]["record"] for one in made} == {"contact"}
    assert len({one["custom"]["name"] for one in made}) == len(made) > 90
    page = visitor.open(f"/jobs/{job}/contacts?part=all")
    visitor.send(page, page.form("/contacts"), ("go", "skip-all"))
    assert {action for action, _ in targets(firm, job).values()} == {"skip"}
