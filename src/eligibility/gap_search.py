"""For what no scenario reaches: one near by, changed in the facts that are read, until evaluation says that it is reached."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

from eligibility.backends.reference import ReferenceEngine
from eligibility.compiler import CompiledCondition, CompiledRule, CompiledRules
from eligibility.coverage import NOT_APPLICABLE, Gap, state_of
from eligibility.datatypes import MET, NOT_MET, Truth, Value
from eligibility.diagnostics import EligibilityError
from eligibility.engine import RuleSet
from eligibility.findings import facts_below, steps_below
from eligibility.flow_yaml import Written, flow
from eligibility.gap_changes import Anchors, changes
from eligibility.operations import Inputs, Values
from eligibility.outcome import Outcome
from eligibility.scenarios import Scenario, as_written, set_fact, unit_of

BUDGET: Final = 6_000  # evaluations of one condition before the search gives up
_NEAREST: Final = 12  # scenarios that are tried on another day
_STARTS: Final = 4  # scenarios from which two facts are changed at once
_EACH: Final = 24  # changes of one fact that are tried together with those of another

Change = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that reaches a gap, as YAML to paste under `cases`. It expects what came out: to be held against the law."""

    gap: Gap
    text: str


def suggest(rules: RuleSet, gap: Gap, near: Sequence[Scenario]) -> Suggestion | None:
    """A case that reaches a gap of a rule, made from one of its scenarios; None where none was found."""
    starts = [each for each in near if each.profile is not None and each.rule == gap.rule]
    if gap.day is not None:
        day = gap.day
        starts = sorted(starts, key=lambda each: abs((each.as_of - day).days))
        cases = (_case(rules, gap, each, day, ()) for each in starts[:_NEAREST])
        return next((case for case in cases if case is not None), None)
    if not gap.state:
        return None
    search = _Search(rules, gap)
    for scenario, found in search.run(starts):
        made = _case(rules, gap, scenario, scenario.as_of, found)
        if made is not None:
            return made
    return None


@dataclass(slots=True)
class _Start:
    """A scenario where the condition is in force: its known facts, the steps to run for the condition, and its facts."""

    scenario: Scenario
    facts: Mapping[str, Value]
    compiled: CompiledRules
    rule: CompiledRule
    condition: CompiledCondition
    order: tuple[int, ...]
    read: tuple[str, ...]


class _Search:
    """The changes that bring a condition into a state, easiest first, within a budget of evaluations."""

    def __init__(self, rules: RuleSet, gap: Gap) -> None:
        self.rules = rules
        self.gap = gap
        self.left = BUDGET
        self.engine = ReferenceEngine()

    def run(self, scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, tuple[Change, ...]]]:
        """Scenarios with the changes that reach the state: one fact changed in any of them, then two in the first few."""
        starts = [start for each in scenarios if (start := self.start(each)) is not None]
        for start in starts:
            for change in self.single(start, start.read, None):
                if self.reaches(start, (change,)):
                    yield start.scenario, (change,)
        for start in starts[:_STARTS]:
            for position, first in enumerate(start.read):
                for one in self.single(start, (first,), _EACH):
                    for other in self.single(start, start.read[position + 1 :], _EACH):
                        if self.left <= 0:
                            return
                        if self.reaches(start, (one, other)):
                            yield start.scenario, (one, other)

    def start(self, scenario: Scenario) -> _Start | None:
        """A scenario as a place to search from, where the condition is in force."""
        compiled = self.rules.compiled(scenario.as_of)
        rule = next(each for each in compiled.rules if each.rule.id == scenario.rule)
        parts = (each for top in rule.conditions for each in top.walk())
        condition = next((each for each in parts if each.condition.path == self.gap.path), None)
        if condition is None or not rule.in_force or scenario.profile is None:
            return None
        try:
            facts = self.rules.profile(scenario.profile).facts
        except EligibilityError:
            return None
        own = (condition.plain, *(() if condition.applies is None else (condition.applies,)))
        needed = steps_below(compiled, *own, rule.concerned)
        order = tuple(index for index in compiled.order if index in needed)
        return _Start(scenario, facts, compiled, rule, condition, order, tuple(sorted(facts_below(compiled, *own))))

    def values(self, start: _Start, facts: Mapping[str, Value]) -> Values:
        """The values of the steps of a condition for some facts."""
        return self.engine.run(start.compiled, start.order, Inputs(facts, start.scenario.as_of)).values

    def single(self, start: _Start, paths: Sequence[str], most: int | None) -> Iterator[Change]:
        """The changes of single facts, `most` for each."""
        values = self.values(start, start.facts)
        needed = steps_below(start.compiled, start.condition.plain)
        anchors = Anchors.of((values[index] for index in sorted(needed)), start.scenario.as_of)
        for path in paths:
            stated = _stated(start.scenario.profile or {}, path)
            for value in islice(changes(self.rules.book.facts[path], stated, anchors), most):
                yield path, value

    def reaches(self, start: _Start, wanted: tuple[Change, ...]) -> bool:
        """Whether the condition comes into the wanted state, by its own steps alone."""
        self.left -= 1
        if self.left < 0:
            return False
        facts = dict(start.facts)
        for path, value in wanted:
            facts.pop(path, None)
            if value is not None:
                known = self.fact(path, value)
                if known is None:
                    return False
                facts[path] = known
        values = self.values(start, facts)
        if values[start.rule.concerned] is NOT_MET:
            return False
        applies = MET if start.condition.applies is None else values[start.condition.applies]
        if self.gap.state == NOT_APPLICABLE:
            return applies is NOT_MET
        return applies is MET and values[start.condition.plain] is Truth(self.gap.state)

    def fact(self, path: str, value: object) -> Value | None:
        """The value of one fact; None where it does not fit."""
        document: dict[str, object] = {}
        set_fact(document, path, value)
        try:
            return self.rules.profile(document).facts[path]
        except EligibilityError:
            return None


def _stated(profile: Mapping[str, object], path: str) -> object:
    here: object = profile
    for step in path.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    return here


def _case(rules: RuleSet, gap: Gap, scenario: Scenario, day: date, changed: tuple[Change, ...]) -> Suggestion | None:
    """The case, if the reference engine says that it reaches the gap."""
    profile = copy.deepcopy(dict(scenario.profile or {}))
    if not all(set_fact(profile, path, value) for path, value in changed):
        return None
    try:
        outcome = rules.evaluate(profile, as_of=day, pathways=[gap.rule], engine="reference")[gap.rule]
    except EligibilityError:
        return None
    if not outcome.is_concerned:
        return None
    expect: dict[str, object] = {"outcome": outcome.status.value}
    if gap.day is None:
        condition = outcome.condition(gap.path)
        if condition is None or state_of(outcome, condition) != gap.state:
            return None
        expect |= _expected(outcome, condition, gap)
    else:
        values = {name: _written(outcome, name) for name in gap.figures if name in outcome.compiled.named}
        expect |= {"values": values} if values else {}
    case = scenario.case
    paths = [path for path, _ in changed]
    kept = {path: value for path, value in case.with_.items() if not any(path == f or path.startswith(f"{f}.") for f in paths)}
    parts: dict[str, object] = {"title": _title(gap), "profile": case.profile, "as_of": day}
    if kept or changed:
        parts["with"] = kept | dict(changed)
    if case.without:
        parts["without"] = list(case.without)
    return Suggestion(gap, f"  {_name(gap)}: {flow(parts | {'expect': expect})}")


def _expected(outcome: Outcome, condition: CompiledCondition, gap: Gap) -> dict[str, object]:
    if gap.state == NOT_APPLICABLE:
        return {"not_applicable": [gap.path]}
    return {outcome.findings.truth(condition.effective).value: [gap.path]}


def _written(outcome: Outcome, name: str) -> Written:
    kind = outcome.findings.compiled.steps[outcome.compiled.named[name]].node.type
    return Written(as_written(outcome.value(name).value, kind, unit_of(outcome, name)))


def _title(gap: Gap) -> str:
    if gap.day is None:
        return f"{gap.path} is {gap.state.replace('_', ' ')}"
    return f"as of {gap.day.isoformat()}: {', '.join(gap.figures)}"


def _name(gap: Gap) -> str:
    words = f"{gap.path.replace('.', '_')}_{gap.state}" if gap.day is None else f"as_of_{gap.day.isoformat().replace('-', '_')}"
    return words.lower()
