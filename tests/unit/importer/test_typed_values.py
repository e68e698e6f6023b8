"""Tests that values of people are checked as those of files, and that what a record has may be sent back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.importer.directory.record_fields import AccountChanges, ContactChanges, applied
from services.importer.directory.typed_values import typed
from services.validator.check.checking import check_rows
from services.validator.check.context import CheckContext, CheckPlan, decided_orders
from shared.contract.date_order import date_evidence
from shared.contract.fields import FIELDS
from shared.contract.problems import ERROR, severity
from shared.contract.records import CLEAR, RENAMED, masked
from shared.contract.spelling import known_spellings
from shared.plumbing.directory_store import DEFAULTS
from shared.values.context import context_of_firm

MEMBERS = [{"id": "an", "name": "An Maes", "email": "an@office.example"}, {"id": "bob", "name": "Bob"}]
CUSTOMS = [
    {"id": f"f{place}", "name": f"Own {kind}", "type": kind, "record": record, "choices": ["A+", "Blue sky"]}
    for place, kind in enumerate(
        ("text", "number", "date", "choice", "multi-choice", "email", "url", "phone")
    )
    for record in ("account", "contact")
]
FIRM: Any = {
    **DEFAULTS,
    "team_members": MEMBERS,
    "tags": ["VIP klant", "BTW"],
    "contact_tags": ["VIP klant"],
    "roles": ["Zaakvoerder"],
    "folder_templates": ["Société"],
    "custom_fields": CUSTOMS,
}
#: Keys of the fields of records that a file has, too, and that a person types.
ONLY_IN_FILES = {"full_name", "linked_account", "phone_prefix", "record_id", "relationship"}
KEYS = [
    key
    for key, field in FIELDS.items()
    if field.record in ("account", "contact") and field.name not in ONLY_IN_FILES
]
#: Texts as people type them, some for every kind of value, in several languages and spellings.
TYPED = [
    "0470 12 34 56", "+32 (0)2 555 12 12", "tel. 02/555.12.12", "00 33 1 42 68 53 00", "12345", "gsm", "070",
    "an@maes.example", "An Maes <an@maes.example>", "mailto:an@maes.example", "an@maes,example", "a@b", "an@gmial.com",
    "31/12/1980", "12/31/1980", "3.4.85", "1 mars 2020", "2020-02-30", "29308", "März 2020", "0000-00-00", "01/02/2099",
    "BE", "België", "Duitsland", "Allemagne", "Congo", "XX", "nl-BE", "Nederlands", "Deutsch", "klingon", "F",
    "0403.019.261", "BE 0403 019 261", "403019261", "0403.019.262", "85.07.30-033.28", "85073003328", "BE0403019261",
    "FR83404833048", "DE136695976", "1.234", "1.234,50", "€ 12", "12e3", "-5", "½", "www.Example.be", "http://x.be/ü",
    "ftp://x", "bv", "Individueel", "eenmanszaak", "ja", "x", "31/12", "12-31", "einde juni", "30 juni", "31/02",
    "An Maes", "maes, an", "bob", "Carl", "an@office.example", "vip KLANT", "vip klant; Nieuw", "a;b,A", "BTW, btw",
    "zaakvoerder", "societe", "Other template", "a+", "BLUE SKY", "A+; blue sky", "Green", "n/a", "-", "—", "geen",
    "aucun", "__CLEAR__", "__SKIP__", "#N/A", "#REF!", "'0123", '="0123"', "=1+1", "@x", "CON", "a<b", "x" * 300,
    "x" * 9_999, "R&amp;D", "Caf\u0065\u0301", "  spaced  ", "zero\u200bwidth", "日本語", "Ωμέγα", "محمد", "1000",
    "9000 Gent", "B-9000", "75 001", "12 bus 3", "Dhr.", "•••••••••28", "1/1/70", "30-06", "Sint-Niklaas",
    "\u202eevil", "1" * 60,
]  # fmt: skip


def mapping_of(key: str) -> Any:
    """A mapping of one column, to this field or to a field of the firm."""
    column: Any = {"index": 0, "header": "x", "action": "sync", "target": key}
    own = next((each for each in CUSTOMS if f"{each['record']}.custom.{each['id']}" == key), None)
    if own:
        column = {"index": 0, "header": "x", "action": "custom", "target": None, "custom": own}
    return {"columns": [column], "account_type": {"mode": "column", "column": 0}}


#: The names that a firm has, by the part of a record.
NAMED = {
    "account": {"tags": "tags", "roles": "roles", "folder_template": "folder_templates"},
    "contact": {"tags": "contact_tags"},
}
#: What the record has beside the value, so that the value has a record to go to.
BESIDE = {"account": ("account.name", "Maes"), "contact": ("contact.last_name", "Maes")}


def of_import(key: str, text: str) -> tuple[Any, list[str], str | None]:
    """What the check of an import makes of one cell: its value, the codes of problems, and that of the fix."""
    slot = key.partition(".")[0]
    named, name = BESIDE[slot] if BESIDE[slot][0] != key else ("contact.first_name", "An")
    mapping = mapping_of(key)
    mapping["columns"].append({"index": 1, "header": "y", "action": "sync", "target": named})
    dates = [{"index": 0, "dates": date_evidence([text])}, {"index": 1, "dates": {}}]
    job: Any = {"mapping": mapping, "source": {"column_list": dates}}
    orders = decided_orders(job, FIRM["locale"]["date_order"])
    plan = CheckPlan(mapping, "contacts" if slot == "contact" else "accounts", orders=orders)
    names = known_spellings({f"{slot}.{part}": FIRM[where] for part, where in NAMED[slot].items()})
    found = check_rows([[text, name]], plan, CheckContext(**vars(context_of_firm(FIRM)), names=names))
    values = found.columns.get(key, [None])
    codes = [one.code for one in found.problems if one.field == key and one.code != "missing_required"]
    fix = next((one.code for one in found.fixes if one.field == key), None)
    return None if values[0] == CLEAR else values[0], codes, fix


def of_person(key: str, text: str) -> Any:
    """What checking makes of the same text that a person types into the field of a new record."""
    slot, _, name = key.partition(".")
    named, beside = BESIDE[slot] if BESIDE[slot][0] != key else ("contact.first_name", "An")
    record = {named.partition(".")[2]: beside}
    field = next(
        (each for each in CUSTOMS if f"custom.{each['id']}" == name and each["record"] == slot), None
    )
    if field:
        return typed(slot, record, {"custom": {field["name"]: text}}, FIRM), f"custom.{field['name']}"
    part = RENAMED.get(name, name)
    value: object = [text] if FIELDS[key].type in ("list", "members") else text
    return typed(slot, record, {part: value}, FIRM), part


OWN_KEYS = [f"{each['record']}.custom.{each['id']}" for each in CUSTOMS]


@pytest.mark.parametrize("key", [*KEYS, *OWN_KEYS])
def test_a_value_that_a_person_types_becomes_what_an_import_makes_of_it(key: str) -> None:
    for text in TYPED:
        value, codes, fix = of_import(key, text)
        found, part = of_person(key, text)
        now = (
            found.changes.get("custom", {}).get(part[7:])
            if part.startswith("custom.")
            else found.changes.get(part)
        )
        refused = [each.code for each in found.refused if each.code != "missing_required"]
        noted = [each.code for each in found.noted]
        if codes and (value is None or severity(codes[0]) == ERROR or isinstance(value, list)):
            assert refused, (text, value, codes)
            assert set(refused) <= set(codes), (text, refused, codes)
            continue
        if found.refused and now is None:
            assert text in ("__SKIP__",) or part == "name", (text, found.refused, value)
            continue
        assert (now, noted) == (value, codes), (text, found)
        changed = value != ([text] if isinstance(value, list) else text)
        assert [each.part for each in found.fixes] == ([part] if changed else []), (text, found.fixes, fix)
        if changed and fix and text != CLEAR:
            assert found.fixes[0].code == fix, text


SIMPLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)


def records(slot: str) -> st.SearchStrategy[dict[str, Any]]:
    """Records with any values, also such as no import lets in: of earlier versions, of fields that were removed."""
    parts = {
        RENAMED.get(FIELDS[key].name, FIELDS[key].name): st.lists(SIMPLE, min_size=1, max_size=3)
        if FIELDS[key].type in ("list", "members")
        else SIMPLE | st.sampled_from(TYPED)
        for key in KEYS
        if FIELDS[key].record == slot
    }
    own = st.dictionaries(st.sampled_from(["Own text", "Own choice", "gone"]), SIMPLE, min_size=1)
    extra: dict[str, Any] = {"custom": own}
    if slot == "account":
        extra["questionnaire"] = st.fixed_dictionaries({"name": SIMPLE, "status": st.just("sent")})
    return st.fixed_dictionaries({}, optional={**parts, **extra})


@given(record=records("account"), masks=st.booleans())
@example(record={"tags": ["a, b", "A, B"], "language": "xx", "assignees": ["left"]}, masks=False)
def test_an_account_that_is_sent_back_as_it_was_answered_does_not_change(
    record: dict[str, Any], masks: bool
) -> None:
    found = typed("account", record, record, FIRM)
    assert (found.changes, found.fixes, found.refused, found.noted) == ({}, [], [], [])


@given(record=records("contact"), masks=st.booleans())
def test_a_contact_that_is_sent_back_as_it_was_answered_keeps_its_number(
    record: dict[str, Any], masks: bool
) -> None:
    answered = {name: masked(name, value) if masks else value for name, value in record.items()}
    found = typed("contact", record, answered, FIRM)
    assert (found.changes, found.fixes, found.refused, found.noted) == ({}, [], [], [])


@pytest.mark.parametrize("number", ["•••••••••29", "•••••••••", "•", "••••••••• 28"])
def test_a_masked_number_that_is_not_the_records_own_is_refused(number: str) -> None:
    found = typed(
        "contact", {"last_name": "Maes", "national_number": "85073003328"}, {"national_number": number}, FIRM
    )
    assert found.changes == {}
    assert [each.part for each in found.refused] == ["national_number"]


def test_lines_of_a_text_stay_and_those_of_a_name_become_one() -> None:
    given_ = {"notes": "first \n\n\u200bsecond\nthird ", "name": "Maes\nBV"}
    found = typed("account", {"name": "x"}, given_, FIRM)
    assert found.changes == {"notes": "first\n\nsecond\nthird", "name": "Maes BV"}
    assert {each.part: each.code for each in found.fixes} == {"notes": "text_cleaned", "name": "text_cleaned"}


@pytest.mark.parametrize(
    ("slot", "record", "changes"),
    [
        ("account", {"name": "Maes"}, {"name": "n/a"}),
        ("account", {"name": "Maes"}, {"name": CLEAR}),
        ("contact", {"last_name": "Maes"}, {"last_name": None}),
        ("contact", {"last_name": "Maes", "first_name": "An"}, {"last_name": None, "first_name": "-"}),
        ("contact", {"email": "an@maes.example"}, {"email": None}),
    ],
)
def test_a_record_keeps_what_names_it(slot: str, record: dict[str, Any], changes: dict[str, Any]) -> None:
    assert [each.code for each in typed(slot, record, changes, FIRM).refused] == ["missing_required"]


def test_a_number_is_written_as_the_country_of_the_record_does() -> None:
    assert typed(
        "contact", {"last_name": "x", "country": "FR"}, {"phone": "01 42 68 53 00"}, FIRM
    ).changes == {"phone": "+33142685300"}
    both = typed("contact", {"last_name": "x"}, {"phone": "020 7946 0018", "country": "Royaume-Uni"}, FIRM)
    assert both.changes == {"country": "GB", "phone": "+442079460018"}


@pytest.mark.parametrize("key", [key for key in KEYS if FIELDS[key].type not in ("list", "members")])
def test_every_text_of_an_import_may_be_sent(key: str) -> None:
    schema = AccountChanges() if key.startswith("account.") else ContactChanges()
    part = RENAMED.get(FIELDS[key].name, FIELDS[key].name)
    assert [text for text in TYPED if schema.validate({part: text})] == []


@given(record=records("account"), changes=records("account"))
def test_a_change_that_is_made_again_changes_nothing(record: dict[str, Any], changes: dict[str, Any]) -> None:
    found = typed("account", record, changes, FIRM)
    after: Any = applied(record, found.changes)  # type: ignore[arg-type]
    again = typed("account", after, found.changes, FIRM)
    assert (again.changes, again.refused) == ({}, [])
