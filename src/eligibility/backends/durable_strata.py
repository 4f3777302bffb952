"""Strata: which steps of compiled rules durable-rules decides, and when. What one stratum infers is a fact of the next.

Comparisons, membership, conjunctions, disjunctions, negations and k of n are decided by durable-rules; figures, quantifiers,
tables and large collections are calculated between the strata, by `operations`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from math import lcm
from typing import Final, TypeVar, cast

from eligibility import nodes
from eligibility.backends import durable_decisions as decisions
from eligibility.backends.durable_decisions import Decision, Field, Item, Measure, Names
from eligibility.compiler import CompiledRules
from eligibility.datatypes import (
    JUDGEMENT,
    UNKNOWN,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    Number,
    NumberType,
    TextType,
    Value,
)
from eligibility.operations import Inputs, Step, Values

WIDEST: Final = 24  # conjunctions of more items are decided by counting
LARGEST: Final = 32  # larger collections are searched by the host
_NAMED: Final = (TextType, ChoiceType, CodeType, CountryType)
_SETTLED: Final = (nodes.Constant, nodes.ParameterValue, nodes.ListValue, nodes.HumanJudgement)
_FOLDED: Final = (nodes.Arithmetic, nodes.Comparison, nodes.Membership, nodes.AllOf, nodes.AnyOf, nodes.AtLeast, nodes.Negation)
"""Nodes that have one value in the whole period where everything they read has."""

FieldOf = TypeVar("FieldOf", bound=Field | decisions.TruthField)


@dataclass(frozen=True, slots=True)
class Stratum:
    """What the host calculates first, and what durable-rules decides then."""

    host: tuple[Step, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Strata:
    """All strata in turn.

    `constant` holds the steps with one value in the whole period, `followers` the steps that take the truth of a decided step
    (True) or its negation (False), `names` the numbers of the texts in the rules.
    """

    strata: tuple[Stratum, ...]
    constant: dict[int, Value]
    followers: dict[int, tuple[tuple[int, bool], ...]]
    names: Names


def stratify(compiled: CompiledRules, order: tuple[int, ...], names: Iterator[str]) -> Strata:
    """The strata of the steps in `order`, which holds all that they read; `names` gives the names of the fields."""
    return _Stratifier(compiled, order, names).stratify()


class _Stratifier:
    def __init__(self, compiled: CompiledRules, order: tuple[int, ...], names: Iterator[str]) -> None:
        self.steps, self.order, self.fresh = compiled.steps, order, names
        self.names: Names = {}
        self.fields: dict[Hashable, Field | decisions.TruthField] = {}
        self.constant = self.constants(list(compiled.start))
        self.judged = self.judgements()
        self.scales = self.common_scales()
        self.followers: dict[int, list[tuple[int, bool]]] = defaultdict(list)

    def stratify(self) -> Strata:
        host: dict[int, list[Step]] = defaultdict(list)
        decided: dict[int, list[Decision]] = defaultdict(list)
        available = dict.fromkeys(self.constant, 0)
        settled: set[int] = set()
        for index in self.order:
            if index in self.constant:
                continue
            step = self.steps[index]
            stratum = max((available[each] for each in self.reads(step)), default=0)
            base, positive = self.base(index)
            available[index] = stratum
            if base in settled:
                self.followers[base].append((index, positive))
                continue
            decision = self.decision(step)
            if decision is None:
                host[stratum].append(step)
            else:
                settled.add(index)
                decided[stratum].append(decision)
                available[index] += 1
        count = max((*host, *decided), default=-1) + 1
        strata = tuple(Stratum(tuple(host[each]), tuple(decided[each])) for each in range(count))
        return Strata(strata, self.constant, {base: tuple(each) for base, each in self.followers.items()}, self.names)

    # what is known before anything runs

    def constants(self, values: Values) -> dict[int, Value]:
        constant = {step.index: values[step.index] for step in self.steps if isinstance(step.node, _SETTLED)}
        nothing = Inputs({}, date.min)
        for index in self.order:
            step = self.steps[index]
            if isinstance(step.node, _FOLDED) and all(each in constant for each in step.inputs):
                constant[index] = values[index] = step.operation(values, nothing, self.steps)
        return constant

    def judgements(self) -> set[int]:
        """The steps whose truth may be judgement."""
        found: set[int] = set()
        for step in self.steps:
            marked = isinstance(step.node, nodes.HumanJudgement) or self.constant.get(step.index) is JUDGEMENT
            if marked or (step.boolean and not found.isdisjoint((*step.inputs, *step.body))):
                found.add(step.index)
        return found

    def common_scales(self) -> dict[int, int]:
        """For every number compared with constants, what makes all of these whole."""
        scales: dict[int, int] = {}
        for step in (self.steps[index] for index in self.order):
            if isinstance(step.node, nodes.Comparison) and isinstance(step.node.left.type, NumberType):
                for one, other in (step.inputs, step.inputs[::-1]):
                    value = self.constant.get(other, UNKNOWN)
                    if value is not UNKNOWN:
                        scales[one] = lcm(scales.get(one, 1), cast(Number, value).denominator)
        return scales

    # what a step reads

    def reads(self, step: Step) -> set[int]:
        """The steps whose values the step needs, also those its quantifier reads for every item."""
        items = self.items(step)
        if items is not None:
            return {base for base, _ in items}
        read, inside, waiting = set(step.inputs), {-1}, [step]
        while waiting:
            current = waiting.pop()
            inside.update(current.body, current.slots)
            for inner in (self.steps[index] for index in current.body):
                read.update(inner.inputs)
                waiting.append(inner)
        return read - inside

    def items(self, step: Step) -> list[tuple[int, bool]] | None:
        """What a conjunction, disjunction or negation reads, each as it is (True) or negated; None for others and wide ones."""
        if isinstance(step.node, nodes.Negation):
            return [self.base(step.index)]
        if not isinstance(step.node, nodes.AllOf | nodes.AnyOf):
            return None
        items = list(dict.fromkeys(self.base(each) for each in step.inputs))
        return items if len(items) <= WIDEST else None

    def base(self, index: int) -> tuple[int, bool]:
        """The step below all negations, and whether they cancel out."""
        positive = True
        while isinstance(self.steps[index].node, nodes.Negation) and index not in self.constant:
            index, positive = self.steps[index].inputs[0], not positive
        return index, positive

    # decisions

    def decision(self, step: Step) -> Decision | None:
        """How durable-rules decides a step, or None where the host calculates it."""
        match step.node:
            case nodes.Comparison() as node:
                return self.comparison(step, node)
            case nodes.Membership():
                return self.membership(step)
            case nodes.AllOf() | nodes.AnyOf() | nodes.Negation() | nodes.AtLeast():
                return self.combination(step)
        return None

    def combination(self, step: Step) -> Decision:
        items = self.items(step)
        if items is not None:
            read = [Item(self.truth(base), positive, base in self.judged) for base, positive in items]
            combine = decisions.disjunction if isinstance(step.node, nodes.AnyOf) else decisions.conjunction
            return combine(step.index, read)
        count = len(step.inputs) if isinstance(step.node, nodes.AllOf) else 1
        if isinstance(step.node, nodes.AtLeast):
            count = step.node.count
        names = (next(self.fresh), next(self.fresh), next(self.fresh), next(self.fresh))
        return decisions.counted(step.index, count, decisions.CountField(names, step.inputs), judged=step.index in self.judged)

    def comparison(self, step: Step, node: nodes.Comparison) -> Decision | None:
        left, right = step.inputs
        operator: str = node.operator
        if left in self.constant:
            left, right, operator = right, left, decisions.MIRRORED[operator]
        constant = self.constant.get(right)
        if constant is UNKNOWN:
            return None
        if isinstance(node.left.type, _NAMED) and operator in ("==", "!="):
            if constant is not None:
                return decisions.with_literal(step.index, operator, self.name(left), self.number_of(constant))
            return decisions.with_field(step.index, operator, (self.name(left), self.name(right)), (left, right))
        measure = _measure(node)
        return None if measure is None else self.measured(step, operator, (left, right), measure)

    def measured(self, step: Step, operator: str, sides: tuple[int, int], measure: Measure) -> Decision:
        """A comparison of numbers, days or ranks: with a constant where one is near enough, else with each other."""
        left, right = sides
        if right in self.constant:
            scale, order = self.scales.get(left, 1), cast(nodes.Comparison, step.node).order
            field = self.field(("measure", left, order), lambda name: decisions.MeasureField(name, left, measure, scale))
            literal = field.literal(self.constant[right])
            if literal is not None:
                return decisions.with_literal(step.index, operator, field, literal)
        pair = decisions.PairField(next(self.fresh), next(self.fresh), sides, measure)
        return decisions.with_field(step.index, operator, (pair,), sides)

    def membership(self, step: Step) -> Decision | None:
        item, collection = step.inputs
        values = self.constant.get(collection)
        listed = sorted(set(values), key=str) if isinstance(values, tuple | frozenset) else []
        if not 0 < len(listed) <= LARGEST or not isinstance(self.steps[item].node.type, _NAMED):
            return None
        return decisions.among(step.index, self.name(item), [self.number_of(value) for value in listed])

    # fields

    def truth(self, index: int) -> decisions.TruthField:
        return self.field(("truth", index), lambda name: decisions.TruthField(name, index))

    def name(self, index: int) -> decisions.NameField:
        return self.field(("name", index), lambda name: decisions.NameField(name, index))

    def field(self, key: Hashable, make: Callable[[str], FieldOf]) -> FieldOf:
        known = self.fields.get(key)
        if known is None:
            known = self.fields[key] = make(next(self.fresh))
        return cast(FieldOf, known)

    def number_of(self, value: Value) -> int:
        return self.names.setdefault(value, len(self.names))


def _measure(node: nodes.Comparison) -> Measure | None:
    """What turns both sides of a comparison into numbers, or None for values without order."""
    if isinstance(node.left.type, NumberType):
        return decisions.number
    if isinstance(node.left.type, DateType):
        return decisions.ordinal
    return None if node.order is None else decisions.rank(node.order)
