"""What PUT /directory sets beside what it names, what it refuses, and what replacing an entry does to records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.importer.api.directory import DirectoryBody
from services.importer.directory.reference_parts import MOST_VALUES, fits, fitted
from shared.contract.entries import PARTS, key_of, names_in, places_of, replaced, with_entry, without_entry
from shared.contract.records import have
from shared.plumbing.directory_store import DEFAULTS

SECTOR = {"id": "f1", "name": "Sector", "type": "text", "record": "account"}
FIRM: Any = {
    **DEFAULTS,
    "team_members": [
        {"id": n, "name": n, "email": f"{n}@x.example", "default_access": False} for n in ("an", "bo")
    ],
    "tags": ["VIP", "2026"],
    "contact_tags": ["VIP"],
    "roles": ["Director", "Partner"],
    "folder_templates": ["A", "B"],
    "folder_template_folders": {"A": ["Tax/2026"], "B": ["Audit"]},
    "custom_fields": [SECTOR, {**SECTOR, "record": "contact"}],
    "notices": {"importer": ["failed"], "copies": [{"to": "bo@x.example", "when": ["failed"]}]},
}


def put(body: Any, values: Any = (), domains: Any = ()) -> Any:
    return fitted(body, FIRM, lambda custom: list(values), domains)


def test_what_is_answered_can_be_set_unchanged() -> None:
    loaded = DirectoryBody().load({**FIRM})
    loaded.pop("revision")
    fit, wrong = put(loaded)
    assert not wrong
    assert fit == loaded


def test_folders_and_copies_go_with_their_template_and_their_person() -> None:
    assert put({"folder_templates": ["B"]})[0]["folder_template_folders"] == {"B": ["Audit"]}
    assert put({"team_members": FIRM["team_members"][:1]})[0]["notices"]["copies"] == []
    assert put({"team_members": FIRM["team_members"]})[0]["notices"] == FIRM["notices"]


@pytest.mark.parametrize(
    "part", ["tags", "contact_tags", "roles", "folder_templates", "questionnaires", "languages"]
)
def test_a_name_is_in_its_list_once(part: str) -> None:
    assert put({part: ["nl", "fr", "nl"]})[0][part] == ["nl", "fr"]


def test_folders_of_no_template_are_refused_at_their_name() -> None:
    assert "C" in put({"folder_template_folders": {"C": ["x"]}})[1]["folder_template_folders"]
    assert not put({"folder_templates": ["C"], "folder_template_folders": {"C": ["x"]}})[1]


@pytest.mark.parametrize(
    ("to", "domains", "taken"),
    [
        ("bo@x.example", (), True),
        ("BO@X.example", (), True),
        ("zoe@x.example", (), False),
        ("zoe@platform.example", ("platform.example",), True),
        ("zoe@PLATFORM.example", ("Platform.Example",), True),
        ("zoe@sub.platform.example", ("platform.example",), False),
        ("zoe@elsewhere.example", ("*",), True),
    ],
)
def test_copies_go_to_people_of_the_firm_unless_the_platform_allows_more(
    to: str, domains: Any, taken: bool
) -> None:
    body = {"notices": {"importer": [], "copies": [{"to": to, "when": ["failed"]}]}}
    assert (not put(body, domains=domains)[1]) is taken


VALUES: dict[str, list[Any]] = {
    "text": ["a", "1", "2026-01-31", "an@x.example", "+32470123456", "https://x.example"],
    "number": ["1", "-2.5", "0"],
    "date": ["2026-01-31", "1900-12-31"],
    "email": ["an@x.example"],
    "url": ["https://x.example/a"],
    "phone": ["+32470123456"],
    "choice": ["x"],
    "multi-choice": [["x", "y"]],
}


@pytest.mark.parametrize("old", VALUES)
@pytest.mark.parametrize("new", VALUES)
def test_a_type_changes_only_where_all_values_fit_it(old: str, new: str) -> None:
    to: Any = {**SECTOR, "type": new, "choices": ["x", "y"]} if "choice" in new else {**SECTOR, "type": new}
    if old == new:
        assert all(fits(value, to) for value in VALUES[old])
    for value in VALUES[old]:
        wrong = put({"custom_fields": [to]}, [value])[1]
        assert bool(wrong) is (new != "text" and not fits(value, to)) or (
            new == "text" and isinstance(value, list)
        )
    assert not put({"custom_fields": [to]})[1]  # no record has a value


def test_a_type_stays_where_there_are_too_many_values_to_look_at_and_a_name_changes_always() -> None:
    many = [str(number) for number in range(MOST_VALUES + 1)]
    assert put({"custom_fields": [{**SECTOR, "type": "number"}]}, many)[1]
    assert not put({"custom_fields": [{**SECTOR, "name": "Trade", "choices": ["z"]}]}, many)[1]


RECORDS: dict[str, Any] = {
    "tags": {"tags": ["VIP", "x"]},
    "contact_tags": {"tags": ["VIP"]},
    "roles": {"roles": ["Director", "Partner"]},
    "folder_templates": {"folder_template": "A"},
    "questionnaires": {"questionnaire": {"name": "Personal income tax", "status": "sent"}},
    "languages": {"language": "en"},
    "team_members": {"assignees": ["an", "bo"]},
    "custom_fields": {"custom": {"f1": "Care", "f2": "x"}},
}


@settings(deadline=None)
@given(st.sampled_from(list(PARTS)), st.booleans(), st.booleans())
def test_an_entry_that_is_replaced_is_in_no_record_and_not_in_the_firm(
    part: str, away: bool, known: bool
) -> None:
    name, *others = names_in(part, FIRM)
    to = None if away or part == "custom_fields" else others[0] if known and others else "Fresh"
    record = {"_id": "f/1", "name": "Kept", **RECORDS[part]}
    (place,) = {place for place in places_of(part, name, FIRM).values()}
    after = replaced(record, place, to)
    value = after.get(place.path.partition(".")[0])
    entries = (
        value if isinstance(value, list) else [value.get("name")] if isinstance(value, dict) else [value]
    )
    if part == "custom_fields":
        assert after["custom"] == {"f2": "x"}
    else:
        assert place.value not in entries
        assert to is None or entries.count(to) == 1
    assert after["name"] == "Kept"
    assert None not in after.values()
    firm = {**FIRM, **with_entry(part, name, to, FIRM)} if to and part not in ("team_members",) else FIRM
    firm = {**firm, **without_entry(part, name, firm)}
    assert name not in names_in(part, firm)
    if to == "Fresh" and part != "team_members":
        assert names_in(part, firm) == ["Fresh", *others]
    assert set(firm["folder_template_folders"]) <= set(firm["folder_templates"])


def test_a_renamed_template_keeps_its_place_and_its_folders() -> None:
    firm = {**FIRM, **with_entry("folder_templates", "A", "Z", FIRM)}
    firm = {**firm, **without_entry("folder_templates", "A", firm)}
    assert (firm["folder_templates"], firm["folder_template_folders"]) == (
        ["Z", "B"],
        {"Z": ["Tax/2026"], "B": ["Audit"]},
    )


def test_fields_of_one_name_on_both_records_are_two() -> None:
    assert [key_of(each) for each in FIRM["custom_fields"]] == ["account.f1", "contact.f1"]
    assert list(places_of("custom_fields", "contact.f1", FIRM)) == ["contacts"]
    assert (
        have(
            replaced(
                {"custom": {"f1": "x"}}, places_of("custom_fields", "account.f1", FIRM)["accounts"], None
            ),
            "custom.f1",
        )
        is None
    )


@pytest.mark.parametrize(
    "folder",
    ["", "/Tax", "Tax/", "a//b", "..", "a/../b", ".", "a\\b", "a:b", "a\nb", " ", "a/ /b", "x" * 201],
)
def test_a_path_that_is_no_folder_is_refused(folder: str) -> None:
    assert DirectoryBody().validate({"folder_template_folders": {"A": [folder]}})


@pytest.mark.parametrize("folder", ["Tax", "Tax/2026", "Été 2026/Dépôts (été)", "報税/2026", "a.b/c-d"])
def test_a_path_of_folders_is_taken(folder: str) -> None:
    assert not DirectoryBody().validate({"folder_template_folders": {"A": [folder]}})
