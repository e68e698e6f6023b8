"""GET /templates: empty lists that people fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from flask import Response

from services.upload.api.schemas import TemplateQuery
from services.upload.api.service import routes
from services.upload.list_templates.content import NO_FIRM, TEMPLATES, FirmLists, lists_of
from services.upload.list_templates.files import as_csv, as_xlsx
from shared.plumbing import web
from shared.plumbing.auth import ANYONE, MANAGE_CONTACTS
from shared.plumbing.problem import Problem


class Language(TypedDict, total=False):
    """What `TemplateQuery` gives: the language of the template; without it the caller's."""

    lang: str


TEMPLATE_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@routes.on(
    "GET",
    "/templates/<name>.xlsx",
    may=ANYONE,
    query=TemplateQuery,
    answer={"type": "string", "format": "binary"},
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def template_as_xlsx(query: Language, name: str) -> Response:
    """A workbook to fill in: headers, choices, notes, and a sheet that explains it.

    Callers who may import get the firm's own: with its fields, tags, team, folder templates and languages to choose.
    """
    return _template(name, "xlsx", as_xlsx, query)


@routes.on(
    "GET",
    "/templates/<name>.csv",
    may=ANYONE,
    query=TemplateQuery,
    answer={"type": "string"},
    content_type="text/csv",
)
def template_as_csv(query: Language, name: str) -> Response:
    """The headers of a template."""
    return _template(name, "csv", as_csv, query)


def _template(
    name: str, kind: str, write: Callable[[str, str, FirmLists], bytes], query: Language
) -> Response:
    if name not in TEMPLATES:
        raise Problem("not_found")
    caller = web.caller()
    firm = lists_of(web.directory().reference()) if caller.may(MANAGE_CONTACTS) else NO_FIRM
    content = write(name, query.get("lang") or caller.locale, firm)
    answer = Response(content, content_type=TEMPLATE_TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
