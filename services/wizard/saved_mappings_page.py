"""The page of the firm's saved mappings: their list, and the forms that rename and forget one."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.wizard import forms
from services.wizard.api import ApiError
from services.wizard.kinds import KINDS
from services.wizard.pages import api, done, pages, people, sentence, to

PROFILE_ID = re.compile(r"[0-9a-f]{1,64}")
ON_A_PAGE = 50
LONGEST_NAME = 100


@pages.get("/mappings")
def saved_mappings() -> str:
    """The saved mappings, the latest first; `q` is a part of the name or of a header."""
    return _page(None, {})


def _page(refusal: str | None, typed: dict[str, str]) -> str:
    found: list[dict[str, Any]] = api().get("/mapping-profiles")["items"]
    q = request.args.get("q", "").strip()
    fitting = [each for each in found if _fits(each, q.casefold())]
    start = forms.whole(request.args.get("start"), len(fitting)) or 0
    return render_template(
        "saved_mappings.html",
        mappings=fitting[start : start + ON_A_PAGE],
        total=len(found),
        q=q,
        start=start,
        next=start + ON_A_PAGE if start + ON_A_PAGE < len(fitting) else None,
        kinds=KINDS,
        people=people(),
        typed=typed,
        refusal=refusal,
    )


def _fits(profile: dict[str, Any], q: str) -> bool:
    return not q or any(q in text.casefold() for text in (profile["name"], *profile["headers"]))


def path(profile_id: str) -> str:
    """The path of a saved mapping in the API."""
    if not PROFILE_ID.fullmatch(profile_id):
        raise ApiError(404, "not_found", gettext("There is no such mapping."))
    return f"/mapping-profiles/{profile_id}"


@pages.post("/mappings/<profile_id>")
def rename_mapping(profile_id: str) -> ResponseReturnValue:
    """Give a saved mapping another name."""
    name = request.form.get("name", "").strip()
    try:
        api().patch(path(profile_id), {"name": name})
    except ApiError as error:
        if error.status not in (409, 422):
            raise
        blank = gettext("Give a name of 1 to 100 letters on one line.")
        return _page(blank if error.status == 422 else sentence(error), {profile_id: name}), error.status
    done(gettext("The mapping is now called “%(name)s”.", name=name))
    return to("saved_mappings")


@pages.post("/mappings/<profile_id>/forget")
def forget_mapping(profile_id: str) -> ResponseReturnValue:
    """Forget a saved mapping."""
    name = api().get(path(profile_id))["name"]
    api().delete(path(profile_id))
    done(gettext("The mapping “%(name)s” is forgotten.", name=name))
    return to("saved_mappings")
