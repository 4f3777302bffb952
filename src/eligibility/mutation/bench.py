"""Scenarios evaluated on a changed rule: only what depends on the change is evaluated again, on the reference engine.

Whatever the change is: a step of the changed rules keeps its value if it is the same node and all that it reads keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from eligibility import nodes
from eligibility.backends.reference import ReferenceEngine
from eligibility.compiler import CompiledRule, CompiledRules, period_of
from eligibility.datatypes import NOT_MET, UNKNOWN, UNKNOWN_TRUTH, Value
from eligibility.diagnostics import EligibilityError
from eligibility.downstream import downstream
from eligibility.engine import RuleSet
from eligibility.findings import Findings
from eligibility.mutation.apart import Apart, compile_apart, with_expression
from eligibility.mutation.mutants import Mutant
from eligibility.operations import Inputs, Values
from eligibility.outcome import Outcome
from eligibility.rulebook import Condition, Interval, Rule, RuleBook, Table
from eligibility.scenarios import Scenario, problems_of

_REMEMBERED: Final = 6
DATA: Final = {nodes.ParameterValue: "parameters", nodes.ListValue: "lists", nodes.Lookup: "tables", nodes.TableHas: "tables"}


@dataclass(slots=True)
class Ground:
    """The unchanged rules a scenario reads, compiled for its period, and which steps read which figures."""

    apart: Apart
    rule: CompiledRule
    order: tuple[int, ...]
    by_node: Mapping[int, int]
    figures: Mapping[tuple[str, str, str], tuple[int, ...]]

    @property
    def compiled(self) -> CompiledRules:
        """The compiled rules."""
        return self.apart.compiled

    def downstream(self, changed: Iterable[int]) -> tuple[int, ...]:
        """Some steps and every step that reads them, in the order in which they run."""
        below = downstream(self.compiled).reading(changed)
        return tuple(index for index in self.order if index in below)


@dataclass(slots=True)
class Trial:
    """A scenario that comes out as it must on the unchanged rules, with the value of every step."""

    scenario: Scenario
    ground: Ground
    inputs: Inputs
    values: Values


@dataclass(slots=True)
class Plan:
    """How to evaluate a trial of one period on changed rules: where each step has its value from (-1: anew), and what to run."""

    compiled: CompiledRules
    rule: CompiledRule
    order: tuple[int, ...]
    sources: tuple[int, ...] | None
    settled: Mapping[int, Value] = field(default_factory=dict)


class Bench:
    """Scenarios laid out to be evaluated on many changed rules.

    `broken` are those that do not come out as they must on the unchanged rules; they can catch nothing.
    """

    def __init__(self, rules: RuleSet, scenarios: Iterable[Scenario]) -> None:
        self.book = rules.book
        self.engine = ReferenceEngine()
        self.broken: list[Scenario] = []
        self._books: dict[str, RuleBook] = {}
        self._grounds: dict[tuple[str, Interval], Ground] = {}
        self._killers: dict[str, list[Trial]] = {}
        self.trials: dict[str, list[Trial]] = {}
        for scenario in sorted(scenarios, key=lambda each: (each.rule, each.as_of)):
            trial = self._trial(rules, scenario)
            if trial is None:
                self.broken.append(scenario)
            else:
                self.trials.setdefault(scenario.rule, []).append(trial)

    def catch(self, mutant: Mutant) -> Scenario | None:
        """The first scenario found that no longer comes out as it must; None if all still do."""
        trial = next(self._noticing(mutant), None)
        if trial is None:
            return None
        known = self._killers.get(mutant.group, [])
        self._killers[mutant.group] = [trial, *(each for each in known if each is not trial)][:_REMEMBERED]
        return trial.scenario

    def catching(self, mutant: Mutant) -> Iterator[Scenario]:
        """Every scenario that no longer comes out as it must."""
        return (trial.scenario for trial in self._noticing(mutant))

    def _noticing(self, mutant: Mutant) -> Iterator[Trial]:
        made = mutant.make(self.book.rules[mutant.rule])
        plans: dict[int, Plan | None] = {}
        for trial in self._candidates(mutant):
            key = id(trial.ground) if mutant.day is None else id(trial)
            if key not in plans:
                plans[key] = self._plan(trial.ground, mutant, made, trial.inputs.as_of)
            plan = plans[key]
            if plan is not None and self._fails(trial, plan):
                yield trial

    def _candidates(self, mutant: Mutant) -> Iterator[Trial]:
        """The scenarios that may read what was changed; those that caught a change of its kind before come first."""
        first = [each for each in self._killers.get(mutant.group, ()) if mutant.concerns(each.inputs.as_of)]
        yield from first
        for rule, trials in self.trials.items():
            if mutant.rule in self.needed_book(rule).rules:
                yield from (each for each in trials if mutant.concerns(each.inputs.as_of) and each not in first)

    def needed_book(self, rule: str) -> RuleBook:
        """The rule book without the rules that a rule does not read."""
        known = self._books.get(rule)
        if known is None:
            needed, waiting = dict[str, None](), [rule]
            while waiting:
                name = waiting.pop()
                if name not in needed:
                    needed[name] = None
                    waiting.extend(_rules_read(self.book.rules[name]))
            rules = {name: each for name, each in self.book.rules.items() if name in needed}
            days = tuple(sorted({day for each in rules.values() for day in each.days_of_change()}))
            known = self._books[rule] = replace(self.book, rules=rules, changes=days)
        return known

    def _trial(self, rules: RuleSet, scenario: Scenario) -> Trial | None:
        if scenario.profile is None:
            return None
        try:  # as anybody evaluates it: this also finds facts that contradict each other
            outcome = rules.evaluate(scenario.profile, as_of=scenario.as_of, pathways=[scenario.rule], engine="reference")
        except EligibilityError:
            return None
        if next(problems_of(outcome[scenario.rule], scenario.case.expect), None) is not None:
            return None
        ground = self._ground(scenario.rule, scenario.as_of)
        inputs = Inputs(outcome.profile.facts, scenario.as_of)
        return Trial(scenario, ground, inputs, self.engine.run(ground.compiled, ground.order, inputs).values)

    def _ground(self, rule: str, day: date) -> Ground:
        book = self.needed_book(rule)
        key = (rule, period_of(book, day))
        known = self._grounds.get(key)
        if known is None:
            known = self._grounds[key] = _ground(compile_apart(book, day), rule)
        return known

    # a change

    def _plan(self, ground: Ground, mutant: Mutant, made: Rule, day: date) -> Plan | None:
        """How to evaluate on the changed rules; None where nothing is different."""
        if mutant.data is not None:
            return _data_plan(ground, mutant.rule, mutant.data, made, day)
        if mutant.expression is not None:
            at = ground.apart.roots.get(mutant.part)
            return None if at is None else _expression_plan(ground, at, mutant.expression, day)
        known = _joined_plan(ground, mutant.rule, mutant.joins) if mutant.joins else None
        if known is not None:
            return known
        book = self.needed_book(ground.rule.rule.id)
        rules = {name: made if name == mutant.rule else rule for name, rule in book.rules.items()}
        days = tuple(sorted({*book.changes, *made.days_of_change()})) if mutant.day is not None else book.changes
        return _compiled_plan(ground, compile_apart(replace(book, rules=rules, changes=days), day).compiled)

    def _fails(self, trial: Trial, plan: Plan) -> bool:
        """Whether a scenario no longer comes out as it must."""
        try:
            outcome = self.outcome(trial, plan)
        except ArithmeticError:
            return True
        return next(problems_of(outcome, trial.scenario.case.expect), None) is not None

    def outcome(self, trial: Trial, plan: Plan) -> Outcome:
        """How a scenario comes out on changed rules."""
        old = trial.values
        start = plan.compiled.start
        if plan.sources is None:
            known = [*old, *start[len(old) :]]
            for index, value in plan.settled.items():
                known[index] = value
        else:
            known = [start[index] if source < 0 else old[source] for index, source in enumerate(plan.sources)]
        values = self.engine.run(replace(plan.compiled, start=tuple(known)), plan.order, trial.inputs).values
        rule = plan.rule
        if values[rule.concerned] is NOT_MET:  # then nothing else is evaluated
            given = [values[index] if index in rule.decides_concern else start[index] for index in range(len(values))]
            for index, value in plan.settled.items():
                given[index] = value
            values = given
        findings = Findings(plan.compiled, values, trial.inputs, self.engine.name)
        return Outcome(rule, findings, rule.status(values))


def _ground(apart: Apart, name: str) -> Ground:
    compiled = apart.compiled
    rule = next(each for each in compiled.rules if each.rule.id == name)
    figures: dict[tuple[str, str, str], list[int]] = {}
    for step in compiled.steps:
        match step.node:
            case nodes.ParameterValue(rule=owner, name=figure) | nodes.ListValue(rule=owner, name=figure):
                figures.setdefault((owner, DATA[type(step.node)], figure), []).append(step.index)
            case nodes.Lookup(rule=owner, table=table) | nodes.TableHas(rule=owner, table=table):
                figures.setdefault((owner, "tables", table), []).append(step.index)
    return Ground(
        apart,
        rule,
        compiled.order_for([rule]),
        {id(step.node): step.index for step in compiled.steps},
        {key: tuple(found) for key, found in figures.items()},
    )


def _data_plan(ground: Ground, rule: str, data: tuple[str, str], made: Rule, day: date) -> Plan | None:
    """The compiled rules with other figures: another value of a parameter or list, other rows in the steps that look them up."""
    section, name = data
    touched = ground.figures.get((rule, section, name), ())
    compiled = ground.compiled
    settled: dict[int, Value] = {}
    if section == "tables":
        before = compiled.book.rules[rule].tables[name]
        steps = list(compiled.steps)
        changed = [index for index in touched if _with_rows(steps, index, before, made.tables[name], day)]
        compiled = replace(compiled, steps=tuple(steps))
    else:
        value: Any = made.parameters[name].at(day) if section == "parameters" else made.lists[name].at(day)
        if section == "parameters" and value is not None:
            value = value.value
        for index in touched:
            unknown = UNKNOWN_TRUTH if compiled.steps[index].boolean else UNKNOWN
            settled[index] = unknown if value is None or value is UNKNOWN else value
        changed = [index for index, each in settled.items() if each != compiled.start[index]]
    if not changed:
        return None
    return Plan(compiled, ground.rule, ground.downstream(changed), None, settled)


def _expression_plan(ground: Ground, at: int, node: nodes.Node, day: date) -> Plan:
    """The compiled rules with another expression in place of a step."""
    compiled, order = with_expression(ground.apart, at, node, day)
    settled = {at: compiled.start[at]} if at not in order else {}
    after = (index for index in ground.downstream((at,)) if index != at)
    return Plan(compiled, ground.rule, (*order, *after), None, settled)


def _joined_plan(ground: Ground, name: str, path: str) -> Plan | None:
    """The compiled rules with the branches of a condition joined otherwise; None where there are not two of them."""
    rule = next(each for each in ground.compiled.rules if each.rule.id == name)
    found = (each for criterion in rule.conditions for each in criterion.walk() if each.condition.path == path)
    condition = next(found, None)
    if condition is None or len(condition.children) < 2:
        return None
    step = ground.compiled.steps[condition.plain]
    items = nodes.children(step.node)
    node = nodes.AnyOf(items) if isinstance(step.node, nodes.AllOf) else nodes.AllOf(items)
    steps = list(ground.compiled.steps)
    steps[condition.plain] = replace(step, node=node)
    compiled = replace(ground.compiled, steps=tuple(steps))
    return Plan(compiled, ground.rule, ground.downstream((condition.plain,)), None)


def _with_rows(steps: list[Any], index: int, before: Table, after: Table, day: date) -> bool:
    """Put the rows of a changed table into a step; false where they are the same on the day."""
    step = steps[index]
    if before.interval.holds(day) and after.interval.holds(day):
        rows = dict(step.data)
        for key, versions in after.rows.items():
            if versions is not before.rows[key]:
                row = next((each for each in versions if each.interval.holds(day)), None)
                if row is None:
                    rows.pop(key, None)
                else:
                    rows[key] = row
        if rows == step.data:
            return False
        steps[index] = replace(step, data=rows)
        return True
    if not before.interval.holds(day) and not after.interval.holds(day):
        return False
    rows = {key: row for key in after.rows if (row := after.at(day, key)) is not None}
    steps[index] = replace(step, data=rows if after.interval.holds(day) else UNKNOWN)
    return True


def _compiled_plan(ground: Ground, made: CompiledRules) -> Plan:
    """The rules compiled anew, with the steps that keep their values."""
    old = ground.compiled
    never_run = set(old.order) - set(ground.order)
    sources = [-1] * len(made.steps)
    for step in made.steps:
        same = ground.by_node.get(id(step.node))
        if same is None:
            same = old.index.get(step.node)
        if same is None or same in never_run:
            continue
        before = old.steps[same]
        reads, read = (*step.inputs, *step.body), (*before.inputs, *before.body)
        if len(reads) == len(read) and all(
            sources[one] == two if one >= 0 and two >= 0 else one == two for one, two in zip(reads, read, strict=True)
        ):
            sources[step.index] = same
    name = ground.rule.rule.id
    rule = next(each for each in made.rules if each.rule.id == name)
    order = tuple(index for index in made.order_for([rule]) if sources[index] < 0)
    return Plan(made, rule, order, tuple(sources))


def _rules_read(rule: Rule) -> Iterator[str]:
    """The rules whose figures, values or criteria a rule reads."""

    def conditions(condition: Condition) -> Iterator[nodes.Node | None]:
        for each in condition.walk():
            yield from (each.node, each.applies_when, each.award, each.pass_mark)

    roots = [
        *(each.node for each in rule.concerns),
        *(each.node for each in rule.derived.values()),
        *(each.node for each in rule.notes),
        *(node for criterion in rule.criteria for node in conditions(criterion)),
    ]
    waiting = [node for node in roots if node is not None]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.ParameterValue | nodes.ListValue | nodes.Lookup | nodes.TableHas | nodes.Reference):
            yield node.rule
        waiting.extend(nodes.children(node))
