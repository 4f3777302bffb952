"""Ways to turn a step round: the failing tree of conditions walked down to its leaves, what is found there put together.

A step is turned round when it is no longer blocked: a condition that must hold is not `not met`, one that must not hold is not
`met`. What is unknown or for a human stays so. The ways are candidates: whether one works is for `Trial.outcome` to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from typing import Final

from eligibility import nodes
from eligibility.datatypes import MET, NOT_MET, ListType, RecordType, Value
from eligibility.operations import Step
from eligibility.remedies.changes import Place, Plan
from eligibility.remedies.domains import Domains
from eligibility.remedies.leaves import Leaves
from eligibility.remedies.trial import Goal, Trial
from eligibility.remedies.weighing import Weight, merged, weigh

BEAM: Final = 24  # ways that are kept for one step
_EACH_TIER: Final = 4  # of which so many for each tier of who must act
_PARTS: Final = 3  # rows of points that are tried together
_ROWS: Final = 8

Ways = tuple[Plan, ...]
HERE: Final[Ways] = ({},)


class Search:
    """The ways to turn steps of one rule round for one profile, the least first."""

    def __init__(self, trial: Trial, domains: Domains) -> None:
        self.trial = trial
        self.domains = domains
        self.leaves = Leaves(trial, domains)
        self._known: dict[tuple[int, Goal], Ways] = {}
        self._weights: dict[frozenset[tuple[Place, Value]], Weight] = {}

    def is_free(self, index: int, goal: Goal) -> bool:
        """Whether nothing needs to change for a goal."""
        truth = self.trial.truth(index, {}, goal.frames)
        if goal.is_met_by(truth):
            return True
        if truth in (MET, NOT_MET):
            return False
        return not goal.strict or not self.leaves.reads_item(index, goal.frames[-1][0])

    def ways(self, index: int, goal: Goal) -> Ways:
        """The ways to turn a step round; one empty way where it is not blocked, none where there is no way."""
        key = (index, goal)
        known = self._known.get(key)
        if known is None:
            known = HERE if self.is_free(index, goal) else self._best(self._find(self.trial.steps[index], goal))
            self._known[key] = known
        return known

    def _find(self, step: Step, goal: Goal) -> Iterable[Plan]:
        match step.node:
            case nodes.AllOf() | nodes.AnyOf():
                parts = [self.ways(part, goal) for part in step.inputs]
                together = isinstance(step.node, nodes.AllOf) is goal.wanted
                return self._all(parts) if together else [way for part in parts for way in part]
            case nodes.Negation():
                return self.ways(step.inputs[0], goal.opposite)
            case nodes.AtLeast(count=count):
                return self._some(step, count if goal.wanted else len(step.inputs) - count + 1, goal)
            case nodes.Choose() if step.boolean:
                condition, then, otherwise = step.inputs
                so, not_so = replace(goal, wanted=True), replace(goal, wanted=False)
                one = self._all([self.ways(condition, so), self.ways(then, goal)])
                return [*one, *self._all([self.ways(condition, not_so), self.ways(otherwise, goal)])]
            case nodes.PointsReached():
                return [*self.leaves.ways(step, goal), *self._points(step, goal)]
            case nodes.Quantified() if (path := self.records(step)) is not None:
                return self._items(step, path, goal)
        found = [*self.leaves.ways(step, goal), *self._ruled_out(step), *self._more_records(step, goal)]
        return found or list(self._inside(step, goal))

    def _all(self, parts: Sequence[Ways]) -> Ways:
        """The ways to turn all of some parts round."""
        found: Ways = HERE
        for part in sorted(parts, key=len):
            if part is not HERE:
                found = self._best(both for one in found for other in part if (both := self._merged(one, other)) is not None)
        return found

    def _some(self, step: Step, needed: int, goal: Goal) -> Iterator[Plan]:
        """The ways to turn so many parts round, those that are free counted."""
        parts = [self.ways(part, goal) for part in step.inputs]
        lacking = needed - sum(part is HERE for part in parts)
        blocked = sorted((part for part in parts if part and part is not HERE), key=lambda part: self.weight(part[0]))
        for chosen in combinations(blocked[:_ROWS], max(lacking, 0)):
            yield from self._all(chosen)

    def _points(self, step: Step, goal: Goal) -> Iterator[Plan]:
        """Rows that are turned round together until the pass mark is reached, or no longer is."""
        rows = [self.ways(row, goal) for row in step.inputs[: len(step.inputs) // 2]]
        turned = self._best(way for row in rows if row is not HERE for way in row[:2])[:_ROWS]
        for count in range(1, _PARTS + 1):
            for chosen in combinations(turned, count):
                plan: Plan | None = {}
                for way in chosen:
                    plan = None if plan is None else self._merged(plan, way)
                if plan is not None and self.leaves.passes(step.index, plan, goal):
                    yield plan

    # records

    def records(self, step: Step) -> str | None:
        """The fact whose records a quantifier looks at, where somebody can change them."""
        source = self.trial.steps[step.inputs[0]].node
        if not isinstance(source, nodes.FactValue) or not self.domains.allowed(source.path):
            return None
        kind = source.type
        return source.path if isinstance(kind, ListType) and isinstance(kind.element, RecordType) else None

    def _items(self, step: Step, path: str, goal: Goal) -> Iterable[Plan]:
        body, count = step.inputs[1], len(self.trial.items(path))
        inner = [self.ways(body, goal.inside(step.index, position)) for position in range(count)]
        is_any = isinstance(step.node, nodes.Quantified) and step.node.kind == "any"
        if is_any is not goal.wanted:
            return self._all(inner)
        new = self.ways(body, replace(goal.inside(step.index, count), strict=True))
        return [way for part in (*inner, () if new is HERE else new) for way in part]

    def _more_records(self, step: Step, goal: Goal) -> Iterator[Plan]:
        """Records that are added to a list that is counted or summed up below a comparison."""
        for index in sorted(self.trial.cones.below(step.index)):
            loop = self.trial.steps[index]
            path = self.records(loop) if isinstance(loop.node, nodes.Aggregate) else None
            if path is None or path not in self.trial.facts:
                continue
            condition, body = loop.inputs[1:]
            count = len(self.trial.items(path))
            counted = Goal(wanted=True, frames=(*goal.frames, (index, count)), strict=True)
            for way in (HERE if condition < 0 else self.ways(condition, counted))[:_PARTS]:
                yield from self.leaves.added(step, goal, Place(path, count), body, way)

    # values that hang on other conditions

    def _ruled_out(self, step: Step) -> Iterator[Plan]:
        """The ways to let the facts apply that a condition reads and that others rule out."""
        for index in sorted(self.trial.cones.below(step.index)):
            fact = self.trial.steps[index]
            if isinstance(fact.node, nodes.FactValue) and fact.inputs and self.trial.truth(fact.inputs[0], {}) is NOT_MET:
                yield from self.ways(fact.inputs[0], Goal(wanted=True))

    def _inside(self, step: Step, goal: Goal) -> Iterator[Plan]:
        """The ways to turn a condition round on which the values that are compared hang."""
        for index in self._conditions(step):
            truth = self.trial.truth(index, {}, goal.frames)
            if truth in (MET, NOT_MET):
                for way in self.ways(index, replace(goal, wanted=truth is NOT_MET)):
                    if self.leaves.passes(step.index, way, goal):
                        yield way

    def _conditions(self, step: Step) -> tuple[int, ...]:
        """The conditions below values, not those below other conditions."""
        found: dict[int, None] = {}
        waiting = [step.index]
        while waiting:
            here = self.trial.steps[waiting.pop()]
            if isinstance(here.node, nodes.Aggregate):
                continue
            for index in here.inputs:
                if index >= 0 and self.trial.steps[index].boolean:
                    found[index] = None
                elif index >= 0:
                    waiting.append(index)
        return tuple(found)

    # weights

    def weight(self, plan: Plan) -> Weight:
        """The weight of a plan."""
        key = frozenset(plan.items())
        known = self._weights.get(key)
        if known is None:
            known = self._weights[key] = weigh(plan, self.trial.facts, self.domains)
        return known

    def _merged(self, one: Plan, other: Plan) -> Plan | None:
        return merged(one, other, self.trial.facts, self.domains)

    def _best(self, plans: Iterable[Plan]) -> Ways:
        """The least of some plans, each once, and some of each that others than applicant and employer must act for."""
        each = {frozenset(plan.items()): plan for plan in plans}
        found: list[Plan] = []
        tiers: Counter[int] = Counter()
        for plan in sorted(each.values(), key=self.weight):
            tier = self.weight(plan).tier
            if len(found) < BEAM or tiers[tier] < _EACH_TIER:
                found.append(plan)
                tiers[tier] += 1
        return tuple(found)

    # the rule

    @cached_property
    def roots(self) -> tuple[Plan, ...]:
        """The ways in which both the criteria and the availability of the rule are turned round."""
        rule, goal = self.trial.rule, Goal(wanted=True)
        return self._all([self.ways(rule.criteria_met, goal), self.ways(rule.available, goal)])

    def reconciled(self, broken: Iterable[str]) -> Ways:
        """The ways in which the consistency that facts contradict holds again, by its ids."""
        return self._all([self.ways(self.trial.compiled.consistency[name], Goal(wanted=True)) for name in broken])


__all__ = ["BEAM", "HERE", "Search", "Ways"]
