"""What a boolean step becomes for durable-rules: fields of a flat fact, and one rule for each truth the step can have.

The engine sees nothing but generated field names and whole numbers: a truth is 2 (met), 1 (judgement) or 0 (not met), a text
is the number of its first appearance, a fraction lies between two whole numbers. What is unknown is not sent, and no rule that
reads it fires.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol, cast

from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH, Number, Truth, Value
from eligibility.operations import Values

LIMIT: Final = 2**53  # beyond it durable-rules rounds

Names = dict[Value, int]
Measure = Callable[[Value], Number]
Condition = dict[str, object]
CODE: Final[dict[Truth, int]] = {MET: 2, JUDGEMENT: 1, NOT_MET: 0}
OPPOSITE: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", ">=": "<=", ">": "<", "<=": ">="}
_OPERATORS: Final = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


# fields


class Field(Protocol):
    """A part of a fact: `fragment` gives its JSON members, each with a comma behind, or nothing where a value is unknown."""

    @property
    def names(self) -> tuple[str, ...]:
        """The generated names of the members."""

    def fragment(self, values: Values, names: Names, /) -> str:
        """The members for these values; `names` numbers texts in the order of their appearance."""


@dataclass(frozen=True, slots=True)
class TruthField:
    """The truth of a step: 2, 1 or 0. By far the most frequent field, so shards write it themselves, from `fragments`."""

    name: str
    step: int

    @property
    def names(self) -> tuple[str, ...]:
        """The generated name, as other fields give it."""
        return (self.name,)

    @property
    def fragments(self) -> tuple[str, str, str]:
        """The members for met, not met and judgement."""
        met, not_met, judgement = (f'"{self.name}":{CODE[truth]},' for truth in (MET, NOT_MET, JUDGEMENT))
        return met, not_met, judgement


class MeasureField:
    """A number, day or rank, times `scale`, as its place among the whole numbers: 2n for n, 2n + 1 between n and n + 1.

    Every comparison with a whole number below the limit keeps its answer, however large or fractional the value is.
    """

    def __init__(self, name: str, step: int, measure: Measure, scale: int) -> None:
        self.name, self.step, self.measure, self.scale = name, step, measure, scale
        self.names = (name,)

    def fragment(self, values: Values, _names: Names, /) -> str:
        """The place; what lies beyond the limit stays at the limit."""
        value = values[self.step]
        if value is UNKNOWN:
            return ""
        measured = self.measure(value)
        whole, rest = divmod(measured.numerator * self.scale, measured.denominator)
        place = 2 * whole + (1 if rest else 0)
        return f'"{self.name}":{min(max(place, -LIMIT), LIMIT)},'

    def literal(self, value: Value) -> int | None:
        """The place of a constant, or None where the limit is too near."""
        place = 2 * self.measure(value) * self.scale
        return place.numerator if place.denominator == 1 and -LIMIT < place < LIMIT else None


class NameField:
    """A text, choice, code or country as a number: equal values have equal numbers."""

    def __init__(self, name: str, step: int) -> None:
        self.name, self.step = name, step
        self.names = (name,)

    def fragment(self, values: Values, names: Names, /) -> str:
        """The number under which the value is known."""
        value = values[self.step]
        return "" if value is UNKNOWN else f'"{self.name}":{names.setdefault(value, len(names))},'


class PairField:
    """Two numbers to be compared with each other, cross-multiplied to whole numbers."""

    def __init__(self, left: str, right: str, steps: tuple[int, int], measure: Measure) -> None:
        self.names = (left, right)
        self.steps, self.measure = steps, measure

    def fragment(self, values: Values, _names: Names, /) -> str:
        """Both sides, where both are known; beyond the limit their ranks take their place."""
        (left, right), (first, second) = self.names, (values[step] for step in self.steps)
        if first is UNKNOWN or second is UNKNOWN:
            return ""
        one, other = self.measure(first), self.measure(second)
        a, b = one.numerator * other.denominator, other.numerator * one.denominator
        if abs(a) > LIMIT or abs(b) > LIMIT:
            a, b = int(a > b), int(a < b)
        return f'"{left}":{a},"{right}":{b},'


class CountField:
    """How many of some truths are met, may be met, are met or judgement, and may be met or judgement: four counts."""

    def __init__(self, names: tuple[str, str, str, str], steps: tuple[int, ...]) -> None:
        self.names, self.steps = names, steps

    def counts(self, values: Values) -> tuple[int, int, int, int]:
        """The four counts."""
        truths = [values[step] for step in self.steps]
        met, judged, unknown = truths.count(MET), truths.count(JUDGEMENT), truths.count(UNKNOWN_TRUTH)
        return met, met + unknown, met + judged, met + judged + unknown

    def fragment(self, values: Values, _names: Names, /) -> str:
        """The four counts, which are always known."""
        return "".join(f'"{name}":{count},' for name, count in zip(self.names, self.counts(values), strict=True))


def number(value: Value) -> Number:
    """A number as itself."""
    return cast(Number, value)


def ordinal(value: Value) -> Number:
    """A day as the number of days since the beginning of the calendar."""
    return cast(date, value).toordinal()


def rank(order: tuple[str, ...]) -> Measure:
    """The place of a choice in its order, lowest first."""
    return lambda value: order.index(cast(str, value))


# decisions


@dataclass(frozen=True, slots=True)
class Inference:
    """A rule: the truth it gives when its condition holds, and how often it can fire (a disjunction: once a true branch)."""

    truth: Truth
    condition: Condition
    firings: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """A step with its rules and the fields they read.

    `decidable` says from what is known whether one of the rules has to fire. `load` is the most entries the rules can have at
    once on the stack of durable-rules, `siblings` how many conditions they put at its root.
    """

    step: int
    inferences: tuple[Inference, ...]
    fields: tuple[Field | TruthField, ...]
    decidable: Callable[[Values], bool]
    load: int
    siblings: int


@dataclass(frozen=True, slots=True)
class Item:
    """One truth a conjunction reads: its field, whether it is read as it is or negated, and whether it can be judgement."""

    field: TruthField
    positive: bool
    judged: bool


def compare(operator: str, name: str, right: object) -> Condition:
    """The condition that compares a field with a whole number, or with another field (`{"$m": name}`)."""
    return {name: right} if operator == "==" else {_OPERATORS[operator]: {name: right}}


def with_literal(step: int, operator: str, field: MeasureField | NameField, literal: int) -> Decision:
    """A comparison with a constant."""
    read = field.step
    rules = (
        Inference(MET, compare(operator, field.name, literal)),
        Inference(NOT_MET, compare(OPPOSITE[operator], field.name, literal)),
    )
    return Decision(step, rules, (field,), lambda values: values[read] is not UNKNOWN, load=1, siblings=2)


def with_field(step: int, operator: str, fields: tuple[Field, ...], steps: tuple[int, int]) -> Decision:
    """A comparison of two fields; the guard keeps durable-rules from reading an absent right side."""
    left, right = (name for field in fields for name in field.names)
    first, second = steps

    def guarded(comparator: str) -> Condition:
        return {"$and": [{"$ex": {right: 1}}, compare(comparator, left, {"$m": right})]}

    def decidable(values: Values) -> bool:
        return values[first] is not UNKNOWN and values[second] is not UNKNOWN

    rules = (Inference(MET, guarded(operator)), Inference(NOT_MET, guarded(OPPOSITE[operator])))
    return Decision(step, rules, fields, decidable, load=1, siblings=1)


def among(step: int, field: NameField, literals: Sequence[int]) -> Decision:
    """Membership in a constant, not empty collection."""
    read = field.step
    rules = (
        Inference(MET, _either([compare("==", field.name, literal) for literal in literals])),
        Inference(NOT_MET, _both([compare("!=", field.name, literal) for literal in literals])),
    )
    return Decision(step, rules, (field,), lambda values: values[read] is not UNKNOWN, load=2, siblings=len(literals) + 1)


def conjunction(step: int, items: Sequence[Item]) -> Decision:
    """Met when all items hold; see `datatypes.all_of`."""
    return _combination(step, items, MET, NOT_MET)


def disjunction(step: int, items: Sequence[Item]) -> Decision:
    """Met when any item holds: not met when all are negated; see `datatypes.any_of`."""
    return _combination(step, [Item(item.field, not item.positive, item.judged) for item in items], NOT_MET, MET)


def _combination(step: int, items: Sequence[Item], when_all: Truth, when_one_fails: Truth) -> Decision:
    holds = [compare("==", item.field.name, CODE[MET] if item.positive else CODE[NOT_MET]) for item in items]
    fails = [compare("==", item.field.name, CODE[NOT_MET] if item.positive else CODE[MET]) for item in items]
    rules = [Inference(when_all, _both(holds)), Inference(when_one_fails, _either(fails), firings=len(fails))]
    judged = [item for item in items if item.judged]
    if judged:
        marked = [compare("==", item.field.name, CODE[JUDGEMENT]) for item in judged]
        open_or_held = [
            compare(">=" if item.positive else "<=", item.field.name, CODE[JUDGEMENT]) if item.judged else held
            for item, held in zip(items, holds, strict=True)
        ]
        rules.append(Inference(JUDGEMENT, _both([_either(marked), *open_or_held]), firings=len(marked)))
    failures = [(item.field.step, NOT_MET if item.positive else MET) for item in items]

    def decidable(values: Values) -> bool:
        known = True
        for read, failure in failures:
            value = values[read]
            if value is failure:
                return True
            known = known and value is not UNKNOWN_TRUTH
        return known

    fields = tuple({item.field.name: item.field for item in items}.values())
    return Decision(step, tuple(rules), fields, decidable, load=len(items) + bool(judged), siblings=2 * len(items) + 1)


def counted(step: int, count: int, field: CountField, *, judged: bool) -> Decision:
    """Met when `count` of the truths are; see `datatypes.at_least`."""
    met, may, met_or_judged, may_or_judged = field.names
    rules = [Inference(MET, compare(">=", met, count)), Inference(NOT_MET, compare("<", may_or_judged, count))]
    if judged:
        rules.append(Inference(JUDGEMENT, _both([compare("<", may, count), compare(">=", met_or_judged, count)])))

    def decidable(values: Values) -> bool:
        least, most, least_judged, most_judged = field.counts(values)
        return (least >= count) == (most >= count) and (least_judged >= count) == (most_judged >= count)

    return Decision(step, tuple(rules), (field,), decidable, load=2, siblings=3)


def _both(conditions: Sequence[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else {"$and": list(conditions)}


def _either(conditions: Sequence[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else {"$or": list(conditions)}
