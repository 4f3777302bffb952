"""What the scenarios of a rule reach: the truths of its criteria, and the days on which figures, lists and tables change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from eligibility.compiler import CompiledCondition
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, negate
from eligibility.engine import RuleSet
from eligibility.findings import facts_below
from eligibility.model import Unreachable
from eligibility.outcome import Outcome, Status
from eligibility.rulebook import Condition, Rule
from eligibility.scenarios import Scenario, run_scenario

ONE_DAY: Final = timedelta(days=1)
NOT_APPLICABLE: Final = "not_applicable"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something no scenario of a rule reaches, in a sentence.

    Of a criterion (`path`) a `state`, the name of a truth or `not_applicable`; or a `day` with the `figures` that change there.
    An excuse that is none has neither.
    """

    rule: str
    message: str
    path: str = ""
    state: str = ""
    day: date | None = None
    figures: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule}: {self.message}"


@dataclass
class Coverage:
    """What the scenarios of one rule reach: the states of each criterion, the dates, and the criteria that read a fact."""

    rule: Rule
    truths: Mapping[str, set[Truth]] = field(default_factory=lambda: defaultdict(set))
    inapplicable: set[str] = field(default_factory=set)
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
                if state := state_of(outcome, each):
                    self._count(each.condition.path, state)

    def _count(self, path: str, state: str) -> None:
        if state == NOT_APPLICABLE:
            self.inapplicable.add(path)
        else:
            self.truths[path].add(Truth(state))

    def gaps(self, unreachable: Mapping[str, Unreachable]) -> Iterator[Gap]:
        """What no scenario reaches without an excuse, and every excuse that is none."""
        rule = self.rule.id
        paths = {each.path: each for criterion in self.rule.criteria for each in criterion.walk()}
        for path, condition in paths.items():
            excused = set(unreachable[path].truths) if path in unreachable else set[str]()
            missing = self.demanded(condition) - self.reached(path)
            for state in _in_order(missing - excused):
                yield Gap(rule, f"no scenario where `{path}` is {_words(state)}", path, state)
            if excused - missing:
                listed = ", ".join(map(_words, _in_order(excused - missing)))
                yield Gap(rule, f"`{path}` is said to be unreachable where it is {listed}, but it is not")
        for path in unreachable.keys() - paths.keys():
            yield Gap(rule, f"`{path}` is said to be unreachable, but it does not exist")
        for day, names in sorted(figure_dates(self.rule).items()):
            for wanted in (day - ONE_DAY, day):
                if wanted not in self.days:
                    yield Gap(rule, f"no scenario as of {wanted} ({', '.join(names)})", day=wanted, figures=tuple(names))

    def reached(self, path: str) -> set[str]:
        """The states of a criterion that some scenario reaches."""
        return {truth.value for truth in self.truths[path]} | ({NOT_APPLICABLE} if path in self.inapplicable else set())

    def demanded(self, condition: Condition) -> set[str]:
        """The states that scenarios must reach: every possible one, but judgement only where it can never be met."""
        found = self.possible(condition)
        wanted = {truth.value for truth in (found - {JUDGEMENT} if MET in found else found)}
        return wanted | ({NOT_APPLICABLE} if condition.applies_when is not None else set())

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

    def counts(self) -> tuple[int, int]:
        """How many of the demanded states and days are reached, and how many there are."""
        wanted = [(each.path, state) for top in self.rule.criteria for each in top.walk() for state in self.demanded(each)]
        days = {each for day in figure_dates(self.rule) for each in (day - ONE_DAY, day)}
        reached = sum(state in self.reached(path) for path, state in wanted) + len(days & self.days)
        return reached, len(wanted) + len(days)


def state_of(outcome: Outcome, condition: CompiledCondition) -> str:
    """The own truth of a condition, or `not_applicable`; nothing where it is unknown whether it applies, or the rule does not."""
    if outcome.status is Status.NOT_APPLICABLE or not outcome.compiled.in_force:
        return ""
    applies = MET if condition.applies is None else outcome.findings.truth(condition.applies)
    if applies is NOT_MET:
        return NOT_APPLICABLE
    return outcome.findings.truth(condition.plain).value if applies is MET else ""


def cover(rules: RuleSet, chosen: Iterable[Scenario], only: Iterable[str]) -> dict[str, Coverage]:
    """What some scenarios reach of some rules."""
    covered = {name: Coverage(rules.book.rules[name]) for name in only}
    for scenario in sorted(chosen, key=lambda each: each.as_of):  # neighbours share the compiled rules of their period
        if scenario.rule in covered and (report := run_scenario(rules, scenario, "reference").report):
            covered[scenario.rule].add(report[scenario.rule])
    return covered


def excuses(rules: RuleSet, rule: str) -> dict[str, Unreachable]:
    """What the scenario files of a rule say to be unreachable, by path."""
    files = [file.model for pack in rules.packs for file in pack.scenarios]
    return {path: why for file in files if file.scenarios == rule for path, why in file.unreachable.items()}


_ORDER: Final = (*(truth.value for truth in Truth), NOT_APPLICABLE)


def _in_order(states: Iterable[str]) -> list[str]:
    return sorted(states, key=_ORDER.index)


def _words(state: str) -> str:
    return state.replace("_", " ")


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
    """The days inside the force of a rule on which figures, lists and tables change, with their names."""
    found: dict[date, dict[str, None]] = defaultdict(dict)

    def add(name: str, days: Iterable[date | None]) -> None:
        for day in days:
            if day is not None and rule.interval.start is not None and rule.interval.start < day and rule.interval.holds(day):
                found[day][name] = None

    for parameter in rule.parameters.values():
        add(parameter.name, (day for value in parameter.values for day in value.interval.dates))
    for listed in rule.lists.values():
        add(listed.name, (*listed.interval.dates, listed.unknown_from))
        add(listed.name, (day for entry in listed.entries for day in entry.interval.dates))
    for table in rule.tables.values():
        add(table.name, table.interval.dates)
        add(table.name, (day for rows in table.rows.values() for row in rows for day in row.interval.dates))
    return {day: list(names) for day, names in found.items()}
