"""Built values and left-out texts in a mapping: what is refused, what a saved mapping keeps, and what comes back."""

from __future__ import annotations

import random
from typing import Any

import pytest
from marshmallow import ValidationError

from services.mapper.settings.confirmed_mapping import MappingError, confirm_mapping, missing_fields
from services.mapper.settings.profiles import profile_of
from services.mapper.settings.suggested_mapping import first_mapping, shown
from shared.contract.fields import FIELDS, RECORDS_OF_KIND
from shared.contract.requests import BuiltValue, MappingBody
from tests.unit.mapper.test_profiles import KIND, columns, saved

SECTOR = {"id": "f1", "record": "account", "name": "Sector", "type": "text"}
HEADERS = ("First", "Last", "Code", "Vet")


def confirmed(*built: dict[str, Any], kind: str = KIND, custom: Any = (SECTOR,), **more: Any) -> Any:
    own = columns(*HEADERS)
    chosen = {"columns": [], "built": list(built), **more}
    return confirm_mapping(chosen, own, kind, first_mapping(own, kind), custom)


def of(*parts: Any, target: str = "account.notes", **more: Any) -> dict[str, Any]:
    named = [{"column": part} if isinstance(part, int) else {"text": part} for part in parts]
    return {"target": target, "parts": named, **more}


def refused(*built: dict[str, Any], **more: Any) -> list[tuple[Any, str]]:
    with pytest.raises(MappingError) as error:
        confirmed(*built, **more)
    return [(problem.get("built"), problem["code"]) for problem in error.value.problems]


def sync(index: int, target: str) -> dict[str, Any]:
    return {"index": index, "action": "sync", "target": target}


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_a_field_is_built_where_nothing_else_fills_it(key: str) -> None:
    assert confirmed(of(0, target=key))["built"] == [{**of(0, target=key), "steps": []}]
    filled = {"columns": [sync(1, key)]}
    if FIELDS[key].repeats:
        assert confirmed(of(0, target=key), of(1, target=key), **filled)
    else:
        assert refused(of(0, target=key), **filled) == [(0, "built_field_taken")]
        assert refused(of(0), of(0, target=key), of(1, target=key))[-1] == (2, "built_field_taken")


@pytest.mark.parametrize("kind", RECORDS_OF_KIND)
def test_a_field_of_another_kind_of_import_is_refused(kind: str) -> None:
    for key, field in FIELDS.items():
        if field.record in RECORDS_OF_KIND[kind]:
            assert confirmed(of(0, target=key), kind=kind)
        else:
            assert refused(of(0, target=key), kind=kind) == [(0, "not_for_this_kind")]


@pytest.mark.parametrize(
    ("built", "codes"),
    [
        (of(0, target="account.nothing"), ["unknown_field"]),
        (of(0, target="account.custom.Gone"), ["unknown_field"]),
        (of(0, target=""), ["built_without_field"]),
        ({"parts": [{"column": 0}]}, ["built_without_field"]),
        ({"parts": []}, ["built_without_field", "built_without_column"]),
        (of(), ["built_without_column"]),
        (of("x"), ["built_without_column"]),
        (of(0, 4, 9), ["unknown_column", "unknown_column"]),
        (of(0, steps=[{"look_up": {"pairs": {"a": "x", "A ": "y"}, "rest": "keep"}}]), ["looked_up_twice"]),
        (of(0, custom={"name": "New", "type": "text"}, target=None), ["unknown_field"]),
    ],
)
def test_what_cannot_be_built_is_refused_at_its_place(built: Any, codes: list[str]) -> None:
    assert refused(of(1, target="contact.notes"), built) == [(1, code) for code in codes]


def test_a_type_for_all_and_a_built_type_are_refused_together() -> None:
    assert confirmed(of(0, target="account.type"))["account_type"] == {"mode": "skip"}
    fixed = {"mode": "fixed", "value": "Company"}
    assert refused(of(0, target="account.type"), account_type=fixed) == [(0, "built_field_taken")]


@pytest.mark.parametrize(
    "field",
    [{"target": "account.custom.Sector"}, {"custom": SECTOR}, {"custom": {"name": "Sector", "type": "x"}}],
)
def test_a_custom_field_of_the_firm_is_built_whichever_way_it_is_named(field: Any) -> None:
    built = {"parts": [{"column": 0}], **field}
    (kept,) = confirmed(built)["built"]
    assert (kept["target"], kept["custom"]) == (None, SECTOR)
    custom = {"index": 1, "action": "custom", "custom": SECTOR}
    assert refused(built, columns=[custom]) == [(0, "built_field_taken")]


def test_a_needed_field_may_be_built() -> None:
    mapping = confirmed(of(0, " ", 1, target="contact.full_name"), required=["account.notes"])
    assert missing_fields(mapping, KIND) == ["account.notes"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": [{}]},
        {"parts": [{"column": 0, "text": "x"}]},
        {"parts": [{"text": ""}]},
        {"parts": [{"column": -1}]},
        {"parts": [{"column": 0}] * 21},
        {"parts": [{"column": 0}], "steps": [{}]},
        {"parts": [{"column": 0}], "steps": [{"case": "small"}]},
        {"parts": [{"column": 0}], "steps": [{"case": "upper", "take": {"first": 1}}]},
        *(
            {"parts": [{"column": 0}], "steps": [{"take": take}]}
            for take in (
                {},
                {"first": 0},
                {"first": 1, "last": 1},
                {"piece": 1},
                {"separator": ","},
                {"separator": ",", "piece": 0},
                {"separator": "", "piece": 1},
                {"first": 1, "piece": 1},
            )
        ),
        *(
            {"parts": [{"column": 0}], "steps": [{"look_up": look_up}]}
            for look_up in (
                {},
                {"pairs": {}, "rest": "drop"},
                {"pairs": {"a": "b"}, "rest": "value"},
                {"pairs": {"a": "b"}, "rest": "keep", "value": "x"},
                {"pairs": {str(n): "x" for n in range(501)}},
            )
        ),
        {"parts": [{"column": 0}], "steps": [{"case": "upper"}] * 11},
        {"parts": [{"column": 0}], "more": 1},
    ],
)
def test_a_built_value_of_another_shape_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        BuiltValue().load({"target": "account.notes", **wrong})


def some_built(chance: random.Random, target: str, count: int) -> dict[str, Any]:
    """A built value as a program may save it, with every kind of part and step."""
    parts = [
        chance.choice(
            [{"column": chance.randrange(count)}, {"text": chance.choice([" - ", " ", "(", "=", "é"])}]
        )
        for _ in range(chance.randrange(5))
    ]
    steps: list[dict[str, Any]] = [
        {"take": {"separator": chance.choice([",", " ", " - ", "\n"]), "piece": chance.choice([1, 2, -1])}},
        {"take": {"first": 3}},
        {"take": {"last": 100}},
        {"case": chance.choice(["upper", "lower", "title"])},
        {"look_up": {"pairs": {"a = b": "c", "": "x", " d ": "", "e.f$": "__SKIP__"}, "rest": "keep"}},
        {"look_up": {"pairs": {}, "rest": "value", "value": " v "}},
    ]
    return {
        "target": target,
        "parts": [{"column": 0}, *parts],
        "steps": chance.sample(steps, chance.randrange(len(steps))),
    }


@pytest.mark.parametrize("seed", range(10))
def test_what_is_answered_may_be_sent_again_and_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    targets = chance.sample([key for key in sorted(FIELDS) if key != "account.type"], 5)
    built = [some_built(chance, target, len(HEADERS)) for target in targets]
    out = [{"index": 2, "action": "skip", "leave_out": ["dead", "é"]}]
    mapping = confirmed(*built, columns=out)
    again = MappingBody().load(shown(mapping, "en") | {"missing": []})
    once_more = confirm_mapping(again, columns(*HEADERS), KIND, mapping, [SECTOR])
    assert once_more["built"] == mapping["built"]
    assert [c["leave_out"] for c in once_more["columns"]] == [[], [], ["dead", "é"], []]
    # a repairing job takes the kept mapping as its choice
    kept = confirm_mapping(mapping, columns(*HEADERS), KIND, mapping, [SECTOR])
    assert kept["built"] == mapping["built"]


def profile(*built: dict[str, Any], custom: Any = (SECTOR,), **more: Any) -> dict[str, Any]:
    return {**saved(*HEADERS), **profile_of(confirmed(*built, custom=custom, **more), KIND)}


def test_a_saved_mapping_builds_again_also_where_columns_moved() -> None:
    one = of(0, " ", 1, target="contact.full_name", steps=[{"case": "title"}])
    out = {"index": 3, "action": "skip", "leave_out": ["dead"]}
    known = profile(one, columns=[out])
    moved = columns("Vet", "Last", "Extra", "First", "Code")
    mapping = first_mapping(moved, KIND, profiles=[known])
    assert mapping["built"] == [
        {**one, "parts": [{"column": 3}, {"text": " "}, {"column": 1}], "custom": None}
        if "custom" in mapping["built"][0]
        else {**one, "parts": [{"column": 3}, {"text": " "}, {"column": 1}]}
    ]
    assert {c["header"]: c.get("leave_out", []) for c in mapping["columns"]}["Vet"] == ["dead"]


def test_a_saved_value_of_a_column_that_is_gone_is_not_built() -> None:
    known = profile(of(0, " ", 2, target="account.notes"), of(1, target="contact.full_name"))
    mapping = first_mapping(columns("First", "Last", "Vet"), KIND, profiles=[known])
    assert [one["target"] for one in mapping["built"]] == ["contact.full_name"]


def test_a_new_column_does_not_fill_what_a_saved_value_builds() -> None:
    known = profile(of(0, target="contact.email"))
    mapping = first_mapping(columns(*HEADERS, "E-mail"), KIND, profiles=[known])
    assert [c["target"] for c in mapping["columns"]] == [None] * 5


def test_a_custom_field_is_known_by_its_new_name_and_gone_where_it_was_removed() -> None:
    known = profile(of(0, target="account.custom.Sector"))
    renamed = {**SECTOR, "name": "Branch"}
    (built,) = first_mapping(columns(*HEADERS), KIND, [renamed], profiles=[known])["built"]
    assert built["custom"]["name"] == "Branch"
    assert first_mapping(columns(*HEADERS), KIND, [], profiles=[known])["built"] == []
