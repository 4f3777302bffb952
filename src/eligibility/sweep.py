"""What steps can become while something they read takes every value of a range: sound for ranges, exact for single values.

The meanings of nodes are those of `operations`: they run on the ends of ranges, which bound what happens in between where a
form rises or falls steadily in each of its inputs, and on every value of a small set. Where neither tells, a step may become
anything; whoever asks then looks at smaller ranges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import product
from math import prod
from typing import Any, Final

from eligibility import nodes
from eligibility.compiler import CompiledRules
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH, Unknown, Value, all_of, any_of
from eligibility.operations import Inputs, Step, Values
from eligibility.ranges import (
    ANY_TRUTH,
    ANYTHING,
    RANGES,
    Anything,
    Records,
    Span,
    aggregated,
    ends_of,
    folded,
    may_vanish,
    of,
    open_truth,
    overlap,
    parts_of,
    points,
    possible,
    rank_of,
)

MOST_COMBINATIONS: Final = 256

# Forms that rise or fall steadily, or stay, in each of their inputs: their extremes lie at the ends of ranges.
_STEADY: Final = (
    nodes.Arithmetic,
    nodes.DateShift,
    nodes.Elapsed,
    nodes.Extreme,
    nodes.Rounded,
    nodes.Converted,
    nodes.Amount,
)


class Sweep:
    """Runs steps while some facts or the as-of date take every value of a range; works on `values`, which it overwrites."""

    def __init__(
        self, compiled: CompiledRules, values: Values, inputs: Inputs, varied: Mapping[str, Any], as_of: date | Span
    ) -> None:
        self.steps: Sequence[Step] = compiled.steps
        self.values = values
        self.inputs = inputs
        self.varied = varied
        self.as_of = as_of

    def run(self, order: Iterable[int]) -> None:
        """Run some steps in turn."""
        for index in order:
            self.values[index] = self.outcome(self.steps[index])

    def outcome(self, step: Step) -> Any:
        """What one step can become; its inputs have been run."""
        node, values = step.node, self.values
        match node:
            case nodes.AsOf():
                return self.as_of
            case nodes.FactValue():
                return self._fact(step, node.path)
            case nodes.Quantified() | nodes.Aggregate():
                return self._loop(step, node)
        reads = [values[index] for index in step.inputs]
        if not any(isinstance(each, RANGES) for each in reads):
            return step.operation(values, self.inputs, self.steps)
        match node:
            case nodes.AllOf():
                return folded(all_of, reads)
            case nodes.AnyOf():
                return folded(any_of, reads)
            case nodes.AtLeast(count=count):
                return points(reads, [1] * len(reads), [1] * len(reads), count)
            case nodes.PointsReached(most=most):
                return points(reads[: len(most)], reads[len(most) : -1], most, reads[-1])
            case nodes.Comparison():
                found = self._compared(step, node, reads)
            case nodes.Choose():
                found = self._chosen(step, reads)
            case nodes.Classified():
                found = self._classified(step, node, reads)
            case nodes.AssumedFact(value=assumed):
                found = of(assumed if each is UNKNOWN or each is UNKNOWN_TRUTH else each for each in parts_of(reads[0]))
            case nodes.Membership() if isinstance(reads[0], Span):
                found = self._among(reads)
            case _ if isinstance(node, _STEADY):
                found = self._steady(step, node, reads)
            case _:
                found = self._each(step, reads)
        return ANY_TRUTH if found is ANYTHING and step.boolean else found

    def _fact(self, step: Step, path: str) -> Any:
        if path not in self.varied and not any(isinstance(self.values[index], RANGES) for index in step.inputs):
            return step.operation(self.values, self.inputs, self.steps)
        unknown: Value = UNKNOWN_TRUTH if step.boolean else UNKNOWN
        stated = self.varied.get(path, self.inputs.facts.get(path, unknown))
        if not step.inputs:
            return stated
        applies = possible(self.values[step.inputs[0]]) or ()
        if applies == (NOT_MET,):
            return step.data
        return of((stated, step.data)) if NOT_MET in applies else stated

    def _with(self, step: Step, reads: Sequence[Any]) -> Any:
        """The value of a step for single values of its inputs."""
        kept = [self.values[index] for index in step.inputs]
        for index, value in zip(step.inputs, reads, strict=True):
            self.values[index] = value
        found = step.operation(self.values, self.inputs, self.steps)
        for index, value in zip(step.inputs, kept, strict=True):
            self.values[index] = value
        return found

    def _each(self, step: Step, reads: Sequence[Any]) -> Any:
        """What a step becomes for every combination of a few values."""
        choices = [possible(each) for each in reads]
        if any(each is None for each in choices) or prod(len(each or ()) for each in choices) > MOST_COMBINATIONS:
            return ANYTHING
        # One step may read another twice, as `x + x` does: what it reads has one value at a time.
        places = dict(zip(step.inputs, choices, strict=True))
        combinations = product(*(each or () for each in places.values()))
        return of(
            self._with(step, [dict(zip(places, each, strict=True))[index] for index in step.inputs]) for each in combinations
        )

    def _steady(self, step: Step, node: nodes.Node, reads: Sequence[Any]) -> Any:
        """The extremes of a step at the ends of what it reads."""
        if any(isinstance(each, Anything | Records) for each in reads):
            return ANYTHING
        if isinstance(node, nodes.Arithmetic) and node.operator == "/" and may_vanish(reads[1]):
            return ANYTHING
        if isinstance(node, nodes.DateShift) and isinstance(reads[1], Span) and not reads[1].whole:
            return ANYTHING  # between two whole numbers lie broken ones, by which no date can be moved
        if (
            isinstance(node, nodes.Arithmetic)
            and node.operator == "*"
            and step.inputs[0] == step.inputs[1]
            and may_vanish(reads[0])
        ):
            return ANYTHING  # a square falls before it rises
        if isinstance(node, nodes.Converted) and any(may_vanish(each) for each in reads[1:]):
            return ANYTHING
        ends = [ends_of(each) for each in reads]
        if prod(len(each) for each in ends) > MOST_COMBINATIONS:
            return ANYTHING
        known: list[Any] = []
        opened: list[Any] = []
        for each in product(*ends):
            found = self._with(step, each)
            (opened if any(isinstance(end, Unknown) for end in each) else known).append(found)
        if not known:
            return of(opened)
        is_unknown = [each is UNKNOWN for each in known]
        if any(is_unknown):
            return UNKNOWN if all(is_unknown) and all(each is UNKNOWN for each in opened) else ANYTHING
        several = any(isinstance(each, Span) for each in reads)
        if not several:
            return of([*known, *opened])
        bounds = [*known, *(each for each in opened if each is not UNKNOWN)]
        low, high = min(bounds, key=rank_of), max(bounds, key=rank_of)
        is_open = any(each is UNKNOWN for each in opened)
        return low if low == high and not is_open else Span(low, high, is_open, _is_whole(node, reads))

    def _compared(self, step: Step, node: nodes.Comparison, reads: Sequence[Any]) -> Any:
        if any(isinstance(each, Anything | Records) for each in reads):
            return ANY_TRUTH
        if not any(isinstance(each, Span) for each in reads):
            return self._each(step, reads)
        if step.inputs[0] == step.inputs[1]:
            return of([MET if node.operator in ("==", "<=", ">=") else NOT_MET, *(open_truth(reads[0]))])
        left, right = ends_of(reads[0]), ends_of(reads[1])
        found = {self._with(step, each) for each in product(left, right)}
        if node.operator in ("==", "!=") and overlap(left, right):
            found |= {MET, NOT_MET}
        return of(found)

    def _among(self, reads: Sequence[Any]) -> Any:
        span, collection = reads
        members = possible(collection)
        if members is None or len(members) != 1 or members[0] is UNKNOWN:
            return ANY_TRUTH
        inside = any(overlap(ends_of(span), (each,)) for each in members[0])
        return of([NOT_MET, *([MET] if inside else []), *open_truth(span)])

    def _chosen(self, step: Step, reads: Sequence[Any]) -> Any:
        conditions = possible(reads[0]) or ()
        found: list[Any] = []
        if MET in conditions:
            found.append(reads[1])
        if NOT_MET in conditions:
            found.append(reads[2])
        if JUDGEMENT in conditions or UNKNOWN_TRUTH in conditions:
            if step.boolean:
                return self._each(step, reads)
            found.append(UNKNOWN)
        return of(found)

    def _classified(self, step: Step, node: nodes.Classified, reads: Sequence[Any]) -> Any:
        if prod(len(possible(each) or ANY_TRUTH.values) for each in reads) <= MOST_COMBINATIONS or node.hit == "collect":
            return self._each(step, reads)
        found: list[Any] = [UNKNOWN]
        for truth, value in zip(reads, node.values, strict=True):
            if truth is not NOT_MET:
                found.append(value)
            if truth is MET and node.hit == "first":
                return of(found)
        return of([*found, node.otherwise])

    # lists

    def _loop(self, step: Step, node: nodes.Quantified | nodes.Aggregate) -> Any:
        source = self.values[step.inputs[0]]
        unknown: Any = UNKNOWN_TRUTH if step.boolean else UNKNOWN
        if source is UNKNOWN:
            return unknown
        if not isinstance(source, Records | tuple):
            return ANY_TRUTH if step.boolean else ANYTHING
        found: list[tuple[Any, ...]] = []
        for item in source.items if isinstance(source, Records) else source:
            for slot in step.slots:
                field = self.steps[slot].node.field  # type: ignore[union-attr]  # the slots of a loop are values of its items
                nothing = UNKNOWN_TRUTH if self.steps[slot].boolean else UNKNOWN
                self.values[slot] = item if field is None else item.get(field, nothing)
            self.run(step.body)
            found.append(tuple(None if index < 0 else self.values[index] for index in step.inputs[1:]))
        if isinstance(node, nodes.Quantified):
            return folded(any_of if node.kind == "any" else all_of, [body for (body,) in found])
        return aggregated(node.kind, found)


def _is_whole(node: nodes.Node, reads: Sequence[Any]) -> bool:
    """Whether a form only has whole values: it counts time, or it is made of whole numbers without a division."""
    if isinstance(node, nodes.Elapsed):
        return True
    if not isinstance(node, nodes.Extreme) and not (isinstance(node, nodes.Arithmetic) and node.operator != "/"):
        return False
    return all(each.whole if isinstance(each, Span) else isinstance(each, int) for each in reads)


__all__ = ["Sweep"]
