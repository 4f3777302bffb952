"""When outcomes change with nothing but time passing: the days on which pathways flip, between two days, and why.

Rules change on few days; between two of them only steps that read the day can change. These run on whole stretches of days at
once (see `ranges`); a stretch in which an outcome may change is halved until it does not, or is one day. So no flip is missed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

from eligibility import nodes
from eligibility.compiler import CompiledRule, CompiledRules, period_of
from eligibility.contradictions import first_contradiction
from eligibility.datatypes import NOT_MET, DateType, NumberType
from eligibility.diagnostics import Diagnostic, ProfileError, UsageError, did_you_mean
from eligibility.downstream import State, downstream, state_of
from eligibility.engine import RuleSet, parse_day
from eligibility.facts import Profile
from eligibility.findings import Findings
from eligibility.operations import Inputs, Values
from eligibility.outcome import Outcome
from eligibility.ranges import Span
from eligibility.report import Report
from eligibility.rule_parts import part_of, stands
from eligibility.rulebook import Citation, FactDeclaration, Interval, Rule
from eligibility.status import Status
from eligibility.sweep import Sweep
from eligibility.turning import Cause, causes, in_force

LONGEST: Final = 36_525  # days: a hundred years
OPEN: Final = frozenset((Status.ELIGIBLE, Status.SUBJECT_TO_JUDGEMENT, Status.UNDETERMINED))
_DAY: Final = timedelta(days=1)

Source = Profile | Mapping[str, object] | str | bytes | Path


@dataclass(frozen=True, slots=True)
class Flip:
    """A day from which on a pathway comes out otherwise: another status, or other criteria that are not met; and why."""

    pathway: str
    title: str
    on: date
    before: State
    after: State
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """How one pathway comes out from the first day to the last.

    `opens_on` is the first day on which it does not fail (it is eligible, subject to judgement or undetermined), `closes_on` the
    first day after that on which it fails again; None where there is no such day. `reviewed_until` is the last day for which its
    law was reviewed, if it says so.
    """

    pathway: str
    title: str
    first: State
    flips: tuple[Flip, ...]
    opens_on: date | None
    closes_on: date | None
    reviewed_until: date | None


@dataclass(frozen=True, slots=True)
class Announced:
    """A figure that is announced and not applied."""

    rule: str
    title: str
    on: date
    value: Any
    type: Any
    unit: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Timeline:
    """The courses of some pathways.

    `standing` are stated facts the outcomes read that time may change and that stay as stated: days somebody chooses, such as the
    date of application, and times that have passed; `moving` are the days that move instead. `report` is the evaluation of the
    first day.
    """

    start: date
    end: date
    courses: tuple[Course, ...]
    standing: tuple[FactDeclaration, ...]
    moving: tuple[str, ...]
    announced: tuple[Announced, ...]
    profile: Profile
    report: Report

    @property
    def flips(self) -> tuple[Flip, ...]:
        """All flips, by day and pathway."""
        return tuple(sorted((flip for each in self.courses for flip in each.flips), key=lambda flip: (flip.on, flip.pathway)))


def timeline(
    rules: RuleSet,
    profile: Source,
    start: date | str,
    end: date | str,
    pathways: Iterable[str] | None = None,
    *,
    moving: Iterable[str] = (),
) -> tuple[Flip, ...]:
    """The days in (start, end] on which a pathway comes out otherwise than the day before, by day and pathway; as `forecast`."""
    return forecast(rules, profile, start, end, pathways, moving=moving).flips


def forecast(
    rules: RuleSet,
    profile: Source,
    start: date | str,
    end: date | str,
    pathways: Iterable[str] | None = None,
    *,
    moving: Iterable[str] = (),
) -> Timeline:
    """How all pathways, or some rules by id, come out from a day to another, both included.

    Every stated fact stays as it is, but the days named in `moving` (paths such as `case.applied_on`) are always the day that is
    looked at. What is announced is not applied. Exact: evaluation gives the same on every single day.
    Raises: ProfileError; UsageError for an unknown pathway, date or moving fact, and an end before the start.
    """
    first, last = _days(start, end)
    known = rules.profile(profile)
    moved = _moving(rules, moving)
    names = [rule.id for rule in rules.pathways] if pathways is None else pathways
    report = rules.evaluate(_at(known, moved, first), as_of=first, pathways=names, engine="reference")
    _refuse_contradictions(rules, known, moved, first, last)
    elsewhere = {outcome.id for outcome in report if _is_elsewhere(outcome, moved)}
    walked = [outcome.id for outcome in report if outcome.id not in elsewhere]
    walk = _Walk(part_of(rules, walked), known, moved, walked)
    walk.run(first, last)
    courses = tuple(
        _unconcerned(outcome.compiled.rule, first, last) if outcome.id in elsewhere else walk.course(outcome.id)
        for outcome in report
    )
    live = [each.pathway for each in courses if each.flips or each.first.status is not Status.NOT_APPLICABLE]
    announced = walk.announced(live, first, last)
    return Timeline(first, last, courses, walk.standing(live), moved, announced, known, report)


def _days(start: date | str, end: date | str) -> tuple[date, date]:
    first, last = parse_day(start), parse_day(end)
    if last < first:
        message = f"the last day `{last}` is before the first `{first}`"
        raise UsageError([Diagnostic("E603", message, help="give the earlier day first")])
    if (last - first).days > LONGEST:
        message = f"from `{first}` to `{last}` are more than {LONGEST:,} days"
        raise UsageError([Diagnostic("E603", message, help="ask for a shorter time")])
    return first, last


def _moving(rules: RuleSet, paths: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys([paths] if isinstance(paths, str) else paths))
    days = [path for path, fact in rules.book.facts.items() if isinstance(fact.type, DateType)]
    wrong = [path for path in found if path not in days]
    if wrong:
        help = "name the path of a date, such as `case.applied_on`"
        raise UsageError(
            Diagnostic("E604", f"no day `{path}` can move", help=did_you_mean(path, days, otherwise=help)) for path in wrong
        )
    return found


def _at(profile: Profile, moving: Iterable[str], day: date) -> Profile:
    """The profile on a day: what moves is that day."""
    moved = dict.fromkeys(moving, day)
    return Profile({**profile.facts, **moved}, profile.stated_unknown - moved.keys(), profile.provenance) if moved else profile


def _refuse_contradictions(rules: RuleSet, profile: Profile, moving: tuple[str, ...], first: date, last: date) -> None:
    """Refuse a profile that contradicts itself on one of the days, as evaluation does on that day."""
    day = first_contradiction(rules.compiled(first), profile.facts, moving, first, last)
    if day is None:
        return
    try:
        rules.evaluate(_at(profile, moving, day), as_of=day, pathways=(), engine="reference")
    except ProfileError as error:
        help = f"from {day} on the profile contradicts itself: correct it, or end the timeline before"
        raise ProfileError(replace(each, help=help) for each in error.diagnostics) from None


def _is_elsewhere(outcome: Outcome, moving: Container[str]) -> bool:
    """Whether a rule does not concern the case on any day: what says so are stated facts alone."""
    rule, findings = outcome.compiled, outcome.findings
    return any(
        findings.truth(index) is NOT_MET and stands(findings.compiled.book, concern.node, moving)
        for concern, index in zip(rule.rule.concerns, rule.concerns, strict=True)
    )


def _unconcerned(rule: Rule, first: date, last: date) -> Course:
    """The course of a rule that does not concern the case on any day: it is in force, or it is not."""

    def state(day: date) -> State:
        return State(Status.NOT_APPLICABLE if rule.interval.holds(day) else Status.NOT_AVAILABLE)

    flips = tuple(
        Flip(rule.id, rule.title, day, state(day - _DAY), state(day), (in_force(rule, day),))
        for day in rule.interval.dates
        if first < day <= last
    )
    return Course(rule.id, rule.title, state(first), flips, None, None, rule.reviewed_until)


_compiled: Final[WeakKeyDictionary[RuleSet, dict[Interval, CompiledRules]]] = WeakKeyDictionary()


def _compiled_on(rules: RuleSet, day: date) -> CompiledRules:
    """The compiled rules of a day. A rule set keeps but a few periods; one walk goes through all of them, and mostly again."""
    kept = _compiled.setdefault(rules, {})
    period = period_of(rules.book, day)
    if period not in kept:
        kept[period] = rules.compiled(day)
    return kept[period]


@dataclass(frozen=True, slots=True)
class _Turn:
    """A state that begins on a day."""

    on: date
    state: State


class _Walk:
    """Goes from day to day, a period at a time."""

    def __init__(self, rules: RuleSet, profile: Profile, moving: tuple[str, ...], names: Sequence[str]) -> None:
        self.rules = rules
        self.profile = profile
        self.moving = moving
        self.names = frozenset(names)
        self.turns: dict[str, list[_Turn]] = {name: [] for name in names}
        self.periods: list[CompiledRules] = []

    def run(self, first: date, last: date) -> None:
        """Find every turn from a day to another."""
        day = first
        while day <= last:
            compiled = _compiled_on(self.rules, day)
            self.periods.append(compiled)
            until = compiled.interval.until
            final = last if until is None else min(last, until - _DAY)
            for each in _Stretch(compiled, self, day).turns(final):
                self._turn(*each)
            if final == last:
                break
            day = final + _DAY

    def _turn(self, name: str, on: date, state: State) -> None:
        known = self.turns[name]
        if not known or known[-1].state != state:
            known.append(_Turn(on, state))

    def outcome(self, name: str, day: date) -> Outcome:
        """How a rule comes out on a day, by evaluation."""
        compiled = _compiled_on(self.rules, day)
        rule = next(each for each in compiled.rules if each.rule.id == name)
        facts = _at(self.profile, self.moving, day).facts
        values, inputs = list(compiled.start), Inputs(facts, day)
        for index in compiled.order_for((rule,)):
            values[index] = compiled.steps[index].operation(values, inputs, compiled.steps)
        state = state_of(rule, values)
        assert state is not None  # noqa: S101  # single values leave nothing open
        return Outcome(rule, Findings(compiled, values, inputs, "reference"), state.status)

    def course(self, name: str) -> Course:
        """How one rule comes out, day after day."""
        turns = self.turns[name]
        rule = self.rules.book.rules[name]
        flips = tuple(self._flip(name, before, after) for before, after in pairwise(turns))
        opens = next((turn.on for turn in turns if turn.state.status in OPEN), None)
        closes = None if opens is None else next((t.on for t in turns if t.on > opens and t.state.status not in OPEN), None)
        return Course(name, rule.title, turns[0].state, flips, opens, closes, rule.reviewed_until)

    def _flip(self, name: str, before: _Turn, after: _Turn) -> Flip:
        found = causes(self.outcome(name, after.on - _DAY), self.outcome(name, after.on), self.moving)
        return Flip(name, self.rules.book.rules[name].title, after.on, before.state, after.state, found)

    # what stands still

    def _read(self, names: Iterable[str]) -> Iterator[nodes.Node]:
        wanted = frozenset(names)
        for compiled in self.periods:
            needed = frozenset[int]().union(*(rule.needed for rule in compiled.rules if rule.rule.id in wanted))
            yield from (compiled.steps[index].node for index in sorted(needed))

    def standing(self, names: Iterable[str]) -> tuple[FactDeclaration, ...]:
        """The stated facts that time may change and that stay as they are."""
        read = {node.path for node in self._read(names) if isinstance(node, nodes.FactValue)}
        found = [fact for path, fact in self.rules.book.facts.items() if path in read and path in self.profile.facts]
        return tuple(each for each in found if each.path not in self.moving and _stands(each))

    def announced(self, names: Iterable[str], first: date, last: date) -> tuple[Announced, ...]:
        """The figures that some rules read and that are announced for a day of the walk."""
        read = {(node.rule, node.name) for node in self._read(names) if isinstance(node, nodes.ParameterValue)}
        found: list[Announced] = []
        for rule, name in sorted(read):
            parameter = self.rules.book.rules[rule].parameters[name]
            for each in parameter.shown:
                on = each.interval.start
                if each.status == "announced" and on is not None and first < on <= last:
                    found.append(Announced(rule, parameter.title, on, each.value, parameter.type, parameter.unit, each.citation))
        return tuple(sorted(found, key=lambda each: (each.on, each.rule, each.title)))


def _stands(fact: FactDeclaration) -> bool:
    """Whether time may change a fact: a day that somebody chooses, or a time that passes."""
    if isinstance(fact.type, DateType):
        return fact.changed_by in ("applicant", "employer")
    return isinstance(fact.type, NumberType) and fact.type.unit.duration is not None and fact.changed_by == "time"


class _Stretch:
    """Days on which the rules stay the same."""

    def __init__(self, compiled: CompiledRules, walk: _Walk, first: date) -> None:
        self.compiled = compiled
        self.first = first
        self.moving = walk.moving
        self.inputs = Inputs(_at(walk.profile, walk.moving, first).facts, first)
        self.values: Values = list(compiled.start)
        self.chosen = [rule for rule in compiled.rules if rule.rule.id in walk.names]
        self.turning = downstream(compiled).of(walk.moving, day=True)

    def turns(self, last: date) -> Iterator[tuple[str, date, State]]:
        """How each rule comes out on the first day, and every day on which it comes out otherwise than before."""
        again = frozenset(self.turning)
        gates = self.compiled.order_for((), self.chosen)
        self._run(gates)
        done = frozenset(gates)
        concerned = [r for r in self.chosen if r.in_force and (self.values[r.concerned] is not NOT_MET or r.concerned in again)]
        self._run(index for index in self.compiled.order_for(concerned) if index not in done)
        moved = [rule for rule in concerned if not again.isdisjoint(_roots(rule))]
        names = {rule.rule.id for rule in moved}
        for rule in self.chosen:
            if rule.rule.id not in names:
                state = state_of(rule, self.values)
                assert state is not None  # noqa: S101  # single values leave nothing open
                yield rule.rule.id, self.first, state
        yield from self._between(self.first, last, moved)

    def _run(self, order: Iterable[int]) -> None:
        steps = self.compiled.steps
        for index in order:
            self.values[index] = steps[index].operation(self.values, self.inputs, steps)

    def _between(self, first: date, last: date, rules: Sequence[CompiledRule]) -> Iterator[tuple[str, date, State]]:
        """The turns of some rules in a stretch of days: those that cannot change in it, then those of its halves."""
        if not rules:
            return
        days = Span(first, last)
        needed = frozenset[int]().union(*(rule.needed for rule in rules))
        again = [index for index in self.turning if index in needed]
        if first == last:
            self.inputs = Inputs({**self.inputs.facts, **dict.fromkeys(self.moving, first)}, first)
            self._run(again)
        else:
            Sweep(self.compiled, self.values, self.inputs, dict.fromkeys(self.moving, days), days).run(again)
        open_rules: list[CompiledRule] = []
        for rule in rules:
            state = state_of(rule, self.values)
            if state is None:
                open_rules.append(rule)
            else:
                yield rule.rule.id, first, state
        middle = first + (last - first) // 2
        if open_rules:
            yield from self._between(first, middle, open_rules)
            yield from self._between(middle + _DAY, last, open_rules)


def _roots(rule: CompiledRule) -> frozenset[int]:
    return frozenset((rule.concerned, rule.available, rule.criteria_met, *(each.effective for each in rule.conditions)))


__all__ = ["OPEN", "Announced", "Course", "Flip", "Timeline", "forecast", "timeline"]
