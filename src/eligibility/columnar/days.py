"""Dates by column, as days since 1970: whole calendar units added and counted as in `operations`."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

import polars as pl

from eligibility.columnar.numbers import Numbers, Quantity, Whole, compared_cells, constant, numbers, product
from eligibility.columnar.sheet import Cell, Sheet, joined, literal, picked, where
from eligibility.datatypes import Unknown

EPOCH: Final = date(1970, 1, 1).toordinal()
FIRST: Final = date.min.toordinal() - EPOCH
LAST: Final = date.max.toordinal() - EPOCH
_MONTHS: Final = date.max.year * 12
_CYCLE: Final = 400 * 12
_DAYS: Final = {"day": 1, "week": 7}


class Days:
    """A date in every row, as days since 1970 (64 bits). Null where it is unknown."""

    __slots__ = ("cell",)

    def __init__(self, cell: Cell) -> None:
        self.cell = cell


Day = date | Unknown | Days


def days(day: Day) -> Days:
    """A date as a column, also where it is the same in every row."""
    if isinstance(day, Days):
        return day
    return Days(literal(None if isinstance(day, Unknown) else day.toordinal() - EPOCH, pl.Int64))


@cache
def _month_starts() -> pl.Series:
    """The first day of every month of the calendar."""
    return pl.date_range(date.min, date(date.max.year, 12, 1), "1mo", eager=True).to_physical().cast(pl.Int64)


@cache
def _month_lengths() -> pl.Series:
    """How many days the months of 400 years have, after which the calendar repeats itself."""
    return _month_starts().head(_CYCLE + 1).diff().slice(1)


def _length(month: Cell) -> Cell:
    """How many days a month has, by its number since the year 1."""
    return picked(_month_lengths(), joined(lambda at: (at % _CYCLE).cast(pl.UInt32), month))


def _parts(sheet: Sheet, day: Cell) -> tuple[Cell, Cell]:
    """The number of the month of a day since the year 1, as a column, and its place in the month."""
    calendar = sheet.column(day.cast(pl.Int32).cast(pl.Date))
    month = joined(lambda at: at.dt.year().cast(pl.Int64) * 12 + at.dt.month().cast(pl.Int64) - 13, calendar)
    return sheet.column(month), joined(lambda at: at.dt.day().cast(pl.Int64), calendar)


def with_readable_days(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame whose days and points in time beyond the calendar, which Python has no values for, stand as text."""
    first, last = date.min, date.max
    strange = [
        each.name
        for each in frame
        if (each.dtype == pl.Date or isinstance(each.dtype, pl.Datetime)) and not each.cast(pl.Date).is_between(first, last).all()
    ]
    return frame.with_columns(pl.col(strange).cast(pl.String)) if strange else frame


def holds_times(kind: object) -> bool:
    """Whether values of a type are points in time, which are days where they are midnight, or lists or structs of them."""
    match kind:
        case pl.List(inner=inner) | pl.Array(inner=inner):
            return holds_times(inner)
        case pl.Struct(fields=fields):
            return any(holds_times(each.dtype) for each in fields)
    return isinstance(kind, pl.Datetime)


def _whole(quantity: Quantity) -> Whole:
    """The integers of a number of units; unknown where it is a fraction."""
    number = numbers(quantity)
    if number.below == 1:
        return number.above
    above, below = number.above, number.divisor
    fits = joined(lambda one, two: pl.when(one % two == 0).then(one // two), above.cell, below.cell)
    return Whole(fits, above.low, above.high, above.wide)


def _within(low: int, high: int, cell: Cell) -> Cell:
    return joined(lambda at: pl.when((at >= low) & (at <= high)).then(at).cast(pl.Int64), cell)


def shifted(sheet: Sheet, day: Day, amount: Quantity, unit: str, sign: int) -> Days:
    """A date moved by whole units, clamped to the end of the month; unknown outside the calendar."""
    count = _whole(amount)
    if unit in _DAYS:
        moved = product(count, constant(sign * _DAYS[unit]))
        start = days(day).cell
        return Days(_within(FIRST, LAST, joined(lambda at, by: at + by, start, moved.cell)))
    if isinstance(amount, int):
        return _moved(days(day), amount * sign * (12 if unit == "year" else 1))
    month, place = _parts(sheet, days(day).cell)
    moved = product(count, constant(sign * (12 if unit == "year" else 1)))
    target = sheet.column(_within(0, _MONTHS - 1, joined(lambda at, by: at + by, month, moved.cell)).cast(pl.UInt32))
    first = picked(_month_starts(), target)
    return Days(joined(lambda start, length, at: start + pl.min_horizontal(at, length) - 1, first, _length(target), place))


def _moved(day: Days, months: int) -> Days:
    """A date moved by the same number of months in every row."""
    if abs(months) > _MONTHS:
        return Days(literal(None, pl.Int64))
    by = f"{months}mo"
    return Days(_within(FIRST, LAST, joined(lambda at: at.cast(pl.Int32).cast(pl.Date).dt.offset_by(by).to_physical(), day.cell)))


def elapsed(sheet: Sheet, start: Day, end: Day, unit: str) -> Numbers:
    """Whole units from a date to another; negative when the second is earlier."""
    if unit == "day":
        passed = joined(lambda one, two: two - one, days(start).cell, days(end).cell)
        return Numbers(Whole(passed, FIRST - LAST, LAST - FIRST))
    one, two = sheet.column(days(start).cell), sheet.column(days(end).cell)
    forwards = sheet.column(compared_cells("<=", one, two))  # null where one of them is
    first, place = _parts(sheet, where(forwards, one, two))
    last, reached = _parts(sheet, where(forwards, two, one))
    short = joined(lambda a, b, c: (pl.min_horizontal(a, b) > c).cast(pl.Int64), place, _length(last), reached)
    months = sheet.column(joined(lambda a, b, c: a - b - c, last, first, short))
    units = months if unit == "month" else sheet.column(joined(lambda at: at // 12, months))
    return Numbers(Whole(joined(lambda on, at: pl.when(on).then(at).when(~on).then(-at), forwards, units), -_MONTHS, _MONTHS))


def extreme_day(kind: str, items: list[Day]) -> Days:
    """The earliest or latest of some dates; unknown if one is."""
    pick = pl.min_horizontal if kind == "min" else pl.max_horizontal
    cells = [days(item).cell for item in items]
    return Days(joined(lambda *each: pl.when(pl.all_horizontal([one.is_not_null() for one in each])).then(pick(*each)), *cells))
