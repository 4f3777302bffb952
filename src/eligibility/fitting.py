"""Whether a written value fits a type, and the exact value it means. Used for rule files, tables and profiles alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException
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
from eligibility.english import bare

MAXIMUM_TEXT: Final = 10_000
MAXIMUM_NUMBER: Final = 10**15
MAXIMUM_DECIMALS: Final = 6
MAXIMUM_CODE: Final = 40
_SHOWN: Final = 40
_LISTED: Final = 12
_NAMED: Final = 6
_EXACT: Final = Context(prec=60)  # the caller's own decimal context may round
_ISO_DATE: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PLAIN_NUMBER: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
_SEPARATED_NUMBER: Final = re.compile(r"\D{0,4}[0-9][0-9 .,_']*\D{0,4}")
_DIGITS: Final = "1234567890"


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
        case int():
            return f"the number `{_cut(str(raw))}`" if abs(raw) <= MAXIMUM_NUMBER**2 else "a number of too many digits"
        case float():
            return f"the number `{float(raw)!r}`"
        case Decimal():
            plain = f"{raw:f}" if raw.is_finite() and abs(raw.adjusted()) < _SHOWN else str(raw)
            return f"the number `{_cut(plain)}`"
        case date():
            return f"the date `{raw.isoformat()}`"
        case "":
            return "an empty text"
        case str():
            return f"the text `{_cut(raw)}`"
        case bytes() | bytearray():
            return "bytes"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
    return "a time" if isinstance(raw, time | timedelta) else "something else"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


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
            return exact(number) if not percent else exact(_EXACT.divide(Decimal(number), 100))
        case MoneyType():
            raise Misfit("an amount with currency and period", found(raw), _MONEY_HELP)
        case DateType():
            if isinstance(raw, date) and not isinstance(raw, datetime):
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
            raise _no_choice(raw, name, values)
        case CodeType(scheme=scheme, pattern=pattern):
            if isinstance(raw, str) and len(raw) <= MAXIMUM_CODE and re.fullmatch(pattern, raw, re.ASCII):
                return raw
            number = isinstance(raw, int | Decimal | float) and not isinstance(raw, bool)
            help = "write the code in quotes" if number else f"a code of {scheme} looks like {_sample(pattern)}"
            raise Misfit(f"a code of {scheme}", found(raw), help)
        case CountryType():
            if isinstance(raw, str) and raw in codes.countries:
                return raw
            raise _no_country(raw, codes)
    raise Misfit(str(wanted), found(raw))


_MONEY_KEYS: Final = ("amount", "currency", "period")
_MONEY_HELP: Final = 'write {"amount": 60000, "currency": "EUR", "period": "year"}; the period is ' + ", ".join(PERIODS)


def _no_choice(raw: object, name: str, values: tuple[str, ...]) -> Misfit:
    few = len(values) <= _NAMED
    listed = ", ".join(f"`{value}`" for value in values[:_LISTED]) + (" and others" if len(values) > _LISTED else "")
    expected = f"one of {listed}" if few else f"a value of {name}"
    otherwise = "" if few else f"it is one of {listed}"
    return Misfit(expected, found(raw), did_you_mean(raw, values, otherwise=otherwise) if isinstance(raw, str) else otherwise)


def _no_country(raw: object, codes: Codes) -> Misfit:
    help = "write its two-letter ISO 3166 code"
    if isinstance(raw, str) and len(raw) <= MAXIMUM_CODE:
        by_name = {bare(name): code for code, name in codes.countries.items()}
        code = raw.upper() if raw.upper() in codes.countries else by_name.get(bare(raw))
        close = did_you_mean(bare(raw), by_name).removeprefix("did you mean `").removesuffix("`?")
        code = code or by_name.get(close)
        help = f"did you mean `{code}` ({codes.countries[code]})?" if code else help
    return Misfit("a country", found(raw), help)


def _sample(pattern: str) -> str:
    """A code of the form a pattern describes; the pattern itself where it is too clever."""
    digits = re.sub(r"\\d(?:\{(?:\d+,)?(\d+)\})?", lambda run: _DIGITS[: int(run.group(1) or 1)], pattern)
    sample = digits.replace("\\.", ".")
    return f"`{sample}`" if re.fullmatch(pattern, sample, re.ASCII) else f"`{pattern}`"


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
    if isinstance(raw, float):
        number: int | Decimal = Decimal(float.__repr__(raw))  # the shortest decimal that reads back as the same number
    elif isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        number = raw
    else:
        written = isinstance(raw, str) and _SEPARATED_NUMBER.fullmatch(raw.strip()[:_SHOWN]) is not None
        raise Misfit("a number", found(raw), "write digits with at most one decimal point, without quotes" if written else "")
    if isinstance(number, Decimal) and not number.is_finite():
        raise Misfit("a number", found(raw), "leave out what is unknown, or write null")
    if number > MAXIMUM_NUMBER or number < -MAXIMUM_NUMBER:
        raise Misfit("a number up to 10^15", found(raw))
    if isinstance(number, int):
        return int(number)
    rounded = _rounded(number, MAXIMUM_DECIMALS)
    if number != rounded:
        raise Misfit(f"a number of at most {MAXIMUM_DECIMALS} decimals", found(raw))
    return rounded


def _rounded(number: Decimal, decimals: int) -> Decimal:
    return _EXACT.quantize(number, Decimal((0, (1,), -decimals)))


def check_minor_units(number: int | Decimal, currency: str, codes: Codes) -> None:
    """Refuse an amount with parts of a penny. Raises: Misfit."""
    digits = codes.currencies.get(currency, 2)
    if isinstance(number, Decimal) and number != _rounded(number, digits):
        places = f"at most {digits} decimals" if digits else "no decimals"
        shown = f"{number:f}".rstrip("0")
        raise Misfit(
            f"an amount in {currency} with {places}", f"the number `{shown}`", "amounts are exact: nothing is rounded silently"
        )


def fit_money(raw: object, codes: Codes) -> Money:
    """An amount with currency and period. Raises: Misfit."""
    if not isinstance(raw, Mapping):
        raise Misfit("an amount with currency and period", found(raw), _MONEY_HELP)
    for key in raw:
        if key not in _MONEY_KEYS:
            named = did_you_mean(str(key), _MONEY_KEYS, otherwise=_MONEY_HELP)
            raise Misfit("the keys amount, currency and period", f"`{_cut(str(key))}`", named)
    if "amount" not in raw or "currency" not in raw:
        raise Misfit("an amount with currency and period", "an object without amount or currency", _MONEY_HELP)
    currency, period = raw["currency"], raw.get("period")
    if not isinstance(currency, str) or currency not in codes.currencies:
        near = did_you_mean(currency.upper(), codes.currencies) if isinstance(currency, str) else ""
        raise Misfit("a currency", found(currency), near or "write its three-letter ISO 4217 code")
    if period is not None and not (isinstance(period, str) and period in PERIODS):
        near = did_you_mean(period, PERIODS) if isinstance(period, str) else ""
        raise Misfit("a period", found(period), near or f"it is one of {', '.join(PERIODS)}")
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
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except DecimalException:
        return None
