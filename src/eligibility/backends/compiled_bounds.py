"""What is known of each step before any fact is: whether it is settled, what it can be, and whether it can be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eligibility import nodes
from eligibility.compiler import SETTLED, CompiledRules
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH, Truth, negate
from eligibility.operations import Inputs, Step

_ANY: Final = frozenset(Truth)
_SURE: Final = frozenset({MET, NOT_MET})
_STATED: Final = frozenset({MET, NOT_MET, UNKNOWN_TRUTH})
_READS_THE_CASE: Final = (nodes.FactValue, nodes.AsOf, nodes.ItemValue, nodes.Quantified, nodes.Aggregate)
_NOTHING: Final = Inputs({}, date.min)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What every step can be, by index.

    `constant` holds the values that no case changes, `truths` what each condition can be; `open` says of every other step whether
    it can be unknown, `whole` whether it is a whole number wherever it is known.
    """

    constant: Mapping[int, Any]
    truths: Mapping[int, frozenset[Truth]]
    open: tuple[bool, ...]
    whole: tuple[bool, ...]


def bounds_of(compiled: CompiledRules) -> Bounds:
    """The bounds of all steps; the time grows in proportion to their number."""
    found = _Finder(compiled)
    for step in compiled.steps:
        found.add(step)
    return Bounds(found.constant, found.truths, tuple(found.open), tuple(found.whole))


class _Finder:
    def __init__(self, compiled: CompiledRules) -> None:
        self.compiled = compiled
        self.values = list(compiled.start)
        self.constant: dict[int, Any] = {}
        self.truths: dict[int, frozenset[Truth]] = {}
        self.open: list[bool] = []
        self.whole: list[bool] = []

    def add(self, step: Step) -> None:
        """Find the bounds of a step; those of the steps it reads are known."""
        index = step.index
        if isinstance(step.node, SETTLED):
            self.constant[index] = self.values[index]
        elif not isinstance(step.node, _READS_THE_CASE) and (step.data is UNKNOWN or self.reads_constants(step)):
            self.constant[index] = self.values[index] = step.operation(self.values, _NOTHING, self.compiled.steps)
        elif step.boolean:
            self.truths[index] = truths = self.truth(step)
            if len(truths) == 1:
                (self.constant[index],) = truths
                self.values[index] = self.constant[index]
        if index in self.constant:
            value = self.constant[index]
            if step.boolean:
                self.truths[index] = frozenset({value})
            self.open.append(value is UNKNOWN)
            self.whole.append(type(value) is int)
        else:
            self.open.append(self.can_be_open(step))
            self.whole.append(self.is_whole(step))

    def reads_constants(self, step: Step) -> bool:
        """Whether a step reads nothing that a case changes."""
        return all(read in self.constant for read in step.inputs)

    def any_open(self, indices: Iterable[int]) -> bool:
        """Whether some of several steps can be unknown."""
        return any(UNKNOWN_TRUTH in self.truths[index] if index in self.truths else self.open[index] for index in indices)

    def truth(self, step: Step) -> frozenset[Truth]:
        """What a condition can be."""
        node, read = step.node, [self.truths.get(index, _STATED) for index in step.inputs]
        below = frozenset[Truth]().union(*read)
        unknown = frozenset({UNKNOWN_TRUTH} if self.any_open(step.inputs) else ())
        match node:
            case nodes.FactValue():
                return _STATED
            case nodes.AssumedFact(value=value):
                return _SURE | (frozenset({value}) if isinstance(value, Truth) else _ANY)
            case nodes.Comparison() | nodes.Membership() | nodes.StartsWith() | nodes.Contains():
                settled = any(self.constant.get(index) is UNKNOWN for index in step.inputs)
                return unknown if settled else _SURE | unknown
            case nodes.TableHas() | nodes.Lookup():
                return _STATED
            case nodes.Negation():
                return frozenset(negate(truth) for truth in below)
            case nodes.AllOf():
                return self.joined(read, MET, NOT_MET)
            case nodes.AnyOf():
                return self.joined(read, NOT_MET, MET)
            case nodes.Quantified(kind=kind):
                return read[1] | frozenset({NOT_MET if kind == "any" else MET}) | unknown
            case nodes.Choose() if JUDGEMENT not in read[0]:
                return read[1] | read[2] | (read[0] & {UNKNOWN_TRUTH})
            case nodes.AtLeast() if JUDGEMENT not in below:
                return _SURE | (below & {UNKNOWN_TRUTH})
            case nodes.ItemValue():
                return _STATED
            case _:
                return _ANY

    def joined(self, read: list[frozenset[Truth]], neutral: Truth, decisive: Truth) -> frozenset[Truth]:
        """What a conjunction or disjunction can be: `decisive` where one part is, `neutral` where all are, else what is open."""
        if frozenset({decisive}) in read:
            return frozenset({decisive})
        found = frozenset[Truth]().union(*read) - {neutral}
        return found | {neutral} if all(neutral in each for each in read) else found

    def can_be_open(self, step: Step) -> bool:
        """Whether a value can be unknown."""
        match step.node:
            case nodes.AsOf() | nodes.ItemValue(field=None):
                return False  # the items of a list are known: the door leaves out what is null
            case nodes.AssumedFact(value=value):
                return value is UNKNOWN
            case nodes.Arithmetic(operator=operator):
                return self.any_open(step.inputs) or (operator == "/" and not self.constant.get(step.inputs[1]))
            case nodes.Elapsed() | nodes.Extreme() | nodes.Rounded():
                return self.any_open(step.inputs)
            case nodes.Choose():
                return self.any_open(step.inputs) or JUDGEMENT in self.truths[step.inputs[0]]
            case _:
                return True

    def is_whole(self, step: Step) -> bool:
        """Whether a value that is known is a whole number."""
        node, whole = step.node, self.whole
        match node:
            case nodes.FactValue(path=path):
                return self.compiled.book.facts[path].integer and not step.inputs
            case nodes.AssumedFact(value=value):
                return whole[step.inputs[0]] and type(value) is int
            case nodes.Lookup(column=column) if isinstance(step.data, dict):
                return all(type(row.cells.get(column, 0)) is int for row in step.data.values())
            case nodes.Arithmetic(operator="+" | "-" | "*") | nodes.Extreme():
                return all(whole[index] for index in step.inputs)
            case nodes.Choose():
                return all(whole[index] or self.constant.get(index) is UNKNOWN for index in step.inputs[1:])
            case nodes.Elapsed() | nodes.Aggregate(kind="count"):
                return True
            case nodes.Rounded():
                return whole[step.inputs[1]]
            case _:
                return False
