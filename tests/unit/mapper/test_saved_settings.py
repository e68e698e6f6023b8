"""Saved mappings keep settings: any settings come back, and what the firm no longer has is left out and listed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.mapper.settings.job_settings import Chooser, confirm_settings, first_settings
from services.mapper.settings.profiles import profile_of
from services.mapper.settings.saved_settings import settings_of_profile
from services.mapper.settings.suggested_mapping import first_mapping
from tests.unit.mapper.test_rights import REFERENCE

KIND = "accounts_and_contacts"
HEADERS = ["Account name", "Client code", "First name", "Last name", "Email", "Status", "Sector"]
FIRM: dict[str, Any] = {
    **REFERENCE,
    "tags": ["VIP", "2026", "Été"],
    "team_members": [{"id": "a", "name": "An"}, {"id": "b", "name": "Bo"}],
    "roles": ["Director"],
    "folder_templates": ["Default tax years", "Company"],
    "questionnaires": ["Return", "Audit"],
    "languages": ["nl", "fr"],
    "custom_fields": [{"id": "f1", "name": "Sector", "type": "text", "record": "account"}],
}
EVERYTHING = Chooser(frozenset({"manage_tags", "assign_team_members"}))
NAMES = {"tags": FIRM["tags"], "assignees": ["a", "b"]}
SINGLE = {
    "folder_template": FIRM["folder_templates"],
    "questionnaire": FIRM["questionnaires"],
    "language": ["nl", "fr"],
}
THEN = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.lists(st.sampled_from(own), min_size=1, unique=True) for name, own in NAMES.items()},
        **{name: st.sampled_from(own) for name, own in SINGLE.items()},
        "login": st.booleans(),
        "leave_out": st.just(True),
        "assignees_from": st.integers(0, len(HEADERS) - 1),
        "set": st.just({"account.custom.Sector": "Care"}),
    },
).filter(bool)
WHEN = st.one_of(
    st.fixed_dictionaries({"column": st.integers(0, len(HEADERS) - 1), "is": st.sampled_from(["x", "y"])}),
    st.fixed_dictionaries(
        {"field": st.sampled_from(["account.name", "account.custom.Sector"]), "blank": st.just(True)}
    ),
)
RULES = st.lists(
    st.fixed_dictionaries({"when": st.lists(WHEN, min_size=1, max_size=3), "then": THEN}), max_size=3
)
KEYS = ["account.name", "contact.email", "account.custom.Sector"]
PARTS = [*("tags", "team_members", "folder_templates"), *("questionnaires", "languages", "custom_fields")]
CHOSEN = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.lists(st.sampled_from(own), unique=True) for name, own in NAMES.items()},
        **{name: st.none() | st.sampled_from(own) for name, own in SINGLE.items()},
        "contacts": st.fixed_dictionaries({"contact.email": st.fixed_dictionaries({"login": st.booleans()})}),
        "mode": st.sampled_from(["both", "create_only", "update_only"]),
        "merge_default": st.sampled_from(["fill_empty", "overwrite", "never", "ask"]),
        "merge": st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["never", "ask"])),
        "on_invalid": st.dictionaries(st.sampled_from(KEYS[1:]), st.just("drop_value")),
        "on_doubt": st.sampled_from(["skip", "create"]),
        "on_change": st.sampled_from(["skip", "replan"]),
        "match": st.fixed_dictionaries({"accounts": st.just(["name", "client_code"])}),
        "rules": RULES,
    },
)  # fmt: skip


def mapping_of(headers: list[str]) -> dict[str, Any]:
    columns = [{"index": at, "header": h, "samples": [], "fill": 1.0} for at, h in enumerate(headers)]
    return first_mapping(columns, KIND, FIRM["custom_fields"])


def saved(chosen: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of a job, and the profile that keeps them."""
    mapping = mapping_of(HEADERS)
    settings = confirm_settings(chosen, first_settings(mapping, FIRM), mapping, FIRM, EVERYTHING)
    made = {"id": "7", "name": "March", "saved_at": datetime(2026, 3, 3, tzinfo=UTC), "named": True}
    return settings, {**profile_of(mapping, KIND, settings), **made}


def again(
    profile: dict[str, Any], headers: list[str], firm: dict[str, Any], chooser: Chooser = EVERYTHING
) -> Any:
    mapping = mapping_of(headers)
    return settings_of_profile(profile, first_settings(mapping, firm), mapping, firm, chooser)


@settings(deadline=None)
@given(CHOSEN)
def test_any_settings_come_back_with_the_next_file_of_the_same_headers(chosen: dict[str, Any]) -> None:
    settings, profile = saved(chosen)
    now = again(profile, HEADERS, FIRM)
    assert now.pop("profile") == {"id": "7", "name": "March", "saved_at": "2026-03-03"}
    assert now.pop("left_out") == []
    assert now == settings


@settings(deadline=None)
@given(CHOSEN, st.permutations(HEADERS))
def test_rules_find_their_columns_where_they_are_now(chosen: dict[str, Any], headers: list[str]) -> None:
    settings, profile = saved(chosen)
    now = again(profile, headers, FIRM)
    assert not now["left_out"]
    for before, after in zip(settings["rules"], now["rules"], strict=True):
        for one, other in zip(before["when"], after["when"], strict=True):
            if "column" in one:
                assert HEADERS[one["column"]] == headers[other["column"]]
        if "assignees_from" in before["then"]:
            assert HEADERS[before["then"]["assignees_from"]] == headers[after["then"]["assignees_from"]]


@settings(deadline=None)
@given(
    CHOSEN,
    st.sets(st.sampled_from(PARTS)),
    st.sets(st.sampled_from(HEADERS[5:])),
    st.booleans(),
)  # fmt: skip
def test_what_the_firm_or_the_file_lost_is_left_out_and_listed(
    chosen: dict[str, Any], lost: set[str], dropped: set[str], with_rights: bool
) -> None:
    settings, profile = saved(chosen)
    firm = {**FIRM, **{part: FIRM[part][1:] for part in lost}}
    chooser = EVERYTHING if with_rights else Chooser(frozenset())
    headers = [header for header in HEADERS if header not in dropped]
    now = again(profile, headers, firm, chooser)
    mapping = mapping_of(headers)
    # what is left is valid by itself: confirming it again changes nothing
    left = {
        name: value for name, value in now.items() if name not in ("profile", "left_out", "custom_fields")
    }
    again_confirmed = confirm_settings(left, first_settings(mapping, firm), mapping, firm, chooser)
    assert {name: again_confirmed[name] for name in left} == left
    gone = [entry["params"].get("value") for entry in now["left_out"]]
    for tag in settings["tags"]:
        assert (tag in now["tags"]) != (tag in gone)
    for one in settings["assignees"]:
        assert (one in now["assignees"]) != (one in gone)
    if len(now["rules"]) < len(settings["rules"]):
        assert any(entry["setting"].startswith("rules.") for entry in now["left_out"])


def test_a_mapping_that_was_kept_with_an_import_brings_no_settings() -> None:
    mapping = mapping_of(HEADERS)
    kept = {
        **profile_of(mapping, KIND),
        "id": "7",
        "name": "x.csv",
        "saved_at": datetime(2026, 3, 3, tzinfo=UTC),
    }
    first = first_settings(mapping, FIRM)
    assert settings_of_profile(kept, first, mapping, FIRM, EVERYTHING) == first
