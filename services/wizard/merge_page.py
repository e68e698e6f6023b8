"""The pages that merge two clients: choose the other, compare side by side, merge; and the undo of a merge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.wizard.api import ApiError
from services.wizard.client_links_page import found
from services.wizard.client_page import RECORD_ID, path
from services.wizard.clients_page import KINDS, directory
from services.wizard.clients_view import namer
from services.wizard.pages import api, done, fields, pages, sentence, to
from shared.contract.records import FIELD_OF

MERGE_ID = re.compile(r"[0-9a-f]{1,64}")
REFUSED = (403, 409, 410, 412, 422)


@pages.post("/clients/merge")
def merge_ticked() -> ResponseReturnValue:
    """Go to the comparison of the two clients that are ticked in the list."""
    kind, ids = request.form.get("kind", ""), request.form.getlist("id")
    if kind not in KINDS:
        raise ApiError(404, "not_found", gettext("There is no such list."))
    if len(ids) != 2 or not all(map(RECORD_ID.fullmatch, ids)):
        done(gettext("Tick the two clients that are to become one."), "note")
        return to("clients", kind=kind)
    return to("merge", kind=kind, record_id=ids[0], other=ids[1])


@pages.get("/clients/<kind>/<record_id>/merge")
def merge(kind: str, record_id: str) -> ResponseReturnValue:
    """Choose the other client; once it is chosen, compare the two."""
    record, other_id = api().get(path(kind, record_id)), request.args.get("other", "")
    if RECORD_ID.fullmatch(other_id) and other_id != record_id:
        return _compared(kind, record, other_id)
    text = request.args.get("q", _looked_for(record["fields"]))
    try:
        others, refusal = found(kind, text, record_id), None
    except ApiError as error:
        if error.status != 422:
            raise
        others, refusal = [], sentence(error)
    return render_template(
        "merge_choose.html", kind=kind, record=record, text=text, others=others, refusal=refusal
    )


def _looked_for(values: Mapping[str, Any]) -> str:
    """The longest word of a name: that of another spelling of the same client has it, too."""
    name = str(values.get("last_name") or values.get("name") or values.get("email") or "")
    return max((word for word in name.split() if any(map(str.isalnum, word))), key=len, default="")


def _compared(kind: str, record: dict[str, Any], other_id: str, refusal: str | None = None) -> str:
    other = api().get(path(kind, other_id))
    shown = api().post(f"{path(kind, record['id'])}/merge", {"other": other_id, "preview": True})
    order = {key.partition(".")[2]: place for place, key in enumerate(fields())}
    lines = sorted(shown["fields"], key=lambda each: order.get(part_field(each["field"]), len(order)))
    lists = directory()
    return render_template(
        "merge.html",
        kind=kind,
        record=record,
        other=other,
        shown=shown,
        different=[_readable(kind, each, lists) for each in lines if _differs(each)],
        filled=[_readable(kind, each, lists) for each in lines if not _differs(each)],
        refusal=refusal,
    )


def _readable(kind: str, line: dict[str, Any], lists: Mapping[str, Any]) -> dict[str, Any]:
    """A line with its values as people read them: the names of members, languages and types."""
    field = fields().get(f"{kind.removesuffix('s')}.{part_field(line['field'])}")
    name = namer(kind, field, lists) if field else str
    return {**line, **{side: _named(line[side], name) for side in ("mine", "theirs", "result")}}


def _named(value: Any, name: Callable[[object], str]) -> Any:
    if isinstance(value, list):
        return [name(each) for each in value]
    return name(value) if isinstance(value, str) else value


def part_field(part: str) -> str:
    """The name of the field that fills a part of a record."""
    return FIELD_OF.get(part, part)


def _differs(line: dict[str, Any]) -> bool:
    """Whether a person has to choose: both have a value, another one, and no list."""
    both = line["mine"] is not None and line["theirs"] is not None
    return both and line["mine"] != line["theirs"] and not isinstance(line["mine"], list)


@pages.post("/clients/<kind>/<record_id>/merge")
def merge_clients(kind: str, record_id: str) -> ResponseReturnValue:
    """Merge the two clients that were compared."""
    where, given = path(kind, record_id), request.form
    other = given.get("other", "")
    take = [
        name.removeprefix("take.")
        for name, value in given.items()
        if name.startswith("take.") and value == "theirs"
    ]
    seen = given.get("revision", "")
    body = {"other": other, "take": take, "anyway": "anyway" in given}
    try:
        api().post(
            f"{where}/merge", body, {"If-Match": f'"{seen if seen.isascii() and seen.isdigit() else 0}"'}
        )
    except ApiError as error:
        if (
            error.status not in REFUSED
            or error.code == "merged"
            or not RECORD_ID.fullmatch(other)
            or other == record_id
        ):
            raise
        changed = gettext("Somebody has changed this client since you opened it. Look at it again.")
        refusal = changed if error.status == 412 else sentence(error)
        return _compared(kind, api().get(where), other, refusal), error.status
    done(gettext("The two clients are one now. The history below has the way back, for 30 days."))
    return to("client", kind=kind, record_id=record_id)


@pages.post("/clients/<kind>/<record_id>/merges/<merge_id>/undo")
def undo_merge(kind: str, record_id: str, merge_id: str) -> ResponseReturnValue:
    """Undo a merge, and name what stays because somebody changed it since."""
    where = path(kind, record_id)
    if not MERGE_ID.fullmatch(merge_id):
        raise ApiError(404, "not_found", gettext("There is no such client."))
    try:
        undone = api().post(f"{where}/merges/{merge_id}/undo")
    except ApiError as error:
        if error.status != 409:
            raise
        done(sentence(error), "warn")
        return to("client", kind=kind, record_id=record_id)
    done(gettext("The merge is undone: both clients are there again."))
    names = fields()
    kept = [
        field["label"] if (field := names.get(f"{kind.removesuffix('s')}.{part_field(part)}")) else part
        for part in undone["kept_fields"]
    ]
    if kept:
        listed = ", ".join(kept[:20])
        done(gettext("Somebody changed this since, so it stays as it is: %(fields)s.", fields=listed), "note")
    if undone["kept_links"]:
        done(gettext("Links that somebody changed since stay as they are."), "note")
    return to("client", kind=kind, record_id=undone["restored"])
