"""Which truths of which criteria, and which dates of which figures, the scenarios of a rule reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from eligibility.compiler import CompiledCondition
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, negate
from eligibility.findings import facts_below
from eligibility.model import Unreachable
from eligibility.outcome import Outcome, Status
from eligibility.rulebook import Condition, Rule

_ONE_DAY = timedelta(days=1)


@dataclass
class Coverage:
    """What the scenarios of one rule reach: the truths of each criterion, the dates, and the criteria that read a fact."""

    rule: Rule
    truths: Mapping[str, set[Truth]] = field(default_factory=lambda: defaultdict(set))
    days: set[date] = field(default_factory=set)
    factual: set[str] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """Count what one outcome reaches: the own truth of every criterion in force where the rule and the criterion apply."""
        if outcome.status is Status.NOT_APPLICABLE or not outcome.compiled.in_force:
            return
        self.days.add(outcome.as_of)
        for criterion in outcome.compiled.conditions:
            for each in criterion.walk():
                if facts_below(outcome.findings.compiled, each.plain):
                    self.factual.add(each.condition.path)
                if _applies(outcome, each):
                    self.truths[each.condition.path].add(outcome.findings.truth(each.plain))

    def gaps(self, unreachable: Mapping[str, Unreachable]) -> Iterator[str]:
        """What no scenario reaches without an excuse, and every excuse that is none, one sentence each."""
        paths = {each.path: each for criterion in self.rule.criteria for each in criterion.walk()}
        for path, condition in paths.items():
            excused = {Truth(word) for word in unreachable[path].truths} if path in unreachable else set[Truth]()
            missing = self.demanded(condition) - self.truths[path]
            if missing - excused:
                yield f"no scenario where `{path}` is {_listed(missing - excused)}"
            if excused - missing:
                yield f"`{path}` is said to be unreachable where it is {_listed(excused - missing)}, but it is not"
        for path in unreachable.keys() - paths.keys():
            yield f"`{path}` is said to be unreachable, but it does not exist"
        for day, names in sorted(figure_dates(self.rule).items()):
            for wanted in (day - _ONE_DAY, day):
                if wanted not in self.days:
                    yield f"no scenario as of {wanted} ({', '.join(names)})"

    def demanded(self, condition: Condition) -> frozenset[Truth]:
        """The truths that scenarios must reach: met, not met and unknown where possible, and judgement where met is not."""
        found = self.possible(condition)
        return found - {JUDGEMENT} if MET in found else found

    def possible(self, condition: Condition) -> frozenset[Truth]:
        """The truths a criterion can have, by its structure; one that reads no fact has those that its dates give it."""
        children = [self.possible(child) for child in condition.children]
        match condition.kind:
            case "leaf" | "row" if condition.path not in self.factual:
                return frozenset(self.truths[condition.path])
            case "leaf" | "row" | "points":
                return frozenset({MET, NOT_MET, UNKNOWN_TRUTH})
            case "judgement":
                return frozenset({JUDGEMENT})
            case "all":
                return _combined(children, every=MET, some=NOT_MET)
            case "any":
                return _combined(children, every=NOT_MET, some=MET)
            case "none":
                return frozenset(negate(truth) for truth in _combined(children, every=NOT_MET, some=MET))
            case "at_least":
                return frozenset().union(*children)


def _listed(truths: Iterable[Truth]) -> str:
    found = set(truths)
    return ", ".join(truth.value for truth in Truth if truth in found)


def _applies(outcome: Outcome, condition: CompiledCondition) -> bool:
    """Whether a criterion is known to be applicable."""
    return condition.applies is None or outcome.findings.truth(condition.applies) is MET


def _combined(children: Iterable[frozenset[Truth]], *, every: Truth, some: Truth) -> frozenset[Truth]:
    """Of truths combined so that `every` needs all of them and `some` needs one."""
    listed = list(children)
    found = {truth for truth in (some, UNKNOWN_TRUTH) if any(truth in each for each in listed)}
    if all(every in each for each in listed):
        found.add(every)
    if any(JUDGEMENT in each for each in listed) and all({every, JUDGEMENT} & each for each in listed):
        found.add(JUDGEMENT)
    return frozenset(found)


def figure_dates(rule: Rule) -> dict[date, list[str]]:
    """The days inside the force of a rule on which figures change, with the names of the figures."""
    found: dict[date, list[str]] = defaultdict(list)
    for parameter in rule.parameters.values():
        for day in {day for value in parameter.values for day in value.interval.dates}:
            if rule.interval.start is not None and rule.interval.start < day and rule.interval.holds(day):
                found[day].append(parameter.name)
    return found
