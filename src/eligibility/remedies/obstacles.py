"""Why there is no remedy: the criteria that fail, and whether anything that may be changed can meet them at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eligibility import nodes
from eligibility.compiler import CompiledCondition
from eligibility.datatypes import NOT_MET
from eligibility.english import listed, the
from eligibility.operations import Step
from eligibility.outcome import Outcome
from eligibility.remedies.changes import Obstacle
from eligibility.remedies.domains import Domains
from eligibility.remedies.search import Search
from eligibility.remedies.trial import Goal
from eligibility.status import Status

_NAMED: Final = 4


def outside(outcome: Outcome) -> tuple[Obstacle, ...] | None:
    """Why there is nothing to remedy about an outcome, None where there is."""
    if not outcome.compiled.in_force:
        return (Obstacle("", f"it is not in force on {outcome.as_of.isoformat()}", certain=True),)
    if outcome.status is Status.NOT_APPLICABLE:
        return (Obstacle("", f"it does not concern the case: {' '.join(outcome.unconcerned)}".rstrip("."), certain=True),)
    if outcome.status not in (Status.NOT_ELIGIBLE, Status.NOT_AVAILABLE):
        return (Obstacle("", "nothing stands in its way", certain=True),)
    return None


class Obstacles:
    """What stands in the way of an outcome that fails."""

    def __init__(self, search: Search, domains: Domains) -> None:
        self.search = search
        self.trial = search.trial
        self.domains = domains

    def find(self, outcome: Outcome) -> tuple[Obstacle, ...]:
        """The criteria that no way turns round; where each has one, that no combination of them was found to work."""
        goal = Goal(wanted=True)
        failing = [each for each in outcome.compiled.conditions if self.trial.truth(each.effective, {}) is NOT_MET]
        sure = [each for each in failing if self.is_hopeless(each.effective, goal)]
        unsure = [each for each in failing if each not in sure and not self.search.ways(each.effective, goal)]
        found = [*(self._certain(each) for each in sure), *(self._uncertain(each) for each in unsure)]
        return tuple(found) or (Obstacle("", "no combination of changes was found with which it no longer fails", certain=False),)

    def _certain(self, each: CompiledCondition) -> Obstacle:
        stated = [path for path in self._stated(each.effective) if not self.domains.allowed(path)]
        labels = [the(self.domains.book.facts[path].label) for path in stated[:_NAMED]]
        if not labels:
            why = "no fact of the profile can change that"
        else:
            more = " and what else it hangs on" if len(stated) > _NAMED else ""
            why = f"nobody can change {', '.join(labels)}{more}" if more else f"nobody can change {listed(labels, 'or')}"
        return Obstacle(each.condition.path, f"{_not_met(each)}, and {why}", certain=True)

    def _uncertain(self, each: CompiledCondition) -> Obstacle:
        return Obstacle(each.condition.path, f"{_not_met(each)}, and no change was found that meets it", certain=False)

    def _stated(self, index: int) -> Iterator[str]:
        """The facts that a failing condition reads where it fails."""
        for path in sorted(self.search.trial.outcome({}).findings.decisive_facts(index)):
            if path in self.trial.facts:
                yield path

    def is_hopeless(self, index: int, goal: Goal) -> bool:
        """Whether nothing that may be changed can turn a step round: a proof, not the end of a search."""
        if self.search.is_free(index, goal):
            return False
        step = self.trial.steps[index]
        match step.node:
            case nodes.AllOf() | nodes.AnyOf():
                parts = [self.is_hopeless(part, goal) for part in step.inputs]
                return any(parts) if isinstance(step.node, nodes.AllOf) is goal.wanted else all(parts)
            case nodes.Negation():
                return self.is_hopeless(step.inputs[0], goal.opposite)
            case nodes.AtLeast(count=count):
                needed = count if goal.wanted else len(step.inputs) - count + 1
                return sum(not self.is_hopeless(part, goal) for part in step.inputs) < needed
        return not any(self._could(path, step) for path in self.trial.cones.paths(index))

    def _could(self, path: str, step: Step) -> bool:
        """Whether somebody can change a fact that a step reads; to state one that is unknown never turns it round."""
        if not self.domains.allowed(path):
            return False
        below = (self.trial.steps[index].node for index in self.trial.cones.below(step.index))
        return path in self.trial.facts or any(isinstance(node, nodes.AssumedFact) and node.fact.path == path for node in below)


def _not_met(each: CompiledCondition) -> str:
    title = each.condition.title or each.condition.path
    return f"“{title}” is not met"


__all__ = ["Obstacles", "outside"]
