"""The values a value may be mistaken for: one unit more or less, a day earlier or later, another word, one entry fewer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeVar

from eligibility.datatypes import (
    MET,
    NOT_MET,
    ChoiceType,
    CodeType,
    CountryType,
    ListType,
    Number,
    NumberType,
    Truth,
    Type,
    Value,
    exact,
)
from eligibility.fitting import MAXIMUM_DECIMALS, Codes
from eligibility.rulebook import Interval

SAMPLE: Final = 32  # entries of a list, or rows of a table for each column, that are changed unless all are asked for
_ONE_DAY: Final = timedelta(days=1)
T = TypeVar("T")


def neighbours(value: Value, kind: Type, codes: Codes, printed: Decimal | int | None = None, unit: str = "") -> Iterator[Value]:
    """The values next to a value of a type; `printed` is the number as it is written, with the `unit` beside it."""
    match value:
        case Truth():
            yield NOT_MET if value is MET else MET
        case int() | Fraction():
            step = smallest_step(value, kind, codes, printed, unit)
            yield from (_whole(value + step), _whole(value - step))
        case date():
            yield from days_beside(value)
        case str():
            yield from _other_texts(value, kind, codes)
        case tuple():
            element = kind.element if isinstance(kind, ListType) else kind
            for position in range(len(value)):
                yield (*value[:position], *value[position + 1 :])
            if len(value) == 1 and isinstance(value[0], str):
                yield from ((other,) for other in _other_texts(value[0], element, codes))


def _whole(number: Number) -> Number:
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number


def smallest_step(value: Number, kind: Type, codes: Codes, printed: Decimal | int | None = None, unit: str = "") -> Number:
    """One minor unit of money, else one in the last place that is printed."""
    currency = kind.unit.currency if isinstance(kind, NumberType) else None
    if currency is not None:
        return exact(Decimal(1).scaleb(-codes.currencies.get(currency, 2)))
    share = 100 if unit == "percent" else 1
    if isinstance(printed, Decimal):
        return _whole(Fraction(exact(Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent))))) / share)
    return _whole(Fraction(1, 10 ** _places(value * share)) / share)


def _places(number: Number) -> int:
    """How many decimals a number has when it is written out."""
    return next((places for places in range(MAXIMUM_DECIMALS) if (number * 10**places).denominator == 1), 0)


def days_beside(day: date) -> Iterator[date]:
    """The day after and the day before."""
    if day < date.max:
        yield day + _ONE_DAY
    if day > date.min:
        yield day - _ONE_DAY


def _other_texts(value: str, kind: Type, codes: Codes) -> Iterator[str]:
    """Another word of the vocabulary, another country, another code of the scheme, another text."""
    match kind:
        case ChoiceType(values=values):
            if len(values) > 1 and value in values:
                yield values[(values.index(value) + 1) % len(values)]
        case CountryType():
            listed = sorted(codes.countries)
            if len(listed) > 1 and value in listed:
                yield listed[(listed.index(value) + 1) % len(listed)]
        case CodeType(pattern=pattern):
            others = (value[:-1] + digit for digit in "1234567890" if digit != value[-1:])
            found = next((other for other in others if re.fullmatch(pattern, other, re.ASCII)), None)
            if found is not None:
                yield found
        case _:
            yield f"{value}x"


def moved(interval: Interval, end: str, day: date) -> Interval | None:
    """An interval with one of its ends, `start` or `until`, on another day; None where nothing would be left of it."""
    found = Interval(day, interval.until) if end == "start" else Interval(interval.start, day)
    empty = found.start is not None and found.until is not None and found.until <= found.start
    return None if empty else found


def sampled(items: Sequence[T], *, every: bool = False) -> list[T]:
    """The first, the last and as many between them as a sample holds, spread evenly; or every item."""
    if every or len(items) <= SAMPLE:
        return list(items)
    return [items[position * (len(items) - 1) // (SAMPLE - 1)] for position in range(SAMPLE)]
