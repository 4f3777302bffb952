"""Values in words: money with its currency and period, quantities with their unit, dates, labels of choices. Exact: nothing is rounded away silently."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from eligibility.datatypes import (
    BARE,
    MET,
    NOT_MET,
    ChoiceType,
    CountryType,
    ListType,
    Money,
    Number,
    NumberType,
    Truth,
    Type,
    Unit,
    Unknown,
    Value,
)
from eligibility.rulebook import RuleBook

_SHOWN_DECIMALS: Final = 6


def plain_number(number: Number, decimals: int | None = None) -> str:
    """A number with thousands separators; an inexact decimal is cut to six places and marked with `…`.

    >>> plain_number(41700), plain_number(Fraction(75, 2)), plain_number(Fraction(122528, 3), 2)
    ('41,700', '37.5', '40,842.66…')
    """
    if isinstance(number, int):
        return f"{number:,}" if not decimals else f"{number:,}"
    places = _SHOWN_DECIMALS if decimals is None else decimals
    scaled = abs(number) * 10**places
    digits = scaled.numerator // scaled.denominator
    exact_here = scaled.denominator == 1
    text = f"{Decimal(digits).scaleb(-places):,f}"
    if exact_here and decimals is None:
        text = text.rstrip("0").rstrip(".")
    sign = "-" if number < 0 else ""
    return f"{sign}{text}{'' if exact_here else '…'}"


def money(amount: Number, currency: str, period: str | None, digits: int = 2) -> str:
    """An amount of money, whole amounts without decimals.

    >>> money(41700, "GBP", "year")
    'GBP 41,700 a year'
    """
    shown = plain_number(amount, digits) if isinstance(amount, Fraction) else plain_number(amount)
    return f"{currency} {shown}" + (f" {'an' if period == 'hour' else 'a'} {period}" if period else "")


def quantity(number: Number, unit: Unit) -> str:
    """A number with its unit.

    >>> quantity(1, Unit.parse("years")), quantity(40, Unit.parse("hours/week"))
    ('1 year', '40 hours a week')
    """
    if unit == BARE:
        return plain_number(number)
    words = str(unit)
    above, _, below = words.partition("/")
    if number in (1, -1):
        above = above.removesuffix("s")
    return f"{plain_number(number)} {above}" + (f" {'an' if below == 'hour' else 'a'} {below}" if below else "")


def show(value: Value, kind: Type, book: RuleBook, unit: str | None = None) -> str:
    """A value in words, by its type; `unit` is the unit the rule writes, for percentages."""
    if isinstance(value, Unknown) or value is Truth.UNKNOWN:
        return "unknown"
    if isinstance(value, Truth):
        return "yes" if value is MET else "no" if value is NOT_MET else "for a human to judge"
    if isinstance(value, Money):
        return money(value.amount, value.currency, value.period, book.codes.currencies.get(value.currency, 2))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Fraction):
        if unit == "percent":
            return f"{plain_number(value * 100)} %"
        if isinstance(kind, NumberType) and kind.unit.currency:
            return money(value, kind.unit.currency, kind.unit.period, book.codes.currencies.get(kind.unit.currency, 2))
        return quantity(value, kind.unit) if isinstance(kind, NumberType) else plain_number(value)
    if isinstance(value, tuple):
        element = kind.element if isinstance(kind, ListType) else kind
        return ", ".join(show(each, element, book) for each in value) or "none"
    if isinstance(value, Mapping):
        return f"{len(value)} details"
    if isinstance(kind, ChoiceType):
        return book.vocabularies.get(kind.name, {}).get(value, value)
    if isinstance(kind, CountryType):
        return book.codes.countries.get(value, value)
    return value


def as_json(value: Value, kind: Type) -> object:
    """A value as JSON data: exact numbers as text where they are not whole, dates as ISO text, truths as their names."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, Truth):
        return value.value
    if isinstance(value, Money):
        return {"amount": as_json(value.amount, kind), "currency": value.currency, "period": value.period}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return exact_text(value)
    if isinstance(value, tuple):
        element = kind.element if isinstance(kind, ListType) else kind
        return [as_json(each, element) for each in value]
    if isinstance(value, Mapping):
        return {key: as_json(each, kind) for key, each in value.items()}
    return value


def exact_text(number: Fraction) -> str:
    """A number as text without loss: a decimal where it ends, else a fraction.

    >>> exact_text(Fraction(75, 2)), exact_text(Fraction(1, 3))
    ('37.5', '1/3')
    """
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
    return f"{Decimal((number * 10**places).numerator).scaleb(-places):f}"
