"""What a fact may be changed to so that a condition that reads it comes out otherwise: neighbours of what it is held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from eligibility.datatypes import (
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
    Truth,
    Type,
)
from eligibility.operations import shift
from eligibility.rulebook import FactDeclaration

_ONE_DAY: Final = timedelta(days=1)
_FACTORS: Final = (1, 12, Fraction(1, 12))  # a yearly figure may bind a monthly one, and the other way round
_LONGEST: Final = 200
_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Anchors:
    """The values a condition and everything below it come to or are made of: what facts are compared with."""

    numbers: tuple[Number, ...]
    dates: tuple[date, ...]
    texts: tuple[str, ...]
    money: tuple[str, str | None] | None

    @staticmethod
    def of(values: Iterable[object], as_of: date) -> Anchors:
        """The numbers, dates and texts among some values, each once."""
        numbers, dates, texts = dict[Number, None](), {as_of: None}, dict[str, None]()
        money: tuple[str, str | None] | None = None
        waiting = list(values)
        for value in waiting:
            match value:
                case bool() | Truth():
                    continue
                case int() | Fraction():
                    numbers[value] = None
                case Money():
                    numbers[value.amount] = None
                    money = money or (value.currency, value.period)
                case date():
                    dates[value] = None
                case str():
                    texts[value] = None
                case frozenset():
                    waiting.extend(sorted(map(str, value)))
                case tuple():
                    waiting.extend(value)
        return Anchors(tuple(numbers), tuple(dates), tuple(texts), money)


def changes(declared: FactDeclaration, stated: object, anchors: Anchors) -> Iterator[object]:
    """What a fact may be stated as instead, as plain data; None says that it is not stated. Without repetitions."""
    seen: list[object] = [stated]
    kind = declared.type
    if isinstance(kind, ListType):
        found = _lists(declared, kind.element, stated, anchors)
    else:
        found = _scalars(kind, stated, anchors, whole=declared.integer, percent=declared.unit == "percent")
    for value in (None, *found):
        if value not in seen:
            seen.append(value)
            yield value


def _scalars(kind: Type, stated: object, anchors: Anchors, *, whole: bool, percent: bool) -> Iterator[object]:
    match kind:
        case BooleanType():
            yield from (True, False)
        case ChoiceType(values=values):
            yield from values
        case CountryType() | CodeType() | TextType():
            yield from anchors.texts[:_MOST]
            yield from _other_texts(kind, stated)
        case DateType():
            yield from _dates(anchors)
        case MoneyType():
            yield from _money(stated, anchors)
        case NumberType(unit=unit):
            step = Decimal(1) if whole or not unit.currency else Decimal("0.01")
            steps = (step,) if whole or unit.currency else (step, Decimal("0.1"))
            for number in (*anchors.numbers, 0):
                near = _decimal(number * 100 if percent else number, step)
                yield from (near, *(near + sign * each for each in steps for sign in (1, -1)))


def _decimal(number: Number, step: Decimal) -> Decimal:
    """A number rounded to a multiple of a step."""
    return (Decimal(number.numerator) / Decimal(number.denominator) / step).to_integral_value() * step


def _money(stated: object, anchors: Anchors) -> Iterator[object]:
    unit = anchors.money
    if isinstance(stated, Mapping) and "currency" in stated:
        unit = (str(stated["currency"]), stated.get("period"))
    if unit is None:
        return
    cent = Decimal("0.01")
    for factor in _FACTORS:
        for number in (*anchors.numbers, 0):
            amount = _decimal(number * factor, cent)
            for each in (amount, amount - cent, amount + cent, amount + 1):
                if each >= 0:
                    yield {"amount": each, "currency": unit[0], "period": unit[1]}


def _dates(anchors: Anchors) -> Iterator[object]:
    for day in anchors.dates:
        yield from (day, day - _ONE_DAY, day + _ONE_DAY)
    for number in anchors.numbers:
        if not isinstance(number, int) or not 0 < abs(number) <= _LONGEST:
            continue
        for day in anchors.dates:
            for unit in ("year", "month", "day", "week"):
                for sign in (-1, 1):
                    moved = shift(day, sign * number, unit)
                    if isinstance(moved, date):
                        yield from (moved, moved - _ONE_DAY, moved + _ONE_DAY)


def _other_texts(kind: Type, stated: object) -> Iterator[object]:
    """A code or text that is probably on no list."""
    if isinstance(kind, TextType):
        yield "something else"
    if isinstance(kind, CodeType) and isinstance(stated, str) and stated:
        last = stated[-1]
        yield from (stated[:-1] + each for each in "0123456789" if each != last)


def _lists(declared: FactDeclaration, element: Type, stated: object, anchors: Anchors) -> Iterator[object]:
    yield []
    present = list(stated) if isinstance(stated, list | tuple) else []
    if isinstance(element, RecordType):
        yield from _records(declared, element, present, anchors)
        return
    for value in _scalars(element, present[0] if present else None, anchors, whole=False, percent=False):
        yield [value]
        if present:
            yield [*present, value]


def _records(declared: FactDeclaration, element: RecordType, present: list[object], anchors: Anchors) -> Iterator[object]:
    """Each record with one field changed, and the list with one more record."""
    records = [each for each in present if isinstance(each, Mapping)] or [{}]
    for position, record in enumerate(records):
        for name, kind in element.fields:
            inner = declared.fields[name]
            if isinstance(kind, ListType):
                values: Iterator[object] = _lists(inner, kind.element, record.get(name), anchors)
            else:
                percent = inner.unit == "percent"
                values = _scalars(kind, record.get(name), anchors, whole=inner.integer, percent=percent)
            for value in (None, *values):
                if value != record.get(name):
                    rest = {key: each for key, each in record.items() if key != name}
                    changed = rest if value is None else rest | {name: value}
                    yield [*records[:position], changed, *records[position + 1 :]]
