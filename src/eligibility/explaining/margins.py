"""How far what was found is from what is required: the exact difference, its unit, and the difference in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from eligibility.datatypes import ChoiceType, DateType, Number, NumberType, Type, Value
from eligibility.explanation import Margin
from eligibility.formatting import is_money, percent, show
from eligibility.language import Language
from eligibility.nodes import Comparator
from eligibility.rulebook import RuleBook

DAYS: Final = "days"
LEVELS: Final = "levels"
_LARGEST_SHARE: Final = 10  # ten times as much as is required needs no percentage
_NAMED: Final[dict[Comparator, str]] = {">=": "ge", ">": "gt", "<=": "le", "<": "lt", "==": "eq"}


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
        return _days(operator, (observed - required).days, book.language)
    if isinstance(kind, ChoiceType) and order is not None and not (operator == ">" and required == order[0]):
        ranks = order.index(str(observed)) - order.index(str(required))
        return Margin(ranks, LEVELS, _words(operator, ranks, _counted(LEVELS, abs(ranks), book.language), book.language))
    if isinstance(kind, NumberType) and isinstance(observed, int | Fraction) and isinstance(required, int | Fraction):
        return _number(operator, observed, required, kind, unit, book)
    return None


def _number(
    operator: Comparator, observed: Number, required: Number, kind: NumberType, unit: str | None, book: RuleBook
) -> Margin:
    amount, language = observed - required, book.language
    size = abs(Fraction(amount))
    if unit == "percent":
        points = _counted("percentage_points", size * 100, language)
        return Margin(amount * 100, unit, _words(operator, amount, points, language))
    shown = show(size, kind, book)
    if is_money(kind.unit) and required > 0:
        share = Fraction(amount) / required
        related = f"{shown} ({percent(share, language=language)})" if abs(share) < _LARGEST_SHARE else shown
        return Margin(amount, str(kind.unit), _words(operator, amount, related, language), share)
    return Margin(amount, str(kind.unit), _words(operator, amount, shown, language))


def _counted(unit: str, number: Number, language: Language) -> str:
    return language.say(f"unit.{unit}", number=number, count=number)


def _words(operator: Comparator, amount: Number, size: str, language: Language) -> str:
    if amount == 0:
        return language.say(f"margin.exact_{_NAMED[operator]}")
    if amount > 0:
        return language.say("margin.above", size=size)
    return language.say("margin.short" if operator in (">=", ">") else "margin.below", size=size)


def _days(operator: Comparator, amount: int, language: Language) -> Margin:
    if amount == 0:
        return Margin(amount, DAYS, language.say(f"margin.day_{_NAMED[operator]}"))
    side = ("after", "early") if operator in (">", ">=") else ("late", "spare")
    size = _counted(DAYS, abs(amount), language)
    return Margin(amount, DAYS, language.say(f"margin.{side[0] if amount > 0 else side[1]}", size=size))


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
