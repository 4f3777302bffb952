"""Whether a written value fits a type, and the exact value it means. Used for rule files, tables and profiles alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from eligibility.datatypes import (
    MET,
    NOT_MET,
    PERIODS,
    BooleanType,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    ListType,
    Money,
    MoneyType,
    NumberType,
    TextType,
    Type,
    Value,
    exact,
)
from eligibility.diagnostics import did_you_mean

MAXIMUM_TEXT: Final = 10_000
MAXIMUM_NUMBER: Final = 10**15
MAXIMUM_DECIMALS: Final = 6
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLAIN_NUMBER: Final = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?")


@dataclass(frozen=True)
class Misfit(Exception):
    """A value that does not fit: what was expected, what was found, and the next step."""

    expected: str
    found: str
    help: str = ""

    @property
    def message(self) -> str:
        """The sentence of a diagnostic."""
        return f"expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Codes:
    """The code lists values are checked against: countries by code, and the digits after the point of each currency."""

    countries: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, int] = field(default_factory=dict)


def found(raw: object) -> str:
    """A written value as a message shows it: its kind, and the value where it is short."""
    match raw:
        case None:
            return "nothing"
        case bool():
            return f"`{str(raw).lower()}`"
        case int() | Decimal():
            written = f"{raw:f}" if isinstance(raw, Decimal) and abs(raw.adjusted()) < 40 else str(raw)
            return f"the number {written[:40]}"
        case date():
            return f"the date {raw.isoformat()}"
        case str():
            return f'the text "{raw[:40]}{"…" if len(raw) > 40 else ""}"'
        case list():
            return "a list"
        case dict():
            return "an object"
    return "something else"


def fit(raw: object, wanted: Type, codes: Codes, *, percent: bool = False) -> Value:
    """The value a written scalar means for a type.

    Units: a percentage becomes a ratio (70 becomes 7/10); money is checked for whole minor units.
    Raises: Misfit.
    """
    match wanted:
        case BooleanType():
            if isinstance(raw, bool):
                return MET if raw else NOT_MET
            raise Misfit("true or false", found(raw), "write `true` or `false` without quotes" if isinstance(raw, str) else "")
        case NumberType():
            number = fit_number(raw)
            if wanted.unit.currency:
                check_minor_units(number, wanted.unit.currency, codes)
            return exact(number) if not percent else exact(Decimal(number) / 100)
        case MoneyType():
            raise Misfit("an amount with currency and period", found(raw), _MONEY_HELP)
        case DateType():
            if isinstance(raw, date):
                return raw
            if isinstance(raw, str) and _ISO_DATE.fullmatch(raw):
                try:
                    return date.fromisoformat(raw)
                except ValueError:
                    raise Misfit("a date", f"`{raw}`, a day the calendar does not have", "check the month and the day") from None
            raise Misfit("a date", found(raw), "write a date as YYYY-MM-DD")
        case TextType():
            if not isinstance(raw, str):
                raise Misfit("text", found(raw), "write it in quotes")
            return _checked_text(raw)
        case ChoiceType(values=values, name=name):
            if isinstance(raw, str) and raw in values:
                return raw
            listed = ", ".join(f"`{value}`" for value in values[:12]) + (" and others" if len(values) > 12 else "")
            raise Misfit(
                f"one of the values of {name}", found(raw), did_you_mean(str(raw), values, otherwise=f"it is one of {listed}")
            )
        case CodeType(scheme=scheme, pattern=pattern):
            if isinstance(raw, str) and len(raw) <= 40 and re.fullmatch(pattern, raw):
                return raw
            quote = "write the code in quotes" if isinstance(raw, int | Decimal) and not isinstance(raw, bool) else ""
            raise Misfit(f"a code of {scheme}", found(raw), quote or f"codes of {scheme} have the form {pattern}")
        case CountryType():
            if isinstance(raw, str) and raw in codes.countries:
                return raw
            by_name = {name.lower(): code for code, name in codes.countries.items()}
            if isinstance(raw, str) and (code := by_name.get(raw.lower()) or _upper(raw, codes)):
                raise Misfit("a country", found(raw), f"did you mean `{code}`?")
            raise Misfit(
                "a country", found(raw), "write the two-letter ISO 3166 code, such as the first column of the countries table"
            )
    raise Misfit(str(wanted), found(raw))


_MONEY_HELP: Final = 'write {"amount": 60000, "currency": "EUR", "period": "year"}; the period is ' + ", ".join(PERIODS)


def _upper(raw: str, codes: Codes) -> str | None:
    return raw.upper() if raw.upper() in codes.countries else None


def _checked_text(raw: str) -> str:
    if len(raw) > MAXIMUM_TEXT:
        raise Misfit(f"at most {MAXIMUM_TEXT} characters", f"{len(raw)}")
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise Misfit("text", "text with half a character (a lone surrogate)", "write the text in valid Unicode") from None
    return raw


def fit_number(raw: object) -> int | Decimal:
    """A written number, exact. Raises: Misfit for anything else, for numbers beyond 10^15 and for more than six decimals."""
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        quoted = isinstance(raw, str) and raw.strip() and _number(raw.strip()) is not None
        raise Misfit("a number", found(raw), "write it without quotes" if quoted else "")
    if isinstance(raw, Decimal) and not raw.is_finite():
        raise Misfit("a number", str(raw))
    if raw > MAXIMUM_NUMBER or raw < -MAXIMUM_NUMBER:
        raise Misfit("a number up to 10^15", found(raw))
    if isinstance(raw, Decimal) and raw != round(raw, MAXIMUM_DECIMALS):
        raise Misfit(f"at most {MAXIMUM_DECIMALS} decimals", found(raw))
    return raw


def check_minor_units(number: int | Decimal, currency: str, codes: Codes) -> None:
    """Refuse an amount with parts of a penny. Raises: Misfit."""
    digits = codes.currencies.get(currency, 2)
    if isinstance(number, Decimal) and number != round(number, digits):
        raise Misfit(
            f"an amount in {currency} with at most {digits} decimals",
            found(number),
            "amounts are exact: nothing is rounded silently",
        )


def fit_money(raw: object, codes: Codes) -> Money:
    """An amount with currency and period. Raises: Misfit."""
    if not isinstance(raw, dict):
        raise Misfit("an amount with currency and period", found(raw), _MONEY_HELP)
    for key in raw:
        if key not in ("amount", "currency", "period"):
            raise Misfit(
                "the keys amount, currency and period",
                f"`{key}`",
                did_you_mean(str(key), ("amount", "currency", "period"), otherwise=_MONEY_HELP),
            )
    if "amount" not in raw or "currency" not in raw:
        raise Misfit("an amount with currency and period", "an object without amount or currency", _MONEY_HELP)
    currency, period = raw["currency"], raw.get("period")
    if not isinstance(currency, str) or currency not in codes.currencies:
        raise Misfit(
            "a currency",
            found(currency),
            did_you_mean(str(currency).upper(), codes.currencies, otherwise="write the three-letter ISO 4217 code"),
        )
    if period is not None and period not in PERIODS:
        raise Misfit(
            "a period", found(period), did_you_mean(str(period), PERIODS, otherwise=f"it is one of {', '.join(PERIODS)}")
        )
    number = fit_number(raw["amount"])
    check_minor_units(number, currency, codes)
    return Money(exact(number), currency, period)


def fit_cell(text: str, wanted: Type, codes: Codes, *, percent: bool = False) -> Value:
    """The value of a table cell. Raises: Misfit."""
    text = text.strip()
    match wanted:
        case BooleanType():
            words: dict[str, bool] = {"yes": True, "true": True, "no": False, "false": False}
            if text.lower() not in words:
                raise Misfit("yes, no, true or false", found(text))
            return fit(words[text.lower()], wanted, codes)
        case NumberType():
            plain = _PLAIN_NUMBER.fullmatch(text)
            if plain is not None and not percent and codes.currencies.get(wanted.unit.currency or "", 2) == 2:
                return _hundredths(*plain.groups())
            number = _number(text)
            if number is None:
                raise Misfit("a number", found(text), "write digits with at most one decimal point, no separators")
            return fit(number, wanted, codes, percent=percent)
        case ListType():
            raise Misfit("a single value", "a list type")
    return fit(text, wanted, codes)


def _hundredths(whole: str, decimals: str | None) -> Value:
    """The exact value of digits with at most two decimals: nearly every cell of a printed table, so it is short."""
    if decimals is None:
        return int(whole)
    hundredths = int(whole) * 100 + int(decimals.ljust(2, "0"))
    return hundredths // 100 if hundredths % 100 == 0 else Fraction(hundredths, 100)


def _number(text: str) -> Decimal | None:
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
