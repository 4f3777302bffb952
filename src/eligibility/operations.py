"""What each node means: one function a class of node, on values that may be unknown.

The engines share them, so that figures agree by construction. Nodes that the period settles (constants, parameters, lists,
judgement) have no function: their values stand in `CompiledRules.start`.
"""

from __future__ import annotations

import math
import operator
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from eligibility import nodes
from eligibility.compiler import Step
from eligibility.datatypes import (
    JUDGEMENT,
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    Money,
    MoneyType,
    Number,
    Unknown,
    Value,
    all_of,
    any_of,
    at_least,
    negate,
    reached,
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an evaluation starts from: the known facts by path, and the as-of date."""

    facts: Mapping[str, Value]
    as_of: date


Values = list[Any]
"""The value of every step; the type of a step's node says what its value is."""

Typed = Any
"""A step whose class of node the function is for: see `OPERATIONS`."""

Operation = Callable[[Step, Values, Inputs, "tuple[Step, ...]"], Any]
_UNKNOWN_OF: Final[dict[bool, Value]] = {True: UNKNOWN_TRUTH, False: UNKNOWN}


def run(step: Step, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    """The value of a step whose inputs are in `values` already."""
    return OPERATIONS[type(step.node)](step, values, inputs, steps)


def _fact(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    node = step.node
    if step.inputs and values[step.inputs[0]] is NOT_MET:
        return step.data
    return inputs.facts.get(node.path, UNKNOWN_TRUTH if step.boolean else UNKNOWN)


def _assumed(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    stated = values[step.inputs[0]]
    return step.node.value if stated is UNKNOWN or stated is UNKNOWN_TRUTH else stated


def _as_of(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    return inputs.as_of


def _keys(step: Typed, values: Values) -> tuple[str, ...] | None:
    keys = []
    for index in step.inputs:
        key = values[index]
        if key is UNKNOWN or key is UNKNOWN_TRUTH or key is JUDGEMENT:
            return None
        keys.append(str(key))
    return tuple(keys)


def _lookup(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    keys = _keys(step, values)
    nothing: Value = _UNKNOWN_OF[step.boolean]
    if keys is None or step.data is UNKNOWN:
        return nothing
    row = step.data.get(keys)
    return nothing if row is None else row.cells.get(step.node.column, nothing)


def _table_has(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    keys = _keys(step, values)
    if keys is None or step.data is UNKNOWN:
        return UNKNOWN_TRUTH
    return MET if keys in step.data else NOT_MET


def _arithmetic(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    left, right = values[step.inputs[0]], values[step.inputs[1]]
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    a, b = left, right
    match step.node.operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return whole(a * b)
        case _:
            return UNKNOWN if b == 0 else whole(Fraction(a) / b)


def whole(number: Number) -> Number:
    """An `int` where the number is whole: equal values have one form."""
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number


def shift(day: date, amount: int, unit: str) -> date | Unknown:
    """A date moved by whole units; the day is clamped to the end of the month; outside the calendar it is unknown.

    >>> shift(date(2024, 1, 31), 1, "month"), shift(date(2024, 2, 29), -1, "year")
    (datetime.date(2024, 2, 29), datetime.date(2023, 2, 28))
    """
    try:
        if unit in ("day", "week"):
            return day + timedelta(days=amount * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + amount * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    except (ValueError, OverflowError):
        return UNKNOWN


def elapsed(start: date, end: date, unit: str) -> int:
    """Whole units from a date to another: the greatest n with start + n units not after end; negative when the end is earlier.

    >>> elapsed(date(2000, 2, 29), date(2025, 2, 28), "year"), elapsed(date(2024, 1, 15), date(2024, 3, 14), "month")
    (25, 1)
    """
    if unit == "day":
        return (end - start).days
    if end < start:
        return -elapsed(end, start, unit)
    months = (end.year - start.year) * 12 + end.month - start.month
    moved = shift(start, months, "month")
    if isinstance(moved, Unknown) or moved > end:
        months -= 1
    return months // 12 if unit == "year" else months


def _date_shift(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    node = step.node
    day, amount = values[step.inputs[0]], values[step.inputs[1]]
    if not isinstance(day, date) or not isinstance(amount, int):
        return UNKNOWN
    return shift(day, node.sign * amount, node.unit)


def _elapsed(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    start, end = values[step.inputs[0]], values[step.inputs[1]]
    if not isinstance(start, date) or not isinstance(end, date):
        return UNKNOWN
    return elapsed(start, end, step.node.unit)


def _extreme(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    items = [values[index] for index in step.inputs]
    if UNKNOWN in items:
        return UNKNOWN
    pick = min if step.node.kind == "min" else max
    return pick(items)


def _rounded(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    number, unit = values[step.inputs[0]], values[step.inputs[1]]
    if isinstance(number, Unknown):
        return UNKNOWN
    times = Fraction(number) / unit
    match step.node.mode:
        case "up":
            count = math.ceil(times)
        case "down":
            count = math.floor(times)
        case "half_up":
            count = math.floor(times + Fraction(1, 2))
    return whole(count * unit)


def _converted(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    node = step.node
    money = values[step.inputs[0]]
    others = list(step.inputs[1:])
    hours = values[others.pop(0)] if node.hours_per_week is not None else UNKNOWN
    weeks = values[others.pop(0)] if node.weeks_per_year is not None else UNKNOWN
    if isinstance(money, Unknown):
        return UNKNOWN
    if isinstance(node.money.type, MoneyType):
        stated = money
        amount, currency, period = stated.amount, stated.currency, stated.period
    else:
        unit = node.money.type.unit
        amount, currency, period = money, unit.currency or "", unit.period
    target = node.type.unit
    if currency != target.currency:
        return UNKNOWN
    if period == target.period:
        return amount
    above, below = periods_a_year(period, hours, weeks), periods_a_year(target.period, hours, weeks)
    return UNKNOWN if above is None or not below else whole(Fraction(amount * above) / below)


def _amount(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    money = values[step.inputs[0]]
    return money.amount if isinstance(money, Money) else UNKNOWN


def periods_a_year(period: str | None, hours: Any, weeks: Any) -> Number | None:
    """How many times a year a period of pay occurs, from the hours of a week and weeks of a year; None where that is unknown."""
    match period:
        case "year":
            return 1
        case "month":
            return 12
        case "week":
            return None if isinstance(weeks, Unknown) else weeks
        case "hour":
            known = not isinstance(weeks, Unknown) and not isinstance(hours, Unknown)
            return hours * weeks if known else None
    return None


def _choose(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    condition, then, otherwise = (values[index] for index in step.inputs)
    if condition is MET:
        return then
    if condition is NOT_MET:
        return otherwise
    if step.boolean and condition is UNKNOWN_TRUTH:
        return then if then is otherwise else UNKNOWN_TRUTH
    if step.boolean:
        return any_of([all_of([JUDGEMENT, then]), all_of([JUDGEMENT, otherwise])])
    return UNKNOWN


def each_item(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> list[tuple[Any, ...]]:
    """The values of a quantifier's condition and body for every item of its (known) list."""
    found: list[tuple[Any, ...]] = []
    wanted = step.inputs[1:]
    for item in values[step.inputs[0]]:
        for slot in step.slots:
            node = steps[slot].node
            if node.field is None:
                values[slot] = item
            else:
                values[slot] = item.get(node.field, _UNKNOWN_OF[steps[slot].boolean])
        for index in step.body:
            values[index] = run(steps[index], values, inputs, steps)
        found.append(tuple(UNKNOWN if index < 0 else values[index] for index in wanted))
    return found


def _quantified(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    if isinstance(values[step.inputs[0]], Unknown):
        return UNKNOWN_TRUTH
    combine = any_of if step.node.kind == "any" else all_of
    return combine(body for (body,) in each_item(step, values, inputs, steps))


def _aggregate(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    node = step.node
    if isinstance(values[step.inputs[0]], Unknown):
        return UNKNOWN
    taken: list[Any] = []
    for condition, body in each_item(step, values, inputs, steps):
        truth = MET if node.condition is None else condition
        if truth is NOT_MET:
            continue
        if truth is not MET or (node.body is not None and isinstance(body, Unknown)):
            return UNKNOWN
        taken.append(body)
    if node.kind == "count":
        return len(taken)
    if node.kind == "sum":
        return whole(sum(taken))
    if not taken:
        return UNKNOWN
    pick = min if node.kind == "min" else max
    return pick(taken)


def _classified(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    node = step.node
    truths = [values[index] for index in step.inputs]
    met = [value for truth, value in zip(truths, node.values, strict=True) if truth is MET]
    open_rows = any(truth is not MET and truth is not NOT_MET for truth in truths)
    if node.hit == "collect":
        if open_rows:
            return UNKNOWN
        return tuple(dict.fromkeys(met)) or (() if isinstance(node.otherwise, Unknown) else (node.otherwise,))
    if node.hit == "unique":
        if open_rows or len(set(met)) > 1:
            return UNKNOWN
        return met[0] if met else node.otherwise
    possible: list[Any] = []
    for truth, value in zip(truths, node.values, strict=True):
        if truth is not NOT_MET:
            possible.append(value)
        if truth is MET:
            break
    else:
        possible.append(node.otherwise)
    return possible[0] if all(value == possible[0] for value in possible) else UNKNOWN


def _all_of(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    return all_of(map(values.__getitem__, step.inputs))


def _any_of(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    return any_of(map(values.__getitem__, step.inputs))


def _negation(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    return negate(values[step.inputs[0]])


def _at_least(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    return at_least(step.node.count, [values[index] for index in step.inputs])


def _points_reached(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    node = step.node
    count = len(node.conditions)
    mark = values[step.inputs[-1]]
    if isinstance(mark, Unknown):
        return UNKNOWN_TRUTH
    least: Number = 0
    most: Number | None = 0
    judged: Number = 0
    rows = zip(step.inputs[:count], step.inputs[count:-1], node.most, strict=True)
    for condition, award, limit in rows:
        truth, points = values[condition], values[award]
        if truth is NOT_MET:
            continue
        highest = limit if isinstance(points, Unknown) else points
        lowest = 0 if isinstance(points, Unknown) else points
        if truth is JUDGEMENT:
            judged += highest or 0
            continue
        least += lowest if truth is MET else min(0, lowest)
        most = None if most is None or highest is None else most + (highest if truth is MET else max(0, highest))
    return reached(mark, least, most, judged)


def _comparison(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    left, right = values[step.inputs[0]], values[step.inputs[1]]
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN_TRUTH
    node = step.node
    return MET if compare(node.operator, left, right, node.order) else NOT_MET


_COMPARATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: str, left: Any, right: Any, order: tuple[str, ...] | None) -> bool:
    """Two known values of one type compared; the values of an ordered choice by rank."""
    if order is not None:
        left, right = order.index(left), order.index(right)
    return _COMPARATORS[sign](left, right)


def _membership(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    item, collection = values[step.inputs[0]], values[step.inputs[1]]
    if item is UNKNOWN or collection is UNKNOWN:
        return UNKNOWN_TRUTH
    return MET if item in collection else NOT_MET


def words(text: str) -> str:
    """A text as lower-case words between single blanks, for finding phrases."""
    letters = "".join(character if character.isalnum() else " " for character in text.casefold())
    return f" {' '.join(letters.split())} "


@lru_cache(maxsize=1024)
def _phrase(text: str) -> str:
    """A phrase of a rule as `words` gives it: rules have few, and look for them again and again."""
    return words(text)


def _contains(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    text = values[step.inputs[0]]
    if not isinstance(text, str):
        return UNKNOWN_TRUTH
    within = words(text)
    return MET if any(_phrase(phrase) in within for phrase in step.node.phrases) else NOT_MET


def _starts_with(step: Typed, values: Values, inputs: Inputs, steps: tuple[Step, ...]) -> Any:
    code, prefixes = values[step.inputs[0]], values[step.inputs[1]]
    if not isinstance(code, str) or isinstance(prefixes, Unknown):
        return UNKNOWN_TRUTH
    return MET if any(code.startswith(str(prefix)) for prefix in prefixes) else NOT_MET


OPERATIONS: Final[dict[type, Operation]] = {
    nodes.FactValue: _fact,
    nodes.AssumedFact: _assumed,
    nodes.AsOf: _as_of,
    nodes.Lookup: _lookup,
    nodes.Arithmetic: _arithmetic,
    nodes.DateShift: _date_shift,
    nodes.Elapsed: _elapsed,
    nodes.Extreme: _extreme,
    nodes.Rounded: _rounded,
    nodes.Converted: _converted,
    nodes.Amount: _amount,
    nodes.Choose: _choose,
    nodes.Aggregate: _aggregate,
    nodes.Classified: _classified,
    nodes.AllOf: _all_of,
    nodes.AnyOf: _any_of,
    nodes.Negation: _negation,
    nodes.AtLeast: _at_least,
    nodes.PointsReached: _points_reached,
    nodes.Comparison: _comparison,
    nodes.Membership: _membership,
    nodes.TableHas: _table_has,
    nodes.Contains: _contains,
    nodes.StartsWith: _starts_with,
    nodes.Quantified: _quantified,
}
