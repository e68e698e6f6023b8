"""The fifth step: what will happen, the rows, their repair, and the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext

from services.wizard import review_numbers
from services.wizard.answers import ColumnMapping, Job, Repaired, Row, Rows, Source
from services.wizard.api import ApiError
from services.wizard.forms import MOST, whole
from services.wizard.going_on import confirm
from services.wizard.kinds import KINDS
from services.wizard.mapping_view import not_imported
from services.wizard.meanwhile import (
    STALE,
    as_now,
    as_seen,
    changed_of,
    is_double_click,
    is_of_a_moment_ago,
    is_stale,
    not_made,
    row_changed,
    what_changed,
)
from services.wizard.pages import api, done, fields, job, pages, path, people, sentence, to
from services.wizard.review_cards import Card, example_cards
from services.wizard.review_doubts import ONE_BY_ONE, Doubt, change_of, doubt_of, rows_named
from services.wizard.review_numbers import Fix
from services.wizard.review_rows import (
    Words,
    cells_changed,
    cells_overwritten,
    columns_at_once,
    columns_shown,
    decision_key,
    lines_of,
    records_left,
    ticks_changed,
    wrong_columns,
)
from services.wizard.review_several import CHANGES, Asked
from services.wizard.review_view import HOW, LISTS, ONLY_IN_SYSTEM, PAGE_ROWS, View, opened, total_of
from services.wizard.settings_view import for_new_clients, languages_of
from services.wizard.wording import number
from shared.contract.documents.job import Settings
from shared.contract.problems import DOUBTS, SUGGESTING, VALUE_DIFFERS

#: rows of the largest list that the API sorts
MOST_SORTED = 100_000
CHECKING, REVIEWED = "mapped", "validated"
EXAMPLE_ROWS = 8
PREVIEWED_ROWS = 4
MOST_REPAIRS = 20
#: what a repair was
REPAIRS = {
    "edit": lazy_gettext("Edited in the list"),
    "set": lazy_gettext("Set on all rows with a problem"),
    "replace": lazy_gettext("Replaced on all rows with a problem"),
    "clear": lazy_gettext("Cleared on all rows with a problem"),
    "select": lazy_gettext("Rows ticked"),
    "unselect": lazy_gettext("Rows left out"),
    "file": lazy_gettext("Repaired file uploaded"),
    "undo": lazy_gettext("Repair undone"),
    "decide": lazy_gettext("Decided whom rows mean"),
    "move_to_account": lazy_gettext("Values moved to the account"),
    "take_from_file": lazy_gettext("The file wins in all rows that differ"),
    "take": lazy_gettext("Chose between client and file"),
    "drop_value": lazy_gettext("Imported without the wrong value"),
    "accept_suggestion": lazy_gettext("Accepted what was suggested"),
}


@pages.get("/jobs/<job_id>/review")
def review(job_id: str) -> ResponseReturnValue:
    """What will happen, before it does; while the rows are checked, how far that is."""
    now = job(job_id)
    if now["status"] == CHECKING:
        return render_template("review_checking.html", job=now)
    if now["status"] != REVIEWED:
        return to("page_of_status", job_id=job_id)
    return _reviewed(now, View.asked(request.args))


def _reviewed(
    now: Job,
    view: View,
    refusal: str | None = None,
    fix: Fix | None = None,
    typed: Mapping[str, str] | None = None,
    asked: Mapping[str, str | None] | None = None,
    several: Asked | None = None,
) -> str:
    """The page of a checked job; `fix`, `typed`, `asked` and `several` are what a form has that is not done yet."""
    job_id, counts = now["id"], now["counts"]
    view = opened(view, counts)
    if view.sort and sum(counts.values()) > MOST_SORTED:
        refusal = refusal or gettext(
            "Lists of at most %(max)s rows can be sorted. Show fewer rows first.", max=number(MOST_SORTED)
        )
        view = replace(view, sort="")
    report, mapping = api().get(path(job_id, "report")), api().get(path(job_id, "mapping"))
    settings, directory = api().get(path(job_id, "settings")), api().get("/directory")
    source: Source = api().get(path(job_id, "source"))
    names = people(now, directory=directory)
    words = Words.of(fields().values(), names, mapping)
    fix = fix or Fix(view.fix)
    return render_template(
        "review.html",
        job=now,
        report=report,
        view=view,
        words=words,
        lists=LISTS,
        how=HOW,
        several=several or Asked(),
        may_sort=sum(counts.values()) <= MOST_SORTED,
        refusal=refusal,
        typed=typed or {},
        chosen={"kind": now["kind"], **_for_new(settings), **(asked or {})},
        fix=fix,
        preview=_preview(job_id, fix),
        problems_of_file=source["problems"],
        left_out_columns=not_imported(mapping, source),
        kinds=list(KINDS.items()),
        people=names,
        settings=settings,
        directory=directory,
        language_names=languages_of(directory),
        groups=review_numbers.groups_of(report["problems"], words),
        touched=review_numbers.touched(report, settings, words),
        loaded=review_numbers.loaded(counts),
        balance=review_numbers.balance(counts),
        nothing=review_numbers.nothing_to_load(counts),
        question=review_numbers.question(counts),
        fingerprint=review_numbers.fingerprint(now),
        questions=DOUBTS,
        differs=VALUE_DIFFERS,
        one_by_one=ONE_BY_ONE,
        suggesting=SUGGESTING,
        cards=_cards(now, settings, words),
        total=total_of(view, counts, report),
        columns=mapping["columns"],
        **_grid(now, view, mapping, words),
        **_repairs(job_id),
    )


def _for_new(settings: Settings) -> dict[str, str | None]:
    return {"language": settings["language"], "questionnaire": settings["questionnaire"]}


def _grid(now: Job, view: View, mapping: ColumnMapping, words: Words) -> dict[str, object]:
    """One page of the present list."""
    if view.row:
        found = _rows(now["id"], row=str(view.row))
    else:
        where = {**view.where(), **view.order(), "cursor": view.cursor or None, "limit": PAGE_ROWS}
        found = _rows(now["id"], **where)
    if view.tab == ONLY_IN_SYSTEM:
        return {
            "left": records_left(found["items"], now["kind"], words),
            "lines": [],
            "shown": [],
            "next": found["next"],
        }
    here = {row["row"] for row in found["items"]}
    seen = {int(n) for n in view.seen.split(",") if n} | ({view.edit} if view.edit else set())
    more = _rows(now["id"], row=",".join(map(str, seen - here)))["items"] if seen - here else []
    rows = [*found["items"], *more]
    wanted = columns_shown(mapping, bool(view.columns), wrong_columns(rows, view.problem, view.tab))
    part = columns_at_once(wanted, view.column)
    lines = lines_of(rows, part.shown, words, view.bucket(), as_given=bool(view.sort))
    place = {"next": found["next"], "count": len(here)}
    return {
        "left": [],
        "lines": lines,
        "shown": part.shown,
        "part": part,
        "doubts": _doubts(now["id"], rows, words),
        **place,
    }


def _doubts(job_id: str, rows: list[Row], words: Words) -> dict[int, Doubt]:
    """The questions about some rows, by their numbers."""
    known = {row["row"]: row for row in rows}
    named = [n for n in rows_named(rows) if n not in known]
    if named:
        known |= {row["row"]: row for row in _rows(job_id, row=",".join(map(str, named)))["items"]}
    found = {row["row"]: doubt_of(row, known, words) for row in rows}
    return {n: doubt for n, doubt in found.items() if doubt}


def _rows(job_id: str, **where: object) -> Rows:
    found: Rows = api().get(path(job_id, "rows"), **where)
    return found


def _preview(job_id: str, fix: Fix) -> list[tuple[int, str, str]]:
    """What a repair of many rows makes of a few of them."""
    if not fix.problem:
        return []
    return review_numbers.previewed(fix, _rows(job_id, problem=fix.problem, limit=PREVIEWED_ROWS)["items"])


def _cards(now: Job, settings: Settings, words: Words) -> list[Card]:
    if not now["counts"]["new"]:
        return []
    return example_cards(_rows(now["id"], bucket="new", limit=EXAMPLE_ROWS)["items"], settings, words)


def _repairs(job_id: str) -> dict[str, object]:
    """What was repaired, and the repair that would be undone."""
    found = api().get(path(job_id, "repairs"))["items"]
    last = next((one for one in found if one["undoes"] is None and not one["undone"]), None)
    return {
        "repairs": found[:MOST_REPAIRS],
        "more_repairs": max(0, len(found) - MOST_REPAIRS),
        "last_repair": last,
        "repair_names": REPAIRS,
    }


def _refused(job_id: str, error: ApiError, edit: int = 0, **typed: Any) -> ResponseReturnValue:
    """The present state, with what the API says against a change; where the job went on, the page it is at."""
    now = job(job_id)
    if is_stale(error) and is_double_click(now):
        return _back(job_id, "grid")
    if now["status"] != REVIEWED:
        done(what_changed(now) if is_stale(error) else sentence(error), "warn")
        return to("page_of_status", job_id=job_id)
    view = replace(View.asked(request.args), edit=edit)
    return _reviewed(now, view, not_made(now) if is_stale(error) else sentence(error), **typed), error.status


def _back(job_id: str, anchor: str, **changes: object) -> ResponseReturnValue:
    view = View.asked(request.args)
    return to("review", job_id=job_id, _anchor=anchor, **view.address(**changes))


# repairs


@pages.post(f"/jobs/<job_id>/review/rows/<int(max={MOST}):row_number>")
def repair_row(job_id: str, row_number: int) -> ResponseReturnValue:
    """Repair a row with the texts that were typed into its cells; `then` opens another row."""
    cells, then = cells_changed(request.form), whole(request.form.get("then")) or 0
    typed = {f"cell-{column}": text for column, text in cells.items()}
    if cells:
        try:
            now, row = _row_now(job_id, row_number)
            if overwritten := cells_overwritten(request.form, cells, row):
                headers = {
                    str(c["index"]): c["header"] for c in api().get(path(job_id, "mapping"))["columns"]
                }
                names = ", ".join(f"{headers.get(c, '')}: “{text}”" for c, text in overwritten.items())
                refusal = f"{row_changed(now, row_number)} {gettext('Now it has: %(names)s.', names=names)}"
                return _reviewed(now, _editing(row_number), refusal, typed=typed), STALE
            api().patch(path(job_id, "rows"), [{"row": row_number, "cells": cells}])
        except ApiError as error:
            return _refused(job_id, error, edit=row_number, typed=typed)
    return _back(job_id, "grid", edit=then, seen=_seen([row_number]))


def _editing(row: int) -> View:
    return replace(View.asked(request.args), edit=row)


def _row_now(job_id: str, number: int) -> tuple[Job, Row | None]:
    """The import and one of its rows as they are now; the next change is made only to these."""
    now = job(job_id)
    as_now(now)
    found = _rows(job_id, row=str(number))["items"] if now["status"] == REVIEWED else []
    return now, found[0] if found else None


def _decide_one(job_id: str, number: int, change: Mapping[str, object]) -> ResponseReturnValue:
    """Change the decision about one row, if it is still the one that the page showed."""
    try:
        now, row = _row_now(job_id, number)
        shown = request.form.get("was")
        if row and shown not in (None, decision_key(row)) and not is_of_a_moment_ago(now):
            return _reviewed(now, View.asked(request.args), row_changed(now, number)), STALE
        api().patch(path(job_id, "rows"), [{"row": number, **change}])
    except ApiError as error:
        return _refused(job_id, error)
    return _back(job_id, "grid", seen=_seen([number]))


def _seen(rows: list[int]) -> str:
    before = [int(n) for n in View.asked(request.args).seen.split(",") if n]
    return ",".join(map(str, dict.fromkeys([*(n for n in before if n not in rows), *rows])))


@pages.post("/jobs/<job_id>/review/ticks")
def tick_rows(job_id: str) -> ResponseReturnValue:
    """Leave rows of the page out, or take them in again."""
    changes = ticks_changed(request.form.getlist("shown"), request.form.getlist("take"))
    if changes:
        try:
            api().patch(path(job_id, "rows"), changes)
        except ApiError as error:
            return _refused(job_id, error)
    return _back(job_id, "grid", seen=_seen([change["row"] for change in changes]))


@pages.post("/jobs/<job_id>/review/several")
def change_several(job_id: str) -> ResponseReturnValue:
    """Do the same to the rows that are marked; rows to which it does not apply stay as they are."""
    asked = Asked.of(request.form, request.form.getlist("mark"))
    if not asked.rows or asked.what not in CHANGES or (asked.what == "set" and asked.column is None):
        refusal = gettext("Mark some rows and say what is to be done to them.")
        return _reviewed(job(job_id), View.asked(request.args), refusal, several=asked), 422
    try:
        found = _rows(job_id, row=",".join(map(str, asked.rows)))["items"]
        as_seen()
        changes = asked.changes(found)
        if changes:
            api().patch(path(job_id, "rows"), changes)
    except ApiError as error:
        return _refused(job_id, error, several=asked)
    n, rest = len(changes), len(asked.rows) - len(changes)
    done(
        ngettext("%(n)s row is changed.", "%(n)s rows are changed.", n, n=number(n)), "good" if n else "note"
    )
    if rest:
        stay = ngettext(
            "%(n)s row stays as it is: there is nothing to change.",
            "%(n)s rows stay as they are: there is nothing to change.",
            rest,
            n=number(rest),
        )
        done(stay, "note")
    return _back(job_id, "grid", seen=_seen(list(asked.rows)), marked="")


@pages.post("/jobs/<job_id>/review/select")
def select_rows(job_id: str) -> ResponseReturnValue:
    """Leave all rows of the present list out, or take them in."""
    selected = request.form.get("selected") == "1"
    view = opened(View.asked(request.args), job(job_id)["counts"])
    try:
        as_seen()
        answer = api().post(path(job_id, "rows", "select"), {"where": view.where(), "selected": selected})
    except ApiError as error:
        return _refused(job_id, error)
    n = answer["changed"]
    if selected:
        done(ngettext("%(n)s row is taken in.", "%(n)s rows are taken in.", n, n=number(n)))
    else:
        done(ngettext("%(n)s row is left out.", "%(n)s rows are left out.", n, n=number(n)))
    return _repaired(job_id, answer)


def _repaired(job_id: str, answer: Repaired) -> ResponseReturnValue:
    """Go back to the first page of the list, because rows may have moved to another page."""
    if answer["status"] == CHECKING:
        done(gettext("That is so many rows that the whole file is checked again."), "note")
    return to("review", job_id=job_id, **View.asked(request.args).filtered(fix=""))


@pages.post("/jobs/<job_id>/review/new-clients")
def choose_for_new(job_id: str) -> ResponseReturnValue:
    """Give the new clients another language or questionnaire, and check the rows again."""
    current: Settings = api().get(path(job_id, "settings"))
    asked = for_new_clients(request.form, current)
    try:
        if asked:
            as_seen()
            api().put(path(job_id, "settings"), asked)
            confirm(job_id)
    except ApiError as error:
        return _refused(job_id, error, asked=asked)
    return _back(job_id, "will")


@pages.post("/jobs/<job_id>/review/kind")
def choose_kind(job_id: str) -> ResponseReturnValue:
    """Say that the list has something else; the file is read again, and its columns are suggested anew."""
    source: Source = api().get(path(job_id, "source"))
    try:
        chosen = {**source.get("overrides", {}), "kind": request.form.get("kind", "")}
        as_seen()
        api().put(path(job_id, "source"), chosen)
    except ApiError as error:
        return _refused(job_id, error, asked={"kind": str(chosen["kind"])})
    done(gettext("The file is read again."))
    return to("file", job_id=job_id)


@pages.post("/jobs/<job_id>/review/fix")
def fix_rows(job_id: str) -> ResponseReturnValue:
    """The same repair on all rows with a problem; with `preview`, only what it would make of a few."""
    fix = Fix.of(request.form)
    if "preview" in request.form:
        return _reviewed(job(job_id), View.asked(request.args), fix=fix)
    if fix.action == "replace" and not fix.find:
        refusal = gettext("Say what is to be replaced.")
        return _reviewed(job(job_id), View.asked(request.args), refusal, fix=fix), 422
    try:
        as_seen()
        answer = api().post(path(job_id, "rows", "fix"), fix.body())
    except ApiError as error:
        return _refused(job_id, error, fix=fix)
    n = answer["changed"]
    if not n:
        done(gettext("That changes no cell."), "note")
        return _back(job_id, "problems", fix=fix.problem)
    done(ngettext("%(n)s row repaired.", "%(n)s rows repaired.", n, n=number(n)))
    return _repaired(job_id, answer)


@pages.post("/jobs/<job_id>/review/undo")
def undo_repair(job_id: str) -> ResponseReturnValue:
    """Undo the latest repair."""
    try:
        as_seen()
        answer = api().post(path(job_id, "repairs", "undo"))
    except ApiError as error:
        return _refused(job_id, error)
    n = answer["changed"]
    done(
        ngettext(
            "The repair was undone; %(n)s row is as it was.",
            "The repair was undone; %(n)s rows are as they were.",
            n,
            n=number(n),
        )
    )
    return _repaired(job_id, answer)


@pages.post("/jobs/<job_id>/review/decide")
def decide_rows(job_id: str) -> ResponseReturnValue:
    """Decide whether all rows with a question mean the record in doubt, or somebody else."""
    problem, decision = request.form.get("problem", ""), request.form.get("decision") or None
    try:
        asked = {"where": {"problem": problem}, "decision": decision}
        as_seen()
        answer = api().post(path(job_id, "rows", "decide"), asked)
    except ApiError as error:
        return _refused(job_id, error)
    n = answer["changed"]
    done(ngettext("%(n)s row is decided.", "%(n)s rows are decided.", n, n=number(n)))
    return _repaired(job_id, answer)


@pages.post(f"/jobs/<job_id>/review/decide/<int(max={MOST}):row_number>")
def decide_row(job_id: str, row_number: int) -> ResponseReturnValue:
    """Decide which record one row means."""
    return _decide_one(job_id, row_number, change_of(row_number, request.form))


@pages.post(f"/jobs/<job_id>/review/take/<int(max={MOST}):row_number>")
def take_values(job_id: str, row_number: int) -> ResponseReturnValue:
    """In the ticked differences of a row the file wins, in the others the client."""
    return _decide_one(job_id, row_number, {"take": request.form.getlist("take")})


@pages.post(f"/jobs/<job_id>/review/without/<int(max={MOST}):row_number>")
def load_without(job_id: str, row_number: int) -> ResponseReturnValue:
    """Import one row without its wrong values in some fields."""
    return _decide_one(job_id, row_number, {"without": request.form.getlist("without") or None})


# the start


@pages.post("/jobs/<job_id>/review/start")
def start_import(job_id: str) -> ResponseReturnValue:
    """Start loading, if the numbers are still those that the person saw."""
    now = job(job_id)
    if now["status"] == REVIEWED and request.form.get("numbers") != review_numbers.fingerprint(now):
        again = gettext("The rows were changed meanwhile. Look at the numbers again before you start.")
        done(f"{what_changed(now)} {again}" if changed_of(now) else again, "warn")
        return to("review", job_id=job_id)
    try:
        as_seen()
        api().post(path(job_id, "confirm"))
    except ApiError as error:
        return _refused(job_id, error)
    return to("result", job_id=job_id)
