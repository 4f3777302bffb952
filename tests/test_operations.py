"""The meaning of nodes where it is easy to get wrong: the calendar, pay periods, words."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility import nodes
from eligibility.datatypes import UNKNOWN
from eligibility.operations import OPERATIONS, comparator, elapsed, periods_a_year, shift, whole, words

DAYS = st.dates(date(1800, 1, 1), date(2300, 12, 31))


@given(DAYS, st.integers(-2_000, 2_000), st.sampled_from(["year", "month", "week", "day"]))
def test_moving_a_date_keeps_its_day_or_the_end_of_the_month(day: date, amount: int, unit: str) -> None:
    """A date moved by months is the same day of another month, or its last day; by weeks it is the same day of the week."""
    moved = shift(day, amount, unit)
    if not isinstance(moved, date):
        assert not 1 <= day.year + amount * (1 if unit == "year" else 0) <= 9999
        return
    if unit in ("year", "month"):
        assert moved.day == day.day or (moved.day < day.day and shift(moved, 1, "day").month != moved.month)  # type: ignore[union-attr]
        assert (moved.year - day.year) * 12 + moved.month - day.month == amount * (12 if unit == "year" else 1)
    else:
        assert (moved - day).days == amount * (7 if unit == "week" else 1)


@given(DAYS, DAYS, st.sampled_from(["year", "month"]))
def test_elapsed_units_are_the_most_that_fit(start: date, end: date, unit: str) -> None:
    """The whole units between two dates are the most that fit between them; turned round they count below zero."""
    found = elapsed(start, end, unit)
    assert elapsed(end, start, unit) == -found
    earlier, later = min(start, end), max(start, end)
    reached, beyond = shift(earlier, abs(found), unit), shift(earlier, abs(found) + 1, unit)
    assert isinstance(reached, date)
    assert isinstance(beyond, date)
    assert reached <= later < beyond


def test_a_date_outside_of_the_calendar_is_unknown() -> None:
    """Nobody knows a day before the first year or after the last."""
    assert shift(date(9999, 12, 31), 1, "day") is UNKNOWN
    assert shift(date(1, 1, 1), -1, "month") is UNKNOWN
    assert shift(date(2025, 1, 1), 10**30, "day") is UNKNOWN


@pytest.mark.parametrize(
    ("period", "hours", "weeks", "times"),
    [
        ("year", UNKNOWN, UNKNOWN, 1),
        ("month", UNKNOWN, UNKNOWN, 12),
        ("week", UNKNOWN, 52, 52),
        ("week", 40, UNKNOWN, None),
        ("hour", Fraction(75, 2), 52, 1950),
        ("hour", 40, UNKNOWN, None),
        ("hour", UNKNOWN, 52, None),
        (None, 40, 52, None),
    ],
)
def test_how_often_a_period_of_pay_occurs(period: str | None, hours: object, weeks: object, times: object) -> None:
    """Hours and weeks are needed only for pay by the hour and week; a sum paid once has no period."""
    assert periods_a_year(period, hours, weeks) == times


def test_words_are_whole_and_ignore_case_and_signs() -> None:
    """Phrases are found between whole words, whatever the signs and capitals between them."""
    assert words("Senior Machine-Learning  Engineer (m/f)") == " senior machine learning engineer m f "
    assert words("AI") not in words("AIRLINE pilot")


def test_equal_numbers_have_one_form() -> None:
    """A fraction that is whole is an integer."""
    assert type(whole(Fraction(4, 2))) is int
    assert whole(Fraction(1, 3)) == Fraction(1, 3)


def test_an_ordered_choice_is_compared_by_rank() -> None:
    """The values of an ordered choice are compared by their place in its list, not by their letters."""
    order = ("none", "bachelor", "master")
    assert comparator(">", order)("master", "bachelor")
    assert comparator("<=", order)("none", "bachelor")
    assert not comparator(">=", order)("none", "bachelor")


def test_every_form_has_a_meaning() -> None:
    """Every class of node has an operation, but those that the period or the compiler settles."""
    settled = {nodes.Constant, nodes.ParameterValue, nodes.ListValue, nodes.HumanJudgement, nodes.Reference, nodes.ItemValue}
    forms = set(nodes.Node.__args__)
    assert forms == OPERATIONS.keys() | settled
