"""The least that still works: parts of a plan left out, values moved back towards what is stated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Final, cast

from eligibility.datatypes import ChoiceType, DateType, Money, MoneyType, Number, NumberType, Value
from eligibility.remedies.changes import Place, Plan
from eligibility.remedies.domains import Adjustable, Domains, Test, boundary
from eligibility.remedies.trial import Trial
from eligibility.remedies.weighing import groups, packed

_ALL_SUBSETS: Final = 6  # parts up to which every smaller plan is tried
_ROUNDS: Final = 4


def least(trial: Trial, domains: Domains, plan: Plan) -> Plan:
    """A plan that works and of which no part can be left out, no number be nearer to what is stated, no level lower."""
    for _ in range(_ROUNDS):
        smaller = _nearer(trial, domains, _fewer(trial, plan))
        if smaller == plan:
            break
        plan = smaller
    return packed(plan, trial.facts)


def _works(trial: Trial, plan: Plan) -> bool:
    return trial.outcome(plan).works


def _fewer(trial: Trial, plan: Plan) -> Plan:
    """The plan without the parts that it does not need, then without the fields of new records that it does not need."""
    parts = list(groups(plan, trial.facts).values())
    if len(parts) <= _ALL_SUBSETS:
        plan = next((each for each in _subsets(plan, parts) if _works(trial, each)), plan)
    else:
        for part in parts:
            rest = {place: value for place, value in plan.items() if place not in part}
            plan = rest if rest and _works(trial, rest) else plan
    for place in sorted(plan):
        if place.field and place.position >= len(trial.items(place.path)):
            rest = {each: value for each, value in plan.items() if each != place}
            plan = rest if rest and _works(trial, rest) else plan
    return plan


def _subsets(plan: Plan, parts: list[tuple[Place, ...]]) -> Iterator[dict[Place, Value]]:
    """The plans of fewer parts, the smallest first."""
    for count in range(1, len(parts)):
        for chosen in combinations(parts, count):
            yield {place: plan[place] for part in chosen for place in part}


def _nearer(trial: Trial, domains: Domains, plan: Plan) -> Plan:
    found = dict(plan)
    for place in sorted(plan):
        each = domains.adjustable(place, trial.facts)
        if each is not None:
            found[place] = _least_value(trial, domains, each, found)
    return found


def _least_value(trial: Trial, domains: Domains, each: Adjustable, plan: Mapping[Place, Value]) -> Value:
    """The value of a place nearest to what is stated with which a plan still works."""
    value = plan[each.place]

    def works(other: Value) -> bool:
        return _works(trial, {**plan, each.place: other})

    match each.type:
        case NumberType() | MoneyType():
            return _least_number(domains, each, value, works)
        case DateType():
            return _least_date(domains, each, cast("date", value), works)
        case ChoiceType(values=values) if each.type.ordered:
            start = -1 if each.now is None else values.index(cast("str", each.now))
            end = values.index(cast("str", value))
            between = values[start + 1 : end] if end > start else values[end + 1 : start][::-1]
            return next((other for other in between if works(other)), value)
    if isinstance(value, tuple) and (each.now is None or isinstance(each.now, tuple)):
        return _least_list(each.now or (), value, works)
    return value


def _least_number(domains: Domains, each: Adjustable, value: Value, works: Test) -> Value:
    now = domains.number(each)
    if now is None:
        return value
    grid = domains.grid(each)
    passed = Fraction(value.amount if isinstance(value, Money) else cast("Number", value)) / grid
    start = Fraction(now) / grid
    if passed.denominator != 1 or passed == start:
        return value
    failed = int(start // 1) if passed > start else -int(-start // 1)
    if failed == passed:
        return value
    return domains.made(each, boundary(failed, int(passed), lambda count: works(domains.made(each, count * grid))) * grid)


def _least_date(domains: Domains, each: Adjustable, value: date, works: Test) -> Value:
    now = each.now if isinstance(each.now, date) else domains.as_of
    first, _ = domains.days()
    failed, passed = now.toordinal(), value.toordinal()
    if passed > failed and failed < first:
        if works(date.fromordinal(first)):
            return date.fromordinal(first)
        failed = first
    if failed == passed:
        return value
    return date.fromordinal(boundary(failed, passed, lambda day: works(date.fromordinal(day))))


def _least_list(now: tuple[Value, ...], value: tuple[Value, ...], works: Test) -> Value:
    """A list with as few items added or taken away as may be."""
    for item in [each for each in value if each not in now]:
        rest = tuple(each for each in value if each != item)
        value = rest if works(rest) else value
    for item in [each for each in now if each not in value]:
        more = tuple(each for each in now if each in value or each == item) + tuple(each for each in value if each not in now)
        value = more if more != now and works(more) else value
    return value


__all__ = ["least"]
