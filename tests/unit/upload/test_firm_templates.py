"""A firm's own template comes back whole: each column maps by itself, and each value is what was typed."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from openpyxl import load_workbook

from services.mapper.settings.suggested_mapping import first_mapping
from services.upload.list_templates.content import (
    KINDS,
    MANDATORY_OF_ACCOUNTON,
    TEMPLATES,
    USUAL_KIND,
    FirmLists,
    columns_of,
    lists_of,
)
from services.upload.list_templates.files import as_csv, as_xlsx
from services.validator.check.checking import check_rows
from services.validator.check.context import check_plan, context_of
from shared.contract.custom_fields import CUSTOM_TYPES, CustomName, with_id
from shared.contract.fields import NEEDED
from shared.contract.problems import ERROR, severity
from shared.contract.rights import RIGHTS
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.directory_store import DEFAULTS
from tests.unit.mapper.test_mandatory_fields import MANDATORY
from tools.read_file import read

EVERY = pytest.mark.parametrize(("name", "lang"), [(name, lang) for name in TEMPLATES for lang in LANGUAGES])
VALID = {
    "text": ("Löwen & Co", "Löwen & Co"),
    "number": ("12.5", "12.5"),
    "date": {"DMY": "05/11/2026", "MDY": "11/05/2026", "YMD": "2026-11-05"},
    "choice": ("Beta", "Beta"),
    "multi-choice": ("Alpha; Beta", ["Alpha", "Beta"]),
    "email": ("an@office.example", "an@office.example"),
    "url": ("https://office.example/a", "https://office.example/a"),
    "phone": ("+32470123456", "+32470123456"),
}
ODD = (
    "Segment", "Nr. client", "$x", "a$b.c", "Ünïcode ñ", "日本語", "🎉", "a/b\\c", '"q"', "{x}", "=1+1", "+x",
    "@y", "-z", "a;b", "a,b", "#1", "Client since", "Vet's name", "1", "Nom d’usage", "VAT?", "Größe", "Email", "Notes",
    "Tags", "Account name", "Last name", "City", "Language", "Type", "Segment (contact)", "true", "Total",
)  # fmt: skip


def is_name(text: str) -> bool:
    try:
        return CustomName().deserialize(text) == text and bool(text.strip())
    except ValidationError:
        return False


NAMES = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20
).filter(is_name)
FIELDS = st.lists(
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "type": st.sampled_from(CUSTOM_TYPES),
            "record": st.sampled_from(["account", "contact"]),
            "choices": st.just(["Alpha", "Beta", "Gamma, Delta"]),
        }
    ),
    max_size=6,
    unique_by=lambda custom: (custom["record"], custom["name"].casefold()),
)
FIRMS = st.fixed_dictionaries(
    {
        "custom_fields": FIELDS,
        "tags": st.just(["VIP", "2025", "a, b"]),
        "languages": st.permutations(["nl", "fr", "en", "de"]),
        "order": st.sampled_from(["DMY", "MDY", "YMD"]),
    }
)
TEAM = [{"id": "jan", "name": "Jan Jans", "email": "jan@office.example"}]


def firm_of(own: Any) -> Any:
    """The reference data of a firm with random fields, whose fields have ids."""
    customs: list[Any] = []
    for custom in own["custom_fields"]:
        shown = (
            {**custom} if "choice" in custom["type"] else {k: v for k, v in custom.items() if k != "choices"}
        )
        customs.append(with_id(shown, customs))
    locale = {**DEFAULTS["locale"], "date_order": own["order"]}
    parts = {"tags": own["tags"], "contact_tags": own["tags"], "languages": list(own["languages"])}
    return {**DEFAULTS, **parts, "custom_fields": customs, "locale": locale, "team_members": TEAM}


def filled(name: str, lang: str, firm: Any, ending: str) -> tuple[bytes, list[str], list[Any]]:
    """A template with one row of valid values; gives the columns and the row, too."""
    columns: list[Any] = columns_of(name, lang, lists_of(firm))
    customs = {f"{each['record']}.custom.{each['name']}": each for each in firm["custom_fields"]}
    row = [_typed(customs[one.key], firm) if one.key in customs else one.example for one in columns]
    if ending == "csv":
        text = io.StringIO(as_csv(name, lang, lists_of(firm)).decode("utf-8-sig"))
        text.seek(0, io.SEEK_END)
        csv.writer(text, delimiter=";").writerow(row)
        return text.getvalue().encode("utf-8-sig"), row, columns
    book = load_workbook(io.BytesIO(as_xlsx(name, lang, lists_of(firm))))
    for place, value in enumerate(row, 1):
        book.worksheets[0].cell(2, place, value or None)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue(), row, columns


def _typed(custom: Any, firm: Any) -> str:
    value: Any = VALID[custom["type"]]
    return value[firm["locale"]["date_order"]] if isinstance(value, dict) else value[0]


def expected(custom: Any) -> Any:
    value: Any = VALID[custom["type"]]
    return "2026-11-05" if isinstance(value, dict) else value[1]


def read_back(content: bytes, ending: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"filled.{ending}"
        path.write_bytes(content)
        return read(str(path))


def checked(answer: Any, name: str, firm: Any) -> tuple[Any, Any]:
    """The mapping that is suggested for a file, and its rows as checked."""
    kind = KINDS.get(name, USUAL_KIND)
    columns = [
        {
            "index": at,
            "header": header,
            "name": header,
            "fill": 1.0,
            "samples": [row[at] for row in answer["rows"]],
            "dates": {},
        }
        for at, header in enumerate(answer["header"])
    ]
    mapping = first_mapping(columns, kind, firm["custom_fields"])  # type: ignore[arg-type]
    job: Any = {
        "kind": kind, "mapping": mapping, "source": {"column_list": columns}, "created_by": "jan", "revision": 1,
        "rights": list(RIGHTS), "settings": {"rules": [], "tags": [], "on_invalid": {}},
    }  # fmt: skip

    class Nothing:
        def reserve_names(self, *_: Any) -> set[str]:
            return set()

        def reserved_names(self, *_: Any) -> list[str]:
            return ["VIP", "2025", "a", "b"]

    context = context_of(job, firm, Nothing(), 5000)
    return mapping, check_rows(answer["rows"], check_plan(job, firm), context)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(TEMPLATES)),
    st.sampled_from(sorted(LANGUAGES)),
    FIRMS,
    st.sampled_from(["xlsx", "csv"]),
)
def test_a_filled_template_of_any_firm_maps_itself_and_keeps_every_value(
    name: str, lang: str, own: Any, ending: str
) -> None:
    firm = firm_of(own)
    content, row, columns = filled(name, lang, firm, ending)
    answer = read_back(content, ending)
    assert answer["header"] == [one.header for one in columns]
    assert answer["rows"] == [row]
    mapping, found = checked(answer, name, firm)
    filled_by = [
        f"{c['custom']['record']}.custom.{c['custom']['name']}"
        if c["action"] == "custom"
        else c["target"] or ""
        for c in mapping["columns"]
    ]
    assert filled_by == [one.key for one in columns]
    assert min(c["confidence"] for c in mapping["columns"] if c["action"] != "skip") >= 0.9
    assert [(p.field, p.code) for p in found.problems if severity(p.code) == ERROR] == []
    for custom in firm["custom_fields"]:
        key = f"{custom['record']}.custom.{custom['id']}"
        if any(one.key == f"{custom['record']}.custom.{custom['name']}" for one in columns):
            assert found.columns[key] == [expected(custom)], custom


@EVERY
def test_each_example_of_a_note_is_a_value_that_the_import_takes(name: str, lang: str) -> None:
    firm = firm_of({"custom_fields": [], "tags": ["VIP", "2025"], "languages": ["nl", "fr"], "order": "DMY"})
    columns = columns_of(name, lang, lists_of(firm))
    answer = {"header": [one.header for one in columns], "rows": [[one.example for one in columns]]}
    _, found = checked(answer, name, firm)
    assert [(p.field, p.code, p.params) for p in found.problems] == []
    for one in columns:
        value = found.columns.get(one.key, [None])[0]
        if one.key == "contact.linked_account":
            value = found.linked_names.get(0)
        assert not (one.key and one.example) or value not in (None, "", []), one
        if one.example in ("VIP; 2025", "VIP,2025"):
            assert value == ["VIP", "2025"], one


@EVERY
def test_a_template_says_which_columns_rows_need_and_shows_it(name: str, lang: str) -> None:
    columns = columns_of(name, lang)
    kind = KINDS.get(name, USUAL_KIND)
    marked = {one.key for one in columns if one.needed}
    in_each_row = {one.key for one in columns if one.in_each_row}
    if name == "accounton":
        assert list(MANDATORY_OF_ACCOUNTON) == MANDATORY
        assert marked == in_each_row == set(MANDATORY)
    else:
        assert marked == {one.key for one in columns} & {key for group in NEEDED[kind] for key in group}
    sheet, explained, *_ = load_workbook(io.BytesIO(as_xlsx(name, lang))).worksheets
    texts = dict(explained.iter_rows(min_row=2, values_only=True))
    usual = next(sheet.cell(1, at).fill.fgColor.rgb for at, one in enumerate(columns, 1) if not one.needed)
    for at, one in enumerate(columns, 1):
        note = sheet.cell(1, at).comment.text
        assert note.startswith(one.needed)
        assert texts[one.header].startswith(one.needed)
        assert (sheet.cell(1, at).fill.fgColor.rgb != usual) is bool(one.needed)


@EVERY
def test_a_row_without_what_it_needs_is_refused_and_one_with_it_is_not(name: str, lang: str) -> None:
    firm = firm_of({"custom_fields": [], "tags": [], "languages": ["nl"], "order": "DMY"})
    columns = columns_of(name, lang, lists_of(firm))
    answer: Any = {"header": [one.header for one in columns]}
    needed = [at for at, one in enumerate(columns) if one.needed]
    whole = [one.example for one in columns]
    for at in needed:
        whole[at] = whole[at] or "x"
    if columns[needed[0]].in_each_row:
        without = [[cell if at != gone else "" for at, cell in enumerate(whole)] for gone in needed]
    else:
        without = [[cell if at not in needed else "" for at, cell in enumerate(whole)]]
        if name == "household":
            without = []  # the partner's name is a name, too
    _, found = checked({**answer, "rows": [whole, *without]}, name, firm)
    assert 0 not in found.bad
    assert set(range(1, 1 + len(without))) <= found.bad


@EVERY
def test_an_untouched_template_of_a_firm_has_no_rows(name: str, lang: str) -> None:
    tags = [f"Tag {n}" for n in range(400)]
    own = {
        "custom_fields": [{"name": "=1+1", "type": "choice", "record": "account", "choices": tags}],
        "tags": tags,
    }
    firm = firm_of({**own, "languages": ["nl"], "order": "DMY"})
    for ending, write in (("xlsx", as_xlsx), ("csv", as_csv)):
        answer = read_back(write(name, lang, lists_of(firm)), ending)
        assert (answer["rows"], "error" in answer) == ([], False)


def test_what_a_firm_has_can_be_chosen_also_where_the_list_is_long() -> None:
    tags = tuple(f"Tag {n}" for n in range(400))
    firm = FirmLists(choices={"account.tags": tags, "account.team_members": ("jan@office.example",)})
    book = load_workbook(io.BytesIO(as_xlsx("accounts", "en", firm)))
    offered = [each.formula1 for each in book.worksheets[0].data_validations.dataValidation]
    assert '"jan@office.example"' in offered
    assert "Lists!$A$1:$A$400" in offered
    assert book["Lists"].sheet_state == "hidden"
    assert [cell.value for cell in book["Lists"]["A"]] == list(tags)
    columns = {
        one.key: one
        for one in columns_of("accounts", "en", FirmLists(choices={"account.tags": ("a; b", "c")}))
    }
    assert columns["account.tags"].choices == ("c",)  # a cell would take the other one for two
