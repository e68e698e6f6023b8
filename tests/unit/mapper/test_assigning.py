"""Tests the assignment of columns to fields: the best sum over the file, each target once."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.mapper.targets.assigning import assign


def test_the_first_fitting_pair_gives_way_where_the_whole_gets_better():
    offers = {0: [("phone", 0.9), ("second", 0.85)], 1: [("phone", 0.88)]}
    assert assign(offers) == {0: "second", 1: "phone"}


def test_of_two_equal_columns_the_left_one_gets_the_target():
    assert assign({3: [("email", 0.5)], 1: [("email", 0.5)]}) == {1: "email"}


def test_a_target_that_repeats_goes_to_every_column_that_wants_it():
    offers = {0: [("tags", 0.5)], 1: [("tags", 0.4)]}
    assert assign(offers, frozenset(["tags"])) == {0: "tags", 1: "tags"}


offers_drawn = st.dictionaries(
    st.integers(0, 4),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9).map(lambda worth: worth / 10), max_size=4),
    max_size=5,
)


@settings(deadline=None)
@given(offers_drawn)
def test_no_other_assignment_is_worth_more(offers):
    given_targets = assign({column: list(worth.items()) for column, worth in offers.items()})
    choices = [[None, *worth] for worth in offers.values()]
    best = max(
        (
            sum(offers[column][target] for column, target in zip(offers, chosen, strict=True) if target)
            for chosen in product(*choices)
            if len([target for target in chosen if target]) == len({target for target in chosen if target})
        ),
        default=0.0,
    )
    assert len(set(given_targets.values())) == len(given_targets)
    assert abs(sum(offers[column][target] for column, target in given_targets.items()) - best) < 1e-4
