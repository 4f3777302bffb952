"""Sets of truths: what is said of a whole is what comes out of every combination of its parts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, all_of, any_of, at_least, negate
from eligibility.truth_sets import ANY, BIT, TRUTHS, either, enough, together, truths_of, turned

Parts = list[tuple[int, int]]
masks = st.integers(1, ANY)


def whole(parts: Parts, join: Callable[[tuple[Truth, ...]], Truth]) -> tuple[int, int]:
    """Which parts can change the whole, and what it can become, from all combinations."""
    found, mask = 0, 0
    for combination in product(*(truths_of(own) for own, _ in parts)):
        result = join(combination)
        mask |= BIT[result]
        for place, (own, asks) in enumerate(parts):
            others = ((*combination[:place], each, *combination[place + 1 :]) for each in truths_of(own))
            if any(join(other) is not result for other in others):
                found |= asks
    return found, mask


def numbered(drawn: list[int]) -> Parts:
    """Parts of which each is changed by a fact of its own."""
    return [(mask, 1 << place) for place, mask in enumerate(drawn)]


@given(st.lists(masks, max_size=4), st.integers(1, 4))
def test_a_whole_is_what_its_combinations_are(drawn: list[int], count: int) -> None:
    """Conjunctions, disjunctions and k of n can become what some combination gives, and hang on the parts that can change it."""
    parts = numbered(drawn)
    assert together(parts, conjunction=True) == whole(parts, all_of)
    assert together(parts, conjunction=False) == whole(parts, any_of)
    assert enough(count, parts) == whole(parts, lambda truths: at_least(count, truths))


@given(masks, masks, masks)
def test_a_choice_is_what_its_combinations_are(condition: int, then: int, otherwise: int) -> None:
    """A choice between two conditions becomes the one, the other, what both are, or for a human what either may be."""

    def chosen(truths: tuple[Truth, ...]) -> Truth:
        test, one, other = truths
        if test in (MET, NOT_MET):
            return one if test is MET else other
        if test is JUDGEMENT:
            return any_of((all_of((JUDGEMENT, one)), all_of((JUDGEMENT, other))))
        return one if one is other else UNKNOWN_TRUTH

    first, second, third = numbered([condition, then, otherwise])
    assert either(first, second, third) == whole([first, second, third], chosen)


@pytest.mark.parametrize("mask", range(1, ANY + 1))
def test_a_negation_turns_every_truth(mask: int) -> None:
    """The opposite of a set holds the opposites of its truths."""
    assert set(truths_of(turned(mask))) == {negate(truth) for truth in TRUTHS if BIT[truth] & mask}
