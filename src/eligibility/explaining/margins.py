"""How far what was found is from what is required: the exact difference, its unit, and the difference in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from eligibility.datatypes import ChoiceType, DateType, Number, NumberType, Type, Value
from eligibility.english import counted
from eligibility.explanation import Margin
from eligibility.formatting import is_money, percent, plain_number, show
from eligibility.nodes import Comparator
from eligibility.rulebook import RuleBook

DAYS: Final = "days"
LEVELS: Final = "levels"
_LARGEST_SHARE: Final = 10  # ten times as much as is required needs no percentage
_EXACTLY: Final[dict[Comparator, str]] = {
    ">=": "exactly what is required",
    ">": "exactly the limit, which is not enough",
    "<=": "exactly the limit",
    "<": "exactly the limit, which is too much",
    "==": "exactly what is required",
}
_THAT_DAY: Final[dict[Comparator, str]] = {
    ">=": "on the first possible day",
    ">": "on that very day, which is too early",
    "<=": "on the last possible day",
    "<": "on that very day, which is too late",
}


def margin_of(
    operator: Comparator,
    observed: Value,
    required: Value,
    kind: Type,
    unit: str | None,
    order: tuple[str, ...] | None,
    book: RuleBook,
) -> Margin | None:
    """The margin of a comparison of two known values; None where a difference says nothing, as one from nothing at all.

    `unit` is the unit the rule writes (for percentages); `order` ranks the values of an ordered choice, lowest first.
    """
    if operator == "!=" or required == 0 or (operator == "==" and not isinstance(kind, NumberType)):
        return None
    if isinstance(kind, DateType) and isinstance(observed, date) and isinstance(required, date):
        return _days(operator, (observed - required).days)
    if isinstance(kind, ChoiceType) and order is not None and not (operator == ">" and required == order[0]):
        ranks = order.index(str(observed)) - order.index(str(required))
        return Margin(ranks, LEVELS, _words(operator, ranks, counted(abs(ranks), "level")))
    if isinstance(kind, NumberType) and isinstance(observed, int | Fraction) and isinstance(required, int | Fraction):
        return _number(operator, observed, required, kind, unit, book)
    return None


def _number(
    operator: Comparator, observed: Number, required: Number, kind: NumberType, unit: str | None, book: RuleBook
) -> Margin:
    amount = observed - required
    size = abs(Fraction(amount))
    if unit == "percent":
        points = plain_number(size * 100)
        return Margin(amount * 100, unit, _words(operator, amount, f"{points} percentage point{'' if points == '1' else 's'}"))
    shown = show(size, kind, book)
    if is_money(kind.unit) and required > 0:
        share = Fraction(amount) / required
        related = f"{shown} ({percent(share)})" if abs(share) < _LARGEST_SHARE else shown
        return Margin(amount, str(kind.unit), _words(operator, amount, related), share)
    return Margin(amount, str(kind.unit), _words(operator, amount, shown))


def _words(operator: Comparator, amount: Number, size: str) -> str:
    if amount == 0:
        return _EXACTLY[operator]
    if amount > 0:
        return f"above by {size}"
    return f"{'short' if operator in ('>=', '>') else 'below'} by {size}"


def _days(operator: Comparator, amount: int) -> Margin:
    size = counted(abs(amount), "day")
    if amount == 0:
        words = _THAT_DAY[operator]
    elif operator in (">", ">="):
        words = f"{size} after it" if amount > 0 else f"too early by {size}"
    else:
        words = f"too late by {size}" if amount > 0 else f"{size} to spare"
    return Margin(amount, DAYS, words)


def nearest(margins: Sequence[Margin | None]) -> Margin | None:
    """The smallest of several margins of one unit, the first of equals; None where units differ or there is none."""
    return _pick(margins, largest=False)


def furthest(margins: Sequence[Margin | None]) -> Margin | None:
    """The largest of several margins of one unit, all of which have to be made up; None where one has none."""
    return None if None in margins else _pick(margins, largest=True)


def _pick(margins: Sequence[Margin | None], *, largest: bool) -> Margin | None:
    known = [margin for margin in margins if margin is not None]
    if len({margin.unit for margin in known}) != 1:
        return None
    return max(known, key=lambda margin: margin.size) if largest else min(known, key=lambda margin: margin.size)
