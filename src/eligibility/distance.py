"""How far a criterion that fails is from being met, for putting failed outcomes in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from eligibility import nodes
from eligibility.datatypes import MET, NOT_MET, Number, Value
from eligibility.findings import Findings
from eligibility.operations import Step

_WHOLE: Final = Fraction(1)
_YEAR: Final = 365  # days; a date is as far away as the part of a year that is missing


@dataclass(frozen=True, slots=True, order=True)
class Distance:
    """How many conditions would have to change at least, and how much the furthest of them would, as a share of what it needs.

    A condition without a measure (yes or no, a list, a text) counts as wholly missed: share 1, which no other exceeds.
    """

    conditions: int
    share: Number

    def __add__(self, other: Distance) -> Distance:
        return Distance(self.conditions + other.conditions, max(self.share, other.share))


HERE: Final = Distance(0, 0)
_UNMEASURED: Final = Distance(1, _WHOLE)


def distance(findings: Findings, index: int, *, wanted: bool = True) -> Distance:
    """How far a step is from being met, or with `wanted` false from not being met; what is open or for a human counts as reached.

    Conditions that two parts share count in both. It puts outcomes in order and promises no way to change them.
    """
    goal = MET if wanted else NOT_MET
    missed = NOT_MET if wanted else MET
    step = findings.compiled.steps[index]
    if findings.truth(index) is not missed or goal is missed:
        return HERE

    def parts(*, all_needed: bool) -> Distance:
        each = [distance(findings, part, wanted=wanted) for part in step.inputs]
        return _total(each) if all_needed else min(each, default=_UNMEASURED)

    match step.node:
        case nodes.AllOf():
            return parts(all_needed=wanted)
        case nodes.AnyOf():
            return parts(all_needed=not wanted)
        case nodes.Negation():
            return distance(findings, step.inputs[0], wanted=not wanted)
        case nodes.AtLeast(count=count):
            return _at_least(findings, step, count, wanted=wanted)
        case nodes.Comparison(operator=operator, order=order) if operator not in ("==", "!="):
            left, right = (findings.value(part) for part in step.inputs)
            return Distance(1, _share(left, right, order))
        case nodes.PointsReached():
            return _points(findings, step) if wanted else _UNMEASURED
    return _UNMEASURED


def _total(parts: Iterable[Distance]) -> Distance:
    return sum(parts, HERE)


def _at_least(findings: Findings, step: Step, count: int, *, wanted: bool) -> Distance:
    missed = NOT_MET if wanted else MET
    against = sorted(distance(findings, part, wanted=wanted) for part in step.inputs if findings.truth(part) is missed)
    reached = len(step.inputs) - len(against)
    needed = count if wanted else len(step.inputs) - count + 1
    return _total(against[: max(needed - reached, 0)])


def _points(findings: Findings, step: Step) -> Distance:
    """The points that are missing, as a share of the pass mark; what is open or for a human counts for nothing."""
    count = len(step.inputs) // 2
    rows = zip(step.inputs[:count], step.inputs[count:-1], strict=True)
    awards = [findings.value(award) for condition, award in rows if findings.truth(condition) is MET]
    scored = sum(award for award in awards if isinstance(award, int | Fraction))
    mark = findings.value(step.inputs[-1])
    return Distance(1, _share(scored, mark, None))


def _share(left: Value, right: Value, order: tuple[str, ...] | None) -> Number:
    if order is not None:
        return Fraction(abs(order.index(str(left)) - order.index(str(right))), len(order))
    if isinstance(left, date) and isinstance(right, date):
        return min(_WHOLE, Fraction(abs((left - right).days), _YEAR))
    if isinstance(left, int | Fraction) and isinstance(right, int | Fraction):
        one, other = Fraction(left), Fraction(right)
        largest = max(abs(one), abs(other))
        return min(_WHOLE, abs(one - other) / largest) if largest else 0
    return _WHOLE


__all__ = ["HERE", "Distance", "distance"]
