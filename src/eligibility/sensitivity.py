"""How safe an outcome is: how far each stated number and day can move, alone, before the outcome is another.

A fact takes every value of a range at once (see `sweep`); a range in which an outcome may change is halved until it does not, or
is one value. So the nearest value that changes an outcome is found exactly, wherever the law rises and falls on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

from eligibility import nodes
from eligibility.compiler import CompiledRule, CompiledRules, closure
from eligibility.contradictions import watched
from eligibility.datatypes import NOT_MET, DateType, ListType, Money, MoneyType, Number, NumberType, RecordType, Type, Value
from eligibility.downstream import downstream, statuses_of
from eligibility.engine import RuleSet
from eligibility.explanation import Explanation
from eligibility.facts import Profile
from eligibility.operations import Inputs, Values, whole
from eligibility.outcome import Outcome
from eligibility.ranges import Records, Span, possible
from eligibility.rulebook import FactDeclaration
from eligibility.status import Status
from eligibility.sweep import Sweep

SETTLED: Final = (Status.ELIGIBLE, Status.SUBJECT_TO_JUDGEMENT, Status.NOT_ELIGIBLE)
_REACH: Final = 1000  # how many times its size a number without declared bounds is followed
_YEARS: Final = 100  # how far a day is followed
_YEAR: Final = 365
_DECIMALS: Final = 2
_MOST_DECIMALS: Final = 12
_STRIDE: Final = 4
_EFFORT: Final = 4000  # ranges looked at for one side of one fact

Source = Profile | Mapping[str, object] | str | bytes | Path


@dataclass(frozen=True, slots=True)
class Edge:
    """Where an outcome changes: the last value of the fact with which it stays, and the next, with which it does not.

    `status` is how the pathway then comes out; None where the profile contradicts itself from there on. Not `exact`: it stays at
    least to `last`, and nothing is known of what comes after.
    """

    last: Value
    next: Value
    status: Status | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Leeway:
    """How far one stated fact can move alone: down to the edge `low` and up to the edge `high`; None where there is no edge.

    `fact` is its path, `applicant.degrees[0].awarded_on` for a field of a record. At least one of them is there.
    """

    fact: str
    declaration: FactDeclaration
    value: Value
    unit: Value
    low: Edge | None
    high: Edge | None

    @property
    def spare(self) -> Fraction:
        """The way to the last value of the nearer edge; nothing: the next value changes the outcome."""
        return min(self.way(edge) for edge in (self.low, self.high) if edge is not None)

    def way(self, edge: Edge) -> Fraction:
        """From the stated value to the last one before an edge, as a share of the stated value; of days as a share of a year."""
        if isinstance(self.value, date):
            return Fraction(abs((cast(date, edge.last) - self.value).days), _YEAR)
        return abs(_size(edge.last) - _size(self.value)) / (abs(_size(self.value)) or 1)


def _size(value: Value) -> Fraction:
    return Fraction(value.amount if isinstance(value, Money) else cast(Number, value))


@dataclass(frozen=True, slots=True)
class ConditionMargin:
    """How clearly one condition that decides is met or not: its node of the explanation, and its margin as a share."""

    node: Explanation
    closeness: Fraction


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How safe one settled outcome is: facts and conditions, the closest first. Facts that alone change nothing are left out."""

    outcome: Outcome
    leeways: tuple[Leeway, ...]
    margins: tuple[ConditionMargin, ...]


def sensitivity(
    rules: RuleSet, profile: Source, as_of: date | str, pathways: Iterable[str] | None = None
) -> tuple[Sensitivity, ...]:
    """How far each stated number, sum and day can move, alone, until each settled pathway comes out otherwise.

    Numbers move by the smallest unit they can be stated in: 1 for whole ones, the smallest coin for money, a hundredth for others
    (or the last decimal stated), days by one; within their declared bounds, else a thousand times their size, days a hundred
    years. Without `pathways` all that concern the case and are settled are looked at, the nearest to an approval first.
    Raises: ProfileError; UsageError for an unknown pathway or date.
    """
    report = rules.evaluate(profile, as_of=as_of, pathways=pathways, engine="reference")
    ranked = [rank.outcome for rank in report.ranking] if pathways is None else list(report)
    settled = [each for each in ranked if each.status in SETTLED]
    bench = _Bench(rules, report.profile, report.as_of, [each.compiled for each in settled])
    found = bench.leeways()
    return tuple(_of(each, found.get(each.id, [])) for each in settled)


def _of(outcome: Outcome, leeways: Iterable[Leeway]) -> Sensitivity:
    found = ((node, _share_of(node)) for node in _deciding(outcome))
    margins = [ConditionMargin(node, share) for node, share in found if share is not None]
    return Sensitivity(
        outcome,
        tuple(sorted(leeways, key=lambda each: (each.spare, each.fact))),
        tuple(sorted(margins, key=lambda each: (each.closeness, each.node.id))),
    )


def _deciding(outcome: Outcome) -> Iterator[Explanation]:
    """The nodes that decide: of what fails those that fail, of anything else every one that has to be met."""
    if outcome.status is Status.NOT_ELIGIBLE:
        yield from (node for node in outcome.explanation.walk() if node.decides)
        return
    waiting = [node for node in outcome.explanation.children if node.kind != "concern"]
    while waiting:
        node = waiting.pop()
        if node.status in ("met", "judgement"):
            yield node
            waiting += node.children


def _share_of(node: Explanation) -> Fraction | None:
    """The margin of a condition on numbers or days as a share of what is required, or of a year."""
    if node.margin is None or node.required is None:
        return None
    required = node.required.value
    if isinstance(required, date):
        return node.margin.size / _YEAR
    if not isinstance(required, int | Fraction) or not required:
        return None
    size = node.margin.size / 100 if node.margin.unit == "percent" else node.margin.size
    return size / abs(Fraction(required))


# facts


@dataclass(frozen=True, slots=True)
class _Place:
    """A stated number, sum or day: a fact of its own, or a field of the record at a position."""

    path: str
    declaration: FactDeclaration
    value: Any
    position: int = -1
    name: str = ""

    @property
    def shown(self) -> str:
        """The path in a profile."""
        return f"{self.path}[{self.position}].{self.name}" if self.name else self.path


@dataclass(frozen=True, slots=True)
class _Ladder:
    """The values a fact can have: `below` steps of a unit under the stated one, `above` over it."""

    value: Any
    unit: Any
    below: int
    above: int

    def at(self, step: int) -> Any:
        """The value some steps away from the stated one."""
        if isinstance(self.value, Money):
            return Money(whole(self.value.amount + step * self.unit), self.value.currency, self.value.period)
        if isinstance(self.value, date):
            return self.value + timedelta(days=step)
        return whole(self.value + step * self.unit)


def _decimals(number: Fraction) -> int:
    return next((places for places in range(_MOST_DECIMALS) if (number * 10**places).denominator == 1), _DECIMALS)


def _ladder(place: _Place, rules: RuleSet) -> _Ladder:
    declared, value = place.declaration, place.value
    if isinstance(value, date):
        days = _YEARS * _YEAR
        return _Ladder(value, 1, min(days, (value - date.min).days), min(days, (date.max - value).days))
    stated = Fraction(value.amount if isinstance(value, Money) else value)
    if isinstance(value, Money):
        coins = rules.book.codes.currencies.get(value.currency, _DECIMALS)
        unit = Fraction(1, 10 ** max(coins, _decimals(stated)))
    elif declared.integer:
        unit = Fraction(1)
    else:
        scale = 100 if declared.unit == "percent" else 1
        unit = Fraction(1, scale * 10 ** max(_DECIMALS, _decimals(stated * scale)))
    reach = _REACH * max(abs(stated), Fraction(1))
    least = Fraction(0) if isinstance(value, Money) else stated - reach
    least = least if declared.minimum is None else Fraction(declared.minimum)
    most = stated + reach if declared.maximum is None else Fraction(declared.maximum)
    return _Ladder(value, whole(unit), max(0, (stated - least) // unit), max(0, (most - stated) // unit))


@dataclass(slots=True)
class _Search:
    """One side of one fact: what it may contradict, the ranges that may still be looked at, and what was found for each rule."""

    place: _Place
    ladder: _Ladder
    sign: int
    telling: frozenset[int] = frozenset()
    effort: int = _EFFORT
    found: dict[str, tuple[int, Status | None, bool]] = field(default_factory=dict)


class _Bench:
    """Some settled rules, and what becomes of them when one fact moves."""

    def __init__(self, rules: RuleSet, profile: Profile, as_of: date, chosen: Sequence[CompiledRule]) -> None:
        self.rules = rules
        self.profile = profile
        self.chosen = list(chosen)
        self.compiled: CompiledRules = rules.compiled(as_of)
        self.inputs = Inputs(profile.facts, as_of)
        needed = frozenset(self.compiled.guard_order).union(*(rule.needed for rule in self.chosen))
        checking = closure(self.compiled.steps, self.compiled.consistency.values()) - needed
        self.order = tuple(index for index in self.compiled.order if index in needed)
        others = (index for index in (*self.compiled.order, *self.compiled.consistency_order) if index in checking)
        self.every = (*self.order, *others)
        self.base: Values = list(self.compiled.start)
        self._plainly(self.base, self.every, self.inputs)
        self.status = {rule.rule.id: next(iter(statuses_of(rule, self.base))) for rule in self.chosen}

    def _plainly(self, values: Values, order: Iterable[int], inputs: Inputs) -> None:
        for index in order:
            values[index] = self.compiled.steps[index].operation(values, inputs, self.compiled.steps)

    def leeways(self) -> dict[str, list[Leeway]]:
        """How far each fact can move, by rule."""
        found: dict[str, list[Leeway]] = {}
        run = frozenset(self.every)
        for place in self._places():
            again = [index for index in downstream(self.compiled).of((place.path,)) if index in run]
            reading = [rule for rule in self.chosen if not rule.needed.isdisjoint(again)]
            ladder = _ladder(place, self.rules)
            telling = watched(self.compiled, self.profile.facts, (place.path,)).intersection(again)
            sides = [_Search(place, ladder, sign, telling) for sign in (-1, 1)]
            for side, limit in zip(sides, (ladder.below, ladder.above), strict=True):
                self._search(side, again, reading, limit)
            for rule in reading:
                low, high = (self._edge(side, rule.rule.id) for side in sides)
                if low is not None or high is not None:
                    leeway = Leeway(place.shown, place.declaration, place.value, ladder.unit, low, high)
                    found.setdefault(rule.rule.id, []).append(leeway)
        return found

    def _edge(self, side: _Search, name: str) -> Edge | None:
        if name not in side.found:
            return None
        step, status, exact = side.found[name]
        ladder, sign = side.ladder, side.sign
        return Edge(ladder.at(sign * (step - 1)), ladder.at(sign * step), status, exact)

    def _places(self) -> list[_Place]:
        """The numbers, sums and days that are stated and read."""
        steps = self.compiled.steps
        read = {node.path for index in self.order if isinstance(node := steps[index].node, nodes.FactValue)}
        found: list[_Place] = []
        for path in sorted(read & self.profile.facts.keys()):
            declared, value = self.rules.book.facts[path], self.profile.facts[path]
            if _moves(declared.type):
                found.append(_Place(path, declared, value))
            elif isinstance(declared.type, ListType) and isinstance(declared.type.element, RecordType):
                records = cast("tuple[Mapping[str, Value], ...]", value)
                found += [
                    _Place(path, declared.fields[name], each, position, name)
                    for position, record in enumerate(records)
                    for name, each in record.items()
                    if name in declared.fields and _moves(declared.fields[name].type)
                ]
        return found

    # one side of one fact

    def _search(self, side: _Search, again: Sequence[int], rules: Sequence[CompiledRule], limit: int) -> None:
        """The first step at which each rule comes out otherwise; strides grow, so that near edges are found quickly."""
        first, stride, left = 1, 1, list(rules)
        while first <= limit and left:
            last = min(limit, first + stride - 1)
            self._between(side, again, first, last, left)
            left = [rule for rule in left if rule.rule.id not in side.found]
            first, stride = last + 1, stride * _STRIDE

    def _between(self, side: _Search, again: Sequence[int], first: int, last: int, rules: Sequence[CompiledRule]) -> None:
        if side.effort <= 0:
            side.found.update((rule.rule.id, (first, None, False)) for rule in rules)
            return
        side.effort -= 1
        values = self._values(side, again, first, last)
        contradicted = any(NOT_MET in (possible(values[index]) or ()) for index in side.telling)
        left: list[CompiledRule] = []
        for rule in rules:
            before, after = self.status[rule.rule.id], statuses_of(rule, values)
            if not contradicted and after == {before}:
                continue
            left.append(rule)
            if first == last:
                side.found[rule.rule.id] = (first, None if contradicted else next(iter(after)), True)
        if left and first < last:
            middle = (first + last) // 2
            self._between(side, again, first, middle, left)
            left = [rule for rule in left if rule.rule.id not in side.found]
            if left:
                self._between(side, again, middle + 1, last, left)

    def _values(self, side: _Search, again: Sequence[int], first: int, last: int) -> Values:
        """The values of all steps while the fact is some steps away; for a single value those of an evaluation."""
        values = list(self.base)
        one, other = side.ladder.at(side.sign * first), side.ladder.at(side.sign * last)
        if first == last:
            facts = {**self.profile.facts, side.place.path: self._stated(side.place, one)}
            self._plainly(values, again, Inputs(facts, self.inputs.as_of))
            return values
        low, high = (one, other) if side.sign > 0 else (other, one)
        span = Span(low, high, whole=all(isinstance(each, int) for each in (side.ladder.value, side.ladder.unit)))
        stated = self._stated(side.place, span)
        varied = {side.place.path: Records(stated) if side.place.name else stated}
        Sweep(self.compiled, values, self.inputs, varied, self.inputs.as_of).run(again)
        return values

    def _stated(self, place: _Place, value: Any) -> Any:
        if not place.name:
            return value
        records = cast("tuple[Mapping[str, Value], ...]", self.profile.facts[place.path])
        return tuple({**each, place.name: value} if at == place.position else each for at, each in enumerate(records))


def _moves(kind: Type) -> bool:
    return isinstance(kind, NumberType | MoneyType | DateType)


__all__ = ["SETTLED", "ConditionMargin", "Edge", "Leeway", "Sensitivity", "sensitivity"]
