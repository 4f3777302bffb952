"""Exact numbers by column: integers over a denominator that is the same in every row, or a column itself.

Amounts are integers of their smallest unit, shares are fractions of integers, comparisons are multiplied out: nothing is divided
and nothing is rounded. The bounds of every integer are known when the plan is made: what does not fit into 64 bits is worked out
in 128, and what would not fit into those is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Final

import polars as pl

from eligibility.columnar.sheet import Cell, NotInColumns, Sheet, joined, literal, picked, where
from eligibility.datatypes import Number, Unknown

_WORD: Final = 2**63 - 1
_LONG: Final = 2**127 - 1


_TOO_WIDE: Final = "a number in it may need more than 127 bits"


@dataclass(frozen=True, slots=True, eq=False)
class Gapless:
    """The same integers with something in the gaps, which is looked up faster, and a column that is true where there is none."""

    cell: Cell
    known: Cell


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Integers between two bounds; `wide` says that they take 128 bits."""

    cell: Cell
    low: int
    high: int
    wide: bool = False
    gapless: Callable[[], Gapless] | None = None

    @property
    def most(self) -> int:
        """The largest distance from zero."""
        return max(abs(self.low), abs(self.high))

    def widened(self) -> Whole:
        """The same integers in 128 bits."""
        return self if self.wide else Whole(self.cell.cast(pl.Int128), self.low, self.high, wide=True)

    def times(self, factor: int) -> Whole:
        """A multiple."""
        if factor == 1:
            return self
        found = product(self, constant(factor))
        multiples = self.cell.multiples
        if multiples is None:
            return found
        cell = multiples.cells.get(factor)
        if cell is None:
            cell = multiples.cells[factor] = multiples.sheet.column(found.cell)
        return Whole(cell, found.low, found.high, found.wide)


@lru_cache(maxsize=4096)
def constant(number: int) -> Whole:
    """The same integer in every row."""
    wide = abs(number) > _WORD
    if abs(number) > _LONG:
        raise NotInColumns(_TOO_WIDE)
    return Whole(literal(number, pl.Int128 if wide else pl.Int64), number, number, wide)


def nothing() -> Whole:
    """No number in any row."""
    return Whole(literal(None, pl.Int64), 0, 0)


def _worked(build: Callable[[pl.Expr, pl.Expr], pl.Expr], one: Whole, two: Whole, bounds: Sequence[int]) -> Whole:
    low, high = min(bounds), max(bounds)
    largest = max(abs(low), abs(high), one.most, two.most)
    if largest > _LONG:
        raise NotInColumns(_TOO_WIDE)
    if largest > _WORD or one.wide or two.wide:
        one, two = one.widened(), two.widened()
    return Whole(joined(build, one.cell, two.cell), low, high, one.wide)


def product(one: Whole, two: Whole) -> Whole:
    """The product of two integers."""
    corners = [a * b for a in (one.low, one.high) for b in (two.low, two.high)]
    return _worked(lambda a, b: a * b, one, two, corners)


def total(one: Whole, two: Whole) -> Whole:
    """The sum of two integers."""
    return _worked(lambda a, b: a + b, one, two, [one.low + two.low, one.high + two.high])


def difference(one: Whole, two: Whole) -> Whole:
    """The difference of two integers."""
    return _worked(lambda a, b: a - b, one, two, [one.low - two.high, one.high - two.low])


def quotient_down(one: Whole, two: Whole) -> Whole:
    """The quotient of integers rounded down; the divisor is positive."""
    return _worked(lambda a, b: a // b, one, two, [-one.most, one.most])


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A number in every row: an integer over a positive denominator. Null where it is unknown."""

    above: Whole
    below: int | Whole = 1

    @property
    def divisor(self) -> Whole:
        """The denominator, also where it is the same in every row."""
        return constant(self.below) if isinstance(self.below, int) else self.below


Quantity = int | Fraction | Unknown | Numbers


def numbers(quantity: Quantity) -> Numbers:
    """A number as columns, also where it is the same in every row."""
    if isinstance(quantity, Numbers):
        return quantity
    if isinstance(quantity, Unknown):
        return Numbers(nothing())
    return Numbers(constant(quantity.numerator), quantity.denominator)


def settled_number(sheet: Sheet, quantity: Quantity) -> Numbers:
    """A number whose columns can be read more than once."""
    found = numbers(quantity)
    below = found.below if isinstance(found.below, int) else settled_whole(sheet, found.below)
    return Numbers(settled_whole(sheet, found.above), below)


def settled_whole(sheet: Sheet, whole: Whole) -> Whole:
    """Integers whose column can be read more than once."""
    return Whole(sheet.column(whole.cell), whole.low, whole.high, whole.wide, whole.gapless)


def same_denominator(quantities: Sequence[Quantity]) -> tuple[list[Whole], int | Whole]:
    """The numerators of some numbers over one denominator, and that denominator."""
    found = [numbers(each) for each in quantities]
    fixed = [each.below for each in found if isinstance(each.below, int)]
    common = math.lcm(*fixed)
    above = [each.above.times(common // each.below) if isinstance(each.below, int) else each.above for each in found]
    if len(fixed) == len(found):
        return above, common
    moving = [None if isinstance(each.below, int) else each.below for each in found]
    for position in range(len(above)):
        for other, below in enumerate(moving):
            if below is not None and other != position:
                above[position] = product(above[position], below)
        if moving[position] is not None:
            above[position] = above[position].times(common)
    return above, reduce(product, [below for below in moving if below is not None]).times(common)


def added(one: Quantity, two: Quantity) -> Numbers:
    """The sum of two numbers."""
    (first, second), below = same_denominator([one, two])
    return Numbers(total(first, second), below)


def subtracted(one: Quantity, two: Quantity) -> Numbers:
    """The difference of two numbers."""
    (first, second), below = same_denominator([one, two])
    return Numbers(difference(first, second), below)


def multiplied(one: Quantity, two: Quantity) -> Numbers:
    """The product of two numbers."""
    first, second = numbers(one), numbers(two)
    if isinstance(first.below, int) and isinstance(second.below, int):
        return _reduced(product(first.above, second.above), first.below * second.below, one, two)
    return Numbers(product(first.above, second.above), product(first.divisor, second.divisor))


def _reduced(above: Whole, below: int, one: Quantity, two: Quantity) -> Numbers:
    """A product, with what a constant factor and the denominator have in common taken out."""
    for fixed, other in ((one, two), (two, one)):
        if isinstance(fixed, int | Fraction) and isinstance(other, Numbers) and isinstance(other.below, int):
            factor = Fraction(fixed) / other.below
            return Numbers(other.above.times(factor.numerator), factor.denominator)
    return Numbers(above, below)


def divided(one: Quantity, two: Number) -> Numbers:
    """A number divided by a constant other than zero."""
    return multiplied(one, 1 / Fraction(two))


def ratio(one: Quantity, two: Quantity) -> Numbers:
    """A number divided by another; unknown where that is zero. The divisor is never negative."""
    first, second = numbers(one), numbers(two)
    above = product(first.above, second.divisor)
    below = product(second.above, first.divisor)
    positive = joined(lambda cell: pl.when(cell > 0).then(cell), below.cell)
    return Numbers(above, Whole(positive, 1, max(below.high, 1), below.wide))


_SIGNS: Final[dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compared_cells(operator: str, one: Cell, two: Cell) -> Cell:
    """How two columns compare by a sign of comparison.

    What is the same in every row comes second: Polars takes a choice of which only one such value was chosen for a single value,
    and compares it with one that comes before it to a single truth, which is no column.
    """
    if two.reads and not one.reads:
        operator, one, two = _MIRRORED[operator], two, one
    return joined(_SIGNS[operator], one, two)


def compared(operator: str, one: Quantity, two: Quantity) -> Cell:
    """How two numbers compare; null where one is unknown."""
    if isinstance(one, int | Fraction) and isinstance(two, Numbers):
        return compared(_MIRRORED[operator], two, one)
    if isinstance(two, int | Fraction) and isinstance(one, Numbers) and isinstance(one.below, int):
        return _compared_with(operator, one.above, two * one.below)
    (first, second), _ = same_denominator([one, two])
    return _compared(operator, first, second)


def _compared_with(operator: str, whole: Whole, bound: Number) -> Cell:
    """How integers compare with a constant: the next integer on its side decides."""
    if operator in ("==", "!=") and isinstance(bound, Fraction):
        bound = whole.high + 1 if bound.denominator != 1 else bound.numerator  # no integer is between two integers
    exact = math.ceil(bound) if operator in (">=", "<") else math.floor(bound)
    inside = max(whole.low - 1, min(whole.high + 1, exact))
    return _compared(operator, whole, constant(inside))


def _compared(operator: str, one: Whole, two: Whole) -> Cell:
    if one.wide or two.wide:
        one, two = one.widened(), two.widened()
    return compared_cells(operator, one.cell, two.cell)


def extreme(sheet: Sheet, kind: str, items: Sequence[Quantity]) -> Numbers:
    """The least or greatest of some numbers; unknown if one is."""
    above, below = same_denominator([settled_number(sheet, item) for item in items])
    wide = any(each.wide for each in above)
    above = [settled_whole(sheet, each.widened() if wide else each) for each in above]
    pick = pl.min_horizontal if kind == "min" else pl.max_horizontal
    cell = joined(
        lambda *cells: pl.when(pl.all_horizontal([each.is_not_null() for each in cells])).then(pick(*cells)),
        *(each.cell for each in above),
    )
    bound = min if kind == "min" else max
    return Numbers(Whole(cell, bound(each.low for each in above), bound(each.high for each in above), wide), below)


def rounded(mode: str, quantity: Quantity, step: Number) -> Numbers:
    """A number rounded to a multiple of a positive step: `up`, `down` or `half_up`."""
    number = numbers(quantity)
    step = Fraction(step)
    above = number.above.times(step.denominator)
    below = number.divisor.times(step.numerator)
    match mode:
        case "up":
            count = quotient_down(above.times(-1), below).times(-1)
        case "down":
            count = quotient_down(above, below)
        case _:
            count = quotient_down(total(above.times(2), below), below.times(2))
    return Numbers(count.times(step.numerator), step.denominator)


def chosen_number(condition: Cell, then: Quantity, otherwise: Quantity, *, certain: bool = False) -> Numbers:
    """One number where a condition holds, another where it does not; unknown where the condition is (`condition` is a column).

    `certain` says that the condition is never unknown.
    """
    one, two = numbers(then), numbers(otherwise)
    certain = certain or isinstance(otherwise, Unknown)
    if isinstance(one.below, int) and isinstance(two.below, int):
        (first, second), common = same_denominator([one, two])
        return Numbers(_chosen(condition, first, second, certain=certain), common)
    above = _chosen(condition, one.above, two.above, certain=certain)
    return Numbers(above, _chosen(condition, one.divisor, two.divisor, certain=certain))


def _chosen(condition: Cell, one: Whole, two: Whole, *, certain: bool) -> Whole:
    wide = one.wide or two.wide
    if wide:
        one, two = one.widened(), two.widened()
    last = two.cell if certain else where(~condition, two.cell, literal(None, pl.Int128 if wide else pl.Int64))
    return Whole(where(condition, one.cell, last), min(one.low, two.low), max(one.high, two.high), wide)


def listed_numbers(values: Sequence[Number | Unknown], position: Cell, known: Callable[[], Cell] | None = None) -> Numbers:
    """The numbers at some positions of a list; `known` gives a column that is true where there is one."""
    below = math.lcm(*{value.denominator for value in values if not isinstance(value, Unknown)})
    above = [None if isinstance(value, Unknown) else value.numerator * (below // value.denominator) for value in values]
    stated = [value for value in above if value is not None] or [0]
    low, high = min(stated), max(stated)
    wide = max(-low, high) > _WORD
    kind = pl.Int128 if wide else pl.Int64

    found = Whole(picked(pl.Series(above, dtype=kind), position), low, high, wide)
    if known is None:
        return Numbers(found, below)

    def gapless() -> Gapless:
        filled = pl.Series([low if value is None else value for value in above], dtype=kind)
        return Gapless(picked(filled, position), known())

    return Numbers(replace(found, gapless=gapless), below)
