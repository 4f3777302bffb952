"""Truth and units: the laws the whole language stands on."""

from __future__ import annotations

import pickle
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.datatypes import BARE, UNKNOWN, Truth, Unit, all_of, any_of, at_least, exact, negate

TRUTHS = list(Truth)
CERTAIN = [Truth.MET, Truth.NOT_MET, Truth.UNKNOWN]
truths = st.sampled_from(TRUTHS)
lists = st.lists(truths, max_size=5)

# Conjunction and disjunction of DMN (FEEL) for true, false and null: table 50 of DMN 1.3.
DMN = [
    (Truth.MET, Truth.MET, Truth.MET, Truth.MET),
    (Truth.MET, Truth.NOT_MET, Truth.NOT_MET, Truth.MET),
    (Truth.MET, Truth.UNKNOWN, Truth.UNKNOWN, Truth.MET),
    (Truth.NOT_MET, Truth.MET, Truth.NOT_MET, Truth.MET),
    (Truth.NOT_MET, Truth.NOT_MET, Truth.NOT_MET, Truth.NOT_MET),
    (Truth.NOT_MET, Truth.UNKNOWN, Truth.NOT_MET, Truth.UNKNOWN),
    (Truth.UNKNOWN, Truth.MET, Truth.UNKNOWN, Truth.MET),
    (Truth.UNKNOWN, Truth.NOT_MET, Truth.NOT_MET, Truth.UNKNOWN),
    (Truth.UNKNOWN, Truth.UNKNOWN, Truth.UNKNOWN, Truth.UNKNOWN),
]


@pytest.mark.parametrize(("left", "right", "both", "either"), DMN)
def test_logic_is_that_of_dmn(left: Truth, right: Truth, both: Truth, either: Truth) -> None:
    """Without judgement, `and` and `or` are the truth tables of DMN, where null is unknown."""
    assert all_of([left, right]) is both
    assert any_of([left, right]) is either


@given(lists, lists)
def test_grouping_and_order_do_not_matter(one: list[Truth], other: list[Truth]) -> None:
    """Conjunction and disjunction are associative, commutative and idempotent."""
    for combine in (all_of, any_of):
        assert combine([*one, *other]) is combine([combine(one), combine(other)])
        assert combine([*one, *other]) is combine([*other, *one])
        assert combine([*one, *one]) is combine(one)


@given(lists)
def test_de_morgan(items: list[Truth]) -> None:
    """The negation of a conjunction is the disjunction of the negations, judgement included."""
    assert negate(all_of(items)) is any_of([negate(item) for item in items])
    assert negate(any_of(items)) is all_of([negate(item) for item in items])


@given(truths, truths, truths)
def test_distribution(a: Truth, b: Truth, c: Truth) -> None:
    """Without judgement, conjunction and disjunction distribute over each other."""
    if Truth.JUDGEMENT not in (a, b, c):
        assert all_of([a, any_of([b, c])]) is any_of([all_of([a, b]), all_of([a, c])])
        assert any_of([a, all_of([b, c])]) is all_of([any_of([a, b]), any_of([a, c])])


@given(truths)
def test_double_negation(truth: Truth) -> None:
    """Negating twice gives the truth back."""
    assert negate(negate(truth)) is truth


def _completions(items: list[Truth]) -> list[list[Truth]]:
    settled = [Truth.MET, Truth.NOT_MET, Truth.JUDGEMENT]
    return [list(each) for each in product(*(settled if item is Truth.UNKNOWN else [item] for item in items))]


def _chain(items: list[Truth], pick: str) -> Truth:
    order = [Truth.NOT_MET, Truth.JUDGEMENT, Truth.MET]
    ranks = [order.index(item) for item in items]
    if pick == "all":
        return order[min(ranks, default=2)]
    return order[max(ranks, default=0)]


@given(lists)
def test_unknown_is_what_may_still_turn_out_either_way(items: list[Truth]) -> None:
    """A settled answer is the answer of every completion of the unknown items; met, judgement and not met form a chain."""
    for combine, pick in ((all_of, "all"), (any_of, "any")):
        answers = {_chain(each, pick) for each in _completions(items)}
        found = combine(items)
        assert found in answers or found is Truth.UNKNOWN
        assert found is Truth.UNKNOWN or answers == {found}


@given(st.integers(1, 4), lists)
def test_at_least_agrees_with_counting(count: int, items: list[Truth]) -> None:
    """K of n is settled exactly when every completion of the unknown items gives one answer."""

    def decided(each: list[Truth]) -> Truth:
        met, judged = each.count(Truth.MET), each.count(Truth.JUDGEMENT)
        return Truth.MET if met >= count else Truth.JUDGEMENT if met + judged >= count else Truth.NOT_MET

    answers = {decided(each) for each in _completions(items)}
    assert at_least(count, items) is (answers.pop() if len(answers) == 1 else Truth.UNKNOWN)


@given(lists)
def test_at_least_one_and_all_are_any_and_all(items: list[Truth]) -> None:
    """One of n is `any`, n of n is `all`, where nothing is unknown."""
    if items and Truth.UNKNOWN not in items:
        assert at_least(1, items) is any_of(items)
        assert at_least(len(items), items) is all_of(items)


def test_nothing_at_all() -> None:
    """All of nothing is met, any of nothing is not."""
    assert all_of([]) is Truth.MET
    assert any_of([]) is Truth.NOT_MET


def test_unknown_is_neither_true_nor_false() -> None:
    """Unknown refuses to be a condition of Python, and stays itself when copied between processes."""
    with pytest.raises(TypeError):
        bool(UNKNOWN)
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN  # noqa: S301  # our own bytes


@pytest.mark.parametrize(
    "text", ["GBP/year", "EUR/month", "USD/hour", "hours/week", "years", "months", "weeks", "days", "count", "GBP"]
)
def test_units_print_as_they_are_written(text: str) -> None:
    """Every usual unit prints back unchanged."""
    assert str(Unit.parse(text)) == text


@pytest.mark.parametrize("text", ["", "gbp/year", "GBP/furlong", "GBP//year", "/year", "pounds", "GBP/year/month"])
def test_other_words_are_no_units(text: str) -> None:
    """What is no unit is refused."""
    assert Unit.parse(text) is None


def test_units_multiply_and_cancel() -> None:
    """A yearly rate times weekly hours over weekly hours is a yearly rate."""
    rate, hours = Unit.parse("GBP/year"), Unit.parse("hours/week")
    assert rate is not None
    assert hours is not None
    assert rate.times(hours).times(hours, -1) == rate
    assert rate.times(rate, -1) == BARE


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_numbers_stay_exact(number: object) -> None:
    """An exact number equals the decimal it was written as."""
    assert exact(number) == number  # type: ignore[arg-type]  # hypothesis types decimals as Any-like objects
