"""Values in words and as data: money with its currency and period, quantities with their unit, dates, labels of choices.

Exact: nothing is rounded away silently. Text that somebody stated is shown without control characters.
"""

from __future__ import annotations

import math
import unicodedata
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
    Unit,
    Unknown,
    Value,
    exact,
)
from eligibility.english import row
from eligibility.language import ENGLISH, Language
from eligibility.rulebook import RuleBook
from eligibility.wording import SENTENCES

_RECORD_PARTS: Final = 4


def plain_number(number: Number, decimals: int | None = None) -> str:
    """A number as English writes it; see `Language.number`.

    >>> plain_number(41700), plain_number(Fraction(75, 2))
    ('41,700', '37.5')
    """
    return ENGLISH.number(number, decimals)


def money(amount: Number, currency: str, period: str | None, digits: int = 2, language: Language = ENGLISH) -> str:
    """An amount of money, whole amounts without decimals.

    >>> money(41700, "GBP", "year")
    'GBP 41,700 a year'
    """
    return _per(language.say("value.money", currency=currency, amount=language.number(amount, digits)), period, language)


def quantity(number: Number, unit: Unit, language: Language = ENGLISH) -> str:
    """A number with its unit.

    >>> quantity(1, Unit.parse("years")), quantity(40, Unit.parse("hours/week"))
    ('1 year', '40 hours a week')
    """
    if unit == BARE:
        return language.number(number)
    above, _, below = str(unit).partition("/")
    shown = language.number(number)
    if f"unit.{above}" in SENTENCES:
        text = language.say(f"unit.{above}", number=shown, count=max(number, -number))
    else:
        text = f"{shown} {above.removesuffix('s') if number in (1, -1) else above}"
    return _per(text, below, language)


def _per(text: str, period: str | None, language: Language) -> str:
    if not period:
        return text
    return language.say(f"per.{period}", text=text) if f"per.{period}" in SENTENCES else f"{text} a {period}"


def percent(share: Number, places: int = 1, language: Language = ENGLISH) -> str:
    """A share as a percentage, rounded half up to some places; what would round to nothing is said to be less.

    >>> percent(Fraction(37, 417)), percent(Fraction(1, 10000))
    ('8.9%', 'less than 0.1%')
    """
    rounded = math.floor(abs(Fraction(share)) * 100 * 10**places + Fraction(1, 2))
    shown = language.say("value.percent", number=language.number(exact(Decimal(rounded or 1).scaleb(-places))))
    if rounded == 0 and share != 0:
        return language.say("value.less_than", share=shown)
    return shown if rounded else language.say("value.percent", number=0)


def is_money(unit: Unit) -> bool:
    """Whether a unit is a currency, or a currency a period, and nothing else."""
    rest = [(base, exponent) for base, exponent in unit.factors if base not in (unit.currency, unit.period)]
    return unit.currency is not None and not rest


Shown = Value | frozenset[str]
_TRUTHS: Final = {MET: "value.yes", NOT_MET: "value.no", Truth.JUDGEMENT: "value.judgement"}


def show(value: Shown, kind: Type, book: RuleBook, unit: str | None = None) -> str:
    """A value in words, by its type; `unit` is the unit the rule writes, for percentages."""
    language = book.language
    if isinstance(value, Unknown) or value is Truth.UNKNOWN:
        return language.say("value.unknown")
    if isinstance(value, Truth):
        return language.say(_TRUTHS[value])
    if isinstance(value, Money):
        return money(value.amount, value.currency, value.period, book.codes.currencies.get(value.currency, 2), language)
    if isinstance(value, date):
        return language.day(value)
    if isinstance(value, int | Fraction):
        return _shown_number(value, kind, book, unit)
    if isinstance(value, tuple):
        element = kind.element if isinstance(kind, ListType) else kind
        return row([show(each, element, book) for each in value]) or language.say("value.none")
    if isinstance(value, frozenset):
        element = kind.element if isinstance(kind, ListType) else kind
        return row(sorted(show(each, element, book) for each in value)) or language.say("value.none")
    if isinstance(value, Mapping):
        return marks(value, kind, book) or language.say("value.details", count=len(value))
    if isinstance(kind, ChoiceType):
        return choice_label(value, kind, book)
    if isinstance(kind, CountryType):
        return book.codes.countries.get(value, value)
    return clean(value)


def key_text(value: Shown, kind: Type, book: RuleBook) -> str:
    """A value that tells rows of a table apart: a bare number is written without separators, as 2026 is."""
    is_bare = isinstance(value, int) and kind == NumberType()
    return str(value) if is_bare else show(value, kind, book)


def unknown_noun(kind: Type, language: Language = ENGLISH) -> str:
    """What stands inside a sentence for a value of a type that nobody knows.

    >>> unknown_noun(NumberType(Unit((("GBP", 1),)))), unknown_noun(DateType())
    ('an amount that is not known', 'a day that is not known')
    """
    noun = "something"
    if isinstance(kind, MoneyType) or (isinstance(kind, NumberType) and is_money(kind.unit)):
        noun = "amount"
    elif isinstance(kind, NumberType):
        noun = "number" if kind.unit.duration is None else "time"
    elif isinstance(kind, DateType):
        noun = "day"
    return language.say(f"value.{noun}")


def _shown_number(number: Number, kind: Type, book: RuleBook, unit: str | None) -> str:
    language = book.language
    if unit == "percent":
        return language.say("value.percent", number=language.number(number * 100))
    if not isinstance(kind, NumberType):
        return language.number(number)
    if is_money(kind.unit):
        currency = kind.unit.currency or ""
        return money(number, currency, kind.unit.period, book.codes.currencies.get(currency, 2), language)
    return quantity(number, kind.unit, language)


def marks(record: Mapping[str, Value], kind: Type, book: RuleBook) -> str:
    """What tells a record from its neighbours: its choices, countries and texts, at most four, else its dates; maybe nothing."""
    fields = kind.fields if isinstance(kind, RecordType) else ()

    def of(*kinds: type[Type]) -> list[str]:
        return [show(record[name], inner, book) for name, inner in fields if name in record and isinstance(inner, kinds)]

    return ", ".join((of(ChoiceType, CountryType, TextType) or of(DateType))[:_RECORD_PARTS])


def choice_label(value: str, kind: ChoiceType, book: RuleBook) -> str:
    """The label of a value of a vocabulary, or of the choices that a fact or a field of a record declares for itself."""
    named = book.vocabularies.get(kind.name)
    if named is None:
        declared = book.facts.get(kind.name)
        if declared is None:
            owner, _, name = kind.name.rpartition(".")
            declared = book.facts[owner].fields.get(name) if owner in book.facts else None
        named = {} if declared is None else declared.choices
    return named.get(value, value)


def clean(text: str) -> str:
    """A text that somebody stated, on one line and without control characters."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in ("Cc", "Cf", "Cs") else each for each in spaced)


def as_json(value: Shown, kind: Type) -> object:
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
    if isinstance(value, frozenset):
        return sorted(value)
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
