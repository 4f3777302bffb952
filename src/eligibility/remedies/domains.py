"""What may be changed, by whom, and to which values: of a number the nearest that passes a test, of a choice all that do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final, cast

from eligibility.datatypes import (
    MET,
    NOT_MET,
    BooleanType,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    ListType,
    Money,
    MoneyType,
    Number,
    NumberType,
    RecordType,
    TextType,
    Type,
    Value,
)
from eligibility.operations import whole
from eligibility.remedies.changes import Place
from eligibility.rulebook import FactDeclaration, RuleBook

NOBODY: Final = "nobody"
TIME: Final = "time"
_DECIMALS: Final = 2  # a decimal is changed in hundredths
_PERCENT: Final = 10_000  # parts of one whole in a hundredth of a percent
_GROWTH: Final = 4  # each step away from what is stated is so many times as long as the last
_START: Final = 256  # the first step is this part of what is stated
_FURTHEST: Final = 64  # times what is stated; where nothing is, so many times this many units
_MOST_CODES: Final = 400
_MOST_FOUND: Final = 6
_DONE: Final = (
    ChoiceType,
    CodeType,
    CountryType,
    TextType,
    DateType,
)  # what makes a record the one it is: another is added instead

Test = Callable[[Value], bool]


@dataclass(frozen=True, slots=True)
class Adjustable:
    """A place whose value may be changed: its type, its declaration, who can change it, and what it holds now (None: nothing)."""

    place: Place
    type: Type
    declared: FactDeclaration
    outer: FactDeclaration
    now: Value | None

    @property
    def who(self) -> str:
        """Who can change it."""
        return self.outer.changed_by


class Domains:
    """The values that facts may be changed to.

    With `anything` also facts that nobody can change, dates in the past, and time running backwards.
    """

    def __init__(self, book: RuleBook, as_of: date, *, anything: bool = False) -> None:
        self.book = book
        self.as_of = as_of
        self.anything = anything

    def allowed(self, path: str) -> bool:
        """Whether somebody can change a fact."""
        return self.anything or self.book.facts[path].changed_by != NOBODY

    def adjustable(self, place: Place, facts: Mapping[str, Value]) -> Adjustable | None:
        """A place that may be changed, None where it may not."""
        if not self.allowed(place.path):
            return None
        outer = self.book.facts[place.path]
        now = facts.get(place.path)
        if place.position < 0:
            return Adjustable(place, outer.type, outer, outer, now)
        kind = outer.type
        inner = outer.fields.get(place.field)
        if inner is None or not isinstance(kind, ListType) or not isinstance(kind.element, RecordType):
            return None
        items = now if isinstance(now, tuple) else ()
        if place.position < len(items) and not self.anything and isinstance(inner.type, _DONE):
            return None
        record = cast("Mapping[str, Value]", items[place.position]) if place.position < len(items) else {}
        return Adjustable(place, inner.type, inner, outer, record.get(place.field))

    # values that pass

    def passing(self, each: Adjustable, test: Test, texts: Sequence[str] = ()) -> Iterator[Value]:
        """The values that pass a test: the nearest number or date on either side, of other types all, the nearest first.

        `texts` are the codes, countries and texts that are worth trying.
        """
        match each.type:
            case NumberType() | MoneyType():
                yield from self._numbers(each, test)
            case DateType():
                yield from self._dates(each, test)
            case ListType(element=element):
                yield from self._lists(each, element, test, texts)
            case _:
                found = 0
                for value in self.others(each, texts):
                    if test(value):
                        yield value
                        found += 1
                        if found >= _MOST_FOUND:
                            return

    def others(self, each: Adjustable, texts: Sequence[str] = ()) -> Iterator[Value]:
        """The values of a closed domain other than the one that is stated, the nearest first."""
        for value in self._closed(each.type, texts):
            if value != each.now and self._passes_in_time(each, value):
                yield value

    def _passes_in_time(self, each: Adjustable, value: Value) -> bool:
        """Time makes nothing smaller, and takes no step down."""
        if self.anything or each.who != TIME or not isinstance(each.type, ChoiceType) or not each.type.ordered:
            return True
        rank = each.type.values.index
        return each.now is None or rank(cast("str", value)) > rank(cast("str", each.now))

    def _closed(self, kind: Type, texts: Sequence[str]) -> Iterable[Value]:
        match kind:
            case BooleanType():
                return (MET, NOT_MET)
            case ChoiceType(values=values):
                return values
            case NumberType() | MoneyType() | DateType() | RecordType() | ListType():
                return ()
        return texts[:_MOST_CODES]

    # numbers

    def grid(self, each: Adjustable) -> Number:
        """The smallest amount by which a number is changed: a minor unit of money, one of what is counted, a hundredth."""
        if isinstance(each.now, Money):
            return Fraction(1, 10 ** self.book.codes.currencies.get(each.now.currency, _DECIMALS))
        if isinstance(each.type, NumberType) and each.type.unit.currency:
            return Fraction(1, 10 ** self.book.codes.currencies.get(each.type.unit.currency, _DECIMALS))
        if each.declared.integer:
            return 1
        return Fraction(1, _PERCENT if each.declared.unit == "percent" else 10**_DECIMALS)

    def made(self, each: Adjustable, number: Number) -> Value:
        """The value of a place with another number."""
        return replace(each.now, amount=whole(number)) if isinstance(each.now, Money) else cast("Value", whole(number))

    def bounds(self, each: Adjustable, now: Number) -> tuple[Number, Number]:
        """The least and the greatest number a place may hold."""
        scale = Fraction(1, 100) if each.declared.unit == "percent" else 1
        size = max(abs(Fraction(now)), Fraction(self.grid(each) * _FURTHEST))
        low, high = each.declared.minimum, each.declared.maximum
        least: Number = (0 if now >= 0 else now - size * _FURTHEST) if low is None else low * scale
        most: Number = now + size * _FURTHEST if high is None else high * scale
        if each.who == TIME and not self.anything and each.now is not None:
            least = max(least, now)
        return least, most

    def number(self, each: Adjustable) -> Number | None:
        """The number a place holds; zero where nothing is stated; None for money of which no currency is known."""
        if isinstance(each.now, Money):
            return each.now.amount
        if each.now is None:
            return None if isinstance(each.type, MoneyType) else 0
        return cast("Number", each.now)

    def _numbers(self, each: Adjustable, test: Test) -> Iterator[Value]:
        now = self.number(each)
        if now is None:
            return
        grid = self.grid(each)
        least, most = self.bounds(each, now)
        at = Fraction(now) / grid
        first = max(1, math.floor(abs(at) / _START))
        ends = (math.floor(Fraction(most) / grid), math.ceil(Fraction(least) / grid))
        for sign, end in zip((1, -1), ends, strict=True):
            start = math.floor(at) if sign > 0 else math.ceil(at)
            found = nearest(start, end, first, lambda count: test(self.made(each, count * grid)))
            if found is not None:
                yield self.made(each, found * grid)

    # dates

    def days(self) -> tuple[int, int]:
        """The first and the last day a place may hold; a date that has passed cannot be put elsewhere in the past."""
        today = self.as_of.toordinal()
        furthest = 366 * _FURTHEST
        return (max(1, today - furthest) if self.anything else today), min(date.max.toordinal(), today + furthest)

    def _dates(self, each: Adjustable, test: Test) -> Iterator[Value]:
        now = each.now.toordinal() if isinstance(each.now, date) else self.as_of.toordinal()
        first, last = self.days()
        if each.who == TIME and not self.anything:
            first = max(first, now)

        def on(day: int) -> bool:
            return test(date.fromordinal(day))

        if each.now is None and first <= now and on(now):
            yield self.as_of
            return
        ahead = max(now, first - 1)
        if ahead > now and on(first):
            yield date.fromordinal(first)
        elif (found := nearest(ahead, last, 1, on)) is not None:
            yield date.fromordinal(found)
        if first < now and (found := nearest(now, first, 1, on)) is not None:
            yield date.fromordinal(found)

    # lists of plain values

    def _lists(self, each: Adjustable, element: Type, test: Test, texts: Sequence[str]) -> Iterator[Value]:
        now = each.now if isinstance(each.now, tuple) else ()
        found = 0
        for item in self._closed(element, texts):
            if item not in now and test((*now, item)):
                yield (*now, item)
                found += 1
                if found >= _MOST_FOUND:
                    break
        for position in range(len(now)):
            rest = (*now[:position], *now[position + 1 :])
            if test(rest):
                yield rest
        for item in now if len(now) > 1 else ():
            if test((item,)):
                yield (item,)
        if len(now) > 1 and test(()):
            yield ()


def nearest(start: int, end: int, first: int, test: Callable[[int], bool]) -> int | None:
    """The whole number nearest to a start, on the way to an end, that passes a test; the start itself does not.

    Exact where all further ones pass too; else one that passes while its neighbour towards the start does not.
    """
    sign = 1 if end >= start else -1
    failed, length = start, first
    while failed != end:
        tried = failed + sign * length
        if (tried - end) * sign > 0:
            tried = end
        if test(tried):
            return boundary(failed, tried, test)
        failed, length = tried, length * _GROWTH
    return None


def boundary(failed: int, passed: int, test: Callable[[int], bool]) -> int:
    """Between a number that fails a test and one that passes it, one that passes beside one that fails."""
    while abs(passed - failed) > 1:
        middle = (passed + failed) // 2
        if test(middle):
            passed = middle
        else:
            failed = middle
    return passed


__all__ = ["NOBODY", "TIME", "Adjustable", "Domains", "Test", "boundary", "nearest"]
