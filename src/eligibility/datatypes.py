"""Types, units and three-valued truth: the ground floor of the language.

Values at run time: a number is an `int` or a `Fraction` (exact), a date is a `date`, text, choices, codes and countries are
`str`, a truth is a `Truth`, a list is a `tuple`, a record is a mapping from field to value, money of any currency is a `Money`;
what nobody knows is `UNKNOWN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final


class Truth(Enum):
    """The truth of a condition: Kleene's three values, and judgement for what a human must decide."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    JUDGEMENT = "judgement"

    def __repr__(self) -> str:
        return self.value


MET: Final = Truth.MET
NOT_MET: Final = Truth.NOT_MET
UNKNOWN_TRUTH: Final = Truth.UNKNOWN
JUDGEMENT: Final = Truth.JUDGEMENT


def negate(truth: Truth) -> Truth:
    """Kleene negation: met and not met change places, unknown and judgement stay.

    >>> negate(Truth.MET), negate(Truth.UNKNOWN), negate(Truth.JUDGEMENT)
    (not_met, unknown, judgement)
    """
    if truth is MET:
        return NOT_MET
    return MET if truth is NOT_MET else truth


def all_of(truths: Iterable[Truth]) -> Truth:
    """Conjunction: not met if any is; else unknown if any is; else judgement if any is; else met (also when there is none).

    >>> all_of([Truth.MET, Truth.UNKNOWN, Truth.NOT_MET]), all_of([Truth.JUDGEMENT, Truth.UNKNOWN]), all_of([])
    (not_met, unknown, met)
    """
    found = MET
    for truth in truths:
        if truth is NOT_MET:
            return NOT_MET
        if truth is UNKNOWN_TRUTH or (truth is JUDGEMENT and found is MET):
            found = truth
    return found


def any_of(truths: Iterable[Truth]) -> Truth:
    """Disjunction: met if any is; else unknown if any is; else judgement if any is; else not met (also when there is none).

    >>> any_of([Truth.UNKNOWN, Truth.MET]), any_of([Truth.JUDGEMENT, Truth.NOT_MET]), any_of([])
    (met, judgement, not_met)
    """
    found = NOT_MET
    for truth in truths:
        if truth is MET:
            return MET
        if truth is UNKNOWN_TRUTH or (truth is JUDGEMENT and found is NOT_MET):
            found = truth
    return found


def at_least(count: int, truths: Iterable[Truth]) -> Truth:
    """Whether `count` of the truths are met; what the unknown ones may turn out to be decides whether the answer is unknown.

    >>> at_least(2, [Truth.MET, Truth.UNKNOWN, Truth.NOT_MET]), at_least(1, [Truth.MET, Truth.UNKNOWN])
    (unknown, met)
    """
    listed = list(truths)
    met, judged, unknown = listed.count(MET), listed.count(JUDGEMENT), listed.count(UNKNOWN_TRUTH)
    return reached(count, met, met + unknown, judged)


def reached(mark: Number, least: Number, most: Number | None, judged: Number) -> Truth:
    """Whether a sum between `least` and `most` (None: without bound) reaches a mark, where a human may grant `judged` more.

    >>> reached(6, 6, 9, 0), reached(6, 2, 5, 0), reached(6, 4, 4, 3), reached(6, 4, 7, 0)
    (met, not_met, judgement, unknown)
    """

    def decided(sure: Number) -> Truth:
        return MET if sure >= mark else JUDGEMENT if sure + judged >= mark else NOT_MET

    worst, best = decided(least), MET if most is None else decided(most)
    return worst if worst is best else UNKNOWN_TRUTH


class Unknown:
    """The value of what nobody has stated: never false, never zero."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "unknown"

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false")

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a stated currency per a stated period; a period of `None` is a sum paid once."""

    amount: Number
    currency: str
    period: str | None


Value = int | Fraction | str | date | Truth | Money | Unknown | tuple["Value", ...] | Mapping[str, "Value"]


def exact(number: Decimal | int) -> Number:
    """The number as an `int` where it is whole, else as a `Fraction`; nothing is rounded.

    >>> exact(Decimal("37.50")), exact(Decimal("40.0"))
    (Fraction(75, 2), 40)
    """
    if isinstance(number, int):
        return number
    fraction = Fraction(number)
    return fraction.numerator if fraction.denominator == 1 else fraction


PERIODS: Final = ("year", "month", "week", "hour")
_TIME_WORDS: Final = {"year", "month", "week", "day", "hour"}
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of base units with exponents, such as GBP/year; no factors: a bare number."""

    factors: tuple[tuple[str, int], ...] = ()

    @staticmethod
    def parse(text: str) -> Unit | None:
        """The unit a text names (`GBP/year`, `hours/week`, `years`, `percent`, `count`), or None.

        >>> str(Unit.parse("hours/week")), str(Unit.parse("count")), Unit.parse("furlongs")
        ('hours/week', 'count', None)
        """
        if text in ("percent", "count"):
            return BARE
        above, _, below = text.partition("/")
        parts = [above, below] if "/" in text else [above]
        bases = [_base(part) for part in parts]
        if any(base is None for base in bases):
            return None
        unit = BARE
        for position, base in enumerate(bases):
            unit = unit.times(Unit(((base or "", 1),)), 1 if position == 0 else -1)
        return unit

    def times(self, other: Unit, power: int = 1) -> Unit:
        """The unit of a product (power 1) or quotient (power -1)."""
        exponents = dict(self.factors)
        for base, exponent in other.factors:
            exponents[base] = exponents.get(base, 0) + power * exponent
        return Unit(tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent)))

    @property
    def currency(self) -> str | None:
        """The currency of an amount of money, else None."""
        return next((base for base, exponent in self.factors if exponent == 1 and _CURRENCY.fullmatch(base)), None)

    @property
    def period(self) -> str | None:
        """The period an amount of money is paid for, else None."""
        return next((base for base, exponent in self.factors if exponent == -1 and base in _TIME_WORDS), None)

    @property
    def duration(self) -> str | None:
        """`year`, `month`, `week` or `day` when the unit measures calendar time, else None."""
        if len(self.factors) == 1 and self.factors[0][1] == 1 and self.factors[0][0] in _TIME_WORDS - {"hour"}:
            return self.factors[0][0]
        return None

    def __str__(self) -> str:
        above = [_plural(base) + _power(exponent) for base, exponent in self.factors if exponent > 0]
        below = [base + _power(-exponent) for base, exponent in self.factors if exponent < 0]
        if not above and not below:
            return "count"
        return "·".join(above or ["1"]) + "".join(f"/{base}" for base in below)


def _base(text: str) -> str | None:
    if _CURRENCY.fullmatch(text):
        return text
    singular = text.removesuffix("s")
    return singular if singular in _TIME_WORDS else None


def _plural(base: str) -> str:
    return base + "s" if base in _TIME_WORDS else base


def _power(exponent: int) -> str:
    return "" if exponent == 1 else f"^{exponent}"


BARE: Final = Unit()


@dataclass(frozen=True, slots=True)
class BooleanType:
    """Met, not met or unknown."""

    def __str__(self) -> str:
        return "a condition"


@dataclass(frozen=True, slots=True)
class NumberType:
    """A number in a unit; money when the unit holds a currency."""

    unit: Unit = BARE

    def __str__(self) -> str:
        if self.unit.currency:
            return f"money in {self.unit}"
        return "a bare number" if self.unit == BARE else f"a number of {self.unit}"


@dataclass(frozen=True, slots=True)
class MoneyType:
    """Money whose currency and period each profile states."""

    def __str__(self) -> str:
        return "money of any currency and period"


@dataclass(frozen=True, slots=True)
class DateType:
    """A calendar day."""

    def __str__(self) -> str:
        return "a date"


@dataclass(frozen=True, slots=True)
class TextType:
    """Free text."""

    def __str__(self) -> str:
        return "text"


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """One value of a closed list, lowest first when ordered."""

    name: str
    values: tuple[str, ...]
    ordered: bool = False

    def __str__(self) -> str:
        return f"a choice of {self.name}"


@dataclass(frozen=True, slots=True)
class CodeType:
    """A code of a scheme."""

    scheme: str
    pattern: str

    def __str__(self) -> str:
        return f"a code of {self.scheme}"


@dataclass(frozen=True, slots=True)
class CountryType:
    """An ISO 3166 country code."""

    def __str__(self) -> str:
        return "a country"


@dataclass(frozen=True, slots=True)
class RecordType:
    """Named fields, each with a type."""

    fields: tuple[tuple[str, Type], ...]

    def field(self, name: str) -> Type | None:
        """The type of a field, or None."""
        return dict(self.fields).get(name)

    def __str__(self) -> str:
        return "a record"


@dataclass(frozen=True, slots=True)
class ListType:
    """Any number of values of one type."""

    element: Type

    def __str__(self) -> str:
        return f"a list of {str(self.element).removeprefix('a ')}"


Type = BooleanType | NumberType | MoneyType | DateType | TextType | ChoiceType | CodeType | CountryType | RecordType | ListType
