"""Products and comparisons of numbers without fractions: what is multiplied is kept as a numerator and a denominator.

A number that comes from another by constants alone (70 % of a rate, a yearly amount by 12) is not worked out for a comparison:
both sides are multiplied by the constants instead, when the code is written. So whole numbers are compared, exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Final

from eligibility import nodes
from eligibility.backends.compiled_bounds import Bounds
from eligibility.datatypes import Number, NumberType
from eligibility.operations import Step

_ONE: Final = Fraction(1)
_BITS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ratio:
    """A number as another step's by a constant factor; without a base the factor is the number."""

    base: int | None
    factor: Fraction


def quotient(above: int, below: int) -> Number:
    """A quotient of whole numbers, in the one form that equal numbers have."""
    return Fraction(above, below) if above % below else above // below


class Ratios:
    """Which of some steps are multiples of which others.

    `products` are the steps that multiply two numbers that are not constant, with both; `leaves` the other bases; `spared` the
    multiples and products whose value nobody reads but comparisons and other products.
    """

    def __init__(self, steps: Iterable[Step], bounds: Bounds, kept: Collection[int] | None) -> None:
        self.bounds = bounds
        self.known: dict[int, Ratio] = {}
        self.products: dict[int, tuple[Ratio, Ratio]] = {}
        self.compared: set[int] = set()
        read: set[int] = set()
        bases: set[int | None] = set()
        for step in steps:
            if step.index in bounds.constant:
                continue
            if self.multiply(step):
                bases.add(self.known[step.index].base)
            elif self.compares(step):
                self.compared.add(step.index)
                bases.update(self.of(index).base for index in step.inputs)
            else:
                read.update(step.inputs)
        for one, other in self.products.values():
            bases.update((one.base, other.base))
        self.leaves = frozenset(base for base in bases if base is not None and base not in self.products)
        self.spared = frozenset[int]() if kept is None else frozenset(self.known) - read - frozenset(kept)

    def of(self, index: int) -> Ratio:
        """The ratio of a known number."""
        constant = self.bounds.constant.get(index)
        if isinstance(constant, int | Fraction):
            return Ratio(None, Fraction(constant))
        return self.known.get(index) or Ratio(index, _ONE)

    def multiply(self, step: Step) -> bool:
        """Note a multiple or product; false for any other step."""
        if not isinstance(step.node, nodes.Arithmetic) or step.node.operator in "+-" or not self.can_be_known(step):
            return False
        one, other = (self.of(index) for index in step.inputs)
        if step.node.operator == "/":
            if other.base is not None or not other.factor:
                return False
            other = Ratio(None, 1 / other.factor)
        if not _is_short(one.factor * other.factor):
            return False
        if one.base is None or other.base is None:
            self.known[step.index] = Ratio(other.base if one.base is None else one.base, one.factor * other.factor)
        else:
            self.products[step.index] = (one, other)
            self.known[step.index] = Ratio(step.index, _ONE)
        return True

    def can_be_known(self, step: Step) -> bool:
        """Whether no input of a step is always unknown, or a number too long to be written out."""
        constants = (self.bounds.constant.get(index, 0) for index in step.inputs)
        return all(isinstance(each, int | Fraction) and _is_short(each) for each in constants)

    def compares(self, step: Step) -> bool:
        """Whether a step compares numbers of which one is a multiple or product, or a fraction."""
        node = step.node
        if not isinstance(node, nodes.Comparison) or not isinstance(node.left.type, NumberType) or not self.can_be_known(step):
            return False
        return any(index in self.known or isinstance(self.bounds.constant.get(index), Fraction) for index in step.inputs)

    # what is written

    def is_whole(self, base: int) -> bool:
        """Whether a base is a whole number, which needs no denominator."""
        if base in self.products:
            parts = self.products[base]
            return all(part.base is None or self.is_whole(part.base) for part in parts) and self.factor(base).denominator == 1
        return self.bounds.whole[base]

    def factor(self, base: int) -> Fraction:
        """The constant factor of a product."""
        one, other = self.products[base]
        return one.factor * other.factor

    def above(self, base: int) -> str:
        """The name of the numerator of a base."""
        return f"x{base}" if base not in self.products and self.bounds.whole[base] else f"n{base}"

    def unknown(self, base: int) -> str:
        """The test whether a base is unknown; empty where it cannot be."""
        if base not in self.products and self.bounds.whole[base]:
            return f"x{base} is K" if self.bounds.open[base] else ""
        return f"n{base} is None"

    def pair(self, index: int) -> list[str]:
        """The lines that work out numerator and denominator of a base after its value, or of a product."""
        if index in self.products:
            bases = [part.base for part in self.products[index] if part.base is not None]
            factor = self.factor(index)
            test = " or ".join(dict.fromkeys(test for base in bases if (test := self.unknown(base))))
            above = _times([self.above(base) for base in bases], factor.numerator)
            below = _times([f"d{base}" for base in bases if not self.is_whole(base)], factor.denominator)
        elif index in self.leaves and not self.bounds.whole[index]:
            test = f"x{index} is K" if self.bounds.open[index] else ""
            above, below = f"x{index}.numerator", f"x{index}.denominator"
        else:
            return []
        pair = f"n{index} = {above}" + ("" if below == "1" else f"; d{index} = {below}")
        return [f"if {test}: n{index} = None", f"else: {pair}"] if test else [pair]

    def value(self, index: int) -> str:
        """The expression of the value of a multiple or product."""
        ratio = self.of(index)
        bases = [] if ratio.base is None else [ratio.base]
        above = _times([self.above(base) for base in bases], ratio.factor.numerator)
        below = _times([f"d{base}" for base in bases if not self.is_whole(base)], ratio.factor.denominator)
        number = above if below == "1" else f"quotient({above}, {below})"
        test = " or ".join(self.unknown(base) for base in bases)
        return f"K if {test} else {number}" if test else number

    def comparison(self, operator: str, left: int, right: int) -> str:
        """The expression of a comparison."""
        one, other = self.of(left), self.of(right)
        common = gcd(one.factor.numerator * other.factor.denominator, other.factor.numerator * one.factor.denominator) or 1
        sides = []
        for here, there in ((one, other), (other, one)):
            names = [] if here.base is None else [self.above(here.base)]
            if there.base is not None and not self.is_whole(there.base):
                names.append(f"d{there.base}")
            sides.append(_times(names, here.factor.numerator * there.factor.denominator // common))
        bases = dict.fromkeys(ratio.base for ratio in (one, other) if ratio.base is not None)
        unknown = " or ".join(test for base in bases if (test := self.unknown(base)))
        held = f"M if {sides[0]} {operator} {sides[1]} else N"
        return f"U if {unknown} else {held}" if unknown else held


def _is_short(number: Number) -> bool:
    return max(number.numerator.bit_length(), number.denominator.bit_length()) <= _BITS


def _times(names: list[str], number: int) -> str:
    """The product of some numbers and a constant."""
    constant = [str(number) if number >= 0 else f"({number})"]
    return " * ".join(names if number == 1 and names else [*names, *constant])
