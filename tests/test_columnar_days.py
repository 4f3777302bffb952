"""Dates in columns move as they do one at a time."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility.columnar.days import EPOCH, Days, shifted
from eligibility.columnar.numbers import Numbers, Whole
from eligibility.columnar.sheet import Sheet, stated
from eligibility.operations import shift

MOST: Final = 10**6
ENDS: Final = (date.min, date.max, date(2024, 2, 29), date(2023, 1, 31), date(2025, 12, 31), date(9999, 11, 30))
AMOUNTS: Final = st.one_of(st.integers(-60, 60), st.integers(-130_000, 130_000))


@given(
    st.lists(st.one_of(st.sampled_from(ENDS), st.dates()), min_size=1, max_size=20),
    AMOUNTS,
    st.sampled_from(["year", "month", "week", "day"]),
    st.sampled_from([1, -1]),
)
@settings(max_examples=60)
def test_dates_move_as_one_date_does(
    days: list[date], amount: int, unit: Literal["year", "month", "week", "day"], sign: int
) -> None:
    """By the same amount in every row or by one of its own, to the end of shorter months, and to nowhere outside the calendar."""
    table = pl.DataFrame({"day": [day.toordinal() - EPOCH for day in days], "by": [amount] * len(days)})
    sheet = Sheet()
    by_row = Numbers(Whole(stated("by"), -MOST, MOST))
    moved = {
        "same": shifted(sheet, Days(stated("day")), amount, unit, sign).cell,
        "own": shifted(sheet, Days(stated("day")), by_row, unit, sign).cell,
    }
    found = sheet.plan(moved).run(table)
    alone = [shift(day, amount * sign, unit) for day in days]
    expected = [each.toordinal() - EPOCH if isinstance(each, date) else None for each in alone]
    assert found["same"].to_list() == expected
    assert found["own"].to_list() == expected
