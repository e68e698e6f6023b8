"""Tests the plan of rows: what is created, updated, linked and kept, and the bucket of each row."""

from __future__ import annotations

import pytest

from services.validator.plan.planning import plan_rows
from services.validator.plan.rows_to_plan import Place, rows_to_plan
from shared.contract.documents.chunk import (
    Additions,
    Checks,
    Doubt,
    Followed,
    Groups,
    Lost,
    Plan,
    RowProblem,
)
from shared.contract.documents.record import Record
from shared.contract.documents.values import Value
from shared.contract.keys import keys_of
from shared.contract.records import CLEAR
from tests.unit.validator.planned import checks, context, record, settings

BOTH = {"account.name": ["Bakery"], "contact.first_name": ["Jan"], "contact.last_name": ["Peeters"]}
BOTH_IDS = {"account": ["f/a"], "contact": ["f/c"]}


def planned(found: Checks, n: int = 0, **more: object) -> Plan:
    count = len(found.values[0])
    rows = rows_to_plan(found, [(n, offset) for offset in range(count)])
    given = more.pop("context", None) or context(**more)  # type: ignore[arg-type]
    return plan_rows(rows, found, given, n)  # type: ignore[arg-type]


def test_a_row_that_names_nobody_known_makes_account_contact_and_link() -> None:
    plan = planned(checks(BOTH, BOTH_IDS))
    assert plan.buckets == ["new"]
    account, contact = plan.creates["accounts"]["0"], plan.creates["contacts"]["0"]
    assert account.record == {"name": "Bakery", "type": "Other", "tags": [], "assignees": ["anna"]}
    assert account.keys == keys_of("account", {"name": "Bakery"})
    assert contact.record == {"first_name": "Jan", "last_name": "Peeters"}
    link = plan.links["0"]
    assert (link.account, link.contact, link.account_chunk, link.switches) == ("f/a", "f/c", None, None)


def test_a_company_is_its_own_company_name_and_gets_what_the_settings_give() -> None:
    given = settings(
        tags=["new"], assignees=["bo"], folder_template="Default", questionnaire="Tax", roles=["r"]
    )
    found = checks({"account.name": ["Bakery"], "account.type": ["Company"]}, {"account": ["f/a"]})
    made = planned(found, settings=given, default_members=["all"]).creates["accounts"]["0"].record
    assert made["company_name"] == "Bakery"
    assert (made["tags"], made["assignees"], made["roles"]) == (["new"], ["bo", "all"], ["r"])
    assert made["folder_template"] == "Default"
    assert made["questionnaire"] == {"name": "Tax", "status": "not_sent"}


def test_a_known_record_is_changed_where_it_is_blank_and_keeps_its_other_values() -> None:
    there = record("account", "f/a", name="Bakery", city="Gent", tags=["old"])
    columns = {"account.name": ["Bakery"], "account.city": ["Brugge"], "account.phone": ["+32"]}
    found = checks({**columns, "account.tags": [["old", "vip"]]}, {"account": ["f/a"]}, {"f/a": there})
    plan = planned(found, context=context(("accounts", there)))
    update = plan.updates["accounts"]["0"]
    assert plan.buckets == ["update"]
    assert (update.id, update.revision, update.made_by) == ("f/a", 3, "earlier")
    assert (update.set, update.add, update.unset) == ({"phone": "+32"}, {"tags": ["vip"]}, [])
    assert update.was == {"phone": None, "tags": ["old"]}
    assert plan.kept["0"].fields == {"city": ["Gent", "Brugge"]}


def test_a_change_of_what_keys_are_made_of_changes_the_keys() -> None:
    there = record("account", "f/a", name="Bakery")
    found = checks(
        {"account.name": ["Bakery"], "account.client_code": ["K7"]}, {"account": ["f/a"]}, {"f/a": there}
    )
    update = planned(found, context=context(("accounts", there))).updates["accounts"]["0"]
    assert update.set["keys"] == keys_of("account", {"name": "Bakery", "client_code": "K7"})
    assert update.was["keys"] == there["keys"]


def test_a_cell_that_clears_takes_the_value_of_a_known_record_and_gives_a_new_one_none() -> None:
    there = record("account", "f/a", name="Bakery", phone="+32")
    columns = {"account.name": ["Bakery", "Garage"], "account.phone": [CLEAR, CLEAR]}
    found = checks(columns, {"account": ["f/a", "f/b"]}, {"f/a": there})
    plan = planned(found, context=context(("accounts", there)))
    assert plan.updates["accounts"]["0"].unset == ["phone"]
    assert "phone" not in plan.creates["accounts"]["1"].record


def test_custom_fields_of_a_new_record_lie_in_a_part_of_their_own() -> None:
    found = checks({"account.name": ["Bakery"], "account.custom.f1": ["x"]}, {"account": ["f/a"]})
    assert planned(found).creates["accounts"]["0"].record["custom"] == {"f1": "x"}


def test_a_row_that_changes_nothing_is_unchanged() -> None:
    there = record("account", "f/a", name="Bakery")
    found = checks({"account.name": ["Bakery"]}, {"account": ["f/a"]}, {"f/a": there})
    plan = planned(found, context=context(("accounts", there)))
    assert plan.buckets == ["unchanged"]
    assert not plan.updates["accounts"]


def test_where_the_firm_skips_what_matches_nothing_is_planned_for_known_accounts() -> None:
    there = record("account", "f/a", name="Bakery")
    found = checks({**BOTH, "account.phone": ["+32"]}, BOTH_IDS, {"f/a": there})
    plan = planned(found, context=context(("accounts", there), settings=settings(mode="create_only")))
    assert plan.buckets == ["unchanged"]
    assert (plan.creates["contacts"], plan.updates["accounts"], plan.links) == ({}, {}, {})


def known_bakery(**values: object) -> tuple[str, Record]:
    return "accounts", record("account", "f/a", name="Bakery", **values)


def test_where_only_known_clients_are_updated_others_are_left_out_with_the_reason() -> None:
    found = checks({"account.name": ["Garage"]}, {"account": ["f/b"]})
    plan = planned(found, settings=settings(mode="update_only"))
    assert (plan.buckets, plan.creates["accounts"]) == (["unselected"], {})
    assert [problem.code for problem in plan.problems] == ["not_a_client_yet"]


def test_where_only_known_clients_are_updated_no_person_is_added_to_them_and_the_row_says_so() -> None:
    bakery = known_bakery()
    found = checks({**BOTH, "account.phone": ["+32"]}, BOTH_IDS, {"f/a": bakery[1]})
    plan = planned(found, context=context(bakery, settings=settings(mode="update_only")))
    assert plan.buckets == ["update"]
    assert plan.updates["accounts"]["0"].set == {"phone": "+32"}
    assert (plan.creates["contacts"], plan.links) == ({}, {})
    assert [(problem.field, problem.code) for problem in plan.problems] == [
        ("contact.last_name", "person_not_added")
    ]


@pytest.mark.parametrize("policy", ["fill_empty", "ask"])
def test_a_value_that_stays_is_a_problem_of_its_row_with_both_values(policy: str) -> None:
    bakery = known_bakery(city="Gent", phone="+32 1")
    found = checks(
        {"account.name": ["BAKERY"], "account.city": ["Brugge"], "account.phone": ["+32 1"]},
        {"account": ["f/a"]},
        {"f/a": bakery[1]},
    )
    plan = planned(found, context=context(bakery, settings=settings(merge_default=policy)))
    assert plan.buckets == ["unchanged"]
    assert plan.problems == [RowProblem(0, "account.city", "value_differs", {"old": "Gent", "new": "Brugge"})]


def test_what_is_never_to_be_changed_differs_without_a_word() -> None:
    bakery = known_bakery(city="Gent")
    found = checks(
        {"account.name": ["Bakery"], "account.city": ["Brugge"]}, {"account": ["f/a"]}, {"f/a": bakery[1]}
    )
    never = settings(merge={"account.city": "never"})
    assert planned(found, context=context(bakery, settings=never)).problems == []


def test_a_register_number_is_not_repeated_in_full() -> None:
    there = record("contact", "f/c", last_name="Maes", national_number="85073003328")
    columns = {"contact.last_name": ["Maes"], "contact.national_number": ["85073003427"]}
    plan = planned(
        checks(columns, {"contact": ["f/c"]}, {"f/c": there}), context=context(("contacts", there))
    )
    assert plan.problems[0].params == {"old": "•••••••••28", "new": "•••••••••27"}


def test_a_person_may_choose_the_row_field_by_field() -> None:
    bakery = known_bakery(city="Gent", address_line1="Dorp 1", notes="n")
    columns = {"account.name": "Bakery", "account.city": "Brugge", "account.address_line1": "Markt 2"}
    found = checks(
        {**{key: [value] for key, value in columns.items()}, "account.notes": ["m"]},
        {"account": ["f/a"]},
        {"f/a": bakery[1]},
        decisions={0: {"take": ["account.city"]}},
    )
    plan = planned(found, context=context(bakery))
    assert plan.updates["accounts"]["0"].set == {"city": "Brugge", "address_line1": "Markt 2"}
    assert [problem.field for problem in plan.problems] == ["account.notes"]


def test_rows_that_a_rule_leaves_out_are_not_selected_and_not_invalid() -> None:
    found = checks(
        {"account.name": ["Bakery"]},
        {"account": ["f/a"]},
        problems=[RowProblem(0, "", "left_out_by_rule", {"number": 1})],
        bad=[0],
    )
    assert planned(found).buckets == ["unselected"]


def test_a_person_known_by_something_else_gets_the_new_address_unless_the_settings_forbid() -> None:
    there = record("contact", "f/c", last_name="Peeters", email="old@x.be")
    columns = {"contact.last_name": ["Peeters"], "contact.email": ["new@x.be"]}
    found = checks(columns, {"contact": ["f/c"]}, {"f/c": there})
    known = ("contacts", there)
    assert planned(found, context=context(known)).updates["contacts"]["0"].set["email"] == "new@x.be"
    never = settings(merge={"contact.email": "never"})
    assert planned(found, context=context(known, settings=never)).kept["0"].fields == {
        "email": ["old@x.be", "new@x.be"]
    }


def test_a_row_that_follows_another_makes_only_what_is_missing_and_names_the_chunk_that_leads() -> None:
    groups = Groups(follows={"account": {0: Followed("f/first", 2, False)}})
    plan = planned(checks(BOTH, BOTH_IDS, groups=groups), n=5)
    assert plan.buckets == ["new"]
    assert not plan.creates["accounts"]
    assert (plan.links["0"].account, plan.links["0"].account_chunk) == ("f/first", 2)
    assert plan.links["0"].contact_chunk is None


def test_a_row_that_only_repeats_earlier_ones_is_a_duplicate() -> None:
    groups = Groups(
        follows={"account": {0: Followed("f/1", 0, False)}, "contact": {0: Followed("f/2", 0, False)}},
        repeats=[0],
        linked={"contact": [0]},
    )
    plan = planned(checks(BOTH, BOTH_IDS, groups=groups))
    assert (plan.buckets, plan.links) == (["duplicate"], {})


def test_a_link_that_is_there_is_not_planned_again() -> None:
    account = record("account", "f/a", name="Bakery")
    contact = record("contact", "f/c", first_name="Jan", last_name="Peeters")
    found = checks(BOTH, BOTH_IDS, {"f/a": account, "f/c": contact})
    both = (("accounts", account), ("contacts", contact))
    assert planned(found, context=context(*both, linked={("f/a", "f/c"): []})).buckets == ["unchanged"]
    assert planned(found, context=context(*both)).buckets == ["update"]


@pytest.mark.parametrize("given", [["Child"], ["Heir", "Child"], CLEAR, None])
@pytest.mark.parametrize("now", [[], ["Child"], ["Heir"], ["Child", "Heir"]])
def test_what_a_contact_is_to_an_account_is_planned_for_the_link(now: list[str], given: Value) -> None:
    account = record("account", "f/a", name="Bakery")
    contact = record("contact", "f/c", first_name="Jan", last_name="Peeters")
    found = checks({**BOTH, "contact.relationship": [given]}, BOTH_IDS, {"f/a": account, "f/c": contact})
    both = (("accounts", account), ("contacts", contact))
    plan = planned(found, context=context(*both, linked={("f/a", "f/c"): now}))
    grows = isinstance(given, list) and not set(given) <= set(now)
    empties = given == CLEAR and bool(now)
    assert plan.buckets == ["update" if grows or empties else "unchanged"]
    wanted = given if grows else []
    assert [(link.known, link.relationship) for link in plan.links.values()] == (
        [(True, wanted)] if grows or empties else []
    )
    assert not plan.updates["contacts"]


def test_a_new_contact_has_its_relationship_on_the_link_and_not_in_the_record() -> None:
    plan = planned(checks({**BOTH, "contact.relationship": [["Child"]]}, BOTH_IDS))
    assert (plan.links["0"].known, plan.links["0"].relationship) == (False, ["Child"])
    assert "relationship" not in plan.creates["contacts"]["0"].record


def test_a_later_row_adds_to_a_link_that_an_earlier_one_makes() -> None:
    groups = Groups(
        follows={"account": {0: Followed("f/1", 0, False)}, "contact": {0: Followed("f/2", 0, False)}},
        repeats=[0],
        linked={"contact": [0]},
        relinked={"contact": [0]},
    )
    plan = planned(checks({**BOTH, "contact.relationship": [["Child"]]}, BOTH_IDS, groups=groups))
    assert plan.buckets == ["update"]
    assert (plan.links["0"].known, plan.links["0"].relationship) == (True, ["Child"])


def test_a_spouse_has_an_entry_of_its_own_and_the_language_of_the_household() -> None:
    columns = {**BOTH, "contact.language": ["nl"], "spouse.last_name": ["Maes"]}
    plan = planned(checks(columns, {**BOTH_IDS, "spouse": ["f/s"]}))
    assert plan.creates["contacts"]["0s"].record == {"last_name": "Maes", "language": "nl"}
    assert plan.links.keys() == {"0", "0s"}


def test_a_spouse_who_is_the_contact_once_more_is_nobody() -> None:
    columns = {**BOTH, "spouse.first_name": ["Jan"], "spouse.last_name": ["Peeters"]}
    found = checks(columns, {**BOTH_IDS, "spouse": ["f/c"]})
    assert rows_to_plan(found, [(0, 0)]).places["spouse"] == [None]


def test_a_person_slot_without_any_key_names_nobody_and_an_account_always_somebody() -> None:
    columns = {"account.name": [None], "contact.last_name": [None]}
    places = rows_to_plan(checks(columns, BOTH_IDS), [(4, 0)]).places
    assert places["contact"] == [None]
    assert places["account"] == [Place("f/a", known=False, leads=True, chunk=4)]


def test_a_record_whose_id_was_taken_gets_the_other_one() -> None:
    groups = Groups(renamed={"account": {0: "f/other"}})
    found = checks({"account.name": ["Bakery"]}, {"account": ["f/a"]}, groups=groups)
    assert planned(found).creates["accounts"]["0"].id == "f/other"


def test_bad_rows_rows_in_doubt_and_unticked_rows_are_not_loaded_and_say_why() -> None:
    candidates = {"candidates": [{"row": 2}]}
    groups = Groups(
        doubts=[Doubt(1, "account", "namesake_in_file", candidates)],
        lost=[Lost(offset, "account.city", {"row": 2}) for offset in range(4)],
    )
    columns = {"account.name": ["a", "b", "c", "d"]}
    ids = {"account": ["f/1", "f/2", "f/3", "f/4"]}
    plan = planned(checks(columns, ids, groups=groups, bad=[0], left_out=[2]))
    assert plan.buckets == ["invalid", "invalid", "unselected", "new"]
    assert [tuple(problem) for problem in plan.problems] == [
        (1, "account.name", "namesake_in_file", candidates),
        (3, "account.city", "conflict_in_file", {"row": 2}),
    ]


def test_what_later_rows_say_fills_blanks_and_joins_lists() -> None:
    found = checks(
        {"account.name": ["Bakery"], "account.city": ["Gent"], "account.team_members": [["bo"]]},
        {"account": ["f/a"]},
    )
    more = Additions(lists={"team_members": ["bo", "cy"]}, singles={"city": "Brugge", "phone": "+32"})
    made = planned(found, additions={"account": {0: more}}).creates["accounts"]["0"].record
    assert (made["city"], made["phone"], made["assignees"]) == ("Gent", "+32", ["bo", "cy"])


def test_a_rule_gives_its_rows_more_and_takes_members_from_their_column() -> None:
    rules = [{"when": [], "then": {"tags": ["vip"], "login": True, "assignees_from": 3}}]
    given = settings(rules=rules, contacts={"contact.email": {"login": False, "notify": True}})
    columns = {name: [*values, *values] for name, values in BOTH.items()}
    ids = {"account": ["f/a", "f/b"], "contact": ["f/c", "f/d"]}
    found = checks(columns, ids, rules=[[1]], assigned={0: {1: ["cy"]}})
    plan = planned(found, settings=given)
    first, second = (plan.creates["accounts"][key].record for key in ("0", "1"))
    assert (first["tags"], first["assignees"]) == ([], ["anna"])
    assert (second["tags"], second["assignees"]) == (["vip"], ["cy"])
    assert plan.links["0"].switches is None
    assert plan.links["1"].switches == {"contact.email": {"login": True, "notify": True}}
