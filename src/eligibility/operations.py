"""What each node means: for each class of node a function that makes the operation of a step, on values that may be unknown.

The engines share them, so that figures agree by construction. What stays the same from case to case is looked up when the
operation is made, not when it runs. Nodes that the period settles (constants, parameters, lists,
judgement) keep the value they have: it stands in `CompiledRules.start`.
"""

from __future__ import annotations

import math
import operator
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from eligibility import nodes
from eligibility.datatypes import (
    JUDGEMENT,
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    Money,
    MoneyType,
    Number,
    Truth,
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

Operation = Callable[[Values, Inputs, "Sequence[Step]"], Any]
"""Gives the value of a step from the values of the steps it reads; a quantifier also runs the steps of its body."""

_UNKNOWN_OF: Final[dict[bool, Value]] = {True: UNKNOWN_TRUTH, False: UNKNOWN}


@dataclass(frozen=True, slots=True)
class Step:
    """One node to run: the steps it reads, the data the period binds, and for quantifiers the steps run for each item.

    `boolean` says whether it yields a truth, `operation` gives its value once its inputs have theirs. Operations are made
    when they are first asked for, as are the data of a table, by `gather`: most runs need few of them.
    """

    index: int
    node: nodes.Node
    inputs: tuple[int, ...]
    data: object = None
    body: tuple[int, ...] = ()
    slots: tuple[int, ...] = ()
    boolean: bool = False
    gather: Callable[[], object] | None = field(init=False, repr=False, compare=False, default=None)
    operation: Operation = field(init=False, repr=False, compare=False)

    @classmethod
    def of_table(
        cls, index: int, node: nodes.Node, inputs: tuple[int, ...], gather: Callable[[], object], *, boolean: bool
    ) -> Step:
        """A step whose data are what `gather` gives, always the same."""
        step = cls(index, node, inputs, boolean=boolean)
        object.__delattr__(step, "data")
        object.__setattr__(step, "gather", gather)
        return step

    if not TYPE_CHECKING:  # for the type checker the fields are there

        def __getattr__(self, name: str) -> object:
            """What a field holds that is asked for the first time."""
            if name == "operation":
                found = OPERATIONS.get(type(self.node), _settled)(self)
            elif name == "data" and self.gather is not None:
                found = self.gather()
            else:
                raise AttributeError(f"a step has no `{name}`")
            object.__setattr__(self, name, found)
            return found


def _settled(step: Step) -> Operation:
    index = step.index
    return lambda values, inputs, steps: values[index]


def _fact(step: Typed) -> Operation:
    path, unknown, otherwise = step.node.path, _UNKNOWN_OF[step.boolean], step.data
    if not step.inputs:
        return lambda values, inputs, steps: inputs.facts.get(path, unknown)
    (applies,) = step.inputs

    def fact(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        return otherwise if values[applies] is NOT_MET else inputs.facts.get(path, unknown)

    return fact


def _assumed(step: Typed) -> Operation:
    (fact,), assumed = step.inputs, step.node.value

    def stated(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        value = values[fact]
        return assumed if value is UNKNOWN or value is UNKNOWN_TRUTH else value

    return stated


def _as_of(step: Typed) -> Operation:
    return lambda values, inputs, steps: inputs.as_of


def _keys(indices: Sequence[int], values: Values) -> tuple[str, ...] | None:
    keys = []
    for index in indices:
        key = values[index]
        if key is UNKNOWN or key is UNKNOWN_TRUTH or key is JUDGEMENT:
            return None
        keys.append(str(key))
    return tuple(keys)


def _rows(step: Typed) -> Any:
    """What finds the row of a key: for one case not all rows are gathered."""
    return step.data if step.gather is None else step.gather


def _lookup(step: Typed) -> Operation:
    reads, rows, column, nothing = step.inputs, _rows(step), step.node.column, _UNKNOWN_OF[step.boolean]
    if rows is UNKNOWN:
        return lambda values, inputs, steps: nothing

    def cell(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        keys = _keys(reads, values)
        row = None if keys is None else rows.get(keys)
        return nothing if row is None else row.cells.get(column, nothing)

    return cell


def _table_has(step: Typed) -> Operation:
    reads, rows = step.inputs, _rows(step)

    def has(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        keys = _keys(reads, values)
        if keys is None or rows is UNKNOWN:
            return UNKNOWN_TRUTH
        return MET if keys in rows else NOT_MET

    return has


def _product(one: Number, other: Number) -> Number:
    return _reduced(one.numerator * other.numerator, one.denominator * other.denominator)


def _quotient(one: Number, other: Number) -> Number | Unknown:
    return UNKNOWN if other == 0 else _reduced(one.numerator * other.denominator, one.denominator * other.numerator)


def _reduced(above: int, below: int) -> Number:
    return Fraction(above, below) if above % below else above // below


_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _product,
    "/": _quotient,
}


def _arithmetic(step: Typed) -> Operation:
    left, right = step.inputs
    combine = _ARITHMETIC[step.node.operator]

    def calculated(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        a, b = values[left], values[right]
        return UNKNOWN if a is UNKNOWN or b is UNKNOWN else whole(combine(a, b))

    return calculated


def whole(number: Any) -> Any:
    """A number as an `int` where it is whole: equal values have one form. Anything else as it is."""
    return number.numerator if type(number) is Fraction and number.denominator == 1 else number


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


def _date_shift(step: Typed) -> Operation:
    start, count = step.inputs
    sign, unit = step.node.sign, step.node.unit

    def shifted(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        day, amount = values[start], values[count]
        return shift(day, sign * amount, unit) if isinstance(day, date) and isinstance(amount, int) else UNKNOWN

    return shifted


def _elapsed(step: Typed) -> Operation:
    first, last = step.inputs
    unit = step.node.unit

    def passed(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        start, end = values[first], values[last]
        return elapsed(start, end, unit) if isinstance(start, date) and isinstance(end, date) else UNKNOWN

    return passed


def _extreme(step: Typed) -> Operation:
    reads, pick = step.inputs, min if step.node.kind == "min" else max

    def picked(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        items = [values[index] for index in reads]
        return UNKNOWN if UNKNOWN in items else pick(items)

    return picked


def _rounded(step: Typed) -> Operation:
    exact, multiple = step.inputs
    mode = step.node.mode

    def rounded(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        number, unit = values[exact], values[multiple]
        if isinstance(number, Unknown):
            return UNKNOWN
        times = Fraction(number) / unit
        match mode:
            case "up":
                count = math.ceil(times)
            case "down":
                count = math.floor(times)
            case _:
                count = math.floor(times + Fraction(1, 2))
        return whole(count * unit)

    return rounded


def _converted(step: Typed) -> Operation:
    node = step.node
    money_index, *others = step.inputs
    hours_index = others.pop(0) if node.hours_per_week is not None else None
    weeks_index = others.pop(0) if node.weeks_per_year is not None else None
    states_unit = isinstance(node.money.type, MoneyType)
    target = node.type.unit

    def converted(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        money = values[money_index]
        if isinstance(money, Unknown):
            return UNKNOWN
        if states_unit:
            amount, currency, period = money.amount, money.currency, money.period
        else:
            unit = node.money.type.unit
            amount, currency, period = money, unit.currency or "", unit.period
        if currency != target.currency:
            return UNKNOWN
        if period == target.period:
            return amount
        hours = UNKNOWN if hours_index is None else values[hours_index]
        weeks = UNKNOWN if weeks_index is None else values[weeks_index]
        above, below = periods_a_year(period, hours, weeks), periods_a_year(target.period, hours, weeks)
        return UNKNOWN if above is None or not below else whole(Fraction(amount * above) / below)

    return converted


def _amount(step: Typed) -> Operation:
    (stated,) = step.inputs

    def amount(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        money = values[stated]
        return money.amount if isinstance(money, Money) else UNKNOWN

    return amount


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


def _choose(step: Typed) -> Operation:
    reads, boolean = step.inputs, step.boolean

    def chosen(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        condition, then, otherwise = (values[index] for index in reads)
        if condition is MET:
            return then
        if condition is NOT_MET:
            return otherwise
        if not boolean:
            return UNKNOWN
        if then is otherwise:
            return then
        if condition is UNKNOWN_TRUTH:
            return UNKNOWN_TRUTH
        return any_of([all_of([JUDGEMENT, then]), all_of([JUDGEMENT, otherwise])])

    return chosen


def each_item(step: Typed, values: Values, inputs: Inputs, steps: Sequence[Step]) -> list[tuple[Any, ...]]:
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
            values[index] = steps[index].operation(values, inputs, steps)
        found.append(tuple(UNKNOWN if index < 0 else values[index] for index in wanted))
    return found


def _quantified(step: Typed) -> Operation:
    source = step.inputs[0]
    combine = any_of if step.node.kind == "any" else all_of

    def quantified(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        if values[source] is UNKNOWN:
            return UNKNOWN_TRUTH
        return combine(body for (body,) in each_item(step, values, inputs, steps))

    return quantified


def _aggregate(step: Typed) -> Operation:
    node, source = step.node, step.inputs[0]

    def aggregate(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        if values[source] is UNKNOWN:
            return UNKNOWN
        taken: list[Any] = []
        for condition, body in each_item(step, values, inputs, steps):
            truth = MET if node.condition is None else condition
            if truth is NOT_MET:
                continue
            if truth is not MET or (node.body is not None and isinstance(body, Unknown)):
                return UNKNOWN
            taken.append(body)
        match node.kind:
            case "count":
                return len(taken)
            case "sum":
                return whole(sum(taken))
            case "min":
                return min(taken, default=UNKNOWN)
            case _:
                return max(taken, default=UNKNOWN)

    return aggregate


def _classified(step: Typed) -> Operation:
    node, reads = step.node, step.inputs
    rule = {"collect": _collected, "unique": _unique, "first": _first}[node.hit]

    def classified(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        return rule([values[index] for index in reads], node.values, node.otherwise)

    return classified


def _is_open(truths: Sequence[Truth]) -> bool:
    return any(truth is not MET and truth is not NOT_MET for truth in truths)


def _collected(truths: Sequence[Truth], results: Sequence[Any], otherwise: Any) -> Any:
    if _is_open(truths):
        return UNKNOWN
    met = [result for truth, result in zip(truths, results, strict=True) if truth is MET]
    return tuple(dict.fromkeys(met)) or (() if isinstance(otherwise, Unknown) else (otherwise,))


def _unique(truths: Sequence[Truth], results: Sequence[Any], otherwise: Any) -> Any:
    met = [result for truth, result in zip(truths, results, strict=True) if truth is MET]
    if _is_open(truths) or len(set(met)) > 1:
        return UNKNOWN
    return met[0] if met else otherwise


def _first(truths: Sequence[Truth], results: Sequence[Any], otherwise: Any) -> Any:
    """The result of the first true row, where the open rows before it would give the same."""
    possible: list[Any] = []
    for truth, result in zip(truths, results, strict=True):
        if truth is not NOT_MET:
            possible.append(result)
        if truth is MET:
            break
    else:
        possible.append(otherwise)
    return possible[0] if all(result == possible[0] for result in possible) else UNKNOWN


def _all_of(step: Typed) -> Operation:
    reads = step.inputs

    def conjunction(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        for index in reads:
            if values[index] is not MET:  # most parts are met: only where one is not is there something to weigh
                return all_of([values[index] for index in reads])
        return MET

    return conjunction


def _any_of(step: Typed) -> Operation:
    reads = step.inputs

    def disjunction(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        for index in reads:
            if values[index] is not NOT_MET:
                return any_of([values[index] for index in reads])
        return NOT_MET

    return disjunction


def _negation(step: Typed) -> Operation:
    (read,) = step.inputs
    return lambda values, inputs, steps: negate(values[read])


def _at_least(step: Typed) -> Operation:
    count, reads = step.node.count, step.inputs
    return lambda values, inputs, steps: at_least(count, [values[index] for index in reads])


def _points_reached(step: Typed) -> Operation:
    node = step.node
    count, pass_mark = len(node.conditions), step.inputs[-1]
    rows = tuple(zip(step.inputs[:count], step.inputs[count:-1], node.most, strict=True))

    def points_reached(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        mark = values[pass_mark]
        if isinstance(mark, Unknown):
            return UNKNOWN_TRUTH
        least: Number = 0
        most: Number | None = 0
        granted: Number = 0
        grantable: Number | None = 0
        for condition, award, limit in rows:
            truth, points = values[condition], values[award]
            if truth is NOT_MET:
                continue
            highest = limit if isinstance(points, Unknown) else points
            lowest = 0 if isinstance(points, Unknown) else points
            if truth is JUDGEMENT:
                granted += lowest
                grantable = None if grantable is None or highest is None else grantable + highest
                continue
            least += lowest if truth is MET else min(0, lowest)
            most = None if most is None or highest is None else most + (highest if truth is MET else max(0, highest))
        if granted == grantable:
            return reached(mark, least, most, granted)
        enough = max(0, mark - least) if grantable is None else grantable
        sure, possible = reached(mark, least, most, granted), reached(mark, least, most, enough)
        return sure if sure is possible else UNKNOWN_TRUTH

    return points_reached


def _comparison(step: Typed) -> Operation:
    one, other = step.inputs
    holds = comparator(step.node.operator, step.node.order)

    def compared(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        left, right = values[one], values[other]
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN_TRUTH
        return MET if holds(left, right) else NOT_MET

    return compared


_COMPARATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def comparator(sign: str, order: Sequence[str] | None) -> Callable[[Any, Any], bool]:
    """What compares two known values of one type; the values of an ordered choice by rank.

    >>> comparator(">=", ("low", "high"))("high", "low")
    True
    """
    plain = _COMPARATORS[sign]
    if order is None:
        return plain
    rank = {value: position for position, value in enumerate(order)}
    return lambda left, right: plain(rank[left], rank[right])


def _membership(step: Typed) -> Operation:
    one, many = step.inputs

    def among(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        item, collection = values[one], values[many]
        if item is UNKNOWN or collection is UNKNOWN:
            return UNKNOWN_TRUTH
        return MET if item in collection else NOT_MET

    return among


@lru_cache(maxsize=1024)
def words(text: str) -> str:
    """A text as lower-case words between single blanks, for finding phrases."""
    letters = "".join(character if character.isalnum() else " " for character in text.casefold())
    return f" {' '.join(letters.split())} "


def _contains(step: Typed) -> Operation:
    (searched,), phrases = step.inputs, [words(phrase) for phrase in step.node.phrases]

    def contains(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        text = values[searched]
        if not isinstance(text, str):
            return UNKNOWN_TRUTH
        within = words(text)
        return MET if any(phrase in within for phrase in phrases) else NOT_MET

    return contains


def _starts_with(step: Typed) -> Operation:
    code_index, prefixes_index = step.inputs

    def starts_with(values: Values, inputs: Inputs, steps: Sequence[Step]) -> Any:
        code, prefixes = values[code_index], values[prefixes_index]
        if not isinstance(code, str) or isinstance(prefixes, Unknown):
            return UNKNOWN_TRUTH
        return MET if any(code.startswith(str(prefix)) for prefix in prefixes) else NOT_MET

    return starts_with


OPERATIONS: Final[dict[type, Callable[[Step], Operation]]] = {
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
