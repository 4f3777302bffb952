"""A number compared with several shares of another: divided once, and the quotient compared with constants.

`salary >= 90% * rate` and its like are usually compared by products, two for each share. Where three or more shares of the same
number are asked for, one whole quotient decides them all: for a positive `rate`, `salary >= n/d * rate` holds if and only if
`salary * d // rate >= n`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import polars as pl

from eligibility import nodes
from eligibility.columnar.numbers import Numbers, Whole, compared, numbers, quotient_down, settled_whole
from eligibility.columnar.sheet import Sheet, literal, where
from eligibility.columnar.terms import Term, quantity
from eligibility.columnar.truths import Truths
from eligibility.compiler import SETTLED
from eligibility.datatypes import Number, NumberType
from eligibility.operations import Step

_SEVERAL: Final = 3  # a division takes as long as two products

Pair = tuple[int, int]
"""The steps of a number and of that of which shares are taken."""


@dataclass(frozen=True, slots=True)
class Share:
    """A comparison read as: the first of a pair against a share of the second."""

    pair: Pair
    operator: Literal[">=", "<"]
    share: Fraction


class Quotients:
    """The quotients of numbers that are compared with several shares of others."""

    def __init__(self, sheet: Sheet, steps: Sequence[Step], start: Sequence[object]) -> None:
        self._sheet = sheet
        self._steps = steps
        self._start = start
        self._shares: dict[int, Share] = {}
        self._of: dict[Pair, set[Fraction]] = {}
        self._quotients: dict[Pair, tuple[Numbers, Fraction] | None] = {}
        self._divided: dict[tuple[int, ...], Whole] = {}

    def look_among(self, needed: AbstractSet[int]) -> None:
        """Find the comparisons among some steps that a quotient is worth its time for."""
        in_loops = {index for each in needed for index in self._steps[each].body}
        shares = {index: share for index in needed - in_loops if (share := self._share(self._steps[index])) is not None}
        for share in shares.values():
            self._of.setdefault(share.pair, set()).add(share.share)
        self._shares = {index: share for index, share in shares.items() if len(self._of[share.pair]) >= _SEVERAL}

    def compared(self, step: Step, term: Callable[[int], Term]) -> Truths | None:
        """A comparison by a quotient; None where it is none of those, or its numbers have no such quotient."""
        share = self._shares.get(step.index)
        if share is None:
            return None
        if share.pair not in self._quotients:
            self._quotients[share.pair] = self._quotient(share.pair, term)
        found = self._quotients[share.pair]
        if found is None:
            return None
        quotient, of_one = found
        return Truths(compared(share.operator, quotient, share.share * of_one))

    def _quotient(self, pair: Pair, term: Callable[[int], Term]) -> tuple[Numbers, Fraction] | None:
        """The whole quotient of a pair, and what stands in it for a share of one; None where 64 bits have none."""
        factors = self._factors(pair[1])
        one, *others = (numbers(quantity(term(index))) for index in (pair[0], *factors))
        if not isinstance(one.below, int):
            return None
        of_one = Fraction(one.below)
        for each in others:
            if not isinstance(each.below, int) or each.above.low < 1 or each.above.wide:
                return None
            of_one /= each.below
        scale = math.lcm(*((share * of_one).denominator for share in self._of[pair]))
        found = one.above.times(scale)
        name: tuple[int, ...] = (pair[0], scale)
        if found.wide:
            return None
        for index, each in zip(factors, others, strict=True):  # floor(floor(a / b) / c) is floor(a / (b * c))
            name = (*name, index)
            known = self._divided.get(name)
            if known is None:
                known = self._divided[name] = settled_whole(self._sheet, self._divide(found, each.above))
            found = known
        return Numbers(found), of_one * scale

    def _divide(self, number: Whole, by: Whole) -> Whole:
        """The whole quotient of two numbers, unknown where one is.

        Where that is quicker, gaps of the second are made gaps of the first, which is often divided by several numbers.
        """
        if by.gapless is None:
            return quotient_down(number, by)
        number, gapless = settled_whole(self._sheet, number), by.gapless()
        known, empty = gapless.known, literal(None, pl.Int64)
        cell = self._sheet.once((number.cell.reads, known.reads), lambda: where(known, number.cell, empty))
        return quotient_down(Whole(cell, number.low, number.high), Whole(gapless.cell, by.low, by.high))

    def _factors(self, index: int) -> list[int]:
        """The steps whose product a step is, facts first: many rules divide by the same fact."""
        waiting, found = [index], []
        while waiting:
            step = self._steps[waiting.pop()]
            if isinstance(step.node, nodes.Arithmetic) and step.node.operator == "*":
                waiting.extend(step.inputs)
            else:
                found.append(step.index)
        return sorted(found, key=lambda each: (not isinstance(self._steps[each].node, nodes.FactValue), each))

    def _share(self, step: Step) -> Share | None:
        """What a comparison of numbers asks for; None for one that is no share of anything, or asks whether they are equal."""
        node = step.node
        if not isinstance(node, nodes.Comparison) or not isinstance(node.left.type, NumberType) or node.operator in ("==", "!="):
            return None
        sides = [self._multiple(index) for index in step.inputs]
        (one, of_one), (two, of_two) = sides if node.operator in (">=", "<") else reversed(sides)
        if of_one <= 0 or of_two <= 0 or self._constant(one) is not None or self._constant(two) is not None:
            return None
        return Share((one, two), ">=" if node.operator in (">=", "<=") else "<", of_two / of_one)

    def _multiple(self, index: int) -> tuple[int, Fraction]:
        """The step that a step is a constant multiple of, and the factor."""
        factor, node = Fraction(1), self._steps[index].node
        while isinstance(node, nodes.Arithmetic) and node.operator in ("*", "/"):
            left, right = self._steps[index].inputs
            by = self._constant(right)
            if by is None and node.operator == "*":
                left, by = right, self._constant(left)
            if not by:
                break
            factor = factor * by if node.operator == "*" else factor / by
            index, node = left, self._steps[left].node
        return index, factor

    def _constant(self, index: int) -> Number | None:
        value = self._start[index] if isinstance(self._steps[index].node, SETTLED) else None
        return value if isinstance(value, int | Fraction) else None
