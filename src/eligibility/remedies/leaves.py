"""Single conditions turned round: for each value they read, the nearest one with which they come out otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Final

from eligibility import nodes
from eligibility.datatypes import (
    CodeType,
    CountryType,
    DateType,
    ListType,
    MoneyType,
    Number,
    NumberType,
    RecordType,
    Type,
    Value,
)
from eligibility.operations import Step
from eligibility.remedies.changes import Place, Plan
from eligibility.remedies.domains import Adjustable, Domains
from eligibility.remedies.trial import Frames, Goal, Trial
from eligibility.remedies.weighing import alike, countries

_MOST_ADDED: Final = 6  # records that are added at once
_MOST_RECORDS: Final = 12  # records of one list whose fields are changed


class Leaves:
    """The ways to turn single conditions round by one value, and what a condition reads."""

    def __init__(self, trial: Trial, domains: Domains) -> None:
        self.trial = trial
        self.domains = domains
        self._texts: dict[int, tuple[str, ...]] = {}

    def passes(self, index: int, plan: Plan, goal: Goal) -> bool:
        """Whether a condition comes out as it is wanted with a plan."""
        return goal.is_met_by(self.trial.truth(index, plan, goal.frames))

    def reads_item(self, index: int, loop: int) -> bool:
        """Whether a step reads the item of a quantifier."""
        return not self.trial.cones.below(index).isdisjoint(self.trial.steps[loop].slots)

    def ways(self, step: Step, goal: Goal) -> Iterator[Plan]:
        """The ways to turn a condition round by changing one value that it reads."""
        for place in self.places(step.index, goal.frames):
            each = self.domains.adjustable(place, self.trial.facts)
            if each is not None:
                each = self._stated(each, step)
                yield from ({place: value} for value in self._values(step, each, {}, goal))

    def _stated(self, each: Adjustable, reader: Step) -> Adjustable:
        """A fact that a rule assumes has what is assumed."""
        if each.now is not None or each.place.position >= 0:
            return each
        for index in sorted(self.trial.cones.below(reader.index)):
            step = self.trial.steps[index]
            if isinstance(step.node, nodes.AssumedFact) and step.node.fact.path == each.place.path:
                return Adjustable(each.place, each.type, each.declared, each.outer, step.node.value)
        return each

    def _values(self, step: Step, each: Adjustable, plan: Plan, goal: Goal) -> Iterator[Value]:
        def test(value: Value) -> bool:
            return self.passes(step.index, {**plan, each.place: value}, goal)

        found = False
        for value in self.domains.passing(each, test, self.texts(step.index, each)):
            found = True
            yield value
        if not found and isinstance(step.node, nodes.Comparison):
            solved = self._solved(step, each, plan, goal.frames)
            if solved is not None and test(solved):
                yield solved

    def _solved(self, step: Step, each: Adjustable, plan: Plan, frames: Frames) -> Value | None:
        """The value with which both sides of a comparison are equal, were their difference a straight line."""
        number = self.domains.number(each) if isinstance(each.type, NumberType | MoneyType) else None
        if number is None:
            if not isinstance(each.type, DateType) or not isinstance(each.now, date):
                return None
            number = each.now.toordinal()
        grid: Number = 1 if isinstance(each.type, DateType) else self.domains.grid(each)

        def made(at: Number) -> Value | None:
            if not isinstance(each.type, DateType):
                low, high = self.domains.bounds(each, number)
                return self.domains.made(each, at) if low <= at <= high else None
            first, last = self.domains.days()
            return date.fromordinal(int(at)) if first <= at <= last else None

        def difference(value: Value | None) -> Number | None:
            if value is None:
                return None
            sides = [self.trial.value(side, {**plan, each.place: value}, frames) for side in step.inputs]
            one, other = (side.toordinal() if isinstance(side, date) else side for side in sides)
            return one - other if isinstance(one, int | Fraction) and isinstance(other, int | Fraction) else None

        here, there = difference(made(number)), difference(made(number + grid))
        if here is None or there is None or here == there:
            return None
        steps = Fraction(-here) / (Fraction(there) - here)
        return made(number + grid * round(steps))

    # records that are added

    def added(self, step: Step, goal: Goal, place: Place, body: int, way: Plan) -> Iterator[Plan]:
        """The ways to turn a condition round by records like one that is counted: as many as it takes."""
        if body >= 0:
            for index in sorted(self.trial.cones.below(body)):
                node = self.trial.steps[index].node
                if isinstance(node, nodes.ItemValue) and node.field:
                    field = Place(place.path, place.position, node.field)
                    each = self.domains.adjustable(field, self.trial.facts)
                    if each is not None and field not in way:
                        yield from ({**way, field: value} for value in self._values(step, each, way, goal))
        for count in range(1, _MOST_ADDED + 1):
            plan = {
                Place(each.path, each.position + more if each.path == place.path else each.position, each.field): value
                for more in range(count)
                for each, value in way.items()
            } or {Place(place.path, place.position + more): () for more in range(count)}
            if self.passes(step.index, plan, goal):
                yield plan
                return

    # what a condition reads

    def places(self, index: int, frames: Frames) -> Iterator[Place]:
        """The places whose values a step reads, of records only those that are there; unknown facts cannot turn it round."""
        trial = self.trial
        below = trial.cones.below(index)
        for path in trial.cones.paths(index):
            kind = trial.compiled.book.facts[path].type
            if isinstance(kind, ListType) and isinstance(kind.element, RecordType):
                yield from self._fields(path, below)
            elif path in trial.facts or self._is_assumed(path, below):
                yield Place(path)
        for loop, position in frames:
            source = trial.steps[trial.steps[loop].inputs[0]].node
            for slot in trial.steps[loop].slots:
                node = trial.steps[slot].node
                if slot in below and isinstance(node, nodes.ItemValue) and node.field and isinstance(source, nodes.FactValue):
                    yield Place(source.path, position, node.field)

    def _is_assumed(self, path: str, below: frozenset[int]) -> bool:
        found = (self.trial.steps[index].node for index in below)
        return any(isinstance(node, nodes.AssumedFact) and node.fact.path == path for node in found)

    def _fields(self, path: str, below: frozenset[int]) -> Iterator[Place]:
        fields: dict[str, None] = {}
        for index in sorted(below):
            loop = self.trial.steps[index]
            if not isinstance(loop.node, nodes.Quantified | nodes.Aggregate):
                continue
            source = self.trial.steps[loop.inputs[0]].node
            if isinstance(source, nodes.FactValue) and source.path == path:
                items = (self.trial.steps[slot].node for slot in loop.slots)
                fields |= {node.field: None for node in items if isinstance(node, nodes.ItemValue) and node.field}
        for position, item in enumerate(self.trial.items(path)[:_MOST_RECORDS]):
            yield from (Place(path, position, field) for field in fields if isinstance(item, Mapping) and field in item)

    # codes, countries and texts

    def texts(self, index: int, each: Adjustable) -> Sequence[str]:
        """The texts that a place could hold: those of the law and the profile below a step, of countries then all others.

        Codes that begin like the one that is stated come first, and countries that the profile names.
        """
        kind = each.type.element if isinstance(each.type, ListType) else each.type
        if isinstance(kind, NumberType | MoneyType | DateType):
            return ()
        if index not in self._texts:
            self._texts[index] = tuple(dict.fromkeys(self._read(index)))
        fitting = [text for text in self._texts[index] if self._fits(text, kind)]
        if isinstance(kind, CountryType):
            fitting.sort(key=lambda text: text not in self.countries)
            return tuple(dict.fromkeys((*fitting, *self.countries, *self.trial.compiled.book.codes.countries)))
        if isinstance(each.now, str):
            now = each.now
            fitting.sort(key=lambda text: -alike(now, text))
        return fitting

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """The countries that the profile names."""
        return tuple(each for each in countries(self.trial.facts) if each in self.trial.compiled.book.codes.countries)

    def _read(self, index: int) -> Iterator[str]:
        for each in sorted(self.trial.cones.below(index)):
            step = self.trial.steps[each]
            if isinstance(step.node, nodes.Lookup | nodes.TableHas) and isinstance(step.data, Mapping):
                for key in step.data:
                    yield from key
            elif not isinstance(step.node, nodes.ItemValue):
                value = self.trial.values[each]
                if isinstance(value, str):
                    yield value
                elif isinstance(value, tuple | frozenset):
                    yield from sorted(item for item in value if isinstance(item, str))

    def _fits(self, text: str, kind: Type) -> bool:
        codes = self.trial.compiled.book.codes
        if isinstance(kind, CodeType):
            return re.fullmatch(kind.pattern, text, re.ASCII) is not None
        return not isinstance(kind, CountryType) or text in codes.countries


__all__ = ["Leaves"]
