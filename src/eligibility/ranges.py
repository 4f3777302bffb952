"""Ranges of values: numbers and days from one to another, one of a few values, anything; and what becomes of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any, Final

from eligibility.datatypes import (
    JUDGEMENT,
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    Money,
    Truth,
    Unknown,
)
from eligibility.operations import whole

_MOST_VALUES: Final = 16


@dataclass(frozen=True, slots=True)
class Span:
    """Every number, day or sum of money from `low` to `high`, both included; `open`: or unknown; `whole`: whole numbers only."""

    low: Any
    high: Any
    open: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """One of a few values."""

    values: frozenset[Any]


@dataclass(frozen=True, slots=True)
class Records:
    """A list of records some fields of which are ranges."""

    items: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value at all."""


ANYTHING: Final = Anything()
ANY_TRUTH: Final = Several(frozenset((MET, NOT_MET, UNKNOWN_TRUTH, JUDGEMENT)))
RANGES: Final = (Span, Several, Records, Anything)


def possible(value: Any) -> tuple[Any, ...] | None:
    """The values a range stands for where they are few, a single value for itself; None where they are many."""
    kind = type(value)
    if kind is Several:
        return tuple(value.values)
    return None if kind in (Span, Records, Anything) else (value,)


def of(values: Iterable[Any]) -> Any:
    """The smallest range that has some values.

    >>> of([1, 1]), of([MET, MET])
    (1, met)
    """
    listed = list(values)
    first = listed[0]
    if all(each is first or (type(each) is type(first) and each == first) for each in listed):
        return first
    if any(isinstance(each, Anything | Records | tuple | Mapping) for each in listed):
        return ANYTHING
    flat = [each for value in listed for each in (possible(value) or ends_of(value))]
    if not any(isinstance(each, Span) for each in listed) and len(found := frozenset(flat)) <= _MOST_VALUES:
        return next(iter(found)) if len(found) == 1 else Several(found)
    known = [each for each in flat if each is not UNKNOWN]
    if not known or not all(is_ordered(each) for each in known) or len({_sort(each) for each in known}) != 1:
        return ANYTHING
    return Span(min(known, key=rank_of), max(known, key=rank_of), len(known) < len(flat))


def is_ordered(value: Any) -> bool:
    return isinstance(value, int | Fraction | date | Money)


def _sort(value: Any) -> object:
    """What must be the same for two values to have an order."""
    if isinstance(value, Money):
        return value.currency, value.period
    return date if isinstance(value, date) else int


def rank_of(value: Any) -> Any:
    """What values of one sort are ordered by."""
    return value.amount if isinstance(value, Money) else value


def ends_of(value: Any) -> tuple[Any, ...]:
    """The ends of a range of values that have an order, unknown included; the values of a set."""
    if isinstance(value, Span):
        return (value.low, value.high, UNKNOWN) if value.open else (value.low, value.high)
    return possible(value) or (ANYTHING,)


def may_vanish(value: Any) -> bool:
    """Whether a divisor may be nothing, or change its sign."""
    known = [rank_of(each) for each in ends_of(value) if not isinstance(each, Unknown)]
    return isinstance(value, RANGES) and bool(known) and min(known) <= 0 <= max(known)


def parts_of(value: Any) -> tuple[Any, ...]:
    """A range as a range that is not open, and unknown."""
    if isinstance(value, Span) and value.open:
        return (Span(value.low, value.high, whole=value.whole), UNKNOWN)
    return possible(value) or (value,)


def open_truth(value: Any) -> tuple[Truth, ...]:
    """Unknown, as a test of a range comes out where its value is."""
    return (UNKNOWN_TRUTH,) if isinstance(value, Span) and value.open else ()


def overlap(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Whether two ranges, by their ends, share a value."""
    one, other = ([rank_of(each) for each in side if not isinstance(each, Unknown)] for side in (left, right))
    return bool(one) and bool(other) and max(min(one), min(other)) <= min(max(one), max(other))


def _truths(value: Any) -> frozenset[Truth]:
    found = possible(value)
    return ANY_TRUTH.values if found is None else frozenset(found)


def folded(join: Any, parts: Sequence[Any]) -> Any:
    """The conjunction or disjunction of truths, each of which is one of several."""
    found = frozenset((join(()),))
    for part in parts:
        found = frozenset(join((one, other)) for one in found for other in _truths(part))
    return of(found)


_ORDER: Final = (NOT_MET, JUDGEMENT, MET)


def points(conditions: Sequence[Any], awards: Sequence[Any], limits: Sequence[Any], mark: Any) -> Any:
    """Whether points can reach a mark, from the least and the most of every sum; see `datatypes.reached`."""
    if not all(_is_number(each) for each in (mark, *awards)):
        return ANY_TRUTH
    marks = [each for each in ends_of(mark) if each is not UNKNOWN]
    least, most, judged = [0, 0], [0, 0], [0, 0]
    unbounded = [False, False]  # whether every, and whether some, highest sum has no bound
    for condition, award, limit in zip(conditions, awards, limits, strict=True):
        sums, bounded = _row(_truths(condition), ends_of(award), limit)
        for kept, place in ((least, 0), (most, 1), (judged, 2)):
            kept[0] += min(each[place] for each in sums)
            kept[1] += max(each[place] for each in sums)
        unbounded[0] |= bounded is False
        unbounded[1] |= bounded is not True
    if not marks:
        return UNKNOWN_TRUTH
    low, high = min(marks), max(marks)

    def between(lowest: Any, highest: Any) -> list[int]:
        levels = range(_level(lowest, judged[0], high), _level(highest, judged[1], low) + 1)
        return [level for level in levels if _ORDER[level] is not JUDGEMENT or judged[1] > 0]

    worst, best = between(least[0], least[1]), between(most[0], most[1])
    best = [2] if unbounded[0] else [*best, 2] if unbounded[1] else best
    ordered = all(limit is None or limit >= 0 for limit in limits)
    found = {_ORDER[one] if one == other else UNKNOWN_TRUTH for one in worst for other in best if one <= other or not ordered}
    if not any(UNKNOWN_TRUTH in _truths(each) for each in conditions) and not any(UNKNOWN in ends_of(each) for each in awards):
        found = {_ORDER[level] for level in worst}
    if len(marks) < len(ends_of(mark)) or _may_grant_anything(conditions, awards, limits):
        found.add(UNKNOWN_TRUTH)
    return of(found)


def _may_grant_anything(conditions: Sequence[Any], awards: Sequence[Any], limits: Sequence[Any]) -> bool:
    """Whether a human may grant points that nobody knows."""
    return any(
        JUDGEMENT in _truths(condition) and UNKNOWN in ends_of(award) and limit != 0
        for condition, award, limit in zip(conditions, awards, limits, strict=True)
    )


def _level(sure: Any, judged: Any, mark: Any) -> int:
    return 2 if sure >= mark else 1 if sure + judged >= mark else 0


def _is_number(value: Any) -> bool:
    return all(isinstance(each, int | Fraction | Unknown) for each in ends_of(value))


def _row(truths: frozenset[Truth], awards: Sequence[Any], limit: Any) -> tuple[list[tuple[Any, Any, Any]], bool | None]:
    """What a row can add to the least, to the most and to what a human may grant; and whether the most has a bound.

    None: it may or may not have one.
    """
    found: list[tuple[Any, Any, Any]] = []
    bounds: set[bool] = set()
    for truth, points in product(truths, awards):
        highest = limit if points is UNKNOWN else points
        lowest = 0 if points is UNKNOWN else points
        counts = truth in (MET, UNKNOWN_TRUTH)
        bounds.add(not (counts and highest is None))
        if truth is NOT_MET:
            found.append((0, 0, 0))
        elif truth is JUDGEMENT:
            found.append((0, 0, highest or 0))
        elif truth is MET:
            found.append((lowest, highest or 0, 0))
        else:
            found.append((min(0, lowest), max(0, highest or 0), 0))
    return found, bounds.pop() if len(bounds) == 1 else None


def aggregated(kind: str, found: Sequence[tuple[Any, ...]]) -> Any:
    """A count, sum, least or greatest value of items each of which may or may not be taken."""
    sure: list[Any] = []
    perhaps: list[Any] = []
    is_open = False
    for condition, body in found:
        truths = frozenset((MET,)) if condition is None else _truths(condition)
        if not truths & {MET}:
            if truths - {NOT_MET}:
                is_open = True
                if NOT_MET not in truths:
                    return UNKNOWN
            continue
        is_open |= bool(truths - {MET, NOT_MET})
        if isinstance(body, Anything | Records):
            return ANYTHING
        ends = (1,) if kind == "count" else ends_of(body)
        known = [each for each in ends if each is not UNKNOWN]
        if not all(is_ordered(each) for each in known):
            return ANYTHING
        is_open |= len(known) < len(ends)
        if known:
            (sure if truths == {MET} else perhaps).append((min(known, key=rank_of), max(known, key=rank_of)))
        elif truths == {MET}:
            return UNKNOWN
    if kind in ("count", "sum"):
        low: Any = sum(each[0] for each in sure) + sum(min(0, each[0]) for each in perhaps)
        high: Any = sum(each[1] for each in sure) + sum(max(0, each[1]) for each in perhaps)
        return _span(whole(low), whole(high), is_open=is_open)
    if not sure and not perhaps:
        return UNKNOWN
    pick = min if kind == "min" else max
    lows, highs = [each[0] for each in (*sure, *perhaps)], [each[1] for each in (*sure, *perhaps)]
    if not sure:
        return Span(min(lows), max(highs), open=True)
    if kind == "min":
        return _span(min(lows), pick(each[1] for each in sure), is_open=is_open)
    return _span(pick(each[0] for each in sure), max(highs), is_open=is_open)


def _span(low: Any, high: Any, *, is_open: bool) -> Any:
    return low if low == high and not is_open else Span(low, high, is_open)


__all__ = [
    "ANYTHING",
    "ANY_TRUTH",
    "RANGES",
    "Anything",
    "Records",
    "Several",
    "Span",
    "aggregated",
    "ends_of",
    "folded",
    "may_vanish",
    "of",
    "open_truth",
    "overlap",
    "parts_of",
    "points",
    "possible",
    "rank_of",
]
